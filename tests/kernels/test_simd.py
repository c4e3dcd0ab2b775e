"""SIMD values: the same meaning on every target, in kernels and in staged functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernels.blocks import Q8_0
from kernels.simd import ADDRESS, Simd, staged, tile
from kernels.targets import TARGETS, Target
from numba import types

from tests.kernels.calling import Callable, aligned, made

V3 = TARGETS["x86-64-v3"]
WIDE = Target("wide", V3.triple, V3.cpu, "", 512, "portable")
RNG = np.random.default_rng(5)


@pytest.fixture(
    scope="module", params=[V3, WIDE, TARGETS["neoverse-n1"], TARGETS["neoverse-v1"]], ids=lambda t: t.name
)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """All kernels of this file, for one target."""
    simd = Simd(request.param)
    exports = [*arithmetic(simd), *memory(simd), *dots(simd)]
    return made(exports, request.param, tmp_path_factory.mktemp("simd"))


def arithmetic(simd: Simd) -> list[Any]:
    f32, i32 = simd.vectors("f32", 16), simd.vectors("i32", 16)
    pair = tile(f32.type, 2)

    def signs(a, b, to):
        x, y = f32.load(a), f32.load(b)
        f32.store(
            to,
            f32.fma(x, y, x - y) * 2.0 + f32.select(x < y, x, y) / f32.maximum(f32.absolute(y), f32.splat(1)),
        )
        f32.store(to + 64, f32.nearest(x * 100.0))
        i32.store(to + 128, (i32.from_f32(x * 1000.0) >> 1) & 255 | 1)

    @staged(pair, pair, ADDRESS)
    def both(values, address):
        return [value + f32.load(address) * (1 + number) for number, value in enumerate(values)]

    @staged(pair)
    def nothing():
        return [f32.zero()] * 2

    @staged(types.none, pair, ADDRESS)
    def keep(values, address):
        for number, value in enumerate(values):
            f32.store(address + 64 * number, value)

    def tiles(a, count, to):
        values = nothing()
        for i in range(count):
            values = both(values, a + 64 * i)
        keep(values, to)

    def reductions(a, to):
        x = f32.load(a)
        simd.store_f32(to, f32.sum(x))
        simd.store_f32(to + 4, f32.largest(x))
        simd.store_f32(to + 8, f32.smallest(x))
        simd.store_f32(to + 12, f32.get(f32.put(x, 3, 9.0), 3))

    three, two = types.void(ADDRESS, ADDRESS, ADDRESS), types.void(ADDRESS, ADDRESS)
    return [("signs", signs, three), ("tiles", tiles, three), ("reductions", reductions, two)]


def memory(simd: Simd) -> list[Any]:
    f32 = simd.vectors("f32", 8)

    def halves(a, to):
        f32.store_f16(to, f32.load(a))
        f32.store(to + 32, f32.load_f16(to))
        f32.store(to + 64, f32.load_bf16(a))
        simd.store_f32(to + 96, simd.load_f16(to))
        f32.store(to + 100, f32.load_i8(a))

    def counter(at):
        simd.pause()
        before = simd.atomic_add(at, 5)
        simd.atomic_store(at + 8, simd.atomic_load(at) * 2)
        return before + simd.atomic_exchange_if(at + 16, 7, 8)

    return [("halves", halves, types.void(ADDRESS, ADDRESS)), ("counter", counter, types.int64(ADDRESS))]


def dots(simd: Simd) -> list[Any]:
    """`Dots.rows` rows at w times one vector at x, exactly: in place and packed, whole and in halves."""
    dots, words, load = simd.dots, simd.dots.words, Q8_0(simd).load
    rows, signed = dots.rows, int(dots.signed)

    def bytes_at(w):
        return load.bytes([w + 32 * row for row in range(rows)], 0, 32)

    def few(largest, halves):
        @staged(types.none, ADDRESS, ADDRESS, ADDRESS)
        def kernel(w, x, to):
            for part, each in enumerate(dots.few(bytes_at(w), [x] * 3, largest, halves)):
                for sums in each:
                    words.store(to + part * words.bytes, sums)

        return lambda w, x, to: kernel(w, x, to)

    def packed(largest, halves):
        @staged(types.none, ADDRESS, ADDRESS, ADDRESS, ADDRESS)
        def kernel(w, x, to, scratch):
            for place in range(dots.strip // dots.rows):
                dots.pack(bytes_at(w), scratch, place)
            parts = 2 if halves else 1
            for part in range(parts):
                sums = dots.products(scratch, [x], largest, part, parts)[0][0]
                words.store(to + part * words.bytes, sums)

        return lambda w, x, to, scratch: kernel(w, x, to, scratch)

    made, three, four = [], types.void(*[ADDRESS] * 3), types.void(*[ADDRESS] * 4)
    for largest in LARGEST:
        for halves in (False, True):
            made += [
                (f"few_{largest}_{halves}", few(largest, halves), three),
                (f"packed_{largest}_{halves}", packed(largest, halves), four),
            ]
    return [
        *made,
        ("rows", lambda: rows, types.int64()),
        ("signed", lambda: signed, types.int64()),
    ]


LARGEST = (15, 31, 63, 128)


def vector(shape: int = 16) -> np.ndarray[Any, Any]:
    made = aligned(shape)
    made[:] = RNG.standard_normal(shape)
    return made


def test_signs_mean_what_they_mean_in_numpy(library: Callable) -> None:
    x, y, to = vector(), vector(), aligned(48)
    library.call("signs", x, y, to)
    wanted = (x * y + (x - y)) * 2 + np.where(x < y, x, y) / np.maximum(np.abs(y), 1)
    assert np.allclose(to[:16], wanted, atol=1e-5)
    assert (to[16:32] == np.rint(x * np.float32(100))).all()
    whole = (x * np.float32(1000)).astype(np.int32)
    assert (to[32:].view(np.int32) == ((whole >> 1) & 255 | 1)).all()


def test_tiles_go_through_loops(library: Callable) -> None:
    x, to = vector(48), aligned(32)
    library.call("tiles", x, 3, to)
    assert np.allclose(to[:16], x.reshape(3, 16).sum(0), atol=1e-5)
    assert np.allclose(to[16:], 2 * x.reshape(3, 16).sum(0), atol=1e-5)


def test_reductions_fold_halves_onto_each_other(library: Callable) -> None:
    x, to = vector(), aligned(4)
    library.call("reductions", x, to)
    folded = x.copy()
    while len(folded) > 1:
        folded = folded[: len(folded) // 2] + folded[len(folded) // 2 :]
    assert to.tolist() == [folded[0], x.max(), x.min(), 9]


def test_halves_and_bytes_are_widened_as_they_are_loaded(library: Callable) -> None:
    x, to = vector(8), aligned(40)
    library.call("halves", x, to)
    assert (to[:4].view(np.float16) == x.astype(np.float16)).all()
    assert (to[8:16] == x.astype(np.float16).astype(np.float32)).all()
    assert (to[16:24] == (x.view(np.uint16)[:8].astype(np.uint32) << 16).view(np.float32)).all()
    assert to[24] == np.float32(np.float16(x[0]))
    assert (to[25:33] == x.view(np.int8)[:8]).all()


def test_counters_are_read_and_written_whole(library: Callable) -> None:
    at = aligned(3, np.int64)
    at[:] = 10, 0, 7
    assert library.call("counter", at) == 17
    assert at.tolist() == [15, 30, 8]


@pytest.mark.parametrize("largest", LARGEST)
@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("way", ["few", "packed"])
@pytest.mark.parametrize("extreme", [False, True])
def test_sums_of_products_are_exact(
    library: Callable, largest: int, halves: bool, way: str, extreme: bool
) -> None:
    rows, signed = library.call("rows"), library.call("signed")
    low, high = (-128, 128) if largest == 128 and signed else (0, min(largest, 255) + 1)
    w = RNG.integers(low, high, (rows, 32))
    x = RNG.integers(-127, 128, 32)
    if extreme:
        w[:], x[:] = np.where(np.arange(rows) % 2, low, high - 1)[:, None], np.where(w[0] % 2, 127, -127)
        w[0], x[:16] = high - 1, 127
    bytes_, values, to = aligned(w.shape, np.uint8), aligned(32, np.int8), aligned((2, rows), np.int32)
    bytes_[:], values[:] = w.astype(np.int8).view(np.uint8), x
    scratch = (aligned(4096, np.uint8),) if way == "packed" else ()
    library.call(f"{way}_{largest}_{halves}", bytes_, values, to, *scratch)
    parts = (w * x).reshape(rows, 2, 16).sum(2)
    assert (to == parts.T).all() if halves else (to[0] == parts.sum(1)).all()


def test_an_operation_outside_of_a_kernel_says_so() -> None:
    with pytest.raises(TypeError, match="staged"):
        Simd(V3).f32.zero()
