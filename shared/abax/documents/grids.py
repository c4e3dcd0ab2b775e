"""Tables by their headings: which column is what, and which rows make up one line, over page breaks.

A table is found where several headings of the lexicon stand in a row; ``listing`` reads what has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Final

from abax.documents import amounts, lexicon
from abax.documents.contracts import DocumentType
from abax.documents.pages import Word
from abax.documents.spans import Row, Seg, Sight, Value

TRADE: Final = (
    "position",
    "item_number",
    "buyer_item_number",
    "standard_item_number",
    "description",
    "quantity",
    "ordered_quantity",
    "unit",
    "unit_price",
    "gross_price",
    "discount",
    "tax_rate",
    "tax_amount",
    "net_amount",
    "gross_amount",
    "delivery_date",
    "order_number",
)
REMITTANCES: Final = (
    "position",
    "document_number",
    "document_date",
    "text",
    "remittance_gross",
    "deduction",
    "paid",
)
ENTRIES: Final = (
    "booked",
    "value_date",
    "document_number",
    "text",
    "debit",
    "credit",
    "net_amount",
    "balance",
    "due_date",
)
VOUCHER: Final = (
    "position",
    "account",
    "account_name",
    "text",
    "cost_center",
    "debit",
    "credit",
    "net_amount",
    "tax_rate",
)
KINDS: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.PAYMENT_ADVICE: REMITTANCES,
    DocumentType.ACCOUNT_STATEMENT: ENTRIES,
    DocumentType.JOURNAL_VOUCHER: VOUCHER,
}
"""Columns that the main table of a type may have; all other types have ``TRADE``."""
NUMERIC: Final = frozenset(
    {
        "quantity",
        "ordered_quantity",
        "unit_price",
        "gross_price",
        "discount",
        "tax_rate",
        "tax_amount",
        "net_amount",
        "gross_amount",
        "tax_base",
        "remittance_gross",
        "deduction",
        "paid",
        "debit",
        "credit",
        "balance",
    }
)
ENDS: Final = (
    "totals.gross",
    "totals.due",
    "totals.net",
    "totals.lines",
    "totals.any",
    "totals.tax",
    "totals.prepaid",
    "totals.allowances",
    "totals.charges",
    "totals.rounding",
    "cash",
    "closing_balance",
    "paid_total",
    "total_debit",
    "total_credit",
    "terms.text",
    "iban",
    "terms.means",
    "bank_name",
)


_WITHIN: Final = frozenset({"totals.allowances", "totals.charges", "totals.rounding", "terms.text"})
"""Lines have these of their own, too: they end the table only with a sum in its column."""


@dataclass(slots=True)
class Column:
    """A column under its heading."""

    kinds: tuple[str, ...]
    """What its heading may mean, the likeliest first."""
    x0: float
    x1: float
    kind: str = ""
    text: str = ""
    joined: bool = False
    """Its heading is parted over two rows."""
    stacked: bool = False
    """A heading of numbers stands above one of descriptions: so do the cells."""


@dataclass(slots=True)
class Item:
    """One line of a table: cells by kind, each with its words, and the rows of text below it."""

    cells: dict[str, list[Word]] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    more: list[tuple[list[Word], int]] = field(default_factory=list)
    page: int = 0
    bottom: float = 0.0
    """Of its last row with numbers."""
    reach: float = 0.0
    """Of its last row."""
    mark: str | None = None
    """The decimal mark of its quantity, where the whole column tells."""
    adjustments: list[Item] = field(default_factory=list)
    """Rows below it that take something off its amount or add to it."""

    def text(self, kind: str) -> str:
        """A cell's words."""
        return " ".join(word.text for word in self.cells.get(kind, ()))


@dataclass(slots=True)
class Grid:
    """A table: its columns and its lines."""

    columns: list[Column]
    items: list[Item]
    first: int
    """Its first row, the heading."""
    last: int

    def has(self, *kinds: str) -> bool:
        """Whether it has any of these columns."""
        return any(column.kind in kinds for column in self.columns)


def grids_of(sight: Sight, allowed: Sequence[str]) -> list[Grid]:
    """The tables of a document whose headings are of these kinds."""
    found: list[Grid] = []
    place = 0
    while place < len(sight.rows):
        head = _heading(sight, place, allowed)
        if head is None:
            place += 1
            continue
        columns, end = head
        grid = Grid(columns, [], place, end)
        _fill(grid, sight, end, allowed)
        if not grid.items:
            place += 1
            continue
        _named_by_content(grid, sight, allowed)
        found.append(grid)
        place = max(grid.last, end) + 1
    return found


def _heading(sight: Sight, place: int, allowed: Sequence[str]) -> tuple[list[Column], int] | None:
    """Columns of the heading that begins in a row, and the row after it."""
    rows = sight.rows
    start = rows[place]
    if _covered(start, allowed) < _MOSTLY or _has_numbers(start):
        return None
    zone = [start]
    at = place + 1
    while at < len(rows) and len(zone) < 6 and rows[at].page == start.page:
        if rows[at].y0 - zone[-1].y1 > 1.1 * sight.height or _has_numbers(rows[at]):
            break
        if _is_sentence(rows[at], allowed):
            break
        zone.append(rows[at])
        at += 1
    best: list[Column] | None = None
    length = 0
    for size in range(1, len(zone) + 1):
        columns = _resolved(_clusters(zone[:size], allowed), allowed)
        if columns and (best is None or _told(columns) > _told(best)):
            best, length = columns, size
    if best is None or not (_is_table(best) or _is_list(best, zone[:length]) or _is_priced(best, start)):
        return None
    while length < len(zone) and _goes_on(zone[length], best, sight, allowed):
        length += 1
    return _with_unknown(best, zone[:length], allowed), place + length


def _told(columns: Sequence[Column]) -> int:
    """How many headings are columns."""
    return len(columns) + sum(column.stacked or column.joined for column in columns)


_MOSTLY: Final = 0.4
"""A row of headings has at least this share of its letters in them; prose has less."""


def _is_sentence(row: Row, allowed: Sequence[str]) -> bool:
    """A row of many words, hardly one of them a heading."""
    return max(len(seg.words) for seg in row.segs) > 4 and _covered(row, allowed) < _MOSTLY


def _covered(row: Row, allowed: Sequence[str]) -> float:
    """The share of a row's letters that are headings."""
    letters = sum(len(lexicon.plain(seg.text)) for seg in row.segs)
    return sum(len(text) for *_, text in _headings_in(row, allowed)) / letters if letters else 0.0


def _is_list(columns: Sequence[Column], zone: Sequence[Row]) -> bool:
    """``Service | Amount``: two headings make a table where they are all that stands in their row."""
    kinds = {column.kind for column in columns}
    return kinds in _LISTS and len(zone) == 1 and len(zone[0].segs) == 2


_LISTS: Final = (
    {"description", "net_amount"},
    {"description", "gross_amount"},
    {"description", "quantity"},
    {"item_number", "quantity"},
)


def _is_priced(columns: Sequence[Column], start: Row) -> bool:
    """``Delivery | Quantity | Amount``: two numbers beside a text whose heading nobody knows."""
    numbers = [column for column in columns if column.kind in NUMERIC]
    return (
        len(numbers) >= 2
        and len(start.segs) >= 3
        and start.segs[0].x1 < min(column.x0 for column in columns)
        and any(letter.isalpha() for letter in start.segs[0].text)
    )


def _with_unknown(columns: list[Column], zone: Sequence[Row], allowed: Sequence[str]) -> list[Column]:
    """The columns, with those whose heading nobody knows: their words must not go to the neighbours."""
    found = list(columns)
    for row in zone:
        for seg in row.segs:
            known = _headings_of(seg, allowed) or [((), seg.x0, seg.x1, seg.text)]
            for _, x0, x1, text in known:
                free = all(x1 <= column.x0 or x0 >= column.x1 for column in found)
                if free and len(text) > 1:
                    found.append(Column((), x0, x1, f"?{len(found)}", text))
    return sorted(found, key=lambda column: column.x0)


def _goes_on(row: Row, columns: Sequence[Column], sight: Sight, allowed: Sequence[str]) -> bool:
    """The row still belongs to the heading: all its words stand under columns and none is a value."""
    if _has_numbers(row) or row.y0 == 0:
        return False
    hits = len(_headings_in(row, allowed))
    return hits >= max(1, len(row.segs) // 2)


def _has_numbers(row: Row) -> bool:
    return any(
        value.type in ("amount", "date", "percent") and value.end - value.start > 1 for value in row.values
    )


def _headings_in(row: Row, allowed: Sequence[str]) -> list[tuple[tuple[str, ...], float, float, str]]:
    return [heading for seg in row.segs for heading in _headings_of(seg, allowed)]


_APART: Final = 1.8
"""A blank so much wider than the least of its row parts two headings."""


def _headings_of(seg: Seg, allowed: Sequence[str]) -> list[tuple[tuple[str, ...], float, float, str]]:
    found: list[tuple[tuple[str, ...], float, float, str]] = []
    table = lexicon.columns()
    place = 0
    words = seg.words
    blanks = [after.x0 - word.x1 for word, after in pairwise(words)]
    apart = max(_APART * min(blanks, default=0.0), 0.45 * seg.height) if len(blanks) > 1 else seg.x1
    while place < len(words):
        joined, best = "", None
        for end in range(place, min(place + 5, len(words))):
            if end > place and words[end].x0 - words[end - 1].x1 > apart:
                break
            joined += lexicon.plain(words[end].text)
            kinds = tuple(kind for kind in table.get(joined, ()) if kind in allowed)
            if kinds:
                best = (end, kinds, joined)
        if best is None:
            place += 1
            continue
        end, kinds, joined = best
        if found and words[place - 1].text in ("/", "|") and set(found[-1][0]) & set(kinds):
            first = found.pop()  # the same in a second language
            kinds = tuple(kind for kind in first[0] if kind in kinds)
            found.append((kinds, first[1], words[end].x1, first[3] + joined))
        else:
            found.append((kinds, words[place].x0, words[end].x1, joined))
        place = end + 1
    return found


def _clusters(zone: Sequence[Row], allowed: Sequence[str]) -> list[Column]:
    """Headings, those above one another made one column."""
    columns: list[Column] = []
    for place, row in enumerate(zone):
        for heading in _headings_in(row, allowed):
            kinds, x0, x1, text = _with_above(heading, zone[place - 1], allowed) if place else heading
            over = next((c for c in columns if x0 < c.x1 and x1 > c.x0), None)
            if over is None:
                columns.append(Column(kinds, x0, x1, text=text))
                continue
            joined = tuple(k for k in lexicon.columns().get(over.text + text, ()) if k in allowed)
            over.joined = over.joined or (bool(joined) and joined != over.kinds)
            over.stacked = not joined and "description" in kinds and not {*kinds, *NUMERIC} & {*over.kinds}
            over.kinds = joined or over.kinds + tuple(k for k in kinds if k not in over.kinds)
            over.text += text
            over.x0, over.x1 = min(over.x0, x0), max(over.x1, x1)
    return sorted(columns, key=lambda column: column.x0)


def _with_above(
    heading: tuple[tuple[str, ...], float, float, str], above: Row, allowed: Sequence[str]
) -> tuple[tuple[str, ...], float, float, str]:
    """A heading with the words above it that are none by themselves: ``F.`` above ``operación``."""
    _, x0, x1, text = heading
    for seg in above.segs:
        if seg.x0 < x1 and seg.x1 > x0 and len(seg.words) < 3 and not _headings_of(seg, allowed):
            joined = lexicon.plain(seg.text) + text
            kinds = tuple(kind for kind in lexicon.columns().get(joined, ()) if kind in allowed)
            if kinds:
                return kinds, min(x0, seg.x0), max(x1, seg.x1), joined
    return heading


def _resolved(columns: list[Column], allowed: Sequence[str]) -> list[Column]:
    """Each column its kind; none twice. The rightmost of two sums is the line's."""
    taken: set[str] = set()
    order = sorted(columns, key=lambda c: (len(c.kinds), -c.x0 if c.kinds[0] in _SUMS else c.x0))
    for column in order:
        kinds = [kind for kind in column.kinds if kind not in taken]
        if not kinds:
            column.kind = ""
            continue
        column.kind = _preferred(column, kinds, columns)
        taken.add(column.kind)
    return [column for column in columns if column.kind]


_SUMS: Final = frozenset({"net_amount", "gross_amount", "paid"})


def _preferred(column: Column, kinds: Sequence[str], columns: Sequence[Column]) -> str:
    place = columns.index(column) / max(len(columns) - 1, 1)
    if "position" in kinds and place > 0.25 and len(kinds) > 1:
        return next(kind for kind in kinds if kind != "position")
    if "position" in kinds and place == 0:
        return "position"
    if "value_date" in kinds and place < 0.7:
        return "value_date"
    others = {kind for other in columns if other is not column for kind in other.kinds}
    if column.stacked and "description" not in others:
        return kinds[0]
    column.stacked = False
    if set(kinds) >= {"item_number", "description"}:
        return "item_number" if "description" in others else "description"
    if {"item_number", "buyer_item_number"} <= set(kinds):
        return "item_number"
    for kind in ("net_amount", "paid", "remittance_gross", "gross_amount"):
        if kind in kinds and place == 1:
            return kind
    return kinds[0]


def _is_table(columns: Sequence[Column]) -> bool:
    kinds = {column.kind for column in columns}
    numbers = kinds & NUMERIC
    texts = kinds - NUMERIC
    return (len(kinds) >= 3 and bool(numbers) and bool(texts)) or (len(kinds) >= 3 and len(numbers) >= 3)


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
            head = _heading(sight, place, allowed)
            if head is not None and same(head[0], grid.columns):
                _move(grid.columns, head[0])
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
        other = _heading(sight, place, allowed)
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
    edges = [column.x0 for column in grid.columns if column.kind in _TEXTS or column.stacked]
    edges += [item.cells[kind][0].x0 for item in grid.items[-1:] for kind in _TEXTS & item.cells.keys()]
    height = row.y1 - row.y0
    return any(abs(seg.x0 - edge) < height for seg in row.segs for edge in edges)


_TEXTS: Final = frozenset({"description", "text"})


def same(one: Sequence[Column], other: Sequence[Column]) -> bool:
    """Whether two headings are of one table."""
    kinds, others = {c.kind for c in one}, {c.kind for c in other}
    return len(kinds & others) >= 0.7 * max(len(kinds), len(others))


def _move(columns: Sequence[Column], heads: Sequence[Column]) -> None:
    by_kind = {head.kind: head for head in heads}
    for column in columns:
        if column.kind in by_kind:
            column.x0, column.x1 = by_kind[column.kind].x0, by_kind[column.kind].x1


def _named_by_content(grid: Grid, sight: Sight, allowed: Sequence[str]) -> None:
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
    worded = sum(_is_worded(cell) for cell in cells)
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
    if sum(map(_is_worded, cells)) > 0.6 * len(cells):
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
            if sum(_is_worded(cell) or " " in cell for cell in cells) * 2 > len(cells):
                for item in grid.items:
                    item.cells.pop("description", None)
                rename(grid, column, "description")


_OUTLINE: Final = re.compile(r"\d+(?:\.\d+)+\.?$")
_FACTORS: Final = ("quantity", "unit_price", "net_amount")


def _is_worded(text: str) -> bool:
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
    text = next((kind for kind in ("description", "text") if kind in allowed), "")
    right = min((c.x0 for c in grid.columns if c.kind in NUMERIC), default=0.0)
    if not grid.has("description", "text", "account_name") and column.x0 < right:
        worded = sum(sum(letter.isalpha() for letter in item.text(column.kind)) > 3 for item in cells)
        if worded > 0.6 * len(grid.items):
            return text
    return ""


def _multiplies(item: Item, kinds: Mapping[str, str | None], sight: Sight) -> bool:
    """Whether quantity times price is the amount, where one of them stands under another name."""
    told = (item.text(other or kind) for kind, other in kinds.items())
    found = [next(amounts.find_amounts(text, sight.mark), None) for text in told]
    if None in found:
        return False
    quantity, price, amount = (one.value for one in found if one is not None)
    return abs(quantity * price - amount) <= Decimal("0.011")


def rename(grid: Grid, column: Column, kind: str) -> None:
    """A column's cells are of this kind from now on; of none, they are left out."""
    for item in grid.items:
        words = item.cells.pop(column.kind, None)
        page = item.pages.pop(column.kind, item.page)
        if words and kind:
            item.cells[kind] = words
            item.pages[kind] = page
    column.kind = kind


def _fits(row: Row, grid: Grid) -> bool:
    """A row of the next page that goes on without a heading: it has numbers in two of its columns, those of
    money written like money."""
    hits = {
        column.kind
        for seg in row.segs
        for value in seg.values
        if value.type in ("amount", "percent")
        and (column := _column_of(value.x0, value.x1, grid)) is not None
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
    cells = _cells(row, grid)
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


def _column_of(x0: float, x1: float, grid: Grid) -> Column | None:
    best, best_score = None, float("inf")
    for column in grid.columns:
        overlap = min(x1, column.x1) - max(x0, column.x0)
        away = min(abs(x1 - column.x1), abs(x0 - column.x0), abs((x0 + x1) - (column.x0 + column.x1)) / 2)
        score = away - (1000 if overlap > 0 else 0) + (0 if overlap > 0 else -overlap)
        if score < best_score:
            best, best_score = column, score
    return best


def _cells(row: Row, grid: Grid) -> dict[str, list[Word]]:
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


def _spread(placed: list[tuple[str, list[Word]]], grid: Grid) -> list[tuple[str, list[Word]]]:
    """Of two numbers in one column, one goes to a column beside it that has none; a number before its unit
    is the quantity."""
    order = [column.kind for column in grid.columns]
    taken = [kind for kind, _ in placed]
    found: list[tuple[str, list[Word]]] = []
    for at, (kind, words) in enumerate(placed):
        place = order.index(kind) if kind in order else -1
        left = order[place - 1] if place > 0 else ""
        right = order[place + 1] if 0 <= place < len(order) - 1 else ""
        if kind == "unit" and len(words) > 1 and _has_digit(words[:1]):
            beside = next((one for one in ("quantity", "ordered_quantity") if one in (left, right)), "")
            if beside and beside not in taken:
                found += [(beside, words[:1]), (kind, words[1:])]
                continue
        if kind in NUMERIC and taken.count(kind) == 2 and _has_digit(words):
            first = kind not in taken[:at]
            if first and left in NUMERIC and left not in taken:
                kind = left
            elif not first and right in NUMERIC and right not in taken and found[-1][0] == kind:
                kind = right
        found.append((kind, words))
    return found


_WORDED: Final = frozenset({"description", "text", "account_name", "item_number", "position", ""})


def _is_prose(parts: Sequence[Sequence[tuple[str, Sequence[Word]]]]) -> bool:
    """Numbers of a row stand in columns only where its text happens to reach them."""
    glued = 0
    for part in parts:
        numbers = [words for kind, words in part if kind in NUMERIC and _has_digit(words)]
        if numbers and not any(kind in _WORDED for kind, _ in part):
            return False
        glued += len(numbers)
        after = [word for words in numbers for word in words if not _has_digit([word])]
        if any(sum(letter.isalpha() for letter in word.text) > 4 for word in after):
            return True
    return 0 < glued < 3


def _has_digit(words: Sequence[Word]) -> bool:
    return any(letter.isdigit() for word in words for letter in word.text)


def _kind_of(words: Sequence[Word], grid: Grid) -> str:
    column = _column_of(words[0].x0, words[-1].x1, grid)
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
    if len(seg.words) == 1 or (len(under) < 2 and after is None):
        yield list(seg.words), ""
        return
    told = ""
    part: list[Word] = []
    current: Column | None = None
    for word in seg.words:
        begins = next((c for c in under if abs(c.x0 - word.x0) <= _FLUSH * (word.y1 - word.y0)), None)
        column = begins or next((c for c in under if c.x0 < word.x1 and c.x1 > word.x0), current)
        if part and column is current is under[0] and after is not None and word.x0 > current.x1:
            column = after
        numeric = _has_digit([word]) or (
            current is not None
            and current.kind in NUMERIC
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


_CODES: Final = ("position", "item_number")


def _text_after(column: Column, grid: Grid) -> Column | None:
    """The column of texts right of one of codes, whose heading may stand in its middle."""
    place = grid.columns.index(column)
    after = grid.columns[place + 1 : place + 2]
    return after[0] if column.kind in _CODES and after and after[0].kind in _TEXTS else None


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
    cells = _cells(row, grid)
    keys = {
        kind
        for kind, words in cells.items()
        if kind in _KEYS and any(letter.isdigit() for word in words for letter in word.text)
    }
    if item is not None and (not keys or _merges(item, keys, row, sight)):
        gap = row.y0 - item.bottom
        stacked = {column.kind for column in grid.columns if column.stacked}
        for kind, words in cells.items():
            named = kind in item.cells or _is_worded(" ".join(word.text for word in words))
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
