"""A source that is open: whose books it holds, which years, and what tells one state from the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, NoReturn

from sqlalchemy import select

from abax.dates import Calendar
from abax.erp.calendars import is_plain, listed_periods, year_end
from abax.erp.connect import Database
from abax.erp.source import (
    COMPANY_COLUMNS,
    Declaration,
    Query,
    YearSummary,
    completed,
    counts_by_year,
    days_of,
    in_no_year,
    marks,
    marks_by_month,
    marks_by_year,
)
from abax.errors import MalformedValue, NoCurrency, UnknownCompany, UnknownYear
from abax.ledger.mapping import Classes
from abax.ledger.model import Company
from abax.ledger.suggest import ChartAccount, suggested

FORMAT: Final = 7
"""Raise this when extraction writes something else for the same books: it is part of every watermark."""

SPLIT_LINES: Final = 500_000
"""A fiscal year of more lines is read month by month: a late posting then costs one month to read again."""


class _Dated(NamedTuple):
    """A table whose rows belong to fiscal years."""

    rows: str
    """The declaration's method that gives them."""
    between: str
    """The one that gives them from one day to another."""
    key: str
    day: str
    what: str
    of: str


_YEARLY: Final = (
    _Dated("posted_lines", "journal_lines", "line_id", "posting_date", "posting date", "journal line"),
    _Dated(
        "all_settlements", "settlements", "debit_line_id", "settled_on", "date", "settlement of journal line"
    ),
    _Dated("all_items", "items", "item_id", "posting_date", "posting date", "item"),
    _Dated("all_item_settlements", "item_settlements", "item_id", "settled_on", "date", "settlement of item"),
    _Dated(
        "all_references",
        "entry_references",
        "entry_id",
        "posting_date",
        "posting date",
        "reference of journal entry",
    ),
)
"""The first are the lines, which decide which years there are."""


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
        """All companies of the source, by the day on which their years end. Raises MalformedValue."""
        rows = self.database.rows(self.books.companies())
        return [Company(**self._company(dict(zip(COMPANY_COLUMNS, row, strict=True)))) for row in rows]

    def company(self, name_or_id: str) -> Company:
        """The company of that id or name, in any letter case if only one fits, with its fiscal calendar.
        Raises UnknownCompany, NoCurrency, OverlappingYears, UnsupportedCalendar."""
        found = self._named(name_or_id)
        if not found.currency:
            raise NoCurrency(self.label, found.name)
        query = self.books.periods(found)
        periods = listed_periods(found.name, self.database.rows(query)) if query is not None else ()
        if not periods:
            return found
        month, day = year_end(periods)
        kept = () if is_plain(periods) else periods
        return found.model_copy(
            update={"fiscal_year_end_month": month, "fiscal_year_end_day": day, "periods": kept}
        )

    def _named(self, name_or_id: str) -> Company:
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
        found = self._marks(company, _YEARLY[0])
        others = [self._marks(company, dated) for dated in _YEARLY[1:]]
        return [
            self._summary(company, year, None, [mark, *[other.get(year) for other in others]])
            for year, mark in sorted(found.items())
        ]

    def posted_years(self, company: Company) -> list[int]:
        """Which fiscal years there are, ascending, without a look at what is in them. Raises as ``years``."""
        return sorted(self._by_year(company, _YEARLY[0], counts_by_year))

    def year(self, company: Company, year: int) -> YearSummary:
        """One fiscal year. Raises UnknownYear where it has no postings, MalformedValue as ``years``."""
        known = self.years(company)
        for summary in known:
            if summary.year == year:
                return summary
        raise UnknownYear(company.name, year, [summary.year for summary in known])

    def parts(self, company: Company, split: Collection[int] | None = None) -> list[YearSummary]:
        """Fiscal years with postings, ascending, the years of ``split`` by month; left open, those of more
        than SPLIT_LINES lines. Raises MalformedValue as ``years``."""
        lines = self._by_year(company, _YEARLY[0], counts_by_year)
        if split is None:
            split = [year for year, (count,) in lines.items() if count > SPLIT_LINES]
        if not split:
            return self.years(company)
        parts = [
            self._months(company, year) if year in split else [self.part(company, year)]
            for year in sorted(lines)
        ]
        return [part for year in parts for part in year if part is not None]

    def part(self, company: Company, year: int, period: int | None = None) -> YearSummary | None:
        """A fiscal year, or a fiscal month of it, looked at by itself; None where nothing is posted in it."""
        span = days_of(company.calendar, year, period)
        found = []
        for dated in _YEARLY:
            rows: Query | None = getattr(self.books, dated.between)(company, *span)
            [mark] = self.database.rows(marks(rows)) if rows is not None else [(0,)]
            found.append(list(mark) if mark[0] else None)
        known = found[0] if period is None else any(found)
        return self._summary(company, year, period, found) if known else None

    def _months(self, company: Company, year: int) -> list[YearSummary]:
        """The fiscal months of ``year`` in which anything is."""
        months = company.calendar.months(year)
        found: list[dict[int, Sequence[Any]]] = []
        for dated in _YEARLY:
            rows: Query | None = getattr(self.books, dated.between)(company, months[0].start, months[-1].end)
            marked = self.database.rows(marks_by_month(rows, dated.day, months)) if rows is not None else []
            found.append({int(month): mark for month, *mark in marked})
        return [
            self._summary(company, year, month, [marked.get(month) for marked in found])
            for month in sorted(set().union(*found))
        ]

    def _summary(
        self, company: Company, year: int, period: int | None, found: Sequence[Sequence[Any] | None]
    ) -> YearSummary:
        lines, *others = found
        identity = self._identity(company, year)
        part = year if period is None else [year, period]
        return YearSummary(
            year=year,
            period=period,
            lines=lines[0] if lines else 0,
            watermark=_hash(identity, part, lines, others),
        )

    def master_watermark(self, company: Company, mapping: Mapping[str, str]) -> str:
        """Changes whenever an account, a partner or a rate does, or the mapping."""
        found = [self.database.rows(marks(rows)) for rows in self.master(company).values()]
        return _hash(self._identity(company), dict(mapping), found)

    def master(self, company: Company) -> dict[str, Query]:
        """The master tables that the source keeps."""
        books = self.books
        tables = {
            "accounts": books.accounts(company),
            "partners": completed("partners", books.partners(company)),
            "fx_rates": books.rates(company),
            "addresses": books.addresses(company),
            "dimensions": books.dimensions(company),
            "balances": books.balances(company),
        }
        return {table: query for table, query in tables.items() if query is not None}

    def currencies(self, company: Company) -> set[str]:
        """The company's own currency, and those that the source has rates of."""
        rates = self.books.rates(company).subquery("found")
        found = self.database.rows(select(rates.c["currency"]).distinct())
        return {company.currency, *(str(code).strip() for (code,) in found if code)}

    def chart(self, company: Company, mapping: Mapping[str, str]) -> list[ChartAccount]:
        """The company's accounts by code, each with its class or with what one looks like. Raises
        InvalidMapping, AmbiguousMapping."""
        classes, by_type = Classes(mapping), self.books.classes
        found = []
        for row in self.database.rows(self.books.accounts(company)):
            _, code, name, kind = (None if value is None else str(value) for value in row[:4])
            given = classes.of(code or "", kind) or by_type.get(kind or "")
            looks = None if given else suggested(name or "", kind)
            found.append(
                ChartAccount(
                    code=code or "",
                    name=name or "",
                    source_type=kind,
                    statement_class=given,
                    suggestion=looks and looks[0],
                    why=looks[1] if looks else "",
                )
            )
        return sorted(found, key=lambda account: account.code)

    def _marks(self, company: Company, dated: _Dated) -> dict[int, Sequence[Any]]:
        """Marks of a table's rows by fiscal year; none where the source keeps no such table."""
        return self._by_year(company, dated, marks_by_year)

    def _by_year(
        self, company: Company, dated: _Dated, ask: Callable[[Query, str, Calendar], Query]
    ) -> dict[int, Sequence[Any]]:
        rows: Query | None = getattr(self.books, dated.rows)(company)
        if rows is None:
            return {}
        found = self.database.rows(ask(rows, dated.day, company.calendar))
        if any(year is None for year, *_ in found):
            self._refuse(in_no_year(rows, dated.key, dated.day, company.calendar), dated)
        return {int(year): rest for year, *rest in found}

    def _refuse(self, odd: Query, dated: _Dated) -> NoReturn:
        """Raise MalformedValue for the row that ``odd`` finds."""
        [(key, day)] = self.database.rows(odd)
        if day is None:
            raise MalformedValue(self.label, f"{dated.of} {key} is posted without a date")
        raise MalformedValue(self.label, f"{dated.what} {day} of {dated.of} {key}")

    def _identity(self, company: Company, year: int | None = None) -> list[object]:
        """What extraction depends on besides the rows: of the calendar, the periods of ``year``."""
        periods = [period.model_dump(mode="json") for period in company.periods if period.year == year]
        plain = company.model_dump(mode="json", exclude={"periods"})
        return [FORMAT, self.erp, self.version, dict(self.books.settings), plain, periods]

    def _company(self, row: dict[str, Any]) -> dict[str, Any]:
        month, day = int(row["fiscal_year_end_month"]), int(row["fiscal_year_end_day"])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise MalformedValue(self.label, f"fiscal year end {month}/{day} of company {row['name']}")
        return {
            **row,
            "company_id": str(row["company_id"]),
            "currency": str(row["currency"] or "").strip(),
            "fiscal_year_end_month": month,
            "fiscal_year_end_day": day,
        }


def _hash(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
