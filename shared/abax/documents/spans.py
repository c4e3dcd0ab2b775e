"""What stands where on a document: rows and segments, labels by the lexicon, and typed values.

Everything that extraction weighs comes from here, once per document.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Final

from abax.documents import amounts, dates, identifiers, lexicon
from abax.documents.contracts import Box
from abax.documents.layout import rows_of, slope_of
from abax.documents.pages import Page, PageSource, Reading, Word

GAP: Final = 0.85
"""A blank wider than so many heights of a line parts two segments."""
LARGEST: Final = Decimal(10) ** 10
"""Longer numbers are codes."""
LONGEST_LABEL: Final = 6
"""Words."""
SHORT: Final = 4
"""Letters of labels that are common words, too."""
_TOKEN: Final = re.compile(r"[^\s:=|]+|[:=|]")
_SPLIT: Final = re.compile(r"(?<=[^\W\d_]{2}\.)(?=\d)|(?<=#)(?=\w)|(?<=[^\W\d_])(?=\()|(?<=\))(?=[^\W\d_])")
_CODE: Final = re.compile(r"[^\W_][\w./\\#+-]*", re.UNICODE)
_TIME: Final = re.compile(r"\b\d{1,2}:\d{2}")


@dataclass(slots=True)
class Seg:
    """Words of a row without a wide blank among them."""

    page: int
    row: int
    words: tuple[Word, ...]
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    starts: tuple[int, ...]
    """Where each word begins in the text."""
    left: Seg | None = None
    right: Seg | None = None
    labels: list[Label] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def words_of(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that a span of the text touches."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first + 1, bisect_left(self.starts, end))
        return self.words[first:last]


@dataclass(slots=True)
class Label:
    """A label of the lexicon, found in a segment."""

    kinds: tuple[str, ...]
    seg: Seg
    start: int
    end: int
    x0: float
    x1: float
    length: int
    """Letters of the label; longer ones are more telling."""
    whole: bool
    """Nothing else stands in its segment."""
    lead: int = 0
    """Letters that stand before it without being a label: ``Globale`` in ``Globale Nummer``."""


@dataclass(slots=True)
class Value:
    """A typed value in a segment."""

    type: str
    """``amount``, ``percent``, ``date``, ``code``, ``iban``, ``bic``, ``vat``, ``email``, ``phone``."""
    value: Decimal | date | str
    text: str
    seg: Seg
    start: int
    end: int
    x0: float
    x1: float
    currency: str | None = None
    unsure: bool = False
    side: str | None = None

    @property
    def box(self) -> Box:
        """Around its words."""
        return box_of(self.seg.words_of(self.start, self.end))


@dataclass(slots=True)
class Row:
    """Segments that stand on one line across a page."""

    number: int
    page: int
    segs: list[Seg]
    y0: float
    y1: float
    depth: float
    """From 0 at the top of its page to 1."""

    @property
    def text(self) -> str:
        return "   ".join(seg.text for seg in self.segs)

    @property
    def labels(self) -> Iterator[Label]:
        return (label for seg in self.segs for label in seg.labels)

    @property
    def values(self) -> Iterator[Value]:
        return (value for seg in self.segs for value in seg.values)


@dataclass(slots=True)
class Sight:
    """A document's rows, labels and values."""

    rows: list[Row]
    pages: dict[int, Page]
    height: float
    """Of the most common line."""
    mark: str | None
    """The decimal mark."""
    order: str
    """Of dates."""
    language: str | None
    currency: str | None
    recognised: bool
    """Words come from OCR."""

    @property
    def segs(self) -> Iterator[Seg]:
        return (seg for row in self.rows for seg in row.segs)

    @property
    def values(self) -> Iterator[Value]:
        return (value for seg in self.segs for value in seg.values)


def box_of(words: Sequence[Word]) -> Box:
    """Around words."""
    return Box(
        x0=min(word.x0 for word in words),
        y0=min(word.y0 for word in words),
        x1=max(word.x1 for word in words),
        y1=max(word.y1 for word in words),
    )


def look(reading: Reading) -> Sight:
    """All that stands on a document, located and typed."""
    rows: list[Row] = []
    for page in reading.pages:
        rows += _rows(page, len(rows))
    segs = [seg for row in rows for seg in row.segs]
    texts = [seg.text for seg in segs]
    recognised = any(page.source is PageSource.OCR for page in reading.pages)
    mark = amounts.decimal_mark(texts)
    currency = _currency(texts, reading.language)
    order = dates.date_order(
        texts, month_first=reading.language == "en" and currency in ("USD", None) and _american(texts)
    )
    sight = Sight(
        rows=rows,
        pages={page.number: page for page in reading.pages},
        height=median([seg.height for seg in segs]) if segs else 1.0,
        mark=mark,
        order=order,
        language=reading.language,
        currency=currency,
        recognised=recognised,
    )
    for seg in segs:
        _label(seg)
        _type(seg, sight)
    return sight


def _american(texts: Sequence[str]) -> bool:
    return any(re.search(r"\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b", text) or "USA" in text for text in texts)


def _currency(texts: Sequence[str], language: str | None) -> str | None:
    votes: dict[str, int] = {}
    ringgit = _RINGGIT if language == "it" else r"\bRM\b"
    for text in texts:
        for word in re.findall(
            rf"[€£₹₺₪₴฿₩¥]|(?<![A-Za-z$])\$|\b[A-Z]{{3}}\b|z\u0142|{ringgit}|(?<=\d)\s?K\u010d", text
        ):
            code = "$" if word == "$" else amounts.currency_of(word.strip())
            if code and not (word.isalpha() and word.isupper() and code == "TRY"):
                votes[code] = votes.get(code, 0) + 1
    if "$" in votes:  # of which country another word may tell
        dollar = max(_DOLLARS & votes.keys(), key=lambda code: votes[code], default=_dollar_of(texts))
        votes[dollar] = votes.get(dollar, 0) + votes.pop("$")
    return max(votes, key=lambda code: votes[code]) if votes else None


def _dollar_of(texts: Sequence[str]) -> str:
    """Whose sign it is where nothing else is said, by the tax numbers and taxes that only one country has."""
    text = "\n".join(texts)
    return next((code for code, mark in _TAXED_IN.items() if mark.search(text)), "USD")


_TAXED_IN: Final = {
    "CAD": re.compile(r"\b(?:QST|TVQ|HST|TPS|TVH)\b|\d{9} ?RT ?\d{4}\b"),
    "AUD": re.compile(r"\bA\.?B\.?N\.?:? ?\d{2} ?\d{3}"),
    "MXN": re.compile(r"\bR\.?F\.?C\.?\b.{0,20}[A-Z&\u00d1]{3,4}\d{6}|\bCFDI\b"),
    "COP": re.compile(r"\bNIT\b.{0,5}\d{9}|\d{3}\.\d{3}\.\d{3}-\d\b"),
    "ARS": re.compile(r"\bC\.?U\.?I\.?T\b"),
    "CLP": re.compile(r"\bR\.?U\.?T\.?:? ?\d{1,2}\.\d{3}\.\d{3}-[\dkK]"),
}
_RINGGIT: Final = r"\bRM(?=\s?\d)|(?<=\d\s)RM\b"
"""Where RM is a province of Italy, too: beside an amount."""
_DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})


def _rows(page: Page, first: int) -> Iterator[Row]:
    words = [word for word in page.words if not _stands_upright(word)]
    slope = 0.0 if page.source in (PageSource.MARKUP, PageSource.TEXT) else slope_of(words)
    for number, members in enumerate(rows_of(words, slope), start=first):
        segs = list(_segs(page, number, members))
        for left, right in pairwise(segs):
            left.right, right.left = right, left
        y0, y1 = min(seg.y0 for seg in segs), max(seg.y1 for seg in segs)
        yield Row(number, page.number, segs, y0, y1, min(1.0, y0 / page.height) if page.height else 0.0)


def _stands_upright(word: Word) -> bool:
    """Written from bottom to top, as on the margin: it would come between the words of the rows."""
    return len(word.text) >= 3 and word.y1 - word.y0 > 1.8 * (word.x1 - word.x0)


def _segs(page: Page, row: int, members: Sequence[Word]) -> Iterator[Seg]:
    height = median(word.y1 - word.y0 for word in members)
    gap = 1.5 if page.source is PageSource.MARKUP else max(GAP * height, _letter(members) * 1.9)
    part: list[Word] = []
    end = 0.0
    for word in members:
        if part and word.x0 - end > gap:
            yield _seg(page.number, row, part)
            part = []
        end = max(end, word.x1) if part else word.x1
        part.append(word)
    yield _seg(page.number, row, part)


def _letter(words: Sequence[Word]) -> float:
    """The width of a letter, by the words of a row that have several."""
    widths = [(word.x1 - word.x0) / len(word.text) for word in words if len(word.text) > 1]
    return min(widths) if widths else 0.0


def _seg(page: int, row: int, words: Sequence[Word]) -> Seg:
    starts: list[int] = []
    place = 0
    for word in words:
        starts.append(place)
        place += len(word.text) + 1
    return Seg(
        page,
        row,
        tuple(words),
        " ".join(word.text for word in words),
        min(word.x0 for word in words),
        min(word.y0 for word in words),
        max(word.x1 for word in words),
        max(word.y1 for word in words),
        tuple(starts),
    )


def _tokens(text: str) -> list[tuple[str, int, int]]:
    """Plain words of a text, with their spans; words that grew together are parted."""
    found: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(text):
        start = match.start()
        for piece in _SPLIT.split(match.group()):
            found.append((lexicon.plain(piece), start, start + len(piece)))
            start += len(piece)
    return found


def _label(seg: Seg) -> None:
    table = lexicon.labels()
    tokens = _tokens(seg.text)
    place = 0
    while place < len(tokens):
        place = _label_at(seg, tokens, place, table)
    if len(seg.labels) == 1:
        label = seg.labels[0]
        rest = lexicon.plain(seg.text[: label.start] + seg.text[label.end :])
        label.whole = not rest


def _label_at(
    seg: Seg, tokens: list[tuple[str, int, int]], place: int, table: dict[str, tuple[str, ...]]
) -> int:
    joined = ""
    best: tuple[int, str] | None = None
    for end in range(place, min(place + LONGEST_LABEL, len(tokens))):
        word = tokens[end][0]
        if not word:
            if tokens[end][1:] and seg.text[tokens[end][1]] in ":=|":
                break
            continue
        joined += word
        if joined in table:
            best = (end, joined)
    if best is None:
        best = _bilingual(seg, tokens, place, table)
    if best is None:
        return place + 1
    end, joined = best
    start, stop = tokens[place][1], tokens[end][2]
    if len(joined) <= SHORT and not _stands_alone(seg.text, start, stop):
        return place + 1
    words = seg.words_of(start, stop)
    seg.labels.append(Label(table[joined], seg, start, stop, words[0].x0, words[-1].x1, len(joined), False))
    return end + 1


def _bilingual(
    seg: Seg, tokens: list[tuple[str, int, int]], place: int, table: dict[str, tuple[str, ...]]
) -> tuple[int, str] | None:
    """A label in two languages without a blank between them: ``Datum/Date``."""
    word = seg.text[tokens[place][1] : tokens[place][2]]
    first, slash, second = word.partition("/")
    if not slash or not second or any(letter.isdigit() for letter in word):
        return None
    return next(((place, one) for one in map(lexicon.plain, (first, second)) if one in table), None)


def _stands_alone(text: str, start: int, stop: int) -> bool:
    """A short word is a label where a colon or a number follows, or nothing else stands beside it."""
    rest = text[stop:].lstrip(" .")
    return bool(re.match(r"[:=#]|\W{0,3}\d", rest)) or (start == 0 and not rest)


def _type(seg: Seg, sight: Sight) -> None:
    text = seg.text
    taken: list[tuple[int, int]] = []

    def add(type_: str, value: Decimal | date | str, start: int, end: int, **more: object) -> None:
        words = seg.words_of(start, end)
        seg.values.append(
            Value(type_, value, text[start:end].strip(), seg, start, end, words[0].x0, words[-1].x1, **more)  # type: ignore[arg-type]
        )

    def free(start: int, end: int) -> bool:
        return all(end <= first or last <= start for first, last in taken)

    if any(letter.isdigit() for letter in text):
        for iban in identifiers.find_ibans(text):
            add("iban", iban.value, iban.start, iban.end, unsure=not iban.valid)
            taken.append((iban.start, iban.end))
        for vat in identifiers.find_vat_ids(text):
            if free(vat.start, vat.end):
                add("vat", vat.value, vat.start, vat.end, unsure=not vat.valid)
                taken.append((vat.start, vat.end))
    if "@" in text:
        for mail in identifiers.find_emails(text):
            add("email", mail.value, mail.start, mail.end)
            taken.append((mail.start, mail.end))
    for bic in identifiers.find_bics(text):
        if free(bic.start, bic.end):
            add("bic", bic.value, bic.start, bic.end, unsure=not bic.valid)
    if not any(letter.isdigit() for letter in text):
        return
    for day in dates.find_dates(text, sight.order):
        if free(day.start, day.end):
            add("date", day.value, day.start, day.end, unsure=day.unsure)
            taken.append((day.start, day.end))
    for clock in _TIME.finditer(text):
        taken.append(clock.span())
    mended = amounts.unconfused(text) if sight.recognised else text
    for amount in amounts.find_amounts(mended, sight.mark):
        if not free(amount.start, amount.end) or abs(amount.value) >= LARGEST:
            continue
        percent = re.match(r"\s?%", text[amount.end :]) is not None
        add(
            "percent" if percent else "amount",
            amount.value,
            amount.start,
            amount.end,
            currency=amount.currency,
            unsure=amount.unsure,
            side=amount.side,
        )
    _codes(seg, taken, add)


def _codes(seg: Seg, taken: list[tuple[int, int]], add: object) -> None:
    """Words with a digit, and what follows a label as a whole: ``RE 2018 / 123``."""
    text = seg.text
    for match in _CODE.finditer(text):
        bare = match.group().rstrip(".,;:")
        if not any(letter.isdigit() for letter in bare):
            continue
        if any(match.start() < last and first < match.end() for first, last in taken):
            continue
        add("code", bare, match.start(), match.start() + len(bare))  # type: ignore[operator]
    for place in {0, *(label.end for label in seg.labels)}:
        rest = text[place:]
        offset = place + len(rest) - len(rest.lstrip(" :#.=|-\u2013\u2116"))
        tail = text[offset:].rstrip(" .,;:")
        stop = next((label.start for label in seg.labels if label.start > offset), len(text))
        tail = text[offset : min(stop, offset + len(tail))].rstrip(" .,;:-/")
        if not 2 <= len(tail) <= 30 or not any(letter.isdigit() for letter in tail) or " " not in tail:
            continue
        if tail.count(" ") > 4 or any(offset < last and first < offset + len(tail) for first, last in taken):
            continue
        add("code", tail, offset, offset + len(tail))  # type: ignore[operator]
