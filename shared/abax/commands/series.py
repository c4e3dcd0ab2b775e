"""``abax forecast series``: forecasts of monthly series out of files."""

from __future__ import annotations

import csv
import sys
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abax import terminal
from abax.commands.common import AsJson, print_json
from abax.disk import named_when_full
from abax.errors import InvalidRequest, InvalidSeries, UnknownFigure

if TYPE_CHECKING:
    from abax.forecast.many import SeriesForecast
    from abax.forecast.table import Reading, Table

SUFFIXES = (".csv", ".tsv", ".txt")
COLUMNS = ("series", "month", "value", "low", "high", "currency", "method", "note")


def series(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="CSV files, or folders of them: series,month,value[,currency]; or a month column"
            " and a column a series; or a column a month."
        ),
    ],
    horizon: Annotated[
        int | None,
        typer.Option(min=1, help="Months ahead, at most as many as the history has; else 12."),
    ] = None,
    name: Annotated[str, typer.Option("--line", help="One series in detail.")] = "",
    methods: Annotated[
        str,
        typer.Option(
            help="baseline; usual: with statsforecast's, where it is installed; all: ARIMA, Prophet and"
            " learning too, which takes seconds a series."
        ),
    ] = "usual",
    missing: Annotated[
        str, typer.Option(help="What a month without a value means: fill (not known), zero, error.")
    ] = "fill",
    decimal: Annotated[str | None, typer.Option(help="point or comma, where values leave it open.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day or month that history ends with, 2026-03; else today.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="CSV file to write the months ahead to.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forecast any monthly series, each by what its own backtest chose, with intervals.

    What was mended (gaps, order) is told with each series; what cannot be meant in one way alone is an error
    that names file and line. Exit code 1 where no series has a forecast.
    """
    from abax.forecast.many import forecast_tables
    from abax.forecast.toolbox import tools_named

    tables = _named(_tables(paths, _reading(missing, decimal, as_of)), name)
    found = list(forecast_tables(tables, horizon, tools_named(methods)))
    if to:
        with named_when_full(to.parent), to.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_rows(found))
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
    elif as_csv:
        csv.writer(sys.stdout).writerows(_rows(found))
    else:
        from abax.report import forecasts as shown

        if name:
            shown.print_one_series(terminal.console(), found[0])
        else:
            shown.print_series(terminal.console(), found)
    if not any(one.line.points for one in found):
        raise typer.Exit(1)


def _reading(missing: str, decimal: str | None, as_of: str | None) -> Reading:
    from abax.forecast.table import Mark, Missing, Reading

    if missing not in list(Missing):
        raise InvalidRequest(f"{missing!r} is none of {', '.join(Missing)}", "missing")
    if decimal is not None and decimal not in list(Mark):
        raise InvalidRequest(f"{decimal!r} is neither {' nor '.join(Mark)}", "decimal")
    return Reading(
        today=date.today(),
        as_of=_last_day(as_of) if as_of else None,
        missing=Missing(missing),
        decimal=Mark(decimal) if decimal else None,
    )


def _last_day(given: str) -> date:
    """A day as it is, of a month the last. Raises InvalidRequest."""
    try:
        if len(given) > len("2026-03"):
            return date.fromisoformat(given)
        first = date.fromisoformat(f"{given}-01")
    except ValueError:
        raise InvalidRequest(
            f"{given!r} is no day and no month; write 2026-03-31 or 2026-03", "as_of"
        ) from None
    return first.replace(day=monthrange(first.year, first.month)[1])


def _tables(paths: Iterable[Path], reading: Reading) -> list[Table]:
    from abax.forecast.table import read_tables

    files = [file for path in paths for file in _files(path)]
    return read_tables([(str(file), _content(file)) for file in files], reading)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not found:
        raise InvalidSeries(f"the folder holds no {', '.join(SUFFIXES)} file", str(path))
    yield from found


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidSeries(f"cannot be read: {error.strerror or error}", str(file)) from None


def _named(tables: list[Table], name: str) -> list[Table]:
    if not name:
        return tables
    found = [table for table in tables if table.name == name]
    if not found:
        raise UnknownFigure("series", name, [table.name for table in tables])
    return found


def _rows(found: Iterable[SeriesForecast]) -> Iterator[tuple[str | Decimal, ...]]:
    yield COLUMNS
    for one in found:
        note = "; ".join((*one.notes, *filter(None, [one.line.note])))
        for point in one.line.points:
            yield (
                *(one.series, point.label, point.value, point.low, point.high),
                *(one.currency, one.line.method, note),
            )
        if not one.line.points:
            yield one.series, "", "", "", "", one.currency, "", note
