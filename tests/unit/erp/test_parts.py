"""Large years by month: the same marks and the same rows, whichever way the source is looked at."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import YearSummary, extract_master, extract_year, open_source, opened
from abax.errors import MalformedValue
from abax.ledger import Ledger
from abax.ledger.diff import diff
from abax.ledger.model import LedgerManifest

from tests.unit.erp.books import Books

Write = Callable[[Books], str]


@pytest.fixture(autouse=True)
def three_lines_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "SPLIT_LINES", 3)


def parts(url: str) -> list[YearSummary]:
    with open_source(url) as source:
        return source.parts(source.company("1"))


def moved(before: list[YearSummary], after: list[YearSummary]) -> list[str]:
    known = {part.name: part.watermark for part in before}
    return [part.name for part in after if known.get(part.name) != part.watermark]


def test_only_a_year_of_many_lines_is_read_by_month(written: Write) -> None:
    books = Books()
    books.post(60, 6, 1, "2023-02-01", "x", debit=1.0)
    books.post(61, 6, 4, "2023-02-01", "x", credit=1.0)
    found = parts(written(books))
    by_year = {part.year: {other.period for other in found if other.year == part.year} for part in found}
    assert by_year[2023] == {None}
    assert by_year[2024] and None not in by_year[2024]


def test_a_part_looked_at_by_itself_is_what_it_is_among_all(written: Write) -> None:
    with open_source(written(Books())) as source:
        company = source.company("1")
        for part in [*source.parts(company), *source.years(company)]:
            assert source.part(company, part.year, part.period) == part
        assert source.part(company, 1999) is None
        assert source.part(company, 1999, 3) is None


def test_a_back_dated_posting_moves_its_month_and_no_other(written: Write, tmp_path: Path) -> None:
    books = Books()
    before = parts(written(books))
    books.post(60, 6, 1, "2024-02-29", "x", debit=1.0)
    books.post(61, 6, 4, "2024-02-29", "x", credit=1.0)
    assert moved(before, parts(written(books))) == ["2024-02"]


def test_the_months_of_a_year_hold_the_lines_of_the_year(written: Write, objects: FolderObjects) -> None:
    with open_source(written(Books())) as source:
        company = source.company("1")
        months = [extract_year(source, company, part, objects) for part in source.parts(company)]
        whole = [extract_year(source, company, year, objects) for year in source.years(company)]
    for table in ("journal_lines", "settlements"):
        stored = [
            sorted(
                row
                for partition in partitions
                for row in duckdb.execute(f"FROM '{objects.fetch(partition.keys[table])}'").fetchall()
            )
            for partitions in (months, whole)
        ]
        assert stored[0] == stored[1]
    assert {part.period for part in months} != {None}
    assert sum(part.lines for part in months) == sum(part.lines for part in whole)


def test_a_month_lies_under_its_own_name(written: Write, objects: FolderObjects) -> None:
    with open_source(written(Books())) as source:
        company = source.company("1")
        part = source.parts(company)[-1]
        partition = extract_year(source, company, part, objects)
        base = f"ledger/{source.source_id}/1/{part.year}-{part.period:02d}/{part.watermark}"
    assert partition.keys["journal_lines"] == f"{base}/journal_lines.parquet"
    assert (partition.year, partition.period) == (part.year, part.period)


def test_a_line_without_a_date_is_named_before_any_year_is_split(written: Write) -> None:
    books = Books()
    books.put("account_move_line", 4, date=None)
    with pytest.raises(MalformedValue, match="journal line 4 is posted without a date"):
        parts(written(books))


def manifest(url: str, objects: FolderObjects, *, by_month: bool) -> LedgerManifest:
    with open_source(url) as source:
        company = source.company("1")
        parts = source.parts(company) if by_month else source.years(company)
        return LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, {}, objects),
            years=[extract_year(source, company, part, objects) for part in parts],
        )


def test_a_ledger_is_the_same_whether_its_years_lie_whole_or_by_month(
    written: Write, objects: FolderObjects
) -> None:
    url = written(Books())
    whole, months = (manifest(url, objects, by_month=by_month) for by_month in (False, True))
    assert len(months.years) > len(whole.years)
    cubes = []
    for own in (whole, months):
        with Ledger.open(own, objects.fetch) as ledger:
            cubes.append((ledger.years, ledger.rows("FROM cube ORDER BY ALL"), ledger.read_up_to))
    assert cubes[0] == cubes[1]
    assert diff(whole, months, objects.fetch).same


def test_a_manifest_from_before_years_were_split_still_opens(written: Write, objects: FolderObjects) -> None:
    whole = manifest(written(Books()), objects, by_month=False)
    old = whole.model_dump(mode="json", exclude={"accept_unbalanced": True, "years": {"__all__": {"period"}}})
    assert "period" not in old["years"][0]
    with Ledger.open(LedgerManifest.model_validate(old), objects.fetch) as ledger:
        assert ledger.years == [2024, 2025]
