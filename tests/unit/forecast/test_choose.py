"""The choice between methods, its errors and its intervals: made-up series and the M1 competition's."""

from __future__ import annotations

import csv
import math
import random

from abax.forecast.backtest import backtest, naive_scale, origins
from abax.forecast.choose import choose, coverage, least_growth, quantile, spread_of
from abax.forecast.methods import SEASONAL_NAIVE
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.data import development_data


def test_what_nothing_beats_is_seasonal_naive_and_said() -> None:
    noise = random.Random(3)
    pattern = [noise.uniform(-100, 100) for _ in range(12)]
    choice = choose(pattern * 3, 12)
    assert choice.label == "Seasonal naive"
    assert choice.note == "nothing beat seasonal naive in the backtest"
    assert choice.values == pattern


def test_the_chosen_method_is_never_worse_than_naive_in_its_backtest() -> None:
    for seed in range(20):
        noise = random.Random(seed)
        choice = choose([noise.gauss(100, 20) for _ in range(40)], 12)
        assert choice.tested is not None and choice.naive is not None
        assert choice.tested.mean_absolute_error <= choice.naive.mean_absolute_error


def test_two_years_of_history_are_enough_for_seasonal_naive_to_be_tested() -> None:
    choice = choose([float(month % 12) for month in range(24)], 12)
    assert choice.label == "Seasonal naive"
    assert choice.tested is not None and choice.tested.mase == 0


def test_short_histories_have_no_season_and_wider_intervals() -> None:
    noise = random.Random(5)
    history = [noise.gauss(100, 10) for _ in range(36)]
    short, long = choose(history[-12:], 12), choose(history, 12)
    assert "no season" in short.note
    assert short.reach[-1] > long.reach[-1]


def test_the_backtest_forecasts_only_from_what_was_known() -> None:
    history = [float(month) for month in range(30)]
    test = backtest(SEASONAL_NAIVE, history, origins(30, 24), 12)
    assert sorted(test.errors) == [1, 2, 3, 4, 5, 6]
    assert set(test.flat) == {12.0}
    assert test.mase == 1.0
    assert test.bias == 12.0


def test_mase_is_left_open_where_its_scale_is_zero() -> None:
    test = backtest(SEASONAL_NAIVE, [1.0] * 24 + [2.0], range(24, 25), 12)
    assert naive_scale([1.0] * 24) == 0
    assert backtest(SEASONAL_NAIVE, [1.0] * 30, range(24, 30), 12).mase == 0
    assert test.mase is not None


def test_an_interval_covers_the_share_of_errors_that_it_claims() -> None:
    noise = random.Random(1)
    errors = {
        back: [noise.gauss(0, step**0.5) for step in range(1, min(back, 12) + 1)] for back in range(1, 25)
    }
    covered = coverage(errors, least_growth(36))
    assert covered is not None and 0.7 < covered < 0.95
    assert 0.25 <= spread_of(errors, least_growth(36)).growth <= 1


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert quantile([1, 2, 3, 4, 5], 0.8) == 4.2
    assert quantile([3], 0.8) == 3


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300), max_size=40)
)
def test_no_finite_series_makes_it_fail(history: list[float]) -> None:
    choice = choose(history, 12)
    assert len(choice.values) == (12 if len(history) >= 6 else 0)
    assert all(map(math.isfinite, [*choice.values, *choice.reach]))
    assert all(reach >= 0 for reach in choice.reach)


def test_on_real_series_it_beats_seasonal_naive_and_intervals_hold_what_they_say() -> None:
    """Every twelfth series of the M1 competition, cut to the three years that a close shows."""
    path = development_data("forecast/m1_monthly/m1_monthly.csv")
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row["n_train"]) >= 36][::12]
    ours, naive, inside = [], [], []
    for row in rows:
        history = [float(value) for value in row["train"].split()][-36:]
        actual = [float(value) for value in row["test"].split()][:12]
        choice = choose(history, 12)
        scale = naive_scale(history)
        ours.append(sum(abs(a - p) for a, p in zip(actual, choice.values, strict=True)) / 12 / scale)
        repeated = SEASONAL_NAIVE.fit(history).predict(12)
        naive.append(sum(abs(a - p) for a, p in zip(actual, repeated, strict=True)) / 12 / scale)
        inside += [abs(a - p) <= r for a, p, r in zip(actual, choice.values, choice.reach, strict=True)]
    assert len(rows) >= 40
    assert sum(ours) <= sum(naive)
    assert 0.72 < sum(inside) / len(inside) < 0.88
