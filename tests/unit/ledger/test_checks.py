"""The hard checks, each made to fail by itself, and the error that follows."""

from decimal import Decimal

import pytest
from abax.errors import CheckFailed, NoPostings, UnbalancedEntry
from abax.ledger import Ledger, build_package, require, run_checks

from tests.support.books import Books, Entry, rewrite, write_books

SALE = Entry("2024-05-05", [("1100", "10"), ("4000", "-10")])


def outcome(ledger):
    return {check.check: check.passed for check in run_checks(ledger)}


def test_sound_books_pass_all_four_checks(ledger):
    passed = {"entries_balance": True, "trial_balance": True, "balance_sheet": True, "cash_flow": True}
    assert outcome(ledger) == passed
    assert [check.passed for check in require(ledger, year=2025)] == [True] * 4


def test_an_unbalanced_entry_is_named_with_its_difference(opened):
    ledger = opened([SALE, Entry("2024-06-01", [("1000", "10.02"), ("4000", "-10")], name="INV/7")])
    with pytest.raises(UnbalancedEntry, match=r"INV/7 \(off by 0.02\)") as caught:
        require(ledger)
    assert caught.value.entries == (("INV/7", Decimal("0.02")),)


def test_an_unbalanced_entry_without_a_number_is_named_by_its_key(tmp_path):
    change = "UPDATE stored SET entry_name = NULL; UPDATE stored SET amount = 11 WHERE account_id = '1100'"
    with tampered(tmp_path, change) as ledger, pytest.raises(UnbalancedEntry, match=r"E0 \(off by 1"):
        require(ledger)


def test_an_entry_without_a_number_that_leaves_the_balance_sheet_is_named_by_its_key(tmp_path):
    change = "UPDATE stored SET entry_name = NULL; UPDATE stored SET account_id = '9000' WHERE amount > 0"
    with tampered(tmp_path, change) as ledger, pytest.raises(CheckFailed, match="E0") as caught:
        require(ledger)
    assert caught.value.entries == ("E0",)


def test_two_entries_that_are_off_by_opposite_amounts_are_both_named(opened):
    ledger = opened(
        [
            Entry("2024-06-01", [("1100", "11"), ("4000", "-10")], name="A"),
            Entry("2024-06-02", [("1100", "9"), ("4000", "-10")], name="B"),
        ]
    )
    checks = {check.check: check for check in run_checks(ledger)}
    assert checks["entries_balance"].entries == [("A", Decimal(1)), ("B", Decimal(-1))]
    assert [checks[name].passed for name in ("trial_balance", "balance_sheet", "cash_flow")] == [True] * 3


def test_a_posting_with_one_side_off_the_balance_sheet_breaks_it_and_is_named(opened):
    ledger = opened([SALE, Entry("2024-07-01", [("9000", "7"), ("1400", "-7")], name="OFF/1")])
    assert outcome(ledger) == {
        "entries_balance": True,
        "trial_balance": True,
        "balance_sheet": False,
        "cash_flow": False,
    }
    with pytest.raises(CheckFailed, match=r"assets = liabilities.*2024-07.*OFF/1") as caught:
        require(ledger)
    assert caught.value.entries == ("OFF/1",)


def test_postings_wholly_off_the_balance_sheet_disturb_nothing(opened):
    ledger = opened([SALE, Entry("2024-07-01", [("9000", "7"), ("9000", "-7")])])
    assert all(outcome(ledger).values())


def test_an_entry_spread_over_two_months_breaks_the_month_end_between(tmp_path):
    ledger = tampered(
        tmp_path, "UPDATE stored SET fiscal_month = 6, posting_date = '2024-06-01' WHERE account_id = '4000'"
    )
    with ledger, pytest.raises(CheckFailed, match=r"assets = liabilities.*2024-05.*MISC/0000"):
        require(ledger)


def test_debits_that_do_not_match_the_amounts_break_the_trial_balance_alone(tmp_path):
    with tampered(tmp_path, "UPDATE stored SET debit = 12 WHERE account_id = '1100'") as ledger:
        assert [name for name, passed in outcome(ledger).items() if not passed] == ["trial_balance"]
        with pytest.raises(CheckFailed, match=r"trial balance sums to zero.*fiscal year 2024"):
            require(ledger)


def test_a_line_without_an_amount_is_named(opened):
    ledger = opened([SALE, Entry("2024-06-01", [("1000", None), ("4000", "0")], name="NIL/1")])
    with pytest.raises(CheckFailed, match=r"has an amount.*NIL/1"):
        require(ledger)


def test_a_year_without_lines_is_an_error(ledger):
    with pytest.raises(NoPostings, match=r"Acme.*2019-01-01 to 2019-12-31"):
        require(ledger, year=2019)


def test_books_without_any_line_are_an_error(opened):
    with pytest.raises(NoPostings, match="Acme"):
        require(opened([]))


def test_checks_that_were_run_before_are_not_run_again(ledger, monkeypatch):
    checks = run_checks(ledger)
    monkeypatch.setattr("abax.ledger.checks.run_checks", None)
    assert require(ledger, checks) is checks


OFF = Entry("2024-06-01", [("1000", "10.02"), ("4000", "-10")], name="INV/7")
OTHER = Entry("2025-02-01", [("1100", "1"), ("9000", "2")], name="INV/8")


def test_an_unbalanced_entry_may_be_accepted_and_its_checks_stay_failed(opened):
    ledger = opened([SALE, OFF], accept_unbalanced=["INV/7"])
    checks = {check.check: check for check in require(ledger)}
    assert checks["entries_balance"].entries == [("INV/7", Decimal("0.02"))]
    assert [name for name, check in checks.items() if not check.passed] == [
        "entries_balance",
        "trial_balance",
        "balance_sheet",
        "cash_flow",
    ]


def test_totals_differ_by_what_accepted_entries_are_off_by_and_a_notice_says_so(opened):
    package = build_package(opened([SALE, OFF, OTHER], accept_unbalanced=["*"]), 2025)
    sheet = package.statement("balance_sheet", "year")
    apart = [
        sheet.value("total_assets", year) - sheet.value("total_liabilities_and_equity", year)
        for year in ("2024", "2025")
    ]
    assert apart == [Decimal("0.02"), Decimal("1.02")]
    [notice] = [notice for notice in package.notices if notice.code == "unbalanced_entries"]
    assert "INV/7 (off by 0.02), INV/8 (off by 3.00); together 3.02 EUR" in notice.message


def test_balanced_books_have_no_notice_of_accepted_entries(opened):
    package = build_package(opened([SALE], accept_unbalanced=["*"]), 2024)
    assert "unbalanced_entries" not in {notice.code for notice in package.notices}


def test_an_acceptance_of_an_entry_that_balances_is_told(opened):
    package = build_package(opened([SALE, OFF], accept_unbalanced=["INV/7", "INV/8"]), 2024)
    [notice] = [notice for notice in package.notices if notice.code == "idle_acceptance"]
    assert notice.message.endswith("entry INV/8")


def test_only_the_entries_that_were_named_are_accepted(opened):
    with pytest.raises(UnbalancedEntry, match="INV/8") as caught:
        require(opened([SALE, OFF, OTHER], accept_unbalanced=["INV/7"]))
    assert caught.value.entries == (("INV/8", Decimal(3)),)


def test_what_else_is_wrong_is_not_accepted_along_with_an_unbalanced_entry(opened):
    one_sided = Entry("2024-07-01", [("9000", "7"), ("1400", "-7")], name="OFF/1")
    with pytest.raises(CheckFailed, match="assets = liabilities"):
        require(opened([SALE, OFF, one_sided], accept_unbalanced=["*"]))


def test_a_line_without_an_amount_is_never_accepted(opened):
    nil = Entry("2024-06-01", [("1000", None), ("4000", "0")], name="NIL/1")
    with pytest.raises(CheckFailed, match=r"has an amount.*NIL/1"):
        require(opened([SALE, OFF, nil], accept_unbalanced=["*"]))


def tampered(folder, change) -> Ledger:
    """One sale whose stored lines were changed by an SQL statement."""
    manifest = write_books(folder, Books([SALE]))
    rewrite(folder / "2024" / "journal_lines.parquet", change)
    return Ledger.open(manifest, folder.joinpath)
