"""Working days, and methods that go by them."""

from __future__ import annotations

import importlib.util
import random
from datetime import date, timedelta

import pytest
from abax.errors import InvalidRequest
from abax.forecast.choose import choose
from abax.forecast.methods import SEASONAL_METHODS
from abax.forecast.toolbox import Tools
from abax.forecast.workdays import by_the_day, workdays

MONTHS = [
    (start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    for start in (date(2019 + place // 12, place % 12 + 1, 1) for place in range(60))
]
DAYS = workdays(MONTHS)


def sold(per_day: float, spread: float) -> list[float]:
    noise = random.Random(2)
    return [per_day * days * noise.uniform(1 - spread, 1 + spread) for days in DAYS]


def test_weekends_are_no_working_days() -> None:
    assert workdays([(date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 7, 1), date(2026, 7, 31))]) == [
        20,
        23,
    ]


def test_public_holidays_of_a_country_and_of_a_part_of_it_are_none() -> None:
    if importlib.util.find_spec("holidays") is None:
        pytest.skip("holidays is not installed: pip install 'abax[forecast]'")
    january = [(date(2026, 1, 1), date(2026, 1, 31))]
    assert workdays(january) == [22]
    assert workdays(january, "DE") == [21]
    assert workdays(january, "DE-BY") == [20]
    with pytest.raises(InvalidRequest, match="no public holidays are known for 'XX'"):
        workdays(january, "XX")


def test_a_month_without_working_days_counts_one() -> None:
    assert workdays([(date(2026, 8, 1), date(2026, 8, 2))]) == [1]


def test_what_is_sold_by_the_day_is_forecast_by_the_day() -> None:
    history, actual = sold(100.0, 0.01)[:48], sold(100.0, 0.01)[48:]
    with_days, without = (choose(history, 12, Tools(), days) for days in (DAYS, ()))
    off = [
        sum(abs(value - guess) for value, guess in zip(actual, choice.values, strict=True))
        for choice in (with_days, without)
    ]
    assert off[0] < 0.7 * off[1]
    assert next(score for score in with_days.scores if score.method.name == "theta_by_day").weight > 0.3
    assert not any(score.method.name == "theta_by_day" for score in without.scores)


def test_rent_knows_no_working_days() -> None:
    noise = random.Random(1)
    rent = [1000.0 + noise.uniform(-1, 1) for _ in range(48)]
    choice = choose(rent, 12, Tools(), DAYS)
    weight = next(score.weight for score in choice.scores if score.method.name == "theta_by_day")
    assert weight < 0.02
    assert choice.values == pytest.approx([1000.0] * 12, abs=3)


def test_a_line_that_began_later_keeps_its_own_months() -> None:
    late = sold(100.0, 0.0)[12:48]
    ahead = choose(late, 12, Tools(), DAYS).values
    assert ahead == pytest.approx([100.0 * days for days in DAYS[48:]], rel=0.03)


def test_constants_that_are_found_once_go_on_by_the_day() -> None:
    method = by_the_day(next(one for one in SEASONAL_METHODS if one.name == "theta"), DAYS)
    fitted = method.fit(sold(100.0, 0.0)[:36])
    assert fitted.predict(6) == pytest.approx([100.0 * days for days in DAYS[36:42]], rel=0.01)
    assert all(width >= 0 for width in fitted.deviation(6))
