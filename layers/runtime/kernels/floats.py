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

KINDS = {TensorType.F32: ("f32", 4), TensorType.F16: ("f16", 2), TensorType.BF16: ("bf16", 2)}
"""How the elements are called, and their bytes."""


def make_rows_product(simd, element: str, bytes_: int, tokens: int):
    """All rows times ``tokens`` vectors."""
    floats, rows_at_once = simd.vectors("f32", PARTIAL), 2 * ROWS if tokens == 1 else ROWS
    load = getattr(floats, f"load_{element}")
    totals_type = tile(floats.type, rows_at_once * tokens)

    @staged(totals_type)
    def nothing():
        return [floats.zero()] * (rows_at_once * tokens)

    @staged(totals_type, totals_type, *[ADDRESS] * 4)
    def advance(totals, w, stride, x, x_stride):
        weights = [load(w + stride * row) for row in range(rows_at_once)]
        values = [floats.load(x + x_stride * token) for token in range(tokens)]
        pairs = [(weight, value) for weight in weights for value in values]
        return [
            floats.fma(weight, value, total) for (weight, value), total in zip(pairs, totals, strict=True)
        ]

    @staged(types.none, totals_type, ADDRESS, ADDRESS)
    def keep(totals, y, ldy):
        for number, total in enumerate(totals):
            row, token = divmod(number, tokens)
            simd.store_f32(y + ldy * (4 * token) + 4 * row, floats.sum(total))

    @staged(types.none, totals_type, ADDRESS, ADDRESS)
    def keep_one(totals, y, ldy):
        for token in range(tokens):
            simd.store_f32(y + ldy * (4 * token), floats.sum(totals[token]))

    @function
    def summed(w, stride, cols, x):
        totals = nothing()
        for column in range(0, cols, PARTIAL):
            at = simd.opaque(w + column * bytes_)
            simd.prefetch(at + NEAREST)
            totals = advance(totals, at, stride, x + column * 4, cols * 4)
        return totals

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


def make_kind_product(simd, element: str, bytes_: int):
    """All rows times any number of vectors."""
    one, several = (make_rows_product(simd, element, bytes_, tokens) for tokens in (1, TOKENS))

    @function
    def kind_product(w, rows, cols, x, y, tokens, ldy):
        token = 0
        while tokens - token >= TOKENS:
            several(w, rows, cols, x + token * cols * 4, y + token * ldy * 4, ldy)
            token += TOKENS
        while token < tokens:
            one(w, rows, cols, x + token * cols * 4, y + token * ldy * 4, ldy)
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
