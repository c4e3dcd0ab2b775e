"""What is lost from F32 to Q8_0 to Q4_1: one adapter in several forms, on the same kept-out examples.

Merged into the default model, whose matrices are then F32, Q8_0 or Q4_1 (``abax_runtime.merge``), and beside
it as it ships, applied at request time, in F16 and in Q8_0. The default model is Q4_1 to begin with: the
adapter learnt on its values, and F32 holds them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from abax_runtime.adapter import describe
from abax_runtime.gguf import Gguf, Tensor, TensorType, open_gguf
from abax_runtime.merge import merge, write_adapter
from abax_runtime.models import default_model
from abax_runtime.quantize import Floats, dequantize

MERGED: Final = (TensorType.F32, TensorType.Q8_0, TensorType.Q4_1)
APPLIED: Final = (TensorType.F16, TensorType.Q8_0)

Judge = Callable[[Path | None, Path, str], dict[str, Any]]
"""Figures of a model (None: the default), a folder of adapters, and the name of one; empty for none."""


@dataclass(frozen=True)
class Form:
    """An adapter in one form, and how well it answers."""

    name: str
    size: int
    """Bytes of the model, where the adapter is merged into it, else of the adapter."""
    figures: dict[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """For a card: right and all values by exact match, F1, bytes."""
        fields = self.figures["fields"].values()
        exact = {name: sum(one[name] for one in fields) for name in ("right", "of")}
        return {"exact": exact, "f1": self.figures["f1"], "bytes": self.size}

    @property
    def cells(self) -> tuple[str, ...]:
        """Of the table."""
        exact = self.told["exact"]
        share = f"{exact['right'] / exact['of']:.4f}" if exact["of"] else "-"
        counts = f"{exact['right']} of {exact['of']}"
        return (self.name, f"{self.size:,}", counts, share, f"{self.figures['f1']:.4f}")


HEADINGS: Final = ("form", "bytes", "exact", "share", "F1")


def forms(adapter: Path, judge: Judge, base: Path | None = None) -> Iterator[Form]:
    """Each form, judged; a form is on the disk as long as it is judged. Raises OSError, and what ``merge``
    and ``write_adapter`` do."""
    base = base or default_model()
    for kind in MERGED:
        with TemporaryDirectory(prefix="abax-merged-") as folder:
            path = Path(folder, "merged.gguf")
            merge(base, adapter, path, kind)
            yield Form(f"merged, {kind.name}", path.stat().st_size, judge(path, Path(folder), ""))
    for kind in APPLIED:
        with TemporaryDirectory(prefix="abax-applied-") as folder:
            path = Path(folder, adapter.name)
            rewritten(adapter, path, kind, base)
            name = f"{_type_of(base)} + adapter, {kind.name}"
            yield Form(name, path.stat().st_size, judge(None, Path(folder), adapter.stem))


def rewritten(adapter: Path, path: Path, kind: TensorType, base: Path | None = None) -> None:
    """The adapter with its matrices in another type; a B whose rank is no whole number of blocks is F16."""
    with open_gguf(base or default_model()) as model, open_gguf(adapter) as file:
        told = describe(file)
        pairs = {name: (_values(file, pair.a), _values(file, pair.b)) for name, pair in told.pairs.items()}
        alpha = float(file.metadata["adapter.lora.alpha"])
        write_adapter(path, model, pairs, alpha=alpha, name=adapter.stem, kind=kind)


def _values(file: Gguf, tensor: Tensor) -> Floats:
    count = tensor.shape[0] * tensor.shape[1]
    return dequantize(tensor.type, file.bytes(tensor), count).reshape(tensor.shape)


def _type_of(path: Path) -> str:
    """The type of most of a model's matrices."""
    with open_gguf(path) as file:
        types = [tensor.type.name for tensor in file.tensors.values() if len(tensor.shape) == 2]
    return max(set(types), key=types.count)


def table(rows: list[Form]) -> str:
    """The forms below each other, in Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
