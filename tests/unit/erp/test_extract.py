"""Extraction: complete or not there at all."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import YearSummary, extract_master, extract_year, open_source
from abax.errors import InvalidMapping, MalformedValue, MissingRate, StorageFull
from abax.ledger.model import MASTER_TABLES, TABLES, YEAR_TABLES, YearPartition

from tests.unit.erp.books import Books

Write = Callable[[Books], str]


def extracted(url: str, objects: FolderObjects, year: int = 2024) -> YearPartition:
    with open_source(url) as source:
        company = source.company("1")
        return extract_year(source, company, source.year(company, year), objects)


def test_a_year_lies_under_source_company_year_and_watermark(written: Write, objects: FolderObjects) -> None:
    url = written(Books())
    with open_source(url) as source:
        company = source.company("1")
        summary = source.year(company, 2024)
        partition = extract_year(source, company, summary, objects)
        base = f"ledger/{source.source_id}/1/2024/{summary.watermark}"
    assert partition.keys == {table: f"{base}/{table}.parquet" for table in YEAR_TABLES}
    assert partition.lines == summary.lines == 4
    assert list(objects.keys("ledger/")) == sorted([*partition.keys.values(), f"{base}/partition.json"])
    assert YearPartition.model_validate_json(objects.get(f"{base}/partition.json")) == partition


def test_parquet_columns_are_the_canonical_ones(written: Write, objects: FolderObjects) -> None:
    url = written(Books())
    with open_source(url) as source:
        keys = extract_master(source, source.company("1"), {}, objects)
    assert tuple(keys) == MASTER_TABLES
    for table, key in {**keys, **extracted(url, objects).keys}.items():
        shape = duckdb.sql(f"DESCRIBE FROM '{objects.fetch(key)}'").fetchall()
        assert {name: kind for name, kind, *_ in shape} == TABLES[table]


def test_what_is_complete_is_not_read_again(written: Write, objects: FolderObjects) -> None:
    url = written(Books())
    told: list[int] = []
    with open_source(url) as source:
        company = source.company("1")
        summary = source.year(company, 2024)
        first = extract_year(source, company, summary, objects, told.append)
        assert extract_year(source, company, summary, objects, told.append) == first
    assert told == [4]


def test_a_year_without_its_last_object_is_read_again(written: Write, objects: FolderObjects) -> None:
    url = written(Books())
    first = extracted(url, objects)
    (marker,) = (key for key in objects.keys("ledger/") if key.endswith("partition.json"))
    objects.fetch(marker).unlink()
    objects.fetch(first.keys["settlements"]).write_bytes(b"half")
    assert extracted(url, objects) == first
    assert duckdb.sql(f"FROM '{objects.fetch(first.keys['settlements'])}'").fetchall()


def test_master_tables_are_read_again_only_when_they_or_the_mapping_change(
    written: Write, objects: FolderObjects
) -> None:
    with open_source(written(Books())) as source:
        company = source.company("1")
        first = extract_master(source, company, {}, objects)
        before = objects.fetch(first["accounts"]).stat().st_mtime_ns
        assert extract_master(source, company, {}, objects) == first
        assert objects.fetch(first["accounts"]).stat().st_mtime_ns == before
        assert extract_master(source, company, {"400000": "other_income"}, objects) != first


def test_a_mapping_to_no_class_is_refused(written: Write, objects: FolderObjects) -> None:
    with (
        open_source(written(Books())) as source,
        pytest.raises(InvalidMapping, match="400000 is mapped to 'sales'; use one of cash"),
    ):
        extract_master(source, source.company("1"), {"400000": "sales"}, objects)


def test_mapped_codes_may_hold_quotes(written: Write, objects: FolderObjects) -> None:
    books = Books()
    books.put("account_account", 4, code="4'0")
    with open_source(written(books)) as source:
        keys = extract_master(source, source.company("1"), {"4'0": "other_income"}, objects)
    accounts = duckdb.sql(f"SELECT code, statement_class FROM '{objects.fetch(keys['accounts'])}'").fetchall()
    assert ("4'0", "other_income") in accounts


def test_what_progress_raises_leaves_nothing_behind(written: Write, objects: FolderObjects) -> None:
    class StoppedError(Exception):
        pass

    def stop(rows: int) -> None:
        raise StoppedError

    with open_source(written(Books())) as source, pytest.raises(StoppedError):
        company = source.company("1")
        extract_year(source, company, source.year(company, 2024), objects, stop)
    assert list(objects.keys("")) == []


def test_a_store_that_is_full_leaves_the_year_incomplete(written: Write, tmp_path: Path) -> None:
    class FullAfterOne(FolderObjects):
        kept = 0

        def put_file(self, key: str, path: Path) -> None:
            if self.kept:
                raise StorageFull(str(self.root))
            self.kept += 1
            super().put_file(key, path)

    url = written(Books())
    objects = FullAfterOne(tmp_path / "full")
    with pytest.raises(StorageFull, match="finished parts are kept"):
        extracted(url, objects)
    assert not any(key.endswith("partition.json") for key in objects.keys(""))
    assert extracted(url, FolderObjects(tmp_path / "full")).lines == 4


def test_a_malformed_amount_names_its_line(written: Write, objects: FolderObjects) -> None:
    books = Books()
    books.put("account_move_line", 4, debit="fifty")
    with pytest.raises(MalformedValue, match="debit 'fifty' of journal line 4"):
        extracted(written(books), objects)
    assert list(objects.keys("")) == []


def unvalued(books: Books, currency: int) -> Books:
    """An entry of 10 in a foreign currency that came to nothing in ours."""
    books.post(70, 7, 5, "2024-08-01", "x", currency=currency, usd=10.0)
    books.post(71, 7, 1, "2024-08-01", "x", currency=currency, usd=-10.0)
    return books


def test_a_foreign_amount_without_value_and_rate_is_named(written: Write, objects: FolderObjects) -> None:
    with pytest.raises(MissingRate, match=r"no GBP rate to EUR on or before 2024-08-01.*entry MISC/7;"):
        extracted(written(unvalued(Books(), 3)), objects)
    assert list(objects.keys("")) == []


def test_a_foreign_amount_that_a_rate_rounds_to_nothing_is_fine(
    written: Write, objects: FolderObjects
) -> None:
    assert extracted(written(unvalued(Books(), 2)), objects).lines == 6


def test_a_rate_of_later_does_not_help(written: Write, objects: FolderObjects) -> None:
    books = unvalued(Books(), 3)
    books.add("res_currency_rate", id=9, currency_id=3, name="2024-08-02", rate=0.8)
    with pytest.raises(MissingRate, match="GBP"):
        extracted(written(books), objects)


def test_a_year_that_is_gone_meanwhile_is_empty_not_wrong(written: Write, objects: FolderObjects) -> None:
    with open_source(written(Books())) as source:
        company = source.company("1")
        partition = extract_year(source, company, YearSummary(year=1999, lines=0, watermark="none"), objects)
    assert partition.lines == 0


def test_sums_survive_extraction(written: Write, objects: FolderObjects) -> None:
    books = Books()
    for key in range(100, 1100):
        books.post(key, 8, 5, "2024-05-05", "x", debit=0.1 * (key % 7), usd=0)
        books.post(key + 1000, 8, 1, "2024-05-05", "x", credit=0.1 * (key % 7), usd=0)
    file = objects.fetch(extracted(written(books), objects).keys["journal_lines"])
    [found] = duckdb.sql(f"SELECT sum(debit), sum(credit), sum(amount) FROM '{file}'").fetchall()
    expected = Decimal(150) + sum(Decimal(key % 7) / 10 for key in range(100, 1100))
    assert found == (expected, expected, 0)
