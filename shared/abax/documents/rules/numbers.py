"""Check digits and forms: accounts, banks, tax identifiers, references, codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from abax.documents.contracts import BankAccount, Party
from abax.documents.rules.codes import COUNTRIES, CURRENCIES
from abax.documents.rules.kinds import CHARGES, PAID_BY_BANK, TRADE
from abax.documents.rules.model import Result, Rule, Severity, Subject

_SEPARATORS: Final = re.compile(r"[\s./\-–]")
_TAX_MODULES: Final = {
    "DE": ("stnr", "idnr", "vat"),
    "AT": ("tin", "uid"),
    "ES": ("nif", "cif", "dni", "nie"),
    "FR": ("siret", "siren", "nif", "tva"),
    "IT": ("codicefiscale", "iva"),
    "NL": ("bsn", "btw"),
    "PL": ("nip", "regon", "pesel"),
    "PT": ("nif",),
    "CH": ("uid", "vat"),
    "BE": ("vat",),
    "GB": ("utr", "vat"),
    "SE": ("orgnr", "personnummer"),
    "DK": ("cvr",),
    "NO": ("orgnr", "mva"),
    "FI": ("ytunnus", "alv"),
    "CZ": ("dic", "rc"),
    "US": ("ein", "ssn"),
}
"""python-stdnum's modules for the tax numbers of a country."""
_EXCISE: Final = {"EL": "GR", "XI": "GB"}
_ROLES: Final = ("seller", "buyer", "payee", "tax_representative", "payer", "issuer", "holder", "party")


def accounts(subject: Subject) -> Iterator[tuple[str, BankAccount]]:
    """A document's accounts with their paths."""
    for place, account in enumerate(getattr(subject.contract, "bank_accounts", ())):
        yield f"bank_accounts[{place}]", account
    if (own := getattr(subject.contract, "account", None)) is not None:
        yield "account", own


def parties(subject: Subject) -> Iterator[tuple[str, Party]]:
    """The parties that a document names, with their paths."""
    for role in _ROLES:
        party = getattr(subject.contract, role, None)
        if isinstance(party, Party):
            yield role, party


def valid_iban(iban: str) -> bool:
    """Whether length, form and check digits are those of its country."""
    from stdnum import iban as module

    return module.is_valid(iban)


def _iban(subject: Subject) -> Iterator[Result]:
    for path, account in accounts(subject):
        if account.iban:
            passed = valid_iban(account.iban)
            yield Result(passed, _verdict(f"{path}.iban", account.iban, passed), (f"{path}.iban",))
    terms = getattr(subject.contract, "terms", None)
    debited = terms.debited_account if terms else None
    if debited and re.match(r"[A-Z]{2}\d{2}", debited):
        passed = valid_iban(debited)
        yield Result(passed, _verdict("terms.debited_account", debited, passed), ("terms.debited_account",))


def _verdict(path: str, value: str, passed: bool) -> str:
    return f"{path} {value}: check digits {'right' if passed else 'wrong'}"


def _bic(subject: Subject) -> Iterator[Result]:
    from stdnum import bic

    for path, account in accounts(subject):
        if account.bic:
            passed = bic.is_valid(account.bic) and account.bic.upper()[4:6] in COUNTRIES
            yield Result(passed, f"{path}.bic {account.bic}", (f"{path}.bic",))


def _bic_country(subject: Subject) -> Iterator[Result]:
    for path, account in accounts(subject):
        if account.bic and account.iban and len(account.bic) in (8, 11):
            bank, number = account.bic.upper()[4:6], account.iban.upper()[:2]
            compared = f"{path}: bank in {bank}, account in {number}"
            yield Result(
                bank == number or {bank, number} <= _TOGETHER, compared, (f"{path}.bic", f"{path}.iban")
            )


_TOGETHER: Final = frozenset({"FR", "MC", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "WF", "BL", "MF"})


@cache
def valid_vat(number: str, home: str = "") -> bool | None:
    """Whether check digits fit; None for countries whose numbers have no check that we know. ``home`` is the
    country of a number that begins with none."""
    from stdnum.util import get_cc_module

    if not number[:2].isalpha():
        module = get_cc_module(home.lower(), "vat") if home in COUNTRIES else None
        return bool(module.is_valid(number)) if module is not None else None
    country = _EXCISE.get(number[:2].upper(), number[:2].upper())
    if country not in COUNTRIES:
        return False
    module = get_cc_module(country.lower(), "vat")
    if module is None:
        return None
    if country == "CH":
        return _valid_swiss(number)
    bare = number[2:] if country in ("GR", "GB") and number[:2].upper() in _EXCISE else number
    return bool(module.is_valid(bare))


def _valid_swiss(number: str) -> bool:
    """Of the enterprise number, whether or not the tax is named behind it."""
    from stdnum.ch import uid

    return bool(uid.is_valid(re.sub(r"(MWST|TVA|IVA|TPV|VAT)$", "", number.upper())))


def _vat(subject: Subject) -> Iterator[Result]:
    for role, party in parties(subject):
        if not party.vat_id:
            continue
        passed = valid_vat(_SEPARATORS.sub("", party.vat_id), (party.address.country or "").upper())
        if passed is not None:
            path = f"{role}.vat_id"
            yield Result(passed, _verdict(path, party.vat_id, passed), (path,))


def _vat_country(subject: Subject) -> Iterator[Result]:
    for role, party in parties(subject):
        country = party.address.country
        if party.vat_id and country and party.vat_id[:2].isalpha():
            prefix = _EXCISE.get(party.vat_id[:2].upper(), party.vat_id[:2].upper())
            compared = f"{role}: VAT id of {prefix}, address in {country}"
            yield Result(prefix == country.upper(), compared, (f"{role}.vat_id", f"{role}.address.country"))


@cache
def valid_tax_number(number: str, country: str) -> bool | None:
    """Whether it has the form of one of the country's tax numbers; None where we know none."""
    from stdnum.util import get_cc_module

    plain = _SEPARATORS.sub("", number)
    if country == "NL" and re.fullmatch(r"\d{8}", plain):  # of the Chamber of Commerce: no check digit
        return True
    modules = [get_cc_module(country.lower(), name) for name in _TAX_MODULES.get(country, ())]
    known = [module for module in modules if module is not None]
    return any(module.is_valid(number) for module in known) if known else None


def _tax_number(subject: Subject) -> Iterator[Result]:
    for role, party in parties(subject):
        country = (party.address.country or (party.vat_id or "")[:2]).upper()
        if party.tax_number and country:
            passed = valid_tax_number(party.tax_number, country)
            if passed is not None:
                path = f"{role}.tax_number"
                yield Result(passed, f"{path} {party.tax_number}, as in {country}", (path,))


def _creditor(subject: Subject) -> Iterator[Result]:
    from stdnum.iso7064 import mod_97_10

    number = _SEPARATORS.sub("", subject.contract.terms.creditor_id).upper()
    form = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9]{1,28}", number) is not None
    passed = form and bool(mod_97_10.is_valid(number[7:] + number[:4]))
    yield Result(passed, _verdict("terms.creditor_id", number, passed), ("terms.creditor_id",))


def _reference(subject: Subject) -> Iterator[Result]:
    from stdnum import iso11649

    number = _SEPARATORS.sub("", subject.contract.terms.remittance).upper()
    if re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", number):
        passed = bool(iso11649.is_valid(number))
        yield Result(passed, _verdict("terms.remittance", number, passed), ("terms.remittance",))


def _item_numbers(subject: Subject) -> Iterator[Result]:
    from stdnum import ean

    schemes = subject.extraction.attributes
    for place, line in enumerate(subject.contract.lines):
        path = f"lines[{place}].standard_item_number"
        number = line.standard_item_number or ""
        if re.fullmatch(r"\d{8}|\d{12,14}", number) and schemes.get(f"{path}@scheme", "0160") == "0160":
            passed = bool(ean.is_valid(number))
            yield Result(passed, _verdict(path, number, passed), (path,))


def _currency(subject: Subject) -> Iterator[Result]:
    currency = subject.contract.currency
    yield Result(currency in CURRENCIES, f"currency {currency}", ("currency",))


def _countries(subject: Subject) -> Iterator[Result]:
    for role, party in parties(subject):
        if country := party.address.country:
            yield Result(country in COUNTRIES, f"{role} in {country}", (f"{role}.address.country",))


def _payable_country(subject: Subject) -> Iterator[Result]:
    seller = getattr(subject.contract, "seller", None) or getattr(subject.contract, "party", None)
    country = seller.address.country if seller else None
    for path, account in accounts(subject):
        if country and account.iban:
            passed = account.iban[:2].upper() == country.upper()
            compared = f"account in {account.iban[:2].upper()}, seller in {country}"
            yield Result(passed, compared, (f"{path}.iban",))


E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741

RULES: Final = (
    Rule("iban", "An IBAN has the length and the check digits of its country.", E, _iban),
    Rule("bic", "A BIC has 8 or 11 characters and names a country.", W, _bic),
    Rule("bic-country", "Bank and account are in the same country.", W, _bic_country),
    Rule("iban-country", "The account is in the seller's country.", I, _payable_country, (), PAID_BY_BANK),
    Rule("vat-id", "A VAT identifier has the form and check digits of its country.", W, _vat),
    Rule("vat-country", "A VAT identifier is of the country of the address.", I, _vat_country),
    Rule("tax-number", "A tax number has a form that its country uses.", W, _tax_number),
    Rule(
        "creditor-id", "A creditor identifier's check digits are right.", W, _creditor, ("terms.creditor_id",)
    ),
    Rule(
        "payment-reference",
        "A structured reference's check digits are right.",
        W,
        _reference,
        ("terms.remittance",),
    ),
    Rule("item-numbers", "GTINs have right check digits.", I, _item_numbers, ("lines",), TRADE),
    Rule("currency-code", "The currency is one of ISO 4217.", E, _currency, ("currency",)),
    Rule("country-codes", "Countries are those of ISO 3166.", W, _countries, (), CHARGES),
)
"""Whatever carries its own check."""
