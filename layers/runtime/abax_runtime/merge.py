"""Adapters as files: written from arrays, and merged into their base. Tools, which need numpy.

`write_adapter` is what training ends with; `merge` makes one plain model of a base and an adapter, for
programs that know no adapters, or where one adapter is all that a model is for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import cpu
from .adapter import BASE_HASH, BASE_NAME, LARGEST, Pair, base_hash, check_base, describe
from .config import Config, read_config
from .errors import InvalidModel, InvalidParameter, Unsupported
from .gguf import Gguf, Tensor, TensorType, open_gguf, write_gguf
from .quantize import TARGETS, Floats, Made, Progress, Report, convert, dequantize, encode

try:
    import numpy as np
except ImportError as error:
    raise Unsupported("writing and merging adapters need numpy: pip install numpy") from error

TRAINING = "abax.training."
"""What a file's training facts begin with."""


def gguf_rows(config: Config, name: str, b: Floats) -> Floats:
    """B [rows][rank] of a Hugging Face model with its rows in the order of the GGUF file.

    Rotary embedding turns pairs of rows of each head of queries and keys. Hugging Face has the firsts of all
    pairs before the seconds; GGUF, for ``llama``, has both of a pair side by side. A is the same in both. An
    adapter that was trained on the GGUF file's own matrices must not be turned.
    """
    heads = {"attn_q": config.heads, "attn_k": config.kv_heads}.get(name.split(".")[2])
    if config.architecture != "llama" or heads is None:
        return b
    if b.shape[0] != heads * config.head_size:
        raise InvalidParameter(name, f"{b.shape[0]} rows for {heads} heads of {config.head_size}")
    halves = b.reshape(heads, 2, config.head_size // 2, -1)
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(b.shape)


def write_adapter(
    path: str | os.PathLike[str],
    base: Gguf,
    pairs: Mapping[str, tuple[Floats, Floats]],
    *,
    alpha: float,
    name: str = "",
    kind: TensorType = TensorType.F16,
    hugging_face: bool = False,
    training: Mapping[str, str | int | float] | None = None,
) -> None:
    """Write an adapter of `base`, with the base's hash, so that it is refused elsewhere.

    ``pairs``: A [rank][columns] and B [rows][rank] by the name of the matrix ("blk.0.attn_q.weight"); the
    product becomes W x + alpha / rank * B (A x). ``hugging_face``: B of queries and keys have the order of
    rows that Hugging Face's files have, and are turned; else they are as in `base`. ``training``: facts that
    ``adapter info`` shows. Raises ``InvalidParameter`` for what `describe` or `check_base` would refuse.
    """
    vocabulary = base.tensors["token_embd.weight"].shape[0]
    config = read_config(base.metadata, vocabulary)
    tensors = []
    for matrix, (a, b) in pairs.items():
        _check(base, matrix, a, b)
        turned = gguf_rows(config, matrix, b) if hugging_face else b
        for half, values in (("a", a), ("b", turned)):
            own = kind if values.shape[-1] % kind.block[0] == 0 else TensorType.F16
            data = encode(own, np.ascontiguousarray(values, np.float32))
            tensors.append((f"{matrix}.lora_{half}", own, values.shape, data))
    if not tensors:
        raise InvalidParameter("pairs", "there is none")
    metadata: dict[str, Any] = {
        "general.type": "adapter",
        "general.architecture": config.architecture,
        "general.name": name,
        "adapter.type": "lora",
        "adapter.lora.alpha": float(alpha),
        BASE_NAME: config.name,
        BASE_HASH: base_hash(base),
    }
    write_gguf(path, metadata | {TRAINING + key: value for key, value in (training or {}).items()}, tensors)


def _check(base: Gguf, matrix: str, a: Floats, b: Floats) -> None:
    known = base.tensors.get(matrix)
    if known is None or len(known.shape) != 2:
        raise InvalidParameter(matrix, f"{base.path} has no such matrix")
    if a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1] or (len(b), a.shape[1]) != known.shape:
        raise InvalidParameter(matrix, f"A {a.shape} and B {b.shape} for a matrix of {known.shape}")
    if not (np.abs(a) < LARGEST).all() or not (np.abs(b) < LARGEST).all():
        raise InvalidParameter(matrix, "holds values that are not finite")


def merge(
    base: str | os.PathLike[str],
    adapter: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    kind: TensorType | None = None,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the base with scale * B A added to each matrix that the adapter has, one tensor at a time.

    ``kind``: the type of those matrices; None: each one's own in the base, or Q8_0 for a type that we cannot
    write. Four bits round what was added away with the rest: prefer F16 or Q8_0. All else is copied. Raises
    what `open_gguf`, `describe` and `check_base` do, and ``Unsupported``.
    """
    if kind is not None and kind not in TARGETS:
        raise Unsupported(f"cannot write {kind.name}, only {', '.join(t.name for t in TARGETS)}")
    with open_gguf(base) as model, open_gguf(adapter) as file:
        found = describe(file)
        check_base(found, model)
        with ThreadPoolExecutor(threads or cpu.threads()) as pool:
            return _Merging(model, file, found.pairs, kind, pool, progress).write(destination)


class _Merging:
    """One merge at work."""

    def __init__(
        self,
        model: Gguf,
        file: Gguf,
        pairs: Mapping[str, Pair],
        kind: TensorType | None,
        pool: ThreadPoolExecutor,
        progress: Progress | None,
    ) -> None:
        self._model, self._file, self._pairs, self._kind = model, file, pairs, kind
        self._pool, self._progress = pool, progress
        self._report = Report()

    def write(self, destination: str | os.PathLike[str]) -> Report:
        """All tensors, in the order of the base."""
        metadata = dict(self._model.metadata)
        metadata["general.name"] = f"{metadata.get('general.name', '')} with an adapter".strip()
        entries = [
            (tensor.name, self._type(tensor), tensor.shape, self._later(number, tensor))
            for number, tensor in enumerate(self._model.tensors.values())
        ]
        write_gguf(destination, metadata, entries, types=self._model.value_types)
        return self._report

    def _type(self, tensor: Tensor) -> TensorType:
        if tensor.name not in self._pairs:
            return tensor.type
        if self._kind is not None:
            return self._kind
        return tensor.type if tensor.type in TARGETS else TensorType.Q8_0

    def _later(self, number: int, tensor: Tensor) -> Callable[[], Any]:
        return lambda: self._made(number, tensor)

    def _made(self, number: int, tensor: Tensor) -> Any:
        if self._progress:
            self._progress(tensor.name, number, len(self._model.tensors))
        elements = int(np.prod(tensor.shape, dtype=np.int64))
        if tensor.name not in self._pairs:
            copied = Made(tensor.name, tensor.type, tensor.type, tensor.nbytes, elements)
            self._report.tensors.append(copied)
            return self._model.bytes(tensor)
        where, values = f"{self._file.path}: {tensor.name}", self._sum(tensor)
        if not np.isfinite(values).all():
            raise InvalidModel(f"{where} holds values that are not finite")
        made, told = convert(
            where, tensor.name, values, TensorType.F32, elements, self._type(tensor), self._pool
        )
        self._report.tensors.append(told)
        return made

    def _sum(self, tensor: Tensor) -> Floats:
        """W + scale * B A, in float32."""
        pair = self._pairs[tensor.name]
        a, b = _values(self._file, pair.a), _values(self._file, pair.b)
        with np.errstate(over="ignore", invalid="ignore"):
            added: Floats = _values(self._model, tensor) + np.float32(pair.scale) * (b @ a)
        return added


def _values(file: Gguf, tensor: Tensor) -> Floats:
    shape: Sequence[int] = tensor.shape
    return dequantize(tensor.type, file.bytes(tensor), int(np.prod(shape, dtype=np.int64))).reshape(shape)
