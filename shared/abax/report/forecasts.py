"""Forecasts in a terminal: lines by period, one line in detail, scenarios, segments, series of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from abax.dates import Calendar, Granularity
from abax.forecast.compare import balances_of, by_span, spans_of
from abax.forecast.series import CASH, months_after
from abax.forecast.statements import TOTALS
from abax.ledger.model import Forecast, ForecastDriver, ForecastLine, ForecastPoint
from abax.money import ZERO, display
from abax.report import numbers
from abax.report.tables import figures, money, show

if TYPE_CHECKING:
    from abax.forecast.many import SeriesForecast


def print_forecast(
    console: Console, forecast: Forecast, calendar: Calendar, found: Mapping[str, Any], by: Granularity
) -> None:
    """All lines by period; then what was assumed, compared, warned of and cut by segment."""
    _head(console, forecast, found)
    balances = balances_of(forecast)
    spans = spans_of(calendar, months_after(calendar, forecast.history_end, forecast.horizon), by)
    flows = [line for line in forecast.lines if line.line not in balances]
    ends = [line for line in forecast.lines if line.line in balances]
    if flows:
        show(console, _lines("Income statement", flows, forecast, spans, is_balance=False))
    if ends:
        show(console, _lines("Balances, at the end", ends, forecast, spans, is_balance=True))
    for line in forecast.lines:
        if line.note:
            console.print(Text(f"· {line.label}: {line.note}", "dim"))
    if found["comparison"]:
        _print_scenarios(console, found["scenarios"], forecast.notes)
        _print_comparison(console, found["comparison"])
    if found["segments"]:
        _print_segments(console, found["segments"])
    _foot(console, forecast, found)


def _head(console: Console, forecast: Forecast, found: Mapping[str, Any]) -> None:
    title = Text(found["company"], "bold")
    rest = f", {forecast.horizon} months beyond {forecast.history_end}, in {forecast.currency}"
    console.print(title.append(rest, "not bold"))
    for own in forecast.assumptions:
        console.print(Text(f"assumed: {own.text or f'{own.driver} {own.change}'}", "cyan"))


def _lines(
    title: str,
    lines: Sequence[ForecastLine],
    forecast: Forecast,
    spans: Sequence[tuple[str, Sequence[int]]],
    *,
    is_balance: bool,
) -> Table:
    columns = [name for name, _ in (spans[:-1] if is_balance else spans)]
    first = next((line.points[0].label for line in lines if line.points), "")
    table = figures(title, *columns, f"{first}, {forecast.level:.0%} between", "error / naive", "method")
    for line in lines:
        style = "bold" if line.method in TOTALS or line.line == CASH else ""
        if not line.points:
            table.add_row(line.label, *["–"] * (len(columns) + 3), style=style)
            continue
        sums = by_span([point.value for point in line.points], spans, is_balance=is_balance)
        table.add_row(
            line.label,
            *(money(value, forecast.currency) for value in sums[: len(columns)]),
            _between(line.points[0], forecast.currency),
            f"{_score(line.mase)} / {_score(line.naive_mase)}",
            brief(line.method),
            style=style,
        )
    return table


def brief(method: str) -> str:
    """A method's name without what a combination is made of."""
    return method.partition(":")[0]


def _between(point: ForecastPoint, currency: str) -> str:
    return f"{display(point.low, currency)} … {display(point.high, currency)}"


def _foot(console: Console, forecast: Forecast, found: Mapping[str, Any]) -> None:
    for own in found["scenarios"]:
        for alert in own["alerts"]:
            console.print(Text(f"{own['name']}: {_alert(alert, forecast.currency)}", "bold red"))
        for check in own["failed_checks"]:
            console.print(Text(f"{own['name']}: {check} does not hold", "bold red"))
    if not any(own["name"] == "assumed" for own in found["scenarios"]):
        for alert in found["forecast"]["alerts"]:
            console.print(Text(_alert(alert, forecast.currency), "bold red"))
    for check in forecast.checks:
        if not check.passed:
            console.print(Text(f"✗ {check.label} {check.detail}", "bold red"))
    for note in (*forecast.notes, *found["notes"]):
        console.print(Text(f"· {note}", "dim"))
    console.print(Text(f"kept as {found['id']}", "dim"))


def _alert(alert: Mapping[str, Any], currency: str) -> str:
    def shown(value: Decimal) -> str:
        return display(value, currency) if alert["alert"] == "cash_floor" else f"{value.normalize():f}"

    likely = f"{alert['probability']:.0%} likely (expected {shown(Decimal(alert['value']))})"
    first = f"{alert['label']} in {alert['month']}: {likely}"
    if not alert["worst_month"]:
        return first
    worst = f"{alert['worst_probability']:.0%} (expected {shown(Decimal(alert['worst_value']))})"
    return f"{first}; likeliest in {alert['worst_month']}: {worst}"


def _print_scenarios(console: Console, scenarios: Sequence[Mapping[str, Any]], known: Sequence[str]) -> None:
    """What each assumes, and what follows from it."""
    for own in scenarios:
        told = [one["text"] or f"{one['driver']} {one['change']}" for one in own["assumptions"]]
        further = [note for note in own["notes"] if note not in known]
        console.print(Text(f"{own['name']}: {'; '.join((*told, *further))}", "cyan"))


def _print_comparison(console: Console, found: Mapping[str, Any]) -> None:
    table = figures("Side by side", *found["periods"])
    for line in found["lines"]:
        currency = found["currency"]
        table.add_row(line["label"], *_amounts(line["base"], currency), style="bold")
        for own in line["scenarios"]:
            table.add_row(f"  {own['scenario']}", *_amounts(own["values"], currency))
            table.add_row("    difference", *_amounts(own["difference"], currency), style="dim")
    show(console, table)


def _amounts(values: Iterable[str], currency: str) -> list[Text]:
    return [money(Decimal(value), currency) for value in values]


def _print_segments(console: Console, found: Mapping[str, Any]) -> None:
    """A row a segment, a column a line, over the whole horizon."""
    sums = [
        {row["line"]: sum((Decimal(point["value"]) for point in row["points"]), ZERO) for row in own["lines"]}
        for own in found["segments"]
    ]
    labels = {row["line"]: row["label"] for own in found["segments"] for row in own["lines"]}
    shown = [line for line in labels if any(own.get(line) for own in sums)]
    table = figures(f"By {found['dimension']}, {found['horizon']} months", *(labels[line] for line in shown))
    for own, amounts in zip(found["segments"], sums, strict=True):
        name = f"{own['code']} {own['name']}".strip() + (" (itself)" if own["itself"] else "")
        cells = [money(amounts.get(line, ZERO), found["currency"]) for line in shown]
        table.add_row("  " * own["level"] + name, *cells)
    top = [amounts for own, amounts in zip(found["segments"], sums, strict=True) if own["level"] == 0]
    whole = [sum((amounts.get(line, ZERO) for amounts in top), ZERO) for line in shown]
    table.add_row("all", *(money(value, found["currency"]) for value in whole), style="bold")
    show(console, table)
    for note in found["notes"]:
        console.print(Text(f"· {note}", "dim"))


# --- one line -------------------------------------------------------------------------------------------


def print_line(console: Console, line: ForecastLine, forecast: Forecast, found: Mapping[str, Any]) -> None:
    """One line in detail: months, methods, what it is made of; and its segments."""
    _head(console, forecast, found)
    detail(console, line, forecast.level, forecast.outer_level, forecast.currency)
    if found["segments"]:
        _print_line_segments(console, line, found["segments"])
    _foot(console, forecast, found)


def detail(console: Console, line: ForecastLine, level: float, outer: float, currency: str) -> None:
    """Months ahead with intervals, every method's scores, what the forecast is made of."""
    console.print(Text(line.label, "bold").append(f"  {line.method}", "not bold dim"))
    if line.points:
        show(console, _points(line, level, outer, currency))
    if line.history:
        past = ", ".join(display(value, currency) for value in line.history[-_YEAR:])
        console.print(Text(f"made from {len(line.history)} months, the last: {past}", "dim"))
    if line.scores:
        show(console, _scores(line, level))
    for driver in line.drivers:
        console.print(Text(f"  {driver.label}: {_driver(driver, currency)}  {driver.text}".rstrip()))
    if line.note:
        console.print(Text(f"! {line.note}", "yellow"))


def _points(line: ForecastLine, level: float, outer: float, currency: str) -> Table:
    wide = any(point.lowest is not None for point in line.points)
    changed = any(point.own is not None and point.own != point.value for point in line.points)
    table = figures(
        "",
        "expected",
        f"{level:.0%} from",
        "to",
        *((f"{outer:.0%} from", "to") if wide else ()),
        *(("its own method",) if changed else ()),
    )
    for point in line.points:
        outside = (point.lowest or point.low, point.highest or point.high) if wide else ()
        own = (point.own if point.own is not None else point.value,) if changed else ()
        amounts = (point.value, point.low, point.high, *outside, *own)
        table.add_row(point.label, *(money(value, currency) for value in amounts))
    return table


def _scores(line: ForecastLine, level: float) -> Table:
    table = figures("Backtest", "MASE", "sMAPE", "bias", f"inside {level:.0%}", "weight", "")
    for own in line.scores:
        table.add_row(
            own.label,
            _score(own.mase),
            "–" if own.smape is None else f"{own.smape:.1f} %",
            "–" if own.bias is None else f"{own.bias:+.1%}",
            "–" if own.coverage is None else f"{own.coverage:.0%}",
            f"{own.weight:.0%}" if own.weight else "",
            own.note,
            style="bold" if own.weight else "",
        )
    return table


def _driver(driver: ForecastDriver, currency: str) -> str:
    if driver.unit == "currency":
        return numbers.amount(driver.value, currency)
    return {
        "percent": numbers.percent(driver.value),
        "days": numbers.ratio(driver.value, "days"),
        "months": f"{driver.value} months",
    }.get(driver.unit, numbers.ratio(driver.value, "x"))


def _print_line_segments(console: Console, line: ForecastLine, found: Mapping[str, Any]) -> None:
    table = figures(f"By {found['dimension']}", *(point.label for point in line.points))
    for own in found["segments"]:
        row = next((row for row in own["lines"] if row["line"] == line.line), None)
        if row is None:
            continue
        name = f"{own['code']} {own['name']}".strip() + (" (itself)" if own["itself"] else "")
        amounts = _amounts((point["value"] for point in row["points"]), found["currency"])
        table.add_row("  " * own["level"] + name, *amounts)
    show(console, table)


# --- series of files ------------------------------------------------------------------------------------


def print_series(console: Console, found: Sequence[SeriesForecast]) -> None:
    """A row a series: the next months, and how good the method would have been."""
    table = figures("", "history", "next", "from", "to", "all months", "error / naive", "method")
    for one in found:
        history = f"{one.start} … {one.end}"
        if not one.line.points:
            table.add_row(one.series, history, *["–"] * 6)
            continue
        first, places = one.line.points[0], _places(one)
        whole = sum((point.value for point in one.line.points), ZERO)
        table.add_row(
            one.series,
            history,
            *(f"{value:,.{places}f}" for value in (first.value, first.low, first.high, whole)),
            f"{_score(one.line.mase)} / {_score(one.line.naive_mase)}",
            brief(one.line.method),
        )
    show(console, table)
    for one in found:
        for note in (*one.notes, *filter(None, [one.line.note])):
            console.print(Text(f"· {one.series}: {note}", "dim"))


def print_one_series(console: Console, one: SeriesForecast) -> None:
    """One series in detail."""
    from abax.forecast.choose import OUTER_LEVEL

    console.print(Text(f"{one.series}, {one.start} … {one.end}{f', in {one.currency}' * bool(one.currency)}"))
    detail(console, one.line, one.level, OUTER_LEVEL, one.currency or "XXX")
    for note in one.notes:
        console.print(Text(f"! {note}", "yellow"))


def _places(one: SeriesForecast) -> int:
    return max(0, -int(one.line.points[0].value.as_tuple().exponent))


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


_YEAR = 12
