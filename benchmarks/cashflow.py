"""When open items of real books are paid, foretold six months before their end, beside due days.

The Odoo 17 and ERPNext 15 books under ``ABAX_DATA`` (default: ``shared/data`` beside the checkout) are put
into throw-away servers and closed; what was known on CUT is all that a prediction sees. No constant was
fitted to them; but that money goes by what was learnt even where days go by the due day was mended after a
first look at these figures. The peer is what everybody has: the due day, or the day after CUT where that is
over. Books or servers that are not here are skipped, and a row says so.

They are small (four to ten invoices of a side were paid in the six months, most of what was open was not), so
read the figures as a check that nothing is far off, not as a ranking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any

from abax.forecast import cash
from abax.forecast.cash import Every, Item
from abax.forecast.days_to_pay import Invoice, PaymentHistory, expected
from abax.forecast.hindsight import hindsight
from abax.ledger.model import PartnerAccounts, PartnerItem
from abax.ledger.partners import partner_accounts
from abax.workflow.cashflow import SIDES, history_of, invoices_of, items_of

from benchmarks.support.books import Books, BooksMissingError, opened, real_books, served

CUT, END = date(2026, 4, 30), date(2026, 10, 31)
Row = dict[str, Any]


def run() -> list[Row]:
    """Days off and money off by month, of both books and sides; None where a figure cannot be."""
    return [row for books in real_books() for row in _rows(books)]


def _rows(books: Books) -> Iterator[Row]:
    try:
        with served(books) as url:
            known, later = read(url, books.company)
    except BooksMissingError as missing:
        yield _row(books.name, f"skipped: {missing}", "", None, None)
        return
    for side in SIDES.values():
        yield from measured(f"{books.name} {side}s", side, known, later)


def read(url: str, company: str) -> tuple[PartnerAccounts, PartnerAccounts]:
    """What a close knows of partners on CUT, as it would have kept it, and what was known on END."""
    with opened(url, company) as ledger:
        return partner_accounts(ledger, CUT), partner_accounts(ledger, END, months=36)


def measured(case: str, side: str, known: PartnerAccounts, later: PartnerAccounts) -> Iterator[Row]:
    """All figures of a side of the books."""
    seen = hindsight(invoices_of(known, side), known.as_of, known.since)
    history = history_of(known, side, seen)
    pairs = [told for one in invoices_of(later, side) if (told := _days_off(one, history)) is not None]
    way = "due day" if history.why_not else "history"
    if pairs:
        title = f"{case}, {len(pairs)} paid in 6 months, by {way}"
        ours, naive = ([abs(pair[at]) for pair in pairs] for at in (0, 1))
        yield _row(title, "days off, mean", "days", fmean(ours), fmean(naive))
        shares = [fmean(off <= cash.NEAR for off in offs) for offs in (ours, naive)]
        yield _row(title, "within a week", "share", *shares)
    yield from _money(case, side, known, later, history)


def _days_off(one: Invoice, history: PaymentHistory) -> tuple[int, int] | None:
    """Days from the foretold to the true day of payment, ours and the due day's, of an invoice that was paid
    between CUT and END; None of any other."""
    if one.paid is None or not CUT < one.paid <= END:
        return None
    naive = max(one.due, CUT + timedelta(days=1))
    invoiced = one.invoiced if one.invoiced > CUT else None
    found = expected(history, one.partner, one.due, invoiced)
    return (one.paid - (found.day if found else naive)).days, (one.paid - naive).days


def _money(
    case: str, side: str, known: PartnerAccounts, later: PartnerAccounts, history: PaymentHistory
) -> Iterator[Row]:
    """What was paid by month of the items that were open on CUT, beside what was foretold of them."""
    open_ = [item for item in items_of(known) if SIDES[item.kind] == side]
    told = [cash.of_item(item, history) for item in open_]
    months = cash.spans(CUT, (END - CUT).days, Every.MONTH)
    flows = cash.flows(told, months)
    ours = [float(flow.net) for flow in flows]
    true = _paid_by_month(side, known, later, months)
    due = [_due_in(open_, span) for span in months]
    total = sum(true)
    title = f"{case}, {len(open_)} open, {abs(total):,.0f} {known.currency} paid in 6 months"
    errors = [fmean(abs(a - b) for a, b in zip(one, true, strict=True)) for one in (ours, due)]
    yield _row(title, "off by month, mean", known.currency, *errors)
    yield _row(title, "off in all", known.currency, *(abs(sum(one) - total) for one in (ours, due)))
    yield _row(title, "months inside the 80 % interval", "share", _inside(flows, true), None)


def _inside(flows: Sequence[cash.Flow], true: Sequence[float]) -> float:
    """Months at whose end the sum of what was paid lay between low and high."""
    sums = [sum(true[: place + 1]) for place in range(len(true))]
    cent = 0.01
    return fmean(
        float(flow.low) - cent <= sum_ <= float(flow.high) + cent
        for flow, sum_ in zip(flows, sums, strict=True)
    )


def _due_in(open_: Sequence[Item], span: cash.Span) -> float:
    """All that is open, on its due day, or the day after CUT."""
    first = CUT + timedelta(days=1)
    days = [(max(one.due or one.invoiced, first), one.amount) for one in open_]
    return float(sum((amount for day, amount in days if span.start <= day <= span.end), Decimal(0)))


def _paid_by_month(
    side: str, known: PartnerAccounts, later: PartnerAccounts, months: Sequence[cash.Span]
) -> list[float]:
    """What was taken off the items that were open on CUT, by payments where the books tell these apart."""
    was = {_key(item): item for item in known.items if item.residual and item.side == side}
    by_day: defaultdict[date, Decimal] = defaultdict(Decimal)
    for item in later.items:
        if _key(item) not in was:
            continue
        sign = 1 if item.gross > 0 else -1
        for payment in item.payments:
            if payment.paid_on > CUT:
                by_day[payment.paid_on] += sign * payment.amount
    return [
        float(sum((sum_ for day, sum_ in by_day.items() if span.start <= day <= span.end), Decimal(0)))
        for span in months
    ]


def _key(item: PartnerItem) -> tuple[object, ...]:
    return item.side, item.number, item.partner, item.posting_date, item.due_date, item.gross


def _row(case: str, metric: str, unit: str, ours: float | None, peer: float | None) -> Row:
    ratio = round(peer / ours, 2) if ours and peer is not None and unit != "share" else None
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": None if ours is None else round(ours, 3),
        "peer": None if peer is None else round(peer, 3),
        "peer_name": "" if peer is None else "due day",
        "ratio": ratio,
    }
