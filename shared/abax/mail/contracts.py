"""What mail becomes: a message, its triage, a ticket, a reply. Each claim names the sentence it rests on.

::

    bytes ──► Message ──► Triage ──┬─► Ticket (to the department's queue)
                                   └─► Reply (a draft; sent once a rule or a person has approved it)
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Value = TypeVar("Value")
Share = Annotated[float, Field(ge=0, le=1)]


class Model(BaseModel):
    """Base of all parts: immutable, and nothing in it that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- the message ----------------------------------------------------------------------------------------


class Mailbox(Model):
    """Who writes or is written to."""

    address: str
    """As it is written, the domain in small letters; empty where there is none."""
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the at sign."""
        return self.address.rpartition("@")[2].lower()


class Attachment(Model):
    """A file that came with a message. Its content lies beside the message, by its digest."""

    name: str
    media_type: str
    size: int
    """Bytes, decoded."""
    digest: str
    """SHA-256 of the content, hexadecimal."""
    inline: bool = False
    """Part of what is shown, such as a logo."""
    content_id: str = ""


class Message(Model):
    """One message, whatever state it came in. What was wrong with it is in ``problems``; nothing raises."""

    message_id: str
    """Without angle brackets: the idempotency key. Where the message has none, or one that is no id, it is
    ``<SHA-256 of the content>@missing.invalid``."""
    digest: str
    """SHA-256 of the bytes as they came, hexadecimal."""
    thread_id: str
    """The message id that the thread began with, as far as its headers tell."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: Mailbox
    """``From``; an empty address where there is none."""
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    """``Date``, aware; None where it has none that can be read."""
    received_at: datetime | None = None
    """What the topmost ``Received`` says, aware."""
    headers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The rest of the headers by small name, decoded, in order: for rules and for who may be answered."""
    text: str = ""
    """What its writer says now: no quoted history, signature or small print. Lines end with ``\\n``."""
    quoted: str = ""
    """The history below or between, as it came."""
    signature: str = ""
    """The signature and the small print."""
    whole_text: str = ""
    """The whole body as text: its plain part, else its HTML part turned into text."""
    attachments: tuple[Attachment, ...] = ()
    language: str = ""
    """ISO 639-1 of ``text``; empty where it is too short to tell."""
    size: int = 0
    """Bytes as it came."""
    encrypted: bool = False
    """Its content cannot be read (S/MIME or OpenPGP)."""
    signed: bool = False
    """It carries a signature, which nobody has verified."""
    invitation: bool = False
    """It carries a calendar entry."""
    problems: tuple[str, ...] = ()
    """What was wrong and how it was read nevertheless; for people."""

    def header(self, name: str) -> str:
        """The first value of a header, empty without one."""
        return next(iter(self.headers.get(name.lower(), ())), "")


# --- triage ---------------------------------------------------------------------------------------------


class Claim(Model, Generic[Value]):
    """Something that is said of a message, how sure it is, and what it rests on."""

    value: Value
    confidence: Share
    evidence: str = ""
    """The sentence of the message (or the header, as ``Subject: …``) that it rests on, word for word; empty
    where nothing single bears it."""
    method: str = ""
    """Who said so: ``rule:<id>``, ``classifier``, ``words``, ``ledger``, ``header`` or ``model:<prompt>``."""


class Sentiment(StrEnum):
    """How its writer feels about it."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Urgency(StrEnum):
    """How soon somebody must do something."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Priority(StrEnum):
    """In which order people take up what arrives: P1 first."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Reason(Model):
    """Why a message is as urgent as it is."""

    kind: str
    """``deadline``, ``amount``, ``words``, ``sender``, ``history``, ``ledger``, ``rule`` or
    ``person``."""
    text: str
    """For people: ``asks for it by 30 Nov 2026, in 2 days``."""
    evidence: str = ""


Deed = Literal[
    "send_document", "explain", "confirm", "decide", "correct", "refund", "pay", "deliver", "cancel",
    "change_data", "call_back", "other",
]  # fmt: skip
"""Kinds of action; what each is for stands in ``abax.mail.deeds``."""


class Action(Model):
    """Something that the writer wants done."""

    kind: str
    """A ``Deed``."""
    text: str
    """What is wanted, in the writer's words."""
    due: date | None = None
    """By when, where that is said."""
    evidence: str
    confidence: Share


class Asked(Model):
    """Whether anything is wanted of us, what, and by when."""

    wanted: Claim[bool]
    actions: tuple[Action, ...] = ()


class Entity(Model):
    """A number, name, amount or date that the message names."""

    kind: str
    """``invoice``, ``order``, ``customer``, ``supplier``, ``contract``, ``delivery``, ``ticket``, ``amount``,
    ``date``, ``iban``, ``tax_id``, ``tracking``."""
    value: str
    """In one form: digits and letters as the books have them, amounts as ``1234.50 EUR``, ISO dates."""
    text: str
    """As the message writes it."""
    evidence: str
    """The sentence that it stands in."""
    confidence: Share
    known: bool | None = None
    """Whether the books have it; None where they were not asked or do not hold such things."""
    partner: str = ""
    """Whose it is by the books."""


class Triage(Model):
    """All that is made of one message."""

    message_id: str
    thread_id: str
    taxonomy: str
    """Name and version of the taxonomy that categories come from."""
    language: Claim[str]
    category: Claim[str]
    department: Claim[str]
    sentiment: Claim[Sentiment]
    urgency: Claim[Urgency]
    reasons: tuple[Reason, ...] = ()
    priority: Claim[Priority]
    queue: str
    asked: Asked
    entities: tuple[Entity, ...] = ()
    key_points: tuple[Claim[str], ...] = ()
    next_step: Claim[str]
    personal: dict[str, int] = Field(default_factory=dict)
    """How much personal data it holds, by kind."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that changed something, in order."""
    tags: tuple[str, ...] = ()
    """What rules marked it with."""
    model: str = ""
    """The language model that had a say; empty where none was needed."""
    needs_person: bool = False
    """Nothing sure enough to act on by itself."""
    why_person: tuple[str, ...] = ()
    answerable: bool = False
    """Whether it may be answered at all: not automatic, bulk, list or no-reply mail, nor our own."""
    why_unanswerable: str = ""


# --- what comes of it -----------------------------------------------------------------------------------


class Ticket(Model):
    """What a department's system is told. The same ticket may be told twice: ``key`` tells."""

    key: str
    """The idempotency key, from the message id."""
    replaces: str = ""
    """The key of the ticket before, where a person has set right what was made of the message."""
    queue: str
    department: str
    category: str
    priority: Priority
    subject: str
    sender: Mailbox
    thread_id: str
    message_id: str
    summary: str
    due: date | None = None
    triage: Triage
    documents: tuple[str, ...] = ()
    """Ids of the document jobs that its attachments became."""
    reply_id: str = ""
    """The drafted reply, where there is one."""


class Tone(StrEnum):
    """How a reply speaks."""

    FORMAL = "formal"
    FRIENDLY = "friendly"
    FIRM = "firm"


class ReplyState(StrEnum):
    """The life of a reply: drafted → approved → sent, or rejected; withheld where none may be sent."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    WITHHELD = "withheld"


class UsedFact(Model):
    """A fact that a reply states, and where it comes from."""

    name: str
    """``invoice.INV/2026/0042.due_date``."""
    value: str
    """As the books have it."""
    shown: str
    """As the reply writes it."""
    source: str
    """``ledger:statements.json#aged_receivables``, ``message`` or ``settings``."""


class Reply(Model):
    """An answer: a draft until somebody, or a rule, has approved its very bytes."""

    reply_id: str
    message_id: str
    thread_id: str
    kind: str
    """Which case of answer it is, such as ``invoice_status``, ``invoice_copy`` or ``receipt``."""
    to: Mailbox
    subject: str
    body: str
    language: str
    tone: Tone
    facts: tuple[UsedFact, ...] = ()
    stated: tuple[str, ...] = ()
    """The sentences that answer, as its template has them: what a model is given to put into words."""
    confidence: Share
    method: str
    """``template:<name>`` or ``model:<prompt>``."""
    state: ReplyState = ReplyState.DRAFTED
    why: str = ""
    """Why it was withheld, rejected or left to a person."""
    written_at: datetime | None = None
    """When it was drafted, aware UTC: its ``Date``, so that its bytes are always the same."""
    approved_by: str = ""
    """``person:<who>`` or ``rule:<id>``; empty before."""
    digest: str = ""
    """SHA-256 of the bytes that were approved, hexadecimal; only these may be sent."""


class Open(Model):
    """One open item of the books, as far as mail asks of it. Amounts are the residual, debit positive."""

    number: str
    partner: str
    posting_date: date
    due_date: date | None = None
    residual: Decimal
    currency: str
    side: str
    """``receivable`` or ``payable``."""
    reference: str = ""
    """What its partner calls it, where that is another number."""


class Paid(Model):
    """A payment that the books have. An item that is both open and here is paid in part."""

    number: str
    """Of the invoice that was paid."""
    partner: str
    paid_on: date
    amount: Decimal
    """What it took off the invoice, positive: with a discount that was taken along with it."""
    currency: str
    side: str = ""
    """``receivable`` (we were paid), ``payable`` (we paid); empty where it is not known."""
    reference: str = ""
    """What its partner calls it, where that is another number."""


class Settled(Model):
    """An item that nothing is open of any more. What of it was paid, and when, is told by Paid, as far as the
    books tell it: it may have been settled by a credit note."""

    number: str
    partner: str
    posting_date: date
    settled_on: date
    """The day on which the last of it was settled."""
    gross: Decimal
    """What it came to, debit positive."""
    currency: str
    side: str
    """``receivable`` or ``payable``."""
    reference: str = ""
    """What its partner calls it, where that is another number."""


class Contact(Model):
    """An address that is on record for a partner."""

    partner: str
    address: str
    """A whole address, or a domain with its at sign: ``@lindenhof.example``."""


class Books(Model):
    """What is known of the books when a message is looked at: open items of the newest close, and what was
    settled in the months before it. What is not here is not known to be unpaid, or paid."""

    company: str = ""
    as_of: date | None = None
    source: str = ""
    """The key of what it was read from."""
    items: tuple[Open, ...] = ()
    partners: tuple[str, ...] = ()
    paid: tuple[Paid, ...] = ()
    settled: tuple[Settled, ...] = ()
    contacts: tuple[Contact, ...] = ()


JSON = dict[str, Any]
