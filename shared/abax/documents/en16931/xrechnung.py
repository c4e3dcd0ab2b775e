"""Germany's rules for invoices to its administration (BR-DE), and those of the extension (BR-DEX)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from abax.documents.contracts import Address
from abax.documents.en16931.lists import mime_types
from abax.documents.en16931.makers import ZERO, agree, at, each, group, lines, must, total
from abax.documents.rules import codes
from abax.documents.rules.model import Result, Rule, Severity, Subject, Test
from abax.documents.rules.numbers import valid_iban

E, W = Severity.ERROR, Severity.WARNING
_TRANSFERS, _CARDS, _DEBITS = ("30", "58"), ("48", "54", "55"), ("59",)
_TYPES: Final = ("326", "380", "381", "384", "389", "875", "876", "877")
_TAXED: Final = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
_SKONTO: Final = re.compile(r"#SKONTO#TAGE=\d+#PROZENT=\d+\.\d{2}(#BASISBETRAG=-?\d+\.\d{2})?#")
_EMAIL: Final = re.compile(r"[^@\s]+(?<!\.)@(?!\.)[^@\s]+(?<!\.)")
_SPECIFICATION: Final = re.compile(
    r"urn:cen\.eu:en16931:2017#compliant#urn:(xeinkauf\.de:kosit:xrechnung|xoev-de:kosit:standard:xrechnung)_\d\.\d"
    r"(#conformant#urn:(xeinkauf\.de|xoev-de):kosit:extension:xrechnung_\d\.\d)?"
)


def _instructions(subject: Subject) -> Iterator[Result]:
    code = subject.contract.terms.means_code
    yield Result(code is not None, f"means of payment {code}", ("terms.means_code",))


def _contact(subject: Subject) -> Iterator[Result]:
    seller = subject.contract.seller
    given = [name for name in ("contact", "phone", "email") if getattr(seller, name)]
    yield Result(bool(given), f"seller's {', '.join(given) or 'contact: none'}", ("seller.contact",))


def _with_address(role: str, name: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        party = at(subject.contract, role)
        if party is not None and party.address != Address():
            path = f"{role}.address.{name}"
            value = getattr(party.address, name)
            yield Result(bool(value), f"{path} {value}", (path,))

    return test


def _tax_ids(subject: Subject) -> Iterator[Result]:
    contract = subject.contract
    used = {line.tax_category for line in contract.lines} | {one.tax_category for one in contract.adjustments}
    if used & _TAXED:
        found = contract.seller.vat_id or contract.seller.tax_number or contract.tax_representative
        shown = f"seller {contract.seller.vat_id or contract.seller.tax_number or 'without a tax identifier'}"
        yield Result(bool(found), shown, ("seller.vat_id", "seller.tax_number"))


def _type(subject: Subject) -> Iterator[Result]:
    code = subject.contract.type_code
    yield Result(code in _TYPES, f"type {code}", ("type_code",))


def _discounts(subject: Subject) -> Iterator[Result]:
    raw = subject.extraction.evidence.get("terms.text")
    written = raw.text if raw else subject.contract.terms.text
    for line in written.splitlines():
        if line.strip().startswith("#"):
            yield Result(bool(_SKONTO.fullmatch(line.strip())), line.strip(), ("terms.text",))


def _filenames(subject: Subject) -> Iterator[Result]:
    names = Counter(name.casefold() for name in subject.contract.attachments)
    twice = [name for name, count in names.items() if count > 1]
    yield Result(not twice, f"{', '.join(twice) or 'none'} of {len(names)} twice", ("attachments",))


def _correction(subject: Subject) -> Iterator[Result]:
    if subject.contract.type_code == "384":
        count = len(subject.contract.references.preceding)
        yield Result(count > 0, f"{count} preceding invoices", ("references.preceding",))


def _phone(subject: Subject) -> Iterator[Result]:
    phone = subject.contract.seller.phone
    yield Result(sum(letter.isdigit() for letter in phone) >= 3, f"phone {phone}", ("seller.phone",))


def _email(subject: Subject) -> Iterator[Result]:
    email = subject.contract.seller.email
    yield Result(bool(_EMAIL.fullmatch(email)), f"mail {email}", ("seller.email",))


def _groups(subject: Subject) -> dict[str, bool]:
    """Which of BG-17, BG-18 and BG-19 are there."""
    terms = subject.contract.terms
    return {
        "credit transfer": bool(subject.contract.bank_accounts),
        "card": bool(terms.card_number),
        "direct debit": bool(terms.mandate or terms.creditor_id or terms.debited_account),
    }


def _has(means: tuple[str, ...], name: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        code = subject.contract.terms.means_code
        if code in means:
            there = _groups(subject)[name]
            yield Result(
                there, f"means {code}, {name} {'given' if there else 'absent'}", ("terms.means_code",)
            )

    return test


def _only(means: tuple[str, ...], name: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        code = subject.contract.terms.means_code
        if code in means:
            others = [other for other, there in _groups(subject).items() if there and other != name]
            yield Result(
                not others, f"means {code} with {', '.join(others) or 'nothing else'}", ("terms.means_code",)
            )

    return test


def _sepa_account(subject: Subject) -> Iterator[Result]:
    if subject.contract.terms.means_code == "58":
        for place, account in enumerate(subject.contract.bank_accounts):
            number = account.iban or account.account_number
            path = f"bank_accounts[{place}].iban"
            yield Result(bool(account.iban and valid_iban(account.iban)), f"account {number}", (path,))


def _debited(subject: Subject) -> Iterator[Result]:
    if subject.contract.terms.means_code == "59":
        number = subject.contract.terms.debited_account
        yield Result(
            bool(number and valid_iban(number)), f"debited account {number}", ("terms.debited_account",)
        )


def _debit_has(name: str) -> Test:
    def test(subject: Subject) -> Iterator[Result]:
        if _groups(subject)["direct debit"]:
            value = getattr(subject.contract.terms, name)
            yield Result(value is not None, f"terms.{name} {value}", (f"terms.{name}",))

    return test


def _specification(subject: Subject) -> Iterator[Result]:
    given = subject.contract.specification
    yield Result(bool(_SPECIFICATION.fullmatch(given)), given, ("specification",))


RULES: Final[tuple[Rule, ...]] = (
    Rule("BR-DE-1", "There are payment instructions (BG-16).", E, _instructions),
    Rule("BR-DE-2", "The seller has a contact (BG-6).", E, _contact),
    Rule("BR-DE-3", "The seller's address has a city (BT-37).", E, _with_address("seller", "city")),
    Rule("BR-DE-4", "The seller's address has a post code (BT-38).", E, _with_address("seller", "postcode")),
    Rule("BR-DE-5", "The seller's contact has a name (BT-41).", E, must("seller.contact")),
    Rule("BR-DE-6", "The seller's contact has a telephone number (BT-42).", E, must("seller.phone")),
    Rule("BR-DE-7", "The seller's contact has a mail address (BT-43).", E, must("seller.email")),
    Rule("BR-DE-8", "The buyer's address has a city (BT-52).", E, _with_address("buyer", "city")),
    Rule("BR-DE-9", "The buyer's address has a post code (BT-53).", E, _with_address("buyer", "postcode")),
    Rule(
        "BR-DE-10",
        "An address of delivery has a city (BT-77).",
        E,
        _with_address("ship_to", "city"),
        ("ship_to",),
    ),
    Rule(
        "BR-DE-11",
        "An address of delivery has a post code (BT-78).",
        E,
        _with_address("ship_to", "postcode"),
        ("ship_to",),
    ),
    Rule("BR-DE-14", "Every tax has a rate (BT-119).", E, each(group("taxes"), "rate"), ("taxes",)),
    Rule(
        "BR-DE-15",
        "There is a buyer reference (BT-10): the Leitweg-ID.",
        E,
        must("references.buyer_reference"),
    ),
    Rule("BR-DE-16", "Where VAT applies, the seller has a tax identifier (BT-31, 32, BG-11).", E, _tax_ids),
    Rule("BR-DE-17", "The type is one that XRechnung uses.", W, _type, ("type_code",)),
    Rule("BR-DE-18", "Discounts are written as XRechnung asks (BT-20).", E, _discounts, ("terms.text",)),
    Rule("BR-DE-19", "A SEPA transfer goes to a right IBAN (BT-84).", W, _sepa_account, ("bank_accounts",)),
    Rule("BR-DE-20", "A SEPA debit draws on a right IBAN (BT-91).", W, _debited),
    Rule("BR-DE-21", "The specification is XRechnung's (BT-24).", W, _specification, ("specification",)),
    Rule("BR-DE-22", "No two files inside have the same name.", E, _filenames, ("attachments",)),
    Rule("BR-DE-23-a", "A transfer has an account (BG-17).", E, _has(_TRANSFERS, "credit transfer")),
    Rule("BR-DE-23-b", "A transfer has no card and no mandate.", E, _only(_TRANSFERS, "credit transfer")),
    Rule("BR-DE-24-a", "A payment by card has the card (BG-18).", E, _has(_CARDS, "card")),
    Rule("BR-DE-24-b", "A payment by card has no account and no mandate.", E, _only(_CARDS, "card")),
    Rule("BR-DE-25-a", "A direct debit has its mandate (BG-19).", E, _has(_DEBITS, "direct debit")),
    Rule("BR-DE-25-b", "A direct debit has no account and no card.", E, _only(_DEBITS, "direct debit")),
    Rule("BR-DE-26", "A corrected invoice names the one before (BG-3).", W, _correction),
    Rule("BR-DE-27", "A telephone number has three digits or more (BT-42).", W, _phone, ("seller.phone",)),
    Rule("BR-DE-28", "A mail address has one @ between two names (BT-43).", W, _email, ("seller.email",)),
    Rule("BR-DE-30", "A direct debit has a creditor identifier (BT-90).", E, _debit_has("creditor_id")),
    Rule("BR-DE-31", "A direct debit has the debited account (BT-91).", E, _debit_has("debited_account")),
)
"""XRechnung."""


def _mime(subject: Subject) -> Iterator[Result]:
    return mime_types(subject, codes.MIME_TYPES | {"application/xml"})


def _parts(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        parts = [part for part in subject.contract.lines if part.parent == line.position and line.position]
        if parts and line.net_amount is not None:
            worked_out = total(part.net_amount for part in parts)
            yield agree(line.net_amount, worked_out, f"sum of {len(parts)} parts", f"{path}.net_amount")


def _part_categories(subject: Subject) -> Iterator[Result]:
    for path, line in lines(subject):
        if line.parent is not None:
            shown = f"{path} of category {line.tax_category}"
            yield Result(line.tax_category is not None, shown, (f"{path}.tax_category",))


def _due(subject: Subject) -> Iterator[Result]:
    totals = subject.contract.totals
    prepaid, rounding = totals.prepaid or ZERO, totals.rounding or ZERO
    third = total(one.amount for one in subject.contract.third_party_payments)
    how = f"gross {totals.gross:f} - prepaid {prepaid:f} + rounding {rounding:f} + for others {third:f}"
    yield agree(totals.due, totals.gross - prepaid + rounding + third, how, "totals.due")


def _third_decimals(subject: Subject) -> Iterator[Result]:
    for place, one in enumerate(subject.contract.third_party_payments):
        if one.amount is not None:
            path = f"third_party_payments[{place}].amount"
            written = subject.extraction.evidence[path].text if path in subject.extraction.evidence else ""
            yield Result(len(written.partition(".")[2]) <= 2, f"{path} {one.amount}", (path,))


_THIRD: Final = ("third_party_payments",)
EXTENSION_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "BR-DEX-01", "Files inside are of allowed types, XML among them.", E, _mime, ("supporting_documents",)
    ),
    Rule("BR-DEX-02", "A line with parts is the sum of its parts.", W, _parts, ("lines",)),
    Rule("BR-DEX-03", "Every part of a line has a tax category.", E, _part_categories, ("lines",)),
    Rule(
        "BR-DEX-09",
        "What is due is the gross total, less what was paid, with rounding and payments for others.",
        E,
        _due,
        ("totals.gross", "totals.due"),
    ),
    Rule("BR-DEX-10", "A payment for others has a type.", E, each(group(_THIRD[0]), "kind"), _THIRD),
    Rule("BR-DEX-11", "A payment for others has an amount.", E, each(group(_THIRD[0]), "amount"), _THIRD),
    Rule(
        "BR-DEX-12",
        "A payment for others has a description.",
        E,
        each(group(_THIRD[0]), "description"),
        _THIRD,
    ),
    Rule("BR-DEX-13", "A payment for others has at most two decimals.", E, _third_decimals, _THIRD),
)
"""XRechnung's extension."""
