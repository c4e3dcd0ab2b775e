"""What a document of its type must have, and whether its dates and tax rates can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from abax.documents.contracts import DocumentType as T
from abax.documents.contracts import Model, Subtype
from abax.documents.rules.codes import VAT_RATES
from abax.documents.rules.kinds import CHARGES, INVOICES, PAYABLE
from abax.documents.rules.model import Result, Rule, Severity, Subject

_SMALL: Final = Decimal(250)
_VAT_CURRENCIES: Final = frozenset(
    {"EUR", "GBP", "CHF", "PLN", "CZK", "SEK", "DKK", "NOK", "HUF", "RON", "BGN"}
)
_INVOICE = ("number", "issue_date", "currency", "seller.name", "totals.gross|totals.due")
REQUIRED: Final[dict[T, tuple[str, ...]]] = {
    T.SUPPLIER_INVOICE: _INVOICE,
    T.CUSTOMER_INVOICE: (*_INVOICE, "buyer.name"),
    T.CREDIT_MEMO: _INVOICE,
    T.DEBIT_MEMO: _INVOICE,
    T.RECEIPT: ("issue_date", "seller.name", "totals.gross|totals.due"),
    T.PURCHASE_ORDER: ("number", "issue_date", "seller.name", "lines"),
    T.SALES_ORDER: ("number", "issue_date", "buyer.name", "lines"),
    T.GOODS_RECEIPT: ("number", "issue_date|delivery_date", "lines"),
    T.GOODS_ISSUE: ("number", "issue_date|delivery_date", "lines"),
    T.DELIVERY_NOTE: ("number", "issue_date|delivery_date", "seller.name", "lines"),
    T.PAYMENT_ADVICE: ("payment_date|issue_date", "payer.name", "total", "remittances"),
    T.ACCOUNT_STATEMENT: ("issuer.name", "closing_balance", "period_end|issue_date"),
    T.JOURNAL_VOUCHER: ("number", "posting_date|issue_date", "lines"),
    T.MASTER_DATA_FORM: ("party.name", "action|role"),
}
"""By type: paths of the contract; ``a|b`` asks for one of them."""


def value_at(contract: Model, path: str) -> Any:
    """The value at a path without places; None where it is empty."""
    value: Any = contract
    for name in path.split("."):
        value = getattr(value, name, None)
    return None if value in ((), "") else value


def missing(contract: Model, kind: T) -> tuple[str, ...]:
    """The required paths of which the contract has nothing."""
    return tuple(
        path
        for path in REQUIRED.get(kind, ())
        if all(value_at(contract, one) is None for one in path.split("|"))
    )


def _required(subject: Subject) -> Iterator[Result]:
    wanted = REQUIRED.get(subject.type, ())
    absent = missing(subject.contract, subject.type)
    if getattr(subject.contract, "subtype", None) is Subtype.REMINDER:
        absent = tuple(path for path in absent if path != "number")
    for path in absent:
        yield Result(False, f"no {path.replace('|', ' or ')}", tuple(path.split("|")))
    if wanted and not absent:
        yield Result(True, f"{len(wanted)} required values are there", tuple(wanted))


def _identified(subject: Subject) -> Iterator[Result]:
    yield Result(subject.type is not T.UNKNOWN, f"type {subject.type}")


def _not_future(subject: Subject) -> Iterator[Result]:
    issued, today = subject.contract.issue_date, subject.known.today
    yield Result(issued <= today + timedelta(1), f"issued {issued}, today {today}", ("issue_date",))


def _not_ancient(subject: Subject) -> Iterator[Result]:
    issued, today = subject.contract.issue_date, subject.known.today
    years = (today - issued).days / 365.25
    compared = f"issued {issued}, today {today}"
    severity = Severity.WARNING if years > 10 else Severity.INFO
    yield Result(years <= 2, compared, ("issue_date",), severity)


def _in_order(subject: Subject, first: str, then: str) -> Iterator[Result]:
    one, other = value_at(subject.contract, first), value_at(subject.contract, then)
    if isinstance(one, date) and isinstance(other, date):
        yield Result(one <= other, f"{first} {one}, {then} {other}", (first, then))


def _due_after_issue(subject: Subject) -> Iterator[Result]:
    return _in_order(subject, "issue_date", "due_date")


def _due_near(subject: Subject) -> Iterator[Result]:
    issued, due = subject.contract.issue_date, subject.contract.due_date
    days = (due - issued).days
    yield Result(days <= 366, f"due {days} days after {issued}", ("due_date",))


def _periods(subject: Subject) -> Iterator[Result]:
    yield from _in_order(subject, "period_start", "period_end")
    for place, line in enumerate(getattr(subject.contract, "lines", ())):
        start, end = getattr(line, "period_start", None), getattr(line, "period_end", None)
        if start and end:
            path = f"lines[{place}]"
            paths = (f"{path}.period_start", f"{path}.period_end")
            yield Result(start <= end, f"{path} from {start} to {end}", paths)


def _delivery(subject: Subject) -> Iterator[Result]:
    issued, delivered = subject.contract.issue_date, subject.contract.delivery_date
    days = (issued - delivered).days
    compared = f"delivered {delivered}, issued {issued}"
    yield Result(-366 <= days <= 400, compared, ("delivery_date", "issue_date"))


def _preceding(subject: Subject) -> Iterator[Result]:
    issued = subject.contract.issue_date
    for place, (number, day) in enumerate(subject.contract.references.preceding):
        if day is not None:
            path = f"references.preceding[{place}]"
            yield Result(day <= issued, f"{number} of {day}, this one of {issued}", (path, "issue_date"))


def _discounts(subject: Subject) -> Iterator[Result]:
    contract = subject.contract
    for place, discount in enumerate(contract.terms.discounts):
        path = f"terms.discounts[{place}]"
        until = discount.until
        if until is None and discount.days is not None and contract.issue_date:
            until = contract.issue_date + timedelta(min(discount.days, 9999))
        if until is not None and contract.due_date is not None:
            yield Result(
                until <= contract.due_date, f"discount until {until}, due {contract.due_date}", (path,)
            )
        if discount.percent is not None:
            yield Result(
                0 <= discount.percent < 20, f"discount of {discount.percent} %", (f"{path}.percent",)
            )


def _tax_rates(subject: Subject) -> Iterator[Result]:
    seller = subject.contract.seller
    country = (seller.address.country or (seller.vat_id or "")[:2]).upper()
    usual = VAT_RATES.get(country)
    if usual is None:
        return
    for place, tax in enumerate(subject.contract.taxes):
        if tax.rate is not None and tax.category in (None, "S", "AA", "H"):
            passed = tax.rate == 0 or tax.rate in usual
            yield Result(passed, f"{tax.rate.normalize():f} % in {country}", (f"taxes[{place}].rate",))


def _implied_rate(subject: Subject) -> Iterator[Result]:
    """Where no breakdown says the rates: whether tax and net total can be."""
    totals = subject.contract.totals
    if subject.contract.taxes or totals.net <= 0:
        return
    rate = totals.tax / totals.net * 100
    yield Result(
        0 <= rate <= Decimal("27.5"), f"tax {totals.tax} on {totals.net}: {rate:.1f} %", ("totals.tax",)
    )


def _taxed_by_known(subject: Subject) -> Iterator[Result]:
    """Small amounts need none; and where there is no VAT, nobody has one."""
    seller, totals = subject.contract.seller, subject.contract.totals
    country = (seller.address.country or "").upper()
    taxed = country in VAT_RATES if country else subject.contract.currency in _VAT_CURRENCIES
    if taxed and totals.tax > 0 and (totals.gross is None or totals.gross > _SMALL):
        found = seller.vat_id or seller.tax_number or subject.contract.tax_representative
        shown = f"tax {totals.tax}, seller's tax identifier {seller.vat_id or seller.tax_number or 'none'}"
        yield Result(bool(found), shown, ("seller.vat_id", "seller.tax_number"))


E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741

RULES: Final = (
    Rule("type-known", "The document is of a type that we process.", E, _identified),
    Rule("required", "All that a document of its type must have is there.", E, _required),
    Rule("date-future", "It was not issued in the future.", W, _not_future, ("issue_date",)),
    Rule("date-age", "It was issued within the last two years.", I, _not_ancient, ("issue_date",), CHARGES),
    Rule(
        "date-due",
        "It is due on or after its date.",
        W,
        _due_after_issue,
        ("issue_date", "due_date"),
        INVOICES,
    ),
    Rule("date-due-far", "It is due within a year.", W, _due_near, ("issue_date", "due_date"), INVOICES),
    Rule("date-periods", "Periods begin before they end.", W, _periods),
    Rule(
        "date-delivery",
        "Delivery is within a year of its date.",
        W,
        _delivery,
        ("issue_date", "delivery_date"),
        CHARGES,
    ),
    Rule(
        "date-preceding",
        "Invoices that it corrects or settles are older than it.",
        W,
        _preceding,
        ("issue_date", "references.preceding"),
        INVOICES,
    ),
    Rule(
        "discounts",
        "Discounts end before the invoice is due, and are below 20 %.",
        W,
        _discounts,
        ("terms.discounts",),
        INVOICES,
    ),
    Rule(
        "tax-rates",
        "Tax rates are such as the seller's country has or had.",
        W,
        _tax_rates,
        ("taxes",),
        CHARGES,
    ),
    Rule(
        "seller-tax-id",
        "Who charges tax gives a tax identifier, but on small invoices.",
        W,
        _taxed_by_known,
        ("totals.tax",),
        PAYABLE,
    ),
    Rule(
        "tax-share",
        "The tax can be one of the net total.",
        W,
        _implied_rate,
        ("totals.net", "totals.tax"),
        PAYABLE | {T.RECEIPT},
    ),
)
"""What must be there, and what can be."""
