"""What a report needs so that each of its figures opens down to journal lines without asking anyone.

Every journal line is held once, under its group (account, fiscal month, closing entry or not). A statement
line is a recipe of groups, the very one the ledger computes it by, so that no figure needs lines of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from abax.dates import Granularity
from abax.ledger import Ledger
from abax.ledger.layout import Closing, Part, Scope, month_number, span
from abax.ledger.lineage import STATEMENT_LAYOUTS
from abax.ledger.model import ClosePackage, Frozen, Side, StatementClass
from abax.ledger.trial_balance import retained_earnings_account

MOST_LINES: Final = 30_000
"""Journal lines in one page: about 4 MB."""


class IndexedAccount(Frozen):
    """An account that groups refer to by its place."""

    account_id: str
    code: str
    name: str
    statement_class: StatementClass


class IndexedLine(Frozen):
    """One journal line, debit positive."""

    entry_name: str
    journal: str
    posting_date: date
    partner: str
    label: str
    amount: Decimal


class Group(Frozen):
    """All lines of one account in one fiscal month; ``lines`` is empty where they went beyond the cap."""

    account: int
    month: int
    """Counted through, as ``abax.ledger.layout.month_number`` does."""
    closing: bool
    amount: Decimal
    count: int
    lines: list[IndexedLine]


class Ingredient(Frozen):
    """Part of a figure: groups of these classes (or of this one account), in this span, times ``sign``."""

    classes: list[str]
    account_code: str = ""
    sign: int
    scope: Scope
    closing: Closing


class LineIndex(Frozen):
    """Everything behind the figures of one close."""

    accounts: list[IndexedAccount]
    groups: list[Group]
    recipes: dict[str, dict[str, list[Ingredient]]]
    """Report → line → what it is made of."""
    spans: dict[str, dict[Scope, tuple[int, int]]]
    """Period label → first and last month number of each scope."""

    @property
    def line_count(self) -> int:
        """All lines, held or not."""
        return sum(group.count for group in self.groups)


def line_index(ledger: Ledger, package: ClosePackage, most: int = MOST_LINES) -> LineIndex:
    """Index the books behind ``package``: all groups up to its last day, and the newest lines, whole months
    of them and ``most`` at most. Amounts are in the functional currency, debit positive."""
    months = package.statement("income_statement", Granularity.MONTH).periods
    last = max((month_number(c.fiscal_year, ledger.calendar.month_of(c.start)) for c in months), default=0)
    cells = ledger.rows(
        "SELECT account_id, month_no, is_closing, sum(amount), sum(lines)::BIGINT "
        f"FROM {ledger.cube(package.as_of)} WHERE month_no <= ? GROUP BY ALL "
        "ORDER BY month_no, account_id, is_closing",
        last,
    )
    used = {account_id for account_id, *_ in cells}
    accounts = [account for account in ledger.accounts.values() if account.account_id in used]
    place = {account.account_id: number for number, account in enumerate(accounts)}
    lines = _lines(ledger, package.as_of, _first_month(cells, most), last)
    return LineIndex(
        accounts=[IndexedAccount.model_validate(account.model_dump()) for account in accounts],
        groups=[
            Group(
                account=place[account_id],
                month=month,
                closing=closing,
                amount=amount,
                count=count,
                lines=lines.get((account_id, month, closing), []),
            )
            for account_id, month, closing, amount, count in cells
        ],
        recipes={**_statement_recipes(), "trial_balance": _trial_balance_recipes(ledger)},
        spans=_spans(ledger, package),
    )


def _first_month(cells: Iterable[tuple[Any, ...]], most: int) -> int:
    """The earliest month from which on all lines fit."""
    counts = [
        (month, sum(cell[4] for cell in group)) for month, group in groupby(cells, key=lambda cell: cell[1])
    ]
    room, first = most, counts[-1][0] + 1 if counts else 0
    for month, count in reversed(counts):
        room -= count
        if room < 0:
            break
        first = month
    return int(first)


def _lines(
    ledger: Ledger, as_of: date, first: int, last: int
) -> dict[tuple[str, int, bool], list[IndexedLine]]:
    cut = ledger.cutoff(as_of)
    beyond = f"AND NOT (month_no = {cut[0]} AND posting_date > DATE '{cut[1]}')" if cut else ""
    rows = ledger.rows(
        "SELECT account_id, month_no, is_closing, entry_name, journal, posting_date, partners.name, label, "
        "amount FROM journal_lines LEFT JOIN partners USING (partner_id) "
        f"WHERE month_no BETWEEN ? AND ? {beyond} "
        "ORDER BY account_id, month_no, is_closing, posting_date, entry_name, line_id",
        first,
        last,
    )
    return {
        (key[0], key[1], bool(key[2])): [
            IndexedLine.model_construct(
                entry_name=entry or "",
                journal=journal or "",
                posting_date=day,
                partner=partner or "",
                label=label or "",
                amount=amount,
            )
            for *_, entry, journal, day, partner, label, amount in group
        ]
        for key, group in groupby(rows, key=lambda row: row[:3])
    }


def _statement_recipes() -> dict[str, dict[str, list[Ingredient]]]:
    return {
        layout.report: {row.line: [_ingredient(part) for part in row.parts] for row in layout.rows}
        for layout in STATEMENT_LAYOUTS.values()
    }


def _trial_balance_recipes(ledger: Ledger) -> dict[str, list[Ingredient]]:
    """Closing balances by account code, as the ledger carries them forward."""
    carried = retained_earnings_account(ledger)
    recipes: dict[str, list[Ingredient]] = {}
    for account in ledger.accounts.values():
        result = account.statement_class.side is Side.RESULT
        scope = Scope.YEAR_TO_DATE if result else Scope.TO_DATE
        own = _ingredient(Part((account.statement_class,), 1, scope), account.code)
        known = recipes.setdefault(account.code, [])
        if own not in known:  # two accounts may share a code
            known.append(own)
    results = tuple(c for c in StatementClass if c.side is Side.RESULT)
    recipes.setdefault(carried.code, []).append(_ingredient(Part(results, 1, Scope.EARLIER_YEARS)))
    return recipes


def _ingredient(part: Part, account_code: str = "") -> Ingredient:
    return Ingredient(
        classes=list(part.classes),
        account_code=account_code,
        sign=part.sign,
        scope=part.scope,
        closing=part.closing,
    )


def _spans(ledger: Ledger, package: ClosePackage) -> dict[str, dict[Scope, tuple[int, int]]]:
    years = sorted({column.fiscal_year for column in package.statement("income_statement", "year").periods})
    return {
        period.label: {scope: span(scope, period) for scope in Scope}
        for year in years
        for granularity in Granularity
        for period in ledger.calendar.periods(year, granularity)
    }
