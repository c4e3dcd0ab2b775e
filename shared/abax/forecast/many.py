"""Forecasts of monthly series that belong to no close: each on its own, whatever it measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from abax.errors import HorizonTooLong
from abax.forecast.backtest import one_sided
from abax.forecast.choose import LEVEL, OUTER_LEVEL, Choice, choose, coverage, least_growth
from abax.forecast.horizon import longest
from abax.forecast.methods import SEASON
from abax.forecast.table import Table, label, span_of
from abax.forecast.told import drivers_of, scores_of, shown
from abax.forecast.toolbox import BASELINE, Tools
from abax.forecast.workdays import workdays
from abax.ledger.model import ForecastDriver, ForecastLine, ForecastPoint, ForecastTest, Frozen
from abax.money import decimals

HORIZON: Final = 12
_CENT: Final = Decimal("0.01")


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


def forecast_tables(
    tables: Sequence[Table], horizon: int | None = None, tools: Tools = BASELINE
) -> Iterator[SeriesForecast]:
    """Every series ``horizon`` months ahead; where that is left out, ``HORIZON``. A series whose history does
    not reach so far gets what it supports, and a note. Raises HorizonTooLong where none reaches."""
    most = max(len(table.values) for table in tables)
    if horizon is not None and horizon > longest(most):
        raise HorizonTooLong(horizon, most, longest(most))
    return (forecast_table(table, horizon or HORIZON, tools) for table in tables)


def forecast_table(table: Table, horizon: int, tools: Tools = BASELINE) -> SeriesForecast:
    """One series, as far ahead as its history supports."""
    months = len(table.values)
    reach = min(horizon, longest(months))
    days = workdays(map(span_of, range(table.first, table.first + months + reach)), tools.country)
    choice = choose([float(value) for value in table.values], reach, tools, days)
    notes = [*table.notes]
    if choice.values and reach < horizon:
        notes.append(f"{reach} months ahead of the {horizon} asked for: the history has {months} months")
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
    values, step = [float(value) for value in table.values], _step(table)
    tested, naive = choice.tested, choice.naive
    points = _points(table, choice, step)
    held = coverage(tested.errors, least_growth(len(values))) if tested else None
    return ForecastLine(
        line=table.name,
        label=table.name,
        method=choice.label,
        points=points,
        mase=shown(tested.mase if tested else None),
        naive_mase=shown(naive.mase if naive else None),
        coverage=shown(held),
        note=choice.note,
        scores=scores_of(choice, choice.label, values, tested.errors) if tested else [],
        tested=_year_tested(table, choice, step),
        drivers=_drivers(values, points, table.currency) if step >= _CENT else [],
        history=list(table.values),
    )


def _drivers(values: Sequence[float], points: Sequence[ForecastPoint], currency: str) -> list[ForecastDriver]:
    """Read as balances are, for nothing tells whether months of a series may be added up."""
    labels = [point.label for point in points]
    return drivers_of(values, [point.value for point in points], labels, currency, flow=False)


def _step(table: Table) -> Decimal:
    """What amounts are told to."""
    return Decimal(1).scaleb(-max(table.decimals, decimals(table.currency)))


def _points(table: Table, choice: Choice, step: Decimal) -> list[ForecastPoint]:
    rows = zip(choice.values, choice.reach, choice.reach_at(OUTER_LEVEL), strict=True)
    known = [float(value) for value in table.values]
    points = []
    for ahead, (value, reach, far) in enumerate(rows, 1):
        low, high = one_sided(known, value, value - reach, value + reach)
        lowest, highest = one_sided(known, value, value - far, value + far)
        points.append(
            ForecastPoint(
                label=label(table.last + ahead),
                value=_at(value, step),
                low=_at(low, step),
                high=_at(high, step),
                lowest=_at(lowest, step),
                highest=_at(highest, step),
            )
        )
    return points


def _year_tested(table: Table, choice: Choice, step: Decimal) -> list[ForecastTest]:
    """What the chosen method would have said of the last year from its beginning, or from the first month
    that it was tested from."""
    test, spread = choice.tested, choice.spread
    if test is None or spread is None:
        return []
    back = max((own for own in test.errors if own <= SEASON), default=0)
    found = []
    for ahead, error in enumerate(test.errors.get(back, ()), 1):
        actual = table.values[-back + ahead - 1]
        value, reach = float(actual) - error, spread.reach(ahead)
        found.append(
            ForecastTest(
                label=label(table.last - back + ahead),
                ahead=ahead,
                actual=actual,
                value=_at(value, step),
                low=_at(value - reach, step),
                high=_at(value + reach, step),
            )
        )
    return found


def _at(value: float, step: Decimal) -> Decimal:
    return Decimal(repr(value)).quantize(step) + Decimal(0)
