"""Codes that must be on a list."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from abax.documents.en16931.makers import Items, adjustments, at, every, group, line_adjustments, lines
from abax.documents.rules import codes
from abax.documents.rules.model import Result, Rule, Severity, Subject, Test

E, W = Severity.ERROR, Severity.WARNING
_UNIT_FORM: Final = re.compile(r"[0-9A-Z]{1,3}|X[0-9A-Z]{2}")


def _listed(path: str, allowed: Collection[str]) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        value = at(subject.contract, path)
        if value is not None:
            yield Result(value in allowed, f"{path} {value}", (path,))

    return test


def _all_listed(items: Items, name: str, allowed: Collection[str]) -> Test:
    def given(subject: Subject) -> Iterator[tuple[str, Any]]:
        return ((path, part) for path, part in items(subject) if getattr(part, name) is not None)

    return every(
        given, lambda part: getattr(part, name) in allowed, lambda part: str(getattr(part, name)), (name,)
    )


def _everywhere(*, charge: bool) -> Items:
    """Allowances or charges of the document and of its lines."""

    def items(subject: Subject) -> Iterator[tuple[str, Any]]:
        yield from adjustments(charge=charge)(subject)
        yield from line_adjustments(charge=charge)(subject)

    return items


def _amount_currencies(subject: Subject) -> Iterator[Result]:
    for path, currency in subject.extraction.attributes.items():
        if path.endswith("@currency"):
            yield Result(currency in codes.CURRENCIES, f"{path} {currency}", (path.partition("@")[0],))


def _countries(subject: Subject) -> Iterator[Result]:
    for role in ("seller", "buyer", "ship_to", "payee", "tax_representative"):
        path = f"{role}.address.country"
        country = at(subject.contract, path)
        if country is not None:
            yield Result(country in codes.COUNTRIES, f"{path} {country}", (path,))


def _exemptions(subject: Subject) -> Iterator[Result]:
    for place, tax in enumerate(subject.contract.taxes):
        if tax.exemption_code is not None:
            known = tax.exemption_code.upper() in codes.EXEMPTION_CODES
            yield Result(known, tax.exemption_code, (f"taxes[{place}].exemption_code",))


def _units(subject: Subject) -> Iterator[Result]:
    """By form, and by what is written most often in place of a code: the list itself has 2,000 of them."""
    count = 0
    for path, line in lines(subject):
        if line.unit is not None:
            count += 1
            if not _UNIT_FORM.fullmatch(line.unit) or line.unit in codes.NOT_UNITS:
                yield Result(False, f"{path}.unit {line.unit}", (f"{path}.unit",))
    if count:
        yield Result(True, f"{count} units")


def _mime(subject: Subject) -> Iterator[Result]:
    return mime_types(subject, codes.MIME_TYPES)


def mime_types(subject: Subject, allowed: Collection[str]) -> Iterator[Result]:
    """The types of the files inside."""
    for place, one in enumerate(subject.contract.supporting_documents):
        if one.media_type is not None:
            path = f"supporting_documents[{place}].media_type"
            yield Result(one.media_type in allowed, f"{one.filename} is {one.media_type}", (path,))


def _address_schemes(subject: Subject) -> Iterator[Result]:
    for role in ("seller", "buyer"):
        path = f"{role}.electronic_address"
        if scheme := subject.extraction.attributes.get(f"{path}@scheme"):
            yield Result(scheme in codes.ADDRESS_SCHEMES, f"{path} of scheme {scheme}", (path,))


def _standard_schemes(subject: Subject) -> Iterator[Result]:
    for path, scheme in subject.extraction.attributes.items():
        if path.endswith(".standard_item_number@scheme"):
            yield Result(
                bool(re.fullmatch(r"0\d{3}|XR0[123]", scheme)), f"{path} {scheme}", (path.partition("@")[0],)
            )


def _schemes(ending: str, allowed: re.Pattern[str]) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        for path, scheme in subject.extraction.attributes.items():
            value, _, name = path.partition("@")
            if name == "scheme" and re.search(ending, value):
                yield Result(bool(allowed.fullmatch(scheme)), f"{value} of scheme {scheme}", (value,))

    return test


_ICD: Final = re.compile(r"0(00[1-9]|0[1-9]\d|1\d\d|2[0-4]\d)|XR0[123]")
_CLASSES: Final = re.compile(r"[A-Z]{2,3}")

RULES: Final[tuple[Rule, ...]] = (
    Rule("BR-CL-01", "The type is one of UNTDID 1001.", E, _listed("type_code", codes.DOCUMENT_CODES)),
    Rule("BR-CL-03", "Amounts are in currencies of ISO 4217.", E, _amount_currencies),
    Rule("BR-CL-04", "The currency is one of ISO 4217.", E, _listed("currency", codes.CURRENCIES)),
    Rule("BR-CL-05", "The tax currency is one of ISO 4217.", E, _listed("tax_currency", codes.CURRENCIES)),
    Rule(
        "BR-CL-06", "The tax point code is 3, 35 or 432.", E, _listed("tax_point_code", codes.TAX_POINT_CODES)
    ),
    Rule(
        "BR-CL-10",
        "Schemes of parties' identifiers are those of ISO 6523.",
        E,
        _schemes(r"^(seller|buyer|payee)\.(identifier|other_identifiers.*)$", _ICD),
    ),
    Rule(
        "BR-CL-11",
        "Schemes of registrations are those of ISO 6523.",
        E,
        _schemes(r"\.registration$", _ICD),
    ),
    Rule(
        "BR-CL-13",
        "Schemes of classifications have the form of UNTDID 7143.",
        E,
        _schemes(r"\.classification\[\d+\]$", _CLASSES),
    ),
    Rule(
        "BR-CL-26",
        "Schemes of places of delivery are those of ISO 6523.",
        E,
        _schemes(r"^ship_to\.(identifier|other_identifiers.*)$", _ICD),
    ),
    Rule("BR-CL-14", "Countries are those of ISO 3166-1.", E, _countries),
    Rule(
        "BR-CL-15",
        "Countries of origin are those of ISO 3166-1.",
        E,
        _all_listed(lines, "origin", codes.COUNTRIES),
    ),
    Rule(
        "BR-CL-16",
        "The means of payment is one of UNTDID 4461.",
        E,
        _listed("terms.means_code", codes.MEANS_CODES),
    ),
    Rule(
        "BR-CL-17",
        "Tax categories of the breakdown are those of UNTDID 5305.",
        E,
        _all_listed(group("taxes"), "category", codes.TAX_CATEGORIES),
    ),
    Rule(
        "BR-CL-18",
        "Tax categories of lines are those of UNTDID 5305.",
        E,
        _all_listed(lines, "tax_category", codes.TAX_CATEGORIES),
    ),
    Rule(
        "BR-CL-19",
        "Reasons of allowances are those of UNTDID 5189.",
        E,
        _all_listed(_everywhere(charge=False), "reason_code", codes.ALLOWANCE_CODES),
    ),
    Rule(
        "BR-CL-20",
        "Reasons of charges are those of UNTDID 7161.",
        E,
        _all_listed(_everywhere(charge=True), "reason_code", codes.CHARGE_CODES),
    ),
    Rule("BR-CL-21", "Schemes of item numbers are those of ISO 6523.", E, _standard_schemes),
    Rule("BR-CL-22", "Reasons of exemption are on the VATEX list.", E, _exemptions, ("taxes",)),
    Rule("BR-CL-23", "Units are those of UN/ECE Recommendations 20 and 21.", W, _units, ("lines",)),
    Rule("BR-CL-25", "Schemes of electronic addresses are on the EAS list.", E, _address_schemes),
)
"""Code lists."""
MIME: Final = Rule(
    "BR-CL-24", "Files inside are of the types that the standard allows.", E, _mime, ("supporting_documents",)
)
"""Apart, since XRechnung's extension allows one more."""
