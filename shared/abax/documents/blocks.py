"""Lines that stand under one another, and what one is: a title, a heading, a line to a person."""

from __future__ import annotations

import re
from typing import Final

from abax.documents import lexicon, postcodes, titles
from abax.documents.spans import Label, Seg, Sight

LINES_BELOW: Final = 7
"""Lines of an address at most."""
PARTY_KINDS: Final = (*lexicon.PARTIES, "bank_name")
NAME_MARKS: Final = re.compile(r"[^\W\d_]{2,}")


class Columns:
    """Which segment stands above and below which."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self._h = sight.height

    def below(self, seg: Seg) -> Seg | None:
        """The next line of the same block."""
        return self._next(seg, 1)

    def above(self, seg: Seg) -> Seg | None:
        """The line before in the same block."""
        return self._next(seg, -1)

    def further(self, seg: Seg) -> Seg | None:
        """The next line below, over a blank as high as a line, where it reads like an address."""
        found = self._next(seg, 1, 3.0)
        if found is not None and (
            postcodes.STREET.search(found.text) or postcodes.POSTCODE.search(found.text)
        ):
            return found
        return None

    def over_blank(self, seg: Seg) -> Seg | None:
        """The next line below, over a blank as high as a line."""
        return self._next(seg, 1, 3.0)

    def _next(self, seg: Seg, step: int, reach: float = 1.6) -> Seg | None:
        rows = self.sight.rows
        place = seg.row + step
        tried = 0
        while 0 <= place < len(rows) and rows[place].page == seg.page and tried < 4:
            for other in rows[place].segs:
                gap = other.y0 - seg.y1 if step > 0 else seg.y0 - other.y1
                if gap > reach * max(self._h, min(seg.height, other.height)):
                    return None
                if self.aligned(seg, other):
                    return other
            place += step
            tried += 1
        return None

    def aligned(self, one: Seg, other: Seg) -> bool:
        """They start, end or are centred together."""
        reach = 0.8 * self._h
        centre = abs((one.x0 + one.x1) - (other.x0 + other.x1)) / 2
        return abs(one.x0 - other.x0) < reach or centre < 1.2 * reach or abs(one.x1 - other.x1) < 0.3 * reach


def lines_below(seg: Seg, columns: Columns) -> list[Seg]:
    """The lines of the same column under a line, ``LINES_BELOW`` at most."""
    found: list[Seg] = []
    while len(found) < LINES_BELOW and (under := columns.below(found[-1] if found else seg)) is not None:
        found.append(under)
    return found


def over_address(seg: Seg, columns: Columns) -> int | None:
    """How many lines below it, in its column, an address ends with its town."""
    for steps, one in enumerate(lines_below(seg, columns), 1):
        code = postcodes.postcode_in(one.text)
        if one.labels or code is None:
            continue
        four = _FOUR.match(one.text) is not None and not postcodes.STREET.search(one.text)
        if four or code.lastgroup not in postcodes.VAGUE:
            return steps
    return None


_FOUR: Final = re.compile(r"\W*(?:[A-Z]{1,3}[ -]{1,3})?\d{4}\s+[^\W\d_]{3}")
"""Four digits before a town."""
ATTENTION: Final = re.compile(
    r"^\W*(?:z\. ?h(?:d|nd)?\.|zu h(?:d|\u00e4nden)|attn\b|att\.|attention\b|c/o\b|t\.? ?a\.? ?v\.?\s"
    r"|\u00e0 l['\u2019]att|a l['\u2019]att|alla c\.? ?a\.|c\.a\.\s|a la atenci\u00f3n|do r\u0105k"
    r"|for the attention)",
    re.IGNORECASE,
)
"""To a person, or a place, within a firm: the line above it names who is written to."""
OWNED: Final = re.compile(
    r"^\W*(?:inh\.|inhaber(?:in)?\b|a trading name of|trading as\b|t/a\b|titolare\b|prop\.)", re.IGNORECASE
)
"""Whose firm it is: the line above it names the firm."""
PERSON: Final = re.compile(
    r"^(?:herrn?|hr|frau|fr|mr|mrs|ms|miss|dr|mme|mlle|monsieur|madame|sra?|sig(?:ra)?|dhr|mevr|mw|pani?)\b[.\s]\s*",
    re.IGNORECASE,
)


COUNTY: Final = re.compile(
    r"(?:^|[\s,])co\.?\s(?:antrim|armagh|carlow|cavan|clare|cork|derry|donegal|down|dublin|durham|fermanagh"
    r"|galway|kerry|kildare|kilkenny|laois|leitrim|limerick|londonderry|longford|louth|mayo|meath|monaghan"
    r"|offaly|roscommon|sligo|tipperary|tyrone|waterford|westmeath|wexford|wicklow)\W*$",
    re.IGNORECASE,
)
"""A county at the end of a line, whose first word is no firm's."""


def is_title(words: list[str]) -> bool:
    """Most of the words are a document's title."""
    title = titles.find(words, 0) if words and words[0] else None
    return title is not None and (
        title.words == len(words)
        or (2 * title.words >= len(words) and not any(word in lexicon.LEGAL_FORMS for word in words))
    )


def has_legal_form(text: str) -> bool:
    """A word after the first is a legal form: ``GmbH``, ``Ltd``; that of ``Co. Kildare`` is none."""
    bare = COUNTY.sub("", text)
    return any(lexicon.plain(word) in lexicon.LEGAL_FORMS for word in bare.split()[1:])


def contact_in(seg: Seg | None) -> tuple[str, Seg] | None:
    """A person's name, without its title, in a line to a person: ``Attn Ms Orla Brandt``."""
    if seg is None:
        return None
    told = ATTENTION.match(seg.text)
    text = seg.text[told.end() :] if told else seg.text
    if told is not None and "c/o" in told.group().lower():
        return None
    text = text.strip(" .:,;")
    title = PERSON.match(text)
    if told is None and (title is None or has_legal_form(text)):
        return None
    name = text[title.end() :].strip() if title else text
    return (name, seg) if NAME_MARKS.search(name) and not any(map(str.isdigit, name)) else None


def is_closed(label: Label) -> bool:
    """A colon or nothing follows it."""
    return re.match(r"\s*[:=]|\s*$", label.seg.text[label.end :]) is not None


def is_all_labels(seg: Seg) -> bool:
    """A heading such as ``Buyer (Bill to)``: nothing is in it but labels."""
    rest = seg.text
    for label in seg.labels:
        rest = rest[: label.start] + " " * (label.end - label.start) + rest[label.end :]
    return bool(seg.labels) and not NAME_MARKS.search(rest)


def is_under(seg: Seg, head: Seg, sight: Sight) -> bool:
    """It, or the label before it, stands in the column that a heading begins."""
    reach = 2.0 * sight.height
    first = seg.left if seg.left and seg.left.labels else seg
    return (
        abs(first.x0 - head.x0) < reach
        or abs(seg.x0 - head.x0) < reach
        or (head.x0 - reach < seg.x0 < head.x1)
    )


def heading_rows(sight: Sight) -> frozenset[int]:
    """Rows of three words and more that are headings of a table or of a form's boxes: without a value, and at
    least half of them known as labels or as names of columns."""
    found = set()
    for place, row in enumerate(sight.rows):
        if len(row.segs) < 3 or any(value.type in ("amount", "date") for value in row.values):
            continue
        known = sum(
            lexicon.plain(seg.text) in lexicon.columns() or any(label.whole for label in seg.labels)
            for seg in row.segs
        )
        if 2 * known >= len(row.segs) and not any(has_legal_form(seg.text) for seg in row.segs):
            found.add(place)
    return frozenset(found)
