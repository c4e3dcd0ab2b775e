"""What a reading shows of its type: titles and where they stand, labels, columns, figures, words.

The learned model of ``classify`` weighs these; its reasons name them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import log1p
from statistics import median
from typing import Final

from abax.documents import dates, lexicon, titles
from abax.documents.contracts import Subtype
from abax.documents.pages import Page, PageSource, Reading, TextLine


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


BUCKETS: Final = 4096
"""Into how many the words are hashed."""
_LINES_OF_LATER_PAGES: Final = 14
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d")
_FACTORS: Final = {
    "alone": 1.0,
    "numbered": 0.8,
    "subject": 0.8,
    "leading": 0.5,
    "label": 0.35,
    "sentence": 0.12,
}
NAMING: Final = ("alone", "numbered", "subject")
"""How a title stands that names the document."""
_STRONG: Final = 0.85
"""A title that scores more needs no other to be looked for."""
_IN_TABLE: Final = 0.5
"""How much of a title below the headings of a table counts."""
_LARGE: Final = 1.25
"""The weight of a title in large letters, wherever it stands."""
OWN_LABEL: Final = 0.2
"""What a label scores that stands above the table."""
_TRIED: Final = 10
_FEW: Final = 6
_APART: Final = 1.8
"""Words that so many heights of a line part stand in cells of their own."""
_AMOUNT = re.compile(r"^[-+(]?[€$£]?\d{1,3}(?:[.,' \u00a0]?\d{3})*[.,]\d{2}[)-]?$")
_PRICED = re.compile(r"\d[.,]\d{2}\s*(?:[\u20ac$\u00a3]|[A-Z]{3}|z\u0142)?\s*-?$")
"""An amount ends the row: what stands before it names a line of goods or a sum, not the document."""
_IBAN = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z0-9*•]{4} ?){2,7}[A-Z0-9*•]{1,4}(?!\w)")
_LABEL_WORDS: Final = {
    *("nr", "no", "n", "num", "numero", "nummer", "number", "numer", "nro", "id", "#"),
    *("datum", "date", "data", "fecha"),
}
_NUMBER_WORDS: Final = {
    *_LABEL_WORDS,
    *("vom", "of", "du", "del", "de", "d", "dated", "dd", "z", "dnia", "for", "fur", "pour", "para", "per"),
    *("voor", "dla", "zu", "to", "original", "copy", "kopie", "copie", "copia", "kopia", "oryginal"),
    *("duplicate", "folio"),
}
_SUBJECTS: Final = _set_of("betreff betr objet asunto oggetto ogg betreft onderwerp dotyczy temat subject re")
_ORDINALS: Final = _set_of(
    "letzte last derniere ultimo laatste ostateczne first second third erste zweite dritte 1st 2nd 3rd"
    " premier premiere deuxieme primo secondo primera segunda eerste tweede pierwsze drugie nr no"
)
_YOURS: Final = _set_of("ihre ihr your votre vostra vostro su uw twoja twoj panstwa unsere our notre nuestra")
_TOWN = re.compile(
    r"(?:\b[A-Z]{0,2}-?\d{4,6}|\b\d{2}-\d{3}|\b\d{4} ?[A-Z]{2}) [^\W\d_]{3,}"
    r"|[^\W\d_]{3,},? (?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{2},? \d{5}(?:-\d{4})?)\b"
)
"""A postcode with its town, in the order of its country."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A title that was seen."""

    kind: str
    subtype: Subtype | None
    score: float
    """From 0 to about 2: how much it looks like the title of the whole."""
    standing: str
    """``alone``, ``numbered`` (a number or date follows), ``subject`` (of a letter), ``leading`` (other words
    follow), ``label`` or ``sentence``."""
    text: str
    page: int


@lru_cache(maxsize=16384)
def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(word for part in _WORD.findall(text) if (word := lexicon.plain(part)))


def words_of(line: TextLine) -> list[str]:
    """The plain words of a line, parted at hyphens and stops too."""
    return [part for word in line.words for part in _plain_words(word.text)]


def sightings(reading: Reading, guess: bool = True) -> list[Sighting]:
    """All titles that were seen, the likeliest first; with ``guess`` badly misread ones too, where OCR has
    found no other. The latest reading's are kept: two stages ask for them."""
    for kept, guessed, seen in _latest:
        if kept is reading and guessed is guess:
            return list(seen)
    seen = _sightings(reading, guess)
    _latest[:] = [(reading, guess, seen)]
    return list(seen)


_latest: list[tuple[Reading, bool, list[Sighting]]] = []


def _sightings(reading: Reading, guess: bool) -> list[Sighting]:
    found: list[Sighting] = []
    for page in reading.pages:
        lines = page.lines if page is reading.pages[0] else page.lines[:_LINES_OF_LATER_PAGES]
        height = median([word.y1 - word.y0 for word in page.words] or [1.0]) or 1.0
        table = table_top(page)
        for place, line in enumerate(lines):
            below = line.words[0].y0 >= table
            ends_priced = bool(_PRICED.search(line.text))
            for cell in _cells(line):
                for one in _in_line(cell, page, place, height):
                    less = (below or (ends_priced and cell is not line)) and one.score < _LARGE
                    found.append(replace(one, score=one.score * _IN_TABLE) if less else one)
    read_by_ocr = bool(reading.pages) and reading.pages[0].source is PageSource.OCR
    if guess and read_by_ocr and not any(one.score > _STRONG and one.standing in NAMING for one in found):
        found += _resembling(reading.pages[0])
    return sorted(found, key=lambda one: -one.score)


def table_top(page: Page) -> float:
    """Where the headings of the first table stand; below everything where there is none."""
    columns = lexicon.columns()
    for line in page.lines:
        if 3 <= len(line.words) <= 18 and not _FIGURE.search(line.text):
            heads = sum("".join(_plain_words(word.text)) in columns for word in line.words)
            if heads >= 3 and heads * 2 > len(line.words) and not _heads_one_row(page, line):
                return line.words[0].y0
    return float("inf")


def _heads_one_row(page: Page, heads: TextLine) -> bool:
    """Boxes with the document's number and date in a single row below them: no table of goods."""
    if not any(_tells_document(word) for word in _plain_words(heads.text)):
        return False
    first = _line_below(page, heads)
    if first is None or not _FIGURE.search(first.text) or any(_AMOUNT.match(w.text) for w in first.words):
        return False
    after = _line_below(page, first)
    gap, height = first.words[0].y0 - heads.words[0].y0, first.words[0].y1 - first.words[0].y0
    return after is None or after.words[0].y0 - first.words[0].y0 > max(1.4 * gap, 2.0 * height)


def _line_below(page: Page, line: TextLine) -> TextLine | None:
    """The next one that is in part right below it."""
    x0, x1, y1 = line.words[0].x0, line.words[-1].x1, line.words[0].y1
    under = (
        one
        for one in page.lines
        if one.words[0].x0 < x1 and one.words[-1].x1 > x0 and one.words[0].y0 > y1 - 1.0
    )
    return min(under, key=lambda one: one.words[0].y0, default=None)


def _tells_document(word: str) -> bool:
    kind = lexicon.labels().get(word, ("",))[0]
    return kind == "issue_date" or kind.startswith("number.")


def _cells(line: TextLine) -> list[TextLine]:
    """The line, or its two or three parts that wide blanks part; a figure stays with what it follows."""
    height = max(word.y1 - word.y0 for word in line.words)
    starts = [
        place
        for place, (one, other) in enumerate(pairwise(line.words), 1)
        if other.x0 - one.x1 > _APART * height and not _FIGURE.search(other.text)
    ]
    if not 0 < len(starts) <= 2:
        return [line]
    edges = [0, *starts, len(line.words)]
    return [TextLine(line.words[start:end], line.block) for start, end in pairwise(edges)]


def _resembling(page: Page) -> Iterator[Sighting]:
    """Titles too badly misread to be found letter by letter, among the foremost short lines."""
    height = median([word.y1 - word.y0 for word in page.words] or [1.0]) or 1.0
    weighed = [(_weight(line, page, place, height), line) for place, line in enumerate(page.lines[:40])]
    short = [one for one in weighed if len(one[1].words) <= 7 and one[0] >= _STRONG]
    for weight, line in sorted(short, key=lambda one: -one[0])[:_TRIED]:
        words = words_of(line)
        if not words or titles.find(words, 0):
            continue
        for count in range(min(len(words), 3), 0, -1):
            joined = "".join(words[:count])
            told = None if joined in lexicon.labels() else titles.resembling(joined)
            if told:
                standing = "label" if _is_label(line, page, 0, count) else _standing(words, 0, count)
                score = weight * 0.6 * _FACTORS[standing]
                yield Sighting(told.kind, told.subtype, score, standing, line.text[:60], page.number)
                break


def _in_line(line: TextLine, page: Page, place: int, height: float) -> Iterator[Sighting]:
    words = words_of(line)
    if not words or "@" in line.text:
        return
    weight = _weight(line, page, place, height)
    longer_told = 0 if page.source is PageSource.TEXT else _longer(words)
    start = longer_told
    any_found = False
    owner = titles.numbered(words)
    if owner:
        standing = "numbered" if weight > _LARGE else "label"
        score = weight * _FACTORS[standing]
        yield Sighting(owner.kind, owner.subtype, score, standing, line.text[:60], page.number)
        return
    while start < len(words) and start < 14:
        title = titles.find(words, start)
        if title is None or (start and title.words == 1 and words[start] in _EVERYDAY):
            start += 1
            continue
        any_found = True
        standing = _stands(line, page, (words, start, title), weight)
        longer = 1 + 0.1 * min(title.words - 1, 3)
        score = weight * _FACTORS[standing] * longer
        yield Sighting(title.kind, title.subtype, score, standing, line.text[:60], page.number)
        start += title.words
    if (longer_told or not any_found) and len(words) <= 8 and weight > 0.5:
        yield from _misspelt(line, words, page, weight)


def _stands(line: TextLine, page: Page, found: tuple[list[str], int, titles.Title], weight: float) -> str:
    """How the title stands in its line, with the line's place and the letters' size."""
    words, start, title = found
    standing = _standing(words, start, title.words)
    if standing == "leading" and start and words[start - 1] in _YOURS:
        if weight <= 1.0 or title.kind not in _SENT:
            return "sentence"
        return "numbered" if start == 1 and len(words) <= title.words + _FEW_MORE else "leading"
    if standing in ("alone", "numbered", "leading"):
        only_names = _PRICED.search(line.text) or _is_label(line, page, start, title.words)
        return "label" if weight < _LARGE and only_names else standing
    if standing == "label" and (weight > _LARGE or _is_apart(line, page)):
        return "numbered"
    if standing == "sentence" and start == 0 and weight > 1.3:
        return "leading"
    return standing


_EVERYDAY: Final = frozenset(
    {"cargo", "belastung", "nota", "order", "commande", "ordine", "pedido", "minuta"}
)
"""Words that are titles only where they lead: ``Fecha de cargo``, ``Lippe-Cargo``."""
_FEW_MORE: Final = 3
"""Words beside a title that is called yours: itself, a month, a year."""
_SENT: Final = (titles.INVOICE, "account_statement", "credit_memo")
"""What a letterhead calls yours: ``Ihre Rechnung``; ``Ihre Bestellung`` only refers to one."""


def _longer(words: list[str]) -> int:
    """How many words at the start are a misspelt title that is longer than the right one that is there."""
    right = titles.find(words, 0)
    if right is None or len(words) > 8:
        return 0
    for count in range(min(len(words), 4), right.words, -1):
        joined = "".join(words[:count])
        told = None if joined in lexicon.labels() else titles.misread(joined)
        if told and told.kind != right.kind:
            return count
    return 0


def _misspelt(line: TextLine, words: list[str], page: Page, weight: float) -> Iterator[Sighting]:
    """A title at the line's start with one letter wrong."""
    for count in range(min(len(words), 4), 0, -1):
        joined = "".join(words[:count])
        told = None if joined in lexicon.labels() else titles.misread(joined)
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
    for at, word in enumerate(line.words):
        parts = len(_plain_words(word.text))
        if start <= place < start + count and place + parts >= start + count:
            after = line.words[at + 1].text if at + 1 < len(line.words) else ""
            if word.text.endswith(":") or after in (":", "#:", "#"):
                return True
        place += parts
    words = words_of(line)
    if start == 0 and len(words) == count + 1 and _is_party("".join(words)):
        return True
    if len(words) > count:
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


def _is_party(joined: str) -> bool:
    """``Bill to`` is no bill."""
    kinds = lexicon.labels().get(joined, ())
    return any(kind in ("buyer", "ship_to", "seller", "payer", "payee") for kind in kinds)


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
    of_letter = bool(before) and before[0] in _SUBJECTS
    before = [word for word in before[of_letter:] if word not in _ORDINALS and not _is_count(word)]
    if not before and not after:
        return "subject" if of_letter else "alone"
    plain_after = [word for place, word in enumerate(after) if not _of_number(after, place)]
    if of_letter and not before and len(plain_after) <= _FEW:
        return "subject"
    if not before and after and after[0] in _LABEL_WORDS:
        return "label"
    if not before and (not plain_after or _leads_to_number(after, plain_after)):
        return "numbered"
    if not before and len(plain_after) <= _FEW:
        return "leading"
    if len(before) == 1 and (not after or (before[0] in _YOURS and len(plain_after) <= _FEW)):
        return "leading"
    return "sentence"


def _leads_to_number(after: list[str], plain: list[str]) -> bool:
    """Whether its number follows a title at once, and only a few facts stand behind it."""
    place = next((at for at, word in enumerate(after[:3]) if any(c.isdigit() for c in word)), None)
    return place is not None and len(plain) <= _FACTS and all(_of_number(after, at) for at in range(place))


_FACTS: Final = 3


def _of_number(words: list[str], place: int) -> bool:
    """A number, a word that stands before numbers, or the letters that a number begins with."""
    word = words[place]
    if len(word) == 1 or word in _NUMBER_WORDS or any(c.isdigit() for c in word):
        return True
    if len(word) <= 3 and place and words[place - 1][-1:].isdigit():
        return True
    follows = words[place + 1] if place + 1 < len(words) else ""
    return (len(word) <= 3 and follows[:1].isdigit()) or bool(dates.month_of(word))


def _is_count(word: str) -> bool:
    """``2`` in ``2. Abschlagsrechnung``."""
    return word.isdigit() and len(word) < 3


def named(reading: Reading, seen: list[Sighting] | None = None) -> dict[str, float]:
    """Traits by name."""
    seen = sightings(reading) if seen is None else seen
    traits: dict[str, float] = {}
    for one in seen:
        for name in (f"title/{one.kind}/{one.standing}", f"subtitle/{one.subtype}" if one.subtype else ""):
            if name:
                traits[name] = max(traits.get(name, 0.0), min(one.score, 2.0))
    named_by_label = [one for one in seen if one.standing == "label" and one.page == 1]
    for place, one in enumerate(one for one in named_by_label if one.score > OWN_LABEL):
        traits[f"label title/{one.kind}"] = 1.0
        if not place:
            traits[f"first label/{one.kind}"] = 1.0
    strong = [one for one in seen if one.standing not in ("sentence", "label")]
    if strong:
        traits[f"first/{strong[0].kind}"] = min(strong[0].score, 2.0)
        rival = next((one for one in strong if one.kind != strong[0].kind), None)
        if rival:
            traits[f"second/{rival.kind}"] = min(rival.score, 2.0)
    for page in reading.pages[:2]:
        _labels(page, traits)
    _figures(reading, traits)
    _dealings(reading, traits)
    return traits


def _dealings(reading: Reading, traits: dict[str, float]) -> None:
    """Whether it was paid at a till or goes by post to somebody who is to pay."""
    if not reading.pages:
        return
    towns = {match.group() for line in reading.pages[0].lines if (match := _TOWN.search(line.text))}
    account = any(f"label/{kind}" in traits for kind in ("iban", "bic", "account_number"))
    account = account or traits["figure/iban"] > 0
    later = any(f"label/{kind}" in traits for kind in ("due_date", "terms.text", "terms.net_days"))
    traits["figure/towns"] = min(len(towns), 3) / 3
    paid = "label/cash" in traits or traits.get("figure/narrow", 0.0) > 0
    if len(towns) > 1 and not paid and (account or later or "label/buyer" in traits):
        traits["figure/by post"] = 1.0
    if paid and not account and len(towns) < 2:
        traits["figure/at a till"] = 1.0


def _labels(page: Page, traits: dict[str, float]) -> None:
    labels, columns = lexicon.labels(), lexicon.columns()
    for line in page.lines:
        cells = [words_of(cell) for cell in _cells(line)]
        if sum(map(len, cells)) > _LONG:
            continue
        heads: set[str] = set()
        for words in cells:
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


_LONG: Final = 16
"""Words of a line that is a sentence."""


def _figures(reading: Reading, traits: dict[str, float]) -> None:
    first = reading.pages[0] if reading.pages else None
    if first is None:
        return
    words = [word.text for page in reading.pages[:3] for word in page.words]
    lines = [line for page in reading.pages[:3] for line in page.lines]
    amounts = sum(1 for word in words if _AMOUNT.match(word))
    long_lines = sum(1 for line in lines if len(line.words) >= 9)
    width = _columns(first)
    traits["figure/columns"] = min(width, 120.0) / 120
    traits["figure/sheet"] = (
        1.0 if width > _OF_SLIPS and 0.6 < first.width / (first.height or 1) < 1.6 else 0.0
    )
    traits["figure/narrow"] = 1.0 if first.width < 0.62 * first.height and width <= _OF_TILLS else 0.0
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


_OF_TILLS: Final = 48
"""Letters in a row of a till."""
_OF_SLIPS: Final = 60
"""Letters in a row of anything that is no sheet of paper."""


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


def is_correction(seen: list[Sighting]) -> bool:
    """Whether the foremost title says that another document is corrected."""
    first = next((one for one in seen if one.standing in (*NAMING, "leading")), own_label(seen))
    return first is not None and first.subtype is Subtype.CORRECTION


def own_label(seen: list[Sighting]) -> Sighting | None:
    """The foremost label of a number in the upper part, which names what has no title:
    ``Korrekturrechnung Nr. 17``."""
    return next(
        (one for one in seen if one.standing == "label" and one.page == 1 and one.score > OWN_LABEL), None
    )


def gives_back(reading: Reading) -> bool:
    """Whether its words say that there is less to pay than before, or its whole is below zero; other amounts
    below zero only say that a correction counts against the invoice before."""
    lines = [line for page in reading.pages for line in page.lines]
    return any(titles.gives_back(lexicon.plain(line.text)) for line in lines) or _whole_is_below_zero(lines)


def _whole_is_below_zero(lines: list[TextLine]) -> bool:
    """Amounts stand beside labels of the whole, and all of them are below zero."""
    labels = lexicon.labels()
    told = []
    for line in lines:
        if len(line.words) > _FEW or not _PRICED.search(line.text):
            continue
        words = [word.text for word in line.words if not _FIGURE.search(word.text)][:3]
        names = ("".join(map(lexicon.plain, words[:count])) for count in range(1, len(words) + 1))
        if any(labels.get(name, ("",))[0] in _WHOLE for name in names):
            told.append(_NEGATIVE.search(line.text) is not None)
    return bool(told) and all(told)


_WHOLE: Final = ("totals.gross", "totals.due", "totals.any")
_NEGATIVE: Final = re.compile(
    r"[-\u2212]\s?(?:[\u20ac$\u00a3]\s?)?\d[\d., ']*\D{0,5}$|\d-\D{0,5}$|\(\d[\d., ']*\)$"
)
"""The last amount of a row is below zero."""
