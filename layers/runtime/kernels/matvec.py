"""Products of a quantised matrix with one or a few activation vectors, on the blocks as they lie in the file.

`Dots.rows` rows go side by side, a lane of the result for each: unpacked in registers once, and multiplied
with all vectors. For every group of 32 columns the sums of products are exact whole numbers, and are added
up in float32 in the order of the columns, one rounding per step::

    total = fma(sum - zero * sum of x, scale of w * scale of x, total)

`kernels.matmul` does the same steps in the same order, so that a product does not depend on how many tokens
are computed at once, nor on the target, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

from numba import types

from kernels.blocks import Format, Scale
from kernels.simd import ADDRESS, Value, function, outlined, staged, tile
from kernels.simd.dots import GROUP
from kernels.simd.values import smaller

__all__ = ["FEW", "TILES", "Activations", "make_across", "make_ahead", "make_offsets"]

FEW = 8
"""Vectors that are multiplied without re-packing the matrix."""

TILES = (1, 2, 3, 4, 6, FEW)
"""So many of them at once; other numbers count as the next that there is."""

NEAREST = 8192
"""Bytes; to prefetch less far ahead is too late."""


class Activations:
    """Of the tokens in ``rows``: addresses of quants, scales, and what `make_offsets` made.

    Memory: quants int8 [tokens][cols], scales float32 [tokens][cols / 32], offsets 4 bytes [tokens][groups].
    """

    def __init__(
        self,
        form: Format,
        rows: Sequence[Value | int],
        quants: Value,
        scales: Value,
        offsets: Value,
        cols: Value,
    ) -> None:
        self.form, self.rows, self.quants, self.scales = form, rows, quants, scales
        self.offsets, self.cols, self.parts = offsets, cols, 2 if form.halves else 1

    def columns(self, token: int, group: int) -> Value:
        """Address of a group's 32 quants."""
        return self.quants + self.cols * self.rows[token] + group * GROUP

    def scale(self, token: int, group: int) -> Value:
        """Address of a group's scale."""
        return self.scales + (self.cols >> 3) * self.rows[token] + group * 4

    def offset(self, token: int, group: int, part: int) -> Value:
        """Address of what stands for the sum of a group's (or half a group's) quants."""
        shift = 2 if self.form.halves else 3
        return self.offsets + (self.cols >> shift) * self.rows[token] + (group * self.parts + part) * 4

    def added(
        self, total: Value, sums: Value, scaling: Sequence[Scale], token: int, group: int, part: int
    ) -> Value:
        """A group (or half a group) more: ``sums`` of products, a lane per row, and the rows' scales."""
        floats, words = self.form.lanes, self.form.dots.words
        scale, minimum = scaling[group * self.parts + part]
        at = self.offset(token, group, part)
        whole = sums - words.load_splat(at) if self.form.zero else sums
        scales = scale * floats.load_splat(self.scale(token, group))
        total = floats.fma(floats.from_i32(whole), scales, total)
        return total if minimum is None else floats.fma(minimum, floats.load_splat(at), total)


def make_offsets(simd, form: Format):
    """Per token and group, what the weights' zero or minimum is multiplied by.

    int32 ``zero * sum of quants``, or float32 ``scale * sum of quants`` where the format has minimums.
    """
    zero, minimum, halves = form.zero, form.minimum, form.halves

    @function
    def offsets(sums, scales, groups, to):
        """For ``groups`` groups of all tokens, from sums int32 [groups][2] and scales float32 [groups]."""
        for group in range(groups):
            first, last = simd.load_i32(sums + 8 * group), simd.load_i32(sums + 8 * group + 4)
            if halves:
                simd.store_i32(to + 8 * group, first * zero)
                simd.store_i32(to + 8 * group + 4, last * zero)
            elif minimum:
                simd.store_f32(
                    to + 4 * group, types.float32(first + last) * simd.load_f32(scales + 4 * group)
                )
            else:
                simd.store_i32(to + 4 * group, (first + last) * zero)

    return offsets


def make_ahead(simd, form: Format):
    """Prefetch as much as one block of each row takes, in the order of memory."""

    @staged(types.none, ADDRESS)
    def ahead(address):
        for at in range(0, form.bytes * form.dots.rows, 64):
            simd.prefetch(address + at)

    return ahead


def make_across(simd, form: Format, tokens: int, least: int):
    """The kernel for ``least`` to ``tokens`` vectors; of fewer than that the last is computed repeatedly."""
    floats, rows_at_once, block_bytes, elements = form.lanes, form.dots.rows, form.bytes, form.elements
    totals_type, summed = tile(floats.type, tokens), _make_summed(simd, form, tokens, least)

    @staged(types.none, totals_type, ADDRESS, ADDRESS, ADDRESS)
    def keep(totals, y, ldy, count):
        for row, total in zip(_rows_of(tokens, least, count), totals, strict=True):
            floats.store(y + ldy * row * 4, total)

    @staged(types.none, totals_type, ADDRESS, ADDRESS, ADDRESS)
    def keep_one(totals, y, ldy, count):
        for row, total in zip(_rows_of(tokens, least, count), totals, strict=True):
            simd.store_f32(y + ldy * row * 4, floats.get(total, 0))

    @outlined
    def across(w, rows, cols, quants, scales, offsets, y, ldy, scratch, count):
        """y float32 [count][ldy]: the last rows are computed with some before them, twice if need be."""
        stride = cols // elements * block_bytes
        distance = max(rows_at_once * stride + 1024, NEAREST)
        lone = rows < rows_at_once
        step, apart = (1, 0) if lone else (rows_at_once, stride)
        for begin in range(0, rows, step):
            row = min(begin, rows - step)
            at = w + row * stride
            totals = summed(at, apart, cols, quants, scales, offsets, scratch, at + distance, count)
            if lone:
                keep_one(totals, y + 4 * row, ldy, count)
            else:
                keep(totals, y + 4 * row, ldy, count)

    return across


def _rows_of(tokens: int, least: int, count: Value) -> list[Value | int]:
    """Where the tokens of a tile stand: those that may be missing where the last one does."""
    sure = list(range(least))
    return sure + [smaller(count - 1, token) for token in range(least, tokens)]


def _make_summed(simd, form: Format, tokens: int, least: int):
    """The products of the rows that are computed side by side with ``tokens`` vectors, as a tile."""
    dots, floats, steps = form.dots, form.lanes, form.steps
    rows_at_once, block_bytes, elements, step_columns = dots.rows, form.bytes, form.elements, form.step
    offset_shift = 2 if form.halves else 3
    totals_type = tile(floats.type, tokens)
    ahead = make_ahead(simd, form)

    @staged(totals_type)
    def nothing():
        return [floats.zero()] * tokens

    @staged(types.none, ADDRESS, ADDRESS, ADDRESS)
    def prepare(block, stride, scratch):
        form.prepare(form.rows_from(block, stride), scratch)

    @staged(totals_type, totals_type, *[ADDRESS] * 9)
    def advance(totals, block, stride, scratch, step, quants, scales, offsets, cols, count):
        """The columns of one step; the activations' addresses are those of its first column."""
        rows = form.rows_from(block, stride)
        x = Activations(form, _rows_of(tokens, least, count), quants, scales, offsets, cols)
        scaling = form.scaling(rows, scratch, step)
        for group, weights in enumerate(form.quants(rows, step)):
            columns = [x.columns(token, group) for token in range(tokens)]
            for part, sums in enumerate(dots.few(weights, columns, form.largest, form.halves)):
                totals = [
                    x.added(total, sums[token], scaling, token, group, part)
                    for token, total in enumerate(totals)
                ]
        return totals

    @function
    def summed(w, stride, cols, quants, scales, offsets, scratch, far, count):
        """Rows at w and every ``stride`` bytes, times all vectors."""
        totals = nothing()
        column = 0
        for block in range(w, w + cols // elements * block_bytes, block_bytes):
            ahead(far)
            far += rows_at_once * block_bytes
            here = simd.opaque(block)
            prepare(here, stride, scratch)
            for step in range(steps):
                totals = advance(
                    totals,
                    here,
                    stride,
                    scratch,
                    step,
                    quants + column,
                    scales + (column >> 3),
                    offsets + (column >> offset_shift),
                    cols,
                    count,
                )
                column += step_columns
        return totals

    return summed
