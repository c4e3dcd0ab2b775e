"""The hard checks: what must hold in any double-entry books before a figure of them is shown.

Each has a query of its own, so that each can fail by itself; that entries balance is found out in the one
pass over all journal lines that opens the ledger (see ``scan``):

==================  ====================================================================
entries_balance     the amounts of every journal entry sum to zero
trial_balance       debits equal credits in every fiscal year, and amount = debit - credit
balance_sheet       assets = liabilities + equity at the end of every fiscal month
cash_flow           the indirect cash flow explains the change in cash of every fiscal month
==================  ====================================================================

A fifth, ``source_totals``, holds the lines to the source's own totals by account and year where it keeps
any. Two show up only where they fail: ``amounts_present``, a line has no amount; ``closing_entries``, an
entry that closes a year moves more than its result into equity.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from abax.errors import CheckFailed, ImpureClosing, NoPostings, UnbalancedEntry, listed
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.layout import month_number
from abax.ledger.model import Check, Side, StatementClass
from abax.ledger.scan import off_balance
from abax.ledger.statements import Balances
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed

AMOUNTS_PRESENT: Final = "amounts_present"
ENTRIES_BALANCE: Final = "entries_balance"
CLOSING_ENTRIES: Final = "closing_entries"

_FAULTS: Final = """
    SELECT any_value(entry_name), coalesce(sum(amount), 0), count(*) - count(amount)
    FROM journal_lines WHERE entry_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY entry_id"""

_REMAINING: Final = """
    FROM cube UNION ALL
    SELECT * REPLACE (-amount AS amount, -debit AS debit, -credit AS credit) FROM set_aside"""

_YEARS: Final = f"""
    SELECT fiscal_year, sum(debit) - sum(credit) AS off_by, sum(amount) - off_by AS split_off_by
    FROM ({_REMAINING}) GROUP BY fiscal_year HAVING off_by <> 0 OR split_off_by <> 0 ORDER BY fiscal_year"""

_MONTH_ENDS: Final = f"""
    WITH months AS (
        SELECT fiscal_year, fiscal_month, sum(amount) AS moved
        FROM ({_REMAINING}) WHERE statement_class <> 'off_balance' GROUP BY ALL
    )
    SELECT fiscal_year, fiscal_month, sum(moved) OVER (ORDER BY fiscal_year, fiscal_month) AS off_by
    FROM months QUALIFY off_by <> 0 ORDER BY ALL"""

_ONE_SIDED: Final = """
    SELECT any_value(entry_name), sum(amount) AS off_by
    FROM journal_lines JOIN chart USING (account_id)
    WHERE statement_class <> 'off_balance' GROUP BY entry_id, month_no HAVING off_by <> 0
    ORDER BY min(posting_date), entry_id"""

MOVED_BY_CLOSING: Final = tuple(c.value for c in StatementClass if c.side in (Side.RESULT, Side.EQUITY))

CARRIED_ON: Final = tuple(c.value for c in StatementClass if c.side in (Side.ASSET, Side.LIABILITY))

_IMPURE: Final = f"""
    SELECT entry_name, sum(amount) FROM journal_lines JOIN chart USING (account_id)
    WHERE is_closing AND statement_class NOT IN ({", ".join(f"'{name}'" for name in MOVED_BY_CLOSING)})
    GROUP BY entry_name HAVING sum(amount) <> 0 ORDER BY entry_name"""

_TOTALS: Final = """
    WITH moved AS (
        SELECT account_id, fiscal_year, sum(amount) AS amount FROM cube
        WHERE fiscal_year >= coalesce((SELECT min(fiscal_year) FROM balances), $first) GROUP BY ALL
    ), theirs AS (
        SELECT account_id, fiscal_year, sum(amount) AS amount FROM balances
        WHERE fiscal_year BETWEEN $first AND $last GROUP BY ALL
    )
    SELECT coalesce(nullif(chart.code, ''), account_id), fiscal_year,
           coalesce(moved.amount, 0) - coalesce(theirs.amount, 0) AS off_by
    FROM moved FULL JOIN theirs USING (account_id, fiscal_year) LEFT JOIN chart USING (account_id)
    WHERE off_by <> 0 ORDER BY 2, 1"""

_OPENINGS: Final = f"""
    WITH first AS (
        SELECT min(fiscal_year) AS year FROM balances WHERE opening IS NOT NULL AND fiscal_year >= $first
    ), earlier AS (
        SELECT account_id, sum(amount) AS amount FROM cube WHERE fiscal_year < (SELECT year FROM first)
        GROUP BY account_id
    ), theirs AS (
        SELECT account_id, sum(opening) AS amount FROM balances
        WHERE fiscal_year = (SELECT year FROM first) AND opening IS NOT NULL GROUP BY account_id
    )
    SELECT coalesce(nullif(chart.code, ''), account_id), (SELECT year FROM first),
           coalesce(earlier.amount, 0) - theirs.amount AS off_by
    FROM theirs LEFT JOIN earlier USING (account_id) JOIN chart USING (account_id)
    WHERE statement_class IN ({", ".join(f"'{name}'" for name in CARRIED_ON)}) AND off_by <> 0
    ORDER BY 1"""

_CASH: Final = """
    SELECT month_no, sum(amount) FROM (
        SELECT month_no, amount FROM cube WHERE statement_class = 'cash' UNION ALL
        SELECT month_no, -amount FROM set_aside WHERE statement_class <> 'off_balance'
    ) GROUP BY month_no"""
"""What is set aside moves the cash flow by what it is off by, on whichever accounts it stands."""


def run_checks(ledger: Ledger) -> list[Check]:
    """All hard checks over everything in the ledger, passed or not."""
    return [
        *_check_entries(ledger),
        *_check_closing(ledger),
        *_check_totals(ledger),
        *_by_months(ledger),
    ]


def _by_months(ledger: Ledger) -> list[Check]:
    return [_check_trial_balance(ledger), _check_balance_sheet(ledger), _check_cash(ledger)]


def require(ledger: Ledger, checks: list[Check] | None = None, year: int | None = None) -> list[Check]:
    """The checks (run here unless given), all of them passed, over books that hold postings, in ``year`` too
    where one is named.

    Entries that the manifest accepts may be off: their check stays failed, and so do those that fail by them
    alone. No figure is adjusted, so that totals differ by what the entries are off by, for all to see.

    Raises UnbalancedEntry, ImpureClosing, CheckFailed or NoPostings; each names the entries or the period at
    fault.
    """
    _require_postings(ledger, year)
    checks = run_checks(ledger) if checks is None else checks
    _require_passed(_beyond_accepted(ledger, checks))
    return checks


def _beyond_accepted(ledger: Ledger, checks: list[Check]) -> list[Check]:
    """The checks as they are without the unbalanced entries that are accepted; where others are off as well,
    the one that names those."""
    accepted = set(ledger.manifest.accept_unbalanced)
    entries = next(check for check in checks if check.check == ENTRIES_BALANCE)
    if entries.passed or not accepted:
        return checks
    others = [(name, by) for name, by in entries.entries if not accepted & {name, "*"}]
    if others:
        return [_check(ENTRIES_BALANCE, entries.label, sum((abs(by) for _, by in others), ZERO), others)]
    with ledger.without([key for (key,) in ledger.rows(off_balance())]):
        again = {check.check: check for check in _by_months(ledger)}
    return [again.get(check.check, check) for check in checks if check is not entries]


def _require_passed(checks: list[Check]) -> None:
    for check in checks:
        if check.passed:
            continue
        if check.check == ENTRIES_BALANCE:
            raise UnbalancedEntry(check.entries)
        named = [name for name, _ in check.entries]
        if check.check == CLOSING_ENTRIES:
            raise ImpureClosing(named)
        raise CheckFailed(f"{check.label} ({check.detail})", check.difference, named)


def _require_postings(ledger: Ledger, year: int | None) -> None:
    if year in ledger.years or (year is None and ledger.years):
        return
    asked = [year] if year else [part.year for part in ledger.manifest.years]
    start = ledger.calendar.start_of(min(asked)) if asked else date.min
    end = ledger.calendar.end_of(max(asked)) if asked else date.max
    raise NoPostings(ledger.company.name, start, end)


def _check_entries(ledger: Ledger) -> list[Check]:
    found = [] if ledger.balanced else [key for (key,) in ledger.rows(off_balance())]
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


def _check_closing(ledger: Ledger) -> list[Check]:
    if not ledger.rows("SELECT 1 FROM cube WHERE is_closing LIMIT 1"):
        return []
    impure = [(name, trimmed(by, ledger.currency)) for name, by in ledger.rows(_IMPURE)]
    label = "closing entries move results into equity, and nothing else"
    off = sum((abs(by) for _, by in impure), ZERO)
    return [_check(CLOSING_ENTRIES, label, off, impure)] if impure else []


def _check_totals(ledger: Ledger) -> list[Check]:
    """The source's own totals, where it keeps any, over the years that were read."""
    if "balances" not in ledger.manifest.master or not ledger.years:
        return []
    moved = ledger.rows(_TOTALS, first=ledger.years[0], last=ledger.years[-1])
    opened = ledger.rows(_OPENINGS, first=ledger.years[0])
    off = [(f"{code} in {year}", trimmed(by, ledger.currency)) for code, year, by in moved]
    off += [(f"{code} at the beginning of {year}", trimmed(by, ledger.currency)) for code, year, by in opened]
    label = "the source's totals by account and year are the sums of its lines"
    named = listed(f"{account} (lines {by:+})" for account, by in off)
    detail = f"account {named}" if off else ""
    if opened:
        detail += "; lines of earlier years are not there (archived? in SAP: --set opening=first)"
    return [_check("source_totals", label, sum((abs(by) for _, by in off), ZERO), [], detail)]


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
