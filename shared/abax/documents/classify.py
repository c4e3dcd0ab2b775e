"""Stage 3, classification: which type of document this is to us."""

from __future__ import annotations

from pydantic import Field

from abax.documents.contracts import DocumentType, Model


class Ourselves(Model):
    """Who we are, so that our own invoices are told from our suppliers'. All may be empty."""

    names: tuple[str, ...] = ()
    vat_ids: tuple[str, ...] = ()
    tax_numbers: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()


class Classification(Model):
    """A document's type, how sure we are, and why."""

    type: DocumentType
    confidence: float
    scores: dict[DocumentType, float] = Field(default_factory=dict)
    reasons: tuple[str, ...] = ()
