"""Income statement and balance sheet, and how any statement is cut from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final, Protocol, Self

from abax.dates import Calendar, Granularity, Period
from abax.ledger.layout import (
    LABELS,
    RESULT_CLASSES,
    Closing,
    Layout,
    Part,
    Row,
    Scope,
    figure,
    span,
    subtotal,
    total,
)
from abax.ledger.model import Column, LineKind, Side, Statement, StatementClass, StatementLine
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed


def _result(*classes: StatementClass) -> list[Row]:
    """Flows of result accounts; a credit is a gain, so the sign turns."""
    return [figure(c.value, LABELS[c], Part((c,), -1, Scope.PERIOD, Closing.WITHOUT)) for c in classes]


def _income_statement() -> Layout:
    c = StatementClass
    gross = _result(c.REVENUE, c.COST_OF_SALES)
    ebitda = gross + _result(c.OPERATING_EXPENSES, c.OTHER_INCOME)
    ebit = ebitda + _result(c.DEPRECIATION)
    before_tax = ebit + _result(c.INTEREST_INCOME, c.INTEREST_EXPENSE)
    net = before_tax + _result(c.INCOME_TAX)
    rows = (
        *gross,
        subtotal("gross_profit", "Gross profit", gross),
        *ebitda[len(gross) :],
        subtotal("ebitda", "EBITDA", ebitda),
        *ebit[len(ebitda) :],
        subtotal("ebit", "EBIT", ebit),
        *before_tax[len(ebit) :],
        subtotal("profit_before_tax", "Profit before tax", before_tax),
        *net[len(before_tax) :],
        total("net_result", "Net result", net),
    )
    return Layout("income_statement", "Income statement", rows)


def _position(*classes: StatementClass) -> list[Row]:
    """Balances since the first posting, positive on their own side."""
    return [
        figure(c.value, LABELS[c], Part((c,), 1 if c.side is Side.ASSET else -1, Scope.TO_DATE))
        for c in classes
    ]


def _own(*classes: StatementClass, scope: Scope) -> Part:
    """Equity as it came about. Entries that only move a result into equity are left out: the result shows in
    the year that earned it whether its source closes years by an entry or not, and the total is the same."""
    return Part(classes, -1, scope, Closing.WITHOUT)


def _balance_sheet() -> Layout:
    c = StatementClass
    current_assets = _position(c.CASH, c.RECEIVABLES, c.INVENTORY, c.PREPAYMENTS, c.OTHER_CURRENT_ASSETS)
    fixed_assets = _position(c.FIXED_ASSETS, c.OTHER_NON_CURRENT_ASSETS)
    current = _position(c.PAYABLES, c.CREDIT_CARDS, c.SHORT_TERM_DEBT, c.OTHER_CURRENT_LIABILITIES)
    non_current = _position(c.LONG_TERM_DEBT, c.OTHER_NON_CURRENT_LIABILITIES)
    equity = [_EQUITY, _RETAINED_EARNINGS, _CURRENT_YEAR_RESULT, *_FURTHER_EQUITY]
    rows = (
        *current_assets,
        subtotal("current_assets", "Current assets", current_assets),
        *fixed_assets,
        subtotal("non_current_assets", "Non-current assets", fixed_assets),
        total("total_assets", "Total assets", current_assets + fixed_assets),
        *current,
        subtotal("current_liabilities", "Current liabilities", current),
        *non_current,
        subtotal("non_current_liabilities", "Non-current liabilities", non_current),
        total("total_liabilities", "Total liabilities", current + non_current),
        *equity,
        total("total_equity", "Total equity", equity),
        total("total_liabilities_and_equity", "Total liabilities and equity", current + non_current + equity),
    )
    return Layout("balance_sheet", "Balance sheet", rows)


_EQUITY: Final = figure(
    "equity", LABELS[StatementClass.EQUITY], _own(StatementClass.EQUITY, scope=Scope.TO_DATE)
)
_RETAINED_EARNINGS: Final = figure(
    "retained_earnings",
    "Retained earnings",
    _own(StatementClass.RETAINED_EARNINGS, scope=Scope.TO_DATE),
    _own(*RESULT_CLASSES, scope=Scope.EARLIER_YEARS),
)
_CURRENT_YEAR_RESULT: Final = figure(
    "current_year_result", "Result of the current year", _own(*RESULT_CLASSES, scope=Scope.YEAR_TO_DATE)
)
_FURTHER_EQUITY: Final = [
    figure(own.value, LABELS[own], _own(own, scope=Scope.TO_DATE))
    for own in (StatementClass.TRANSLATION_RESERVE, StatementClass.NON_CONTROLLING_INTEREST)
]
INCOME_STATEMENT: Final = _income_statement()
BALANCE_SHEET: Final = _balance_sheet()


class Framed(Protocol):
    """What statements are cut by: a ledger has it, or a group."""

    @property
    def calendar(self) -> Calendar:
        """Whose years, quarters and months are the columns."""

    @property
    def currency(self) -> str:
        """That of every amount."""


@dataclass(frozen=True)
class Coverage:
    """Which fiscal years a set of statements shows, and its last day."""

    first_year: int
    last_year: int
    as_of: date

    def columns(self, ledger: Framed, granularity: Granularity) -> list[Period]:
        """The periods up to the one that holds ``as_of``."""
        years = range(self.first_year, self.last_year + 1)
        periods = [period for year in years for period in ledger.calendar.periods(year, granularity)]
        return [period for period in periods if period.start <= self.as_of]


class Balances:
    """Sums by class over any span of fiscal months, from running totals: each sum is one subtraction."""

    def __init__(self, ledger: Ledger, as_of: date | None = None) -> None:
        self._gather(
            ledger.rows(
                "SELECT statement_class, is_closing, month_no, sum(amount) FROM "
                f"{ledger.cube(as_of)} GROUP BY ALL ORDER BY month_no"
            )
        )

    @classmethod
    def of_cells(cls, cells: Iterable[tuple[str, bool | None, int, Decimal]]) -> Self:
        """Of what moved by class, by whether it closes a year, and by month number."""
        made = cls.__new__(cls)
        made._gather(list(cells))
        return made

    def _gather(self, cells: Sequence[tuple[Any, ...]]) -> None:
        self._first = min((month for _, _, month, _ in cells), default=0)
        length = max((month for _, _, month, _ in cells), default=0) - self._first + 1
        moves: dict[tuple[str, bool], list[Decimal]] = {}
        for name, closing, month, amount in cells:
            moves.setdefault((name, bool(closing)), [ZERO] * length)[month - self._first] += amount
        self._length = length
        self._running = {key: [ZERO, *accumulate(months)] for key, months in moves.items()}
        self._summed: dict[tuple[tuple[str, ...], Closing], list[Decimal]] = {}

    def sum(self, classes: tuple[str, ...], closing: Closing, first: int, last: int) -> Decimal:
        """Debits less credits of ``classes`` from month number ``first`` to ``last``, both inclusive."""
        totals = self._totals(classes, closing)
        end = min(max(last - self._first + 1, 0), self._length)
        start = min(max(first - self._first, 0), end)
        return totals[end] - totals[start]

    def value(self, row: Row, period: Period) -> Decimal:
        """A statement line's figure for one period."""
        sums = (
            part.sign * self.sum(part.classes, part.closing, *span(part.scope, period)) for part in row.parts
        )
        return sum(sums, ZERO)

    def _totals(self, classes: tuple[str, ...], closing: Closing) -> list[Decimal]:
        key = (classes, closing)
        if key not in self._summed:
            kinds = {Closing.WITH: (False, True), Closing.WITHOUT: (False,), Closing.ONLY: (True,)}[closing]
            series = [self._running.get((name, kind)) for name in classes for kind in kinds]
            zero = [ZERO] * (self._length + 1)
            self._summed[key] = [sum(month, ZERO) for month in zip(zero, *filter(None, series), strict=True)]
        return self._summed[key]


def build(
    ledger: Framed, balances: Balances, layout: Layout, coverage: Coverage, granularity: Granularity
) -> Statement:
    """Cut one statement. Lines that are zero in every month covered are left out, subtotals never."""
    periods = coverage.columns(ledger, granularity)
    months = coverage.columns(ledger, Granularity.MONTH)
    lines = []
    for row in layout.rows:
        values = [trimmed(balances.value(row, period), ledger.currency) for period in periods]
        if (
            row.kind is not LineKind.FIGURE
            or any(values)
            or any(balances.value(row, month) for month in months)
        ):
            lines.append(
                StatementLine(line=row.line, label=row.label, kind=row.kind, level=row.level, values=values)
            )
    columns = [
        Column(label=p.label, start=p.start, end=min(p.end, coverage.as_of), fiscal_year=p.year)
        for p in periods
    ]
    return Statement(
        report=layout.report,
        title=layout.title,
        granularity=granularity.value,
        currency=ledger.currency,
        periods=columns,
        lines=lines,
    )


def last_day(ledger: Ledger, year: int) -> date:
    """The last day that statements of ``year`` can cover: its end, or the last posting of an unfinished year.
    A year is finished once anything is posted in its last fiscal month or in any later year, whether that
    year was read or not. The ledger must hold postings."""
    newest: int
    month: int
    posted: date
    newest, month, posted = ledger.rows(
        "SELECT fiscal_year, fiscal_month, max(last_day) FROM cube GROUP BY ALL ORDER BY ALL DESC LIMIT 1"
    )[0]
    months = ledger.calendar.months(year)
    if year < newest or month == len(months) or ledger.manifest.later_years:
        return ledger.calendar.end_of(year)
    reached = months[month - 1]
    return max(reached.start, min(reached.end, posted))
