"""The sample books, in each version's shape, in SQLite and in PostgreSQL: one canonical form."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from abax.erp import open_source
from abax.sample import SampleBooks, build
from abax.sample.schema import tables

from tests.support.postgres import Server
from tests.unit.erp.books import VERSIONS, literal

Read = Callable[..., dict[str, list[tuple[Any, ...]]]]
DIMENSIONS = -3
"""Place of the one column that not every version can say all of: Odoo 15 has one analytic account a line."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], SampleBooks]:
    folder = tmp_path_factory.mktemp("sample")

    @cache
    def built(version: int) -> SampleBooks:
        return build(folder / f"odoo{version}.sqlite", version=version, scale=0.02)

    return built


def without_dimensions(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """All but what versions keep otherwise: 15 has one dimension, the others one for each plan."""
    lines = [(*row[:DIMENSIONS], *row[DIMENSIONS + 1 :]) for row in found["journal_lines"]]
    return {**{table: rows for table, rows in found.items() if table != "dimensions"}, "journal_lines": lines}


def dimensions(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, dict[str, float]]:
    return {row[0]: json.loads(row[DIMENSIONS]) for row in found["journal_lines"] if row[DIMENSIONS]}


@pytest.mark.parametrize("version", [15, 16, 18])
def test_the_same_books_in_another_version_are_the_same_canonical_tables(
    version: int, sample: Callable[[int], SampleBooks], read: Read
) -> None:
    for company in sample(17).companies:
        other, usual = read(sample(version).url, company), read(sample(17).url, company)
        plain = without_dimensions(usual)
        same = {table: rows == plain[table] for table, rows in without_dimensions(other).items()}
        assert same == dict.fromkeys(plain, True)
        assert dimensions(other).keys() == dimensions(usual).keys()
        if version == 18:
            assert other == usual


def test_all_posted_lines_are_read_and_balance(sample: Callable[[int], SampleBooks], read: Read) -> None:
    books = sample(17)
    lines = [row for company in books.companies for row in read(books.url, company)["journal_lines"]]
    assert len(lines) == books.posted_lines
    assert sum(row[10] for row in lines) == 0


@pytest.mark.postgres
@pytest.mark.parametrize("version", VERSIONS)
def test_postgresql_gives_the_same_as_sqlite(
    version: int, sample: Callable[[int], SampleBooks], read: Read, postgres: Server
) -> None:
    books = sample(version)
    url = postgres.create(f"sample{version}", "\n".join(script(books.path, version)))
    with open_source(url) as source:
        assert source.version == str(version)
    assert read(url, books.companies[-1]) == read(books.url, books.companies[-1])


def script(path: Path, version: int) -> Iterator[str]:
    """The SQLite file as SQL for PostgreSQL, with that version's true column types."""
    with closing(sqlite3.connect(path)) as connection:
        for table, columns in tables(version).items():
            yield f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())});"
            kinds = list(columns.values())
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            if rows:
                values = (", ".join(map(typed, row, kinds)) for row in rows)
                yield f"INSERT INTO {table} VALUES {', '.join(f'({row})' for row in values)};"


def typed(value: Any, kind: str) -> str:
    """A literal; SQLite has numbers for booleans."""
    return str(bool(value)).lower() if kind == "boolean" and value is not None else literal(value)
