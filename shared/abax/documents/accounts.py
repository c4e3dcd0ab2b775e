"""Paid documents of a payment advice, entries of an account statement, lines of a journal voucher."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.documents import amounts, dates, lexicon
from abax.documents.cells import page_of, parsed
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.grids import Grid, Item
from abax.documents.pages import Word
from abax.documents.spans import Row, Sight, Value

PATHS: Final[dict[DocumentType, str]] = {
    DocumentType.PAYMENT_ADVICE: "remittances",
    DocumentType.ACCOUNT_STATEMENT: "entries",
    DocumentType.JOURNAL_VOUCHER: "lines",
}
_NAMES: Final[dict[DocumentType, dict[str, str]]] = {
    DocumentType.PAYMENT_ADVICE: {
        "document_number": "document_number",
        "document_date": "document_date",
        "text": "text",
        "remittance_gross": "gross",
        "deduction": "deduction",
        "paid": "paid",
    },
    DocumentType.ACCOUNT_STATEMENT: {
        "booked": "booked",
        "value_date": "value_date",
        "document_number": "document_number",
        "text": "text",
        "balance": "balance",
        "net_amount": "amount",
    },
    DocumentType.JOURNAL_VOUCHER: {
        "account": "account",
        "account_name": "account_name",
        "text": "text",
        "cost_center": "cost_center",
        "debit": "debit",
        "credit": "credit",
    },
}
_MONEY: Final = frozenset(
    {"remittance_gross", "deduction", "paid", "debit", "credit", "net_amount", "balance"}
)
_BALANCES: Final = ("opening", "closing")
_TOTALS: Final = ("totals.", "total", "paid")
_LEAST: Final = 2
"""Rows that make a list of entries."""


def fill(fields: Fields, tables: Sequence[Grid]) -> None:
    """The lines of such a document, from its largest table or, without headings, from what rows hold."""
    grid = max(tables, key=lambda one: len(one.items) * len(one.columns), default=None)
    items = _told(fields, grid.items) if grid is not None else []
    if not items:
        loose = _LOOSE.get(fields.type)
        items = _told(fields, loose(fields.sight)) if loose else []
    path = PATHS[fields.type]
    for place, item in enumerate(items):
        _put(fields, item, f"{path}[{place}]")
    if path == "entries":
        _by_balance(fields, len(items))


def _told(fields: Fields, items: Sequence[Item]) -> list[Item]:
    """The items that hold an amount and are neither a balance nor a total."""
    told = [
        item
        for item in items
        if any(any(c.isdigit() for c in item.text(kind)) for kind in _MONEY & item.cells.keys())
        and not _is_sum(item)
    ]
    if fields.type is DocumentType.JOURNAL_VOUCHER:
        for item in told:
            _parted(item)
    dated = [item for item in told if _leading_day(item.cells.get("booked", ()))]
    if dated:
        told = told[: told.index(dated[-1]) + 1]  # what follows the last entry is how old the open ones are
    return dated if len(dated) > 0.7 * len(told) else told


def _parted(item: Item) -> None:
    """The number of an account that stands before its name or text."""
    if "account" in item.cells:
        return
    for kind in ("account_name", "text"):
        words = item.cells.get(kind, [])
        if words and words[0].text.isdigit() and len(words[0].text) > 2:
            item.cells["account"], item.pages["account"] = words[:1], page_of(item, kind)
            item.cells[kind] = words[1:]
            if not words[1:]:
                del item.cells[kind]
            return


def _put(fields: Fields, item: Item, base: str) -> None:
    names = _NAMES[fields.type]
    cells = parsed(fields, item)
    if fields.type is DocumentType.ACCOUNT_STATEMENT:
        _dated(fields, item, cells)
        _signed(fields, base, item, cells)
    for kind, (value, words) in cells.items():
        name = names.get(kind)
        if name is None or (name == "amount" and f"{base}.amount" in fields.values):
            continue
        if kind == "deduction":
            value = abs(value)
        page = page_of(item, kind)
        if kind == "text":
            words = [*words, *_more(item, words, page)]
            value = " ".join(word.text for word in words)
        fields.put(f"{base}.{name}", value, 0.88, "table", words, page)


def _more(item: Item, words: Sequence[Word], page: int) -> list[Word]:
    """The text goes on below, from the same left edge."""
    left, height = words[0].x0, words[0].y1 - words[0].y0
    found: list[Word] = []
    last = words[0]
    for more, at in item.more:
        first = more[0]
        if at != page or abs(first.x0 - left) > height or not 0 < first.y0 - last.y0 < 2 * height:
            continue
        found += more
        last = first
    return found


def _is_sum(item: Item) -> bool:
    """Its text begins with a balance, or with a total where it has no date."""
    words = [word for kind, cell in item.cells.items() if kind not in _MONEY for word in cell]
    words.sort(key=lambda word: word.x0)
    if words and any(letter.isdigit() for letter in words[0].text):
        words = item.cells.get("text") or item.cells.get("document_number") or []
    kinds = set(_beginning(" ".join(word.text for word in words)))
    dated = any(letter.isdigit() for letter in item.text("booked"))
    named = _TOTALLED.match(lexicon.plain(words[0].text)) if words else None
    totals = not dated and (named is not None or any(kind.startswith(_TOTALS) for kind in kinds))
    return totals or any(kind.startswith(_BALANCES) for kind in kinds)


_TOTALLED: Final = re.compile(
    r"(?:(?:sub|zwischen|gesamt)?(?:summen?|sums?|totals?)"
    r"|totalen|totali|totales|totaux|totaal|totale|sumas?|razem|somme)$"
)


def _beginning(text: str) -> Iterator[str]:
    """The kinds of the labels that a text begins with."""
    joined = ""
    for word in text.split()[:5]:
        joined += lexicon.plain(word)
        yield from lexicon.labels().get(joined, ())


_DAY_AND_MONTH: Final = re.compile(r"(\d{1,2})\s?[./-]\s?(\d{1,2})\.?$")


def _dated(fields: Fields, item: Item, cells: dict[str, tuple[Any, Sequence[Word]]]) -> None:
    """Dates without a year have that of the statement."""
    end = fields.values.get("period_end") or fields.values.get("issue_date") or _last_date(fields.sight)
    for kind in ("booked", "value_date"):
        match = _DAY_AND_MONTH.match(item.text(kind).strip())
        if kind in cells or match is None or end is None:
            continue
        day = day_before(match.group(1), match.group(2), end, fields.sight.order)
        if day is not None:
            cells[kind] = day, item.cells[kind]


def day_before(first: str, second: str, end: date, order: str) -> date | None:
    """The last such day before or soon after another one."""
    day, month = (int(second), int(first)) if order == "mdy" else (int(first), int(second))
    for year in (end.year, end.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if (found - end).days < 45:
            return found
    return None


def _last_date(sight: Sight) -> date | None:
    return max((value.value for value in sight.values if isinstance(value.value, date)), default=None)


def _signed(fields: Fields, base: str, item: Item, cells: dict[str, tuple[Any, Sequence[Word]]]) -> None:
    """A bank's credit raises the balance; so does a supplier's debit."""
    bank = "account.iban" in fields.values
    for kind, sign in (("debit", -1 if bank else 1), ("credit", 1 if bank else -1)):
        if kind in cells and cells[kind][0]:
            value, words = cells[kind]
            fields.put(f"{base}.amount", sign * abs(value), 0.88, "table", words, page_of(item, kind))
            return
    if "net_amount" in cells:
        value, words = cells["net_amount"]
        text = " ".join(word.text for word in words)
        found = next(amounts.find_amounts(text, fields.sight.mark), None)
        if found and found.side == "debit":
            value = -abs(value)
        fields.put(f"{base}.amount", value, 0.85, "table", words, page_of(item, "net_amount"))


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


# ---------------------------------------------------------------- without headings


def loose_entries(sight: Sight) -> list[Item]:
    """Rows that begin with a date and end with one to three amounts, which stand in columns."""
    rows = [(row, day, money) for row in sight.rows for day, money in _entry(row)]
    if len(rows) < _LEAST:
        return []
    edges = _edges([value.x1 for _, _, money in rows for value in money], sight.height)
    several = sum(len(money) > 1 for _, _, money in rows)
    kinds = _COLUMNS[min(len(edges), 3)]
    if len(edges) == 2 and several < 0.6 * len(rows):
        kinds = ("debit", "credit")
    found: list[Item] = []
    for row, day, money in rows:
        cells: dict[str, list[Word]] = {"booked": day}
        for value in money:
            place = min(range(len(edges)), key=lambda at: abs(edges[at] - value.x1))
            if place < len(kinds):
                cells[kinds[place]] = list(value.seg.words_of(value.start, value.end))
        used = {id(word) for words in cells.values() for word in words}
        text = [word for seg in row.segs for word in seg.words if id(word) not in used]
        second = _leading_day(text)
        if second:
            cells["value_date"] = second
            text = text[len(second) :]
        cells["text"] = [word for word in text if amounts.currency_of(word.text) is None]
        if not cells["text"]:
            del cells["text"]
        found.append(Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1))
    return found


_COLUMNS: Final[dict[int, tuple[str, ...]]] = {
    1: ("net_amount",),
    2: ("net_amount", "balance"),
    3: ("debit", "credit", "balance"),
}


def _entry(row: Row) -> Iterator[tuple[list[Word], list[Value]]]:
    words = [word for seg in row.segs for word in seg.words]
    day = _leading_day(words)
    money = [value for value in row.values if _is_money(value) and value.x0 > (words[0].x1 if day else 0)]
    if day and 1 <= len(money) <= 3 and money[-1].x1 >= 0.98 * max(word.x1 for word in words):
        yield day, money


def _is_money(value: Value) -> bool:
    return (
        value.type == "amount" and isinstance(value.value, Decimal) and value.value.as_tuple().exponent == -2
    )


def _leading_day(words: Sequence[Word]) -> list[Word]:
    """The words at the start that make a date, with or without a year."""
    for count in (1, 2, 3):
        text = " ".join(word.text for word in words[:count]).strip()
        if len(words) < count:
            break
        day = dates.parse_date(text)
        if (day is not None and day.start == 0 and day.end >= len(text.rstrip(".,"))) or (
            count == 1 and _DAY_AND_MONTH.match(text)
        ):
            return list(words[:count])
    return []


def _edges(places: Sequence[float], height: float) -> list[float]:
    """Right edges that amounts share, from the left."""
    groups: list[list[float]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= 1.2 * height:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [group[-1] for group in groups]


def loose_remittances(sight: Sight) -> list[Item]:
    """Rows with the number of a document and its amount, or two amounts and what lies between them."""
    found: list[Item] = []
    for row in sight.rows:
        money = [value for value in row.values if _is_money(value)]
        code = next((value for value in row.values if value.type == "code" and _is_number(value)), None)
        if not money or code is None or code.x0 > money[0].x0:
            continue
        if any(kind.startswith((*_TOTALS, *_BALANCES)) for kind in _beginning(row.text)):
            continue
        cells = {"document_number": list(code.seg.words_of(code.start, code.end))}
        day = next((value for value in row.values if value.type == "date"), None)
        if day is not None:
            cells["document_date"] = list(day.seg.words_of(day.start, day.end))
        for kind, value in _paid(money):
            cells[kind] = list(value.seg.words_of(value.start, value.end))
        found.append(Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1))
    return found


def _is_number(value: Value) -> bool:
    return sum(letter.isdigit() for letter in value.text) >= 3 and ":" not in value.text


def _paid(money: Sequence[Value]) -> Iterator[tuple[str, Value]]:
    """Gross, deduction and paid among the amounts of a row."""
    yield "paid", money[-1]
    if len(money) == 2:
        yield "remittance_gross", money[0]
    if len(money) >= 3:
        gross, off, paid = (abs(value.value) for value in money[-3:])  # type: ignore[arg-type]
        if gross - off == paid:
            yield "remittance_gross", money[-3]
            yield "deduction", money[-2]


_LOOSE: Final = {
    DocumentType.PAYMENT_ADVICE: loose_remittances,
    DocumentType.ACCOUNT_STATEMENT: loose_entries,
}
