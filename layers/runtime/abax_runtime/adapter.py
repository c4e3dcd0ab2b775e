"""Low-rank adapters: GGUF files in llama.cpp's form, checked against their base, made ready for the kernels.

For a matrix W of the base the file has ``NAME.lora_a`` [rank][columns] and ``NAME.lora_b`` [rows][rank], and
the product becomes W x + scale * B (A x), scale = alpha / rank (1 where the file has no alpha). It says
``general.type`` "adapter", ``general.architecture``, ``adapter.type`` "lora" and ``adapter.lora.alpha``.

Ours says as well which base it was trained on: ``abax.base.name`` and ``abax.base.sha256`` (see `base_hash`),
one text or several. A file without them is taken, with a warning, where its architecture and shapes fit.

In files of the architecture ``llama`` the rows of queries and keys stand in another order than in Hugging
Face's, and so must the rows of their B: `abax_runtime.merge.gguf_rows` turns them.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import re
import threading
import warnings

from abax_runtime.arrays import address
from abax_runtime.errors import AdapterMismatch, InvalidModel, InvalidParameter, RuntimeFault, Unsupported
from abax_runtime.gguf import Gguf, Tensor, open_gguf
from abax_runtime.program import LINE, MOST_RANK, RANK_STEP, WORD, Entry, pack_words, words
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any, Final

    from abax_runtime.model import Layer, Model
    from abax_runtime.native import Native

BASE_NAME: Final = "abax.base.name"
BASE_HASH: Final = "abax.base.sha256"

SITES: Final = (("attn_q", "attn_k", "attn_v"), ("attn_output",), ("ffn_gate", "ffn_up"), ("ffn_down",))
"""The matrices of a layer, those together that share their input; in the order of the computation."""
_FIELDS: Final = {
    "attn_q": "query",
    "attn_k": "key",
    "attn_v": "value",
    "attn_output": "attention_output",
    "ffn_gate": "gate",
    "ffn_up": "up",
    "ffn_down": "down",
}
"""What `model.Layer` calls them."""
_NAME: Final = re.compile(r"(.+)\.lora_([ab])")
_ADAPTABLE: Final = re.compile(rf"blk\.(\d{{1,4}})\.({'|'.join(_FIELDS)})\.weight")
_SAMPLE: Final = 64
LARGEST: Final = 1e30
"""Values beyond it cannot be meant, and their products would not be numbers."""


class Pair(Record):
    """What a file adds to one matrix of its base."""

    name: str
    """The matrix's."""
    a: Tensor
    b: Tensor
    scale: float

    @property
    def rank(self) -> int:
        """Columns of B."""
        return self.b.shape[1]


class Description(Record):
    """What an adapter file says of itself."""

    path: str
    name: str
    architecture: str
    alpha: float
    pairs: Mapping[str, Pair]
    """By the name of the matrix."""
    base_name: str
    base_hashes: tuple[str, ...]
    """Of the bases that it was trained for; empty: it does not say."""

    @property
    def ranks(self) -> list[int]:
        """All that occur."""
        return sorted({pair.rank for pair in self.pairs.values()})

    @property
    def targets(self) -> list[str]:
        """Kinds of matrices that it adapts."""
        kinds = {match[2] for name in self.pairs if (match := _ADAPTABLE.fullmatch(name))}
        return [kind for site in SITES for kind in site if kind in kinds]


def base_hash(gguf: Gguf) -> str:
    """SHA-256 over each tensor's name, type, shape, and 64 bytes at its start, middle and end.

    Of tensors alone: a file whose template or tokenizer is another is the same base, one that is quantised
    in another way is not.
    """
    from hashlib import sha256

    digest = sha256()
    for name, tensor in sorted(gguf.tensors.items()):
        data, middle = gguf.bytes(tensor), tensor.nbytes // 2
        digest.update(f"{name} {tensor.type.name} {tensor.shape}\n".encode())
        for part in (data[:_SAMPLE], data[middle : middle + _SAMPLE], data[-_SAMPLE:]):
            digest.update(part)
    return digest.hexdigest()


def describe(gguf: Gguf) -> Description:
    """What an open file says, checked within itself. Raises ``InvalidModel``, ``Unsupported``."""
    told, path = gguf.metadata, str(gguf.path)
    if told.get("general.type") != "adapter":
        raise InvalidModel(
            f"{path} is no adapter: its general.type is {str(told.get('general.type'))[:40]!r}"
        )
    if told.get("adapter.type") != "lora" or "adapter.alora.invocation_tokens" in told:
        kind = "alora" if told.get("adapter.type") == "lora" else str(told.get("adapter.type"))[:40]
        raise Unsupported(f"{path}: an adapter of type {kind!r}; lora is supported")
    alpha = told.get("adapter.lora.alpha", 0.0)
    if not isinstance(alpha, int | float) or not math.isfinite(alpha):
        raise InvalidModel(f"{path}: adapter.lora.alpha is {str(alpha)[:40]}, which is no number")
    hashes = told.get(BASE_HASH, ())
    return Description(
        path,
        str(told.get("general.name", "")),
        str(told.get("general.architecture", "")),
        float(alpha),
        _pairs(gguf, float(alpha)),
        str(told.get(BASE_NAME, told.get("general.base_model.0.name", ""))),
        (hashes,) if isinstance(hashes, str) else tuple(map(str, hashes)),
    )


def _pairs(gguf: Gguf, alpha: float) -> dict[str, Pair]:
    """Both halves of each pair, by the name of the matrix."""
    halves: dict[str, dict[str, Tensor]] = {}
    for name, tensor in gguf.tensors.items():
        match = _NAME.fullmatch(name)
        if match is None:
            raise Unsupported(f"{gguf.path}: the tensor {name!r} is neither .lora_a nor .lora_b of a matrix")
        halves.setdefault(match[1], {})[match[2]] = tensor
    if not halves:
        raise InvalidModel(f"{gguf.path}: an adapter without tensors")
    return {name: _pair(gguf, name, half, alpha) for name, half in halves.items()}


def _pair(gguf: Gguf, name: str, half: Mapping[str, Tensor], alpha: float) -> Pair:
    if not _ADAPTABLE.fullmatch(name):
        raise Unsupported(
            f"{gguf.path}: it adapts {name}; supported are {', '.join(_FIELDS)} of layers (blk.N.….weight)"
        )
    if len(half) < 2:
        raise InvalidModel(f"{gguf.path}: {name} has lora_{min(half)} and not the other half")
    a, b = half["a"], half["b"]
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[0] != b.shape[1]:
        raise InvalidModel(
            f"{gguf.path}: {name} has lora_a {a.shape} and lora_b {b.shape}, rows first: no common rank"
        )
    rank = b.shape[1]
    if rank > MOST_RANK:
        raise Unsupported(f"{gguf.path}: {name} has rank {rank}; up to {MOST_RANK} are supported")
    return Pair(name, a, b, alpha / rank if alpha else 1.0)


def check_base(found: Description, base: Gguf) -> None:
    """Raises ``AdapterMismatch`` where the adapter is of another base; warns where it does not name one."""
    architecture = str(base.metadata.get("general.architecture"))
    if found.architecture != architecture:
        raise AdapterMismatch(
            f"{found.path} is for the architecture {found.architecture!r}, {base.path} is {architecture!r}"
        )
    for pair in found.pairs.values():
        _check_shape(found, pair, base)
    if not found.base_hashes:
        warnings.warn(
            f"{found.path} does not say for which base it was trained ({BASE_HASH}); "
            f"its shapes fit {base.path}",
            stacklevel=2,
        )
    elif (own := base_hash(base)) not in found.base_hashes:
        raise AdapterMismatch(
            f"{found.path} was trained for {found.base_name or 'a base'} with {BASE_HASH} "
            f"{' or '.join(found.base_hashes)}; {base.path} "
            f"({base.metadata.get('general.name', 'without a name')}) has {own}"
        )


def _check_shape(found: Description, pair: Pair, base: Gguf) -> None:
    matrix = base.tensors.get(pair.name)
    wanted = (pair.b.shape[0], pair.a.shape[1])
    if matrix is None or tuple(matrix.shape) != wanted:
        have = "has no such matrix" if matrix is None else f"has {tuple(matrix.shape)} there"
        raise AdapterMismatch(f"{found.path} adapts {pair.name} of shape {wanted}; {base.path} {have}")


class Adapter:
    """An adapter in memory, in the form that the kernels take. It holds no file open."""

    def __init__(self, found: Description, fingerprint: str, model: Model) -> None:
        """``fingerprint``: of its file. Raises ``InvalidModel`` for values that are not finite."""
        self.path, self.name, self.ranks = found.path, found.name, found.ranks
        self.fingerprint, self.model = fingerprint, model
        plans = list(_plans(found, model))
        table = (len(plans) + 1) * ENTRY_BYTES
        self.nbytes = table + sum(plan.nbytes for plan in plans)
        self._memory = mmap.mmap(-1, self.nbytes, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.address = address(self._memory)
        at, entries = self.address + -(-table // LINE) * LINE, []
        for plan in plans:
            entries.append(plan.entry(at))
            plan.fill(at, model.native)
            at += plan.nbytes
        packed = b"".join(map(pack_words, entries))
        self._memory[: len(packed)] = packed

    @classmethod
    def load(cls, path: Path | str, model: Model) -> Adapter:
        """Of a file for a model.

        Raises ``ModelMissing``, ``InvalidModel``, ``Unsupported``, ``AdapterMismatch``.
        """
        with open_gguf(path) as gguf:
            found = describe(gguf)
            check_base(found, model.gguf)
            return cls(found, gguf.fingerprint, model)


ENTRY_BYTES: Final = words(Entry) * WORD


class _Plan(Record):
    """What one site of one layer gets."""

    path: str
    whole: bool
    """In int8; else in float32."""
    columns: int
    rank: int
    """Of all its pairs: the largest, filled up."""
    pairs: tuple[tuple[int, Pair], ...]
    """With the number of the product."""

    @property
    def a_bytes(self) -> int:
        """Of one pair."""
        return self._bytes(self.rank, self.columns, 32)

    def b_bytes(self, pair: Pair) -> int:
        """Of its rows."""
        return self._bytes(pair.b.shape[0], self.rank, RANK_STEP)

    def _bytes(self, rows: int, columns: int, group: int) -> int:
        """A float32 each, or a byte each and two for each group."""
        return rows * (columns + columns // group * 2) if self.whole else rows * columns * 4

    @property
    def places(self) -> list[tuple[int, int]]:
        """Where each pair's A and B begin. All A are one matrix; each B begins on a line."""
        found, at = [], -(-self.a_bytes * len(self.pairs) // LINE) * LINE
        for number, (_, pair) in enumerate(self.pairs):
            found.append((number * self.a_bytes, at))
            at += -(-self.b_bytes(pair) // LINE) * LINE
        return [*found, (at, at)]

    @property
    def nbytes(self) -> int:
        """Whole lines, and one more for what the beginning is rounded up by."""
        return self.places[-1][1] + (LINE if self.pairs else 0)

    def entry(self, at: int) -> Entry:
        """The record of what lies from ``at`` on."""
        products = [0] * 6
        for row, ((number, _), (_, b)) in enumerate(zip(self.pairs, self.places, strict=False)):
            products[2 * number : 2 * number + 2] = at + b, row * self.rank
        return Entry(int(self.whole), self.rank * len(self.pairs), self.rank, at, *products)

    def fill(self, at: int, native: Native) -> None:
        """Write what lies from ``at`` on, which is zeros so far."""
        scratch = (ctypes.c_float * (max(self.columns, self.rank) + 32))()
        to = ctypes.addressof(scratch)
        for (_, pair), (a, b) in zip(self.pairs, self.places, strict=False):
            _check_finite(self.path, pair.a, 1.0, native)
            _check_finite(self.path, pair.b, pair.scale, native)
            first, second = pair.a, pair.b
            place = first.type, first.address, pair.rank, self.columns
            native.adapter_pack_a(*place, self.whole, at + a, to)
            place = second.type, second.address, second.shape[0], pair.rank
            native.adapter_pack_b(*place, self.rank, pair.scale, self.whole, at + b, to)


def _check_finite(path: str, half: Tensor, scale: float, native: Native) -> None:
    scratch = (ctypes.c_float * half.shape[1])()
    place = half.type, half.address, *half.shape
    largest = native.adapter_largest(*place, ctypes.addressof(scratch))
    if largest < 0 or largest * abs(scale) > LARGEST:
        raise InvalidModel(f"{path}: {half.name} holds values that are not finite, or are once scaled")


def _plans(found: Description, model: Model) -> Iterator[_Plan]:
    """One for each site of each layer, in the order of the computation."""
    for number, layer in enumerate(model.weights.layers):
        for names in SITES:
            pairs = [
                (place, found.pairs[full])
                for place, name in enumerate(names)
                if (full := f"blk.{number}.{name}.weight") in found.pairs
            ]
            rank = max((pair.rank for _, pair in pairs), default=0)
            filled = -(-rank // RANK_STEP) * RANK_STEP
            matrix = _matrix(layer, names[0])
            yield _Plan(found.path, _is_whole(layer, names), matrix.shape[1], filled, tuple(pairs))


def _matrix(layer: Layer, name: str) -> Tensor:
    found: Tensor = getattr(layer, _FIELDS[name])
    return found


def _is_whole(layer: Layer, names: Sequence[str]) -> bool:
    """As exact as the base: in float32 where one of the products reads floats."""
    return all(_matrix(layer, name).type.block[0] > 1 for name in names)


class Adapters:
    """The adapters that a model may be asked for, by name; each is loaded when it is first wanted."""

    def __init__(self, model: Model, paths: Sequence[Path | str] | None = None) -> None:
        """``paths``: files, or folders of them; None: what is found (``found_adapters``). An adapter is named
        by its file, without ``.gguf``.

        Raises ``InvalidParameter`` for two of one name, and for a path where nothing is.
        """
        self._model, self._lock = model, threading.Lock()
        self._paths = found_adapters(model.gguf) if paths is None else adapter_files(paths)
        self._loaded: dict[str, Adapter] = {}

    @property
    def names(self) -> list[str]:
        """In order."""
        return sorted(self._paths)

    def get(self, name: str) -> Adapter | None:
        """The adapter of that name; None for an empty one. Raises what ``Adapter.load`` does, and
        ``InvalidParameter`` for a name that is not known."""
        if not name:
            return None
        if name not in self._paths:
            known = ", ".join(self.names) or "none"
            raise InvalidParameter("adapter", f"there is no {name[:80]!r}; known are: {known}")
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = Adapter.load(self._paths[name], self._model)
            return self._loaded[name]


def adapter_files(paths: Sequence[Path | str]) -> dict[str, Path]:
    """Files by their names; of a folder all of its GGUF files."""
    from pathlib import Path

    found: dict[str, Path] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise InvalidParameter("adapters", f"there is nothing at {path}")
        for file in sorted(path.glob("*.gguf")) if path.is_dir() else [path]:
            if file.stem in found and found[file.stem] != file:
                raise InvalidParameter("adapters", f"{found[file.stem]} and {file} have the same name")
            found[file.stem] = file
    return found


def found_adapters(base: Gguf) -> dict[str, Path]:
    """Those that ABAX_RUNTIME_ADAPTERS names; where it is not set, those that ship, if this is their base.

    Others are left out, which is logged: they are no fault of whoever brings a model of his own. A damaged
    file stays in: whoever asks for it is told. Raises as `adapter_files`.
    """
    from abax_runtime.models import named_adapters, shipped_adapters

    named = named_adapters()
    if named is not None:
        return adapter_files(named)
    files = adapter_files(shipped_adapters())
    foreign = {name: trained for name, path in files.items() if (trained := _other_base(path, base))}
    if foreign:
        import logging

        logging.getLogger(__name__).warning(
            "adapters left out, since they are for %s and not for %s: %s",
            " and ".join(sorted(set(foreign.values()))),
            base.path,
            ", ".join(sorted(foreign)),
        )
    return {name: path for name, path in files.items() if name not in foreign}


def _other_base(path: Path, base: Gguf) -> str:
    """What an adapter was trained for; empty where that is this base, or where the file cannot be read."""
    try:
        with open_gguf(path) as gguf:
            found = describe(gguf)
    except RuntimeFault:
        return ""
    try:
        check_base(found, base)
    except AdapterMismatch:
        return found.base_name or "another base"
    return ""


def told(found: Description, gguf: Gguf) -> dict[str, Any]:
    """What a file holds, for people and scripts."""
    training = {
        key.removeprefix("abax.training."): value
        for key, value in gguf.metadata.items()
        if key.startswith("abax.training.")
    }
    return {
        "file": found.path,
        "name": found.name,
        "architecture": found.architecture,
        "ranks": found.ranks,
        "alpha": found.alpha,
        "targets": found.targets,
        "layers": len({name.split(".")[1] for name in found.pairs}),
        "matrices": len(found.pairs),
        "parameters": sum(math.prod(half.shape) for pair in found.pairs.values() for half in pair[1:3]),
        "types": sorted({half.type.name for pair in found.pairs.values() for half in pair[1:3]}),
        "file_bytes": gguf.size,
        "base": found.base_name,
        "base_sha256": list(found.base_hashes),
        "training": training,
        "fingerprint": gguf.fingerprint,
    }
