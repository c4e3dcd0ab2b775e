"""Opening figures: the lines behind them, their order and signs, and names that do not exist."""

from datetime import date
from decimal import Decimal

import pytest
from abax.errors import UnknownFigure
from abax.ledger import Ledger, build_package, explain

from tests.support.books import CHART, Books, Entry, rewrite, write_books

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


@pytest.mark.parametrize("name", ["total", "not due", "partner:Buyer", "Buyer"])
def test_a_partner_can_be_opened_whatever_the_name(opened, name):
    entries = [
        Entry("2024-02-05", [("1100", "500"), ("4000", "-500")], partner="p1", due="2024-03-06"),
        Entry("2024-02-05", [("1100", "70"), ("4000", "-70")], partner="p2"),
    ]
    ledger = opened(entries, partners={"p1": name, "p2": "Other"})
    lineage = explain(ledger, "aged_receivables", f"partner:{name}", "2024-04-01")
    assert (opened_lines(lineage), int(lineage.figure)) == ([("L0.0", 500)], 500)
    assert int(explain(ledger, "aged_receivables", "total", "2024-04-01").figure) == 570
    assert int(explain(ledger, "aged_receivables", "not due", "2024-04-01").figure) == 70


def test_the_lines_of_an_aged_report_are_named_so_that_each_opens(opened):
    entries = [
        Entry("2024-02-05", [("1100", amount), ("4000", f"-{amount}")], partner=partner)
        for partner, amount in (("p1", "1"), ("p2", "2"), ("p3", "4"))
    ]
    ledger = opened(entries, partners={"p1": "total", "p2": "partner:x", "p3": "Buyer"})
    with pytest.raises(UnknownFigure, match="Buyer, partner:partner:x, partner:total"):
        explain(ledger, "aged_receivables", "nobody", "2024-04-01")
    names = ("Buyer", "partner:partner:x", "partner:total")
    opened_ones = [explain(ledger, "aged_receivables", name, "2024-04-01").figure for name in names]
    assert opened_ones == [4, 2, 1]


def test_an_entry_without_a_number_shows_its_key(tmp_path):
    entry = Entry("2024-02-05", [("1100", "500"), ("4000", "-500")])
    manifest = write_books(tmp_path, Books([entry]))
    rewrite(tmp_path / "2024" / "journal_lines.parquet", "UPDATE stored SET entry_name = NULL")
    with Ledger.open(manifest, tmp_path.joinpath) as ledger:
        for report, line, period in (
            ("income_statement", "revenue", "2024"),
            ("aged_receivables", "total", "2024-12-31"),
        ):
            assert [own.entry_name for own in explain(ledger, report, line, period).lines] == ["E0"]


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
