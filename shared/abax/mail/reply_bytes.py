"""A reply as the message that is sent (RFC 5322, 2045 to 2047, 3834): the same bytes each time.

Nothing in it comes from the clock or from chance: its day is when it was drafted, its id comes from the
reply's. What was approved is therefore what is sent, byte for byte, and a digest is enough to tell.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email import quoprimime
from email.header import Header
from email.utils import format_datetime
from typing import Final

from abax.mail.contracts import Mailbox, Message, Reply
from abax.mail.gate import MARKS

LONGEST_SUBJECT: Final = 200
MOST_REFERENCES: Final = 20
NO_ID: Final = "@missing.invalid"
BY_PERSON: Final = "person:"
"""How the method of a reply begins that a person has written, and its approval that a person has given."""

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS: Final = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+"
)
_ID: Final = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,250}@[\x21-\x3b\x3d\x3f-\x7e]{1,250}")
_REPLIED: Final = re.compile(
    r"^(?:\s*(?:re|aw|antw|antwort|sv|vs|r|ref|rv|rif|odp|res|betr)\s?(?:\[\d+\])?\s?:)+\s*", re.IGNORECASE
)


def is_address(text: str) -> bool:
    """Whether mail can be sent to it: one plain address, nothing that a header could be split with."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def subject_of(message: Message) -> str:
    """The subject of an answer: ``Re: …``, whatever the message has in front of its own."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in message.subject).split())
    return f"Re: {_REPLIED.sub('', plain)[:LONGEST_SUBJECT]}".strip()


def rendered(reply: Reply, message: Message, own: Mailbox) -> bytes:
    """The bytes of a reply to a message, sent by ``own``: headers, then its body in quoted-printable.

    It says that it was sent by machine (``Auto-Submitted: auto-replied``), so that other machines do not
    answer it, unless a person has worded or approved it: RFC 3834 keeps that mark off what people send.
    """
    domain = own.domain or "localhost"
    lines = [
        _header("From", _mailbox(own)),
        _header("To", _mailbox(reply.to)),
        _header("Subject", _encoded(reply.subject, "Subject")),
        _header("Date", format_datetime(_day(reply, message))),
        _header("Message-ID", f"<{reply.reply_id}@{domain}>"),
        *_thread(message),
        *_marks(reply, own),
        _header("MIME-Version", "1.0"),
        _header("Content-Type", 'text/plain; charset="utf-8"'),
        _header("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return ("".join(lines) + "\r\n").encode("ascii") + _body(reply.body)


def digest_of(content: bytes) -> str:
    """What bytes are known by: SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _header(name: str, value: str) -> str:
    return f"{name}: {value}\r\n"


def _mailbox(box: Mailbox) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in box.name).split())[:100]
    if not name:
        return box.address
    if name.isascii():
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{quoted}"\r\n <{box.address}>'
    return f"{_encoded(name, 'To')}\r\n <{box.address}>"


def _encoded(text: str, name: str) -> str:
    """A header's text: as it is where it is ASCII, else as encoded words (RFC 2047), folded."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    charset = "us-ascii" if plain.isascii() and "=?" not in plain else "utf-8"
    return Header(plain, charset, header_name=name).encode(linesep="\r\n")


def _day(reply: Reply, message: Message) -> datetime:
    """When it was drafted, else when the message came: never now."""
    found = reply.written_at or message.received_at or message.sent_at or datetime(1970, 1, 1, tzinfo=UTC)
    return found.astimezone(UTC).replace(microsecond=0)


def _thread(message: Message) -> list[str]:
    """What it answers, and the thread: the first message and the last ones (RFC 5322, 3.6.4)."""
    if message.message_id.endswith(NO_ID) or not _ID.fullmatch(message.message_id):
        return []
    before = message.references or ((message.in_reply_to,) if message.in_reply_to else ())
    ids = [one for one in before if _ID.fullmatch(one) and one != message.message_id]
    kept = [*ids[:1], *ids[1:][-(MOST_REFERENCES - 2) :], message.message_id]
    return [
        _header("In-Reply-To", f"<{message.message_id}>"),
        _header("References", "\r\n ".join(f"<{one}>" for one in kept)),
    ]


def _marks(reply: Reply, own: Mailbox) -> list[str]:
    """What keeps machines from answering; a person's words only say whose they are, should they come back."""
    if reply.method.startswith(BY_PERSON) or reply.approved_by.startswith(BY_PERSON):
        return [_header("X-Loop", own.address)]
    return [_header(name, value) for name, value in MARKS.items()]


def _body(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    return quoprimime.body_encode(lines.encode().decode("latin-1"), eol="\r\n").encode("ascii")
