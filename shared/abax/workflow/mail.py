"""Mail, from its bytes to what is made of it. All messages of a batch go through triage together.

::

    bytes ──► kept, by digest ──► read ──► known already? ──► triage ──► attachments: jobs of documents
                                              └─► nothing more          ├─► ticket ──► queue "mailouts"
                                                                        ├─► draft of a reply
                                                                        └─► listed, newest first

Every step may run twice: what is kept has its key from the content or from the Message-ID, so that a second
worker, or a second try after a crash, writes the same again.

What comes twice under one Message-ID and says the same (a copy that took another way has other ``Received``
headers) is one message. What says something else is kept apart, and says so.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from abax.errors import AbaxError, FileTooLarge, InvalidRequest, NotFound, ObjectMissing, StorageError
from abax.mail.contracts import Message, Reply, Ticket, Triage
from abax.ports import ObjectStore, RecordStore
from abax.workflow import drafts
from abax.workflow.context import MailContext, Mails
from abax.workflow.events import CloudEvent, parse_object
from abax.workflow.mail_request import MOST_BYTES, OutTask

if TYPE_CHECKING:
    from abax.mail.desk import Desk
    from abax.mail.message import Parsed

logger = logging.getLogger("abax.mail")

INBOX: Final = "mail/"
"""Prefix of the keys that mail is sent in under; nothing of ours is ever written there but by senders."""
KEPT: Final = "mails/"
"""Prefix of all that is kept of mail."""
MAIL_RECEIVED: Final = "abax.mail.received"

LISTED: Final = "mail"
"""Space of what lists show, newest first."""
KNOWN: Final = "mail_known"
"""Space of messages by id: which they are, and whether they are done."""
CONTENTS: Final = "mail_contents"
"""Space of message ids by digest of the bytes that came."""

NO_DOCUMENTS: Final = ("spam", "automatic")
"""Categories whose attachments nobody reads, nor them, where no person must look."""

NOBODY: Final = "none"
"""The department of what nobody has to do anything about."""
REST: Final = "*"
"""Stands for every queue that the settings do not name."""

_LAST: Final = 9_999_999_999_999
"""Milliseconds since 1970 that no message comes after: what is left until then sorts the newest first."""


@dataclass(frozen=True)
class Taken:
    """What became of bytes that came in."""

    mail_id: str
    is_new: bool
    """False where the same message had come before, and was done."""
    triage: Triage | None = None
    """Where this very call has made it."""
    reply: Reply | None = None


@dataclass(frozen=True)
class _Mail:
    """A message that is being taken in."""

    mail_id: str
    parsed: Parsed
    at: datetime
    """When it first came in here."""
    note: str
    done: bool

    @property
    def message(self) -> Message:
        return self.parsed.message


# --- sending in -----------------------------------------------------------------------------------------


def send_in(objects: ObjectStore, mails: Mails, content: bytes) -> str:
    """Keep the bytes of a message and leave it to the queue; its digest, by which it can be asked for.

    Raises:
        InvalidRequest: there is nothing.
        FileTooLarge: nobody would read so much.
    """
    require_readable(content)
    digest = digest_of(content)
    objects.put(raw_key(digest), content, "message/rfc822")
    mails.records.put(CONTENTS, digest, {"mail_id": ""}, if_absent=True)
    mails.queue.send({"key": raw_key(digest)})
    return digest


def require_readable(content: bytes) -> None:
    """Raises InvalidRequest, FileTooLarge."""
    if not content.strip():
        raise InvalidRequest("there is no message", "body")
    if len(content) > MOST_BYTES:
        raise FileTooLarge("the message", f"{len(content):,} bytes", f"{MOST_BYTES:,}")


def keys_in(body: str | bytes | Mapping[str, Any]) -> Iterator[str]:
    """The objects that a message of the queue names: an event of the bucket, a CloudEvent, or
    ``{"key": …}``.

    Raises:
        InvalidRequest: it names none, or one that is no mail.
    """
    content = parse_object(body)
    if content.get("Event") == "s3:TestEvent":  # what a bucket sends when its notification is set up
        return
    if isinstance(content.get("Records"), list):
        yield from (_key_of(record) for record in content["Records"])
        return
    if "specversion" in content:
        event = CloudEvent.model_validate(content)
        if event.type != MAIL_RECEIVED:
            raise InvalidRequest(f"{event.type!r} is not {MAIL_RECEIVED!r}", "type")
        content = event.data if isinstance(event.data, Mapping) else {}
    yield _allowed(content.get("key"))


def _key_of(record: Any) -> str:
    try:
        return _allowed(unquote_plus(str(record["s3"]["object"]["key"])))
    except (TypeError, KeyError):
        raise InvalidRequest("is no event of a bucket", "Records") from None


def _allowed(key: object) -> str:
    if not isinstance(key, str) or not key.startswith((INBOX, f"{KEPT}raw/")) or ".." in key.split("/"):
        raise InvalidRequest(f"must name an object under {INBOX}", "key")
    return key


def content_of(objects: ObjectStore, key: str) -> bytes:
    """A message's bytes. Raises NotFound."""
    try:
        return objects.get(key)
    except ObjectMissing:
        raise NotFound(f"there is no object {key!r}") from None


# --- taking in ------------------------------------------------------------------------------------------


def take_in(context: MailContext, contents: Sequence[bytes], now: datetime | None = None) -> list[Taken]:
    """Read messages and do all that is to be done with them: what became of each, in order.

    Triage, and what a language model has to do for it, is done for all of them at once. A message that is
    among them twice is done once.

    Raises:
        StorageError: something could not be kept; what was kept by then is found again.
    """
    from abax.mail.triage import triage
    from abax.workflow.mail_desk import desk_for

    begun = now or datetime.now(UTC)
    found = [_received(context, content, begun) for content in contents]
    waiting = {mail.mail_id: mail for mail in found if not mail.done}
    made: dict[str, Taken] = {}
    if waiting:
        desk = desk_for(context, begun)
        triaged = triage([mail.message for mail in waiting.values()], desk)
        for mail, one in zip(waiting.values(), triaged, strict=True):
            made[mail.mail_id] = _finished(context, mail, one, desk)
    return [made.get(mail.mail_id) or Taken(mail.mail_id, is_new=False) for mail in found]


def _received(context: MailContext, content: bytes, now: datetime) -> _Mail:
    from abax.mail.message import read

    digest = digest_of(content)
    objects, records = context.services.objects, context.records
    if not objects.exists(raw_key(digest)):
        objects.put(raw_key(digest), content, "message/rfc822")
    parsed = read(content)
    mail_id, known = _claimed(records, parsed.message, now)
    records.put(CONTENTS, digest, {"mail_id": mail_id})
    at = datetime.fromisoformat(known["at"])
    return _Mail(mail_id, parsed, at, known["note"], known["state"] == "done")


def _claimed(records: RecordStore, message: Message, now: datetime) -> tuple[str, dict[str, Any]]:
    """The message's id and what is known of it; known from here on, if it was not."""
    mail_id = hashlib.sha256(message.message_id.encode()).hexdigest()[:32]
    item = {
        "message_id": message.message_id,
        "says": _fingerprint(message),
        "digest": message.digest,
        "at": now.isoformat(timespec="milliseconds"),
        "state": "received",
        "note": "",
    }
    known = _kept(records, mail_id, item)
    if known["says"] == item["says"]:
        return mail_id, known
    logger.warning("mail %s came with other content under the same Message-ID", mail_id)
    other = {**item, "note": f"another message came under the same Message-ID: {mail_id}"}
    apart = f"{mail_id}-{str(item['says'])[:12]}"
    return apart, _kept(records, apart, other)


def _kept(records: RecordStore, mail_id: str, item: dict[str, Any]) -> dict[str, Any]:
    """What lies under an id: the item, where it is free."""
    if records.put(KNOWN, mail_id, item, if_absent=True):
        return item
    return records.get(KNOWN, mail_id) or item


def _fingerprint(message: Message) -> str:
    """Hash of what a message says, whichever way it came."""
    said = [
        message.sender.address.lower(),
        message.subject,
        message.sent_at.isoformat() if message.sent_at else "",
        message.whole_text,
        *sorted(attachment.digest for attachment in message.attachments),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _finished(context: MailContext, mail: _Mail, triage: Triage, desk: Desk) -> Taken:
    """Everything after triage. The message counts as done at the very end."""
    from abax.workflow.mail_replies import draft_reply

    objects, records = context.services.objects, context.records
    documents, refused = _documents(context, mail.parsed, triage)
    drafts.put_json(objects, part_key(mail.mail_id, "message"), mail.message.model_dump(mode="json"))
    drafts.put_json(objects, part_key(mail.mail_id, "triage"), triage.model_dump(mode="json"))
    reply = draft_reply(context, mail.mail_id, mail.message, triage, desk)
    ticket = None
    if is_told(records, triage):
        ticket = ticket_for(
            f"mail-{mail.mail_id}",
            mail.message,
            triage,
            documents=documents,
            reply_id=reply.reply_id if reply else "",
        )
        drafts.put_json(objects, part_key(mail.mail_id, "ticket"), ticket.model_dump(mode="json"))
        context.outs.send({"task": OutTask.TICKET, "mail_id": mail.mail_id})
    key = list_key(mail)
    row = _row(mail, triage, documents, refused)
    records.put(
        LISTED, key, {**row, "ticket": ticket is not None, "reply_id": reply.reply_id if reply else ""}
    )
    known = records.get(KNOWN, mail.mail_id) or {}
    records.put(KNOWN, mail.mail_id, {**known, "state": "done", "listed": key})
    logger.info("mail %s: %s, %s", mail.mail_id, triage.category.value, triage.priority.value)
    return Taken(mail.mail_id, True, triage, reply)


def _documents(context: MailContext, parsed: Parsed, triage: Triage) -> tuple[list[str], list[str]]:
    """Hand the attachments to the documents: ids of their jobs, and what was not taken."""
    from abax.mail.message import is_document
    from abax.workflow.intake import request_document

    if context.services.documents is None or triage.category.value in NO_DOCUMENTS:
        return [], []
    jobs: list[str] = []
    refused: list[str] = []
    for attachment in filter(is_document, parsed.message.attachments):
        content = parsed.contents.get(attachment.digest, b"")
        try:
            job, _ = request_document(context.services, attachment.name or "attachment", content)
            jobs.append(job.job_id)
        except StorageError:
            raise
        except AbaxError as error:
            refused.append(str(error))
    return list(dict.fromkeys(jobs)), refused


def is_told(records: RecordStore, triage: Triage) -> bool:
    """Whether a ticket is due: where a department takes it; what nobody takes goes to whoever takes the rest,
    unless it is nothing that a person should see."""
    from abax.workflow.mail_practice import practice_of

    if triage.queue and triage.department.value != NOBODY:
        return True
    if triage.category.value in NO_DOCUMENTS and not triage.needs_person:
        return False
    tickets = practice_of(records).tickets
    return bool(tickets.get(triage.queue or NOBODY) or tickets.get(REST))


def ticket_for(
    key: str,
    message: Message,
    triage: Triage,
    *,
    documents: Sequence[str] = (),
    reply_id: str = "",
    replaces: str = "",
) -> Ticket:
    """What the department is told."""
    dues = [action.due for action in triage.asked.actions if action.due is not None]
    points = [point.value for point in triage.key_points]
    return Ticket(
        key=key,
        replaces=replaces,
        queue=triage.queue or NOBODY,
        department=triage.department.value,
        category=triage.category.value,
        priority=triage.priority.value,
        subject=message.subject,
        sender=message.sender,
        thread_id=message.thread_id,
        message_id=message.message_id,
        summary=" ".join(points) or message.text[:300],
        due=min(dues, default=None),
        triage=triage,
        documents=tuple(documents),
        reply_id=reply_id,
    )


def _row(mail: _Mail, triage: Triage, documents: list[str], refused: list[str]) -> dict[str, Any]:
    """What lists show of a message."""
    message = mail.message
    return {
        "mail_id": mail.mail_id,
        "message_id": message.message_id,
        "thread_id": message.thread_id,
        "received_at": mail.at.isoformat(timespec="seconds"),
        "sent_at": message.sent_at.isoformat(timespec="seconds") if message.sent_at else None,
        "sender": message.sender.model_dump(),
        "subject": message.subject[:500],
        "language": triage.language.value,
        "category": triage.category.value,
        "department": triage.department.value,
        "queue": triage.queue,
        "priority": str(triage.priority.value),
        "urgency": str(triage.urgency.value),
        "sentiment": str(triage.sentiment.value),
        "confidence": triage.category.confidence,
        "wanted": triage.asked.wanted.value,
        "needs_person": triage.needs_person,
        "model": triage.model,
        "documents": documents,
        "corrected": False,
        "problems": [note for note in (mail.note, *message.problems[:20], *refused[:20]) if note],
    }


# --- looking up -----------------------------------------------------------------------------------------


def listed(records: RecordStore, queue: str = "", category: str = "") -> Iterator[dict[str, Any]]:
    """What was taken in, newest first, each with the state of its ticket and of its reply."""
    for _, row in records.items(LISTED):
        if queue in ("", row["queue"]) and category in ("", row["category"]):
            yield _with_states(records, row)


def row_of(records: RecordStore, mail_id: str) -> dict[str, Any]:
    """The same for one message, by its id or by the digest of its bytes. Raises NotFound."""
    place = list_place(records, mail_id)
    row = records.get(LISTED, place) if place else None
    if row is None:
        raise NotFound(f"mail {mail_id} has come in and is not done yet; look again")
    return _with_states(records, row)


def list_place(records: RecordStore, mail_id: str) -> str:
    """Where lists have a message, by its id or digest; empty until it is done. Raises NotFound."""
    found = found_id(records, mail_id)
    known = records.get(KNOWN, found) if found else {}
    if known is None:
        raise NotFound(f"no mail {mail_id!r}; GET /v1/mail lists what came in")
    return str(known.get("listed", ""))


def found_id(records: RecordStore, mail_id: str) -> str:
    """The id behind a digest of a message's bytes, empty until it is read; any other is its own."""
    content = records.get(CONTENTS, mail_id)
    return str(content["mail_id"]) if content else mail_id


def message_of(objects: ObjectStore, mail_id: str) -> Message:
    """A message that was taken in. Raises ObjectMissing."""
    return Message.model_validate_json(objects.get(part_key(mail_id, "message")))


def triage_of(objects: ObjectStore, mail_id: str) -> Triage:
    """What was made of it. Raises ObjectMissing."""
    return Triage.model_validate_json(objects.get(part_key(mail_id, "triage")))


def _with_states(records: RecordStore, row: dict[str, Any]) -> dict[str, Any]:
    from abax.workflow.mail_replies import reply_state
    from abax.workflow.mail_tickets import ticket_state

    ticket = ticket_state(records, row["mail_id"]) if row["ticket"] else None
    reply = reply_state(records, row["reply_id"]) if row["reply_id"] else None
    return {**row, "ticket": ticket, "reply": reply}


# --- where things lie -----------------------------------------------------------------------------------


def raw_key(digest: str) -> str:
    """The object that holds a message as it came."""
    return f"{KEPT}raw/{digest}.eml"


def part_key(mail_id: str, name: str) -> str:
    """The object that holds a part of what was made of a message: message, triage or ticket."""
    return f"{KEPT}{mail_id}/{name}.json"


def list_key(mail: _Mail) -> str:
    """Where lists have a message: the newest first."""
    left = _LAST - int(mail.at.timestamp() * 1000)
    return f"{left:013}-{mail.mail_id}"


def digest_of(content: bytes) -> str:
    """What bytes are known by: SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()
