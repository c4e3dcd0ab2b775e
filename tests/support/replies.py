"""Messages, their triage and books for tests of replies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from abax.mail.contracts import (
    Action,
    Asked,
    Books,
    Claim,
    Contact,
    Entity,
    Mailbox,
    Message,
    Open,
    Paid,
    Priority,
    Sentiment,
    Settled,
    Tone,
    Triage,
    Urgency,
)
from abax.writing.client import Client

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OWN = Mailbox(address="accounts@lindenhof.example", name="Lindenhof Accounts")


def item(number: str, partner: str, residual: str, due: str | None, side: str = "receivable") -> Open:
    """An open item in euros."""
    return Open(
        number=number,
        partner=partner,
        posting_date=date(2026, 10, 1),
        due_date=date.fromisoformat(due) if due else None,
        residual=Decimal(residual),
        currency="EUR",
        side=side,
    )


def paid(number: str, partner: str, amount: str, day: str, side: str = "") -> Paid:
    """A payment in euros."""
    return Paid(
        number=number,
        partner=partner,
        paid_on=date.fromisoformat(day),
        amount=Decimal(amount),
        currency="EUR",
        side=side,
    )


def settled(number: str, partner: str, gross: str, day: str, side: str = "receivable") -> Settled:
    """An item in euros that nothing is open of."""
    return Settled(
        number=number,
        partner=partner,
        posting_date=date(2026, 9, 1),
        settled_on=date.fromisoformat(day),
        gross=Decimal(gross),
        currency="EUR",
        side=side,
    )


BOOKS = Books(
    company="Lindenhof GmbH",
    as_of=date(2026, 10, 31),
    source="closes/7/statements.json",
    items=(
        item("INV-2041", "Bergmann Technik GmbH", "1250.00", "2026-11-30"),
        item("INV-2017", "Bergmann Technik GmbH", "980.50", "2026-10-15"),
        item("INV-2050", "Bergmann Technik GmbH", "400.00", "2026-12-05"),
        item("INV-3001", "Kowal Sp. z o.o.", "12345.60", "2026-12-01"),
        item("RE/4711", "Papier Union AG", "-642.00", "2026-11-25", "payable"),
        item("GS-12", "Fleurs du Sud SARL", "-75.00", None),
    ),
    paid=(
        paid("INV-1999", "Bergmann Technik GmbH", "310.00", "2026-10-02"),
        paid("INV-2050", "Bergmann Technik GmbH", "600.00", "2026-10-20"),
        paid("RE/4700", "Papier Union AG", "99.90", "2026-10-05", "payable"),
    ),
    contacts=(
        Contact(partner="Bergmann Technik GmbH", address="@bergmann-technik.example"),
        Contact(partner="Kowal Sp. z o.o.", address="@kowal.example"),
        Contact(partner="Papier Union AG", address="@papier-union.example"),
        Contact(partner="Fleurs du Sud SARL", address="@fleurs-du-sud.example"),
    ),
)


@dataclass(frozen=True)
class FakeDesk:
    """What drafting asks of a desk."""

    books: Books = BOOKS
    now: datetime = NOW
    tone: Tone = Tone.FORMAL
    client: Client | None = None
    mask: bool = True
    own_addresses: tuple[str, ...] = (OWN.address,)


def message(
    text: str,
    sender: str = "a.schmidt@bergmann-technik.example",
    subject: str = "Question",
    language: str = "en",
    **changes: object,
) -> Message:
    """A message of 20 November 2026."""
    fields: dict[str, object] = {
        "message_id": "m1@bergmann-technik.example",
        "digest": "0" * 64,
        "thread_id": "m1@bergmann-technik.example",
        "sender": Mailbox(address=sender, name="A. Schmidt"),
        "to": (OWN,),
        "subject": subject,
        "sent_at": datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        "text": text,
        "whole_text": text,
        "language": language,
    }
    return Message.model_validate(fields | changes)


def triage_of(
    mail: Message,
    category: str = "billing",
    *,
    wanted: bool = True,
    numbers: tuple[str, ...] = (),
    entities: tuple[Entity, ...] = (),
    actions: tuple[Action, ...] = (),
    answerable: bool = True,
) -> Triage:
    """A triage that names ``numbers`` as invoices."""
    named = tuple(
        Entity(kind="invoice", value=one, text=one, evidence=mail.text, confidence=0.9) for one in numbers
    )
    return Triage(
        message_id=mail.message_id,
        thread_id=mail.thread_id,
        taxonomy="default 1",
        language=Claim(value=mail.language, confidence=0.99),
        category=Claim(value=category, confidence=0.95),
        department=Claim(value="accounts_receivable", confidence=0.9),
        sentiment=Claim(value=Sentiment.NEUTRAL, confidence=0.9),
        urgency=Claim(value=Urgency.NORMAL, confidence=0.9),
        priority=Claim(value=Priority.P3, confidence=0.9),
        queue="receivables",
        asked=Asked(wanted=Claim(value=wanted, confidence=0.9), actions=actions),
        entities=(*named, *entities),
        next_step=Claim(value="answer", confidence=0.9),
        answerable=answerable,
        why_unanswerable="" if answerable else "it was sent by a machine",
    )


def with_contacts(*contacts: tuple[str, str]) -> Books:
    """The books with addresses on record: pairs of partner and address."""
    known = tuple(Contact(partner=partner, address=address) for partner, address in contacts)
    return BOOKS.model_copy(update={"contacts": known})
