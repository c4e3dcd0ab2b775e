"""Attention: softmax of queries by keys, times values, in one pass over the keys (Dao et al. 2022).

One call does one *unit*: one tile of rows and one head of keys and values, with the group of query heads that
share it. R = rows * group queries meet the keys in blocks of 32:

    scores [R][32] = queries [R][D] · keys [D][32]           register tiles of up to 6 queries by 16 keys
    scores -> e^(score - largest so far), its sum             and what was summed before is scaled to match
    mixed [R][D] += scores [R][32] · values [32][D]           register tiles of up to 6 queries by 16 values

Keys and values come from the cache as float16 or int8, and are widened once for all R queries. Sparse
patterns are ranges of keys with a stride; only the blocks at the edges of what a query may see are masked.

Blocks begin at multiples of 32 keys, and each ``split_keys`` keys are summed by themselves and then folded
into what came before. In steps of few rows these splits are units of their own, folded by ``Merge``. Either
way the same sums are made in the same order, so a row's result does not depend on what else is in the step,
to the last bit: a text gives the same logits token by token, in one go, drafted, or beside other texts.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
from abax_runtime.program import (
    BLOCK_LOCAL_GLOBAL,
    F16_CACHE,
    KEYS_TOGETHER,
    LOCAL_WINDOW,
    STRIDED,
    Attend,
    Tile,
    places,
    words,
)
from abax_runtime.record import Record
from numba import types

from kernels.bundle import bundle
from kernels.pointwise import make_exp
from kernels.simd import ADDRESS, Simd, function, staged, tile
from kernels.threads import CONTROL, larger, make_words, smaller

ATTEND, TILE = places(Attend), places(Tile)
TILE_BYTES = words(Tile) * 8

KEYS = 32
"""Keys in a block."""
NARROW = KEYS_TOGETHER
REGISTER_ROWS = (6, 4, 3, 2, 1)
NEVER = -1e30
"""The score of a key that a query does not see; finite, so that differences are never NaN."""
NEVER_F32 = np.float32(NEVER)


class Unit(Record):
    """What a unit works on, at the start of its thread's scratch memory."""

    rows: int
    """R."""
    queries: int
    """float32 [R][D]."""
    positions: int
    """int64 [R / group]."""
    first: int
    last: int
    """The positions of the first and of the last row."""
    key_plane: int
    value_plane: int
    keys: int
    """float32 [2][D][16]: a block, widened."""
    values: int
    """float32 [32][D]."""
    scores: int
    """float32 [R][32]."""
    totals: int
    """float32 [R][D + 2], as states: of all splits so far."""
    states: int
    """float32 [R][D + 2]: weighted values, the largest score, the sum of weights."""


UNIT = places(Unit)
UNIT_BYTES = 128


@function
def scratch_bytes(rows, head_size):
    """Of a unit of R rows."""
    return UNIT_BYTES + 4 * (2 * KEYS * head_size + rows * (KEYS + 2 * (head_size + 2)))


@cache
def make_register_tile(simd: Simd, rows: int, element: str):
    """``multiply(a, a_step, b, b_step, count, c, c_step, begin)``: float32 C [rows][16] = A [rows][count] ·
    B [count][16] of ``element``, or C += if ``begin`` is 0. Steps are bytes from row to row."""
    f32 = simd.vectors("f32", NARROW)
    load_b = f32.load if element == "f32" else f32.load_f16
    accumulators = tile(f32.type, rows)

    @staged(accumulators)
    def zeros():
        return tuple(f32.zero() for _ in range(rows))

    @staged(accumulators, ADDRESS, ADDRESS)
    def read(c, step):
        return tuple(f32.load(c + step * row) for row in range(rows))

    @staged(accumulators, accumulators, ADDRESS, ADDRESS, f32.type)
    def add(sums, a, step, b):
        return tuple(f32.fma(f32.load_splat(a + step * row), b, sums[row]) for row in range(rows))

    @staged(types.none, ADDRESS, ADDRESS, accumulators)
    def write(c, step, sums):
        for row in range(rows):
            f32.store(c + step * row, sums[row])

    @function
    def multiply(a, a_step, b, b_step, count, c, c_step, begin):
        sums = zeros() if begin != 0 else read(c, c_step)
        for i in range(count):
            sums = add(sums, a + i * 4, a_step, load_b(b + i * b_step))
        write(c, c_step, sums)

    return multiply


@cache
def make_multiply(simd: Simd, element: str):
    """The same for any number of rows and a multiple of 16 columns."""
    six, four, three, two, one = (make_register_tile(simd, rows, element) for rows in REGISTER_ROWS)

    @function
    def multiply(rows, columns, a, a_step, b, b_step, b_next, count, c, c_step, begin):
        """``b_next``: bytes from 16 columns of B to the next 16."""
        row = 0
        while row < rows:
            left = rows - row
            own_a, own_c = a + row * a_step, c + row * c_step
            for column in range(columns // NARROW):
                own_b, to = b + column * b_next, own_c + column * NARROW * 4
                if left >= 6:
                    six(own_a, a_step, own_b, b_step, count, to, c_step, begin)
                elif left >= 4:
                    four(own_a, a_step, own_b, b_step, count, to, c_step, begin)
                elif left == 3:
                    three(own_a, a_step, own_b, b_step, count, to, c_step, begin)
                elif left == 2:
                    two(own_a, a_step, own_b, b_step, count, to, c_step, begin)
                else:
                    one(own_a, a_step, own_b, b_step, count, to, c_step, begin)
            row += 6 if left >= 6 else 4 if left >= 4 else left

    return multiply


@function
def group_bytes(form, head_size):
    """Of 16 keys."""
    return NARROW * (head_size * 2 if form == F16_CACHE else head_size // 32 * 34)


@cache
def make_cache_reader(simd: Simd) -> ModuleType:
    """Keys and values from the cache as float32; ``abax_runtime.cache`` tells their layout."""
    f32, i32 = simd.vectors("f32", NARROW), simd.vectors("i32", NARROW)
    block_f32, block_i32 = simd.vectors("f32", 32), simd.vectors("i32", 32)
    load_f16, load_i8, store_f32 = simd.load_f16, simd.load_i8, simd.store_f32
    load_halves, load_bytes, to_float = f32.load_f16, i32.load_i8, f32.from_i32
    load_block, block_to_float = block_i32.load_i8, block_f32.from_i32

    @function
    def read_keys(form, plane, position, head_size, to):
        """16 keys from ``position`` on, a multiple of 16: float32 [head_size][16]."""
        source = plane + position // NARROW * group_bytes(form, head_size)
        if form == F16_CACHE:
            for d in range(head_size):
                f32.store(to + d * 64, load_halves(source + d * 32))
        else:
            for block in range(head_size // 32):
                scales = load_halves(source)
                for d in range(32):
                    quants = to_float(load_bytes(source + 32 + d * 16))
                    f32.store(to + (block * 32 + d) * 64, quants * scales)
                source += 32 + 512

    @function
    def read_key(form, plane, position, head_size, to):
        """One key, as a column of float32 [head_size][16]."""
        source, lane = plane + position // NARROW * group_bytes(form, head_size), position % NARROW
        for d in range(head_size):
            if form == F16_CACHE:
                value = load_f16(source + d * 32 + lane * 2)
            else:
                block = source + d // 32 * 544
                value = load_f16(block + lane * 2) * types.float32(load_i8(block + 32 + d % 32 * 16 + lane))
            store_f32(to + d * 64, value)

    @function
    def read_value(form, plane, position, head_size, to):
        """One position's value: float32 [head_size]."""
        if form == F16_CACHE:
            source = plane + position * head_size * 2
            for d in range(0, head_size, NARROW):
                f32.store(to + d * 4, load_halves(source + d * 2))
        else:
            source = plane + position * (head_size // 32) * 34
            for block in range(head_size // 32):
                quants = block_to_float(load_block(source + 2))
                block_f32.store(to + block * 128, quants * load_f16(source))
                source += 34

    return bundle(read_keys=read_keys, read_key=read_key, read_value=read_value)


@cache
def make_cache_writer(simd: Simd) -> ModuleType:
    """The other way: one position's float32 [head_size] into the planes."""
    f32, f32x32, i32x32 = simd.vectors("f32", NARROW), simd.vectors("f32", 32), simd.vectors("i32", 32)
    load_f32, store_f16, store_i8 = simd.load_f32, simd.store_f16, simd.store_i8
    store_halves, store_block, to_whole = f32.store_f16, i32x32.store_i8, i32x32.from_f32

    @function
    def scale_of(x):
        """Of 32 values as int8, as float16 holds it."""
        return f32x32.largest(f32x32.absolute(x)) * types.float32(1.0 / 127.0)

    @function
    def quants_of(x, scale):
        factor = types.float32(1.0) / scale if scale > 0 else types.float32(0.0)
        return to_whole(f32x32.nearest(x * factor))

    @function
    def write_key(form, plane, position, head_size, key):
        """Store float32 [head_size] as the key of a position."""
        to, lane = plane + position // NARROW * group_bytes(form, head_size), position % NARROW
        if form == F16_CACHE:
            for d in range(head_size):
                store_f16(to + d * 32 + lane * 2, load_f32(key + d * 4))
            return
        for block in range(head_size // 32):
            x = f32x32.load(key + block * 128)
            scale = scale_of(x)
            store_f16(to + lane * 2, scale)
            quants = quants_of(x, scale)
            for d in range(32):
                store_i8(to + 32 + d * 16 + lane, types.int8(i32x32.get(quants, d)))
            to += 544

    @function
    def write_value(form, plane, position, head_size, value):
        """Store float32 [head_size] as the value of a position."""
        if form == F16_CACHE:
            to = plane + position * head_size * 2
            for d in range(0, head_size, NARROW):
                store_halves(to + d * 2, f32.load(value + d * 4))
            return
        to = plane + position * (head_size // 32) * 34
        for block in range(head_size // 32):
            x = f32x32.load(value + block * 128)
            scale = scale_of(x)
            store_f16(to, scale)
            store_block(to + 2, quants_of(x, scale))
            to += 34

    return bundle(write_key=write_key, write_value=write_value)


@cache
def make_softmax(simd: Simd):
    """The running softmax of one row; its state as ``Unit.states``."""
    f32, i32 = simd.vectors("f32", NARROW), simd.vectors("i32", NARROW)
    exp = make_exp(simd, NARROW)
    load_f32, store_f32 = simd.load_f32, simd.store_f32
    lanes = i32.constant(range(NARROW))

    @function
    def mask(scores, first, step, count, low, high):
        """Keep scores of keys from ``low`` to ``high``; key i is ``first + i * step``, i below ``count``."""
        for at in range(0, KEYS, NARROW):
            number = lanes() + types.int32(at)
            key = number * types.int32(step) + types.int32(first)
            seen = (key >= types.int32(low)) & (key <= types.int32(high)) & (number < types.int32(count))
            own = f32.load(scores + at * 4)
            f32.store(scores + at * 4, f32.select(seen, own, f32.splat(types.float32(NEVER))))

    @function
    def begin(state, head_size):
        """Nothing seen yet."""
        for d in range(0, head_size * 4, 64):
            f32.store(state + d, f32.zero())
        store_f32(state + head_size * 4, types.float32(NEVER))
        store_f32(state + head_size * 4 + 4, types.float32(0.0))

    @function
    def update(scores, state, head_size):
        """A block's scores become weights, and what was summed before is scaled to match."""
        left, right = f32.load(scores), f32.load(scores + 64)
        tail = state + head_size * 4
        before = load_f32(tail)
        largest = larger(before, f32.largest(f32.maximum(left, right)))
        left, right = exp(left - largest), exp(right - largest)
        f32.store(scores, left)
        f32.store(scores + 64, right)
        total = f32.sum(left + right)
        if largest > before:
            shrink = f32.get(exp(f32.splat(before - largest)), 0)
            store_f32(tail, largest)
            store_f32(tail + 4, load_f32(tail + 4) * shrink + total)
            for d in range(0, head_size * 4, 64):
                f32.store(state + d, f32.load(state + d) * shrink)
        else:
            store_f32(tail + 4, load_f32(tail + 4) + total)

    return bundle(mask=mask, begin=begin, update=update)


@cache
def make_totals(simd: Simd) -> ModuleType:
    """States of splits brought together: ``fold`` one after the other, then ``finish``."""
    f32, exp = simd.vectors("f32", NARROW), make_exp(simd, NARROW)
    load_f32, store_f32 = simd.load_f32, simd.store_f32

    @function
    def fold(total, state, head_size):
        """Add a split's state to the total of those before it."""
        tail, own_tail = total + head_size * 4, state + head_size * 4
        before, own = load_f32(tail), load_f32(own_tail)
        if own == NEVER_F32:
            return
        largest = larger(before, own)
        keep = f32.get(exp(f32.splat(before - largest)), 0)
        take = f32.get(exp(f32.splat(own - largest)), 0)
        for d in range(0, head_size * 4, 64):
            f32.store(total + d, f32.load(total + d) * keep + f32.load(state + d) * take)
        store_f32(tail, largest)
        store_f32(tail + 4, load_f32(tail + 4) * keep + load_f32(own_tail + 4) * take)

    @function
    def finish(total, head_size, to):
        """Weighted values over the sum of their weights."""
        factor = types.float32(1.0) / load_f32(total + head_size * 4 + 4)
        for d in range(0, head_size * 4, 64):
            f32.store(to + d, f32.load(total + d) * factor)

    return bundle(fold=fold, finish=finish)


@cache
def make_attention(simd: Simd):
    """``attend(control, record, unit, scratch)``."""
    word, store_word = make_words(simd).word, simd.store_i64
    softmax, totals, ranges = make_softmax(simd), make_totals(simd), make_ranges(simd)
    prepare, block, write_rows = make_prepare(simd), make_block(simd), make_write_rows(simd)

    @function
    def begin(record, scratch, rows_at):
        """``rows_at``: the word of the states to begin."""
        size = word(record, ATTEND.head_size)
        for row in range(word(scratch, UNIT.rows)):
            softmax.begin(word(scratch, rows_at) + row * (size + 2) * 4, size)

    @function
    def attend_split(record, scratch, split):
        """Those of a split's blocks that the tile looks at."""
        each = word(record, ATTEND.split_keys) // KEYS
        for number in range(2):
            first, end, step = ranges.of_tile(
                record, number, word(scratch, UNIT.first), word(scratch, UNIT.last)
            )
            start = larger(first // (KEYS * step), split * each)
            stop = smaller((end + KEYS * step - 1) // (KEYS * step), (split + 1) * each)
            for at in range(start, stop):
                block(record, scratch, number, at * KEYS * step, step, end)

    @function
    def attend_all(record, scratch):
        """Split by split, each folded into the total."""
        size, split_keys = word(record, ATTEND.head_size), word(record, ATTEND.split_keys)
        states, sums = word(scratch, UNIT.states), word(scratch, UNIT.totals)
        begin(record, scratch, UNIT.totals)
        for split in range(word(scratch, UNIT.last) // split_keys + 1):
            begin(record, scratch, UNIT.states)
            attend_split(record, scratch, split)
            for row in range(word(scratch, UNIT.rows)):
                totals.fold(sums + row * (size + 2) * 4, states + row * (size + 2) * 4, size)

    @function
    def attend(control, record, unit, scratch):
        kv_heads, splits = word(record, ATTEND.kv_heads), word(control, CONTROL.splits)
        split, head, tile = unit % splits, unit // splits % kv_heads, unit // splits // kv_heads
        prepare(control, record, tile, head, scratch)
        row = word(control, CONTROL.tile_table) + tile * TILE_BYTES
        if splits == 1:
            attend_all(record, scratch)
            write_rows(record, row, head, scratch)
        else:
            above = (split * kv_heads + head) * word(control, CONTROL.tokens) + word(row, TILE.row)
            state_bytes = (word(record, ATTEND.head_size) + 2) * 4
            partial = word(record, ATTEND.partial) + above * word(record, ATTEND.group) * state_bytes
            store_word(scratch + UNIT.states * 8, partial)
            begin(record, scratch, UNIT.states)
            attend_split(record, scratch, split)

    return attend


@cache
def make_prepare(simd: Simd):
    """``prepare(control, record, tile, head, scratch)`` writes a ``Unit``."""
    word, store_word = make_words(simd).word, simd.store_i64

    @function
    def write(scratch, number, value):
        store_word(scratch + number * 8, value)

    @function
    def prepare(control, record, tile, head, scratch):
        group, size = word(record, ATTEND.group), word(record, ATTEND.head_size)
        rows_of = word(control, CONTROL.tile_table) + tile * TILE_BYTES
        row, tokens = word(rows_of, TILE.row), word(rows_of, TILE.rows)
        rows = tokens * group
        plane = word(rows_of, TILE.slot) * word(record, ATTEND.planes.slot_bytes)
        plane += head * word(record, ATTEND.planes.head_bytes)
        positions = word(control, CONTROL.positions) + row * 8
        above = head * word(control, CONTROL.tokens) + row
        keys = scratch + UNIT_BYTES
        write(scratch, UNIT.rows, rows)
        write(scratch, UNIT.queries, word(record, ATTEND.queries) + above * group * size * 4)
        write(scratch, UNIT.positions, positions)
        write(scratch, UNIT.first, word(positions, 0))
        write(scratch, UNIT.last, word(positions, tokens - 1))
        write(scratch, UNIT.key_plane, plane + word(record, ATTEND.planes.keys))
        write(scratch, UNIT.value_plane, plane + word(record, ATTEND.planes.values))
        write(scratch, UNIT.keys, keys)
        write(scratch, UNIT.values, keys + KEYS * size * 4)
        write(scratch, UNIT.scores, keys + 2 * KEYS * size * 4)
        write(scratch, UNIT.totals, keys + 2 * KEYS * size * 4 + rows * KEYS * 4)
        write(scratch, UNIT.states, keys + 2 * KEYS * size * 4 + rows * (KEYS + size + 2) * 4)

    return prepare


@cache
def make_write_rows(simd: Simd):
    """``write_rows(record, tile, head, scratch)`` hands on what a unit has made."""
    word, totals = make_words(simd).word, make_totals(simd)

    @function
    def write_rows(record, tile, head, scratch):
        """The totals, to where the heads of a row lie side by side."""
        kv_heads, group = word(record, ATTEND.kv_heads), word(record, ATTEND.group)
        size = word(record, ATTEND.head_size)
        for r in range(word(scratch, UNIT.rows)):
            place = ((word(tile, TILE.row) + r // group) * kv_heads + head) * group + r % group
            to = word(record, ATTEND.to) + place * size * 4
            totals.finish(word(scratch, UNIT.totals) + r * (size + 2) * 4, size, to)

    return write_rows


@cache
def make_block(simd: Simd):
    """``block(record, scratch, number, key, step, end)``: up to 32 keys from ``key`` on, below ``end``."""
    word, widen, weigh = make_words(simd).word, make_widen(simd), make_weigh(simd)
    multiply, multiply_halves = make_multiply(simd, "f32"), make_multiply(simd, "f16")

    @function
    def block(record, scratch, number, key, step, end):
        size, form, rows = (
            word(record, ATTEND.head_size),
            word(record, ATTEND.planes.form),
            word(scratch, UNIT.rows),
        )
        queries, scores, states = (
            word(scratch, UNIT.queries),
            word(scratch, UNIT.scores),
            word(scratch, UNIT.states),
        )
        count = smaller(KEYS, (end - key + step - 1) // step)
        wide = NARROW if count <= NARROW else KEYS
        if form == F16_CACHE and step == 1 and rows <= REGISTER_ROWS[0]:  # widened in registers
            keys = word(scratch, UNIT.key_plane) + key * size * 2
            values = word(scratch, UNIT.value_plane) + key * size * 2
            multiply_halves(rows, wide, queries, size * 4, keys, 32, size * 32, size, scores, KEYS * 4, 1)
            weigh(record, scratch, number, key, step, count)
            multiply_halves(
                rows, size, scores, KEYS * 4, values, size * 2, 32, count, states, (size + 2) * 4, 0
            )
        else:
            keys, values = word(scratch, UNIT.keys), word(scratch, UNIT.values)
            widen(record, scratch, key, step, count)
            multiply(rows, wide, queries, size * 4, keys, 64, size * 64, size, scores, KEYS * 4, 1)
            weigh(record, scratch, number, key, step, count)
            multiply(rows, size, scores, KEYS * 4, values, size * 4, 64, count, states, (size + 2) * 4, 0)

    return block


@cache
def make_widen(simd: Simd):
    """``widen(record, scratch, key, step, count)``: a block of the cache as float32."""
    word, cache = make_words(simd).word, make_cache_reader(simd)

    @function
    def widen(record, scratch, key, step, count):
        """Keys and values as float32; keys side by side are read 16 at a time."""
        form, size = word(record, ATTEND.planes.form), word(record, ATTEND.head_size)
        plane, keys, values = (
            word(scratch, UNIT.key_plane),
            word(scratch, UNIT.keys),
            word(scratch, UNIT.values),
        )
        if step == 1:
            cache.read_keys(form, plane, key, size, keys)
            if count > NARROW:
                cache.read_keys(form, plane, key + NARROW, size, keys + size * 64)
        else:
            for i in range(count):
                to = keys + i // NARROW * size * 64 + i % NARROW * 4
                cache.read_key(form, plane, key + i * step, size, to)
        for i in range(count):
            cache.read_value(
                form, word(scratch, UNIT.value_plane), key + i * step, size, values + i * size * 4
            )

    return widen


@cache
def make_weigh(simd: Simd):
    """``weigh(record, scratch, number, key, step, count)``: a block's scores to weights."""
    word, softmax, ranges = make_words(simd).word, make_softmax(simd), make_ranges(simd)

    @function
    def weigh(record, scratch, number, key, step, count):
        """Scores to weights, row by row."""
        size, group, rows = (
            word(record, ATTEND.head_size),
            word(record, ATTEND.group),
            word(scratch, UNIT.rows),
        )
        first, last = word(scratch, UNIT.first), word(scratch, UNIT.last)
        masked = count < KEYS or ranges.edge(record, number, first, last, key, key + (count - 1) * step)
        for r in range(rows):
            own = word(scratch, UNIT.scores) + r * KEYS * 4
            if masked:
                low, high = ranges.of_row(record, number, word(word(scratch, UNIT.positions), r // group))
                softmax.mask(own, key, step, count, low, high)
            softmax.update(own, word(scratch, UNIT.states) + r * (size + 2) * 4, size)

    return weigh


@cache
def make_ranges(simd: Simd):
    """Which keys a tile and its rows look at, as up to two ranges: 0 is near the query, 1 far before it."""
    word = make_words(simd).word

    @function
    def near(record, position):
        """The first key of the range that ends with the position itself."""
        pattern = word(record, ATTEND.pattern)
        if pattern == LOCAL_WINDOW or pattern == STRIDED:  # noqa: SIM109
            return larger(0, position - word(record, ATTEND.window) + 1)
        if pattern == BLOCK_LOCAL_GLOBAL:
            block = word(record, ATTEND.block)
            return larger(0, (position // block - 1) * block)
        return 0

    @function
    def far(record, position):
        """The last key of the range before that, or -1."""
        pattern = word(record, ATTEND.pattern)
        if pattern == STRIDED:
            return near(record, position) - 1
        if pattern == BLOCK_LOCAL_GLOBAL:
            return smaller(near(record, position), word(record, ATTEND.global_tokens)) - 1
        return -1

    @function
    def of_tile(record, number, from_, to):
        """First key, end and stride of what rows at positions from ``from_`` to ``to`` look at together."""
        if number == 0:
            return near(record, from_) // KEYS * KEYS, to + 1, 1
        stride = word(record, ATTEND.stride) if word(record, ATTEND.pattern) == STRIDED else 1
        return 0, far(record, to) + 1, stride

    @function
    def of_row(record, number, position):
        """First and last key of one row."""
        if number == 0:
            return near(record, position), position
        return 0, far(record, position)

    @function
    def edge(record, number, from_, to, key, last):
        """Whether some row may not see all keys from ``key`` to ``last``. Both ends of what a row sees rise
        with its position."""
        low, _ = of_row(record, number, to)
        _, high = of_row(record, number, from_)
        return key < low or last > high

    return bundle(of_tile=of_tile, of_row=of_row, edge=edge)
