"""Monthly series of no close, handed in and forecast at once, by what needs nothing but Python."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from abax.errors import InvalidRequest

MOST_SERIES: Final = 200
"""In one request: they are forecast while the caller waits."""


class GivenSeries(BaseModel):
    """A monthly series of a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    start: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="The first month")]
    values: Annotated[
        tuple[Decimal | None, ...], Field(min_length=1, max_length=600, description="null: not known")
    ]
    currency: Annotated[str, Field(max_length=3)] = ""


class SeriesRequest(BaseModel):
    """Body of ``POST /v1/forecasts/series``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: Annotated[tuple[GivenSeries, ...], Field(min_length=1, max_length=MOST_SERIES)]
    horizon: Annotated[int, Field(ge=1, le=60, description="Months")] = 12
    as_of: Annotated[date | None, Field(description="The day that history ends on; today if left out")] = None


def series_ahead(request: SeriesRequest, today: date) -> list[dict[str, Any]]:
    """Each series months ahead, by the methods that need nothing but Python. Raises InvalidSeries, which
    names the series, and HorizonTooLong."""
    from abax.forecast.many import forecast_tables
    from abax.forecast.table import Mark, Reading, read_table

    names = [one.name for one in request.series]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InvalidRequest(f"{name!r} is there twice", f"series.{place}.name")
    reading = Reading(today, as_of=request.as_of, decimal=Mark.POINT)
    tables = [table for one in request.series for table in read_table(_as_file(one), one.name, reading)]
    return [one.model_dump(mode="json") for one in forecast_tables(tables, request.horizon)]


def _as_file(given: GivenSeries) -> bytes:
    """The series as a file of it would be, so that it is held to the same rules."""
    from abax.forecast.table import label, month_of

    try:
        first = month_of(given.start)
    except ValueError as error:
        raise InvalidRequest(f"{given.name}: {error}", "series.start") from None
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("series", "month", "value", "currency"))
    for place, value in enumerate(given.values):
        rows.writerow(
            (given.name, label(first + place), "" if value is None else f"{value:f}", given.currency)
        )
    return text.getvalue().encode()
