"""What a column is by what stands in it, where its heading says otherwise or nobody knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from abax.documents import amounts, lexicon
from abax.documents.grids import NUMERIC, Column, Grid, Item, rename
from abax.documents.spans import Sight


def name_columns(grid: Grid, sight: Sight, allowed: Sequence[str]) -> None:
    """What a column is whose heading nobody knows, or says otherwise: amounts are quantity times price,
    long numbers before the text are no positions, and words are none either."""
    for column in grid.columns:
        if column.kind.startswith("?") and (kind := _kind_by_content(grid, column, sight, allowed)):
            rename(grid, column, kind)
    _unstacked(grid)
    _worded_numbers(grid, allowed)
    first = next((column for column in grid.columns if column.kind == "position"), None)
    if first is None:
        return
    cells = [item.text("position") for item in grid.items if "position" in item.cells]
    worded = sum(is_worded(cell) for cell in cells)
    long = sum(len(lexicon.plain(cell)) > 4 and not _OUTLINE.match(cell) for cell in cells) - worded
    if worded > 0.6 * len(cells) and not grid.has("description") and "description" in allowed:
        rename(grid, first, "description")
    elif long > 0.6 * len(cells) and not grid.has("item_number") and "item_number" in allowed:
        rename(grid, first, "item_number")


def _worded_numbers(grid: Grid, allowed: Sequence[str]) -> None:
    """Article numbers that are words are descriptions, where nothing else is one."""
    column = next((column for column in grid.columns if column.kind == "item_number"), None)
    if column is None or "description" not in allowed or any("description" in i.cells for i in grid.items):
        return
    cells = [item.text("item_number") for item in grid.items if "item_number" in item.cells]
    if sum(map(is_worded, cells)) > 0.6 * len(cells):
        for other in grid.columns:
            if other.kind == "description":
                other.kind = ""
        rename(grid, column, "description")


def _unstacked(grid: Grid) -> None:
    """A column with two headings whose cells are of one row has texts, unless they are codes."""
    for column in grid.columns:
        items = [item for item in grid.items if {"net_amount", "gross_amount"} & item.cells.keys()]
        if column.stacked and sum("description" in item.cells for item in items) * 2 < len(items):
            cells = [item.text(column.kind) for item in items if column.kind in item.cells]
            if sum(is_worded(cell) or " " in cell for cell in cells) * 2 > len(cells):
                for item in grid.items:
                    item.cells.pop("description", None)
                rename(grid, column, "description")


_OUTLINE: Final = re.compile(r"\d+(?:\.\d+)+\.?$")
_FACTORS: Final = ("quantity", "unit_price", "net_amount")


def is_worded(text: str) -> bool:
    words = text.split()
    plain = [word for word in words if word.isalpha()]
    return sum(map(len, plain)) > 3 and len(plain) * 2 > len(words)


def _kind_by_content(grid: Grid, column: Column, sight: Sight, allowed: Sequence[str]) -> str:
    """The one of quantity, price and amount that is not there, the text, or nothing."""
    cells = [item for item in grid.items if column.kind in item.cells]
    missing = [kind for kind in _FACTORS if not grid.has(kind)]
    if len(missing) == 1 and cells and not (missing == ["net_amount"] and grid.has("gross_amount")):
        made = [
            _multiplies(item, {**dict.fromkeys(_FACTORS), missing[0]: column.kind}, sight) for item in cells
        ]
        if sum(made) >= 0.6 * len(made):
            return missing[0]
    if len(missing) == 2 and grid.has("net_amount", "gross_amount") and _is_counted(cells, column):
        return "quantity"
    text = next((kind for kind in ("description", "text") if kind in allowed), "")
    right = min((c.x0 for c in grid.columns if c.kind in NUMERIC), default=0.0)
    if not grid.has("description", "text", "account_name") and column.x0 < right:
        worded = sum(sum(letter.isalpha() for letter in item.text(column.kind)) > 3 for item in cells)
        if worded > 0.6 * len(grid.items):
            return text
    return ""


def _is_counted(items: Sequence[Item], column: Column) -> bool:
    """Whole numbers that do not merely count the lines."""
    cells = [item.text(column.kind) for item in items]
    numbered = cells == [str(place + 1) for place in range(len(cells))]
    return len(cells) > 1 and all(map(_WHOLE.fullmatch, cells)) and not numbered


_WHOLE: Final = re.compile(r"\d{1,4}")


def _multiplies(item: Item, kinds: Mapping[str, str | None], sight: Sight) -> bool:
    """Whether quantity times price is the amount, where one of them stands under another name."""
    told = (item.text(other or kind) for kind, other in kinds.items())
    found = [next(amounts.find_amounts(text, sight.mark), None) for text in told]
    if None in found:
        return False
    quantity, price, amount = (one.value for one in found if one is not None)
    return abs(quantity * price - amount) <= Decimal("0.011")
