"""Lines that are posted to now and then: how much at a time, and how often.

Sources: J. D. Croston, "Forecasting and stock control for intermittent demands", ORQ 23 (1972); A. A.
Syntetos and J. E. Boylan, "The accuracy of intermittent demand estimates", IJF 21 (2005); R. H. Teunter,
A. A. Syntetos and M. Z. Babai, "Intermittent demand: linking forecasting to inventory obsolescence", EJOR 214
(2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from abax.forecast.methods import Method, Predict, plain

LUMPY: Final = 0.3
"""From this share of empty months on a line counts as lumpy."""
_ALPHAS: Final = (0.05, 0.1, 0.2, 0.3)


def is_lumpy(history: Sequence[float]) -> bool:
    """Whether many months after the first posting are empty."""
    first = next((place for place, value in enumerate(history) if value), len(history))
    since = history[first:]
    return bool(since) and sum(not value for value in since) / len(since) >= LUMPY


def fit_croston(history: Sequence[float], debias: float = 0.0) -> Predict:
    """Size over interval, each smoothed where something was posted. With ``debias`` of 1 it is the
    approximation of Syntetos and Boylan, which takes away what the quotient is too large by."""
    alpha = _best(history, lambda constant: _croston(history, constant, debias))
    rate = _croston(history, alpha, debias)[-1]
    return lambda horizon: [rate] * horizon


def fit_tsb(history: Sequence[float]) -> Predict:
    """Size times chance; the chance fades with every empty month, so that a line that has died out ends."""
    alpha = _best(history, lambda constant: _tsb(history, constant))
    rate = _tsb(history, alpha)[-1]
    return lambda horizon: [rate] * horizon


def _best(history: Sequence[float], rates: Callable[[float], Sequence[float]]) -> float:
    def loss(constant: float) -> float:
        return sum((value - rate) ** 2 for value, rate in zip(history[1:], rates(constant), strict=False))

    return min(_ALPHAS, key=loss)


def _croston(history: Sequence[float], alpha: float, debias: float) -> list[float]:
    """The rate that is expected after each month."""
    size = interval = 0.0
    since, rates = 1, []
    for value in history:
        if value:
            size = size + alpha * (value - size) if interval else value
            interval = interval + alpha * (since - interval) if interval else float(since)
            since = 1
        else:
            since += 1
        rates.append((1 - debias * alpha / 2) * size / interval if interval else 0.0)
    return rates


def _tsb(history: Sequence[float], alpha: float) -> list[float]:
    posted = [value for value in history if value]
    size, chance = (posted[0], len(posted) / len(history)) if posted else (0.0, 0.0)
    rates = []
    for value in history:
        chance += alpha * (bool(value) - chance)
        if value:
            size += alpha * (value - size)
        rates.append(size * chance)
    return rates


INTERMITTENT_METHODS: Final = (
    Method("croston", "Croston", 2, plain(fit_croston)),
    Method("sba", "Croston, Syntetos and Boylan", 2, plain(lambda history: fit_croston(history, 1.0))),
    Method("tsb", "Teunter, Syntetos and Babai", 2, plain(fit_tsb)),
)
"""What a lumpy line is tried with beside the others."""
