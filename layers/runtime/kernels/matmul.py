"""Matrix products: ``product`` for every tensor type and any number of tokens, and re-packed weights.

For many tokens a strip of rows is unpacked into a thread's scratch memory, once for all of them: quants as
bytes in the order in which `Dots.products` takes them, scales (and minimums) as float32. From then on all
formats with the same kind of scales are one kernel, which keeps a tile of rows by tokens in registers.

``product(kind, w, rows, cols, xf, xq, xd, xs, y, tokens, ldy, scratch)`` computes::

    y[t][r] = sum over c of W[r][c] * x[t][c]

kind: ggml's number of the tensor type. w: address of the first of ``rows`` rows, one behind the other. cols:
a multiple of the type's block, and of 32. Activations of ``tokens`` rows, addresses: xf float32
[tokens][cols], and the same quantised: xq int8 [tokens][cols], never -128; xd float32 [tokens][cols / 32], a
scale for each 32; xs int32 [tokens][cols / 16], the sum of each 16 of xq. Float types use xf alone, the
others never. y: float32 [tokens][ldy]. scratch: the thread's own, aligned to 64 bytes,
``scratch_bytes(cols)`` long.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

from abax_runtime.gguf import TensorType
from numba import types

from kernels.blocks import FORMATS, Format
from kernels.floats import make_float_product
from kernels.matvec import FEW, NEAREST, TILES, Activations, make_across, make_ahead, make_offsets
from kernels.simd import ADDRESS, function, outlined, staged
from kernels.simd.dots import GROUP

__all__ = ["exports", "make_product", "make_row_bytes", "make_scratch_bytes"]

BLOCK_SCRATCH = 4096
"""Bytes at the start of scratch for the scales of one block, or a tile of totals; then come the offsets, and
then the strip."""

AT_ONCE = 128
"""Tokens that a strip is multiplied by before the next one is: so many stay in a cache."""


class Packed(NamedTuple):
    """How a strip's groups of 32 columns lie in memory; formats for which this is equal share a kernel.

    Quants [8 words][strip rows][4 bytes] (or as `Dots.pack` does it), scales float32 [parts][strip rows],
    minimums float32 [strip rows].
    """

    strip: int
    largest: int
    zero: int
    minimum: bool
    halves: bool

    @classmethod
    def of(cls, form: Format) -> Packed:
        return cls(form.dots.strip, form.largest, form.zero, form.minimum, form.halves)

    @property
    def parts(self) -> int:
        return 2 if self.halves else 1

    @property
    def scales(self) -> int:
        """Where they begin, in bytes."""
        return self.strip * GROUP

    @property
    def minimums(self) -> int:
        return self.scales + self.parts * self.strip * 4

    @property
    def bytes(self) -> int:
        return self.minimums + self.minimum * self.strip * 4


def make_packing(simd, form: Format):
    """Unpack a strip of rows into scratch memory."""
    layout, dots, floats, steps = Packed.of(form), form.dots, form.lanes, form.steps
    rows_at_once, strip, block_bytes, elements = dots.rows, dots.strip, form.bytes, form.elements
    group_bytes, groups_per_step = layout.bytes, form.step // GROUP
    ahead = make_ahead(simd, form)

    def pack_step(block, stride, scratch, step, to, place):
        rows = form.rows_from(block, stride)
        for number, quants in enumerate(form.quants(rows, step)):
            dots.pack(quants, to + number * group_bytes, place)
        for number, (scale, minimum) in enumerate(form.scaling(rows, scratch, step)):
            group, part = divmod(number, layout.parts)
            at = to + group * group_bytes + place * floats.bytes
            floats.store_aligned(at + layout.scales + part * strip * 4, scale)
            if minimum is not None:
                floats.store_aligned(at + layout.minimums, minimum)

    def packer(place):
        @staged(types.none, *[ADDRESS] * 5)
        def pack(block, stride, scratch, step, to):
            pack_step(block, stride, scratch, step, to, place)

        @staged(types.none, ADDRESS, ADDRESS, ADDRESS)
        def prepare(block, stride, scratch):
            form.prepare(form.rows_from(block, stride), scratch)

        @outlined
        def pack_rows(w, stride, cols, scratch, to, far):
            for block in range(w, w + cols // elements * block_bytes, block_bytes):
                ahead(far)
                far += rows_at_once * block_bytes
                here = simd.opaque(block)
                prepare(here, stride, scratch)
                for step in range(steps):
                    pack(here, stride, scratch, step, to)
                    to += groups_per_step * group_bytes

        return pack_rows

    packers = [packer(place) for place in range(strip // rows_at_once)]
    return _in_turn(packers, rows_at_once)


def _in_turn(packers, rows_at_once):
    """One function for the strip: each packer takes the next rows."""
    first = packers[0]
    if len(packers) == 1:

        @function
        def pack_strip(w, stride, cols, scratch, to, distance):
            first(w, stride, cols, scratch, to, w + distance)

        return pack_strip
    second = packers[1]

    @function
    def pack_pair(w, stride, cols, scratch, to, distance):
        first(w, stride, cols, scratch, to, w + distance)
        after = w + rows_at_once * stride
        second(after, stride, cols, scratch, to, after + distance)

    return pack_pair


def make_strip_product(simd, form: Format, tokens: int):
    """A packed strip times ``tokens`` vectors."""
    layout, dots, floats = Packed.of(form), form.dots, form.lanes
    places, place_bytes = layout.strip // dots.rows, floats.bytes
    group_bytes, offset_bytes = layout.bytes, 8 if layout.halves else 4

    @staged(types.none, ADDRESS)
    def begin(totals):
        for at in range(0, tokens * places * place_bytes, place_bytes):
            floats.store_aligned(totals + at, floats.zero())

    def scalings(packed, part):
        """For each place, scale and minimum."""
        for at in range(0, places * place_bytes, place_bytes):
            scale = floats.load_aligned(packed + layout.scales + part * layout.strip * 4 + at)
            yield scale, floats.load_aligned(packed + layout.minimums + at) if layout.minimum else None

    @staged(types.none, *[ADDRESS] * 6)
    def advance(totals, packed, quants, scales, offsets, cols):
        """One group of 32 columns; the activations' addresses are those of its first column."""
        x = Activations(form, range(tokens), quants, scales, offsets, cols)
        columns = [x.columns(token, 0) for token in range(tokens)]
        for part in range(layout.parts):
            found = dots.products(packed, columns, layout.largest, part, layout.parts)
            for token in range(tokens):
                own = [totals + (token * places + place) * place_bytes for place in range(places)]
                made = [
                    x.added(floats.load_aligned(at), sums, [scaling] * layout.parts, token, 0, part)
                    for at, sums, scaling in zip(own, found[token], scalings(packed, part), strict=True)
                ]
                for at, total in zip(own, made, strict=True):
                    floats.store_aligned(at, total)

    @staged(types.none, ADDRESS, ADDRESS, ADDRESS)
    def keep(totals, y, ldy):
        for number in range(tokens * places):
            token, place = divmod(number, places)
            total = floats.load_aligned(totals + number * place_bytes)
            floats.store(y + ldy * (4 * token) + place * place_bytes, total)

    @outlined
    def strip_product(packed, _rows, cols, quants, scales, offsets, y, ldy, scratch):
        """``scratch``: the totals, for which there are no registers left beside the sums of a group."""
        begin(scratch)
        for group in range(cols // GROUP):
            advance(
                scratch,
                packed + group * group_bytes,
                simd.opaque(quants + group * GROUP),
                scales + group * 4,
                offsets + group * offset_bytes,
                cols,
            )
        keep(scratch, y, ldy)

    return strip_product


def make_quantised(simd, form: Format, strip_products: dict):
    """The product for one quantised format: a few tokens in place, more by strips."""
    layout, strip = Packed.of(form), form.dots.strip
    block_bytes, elements = form.bytes, form.elements
    if layout not in strip_products:
        strip_products[layout] = [(n, make_strip_product(simd, form, n)) for n in form.dots.tiles]
    offsets, pack = make_offsets(simd, form), make_packing(simd, form)
    all_offsets, shift = make_all_offsets(simd, form), 2 if form.halves else 3
    few = _in_place(
        offsets, _fitting([(n, make_across(simd, form, n, least + 1)) for least, n in pairwise((0, *TILES))])
    )
    many = _by_tiles(strip_products[layout], shift)

    @function
    def by_strips(w, rows, cols, xq, xd, xs, y, tokens, ldy, scratch):
        """Up to ``AT_ONCE`` tokens."""
        of_tokens = scratch + BLOCK_SCRATCH
        stride, packed = cols // elements * block_bytes, of_tokens + AT_ONCE * (cols >> 2)
        distance = max(strip * stride + 1024, NEAREST)
        all_offsets(xs, xd, tokens * (cols // GROUP), of_tokens)
        for begin in range(0, rows, strip):
            row = min(begin, rows - strip)
            pack(w + row * stride, stride, cols, scratch, packed, distance)
            many(tokens, packed, strip, cols, xq, xd, of_tokens, y + 4 * row, ldy, scratch)

    @function
    def quantised(w, rows, cols, xq, xd, xs, y, tokens, ldy, scratch):
        if tokens <= FEW or rows < strip:
            few(tokens, w, rows, cols, xq, xd, xs, y, ldy, scratch, scratch + BLOCK_SCRATCH)
            return
        for token in range(0, tokens, AT_ONCE):
            scales, sums, to = xd + token * (cols >> 3), xs + token * (cols >> 2), y + 4 * token * ldy
            count = min(AT_ONCE, tokens - token)
            by_strips(w, rows, cols, xq + token * cols, scales, sums, to, count, ldy, scratch)

    return quantised


def _in_place(offsets, kernel):
    """For any number of tokens, ``FEW`` at once."""

    @function
    def in_place(tokens, w, rows, cols, xq, xd, xs, y, ldy, scratch, of_tile):
        for token in range(0, tokens, FEW):
            count, scales = min(FEW, tokens - token), xd + token * (cols >> 3)
            offsets(xs + token * (cols >> 2), scales, count * (cols // GROUP), of_tile)
            kernel(
                w, rows, cols, xq + token * cols, scales, of_tile, y + 4 * token * ldy, ldy, scratch, count
            )

    return in_place


def _fitting(kernels):
    """Of ``kernels`` (tokens, kernel) the first that has room for all tokens."""
    (size, kernel), *others = kernels
    if not others:
        return kernel
    larger = _fitting(others)

    @function
    def fitting(w, rows, cols, quants, scales, offsets, y, ldy, scratch, count):
        if count <= size:
            kernel(w, rows, cols, quants, scales, offsets, y, ldy, scratch, count)
        else:
            larger(w, rows, cols, quants, scales, offsets, y, ldy, scratch, count)

    return fitting


def make_all_offsets(simd, form: Format):
    """What `make_offsets` does, for many groups: eight of them side by side."""
    zero, minimum, halves, bytes_ = form.zero, form.minimum, form.halves, 8 if form.halves else 4
    whole, floats, one_by_one = simd.vectors("i32", 8), simd.vectors("f32", 8), make_offsets(simd, form)
    first, last = whole.order(range(0, 16, 2)), whole.order(range(1, 16, 2))

    @function
    def eight(sums, scales, to):
        low, high = whole.load(sums), whole.load(sums + 32)
        if halves:
            whole.store(to, low * types.int32(zero))
            whole.store(to + 32, high * types.int32(zero))
        elif minimum:
            floats.store(to, floats.from_i32(first(low, high) + last(low, high)) * floats.load(scales))
        else:
            whole.store(to, (first(low, high) + last(low, high)) * types.int32(zero))

    @function
    def all_offsets(sums, scales, groups, to):
        if zero == 0 and not minimum:
            return
        ready = groups // 8 * 8
        for group in range(0, ready, 8):
            eight(sums + 8 * group, scales + 4 * group, to + bytes_ * group)
        one_by_one(sums + 8 * ready, scales + 4 * ready, groups - ready, to + bytes_ * ready)

    return all_offsets


def _by_tiles(kernels, shift):
    """For any number of tokens: the first of ``kernels`` (tokens, kernel) as often as it fits, and so on.

    A token's offsets take ``cols`` shifted right by ``shift`` bytes.
    """
    if not kernels:
        return function(lambda tokens, w, rows, cols, quants, scales, offsets, y, ldy, scratch: None)
    (size, kernel), rest = kernels[0], _by_tiles(kernels[1:], shift)

    @function
    def by_tiles(tokens, w, rows, cols, quants, scales, offsets, y, ldy, scratch):
        while tokens >= size:
            kernel(w, rows, cols, quants, scales, offsets, y, ldy, scratch)
            quants, scales = quants + size * cols, scales + size * (cols >> 3)
            offsets, y = offsets + size * (cols >> shift), y + 4 * size * ldy
            tokens -= size
        rest(tokens, w, rows, cols, quants, scales, offsets, y, ldy, scratch)

    return by_tiles


@cache
def make_product(simd):
    """``product``, as the module's description has it."""
    strip_products: dict = {}
    ways = [(form.kind, make_quantised(simd, form(simd), strip_products)) for form in FORMATS]
    return _among(ways, make_float_product(simd))


def _among(ways, otherwise):
    """Choose by kind: the first of ``ways``, else the rest, else the float types."""
    if not ways:

        @function
        def floating(kind, w, rows, cols, xf, xq, xd, xs, y, tokens, ldy, scratch):
            otherwise(kind, w, rows, cols, xf, y, tokens, ldy)

        return floating
    kind_here, here = int(ways[0][0]), ways[0][1]
    rest = _among(ways[1:], otherwise)

    @function
    def product(kind, w, rows, cols, xf, xq, xd, xs, y, tokens, ldy, scratch):
        if kind == kind_here:
            here(w, rows, cols, xq, xd, xs, y, tokens, ldy, scratch)
        else:
            rest(kind, w, rows, cols, xf, xq, xd, xs, y, tokens, ldy, scratch)

    return product


@cache
def make_row_bytes(simd):
    """``row_bytes(kind, cols)``: the length of a row in the file; 0 for a kind without a product."""
    known = {kind: kind.block for kind in TensorType}
    return _row_bytes([(int(kind), *block) for kind, block in known.items()])


def _row_bytes(kinds):
    if not kinds:
        return function(lambda _kind, _cols: 0)
    (here, elements, bytes_), rest = kinds[0], _row_bytes(kinds[1:])

    @function
    def row_bytes(kind, cols):
        if kind == here:
            return cols // elements * bytes_
        return rest(kind, cols)

    return row_bytes


@cache
def make_scratch_bytes(simd):
    """``scratch_bytes(cols)``: what one thread needs for any product with so many columns."""
    strip = simd.dots.strip

    @function
    def scratch_bytes(cols):
        """A block's scales, offsets, and a strip: quants, and at most 8 bytes for each 32."""
        return BLOCK_SCRATCH + AT_ONCE * (cols >> 2) + strip * (cols + (cols >> 2))

    return scratch_bytes


def exports(simd):
    """C functions of these kernels, for tests and benchmarks."""
    whole = types.int64
    return [
        ("product", make_product(simd), types.void(*[whole] * 12)),
        ("row_bytes", make_row_bytes(simd), whole(whole, whole)),
        ("scratch_bytes", make_scratch_bytes(simd), whole(whole)),
    ]
