"""Which column of a table the words of a row stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from abax.documents.grids import NUMERIC, TEXTS, Column, Grid
from abax.documents.pages import Word
from abax.documents.spans import Row, Seg


def cells_of(row: Row, grid: Grid) -> dict[str, list[Word]]:
    """A row's words by column."""
    cells: dict[str, list[Word]] = {}
    parts = [
        [(told or _kind_of(words, grid), words) for words, told in _pieces(seg, grid)] for seg in row.segs
    ]
    prose = _is_prose(parts)
    placed = [(part[0][0] if prose else kind, words) for part in parts for kind, words in part]
    for kind, words in placed if prose else _spread(placed, grid):
        cells.setdefault(kind, []).extend(words)
    cells.pop("", None)
    return cells


def column_of(x0: float, x1: float, grid: Grid) -> Column | None:
    best, best_score = None, float("inf")
    for column in grid.columns:
        overlap = min(x1, column.x1) - max(x0, column.x0)
        away = min(abs(x1 - column.x1), abs(x0 - column.x0), abs((x0 + x1) - (column.x0 + column.x1)) / 2)
        score = away - (1000 if overlap > 0 else 0) + (0 if overlap > 0 else -overlap)
        if score < best_score:
            best, best_score = column, score
    return best


def _spread(placed: list[tuple[str, list[Word]]], grid: Grid) -> list[tuple[str, list[Word]]]:
    """As many cells as columns stand in their order. Of two numbers in one column, one goes to a column
    beside it that has none; a number before its unit is the quantity."""
    order = [column.kind for column in grid.columns]
    taken = [kind for kind, _ in placed]
    if len(placed) == len(order) and len(set(taken)) < len(order) and _fit(placed, order):
        return [(kind, words) for kind, (_, words) in zip(order, placed, strict=True)]
    found: list[tuple[str, list[Word]]] = []
    for at, (kind, words) in enumerate(placed):
        place = order.index(kind) if kind in order else -1
        left = order[place - 1] if place > 0 else ""
        right = order[place + 1] if 0 <= place < len(order) - 1 else ""
        if kind == "unit" and len(words) > 1 and has_digit(words[:1]):
            beside = next((one for one in ("quantity", "ordered_quantity") if one in (left, right)), "")
            if beside and beside not in taken:
                found += [(beside, words[:1]), (kind, words[1:])]
                continue
        if kind in _CODES and kind in taken[:at] and right in TEXTS and right not in taken:
            kind = right
        if kind in NUMERIC and taken.count(kind) == 2 and has_digit(words):
            first = kind not in taken[:at]
            if first and left in NUMERIC and left not in taken:
                kind = left
            elif not first and right in NUMERIC and right not in taken and found[-1][0] == kind:
                kind = right
        found.append((kind, words))
    return found


def _fit(placed: Sequence[tuple[str, list[Word]]], order: Sequence[str]) -> bool:
    """Numbers would stand in the columns of numbers, and words in those of units."""
    return all(
        has_digit(words) if kind in NUMERIC else kind != "unit" or not has_digit(words)
        for kind, (_, words) in zip(order, placed, strict=True)
    )


_WORDED: Final = frozenset({"description", "text", "account_name", "item_number", "position", ""})


def _is_prose(parts: Sequence[Sequence[tuple[str, Sequence[Word]]]]) -> bool:
    """Numbers of a row stand in columns only where its text happens to reach them."""
    glued = 0
    for part in parts:
        numbers = [words for kind, words in part if kind in NUMERIC and has_digit(words)]
        if numbers and not any(kind in _WORDED for kind, _ in part):
            return False
        glued += len(numbers)
        after = [word for words in numbers for word in words if not has_digit([word])]
        if any(sum(letter.isalpha() for letter in word.text) > 4 for word in after):
            return True
    return 0 < glued < 3


def has_digit(words: Sequence[Word]) -> bool:
    return any(letter.isdigit() for word in words for letter in word.text)


def _kind_of(words: Sequence[Word], grid: Grid) -> str:
    column = column_of(words[0].x0, words[-1].x1, grid)
    return _corrected(column, words, grid) if column is not None else ""


def _corrected(column: Column, words: Sequence[Word], grid: Grid) -> str:
    """Words under a column of numbers that are none belong to the text beside it."""
    text = " ".join(word.text for word in words)
    if (
        column.kind in NUMERIC
        and sum(c.isdigit() for c in text) == 0
        and len(text) > 4
        and column.kind != "tax_rate"
    ):
        texts = [
            c
            for c in grid.columns
            if c.kind in ("description", "text", "account_name") and c.x0 <= words[0].x1
        ]
        if texts:
            return texts[-1].kind
    return column.kind


_FLUSH: Final = 0.15
"""Heights of a line that a word may be away from the left edge of the heading that it starts under."""


def _pieces(seg: Seg, grid: Grid) -> Iterator[tuple[list[Word], str]]:
    """A segment's words, parted where they stand under several columns, and which one where only the
    words before tell."""
    under = [column for column in grid.columns if column.x0 < seg.x1 and column.x1 > seg.x0]
    after = _text_after(under[0], grid) if under else None
    numbers = _numbers_in(seg)
    if len(numbers) > 1:
        yield from ((words, "") for words in numbers)
        return
    if len(seg.words) == 1 or (len(under) < 2 and after is None):
        yield list(seg.words), ""
        return
    told = ""
    part: list[Word] = []
    current: Column | None = None
    for word in seg.words:
        begins = next((c for c in under if abs(c.x0 - word.x0) <= _FLUSH * (word.y1 - word.y0)), None)
        column = begins or next((c for c in under if c.x0 < word.x1 and c.x1 > word.x0), current)
        if (
            part
            and column is current is under[0]
            and after is not None
            and (word.x0 > current.x1 or _is_past_code(part, word, current))
        ):
            column = after
        numeric = has_digit([word]) or (
            current is not None
            and (current.kind in NUMERIC or (current.kind.startswith("?") and _is_number(part)))
            and not (column is not None and column.kind.startswith("?"))
        )
        if (
            part
            and column is not current
            and (numeric or begins is not None or (current is not None and current.kind in _CODES))
        ):
            yield part, told
            part, told = [], after.kind if after is not None and column is after else ""
        if not part:
            current = column
        part.append(word)
    if part:
        yield part, told


def _is_number(words: Sequence[Word]) -> bool:
    return len(words) == 1 and _NUMBER.fullmatch(words[0].text) is not None


_NUMBER: Final = re.compile(r"-?\d[\d.,']*")


def _numbers_in(seg: Seg) -> list[list[Word]]:
    """The words of each number, where a segment holds nothing else but signs and currencies."""
    found: list[list[Word]] = []
    end = 0
    for value in sorted(seg.values, key=lambda one: one.start):
        if value.type not in ("amount", "percent", "date") or value.start < end:
            continue
        if not _SIGNS.fullmatch(seg.text[end : value.start]):
            return []
        found.append(list(seg.words_of(value.start, value.end)))
        end = value.end
    words = [id(word) for part in found for word in part]
    clean = _SIGNS.fullmatch(seg.text[end:]) is not None and len(words) == len(set(words))
    return found if clean else []


_SIGNS: Final = re.compile(r"[\s%\u20ac\u00a3$]*")

_CODES: Final = ("position", "item_number")


def _is_past_code(part: Sequence[Word], word: Word, column: Column) -> bool:
    """A word of letters behind a position, or behind a number that may be an article's."""
    if len(part) != 1 or not has_digit(part) or not word.text[:3].isalpha():
        return False
    return column.kind == "position" or len(word.text) > 2


def _text_after(column: Column, grid: Grid) -> Column | None:
    """The column of texts right of one of codes, whose heading may stand in its middle."""
    place = grid.columns.index(column)
    after = grid.columns[place + 1 : place + 2]
    return after[0] if column.kind in _CODES and after and after[0].kind in TEXTS else None
