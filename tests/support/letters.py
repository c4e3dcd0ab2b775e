"""Mails for tests of triage: written down, and read as a desk reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from abax.mail.contracts import Books, Contact, Mailbox, Message, Open, Paid
from abax.mail.desk import Desk
from abax.mail.entities import Named, named
from abax.mail.known import Known
from abax.mail.reading import Reading, read
from abax.mail.wording import Wording, wording_for

WRITTEN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""A Monday."""
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

BOOKS = Books(
    company="Ourhouse Ltd",
    as_of=date(2026, 10, 31),
    items=(
        Open(
            number="INV/2026/0042",
            partner="Brightwater Ltd",
            posting_date=date(2026, 9, 4),
            due_date=date(2026, 10, 4),
            residual=Decimal("1250.00"),
            currency="EUR",
            side="receivable",
        ),
        Open(
            number="RE-77120",
            partner="Steelworks GmbH",
            posting_date=date(2026, 10, 1),
            due_date=date(2026, 11, 1),
            residual=Decimal("-8400.00"),
            currency="EUR",
            side="payable",
        ),
    ),
    partners=("Brightwater Ltd", "Steelworks GmbH"),
    paid=(
        Paid(
            number="INV/2026/0031",
            partner="Brightwater Ltd",
            paid_on=date(2026, 9, 30),
            amount=Decimal("310.00"),
            currency="EUR",
            side="receivable",
        ),
    ),
    contacts=(Contact(partner="Brightwater Ltd", address="@brightwater.example"),),
)


def letter(
    text: str, subject: str = "", language: str = "en", sender: str = "a@somebody.example", **more: Any
) -> Message:
    """A message that was written on a Monday morning."""
    return Message(
        message_id=more.pop("message_id", "1@somebody.example"),
        digest="0" * 64,
        thread_id="1@somebody.example",
        sender=Mailbox(address=sender),
        subject=subject,
        text=text,
        whole_text=text,
        language=language,
        sent_at=WRITTEN,
        **more,
    )


def reading(text: str, subject: str = "", language: str = "en") -> Reading:
    """A message as sentences."""
    return read(letter(text, subject, language), NOW)


def words(language: str = "en") -> Wording:
    """The words of a language."""
    return wording_for(language)


def names(text: str, language: str = "en", subject: str = "", books: Books | None = None) -> Named:
    """What a message names."""
    return named(reading(text, subject, language), words(language), Known(books or Books()))


def desk(**changes: Any) -> Desk:
    """A desk without classifiers: words and rules alone, as where no model was shipped."""
    return Desk(**({"now": NOW, "own_addresses": ("office@ourhouse.example",)} | changes))
