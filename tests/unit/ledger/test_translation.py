"""Books in another currency: every figure by hand, and what holds for any books."""

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.dates import FiscalCalendar, Granularity
from abax.errors import InvalidRequest, MissingRate
from abax.ledger.model import LineKind
from abax.ledger.package import build_package
from abax.ledger.translation import Rates, present
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.books import Entry, balanced_books, build_ledger
from tests.unit.ledger.conftest import Opener

D = Decimal
BOOKS = [
    Entry("2025-01-10", [("1000", "1000"), ("3000", "-1000")]),
    Entry("2025-01-20", [("1100", "100"), ("4000", "-100")]),
    Entry("2025-02-10", [("1000", "100"), ("1100", "-100")]),
    Entry("2025-02-15", [("6000", "40"), ("1000", "-40")]),
]
RATES = "currency,month,closing,average\nEUR,2025-01,1.20,1.10\nEUR,2025-02,1.50,1.40\n"
"""Dollars for one euro."""


def figures(found, report, granularity="month"):
    statement = found.statement(report, granularity)
    return {row.line: [str(value) for value in row.values] for row in statement.lines}


def test_balances_go_by_closing_flows_by_average_and_equity_by_historical_rates(opened: Opener) -> None:
    found = present(opened(BOOKS), "USD", 2025, Rates.of_csv(RATES, "USD", "EUR"))
    income, sheet = figures(found, "income_statement"), figures(found, "balance_sheet")
    assert income["revenue"] == ["110.00", "0.00"]
    assert income["operating_expenses"] == ["0.00", "-56.00"]
    assert sheet["cash"] == ["1200.00", "1590.00"]
    assert sheet["receivables"] == ["120.00", "0.00"]
    assert sheet["equity"] == ["1100.00", "1100.00"]
    assert sheet["current_year_result"] == ["110.00", "54.00"]
    assert sheet["translation_reserve"] == ["110.00", "436.00"]
    assert sheet["total_assets"] == sheet["total_liabilities_and_equity"] == ["1320.00", "1590.00"]


def test_the_cash_flow_leads_to_the_balance_sheets_cash_with_a_line_for_what_rates_did(
    opened: Opener,
) -> None:
    found = present(opened(BOOKS), "USD", 2025, Rates.of_csv(RATES, "USD", "EUR"))
    flow = figures(found, "cash_flow")
    assert flow["change_in_receivables"] == ["-110.00", "140.00"]
    assert flow["change_in_equity"] == ["1100.00", "0.00"]
    # January: 1,000 in at 1.10, worth 1.20 at its end. February: 1,000 and then 60 more.
    assert flow["effect_of_exchange_rates"] == ["100.00", "306.00"]
    assert flow["net_change_in_cash"] == ["1200.00", "390.00"]
    assert flow["closing_cash"] == ["1200.00", "1590.00"]
    assert figures(found, "cash_flow", "year")["net_change_in_cash"] == ["1590.00"]


def test_results_of_earlier_years_stand_at_the_averages_of_their_months(opened: Opener) -> None:
    entries = [
        Entry("2024-06-10", [("1000", "100"), ("4000", "-100")]),
        Entry("2025-01-10", [("1000", "10"), ("4000", "-10")]),
    ]
    rates = RATES + "EUR,2024-06,1.30,1.25\nEUR,2024-12,1.10,1.05\n"
    found = present(opened(entries), "USD", 2025, Rates.of_csv(rates, "USD", "EUR"), history=1)
    sheet = figures(found, "balance_sheet")
    assert sheet["retained_earnings"] == ["125.00"]
    assert sheet["cash"] == ["132.00"]
    assert sheet["translation_reserve"] == [str(D("132.00") - D("125.00") - D("11.00"))]
    assert figures(found, "cash_flow")["opening_cash"] == ["110.00"]


@pytest.mark.parametrize("quoted", ["EUR", "USD"])
def test_a_file_may_quote_either_currency_in_the_other(opened: Opener, quoted: str) -> None:
    worth = "2" if quoted == "EUR" else "0.5"
    text = f"currency,month,closing,average\n{quoted},2025-01,{worth},{worth}\n"
    entries = [Entry("2025-01-10", [("1000", "7"), ("4000", "-7")])]
    found = present(opened(entries), "USD", 2025, Rates.of_csv(text, "USD", "EUR"))
    assert figures(found, "balance_sheet")["cash"] == ["14.00"]


def test_the_sources_quotes_make_averages_and_closings(opened: Opener) -> None:
    quotes = [("USD", "2024-12-31", "0.80"), ("USD", "2025-01-10", "0.50"), ("USD", "2025-01-20", "0.25")]
    entries = [
        Entry("2025-01-15", [("1000", "30"), ("4000", "-30")]),
        Entry("2025-02-15", [("1000", "10"), ("4000", "-10")]),
    ]
    found = present(opened(entries, rates=quotes), "USD", 2025)
    income = figures(found, "income_statement")
    assert income["revenue"] == ["80.00", "40.00"]  # 0.375 on January's average, February by its last quote
    assert figures(found, "balance_sheet")["cash"] == ["120.00", "160.00"]
    [carried] = found.notices
    assert carried.code == "carried_rates" and "2025-02" in carried.message


@pytest.mark.parametrize(
    ("rates", "month"),
    [
        ("currency,month,closing,average\nEUR,2025-01,1.2,1.1\n", "2025-02"),
        ("currency,month,closing,average\nEUR,2025-01,,1.1\nEUR,2025-02,1,1\n", "2025-01"),
        ("currency,month,closing,average\nGBP,2025-01,1.2,1.1\n", "2025-01"),
    ],
)
def test_a_rate_that_is_missing_is_named_with_its_month(opened: Opener, rates: str, month: str) -> None:
    with pytest.raises(MissingRate, match=rf"EUR.*USD.*{month}"):
        present(opened(BOOKS), "USD", 2025, Rates.of_csv(rates, "USD", "EUR"))


def test_without_any_quote_the_currency_is_named(opened: Opener) -> None:
    with pytest.raises(MissingRate, match=r"EUR rate to USD for 2025-01"):
        present(opened(BOOKS), "USD", 2025)


def test_the_functional_currency_needs_no_rates_and_changes_nothing(opened: Opener) -> None:
    ledger = opened(BOOKS)
    found, package = present(ledger, "EUR", 2025), build_package(ledger, 2025)
    assert found.statements == package.statements


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("currency,month,closing\n", "no column average"),
        ("currency,month,closing,average\nEUR,2025-01,dear,1\n", "line 2: 'dear' is no rate"),
        ("currency,month,closing,average\nEUR,2025-01,-1,1\n", "line 2"),
        ("currency,month,closing,average\nEUR,2025-01,1,1\nEUR,2025-01,1,1\n", "line 3 gives rates twice"),
        ("currency,month,closing,average\n,2025-01,1,1\n", "line 2 names no currency"),
    ],
)
def test_a_file_of_rates_that_cannot_be_read_is_refused_by_line(text: str, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        Rates.of_csv(text, "USD")


def test_rates_between_two_foreign_currencies_go_through_the_base() -> None:
    rates = Rates("EUR", {"USD": [(date(2025, 1, 1), D("0.8"))], "GBP": [(date(2025, 1, 1), D("1.2"))]})
    [month, *_] = FiscalCalendar().months(2025)
    assert rates.closing("GBP", "USD", month) == D("1.5")
    assert rates.knows("GBP", "USD", "EUR") and not rates.knows("CHF")


def test_yen_have_no_decimals(opened: Opener) -> None:
    rates = "currency,month,closing,average\nEUR,2025-01,161.237,160.111\nEUR,2025-02,163.3,162.7\n"
    found = present(opened(BOOKS), "JPY", 2025, Rates.of_csv(rates, "JPY", "EUR"))
    assert figures(found, "balance_sheet")["cash"] == ["161237", str(round(1060 * D("163.3")))]


RATE = st.decimals(min_value="0.01", max_value=200, places=4)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(balanced_books, st.lists(st.tuples(RATE, RATE), min_size=48, max_size=48), st.integers(1, 3))
def test_whatever_the_rates_the_balance_sheet_balances_and_the_cash_ties(entries, drawn, history) -> None:
    months = [month.label for year in range(2023, 2027) for month in FiscalCalendar().months(year)]
    lines = [
        f"EUR,{label},{closing},{average}" for label, (closing, average) in zip(months, drawn, strict=True)
    ]
    text = "\n".join(["currency,month,closing,average", *lines])
    with tempfile.TemporaryDirectory() as folder, build_ledger(Path(folder), entries) as ledger:
        found = present(ledger, "USD", ledger.years[-1], Rates.of_csv(text, "USD", "EUR"), history=history)
    assert all(check.passed for check in found.checks)
    for cut in Granularity:
        sheet, flow = found.statement("balance_sheet", cut), found.statement("cash_flow", cut)
        assert sheet.row("total_assets").values == sheet.row("total_liabilities_and_equity").values
        known = {row.line: row.values for row in flow.lines}
        nothing = [D(0)] * len(flow.periods)
        opening, ending = (known.get(f"{name}_cash", nothing) for name in ("opening", "closing"))
        assert [a + b for a, b in zip(opening, known["net_change_in_cash"], strict=True)] == ending
        assert ending == {row.line: row.values for row in sheet.lines}.get("cash", nothing)
        parts = [
            row.values for row in flow.lines if row.kind is LineKind.FIGURE and not row.line.endswith("_cash")
        ]
        assert [sum(column) for column in zip(nothing, *parts, strict=True)] == known["net_change_in_cash"]
