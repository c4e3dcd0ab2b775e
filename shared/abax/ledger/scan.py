"""The one pass over all journal lines that opens a ledger: the cube's cells, and whether entries balance.

Grouping by entry would keep millions of keys in memory only to find that nothing is wrong. Instead the amount
of each line is multiplied by a weight that its entry draws, and everything is summed, exactly:

    sum over lines of amount × weight(entry)  =  sum over entries of difference(entry) × weight(entry)

Where every entry balances this is zero whatever the weights. Where one is off by d, only one weight of 2³²
makes d × weight cancel what the others come to, whatever they are; two sums with weights drawn apart leave a
chance of 2⁻⁶⁴. Weights are the two halves of a hash of the entry's key, salted anew each time, so that nobody
can write entries that cancel out. Sums that are not zero lead to the entries: see ``off_balance``.

Amounts have 18 digits and weights 10, which leaves room for 10¹⁰ lines in a sum of 38.
"""

from __future__ import annotations

import secrets
from typing import Final

MONTH_NO: Final = "fiscal_year::INTEGER * 12 + fiscal_month - 1 AS month_no"

_SUMS: Final = """
    coalesce(sum(amount), 0) AS amount, coalesce(sum(debit), 0) AS debit, coalesce(sum(credit), 0) AS credit,
    count(*) AS lines, max(posting_date) AS last_day, count(*) FILTER (is_opening) AS opening_lines"""
_KEYS: Final = "account_id, fiscal_year, fiscal_month, is_closing"
_WEIGHED: Final = """
    sum(amount * ({hash} >> 32)::DECIMAL(19,0)) AS high,
    sum(amount * ({hash} & 4294967295)::DECIMAL(19,0)) AS low"""
"""Of two decimals of 18 digits or less DuckDB makes one of 18, which is too small."""
_BUCKETS: Final = 1024


def cells(where: str = "", further: str = "") -> str:
    """SELECT of the cube's cells from the journal lines, with ``further`` sums behind them."""
    return (
        f"SELECT account_id, fiscal_year, fiscal_month, {MONTH_NO}, is_closing, {_SUMS} {further} "
        f"FROM journal_lines {where} GROUP BY {_KEYS}"
    )


def weighed_cells() -> str:
    """The cells of all lines, each with what says whether entries balance: ``high``, ``low`` and ``valued``,
    the number of lines that have an amount."""
    return cells(further=f", {_weighed()}, count(amount) AS valued")


BALANCED: Final = """
    SELECT coalesce(sum(high) = 0 AND sum(low) = 0 AND sum(lines) = sum(valued), true) FROM weighed"""
"""Whether every entry of ``weighed_cells`` balances, and every line has an amount."""


def off_balance() -> str:
    """SELECT of the keys of entries that do not balance or lack an amount, by exact sums.

    Only entries that share a bucket with one of them are grouped: one in a thousand where few are off.
    """
    bucket = f"(hash(entry_id) % {_BUCKETS})"
    return f"""
        WITH suspects AS (
            SELECT {bucket} AS bucket, {_weighed()} FROM journal_lines GROUP BY bucket
            HAVING high <> 0 OR low <> 0 OR count(*) > count(amount)
        )
        SELECT entry_id FROM journal_lines WHERE {bucket} IN (SELECT bucket FROM suspects)
        GROUP BY entry_id HAVING sum(amount) <> 0 OR bool_or(amount IS NULL)"""


def _weighed() -> str:
    salted = f"hash(xor(hash(entry_id), {secrets.randbits(64)}::UBIGINT))"
    return _WEIGHED.format(hash=salted)
