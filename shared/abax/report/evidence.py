"""A text cut where claims rest on it and where personal data is covered, so that a page can mark the one and
hide the other.

Evidence is a sentence as triage reads it: lines that were wrapped are joined, and blanks are single. Here it
is found again in the text as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from abax.mail.privacy import Personal

Finder = Callable[[str], tuple[int, int] | None]
"""Where evidence stands: from which letter to which."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Piece:
    """A part of a text."""

    text: str
    marks: tuple[int, ...] = ()
    """Numbers of the evidence that it is part of."""
    covered: bool = False
    """It stands for personal data."""


def finder(text: str) -> Finder:
    """What finds evidence in a text, whatever blanks and ends of lines stand between its words."""
    words = list(_WORD.finditer(text))
    flat = " ".join(word.group() for word in words)
    at = [place for word in words for place in (*range(word.start(), word.end()), word.end())]

    def found(evidence: str) -> tuple[int, int] | None:
        wanted = " ".join(evidence.split())
        begin = flat.find(wanted) if wanted else -1
        return (at[begin], at[begin + len(wanted) - 1] + 1) if begin >= 0 else None

    return found


def pieces(text: str, marks: Mapping[int, tuple[int, int]], personal: Sequence[Personal] = ()) -> list[Piece]:
    """A text with its evidence, by number, and with ``[iban]`` for personal data of that kind."""
    spans = [*marks.values(), *((one.start, one.end) for one in personal)]
    edges = sorted({0, len(text), *(edge for span in spans for edge in span)})
    return list(_cut(text, edges, marks, personal))


def _cut(
    text: str, edges: Iterable[int], marks: Mapping[int, tuple[int, int]], personal: Sequence[Personal]
) -> Iterator[Piece]:
    for start, end in pairwise(edges):
        own = tuple(number for number, span in marks.items() if span[0] <= start and end <= span[1])
        hidden = next((one for one in personal if one.start <= start and end <= one.end), None)
        if hidden is None:
            yield Piece(text[start:end], own)
        elif hidden.start == start:
            yield Piece(f"[{hidden.kind}]", own, covered=True)


def quote(cut: Iterable[Piece], number: int) -> str:
    """The words of a piece of evidence, as far as they may be seen."""
    return " ".join("".join(piece.text for piece in cut if number in piece.marks).split())
