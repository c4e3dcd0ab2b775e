"""Products of F32, F16 and BF16 matrices, which need no scales.

Sixteen partial sums run along the columns of each row and are added up at the end, on every target and for
any number of tokens in the same order; a tile of rows by tokens is in registers.
"""

from __future__ import annotations

from abax_runtime.gguf import TensorType
from numba import types

from kernels.matvec import NEAREST
from kernels.simd import ADDRESS, function, outlined, staged, tile

__all__ = ["make_float_product"]

PARTIAL = 16
ROWS, TOKENS = 2, 3
"""Of the register tile; a single token has twice the rows."""

BLOCK = 16
"""Rows that stay in a cache while all tokens go by."""

KINDS = {TensorType.F32: ("f32", 4), TensorType.F16: ("f16", 2), TensorType.BF16: ("bf16", 2)}
"""How the elements are called, and their bytes."""


def make_rows_product(simd, element: str, bytes_: int, tokens: int):
    """All rows times ``tokens`` vectors."""
    floats, rows_at_once = simd.f32, 2 * ROWS if tokens == 1 else ROWS
    parts = PARTIAL // floats.lanes
    totals_type = tile(floats.type, rows_at_once * tokens * parts)
    summed = _make_summed(simd, element, bytes_, rows_at_once, tokens)

    def total(totals, row, token):
        """The upper half of the partial sums onto the lower, until one is left."""
        at = (row * tokens + token) * parts
        left = list(totals[at : at + parts])
        while len(left) > 1:
            half = len(left) // 2
            left = [a + b for a, b in zip(left[:half], left[half:], strict=True)]
        return floats.sum(left[0])

    @staged(types.none, totals_type, ADDRESS, ADDRESS)
    def keep(totals, y, ldy):
        for row in range(rows_at_once):
            for token in range(tokens):
                simd.store_f32(y + ldy * (4 * token) + 4 * row, total(totals, row, token))

    @staged(types.none, totals_type, ADDRESS, ADDRESS)
    def keep_one(totals, y, ldy):
        for token in range(tokens):
            simd.store_f32(y + ldy * (4 * token), total(totals, 0, token))

    @outlined
    def rows_product(w, rows, cols, x, y, ldy):
        stride = cols * bytes_
        if rows < rows_at_once:
            for row in range(rows):
                keep_one(summed(w + row * stride, 0, cols, x), y + 4 * row, ldy)
            return
        for begin in range(0, rows, rows_at_once):
            row = min(begin, rows - rows_at_once)
            keep(summed(w + row * stride, stride, cols, x), y + 4 * row, ldy)

    return rows_product


def _make_summed(simd, element: str, bytes_: int, rows_at_once: int, tokens: int):
    """The partial sums of ``rows_at_once`` rows times ``tokens`` vectors, as a tile."""
    floats = simd.f32
    load, parts = getattr(floats, f"load_{element}"), PARTIAL // floats.lanes
    count = rows_at_once * tokens * parts
    totals_type = tile(floats.type, count)

    @staged(totals_type)
    def nothing():
        return [floats.zero()] * count

    @staged(totals_type, totals_type, *[ADDRESS] * 4)
    def advance(totals, w, stride, x, x_stride):
        """Register by register: a tile's sums, a column of weights and one vector are all that is alive."""
        totals = list(totals)
        for part in range(parts):
            weights = [load(w + stride * row + part * floats.lanes * bytes_) for row in range(rows_at_once)]
            for token in range(tokens):
                values = floats.load(x + x_stride * token + part * floats.bytes)
                for row, weight in enumerate(weights):
                    at = (row * tokens + token) * parts + part
                    totals[at] = floats.fma(weight, values, totals[at])
        return totals

    @function
    def summed(w, stride, cols, x):
        totals = nothing()
        for column in range(0, cols, PARTIAL):
            at = simd.opaque(w + column * bytes_)
            simd.prefetch(at + NEAREST)
            totals = advance(totals, at, stride, x + column * 4, cols * 4)
        return totals

    return summed


def make_kind_product(simd, element: str, bytes_: int):
    """All rows times any number of vectors."""
    one, several = (make_rows_product(simd, element, bytes_, tokens) for tokens in (1, TOKENS))

    @function
    def kind_product(w, rows, cols, x, y, tokens, ldy):
        at_once = rows if tokens == 1 else BLOCK
        for row in range(0, rows, at_once):
            count, at, to = min(at_once, rows - row), w + row * cols * bytes_, y + 4 * row
            token = 0
            while tokens - token >= TOKENS:
                several(at, count, cols, x + token * cols * 4, to + token * ldy * 4, ldy)
                token += TOKENS
            while token < tokens:
                one(at, count, cols, x + token * cols * 4, to + token * ldy * 4, ldy)
                token += 1

    return kind_product


def make_float_product(simd):
    """``float_product(kind, w, rows, cols, x, y, tokens, ldy)``; any other kind leaves y alone."""
    f32, f16, bf16 = (make_kind_product(simd, *named) for named in KINDS.values())
    is_f32, is_f16, is_bf16 = (int(kind) for kind in KINDS)

    @function
    def float_product(kind, w, rows, cols, x, y, tokens, ldy):
        if kind == is_f32:
            f32(w, rows, cols, x, y, tokens, ldy)
        elif kind == is_f16:
            f16(w, rows, cols, x, y, tokens, ldy)
        elif kind == is_bf16:
            bf16(w, rows, cols, x, y, tokens, ldy)

    return float_product
