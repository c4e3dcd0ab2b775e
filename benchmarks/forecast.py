"""Forecasts of the 617 monthly series of the M1 competition, twelve months ahead, beside seasonal naive.

Both are scored on the months that followed, which no fit saw; but two constants of ``abax.forecast.choose``
were set on these very series, so the coverage is that of a calibration, not of a test. The series are not
part of this repository: they lie under ``ABAX_DATA`` (default: ``shared/data`` beside the checkout); without
them there are no rows.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from abax.forecast.backtest import backtest, naive_scale, origins
from abax.forecast.choose import LEVEL, choose, least_growth, spread_of
from abax.forecast.methods import SEASON, SEASONAL_NAIVE

HORIZON = 12
DATA = Path(os.environ.get("ABAX_DATA", Path(__file__).parents[2] / "shared" / "data"))
SERIES = DATA / "forecast" / "m1_monthly" / "m1_monthly.csv"
Scores = dict[str, float]


def run() -> list[dict[str, object]]:
    """Mean absolute scaled error, symmetric percentage error and interval coverage, ours and the peer's."""
    if not SERIES.exists():
        return []
    rows: list[dict[str, object]] = []
    for case, months in (("M1 monthly, last 36 months known", 36), ("M1 monthly, all months known", None)):
        scored = [score(history[-months:] if months else history, actual) for history, actual in series()]
        for metric, unit in (
            ("MASE", "lower is better"),
            ("sMAPE", "%"),
            ("coverage", f"{LEVEL:.0%} wanted"),
        ):
            ours, peer = (mean([pair[side][metric] for pair in scored]) for side in (0, 1))
            rows.append(
                {
                    "case": f"{case}, {len(scored)} series",
                    "metric": metric,
                    "unit": unit,
                    "ours": round(ours, 3),
                    "peer": round(peer, 3),
                    "peer_name": "seasonal naive",
                    "ratio": None if metric == "coverage" else round(peer / ours, 2),
                }
            )
    return rows


def series() -> Iterator[tuple[list[float], list[float]]]:
    """History and the twelve months after it."""
    with SERIES.open(newline="") as file:
        for row in csv.DictReader(file):
            history = [float(value) for value in row["train"].split()]
            if len(history) > 2 * SEASON:
                yield history, [float(value) for value in row["test"].split()][:HORIZON]


def score(history: Sequence[float], actual: Sequence[float]) -> tuple[Scores, Scores]:
    """How ours and seasonal naive did on ``actual``."""
    choice = choose(history, HORIZON)
    scale = naive_scale(history)
    starts = origins(len(history), 2 * SEASON if len(history) >= 30 else SEASON)
    tested = backtest(SEASONAL_NAIVE, history, starts, HORIZON)
    spread = spread_of(tested.errors, least_growth(len(history)))
    reach = [spread.reach(ahead) for ahead in range(1, HORIZON + 1)]
    repeated = SEASONAL_NAIVE.fit(history)(HORIZON)
    return scores(actual, choice.values, choice.reach, scale), scores(actual, repeated, reach, scale)


def scores(
    actual: Sequence[float], predicted: Sequence[float], reach: Sequence[float], scale: float
) -> Scores:
    """The three figures of one forecast."""
    errors = [abs(value - guess) for value, guess in zip(actual, predicted, strict=True)]
    sizes = [(abs(value) + abs(guess)) / 2 for value, guess in zip(actual, predicted, strict=True)]
    return {
        "MASE": mean(errors) / scale,
        "sMAPE": 100
        * mean([error / size if size else 0.0 for error, size in zip(errors, sizes, strict=True)]),
        "coverage": mean([float(error <= limit) for error, limit in zip(errors, reach, strict=True)]),
    }


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean."""
    return sum(values) / len(values)
