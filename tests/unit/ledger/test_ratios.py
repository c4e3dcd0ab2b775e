"""The analysts' ratios, computed by hand beside ours."""

from datetime import date
from decimal import Decimal

import pytest
from abax.ledger import build_package

from tests.support.books import Entry

BUSINESS = [
    Entry("2024-01-01", [("1000", "1000"), ("3000", "-600"), ("2400", "-400")]),
    Entry("2024-01-02", [("1500", "500"), ("1000", "-500")]),
    Entry("2024-01-03", [("1200", "300"), ("2000", "-300")]),
    Entry("2024-06-01", [("1100", "800"), ("4000", "-800")]),
    Entry("2024-06-01", [("5000", "200"), ("1200", "-200")]),
    Entry("2024-07-01", [("1000", "400"), ("1100", "-400")]),
    Entry("2024-12-31", [("6000", "100"), ("1000", "-100")]),
    Entry("2024-12-31", [("6500", "50"), ("1500", "-50")]),
    Entry("2024-12-31", [("7100", "40"), ("1000", "-40")]),
    Entry("2024-12-31", [("8000", "60"), ("2300", "-60")]),
    Entry("2025-01-01", [("1000", "365"), ("4000", "-365")]),
    Entry("2025-12-31", [("5000", "73"), ("1200", "-73")]),
]
"""2024 ends with cash 760, receivables 400, inventory 100, fixed assets 450; payables 300, tax 60, loan 400;
equity 950 with a net result of 350; gross profit 600, EBITDA 500, EBIT 450."""

EXPECTED_2024 = {
    "current_ratio": Decimal(1260) / 360,
    "quick_ratio": Decimal(1160) / 360,
    "cash_ratio": Decimal(760) / 360,
    "working_capital_to_revenue": Decimal(900) / 800 * 100,
    "debt_to_equity": Decimal(400) / 950,
    "liabilities_to_assets": Decimal(760) / 1710 * 100,
    "equity_ratio": Decimal(950) / 1710 * 100,
    "interest_coverage": Decimal(450) / 40,
    "net_debt_to_ebitda": Decimal(400 - 760) / 500,
    "gross_margin": Decimal(600) / 800 * 100,
    "ebitda_margin": Decimal(500) / 800 * 100,
    "ebit_margin": Decimal(450) / 800 * 100,
    "net_margin": Decimal(350) / 800 * 100,
    "return_on_assets": Decimal(350) / 1710 * 100,
    "return_on_equity": Decimal(350) / 950 * 100,
    "return_on_capital_employed": Decimal(450) / 1350 * 100,
    "asset_turnover": Decimal(800) / 1710,
    "fixed_asset_turnover": Decimal(800) / 450,
    "receivables_turnover": Decimal(800) / 400,
    "payables_turnover": Decimal(200) / 300,
    "inventory_turnover": Decimal(200) / 100,
    "days_sales_outstanding": Decimal(400) / 800 * 366,
    "days_inventory_outstanding": Decimal(100) / 200 * 366,
    "days_payables_outstanding": Decimal(300) / 200 * 366,
    "cash_conversion_cycle": Decimal(400) / 800 * 366 + Decimal(100) / 200 * 366 - Decimal(300) / 200 * 366,
}


def ratios(ledger, year):
    return {ratio.ratio: ratio for ratio in build_package(ledger, year).ratios}


def test_the_first_year_is_measured_against_its_closing_balances(opened):
    own = ratios(opened(BUSINESS), 2025)
    found = {name: ratio.values["2024"] for name, ratio in own.items()}
    assert found == {name: value.quantize(Decimal("0.0001")) for name, value in EXPECTED_2024.items()}


def test_later_years_are_measured_against_the_average_of_opening_and_closing(opened):
    own = ratios(opened(BUSINESS), 2025)
    assert own["days_sales_outstanding"].values["2025"] == Decimal(400)
    assert own["days_inventory_outstanding"].values["2025"] == Decimal("317.5000")
    assert own["asset_turnover"].values["2025"] == (Decimal(365) * 2 / (1710 + 2002)).quantize(
        Decimal("0.0001")
    )


def test_a_ratio_without_a_positive_denominator_is_nothing(opened):
    own = ratios(opened([Entry("2024-12-31", [("6000", "100"), ("2000", "-100")])]), 2024)
    nothing = (
        "gross_margin",
        "interest_coverage",
        "return_on_equity",
        "debt_to_equity",
        "cash_conversion_cycle",
    )
    assert [own[name].values["2024"] for name in nothing] == [None] * len(nothing)
    assert own["current_ratio"].values["2024"] == 0


def test_an_unfinished_year_is_annualised_and_says_so(opened):
    sale = [
        Entry("2025-01-01", [("1500", "100"), ("3000", "-100")]),
        Entry("2025-03-14", [("1000", "73"), ("4000", "-73")]),
    ]
    turnover = ratios(opened(sale), 2025)["asset_turnover"]
    assert turnover.values["2025"] == (Decimal(365) / 173).quantize(Decimal("0.0001"))
    assert turnover.formula == "annual revenue / average total assets; flows of 2025 annualised from 73 days"


def test_a_given_day_ends_the_flows_that_are_annualised(opened):
    entries = [
        Entry("2025-01-01", [("1500", "100"), ("3000", "-100")]),
        Entry("2025-03-14", [("1000", "73"), ("4000", "-73")]),
        Entry("2025-03-15", [("1000", "1"), ("4000", "-1")]),
        Entry("2025-11-01", [("1000", "900"), ("4000", "-900")]),
        Entry("2026-01-01", [("1000", "900"), ("4000", "-900")]),
    ]
    own = {r.ratio: r for r in build_package(opened(entries), 2025, as_of=date(2025, 3, 14)).ratios}
    assert own["asset_turnover"].values["2025"] == (Decimal(365) / 173).quantize(Decimal("0.0001"))


def test_margins_need_no_annualising(opened):
    sale = [Entry("2025-03-14", [("1000", "73"), ("4000", "-73")])]
    margin = ratios(opened(sale), 2025)["net_margin"]
    assert (margin.values["2025"], margin.formula) == (Decimal(100), "net result / revenue")


@pytest.mark.parametrize("group", ["liquidity", "leverage", "profitability", "efficiency", "cash cycle"])
def test_each_group_has_ratios_with_known_units(opened, group):
    own = [ratio for ratio in ratios(opened(BUSINESS), 2025).values() if ratio.group == group]
    assert own
    assert {ratio.unit for ratio in own} <= {"x", "%", "days"}
