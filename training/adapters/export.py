"""What was learnt, as the GGUF adapter that the runtime and llama.cpp read. Numpy is all it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
from abax_runtime.gguf import TensorType, open_gguf
from abax_runtime.merge import write_adapter
from abax_runtime.models import default_model

KINDS: Final = {"f16": TensorType.F16, "q8_0": TensorType.Q8_0}
"""What an adapter is kept in. At rank 16 half of it is too narrow for blocks of 32, and stays F16."""


def export(run: Path, path: Path, name: str, base: Path | None = None, kind: str = "q8_0") -> Path:
    """Write ``run/adapter.npz`` as ``path``, with the hash of its base and how it was made. Raises OSError,
    and what ``write_adapter`` does."""
    told = json.loads((run / "training.json").read_text("utf-8"))
    with np.load(run / "adapter.npz") as arrays, open_gguf(base or default_model()) as file:
        names = sorted({key.rpartition("/")[0] for key in arrays.files})
        pairs = {matrix: (arrays[f"{matrix}/a"], arrays[f"{matrix}/b"]) for matrix in names}
        facts = {key: value for key, value in told.items() if isinstance(value, str | int | float)}
        if (card := run.parent / "data" / "card.json").exists():
            facts["data_sha256"] = json.loads(card.read_text("utf-8"))["splits"]["train"]["sha256"]
        write_adapter(
            path,
            file,
            pairs,
            alpha=float(told["alpha"]),
            name=name,
            kind=KINDS[kind],
            hugging_face=True,
            training=facts,
        )
    return path
