"""Minimum-trace reconciliation: totals are the sums of their parts, at the least error variance."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from abax.forecast.reconcile import Reconciler, reconcile, shrunk_covariance, to_the_cent
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
TREE = {0: [1, 2], 1: [3, 4]}
"""0 = 1 + 2, 1 = 3 + 4."""
VALUES = st.floats(-1e6, 1e6)


def diagonal(*variances: float) -> list[list[float]]:
    places = range(len(variances))
    return [[variances[one] if one == other else 0.0 for other in places] for one in places]


@given(st.lists(VALUES, min_size=5, max_size=5), st.lists(st.floats(0.01, 100), min_size=5, max_size=5))
def test_every_total_is_the_sum_of_its_parts(base: list[float], variances: list[float]) -> None:
    found = reconcile(base, TREE, diagonal(*variances))
    assert found[1] == pytest.approx(found[3] + found[4], abs=1e-5)
    assert found[0] == pytest.approx(found[1] + found[2], abs=1e-5)


def test_what_is_off_is_shared_by_variance() -> None:
    assert reconcile([10.0, 4.0, 4.0], {0: [1, 2]}, diagonal(1, 1, 2)) == pytest.approx([9.5, 4.5, 5.0])


def test_it_is_the_least_squares_answer_of_the_summing_matrix() -> None:
    numpy = pytest.importorskip("numpy")
    noise = random.Random(3)
    errors = [[noise.gauss(0, 1 + node) for _ in range(20)] for node in range(5)]
    weights, base = shrunk_covariance(errors), [100.0, 47.0, 44.0, 20.0, 30.0]
    summing = numpy.array([[1, 1, 1], [0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])  # bottom: 2, 3, 4
    inverse = numpy.linalg.inv(numpy.array(weights))
    bottom = numpy.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse @ numpy.array(base))
    assert reconcile(base, TREE, weights) == pytest.approx(list(summing @ bottom))


@given(st.lists(VALUES, min_size=5, max_size=5), st.sampled_from([{0}, {2}, {1, 4}, {0, 3}, {3, 4}]))
def test_fixed_nodes_stay_exactly_as_given(base: list[float], fixed: set[int]) -> None:
    found = reconcile(base, TREE, diagonal(1, 2, 3, 4, 5), fixed)
    assert [found[node] for node in fixed] == [base[node] for node in fixed]
    assert found[0] == pytest.approx(found[2] + found[3] + found[4], abs=1e-5)


def test_fixed_nodes_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="contradict"):
        reconcile([10.0, 4.0, 4.0], {0: [1, 2]}, diagonal(1, 1, 1), {0, 1, 2})
    assert reconcile([8.0, 4.0, 4.0], {0: [1, 2]}, diagonal(1, 1, 1), {0, 1, 2}) == [8, 4, 4]


def test_a_node_without_a_forecast_is_what_the_others_make_it() -> None:
    weights = diagonal(1, 1, 1, 1, 1)
    assert reconcile([None, None, 3.0, 4.0, 5.0], TREE, weights) == pytest.approx([12, 9, 3, 4, 5])
    assert reconcile([12.0, None, None, 4.0, 5.0], TREE, weights) == pytest.approx([12, 9, 3, 4, 5])
    with pytest.raises(ValueError, match="no total or part"):
        reconcile([12.0, None, 3.0, None, None], TREE, weights)


def test_groups_that_cross_are_reconciled_too() -> None:
    # 2 regions × 2 products: 0 all, 1–2 regions, 3–4 products, 5–8 cells
    parts = {0: [5, 6, 7, 8], 1: [5, 6], 2: [7, 8], 3: [5, 7], 4: [6, 8]}
    found = reconcile([100.0, 40, 50, 45, 60, 20, 25, 22, 30], parts, diagonal(*[1.0] * 9))
    for total, cells in parts.items():
        assert found[total] == pytest.approx(sum(found[cell] for cell in cells))


def test_errors_of_the_reconciled_are_the_reconciled_errors() -> None:
    noise = random.Random(1)
    actual = [30.0, 18.0, 12.0, 11.0, 7.0]
    base = [value + noise.gauss(0, 1) for value in actual]
    solve = Reconciler(5, TREE, diagonal(1, 2, 3, 4, 5))
    errors = solve([one - other for one, other in zip(actual, base, strict=True)])
    assert errors == pytest.approx([one - other for one, other in zip(actual, solve(base), strict=True)])


def test_reconciled_errors_are_smaller_than_those_of_plain_sums_and_of_the_base() -> None:
    noise = random.Random(7)
    sizes = [1.0, 3.0, 2.0, 2.0, 2.0]
    trials = [[noise.gauss(0, size) for size in sizes] for _ in range(400)]
    learnt = shrunk_covariance([[trial[node] for trial in trials[:200]] for node in range(5)])
    solve = Reconciler(5, TREE, learnt)

    def squares(errors: list[list[float]]) -> float:
        return sum(error * error for row in errors for error in row)

    later = trials[200:]
    plain = [[e[2] + e[3] + e[4], e[3] + e[4], *e[2:]] for e in later]
    mixed = squares([solve(trial) for trial in later])
    assert mixed < squares(later)
    assert mixed < squares(plain)


def test_correlations_of_few_origins_are_drawn_towards_zero() -> None:
    noise = random.Random(2)
    shared = [noise.gauss(0, 1) for _ in range(200)]
    errors = [[one + noise.gauss(0, 0.5) for one in shared] for _ in range(4)]

    def correlation(count: int) -> float:
        found = shrunk_covariance([row[:count] for row in errors])
        return found[0][1] / (found[0][0] * found[1][1]) ** 0.5

    assert 0.7 < correlation(200) < 0.85
    assert correlation(2) == 0
    apart = shrunk_covariance([[noise.gauss(0, 1) for _ in range(12)] for _ in range(6)])
    assert max(abs(apart[one][other]) for one in range(6) for other in range(one)) < 0.35


def test_a_line_that_never_erred_has_the_least_variance_and_not_none() -> None:
    found = shrunk_covariance([[0.0, 0.0, 0.0], [1.0, -1.0, 1.0]])
    assert 0 < found[0][0] < 1e-6


@given(st.lists(VALUES, min_size=5, max_size=5), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_rounding_leaves_every_total_exact(values: list[float], currency: str) -> None:
    found = to_the_cent(values, TREE, currency)
    assert found[0] == found[1] + found[2] == found[2] + found[3] + found[4]
    assert abs(found[3] - D(repr(values[3]))) <= D(1) / 2


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=3, max_size=3))
def test_a_fixed_total_is_met_to_the_cent(cents: int, shares: list[int]) -> None:
    total = D(cents) / 100
    whole = sum(shares) or 1
    parts = [float(total) * share / whole for share in shares]
    found = to_the_cent([float(total), *parts], {0: [1, 2, 3]}, "EUR", {0: total})
    assert found[0] == total == sum(found[1:])
    if sum(shares):
        assert all(abs(one - D(repr(part))) <= D("0.03") for one, part in zip(found[1:], parts, strict=True))


def test_fixed_totals_are_met_in_both_layers_and_crossing_ones_refused() -> None:
    found = to_the_cent([0, 0, 3.333, 3.333, 3.333], TREE, "EUR", {0: D("10.00"), 1: D("6.67")})
    assert found == [D("10.00"), D("6.67"), D("3.33"), *found[3:]]
    assert found[3] + found[4] == D("6.67")
    crossing = {0: [2, 3], 1: [3, 4]}
    with pytest.raises(ValueError, match="shares"):
        to_the_cent([1.0, 1, 0, 0, 0], crossing, "EUR", {0: D(1), 1: D(1)})
    with pytest.raises(ValueError, match="contradict"):
        to_the_cent([1.0, 1, 1], {0: [1, 2]}, "EUR", {0: D(3), 1: D(1), 2: D(1)})
