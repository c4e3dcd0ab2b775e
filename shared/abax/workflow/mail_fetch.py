"""Mail out of a mailbox, each message once: by UID, from where the last look ended.

A message counts as fetched once it is kept, marked at the server, and written down, in this order. Whatever
breaks in between, it is fetched again, and known again by its Message-ID. What cannot be had (too large,
gone, or the server breaks at it each time) is marked and written down with its reason, and stops nobody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from abax.errors import MailboxRefused, MailboxUnreachable
from abax.ports import MailHead, MailSource, RecordStore
from abax.workflow.mail_request import MOST_BYTES

logger = logging.getLogger("abax.mail")

MAILBOXES: Final = "mailboxes"
"""Space of how far each folder has been read."""
FETCHED: Final = "mailbox_messages"
"""Space of what became of each message, by mailbox, folder, UIDVALIDITY and UID."""

TRIES: Final = 3
"""How often the connection may break at the same message, or at none, before it is left."""


@dataclass(frozen=True)
class Folder:
    """A folder of a mailbox, and how to get at it."""

    mailbox: str
    """Its name, such as ``user@host``."""
    name: str
    connect: Callable[[], MailSource]
    """A fresh, unconnected source."""

    @property
    def key(self) -> str:
        """What it is known by."""
        return f"{self.mailbox}/{self.name}"


@dataclass
class Fetched:
    """What came of a look into a folder."""

    folder: str
    taken: int = 0
    skipped: list[str] = field(default_factory=list)
    """What was not taken, and why."""
    renewed: bool = False
    """The server has given all messages new UIDs: all are looked at again."""
    breaks: int = 0
    """How often the connection broke."""
    more: bool = False
    """Time ran out before all were fetched."""


class _AtMessage(Exception):
    """The connection broke while this message was fetched."""

    def __init__(self, uid: int, cause: MailboxUnreachable) -> None:
        super().__init__(str(cause))
        self.uid = uid
        self.cause = cause


def fetch(
    folder: Folder,
    records: RecordStore,
    keep: Callable[[bytes], None],
    deadline: float = float("inf"),
    most_bytes: int = MOST_BYTES,
    pause: float = 1.0,
) -> Fetched:
    """Fetch what is new in a folder; ``keep`` takes each message in, and may be given the same one twice.

    A connection that breaks is made anew after ``pause`` seconds, then twice as many. ``deadline`` is an
    instant of ``time.monotonic()``.

    Raises:
        MailboxUnreachable: it broke TRIES times without any message in between.
        MailboxRefused: the server will not let us in, or has no such folder.
    """
    found = Fetched(folder.key)
    tries: dict[int, int] = {}
    while True:
        before = found.taken + len(found.skipped)
        try:
            _look(folder, records, keep, found, tries, (deadline, most_bytes))
            return found
        except (_AtMessage, MailboxUnreachable) as error:
            at = error.uid if isinstance(error, _AtMessage) else 0
            tries[at] = 1 if at == 0 and found.taken + len(found.skipped) > before else tries.get(at, 0) + 1
            found.breaks += 1
            logger.warning("%s: %s", folder.key, error)
            if at == 0 and tries[at] >= TRIES:
                raise
            time.sleep(min(pause * 2 ** (tries[at] - 1), 30.0))


def state_of(records: RecordStore, folder: Folder) -> dict[str, Any]:
    """How far a folder has been read: ``uid_validity``, ``uid``, ``at``; empty before the first look."""
    return records.get(MAILBOXES, folder.key) or {}


def _look(
    folder: Folder,
    records: RecordStore,
    keep: Callable[[bytes], None],
    found: Fetched,
    tries: dict[int, int],
    limits: tuple[float, int],
) -> None:
    """One connection's worth."""
    deadline, most_bytes = limits
    with folder.connect() as source:
        validity = source.select(folder.name)
        state = state_of(records, folder)
        if state and state["uid_validity"] != validity:
            found.renewed, state = True, {}
        reading = _Reading(folder, records, source, validity, most_bytes)
        for head in _until(source.heads(int(state.get("uid", 0))), deadline, found):
            content, why = reading.content(head, tries.get(head.uid, 0))
            if content is not None:
                keep(content)
                found.taken += 1
            else:
                found.skipped.append(f"UID {head.uid} ({head.message_id or 'no Message-ID'}): {why}")
                logger.warning("%s: %s", folder.key, found.skipped[-1])
            reading.done(head, why, tries.get(head.uid, 0))


def _until(heads: Iterator[MailHead], deadline: float, found: Fetched) -> Iterator[MailHead]:
    for head in heads:
        if time.monotonic() >= deadline:
            found.more = True
            return
        yield head


@dataclass(frozen=True)
class _Reading:
    """A folder that is being read."""

    folder: Folder
    records: RecordStore
    source: MailSource
    validity: int
    most_bytes: int

    def content(self, head: MailHead, broken: int) -> tuple[bytes | None, str]:
        """The message, or why it cannot be had; ``broken`` is how often the connection broke at it."""
        if head.size > self.most_bytes:
            return None, f"it has {head.size:,} bytes, the limit is {self.most_bytes:,}"
        if broken >= TRIES:
            return None, f"the connection broke at it {broken} times"
        try:
            content = self.source.content(head.uid)
        except MailboxUnreachable as error:
            raise _AtMessage(head.uid, error) from error
        except MailboxRefused as error:
            return None, str(error)
        return content, "" if content is not None else "it is gone"

    def done(self, head: MailHead, why: str, broken: int) -> None:
        """Mark the message as processed, there and here; only here where the server breaks at it."""
        try:
            if broken < TRIES:
                self.source.mark(head.uid)
        except MailboxRefused as error:
            why = f"{why}; not marked: {error}".removeprefix("; ")
        except MailboxUnreachable as error:
            raise _AtMessage(head.uid, error) from error
        now = datetime.now(UTC).isoformat(timespec="seconds")
        key = f"{self.folder.key}/{self.validity}/{head.uid:010}"
        told = {"message_id": head.message_id, "size": head.size, "at": now, "why": why}
        self.records.put(FETCHED, key, told)
        self.records.put(
            MAILBOXES, self.folder.key, {"uid_validity": self.validity, "uid": head.uid, "at": now}
        )
