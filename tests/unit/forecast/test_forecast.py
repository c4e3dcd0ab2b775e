"""The forecast of a whole close."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from abax.forecast import forecast_package
from abax.ledger.model import Forecast, ForecastLine
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.forecast.books import close

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


def line(forecast: Forecast, name: str) -> ForecastLine:
    return next(each for each in forecast.lines if each.line == name)


def seasonal(months: int, base: int, seed: int = 1) -> list[Decimal]:
    noise = random.Random(seed)
    return [
        Decimal(base + base // 5 * (month % 12 in (10, 11)) + noise.randint(-50, 50))
        for month in range(months)
    ]


def a_close(months: int = 36, **kwargs: object):
    revenue, cost = seasonal(months, 10_000), [-value for value in seasonal(months, 6_000, 2)]
    other = [-value for value in seasonal(months, 2_000, 3)]
    lines = {"revenue": revenue, "cost_of_sales": cost, "operating_expenses": other}
    return close(lines, seasonal(months, 50_000, 4), **kwargs)


def test_twelve_months_follow_the_fiscal_calendar() -> None:
    forecast = forecast_package(a_close(end_month=3, as_of=date(2025, 3, 31)))
    labels = [point.label for point in line(forecast, "revenue").points]
    assert labels[0] == "2025-04"
    assert labels[-1] == "2026-03"
    assert len(labels) == 12


def test_an_unfinished_last_month_is_left_out_and_said() -> None:
    forecast = forecast_package(a_close(as_of=date(2025, 12, 30)))
    assert forecast.history_end == date(2025, 11, 30)
    assert line(forecast, "revenue").points[0].label == "2025-12"
    assert forecast.notes == ["2025-12 is unfinished and left out of the history"]


def test_months_before_the_first_posting_are_no_history() -> None:
    nothing = [Decimal(0)] * 28
    package = close({"revenue": nothing + seasonal(8, 1000)}, nothing + seasonal(8, 1000))
    revenue = line(forecast_package(package), "revenue")
    assert "8 months of history" in revenue.note
    assert revenue.points


def test_a_history_of_less_than_six_months_is_not_forecast() -> None:
    nothing = [Decimal(0)] * 32
    package = close(
        {"revenue": seasonal(36, 1000), "cost_of_sales": nothing + seasonal(4, -100)}, seasonal(36, 9000)
    )
    forecast = forecast_package(package)
    assert line(forecast, "cost_of_sales").points == []
    assert "4 months" in line(forecast, "cost_of_sales").note
    assert "without cost_of_sales" in line(forecast, "gross_profit").note
    assert [p.value for p in line(forecast, "gross_profit").points] == [
        p.value for p in line(forecast, "revenue").points
    ]


def test_an_all_zero_line_is_forecast_as_zero() -> None:
    costs = line(
        forecast_package(close({"revenue": seasonal(36, 1000)}, seasonal(36, 9000))), "cost_of_sales"
    )
    assert {(p.value, p.low, p.high) for p in costs.points} == {(0, 0, 0)}


def test_a_tax_booked_once_a_year_is_expected_in_the_same_month() -> None:
    tax = [Decimal(-1200) if month % 12 == 11 else Decimal(0) for month in range(36)]
    points = line(
        forecast_package(close({"operating_expenses": tax}, seasonal(36, 9000))), "operating_expenses"
    ).points
    assert [p.value for p in points] == [0] * 11 + [-1200]


def test_a_season_is_carried_on() -> None:
    revenue = line(forecast_package(a_close()), "revenue")
    values = {point.label: point.value for point in revenue.points}
    assert values["2026-11"] > values["2026-06"] * Decimal("1.1")
    assert revenue.mase is not None and revenue.naive_mase is not None
    assert revenue.mase <= revenue.naive_mase


def test_intervals_widen_with_the_months_ahead() -> None:
    cash = line(forecast_package(a_close()), "cash")
    widths = [point.high - point.low for point in cash.points]
    assert widths == sorted(widths)
    assert widths[-1] > widths[0] > 0


def test_amounts_have_the_decimals_of_the_currency() -> None:
    forecast = forecast_package(a_close(currency="JPY"))
    assert {p.value.as_tuple().exponent for each in forecast.lines for p in each.points} == {0}


@settings(max_examples=25, deadline=None)
@given(data=st.data(), months=st.integers(0, 36))
def test_any_books_are_forecast_and_subtotals_add_up(data: st.DataObject, months: int) -> None:
    def values() -> list[Decimal]:
        return data.draw(st.lists(AMOUNTS, min_size=months, max_size=months))

    lines = {name: values() for name in ("revenue", "cost_of_sales", "operating_expenses")}
    forecast = forecast_package(close(lines, values()))
    for each in forecast.lines:
        assert all(point.low <= point.value <= point.high for point in each.points)
    for place in range(12):
        figures = [line(forecast, name).points for name in lines]
        total = sum((points[place].value for points in figures if points), Decimal(0))
        net = line(forecast, "net_result").points
        assert not net or net[place].value == total
