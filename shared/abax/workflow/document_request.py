"""What is asked for when a document is sent in, and what a reviewer may say to one."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from abax.workflow.jobs import DOCUMENT
from abax.workflow.request import Order

MOST_BYTES: Final = 25 << 20
"""Of one file that is sent in."""


class DocumentRequest(Order):
    """A file to be read: its content lies in the object store already. The same content again is the same
    job, whatever it is called."""

    kind = DOCUMENT

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    digest: Annotated[str, Field(pattern="[0-9a-f]{64}")]
    key: Annotated[str, Field(min_length=1, max_length=1024)]

    def fingerprint(self) -> str:
        """The content's hash."""
        return self.digest


def digest_of(content: bytes) -> str:
    """What a file's content is known by."""
    return hashlib.sha256(content).hexdigest()


class Verdict(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    CORRECT = "correct"
    """Values are set right, and with that it is approved."""
    REJECT = "reject"


class EntryLine(BaseModel):
    """A line of the entry as a reviewer books it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: Annotated[str, Field(min_length=1, max_length=100)]
    amount: Decimal
    """Signed, debit positive."""
    text: str = ""
    cost_center: str | None = None


class ReviewRequest(BaseModel):
    """Body of ``POST /v1/reviews/{id}``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    corrections: Annotated[
        dict[str, Any], Field(description='Path to value, such as {"lines[0].quantity": "2"}')
    ] = {}
    entry: Annotated[tuple[EntryLine, ...], Field(description="The entry as it is to be booked")] = ()
    by: Annotated[str, Field(max_length=200, description="Who decides")] = ""
    note: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _is_sound(self) -> ReviewRequest:
        if self.verdict is Verdict.CORRECT and not (self.corrections or self.entry):
            raise ValueError("verdict correct needs corrections or an entry")
        if self.verdict is not Verdict.CORRECT and (self.corrections or self.entry):
            raise ValueError("corrections and an entry go with verdict correct")
        if sum((line.amount for line in self.entry), Decimal(0)) != 0:
            raise ValueError("the lines of the entry do not sum to nothing")
        return self
