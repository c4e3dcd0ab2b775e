"""Memory that ends where nothing can be read: one byte too far, and the process dies."""

from __future__ import annotations

import ctypes
import mmap

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
NO_ACCESS = 0


class Guarded:
    """Bytes whose last one is the last of its page; the page after them cannot be touched."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        pages = -(-self.size // mmap.PAGESIZE)
        self._map = mmap.mmap(-1, (pages + 1) * mmap.PAGESIZE)
        self._hold = ctypes.c_char.from_buffer(self._map)
        guard = ctypes.addressof(self._hold) + pages * mmap.PAGESIZE
        if _libc.mprotect(guard, mmap.PAGESIZE, NO_ACCESS):
            raise OSError(ctypes.get_errno(), "mprotect")
        self.address = guard - self.size
        self.content = content

    @property
    def content(self) -> bytes:
        """What is there now."""
        return ctypes.string_at(self.address, self.size)

    @content.setter
    def content(self, value: bytes) -> None:
        assert len(value) == self.size, "the size stays"
        ctypes.memmove(self.address, value, self.size)

    def __enter__(self) -> Guarded:
        return self

    def __exit__(self, *_: object) -> None:
        del self._hold
        self._map.close()
