"""Queries and procedure calls of a user's own against an ERP database, for what no report covers.

Read-only, bound, limited. Where a database has read-only transactions (PostgreSQL, MariaDB, SQLite, Oracle,
HANA) it refuses what writes; SQL Server has none, and what a procedure writes there is rolled back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text

from abax.erp.connect import Database
from abax.erp.driver_errors import errors_of
from abax.errors import QueryOverran, QueryRefused, SourceInterrupted
from abax.ledger.model import Frozen

LIMIT: Final = 1_000
SECONDS: Final = 30.0

_READING: Final = ("select", "with", "values", "show", "explain", "table", "describe")
_WRITING: Final = {
    *("insert", "update", "delete", "merge", "replace", "upsert", "drop", "alter", "create"),
    *("truncate", "grant", "revoke", "into", "call", "do", "exec", "execute", "copy"),
    *("lock", "vacuum", "attach", "detach", "pragma", "set", "reset", "begin", "commit"),
    *("rollback", "load", "handler"),
}
_OPAQUE: Final = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
"""Texts, quoted names and comments: what is in them is no statement."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$#]*")


class RawResult(Frozen):
    """Rows as the database gives them."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    """Whether there were more rows than asked for."""
    seconds: float


def execute_query(
    database: Database,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    limit: int = LIMIT,
    seconds: float = SECONDS,
) -> RawResult:
    """Run one reading statement with ``:name`` parameters, which are bound, never written into it.

    The connection's transaction is read-only besides, so that nothing is written whatever a statement calls.
    Raises QueryRefused for what is no reading statement, or lacks a parameter; QueryOverran when the
    time is up.
    """
    _require_reading(sql)
    wanted = set(re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", _OPAQUE.sub(" ", sql)))
    given = dict(parameters or {})
    if missing := sorted(wanted - given.keys()):
        raise QueryRefused(f"no value for :{', :'.join(missing)}")
    if odd := sorted(given.keys() - wanted):
        raise QueryRefused(f"the query has no :{', :'.join(odd)}")
    return _run(database, sql, given, limit, seconds)


def execute_procedure(
    database: Database,
    name: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    limit: int = LIMIT,
    seconds: float = SECONDS,
) -> RawResult:
    """Call a stored procedure, or on PostgreSQL a function too, and give the rows of its first result.

    Parameters are bound, by name; on MariaDB and HANA, which know no names, in the order given. It runs in
    the connection's read-only transaction, which is rolled back. Raises QueryRefused for a name that is none
    and on SQLite, which has no procedures; SourceError for what the database refuses; QueryOverran when
    the time is up.
    """
    given = dict(parameters or {})
    for word in (*name.split("."), *given):
        if not _NAME.fullmatch(word):
            raise QueryRefused(f"{word!r} is no name")
    return _run(database, _call(database, name, list(given)), given, limit, seconds)


def _call(database: Database, name: str, given: list[str]) -> str:
    """The call in the database's own words."""
    backend = database.connection.dialect.name
    if backend == "sqlite":
        raise QueryRefused("SQLite has no procedures")
    by_place = ", ".join(f":{one}" for one in given)
    by_name = ", ".join(f"{one} => :{one}" for one in given)
    if backend == "mssql":
        return f"EXEC {name} {', '.join(f'@{one} = :{one}' for one in given)}".rstrip()
    if backend == "oracle":
        return f"BEGIN {name}({by_name}); END;"
    if backend != "postgresql":
        return f"CALL {name}({by_place})"
    return f"CALL {name}({by_name})" if _is_procedure(database, name) else f"SELECT * FROM {name}({by_name})"


def _is_procedure(database: Database, name: str) -> bool:
    """Whether PostgreSQL has a procedure of that name, and no function."""
    asked = text("SELECT bool_and(prokind = 'p') FROM pg_proc WHERE proname = :name")
    with errors_of(database.label, reading=True):
        return bool(database.connection.execute(asked, {"name": name.split(".")[-1].lower()}).scalar())


def _run(database: Database, sql: str, given: Mapping[str, Any], limit: int, seconds: float) -> RawResult:
    begun = time.monotonic()
    try:
        with errors_of(database.label, reading=True):
            _bound(database, seconds)
            result = database.connection.execute(text(sql), given)
            rows = result.fetchmany(limit + 1) if result.returns_rows else []
            columns = list(result.keys()) if result.returns_rows else []
            result.close()
    except SourceInterrupted as error:
        if time.monotonic() - begun < seconds:
            raise
        raise QueryOverran(database.label, seconds) from error
    return RawResult(
        columns=columns,
        rows=[list(row) for row in rows[:limit]],
        truncated=len(rows) > limit,
        seconds=round(time.monotonic() - begun, 3),
    )


def _require_reading(sql: str) -> None:
    bare = _OPAQUE.sub(" ", sql).strip().rstrip(";")
    words = re.findall(r"[a-z_]+", bare.lower())
    if ";" in bare:
        raise QueryRefused("one statement at a time")
    if not words or words[0] not in _READING:
        raise QueryRefused(f"it begins with {words[0] if words else 'nothing'!r}; only reading is allowed")
    if found := sorted(_WRITING & set(words)):
        raise QueryRefused(f"{', '.join(found)} would write; quote it if it is a name")


def _bound(database: Database, seconds: float) -> None:
    """The longest that a statement may run from here on."""
    backend, driver = database.connection.dialect.name, database.connection.connection.driver_connection
    if backend == "postgresql":
        database.connection.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
    elif backend in ("mysql", "mariadb"):
        ours = getattr(database.connection.dialect, "is_mariadb", False)
        limit = (
            f"max_statement_time = {seconds:.3f}" if ours else f"max_execution_time = {int(seconds * 1000)}"
        )
        database.connection.execute(text(f"SET SESSION {limit}"))
    elif backend == "oracle":
        driver.call_timeout = int(seconds * 1000)  # type: ignore[union-attr]
    elif backend == "sqlite":
        deadline = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)  # type: ignore[union-attr]
