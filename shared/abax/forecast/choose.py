"""Which method a series gets, and how far off it may be: both decided by the backtest alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abax.forecast.backtest import Backtest, backtest, origins
from abax.forecast.methods import PLAIN_METHODS, SEASON, SEASONAL_METHODS, Method

LEVEL: Final = 0.8
"""Share of months that an interval is meant to hold."""

SHORTEST: Final = 6
"""Fewer months than this are not forecast."""

FAVOURITE: Final = "blend"
EDGE: Final = 0.9
"""Another method must have this share of the favourite's error or less: few origins make the least error
partly luck. Found on the M1 series, as WIDENING was."""

WIDENING: Final = 4.0
"""Intervals grow by 1 + WIDENING / origins: errors of the method that did best are too small by so much.
With it, 80 % intervals held 80 % of the months that followed the 585 longer M1 series."""


@dataclass(frozen=True)
class Choice:
    """A series' forecast before rounding. Empty ``values`` mean that there is none, as ``note`` says."""

    label: str
    values: list[float]
    reach: list[float]
    """How far the interval extends to either side of each value."""
    tested: Backtest | None = None
    naive: Backtest | None = None
    note: str = ""


@dataclass(frozen=True)
class Spread:
    """How errors grow with the months ahead, ``typical × ahead ** growth``; ``quantile`` is in that unit."""

    typical: float
    growth: float
    quantile: float

    def reach(self, ahead: int) -> float:
        """Half the interval's width ``ahead`` months ahead (1 is the first)."""
        return self.quantile * self.typical * math.pow(ahead, self.growth)


def choose(history: Sequence[float], horizon: int) -> Choice:
    """Forecast one series by the method whose backtest is best, never worse there than seasonal naive."""
    if len(history) < SHORTEST:
        return Choice(
            "", [], [], note=f"no forecast: {len(history)} months of history, {SHORTEST} are needed"
        )
    if not any(history):
        return Choice("Zero", [0.0] * horizon, [0.0] * horizon, note="nothing was ever posted here")
    unit = max(map(abs, history))
    values = [value / unit for value in history]
    tests = run_tests(values, horizon)
    naive, best = tests[0], best_of(tests)
    predicted = [value * unit for value in best.method.fit(values)(horizon)]
    spread = spread_of(best.errors, least_growth(len(history)))
    return Choice(
        best.method.label,
        predicted,
        [spread.reach(ahead) * unit for ahead in range(1, horizon + 1)],
        rescaled(best, unit),
        rescaled(naive, unit),
        note_on(len(history), best, naive),
    )


def run_tests(values: Sequence[float], horizon: int) -> list[Backtest]:
    """Backtests of every method that the length allows, all at the same origins, the naive one first."""
    short = len(values) < 2 * SEASON
    candidates: Sequence[Method] = PLAIN_METHODS if short else SEASONAL_METHODS
    first = SHORTEST - 2 if short else 2 * SEASON if len(values) >= _TWO_YEARS_TO_FIT else SEASON
    starts = origins(len(values), first)
    return [backtest(method, values, starts, horizon) for method in candidates if method.least <= first]


def best_of(tests: Sequence[Backtest]) -> Backtest:
    """The test with the least error; the first one, naive, unless another beats it."""
    naive, *others = tests
    better = [test for test in others if test.mean_absolute_error < naive.mean_absolute_error]
    return min(better, key=_handicapped, default=naive)


def spread_of(errors: Mapping[int, Sequence[float]], least: float) -> Spread:
    """Fit the growth of the mean absolute error over the months ahead, then take the quantile of all errors
    measured in it. Pooling the horizons this way gives the far ones, tested seldom, the weight of all."""
    growth, typical = _growth([list(map(abs, row)) for row in errors.values()], least)
    if typical <= 0:
        return Spread(0.0, growth, 0.0)
    sizes = sorted(
        abs(error) / (typical * ahead**growth)
        for row in errors.values()
        for ahead, error in enumerate(row, 1)
    )
    return Spread(typical, growth, quantile(sizes, LEVEL) * (1 + WIDENING / len(errors)))


def coverage(errors: Mapping[int, Sequence[float]], least: float) -> float | None:
    """Share of backtest months inside intervals that were made from the other origins' errors alone."""
    if len(errors) < 2:
        return None
    inside = total = 0
    for origin, row in errors.items():
        spread = spread_of({other: kept for other, kept in errors.items() if other != origin}, least)
        total += len(row)
        inside += sum(abs(error) <= spread.reach(ahead) for ahead, error in enumerate(row, 1))
    return inside / total


def least_growth(months: int) -> float:
    """Intervals widen at least with this power of the months ahead: as a random walk's where the history is
    too short to show otherwise."""
    return 0.25 if months >= 2 * SEASON else 0.5


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``ordered`` lies, interpolated."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def note_on(months: int, best: Backtest, naive: Backtest) -> str:
    """What a reader should know about the choice."""
    notes = []
    if months < 2 * SEASON:
        notes.append(f"{months} months of history: no season can be told, intervals are wide")
    if best is naive:
        notes.append(f"nothing beat {naive.method.label.lower()} in the backtest")
    return "; ".join(notes)


def rescaled(test: Backtest, unit: float) -> Backtest:
    """The same backtest in the history's own unit."""
    errors = {origin: [error * unit for error in row] for origin, row in test.errors.items()}
    return Backtest(test.method, errors, test.scale * unit)


def _handicapped(test: Backtest) -> float:
    favourite = test.method.name == FAVOURITE
    return test.mean_absolute_error * (EDGE if favourite else 1.0)


def _growth(sizes: Sequence[Sequence[float]], least: float) -> tuple[float, float]:
    """Power and factor of the least-squares line through the logarithms of the mean error per month ahead."""
    longest = max(map(len, sizes))
    columns = [[row[step] for row in sizes if len(row) > step] for step in range(longest)]
    points = [
        (math.log(ahead), math.log(sum(column) / len(column)), len(column))
        for ahead, column in enumerate(columns, 1)
        if sum(column) > 0
    ]
    weight = sum(count for *_, count in points)
    if not weight:
        return least, 0.0
    x_mean = sum(x * count for x, _, count in points) / weight
    y_mean = sum(y * count for _, y, count in points) / weight
    x_spread = sum(count * (x - x_mean) ** 2 for x, _, count in points)
    slope = (
        sum(count * (x - x_mean) * (y - y_mean) for x, y, count in points) / x_spread if x_spread else least
    )
    growth = min(max(slope, least), 1.0)
    return growth, math.exp(y_mean - growth * x_mean)


_TWO_YEARS_TO_FIT: Final = 30
"""From this length on, origins leave two years to fit and six months to test."""
