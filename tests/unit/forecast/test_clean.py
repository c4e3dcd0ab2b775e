"""What is done to a history before a method sees it, and said."""

from __future__ import annotations

import math
import random

import pytest
from abax.forecast.choose import choose
from abax.forecast.clean import cleaned, filled, level_break, outliers
from hypothesis import given, settings
from hypothesis import strategies as st

NOISE = random.Random(8)
SEASON = [100.0, 102, 98, 105, 110, 120, 118, 112, 104, 101, 130, 160]
STEADY = [value + NOISE.uniform(-3, 3) for _ in range(3) for value in SEASON]


def test_a_giant_month_is_put_in_line_and_said() -> None:
    history = list(STEADY)
    history[20] = 40_000.0
    values, remarks = cleaned(history)
    assert outliers(history) == [20]
    assert values[20] == pytest.approx(STEADY[20], rel=0.15)
    assert values[:20] + values[21:] == history[:20] + history[21:]
    assert remarks == ["out of line and taken as if it were usual: 15 months before the last"]


def test_a_forecast_is_not_carried_away_by_a_giant_month() -> None:
    history = list(STEADY)
    history[20] = 40_000.0
    with_it, without = choose(history, 12), choose(STEADY, 12)
    assert with_it.values == pytest.approx(without.values, rel=0.15)
    assert "out of line" in with_it.note and "out of line" not in without.note


def test_a_peak_of_every_year_is_a_season() -> None:
    history = [value + (5000 if month % 12 == 5 else 0) for month, value in enumerate(STEADY)]
    assert outliers(history) == []


def test_the_last_month_may_be_the_first_of_a_new_level() -> None:
    assert outliers([*STEADY[:-1], 40_000.0]) == []


def test_lumpy_lines_keep_every_posting() -> None:
    assert outliers([0.0, 0, 0, 900, 0, 0, 0, 0, 5000, 0, 0, 0] * 2) == []


def test_a_new_level_is_found_where_it_begins() -> None:
    history = [100 + NOISE.uniform(-2, 2) for _ in range(30)] + [200 + NOISE.uniform(-2, 2) for _ in range(9)]
    assert level_break(history) == 30
    assert any("the level changed 9 months ago" in remark for remark in cleaned(history)[1])


@pytest.mark.parametrize("history", [STEADY, [float(month) for month in range(36)]])
def test_neither_a_season_nor_growth_is_a_new_level(history: list[float]) -> None:
    assert level_break(history) is None


def test_gaps_are_filled_from_the_year_beside_them() -> None:
    known: list[float | None] = list(STEADY)
    known[17], known[18] = None, None
    values, gaps = filled(known)
    assert gaps == [17, 18]
    assert values[17] == pytest.approx(STEADY[17], rel=0.1)
    assert values[18] == pytest.approx(STEADY[18], rel=0.1)


def test_a_short_history_is_filled_on_the_line_between() -> None:
    assert filled([10.0, None, None, 40.0]) == ([10.0, 20.0, 30.0, 40.0], [1, 2])


def test_months_before_the_first_known_one_are_no_gaps() -> None:
    assert filled([None, None, 5.0, None, 7.0]) == ([5.0, 6.0, 7.0], [3])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_cleaning_keeps_length_and_stays_within_what_was_seen(history: list[float]) -> None:
    values, _ = cleaned(history)
    assert len(values) == len(history)
    reach = max(map(abs, history))
    assert all(math.isfinite(value) and abs(value) <= 3 * reach for value in values)
