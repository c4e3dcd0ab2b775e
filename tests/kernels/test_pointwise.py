"""What is done to rows between the products, against numpy, and the same bits on every target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernels.pointwise import (
    make_angles,
    make_dequantise,
    make_exp,
    make_gate,
    make_norm,
    make_quantise,
    make_rotate,
)
from kernels.simd import Simd, function
from kernels.targets import TARGETS
from numba import types

from tests.kernels.calling import Callable, aligned, made
from tests.support.quants import IDS, TYPES, dequantise, quantise

BASELINE = "x86-64-v3"


def exports(simd: Simd) -> list[tuple[str, Any, Any]]:
    f32, exp = simd.vectors("f32", 16), make_exp(simd, 16)
    norm, angles, rotate, number = make_norm(simd).norm, make_angles(simd), make_rotate(simd), types.int64

    @function
    def exps(x, count, to):
        for i in range(0, count * 4, 64):
            f32.store(to + i, exp(f32.load(x + i)))

    @function
    def normed(x, weight, columns, to):
        norm(x, weight, columns, 1e-5, to)

    @function
    def turned(x, position, frequencies, pairs, neighbours, cosines):
        angles(position, frequencies, pairs, 1.0, cosines, cosines + pairs * 4)
        rotate(x, cosines, cosines + pairs * 4, pairs, neighbours)

    return [
        ("exps", exps, types.void(*[number] * 3)),
        ("normed", normed, types.void(*[number] * 4)),
        ("turned", turned, types.void(*[number] * 6)),
        ("gate", make_gate(simd), types.void(*[number] * 4)),
        ("quantise", make_quantise(simd), types.void(*[number] * 5)),
        ("dequantise", make_dequantise(simd), types.void(*[number] * 4)),
    ]


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    target = TARGETS[BASELINE]
    return made(exports(Simd(target)), target, tmp_path_factory.mktemp("baseline"))


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    target = TARGETS["neoverse-n1"]
    return made(exports(Simd(target)), target, tmp_path_factory.mktemp("arm"))


def drawn(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def exps(native: Callable, x: np.ndarray) -> np.ndarray:
    to = aligned(x.shape)
    native.call("exps", x, x.size, to)
    return to


def normed(native: Callable, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    to = aligned(x.shape)
    native.call("normed", x, weight, x.size, to)
    return to


def turned(native: Callable, x: np.ndarray, position: int, pairs: int, neighbours: int) -> np.ndarray:
    turned_, frequencies = x.copy(), 10000.0 ** -(np.arange(pairs) / pairs)
    native.call("turned", turned_, position, frequencies, pairs, neighbours, aligned(2 * pairs))
    return turned_


def quantised(native: Callable, x: np.ndarray) -> list[np.ndarray]:
    quants, scales, sums = aligned(x.size, np.int8), aligned(x.size // 32), aligned(x.size // 16, np.int32)
    native.call("quantise", x, x.size, quants, scales, sums)
    return [quants, scales, sums]


def test_exponentials_are_right_to_the_last_places_and_nought_far_below(baseline: Callable) -> None:
    x = np.linspace(-86.9, 87, 4096, dtype=np.float32)
    assert np.allclose(exps(baseline, x), np.exp(x.astype(np.float64)), rtol=3e-7)
    far = np.array([-87.1, -1e5, -1e30, -np.inf] * 4, np.float32)
    assert not exps(baseline, far).any()
    assert (exps(baseline, np.zeros(16, np.float32)) == 1).all()


def test_norms_divide_by_the_root_mean_square(baseline: Callable) -> None:
    x, weight = drawn(576), drawn(576, seed=2)
    wanted = x / np.sqrt((x.astype(np.float64) ** 2).mean() + 1e-5) * weight
    assert np.allclose(normed(baseline, x, weight), wanted, rtol=1e-5)


@pytest.mark.parametrize("pairs", [8, 20, 32])
@pytest.mark.parametrize("neighbours", [0, 1])
def test_rotation_turns_pairs_as_complex_numbers(baseline: Callable, pairs: int, neighbours: int) -> None:
    x, position = drawn(64), 7919
    angle = np.exp(1j * position * 10000.0 ** -(np.arange(pairs) / pairs))
    wanted = x.astype(np.float64)
    left, right = (
        (wanted[: 2 * pairs : 2], wanted[1 : 2 * pairs : 2])
        if neighbours
        else (
            wanted[:pairs],
            wanted[pairs : 2 * pairs],
        )
    )
    product = (left + 1j * right) * angle
    left[:], right[:] = product.real, product.imag
    assert np.allclose(turned(baseline, x, position, pairs, neighbours), wanted, atol=2e-6)


def test_the_gate_is_silu_times_up(baseline: Callable) -> None:
    g, u, to = drawn(320) * 8, drawn(320, seed=2), aligned(320)
    baseline.call("gate", g, u, 320, to)
    assert np.allclose(to, g / (1 + np.exp(-g.astype(np.float64))) * u, rtol=1e-5, atol=1e-7)


def test_quants_round_to_nearest_with_the_largest_at_127(baseline: Callable) -> None:
    x = drawn(320) * 3
    x[64:96] = 0
    quants, scales, sums = quantised(baseline, x)
    blocks = x.reshape(-1, 32)
    assert np.allclose(scales, np.abs(blocks).max(1) / 127, rtol=1e-6)
    apart = quants.reshape(-1, 32) * scales[:, None].astype(np.float64) - blocks
    assert (np.abs(apart) <= scales[:, None] * 0.5001).all()
    assert np.array_equal(sums, quants.reshape(-1, 16).sum(1, dtype=np.int32))
    assert np.abs(quants.reshape(-1, 32)).max(1).tolist() == [127, 127, 0] + [127] * 7


@pytest.mark.parametrize("kind", TYPES)
def test_rows_of_every_type_become_the_floats_that_they_stand_for(baseline: Callable, kind: str) -> None:
    data = np.frombuffer(quantise(kind, drawn(1, 512)), np.uint8).copy()
    to = aligned(512)
    baseline.call("dequantise", IDS[kind], data, 512, to)
    assert np.allclose(to, dequantise(kind, data.tobytes(), (512,)), rtol=1e-6, atol=1e-7)


def test_arm_computes_the_same_bits(baseline: Callable, arm: Callable) -> None:
    x, weight = drawn(320) * 4, drawn(320, seed=2)
    assert np.array_equal(exps(arm, x), exps(baseline, x))
    assert np.array_equal(normed(arm, x, weight), normed(baseline, x, weight))
    assert np.array_equal(turned(arm, x[:64], 77, 32, 1), turned(baseline, x[:64], 77, 32, 1))
    for found, wanted in zip(quantised(arm, x), quantised(baseline, x), strict=True):
        assert np.array_equal(found, wanted)
