"""Fiscal periods as a source lists them, made into a calendar that statements can be cut by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any, Final

from abax.dates import FiscalCalendar
from abax.errors import OverlappingYears, UnsupportedCalendar
from abax.ledger.model import FiscalPeriod

MOST_PERIODS: Final = 12
"""Normal periods of a year: months are counted through by twelve."""

_DAY: Final = timedelta(days=1)


def listed_periods(company: str, rows: Iterable[Sequence[Any]]) -> tuple[FiscalPeriod, ...]:
    """The periods of ``rows`` (PERIOD_COLUMNS), ascending; those before the last gap in time are left out.

    Raises OverlappingYears for two that share a day, UnsupportedCalendar for a year of more than twelve, and
    for years whose numbers do not run on.
    """
    found = sorted(
        (_day(start), _day(end), int(year), str(period).strip()) for year, period, start, end in rows
    )
    for (_, end, year, name), (start, _, later, after) in pairwise(found):
        if start <= end:
            raise OverlappingYears(company, f"period {name} of {year}", f"period {after} of {later}")
    periods = [FiscalPeriod(year=year, start=start, end=end) for start, end, year, _ in found]
    for place in range(len(periods) - 1, 0, -1):
        if periods[place].start != periods[place - 1].end + _DAY:
            periods = periods[place:]
            break
    _require_order(company, periods)
    return tuple(periods)


def year_end(periods: Sequence[FiscalPeriod]) -> tuple[int, int]:
    """Month and day that the last year of ``periods`` ends on; day 31 for the end of a month."""
    last = periods[-1].end
    return last.month, 31 if (last + _DAY).day == 1 else last.day


def is_plain(periods: Sequence[FiscalPeriod]) -> bool:
    """Whether a rule says the same as ``periods``: years of twelve months that end on one day, named after
    the year in which they end."""
    rule = FiscalCalendar(*year_end(periods))
    return all(
        [(month.start, month.end) for month in months]
        == [(month.start, month.end) for month in rule.months(year)]
        for year, months in _by_year(periods)
    )


def _require_order(company: str, periods: Sequence[FiscalPeriod]) -> None:
    years = _by_year(periods)
    for (year, _), (later, _) in pairwise(years):
        if later != year + 1:
            raise UnsupportedCalendar(company, f"fiscal year {year} is followed by {later}")
    for year, months in years:
        if len(months) > MOST_PERIODS:
            raise UnsupportedCalendar(
                company, f"fiscal year {year} has {len(months)} periods; at most {MOST_PERIODS} can be shown"
            )


def _by_year(periods: Sequence[FiscalPeriod]) -> list[tuple[int, list[FiscalPeriod]]]:
    return [(year, list(months)) for year, months in groupby(periods, lambda period: period.year)]


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
