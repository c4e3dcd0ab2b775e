"""Forecasts of monthly series that belong to no close: each on its own, whatever it measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from abax.errors import HorizonTooLong
from abax.forecast.choose import LEVEL, Choice, choose, coverage, least_growth
from abax.forecast.horizon import longest
from abax.forecast.table import Table, label
from abax.ledger.model import ForecastLine, ForecastPoint, Frozen
from abax.money import decimals

HORIZON: Final = 12


class SeriesForecast(Frozen):
    """One series, months ahead."""

    series: str
    file: str
    currency: str
    """Empty where the file names none."""
    start: str
    """The first month of the history that was used."""
    end: str
    level: float
    """The share of outcomes that intervals are meant to hold."""
    line: ForecastLine
    notes: list[str]
    """What was mended or left out before, and what the forecast lacks."""


def forecast_tables(tables: Sequence[Table], horizon: int | None = None) -> Iterator[SeriesForecast]:
    """Every series ``horizon`` months ahead; where that is left out, ``HORIZON``. A series whose history does
    not reach so far gets what it supports, and a note. Raises HorizonTooLong where none reaches."""
    most = max(len(table.values) for table in tables)
    if horizon is not None and horizon > longest(most):
        raise HorizonTooLong(horizon, most, longest(most))
    return (forecast_table(table, horizon or HORIZON) for table in tables)


def forecast_table(table: Table, horizon: int) -> SeriesForecast:
    """One series, as far ahead as its history supports."""
    months = len(table.values)
    reach = min(horizon, longest(months))
    choice = choose([float(value) for value in table.values], reach)
    notes = [*table.notes]
    if choice.values and reach < horizon:
        notes.append(f"{reach} months ahead of the {horizon} asked for: the history has {months} months")
    if len(set(table.values)) == 1 and any(table.values):
        notes.append(f"every month was {table.values[0]}: how far the next may be off, nothing tells")
    return SeriesForecast(
        series=table.name,
        file=table.file,
        currency=table.currency,
        start=label(table.first),
        end=label(table.last),
        level=LEVEL,
        line=_line(table, choice),
        notes=notes,
    )


def _line(table: Table, choice: Choice) -> ForecastLine:
    tested, naive = choice.tested, choice.naive
    held = coverage(tested.errors, least_growth(len(table.values))) if tested else None
    return ForecastLine(
        line=table.name,
        label=table.name,
        method=choice.label,
        points=_points(table, choice),
        mase=_shown(tested.mase if tested else None),
        naive_mase=_shown(naive.mase if naive else None),
        coverage=_shown(held),
        note=choice.note,
        history=list(table.values),
    )


def _points(table: Table, choice: Choice) -> list[ForecastPoint]:
    places = max(table.decimals, decimals(table.currency))
    step = Decimal(1).scaleb(-places)
    return [
        ForecastPoint(
            label=label(table.last + ahead),
            value=_at(value, step),
            low=_at(value - reach, step),
            high=_at(value + reach, step),
        )
        for ahead, (value, reach) in enumerate(zip(choice.values, choice.reach, strict=True), 1)
    ]


def _shown(value: float | None) -> float | None:
    """Three decimals: more would pretend."""
    return None if value is None else round(value, 3)


def _at(value: float, step: Decimal) -> Decimal:
    return Decimal(repr(value)).quantize(step) + Decimal(0)
