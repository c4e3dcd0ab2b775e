"""Forecasts side by side."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.dates import FiscalCalendar, Granularity
from abax.forecast.compare import compare
from abax.ledger.model import Forecast, ForecastLine, ForecastPoint

D = Decimal
CALENDAR = FiscalCalendar()


def outlook(revenue: int, cash: int, months: int = 5, end: date = date(2025, 10, 31)) -> Forecast:
    """The same revenue every month; cash that grows by as much every month."""
    values = {
        "revenue": [revenue] * months,
        "rent": [-1] * months,
        "cash": [cash * (n + 1) for n in range(months)],
    }
    return Forecast(
        currency="EUR",
        horizon=months,
        level=0.8,
        history_end=end,
        lines=[
            ForecastLine(
                line=name,
                label=name,
                method="",
                points=[ForecastPoint(label="", value=D(own), low=D(own), high=D(own)) for own in found],
                mase=None,
                naive_mase=None,
                coverage=None,
            )
            for name, found in values.items()
        ],
    )


def test_flows_are_summed_cash_is_that_at_the_end_and_a_part_of_a_period_says_so() -> None:
    found = compare(CALENDAR, outlook(10, 7), {"worse": outlook(8, 5)}, Granularity.QUARTER)
    assert found.periods == ["2025-Q4 (2 of 3 months)", "2026-Q1", "5 months"]
    revenue, cash = found.lines
    assert (revenue.line, revenue.base) == ("revenue", [20, 30, 50])
    [worse] = revenue.scenarios
    assert (worse.scenario, worse.values, worse.difference) == ("worse", [16, 24, 40], [-4, -6, -10])
    assert (cash.line, cash.base) == ("cash", [14, 35, 35])
    assert cash.scenarios[0].difference == [-4, -10, -10]


@pytest.mark.parametrize(
    ("by", "periods"),
    [
        (Granularity.YEAR, ["2025 (2 of 12 months)", "2026 (3 of 12 months)", "5 months"]),
        (Granularity.MONTH, ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "5 months"]),
    ],
)
def test_periods_are_those_of_the_fiscal_calendar(by: Granularity, periods: list[str]) -> None:
    assert compare(CALENDAR, outlook(1, 1), {}, by).periods == periods


def test_quarters_follow_a_fiscal_year_that_begins_in_april() -> None:
    found = compare(FiscalCalendar(3), outlook(1, 1), {}, Granularity.QUARTER)
    assert found.periods == ["2026-Q3 (2 of 3 months)", "2026-Q4", "5 months"]
