"""Stage 8, routing: touchless when confident and clean, else to a person; with a journal entry to book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from abax.documents.contracts import Model


class Way(StrEnum):
    """Where a document goes."""

    TOUCHLESS = "touchless"
    REVIEW = "review"
    REJECTED = "rejected"


class ProposedLine(Model):
    """One journal line: signed, debit positive."""

    account: str
    amount: Decimal
    text: str = ""
    cost_center: str | None = None
    reason: str = ""
    """Why this account."""


class ProposedEntry(Model):
    """A balanced journal entry, in the document's currency."""

    posting_date: date
    currency: str
    lines: tuple[ProposedLine, ...]
    confidence: float
    partner: str | None = None


class Decision(Model):
    """Where the document goes and why."""

    way: Way
    queue: str = ""
    """Of reviewers: ``accounts_payable``, ``fraud`` and the like."""
    reasons: tuple[str, ...] = ()
    entry: ProposedEntry | None = None
