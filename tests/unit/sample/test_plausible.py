"""An analyst would believe these companies."""

from collections import defaultdict
from decimal import Decimal

import pytest
from abax.sample import YEARS, SampleBooks
from abax.sample.chart import HARBOUR, NORDLICHT
from abax.sample.company import simulate

MAIN, SUBSIDIARY = "Nordlicht Maschinenbau GmbH", "Harbour Tools Ltd"
CHARTS = {MAIN: {a.code: a for a in NORDLICHT.values()}, SUBSIDIARY: {a.code: a for a in HARBOUR.values()}}


def total(books: SampleBooks, company: str, year: int, *types: str) -> Decimal:
    chart = CHARTS[company]
    rows = books.truth[company][year].trial_balance
    return sum((row.closing for code, row in rows.items() if chart[code].type in types), Decimal(0))


def below_the_line(books: SampleBooks, company: str, year: int) -> Decimal:
    """Interest, income tax and depreciation."""
    chart, rows = CHARTS[company], books.truth[company][year].trial_balance
    financial = ("interest_expense", "interest_income", "income_tax")
    named = sum(row.closing for code, row in rows.items() if chart[code].statement_class in financial)
    return named + total(books, company, year, "expense_depreciation")


@pytest.mark.parametrize("year", YEARS)
def test_the_parent_sells_for_about_eighteen_million(full_books, year):
    assert 16_500_000 < full_books.truth[MAIN][year].revenue < 19_500_000


@pytest.mark.parametrize("company", [MAIN, SUBSIDIARY])
@pytest.mark.parametrize("year", YEARS)
def test_margins_are_those_of_a_sound_manufacturer(full_books, company, year):
    truth = full_books.truth[company][year]
    gross = 1 - total(full_books, company, year, "expense_direct_cost") / truth.revenue
    ebitda = (truth.net_result + below_the_line(full_books, company, year)) / truth.revenue
    assert Decimal("0.36") < gross < Decimal("0.40")
    assert Decimal("0.08") < ebitda < Decimal("0.13")
    assert truth.net_result > 0


@pytest.mark.parametrize("year", YEARS)
def test_customers_of_the_parent_pay_after_about_seven_weeks(full_books, year):
    truth = full_books.truth[MAIN][year]
    assert 40 < truth.open_receivables / truth.revenue * 365 < 56


@pytest.mark.parametrize("year", YEARS)
def test_the_parent_can_pay_its_short_term_debts(full_books, year):
    current = ("asset_cash", "asset_receivable", "asset_current", "asset_prepayments")
    debts = ("liability_payable", "liability_credit_card", "liability_current")
    ratio = total(full_books, MAIN, year, *current) / -total(full_books, MAIN, year, *debts)
    assert Decimal("1.3") < ratio < Decimal("2.5")


def test_income_tax_is_about_the_statutory_rate(full_books):
    for company, low, high in ((MAIN, "0.28", "0.32"), (SUBSIDIARY, "0.22", "0.27")):
        chart = CHARTS[company]
        for year in YEARS:
            truth = full_books.truth[company][year]
            tax = sum(
                r.closing for c, r in truth.trial_balance.items() if chart[c].statement_class == "income_tax"
            )
            assert Decimal(low) < tax / (truth.net_result + tax) < Decimal(high)


@pytest.mark.parametrize("seed", [7, 11, 12])
def test_no_company_ever_runs_out_of_cash(seed):
    for firm in simulate(seed, 1000).firms:
        moved: defaultdict[object, int] = defaultdict(int)
        for entry in firm.books.entries:
            if entry.state == "posted":
                moved[entry.day] += sum(
                    x.amount for x in entry.lines if x.account and x.account.type == "asset_cash"
                )
        cash = 0
        for day in sorted(moved):
            cash += moved[day]
            assert cash > 0, (firm.profile.name, day)


def test_stocks_never_go_below_nothing(full_books):
    for company in (MAIN, SUBSIDIARY):
        for truth in full_books.truth[company].values():
            stock = [
                row
                for code, row in truth.trial_balance.items()
                if full_books.mapping[company].get(code) == "inventory"
            ]
            assert stock and all(row.closing > 0 for row in stock)


def test_a_larger_scale_is_a_larger_company_with_more_lines(full_books, small_books):
    small = small_books(17)
    assert full_books.posted_lines > 1.5 * small.posted_lines
    assert 8 < full_books.truth[MAIN][2024].revenue / small.truth[MAIN][2024].revenue < 12
