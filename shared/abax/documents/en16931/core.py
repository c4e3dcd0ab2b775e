"""What must be there, what must agree, and how many decimals amounts have."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from abax.documents.contracts import Line
from abax.documents.en16931.makers import (
    ZERO,
    Items,
    adjustments,
    agree,
    at,
    each,
    every,
    group,
    line_adjustments,
    lines,
    must,
    part,
    top_lines,
    total,
)
from abax.documents.rules.codes import COUNTRIES
from abax.documents.rules.model import Result, Rule, Severity, Subject, Test

E = Severity.ERROR
_TRANSFERS: Final = ("30", "58")
_UNIT: Final = Decimal(1)


def _scheme(path: str) -> Test:
    """An identifier names the scheme that it is from."""

    def test(subject: Subject) -> Iterator[Result]:
        if at(subject.contract, path) is not None and subject.extraction.attributes:
            scheme = subject.extraction.attributes.get(f"{path}@scheme")
            yield Result(bool(scheme), f"{path} {at(subject.contract, path)}: scheme {scheme}", (path,))

    return test


def _line_scheme(name: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        for path, line in lines(subject):
            value = getattr(line, name)
            values = value if isinstance(value, tuple) else (value,)
            for place, one in enumerate(values):
                full = f"{path}.{name}" + (f"[{place}]" if isinstance(value, tuple) else "")
                if one and subject.extraction.attributes:
                    scheme = subject.extraction.attributes.get(f"{full}@scheme")
                    yield Result(bool(scheme), f"{full} {one}: scheme {scheme}", (full,))

    return test


def _address_country(party: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        address = at(subject.contract, f"{party}.address")
        if address is not None:
            path = f"{party}.address.country"
            yield Result(address.country is not None, f"{path} {address.country}", (path,))

    return test


def _periods(items: Items) -> Test:
    def holds(one: Any) -> bool:
        return one.period_start is None or one.period_end is None or one.period_start <= one.period_end

    return every(
        items,
        holds,
        lambda one: f"from {one.period_start} to {one.period_end}",
        ("period_start", "period_end"),
    )


def _document(subject: Subject) -> Iterator[tuple[str, Any]]:
    if subject.contract.period_start or subject.contract.period_end:
        yield "document", subject.contract


def _period_lines(subject: Subject) -> Iterator[tuple[str, Line]]:
    return ((path, line) for path, line in lines(subject) if line.period_start or line.period_end)


def _not_negative(name: str) -> Test:
    def priced(subject: Subject) -> Iterator[tuple[str, Line]]:
        return ((path, line) for path, line in lines(subject) if getattr(line, name) is not None)

    return every(
        priced, lambda one: getattr(one, name) >= 0, lambda one: f"{name} {getattr(one, name)}", (name,)
    )


def _means(subject: Subject) -> Iterator[Result]:
    terms = subject.contract.terms
    paid = subject.contract.bank_accounts or terms.mandate or terms.card_number or terms.means_text
    if paid or terms.means_code:
        yield Result(
            terms.means_code is not None, f"terms.means_code {terms.means_code}", ("terms.means_code",)
        )


def _account(subject: Subject) -> Iterator[Result]:
    for place, account in enumerate(subject.contract.bank_accounts):
        number = account.iban or account.account_number
        yield Result(number is not None, f"account {number}", (f"bank_accounts[{place}]",))


def _transfer(subject: Subject) -> Iterator[Result]:
    code = subject.contract.terms.means_code
    if code in _TRANSFERS:
        numbers = [one.iban or one.account_number for one in subject.contract.bank_accounts]
        shown = f"means {code}, accounts {', '.join(number or '-' for number in numbers) or 'none'}"
        yield Result(any(numbers), shown, ("bank_accounts", "terms.means_code"))


def _card(subject: Subject) -> Iterator[Result]:
    number = subject.contract.terms.card_number
    digits = sum(letter.isdigit() for letter in number)
    yield Result(digits <= 10, f"{digits} digits of a card", ("terms.card_number",))


def _tax_currency(subject: Subject) -> Iterator[Result]:
    contract = subject.contract
    amount = contract.totals.tax_in_tax_currency
    same = contract.tax_currency == contract.currency
    shown = f"tax in {contract.tax_currency}: {amount if amount is not None else 'none'}"
    yield Result(same or amount is not None, shown, ("totals.tax_in_tax_currency",))


def _attributes(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        for place, (name, value) in enumerate(line.attributes):
            yield Result(
                bool(name and value), f"{name or 'no name'}: {value}", (f"{path}.attributes[{place}]",)
            )


def _preceding(subject: Subject) -> Iterator[Result]:
    for place, (number, day) in enumerate(subject.contract.references.preceding):
        path = f"references.preceding[{place}]"
        yield Result(bool(number), f"{number or 'no number'} of {day or 'no date'}", (path,))


def _tax_point(subject: Subject) -> Iterator[Result]:
    day, code = subject.contract.tax_point_date, subject.contract.tax_point_code
    if day or code:
        shown = f"tax point date {day}, code {code}"
        yield Result(not (day and code), shown, ("tax_point_date", "tax_point_code"))


def _vat_prefix(subject: Subject) -> Iterator[Result]:
    for role in ("seller", "tax_representative", "buyer"):
        vat_id = at(subject.contract, f"{role}.vat_id")
        if vat_id:
            prefix = vat_id[:2]
            yield Result(prefix in COUNTRIES or prefix == "EL", f"{role} {vat_id}", (f"{role}.vat_id",))


def _lines_total(subject: Subject) -> Iterator[Result]:
    amounts = [line.net_amount for _, line in top_lines(subject)]
    how = f"sum of {len(amounts)} lines"
    yield agree(subject.contract.totals.lines, total(amounts), how, "totals.lines")


def _adjustment_total(name: str, *, charge: bool) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        parts = [one.amount for _, one in adjustments(charge=charge)(subject)]
        said = getattr(subject.contract.totals, name)
        if said is not None or parts:
            yield agree(said or ZERO, total(parts), f"sum of {len(parts)} {name}", f"totals.{name}")

    return test


def _net(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    allowances, charges = totals.allowances or ZERO, totals.charges or ZERO
    how = f"lines {totals.lines:f} - allowances {allowances:f} + charges {charges:f}"
    yield agree(totals.net, totals.lines - allowances + charges, how, "totals.net")


def _tax(subject: Subject) -> Iterator[Result]:
    amounts = [tax.amount for tax in subject.contract.taxes]
    yield agree(subject.contract.totals.tax, total(amounts), f"sum of {len(amounts)} taxes", "totals.tax")


def _gross(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    tax = totals.tax or ZERO
    yield agree(totals.gross, totals.net + tax, f"net {totals.net:f} + tax {tax:f}", "totals.gross")


def _due(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    prepaid, rounding = totals.prepaid or ZERO, totals.rounding or ZERO
    how = f"gross {totals.gross:f} - prepaid {prepaid:f} + rounding {rounding:f}"
    yield agree(totals.due, totals.gross - prepaid + rounding, how, "totals.due")


def _tax_amounts(subject: Subject) -> Iterator[Result]:
    """Taxes that were rounded line by line are off by cents, which the standard's own tests let pass."""
    for place, tax in enumerate(subject.contract.taxes):
        if tax.base is not None and tax.amount is not None:
            rate = tax.rate or ZERO
            how = f"{tax.base:f} × {rate:f} %"
            yield agree(tax.amount, tax.base * rate / 100, how, f"taxes[{place}].amount", slack=_UNIT)


def _payable(subject: Subject) -> Iterator[Result]:
    due, terms = subject.contract.totals.due, subject.contract.terms.text
    if due > 0:
        day = subject.contract.due_date
        shown = f"due {due:f}, due date {day}, terms {'given' if terms else 'none'}"
        yield Result(bool(day or terms), shown, ("due_date", "terms.text"))


def _decimals(items: Items, name: str) -> Test:
    """The source writes at most two."""

    def test(subject: Subject) -> Iterator[Result]:
        count = 0
        for path, found in items(subject):
            full = f"{path}.{name}"
            evidence = subject.extraction.evidence.get(full)
            if getattr(found, name) is None or evidence is None:
                continue
            count += 1
            if len(evidence.text.partition(".")[2]) > 2:
                yield Result(False, f"{full} {evidence.text}", (full,))
        if count:
            yield Result(True, f"{count} amounts")

    return test


def _decimal_rules() -> Iterator[Rule]:
    totals = part("totals")
    allowances, charges = adjustments(charge=False), adjustments(charge=True)
    line_allowances, line_charges = line_adjustments(charge=False), line_adjustments(charge=True)
    taxes = group("taxes")
    table: tuple[tuple[str, str, Items, str], ...] = (
        ("01", "an allowance's amount", allowances, "amount"),
        ("02", "an allowance's base", allowances, "base"),
        ("05", "a charge's amount", charges, "amount"),
        ("06", "a charge's base", charges, "base"),
        ("09", "the lines' total", totals, "lines"),
        ("10", "the allowances' total", totals, "allowances"),
        ("11", "the charges' total", totals, "charges"),
        ("12", "the net total", totals, "net"),
        ("13", "the tax total", totals, "tax"),
        ("14", "the gross total", totals, "gross"),
        ("15", "the tax total in the currency of the books", totals, "tax_in_tax_currency"),
        ("16", "what was paid before", totals, "prepaid"),
        ("17", "the rounding", totals, "rounding"),
        ("18", "what is due", totals, "due"),
        ("19", "a taxed amount", taxes, "base"),
        ("20", "a tax amount", taxes, "amount"),
        ("23", "a line's net amount", lines, "net_amount"),
        ("24", "a line's allowance", line_allowances, "amount"),
        ("25", "the base of a line's allowance", line_allowances, "base"),
        ("27", "a line's charge", line_charges, "amount"),
        ("28", "the base of a line's charge", line_charges, "base"),
    )
    for number, what, items, name in table:
        yield Rule(f"BR-DEC-{number}", f"At most two decimals in {what}.", E, _decimals(items, name))


_ALLOWANCES, _CHARGES = adjustments(charge=False), adjustments(charge=True)
_LINE_ALLOWANCES, _LINE_CHARGES = line_adjustments(charge=False), line_adjustments(charge=True)
_REASON = ("reason", "reason_code")

RULES: Final[tuple[Rule, ...]] = (
    Rule("BR-01", "An invoice says which specification it keeps (BT-24).", E, must("specification")),
    Rule("BR-02", "An invoice has a number (BT-1).", E, must("number")),
    Rule("BR-03", "An invoice has a date of issue (BT-2).", E, must("issue_date")),
    Rule("BR-04", "An invoice says its type (BT-3).", E, must("type_code")),
    Rule("BR-05", "An invoice says its currency (BT-5).", E, must("currency")),
    Rule("BR-06", "An invoice names the seller (BT-27).", E, must("seller.name")),
    Rule("BR-07", "An invoice names the buyer (BT-44).", E, must("buyer.name")),
    Rule("BR-08", "An invoice has the seller's address (BG-5).", E, must("seller.address")),
    Rule("BR-09", "The seller's address has a country (BT-40).", E, _address_country("seller")),
    Rule("BR-10", "An invoice has the buyer's address (BG-8).", E, must("buyer.address")),
    Rule("BR-11", "The buyer's address has a country (BT-55).", E, _address_country("buyer")),
    Rule("BR-12", "An invoice has the total of its lines (BT-106).", E, must("totals.lines")),
    Rule("BR-13", "An invoice has a net total (BT-109).", E, must("totals.net")),
    Rule("BR-14", "An invoice has a gross total (BT-112).", E, must("totals.gross")),
    Rule("BR-15", "An invoice says what is due (BT-115).", E, must("totals.due")),
    Rule("BR-16", "An invoice has a line (BG-25).", E, must("lines")),
    Rule(
        "BR-17",
        "A payee that is not the seller has a name (BT-59).",
        E,
        each(part("payee"), "name"),
        ("payee",),
    ),
    Rule(
        "BR-18",
        "A tax representative has a name (BT-62).",
        E,
        each(part("tax_representative"), "name"),
        ("tax_representative",),
    ),
    Rule(
        "BR-19",
        "A tax representative has an address (BG-12).",
        E,
        must("tax_representative.address"),
        ("tax_representative",),
    ),
    Rule(
        "BR-20",
        "A tax representative's address has a country (BT-69).",
        E,
        _address_country("tax_representative"),
        ("tax_representative",),
    ),
    Rule("BR-21", "A line has an identifier (BT-126).", E, each(lines, "position"), ("lines",)),
    Rule("BR-22", "A line has a quantity (BT-129).", E, each(lines, "quantity"), ("lines",)),
    Rule("BR-23", "A line's quantity has a unit (BT-130).", E, each(lines, "unit"), ("lines",)),
    Rule("BR-24", "A line has a net amount (BT-131).", E, each(lines, "net_amount"), ("lines",)),
    Rule("BR-25", "A line names its item (BT-153).", E, each(lines, "description"), ("lines",)),
    Rule("BR-26", "A line has a net price (BT-146).", E, each(lines, "unit_price"), ("lines",)),
    Rule("BR-27", "No net price is negative (BT-146).", E, _not_negative("unit_price"), ("lines",)),
    Rule("BR-28", "No gross price is negative (BT-148).", E, _not_negative("gross_price"), ("lines",)),
    Rule("BR-29", "The invoicing period ends after it begins (BG-14).", E, _periods(_document)),
    Rule("BR-30", "A line's period ends after it begins (BG-26).", E, _periods(_period_lines), ("lines",)),
    Rule("BR-31", "An allowance has an amount (BT-92).", E, each(_ALLOWANCES, "amount"), ("adjustments",)),
    Rule(
        "BR-32",
        "An allowance has a tax category (BT-95).",
        E,
        each(_ALLOWANCES, "tax_category"),
        ("adjustments",),
    ),
    Rule(
        "BR-33",
        "An allowance has a reason or its code (BT-97, 98).",
        E,
        each(_ALLOWANCES, *_REASON),
        ("adjustments",),
    ),
    Rule("BR-36", "A charge has an amount (BT-99).", E, each(_CHARGES, "amount"), ("adjustments",)),
    Rule(
        "BR-37", "A charge has a tax category (BT-102).", E, each(_CHARGES, "tax_category"), ("adjustments",)
    ),
    Rule(
        "BR-38",
        "A charge has a reason or its code (BT-104, 105).",
        E,
        each(_CHARGES, *_REASON),
        ("adjustments",),
    ),
    Rule(
        "BR-41", "A line's allowance has an amount (BT-136).", E, each(_LINE_ALLOWANCES, "amount"), ("lines",)
    ),
    Rule(
        "BR-42",
        "A line's allowance has a reason or its code (BT-139, 140).",
        E,
        each(_LINE_ALLOWANCES, *_REASON),
        ("lines",),
    ),
    Rule("BR-43", "A line's charge has an amount (BT-141).", E, each(_LINE_CHARGES, "amount"), ("lines",)),
    Rule(
        "BR-44",
        "A line's charge has a reason or its code (BT-144, 145).",
        E,
        each(_LINE_CHARGES, *_REASON),
        ("lines",),
    ),
    Rule(
        "BR-45", "A tax has the amount that it is on (BT-116).", E, each(group("taxes"), "base"), ("taxes",)
    ),
    Rule("BR-46", "A tax has its amount (BT-117).", E, each(group("taxes"), "amount"), ("taxes",)),
    Rule("BR-47", "A tax has a category (BT-118).", E, each(group("taxes"), "category"), ("taxes",)),
    Rule(
        "BR-48",
        "A tax has a rate, save outside of VAT's scope (BT-119).",
        E,
        every(
            group("taxes"), lambda tax: tax.rate is not None or tax.category == "O", lambda tax: "has no rate"
        ),
        ("taxes",),
    ),
    Rule("BR-49", "Payment instructions say by what means (BT-81).", E, _means),
    Rule("BR-50", "An account to pay on has a number (BT-84).", E, _account, ("bank_accounts",)),
    Rule("BR-51", "Only a few digits of a card are shown (BT-87).", E, _card, ("terms.card_number",)),
    Rule(
        "BR-52",
        "A supporting document has a reference (BT-122).",
        E,
        each(group("supporting_documents"), "reference"),
        ("supporting_documents",),
    ),
    Rule(
        "BR-53",
        "Where the books have a currency of their own, the tax is given in it (BT-111).",
        E,
        _tax_currency,
        ("tax_currency",),
    ),
    Rule("BR-54", "An item's attribute has a name and a value (BT-160, 161).", E, _attributes, ("lines",)),
    Rule("BR-55", "A preceding invoice has a number (BT-25).", E, _preceding, ("references.preceding",)),
    Rule(
        "BR-56",
        "A tax representative has a VAT identifier (BT-63).",
        E,
        each(part("tax_representative"), "vat_id"),
        ("tax_representative",),
    ),
    Rule(
        "BR-57", "An address of delivery has a country (BT-80).", E, _address_country("ship_to"), ("ship_to",)
    ),
    Rule("BR-61", "A credit transfer has an account (BT-84).", E, _transfer, ("terms.means_code",)),
    Rule(
        "BR-62",
        "The seller's electronic address has a scheme (BT-34).",
        E,
        _scheme("seller.electronic_address"),
    ),
    Rule(
        "BR-63",
        "The buyer's electronic address has a scheme (BT-49).",
        E,
        _scheme("buyer.electronic_address"),
    ),
    Rule(
        "BR-64",
        "A standard item number has a scheme (BT-157).",
        E,
        _line_scheme("standard_item_number"),
        ("lines",),
    ),
    Rule(
        "BR-65",
        "A classification of an item has a scheme (BT-158).",
        E,
        _line_scheme("classification"),
        ("lines",),
    ),
    Rule("BR-CO-03", "Tax point date and its code exclude each other (BT-7, 8).", E, _tax_point),
    Rule(
        "BR-CO-04", "Every line has a tax category (BT-151).", E, each(top_lines, "tax_category"), ("lines",)
    ),
    Rule("BR-CO-09", "A VAT identifier begins with a country (BT-31, 48, 63).", E, _vat_prefix),
    Rule("BR-CO-10", "The lines' total is the sum of the lines.", E, _lines_total, ("lines", "totals.lines")),
    Rule(
        "BR-CO-11",
        "The allowances' total is the sum of the allowances.",
        E,
        _adjustment_total("allowances", charge=False),
    ),
    Rule(
        "BR-CO-12",
        "The charges' total is the sum of the charges.",
        E,
        _adjustment_total("charges", charge=True),
    ),
    Rule(
        "BR-CO-13",
        "The net total is the lines', less allowances, with charges.",
        E,
        _net,
        ("totals.lines", "totals.net"),
    ),
    Rule("BR-CO-14", "The tax total is the sum of the taxes.", E, _tax, ("taxes", "totals.tax")),
    Rule(
        "BR-CO-15", "The gross total is the net total and the tax.", E, _gross, ("totals.net", "totals.gross")
    ),
    Rule("BR-CO-17", "A tax is its rate of the amount that it is on.", E, _tax_amounts, ("taxes",)),
    Rule("BR-CO-18", "An invoice has a tax breakdown (BG-23).", E, must("taxes")),
    Rule(
        "BR-CO-21", "An allowance has a reason or its code.", E, each(_ALLOWANCES, *_REASON), ("adjustments",)
    ),
    Rule("BR-CO-22", "A charge has a reason or its code.", E, each(_CHARGES, *_REASON), ("adjustments",)),
    Rule(
        "BR-CO-23",
        "A line's allowance has a reason or its code.",
        E,
        each(_LINE_ALLOWANCES, *_REASON),
        ("lines",),
    ),
    Rule(
        "BR-CO-24", "A line's charge has a reason or its code.", E, each(_LINE_CHARGES, *_REASON), ("lines",)
    ),
    Rule(
        "BR-CO-25",
        "Where something is due, there is a due date, or terms of payment (BT-9, 20).",
        E,
        _payable,
        ("totals.due",),
    ),
    Rule(
        "BR-CO-26",
        "The seller has an identifier, a registration or a VAT identifier (BT-29, 30, 31).",
        E,
        must("seller.identifier", "seller.registration", "seller.vat_id"),
    ),
    *_decimal_rules(),
)
DUE: Final = Rule(
    "BR-CO-16",
    "What is due is the gross total, less what was paid, with the rounding.",
    E,
    _due,
    ("totals.gross", "totals.due"),
)
"""Apart, since XRechnung's extension has another in its place."""
