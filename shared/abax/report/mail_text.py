"""A message's own words on a page: its text with the sentences that claims rest on, and nothing personal
where that is to be covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from abax.mail.contracts import Entity, Message
from abax.mail.phrases import folded
from abax.mail.privacy import masked, people_in, personal
from abax.report.evidence import Piece, finder, pieces, quote

LETTERS: Final = 8000
"""Letters of a message's text that are shown."""
_LOOKED_THROUGH: Final = 20_000
"""Letters that are looked through for names."""
_SUBJECT: Final = "Subject: "
_PERSONAL: Final = ("iban", "tax_id")
"""Kinds of entities that are personal data, whatever their check digits."""


@dataclass(frozen=True)
class Quote:
    """Evidence beside a claim."""

    words: str
    number: int = 0
    anchor: str = ""
    """Where it stands on the page; empty where it is not shown."""


class Cover:
    """What may be seen of what is said about a message; without ``mask`` all of it."""

    def __init__(self, message: Message, mask: bool, *, text: str = "") -> None:
        """``text`` is looked through for the names of people."""
        self._box, self.mask = message.sender, mask
        self.people = _people(message, text) if mask else ()

    def said(self, text: str) -> str:
        """A text as it may be seen."""
        return _masked(text, self.people) if self.mask and text else text

    def sender(self) -> str:
        """Who writes: where people are covered, the house that they write from unless it bears their name."""
        name, address = self._box.name, self._box.address
        if not self.mask:
            return f"{name} <{address}>" if name else address or "nobody"
        parts = [part for one in self.people for part in folded(one).split() if len(part) > 2]
        domain = "[email]" if any(part in folded(self._box.domain) for part in parts) else self._box.domain
        return ", ".join(one for one in (self.said(name), domain) if one) or "nobody"


class Text(Cover):
    """The words of one message."""

    def __init__(self, name: str, message: Message, evidence: Sequence[str], mask: bool) -> None:
        """``name`` begins all names that the page gives to places of this message."""
        super().__init__(message, mask, text=message.whole_text[:_LOOKED_THROUGH])
        self._name, self._message = name, message
        self._numbers = {one: number for number, one in enumerate(evidence, 1)}
        of_subject = {n: one.removeprefix(_SUBJECT) for one, n in self._numbers.items() if _is_subject(one)}
        of_body = {n: one for one, n in self._numbers.items() if not _is_subject(one)}
        self.subject = self._pieces(message.subject, of_subject, len(message.subject))
        self.body = self._pieces(message.text, of_body, LETTERS)
        self._places: dict[int, str] = {}
        self._anchors: dict[int, str] = {}
        self._anchor()

    @property
    def beyond(self) -> int:
        """Letters that are not shown: the end of a long text."""
        return max(0, len(self._message.text) - LETTERS)

    @property
    def beside(self) -> int:
        """Letters of history and signature, which are not shown."""
        return len(self._message.quoted) + len(self._message.signature)

    def named(self, entity: Entity) -> str:
        """The value of an entity as it may be seen."""
        return f"[{entity.kind}]" if self.mask and entity.kind in _PERSONAL else self.said(entity.value)

    def quoted(self, evidence: str) -> Quote | None:
        """What a claim rests on, with where it stands; None for a claim that rests on nothing single."""
        if not evidence:
            return None
        number = self._numbers.get(evidence, 0)
        anchor = self._anchors.get(number, "")
        words = quote((*self.subject, *self.body), number) if anchor else self.said(evidence)
        return Quote(words, number, anchor)

    def anchor(self, piece: Piece) -> str:
        """The name of a place that links go to; empty for all others."""
        return self._places.get(id(piece), "")

    def _pieces(self, text: str, evidence: dict[int, str], most: int) -> list[Piece]:
        find = finder(text)
        marks = {number: span for number, one in evidence.items() if (span := find(one))}
        hidden = personal(text, self.people) if self.mask else []
        cut = min([most, *(one.start for one in hidden if one.start < most < one.end)])
        whole = {number: span for number, span in marks.items() if span[1] <= cut}
        return pieces(text[:cut], whole, [one for one in hidden if one.end <= cut])

    def _anchor(self) -> None:
        """Name the places where evidence begins."""
        for piece in (*self.subject, *self.body):
            for number in piece.marks:
                if number not in self._anchors:
                    place = self._places.setdefault(id(piece), f"{self._name}-e{number}")
                    self._anchors[number] = place


def _is_subject(evidence: str) -> bool:
    return evidence.startswith(_SUBJECT)


def _people(message: Message, text: str) -> tuple[str, ...]:
    """The people that a message names."""
    named = [box.name for box in (message.sender, *message.reply_to) if box.name]
    return tuple(one for one in dict.fromkeys([*named, *people_in(text)]) if _masked(one, (one,)) != one)


@lru_cache(maxsize=1024)
def _masked(text: str, people: tuple[str, ...]) -> str:
    return masked(text, names=people)
