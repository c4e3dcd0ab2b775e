"""GGUF files: weights mapped read-only where they lie, metadata as Python values, nothing believed unchecked.

A file is a head (magic, version, counts, metadata, one record per tensor) and, from the next aligned byte on,
the tensors' data. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. We read versions 2
and 3, little-endian. Every count, length, offset, alignment, type and dimension is checked against the bytes
that are there before it is used, and an error names it and the byte where it stands.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import stat
import struct
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cached_property

from .arrays import LETTERS, Strings, Values, ValueType, address, library
from .errors import InvalidModel, ModelChanged, ModelMissing, Unsupported
from .record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, NoReturn

    from . import native

MAGIC = b"GGUF"
ALIGNMENT = 32
LONGEST_KEY = 65_535
LONGEST_NAME = 64  # bytes of a tensor's name
MOST_DIMENSIONS = 4
EAGER = 1024  # arrays of up to so many values are decoded at once
_MADV_POPULATE_READ = 22  # Linux 5.14


class TensorType(IntEnum):
    """The tensor types that we compute on, by their number in the file."""

    F32 = 0
    F16 = 1
    Q4_0 = 2
    Q4_1 = 3
    Q8_0 = 8
    Q4_K = 12
    Q5_K = 13
    Q6_K = 14
    BF16 = 30

    @property
    def block(self) -> tuple[int, int]:
        """Elements and bytes of one block."""
        return _BLOCKS[self]


_BLOCKS = {
    TensorType.F32: (1, 4),
    TensorType.F16: (1, 2),
    TensorType.BF16: (1, 2),
    TensorType.Q8_0: (32, 34),  # float16 scale, 32 int8
    TensorType.Q4_0: (32, 18),  # float16 scale, 32 nibbles
    TensorType.Q4_1: (32, 20),  # float16 scale and minimum, 32 nibbles
    TensorType.Q4_K: (256, 144),  # float16 scale and minimum, 8 six-bit pairs in 12 bytes, 256 nibbles
    TensorType.Q5_K: (256, 176),  # as Q4_K, and 256 fifth bits
    TensorType.Q6_K: (256, 210),  # 256 nibbles, 256 bit pairs, 16 int8 scales, float16 scale
}
_OTHER_TYPES = (
    "6:Q5_0 7:Q5_1 9:Q8_1 10:Q2_K 11:Q3_K 15:Q8_K 16:IQ2_XXS 17:IQ2_XS 18:IQ3_XXS 19:IQ1_S 20:IQ4_NL "
    "21:IQ3_S 22:IQ2_S 23:IQ4_XS 24:I8 25:I16 26:I32 27:I64 28:F64 29:IQ1_M 34:TQ1_0 35:TQ2_0 39:MXFP4"
)
OTHER_TYPES = {int(number): name for number, name in (pair.split(":") for pair in _OTHER_TYPES.split())}


def bytes_of(kind: TensorType, elements: int) -> int:
    """Bytes that `elements` (a multiple of the block) take."""
    per_block, size = _BLOCKS[kind]
    return elements // per_block * size


_SCALARS = {number: struct.Struct("<" + letter) for number, letter in LETTERS.items()}
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")
_HEAD, _ARRAY = struct.Struct("<4sIQQ"), struct.Struct("<IQ")
_INFOS = [struct.Struct(f"<{dimensions}QIQ") for dimensions in range(MOST_DIMENSIONS + 1)]


class Tensor(Record):
    """Where one tensor lies.

    `shape` has rows first: a matrix is (outputs, inputs), a vector (n,). `address` holds while the file is
    open; `offset` counts from the start of the file.
    """

    name: str
    type: TensorType
    shape: tuple[int, ...]
    address: int
    nbytes: int
    offset: int


class Gguf:
    """An open file. Addresses and views hold until `close`; leaving the context closes."""

    def __init__(self, path: str, mapping: mmap.mmap, status: os.stat_result, head: _Head) -> None:
        self._path, self.size = path, len(mapping)
        self.metadata, self.value_types, self.tensors = head.metadata, head.value_types, head.tensors
        self._head_size = head.position
        self._identity = _identity(status)
        self._map: mmap.mmap | None = mapping
        self._view: memoryview | None = memoryview(mapping)

    @property
    def path(self) -> Path:
        """The file, absolute."""
        from pathlib import Path

        return Path(self._path)

    def bytes(self, tensor: Tensor) -> memoryview:
        """The tensor's data, read-only; it keeps the mapping alive."""
        if self._view is None:
            raise ModelMissing(f"{self.path}: the file is closed")
        return self._view[tensor.offset : tensor.offset + tensor.nbytes]

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits of the head and 192 bytes of each tensor: a key for what derives from the weights."""
        from hashlib import blake2b

        if self._view is None:
            raise ModelMissing(f"{self.path}: the file is closed")
        digest = blake2b(self._view[: self._head_size], digest_size=16)
        for tensor in self.tensors.values():
            data = self.bytes(tensor)
            middle = tensor.nbytes // 2
            for part in (data[:64], data[middle : middle + 64], data[-64:]):
                digest.update(part)
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Raise ModelChanged if the path is no longer the file that was mapped, or was written to.

        One `stat`, so that it can precede every request: reading a map whose file was cut short ends the
        process.
        """
        try:
            now = _identity(os.stat(self._path))
        except OSError as error:
            raise ModelChanged(f"{self.path} is gone: {error.strerror}; open the model again") from error
        if now == self._identity:
            return
        if now[:2] != self._identity[:2]:
            raise ModelChanged(f"{self.path} was replaced by another file; open the model again")
        raise ModelChanged(
            f"{self.path} was written to while in use ({self._identity[2]:,} bytes then, {now[2]:,} now); "
            "open the model again, and replace weights by renaming a new file over the old"
        )

    def prefault(self) -> None:
        """Read all of the file in, without the interpreter's lock: work for a thread of its own."""
        mapping = self._map  # held, as `close` may come meanwhile
        if mapping is not None:
            libc = ctypes.CDLL(None)
            libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
            libc.madvise(address(mapping), self.size, _MADV_POPULATE_READ)

    def close(self) -> None:
        """Give the mapping up. Views that are still held keep it mapped until they are gone."""
        self._view = None
        self._map = None

    @property
    def closed(self) -> bool:
        """Whether it has been closed: addresses do not hold any more."""
        return self._map is None

    def __enter__(self) -> Gguf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_gguf(path: str | os.PathLike[str], *, populate: bool = False) -> Gguf:
    """Map and check a file; with `populate`, all of it is in memory on return.

    Raises ModelMissing (nothing there to read), InvalidModel (it cannot be what it says) and Unsupported
    (another version or byte order, a tensor type that we do not compute on, one part of several).
    """
    path = os.path.abspath(path)
    mapping, status = _map(path, populate)
    head = _Head(path, mapping)
    head.read()
    parts = head.metadata.get("split.count", 0)
    if isinstance(parts, int) and parts > 1:
        raise Unsupported(
            f"{path} is one of {parts} parts; merge them into one file first (gguf-split --merge)"
        )
    return Gguf(path, mapping, status, head)


def _map(path: str, populate: bool) -> tuple[mmap.mmap, os.stat_result]:
    flags = mmap.MAP_SHARED | (getattr(mmap, "MAP_POPULATE", 0) if populate else 0)
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise ModelMissing(f"{path} is not a file")
            if status.st_size < _HEAD.size:
                raise InvalidModel(f"{path}: {status.st_size} bytes are too few for a GGUF file")
            return mmap.mmap(file, status.st_size, flags, mmap.PROT_READ), status
        finally:
            os.close(file)
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error.strerror}") from error


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class _Head:
    """A cursor over the head of a file. It never reads past the end, and remembers where it was."""

    def __init__(self, path: str, data: mmap.mmap) -> None:
        self.path, self.data, self.size, self.position = path, data, len(data), 0
        self.metadata: dict[str, Any] = {}
        self.value_types: dict[str, ValueType] = {}  # of an array, its elements' type
        self.tensors: dict[str, Tensor] = {}

    def read(self) -> None:
        """The whole head, in the order of the file."""
        tensors, values = self._counts()
        for _ in range(values):
            self._pair()
        alignment = self._alignment()
        infos = [self._info() for _ in range(tensors)]
        start = -(-self.position // alignment) * alignment
        base = address(self.data)
        for name, kind, shape, offset, at in infos:
            self._place(name, kind, shape, offset, at, start, alignment, base)
        self._check_apart()

    def _counts(self) -> tuple[int, int]:
        magic, version, tensors, values = self.take(_HEAD, "header")
        if magic != MAGIC:
            self.fail(f"starts with {magic!r}, not {MAGIC!r}: not a GGUF file", 0)
        if (version and version & 0xFFFF == 0) or sys.byteorder != "little":
            raise Unsupported(f"{self.path}: big-endian files or machines are not supported")
        if version not in (2, 3):
            raise Unsupported(f"{self.path}: GGUF version {version}; versions 2 and 3 are supported")
        left = self.size - self.position
        if values > left // 13:  # a key's length, its type and the smallest value
            self.fail(f"{values:,} metadata values in {left:,} bytes", 16)
        if tensors > left // 25:  # a name's length and character, dimensions, type, offset
            self.fail(f"{tensors:,} tensors in {left:,} bytes", 8)
        return tensors, values

    def _pair(self) -> None:
        at = self.position
        key = self.string("key", LONGEST_KEY)
        if not key or key in self.metadata:
            self.fail(f"the key {key!r} stands here again" if key else "a key is empty", at)
        kind = self._value_type(key)
        if kind is ValueType.ARRAY:
            self.metadata[key] = self._array(key)
            return
        self.value_types[key] = kind
        self.metadata[key] = (
            self.string(key, self.size) if kind is ValueType.STRING else self._scalar(key, kind)
        )

    def _value_type(self, key: str) -> ValueType:
        at = self.position
        (number,) = self.take(_U32, key)
        if number > ValueType.FLOAT64:
            self.fail(f"{key} has the unknown value type {number}", at)
        return ValueType(number)

    def _scalar(self, key: str, kind: ValueType) -> Any:
        at = self.position
        (value,) = self.take(_SCALARS[kind], key)
        if kind is ValueType.BOOL and self.data[at] > 1:
            self.fail(f"{key} is {self.data[at]}, neither true nor false", at)
        return value

    def _array(self, key: str) -> Any:
        at = self.position
        kind = self._value_type(key)
        self.position = at
        _, count = self.take(_ARRAY, key)
        if kind is ValueType.ARRAY:
            self.fail(f"{key} is an array of arrays", at)
        size = 8 if kind is ValueType.STRING else _SCALARS[kind].size
        if count > (self.size - self.position) // size:
            self.fail(f"{key} has {count:,} values, more than the file can hold", at + 4)
        start = self.position
        self.position = self._end_of_strings(key, count) if kind is ValueType.STRING else start + count * size
        self.value_types[key] = kind
        raw = memoryview(self.data)[start : self.position]
        if kind is ValueType.BOOL and bytes(raw).translate(None, b"\0\1"):
            self.fail(f"{key} holds bytes that are neither true nor false", start)
        where = f"{self.path}: {key} (byte {start})"
        values = Strings(where, count, raw) if kind is ValueType.STRING else Values(where, kind, count, raw)
        return values.items if count <= EAGER else values

    def _end_of_strings(self, key: str, count: int) -> int:
        kernels = library()
        at = self._walk(count) if kernels is None else self._walk_natively(kernels, count)
        if at > self.size:
            self.fail(f"the {count:,} strings of {key} do not end within the file", self.position)
        return at

    def _walk_natively(self, kernels: native.Native, count: int) -> int:
        strings = address(self.data) + self.position
        length = kernels.strings_end(strings, self.size - self.position, count)
        return self.position + int(length) if length >= 0 else self.size + 1

    def _walk(self, count: int) -> int:
        """The end of so many strings; past the file's end where they do not fit."""
        data, at, length = self.data, self.position, _U64.unpack_from
        try:
            for _ in range(count):
                at += 8 + length(data, at)[0]
        except (struct.error, OverflowError):  # the last length led past the end
            return self.size + 1
        return at

    def _alignment(self) -> int:
        value = self.metadata.get("general.alignment", ALIGNMENT)
        valid = type(value) is int and 8 <= value <= 65536 and value & (value - 1) == 0
        if not valid:
            self.fail(f"general.alignment is {value!r}, not a power of two from 8 to 65536", self.position)
        return int(value)

    def _info(self) -> tuple[str, TensorType, tuple[int, ...], int, int]:
        at = self.position
        name = self.string("a tensor's name", LONGEST_NAME)
        (dimensions,) = self.take(_U32, name)
        if not name or not 1 <= dimensions <= MOST_DIMENSIONS:
            self.fail(f"tensor {name!r} has {dimensions} dimensions; 1 to {MOST_DIMENSIONS} are possible", at)
        *sides, number, offset = self.take(_INFOS[dimensions], name)
        if number not in _BLOCKS:
            known = OTHER_TYPES.get(number, "unknown")
            raise Unsupported(
                f"{self.path}: tensor {name!r} is of type {number} ({known}); "
                f"supported are {', '.join(kind.name for kind in TensorType)}"
            )
        return name, TensorType(number), tuple(reversed(sides)), offset, at

    def _place(
        self,
        name: str,
        kind: TensorType,
        shape: tuple[int, ...],
        offset: int,
        at: int,
        start: int,
        alignment: int,
        base: int,
    ) -> None:
        elements = 1
        for side in shape:
            elements *= side
        nbytes, offset = bytes_of(kind, elements), start + offset
        if name in self.tensors:
            self.fail(f"tensor {name!r} stands here again", at)
        if not elements or shape[-1] % kind.block[0]:
            self.fail(f"tensor {name!r} of shape {shape} does not fill blocks of {kind.block[0]}", at)
        if offset % alignment or offset + nbytes > self.size:
            self.fail(
                f"tensor {name!r} lies at {offset:,} with {nbytes:,} bytes, "
                f"not within {self.size:,} bytes or not at a multiple of {alignment}",
                at,
            )
        self.tensors[name] = Tensor(name, kind, shape, base + offset, nbytes, offset)

    def _check_apart(self) -> None:
        end, before = self.position, "the head"
        for tensor in sorted(self.tensors.values(), key=lambda tensor: tensor.offset):
            if tensor.offset < end:
                self.fail(f"tensor {tensor.name!r} overlaps {before}", tensor.offset)
            end, before = tensor.offset + tensor.nbytes, repr(tensor.name)

    def take(self, layout: struct.Struct, what: str) -> tuple[Any, ...]:
        """The next fields."""
        at = self.position
        if at + layout.size > self.size:
            self.fail(f"the file ends within {what}", at)
        self.position = at + layout.size
        return layout.unpack_from(self.data, at)

    def string(self, what: str, longest: int) -> str:
        """The next string, of at most `longest` bytes."""
        at = self.position
        (length,) = self.take(_U64, what)
        if length > min(longest, self.size - self.position):
            self.fail(f"{what} is {length:,} bytes long", at)
        self.position += length
        try:
            return str(self.data[self.position - length : self.position], "utf-8")
        except UnicodeDecodeError as error:
            self.fail(f"{what} is not UTF-8: {error}", at)

    def fail(self, problem: str, at: int) -> NoReturn:
        """Raise InvalidModel for what stands at byte `at`."""
        raise InvalidModel(f"{self.path}: {problem} (at byte {at:,} of {self.size:,})")


if TYPE_CHECKING:
    # Data of a tensor to write: whatever has the buffer protocol, or a function that makes it in its turn.
    Data = Any
    Entry = tuple[str, TensorType, Sequence[int], Data]


def write_gguf(
    path: str | os.PathLike[str],
    metadata: Mapping[str, Any],
    tensors: Iterable[Entry],
    *,
    types: Mapping[str, ValueType] | None = None,
) -> None:
    """Write a version 3 file, whole or not at all (a new file is renamed over the old).

    Shapes have rows first. Data is a contiguous buffer or a function that returns one, called in order so
    that one tensor at a time need be in memory. Values are written as BOOL, UINT32 (INT32 if negative, 64
    bits if large; arrays of integers as INT32), FLOAT32 and STRING unless `types` says otherwise by key.
    Raises ValueError for what cannot be written.
    """
    from pathlib import Path

    path, entries = Path(path), list(tensors)
    head = _head_bytes(metadata, entries, types or {})
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(head)
            for entry in entries:
                data = _data_of(entry)
                file.write(data)
                file.write(bytes(-len(data) % ALIGNMENT))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _head_bytes(
    metadata: Mapping[str, Any], entries: Sequence[Entry], types: Mapping[str, ValueType]
) -> bytes:
    metadata = {**metadata, "general.alignment": ALIGNMENT} if "general.alignment" in metadata else metadata
    parts = [_HEAD.pack(MAGIC, 3, len(entries), len(metadata))]
    parts += [_packed_pair(key, value, types.get(key)) for key, value in metadata.items()]
    offset = 0
    for name, kind, shape, _ in entries:
        parts += [_packed_string(name), _U32.pack(len(shape))]
        parts.append(_INFOS[len(shape)].pack(*reversed(shape), kind, offset))
        offset += -(-_size(name, kind, shape) // ALIGNMENT) * ALIGNMENT
    head = b"".join(parts)
    return head + bytes(-len(head) % ALIGNMENT)


def _size(name: str, kind: TensorType, shape: Sequence[int]) -> int:
    elements = 1
    for side in shape:
        elements *= side
    if not 1 <= len(shape) <= MOST_DIMENSIONS or elements < 1 or shape[-1] % kind.block[0]:
        raise ValueError(f"tensor {name!r} of shape {tuple(shape)} cannot be {kind.name}")
    return bytes_of(kind, elements)


def _data_of(entry: Entry) -> memoryview:
    name, kind, shape, data = entry
    made: Callable[[], Any] | Any = data
    view = memoryview(made() if callable(made) else made).cast("B")
    if len(view) != _size(name, kind, shape):
        raise ValueError(f"tensor {name!r} has {len(view)} bytes, not {_size(name, kind, shape)}")
    return view


def _packed_pair(key: str, value: Any, kind: ValueType | None) -> bytes:
    if isinstance(value, (str, bool, int, float)):
        kind = _kind_of(value) if kind is None else kind
        return _packed_string(key) + _U32.pack(kind) + _packed(value, kind)
    kind = _kind_of_all(value) if kind is None else kind
    head = _packed_string(key) + _U32.pack(ValueType.ARRAY) + _ARRAY.pack(kind, len(value))
    if kind is ValueType.STRING:
        return head + b"".join(map(_packed_string, value))
    return head + struct.pack(f"<{len(value)}{LETTERS[kind]}", *value)


def _packed(value: Any, kind: ValueType) -> bytes:
    return _packed_string(value) if kind is ValueType.STRING else _SCALARS[kind].pack(value)


def _packed_string(text: str) -> bytes:
    data = text.encode()
    return _U64.pack(len(data)) + data


def _kind_of(value: str | bool | int | float) -> ValueType:
    if isinstance(value, str):
        return ValueType.STRING
    if isinstance(value, bool):
        return ValueType.BOOL
    if isinstance(value, float):
        return ValueType.FLOAT32
    if value < 0:
        return ValueType.INT32 if value >= -(2**31) else ValueType.INT64
    return ValueType.UINT32 if value < 2**32 else ValueType.UINT64


def _kind_of_all(values: Sequence[Any]) -> ValueType:
    kinds = {_kind_of(value) for value in values} or {ValueType.INT32}
    if len(kinds) == 1 and (only := kinds.pop()) in (ValueType.STRING, ValueType.BOOL, ValueType.FLOAT32):
        return only
    if any(isinstance(value, str) for value in values):
        raise ValueError("an array holds strings and numbers")
    if any(isinstance(value, float) for value in values):
        return ValueType.FLOAT32
    return ValueType.INT32 if all(-(2**31) <= value < 2**31 for value in values) else ValueType.INT64
