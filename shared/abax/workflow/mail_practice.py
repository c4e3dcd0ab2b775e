"""How a house handles its mail, as it was set: its addresses, its tone, where tickets go, what may be sent
without a person, its own taxonomy and rules; and what its books know."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from abax.errors import InvalidRequest, ObjectMissing
from abax.mail.contracts import Books, Contact, Mailbox, Open, Tone
from abax.mail.sending import SendPolicy
from abax.ports import JobState, JobStore, ObjectStore, RecordStore
from abax.workflow.faults import told
from abax.workflow.outcome import package_of

if TYPE_CHECKING:
    from abax.ledger.model import AgedReport
    from abax.ports import Job

SETTINGS: Final = "settings"
MAIL: Final = "mail"

KEPT_SECONDS: Final = 30.0
"""How long books and settings are remembered by a process."""

SIDES: Final = {"aged_receivables": "receivable", "aged_payables": "payable"}


class Practice(BaseModel):
    """How a house handles its mail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    own: Annotated[str, Field(max_length=320, description="Address that answers come from")] = ""
    own_name: Annotated[str, Field(max_length=200)] = ""
    company: Annotated[str, Field(max_length=200, description="Who signs answers")] = ""
    own_addresses: Annotated[
        tuple[str, ...], Field(description="All addresses of ours; none is answered")
    ] = ()
    tone: Tone = Tone.FORMAL
    language: Annotated[
        str, Field(pattern="^[a-z]{2}$", description="Of those who read what triage says")
    ] = "en"
    policy: Annotated[
        dict[str, Any], Field(description="Of triage: sure, ask_below, decides, large_amount …")
    ] = {}
    mask: Annotated[bool, Field(description="Personal data is masked in what a model is shown")] = True
    tickets: Annotated[
        dict[str, str], Field(description="Queue to https:… or mailto:…, * for the rest; nowhere else")
    ] = {}
    answers: Annotated[SendPolicy, Field(description="What may be sent without a person")] = SendPolicy()
    contacts: Annotated[
        dict[str, str], Field(description="Address, or @domain, on record to the partner whose it is")
    ] = {}
    taxonomy: Annotated[str, Field(description="Object key of the house's taxonomy, TOML")] = ""
    rules: Annotated[str, Field(description="Object key of the house's rules, TOML")] = ""
    classifiers: Annotated[
        dict[str, str], Field(description="Task to the object key of a model of the house's own")
    ] = {}

    @field_validator("policy")
    @classmethod
    def _is_policy(cls, policy: dict[str, Any]) -> dict[str, Any]:
        if policy:
            from abax.mail.desk import Policy

            Policy.model_validate(policy)
        return policy

    @property
    def mailbox(self) -> Mailbox:
        """Who answers."""
        return Mailbox(address=self.own, name=self.own_name)

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of ours."""
        return tuple(dict.fromkeys(one for one in (self.own, *self.own_addresses) if one))


def practice_of(records: RecordStore) -> Practice:
    """As it was set."""
    return Practice.model_validate(records.get(SETTINGS, MAIL) or {})


def set_practice(records: RecordStore, changes: Mapping[str, Any]) -> Practice:
    """Change what is named and keep the rest. Raises InvalidRequest."""
    try:
        changed = Practice.model_validate({**practice_of(records).model_dump(), **changes})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(map(str, first["loc"]))) from None
    records.put(SETTINGS, MAIL, changed.model_dump(mode="json"))
    return changed


FILES: Final = frozenset({"taxonomy", "rules"})
"""Settings that name a file."""


def keep_file(objects: ObjectStore, kind: str, content: bytes) -> str:
    """Keep a taxonomy, rules or a classifier of the house's own; its key, by content."""
    key = f"mails/settings/{kind}-{hashlib.sha256(content).hexdigest()[:16]}"
    objects.put(key, content)
    return key


# --- the books ------------------------------------------------------------------------------------------

_books: dict[tuple[int, tuple[tuple[str, str], ...]], tuple[float, Books]] = {}


def books_for(objects: ObjectStore, jobs: JobStore, practice: Practice) -> Books:
    """The open items of the newest close, and whose addresses are on record. Remembered for half a minute."""
    key = (id(jobs), tuple(practice.contacts.items()))
    read_at, books = _books.get(key, (float("-inf"), Books()))
    if time.monotonic() - read_at > KEPT_SECONDS:
        contacts = tuple(Contact(partner=who, address=one) for one, who in practice.contacts.items())
        company = {"company": practice.company} if practice.company else {}
        books = _books_of(objects, jobs).model_copy(update={"contacts": contacts, **company})
        _books.clear()
        _books[key] = (time.monotonic(), books)
    return books


def forget() -> None:
    """Look books up again: for those who have changed them."""
    _books.clear()


def _books_of(objects: ObjectStore, jobs: JobStore) -> Books:
    closed = next((job for job in jobs.recent(20, "close") if job.state is JobState.SUCCEEDED), None)
    if closed is None:
        return Books()
    try:
        return _of_close(objects, closed)
    except ObjectMissing:  # a close that was tidied away
        return Books()


def _of_close(objects: ObjectStore, job: Job) -> Books:
    package = package_of(objects, job)
    currency = package.company.currency
    items = tuple(item for report in package.aged for item in _items(report, currency))
    return Books(
        company=package.company.name,
        as_of=package.aged[0].as_of if package.aged else package.as_of,
        source=job.results.get("statements.json", ""),
        items=items,
        partners=tuple(dict.fromkeys(item.partner for item in items)),
    )


def _items(report: AgedReport, currency: str) -> list[Open]:
    return [
        Open(
            number=item.entry_name,
            partner=item.partner,
            posting_date=item.posting_date,
            due_date=item.due_date,
            residual=item.residual,
            currency=currency,
            side=SIDES[report.report],
        )
        for item in report.items
        if report.report in SIDES
    ]
