"""What documents, suppliers and accounts are compared by, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from abax.documents.bookings import plain_name
from abax.documents.contracts import (
    AccountStatement,
    BankAccount,
    Contract,
    DocumentType,
    MasterDataForm,
    Party,
    PaymentAdvice,
    TradeDocument,
)

_LOOK_ALIKES = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})
_PLAIN = re.compile(r"[^A-Z0-9]")


def plain_number(number: str) -> str:
    """A document's number as it compares: without case and separators, and with letters that are read for
    digits as digits: ``re-2024/O17`` and ``RE 2024 017`` are the same."""
    return _PLAIN.sub("", number.upper()).translate(_LOOK_ALIKES).lstrip("0")


def plain_id(number: str) -> str:
    """A VAT id, tax number or account without separators and case."""
    return _PLAIN.sub("", number.upper())


def issuer_of(contract: Contract) -> Party:
    """Who stands on the other side of a document: mostly the seller."""
    if isinstance(contract, TradeDocument):
        return contract.buyer if contract.type is DocumentType.SALES_ORDER else contract.seller
    if isinstance(contract, PaymentAdvice):
        return contract.payer
    if isinstance(contract, AccountStatement):
        return contract.issuer
    return contract.party if isinstance(contract, MasterDataForm) else Party()


def accounts_of(contract: Contract) -> tuple[str, ...]:
    """The accounts that a document asks to be paid on, plain."""
    accounts: tuple[BankAccount, ...] = getattr(contract, "bank_accounts", ())
    numbers = [account.iban or account.account_number for account in accounts]
    return tuple(dict.fromkeys(plain_id(number) for number in numbers if number))


def amount_of(contract: Contract) -> Decimal | None:
    """What a document is about, in money: its gross amount, or what stands for it."""
    if isinstance(contract, TradeDocument):
        totals = contract.totals
        return next((amount for amount in (totals.gross, totals.due, totals.net) if amount is not None), None)
    if isinstance(contract, PaymentAdvice):
        return contract.total
    return contract.closing_balance if isinstance(contract, AccountStatement) else None


def supplier_key(party: Party, accounts: Iterable[str] = ()) -> str | None:
    """A key that stays the same on all documents of a supplier: VAT id, else tax number, else name."""
    return next((key for key in supplier_keys(party, accounts)), None)


def supplier_keys(party: Party, accounts: Iterable[str] = ()) -> Iterator[str]:
    """The keys that a supplier may be found by, the surest first."""
    if party.vat_id:
        yield f"vat:{plain_id(party.vat_id)}"
    if party.tax_number:
        yield f"tax:{plain_id(party.tax_number)}"
    for name in (party.name, party.trading_name):
        if name and (plain := plain_name(name)):
            yield f"name:{plain}"
    for account in accounts:
        yield f"account:{account}"
