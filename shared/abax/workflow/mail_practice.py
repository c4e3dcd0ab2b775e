"""How a house handles its mail, as it was set: its addresses, its tone, where tickets go, what may be sent
without a person, its own taxonomy and rules; and what its books know."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from abax.errors import Conflict, InvalidRequest, ObjectMissing
from abax.faults import told
from abax.mail.contracts import Books, Contact, Mailbox, Open, Paid, Settled, Tone
from abax.mail.sending import SendPolicy
from abax.ports import JobState, JobStore, ObjectStore, RecordStore
from abax.workflow.outcome import package_of, partners_of

if TYPE_CHECKING:
    from abax.ledger.model import AgedReport, PartnerAccounts, PartnerItem
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
    mask: Annotated[
        bool, Field(description="Personal data is masked in what a model is shown, and on pages of mail")
    ] = True
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

            try:
                Policy.model_validate(policy)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                raise ValueError(f"{'.'.join(map(str, first['loc']))}: {_told(first, Policy)}") from None
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


def set_practice(records: RecordStore, changes: Mapping[str, Any], network: str = "public") -> Practice:
    """Change what is named and keep the rest. Raises InvalidRequest."""
    changed = changed_practice(records, changes, network)
    records.put(SETTINGS, MAIL, changed.model_dump(mode="json"))
    return changed


def changed_practice(records: RecordStore, changes: Mapping[str, Any], network: str = "public") -> Practice:
    """The practice as it would be with the changes; nothing is kept. Raises InvalidRequest."""
    from abax.workflow.mail_settings import require_sound

    try:
        changed = Practice.model_validate({**practice_of(records).model_dump(), **changes})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        within = SendPolicy if first["loc"][0] == "answers" else Practice
        raise InvalidRequest(_told(first, within), ".".join(map(str, first["loc"]))) from None
    require_sound(changes, network)
    return changed


def _told(fault: Mapping[str, Any], within: type[BaseModel]) -> str:
    """What is wrong; of a name that there is not, which was probably meant."""
    from abax.workflow.mail_settings import meant

    if fault["type"] == "extra_forbidden":
        return meant(str(fault["loc"][-1]), within.model_fields)
    return told(fault)


FILES: Final = frozenset({"taxonomy", "rules"})
"""Settings that name a file."""


def keep_file(objects: ObjectStore, kind: str, content: bytes) -> str:
    """Keep a taxonomy, rules or a classifier of the house's own; its key, by content."""
    key = f"mails/settings/{kind}-{hashlib.sha256(content).hexdigest()[:16]}"
    objects.put(key, content)
    return key


# --- the books ------------------------------------------------------------------------------------------


class _Looked(NamedTuple):
    """Books, of which close, and when that was found to be the newest."""

    looked_at: float
    job_id: str
    books: Books


_books: dict[tuple[int, str, tuple[tuple[str, str], ...]], _Looked] = {}


def books_for(objects: ObjectStore, jobs: JobStore, practice: Practice) -> Books:
    """What is open and what was settled of late by the newest close, and whose addresses are on record, in
    the source or as they were set. Looked up again after half a minute; the very same until there is a newer
    close, so that its indexes are kept."""
    key = (id(jobs), practice.company, tuple(practice.contacts.items()))
    found = _books.get(key)
    if found is not None and time.monotonic() - found.looked_at <= KEPT_SECONDS:
        return found.books
    job = next((job for job in jobs.recent(20, "close") if job.state is JobState.SUCCEEDED), None)
    job_id = job.job_id if job is not None else ""
    if found is None or found.job_id != job_id:
        found = _Looked(0.0, job_id, _books_of(objects, job, practice))
    _books.clear()
    _books[key] = found._replace(looked_at=time.monotonic())
    return found.books


def forget() -> None:
    """Look books up again: for those who have changed them."""
    _books.clear()


def _books_of(objects: ObjectStore, job: Job | None, practice: Practice) -> Books:
    books = _of_close(objects, job) if job is not None else Books()
    known = [
        Contact(partner=name, address=one)
        for one, who in practice.contacts.items()
        for name in _called(who, books.partners)
    ]
    taken = {contact.address.lower() for contact in known}
    known += [contact for contact in books.contacts if contact.address not in taken]
    company = {"company": practice.company} if practice.company else {}
    return books.model_copy(update={"contacts": tuple(known), **company})


def _called(partner: str, partners: Sequence[str]) -> list[str]:
    """A partner as the books call him: all of those who share his name, where it takes more to tell them
    apart."""
    alike = [name for name in partners if name.startswith(f"{partner} (")]
    return alike if alike and partner not in partners else [partner]


def _of_close(objects: ObjectStore, job: Job) -> Books:
    """What a close knows; nothing where it was tidied away."""
    source = job.results.get("statements.json", "")
    try:
        known = partners_of(objects, job)
        return _of_partners(known, source) if known is not None else _of_package(objects, job, source)
    except (Conflict, ObjectMissing):
        return Books()


def _of_partners(known: PartnerAccounts, source: str) -> Books:
    told = _distinct(known.items)
    return Books(
        company=known.company,
        as_of=known.as_of,
        source=source,
        items=tuple(_open(item, known.currency) for item in known.items if item.residual),
        partners=tuple(dict.fromkeys(item.partner for item in known.items)),
        paid=_paid(told, known.currency),
        settled=tuple(_settled(item, known.currency) for item in told if not item.residual),
        contacts=tuple(Contact(partner=one.partner, address=one.address) for one in known.addresses),
    )


def _distinct(items: Sequence[PartnerItem]) -> list[PartnerItem]:
    """The items of which can be told what was paid. Numbers may come again every year: of several invoices of
    one number, the open one is meant, else the newest; of several open ones it cannot be said which."""
    days: defaultdict[tuple[str, str], dict[date, bool]] = defaultdict(dict)
    for item in items:
        of = days[item.partner, item.number]
        of[item.posting_date] = of.get(item.posting_date, False) or bool(item.residual)
    meant = {key: [day for day, is_open in of.items() if is_open] or [max(of)] for key, of in days.items()}
    return [item for item in items if [item.posting_date] == meant[item.partner, item.number]]


def _open(item: PartnerItem, currency: str) -> Open:
    return Open(
        number=item.number,
        partner=item.partner,
        posting_date=item.posting_date,
        due_date=item.due_date,
        residual=item.residual,
        currency=currency,
        side=item.side,
        reference=item.reference,
    )


def _settled(item: PartnerItem, currency: str) -> Settled:
    return Settled(
        number=item.number,
        partner=item.partner,
        posting_date=item.posting_date,
        settled_on=item.settled_on or item.posting_date,
        gross=item.gross,
        currency=currency,
        side=item.side,
        reference=item.reference,
    )


def _paid(items: Sequence[PartnerItem], currency: str) -> tuple[Paid, ...]:
    """By invoice and day: an invoice of several instalments may be paid at once."""
    sums: defaultdict[tuple[str, str, str, str, date], Decimal] = defaultdict(Decimal)
    for item in items:
        for payment in item.payments:
            sums[item.number, item.reference, item.partner, item.side, payment.paid_on] += payment.amount
    return tuple(
        Paid(
            number=number,
            reference=reference,
            partner=partner,
            paid_on=day,
            amount=amount,
            currency=currency,
            side=side,
        )
        for (number, reference, partner, side, day), amount in sums.items()
    )


def _of_package(objects: ObjectStore, job: Job, source: str) -> Books:
    """Of a close that has kept open items alone."""
    package = package_of(objects, job)
    currency = package.company.currency
    items = tuple(item for report in package.aged for item in _items(report, currency))
    return Books(
        company=package.company.name,
        as_of=package.aged[0].as_of if package.aged else package.as_of,
        source=source,
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
