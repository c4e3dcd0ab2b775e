"""Three-way match: what an invoice charges, against what was ordered and what came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from abax.documents.contracts import DocumentType, Line
from abax.documents.rules.keys import plain_id
from abax.documents.rules.known import OrderLine
from abax.documents.rules.model import Result, Rule, Severity, Subject

_ZERO: Final = Decimal(0)
_WORDS_ALIKE = 0.75


class Pair(NamedTuple):
    """A line of the invoice and the line of the order that it charges."""

    place: int
    line: Line
    ordered: OrderLine | None


def pairs(lines: Sequence[tuple[int, Line]], ordered: Sequence[OrderLine]) -> list[Pair]:
    """Each line with the order's line that fits it best: by item number, by position, by words."""
    found = []
    for place, line in lines:
        scored = [(_fit(line, candidate), -index) for index, candidate in enumerate(ordered)]
        best = max(scored, default=(0.0, 0))
        found.append(Pair(place, line, ordered[-best[1]] if best[0] >= 1 else None))
    return found


def _fit(line: Line, ordered: OrderLine) -> float:
    numbers = {
        plain_id(one) for one in (line.item_number, line.buyer_item_number, line.standard_item_number) if one
    }
    score = 0.0
    if ordered.item_number and numbers:
        score += 3 if plain_id(ordered.item_number) in numbers else -1
    if ordered.position and line.order_line:
        score += 2 if _place(ordered.position) == _place(line.order_line) else -2
    elif ordered.position and line.position and _place(ordered.position) == _place(line.position):
        score += 0.3
    if ordered.description and line.description:
        alike = SequenceMatcher(None, ordered.description.casefold(), line.description.casefold()).ratio()
        score += 1.5 * alike if alike >= _WORDS_ALIKE else 0
    if line.unit_price is not None and line.unit_price == ordered.unit_price:
        score += 0.4
    return score


def _place(position: str) -> str:
    return position.strip().lstrip("0")


def same_line(one: OrderLine, other: OrderLine) -> bool:
    """Whether two lines of orders, receipts or earlier invoices are about the same goods."""
    if one.item_number and other.item_number:
        return plain_id(one.item_number) == plain_id(other.item_number)
    if one.position and other.position:
        return _place(one.position) == _place(other.position)
    return (
        bool(one.description) and (one.description or "").casefold() == (other.description or "").casefold()
    )


def _sum_of(lines: Sequence[OrderLine], ordered: OrderLine) -> Decimal:
    quantities = [line.quantity for line in lines if same_line(ordered, line) and line.quantity is not None]
    return sum(quantities, _ZERO)


def _paired(subject: Subject) -> list[Pair]:
    order = subject.known.order
    return pairs(subject.counted_lines, order.lines) if order else []


def _order_known(subject: Subject) -> Iterator[Result]:
    number = subject.contract.references.order_number
    known = subject.known.order is not None
    shown = f"order {number} is {'known' if known else 'not among our orders'}"
    yield Result(known, shown, ("references.order_number",))


def _order_supplier(subject: Subject) -> Iterator[Result]:
    order, supplier = subject.known.order, subject.known.supplier
    if order is not None and order.supplier and supplier is not None:
        shown = f"order {order.number} went to {order.supplier}, the invoice is from {supplier.key}"
        yield Result(order.supplier == supplier.key, shown, ("references.order_number", "seller.name"))


def _order_currency(subject: Subject) -> Iterator[Result]:
    order = subject.known.order
    if order is not None and order.currency and subject.contract.currency:
        shown = f"ordered in {order.currency}, charged in {subject.contract.currency}"
        yield Result(order.currency == subject.contract.currency, shown, ("currency",))


def _lines_ordered(subject: Subject) -> Iterator[Result]:
    for place, line, ordered in _paired(subject):
        name = line.description or line.item_number or line.position or "a line"
        shown = f"{name}: {'ordered' if ordered else 'not in the order'}"
        yield Result(ordered is not None, shown, (f"lines[{place}]",))


def _price(quantity_price: Decimal | None, per: Decimal | None) -> Decimal | None:
    return None if quantity_price is None else quantity_price / (per or Decimal(1))


def _prices(subject: Subject) -> Iterator[Result]:
    percent = subject.known.tolerances.price_percent
    for place, line, ordered in _paired(subject):
        if ordered is None:
            continue
        charged = _price(line.unit_price, line.price_quantity)
        agreed = _price(ordered.unit_price, ordered.price_quantity)
        if charged is not None and agreed is not None:
            passed = charged - agreed <= abs(agreed) * percent / 100
            shown = f"charged {charged:f}, ordered at {agreed:f}, tolerance {percent} %"
            yield Result(passed, shown, (f"lines[{place}].unit_price",))


def _quantities(subject: Subject) -> Iterator[Result]:
    percent = subject.known.tolerances.quantity_percent
    for place, line, ordered in _paired(subject):
        if ordered is None or line.quantity is None or ordered.quantity is None:
            continue
        before = _sum_of(subject.known.invoiced, ordered)
        most = ordered.quantity * (1 + percent / 100)
        shown = f"charged {line.quantity:f} after {before:f}, ordered {ordered.quantity:f}"
        yield Result(line.quantity + before <= most, shown, (f"lines[{place}].quantity",))


def _units(subject: Subject) -> Iterator[Result]:
    for place, line, ordered in _paired(subject):
        if ordered is not None and line.unit and ordered.unit:
            passed = line.unit.casefold().strip(".") == ordered.unit.casefold().strip(".")
            yield Result(
                passed, f"charged by {line.unit}, ordered by {ordered.unit}", (f"lines[{place}].unit",)
            )


def _received(subject: Subject) -> Iterator[Result]:
    percent = subject.known.tolerances.quantity_percent
    received = [line for receipt in subject.known.receipts for line in receipt.lines]
    for place, line, ordered in _paired(subject):
        if ordered is None or line.quantity is None:
            continue
        came = _sum_of(received, ordered)
        before = _sum_of(subject.known.invoiced, ordered)
        shown = f"charged {line.quantity:f} after {before:f}, received {came:f}"
        passed = line.quantity + before <= came * (1 + percent / 100)
        yield Result(passed, shown, (f"lines[{place}].quantity",))


def _receipt_there(subject: Subject) -> Iterator[Result]:
    receipts = subject.known.receipts
    numbers = ", ".join(receipt.number for receipt in receipts) or "none"
    order = subject.contract.references.order_number
    yield Result(bool(receipts), f"receipts for order {order}: {numbers}", ("references.order_number",))


def _order_total(subject: Subject) -> Iterator[Result]:
    order, tolerances = subject.known.order, subject.known.tolerances
    if order is None or order.net is None:
        return
    amounts = [line.net_amount for line in subject.known.invoiced if line.net_amount is not None]
    before = sum(amounts, _ZERO)
    slack = max(order.net * tolerances.total_percent / 100, tolerances.total_amount)
    net = subject.contract.totals.net
    shown = f"charged {net:f} after {before:f}, ordered {order.net:f}, tolerance {slack:f}"
    yield Result(net + before <= order.net + slack, shown, ("totals.net",))


_TYPES: Final = frozenset({DocumentType.SUPPLIER_INVOICE, DocumentType.DEBIT_MEMO})
_ORDER = ("known.order", "lines")
E, W, A = Severity.ERROR, Severity.WARNING, Severity.ALARM

RULES: Final = (
    Rule(
        "order-known",
        "The order that it names is one of ours.",
        W,
        _order_known,
        ("known.orders_kept", "references.order_number"),
        _TYPES,
    ),
    Rule("order-supplier", "The order went to this supplier.", A, _order_supplier, ("known.order",), _TYPES),
    Rule(
        "order-currency", "It charges in the order's currency.", W, _order_currency, ("known.order",), _TYPES
    ),
    Rule("order-lines", "Every line was ordered.", W, _lines_ordered, _ORDER, _TYPES),
    Rule("order-prices", "No price is above the order's.", W, _prices, _ORDER, _TYPES),
    Rule(
        "order-quantities",
        "No more is charged than was ordered, with what was charged before.",
        W,
        _quantities,
        _ORDER,
        _TYPES,
    ),
    Rule("order-units", "Lines are charged in the units of the order.", W, _units, _ORDER, _TYPES),
    Rule("receipt-there", "Goods came in for the order.", W, _receipt_there, ("known.order",), _TYPES),
    Rule(
        "receipt-quantities",
        "No more is charged than came in, with what was charged before.",
        W,
        _received,
        ("known.receipts", *_ORDER),
        _TYPES,
    ),
    Rule(
        "order-total",
        "All invoices of an order are within its total.",
        W,
        _order_total,
        ("known.order", "totals.net"),
        _TYPES,
    ),
)
"""Order, receipt, invoice."""
