"""Assumptions: how they are read, what they do, what follows by itself, and what is refused."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from itertools import pairwise
from subprocess import run

import pytest
from abax.errors import InvalidAssumption, InvalidRequest, UnknownDriver
from abax.forecast import forecast_package
from abax.forecast.assumptions import drivers_of, parse_assumption, read_change
from abax.forecast.series import monthly_history
from abax.forecast.three import past_of
from abax.forecast.whatif import cost_follows, tax_rate, what_if
from abax.ledger.model import ClosePackage, Forecast

from tests.unit.forecast.books import books
from tests.unit.forecast.test_three import EUR, plausible, rows

D = Decimal


@pytest.fixture(scope="module")
def package() -> ClosePackage:
    return books(plausible(), EUR, date(2025, 12, 31))


@pytest.fixture(scope="module")
def base(package: ClosePackage) -> Forecast:
    return forecast_package(package, 18)


def scenario(package: ClosePackage, base: Forecast, *texts: str) -> Forecast:
    known = [line.line for line in base.lines]
    changed = what_if(package, base, [parse_assumption(text, known) for text in texts])
    assert [check for check in changed.checks if not check.passed] == []
    return changed


def income(forecast: Forecast, line: str) -> list[Decimal]:
    return rows(forecast, "income_statement")[line]


def position(forecast: Forecast, line: str) -> list[Decimal]:
    return rows(forecast, "balance_sheet")[line]


def test_nothing_assumed_changes_nothing(package: ClosePackage, base: Forecast) -> None:
    assert what_if(package, base, []) == base


def test_growth_is_over_the_same_month_of_the_year_before_and_compounds(
    package: ClosePackage, base: Forecast
) -> None:
    known = package.statement("income_statement", "month").row("revenue").values[-12:]
    revenue = income(scenario(package, base, "revenue growth=+5%"), "revenue")
    for now, before in zip(revenue, [*known, *revenue], strict=False):
        assert now == pytest.approx(before * D("1.05"), abs=D("0.01"))
    assert len(revenue) == 18


def test_more_revenue_costs_more_and_a_higher_price_does_not(package: ClosePackage, base: Forecast) -> None:
    more, dearer = (scenario(package, base, text) for text in ("revenue=+10%", "price=+10%"))
    assert income(more, "revenue") == income(dearer, "revenue")
    assert income(more, "cost_of_sales")[3] == pytest.approx(
        income(base, "cost_of_sales")[3] * D("1.1"), abs=D("0.01")
    )
    assert income(dearer, "cost_of_sales") == income(base, "cost_of_sales")
    assert any("cost of sales follows" in note for note in more.notes)
    assert not any("cost of sales follows" in note for note in dearer.notes)


def test_income_tax_follows_the_result_unless_it_is_assumed(package: ClosePackage, base: Forecast) -> None:
    dearer = scenario(package, base, "price=+10%")
    earned = income(dearer, "revenue")[0] - income(base, "revenue")[0]
    taxed = income(base, "income_tax")[0] - income(dearer, "income_tax")[0]
    assert taxed == pytest.approx(earned * D("0.3"), abs=earned * D("0.005"))
    free = scenario(package, base, "price=+10%", "income_tax=0")
    assert set(income(free, "income_tax")) == {D("0.00")}


def test_days_change_balances_and_cash_and_nothing_else(package: ClosePackage, base: Forecast) -> None:
    slower = scenario(package, base, "dso=60 from 2026-06")
    assert slower.statements[0] == base.statements[0]
    before, after = position(base, "receivables"), position(slower, "receivables")
    assert after[:5] == before[:5]
    tied = [one - other for one, other in zip(after, before, strict=True)]
    assert min(tied[5:]) > 0
    cash = [one - other for one, other in zip(position(base, "cash"), position(slower, "cash"), strict=True)]
    assert cash == tied
    drivers = next(line for line in slower.lines if line.line == "receivables").drivers
    assert [driver.driver for driver in drivers] == ["dso", "dso from 2026-06", "revenue"]


def test_days_may_change_again_and_again(package: ClosePackage, base: Forecast) -> None:
    twice = scenario(package, base, "dso=60 from 2026-03", "dso=+5 from 2026-06")
    again = what_if(package, twice, [])
    assert again.statements == twice.statements
    usual = next(line for line in twice.lines if line.line == "receivables").drivers
    assert {driver.driver: driver.value for driver in usual if driver.unit == "days"} == {
        "dso": next(line for line in base.lines if line.line == "receivables").drivers[0].value,
        "dso from 2026-03": D("60.00"),
        "dso from 2026-06": D("65.00"),
    }


def test_investment_headcount_and_lines_by_the_month(package: ClosePackage, base: Forecast) -> None:
    changed = scenario(package, base, "capex=10k", "headcount=+2@4500 from 2026-03", "other_income=+100")
    assert set(rows(changed, "cash_flow")["investment_in_fixed_assets"]) == {D("-10000.00")}
    apart = [
        one - other
        for one, other in zip(
            income(base, "operating_expenses"), income(changed, "operating_expenses"), strict=True
        )
    ]
    assert apart == [0, 0, *[9000] * 16]
    assert income(changed, "other_income")[0] == 100


def test_a_minus_on_a_cost_is_less_cost(package: ClosePackage, base: Forecast) -> None:
    by_amount = scenario(package, base, "operating expenses=-2000")
    by_share = scenario(package, base, "operating expenses=-8%")
    for changed in (by_amount, by_share):
        assert income(changed, "operating_expenses")[0] > income(base, "operating_expenses")[0]
        assert sum(income(changed, "net_result")) > sum(income(base, "net_result"))


def test_a_loan_raises_debt_and_cash_from_then_on(package: ClosePackage, base: Forecast) -> None:
    changed = scenario(package, base, "long_term_debt=+50000 from 2026-04")
    assert position(changed, "long_term_debt")[3] == position(base, "long_term_debt")[3] + 50_000
    assert position(changed, "cash")[-1] == position(base, "cash")[-1] + 50_000


def test_assumptions_add_up_in_their_order_and_are_kept(package: ClosePackage, base: Forecast) -> None:
    at_once = scenario(package, base, "revenue=+10%", "dso=60")
    in_turn = scenario(package, scenario(package, base, "revenue=+10%"), "dso=60")
    assert at_once.statements == in_turn.statements
    assert [one.driver for one in in_turn.assumptions] == ["revenue", "dso"]
    assert in_turn.bridge[-1].amount == sum(income(in_turn, "net_result")[:12])


def test_intervals_move_with_their_values(package: ClosePackage, base: Forecast) -> None:
    changed = scenario(package, base, "revenue=+50%")
    for name in ("revenue", "cash"):
        before, after = (
            next(line for line in one.lines if line.line == name).points[5] for one in (base, changed)
        )
        width = (after.high - after.low) / (before.high - before.low)
        assert float(width) == pytest.approx(1.5 if name == "revenue" else 1.0, abs=1e-3)
        assert after.low < after.value < after.high


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("revnue=+5%", UnknownDriver, ["revnue", "did you mean 'revenue'", "dso", "operating_expenses"]),
        ("cash=5", InvalidAssumption, ["cash is what the cash flow leaves"]),
        ("receivables=+5%", InvalidAssumption, ["follow a flow", "assume dso"]),
        ("net result=+5%", InvalidAssumption, ["it is a total"]),
        ("headcount=+2", InvalidAssumption, ["headcount=+2@4500"]),
        ("revenue=5%", InvalidAssumption, ["+5% or -5%"]),
        ("revenue growth=500", InvalidAssumption, ["percentage"]),
        ("dso=900", InvalidAssumption, ["two years"]),
        ("dso=45@3", InvalidAssumption, ["only headcount"]),
        ("dso", InvalidAssumption, ["DRIVER=CHANGE"]),
        ("dso=many", InvalidAssumption, ["DRIVER=CHANGE"]),
        ("capex=1.000,00", InvalidAssumption, ["no figure like"]),
        ("dso=45 from 2030-01", InvalidAssumption, ["reaches from 2026-01 to 2027-06"]),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    package: ClosePackage, base: Forecast, text: str, error: type[InvalidRequest], words: list[str]
) -> None:
    with pytest.raises(error) as found:
        scenario(package, base, text)
    assert [word for word in words if word not in str(found.value)] == []


def test_days_of_a_balance_that_follows_nothing_are_refused() -> None:
    moves = {"revenue": [D(-100)] * 24}
    package = books(moves, EUR, date(2025, 12, 31))
    with pytest.raises(InvalidAssumption, match="do not follow"):
        what_if(package, forecast_package(package), [parse_assumption("dso=45", [])])


def test_growth_needs_a_year_of_history() -> None:
    package = books({name: v[:9] for name, v in plausible().items()}, EUR, date(2025, 9, 30))
    base = forecast_package(package)
    with pytest.raises(InvalidAssumption, match="9 months of history"):
        what_if(package, base, [parse_assumption("revenue growth=+5%", ["revenue"])])
    late = what_if(package, base, [parse_assumption("revenue growth=+5% from 2026-03", ["revenue"])])
    assert all(check.passed for check in late.checks)


def test_a_forecast_of_another_close_is_refused(package: ClosePackage, base: Forecast) -> None:
    older = books({name: values[:-1] for name, values in plausible().items()}, EUR, date(2025, 11, 30))
    with pytest.raises(InvalidRequest, match="forecast it anew"):
        what_if(older, base, [])
    with pytest.raises(InvalidRequest, match="no statements"):
        what_if(package, base.model_copy(update={"statements": []}), [])


@pytest.mark.parametrize(
    ("written", "way", "amount"),
    [
        ("+5%", "percent", "5"),
        ("-2,000", "add", "-2000"),
        ("−2000", "add", "-2000"),
        ("45", "set", "45"),
        ("1.5m", "set", "1500000"),
        ("+ 10k", "add", "10000"),
    ],
)
def test_changes_are_read_as_people_write_them(written: str, way: str, amount: str) -> None:
    read = read_change(written)
    assert (read.way, read.amount) == (way, D(amount))


def test_drivers_have_other_names_and_are_told_in_words() -> None:
    known = ["revenue", "operating_expenses"]
    assert parse_assumption("Days sales outstanding = 45", known).driver == "dso"
    assert parse_assumption("inventory days=60", known).driver == "dio"
    grown = parse_assumption("Revenue growth = +5 % from 2026-03", known)
    assert (grown.driver, grown.start) == ("revenue growth", "2026-03")
    assert grown.text == "revenue 5 % more than in the same month of the year before, from 2026-03 on"
    assert {"price", "dso", "capex", "revenue growth"} <= set(drivers_of(known))


def test_a_cost_without_a_steady_share_does_not_follow_and_a_loss_is_not_taxed() -> None:
    wild = [D(70_000) if n % 3 else D(5_000) for n in range(36)]
    moves = plausible(cost_of_sales=wild, operating_expenses=[D(90_000)] * 36)
    package = books(moves, EUR, date(2025, 12, 31))
    past = past_of(package, monthly_history(package))
    assert past is not None
    assert not cost_follows(past)
    assert tax_rate(past) == 0


def test_scenarios_need_no_numpy() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "import abax.forecast.whatif, abax.forecast.alerts, abax.forecast.statements\n"
        "assert not any(name.split('.')[0] in ('pandas', 'duckdb') for name in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_debt_falls_by_the_same_amount_under_any_assumption(package: ClosePackage, base: Forecast) -> None:
    changed = scenario(package, base, "price=-20%")
    debt = position(changed, "long_term_debt")
    assert {one - other for one, other in pairwise(debt)} == {D(1000)}
