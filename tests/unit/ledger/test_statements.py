"""Income statement and balance sheet: what goes where, and which columns are shown."""

from datetime import date
from decimal import Decimal

import pytest
from abax.errors import ImpureClosing
from abax.ledger import build_package, explain, require

from tests.support.books import COMPANY, Entry

from .conftest import TWO_YEARS


@pytest.fixture
def package(ledger):
    return build_package(ledger, 2025)


def values(statement):
    return {line.line: [int(value) for value in line.values] for line in statement.lines}


def test_the_income_statement_adds_up_from_revenue_to_net_result(package):
    assert values(package.statement("income_statement", "year")) == {
        "revenue": [500, 800],
        "cost_of_sales": [-200, 0],
        "gross_profit": [300, 800],
        "operating_expenses": [0, -450],
        "ebitda": [300, 350],
        "depreciation": [-10, 0],
        "ebit": [290, 350],
        "profit_before_tax": [290, 350],
        "income_tax": [-30, 0],
        "net_result": [260, 350],
    }


def test_the_balance_sheet_balances_and_carries_earlier_results(package):
    assert values(package.statement("balance_sheet", "year")) == {
        "cash": [640, 490],
        "receivables": [500, 1000],
        "current_assets": [1140, 1490],
        "fixed_assets": [350, 350],
        "non_current_assets": [350, 350],
        "total_assets": [1490, 1840],
        "payables": [200, 200],
        "other_current_liabilities": [30, 30],
        "current_liabilities": [230, 230],
        "non_current_liabilities": [0, 0],
        "total_liabilities": [230, 230],
        "equity": [1000, 1000],
        "retained_earnings": [0, 260],
        "current_year_result": [260, 350],
        "total_equity": [1260, 1610],
        "total_liabilities_and_equity": [1490, 1840],
    }


def test_columns_stop_at_the_last_posting_of_an_unfinished_year(package):
    months = package.statement("income_statement", "month").periods
    assert [column.label for column in months][-3:] == ["2025-01", "2025-02", "2025-03"]
    assert package.as_of == date(2025, 3, 5)
    assert months[-1].end == date(2025, 3, 5)
    assert [column.label for column in package.statement("balance_sheet", "quarter").periods][-1] == "2025-Q1"


def test_columns_of_a_finished_year_reach_its_end(ledger):
    package = build_package(ledger, 2024)
    assert package.as_of == date(2024, 12, 31)
    assert len(package.statement("income_statement", "month").periods) == 12


def test_a_year_is_finished_once_a_later_one_has_postings_read_or_not(opened):
    spring = Entry("2024-03-05", [("1000", "9"), ("4000", "-9")])
    package = build_package(opened([spring], later_years=True), 2024)
    assert package.as_of == package.trial_balances[-1].end == date(2024, 12, 31)
    assert "unfinished_year" not in {notice.code for notice in package.notices}
    assert build_package(opened([spring]), 2024).as_of == date(2024, 3, 5)


def test_only_the_years_of_the_history_are_shown_and_earlier_ones_still_count(ledger):
    balance = build_package(ledger, 2025, history=1).statement("balance_sheet", "year")
    assert [column.label for column in balance.periods] == ["2025"]
    assert balance.value("retained_earnings", "2025") == 260


def test_history_beyond_the_first_posting_shows_no_empty_years(ledger):
    columns = build_package(ledger, 2025, history=9).statement("income_statement", "year").periods
    assert [column.label for column in columns] == ["2024", "2025"]


def test_a_given_day_ends_the_statements_inside_its_month(opened):
    ledger = opened([*TWO_YEARS, Entry("2025-03-20", [("1000", "99"), ("4000", "-99")])])
    package = build_package(ledger, 2025, as_of=date(2025, 3, 10))
    assert package.statement("income_statement", "month").value("net_result", "2025-03") == -450
    assert package.statement("balance_sheet", "year").value("cash", "2025") == 490


MONTHLY = [
    Entry("2024-05-05", [("1000", "7"), ("4000", "-7")]),
    *(Entry(f"2025-{month:02d}-10", [("1000", "100"), ("4000", "-100")]) for month in range(1, 13)),
    Entry("2026-01-10", [("1000", "1000"), ("4000", "-1000")]),
]


@pytest.mark.parametrize(
    ("day", "year", "quarter", "month"),
    [
        (date(2025, 6, 30), 600, 300, 100),
        (date(2025, 6, 5), 500, 200, 0),
        (date(2025, 5, 31), 500, 200, 100),
        (date(2025, 12, 31), 1200, 300, 100),
        (date(2026, 6, 30), 1200, 300, 100),
    ],
)
def test_a_given_day_ends_every_column_whatever_was_posted_since(opened, day, year, quarter, month):
    ledger = opened(MONTHLY)
    package = build_package(ledger, 2025, as_of=day)
    for granularity, flow in (("year", year), ("quarter", quarter), ("month", month)):
        income = package.statement("income_statement", granularity)
        assert income.row("revenue").values[-1] == flow
        assert income.periods[-1].end == min(day, date(2025, 12, 31))
        assert package.statement("balance_sheet", granularity).row("cash").values[-1] == 7 + year
        cash = package.statement("cash_flow", granularity)
        assert cash.row("net_change_in_cash").values[-1] == flow
        assert cash.row("closing_cash").values[-1] == 7 + year
    assert next(row.closing for row in package.trial_balances[-1].rows if row.code == "1000") == 7 + year
    assert explain(ledger, "trial_balance", "1000", "2025", as_of=day).figure == 7 + year


def test_closing_entries_change_neither_statement(opened):
    close = Entry("2024-12-31", [("4000", "500"), ("3900", "-500")], closing=True)
    package = build_package(opened([*TWO_YEARS, close]), 2025)
    assert package.statement("income_statement", "year").value("revenue", "2024") == 500
    balance = values(package.statement("balance_sheet", "year"))
    without = values(build_package(opened(TWO_YEARS), 2025).statement("balance_sheet", "year"))
    assert balance == without
    assert balance["current_year_result"] == [260, 350]
    assert balance["total_equity"] == [1260, 1610]


def test_a_closing_entry_that_moves_more_than_a_result_is_refused_by_name(opened):
    impure = Entry("2024-12-31", [("4000", "500"), ("2300", "-500")], closing=True, name="CLOSE/1")
    ledger = opened([*TWO_YEARS, impure])
    with pytest.raises(ImpureClosing, match="CLOSE/1"):
        require(ledger)


def test_lines_that_are_zero_in_every_month_are_left_out_but_never_a_subtotal(package):
    lines = [line.line for line in package.statement("income_statement", "month").lines]
    assert "interest_income" not in lines
    assert "ebit" in lines


def test_a_line_that_moves_within_the_year_is_shown_at_every_granularity(opened):
    advance = [
        Entry("2024-02-01", [("1300", "12"), ("1000", "-12")]),
        Entry("2024-11-01", [("1000", "12"), ("1300", "-12")]),
    ]
    package = build_package(opened(advance), 2024)
    assert values(package.statement("balance_sheet", "year"))["prepayments"] == [0]


def test_a_shifted_fiscal_year_begins_where_the_company_says(opened):
    company = COMPANY.model_copy(update={"fiscal_year_end_month": 6, "fiscal_year_end_day": 30})
    entries = [
        Entry("2023-06-30", [("1000", "5"), ("4000", "-5")]),
        Entry("2023-07-01", [("1000", "7"), ("4000", "-7")]),
    ]
    income = build_package(opened(entries, company=company), 2024).statement("income_statement", "year")
    assert values(income)["revenue"] == [5, 7]
    assert [column.label for column in income.periods] == ["2023", "2024"]


def test_amounts_finer_than_the_currency_are_not_rounded_away(opened):
    company = COMPANY.model_copy(update={"currency": "JPY"})
    ledger = opened([Entry("2024-01-01", [("1000", "0.5"), ("4000", "-0.5")])], company=company)
    assert build_package(ledger, 2024).statement("income_statement", "year").value(
        "revenue", "2024"
    ) == Decimal("0.5")
