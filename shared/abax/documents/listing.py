"""Lines of goods without headings: rows whose sums add up to a total, or that multiply by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from abax.documents import amounts, lexicon
from abax.documents.filling import is_carried
from abax.documents.grids import ENDS, Item
from abax.documents.pages import Word
from abax.documents.reckoning import CENT
from abax.documents.spans import Label, Row, Seg, Sight, Value

_SUMS: Final = frozenset({"totals.net", "totals.lines", "totals.gross", "totals.any", "totals.due"})
_NO_LINES: Final = frozenset({*ENDS, "opening_balance"})
WITHHELD: Final = re.compile(
    r"ritenuta|irpf|retencion|withholding|cis(?:deduct|tax)|lesscis|retenuealasource|adedurre|adeduire"
)
_TAX_NAMES: Final = (
    r"(?:[CSI]?GST|PTU|VAT|TVA|IVA|BTW|MwSt|USt|moms|DPH|podatek|(?:sales )?tax"
    r"|\w*mehrwertsteuer|\w*umsatzsteuer)"
)
_TAXES: Final = re.compile(
    rf"(?:{_TAX_NAMES}\b\.?[^%]{{0,20}}\d\s?%|[^\W\d]{{0,6}}\W{{0,2}}\d[\d.,]*\s?%\s?{_TAX_NAMES}\b)",
    re.IGNORECASE,
)
"""``VAT 20 %``, ``zzgl. 19,00 % Umsatzsteuer`` at the start of a row."""
_TAKEN_OFF: Final = frozenset({"totals.allowances", "totals.prepaid"})
_TIMES: Final = re.compile(r"\d\s*[^\W\d]{0,14}\.?\s*[x\u00d7*@]\s*\D{0,5}\d", re.IGNORECASE)
_FACTORS: Final = re.compile(
    r"(?P<quantity>\d[\d.,]*)\s*(?P<unit>(?!x\s?\d)[^\W\d]{0,14}?)\.?\s*[x\u00d7*@]\s*[^\d\s]{0,3}\s?"
    r"(?P<price>\d[\d.,]*\d)(?:\s?(?:EUR|CHF|USD|GBP|PLN|[\u20ac\u00a3$]|z\u0142)?(?:/\w{1,5})?(?!\w))?",
    re.IGNORECASE,
)
_EXTRAS: Final = frozenset({"totals.charges", "totals.allowances"})
_SIGNS: Final = frozenset({"x", "X", "*", "@", "\u00d7", "\u00e0", "="})
_ALTOGETHER: Final = re.compile(
    r"\b(?:total|totale?|totaal|razem|suma|summe|somme|zusammen|insgesamt|gesamt\w*|inkl\w*|incl\w*|ttc)\b",
    re.IGNORECASE,
)
_GLUED: Final = re.compile(r"-?\d[\d.,' ]*[.,]\d{2}(?= ?[A-Z*]$)")


@dataclass(slots=True)
class Priced:
    """A row with a sum at its end."""

    row: Row
    amount: Decimal
    words: tuple[Word, ...]
    kinds: frozenset[str]
    """What its label may mean, where it has one."""
    admitted: bool = False
    """Its label is one of a charge or a tax, but it stands among the lines."""
    apart: bool = False
    """It begins where the total does, and lines elsewhere."""

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def whole(self) -> bool:
        """Its label is all that it says."""
        used = {id(word) for word in self.words}
        rest = "".join(word.text for seg in self.row.segs for word in seg.words if id(word) not in used)
        letters = sum(letter.isalpha() for letter in rest)
        return any(label.length >= 0.9 * letters for label in self.row.segs[0].labels[:1])

    @property
    def is_line(self) -> bool:
        """It is no total, tax or charge, and has a text."""
        before = [word for seg in self.row.segs for word in seg.words if word not in self.words]
        return (
            not self.apart
            and (self.admitted or not self.kinds & _NO_LINES)
            and not WITHHELD.search(lexicon.plain(self.row.text))
            and not _TAXES.match(self.row.text)
            and any(sum(letter.isalpha() for letter in word.text) > 1 for word in before)
        )


@dataclass(slots=True)
class _Sum:
    """An amount and the rows that it is the sum of."""

    amount: Decimal
    x1: float
    rows: list[Priced]
    made: bool = False
    """It was named a total, and rows above it make it."""


def summed(sight: Sight) -> list[Priced]:
    """The rows of goods of a document whose amounts add up to a total that is named below them."""
    stack: list[_Sum] = []
    for row in sight.rows:
        priced = priced_row(row)
        if priced is None or is_carried(row):
            continue
        told = priced.kinds & _SUMS
        parts = _parts(priced, stack, sight) if told or _ALTOGETHER.search(row.text) else []
        parts = parts if told or len(parts) > 1 else []
        if parts:
            del stack[stack.index(parts[0]) :]
            rows = [one for part in parts for one in part.rows]
            if not any(part.made for part in parts):
                _set_apart(rows, priced, sight)
                _admit(rows, told)
            stack.append(_Sum(priced.amount, priced.x1, rows, made=True))
        else:
            stack.append(_Sum(priced.amount, priced.x1, [priced]))
    best: list[Priced] = []
    for one in stack:
        lines = [row for row in one.rows if row.is_line]
        if one.made and len(lines) > len(best):
            best = lines
    return best if len(best) > 1 else max(best, _below_total(stack, sight), key=len)


def _set_apart(rows: Sequence[Priced], total: Priced, sight: Sight) -> None:
    """What begins where the total begins, and not where most lines do, is no line."""
    left = total.row.segs[0].x0
    below = [abs(row.row.segs[0].x0 - left) <= sight.height for row in rows]
    if sum(below) * 2 < len(below):
        for row, is_below in zip(rows, below, strict=True):
            row.apart = is_below


def _admit(rows: Sequence[Priced], told: frozenset[str]) -> None:
    """Charges and taxes that lines follow are lines, and so is what has a name of its own before a sum
    without tax: only what stands between the sum of the lines and the total is none."""
    after = False
    left = sum(row.amount for row in rows)
    for row in reversed(rows):
        left -= row.amount
        among = after or (bool(told) and told <= _NET and not row.whole and not _is_part(row, left))
        if row.kinds and row.kinds <= _EXTRAS | _TAX and among:
            row.admitted = True
        after = after or (row.is_line and not row.admitted)


def _is_part(row: Priced, before: Decimal) -> bool:
    """It is the percentage of what stands before it that it says."""
    return any(
        isinstance(value.value, Decimal) and abs(abs(before * value.value) / 100 - abs(row.amount)) <= CENT
        for value in row.row.values
        if value.type == "percent"
    )


_NET: Final = frozenset({"totals.net", "totals.lines", "totals.any"})
_TAX: Final = frozenset({"totals.tax"})


def _below_total(stack: Sequence[_Sum], sight: Sight) -> list[Priced]:
    """Rows below one another that add up to a total that was named before: details after a summary."""
    told = {one.amount for one in stack if one.made or one.rows[0].kinds & _SUMS}
    shown: set[Decimal] = set()
    best: list[Priced] = []
    run: list[Priced] = []
    begins: dict[Decimal, int] = {}
    running = Decimal(0)
    before: set[Decimal] = set()
    for one in stack:
        row = one.rows[0]
        if one.made or not row.is_line or (run and not _is_below(row, run[-1], sight.height)):
            run = []
        shown.add(one.amount)
        if one.made or not row.is_line:
            continue
        if not run:
            running, begins = Decimal(0), {Decimal(0): 0}
            before = told | shown if len(shown) <= _SUMMARY else told
        run.append(row)
        running += one.amount
        for total in before:
            start = begins.get(running - total)
            least = max(1 if total in told else 2, len(best))
            if start is not None and len(run) - start > least:
                best = run[start:]
        begins.setdefault(running, len(run))
    return best


_SKIPPED: Final = 8
"""Rows with sums, such as taxes, that may stand between the last line and the total."""


def _parts(total: Priced, stack: Sequence[_Sum], sight: Sight) -> list[_Sum]:
    """The sums above a total that make it, the uppermost first: right above it, or two lines and more with
    rows of taxes in between."""
    there = [one for one in stack if abs(one.x1 - total.x1) <= 2 * sight.height]
    found = _run(total, there)
    if not any(row.is_line for one in found for row in one.rows):
        lines = [one for one in stack if all(row.is_line for row in one.rows)]
        last = lines[-1:]
        aligned = [one for one in lines for other in last if _aligned(one, other, sight.height)]
        found = _run(total, aligned) or found
    return found


_SUMMARY: Final = 40
"""Amounts of a summary before its details."""


def _is_below(row: Priced, above: Priced, height: float) -> bool:
    """Their texts begin and their amounts end below each other."""
    left = abs(row.row.segs[0].x0 - above.row.segs[0].x0)
    return abs(row.x1 - above.x1) <= 2 * height and left <= 3 * height


def _aligned(one: _Sum, other: _Sum, height: float) -> bool:
    """Their amounts end or begin below each other."""
    first, second = (min(word.x0 for word in part.rows[-1].words) for part in (one, other))
    return abs(one.x1 - other.x1) <= 2 * height or abs(first - second) <= height


def _run(total: Priced, there: Sequence[_Sum]) -> list[_Sum]:
    """The longest run of sums that makes a total."""
    best: list[_Sum] = []
    for skipped in range(min(_SKIPPED, len(there)) + 1):
        found: list[_Sum] = []
        running = Decimal(0)
        for one in reversed(there[: len(there) - skipped]):
            if skipped and not all(row.is_line for row in one.rows):
                break
            off = len(one.rows) == 1 and one.rows[0].kinds and one.rows[0].kinds <= _TAKEN_OFF
            running += -abs(one.amount) if off else one.amount
            found.append(one)
            if running == total.amount and (len(found) > 1 or (one.rows[0].is_line and not skipped)):
                best = max(best, found[::-1], key=len)
                break
        if best and not skipped:
            break
    return best


def priced_row(row: Row) -> Priced | None:
    """The row as one with a sum at its end, where it has one with two decimals."""
    last = row.segs[-1]
    labels = [one for one in row.segs[0].labels if one.start <= 1 and _is_all(one, row.segs[0])]
    kinds = frozenset(kind for label in labels for kind in label.kinds)
    money = [value for value in last.values if value.type == "amount" and isinstance(value.value, Decimal)]
    if money and not any(letter.isalnum() for letter in _after(money[-1])):
        value = money[-1]
        assert isinstance(value.value, Decimal)
        if value.value.as_tuple().exponent != -2:
            return None
        marked = _LETTER.search(value.seg.text[value.end :]) is not None
        end = len(value.seg.text) if marked else value.end
        return Priced(row, value.value, value.seg.words_of(value.start, end), kinds)
    glued = _GLUED.search(last.text)
    parsed = amounts.parse_amount(glued.group()) if glued else None
    if glued is None or parsed is None:
        return None
    return Priced(row, parsed.value, last.words_of(glued.start(), len(last.text)), kinds)


def _is_all(label: Label, seg: Seg) -> bool:
    """A charge is most of what its row says; ``Transport of your machines`` is a line."""
    if not set(label.kinds) <= _EXTRAS:
        return True
    letters = sum(letter.isalpha() for letter in lexicon.plain(seg.text))
    return label.length >= 0.6 * letters


def _after(value: Value) -> str:
    """What follows an amount, but its currency and the letter of its tax."""
    rest = _LETTER.sub("", value.seg.text[value.end :]).strip()
    return "" if amounts.currency_of(rest) else rest


_LETTER: Final = re.compile(r"(?:^|\s)[A-Z*]$")
"""The letter of a tax, as tills print it behind a sum."""


def listed(rows: Sequence[Priced], sight: Sight) -> list[Item]:
    """Rows as lines: what stands before the sum is the text, but for a quantity and a price that make it."""
    items = [_item(priced, sight) for priced in rows]
    for item, priced, after in zip(items, rows, [*rows[1:], None], strict=False):
        words_of = (item.cells.get(kind, ()) for kind in ("quantity", "unit_price"))
        factors = {(word.x0, word.y0) for words in words_of for word in words}
        item.more = [
            (words, page)
            for words, page in _below(priced, after, sight)
            if not factors & {(word.x0, word.y0) for word in words}
        ]
    return items


def _below(priced: Priced, after: Priced | None, sight: Sight) -> Iterator[tuple[list[Word], int]]:
    """Rows of text right below a line, to the next one."""
    last = priced.row
    for row in sight.rows[last.number + 1 : after.row.number if after else last.number + 4]:
        if row.page != last.page or row.y0 - last.y1 > 0.8 * sight.height or priced_row(row) is not None:
            return
        if abs(row.segs[0].x0 - priced.row.segs[0].x0) > 3 * sight.height:
            return
        yield [word for seg in row.segs for word in seg.words], row.page
        last = row


@dataclass(slots=True)
class _Factors:
    """A quantity and a price that multiply to a sum, where they stand, and the unit between them."""

    quantity: list[Word]
    price: list[Word]
    unit: list[Word]
    words: list[Word]
    """All of them, where they are no part of the text."""


def _item(priced: Priced, sight: Sight) -> Item:
    row = priced.row
    source, factors = row, _factors(row, priced, sight)
    if factors is None:
        for beside in _beside(row, sight):
            factors = _factors(beside, priced, sight) if _TIMES.search(beside.text) else None
            if factors is not None:
                source = beside
                break
    cells: dict[str, list[Word]] = {"net_amount": list(priced.words)}
    used = {id(word) for word in priced.words}
    if factors is not None:
        cells |= {"quantity": factors.quantity, "unit_price": factors.price}
        if factors.unit:
            cells["unit"] = factors.unit
        used |= {id(word) for word in factors.words}
        if source is not row:
            used |= {id(word) for word in (*factors.quantity, *factors.price, *factors.unit)}
    rate = _rate(row, used)
    if rate:
        cells["tax_rate"] = rate
        used |= {id(word) for word in rate}
    cells["description"] = _text([word for seg in row.segs for word in seg.words if id(word) not in used])
    worded = any(letter.isalpha() for word in cells["description"] for letter in word.text)
    if factors is not None and not worded and row.number and priced_row(sight.rows[row.number - 1]) is None:
        cells["description"] = _line_before(sight, row)
    return Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1)


def _text(words: list[Word]) -> list[Word]:
    """Words without signs and currencies at their ends."""
    while words and (words[-1].text in _SIGNS or _is_currency(words)):
        words = words[:-1]
    while words and words[0].text in _SIGNS:
        words = words[1:]
    if words and words[-1].text.endswith(":"):
        words = [*words[:-1], replace(words[-1], text=words[-1].text.rstrip(":"))]
    return words


def _is_currency(words: Sequence[Word]) -> bool:
    """The last word is the currency of the sum behind it, of no amount before it."""
    alone = len(words) < 2 or not words[-2].text[-1:].isdigit()
    return alone and amounts.currency_of(words[-1].text) is not None


def _rate(row: Row, used: set[int]) -> list[Word]:
    """The rate of a tax that stands by itself."""
    for value in row.values:
        if value.type != "percent" or not isinstance(value.value, Decimal) or not 0 <= value.value <= 30:
            continue
        words = list(value.seg.words_of(value.start, value.end))
        alone = not any(letter.isalpha() for letter in value.seg.text[: value.start])
        if alone and value.seg is not row.segs[0] and not used & {id(word) for word in words}:
            return words
    return []


def counted(sight: Sight) -> list[Item]:
    """Lines without prices: rows below one another that begin with a quantity and its unit."""
    found: list[tuple[Row, Item]] = []
    for row in sight.rows:
        match = _COUNT.match(row.segs[0].text)
        if match is None or lexicon.plain(match["unit"]) not in lexicon.units():
            continue
        seg = row.segs[0]
        cells = {name: list(seg.words_of(*match.span(name))) for name in ("quantity", "unit", "description")}
        cells["description"] += [word for other in row.segs[1:] for word in other.words]
        item = Item(cells, dict.fromkeys(cells, row.page), page=row.page, bottom=row.y1)
        if found and abs(seg.x0 - found[0][0].segs[0].x0) > 2 * sight.height:
            continue
        found.append((row, item))
    return [item for _, item in found] if len(found) > 1 else []


_COUNT: Final = re.compile(
    r"(?:[-\u2013\u2022*]\s+|\d{1,3}[.)]\s+)?(?P<quantity>\d[\d.,']*-?)\s*"
    r"(?P<unit>[^\W\d]\w{0,7}\.?)\s+(?P<description>.*\w{2}.*)"
)


def _factors(row: Row, priced: Priced, sight: Sight) -> _Factors | None:
    """The quantity and the price of a row that multiply to a sum."""
    glued = next((found for seg in row.segs if (found := _glued(seg, priced, sight))), None)
    if glued is not None:
        return glued
    numbers = [
        value
        for value in row.values
        if value.type == "amount"
        and isinstance(value.value, Decimal)
        and not set(value.seg.words_of(value.start, value.end)) & set(priced.words)
    ]
    for first in numbers:
        for second in numbers:
            if first is second or not first.value or _starts(second) < _starts(first):
                continue
            assert isinstance(first.value, Decimal) and isinstance(second.value, Decimal)
            if abs(first.value * second.value - priced.amount) <= CENT:
                words = [list(value.seg.words_of(value.start, value.end)) for value in (first, second)]
                apart = (_apart(first, row) and _apart(second, row)) or _at_ends(first, second, row)
                return _Factors(words[0], words[1], [], [*words[0], *words[1]] if apart else [])
    return None


def _glued(seg: Seg, priced: Priced, sight: Sight) -> _Factors | None:
    """``42,18 l x6,59``: factors that a sign of multiplication stands between."""
    for match in _FACTORS.finditer(seg.text):
        first, second = (amounts.parse_amount(match[name], sight.mark) for name in ("quantity", "price"))
        if first and second and abs(first.value * second.value - priced.amount) <= CENT:
            quantity, price = (_said(seg, *match.span(name)) for name in ("quantity", "price"))
            unit = _said(seg, *match.span("unit")) if match["unit"] else []
            return _Factors(quantity, price, unit, list(seg.words_of(match.start(), match.end())))
    return None


def _said(seg: Seg, start: int, end: int) -> list[Word]:
    """The words of a span; of a word that says more, the part that is in it."""
    words = list(seg.words_of(start, end))
    if len(words) == 1 and words[0].text != seg.text[start:end]:
        return [replace(words[0], text=seg.text[start:end])]
    return words


def _starts(value: Value) -> tuple[float, int]:
    return value.x0, value.start


def _apart(value: Value, row: Row) -> bool:
    """It is no part of the text: it stands by itself, at its ends, or a sign of multiplication is by."""
    worded = any(letter.isalpha() for letter in value.seg.text[: value.start] + value.seg.text[value.end :])
    return not worded or _TIMES.search(row.text) is not None


def _at_ends(first: Value, second: Value, row: Row) -> bool:
    """The quantity begins the row, and the price stands by itself or ends its text, and nothing such as
    ``at`` leads to it."""
    if first.start != 0 or first.seg is not row.segs[0]:
        return False
    if second.seg is not first.seg and not any(letter.isalpha() for letter in second.seg.text):
        return True
    before = second.seg.text[: second.start].split()
    ends = not any(letter.isalpha() for letter in _after(second))
    return ends and bool(before) and len(before[-1]) > 2 and before[-1] not in _SIGNS


def _beside(row: Row, sight: Sight) -> Iterator[Row]:
    """The rows below and above that have no sum of their own."""
    for place in (row.number + 1, row.number - 1):
        if 0 <= place < len(sight.rows) and sight.rows[place].page == row.page:
            other = sight.rows[place]
            if abs(other.y0 - row.y0) < 3 * sight.height:
                yield other


def loose_lines(sight: Sight) -> list[Item]:
    """Lines of a document without headings: rows where a quantity times a price makes the amount."""
    found: list[Item] = []
    for row in sight.rows:
        money = [value for value in row.values if value.type == "amount" and isinstance(value.value, Decimal)]
        if any(set(label.kinds) & set(ENDS) and label.start <= 1 for label in row.labels):
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


_MOST_AMOUNTS: Final = 16
"""A row with more amounts is no line of goods; all triples of them would take long."""


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
    if len(money) > _MOST_AMOUNTS:
        return None
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
