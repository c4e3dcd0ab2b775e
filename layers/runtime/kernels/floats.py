"""Products of F32, F16 and BF16 matrices, which need no scales.

Sixteen partial sums run along the columns of each row and are added up at the end, on every target and for any
number of tokens in the same order; a tile of rows by tokens is in registers.
"""

from __future__ import annotations

from abax_runtime.gguf import TensorType
from numba import types

from kernels.simd import ADDRESS, function, outlined, staged, tile

__all__ = ["make_float_product"]

PARTIAL = 16
ROWS, TOKENS = 2, 3
"""Of the register tile."""

KINDS = {TensorType.F32: ("f32", 4), TensorType.F16: ("f16", 2), TensorType.BF16: ("bf16", 2)}
"""How the elements are called, and their bytes."""


def make_tile_product(simd, element: str, bytes_: int, rows: int, tokens: int):
    """``rows`` rows times ``tokens`` vectors."""
    floats = simd.vectors("f32", PARTIAL)
    load = getattr(floats, f"load_{element}")
    totals_type = tile(floats.type, rows * tokens)

    @staged(totals_type)
    def nothing():
        return [floats.zero()] * (rows * tokens)

    @staged(totals_type, totals_type, *[ADDRESS] * 4)
    def advance(totals, w, stride, x, x_stride):
        weights = [load(w + stride * row) for row in range(rows)]
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

    @function
    def tile_product(w, cols, x, y, ldy):
        totals = nothing()
        for column in range(0, cols, PARTIAL):
            at = w + column * bytes_
            simd.prefetch(at + rows * cols * bytes_ + 2048)
            totals = advance(totals, at, cols * bytes_, x + column * 4, cols * 4)
        keep(totals, y, ldy)

    return tile_product


def make_rows_product(simd, element: str, bytes_: int, tokens: int):
    """All rows times ``tokens`` vectors."""
    at_once = 4 if tokens == 1 else ROWS
    several = make_tile_product(simd, element, bytes_, at_once, tokens)
    single = make_tile_product(simd, element, bytes_, 1, tokens)

    @outlined
    def rows_product(w, rows, cols, x, y, ldy):
        whole = rows // at_once * at_once
        for row in range(0, whole, at_once):
            several(w + row * cols * bytes_, cols, x, y + 4 * row, ldy)
        for row in range(whole, rows):
            single(w + row * cols * bytes_, cols, x, y + 4 * row, ldy)

    return rows_product


def make_kind_product(simd, element: str, bytes_: int):
    """All rows times any number of vectors."""
    one, two, three = (make_rows_product(simd, element, bytes_, tokens) for tokens in range(1, TOKENS + 1))

    @function
    def kind_product(w, rows, cols, x, y, tokens, ldy):
        for token in range(0, tokens, TOKENS):
            at, to = x + token * cols * 4, y + token * ldy * 4
            if tokens - token >= TOKENS:
                three(w, rows, cols, at, to, ldy)
            elif tokens - token == 2:
                two(w, rows, cols, at, to, ldy)
            else:
                one(w, rows, cols, at, to, ldy)

    return kind_product


def make_float_product(simd):
    """``float_product(kind, w, rows, cols, x, y, tokens, ldy)``; a kind that is none of these leaves y alone."""
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
