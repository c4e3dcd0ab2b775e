"""A house whose adapters learn: labels as reviews leave them, a trainer's command, versions to register."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from abax.learning.guard import decide
from abax.learning.registry import Entry, Lineage, Registry
from abax.learning.results import Results, Unit
from abax.ports import ObjectStore, RecordStore

TRAINER = Path(__file__).with_name("trainer.py")


def label(
    objects: ObjectStore, records: RecordStore, number: int, *, corrected: bool, at: datetime | None = None
) -> str:
    """A document that was read, and that a person looked at: its id."""
    content = f"Invoice no. {number}\nTotal 119.00".encode()
    document_id = hashlib.sha256(content).hexdigest()
    when = (at or datetime.now(UTC)).isoformat()
    objects.put(f"documents/uploads/{document_id}", content)
    told: dict[str, Any] = {
        "format": "abax.label/1",
        "document_id": document_id,
        "name": f"{number}.txt",
        "file": f"documents/uploads/{document_id}",
        "contract": {"type": "supplier_invoice", "number": str(number), "seller": {"name": "Acme"}},
        "corrected": {"number": {"was": "l", "is": str(number)}} if corrected else {},
        "by": "Ana",
        "at": when,
    }
    objects.put(f"labels/{document_id}.json", json.dumps(told).encode())
    records.put("seen", document_id, {"type": "supplier_invoice", "issuer": "name:acme", "at": when})
    return document_id


def seen(records: RecordStore, number: int, at: datetime | None = None) -> None:
    """A document that went through without a person."""
    item: dict[str, Any] = {"type": "supplier_invoice", "issuer": "name:acme"}
    records.put("seen", f"{number:064x}", item | ({"at": at.isoformat()} if at else {}))


def results(
    scores: Sequence[float], evaluation: str = "receipts", adapter: str = "", set_: str = "s1"
) -> Results:
    """Of documents that stand alone."""
    units = tuple(Unit(name=f"d{number}", score=score) for number, score in enumerate(scores))
    return Results(evaluation=evaluation, set_sha256=set_, adapter_sha256=adapter, units=units)


BETTER = [1.0] * 20
WORSE = [0.0] * 12 + [1.0] * 8


def version(
    registry: Registry, folder: Path, content: str, *, name: str = "extract", judged: bool = True
) -> Entry:
    """A registered file; a candidate that the guard has accepted, if it was judged."""
    path = folder / "adapter.gguf"
    path.write_text(content)
    digest = hashlib.sha256(content.encode()).hexdigest()
    lineage = Lineage(
        name=name,
        file_sha256=digest,
        file_bytes=len(content),
        data_until=datetime.now(UTC) - timedelta(seconds=1),
        form="extract/1",
    )
    entry, _ = registry.add(path, lineage, "Ana")
    if not judged:
        return entry
    live = registry.book(name).live
    decision = decide([results(BETTER)], [results(WORSE)], against=live.version if live else None)
    return registry.judge(name, entry.version, decision, "Ana")
