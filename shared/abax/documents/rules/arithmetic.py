"""Whether the amounts of a document agree with one another.

Tolerances are in units of the currency's smallest coin: one for each product or sum that was rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from abax.documents.contracts import Adjustment, DocumentType, Line, Subtype, Tax
from abax.documents.rules.kinds import CHARGES, INVOICES, PRICED
from abax.documents.rules.model import Result, Rule, Severity, Subject
from abax.money import decimals

_ZERO: Final = Decimal(0)
_CASH_ROUNDING: Final = {
    **dict.fromkeys(("CHF", "AUD", "NZD", "CAD", "EUR", "MYR", "SGD"), Decimal("0.05")),
    **dict.fromkeys(("SEK", "NOK", "DKK", "CZK", "HUF", "ISK"), Decimal("1")),
}
"""The smallest coins: what is paid in cash is rounded to them."""
_WITHHELD: Final = {
    "IT": ("20", "23", "11.5", "10", "4", "30"),
    "ES": ("15", "7", "19", "2", "1", "24"),
    "PT": ("25", "23", "16.5", "11.5", "20"),
}
"""Percent of income tax that buyers withhold from what professionals and agents charge."""


def _plain(amount: Decimal) -> str:
    """As it is, but for zeros behind the second decimal, and digits that no price has."""
    text = f"{amount:f}"
    whole, mark, part = text.partition(".")
    return f"{whole}.{part[:6].rstrip('0').ljust(2, '0')}" if mark and len(part) > 2 else text


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), _ZERO)


def equal(
    subject: Subject,
    said: Decimal,
    worked_out: Decimal,
    how: str,
    path: str,
    *,
    units: Decimal | int = 1,
    more: Sequence[str] = (),
) -> Result:
    """A result of comparing what a document says with what it should say."""
    passed = abs(said - worked_out) <= subject.unit * units
    return Result(passed, f"{how} = {_plain(worked_out)}, {path} {_plain(said)}", (path, *more))


def line_total(line: Line) -> Decimal | None:
    """Quantity times price, less discounts, not yet rounded."""
    if line.quantity is None or line.unit_price is None:
        return None
    product = line.quantity * line.unit_price / (line.price_quantity or Decimal(1))
    return product + adjusted(line.adjustments, product)


def adjusted(adjustments: Iterable[Adjustment], base: Decimal = _ZERO) -> Decimal:
    """What charges add, less what allowances take; those that only have a percentage take it of ``base``."""
    found = _ZERO
    for one in adjustments:
        amount = one.amount if one.amount is not None else base * (one.percent or _ZERO) / 100
        found += amount if one.is_charge else -amount
    return found


def _lines(subject: Subject) -> Iterator[Result]:
    for place, line in enumerate(subject.contract.lines):
        worked_out = line_total(line)
        said = _line_amounts(line)
        if worked_out is None or not said:
            continue
        name, nearest = min(said, key=lambda pair: abs(pair[1] - worked_out))
        per = f" / {_plain(line.price_quantity)}" if line.price_quantity else ""
        extra = worked_out - line.quantity * line.unit_price / (line.price_quantity or Decimal(1))
        how = f"{_plain(line.quantity)} × {_plain(line.unit_price)}{per}"
        how += f" {'+' if extra > 0 else '-'} {_plain(abs(extra))}" if extra else ""
        path = f"lines[{place}]"
        more = (f"{path}.quantity", f"{path}.unit_price")
        yield equal(subject, nearest, worked_out, how, f"{path}.{name}", more=more)


def _line_amounts(line: Line) -> list[tuple[str, Decimal]]:
    """What quantity times price may come to: net, gross, or the net of what is printed with its tax."""
    found = [("net_amount", line.net_amount), ("gross_amount", line.gross_amount)]
    if line.net_amount is None and line.gross_amount is not None and line.tax_rate:
        found.append(("gross_amount", line.gross_amount / (1 + line.tax_rate / 100)))
    return [(name, amount) for name, amount in found if amount is not None]


def _lines_total(subject: Subject) -> Iterator[Result]:
    lines = [line for _, line in subject.counted_lines]
    nets = [line.net_amount if line.net_amount is not None else line.gross_amount for line in lines]
    if not lines or any(net is None for net in nets):
        return
    worked_out = _sum(nets)
    targets = tuple(_line_targets(subject))
    if not targets:
        return
    path, said = min(targets, key=lambda pair: abs(pair[1] - worked_out))
    yield equal(subject, said, worked_out, f"sum of {len(lines)} lines", path)


def _line_targets(subject: Subject) -> Iterator[tuple[str, Decimal]]:
    """What lines may add up to, by path. E-invoices have one way, and so has who prints the lines' total;
    others print lines with tax or without, and freight and discounts before or after the net total."""
    totals = subject.contract.totals
    if totals.lines is not None:
        yield "totals.lines", totals.lines
        return
    extra = _charged(subject) - _allowed(subject)
    if totals.net is not None:
        yield "totals.net", totals.net - extra
        if from_xml(subject):
            return
        yield "totals.net", totals.net
    if totals.gross is not None:
        taxes = [tax.amount for tax in subject.contract.taxes]
        tax = totals.tax if totals.tax is not None else _sum(taxes)
        yield "totals.gross", totals.gross - extra
        yield "totals.gross", totals.gross - tax - extra
        yield "totals.gross", totals.gross - tax


def from_xml(subject: Subject) -> bool:
    """Whether the document is an e-invoice, whose sums have one meaning."""
    return any(one.method == "xml" for one in subject.extraction.evidence.values())


def _allowed(subject: Subject) -> Decimal:
    if (allowances := subject.contract.totals.allowances) is not None:
        return Decimal(allowances)
    return _sum(one.amount for one in subject.contract.adjustments if not one.is_charge)


def _charged(subject: Subject) -> Decimal:
    if (charges := subject.contract.totals.charges) is not None:
        return Decimal(charges)
    return _sum(one.amount for one in subject.contract.adjustments if one.is_charge)


def _net(subject: Subject) -> Iterator[Result]:
    """Allowances may be printed with their sign; freight and discounts may come after the net total; and a
    part of a larger job takes off what was charged before."""
    totals = subject.contract.totals
    allowed, charged = _allowed(subject), _charged(subject)
    ways = [(allowed, charged), (-allowed, charged)]
    if _charged_after_tax(subject, charged - allowed):
        ways.append((_ZERO, _ZERO))
    allowed, charged = min(ways, key=lambda way: abs(totals.lines - way[0] + way[1] - totals.net))
    how = f"lines {_plain(totals.lines)} - allowances {_plain(allowed)} + charges {_plain(charged)}"
    worked_out = totals.lines - allowed + charged
    found = equal(subject, totals.net, worked_out, how, "totals.net", more=("totals.lines",))
    partial = subject.contract.subtype in (Subtype.PARTIAL, Subtype.FINAL) and totals.net < worked_out
    yield found._replace(severity=Severity.WARNING) if partial else found


def _charged_after_tax(subject: Subject, extra: Decimal) -> bool:
    """Whether freight and discounts are between the tax and the gross total, as on invoices of the US."""
    totals = subject.contract.totals
    if from_xml(subject) or not extra or None in (totals.net, totals.gross):
        return False
    left = totals.gross - totals.net - (totals.tax or _ZERO)
    return bool(abs(left - extra) <= subject.unit < abs(left))


def _adjustments(subject: Subject) -> Iterator[Result]:
    totals, adjustments = subject.contract.totals, subject.contract.adjustments
    for name, charge in (("allowances", False), ("charges", True)):
        said = getattr(totals, name)
        parts = [one.amount for one in adjustments if one.is_charge is charge]
        if said is not None and parts and None not in parts:
            yield equal(subject, abs(said), abs(_sum(parts)), f"sum of {len(parts)} {name}", f"totals.{name}")


def _adjustment_percent(subject: Subject) -> Iterator[Result]:
    for place, one in enumerate(subject.contract.adjustments):
        if None not in (one.percent, one.base, one.amount):
            how = f"{_plain(one.base)} × {_plain(one.percent)} %"
            path = f"adjustments[{place}].amount"
            yield equal(subject, abs(one.amount), abs(one.base * one.percent / 100), how, path)


def _tax_amount(subject: Subject) -> Iterator[Result]:
    for place, tax in enumerate(subject.contract.taxes):
        if None in (tax.base, tax.rate, tax.amount):
            continue
        how = f"{_plain(tax.base)} × {_plain(tax.rate)} %"
        path = f"taxes[{place}].amount"
        units = 1 + Decimal(_lines_at(subject, tax)) / 2
        more = (f"taxes[{place}].base", f"taxes[{place}].rate")
        yield equal(subject, tax.amount, tax.base * tax.rate / 100, how, path, units=units, more=more)


def _lines_at(subject: Subject, tax: Tax) -> int:
    """Lines at a rate: each may have had its tax rounded by itself."""
    return sum(1 for _, line in subject.counted_lines if line.tax_rate == tax.rate)


def _tax_total(subject: Subject) -> Iterator[Result]:
    taxes = subject.contract.taxes
    if all(tax.amount is not None for tax in taxes):
        worked_out = _sum(tax.amount for tax in taxes)
        yield equal(
            subject, subject.contract.totals.tax, worked_out, f"sum of {len(taxes)} taxes", "totals.tax"
        )


def _tax_bases(subject: Subject) -> Iterator[Result]:
    """What is not taxed may be in no breakdown: a deposit on bottles, what was paid for others."""
    taxes = subject.contract.taxes
    if all(tax.base is not None for tax in taxes):
        worked_out = _sum(tax.base for tax in taxes)
        net = subject.contract.totals.net
        untaxed = _sum(line.net_amount for _, line in subject.counted_lines if not line.tax_rate)
        how = f"sum of {len(taxes)} taxed amounts"
        if abs(net - worked_out - untaxed) < abs(net - worked_out):
            how, worked_out = f"{how} + untaxed {_plain(untaxed)}", worked_out + untaxed
        yield equal(subject, net, worked_out, how, "totals.net", units=len(taxes))


def _bases_of_lines(subject: Subject) -> Iterator[Result]:
    """What lines, allowances and charges of a rate come to, against the amount that was taxed."""
    contract = subject.contract
    lines = [line for _, line in subject.counted_lines]
    adjustments = [one for one in contract.adjustments if one.amount is not None]
    known = all(line.tax_rate is not None and line.net_amount is not None for line in lines)
    if not lines or not known or any(one.tax_rate is None for one in adjustments):
        return
    rates = [tax.rate for tax in contract.taxes]
    for place, tax in enumerate(contract.taxes):
        if tax.base is None or tax.rate is None or rates.count(tax.rate) > 1:
            continue
        net = _sum(line.net_amount for line in lines if line.tax_rate == tax.rate)
        worked_out = net + adjusted(one for one in adjustments if one.tax_rate == tax.rate)
        yield equal(subject, tax.base, worked_out, f"lines at {_plain(tax.rate)} %", f"taxes[{place}].base")


def _gross(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    how = f"net {_plain(totals.net)} + tax {_plain(totals.tax)}"
    worked_out = totals.net + totals.tax
    extra = _charged(subject) - _allowed(subject)
    if _charged_after_tax(subject, extra):
        how, worked_out = f"{how} + charges after tax {_plain(extra)}", worked_out + extra
    elif _rounded_before(subject, worked_out):
        how, worked_out = f"{how} + rounding {_plain(totals.rounding)}", worked_out + totals.rounding
    more = ("totals.net", "totals.tax")
    units = _coins(subject, totals.gross)
    yield equal(subject, totals.gross, worked_out, how, "totals.gross", units=units, more=more)


def _rounded_before(subject: Subject, worked_out: Decimal) -> bool:
    """Whether the gross total is printed with its rounding, which belongs behind it."""
    totals = subject.contract.totals
    if from_xml(subject) or not totals.rounding or totals.gross is None:
        return False
    return bool(abs(worked_out + totals.rounding - totals.gross) <= subject.unit / 2)


def _due(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    prepaid, rounding = totals.prepaid or _ZERO, totals.rounding or _ZERO
    if None not in (totals.net, totals.tax) and _rounded_before(subject, totals.net + totals.tax):
        rounding = _ZERO
    third = _sum(one.amount for one in subject.contract.third_party_payments)
    how = f"gross {_plain(totals.gross)} - prepaid {_plain(prepaid)}"
    how += f" + rounding {_plain(rounding)}" if rounding else ""
    how += f" + payments for others {_plain(third)}" if third else ""
    worked_out = totals.gross - prepaid + rounding + third
    if worked_out < 0 and totals.due == 0:  # nothing to pay is what a credit comes to, too
        how, worked_out = f"{how}, a credit", _ZERO
    if withheld := _withheld(subject, worked_out - totals.due):
        how, worked_out = f"{how} - tax withheld {_plain(withheld)}", worked_out - withheld
    units = _coins(subject, totals.due)
    yield equal(subject, totals.due, worked_out, how, "totals.due", units=units, more=("totals.gross",))


def _coins(subject: Subject, said: Decimal) -> Decimal:
    """Units that a total may be rounded by, where no line says so: to the smallest coin."""
    currency = subject.contract.currency or ""
    coin = _CASH_ROUNDING.get(currency, _ZERO)
    cash = subject.type is DocumentType.RECEIPT or currency == "CHF"
    if subject.contract.totals.rounding is not None or not cash or not coin or said % coin:
        return Decimal(1)
    return max(Decimal(1), coin / 2 / subject.unit)


def _withheld(subject: Subject, difference: Decimal) -> Decimal:
    """The income tax that buyers in some countries pay for the seller, where a difference is just that."""
    contract = subject.contract
    rates = _WITHHELD.get((contract.seller.address.country or (contract.seller.vat_id or "")[:2]).upper(), ())
    if difference <= 0 or from_xml(subject):
        return _ZERO
    bases = [line.net_amount for _, line in subject.counted_lines if line.net_amount is not None]
    bases += [
        _sum(bases),
        *(base for base in (contract.totals.net, contract.totals.lines) if base is not None),
    ]
    fits = any(
        abs(base * Decimal(rate) / 100 - difference) <= subject.unit for rate in rates for base in bases
    )
    return difference if fits else _ZERO


def _line_gross(subject: Subject) -> Iterator[Result]:
    for place, line in enumerate(subject.contract.lines):
        if None not in (line.net_amount, line.tax_amount, line.gross_amount):
            how = f"net {_plain(line.net_amount)} + tax {_plain(line.tax_amount)}"
            path = f"lines[{place}].gross_amount"
            yield equal(subject, line.gross_amount, line.net_amount + line.tax_amount, how, path)


def _sign(subject: Subject) -> Iterator[Result]:
    gross = subject.contract.totals.gross
    yield Result(gross >= 0, f"totals.gross {_plain(gross)}", ("totals.gross",))


def _decimals(subject: Subject) -> Iterator[Result]:
    places = decimals(subject.contract.currency or "")
    for name, value in subject.contract.totals:
        if value is not None and value != value.quantize(subject.unit):
            shown = f"totals.{name} {_plain(value)}, {subject.contract.currency} has {places} decimals"
            yield Result(False, shown, (f"totals.{name}",))
    amounts = [value for _, value in subject.contract.totals if value is not None]
    if amounts:
        yield Result(True, f"{len(amounts)} totals with at most {places} decimals")


E, W = Severity.ERROR, Severity.WARNING

RULES: Final = (
    Rule(
        "line-amount",
        "Quantity times price, less the line's own discounts, is the line's amount.",
        W,
        _lines,
        ("lines",),
        PRICED,
    ),
    Rule(
        "line-gross",
        "A line's net amount and its tax are its gross amount.",
        W,
        _line_gross,
        ("lines",),
        PRICED,
    ),
    Rule("lines-total", "The lines add up to their total.", E, _lines_total, ("lines",), PRICED),
    Rule(
        "adjustments-total",
        "Allowances and charges add up to their totals.",
        E,
        _adjustments,
        ("adjustments",),
        PRICED,
    ),
    Rule(
        "adjustment-percent",
        "A discount's or charge's percentage of its base is its amount.",
        W,
        _adjustment_percent,
        ("adjustments",),
        PRICED,
    ),
    Rule(
        "net-total",
        "The lines' total, less allowances, with charges, is the net total.",
        E,
        _net,
        ("totals.lines", "totals.net"),
        PRICED,
    ),
    Rule(
        "tax-amount", "Each tax is its rate of the amount that it is on.", E, _tax_amount, ("taxes",), CHARGES
    ),
    Rule("tax-total", "The taxes add up to their total.", E, _tax_total, ("taxes", "totals.tax"), CHARGES),
    Rule(
        "tax-bases",
        "The amounts that taxes are on add up to the net total.",
        W,
        _tax_bases,
        ("taxes", "totals.net"),
        CHARGES,
    ),
    Rule(
        "tax-base-lines",
        "Lines, allowances and charges of a rate come to the amount that its tax is on.",
        W,
        _bases_of_lines,
        ("taxes", "lines"),
        CHARGES,
    ),
    Rule(
        "gross-total",
        "Net total and tax are the gross total.",
        E,
        _gross,
        ("totals.net", "totals.tax", "totals.gross"),
        PRICED,
    ),
    Rule(
        "due-total",
        "The gross total, less what was paid before, is what is due.",
        E,
        _due,
        ("totals.gross", "totals.due"),
        CHARGES,
    ),
    Rule(
        "amount-sign",
        "An invoice that asks for less than nothing is a credit memo.",
        W,
        _sign,
        ("totals.gross",),
        INVOICES - {DocumentType.CREDIT_MEMO},
    ),
    Rule(
        "amount-decimals",
        "Totals have no more decimals than their currency.",
        W,
        _decimals,
        ("totals", "currency"),
        CHARGES,
    ),
)
"""Sums, products and taxes."""
