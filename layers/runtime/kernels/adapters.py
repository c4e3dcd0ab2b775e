"""Low-rank adapters (Hu et al. 2021, "LoRA"): B (A x) beside W x, for the rows of a step that have one.

A step's first chunk of a product computes A x of all rows that have adapters, into the inner buffers of the
control block; every other chunk, once its own rows of W x are there, waits for that and adds its rows of B
times it. So there is no wait that others would not fill with work, and nothing is done where no row has one.

Beside quantised weights both are int8. A meets the activations as they are quantised for W, its result is
quantised again, 16 values to a scale. For each 16 rows, and 32 columns of A or 16 of B, there are

    scales bfloat16 [16]    quants int8 [words][16 rows][4 columns]      (on x86 with VNNI: plus 128)

one behind the other in the order in which they are read. Sums of products are exact within such a group, and
added up in float32 in the order of the columns: as in all products, the result is the same bits whatever else
is in the step. Beside float weights A is float32 [rank][columns], B float32 [16 rows at a time][rank][16].
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
from kernels.simd import ADDRESS, Simd, function, outlined, staged, tile
from kernels.simd.values import Value
from kernels.threads import CONTROL, make_waiting, make_words

RUN, ENTRY, SITE, SOURCE = places(Run), places(Entry), places(Site), places(Activations)
RUN_BYTES, ENTRY_BYTES = words(Run) * 8, words(Entry) * 8
F32 = int(TensorType.F32)

GROUP, UNIT = RANK_STEP, 16
"""Columns of B that share a scale, and rows that lie side by side."""
A_GROUP = 32
"""Columns of A that share a scale: as many as of the activations."""
HEAD = UNIT * 2
"""Bytes of the scales, which are rounded up, so that no quant is above 127."""
GROUP_BYTES, A_BYTES = HEAD + UNIT * GROUP, HEAD + UNIT * A_GROUP
AHEAD = 4096
"""Bytes from what is computed on to what is prefetched."""
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
            if word(entry, ENTRY.b_first + 2 * segment) != 0:
                add_run(control, run, entry, segment, row, rows, y, ldy)

    @function
    def add_run(control, run, entry, segment, row, rows, y, ldy):
        first, tokens, rank = word(run, RUN.row), word(run, RUN.rows), word(entry, ENTRY.rank)
        b = word(entry, ENTRY.b_first + 2 * segment)
        at, to = first * INNER + word(entry, ENTRY.at_first + 2 * segment), y + first * ldy * 4
        if word(entry, ENTRY.whole) == 0:
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
    word, store, prefetch = make_words(simd).word, simd.atomic_store, simd.prefetch
    whole, multiply, quantise = make_inner(simd), matmul.make_product(simd), make_quantise_inner(simd)

    @outlined
    def project(control, site, columns, source, scratch):
        for number in range(word(control, CONTROL.runs)):
            run = word(control, CONTROL.run_table) + number * RUN_BYTES
            entry = word(run, RUN.adapter) + word(site, SITE.entry)
            if word(entry, ENTRY.rows) == 0:
                continue
            begin(entry)
            first, to = word(run, RUN.row), word(control, CONTROL.inner_floats)
            if word(entry, ENTRY.whole) != 0:
                project_whole(control, run, entry, columns, source)
            else:
                x, y = word(source, SOURCE.floats) + first * columns * 4, to + first * INNER * 4
                a, rows, tokens = word(entry, ENTRY.a), word(entry, ENTRY.rows), word(run, RUN.rows)
                multiply(F32, a, rows, columns, x, 0, 0, 0, y, tokens, INNER, scratch)
        store(word(site, SITE.ready), word(control, CONTROL.generation))

    @function
    def begin(entry):
        """Prefetch what the kernels themselves cannot: the beginnings of each B, and of the next site's A."""
        for product in range(3):
            b = word(entry, ENTRY.b_first + 2 * product)
            if b != 0:
                several_lines(b)
        several_lines(word(entry + ENTRY_BYTES, ENTRY.a))

    @function
    def several_lines(address):
        for at in range(0, AHEAD, 64):
            prefetch(address + at)

    @function
    def project_whole(control, run, entry, columns, source):
        first, tokens, rows = word(run, RUN.row), word(run, RUN.rows), word(entry, ENTRY.rows)
        at = first * INNER
        to = word(control, CONTROL.inner_floats) + at * 4
        x, scales = word(source, SOURCE.quants) + first * columns, word(source, SOURCE.scales)
        sums = word(source, SOURCE.sums) + first * (columns >> 2)
        whole(word(entry, ENTRY.a), rows, columns, x, scales + first * (columns >> 3), sums, to, tokens)
        quants, scales = word(control, CONTROL.inner_quants) + at, word(control, CONTROL.inner_scales)
        sums = word(control, CONTROL.inner_sums) + at // GROUP * 4
        for token in range(tokens):
            place, group = token * INNER, (at + token * INNER) // GROUP
            own_sums = sums + token * (INNER // GROUP) * 4
            quantise(to + place * 4, rows, quants + place, scales + group * 4, own_sums)

    return project


@cache
def make_inner(simd: Simd):
    """``inner(a, rows, cols, quants, scales, sums, y, tokens)``: A times activations (see
    ``program.Activations``), y float32 [tokens][INNER]; rows are a multiple of 16."""
    one, several = make_inner_tile(simd, 1), make_inner_tile(simd, SEVERAL)

    @function
    def inner(a, rows, cols, quants, scales, sums, y, tokens):
        token = 0
        while token < tokens:
            x, to = quants + token * cols, y + token * INNER * 4
            own_scales, own_sums = scales + token * (cols >> 3), sums + token * (cols >> 2)
            if tokens - token >= SEVERAL:
                several(a, rows, cols, x, own_scales, own_sums, to)
                token += SEVERAL
            else:
                one(a, rows, cols, x, own_scales, own_sums, to)
                token += 1

    return inner


def make_inner_tile(simd: Simd, tokens: int):
    """The same for so many tokens."""
    dots, floats, words, zero = simd.dots, simd.vectors("f32", simd.dots.rows), simd.dots.words, _zero(simd)
    places = UNIT // dots.rows
    totals_type = tile(floats.type, tokens * places)

    @staged(totals_type)
    def nothing():
        return [floats.zero()] * (tokens * places)

    @staged(totals_type, totals_type, *[ADDRESS] * 5)
    def advance(totals, a, quants, scales, sums, cols):
        _prefetch(simd, a, A_BYTES)
        own = [floats.load_bf16(a + at) for at in range(0, HEAD, floats.bytes // 2)]
        x = [quants + cols * token for token in range(tokens)]
        found = dots.sixteen(a + HEAD, x, A_GROUP // 4, _largest(simd))
        made = []
        for token, products in enumerate(found):
            scale, at = floats.load_splat(scales + (cols >> 3) * token), sums + (cols >> 2) * token
            if zero:
                both = (words.load_splat(at) + words.load_splat(at + 4)) * zero
                products = [one - both for one in products]
            for place, one in enumerate(products):
                total = totals[token * places + place]
                made.append(floats.fma(floats.from_i32(one), own[place] * scale, total))
        return made

    @staged(types.none, totals_type, ADDRESS)
    def keep(totals, y):
        for number, total in enumerate(totals):
            token, place = divmod(number, places)
            floats.store(y + (token * INNER * 4 + place * floats.bytes), total)

    @outlined
    def inner_tile(a, rows, cols, quants, scales, sums, y):
        for row in range(0, rows, UNIT):
            totals = nothing()
            for group in range(cols // A_GROUP):
                totals = advance(
                    totals, a, quants + group * A_GROUP, scales + group * 4, sums + group * 8, cols
                )
                a += A_BYTES
            keep(totals, y + row * 4)

    return inner_tile


def _prefetch(simd: Simd, address: Value, count: int) -> None:
    """As many bytes, so far ahead that they come in time: what is read next lies behind."""
    for at in range(0, count, 64):
        simd.prefetch(address + (AHEAD + at))


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
    """What is added to the bytes of A and B, where the CPU takes them unsigned."""
    return 0 if simd.dots.signed else 128


def _largest(simd: Simd) -> int:
    """Of those bytes."""
    return 128 if simd.dots.signed else 255


def make_group(simd: Simd, tokens: int):
    """16 rows and 16 columns of B, times as many inner values of ``tokens`` tokens, added to y."""
    dots, floats, zero = simd.dots, simd.vectors("f32", simd.dots.rows), _zero(simd)

    @staged(types.none, *[ADDRESS] * 6)
    def group(b, quants, scales, sums, y, ldy):
        _prefetch(simd, b, GROUP_BYTES)
        own = [floats.load_bf16(b + at) for at in range(0, HEAD, floats.bytes // 2)]
        x = [quants + INNER * token for token in range(tokens)]
        found = dots.sixteen(b + HEAD, x, GROUP // 4, _largest(simd))
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
        ("adapter_pack_a", pack_a, types.void(*[word] * 7)),
        ("adapter_pack_b", pack_b, types.void(*[word] * 5, real, *[word] * 3)),
    ]


@cache
def make_row(simd: Simd):
    """``row(kind, data, columns, to)``: a tensor's row as floats; once in a library."""
    dequantise = make_dequantise(simd)

    @outlined
    def row(kind, data, columns, to):
        dequantise(kind, data, columns, to)

    return row


@cache
def make_largest(simd: Simd):
    """``largest(kind, data, rows, columns, scratch)``: the largest absolute value; -1 if one is not finite.

    ``scratch``: float32 [columns].
    """
    dequantise, row_bytes, load_f32 = make_row(simd), matmul.make_row_bytes(simd), simd.load_f32

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
def make_pack_a(simd: Simd):
    """``pack_a(kind, data, rows, columns, whole, to, scratch)``: A laid out for ``inner`` (``whole``; zeros
    fill up its last 16 rows already), or as float32.

    ``scratch``: float32 [columns + 32].
    """
    dequantise, row_bytes, spread = make_row(simd), matmul.make_row_bytes(simd), make_spread(simd, A_GROUP)

    @function
    def pack_a(kind, data, rows, columns, whole, to, scratch):
        for row in range(rows):
            source = data + row * row_bytes(kind, columns)
            if whole == 0:
                dequantise(kind, source, columns, to + row * columns * 4)
            else:
                dequantise(kind, source, columns, scratch)
                unit = to + row // UNIT * (columns // A_GROUP * A_BYTES)
                spread(scratch, columns, unit, row % UNIT, scratch + columns * 4)

    return pack_a


@cache
def make_pack_b(simd: Simd):
    """``pack_b(kind, data, rows, rank, filled, factor, whole, to, scratch)``: B times a factor, its rank
    filled up with zeros, laid out for ``whole``, or for ``floating`` where that is 0.

    ``scratch``: float32 [filled + 32].
    """
    dequantise, row_bytes, spread = make_row(simd), matmul.make_row_bytes(simd), make_spread(simd, GROUP)
    load_f32, store_f32 = simd.load_f32, simd.store_f32

    @function
    def pack_b(kind, data, rows, rank, filled, factor, whole, to, scratch):
        for column in range(rank, filled):
            store_f32(scratch + column * 4, types.float32(0.0))
        for row in range(rows):
            dequantise(kind, data + row * row_bytes(kind, rank), rank, scratch)
            for column in range(rank):
                store_f32(scratch + column * 4, types.float32(load_f32(scratch + column * 4) * factor))
            if whole == 0:
                own = to + row // UNIT * filled * UNIT * 4 + row % UNIT * 4
                for column in range(filled):
                    store_f32(own + column * UNIT * 4, load_f32(scratch + column * 4))
            else:
                unit = to + row // UNIT * (filled // GROUP * GROUP_BYTES)
                spread(scratch, filled, unit, row % UNIT, scratch + filled * 4)

    return pack_b


@cache
def make_spread(simd: Simd, columns: int):
    """``spread(floats, count, unit, lane, scratch)``: a row of A or B, ``columns`` to a scale, into its lane
    of 16 rows. ``scratch``: 32 bytes."""
    f32, i32 = simd.vectors("f32", columns), simd.vectors("i32", columns)
    load_i8, store_i8, load_i32, zero = simd.load_i8, simd.store_i8, simd.load_i32, _zero(simd)
    store_f32, store_i16, load_bf16 = simd.store_f32, simd.store_i16, simd.load_bf16
    group_bytes = HEAD + UNIT * columns

    @function
    def spread(floats, count, unit, lane, scratch):
        for number in range(count // columns):
            group, x = unit + number * group_bytes, f32.load(floats + number * columns * 4)
            largest = f32.largest(f32.absolute(x))
            store_f32(
                scratch, largest * types.float32(1.0 / 127.0) if largest > LEAST else types.float32(0.0)
            )
            store_i16(group + lane * 2, types.int16((types.int64(load_i32(scratch)) + 0xFFFF) >> 16))
            scale = load_bf16(group + lane * 2)
            factor = types.float32(1.0) / scale if scale > 0 else types.float32(0.0)
            i32.store_i8(scratch, i32.from_f32(f32.nearest(x * factor)))
            for column in range(columns):
                place = group + HEAD + column // 4 * UNIT * 4 + lane * 4 + column % 4
                store_i8(place, types.int8(load_i8(scratch + column) ^ zero))

    return spread
