"""What is done to a history before a method sees it, and said."""

from __future__ import annotations

import math
import random

import pytest
from abax.forecast.choose import choose
from abax.forecast.clean import cleaned, level_break, outliers
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


def test_a_giant_last_month_is_no_forecast_of_more_to_come() -> None:
    history = [*STEADY[:-1], 9_000_000.0]
    choice = choose(history, 12)
    assert max(choice.values) < 300
    assert "out of line and taken as if it were usual: last month" in choice.note


def test_lumpy_lines_keep_every_posting() -> None:
    assert outliers([0.0, 0, 0, 900, 0, 0, 0, 0, 5000, 0, 0, 0] * 2) == []


def test_a_new_level_is_found_where_it_begins() -> None:
    history = [100 + NOISE.uniform(-2, 2) for _ in range(30)] + [200 + NOISE.uniform(-2, 2) for _ in range(9)]
    assert level_break(history) == 30
    assert any("the level changed 9 months ago" in remark for remark in cleaned(history)[1])


@pytest.mark.parametrize("history", [STEADY, [float(month) for month in range(36)]])
def test_neither_a_season_nor_growth_is_a_new_level(history: list[float]) -> None:
    assert level_break(history) is None


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_cleaning_keeps_length_and_stays_within_what_was_seen(history: list[float]) -> None:
    values, _ = cleaned(history)
    assert len(values) == len(history)
    reach = max(map(abs, history))
    assert all(math.isfinite(value) and abs(value) <= 3 * reach for value in values)
