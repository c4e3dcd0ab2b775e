"""Rolling origin: how each method would have done at forecasting the months that are already known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abax.forecast.methods import SEASON, Fitted, Method, MethodFailed

MOST_ORIGINS: Final = 24
"""How far back origins go: older ones say little about the next year."""
_LEAST_SHARE: Final = 0.2
_MOST_TIMES: Final = 5.0


@dataclass(frozen=True)
class Backtest:
    """One method's errors (actual minus forecast) by origin and month ahead.

    ``errors[back][step]`` is the error for the month ``step`` steps after the origin, when the last ``back``
    months were not known yet; ``scale`` is what MASE divides by; ``history`` is what was forecast.
    """

    method: Method
    errors: Mapping[int, Sequence[float]]
    scale: float
    history: Sequence[float] = ()

    @property
    def flat(self) -> list[float]:
        """All errors."""
        return [error for row in self.errors.values() for error in row]

    @property
    def mean_absolute_error(self) -> float:
        """Mean absolute error over all origins and steps."""
        return sum(map(abs, self.flat)) / len(self.flat)

    @property
    def mase(self) -> float | None:
        """Mean absolute scaled error (Hyndman and Koehler, 2006); None where the scale is zero but the
        errors are not."""
        if self.scale > 0:
            return self.mean_absolute_error / self.scale
        return None if self.mean_absolute_error > 0 else 0.0

    @property
    def bias(self) -> float:
        """Mean error: positive where the method forecasts too little."""
        return sum(self.flat) / len(self.flat)

    def actual(self, back: int) -> Sequence[float]:
        """What followed an origin."""
        start = len(self.history) - back
        return self.history[start : start + len(self.errors[back])]

    @property
    def smape(self) -> float | None:
        """Symmetric mean absolute percentage error, 0 to 200; None where the history is not known."""
        if not self.history:
            return None
        parts = [
            2 * abs(error) / (abs(value) + abs(value - error)) if error else 0.0
            for back, row in self.errors.items()
            for value, error in zip(self.actual(back), row, strict=True)
        ]
        return 100 * sum(parts) / len(parts)

    @property
    def relative_bias(self) -> float | None:
        """The bias in units of the mean absolute actual value; None where that is zero or not known."""
        values = [abs(value) for back in self.errors if self.history for value in self.actual(back)]
        return self.bias * len(values) / sum(values) if sum(values) > 0 else None


def origins(length: int, least: int) -> range:
    """From which months on forecasts are tried, when a method needs ``least`` months to fit."""
    return range(max(least, length - MOST_ORIGINS), length)


def backtest(method: Method, history: Sequence[float], starts: Sequence[int], horizon: int) -> Backtest:
    """Forecast from every origin and compare with what followed, up to ``horizon`` months ahead.

    A method that is dear to fit finds its constants at the first origin, and goes on with them at the others:
    none knows anything of a month that it is tested on. Raises MethodFailed.
    """
    errors = {}
    first = method.fit(history[: starts[0]])
    for origin in starts:
        known, actual = history[:origin], history[origin : origin + horizon]
        predict = first.onwards(known) if first.onwards else method.fit(known).predict
        predicted = within_reason(known, predict(len(actual)))
        errors[len(history) - origin] = [a - p for a, p in zip(actual, predicted, strict=True)]
    return Backtest(method, errors, naive_scale(history), history)


def predicted(fitted: Fitted, history: Sequence[float], horizon: int) -> list[float]:
    """What a fitted method says, within reason. Raises MethodFailed."""
    return within_reason(history, fitted.predict(horizon))


def within_reason(history: Sequence[float], values: Sequence[float]) -> list[float]:
    """Forecasts that stay on the side of zero, and near the size, of all that was ever seen: what was always
    positive is at least a fifth of the least month of the last two years, and nothing is five times as large
    as the largest month ever. A method that runs away is stopped there, in its backtest too. A month of the
    year in which nothing was ever posted, in two years and more, stays empty.

    Raises MethodFailed for values that are no numbers.
    """
    if not all(map(math.isfinite, values)):
        raise MethodFailed("it ran out of numbers")
    recent = history[-2 * SEASON :]
    most = _MOST_TIMES * max(map(abs, history))
    low, high = -most, most
    if min(history) > 0:
        low = _LEAST_SHARE * min(recent)
    elif max(history) < 0:
        high = _LEAST_SHARE * max(recent)
    elif min(history) >= 0:
        low = 0.0
    elif max(history) <= 0:
        high = 0.0
    empty = _never_posted(history)
    return [
        0.0 if (len(history) + step) % SEASON in empty else min(max(value, low), high)
        for step, value in enumerate(values)
    ]


def one_sided(history: Sequence[float], value: float, low: float, high: float) -> tuple[float, float]:
    """An interval cut at zero where neither the history nor the value itself crosses it: nobody pays a tax of
    less than nothing."""
    if min(history, default=0.0) >= 0 <= value:
        low = max(low, 0.0)
    if max(history, default=0.0) <= 0 >= value:
        high = min(high, 0.0)
    return low, high


def _never_posted(history: Sequence[float]) -> set[int]:
    """Places of the year, as the history counts them, that are zero in all of its years, of two and more."""
    if len(history) < 2 * SEASON:
        return set()
    return {place for place in range(SEASON) if not any(history[place::SEASON])}


def naive_scale(history: Sequence[float]) -> float:
    """The mean absolute change to the same month a year before; to the month before where the history is
    shorter than two years. MASE is measured in it."""
    lag = SEASON if len(history) >= 2 * SEASON else 1
    changes = [abs(value - before) for before, value in zip(history, history[lag:], strict=False)]
    return sum(changes) / len(changes) if changes else 0.0
