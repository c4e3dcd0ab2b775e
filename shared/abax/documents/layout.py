"""How words on a page read: rows, the lines and blocks that they make up, and the order of these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from abax.documents.pages import TextLine, Word

COLUMN_GAP = 1.6
"""A blank wider than this many heights of a line parts what stands beside it."""
BLOCK_GAP = 0.9
"""A blank higher than this many heights of a line parts what stands below it."""

_LETTER = re.compile(r"[^\W\d_]")


@dataclass
class Segment:
    """Words of one row without a wide blank among them."""

    words: list[Word]
    row: int
    x0: float = field(init=False)
    x1: float = field(init=False)
    y0: float = field(init=False)
    y1: float = field(init=False)
    text: str = field(init=False)
    """The words, parted by blanks."""

    def __post_init__(self) -> None:
        self.text = " ".join(word.text for word in self.words)
        self.x0 = min(word.x0 for word in self.words)
        self.x1 = max(word.x1 for word in self.words)
        self.y0 = min(word.y0 for word in self.words)
        self.y1 = max(word.y1 for word in self.words)


def split_phrases(words: Iterable[Word]) -> list[Word]:
    """Each word by itself where several came in one box, which is shared out by their letters."""
    parted: list[Word] = []
    for phrase in words:
        pieces = phrase.text.split()
        if len(pieces) < 2:
            if pieces:
                parted.append(replace(phrase, text=pieces[0]))
            continue
        letter = (phrase.x1 - phrase.x0) / (sum(map(len, pieces)) + len(pieces) - 1)
        x = phrase.x0
        for piece in pieces:
            end = x + letter * len(piece)
            parted.append(Word(piece, x, phrase.y0, end, phrase.y1, phrase.confidence))
            x = end + letter
    return parted


def slope_of(words: Sequence[Word]) -> float:
    """By how much rows fall for each unit to the right: 0 where the page is straight."""
    import numpy as np

    if len(words) < 8:
        return 0.0
    x = np.array([(word.x0 + word.x1) / 2 for word in words])
    y = np.array([(word.y0 + word.y1) / 2 for word in words])
    height = float(np.median([word.y1 - word.y0 for word in words])) or 1.0
    best, best_score = 0.0, -1.0
    for slope in sorted(np.linspace(-0.12, 0.12, 97), key=abs):
        rows = np.floor((y - slope * x) / (height / 4)).astype(int)
        counts = np.bincount(rows - rows.min())
        score = float((counts.astype(float) ** 2).sum())
        if score > best_score * 1.02:
            best, best_score = float(slope), score
    return best


def rows_of(words: Iterable[Word], slope: float = 0.0) -> list[list[Word]]:
    """Words that stand on one line across the page, from the top; those of a row from the left."""
    rows: list[list[Word]] = []
    open_rows: list[tuple[float, float, int]] = []  # middle, height, place in rows
    placed = sorted(
        (((word.y0 + word.y1) / 2 - slope * (word.x0 + word.x1) / 2, word) for word in words),
        key=lambda pair: (pair[0], pair[1].x0),
    )
    for middle, word in placed:
        height = word.y1 - word.y0
        best = None
        for row in open_rows:
            reach = 0.5 * max(min(height, row[1]), 0.6 * max(height, row[1]))
            away = middle - row[0]
            if away <= reach and (best is None or away < middle - best[0]):
                best = row
        if best is None:
            rows.append([word])
            open_rows = [row for row in open_rows if middle - row[0] <= row[1]]
            open_rows.append((middle, height, len(rows) - 1))
        else:
            rows[best[2]].append(word)
    for members in rows:
        members.sort(key=lambda word: word.x0)
    return rows


def segments_of(rows: Sequence[Sequence[Word]], gap: float = COLUMN_GAP) -> list[Segment]:
    """Rows, parted at blanks wider than so many heights of a line."""
    segments: list[Segment] = []
    for number, row in enumerate(rows):
        height = median(word.y1 - word.y0 for word in row)
        part = [row[0]]
        end = row[0].x1
        for word in row[1:]:
            if word.x0 - end > gap * height:
                segments.append(Segment(part, number))
                part = []
            part.append(word)
            end = max(end, word.x1)
        segments.append(Segment(part, number))
    return segments


def lines_of(words: Iterable[Word], slope: float = 0.0) -> tuple[TextLine, ...]:
    """The lines of a page in reading order, each with the number of its block."""
    segments = segments_of(rows_of(words, slope))
    joined = _join_across(_blocks(segments))
    ordered = _order(joined)
    lines: list[TextLine] = []
    for number, block in enumerate(ordered):
        by_row: dict[int, list[Word]] = {}
        for segment in block:
            by_row.setdefault(segment.row, []).extend(segment.words)
        lines += (
            TextLine(tuple(sorted(row, key=lambda w: w.x0)), number) for _, row in sorted(by_row.items())
        )
    return tuple(lines)


def _blocks(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments below one another, with little between them and one above another, are one block."""
    parent = list(range(len(segments)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    by_row: dict[int, list[int]] = {}
    for place, segment in enumerate(segments):
        by_row.setdefault(segment.row, []).append(place)
    for place, segment in enumerate(segments):
        height = segment.y1 - segment.y0
        for row in range(segment.row + 1, segment.row + 4):
            below = [
                other
                for other in by_row.get(row, ())
                if segments[other].x0 < segment.x1 and segments[other].x1 > segment.x0
            ]
            if not below:
                continue
            if len(below) == 1 and segments[below[0]].y0 - segment.y1 <= BLOCK_GAP * height:
                other = segments[below[0]]
                size = other.y1 - other.y0
                above = [
                    mate
                    for mate in by_row[segment.row]
                    if segments[mate].x0 < other.x1 and segments[mate].x1 > other.x0
                ]
                if len(above) == 1 and 0.6 < size / max(height, 1e-6) < 1.7:
                    parent[root(below[0])] = root(place)
            break
    groups: dict[int, list[Segment]] = {}
    for place, segment in enumerate(segments):
        groups.setdefault(root(place), []).append(segment)
    return list(groups.values())


def is_value(text: str) -> bool:
    """Mostly digits and signs: an amount, a date, a quantity, a number."""
    letters = len(_LETTER.findall(text))
    return any(map(str.isdigit, text)) and (letters <= 0.4 * len(text) or letters <= 3)


def _join_across(blocks: list[list[Segment]]) -> list[list[Segment]]:
    """Blocks whose rows belong together, as labels and values or the columns of a table do, made one."""
    while True:
        homes: dict[int, list[tuple[float, int]]] = {}
        rows = [{segment.row for segment in block} for block in blocks]
        for place, block in enumerate(blocks):
            for segment in block:
                homes.setdefault(segment.row, []).append((segment.x0, place))
        beside = {
            (left, right)
            for home in homes.values()
            for (_, left), (_, right) in pairwise(sorted(home))
            if left != right
        }
        gone: set[int] = set()
        for left, right in sorted(beside):
            if left in gone or right in gone:
                continue
            if _belongs(blocks[left], blocks[right], rows[left], rows[right]):
                blocks[left].extend(blocks[right])
                rows[left] |= rows[right]
                gone.add(right)
        if not gone:
            return blocks
        blocks = [block for place, block in enumerate(blocks) if place not in gone]


def _belongs(left: list[Segment], right: list[Segment], rows_left: set[int], rows_right: set[int]) -> bool:
    shared = rows_left & rows_right
    if len(shared) < 0.6 * min(len(rows_left), len(rows_right)):
        return False
    if len(rows_left) == len(rows_right) == 1:
        return True
    values = [segment for segment in right if segment.row in shared]
    labels = [segment for segment in left if segment.row in shared]
    like_values = sum(is_value(segment.text) for segment in values) >= 0.5 * len(values)
    like_labels = sum(segment.text.rstrip().endswith(":") for segment in labels) >= 0.5 * len(labels)
    return like_values or like_labels


def _order(blocks: list[list[Segment]]) -> list[list[Segment]]:
    """Blocks as a person reads them: cut the page across where nothing stands, else down, and go on."""
    boxed = [
        (
            min(s.x0 for s in block),
            min(s.y0 for s in block),
            max(s.x1 for s in block),
            max(s.y1 for s in block),
            block,
        )
        for block in blocks
    ]
    return [entry[4] for entry in _cut(boxed, 0)]


_Boxed = tuple[float, float, float, float, list[Segment]]


def _cut(boxed: list[_Boxed], depth: int) -> list[_Boxed]:
    if len(boxed) < 2 or depth > 50:
        return sorted(boxed, key=lambda entry: (entry[1], entry[0]))
    for axis in (1, 0):
        parts = _parted(boxed, axis)
        if len(parts) > 1:
            return [entry for part in parts for entry in _cut(part, depth + 1)]
    return sorted(boxed, key=lambda entry: (entry[1], entry[0]))


def _parted(boxed: list[_Boxed], axis: int) -> list[list[_Boxed]]:
    """Groups with a blank between them along the axis: 0 across, 1 down."""
    parts: list[list[_Boxed]] = []
    end = float("-inf")
    spans = [((entry[0], entry[2]) if axis == 0 else (entry[1], entry[3]), entry) for entry in boxed]
    for (start, stop), entry in sorted(spans, key=lambda span: span[0]):
        if start >= end - 0.2 * min(stop - start, 10):
            parts.append([])
        parts[-1].append(entry)
        end = max(end, stop)
    return parts
