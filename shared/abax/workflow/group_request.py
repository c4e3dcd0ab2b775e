"""What a user asks for when asking for a group's close, whichever way it arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, field_validator

from abax.errors import InvalidRequest
from abax.faults import told
from abax.ledger.group import BALANCES_BETWEEN, RESULTS_BETWEEN, Group, Member
from abax.ports import Job
from abax.workflow.request import Order


class MemberRequest(Member):
    """A company of the group, and where its books are."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[
        str, Field(min_length=1, description="Reference of the connection: a secret with a url")
    ]
    company: Annotated[str, Field(min_length=1, description="Name or id of the company in the source")]
    erp: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, str] = Field(default_factory=dict)


class GroupRequest(Order):
    """A consolidated close of one fiscal year of the parent: body of ``POST /v1/groups``, content of a
    group's file. ``members`` is a list, or a table by name."""

    kind = "group"

    name: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    parent: str
    members: Annotated[list[MemberRequest], Field(min_length=1)]
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(1)
    balances: Annotated[list[str], Field(default_factory=lambda: list(BALANCES_BETWEEN))]
    results: Annotated[list[str], Field(default_factory=lambda: list(RESULTS_BETWEEN))]
    stays: Annotated[list[str], Field(default_factory=list)]
    year: Annotated[int | None, Field(ge=1900, le=2200)] = None
    rates: Annotated[str, Field(description="CSV: currency,month,closing,average")] = ""

    @field_validator("members", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return [{"name": name, **own} if isinstance(own, Mapping) else own for name, own in given.items()]

    @property
    def group(self) -> Group:
        """Who is consolidated, and how."""
        return Group.model_validate(self.model_dump(include=set(Group.model_fields)))


def requested(job: Job) -> GroupRequest:
    """The request that made the job."""
    return GroupRequest.model_validate(job.request)


def parse_group(content: Mapping[str, Any]) -> GroupRequest:
    """Raises InvalidRequest naming the field at fault."""
    try:
        return GroupRequest.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(_steps(content, first["loc"]))) from None


def _steps(content: Mapping[str, Any], place: Sequence[int | str]) -> list[str]:
    """Where something is, a member by its name, not by its number."""
    members = content.get("members")
    if place[:1] == ("members",) and isinstance(members, Mapping) and len(place) > 1:
        place = ("members", list(members)[int(place[1])], *place[2:])
    return [str(step) for step in place]
