"""The cells of a table's lines as values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from abax.documents import amounts, dates, grids
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.grids import Item
from abax.documents.meaning import bare, rate_of
from abax.documents.pages import Word
from abax.documents.reckoning import CENT

_COUNTS: Final = ("quantity", "ordered_quantity")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_COMMA: Final = ("de", "fr", "es", "it", "nl", "pl")
"""Languages whose decimal mark is a comma."""
DATES: Final = frozenset({"document_date", "booked", "value_date", "delivery_date"})


def page_of(item: Item, kind: str) -> int:
    """Where a cell stands."""
    return item.pages.get(kind, item.page)


def parsed(fields: Fields, item: Item) -> dict[str, tuple[Any, Sequence[Word]]]:
    """A line's cells as values."""
    found: dict[str, tuple[Any, Sequence[Word]]] = {}
    sight = fields.sight
    for kind, words in item.cells.items():
        text = " ".join(word.text for word in words)
        if sight.recognised:
            text = amounts.unconfused(text)
        value: Any = None
        if kind in DATES:
            day = dates.parse_date(text, sight.order)
            value = day.value if day else None
        elif kind == "tax_rate":
            value = rate_of(text, sight.mark)
        elif kind in grids.NUMERIC:
            text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", text)
            amount = next(amounts.find_amounts(bare(text), sight.mark), None)
            value = amount.value if amount else None
            if kind == "quantity" and item.mark and _bare_places(text):
                value = _in_places(item, text, sight.mark)
            elif kind == "quantity" and amount is not None and amount.unsure:
                value = _by_product(item, sight.mark, amount.value)
            elif kind in _COUNTS and "unit_price" not in item.cells and _THOUSANDS.fullmatch(text):
                value = Decimal(text.replace(".", "")) if sight.language in _COMMA else value
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
        _gross(found, untaxed=item.untaxed)
    else:
        _mended(found)
    return found


def _bare_places(text: str) -> bool:
    return re.match(r"-?\d{1,3}[.,]\d{3}(?!\d)", text) is not None


def _in_places(item: Item, text: str, mark: str | None) -> Decimal | None:
    """``12,000`` as twelve, unless thousands make the amount of the line."""
    found = [next(amounts.find_amounts(said, one), None) for said, one in ((text, item.mark), (text, mark))]
    few, many = (one.value if one else None for one in found)
    price, total = (
        next(amounts.find_amounts(item.text(k), mark), None) for k in ("unit_price", "net_amount")
    )
    if many is not None and price and total and abs(many * price.value - total.value) <= CENT:
        return many
    places = re.match(r"-?\d{1,3}[.,]\d{3}", text)
    return Decimal(places.group().replace(",", ".")) if places else few


def _by_product(item: Item, mark: str | None, value: Decimal) -> Decimal:
    """``1.000`` pieces or one: what makes the amount of the line."""
    price = next(amounts.find_amounts(item.text("unit_price"), mark), None)
    total = next(amounts.find_amounts(item.text("net_amount"), mark), None)
    if price and total and abs(value / 1000 * price.value - total.value) <= CENT:
        return value / 1000
    return value


def _gross(found: dict[str, tuple[Any, Sequence[Word]]], *, untaxed: bool) -> None:
    """A till's sums hold the tax, unless their heading says otherwise."""
    if "net_amount" in found and "gross_amount" not in found and not untaxed:
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
