"""A full disk has many faces (the kernel's, SQLite's, DuckDB's); here they become the one ``StorageFull``."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from abax.errors import StorageFull

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SAYS_FULL: Final = (
    "no space left on device",
    "database or disk is full",
    "file too large",
    "disk quota exceeded",
)


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
        if is_full(error):
            raise StorageFull(str(where)) from error
        raise
