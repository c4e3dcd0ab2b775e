"""Tables as an ERP has them, in SQLite, PostgreSQL or MariaDB: the same names, types and rows in each.

::

    books = TableSet()
    books.table("BKPF", "MANDT varchar(3), BSTAT varchar(1) default ' ', KURSF numeric(9,5)")
    books.add("BKPF", MANDT="100")     # BSTAT is ' ', KURSF is null
    url = books.sqlite(tmp_path / "books.sqlite")
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from tests.support import mariadb as maria
from tests.support import postgres as pg

Value = str | int | Decimal | date | datetime | bool | None

_COLUMN: Final = re.compile(r"(\w+)\s+(.*?)(?:\s+default\s+('(?:[^']|'')*'|\S+))?", re.IGNORECASE | re.DOTALL)
_AT_COMMAS: Final = re.compile(r",\s*(?![^()]*\))")
_TYPES_OF_POSTGRES: Final = (
    (r"n?varchar2?\b", "varchar"),
    (r"nchar\b", "char"),
    (r"number\b", "numeric"),
    (r"(tiny|small|medium)?int\s*\(\d+\)", "integer"),
    (r"bigint\s*\(\d+\)", "bigint"),
    (r"datetime2?(\s*\(\d+\))?", "timestamp"),
    (r"longtext|clob|nclob", "text"),
)
"""Types of other databases, and what PostgreSQL calls them."""
_WIDTH: Final = re.compile(r"^\w*int\s*\(\d+\)", re.IGNORECASE)
"""Of whole numbers, as MariaDB shows them."""
_PLAIN: Final = {str, int, bool, type(None)}
"""What SQLite takes as it is."""
_BATCH: Final = 500


@dataclass
class _Table:
    types: dict[str, str]
    defaults: dict[str, str]
    rows: list[dict[str, Value]] = field(default_factory=list)


class TableSet:
    """Tables with their rows, not yet in any database."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}

    def table(self, name: str, columns: str) -> None:
        """A table: ``columns`` are ``name type``, apart by commas, each with ``default x`` at its end or not.
        Types are any of SQL Server's, Oracle's, MariaDB's or PostgreSQL's."""
        matches = [_COLUMN.fullmatch(part.strip()) for part in _AT_COMMAS.split(columns) if part.strip()]
        known = [match for match in matches if match]
        assert len(known) == len(matches), f"columns of {name}: {columns}"
        self._tables[name] = _Table(
            {match[1]: match[2] for match in known},
            {match[1]: _unquoted(match[3]) for match in known if match[3]},
        )

    def add(self, name: str, /, **values: Value) -> None:
        """A row. A column that is not named has its default, or is null."""
        table = self._tables[name]
        unknown = set(values) - set(table.types)
        assert not unknown, f"{name} has no columns {sorted(unknown)}"
        table.rows.append({**table.defaults, **values})

    def drop(self, name: str, *columns: str) -> None:
        """Make the schema a crippled one: without these columns, or without the whole table."""
        if not columns:
            del self._tables[name]
        for column in columns:
            del self._tables[name].types[column]

    def names(self) -> list[str]:
        """The tables."""
        return list(self._tables)

    def columns(self, name: str) -> list[str]:
        """The columns of a table."""
        return list(self._tables[name].types)

    def rows(self, name: str) -> list[dict[str, Value]]:
        """The rows of a table, to be looked at or changed. What has its default or is null may be missing."""
        return self._tables[name].rows

    def sqlite(self, path: Path) -> str:
        """Write them to a new SQLite file; its URL."""
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        try:
            for name, table in self._tables.items():
                kinds = ", ".join(f'"{c}" {_WIDTH.sub("integer", kind)}' for c, kind in table.types.items())
                connection.execute(f'CREATE TABLE "{name}" ({kinds})')
                marks = ", ".join("?" * len(table.types))
                rows = [
                    [value if type(value) in _PLAIN else str(value) for value in map(row.get, table.types)]
                    for row in table.rows
                ]
                connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
            connection.commit()
        finally:
            connection.close()
        return f"sqlite:///{path}"

    def postgres(self, server: pg.Server, database: str) -> str:
        """Write them to a new database, with the statistics that a server in use would have; its URL."""
        script = "\n".join(self._script('"', _type_of_postgres, backslash="\\"))
        return server.create(database, script, "ANALYZE")

    def mariadb(self, server: maria.Server, database: str) -> str:
        """Write them to a new database, if all types are MariaDB's own; its URL."""
        return server.create(database, "\n".join(self._script("`", str, backslash="\\\\")))

    def _script(self, quote: str, type_of: Callable[[str], str], backslash: str) -> Iterator[str]:
        for name, table in self._tables.items():
            kinds = ", ".join(f"{quote}{c}{quote} {type_of(kind)}" for c, kind in table.types.items())
            yield f"CREATE TABLE {quote}{name}{quote} ({kinds});"
            rows = [
                f"({', '.join(_literal(row.get(column), backslash) for column in table.types)})"
                for row in table.rows
            ]
            for start in range(0, len(rows), _BATCH):
                yield f"INSERT INTO {quote}{name}{quote} VALUES {','.join(rows[start : start + _BATCH])};"


def _unquoted(default: str) -> str:
    return default[1:-1].replace("''", "'") if default.startswith("'") else default


def _literal(value: Value, backslash: str) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", backslash).replace("'", "''")
    return str(value).upper() if isinstance(value, bool) else f"'{text}'"


def _type_of_postgres(kind: str) -> str:
    for theirs, ours in _TYPES_OF_POSTGRES:
        kind = re.sub(rf"^{theirs}", ours, kind, flags=re.IGNORECASE)
    return kind
