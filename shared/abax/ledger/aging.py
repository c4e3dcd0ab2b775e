"""Aged receivables and payables: what was open on a day, and for how long it has been due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.errors import InvalidRequest, UnknownFigure
from abax.ledger.model import AGING_BUCKETS, AgedPartner, AgedReport, OpenItem, StatementClass
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed

AGED_REPORTS: Final = {
    "aged_receivables": StatementClass.RECEIVABLES,
    "aged_payables": StatementClass.PAYABLES,
}
NO_PARTNER: Final = "(no partner)"

_OPEN_ITEMS: Final = """
    WITH items AS (
        SELECT line_id, entry_name, journal_lines.account_id, partner_id, posting_date, due_date, amount
        FROM journal_lines JOIN chart USING (account_id)
        WHERE statement_class = $class AND posting_date <= $day
    ), matched AS (
        SELECT debit_line_id AS line_id, amount FROM settlements WHERE settled_on <= $day
        UNION ALL
        SELECT credit_line_id, -amount FROM settlements WHERE settled_on <= $day
    ), settled AS (
        SELECT line_id, sum(amount) AS amount FROM matched GROUP BY line_id
    )
    SELECT items.line_id, entry_name, account_id, partner_id, partners.name, posting_date, due_date,
           coalesce(date_diff('day', due_date, $day), 0),
           items.amount - coalesce(settled.amount, 0) AS residual
    FROM items LEFT JOIN settled USING (line_id) LEFT JOIN partners USING (partner_id)
    WHERE residual <> 0
    ORDER BY posting_date, entry_name, items.line_id"""

_SUBLEDGER_ITEMS: Final = """
    WITH settled AS (
        SELECT item_id, sum(amount) AS amount FROM item_settlements WHERE settled_on <= $day GROUP BY item_id
    )
    SELECT items.item_id, document, items.account_id, partner_id, partners.name, posting_date, due_date,
           coalesce(date_diff('day', due_date, $day), 0),
           if(posting_date <= $day, items.amount, 0) - coalesce(settled.amount, 0) AS residual
    FROM items JOIN chart USING (account_id)
    LEFT JOIN settled USING (item_id) LEFT JOIN partners USING (partner_id)
    WHERE statement_class = $class AND residual <> 0
    ORDER BY posting_date, document, items.item_id"""
"""What is paid before its item is posted is open the other way round until then."""


def aged(ledger: Ledger, report: str, as_of: date) -> AgedReport:
    """Open items on ``as_of`` by partner and days overdue. Debit positive, so payables are negative.

    An item is a document of the source's subledger where it keeps one, else a journal line, posted by that
    day on an account of class receivables or payables, less what was settled of it by that day: later
    settlements leave it open. One without a due date is not due. Partners
    that share a name are told apart by their ids. Raises UnknownFigure for another report, and InvalidRequest
    for a day after those that were read, where what was posted and settled since is not known.
    """
    if report not in AGED_REPORTS:
        raise UnknownFigure("aged report", report, AGED_REPORTS)
    if ledger.read_up_to and as_of > ledger.read_up_to:
        raise InvalidRequest(
            f"open items on {as_of} are not known: the ledger was read up to {ledger.read_up_to} only, and "
            f"there are postings after it; close fiscal year {ledger.calendar.year_of(as_of)} instead",
            "as_of",
        )
    sql = _SUBLEDGER_ITEMS if ledger.has_items else _OPEN_ITEMS
    found = ledger.rows(sql, **{"class": AGED_REPORTS[report].value, "day": as_of})
    names = _partner_names((row[3], row[4]) for row in found)
    items = [_item(ledger, row, names[row[3]]) for row in found]
    zero = trimmed(ZERO, ledger.currency)
    by_partner: dict[str, list[OpenItem]] = {}
    for item in items:
        by_partner.setdefault(item.partner, []).append(item)
    return AgedReport(
        report=report,
        as_of=as_of,
        partners=[
            AgedPartner(partner=name, buckets=_by_bucket(own, zero), total=_total(own, zero))
            for name, own in sorted(by_partner.items())
        ],
        buckets=_by_bucket(items, zero),
        total=_total(items, zero),
        items=items,
    )


def bucket_of(days_overdue: int) -> int:
    """The place in AGING_BUCKETS of an item that has been due for so many days."""
    return 0 if days_overdue <= 0 else min((days_overdue - 1) // 30 + 1, len(AGING_BUCKETS) - 1)


def _item(ledger: Ledger, row: tuple[Any, ...], partner: str) -> OpenItem:
    line_id, entry_name, account_id, _, _, posting_date, due_date, days_overdue, residual = row
    return OpenItem(
        line_id=line_id,
        entry_name=entry_name,
        account_code=ledger.accounts[account_id].code,
        partner=partner,
        posting_date=posting_date,
        due_date=due_date,
        bucket=bucket_of(days_overdue),
        residual=trimmed(residual, ledger.currency),
    )


def _partner_names(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str | None, str]:
    known = {key: name or key or NO_PARTNER for key, name in pairs}
    shared = Counter(known.values())
    return {key: f"{name} ({key})" if shared[name] > 1 else name for key, name in known.items()}


def _total(items: list[OpenItem], zero: Decimal) -> Decimal:
    return sum((item.residual for item in items), zero)


def _by_bucket(items: list[OpenItem], zero: Decimal) -> list[Decimal]:
    sums = [zero] * len(AGING_BUCKETS)
    for item in items:
        sums[item.bucket] += item.residual
    return sums
