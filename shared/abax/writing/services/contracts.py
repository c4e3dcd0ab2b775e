"""What the writer is given and what it gives back. Decimals are exact, days are dates, currencies ISO 4217.

Strings are names, said as they are, unless marked as prose (``Passage``), whose claims may be said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from abax.writing.services.fields import Bic, Currency, Day, Iban, Line, Name, Prose
from abax.writing.truth import Passage, Unit

MODES: Final = ("auto", "never", "always")
"""Whether a model is asked: where it has been shown to do well, never, or always."""

Language = Literal["en", "de", "fr", "es", "it", "nl", "pl"]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
Said = Annotated[str, Field(max_length=200)]
"""A name as a text of somebody else's has it."""
Share = Annotated[float, Field(ge=0, le=1)]


class Model(BaseModel):
    """Base of all parts: immutable, and nothing in it that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- results --------------------------------------------------------------------------------------------


class UsedFact(Model):
    """A fact that a text states."""

    name: str
    """Where it stands in the context, such as ``invoices.0.due``; ``rule:…`` for one that a rule made."""
    value: str
    """As given."""
    shown: str
    """As the text writes it."""


class Written(Model):
    """A text that says only what its facts hold."""

    service: str
    text: str
    subject: str = ""
    """Of an e-mail; empty for anything else."""
    language: Language
    confidence: Share
    """That it can go out as it is: 1 for what is reckoned alone, less where prose was read or worded."""
    method: str
    """``template:<name>`` or ``model:<prompt>``."""
    facts: tuple[UsedFact, ...] = ()
    refused: tuple[str, ...] = ()
    """Why what a model wrote was not taken: what it invented or left out, or its failure."""
    notes: tuple[str, ...] = ()
    """What a person should know: a language that was not to be had, a fact that is missing."""


# --- who and what ---------------------------------------------------------------------------------------


class Person(Model):
    """Somebody who writes or is written to."""

    name: Name = ""
    role: Name = ""
    company: Name = ""
    email: Name = ""
    phone: Name = ""


class Context(Model):
    """What every context has."""

    language: Language = "en"
    today: Annotated[Day, Field(default_factory=lambda: datetime.now(UTC).date())]
    """The day that the text is written on; the present one (UTC) where left open."""


class Quote(Model):
    """An offer that was made."""

    reference: Name
    amount: Amount | None = None
    currency: Currency = "EUR"
    valid_until: Day | None = None


class Task(Model):
    """Something that somebody has to do."""

    text: Prose
    owner: Name = ""
    due: Day | None = None


class FollowUpContext(Context):
    """An e-mail after a conversation, a meeting or an offer."""

    sender: Person
    recipient: Person
    topic: Name
    """What it is about, in the language of the text, as in ``the new warehouse software``."""
    last_contact: Day | None = None
    agreed: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()
    """What was agreed, one sentence each."""
    open_points: Annotated[tuple[Task, ...], Field(max_length=20)] = ()
    quote: Quote | None = None
    next_step: Prose = ""
    answer_by: Day | None = None


class FollowUp(Written):
    """The e-mail."""


class Channel(StrEnum):
    """How a reminder travels."""

    EMAIL = "email"
    WHATSAPP = "whatsapp"


class Level(StrEnum):
    """How firmly it reminds."""

    FRIENDLY = "friendly"
    FIRM = "firm"
    FINAL = "final"


class DueInvoice(Model):
    """An invoice that is not paid."""

    number: Annotated[Line, Field(min_length=1, max_length=60)]
    issued: Day | None = None
    due: Day
    amount: Annotated[Amount, Field(gt=0)]
    """What is still open."""
    currency: Currency = "EUR"


class Reminded(Model):
    """A reminder that went out before."""

    on: Day
    level: Level = Level.FRIENDLY


class Payee(Model):
    """Where to pay."""

    holder: Name = ""
    iban: Iban = ""
    bic: Bic = ""
    reference: Name = ""


class ReminderContext(Context):
    """A reminder of invoices that are overdue."""

    channel: Channel = Channel.EMAIL
    long: bool = True
    """The long form lists the invoices and says where to pay; the short one is a few sentences."""
    sender: Person
    recipient: Person
    invoices: Annotated[tuple[DueInvoice, ...], Field(min_length=1, max_length=50)]
    history: Annotated[tuple[Reminded, ...], Field(max_length=50)] = ()
    promised: Day | None = None
    """A day by which the customer said to pay."""
    payee: Payee | None = None
    deadline: Day | None = None
    """By when to pay; by the rule of the level where left open."""
    level: Level | None = None
    """By days overdue and history where left open."""


class Reminder(Written):
    """The reminder, and how firm it is and why."""

    channel: Channel
    level: Level
    why: str
    days_overdue: Annotated[int, Unit("day")]
    """Of the oldest invoice."""
    deadline: date
    totals: dict[str, Decimal]
    """By currency."""


class DealLine(Model):
    """What is sold in a deal."""

    description: Name
    quantity: Amount | None = None
    amount: Amount | None = None
    currency: Currency = "EUR"


class Activity(Model):
    """Something that happened in a deal."""

    on: Day
    text: Prose
    person: Name = ""


class DealContext(Context):
    """A deal as the customer system knows it."""

    name: Annotated[Line, Field(min_length=1, max_length=200)]
    customer: Name = ""
    stage: Name = ""
    amount: Amount | None = None
    currency: Currency = "EUR"
    probability: Annotated[int | None, Field(ge=0, le=100), Unit("%")] = None
    owner: Name = ""
    expected_close: Day | None = None
    lines: Annotated[tuple[DealLine, ...], Field(max_length=50)] = ()
    activities: Annotated[tuple[Activity, ...], Field(max_length=200)] = ()
    tasks: Annotated[tuple[Task, ...], Field(max_length=50)] = ()
    risks: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()


class DealSummary(Written):
    """The deal in a few sentences."""

    overdue_tasks: int = 0
    days_quiet: Annotated[int | None, Unit("day")] = None
    """Since the last activity."""


class Required(Model):
    """A document that must be there."""

    kind: Annotated[Line, Field(min_length=1, max_length=100)]
    also_called: tuple[Name, ...] = ()
    valid_days: Annotated[int | None, Field(gt=0), Unit("day")] = None
    """How long after its issue it holds, where it has no expiry of its own."""


class Held(Model):
    """A document that is there."""

    kind: Annotated[Line, Field(min_length=1, max_length=100)]
    name: Name = ""
    """Of the file, or its number."""
    issued: date | None = None
    expires: date | None = None


class ComplianceContext(Context):
    """Which documents a partner must have given, and those that it has."""

    partner: Name = ""
    required: Annotated[tuple[Required, ...], Field(min_length=1, max_length=100)]
    documents: Annotated[tuple[Held, ...], Field(max_length=500)] = ()
    warn_days: Annotated[int, Field(ge=0, le=365), Unit("day")] = 30
    """How long before its end a document is about to expire."""


class DocumentState(StrEnum):
    """How a required document stands."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    MISSING = "missing"
    UNDATED = "undated"
    """It is there, and nothing says how long it holds although something must."""
    NOT_YET = "not_yet"
    """It was issued on a day to come."""


class Checked(Model):
    """One required document."""

    kind: str
    state: DocumentState
    document: str = ""
    """The one that counts: the longest valid."""
    issued: date | None = None
    expires: date | None = None
    days: Annotated[int | None, Unit("day")] = None
    """Until it expires; negative since it has."""


class ComplianceCheck(Written):
    """What is there, missing, expired."""

    compliant: bool
    checked: tuple[Checked, ...]
    not_required: tuple[str, ...] = ()
    """Documents that nothing asks for."""


class OrderLine(Model):
    """A line of an order or a quote."""

    code: Said = ""
    description: Said = ""
    quantity: Amount
    unit: Said = ""
    unit_price: Amount | None = None
    deliver_by: date | None = None


class Order(Model):
    """An order as received, or the quote that it answers."""

    number: Said = ""
    dated: date | None = None
    currency: Currency = "EUR"
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=500)] = ()
    total: Amount | None = None
    """As it states it, net."""
    deliver_by: date | None = None
    payment_days: Annotated[int | None, Field(ge=0), Unit("day")] = None


class OrderContext(Context):
    """An order that came in, and what was offered."""

    customer: Name = ""
    order: Order | None = None
    text: Annotated[str, Field(max_length=50_000), Passage()] = ""
    """The order in the customer's words, instead of ``order``."""
    quote: Order | None = None
    tolerance: Annotated[Decimal, Field(ge=0, le=100), Unit("%")] = Decimal(0)
    """By how much a price may differ."""

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        if (self.order is None) == (not self.text.strip()):
            raise ValueError("give either order or text")
        return self


class Difference(Model):
    """Where an order is not what was offered, or contradicts itself."""

    what: Literal[
        "currency", "total", "payment_days", "deliver_by", "quantity", "unit_price", "line_deliver_by",
        "not_offered", "not_ordered", "sum",
    ]  # fmt: skip
    line: str = ""
    """Code or description of the line; empty for the order as a whole."""
    ordered: str = ""
    offered: str = ""
    serious: bool = True
    """It is to our cost, or nobody can deliver it without asking."""


class OrderAnalysis(Written):
    """The order's lines, its value, and what differs."""

    value: Decimal
    """Sum of its lines that have a price."""
    currency: Currency
    order: Order
    """As it was given, or as it was read."""
    unread: tuple[str, ...] = ()
    """Lines of its text with digits that were not understood."""
    earliest_delivery: date | None = None
    differences: tuple[Difference, ...] = ()
    accept: bool
    """Nothing serious differs."""


class NotesContext(Context):
    """Notes of a meeting or a call, as somebody wrote them down."""

    title: Name = ""
    held_on: Day | None = None
    """From which days of the week are counted; ``today`` where left open."""
    participants: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    text: Annotated[str, Field(min_length=1, max_length=50_000), Passage()]


class NoteAction(Model):
    """Something to be done, as the notes say."""

    text: str
    """In the words of the notes."""
    owner: str = ""
    due: date | None = None
    due_text: str = ""
    """As the notes write it."""
    overdue: bool = False


class NotesSummary(Written):
    """What was decided, what is to be done by whom and when, what is open, and the rest in brief."""

    decisions: tuple[str, ...] = ()
    actions: tuple[NoteAction, ...] = ()
    questions: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    unowned: int = 0
    """Actions that nobody is named for."""


def used(values: Sequence[tuple[str, object, str]], text: str) -> tuple[UsedFact, ...]:
    """The facts (name, value, as shown) that ``text`` states."""
    return tuple(UsedFact(name=n, value=str(v), shown=s) for n, v, s in values if s and s in text)
