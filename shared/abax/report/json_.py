"""The close as data: the very values of the other reports, amounts as decimal strings."""

from __future__ import annotations

from abax.ledger.model import ClosePackage, Forecast, Frozen
from abax.writing.narrative import Narrative


class CloseReport(Frozen):
    """The content of ``report.json``."""

    package: ClosePackage
    forecast: Forecast
    narrative: Narrative | None = None


def render_json(package: ClosePackage, forecast: Forecast, narrative: Narrative | None = None) -> bytes:
    """One JSON document, UTF-8, in a stable order. ``CloseReport.model_validate_json`` reads it back."""
    report = CloseReport(package=package, forecast=forecast, narrative=narrative)
    return report.model_dump_json(indent=1).encode()
