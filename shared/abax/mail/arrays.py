"""Arrays out of an npz file that anybody may have made: nothing in it runs, and nothing is unpacked or made
room for that the file does not hold.

``numpy.load`` makes room for whatever shape a part claims, before it looks whether so much is there.
"""

from __future__ import annotations

import io
import re
import zlib
from math import prod
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

MOST_BYTES: Final = 1 << 28
"""What all parts together may unpack to."""
_MAGIC: Final = b"\x93NUMPY\x01\x00"
_BEGIN: Final = 10
"""Bytes before the description of an array: what it is, and how long the description is."""
_DESCRIBED: Final = re.compile(
    rb"\{'descr': '([<>|][iuf][1248])', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,12}, )*(?:\d{1,12},?)?)\), \} *\n"
)
_ENCRYPTED: Final = 1


def arrays_in(content: bytes, most: int = MOST_BYTES) -> dict[str, NDArray[Any]]:
    """Arrays of numbers by name, which nobody may write to. Raises ValueError for what is no such file, is
    damaged, or unpacks to more than ``most`` bytes."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if max(size, len(content)) > most:
                raise ValueError(f"it unpacks to {size:,} bytes, the limit is {most:,}")
            return {part.filename.removesuffix(".npy"): _array(_unpacked(archive, part)) for part in parts}
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as problem:
        raise ValueError(f"it is damaged: {problem}") from problem


def _unpacked(archive: ZipFile, part: ZipInfo) -> bytes:
    """A part, of which the archive reads no more bytes than it has said."""
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or part.flag_bits & _ENCRYPTED:
        raise ValueError(f"its part {part.filename[:40]!r} is not packed as numpy packs")
    return archive.read(part)


def _array(content: bytes) -> NDArray[Any]:
    """An array as ``numpy.save`` writes it, format 1.0."""
    begin = _BEGIN + int.from_bytes(content[len(_MAGIC) : _BEGIN], "little")
    told = _DESCRIBED.fullmatch(content[_BEGIN:begin])
    if not content.startswith(_MAGIC) or told is None:
        raise ValueError("a part of it is no array of numbers")
    try:
        kind = np.dtype(told[1].decode())
    except TypeError as problem:
        raise ValueError(f"a part of it is of no kind of number: {problem}") from problem
    shape = tuple(int(size) for size in re.findall(rb"\d+", told[3]))
    if prod(shape) * kind.itemsize != len(content) - begin:
        raise ValueError("a part of it holds other numbers than it says")
    order: Any = "F" if told[2] == b"True" else "C"
    return np.frombuffer(content, kind, offset=begin).reshape(shape, order=order)
