"""What a page shows: rows of words, and the amounts, dates, codes and accounts in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from abax.documents.amounts import decimal_mark, find_amounts, parse_amount
from abax.documents.contracts import Box
from abax.documents.dates import date_order, find_dates
from abax.documents.lexicon import labels, plain
from abax.documents.pages import Page, Reading, Word

_APART = 1.6
"""In letters of their own width: words further apart stand in different columns."""
_SAME_ROW = 0.5
"""Of the lower word's height: words that overlap as much stand in one row."""
_LABEL_WORDS = 6
_LABEL_REACH = 10
"""Words before a value among which its label is looked for."""
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_IBAN_START = re.compile(r"\b[A-Z]{2}\d{2}")
_PARTED = re.compile(r"[\s,;:/()]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """Something that stands in a row."""

    row: int
    """The row's place among all rows of the document."""
    page: int
    box: Box
    text: str
    kinds: tuple[str, ...] = ()
    """What the words before it are labels of, such as ``totals.due``. None for a part of a longer number."""


@dataclass(frozen=True)
class Row:
    """Words side by side. In ``text``, columns are parted by two blanks."""

    page: int
    words: tuple[Word, ...]
    text: str = field(init=False)
    spans: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        text, spans = "", []
        for place, word in enumerate(self.words):
            if place:
                before = self.words[place - 1]
                text += "  " if word.x0 - before.x1 > _APART * min(_width(before), _width(word)) else " "
            spans.append((len(text), len(text) + len(word.text)))
            text += word.text
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "spans", tuple(spans))

    def words_at(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that a span of the text lies in."""
        return tuple(
            word
            for word, (first, last) in zip(self.words, self.spans, strict=True)
            if first < end and last > start
        )

    @cached_property
    def compact(self) -> tuple[str, tuple[int, ...]]:
        """Letters and digits alone, as capitals, and where in the text each stands."""
        capitals = [
            (capital, place)
            for place, letter in enumerate(self.text)
            if letter.isalnum()
            for capital in letter.upper()
        ]
        return "".join(capital for capital, _ in capitals), tuple(place for _, place in capitals)


def _width(word: Word) -> float:
    """Of one of its letters."""
    return (word.x1 - word.x0) / max(len(word.text), 1)


def box_of(words: Sequence[Word]) -> Box:
    """The rectangle around words."""
    return Box(
        x0=min(word.x0 for word in words),
        y0=min(word.y0 for word in words),
        x1=max(word.x1 for word in words),
        y1=max(word.y1 for word in words),
    )


class Sight:
    """All that a document's pages show."""

    def __init__(self, reading: Reading) -> None:
        self.rows = [row for page in reading.pages for row in _rows(page)]
        texts = [row.text for row in self.rows]
        self._mark = decimal_mark(texts)
        self._order = date_order(texts)

    @cached_property
    def words(self) -> int:
        """How many there are."""
        return sum(len(row.words) for row in self.rows)

    @cached_property
    def amounts(self) -> dict[Decimal, list[Spot]]:
        """By value without its sign."""
        found: dict[Decimal, list[Spot]] = {}
        for place, row in enumerate(self.rows):
            for start, end, value, whole in _amounts_of(row, self._mark):
                kinds = (_kinds(row.text[:start]) or self._label_above(place, row, start)) if whole else ()
                found.setdefault(value, []).append(self._spot(place, start, end, kinds))
        return found

    def _label_above(self, place: int, row: Row, start: int) -> tuple[str, ...]:
        """The label of an amount that begins its row: what stands above, at about the same place."""
        if row.text[:start].strip() or not place or self.rows[place - 1].page != row.page:
            return ()
        x0 = row.words_at(start, start + 1)[0].x0
        above = [word for word in self.rows[place - 1].words if abs(word.x0 - x0) < 3 * (word.y1 - word.y0)]
        return _kinds(" ".join(word.text for word in above))

    @cached_property
    def dates(self) -> dict[date, list[Spot]]:
        """By value; those that can be read in two ways, under both."""
        found: dict[date, list[Spot]] = {}
        for place, row in enumerate(self.rows):
            for order in dict.fromkeys((self._order, "dmy", "mdy")):
                for printed in find_dates(row.text, order):
                    if order == self._order or printed.unsure:
                        spot = self._spot(
                            place, printed.start, printed.end, _kinds(row.text[: printed.start])
                        )
                        found.setdefault(printed.value, []).append(spot)
        return found

    @cached_property
    def ibans(self) -> dict[str, Spot]:
        """Accounts whose check digits are right, and what else has the form of one."""
        from abax.documents.rules.numbers import valid_iban

        found: dict[str, Spot] = {}
        for place, row in enumerate(self.rows):
            for start, end, number in _ibans_of(row):
                if valid_iban(number) or _labelled_iban(row.text[:start]):
                    found.setdefault(number, self._spot(place, start, end))
        return found

    def code(self, value: str) -> Spot | None:
        """Where an identifier stands, however it is parted; not inside of a longer one."""
        wanted = "".join(letter for letter in value if letter.isalnum()).upper()
        if not wanted:
            return None
        for place, row in enumerate(self.rows):
            compact, places = row.compact
            start = compact.find(wanted)
            while start >= 0:
                first, last = places[start], places[start + len(wanted) - 1]
                if _stands_alone(row.text, first, last + 1):
                    return self._spot(place, first, last + 1)
                start = compact.find(wanted, start + 1)
        return None

    def name(self, value: str, *, within: range | None = None, least: float = 0.6) -> Spot | None:
        """Where most of a name's words stand, in a row or in two that follow one another."""
        wanted = words_of(value)
        if not wanted:
            return None
        best: tuple[float, int, list[Word]] = (least, -1, [])
        for place in within or range(len(self.rows)):
            if not 0 <= place < len(self.rows):
                continue
            row = self.rows[place]
            hits = [word for word in row.words if words_of(word.text) & wanted]
            share = len({one for word in hits for one in words_of(word.text)} & wanted) / len(wanted)
            if share > best[0] or (share == best[0] and best[1] < 0):
                best = (share, place, hits)
        if best[1] < 0:
            return None
        text = " ".join(word.text for word in best[2])
        return Spot(best[1], self.rows[best[1]].page, box_of(best[2]), text)

    def _spot(self, place: int, start: int, end: int, kinds: tuple[str, ...] = ()) -> Spot:
        row = self.rows[place]
        return Spot(place, row.page, box_of(row.words_at(start, end)), row.text[start:end].strip(), kinds)


@lru_cache(maxsize=8192)
def words_of(text: str) -> frozenset[str]:
    """Words and numbers of a text, plain."""
    return frozenset(word for part in _PARTED.split(text) if len(word := plain(part)) > 1)


def _rows(page: Page) -> Iterator[Row]:
    """A page's words from top to bottom, those of about the same height side by side."""
    rest = sorted(page.words, key=lambda word: (word.y0 + word.y1) / 2)
    current: list[Word] = []
    for word in rest:
        if current and not _beside(current, word):
            yield Row(page.number, tuple(sorted(current, key=lambda one: one.x0)))
            current = []
        current.append(word)
    if current:
        yield Row(page.number, tuple(sorted(current, key=lambda one: one.x0)))


def _beside(row: list[Word], word: Word) -> bool:
    last = row[-1]
    overlap = min(last.y1, word.y1) - max(last.y0, word.y0)
    return overlap >= _SAME_ROW * min(last.y1 - last.y0, word.y1 - word.y0)


def _amounts_of(row: Row, mark: str | None) -> Iterator[tuple[int, int, Decimal, bool]]:
    """Amounts of a row read as a whole; and words by themselves, since ``20 198,00`` may be two numbers."""
    whole = [(found.start, found.end, abs(found.value)) for found in find_amounts(row.text, mark)]
    for start, end, value in whole:
        yield start, end, value, True
    for word, (start, end) in zip(row.words, row.spans, strict=True):
        alone = parse_amount(word.text.strip("*=:;"), mark)
        if alone is None or any(end == last and value == abs(alone.value) for _, last, value in whole):
            continue
        inside = any(first <= start and end <= last for first, last, _ in whole)
        yield start, end, abs(alone.value), not inside


def _kinds(before: str) -> tuple[str, ...]:
    """What the words before a value are labels of: the label that stands nearest, and of these the longest.
    What stands in brackets explains a label, and is none where there is another."""
    bare = re.sub(r"\([^()]*\)", " ", before)
    return _nearest_label(bare) or _nearest_label(before)


def _nearest_label(before: str) -> tuple[str, ...]:
    known = labels()
    words = re.sub(r"[:=*()]+|\b[A-Z]{3}\b|[€$£]", " ", before).split()[-_LABEL_REACH:]
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - _LABEL_WORDS), end):
            if kinds := known.get(plain("".join(words[start:end]))):
                return kinds
    return ()


def _ibans_of(row: Row) -> Iterator[tuple[int, int, str]]:
    compact, places = row.compact
    for match in _IBAN_START.finditer(row.text.upper()):
        start = places.index(match.start())
        length = _length_of(compact[start:])
        if length:
            yield match.start(), places[start + length - 1] + 1, compact[start : start + length]


def _length_of(text: str) -> int:
    """How many letters belong to an account that a text begins with: as many as its country has."""
    length = _IBAN_LENGTHS.get(text[:2], 0)
    return length if len(text) >= length and _IBAN.fullmatch(text[:length]) else 0


def _labelled_iban(before: str) -> bool:
    return "iban" in plain(before)[-12:]


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and before.isdigit() == text[start].isdigit()) and not (
        after.isalnum() and after.isdigit() == text[end - 1].isdigit()
    )


_IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "NL", "FO", "GL"), 18),
    **dict.fromkeys(("SI", "MK"), 19),
    **dict.fromkeys(("AT", "EE", "LT", "LU", "XK", "KZ", "BA"), 20),
    **dict.fromkeys(("CH", "LI", "LV", "HR"), 21),
    **dict.fromkeys(("DE", "GB", "IE", "BG", "RS", "ME", "GE", "BH"), 22),
    **dict.fromkeys(("GI", "IL", "AE", "TL"), 23),
    **dict.fromkeys(("CZ", "ES", "SE", "SK", "RO", "TN", "AD", "MD", "SA", "PK"), 24),
    **dict.fromkeys(("PT",), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "SM", "MR"), 27),
    **dict.fromkeys(("PL", "HU", "CY", "AL", "LB", "DO", "AZ"), 28),
    **dict.fromkeys(("UA", "BR", "PS", "QA", "KW", "JO"), 29),
    **dict.fromkeys(("MT",), 31),
}
"""Letters and digits of an IBAN, by country."""
