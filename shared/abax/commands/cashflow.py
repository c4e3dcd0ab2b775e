"""``abax cashflow``: when open items and deals are paid, and what that leaves in the bank."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

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
from abax.compose import Edge, edge
from abax.errors import InvalidRequest
from abax.faults import told
from abax.report import numbers

if TYPE_CHECKING:
    from abax.workflow.cashflow import CashflowRequest
    from abax.writing.client import Client

SHOWN = 25
SECONDS: Final = 120.0
"""How long a model may take for all notes."""
TOKENS: Final = 100_000
LIKELY: Final = 0.05
"""Chance of falling below the floor that is worth an exit code."""


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    app.command("cashflow")(cashflow)


def cashflow(
    deals: Annotated[
        Path | None,
        typer.Option(
            help="Deals, JSON, a list or an object a line: id, partner, amount, currency, stage, notes …"
        ),
    ] = None,
    practice: Annotated[
        Path | None, typer.Option(help="JSON: stages with days and probability, terms, stuck_after …")
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=730, help="Days.")] = 91,
    every: Annotated[str, typer.Option(help="week or month.")] = "week",
    opening: Annotated[str | None, typer.Option(help="Cash at the start; else the balance sheet's.")] = None,
    floor: Annotated[str | None, typer.Option(help="Tell where cash may fall below it.")] = None,
    confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out what is less sure.")] = 0,
    explain: Annotated[str, typer.Option(help="Why one item is expected when it is: its number.")] = "",
    model: Annotated[
        str,
        typer.Option(
            help="Language model for notes that rules cannot read: default, file:…, https:…. None is asked "
            "where it is left out."
        ),
    ] = "",
    chart: Annotated[Path | None, typer.Option(help="Draw it: a file FILE.svg.", dir_okay=False)] = None,
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """When open items and deals are paid, learnt from how each partner paid before, and what that leaves in
    the bank by week or month. Exit code 1 where cash falls below the floor with 5 % or more."""
    from abax.workflow.cashflow import explained, predict

    request = _request(
        {
            "deals": _lines(deals) if deals else [],
            **({"practice": _object(practice)} if practice else {}),
            "horizon": horizon,
            "every": every,
            "opening": opening,
            "floor": floor,
            "confidence": confidence,
            "model": bool(model),
        }
    )
    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    found = predict(house.services.objects, closed, request, _client(house, model) if model else None)
    if chart is not None:
        _draw(found, chart)
    if explain:
        one = explained(house.services.objects, found["id"], explain)
        print_json(one) if as_json else _print_one(one["items"][0])
    elif as_json:
        print_json(found)
    else:
        _print(found)
    if any(view["alerts"] or (view["below_floor"] or 0) >= LIKELY for view in found["currencies"].values()):
        raise typer.Exit(1)


def _client(house: Edge, url: str) -> Client | None:
    """One with the model of that address; None for ``none:``."""
    from abax.commands.documents import named_model
    from abax.writing.client import Budget, Client

    model = named_model(house, url)
    return None if model is None else Client(model, Budget(SECONDS, TOKENS))


def _draw(found: dict[str, Any], file: Path) -> None:
    from abax.report.cash_chart import cash_chart

    if file.suffix.lower() != ".svg":
        raise InvalidRequest(f"{file} is no .svg file, and no other kind is drawn", "chart")
    try:
        file.write_text(cash_chart(found), encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be written: {error.strerror}", "chart") from None


def _request(given: dict[str, Any]) -> CashflowRequest:
    from abax.workflow.cashflow import CashflowRequest

    try:
        return CashflowRequest.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(map(str, first["loc"]))) from None


def _lines(file: Path) -> list[Any]:
    found = []
    text = read(file)
    if text.lstrip().startswith("["):
        return _listed(file, text)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except ValueError as error:
                raise InvalidRequest(f"{file}, line {number}: {error}", "deals") from None
    return found


def _listed(file: Path, text: str) -> list[Any]:
    """Deals as one JSON list."""
    try:
        return list(json.loads(text))
    except ValueError as error:
        raise InvalidRequest(f"{file}: {error}", "deals") from None


def _object(file: Path) -> Any:
    try:
        return json.loads(read(file))
    except ValueError as error:
        raise InvalidRequest(f"{file}: {error}", "practice") from None


# --- shown ----------------------------------------------------------------------------------------------


def _print(found: dict[str, Any]) -> None:
    out = terminal.console()
    out.print(
        f"[bold]{found['company']}[/], cash to come from {found['as_of']}, {found['horizon']} days",
        highlight=False,
    )
    for currency, view in found["currencies"].items():
        out.print(_periods(currency, view))
        if view["below_floor"] is not None:
            out.print(f"below {view['floor']} {currency} within the horizon: {view['below_floor']:.0%}")
        for alert in view["alerts"]:
            chance = f"{alert['probability']:.0%}"
            out.print(
                f"[bold red]below {alert['floor']} {currency} at the end of {alert['label']}: {chance}[/]"
            )
    if found["items"]:
        out.print(_items(found["items"]))
    left = [f"{count} {why}" for why, count in found["left_out"].items() if count]
    if left:
        out.print(f"not in the list: {', '.join(left)}", highlight=False)
    more = len(found["items"]) - SHOWN
    if more > 0:
        out.print(f"and {more} more: --json has all", highlight=False)
    for side, seen in found["hindsight"].items():
        if seen is not None:
            out.print(
                f"{side}s, as it would have been foretold {len(seen['origins'])} times in the last months: "
                f"{seen['error']:g} days off on average, by due day {seen['naive_error']:g}; "
                f"{seen['near']:.0%} within a week ({seen['naive_near']:.0%}); "
                f"{seen['inside']:.0%} between early and late (80 % is meant){_money(seen)}",
                highlight=False,
            )
    for line in found["warnings"]:
        out.print(f"[bold]![/] {escape(line)}", highlight=False)
    for line in found["assumptions"]:
        out.print(f"· {line}", highlight=False, markup=False)


def _money(seen: dict[str, Any]) -> str:
    ours, naive = seen["money_error"], seen["naive_money_error"]
    if ours is None:
        return ""
    return f"; what was paid in the 30 days after, {ours:.0%} off, by due day {naive:.0%}"


def _periods(currency: str, view: dict[str, Any]) -> Table:
    table = Table(title=None, box=None, pad_edge=False)
    table.add_column(currency)
    for name in ("receipts", "payments", "position", "low", "high"):
        table.add_column(name, justify="right")
    for row in view["periods"]:
        names = ("receipts", "payments", "position", "low", "high")
        cells = [numbers.amount(Decimal(row[name]), currency) for name in names]
        table.add_row(row["label"], *cells)
    return table


def _items(items: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("expected", "between", "item", "partner"):
        table.add_column(name)
    for name in ("amount", "sure"):
        table.add_column(name, justify="right")
    for one in items[:SHOWN]:
        between = f"{one['early']} … {one['late'] or '?'}" if one["early"] else ""
        amount = f"{numbers.amount(Decimal(one['amount']), one['currency'])} {one['currency']}"
        table.add_row(
            one["expected"] or "never?",
            between,
            one["key"],
            one["partner"],
            amount,
            f"{one['confidence']:.0%}",
        )
    return table


def _print_one(one: dict[str, Any]) -> None:
    out = terminal.console()
    out.print(f"{one['key']}, {one['partner']}: {one['amount']} {one['currency']}", markup=False)
    out.print(f"invoiced {one['invoiced']}, due {one['due']}", markup=False)
    between = f", between {one['early']} and {one['late'] or 'nobody knows'}" if one["early"] else ""
    out.print(f"expected {one['expected'] or 'nobody knows'}{between}; {one['confidence']:.0%} sure")
    for reason in one["reasons"]:
        out.print(f"  {reason['rule']}: {reason['text']}", markup=False)
    for warning in one["warnings"]:
        out.print(f"  warning: {warning}", markup=False)
