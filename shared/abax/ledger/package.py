"""The close package: everything that a close computes from the ledger, in one immutable value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from abax.dates import Granularity
from abax.errors import InvalidRequest, listed
from abax.ledger.aging import AGED_REPORTS, aged
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.checks import ENTRIES_BALANCE, require
from abax.ledger.layout import month_number
from abax.ledger.mapping import idle
from abax.ledger.model import Check, ClosePackage, Notice, Statement, StatementClass
from abax.ledger.ratios import ratios
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT, Balances, Coverage, build, last_day
from abax.ledger.store import Ledger, hashed
from abax.ledger.trial_balance import trial_balance
from abax.money import ZERO, trimmed

LAYOUTS: Final = (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW)


def build_package(ledger: Ledger, year: int, as_of: date | None = None, history: int = 3) -> ClosePackage:
    """Check the books, then draw up statements, trial balances, aged reports and ratios.

    ``history`` fiscal years ending with ``year`` are shown, from the first with postings on. ``as_of`` is the
    day of the aged reports, and ends all else where it lies in the year; after it, the year is covered in
    full. Left open, it is the year's end, or the last posting of an unfinished year. Raises NoPostings,
    UnbalancedEntry, CheckFailed, InvalidRequest.
    """
    checks = require(ledger, year=year)
    coverage = cover(ledger, year, as_of, history)
    balances = Balances(ledger, coverage.as_of)
    day = as_of or coverage.as_of
    years = [shown for shown in ledger.years if coverage.first_year <= shown <= year]
    return ClosePackage(
        company=ledger.company,
        year=year,
        as_of=coverage.as_of,
        input_hash=hashed(ledger.input_hash, year, day, history),
        statements=statements(ledger, balances, coverage),
        trial_balances=[trial_balance(ledger, shown, coverage.as_of) for shown in years],
        aged=[aged(ledger, report, day) for report in AGED_REPORTS],
        ratios=ratios(ledger, balances, coverage),
        checks=checks,
        notices=[*_accepted(ledger, checks), *_notices(ledger, coverage)],
    )


def cover(ledger: Ledger, year: int, as_of: date | None = None, history: int = 3) -> Coverage:
    """The fiscal years and the last day that statements of ``year`` show."""
    start, end = ledger.calendar.start_of(year), ledger.calendar.end_of(year)
    if as_of is not None and as_of < start:
        raise InvalidRequest(f"{as_of} lies before fiscal year {year}, which starts on {start}", "as_of")
    first = max(year - max(history, 1) + 1, ledger.years[0])
    return Coverage(first, year, min(as_of, end) if as_of else last_day(ledger, year))


def statements(ledger: Ledger, balances: Balances, coverage: Coverage) -> list[Statement]:
    """Income statement, balance sheet and cash flow, each by month, quarter and year."""
    return [build(ledger, balances, layout, coverage, cut) for layout in LAYOUTS for cut in Granularity]


_BELOW_EBIT: Final = {
    StatementClass.INTEREST_INCOME,
    StatementClass.INTEREST_EXPENSE,
    StatementClass.INCOME_TAX,
}


def _accepted(ledger: Ledger, checks: list[Check]) -> Iterator[Notice]:
    """Names the entries that do not balance, once a close goes on with them."""
    off = next((check.entries for check in checks if check.check == ENTRIES_BALANCE), [])
    if off:
        named = listed(f"{name} (off by {trimmed(by, ledger.currency):,f})" for name, by in off)
        total = trimmed(sum((by for _, by in off), ZERO), ledger.currency)
        message = (
            f"journal entries that do not balance were accepted: {named}; together {total:,f} "
            f"{ledger.currency}. Nothing is adjusted for them: totals that should be equal differ by as much"
        )
        yield Notice(code="unbalanced_entries", message=message)
    idle = sorted(set(ledger.manifest.accept_unbalanced) - {"*"} - {name for name, _ in off})
    if idle:
        message = f"accepted as unbalanced, but balanced or not there: entry {listed(idle)}"
        yield Notice(code="idle_acceptance", message=message)


def _notices(ledger: Ledger, coverage: Coverage) -> Iterator[Notice]:
    end = ledger.calendar.end_of(coverage.last_year)
    if coverage.as_of < end:
        yield Notice(
            code="unfinished_year",
            message=f"fiscal year {coverage.last_year} is covered up to {coverage.as_of}, not to its end on "
            f"{end}; ratios that compare a flow with a balance use annualised flows",
        )
    empty = _months(ledger, coverage, "lines > 0", among=False)
    if empty:
        yield Notice(code="months_without_postings", message=f"nothing is posted in {listed(empty, 36)}")
    opening = _months(ledger, coverage, "opening_lines > 0", among=True)
    if opening:
        message = f"opening balances are posted in {listed(opening)}: the cash flow shows them as flows"
        yield Notice(code="opening_entries", message=message)
    if not _BELOW_EBIT & {account.statement_class for account in ledger.accounts.values()}:
        message = (
            "no account is classed as interest or income tax: if there are such accounts (or inventory, or "
            "debt) name them in the mapping, else they count as expenses and EBIT equals the net result"
        )
        yield Notice(code="nothing_below_ebit", message=message)
    chart = ledger.rows("SELECT DISTINCT code, source_type FROM accounts")
    unused = idle(ledger.manifest.mapping, [(code, kind) for code, kind in chart])
    if unused:
        message = f"the mapping names accounts that the chart does not have: {listed(unused)}"
        yield Notice(code="mapping_without_account", message=message)


def _months(ledger: Ledger, coverage: Coverage, cells: str, among: bool) -> list[str]:
    """Labels of the months covered, from the first with postings on, that are ``among`` those in which the
    cube has such cells, or that are not."""
    cube = ledger.cube(coverage.as_of)
    held = {number for (number,) in ledger.rows(f"SELECT DISTINCT month_no FROM {cube} WHERE {cells}")}
    [(first,)] = ledger.rows("SELECT min(month_no) FROM cube")
    return [
        month.label
        for month in coverage.columns(ledger, Granularity.MONTH)
        if (number := month_number(month.year, month.first_month)) >= first and (number in held) == among
    ]
