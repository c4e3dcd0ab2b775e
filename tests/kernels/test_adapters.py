"""What adapters add to products, against numpy, and the same bits on every target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from abax_runtime.program import INNER
from kernels.adapters import exports, make_floating, make_inner, make_quantise_inner, make_whole
from kernels.simd import Simd
from kernels.targets import TARGETS
from numba import types

from tests.kernels.calling import Callable, aligned, made
from tests.kernels.products import Activations, Array
from tests.support.quants import IDS, quantise

BASELINE = "x86-64-v3"
OTHERS = tuple(name for name in TARGETS if name != BASELINE)


def kernels(simd: Simd) -> list[tuple[str, Any, Any]]:
    """Of the library's own exports those that pack; factors become one."""
    word = types.int64
    known = {name: kernel for name, kernel, _ in exports(simd)}
    pack_b, largest = known["adapter_pack_b"], known["adapter_largest"]

    def pack_halves(kind, data, rows, rank, filled, whole, to, scratch):  # type: ignore[no-untyped-def]
        pack_b(kind, data, rows, rank, filled, 0.5, whole, to, scratch)

    def largest_times_1000(kind, data, rows, columns, scratch):  # type: ignore[no-untyped-def]
        return types.int64(largest(kind, data, rows, columns, scratch) * 1000)

    return [
        ("pack_a", known["adapter_pack_a"], types.void(*[word] * 7)),
        ("pack_b", pack_halves, types.void(*[word] * 8)),
        ("largest", largest_times_1000, word(*[word] * 5)),
        ("inner", make_inner(simd), types.void(*[word] * 8)),
        ("quantise", make_quantise_inner(simd), types.void(*[word] * 5)),
        ("whole", make_whole(simd), types.void(*[word] * 9)),
        ("floating", make_floating(simd), types.void(*[word] * 7)),
    ]


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    target = TARGETS[BASELINE]
    return made(kernels(Simd(target)), target, tmp_path_factory.mktemp("baseline"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable:
    target = TARGETS[request.param]
    return made(kernels(Simd(target)), target, tmp_path_factory.mktemp(target.name))


def drawn(*shape: int, seed: int = 1) -> Array:
    placed = aligned(shape)
    placed[:] = np.random.default_rng(seed).standard_normal(shape)
    return placed


def inner(native: Callable, a: Array, x: Activations, kind: str = "F32") -> Array:
    """A x: float32 [tokens][rows]."""
    (rows, columns), tokens = a.shape, len(x.x)
    filled = -(-rows // 16) * 16
    packed, y = aligned(filled * (columns + columns // 16), np.uint8), aligned((tokens, INNER))
    data = np.frombuffer(quantise(kind, a), np.uint8).copy()
    native.call("pack_a", IDS[kind], data, rows, columns, 1, packed, aligned(columns + 32))
    native.call("inner", packed, filled, columns, x.quants, x.scales, x.sums, y, tokens)
    assert (y[:, rows:] == 0).all()
    return y[:, :rows].copy()


def added(native: Callable, b: Array, h: Array, y: Array, kind: str = "F32") -> Array:
    """y + B h / 2, of inner values h float32 [tokens][rank]."""
    (rows, rank), tokens = b.shape, len(h)
    filled = -(-rank // 16) * 16
    packed = aligned(rows * (filled + filled // 8), np.uint8)
    data = np.frombuffer(quantise(kind, b), np.uint8).copy()
    native.call("pack_b", IDS[kind], data, rows, rank, filled, 1, packed, aligned(filled + 32))
    x, quants = aligned((tokens, INNER)), aligned((tokens, INNER), np.int8)
    scales, sums = aligned((tokens, INNER // 16)), aligned((tokens, INNER // 16), np.int32)
    x[:, :rank] = h
    native.call("quantise", x, tokens * INNER, quants, scales, sums)
    result = aligned(y.shape)
    result[:] = y
    native.call("whole", packed, rows, filled, quants, scales, sums, result, y.shape[1], tokens)
    return result


def rounded(values: Array, group: int, *, up: bool = False) -> Array:
    """To int8, so many neighbours with one scale; ``up``: that is rounded up to a bfloat16."""
    groups = values.reshape(-1, group)
    scales = np.abs(groups).max(1, keepdims=True) / 127
    if up:
        bits = scales.astype(np.float32).view(np.uint32)
        scales = ((bits + 0xFFFF) >> 16 << 16).view(np.float32).astype(np.float64)
    return (np.rint(groups / np.where(scales > 0, scales, 1)) * scales).reshape(values.shape)


CASES = [(16, 96, 1), (48, 576, 5), (5, 32, 4), (33, 64, 9)]


@pytest.mark.parametrize(("rows", "columns", "tokens"), CASES)
def test_inner_values_are_those_of_rounded_weights_and_activations(
    baseline: Callable, rows: int, columns: int, tokens: int
) -> None:
    a, x = drawn(rows, columns), Activations.of(drawn(tokens, columns, seed=2))
    wanted = x.values("Q8_0") @ rounded(a.astype(np.float64), 32, up=True).T
    np.testing.assert_allclose(inner(baseline, a, x), wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("rows", "rank", "tokens"), [(16, 16, 1), (96, 5, 5), (32, 40, 9), (576, 16, 4)])
def test_products_of_inner_values_are_added_to_what_is_there(
    baseline: Callable, rows: int, rank: int, tokens: int
) -> None:
    b, h, y = drawn(rows, rank), drawn(tokens, rank, seed=2), drawn(tokens, rows + 7, seed=3)
    filled = -(-rank // 16) * 16
    wide_b, wide_h = np.zeros((rows, filled)), np.zeros((tokens, filled))
    wide_b[:, :rank], wide_h[:, :rank] = b, h
    wanted = y.astype(np.float64)
    wanted[:, :rows] += rounded(wide_h, 16) @ rounded(wide_b / 2, 16, up=True).T
    np.testing.assert_allclose(added(baseline, b, h, y), wanted, rtol=1e-4, atol=1e-4)


def test_floats_are_multiplied_as_they_are(baseline: Callable) -> None:
    b, h, y = drawn(48, 20), drawn(3, 20, seed=2), drawn(3, 48, seed=3)
    packed, x, result = aligned(48 * 32), aligned((3, INNER)), aligned((3, 48))
    baseline.call("pack_b", IDS["F32"], b, 48, 20, 32, 0, packed, aligned(64))
    x[:, :20], result[:] = h, y
    baseline.call("floating", packed, 48, 32, x, result, 48, 3)
    np.testing.assert_allclose(result, y + h.astype(np.float64) @ b.T / 2, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0"])
def test_halves_of_any_type_are_read(baseline: Callable, kind: str) -> None:
    a, x = drawn(16, 64), Activations.of(drawn(2, 64, seed=2))
    b, h, y = drawn(32, 32), drawn(2, 32, seed=3), drawn(2, 32, seed=4)
    np.testing.assert_allclose(inner(baseline, a, x, kind), inner(baseline, a, x), atol=0.3)
    np.testing.assert_allclose(added(baseline, b, h, y, kind), added(baseline, b, h, y), atol=0.3)


def test_extremes_and_zeros_keep_their_size(baseline: Callable) -> None:
    a, x = drawn(16, 64), Activations.of(drawn(2, 64, seed=2))
    a[:] = np.where(a > 0, 1, -1)
    a[3] = 0
    a[4] *= 1e-25
    found = inner(baseline, a, x)
    half_a_quant = 0.5 / 127
    wanted = x.values("Q8_0") @ a[:3].T.astype(np.float64)
    np.testing.assert_allclose(found[:, :3], wanted, rtol=1.01 * half_a_quant)
    assert (found[:, 3] == 0).all()
    assert (np.abs(found[:, 4]) < 1e-22).all()


def test_the_largest_value_is_found_and_what_is_not_finite(baseline: Callable) -> None:
    values = drawn(5, 37)
    values[3, 36] = -7.25
    ask = (IDS["F32"], values, 5, 37, aligned(37))
    assert baseline.call("largest", *ask) == 7250
    for bad in (np.nan, np.inf, -np.inf):
        values[4, 0] = bad
        assert baseline.call("largest", *ask) == -1000


@pytest.mark.parametrize("other", OTHERS, indirect=True, scope="module")
def test_every_target_makes_the_same_bits_for_any_number_of_tokens(
    baseline: Callable, other: Callable
) -> None:
    a, b = drawn(48, 96), drawn(48, 24)
    x, h, y = Activations.of(drawn(9, 96, seed=2)), drawn(9, 24, seed=3), drawn(9, 50, seed=4)
    wanted = inner(baseline, a, x), added(baseline, b, h, y)
    assert np.array_equal(inner(other, a, x), wanted[0])
    assert np.array_equal(added(other, b, h, y), wanted[1])
    for tokens in (1, 2, 5, 8):
        assert np.array_equal(inner(other, a, x.first(tokens)), wanted[0][:tokens])
        assert np.array_equal(added(other, b, h[:tokens], y[:tokens]), wanted[1][:tokens])
