"""Fiscal calendars and the periods that reports are cut into."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

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
