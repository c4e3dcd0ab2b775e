"""``abax forecast``: what a close's lines will be, what if; and forecasts of any monthly series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

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
from abax.commands.series import series
from abax.compose import edge
from abax.disk import named_when_full
from abax.errors import InvalidRequest
from abax.faults import told

if TYPE_CHECKING:
    from abax.ledger.model import ClosePackage, Forecast
    from abax.workflow.forecasts import ForecastRequest

forecast_app = typer.Typer(invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    forecast_app.callback()(forecast)
    forecast_app.command("series")(series)
    app.add_typer(forecast_app, name="forecast")


def forecast(
    context: typer.Context,
    horizon: Annotated[
        int | None,
        typer.Option(min=1, help="Months ahead, at most as many as the history has; else the close's own."),
    ] = None,
    line: Annotated[
        str, typer.Option(help="One line in detail, such as revenue: months, methods, drivers, notes.")
    ] = "",
    assume: Annotated[
        list[str] | None,
        typer.Option(help='Take for given, as often as wanted: "revenue growth=+5%", "dso=45" …'),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help='NAME=FILE, one assumption a line, or NAME="revenue growth=-10%; dso=60": side by side with'
            " what history says. What --assume says holds in each."
        ),
    ] = None,
    floor: Annotated[str | None, typer.Option(help="Tell where cash may fall below it.")] = None,
    covenant: Annotated[
        list[str] | None,
        typer.Option(help='Tell where it may be broken, as often as wanted: "current_ratio>=1.2".'),
    ] = None,
    segment: Annotated[
        str, typer.Option(help="By the values of a dimension, such as department; they add up to the cent.")
    ] = "",
    by: Annotated[str, typer.Option(help="Columns: month, quarter or year.")] = "quarter",
    chart: Annotated[Path | None, typer.Option(help="Folder for charts, as SVG and PNG.")] = None,
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What a close's lines and cash will be, with intervals, and what becomes of them if.

    Exit code 1 where a floor or a covenant may be crossed with a chance of more than 5 %, in any scenario.
    The close is the newest, or the one that is named.
    """
    if context.invoked_subcommand:
        return
    from abax.ledger.model import Forecast
    from abax.workflow.forecasts import ask, line_of
    from abax.workflow.outcome import package_of

    request = request_of(
        {
            "horizon": horizon,
            "assumptions": assume or (),
            "scenarios": [scenario_in(text) for text in scenario or ()],
            "floor": floor,
            "covenants": covenant or (),
            "by": by,
            "segment": segment,
        }
    )
    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    found = ask(house.services.objects, closed, request, house.context.tools)
    outlook = Forecast.model_validate(found["forecast"])
    package = package_of(house.services.objects, closed)
    one = line_of(outlook, line) if line else None
    if as_json:
        print_json(one.model_dump(mode="json") if one else found)
    else:
        from abax.report import forecasts as shown

        out = terminal.console()
        if one:
            shown.print_line(out, one, outlook, found)
        else:
            shown.print_forecast(out, outlook, package.company.calendar, found, request.by)
    if chart:
        _draw(outlook, package, chart, quiet=as_json)
    if any(part["alerts"] for part in (found["forecast"], *found["scenarios"])):
        raise typer.Exit(1)


def request_of(given: dict[str, Any]) -> ForecastRequest:
    """The request that options make. Raises InvalidRequest."""
    from abax.workflow.forecasts import ForecastRequest

    try:
        return ForecastRequest.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(map(str, first["loc"]))) from None


def scenario_in(text: str) -> dict[str, Any]:
    """``NAME=FILE`` or ``NAME=assumption; assumption``. Raises InvalidRequest."""
    name, mark, rest = (part.strip() for part in text.partition("="))
    if not (name and mark and rest):
        raise InvalidRequest(
            f'{text!r} is no scenario; write NAME=FILE or NAME="revenue growth=-10%; dso=60"', "scenario"
        )
    file = Path(rest).expanduser()
    lines = read(file).splitlines() if _is_file(file) else rest.split(";")
    kept = [line.partition("#")[0].strip() for line in lines]
    assumptions = [line for line in kept if line]
    if not any("=" in line for line in assumptions):
        lacking = f"{file} holds no assumption" if _is_file(file) else f"{rest!r} is neither a file nor one"
        raise InvalidRequest(f"{lacking}; write such as revenue growth=-10%", f"scenario {name}")
    return {"name": name, "assumptions": assumptions}


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False  # a text too long for a name


def _draw(outlook: Forecast, package: ClosePackage, folder: Path, *, quiet: bool) -> None:
    """As SVG, and as PNG where what draws dots is installed."""
    from abax.report.chart_files import write_charts

    lacking = ""
    with named_when_full(folder):
        files = write_charts(outlook, package, folder, ["svg"])
        try:
            files += write_charts(outlook, package, folder, ["png"])
        except InvalidRequest as error:  # no package for it, or no font
            lacking = str(error)
    if lacking:
        terminal.console(stderr=True).print(f"as SVG alone: {lacking}", markup=False, soft_wrap=True)
    if not quiet:
        for file in files:
            terminal.console().print(f"  {file}", markup=False, soft_wrap=True)
