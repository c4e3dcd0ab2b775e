"""What databases spell differently: SQL elements, each with what it is on every dialect.

PostgreSQL's spelling is the one without a name; SQLite and MariaDB (``mysql`` to SQLAlchemy too) have theirs.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Integer, String, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from abax.money import STORED_DECIMALS

_APOSTROPHE: Final = "'"
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


@compiles(RowsDigest, "mysql", "mariadb")
def _rows_digest_in_mysql(element: RowsDigest, compiler: SQLCompiler, **options: Any) -> str:
    columns = [f"quote({compiler.process(column, **options)})" for column in element.clauses]
    digest = f"conv(left(md5(concat_ws(',', {', '.join(columns)})), 15), 16, 10)"
    return f"CAST(sum(CAST({digest} AS decimal(38, 0))) AS char)"


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


@compiles(DatePart, "mysql", "mariadb")
def _date_part_in_mysql(element: DatePart, compiler: SQLCompiler, **options: Any) -> str:
    part, day = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract({part.strip(_APOSTROPHE)} FROM {day})"


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


@compiles(IsDate, "mysql", "mariadb")
def _is_date_in_mysql(element: IsDate, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} > '0000-00-00')"


class Joined(FunctionElement[str]):
    """Texts one after the other; null where one is."""

    type = String()
    inherit_cache = True
    name = "joined"


@compiles(Joined)
def _joined(element: Joined, compiler: SQLCompiler, **options: Any) -> str:
    return f"({' || '.join(compiler.process(text, **options) for text in element.clauses)})"


@compiles(Joined, "mysql", "mariadb")
def _joined_in_mysql(element: Joined, compiler: SQLCompiler, **options: Any) -> str:
    return f"concat({', '.join(compiler.process(text, **options) for text in element.clauses)})"


class DayOf(FunctionElement[Any]):
    """The day of a moment in time."""

    inherit_cache = True
    name = "day_of"


@compiles(DayOf)
def _day_of(element: DayOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS date)"


@compiles(DayOf, "sqlite")
def _day_of_in_sqlite(element: DayOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)})"


class JsonOfPairs(FunctionElement[str]):
    """An aggregate: the JSON object of names and numbers, as text."""

    type = String()
    inherit_cache = True
    name = "json_of_pairs"


@compiles(JsonOfPairs)
def _json_of_pairs(element: JsonOfPairs, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(json_object_agg({compiler.process(element.clauses, **options)}) AS text)"


@compiles(JsonOfPairs, "sqlite")
def _json_of_pairs_in_sqlite(element: JsonOfPairs, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_object({compiler.process(element.clauses, **options)})"


@compiles(JsonOfPairs, "mysql", "mariadb")
def _json_of_pairs_in_mysql(element: JsonOfPairs, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_objectagg({compiler.process(element.clauses, **options)})"


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
