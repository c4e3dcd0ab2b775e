"""Matrix products on one thread: bytes of weights per second for one token, operations per second for many.

The peer of a matrix-vector product is what this machine's memory gives one thread, measured by reading
a large array; of a product with 64 tokens, numpy's float32 product on one thread. All take turns, and the
best of several runs counts, since other work on the machine only ever slows one down.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from abax_runtime import native
from abax_runtime.gguf import TensorType

ROWS, COLS, TOKENS, RUNS = 1536, 2048, 64, 7
WEIGHTS = 120_000_000
"""Bytes of matrices that a run for one token goes through: more than any cache holds."""


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer)."""
    library, memory = ctypes.CDLL(str(native.load().path)), np.ones(40_000_000, np.float32)
    products = [Product(library, kind) for kind in TensorType]
    read = _rates({"read": (memory.max, memory.nbytes)})["read"]
    rates = _rates({product.name: (product.one_token, product.bytes) for product in products})
    read = max(read, _rates({"read": (memory.max, memory.nbytes)})["read"])
    speeds = _rates({product.name: (product.many_tokens, product.operations) for product in products})
    rows = [_row(f"{name}, one token", "GB/s", rate, read, "memory") for name, rate in rates.items()]
    numpy = _rates({"numpy": (_numpy_product(), 2 * ROWS * COLS * TOKENS)})["numpy"]
    return rows + [
        _row(f"{name}, {TOKENS} tokens", "GOPS", speed, numpy, "numpy float32")
        for name, speed in speeds.items()
    ]


class Product:
    """Random weights of one kind, and the activations to multiply them with."""

    def __init__(self, library: ctypes.CDLL, kind: TensorType) -> None:
        rng, self.library, self.kind = np.random.default_rng(0), library, kind
        elements, bytes_ = kind.block
        self.name, self.matrix = kind.name, ROWS * COLS // elements * bytes_
        self.copies = WEIGHTS // self.matrix
        self.weights = rng.integers(
            0, 60, self.matrix * self.copies, np.uint8
        )  # small exponents in every type
        self.x = rng.standard_normal((TOKENS, COLS)).astype(np.float32)
        self.quants = rng.integers(-127, 128, (TOKENS, COLS), np.int8)
        self.scales = np.ones((TOKENS, COLS // 32), np.float32)
        self.sums = self.quants.reshape(TOKENS, -1, 16).sum(2, dtype=np.int32)
        self.y = np.zeros((TOKENS, ROWS), np.float32)
        self.scratch = np.zeros(library.scratch_bytes(COLS) + 64, np.uint8)
        self.bytes, self.operations = self.matrix * self.copies, 2 * ROWS * COLS * TOKENS

    def one_token(self) -> None:
        """Each of the matrices times one vector."""
        for copy in range(self.copies):
            self._multiply(copy * self.matrix, 1)

    def many_tokens(self) -> None:
        """One matrix times all vectors."""
        self._multiply(0, TOKENS)

    def _multiply(self, at: int, tokens: int) -> None:
        arrays = (self.x, self.quants, self.scales, self.sums, self.y)
        x, quants, scales, sums, y = (array.ctypes.data for array in arrays)
        scratch = (self.scratch.ctypes.data + 63) // 64 * 64
        weights = self.weights.ctypes.data + at
        arguments = (self.kind, weights, ROWS, COLS, x, quants, scales, sums, y, tokens, ROWS, scratch)
        self.library.product(*(ctypes.c_int64(argument) for argument in arguments))


def _rates(works: dict[str, tuple[Callable[[], Any], int]]) -> dict[str, float]:
    """Amounts per nanosecond of this thread's own time, the best of several rounds."""
    best = dict.fromkeys(works, 0.0)
    for _ in range(RUNS):
        for name, (work, amount) in works.items():
            begun = time.thread_time_ns()
            work()
            best[name] = max(best[name], amount / max(1, time.thread_time_ns() - begun))
    return best


def _numpy_product() -> Callable[[], Any]:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    rng = np.random.default_rng(0)
    weights, x = (rng.standard_normal((n, COLS)).astype(np.float32) for n in (ROWS, TOKENS))
    return lambda: x @ weights.T


def _row(case: str, unit: str, ours: float, peer: float, peer_name: str) -> dict[str, Any]:
    return {
        "case": case,
        "metric": "one thread",
        "unit": unit,
        "ours": round(ours, 1),
        "peer": round(peer, 1),
        "peer_name": peer_name,
        "ratio": round(ours / peer, 2),
    }
