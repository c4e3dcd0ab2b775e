"""The forecast of a close: every line, what its backtest says, and statements that hold together.

::

    lines and totals of the income statement ─► reconciled ─┐
    balances with a season of their own ────────────────────┼─► plan ─► statements ─► checks, bridge
    days outstanding, investment, repayments, dividends ────┘     └─► rehearsed at every origin ─► intervals
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final

from abax.dates import Granularity, Period
from abax.forecast.backtest import naive_scale, one_sided
from abax.forecast.bridge import bridge_of
from abax.forecast.checks import checks_of
from abax.forecast.choose import (
    LEVEL,
    OUTER_LEVEL,
    SHORTEST,
    Choice,
    Spread,
    choose,
    coverage,
    least_growth,
    spread_of,
)
from abax.forecast.rehearsal import rehearse
from abax.forecast.rules import LEFT, OWN_POSITIONS, Told, plan_of, told_days
from abax.forecast.series import (
    CASH,
    History,
    Series,
    monthly_history,
    months_after,
    months_before,
    trimmed,
)
from abax.forecast.three import Past, past_of, statements_ahead
from abax.forecast.together import Errors, Together, add_up, mase, naive_errors, root_mean_square
from abax.forecast.told import drivers_of, money, scores_of, shown, tests_of
from abax.forecast.toolbox import BASELINE, Tools
from abax.forecast.two_views import Pull, pull_of, pulled, pulled_errors
from abax.forecast.workdays import workdays
from abax.ledger.layout import LABELS
from abax.ledger.model import (
    Check,
    ClosePackage,
    Forecast,
    ForecastLine,
    ForecastPoint,
    Statement,
    StatementClass,
    StatementLine,
)
from abax.ledger.statements import BALANCE_SHEET
from abax.money import ZERO
from abax.money import trimmed as exact

HORIZON: Final = 12
SUM: Final = "Sum of its lines"
"""The method of a total whose lines' own forecasts stayed as they were."""
RECONCILED: Final = "Reconciled with its lines"
"""The method of a total that was brought together with its lines by minimum trace."""
TOTALS: Final = (SUM, RECONCILED)
POSITIONS: Final = frozenset(row.line for row in BALANCE_SHEET.rows) | {
    "goodwill",
    "intercompany_differences",
}
"""Forecast lines that are balances at a month's end: of these there is no sum over months."""


def leads(line: ForecastLine) -> bool:
    """Whether a line stands in short views: the income statement's and cash. Other balances follow from
    them by rules, and stand in the balance sheet ahead."""
    return line.line == CASH or line.line not in POSITIONS


NO_STATEMENTS: Final = "no forecast statements"
"""How the note begins that says why there are none."""


def forecast_package(package: ClosePackage, horizon: int = HORIZON, tools: Tools = BASELINE) -> Forecast:
    """Forecast income statement, balance sheet and cash flow, ``horizon`` months beyond the last complete
    month.

    Amounts are in the company's currency, at its decimals; totals are exactly the sums of their lines. A
    line of the income statement with too short a history has no points, and its note says so: the
    statements count it as nothing. A close whose own balance sheet cannot be read gets lines and cash
    alone, and a note.
    """
    history = monthly_history(package)
    months = months_after(package.company.calendar, history.end, horizon)
    past = past_of(package, history)
    result = [series for series in history.series if series.line != CASH]
    days = workdays(((month.start, month.end) for month in (*history.known, *months)), tools.country)
    choices = {series.line: choose(trimmed(series.values), horizon, tools, days) for series in result}
    together = add_up(result, choices, package.company.currency)
    maker = _Maker(package, history, months, choices, together, tools)
    lines = [maker.result_line(series) for series in result]
    notes = [f"{history.left_out} is unfinished and left out of the history"] if history.left_out else []
    statements: list[Statement] = []
    checks: list[Check] = []
    why = _why_none(past, history, together)
    if past is None or why:
        notes += [f"{NO_STATEMENTS}: {why}"]
        lines += [maker.cash_alone(series) for series in history.series if series.line == CASH]
    else:
        ahead = _ahead(past, history, months, choices, together, tools)
        statements = list(ahead.statements)
        lines += [maker.balance_line(row, past, ahead) for row in statements[1].lines]
        checks = checks_of(statements, package, lines)
        notes += _notes(past, lines, checks)
    return Forecast(
        currency=package.company.currency,
        horizon=horizon,
        level=LEVEL,
        outer_level=OUTER_LEVEL,
        history_end=history.end,
        lines=lines,
        notes=notes,
        statements=statements,
        checks=checks,
        bridge=bridge_of(past.flows, statements[0], past.shape.flows) if past and statements else [],
    )


def _why_none(past: Past | None, history: History, together: Together) -> str:
    """Why there can be no forecast statements; nothing where there can."""
    if past is None and history.months:
        return "the close's balance sheet does not show what its totals are made of"
    if not together.values:
        return f"{history.months} months of history, {SHORTEST} are needed"
    return ""


@dataclass(frozen=True)
class _Ahead:
    """The statements ahead, and how their balances came about."""

    statements: Sequence[Statement]
    told: Mapping[str, Told]
    errors: Mapping[str, Errors]
    own: Mapping[str, Choice]
    """Balances that have a forecast of their own, used or not."""
    pull: Pull | None
    """How far cash was drawn towards its own forecast."""


def _ahead(
    past: Past,
    history: History,
    months: Sequence[Period],
    choices: Mapping[str, Choice],
    together: Together,
    tools: Tools,
) -> _Ahead:
    """Draw up the statements, and rehearse them at earlier origins."""
    nothing = [ZERO] * len(months)
    flows = {line: together.values.get(line, nothing) for line in past.shape.flows}
    own = {
        line: choose(trimmed(tuple(map(float, past.positions[line]))), len(months), tools)
        for line in (CASH, *OWN_POSITIONS)
        if line == CASH or any(past.positions[line])
    }
    standing = {
        line: [money(value, past.currency) for value in choice.values]
        for line, choice in own.items()
        if choice.values and line != CASH
    }
    plan, told = plan_of(past, months, flows, standing)
    tested = {line: choice.tested.errors for line, choice in own.items() if choice.tested and line != CASH}
    errors: Mapping[str, Errors] = rehearse(
        past, len(months), {line: together.errors.get(line, {}) for line in past.shape.flows}, tested
    )
    alone = own[CASH]
    estimated = [*(follow.line for follow in plan.follows), *(line for line in standing if line not in told)]
    pull = pull_of(past, estimated, errors, alone.tested.errors) if alone.tested and errors else None
    if pull and alone.tested:
        usual = {follow.line: follow.days for follow in plan.follows}
        plan = pulled(past, plan, pull, [money(value, past.currency) for value in alone.values])
        told |= {follow.line: told_days(follow, usual[follow.line]) for follow in plan.follows}
        errors = pulled_errors(past, errors, alone.tested.errors, pull)
    return _Ahead(statements_ahead(past, plan), told, errors, own, pull)


@dataclass(frozen=True)
class _Maker:
    """Makes forecast lines."""

    package: ClosePackage
    history: History
    months: Sequence[Period]
    choices: Mapping[str, Choice]
    together: Together
    tools: Tools

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.package.company.currency

    def result_line(self, series: Series) -> ForecastLine:
        """A line or total of the income statement, as it is once it adds up."""
        values = self.together.values.get(series.line)
        choice = self.choices[series.line]
        if values is None:
            note = "no forecast: none of its lines has one" if series.parts else choice.note
            return self._line(series, "", [], note=note)
        errors = self.together.errors.get(series.line, {})
        if series.parts:
            method = RECONCILED if self.together.reconciled else SUM
            spread = _spread(errors, len(series.values))
            return self._line(series, method, values, spread, errors, choice, self._on_total(series, errors))
        used = trimmed(series.values)
        spread = choice.spread
        if spread is not None:
            spread = replace(spread, typical=spread.typical * _widened(errors, choice))
        return self._line(series, choice.label, values, spread, errors, choice, choice.note, used)

    def _on_total(self, series: Series, errors: Errors) -> str:
        missing = [line for line in series.parts if line not in self.together.values]
        labels = [one.label for one in self.history.series if one.line in missing]
        notes = [f"without {', '.join(labels)}, whose history is too short"] if missing else []
        scale = naive_scale(series.values)
        if errors and (mase(errors, scale) or 0) > (mase(naive_errors(series.values, errors), scale) or 0):
            notes.append("in the backtest the sum did worse than repeating the last year")
        return "; ".join(notes)

    def cash_alone(self, series: Series) -> ForecastLine:
        """Cash by its own method, where there are no statements for it to follow from."""
        choice = choose(trimmed(series.values), len(self.months), self.tools)
        errors = choice.tested.errors if choice.tested else {}
        values = [money(value, self.currency) for value in choice.values]
        used = trimmed(series.values)
        return self._line(series, choice.label, values, choice.spread, errors, choice, choice.note, used)

    def balance_line(self, row: StatementLine, past: Past, ahead: _Ahead) -> ForecastLine:
        """A line or total of the balance sheet: its value in the forecast statement."""
        parts = past.shape.sums(1).get(row.line, ())
        known = [past.positions[part] for part in parts or (row.line,)]
        values = tuple(float(sum(column, ZERO)) for column in zip(*known, strict=True))
        series = Series(row.line, row.label, values, parts)
        own, told = ahead.own.get(row.line), ahead.told.get(row.line)
        errors = ahead.errors.get(row.line, {})
        spread = _spread(errors, len(values))
        if parts or told is None:
            method = SUM if parts else LEFT if row.line == CASH else ahead.own[row.line].label
            told = Told(method, note=self._on_cash(series, errors, ahead) if row.line == CASH else "")
        line = self._line(series, told.method, row.values, spread, errors, own, told.note)
        return line.model_copy(
            update={"drivers": [*told.drivers, *(line.drivers if row.line == CASH else ())]}
        )

    def _on_cash(self, series: Series, errors: Errors, ahead: _Ahead) -> str:
        """How the statements' cash did in the backtest beside cash's own method, and whether the two were
        brought together."""
        own = ahead.own.get(CASH)
        tested = own.tested.errors if own and own.tested else {}
        common = {back: row for back, row in tested.items() if back in errors}
        scale = naive_scale(series.values)
        mine, theirs = (mase(one, scale) if common else None for one in (errors, common))
        if own is None or mine is None or theirs is None:
            return ""
        told = f"error in the backtest {mine:.2f}, of {own.label.lower()} on cash alone {theirs:.2f}"
        if not ahead.pull:
            return told
        labels = ", ".join(LABELS[StatementClass(line)].lower() for line in ahead.pull.shares)
        return f"drawn half-way to cash's own forecast; {labels} take that up; {told}"

    def _known(self, line: str) -> list[Decimal]:
        """The months that a line was made from, as the close has them."""
        for report in ("income_statement", "balance_sheet"):
            for row in self.package.statement(report, Granularity.MONTH).lines:
                if row.line == line:
                    return [row.values[place] for place in self.history.places]
        return [ZERO] * self.history.months

    def _line(
        self,
        series: Series,
        method: str,
        values: Sequence[Decimal],
        spread: Spread | None = None,
        errors: Errors | None = None,
        own: Choice | None = None,
        note: str = "",
        used: Sequence[float] = (),
    ) -> ForecastLine:
        said = [money(value, self.currency) for value in own.values] if own else []
        points = [
            point(month, value, self._bounds(series, value, spread, place + 1), _changed(said, place, value))
            for place, (month, value) in enumerate(zip(self.months, values, strict=False))
        ]
        scale = naive_scale(used or series.values)
        seen = used or series.values
        flow, ahead = series.line not in POSITIONS, [month.label for month in self.months]
        naive = naive_errors(series.values, errors) if errors else None
        return ForecastLine(
            line=series.line,
            label=series.label,
            method=method,
            points=points,
            mase=shown(mase(errors, scale)) if errors else None,
            naive_mase=shown(mase(naive, scale)) if naive else None,
            coverage=shown(coverage(errors, least_growth(len(used or series.values)))) if errors else None,
            note=note,
            history=[exact(value, self.currency) for value in self._known(series.line)],
            scores=scores_of(own or _NOBODY, method, seen, errors or {}),
            tested=tests_of(seen, errors or {}, spread, self.past_labels, self.currency),
            drivers=drivers_of(seen, values, ahead, self.currency, flow=flow),
        )

    def _bounds(self, series: Series, value: Decimal, spread: Spread | None, ahead: int) -> list[Decimal]:
        """Low and high of the inner and of the outer interval. A line of the income statement that never
        crossed zero is not said to; cash and totals may."""
        found = []
        for level in (LEVEL, OUTER_LEVEL):
            reach = spread.reach(ahead, level) if spread else 0.0
            low, high = float(value) - reach, float(value) + reach
            if not series.parts and series.line not in POSITIONS:
                low, high = one_sided(series.values, float(value), low, high)
            found += [money(low, self.currency), money(high, self.currency)]
        return found

    @cached_property
    def past_labels(self) -> list[str]:
        """Names of the last months of the history."""
        end = self.history.end
        known = [month for month in months_before(self.package.company.calendar, end) if month.end <= end]
        return [month.label for month in reversed(known[: self.history.months])]


def _widened(errors: Errors, choice: Choice) -> float:
    """How much wider or narrower reconciliation made a line's errors; by no more than half or twice."""
    if not errors or choice.tested is None:
        return 1.0
    before = root_mean_square({back: choice.tested.errors[back] for back in errors})
    return min(max(root_mean_square(errors) / before, 0.5), 2.0) if before > 0 else 1.0


def _spread(errors: Errors, months: int) -> Spread | None:
    """How far intervals reach by month ahead, from errors alone; None without any."""
    return spread_of(errors, least_growth(months)) if errors else None


def _changed(said: Sequence[Decimal], place: int, value: Decimal) -> Decimal | None:
    """What the line's own method said, where that is not what became of it."""
    return said[place] if place < len(said) and said[place] != value else None


def _notes(past: Past, lines: Iterable[ForecastLine], checks: Sequence[Check]) -> list[str]:
    """What a reader of the statements must know."""
    notes = [
        f"{line.label} has no forecast: the statements count nothing for it"
        for line in lines
        if not line.points and line.line in past.shape.flows
    ]
    if past.off:
        notes.append(f"the books are off by {past.off} {past.currency}, and so are the forecast statements")
    failed = [check.label for check in checks if not check.passed]
    return notes + [f"does not hold: {label}" for label in failed]


def point(
    month: Period, value: Decimal, bounds: Sequence[Decimal], own: Decimal | None = None
) -> ForecastPoint:
    """One month ahead, with low and high of the inner and of the outer interval."""
    low, high, lowest, highest = bounds
    return ForecastPoint(
        label=month.label, value=value, low=low, high=high, lowest=lowest, highest=highest, own=own
    )


_NOBODY: Final = Choice("", [], [])
"""The choice of a line that has no method of its own."""
