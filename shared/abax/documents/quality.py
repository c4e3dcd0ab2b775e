"""Stage 6, quality check: calibrated confidence of each value, and whether all that is needed is there."""

from __future__ import annotations

from abax.documents.contracts import Model
from abax.documents.extract import Extraction


class Quality(Model):
    """How good an extraction is. Its evidence now carries calibrated confidences."""

    extraction: Extraction
    confidence: float
    """That all required values are right."""
    completeness: float
    """The share of required and expected values that are there."""
    missing: tuple[str, ...] = ()
    """Paths of the required ones that are not."""
    doubtful: tuple[str, ...] = ()
    """Paths of values below the confidence that touchless work asks for."""
