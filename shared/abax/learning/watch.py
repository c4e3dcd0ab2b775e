"""What versions of adapters did, kept while one of them is watched: a small record for each answer.

No value of a document or mail is kept, only where two answers differ::

    adapter_answers   <name>/<version>/<milliseconds>-<hash of the key>
        key, at, shadow, failed, differs: ["seller.name", …]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from abax.learning.rollout import Seen
from abax.ports import RecordStore

SPACE: Final = "adapter_answers"
_MOST: Final = 20
"""Paths that are kept of one answer."""


def keep(records: RecordStore, name: str, seen: Seen) -> None:
    """Keep what became of a request. Doing it twice is harmless."""
    mark = hashlib.sha256(seen.key.encode()).hexdigest()[:16]
    item = {
        "key": seen.key,
        "at": seen.at.isoformat(),
        "shadow": seen.shadow,
        "failed": seen.failed,
        "differs": list(seen.differs[:_MOST]),
    }
    records.put(SPACE, f"{name}/{seen.version}/{int(seen.at.timestamp() * 1000):013d}-{mark}", item)


def kept(records: RecordStore, name: str, version: int) -> Iterator[Seen]:
    """What is known of a version, the oldest first."""
    for _, item in records.items(SPACE, f"{name}/{version}/"):
        yield Seen(
            version=version,
            key=str(item["key"]),
            at=datetime.fromisoformat(item["at"]),
            shadow=bool(item["shadow"]),
            failed=bool(item["failed"]),
            differs=tuple(item["differs"]),
        )
