"""What a statement line is made of. Statements add the parts up; lineage opens the very same parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Final

from abax.dates import Period
from abax.ledger.model import LineKind, Side, StatementClass

LABELS: Final = {
    StatementClass.CASH: "Cash",
    StatementClass.RECEIVABLES: "Trade receivables",
    StatementClass.INVENTORY: "Inventory",
    StatementClass.PREPAYMENTS: "Prepayments",
    StatementClass.OTHER_CURRENT_ASSETS: "Other current assets",
    StatementClass.FIXED_ASSETS: "Fixed assets",
    StatementClass.OTHER_NON_CURRENT_ASSETS: "Other non-current assets",
    StatementClass.PAYABLES: "Trade payables",
    StatementClass.CREDIT_CARDS: "Credit cards",
    StatementClass.SHORT_TERM_DEBT: "Short-term debt",
    StatementClass.OTHER_CURRENT_LIABILITIES: "Other current liabilities",
    StatementClass.LONG_TERM_DEBT: "Long-term debt",
    StatementClass.OTHER_NON_CURRENT_LIABILITIES: "Other non-current liabilities",
    StatementClass.EQUITY: "Equity",
    StatementClass.RETAINED_EARNINGS: "Retained earnings",
    StatementClass.TRANSLATION_RESERVE: "Translation reserve",
    StatementClass.NON_CONTROLLING_INTEREST: "Non-controlling interests",
    StatementClass.REVENUE: "Revenue",
    StatementClass.OTHER_INCOME: "Other income",
    StatementClass.COST_OF_SALES: "Cost of sales",
    StatementClass.OPERATING_EXPENSES: "Operating expenses",
    StatementClass.DEPRECIATION: "Depreciation and amortisation",
    StatementClass.INTEREST_INCOME: "Interest income",
    StatementClass.INTEREST_EXPENSE: "Interest expense",
    StatementClass.INCOME_TAX: "Income tax",
    StatementClass.OFF_BALANCE: "Off balance",
}

RESULT_CLASSES: Final = tuple(c for c in StatementClass if c.side is Side.RESULT)


class Scope(StrEnum):
    """Which postings a figure of a period takes in."""

    PERIOD = "period"
    """Those of the period itself."""
    TO_DATE = "to_date"
    """All since the first, up to the period's end."""
    BEFORE = "before"
    """All since the first, before the period."""
    EARLIER_YEARS = "earlier_years"
    """All of earlier fiscal years."""
    YEAR_TO_DATE = "year_to_date"
    """Those of the period's fiscal year, up to the period's end."""


class Closing(StrEnum):
    """How closing entries count, which move a year's result into equity."""

    WITH = "with"
    WITHOUT = "without"
    ONLY = "only"


@dataclass(frozen=True)
class Part:
    """Journal lines of some classes, times ``sign``."""

    classes: tuple[str, ...]
    """Statement classes, and what a group's statements have beside them."""
    sign: int
    scope: Scope
    closing: Closing = Closing.WITH


@dataclass(frozen=True)
class Row:
    """A statement line and the parts that add up to it."""

    line: str
    label: str
    kind: LineKind
    level: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Layout:
    """A statement's lines from top to bottom."""

    report: str
    title: str
    rows: tuple[Row, ...]


def figure(line: str, label: str, *parts: Part, level: int = 1) -> Row:
    """A line that sums journal lines."""
    return Row(line, label, LineKind.FIGURE, level, parts)


def subtotal(line: str, label: str, rows: Iterable[Row]) -> Row:
    """A line that sums ``rows`` within its section."""
    return Row(line, label, LineKind.SUBTOTAL, 0, _parts(rows))


def total(line: str, label: str, rows: Iterable[Row]) -> Row:
    """A line that sums ``rows`` and closes a section."""
    return Row(line, label, LineKind.TOTAL, 0, _parts(rows))


def _parts(rows: Iterable[Row]) -> tuple[Part, ...]:
    """The parts of all figures, those of one kind taken together as long as no class would count twice."""
    merged: list[Part] = []
    for part in chain.from_iterable(row.parts for row in rows if row.kind is LineKind.FIGURE):
        place = next((n for n, other in enumerate(merged) if _joinable(part, other)), None)
        if place is None:
            merged.append(part)
        else:
            merged[place] = replace(part, classes=merged[place].classes + part.classes)
    return tuple(merged)


def _joinable(one: Part, other: Part) -> bool:
    alike = (one.sign, one.scope, one.closing) == (other.sign, other.scope, other.closing)
    return alike and not set(one.classes) & set(other.classes)


def month_number(year: int, month: int) -> int:
    """Fiscal months counted through: consecutive over year ends."""
    return year * 12 + month - 1


def span(scope: Scope, period: Period) -> tuple[int, int]:
    """First and last month number, both inclusive, that a figure of ``period`` takes in; 0: since ever."""
    first = month_number(period.year, period.first_month)
    last = month_number(period.year, period.last_month)
    year_start = month_number(period.year, 1)
    return {
        Scope.PERIOD: (first, last),
        Scope.TO_DATE: (0, last),
        Scope.BEFORE: (0, first - 1),
        Scope.EARLIER_YEARS: (0, year_start - 1),
        Scope.YEAR_TO_DATE: (year_start, last),
    }[scope]
