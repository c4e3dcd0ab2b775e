"""Two ledgers of one company, line by line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from abax.errors import InvalidRequest
from abax.ledger.diff import LedgerDiff, diff
from abax.ledger.model import Company
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.books import COMPANY, Books, Entry, balanced_books, write_books

SALE = Entry("2024-05-01", [("1000", "100"), ("4000", "-100")], name="INV/1")
RENT = Entry("2025-05-01", [("6000", "30"), ("1000", "-30")], name="BILL/1")


def compared(folder: Path, before: list[Entry], after: list[Entry], lines: int = 50) -> LedgerDiff:
    sides = [write_books(folder / name, Books(side)) for name, side in (("b", before), ("a", after))]
    for name, side in zip("ba", sides, strict=True):
        keys = [{table: f"{name}/{key}" for table, key in part.keys.items()} for part in side.years]
        parts = [part.model_copy(update={"keys": own}) for part, own in zip(side.years, keys, strict=True)]
        master = {table: f"{name}/{key}" for table, key in side.master.items()}
        sides["ba".index(name)] = side.model_copy(update={"years": parts, "master": master})
    return diff(*sides, folder.joinpath, lines=lines)


def test_the_same_books_do_not_differ(tmp_path: Path) -> None:
    found = compared(tmp_path, [SALE, RENT], [SALE, RENT])
    assert found.same
    assert (found.cells, found.lines) == ([], [])


def test_a_late_posting_is_added_and_moves_its_accounts(tmp_path: Path) -> None:
    late = Entry("2024-12-31", [("6000", "7"), ("2000", "-7")], name="BILL/9")
    found = compared(tmp_path, [SALE, RENT], [SALE, RENT, late])
    assert (found.added, found.removed, found.changed) == (2, 0, 0)
    assert [(cell.code, cell.year, cell.before, cell.after) for cell in found.cells] == [
        ("2000", 2024, 0, Decimal(-7)),
        ("6000", 2024, 0, Decimal(7)),
    ]
    assert {(line.entry_name, line.code, line.before, line.after) for line in found.lines} == {
        ("BILL/9", "2000", None, Decimal(-7)),
        ("BILL/9", "6000", None, Decimal(7)),
    }


def test_a_line_that_changed_is_neither_added_nor_removed(tmp_path: Path) -> None:
    dearer = Entry("2025-05-01", [("6000", "31"), ("1000", "-31")], name="BILL/1")
    found = compared(tmp_path, [SALE, RENT], [SALE, dearer])
    assert (found.added, found.removed, found.changed) == (0, 0, 2)
    renamed = Entry("2025-05-01", [("6000", "30"), ("1000", "-30")], name="BILL/1", partner="p1")
    found = compared(tmp_path / "partner", [SALE, RENT], [SALE, renamed])
    assert (found.changed, found.cells) == (2, [])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=balanced_books, after=balanced_books, number=st.integers(0, 10**9))
def test_what_a_diff_says_leads_from_one_side_to_the_other(
    tmp_path: Path, before: list[Entry], after: list[Entry], number: int
) -> None:
    there = compared(tmp_path / f"{number} there", before, after, 10_000)
    back = compared(tmp_path / f"{number} back", after, before, 10_000)
    assert (there.added, there.removed, there.changed) == (back.removed, back.added, back.changed)
    assert len(there.lines) == there.added + there.removed + there.changed
    moved = sum((line.after or 0) - (line.before or 0) for line in there.lines)
    assert moved == sum(cell.after - cell.before for cell in there.cells) == 0


def test_only_so_many_lines_are_named_the_largest_first(tmp_path: Path) -> None:
    found = compared(tmp_path, [SALE], [SALE, RENT, Entry("2025-06-01", [("1000", "1"), ("4000", "-1")])], 2)
    assert found.added == 4
    assert [abs(line.after or 0) for line in found.lines] == [30, 30]


def test_ledgers_of_two_companies_are_not_compared(tmp_path: Path) -> None:
    one = write_books(tmp_path / "one", Books([SALE]))
    other = write_books(
        tmp_path / "two", Books([SALE], company=Company(company_id="2", name="B", currency="EUR"))
    )
    with pytest.raises(InvalidRequest, match=f"{COMPANY.name}.*B.*cannot be compared"):
        diff(one, other, tmp_path.joinpath)
