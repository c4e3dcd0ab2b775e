"""Attention: softmax of queries by keys, times values, in one pass over the keys (Dao et al. 2022).

One call does one *unit*: one tile of rows, one head of keys and values with the group of query heads that share
it, and one of the tile's ranges of keys. R = rows * group queries meet the keys in blocks of 32:

    scores [R][32] = queries [R][D] · keys [D][32]           register tiles of up to 6 queries by 16 keys
    scores -> e^(score - largest so far), its sum             and what was summed before is scaled to match
    mixed [R][D] += scores [R][32] · values [32][D]           register tiles of up to 6 queries by 16 values

Keys and values come from the cache as float16 or int8 and are widened once for all R queries. Sparse patterns
are ranges of keys with a stride; only the blocks at the edges of what a query may see are masked.
"""

from __future__ import annotations

from functools import cache

from abax_runtime.program import (
    BLOCK_LOCAL_GLOBAL,
    F16_CACHE,
    KEYS_TOGETHER,
    LOCAL_WINDOW,
    STRIDED,
    Attend,
    Rotate,
    Tile,
    places,
    words,
)
from numba import types

from kernels.bundle import bundle
from kernels.pointwise import make_exp
from kernels.simd import ADDRESS, Simd, function, staged, tile
from kernels.threads import CONTROL, larger, make_threads, smaller

ATTEND, ROTATE, TILE = places(Attend), places(Rotate), places(Tile)
TILE_BYTES = words(Tile) * 8

KEYS = 32
"""Keys in a block."""
NARROW = KEYS_TOGETHER
REGISTER_ROWS = (6, 4, 3, 2, 1)
NEVER = -1e30
"""The score of a key that a query does not see; finite, so that differences are never NaN."""


@function
def scratch_floats(rows: int, head_size: int) -> int:
    """Float32 values of a thread's scratch for R rows: keys, values, scores, mixed, largest and sum."""
    return 2 * KEYS * head_size + rows * (KEYS + head_size + 2)


@cache
def make_register_tile(simd: Simd, rows: int):
    """``multiply(a, a_step, b, b_step, count, c, c_step, begin)``: C [rows][16] = A [rows][count] · B [count][16],
    or C += if ``begin`` is 0. Steps are bytes from row to row."""
    f32 = simd.vectors("f32", NARROW)
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
            sums = add(sums, a + i * 4, a_step, f32.load(b + i * b_step))
        write(c, c_step, sums)

    return multiply


@cache
def make_multiply(simd: Simd):
    """The same for any number of rows and a multiple of 16 columns."""
    six, four, three, two, one = (make_register_tile(simd, rows) for rows in REGISTER_ROWS)

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


@cache
def make_cache(simd: Simd):
    """Reading and writing planes of the cache; their layout is told in ``abax_runtime.cache``."""
    f32, i32 = simd.vectors("f32", NARROW), simd.vectors("i32", NARROW)
    block_f32, block_i32 = simd.vectors("f32", 32), simd.vectors("i32", 32)
    load_f32, load_f16, load_i8 = simd.load_f32, simd.load_f16, simd.load_i8
    store_f32, store_f16, store_i8 = simd.store_f32, simd.store_f16, simd.store_i8
    load_halves, store_halves = f32.load_f16, f32.store_f16
    load_bytes, to_float = i32.load_i8, f32.from_i32
    load_block, store_block = block_i32.load_i8, block_i32.store_i8
    block_to_float, block_to_whole = block_f32.from_i32, block_i32.from_f32

    @function
    def group_bytes(form, head_size):
        """Of 16 keys."""
        return NARROW * (head_size * 2 if form == F16_CACHE else head_size // 32 * 34)

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

    @function
    def scale_of(x):
        """Of 32 values as int8, as float16 holds it."""
        return block_f32.largest(block_f32.absolute(x)) * types.float32(1.0 / 127.0)

    @function
    def quants_of(x, scale):
        factor = types.float32(1.0) / scale if scale > 0 else types.float32(0.0)
        return block_to_whole(block_f32.nearest(x * factor))

    @function
    def write_key(form, plane, position, head_size, key):
        """Store float32 [head_size] as the key of a position."""
        to, lane = plane + position // NARROW * group_bytes(form, head_size), position % NARROW
        if form == F16_CACHE:
            for d in range(head_size):
                store_f16(to + d * 32 + lane * 2, load_f32(key + d * 4))
            return
        for block in range(head_size // 32):
            x = block_f32.load(key + block * 128)
            scale = scale_of(x)
            store_f16(to + lane * 2, scale)
            quants = quants_of(x, scale)
            for d in range(32):
                store_i8(to + 32 + d * 16 + lane, types.int8(block_i32.get(quants, d)))
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
            x = block_f32.load(value + block * 128)
            scale = scale_of(x)
            store_f16(to, scale)
            store_block(to + 2, quants_of(x, scale))
            to += 34

    return bundle(
        read_keys=read_keys,
        read_key=read_key,
        read_value=read_value,
        write_key=write_key,
        write_value=write_value,
    )


@cache
def make_softmax(simd: Simd):
    """The running softmax of one row over blocks of 32 scores."""
    f32, i32 = simd.vectors("f32", NARROW), simd.vectors("i32", NARROW)
    exp = make_exp(simd, NARROW)
    load_f32, store_f32 = simd.load_f32, simd.store_f32
    lanes = i32.constant(range(NARROW))

    @function
    def mask(scores, first, step, count, low, high):
        """Leave the scores of keys from ``low`` to ``high``; key i is ``first + i * step``, i below ``count``."""
        for at in range(0, KEYS, NARROW):
            number = lanes() + types.int32(at)
            key = number * types.int32(step) + types.int32(first)
            seen = (key >= types.int32(low)) & (key <= types.int32(high)) & (number < types.int32(count))
            own = f32.load(scores + at * 4)
            f32.store(scores + at * 4, f32.select(seen, own, f32.splat(types.float32(NEVER))))

    @function
    def update(scores, state, mixed, head_size):
        """Scores to weights; ``state``: largest score so far and sum of weights."""
        left, right = f32.load(scores), f32.load(scores + 64)
        before = load_f32(state)
        largest = larger(before, f32.largest(f32.maximum(left, right)))
        left, right = exp(left - largest), exp(right - largest)
        f32.store(scores, left)
        f32.store(scores + 64, right)
        total = f32.sum(left + right)
        if largest > before:
            shrink = f32.get(exp(f32.splat(before - largest)), 0)
            store_f32(state, largest)
            store_f32(state + 4, load_f32(state + 4) * shrink + total)
            for d in range(0, head_size * 4, 64):
                f32.store(mixed + d, f32.load(mixed + d) * shrink)
        else:
            store_f32(state + 4, load_f32(state + 4) + total)

    return bundle(mask=mask, update=update, exp=exp)


@cache
def make_attention(simd: Simd):
    """``attend(control, record, unit, scratch)`` and ``merge_row(control, record, row)``."""
    word = make_threads(simd).word
    cache, softmax, multiply = make_cache(simd), make_softmax(simd), make_multiply(simd)
    f32 = simd.vectors("f32", NARROW)
    load_f32, store_f32 = simd.load_f32, simd.store_f32
    ranges = make_ranges(simd)

    @function
    def read_block(form, key_plane, value_plane, first, step, count, head_size, keys, values):
        """Widen keys first, first + step… and their values; keys side by side are read 16 at a time."""
        if step == 1:
            cache.read_keys(form, key_plane, first, head_size, keys)
            if count > NARROW:
                cache.read_keys(form, key_plane, first + NARROW, head_size, keys + head_size * 64)
        else:
            for i in range(count):
                to = keys + i // NARROW * head_size * 64 + i % NARROW * 4
                cache.read_key(form, key_plane, first + i * step, head_size, to)
        for i in range(count):
            cache.read_value(form, value_plane, first + i * step, head_size, values + i * head_size * 4)

    @function
    def attend(control, record, unit, scratch):
        kv_heads, group = word(record, ATTEND.kv_heads), word(record, ATTEND.group)
        head_size, form = word(record, ATTEND.head_size), word(record, ATTEND.planes.form)
        splits = word(control, CONTROL.splits)
        split, head = unit % splits, unit // splits % kv_heads
        rows_of = word(control, CONTROL.tile_table) + unit // splits // kv_heads * TILE_BYTES
        row, tokens = word(rows_of, TILE.row), word(rows_of, TILE.rows)
        rows = tokens * group
        plane = word(rows_of, TILE.slot) * word(record, ATTEND.planes.slot_bytes)
        plane += head * word(record, ATTEND.planes.head_bytes)
        key_plane = plane + word(record, ATTEND.planes.keys)
        value_plane = plane + word(record, ATTEND.planes.values)
        queries = word(record, ATTEND.queries)
        queries += (head * word(control, CONTROL.tokens) + row) * group * head_size * 4
        positions = word(control, CONTROL.positions) + row * 8
        from_, to = word(positions, 0), word(positions, tokens - 1)

        keys = scratch
        values = keys + KEYS * head_size * 4
        scores = values + KEYS * head_size * 4
        mixed = scores + rows * KEYS * 4
        states = mixed + rows * head_size * 4
        clear(mixed, states, rows, head_size)
        for number in range(2):
            first, end, step = ranges.of_tile(record, number, from_, to)
            blocks = (end - first + KEYS * step - 1) // (KEYS * step)
            for block in range(blocks * split // splits, blocks * (split + 1) // splits):
                key = first + block * KEYS * step
                count = smaller(KEYS, (end - key + step - 1) // step)
                last = key + (count - 1) * step
                read_block(form, key_plane, value_plane, key, step, count, head_size, keys, values)
                wide = NARROW if count <= NARROW else KEYS
                multiply(
                    rows,
                    wide,
                    queries,
                    head_size * 4,
                    keys,
                    64,
                    head_size * 64,
                    head_size,
                    scores,
                    KEYS * 4,
                    1,
                )
                masked = count < KEYS or ranges.edge(record, number, from_, to, key, last)
                for r in range(rows):
                    own = scores + r * KEYS * 4
                    if masked:
                        low, high = ranges.of_row(record, number, word(positions, r // group))
                        softmax.mask(own, key, step, count, low, high)
                    softmax.update(own, states + r * 8, mixed + r * head_size * 4, head_size)
                multiply(
                    rows,
                    head_size,
                    scores,
                    KEYS * 4,
                    values,
                    head_size * 4,
                    64,
                    count,
                    mixed,
                    head_size * 4,
                    0,
                )
        if splits == 1:
            write_rows(record, row, head, tokens, mixed, states)
        else:
            write_partial(record, unit, rows, mixed, states)

    @function
    def clear(mixed, states, rows, head_size):
        for i in range(0, rows * head_size * 4, 64):
            f32.store(mixed + i, f32.zero())
        for row in range(rows):
            store_f32(states + row * 8, types.float32(NEVER))
            store_f32(states + row * 8 + 4, types.float32(0.0))

    @function
    def write_rows(record, row, head, tokens, mixed, states):
        """Weighted values over their weights' sum, to where the heads of a row lie side by side."""
        kv_heads, group = word(record, ATTEND.kv_heads), word(record, ATTEND.group)
        head_size = word(record, ATTEND.head_size)
        for r in range(tokens * group):
            place = ((row + r // group) * kv_heads + head) * group + r % group
            to = word(record, ATTEND.to) + place * head_size * 4
            factor = types.float32(1.0) / load_f32(states + r * 8 + 4)
            for d in range(0, head_size * 4, 64):
                f32.store(to + d, f32.load(mixed + r * head_size * 4 + d) * factor)

    @function
    def write_partial(record, unit, rows, mixed, states):
        head_size = word(record, ATTEND.head_size)
        to = word(record, ATTEND.partial) + unit * word(record, ATTEND.partial_bytes)
        for r in range(rows):
            for d in range(0, head_size * 4, 64):
                f32.store(to + d, f32.load(mixed + d))
            store_f32(to + head_size * 4, load_f32(states))
            store_f32(to + head_size * 4 + 4, load_f32(states + 4))
            to += (head_size + 2) * 4
            mixed += head_size * 4
            states += 8

    @function
    def merge_head(partial, splits, split_bytes, head_size, to):
        """One query's ranges of keys brought together, each scaled to the largest score of all."""
        largest = types.float32(NEVER)
        for split in range(splits):
            largest = larger(largest, load_f32(partial + split * split_bytes + head_size * 4))
        total = types.float32(0.0)
        for d in range(0, head_size * 4, 64):
            f32.store(to + d, f32.zero())
        for split in range(splits):
            own = partial + split * split_bytes
            weight = f32.get(softmax.exp(f32.splat(load_f32(own + head_size * 4) - largest)), 0)
            total += load_f32(own + head_size * 4 + 4) * weight
            for d in range(0, head_size * 4, 64):
                f32.store(to + d, f32.load(to + d) + f32.load(own + d) * weight)
        for d in range(0, head_size * 4, 64):
            f32.store(to + d, f32.load(to + d) * (types.float32(1.0) / total))

    return bundle(
        attend=attend, merge_head=merge_head, write_key=cache.write_key, write_value=cache.write_value
    )


@cache
def make_ranges(simd: Simd):
    """Which keys a tile and its rows look at, as up to two ranges: 0 is near the query, 1 far before it."""
    word = make_threads(simd).word

    @function
    def near(record, position):
        """The first key of the range that ends with the position itself."""
        pattern = word(record, ATTEND.pattern)
        if pattern == LOCAL_WINDOW or pattern == STRIDED:
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
            return near(record, from_) // NARROW * NARROW, to + 1, 1
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
        """Whether some row may not see all keys from ``key`` to ``last``. Both ends of what a row sees rise with
        its position."""
        low, _ = of_row(record, number, to)
        _, high = of_row(record, number, from_)
        return key < low or last > high

    return bundle(of_tile=of_tile, of_row=of_row, edge=edge)
