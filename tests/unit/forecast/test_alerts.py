"""Floors and covenants: when they may be crossed first, and how likely."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.errors import InvalidRequest, UnknownFigure
from abax.forecast import forecast_package
from abax.forecast.alerts import parse_covenant, with_alerts
from abax.forecast.assumptions import parse_assumption
from abax.forecast.whatif import what_if
from abax.ledger.model import ClosePackage, Forecast

from tests.unit.forecast.books import books
from tests.unit.forecast.test_three import EUR, plausible, rows

D = Decimal


@pytest.fixture(scope="module")
def package() -> ClosePackage:
    return books(plausible(), EUR, date(2025, 12, 31))


@pytest.fixture(scope="module")
def base(package: ClosePackage) -> Forecast:
    return forecast_package(package)


def cash(forecast: Forecast) -> list[Decimal]:
    return rows(forecast, "balance_sheet")["cash"]


def test_a_floor_at_the_very_value_is_crossed_with_even_chance(package: ClosePackage, base: Forecast) -> None:
    (alert,) = with_alerts(package, base, cash(base)[0]).alerts
    assert (alert.alert, alert.month, alert.probability) == ("cash_floor", "2026-01", 0.5)
    assert alert.value == alert.limit == cash(base)[0]


def test_the_lower_end_of_an_80_percent_interval_is_crossed_one_time_in_ten(
    package: ClosePackage, base: Forecast
) -> None:
    points = next(line for line in base.lines if line.line == "cash").points
    (alert,) = with_alerts(package, base, points[0].low).alerts
    assert alert.probability == pytest.approx(0.1, abs=0.001)


def test_a_floor_far_below_raises_nothing(package: ClosePackage, base: Forecast) -> None:
    assert with_alerts(package, base, min(cash(base)) - 10**7).alerts == []


def test_the_first_month_is_named(package: ClosePackage, base: Forecast) -> None:
    poor = what_if(package, base, [parse_assumption("equity=-2m from 2026-07", ["equity"])])
    (alert,) = with_alerts(package, poor, D(0), least=0.5).alerts
    assert alert.month == "2026-07"
    assert alert.probability > 0.5


def test_covenants_take_the_ratios_of_a_close_over_twelve_months(
    package: ClosePackage, base: Forecast
) -> None:
    (alert,) = with_alerts(package, base, covenants=[parse_covenant("current_ratio >= 100")]).alerts
    position = rows(base, "balance_sheet")
    wanted = position["current_assets"][0] / position["current_liabilities"][0]
    assert alert.value == pytest.approx(wanted, abs=D("0.0001"))
    assert (alert.alert, alert.label) == ("current_ratio", "Current ratio below 100")
    assert alert.probability > 0.99
    (alert,) = with_alerts(package, base, covenants=[parse_covenant("ebitda margin>=99")]).alerts
    known = package.statement("income_statement", "month")
    ebitda, revenue = (
        sum([*known.row(line).values, rows(base, "income_statement")[line][0]][-12:])
        for line in ("ebitda", "revenue")
    )
    assert alert.value == pytest.approx(100 * ebitda / revenue, abs=D("0.0001"))


def test_a_covenant_at_its_own_value_is_crossed_with_even_chance(
    package: ClosePackage, base: Forecast
) -> None:
    position = rows(base, "balance_sheet")
    limit = position["current_assets"][0] / position["current_liabilities"][0]
    (alert,) = with_alerts(package, base, covenants=[parse_covenant(f"current_ratio>={limit:.12f}")]).alerts
    assert alert.probability == pytest.approx(0.5, abs=0.001)


def test_debt_without_a_positive_ebitda_crosses_its_covenant(package: ClosePackage, base: Forecast) -> None:
    known = [line.line for line in base.lines]
    texts = ("revenue=-90%", "long_term_debt=+5m", "equity=-5m")
    poor = what_if(package, base, [parse_assumption(text, known) for text in texts])
    (alert,) = with_alerts(
        package, poor, covenants=[parse_covenant("net_debt_to_ebitda<=3")], least=0.9
    ).alerts
    assert alert.probability > 0.9
    assert with_alerts(package, base, covenants=[parse_covenant("net_debt_to_ebitda<=3")]).alerts == []


@pytest.mark.parametrize("text", ["current_ratio", "current_ratio=1", ">=1", "current_ratio>=one"])
def test_what_is_no_covenant_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="covenant"):
        parse_covenant(text)


def test_an_unknown_ratio_names_the_nearest() -> None:
    with pytest.raises(UnknownFigure, match="did you mean 'current_ratio'"):
        parse_covenant("curent_ratio>=1.2")


def test_a_share_is_not_taken_for_a_percentage() -> None:
    with pytest.raises(
        InvalidRequest, match=r"equity_ratio is in percent: write equity_ratio>=60.0% or 0.6%"
    ):
        parse_covenant("equity_ratio>=0.6")
    assert parse_covenant("equity_ratio>=60%").limit == 60
    with pytest.raises(InvalidRequest, match="current_ratio is no percentage"):
        parse_covenant("current_ratio>=120%")


def test_the_likeliest_month_is_told_beside_the_first(package: ClosePackage, base: Forecast) -> None:
    cash = next(line for line in base.lines if line.line == "cash")
    floor = min(point.value for point in cash.points) + 1
    (alert,) = with_alerts(package, base, floor, least=0.0).alerts
    worst = min(cash.points, key=lambda point: (point.value - floor) / (point.high - point.low))
    assert alert.month == cash.points[0].label
    assert (alert.worst_month, alert.worst_value) == (worst.label, worst.value)
    assert alert.worst_probability is not None and alert.worst_probability > alert.probability
    (sure,) = with_alerts(package, base, max(point.value for point in cash.points) * 100).alerts
    assert (sure.month, sure.worst_month, sure.worst_value) == (cash.points[0].label, "", None)
