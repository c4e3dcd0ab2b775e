"""Attention by itself, with keys and values that went through the cache, against masked softmax in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from abax_runtime.program import (
    BLOCK_LOCAL_GLOBAL,
    F16_CACHE,
    FULL,
    LOCAL_WINDOW,
    Q8_CACHE,
    STRIDED,
)
from kernels.attention import ATTEND, make_attention, make_cache_writer
from kernels.simd import Simd, function
from kernels.targets import TARGETS, Target
from kernels.threads import CONTROL
from numba import types

from tests.kernels.calling import Callable, aligned, made

BASELINE = "x86-64-v3"
WIDE = Target("wide", TARGETS[BASELINE].triple, TARGETS[BASELINE].cpu, "", 512, "portable")
"""Registers of 512 bits, on any machine."""
SIZE, KV_HEADS, GROUP, LENGTH = 32, 2, 3, 400
WINDOW, STRIDE, BLOCK, GLOBAL, SPLIT_KEYS = 70, 24, 50, 40, 128
RECORD = 64  # the word at which the record begins, behind the control block


def alone(simd: Simd) -> Any:
    """``attend_alone``: fill planes from float32 [kv head][position][size], then all units of one slot."""
    attend, cache = make_attention(simd), make_cache_writer(simd)
    load, store = simd.load_i64, simd.store_i64

    @function
    def attend_alone(words, tiles, positions, queries, keys, values, planes, to, scratch, length):
        record = words + RECORD * 8
        form, each = load(record + ATTEND.planes.form * 8), load(record + ATTEND.planes.head_bytes * 8)
        value_planes = planes + KV_HEADS * each
        for head in range(KV_HEADS):
            for position in range(length):
                at = (head * length + position) * SIZE * 4
                cache.write_key(form, planes + head * each, position, SIZE, keys + at)
                cache.write_value(form, value_planes + head * each, position, SIZE, values + at)
        store(words + CONTROL.tile_table * 8, tiles)
        store(words + CONTROL.positions * 8, positions)
        store(record + ATTEND.queries * 8, queries)
        store(record + ATTEND.planes.keys * 8, planes)
        store(record + ATTEND.planes.values * 8, value_planes)
        store(record + ATTEND.to * 8, to)
        for unit in range(load(words + CONTROL.tiles * 8) * KV_HEADS):
            attend(words, record, unit, scratch)

    return attend_alone


def library(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    exports = [("attend_alone", alone(Simd(target)), types.void(*[types.int64] * 10))]
    return made(exports, target, tmp_path_factory.mktemp(target.name))


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    return library(TARGETS[BASELINE], tmp_path_factory)


@pytest.fixture(scope="module", params=["wide", "neoverse-n1"])
def other(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    return library(TARGETS.get(request.param, WIDE), tmp_path_factory)


class Case:
    """Random queries at the last positions of a text, and its keys and values."""

    def __init__(self, tokens: int, length: int, pattern: int = FULL, form: int = F16_CACHE) -> None:
        random = np.random.default_rng(tokens * 1000 + length)
        self.tokens, self.length, self.pattern, self.form = tokens, length, pattern, form
        self.positions = np.arange(length - tokens, length, dtype=np.int64)
        self.queries = random.standard_normal((KV_HEADS, tokens, GROUP, SIZE)).astype(np.float32)
        self.keys, self.values = random.standard_normal((2, KV_HEADS, length, SIZE)).astype(np.float32)

    def computed(self, native: Callable) -> np.ndarray:
        """[T][kv heads][group][size]."""
        plane = -(-self.length // 16) * 16 * (SIZE * 2 if self.form == F16_CACHE else 34)
        to = aligned((self.tokens, KV_HEADS, GROUP, SIZE))
        rows = [(at, min(16, self.tokens - at), 0) for at in range(0, self.tokens, 16)]
        native.call(
            "attend_alone",
            self._words(plane, len(rows)),
            np.array(rows, np.int64),
            self.positions,
            self.queries,
            self.keys,
            self.values,
            aligned(2 * KV_HEADS * plane, np.uint8),
            to,
            aligned(1 << 16),
            self.length,
        )
        return to

    def _words(self, plane: int, tiles: int) -> np.ndarray:
        words = np.zeros(128, np.int64)
        words[[CONTROL.tokens, CONTROL.tiles, CONTROL.splits]] = self.tokens, tiles, 1
        record = words[RECORD:]
        record[[ATTEND.kv_heads, ATTEND.group, ATTEND.head_size]] = KV_HEADS, GROUP, SIZE
        record[[ATTEND.planes.head_bytes, ATTEND.planes.form]] = plane, self.form
        record[[ATTEND.pattern, ATTEND.window, ATTEND.stride]] = self.pattern, WINDOW, STRIDE
        record[[ATTEND.block, ATTEND.global_tokens, ATTEND.split_keys]] = BLOCK, GLOBAL, SPLIT_KEYS
        return words

    def seen(self) -> np.ndarray:
        """[T][length]: which keys a query looks at, by the definition."""
        i, j = self.positions[:, None], np.arange(self.length)[None]
        near = {
            FULL: j >= 0,
            LOCAL_WINDOW: j > i - WINDOW,
            STRIDED: (j > i - WINDOW) | (j % STRIDE == 0),
            BLOCK_LOCAL_GLOBAL: (j // BLOCK >= i // BLOCK - 1) | (j < GLOBAL),
        }
        return (j <= i) & near[self.pattern]

    def wanted(self) -> np.ndarray:
        keys, values = (_through_cache(x, self.form) for x in (self.keys, self.values))
        scores = np.einsum("htgd,hpd->htgp", self.queries.astype(np.float64), keys)
        scores = np.where(self.seen()[None, :, None], scores, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = np.einsum("htgp,hpd->htgd", weights / weights.sum(-1, keepdims=True), values)
        return mixed.transpose(1, 0, 2, 3)


def _through_cache(x: np.ndarray, form: int) -> np.ndarray:
    if form == F16_CACHE:
        return x.astype(np.float16).astype(np.float64)
    scale = np.abs(x).max(-1, keepdims=True) / np.float32(127)
    return np.rint(x / scale).astype(np.float64) * scale.astype(np.float16)


PATTERNS = (FULL, LOCAL_WINDOW, STRIDED, BLOCK_LOCAL_GLOBAL)
SHAPES = [(1, 1), (1, 16), (2, 33), (1, 128), (1, 129), (5, 300), (17, 17), (40, 257), (130, 400)]


@pytest.mark.parametrize("form", [F16_CACHE, Q8_CACHE])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_attention_is_masked_softmax_for_every_pattern_and_cache(
    baseline: Callable, pattern: int, form: int
) -> None:
    for tokens, length in SHAPES:
        case = Case(tokens, length, pattern, form)
        apart = np.abs(case.computed(baseline) - case.wanted()).max()
        assert apart < (1e-5 if form == F16_CACHE else 2e-2), (tokens, length)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_row_does_not_depend_on_the_rows_beside_it(baseline: Callable, pattern: int) -> None:
    together = Case(130, 400, pattern)
    rows = together.computed(baseline)
    for row in (0, 7, 63, 100, 129):
        own = Case(1, 400 - 129 + row, pattern)
        own.queries = together.queries[:, row : row + 1].copy()
        own.keys, own.values = (x[:, : own.length].copy() for x in (together.keys, together.values))
        assert np.array_equal(own.computed(baseline)[0], rows[row]), row


@pytest.mark.parametrize("form", [F16_CACHE, Q8_CACHE])
def test_every_target_computes_the_same_bits(baseline: Callable, other: Callable, form: int) -> None:
    for pattern in (FULL, STRIDED):
        case = Case(20, 170, pattern, form)
        assert np.array_equal(case.computed(other), case.computed(baseline))
