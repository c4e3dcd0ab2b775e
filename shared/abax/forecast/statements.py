"""The forecast of a close: lines first, then subtotals that add up, then cash on its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from abax.dates import Period
from abax.forecast.backtest import Backtest, naive_scale
from abax.forecast.choose import LEVEL, Choice, choose, coverage, least_growth, spread_of
from abax.forecast.series import Series, monthly_history, months_after, trimmed
from abax.ledger.model import ClosePackage, Forecast, ForecastLine, ForecastPoint
from abax.money import ZERO, rounded

HORIZON: Final = 12
SUM: Final = "Sum of its lines"
"""The method of a subtotal."""


def forecast_package(package: ClosePackage, horizon: int = HORIZON) -> Forecast:
    """Forecast every income-statement line and cash, ``horizon`` months beyond the last complete month.

    Amounts are in the company's currency, at its decimals. Subtotals are the sums of the forecast lines, and
    their intervals and errors come from the sums' own backtest. A line with too short a history has no
    points, and its note says so.
    """
    history = monthly_history(package)
    months = months_after(package.company.calendar, history.end, horizon)
    currency = package.company.currency
    choices: dict[str, Choice] = {}
    lines: dict[str, ForecastLine] = {}
    for series in history.series:
        if series.parts:
            lines[series.line] = sum_line(series, choices, lines, months, currency)
        else:
            choices[series.line] = choose(trimmed(series.values), horizon)
            lines[series.line] = own_line(series, choices[series.line], months, currency)
    notes = [f"{history.left_out} is unfinished and left out of the history"] if history.left_out else []
    return Forecast(
        currency=currency,
        horizon=horizon,
        level=LEVEL,
        history_end=history.end,
        lines=list(lines.values()),
        notes=notes,
    )


def own_line(series: Series, choice: Choice, months: Sequence[Period], currency: str) -> ForecastLine:
    """A line that was forecast from its own history."""
    points = [
        point(month, money(value, currency), money(value - reach, currency), money(value + reach, currency))
        for month, value, reach in zip(months, choice.values, choice.reach, strict=False)
    ]
    return described(series, choice.label, points, choice, len(trimmed(series.values)))


def sum_line(
    series: Series,
    choices: dict[str, Choice],
    lines: dict[str, ForecastLine],
    months: Sequence[Period],
    currency: str,
) -> ForecastLine:
    """A subtotal: the sum of its lines' values, with the interval that the sum's own errors give."""
    parts = [name for name in series.parts if choices[name].values]
    missing = [lines[name].label for name in series.parts if not choices[name].values]
    if not parts:
        return described(series, "", [], Choice("", [], [], note="no forecast: none of its lines has one"), 0)
    choice = summed([choices[name] for name in parts], series.values)
    tested = choice.tested
    spread = spread_of(tested.errors, least_growth(len(series.values))) if tested else None
    points = []
    for place, month in enumerate(months):
        value = sum((lines[name].points[place].value for name in parts), ZERO)
        reach = money(spread.reach(place + 1) if spread else 0.0, currency)
        points.append(point(month, value, value - reach, value + reach))
    notes = [f"without {', '.join(missing)}, whose history is too short"] if missing else []
    line = described(series, SUM, points, choice, len(series.values))
    if line.mase is not None and line.naive_mase is not None and line.mase > line.naive_mase:
        notes.append("in the backtest the sum did worse than the sum of the naive forecasts")
    return line.model_copy(update={"note": "; ".join(notes)})


def summed(choices: Sequence[Choice], values: Sequence[float]) -> Choice:
    """The backtest of a sum: its errors are the sums of its lines' errors, month by month."""
    tested = [choice.tested for choice in choices if choice.tested]
    naive = [choice.naive for choice in choices if choice.naive]
    if not tested:
        return Choice("", [], [])
    scale = naive_scale(values)
    return Choice("", [], [], sum_of_tests(tested, scale), sum_of_tests(naive, scale))


def sum_of_tests(tests: Sequence[Backtest], scale: float) -> Backtest:
    """Errors added over the origins that all tests have in common (counted from the end of the history)."""
    common = set.intersection(*(set(test.errors) for test in tests))
    errors = {
        origin: [math.fsum(row) for row in zip(*(test.errors[origin] for test in tests), strict=True)]
        for origin in sorted(common, reverse=True)
    }
    return Backtest(tests[0].method, errors, scale)


def described(
    series: Series, method: str, points: list[ForecastPoint], choice: Choice, months: int
) -> ForecastLine:
    """A forecast line with what its backtest says."""
    return ForecastLine(
        line=series.line,
        label=series.label,
        method=method,
        points=points,
        mase=shown(choice.tested.mase) if choice.tested else None,
        naive_mase=shown(choice.naive.mase) if choice.naive else None,
        coverage=shown(coverage(choice.tested.errors, least_growth(months))) if choice.tested else None,
        note=choice.note,
    )


def point(month: Period, value: Decimal, low: Decimal, high: Decimal) -> ForecastPoint:
    """One month ahead."""
    return ForecastPoint(label=month.label, value=value, low=low, high=high)


def money(value: float, currency: str) -> Decimal:
    """The nearest amount of the currency."""
    return rounded(Decimal(repr(value)), currency)


def shown(value: float | None) -> float | None:
    """Three decimals: more would pretend."""
    return None if value is None else round(value, 3)
