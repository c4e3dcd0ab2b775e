"""Stage 7, validation: rules as data, each of which says what it compared."""

from __future__ import annotations

from abax.documents.classify import Classification
from abax.documents.extract import Extraction
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
    "rules",
    "validate",
]


def rules() -> tuple[Rule, ...]:
    """All rules, e-invoices' own apart."""
    return ()


def validate(
    extraction: Extraction, classification: Classification | None = None, known: Known | None = None
) -> tuple[Check, ...]:
    """Every rule's result on one document."""
    subject = Subject(extraction, classification, known or Known())
    return tuple(run(rules(), subject))
