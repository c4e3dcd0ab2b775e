"""Which line of a quote each line of an order orders: by article number first, then by words.

An article number counts wherever it stands: ``FB-300`` in a field of its own is that of ``FB-300 conveyor``.
Words are compared without endings; sizes must agree: an 8 mm drill is no 10 mm drill.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from abax.writing.claims import compact
from abax.writing.services.contracts import OrderLine
from abax.writing.spelling import plain

_ENOUGH: Final = 0.5
"""Share of the words of the shorter description that the other one must have."""
_AT_MOST: Final = 0.99
"""By words alone nothing is as alike as by its number, and two that fit are told apart by nothing."""
_STEM: Final = 4
"""Letters that two words share which are forms of one."""
_CODE: Final = re.compile(r"(?=[\w/.-]*\d)(?=[\w/.-]*[^\W\d_])[\w][\w/-]*(?:\.\w+)*")


def matched(
    lines: Sequence[OrderLine], offered: Sequence[OrderLine]
) -> tuple[list[OrderLine | None], list[OrderLine]]:
    """For each line of an order the line of the quote that it orders, or None; and what nobody ordered."""
    found: dict[int, int] = {}
    for alike in (_same_code, _same_words, _code_in_words, _alike):
        _match(lines, offered, found, alike)
    pairs = [offered[found[place]] if place in found else None for place in range(len(lines))]
    return pairs, [one for place, one in enumerate(offered) if place not in found.values()]


def _match(
    lines: Sequence[OrderLine],
    offered: Sequence[OrderLine],
    found: dict[int, int],
    alike: Callable[[OrderLine, OrderLine], float],
) -> None:
    """Pair what is most alike first, each at most once; what fits two lines equally well fits none."""
    taken = set(found.values())
    scores = [
        (score, line, place)
        for line in range(len(lines))
        if line not in found
        for place in range(len(offered))
        if place not in taken and (score := alike(lines[line], offered[place])) > 0
    ]
    for score, line, place in sorted(scores, key=lambda one: (-one[0], one[1], one[2])):
        others = [other for other in scores if other[1] == line and other[2] != place and other[0] == score]
        open_ones = [other for other in others if other[2] not in found.values()]
        if line not in found and place not in found.values() and (score == 1 or not open_ones):
            found[line] = place


def codes_of(line: OrderLine) -> frozenset[str]:
    """Its article number and what looks like one among its words, compact."""
    words = _CODE.findall(line.description)
    return frozenset(compact(code) for code in (line.code, *words) if code)


def _same_code(one: OrderLine, other: OrderLine) -> float:
    return float(bool(one.code) and _bare(one.code) == _bare(other.code))


def _bare(code: str) -> str:
    return re.sub(r"[\W_]", "", plain(code))


def _same_words(one: OrderLine, other: OrderLine) -> float:
    wanted = re.findall(r"\w+", plain(one.description))
    return float(bool(wanted) and wanted == re.findall(r"\w+", plain(other.description)))


def _code_in_words(one: OrderLine, other: OrderLine) -> float:
    """A number of one line, in its field or among its words, that the other has in a field or among its own;
    not where both have a field and those differ."""
    if one.code and other.code:
        return 0.0
    mine, theirs = codes_of(one), codes_of(other)
    named = (
        (compact(one.code) in theirs) if one.code else (compact(other.code) in mine) if other.code else False
    )
    return float(named or bool({code for code in mine & theirs if "-" in code or len(code) >= _STEM}))


def _alike(one: OrderLine, other: OrderLine) -> float:
    """The share of words in common, 0 where that is less than enough, or sizes or article numbers differ."""
    if one.code and other.code:
        return 0.0
    mine, theirs = _sizes(one), _sizes(other)
    if mine and theirs and mine != theirs:
        return 0.0
    ours, offered = _words(one), _words(other)
    if not ours or not offered:
        return 0.0
    common = sum(any(_form(word, said) for said in offered) for word in ours)
    share = min(common, len(offered)) / min(len(ours), len(offered))
    return _AT_MOST * share if share >= _ENOUGH else 0.0


def _sizes(line: OrderLine) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:[.,]\d+)?", line.description)) - frozenset(
        re.findall(r"\d+", line.code)
    )


def _words(line: OrderLine) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{3,}", plain(line.description)))


def _form(word: str, other: str) -> bool:
    """Whether two words are forms of one: ``drill`` and ``drills``, ``Schraube`` and ``Schrauben``."""
    short, long = sorted((word, other), key=len)
    return short == long or (len(short) >= _STEM and long.startswith(short[: max(_STEM, len(short) - 1)])
                             and len(long) - len(short) <= 3)  # fmt: skip
