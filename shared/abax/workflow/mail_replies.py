"""Replies: drafted, approved by a person or a rule, and sent as the very bytes that were approved.

::

    draft ──► kept, by the digest of its bytes ──► verdict: the first is heard ──► queue ──► sent
      ▲  ▲                                           │ reject                       │
      │  └───────────── edit ◄───────────────────────┘                              │
      └──── what is surely not sent: edited, approved anew ◄── refused, withheld ───┘

A reply is sent at most once. Before the bytes leave, it is written down that they do (of many who try, one
succeeds). Where the server says that it took nothing for now, this is taken back, and the queue brings the
reply again. Where it will never take it, or something of ours kept it back, that try is over, and the reply
is a draft again. Where the server said nothing (the line broke, or this process died), nobody can know
whether the reply was sent: it stays as it is, its state says so, and only a person may have it sent again.

Each verdict, and what came of it, is a try with a key of its own: of two people who approve anew at once one
is heard, and a message of the queue that comes late finds its try done.

Bytes that a person approves are a person's mail, whoever worded them; those that a rule lets go say that a
machine sent them (``Auto-Submitted: auto-replied``, which RFC 3834 keeps for what no person sends).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from abax.errors import (
    Conflict,
    InvalidRequest,
    MailRefused,
    MailUnreachable,
    MailUnsure,
    NotFound,
    OwnAddressNeeded,
    StorageError,
    UnknownSecret,
)
from abax.mail.contracts import Mailbox, Message, Reply, ReplyState, Triage
from abax.ports import ObjectStore, Queue, RecordStore
from abax.workflow.context import MailContext, MailOutContext
from abax.workflow.mail_practice import Practice, practice_of
from abax.workflow.mail_request import OutTask, ReplyRequest, ReplyVerdict

if TYPE_CHECKING:
    from abax.mail.desk import Desk
    from abax.mail.sending import Decision

logger = logging.getLogger("abax.mail")

REPLIES: Final = "mail_replies"
"""Space of the replies as they were last worded, by reply id; under ``drafted`` as no person worded them."""
DRAFTED: Final = "drafted"
NOTHING: Final[Mapping[str, Any]] = {}
VERDICTS: Final = "mail_verdicts"
"""Space of what was decided, by the key of the try; nothing of it is ever changed."""
SENT: Final = "mail_sent"
"""Space of what left, or may have, by the key of the try."""
SENDING, DONE, UNSURE, REFUSED, WITHHELD = "sending", "sent", "unsure", "refused", "withheld"
"""States of what leaves."""
OVER: Final = (REFUSED, WITHHELD)
"""Those of what was surely not sent: the reply is a draft again."""
DOUBTFUL: Final = (UNSURE, SENDING)
"""Those of what may have been sent."""
_LONGEST_SENDING: Final = timedelta(minutes=15)
"""No function lives longer: after that, one that was sending has died."""

PERSON: Final = "person:"
"""Who has decided begins with it, where no rule has."""


# --- drafting -------------------------------------------------------------------------------------------


def draft_reply(
    context: MailContext, mail_id: str, message: Message, triage: Triage, desk: Desk
) -> Reply | None:
    """The draft that answers a message, kept; None where none is due. One that may go without a person is
    approved by its rule, and on its way."""
    from abax.mail.replies import draft

    drafted = draft(message, triage, desk)
    if drafted is None:
        return None
    records, practice = context.records, practice_of(context.records)
    reply = drafted.model_copy(update={"reply_id": mail_id})
    decision = _decision(records, practice, reply, (message, triage))
    by_rule = bool(practice.own) and decision.allowed and decision.automatic
    by = decision.by if by_rule else PERSON
    kept = _keep(context.services.objects, records, (mail_id, message), reply, (practice.mailbox, by))
    if by_rule:
        approval = ReplyRequest(verdict=ReplyVerdict.APPROVE, digest=kept.digest)
        if _decided(records, kept.reply_id, kept, approval, by):
            context.outs.send({"task": OutTask.SEND, "reply_id": kept.reply_id})
    return kept


def _decision(
    records: RecordStore, practice: Practice, reply: Reply, about: tuple[Message, Triage]
) -> Decision:
    from abax.mail.sending import may_send

    return may_send(
        reply,
        *about,
        practice.answers,
        records,
        now=datetime.now(UTC),
        own_addresses=practice.addresses,
    )


def _keep(
    objects: ObjectStore,
    records: RecordStore,
    to: tuple[str, Message],
    reply: Reply,
    sender: tuple[Mailbox, str],
) -> Reply:
    """Keep a reply and its bytes; the reply with their digest. One that was kept before stays as it is, for
    somebody may have looked at it."""
    mail_id, message = to
    worded = _with_bytes(objects, message, reply, *sender)
    item = {"mail_id": mail_id, "reply": worded.model_dump(mode="json")}
    if records.put(REPLIES, worded.reply_id, item, if_absent=True):
        return worded
    return reply_of(records, worded.reply_id)[1]


def _with_bytes(objects: ObjectStore, message: Message, reply: Reply, own: Mailbox, by: str) -> Reply:
    """The reply with the digest of its bytes as they leave once ``by`` has approved them."""
    from abax.mail.replies import rendered

    content = rendered(reply.model_copy(update={"approved_by": by}), message, own)
    digest = hashlib.sha256(content).hexdigest()
    if digest != reply.digest:
        objects.put(bytes_key(digest), content, "message/rfc822")
    return reply.model_copy(update={"digest": digest})


def bytes_key(digest: str) -> str:
    """The object that holds a reply's bytes."""
    return f"mails/replies/{digest}.eml"


# --- deciding -------------------------------------------------------------------------------------------


def decide_reply(
    objects: ObjectStore,
    records: RecordStore,
    outs: Queue,
    reply_id: str,
    request: ReplyRequest,
    ready: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Do what a person says of a reply; its state afterwards. ``ready`` raises where nothing can be sent.

    Raises:
        NotFound: there is no such reply.
        OwnAddressNeeded: it could not be sent, for the settings name no address that it could come from.
        Conflict: somebody has decided already, the draft has other bytes than those that were looked at, or
            it may not be sent.
    """
    mail_id, reply = reply_of(records, reply_id)
    if request.digest not in ("", reply.digest):
        raise Conflict(f"the draft {reply_id} has other words by now; look at it again")
    tries = _tries(records, reply_id)
    if not request.again and tries[-1].verdict:
        raise Conflict(f"the reply {reply_id} has been decided on already")
    if reply.state is ReplyState.WITHHELD and request.verdict is not ReplyVerdict.REJECT:
        raise Conflict(f"the reply {reply_id} may not be sent: {reply.why}")
    if request.verdict is ReplyVerdict.EDIT:
        _edit(objects, records, (mail_id, reply), request)
    elif request.verdict is ReplyVerdict.REJECT:
        _heard(records, tries[-1].key, reply, request)
    else:
        ready()
        _approve(objects, records, tries, (mail_id, reply), request)
        outs.send({"task": OutTask.SEND, "reply_id": reply_id})
    return reply_state(records, reply_id)


def _approve(
    objects: ObjectStore,
    records: RecordStore,
    tries: list[_Try],
    draft: tuple[str, Reply],
    request: ReplyRequest,
) -> None:
    """Write down that the draft is to be sent, or once more."""
    practice = practice_of(records)
    if not practice.own:
        raise OwnAddressNeeded(draft[1].reply_id)
    if request.again:
        _again(records, tries, draft[1], request)
        return
    reply = _as_of_now(objects, records, draft, practice.mailbox)
    if request.digest not in ("", reply.digest):
        raise Conflict(
            f"the draft {reply.reply_id} has another sender, or other headers, by now; look at it again"
        )
    _heard(records, tries[-1].key, reply, request)


def _as_of_now(objects: ObjectStore, records: RecordStore, draft: tuple[str, Reply], own: Mailbox) -> Reply:
    """The draft with the bytes that a person's approval lets go: from our address as it is set by now."""
    from abax.workflow.mail import message_of

    mail_id, reply = draft
    worded = _with_bytes(objects, message_of(objects, mail_id), reply, own, PERSON)
    if worded.digest != reply.digest:
        _put(records, mail_id, worded)
    return worded


def _again(records: RecordStore, tries: list[_Try], reply: Reply, request: ReplyRequest) -> None:
    """Have a reply sent again of which nobody knows whether it was. Raises Conflict for any other."""
    last = tries[-1]
    if last.is_under_way:
        raise Conflict(f"the reply {reply.reply_id} is being sent at this moment; see what comes of it")
    if last.state not in DOUBTFUL:
        raise Conflict(f"the reply {reply.reply_id} is {last.state or 'not sent yet'}: nothing to send again")
    same = reply.model_copy(update={"digest": last.verdict["digest"]})
    _heard(records, _key(reply.reply_id, len(tries) + 1), same, request)


def _heard(records: RecordStore, key: str, reply: Reply, request: ReplyRequest) -> None:
    """Write a person's verdict down. Raises Conflict where somebody was quicker."""
    if not _decided(records, key, reply, request, f"{PERSON}{request.by or 'unnamed'}"):
        raise Conflict(f"the reply {reply.reply_id} has been decided on already")


def reply_of(records: RecordStore, reply_id: str) -> tuple[str, Reply]:
    """The id of the mail that a reply answers, and the reply as it is worded now. Raises NotFound."""
    kept = records.get(REPLIES, reply_id)
    if kept is None:
        raise NotFound(f"no reply {reply_id!r}")
    return str(kept["mail_id"]), Reply.model_validate(kept["reply"])


def reply_bytes(objects: ObjectStore, reply: Reply) -> bytes:
    """What would be sent. Raises StorageError where it is not what was approved."""
    content = objects.get(bytes_key(reply.digest))
    if hashlib.sha256(content).hexdigest() != reply.digest:
        raise StorageError(f"the object {bytes_key(reply.digest)!r} is not what its name says")
    return content


def _edit(
    objects: ObjectStore, records: RecordStore, draft: tuple[str, Reply], request: ReplyRequest
) -> None:
    from abax.workflow.mail import message_of

    mail_id, reply = draft
    words = {
        "body": request.body,
        "subject": request.subject or reply.subject,
        "method": f"{PERSON}{request.by or 'unnamed'}",
        "facts": (),  # those of the draft; a person vouches for these words
    }
    changed = reply.model_copy(update=words)
    message, own = message_of(objects, mail_id), practice_of(records).mailbox
    worded = _with_bytes(objects, message, changed, own, PERSON)
    drafted = {} if reply.method.startswith(PERSON) else {DRAFTED: reply.model_dump(mode="json")}
    _put(records, mail_id, worded, drafted)


def _put(records: RecordStore, mail_id: str, reply: Reply, more: Mapping[str, Any] = NOTHING) -> None:
    """Keep a reply as it is worded now; what was drafted before a person worded it stays beside it."""
    kept = records.get(REPLIES, reply.reply_id) or {}
    now = {"mail_id": mail_id, "reply": reply.model_dump(mode="json")}
    records.put(REPLIES, reply.reply_id, {**kept, **more, **now})


def _decided(records: RecordStore, key: str, reply: Reply, request: ReplyRequest, by: str) -> bool:
    said = {
        "verdict": str(request.verdict),
        "digest": reply.digest,
        "by": by,
        "note": request.note,
        "at": _now(),
    }
    return records.put(VERDICTS, key, said, if_absent=True)


# --- tries ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Try:
    """A verdict on a reply, and what came of it; both empty before."""

    key: str
    verdict: dict[str, Any]
    left: dict[str, Any]

    @property
    def state(self) -> str:
        """Of what left by it; empty before."""
        return str(self.left.get("state", ""))

    @property
    def is_under_way(self) -> bool:
        """Whether whoever sends it may still be at it."""
        return (
            self.state == SENDING
            and datetime.now(UTC) - datetime.fromisoformat(self.left["at"]) < _LONGEST_SENDING
        )


def _tries(records: RecordStore, reply_id: str) -> list[_Try]:
    """All tries of a reply, the one of now last."""
    tries = [_read(records, _key(reply_id, 1))]
    while tries[-1].state in (*OVER, *DOUBTFUL):
        further = _read(records, _key(reply_id, len(tries) + 1))
        if tries[-1].state in DOUBTFUL and not further.verdict:
            break
        tries.append(further)
    return tries


def _key(reply_id: str, number: int) -> str:
    return reply_id if number == 1 else f"{reply_id}#{number}"


def _read(records: RecordStore, key: str) -> _Try:
    return _Try(key, records.get(VERDICTS, key) or {}, records.get(SENT, key) or {})


# --- sending --------------------------------------------------------------------------------------------


def send_reply(context: MailOutContext, reply_id: str) -> str:
    """Send an approved reply; what became of it: ``sent``, ``refused``, ``withheld``, ``unsure``, or
    ``sending`` where somebody else is at it, or died at it.

    Raises:
        MailUnreachable: nothing was sent; the queue brings it back.
        Conflict: nobody has approved it.
    """
    records = context.records
    mail_id, reply = reply_of(records, reply_id)
    tries = _tries(records, reply_id)
    key, verdict = tries[-1].key, tries[-1].verdict
    if verdict.get("verdict") != ReplyVerdict.APPROVE:
        if len(tries) > 1:  # the message is of a try that is over, and comes once more
            return tries[-2].state
        raise Conflict(f"nobody has approved the reply {reply_id}")
    approval = {"digest": verdict["digest"], "approved_by": verdict["by"], "state": ReplyState.APPROVED}
    approved = reply.model_copy(update=approval)
    if not records.put(SENT, key, {"state": SENDING, "at": _now(), "why": ""}, if_absent=True):
        return str((records.get(SENT, key) or {}).get("state", SENDING))
    why = _kept_back(context, mail_id, approved)
    if why:
        return _left(records, key, WITHHELD, why)
    return _given(context, key, approved)


def _given(context: MailOutContext, key: str, reply: Reply) -> str:
    """Hand the approved bytes over."""
    records, own = context.records, practice_of(context.records).own
    try:
        content = reply_bytes(context.objects, reply)
        name = context.sender.send(content, own, [reply.to.address])
    except (MailUnreachable, StorageError, UnknownSecret, InvalidRequest):  # surely not sent
        records.delete(SENT, key)
        raise
    except MailRefused as error:
        return _left(records, key, REFUSED, str(error))
    except MailUnsure as error:
        return _left(records, key, UNSURE, str(error))
    logger.info("reply %s sent", reply.reply_id)
    return _left(records, key, DONE, "", name, context.place)


def _kept_back(context: MailOutContext, mail_id: str, reply: Reply) -> str:
    """Why an approved reply is not sent after all; empty where it is."""
    from abax.mail.sending import claim
    from abax.workflow.mail import message_of, triage_of

    practice = practice_of(context.records)
    if not practice.own:
        return "the mail settings name no address that answers come from"
    about = (message_of(context.objects, mail_id), triage_of(context.objects, mail_id))
    decision = _decision(context.records, practice, reply, about)
    if not decision.allowed:
        return decision.why
    records, now = context.records, datetime.now(UTC)
    if decision.automatic and not claim(reply, about[0], practice.answers, records, now):
        return "its sender has had an automatic answer today"
    return ""


def _left(records: RecordStore, key: str, state: str, why: str, name: str = "", where: str = "") -> str:
    records.put(SENT, key, {"state": state, "at": _now(), "why": why, "name": name, "where": where})
    if why:
        logger.warning("reply %s %s: %s", key, state, why)
    return state


# --- looking up -----------------------------------------------------------------------------------------

_STATES: Final = {DONE: str(ReplyState.SENT), UNSURE: UNSURE}


def reply_state(records: RecordStore, reply_id: str) -> dict[str, Any]:
    """How a reply fares: ``reply_id``, ``state`` (of ReplyState, or ``unsure``), ``kind``, ``digest``,
    ``by``, ``why``, and ``sending``: what is known of its way out, None before. One that was refused or
    withheld is ``withheld`` until it is worded or decided on anew. Raises NotFound."""
    _, reply = reply_of(records, reply_id)
    tries = _tries(records, reply_id)
    last = tries[-1]
    told = tries[-2] if len(tries) > 1 and not last.verdict else last
    return {
        "reply_id": reply_id,
        "state": _state(reply, last, told),
        "kind": reply.kind,
        "digest": str(last.verdict.get("digest") or reply.digest),
        "by": str(told.verdict.get("by", "")),
        "why": str(told.left.get("why") or told.verdict.get("note") or reply.why),
        "sending": told.left or None,
    }


def _state(reply: Reply, last: _Try, told: _Try) -> str:
    if last.verdict.get("verdict") == ReplyVerdict.REJECT:
        return str(ReplyState.REJECTED)
    if last.verdict:
        return _STATES.get(last.state, str(ReplyState.APPROVED))
    if told is not last and told.verdict.get("digest") == reply.digest:
        return str(ReplyState.WITHHELD)
    return str(reply.state)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
