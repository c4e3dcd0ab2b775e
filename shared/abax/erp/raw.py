"""Queries of a user's own against an ERP database, for what no report covers. Read-only, bound, limited."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text

from abax.erp.connect import Database
from abax.erp.driver_errors import errors_of
from abax.errors import QueryRefused
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
    Raises QueryRefused for what is no reading statement, or lacks a parameter; SourceInterrupted when the
    time is up.
    """
    _require_reading(sql)
    wanted = set(re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", _OPAQUE.sub(" ", sql)))
    given = dict(parameters or {})
    if missing := sorted(wanted - given.keys()):
        raise QueryRefused(f"no value for :{', :'.join(missing)}")
    if odd := sorted(given.keys() - wanted):
        raise QueryRefused(f"the query has no :{', :'.join(odd)}")
    begun = time.monotonic()
    with errors_of(database.label, reading=True):
        _bound(database, seconds)
        result = database.connection.execute(text(sql), given)
        rows = result.fetchmany(limit + 1) if result.returns_rows else []
        columns = list(result.keys()) if result.returns_rows else []
        result.close()
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
    elif backend == "sqlite":
        deadline = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)  # type: ignore[union-attr]
