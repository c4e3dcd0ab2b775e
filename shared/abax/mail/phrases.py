"""Phrases found in texts: many at once, whatever the case, the accents and the blanks between their words.

A phrase is words with blanks between them. ``mahn*`` stands for all words that begin so, ``#`` for a number
in digits or words, ``@name`` for any word of a class, and ``...`` for up to five words that do not matter::

    "could you ... send", "within # days", "end of @month"
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

Label = TypeVar("Label")
Classes = Mapping[str, Mapping[str, int]]
"""Words of a class with what each stands for, by the class's name; ``#`` has the words for numbers."""

_TOKEN: Final = re.compile(r"[^\W_]+")
_ITEM: Final = re.compile(r"\.\.\.|#|@\w+|[^\W_]+\*?")
_GAP: Final = 5
_SHORTEST_STEM: Final = 2
_LONGEST_STEM: Final = 20
_MOST_DIGITS: Final = 4
_REMEMBERED: Final = 20_000
_PLAIN: Final = str.maketrans({"ł": "l", "ø": "o", "œ": "oe", "æ": "ae", "đ": "d", "ı": "i"})
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text in its plain form, with its span."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit(Generic[Label]):
    """A phrase that was found: words ``first`` up to and not including ``last``."""

    label: Label
    phrase: str
    first: int
    last: int
    values: tuple[int, ...] = ()
    """What its numbers and words of classes stand for, in order."""


def folded(text: str) -> str:
    """In small letters, without accents: ``Échéance`` is ``echeance``, ``Straße`` is ``strasse``."""
    if text.isascii():
        return text.lower()
    return _folded(text)


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    parted = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def word_set(words: str) -> frozenset[str]:
    """Words with blanks between them."""
    return frozenset(words.split())


def words_of(text: str) -> tuple[Word, ...]:
    """All words and numbers of a text. Apostrophes and hyphens part words: ``l'échéance`` has two."""
    return tuple(Word(folded(match.group()), *match.span()) for match in _TOKEN.finditer(text))


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Label]):
    items: tuple[str, ...]
    label: Label
    phrase: str


class Phrases(Generic[Label]):
    """Phrases with what each stands for. Finding takes as long for many as for few."""

    def __init__(self, entries: Iterable[tuple[str, Label]], classes: Classes | None = None) -> None:
        """``entries`` are pairs of phrase and label; the same phrase may have several labels."""
        self._classes = classes or {}
        self._exact: dict[str, list[_Entry[Label]]] = {}
        self._stems: dict[str, list[_Entry[Label]]] = {}
        self._numbers: list[_Entry[Label]] = []
        self._remembered: dict[str, tuple[_Entry[Label], ...]] = {}
        for phrase, label in entries:
            for variant in dict.fromkeys((phrase, phrase.translate(_UMLAUTS))):
                self._add(_Entry(_items(variant), label, phrase))

    def _add(self, entry: _Entry[Label]) -> None:
        first = entry.items[0]
        if first == "#":
            self._numbers.append(entry)
        if first[0] in "#@":
            for word in self._classes.get(first.lstrip("@"), {}):
                self._exact.setdefault(word, []).append(entry)
        elif first.endswith("*"):
            self._stems.setdefault(first[:-1], []).append(entry)
        else:
            self._exact.setdefault(first, []).append(entry)

    def find(self, words: Sequence[Word]) -> Iterator[Hit[Label]]:
        """All phrases in the words, overlapping ones too, by where they begin."""
        for place, word in enumerate(words):
            for entry in self._beginning(word.text):
                values: list[int] = []
                if end := self._end(entry.items, words, place, values):
                    yield Hit(entry.label, entry.phrase, place, end, tuple(values))

    def longest(self, words: Sequence[Word]) -> list[Hit[Label]]:
        """Phrases that do not overlap: at each place the longest, from the left."""
        kept: list[Hit[Label]] = []
        for hit in sorted(self.find(words), key=lambda hit: (hit.first, -hit.last)):
            if not kept or hit.first >= kept[-1].last:
                kept.append(hit)
            elif hit.last - hit.first > kept[-1].last - kept[-1].first:
                kept[-1] = hit
        return kept

    def _beginning(self, word: str) -> tuple[_Entry[Label], ...]:
        """The phrases that begin with a word; remembered, since texts have the same words again and again."""
        found = self._remembered.get(word)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[word] = tuple(self._looked_up(word))
        return found

    def _looked_up(self, word: str) -> Iterator[_Entry[Label]]:
        yield from self._exact.get(word, ())
        for length in range(_SHORTEST_STEM, min(len(word), _LONGEST_STEM) + 1):
            yield from self._stems.get(word[:length], ())
        if word.isdecimal() and len(word) <= _MOST_DIGITS:
            yield from self._numbers

    def _end(self, items: Sequence[str], words: Sequence[Word], place: int, values: list[int]) -> int:
        """Where the items that begin at ``place`` end; 0 where the words are others."""
        for index, item in enumerate(items):
            if item == "...":
                return self._behind_gap(items[index + 1 :], words, place, values)
            if place >= len(words) or not self._fits(item, words[place].text, values):
                return 0
            place += 1
        return place

    def _behind_gap(self, items: Sequence[str], words: Sequence[Word], place: int, values: list[int]) -> int:
        for start in range(place, min(place + _GAP, len(words)) + 1):
            tried: list[int] = []
            end = self._end(items, words, start, tried)
            if end:
                values.extend(tried)
                return end
        return 0

    def _fits(self, item: str, word: str, values: list[int]) -> bool:
        if item == "#" or item[0] == "@":
            return self._is_of(item.lstrip("@"), word, values)
        return word.startswith(item[:-1]) if item[-1] == "*" else word == item

    def _is_of(self, name: str, word: str, values: list[int]) -> bool:
        value = self._classes.get(name, {}).get(word)
        if value is None and name == "#" and word.isdecimal() and len(word) <= _MOST_DIGITS:
            value = int(word)
        if value is not None:
            values.append(value)
        return value is not None


def _items(phrase: str) -> tuple[str, ...]:
    """The parts of a phrase. Raises ValueError for one without words, or that begins or ends with a gap."""
    items = tuple(folded(item) if item[0] not in "@#." else item for item in _ITEM.findall(phrase))
    if not items or "..." in (items[0], items[-1]):
        raise ValueError(f"{phrase!r} is no phrase: it needs words at both ends")
    if any(len(item) <= _SHORTEST_STEM and item.endswith("*") for item in items):
        raise ValueError(f"{phrase!r} has a stem of less than {_SHORTEST_STEM} letters")
    return items
