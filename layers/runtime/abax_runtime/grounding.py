"""Grounded strings: fields whose value must be copied from a source text, so that none can be invented.

A string schema with ``"x-grounded": true`` (in pydantic ``Annotated[str, Grounded]``) takes only substrings
of the source. With ``"x-grounded": "words"`` (``Grounded(words=True)``) they also begin and end where words
do.

What counts as a substring: runs of white space in the source become one space and its ends are trimmed
(`normalised`); a value is found in that, case and accents as they stand, and neither begins nor ends with a
space. In the JSON it is spelled in one way only: quotes, backslashes and control characters escaped as
`json.dumps` does, all else as itself in UTF-8. ``minLength`` is 1 unless the schema says 0. ``maxLength``,
``minLength``, ``enum``, ``const`` and an anchored ``pattern`` (``^…$``, of which the longest match at each
place counts) narrow the values further. Where nothing in the source will do, an optional field is left out,
a nullable one is null, and a required one makes the schema one that cannot be met. A union of a grounded
and a free string is free.

How it is enforced: the grammar sees a stand-in character for the value (`ground`), and while the value is
being written a `Value` says which tokens go on with it: those that the source has next, at any of the
places where it reads like the value so far. A token may hold the end of the value, the closing quote and
what follows. No token leads where the value cannot be ended within its bounds.

The choice was measured, on the 49,152 tokens of the default model and one core: the substring expressions
of llguidance (0.1 s to compile and 0.1 s for the first mask at 16 KB, more than a second with a maximum
length, and spaces at the ends need an intersection that overruns its limits) against this walk over the
places.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from abax_runtime.errors import InvalidParameter, InvalidSchema
from abax_runtime.schema import Schema, escape_pointer, rebuilt, resolve

KEYWORD = "x-grounded"
_LONGEST_MATCH = 500
"""Characters that a pattern is tried on at each place."""

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no spaces between words: each stands for itself."""


class GroundedMarker:
    """The annotation of a grounded string in a pydantic model."""

    def __init__(self, *, words: bool = False) -> None:
        self.words = words

    def __call__(self, *, words: bool = False) -> GroundedMarker:
        """The same with settings: ``Annotated[str, Grounded(words=True)]``."""
        return GroundedMarker(words=words)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Adds the keyword to what pydantic says of the type."""
        return {**handler(core_schema), KEYWORD: "words" if self.words else True}


Grounded: Final = GroundedMarker()


def normalised(text: str) -> str:
    """The text with each run of white space (as `str.split` sees it) as one space, and none at the ends."""
    return " ".join(text.split())


class Pieces:
    """The bytes of every token, arranged to be found in a text. Made once per tokenizer."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.count = len(pieces)
        self.tokens: dict[bytes, tuple[int, ...]] = {}
        for token, piece in enumerate(pieces):
            if piece:
                self.tokens[piece] = (*self.tokens.get(piece, ()), token)
        self.closing = self._closing()
        self.reach = self._reach()
        self.single = {piece[0] for piece in self.tokens if len(piece) == 1}

    def _closing(self) -> dict[bytes, list[tuple[int, int]]]:
        """By the part before a quote inside of a token: the token, and the one that the rest of it is."""
        found: dict[bytes, list[tuple[int, int]]] = {}
        for piece, tokens in self.tokens.items():
            for at in _quotes(piece, 1):
                for rest in self.tokens.get(piece[at:], ())[:1]:
                    found.setdefault(piece[:at], []).extend((token, rest) for token in tokens)
        return found

    def _reach(self) -> dict[bytes, int]:
        """By its first two bytes, how long a piece (or the part before a quote in one) can be."""
        reach: dict[bytes, int] = {}
        for piece in (*self.tokens, *self.closing):
            head = piece[:2]
            if len(piece) > reach.get(head, 1):
                reach[head] = len(piece)
        return reach


def _quotes(piece: bytes, begin: int) -> Iterator[int]:
    while (begin := piece.find(b'"', begin)) >= 0:
        yield begin
        begin += 1


class Found(NamedTuple):
    """What can come at one place: (bytes, tokens) and (bytes before the quote, closing tokens)."""

    inside: tuple[tuple[int, tuple[int, ...]], ...]
    across: tuple[tuple[int, list[tuple[int, int]]], ...]


class Source:
    """A source text as JSON spells it, with the tokens that fit at each place. Shared by all its fields.

    Places are offsets in ``escaped``; ``starts[i]`` is that of the i-th character, ``character[place]`` the
    number of the first character that begins at a place or after it.
    """

    def __init__(self, text: str, pieces: Pieces) -> None:
        self.text, self.pieces = normalised(text), pieces
        spelled = [_spelled(character) for character in self.text]
        self.escaped = b"".join(spelled)
        self.starts = [0]
        self.character = [0]
        for number, spelling in enumerate(spelled, 1):
            self.starts.append(self.starts[-1] + len(spelling))
            self.character.extend([number] * len(spelling))
        self._found: dict[int, Found] = {}

    def found(self, place: int) -> Found:
        """The tokens that go on with the text at a place."""
        if (found := self._found.get(place)) is None:
            found = self._found[place] = self._look(place)
        return found

    def _look(self, place: int) -> Found:
        tokens, closing, text = self.pieces.tokens, self.pieces.closing, self.escaped
        reach = min(self.pieces.reach.get(text[place : place + 2], 1), len(text) - place)
        inside, across = [], []
        for length in range(1, reach + 1):
            part = text[place : place + length]
            if part in tokens and not self.stuck(place + length):
                inside.append((length, tokens[part]))
            if part in closing and self.begins(place + length):
                across.append((length, closing[part]))
        return Found(tuple(inside), tuple(across))

    def begins(self, place: int) -> bool:
        """Whether a place is between two characters."""
        return self.starts[self.character[place]] == place

    def stuck(self, place: int) -> bool:
        """Whether no tokens lead from a place inside of a character to its end."""
        end = self.starts[self.character[place]]
        return place < end and not self._solid and not self.pieces.single.issuperset(self.escaped[place:end])

    @cached_property
    def _solid(self) -> bool:
        """Whether every byte of the text is a token: true of vocabularies that know all bytes."""
        return self.pieces.single.issuperset(self.escaped)

    @cached_property
    def walls(self) -> list[int]:
        """For each character (and the end) the next, itself included, that the vocabulary cannot write."""
        end = len(self.text)
        if self._solid:
            return [end] * (end + 1)
        return _next(end, lambda at: not self._writable(at), end)

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
        return [True, *between, True]

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


def _next(end: int, holds: Any, default: int) -> list[int]:
    """For each number before ``end`` the next one, itself included, that ``holds``, else the default."""
    found = [default] * (end + 1)
    for at in range(end - 1, -1, -1):
        found[at] = at if holds(at) else found[at + 1]
    return found


@dataclass(frozen=True)
class Rule:
    """What a grounded field asks of its values, besides being in the source."""

    words: bool = False
    shortest: int = 1
    longest: int | None = None
    pattern: str | None = None


class Values:
    """The values that a source has for a rule: where they may begin and end, counted in characters."""

    def __init__(self, source: Source, rule: Rule) -> None:
        self.source, self.rule = source, rule
        self._size = len(source.text)
        self._ends = self._matches() if rule.pattern is not None else None
        self._next_end = self._possible_ends()
        begins = (at for at, c in enumerate(source.text) if c != " " and (not rule.words or source.edges[at]))
        self.begins = [at for at in begins if self.end(at, at + 1) >= 0]
        self._first = frozenset(source.starts[at] for at in self.begins)
        self._bounded = rule != Rule() or bool(self.begins and source.walls[0] < self._size)
        self.empty = rule.shortest == 0 and (
            rule.pattern is None or re.fullmatch(rule.pattern, "") is not None
        )

    @property
    def any(self) -> bool:
        """Whether there is a value at all."""
        return bool(self.begins) or self.empty

    def end(self, begin: int, reached: int) -> int:
        """The first end, at ``reached`` or later, of a value that begins at ``begin``; -1 for none."""
        if self._ends is not None:
            end = self._ends[begin]
            return end if end >= reached else -1
        earliest = max(reached, begin + self.rule.shortest)
        if earliest > self._size:
            return -1
        end = self._next_end[earliest]
        return end if end <= self._limit(begin) else -1

    @cached_property
    def opening(self) -> Value:
        """The value of which nothing is written yet."""
        return Value(self, [self.source.starts[at] for at in self.begins], 0)

    def goes_on(self, place: int, length: int, more: int) -> bool:
        """Whether a value of ``length`` bytes up to a place may take ``more``."""
        if not self._bounded:
            return True
        character = self.source.character
        return self.end(character[place - length], character[place + more]) >= 0

    def complete(self, place: int, length: int) -> bool:
        """Whether a value of ``length`` bytes may end at a place."""
        if not length:
            return self.empty
        reached = self.source.character[place]
        begin = self.source.character[place - length]
        return self.source.begins(place) and self.end(begin, reached) == reached

    def first(self, piece: bytes) -> list[int]:
        """The places where a value may begin with a piece."""
        places, text = [], self.source.escaped
        place = text.find(piece)
        while place >= 0:
            if place in self._first and self.goes_on(place, 0, len(piece)):
                places.append(place)
            place = text.find(piece, place + 1)
        return places

    def _limit(self, begin: int) -> int:
        limit = self.source.walls[begin]
        return limit if self.rule.longest is None else min(limit, begin + self.rule.longest)

    def _possible_ends(self) -> list[int]:
        text, edges = self.source.text, self.source.edges if self.rule.words else None
        never = self._size + 1

        def ends(at: int) -> bool:
            return at > 0 and text[at - 1] != " " and (edges is None or edges[at])

        return _next(self._size + 1, ends, never)

    def _matches(self) -> list[int]:
        """For each character the end of the pattern's match there, if it is one that a value may have."""
        expression = re.compile(self.rule.pattern or "")
        ends = []
        reach = min(self.rule.longest or _LONGEST_MATCH, _LONGEST_MATCH)
        for at in range(self._size):
            match = expression.match(self.source.text, at, at + reach)
            end = match.end() if match else at
            ends.append(end if end > at and self._fits(at, end) else -1)
        return ends

    def _fits(self, begin: int, end: int) -> bool:
        edge = not self.rule.words or self.source.edges[end]
        trimmed = self.source.text[end - 1] != " "
        return edge and trimmed and begin + self.rule.shortest <= end <= self._limit(begin)

    @cached_property
    def first_options(self) -> Options:
        """What may come first: the same for every value, so it is worked out once."""
        return _options(self, self.opening)


class Options(NamedTuple):
    """Tokens that go on with a value, and that end it within: (token, which it is from the quote on)."""

    inside: int
    """A bit for each token."""
    across: frozenset[tuple[int, int]]


class Value:
    """A grounded value as far as it is written: ``length`` bytes, ending at each of ``places``. Immutable."""

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
        return _options(self.values, self) if self.length else self.values.first_options

    def advanced(self, piece: bytes) -> Value | None:
        """The value with a piece added, None where the source never has that."""
        size = len(piece)
        if not self.length:
            places = self.values.first(piece)
        else:
            text, goes_on = self.values.source.escaped, self.values.goes_on
            places = [
                at for at in self.places if text.startswith(piece, at) and goes_on(at, self.length, size)
            ]
        places = [at + size for at in places if not self.values.source.stuck(at + size)]
        return Value(self.values, places, self.length + size) if places else None

    def closed(self, piece: bytes) -> bytes | None:
        """What a piece is from the closing quote on, None where it does not close the value."""
        for at in _quotes(piece, 0):
            before = self.advanced(piece[:at]) if at else self
            if before is not None and before.complete:
                return piece[at:]
        return None


def _options(values: Values, value: Value) -> Options:
    inside: set[int] = set()
    across: set[tuple[int, int]] = set()
    found, goes_on, length = values.source.found, values.goes_on, value.length
    for place in value.places:
        here = found(place)
        for more, tokens in here.inside:
            if goes_on(place, length, more):
                inside.update(tokens)
        for more, closing in here.across:
            if values.complete(place + more, length + more):
                across.update(closing)
    return Options(_bits(inside, values.source.pieces.count), frozenset(across))


def _bits(tokens: Iterable[int], count: int) -> int:
    mask = bytearray(count // 8 + 1)
    for token in tokens:
        mask[token >> 3] |= 1 << (token & 7)
    return int.from_bytes(mask, "little")


class Grounding(NamedTuple):
    """A schema with stand-ins for its grounded strings, the values of each, and where there were none."""

    schema: Schema
    values: dict[str, Values]
    missing: tuple[str, ...]


def is_grounded(schemas: Iterable[Schema]) -> bool:
    """Whether any of these schemas marks a grounded string."""
    return any(isinstance(node, dict) and node.get(KEYWORD) for node in schemas)


def ground(schema: Schema, source: Source, stand_ins: Sequence[str]) -> Grounding:
    """Replaces each grounded string by one of the stand-in characters, the same for the same rule.

    Raises:
        InvalidSchema: what is marked is no string, or has a keyword that cannot be kept with it.
    """
    values: dict[Rule, Values] = {}
    missing: list[str] = []

    def change(node: Schema, pointer: str) -> Schema | None:
        if not isinstance(node, dict) or KEYWORD not in node:
            return None
        if node[KEYWORD] not in (True, False, "words"):
            raise InvalidSchema("schema", f'{pointer}/{KEYWORD} is true, false or "words"')
        return spread(node, pointer) if node[KEYWORD] else None

    def spread(node: dict[str, Any], pointer: str) -> Schema:
        node = _inlined(schema, node, pointer)
        for key in ("anyOf", "oneOf"):
            if key in node:
                return {**_bare(node), key: [branch(option, node, pointer) for option in node[key]]}
        kind = node.get("type", "string")
        if kind == "array" and isinstance(node.get("items"), dict):
            return {**_bare(node), "items": branch(node["items"], node, pointer)}
        kinds = kind if isinstance(kind, list) else [kind]
        if "string" not in kinds:
            raise InvalidSchema("schema", f"{pointer} is marked {KEYWORD}, and is no string but {kind}")
        others = [other for other in kinds if other != "string"]
        listed = "enum" in node or "const" in node
        leaf = given(node) if listed else copied(node, pointer)
        if leaf is False:
            missing.append(pointer)
        return {"anyOf": [leaf, {"type": others}]} if others and not listed else leaf

    def branch(option: Any, node: dict[str, Any], pointer: str) -> Schema:
        option = _inlined(schema, option, pointer) if isinstance(option, dict) else option
        texts = isinstance(option, dict) and (
            "string" in option.get("type", "string") or "anyOf" in option or "oneOf" in option
        )
        if texts:
            return spread({**option, KEYWORD: node[KEYWORD]}, pointer)
        return rebuilt(option, change, pointer)

    def given(node: dict[str, Any]) -> Schema:
        options = node["enum"] if "enum" in node else [node["const"]]
        words = node[KEYWORD] == "words"
        kept = [one for one in options if not isinstance(one, str) or source.holds(one, words=words)]
        return {**_bare(node), "enum": kept} if kept else False

    def copied(node: dict[str, Any], pointer: str) -> Schema:
        rule = _rule(node, pointer)
        if rule not in values:
            if len(values) == len(stand_ins):
                raise InvalidSchema("schema", f"more than {len(values)} kinds of grounded strings")
            values[rule] = Values(source, rule)
        if not values[rule].any:
            return False
        return {"const": stand_ins[list(values).index(rule)]}

    changed = rebuilt(schema, change)
    return Grounding(changed, dict(zip(stand_ins, values.values(), strict=False)), tuple(missing))


def _bare(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != KEYWORD}


def _inlined(root: Schema, node: dict[str, Any], pointer: str) -> dict[str, Any]:
    """The node with a local reference replaced by what it points at."""
    seen: set[str] = set()
    while isinstance(reference := node.get("$ref"), str):
        target = resolve(root, reference)
        if reference in seen or not isinstance(target, dict):
            raise InvalidSchema("schema", f"{pointer}: {reference} leads to no schema")
        seen.add(reference)
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _rule(node: dict[str, Any], pointer: str) -> Rule:
    for key in ("format", "allOf", "not"):
        if key in node:
            raise InvalidSchema("schema", f"{pointer}: {key} is not supported for a grounded string")
    bounds = {key: node.get(key) for key in ("minLength", "maxLength")}
    for key, bound in bounds.items():
        if bound is not None and (type(bound) is not int or bound < 0):
            raise InvalidSchema("schema", f"{pointer}/{escape_pointer(key)} is a whole number, not {bound!r}")
    shortest = 1 if bounds["minLength"] is None else bounds["minLength"]
    longest = bounds["maxLength"]
    if longest is not None and longest < shortest:
        raise InvalidSchema("schema", f"{pointer}: no text has {shortest} to {longest} characters")
    pattern = _pattern(node["pattern"], pointer) if "pattern" in node else None
    return Rule(node[KEYWORD] == "words", shortest, longest, pattern)


def _pattern(pattern: Any, pointer: str) -> str:
    if not isinstance(pattern, str) or not (pattern.startswith("^") and pattern.endswith("$")):
        raise InvalidSchema("schema", f"{pointer}: the pattern of a grounded string is of the form ^…$")
    try:
        return re.compile(f"(?:{pattern[1:-1]})").pattern
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidSchema("schema", f"{pointer}: {pattern!r} is no pattern: {error}") from error
