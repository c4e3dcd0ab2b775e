"""A document's own number, by rule: right of the label that says so, below it, or in the title itself.

Rankers learn how numbers stand in the documents that they saw; these rules hold in any layout. They look for
what a document must have to be cited: ``Invoice No. 4711``, ``RECHNUNG Nr. 418/26``, ``Auftragsbestätigung AB
2611-204``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from abax.documents import dates, lexicon, titles
from abax.documents.candidates import GENERIC, OWN_NUMBER
from abax.documents.contracts import DocumentType
from abax.documents.pages import Word
from abax.documents.spans import Label, Row, Seg, Sight

_INVOICES: Final = (DocumentType.SUPPLIER_INVOICE, DocumentType.CUSTOMER_INVOICE)
_LEAD: Final = re.compile(
    r"^[\s:.=#-]*(?:(?:nr|no|n|num|nro|number|nummer|numero|numéro|número|núm|numer|id|ref)\s*[.:°º]*[\s:#]+"
    r"|n\s?[°º]\s*)?[\s:#-]*",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"(?:[A-Z]{1,4}[ ](?=\d))?"
    r"(?:\d+(?: \d{2,}){2,}(?![\w.,/-])|(?=[\w./-]*\d)[^\W_][\w./-]*)"
    r"(?:\s?/\s?[\w-]*\d[\w./-]*)?"
)
_AFTER: Final = re.compile(r"^(?:[.,]\d|\s*[%€$£]|\s*(?:EUR\b|CHF\b|USD\b|GBP\b|PLN\b|zł))")
_NO_PREFIX: Final = frozenset(
    {"NO", "NR", "N", "ID", "REF", "EUR", "CHF", "USD", "GBP", "PLN", "VOM", "DU", "DEL", "OF", "AM"}
)
_FRESH: Final = "·|,;–—(/"
"""Marks after which a label begins anew within a row."""
_SPECIFIC, _TITLED, _BELOW, _SHORT = 0.95, 0.9, 0.85, 0.8
_LEAST: Final = 4
"""Letters of a label: ``No.`` alone may number anything."""


@dataclass(frozen=True, slots=True)
class Told:
    """A number that the document is said to have."""

    text: str
    seg: Seg
    start: int
    strength: float

    @property
    def words(self) -> tuple[Word, ...]:
        """Where it stands."""
        return self.seg.words_of(self.start, self.start + len(self.text))


def own_number(sight: Sight, type_: DocumentType) -> Told | None:
    """The best told number of the document; of equals, the first."""
    best: Told | None = None
    for one in _all(sight, type_):
        if best is None or one.strength > best.strength + 1e-9:
            best = one
    return best


def _all(sight: Sight, type_: DocumentType) -> Iterator[Told]:
    own = (*OWN_NUMBER.get(type_, ()), "number.invoice")
    for row in sight.rows:
        late = 0.1 if row.depth > 0.55 or row.page != sight.rows[0].page else 0.0
        for seg in row.segs:
            for label in seg.labels:
                if label.length < _LEAST or label.kinds[0] not in own or not _begins(seg, label.start):
                    continue
                if label.length <= GENERIC:
                    if label.start <= 1:
                        yield from _code(seg, label.end, _SHORT - late)
                    if label.whole and _heads_boxes(row):
                        yield from _below(sight, label, _SHORT - late)
                    continue
                yield from _right_of(seg, label.end, _SPECIFIC - late)
                if label.whole:
                    yield from _below(sight, label, _BELOW - late)
            yield from _in_title(seg, type_, _TITLED - late)


def _heads_boxes(row: Row) -> bool:
    """A row of labels without a value: what they announce stands below each."""
    whole = sum(any(label.whole for label in seg.labels) for seg in row.segs)
    return whole >= 2 and 2 * whole >= len(row.segs) and not any(v.type == "date" for v in row.values)


def _begins(seg: Seg, start: int) -> bool:
    """Nothing before the label makes it another document's: ``Your invoice``, ``zu Rechnung``."""
    before = seg.text[:start].rstrip()
    return not before or before[-1] in _FRESH


def _right_of(seg: Seg, end: int, strength: float) -> Iterator[Told]:
    """The code right after a label, in its segment or alone in the next one."""
    rest = seg.text[end:]
    if lexicon.plain(rest):
        yield from _code(seg, end, strength)
    elif seg.right is not None and seg.right.x0 - seg.x1 < 18 * seg.height and not seg.right.labels:
        yield from _code(seg.right, 0, strength)


def _below(sight: Sight, label: Label, strength: float) -> Iterator[Told]:
    """The code in the next row, under a label that stands alone."""
    for row in sight.rows[label.seg.row + 1 : label.seg.row + 3]:
        if row.page != label.seg.page or row.y0 - label.seg.y1 > 2.5 * sight.height:
            return
        for seg in row.segs:
            if seg.x0 < label.x1 and seg.x1 > label.x0 and abs(seg.x0 - label.x0) < 3 * sight.height:
                yield from _code(seg, 0, strength)
                return


def _in_title(seg: Seg, type_: DocumentType, strength: float) -> Iterator[Told]:
    """``RECHNUNG Nr. 418/26``: the title of a document of this type, then its number."""
    words = [lexicon.plain(word.text) for word in seg.words]
    for start in range(min(3, len(words))):
        title = titles.find(words, start) if words[start] else None
        if title is None or title.words == 0 or title.kind != _kind_of(type_):
            continue
        if start and not words[0].rstrip("t")[:-1].isdigit() and len(words[0]) > 2:
            return
        after = start + title.words
        if after < len(words):
            yield from _code(seg, seg.starts[after], strength)
        return


def _kind_of(type_: DocumentType) -> str:
    return "invoice" if type_ in _INVOICES else type_.value


def _code(seg: Seg, start: int, strength: float) -> Iterator[Told]:
    rest = seg.text[start:]
    lead = _LEAD.match(rest)
    skip = lead.end() if lead else 0
    match = _CODE.match(rest, skip)
    if match is None:
        return
    text = match.group().rstrip(".,;:-/")
    prefix = text.partition(" ")[0]
    if " " in text and prefix.upper() in _NO_PREFIX:
        skip += len(prefix) + 1
        text = text[len(prefix) + 1 :]
    if not any(letter.isdigit() for letter in text) or _AFTER.match(rest[skip + len(text) :]):
        return
    if dates.parse_date(text) is not None and not re.search(r"[A-Z]", text):
        return
    yield Told(text, seg, start + skip, strength - (0.1 if len(text) < 3 else 0.0))
