"""Ways to continue a monthly series, behind one small interface: fit a history, then predict months ahead,
with quantiles, and say what was found. Those here need nothing but Python; ``library`` and ``learned`` have
more.

Sources: M. Assimakopoulos and K. Nikolopoulos, "The theta model", IJF 16 (2000), in the form of simple
exponential smoothing with drift shown by Hyndman and Billah (2003); damped trend after Gardner and
McKenzie (1985); seasonal indices by classical decomposition over a centred moving average.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

SEASON: Final = 12
"""Months in a seasonal cycle."""

Predict = Callable[[int], list[float]]
"""How many months ahead → one value for each of them."""


class MethodFailed(Exception):
    """A method could make nothing of a history; the message says why. The others go on without it."""


@dataclass(frozen=True)
class Fitted:
    """What a method made of a history."""

    predict: Predict
    deviation: Predict
    """How many months ahead → the standard deviation of each one's error, as the method itself sees it."""
    words: str = ""
    """The constants that were found, as the field writes them: ``ETS(M,Ad,A)``. Empty for none."""
    onwards: Callable[[Sequence[float]], Predict] | None = None
    """The prediction with the same constants from a longer history; None: to fit again is as cheap."""

    def quantiles(self, horizon: int, shares: Sequence[float]) -> list[list[float]]:
        """One row for each month ahead: the values below which the ``shares`` (0 to 1) of outcomes lie,
        errors taken for normal."""
        normal = NormalDist()
        steps = [normal.inv_cdf(share) for share in shares]
        return [
            [value + step * width for step in steps]
            for value, width in zip(self.predict(horizon), self.deviation(horizon), strict=True)
        ]

    def explain(self) -> str:
        """What was found, in a line."""
        return self.words or "no constants: it goes on as the history stands"


@dataclass(frozen=True)
class Method:
    """A way to forecast. ``fit`` takes the history, oldest month first."""

    name: str
    label: str
    least: int
    """Months of history that it needs."""
    fit: Callable[[Sequence[float]], Fitted]
    joins: bool = False
    """Whether it takes part in the combination."""


def plain(fit: Callable[[Sequence[float]], Predict]) -> Callable[[Sequence[float]], Fitted]:
    """A method that is fitted anew at no cost. Its errors are those of the month ahead over the last year,
    and grow with the root of the months."""

    def fitted(history: Sequence[float]) -> Fitted:
        def deviation(horizon: int) -> list[float]:
            first = max(len(history) - SEASON, min(2 * SEASON, len(history) - 1), 1)
            errors = [history[t] - fit(history[:t])(1)[0] for t in range(first, len(history))]
            size = math.sqrt(sum(error * error for error in errors) / len(errors)) if errors else 0.0
            return [size * math.sqrt(ahead) for ahead in range(1, horizon + 1)]

        return Fitted(fit(history), deviation)

    return fitted


def fit_seasonal_naive(history: Sequence[float]) -> Predict:
    """Each month is what it was a year before."""
    season = list(history[-SEASON:])
    return lambda horizon: [season[step % SEASON] for step in range(horizon)]


def fit_seasonal_naive_drift(history: Sequence[float]) -> Predict:
    """Each month is what it was a year before, plus half the change between the last two years, month by
    month of the way: one year's growth is a noisy guess of the next one's."""
    season = list(history[-SEASON:])
    before = history[-2 * SEASON : -SEASON]
    drift = 0.5 * (sum(season) - sum(before)) / SEASON
    return lambda horizon: [season[step % SEASON] + drift * (1 + step // SEASON) for step in range(horizon)]


def fit_last_value(history: Sequence[float]) -> Predict:
    """Every month is like the last one: right for balances that wander."""
    last = history[-1]
    return lambda horizon: [last] * horizon


def fit_drift(history: Sequence[float]) -> Predict:
    """The last value, and on from it by the mean change of a month."""
    step = (history[-1] - history[0]) / max(len(history) - 1, 1)
    return lambda horizon: [history[-1] + step * ahead for ahead in range(1, horizon + 1)]


def fit_mean(history: Sequence[float]) -> Predict:
    """Every month is the mean of the last twelve: right for costs that come now and then."""
    recent = history[-SEASON:]
    mean = sum(recent) / len(recent)
    return lambda horizon: [mean] * horizon


def fit_theta(history: Sequence[float]) -> Predict:
    """Exponential smoothing whose level drifts by half the slope of the least-squares line."""
    alpha, level = best_smoothing(history)
    drift = 0.5 * slope(history)
    lag = (1 - (1 - alpha) ** len(history)) / alpha
    return lambda horizon: [level + drift * (step + lag) for step in range(horizon)]


def fit_damped_trend(history: Sequence[float]) -> Predict:
    """A level and a trend that fades, with the smoothing constants that fitted the history best."""
    best = min((holt(history, *constants) for constants in _DAMPED), key=lambda fitted: fitted[0])
    _, level, trend, phi = best

    def predict(horizon: int) -> list[float]:
        reach, ahead = 0.0, []
        for step in range(1, horizon + 1):
            reach += phi**step
            ahead.append(level + reach * trend)
        return ahead

    return predict


def seasonal(fit: Callable[[Sequence[float]], Predict]) -> Callable[[Sequence[float]], Predict]:
    """The same method on the seasonally adjusted history, with the season put back afterwards."""

    def fit_adjusted(history: Sequence[float]) -> Predict:
        multiplicative = min(history) > 0 or max(history) < 0
        indices = seasonal_indices(history, multiplicative)
        phase = len(history)
        if multiplicative:
            inner = fit([value / indices[t % SEASON] for t, value in enumerate(history)])
            return lambda horizon: [v * indices[(phase + s) % SEASON] for s, v in enumerate(inner(horizon))]
        inner = fit([value - indices[t % SEASON] for t, value in enumerate(history)])
        return lambda horizon: [v + indices[(phase + s) % SEASON] for s, v in enumerate(inner(horizon))]

    return fit_adjusted


def average(*fits: Callable[[Sequence[float]], Predict]) -> Callable[[Sequence[float]], Predict]:
    """The mean of several methods: their errors partly cancel."""

    def fit_all(history: Sequence[float]) -> Predict:
        inner = [fit(history) for fit in fits]
        return lambda horizon: [
            sum(values) / len(inner) for values in zip(*(predict(horizon) for predict in inner), strict=True)
        ]

    return fit_all


def seasonal_indices(history: Sequence[float], multiplicative: bool) -> list[float]:
    """Twelve indices (factors of mean 1, or offsets of mean 0), the first for the first month of ``history``.

    Each is the mean over the years of a month's ratio (or difference) to the centred moving average, drawn
    towards "no season" as far as the years disagree: two years of history say little about a season.
    """
    neutral = 1.0 if multiplicative else 0.0
    ratios: list[list[float]] = [[] for _ in range(SEASON)]
    for t in range(SEASON // 2, len(history) - SEASON // 2):
        trend = centred_mean(history, t)
        if multiplicative and abs(trend) < _TINY:
            continue
        ratios[t % SEASON].append(history[t] / trend if multiplicative else history[t] - trend)
    means = [sum(values) / len(values) if values else neutral for values in ratios]
    kept = reliability(ratios, means)
    shrunk = [neutral + kept * (mean - neutral) for mean in means]
    centre = sum(shrunk) / SEASON
    if multiplicative:
        return [max(value / centre, _LEAST_FACTOR) for value in shrunk]
    return [value - centre for value in shrunk]


def reliability(groups: Sequence[Sequence[float]], means: Sequence[float]) -> float:
    """How much of the spread between the months' means is season and not chance, 0 to 1 (the share of
    variance that empirical-Bayes shrinkage keeps)."""
    freedom = sum(max(len(group) - 1, 0) for group in groups)
    if not freedom:
        return 0.5
    within = (
        sum((value - mean) ** 2 for group, mean in zip(groups, means, strict=True) for value in group)
        / freedom
    )
    per_month = sum(len(group) for group in groups) / SEASON
    centre = sum(means) / SEASON
    between = sum((mean - centre) ** 2 for mean in means) / (SEASON - 1)
    if between <= 0:
        return 0.0
    return max(0.0, 1 - within / per_month / between)


def centred_mean(history: Sequence[float], t: int) -> float:
    """The 2×12 moving average around month ``t``."""
    half = SEASON // 2
    inner = sum(history[t - half + 1 : t + half])
    return (inner + (history[t - half] + history[t + half]) / 2) / SEASON


def best_smoothing(history: Sequence[float]) -> tuple[float, float]:
    """The constant of simple exponential smoothing with the least squared one-step error, and its level."""
    return min((smooth(history, alpha) for alpha in _ALPHAS), key=lambda fitted: fitted[0])[1:]


def smooth(history: Sequence[float], alpha: float) -> tuple[float, float, float]:
    """Squared one-step error, constant and last level of simple exponential smoothing."""
    level = sum(history[:_START]) / len(history[:_START])
    loss = 0.0
    for value in history:
        error = value - level
        loss += error * error
        level += alpha * error
    return loss, alpha, level


def holt(
    history: Sequence[float], alpha: float, beta: float, phi: float
) -> tuple[float, float, float, float]:
    """Squared one-step error, last level, last trend and damping of a damped linear trend."""
    level, trend, loss = sum(history[:_START]) / len(history[:_START]), 0.0, 0.0
    for value in history:
        expected = level + phi * trend
        error = value - expected
        loss += error * error
        level = expected + alpha * error
        trend = phi * trend + alpha * beta * error
    return loss, level, trend, phi


def slope(history: Sequence[float]) -> float:
    """Slope of the least-squares line, per month."""
    count = len(history)
    if count < 2:
        return 0.0
    middle = (count - 1) / 2
    mean = sum(history) / count
    spread = count * (count * count - 1) / 12
    return sum((t - middle) * (value - mean) for t, value in enumerate(history)) / spread


_START: Final = 3
_TINY: Final = 1e-9
_LEAST_FACTOR: Final = 0.02
_ALPHAS: Final = tuple(step / 20 for step in range(1, 20))
_DAMPED: Final = tuple(
    (alpha, beta, phi)
    for alpha in (0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
    for beta in (0.05, 0.15, 0.3)
    for phi in (0.85, 0.95)
)

SEASONAL_NAIVE: Final = Method(
    "seasonal_naive", "Seasonal naive", SEASON, plain(fit_seasonal_naive), joins=True
)
LAST_VALUE: Final = Method("last_value", "Last value", 1, plain(fit_last_value))
MEAN: Final = Method("mean", "Mean of the last year", 1, plain(fit_mean))
BLEND: Final = Method(
    "blend",
    "Mean of Theta, damped trend and seasonal naive",
    2 * SEASON,
    plain(average(seasonal(fit_theta), seasonal(fit_damped_trend), fit_seasonal_naive)),
    joins=True,
)

SEASONAL_METHODS: Final = (
    SEASONAL_NAIVE,
    Method("seasonal_naive_drift", "Seasonal naive with drift", 2 * SEASON, plain(fit_seasonal_naive_drift)),
    Method("theta", "Theta, seasonally adjusted", 2 * SEASON, plain(seasonal(fit_theta)), joins=True),
    Method(
        "damped_trend",
        "Damped trend, seasonally adjusted",
        2 * SEASON,
        plain(seasonal(fit_damped_trend)),
        joins=True,
    ),
    BLEND,
    MEAN,
    LAST_VALUE,
)
"""What a history of two years and more is tried with."""

PLAIN_METHODS: Final = (
    replace(LAST_VALUE, joins=True),
    replace(MEAN, joins=True),
    Method("theta_plain", "Theta", 4, plain(fit_theta), joins=True),
    Method("drift", "Drift", 2, plain(fit_drift)),
)
"""What a shorter history is tried with: a season seen once cannot be told from chance."""
