"""Long arrays of a GGUF file's metadata, decoded no further than they are looked into.

A vocabulary is two arrays of some fifty thousand strings: tokens and merges. A short text wants a hundred of
them, so an array of strings is indexed by the kernels, which takes a millisecond, and a string decoded when
it is asked for.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, cached_property

from . import native
from .errors import InvalidModel, ModelChanged, RuntimeFault
from .record import TYPE_CHECKING

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator
    from typing import Any


class ValueType(IntEnum):
    """Types of metadata values, by their number in the file."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


LETTERS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
"""struct's letter of each number."""
_U64 = struct.Struct("<Q")


class Values(Sequence["Any"]):
    """A long array, decoded when it is first looked into; it keeps the file mapped."""

    def __init__(self, where: str, kind: ValueType, count: int, raw: memoryview) -> None:
        self.where, self.kind, self._count, self._raw = where, kind, count, raw

    @cached_property
    def items(self) -> list[Any]:
        """The values as a list; InvalidModel if a string is not UTF-8."""
        return list(struct.unpack(f"<{self._count}{LETTERS[self.kind]}", self._raw))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and self.items == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self._count} values of {self.kind.name}>"


class Strings(Values):
    """A long array of strings, whose numbers can be looked up by what they are."""

    def __init__(self, where: str, count: int, raw: memoryview) -> None:
        super().__init__(where, ValueType.STRING, count, raw)

    @cached_property
    def items(self) -> list[str]:
        """All of them; InvalidModel if one is not UTF-8."""
        raw, at, length = self._raw, 0, _U64.unpack_from
        try:
            if (lines := self._lines()) is not None:
                return str(lines, "utf-8").split("\0")
            return [
                str(raw[at + 8 : (at := at + 8 + length(raw, at)[0])], "utf-8") for _ in range(self._count)
            ]
        except UnicodeDecodeError as error:
            raise self._not_text(error) from error
        except (struct.error, OverflowError) as error:  # checked when it was opened, and written to since
            raise ModelChanged(f"{self.where}: a string of the array is not where it was") from error

    def __getitem__(self, index: Any) -> Any:
        if "items" in self.__dict__ or type(index) is not int or self._index is None:
            return self.items[index]
        at = self._index.starts[index if index >= 0 else index + self._count] if self._count else 0
        try:
            return str(self._raw[at + 8 : at + 8 + _U64.unpack_from(self._raw, at)[0]], "utf-8")
        except UnicodeDecodeError as error:
            raise self._not_text(error) from error

    def find(self, text: str) -> int | None:
        """The number of a string, of equal ones the last; None if it is not there."""
        if self._index is None:
            return self._numbers.get(text)
        number = self._index.find(text.encode("utf-8", "surrogatepass"))
        return number if number >= 0 else None

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return dict(zip(self.items, range(self._count), strict=True))

    @cached_property
    def _index(self) -> Index | None:
        if (found := library()) is None or not 0 < self._count <= Index.MOST:
            return None
        return Index.of(self._raw, self._count, found)

    def _lines(self) -> memoryview | None:
        """The strings with zero bytes between them; None where that cannot be had natively."""
        if (found := library()) is None or not self._count:
            return None
        lines = bytearray(len(self._raw) - 7 * self._count)
        to = ctypes.addressof(ctypes.c_char.from_buffer(lines))
        written = found.strings_lines(address(self._raw), len(self._raw), self._count, to)
        return memoryview(lines)[: written - 1] if written > 0 else None

    def _not_text(self, error: UnicodeDecodeError) -> InvalidModel:
        return InvalidModel(f"{self.where}: a string of the array is not UTF-8: {error}")


class Index:
    """Where each string of an array begins, and a hash table of them; see ``kernels.strings``."""

    MOST = (1 << 24) - 1

    def __init__(self, raw: memoryview, count: int, kernels: native.Native) -> None:
        slots = 1 << (2 * count).bit_length()
        self.starts = (ctypes.c_int64 * count)()
        self._raw, self._kernels, self._slots = raw, kernels, slots
        self._strings, self._table = address(raw), (ctypes.c_int64 * slots)()
        self._table_at = ctypes.addressof(self._table)

    @classmethod
    def of(cls, raw: memoryview, count: int, kernels: native.Native) -> Index | None:
        """None for strings that a file has chosen so that they hash to one place."""
        made = cls(raw, count, kernels)
        starts = ctypes.addressof(made.starts)
        done = kernels.strings_index(made._strings, len(raw), count, starts, made._table_at, made._slots)
        return made if done == 0 else None

    def find(self, text: bytes) -> int:
        """The number of a string, or -1."""
        place = self._strings, len(self._raw), self._table_at, self._slots
        return int(self._kernels.strings_find(*place, text, len(text)))


@cache
def library() -> native.Native | None:
    """The kernels, where there are any for this CPU: they are much faster at long arrays of strings."""
    try:
        found = native.load()
        found.strings_end(0, 0, 0)  # raises where the library is of an older build
    except RuntimeFault:
        return None
    return found


class _PyBuffer(ctypes.Structure):
    """CPython's Py_buffer (in its stable ABI since 3.11): the one way to a read-only map's address."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    )


def address(data: mmap.mmap | memoryview) -> int:
    """The first byte's address. It stays while the map lives; taking it keeps nothing alive."""
    buffer = _PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(data), ctypes.byref(buffer), 0)
    address = buffer.buf
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return int(address)
