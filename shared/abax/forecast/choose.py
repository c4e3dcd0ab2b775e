"""Which method a series gets, and how far off it may be: both decided by the backtest alone.

::

    history ─► cleaned ─► every method, from the same origins ─► their combination ─► the best ─► forecast
                                                                            └─► its errors ─► interval
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from abax.forecast.backtest import Backtest, backtest, origins, predicted
from abax.forecast.clean import cleaned
from abax.forecast.methods import SEASON, Fitted, Method, MethodFailed
from abax.forecast.toolbox import BASELINE, Tools, least_months, methods_for

LEVEL: Final = 0.8
"""Share of months that an interval is meant to hold."""

OUTER_LEVEL: Final = 0.95
"""The same of the outer interval."""

SHORTEST: Final = 6
"""Fewer months than this are not forecast."""

EDGE: Final = 0.6
"""A single method must have this share of the combination's error or less: few origins make the least error
mostly luck. Seen on the M1 series, at five origins of them, as WIDENING was."""

WIDENING: Final = 6.0
"""Intervals grow by 1 + WIDENING / origins: errors of what did best are too small by about so much."""

COMBINATION: Final = "combination"


@dataclass(frozen=True)
class Spread:
    """How errors grow with the months ahead, ``typical × ahead ** growth``; ``sizes`` are the backtest's
    absolute errors in that unit, smallest first."""

    typical: float
    growth: float
    sizes: Sequence[float]
    widening: float

    def reach(self, ahead: int, level: float = LEVEL) -> float:
        """Half the width ``ahead`` months ahead (1 is the first) of an interval that holds ``level``."""
        if not self.sizes:
            return 0.0
        return quantile(self.sizes, level) * self.widening * self.typical * math.pow(ahead, self.growth)


@dataclass(frozen=True)
class Score:
    """A method that was tried, or why it was not."""

    method: Method
    test: Backtest | None
    weight: float = 0.0
    words: str = ""
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """A series' forecast before rounding. Empty ``values`` mean that there is none, as ``note`` says."""

    label: str
    values: list[float]
    reach: list[float]
    """How far the interval of ``LEVEL`` extends to either side of each value."""
    tested: Backtest | None = None
    naive: Backtest | None = None
    note: str = ""
    scores: tuple[Score, ...] = ()
    """The chosen one first, then by error."""
    spread: Spread | None = None
    method: str = ""

    def reach_at(self, level: float) -> list[float]:
        """The same as ``reach`` for an interval that holds another share of outcomes."""
        if self.spread is None:
            return [0.0] * len(self.values)
        return [self.spread.reach(ahead, level) for ahead in range(1, len(self.values) + 1)]


@dataclass(frozen=True)
class _Tried:
    """All backtests of a series, and what could not be tried."""

    tests: list[Backtest]
    failed: dict[str, tuple[Method, str]] = field(default_factory=dict)


def choose(
    history: Sequence[float], horizon: int, tools: Tools = BASELINE, days: Sequence[int] = ()
) -> Choice:
    """Forecast one series by the method whose backtest is best, never worse there than seasonal naive.

    ``days`` are the working days of the months of the history and of those ahead, at their end; without them
    no method goes by the day.
    """
    if len(history) < SHORTEST:
        return Choice(
            "", [], [], note=f"no forecast: {len(history)} months of history, {SHORTEST} are needed"
        )
    if not any(history):
        return Choice("Zero", [0.0] * horizon, [0.0] * horizon, note="nothing was ever posted here")
    unit = math.ldexp(1.0, math.frexp(max(map(abs, history)))[1] - 1)  # a power of two: nothing is rounded
    series, remarks = cleaned([value / unit for value in history])
    tried = run_tests(series, horizon, tools, days[len(days) - len(history) - horizon :] if days else ())
    naive, *others = tried.tests
    together, weights = combination(tried.tests)
    best = best_of([naive, *others, *([together] if together else [])])
    parts = weights if best is together else {best.method.name: 1.0}
    fitted = {test.method.name: test.method.fit(series) for test in tried.tests if test.method.name in parts}
    values = _weighted({name: predicted(one, series, horizon) for name, one in fitted.items()}, parts)
    spread = spread_of(best.errors, least_growth(len(history)))
    scaled = replace(spread, typical=spread.typical * unit)
    return Choice(
        best.method.label if best is not together else f"Combination of {len(weights)} methods",
        [value * unit for value in values],
        [scaled.reach(ahead) for ahead in range(1, horizon + 1)],
        rescaled(best, unit),
        rescaled(naive, unit),
        "; ".join([*remarks, *notes_on(len(history), best, naive)]),
        _scores(tried, best, parts, fitted, unit),
        scaled,
        best.method.name,
    )


def run_tests(
    values: Sequence[float], horizon: int, tools: Tools = BASELINE, days: Sequence[int] = ()
) -> _Tried:
    """Backtests of every method that the length allows, all at the same origins, the naive one first."""
    first = least_months(len(values))
    starts = origins(len(values), first)
    tried = _Tried([])
    for method in methods_for(values, tools, days):
        if method.least > first:
            continue
        try:
            tried.tests.append(backtest(method, values, starts, horizon))
        except MethodFailed as error:
            tried.failed[method.name] = (method, str(error))
    return tried


def combination(tests: Sequence[Backtest]) -> tuple[Backtest | None, dict[str, float]]:
    """The weighted mean of the methods that are meant for it, and their weights: by the inverse of their
    squared error (Bates and Granger, 1969). None where fewer than two have errors at all."""
    able = [test for test in tests if test.method.joins and test.mean_absolute_error > 0]
    if len(able) < 2:
        return None, {}
    least = min(test.mean_absolute_error for test in able)
    raw = {test.method.name: (least / test.mean_absolute_error) ** 2 for test in able}
    weights = {name: value / sum(raw.values()) for name, value in raw.items()}
    errors = {
        back: _weighted({test.method.name: test.errors[back] for test in able}, weights)
        for back in able[0].errors
    }
    method = Method(COMBINATION, "Combination", max(test.method.least for test in able), able[0].method.fit)
    return replace(able[0], method=method, errors=errors), weights


def best_of(tests: Sequence[Backtest]) -> Backtest:
    """The test with the least error; the first one, naive, unless another beats it."""
    naive, *others = tests
    better = [test for test in others if test.mean_absolute_error < naive.mean_absolute_error]
    return min(better, key=_handicapped, default=naive)


def spread_of(errors: Mapping[int, Sequence[float]], least: float) -> Spread:
    """Fit the growth of the mean absolute error over the months ahead, then measure all errors in it. Pooling
    the horizons this way gives the far ones, tested seldom, the weight of all."""
    growth, typical = _growth([list(map(abs, row)) for row in errors.values()], least)
    if typical <= 0:
        return Spread(0.0, growth, (), 1.0)
    sizes = sorted(
        abs(error) / (typical * ahead**growth)
        for row in errors.values()
        for ahead, error in enumerate(row, 1)
    )
    return Spread(typical, growth, sizes, 1 + WIDENING / len(errors))


def coverage(errors: Mapping[int, Sequence[float]], least: float, level: float = LEVEL) -> float | None:
    """Share of backtest months inside intervals that were made from the other origins' errors alone."""
    if len(errors) < 2:
        return None
    inside = total = 0
    for origin, row in errors.items():
        spread = spread_of({other: kept for other, kept in errors.items() if other != origin}, least)
        total += len(row)
        inside += sum(abs(error) <= spread.reach(ahead, level) for ahead, error in enumerate(row, 1))
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


def notes_on(months: int, best: Backtest, naive: Backtest) -> Iterable[str]:
    """What a reader should know about the choice."""
    if months < 2 * SEASON:
        yield f"{months} months of history: no season can be told, intervals are wide"
    if len(set(naive.history)) == 1:
        yield "the same amount every month so far: it goes on, and the backtest knows of no change"
    elif best is naive:
        yield f"nothing beat {naive.method.label.lower()} in the backtest"


def rescaled(test: Backtest, unit: float) -> Backtest:
    """The same backtest in the history's own unit."""
    errors = {origin: [error * unit for error in row] for origin, row in test.errors.items()}
    return replace(
        test, errors=errors, scale=test.scale * unit, history=[value * unit for value in test.history]
    )


def _weighted(rows: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> list[float]:
    columns = zip(*(rows[name] for name in weights), strict=True)
    return [
        sum(value * share for value, share in zip(column, weights.values(), strict=True))
        for column in columns
    ]


def _scores(
    tried: _Tried, best: Backtest, parts: Mapping[str, float], fitted: Mapping[str, Fitted], unit: float
) -> tuple[Score, ...]:
    """The chosen method first, the others by error, what failed last."""
    ranked = sorted(tried.tests, key=lambda test: test.mean_absolute_error)
    if best.method.name == COMBINATION:
        ranked = [best, *ranked]
    scores = [
        Score(
            test.method,
            rescaled(test, unit),
            1.0 if test is best else parts.get(test.method.name, 0.0),
            fitted[test.method.name].words if test.method.name in fitted else "",
        )
        for test in sorted(ranked, key=lambda test: test is not best)
    ]
    failed = [Score(method, None, note=why) for method, why in tried.failed.values()]
    return (*scores, *failed)


def _handicapped(test: Backtest) -> float:
    return test.mean_absolute_error * (EDGE if test.method.name == COMBINATION else 1.0)


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
