"""Allowances and charges: of a line, below it, and of the whole document, between its lines and the total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Final

from abax.documents import amounts, lexicon, taxing
from abax.documents.fields import Fields
from abax.documents.grids import Item
from abax.documents.meaning import bare
from abax.documents.pages import Word
from abax.documents.reckoning import BASES, CENT, multiplies
from abax.documents.spans import Label, Row, Value

SUM: Final = re.compile(r"^(?:gesamt|summe|total|sum|somme|suma|totale|totaal|razem|soucet|abzueglichgesamt)")
_EXTRAS: Final = ("totals.allowances", "totals.charges")
_KIND_OF: Final = re.compile(
    r"^(?:abschlag|zuschlag|allowance|charge|remise|descuento|sconto|korting|rabat)[\s:]+(?=\w{3})", re.I
)
_LESS: Final = re.compile(
    r"^(?:abzgl|abzueglich|abzuglich|zzgl|zuzuglich|less|plus|moins|menos|mas|meno|piu|minus|min|dont)?[\d%]*"
)


def sum_of(fields: Fields, item: Item) -> Decimal | None:
    """The amount of a line."""
    for kind in ("net_amount", "gross_amount"):
        found = next(amounts.find_amounts(bare(item.text(kind)), fields.sight.mark), None)
        if found is not None:
            return found.value
    return None


def total_of(fields: Fields, item: Item) -> Decimal:
    """The amount of a line with what is taken off below it."""
    return sum((change(fields, one) for one in item.adjustments), sum_of(fields, item) or Decimal(0))


def change(fields: Fields, item: Item) -> Decimal:
    """What an allowance or a charge changes."""
    amount = sum_of(fields, item) or Decimal(0)
    return amount if _changes(item) == "totals.charges" else -abs(amount)


def adds_up(fields: Fields, items: Sequence[Item]) -> bool:
    """Whether the amounts of lines make one that stands elsewhere."""
    used = {id(word) for item in items for words in item.cells.values() for word in words}
    total = sum((total_of(fields, item) for item in items), Decimal(0))
    return any(
        value.type == "amount"
        and value.value == total
        and id(value.seg.words_of(value.start, value.end)[0]) not in used
        for value in fields.sight.values
    )


def adjusted(fields: Fields, items: Sequence[Item]) -> list[Item]:
    """Lines without rows of allowances and charges: those between lines go to the line above, the last ones
    are of the whole document unless they are the share of the last line that they say, or the total without
    them stands nowhere and the one with them does."""
    if not any({"quantity", "unit_price"} & item.cells.keys() for item in items):
        return list(items)
    kept: list[Item] = []
    last: list[Item] = []
    for place, item in enumerate(items):
        counted = item.has_number("position") or _is_counted(fields, item)
        if not kept or counted or not _changes(item):
            kept.append(item)
        elif any(not _changes(other) for other in items[place + 1 :]) or _is_share(fields, item, kept[-1]):
            kept[-1].adjustments.append(item)
        else:
            last.append(item)
    if last and all(map(_in_columns, last)) and not adds_up(fields, kept) and adds_up(fields, [*kept, *last]):
        return [*kept, *last]
    return kept


def _in_columns(item: Item) -> bool:
    """It has more numbers of a line than its amount."""
    return any(item.has_number(kind) for kind in ("tax_rate", "tax_amount"))


def _is_counted(fields: Fields, item: Item) -> bool:
    """Its quantity times its price is its amount, for any number of units; two numbers that happen to stand
    there are none."""
    mark, total = fields.sight.mark, sum_of(fields, item)
    found = [next(amounts.find_amounts(bare(item.text(kind)), mark), None) for kind in _FACTORS]
    if None in found or total is None:
        return False
    quantity, price = (one.value for one in found if one is not None)
    return any(multiplies(quantity / base, price, total) for base in BASES)


_FACTORS: Final = ("quantity", "unit_price")


def _changes(item: Item) -> str | None:
    """``totals.allowances`` or ``totals.charges``, where a row begins with such a label."""
    words = [word for cell in item.cells.values() for word in cell]
    if any(SUM.match(lexicon.plain(word.text)) for word in words[:1]):
        return None
    words.sort(key=lambda word: (round(word.y0), word.x0))
    joined = ""
    for word in words[:6]:
        joined += lexicon.plain(word.text)
        joined = _LESS.sub("", joined)
        kinds = lexicon.labels().get(joined, ())
        if kinds and kinds[0] in _EXTRAS:
            return kinds[0]
    return None


def _is_share(fields: Fields, item: Item, line: Item) -> bool:
    """Its percentage of the line's amount is what it takes off."""
    text = " ".join(word.text for cell in item.cells.values() for word in cell)
    percent = re.search(r"(\d+(?:[.,]\d+)?)\s?%", text)
    off, whole = sum_of(fields, item), sum_of(fields, line)
    if percent is None or off is None or whole is None:
        return False
    rate = Decimal(percent.group(1).replace(",", "."))
    return abs(abs(whole) * rate / 100 - abs(off)) <= max(CENT, abs(whole) * Decimal("0.0005"))


# ---------------------------------------------------------------- of the whole document


def fill(fields: Fields) -> None:
    """Rows that name an allowance or a charge, with a rate or a base or none, unless the lines alone make the
    net total; sums of the lines that are carried over a page are none."""
    _drop_taxed(fields)
    first = _first_line(fields)
    told = _line_amounts(fields)
    if first is not None and _makes_net(fields, told):
        for path in _EXTRAS:
            fields.drop(path)
        return
    carried = set(list(accumulate(told))[1:])
    if fields.values.get("totals.charges") in carried:
        fields.drop("totals.charges")
    place = 0
    for row in fields.sight.rows[first or 0 :]:
        label = next((one for one in row.segs[0].labels if one.start <= 10), None)
        if label is None or label.kinds[0] not in _EXTRAS or SUM.match(lexicon.plain(row.text)):
            continue
        if any(id(word) in fields.in_lines for seg in row.segs for word in seg.words):
            continue
        money = [value.value for value in row.values if value.type == "amount"]
        if len(money) == 1 and money[0] in carried:
            continue
        if _put(fields, row, f"adjustments[{place}]", charge=label.kinds[0] == "totals.charges"):
            place += 1
    if not place:
        _under_heading(fields, told)


def _drop_taxed(fields: Fields) -> None:
    """Amounts of lines that make the whole with its tax are no net amounts."""
    told = _line_amounts(fields)
    net, gross = (fields.values.get(f"totals.{name}") for name in ("net", "gross"))
    if net is None or gross is None or net == gross or sum(told, Decimal(0)) != gross:
        return
    taxed = [path for path in fields.values if path.startswith("lines[") and path.endswith("].gross_amount")]
    nets = [path.replace("gross_amount", "net_amount") for path in taxed]
    if len(taxed) == len(told) and all(
        fields.values[path] == fields.values.get(other) for path, other in zip(taxed, nets, strict=True)
    ):
        for path in nets:
            fields.drop(path)


def _under_heading(fields: Fields, told: Sequence[Decimal]) -> None:
    """``Port HT`` over its amount in a row of totals: what the net total has more than the lines, or less."""
    net, lines = fields.values.get("totals.net"), sum(told, Decimal(0))
    if net is None or not told or net == lines:
        return
    kind = "totals.charges" if net > lines else "totals.allowances"
    for label in (label for seg in fields.sight.segs for label in seg.labels):
        if not label.whole or label.kinds[0] != kind:
            continue
        value = _amount_below(fields, label, abs(net - lines))
        if value is not None:
            words, page = value.seg.words_of(value.start, value.end), value.seg.page
            path = "adjustments[0]"
            fields.put(f"{path}.is_charge", net > lines, 0.8, "table", words, page)
            fields.put(f"{path}.amount", abs(net - lines), 0.9, "table", words, page)
            fields.put(f"{path}.reason", label.seg.text, 0.8, "table", label.seg.words, page, label.seg.text)
            fields.drop(kind)
            fields.put(kind, abs(net - lines), 0.9, "table", words, page)
            return


def _amount_below(fields: Fields, label: Label, amount: Decimal) -> Value | None:
    """This amount, where it stands under a label."""
    rows = fields.sight.rows[label.seg.row + 1 : label.seg.row + 3]
    return next(
        (
            value
            for row in rows
            if row.page == label.seg.page
            for value in row.values
            if value.type == "amount" and value.x0 < label.seg.x1 and value.x1 > label.seg.x0
            if abs(_decimal(value)) == amount
        ),
        None,
    )


def _line_amounts(fields: Fields) -> list[Decimal]:
    """The net amounts of the lines, in their order."""
    return [
        value
        for path, value in fields.values.items()
        if path.startswith("lines[") and path.endswith("].net_amount")
    ]


def _first_line(fields: Fields) -> int | None:
    """The row of the first line."""
    for row in fields.sight.rows:
        if any(id(word) in fields.in_lines for seg in row.segs for word in seg.words):
            return row.number
    return None


def _makes_net(fields: Fields, told: Sequence[Decimal]) -> bool:
    """The amounts of the lines are the net total, which with the tax is all: nothing is taken off."""
    net, tax, gross = (fields.values.get(f"totals.{name}") for name in ("net", "tax", "gross"))
    if net is None or tax is None or gross is None or net + tax != gross:
        return False
    return len(told) > 0 and sum(told, Decimal(0)) == net


def _put(fields: Fields, row: Row, path: str, *, charge: bool) -> bool:
    money = [value for value in row.values if value.type == "amount" and isinstance(value.value, Decimal)]
    sums = [_decimal(value) for value in money if _decimal(value).as_tuple().exponent == -2]
    if not sums or not sums[-1]:
        return False
    words: list[Word] = [word for seg in row.segs for word in seg.words]
    fields.put(f"{path}.is_charge", charge, 0.8, "table", words, row.page)
    fields.put(f"{path}.amount", abs(sums[-1]), 0.8, "table", words, row.page)
    if len(sums) > 1:
        fields.put(f"{path}.base", abs(sums[0]), 0.75, "table", words, row.page)
    reason = _reason(row.segs[0].text)
    fields.put(f"{path}.reason", reason, 0.7, "table", row.segs[0].words, row.page, reason)
    percent = next((v for v in row.values if v.type == "percent" and _makes(v, sums)), None)
    if percent is not None:
        fields.put(f"{path}.percent", abs(_decimal(percent)), 0.75, "table", words, row.page)
    category = taxing.CATEGORY.search(row.text)
    if category:
        fields.put(f"{path}.tax_category", category.group(1), 0.8, "table", words, row.page)
    rate = _tax_rate(fields, row)
    if rate is not None:
        fields.put(f"{path}.tax_rate", rate, 0.6, "rule", words, row.page)
    return True


def _decimal(value: Value) -> Decimal:
    assert isinstance(value.value, Decimal)
    return value.value


def _makes(percent: Value, sums: Sequence[Decimal]) -> bool:
    """It is the share that the last amount is of another."""
    share = abs(_decimal(percent)) / 100
    return any(abs(abs(base) * share - abs(sums[-1])) <= CENT for base in sums[:-1])


def _tax_rate(fields: Fields, row: Row) -> Decimal | None:
    """The rate of the tax that the row names, or the only one of the document."""
    named = [
        _decimal(value)
        for value in row.values
        if value.type == "percent" and taxing.TAX.search(_around(value)) is not None
    ]
    rates = {value for path, value in fields.values.items() if re.fullmatch(r"taxes\[\d+\]\.rate", path)}
    return named[0] if named else rates.pop() if len(rates) == 1 else None


def _around(value: Value) -> str:
    """The text before a value and the words right behind it."""
    return value.seg.text[: value.start] + value.seg.text[value.end : value.end + 8]


def _reason(text: str) -> str:
    """What an allowance is for: the words without the sums."""
    words = re.sub(r"[(:]?\s*[-\u2212]?\d[\d.,\s%]*.*$", "", text).strip(" :-(")
    return _KIND_OF.sub("", _SIGN.sub("", words))


_SIGN: Final = re.compile(
    r"^(?:abzgl\.?|abz\u00fcglich|zzgl\.?|zuz\u00fcglich|less|plus|moins|menos|meno|minus|pi\u00f9)\s+(?=\w{3})",
    re.I,
)
