"""A group's close as one page, and in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from abax.dates import Granularity
from abax.ledger.consolidation import Difference, GroupPackage, WorksheetRow
from abax.ledger.model import LineKind
from abax.money import display, told
from abax.report import numbers
from abax.report.tables import figures, money, show
from abax.report.templates import asset, digest, template
from abax.report.view import day

_POLICY: Final = "default-src 'none'; style-src '{style}'; img-src data:; base-uri 'none'; form-action 'none'"
_TITLES: Final = {"income_statement": "Income statement", "balance_sheet": "Balance sheet"}


def render_group_html(package: GroupPackage) -> str:
    """Statements, companies side by side, adjustments and differences, as one document without a script."""
    style = asset("report.css")
    return template("group.html.j2").render(
        package=package,
        statements=[own for own in package.statements if own.granularity == Granularity.YEAR],
        worksheet=[(title, _rows(package, report)) for report, title in _TITLES.items()],
        policy=_POLICY.format(style=digest(style)),
        style=Markup(style),  # noqa: S704 — our own file
        told=partial(told, currency=package.currency),
        split=partial(numbers.split_amount, currency=package.currency),
        day=day,
        share=_share,
    )


def print_group(console: Console, package: GroupPackage) -> None:
    """The year's income statement and balance sheet by company, differences, and checks."""
    title = Text(package.name, style="bold")
    console.print(
        title.append(f"  {package.year}, as of {day(package.as_of)}, in {package.currency}", "not bold dim")
    )
    for report, name in _TITLES.items():
        show(console, _worksheet(package, name, _rows(package, report)))
    if package.differences:
        show(console, _differences(package))
    for check in package.checks:
        mark, style = ("✓", "green") if check.passed else ("✗", "bold red")
        off = "" if check.passed else f"  off by {told(check.difference, package.currency)}: {check.detail}"
        console.print(Text.assemble((f"{mark} ", style), check.label, off))
    for notice in package.notices:
        console.print(Text.assemble(("! ", "yellow"), notice.message))


def _rows(package: GroupPackage, report: str) -> list[WorksheetRow]:
    return [row for row in package.worksheet if row.report == report]


def _worksheet(package: GroupPackage, title: str, rows: Sequence[WorksheetRow]) -> Table:
    names = [f"{own.name} {_share(own.share)}" if own.share != 1 else own.name for own in package.members]
    table = figures(title, *names, "adjustments", "group")
    for row in rows:
        values = (*row.members, row.adjustments, row.group)
        table.add_row(
            "  " * row.level + row.label,
            *(money(value, package.currency) for value in values),
            style="bold" if row.kind is not LineKind.FIGURE else "",
            end_section=row.kind is LineKind.TOTAL,
        )
    return table


def _differences(package: GroupPackage) -> Table:
    table = figures("Between companies", "of", "first", "second", "difference")
    for row in package.differences:
        table.add_row(f"{row.one} – {row.other}", row.kind, *_sides(row, package.currency))
    return table


def _sides(row: Difference, currency: str) -> tuple[Text, ...]:
    style = "" if row.within_tolerance else "bold red"
    amounts = (row.amount_of_one, row.amount_of_other)
    return (*(money(own, currency) for own in amounts), Text(display(row.difference, currency), style))


def _share(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"
