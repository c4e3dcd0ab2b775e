"""Forecast statements obey the hard checks of accounting, whatever the books, the horizon and the
assumptions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from abax.errors import InvalidAssumption, UnknownDriver
from abax.forecast import forecast_package
from abax.forecast.assumptions import parse_assumption
from abax.forecast.checks import TOTALS, checks_of
from abax.forecast.statements import NO_STATEMENTS
from abax.forecast.whatif import what_if
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.group_layout import LAYOUTS
from abax.ledger.model import ClosePackage, Company, Forecast, LineKind, Statement, StatementClass
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT
from abax.money import decimals
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.forecast.books import books

D = Decimal
CLASSES = [own.value for own in StatementClass if own.value not in ("cash", "off_balance")]
EUR = Company(company_id="1", name="Hand Made Ltd", currency="EUR")
tried = settings(max_examples=40, deadline=None)


def rows(forecast: Forecast, report: str) -> dict[str, list[Decimal]]:
    statement = next(own for own in forecast.statements if own.report == report)
    return {row.line: row.values for row in statement.lines}


def plausible(months: int = 36, growth: float = 0.01, **moved: list[Decimal]) -> dict[str, list[Decimal]]:
    """A trading company: customers pay after 45 days, suppliers are paid after 30, stock for 60 days."""
    noise = random.Random(5)
    revenue = [
        D(round(100_000 * (1 + growth) ** n * (1.2 if n % 12 in (9, 10) else 1) + noise.randint(-2000, 2000)))
        for n in range(months)
    ]
    cost = [(value * D("0.6")).quantize(D("0.01")) for value in revenue]
    owed = [value * D("1.5") for value in revenue]
    stock = [value * 2 for value in cost]

    def change(values: list[Decimal], sign: int = 1) -> list[Decimal]:
        return [sign * (value - (values[n - 1] if n else 0)) for n, value in enumerate(values)]

    made = {
        "revenue": [-value for value in revenue],
        "cost_of_sales": cost,
        "operating_expenses": [D(25_000)] * months,
        "depreciation": [D(2_000)] * months,
        "income_tax": [
            ((r - c - 27_000) * D("0.3")).quantize(D("0.01")) for r, c in zip(revenue, cost, strict=True)
        ],
        "receivables": change(owed),
        "inventory": change(stock),
        "payables": change(cost, -1),
        "fixed_assets": [D(100_000), *[D(500)] * (months - 1)],
        "long_term_debt": [D(-60_000), *[D(1_000)] * (months - 1)],
        "equity": [D(-300_000)] + [D(0)] * (months - 1),
    }
    return made | moved


@dataclass(frozen=True)
class AnyBooks:
    """Consistent statements of any company or group: losses, credit notes, gaps, lines that begin late or are
    booked once a year, any fiscal year, currency and last day."""

    seed: int
    months: int
    currency: str
    year_end: int
    day: int
    minority: Decimal | None

    def close(self) -> ClosePackage:
        company = EUR.model_copy(update={"currency": self.currency, "fiscal_year_end_month": self.year_end})
        names = [*CLASSES, *(("goodwill", "intercompany_differences") if self.minority is not None else ())]
        noise, unit = random.Random(self.seed), D(1).scaleb(-decimals(self.currency))
        moves = {}
        for name in names:
            style, sign = noise.choice(STYLES), noise.choice((-1, 1))
            moves[name] = [D(repr(sign * style(n, noise))).quantize(unit) for n in range(self.months + 1)]
        return books(moves, company, date(2024, 1, 1) + timedelta(days=self.day), self.minority)


STYLES: list[Callable[[int, random.Random], float]] = [
    lambda n, noise: 0,
    lambda n, noise: noise.uniform(-1e6, 1e6),
    lambda n, noise: noise.choice([0, 0, 0, noise.uniform(-1e9, 1e9)]),
    lambda n, noise: -12_000.37 if n % 12 == 7 else 0,
    lambda n, noise: noise.uniform(800, 900) * (1 + n % 12),
    lambda n, noise: 0 if n < 20 else noise.uniform(0, 1e4),
    lambda n, noise: 431.19,
]
any_books = st.builds(
    AnyBooks,
    seed=st.integers(0, 2**32),
    months=st.integers(0, 30),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    year_end=st.integers(1, 12),
    day=st.integers(0, 730),
    minority=st.sampled_from([None, None, D("0.25")]),
)


ASSUMED = st.lists(
    st.sampled_from(
        [
            *(
                "revenue growth=+5%",
                "revenue=-30%",
                "price=+3%",
                "headcount=+2@4500.55",
                "dso=45",
                "dpo=+3.5",
            ),
            *("inventory days=60", "capex=10000", "operating expenses=-2000", "long_term_debt=+50k"),
            *(
                "cost_of_sales=+12.5%",
                "income_tax=0",
                "equity=1m",
                "depreciation=-10%",
                "other_income=777.77",
            ),
        ]
    ),
    max_size=4,
)


@tried
@given(any_books, st.integers(1, 26))
def test_every_check_holds_to_the_cent_for_any_books_and_horizon(drawn: AnyBooks, horizon: int) -> None:
    package = drawn.close()
    forecast = forecast_package(package, horizon)
    if not forecast.statements:
        assert any(NO_STATEMENTS in note for note in forecast.notes)
        return
    assert [check for check in forecast.checks if not check.passed] == []
    assert [own.report for own in forecast.statements] == ["income_statement", "balance_sheet", "cash_flow"]
    for own in forecast.statements:
        assert len(own.periods) == horizon
        assert all(len(row.values) == horizon for row in own.lines)
        assert {value.as_tuple().exponent for row in own.lines for value in row.values} == {
            -decimals(package.company.currency)
        }


@tried
@given(any_books, ASSUMED, st.integers(1, 14), st.integers(0, 13))
def test_every_check_holds_under_any_assumptions(
    drawn: AnyBooks, texts: list[str], horizon: int, start: int
) -> None:
    package = drawn.close()
    base = forecast_package(package, horizon)
    assume(base.statements)
    known = [line.line for line in base.lines]
    month = base.statements[0].periods[start % horizon].label
    changed = base
    for text in texts:
        try:
            changed = what_if(package, changed, [parse_assumption(f"{text} from {month}", known)])
        except (InvalidAssumption, UnknownDriver):
            continue  # no such line, or too short a history for growth: refused, and nothing changed
    assert [check for check in changed.checks if not check.passed] == []
    for line in changed.lines:
        assert all(point.low <= point.value <= point.high for point in line.points)


@settings(max_examples=60, deadline=None)
@given(any_books, st.data())
def test_any_single_figure_that_is_changed_fails_a_check(drawn: AnyBooks, data: st.DataObject) -> None:
    package = drawn.close()
    forecast = forecast_package(package, 3)
    assume(forecast.statements)
    place = data.draw(st.integers(0, 2))
    statement = forecast.statements[place]
    row, month = data.draw(st.sampled_from(statement.lines)), data.draw(st.integers(0, 2))
    by = D(data.draw(st.integers(1, 10**9))).scaleb(-decimals(package.company.currency))
    broken = list(forecast.statements)
    broken[place] = changed(statement, row.line, month, by)
    assert any(not check.passed for check in checks_of(broken, package, forecast.lines))


def changed(statement: Statement, line: str, month: int, by: Decimal) -> Statement:
    lines = [
        row.model_copy(update={"values": [v + by * (n == month) for n, v in enumerate(row.values)]})
        if row.line == line
        else row
        for row in statement.lines
    ]
    return statement.model_copy(update={"lines": lines})


def test_the_checks_know_the_lines_of_every_total_of_a_close() -> None:
    for layouts in ((INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW), LAYOUTS):
        for layout in layouts:
            totals = {row.line for row in layout.rows if row.kind is not LineKind.FIGURE}
            assert totals == set(TOTALS[layout.report])
            figures = {row.line for row in layout.rows if row.kind is LineKind.FIGURE}
            summed = {line for lines in TOTALS[layout.report].values() for line in lines}
            beside = {"opening_cash", "closing_cash"} | {
                line for line in figures if line.startswith("attributable")
            }
            assert figures - beside <= summed


def test_each_check_fails_on_what_it_is_for() -> None:
    package = books(plausible(), EUR, date(2025, 12, 31))
    forecast = forecast_package(package)

    def failed(place: int, **changes: Decimal) -> set[str]:
        broken = list(forecast.statements)
        for line, by in changes.items():
            broken[place] = changed(broken[place], line, 4, by)
        return {check.check for check in checks_of(broken, package, forecast.lines) if not check.passed}

    cent = D("0.01")
    assert failed(0, gross_profit=cent) == {"totals"}
    assert "balance_sheet" in failed(1, total_assets=cent)
    assert failed(2, opening_cash=cent) == {"cash_flow"}
    assert "result" in failed(1, current_year_result=cent)
    moved = failed(1, receivables=D(1), current_assets=D(1), total_assets=D(1))
    assert {"working_capital", "balance_sheet", "cash_flow"} <= moved


def test_a_check_says_what_is_off_where_and_by_how_much() -> None:
    package = books(plausible(), EUR, date(2025, 12, 31))
    forecast = forecast_package(package)
    broken = [changed(forecast.statements[0], "ebit", 1, D(5)), *forecast.statements[1:]]
    check = checks_of(broken, package, forecast.lines)[0]
    assert (check.passed, check.difference) == (False, D(5))
    assert "ebit in 2026-02 by 5" in check.detail


def test_lines_and_totals_are_those_of_the_close_in_its_order() -> None:
    package = books(plausible(), EUR, date(2025, 12, 31))
    forecast = forecast_package(package)
    for own in forecast.statements:
        known = package.statement(own.report, "month")
        assert [(row.line, row.label, row.kind, row.level) for row in own.lines] == [
            (row.line, row.label, row.kind, row.level) for row in known.lines
        ]


def test_days_outstanding_are_found_and_receivables_payables_and_stock_follow() -> None:
    forecast = forecast_package(books(plausible(), EUR, date(2025, 12, 31)))
    lines = {line.line: line for line in forecast.lines}
    days = {
        d.driver: d.value for name in ("receivables", "inventory", "payables") for d in lines[name].drivers
    }
    assert days["dso"] == pytest.approx(D("45.7"), abs=D("1.5"))
    assert days["dio"] == pytest.approx(D(61), abs=D(2))
    assert days["dpo"] == pytest.approx(D("30.5"), abs=D(1))
    assert lines["receivables"].drivers[1].driver == "revenue"
    assert lines["payables"].drivers[1].driver == "cost_of_sales"


def test_a_fiscal_year_end_moves_the_result_into_retained_earnings() -> None:
    company = EUR.model_copy(update={"fiscal_year_end_month": 3})
    forecast = forecast_package(books(plausible(), company, date(2025, 12, 31)))
    labels = [column.label for column in forecast.statements[1].periods]
    position, result = rows(forecast, "balance_sheet"), rows(forecast, "income_statement")["net_result"]
    april = labels.index("2026-04")
    assert position["current_year_result"][april] == result[april]
    kept = position["retained_earnings"]
    assert kept[april] == kept[april - 1] + position["current_year_result"][april - 1]
    assert len(set(kept[april:])) == 1


def test_debt_is_repaid_as_before_and_a_seasonal_loan_comes_back() -> None:
    spring = [D(0)] * 36
    for year in range(3):
        spring[12 * year + 2], spring[12 * year + 9] = D(-40_000), D(40_000)
    forecast = forecast_package(books(plausible(short_term_debt=spring), EUR, date(2025, 12, 31)))
    short, long = (rows(forecast, "balance_sheet")[f"{which}_term_debt"] for which in ("short", "long"))
    assert [int(value) for value in short] == [0] * 2 + [40_000] * 7 + [0] * 3
    assert [one - other for one, other in itertools.pairwise(long)] == [1000] * 11


def test_a_dividend_of_every_year_is_expected_and_one_of_a_single_year_is_not() -> None:
    paid = [D(30_000) if n in (18, 30) else D(0) for n in range(36)]
    once = [D(30_000) if n == 30 else D(0) for n in range(36)]
    for moved, wanted in ((paid, [0] * 6 + [-30_000] + [0] * 5), (once, [0] * 12)):
        forecast = forecast_package(books(plausible(retained_earnings=moved), EUR, date(2025, 12, 31)))
        assert rows(forecast, "cash_flow").get("change_in_retained_earnings", [0] * 12) == wanted


def test_assets_are_not_depreciated_below_nothing() -> None:
    bare = [D(20_000), *[D(-500)] * 35]
    forecast = forecast_package(books(plausible(fixed_assets=bare), EUR, date(2025, 12, 31)))
    assert min(rows(forecast, "balance_sheet")["fixed_assets"]) >= 0


def test_a_company_without_receivables_or_cost_still_gets_statements() -> None:
    moves = {
        "revenue": [D(-1000)] * 24,
        "operating_expenses": [D(400)] * 24,
        "payables": [D(-400)] + [D(0)] * 23,
    }
    forecast = forecast_package(books(moves, EUR, date(2025, 12, 31)))
    assert all(check.passed for check in forecast.checks)
    assert rows(forecast, "balance_sheet")["payables"] == pytest.approx([D(400)] * 12, abs=D("0.5"))
    follows = next(line for line in forecast.lines if line.line == "payables").drivers[1]
    assert follows.driver == "operating_expenses"


def test_the_others_share_of_a_groups_result_goes_to_them() -> None:
    forecast = forecast_package(books(plausible(), EUR, date(2025, 12, 31), minority=D("0.25")))
    result, position = rows(forecast, "income_statement"), rows(forecast, "balance_sheet")
    for net, others in zip(result["net_result"], result["attributable_to_non_controlling"], strict=True):
        assert others == pytest.approx(net / 4, abs=D("0.01"))
    assert (
        position["non_controlling_interest"][1] - position["non_controlling_interest"][0]
        == (result["attributable_to_non_controlling"][1])
    )
    assert all(check.passed for check in forecast.checks)


def test_books_that_are_off_stay_off_by_as_much_and_it_is_told() -> None:
    package = books(plausible(), EUR, date(2025, 12, 31))
    position = package.statement("balance_sheet", "month")
    broken = position
    for line in ("cash", "current_assets", "total_assets"):
        for month in range(len(position.periods)):
            broken = changed(broken, line, month, D(7))
    package = package.model_copy(
        update={"statements": [broken if own is position else own for own in package.statements]}
    )
    forecast = forecast_package(package)
    balance = next(check for check in forecast.checks if check.check == "balance_sheet")
    assert (balance.passed, balance.difference) == (False, D(7) * 12)
    assert any("off by 7" in note for note in forecast.notes)


def test_a_history_that_is_too_short_gives_no_statements_and_says_why() -> None:
    short = {name: values[:4] for name, values in plausible().items()}
    forecast = forecast_package(books(short, EUR, date(2025, 4, 30)))
    assert forecast.statements == [] and forecast.checks == []
    assert any(note.startswith(NO_STATEMENTS) and "4 months" in note for note in forecast.notes)


def test_the_bridge_leads_from_the_last_result_to_the_next() -> None:
    package = books(plausible(), EUR, date(2025, 12, 31))
    forecast = forecast_package(package)
    first, *steps, last = forecast.bridge
    assert first.amount == sum(package.statement("income_statement", "month").row("net_result").values[-12:])
    assert last.amount == sum(rows(forecast, "income_statement")["net_result"])
    assert first.amount + sum(step.amount for step in steps) == last.amount
    assert {"revenue", "cost_of_sales"} <= {step.line for step in steps}
    assert forecast_package(package, 11).bridge == []


def test_balances_have_intervals_from_their_own_errors_and_cash_names_both() -> None:
    forecast = forecast_package(books(plausible(), EUR, date(2025, 12, 31)))
    cash = next(line for line in forecast.lines if line.line == "cash")
    assert cash.method == "What the cash flow leaves"
    assert "on cash alone" in cash.note
    assert cash.mase is not None and cash.naive_mase is not None and cash.coverage is not None
    assert all(point.low < point.value < point.high for point in cash.points)
    assert [point.value for point in cash.points] == rows(forecast, "balance_sheet")["cash"]
    assert len(cash.history) == 36
