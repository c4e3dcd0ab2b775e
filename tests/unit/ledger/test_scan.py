"""The one pass over all lines: whether entries balance, without grouping them."""

from decimal import Decimal

import duckdb
import pytest
from abax.ledger import scan
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.books import Books, Entry, rewrite, write_books

MOST = Decimal("99999999999999.9999")
AMOUNTS = st.one_of(
    st.sampled_from([MOST, -MOST, Decimal(0), Decimal("0.0001"), Decimal("-0.0001"), None]),
    st.decimals(min_value=-MOST, max_value=MOST, places=4),
)
Line = tuple[str | None, Decimal | None]
LINES = st.lists(st.tuples(st.sampled_from(["A", "B", "C", None]), AMOUNTS), max_size=12)


def scanned(lines: list[Line]) -> tuple[bool, set[str | None]]:
    """Whether all is in balance, and the entries that are named."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE journal_lines (entry_id VARCHAR, amount DECIMAL(18,4), debit DECIMAL(18,4), "
            "credit DECIMAL(18,4), account_id VARCHAR, fiscal_year SMALLINT, fiscal_month UTINYINT, "
            "is_closing BOOLEAN, is_opening BOOLEAN, posting_date DATE)"
        )
        for entry, amount in lines:
            connection.execute(
                "INSERT INTO journal_lines VALUES (?, ?, 0, 0, 'a', 2025, 1, false, false, '2025-01-01')",
                [entry, amount],
            )
        connection.execute(f"CREATE TABLE weighed AS {scan.weighed_cells()}")
        [(balanced,)] = connection.execute(scan.BALANCED).fetchall()
        return balanced, {key for (key,) in connection.execute(scan.off_balance()).fetchall()}


@settings(deadline=None, max_examples=60)
@given(LINES)
def test_what_is_found_is_what_grouping_by_entry_finds(
    lines: list[Line],
) -> None:
    sums: dict[str | None, Decimal] = {}
    for entry, amount in lines:
        sums[entry] = sums.get(entry, Decimal(0)) + (amount or 0)
    off = {entry for entry, total in sums.items() if total}
    off |= {entry for entry, amount in lines if amount is None}
    assert scanned(lines) == (not off, off)


def test_the_largest_amounts_there_can_be_do_not_overflow() -> None:
    assert scanned([("A", MOST), ("A", -MOST)] * 500) == (True, set())


def test_entries_off_by_opposite_amounts_do_not_cancel_out() -> None:
    pairs = [(f"E{n}", Decimal(1 if n % 2 else -1)) for n in range(40)]
    balanced, off = scanned(pairs)
    assert (balanced, len(off)) == (False, 40)


def test_weights_are_drawn_anew_each_time() -> None:
    assert scan.weighed_cells() != scan.weighed_cells()


@pytest.mark.parametrize("change", ["amount = 10.0001", "amount = NULL"])
def test_one_wrong_line_among_many_is_found_when_a_ledger_opens(opened, tmp_path, change) -> None:
    from abax.ledger import Ledger

    entries = [Entry("2024-05-05", [("1100", "10"), ("4000", "-10")]) for _ in range(300)]
    assert opened(entries).balanced
    manifest = write_books(tmp_path, Books(entries))
    rewrite(tmp_path / "2024/journal_lines.parquet", f"UPDATE stored SET {change} WHERE line_id = 'L77.0'")
    with Ledger.open(manifest, tmp_path.joinpath) as ledger:
        assert not ledger.balanced
        assert ledger.rows(scan.off_balance()) == [("E77",)]
