"""Each method, on histories whose continuation is plain to see."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from abax.forecast.methods import (
    PLAIN_METHODS,
    SEASONAL_METHODS,
    SEASONAL_NAIVE,
    fit_damped_trend,
    fit_theta,
    seasonal,
    seasonal_indices,
)
from hypothesis import given, settings
from hypothesis import strategies as st

ALL = {method.name: method for method in (*SEASONAL_METHODS, *PLAIN_METHODS)}
PATTERN = [10.0, 12, 9, 11, 14, 16, 15, 13, 10, 8, 20, 30]


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_constant_history_goes_on_unchanged(name: str) -> None:
    assert ALL[name].fit([7.0] * 36).predict(12) == pytest.approx([7.0] * 12)


def test_seasonal_naive_repeats_the_last_year_and_goes_round() -> None:
    assert SEASONAL_NAIVE.fit(PATTERN * 2).predict(14) == PATTERN + PATTERN[:2]


@pytest.mark.parametrize("name", ["seasonal_naive_drift", "theta", "damped_trend", "blend"])
def test_a_season_that_repeats_exactly_is_found(name: str) -> None:
    assert ALL[name].fit(PATTERN * 3).predict(12) == pytest.approx(PATTERN, rel=0.02)


def test_a_season_of_negative_values_is_found_too() -> None:
    history = [-value for value in PATTERN * 3]
    assert seasonal(fit_theta)(history)(12) == pytest.approx([-value for value in PATTERN], rel=0.02)


def test_a_season_around_zero_is_added_not_multiplied() -> None:
    history = [value - 14 for value in PATTERN * 3]
    assert seasonal(fit_damped_trend)(history)(12) == pytest.approx([v - 14 for v in PATTERN], abs=0.5)


def test_a_trend_goes_on_and_fades() -> None:
    ahead = fit_damped_trend([float(month) for month in range(36)])(24)
    steps = [later - earlier for earlier, later in pairwise(ahead)]
    assert ahead[0] > 34
    assert all(0 < later < earlier for earlier, later in pairwise(steps))


def test_chance_is_not_taken_for_a_season() -> None:
    waves = [100 + 5 * math.sin(month * 1.7) for month in range(36)]
    assert all(abs(index - 1) < 0.04 for index in seasonal_indices(waves, multiplicative=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=24, max_size=60))
def test_any_history_gives_finite_predictions(history: list[float]) -> None:
    for method in SEASONAL_METHODS:
        predicted = method.fit(history).predict(18)
        assert len(predicted) == 18
        assert all(map(math.isfinite, predicted))
