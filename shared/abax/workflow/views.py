"""A close's books cut otherwise: by segment, beside a budget, in another currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abax.dates import Granularity
from abax.errors import InvalidRequest, UnknownCurrency
from abax.money import ISO_4217
from abax.workflow.jobs import requested
from abax.workflow.outcome import open_ledger

if TYPE_CHECKING:
    from abax.ledger.budget import BudgetReport
    from abax.ledger.segments import SegmentReport
    from abax.ledger.translation import Translated
    from abax.ports import Job, ObjectStore


def granularity(name: str) -> Granularity:
    """Raises InvalidRequest for what is neither month, quarter nor year."""
    try:
        return Granularity(name)
    except ValueError:
        raise InvalidRequest(f"{name!r} is neither month, quarter nor year", "by") from None


def segment_report(
    objects: ObjectStore, job: Job, dimension: str, period: str | None = None, *, top: bool = False
) -> SegmentReport:
    """The income statement of a close by the values of a dimension. Raises UnknownFigure, or Conflict."""
    from abax.ledger.segments import segments

    with open_ledger(objects, job) as ledger:
        label = period or str(ledger.manifest.closed_year)
        return segments(ledger, dimension, label, requested(job).as_of, top=top)


def budget_report(
    objects: ObjectStore, job: Job, text: str, by: str = "month", version: str | None = None
) -> BudgetReport:
    """A budget file beside what a close's year was booked. Raises InvalidRequest, or Conflict."""
    from abax.ledger.budget import read_budget, variance

    rows = read_budget(text)
    with open_ledger(objects, job) as ledger:
        year = ledger.manifest.closed_year
        return variance(ledger, rows, year, granularity(by), version, requested(job).as_of)


def presented(objects: ObjectStore, job: Job, currency: str, rates: str = "") -> Translated:
    """A close's statements in another currency; ``rates`` is a CSV file's text. Raises UnknownCurrency,
    MissingRate, InvalidRequest, or Conflict."""
    from abax.ledger.translation import Rates, present

    if not (len(currency) == 3 and currency.isalpha()):
        raise InvalidRequest(f"{currency!r} is no currency; write EUR", "currency")
    with open_ledger(objects, job) as ledger:
        wanted, own = currency.upper(), ledger.currency
        if wanted not in ISO_4217 and not (listed := Rates.of_ledger(ledger)).knows(wanted):
            raise UnknownCurrency(wanted, listed.known)
        given = Rates.of_csv(rates, wanted, own) if rates else None
        return present(ledger, wanted, ledger.manifest.closed_year, given, as_of=requested(job).as_of)
