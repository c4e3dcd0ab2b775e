"""``abax ledger segments``, ``budget`` and ``present``: a close's books cut otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from abax import terminal
from abax.commands.common import (
    AsJson,
    Home,
    JobId,
    OfCompany,
    OfYear,
    close_meant,
    home_of,
    print_json,
    read,
)
from abax.compose import edge
from abax.report import numbers
from abax.report.tables import figures, money, show

if TYPE_CHECKING:
    from abax.ledger.budget import BudgetLine, BudgetReport
    from abax.ledger.segments import SegmentReport
    from abax.ledger.translation import Translated

By = Annotated[str, typer.Option("--by", help="month, quarter or year.")]


def add_to(app: typer.Typer) -> None:
    """Join the commands of ``abax ledger``."""
    app.command("segments")(segments)
    app.command("budget")(budget)
    app.command("present")(present)


def segments(
    dimension: Annotated[str, typer.Option("--by", help="Dimension, such as cost_center.")],
    period: Annotated[
        str | None, typer.Option(help="2025, 2025-Q1 or 2025-03; else the year closed.")
    ] = None,
    top: Annotated[bool, typer.Option("--top", help="Values count for the top of their hierarchy.")] = False,
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The income statement by the values of a dimension; columns add up to it to the cent."""
    from abax.workflow.views import segment_report

    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    report = segment_report(house.services.objects, closed, dimension, period, top=top)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_segments(terminal.console(), report)


def budget(
    file: Annotated[Path, typer.Option(help="CSV: account,month,amount and, if need be, dimension,version.")],
    by: By = "year",
    version: Annotated[
        str | None, typer.Option(help="Version of the budget, where there are several.")
    ] = None,
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A budget beside what was booked. Amounts are positive on their own side: income as income, costs as
    costs."""
    from abax.workflow.views import budget_report

    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    report = budget_report(house.services.objects, closed, read(file), by, version)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_budget(terminal.console(), report)


def present(
    currency: Annotated[str, typer.Option(help="Currency to present in, ISO 4217.")],
    rates: Annotated[
        Path | None,
        typer.Option(
            help="CSV: currency,month,closing,average: what one unit of the books' currency is worth in the "
            "other; else the source's own rates."
        ),
    ] = None,
    by: By = "year",
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The statements in another currency: balances at closing rates, flows at averages, equity at historical
    rates, the difference in the translation reserve."""
    from abax.workflow.views import granularity, presented

    cut = granularity(by)
    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    found = presented(house.services.objects, closed, currency, read(rates) if rates else "")
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print_translated(terminal.console(), found, cut)


def _print_segments(console: Console, report: SegmentReport) -> None:
    names = [f"{own.code} {own.name}".strip() for own in report.segments]
    console.print(f"[bold]By {escape(report.dimension)}[/], {report.period}, {report.currency}")
    table = figures("", *names, "unassigned", "total")
    for row in report.lines:
        amounts = (*row.values, row.unassigned, row.total)
        style = "" if row.kind == "figure" else "bold"
        table.add_row(
            "  " * row.level + row.label, *(money(own, report.currency) for own in amounts), style=style
        )
    margins = [report.margin("net_result", place) for place in range(len(report.segments))]
    table.add_row(
        "Net margin", *(f"{own:.1f} %" if own is not None else "–" for own in margins), "", "", style="dim"
    )
    show(console, table)


def _print_budget(console: Console, report: BudgetReport) -> None:
    version = f", {report.version}" if report.version else ""
    console.print(
        f"[bold]Budget, actual {report.year}[/]{escape(version)} by {report.granularity}, {report.currency}"
    )
    for place, column in enumerate(report.periods):
        title = column.label if len(report.periods) > 1 else ""
        table = figures(title, "budget", "actual", "difference", "%", "")
        for line in (*report.lines, report.net_result):
            table.add_row(
                *_budget_row(line, place, report), style="bold" if line is report.net_result else ""
            )
        show(console, table)


def _budget_row(line: BudgetLine, place: int, report: BudgetReport) -> list[str | Text]:
    amounts = (line.budget[place], line.actual[place], line.difference[place])
    label = " ".join(part for part in (line.account, line.label, line.dimension) if part)
    percent, good = line.percent[place], line.favourable[place]
    mark = Text("") if good is None else Text("favourable", "green") if good else Text("unfavourable", "red")
    shown = "–" if percent is None else numbers.moved(percent)
    return [label, *(money(own, report.currency) for own in amounts), shown, mark]


def _print_translated(console: Console, found: Translated, cut: str) -> None:
    console.print(
        f"[bold]{escape(found.company.name)}[/], {found.year} as of {found.as_of}, in {found.currency} "
        f"(books in {found.company.currency})"
    )
    for report in ("income_statement", "balance_sheet", "cash_flow"):
        statement = found.statement(report, cut)
        table = figures(statement.title, *(column.label for column in statement.periods))
        for row in statement.lines:
            style = "" if row.kind == "figure" else "bold"
            table.add_row(
                "  " * row.level + row.label,
                *(money(own, found.currency) for own in row.values),
                style=style,
            )
        show(console, table)
    last = found.rates[-1]
    console.print(
        f"[dim]1 {found.company.currency} = {last.closing} {found.currency} at the end of {last.month}, "
        f"{last.average} on its average[/]"
    )
    for notice in found.notices:
        console.print(f"[yellow]![/] {escape(notice.message)}")
