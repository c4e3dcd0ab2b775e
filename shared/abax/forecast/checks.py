"""The hard checks of forecast statements, from the printed figures alone.

They know nothing of how the statements were made: which lines a total has is written down here once more, and
every figure is read off the statements, the close's own for what went before. So each can fail:

================  =====================================================================================
totals            every subtotal and total is the sum of its lines
balance_sheet     assets = liabilities + equity at the end of every month
cash_flow         every line of the cash flow is what its balance moved by, and their sum the change in cash
result            the result of the income statement is what equity grew by, dividends apart
working_capital   receivables, inventory and payables are revenue or cost × days outstanding / days
================  =====================================================================================
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from abax.dates import Granularity
from abax.errors import listed
from abax.ledger.model import Check, ClosePackage, Column, ForecastLine, Statement
from abax.money import ZERO, decimals

INCOME: Final = "income_statement"
BALANCE: Final = "balance_sheet"
FLOW: Final = "cash_flow"

_GROSS: Final = ("revenue", "cost_of_sales")
_EBITDA: Final = (*_GROSS, "operating_expenses", "other_income")
_EBIT: Final = (*_EBITDA, "depreciation")
_BEFORE_TAX: Final = (*_EBIT, "interest_income", "interest_expense")
_NET: Final = (*_BEFORE_TAX, "income_tax", "intercompany_result_differences")
_CURRENT_ASSETS: Final = (
    *("cash", "receivables", "inventory", "prepayments", "other_current_assets", "intercompany_differences"),
)
_OTHER_ASSETS: Final = ("fixed_assets", "other_non_current_assets", "goodwill")
_CURRENT_DEBTS: Final = ("payables", "credit_cards", "short_term_debt", "other_current_liabilities")
_OTHER_DEBTS: Final = ("long_term_debt", "other_non_current_liabilities")
_EQUITY: Final = (
    *(
        "equity",
        "retained_earnings",
        "current_year_result",
        "translation_reserve",
        "non_controlling_interest",
    ),
)
_FLOWS_OF_LIABILITIES: Final = {
    f"change_in_{line}": (line, 1) for line in (*_CURRENT_DEBTS, *_OTHER_DEBTS, "equity")
}
_FLOWS_OF_ASSETS: Final = {
    f"change_in_{line}": (line, -1) for line in (*_CURRENT_ASSETS[1:], "other_non_current_assets")
}
MOVES: Final = {
    **_FLOWS_OF_LIABILITIES,
    **_FLOWS_OF_ASSETS,
    "effect_of_exchange_rates": ("translation_reserve", 1),
}
"""Line of the cash flow → the balance that it is the change of, and its sign."""
_OPERATING: Final = (
    *("net_result", "depreciation"),
    *(f"change_in_{line}" for line in _CURRENT_ASSETS[1:]),
    *("change_in_payables", "change_in_credit_cards", "change_in_other_current_liabilities"),
    "change_in_other_non_current_liabilities",
)
_INVESTING: Final = ("investment_in_fixed_assets", "change_in_other_non_current_assets", "acquisitions")
_FINANCING: Final = (
    *("change_in_short_term_debt", "change_in_long_term_debt", "change_in_equity"),
    *("change_in_retained_earnings", "change_in_non_controlling_interest"),
)

TOTALS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    INCOME: {
        "gross_profit": _GROSS,
        "ebitda": _EBITDA,
        "ebit": _EBIT,
        "profit_before_tax": _BEFORE_TAX,
        "net_result": _NET,
    },
    BALANCE: {
        "current_assets": _CURRENT_ASSETS,
        "non_current_assets": _OTHER_ASSETS,
        "total_assets": (*_CURRENT_ASSETS, *_OTHER_ASSETS),
        "current_liabilities": _CURRENT_DEBTS,
        "non_current_liabilities": _OTHER_DEBTS,
        "total_liabilities": (*_CURRENT_DEBTS, *_OTHER_DEBTS),
        "total_equity": _EQUITY,
        "total_liabilities_and_equity": (*_CURRENT_DEBTS, *_OTHER_DEBTS, *_EQUITY),
    },
    FLOW: {
        "operating_cash_flow": _OPERATING,
        "investing_cash_flow": _INVESTING,
        "financing_cash_flow": _FINANCING,
        "net_change_in_cash": (*_OPERATING, *_INVESTING, *_FINANCING, "effect_of_exchange_rates"),
    },
}
"""Report → total → the lines that it sums; a statement may lack those that are nil."""

Off = tuple[str, str, Decimal]
"""What is off, in which month, and by how much."""


class Printed:
    """Figures of the forecast statements, and of the close's for the months before."""

    def __init__(self, statements: Sequence[Statement], package: ClosePackage) -> None:
        self.own = {statement.report: statement for statement in statements}
        self.months = self.own[BALANCE].periods
        first = self.months[0].start
        self._before = {report: package.statement(report, Granularity.MONTH) for report in (INCOME, BALANCE)}
        self.known = [column for column in self._before[BALANCE].periods if column.start < first]
        self._rows = {
            (report, row.line): row.values
            for report, statement in self.own.items()
            for row in statement.lines
        }
        self._rows_before = {
            (report, row.line): row.values[: len(self.known)]
            for report, statement in self._before.items()
            for row in statement.lines
        }

    def values(self, report: str, line: str) -> list[Decimal]:
        """A line by month ahead; nil where it is not shown."""
        return self._rows.get((report, line), [ZERO] * len(self.months))

    def whole(self, report: str, line: str) -> list[Decimal]:
        """A line of the income statement or balance sheet by month, those that are known and those ahead."""
        return [*self._rows_before.get((report, line), [ZERO] * len(self.known)), *self.values(report, line)]

    def moved(self, line: str) -> list[Decimal]:
        """What a balance moved by in each month ahead."""
        known = self.whole(BALANCE, line)[-len(self.months) - 1 :]
        return [after - before for before, after in itertools.pairwise(known)]

    def label(self, place: int) -> str:
        """A month ahead."""
        return self.months[place].label


def checks_of(
    statements: Sequence[Statement], package: ClosePackage, lines: Iterable[ForecastLine] = ()
) -> list[Check]:
    """All hard checks of forecast statements, passed or not; ``lines`` tell the days outstanding."""
    printed = Printed(statements, package)
    found = (
        ("totals", "forecast lines add up to their totals", _totals(printed)),
        ("balance_sheet", "forecast assets = liabilities + equity", _balances(printed)),
        ("cash_flow", "the forecast cash flow equals the change in cash", _flows(printed)),
        ("result", "the forecast result is what equity grows by", _results(printed)),
        (
            "working_capital",
            "receivables, inventory and payables follow from revenue, cost and days",
            _days(printed, lines, decimals(package.company.currency)),
        ),
    )
    return [_check(name, label, list(off)) for name, label, off in found]


def _check(name: str, label: str, off: Sequence[Off]) -> Check:
    detail = listed(f"{what} in {month} by {by}" for what, month, by in off)
    difference = sum((abs(by) for *_, by in off), ZERO)
    return Check(check=name, label=label, passed=not off, difference=difference, detail=detail)


def _compared(printed: Printed, what: str, one: Sequence[Decimal], other: Sequence[Decimal]) -> Iterator[Off]:
    for place, (left, right) in enumerate(zip(one, other, strict=True)):
        if left != right:
            yield what, printed.label(place), left - right


def _sum(rows: Iterable[Sequence[Decimal]]) -> list[Decimal]:
    return [sum(column, ZERO) for column in zip(*rows, strict=True)]


def _totals(printed: Printed) -> Iterator[Off]:
    for report, totals in TOTALS.items():
        for total, lines in totals.items():
            summed = _sum(printed.values(report, line) for line in lines)
            yield from _compared(printed, total, printed.values(report, total), summed)
    if any(row.line == "attributable_to_owners" for row in printed.own[INCOME].lines):
        parts = ("attributable_to_owners", "attributable_to_non_controlling")
        net = printed.values(INCOME, "net_result")
        yield from _compared(
            printed, "the parts of the result", net, _sum(printed.values(INCOME, part) for part in parts)
        )


def _balances(printed: Printed) -> Iterator[Off]:
    assets = printed.values(BALANCE, "total_assets")
    claims = printed.values(BALANCE, "total_liabilities_and_equity")
    yield from _compared(printed, "assets", assets, claims)


def _flows(printed: Printed) -> Iterator[Off]:
    cash = printed.whole(BALANCE, "cash")
    ahead = len(printed.months)
    yield from _compared(
        printed, "the change in cash", printed.values(FLOW, "net_change_in_cash"), printed.moved("cash")
    )
    yield from _compared(printed, "cash at the end", printed.values(FLOW, "closing_cash"), cash[-ahead:])
    opening = cash[-ahead - 1 : -1]
    yield from _compared(printed, "cash at the beginning", printed.values(FLOW, "opening_cash"), opening)
    for line, (balance, sign) in MOVES.items():
        moved = [sign * by for by in printed.moved(balance)]
        yield from _compared(printed, line, printed.values(FLOW, line), moved)
    worn = [-value for value in printed.values(INCOME, "depreciation")]
    yield from _compared(printed, "depreciation added back", printed.values(FLOW, "depreciation"), worn)
    invested = [-by - less for by, less in zip(printed.moved("fixed_assets"), worn, strict=True)]
    yield from _compared(printed, "investment", printed.values(FLOW, "investment_in_fixed_assets"), invested)


def _results(printed: Printed) -> Iterator[Off]:
    net = printed.values(INCOME, "net_result")
    yield from _compared(printed, "the result in the cash flow", printed.values(FLOW, "net_result"), net)
    others = printed.values(INCOME, "attributable_to_non_controlling")
    growth = _sum([printed.moved("current_year_result"), printed.moved("retained_earnings")])
    dividends = printed.values(FLOW, "change_in_retained_earnings")
    wanted = [result - part + paid for result, part, paid in zip(net, others, dividends, strict=True)]
    yield from _compared(printed, "equity", growth, wanted)
    held = _sum([others, printed.values(FLOW, "change_in_non_controlling_interest")])
    yield from _compared(
        printed, "non-controlling interests", printed.moved("non_controlling_interest"), held
    )
    yield from _compared(
        printed,
        "the year's result",
        printed.values(BALANCE, "current_year_result"),
        _year_to_date(printed, net, others),
    )


def _year_to_date(printed: Printed, net: Sequence[Decimal], others: Sequence[Decimal]) -> list[Decimal]:
    """The result of each month's fiscal year so far, the owners' part of it."""
    ahead = len(printed.months)
    so_far = printed.whole(BALANCE, "current_year_result")[-ahead - 1] if printed.known else ZERO
    year = printed.known[-1].fiscal_year if printed.known else None
    found = []
    for column, result, part in zip(printed.months, net, others, strict=True):
        so_far = (so_far if column.fiscal_year == year else ZERO) + result - part
        year = column.fiscal_year
        found.append(so_far)
    return found


_DAYS: Final = {
    "receivables": ("dso", 1),
    "inventory": ("dio", -1),
    "payables": ("dpo", -1),
}


def _days(printed: Printed, lines: Iterable[ForecastLine], places: int) -> Iterator[Off]:
    cent = Decimal(1).scaleb(-places)
    for line in lines:
        told = _rule(line, printed.months)
        if not told:
            continue
        flow, sign, window, days = told
        moved, columns = printed.whole(INCOME, flow), [*printed.known, *printed.months]
        for place, value in enumerate(printed.values(BALANCE, line.line)):
            end = len(printed.known) + place + 1
            base = sign * sum(moved[end - window : end], ZERO)
            wanted = base * days[place] / _length(columns[end - window : end])
            if abs(value - wanted) > cent / 2:
                yield line.line, printed.label(place), value - wanted.quantize(cent)


def _rule(line: ForecastLine, months: Sequence[Column]) -> tuple[str, int, int, list[Decimal]] | None:
    """The flow that a line follows, its sign, how many months of it, and the days in each month ahead: a
    driver ``dso from 2026-03`` holds from that month on."""
    name, sign = _DAYS.get(line.line, ("", 0))
    days = {
        driver.driver.removeprefix(name): driver.value
        for driver in line.drivers
        if name and driver.driver.split()[0] == name
    }
    window = next((driver for driver in line.drivers if driver.unit == "months"), None)
    if "" not in days or not window:
        return None
    now, found = days[""], []
    for month in months:
        now = days.get(f" from {month.label}", now)
        found.append(now)
    return window.driver, sign, int(window.value), found


def _length(columns: Sequence[Column]) -> int:
    first: date = columns[0].start
    return (columns[-1].end - first).days + 1
