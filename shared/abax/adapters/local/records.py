"""Records in SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from abax.adapters.local.database import Database

PAGE: Final = 500
"""Items that are read at a time, so that no transaction stays open while somebody looks at them."""


class SqliteRecords:
    """The RecordStore port on a SQLite file: one row per item."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def put(self, space: str, key: str, item: Mapping[str, Any], *, if_absent: bool = False) -> bool:
        """Keep an item; with ``if_absent`` only where the key is free."""
        how = "OR IGNORE" if if_absent else "OR REPLACE"
        with self._database.transaction() as connection:
            done = connection.execute(
                f"INSERT {how} INTO records (space, key, item) VALUES (?, ?, ?)",
                (space, key, json.dumps(item, ensure_ascii=False)),
            )
            return done.rowcount > 0

    def get(self, space: str, key: str) -> dict[str, Any] | None:
        """The item, or None."""
        with self._database.reading() as connection:
            query = "SELECT item FROM records WHERE space = ? AND key = ?"
            row = connection.execute(query, (space, key)).fetchone()
        return None if row is None else dict(json.loads(row["item"]))

    def items(self, space: str, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """Key and item of all whose key starts with ``prefix``, in order."""
        after: str | None = None
        while page := self._page(space, prefix, after):
            yield from page
            after = page[-1][0]

    def delete(self, space: str, key: str) -> None:
        """Forget the item, if it is there."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM records WHERE space = ? AND key = ?", (space, key))

    def _page(self, space: str, prefix: str, after: str | None) -> list[tuple[str, dict[str, Any]]]:
        query = (
            "SELECT key, item FROM records WHERE space = ? AND key >= ? AND substr(key, 1, ?) = ? "
            "AND (? IS NULL OR key > ?) ORDER BY key LIMIT ?"
        )
        places = (space, prefix, len(prefix), prefix, after, after, PAGE)
        with self._database.reading() as connection:
            return [(row["key"], json.loads(row["item"])) for row in connection.execute(query, places)]
