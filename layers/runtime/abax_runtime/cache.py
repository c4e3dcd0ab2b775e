"""The cache of keys and values: where each position's lie, what a query looks at, prefixes kept in files.

A *plane* holds one head's keys, or its values, of one layer and one slot (a slot is one sequence), position
after position, and begins on a page of its own:

    [slot][layer][keys, values][kv head] planes

    keys    f16   [position / 16][head_size][16]
            q8_0  [position / 16][head_size / 32] of 16 float16 scales, int8 [32][16]
    values  f16   [position][head_size]
            q8_0  [position][head_size / 32] of a float16 scale, int8 [32]

Keys lie value by value across 16 positions, so that 16 scores come side by side, without sums across lanes.

As planes begin on pages, a stored prefix is mapped over the start of each: nothing is read or copied until it
is used, and what a request writes beyond it stays the request's own (copy on write).
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct

from abax_runtime.cpu import available_memory
from abax_runtime.errors import InvalidModel, InvalidParameter, ModelChanged, NotEnoughMemory
from abax_runtime.program import (
    BLOCK_LOCAL_GLOBAL,
    F16_CACHE,
    FULL,
    KEYS_TOGETHER,
    LOCAL_WINDOW,
    Q8_CACHE,
    STRIDED,
    Planes,
)
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Final, Literal

    KvForm = Literal["f16", "q8_0"]
    Pattern = Literal["full", "local_window", "strided", "block_local_global"]

_FORMS: Final[dict[str, int]] = {"f16": F16_CACHE, "q8_0": Q8_CACHE}
_PATTERNS: Final[dict[str, int]] = {
    "full": FULL,
    "local_window": LOCAL_WINDOW,
    "strided": STRIDED,
    "block_local_global": BLOCK_LOCAL_GLOBAL,
}


class Attention(Record):
    """Which positions j ≤ i the query at position i looks at.

    full: all. local_window: the last ``window``. strided: those, and before them each j that is a multiple of
    ``stride`` (Child et al. 2019, "fixed"). block_local_global: those in its own block of ``block`` positions
    and in the one before, and the first ``global_tokens``.
    """

    pattern: Pattern = "full"
    window: int = 512
    stride: int = 64
    block: int = 256
    global_tokens: int = 64

    def _validated(self) -> None:
        if self.pattern not in _PATTERNS:
            raise InvalidParameter("attention", f"{self.pattern!r} is not one of {', '.join(_PATTERNS)}")
        if min(self.window, self.stride, self.block) < 1 or self.global_tokens < 0:
            raise InvalidParameter("attention", f"a window, stride or block below 1: {self}")

    @property
    def number(self) -> int:
        """The pattern's number on the native side."""
        return _PATTERNS[self.pattern]


class CacheShape(Record):
    """Everything that decides where things lie."""

    slots: int
    length: int
    """Positions in a slot."""
    layers: int
    kv_heads: int
    head_size: int
    form: KvForm

    def _validated(self) -> None:
        if self.form not in _FORMS:
            raise InvalidParameter("kv", f"{self.form!r} is not one of {', '.join(_FORMS)}")
        if self.form == "q8_0" and self.head_size % 32:
            raise InvalidParameter("kv", f"q8_0 needs heads of a multiple of 32, these have {self.head_size}")

    def bytes_for(self, positions: int) -> int:
        """Bytes at the start of a plane that hold so many positions: whole groups of 16 of them."""
        grouped = -(-positions // KEYS_TOGETHER) * KEYS_TOGETHER
        return grouped * (self.head_size * 2 if self.form == "f16" else self.head_size // 32 * 34)

    @property
    def plane_bytes(self) -> int:
        return whole_pages(self.bytes_for(self.length))

    @property
    def slot_planes(self) -> int:
        return self.layers * 2 * self.kv_heads

    @property
    def slot_bytes(self) -> int:
        return self.slot_planes * self.plane_bytes

    @property
    def total_bytes(self) -> int:
        return self.slots * self.slot_bytes


def whole_pages(size: int) -> int:
    """Rounded up to whole pages."""
    return -(-size // mmap.PAGESIZE) * mmap.PAGESIZE


class KvCache:
    """The cache, in memory, or in a file at ``path`` that is removed as soon as it is mapped."""

    def __init__(self, shape: CacheShape, path: Path | str | None = None) -> None:
        self.shape = shape
        self._map = _in_memory(shape.total_bytes) if path is None else _in_file(path, shape.total_bytes)
        self._hold = ctypes.c_char.from_buffer(self._map)
        self.address = ctypes.addressof(self._hold)
        self._stored: dict[int, _Stored] = {}

    def close(self) -> None:
        """Give the memory back. No step may run any more."""
        for stored in self._stored.values():
            os.close(stored.descriptor)
        self._stored.clear()
        if not self._map.closed:
            del self._hold
            self._map.close()

    def planes(self, layer: int) -> Planes:
        """Where a layer's keys and values of slot 0 begin, and how far it is to the next head and slot."""
        shape = self.shape
        keys = self.address + layer * 2 * shape.kv_heads * shape.plane_bytes
        values = keys + shape.kv_heads * shape.plane_bytes
        return Planes(keys, values, shape.plane_bytes, shape.slot_bytes, _FORMS[shape.form])

    def copy(self, slot_from: int, slot_to: int, length: int) -> None:
        """Copy the first ``length`` positions of a slot to another."""
        self.check(slot_from, length)
        self.check(slot_to, 0)
        size = self.shape.bytes_for(length)
        pairs = zip(self._plane_addresses(slot_from), self._plane_addresses(slot_to), strict=True)
        for source, target in pairs:
            ctypes.memmove(target, source, size)

    def save(self, path: Path | str, slot: int, length: int, fingerprint: str) -> None:
        """Keep the first ``length`` positions of a slot in a file; a file at ``path`` is replaced at once."""
        self.check(slot, length)
        head = _PrefixHead(self.shape, length, fingerprint)
        unfinished = f"{path}.{os.getpid()}.part"
        try:
            with open(unfinished, "wb") as file:
                file.write(head.packed())
                for plane in self._plane_addresses(slot):
                    file.write((ctypes.c_char * head.stored).from_address(plane))
            os.replace(unfinished, path)
        finally:
            if os.path.exists(unfinished):
                os.unlink(unfinished)

    def load(self, path: Path | str, slot: int, fingerprint: str) -> int:
        """Map a stored prefix over the start of a slot's planes; the number of its positions.

        Raises ``InvalidModel`` for a file that is no prefix of this model in this form, ``InvalidParameter``
        for one that is longer than the slot.
        """
        try:
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
        except OSError as problem:
            raise InvalidModel(f"{path} cannot be read: {problem.strerror}") from problem
        with file:
            length = _stored_length(file.read(_HEAD_SIZE), self.shape, fingerprint, path)
            if length > self.shape.length:
                raise InvalidParameter("prefix", f"{length} positions in a slot of {self.shape.length}")
            head = _PrefixHead(self.shape, length, fingerprint)
            if not length or os.fstat(file.fileno()).st_size != head.file_bytes:
                raise InvalidModel(f"{path} is cut short: {head.file_bytes} bytes are stored in its planes")
            self._release(slot)
            self._stored[slot] = _Stored.of(path, file.fileno(), head.stored)
            for number, plane in enumerate(self._plane_addresses(slot)):
                _map_over(plane, head.stored, file.fileno(), head.begin + number * head.stored)
        return length

    def check(self, slot: int, position: int) -> None:
        """Before a step from this position on: is the file that is mapped into the slot what it was?

        Reading a file that has become shorter would end the process. Raises ``ModelChanged`` if it was
        written to and positions before this one are needed; the slot is plain memory then. A file that was
        renamed over it leaves the old one as it is.
        """
        stored = self._stored.get(slot)
        if stored is None or stored.is_unchanged():
            return
        self._release(slot)
        if position > 0:
            raise ModelChanged(f"{stored.path} was written to while it was in use; build the prefix anew")

    def check_all(self, slots: Sequence[int], positions: Sequence[int]) -> None:
        """The same for the rows of a step; those of a slot stand together, and their positions ascend."""
        if self._stored:
            for slot in set(slots):
                self.check(slot, positions[slots.index(slot)])

    def _release(self, slot: int) -> None:
        """Plain memory in place of a stored prefix; what the slot held is lost."""
        stored = self._stored.pop(slot, None)
        if stored is not None:
            os.close(stored.descriptor)
            for plane in self._plane_addresses(slot):
                _map_over(plane, stored.bytes_, -1, 0)

    def _plane_addresses(self, slot: int) -> range:
        begin = self.address + slot * self.shape.slot_bytes
        return range(begin, begin + self.shape.slot_bytes, self.shape.plane_bytes)


def _in_memory(size: int) -> mmap.mmap:
    available = available_memory()
    if size > available:
        raise NotEnoughMemory("the cache of keys and values", size, available)
    try:
        return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as problem:
        raise NotEnoughMemory("the cache of keys and values", size, available) from problem


def _in_file(path: Path | str, size: int) -> mmap.mmap:
    """A new file's memory. Its blocks are taken at once, as a full disk could not be told of later."""
    from pathlib import Path

    path = Path(path)
    try:
        file = path.open("x+b")
    except OSError as problem:
        raise InvalidParameter("kv_path", f"{path} cannot be made: {problem.strerror}") from problem
    with file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
            return mmap.mmap(file.fileno(), size)
        except (OSError, OverflowError) as problem:
            disk = os.statvfs(path.parent)
            raise NotEnoughMemory(f"the cache at {path}", size, disk.f_bavail * disk.f_frsize) from problem
        finally:
            path.unlink()


_MAGIC: Final = b"abaxkv01"
_HEAD_SIZE: Final = 128


class _PrefixHead(Record):
    """The first page of a stored prefix; the planes follow, each of ``stored`` bytes."""

    shape: CacheShape
    length: int
    fingerprint: str

    @property
    def stored(self) -> int:
        """Bytes of each plane in the file: whole pages, so that they can be mapped."""
        return whole_pages(self.shape.bytes_for(self.length))

    @property
    def begin(self) -> int:
        return whole_pages(_HEAD_SIZE)

    @property
    def file_bytes(self) -> int:
        return self.begin + self.shape.slot_planes * self.stored

    def packed(self) -> bytes:
        """The page: magic, length, what must be the same to use it, its model's fingerprint."""
        shape = self.shape
        numbers = (mmap.PAGESIZE, shape.layers, shape.kv_heads, shape.head_size, _FORMS[shape.form])
        packed = _MAGIC + struct.pack("<6Q", self.length, *numbers) + self.fingerprint.encode()
        return packed[:_HEAD_SIZE].ljust(self.begin, b"\0")


class _Stored(Record):
    """A file that is mapped into a slot, and what it was when it was."""

    path: Path | str
    descriptor: int
    bytes_: int
    """Of each plane."""
    size: int
    written: int

    @classmethod
    def of(cls, path: Path | str, descriptor: int, bytes_: int) -> _Stored:
        """With a descriptor of its own."""
        status = os.fstat(descriptor)
        return cls(path, os.dup(descriptor), bytes_, status.st_size, status.st_mtime_ns)

    def is_unchanged(self) -> bool:
        """Whether nobody has written to it; it may have another name by now, or none."""
        status = os.fstat(self.descriptor)
        return (status.st_size, status.st_mtime_ns) == (self.size, self.written)


def _stored_length(found: bytes, shape: CacheShape, fingerprint: str, path: Path | str) -> int:
    """The length that a prefix's head tells, if all else in it is as this cache would write it."""
    if len(found) < _HEAD_SIZE or not found.startswith(_MAGIC):
        raise InvalidModel(f"{path} is no stored prefix")
    (length,) = struct.unpack_from("<Q", found, len(_MAGIC))
    if found != _PrefixHead(shape, length, fingerprint).packed()[:_HEAD_SIZE]:
        raise InvalidModel(f"{path} was stored for another model, form of cache or page size; build it anew")
    return int(length)


_libc: Final = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_MAP_FIXED: Final = 0x10


def _map_over(address: int, size: int, descriptor: int, offset: int) -> None:
    """Replace the pages at ``address`` by a file's, private to us once written; without one by new ones."""
    flags, protection = mmap.MAP_PRIVATE | _MAP_FIXED, mmap.PROT_READ | mmap.PROT_WRITE
    flags |= mmap.MAP_ANONYMOUS if descriptor < 0 else 0
    if _libc.mmap(address, size, protection, flags, descriptor, offset) != address:
        raise OSError(ctypes.get_errno(), "a stored prefix could not be mapped")
