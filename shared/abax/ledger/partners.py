"""What those who write may be told of their accounts: what is open, what was settled of late, who they are.

::

    journal lines or items, less settlements ──► items that are open, or were settled since ──► partners.json
    settlements that are payments ──────────────────► what was paid of each, by day ────────────────┘
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from abax.ledger.aging import AGED_REPORTS, NO_PARTNER
from abax.ledger.model import PartnerAccounts, PartnerAddress, PartnerItem, Payment
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed

MONTHS: Final = 12
"""For how long a settled item is told of."""
MOST_ITEMS: Final = 20_000
"""Settled items that are kept, the newest ones: some megabytes, which mail reads into memory."""
MOST_ADDRESSES: Final = 40_000

_SIDES: Final = {
    AGED_REPORTS["aged_receivables"].value: "receivable",
    AGED_REPORTS["aged_payables"].value: "payable",
}

_LINES: Final = """
    called AS (
        SELECT entry_id, min(reference) AS reference FROM entry_references GROUP BY entry_id
    ), items AS (
        SELECT line_id AS item_id, entry_name AS number, statement_class, partner_id, posting_date, due_date,
               amount, reference
        FROM journal_lines JOIN chart USING (account_id) LEFT JOIN called USING (entry_id)
        WHERE statement_class IN ('receivables', 'payables') AND posting_date <= $day
    ), moves AS (
        SELECT debit_line_id AS item_id, settled_on, amount, is_payment
        FROM settlements WHERE settled_on <= $day
        UNION ALL
        SELECT credit_line_id, settled_on, -amount, is_payment FROM settlements WHERE settled_on <= $day
    )"""
_SUBLEDGER: Final = """
    items AS (
        SELECT item_id, document AS number, statement_class, partner_id, posting_date, due_date,
               if(posting_date <= $day, amount, 0) AS amount, reference
        FROM items JOIN chart USING (account_id)
        WHERE statement_class IN ('receivables', 'payables')
    ), moves AS (
        SELECT item_id, settled_on, amount, is_payment FROM item_settlements WHERE settled_on <= $day
    )"""
"""As the aged reports have them: what is paid before its item is posted is open the other way round."""

_KEPT: Final = """
    CREATE OR REPLACE TEMP TABLE partner_items AS
    WITH {rows}, taken AS (
        SELECT item_id, sum(amount) AS amount, max(settled_on) AS settled_on FROM moves GROUP BY item_id
    ), asked AS (
        SELECT items.*, items.amount - coalesce(taken.amount, 0) AS residual, taken.settled_on
        FROM items LEFT JOIN taken USING (item_id)
        WHERE residual <> 0 OR (settled_on > $since AND partner_id IS NOT NULL
              AND if(statement_class = 'payables', items.amount < 0, items.amount > 0))
    ), ranked AS (
        SELECT *, residual <> 0 AS is_open, count(*) OVER own AS of_kind,
               row_number() OVER (own ORDER BY settled_on DESC NULLS LAST, item_id) AS turn
        FROM asked WINDOW own AS (PARTITION BY residual <> 0)
    )
    SELECT * FROM ranked WHERE is_open OR turn <= $most"""
_ITEMS: Final = """
    SELECT item_id, number, statement_class, partner_id, partners.name, posting_date, due_date, amount,
           residual, settled_on, reference, if(is_open, 0, of_kind)
    FROM partner_items LEFT JOIN partners USING (partner_id)
    ORDER BY posting_date, number, item_id"""
_PAYMENTS: Final = """
    WITH {rows}
    SELECT item_id, moves.settled_on, sum(moves.amount)
    FROM moves SEMI JOIN partner_items USING (item_id)
    WHERE is_payment GROUP BY ALL HAVING sum(moves.amount) <> 0 ORDER BY ALL"""
_ADDRESSES: Final = """
    SELECT DISTINCT partner_id, email FROM addresses SEMI JOIN partner_items USING (partner_id)
    ORDER BY ALL LIMIT $most"""


class _Row(NamedTuple):
    item_id: str
    number: str
    statement_class: str
    partner_id: str | None
    name: str | None
    posting_date: date
    due_date: date | None
    gross: Decimal
    residual: Decimal
    settled_on: date | None
    reference: str | None
    settled_in_all: int


def partner_accounts(
    ledger: Ledger, as_of: date, months: int = MONTHS, most: int = MOST_ITEMS
) -> PartnerAccounts:
    """The items that are open on ``as_of``, as the aged reports have them, and those that were settled in the
    ``months`` before: of these, invoices of known partners alone, and no more than ``most``."""
    since = months_before(as_of, months)
    source = _SUBLEDGER if ledger.has_items else _LINES
    ledger.rows(_KEPT.format(rows=source), day=as_of, since=since, most=most)
    rows = [_Row(*row) for row in ledger.rows(_ITEMS)]
    names = _names(rows)
    paid = _payments(ledger.rows(_PAYMENTS.format(rows=source), day=as_of))
    settled = [row for row in rows if not row.residual]
    addresses = ledger.rows(_ADDRESSES, most=MOST_ADDRESSES)
    return PartnerAccounts(
        company=ledger.company.name,
        currency=ledger.currency,
        as_of=as_of,
        since=since,
        items=[_item(row, names[row.partner_id], paid.get(row.item_id, ()), ledger.currency) for row in rows],
        addresses=[PartnerAddress(partner=names[key], address=one) for key, one in _spelled(addresses)],
        left_out=settled[0].settled_in_all - len(settled) if settled else 0,
    )


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or the last one of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (after - timedelta(days=1)).day))


def _payments(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[date, Decimal]]]:
    found: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for item_id, day, amount in rows:
        found[item_id].append((day, amount))
    return found


def _item(row: _Row, partner: str, paid: Sequence[tuple[date, Decimal]], currency: str) -> PartnerItem:
    # One that was taken back, on another day, leaves it open which of the others still stand.
    stand = all((amount > ZERO) == (row.gross > ZERO) for _, amount in paid)
    payments = [Payment(paid_on=day, amount=trimmed(abs(amount), currency)) for day, amount in paid if stand]
    reference = " ".join((row.reference or "").split())
    return PartnerItem(
        number=row.number,
        reference=reference if reference != row.number else "",
        partner=partner,
        side=_SIDES[row.statement_class],
        posting_date=row.posting_date,
        due_date=row.due_date,
        gross=trimmed(row.gross, currency),
        residual=trimmed(row.residual, currency),
        settled_on=row.settled_on,
        payments=payments,
    )


def _names(rows: Iterable[_Row]) -> dict[str | None, str]:
    """What partners are called: those of one side that share a name are told apart by their keys. A customer
    who is a supplier too may have two keys and one name."""
    known = {(row.statement_class, row.partner_id): row.name or row.partner_id or NO_PARTNER for row in rows}
    shared = Counter((side, name) for (side, _), name in known.items())
    twins = {key for (side, key), name in known.items() if shared[side, name] > 1}
    return {key: f"{name} ({key})" if key in twins else name for (_, key), name in known.items()}


def _spelled(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, str]]:
    """The addresses in what sources have for one: ``Ana <ana@x.example>``, several, or none that is any."""
    seen = set()
    for key, text in rows:
        for address in _ADDRESS.findall(str(text)[:_LONGEST].lower()):
            if (key, address) not in seen:
                seen.add((key, address))
                yield str(key), address


_LONGEST: Final = 1000
_PART: Final = r"[^@\s<>,;:\"'()\[\]]"
_ADDRESS: Final = re.compile(rf"(?<!{_PART}|@){_PART}{{1,64}}@{_PART}+\.\w{{2,63}}(?!{_PART}|@)")
