"""Invoices, bills, credit notes and payments: what selling and buying have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from abax.sample.books import Analytic, Entry, Line, Settlement
from abax.sample.firm import Firm
from abax.sample.partners import Partner
from abax.sample.rates import divided


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a document: ``net`` in cents of the document's currency. Without a role it is a heading
    (``line_section``) or a remark (``line_note``)."""

    label: str
    role: str
    net: int
    tax: str = ""
    quantity: int = 1
    analytic: Analytic = ()
    heading: str = ""


_JOURNALS = {"out_invoice": "INV", "out_refund": "INV", "in_invoice": "BILL", "in_refund": "BILL"}


def draft(
    firm: Firm,
    kind: str,
    partner: Partner,
    day: date,
    items: Sequence[Item],
    ref: str = "",
    currency: str = "",
) -> Entry:
    """A document, complete but not posted: its lines, its taxes, and the receivable or payable."""
    sign = -1 if kind in ("out_invoice", "in_refund") else 1
    currency = currency or partner.currency
    lines = [_item(firm, item, sign, partner, currency, day) for item in items]
    lines += _taxes(firm, items, sign, partner, currency, day)
    due = day if kind.endswith("refund") else day + timedelta(days=partner.terms)
    lines.append(_control(firm, kind, lines, partner, currency, due))
    return Entry(_JOURNALS[kind], day, lines, ref, kind, partner=partner, currency=currency, due=due)


def issue(
    firm: Firm,
    kind: str,
    partner: Partner,
    day: date,
    items: Sequence[Item],
    ref: str = "",
    currency: str = "",
) -> Entry:
    """Post a document."""
    return firm.books.post(draft(firm, kind, partner, day, items, ref, currency))


def _functional(firm: Firm, amount: int, currency: str, day: date) -> int:
    return amount if currency == firm.profile.currency else firm.rates.to_functional(amount, day)


def _item(firm: Firm, item: Item, sign: int, partner: Partner, currency: str, day: date) -> Line:
    if item.heading:
        return Line(None, 0, item.label, currency, 0, partner, kind=item.heading, quantity=0)
    foreign = sign * item.net
    line = Line(
        firm.profile.chart[item.role],
        _functional(firm, foreign, currency, day),
        item.label,
        currency,
        foreign,
    )
    line.partner, line.analytic, line.quantity = partner, item.analytic, item.quantity
    line.taxes = (item.tax,) if item.tax else ()
    return line


def _taxes(
    firm: Firm, items: Sequence[Item], sign: int, partner: Partner, currency: str, day: date
) -> list[Line]:
    lines: list[Line] = []
    for key in dict.fromkeys(item.tax for item in items if item.tax):
        tax = firm.tax(key)
        foreign = sign * divided(sum(item.net for item in items if item.tax == key) * tax.percent, 100)
        amount = _functional(firm, foreign, currency, day)
        for role, part in ((tax.role, 1), (tax.contra, -1)):
            if role and amount:
                account = firm.profile.chart[role]
                lines.append(
                    Line(
                        account,
                        part * amount,
                        tax.name,
                        currency,
                        part * foreign,
                        partner,
                        tax=key,
                        kind="tax",
                    )
                )
    return lines


def _control(firm: Firm, kind: str, lines: list[Line], partner: Partner, currency: str, due: date) -> Line:
    role = "receivables" if kind.startswith("out") else "payables"
    role = f"ic_{role}" if partner.region == "group" else role
    amount, foreign = -sum(line.amount for line in lines), -sum(line.foreign for line in lines)
    return Line(firm.profile.chart[role], amount, "", currency, foreign, partner, due, kind="payment_term")


@dataclass(frozen=True, slots=True)
class Part:
    """How much of an open line a payment covers: permille of what is open."""

    line: Line
    permille: int = 1000


def pay(
    firm: Firm, day: date, parts: Sequence[Part], ref: str = "", extra: Sequence[Line] = ()
) -> Entry | None:
    """Pay open lines of one partner, wholly or in part, and match them; None when nothing is open.

    ``extra`` lines (a cash discount and its tax) reduce what moves on the bank account.
    """
    live = [part for part in parts if part.line.residual_foreign]
    if not live:
        return None
    first = live[0].line
    foreign = sum(divided(part.line.residual_foreign * part.permille, 1000) for part in live)
    amount = _functional(firm, foreign, first.currency, day)
    control = Line(
        first.account, -amount, ref, first.currency, -foreign, first.partner, day, kind="payment_term"
    )
    rest = sum(line.amount for line in extra)
    bank = Line(firm.profile.chart["bank"], amount - rest, ref, first.currency, foreign - rest, first.partner)
    entry = Entry("BNK1", day, [bank, *extra, control], ref, partner=first.partner, currency=first.currency)
    entry.payment = "inbound" if amount > 0 else "outbound"
    firm.books.post(entry)
    for part in live:
        match(firm, part.line, control)
    return entry


def match(firm: Firm, one: Line, other: Line) -> Settlement:
    """Settle two lines against each other; in foreign currency the difference of rates is booked as well."""
    debit, credit = (one, other) if one.amount > 0 else (other, one)
    settlement = firm.books.settle(debit, credit)
    if debit.currency != firm.profile.currency:
        for line in (debit, credit):
            if line.residual and not line.residual_foreign:
                settlement.exchange = _exchange(firm, line, settlement.on)
    return settlement


def _exchange(firm: Firm, line: Line, day: date) -> Entry:
    """Book away what exchange rates left open on a line that is paid in its own currency."""
    difference = line.residual
    role = "fx_loss" if difference > 0 else "fx_gain"
    label = "Currency exchange rate difference"
    cleared = Line(line.account, -difference, label, line.currency, 0, line.partner, day, kind="payment_term")
    result = Line(firm.profile.chart[role], difference, label, line.currency, 0, line.partner)
    entry = firm.books.post(
        Entry("EXCH", day, [cleared, result], partner=line.partner, currency=line.currency)
    )
    debit, credit = (line, cleared) if difference > 0 else (cleared, line)
    firm.books.settle(debit, credit)
    return entry
