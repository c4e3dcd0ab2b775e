"""From the bytes of a mail to a `Message`, whatever state they are in. Nothing raises; problems are told.

::

    bytes ──► mime.parse ──► body.Body ──► quoting.split ──► Message + contents of its files
"""

from __future__ import annotations

import email.utils
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from abax.mail.addresses import mailboxes
from abax.mail.body import Body
from abax.mail.contracts import Attachment, Mailbox, Message
from abax.mail.language import language_of
from abax.mail.mime import Limits, Notes, Part, parse
from abax.mail.quoting import Split, split
from abax.mail.threads import ids_in, thread_id_of

__all__ = ["Limits", "Parsed", "is_document", "messages_in", "moment_of", "read"]

_DEFAULT: Final = Limits()
_OWN_FIELDS: Final = frozenset(
    {"from", "to", "cc", "reply-to", "subject", "message-id", "in-reply-to", "references"}
)
MISSING: Final = "missing.invalid"
"""The domain of ids of messages that have none."""


@dataclass(frozen=True)
class Parsed:
    """A message, and the contents of its attachments by their digests."""

    message: Message
    contents: Mapping[str, bytes] = field(default_factory=dict)


def read(content: bytes, limits: Limits = _DEFAULT) -> Parsed:
    """A message from its bytes. Never raises: what was wrong is in the message's ``problems``."""
    notes = Notes()
    part = parse(content, limits, notes)
    body = Body(limits, notes)
    body.walk(part)
    whole, parts = _texts(body)
    message = Message(
        **_envelope(part, limits, notes, hashlib.sha256(content).hexdigest()),
        text=parts.text,
        quoted=parts.quoted,
        signature=parts.signature,
        whole_text=whole,
        attachments=tuple(body.attachments),
        language=language_of(parts.text, part.value("subject")),
        size=len(content),
        encrypted=body.encrypted,
        signed=body.signed,
        invitation=body.invitation,
        problems=tuple(notes.lines),
    )
    return Parsed(message, body.contents)


def is_document(attachment: Attachment) -> bool:
    """Whether a file is worth reading as a document: no logo, signature, calendar, card or report."""
    if attachment.inline or attachment.size == 0 or _IDLE_NAMES.search(attachment.name):
        return False
    return not _IDLE_TYPES.fullmatch(attachment.media_type)


_IDLE_NAMES: Final = re.compile(
    r"\.(?:p7s|asc|sig|ics|vcf|pgp|gpg)$|^(?:smime\.p7m|daticert\.xml|postacert\.eml|winmail\.dat)$",
    re.IGNORECASE,
)
_IDLE_TYPES: Final = re.compile(
    r"application/(?:(?:x-)?pkcs7-signature|pgp-(?:signature|encrypted|keys)|ics|ms-tnef)"
    r"|text/(?:calendar|vcard|x-vcard|rfc822-headers)"
    r"|message/(?:delivery-status|disposition-notification|external-body|partial|feedback-report)"
)


def _texts(body: Body) -> tuple[str, Split]:
    """The whole body, and its parts. What attached mails say is history; alone, it is all there is."""
    whole = body.text()
    parts = split(whole)
    entries, forwarded = "\n\n".join(body.entries), "\n\n".join(body.forwarded)
    if entries:
        whole = f"{whole}\n\n{entries}".strip("\n")
        parts = Split(f"{parts.text}\n\n{entries}".strip("\n"), parts.quoted, parts.signature)
    if forwarded:
        whole = whole or forwarded
        parts = Split(parts.text, f"{parts.quoted}\n\n{forwarded}".strip("\n"), parts.signature)
    return whole, parts


# --- headers --------------------------------------------------------------------------------------------


def _envelope(part: Part, limits: Limits, notes: Notes, digest: str) -> dict[str, Any]:
    """The fields of a `Message` that its headers tell."""
    senders, _ = mailboxes(_raw(part, "from"), 50)
    if not any(sender.address for sender in senders):
        notes.add("it names no sender" if not senders else "its sender has no address")
    message_id = _message_id(part, notes, digest)
    in_reply_to = next((one for one in ids_in(part.values("in-reply-to")) if one != message_id), "")
    references = tuple(one for one in ids_in(part.values("references")) if one != message_id)
    return {
        "message_id": message_id,
        "digest": digest,
        "thread_id": thread_id_of(message_id, in_reply_to, references),
        "in_reply_to": in_reply_to,
        "references": references,
        "sender": next(
            (box for box in senders if box.address), senders[0] if senders else Mailbox(address="")
        ),
        **_recipients(part, limits, notes),
        "subject": part.value("subject")[:2_000],
        "sent_at": _sent_at(part, notes),
        "received_at": _received_at(part),
        "headers": _headers(part),
    }


def _raw(part: Part, name: str) -> list[bytes]:
    return [value for key, value in part.fields if key == name]


def _recipients(part: Part, limits: Limits, notes: Notes) -> dict[str, tuple[Mailbox, ...]]:
    found = {}
    for field_name, name in (("to", "to"), ("cc", "cc"), ("reply_to", "reply-to")):
        boxes, more = mailboxes(_raw(part, name), limits.recipients)
        if more:
            notes.add(f"more than {limits.recipients:,} addresses in {name}: the others were left out")
        found[field_name] = tuple(boxes)
    return found


def _message_id(part: Part, notes: Notes, digest: str) -> str:
    given = part.values("message-id")
    ids = ids_in(given)
    if len(ids) > 1:
        notes.add("it has several Message-IDs: the first one counts")
    if ids:
        return ids[0]
    notes.add("its Message-ID is none" if given else "it has no Message-ID")
    return f"{digest}@{MISSING}"


def _headers(part: Part) -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys(name for name, _ in part.fields if name not in _OWN_FIELDS)
    return {name: tuple(part.values(name)) for name in names}


def _sent_at(part: Part, notes: Notes) -> datetime | None:
    given = part.values("date")
    found = next((moment for moment in map(moment_of, given) if moment is not None), None)
    if found is None and any(given):
        notes.add(f"its date cannot be read: {given[0][:60]}")
    return found


def _received_at(part: Part) -> datetime | None:
    topmost = next(iter(part.values("received")), "")
    return moment_of(topmost.rpartition(";")[2])


_DAY: Final = re.compile(
    r"(\d{1,2})[ -](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec)[a-z]*[ -](\d{4})(?: +(\d{1,2}):(\d{2})(?::(\d{2}))?)?",
    re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def moment_of(text: str) -> datetime | None:
    """A date as mails have it (RFC 5322, ISO 8601 or damaged), in UTC; without a zone it is taken for UTC."""
    text = text.strip()[:200]
    if not text:
        return None
    try:
        parsed = email.utils.parsedate_tz(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # it raises on some of what it cannot read
        parsed = None
    if parsed is not None:
        found = _utc(parsed[:6], parsed[9] or 0)
        if found is not None:
            return found
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        match = _DAY.search(text)
        if match is None:
            return None
        month = _MONTHS.index(match[2].lower()) + 1
        numbers = (int(match[3]), month, int(match[1]), *(int(piece or 0) for piece in match.groups()[3:]))
        return _utc(numbers, 0)
    offset = moment.utcoffset() or timedelta()
    return _utc(moment.timetuple()[:6], offset.total_seconds())


def _utc(numbers: tuple[int, ...], offset: float) -> datetime | None:
    """A moment in UTC; None where there is no such one, or it is no date of a mail."""
    year, month, day, hour, minute, second = numbers
    year += 1900 if 100 <= year < 200 else 0  # programs that counted from 1900, in the year 2000
    if not 1970 <= year <= 2100:
        return None
    try:
        zone = timezone(timedelta(seconds=offset))
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# --- files of many mails --------------------------------------------------------------------------------

_FROM_LINE: Final = re.compile(rb"From [^\r\n]{0,300}\d{1,2}:\d{2}[^\r\n]{0,40}\d{4}[^\r\n]{0,40}\r?\n")
_ESCAPED_FROM: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def messages_in(content: bytes) -> Iterator[bytes]:
    """The mails of an ``.mbox`` file (RFC 4155), each without its ``From `` line; else all as one."""
    content = content.lstrip(b"\r\n")
    first = _FROM_LINE.match(content)
    if first is None:
        if content.strip():
            yield content
        return
    start = first.end()
    at = start
    while True:
        found = content.find(b"\nFrom ", at)
        if found < 0:
            yield _unescaped(content[start:])
            return
        line = _FROM_LINE.match(content, found + 1)
        if line is None or not content.endswith((b"\n", b"\n\r"), start, found):
            at = found + 1
            continue
        yield _unescaped(content[start:found])
        start = at = line.end()


def _unescaped(mail: bytes) -> bytes:
    """Without the marks that a mailbox puts before lines that begin with ``From ``."""
    return _ESCAPED_FROM.sub(rb"\1", mail) if b">From " in mail else mail
