"""Writing a value that is copied from a source text, token by token: which tokens may come next.

A value is known by the places in the source where it reads like what is written so far. The tokens that go on
with it are those that the source has at any of these places; each token leaves fewer of them. All places are
offsets in the source as JSON spells it, so a token may hold half an escape or half a character.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from abax_runtime.errors import InvalidParameter, InvalidSchema
from abax_runtime.patterns import Unmatchable, compiled

_LONGEST_MATCH = 500
"""Characters that a pattern is tried on at each place."""

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no spaces between words: each stands for itself."""


def normalised(text: str) -> str:
    """The text with each run of white space (as `str.split` sees it) as one space, and none at the ends."""
    return " ".join(text.split())


class Pieces:
    """The bytes of every token, arranged to be found in a text. Made once per tokenizer."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces, self.count = pieces, len(pieces)
        backwards = range(self.count - 1, -1, -1)  # so that of twins the first stays
        self.tokens: dict[bytes, int] = dict(zip(reversed(pieces), backwards, strict=True))
        self.tokens.pop(b"", None)

    @cached_property
    def twins(self) -> dict[int, list[int]]:
        """By the first token of some bytes, the others of the same bytes."""
        twins: dict[int, list[int]] = {}
        if len(self.tokens) < self.count:
            for token, piece in enumerate(self._pieces):
                if piece and self.tokens[piece] != token:
                    twins.setdefault(self.tokens[piece], []).append(token)
        return twins

    @cached_property
    def closing(self) -> dict[bytes, list[tuple[int, int]]]:
        """By the part before a quote inside of a token: the token, and the one that the rest of it is."""
        found: dict[bytes, list[tuple[int, int]]] = {}
        for token, piece in enumerate(self._pieces):
            for at in quotes(piece, 1) if b'"' in piece else ():
                if (rest := self.tokens.get(piece[at:])) is not None:
                    found.setdefault(piece[:at], []).append((token, rest))
        return found

    @cached_property
    def reach(self) -> dict[bytes, int]:
        """By its first two bytes, how long a piece (or the part before a quote in one) can be."""
        shortest_first = sorted((*self.tokens, *self.closing), key=len)
        return {piece[:2]: len(piece) for piece in shortest_first if len(piece) > 1}

    @cached_property
    def single(self) -> frozenset[int]:
        """The bytes that are tokens."""
        return frozenset(piece[0] for piece in self.tokens if len(piece) == 1)


def quotes(piece: bytes, begin: int = 0) -> Iterator[int]:
    """Where the quotes are in a piece."""
    while (begin := piece.find(b'"', begin)) >= 0:
        yield begin
        begin += 1


class Found(NamedTuple):
    """What can come at one place, shortest first."""

    inside: tuple[tuple[int, int], ...]
    """Bytes and token."""
    across: tuple[tuple[int, list[tuple[int, int]]], ...]
    """Bytes before a closing quote, and the tokens that have it, each with what it is from there on."""


class Source:
    """A source text as JSON spells it. Shared by all the fields that are copied from it.

    ``starts[i]`` is the place of the i-th character, ``character[place]`` the number of the first character
    that begins at a place or after it.
    """

    def __init__(self, text: str, pieces: Pieces) -> None:
        self.text, self.pieces = normalised(text), pieces
        spelling = {character: _spelled(character) for character in set(self.text)}
        self.escaped = b"".join([spelling[character] for character in self.text])
        self.starts, self.character = [0], [0]
        place = 0
        for number, character in enumerate(self.text, 1):
            size = len(spelling[character])
            place += size
            self.starts.append(place)
            self.character += [number] * size
        self.solid = pieces.single.issuperset(self.escaped)
        """Whether every byte of the text is a token: true of vocabularies that know all bytes."""
        self._found: dict[int, Found] = {}

    def found(self, place: int) -> Found:
        """The tokens that go on with the text at a place."""
        if (found := self._found.get(place)) is None:
            found = self._found[place] = self._look(place)
        return found

    def _look(self, place: int) -> Found:
        tokens, closing, text = self.pieces.tokens, self.pieces.closing, self.escaped
        inside, across = [], []
        for end in range(place + 1, place + 1 + self.reach(place)):
            part = text[place:end]
            if (token := tokens.get(part)) is not None and not self.stuck(end):
                inside.append((end - place, token))
            if part in closing:
                across.append((end - place, closing[part]))
        return Found(tuple(inside), tuple(across))

    def reach(self, place: int) -> int:
        """How many bytes at a place one token can hold."""
        return min(self.pieces.reach.get(self.escaped[place : place + 2], 1), len(self.escaped) - place)

    def begins(self, place: int) -> bool:
        """Whether a place is between two characters."""
        return self.starts[self.character[place]] == place

    def stuck(self, place: int) -> bool:
        """Whether no tokens lead from a place inside of a character to its end."""
        if self.solid:
            return False
        return not self.pieces.single.issuperset(self.escaped[place : self.starts[self.character[place]]])

    @cached_property
    def walls(self) -> list[int]:
        """For each character (and the end) the next, itself included, that the vocabulary cannot write."""
        walls = [len(self.text)] * (len(self.text) + 1)
        for number in range(len(self.text) - 1, -1, -1) if not self.solid else ():
            walls[number] = walls[number + 1] if self._writable(number) else number
        return walls

    def _writable(self, number: int) -> bool:
        spelling = self.escaped[self.starts[number] : self.starts[number + 1]]
        return spelling in self.pieces.tokens or self.pieces.single.issuperset(spelling)

    @cached_property
    def edges(self) -> list[bool]:
        """For each character (and the end), whether a word begins or ends before it."""
        inner = [unicodedata.category(c)[0] in "LMN" or c == "_" for c in self.text]
        whole = [bool(_SPACELESS.match(c)) for c in self.text]
        between = [
            not (inner[at - 1] and inner[at]) or whole[at - 1] or whole[at] for at in range(1, len(inner))
        ]
        return [True, *between, True][: len(inner) + 1]

    def holds(self, value: str, *, words: bool) -> bool:
        """Whether a given value, normalised, occurs."""
        value = normalised(value)
        at = self.text.find(value) if value else -1
        while at >= 0 and words and not (self.edges[at] and self.edges[at + len(value)]):
            at = self.text.find(value, at + 1)
        return at >= 0


def _spelled(character: str) -> bytes:
    try:
        return json.dumps(character, ensure_ascii=False)[1:-1].encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter("source", f"half of a surrogate pair, {character!a}, is no text") from error


@dataclass(frozen=True)
class Rule:
    """What a field asks of its values, besides being in the source."""

    words: bool = False
    shortest: int = 1
    longest: int | None = None
    pattern: str | None = None


class Values:
    """The values that a source has for a rule.

    ``room[place]`` is the last place where a value that begins at a place may end, -1 where none begins;
    ``places`` are those where one does. Within its room a value may end wherever ``_may_end`` says for the
    character there, or, with a pattern, at the end of the room alone.
    """

    def __init__(self, source: Source, rule: Rule) -> None:
        self.source, self.rule = source, rule
        edges = source.edges if rule.words else [True] * (len(source.text) + 1)
        self._may_end = [False] + [c != " " and edge for c, edge in zip(source.text, edges[1:], strict=True)]
        last = self._matches() if rule.pattern is not None else self._bounds()
        self.room = [-1] * (len(source.escaped) + 1)
        for begin, c in enumerate(source.text):
            if c != " " and edges[begin] and last[begin] >= begin + max(rule.shortest, 1):
                self.room[source.starts[begin]] = source.starts[last[begin]]
        self.places = [place for place, room in enumerate(self.room) if room >= 0]
        self.empty = not rule.shortest and (rule.pattern is None or compiled(rule.pattern).empty)
        """Whether the empty value will do."""

    def __bool__(self) -> bool:
        """Whether there is a value at all."""
        return self.empty or bool(self.places)

    @cached_property
    def opening(self) -> Value:
        """The value of which nothing is written yet."""
        return Value(self, self.places, 0)

    def complete(self, place: int, length: int) -> bool:
        """Whether a value of ``length`` bytes may end at a place."""
        if not length:
            return self.empty
        begin, room = place - length, self.room[place - length]
        if place >= room or self.rule.pattern is not None:
            return place == room
        source, end = self.source, self.source.character[place]
        long_enough = end - source.character[begin] >= self.rule.shortest
        return long_enough and self._may_end[end] and source.starts[end] == place

    def first(self, piece: bytes) -> list[int]:
        """The places where a value may begin with a piece."""
        places, text, room = [], self.source.escaped, self.room
        place = text.find(piece)
        while place >= 0:
            if place + len(piece) <= room[place]:
                places.append(place)
            place = text.find(piece, place + 1)
        return places

    @cached_property
    def first_options(self) -> Options:
        """What may come first: the same for every value, so it is worked out once, length by length."""
        pieces = self.source.pieces
        inside: set[int] = set()
        across: set[tuple[int, int]] = set()
        for length, parts in self._first_parts():
            inside.update([pieces.tokens[part] for part in parts & pieces.tokens.keys()])
            for part in parts & pieces.closing.keys():
                if any(self.complete(at + length, length) for at in self.first(part)):
                    across.update(pieces.closing[part])
        return Options(_bits(inside, pieces), frozenset(across))

    def _first_parts(self) -> Iterator[tuple[int, set[bytes]]]:
        """For each length the texts of so many bytes that a value can begin with."""
        source, text, room, reach = self.source, self.source.escaped, self.room, self.source.pieces.reach.get
        spans = [(min(reach(text[at : at + 2], 1), room[at] - at), at) for at in self.places]
        for length in range(1, max(spans, default=(0, 0))[0] + 1):
            spans = [pair for pair in spans if pair[0] >= length]
            if source.solid:
                yield length, {text[at : at + length] for _, at in spans}
            else:
                yield length, {text[at : at + length] for _, at in spans if not source.stuck(at + length)}

    def _bounds(self) -> list[int]:
        """For each character, where a value that begins there may end at last."""
        walls, longest = self.source.walls, self.rule.longest
        latest, last = [], 0
        for end, may in enumerate(self._may_end):
            last = end if may else last
            latest.append(last)
        if longest is None:
            return [latest[wall] for wall in walls[:-1]]
        return [latest[min(wall, begin + longest)] for begin, wall in enumerate(walls[:-1])]

    def _matches(self) -> list[int]:
        """For each character the end of the pattern's match there, if it is one that a value may have."""
        walls, reach = self.source.walls, min(self.rule.longest or _LONGEST_MATCH, _LONGEST_MATCH)
        spans = ((begin, min(wall, begin + reach)) for begin, wall in enumerate(walls[:-1]))
        try:
            ends = compiled(self.rule.pattern or "").ends(self.source.text, spans)
        except Unmatchable as error:
            raise InvalidSchema("schema", f"the pattern ^{self.rule.pattern}$ {error}") from error
        return [end if end >= 0 and self._may_end[end] else -1 for end in ends]


class Options(NamedTuple):
    """Tokens that go on with a value, and that end it within: (token, which it is from the quote on)."""

    inside: int
    """A bit for each token."""
    across: frozenset[tuple[int, int]]


class Value:
    """A value as far as it is written: ``length`` bytes, ending at each of ``places``. Immutable."""

    __slots__ = ("length", "places", "values")

    def __init__(self, values: Values, places: list[int], length: int) -> None:
        self.values, self.places, self.length = values, places, length

    @property
    def complete(self) -> bool:
        """Whether the closing quote may come."""
        if not self.length:
            return self.values.empty
        return any(self.values.complete(place, self.length) for place in self.places)

    def options(self) -> Options:
        """The tokens that may come, but for those that begin with the closing quote."""
        if not self.length:
            return self.values.first_options
        inside: set[int] = set()
        across: set[tuple[int, int]] = set()
        found, room, complete = self.values.source.found, self.values.room, self.values.complete
        for place in self.places:
            left = room[place - self.length] - place
            here = found(place)
            inside.update(token for more, token in here.inside if more <= left)
            for more, closing in here.across:
                if complete(place + more, self.length + more):
                    across.update(closing)
        return Options(_bits(inside, self.values.source.pieces), frozenset(across))

    def advanced(self, piece: bytes) -> Value | None:
        """The value with a piece added, None where the source never has that."""
        source, room, size = self.values.source, self.values.room, len(piece)
        if self.length:
            reads = source.escaped.startswith
            places = [at for at in self.places if reads(piece, at) and at + size <= room[at - self.length]]
        else:
            places = self.values.first(piece)
        places = [at + size for at in places if not source.stuck(at + size)]
        return Value(self.values, places, self.length + size) if places else None

    def closed(self, piece: bytes) -> bytes | None:
        """What a piece is from the closing quote on, None where it does not close the value."""
        for at in quotes(piece):
            before = self.advanced(piece[:at]) if at else self
            if before is not None and before.complete:
                return piece[at:]
        return None


def _bits(tokens: Iterable[int], pieces: Pieces) -> int:
    mask = bytearray(pieces.count // 8 + 1)
    for token in tokens:
        mask[token >> 3] |= 1 << (token & 7)
    for token, others in pieces.twins.items():
        for other in others if mask[token >> 3] >> (token & 7) & 1 else ():
            mask[other >> 3] |= 1 << (other & 7)
    return int.from_bytes(mask, "little")
