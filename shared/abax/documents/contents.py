"""What a column is by what stands in it, where its heading says otherwise or nobody knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, permutations
from typing import Final

from abax.documents import amounts, lexicon
from abax.documents.dates import parse_date
from abax.documents.grids import NUMERIC, TEXTS, Column, Grid, Item, rename
from abax.documents.pages import Word
from abax.documents.reckoning import multiplies
from abax.documents.spans import Sight


def name_columns(grid: Grid, sight: Sight, allowed: Sequence[str]) -> None:
    """What a column is whose heading nobody knows, or says otherwise: amounts are quantity times price,
    long numbers before the text are no positions, and words are none either."""
    if "unit_price" in allowed:
        _counted_units(grid)
        _name_factors(grid, sight)
    for column in grid.columns:
        if column.kind.startswith("?") and (kind := _kind_by_content(grid, column, sight, allowed)):
            rename(grid, column, kind)
    _unstacked(grid)
    _worded_numbers(grid, allowed)
    _counted_positions(grid, allowed)
    first = next((column for column in grid.columns if column.kind == "position"), None)
    if first is None:
        return
    cells = [item.text("position") for item in grid.items if "position" in item.cells]
    if counts_up(cells):
        return
    worded = sum(is_worded(cell) for cell in cells)
    long = sum(len(lexicon.plain(cell)) > 4 and not _OUTLINE.match(cell) for cell in cells) - worded
    if worded > 0.6 * len(cells) and not grid.has("description") and "description" in allowed:
        rename(grid, first, "description")
    elif long > 0.6 * len(cells) and not grid.has("item_number") and "item_number" in allowed:
        rename(grid, first, "item_number")


def _counted_units(grid: Grid) -> None:
    """``20 ST`` under a heading of units, where no column has quantities: the number is one."""
    counted = [item for item in grid.items if len(item.cells.get("unit", ())) > 1 and item.has_number("unit")]
    if grid.has("quantity", "ordered_quantity") or len(counted) * 2 <= len(grid.items):
        return
    for item in counted:
        first, *rest = item.cells["unit"]
        item.cells |= {"quantity": [first], "unit": rest}
        item.pages["quantity"] = item.pages["unit"]
    place = next(place for place, column in enumerate(grid.columns) if column.kind == "unit")
    left = grid.columns[place].x0
    grid.columns.insert(place, Column(("quantity",), left, left, "quantity"))


def _name_factors(grid: Grid, sight: Sight) -> None:
    """Where two or three of quantity, price and amount have names that nobody knows, they are the columns
    that multiply."""
    missing = [kind for kind in _FACTORS if not grid.has(kind)]
    unknown = [column for column in grid.columns if column.kind.startswith("?")][:_MOST_UNKNOWN]
    if len(missing) < 2 or grid.has("gross_amount") or len(unknown) < len(missing):
        return
    names = [column.kind for column in unknown] + [kind for kind in _FACTORS if grid.has(kind)]
    numbers = {name: [_number(item.text(name), sight) for item in grid.items] for name in names}
    for columns in permutations(unknown, len(missing)):
        kinds = {kind: kind for kind in _FACTORS}
        kinds |= {kind: column.kind for kind, column in zip(missing, columns, strict=True)}
        if _are_factors(*(numbers[kinds[kind]] for kind in _FACTORS)):
            for column, kind in zip(columns, missing, strict=True):
                rename(grid, column, kind)
            return


_MOST_UNKNOWN: Final = 6


def _are_factors(
    quantities: Sequence[Decimal | None], prices: Sequence[Decimal | None], sums: Sequence[Decimal | None]
) -> bool:
    """Whether quantity times price is the amount in most rows, and quantities have no more decimals."""
    found = [
        (quantity, price, total)
        for quantity, price, total in zip(quantities, prices, sums, strict=True)
        if quantity is not None and price is not None and total is not None
    ]
    telling = [row for row in found if row[0] not in (0, 1) and row[1] not in (0, 1)]
    finer = sum(_places(quantity) > _places(price) for quantity, price, _ in found)
    if not telling or len(found) * 2 < len(quantities) or finer * 2 > len(found):
        return False
    return sum(multiplies(*row) for row in telling) >= _MOST * len(telling)


_MOST: Final = 0.7
"""The share of the lines that an arithmetic must hold for."""


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def number(words: Sequence[Word], sight: Sight) -> Decimal | None:
    """The number that a cell holds."""
    return _number(" ".join(word.text for word in words), sight)


def _number(text: str, sight: Sight) -> Decimal | None:
    found = next(amounts.find_amounts(text, sight.mark), None)
    return found.value if found else None


def counts_up(cells: Sequence[str]) -> bool:
    """``000010``, ``000020``: numbers that only count lines, some of which may have been struck out."""
    if not cells or not all(map(str.isdecimal, cells)):
        return False
    numbers = [int(cell) for cell in cells]
    first = numbers[0]
    if first not in _STEPS or (len(cells) == 1 and not cells[0].startswith("0")):
        return False
    rising = all(one < other for one, other in pairwise(numbers))
    return rising and all(one % first == 0 for one in numbers) and numbers[-1] <= 2 * first * len(numbers)


_STEPS: Final = (1, 10, 100)


def _counted_positions(grid: Grid, allowed: Sequence[str]) -> None:
    """What is called an article's number and only counts the lines is their position."""
    first = grid.columns[0]
    if first.kind != "item_number" or grid.has("position") or "position" not in allowed:
        return
    cells = [item.text("item_number") for item in grid.items if "item_number" in item.cells]
    if counts_up(cells):
        rename(grid, first, "position")


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
    if len(missing) == 2 and grid.has("net_amount", "gross_amount") and _is_counted(cells, column, sight):
        return "quantity"
    if (kind := _code_by_content(grid, column, cells)) in allowed:
        return kind
    text = next((kind for kind in ("description", "text") if kind in allowed), "")
    right = min((c.x0 for c in grid.columns if c.kind in NUMERIC), default=0.0)
    if not grid.has("description", "text", "account_name") and column.x0 < right:
        worded = sum(sum(letter.isalpha() for letter in item.text(column.kind)) > 3 for item in cells)
        if worded > 0.6 * len(grid.items):
            return text
    return ""


def _code_by_content(grid: Grid, column: Column, items: Sequence[Item]) -> str:
    """Numbers that count the lines in the first column, or codes right before the texts."""
    cells = [item.text(column.kind) for item in items]
    if len(cells) < 2 or len(cells) * 2 < len(grid.items):
        return ""
    if column is grid.columns[0] and not grid.has("position") and counts_up(cells):
        return "position"
    after = grid.columns[grid.columns.index(column) + 1 :]
    if grid.has("item_number") or not after or after[0].kind not in TEXTS:
        return ""
    codes = sum(map(is_code, cells))
    return "item_number" if codes > 0.8 * len(cells) and len(set(cells)) * 2 > len(cells) else ""


def is_code(text: str) -> bool:
    """A word with digits that is no date."""
    return _CODE.fullmatch(text) is not None and parse_date(text) is None


_CODE: Final = re.compile(r"(?=\S*\d)(?=[^./]+$|\S*[A-Za-z])[^\W_][\w./-]{3,19}")


def _is_counted(items: Sequence[Item], column: Column, sight: Sight) -> bool:
    """Whole numbers that do not merely count the lines, and that part their amounts into prices."""
    cells = [item.text(column.kind) for item in items]
    if len(cells) < 2 or not all(map(_WHOLE.fullmatch, cells)) or counts_up(cells):
        return False
    amounts_ = [_amount_of(item, sight) for item in items]
    several = [(int(cell), total) for cell, total in zip(cells, amounts_, strict=True) if int(cell) > 1]
    even = sum(total is None or (total * 100) % count == 0 for count, total in several)
    return even * 2 > len(several) or not several


def _amount_of(item: Item, sight: Sight) -> Decimal | None:
    return _number(item.text("net_amount") or item.text("gross_amount"), sight)


_WHOLE: Final = re.compile(r"\d{1,4}")


def _multiplies(item: Item, kinds: Mapping[str, str | None], sight: Sight) -> bool:
    """Whether quantity times price is the amount, where one of them stands under another name."""
    told = (item.text(other or kind) for kind, other in kinds.items())
    found = [next(amounts.find_amounts(text, sight.mark), None) for text in told]
    if None in found:
        return False
    quantity, price, amount = (one.value for one in found if one is not None)
    return abs(quantity * price - amount) <= Decimal("0.011")
