"""What people set right of what was made of a message: kept, shown at once, and learnt from.

::

    a person ──► kept: what is true, what was said before ──► triage and row ──► ticket, told anew
                          └─► ``abax mail labels``, ``abax train status``

A department that is told otherwise than before gets a new ticket, which names the one that it replaces. The
drafted reply stays as it is: it has its own verdict.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import Any, Final

from abax.errors import InvalidRequest, nearest
from abax.mail.contracts import Action, Asked, Books, Claim, Message, Reason, Triage
from abax.mail.entities import Named
from abax.mail.known import Known
from abax.mail.points import next_step
from abax.mail.privacy import masked
from abax.mail.taxonomy import Taxonomy
from abax.ports import ObjectStore, Queue, RecordStore
from abax.workflow import drafts
from abax.workflow.mail import (
    LISTED,
    is_told,
    list_place,
    message_of,
    part_key,
    row_of,
    ticket_for,
    triage_of,
)
from abax.workflow.mail_practice import practice_of
from abax.workflow.mail_replies import PERSON
from abax.workflow.mail_request import CorrectionRequest, OutTask, WantedAction
from abax.workflow.mail_tickets import last_told, ticket_of, told_anew

logger = logging.getLogger("abax.mail")

CORRECTIONS: Final = "mail_corrections"
"""Space of what people said, by mail id and instant; nothing of it is ever changed."""
LABELS: Final = "labels/mail/"
"""Prefix of what is true of each message by all that was said, for training."""


def correct(
    objects: ObjectStore, records: RecordStore, outs: Queue, mail_id: str, request: CorrectionRequest
) -> dict[str, Any]:
    """Let a person say what is true of a message; its row as it is now.

    Saying what was said already is right too: it is kept as looked at, and nothing is told anew.

    Raises:
        NotFound: no such message was taken in.
        InvalidRequest: the house's taxonomy has no such category or department.
    """
    mail_id = str(row_of(records, mail_id)["mail_id"])
    taxonomy = taxonomy_of(objects, records)
    _require_known(taxonomy, request)
    before = triage_of(objects, mail_id)
    truth, at = _truth(request), datetime.now(UTC).isoformat(timespec="microseconds")
    said: dict[str, Any] = {
        "mail_id": mail_id,
        "truth": truth,
        "was": {name: was for name, was in _said(before).items() if name in truth},
        "by": f"{PERSON}{request.by or 'unnamed'}",
        "at": at,
        "note": request.note,
    }
    records.put(CORRECTIONS, f"{mail_id}#{at}", said)
    label = _label(records, message_of(objects, mail_id), mail_id)
    drafts.put_json(objects, f"{LABELS}{mail_id}.json", label)
    after = _corrected(before, request, taxonomy, str(said["by"]), practice_of(records).language)
    ticket = _tell(objects, records, outs, mail_id, (before, after))
    _list(records, mail_id, after, ticket)
    # The last of all: who comes again after a crash finds it as it was, and does all of it.
    drafts.put_json(objects, part_key(mail_id, "triage"), after.model_dump(mode="json"))
    logger.info("mail %s was set right: %s", mail_id, ", ".join(sorted(truth)))
    return row_of(records, mail_id)


def said_of(records: RecordStore, mail_id: str) -> list[dict[str, Any]]:
    """What people said of a message, in order: ``truth``, ``was``, ``by``, ``at``, ``note``."""
    return [one for _, one in records.items(CORRECTIONS, mail_id)]


def taxonomy_of(objects: ObjectStore, records: RecordStore) -> Taxonomy:
    """The house's categories and departments. Raises InvalidTaxonomy, ObjectMissing."""
    own = practice_of(records).taxonomy
    return Taxonomy.read(objects.fetch(own)) if own else Taxonomy.default()


def _require_known(taxonomy: Taxonomy, request: CorrectionRequest) -> None:
    for field, given, known in (
        ("category", request.category, [one.name for one in taxonomy.categories]),
        ("department", request.department, [one.name for one in taxonomy.departments]),
    ):
        if given and given not in known:
            meant = nearest(given, known)
            hint = f"; did you mean {meant}?" if meant else f": {', '.join(known)}"
            raise InvalidRequest(f"there is no {field} {given!r}{hint}", field)


def _truth(request: CorrectionRequest) -> dict[str, Any]:
    """What was said, as ``abax.mail.datasets.Truth`` has it."""
    given = request.model_dump(mode="json", include=set(request.said))
    if "wanted" in given or given.get("actions"):
        given["action"] = bool(given.pop("wanted", True))
    if given.get("action") is False:
        given["actions"] = []
    return given


def _said(triage: Triage) -> dict[str, Any]:
    """What was made of a message, in the same terms."""
    return {
        "category": triage.category.value,
        "department": triage.department.value,
        "sentiment": str(triage.sentiment.value),
        "urgency": str(triage.urgency.value),
        "action": triage.asked.wanted.value,
        "actions": [
            {"kind": one.kind, "by": one.due.isoformat() if one.due else None} for one in triage.asked.actions
        ],
    }


def _corrected(
    triage: Triage, request: CorrectionRequest, taxonomy: Taxonomy, by: str, language: str
) -> Triage:
    changed: dict[str, Any] = {
        name: Claim(value=getattr(request, name), confidence=1.0, method=by)
        for name in ("category", "department", "sentiment", "urgency")
        if name in request.said
    }
    if request.urgency is not None:
        priority = taxonomy.priorities[request.urgency]
        changed["priority"] = Claim(value=priority, confidence=1.0, method=by)
    if request.department:
        changed["queue"] = taxonomy.queue(request.department)
    if {"wanted", "actions"} & request.said:
        changed["asked"] = _asked(triage.asked, request, by)
    if {"wanted", "actions", "urgency"} & request.said:
        level = request.urgency or triage.urgency.value
        kept = [reason for reason in triage.reasons if reason.kind not in ("deadline", "person")]
        said = Reason(kind="person", text=f"{by.removeprefix(PERSON)} says that it is {level}")
        changed["reasons"] = (*kept, said) if request.urgency else tuple(kept)
    if {"wanted", "actions", "category"} & request.said:
        changed["next_step"] = next_step(
            request.category or triage.category.value,
            changed.get("asked", triage.asked),
            Named(triage.entities, ()),
            Known(Books()),
            (),
            language,
            1.0,
        )
    return triage.model_copy(update={**changed, "needs_person": False, "why_person": ()})


def _asked(asked: Asked, request: CorrectionRequest, by: str) -> Asked:
    actions = asked.actions
    if request.wanted is False:
        actions = ()
    elif request.actions is not None:
        known = {one.kind: one for one in asked.actions}
        actions = tuple(_action(known.get(one.kind), one) for one in request.actions)
    wanted = bool(actions) if request.wanted is None else request.wanted
    return Asked(wanted=Claim(value=wanted, confidence=1.0, method=by), actions=actions)


def _action(known: Action | None, said: WantedAction) -> Action:
    """What a person says is wanted: in the writer's words, where they say the same."""
    if known is not None and known.due == said.by:
        return known.model_copy(update={"confidence": 1.0})
    words = said.kind.replace("_", " ")
    return Action(kind=said.kind, text=words, due=said.by, evidence="", confidence=1.0)


def _list(records: RecordStore, mail_id: str, triage: Triage, ticket: bool) -> None:
    place = list_place(records, mail_id)
    row = records.get(LISTED, place) or {}
    shown = {
        "category": triage.category.value,
        "department": triage.department.value,
        "queue": triage.queue,
        "priority": str(triage.priority.value),
        "urgency": str(triage.urgency.value),
        "sentiment": str(triage.sentiment.value),
        "confidence": triage.category.confidence,
        "wanted": triage.asked.wanted.value,
        "needs_person": False,
        "corrected": True,
        "ticket": ticket,
    }
    records.put(LISTED, place, {**row, **shown})


# --- the ticket -----------------------------------------------------------------------------------------


def _tell(
    objects: ObjectStore, records: RecordStore, outs: Queue, mail_id: str, changed: tuple[Triage, Triage]
) -> bool:
    """Have a department told anew where it would be told something else than before; nobody, where nobody is
    to act. Whether there is a ticket."""
    told, (before, after) = ticket_of(objects, mail_id), changed
    if _said(before) == _said(after) or (told is None and not is_told(records, after)):
        return told is not None
    row, before_key = row_of(records, mail_id), last_told(records, mail_id)
    number = 1 + sum(1 for _ in records.items(CORRECTIONS, mail_id))
    ticket = ticket_for(
        f"mail-{mail_id}-{number}",
        message_of(objects, mail_id),
        after,
        documents=row["documents"],
        reply_id=row["reply"]["reply_id"] if row["reply"] else "",
        replaces=before_key,
    )
    drafts.put_json(objects, part_key(mail_id, "ticket"), ticket.model_dump(mode="json"))
    told_anew(records, mail_id, before_key)
    outs.send({"task": OutTask.TICKET, "mail_id": mail_id, "ticket": ticket.key})
    return True


# --- to learn from --------------------------------------------------------------------------------------


def _label(records: RecordStore, message: Message, mail_id: str) -> dict[str, Any]:
    """All that people have said of a message, as ``abax.mail.datasets`` reads it, of each part the newest:
    personal data masked, the sender by a hash of the domain, so that what is of one sender is kept together.
    ``changed`` are the parts that Abax had said otherwise."""
    truth: dict[str, Any] = {}
    was: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for _, last in records.items(CORRECTIONS, mail_id):  # keys are in order of time
        truth |= last["truth"]
        was = {**last["was"], **was}
    house = hashlib.sha256(message.sender.domain.encode()).hexdigest()[:16]
    mail = {
        "id": mail_id,
        "language": message.language,
        "from": f"someone@{house}.invalid",
        "subject": masked(message.subject),
        "date": message.sent_at.isoformat() if message.sent_at else None,
        "body": masked(message.text),
        "truth": truth,
    }
    changed = sorted(name for name, value in truth.items() if was.get(name) != value)
    return {"mail": mail, "was": was, "changed": changed, "by": last["by"], "at": last["at"]}
