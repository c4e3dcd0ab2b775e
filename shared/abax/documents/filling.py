"""Tables by their headings, over page breaks: which rows make up one line, and where the lines end.

A table is found where several headings of the lexicon stand in a row; ``listing`` reads what has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from abax.documents import contents, headings, lexicon
from abax.documents.grids import ENDS, NUMERIC, TEXTS, Column, Grid, Item, same
from abax.documents.placing import cells_of, column_of
from abax.documents.spans import Row, Sight, Value


def grids_of(sight: Sight, allowed: Sequence[str]) -> list[Grid]:
    """The tables of a document whose headings are of these kinds."""
    found: list[Grid] = []
    place = 0
    while place < len(sight.rows):
        head = headings.heading(sight, place, allowed)
        if head is None:
            place += 1
            continue
        columns, end = head
        grid = Grid(columns, [], place, end)
        _fill(grid, sight, end, allowed)
        if not grid.items:
            place += 1
            continue
        contents.name_columns(grid, sight, allowed)
        found.append(grid)
        place = max(grid.last, end) + 1
    return found


def _fill(grid: Grid, sight: Sight, start: int, allowed: Sequence[str]) -> None:
    """The lines below a heading, over page breaks."""
    rows = sight.rows
    page = rows[grid.first].page
    item: Item | None = None
    place = start
    grid.last = start
    skipping = False
    while place < len(rows):
        row = rows[place]
        if row.page != page:
            page = row.page
            skipping = True
        if skipping:
            head = headings.heading(sight, place, allowed)
            if head is not None and same(head[0], grid.columns):
                headings.move(grid.columns, head[0])
                place, skipping = head[1], False
                continue
            if not _fits(row, grid):
                if _ends(row, grid, sight):
                    return
                place += 1
                continue
            skipping = False
        if _ends(row, grid, sight):
            return
        other = headings.heading(sight, place, allowed)
        if other is not None and not same(other[0], grid.columns):
            return
        if other is not None:
            place = other[1]
            continue
        if not is_carried(row) and not _is_foot(row):
            item = _take(grid, sight, row, item)
        if item is not None and item.page == row.page and row.y0 - item.reach > _FARTHEST * sight.height:
            return
        if item is not None and _is_text(row, grid):
            item.reach = row.y1
        grid.last = place
        place += 1


_FARTHEST: Final = 9.0
"""Heights of a line without a row of the table, after which it has ended."""


def _is_text(row: Row, grid: Grid) -> bool:
    """The row begins where descriptions do."""
    edges = [column.x0 for column in grid.columns if column.kind in TEXTS or column.stacked]
    edges += [item.cells[kind][0].x0 for item in grid.items[-1:] for kind in TEXTS & item.cells.keys()]
    height = row.y1 - row.y0
    return any(abs(seg.x0 - edge) < height for seg in row.segs for edge in edges)


def _fits(row: Row, grid: Grid) -> bool:
    """A row of the next page that goes on without a heading: it has numbers in two of its columns, those of
    money written like money."""
    hits = {
        column.kind
        for seg in row.segs
        for value in seg.values
        if value.type in ("amount", "percent")
        and (column := column_of(value.x0, value.x1, grid)) is not None
        and column.kind in NUMERIC
        and (column.kind not in _MONEY or _is_money(value) or not _has_cents(grid, column))
    }
    return len(hits) >= 2 and not any(
        label.start <= 1 and set(label.kinds) & set(ENDS) for seg in row.segs[:1] for label in seg.labels
    )


_MONEY: Final = NUMERIC - {"quantity", "ordered_quantity", "discount", "tax_rate"}


def _is_money(value: Value) -> bool:
    return isinstance(value.value, Decimal) and int(value.value.as_tuple().exponent) < 0


def _has_cents(grid: Grid, column: Column) -> bool:
    """Whether the cells above are written with decimals."""
    cells = [item.text(column.kind) for item in grid.items if column.kind in item.cells]
    return bool(cells) and all(re.search(r"[.,]\d{2,4}\D*$", cell) for cell in cells)


def _ends(row: Row, grid: Grid, sight: Sight) -> bool:
    """A row of totals or terms ends the lines."""
    first = row.segs[0]
    label = next((one for one in first.labels if one.start <= 1), None)
    if label is None or not set(label.kinds) & set(ENDS):
        return False
    if is_carried(row):
        return False
    cells = cells_of(row, grid)
    if set(label.kinds) <= _WITHIN and not {"net_amount", "gross_amount", "debit", "credit"} & cells.keys():
        return False
    strong = {"quantity", "position", "unit_price", "booked", "account", "document_number"} & cells.keys()
    valued = {kind for kind in strong if any(w.text[:1].isdigit() for w in cells[kind])}
    if valued and label.length < len(lexicon.plain(first.text)):
        return False
    if valued and not label.whole:
        return False
    rest = lexicon.plain(first.text[label.end :])
    letters = sum(letter.isalpha() for letter in rest)
    if len(valued) >= 2:
        return False
    return bool(list(row.values)) or letters == 0 or label.whole


_WITHIN: Final = frozenset({"totals.allowances", "totals.charges", "totals.rounding", "terms.text"})
"""Lines have these of their own, too: they end the table only with a sum in its column."""


def is_carried(row: Row) -> bool:
    """A row that carries a sum from page to page."""
    plain = lexicon.plain(re.sub(r"\d.*", "", row.segs[0].text))
    return plain in lexicon.carried() or any(
        lexicon.plain(re.sub(r"[\d:].*", "", seg.text)) in lexicon.carried() for seg in row.segs
    )


def _is_foot(row: Row) -> bool:
    return row.depth > 0.93 and not any(
        value.type == "amount" and value.end - value.start > 3 for value in row.values
    )


_KEYS: Final = frozenset(
    {
        "quantity",
        "ordered_quantity",
        "unit_price",
        "net_amount",
        "gross_amount",
        "gross_price",
        "booked",
        "debit",
        "credit",
        "account",
        "document_number",
        "paid",
        "remittance_gross",
        "balance",
        "tax_base",
        "tax_amount",
        "position",
    }
)


def _take(grid: Grid, sight: Sight, row: Row, item: Item | None) -> Item | None:
    """A row as a new line, or as more of the one before."""
    cells = cells_of(row, grid)
    keys = {
        kind
        for kind, words in cells.items()
        if kind in _KEYS and any(letter.isdigit() for word in words for letter in word.text)
    }
    if item is not None and (not keys or _merges(item, keys, row, sight)):
        gap = row.y0 - item.bottom
        stacked = {column.kind for column in grid.columns if column.stacked}
        for kind, words in cells.items():
            named = kind in item.cells or contents.is_worded(" ".join(word.text for word in words))
            if kind in stacked and "description" not in item.cells and named:
                item.cells["description"], item.pages["description"] = words, row.page
            elif kind in keys or (kind not in item.cells and gap < _BESIDE.get(kind, 0) * sight.height):
                item.cells[kind], item.pages[kind] = words, row.page
            elif words:
                item.more.append((words, row.page))
        if keys:
            item.bottom = row.y1
            item.page = row.page
        item.reach = max(item.reach, item.bottom)
        return item
    if not keys or (keys == {"position"} and len(cells) < 2):
        return item
    item = Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1, reach=row.y1)
    grid.items.append(item)
    return item


_BESIDE: Final = {
    "item_number": 0.6,
    "buyer_item_number": 0.6,
    "tax_rate": 0.6,
    "unit": 0.6,
    "description": 2.5,
    "text": 2.5,
}
"""Heights of a line below its numbers that a cell of a line may stand."""


_SIDES: Final = frozenset({"debit", "credit"})


def _merges(item: Item, keys: set[str], row: Row, sight: Sight) -> bool:
    if keys & item.cells.keys() or row.page != item.page:
        return False
    if keys & _SIDES and item.cells.keys() & _SIDES:
        return False
    gap = row.y0 - item.bottom
    if keys <= {"position", "document_number", "account"}:
        return gap < 4 * sight.height and ("position" not in keys or len(item.cells) > 3)
    return gap < 0.9 * sight.height
