"""The hard checks: what must hold in any double-entry books before a figure of them is shown.

Each has a query of its own over the journal lines, so that each can fail by itself:

==================  ====================================================================
entries_balance     the amounts of every journal entry sum to zero
trial_balance       debits equal credits in every fiscal year, and amount = debit - credit
balance_sheet       assets = liabilities + equity at the end of every fiscal month
cash_flow           the indirect cash flow explains the change in cash of every fiscal month
==================  ====================================================================

A fifth, ``amounts_present``, shows up only where a line has no amount.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from abax.errors import CheckFailed, NoPostings, UnbalancedEntry, listed
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.layout import month_number
from abax.ledger.model import Check
from abax.ledger.statements import Balances
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed

AMOUNTS_PRESENT: Final = "amounts_present"
ENTRIES_BALANCE: Final = "entries_balance"

_ENTRIES: Final = """
    SELECT entry_id FROM journal_lines GROUP BY entry_id
    HAVING sum(amount) <> 0 OR bool_or(amount IS NULL)"""

_FAULTS: Final = """
    SELECT any_value(entry_name), coalesce(sum(amount), 0), count(*) - count(amount)
    FROM journal_lines WHERE entry_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY entry_id"""

_YEARS: Final = """
    SELECT fiscal_year, sum(debit) - sum(credit) AS off_by, sum(amount) - off_by AS split_off_by
    FROM cube GROUP BY fiscal_year HAVING off_by <> 0 OR split_off_by <> 0 ORDER BY fiscal_year"""

_MONTH_ENDS: Final = """
    WITH months AS (
        SELECT fiscal_year, fiscal_month, sum(amount) AS moved
        FROM cube WHERE statement_class <> 'off_balance' GROUP BY ALL
    )
    SELECT fiscal_year, fiscal_month, sum(moved) OVER (ORDER BY fiscal_year, fiscal_month) AS off_by
    FROM months QUALIFY off_by <> 0 ORDER BY ALL"""

_ONE_SIDED: Final = """
    SELECT any_value(entry_name), sum(amount) AS off_by
    FROM journal_lines JOIN chart USING (account_id)
    WHERE statement_class <> 'off_balance' GROUP BY entry_id, month_no HAVING off_by <> 0
    ORDER BY min(posting_date), entry_id"""

_CASH: Final = """
    SELECT month_no, coalesce(sum(amount), 0) FROM journal_lines JOIN chart USING (account_id)
    WHERE statement_class = 'cash' GROUP BY month_no"""


def run_checks(ledger: Ledger) -> list[Check]:
    """All hard checks over everything in the ledger, passed or not."""
    return [
        *_check_entries(ledger),
        _check_trial_balance(ledger),
        _check_balance_sheet(ledger),
        _check_cash(ledger),
    ]


def require(ledger: Ledger, checks: list[Check] | None = None, year: int | None = None) -> list[Check]:
    """The checks (run here unless given), all of them passed, over books that hold postings, in ``year`` too
    where one is named.

    Raises UnbalancedEntry, CheckFailed or NoPostings; each names the entries or the period at fault.
    """
    _require_postings(ledger, year)
    checks = run_checks(ledger) if checks is None else checks
    for check in checks:
        if check.passed:
            continue
        if check.check == ENTRIES_BALANCE:
            raise UnbalancedEntry(check.entries)
        named = [name for name, _ in check.entries]
        raise CheckFailed(f"{check.label} ({check.detail})", check.difference, named)
    return checks


def _require_postings(ledger: Ledger, year: int | None) -> None:
    if year in ledger.years or (year is None and ledger.years):
        return
    asked = [year] if year else [part.year for part in ledger.manifest.years]
    start = ledger.calendar.start_of(min(asked)) if asked else date.min
    end = ledger.calendar.end_of(max(asked)) if asked else date.max
    raise NoPostings(ledger.company.name, start, end)


def _check_entries(ledger: Ledger) -> list[Check]:
    found = [key for (key,) in ledger.rows(_ENTRIES)]
    faults = ledger.rows(_FAULTS, found) if found else []
    off = sorted((name, trimmed(by, ledger.currency)) for name, by, _ in faults if by)
    lacking = sorted((name, Decimal(missing)) for name, _, missing in faults if missing)
    label = "every journal entry balances"
    checks = [_check(ENTRIES_BALANCE, label, sum((abs(by) for _, by in off), ZERO), off)]
    if lacking:
        lines = sum((count for _, count in lacking), ZERO)
        detail = f"{lines} lines have none, in entry {listed(name for name, _ in lacking)}"
        checks.insert(0, _check(AMOUNTS_PRESENT, "every journal line has an amount", lines, lacking, detail))
    return checks


def _check_trial_balance(ledger: Ledger) -> Check:
    bad = ledger.rows(_YEARS)
    detail = "; ".join(
        f"fiscal year {year}: debits less credits {off}, amounts less that {split}"
        for year, off, split in bad
    )
    difference = sum((abs(off) + abs(split) for _, off, split in bad), ZERO)
    return _check(
        "trial_balance", "the trial balance sums to zero", trimmed(difference, ledger.currency), [], detail
    )


def _check_balance_sheet(ledger: Ledger) -> Check:
    bad = ledger.rows(_MONTH_ENDS)
    label = "assets = liabilities + equity"
    if not bad:
        return _check("balance_sheet", label, ZERO)
    year, month, difference = bad[0]
    entries = [(name, trimmed(by, ledger.currency)) for name, by in ledger.rows(_ONE_SIDED)]
    detail = f"first at the end of {ledger.calendar.months(year)[month - 1].label}"
    return _check("balance_sheet", label, trimmed(difference, ledger.currency), entries, detail)


def _check_cash(ledger: Ledger) -> Check:
    label = "the indirect cash flow equals the change in cash"
    balances = Balances(ledger)
    change = next(row for row in CASH_FLOW.rows if row.line == "net_change_in_cash")
    moved = dict(ledger.rows(_CASH))
    bad = []
    for year in ledger.years:
        for period in ledger.calendar.months(year):
            cash = moved.pop(month_number(year, period.first_month), ZERO)
            if (off := balances.value(change, period) - cash) != 0:
                bad.append((period.label, off))
    difference = sum((abs(off) for _, off in bad), ZERO)
    detail = f"in {listed(month for month, _ in bad)}" if bad else ""
    return _check("cash_flow", label, trimmed(difference, ledger.currency), [], detail)


def _check(
    check: str,
    label: str,
    difference: Decimal,
    entries: list[tuple[str, Decimal]] | None = None,
    detail: str = "",
) -> Check:
    passed = not difference and not entries
    named = f"entry {listed(f'{name} ({by})' for name, by in entries)}" if entries and not detail else detail
    return Check(
        check=check,
        label=label,
        passed=passed,
        difference=difference,
        detail=named,
        entries=list(entries or []),
    )
