"""The sample books once per version, and how the tests look into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from abax.sample import SampleBooks, build

SMALL = 0.1


@pytest.fixture(scope="session")
def full_books(tmp_path_factory: pytest.TempPathFactory) -> SampleBooks:
    """The books at their usual size, Odoo 17."""
    return build(tmp_path_factory.mktemp("sample") / "odoo17.sqlite")


@pytest.fixture(scope="session")
def small_books(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], SampleBooks]:
    """The same small company in a given version."""
    folder = tmp_path_factory.mktemp("small")
    return lambda version: build(folder / f"odoo{version}.sqlite", version=version, scale=SMALL)


@pytest.fixture(scope="session")
def connection(full_books: SampleBooks) -> Iterator[sqlite3.Connection]:
    """A copy of the full books in memory, to index and query at will."""
    with closing(sqlite3.connect(full_books.path)) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        yield copy


@pytest.fixture(scope="session")
def rows(connection: sqlite3.Connection) -> Callable[..., list[tuple]]:
    """Run SQL on the full books."""
    return lambda sql, *values: connection.execute(sql, values).fetchall()


def content(path: Path) -> dict[str, list[tuple]]:
    """Every table's rows, in order."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in sorted(tables)}


def columns(path: Path) -> dict[str, set[str]]:
    """Every table's column names."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables
        }
