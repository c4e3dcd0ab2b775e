"""Forecasts side by side: what each scenario makes of the figures that plans are about, beside the base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from abax.dates import Calendar, Granularity, Period
from abax.forecast.series import CASH, months_after
from abax.ledger.model import Forecast, Frozen
from abax.money import ZERO

COMPARED: Final = ("revenue", "ebitda", "net_result", CASH)
"""Lines that are compared: what comes in, what it earns, what is left, what it is in money."""


class Compared(Frozen):
    """One line in one scenario; both lists run parallel to the comparison's ``periods``."""

    scenario: str
    values: list[Decimal]
    difference: list[Decimal]
    """What it is above the base."""


class ComparedLine(Frozen):
    """One line: the base, and each scenario beside it."""

    line: str
    label: str
    base: list[Decimal]
    scenarios: list[Compared]


class Comparison(Frozen):
    """Flows are summed over a period, cash is that at its end. The last column is the whole horizon."""

    currency: str
    periods: list[str]
    lines: list[ComparedLine]


def compare(
    calendar: Calendar, base: Forecast, scenarios: Mapping[str, Forecast], by: Granularity
) -> Comparison:
    """Scenarios beside the base, of the same months, by fiscal month, quarter or year."""
    months = months_after(calendar, base.history_end, base.horizon)
    spans = spans_of(calendar, months, by)
    made = {name: {line.line: line for line in one.lines} for name, one in scenarios.items()}
    balances, lines = balances_of(base), []
    for line in base.lines:
        if line.line not in COMPARED or not line.points:
            continue
        is_balance = line.line in balances
        own = by_span([point.value for point in line.points], spans, is_balance=is_balance)
        lines.append(
            ComparedLine(
                line=line.line,
                label=line.label,
                base=own,
                scenarios=[
                    _compared(
                        name,
                        own,
                        by_span(
                            [point.value for point in found[line.line].points], spans, is_balance=is_balance
                        ),
                    )
                    for name, found in made.items()
                ],
            )
        )
    return Comparison(currency=base.currency, periods=[name for name, _ in spans], lines=lines)


def spans_of(
    calendar: Calendar, months: Sequence[Period], by: Granularity
) -> list[tuple[str, Sequence[int]]]:
    """Label and places of the months of each period, and all of them; a period that is not whole says so."""
    places = [(_period(calendar, month, by), place) for place, month in enumerate(months)]
    spans: list[tuple[str, Sequence[int]]] = []
    for period, group in groupby(places, key=lambda pair: pair[0]):
        own = [place for _, place in group]
        whole = period.last_month - period.first_month + 1
        part = f" ({len(own)} of {whole} months)" if len(own) < whole else ""
        spans.append((f"{period.label}{part}", own))
    return [*spans, (f"{len(months)} months", range(len(months)))]


def _period(calendar: Calendar, month: Period, by: Granularity) -> Period:
    return next(one for one in calendar.periods(month.year, by) if one.start <= month.start <= one.end)


def _compared(name: str, base: Sequence[Decimal], own: Sequence[Decimal]) -> Compared:
    difference = [mine - theirs for mine, theirs in zip(own, base, strict=True)]
    return Compared(scenario=name, values=list(own), difference=difference)


def balances_of(forecast: Forecast) -> set[str]:
    """Lines that are balances, to be read at the end of a period; all others are flows."""
    lines = {own.report: [row.line for row in own.lines] for own in forecast.statements}
    return {CASH, *lines.get("balance_sheet", ())} - set(lines.get("income_statement", ()))


def by_span(
    values: Sequence[Decimal], spans: Sequence[tuple[str, Sequence[int]]], *, is_balance: bool
) -> list[Decimal]:
    """Monthly values by period: the sum of flows, the last of balances."""
    if is_balance:
        return [values[places[-1]] for _, places in spans]
    return [sum((values[place] for place in places), ZERO) for _, places in spans]
