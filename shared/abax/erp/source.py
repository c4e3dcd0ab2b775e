"""What an ERP module declares about its books: which columns mean what. Nothing here says how they are read.

A declaration gives SQLAlchemy Core selects whose columns carry the canonical names, in the order of
``abax.ledger.model.TABLES``; ``extract`` runs them the same way for every ERP.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    TableClause,
    and_,
    case,
    cast,
    column,
    func,
    literal_column,
    null,
    select,
    table,
)

from abax.dates import FIRST_YEAR, LAST_YEAR, Calendar, FiscalCalendar, ListedCalendar, Period
from abax.erp.dialects import CUT, MOST_LETTERS, Cut, DatePart, IsDate, Line, RowsDigest, Storable
from abax.ledger.model import TABLES, Company, Frozen, StatementClass, part_name

Query = Select[Any]

DERIVED: Final[dict[str, tuple[str, ...]]] = {
    "accounts": ("statement_class",),
    "journal_lines": ("fiscal_year", "fiscal_month", "amount"),
}
"""Canonical columns that no source gives: extraction works them out of the others."""

COMPANY_COLUMNS: Final = ("company_id", "name", "currency", "fiscal_year_end_month", "fiscal_year_end_day")
RATE_COLUMNS: Final = ("currency", "rate_date", "functional_units", "foreign_units")
"""So many functional units equal so many foreign ones: sources quote either way round, and by the hundred."""
PERIOD_COLUMNS: Final = ("year", "period", "start_date", "end_date")
_MAY_LACK: Final = {
    "partners": ("group_company",),
    "settlements": ("is_payment",),
    "items": ("reference",),
    "item_settlements": ("is_payment",),
}
"""Canonical columns that a query may leave out: they are null then."""


def source_columns(table: str) -> tuple[str, ...]:
    """The canonical columns of ``table`` that a source must give, in order."""
    if table == "fx_rates":
        return RATE_COLUMNS
    return tuple(column for column in TABLES[table] if column not in DERIVED.get(table, ()))


def completed(table: str, query: Query) -> Query:
    """``query`` with those columns as nulls that it may leave out."""
    lacking = [name for name in _MAY_LACK.get(table, ()) if name not in query.selected_columns]
    return query.add_columns(*[null().label(name) for name in lacking]) if lacking else query


class YearSummary(Frozen):
    """A fiscal year with postings, or one fiscal month of it, as the source stands now."""

    year: int
    period: int | None = None
    """The fiscal month; none for a whole year."""
    lines: int
    watermark: str
    """Changes whenever a line or a settlement of the year, or of the month, does."""

    @property
    def name(self) -> str:
        """What it is called in object keys and messages."""
        return part_name(self.year, self.period)


def days_of(calendar: Calendar, year: int, period: int | None) -> tuple[date, date]:
    """The first and the last day of a fiscal year, or of a fiscal month of it."""
    if period is None:
        return calendar.start_of(year), calendar.end_of(year)
    month = calendar.months(year)[period - 1]
    return month.start, month.end


@dataclass(frozen=True)
class Schema:
    """Tables and their columns, as far as they were asked for and are there."""

    tables: Mapping[str, frozenset[str]]
    owners: Mapping[str, str] = field(default_factory=dict)
    """The database schema of each table that is not found without saying so."""
    spelled: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What a copy calls a table ``(table, "")`` or a column ``(table, column)`` that it spells otherwise."""
    indexes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The index that begins with a column ``(table, column)``, where the database must be told to use it."""

    def table(self, name: str) -> TableClause:
        """The table, with the columns that it has here under the names that are asked for, untyped, so that
        every value comes as the driver gives it."""
        columns: list[Any] = []
        for asked in sorted(self.tables[name]):
            own: Any = column(self.spelled.get((name, asked), asked))
            own.key = asked
            columns.append(own)
        return table(self.spelled.get((name, ""), name), *columns, schema=self.owners.get(name))

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there, with all of ``columns``."""
        return table in self.tables and self.tables[table].issuperset(columns)

    def missing(self, wanted: Mapping[str, Iterable[str]]) -> list[str]:
        """What of ``wanted`` is not there: whole tables, or columns of tables that are."""
        lacking = []
        for name, columns in wanted.items():
            if name not in self.tables:
                lacking.append(f"table {name}")
            else:
                lacking += [f"column {name}.{c}" for c in columns if c not in self.tables[name]]
        return lacking


@dataclass(frozen=True)
class Verdict:
    """Which version of an ERP a schema looks like, and what it lacks of it."""

    version: str
    missing: Sequence[str]
    likeness: float
    """Share of what the version needs that is there: 0 is another database altogether."""
    lacks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What cannot be read, such as open items, and which tables and columns that would take."""


@dataclass(frozen=True)
class Setting:
    """Something to be chosen of a source, such as a client or a ledger. It is never guessed: without a
    default it must be given as soon as there is more than one."""

    name: str
    help: str
    default: str | None = None


@dataclass(frozen=True)
class Found:
    """What is known of a source when its books are declared."""

    schema: Schema
    version: str
    settings: Mapping[str, str] = field(default_factory=dict)
    rows: Callable[[Query], list[tuple[Any, ...]]] = lambda query: []
    """Runs a small look-up, such as which segment of a flexfield holds the account."""


class Declaration(ABC):
    """One ERP's books. Company ids are those that ``companies`` gives.

    What a source does not keep gives None. The rows from one day to another are taken from those of all days,
    unless a declaration knows a faster way.
    """

    erp: str
    version: str
    classes: Mapping[str, StatementClass]
    """Statement class of each ``source_type``; a type not listed has none."""

    def __init__(self, found: Found) -> None:
        self.version = found.version
        self.settings = found.settings
        self._found = found
        self._schema = found.schema
        self._made: dict[tuple[str, str | None], Any] = {}

    def _table(self, name: str, alias: str | None = None) -> Any:
        """The table, always the same object."""
        if (name, alias) not in self._made:
            clause = self._schema.table(name)
            self._made[name, alias] = clause.alias(alias) if alias else clause
        return self._made[name, alias]

    @abstractmethod
    def companies(self) -> Query:
        """COMPANY_COLUMNS, one row per company."""

    @abstractmethod
    def accounts(self, company: Company) -> Query:
        """The company's chart: ``source_columns("accounts")``."""

    @abstractmethod
    def partners(self, company: Company) -> Query:
        """Every partner on a posted line: ``source_columns("partners")``."""

    @abstractmethod
    def rates(self, company: Company) -> Query:
        """RATE_COLUMNS, at most one row per currency and day."""

    def periods(self, company: Company) -> Query | None:
        """PERIOD_COLUMNS of the company's normal fiscal periods, twelve a year at most, or of whole years
        that go by months, with no period; ``year`` is the number that the source gives the fiscal year. None
        where all years end on the day that ``companies`` gives."""
        return None

    def addresses(self, company: Company) -> Query | None:
        """E-mail addresses of these partners and of their contacts: ``source_columns("addresses")``."""
        return None

    def dimensions(self, company: Company) -> Query | None:
        """What the values in the lines' ``dimensions`` are called: ``source_columns("dimensions")``."""
        return None

    def balances(self, company: Company) -> Query | None:
        """The source's own totals by account and fiscal year: ``source_columns("balances")``."""
        return None

    @abstractmethod
    def posted_lines(self, company: Company) -> Query:
        """The lines of all days: ``source_columns("journal_lines")``."""

    def all_settlements(self, company: Company) -> Query | None:
        """The matchings of lines of all days: ``source_columns("settlements")``."""
        return None

    def all_items(self, company: Company) -> Query | None:
        """The subledger's documents of all days: ``source_columns("items")``."""
        return None

    def all_item_settlements(self, company: Company) -> Query | None:
        """What settled them, of all days: ``source_columns("item_settlements")``."""
        return None

    def all_references(self, company: Company) -> Query | None:
        """What suppliers call the entries of their bills, at most once each, where items are lines of the
        journal: ``source_columns("entry_references")``."""
        return None

    def journal_lines(self, company: Company, start: date, end: date) -> Query:
        """The lines posted from ``start`` to ``end``."""
        return _between(self.posted_lines(company), "posting_date", start, end)

    def settlements(self, company: Company, start: date, end: date) -> Query | None:
        """The matchings that took effect from ``start`` to ``end``."""
        every = self.all_settlements(company)
        return None if every is None else _between(every, "settled_on", start, end)

    def items(self, company: Company, start: date, end: date) -> Query | None:
        """The documents posted from ``start`` to ``end``."""
        every = self.all_items(company)
        return None if every is None else _between(every, "posting_date", start, end)

    def entry_references(self, company: Company, start: date, end: date) -> Query | None:
        """What entries from ``start`` to ``end`` are called by suppliers."""
        every = self.all_references(company)
        return None if every is None else _between(every, "posting_date", start, end)

    def item_settlements(self, company: Company, start: date, end: date) -> Query | None:
        """What settled documents from ``start`` to ``end``."""
        every = self.all_item_settlements(company)
        return None if every is None else _between(every, "settled_on", start, end)


def _between(rows: Query, day: str, start: date, end: date) -> Query:
    found = rows.subquery("every_day")
    return select(found).where(found.c[day].between(start, end))


class ErpModule(ABC):
    """What the registry keeps of each ERP."""

    erp: str
    title: str
    """Its name for people."""
    tables: Sequence[str]
    """Every table that any version of it needs."""
    settings: Sequence[Setting] = ()
    """What is to be chosen of it."""

    @abstractmethod
    def probe(self, schema: Schema) -> Verdict:
        """Which version ``schema`` looks like most."""

    def choices(self, schema: Schema, name: str) -> Query | None:
        """What there is to choose from for a setting: its values and what they are called; None where that
        is not listed anywhere."""
        return None

    @abstractmethod
    def declare(self, found: Found) -> Declaration:
        """The declaration for a schema that lacks nothing that its version needs."""


# --- marks: what tells one state of the rows from the next ------------------------------------------------


def marks_by_year(rows: Query, day: str, calendar: Calendar) -> Query:
    """By fiscal year: the year, how many of ``rows``, and their digest. No year, for a ``day`` that is in
    none, is null."""
    found = rows.subquery("found")
    dated = select(_fiscal_year(found.c[day], calendar).label("in_year"), *found.c).subquery("dated")
    values = [dated.c[column.key] for column in found.c]
    return _selected(dated.c.in_year, func.count(), RowsDigest(*values)).group_by(dated.c.in_year)


def counts_by_year(rows: Query, day: str, calendar: Calendar) -> Query:
    """By fiscal year: the year, how many of ``rows``; as ``marks_by_year``, at a part of its price."""
    found = rows.subquery("found")
    dated = select(_fiscal_year(found.c[day], calendar).label("in_year")).subquery("dated")
    return _selected(dated.c.in_year, func.count()).group_by(dated.c.in_year)


def marks_by_month(rows: Query, day: str, months: Sequence[Period]) -> Query:
    """By fiscal month of the one year that ``months`` make up: its number, how many of ``rows``, and their
    digest. All ``rows`` lie in that year."""
    found = rows.subquery("found")
    month = case(*[(found.c[day] <= month.end, month.first_month) for month in months])
    dated = select(month.label("in_month"), *found.c).subquery("dated")
    values = [dated.c[column.key] for column in found.c]
    return _selected(dated.c.in_month, func.count(), RowsDigest(*values)).group_by(dated.c.in_month)


def marks(rows: Query) -> Query:
    """One row: how many of ``rows``, and their digest."""
    found = rows.subquery("found")
    return _selected(func.count(), RowsDigest(*found.c))


def _selected(*columns: ColumnElement[Any]) -> Query:
    return select(*columns)


def in_no_year(rows: Query, key: str, day: str, calendar: Calendar) -> Query:
    """Key and date of one of ``rows`` that is in no fiscal year."""
    found = rows.subquery("found")
    odd = _fiscal_year(found.c[day], calendar).is_(None)
    return select(found.c[key], cast(found.c[day], String)).where(odd).order_by(found.c[key]).limit(1)


def _fiscal_year(day: ColumnElement[Any], calendar: Calendar) -> ColumnElement[Any]:
    """SQL for the fiscal year of ``day``; null for what is no date or in no year, and beyond reckoning."""
    if isinstance(calendar, FiscalCalendar):
        return _year_by_rule(day, calendar)
    assert isinstance(calendar, ListedCalendar)
    first, last = calendar.listed[0], calendar.listed[-1]
    by_rule = _year_by_rule(day, calendar.rule)
    later, earlier = by_rule + calendar.ahead, by_rule + calendar.before
    return case(
        (~IsDate(day), null()),
        *[(day.between(year.start, year.end), year.year) for year in calendar.listed],
        (and_(day > last.end, later <= last.year), last.year + 1),
        (day > last.end, later),
        (and_(day < first.start, earlier >= first.year), first.year - 1),
        (day < first.start, earlier),
    )


def _year_by_rule(day: ColumnElement[Any], calendar: FiscalCalendar) -> ColumnElement[Any]:
    # By the calendar's own words for some year that is no leap year: those ends are the same every year, but
    # for 29 February, after which comes March all the same.
    end = calendar.end_of(2023)
    last = 31 if (end + timedelta(days=1)).day == 1 else end.day
    known = and_(IsDate(day), day.between(calendar.start_of(FIRST_YEAR), calendar.end_of(LAST_YEAR)))
    later = case((DatePart("month", day) * 100 + DatePart("day", day) > end.month * 100 + last, 1), else_=0)
    return case((known, DatePart("year", day) + later))


# --- what a source may hold and Parquet may not ----------------------------------------------------------


def storable(table: str, query: Query) -> Query:
    """The rows of ``query`` as they may be stored, told by the server: long texts cut, amounts rid of binary
    noise, and those with more decimals than are stored marked TOO_FINE."""
    found = query.subquery("found")
    return select(*[_storable(TABLES[table][column.key], column) for column in found.c])


def delimited(query: Query) -> Query:
    """The rows of ``query``, whose columns have canonical names, as one column of texts."""
    found = query.subquery("lines")
    return select(Line(*found.c))


def _storable(kind: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    name = str(column.key)
    if name in CUT:
        return Cut(column, literal_column(str(MOST_LETTERS))).label(name)
    return Storable(column).label(name) if kind.startswith("DECIMAL") else column
