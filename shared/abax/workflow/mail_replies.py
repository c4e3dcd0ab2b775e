"""Replies: drafted, approved by a person or a rule, and sent as the very bytes that were approved.

::

    draft ──► kept, by the digest of its bytes ──► verdict: the first is heard ──► queue ──► sent
      ▲                                              │ reject
      └──────────────── edit ◄───────────────────────┘

A reply is sent at most once. Before the bytes leave, it is written down that they do (of many who try, one
succeeds). Where the server says that it took nothing, this is taken back, and the queue brings the reply
again. Where it said nothing (the line broke, or this process died), nobody can know whether it was sent: it
stays as it is, its state says so, and only a person may have it sent again.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from abax.errors import Conflict, MailRefused, MailUnreachable, MailUnsure, NotFound, StorageError
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
"""Space of the replies as they were last worded, by reply id."""
VERDICTS: Final = "mail_verdicts"
"""Space of what was decided, by reply id; nothing of it is ever changed."""
SENT: Final = "mail_sent"
"""Space of what left, or may have, by reply id."""
SENDING, DONE, UNSURE, REFUSED, WITHHELD = "sending", "sent", "unsure", "refused", "withheld"
"""States of what leaves."""

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
    kept = _keep(context.services.objects, records, (mail_id, message), reply, practice.mailbox)
    decision = _decision(records, practice, kept, (message, triage))
    if practice.own and decision.allowed and decision.automatic:
        approval = ReplyRequest(verdict=ReplyVerdict.APPROVE, digest=kept.digest)
        if _decided(records, kept, approval, decision.by):
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
    objects: ObjectStore, records: RecordStore, to: tuple[str, Message], reply: Reply, own: Mailbox
) -> Reply:
    """Keep a reply and its bytes; the reply with their digest. One that was kept before stays as it is, for
    somebody may have looked at it."""
    mail_id, message = to
    worded = _with_bytes(objects, message, reply, own)
    item = {"mail_id": mail_id, "reply": worded.model_dump(mode="json")}
    if records.put(REPLIES, worded.reply_id, item, if_absent=True):
        return worded
    return reply_of(records, worded.reply_id)[1]


def _with_bytes(objects: ObjectStore, message: Message, reply: Reply, own: Mailbox) -> Reply:
    from abax.mail.replies import rendered

    content = rendered(reply, message, own)
    digest = hashlib.sha256(content).hexdigest()
    objects.put(bytes_key(digest), content, "message/rfc822")
    return reply.model_copy(update={"digest": digest})


def bytes_key(digest: str) -> str:
    """The object that holds a reply's bytes."""
    return f"mails/replies/{digest}.eml"


# --- deciding -------------------------------------------------------------------------------------------


def decide_reply(
    objects: ObjectStore, records: RecordStore, outs: Queue, reply_id: str, request: ReplyRequest
) -> dict[str, Any]:
    """Do what a person says of a reply; its state afterwards.

    Raises:
        NotFound: there is no such reply.
        Conflict: somebody has decided already, the draft has other bytes than those that were looked at, or
            it may not be sent.
    """
    mail_id, reply = reply_of(records, reply_id)
    if request.digest not in ("", reply.digest):
        raise Conflict(f"the draft {reply_id} has other words by now; look at it again")
    if request.again:
        _release_unsure(records, reply_id)
        outs.send({"task": OutTask.SEND, "reply_id": reply_id})
        return reply_state(records, reply_id)
    if reply.state is ReplyState.WITHHELD and request.verdict is not ReplyVerdict.REJECT:
        raise Conflict(f"the reply {reply_id} may not be sent: {reply.why}")
    if request.verdict is ReplyVerdict.EDIT:
        _edit(objects, records, (mail_id, reply), request)
    elif not _decided(records, reply, request, f"{PERSON}{request.by or 'unnamed'}"):
        raise Conflict(f"the reply {reply_id} has been decided on already")
    elif request.verdict is ReplyVerdict.APPROVE:
        outs.send({"task": OutTask.SEND, "reply_id": reply_id})
    return reply_state(records, reply_id)


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
    if records.get(VERDICTS, reply.reply_id) is not None:
        raise Conflict(f"the reply {reply.reply_id} has been decided on already")
    words = {
        "body": request.body,
        "subject": request.subject or reply.subject,
        "method": f"{PERSON}{request.by or 'unnamed'}",
        "facts": (),  # those of the draft; a person vouches for these words
    }
    changed = reply.model_copy(update=words)
    message, own = message_of(objects, mail_id), practice_of(records).mailbox
    worded = _with_bytes(objects, message, changed, own)
    records.put(REPLIES, reply.reply_id, {"mail_id": mail_id, "reply": worded.model_dump(mode="json")})


def _decided(records: RecordStore, reply: Reply, request: ReplyRequest, by: str) -> bool:
    said = {
        "verdict": str(request.verdict),
        "digest": reply.digest,
        "by": by,
        "note": request.note,
        "at": _now(),
    }
    return records.put(VERDICTS, reply.reply_id, said, if_absent=True)


def _release_unsure(records: RecordStore, reply_id: str) -> None:
    """Let a reply be sent again of which nobody knows whether it was. Raises Conflict for any other."""
    left = records.get(SENT, reply_id) or {}
    if left.get("state") not in (UNSURE, SENDING):
        raise Conflict(f"the reply {reply_id} is {left.get('state', 'not sent yet')}: nothing to send again")
    records.delete(SENT, reply_id)


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
    verdict = records.get(VERDICTS, reply_id) or {}
    if verdict.get("verdict") != ReplyVerdict.APPROVE:
        raise Conflict(f"nobody has approved the reply {reply_id}")
    approval = {"digest": verdict["digest"], "approved_by": verdict["by"], "state": ReplyState.APPROVED}
    approved = reply.model_copy(update=approval)
    if not records.put(SENT, reply_id, {"state": SENDING, "at": _now(), "why": ""}, if_absent=True):
        return str((records.get(SENT, reply_id) or {}).get("state", SENDING))
    why = _kept_back(context, mail_id, approved)
    if why:
        return _left(records, reply_id, WITHHELD, why)
    return _given(context, approved)


def _given(context: MailOutContext, reply: Reply) -> str:
    """Hand the approved bytes over."""
    records, own = context.records, practice_of(context.records).own
    try:
        content = reply_bytes(context.objects, reply)
        name = context.sender.send(content, own, [reply.to.address])
    except (MailUnreachable, StorageError):  # surely not sent
        records.delete(SENT, reply.reply_id)
        raise
    except MailRefused as error:
        return _left(records, reply.reply_id, REFUSED, str(error))
    except MailUnsure as error:
        return _left(records, reply.reply_id, UNSURE, str(error))
    logger.info("reply %s sent", reply.reply_id)
    return _left(records, reply.reply_id, DONE, "", name)


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


def _left(records: RecordStore, reply_id: str, state: str, why: str, name: str = "") -> str:
    records.put(SENT, reply_id, {"state": state, "at": _now(), "why": why, "name": name})
    if why:
        logger.warning("reply %s %s: %s", reply_id, state, why)
    return state


# --- looking up -----------------------------------------------------------------------------------------

_STATES: Final = {
    DONE: ReplyState.SENT,
    REFUSED: ReplyState.WITHHELD,
    WITHHELD: ReplyState.WITHHELD,
}


def reply_state(records: RecordStore, reply_id: str) -> dict[str, Any]:
    """How a reply fares: ``reply_id``, ``state`` (of ReplyState), ``kind``, ``digest``, ``by``, ``why``, and
    ``sending``: what is known of its way out, None before. Raises NotFound."""
    _, reply = reply_of(records, reply_id)
    verdict = records.get(VERDICTS, reply_id) or {}
    left = records.get(SENT, reply_id)
    state = reply.state
    if verdict.get("verdict") == ReplyVerdict.REJECT:
        state = ReplyState.REJECTED
    elif verdict:
        state = _STATES.get(str((left or {}).get("state")), ReplyState.APPROVED)
    return {
        "reply_id": reply_id,
        "state": str(state),
        "kind": reply.kind,
        "digest": str(verdict.get("digest") or reply.digest),
        "by": str(verdict.get("by", "")),
        "why": str((left or {}).get("why") or verdict.get("note") or reply.why),
        "sending": left,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
