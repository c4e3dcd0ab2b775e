"""What each kind of VAT asks of an invoice: one table of kinds, ten rules for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from abax.documents.en16931.makers import Items, adjustments, agree, at, top_lines, total
from abax.documents.rules.model import Result, Rule, Severity, Subject, Test

E = Severity.ERROR
_UNIT: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A category of VAT (UNTDID 5305) and what the standard asks of it."""

    rules: str
    """What its rules' numbers begin with."""
    code: str
    name: str
    once: bool
    """It stands in the breakdown exactly once, else once or more: once for each rate."""
    sellers: tuple[str, ...]
    """One of these identifies the seller; none means that nobody may be identified."""
    buyers: tuple[str, ...] = ()
    rate: str = "zero"
    """``positive``, ``zero``, ``any`` or ``none``."""
    exempt: bool | None = None
    """Whether a reason why no tax is charged must be there; None where neither is asked."""


_SELLER = ("seller.vat_id", "seller.tax_number", "tax_representative.vat_id")
_SELLER_VAT = ("seller.vat_id", "tax_representative.vat_id")
_BUYER_VAT = ("buyer.vat_id",)

KINDS: Final = (
    Kind("BR-S", "S", "standard rate", False, _SELLER, (), "positive", False),
    Kind("BR-Z", "Z", "zero rate", True, _SELLER, (), "zero", False),
    Kind("BR-E", "E", "exempt", True, _SELLER, (), "zero", True),
    Kind(
        "BR-AE", "AE", "reverse charge", True, _SELLER, ("buyer.vat_id", "buyer.registration"), "zero", True
    ),
    Kind("BR-IC", "K", "intra-community supply", True, _SELLER_VAT, _BUYER_VAT, "zero", True),
    Kind("BR-G", "G", "export", True, _SELLER_VAT, (), "zero", True),
    Kind("BR-O", "O", "outside of VAT's scope", True, (), (), "none", True),
    Kind("BR-IG", "L", "Canary Islands' IGIC", False, _SELLER, (), "any", False),
    Kind("BR-IP", "M", "Ceuta's and Melilla's IPSI", False, _SELLER, (), "any", False),
)
_ALLOWANCES, _CHARGES = adjustments(charge=False), adjustments(charge=True)


def _category(part: Any) -> str | None:
    found = getattr(part, "tax_category", None)
    return found if found is None else str(found)


def _uses(subject: Subject, kind: Kind, *, of: Items) -> Iterator[tuple[str, Any]]:
    if kind.code not in subject.tax_categories:
        return iter(())
    return ((path, part) for path, part in of(subject) if _category(part) == kind.code)


def _breakdown(kind: Kind) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        parts = [path for of in (top_lines, _ALLOWANCES, _CHARGES) for path, _ in _uses(subject, kind, of=of)]
        count = sum(tax.category == kind.code for tax in subject.contract.taxes)
        if not parts and not count:
            return
        fits = (count == 1 if kind.once else count >= 1) if parts else count == 0
        shown = f"{len(parts)} lines, allowances and charges of {kind.code}, {count} in the breakdown"
        yield Result(fits, shown, ("taxes", *parts))

    return test


def _identified(kind: Kind, of: Items) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        if next(_uses(subject, kind, of=of), None) is None:
            return
        if not kind.sellers:
            named = [path for path in (*_SELLER_VAT, *_BUYER_VAT) if at(subject.contract, path)]
            yield Result(not named, f"VAT identifiers: {', '.join(named) or 'none'}", tuple(named))
            return
        for paths in (kind.sellers, kind.buyers):
            if paths:
                found = next((path for path in paths if at(subject.contract, path)), None)
                shown = f"{found} {at(subject.contract, found)}" if found else f"no {' or '.join(paths)}"
                yield Result(found is not None, shown, paths)

    return test


_RATES: Final[dict[str, tuple[Callable[[Decimal | None], bool], str]]] = {
    "positive": (lambda rate: rate is not None and rate > 0, "above zero"),
    "zero": (lambda rate: rate == 0, "zero"),
    "any": (lambda rate: rate is not None and rate >= 0, "zero or above"),
    "none": (lambda rate: rate is None, "not given"),
}


def _rate(kind: Kind, of: Items) -> Test:
    fits, _ = _RATES[kind.rate]

    def test(subject: Subject) -> Iterator[Result]:
        for path, part in _uses(subject, kind, of=of):
            yield Result(fits(part.tax_rate), f"{path}.tax_rate {part.tax_rate}", (f"{path}.tax_rate",))

    return test


def _base(kind: Kind) -> Test:
    by_rate = kind.rate in ("positive", "any")

    def test(subject: Subject) -> Iterator[Result]:
        for place, tax in enumerate(subject.contract.taxes):
            if tax.category != kind.code or tax.base is None:
                continue
            worked_out = _of_rate(subject, kind, tax.rate if by_rate else None, by_rate=by_rate)
            rate = f" at {tax.rate} %" if by_rate else ""
            yield agree(
                tax.base, worked_out, f"lines of {kind.code}{rate}", f"taxes[{place}].base", slack=_UNIT
            )

    return test


def _of_rate(subject: Subject, kind: Kind, rate: Decimal | None, *, by_rate: bool) -> Decimal:
    """What lines and charges come to, less allowances."""

    def amounts(of: Items, name: str) -> Decimal:
        parts = (part for _, part in _uses(subject, kind, of=of) if not by_rate or part.tax_rate == rate)
        return total(getattr(part, name) for part in parts)

    return amounts(top_lines, "net_amount") + amounts(_CHARGES, "amount") - amounts(_ALLOWANCES, "amount")


def _amount(kind: Kind) -> Test:
    taxed = kind.rate in ("positive", "any")

    def test(subject: Subject) -> Iterator[Result]:
        for place, tax in enumerate(subject.contract.taxes):
            if tax.category != kind.code or tax.amount is None:
                continue
            path = f"taxes[{place}].amount"
            if not taxed:
                yield Result(tax.amount == 0, f"{path} {tax.amount:f}", (path,))
            elif tax.base is not None and tax.rate is not None:
                how = f"{tax.base:f} × {tax.rate:f} %"
                yield agree(tax.amount, tax.base * tax.rate / 100, how, path, slack=_UNIT)

    return test


def _reason(kind: Kind) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        for place, tax in enumerate(subject.contract.taxes):
            if tax.category == kind.code:
                reason = tax.exemption or tax.exemption_code
                path = f"taxes[{place}].exemption"
                yield Result(bool(reason) is kind.exempt, f"{kind.code}: reason {reason or 'none'}", (path,))

    return test


def _delivered(subject: Subject) -> Iterator[Result]:
    if any(tax.category == "K" for tax in subject.contract.taxes):
        contract = subject.contract
        day = contract.delivery_date or contract.period_start or contract.period_end
        yield Result(
            day is not None, f"delivered {day or 'without a date'}", ("delivery_date", "period_start")
        )


def _delivered_to(subject: Subject) -> Iterator[Result]:
    if any(tax.category == "K" for tax in subject.contract.taxes):
        country = at(subject.contract, "ship_to.address.country")
        yield Result(
            country is not None, f"delivered to {country or 'no country'}", ("ship_to.address.country",)
        )


def _alone(of: Items, name: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        if any(tax.category == "O" for tax in subject.contract.taxes):
            others = [path for path, part in of(subject) if _category(part) not in ("O", None)]
            yield Result(not others, f"{len(others)} {name} of other categories", tuple(others))

    return test


def _alone_in_breakdown(subject: Subject) -> Iterator[Result]:
    categories = [tax.category for tax in subject.contract.taxes]
    if "O" in categories:
        others = sorted({category or "none" for category in categories} - {"O"})
        yield Result(not others, f"O with {', '.join(others) or 'no other'}", ("taxes",))


def _split(subject: Subject) -> Iterator[Result]:
    """Italy's split payment is for sales within Italy, and not beside the standard rate."""
    if any(tax.category == "B" for tax in subject.contract.taxes):
        countries = {at(subject.contract, f"{role}.address.country") for role in ("seller", "buyer")}
        shown = ", ".join(sorted(country or "none" for country in countries))
        yield Result(countries == {"IT"}, f"split payment in {shown}", ("taxes",))


def _split_alone(subject: Subject) -> Iterator[Result]:
    categories = {tax.category for tax in subject.contract.taxes}
    if "B" in categories:
        yield Result(
            "S" not in categories, f"categories {', '.join(sorted(map(str, categories)))}", ("taxes",)
        )


def _of(kind: Kind) -> Iterator[Rule]:
    who = "nobody's VAT identifier is given" if not kind.sellers else "the parties' tax identifiers are given"
    rate = _RATES[kind.rate][1]
    places = (("lines", top_lines), ("allowances", _ALLOWANCES), ("charges", _CHARGES))
    count = "exactly once" if kind.once else "for each rate"
    what = f"{kind.code} ({kind.name})"
    yield Rule(
        f"{kind.rules}-01", f"{what} stands in the breakdown {count}, if it is used.", E, _breakdown(kind)
    )
    for number, (name, of) in enumerate(places, 2):
        text = f"With {name} of {what}, {who}."
        yield Rule(f"{kind.rules}-{number:02}", text, E, _identified(kind, of))
    for number, (name, of) in enumerate(places, 5):
        yield Rule(
            f"{kind.rules}-{number:02}", f"The rate of {name} of {what} is {rate}.", E, _rate(kind, of)
        )
    text = f"The taxed amount of {what} is that of its lines, allowances and charges."
    yield Rule(f"{kind.rules}-08", text, E, _base(kind), ("taxes",))
    tax = "its rate of the taxed amount" if kind.rate in ("positive", "any") else "zero"
    yield Rule(f"{kind.rules}-09", f"The tax of {what} is {tax}.", E, _amount(kind), ("taxes",))
    needed = "has a reason why no tax is charged" if kind.exempt else "has no reason for an exemption"
    yield Rule(f"{kind.rules}-10", f"{what} {needed}.", E, _reason(kind), ("taxes",))


RULES: Final[tuple[Rule, ...]] = (
    *(rule for kind in KINDS for rule in _of(kind)),
    Rule(
        "BR-IC-11", "An intra-community supply has a date or a period of delivery.", E, _delivered, ("taxes",)
    ),
    Rule("BR-IC-12", "An intra-community supply has a country of delivery.", E, _delivered_to, ("taxes",)),
    Rule(
        "BR-O-11",
        "Outside of VAT's scope, the breakdown has nothing else.",
        E,
        _alone_in_breakdown,
        ("taxes",),
    ),
    Rule("BR-O-12", "Outside of VAT's scope, no line is of another category.", E, _alone(top_lines, "lines")),
    Rule(
        "BR-O-13",
        "Outside of VAT's scope, no allowance is of another category.",
        E,
        _alone(_ALLOWANCES, "allowances"),
    ),
    Rule(
        "BR-O-14", "Outside of VAT's scope, no charge is of another category.", E, _alone(_CHARGES, "charges")
    ),
    Rule("BR-B-01", "Split payment is for sales within Italy.", E, _split, ("taxes",)),
    Rule("BR-B-02", "Split payment and the standard rate exclude each other.", E, _split_alone, ("taxes",)),
)
"""All kinds' rules."""
