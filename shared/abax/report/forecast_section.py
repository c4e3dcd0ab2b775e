"""The forecast's section of the page: what matters in sight, the rest folded, all of it as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any, Final

from markupsafe import Markup

from abax.dates import Granularity
from abax.forecast.statements import POSITIONS, TOTALS, leads
from abax.ledger.model import (
    ClosePackage,
    Forecast,
    ForecastAlert,
    ForecastAssumption,
    ForecastDriver,
    ForecastLine,
    ForecastScore,
    Statement,
    StatementLine,
)
from abax.money import ZERO, told
from abax.report import forecast_charts, numbers
from abax.report.drawing import Chart
from abax.report.forecast_charts import Course, Verdict
from abax.report.templates import template
from abax.report.view import Figure, TableRow, View, day

MOST_COLUMNS: Final = 13
"""More months than this are told by quarter; the workbook has them all."""
POINTS_IN_TIME: Final = {"opening_cash": 0, "closing_cash": -1}
"""Lines of the cash flow whose sum makes no sense, and the month that stands for all."""


@dataclass(frozen=True)
class AheadTable:
    """A statement of the months ahead; flows have their sum in the last column."""

    title: str
    span: str
    heads: Sequence[str]
    rows: Sequence[TableRow]
    summed: bool


@dataclass(frozen=True)
class Section:
    """What the section shows of one forecast of a close."""

    view: View
    forecast: Forecast
    courses: Sequence[Course]

    @property
    def months(self) -> list[str]:
        """Labels of the months ahead; none where no line has a forecast."""
        return next(([p.label for p in line.points] for line in self.forecast.lines if line.points), [])

    @property
    def outer(self) -> bool:
        """Whether any interval has a wider one around it."""
        return any(p.lowest is not None for line in self.forecast.lines for p in line.points)

    @property
    def passed(self) -> int:
        """Checks of the statements ahead that hold."""
        return sum(check.passed for check in self.forecast.checks)

    @property
    def alerts(self) -> list[dict[str, str]]:
        """What may be crossed, in words."""
        return [
            {"label": one.label, "text": alert_text(one, self.view.package)} for one in self.forecast.alerts
        ]

    @property
    def assumptions(self) -> list[dict[str, str]]:
        """What was taken for given, in words."""
        return [assumption_words(one) for one in self.forecast.assumptions]

    @property
    def figures(self) -> list[Chart]:
        """The fans of the main lines, and the bridge."""
        main = forecast_charts.main_courses(self.courses)
        drawn = [forecast_charts.fan(course, self.forecast) for course in main]
        drawn.append(forecast_charts.bridge(self.forecast.bridge, self.forecast.currency))
        return [chart for chart in drawn if chart]

    @property
    def statements(self) -> list[AheadTable]:
        """The statements ahead, by month, or by quarter where months would be too many."""
        return [self._ahead(statement) for statement in self.forecast.statements]

    @property
    def judged(self) -> list[dict[str, str]]:
        """What the backtest says of each line."""
        return [_judged(one) for one in forecast_charts.verdicts(self.forecast)]

    @property
    def verdict(self) -> str:
        """How many lines did better than naive, and which did not."""
        found = forecast_charts.verdicts(self.forecast)
        better = sum(one.better for one in found)
        words = f"{better} of {len(found)} lines did better than seasonal naive in the backtest"
        rest = [one.line.label for one in found if one.nothing_better]
        return f"{words}; nothing beat it for {', '.join(rest)}" if rest else words

    @property
    def scores(self) -> Chart | None:
        """All lines' errors in one chart."""
        return forecast_charts.scores(self.forecast)

    @property
    def tests(self) -> list[Chart]:
        """The backtests of the main lines."""
        main = forecast_charts.main_courses(self.courses)
        drawn = (forecast_charts.backtest(course, self.forecast) for course in main)
        return [chart for chart in drawn if chart]

    @property
    def methods(self) -> list[tuple[str, list[dict[str, str]]]]:
        """Every method that was tried for the main lines."""
        main = [course.line for course in forecast_charts.main_courses(self.courses)]
        return [(line.label, [_method(score) for score in line.scores]) for line in main if line.scores]

    @property
    def drivers(self) -> list[tuple[str, list[dict[str, str]]]]:
        """What lines are made of."""
        return [
            (line.label, [self._driver(driver) for driver in line.drivers])
            for line in self.forecast.lines
            if line.drivers
        ]

    @property
    def overview(self) -> list[Chart]:
        """All lines, small."""
        return forecast_charts.overview(self.courses, self.forecast)

    @property
    def outlook(self) -> list[dict[str, Any]]:
        """The lines that lead, by month."""
        return [_outlook(line, self.forecast.currency) for line in self.forecast.lines if leads(line)]

    def _driver(self, driver: ForecastDriver) -> dict[str, str]:
        shown = driver_figure(driver, self.forecast.currency)
        return {"label": driver.label, "shown": shown, "text": driver.text}

    def _ahead(self, statement: Statement) -> AheadTable:
        flow = statement.report != "balance_sheet"
        columns = list(self._columns(statement))
        rows = [self._row(row, [places for _, places in columns], flow) for row in statement.lines]
        span = f"{statement.periods[0].label} to {statement.periods[-1].label}" if statement.periods else ""
        return AheadTable(statement.title, span, [head for head, _ in columns], rows, flow)

    def _columns(self, statement: Statement) -> Iterator[tuple[str, list[int]]]:
        """Headings and the places of the months below them."""
        if len(statement.periods) <= MOST_COLUMNS:
            yield from ((column.label, [place]) for place, column in enumerate(statement.periods))
            return
        for head, places in groupby(
            range(len(statement.periods)), key=lambda at: self._quarter(statement, at)
        ):
            yield head, list(places)

    def _quarter(self, statement: Statement, place: int) -> str:
        column = statement.periods[place]
        quarters = self.view.package.company.calendar.periods(column.fiscal_year, Granularity.QUARTER)
        return next(
            (quarter.label for quarter in quarters if quarter.start <= column.end <= quarter.end),
            column.label,
        )

    def _row(self, row: StatementLine, columns: Sequence[Sequence[int]], flow: bool) -> TableRow:
        every = [*columns, range(len(row.values))] if flow else columns
        figures = [self._figure([row.values[place] for place in places], row.line, flow) for places in every]
        return TableRow(row.label, row.kind.value, row.level, figures)

    def _figure(self, values: Sequence[Decimal], line: str, flow: bool) -> Figure:
        """Months together: their sum, or the last of them where they are balances."""
        at = POINTS_IN_TIME.get(line) if flow else -1
        together = sum(values, ZERO) if at is None else values[at] if values else ZERO
        return self.view.figure(together)


def render_forecast(package: ClosePackage, forecast: Forecast) -> Markup:
    """The section as it stands in the page."""
    view = View(package, linked=False)
    seen = Section(view, forecast, forecast_charts.courses(package, forecast))
    return Markup(  # noqa: S704 — our own template, which escapes
        template("forecast.html.j2").render(
            forecast=forecast,
            seen=seen,
            day=day,
            key=forecast_charts.key,
            told=partial(told, currency=forecast.currency),
        )
    )


def alert_text(alert: ForecastAlert, package: ClosePackage) -> str:
    """``31 % likely in 2026-11; 57.9k is expected then, the limit is 52k``; a ratio in its own unit."""
    unit = next((ratio.unit for ratio in package.ratios if ratio.ratio == alert.alert), None)
    shown = [numbers.ratio(v, unit) if unit else numbers.compact(v) for v in (alert.value, alert.limit)]
    likely = f"{alert.probability * 100:.0f}{numbers.THIN}%"
    first = f"{likely} likely in {alert.month}; {shown[0]} is expected then, the limit is {shown[1]}"
    if alert.worst_probability is None or alert.worst_value is None:
        return first
    worst = numbers.ratio(alert.worst_value, unit) if unit else numbers.compact(alert.worst_value)
    most = f"{alert.worst_probability * 100:.0f}{numbers.THIN}%"
    return f"{first}; likeliest in {alert.worst_month}: {most}, {worst}"


def assumption_words(one: ForecastAssumption) -> dict[str, str]:
    """``Days sales outstanding 45``, and from when on and what it does."""
    name = _DRIVERS.get(one.driver, one.driver.replace("_", " ").capitalize())
    since = f" from {one.start} on" if one.start else ""
    return {"driver": f"{name} {one.change}", "text": since + (f": {one.text}" if one.text else "")}


_DRIVERS: Final = {
    "dso": "Days sales outstanding",
    "dpo": "Days payables outstanding",
    "dio": "Days of inventory",
}


def driver_figure(driver: ForecastDriver, currency: str) -> str:
    """A driver's value with its unit."""
    if driver.unit == "currency":
        return numbers.amount(driver.value, currency)
    return numbers.ratio(driver.value, "%" if driver.unit == "percent" else driver.unit)


def _judged(one: Verdict) -> dict[str, str]:
    chosen, beaten = one.chosen, one.beaten
    return {
        "label": one.line.label,
        "method": one.line.method or one.chosen.label,
        "parts": _parts(one),
        "mase": _number(chosen.mase),
        "mark": "better" if one.better else "worse-than" if one.nothing_better else "",
        "beaten": _number(beaten.mase if beaten else None),
        "beaten_by": beaten.label if beaten else "",
        "naive": _number(one.naive),
        **_figures(chosen),
    }


def _parts(one: Verdict) -> str:
    """What a combination is made of."""
    parts = sorted((s for s in one.line.scores if 0 < s.weight < 1), key=lambda score: -score.weight)
    return ", ".join(f"{part.label} {part.weight:.0%}" for part in parts)


def _method(score: ForecastScore) -> dict[str, str]:
    share = f"{score.weight:.0%}" if score.weight else ""
    mase = _number(score.mase)
    return {"method": score.label, "share": share, "mase": mase, "note": score.note, **_figures(score)}


def _figures(score: ForecastScore) -> dict[str, str]:
    return {
        "smape": numbers.NOTHING if score.smape is None else f"{score.smape:.1f}{numbers.THIN}%",
        "held": _share(score.coverage),
        "bias": numbers.NOTHING
        if score.bias is None
        else forecast_charts.plus(numbers.percent(Decimal(repr(score.bias)) * 100)),
    }


def _outlook(line: ForecastLine, currency: str) -> dict[str, Any]:
    """A forecast line as the table shows it."""
    whole = sum((point.value for point in line.points), ZERO)
    flow = line.line not in POSITIONS
    return {
        "label": line.label,
        "method": line.method,
        "note": line.note,
        "strong": line.method in TOTALS,
        "points": [
            {
                "value": numbers.split_amount(point.value, currency),
                "low": numbers.compact(point.low),
                "high": numbers.compact(point.high),
            }
            for point in line.points
        ],
        "total": numbers.split_amount(whole, currency) if flow and line.points else None,
        "mase": _number(line.mase),
        "naive": _number(line.naive_mase),
        "better": line.mase is not None and line.naive_mase is not None and line.mase < line.naive_mase,
        "coverage": _share(line.coverage),
    }


def _number(value: float | None) -> str:
    return numbers.NOTHING if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return numbers.NOTHING if value is None else f"{value:.0%}"
