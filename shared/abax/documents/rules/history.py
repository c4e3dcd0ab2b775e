"""A document against what came before: its supplier, the supplier's accounts, and copies of itself."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from abax.documents.bookings import plain_name
from abax.documents.contracts import DocumentType, Party
from abax.documents.rules.keys import accounts_of, amount_of, issuer_of, plain_id, plain_number, supplier_key
from abax.documents.rules.kinds import CHARGES, PAID_BY_BANK, PAYABLE
from abax.documents.rules.known import SeenDocument
from abax.documents.rules.model import Result, Rule, Severity, Subject

_NEAR_DAYS = 6
"""Two documents of one supplier and amount within so many days may be one; weekly ones are not."""
_NUMBERS_ALIKE = 0.8
_OURS_ALIKE = 0.85


def _supplier(subject: Subject) -> Iterator[Result]:
    supplier, party = subject.known.supplier, issuer_of(subject.contract)
    if party == Party():
        return
    shown = f"{party.name or 'no name'}, {party.vat_id or party.tax_number or 'no tax id'}"
    if supplier is None:
        yield Result(False, f"{shown}: not among our suppliers", ("seller.name", "seller.vat_id"))
    else:
        yield Result(True, f"{shown}: supplier {supplier.key}", ("seller.name",))


def _blocked(subject: Subject) -> Iterator[Result]:
    supplier = subject.known.supplier
    if supplier is not None:
        shown = f"supplier {supplier.key} is {'blocked' if supplier.blocked else 'not blocked'}"
        yield Result(not supplier.blocked, shown, ("seller.name",))


def _namesake(subject: Subject) -> Iterator[Result]:
    other, party = subject.known.namesake, issuer_of(subject.contract)
    if other is not None:
        theirs = ", ".join(other.vat_ids or other.tax_numbers) or other.key
        shown = (
            f"{party.name} with {party.vat_id or party.tax_number}; the supplier of that name has {theirs}"
        )
        yield Result(False, shown, ("seller.name", "seller.vat_id"))
    elif subject.known.supplier is not None:
        yield Result(True, "no other supplier of that name", ("seller.name",))


def _bank_change(subject: Subject) -> Iterator[Result]:
    supplier = subject.known.supplier
    if supplier is None or not supplier.ibans:
        return
    approved = {plain_id(account) for account in supplier.ibans}
    for place, account in enumerate(accounts_of(subject.contract)):
        shown = (
            f"account {account}, approved for {supplier.name or supplier.key}: {', '.join(sorted(approved))}"
        )
        yield Result(account in approved, shown, (f"bank_accounts[{place}].iban",))


def _bank_first(subject: Subject) -> Iterator[Result]:
    supplier = subject.known.supplier
    if supplier is not None and not supplier.ibans:
        for place, account in enumerate(accounts_of(subject.contract)):
            shown = f"account {account}; none is approved for {supplier.name or supplier.key} yet"
            yield Result(False, shown, (f"bank_accounts[{place}].iban",))


def _bank_owner(subject: Subject) -> Iterator[Result]:
    own = subject.known.supplier.key if subject.known.supplier else None
    for account, owner in subject.known.account_owners.items():
        yield Result(
            owner == own, f"account {account} is that of supplier {owner}", ("bank_accounts[0].iban",)
        )


def _holder(subject: Subject) -> Iterator[Result]:
    """Who is paid on an account of somebody else may have sold the claim, or may not be who it says."""
    contract = subject.contract
    parties = [getattr(contract, role, None) for role in ("seller", "payee", "tax_representative", "party")]
    names = [name for one in parties if one is not None for name in (one.name, one.trading_name) if name]
    for place, account in enumerate(contract.bank_accounts):
        if account.holder and names:
            passed = any(_same_name(account.holder, name) for name in names)
            shown = f"account of {account.holder}, seller {', '.join(names)}"
            yield Result(passed, shown, (f"bank_accounts[{place}].holder",))


def _copies(subject: Subject) -> Iterator[tuple[SeenDocument, bool, bool, bool]]:
    """Each document that this may be a copy of: same issuer, same number, same amount."""
    contract = subject.contract
    issuer = subject.known.supplier.key if subject.known.supplier else None
    issuer = issuer or supplier_key(issuer_of(contract), accounts_of(contract))
    number = plain_number(contract.number or "")
    amount = amount_of(contract)
    for seen in subject.known.documents:
        if seen.type is subject.type or {seen.type, subject.type} <= CHARGES:
            same_number = bool(number) and plain_number(seen.number or "") == number
            yield (
                seen,
                bool(issuer) and seen.issuer == issuer,
                same_number,
                _same_amount(subject, seen, amount),
            )


def _same_amount(subject: Subject, seen: SeenDocument, amount: object) -> bool:
    currencies = {seen.currency, subject.contract.currency} - {None}
    return amount is not None and seen.amount == amount and len(currencies) <= 1


def _duplicate(subject: Subject) -> Iterator[Result]:
    for seen, issuer, number, amount in _copies(subject):
        exactly = plain_id(seen.number or "") == plain_id(subject.contract.number or "")
        if issuer and number and amount and exactly:
            yield Result(False, _seen(seen), ("number", "totals.gross"))
    if not subject.known.documents:
        yield Result(True, "no document before with this issuer, number and amount", ("number",))


def _seen(seen: SeenDocument) -> str:
    what = (
        f"{seen.number or 'no number'} of {seen.issue_date or 'no date'} over {seen.amount} {seen.currency}"
    )
    return f"document {seen.document_id[:12]} has {what}"


def _near_duplicate(subject: Subject) -> Iterator[Result]:
    contract = subject.contract
    for seen, issuer, number, amount in _copies(subject):
        exactly = plain_id(seen.number or "") == plain_id(contract.number or "")
        if issuer and number and amount and exactly:
            continue
        if reason := _why_near(subject, seen, issuer, number, amount):
            yield Result(False, f"{_seen(seen)}: {reason}", ("number", "totals.gross"))
    if not subject.known.documents:
        yield Result(True, "no document before that is nearly this one", ("number",))


def _why_near(subject: Subject, seen: SeenDocument, issuer: bool, number: bool, amount: bool) -> str:
    contract = subject.contract
    same_day = bool(seen.issue_date) and seen.issue_date == contract.issue_date
    if number and amount:
        return "the same number but for its writing" if issuer else "number and amount the same, other issuer"
    if number and issuer:
        return "the same number with another amount"
    if not (issuer and amount):
        return ""
    alike = SequenceMatcher(
        None, plain_number(seen.number or ""), plain_number(contract.number or "")
    ).ratio()
    if same_day or (alike >= _NUMBERS_ALIKE and _near_in_time(subject, seen) and _misread(subject, seen)):
        return "the same amount and day" if same_day else "the same amount, a number nearly the same"
    return "the same amount within a week" if _near_in_time(subject, seen) else ""


def _misread(subject: Subject, seen: SeenDocument) -> bool:
    """Whether two numbers are of one length and differ in one place: next ones in a row do, too, which is why
    the dates count as well."""
    one, other = plain_number(seen.number or ""), plain_number(subject.contract.number or "")
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _near_in_time(subject: Subject, seen: SeenDocument) -> bool:
    issued = subject.contract.issue_date
    return bool(issued and seen.issue_date and abs((issued - seen.issue_date).days) <= _NEAR_DAYS)


def _for_us(subject: Subject) -> Iterator[Result]:
    ours, buyer = subject.known.ourselves, subject.contract.buyer
    if buyer == Party() or not (ours.names or ours.vat_ids):
        return
    if buyer.vat_id and ours.vat_ids:
        passed = plain_id(buyer.vat_id) in map(plain_id, ours.vat_ids)
        yield Result(passed, f"buyer {buyer.vat_id}, we are {', '.join(ours.vat_ids)}", ("buyer.vat_id",))
    elif buyer.name and ours.names:
        passed = any(_same_name(buyer.name, name) for name in ours.names)
        yield Result(passed, f"buyer {buyer.name}, we are {', '.join(ours.names)}", ("buyer.name",))


def _same_name(one: str, other: str) -> bool:
    a, b = plain_name(one), plain_name(other)
    return bool(a and b) and (a in b or b in a or SequenceMatcher(None, a, b).ratio() >= _OURS_ALIKE)


def _not_from_us(subject: Subject) -> Iterator[Result]:
    ours, seller = subject.known.ourselves, subject.contract.seller
    if seller.vat_id and ours.vat_ids:
        passed = plain_id(seller.vat_id) not in map(plain_id, ours.vat_ids)
        yield Result(passed, f"seller {seller.vat_id}, we are {', '.join(ours.vat_ids)}", ("seller.vat_id",))


E, W, A = Severity.ERROR, Severity.WARNING, Severity.ALARM

RULES: Final = (
    Rule(
        "supplier-known",
        "The seller is one of our suppliers.",
        W,
        _supplier,
        ("known.suppliers_kept",),
        PAYABLE,
    ),
    Rule("supplier-blocked", "The supplier is not blocked.", E, _blocked, ("known.supplier",), PAYABLE),
    Rule(
        "supplier-namesake",
        "Nobody bears the name of a supplier with other tax identifiers.",
        A,
        _namesake,
        ("known.suppliers_kept",),
        PAID_BY_BANK,
    ),
    Rule(
        "bank-change",
        "A known supplier is paid on an account that was approved for it.",
        A,
        _bank_change,
        ("known.supplier", "bank_accounts"),
        PAID_BY_BANK,
    ),
    Rule(
        "bank-first",
        "The supplier's account was approved before.",
        W,
        _bank_first,
        ("known.supplier", "bank_accounts"),
        PAID_BY_BANK,
    ),
    Rule(
        "bank-holder",
        "The account is the seller's or the payee's own.",
        Severity.INFO,
        _holder,
        ("bank_accounts",),
        PAID_BY_BANK,
    ),
    Rule(
        "bank-owner",
        "The account is no other supplier's.",
        A,
        _bank_owner,
        ("known.account_owners",),
        PAID_BY_BANK,
    ),
    Rule(
        "duplicate",
        "No document with this issuer, number and amount came before.",
        E,
        _duplicate,
        ("number",),
    ),
    Rule(
        "near-duplicate",
        "No document came before that differs only in writing, amount or number.",
        W,
        _near_duplicate,
    ),
    Rule("buyer-us", "It is addressed to us.", W, _for_us, (), PAYABLE),
    Rule("seller-us", "It is not our own.", E, _not_from_us, (), frozenset({DocumentType.SUPPLIER_INVOICE})),
)
"""Fraud and mistakes that only the past tells."""
