"""Random matrices and activations for tests of products, and what comes out in plain numpy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tests.kernels.calling import Callable, aligned
from tests.support.quants import BLOCKS, IDS, dequantise, quantise

FLOATS = ("F32", "F16", "BF16")
QUANTISED = tuple(kind for kind in IDS if kind not in FLOATS)

Array = np.ndarray[Any, Any]


class Activations(NamedTuple):
    """x float32 [T][K], and quantised: quants int8 [T][K], scales float32 [T][K/32], sums int32 [T][K/16]."""

    x: Array
    quants: Array
    scales: Array
    sums: Array

    @classmethod
    def of(cls, x: Array) -> Activations:
        tokens, cols = x.shape
        groups = x.reshape(tokens, -1, 32)
        scales = np.abs(groups).max(2) / np.float32(127)
        divisors = np.where(scales > 0, scales, 1)[:, :, None]
        quants = np.rint(groups / divisors).astype(np.int8).reshape(tokens, cols)
        sums = quants.reshape(tokens, -1, 16).sum(2, dtype=np.int32)
        return cls(*(_placed(value) for value in (x, quants, scales, sums)))

    def first(self, tokens: int) -> Activations:
        return Activations(*(_placed(value[:tokens]) for value in self))

    def values(self, kind: str) -> Array:
        """What a kernel for this kind works with, in float64."""
        if kind in FLOATS:
            return self.x.astype(np.float64)
        return self.quants.astype(np.float64) * np.repeat(self.scales.astype(np.float64), 32, axis=1)


class Matrix(NamedTuple):
    """A matrix of some kind: its bytes as in a file, and the numbers that they stand for, float64 [R][C]."""

    kind: str
    data: Array
    values: Array

    @classmethod
    def random(cls, kind: str, rows: int, cols: int, seed: int = 0) -> Matrix:
        rng = np.random.default_rng(seed)
        values = rng.standard_normal((rows, cols)) * rng.uniform(0.1, 3, (rows, 1))
        packed = quantise(kind, values.astype(np.float32))
        data = aligned(len(packed) + 2, np.uint8)[2:]  # a row may begin anywhere
        data[:] = np.frombuffer(packed, np.uint8)
        return cls(kind, data, dequantise(kind, packed, (rows, cols)).astype(np.float64))

    def times(self, library: Callable, x: Activations, ldy: int = 0) -> Array:
        """``product`` of a library: float32 [T][R]; what lies beyond a row of y must stay as it was."""
        (rows, cols), tokens = self.values.shape, len(x.x)
        ldy = max(ldy, rows)
        y = aligned((tokens, ldy))
        y[:] = 7
        scratch = aligned(library.call("scratch_bytes", cols), np.uint8)
        parts = (x.x, x.quants, x.scales, x.sums)
        library.call("product", IDS[self.kind], self.data, rows, cols, *parts, y, tokens, ldy, scratch)
        assert (y[:, rows:] == 7).all()
        return y[:, :rows]


def row_bytes(kind: str, cols: int) -> int:
    """Of a row in a file."""
    elements, bytes_ = BLOCKS[kind]
    return cols // elements * bytes_


def _placed(values: Array) -> Array:
    placed = aligned(values.shape, values.dtype)
    placed[...] = values
    return placed
