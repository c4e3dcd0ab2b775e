"""Regular expressions that look at each character once, whatever the expression: no backtracking.

A pattern may come from anybody, and Python's ``re`` can take years over thirty characters of ``(a+)+b``. Here
it becomes the automaton of its positions (Glushkov 1961): a position is a place in the pattern that takes
one character, and a state is the set of positions that the last character may have been. Sets that come up
are numbered and kept, so most characters cost one look-up.

The dialect is Python's, without what an automaton has no memory for (back references) and without looks
around, anchors, atomic groups and flags. Where Python takes the first way that matches, the longest counts.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

MOST_POSITIONS: Final = 500
"""Characters in a pattern once its counted repeats are written out."""

MOST_SETS: Final = 2_000
"""Sets of positions that one pattern may come to; ordinary ones come to as many as they have characters."""

MOST_LOOKS: Final = 5_000_000
"""Characters that may be looked at in one text, from all its places: some seconds."""

_START: Final = -1

Test = Callable[[str], bool]


class Unmatchable(ValueError):
    """A pattern that is none, has what an automaton cannot do, or costs too much."""


class _Part(NamedTuple):
    """What a part of a pattern can begin and end with, and whether it may be empty."""

    first: frozenset[int]
    last: frozenset[int]
    empty: bool


_LACKING: Final = {
    "AT": "an anchor within it, such as ^, $ or \\b,",
    "ASSERT": "a look ahead or behind",
    "ASSERT_NOT": "a look ahead or behind",
    "GROUPREF": "a back reference",
    "GROUPREF_EXISTS": "a back reference",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repeat",
    "SUBPATTERN": "a flag, such as (?i),",
}
"""What an automaton cannot do, by the name that Python's parser has for it."""

_NOTHING: Final = _Part(frozenset(), frozenset(), True)


class Pattern:
    """A compiled pattern. Raises Unmatchable."""

    def __init__(self, pattern: str) -> None:
        self._tests: list[Test] = []
        self._follow: dict[int, frozenset[int]] = {}
        try:
            parsed = importlib.import_module("re._parser").parse(pattern)
            if parsed.state.flags != re.UNICODE.value:
                raise Unmatchable(f"{_LACKING['SUBPATTERN']} cannot be kept to")
            whole = self._sequence(parsed)
        except (re.error, OverflowError, RecursionError) as error:
            raise Unmatchable(str(error)) from error
        self._follow[_START] = whole.first
        self.empty = whole.empty
        """Whether the empty text matches."""
        self._last = whole.last
        self._sets: list[frozenset[int]] = [frozenset({_START})]
        self._numbers: dict[frozenset[int], int] = {self._sets[0]: 0}
        self._moves: list[dict[str, int]] = [{}]
        self._ends = [whole.empty]

    def ends(self, text: str, spans: Iterable[tuple[int, int]]) -> list[int]:
        """Where the longest match that begins at each span's begin, and stays within it, ends; -1: no match.

        Raises Unmatchable when that would take too long.
        """
        looks, found = MOST_LOOKS, []
        for begin, limit in spans:
            end, at, state = begin if self.empty else -1, begin, 0
            while at < limit and (state := self._move(state, text[at])) >= 0:
                at += 1
                if self._ends[state]:
                    end = at
            looks -= at - begin + 1
            if looks < 0:
                raise Unmatchable(f"takes more than {MOST_LOOKS:,} steps over the source")
            found.append(end)
        return found

    def _move(self, state: int, character: str) -> int:
        """The state after a character, -1 where there is none."""
        if (after := self._moves[state].get(character)) is None:
            follow, tests = self._follow, self._tests
            candidates = frozenset().union(*(follow[position] for position in self._sets[state]))
            here = frozenset(position for position in candidates if tests[position](character))
            after = self._moves[state][character] = self._number(here) if here else -1
        return after

    def _number(self, positions: frozenset[int]) -> int:
        if (number := self._numbers.get(positions)) is None:
            number = self._numbers[positions] = len(self._sets)
            if number >= MOST_SETS:
                raise Unmatchable(f"comes to more than {MOST_SETS:,} states")
            self._sets.append(positions)
            self._moves.append({})
            self._ends.append(not self._last.isdisjoint(positions))
        return number

    # --- from Python's own parser ---

    def _sequence(self, items: Iterable[tuple[Any, Any]]) -> _Part:
        whole = _NOTHING
        for kind, value in items:
            whole = self._joined(whole, self._item(str(kind), value))
        return whole

    def _item(self, kind: str, value: Any) -> _Part:
        if kind in _CHARACTERS:
            return self._position(_CHARACTERS[kind](value))
        if kind == "BRANCH":
            return _either(self._sequence(option) for option in value[1])
        if kind == "SUBPATTERN" and not value[1] and not value[2]:
            return self._sequence(value[3])
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._repeated(*value)
        raise Unmatchable(f"{_LACKING.get(kind, kind.lower().replace('_', ' '))} cannot be kept to")

    def _position(self, test: Test) -> _Part:
        if len(self._tests) == MOST_POSITIONS:
            raise Unmatchable(f"has more than {MOST_POSITIONS} characters, repeats written out")
        here = len(self._tests)
        self._tests.append(test)
        self._follow[here] = frozenset()
        return _Part(frozenset({here}), frozenset({here}), False)

    def _repeated(self, least: int, most: Any, items: Iterable[tuple[Any, Any]]) -> _Part:
        whole = _NOTHING
        for _ in range(least):
            before, part = len(self._tests), self._sequence(items)
            if len(self._tests) == before:
                return part  # nothing, however often
            whole = self._joined(whole, part)
        if str(most) == "MAXREPEAT":
            again = self._sequence(items)
            self._link(again.last, again.first)
            return self._joined(whole, again._replace(empty=True))
        rest = _NOTHING
        for _ in range(least, most):
            before = len(self._tests)
            rest = self._joined(self._sequence(items), rest)._replace(empty=True)
            if len(self._tests) == before:
                break
        return self._joined(whole, rest)

    def _joined(self, one: _Part, other: _Part) -> _Part:
        self._link(one.last, other.first)
        first = one.first | other.first if one.empty else one.first
        last = one.last | other.last if other.empty else other.last
        return _Part(first, last, one.empty and other.empty)

    def _link(self, last: Iterable[int], first: frozenset[int]) -> None:
        for position in last:
            self._follow[position] |= first


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Pattern:
    """A pattern, compiled once. Raises Unmatchable."""
    return Pattern(pattern)


def _either(parts: Iterable[_Part]) -> _Part:
    firsts, lasts, empties = zip(*parts, strict=True)
    return _Part(frozenset().union(*firsts), frozenset().union(*lasts), any(empties))


# --- tests of one character ---


def _literal(value: int) -> Test:
    return chr(value).__eq__


def _not_literal(value: int) -> Test:
    return chr(value).__ne__


def _any(_: None) -> Test:
    return "\n".__ne__


def _within(value: tuple[int, int]) -> Test:
    low, high = map(chr, value)
    return lambda character: low <= character <= high


def _category(value: object) -> Test:
    name = str(value).removeprefix("CATEGORY_")
    test = _CATEGORIES[name.removeprefix("NOT_")]
    return (lambda character: not test(character)) if name.startswith("NOT_") else test


def _one_of(items: list[tuple[Any, Any]]) -> Test:
    negated = str(items[0][0]) == "NEGATE"
    tests = [_CHARACTERS[str(kind)](value) for kind, value in items[negated:]]
    return lambda character: any(test(character) for test in tests) != negated


_CATEGORIES: Final[dict[str, Test]] = {
    "DIGIT": str.isdecimal,
    "SPACE": str.isspace,
    "WORD": lambda character: character.isalnum() or character == "_",
}

_CHARACTERS: Final[dict[str, Callable[[Any], Test]]] = {
    "LITERAL": _literal,
    "NOT_LITERAL": _not_literal,
    "ANY": _any,
    "RANGE": _within,
    "CATEGORY": _category,
    "IN": _one_of,
}
