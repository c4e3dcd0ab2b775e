"""What a reading shows of its type: titles and where they stand, labels, columns, figures, words.

The learned model of ``classify`` weighs these; its reasons name them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log1p
from statistics import median
from typing import Final

from abax.documents import lexicon, titles
from abax.documents.contracts import Subtype
from abax.documents.pages import Page, Reading, TextLine

BUCKETS: Final = 4096
"""Into how many the words are hashed."""
_LINES_OF_LATER_PAGES: Final = 14
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d")
_FACTORS: Final = {"alone": 1.0, "numbered": 0.8, "leading": 0.5, "label": 0.35, "sentence": 0.12}
_AMOUNT = re.compile(r"^[-+(]?[€$£]?\d{1,3}(?:[.,' \u00a0]?\d{3})*[.,]\d{2}[)-]?$")
_PRICED = re.compile(r"\d[.,]\d{2}\s*(?:[\u20ac$\u00a3]|[A-Z]{3}|z\u0142)?\s*-?$")
"""An amount ends the row: what stands before it names a line of goods or a sum, not the document."""
_IBAN = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}\b")
_LABEL_WORDS: Final = {
    *("nr", "no", "n", "num", "numero", "nummer", "number", "numer", "nro", "id", "#"),
    *("datum", "date", "data", "fecha"),
}
_NUMBER_WORDS: Final = {
    *_LABEL_WORDS,
    *("vom", "of", "du", "del", "de", "d", "dated", "dd", "z", "dnia", "for", "fur", "pour", "para", "per"),
    *(
        "voor",
        "dla",
        "zu",
        "to",
        "original",
        "copy",
        "kopie",
        "copie",
        "copia",
        "kopia",
        "oryginal",
        "duplicate",
    ),
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A title that was seen."""

    kind: str
    subtype: Subtype | None
    score: float
    """From 0 to about 2: how much it looks like the title of the whole."""
    standing: str
    """``alone``, ``numbered`` (a number or date follows), ``leading`` (other words do), ``label`` or
    ``sentence``."""
    text: str
    page: int


@lru_cache(maxsize=16384)
def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(word for part in _WORD.findall(text) if (word := lexicon.plain(part)))


def words_of(line: TextLine) -> list[str]:
    """The plain words of a line, parted at hyphens and stops too."""
    return [part for word in line.words for part in _plain_words(word.text)]


def sightings(reading: Reading) -> list[Sighting]:
    """All titles that were seen, the likeliest first."""
    found: list[Sighting] = []
    for page in reading.pages:
        lines = page.lines if page is reading.pages[0] else page.lines[:_LINES_OF_LATER_PAGES]
        height = median([word.y1 - word.y0 for word in page.words] or [1.0]) or 1.0
        for place, line in enumerate(lines):
            found += _in_line(line, page, place, height)
    return sorted(found, key=lambda one: -one.score)


def _in_line(line: TextLine, page: Page, place: int, height: float) -> Iterator[Sighting]:
    words = words_of(line)
    if not words:
        return
    weight = _weight(line, page, place, height)
    start = 0
    any_found = False
    while start < len(words) and start < 14:
        title = titles.find(words, start)
        if title is None:
            start += 1
            continue
        any_found = True
        standing = _standing(words, start, title.words)
        if (
            standing in ("alone", "numbered", "leading")
            and weight < 1.25
            and (_PRICED.search(line.text) or _is_label(line, page, start, title.words))
        ):
            standing = "label"
        elif standing == "label" and (weight > 1.25 or _is_apart(line, page)):
            standing = "numbered"
        elif standing == "sentence" and start == 0 and weight > 1.3:
            standing = "leading"
        factor = _FACTORS[standing]
        longer = 1 + 0.1 * min(title.words - 1, 3)
        yield Sighting(
            title.kind, title.subtype, weight * factor * longer, standing, line.text[:60], page.number
        )
        start += title.words
    if not any_found and len(words) <= 8 and weight > 0.5:
        yield from _misspelt(line, words, page, weight)


def _misspelt(line: TextLine, words: list[str], page: Page, weight: float) -> Iterator[Sighting]:
    """A title at the line's start with one letter wrong."""
    for count in range(min(len(words), 4), 0, -1):
        told = titles.misread("".join(words[:count]))
        if told is None:
            continue
        standing = _standing(words, 0, count)
        if weight < 1.25 and _is_label(line, page, 0, count):
            standing = "label"
        score = weight * 0.75 * _FACTORS[standing]
        yield Sighting(told.kind, told.subtype, score, standing, line.text[:60], page.number)
        return


def _is_label(line: TextLine, page: Page, start: int, count: int) -> bool:
    """Whether the title only labels a value: a colon follows, or a figure stands beside or right below it."""
    place = 0
    for word in line.words:
        parts = len(_plain_words(word.text))
        if start <= place < start + count and place + parts >= start + count and word.text.endswith(":"):
            return True
        place += parts
    if len(words_of(line)) > count:
        return False
    if line.text.rstrip().endswith((":", "#")):
        return True
    x0, x1 = line.words[0].x0, line.words[-1].x1
    y0, y1 = line.words[0].y0, line.words[0].y1
    height = y1 - y0
    for other in page.lines:
        first = other.words[0]
        if other is line or not _FIGURE.search(first.text):
            continue
        beside = abs(first.y0 - y0) < height * 0.6 and 0 < first.x0 - x1 < height * 30
        below = 0 < first.y0 - y0 < height * 2.2 and abs(first.x0 - x0) < height
        if beside or below:
            return True
    return False


def _is_apart(line: TextLine, page: Page) -> bool:
    """Whether more room is above and below the line than in a list; a colon makes it part of one."""
    if ":" in line.text:
        return False
    y0, y1 = min(word.y0 for word in line.words), max(word.y1 for word in line.words)
    x0, x1 = line.words[0].x0, line.words[-1].x1
    near = (y1 - y0) * 0.55
    if y0 > page.height * 0.6:
        return False
    for other in page.lines:
        if other is line or other.words[-1].x1 < x0 or other.words[0].x0 > x1:
            continue
        above, below = y0 - other.words[0].y1, other.words[0].y0 - y1
        if -near < above < near or -near < below < near:
            return False
    return True


def _weight(line: TextLine, page: Page, place: int, height: float) -> float:
    """How much a line's place and size make it a title."""
    tall = max(word.y1 - word.y0 for word in line.words) / height
    top = min(word.y0 for word in line.words) / (page.height or 1.0)
    weight = 0.6 + min(max(tall - 1.0, 0.0), 1.5) * 0.8
    weight += 0.3 if top < 0.5 or place < 12 else 0.0
    if page.number > 1:
        weight *= 0.25
    letters = [c for c in line.text if c.isalpha()]
    if letters and all(c.isupper() for c in letters):
        weight += 0.1
    return weight


def _standing(words: list[str], start: int, length: int) -> str:
    before, after = words[:start], words[start + length :]
    if not before and not after:
        return "alone"
    numeric = [word for word in after if any(c.isdigit() for c in word)]
    plain_after = [word for word in after if word not in _NUMBER_WORDS and word not in numeric]
    if not before and after and after[0] in _LABEL_WORDS:
        return "label"
    if not before and not plain_after:
        return "numbered"
    if not before and len(words) <= 9:
        return "leading"
    if len(before) == 1 and not after:
        return "leading"
    return "sentence"


def named(reading: Reading, seen: list[Sighting] | None = None) -> dict[str, float]:
    """Traits by name."""
    seen = sightings(reading) if seen is None else seen
    traits: dict[str, float] = {}
    for one in seen:
        for name in (f"title/{one.kind}/{one.standing}", f"subtitle/{one.subtype}" if one.subtype else ""):
            if name:
                traits[name] = max(traits.get(name, 0.0), min(one.score, 2.0))
    strong = [one for one in seen if one.standing not in ("sentence", "label")]
    if strong:
        traits[f"first/{strong[0].kind}"] = min(strong[0].score, 2.0)
        rival = next((one for one in strong if one.kind != strong[0].kind), None)
        if rival:
            traits[f"second/{rival.kind}"] = min(rival.score, 2.0)
    for page in reading.pages[:2]:
        _labels(page, traits)
    _figures(reading, traits)
    return traits


def _labels(page: Page, traits: dict[str, float]) -> None:
    labels, columns = lexicon.labels(), lexicon.columns()
    for line in page.lines:
        words = words_of(line)
        if len(words) > 16:
            continue
        heads: set[str] = set()
        for start in range(min(len(words), 10)):
            joined = ""
            for word in words[start : start + 4]:
                joined += word
                if start == 0:
                    for kind in labels.get(joined, ()):
                        traits[f"label/{kind}"] = 1.0
                heads.update(columns.get(joined, ()))
        if len(heads) >= 3:
            for kind in heads:
                traits[f"column/{kind}"] = 1.0


def _figures(reading: Reading, traits: dict[str, float]) -> None:
    first = reading.pages[0] if reading.pages else None
    if first is None:
        return
    words = [word.text for page in reading.pages[:3] for word in page.words]
    lines = [line for page in reading.pages[:3] for line in page.lines]
    amounts = sum(1 for word in words if _AMOUNT.match(word))
    long_lines = sum(1 for line in lines if len(line.words) >= 9)
    traits["figure/narrow"] = 1.0 if first.width < 0.62 * first.height and _columns(first) <= 48 else 0.0
    traits["figure/words"] = log1p(len(words)) / 8
    traits["figure/lines"] = log1p(len(lines)) / 6
    traits["figure/pages"] = log1p(len(reading.pages)) / 3
    traits["figure/amounts"] = log1p(amounts) / 5
    traits["figure/amount share"] = amounts / max(len(words), 1) * 4
    traits["figure/no amounts"] = 1.0 if not amounts else 0.0
    traits["figure/prose"] = long_lines / max(len(lines), 1)
    traits["figure/digits"] = sum(1 for word in words if any(c.isdigit() for c in word)) / max(len(words), 1)
    traits["figure/iban"] = 1.0 if _IBAN.search(first_text(first)) else 0.0
    traits["figure/percent"] = 1.0 if any("%" in word for word in words) else 0.0


def _columns(page: Page) -> float:
    """How many letters of the page's usual size go into its width."""
    sizes = [(w.x1 - w.x0) / len(w.text) for w in page.words if len(w.text) > 2]
    return page.width / (median(sizes) or 1.0) if sizes else 100.0


def first_text(page: Page) -> str:
    """A page's text, a line a line."""
    return "\n".join(line.text for line in page.lines)


def hashed(reading: Reading) -> list[int]:
    """Buckets of the words of the first two pages, each once."""
    words: set[str] = set()
    for page in reading.pages[:2]:
        for line in page.lines[:120]:
            words.update(word for word in words_of(line) if len(word) >= 3 and word.isalpha())
    return sorted({zlib.crc32(word.encode()) % BUCKETS for word in words})
