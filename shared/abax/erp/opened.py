"""A source that is open: whose books it holds, which years, and what tells one state from the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from abax.erp.connect import Database
from abax.erp.source import COMPANY_COLUMNS, Declaration, Query, YearSummary
from abax.errors import MalformedValue, UnknownCompany, UnknownYear
from abax.ledger.model import Company

FORMAT: Final = 1
"""Raise this when extraction writes something else for the same books: it is part of every watermark."""


@dataclass(frozen=True)
class Source:
    """One ERP database, open for reading; it shows the books as they were at one moment.

    Made by ``open_source``. On a server all reads share one transaction.
    """

    database: Database
    books: Declaration

    @property
    def erp(self) -> str:
        """Kind of ERP, such as ``odoo``."""
        return self.books.erp

    @property
    def version(self) -> str:
        """Its major version, as found out from the tables."""
        return self.books.version

    @property
    def source_id(self) -> str:
        """The database for object keys, without credentials."""
        return self.database.source_id

    @property
    def label(self) -> str:
        """The database for people, without credentials."""
        return self.database.label

    def companies(self) -> list[Company]:
        """All companies of the source."""
        rows = self.database.rows(self.books.companies())
        return [Company(**self._company(dict(zip(COMPANY_COLUMNS, row, strict=True)))) for row in rows]

    def company(self, name_or_id: str) -> Company:
        """The company of that id or name, in any letter case if only one fits. Raises UnknownCompany."""
        known = self.companies()
        matches = (
            [c for c in known if c.company_id == name_or_id]
            or [c for c in known if c.name == name_or_id]
            or [c for c in known if c.name.casefold() == name_or_id.strip().casefold()]
        )
        if len(matches) != 1:
            raise UnknownCompany(name_or_id, [f"{c.name} (id {c.company_id})" for c in known])
        return matches[0]

    def years(self, company: Company) -> list[YearSummary]:
        """Fiscal years with postings, ascending. Raises MalformedValue for a posted line without a date."""
        found = self._posted_years(company)
        return self._summaries(company, found) if found else []

    def year(self, company: Company, year: int) -> YearSummary:
        """One fiscal year. Raises UnknownYear where it has no postings, MalformedValue as ``years``."""
        known = self.years(company)
        for summary in known:
            if summary.year == year:
                return summary
        raise UnknownYear(company.name, year, [summary.year for summary in known])

    def master_watermark(self, company: Company, mapping: Mapping[str, str]) -> str:
        """Changes whenever an account, a partner or a rate does, or the mapping."""
        marks = [self.database.rows(query) for query in self.books.master_marks(company)]
        return _hash(self._identity(company), dict(mapping), marks)

    def _posted_years(self, company: Company) -> list[int]:
        [(first, last, undated)] = self.database.rows(self.books.posting_span(company))
        if undated is not None:
            raise MalformedValue(self.label, f"journal line {undated} is posted without a date")
        if first is None:
            return []
        years = [company.calendar.year_of(self._day(day)) for day in (first, last)]
        return list(range(years[0], years[1] + 1))

    def _summaries(self, company: Company, years: Sequence[int]) -> list[YearSummary]:
        calendar, books = company.calendar, self.books
        lines = self._by_year(books.line_marks(company, calendar, years))
        settlements = self._by_year(books.settlement_marks(company, calendar, years))
        if None in lines:
            raise MalformedValue(self.label, f"posting date of journal line {lines[None][1]}")
        return [
            YearSummary(
                year=year,
                lines=lines[year][0],
                watermark=_hash(self._identity(company), year, lines[year], settlements.get(year)),
            )
            for year in years
            if year in lines
        ]

    def _by_year(self, marks: Query) -> dict[int | None, Sequence[Any]]:
        return {year if year is None else int(year): rest for year, *rest in self.database.rows(marks)}

    def _identity(self, company: Company) -> list[object]:
        """What extraction depends on besides the rows."""
        return [FORMAT, self.erp, self.version, company.model_dump(mode="json")]

    def _company(self, row: dict[str, Any]) -> dict[str, Any]:
        month, day = int(row["fiscal_year_end_month"]), int(row["fiscal_year_end_day"])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise MalformedValue(self.label, f"fiscal year end {month}/{day} of company {row['name']}")
        return {
            **row,
            "company_id": str(row["company_id"]),
            "fiscal_year_end_month": month,
            "fiscal_year_end_day": day,
        }

    def _day(self, value: Any) -> date:
        """A date as the driver gives it: SQLite has them as text."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            raise MalformedValue(self.label, f"posting date {value!r}") from None


def _hash(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
