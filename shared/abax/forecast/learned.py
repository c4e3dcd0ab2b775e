"""Machine learning on a series' own past: linear, random forest and gradient boosting of scikit-learn.

Each month is foretold from what was known a month before: the last values, rolling means, the value a year
ago, how many months have passed (trend), and where in the year it lies (season). Months further ahead are
foretold one after the other, each from the foretold ones before it. What is learnt is the change to the mean
of the last year: a forest cannot go beyond what it has seen, and levels drift, changes do not.

Hyper-parameters are chosen by time-series cross-validation: every fold is fitted on what lies before it.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from abax.forecast.methods import SEASON, Fitted, Method, Predict

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float64]]

LAGS: Final = (1, 2, 3, 6)
"""Months back, beside the same month of the year before."""
ROLLING: Final = (3, 6, 12)
"""Months of the rolling means."""
_FOLDS: Final = 3
_NAMES: Final = (
    *(f"lag {lag}" for lag in LAGS),
    "a year ago",
    *(f"mean of {months}" for months in ROLLING[:-1]),
    "trend",
    "sine of the year",
    "cosine of the year",
    "sine of half a year",
    "cosine of half a year",
)


@cache
def is_installed() -> bool:
    """Whether scikit-learn is there."""
    return importlib.util.find_spec("sklearn") is not None


def _linear() -> tuple[Any, dict[str, list[Any]]]:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [1.0, 10.0, 100.0]}


def _forest() -> tuple[Any, dict[str, list[Any]]]:
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(n_estimators=60, random_state=0), {"min_samples_leaf": [2, 5]}


def _boosting() -> tuple[Any, dict[str, list[Any]]]:
    from sklearn.ensemble import GradientBoostingRegressor

    return (
        GradientBoostingRegressor(learning_rate=0.05, subsample=0.8, random_state=0),
        {"n_estimators": [40, 120], "max_depth": [2]},
    )


def _learnt(make: Callable[[], tuple[Any, dict[str, list[Any]]]]) -> Callable[[Sequence[float]], Fitted]:
    """A regressor with its grid as a method."""

    def fit(history: Sequence[float]) -> Fitted:
        from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

        model, grid = make()
        rows, targets = _table(history)
        search = GridSearchCV(model, grid, cv=TimeSeriesSplit(_FOLDS), scoring="neg_mean_absolute_error").fit(
            rows, targets
        )
        best = search.best_estimator_
        errors = targets - best.predict(rows)
        size = float(math.sqrt((errors**2).mean()))

        def onwards(longer: Sequence[float]) -> Predict:
            return lambda horizon: _ahead(best, longer, horizon)

        return Fitted(
            onwards(history),
            lambda horizon: [size * math.sqrt(ahead) for ahead in range(1, horizon + 1)],
            _words(best, search.best_params_),
            onwards,
        )

    return fit


def _table(history: Sequence[float]) -> tuple[Array, Array]:
    """Features of every month that has a year behind it, one row each, and its change to that year's mean."""
    import numpy as np

    places = range(SEASON, len(history))
    rows = [_features(history, place) for place in places]
    targets = [history[place] - _mean(history[place - SEASON : place]) for place in places]
    return np.array(rows), np.array(targets)


def _features(history: Sequence[float], place: int) -> list[float]:
    """What is known before the month at ``place``: values as differences to the mean of the last year."""
    level = _mean(history[place - SEASON : place])
    turn = 2 * math.pi * place / SEASON
    return [
        *(history[place - lag] - level for lag in LAGS),
        history[place - SEASON] - level,
        *(_mean(history[place - months : place]) - level for months in ROLLING[:-1]),
        float(place),
        math.sin(turn),
        math.cos(turn),
        math.sin(2 * turn),
        math.cos(2 * turn),
    ]


def _ahead(model: Any, history: Sequence[float], horizon: int) -> list[float]:
    known = list(history)
    for _ in range(horizon):
        level = _mean(known[-SEASON:])
        known.append(level + float(model.predict([_features(known, len(known))])[0]))
    return known[len(history) :]


def _words(model: Any, chosen: dict[str, Any]) -> str:
    """The hyper-parameters, and the three features that count most where the model tells."""
    told = ", ".join(f"{name.rpartition('__')[2]} {value}" for name, value in chosen.items())
    weights = getattr(model, "feature_importances_", None)
    if weights is None:
        weights = abs(model[-1].coef_)
    most = sorted(zip(weights, _NAMES, strict=True), reverse=True)[:3]
    return f"{told}; counts most: {', '.join(name for _, name in most)}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


LEARNED_METHODS: Final = (
    Method("linear", "Linear regression on the past", 2 * SEASON, _learnt(_linear)),
    Method("forest", "Random forest on the past", 2 * SEASON, _learnt(_forest)),
    Method("boosting", "Gradient boosting on the past", 2 * SEASON, _learnt(_boosting)),
)
