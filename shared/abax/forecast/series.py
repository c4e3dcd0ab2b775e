"""Monthly series out of a close: the income statement's lines and cash, complete months only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from abax.dates import Calendar, Granularity, Period
from abax.errors import UnknownFigure
from abax.ledger.model import ClosePackage, LineKind, Statement, StatementLine

CASH = "cash"


@dataclass(frozen=True)
class Series:
    """One line's monthly values, oldest first."""

    line: str
    label: str
    values: tuple[float, ...]
    parts: tuple[str, ...] = ()
    """The lines that it is the sum of; none for a line that stands for itself."""


@dataclass(frozen=True)
class History:
    """The complete months of a close."""

    series: list[Series]
    end: date
    """Last day of the last complete month."""
    left_out: str = ""
    """Label of an unfinished last month."""
    places: tuple[int, ...] = ()
    """Which columns of the close's monthly statements it is."""
    known: tuple[Period, ...] = ()
    """The fiscal months, parallel to ``places``."""

    @property
    def months(self) -> int:
        """How many months there are."""
        return max((len(series.values) for series in self.series), default=0)


def monthly_history(package: ClosePackage) -> History:
    """Income statement and cash by month, from the first month with any posting to the last complete one."""
    result = package.statement("income_statement", Granularity.MONTH)
    position = package.statement("balance_sheet", Granularity.MONTH)
    calendar = package.company.calendar
    periods = [_period(calendar, column.fiscal_year, column.label) for column in result.periods]
    ends = [period.end for period in periods]
    complete = [place for place, end in enumerate(ends) if end <= package.as_of]
    cash = [row for row in position.lines if row.line == CASH]
    first = _first_posting([*result.lines, *cash], complete)
    kept = [place for place in complete if place >= first]
    series = [_series(row, kept, components(result, row)) for row in result.lines]
    series += [_series(row, kept, ()) for row in cash]
    unfinished = [
        column.label for column, end in zip(result.periods, ends, strict=True) if end > package.as_of
    ]
    end = max((ends[place] for place in complete), default=_day_before_first(package))
    return History(
        series,
        end,
        unfinished[0] if unfinished else "",
        tuple(kept),
        tuple(periods[place] for place in kept),
    )


def components(statement: Statement, row: StatementLine) -> tuple[str, ...]:
    """The figures that a subtotal sums: all above it, or those since the subtotal before it, whichever adds
    up in every period. Empty for figures, and for a subtotal that neither explains."""
    if row.kind is LineKind.FIGURE:
        return ()
    above = statement.lines[: statement.lines.index(row)]
    figures = [line for line in above if line.kind is LineKind.FIGURE]
    section = next((list(group) for figure, group in groupby(reversed(above), _is_figure) if figure), [])
    for candidate in (figures, section[::-1]):
        if candidate and _adds_up(candidate, row):
            return tuple(line.line for line in candidate)
    return ()


def trimmed(values: tuple[float, ...]) -> tuple[float, ...]:
    """The history of a line from its first posting on. Zeros before it stay only as far as the line has gaps
    that long later on: a tax booked once a year has them, a line that is new has not."""
    leading = next((place for place, value in enumerate(values) if value), 0)
    gaps = [len(list(group)) for zero, group in groupby(values[leading:], lambda value: value == 0) if zero]
    return values[max(0, leading - max(gaps, default=0)) :]


def months_after(calendar: Calendar, end: date, count: int) -> list[Period]:
    """The ``count`` fiscal months that follow ``end``."""
    ahead = _months_from(calendar, calendar.year_of(end))
    following = (month for month in ahead if month.start > end)
    return [next(following) for _ in range(count)]


def _months_from(calendar: Calendar, year: int) -> Iterator[Period]:
    while True:
        yield from calendar.months(year)
        year += 1


def _period(calendar: Calendar, year: int, label: str) -> Period:
    """The whole month, which a statement cuts short at the day that it reaches."""
    for month in calendar.months(year):
        if month.label == label:
            return month
    raise UnknownFigure("month", label, [month.label for month in calendar.months(year)])


def _day_before_first(package: ClosePackage) -> date:
    months = months_before(package.company.calendar, package.as_of)
    return next(month.end for month in months if month.end <= package.as_of)


def months_before(calendar: Calendar, day: date) -> list[Period]:
    """The fiscal months around ``day``, newest first: two years of them."""
    year = calendar.year_of(day)
    return [*reversed(calendar.months(year)), *reversed(calendar.months(year - 1))]


def _first_posting(rows: list[StatementLine], places: list[int]) -> int:
    return next((place for place in places if any(row.values[place] for row in rows)), 0)


def _series(row: StatementLine, places: list[int], parts: tuple[str, ...]) -> Series:
    return Series(row.line, row.label, tuple(float(row.values[place]) for place in places), parts)


def _is_figure(row: StatementLine) -> bool:
    return row.kind is LineKind.FIGURE


def _adds_up(parts: list[StatementLine], row: StatementLine) -> bool:
    sums = (sum(values, Decimal(0)) for values in zip(*(part.values for part in parts), strict=True))
    return all(total == value for total, value in zip(sums, row.values, strict=True))
