"""The close in a terminal of a hundred columns: the latest year beside the one before it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from abax.dates import Granularity
from abax.forecast.statements import POSITIONS
from abax.ledger.model import ClosePackage, Forecast, LineKind, Statement
from abax.money import ZERO, display, told
from abax.report import numbers
from abax.report.forecast_section import alert_text, assumption_words
from abax.report.view import STATEMENTS, day
from abax.writing.narrative import Narrative

WIDTH: Final = 100
KEY_RATIOS: Final = (
    "current_ratio",
    "quick_ratio",
    "equity_ratio",
    "debt_to_equity",
    "gross_margin",
    "ebitda_margin",
    "net_margin",
    "return_on_equity",
    "days_sales_outstanding",
    "days_payables_outstanding",
    "cash_conversion_cycle",
)


def print_package(
    console: Console,
    package: ClosePackage,
    forecast: Forecast | None = None,
    narrative: Narrative | None = None,
) -> None:
    """The close in words, statements, key ratios, checks and the outlook, at most a hundred columns wide."""
    width = min(WIDTH, console.width)
    parts: list[RenderableType] = [
        _title(package),
        *([_words(narrative)] if narrative else []),
        *(_statement(package, package.statement(r, Granularity.YEAR)) for r in STATEMENTS),
    ]
    parts.append(_ratios(package))
    if forecast is not None:
        parts.append(_outlook(package, forecast))
    parts.append(_checks(package))
    parts += [Text.assemble(("! ", "yellow"), notice.message) for notice in package.notices]
    for part in parts:
        console.print(part, width=width)
        console.print()


def _title(package: ClosePackage) -> Text:
    name = Text(package.company.name, style="bold")
    rest = f"  fiscal year {package.year}, as of {day(package.as_of)}, in {package.company.currency}"
    return name.append(rest, style="not bold dim")


def _words(narrative: Narrative) -> Group:
    told = " ".join(sentence.text for sentence in narrative.sentences)
    return Group(Text(told), Text(f"{narrative.counts}; {narrative.way}", style="dim"))


def _statement(package: ClosePackage, statement: Statement) -> Table:
    labels = [column.label for column in statement.periods][-2:][::-1]
    places = [len(statement.periods) - 1 - place for place in range(len(labels))]
    unfinished = package.as_of < package.company.calendar.end_of(package.year)
    comparable = len(labels) > 1 and not (unfinished and statement.report != "balance_sheet")
    table = _table(statement.title)
    for place, label in enumerate(labels):
        table.add_column(f"{label} to date" if unfinished and not place else label, justify="right", width=18)
    table.add_column("Change", justify="right", width=10)
    for row in statement.lines:
        values = [row.values[place] for place in places]
        moved = numbers.change(values[0], values[1]) if comparable else None
        strong = row.kind is not LineKind.FIGURE
        table.add_row(
            Text("  " * row.level + row.label),
            *(_money(value, statement.currency) for value in values),
            _percent(moved),
            style="bold" if strong else "",
            end_section=row.kind is LineKind.TOTAL,
        )
    return table


def _ratios(package: ClosePackage) -> Table:
    known = {ratio.ratio: ratio for ratio in package.ratios}
    years = sorted({year for ratio in package.ratios for year in ratio.values}, reverse=True)[:2]
    table = _table("Key ratios")
    for year in years:
        table.add_column(year, justify="right", width=18)
    table.add_column("", width=10)
    for name in KEY_RATIOS:
        if name in known:
            ratio = known[name]
            table.add_row(
                ratio.label, *(numbers.ratio(ratio.values.get(year), ratio.unit) for year in years), ""
            )
    return table


def _outlook(package: ClosePackage, forecast: Forecast) -> Group:
    table = _table(f"Forecast, {forecast.horizon} months beyond {day(forecast.history_end)}")
    for heading, width in (("First month", 17), ("All months", 17), ("Error / naive", 13), ("Held", 4)):
        table.add_column(heading, justify="right", width=width)
    for line in forecast.lines:
        if not line.points:
            table.add_row(line.label, "–", "–", "–", "–")
            continue
        whole = None if line.line in POSITIONS else sum((point.value for point in line.points), ZERO)
        held = "–" if line.coverage is None else f"{line.coverage:.0%}"
        table.add_row(
            line.label,
            _money(line.points[0].value, forecast.currency),
            _money(whole, forecast.currency),
            f"{_score(line.mase)} / {_score(line.naive_mase)}",
            held,
        )
    return Group(table, *(Text(note, style="dim") for note in _remarks(package, forecast)))


def _remarks(package: ClosePackage, forecast: Forecast) -> list[str]:
    """Which method was chosen for which lines, notes, what was taken for given, what may be crossed."""
    chosen: dict[str, list[str]] = {}
    for line in forecast.lines:
        if line.method and line.points:
            chosen.setdefault(line.method, []).append(line.label)
    taken = [assumption_words(one) for one in forecast.assumptions]
    failed = [
        f"✗ {check.label}: off by {told(check.difference, forecast.currency)}"
        for check in forecast.checks
        if not check.passed
    ]
    return [
        *(f"{method}: {', '.join(labels)}" for method, labels in chosen.items()),
        *forecast.notes,
        *(f"taken for given: {one['driver']}{one['text']}" for one in taken),
        *(f"! {one.label}: {alert_text(one, package)}" for one in forecast.alerts),
        *failed,
    ]


def _checks(package: ClosePackage) -> Padding:
    lines: list[Text] = []
    for check in package.checks:
        mark, style = ("✓", "green") if check.passed else ("✗", "bold red")
        by = told(check.difference, package.company.currency)
        off = "" if check.passed else f"  off by {by}  {check.detail}"
        lines.append(Text.assemble((f"{mark} ", style), check.label, off))
    return Padding(Group(*lines), (0, 0, 0, 1))


def _table(title: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold cyan", box=None, expand=True, pad_edge=True
    )
    table.add_column("", ratio=1, overflow="fold")
    return table


def _money(value: Decimal | None, currency: str) -> Text:
    return Text(display(value, currency), style="red" if value is not None and value < 0 else "")


def _percent(moved: Decimal | None) -> str:
    return "" if moved is None else numbers.moved(moved)


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
