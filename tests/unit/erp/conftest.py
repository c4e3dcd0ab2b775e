"""What the tests of this room share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.ledger.model import YEAR_TABLES

from tests.unit.erp.books import Books

Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "objects")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Books], str]:
    """Writes books as SQLite; gives the URL."""
    return lambda books: books.sqlite(tmp_path / f"books{books.version}.sqlite")


@pytest.fixture
def read(objects: FolderObjects) -> Callable[..., Tables]:
    """Extracts all of a company; canonical table to rows. A year's are sorted here: it keeps no order."""

    def read(url: str, company: str = "1", mapping: dict[str, str] | None = None) -> Tables:
        with open_source(url) as source:
            chosen = source.company(company)
            keys = [extract_master(source, chosen, mapping or {}, objects)]
            keys += [extract_year(source, chosen, year, objects).keys for year in source.years(chosen)]
        found: Tables = {}
        for part in keys:
            for table, key in part.items():
                rows = duckdb.sql(f"FROM '{objects.fetch(key)}'").fetchall()
                found.setdefault(table, []).extend(rows)
        return {
            table: sorted(rows, key=repr) if table in YEAR_TABLES else rows for table, rows in found.items()
        }

    return read
