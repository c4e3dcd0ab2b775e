"""Stage 7, validation: rules as data, each of which says what it compared."""

from __future__ import annotations

from typing import Final

from abax.documents import en16931
from abax.documents.classify import Classification
from abax.documents.extract import Extraction
from abax.documents.rules import arithmetic, history, ledgers, matching, numbers, page, plausible
from abax.documents.rules.known import (
    Known,
    KnownOrder,
    KnownReceipt,
    KnownSupplier,
    OrderLine,
    SeenDocument,
    Tolerances,
)
from abax.documents.rules.model import Check, Outcome, Rule, Severity, Subject, run

__all__ = [
    "RULES",
    "Check",
    "Known",
    "KnownOrder",
    "KnownReceipt",
    "KnownSupplier",
    "OrderLine",
    "Outcome",
    "SeenDocument",
    "Severity",
    "Tolerances",
    "validate",
]


RULES: Final[tuple[Rule, ...]] = (
    *plausible.RULES,
    *arithmetic.RULES,
    *numbers.RULES,
    *history.RULES,
    *matching.RULES,
    *ledgers.RULES,
    *page.RULES,
)
"""All rules, but for EN 16931's own."""


def validate(
    extraction: Extraction, classification: Classification | None = None, known: Known | None = None
) -> tuple[Check, ...]:
    """Every rule's result on one document; of EN 16931's rules, those that apply to an e-invoice."""
    subject = Subject(extraction, classification, known or Known())
    applied = (check for check in en16931.check(subject) if check.outcome is not Outcome.NOT_APPLICABLE)
    return (*run(RULES, subject), *applied)
