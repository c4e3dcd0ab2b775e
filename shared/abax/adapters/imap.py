"""A mailbox over IMAP 4 revision 1 (RFC 3501), by UID, with the standard library's client.

The address names the server and the user; what opens it comes from the secret store::

    {"url": "imaps://ar%40example.com@imap.example.com", "password": "…"}
    {"url": "imaps://ar%40example.com@imap.example.com", "token": "…"}   OAuth 2, as XOAUTH2

``imaps`` is TLS from the first byte (port 993), ``imap+starttls`` TLS after the greeting (143), and ``imap``
is plain, for a server on the same machine.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn, Self
from urllib.parse import SplitResult, unquote, urlsplit

from abax.errors import InvalidRequest, MailboxRefused, MailboxUnreachable
from abax.ports import MailHead

TIMEOUT: Final = 30.0
"""Seconds that any one answer may take."""
PROCESSED: Final = "$AbaxProcessed"
"""The keyword that marks a message as processed; mail programs show it as a label."""
AT_ONCE: Final = 200
"""Messages whose heads are asked for at a time."""
PORTS: Final = {"imaps": 993, "imap+starttls": 143, "imap": 143}

_UID: Final = re.compile(rb"UID (\d+)")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_MESSAGE_ID: Final = re.compile(rb"^message-id:\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


class ImapSource:
    """The MailSource port on an IMAP server. Raises InvalidRequest for an address that is none."""

    def __init__(self, secret: Mapping[str, str], timeout: float = TIMEOUT) -> None:
        self._parts = _address(secret.get("url", ""))
        self._secret = secret
        self._timeout = timeout
        self._server: imaplib.IMAP4 | None = None
        self._marks = True

    @property
    def name(self) -> str:
        """The mailbox without what opens it: ``user@host``."""
        return f"{self._user}@{self._parts.hostname}"

    def __enter__(self) -> Self:
        """Connect and log in. Raises MailboxUnreachable, MailboxRefused."""
        self._server = self._asked(self._connected)
        self._asked(self._log_in)
        return self

    def __exit__(self, *error: object) -> None:
        """Log out; a connection that is broken is only dropped."""
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.logout()
        except (imaplib.IMAP4.error, OSError):
            server.shutdown()

    def select(self, folder: str) -> int:
        """Open a folder: its UIDVALIDITY."""
        quoted = f'"{_encoded(folder)}"'
        self._told(self._open.select, quoted)
        validity = self._open.response("UIDVALIDITY")[1]
        flags = b" ".join(part for part in self._open.response("PERMANENTFLAGS")[1] if part)
        self._marks = b"\\*" in flags or PROCESSED.encode() in flags
        if not validity or not validity[0]:
            raise MailboxRefused(self.name, f"folder {folder} has no UIDVALIDITY")
        return int(validity[0])

    def heads(self, after: int) -> Iterator[MailHead]:
        """UID, size and Message-ID of the messages after a UID, lowest first; no body is read."""
        found = self._told(self._open.uid, "SEARCH", None, f"UID {after + 1}:*")
        # "n:*" always names the last message, even where its UID is below n (RFC 3501, 6.4.8).
        uids = sorted(uid for uid in map(int, b" ".join(found).split()) if uid > after)
        for start in range(0, len(uids), AT_ONCE):
            yield from self._heads_of(uids[start : start + AT_ONCE])

    def content(self, uid: int) -> bytes | None:
        """The message as it came, unmarked; None where it is gone."""
        answer = self._told(self._open.uid, "FETCH", str(uid), "(BODY.PEEK[])")
        return next((part[1] for part in answer if isinstance(part, tuple)), None)

    def mark(self, uid: int) -> None:
        """Set the keyword; in a folder that keeps none, the message counts as seen instead."""
        flag = PROCESSED if self._marks else "\\Seen"
        self._told(self._open.uid, "STORE", str(uid), "+FLAGS.SILENT", f"({flag})")

    @property
    def _open(self) -> imaplib.IMAP4:
        if self._server is None:
            raise MailboxUnreachable(self.name, "it is not connected")
        return self._server

    @property
    def _user(self) -> str:
        return unquote(self._parts.username or "")

    def _connected(self) -> imaplib.IMAP4:
        host, port = str(self._parts.hostname), self._parts.port or PORTS[self._parts.scheme]
        if self._parts.scheme == "imaps":
            return imaplib.IMAP4_SSL(
                host, port, ssl_context=ssl.create_default_context(), timeout=self._timeout
            )
        server = imaplib.IMAP4(host, port, self._timeout)
        if self._parts.scheme == "imap+starttls":
            server.starttls(ssl.create_default_context())
        return server

    def _log_in(self) -> None:
        token = self._secret.get("token")
        if token:
            said = f"user={self._user}\x01auth=Bearer {token}\x01\x01".encode()
            self._open.authenticate("XOAUTH2", lambda challenge: said)
            return
        password = self._secret.get("password") or unquote(self._parts.password or "")
        self._open.login(self._user, password)

    def _heads_of(self, uids: Sequence[int]) -> list[MailHead]:
        what = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        answer = self._told(self._open.uid, "FETCH", ",".join(map(str, uids)), what)
        found = {head.uid: head for head in _heads(answer)}
        return [found[uid] for uid in uids if uid in found]

    def _told(self, command: Callable[..., Any], *arguments: Any) -> list[Any]:
        """What a command answers. Raises MailboxRefused where it says no."""
        state, answer = self._asked(command, *arguments)
        if state != "OK":
            said = b" ".join(part for part in answer if isinstance(part, bytes))
            raise MailboxRefused(self.name, said.decode(errors="replace")[:300] or state)
        return [part for part in answer if part is not None]

    def _asked(self, command: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return command(*arguments)
        except imaplib.IMAP4.readonly as error:  # these two first, for they are errors too
            raise MailboxRefused(self.name, f"it may not be marked: {_words(error)}"[:300]) from error
        except imaplib.IMAP4.abort as error:
            self._lost(error)
        except imaplib.IMAP4.error as error:
            raise MailboxRefused(self.name, _words(error)[:300]) from error
        except OSError as error:
            self._lost(error)

    def _lost(self, error: Exception) -> NoReturn:
        raise MailboxUnreachable(self.name, _words(error)[:300] or type(error).__name__) from error


def _words(error: Exception) -> str:
    """What an error says; ``imaplib`` hands on what the server said as bytes."""
    said = error.args[0] if len(error.args) == 1 else None
    return said.decode(errors="replace") if isinstance(said, bytes) else str(error)


def _address(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise InvalidRequest("must be like imaps://user@host, the user's @ written as %40", "url")
    return parts


def _heads(answer: Sequence[Any]) -> Iterator[MailHead]:
    """One for each message; a server may say a part of it before the header and a part behind."""
    for at, part in enumerate(answer):
        if not isinstance(part, tuple):
            continue
        behind = answer[at + 1] if at + 1 < len(answer) and isinstance(answer[at + 1], bytes) else b""
        about = part[0] + b" " + behind
        uid, size, name = _UID.search(about), _SIZE.search(about), _MESSAGE_ID.search(part[1])
        if uid is not None:
            message_id = name[1].decode("ascii", "replace") if name else ""
            yield MailHead(int(uid[1]), int(size[1]) if size else 0, message_id)


def _encoded(folder: str) -> str:
    """A folder's name in IMAP's own form of UTF-7 (RFC 3501, 5.1.3), ready to stand between quotes."""
    pieces = re.split(r"([^\x20-\x7e]+)", folder)
    return "".join(
        _utf7(piece) if at % 2 else piece.replace("&", "&-").replace("\\", "\\\\").replace('"', '\\"')
        for at, piece in enumerate(pieces)
    )


def _utf7(text: str) -> str:
    body = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{body}-"
