"""Fiscal periods as a source lists them, made into a calendar that statements can be cut by."""

from __future__ import annotations

from calendar import monthrange
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
    """The periods of ``rows`` (PERIOD_COLUMNS), ascending; those before the last gap in time are left out. A
    row without a period is a whole year, to be cut into months.

    Raises OverlappingYears for two that share a day, UnsupportedCalendar for a year of more than twelve, and
    for years whose numbers do not run on.
    """
    rows = list(rows)
    for year, period, *days in rows:
        if None in days:
            raise UnsupportedCalendar(
                company, f"{period or 'fiscal year'} of {year} has no first or last day"
            )
    found = sorted(
        (_day(start), _day(end), int(year), None if period is None else str(period).strip())
        for year, period, start, end in rows
    )
    for (start, end, year, name), (after, last, later, other) in pairwise(found):
        if after <= end:
            raise OverlappingYears(company, _named(name, year, start, end), _named(other, later, after, last))
    periods = [period for row in _numbered(found) for period in _cut(*row)]
    for place in range(len(periods) - 1, 0, -1):
        if periods[place].start != periods[place - 1].end + _DAY:
            periods = periods[place:]
            break
    _require_order(company, periods)
    return tuple(periods)


_Row = tuple[date, date, int, str | None]


def _named(period: str | None, year: int, start: date, end: date) -> str:
    what = f"fiscal year {year}" if period is None else f"period {period} of {year}"
    return f"{what} ({start} to {end})"


def _numbered(rows: Sequence[_Row]) -> list[_Row]:
    """Whole years go by the year in which they end; of two that end in one year, the earlier by the one
    before."""
    if any(period is not None for *_, period in rows):
        return list(rows)
    numbered: list[_Row] = []
    for start, end, year, period in reversed(rows):
        number = min(year, numbered[-1][2] - 1) if numbered else year
        numbered.append((start, end, number, period))
    return numbered[::-1]


def _cut(start: date, end: date, year: int, period: str | None) -> list[FiscalPeriod]:
    """A period as it is, a whole year as months counted from its first day."""
    if period is not None:
        return [FiscalPeriod(year=year, start=start, end=end)]
    months: list[FiscalPeriod] = []
    first = start
    while first <= end:
        following = _a_month_after(start, len(months) + 1)
        months.append(FiscalPeriod(year=year, start=first, end=min(following - _DAY, end)))
        first = following
    return months


def _a_month_after(start: date, months: int) -> date:
    """The day ``months`` months after ``start``, or the last of that month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


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
