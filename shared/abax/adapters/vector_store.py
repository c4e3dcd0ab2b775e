"""Vectors that were made already, kept in an SQLite file so that no text is looked at twice.

A key is a text's hash; what made the vectors is in the file's name. What is lost or damaged is made again: a
store that cannot be read or written holds nothing, and says so to nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST: Final = 200_000
"""Vectors that a file keeps; the oldest go first."""
_ASKED_AT_ONCE: Final = 500
_LARGEST: Final = float(np.finfo(np.float16).max)


def rounded(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Vectors as they come out of a store, in float16's steps: what is new must not differ from it."""
    kept: NDArray[np.float32] = np.clip(vectors, -_LARGEST, _LARGEST).astype(np.float16).astype(np.float32)
    return kept


class VectorStore:
    """One file of vectors of one width; ``made_by`` tells it from others."""

    def __init__(self, folder: Path, made_by: str, width: int) -> None:
        self._path, self._width = folder / f"{made_by}.sqlite", width

    def find(self, texts: Sequence[str]) -> dict[int, NDArray[np.float32]]:
        """The vectors that are there, by the place of their text."""
        places: dict[bytes, list[int]] = {}
        for at, text in enumerate(texts):
            places.setdefault(_key(text), []).append(at)
        keys = list(places)
        found: dict[int, NDArray[np.float32]] = {}
        try:
            with self._opened() as connection:
                for begin in range(0, len(keys), _ASKED_AT_ONCE):
                    for key, vector in _asked(connection, keys[begin : begin + _ASKED_AT_ONCE]):
                        if len(vector) == 2 * self._width:
                            row = np.frombuffer(vector, np.float16).astype(np.float32)
                            found |= dict.fromkeys(places[key], row)
        except (sqlite3.Error, OSError):
            return {}
        return found

    def keep(self, texts: Sequence[str], vectors: Sequence[NDArray[np.float32]]) -> None:
        """Add a ``rounded`` vector for each text."""
        rows = [
            (_key(text), vector.astype(np.float16).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        for again in (False, True):
            try:
                with self._opened(afresh=again) as connection, connection:
                    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
                    connection.execute(
                        "DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?", (MOST,)
                    )
                return
            except sqlite3.OperationalError:  # it is locked, or cannot be written
                return
            except (sqlite3.DatabaseError, OSError):
                continue

    @contextmanager
    def _opened(self, *, afresh: bool = False) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if afresh:
            self._path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._path)) as connection:
            self._path.chmod(0o600)  # vectors tell something of their texts
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB UNIQUE, vector BLOB)")
            yield connection


def _asked(connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    marks = ",".join("?" * len(keys))
    yield from connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", keys)


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
