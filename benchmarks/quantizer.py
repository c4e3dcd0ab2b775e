"""Error of our quantiser beside ggml's reference one, type by type, on the same weights.

Normal and heavy-tailed random weights, and the default model's embedding, the one matrix that its file holds
at nearly full precision. The error is the root of the squared error over the squared weights.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from abax_runtime.gguf import TensorType, bytes_of, open_gguf
from abax_runtime.quantize import encode

from benchmarks.support.models import default_model
from benchmarks.support.sides import PEER_NAME, ggml, peer_missing
from tests.support.quants import Floats, dequantise

TYPES: Final = ("Q8_0", "Q4_0", "Q4_1")
COLUMNS: Final = 576
Encoder = Callable[[TensorType, Floats], bytes]


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer)."""
    peer = not peer_missing()
    for name, weights in _weights().items():
        for kind in TYPES:
            ours, theirs = _measured(_ours, kind, weights), peer and _measured(_peers, kind, weights)
            for n, (metric, unit) in enumerate((("relative error", "%"), ("speed", "M weights/s"))):
                yield {
                    "case": f"{name} as {kind}",
                    "metric": metric,
                    "unit": unit,
                    "ours": round(ours[n], 4),
                    "peer": round(theirs[n], 4) if theirs else None,
                    "peer_name": PEER_NAME if theirs else "",
                    "ratio": round(ours[n] / theirs[n], 4) if theirs and theirs[n] else None,
                }


def _weights() -> dict[str, Floats]:
    random = np.random.default_rng(3)
    shape = (2048, COLUMNS)
    with open_gguf(default_model()) as file:
        tensor = file.tensors["token_embd.weight"]
        embedding = dequantise(tensor.type.name, file.bytes(tensor), tensor.shape)[:2048].copy()
    return {
        "normal weights": random.standard_normal(shape).astype(np.float32) / 32,
        "heavy-tailed weights": random.standard_t(4, shape).astype(np.float32) / 32,
        "default model's embedding": embedding,
    }


def _measured(encoder: Encoder, kind: str, weights: Floats) -> tuple[float, float]:
    """Per cent of relative error, and millions of weights a second."""
    begun = time.perf_counter()
    packed = encoder(TensorType[kind], weights)
    taken = time.perf_counter() - begun
    lost = (dequantise(kind, packed, weights.shape) - weights).astype(np.float64)
    error = np.sqrt((lost**2).sum() / (weights.astype(np.float64) ** 2).sum())
    return float(error) * 100, weights.size / taken / 1e6


def _ours(kind: TensorType, weights: Floats) -> bytes:
    return bytes(encode(kind, weights.ravel()))


def _peers(kind: TensorType, weights: Floats) -> bytes:
    data = (ctypes.c_char * bytes_of(kind, weights.size))()
    source = weights.ctypes.data_as(ctypes.c_void_p)
    rows, columns = weights.shape
    sizes = (ctypes.c_int64(size) for size in (0, rows, columns))
    ggml().ggml_quantize_chunk(int(kind), source, data, *sizes, None)
    return bytes(data)
