"""The close as data: the very values of the other reports, amounts as decimal strings."""

from __future__ import annotations

from abax.ledger.model import ClosePackage, Forecast, Frozen


class CloseReport(Frozen):
    """The content of ``report.json``."""

    package: ClosePackage
    forecast: Forecast


def render_json(package: ClosePackage, forecast: Forecast) -> bytes:
    """One JSON document, UTF-8, in a stable order. ``CloseReport.model_validate_json`` reads it back."""
    return CloseReport(package=package, forecast=forecast).model_dump_json(indent=1).encode()
