"""Records looked up once: what one document's rules ask for several times is fetched the first time only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from abax.ports import RecordStore


class Glance:
    """The RecordStore port before another one, for as long as one document takes."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._seen: dict[tuple[str, str], dict[str, Any] | None] = {}

    def put(self, space: str, key: str, item: Mapping[str, Any], *, if_absent: bool = False) -> bool:
        """Keep an item."""
        self._seen.pop((space, key), None)
        return self._records.put(space, key, item, if_absent=if_absent)

    def get(self, space: str, key: str) -> dict[str, Any] | None:
        """The item as it was when it was first asked for, or None."""
        if (space, key) not in self._seen:
            self._seen[space, key] = self._records.get(space, key)
        return self._seen[space, key]

    def items(self, space: str, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """Always as they are now."""
        return self._records.items(space, prefix)

    def delete(self, space: str, key: str) -> None:
        """Forget an item."""
        self._seen.pop((space, key), None)
        self._records.delete(space, key)
