"""Tables by their headings: which column is what, and which rows make up one line, over page breaks.

A table is found where several headings of the lexicon stand in a row. Where a document has none, lines are
found by what they must be: a quantity times a price makes an amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
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
_ENDS: Final = (
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


@dataclass(slots=True)
class Item:
    """One line of a table: cells by kind, each with its words, and the rows of text below it."""

    cells: dict[str, list[Word]] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    more: list[tuple[list[Word], int]] = field(default_factory=list)
    page: int = 0
    bottom: float = 0.0

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
        zone.append(rows[at])
        at += 1
    best: list[Column] | None = None
    length = 0
    for size in range(1, len(zone) + 1):
        columns = _resolved(_clusters(zone[:size], allowed), allowed)
        if columns and (best is None or len(columns) > len(best)):
            best, length = columns, size
    if best is None or not (_is_table(best) or _is_list(best, zone[:length]) or _is_priced(best, start)):
        return None
    while length < len(zone) and _goes_on(zone[length], best, sight, allowed):
        length += 1
    return _with_unknown(best, zone[:length], allowed), place + length


_MOSTLY: Final = 0.4
"""A row of headings has at least this share of its letters in them; prose has less."""


def _covered(row: Row, allowed: Sequence[str]) -> float:
    """The share of a row's letters that are headings."""
    letters = sum(len(lexicon.plain(seg.text)) for seg in row.segs)
    return sum(len(text) for *_, text in _headings_in(row, allowed)) / letters if letters else 0.0


def _is_list(columns: Sequence[Column], zone: Sequence[Row]) -> bool:
    """``Service | Amount``: two headings make a table where they are all that stands in their row."""
    kinds = [column.kind for column in columns]
    return (
        kinds in (["description", "net_amount"], ["description", "gross_amount"])
        and len(zone) == 1
        and len(zone[0].segs) == 2
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
    known = {id(seg) for row in zone for seg in row.segs if _headings_of(seg, allowed)}
    found = list(columns)
    for row in zone:
        for seg in row.segs:
            free = all(seg.x1 <= column.x0 or seg.x0 >= column.x1 for column in found)
            if id(seg) not in known and free and len(seg.text) > 1:
                found.append(Column((), seg.x0, seg.x1, f"?{len(found)}", seg.text))
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


def _headings_of(seg: Seg, allowed: Sequence[str]) -> list[tuple[tuple[str, ...], float, float, str]]:
    found: list[tuple[tuple[str, ...], float, float, str]] = []
    table = lexicon.columns()
    place = 0
    words = seg.words
    while place < len(words):
        joined, best = "", None
        for end in range(place, min(place + 5, len(words))):
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
    for row in zone:
        for kinds, x0, x1, text in _headings_in(row, allowed):
            over = next((c for c in columns if x0 < c.x1 and x1 > c.x0), None)
            if over is None:
                columns.append(Column(kinds, x0, x1, text=text))
                continue
            joined = tuple(k for k in lexicon.columns().get(over.text + text, ()) if k in allowed)
            over.kinds = joined or over.kinds + tuple(k for k in kinds if k not in over.kinds)
            over.text += text
            over.x0, over.x1 = min(over.x0, x0), max(over.x1, x1)
    return sorted(columns, key=lambda column: column.x0)


def _resolved(columns: list[Column], allowed: Sequence[str]) -> list[Column]:
    """Each column its kind; none twice. The rightmost of two sums is the line's."""
    taken: set[str] = set()
    order = sorted(columns, key=lambda c: (len(c.kinds), c.x0))
    for column in order:
        kinds = [kind for kind in column.kinds if kind not in taken]
        if not kinds:
            column.kind = ""
            continue
        column.kind = _preferred(column, kinds, columns)
        taken.add(column.kind)
    return [column for column in columns if column.kind]


def _preferred(column: Column, kinds: Sequence[str], columns: Sequence[Column]) -> str:
    place = columns.index(column) / max(len(columns) - 1, 1)
    if "position" in kinds and place > 0.25 and len(kinds) > 1:
        return next(kind for kind in kinds if kind != "position")
    if "position" in kinds and place == 0:
        return "position"
    if "value_date" in kinds and place < 0.7:
        return "value_date"
    others = {kind for other in columns if other is not column for kind in other.kinds}
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
            if head is not None and _same(head[0], grid.columns):
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
        if other is not None and not _same(other[0], grid.columns):
            return
        if other is not None:
            place = other[1]
            continue
        if not _is_carried(row) and not _is_foot(row):
            item = _take(grid, sight, row, item)
        if item is not None and item.page == row.page and row.y0 - item.bottom > 9 * sight.height:
            return
        grid.last = place
        place += 1


def _same(one: Sequence[Column], other: Sequence[Column]) -> bool:
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
        if column.kind.startswith("?"):
            _rename(grid, column, _kind_by_content(grid, column, sight, allowed))
    first = next((column for column in grid.columns if column.kind == "position"), None)
    if first is None:
        return
    cells = [item.text("position") for item in grid.items if "position" in item.cells]
    worded = sum(_is_worded(cell) for cell in cells)
    long = sum(len(lexicon.plain(cell)) > 4 and not _OUTLINE.match(cell) for cell in cells) - worded
    if worded > 0.6 * len(cells) and not grid.has("description") and "description" in allowed:
        _rename(grid, first, "description")
    elif long > 0.6 * len(cells) and not grid.has("item_number") and "item_number" in allowed:
        _rename(grid, first, "item_number")


_OUTLINE: Final = re.compile(r"\d+(?:\.\d+)+\.?$")
_FACTORS: Final = ("quantity", "unit_price", "net_amount")


def _is_worded(text: str) -> bool:
    return sum(letter.isalpha() for letter in text) > 3 and not any(letter.isdigit() for letter in text)


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


def _rename(grid: Grid, column: Column, kind: str) -> None:
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
        label.start <= 1 and set(label.kinds) & set(_ENDS) for seg in row.segs[:1] for label in seg.labels
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
    if label is None or not set(label.kinds) & set(_ENDS):
        return False
    if _is_carried(row):
        return False
    cells = _cells(row, grid)
    if set(label.kinds) <= _WITHIN and not {"net_amount", "gross_amount", "debit", "credit"} & cells.keys():
        return False
    strong = {"quantity", "position", "unit_price", "booked", "account", "document_number"} & cells.keys()
    valued = {
        kind
        for kind in strong
        if kind not in ("position", "document_number", "account")
        or any(w.text[:1].isdigit() for w in cells[kind])
    }
    if valued and label.length < len(lexicon.plain(first.text)):
        return False
    if valued and not label.whole:
        return False
    rest = lexicon.plain(first.text[label.end :])
    letters = sum(letter.isalpha() for letter in rest)
    if len(valued) >= 2:
        return False
    return bool(list(row.values)) or letters == 0 or label.whole


def _is_carried(row: Row) -> bool:
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
    for seg in row.segs:
        for words in _pieces(seg, grid):
            column = _column_of(words[0].x0, words[-1].x1, grid)
            if column is not None:
                kind = _corrected(column, words, grid)
                cells.setdefault(kind, []).extend(words)
    return cells


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


def _pieces(seg: Seg, grid: Grid) -> Iterator[list[Word]]:
    """A segment's words, parted where they stand under several columns."""
    under = [column for column in grid.columns if column.x0 < seg.x1 and column.x1 > seg.x0]
    if len(under) < 2 or len(seg.words) == 1:
        yield list(seg.words)
        return
    part: list[Word] = []
    current: Column | None = None
    for word in seg.words:
        column = next((c for c in under if c.x0 < word.x1 and c.x1 > word.x0), current)
        numeric = any(letter.isdigit() for letter in word.text) or (
            current is not None and current.kind in NUMERIC
        )
        if (
            part
            and column is not current
            and (numeric or (current is not None and current.kind in ("position", "item_number")))
        ):
            yield part
            part = []
        if not part:
            current = column
        part.append(word)
    if part:
        yield part


_KEYS: Final = frozenset(
    {
        "quantity",
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
        for kind, words in cells.items():
            if kind in keys or (
                kind in ("item_number", "buyer_item_number", "tax_rate", "unit")
                and kind not in item.cells
                and row.y0 - item.bottom < 0.6 * sight.height
            ):
                item.cells[kind] = words
                item.pages[kind] = row.page
            elif words:
                item.more.append((words, row.page))
        if keys:
            item.bottom = row.y1
            item.page = row.page
        return item
    if not keys or (keys == {"position"} and len(cells) < 2):
        return item
    item = Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1)
    grid.items.append(item)
    return item


def _merges(item: Item, keys: set[str], row: Row, sight: Sight) -> bool:
    if keys & item.cells.keys() or row.page != item.page:
        return False
    gap = row.y0 - item.bottom
    if keys <= {"position", "document_number", "account"}:
        return gap < 4 * sight.height and ("position" not in keys or len(item.cells) > 3)
    return gap < 0.9 * sight.height


def loose_lines(sight: Sight) -> list[Item]:
    """Lines of a document without headings: rows where a quantity times a price makes the amount."""
    found: list[Item] = []
    for row in sight.rows:
        money = [value for value in row.values if value.type == "amount" and isinstance(value.value, Decimal)]
        if any(set(label.kinds) & set(_ENDS) and label.start <= 1 for label in row.labels):
            if found:
                break
            continue
        triple = _product(money)
        if triple is None:
            continue
        quantity, price, amount = triple
        cells = {
            name: list(value.seg.words_of(value.start, value.end))
            for name, value in (("quantity", quantity), ("unit_price", price), ("net_amount", amount))
        }
        used = {id(word) for words in cells.values() for word in words}
        rest = [word for seg in row.segs for word in seg.words if id(word) not in used]
        text = [word for word in rest if any(letter.isalpha() for letter in word.text) and len(word.text) > 1]
        if not text:
            text = _line_before(sight, row)
        cells["description"] = text
        values = {"quantity": quantity, "unit_price": price, "net_amount": amount}
        found.append(Item(cells, dict.fromkeys(cells, row.page), values, page=row.page, bottom=row.y1))
    return found


def slip_lines(sight: Sight) -> list[Item]:
    """Lines of a till's slip: a name with its sum, and ``2 x 3,50`` in the row below, above or beside it."""
    found: list[Item] = []
    for row in sight.rows:
        times = _TIMES.search(row.text)
        money = [v for v in row.values if v.type == "amount" and isinstance(v.value, Decimal)]
        if times is None or len(money) < 2:
            continue
        quantity, price = money[0], money[1]
        total = money[2] if len(money) > 2 else None
        beside = row
        if total is None:
            for step in (-1, 1):
                place = row.number + step
                other = sight.rows[place] if 0 <= place < len(sight.rows) else None
                sums = (
                    [v for v in other.values if v.type == "amount"]
                    if other and other.page == row.page
                    else []
                )
                if sums and _times(quantity, price, sums[-1]):
                    total, beside = sums[-1], other or row
                    break
        if total is None or not _times(quantity, price, total):
            continue
        used = {id(w) for v in (quantity, price, total) for w in v.seg.words_of(v.start, v.end)}
        source = beside if beside is not row else row
        text = [w for seg in source.segs for w in seg.words if id(w) not in used and len(w.text) > 1]
        if not any(letter.isalpha() for word in text for letter in word.text):
            text = _line_before(sight, row)
        cells = {
            "description": [w for w in text if w.x1 <= total.x0 or total.seg.row != source.number],
            "quantity": list(quantity.seg.words_of(quantity.start, quantity.end)),
            "unit_price": list(price.seg.words_of(price.start, price.end)),
            "gross_amount": list(total.seg.words_of(total.start, total.end)),
        }
        found.append(Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1))
    return found


_TIMES: Final = re.compile(r"\d\s*[x\u00d7*@]\s*\D{0,5}\d", re.IGNORECASE)


def _times(quantity: Value, price: Value, total: Value) -> bool:
    first, second, third = quantity.value, price.value, total.value
    assert isinstance(first, Decimal) and isinstance(second, Decimal) and isinstance(third, Decimal)
    return abs(first * second - third) <= Decimal("0.011")


def _line_before(sight: Sight, row: Row) -> list[Word]:
    for place in range(row.number - 1, max(-1, row.number - 3), -1):
        before = sight.rows[place]
        if before.page == row.page and any(letter.isalpha() for letter in before.text):
            return list(before.segs[0].words)
    return []


def _product(money: Sequence[Value]) -> tuple[Value, Value, Value] | None:
    for last in reversed(money):
        for first in money:
            for second in money:
                if len({id(first), id(second), id(last)}) < 3 or last.x0 < max(first.x0, second.x0):
                    continue
                quantity, price, amount = first.value, second.value, last.value
                assert (
                    isinstance(quantity, Decimal)
                    and isinstance(price, Decimal)
                    and isinstance(amount, Decimal)
                )
                if amount.as_tuple().exponent != -2 or price.as_tuple().exponent not in (-2, -3, -4):
                    continue
                if (
                    quantity != 0
                    and abs(quantity * price - amount) <= Decimal("0.01")
                    and first.x0 < second.x0
                ):
                    return first, second, last
    return None
