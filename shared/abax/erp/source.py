"""What an ERP module declares about its books: which columns mean what. Nothing here says how they are read.

A declaration gives SQLAlchemy Core selects whose columns carry the canonical names, in the order of
``abax.ledger.model.TABLES``; ``extract`` runs them the same way for every ERP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from abax.dates import FIRST_YEAR, LAST_YEAR, FiscalCalendar
from abax.ledger.model import TABLES, Company, Frozen, StatementClass
from abax.money import STORED_DECIMALS

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

    def posted_lines(self, company: Company) -> Query:
        """The lines of all days: what ``journal_lines`` takes its span of."""

    def all_settlements(self, company: Company) -> Query:
        """The matchings of all days: what ``settlements`` takes its span of."""


class ErpModule(Protocol):
    """What the registry keeps of each ERP."""

    erp: str
    tables: Sequence[str]
    """Every table that any version of it needs."""

    def probe(self, schema: Schema) -> Verdict:
        """Which version ``schema`` looks like most."""

    def declare(self, schema: Schema, version: str) -> Declaration:
        """The declaration for a schema that lacks nothing of ``version``."""


# --- marks: what tells one state of the rows from the next ------------------------------------------------


def marks_by_year(rows: Query, day: str, calendar: FiscalCalendar) -> Query:
    """By fiscal year: the year, how many of ``rows``, and their digest. No year, for a ``day`` that is in
    none, is null."""
    found = rows.subquery("rows")
    year = _fiscal_year(found.c[day], calendar).label("fiscal_year")
    return _selected(year, func.count(), RowsDigest(*found.c)).group_by("fiscal_year")


def marks(rows: Query) -> Query:
    """One row: how many of ``rows``, and their digest."""
    found = rows.subquery("rows")
    return _selected(func.count(), RowsDigest(*found.c))


def _selected(*columns: ColumnElement[Any]) -> Query:
    return select(*columns)


def in_no_year(rows: Query, key: str, day: str, calendar: FiscalCalendar) -> Query:
    """Key and date of one of ``rows`` that is in no fiscal year."""
    found = rows.subquery("rows")
    odd = _fiscal_year(found.c[day], calendar).is_(None)
    return select(found.c[key], cast(found.c[day], String)).where(odd).order_by(found.c[key]).limit(1)


def _fiscal_year(day: ColumnElement[Any], calendar: FiscalCalendar) -> ColumnElement[Any]:
    """SQL for the fiscal year of ``day``; null for what is no date, and for years beyond reckoning."""
    # By the calendar's own words for some year that is no leap year: those ends are the same every year, but
    # for 29 February, after which comes March all the same.
    end = calendar.end_of(2023)
    last = 31 if (end + timedelta(days=1)).day == 1 else end.day
    known = and_(IsDate(day), day.between(calendar.start_of(FIRST_YEAR), calendar.end_of(LAST_YEAR)))
    later = case((DatePart("month", day) * 100 + DatePart("day", day) > end.month * 100 + last, 1), else_=0)
    return case((known, DatePart("year", day) + later))


class RowsDigest(FunctionElement[str]):
    """An aggregate over whole rows that changes when any value of any row does, however the rows lie.

    The sum of a 64-bit hash of each row: a row's own text, so that values cannot swap places unseen.
    PostgreSQL has the hash since version 11.
    """

    type = String()
    inherit_cache = True
    name = "rows_digest"


@compiles(RowsDigest)
def _rows_digest(element: RowsDigest, compiler: SQLCompiler, **options: Any) -> str:
    columns = compiler.process(element.clauses, **options)
    return f"sum(hashtextextended(CAST(ROW({columns}) AS text), 0))"


@compiles(RowsDigest, "sqlite")
def _rows_digest_in_sqlite(element: RowsDigest, compiler: SQLCompiler, **options: Any) -> str:
    columns = [compiler.process(column, **options) for column in element.clauses]
    raw = [f"CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END" for c in columns]
    return f"row_digest({', '.join(raw)})"


class DatePart(FunctionElement[int]):
    """``year``, ``month`` or ``day`` of a date, as a whole number."""

    type = Integer()
    inherit_cache = True
    name = "date_part_of"

    def __init__(self, part: str, day: ColumnElement[Any]) -> None:
        super().__init__(literal_column(f"'{part}'"), day)


@compiles(DatePart)
def _date_part(element: DatePart, compiler: SQLCompiler, **options: Any) -> str:
    part, day = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(date_part({part}, {day}) AS integer)"


@compiles(DatePart, "sqlite")
def _date_part_in_sqlite(element: DatePart, compiler: SQLCompiler, **options: Any) -> str:
    part, day = (compiler.process(clause, **options) for clause in element.clauses)
    code = {"'year'": "%Y", "'month'": "%m", "'day'": "%d"}[part]
    return f"CAST(strftime('{code}', {day}) AS integer)"


class IsDate(FunctionElement[bool]):
    """Whether a value is a date: always so, and so is a null, where the column has a type."""

    type = Boolean()
    inherit_cache = True
    name = "is_date"


@compiles(IsDate)
def _is_date(element: IsDate, compiler: SQLCompiler, **options: Any) -> str:
    return "true"


@compiles(IsDate, "sqlite")
def _is_date_in_sqlite(element: IsDate, compiler: SQLCompiler, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    return f"({day} = date({day}, '+0 days'))"  # which turns 30 February into a day of March


# --- what a source may hold and Parquet may not ----------------------------------------------------------

TOO_FINE: Final = f"(more than {STORED_DECIMALS} decimals)"
"""Put behind an amount that cannot be stored as it is; no amount any more, it will be refused by name."""
MOST_LETTERS: Final = 10_000
"""Of a label or a name. Longer ones are pasted documents, not labels: nobody reads them in a report, and
megabytes in one field are beyond the CSV reader. They are cut."""
CUT: Final = ("label", "name")
RELATIVE_NOISE: Final = "1e-15"
ABSOLUTE_NOISE: Final = "1e-12"
"""An amount that differs by no more than these from one of STORED_DECIMALS owes it to binary arithmetic: the
first is some five units in the last place of a double, the second what sums leave that should be nothing."""


def storable(table: str, query: Query) -> Query:
    """The rows of ``query`` as they may be stored, told by the server: long texts cut, amounts rid of binary
    noise, and those with more decimals than are stored marked TOO_FINE."""
    found = query.subquery("rows")
    return select(*[_storable(TABLES[table][column.key], column) for column in found.c])


def _storable(kind: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    name = str(column.key)
    if name in CUT:
        cut = func.left(column, MOST_LETTERS)
        return case((func.octet_length(column) > MOST_LETTERS, cut), else_=column).label(name)
    return Storable(column).label(name) if kind.startswith("DECIMAL") else column


class Storable(FunctionElement[str]):
    """An amount as text: see ``storable``."""

    type = String()
    inherit_cache = True
    name = "storable"


@compiles(Storable)
def _storable_amount(element: Storable, compiler: SQLCompiler, **options: Any) -> str:
    given = f"CAST({compiler.process(element.clauses, **options)} AS numeric)"
    near = f"round({given}, {STORED_DECIMALS})"
    noise = f"greatest(abs({given}) * {RELATIVE_NOISE}, {ABSOLUTE_NOISE})"
    return (
        f"CASE WHEN coalesce(scale({given}), 0) <= {STORED_DECIMALS} THEN CAST({given} AS text) "
        f"WHEN abs({given} - {near}) <= {noise} THEN CAST({near} AS text) "
        f"ELSE CAST({given} AS text) || ' {TOO_FINE}' END"
    )
