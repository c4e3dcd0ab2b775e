"""Two files that are to be the same invoice in two syntaxes, and where they are not.

A value that one file has and the other has not is no fault of who reads them. A file has a text as often as
its elements and attributes say it, whatever they are called; amounts and dates count by their value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from abax.documents import lexicon
from abax.documents.contracts import Evidence

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d*)?")
_ALIKE: Final = 4
"""Letters that names of one element begin with in both syntaxes: ``PostalZone``, ``PostcodeCode``."""


@dataclass(frozen=True)
class Said:
    """What a file says, and what was read from where."""

    xml: bytes
    evidence: Mapping[str, Evidence]

    def count(self, text: str) -> int:
        """How often the file says a text."""
        return self._texts[_bare(text)]

    def written(self, path: str, value: Any) -> str:
        """A value as it was written where it was read."""
        told = self.evidence.get(path)
        return told.text if told is not None and told.text else _first(value)

    def element(self, path: str) -> str:
        """The name of the element that a value was read from."""
        told = self.evidence.get(path)
        return re.sub(r"\[\d+\]", "", told.source).rpartition("/")[2].rpartition(":")[2] if told else ""

    @cached_property
    def _texts(self) -> Counter[str]:
        from abax.documents.einvoice.tree import parse

        found: Counter[str] = Counter()
        for element in parse(self.xml, "twin").element.iter():
            found.update(_bare(text) for text in (element.text or "", *map(str, element.attrib.values())))
        return found


@dataclass(frozen=True)
class Twins:
    """The file that is judged, and the one that tells what is true."""

    own: Said
    other: Said

    def differ(self, path: str, true: Any, mate: str | None, found: Any) -> bool:
        """Whether the files themselves say otherwise: what is expected is more often in the other one, what
        was found more often in our own, or both were read from elements of the same name."""
        expected, read = self.other.written(path, true), self.own.written(mate or "", found)
        if true is not None and self.other.count(expected) > self.own.count(expected):
            return True
        if mate is not None and self.own.count(read) > self.other.count(read):
            return True
        names = self.own.element(mate or ""), self.other.element(path)
        return all(names) and names[0][:_ALIKE] == names[1][:_ALIKE]


def _first(value: Any) -> str:
    """A value as a text; of several the first."""
    return _first(value[0]) if isinstance(value, tuple) and value else str(value)


def _bare(text: str) -> str:
    """Letters and digits of a text; a number as its value."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return str(Decimal(text).normalize())
    return lexicon.plain(text)
