"""Lines of goods, payments, entries and vouchers, and the tax breakdown, from tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from abax.documents import (
    accounts,
    adjusting,
    amounts,
    filling,
    grids,
    lexicon,
    listing,
    owing,
    reckoning,
    summing,
    taxing,
    tills,
)
from abax.documents.cells import page_of, parsed
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.grids import Grid, Item
from abax.documents.meaning import bare
from abax.documents.pages import Word
from abax.documents.reckoning import BASES, multiplies

_FIELDS: Final = frozenset(
    {
        "position",
        "item_number",
        "buyer_item_number",
        "standard_item_number",
        "quantity",
        "unit",
        "unit_price",
        "gross_price",
        "tax_rate",
        "tax_amount",
        "net_amount",
        "gross_amount",
        "delivery_date",
        "order_number",
    }
)
"""Columns whose cells are fields of a line as they are."""
_UNIT: Final = re.compile(r"^[^\d\s(][^\d]{0,11}$|^m[23\u00b2\u00b3]$|^H87$")


def fill(fields: Fields) -> None:
    """The lines of the document's type."""
    if fields.type in (DocumentType.MASTER_DATA_FORM, DocumentType.UNKNOWN):
        return
    allowed = grids.KINDS.get(fields.type, grids.TRADE)
    found = [grid for grid in filling.grids_of(fields.sight, allowed) if grid.items]
    if fields.type in accounts.PATHS:
        for grid in found if fields.type is DocumentType.PAYMENT_ADVICE else ():
            reckoning.settle_paid(grid, fields.sight.mark)
        accounts.fill(fields, found)
        return
    for grid in found:
        reckoning.settle_sums(grid, fields.sight.mark)
        reckoning.settle_goods(grid, fields.sight.mark)
        _say_untaxed(grid)
    place = 0
    items, columns = _goods(fields, [grid for grid in found if _is_goods(grid)])
    right = _right_of_text(items, columns)
    for item in items:
        fields.in_lines |= {id(word) for words in item.cells.values() for word in words}
        fields.in_lines |= {id(word) for words, _ in item.more for word in words}
    _under_codes(items)
    for item in items:
        place += _line(fields, item, right, place)
    _leading_numbers(fields, place)


def _say_untaxed(grid: Grid) -> None:
    """``Montant HT`` over the amounts: they hold no tax, on whatever paper."""
    if any(column.kind == "net_amount" and _UNTAXED.search(column.text) for column in grid.columns):
        for item in grid.items:
            item.untaxed = True


_UNTAXED: Final = re.compile(r"ht(?:va)?$|hors|net|excl|exvat|exgst|ohne|siniva|imponi")


def _goods(fields: Fields, tables: Sequence[Grid]) -> tuple[list[Item], Grid | None]:
    """The lines of goods: those of the tables, unless rows that add up to a total say otherwise."""
    sight = fields.sight
    columns = tables[0] if tables else None
    told = [item for grid in tables if grids.same(grid.columns, tables[0].columns) for item in grid.items]
    _fixed_places(told)
    if fields.type in _UNPRICED:
        counted = [item for item in told if _COUNTED.fullmatch(item.text("quantity") or "1")]
        if not counted:
            counted = listing.counted(sight)
            _fixed_places(counted)
        return counted, columns
    told = adjusting.adjusted(fields, told)
    plain = _whole(_without_sums(fields, told), sight.mark)
    counted = _counted_first(plain)
    for items in (_whole(told, sight.mark), plain, counted):
        if items and adjusting.adds_up(fields, items):
            return items, columns
    items = plain
    listed = tills.lines(listing.summed(sight), sight)
    if listed and _mostly_complete(counted, sight.mark) and _is_elsewhere(listed, counted):
        return counted, columns
    if items and listed:
        return _completed(items, listed), columns
    if items:
        return items, columns
    slips, loose = listing.slip_lines(sight), listing.loose_lines(sight)
    return max(listed, slips, loose, key=len), None


_COUNTED: Final = re.compile(r"[-+]?\d[\d.,' ]{0,11}\d?-?(?:\s?[^\W\d][^\s:@]{0,9}){0,2}")
"""What a quantity looks like, with its unit."""


def _fixed_places(items: Sequence[Item]) -> None:
    """Where all quantities of several lines have three digits behind a mark, it is their decimal mark."""
    cells = [item.text("quantity").split(" ")[0] for item in items if "quantity" in item.cells]
    marks = {match.group(1) if (match := _THREE_PLACES.fullmatch(cell)) else "" for cell in cells}
    if len(cells) > 1 and len(marks) == 1 and (mark := marks.pop()):
        for item in items:
            item.mark = mark


_THREE_PLACES: Final = re.compile(r"-?(?:\d{1,3}|\d{1,3}[' .,]\d{3})([.,])\d{3}")
_NO_GOODS: Final = (*accounts.PATHS, DocumentType.MASTER_DATA_FORM, DocumentType.UNKNOWN)
_UNPRICED: Final = (DocumentType.DELIVERY_NOTE, DocumentType.GOODS_ISSUE, DocumentType.GOODS_RECEIPT)


def _counted_first(items: Sequence[Item]) -> list[Item]:
    """Lines up to the last one that has a quantity: what has an amount alone below them may be a total."""
    last = max((place for place, item in enumerate(items) if item.has_number("quantity")), default=-1)
    return list(items[: last + 1])


def _is_elsewhere(listed: Sequence[Item], items: Sequence[Item]) -> bool:
    """None of the rows that add up is one of a table's lines."""
    own = {id(word) for item in items for words in item.cells.values() for word in words}
    return not any(id(word) in own for one in listed for word in one.cells["net_amount"])


def _mostly_complete(items: Sequence[Item], mark: str | None) -> bool:
    return sum(_is_complete(item, mark) for item in items) * 2 > len(items)


def _completed(items: Sequence[Item], listed: Sequence[Item]) -> list[Item]:
    """The rows that add up, each as its table has it where one does."""
    of_table = {
        id(word): item
        for item in items
        for kind in ("net_amount", "gross_amount")
        for word in item.cells.get(kind, ())
    }
    found = []
    for one in listed:
        item = next((of_table[id(word)] for word in one.cells["net_amount"] if id(word) in of_table), one)
        found.append(item if {"quantity", "unit_price", "tax_rate"} & item.cells.keys() else one)
    return found


def _without_sums(fields: Fields, items: Sequence[Item]) -> list[Item]:
    """Lines without those that sum up the ones before."""
    kept: list[Item] = []
    since: list[Decimal] = []
    whole = Decimal(0)
    for item in items:
        amount = adjusting.sum_of(fields, item) or Decimal(0)
        alone = not any(
            item.has_number(kind) for kind in ("quantity", "unit_price", "position", "item_number")
        )
        sums = amount in (sum(since), whole) and (len(since) > 1 or _says_sum(item))
        if alone and amount and sums:
            since = []
            continue
        since.append(amount)
        whole += amount
        kept.append(item)
    return kept


def _says_sum(item: Item) -> bool:
    """It is called a total."""
    return adjusting.SUM.match(lexicon.plain(item.text("description"))) is not None


def _whole(items: Sequence[Item], mark: str | None) -> list[Item]:
    """Lines that have the sum that lines of the table have; the others are text of the line before."""
    sums = ("net_amount", "gross_amount")
    summed = [any(item.has_number(kind) for kind in sums) for item in items]
    if sum(summed) * 2 <= len(items) and not any(_is_complete(item, mark) for item in items):
        return list(items)
    kept: list[Item] = []
    for item, whole in zip(items, summed, strict=True):
        if whole or not kept:
            kept.append(item)
        else:
            kept[-1].more += [(words, page_of(item, kind)) for kind, words in item.cells.items()] + item.more
    return [item for item in kept if any(item.has_number(kind) for kind in sums)]


def _is_complete(item: Item, mark: str | None) -> bool:
    """Its quantity times its price is its amount."""
    told = (item.text(kind) or item.text(_TAXED.get(kind, "")) for kind in _FACTORS)
    found = [next(amounts.find_amounts(bare(text), mark), None) for text in told]
    if None in found:
        return False
    quantity, price, amount = (one.value for one in found if one is not None)
    return any(multiplies(quantity / base, price, amount) for base in BASES)


_FACTORS: Final = ("quantity", "unit_price", "net_amount")
_TAXED: Final = {"unit_price": "gross_price", "net_amount": "gross_amount"}


def _under_codes(items: Sequence[Item]) -> None:
    """Where most descriptions are bare codes and words stand right below them, those are the descriptions."""
    below = [_below_code(item) for item in items]
    if sum(row is not None for row in below) * 2 <= len(items):
        return
    for item, row in zip(items, below, strict=True):
        if row is not None:
            item.cells.setdefault("item_number", item.cells["description"])
            item.pages.setdefault("item_number", page_of(item, "description"))
            item.cells["description"], item.pages["description"] = row
            item.more = [one for one in item.more if one is not row]


def _below_code(item: Item) -> tuple[list[Word], int] | None:
    """The row right below a description that is a code."""
    words = item.cells.get("description", ())
    if len(words) != 1 or not any(letter.isdigit() for letter in words[0].text):
        return None
    height = words[0].y1 - words[0].y0
    return next(
        (
            (more, page)
            for more, page in item.more
            if page == page_of(item, "description")
            and abs(more[0].x0 - words[0].x0) < height
            and 0 < more[0].y0 - words[0].y0 < 2 * height
        ),
        None,
    )


def _is_goods(grid: Grid) -> bool:
    if not grid.has("description", "item_number", "position"):
        return False
    if grid.has("quantity", "unit_price"):
        return True
    return grid.has("net_amount", "gross_amount") and not grid.has("tax_amount")


# ---------------------------------------------------------------- goods


def _line(fields: Fields, item: Item, right: float, place: int) -> int:
    """Put one line; 0 where it is none."""
    cells = parsed(fields, item)
    if "quantity" not in cells and "net_amount" not in cells and "gross_amount" not in cells:
        return 0
    if not _worded(item) and "position" not in cells and "item_number" not in cells:
        return 0
    base = f"lines[{place}]"
    sure = _sure(cells)
    for kind, (value, words) in cells.items():
        if kind not in _FIELDS:
            continue
        fields.put(
            f"{base}.{kind}",
            value,
            sure if kind in grids.NUMERIC else 0.85,
            "table",
            words,
            page_of(item, kind),
        )
    _put_adjustments(fields, item, base)
    _one_of_it(fields, item, base)
    per = _base(cells)
    if per is not None and per > 1:
        words = item.cells["unit_price"]
        fields.put(f"{base}.price_quantity", per, 0.9, "rule", words, page_of(item, "unit_price"))
    _article_numbers(fields, item, base)
    unit = _unit_of(item)
    if unit and "unit" not in cells:
        words = item.cells["quantity"]
        fields.put(f"{base}.unit", unit, 0.8, "table", words, page_of(item, "quantity"), unit)
    words = _description(item, right)
    words = _without_number(fields, item, words, base)
    if words:
        text = _joined(words)
        fields.put(f"{base}.description", text, 0.85, "table", words, page_of(item, "description"), text)
    return 1


def _put_adjustments(fields: Fields, item: Item, base: str) -> None:
    """What is taken off a line below it, and the amount that is left."""
    for place, one in enumerate(item.adjustments):
        words = [word for cell in one.cells.values() for word in cell]
        path = f"{base}.adjustments[{place}]"
        change = adjusting.change(fields, one)
        fields.put(f"{path}.is_charge", change > 0, 0.8, "table", words, one.page)
        fields.put(f"{path}.amount", abs(change), 0.8, "table", words, one.page)
    net = f"{base}.net_amount"
    if item.adjustments and net in fields.values:
        fields.values[net] = adjusting.total_of(fields, item)


def _one_of_it(fields: Fields, item: Item, base: str) -> None:
    """A line of an invoice that shows an amount and neither quantity nor price is one of it at that price."""
    found = fields.values.get(f"{base}.net_amount")
    if found is None or {"quantity", "unit_price"} & item.cells.keys() or item.adjustments:
        return
    words, page = item.cells.get("net_amount", ()), page_of(item, "net_amount")
    fields.put(f"{base}.quantity", Decimal(1), 0.6, "rule", words, page)
    fields.put(f"{base}.unit_price", found, 0.6, "rule", words, page)


def _article_numbers(fields: Fields, item: Item, base: str) -> None:
    """A bar code is known by its digits, wherever in the line it stands."""
    said = fields.values.get(f"{base}.item_number")
    if isinstance(said, str) and _is_gtin(said):
        fields.drop(f"{base}.item_number")
    cells = [(words, page_of(item, kind)) for kind, words in item.cells.items() if kind not in grids.NUMERIC]
    for words, page in [*cells, *item.more]:
        for word in words:
            if _is_gtin(word.text):
                fields.put(f"{base}.standard_item_number", word.text, 0.9, "table", [word], page)
                return


def _is_gtin(text: str) -> bool:
    if len(text) not in (8, 12, 13, 14) or not text.isdigit():
        return False
    digits = [int(letter) for letter in reversed(text)]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _worded(item: Item) -> bool:
    return any(letter.isalpha() for word in item.cells.get("description", ()) for letter in word.text)


def _sure(cells: dict[str, tuple[Any, Sequence[Word]]]) -> float:
    """How sure the numbers of a line are: what multiplies is right."""
    if not cells.keys() >= _THREE:
        return 0.8
    return 0.98 if _base(cells) else 0.75


_THREE: Final = frozenset({"quantity", "unit_price", "net_amount"})


def _base(cells: dict[str, tuple[Any, Sequence[Word]]]) -> Decimal | None:
    """For how many units the price is, where quantity and price make the amount."""
    if not cells.keys() >= _THREE:
        return None
    quantity, price, total = (cells[kind][0] for kind in ("quantity", "unit_price", "net_amount"))
    return next((base for base in BASES if multiplies(quantity / base, price, total)), None)


def _unit_of(item: Item) -> str | None:
    words = item.cells.get("quantity", ())
    rest = [word.text for word in words if not re.match(r"^[\d.,'-]+$", word.text)]
    text = " ".join(rest).strip(" .")
    glued = re.fullmatch(r"[\d.,]+([^\W\d_]{1,5}\.?)", words[0].text) if words and not rest else None
    if glued:
        return glued.group(1)
    return text if text and _UNIT.match(text) else None


def _description(item: Item, right: float) -> list[Word]:
    """The words of the description, over the lines that it is wrapped to."""
    words = list(item.cells.get("description", ()))
    if not words:
        return words
    left = min(word.x0 for word in words)
    last = words
    for more, page in item.more:
        if page != page_of(item, "description"):
            break
        first = more[0]
        height = first.y1 - first.y0
        if abs(first.x0 - left) > height or not 0 < first.y0 - min(w.y0 for w in last) < 2.0 * height:
            continue
        if last[-1].x1 + (first.x1 - first.x0) < right - 0.3 * height and not last[-1].text.endswith("-"):
            break
        if _FACT.match(" ".join(word.text for word in more[:3])) or height < 0.9 * (last[0].y1 - last[0].y0):
            break
        words += more
        last = more
    return words


_FACT: Final = re.compile(r"[^:]{2,30}:|\S*N[ro]\b\.?", re.IGNORECASE)
"""A row that names what it tells goes on with no description."""


_FEW: Final = 2
"""Texts, the widest of which tells nothing."""


def _right_of_text(items: Sequence[Item], grid: Grid | None) -> float:
    """How far a description may go before it is wrapped: to the next column, or as the widest does."""
    texts = [cell for item in items if (cell := item.cells.get("description"))]
    if not texts:
        return 0.0
    words = texts[0]
    widest = max(cell[-1].x1 for cell in texts)
    if grid is None and len(texts) > _FEW:
        return widest
    if grid is None:
        sums = [cell[0].x0 for item in items if (cell := item.cells.get("net_amount"))]
        return min(sums, default=0.0) - 1.5 * (words[0].y1 - words[0].y0)
    place = next((one.x1 for one in grid.columns if one.kind == "description"), words[0].x1)
    after = [
        min([column.x0, *(cell[0].x0 for one in grid.items for cell in [one.cells.get(column.kind)] if cell)])
        for column in grid.columns
        if column.x0 > place
    ]
    height = words[0].y1 - words[0].y0
    return max(widest, min(after) - 1.5 * height) if after else widest


def _without_number(fields: Fields, item: Item, words: list[Word], base: str) -> list[Word]:
    """A number of the article that stands in the text: ``Ref. 10060415`` above, below or before it."""
    page = page_of(item, "description")
    rows = [words, *(more for more, at in item.more if at == page)]
    for place, row in enumerate(rows):
        number = _article_number(row)
        if number is None or f"{base}.item_number" in fields.values:
            continue
        fields.put(f"{base}.item_number", number[0], 0.85, "table", row, page)
        if place == 0:
            rest = list(row[number[1] :])
            if not rest and len(rows) > 1:
                rest = rows[1]
                item.more = [one for one in item.more if one[0] is not rest]
            words = rest
        else:
            item.more = [one for one in item.more if one[0] is not row]
    _details(fields, item, words, base, page)
    return words


def _article_number(row: Sequence[Word]) -> tuple[str, int] | None:
    """A labelled number at the start of a row, and how many words it takes."""
    joined = ""
    for place, word in enumerate(row[:3]):
        joined += lexicon.plain(word.text)
        kinds = lexicon.columns().get(joined, ())
        if "item_number" in kinds and place + 1 < len(row) and any(c.isdigit() for c in row[place + 1].text):
            return row[place + 1].text.strip(":,;"), place + 2
    return None


def _details(fields: Fields, item: Item, words: Sequence[Word], base: str, page: int) -> None:
    """Text below the description."""
    if not words:
        return
    used = {id(word) for word in words}
    left = min(word.x0 for word in words)
    height = words[0].y1 - words[0].y0
    rows = [
        more
        for more, at in item.more
        if at == page
        and id(more[0]) not in used
        and abs(more[0].x0 - left) < 3 * height
        and more[0].y0 - words[0].y0 < 4.5 * height
    ]
    told = [word for row in rows if not _priced(fields, row, base, page) for word in row]
    if told and any(letter.isalpha() for word in told for letter in word.text):
        fields.put(f"{base}.details", _joined(told), 0.7, "table", told, page)


def _priced(fields: Fields, row: Sequence[Word], base: str, page: int) -> bool:
    """A price before its discount that stands below a line."""
    text = " ".join(word.text for word in row)
    match = re.match(r"([^\W\d]+)\s*:?\s*(?=\d)", text)
    if match is None or "gross_price" not in lexicon.columns().get(lexicon.plain(match.group(1)), ()):
        return False
    price = next(amounts.find_amounts(text[match.end() :], fields.sight.mark), None)
    if price is not None:
        fields.put(f"{base}.gross_price", price.value, 0.8, "table", row, page, text)
    return True


def _leading_numbers(fields: Fields, count: int) -> None:
    """Where most descriptions begin with a code and no column has article numbers, the code is one."""
    texts = [fields.values.get(f"lines[{place}].description") for place in range(count)]
    codes = [_LEADING.match(text) if isinstance(text, str) else None for text in texts]
    if sum(code is not None for code in codes) < max(2, 0.8 * count):
        return
    for place, code in enumerate(codes):
        path = f"lines[{place}]"
        if code is None or f"{path}.item_number" in fields.values:
            continue
        found = fields.evidence[f"{path}.description"]
        fields.values[f"{path}.item_number"] = code.group(1)
        fields.evidence[f"{path}.item_number"] = found.model_copy(update={"text": code.group(1)})
        fields.values[f"{path}.description"] = code.group(2)


_LEADING: Final = re.compile(r"^((?=[^\s]*\d)[A-Z0-9][A-Z0-9./-]{2,14})\s+(\D.*)$")


def _joined(words: Sequence[Word]) -> str:
    """Words as one text; a word that is parted at the end of a row is one again."""
    text = words[0].text if words else ""
    for before, word in pairwise(words):
        parted = word.y0 > before.y0 + 1 and text.endswith("-") and text[-2:-1].isalpha()
        if parted and word.text[:1].islower() and word.text not in _AND:
            text = text[:-1] + word.text
        elif parted and word.text[:1].isupper():
            text += word.text
        else:
            text = f"{text} {word.text}"
    return text


_AND: Final = frozenset(
    {"und", "oder", "bzw.", "and", "or", "et", "ou", "en", "of", "y", "o", "e", "i", "oraz"}
)
"""``Post- und Fernmeldekosten``: a hyphen before these parts no word."""


# ---------------------------------------------------------------- taxes and what is taken off


def fill_taxes(fields: Fields) -> None:
    """The tax breakdown of documents that have one."""
    if fields.type not in _NO_GOODS:
        summing.fill(fields)
        taxing.fill(fields)
        owing.settle(fields)


def fill_adjustments(fields: Fields) -> None:
    """Allowances and charges of the whole document, of documents that have some."""
    if fields.type not in (*_NO_GOODS, DocumentType.RECEIPT):
        adjusting.fill(fields)
