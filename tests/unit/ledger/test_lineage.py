"""Opening figures: the lines behind them, their order and signs, and names that do not exist."""

from datetime import date
from decimal import Decimal

import pytest
from abax.errors import UnknownFigure
from abax.ledger import build_package, explain

from tests.support.books import CHART, Entry

from .conftest import TWO_YEARS


def opened_lines(lineage):
    return [(line.line_id, int(line.amount)) for line in lineage.lines]


def test_an_income_statement_figure_opens_to_the_lines_of_its_period(ledger):
    lineage = explain(ledger, "income_statement", "gross_profit", "2024-02")
    assert opened_lines(lineage) == [("L2.1", 500), ("L3.0", -200)]
    assert (lineage.figure, lineage.line_count, lineage.currency) == (Decimal(300), 2, "EUR")


def test_a_line_says_where_it_was_posted_and_why(ledger):
    line = explain(ledger, "balance_sheet", "receivables", "2024-02").lines[0]
    assert line.model_dump() == {
        "line_id": "L2.0",
        "entry_name": "MISC/0002",
        "journal": "MISC",
        "posting_date": date(2024, 2, 5),
        "account_code": "1100",
        "account_name": "Account 1100",
        "partner": "Buyer",
        "label": "line 0",
        "amount": Decimal("500.00"),
    }


def test_a_balance_sheet_figure_opens_to_every_line_since_the_beginning(ledger):
    assert opened_lines(explain(ledger, "balance_sheet", "receivables", "2025-Q1")) == [
        ("L2.0", 500),
        ("L6.1", -300),
        ("L7.0", 800),
    ]


def test_retained_earnings_open_to_the_results_of_earlier_years(ledger):
    lineage = explain(ledger, "balance_sheet", "retained_earnings", "2025")
    assert int(lineage.figure) == 260
    assert {line.posting_date.year for line in lineage.lines} == {2024}


def test_a_cash_flow_figure_opens_to_the_counter_accounts_with_the_sign_turned(ledger):
    assert opened_lines(explain(ledger, "cash_flow", "change_in_receivables", "2025")) == [
        ("L6.1", 300),
        ("L7.0", -800),
    ]


def test_lines_that_cancel_within_a_figure_do_not_show(ledger):
    lineage = explain(ledger, "cash_flow", "operating_cash_flow", "2024-03")
    assert (lineage.lines, int(lineage.figure)) == ([], 0)


def test_a_limit_keeps_the_largest_lines_in_order_of_posting(ledger):
    lineage = explain(ledger, "balance_sheet", "cash", "2025", limit=3)
    assert opened_lines(lineage) == [("L0.0", 1000), ("L1.1", -360), ("L8.1", -450)]
    assert (lineage.line_count, int(lineage.figure)) == (4, 490)


def test_accounts_are_summed_whole_whatever_the_limit(ledger):
    accounts = explain(ledger, "income_statement", "net_result", "2024", limit=1).accounts
    assert [(account.code, int(account.amount), account.lines) for account in accounts] == [
        ("4000", 500, 1),
        ("5000", -200, 1),
        ("6500", -10, 1),
        ("8000", -30, 1),
    ]


def test_a_trial_balance_account_opens_to_its_closing_balance(ledger):
    assert int(explain(ledger, "trial_balance", "1100", "2025").figure) == 1000
    assert opened_lines(explain(ledger, "trial_balance", "4000", "2025")) == [("L7.1", -800)]


def test_the_retained_earnings_account_opens_to_earlier_results_too(ledger):
    assert int(explain(ledger, "trial_balance", "3900", "2025").figure) == -260


def test_our_own_row_for_earlier_results_can_be_opened(opened):
    ledger = opened(TWO_YEARS, accounts={**CHART, "3900": "equity"})
    assert int(explain(ledger, "trial_balance", "retained_earnings", "2025").figure) == -260


@pytest.mark.parametrize(("line", "figure"), [("total", 200), ("over 120", 200), ("Buyer", 200), ("1–30", 0)])
def test_aged_figures_open_by_total_bucket_and_partner(ledger, line, figure):
    lineage = explain(ledger, "aged_receivables", line, "2025-02-01")
    assert int(lineage.figure) == figure == sum(int(own.amount) for own in lineage.lines)


def test_a_period_cut_by_a_day_opens_to_what_was_posted_by_then(opened):
    ledger = opened([*TWO_YEARS, Entry("2025-03-20", [("1000", "99"), ("4000", "-99")])])
    cut = explain(ledger, "income_statement", "net_result", "2025-03", as_of=date(2025, 3, 10))
    assert opened_lines(cut) == [("L8.0", -450)]
    package = build_package(ledger, 2025, as_of=date(2025, 3, 10))
    assert package.statement("income_statement", "month").value("net_result", "2025-03") == cut.figure


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        (
            ("profit_and_loss", "revenue", "2024"),
            "no report 'profit_and_loss'; there are income_statement, balance",
        ),
        (
            ("income_statement", "sales", "2024"),
            "no line of income_statement 'sales'; there are revenue, cost_of",
        ),
        (("income_statement", "revenue", "2031"), "no period '2031'; there are 2024, 2025, 2024-Q1"),
        (("trial_balance", "1", "2024"), "no account '1'; there are 1000, 1100"),
        (
            ("aged_payables", "Buyer", "2024-12-31"),
            "no line of aged_payables 'Buyer'; there are total, not due",
        ),
        (("aged_payables", "total", "2024"), "no day '2024'"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(ledger, figure, names):
    with pytest.raises(UnknownFigure) as caught:
        explain(ledger, *figure)
    assert str(caught.value).startswith(names)


def test_the_hash_is_of_the_figure_and_its_inputs_not_of_the_limit(ledger, opened):
    figure = ("balance_sheet", "cash", "2025")
    whole = explain(ledger, *figure)
    assert explain(ledger, *figure, limit=1).content_hash == whole.content_hash
    assert explain(ledger, "balance_sheet", "cash", "2024").content_hash != whole.content_hash
    other = opened([*TWO_YEARS, Entry("2025-03-06", [("1100", "1"), ("4000", "-1")])])
    assert explain(other, *figure).content_hash != whole.content_hash
