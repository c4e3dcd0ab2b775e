"""The one SQLite file behind local jobs, queues and records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from abax.disk import named_when_full

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    job_id TEXT PRIMARY KEY,
    client_token TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (created_at);
CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at REAL NOT NULL,
    visible_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS messages_in_line ON messages (queue, visible_at);
CREATE TABLE IF NOT EXISTS dead_letters (
    message_id INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at REAL NOT NULL,
    died_at REAL NOT NULL,
    tries INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS records (
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (space, key)
) WITHOUT ROWID;
"""


class Database:
    """Short transactions on a SQLite file in write-ahead mode: safe across threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        with self.transaction() as connection:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a write transaction; committed at the end, rolled back on an error."""
        with named_when_full(self.path), self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with; never waits for a writer."""
        with named_when_full(self.path), self._connected() as connection:
            yield connection

    def copy_table(self, table: str, target: Path) -> None:
        """Add a table's rows to the same table of another such file."""
        with self._connected() as connection:
            connection.execute("ATTACH DATABASE ? AS target", (str(target),))
            connection.execute(f"INSERT OR REPLACE INTO target.{table} SELECT * FROM main.{table}")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            yield connection
        finally:
            connection.close()
