"""The visible page against the XML."""

from __future__ import annotations

from abax.documents.extract import Extraction
from abax.documents.pages import Reading


def compare(extraction: Extraction, reading: Reading) -> Extraction:
    """Placeholder."""
    return extraction
