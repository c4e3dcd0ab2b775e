"""The indirect cash flow statement."""

from abax.ledger import build_package

from tests.support.books import Entry

from .conftest import TWO_YEARS


def cash_flow(ledger, year, granularity="year"):
    statement = build_package(ledger, year).statement("cash_flow", granularity)
    return {line.line: [int(value) for value in line.values] for line in statement.lines}


def test_each_class_goes_to_its_section_and_the_sum_is_the_change_in_cash(ledger):
    assert cash_flow(ledger, 2025) == {
        "net_result": [260, 350],
        "depreciation": [10, 0],
        "change_in_receivables": [-500, -500],
        "change_in_payables": [200, 0],
        "change_in_other_current_liabilities": [30, 0],
        "operating_cash_flow": [0, -150],
        "investment_in_fixed_assets": [-360, 0],
        "investing_cash_flow": [-360, 0],
        "change_in_equity": [1000, 0],
        "financing_cash_flow": [1000, 0],
        "net_change_in_cash": [640, -150],
        "opening_cash": [0, 640],
        "closing_cash": [640, 490],
    }


def test_depreciation_moves_no_cash(ledger):
    months = cash_flow(ledger, 2024, "month")
    march = 2
    assert months["depreciation"][march] == 10
    assert months["investment_in_fixed_assets"][march] == 0
    assert months["net_change_in_cash"][march] == 0


def test_closing_entries_move_no_cash_and_show_nowhere(opened):
    close = Entry("2024-12-31", [("4000", "500"), ("3900", "-500")], closing=True)
    flow = cash_flow(opened([*TWO_YEARS, close]), 2024)
    assert flow["net_result"] == [260]
    assert "change_in_retained_earnings" not in flow
    assert flow["net_change_in_cash"] == [640]


def test_a_dividend_is_financing(opened):
    flow = cash_flow(opened([*TWO_YEARS, Entry("2025-03-06", [("3900", "40"), ("1000", "-40")])]), 2025)
    assert flow["change_in_retained_earnings"] == [0, -40]
    assert flow["financing_cash_flow"] == [1000, -40]
