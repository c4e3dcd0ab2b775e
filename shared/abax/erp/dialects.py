"""What databases spell differently: SQL elements, each with what it is on every dialect.

PostgreSQL's spelling is the one without a name; SQLite, MariaDB (``mysql`` to SQLAlchemy too), SQL Server,
Oracle and HANA have theirs.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, String, case, func, literal_column, null, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from abax.erp.plain import DELIMITED
from abax.money import STORED_DECIMALS

_APOSTROPHE: Final = "'"
TOO_FINE: Final = f"(more than {STORED_DECIMALS} decimals)"
"""Put behind an amount that cannot be stored as it is; no amount any more, it will be refused by name."""
MOST_LETTERS: Final = 10_000
"""Of a label or a name. Longer ones are pasted documents, not labels: nobody reads them in a report, and
megabytes in one field are beyond the CSV reader. They are cut."""
CUT: Final = ("label", "name", "reference")
THERE: Final = ("line_id", "posting_date", "debit", "credit", "is_opening", "is_closing")
"""Columns of which every row has a value. A row that has none is one value short, and refused for it."""
RELATIVE_NOISE: Final = "1e-15"
ABSOLUTE_NOISE: Final = "1e-12"
"""An amount that differs by no more than these from one of STORED_DECIMALS owes it to binary arithmetic: the
first is some five units in the last place of a double, the second what sums leave that should be nothing."""


_CONDITION: Final = NullType()
"""Of what can be true or not. Booleans would be compared with 1 where a database has none."""


def spelt(element: type[FunctionElement[Any]], otherwise: str, **dialects: str) -> None:
    """Say what ``element`` is on each of ``dialects``, and ``otherwise``: ``{0}`` is its first part, ``{1}``
    its second. What ``mysql`` says holds for MariaDB, too."""

    def spell(template: str) -> Any:
        def compiled(found: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
            return template.format(*(compiler.process(part, **options) for part in found.clauses))

        return compiled

    compiles(element)(spell(otherwise))
    for name, template in dialects.items():
        compiles(element, *(("mysql", "mariadb") if name == "mysql" else (name,)))(spell(template))


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


@compiles(RowsDigest, "mssql")
def _rows_digest_in_mssql(element: RowsDigest, compiler: SQLCompiler, **options: Any) -> str:
    texts = [_nvarchar(compiler, column, options) for column in element.clauses]
    marked = [f"iif({text} IS NULL, N'', concat(N'<', {text}, N'>'))" for text in texts]
    digest = f"hashbytes('MD5', concat_ws(N'|', {', '.join(marked)}))"
    return f"CAST(sum(CAST(CAST(substring({digest}, 1, 7) AS bigint) AS decimal(38, 0))) AS varchar(40))"


@compiles(RowsDigest, "oracle")
def _rows_digest_in_oracle(element: RowsDigest, compiler: SQLCompiler, **options: Any) -> str:
    texts = [f"'<' || to_char({compiler.process(column, **options)}) || '>'" for column in element.clauses]
    row = " || '|' || ".join(texts)
    digest = f"rawtohex(standard_hash({row}, 'MD5'))"
    return f"to_char(sum(to_number(substr({digest}, 1, 15), 'XXXXXXXXXXXXXXX')))"


@compiles(RowsDigest, "hana")
def _rows_digest_in_hana(element: RowsDigest, compiler: SQLCompiler, **options: Any) -> str:
    texts = [
        f"coalesce('<' || to_nvarchar({compiler.process(column, **options)}) || '>', '')"
        for column in element.clauses
    ]
    row = " || '|' || ".join(texts)
    digest = f"bintohex(hash_md5(to_binary({row})))"
    return f"to_nvarchar(sum(to_decimal(hextonum(substring({digest}, 1, 15)), 38, 0)))"


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


@compiles(DatePart, "mysql", "mariadb", "oracle", "hana")
def _date_part_by_extract(element: DatePart, compiler: SQLCompiler, **options: Any) -> str:
    part, day = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract({part.strip(_APOSTROPHE)} FROM {day})"


@compiles(DatePart, "mssql")
def _date_part_in_mssql(element: DatePart, compiler: SQLCompiler, **options: Any) -> str:
    part, day = (compiler.process(clause, **options) for clause in element.clauses)
    return f"datepart({part.strip(_APOSTROPHE)}, {day})"


class IsDate(FunctionElement[Any]):
    """Whether a value is a date: always so, and so is a null, where the column has a type."""

    type = _CONDITION
    inherit_cache = True
    name = "is_date"


spelt(
    IsDate,
    "true",
    sqlite="({0} = date({0}, '+0 days'))",  # which turns 30 February into a day of March
    mysql="({0} > '0000-00-00')",
    mssql="(1 = 1)",
    oracle="(1 = 1)",
    hana="(1 = 1)",
)


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


@compiles(Joined, "mssql")
def _joined_in_mssql(element: Joined, compiler: SQLCompiler, **options: Any) -> str:
    return f"({' + '.join(_nvarchar(compiler, text, options) for text in element.clauses)})"


def _nvarchar(compiler: SQLCompiler, value: ColumnElement[Any], options: dict[str, Any]) -> str:
    return f"CAST({compiler.process(value, **options)} AS nvarchar(4000))"


class Text(FunctionElement[str]):
    """A value as text."""

    type = String()
    inherit_cache = True
    name = "as_text"


spelt(
    Text,
    "CAST({0} AS text)",
    mysql="CAST({0} AS char)",
    mssql="CAST({0} AS nvarchar(4000))",
    oracle="to_char({0})",
    hana="to_nvarchar({0})",
)


class Blank(FunctionElement[Any]):
    """Whether a text is null, empty, or of blanks alone."""

    type = _CONDITION
    inherit_cache = True
    name = "is_blank"


spelt(
    Blank,
    "(coalesce(trim({0}), '') = '')",
    mssql="(coalesce(ltrim({0}), N'') = N'')",
    oracle="(trim({0}) IS NULL)",  # where an empty text is a null
)


class DateOf(FunctionElement[Any]):
    """The date that a text such as ``20240229`` says; null where it is blank or all zeros."""

    inherit_cache = True
    name = "date_of"


_SAID: Final = "nullif(nullif(trim({0}), '00000000'), '')"
_TOLD: Final = f"nullif({_SAID}, '0')"
"""In SQLite, a column of a type that it does not know has numbers for letters that are digits."""
spelt(
    DateOf,
    f"to_date({_SAID}, 'YYYYMMDD')",
    sqlite=f"(substr({_TOLD}, 1, 4) || '-' || substr({_TOLD}, 5, 2) || '-' || substr({_TOLD}, 7, 2))",
    mysql=f"str_to_date({_SAID}, '%Y%m%d')",
    mssql="convert(date, nullif(nullif(ltrim(rtrim({0})), N'00000000'), N''), 112)",
    oracle="to_date(nullif(trim({0}), '00000000'), 'YYYYMMDD')",
)


class DayOf(FunctionElement[Any]):
    """The day of a moment in time."""

    inherit_cache = True
    name = "day_of"


spelt(DayOf, "CAST({0} AS date)", sqlite="date({0})", oracle="trunc({0})", hana="to_date({0})")


class DaysLater(FunctionElement[Any]):
    """A date so many days after another: ``DaysLater(date, days)``."""

    inherit_cache = True
    name = "days_later"


spelt(
    DaysLater,
    "({0} + CAST({1} AS integer))",
    sqlite="date({0}, CAST({1} AS integer) || ' days')",
    mysql="date_add({0}, INTERVAL {1} DAY)",
    mssql="dateadd(day, CAST({1} AS int), {0})",
    oracle="({0} + {1})",
    hana="add_days({0}, CAST({1} AS integer))",
)


class Unpadded(FunctionElement[str]):
    """A key without its leading zeros, as people read it."""

    type = String()
    inherit_cache = True
    name = "unpadded"


spelt(
    Unpadded,
    "ltrim({0}, '0')",
    mysql="trim(LEADING '0' FROM {0})",
    mssql="substring({0}, patindex(N'%[^0]%', {0} + N'.'), 4000)",
)


class JsonString(FunctionElement[str]):
    """A text as JSON writes it, in quotes; null where it is null. Not on SQL Server, Oracle and HANA."""

    type = String()
    inherit_cache = True
    name = "json_string"


spelt(
    JsonString,
    "CAST(to_json(CAST({0} AS text)) AS text)",
    sqlite="CASE WHEN {0} IS NOT NULL THEN json_quote({0}) END",  # which would say null in letters
    mysql="json_quote({0})",
)


class Listed(FunctionElement[str]):
    """Those of several texts that are there, parted by commas; an empty text where none is. Not on Oracle and
    HANA."""

    type = String()
    inherit_cache = True
    name = "listed"


@compiles(Listed)
def _listed(element: Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"concat_ws(',', {', '.join(compiler.process(text, **options) for text in element.clauses)})"


@compiles(Listed, "sqlite")
def _listed_in_sqlite(element: Listed, compiler: SQLCompiler, **options: Any) -> str:
    texts = [f"coalesce(',' || {compiler.process(text, **options)}, '')" for text in element.clauses]
    return f"substr({' || '.join(texts)}, 2)"


class JsonText(FunctionElement[str]):
    """A JSON object of keys and numbers within one row, as text: ``JsonText(key, number, …)``. A null key is
    left out with its number; null where all are. Keys must hold neither quotes nor backslashes."""

    type = String()
    inherit_cache = True
    name = "json_text"


@compiles(JsonText)
def _json_text(element: JsonText, compiler: SQLCompiler, **options: Any) -> str:
    texts = [Text(clause) if place % 2 else clause for place, clause in enumerate(element.clauses)]
    pairs = zip(texts[::2], texts[1::2], strict=True)
    nothing: ColumnElement[str] = literal_column("''")
    opened: ColumnElement[str] = literal_column("',\"'")
    between: ColumnElement[str] = literal_column("'\":'")
    body = Joined(
        nothing,
        *[
            case((key.is_not(None), Joined(opened, key, between, number)), else_=nothing)
            for key, number in pairs
        ],
    )
    made = Joined(literal_column("'{'"), func.substr(body, 2), literal_column("'}'"))
    keys = [key.is_not(None) for key in texts[::2]]
    return compiler.process(case((or_(*keys), made), else_=null()), **options)


@compiles(JsonText, "mssql")
def _json_text_in_mssql(element: JsonText, compiler: SQLCompiler, **options: Any) -> str:
    texts = [compiler.process(clause, **options) for clause in element.clauses]
    parts = [
        f"iif({key} IS NULL, N'', concat(N',\"', {key}, N'\":', {number}))"
        for key, number in zip(texts[::2], texts[1::2], strict=True)
    ]
    body = f"concat(N'', {', '.join(parts)})"
    return f"iif({body} = N'', NULL, concat(N'{{', stuff({body}, 1, 1, N''), N'}}'))"


class JsonOfPairs(FunctionElement[str]):
    """An aggregate: the JSON object of names and numbers, as text."""

    type = String()
    inherit_cache = True
    name = "json_of_pairs"


spelt(
    JsonOfPairs,
    "CAST(json_object_agg({0}, {1}) AS text)",
    sqlite="json_group_object({0}, {1})",
    mysql="json_objectagg({0}, {1})",
    mssql="concat(N'{{', string_agg(concat(N'\"', {0}, N'\":', {1}), N','), N'}}')",
    oracle="json_objectagg({0} VALUE {1})",
    hana="('{{' || string_agg('\"' || {0} || '\":' || {1}, ',') || '}}')",
)


class Storable(FunctionElement[str]):
    """An amount, see ``storable``; one that is none, or a text, where it has too many decimals."""

    type = String()
    inherit_cache = True
    name = "storable"


@compiles(Storable)
def _storable_amount(element: Storable, compiler: SQLCompiler, **options: Any) -> str:
    given = f"CAST({compiler.process(element.clauses, **options)} AS numeric)"
    near = f"round({given}, {STORED_DECIMALS})"
    noise = f"greatest(abs({given}) * {RELATIVE_NOISE}, {ABSOLUTE_NOISE})"
    return (
        f"CASE WHEN scale({given}) > {STORED_DECIMALS} THEN "
        f"CASE WHEN abs({given} - {near}) <= {noise} THEN {near} ELSE 'NaN' END ELSE {given} END"
    )


@compiles(Storable, "mysql", "mariadb")
def _storable_amount_in_mysql(element: Storable, compiler: SQLCompiler, **options: Any) -> str:
    """As it is: what reads the lines looks at it in a fifth of the time. See ``is_storable``."""
    return compiler.process(element.clauses, **options)


class Cut(FunctionElement[str]):
    """The first letters of a text, so many that few texts have more: ``Cut(text, letters)``."""

    type = String()
    inherit_cache = True
    name = "cut"


spelt(
    Cut,
    "CASE WHEN octet_length({0}) > {1} THEN left({0}, {1}) ELSE {0} END",  # most are not looked through
    mysql="left({0}, {1})",
)


class Line(FunctionElement[str]):
    """A row as one text, DELIMITED, made by the server."""

    type = String()
    inherit_cache = True
    name = "line"


@compiles(Line, "mysql", "mariadb")
def _line_in_mysql(element: Line, compiler: SQLCompiler, **options: Any) -> str:
    values = [
        value if getattr(column, "key", "") in THERE else f"ifnull({value}, '{DELIMITED.nothing}')"
        for column in element.clauses
        for value in [compiler.process(column, **options)]
    ]
    return f"concat_ws('{DELIMITED.delimiter}', {', '.join(values)})"
