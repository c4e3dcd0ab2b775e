"""The books ahead: income statement, balance sheet and cash flow that hold together to the cent.

A plan says what each month earns and spends, and how every balance comes about::

    income-statement figures ──► result ──► retained earnings, result of the current year
    revenue, cost of sales × days outstanding ──► receivables, inventory, payables
    depreciation, investment ──► fixed assets
    a forecast of its own, a regular repayment, or the last balance ──► every other line
                                            what the cash flow leaves ──► cash

Each month ahead is then one balanced journal entry by statement class, and the statements are cut from those
entries by the very layouts that a close's are cut by. So they add up, balance, and explain the change in cash
for the reason that a close's do: debits equal credits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from abax.dates import Calendar, Granularity, Period
from abax.forecast.series import History
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.group_layout import LAYOUTS as GROUP_LAYOUTS
from abax.ledger.group_layout import MINORITY_RESULT
from abax.ledger.layout import Layout, month_number
from abax.ledger.model import ClosePackage, Column, LineKind, Statement, StatementClass, StatementLine
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT, Balances
from abax.money import ZERO, rounded, trimmed

_C: Final = StatementClass
CASH: Final = _C.CASH.value
FIXED_ASSETS: Final = _C.FIXED_ASSETS.value
DEPRECIATION: Final = _C.DEPRECIATION.value
RETAINED: Final = _C.RETAINED_EARNINGS.value
CURRENT: Final = "current_year_result"
MINORITIES: Final = _C.NON_CONTROLLING_INTEREST.value
MINORITY_SHARE: Final = "attributable_to_non_controlling"

MADE: Final = frozenset({CASH, FIXED_ASSETS, RETAINED, CURRENT, MINORITIES})
"""Balances that the plan leads to, so that none may be given."""

COMPANY_LAYOUTS: Final = (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW)


@dataclass(frozen=True)
class Shape:
    """Which lines there are: those of a company, or those of a group."""

    layouts: tuple[Layout, Layout, Layout]
    """Income statement, balance sheet, cash flow."""

    @property
    def flows(self) -> tuple[str, ...]:
        """The figures that sum to the net result."""
        rows = self.layouts[0].rows
        end = next(place for place, row in enumerate(rows) if row.line == "net_result")
        return tuple(row.line for row in rows[:end] if row.kind is LineKind.FIGURE)

    @property
    def positions(self) -> tuple[str, ...]:
        """The figures of the balance sheet."""
        return tuple(row.line for row in self.layouts[1].rows if row.kind is LineKind.FIGURE)

    @property
    def signs(self) -> dict[str, int]:
        """Figure of the balance sheet → 1 for an asset, -1 for a liability or equity."""
        return {row.line: row.parts[0].sign for row in self.layouts[1].rows if row.kind is LineKind.FIGURE}

    @property
    def is_group(self) -> bool:
        """Whether others may own a part of the result."""
        return self.layouts is GROUP_LAYOUTS

    def sums(self, place: int) -> dict[str, tuple[str, ...]]:
        """The subtotals and totals of a statement (by its place in ``layouts``) → the figures that they
        sum."""
        figures = [row for row in self.layouts[place].rows if row.kind is LineKind.FIGURE]
        return {
            row.line: tuple(
                figure.line
                for figure in figures
                if all(
                    any(
                        set(part.classes) <= set(whole.classes)
                        and replace(part, classes=()) == replace(whole, classes=())
                        for whole in row.parts
                    )
                    for part in figure.parts
                )
            )
            for row in self.layouts[place].rows
            if row.kind is not LineKind.FIGURE
        }


def shape_of(package: ClosePackage) -> Shape:
    """Those of a group where any line is one that only a group has."""
    known = {(layout.report, row.line) for layout in COMPANY_LAYOUTS for row in layout.rows}
    lines = {(own.report, row.line) for own in package.statements for row in own.lines}
    reports = {layout.report for layout in COMPANY_LAYOUTS}
    further = {(report, line) for report, line in lines - known if report in reports}
    group = {(layout.report, row.line) for layout in GROUP_LAYOUTS for row in layout.rows}
    return Shape(GROUP_LAYOUTS if further & group else COMPANY_LAYOUTS)


@dataclass(frozen=True)
class Past:
    """The complete months of a close, every figure of its income statement and balance sheet."""

    currency: str
    calendar: Calendar
    shape: Shape
    months: tuple[Period, ...]
    flows: Mapping[str, Sequence[Decimal]]
    """Line → amount by month; every line of the shape, nil where the close does not show it."""
    positions: Mapping[str, Sequence[Decimal]]
    """Line → balance by month end."""
    minority: Sequence[Decimal]
    """What of the result is others', by month; nil but in a group."""
    shown: frozenset[tuple[str, str]]
    """Report and line of what the close shows: lines without any posting are left out."""

    def until(self, count: int) -> Past:
        """The first ``count`` months alone."""
        return replace(
            self,
            months=self.months[:count],
            flows={line: values[:count] for line, values in self.flows.items()},
            positions={line: values[:count] for line, values in self.positions.items()},
            minority=self.minority[:count],
        )

    @property
    def invested(self) -> list[Decimal]:
        """Investment in fixed assets, less disposals, of each month but the first."""
        assets, worn = self.positions[FIXED_ASSETS], self.flows[DEPRECIATION]
        return [
            after - before - less for before, after, less in zip(assets, assets[1:], worn[1:], strict=False)
        ]

    @property
    def distributed(self) -> list[Decimal]:
        """What retained earnings changed by, apart from results brought forward, in each month but the first:
        dividends are negative."""
        kept, current = self.positions[RETAINED], self.positions[CURRENT]
        return [
            kept[n]
            - kept[n - 1]
            - (current[n - 1] if self.months[n].year != self.months[n - 1].year else ZERO)
            for n in range(1, len(self.months))
        ]

    @property
    def off(self) -> Decimal:
        """What assets exceed liabilities and equity by at the end: nil unless books are off."""
        return sum((sign * self.positions[line][-1] for line, sign in self.shape.signs.items()), ZERO)


def past_of(package: ClosePackage, history: History) -> Past | None:
    """The past of a close; None where its balance sheet has lines that do not explain its totals, or where
    there is no complete month."""
    shape = shape_of(package)
    result = package.statement("income_statement", Granularity.MONTH)
    position = package.statement("balance_sheet", Granularity.MONTH)
    lines = {row.line for row in position.lines}
    if not history.places or not {"total_assets", "total_liabilities_and_equity"} <= lines:
        return None
    flows = {line: _values(result, line, history.places) for line in shape.flows}
    positions = {line: _values(position, line, history.places) for line in shape.positions}
    for total, parts in shape.sums(1).items():
        sums = [sum(column, ZERO) for column in zip(*(positions[part] for part in parts), strict=True)]
        if total in lines and sums != _values(position, total, history.places):
            return None
    shown = frozenset(
        (own.report, row.line)
        for own in package.statements
        for row in own.lines
        if own.granularity == Granularity.MONTH
    )
    return Past(
        package.company.currency,
        package.company.calendar,
        shape,
        tuple(history.known),
        flows,
        positions,
        _values(result, MINORITY_SHARE, history.places),
        shown,
    )


def _values(statement: Statement, line: str, places: Sequence[int]) -> list[Decimal]:
    row = next((row for row in statement.lines if row.line == line), None)
    return [row.values[place] for place in places] if row else [ZERO] * len(places)


@dataclass(frozen=True)
class Follow:
    """A balance that follows a flow: that of the last ``window`` months × ``days`` / the days of those
    months."""

    line: str
    flow: str
    sign: int
    """That turns the flow positive: -1 for a cost."""
    window: int
    days: Decimal
    later: Mapping[str, Decimal] = field(default_factory=dict)
    """Label of a month → the days from then on, where they change."""

    def balance(
        self, flow: Sequence[Decimal], months: Sequence[Period], days: Decimal, currency: str
    ) -> Decimal:
        """The balance at the end of the last of ``months``, to the cent; both run parallel and reach back by
        ``window`` at least."""
        length = sum((month.end - month.start).days + 1 for month in months[-self.window :])
        return rounded(self.sign * sum(flow[-self.window :], ZERO) * days / length, currency)

    def days_in(self, months: Sequence[Period]) -> list[Decimal]:
        """The days in each month."""
        now, found = self.days, []
        for month in months:
            now = self.later.get(month.label, now)
            found.append(now)
        return found

    def with_days(self, days: Sequence[Decimal], months: Sequence[Period]) -> Follow:
        """The same with other days in each month."""
        changes = [n for n in range(1, len(days)) if days[n] != days[n - 1]]
        return replace(self, days=days[0], later={months[n].label: days[n] for n in changes})


@dataclass(frozen=True)
class Plan:
    """What the months ahead are made of. All sequences run parallel to ``months``."""

    months: Sequence[Period]
    flows: Mapping[str, Sequence[Decimal]]
    """Every figure of the income statement."""
    follows: Sequence[Follow]
    positions: Mapping[str, Sequence[Decimal]]
    """Every balance that neither follows a flow nor is in ``MADE``."""
    invested: Sequence[Decimal]
    distributed: Sequence[Decimal]
    minority: Sequence[Decimal]


def balances_ahead(past: Past, plan: Plan) -> dict[str, list[Decimal]]:
    """Every figure of the balance sheet at the end of each month ahead. Cash is what the others leave; books
    that were off stay off by as much."""
    ahead = {line: [*plan.positions.get(line, [])] for line in past.shape.positions}
    for follow in plan.follows:
        ahead[follow.line] = _following(follow, past, plan)
    before = {line: past.positions[line][-1] for line in MADE}
    year = past.months[-1].year
    for place, month in enumerate(plan.months):
        if month.year != year:
            before[RETAINED], before[CURRENT], year = before[RETAINED] + before[CURRENT], ZERO, month.year
        net = sum((values[place] for values in plan.flows.values()), ZERO)
        before[RETAINED] += plan.distributed[place]
        before[CURRENT] += net - plan.minority[place]
        before[MINORITIES] += plan.minority[place]
        before[FIXED_ASSETS] += plan.invested[place] + plan.flows[DEPRECIATION][place]
        for line in MADE - {CASH}:
            ahead[line].append(before[line])
        ahead[CASH].append(past.off - _net_of(ahead, past.shape, place))
    return ahead


def _following(follow: Follow, past: Past, plan: Plan) -> list[Decimal]:
    flow = [*past.flows[follow.flow], *plan.flows[follow.flow]]
    months = [*past.months, *plan.months]
    known = len(past.months)
    return [
        follow.balance(flow[: known + step], months[: known + step], days, past.currency)
        for step, days in enumerate(follow.days_in(plan.months), 1)
    ]


def _net_of(ahead: Mapping[str, Sequence[Decimal]], shape: Shape, place: int) -> Decimal:
    """Assets but cash, less liabilities and equity."""
    return sum((sign * ahead[line][place] for line, sign in shape.signs.items() if line != CASH), ZERO)


def statements_ahead(past: Past, plan: Plan) -> list[Statement]:
    """Income statement, balance sheet and cash flow of the months ahead, as a close has them."""
    ahead = balances_ahead(past, plan)
    entries = list(_entries(past, plan, ahead))
    positions = Balances.of_cells((name, False, month, amount) for name, month, amount in entries)
    flows = positions
    if past.shape.is_group:  # there the others' share of a result moves no cash and shows in no flow
        flows = Balances.of_cells(
            (name, False, month, amount)
            for name, month, amount in entries
            if name not in (MINORITY_RESULT, MINORITIES)
        )
    result, position, cash = past.shape.layouts
    return [
        _cut(result, positions, past, plan.months),
        _cut(position, positions, past, plan.months),
        _cut(cash, flows, past, plan.months),
    ]


def _entries(
    past: Past, plan: Plan, ahead: Mapping[str, Sequence[Decimal]]
) -> Iterable[tuple[str, int, Decimal]]:
    """Statement class, month and amount, debit positive: an opening entry in the last month known, then one
    entry for each month ahead. The result of the year so far opens as revenue: its lines are not shown."""
    opening = _number(past.months[-1])
    for line, sign in past.shape.signs.items():
        name = _C.REVENUE.value if line == CURRENT else line
        yield name, opening, sign * past.positions[line][-1]
    for place, month in enumerate(plan.months):
        number = _number(month)
        for line, sign in past.shape.signs.items():
            if line not in (RETAINED, CURRENT):
                before = ahead[line][place - 1] if place else past.positions[line][-1]
                yield line, number, sign * (ahead[line][place] - before)
        yield RETAINED, number, -plan.distributed[place]
        yield MINORITY_RESULT, number, plan.minority[place]
        for line, values in plan.flows.items():
            yield line, number, -values[place]


def _number(month: Period) -> int:
    return month_number(month.year, month.first_month)


def _cut(layout: Layout, balances: Balances, past: Past, months: Sequence[Period]) -> Statement:
    lines = []
    for row in layout.rows:
        values = [trimmed(balances.value(row, month), past.currency) for month in months]
        if row.kind is not LineKind.FIGURE or (layout.report, row.line) in past.shown or any(values):
            lines.append(
                StatementLine(line=row.line, label=row.label, kind=row.kind, level=row.level, values=values)
            )
    return Statement(
        report=layout.report,
        title=layout.title,
        granularity=Granularity.MONTH.value,
        currency=past.currency,
        periods=[
            Column(label=month.label, start=month.start, end=month.end, fiscal_year=month.year)
            for month in months
        ],
        lines=lines,
    )
