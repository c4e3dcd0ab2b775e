"""Forecasts of any folder of monthly series: every method, the automatic choice, and those of libraries.

The folder's files are CSV with the columns ``train`` and ``test``, months as numbers apart by blanks, or
whatever ``abax forecast FILE`` reads (long or wide); of these the last ``ABAX_HORIZON`` months (default 18)
of each series are held out, and series that are too short for that are counted and left out. Every method
sees the history alone and is scored on what was held out: sMAPE (0 to 200), MASE (in units of the mean change
to the same month a year before, within the history), how much of it the 90 % interval holds, and the seconds
that all series took on ``PROCESSES`` processes. Peers run as their makers set them, from the same pool:
statsforecast's AutoETS, AutoTheta, DynamicOptimizedTheta, AutoCES and AutoARIMA, and Prophet.

``ABAX_SERIES`` names the folder (default: the 617 monthly series of the M1 competition under ``ABAX_DATA``,
which is not part of this repository); ``ABAX_BENCH_PARTS`` picks of ``choice``, ``methods``, ``peers``,
``dear`` (ARIMA, Prophet and machine learning: many minutes) and ``close`` (default: all but the dear). Two
constants of ``abax.forecast.choose`` and the members of the combination were looked at on the M1 series.
``forecast_books`` does the same for whole closes: lines, cash and balances of books.
"""

from __future__ import annotations

import logging
import os
import random
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from abax.forecast.backtest import naive_scale, within_reason
from abax.forecast.choose import choose
from abax.forecast.learned import LEARNED_METHODS
from abax.forecast.library import ARIMA, LIBRARY_METHODS, PROPHET
from abax.forecast.methods import SEASON, SEASONAL_METHODS, Method, MethodFailed
from abax.forecast.toolbox import Reach, Tools

from benchmarks.support.series import Cut, Folder, read_folder

DATA: Final = Path(os.environ.get("ABAX_DATA", Path(__file__).parents[2] / "shared" / "data"))
FOLDER: Final = Path(os.environ.get("ABAX_SERIES", DATA / "forecast" / "m1_monthly"))
HORIZON: Final = int(os.environ.get("ABAX_HORIZON", "18"))
PARTS: Final = os.environ.get("ABAX_BENCH_PARTS", "choice,methods,peers,close").split(",")
LEVEL: Final = 0.9
PROCESSES: Final = 2
PEER: Final = "seasonal naive"


@dataclass(frozen=True)
class Scored:
    """How one way of forecasting did on all series."""

    smape: float | None
    """None of a way that could make nothing of any series, as ``mase``."""
    mase: float | None
    coverage: float | None
    seconds: float
    failed: int


Forecaster = Callable[[Sequence[float], int], tuple[list[float], list[float] | None]]
"""A history and how many months → values, and how far the interval of ``LEVEL`` reaches from each."""


def run() -> Iterator[dict[str, object]]:
    """Rows of every part that is asked for."""
    if {"choice", "methods", "peers", "dear"} & set(PARTS):
        found = read_folder(FOLDER, HORIZON)
        yield from left_out(FOLDER.name, found)
        yield from compared(f"{FOLDER.name}, {len(found.cuts)} series", found.cuts)
    if "close" in PARTS:
        yield from closes()


def compared(case: str, known: Sequence[Cut]) -> Iterator[dict[str, object]]:
    """Every wanted way over the same series."""
    if known:
        naive = scored("seasonal_naive", known)
        for name in _wanted():
            found = naive if name == "seasonal_naive" else scored(name, known)
            yield from rows(case, name, found, naive)


def left_out(case: str, found: Folder) -> Iterator[dict[str, object]]:
    """How many series of the folder are not in the figures, where any are, and why."""
    for count, why in ((found.short, "too short to hold months out"), (found.flat, "never change")):
        if count:
            yield {
                "case": case,
                "metric": "series left out",
                "unit": why,
                "ours": count,
                "peer": None,
                "peer_name": "",
                "ratio": None,
            }


def _wanted() -> Iterator[str]:
    if "choice" in PARTS:
        yield from ("choice", "choice, baseline alone")
    if "methods" in PARTS:
        yield from (method.name for method in (*SEASONAL_METHODS, *LIBRARY_METHODS))
    if "peers" in PARTS:
        yield from (name for name in PEERS if name not in ("AutoARIMA", "Prophet"))
    if "dear" in PARTS:
        yield from ("AutoARIMA", "Prophet", *(method.name for method in (PROPHET, *LEARNED_METHODS)))


def rows(case: str, name: str, found: Scored, naive: Scored) -> Iterator[dict[str, object]]:
    """The figures of one way, beside seasonal naive."""
    for metric, unit in (("smape", "%"), ("mase", "lower is better"), ("coverage", f"{LEVEL:.0%} wanted")):
        ours, peer = getattr(found, metric), getattr(naive, metric)
        if ours is not None:
            yield {
                "case": f"{case}: {name}",
                "metric": metric,
                "unit": unit,
                "ours": round(ours, 3),
                "peer": None if metric == "coverage" else round(peer, 3),
                "peer_name": "" if metric == "coverage" else PEER,
                "ratio": None if metric == "coverage" else round(peer / ours, 2),
            }
    note = f"{PROCESSES} processes" + (f", {found.failed} of all could not be done" if found.failed else "")
    yield {
        "case": f"{case}: {name}",
        "metric": "time",
        "unit": f"s, {note}",
        "ours": round(found.seconds, 1),
        "peer": None,
        "peer_name": "",
        "ratio": None,
    }


def scored(name: str, known: Sequence[Cut]) -> Scored:
    """One way over all series."""
    begun = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        results = list(pool.map(_one, [name] * len(known), known, chunksize=8))
    seconds = time.perf_counter() - begun
    done = [result for result in results if result is not None]
    covered = [one[2] for one in done if one[2] is not None]
    return Scored(
        mean([one[0] for one in done]) if done else None,
        mean([one[1] for one in done]) if done else None,
        mean(covered) if covered else None,
        seconds,
        len(results) - len(done),
    )


def _one(name: str, known: Cut) -> tuple[float, float, float | None] | None:
    """sMAPE, MASE and coverage of one forecast; None where the method could make nothing of the history."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    history, actual = known
    try:
        values, reach = WAYS[name](history, len(actual))
    except MethodFailed:
        return None
    errors = [abs(value - guess) for value, guess in zip(actual, values, strict=True)]
    sizes = [abs(value) + abs(guess) for value, guess in zip(actual, values, strict=True)]
    inside = None
    if reach is not None:
        inside = mean([float(error <= limit) for error, limit in zip(errors, reach, strict=True)])
    return (
        100 * mean([2 * error / size if size else 0.0 for error, size in zip(errors, sizes, strict=True)]),
        mean(errors) / naive_scale(history),
        inside,
    )


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean."""
    return sum(values) / len(values)


# --- ways to forecast -----------------------------------------------------------------------------------


def _chosen(reach: Reach) -> Forecaster:
    def forecast(history: Sequence[float], horizon: int) -> tuple[list[float], list[float] | None]:
        choice = choose(history, horizon, Tools(reach))
        return choice.values, choice.reach_at(LEVEL)

    return forecast


def _method(method: Method) -> Forecaster:
    """A method of ours as it is within the backtest, with the interval that it gives itself."""

    def forecast(history: Sequence[float], horizon: int) -> tuple[list[float], list[float] | None]:
        if len(history) < method.least:
            raise MethodFailed("too short")
        fitted = method.fit(history)
        rows = fitted.quantiles(horizon, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        return within_reason(history, fitted.predict(horizon)), [(high - low) / 2 for low, high in rows]

    return forecast


def _statsforecast(name: str) -> Forecaster:
    """A model of statsforecast, season 12 and all else as it comes."""

    def forecast(history: Sequence[float], horizon: int) -> tuple[list[float], list[float] | None]:
        import numpy as np
        from statsforecast import models

        percent = round(100 * LEVEL)
        told: dict[str, Any] = getattr(models, name)(season_length=SEASON).forecast(
            np.array(history), horizon, level=[percent]
        )
        half = (told[f"hi-{percent}"] - told[f"lo-{percent}"]) / 2
        return list(map(float, told["mean"])), list(map(float, half))

    return forecast


def _prophet(history: Sequence[float], horizon: int) -> tuple[list[float], list[float] | None]:
    """Prophet as it comes, with its own interval."""
    import pandas as pd
    from prophet import Prophet

    months = pd.date_range("2001-01-01", periods=len(history) + horizon, freq="MS")
    model = Prophet(interval_width=LEVEL)
    model.fit(pd.DataFrame({"ds": months[: len(history)], "y": history}))
    told = model.predict(pd.DataFrame({"ds": months[len(history) :]}))
    return list(map(float, told["yhat"])), list(map(float, (told["yhat_upper"] - told["yhat_lower"]) / 2))


PEERS: Final = {
    **{
        name: _statsforecast(name)
        for name in ("AutoETS", "AutoTheta", "DynamicOptimizedTheta", "AutoCES", "AutoARIMA")
    },
    "Prophet": _prophet,
}
WAYS: Final = {
    "choice": _chosen(Reach.USUAL),
    "choice, baseline alone": _chosen(Reach.BASELINE),
    **{
        method.name: _method(method)
        for method in (*SEASONAL_METHODS, *LIBRARY_METHODS, ARIMA, PROPHET, *LEARNED_METHODS)
    },
    **PEERS,
}


# --- a close --------------------------------------------------------------------------------------------


def closes() -> Iterator[dict[str, object]]:
    """The time of a close's forecasts: 40 lines of 36 months for each of two companies, one process."""
    rng = random.Random(8)
    lines = [_line(rng) for _ in range(80)]
    begun = time.perf_counter()
    for history in lines:
        choose(history, 12, Tools(Reach.USUAL))
    yield {
        "case": "36 months, 40 lines, 2 companies",
        "metric": "time",
        "unit": "s, one process, libraries loaded in it",
        "ours": round(time.perf_counter() - begun, 1),
        "peer": None,
        "peer_name": "",
        "ratio": None,
    }


def _line(rng: random.Random) -> list[float]:
    """36 months with a level, a trend, a season and noise; every fifth line is posted to now and then."""
    level, trend, lumpy = rng.uniform(1e3, 1e6), rng.uniform(-0.01, 0.02), rng.random() < 0.2
    season = [rng.uniform(0.8, 1.25) for _ in range(SEASON)]
    return [
        0.0
        if lumpy and rng.random() < 0.6
        else level * (1 + trend) ** month * season[month % SEASON] * rng.uniform(0.9, 1.1)
        for month in range(36)
    ]
