"""Lines of goods, payments, entries and vouchers, and the tax breakdown, from tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from abax.documents import amounts, dates, grids, lexicon
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.grids import Grid, Item
from abax.documents.pages import Word

_CENT: Final = Decimal("0.011")
_PATHS: Final[dict[DocumentType, str]] = {
    DocumentType.PAYMENT_ADVICE: "remittances",
    DocumentType.ACCOUNT_STATEMENT: "entries",
    DocumentType.JOURNAL_VOUCHER: "lines",
}
_NAMES: Final[dict[str, dict[str, str]]] = {
    "remittances": {
        "document_number": "document_number",
        "document_date": "document_date",
        "text": "text",
        "remittance_gross": "gross",
        "deduction": "deduction",
        "paid": "paid",
    },
    "entries": {
        "booked": "booked",
        "value_date": "value_date",
        "document_number": "document_number",
        "text": "text",
        "balance": "balance",
        "net_amount": "amount",
    },
    "vouchers": {
        "account": "account",
        "account_name": "account_name",
        "text": "text",
        "cost_center": "cost_center",
        "debit": "debit",
        "credit": "credit",
    },
    "lines": {
        "position": "position",
        "item_number": "item_number",
        "buyer_item_number": "buyer_item_number",
        "standard_item_number": "standard_item_number",
        "quantity": "quantity",
        "unit": "unit",
        "unit_price": "unit_price",
        "gross_price": "gross_price",
        "tax_rate": "tax_rate",
        "tax_amount": "tax_amount",
        "net_amount": "net_amount",
        "gross_amount": "gross_amount",
        "delivery_date": "delivery_date",
        "order_number": "order_number",
    },
}
_DATES: Final = frozenset({"document_date", "booked", "value_date", "delivery_date"})
_UNIT: Final = re.compile(r"^[^\d\s(][^\d]{0,11}$|^m[23\u00b2\u00b3]$|^H87$")


def fill(fields: Fields) -> None:
    """The lines of the document's type."""
    if fields.type in (DocumentType.MASTER_DATA_FORM, DocumentType.UNKNOWN):
        return
    allowed = grids.KINDS.get(fields.type, grids.TRADE)
    found = [grid for grid in grids.grids_of(fields.sight, allowed) if grid.items]
    if fields.type in _PATHS:
        grid = max(found, key=lambda one: len(one.items) * len(one.columns), default=None)
        if grid is not None:
            _others(fields, grid)
        return
    found = [grid for grid in found if _is_goods(grid)]
    items: list[Item] = []
    columns: Grid | None = None
    for grid in found:
        if columns is None or grids._same(grid.columns, columns.columns):
            items += grid.items
            columns = columns or grid
    if columns is None or not items:
        slips = grids.slip_lines(fields.sight)
        loose = grids.loose_lines(fields.sight)
        items = slips if len(slips) >= len(loose) else loose
    place = 0
    for item in _whole(items):
        place += _line(fields, item, columns, place)
    _leading_numbers(fields, place)


def _whole(items: Sequence[Item]) -> list[Item]:
    """Lines that have the sum that most of them have; the others are text of the line before."""
    sums = ("net_amount", "gross_amount")
    summed = [any(_number(item, kind) for kind in sums) for item in items]
    if sum(summed) * 2 <= len(items):
        return list(items)
    kept: list[Item] = []
    for item, whole in zip(items, summed, strict=True):
        if whole or not kept:
            kept.append(item)
        else:
            kept[-1].more += [(words, _page(item, kind)) for kind, words in item.cells.items()] + item.more
    return [item for item in kept if any(_number(item, kind) for kind in sums)]


def _number(item: Item, kind: str) -> bool:
    return any(letter.isdigit() for letter in item.text(kind))


def _is_goods(grid: Grid) -> bool:
    if not grid.has("description", "item_number", "position"):
        return False
    if grid.has("quantity", "unit_price"):
        return True
    return grid.has("net_amount", "gross_amount") and not grid.has("tax_amount")


# ---------------------------------------------------------------- goods


def _line(fields: Fields, item: Item, grid: Grid | None, place: int) -> int:
    """Put one line; 0 where it is none."""
    cells = _parsed(fields, item)
    if "quantity" not in cells and "net_amount" not in cells and "gross_amount" not in cells:
        return 0
    if not _worded(item) and "position" not in cells and "item_number" not in cells:
        return 0
    base = f"lines[{place}]"
    sure = _sure(cells)
    for kind, (value, words) in cells.items():
        name = _NAMES["lines"].get(kind)
        if name is None or (kind in ("position",) and not str(value).strip()):
            continue
        fields.put(
            f"{base}.{name}",
            value,
            sure if kind in grids.NUMERIC else 0.85,
            "table",
            words,
            _page(item, kind),
        )
    _article_numbers(fields, item, base)
    unit = _unit_of(item)
    if unit and "unit" not in cells:
        words = item.cells["quantity"]
        fields.put(f"{base}.unit", unit, 0.8, "table", words, _page(item, "quantity"), unit)
    words = _description(fields, item, grid)
    words = _without_number(fields, item, words, base)
    if words:
        text = _joined(words)
        fields.put(f"{base}.description", text, 0.85, "table", words, _page(item, "description"), text)
    return 1


def _article_numbers(fields: Fields, item: Item, base: str) -> None:
    """A bar code is known by its digits, wherever in the line it stands."""
    said = fields.values.get(f"{base}.item_number")
    if isinstance(said, str) and _is_gtin(said):
        fields.drop(f"{base}.item_number")
    cells = [(words, _page(item, kind)) for kind, words in item.cells.items() if kind not in grids.NUMERIC]
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


def _page(item: Item, kind: str) -> int:
    return item.pages.get(kind, item.page)


def _parsed(fields: Fields, item: Item) -> dict[str, tuple[Any, Sequence[Word]]]:
    """A line's cells as values."""
    found: dict[str, tuple[Any, Sequence[Word]]] = {}
    sight = fields.sight
    for kind, words in item.cells.items():
        text = " ".join(word.text for word in words)
        if sight.recognised:
            text = amounts.unconfused(text)
        value: Any = None
        if kind in _DATES:
            day = dates.parse_date(text, sight.order)
            value = day.value if day else None
        elif kind in grids.NUMERIC:
            text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", text)
            amount = next(amounts.find_amounts(_bare(text), sight.mark), None)
            value = amount.value if amount else None
            if kind == "quantity" and amount is not None and amount.unsure:
                value = _by_product(item, sight.mark, amount.value)
        elif kind in (
            "item_number",
            "buyer_item_number",
            "standard_item_number",
            "account",
            "document_number",
            "cost_center",
            "order_number",
        ):
            value = text.strip(" :")
        elif kind == "position":
            value = words[0].text.strip(" .:")
        elif kind != "description":
            value = text.strip()
        if value is not None and value != "":
            found[kind] = (value, words)
    if fields.type is DocumentType.RECEIPT:
        _gross(found)
    else:
        _mended(found)
    return found


def _bare(text: str) -> str:
    return re.sub(r"(?<=\d)\s?%", "", text)


def _by_product(item: Item, mark: str | None, value: Decimal) -> Decimal:
    """``1.000`` pieces or one: what makes the amount of the line."""
    price = next(amounts.find_amounts(item.text("unit_price"), mark), None)
    total = next(amounts.find_amounts(item.text("net_amount"), mark), None)
    if price and total and abs(value / 1000 * price.value - total.value) <= _CENT:
        return value / 1000
    return value


def _gross(found: dict[str, tuple[Any, Sequence[Word]]]) -> None:
    """A till's sums hold the tax."""
    if "net_amount" in found and "gross_amount" not in found:
        found["gross_amount"] = found.pop("net_amount")


def _mended(found: dict[str, tuple[Any, Sequence[Word]]]) -> None:
    """Where a quantity and a price are exchanged under their headings, the amount does not tell: leave them.
    A line whose only sum stands under a heading for gross is net where no tax is beside it."""
    if (
        "gross_amount" in found
        and "net_amount" not in found
        and "tax_amount" not in found
        and "gross_price" not in found
    ):
        found["net_amount"] = found["gross_amount"]


def _sure(cells: dict[str, tuple[Any, Sequence[Word]]]) -> float:
    """How sure the numbers of a line are: what multiplies is right."""
    values = {kind: value for kind, (value, _) in cells.items()}
    quantity, price, total = values.get("quantity"), values.get("unit_price"), values.get("net_amount")
    if quantity is None or price is None or total is None:
        return 0.8
    if abs(quantity * price - total) <= max(_CENT, abs(total) * Decimal("0.0005")):
        return 0.98
    return 0.75


def _unit_of(item: Item) -> str | None:
    words = item.cells.get("quantity", ())
    rest = [word.text for word in words if not re.match(r"^[\d.,'-]+$", word.text)]
    text = " ".join(rest).strip(" .")
    glued = re.fullmatch(r"[\d.,]+([^\W\d_]{1,5}\.?)", words[0].text) if words and not rest else None
    if glued:
        return glued.group(1)
    return text if text and _UNIT.match(text) else None


def _description(fields: Fields, item: Item, grid: Grid | None) -> list[Word]:
    """The words of the description, over the lines that it is wrapped to."""
    words = list(item.cells.get("description", ()))
    if not words or grid is None:
        return words
    right = _right_of_text(grid, words)
    left = min(word.x0 for word in words)
    last = words
    for more, page in item.more:
        if page != _page(item, "description"):
            break
        first = more[0]
        height = first.y1 - first.y0
        if abs(first.x0 - left) > height or not 0 < first.y0 - min(w.y0 for w in last) < 2.0 * height:
            continue
        if last[-1].x1 + (first.x1 - first.x0) < right - 0.3 * height and not last[-1].text.endswith("-"):
            break
        if ":" in first.text or height < 0.9 * (last[0].y1 - last[0].y0):
            break
        words += more
        last = more
    return words


def _right_of_text(grid: Grid, words: Sequence[Word]) -> float:
    """How far a description may go before it is wrapped: to the next column, or as the widest does."""
    widest = max(
        (cell[-1].x1 for other in grid.items for cell in [other.cells.get("description")] if cell),
        default=words[-1].x1,
    )
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
    page = _page(item, "description")
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
    text = ""
    for word in words:
        if text.endswith("-") and len(text) > 2 and text[-2].isalpha() and word.text[:1].islower():
            text = text[:-1] + word.text
        elif (
            text.endswith("-")
            and len(text) > 2
            and text[-2].isalpha()
            and words[0].y0 < word.y0 - 1
            and word.text[:1].isupper()
        ):
            text += word.text
        else:
            text = f"{text} {word.text}" if text else word.text
    return text


# ---------------------------------------------------------------- payments, entries, vouchers


def _others(fields: Fields, grid: Grid) -> None:
    path = _PATHS[fields.type]
    names = _NAMES["vouchers" if fields.type is DocumentType.JOURNAL_VOUCHER else path]
    place = 0
    for item in grid.items:
        cells = _parsed(fields, item)
        values = {kind: value for kind, (value, _) in cells.items()}
        if not any(kind in values for kind in grids.NUMERIC) or _is_sum(item):
            continue
        base = f"{path}[{place}]"
        if path == "entries":
            _signed(fields, base, item, cells)
        for kind, (value, words) in cells.items():
            name = names.get(kind)
            if name is None or (name == "amount" and f"{base}.amount" in fields.values):
                continue
            if kind in ("deduction",):
                value = abs(value)
            if kind == "deduction" and not value:
                continue
            fields.put(f"{base}.{name}", value, 0.88, "table", words, _page(item, kind))
        place += 1
    if path == "entries":
        _by_balance(fields, place)


def _is_sum(item: Item) -> bool:
    text = lexicon.plain(
        re.sub(r"\d.*", "", item.text("text") or item.text("document_number") or item.text("account"))
    )
    kinds = lexicon.labels().get(text, ())
    return bool(text) and any(
        kind.startswith(("totals.", "total", "opening", "closing", "paid")) for kind in kinds
    )


def _signed(fields: Fields, base: str, item: Item, cells: dict[str, tuple[Any, Sequence[Word]]]) -> None:
    """A bank's credit raises the balance; so does a supplier's debit."""
    bank = "account.iban" in fields.values
    for kind, sign in (("debit", -1 if bank else 1), ("credit", 1 if bank else -1)):
        if kind in cells and cells[kind][0]:
            value, words = cells[kind]
            fields.put(f"{base}.amount", sign * abs(value), 0.88, "table", words, _page(item, kind))
            return
    if "net_amount" in cells:
        value, words = cells["net_amount"]
        text = " ".join(word.text for word in words)
        found = next(amounts.find_amounts(text, fields.sight.mark), None)
        if found and found.side == "debit":
            value = -abs(value)
        fields.put(f"{base}.amount", value, 0.85, "table", words, _page(item, "net_amount"))


def _by_balance(fields: Fields, count: int) -> None:
    """Where running balances say otherwise, all signs are turned."""
    wrong = right = 0
    for place in range(1, count):
        before, after = (fields.values.get(f"entries[{at}].balance") for at in (place - 1, place))
        amount = fields.values.get(f"entries[{place}].amount")
        if before is None or after is None or amount is None:
            continue
        right += after - before == amount
        wrong += after - before == -amount
    if wrong > right:
        for place in range(count):
            path = f"entries[{place}].amount"
            if path in fields.values:
                fields.values[path] = -fields.values[path]


# ---------------------------------------------------------------- taxes


def fill_taxes(fields: Fields) -> None:
    """The tax breakdown: from its table, from rows with a rate, or worked out where there is one rate."""
    if fields.type in (*_PATHS, DocumentType.MASTER_DATA_FORM, DocumentType.UNKNOWN):
        return
    rows = _tax_rows(fields)
    seen: set[tuple[Decimal, Decimal]] = set()
    place = 0
    for rate, base, amount, words, page in rows:
        if (rate, amount) in seen:
            continue
        category = re.search(r"\((S|Z|E|AE|K|G|O|L|M|B)\)", " ".join(word.text for word in words))
        if category:
            fields.put(f"taxes[{place}].category", category.group(1), 0.85, "table", words, page)
        seen.add((rate, amount))
        path = f"taxes[{place}]"
        fields.put(f"{path}.rate", rate, 0.88, "table", words, page)
        if base is not None:
            fields.put(f"{path}.base", base, 0.88, "table", words, page)
        fields.put(f"{path}.amount", amount, 0.88, "table", words, page)
        place += 1


def fill_adjustments(fields: Fields) -> None:
    """Allowances and charges of the whole document: rows that name one, with a rate or a base or none."""
    if fields.type in (*_PATHS, DocumentType.MASTER_DATA_FORM, DocumentType.UNKNOWN, DocumentType.RECEIPT):
        return
    lines = {
        id(word)
        for grid in _goods_grids(fields)
        for item in grid.items
        for cell in [*item.cells.values(), *(words for words, _ in item.more)]
        for word in cell
    }
    place = 0
    for row in fields.sight.rows:
        label = next((one for one in row.segs[0].labels if one.start <= 10), None)
        if label is None or any(id(word) in lines for seg in row.segs for word in seg.words):
            continue
        charge = label.kinds[0] == "totals.charges"
        if label.kinds[0] not in ("totals.allowances", "totals.charges") or _SUM.match(
            lexicon.plain(row.text)
        ):
            continue
        money = [v for v in row.values if v.type == "amount" and isinstance(v.value, Decimal)]
        sums = [v for v in money if v.value.as_tuple().exponent == -2]  # type: ignore[union-attr]
        if not sums or not sums[-1].value:
            continue
        words = [word for seg in row.segs for word in seg.words]
        path = f"adjustments[{place}]"
        fields.put(f"{path}.is_charge", charge, 0.8, "table", words, row.page)
        fields.put(f"{path}.amount", abs(sums[-1].value), 0.8, "table", words, row.page)  # type: ignore[arg-type]
        if len(sums) > 1:
            fields.put(f"{path}.base", abs(sums[0].value), 0.75, "table", words, row.page)  # type: ignore[arg-type]
        reason = _reason(row.segs[0].text)
        fields.put(f"{path}.reason", reason, 0.7, "table", row.segs[0].words, row.page, reason)
        place += 1


_SUM: Final = re.compile(r"^(?:gesamt|summe|total|sum|somme|suma|totale|totaal|razem|abzueglichgesamt)")
_KIND_OF: Final = re.compile(
    r"^(?:abschlag|zuschlag|allowance|charge|remise|descuento|sconto|korting|rabat)[\s:]+(?=\w{3})", re.I
)


def _reason(text: str) -> str:
    """What an allowance is for: the words without the sums."""
    words = re.sub(r"[(:]?\s*[-\u2212]?\d[\d.,\s%]*.*$", "", text).strip(" :-(")
    return _KIND_OF.sub("", words)


def _tax_rows(fields: Fields) -> list[tuple[Decimal, Decimal | None, Decimal, Sequence[Word], int]]:
    """Rows that hold a rate and an amount that is this share of another amount."""
    found: list[tuple[Decimal, Decimal | None, Decimal, Sequence[Word], int]] = []
    known = {fields.values.get("totals.net"), fields.values.get("totals.tax")}
    in_lines = {
        id(word)
        for grid in _goods_grids(fields)
        for item in grid.items
        for cell in item.cells.values()
        for word in cell
    }
    for row in fields.sight.rows:
        if any(id(word) in in_lines for seg in row.segs for word in seg.words):
            continue
        rates = [v for v in row.values if v.type == "percent" and 0 <= v.value <= 30]  # type: ignore[operator]
        money = [v for v in row.values if v.type == "amount" and isinstance(v.value, Decimal)]
        if not rates:
            rates = [v for v in money if v.value in _RATES]
        sums = [v for v in money if v.value.as_tuple().exponent == -2]  # type: ignore[union-attr]
        for rate in rates:
            pair = _pair(rate.value, [v.value for v in sums if v is not rate], known)  # type: ignore[arg-type,misc]
            if pair is None:
                continue
            words = [word for seg in row.segs for word in seg.words]
            found.append((Decimal(rate.value), pair[0], pair[1], words, row.page))  # type: ignore[arg-type]
            break
    return found


_RATES: Final = frozenset(
    map(
        Decimal,
        [
            "0",
            "4",
            "5",
            "5.5",
            "6",
            "7",
            "8",
            "8.1",
            "9",
            "10",
            "12",
            "13",
            "16",
            "17",
            "18",
            "19",
            "20",
            "21",
            "22",
            "23",
            "24",
            "25",
            "2.1",
            "2.5",
            "2.6",
            "7.7",
            "3.8",
        ],
    )
)


def _goods_grids(fields: Fields) -> list[Grid]:
    return [grid for grid in grids.grids_of(fields.sight, grids.TRADE) if _is_goods(grid)]


def _pair(
    rate: Decimal, sums: Sequence[Decimal], known: set[Decimal | None]
) -> tuple[Decimal | None, Decimal] | None:
    """Base and tax of a rate among the amounts of a row."""
    for base in sums:
        for tax in sums:
            if abs(base * rate / 100 - tax) <= max(_CENT, abs(base) * Decimal("0.00005")) and (base != tax):
                return base, tax
    if len(sums) == 1 and sums[0] in known:
        net = next(
            (one for one in known if one is not None and abs(one * rate / 100 - sums[0]) <= _CENT), None
        )
        return (net, sums[0]) if net is not None else None
    return None
