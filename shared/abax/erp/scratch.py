"""Between a source and Parquet: rows as a text file on scratch disk, then typed by DuckDB.

``abax.erp.plain`` has how rows are spelled: null is kept apart from the empty string.
"""

from __future__ import annotations

import csv as csv_module
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

import duckdb

from abax.disk import is_full, named_when_full
from abax.erp.connect import Database
from abax.erp.dialects import ABSOLUTE_NOISE, CUT, MOST_LETTERS, RELATIVE_NOISE, TOO_FINE
from abax.erp.plain import CSV, Spelling
from abax.erp.source import Query, source_columns, storable
from abax.errors import MalformedValue, StorageError, StorageFull
from abax.ledger.model import FURTHER_YEAR_TABLES, TABLES, YEAR_TABLES
from abax.money import STORED_DECIMALS

COPIED: Final = (*YEAR_TABLES, *FURTHER_YEAR_TABLES)
"""Tables that may be large. Of others a value is wanted in its own type, such as a rate to be worked out."""

OnRows = Callable[[int], None]
"""Called with the number of rows read so far; what it raises stops the reading."""

REPORT_EVERY: Final = 10_000
DUCKDB_MEMORY: Final = "192MB"
_PARQUET: Final = (
    "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 2000"
)
"""Half of DuckDB's own row group takes less memory and no more time; zstd a third of the space of snappy;
version 2 is written and read a fifth faster than version 1. A dictionary of more values than these takes
longer to make than it saves: DuckDB's own choice is a fifth of the row group."""
_CSV_BUFFER: Final = 8 << 20
"""Bytes; DuckDB's own choice of 32 MB for each thread would leave it no room to sort."""

_ORDER: Final = {
    "accounts": "code, account_id",
    "partners": "partner_id",
    "addresses": "partner_id, email",
    "fx_rates": "currency, rate_date",
    "dimensions": "value_id, valid_from",
    "balances": "account_id, fiscal_year",
}
"""Master tables lie in order. A year's lie as they came: sorting took half the time, and nobody needs it."""
_SINGULAR: Final = {
    "accounts": "account",
    "partners": "partner",
    "addresses": "address of partner",
    "fx_rates": "rate of",
    "dimensions": "dimension value",
    "balances": "balance of account",
    "journal_lines": "journal line",
    "settlements": "settlement of journal line",
    "items": "item",
    "item_settlements": "settlement of item",
    "entry_references": "reference of journal entry",
}
_QUOTE, _TWO = '"', '""'
_STEP: Final = Decimal(1).scaleb(-STORED_DECIMALS)
_USUAL_DECIMALS: Final = 9
"""Of ERPs on MariaDB."""
_UNREADABLE: Final = (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException)


@dataclass(frozen=True)
class Spooled:
    """A scratch file, how many rows went into it, and how they are spelled."""

    file: Path
    rows: int
    spelling: Spelling


@dataclass(frozen=True)
class Scratch:
    """A folder that goes away in the end, and a DuckDB of limited memory."""

    folder: Path
    engine: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement. Raises StorageFull where DuckDB has no room left."""
        with named_when_full(self.folder):
            return self.engine.execute(sql).fetchall()

    def spool(
        self,
        database: Database,
        table: str,
        query: Query,
        on_rows: OnRows | None = None,
        *,
        by_value: bool = False,
    ) -> Spooled:
        """The query's rows as they come, in a file: copied where that works, unless they are to be read
        ``by_value``. Raises SourceInterrupted, StorageFull, MalformedValue, and what ``on_rows`` raises."""
        file = self.folder / f"{table}.csv"
        with file.open("wb", buffering=1 << 20) as opened:
            sink = Sink(opened, str(self.folder), on_rows)
            copies = database.copies and not by_value and table in COPIED
            if copies:
                database.copy(storable(table, query), sink)
            else:
                encode = encoder(table)
                for row in database.stream(query):
                    sink.write(encode(row))
            sink.finish()
        return Spooled(file, sink.count, database.spelling if copies else CSV)

    def convert(self, label: str, table: str, spooled: Spooled, derived: Mapping[str, str]) -> Path:
        """The rows as Parquet: typed, with ``derived`` columns (name to SQL); the scratch file is gone then.

        Raises MalformedValue naming the first row that does not fit, and ``label``; StorageFull.
        """
        file = self.folder / f"{table}.parquet"
        columns = [
            f"({derived[name]})::{kind} AS {name}" if name in derived else name
            for name, kind in TABLES[table].items()
        ]
        order = f"ORDER BY {_ORDER[table]}" if table in _ORDER else ""
        sql = f"SELECT {', '.join(columns)} FROM {_rows_of(table, spooled)} {order}"
        try:
            [(kept,)] = self.rows(f"COPY ({sql}) TO {quoted(file)} ({_PARQUET})")
        except _UNREADABLE as error:
            raise MalformedValue(label, self._culprit(table, spooled, error)) from error
        except duckdb.Error as error:
            raise StorageError(f"{table} of {label} could not be converted: {_words(error)}") from error
        if kept != spooled.rows:
            raise StorageError(f"{spooled.rows} rows of {table} went to {spooled.file} and {kept} came back")
        spooled.file.unlink()
        return file

    def _culprit(self, table: str, spooled: Spooled, error: duckdb.Error) -> str:
        """Names the value at fault, else the longest row."""
        try:
            found = self._misfit(table, spooled)
        except duckdb.Error:
            found = None
        return found or f"{_SINGULAR[table]} {_longest(spooled)} of {table}: {_words(error)}"

    def _misfit(self, table: str, spooled: Spooled) -> str | None:
        """Names the first value that its column's type cannot hold."""
        kinds = _kinds(table)
        key = next(iter(kinds))
        raw = _read_csv(table, spooled, dict.fromkeys(kinds, "VARCHAR"))
        for name, kind in kinds.items():
            wrong = f"{name} IS NOT NULL AND try_cast({name} AS {kind}) IS NULL"
            found = self.rows(f"SELECT {key}, {name} FROM {raw} WHERE {wrong} ORDER BY {key} LIMIT 1")
            if found:
                return f"{name} {found[0][1]!r} of {_SINGULAR[table]} {found[0][0]}"
        return None


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A scratch folder in the system's temporary one. Raises StorageFull."""
    with named_when_full("the temporary folder"):
        made = TemporaryDirectory(prefix="abax-extract-", ignore_cleanup_errors=True)
    with made as folder, duckdb.connect() as engine:
        engine.execute(f"SET memory_limit = '{DUCKDB_MEMORY}'")
        engine.execute("SET threads = 1")  # the server and other parts have use for the rest
        engine.execute(f"SET temp_directory = {quoted(Path(folder) / 'spill')}")
        # Without a bound of its own, DuckDB reports a full disk as the kernel does, not as want of memory.
        engine.execute("SET max_temp_directory_size = '1TB'")
        engine.execute("SET preserve_insertion_order = false")
        yield Scratch(Path(folder), engine)


@dataclass
class Sink:
    """Takes rows as bytes, keeps them in a file, counts them. Raises StorageFull naming ``where``."""

    file: BinaryIO
    where: str
    on_rows: OnRows | None = None
    count: int = 0

    def write(self, data: bytes, rows: int = 1) -> None:
        """Take one or more whole rows."""
        try:
            self.file.write(data)
        except OSError as error:
            raise self._failure(error) from error
        before, self.count = self.count, self.count + rows
        if self.on_rows and self.count // REPORT_EVERY > before // REPORT_EVERY:
            self.on_rows(self.count)

    def finish(self) -> None:
        """All rows are in the file, and reported."""
        try:
            self.file.flush()
        except OSError as error:
            raise self._failure(error) from error
        if self.on_rows:
            self.on_rows(self.count)

    def _failure(self, error: OSError) -> StorageError:
        return (
            StorageFull(self.where) if is_full(error) else StorageError(f"cannot write {self.where}: {error}")
        )


def encoder(table: str) -> Callable[[Sequence[Any]], bytes]:
    """Rows as CSV lines, as ``storable`` has them from a server. A binary fraction, which is what SQLite has
    for money, becomes the decimal that it stands for; rates are worked out."""
    if table == "fx_rates":
        return lambda row: _line([*row[:2], _rate(*row[2:])])
    names = source_columns(table)
    money = [place for place, name in enumerate(names) if TABLES[table][name].startswith("DECIMAL")]
    texts = [place for place, name in enumerate(names) if name in CUT]

    def encode(row: Sequence[Any]) -> bytes:
        values = list(row)
        for place in money:
            values[place] = _amount(values[place])
        for place in texts:
            if values[place]:
                values[place] = values[place][:MOST_LETTERS]
        return _line(values)

    return encode


def quoted(value: object) -> str:
    """A string literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def _line(values: Sequence[Any]) -> bytes:
    # In one expression: this runs for every field of every row.
    fields = [
        "" if value is None else f'"{value.replace(_QUOTE, _TWO)}"' if isinstance(value, str) else str(value)
        for value in values
    ]
    return (",".join(fields) + "\n").encode()


def _amount(value: Any) -> Any:
    """An amount at STORED_DECIMALS, if it is one but for binary noise; else marked TOO_FINE. What is no
    amount stays as it is, for the conversion to refuse."""
    text = str(value)
    point = text.find(".")
    is_short = point < 0 or len(text) - point - 1 <= STORED_DECIMALS
    if is_short and "e" not in text and "E" not in text:
        return value
    try:
        exact = Decimal(text)
        near = exact.quantize(_STEP)
    except InvalidOperation:
        return value
    noise = max(abs(exact) * Decimal(RELATIVE_NOISE), Decimal(ABSOLUTE_NOISE))
    return near if abs(exact - near) <= noise else f"{exact:f} {TOO_FINE}"


def _longest(spooled: Spooled) -> str:
    """The key, its first field, of a scratch file's longest row."""
    csv_module.field_size_limit(sys.maxsize)
    spelling = spooled.spelling
    with spooled.file.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = csv_module.reader(file, delimiter=spelling.delimiter, quotechar=spelling.quote)
        return max(rows, key=lambda row: sum(map(len, row)), default=["?"])[0]


def _words(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


def _rate(functional_units: Any, foreign_units: Any) -> Decimal:
    """Functional units for one foreign unit, to twelve decimals."""
    with localcontext(prec=60):
        return round(Decimal(str(functional_units)) / Decimal(str(foreign_units)), 12)


def _kinds(table: str) -> dict[str, str]:
    """Columns and types of a scratch file. Rates are worked out before."""
    names = TABLES[table] if table == "fx_rates" else source_columns(table)
    return {name: TABLES[table][name] for name in names}


def _rows_of(table: str, spooled: Spooled) -> str:
    """SQL for a scratch file's rows, amounts as they may be stored."""
    kinds = _kinds(table)
    amounts = [name for name, kind in kinds.items() if kind.startswith("DECIMAL")]
    if spooled.spelling.is_storable or not amounts:
        return _read_csv(table, spooled)
    stored = ", ".join(f"({_storable(name)})::{kinds[name]} AS {name}" for name in amounts)
    texts = kinds | dict.fromkeys(amounts, "VARCHAR")
    return f"(SELECT * REPLACE ({stored}) FROM {_read_csv(table, spooled, texts)})"


def _storable(text: str) -> str:
    """SQL for an amount's text as ``encoder`` has it. Most are told by how they end."""
    exact, decimals = f"{text}::DECIMAL(38, 18)", f"strlen({text}) - strpos({text}, '.')"
    near = f"round({exact}, {STORED_DECIMALS})"
    noise = f"greatest(abs({exact}) * {RELATIVE_NOISE}, {ABSOLUTE_NOISE})"
    zeros = "0" * (_USUAL_DECIMALS - STORED_DECIMALS)
    return (
        f"CASE WHEN {decimals} <= {_USUAL_DECIMALS} AND suffix({text}, '{zeros}') THEN {text} "
        f"WHEN {decimals} <= {STORED_DECIMALS} AND NOT contains(lower({text}), 'e') THEN {text} "
        f"WHEN abs({exact} - {near}) <= {noise} THEN {near}::VARCHAR ELSE {text} || ' {TOO_FINE}' END"
    )


def _read_csv(table: str, spooled: Spooled, kinds: Mapping[str, str] | None = None) -> str:
    """SQL that reads a scratch file; ``allow_quoted_nulls`` off keeps a text apart from nothing."""
    typed = [f"{quoted(name)}: {quoted(kind)}" for name, kind in (kinds or _kinds(table)).items()]
    spelling = spooled.spelling
    return (
        f"read_csv({quoted(spooled.file)}, columns = {{{', '.join(typed)}}}, auto_detect = false, "
        f"header = false, delim = {quoted(spelling.delimiter)}, quote = {quoted(spelling.quote)}, "
        f"escape = {quoted(spelling.quote)}, nullstr = {quoted(spelling.nothing)}, "
        "allow_quoted_nulls = false, new_line = '\\n', "  # else a first label with a line break in it decides
        f"buffer_size = {_CSV_BUFFER})"
    )
