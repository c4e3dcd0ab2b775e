"""The journal entry that a supplier's document proposes: balanced always, or none at all.

What is owed goes to the supplier's account of payables, each tax to the account that takes its rate, and the
rest to where this supplier was booked before: line by line where the words of a line tell accounts apart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from abax.documents.bookings import Bookings, History, TaxAccount, words_of
from abax.documents.contracts import Contract, DocumentType, Line, TradeDocument
from abax.documents.route import ProposedEntry, ProposedLine
from abax.money import decimals, rounded

BOOKED: Final = (DocumentType.SUPPLIER_INVOICE, DocumentType.CREDIT_MEMO, DocumentType.DEBIT_MEMO)
"""Types that an entry is proposed for."""


class Unbooked(NamedTuple):
    """Why no entry is proposed."""

    reason: str


def propose(contract: Contract, bookings: Bookings, today: date) -> ProposedEntry | Unbooked:
    """The entry, or why there is none. Its lines sum to nothing, whatever the document says."""
    if not isinstance(contract, TradeDocument) or contract.type not in BOOKED:
        return Unbooked("only suppliers' invoices and memos are booked")
    history = bookings.of(contract.seller)
    if history is None or not history.accounts:
        return Unbooked(f"{contract.seller.name or 'the supplier'} was never booked before")
    currency = contract.currency or bookings.currency
    figures = _figures(contract, currency)
    if figures is None:
        return Unbooked("the document has no total")
    gross, taxes = figures
    tax_lines = _tax_lines(taxes, bookings.taxes)
    if tax_lines is None:
        return Unbooked("no account is known that takes its tax")
    sign = -1 if contract.type is DocumentType.CREDIT_MEMO and gross > 0 else 1
    base = gross - sum(taxes.values())
    costs, sureness = _costs(contract, history, bookings, base, currency)
    payable = ProposedLine(
        account=history.payable or bookings.payable,
        amount=-gross,
        text=contract.number or "",
        reason="what is owed to the supplier",
    )
    lines = [line.model_copy(update={"amount": sign * line.amount}) for line in (*costs, *tax_lines, payable)]
    return ProposedEntry(
        posting_date=contract.issue_date or today,
        currency=currency,
        lines=tuple(line for line in lines if line.amount != 0),
        confidence=round(sureness * history.entries / (history.entries + 1), 4),
        partner=history.partner,
    )


def _figures(contract: TradeDocument, currency: str) -> tuple[Decimal, dict[Decimal | None, Decimal]] | None:
    """The total, and the tax by its rate; None without a total."""
    totals = contract.totals
    taxes: dict[Decimal | None, Decimal] = defaultdict(Decimal)
    for tax in contract.taxes:
        if tax.amount:
            taxes[tax.rate] += rounded(tax.amount, currency)
    if not taxes and totals.tax:
        taxes[_only_rate(contract)] = rounded(totals.tax, currency)
    gross = totals.gross
    if gross is None and totals.net is not None:
        gross = totals.net + sum(taxes.values(), Decimal(0))
    if gross is None:
        gross = totals.due
    return None if gross is None or gross == 0 else (rounded(gross, currency), dict(taxes))


def _only_rate(contract: TradeDocument) -> Decimal | None:
    rates = {line.tax_rate for line in contract.lines if line.tax_rate}
    return rates.pop() if len(rates) == 1 else None


def _tax_lines(
    taxes: Mapping[Decimal | None, Decimal], accounts: Sequence[TaxAccount]
) -> list[ProposedLine] | None:
    """Each tax on the account that takes most of its rate; None where there is no account of taxes."""
    if not taxes:
        return []
    if not accounts:
        return None
    lines = []
    for rate, amount in taxes.items():
        fitting = [tax for tax in accounts if tax.rate == rate]
        chosen = (fitting or list(accounts))[0]
        percent = f"{rate.normalize():f} %" if rate is not None else "tax"
        why = f"takes {percent}, {chosen.entries} times before" if fitting else "takes most of the taxes"
        lines.append(ProposedLine(account=chosen.account, amount=amount, text=percent, reason=why))
    return lines


# --- costs ----------------------------------------------------------------------------------------------


class _Choice(NamedTuple):
    account: str
    sureness: float
    reason: str


def _costs(
    contract: TradeDocument, history: History, bookings: Bookings, base: Decimal, currency: str
) -> tuple[list[ProposedLine], float]:
    """The base on its accounts, and how sure we are of them."""
    weights: dict[str, Decimal] = defaultdict(Decimal)
    chosen: dict[str, list[_Choice]] = defaultdict(list)
    texts: dict[str, str] = {}
    for line in contract.lines:
        if line.net_amount and not line.parent and line.role != "information":
            choice = _choice(line, history, bookings)
            weights[choice.account] += line.net_amount
            chosen[choice.account].append(choice)
            texts.setdefault(choice.account, (line.description or "")[:80])
    if not weights or sum(weights.values()) == 0 or any(weight < 0 for weight in weights.values()):
        choice = _most_used(history, [])
        weights, chosen = {choice.account: Decimal(1)}, {choice.account: [choice]}
    sureness = min(choice.sureness for found in chosen.values() for choice in found)
    shares = split(base, list(weights.values()), currency)
    lines = [
        ProposedLine(
            account=account, amount=share, text=texts.get(account, ""), reason=chosen[account][0].reason
        )
        for account, share in zip(weights, shares, strict=True)
    ]
    return lines, sureness


def _choice(line: Line, history: History, bookings: Bookings) -> _Choice:
    if line.account and line.account in bookings.accounts:
        return _Choice(line.account, 1.0, "the account that the document names")
    return _most_used(history, words_of(f"{line.description or ''} {line.details or ''}"))


def _most_used(history: History, words: Sequence[str]) -> _Choice:
    """The account that was used most for these words, by a naive Bayes classifier over the labels."""
    total = sum(booked.entries for booked in history.accounts)
    known = {word for booked in history.accounts for word in booked.words}
    telling = [word for word in set(words) if word in known]
    scores = {}
    for booked in history.accounts:
        all_words = sum(booked.words.values()) + len(known)
        score = math.log(booked.entries / total)
        scores[booked.account] = score + sum(
            math.log((booked.words.get(word, 0) + 1) / all_words) for word in telling
        )
    best = max(scores, key=lambda account: scores[account])
    share = 1 / sum(math.exp(score - scores[best]) for score in scores.values())
    times = next(booked.entries for booked in history.accounts if booked.account == best)
    told = f", where {', '.join(sorted(telling)[:3])} was booked" if telling else ""
    return _Choice(best, share, f"{times} of {history.entries} entries of this supplier{told}")


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """``amount`` in parts by ``weights`` (none negative, not all nought) that sum to it exactly: what is left
    of rounding goes to the largest."""
    whole = sum(weights, Decimal(0))
    places = max(decimals(currency), -int(amount.as_tuple().exponent))
    parts = [(amount * weight / whole).quantize(Decimal(1).scaleb(-places)) for weight in weights]
    largest = max(range(len(parts)), key=lambda place: weights[place])
    parts[largest] += amount - sum(parts, Decimal(0))
    return parts
