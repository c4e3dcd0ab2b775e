"""What people said of documents and drafts, wherever it is kept, as continuous learning counts it.

============  ==================================================  ========================================
adapter       handled                                             corrected
============  ==================================================  ========================================
``extract``   space ``seen``: documents that were read            ``labels/``: values that a reviewer changed
``triage``    space ``mail``: messages that were taken in         parts of the triage that a person changed
``write``     space ``mail_replies``: drafts of replies           reworded or rejected by a person
============  ==================================================  ========================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from abax.learning.orders import Order
from abax.learning.status import Handled, Said
from abax.ports import ObjectStore, RecordStore
from abax.workflow import drafts
from abax.workflow.mail import LISTED
from abax.workflow.mail_corrections import LABELS as MAIL_LABELS
from abax.workflow.mail_replies import PERSON, REPLIES, VERDICTS
from abax.workflow.mail_request import ReplyVerdict

LABELS = "labels/"
EXTRACT, TRIAGE, WRITE = "extract", "triage", "write"


def handled(objects: ObjectStore, records: RecordStore) -> Iterator[Handled]:
    """All that was handled, with what people said of it."""
    yield from _documents(objects, records)
    yield from _mails(objects, records)
    yield from _replies(records)


def corrected_keys(objects: ObjectStore, records: RecordStore, adapter: str) -> frozenset[str]:
    """The ids of what people corrected of an adapter's work."""
    found = {
        EXTRACT: lambda: _documents(objects, records),
        TRIAGE: lambda: _mails(objects, records),
        WRITE: lambda: _replies(records),
    }
    every = found[adapter]() if adapter in found else iter(())
    return frozenset(one.key for one in every if one.said is Said.CORRECTED)


def _documents(objects: ObjectStore, records: RecordStore) -> Iterator[Handled]:
    labels = {label["document_id"]: label for label in _labels(objects)}
    names = {key: str(item.get("name") or key) for key, item in records.items("suppliers")}
    for document_id, item in records.items("seen"):
        issuer = str(item.get("issuer") or "")
        at = _instant(item.get("at"))
        yield _document(
            document_id, str(item["type"]), names.get(issuer, issuer), at, labels.pop(document_id, None)
        )
    for document_id, label in labels.items():
        yield _document(document_id, str(label["contract"]["type"]), "", None, label)


def _document(
    document_id: str, kind: str, issuer: str, at: datetime | None, label: dict[str, Any] | None
) -> Handled:
    if label is None:
        return Handled(EXTRACT, kind, document_id, issuer, at)
    values = len(label["corrected"])
    said = Said.CORRECTED if values else Said.RIGHT
    return Handled(EXTRACT, kind, document_id, issuer, _instant(label["at"]), said, values)


def _mails(objects: ObjectStore, records: RecordStore) -> Iterator[Handled]:
    known = {label["mail"]["id"]: label for label in _mail_labels(objects)}
    for _, row in records.items(LISTED):
        mail_id, at = str(row["mail_id"]), row["received_at"]
        said = known.get(mail_id)
        if said is None:
            yield Handled(TRIAGE, str(row["category"]), mail_id, at=_instant(at))
            continue
        kind = str(said["was"].get("category", row["category"]))
        wrong = len(said["changed"])
        yield Handled(
            TRIAGE,
            kind,
            mail_id,
            at=_instant(said["at"]),
            said=Said.CORRECTED if wrong else Said.RIGHT,
            values=wrong,
        )


def _replies(records: RecordStore) -> Iterator[Handled]:
    verdicts: dict[str, dict[str, Any]] = {}
    for key, decided in records.items(VERDICTS):
        verdicts[key.partition("#")[0]] = decided  # keys are in order: the last try stands
    for reply_id, item in records.items(REPLIES):
        reply, verdict = item["reply"], verdicts.get(reply_id)
        reworded = str(reply["method"]).startswith(PERSON)
        rejected = verdict is not None and verdict["verdict"] == ReplyVerdict.REJECT
        by_person = verdict is not None and str(verdict["by"]).startswith(PERSON)
        wrong, right = reworded or rejected, by_person and not rejected
        said = Said.CORRECTED if wrong else Said.RIGHT if right else Said.NOTHING
        at = _instant(verdict["at"] if verdict else reply.get("written_at"))
        yield Handled(WRITE, str(reply["kind"]), reply_id, at=at, said=said, values=int(wrong))


def _labels(objects: ObjectStore) -> Iterator[dict[str, Any]]:
    for key in objects.keys(LABELS):
        if not key.startswith(MAIL_LABELS):
            yield drafts.get_json(objects, key)


def _mail_labels(objects: ObjectStore) -> Iterator[dict[str, Any]]:
    for key in objects.keys(MAIL_LABELS):
        yield drafts.get_json(objects, key)


def _instant(told: object) -> datetime | None:
    return datetime.fromisoformat(str(told)) if told else None


# --- to learn from --------------------------------------------------------------------------------------


def write_labels(objects: ObjectStore, folder: Path, until: datetime | None = None) -> int:
    """Write what reviewers said as a data set that evaluation and training read: the files, and in
    ``truth.jsonl`` what each says, with what was corrected. How many there were."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    lines = []
    for label in _labels(objects):
        at = _instant(label["at"])
        if until is not None and at is not None and at > until:
            continue
        file = f"files/{label['document_id'][:16]}{Path(label['name']).suffix}"
        (folder / file).write_bytes(objects.get(label["file"]))
        lines.append(json.dumps(label | {"file": file}, ensure_ascii=False) + "\n")
    (folder / "truth.jsonl").write_text("".join(lines), encoding="utf-8")
    return len(lines)


def write_mail_labels(objects: ObjectStore, folder: Path, until: datetime | None = None) -> int:
    """Write what people said of mail to ``labels.jsonl``, as ``abax evaluate mail`` and training read it. How
    many messages there were."""
    folder.mkdir(parents=True, exist_ok=True)
    mails = [
        label["mail"]
        for label in _mail_labels(objects)
        if until is None or datetime.fromisoformat(label["at"]) <= until
    ]
    lines = [json.dumps(mail, ensure_ascii=False) + "\n" for mail in mails]
    (folder / "labels.jsonl").write_text("".join(lines), encoding="utf-8")
    return len(mails)


def hand(objects: ObjectStore, folder: Path, order: Order) -> None:
    """Write what there is to learn from for an order: what people said until it was made."""
    if order.name == TRIAGE:
        write_mail_labels(objects, folder, order.at)
    else:
        write_labels(objects, folder, order.at)
