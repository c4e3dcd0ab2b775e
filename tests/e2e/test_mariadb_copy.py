"""Rows that MariaDB makes texts of: the same as value by value, whatever stands in them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_year, open_source
from abax.erp.connect import Database
from abax.errors import MalformedValue, SourceInterrupted

from tests.support.mariadb import Server
from tests.support.scenario import erpnext
from tests.support.scenario.history import history

TEXTS = ['say "hello", twice', "a\nb\r\nc", "", "ü€😀", "\\n \\", "%s %% 'x'", "x" * 300, "y" * 70_000]
TEXTS += ['"', '"quoted"', "\\N", "\r", "\t\v\x02", "\x1e", "\n" * 3]


@pytest.fixture(scope="module")
def url(mariadb: Server) -> str:
    return erpnext.write(history()).mariadb(mariadb, "copied")


@pytest.fixture
def remark(mariadb: Server, url: str) -> Callable[[int, str], None]:
    """Changes one column of the n-th line of the ledger."""

    def change(place: int, setting: str) -> None:
        mariadb.sql("ALTER TABLE `tabGL Entry` MODIFY remarks longtext", "copied")
        name = f"(SELECT name FROM (SELECT name FROM `tabGL Entry` ORDER BY name LIMIT 1 OFFSET {place}) n)"
        mariadb.sql(f"UPDATE `tabGL Entry` SET {setting} WHERE name = {name}", "copied")

    return change


def read(url: str, folder: Path) -> dict[str, list[Any]]:
    """Every row of every table of the years."""
    objects, rows = FolderObjects(folder), {}
    with open_source(url) as source:
        company = source.company(erpnext.COMPANY)
        for year in source.years(company):
            for table, key in extract_year(source, company, year, objects).keys.items():
                found = duckdb.execute(f"FROM '{objects.fetch(key)}'").fetchall()
                rows[f"{year.year} {table}"] = sorted(found, key=repr)
    return rows


def test_both_ways_give_the_same_rows(
    url: str, remark: Callable[[int, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, text in enumerate(TEXTS):
        remark(place * 7, f"remarks = CONVERT(x'{text.encode().hex()}' USING utf8mb4)")
    remark(3, "remarks = NULL, due_date = NULL")
    with open_source(url) as source:
        assert source.database.copies
    copied = read(url, tmp_path / "copied")
    monkeypatch.setattr(Database, "copies", property(lambda self: False))
    assert read(url, tmp_path / "streamed") == copied
    labels = {row[15] for name, rows in copied.items() if name.endswith("journal_lines") for row in rows}
    assert {text[:10_000] for text in TEXTS} | {None} <= labels


def test_a_delimiter_in_a_text_is_read_all_the_same(
    url: str, remark: Callable[[int, str], None], tmp_path: Path
) -> None:
    remark(7, "remarks = x'611f62'")
    try:
        rows = read(url, tmp_path)
    finally:
        remark(7, "remarks = NULL")
    labels = {row[15] for name, found in rows.items() if name.endswith("journal_lines") for row in found}
    assert "a\x1fb" in labels


def test_an_amount_with_too_many_decimals_is_named(
    url: str, remark: Callable[[int, str], None], mariadb: Server, tmp_path: Path
) -> None:
    mariadb.sql("ALTER TABLE `tabGL Entry` MODIFY debit decimal(21,9)", "copied")
    remark(5, "debit = debit + 0.000012345")
    try:
        with pytest.raises(MalformedValue, match="more than 4 decimals"):
            read(url, tmp_path)
    finally:
        remark(5, "debit = debit - 0.000012345")


def test_a_connection_that_is_lost_among_the_lines_is_an_interruption(
    url: str, mariadb: Server, tmp_path: Path
) -> None:
    with open_source(url) as source:
        company = source.company(erpnext.COMPANY)
        [year, *_] = source.years(company)
        [(me,)] = source.database.connection.exec_driver_sql("SELECT connection_id()").fetchall()
        mariadb.sql(f"KILL {me}")
        with pytest.raises(SourceInterrupted):
            extract_year(source, company, year, FolderObjects(tmp_path))


def test_what_a_listener_raises_ends_the_copy_and_passes_on(url: str, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(rows: int) -> None:
        raise StoppedError

    with open_source(url) as source, pytest.raises(StoppedError):
        company = source.company(erpnext.COMPANY)
        extract_year(source, company, source.years(company)[0], FolderObjects(tmp_path), stop)


def test_a_month_is_found_by_the_index_of_its_days_and_a_year_is_not(mariadb: Server, url: str) -> None:
    mariadb.sql("CREATE INDEX by_day ON `tabGL Entry` (posting_date, company)", "copied")
    with open_source(url) as source:
        company = source.company(erpnext.COMPANY)
        year = source.years(company)[0].year
        start, end = company.calendar.start_of(year), company.calendar.end_of(year)
        month = source.books.journal_lines(company, start, start + timedelta(days=30))
        whole = source.books.journal_lines(company, start, end)
        dialect = source.database.connection.dialect
        assert "FORCE INDEX (`by_day`)" in str(month.compile(dialect=dialect))
        assert "FORCE INDEX" not in str(whole.compile(dialect=dialect))
        days = [row for row in source.database.rows(whole) if row[6] <= start + timedelta(days=30)]
        assert sorted(map(repr, source.database.rows(month))) == sorted(map(repr, days))
        assert days
