"""All stages over one file, and what comes out."""

from __future__ import annotations

from pydantic import Field

from abax.documents.classify import Classification
from abax.documents.contracts import Model
from abax.documents.extract import Extraction
from abax.documents.identify import Identity
from abax.documents.quality import Quality
from abax.documents.route import Decision
from abax.documents.validate import Check

__all__ = ["Extraction", "Fact"]


class Fact(Model):
    """One document, through all stages. A file may hold several."""

    document_id: str
    """The file's digest, and which of its documents where it holds several: ``4f…a1`` or ``4f…a1-2``."""
    name: str
    digest: str
    kind: str
    pages: tuple[int, ...] = ()
    language: str | None = None
    classification: Classification
    identity: Identity
    quality: Quality
    checks: tuple[Check, ...] = ()
    decision: Decision
    problems: tuple[str, ...] = ()
    """Pages that could not be read, and why."""
    seconds: dict[str, float] = Field(default_factory=dict)
    """By stage."""
    path: str = "full"
    """``fast`` for e-invoices and text layers without doubt, else ``full``."""
