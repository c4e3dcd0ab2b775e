"""Passes over the logits, on every target that can run here, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from abax_runtime import cpu
from kernels import sampling
from kernels.simd import Simd, function
from kernels.targets import TARGETS
from kernels.threads import load_f64
from numba import types

from tests.kernels.calling import Callable, Here, made

COUNTS = (1, 5, 31, 32, 33, 257, 1000)
UNIT = 2**24
"""Sums come back as whole numbers of 1 / UNIT."""


def exports(simd: Simd) -> list[tuple[object, ...]]:
    """The functions, with addresses of float64 numbers instead of the numbers."""
    penalise_by = sampling.make_changes(simd).penalise
    sums = sampling.make_sums(simd)
    sum_of, draw_from = sums.exp_sum, sums.draw

    @function
    def penalise(logits, tokens, count, numbers):
        penalise_by(logits, tokens, count, load_f64(numbers))
        return 0

    @function
    def exp_sum(logits, count, numbers):
        total = sum_of(logits, count, load_f64(numbers), load_f64(numbers + 8), load_f64(numbers + 16))
        return types.int64(total * UNIT)

    @function
    def draw(logits, count, numbers):
        return draw_from(
            logits,
            count,
            load_f64(numbers),
            load_f64(numbers + 8),
            load_f64(numbers + 16),
            load_f64(numbers + 24),
        )

    whole = types.int64
    plain = [export for export in sampling.exports(simd) if types.float64 not in export[2].args]
    return [
        *plain,
        ("penalise", penalise, whole(whole, whole, whole, whole)),
        ("exp_sum", exp_sum, whole(whole, whole, whole)),
        ("draw", draw, whole(whole, whole, whole)),
    ]


RUNNABLE = [*cpu.targets(), *(name for name in ("neoverse-n1",) if name not in cpu.targets())]
"""What this machine runs itself, and arm64 under emulation."""


@pytest.fixture(scope="module", params=RUNNABLE)
def native(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    target = TARGETS[request.param]
    return made(exports(Simd(target)), target, tmp_path_factory.mktemp("sampling"))


def random(count: int, seed: int = 1) -> np.ndarray:
    return (3 * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def mask_of(allowed: np.ndarray) -> np.ndarray:
    """Bits in 32-bit words, lowest first."""
    bits = np.zeros(-(-len(allowed) // 32) * 32, bool)
    bits[: len(allowed)] = allowed
    return np.packbits(bits, bitorder="little").view(np.uint32)


def some(native: Callable) -> tuple[int, ...]:
    """Every count, or under emulation a few: each call is a process."""
    return COUNTS if isinstance(native, Here) else COUNTS[-2:]


def test_the_largest_logit_is_found_and_of_equals_the_first(native):
    for count in some(native):
        logits = random(count)
        assert native.call("sample_argmax", logits, count) == int(logits.argmax())
        logits[:] = 1
        assert native.call("sample_argmax", logits, count) == 0
        logits[-1] = 2
        assert native.call("sample_argmax", logits, count) == count - 1


def test_what_is_no_number_is_never_the_largest(native):
    logits = random(100)
    logits[[3, 50, 99]] = np.nan
    wanted = int(np.nanargmax(logits))

    assert native.call("sample_argmax", logits, 100) == wanted
    for nothing in (np.nan, -np.inf):
        logits[:] = nothing
        assert native.call("sample_argmax", logits, 100) == -1


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_a_mask_takes_out_what_has_no_bit(native, share):
    for count in some(native):
        logits = random(count)
        allowed = np.random.default_rng(2).random(count) < share
        mask = mask_of(allowed)
        native.call("sample_restrict", masked := logits.copy(), count, mask, len(mask))

        assert np.array_equal(masked, np.where(allowed, logits, -np.inf))


def test_a_mask_that_is_shorter_allows_nothing_beyond_it(native):
    logits = random(100)
    native.call("sample_restrict", logits, 100, mask_of(np.ones(32, bool)), 1)

    assert np.isfinite(logits[:32]).all()
    assert (logits[32:] == -np.inf).all()


def test_listed_tokens_become_less_likely(native):
    logits = random(64)
    tokens = np.array([0, 5, 63], np.int32)
    wanted = logits.copy()
    wanted[tokens] = np.where(
        wanted[tokens] > 0, wanted[tokens] / np.float32(1.3), wanted[tokens] * np.float32(1.3)
    )

    native.call("penalise", logits, tokens, 3, np.array([1.3]))

    assert np.array_equal(logits, wanted)


@pytest.mark.parametrize("most", [1, 2, 7, 40, 1000])
@pytest.mark.parametrize("step", [0.0, 0.5])
def test_the_largest_come_in_order_and_the_first_of_equals_first(native, most, step):
    for count in some(native):
        logits = random(count) if not step else (random(count) / step).round() * np.float32(step)
        logits[::7] = -np.inf
        order = np.argsort(-logits, kind="stable")
        wanted = order[np.isfinite(logits[order])][:most]
        tokens, values = np.full(most, -1, np.int32), np.zeros(most, np.float32)

        found = native.call("sample_top", logits, count, most, tokens, values)

        assert np.array_equal(tokens[:found], wanted)
        assert np.array_equal(values[:found], logits[wanted])


def test_sums_of_exponentials_are_numpys(native):
    for count in some(native):
        logits = random(count)
        logits[1::5] = -np.inf
        peak = float(logits.max())
        for scale, floor in ((1.0, -np.inf), (1.25, -np.inf), (1.0, peak - 2)):
            kept = logits[logits >= floor].astype(np.float64)
            wanted = np.exp(scale * (kept - peak)).sum()
            found = native.call("exp_sum", logits, count, np.array([peak, scale, floor])) / UNIT
            assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6)


def test_draws_follow_the_sums(native):
    count = 333
    logits = random(count)
    logits[::3] = -np.inf
    peak, scale, floor = float(logits.max()), 0.8, float(np.median(logits[1::3]))
    weights = np.where(logits >= floor, np.exp(scale * (logits.astype(np.float64) - peak)), 0)
    sums = weights.cumsum()
    for share in np.linspace(0, 0.9999, 40 if isinstance(native, Here) else 5):
        target = share * sums[-1]
        token = native.call("draw", logits, count, np.array([peak, scale, floor, target]))
        assert weights[token] > 0
        assert sums[token] >= target * (1 - 1e-5) - 1e-9
        assert sums[token] - weights[token] <= target * (1 + 1e-5) + 1e-9


def test_a_draw_beyond_the_sum_is_the_last_possible_token(native):
    for count in (33, 64):
        logits = random(count)
        logits[9:] = -np.inf
        for target in (1e9, np.inf):
            assert native.call("draw", logits, count, np.array([0.0, 1.0, -np.inf, target])) == 8
        logits[:] = -np.inf
        assert native.call("draw", logits, count, np.array([0.0, 1.0, -np.inf, 0.0])) == -1
