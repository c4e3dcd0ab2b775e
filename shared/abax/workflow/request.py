"""What a user asks for when asking for a close, whichever way it arrives."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Token = Annotated[
    str | None, Field(min_length=1, max_length=200, description="The same token again is the same job")
]


class Order(BaseModel):
    """What every request for a job has in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    """What its jobs are called."""

    client_token: Token = None

    def fingerprint(self) -> str:
        """Hash of what is asked for, the token left out."""
        body = self.model_dump(mode="json", exclude={"client_token"})
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def shown(self) -> dict[str, Any]:
        """The request as its job holds it: what was given, the token left out."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"client_token"})


class CloseRequest(Order):
    """A financial close of one fiscal year of one company: body of ``POST /v1/closes``, of a queue message
    and of a schedule's input."""

    kind = "close"

    secret: Annotated[
        str, Field(min_length=1, description="Reference of the connection: a secret with a url")
    ]
    company: Annotated[str, Field(min_length=1, description="Name or id of the company in the source")]
    year: Annotated[
        int | None,
        Field(
            ge=1900,
            le=2200,
            description="Fiscal year, named after the year it ends in; the newest that has begun if open",
        ),
    ] = None
    erp: Annotated[str | None, Field(description="Kind of ERP; found out when left open")] = None
    as_of: Annotated[
        date | None, Field(description="Day of the aged reports; the last day covered if open")
    ] = None
    mapping: Annotated[
        dict[str, str],
        Field(default_factory=dict, description="Account code, 47*, 4000-4999 or type:NAME to class"),
    ]
    accept_unbalanced: Annotated[
        tuple[str, ...],
        Field(description="Numbers of entries to go on with although they do not balance; * for any"),
    ] = ()
    settings: Annotated[
        dict[str, str],
        Field(description="What to choose of the source, such as a client or a ledger"),
    ] = {}
