"""Predicted step times."""

from __future__ import annotations

from abax_runtime.pace import Pace, usual_prices


def test_nothing_is_known_before_the_first_step() -> None:
    pace = Pace()
    assert not pace.known
    assert pace.predict(100) == 0


def test_a_step_is_expected_to_take_as_long_as_the_slowest_of_the_last() -> None:
    pace = Pace()
    for seconds in (9.0, *[0.1] * 7, 0.2):
        pace.note(1, seconds)
    assert 0.2 <= pace.predict(1) < 0.3


def test_a_larger_step_than_any_is_expected_to_take_its_share_more() -> None:
    pace = Pace()
    pace.note(64, 1.0)
    assert pace.predict(512) >= 8


def test_a_single_row_is_not_expected_to_take_as_long_as_a_prompt() -> None:
    pace = Pace()
    pace.note(512, 1.0)
    assert 1 / 512 < pace.predict(1) < 0.1


def test_a_step_of_a_given_time_has_as_many_rows_as_fit() -> None:
    pace = Pace()
    assert pace.rows_within(0.1, 8, 128) == 128
    pace.note(128, 0.8)
    assert pace.rows_within(0.2, 8, 128) < 128
    assert pace.rows_within(0.0001, 8, 128) == 8


def test_a_long_prompt_takes_all_its_steps() -> None:
    pace = Pace()
    pace.note(64, 1.0)
    assert pace.predict_all(150, 64) >= 2.3


def test_prices_are_the_usual_ones_before_the_first_step() -> None:
    assert Pace().prices(1, 15) == usual_prices(1, 15)
    assert usual_prices(3, 0) == [1.0]


def test_prices_follow_what_steps_took() -> None:
    pace = Pace()
    for _ in range(20):
        pace.note(1, 0.010)
        pace.note(2, 0.012)
        pace.note(8, 0.050)
    prices = pace.prices(1, 8)
    assert prices[7] > usual_prices(1, 8)[7] + 0.5
    assert abs(prices[1] - usual_prices(1, 8)[1]) < 0.1


def test_no_step_costs_more_than_a_larger_one() -> None:
    pace = Pace()
    for _ in range(20):
        pace.note(1, 0.01)
        pace.note(3, 0.08)
        pace.note(6, 0.02)
    prices = pace.prices(1, 8)
    assert prices == sorted(prices)
    assert prices[2] < 2.5


def test_prices_do_not_depend_on_how_fast_the_machine_is() -> None:
    slow, fast = Pace(), Pace()
    for rows in (1, 2, 5):
        slow.note(rows, 1.0 + rows)
        fast.note(rows, (1.0 + rows) / 64)
    assert slow.prices(2, 6) == fast.prices(2, 6)


def test_a_single_slow_step_changes_no_price() -> None:
    pace = Pace()
    for seconds in (*[0.01] * 7, 3.0):
        pace.note(1, seconds)
    assert pace.prices(1, 3) == usual_prices(1, 3)
