"""The adapter that training goes on from: a GGUF file, or the ``adapter.npz`` of a run, in torch's order.

The way back from ``export``: what is read here and written there again is the same, number by number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from abax_runtime.adapter import check_base, describe
from abax_runtime.gguf import Gguf, open_gguf
from abax_runtime.quantize import dequantize

from training.adapters.base import MATRICES, Floats, config_of, their_rows

ARRAYS: Final = "adapter.npz"
TOLD: Final = "training.json"


class UnfitStart(Exception):
    """An adapter that training cannot go on from; says why."""


@dataclass(frozen=True)
class Start:
    """Both halves of each matrix: ``blk.0.attn_q.weight/a`` [rank][columns], ``…/b`` [rows][rank], rows in
    Hugging Face's order."""

    path: Path
    rank: int
    alpha: float
    halves: Mapping[str, Floats]
    sha256: str
    """Of the file."""


def read(path: Path, base: Gguf) -> Start:
    """An adapter of the base: a GGUF file, or the folder of a run that has ended.

    Raises UnfitStart, and for a GGUF file what ``describe`` and ``check_base`` do, a ``RuntimeFault``.
    """
    file = path / ARRAYS if path.is_dir() else path
    if not file.exists():
        raise UnfitStart(f"there is no adapter at {file}: train one, or name a GGUF adapter")
    halves, alpha = _of_run(path) if path.is_dir() else _of_gguf(path, base)
    rank = _checked(file, halves, base)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Start(file, rank, alpha or float(rank), halves, digest)


def _of_run(folder: Path) -> tuple[dict[str, Floats], float]:
    with np.load(folder / ARRAYS) as arrays:
        halves = {name: arrays[name].astype(np.float32) for name in arrays.files}
    told = json.loads((folder / TOLD).read_text("utf-8"))
    return halves, float(told["alpha"])


def _of_gguf(path: Path, base: Gguf) -> tuple[dict[str, Floats], float]:
    """A file without an alpha adds B A as it is: 0.0."""
    halves: dict[str, Floats] = {}
    config = config_of(base)
    with open_gguf(path) as file:
        found = describe(file)
        check_base(found, base)
        for name, pair in found.pairs.items():
            for half, tensor in (("a", pair.a), ("b", pair.b)):
                count = int(np.prod(tensor.shape, dtype=np.int64))
                values = dequantize(tensor.type, file.bytes(tensor), count).reshape(tensor.shape).copy()
                halves[f"{name}/{half}"] = their_rows(config, name, values) if half == "b" else values
    return halves, found.alpha


def _checked(file: Path, halves: Mapping[str, Floats], base: Gguf) -> int:
    """The one rank of all matrices that are trained here. Raises UnfitStart."""
    wanted = {
        f"{name}/{half}"
        for name in base.tensors
        if name.startswith("blk.") and name.split(".")[2] in MATRICES
        for half in "ab"
    }
    if halves.keys() != wanted:
        other = sorted(halves.keys() ^ wanted)
        raise UnfitStart(
            f"{file} adapts other matrices than are trained here, which are all of each layer: "
            f"{len(other)} differ, {other[0]} first"
        )
    ranks = {len(values) for name, values in halves.items() if name.endswith("/a")}
    if len(ranks) > 1:
        raise UnfitStart(
            f"{file} has ranks from {min(ranks)} to {max(ranks)}; training goes on from one rank"
        )
    return ranks.pop()
