"""Methods of statsforecast and Prophet: exponential smoothing, Theta, complex exponential smoothing, ARIMA.

They are far too large for a zip function; where they are not installed, the methods of ``methods`` do alone.

Theta and complex smoothing also run on the series without the season of ``methods.seasonal_indices``: indices
drawn towards "no season" as far as the years disagree lose less than those that believe every month.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from abax.forecast.methods import SEASON, Fitted, Method, MethodFailed, Predict, seasonal_indices

if TYPE_CHECKING:
    import numpy as np

_ONE_SIGMA: Final = 68.26894921370859
"""Percent of a normal distribution within one standard deviation."""
_WAVES: Final = 6
"""Fourier terms of a year. With Prophet's own ten, two years of months leave it without a way to fit."""
_ANY_MONTH: Final = date(2001, 1, 1)

Model = Callable[[], Any]


@cache
def is_installed() -> bool:
    """Whether statsforecast is there."""
    return importlib.util.find_spec("statsforecast") is not None


@cache
def has_prophet() -> bool:
    """Whether Prophet is there."""
    return importlib.util.find_spec("prophet") is not None


def _ets() -> Any:
    from statsforecast.models import AutoETS

    return AutoETS(season_length=SEASON)


def _ces() -> Any:
    from statsforecast.models import AutoCES

    return AutoCES(season_length=SEASON)


def _ces_without_season() -> Any:
    from statsforecast.models import AutoCES

    return AutoCES(season_length=1, model="N")


def _theta_without_season() -> Any:
    from statsforecast.models import DynamicOptimizedTheta

    return DynamicOptimizedTheta(season_length=1)


def _arima() -> Any:
    from statsforecast.models import AutoARIMA

    return AutoARIMA(season_length=SEASON)


def _fitted(model: Model) -> Callable[[Sequence[float]], Fitted]:
    """A model of statsforecast as a method."""

    def fit(history: Sequence[float]) -> Fitted:
        try:
            found = model().fit(_array(history))
        except Exception as error:  # statsforecast raises plain ones where no model can be fitted
            raise MethodFailed(str(error) or type(error).__name__) from error

        def predict(horizon: int) -> list[float]:
            return _floats(found.predict(h=horizon)["mean"])

        def deviation(horizon: int) -> list[float]:
            told = found.predict(h=horizon, level=[_ONE_SIGMA])
            return _floats(told[f"hi-{_ONE_SIGMA}"] - told["mean"])

        def onwards(longer: Sequence[float]) -> Predict:
            return lambda horizon: _floats(found.forward(_array(longer), h=horizon)["mean"])

        return Fitted(predict, deviation, _words(found), onwards)

    return fit


def adjusted(fit: Callable[[Sequence[float]], Fitted]) -> Callable[[Sequence[float]], Fitted]:
    """The same method on the seasonally adjusted history, with the season put back."""

    def fit_adjusted(history: Sequence[float]) -> Fitted:
        inner, put_back = fit(_adjusted(history)[0]), _adjusted(history)[1]

        def onwards(longer: Sequence[float]) -> Predict:
            series, back = _adjusted(longer)
            predict = (inner.onwards or (lambda history: fit(history).predict))(series)
            return lambda horizon: back(predict(horizon))

        return Fitted(
            lambda horizon: put_back(inner.predict(horizon)),
            lambda horizon: [
                abs(high - value)
                for high, value in zip(
                    put_back(_sum(inner.predict(horizon), inner.deviation(horizon))),
                    put_back(inner.predict(horizon)),
                    strict=True,
                )
            ],
            inner.words,
            onwards,
        )

    return fit_adjusted


def _adjusted(history: Sequence[float]) -> tuple[list[float], Callable[[list[float]], list[float]]]:
    """The history without its season, and what puts the season back into the months after it."""
    multiplicative = min(history) > 0 or max(history) < 0
    indices = seasonal_indices(history, multiplicative)
    ahead = [indices[(len(history) + step) % SEASON] for step in range(SEASON)]
    if multiplicative:
        return (
            [value / indices[t % SEASON] for t, value in enumerate(history)],
            lambda values: [value * ahead[step % SEASON] for step, value in enumerate(values)],
        )
    return (
        [value - indices[t % SEASON] for t, value in enumerate(history)],
        lambda values: [value + ahead[step % SEASON] for step, value in enumerate(values)],
    )


def fit_prophet(history: Sequence[float]) -> Fitted:
    """Prophet (Taylor and Letham, 2018): a trend with changes of slope and a yearly season of Fourier terms.
    Months stand for themselves: what counts is their order, so the year they lie in does not matter."""
    import pandas as pd
    from prophet import Prophet

    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    months = pd.date_range(_ANY_MONTH, periods=len(history), freq="MS")
    mode: Literal["additive", "multiplicative"] = (
        "multiplicative" if min(history) > 0 or max(history) < 0 else "additive"
    )
    model = Prophet(
        seasonality_mode=mode,
        n_changepoints=min(25, len(history) // 4),
        yearly_seasonality=_WAVES,
        weekly_seasonality=False,
        daily_seasonality=False,
        interval_width=_ONE_SIGMA / 100,
        uncertainty_samples=200,
    )
    model.fit(pd.DataFrame({"ds": months, "y": list(history)}), seed=1)

    def told(horizon: int) -> Any:
        ahead = pd.date_range(months[-1], periods=horizon + 1, freq="MS")[1:]
        return model.predict(pd.DataFrame({"ds": ahead}))

    return Fitted(
        lambda horizon: _floats(told(horizon)["yhat"].to_numpy()),
        lambda horizon: _floats((told(horizon)["yhat_upper"] - told(horizon)["yhat_lower"]).to_numpy() / 2),
        f"{model.n_changepoints} possible changes of slope, {mode} season",
    )


def _words(model: Any) -> str:
    """What statsforecast says of the model that it chose."""
    found = getattr(model, "model_", {})
    if "arma" in found:
        p, q, sp, sq, season, d, sd = found["arma"]
        return f"ARIMA({p},{d},{q})({sp},{sd},{sq})[{season}]"
    if "components" in found:
        error, trend, season, damped = (str(part) for part in found["components"][:4])
        return f"ETS({error},{trend}{'d' if damped == 'D' else ''},{season})"
    if "seasontype" in found:
        return f"CES({found['seasontype']})"
    return str(found.get("modeltype", ""))


def _array(history: Sequence[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    import numpy as np

    return np.asarray(history, dtype=np.float64)


def _floats(values: Any) -> list[float]:
    return [float(value) for value in values]


def _sum(values: Sequence[float], more: Sequence[float]) -> list[float]:
    return [value + other for value, other in zip(values, more, strict=True)]


LIBRARY_METHODS: Final = (
    Method("ets", "Exponential smoothing (ETS)", 2 * SEASON, _fitted(_ets), joins=True),
    Method(
        "dynamic_theta",
        "Dynamic Theta, seasonally adjusted",
        2 * SEASON,
        adjusted(_fitted(_theta_without_season)),
        joins=True,
    ),
    Method(
        "ces_adjusted",
        "Complex smoothing, seasonally adjusted",
        2 * SEASON,
        adjusted(_fitted(_ces_without_season)),
        joins=True,
    ),
    Method("ces", "Complex exponential smoothing", 2 * SEASON, _fitted(_ces), joins=True),
)
"""What is quick enough to be tried on every line."""

ARIMA: Final = Method("arima", "ARIMA", 2 * SEASON, _fitted(_arima), joins=True)
PROPHET: Final = Method("prophet", "Prophet", 2 * SEASON, fit_prophet)
