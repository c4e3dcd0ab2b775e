"""Peppol BIS Billing's rules on top of the standard, which XRechnung has taken over, too."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from abax.documents.en16931.makers import ZERO, adjustments, line_adjustments, lines, must
from abax.documents.rules.arithmetic import line_total
from abax.documents.rules.model import Result, Rule, Severity, Subject, Test

E = Severity.ERROR
_SLACK: Final = Decimal("0.02")
_DEBITS: Final = ("49", "59")


def _everywhere(subject: Subject) -> Iterator[tuple[str, Any]]:
    for charge in (False, True):
        yield from adjustments(charge=charge)(subject)
        yield from line_adjustments(charge=charge)(subject)


def _other_currency(subject: Subject) -> Iterator[Result]:
    contract = subject.contract
    shown = f"tax currency {contract.tax_currency}, currency {contract.currency}"
    yield Result(contract.tax_currency != contract.currency, shown, ("tax_currency", "currency"))


def _percentages(subject: Subject) -> Iterator[Result]:
    for path, one in _everywhere(subject):
        if None not in (one.base, one.percent, one.amount):
            worked_out = one.base * one.percent / 100
            shown = f"{one.base:f} × {one.percent:f} % = {worked_out:f}, {path}.amount {one.amount:f}"
            yield Result(abs(worked_out - one.amount) <= _SLACK, shown, (f"{path}.amount",))


def _together(name: str, other: str) -> Test:
    """Where one is given, so is the other."""

    def test(subject: Subject) -> Iterator[Result]:
        for path, one in _everywhere(subject):
            if getattr(one, name) is not None:
                value = getattr(one, other)
                yield Result(
                    value is not None, f"{path}: {name} given, {other} {value}", (f"{path}.{other}",)
                )

    return test


def _currencies(subject: Subject) -> Iterator[Result]:
    currency = subject.contract.currency
    for path, given in subject.extraction.attributes.items():
        name, _, kind = path.partition("@")
        if kind == "currency" and name != "totals.tax_in_tax_currency":
            yield Result(given == currency, f"{name} in {given}, invoice in {currency}", (name,))


def _signs(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    shown = f"tax {totals.tax:f}, in the currency of the books {totals.tax_in_tax_currency:f}"
    same = (totals.tax >= 0) == (totals.tax_in_tax_currency >= 0)
    yield Result(same, shown, ("totals.tax", "totals.tax_in_tax_currency"))


def _mandate(subject: Subject) -> Iterator[Result]:
    terms = subject.contract.terms
    if terms.means_code in _DEBITS:
        yield Result(
            terms.mandate is not None,
            f"means {terms.means_code}, mandate {terms.mandate}",
            ("terms.mandate",),
        )


def _within(name: str) -> Test:
    """A line's period lies within the invoice's."""

    def test(subject: Subject) -> Iterator[Result]:
        start, end = subject.contract.period_start, subject.contract.period_end
        for path, line in lines(subject):
            day = getattr(line, name)
            if day is not None:
                inside = (start is None or start <= day) and (end is None or day <= end)
                yield Result(inside, f"{day} within {start} and {end}", (f"{path}.{name}",))

    return test


def _line_amounts(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        worked_out = line_total(line)
        if worked_out is not None and line.net_amount is not None:
            shown = f"{path} comes to {worked_out.normalize():f}, says {line.net_amount:f}"
            yield Result(abs(worked_out - line.net_amount) <= _SLACK, shown, (f"{path}.net_amount",))


def _discounted(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        if line.gross_price is not None and line.unit_price is not None:
            discount = line.price_discount or ZERO
            shown = f"{line.gross_price:f} - {discount:f}, {path}.unit_price {line.unit_price:f}"
            yield Result(line.gross_price - discount == line.unit_price, shown, (f"{path}.unit_price",))


def _base_quantities(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        if line.price_quantity is not None:
            name = f"{path}.price_quantity"
            yield Result(line.price_quantity > ZERO, f"{name} {line.price_quantity:f}", (name,))


def _base_units(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        unit = subject.extraction.attributes.get(f"{path}.price_quantity@unit")
        if unit and line.unit:
            yield Result(unit == line.unit, f"{path} by {line.unit}, price for {unit}", (f"{path}.unit",))


def _id(number: str) -> str:
    return f"PEPPOL-EN16931-R{number}"


_LINES: Final = ("lines",)
RULES: Final[tuple[Rule, ...]] = (
    Rule(_id("001"), "An invoice says its business process (BT-23).", E, must("process")),
    Rule(
        _id("003"),
        "There is a buyer reference or an order (BT-10, 13).",
        E,
        must("references.buyer_reference", "references.order_number"),
    ),
    Rule(
        _id("005"),
        "The tax currency is another one than the invoice's (BT-6).",
        E,
        _other_currency,
        ("tax_currency",),
    ),
    Rule(_id("010"), "The buyer has an electronic address (BT-49).", E, must("buyer.electronic_address")),
    Rule(_id("020"), "The seller has an electronic address (BT-34).", E, must("seller.electronic_address")),
    Rule(_id("040"), "An allowance or charge is its percentage of its base.", E, _percentages),
    Rule(_id("041"), "An allowance or charge with a percentage has a base.", E, _together("percent", "base")),
    Rule(_id("042"), "An allowance or charge with a base has a percentage.", E, _together("base", "percent")),
    Rule(_id("046"), "A net price is the gross price less its discount.", E, _discounted, _LINES),
    Rule(_id("051"), "All amounts are in the invoice's currency.", E, _currencies, ("currency",)),
    Rule(
        _id("055"),
        "The tax has the same sign in both currencies.",
        E,
        _signs,
        ("totals.tax", "totals.tax_in_tax_currency"),
    ),
    Rule(_id("061"), "A direct debit has a mandate (BT-89).", E, _mandate),
    Rule(
        _id("110"),
        "A line's period begins within the invoice's.",
        E,
        _within("period_start"),
        ("period_start",),
    ),
    Rule(_id("111"), "A line's period ends within the invoice's.", E, _within("period_end"), ("period_end",)),
    Rule(_id("120"), "A line's amount is quantity by price, with its charges.", E, _line_amounts, _LINES),
    Rule(_id("121"), "The quantity that a price is for is above zero (BT-149).", E, _base_quantities, _LINES),
    Rule(_id("130"), "A price is for the unit that is charged (BT-150).", E, _base_units, _LINES),
)
"""Peppol."""
