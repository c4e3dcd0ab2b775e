"""How fast this machine reads memory: the ceiling of decoding, which reads all weights for each token."""

from __future__ import annotations

import threading
import time
from functools import cache
from typing import Any, Final

import numpy as np

BYTES: Final = 1 << 29
RUNS: Final = 5


def gigabytes_per_second(threads: int) -> float:
    """Of reading a buffer far larger than any cache from end to end, the best of some runs."""
    best = float("inf")
    for _ in range(RUNS):
        parts = np.array_split(_buffer(), threads)
        workers = [threading.Thread(target=_reader(), args=(part,)) for part in parts]
        begun = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = min(best, time.perf_counter() - begun)
    return BYTES / best / 1e9


@cache
def _buffer() -> Any:
    return np.ones(BYTES // 8, np.int64)


@cache
def _reader() -> Any:
    """A compiled sum in many accumulators, which no arithmetic holds back, nor the interpreter's lock."""
    import numba

    @numba.njit("i8(i8[::1])", nogil=True, fastmath=True, boundscheck=False)
    def total(values: Any) -> Any:
        found = 0
        for n in range(values.size):
            found += values[n]
        return found

    return total
