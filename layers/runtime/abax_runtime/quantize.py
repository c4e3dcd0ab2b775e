"""Quantise weights: fewer bits for each, with scales that are searched for, block by block.

`encode` and `dequantize` go between float32 and a tensor type's bytes; `quantize` turns a whole file. A tool,
not a part of inference: it needs numpy, and nothing on the way to a token imports it.

For each block of 32 weights the search tries scales around the one that just fits the largest weight, rounds,
fits scale (and minimum) to the rounded weights by least squares, and keeps what has the least squared error
as stored, in float16. The plain choice (llama.cpp's) is among them, so that no block comes out worse.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from . import cpu
from .arrays import ValueType
from .errors import InvalidModel, InvalidParameter, Unsupported
from .gguf import Gguf, Tensor, TensorType, bytes_of, open_gguf, write_gguf

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as error:
    raise Unsupported("quantising and importing need numpy: pip install numpy") from error

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]
"""Called with a tensor's name before it is made, its number from 0, and the number of tensors."""

TARGETS = (
    TensorType.F32,
    TensorType.F16,
    TensorType.BF16,
    TensorType.Q8_0,
    TensorType.Q4_0,
    TensorType.Q4_1,
)
"""What `quantize` can make."""

SOURCES = (TensorType.F32, TensorType.F16, TensorType.BF16, TensorType.Q8_0)
"""What it makes them from without being told to requantise."""

MIXTURE = (TensorType.Q4_0, TensorType.Q4_1, TensorType.Q8_0)
"""What a mixture is made of, smallest first."""

CHUNK = 1 << 17
"""Elements that are worked on at a time: few enough for the caches."""

SAMPLE = 1 << 18
"""Elements of a tensor by which a mixture measures its error."""


@dataclass(frozen=True)
class Made:
    """One tensor of the new file. Errors are of the squared values; 0 for one that was copied."""

    name: str
    source: TensorType
    type: TensorType
    nbytes: int
    elements: int
    squared_error: float = 0.0
    squared_values: float = 0.0

    @property
    def relative_error(self) -> float:
        """Root of the squared error over the squared values."""
        return float((self.squared_error / self.squared_values) ** 0.5) if self.squared_values else 0.0


@dataclass
class Report:
    """What `quantize` made."""

    tensors: list[Made] = field(default_factory=list)

    @property
    def bits_per_weight(self) -> float:
        """Over all tensors."""
        return 8 * sum(made.nbytes for made in self.tensors) / sum(made.elements for made in self.tensors)

    @property
    def relative_error(self) -> float:
        """Over all tensors that were quantised."""
        error = sum(made.squared_error for made in self.tensors)
        values = sum(made.squared_values for made in self.tensors)
        return float((error / values) ** 0.5) if values else 0.0


def quantize(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    kind: TensorType | Literal["mixed"],
    *,
    output: TensorType | None = TensorType.Q8_0,
    bits: float = 5.5,
    requantize: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the model in `source` with its matrices as `kind`; vectors stay float32.

    `output` is the type of the matrix that makes the logits (the embedding where they are tied): None for
    `kind`; it is never less exact than `kind`. "mixed" gives each matrix the type of `MIXTURE` that lowers
    the sum of relative squared errors most for its size, within `bits` per weight, output included.
    `requantize` allows sources that have lost their precision already. Raises what `open_gguf` does,
    Unsupported for a source or target type that we cannot turn, InvalidModel for weights that are not finite.
    """
    if kind != "mixed" and kind not in TARGETS:
        raise Unsupported(f"cannot quantise to {kind.name}, only to {', '.join(t.name for t in TARGETS)}")
    with open_gguf(source) as file:
        matrices = [tensor for tensor in file.tensors.values() if _is_matrix(tensor)]
        for tensor in matrices:
            if tensor.type not in SOURCES and not requantize:
                raise Unsupported(
                    f"{file.path}: {tensor.name} is {tensor.type.name}, which has lost precision already; "
                    "requantise only if there is no better source"
                )
        with ThreadPoolExecutor(threads or cpu.threads()) as pool:
            if kind == "mixed":
                types = mixture(file, matrices, bits, pool)
            else:
                types = {tensor.name: kind for tensor in matrices} | _output_type(matrices, kind, output)
            return _write(file, destination, types, pool, progress)


def _is_matrix(tensor: Tensor) -> bool:
    return len(tensor.shape) > 1 and tensor.shape[-1] % 32 == 0


def _output_type(
    matrices: Sequence[Tensor], kind: TensorType, output: TensorType | None
) -> dict[str, TensorType]:
    names = {tensor.name for tensor in matrices}
    last = "output.weight" if "output.weight" in names else "token_embd.weight"
    if (
        output is None
        or last not in names
        or kind.block[1] / kind.block[0] > output.block[1] / output.block[0]
    ):
        return {}
    return {last: output}


def _write(
    file: Gguf,
    destination: str | os.PathLike[str],
    types: dict[str, TensorType],
    pool: ThreadPoolExecutor,
    progress: Progress | None,
) -> Report:
    report, tensors = Report(), list(file.tensors.values())

    def make(number: int, tensor: Tensor) -> Any:
        if progress:
            progress(tensor.name, number, len(tensors))
        data, made = _convert(file, tensor, types.get(tensor.name, tensor.type), pool)
        report.tensors.append(made)
        return data

    def later(number: int, tensor: Tensor) -> Callable[[], Any]:
        return lambda: make(number, tensor)

    metadata = dict(file.metadata)
    metadata["general.file_type"] = _file_type(file, types)
    metadata["general.quantization_version"] = 2
    value_types = file.value_types | {"general.file_type": ValueType.UINT32}
    entries = [
        (tensor.name, types.get(tensor.name, tensor.type), tensor.shape, later(number, tensor))
        for number, tensor in enumerate(tensors)
    ]
    write_gguf(destination, metadata, entries, types=value_types)
    return report


# llama.cpp's numbers for "mostly" a type.
_FILE_TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "BF16": 32}


def _file_type(file: Gguf, types: dict[str, TensorType]) -> int:
    nbytes: dict[str, int] = {}
    for name, kind in types.items():
        nbytes[kind.name] = nbytes.get(kind.name, 0) + file.tensors[name].nbytes
    return _FILE_TYPES[max(nbytes, key=lambda name: nbytes[name])] if nbytes else 0


def _convert(file: Gguf, tensor: Tensor, kind: TensorType, pool: ThreadPoolExecutor) -> tuple[Any, Made]:
    """A tensor's new data, and what it cost."""
    if kind == tensor.type:
        return file.bytes(tensor), Made(tensor.name, kind, kind, tensor.nbytes, _elements(tensor))
    where = f"{file.path}: {tensor.name}"
    return convert(where, tensor.name, file.bytes(tensor), tensor.type, _elements(tensor), kind, pool)


def convert(
    where: str,
    name: str,
    data: Any,
    source: TensorType,
    elements: int,
    kind: TensorType,
    pool: ThreadPoolExecutor,
) -> tuple[bytearray, Made]:
    """Tensor data of one type as data of another, a chunk at a time on all threads of the pool.

    Raises InvalidModel, beginning with `where`, if a value is not finite.
    """
    view, made = memoryview(data).cast("B"), bytearray(bytes_of(kind, elements))

    def one(start: int) -> tuple[float, float]:
        values = _floats(where, source, view, start, min(CHUNK, elements - start))
        packed = encode(kind, values)
        at = bytes_of(kind, start)
        made[at : at + len(packed)] = packed
        return _squares(kind, packed, values)

    errors, squares = zip(*pool.map(one, range(0, elements, CHUNK)), strict=True)
    return made, Made(name, source, kind, len(made), elements, sum(errors), sum(squares))


def _elements(tensor: Tensor) -> int:
    return int(np.prod(tensor.shape, dtype=np.int64))


def _floats(where: str, kind: TensorType, data: memoryview, start: int, count: int) -> Floats:
    """A part of a tensor as float32; InvalidModel if a value is not finite."""
    values = dequantize(kind, data[bytes_of(kind, start) : bytes_of(kind, start + count)], count)
    if not np.isfinite(values).all():
        raise InvalidModel(f"{where} holds values that are not finite")
    return values


def _squares(kind: TensorType, packed: bytes, values: Floats) -> tuple[float, float]:
    """Sums of the squared error and of the squared values."""
    wrong = dequantize(kind, packed, values.size) - values
    return float(wrong @ wrong), float(values @ values)


class Step(NamedTuple):
    """A matrix's way from one type of `MIXTURE` to a larger one."""

    name: str
    start: TensorType
    end: TensorType
    saved: float
    """Of the relative squared error."""
    nbytes: int


def mixture(
    file: Gguf, matrices: Sequence[Tensor], bits: float, pool: ThreadPoolExecutor
) -> dict[str, TensorType]:
    """A type for each matrix, by measured error.

    From the smallest type on, makes the step that saves most error per byte while it fits the budget: within
    one step of the best that there is.
    """
    types = {tensor.name: MIXTURE[0] for tensor in matrices}
    smallest = sum(bytes_of(MIXTURE[0], _elements(tensor)) for tensor in matrices)
    left = sum(map(_elements, matrices)) * bits / 8 - smallest
    if left < 0:
        least = 8 * MIXTURE[0].block[1] / MIXTURE[0].block[0]
        raise InvalidParameter("bits", f"{bits} per weight are too few; {least} are the least")
    steps = [step for found in pool.map(lambda tensor: _steps(file, tensor), matrices) for step in found]
    for step in sorted(steps, key=lambda step: -step.saved / step.nbytes):
        if step.nbytes <= left and types[step.name] == step.start:
            left -= step.nbytes
            types[step.name] = step.end
    return types


def _steps(file: Gguf, tensor: Tensor) -> list[Step]:
    """The steps worth making, each saving less per byte than the one before it."""
    sample = np.concatenate(list(_sample(file, tensor)))
    elements = _elements(tensor)
    errors = {kind: _relative(kind, sample) for kind in MIXTURE}
    steps: list[Step] = []
    for start, end in pairwise(MIXTURE):
        nbytes = bytes_of(end, elements) - bytes_of(start, elements)
        step = Step(tensor.name, start, end, errors[start] - errors[end], nbytes)
        while steps and step.saved / step.nbytes >= steps[-1].saved / steps[-1].nbytes:
            before = steps.pop()
            step = Step(
                tensor.name, before.start, end, before.saved + step.saved, before.nbytes + step.nbytes
            )
        steps.append(step)
    return steps


def _relative(kind: TensorType, values: Floats) -> float:
    error, had = _squares(kind, encode(kind, values), values)
    return error / had if had else 0.0


def _sample(file: Gguf, tensor: Tensor) -> Iterator[Floats]:
    """Stretches of the tensor, evenly spaced, of `SAMPLE` elements at most."""
    where, data, elements = f"{file.path}: {tensor.name}", file.bytes(tensor), _elements(tensor)
    if elements <= SAMPLE:
        yield _floats(where, tensor.type, data, 0, elements)
        return
    piece = SAMPLE // 64
    for n in range(64):
        start = (elements - piece) * n // 63 // 256 * 256
        yield _floats(where, tensor.type, data, start, piece)


# --------------------------------------------------------------------------------------- from floats to bytes


def encode(kind: TensorType, values: Floats) -> bytes:
    """Values, as many as whole blocks hold, as data of one of `TARGETS`."""
    if kind not in TARGETS:
        raise Unsupported(f"cannot quantise to {kind.name}, only to {', '.join(t.name for t in TARGETS)}")
    if kind is TensorType.BF16:
        return _bf16(values).tobytes()
    if kind is TensorType.F32:
        return values.astype("<f4").tobytes()
    if kind is TensorType.F16:
        return _half(values.ravel()).tobytes()
    blocks = values.astype(np.float32, copy=False).reshape(-1, 32)
    return _ENCODERS[kind](blocks).tobytes()


def _half(values: Floats) -> NDArray[np.float16]:
    """To float16, what is too large to its largest."""
    return np.clip(values, -65504, 65504).astype("<f2")


def _bf16(values: Floats) -> NDArray[np.uint16]:
    """The upper halves of the bits, rounded to nearest, ties to even."""
    bits = values.astype("<f4", copy=False).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")


def _q8_0(x: Floats) -> Bytes:
    """[n][32] to [n][34]: a scale, and weights over scale from -127 to 127."""
    plain = np.abs(x).max(1) / np.float32(127)
    scale, quants = _search_scale(x, plain, (0.994, 0.997, 1.003, 1.006), -127, 127)
    return np.hstack([_bytes(scale), quants.astype(np.int8).view(np.uint8)])


def _q4_0(x: Floats) -> Bytes:
    """[n][32] to [n][18]: a scale of either sign, and weights over scale from -8 to 7, plus 8."""
    extreme = np.take_along_axis(x, np.abs(x).argmax(1, keepdims=True), 1)[:, 0]
    scale, quants = _search_scale(x, extreme / np.float32(-8), _Q4_0_FACTORS, -8, 7)
    return np.hstack([_bytes(scale), _nibbles(quants + 8)])


_Q4_0_FACTORS = (0.85, 0.9, 0.95, 1.05, 1.1, 1.15, -0.9, -0.97, -1.04, -1.1, -1.16, -1.22)
"""Scales to try, over the plain one; below 0 the extreme becomes 7 and not -8."""


def _search_scale(
    x: Floats, plain: Floats, factors: Sequence[float], low: int, high: int
) -> tuple[NDArray[np.float16], Floats]:
    """The scale [n] and quants [n][32] of the least squared error, of x [n][32]."""
    best, gain = plain, _fit_scale(x, plain, low, high)[1]
    for factor in factors:
        fitted, better = _fit_scale(x, plain * np.float32(factor), low, high)
        best, gain = np.where(better > gain, fitted, best), np.maximum(gain, better)
    for _ in range(2):
        best = _fit_scale(x, best, low, high)[0]
    first, second = (_with_scale(x, _half(scale), low, high) for scale in (plain, best))
    worse = (second[2] > first[2])[:, None]
    return np.where(worse[:, 0], first[0], second[0]), np.where(worse, first[1], second[1])


def _fit_scale(x: Floats, scale: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """After rounding with a scale, the scale that fits best, and by how much it lowers the squared error.

    For quants q the best scale is x·q / q·q, and |x - s q|² = |x|² - (x·q)² / q·q.
    """
    quants = _rounded(x, scale, low, high)
    products = np.einsum("ij,ij->i", x, quants)
    squares = np.einsum("ij,ij->i", quants, quants)
    fitted = _over(products, squares)
    return fitted, fitted * products


def _with_scale(
    x: Floats, scale: NDArray[np.float16], low: int, high: int
) -> tuple[NDArray[np.float16], Floats, Floats]:
    """A scale as stored, its quants and its squared error."""
    wide = scale.astype(np.float32)
    quants = _rounded(x, wide, low, high)
    wrong = x - quants * wide[:, None]
    return scale, quants, np.einsum("ij,ij->i", wrong, wrong)


def _rounded(x: Floats, scale: Floats, low: int, high: int) -> Floats:
    quants = x * _over(np.float32(1), scale)[:, None]
    np.rint(quants, out=quants)
    return np.clip(quants, low, high, out=quants)


def _over(above: Any, below: Floats) -> Floats:
    """A quotient, 0 where it has none or is too large."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        quotient = np.asarray(above / below, np.float32)
    return np.where(np.isfinite(quotient), quotient, np.float32(0))


def _q4_1(x: Floats) -> Bytes:
    """[n][32] to [n][20]: a scale, a minimum, and weights less minimum over scale from 0 to 15."""
    low, span, mean = x.min(1), x.max(1) - x.min(1), x.mean(1)
    level = x - mean[:, None]
    best, start, gain = _fit_line(level, span / 15, low - mean)
    for below, above in _Q4_1_CUTS:
        scale = span * np.float32((1 - below - above) / 15)
        found = _fit_line(level, scale, low - mean + span * np.float32(below))
        better = found[2] > gain
        best, start = np.where(better, found[0], best), np.where(better, found[1], start)
        gain = np.maximum(gain, found[2])
    for _ in range(2):
        best, start, _ = _fit_line(level, best, start)
    first = _with_line(x, _half(span / 15), _half(low))
    second = _with_line(x, _half(best), _half(start + mean))
    return np.where((second[1] > first[1])[:, None], first[0], second[0])


_Q4_1_CUTS = [(below, above) for below in (0, 0.03, 0.06) for above in (0, 0.03, 0.06)][1:]
"""Shares of the span to leave out below and above."""


def _fit_line(level: Floats, scale: Floats, start: Floats) -> tuple[Floats, Floats, Floats]:
    """After rounding, the scale and minimum that fit best, and by how much they lower the squared error.

    As `_fit_scale`, for x less its mean, and with quants less theirs.
    """
    quants = _steps_above(level, scale, start)
    middle = quants.mean(1)
    products = np.einsum("ij,ij->i", level, quants)
    squares = np.einsum("ij,ij->i", quants, quants) - 32 * middle * middle
    fitted = _over(products, squares)
    return fitted, -fitted * middle, fitted * products


def _with_line(x: Floats, scale: NDArray[np.float16], start: NDArray[np.float16]) -> tuple[Bytes, Floats]:
    wide, low = scale.astype(np.float32), start.astype(np.float32)
    quants = _steps_above(x, wide, low)
    wrong = x - quants * wide[:, None] - low[:, None]
    packed = np.hstack([_bytes(scale), _bytes(start), _nibbles(quants)])
    return packed, np.einsum("ij,ij->i", wrong, wrong)


def _steps_above(x: Floats, scale: Floats, start: Floats) -> Floats:
    quants = (x - start[:, None]) * _over(np.float32(1), scale)[:, None]
    np.rint(quants, out=quants)
    return np.clip(quants, 0, 15, out=quants)


def _bytes(halves: NDArray[np.float16]) -> Bytes:
    """[n] float16 as [n][2]."""
    return halves.astype("<f2").view(np.uint8).reshape(-1, 2)


def _nibbles(quants: Floats) -> Bytes:
    """[n][32] from 0 to 15 as [n][16]: the first half below, the second above."""
    whole = quants.astype(np.uint8)
    packed: NDArray[Any] = whole[:, :16] | whole[:, 16:] << 4
    return packed


_ENCODERS: dict[TensorType, Callable[[Floats], Bytes]] = {
    TensorType.Q8_0: _q8_0,
    TensorType.Q4_0: _q4_0,
    TensorType.Q4_1: _q4_1,
}

# --------------------------------------------------------------------------------------- from bytes to floats


def dequantize(kind: TensorType, data: Any, count: int) -> Floats:
    """The first `count` values of a tensor's data (a buffer), as float32 [count].

    Block layouts: ggml's ``ggml-common.h`` (``block_q8_0`` and so on).
    """
    raw = np.frombuffer(data, np.uint8, bytes_of(kind, count)).reshape(-1, kind.block[1])
    return _DECODERS[kind](raw).astype(np.float32, copy=False).reshape(-1)


def _number(raw: Bytes, at: int) -> Floats:
    """The float16 at byte `at` of each block, as a column."""
    return np.ascontiguousarray(raw[:, at : at + 2]).view("<f2").astype(np.float32)


def _from_nibbles(raw: Bytes) -> Floats:
    """[n][b] to [n][2 b]: all lower nibbles, then all upper."""
    return np.hstack([raw & 15, raw >> 4]).astype(np.float32)


def _from_bf16(raw: Bytes) -> Floats:
    return (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)


def _from_q8_0(raw: Bytes) -> Floats:
    return _number(raw, 0) * raw[:, 2:].view(np.int8)


def _from_q4_0(raw: Bytes) -> Floats:
    return _number(raw, 0) * (_from_nibbles(raw[:, 2:]) - 8)


def _from_q4_1(raw: Bytes) -> Floats:
    return _number(raw, 0) * _from_nibbles(raw[:, 4:]) + _number(raw, 2)


def _six_bits(raw: Bytes) -> tuple[Floats, Floats]:
    """Scales and minima [n][8][1] of a Q4_K or Q5_K block, from its first 16 bytes.

    Bytes 4 to 7 hold scales 0 to 3 and, in their upper two bits, those of scales 4 to 7; bytes 8 to 11 the
    same of the minima; bytes 12 to 15 the lower four bits of scales (below) and minima (above) 4 to 7.
    """
    scales, minima, rest = raw[:, 4:8], raw[:, 8:12], raw[:, 12:16]
    scales = np.hstack([scales & 63, rest & 15 | scales >> 6 << 4])
    minima = np.hstack([minima & 63, rest >> 4 | minima >> 6 << 4])
    return (_number(raw, 0) * scales)[:, :, None], (_number(raw, 2) * minima)[:, :, None]


def _from_q4_k(raw: Bytes) -> Floats:
    """Each 32 bytes hold two groups of 32: lower nibbles, then upper."""
    scales, minima = _six_bits(raw)
    pairs = raw[:, 16:].reshape(-1, 4, 32)
    quants = np.stack([pairs & 15, pairs >> 4], 2).reshape(-1, 8, 32)
    return scales * quants - minima


def _from_q5_k(raw: Bytes) -> Floats:
    """As Q4_K; bit g of byte i of the 32 from byte 16 on is the fifth bit of weight i of group g."""
    scales, minima = _six_bits(raw)
    pairs = raw[:, 48:].reshape(-1, 4, 32)
    quants = np.stack([pairs & 15, pairs >> 4], 2).reshape(-1, 8, 32)
    groups = np.arange(8, dtype=np.uint8)[:, None]
    fifth = raw[:, None, 16:48] >> groups & 1
    values: Floats = scales * (quants | fifth << 4) - minima
    return values


def _from_q6_k(raw: Bytes) -> Floats:
    """Two halves of 128 in four groups of 32: nibbles in 64 bytes, upper two bits in 32, scales in 8."""
    low = raw[:, :128].reshape(-1, 2, 64)
    nibbles = np.concatenate([low & 15, low >> 4], 2).reshape(-1, 2, 4, 32)
    shifts = np.array([0, 2, 4, 6], np.uint8)[:, None]
    upper = raw[:, 128:192].reshape(-1, 2, 1, 32) >> shifts & 3
    quants = (nibbles | upper << 4).reshape(-1, 16, 16).astype(np.int8) - 32
    scales = _number(raw, 208) * raw[:, 192:208].view(np.int8)
    values: Floats = scales[:, :, None] * quants
    return values


_DECODERS: dict[TensorType, Callable[[Bytes], NDArray[Any]]] = {
    TensorType.F32: lambda raw: raw.view("<f4"),
    TensorType.F16: lambda raw: raw.view("<f2"),
    TensorType.BF16: _from_bf16,
    TensorType.Q8_0: _from_q8_0,
    TensorType.Q4_0: _from_q4_0,
    TensorType.Q4_1: _from_q4_1,
    TensorType.Q4_K: _from_q4_k,
    TensorType.Q5_K: _from_q5_k,
    TensorType.Q6_K: _from_q6_k,
}
