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

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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
    """Which service wrote it."""
    text: str
    """The text itself."""
    subject: str = ""
    """Of an e-mail; empty for anything else."""
    language: Language
    """The language of the text: a service may have no wording in the one wanted."""
    confidence: Share
    """That it can go out as it is: 1 for what is reckoned alone, less where prose was read or worded."""
    method: str
    """``template:<name>`` or ``model:<prompt>``."""
    model: str = ""
    """The name of the model that worded it, ``MODEL:ADAPTER`` where it did so with an adapter; empty for a
    template's words."""
    facts: tuple[UsedFact, ...] = ()
    """What the text states, and where each of it was given."""
    refused: tuple[str, ...] = ()
    """Why what a model wrote was not taken: what it invented or left out, or its failure."""
    notes: tuple[str, ...] = ()
    """What a person should know: a language that was not to be had, a fact that is missing."""


# --- who and what ---------------------------------------------------------------------------------------


class Person(Model):
    """Somebody who writes or is written to."""

    name: Name = ""
    """First and last name, as a letter addresses it."""
    role: Name = ""
    """What they do, such as ``Head of Sales``."""
    company: Name = ""
    """The company they work for."""
    email: Name = ""
    """Where to write to them."""
    phone: Name = ""
    """Where to call them."""


class Context(Model):
    """What every context has."""

    language: Language = "en"
    """ISO 639-1 code of the language to write in."""
    today: Annotated[Day, Field(default_factory=lambda: datetime.now(UTC).date())]
    """The day that the text is written on; the present one (UTC) where left open."""


class Quote(Model):
    """An offer that was made."""

    reference: Name
    """The number of the offer, such as ``Q-118``."""
    amount: Amount | None = None
    """What it comes to."""
    currency: Currency = "EUR"
    """Of the amount, ISO 4217."""
    valid_until: Day | None = None
    """The last day that it holds."""


class Task(Model):
    """Something that somebody has to do."""

    text: Prose
    """What is to be done, in a few words."""
    owner: Name = ""
    """Who does it."""
    due: Day | None = None
    """By when."""


class FollowUpContext(Context):
    """An e-mail after a conversation, a meeting or an offer."""

    sender: Person
    """Who writes."""
    recipient: Person
    """Who is written to."""
    topic: Name
    """What it is about, in the language of the text, as in ``the new warehouse software``."""
    last_contact: Day | None = None
    """The day of the conversation or the meeting."""
    agreed: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()
    """What was agreed, one sentence each."""
    open_points: Annotated[tuple[Task, ...], Field(max_length=20)] = ()
    """What somebody still has to do."""
    quote: Quote | None = None
    """The offer that it is about."""
    next_step: Prose = ""
    """What is proposed to happen next, one sentence."""
    answer_by: Day | None = None
    """By when an answer is asked for."""


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
    """As the invoice has it."""
    issued: Day | None = None
    """Its date."""
    due: Day
    """The day by which it had to be paid."""
    amount: Annotated[Amount, Field(gt=0)]
    """What is still open."""
    currency: Currency = "EUR"
    """Of the amount, ISO 4217."""


class Reminded(Model):
    """A reminder that went out before."""

    on: Day
    """The day that it went out."""
    level: Level = Level.FRIENDLY
    """How firm it was."""


class Payee(Model):
    """Where to pay."""

    holder: Name = ""
    """Name of who holds the account."""
    iban: Iban = ""
    """Number of the account."""
    bic: Bic = ""
    """Code of the bank."""
    reference: Name = ""
    """What the payer is asked to quote."""


class ReminderContext(Context):
    """A reminder of invoices that are overdue."""

    channel: Channel = Channel.EMAIL
    """How it travels, which decides its form."""
    long: bool = True
    """The long form lists the invoices and says where to pay; the short one is a few sentences."""
    sender: Person
    """Who writes."""
    recipient: Person
    """Who is written to."""
    invoices: Annotated[tuple[DueInvoice, ...], Field(min_length=1, max_length=50)]
    """What is overdue, one to fifty invoices."""
    history: Annotated[tuple[Reminded, ...], Field(max_length=50)] = ()
    """Reminders that went out before; they make this one firmer."""
    promised: Day | None = None
    """A day by which the customer said to pay."""
    payee: Payee | None = None
    """Where to pay; not told where left out."""
    deadline: Day | None = None
    """By when to pay; by the rule of the level where left open."""
    level: Level | None = None
    """By days overdue and history where left open."""


class Reminder(Written):
    """The reminder, and how firm it is and why."""

    channel: Channel
    """How it travels."""
    level: Level
    """How firm it is."""
    why: str
    """Why it is as firm as that."""
    days_overdue: Annotated[int, Unit("day")]
    """Of the oldest invoice."""
    deadline: date
    """By when it asks to pay."""
    totals: dict[str, Decimal]
    """By currency."""


class DealLine(Model):
    """What is sold in a deal."""

    description: Name
    """What is sold."""
    quantity: Amount | None = None
    """How many."""
    amount: Amount | None = None
    """What the line comes to."""
    currency: Currency = "EUR"
    """Of the amount, ISO 4217."""


class Activity(Model):
    """Something that happened in a deal."""

    on: Day
    """The day that it happened; days to come are left out."""
    text: Prose
    """What happened, in a sentence."""
    person: Name = ""
    """Who did it."""


class DealContext(Context):
    """A deal as the customer system knows it."""

    name: Annotated[Line, Field(min_length=1, max_length=200)]
    """What the deal is called."""
    customer: Name = ""
    """Who may buy."""
    stage: Name = ""
    """Where it stands, in your own words."""
    amount: Amount | None = None
    """What it is worth."""
    currency: Currency = "EUR"
    """Of the amount, ISO 4217."""
    probability: Annotated[int | None, Field(ge=0, le=100), Unit("%")] = None
    """That it is won, in percent."""
    owner: Name = ""
    """Who sells."""
    expected_close: Day | None = None
    """The day that it is expected to be won."""
    lines: Annotated[tuple[DealLine, ...], Field(max_length=50)] = ()
    """What is sold."""
    activities: Annotated[tuple[Activity, ...], Field(max_length=200)] = ()
    """What happened so far."""
    tasks: Annotated[tuple[Task, ...], Field(max_length=50)] = ()
    """What is to be done."""
    risks: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()
    """What may go wrong, one sentence each."""


class DealSummary(Written):
    """The deal in a few sentences."""

    overdue_tasks: int = 0
    """Tasks whose day has passed."""
    days_quiet: Annotated[int | None, Unit("day")] = None
    """Since the last activity."""


class Required(Model):
    """A document that must be there."""

    kind: Annotated[Line, Field(min_length=1, max_length=100)]
    """What kind of document, such as ``Tax clearance``."""
    also_called: tuple[Name, ...] = ()
    """Other names of that kind."""
    valid_days: Annotated[int | None, Field(gt=0), Unit("day")] = None
    """How long after its issue it holds, where it has no expiry of its own."""


class Held(Model):
    """A document that is there."""

    kind: Annotated[Line, Field(min_length=1, max_length=100)]
    """What kind of document; compared without case, hyphens and underscores."""
    name: Name = ""
    """Of the file, or its number."""
    issued: date | None = None
    """The day of its issue."""
    expires: date | None = None
    """The last day that it holds."""


class ComplianceContext(Context):
    """Which documents a partner must have given, and those that it has."""

    partner: Name = ""
    """Whose documents they are."""
    required: Annotated[tuple[Required, ...], Field(min_length=1, max_length=100)]
    """What must be there."""
    documents: Annotated[tuple[Held, ...], Field(max_length=500)] = ()
    """What is there."""
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
    """What is required."""
    state: DocumentState
    """How it stands."""
    document: str = ""
    """The one that counts: the longest valid."""
    issued: date | None = None
    """The day of its issue."""
    expires: date | None = None
    """The last day that it holds."""
    days: Annotated[int | None, Unit("day")] = None
    """Until it expires; negative since it has."""


class ComplianceCheck(Written):
    """What is there, missing, expired."""

    compliant: bool
    """Every required document is valid."""
    checked: tuple[Checked, ...]
    """Each required document and how it stands."""
    not_required: tuple[str, ...] = ()
    """Documents that nothing asks for."""


class OrderLine(Model):
    """A line of an order or a quote."""

    code: Said = ""
    """Article number; lines of order and quote are matched by it first."""
    description: Said = ""
    """What is ordered; lines without a common article number are matched by its words."""
    quantity: Amount
    """How many, of the unit."""
    unit: Said = ""
    """What is counted, such as ``pcs``, ``kg`` or ``m``."""
    unit_price: Amount | None = None
    """Price of one unit, in the currency of the order, before any discount."""
    discount: Annotated[Decimal | None, Field(ge=0, le=100), Unit("%")] = None
    """By which share the price of this line is lower, in percent."""
    deliver_by: date | None = None
    """By when this line is to be delivered."""


class Order(Model):
    """An order as received, or the quote that it answers."""

    number: Said = ""
    """Number of the order, or of the quote."""
    dated: date | None = None
    """Its date."""
    currency: Currency = "EUR"
    """Of all its prices, ISO 4217."""
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=500)] = ()
    """What is ordered or offered."""
    total: Amount | None = None
    """As it states it, net."""
    deliver_by: date | None = None
    """By when all of it is to be delivered."""
    discount: Annotated[Decimal | None, Field(ge=0, le=100), Unit("%")] = None
    """By which share all prices are lower, in percent, beside those of lines."""
    payment_days: Annotated[int | None, Field(ge=0), Unit("day")] = None
    """Within how many days it is to be paid."""


class OrderContext(Context):
    """An order that came in, and what was offered."""

    customer: Name = ""
    """Who orders."""
    order: Order | None = None
    """The order as fields, where it is known as such; else give ``text``."""
    text: Annotated[str, Field(max_length=50_000), Passage()] = ""
    """The order in the customer's words, instead of ``order``."""
    quote: Order | None = None
    """What was offered; without it the order alone is told."""
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
        "not_offered", "not_ordered", "sum", "discount", "line_discount", "code", "quote",
    ]  # fmt: skip
    """What differs."""
    line: str = ""
    """Code or description of the line; empty for the order as a whole."""
    ordered: str = ""
    """As the order has it; empty where it has nothing."""
    offered: str = ""
    """As the quote has it; empty where it has nothing."""
    serious: bool = True
    """It is to our cost, or nobody can deliver it without asking."""


class OrderAnalysis(Written):
    """The order's lines, its value, and what differs."""

    value: Decimal
    """Sum of its lines that have a price, less the discounts of lines, before one of the whole order."""
    currency: Currency
    """Of the order, ISO 4217."""
    order: Order
    """As it was given, or as it was read."""
    unread: tuple[str, ...] = ()
    """Lines and sentences of its text with digits that were not understood, or contradict themselves."""
    earliest_delivery: date | None = None
    """The first day that anything of it is wanted."""
    differences: tuple[Difference, ...] = ()
    """Where it is not what was offered, or contradicts itself."""
    accept: bool
    """There are lines, all was understood and compared, and nothing serious differs."""


class NotesContext(Context):
    """Notes of a meeting or a call, as somebody wrote them down."""

    title: Name = ""
    """What the meeting was about."""
    held_on: Day | None = None
    """From which days of the week are counted; ``today`` where left open."""
    participants: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """Who was there: the owner of a task is known by them."""
    text: Annotated[str, Field(min_length=1, max_length=50_000), Passage()]
    """The notes, as they were written."""


class NoteAction(Model):
    """Something to be done, as the notes say."""

    text: str
    """In the words of the notes."""
    owner: str = ""
    """Who does it, as the notes name them; empty where nobody is named."""
    due: date | None = None
    """By when, reckoned from the day of the notes."""
    due_text: str = ""
    """As the notes write it."""
    overdue: bool = False
    """The day has passed."""


class NotesSummary(Written):
    """What was decided, what is to be done by whom and when, what is open, and the rest in brief."""

    decisions: tuple[str, ...] = ()
    """What was decided, in the words of the notes."""
    actions: tuple[NoteAction, ...] = ()
    """What is to be done."""
    questions: tuple[str, ...] = ()
    """What is open."""
    points: tuple[str, ...] = ()
    """Other things that were noted, the first few."""
    unowned: int = 0
    """Actions that nobody is named for."""


def used(values: Sequence[tuple[str, object, str]], text: str) -> tuple[UsedFact, ...]:
    """The facts (name, value, as shown) that ``text`` states, whatever blanks it sets within them."""
    plain = " ".join(text.split())
    return tuple(
        UsedFact(name=n, value=str(v), shown=s) for n, v, s in values if s and " ".join(s.split()) in plain
    )
