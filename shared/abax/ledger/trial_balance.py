"""The trial balance of a fiscal year: each account's opening balance, debits, credits, closing balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from abax.errors import NoPostings
from abax.ledger.layout import month_number
from abax.ledger.model import Account, Side, StatementClass, TrialBalance, TrialBalanceRow
from abax.ledger.statements import last_day
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed

_SUMS: Final = """
    SELECT account_id,
           coalesce(sum(amount) FILTER (month_no < $start), 0),
           coalesce(sum(debit) FILTER (month_no BETWEEN $start AND $last), 0),
           coalesce(sum(credit) FILTER (month_no BETWEEN $start AND $last), 0),
           coalesce(sum(amount) FILTER (month_no BETWEEN $start AND $last), 0),
           coalesce(sum(lines) FILTER (month_no BETWEEN $start AND $last), 0)
    FROM {cube} WHERE statement_class <> 'off_balance' GROUP BY account_id"""


def trial_balance(ledger: Ledger, year: int, as_of: date | None = None) -> TrialBalance:
    """The trial balance of fiscal year ``year``, up to ``as_of`` where that day is inside it.

    Result accounts open at zero each year: what they came to in earlier years stands in the opening balance
    of retained earnings. Debit positive. Raises NoPostings for a year without any.
    """
    start, end = ledger.calendar.start_of(year), ledger.calendar.end_of(year)
    if year not in ledger.years:
        raise NoPostings(ledger.company.name, start, end)
    covered = min(as_of or last_day(ledger, year), end)
    rows = _rows(ledger, year, covered)
    return TrialBalance(
        year=year, start=start, end=covered, rows=sorted(rows, key=lambda r: (r.code, r.account_id))
    )


def retained_earnings_account(ledger: Ledger) -> Account:
    """Where results of earlier years are carried: the chart's account if there is just one, else ours."""
    own = [a for a in ledger.accounts.values() if a.statement_class is StatementClass.RETAINED_EARNINGS]
    name = StatementClass.RETAINED_EARNINGS
    ours = Account(
        account_id=name.value, code=name.value, name="Results of earlier years", statement_class=name
    )
    return own[0] if len(own) == 1 else ours


def _rows(ledger: Ledger, year: int, covered: date) -> list[TrialBalanceRow]:
    start, last = month_number(year, 1), month_number(year, ledger.calendar.month_of(covered))
    sums = ledger.rows(_SUMS.format(cube=ledger.cube(covered)), start=start, last=last)
    rows, earlier_results = {}, ZERO
    for key, before, debit, credit, moved, lines in sums:
        account = ledger.accounts[key]
        opening = ZERO if account.statement_class.side is Side.RESULT else before
        earlier_results += before - opening
        if lines or opening:
            rows[key] = _row(ledger, account, opening, debit, credit, moved)
    carried = retained_earnings_account(ledger)
    if earlier_results or carried.account_id in ledger.accounts:
        own = rows.get(carried.account_id) or _row(ledger, carried, ZERO, ZERO, ZERO, ZERO)
        moved = own.closing - own.opening
        rows[own.account_id] = _row(
            ledger, carried, own.opening + earlier_results, own.debit, own.credit, moved
        )
    return list(rows.values())


def _row(
    ledger: Ledger, account: Account, opening: Decimal, debit: Decimal, credit: Decimal, moved: Decimal
) -> TrialBalanceRow:
    currency = ledger.currency
    return TrialBalanceRow(
        **account.model_dump(),
        opening=trimmed(opening, currency),
        debit=trimmed(debit, currency),
        credit=trimmed(credit, currency),
        closing=trimmed(opening + moved, currency),
    )
