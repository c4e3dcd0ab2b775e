"""What labels announce, in any layout: right of them, below them, in a row of boxes, or ``Number/Date: 17 /
3.5.26``.

Rankers learn how labels and values stand in the documents that they saw; these rules hold on any page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from abax.documents import blocks, lexicon
from abax.documents.pages import Word
from abax.documents.spans import Label, Row, Seg, Sight

FRESH: Final = "·|,;–—(/"
"""Marks after which a label begins anew within a row."""
_BESIDE: Final = 22
"""Heights of a line that a value may stand right of its label."""
_BELOW: Final = 2.6
"""Heights of a line that a value may stand below its label."""
_KNOWN: Final = 0.6
"""The share of a heading's letters that are a label's."""
_LISTED: Final = frozenset(
    {"description", "quantity", "unit_price", "remittance_gross", "deduction", "debit", "credit", "balance"}
)
"""Columns that head lines and entries: what stands below them is a list."""
_LEAD: Final = " :.=#|-–—\u2116"


@dataclass(frozen=True, slots=True)
class Pair:
    """A label, and the text that it announces."""

    kinds: tuple[str, ...]
    name: str
    """The label, in plain letters."""
    seg: Seg
    """Where the text stands."""
    start: int
    text: str
    how: str
    """``right``, ``below``, ``box`` or ``slash``."""
    closed: bool = True
    """Nothing but a colon stands between them."""

    @property
    def words(self) -> tuple[Word, ...]:
        """Where it stands."""
        return self.seg.words_of(self.start, self.start + len(self.text))

    @property
    def boxed(self) -> bool:
        """It stands alone below its heading, or is a part of what a label of several words announces."""
        return self.how in ("box", "slash")


def pairs_of(sight: Sight) -> list[Pair]:
    """All labels with what they announce, in the order of the page."""
    found: list[Pair] = []
    headings = blocks.heading_rows(sight)
    for row in sight.rows:
        boxes = list(_boxes(sight, row))
        if boxes:
            found += boxes
            continue
        for seg in row.segs:
            slashed = list(_slashed(seg))
            found += slashed
            if not slashed:
                for label in seg.labels:
                    found += _announced(sight, label, headings)
    return found


def is_fresh(seg: Seg, start: int) -> bool:
    """Nothing before it makes the label another one's: it begins the line, or follows a value or a mark."""
    before = seg.text[:start].rstrip()
    if not before or before[-1] in FRESH or _REFERRING.fullmatch(before):
        return True
    return any(value.end == len(before) and value.type != "amount" for value in seg.values)


_REFERRING: Final = re.compile(r"\W*(?:rif|ref|n/|v/|vs|ns)\.?\W*", re.IGNORECASE)


def _announced(sight: Sight, label: Label, headings: frozenset[int]) -> Iterator[Pair]:
    """What stands behind a label; else below it, from the same left edge, or beside it."""
    seg = label.seg
    if not is_fresh(seg, label.start):
        return
    name = lexicon.plain(seg.text[label.start : label.end])
    following = _next_label(label)
    rest = seg.text[label.end : following]
    text = rest.lstrip(_LEAD)
    if lexicon.plain(text):
        start = label.end + len(rest) - len(text)
        closed = rest.lstrip()[:1] in (":", "=")
        yield Pair(label.kinds, name, seg, start, text.rstrip(" ,;|·"), "right", closed)
        return
    if following < len(seg.text):
        return
    below = _under(sight, seg) if label.start <= 1 and seg.row not in headings else None
    closed = seg.text[label.end :].strip() != ""
    if below is not None and not closed and any(map(str.isdigit, below.text)):
        yield Pair(label.kinds, name, below, 0, below.text, "below")
    right = seg.right
    if right is not None and not _leads(right) and right.x0 - seg.x1 < _BESIDE * sight.height:
        text = right.text.lstrip(_LEAD)
        yield Pair(label.kinds, name, right, len(right.text) - len(text), text.rstrip(" ,;|"), "right")
    if below is not None:
        yield Pair(label.kinds, name, below, 0, below.text, "below")


def _next_label(label: Label) -> int:
    """Where the next label begins; within terms, which speak of much that labels do, one with a colon."""
    seg = label.seg
    after = [one for one in seg.labels if one.start >= label.end]
    if label.kinds[0] in ("terms.text", "terms.means", "due_date"):
        after = [one for one in after if seg.text[one.end :].lstrip()[:1] in (":", "=")]
    return after[0].start if after else len(seg.text)


def _leads(seg: Seg) -> bool:
    """A label begins it; ``Net 30`` and ``Due on receipt`` are terms."""
    return bool(seg.labels) and seg.labels[0].start <= 1 and _NET_DAYS.match(seg.text) is None


_NET_DAYS: Final = re.compile(r"(?:net\s?\d{1,3}(?:\s?days)?|due (?:up)?on receipt)$", re.IGNORECASE)


def _under(sight: Sight, seg: Seg) -> Seg | None:
    """What stands right below, from the same left edge."""
    for row in sight.rows[seg.row + 1 : seg.row + 4]:
        if row.page != seg.page or row.y0 - seg.y1 > _BELOW * sight.height:
            return None
        for other in row.segs:
            if abs(other.x0 - seg.x0) < 1.2 * sight.height and not _leads(other):
                return other
            if other.x0 < seg.x1 and other.x1 > seg.x0:
                return None
    return None


def heads_a_column(sight: Sight, pair: Pair) -> bool:
    """What a label announces is a heading itself: of a table's column, or of another box."""
    if pair.boxed:
        return False
    plain = lexicon.plain(pair.text)
    return plain in lexicon.columns() or plain in lexicon.labels()


# ---------------------------------------------------------------- boxes


def _boxes(sight: Sight, row: Row) -> Iterator[Pair]:
    """Headings beside each other, with a value below each of them, and no list."""
    if len(row.segs) < 2 or any(value.type in ("amount", "date", "iban") for value in row.values):
        return
    heads = [_head(seg) for seg in row.segs]
    known = sum(head is not None for head in heads)
    if known < 2 or 2 * known < len(heads) or any(heads_list(seg) for seg in row.segs):
        return
    values = _next_row(sight, row)
    if values is None or not (_has_figures(values) or (known == len(values.segs) and _are_terms(heads))):
        return
    if any(_is_label(seg) for seg in values.segs):
        return
    if sum(value.type == "amount" and not value.text.isdigit() for value in values.values) > 1:
        return
    after = _next_row(sight, values)
    if after is not None and _is_like(values, after):
        return
    for place, head in enumerate(heads):
        cell = _cell(row.segs, place, values, sight) if head is not None else None
        if head is not None and cell is not None:
            seg, start, text = cell
            name = lexicon.plain(head.seg.text[head.start : head.end])
            yield Pair(head.kinds, name, seg, start, text, "box")


def _head(seg: Seg) -> Label | None:
    """The label that a heading is, but for a few letters."""
    if not seg.labels or seg.labels[0].start > 1:
        return None
    label = seg.labels[0]
    return label if label.length >= _KNOWN * len(lexicon.plain(seg.text)) else None


def _has_figures(row: Row) -> bool:
    return any(any(map(str.isdigit, seg.text)) for seg in row.segs)


def _are_terms(heads: Sequence[Label | None]) -> bool:
    """All headings are known, one as that of terms, which need no figure: ``Comptant``."""
    kinds = [head.kinds[0] if head is not None else "" for head in heads]
    return all(kinds) and any(kind in ("terms.text", "terms.means") for kind in kinds)


def _is_label(seg: Seg) -> bool:
    """Most of it is a label, and it has no figure: it is no value, but for what the document is called."""
    if not _leads(seg) or any(map(str.isdigit, seg.text)) or seg.labels[0].kinds[0].startswith("number."):
        return False
    return 2 * seg.labels[0].length > len(lexicon.plain(seg.text))


def heads_list(seg: Seg) -> bool:
    """A column of lines or entries; ``Number`` among other boxes is the document's."""
    if seg.labels and seg.labels[0].whole and seg.labels[0].kinds[0].startswith("number."):
        return False
    return bool(_LISTED & set(lexicon.columns().get(lexicon.plain(seg.text), ())[:1]))


def _next_row(sight: Sight, row: Row) -> Row | None:
    """The row below, near enough to belong to it; what stands beside both in another column counts not."""
    left, right = row.segs[0].x0 - sight.height, row.segs[-1].x1 + 4 * sight.height
    for after in sight.rows[row.number + 1 : row.number + 3]:
        if after.page != row.page or after.y0 - row.y1 > _BELOW * sight.height:
            return None
        if any(seg.x0 < right and seg.x1 > left for seg in after.segs):
            return after
    return None


def _is_like(row: Row, after: Row) -> bool:
    """Two values and more stand below those of the row before: a list goes on."""
    below = {
        id(other)
        for seg in row.segs
        for other in after.segs
        if seg.x0 < other.x1 and other.x0 < seg.x1
        if any(map(str.isdigit, seg.text)) and any(map(str.isdigit, other.text))
    }
    return len(below) >= 2 and 2 * len(below) >= len(row.segs)


def _cell(heads: Sequence[Seg], place: int, values: Row, sight: Sight) -> tuple[Seg, int, str] | None:
    """What stands below a heading: of as many values as headings the one of its place, else what is under
    it."""
    if len(values.segs) == len(heads):
        seg = values.segs[place]
        return seg, 0, seg.text
    head = heads[place]
    over = [seg for seg in values.segs if seg.x0 < head.x1 + sight.height and seg.x1 > head.x0 - sight.height]
    if not over:
        return None
    best = max(over, key=lambda seg: min(seg.x1, head.x1) - max(seg.x0, head.x0))
    others = [one for one in heads if one is not head and one.x0 < best.x1 and one.x1 > best.x0]
    if not others:
        return best, 0, best.text
    low = max((one.x1 for one in others if one.x1 <= head.x0), default=best.x0)
    high = min((one.x0 for one in others if one.x0 >= head.x1), default=best.x1 + 1)
    words = [word for word in best.words if word.x1 > low and word.x0 < high]
    if not words or len(words) == len(best.words):
        return None
    start = best.starts[best.words.index(words[0])]
    return best, start, " ".join(word.text for word in words)


# ---------------------------------------------------------------- several at once


def _slashed(seg: Seg) -> Iterator[Pair]:
    """``Number/Date  9140077253 / 08.09.2026``: as many values as the label has words, between slashes."""
    label, values, start = _parts(seg)
    if len(label) < 2 or values is None:
        return
    pieces = values.text[start:].split(" / ")
    if len(pieces) != len(label):
        return
    table = lexicon.labels()
    for word, piece in zip(label, pieces, strict=True):
        kinds = table.get(lexicon.plain(word))
        text = piece.strip(" :")
        if kinds is not None and text:
            at = values.text.index(text, start)
            yield Pair(kinds, lexicon.plain(word), values, at, text, "slash")


def _parts(seg: Seg) -> tuple[list[str], Seg | None, int]:
    """The words of a label with slashes, and the segment and place where its values begin."""
    before, colon, after = seg.text.partition(":")
    if colon and " / " in after:
        return _named(before), seg, len(before) + 1
    if seg.right is not None and " / " in seg.right.text and not any(map(str.isdigit, seg.text)):
        return _named(seg.text), seg.right, 0
    match = _VALUES.search(seg.text)
    if match is not None and match.start() > 0:
        return _named(seg.text[: match.start()]), seg, match.start()
    return [], None, 0


_VALUES: Final = re.compile(r"(?<=\s)[A-Z]{0,4}-?\d[\w.-]* / \d[\w./-]*$")


def _named(text: str) -> list[str]:
    words = [word.strip(" :") for word in re.split(r"\s?/\s?", text)]
    return words if all(words) and len(words) > 1 else []
