"""Fiscal-year variants: which days each period has.

T009B has the last day of every period, of all years alike or year by year, and how far the fiscal year's
number is from the calendar year's. On older databases it lies in a pool and cannot be read; then the
documents tell, for each has its day, its period and its fiscal year.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import func, select

from abax.erp.dialects import DateOf, DatePart
from abax.erp.sap.reader import Reader, dated, headers
from abax.errors import UnsupportedCalendar
from abax.ledger.model import Company

_TABLES: Final = {
    "T009": ("MANDT", "PERIV", "XKALE"),
    "T009B": ("MANDT", "PERIV", "BDATJ", "BUMON", "BUTAG", "POPER", "RELJR"),
}
_MONTHS: Final = range(1, 13)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class PeriodEnd:
    """The last day of a period: in ``year``, or in every year where that is nil. ``shift`` leads from the
    calendar year to the fiscal one."""

    year: int
    month: int
    day: int
    period: int
    shift: int


Periods = list[tuple[int, int, date, date]]
"""Fiscal year, period, first and last day."""

CALENDAR_YEAR: Final = tuple(PeriodEnd(0, month, 31, month, 0) for month in _MONTHS)


def periods_of(ends: Sequence[PeriodEnd], first: int, last: int) -> Periods:
    """The periods of fiscal years ``first`` to ``last``, in order."""
    by_key: dict[tuple[int, int], date] = {}
    for end in ends:
        for year in [end.year] if end.year else range(first - 2, last + 3):
            key = (year + end.shift, end.period)
            by_key[key] = max(by_key.get(key, date.min), _day(year, end.month, end.day))
    dated_ends = sorted((day, *key) for key, day in by_key.items())
    if not dated_ends:
        return []
    before = _begun(dated_ends)
    found = [
        (year, period, start + _DAY, end)
        for (start, *_), (end, year, period) in pairwise([before, *dated_ends])
    ]
    return [row for row in found if first <= row[0] <= last]


def year_end_of(ends: Sequence[PeriodEnd]) -> tuple[int, int]:
    """Month and day that fiscal years end on."""
    last = max(ends, key=lambda end: (end.period, end.year, end.month))
    return last.month, 31 if last.day >= calendar.monthrange(2023, last.month)[1] else last.day


class Variants:
    """The variants of a client."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known = self._listed() if self.readable else {}

    @property
    def readable(self) -> bool:
        """Whether the tables of variants are there."""
        return all(self._reader.has(name, *columns) for name, columns in _TABLES.items())

    @property
    def year_ends(self) -> dict[str, tuple[int, int]]:
        """Month and day by variant, of those whose years do not all end with December."""
        found = {name: year_end_of(ends) for name, ends in self._known.items()}
        return {name: end for name, end in found.items() if end != (12, 31)}

    def periods(self, company: Company) -> Periods | None:
        """The periods of all years that have documents; None where fiscal years are calendar years. Raises
        UnsupportedCalendar."""
        header = headers(self._reader.schema, self._reader.table)
        mine = (self._reader.of(company, header), header.c.GJAHR > "1900")
        found = self._reader.rows(select(func.min(header.c.GJAHR), func.max(header.c.GJAHR)).where(*mine))
        if not found or found[0][0] is None:
            return None
        ends = self._ends(company)
        first, last = (int(year) for year in found[0])
        return None if ends == CALENDAR_YEAR else periods_of(ends, first, last)

    def _ends(self, company: Company) -> Sequence[PeriodEnd]:
        variant = self._variant(company)
        return self._known.get(variant) or self._learned(company, variant)

    def _variant(self, company: Company) -> str:
        """That of the ledger in the company code where it has one of its own, else the company code's."""
        reader = self._reader
        code = reader.table("T001")
        found = reader.rows(select(code.c.PERIV).where(reader.of(company, code)))
        if reader.has("FINSC_LD_CMP", "MANDT", "RLDNR", "BUKRS", "PERIV"):
            own = reader.table("FINSC_LD_CMP")
            mine = (reader.of(company, own), reader.ledger == own.c.RLDNR)
            own_variants = reader.rows(select(own.c.PERIV).where(*mine))
            found = [row for row in own_variants if (row[0] or "").strip()] or found
        return str(found[0][0] or "").strip() if found else ""

    def _listed(self) -> dict[str, Sequence[PeriodEnd]]:
        kind, end = self._reader.table("T009"), self._reader.table("T009B")
        columns = (end.c.PERIV, end.c.BDATJ, end.c.BUMON, end.c.BUTAG, end.c.POPER, end.c.RELJR)
        found: dict[str, list[PeriodEnd]] = {}
        for variant, *numbers in self._reader.rows(select(*columns).where(self._reader.mine(end))):
            found.setdefault(variant.strip(), []).append(PeriodEnd(*[_number(part) for part in numbers]))
        known: dict[str, Sequence[PeriodEnd]] = dict(found)
        for variant, by_calendar in self._reader.rows(
            select(kind.c.PERIV, kind.c.XKALE).where(self._reader.mine(kind))
        ):
            if (by_calendar or "").strip():
                known[variant.strip()] = CALENDAR_YEAR
        return known

    def _learned(self, company: Company, variant: str) -> Sequence[PeriodEnd]:
        """What the documents say: which month of a calendar year is which period of which fiscal year."""
        header = headers(self._reader.schema, self._reader.table)
        day = DateOf(header.c.BUDAT)
        columns = (DatePart("month", day), header.c.MONAT, DatePart("year", day), header.c.GJAHR)
        rows = self._reader.rows(
            select(*columns)
            .where(
                self._reader.of(company, header),
                header.c.MONAT.between("01", "12"),
                dated(header.c.BUDAT).is_not(None),
            )
            .distinct()
        )
        return _by_month(company, variant, [tuple(int(part) for part in row) for row in rows])


def _by_month(company: Company, variant: str, rows: Iterable[Sequence[int]]) -> Sequence[PeriodEnd]:
    """From (month, period, calendar year, fiscal year) of documents. Raises UnsupportedCalendar."""
    known = list(rows)
    firsts = {(month - period) % 12 + 1 for month, period, _, _ in known}
    named = {
        year - calendar_year + (month < first) for month, _, calendar_year, year in known for first in firsts
    }
    if len(firsts) > 1 or len(named) > 1:
        raise UnsupportedCalendar(
            company.name, f"its periods are not months, and T009B could not be read of variant {variant!r}"
        )
    first, ahead = next(iter(firsts), 1), next(iter(named), 0)
    if first == 1 and not ahead:
        return CALENDAR_YEAR
    return tuple(
        PeriodEnd(0, month, 31, (month - first) % 12 + 1, ahead - (month < first)) for month in _MONTHS
    )


def _begun(ends: Sequence[tuple[date, int, int]]) -> tuple[date, int, int]:
    """The day before the first of all periods, which nothing tells: a year before that year ends."""
    _, year, _ = ends[0]
    last = max(day for day, of, _ in ends if of == year)
    return min(_day(last.year - 1, last.month, last.day), ends[0][0] - _DAY), year, 0


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _number(part: Any) -> int:
    text = str(part or "").strip()
    return int(text) if text else 0
