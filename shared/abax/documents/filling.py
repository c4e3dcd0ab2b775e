"""Tables by their headings, over page breaks: which rows make up one line, and where the lines end.

A table is found where several headings of the lexicon stand in a row; ``listing`` reads what has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Final

from abax.documents import contents, headings, lexicon
from abax.documents.grids import ENDS, NUMERIC, TEXTS, Column, Grid, Item, same
from abax.documents.pages import Word
from abax.documents.placing import cells_of, column_of, has_digit
from abax.documents.reckoning import multiplies
from abax.documents.spans import Label, Row, Sight, Value


def grids_of(sight: Sight, allowed: Sequence[str]) -> list[Grid]:
    """The tables of a document whose headings are of these kinds."""
    found: list[Grid] = []
    place = 0
    head_at = cache(lambda place: headings.heading(sight, place, allowed))
    while place < len(sight.rows):
        head = head_at(place)
        if head is None:
            place += 1
            continue
        columns, end = head
        grid = Grid(columns, [], place, end)
        _fill(grid, sight, end, head_at)
        if not grid.items:
            place += 1
            continue
        if "item_number" in allowed:
            _codes_above(grid, sight, end)
        _leading_counts(grid)
        contents.name_columns(grid, sight, allowed)
        found.append(grid)
        place = max(grid.last, end) + 1
    return found


_Heading = tuple[list[Column], int] | None


def _fill(grid: Grid, sight: Sight, start: int, head_at: Callable[[int], _Heading]) -> None:
    """The lines below a heading, over page breaks."""
    rows = sight.rows
    page = rows[grid.first].page
    item: Item | None = None
    above: Row | None = None
    place = start
    grid.last = start
    skipping = False
    while place < len(rows):
        row = rows[place]
        if row.page != page:
            page = row.page
            skipping = True
        if skipping:
            head = head_at(place)
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
            if not _resumes(grid, sight, place):
                return
            place += 1
            continue
        other = head_at(place)
        if other is not None and not same(other[0], grid.columns):
            return
        if other is not None:
            place = other[1]
            continue
        if _hangs_over(rows, place):
            above = row
        elif not is_carried(row) and not _is_foot(row):
            before, item = item, _take(grid, sight, row, item)
            if above is not None and item is not None and item is not before:
                _put_above(item, above, grid)
            above = None
        if item is not None and item.page == row.page and row.y0 - item.reach > _FARTHEST * sight.height:
            return
        if item is not None and _is_text(row, grid):
            item.reach = row.y1
        grid.last = place
        place += 1


def _resumes(grid: Grid, sight: Sight, place: int) -> bool:
    """The sum is one of a group: right below it lines go on whose quantities and prices multiply."""
    if not grid.items or not grid.has("quantity") or not grid.has("unit_price"):
        return False
    for row in sight.rows[place + 1 : place + 1 + _BETWEEN]:
        cells = cells_of(row, grid)
        found = [
            contents.number(cells.get(kind, ()), sight) for kind in ("quantity", "unit_price", "net_amount")
        ]
        if row.page != sight.rows[place].page or _ends(row, grid, sight):
            return False
        quantity, price, total = found
        if quantity is not None and price is not None and total is not None:
            return quantity not in (0, 1) and multiplies(quantity, price, total)
    return False


_BETWEEN: Final = 4
"""Rows, such as a title, from the sum of one group to the first line of the next."""


_OVER: Final = 0.2
"""Of its height, that a row reaches into the next one where both are of one line of a table."""


def _hangs_over(rows: Sequence[Row], place: int) -> bool:
    """A row of text whose numbers stand in the middle of the rows of the text, half a row below."""
    row, below = rows[place], rows[place + 1] if place + 1 < len(rows) else None
    if below is None or below.page != row.page or any(value.type == "amount" for value in row.values):
        return False
    over = row.y1 - below.y0 > _OVER * (row.y1 - row.y0)
    return over and any(value.type == "amount" for value in below.values)


def _put_above(item: Item, row: Row, grid: Grid) -> None:
    """The words of a row above are the first of a line's texts."""
    for kind, words in cells_of(row, grid).items():
        if kind in TEXTS:
            item.cells[kind] = [*words, *item.cells.get(kind, [])]
            item.pages.setdefault(kind, row.page)


_FARTHEST: Final = 9.0
"""Heights of a line without a row of the table, after which it has ended."""


def _is_text(row: Row, grid: Grid) -> bool:
    """The row begins where descriptions do."""
    edges = [column.x0 for column in grid.columns if column.kind in TEXTS or column.stacked]
    edges += [item.cells[kind][0].x0 for item in grid.items[-1:] for kind in TEXTS & item.cells.keys()]
    height = row.y1 - row.y0
    return any(abs(seg.x0 - edge) < height for seg in row.segs for edge in edges)


def _codes_above(grid: Grid, sight: Sight, start: int) -> None:
    """A code above each line is the number of the article below it, not more of the one before."""
    lead, items = sight.rows[start], grid.items
    if len(items) < 2 or any("item_number" in item.cells for item in items) or len(lead.segs) > 1:
        return
    above = [(list(lead.segs[0].words), lead.page), *(item.more[-1] for item in items[:-1] if item.more)]
    below = items[-1].more[-1][0] if items[-1].more else []
    if len(above) < len(items) or not all(_is_code(words) for words, _ in above) or _is_code(below):
        return
    for item, (words, page) in zip(items, above, strict=True):
        item.cells["item_number"], item.pages["item_number"] = words, page
    for item in items[:-1]:
        item.more.pop()


def _is_code(words: Sequence[Word]) -> bool:
    return len(words) == 1 and contents.is_code(words[0].text)


def _leading_counts(grid: Grid) -> None:
    """``2 x`` before most descriptions is a column of quantities without a heading."""
    counts = [_count(item.cells.get("description", [])) for item in grid.items]
    if grid.has("quantity") or sum(count > 0 for count in counts) <= 0.6 * len(counts):
        return
    for item, count in zip(grid.items, counts, strict=True):
        if count:
            words, page = item.cells["description"], item.pages["description"]
            number = replace(words[0], text=words[0].text.rstrip("xX\u00d7"))
            item.cells |= {"quantity": [number], "description": words[count:]}
            item.pages["quantity"] = page
    left = min(column.x0 for column in grid.columns)
    grid.columns.insert(0, Column(("quantity",), left, left, "quantity"))


def _count(words: Sequence[Word]) -> int:
    """How many words say how often, at the start of a text."""
    if len(words) > 1 and _COUNTED.fullmatch(words[0].text):
        return 1
    if len(words) > 2 and words[1].text in ("x", "X", "\u00d7") and words[0].text[0].isdigit():
        return 2
    return 0


_COUNTED: Final = re.compile(r"\d[\d.,]*[xX\u00d7]")


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
    if _total_beside(row, grid) and not is_carried(row):
        return True
    first = row.segs[0]
    label = next((one for one in first.labels if one.start <= 1), None)
    if _TAX_ROW.match(first.text) and len(row.segs) > 1:
        return True
    if label is None or not set(label.kinds) & set(ENDS):
        return False
    if is_carried(row):
        return False
    if set(label.kinds) <= _EXTRAS and (_is_of_list(label, grid) or _goes_on(row, grid, sight)):
        return False
    cells = cells_of(row, grid)
    if set(label.kinds) <= _WITHIN and (
        not {"net_amount", "gross_amount", "debit", "credit"} & cells.keys()
        or any(has_digit(words) for kind, words in cells.items() if kind in _FURTHER)
    ):
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


def _is_of_list(label: Label, grid: Grid) -> bool:
    """``Freight to the south`` in a list without quantities: a charge would say little else."""
    letters = sum(letter.isalpha() for letter in lexicon.plain(label.seg.text))
    return not grid.has("quantity", "unit_price") and label.length < 0.6 * letters


def _goes_on(row: Row, grid: Grid, sight: Sight) -> bool:
    """``Postage  4.90`` below the lines of a list without quantities is one of them: it begins and ends where
    they do, and no farther below."""
    items = grid.items[-2:]
    if len(items) < 2 or grid.has("quantity", "unit_price") or len(row.segs) != len(grid.columns):
        return False
    one, last = items
    left = min(word.x0 for words in last.cells.values() for word in words)
    right = max(word.x1 for words in last.cells.values() for word in words)
    edges = abs(row.segs[0].x0 - left) + abs(row.segs[-1].x1 - right)
    pitch = last.bottom - one.bottom if one.page == last.page else 2 * sight.height
    return row.page == last.page and edges < 0.3 * sight.height and row.y1 - last.reach <= 1.2 * pitch


_WITHIN: Final = frozenset({"totals.allowances", "totals.charges", "totals.rounding", "terms.text"})
"""Lines have these of their own, too: they end the table only with a sum in its column."""


_EXTRAS: Final = frozenset({"totals.allowances", "totals.charges"})


_TAX_ROW: Final = re.compile(
    r"(?:VAT|TVA|IVA|BTW|MwSt|USt|moms|DPH|tax)\W{1,3}\d[\d.,]*\s?%?\W?$"
    r"|(?:[^\W\d]{0,9}\W{1,2})?\d[\d.,]*\s?%\s?(?:VAT|TVA|IVA|BTW|MwSt|USt|moms|DPH|tax"
    r"|Mehrwertsteuer|Umsatzsteuer)\W{0,2}$",
    re.IGNORECASE,
)
"""``VAT 20 %`` or ``zzgl. 19 % MwSt.`` and nothing else."""
_FURTHER: Final = frozenset({"quantity", "unit_price", "tax_rate", "tax_amount"})
"""Numbers that lines have and sums have not."""


def _total_beside(row: Row, grid: Grid) -> bool:
    """A named total and its amount end the row; what stands left of them is another table's, or a sentence
    that runs up to them."""
    if len(row.segs) < 2 or not any(value.type == "amount" for value in row.segs[-1].values):
        return False
    seg = row.segs[-2]
    numbers = min((column.x0 for column in grid.columns if column.kind in NUMERIC), default=seg.x1)
    label = next(
        (
            one
            for one in seg.labels
            if (one.whole and len(row.segs) > 2)
            or (one.start > 1 and one.x0 >= numbers and not lexicon.plain(seg.text[one.end :]))
        ),
        None,
    )
    return label is not None and label.kinds[0] in _NAMED and label.length > _SHORT


_NAMED: Final = frozenset({"totals.net", "totals.tax", "totals.gross", "totals.due", "totals.lines"})
_SHORT: Final = 4
"""Letters: ``IVA`` may be a cell of a line, too."""


def is_carried(row: Row) -> bool:
    """A row that carries a sum from page to page."""
    carried = lexicon.carried()
    names = [lexicon.plain(re.sub(r"\d.*", "", row.segs[0].text))]
    names += [lexicon.plain(re.sub(r"[\d:].*", "", seg.text)) for seg in row.segs]
    told = next((name for name in names if name in carried), None)
    if told is None or "totals.charges" not in lexicon.labels().get(told, ()):
        return told is not None
    return sum(value.type == "amount" for value in row.values) < _COUNTED_AND_PRICED


_COUNTED_AND_PRICED: Final = 2
"""Numbers: ``Transport  1  250,00  250,00`` is a line, which a carried sum may be called, too."""


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
