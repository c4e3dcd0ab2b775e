"""What both syntaxes of e-invoices share: notes, accounts, terms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from abax.documents.contracts import BankAccount, Discount
from abax.documents.einvoice import codes
from abax.documents.einvoice.tree import Node, Reader

_SUBJECT = re.compile(r"\s*#([A-Z]{3})#")

T = TypeVar("T")


def put_back(found: dict[str, T], name: str, value: T | None) -> None:
    """Keep a value that is there."""
    if value is not None:
        found[name] = value


def note(read: Reader, place: int, node: Node, text_way: str = ".", subject_way: str = "") -> str:
    """A note, without the code of its subject that UBL writes before it: ``#ADU#…``."""
    path = f"notes[{place}]"
    text = read.text(path, node, text_way, lines=True) or ""
    if subject_way:
        read.beside(path, "subject", node, subject_way)
    elif match := _SUBJECT.match(text):
        read.attributes[f"{path}@subject"] = match[1]
        text = text[match.end() :].lstrip()
    return text


def bank_account(
    read: Reader,
    place: int,
    node: Node,
    *,
    number: Sequence[str],
    holder: Sequence[str],
    bic: Sequence[str],
    bank: Sequence[str],
    branch: Node | None = None,
) -> BankAccount | None:
    """An account; its number is an IBAN where it has the form of one. None where nothing is there."""
    at = f"bank_accounts[{place}]"
    own = branch if branch is not None else node
    raw = read.compact(f"{at}.iban", node, *number)
    iban = raw.upper() if raw else None
    other = None
    if iban is not None and not codes.IBAN_FORM.fullmatch(iban):
        evidence = read.evidence.pop(f"{at}.iban")
        read.evidence[f"{at}.account_number"] = evidence
        iban, other = None, evidence.text
    found = BankAccount(
        iban=iban,
        account_number=other,
        bic=read.compact(f"{at}.bic", own, *bic),
        bank_name=read.text(f"{at}.bank_name", own, *bank),
        holder=read.text(f"{at}.holder", node, *holder),
    )
    return found if found != BankAccount() else None


def means_word(read: Reader, code: str | None) -> str | None:
    """The means of payment in words."""
    word = codes.MEANS.get(code or "")
    if word is not None:
        read.evidence["terms.means"] = read.evidence["terms.means_code"]
    return word


def skonto(read: Reader, text: str | None, start: int = 0) -> tuple[Discount, ...]:
    """The discounts that the payment terms write in XRechnung's form."""
    found = []
    for place, (days, percent, base) in enumerate(codes.discounts(text or ""), start):
        found.append(Discount(days=days, percent=percent, base=base))
        for name, value in (("days", days), ("percent", percent), ("base", base)):
            if value is not None:
                evidence = read.evidence["terms.text"]
                read.derived(f"terms.discounts[{place}].{name}", str(value), evidence.source)
    return tuple(found)
