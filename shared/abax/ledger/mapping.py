"""A user's mapping of accounts to statement classes: by code, by the codes' beginnings, ranges or types.

==================  =====================================================================================
``"4711"``          the account of that code
``"47*"``           all whose codes begin so
``"4000-4999"``     all whose codes begin with something from here to there, both of the same length
``"type:charge"``   all of that type in the source
==================  =====================================================================================

Of several that fit, the most specific one counts: a code, then the longest beginning, then a type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from abax.errors import AmbiguousMapping, InvalidMapping
from abax.ledger.model import StatementClass

_RANGE = re.compile(r"([^-\s*]+)-([^-\s*]+)")


class _Rule(NamedTuple):
    """Codes that begin with something from ``low`` to ``high``."""

    key: str
    low: str
    high: str

    def fits(self, code: str) -> bool:
        return self.low <= code[: len(self.low)] <= self.high

    @property
    def specific(self) -> float:
        """How much of a code it says; a range a little more than the beginning that it shares."""
        same = [a == b for a, b in zip(self.low, self.high, strict=True)]
        return len(same) if all(same) else same.index(False) + 0.5


Given = TypeVar("Given")


class Patterns(Generic[Given]):
    """Codes, beginnings, ranges and types, each with something of its own."""

    def __init__(self, given: Mapping[str, Given]) -> None:
        self._given = given
        self._rules = [rule for key in given for rule in _rules(key)]

    def of(self, code: str, source_type: str | None) -> str | None:
        """The key that counts for an account, None where nothing fits. Raises AmbiguousMapping where two that
        say as much as each other stand for different things."""
        if code in self._given:
            return code
        fitting = [rule for rule in self._rules if rule.fits(code)]
        if not fitting:
            key = f"type:{source_type}"
            return key if key in self._given else None
        most = max(rule.specific for rule in fitting)
        best = [rule.key for rule in fitting if rule.specific == most]
        if any(self._given[key] != self._given[best[0]] for key in best):
            raise AmbiguousMapping(code, best)
        return best[0]


class Classes:
    """A mapping, ready to be asked."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        """Raises InvalidMapping for a class that does not exist."""
        self._given = {key: _class(key, name) for key, name in mapping.items()}
        self._patterns = Patterns(self._given)

    def of(self, code: str, source_type: str | None) -> StatementClass | None:
        """The class of an account, None where nothing fits. Raises AmbiguousMapping where two rules that say
        as much as each other give different ones."""
        key = self._patterns.of(code, source_type)
        return None if key is None else self._given[key]


def idle(keys: Iterable[str], chart: Iterable[tuple[str, str | None]]) -> list[str]:
    """Those keys that fit no account of ``chart``, which is codes and types."""
    codes, types = set(), set()
    for code, kind in chart:
        codes.add(code)
        types.add(f"type:{kind}")
    named = codes | types
    return sorted(
        key
        for key in keys
        if key not in named and not any(rule.fits(code) for rule in _rules(key) for code in codes)
    )


def _class(key: str, name: str) -> StatementClass:
    try:
        return StatementClass(name)
    except ValueError:
        raise InvalidMapping(key, name, StatementClass) from None


def _rules(key: str) -> list[_Rule]:
    """What a key says beyond an exact code."""
    if key.startswith("type:"):
        return []
    if key.endswith("*"):
        return [_Rule(key, key[:-1], key[:-1])]
    matched = _RANGE.fullmatch(key)
    if matched and len(matched[1]) == len(matched[2]) and matched[1] <= matched[2]:
        return [_Rule(key, matched[1], matched[2])]
    return []
