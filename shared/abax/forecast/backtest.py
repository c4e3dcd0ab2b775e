"""Rolling origin: how each method would have done at forecasting the months that are already known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abax.forecast.methods import SEASON, Method

MOST_ORIGINS: Final = 24
"""How far back origins go: older ones say little about the next year."""


@dataclass(frozen=True)
class Backtest:
    """One method's errors (actual minus forecast) by origin and month ahead.

    ``errors[back][step]`` is the error for the month ``step`` steps after the origin, when the last ``back``
    months were not known yet; ``scale`` is what MASE divides by.
    """

    method: Method
    errors: Mapping[int, Sequence[float]]
    scale: float

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


def origins(length: int, least: int) -> range:
    """From which months on forecasts are tried, when a method needs ``least`` months to fit."""
    return range(max(least, length - MOST_ORIGINS), length)


def backtest(method: Method, history: Sequence[float], starts: Sequence[int], horizon: int) -> Backtest:
    """Fit at every origin and compare with what followed, up to ``horizon`` months ahead."""
    errors = {}
    for origin in starts:
        actual = history[origin : origin + horizon]
        predicted = method.fit(history[:origin])(len(actual))
        errors[len(history) - origin] = [a - p for a, p in zip(actual, predicted, strict=True)]
    return Backtest(method, errors, naive_scale(history))


def naive_scale(history: Sequence[float]) -> float:
    """The mean absolute change to the same month a year before; to the month before where the history is
    shorter than two years. MASE is measured in it."""
    lag = SEASON if len(history) >= 2 * SEASON else 1
    changes = [abs(value - before) for before, value in zip(history, history[lag:], strict=False)]
    return sum(changes) / len(changes) if changes else 0.0
