"""Adapters for tests: random ones of small norm, written as llama.cpp's own tools write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from abax_runtime.adapter import SITES
from abax_runtime.gguf import TensorType, open_gguf, write_gguf

from tests.support.quants import Floats, dequantise, quantise

ALL = tuple(name for site in SITES for name in site)


class Halves(NamedTuple):
    """A [rank][columns] and B [rows][rank], as the file has them."""

    a: Floats
    b: Floats


class MadeAdapter(NamedTuple):
    """A file, and what it adds to each matrix: scale * B A, float32 [rows][columns]."""

    path: Path
    added: Mapping[str, Floats]


def random_adapter(
    path: Path,
    base: Path,
    *,
    rank: int = 16,
    alpha: float = 32.0,
    size: float = 0.3,
    kind: str = "F32",
    targets: Collection[str] = ALL,
    layers: Collection[int] | None = None,
    seed: int = 1,
    metadata: Mapping[str, Any] | None = None,
) -> MadeAdapter:
    """``size``: the root mean square of what is added, by that of a matrix that keeps its input's size."""
    random = np.random.default_rng(seed)
    tensors, added = [], {}
    with open_gguf(base) as gguf:
        told = {
            "general.type": "adapter",
            "general.architecture": gguf.metadata["general.architecture"],
            "adapter.type": "lora",
            "adapter.lora.alpha": alpha,
            **(metadata or {}),
        }
        for name, tensor in gguf.tensors.items():
            _, number, target, *_ = [*name.split("."), "", ""]
            if len(tensor.shape) < 2 or target not in targets:
                continue
            if layers is not None and int(number) not in layers:
                continue
            rows, columns = tensor.shape
            a = random.standard_normal((rank, columns)).astype(np.float32) * columns**-0.5
            b = random.standard_normal((rows, rank)).astype(np.float32)
            b *= np.float32(size * rank**0.5 / (alpha or rank))
            halves = {"a": a, "b": b}
            for half, values in halves.items():
                data = quantise(kind, values)
                tensors.append((f"{name}.lora_{half}", TensorType[kind], values.shape, data))
                halves[half] = dequantise(kind, data, values.shape)
            scale = np.float32(alpha / rank if alpha else 1)
            added[name] = scale * (halves["b"] @ halves["a"])
    write_gguf(path, told, tensors)
    return MadeAdapter(path, added)
