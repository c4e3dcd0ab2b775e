"""Low-rank adapters: B (A x) beside W x, for the rows of a step whose texts have one (Hu et al. 2021, "LoRA").

A step's first chunk of a product computes A x of all rows that have adapters, into the inner buffers of the
control block; every other chunk, once its own rows of W x are there, waits for that and adds its rows of B
times it. So there is no wait that others would not fill with work, and nothing is done where no row has one.

Beside quantised weights A is Q8_0, an ordinary product; its result is quantised again, 16 values to a scale,
and B has int8 with a scale for each row and 16 columns. For each 16 rows and 16 columns of B:

    scales float32 [16]    quants int8 [4 words][16 rows][4 columns]      (on x86 with VNNI: plus 128)

Sums of 16 products are exact, and added up in float32 in the order of the columns: as in all products, the
result is the same bits whatever else is in the step. Beside float weights A and B are float32, B [16 rows of
the result at a time][rank][16].
"""

from __future__ import annotations

import math
from functools import cache
from types import ModuleType

from abax_runtime.gguf import TensorType
from abax_runtime.program import INNER, RANK_STEP, Activations, Entry, Run, Site, places, words
from numba import types

from kernels import matmul
from kernels.bundle import bundle
from kernels.pointwise import make_dequantise
from kernels.simd import ADDRESS, Simd, function, outlined, staged
from kernels.simd.values import Value
from kernels.threads import CONTROL, make_waiting, make_words

RUN, ENTRY, SITE, SOURCE = places(Run), places(Entry), places(Site), places(Activations)
RUN_BYTES = words(Run) * 8
F32, Q8_0 = int(TensorType.F32), int(TensorType.Q8_0)

GROUP, UNIT = RANK_STEP, 16
"""Columns that share a scale, and rows that lie side by side."""
HEAD = UNIT * 4
"""Bytes of the scales."""
GROUP_BYTES = HEAD + UNIT * GROUP
SEVERAL = 4
"""Tokens that share what is loaded of B."""
LEAST = 1e-30
"""What is smaller than this counts as 0: its inverse would be infinite."""


@cache
def make_adapting(simd: Simd) -> ModuleType:
    """``concerns(control, site)``, ``project(…)``, ``add(…)``. ``site``: address of a record's ``Site``."""
    word, project, waiting = make_words(simd).word, make_project(simd), make_waiting(simd)
    whole, floating = make_whole(simd), make_floating(simd)

    @function
    def concerns(control, site):
        """Whether a step has rows with adapters, for an operation that adapters may add to."""
        return word(control, CONTROL.runs) != 0 and word(site, SITE.ready) != 0

    @outlined
    def add(control, site, segment, row, rows, y, ldy):
        """Add rows of B (A x) of an operation's ``segment`` to y float32 [T][ldy], once A x are there."""
        if word(control, CONTROL.threads) > 1:
            waiting.await_ready(control, word(site, SITE.ready))
        for number in range(word(control, CONTROL.runs)):
            run = word(control, CONTROL.run_table) + number * RUN_BYTES
            entry = word(run, RUN.adapter) + word(site, SITE.entry)
            if word(entry, ENTRY.rows) != 0 and word(entry, ENTRY.b_first + 2 * segment) != 0:
                add_run(control, run, entry, segment, row, rows, y, ldy)

    @function
    def add_run(control, run, entry, segment, row, rows, y, ldy):
        first, tokens, rank = word(run, RUN.row), word(run, RUN.rows), word(entry, ENTRY.rank)
        b = word(entry, ENTRY.b_first + 2 * segment)
        at, to = first * INNER + word(entry, ENTRY.at_first + 2 * segment), y + first * ldy * 4
        if word(entry, ENTRY.kind) == F32:
            x = word(control, CONTROL.inner_floats) + at * 4
            floating(b + row * rank * 4, rows, rank, x, to, ldy, tokens)
        else:
            quants = word(control, CONTROL.inner_quants) + at
            scales = word(control, CONTROL.inner_scales) + at // GROUP * 4
            sums = word(control, CONTROL.inner_sums) + at // GROUP * 4
            part = b + row // UNIT * (rank // GROUP * GROUP_BYTES)
            whole(part, rows, rank, quants, scales, sums, to, ldy, tokens)

    return bundle(concerns=concerns, project=project, add=add)


@cache
def make_project(simd: Simd):
    """``project(control, site, columns, source, scratch)``: A x of all rows that have adapters.

    ``source``: address of a record's ``Activations``, of ``columns``.
    """
    word, store = make_words(simd).word, simd.atomic_store
    multiply, quantise = matmul.make_product(simd), make_quantise_inner(simd)

    @outlined
    def project(control, site, columns, source, scratch):
        for number in range(word(control, CONTROL.runs)):
            run = word(control, CONTROL.run_table) + number * RUN_BYTES
            entry = word(run, RUN.adapter) + word(site, SITE.entry)
            if word(entry, ENTRY.rows) != 0:
                project_run(control, run, entry, columns, source, scratch)
        store(word(site, SITE.ready), word(control, CONTROL.generation))

    @function
    def project_run(control, run, entry, columns, source, scratch):
        first, tokens = word(run, RUN.row), word(run, RUN.rows)
        kind, rows = word(entry, ENTRY.kind), word(entry, ENTRY.rows)
        at = first * INNER
        to = word(control, CONTROL.inner_floats) + at * 4
        multiply(
            kind,
            word(entry, ENTRY.a),
            rows,
            columns,
            word(source, SOURCE.floats) + first * columns * 4,
            word(source, SOURCE.quants) + first * columns,
            word(source, SOURCE.scales) + first * (columns >> 3),
            word(source, SOURCE.sums) + first * (columns >> 2),
            to,
            tokens,
            INNER,
            scratch,
        )
        if kind == F32:
            return
        quants, scales = word(control, CONTROL.inner_quants) + at, word(control, CONTROL.inner_scales)
        sums = word(control, CONTROL.inner_sums) + at // GROUP * 4
        for token in range(tokens):
            place, group = token * INNER, (at + token * INNER) // GROUP
            own_sums = sums + token * (INNER // GROUP) * 4
            quantise(to + place * 4, rows, quants + place, scales + group * 4, own_sums)

    return project


@cache
def make_quantise_inner(simd: Simd):
    """``quantise(floats, count, quants, scales, sums)``: 16 values to a scale.

    ``sums``: of the quants, times what B's bytes have too much.
    """
    f32, i32 = simd.vectors("f32", GROUP), simd.vectors("i32", GROUP)
    store_f32, store_i32, zero = simd.store_f32, simd.store_i32, _zero(simd)

    @function
    def quantise(floats, count, quants, scales, sums):
        for group in range(count // GROUP):
            x = f32.load(floats + group * GROUP * 4)
            largest = f32.largest(f32.absolute(x))
            factor = types.float32(127.0) / largest if largest > LEAST else types.float32(0.0)
            whole = i32.from_f32(f32.nearest(x * factor))
            i32.store_i8(quants + group * GROUP, whole)
            store_f32(scales + group * 4, largest * types.float32(1.0 / 127.0))
            store_i32(sums + group * 4, i32.sum(whole) * zero)

    return quantise


def _zero(simd: Simd) -> int:
    """What is added to B's bytes, where the CPU takes them unsigned."""
    return 0 if simd.dots.signed else 128


def make_group(simd: Simd, tokens: int):
    """16 rows and 16 columns of B, times as many inner values of ``tokens`` tokens, added to y."""
    dots, floats, zero = simd.dots, simd.vectors("f32", simd.dots.rows), _zero(simd)
    largest = 255 if zero else 128

    @staged(types.none, *[ADDRESS] * 6)
    def group(b, quants, scales, sums, y, ldy):
        own = [floats.load_aligned(b + at) for at in range(0, HEAD, floats.bytes)]
        found = dots.sixteen(b + HEAD, [quants + INNER * token for token in range(tokens)], largest)
        for token, totals in enumerate(found):
            at = INNER // GROUP * 4 * token
            scale = floats.load_splat(scales + at)
            for place, (total, rows_scale) in enumerate(zip(totals, own, strict=True)):
                to: Value = y + ldy * (4 * token) + place * floats.bytes
                exact = total - dots.words.load_splat(sums + at) if zero else total
                made = floats.fma(floats.from_i32(exact), rows_scale * scale, floats.load(to))
                floats.store(to, made)

    return group


@cache
def make_whole(simd: Simd):
    """``whole(b, rows, rank, quants, scales, sums, y, ldy, tokens)``: y float32 [tokens][ldy] += B times the
    inner values, of which a token has [INNER]; rows and rank are multiples of 16."""
    one, several = make_tile(simd, 1), make_tile(simd, SEVERAL)

    @function
    def whole(b, rows, rank, quants, scales, sums, y, ldy, tokens):
        token = 0
        while token < tokens:
            at, to = token * INNER, y + token * ldy * 4
            own_scales, own_sums = scales + at // GROUP * 4, sums + at // GROUP * 4
            if tokens - token >= SEVERAL:
                several(b, rows, rank, quants + at, own_scales, own_sums, to, ldy)
                token += SEVERAL
            else:
                one(b, rows, rank, quants + at, own_scales, own_sums, to, ldy)
                token += 1

    return whole


def make_tile(simd: Simd, tokens: int):
    """The same for so many tokens."""
    group = make_group(simd, tokens)

    @outlined
    def tile(b, rows, rank, quants, scales, sums, y, ldy):
        for row in range(0, rows, UNIT):
            for number in range(rank // GROUP):
                group(b, quants + number * GROUP, scales + number * 4, sums + number * 4, y + row * 4, ldy)
                b += GROUP_BYTES

    return tile


@cache
def make_floating(simd: Simd):
    """``floating(b, rows, rank, x, y, ldy, tokens)``: y += B x in float32, x [tokens][INNER]."""
    f32 = simd.vectors("f32", UNIT)

    @function
    def floating(b, rows, rank, x, y, ldy, tokens):
        for token in range(tokens):
            for row in range(0, rows, UNIT):
                to = y + (token * ldy + row) * 4
                total = f32.load(to)
                for column in range(rank):
                    weights = f32.load(b + row * rank * 4 + column * UNIT * 4)
                    total = f32.fma(weights, f32.load_splat(x + (token * INNER + column) * 4), total)
                f32.store(to, total)

    return floating


# When an adapter is loaded


def exports(simd: Simd):
    """What ``abax_runtime.adapter`` calls."""
    word, real = types.int64, types.float64
    pack_a, pack_b = make_pack_a(simd), make_pack_b(simd)
    return [
        ("adapter_largest", make_largest(simd), real(*[word] * 5)),
        ("adapter_pack_a", pack_a, types.void(*[word] * 4, real, *[word] * 3)),
        ("adapter_pack_b", pack_b, types.void(*[word] * 5, real, *[word] * 3)),
    ]


@cache
def make_largest(simd: Simd):
    """``largest(kind, data, rows, columns, scratch)``: the largest absolute value; -1 if one is not finite.

    ``scratch``: float32 [columns].
    """
    dequantise, row_bytes = make_dequantise(simd), matmul.make_row_bytes(simd)
    load_f32 = simd.load_f32

    @function
    def largest(kind, data, rows, columns, scratch):
        found = types.float32(0.0)
        for row in range(rows):
            dequantise(kind, data + row * row_bytes(kind, columns), columns, scratch)
            for column in range(columns):
                value = load_f32(scratch + column * 4)
                size = -value if value < 0 else value
                if not size < types.float32(math.inf):
                    return -1.0
                found = size if size > found else found
        return types.float64(found)

    return largest


@cache
def make_scaled_row(simd: Simd):
    """``scaled(kind, row, columns, factor, to)``: a row of a tensor as floats, times a factor."""
    dequantise, load_f32, store_f32 = make_dequantise(simd), simd.load_f32, simd.store_f32

    @function
    def scaled(kind, row, columns, factor, to):
        dequantise(kind, row, columns, to)
        for column in range(columns):
            store_f32(to + column * 4, types.float32(load_f32(to + column * 4) * factor))

    return scaled


@cache
def make_pack_a(simd: Simd):
    """``pack_a(kind, data, rows, columns, factor, wanted, to, scratch)``: A times a factor, as F32 or Q8_0.

    ``scratch``: float32 [columns].
    """
    scaled, row_bytes, block = make_scaled_row(simd), matmul.make_row_bytes(simd), make_block(simd)

    @function
    def pack_a(kind, data, rows, columns, factor, wanted, to, scratch):
        for row in range(rows):
            source, own = data + row * row_bytes(kind, columns), to + row * row_bytes(wanted, columns)
            if wanted == F32:
                scaled(kind, source, columns, factor, own)
            else:
                scaled(kind, source, columns, factor, scratch)
                for number in range(columns // 32):
                    block(scratch + number * 128, own + number * 34)

    return pack_a


@cache
def make_block(simd: Simd):
    """``block(floats, to)``: 32 values as a block of Q8_0."""
    f32, i32 = simd.vectors("f32", 32), simd.vectors("i32", 32)
    load_f16, store_f16 = simd.load_f16, simd.store_f16

    @function
    def block(floats, to):
        x = f32.load(floats)
        store_f16(to, f32.largest(f32.absolute(x)) * types.float32(1.0 / 127.0))
        scale = load_f16(to)
        factor = types.float32(1.0) / scale if scale > 0 else types.float32(0.0)
        near = f32.minimum(f32.maximum(f32.nearest(x * factor), f32.splat(-127.0)), f32.splat(127.0))
        i32.store_i8(to + 2, i32.from_f32(near))

    return block


@cache
def make_pack_b(simd: Simd):
    """``pack_b(kind, data, rows, rank, filled, factor, wanted, to, scratch)``: B times a factor, its rank
    filled up with zeros, laid out for ``whole`` (``wanted`` Q8_0) or for ``floating`` (F32).

    ``scratch``: float32 [2 * filled].
    """
    scaled, row_bytes, spread = make_scaled_row(simd), matmul.make_row_bytes(simd), make_spread(simd)
    load_f32, store_f32 = simd.load_f32, simd.store_f32

    @function
    def pack_b(kind, data, rows, rank, filled, factor, wanted, to, scratch):
        for column in range(rank, filled):
            store_f32(scratch + column * 4, types.float32(0.0))
        for row in range(rows):
            scaled(kind, data + row * row_bytes(kind, rank), rank, factor, scratch)
            if wanted == F32:
                own = to + row // UNIT * filled * UNIT * 4 + row % UNIT * 4
                for column in range(filled):
                    store_f32(own + column * UNIT * 4, load_f32(scratch + column * 4))
            else:
                unit = to + row // UNIT * (filled // GROUP * GROUP_BYTES)
                spread(scratch, filled, unit, row % UNIT, scratch + filled * 4)

    return pack_b


@cache
def make_spread(simd: Simd):
    """``spread(floats, filled, unit, lane, scratch)``: a row of B, quantised, into its lane of 16 rows."""
    quantise, load_i8, store_i8 = make_quantise_inner(simd), simd.load_i8, simd.store_i8
    flip = _zero(simd)

    @function
    def spread(floats, filled, unit, lane, scratch):
        for number in range(filled // GROUP):
            group = unit + number * GROUP_BYTES
            quantise(floats + number * GROUP * 4, GROUP, scratch, group + lane * 4, scratch + GROUP)
            for column in range(GROUP):
                place = group + HEAD + column // 4 * UNIT * 4 + lane * 4 + column % 4
                store_i8(place, types.int8(load_i8(scratch + column) ^ flip))

    return spread
