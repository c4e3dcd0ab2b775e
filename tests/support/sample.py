"""A small sample company for tests, made once per run; tests that change it take a copy."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from abax.sample import SampleBooks, build

COMPANY = "Nordlicht Maschinenbau GmbH"
YEAR = 2025

_FOLDER = TemporaryDirectory(prefix="abax-sample-")


@cache
def small_books() -> SampleBooks:
    """About five thousand journal lines, not to be changed."""
    return build(Path(_FOLDER.name) / "books.sqlite", scale=0.02)


def url(path: Path | None = None) -> str:
    """The URL of the books, or of a copy at ``path``."""
    return f"sqlite:///{(path or small_books().path).resolve()}"


def broken_books(folder: Path, *statements: str) -> Path:
    """A copy of the books after some SQL."""
    path = Path(shutil.copy(small_books().path, folder / "books.sqlite"))
    changed(path, *statements)
    return path


def changed(path: Path, *statements: str) -> int:
    """Run some SQL on the books at ``path``; how many rows it changed."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return sum(connection.execute(statement).rowcount for statement in statements)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What ``query`` finds in the books at ``path``."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def column(path: Path, query: str) -> list[object]:
    """The first column of what ``query`` finds in the books at ``path``."""
    return [row[0] for row in rows(path, query)]


def mapping_file(folder: Path) -> Path:
    """The mapping that the sample company's books ask for."""
    path = folder / "mapping.json"
    path.write_text(json.dumps(dict(small_books().mapping[COMPANY])))
    return path


SOME_LINE = (
    "(SELECT l.id FROM account_move_line l JOIN account_move m ON m.id = l.move_id WHERE m.state = 'posted' "
    "AND l.company_id = 1 AND l.date BETWEEN '2024-05-01' AND '2024-05-31' AND l.debit > 0 "
    "ORDER BY l.id LIMIT 1)"
)
UNBALANCED = (
    f"UPDATE account_move_line SET debit = debit + 10, balance = balance + 10 WHERE id = {SOME_LINE}",
)
UNMAPPED = (
    "UPDATE account_account SET account_type = 'made_up', name = '{\"en_US\": \"Mystery\"}' "
    f"WHERE id = (SELECT account_id FROM account_move_line WHERE id = {SOME_LINE})",
)
NO_TABLE = ("DROP TABLE account_move_line",)
NO_COLUMN = ("ALTER TABLE account_account RENAME COLUMN account_type TO kind",)
NO_RATE = (
    "DELETE FROM res_currency_rate",
    "UPDATE account_move_line SET debit = 0, credit = 0, balance = 0, amount_currency = 500, "
    "currency_id = (SELECT id FROM res_currency WHERE name = 'USD') "
    f"WHERE move_id = (SELECT move_id FROM account_move_line WHERE id = {SOME_LINE})",
)
NOTHING_POSTED = (
    "UPDATE account_move SET state = 'draft'",
    "UPDATE account_move_line SET parent_state = 'draft'",
)
