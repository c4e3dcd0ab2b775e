"""Scenarios: a forecast with some things taken for given, and all statements drawn up anew.

Plain Python over the base forecast's printed statements, so that it runs where no method does. What
follows by itself is told in the notes: the cost of sales follows what is sold, at each month's share of
the base forecast, where history shows that it does; income tax follows the result, at the rate of the last
two years; receivables, inventory and payables follow by their days; cash is what the cash flow then
leaves. Debt, interest, depreciation and dividends stay as the base forecast has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Final

from abax.dates import Period
from abax.errors import InvalidAssumption, InvalidRequest, UnknownDriver
from abax.forecast.assumptions import (
    CAPEX,
    COSTS,
    DAYS,
    GROWTH,
    HEADCOUNT,
    PRICE,
    Change,
    Way,
    read_change,
)
from abax.forecast.bridge import bridge_of
from abax.forecast.checks import checks_of
from abax.forecast.rules import minority_share, told_days
from abax.forecast.series import monthly_history, months_after
from abax.forecast.three import MADE, MINORITY_SHARE, Follow, Past, Plan, past_of, statements_ahead
from abax.ledger.model import (
    ClosePackage,
    Forecast,
    ForecastAssumption,
    ForecastLine,
    ForecastPoint,
    Statement,
    StatementLine,
)
from abax.money import ZERO, rounded

REVENUE: Final = "revenue"
COST: Final = "cost_of_sales"
EXPENSES: Final = "operating_expenses"
TAX: Final = "income_tax"
YEAR: Final = 12
FEWEST: Final = 6
STEADY: Final = Decimal("0.25")
MOSTLY: Final = 0.8
"""A cost follows revenue where its share in it is within ``STEADY`` of the usual share in so many months."""
HIGHEST_TAX: Final = Decimal("0.6")
ASSUMED: Final = "Assumed"


def what_if(package: ClosePackage, base: Forecast, assumptions: Sequence[ForecastAssumption]) -> Forecast:
    """The base forecast with assumptions, in the order given; all statements, checks and the bridge anew.

    Intervals shift with their values, and those of lines of the income statement grow with them. Alerts
    are not carried over. Raises UnknownDriver, InvalidAssumption, and InvalidRequest for a forecast that
    has no statements or is not of this close.
    """
    history = monthly_history(package)
    past = past_of(package, history)
    if past is None or not base.statements:
        raise InvalidRequest("the forecast has no statements that assumptions could change", "assume")
    if history.end != base.history_end:
        raise InvalidRequest(
            f"the forecast reaches on from {base.history_end}, the close to {history.end}: forecast it anew",
            "assume",
        )
    months = months_after(package.company.calendar, base.history_end, base.horizon)
    scenario = _Scenario(past, _plan_of(past, base, months))
    for assumption in assumptions:
        scenario.take(assumption)
    plan = scenario.plan()
    statements = statements_ahead(past, plan)
    lines = _lines(base, statements, plan)
    return base.model_copy(
        update={
            "lines": lines,
            "statements": statements,
            "checks": checks_of(statements, package, lines),
            "assumptions": [*base.assumptions, *assumptions],
            "bridge": bridge_of(past.flows, statements[0], past.shape.flows),
            "notes": [*base.notes, *(note for note in scenario.notes if note not in base.notes)],
            "alerts": [],
        }
    )


def _plan_of(past: Past, base: Forecast, months: Sequence[Period]) -> Plan:
    """The plan behind a forecast, read off its statements and the days outstanding that its lines tell."""
    rows = {(own.report, row.line): row.values for own in base.statements for row in own.lines}
    nothing = [ZERO] * len(months)

    def printed(report: str, line: str) -> Sequence[Decimal]:
        return rows.get((report, line), nothing)

    follows = [follow for line in base.lines if (follow := _follow(line))]
    made = MADE | {follow.line for follow in follows}
    return Plan(
        months=months,
        flows={line: printed("income_statement", line) for line in past.shape.flows},
        follows=follows,
        positions={line: printed("balance_sheet", line) for line in past.shape.positions if line not in made},
        invested=[-value for value in printed("cash_flow", "investment_in_fixed_assets")],
        distributed=printed("cash_flow", "change_in_retained_earnings"),
        minority=printed("income_statement", MINORITY_SHARE),
    )


def _follow(line: ForecastLine) -> Follow | None:
    name = next((name for name, own in DAYS.items() if own == line.line), None)
    days = {driver.driver: driver.value for driver in line.drivers if driver.unit == "days"}
    window = next((driver for driver in line.drivers if driver.unit == "months"), None)
    if name is None or name not in days or window is None:
        return None
    later = {driver.partition(" from ")[2]: value for driver, value in days.items() if driver != name}
    sign = -1 if window.driver in COSTS else 1
    return Follow(line.line, window.driver, sign, int(window.value), days[name], later)


class _Scenario:
    """A plan that assumptions change, one after the other."""

    def __init__(self, past: Past, base: Plan) -> None:
        self._past, self._base = past, base
        self._labels = [month.label for month in base.months]
        self._flows = {line: list(values) for line, values in base.flows.items()}
        self._positions = {line: list(values) for line, values in base.positions.items()}
        self._days = {follow.line: follow.days_in(base.months) for follow in base.follows}
        self._invested = list(base.invested)
        self._taxed = True
        """Whether income tax still follows the result."""
        self.notes: list[str] = []

    def take(self, assumption: ForecastAssumption) -> None:
        """Apply one assumption."""
        driver, change = assumption.driver, read_change(assumption.change)
        said = f"{driver}={assumption.change}"
        first = self._first(assumption.start, said)
        if driver.endswith(GROWTH):
            self._grow(driver.removesuffix(GROWTH), change, first, said)
        elif driver == PRICE:
            self._each_month(REVENUE, first, change)
        elif driver == HEADCOUNT:
            cost = change.amount * (change.each or ZERO)
            self._each_month(EXPENSES, first, Change(Way.ADD, cost))
        elif driver in DAYS:
            self._outstand(driver, change, first, said)
        elif driver == CAPEX:
            self._invested[first:] = [self._money(change.applied(value)) for value in self._invested[first:]]
        elif driver in self._flows:
            before = list(self._flows[driver])
            self._each_month(driver, first, change)
            self._sold(driver, before)
            self._taxed = self._taxed and driver != TAX
        elif driver in self._days:
            name = next(name for name, line in DAYS.items() if line == driver)
            raise InvalidAssumption(said, f"{driver} follow a flow in these books: assume {name}")
        elif driver in self._positions:
            own = self._positions[driver]
            own[first:] = [self._money(change.applied(value)) for value in own[first:]]
        else:
            raise UnknownDriver(driver, [*self._flows, *DAYS, CAPEX, *self._positions])

    def _first(self, start: str, said: str) -> int:
        if start and start not in self._labels:
            reach = f"the forecast reaches from {self._labels[0]} to {self._labels[-1]}"
            raise InvalidAssumption(f"{said} from {start}", reach)
        return self._labels.index(start) if start else 0

    def _each_month(self, line: str, first: int, change: Change) -> None:
        """Costs are negative in the statement, and named by their size."""
        own, sign = self._flows[line], -1 if line in COSTS else 1
        own[first:] = [self._money(sign * change.applied(sign * value)) for value in own[first:]]

    def _grow(self, line: str, change: Change, first: int, said: str) -> None:
        if line not in self._flows:
            raise UnknownDriver(line + GROWTH, [name + GROWTH for name in self._flows])
        known = list(self._past.flows[line])
        if len(known) + first < YEAR:
            raise InvalidAssumption(
                said, f"{len(known)} months of history: growth needs those of a year before"
            )
        before, own = list(self._flows[line]), self._flows[line]
        for place in range(first, len(own)):
            year_before = [*known, *own][len(known) + place - YEAR]
            own[place] = self._money(change.applied(year_before))
        self._sold(line, before)
        self._taxed = self._taxed and line != TAX

    def _sold(self, line: str, before: Sequence[Decimal]) -> None:
        """Let the cost of sales follow what is sold."""
        if line != REVENUE or not cost_follows(self._past):
            return
        self._note("cost of sales follows revenue at its share of each month")
        cost = self._flows[COST]
        for place, (old, new) in enumerate(zip(before, self._flows[REVENUE], strict=True)):
            if old > 0:
                cost[place] = self._money(cost[place] * new / old)

    def _outstand(self, driver: str, change: Change, first: int, said: str) -> None:
        line = DAYS[driver]
        if line not in self._days:
            raise InvalidAssumption(said, f"{line} do not follow a flow in these books: assume {line} itself")
        own = self._days[line]
        own[first:] = [max(change.applied(days), ZERO).quantize(Decimal("0.01")) for days in own[first:]]

    def plan(self) -> Plan:
        """The plan as it is now, with what follows from the result."""
        flows = {line: list(values) for line, values in self._flows.items()}
        rate = tax_rate(self._past)
        if self._taxed and rate and flows != self._base.flows:
            before = self._before_tax(self._base.flows)
            now = self._before_tax(flows)
            moved = [self._money(-rate * (after - was)) for was, after in zip(before, now, strict=True)]
            flows[TAX] = [own + more for own, more in zip(flows[TAX], moved, strict=True)]
            self._note(f"income tax follows the result at {rate * 100:.1f} %")
        share = minority_share(self._past)
        net = [sum(month, ZERO) for month in zip(*flows.values(), strict=True)]
        changed = any(list(values) != list(self._base.flows[line]) for line, values in flows.items())
        return replace(
            self._base,
            flows=flows,
            positions=self._positions,
            follows=[
                follow.with_days(self._days[follow.line], self._base.months) for follow in self._base.follows
            ],
            invested=self._invested,
            minority=[self._money(result * share) for result in net] if changed else self._base.minority,
        )

    def _before_tax(self, flows: Mapping[str, Sequence[Decimal]]) -> list[Decimal]:
        rows = [values for line, values in flows.items() if line != TAX]
        return [sum(month, ZERO) for month in zip(*rows, strict=True)]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _money(self, value: Decimal) -> Decimal:
        return rounded(value, self._past.currency)


def cost_follows(past: Past) -> bool:
    """Whether the cost of sales has had a steady share in revenue over the last two years."""
    pairs = zip(past.flows[REVENUE][-2 * YEAR :], past.flows[COST][-2 * YEAR :], strict=True)
    shares = [-cost / revenue for revenue, cost in pairs if revenue > 0 and cost < 0]
    if len(shares) < FEWEST:
        return False
    usual = median(shares)
    near = sum(abs(share - usual) <= STEADY * usual for share in shares)
    return near >= MOSTLY * len(shares)


def tax_rate(past: Past) -> Decimal:
    """Income tax over the result before it, of the last two years; nil where that is no rate: a loss, a
    refund, more than anybody pays."""
    tax = -sum(past.flows[TAX][-2 * YEAR :], ZERO)
    whole = sum((sum(values[-2 * YEAR :], ZERO) for values in past.flows.values()), ZERO) + tax
    rate = tax / whole if whole > 0 else ZERO
    return rate if 0 < rate <= HIGHEST_TAX else ZERO


@dataclass(frozen=True)
class _Row:
    """A statement line ahead, with whether it is a figure of the income statement."""

    row: StatementLine
    flow: bool


def _lines(base: Forecast, statements: Sequence[Statement], plan: Plan) -> list[ForecastLine]:
    """The forecast lines with the values of the new statements."""
    rows = {
        row.line: _Row(row, own.report == "income_statement")
        for own in statements
        if own.report != "cash_flow"
        for row in own.lines
    }
    follows = {follow.line: follow for follow in plan.follows}
    known = {line.line for line in base.lines}
    lines = [_changed(line, rows.get(line.line), plan, follows.get(line.line)) for line in base.lines]
    further = [row.row for line, row in rows.items() if line not in known and any(row.row.values)]
    return [*lines, *(_assumed(row, plan) for row in further)]


def _changed(line: ForecastLine, row: _Row | None, plan: Plan, follow: Follow | None) -> ForecastLine:
    values = row.row.values if row else [ZERO] * len(plan.months)
    if not line.points:
        return _assumed(row.row, plan) if row and any(values) else line
    points = [
        _moved(point, value, bool(row and row.flow)) for point, value in zip(line.points, values, strict=True)
    ]
    drivers = list(told_days(follow).drivers) if follow and follow != _follow(line) else line.drivers
    return line.model_copy(update={"points": points, "drivers": drivers})


def _moved(point: ForecastPoint, value: Decimal, flow: bool) -> ForecastPoint:
    """The point at another value: its interval shifts, and grows with the size of a flow, at most
    threefold."""
    factor = Decimal(1)
    if flow and point.value and abs(value) > abs(point.value):
        factor = min(abs(value / point.value), Decimal(3))
    bounds = {
        name: (value + (bound - point.value) * factor).quantize(value)
        for name in ("low", "high", "lowest", "highest")
        if (bound := getattr(point, name)) is not None
    }
    return point.model_copy(update={"value": value, **bounds})


def _assumed(row: StatementLine, plan: Plan) -> ForecastLine:
    """A line that only the assumptions brought about: its values are taken for given."""
    points = [
        ForecastPoint(label=month.label, value=value, low=value, high=value)
        for month, value in zip(plan.months, row.values, strict=True)
    ]
    return ForecastLine(
        line=row.line,
        label=row.label,
        method=ASSUMED,
        points=points,
        mase=None,
        naive_mase=None,
        coverage=None,
    )
