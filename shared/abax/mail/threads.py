"""Which messages belong together: by what their headers say, else by subject, people and time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from abax.mail.charsets import plain
from abax.mail.contracts import Message

__all__ = ["grouped", "ids_in", "is_answer", "subject_of_thread", "thread_id_of"]

_ID: Final = re.compile(r"<\s*([^<>\s]{1,400})\s*>")
_BARE_ID: Final = re.compile(r"[^<>\s,;\"]{1,300}@[^<>\s,;\"]{1,100}")
_MOST_REFERENCES: Final = 200
_PREFIX: Final = re.compile(
    r"\s*(?:(?:re|aw|antw(?:ort|oord)?|sv|vs|r\u00e9?f?|rif|rv|res|odp|ref|fw|fwd|wg|wtr|tr|i|inoltro|doorst"
    r"|enc|pd|vl|vb|posta certificata)"
    r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3})?\s?[:\uff1a]"
    r"|\[(?:ext(?:ern(?:al|e|o)?)?|external sender|spam\??|secure|sicher|vertraulich|confidential)\]"
    r"|\*{2,}\s?(?:spam|extern(?:al)?)\s?\*{2,})\s*",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:re|aw|antw(?:ort|oord)?|sv|vs|r\u00e9?f?|rif|rv|res|odp)(?:\s?\[\d{1,3}\]"
    r"|\^\d)?\s?[:\uff1a]",
    re.IGNORECASE,
)
_APART: Final = timedelta(days=30)
_SHORTEST_SUBJECT: Final = 4


def ids_in(values: Iterable[str]) -> tuple[str, ...]:
    """The message ids in headers such as ``References``, each once, in order, without brackets."""
    found: dict[str, None] = {}
    for value in values:
        matches = (_ID if "<" in value else _BARE_ID).findall(value)
        found.update(dict.fromkeys(match for match in matches if "@" in match))
    ids = tuple(found)
    return ids if len(ids) <= _MOST_REFERENCES else (ids[0], *ids[1 - _MOST_REFERENCES :])


def thread_id_of(message_id: str, in_reply_to: str, references: Sequence[str]) -> str:
    """The id that a thread began with, as far as one message's headers tell."""
    return references[0] if references else in_reply_to or message_id


def subject_of_thread(subject: str) -> str:
    """A subject without what answering and forwarding put before it, for comparisons."""
    while match := _PREFIX.match(subject):
        subject = subject[match.end() :]
    return " ".join(plain(subject).split())


def is_answer(subject: str) -> bool:
    """Whether a subject begins as that of an answer does: ``AW: …``."""
    return bool(_ANSWER.match(subject))


def grouped(messages: Sequence[Message]) -> list[list[Message]]:
    """The threads among messages, each by time, the thread that began first in front.

    Ids join what names them. A message that names none joins an earlier one of the same subject within 30
    days if each of the two writers is among the people of the other message.
    """
    threads = _Threads()
    for message in messages:
        for other in (message.in_reply_to, *message.references):
            if other:
                threads.join(message.message_id, other)
    in_time = sorted(messages, key=_moment)
    latest: dict[str, list[Message]] = {}
    for message in in_time:
        subject = subject_of_thread(message.subject)
        if len(subject) < _SHORTEST_SUBJECT:
            continue
        known = latest.setdefault(subject, [])
        if not message.references and not message.in_reply_to:
            before = next((one for one in reversed(known[-200:]) if _belongs(message, one)), None)
            if before is not None:
                threads.join(message.message_id, before.message_id)
        known.append(message)
    found: dict[str, list[Message]] = {}
    for message in in_time:
        found.setdefault(threads.root(message.message_id), []).append(message)
    return list(found.values())


class _Threads:
    """Sets of ids that belong together."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, of: str) -> str:
        """The id that stands for the thread."""
        path = []
        while (parent := self._parents.get(of, of)) != of:
            path.append(of)
            of = parent
        for one in path:
            self._parents[one] = of
        return of

    def join(self, one: str, other: str) -> None:
        """Two ids are of one thread."""
        self._parents[self.root(one)] = self.root(other)


def _moment(message: Message) -> datetime:
    return message.sent_at or message.received_at or datetime.min.replace(tzinfo=UTC)


def _belongs(message: Message, before: Message) -> bool:
    """Whether the later of two messages of one subject goes on with the earlier."""
    if abs(_moment(message) - _moment(before)) > _APART:
        return False
    return _writer(before) in _people(message) and _writer(message) in _people(before)


def _writer(message: Message) -> str:
    return message.sender.address.lower()


def _people(message: Message) -> set[str]:
    boxes = (message.sender, *message.reply_to, *message.to, *message.cc)
    return {box.address.lower() for box in boxes if box.address}
