"""``abax ledger recheck``: whether a source still holds what a close read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from abax import terminal
from abax.commands.common import (
    AsJson,
    Home,
    JobId,
    OfCompany,
    OfYear,
    Secret,
    Url,
    close_meant,
    home_of,
    house_for,
    print_json,
)
from abax.compose import edge

if TYPE_CHECKING:
    from abax.workflow.recheck import Recheck


def add_to(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command("recheck")(recheck_command)


def recheck_command(
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    url: Url = None,
    secret: Secret = None,
    lines: Annotated[int, typer.Option(min=0, help="How many journal lines to name.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find late and back-dated postings: what moved in the source since a close. Exit code 1 when any did.

    The connection is the kept one that the close used; one made with --url has to be given again.
    """
    from abax.workflow.recheck import recheck

    house, reference = (
        (edge(home_of(home)), None) if url is None and secret is None else house_for(home, url, secret)
    )
    found = recheck(house.context, close_meant(house, job, company, year), reference, lines)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(found)
    if not found.same:
        raise typer.Exit(1)


def _print(found: Recheck) -> None:
    out = terminal.console()
    if found.chart_moved:
        out.print("[dim]accounts, partners or rates have changed[/]")
    if found.same:
        out.print(f"{found.company}: nothing has moved since", markup=False)
        return
    for part in found.parts:
        before, after = (f"{side:,}" if side is not None else "no" for side in (part.before, part.after))
        out.print(f"[bold]{part.name}[/] has moved: {before} lines then, {after} now")
    terminal.print_diff(out, found.lines, found.currency)
