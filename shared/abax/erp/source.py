"""What an ERP module declares about its books: which columns mean what. Nothing here says how they are read.

A declaration gives SQLAlchemy Core selects whose columns carry the canonical names, in the order of
``abax.ledger.model.TABLES``; ``extract`` runs them the same way for every ERP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Select, case

from abax.dates import FiscalCalendar
from abax.ledger.model import TABLES, Company, Frozen, StatementClass

Query = Select[Any]

DERIVED: Final[dict[str, tuple[str, ...]]] = {
    "accounts": ("statement_class",),
    "journal_lines": ("fiscal_year", "fiscal_month", "amount"),
}
"""Canonical columns that no source gives: extraction works them out of the others."""

COMPANY_COLUMNS: Final = ("company_id", "name", "currency", "fiscal_year_end_month", "fiscal_year_end_day")
RATE_COLUMNS: Final = ("currency", "rate_date", "functional_units", "foreign_units")
"""So many functional units equal so many foreign ones: sources quote either way round, and by the hundred."""


def source_columns(table: str) -> tuple[str, ...]:
    """The canonical columns of ``table`` that a source must give, in order."""
    if table == "fx_rates":
        return RATE_COLUMNS
    return tuple(column for column in TABLES[table] if column not in DERIVED.get(table, ()))


class YearSummary(Frozen):
    """A fiscal year with postings, as the source stands now."""

    year: int
    lines: int
    watermark: str
    """Changes whenever a line or a settlement of the year does."""


@dataclass(frozen=True)
class Schema:
    """Tables and their columns, as far as they were asked for and are there."""

    tables: Mapping[str, frozenset[str]]

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there, with all of ``columns``."""
        return table in self.tables and self.tables[table].issuperset(columns)

    def missing(self, wanted: Mapping[str, Iterable[str]]) -> list[str]:
        """What of ``wanted`` is not there: whole tables, or columns of tables that are."""
        lacking = []
        for table, columns in wanted.items():
            if table not in self.tables:
                lacking.append(f"table {table}")
            else:
                lacking += [f"column {table}.{c}" for c in columns if c not in self.tables[table]]
        return lacking


@dataclass(frozen=True)
class Verdict:
    """Which version of an ERP a schema looks like, and what it lacks of it."""

    version: str
    missing: Sequence[str]
    likeness: float
    """Share of what the version needs that is there: 0 is another database altogether."""


class Declaration(Protocol):
    """One ERP's books. Company ids are those that ``companies`` gives."""

    erp: str
    version: str
    classes: Mapping[str, StatementClass]
    """Statement class of each ``source_type``; a type not listed has none."""

    def companies(self) -> Query:
        """COMPANY_COLUMNS, one row per company."""

    def accounts(self, company: Company) -> Query:
        """The company's chart: ``source_columns("accounts")``."""

    def partners(self, company: Company) -> Query:
        """Every partner on a posted line: ``source_columns("partners")``."""

    def rates(self, company: Company) -> Query:
        """RATE_COLUMNS, at most one row per currency and day."""

    def journal_lines(self, company: Company, start: date, end: date) -> Query:
        """The lines posted from ``start`` to ``end``: ``source_columns("journal_lines")``."""

    def settlements(self, company: Company, start: date, end: date) -> Query:
        """The matchings that took effect from ``start`` to ``end``: ``source_columns("settlements")``."""

    def posting_span(self, company: Company) -> Query:
        """One row: first and last posting date, and the key of some posted line without a date or null."""

    def line_marks(self, company: Company, calendar: FiscalCalendar, years: Sequence[int]) -> Query:
        """By fiscal year: the year, how many lines, the last line's key, and sums that change when any line
        does. A year that is none of ``years`` is null."""

    def settlement_marks(self, company: Company, calendar: FiscalCalendar, years: Sequence[int]) -> Query:
        """By fiscal year: the year, and sums that change when any settlement does."""

    def master_marks(self, company: Company) -> Sequence[Query]:
        """Rows that change when an account, a partner or a rate does."""


class ErpModule(Protocol):
    """What the registry keeps of each ERP."""

    erp: str
    tables: Sequence[str]
    """Every table that any version of it needs."""

    def probe(self, schema: Schema) -> Verdict:
        """Which version ``schema`` looks like most."""

    def declare(self, schema: Schema, version: str) -> Declaration:
        """The declaration for a schema that lacks nothing of ``version``."""


def fiscal_year(
    day: ColumnElement[Any], calendar: FiscalCalendar, years: Sequence[int]
) -> ColumnElement[Any]:
    """SQL for the fiscal year of ``day``; null where it is none of ``years``."""
    return case(*[(day.between(calendar.start_of(year), calendar.end_of(year)), year) for year in years])
