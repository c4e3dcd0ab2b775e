"""Named ledgers: what the books were when a close read them, kept for as long as anyone wants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from abax.errors import InvalidRequest, NotFound, SnapshotTaken, listed
from abax.workflow.outcome import manifest_of

if TYPE_CHECKING:
    from abax.ledger.model import LedgerManifest
    from abax.ports import Job, ObjectStore

_NAME: Final = re.compile(r"[\w.-]{1,64}")
_PREFIX: Final = "snapshots/"


def take(objects: ObjectStore, job: Job, name: str) -> LedgerManifest:
    """Keep the ledger of a close under a name, once and for all; the same ledger again changes nothing.

    Raises InvalidRequest for a name that makes no sense, SnapshotTaken where another ledger has it.
    """
    manifest = manifest_of(objects, job)
    body = manifest.model_dump_json().encode()
    key = _key(name)
    if objects.exists(key):
        if objects.get(key) != body:
            raise SnapshotTaken(name)
        return manifest
    objects.put(key, body, "application/json")
    return manifest


def names(objects: ObjectStore) -> list[str]:
    """All names, in order."""
    return [key.removeprefix(_PREFIX).removesuffix(".json") for key in objects.keys(_PREFIX)]


def load(objects: ObjectStore, name: str) -> LedgerManifest:
    """The ledger of a name. Raises NotFound, which lists those that there are."""
    from abax.ledger.model import LedgerManifest

    key = _key(name)
    if not objects.exists(key):
        known = listed(names(objects)) or "none yet; abax ledger snapshot NAME keeps one"
        raise NotFound(f"no snapshot {name!r}; there are {known}")
    return LedgerManifest.model_validate_json(objects.get(key))


def _key(name: str) -> str:
    if not _NAME.fullmatch(name) or name.strip(".") == "":
        raise InvalidRequest(f"{name!r} is no name for a snapshot: letters, digits, _ . - only", "name")
    return f"{_PREFIX}{name}.json"
