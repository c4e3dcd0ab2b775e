"""A full disk has many faces (the kernel's, SQLite's, DuckDB's); here they become the one ``StorageFull``."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from abax.errors import StorageFull

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SAYS_FULL: Final = (
    "no space left on device",
    "database or disk is full",
    "file too large",
    "disk quota exceeded",
)


_SAYS_LITTLE: Final = "disk i/o error"
"""What SQLite says where it cannot make the file that readers share, for a full disk and for other faults."""
_SHARED: Final = 1 << 15
"""Bytes that this file begins with: https://www.sqlite.org/walformat.html#the_wal_index_file_format"""


def is_full(error: BaseException) -> bool:
    """Whether ``error``, or one that it wraps, says that there is no space left."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    if any(words in str(error).lower() for words in _SAYS_FULL):
        return True
    inner = error.__cause__ or error.__context__
    return inner is not None and is_full(inner)


@contextmanager
def named_when_full(where: object) -> Iterator[None]:
    """Turn an error that means "no space left" into StorageFull naming ``where``; let all others pass."""
    try:
        yield
    except StorageFull:
        raise
    except Exception as error:
        if is_full(error) or (_SAYS_LITTLE in str(error).lower() and _has_no_room(where)):
            raise StorageFull(str(where)) from error
        raise


def _has_no_room(where: object) -> bool:
    """Whether the disk of a file or folder has less left than SQLite needs to begin with."""
    if not isinstance(where, Path):
        return False
    there = next(path for path in (where, *where.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free < _SHARED
