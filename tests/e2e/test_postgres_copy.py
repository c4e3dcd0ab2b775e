"""Rows that PostgreSQL copies: the same as value by value, whatever stands in them."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_year, open_source
from abax.erp.connect import Database
from abax.errors import MalformedValue

from benchmarks.extraction import LEDGER, SCHEMA
from tests.support.postgres import Server

TEXTS = ['say "hello", twice', "a\nb\r\nc", "", "ü€😀", "\\n \\", "\\N", "%s %% 'x'", "\r", "y" * 70_000]
TEXTS += ['"', '"quoted"', "\t\v\b\f", "\x01\x02\x1e\x1f", "\n" * 3, "\\\\\t\\"]
YEAR = 2025


@pytest.fixture(scope="module")
def url(postgres: Server) -> str:
    address = postgres.create("copied", SCHEMA, LEDGER.format(entries=500, year=YEAR))
    for place, text in enumerate(TEXTS):
        hexed = text.encode().hex()
        change(postgres, place * 7 + 4, f"name = convert_from('\\x{hexed}', 'UTF8')")
    change(postgres, 5, "name = NULL, date_maturity = NULL, debit = NULL, amount_currency = 0.1 + 1e-14")
    return address


def change(postgres: Server, line: int, setting: str) -> None:
    postgres.psql("copied", f"UPDATE account_move_line SET {setting} WHERE id = {line}")


def read(url: str, folder: Path) -> list[Any]:
    """The journal lines of the year."""
    objects = FolderObjects(folder)
    with open_source(url) as source:
        company = source.company("1")
        [year] = source.years(company)
        key = extract_year(source, company, year, objects).keys["journal_lines"]
    return sorted(duckdb.execute(f"FROM '{objects.fetch(key)}'").fetchall(), key=repr)


def test_both_ways_give_the_same_rows(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_source(url) as source:
        assert source.database.copies
    copied = read(url, tmp_path / "copied")
    assert {text[:10_000] for text in TEXTS} | {None} <= {row[15] for row in copied}
    monkeypatch.setattr(Database, "copies", property(lambda self: False))
    assert read(url, tmp_path / "streamed") == copied


@pytest.mark.parametrize(
    ("stored", "said"), [("1.23456", r"1\.23456 \(more than 4 decimals\)"), ("'NaN'", "NaN")]
)
def test_an_amount_that_cannot_be_stored_is_named_with_its_line(
    url: str, postgres: Server, tmp_path: Path, stored: str, said: str
) -> None:
    change(postgres, 42, f"debit = {stored}")
    try:
        with pytest.raises(MalformedValue, match=f"debit '{said}' of journal line 42"):
            read(url, tmp_path)
    finally:
        change(postgres, 42, "debit = 1")
    assert not list(tmp_path.rglob("*.parquet"))
