"""The lines of an order that are set as a table: cells parted by tabs, bars, semicolons or several blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.money import ISO_4217
from abax.writing.claims import compact, values
from abax.writing.services.contracts import OrderLine
from abax.writing.services.order_lines import Item, Look
from abax.writing.services.order_words import COLUMNS, NUMBER, UNITS
from abax.writing.spelling import CURRENCY_WORDS, plain

_PARTED: Final = re.compile(r"\t+|\s*\|\s*|\s*;\s*|\s{2,}")
_FEWEST: Final = 3
_MOST: Final = 20
"""Cells of a row."""
_HEADINGS: Final = {
    plain(word.replace("-", " ")): column for column, words in COLUMNS.items() for word in words.split()
}
_MONEY: Final = "|".join(sorted(map(re.escape, (*CURRENCY_WORDS, *ISO_4217)), key=len, reverse=True))
_NUMERIC: Final = re.compile(
    rf"(?P<before>{_MONEY})?\s*(?P<n>{NUMBER})\s*(?:(?P<after>(?:{_MONEY})(?!\w))"
    rf"|(?P<unit>{UNITS})\.?)?",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"(?=.*\d)[A-Z\d][\w/.-]*", re.IGNORECASE)


@dataclass(frozen=True)
class _Cell:
    text: str
    value: Decimal | None = None
    unit: str = ""
    currency: str = ""


Columns = tuple[str, ...]
"""What each cell of a row is, by the headings; empty where there are none."""


def columns_in(line: str) -> Columns:
    """The columns that a line is the heading of; none where it is no heading."""
    cells = _parted(line)
    named = [_HEADINGS.get(plain(cell).strip(" .:()€$"), "") for cell in cells]
    known = [one for one in named if one]
    return tuple(named) if len(cells) >= _FEWEST and "quantity" in known and len(known) >= 2 else ()


def row_in(line: str, columns: Columns, look: Look) -> Item | None:
    """The line of an order in a row, by its headings or else by its arithmetic; None where it is no row."""
    texts = _parted(line)
    if not _FEWEST <= len(texts) <= _MOST:
        return None
    cells = [_cell(text, look) for text in texts]
    if len(columns) == len(cells):
        found = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
    else:
        found = _by_content(cells, look)
    return _line(line, found, look)


def _parted(line: str) -> list[str]:
    return [cell.strip() for cell in _PARTED.split(line.strip().strip("|")) if cell.strip()]


def _cell(text: str, look: Look) -> _Cell:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return _Cell(text)
    sign = (match["before"] or match["after"] or "").lower()
    codes = CURRENCY_WORDS.get(sign, (sign.upper(),) if sign else ("",))
    several = values(match["n"], look.language)
    code = look.currency if look.currency in codes else codes[0]
    return _Cell(text, several[0] if several else None, match["unit"] or "", code)


def _by_content(cells: Sequence[_Cell], look: Look) -> dict[str, _Cell]:
    """What each cell of a row without headings is: a quantity times a price may be the last amount."""
    code = next((one for one in cells if compact(one.text) in look.codes), None) or next(
        (one for one in cells if one.value is None and _CODE.fullmatch(one.text)), None
    )
    wordy = [one for one in cells if one.value is None and one is not code]
    what = max(wordy, key=lambda one: len(re.findall(r"[^\W\d_]", one.text)), default=None)
    numbers = [one for one in cells if one.value is not None and one is not code]
    found = _by_arithmetic(numbers)
    if code is not None:
        found["code"] = code
    if what is not None:
        found["what"] = what
    return found if what or code else {}


def _by_arithmetic(numbers: Sequence[_Cell]) -> dict[str, _Cell]:
    counted = next((one for one in numbers if one.unit), None)
    for total in numbers[2:]:
        for price in numbers[1:-1]:
            for quantity in numbers[:-2]:
                product = (quantity.value or Decimal(0)) * (price.value or Decimal(0))
                if len({id(quantity), id(price), id(total)}) == 3 and product == total.value:
                    return {"quantity": quantity, "price": price, "total": total}
    if counted is not None:
        after = numbers[list(numbers).index(counted) + 1 :]
        return {"quantity": counted, **({"price": after[0]} if len(after) == 1 else {})}
    if len(numbers) == 3 and _is_whole(numbers[0]) and _is_whole(numbers[1]) and not numbers[1].currency:
        numbers = numbers[1:]  # the first one is the place of the row
    if len(numbers) == 2 and not numbers[0].currency and _is_whole(numbers[0]):
        return {"quantity": numbers[0], "price": numbers[1]}
    if len(numbers) == 1 and not numbers[0].currency and _is_whole(numbers[0]):
        return {"quantity": numbers[0]}
    return {}


def _is_whole(cell: _Cell) -> bool:
    return cell.value is not None and cell.value == cell.value.to_integral_value()


def _line(text: str, cells: dict[str, _Cell], look: Look) -> Item | None:
    quantity = cells.get("quantity")
    if quantity is None or quantity.value is None or not ({"code", "what"} & cells.keys()):
        return None
    price, total = cells.get("price"), cells.get("total")
    each = price.value if price else None
    if each is None and total and total.value is not None and quantity.value:
        share = total.value / quantity.value
        each = share if share == share.quantize(Decimal("0.0001")) else None
    wrong = bool(each is not None and total and total.value not in (None, each * quantity.value))
    line = OrderLine(
        code=cells["code"].text if "code" in cells else "",
        description=cells["what"].text[:200] if "what" in cells else "",
        quantity=quantity.value,
        unit=quantity.unit or (cells["unit"].text if "unit" in cells else ""),
        unit_price=each,
    )
    currency = next((one.currency for one in (price, total) if one and one.currency), "")
    return Item(line, text.strip(), currency, wrong)
