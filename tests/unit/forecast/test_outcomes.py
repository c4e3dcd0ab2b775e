"""What a sum of amounts may come to, beside every combination of them."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from abax.forecast.outcomes import LARGEST, outcomes
from hypothesis import given
from hypothesis import strategies as st

AMOUNTS = st.lists(st.tuples(st.integers(-500, 500).map(float), st.floats(0, 1)), max_size=LARGEST)


def every(amounts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Each sum with its chance."""
    return sorted(
        (
            sum(amount for (amount, _), on in zip(amounts, paid, strict=True) if on),
            prod(chance if on else 1 - chance for (_, chance), on in zip(amounts, paid, strict=True)),
        )
        for paid in product((False, True), repeat=len(amounts))
    )


def test_one_large_amount_is_there_or_not() -> None:
    found = outcomes([(1000.0, 0.7)], 50.0)
    assert (found.quantile(0.1), found.quantile(0.5)) == (50.0, 1050.0)
    assert found.below(51.0) == pytest.approx(0.3) and found.below(50.0) == 0.0
    assert (found.least, found.most) == (50.0, 1050.0)


def test_nothing_open_is_one_value() -> None:
    found = outcomes([(10.0, 1.0), (99.0, 0.0)], 5.0)
    assert found.quantile(0.1) == found.quantile(0.9) == 15.0
    assert (found.below(15.0), found.below(15.01)) == (0.0, 1.0)


def test_many_small_ones_come_near_a_normal_distribution() -> None:
    found = outcomes([(10.0, 0.5)] * 400)
    assert found.quantile(0.5) == pytest.approx(2000, abs=15)
    assert found.quantile(0.9) - found.quantile(0.1) == pytest.approx(2 * 1.2816 * 100, rel=0.03)
    assert found.least == 0.0 and found.most == 4000.0


@given(AMOUNTS, st.integers(-3000, 3000).map(float))
def test_few_amounts_are_taken_exactly(amounts: list[tuple[float, float]], value: float) -> None:
    true = sum(chance for sum_, chance in every(amounts) if sum_ < value - 1e-9)
    nearly = sum(chance for sum_, chance in every(amounts) if sum_ < value + 1e-9)
    assert true - 1e-4 <= outcomes(amounts).below(value) <= nearly + 1e-4


@given(st.lists(st.tuples(st.integers(-500, 500).map(float), st.floats(0, 1)), max_size=30))
def test_quantiles_rise_and_stay_within_what_can_be(amounts: list[tuple[float, float]]) -> None:
    found = outcomes(amounts, 7.0)
    low, middle, high = (found.quantile(share) for share in (0.1, 0.5, 0.9))
    assert found.least - 1e-6 <= low <= middle + 1e-6 and middle <= high + 1e-6 <= found.most + 2e-6
