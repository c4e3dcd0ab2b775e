"""Fiscal calendars and the periods that reports are cut into."""

from __future__ import annotations

import calendar as gregorian
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final, Protocol

FIRST_YEAR: Final = 100
LAST_YEAR: Final = 9900
"""Fiscal years to reckon with: what Python can name, with room on both sides for comparisons."""


class Granularity(StrEnum):
    """How finely a statement is cut."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many fiscal months one period of this kind spans."""
        return {"month": 1, "quarter": 3, "year": 12}[self.value]


@dataclass(frozen=True, order=True)
class Period:
    """A span of fiscal months, both ends inclusive. ``label`` is its name on reports and command lines."""

    start: date
    end: date
    label: str
    year: int
    first_month: int
    last_month: int


class Calendar(Protocol):
    """Which fiscal year and month a day belongs to. A year has at most twelve fiscal months."""

    def end_of(self, year: int) -> date:
        """The last day of fiscal year ``year``."""

    def start_of(self, year: int) -> date:
        """The first day of fiscal year ``year``."""

    def year_of(self, day: date) -> int:
        """The fiscal year that holds ``day``."""

    def month_of(self, day: date) -> int:
        """The fiscal month, from 1, that holds ``day``."""

    def months(self, year: int) -> list[Period]:
        """The fiscal months of ``year``."""

    def periods(self, year: int, granularity: Granularity) -> list[Period]:
        """The months, quarters or the one year of fiscal year ``year``, in order."""


@dataclass(frozen=True)
class FiscalCalendar:
    """A fiscal year that ends each year on the same day; it is named after the year in which it ends.

    ``end_day`` beyond the month's length means its last day, so (2, 31) ends on 28 or 29 February.
    """

    end_month: int = 12
    end_day: int = 31

    def end_of(self, year: int) -> date:
        """The last day of fiscal year ``year``."""
        return self._month_end(year, self.end_month)

    def start_of(self, year: int) -> date:
        """The first day of fiscal year ``year``."""
        return self.end_of(year - 1) + timedelta(days=1)

    def year_of(self, day: date) -> int:
        """The fiscal year that holds ``day``."""
        return day.year if day <= self.end_of(day.year) else day.year + 1

    def month_of(self, day: date) -> int:
        """The fiscal month, 1 to 12, that holds ``day``."""
        year = self.year_of(day)
        return next(month for month in range(1, 13) if day <= self._fiscal_month_end(year, month))

    def months(self, year: int) -> list[Period]:
        """The twelve fiscal months of ``year``."""
        return list(self._cut(year, Granularity.MONTH))

    def periods(self, year: int, granularity: Granularity) -> list[Period]:
        """The months, quarters or the one year of fiscal year ``year``, in order."""
        return list(self._cut(year, granularity))

    def _cut(self, year: int, granularity: Granularity) -> Iterator[Period]:
        step = granularity.months
        for first in range(1, 13, step):
            last = first + step - 1
            start = (
                self.start_of(year)
                if first == 1
                else self._fiscal_month_end(year, first - 1) + timedelta(days=1)
            )
            end = self._fiscal_month_end(year, last)
            yield Period(start, end, self._label(year, granularity, first, end), year, first, last)

    def _label(self, year: int, granularity: Granularity, first: int, end: date) -> str:
        if granularity is Granularity.YEAR:
            return str(year)
        if granularity is Granularity.QUARTER:
            return f"{year}-Q{(first + 2) // 3}"
        return f"{end:%Y-%m}" if self._ends_with_month else f"{year}-P{first:02d}"

    @cached_property
    def _ends_with_month(self) -> bool:
        return self.end_day >= gregorian.monthrange(2024, self.end_month)[1] - (self.end_month == 2)

    def _fiscal_month_end(self, year: int, month: int) -> date:
        shifted = self.end_month - 12 + month
        return self._month_end(year if shifted > 0 else year - 1, shifted if shifted > 0 else shifted + 12)

    def _month_end(self, year: int, month: int) -> date:
        last = gregorian.monthrange(year, month)[1]
        return date(year, month, last if self._ends_with_month else min(self.end_day, last))


@dataclass(frozen=True)
class ListedYear:
    """A fiscal year as its source lists it: the name, the first day, and the last day of each month."""

    year: int
    start: date
    ends: tuple[date, ...]

    @property
    def end(self) -> date:
        """The last day."""
        return self.ends[-1]


@dataclass(frozen=True)
class ListedCalendar:
    """Fiscal years one by one, ascending: short ones, ones of 4-4-5 weeks, ones named after their first day.

    Days before the first and after the last belong to years of twelve months by ``rule``, named so that the
    numbers run on.
    """

    listed: tuple[ListedYear, ...]
    rule: FiscalCalendar

    @cached_property
    def by_year(self) -> dict[int, ListedYear]:
        """The listed years by name."""
        return {year.year: year for year in self.listed}

    @cached_property
    def ahead(self) -> int:
        """How far the names of years after the last one listed are ahead of the rule's."""
        last = self.listed[-1]
        return last.year - self.rule.year_of(last.end)

    @cached_property
    def before(self) -> int:
        """The same of years before the first one listed."""
        first = self.listed[0]
        return first.year - 1 - self.rule.year_of(first.start - timedelta(days=1))

    def end_of(self, year: int) -> date:
        """The last day of fiscal year ``year``."""
        if year in self.by_year:
            return self.by_year[year].end
        if year > self.listed[-1].year:
            return self.rule.end_of(year - self.ahead)
        following = self.by_year.get(year + 1)
        if following or year < self.listed[0].year:
            return following.start - timedelta(days=1) if following else self.rule.end_of(year - self.before)
        raise KeyError(year)

    def start_of(self, year: int) -> date:
        """The first day of fiscal year ``year``."""
        return self.by_year[year].start if year in self.by_year else self.end_of(year - 1) + timedelta(days=1)

    def year_of(self, day: date) -> int:
        """The fiscal year that holds ``day``. Raises KeyError for a day in a gap between listed years."""
        if day > self.listed[-1].end:
            return max(self.rule.year_of(day) + self.ahead, self.listed[-1].year + 1)
        if day < self.listed[0].start:
            return min(self.rule.year_of(day) + self.before, self.listed[0].year - 1)
        for year in self.listed:
            if year.start <= day <= year.end:
                return year.year
        raise KeyError(day)

    def month_of(self, day: date) -> int:
        """The fiscal month, from 1, that holds ``day``."""
        ends = [month.end for month in self.months(self.year_of(day))]
        return bisect_left(ends, day) + 1

    def months(self, year: int) -> list[Period]:
        """The fiscal months of ``year``."""
        return self.periods(year, Granularity.MONTH)

    def periods(self, year: int, granularity: Granularity) -> list[Period]:
        """The months, quarters or the one year of fiscal year ``year``, in order."""
        ends, step = self._ends(year), granularity.months
        found = []
        for first in range(1, len(ends) + 1, step):
            last = min(first + step - 1, len(ends))
            start = self.start_of(year) if first == 1 else ends[first - 2] + timedelta(days=1)
            label = self._label(year, granularity, first, ends[last - 1])
            found.append(Period(start, ends[last - 1], label, year, first, last))
        return found

    def _ends(self, year: int) -> Sequence[date]:
        if year in self.by_year:
            return self.by_year[year].ends
        start, end = self.start_of(year), self.end_of(year)
        months = [month.end for month in self.rule.months(self.rule.year_of(end))]
        return [*(month for month in months if start <= month < end), end]

    def _label(self, year: int, granularity: Granularity, first: int, end: date) -> str:
        if granularity is Granularity.YEAR:
            return str(year)
        if granularity is Granularity.QUARTER:
            return f"{year}-Q{(first + 2) // 3}"
        return f"{end:%Y-%m}" if self._by_month else f"{year}-P{first:02d}"

    @cached_property
    def _by_month(self) -> bool:
        """Whether every month ends as one of the year's does, so that it may go by its name."""
        return all((end + timedelta(days=1)).day == 1 for year in self.listed for end in year.ends)
