"""The trial balance of a fiscal year."""

import pytest
from abax.errors import NoPostings
from abax.ledger import trial_balance

from tests.support.books import CHART, Entry

from .conftest import TWO_YEARS


def rows(ledger, year):
    return {
        row.code: tuple(int(value) for value in (row.opening, row.debit, row.credit, row.closing))
        for row in trial_balance(ledger, year).rows
    }


def test_balances_carry_over_and_result_accounts_start_at_zero(ledger):
    assert rows(ledger, 2025) == {
        "1000": (640, 300, 450, 490),
        "1100": (500, 800, 300, 1000),
        "1500": (350, 0, 0, 350),
        "2000": (-200, 0, 0, -200),
        "2300": (-30, 0, 0, -30),
        "3000": (-1000, 0, 0, -1000),
        "3900": (-260, 0, 0, -260),
        "4000": (0, 0, 800, -800),
        "6000": (0, 450, 0, 450),
    }


def test_earlier_results_add_to_what_retained_earnings_holds_itself(opened):
    ledger = opened([*TWO_YEARS, Entry("2024-06-01", [("3900", "40"), ("1000", "-40")])])
    assert rows(ledger, 2025)["3900"] == (-220, 0, 0, -220)
    assert rows(ledger, 2024)["3900"] == (0, 40, 0, 40)


@pytest.mark.parametrize("chart", [{"3900": "equity"}, {"3901": "retained_earnings"}])
def test_a_row_of_ours_holds_earlier_results_unless_the_chart_has_exactly_one_account_for_them(opened, chart):
    balance = trial_balance(opened(TWO_YEARS, accounts={**CHART, **chart}), 2025)
    ours = next(row for row in balance.rows if row.code == "retained_earnings")
    assert (ours.name, int(ours.opening), int(ours.closing)) == ("Results of earlier years", -260, -260)


def test_closed_years_leave_nothing_to_carry(opened):
    close = Entry(
        "2024-12-31", [("4000", "500"), ("5000", "-200"), ("6500", "-10"), ("8000", "-30"), ("3900", "-260")]
    )
    assert rows(opened([*TWO_YEARS, close]), 2025)["3900"] == (-260, 0, 0, -260)


def test_accounts_off_the_balance_sheet_are_left_out(opened):
    ledger = opened([*TWO_YEARS, Entry("2025-01-01", [("9000", "7"), ("9000", "-7")])])
    assert "9000" not in rows(ledger, 2025)


def test_an_account_whose_debits_and_credits_cancel_is_still_shown(opened):
    ledger = opened([Entry("2024-01-01", [("1400", "5"), ("1400", "-5")])])
    assert rows(ledger, 2024)["1400"] == (0, 5, 5, 0)


def test_a_year_without_postings_is_an_error(ledger):
    with pytest.raises(NoPostings, match="2023-01-01"):
        trial_balance(ledger, 2023)
