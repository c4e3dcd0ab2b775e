"""Domains that look like a partner's and are not known to be his: with another ending, a word added, one
letter changed, or letters that are drawn alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from abax.mail.phrases import folded

_SHORTEST: Final = 5
"""Letters of a name below which others look like it by chance."""
_FUZZY: Final = 7
"""Letters from which on one of them may differ."""
_DRAWN: Final = str.maketrans(
    {
        **dict(zip("0134578|", "oleastbl", strict=True)),
        "i": "l",
        # Cyrillic and Greek letters that are drawn as Latin ones.
        **dict(
            zip(
                "\u0430\u0432\u0435\u0456\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0458\u0501\u051b\u051d",
                "abelkmhopctyxsjdqw",
                strict=True,
            )
        ),
        **dict(
            zip(
                "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c9",
                "abelkvoptuxw",
                strict=True,
            )
        ),
    }
)


def drawn(label: str) -> str:
    """A label of a domain as it looks: what is drawn alike is written alike, and without hyphens."""
    plain = folded(_decoded(label)).translate(_DRAWN)
    return plain.replace("rn", "m").replace("vv", "w").replace("-", "")


class Lookalikes:
    """Labels of domains, each with whose it is, found by domains that look like them."""

    def __init__(self, labels: Iterable[tuple[str, str]]) -> None:
        """Of labels that are drawn alike, the first counts."""
        self._owners: dict[str, str] = {}
        self._halves: defaultdict[tuple[int, str, bool], list[str]] = defaultdict(list)
        for label, owner in labels:
            meant = drawn(label)
            if len(meant) >= _SHORTEST and meant not in self._owners:
                self._owners[meant] = owner
                if len(meant) >= _FUZZY:
                    for key in _halves(meant, len(meant)):
                        self._halves[key].append(meant)

    def of(self, domain: str) -> str:
        """Whose label any part of ``domain`` but its ending looks like; empty where it is nobody's."""
        for part in domain.split(".")[:-1]:
            for shown in _shown(part):
                if meant := self._meant(shown):
                    return self._owners[meant]
        return ""

    def _meant(self, shown: str) -> str:
        if shown in self._owners:
            return shown
        lengths = (len(shown) + more for more in (0, -1, 1))
        near = (
            one for length in lengths for key in _halves(shown, length) for one in self._halves.get(key, ())
        )
        return next((one for one in near if _is_one_off(shown, one)), "")


def _halves(text: str, length: int) -> Iterator[tuple[int, str, bool]]:
    """Keys by the beginning and the end: of two texts that are one letter off, one of them is the same."""
    part = length // 2 - 1
    if part > 0:
        yield length, text[:part], True
        yield length, text[-part:], False


def _shown(part: str) -> Iterator[str]:
    """What a part of a domain may be read as: all of it, or some of its words in a row."""
    words = _decoded(part).split("-")
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            yield drawn("-".join(words[start:end]))


def _is_one_off(one: str, other: str) -> bool:
    """Whether one letter was changed, added or left out, or two neighbours exchanged."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if same is None:
        return True
    a, b = one[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _decoded(label: str) -> str:
    """Out of the form that mail carries other letters in."""
    if not re.match(r"xn--", label, re.IGNORECASE):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label
