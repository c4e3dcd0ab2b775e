"""A floor of cash or a covenant that may be crossed within the horizon, with its probability.

A point's interval is read as that of a normal distribution around its value. The probability of a month is
that of its month end alone; an alert names the first month in which it is at least ``least``. A covenant
compares two figures, such as debt with EBITDA: the margin between them has the variances of the lines that
it is made of, taken as independent of one another, and a flow's months as wrong all together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import erf, sqrt
from statistics import NormalDist
from typing import Final

from abax.errors import InvalidRequest, UnknownFigure
from abax.forecast.checks import BALANCE, INCOME, Printed
from abax.ledger.model import ClosePackage, Forecast, ForecastAlert
from abax.ledger.ratios import DEFINITIONS, Definition, Facts
from abax.money import ZERO, display

LEAST: Final = 0.05
YEAR: Final = 12
CASH_FLOOR: Final = "cash_floor"
_RATIOS: Final = {own.ratio: own for group in DEFINITIONS.values() for own in group}
_PATTERN: Final = re.compile(
    r"\s*(?P<ratio>[\w ]+?)\s*(?P<way>>=|<=|>|<|≥|≤)\s*(?P<limit>-?\d+(?:\.\d+)?)\s*(?P<percent>%?)\s*"
)
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True)
class Covenant:
    """A ratio that has to stay at or above a limit, or at or below it."""

    definition: Definition
    above: bool
    limit: Decimal
    """In the ratio's unit: ``x``, percent or days."""

    @property
    def label(self) -> str:
        """What would be crossed."""
        unit = {"x": "", "%": " %", "days": " days"}[self.definition.unit]
        return f"{self.definition.label} {'below' if self.above else 'above'} {self.limit}{unit}"


def parse_covenant(text: str) -> Covenant:
    """Read ``current_ratio>=1.2``, ``net_debt_to_ebitda<=3`` or ``equity_ratio>=30%``; days as plain numbers.

    Raises InvalidRequest, and UnknownFigure for a ratio that there is not.
    """
    found = _PATTERN.fullmatch(text)
    if not found:
        raise InvalidRequest(f"{text!r} is no covenant like current_ratio>=1.2", "covenant")
    name = "_".join(found["ratio"].lower().split())
    if name not in _RATIOS:
        raise UnknownFigure("ratio", found["ratio"], _RATIOS)
    limit, percent = Decimal(found["limit"]), _RATIOS[name].unit == "%"
    if percent and not found["percent"] and abs(limit) <= 1:
        raise InvalidRequest(
            f"{name} is in percent: write {name}{found['way']}{limit * 100:f}% or {limit:f}%", "covenant"
        )
    if found["percent"] and not percent:
        raise InvalidRequest(f"{name} is no percentage: {name}{found['way']}1.2", "covenant")
    return Covenant(_RATIOS[name], found["way"] in (">=", ">", "≥"), limit)


def with_alerts(
    package: ClosePackage,
    forecast: Forecast,
    floor: Decimal | None = None,
    covenants: Sequence[Covenant] = (),
    least: float = LEAST,
) -> Forecast:
    """The forecast with its alerts: cash below ``floor``, and each covenant. Ratios of a month take the
    twelve months that end with it. Without statements there is only that of cash."""
    found = [*_cash(forecast, floor, least)] if floor is not None else []
    if covenants and forecast.statements:
        printed = Printed(forecast.statements, package)
        spreads = _spreads(forecast)
        found += [alert for covenant in covenants if (alert := _first(covenant, printed, spreads, least))]
    return forecast.model_copy(update={"alerts": found})


def _cash(forecast: Forecast, floor: Decimal, least: float) -> Iterator[ForecastAlert]:
    line = next((line for line in forecast.lines if line.line == "cash"), None)
    crossed = []
    for point in line.points if line else ():
        chance = _below(float(floor - point.value), _deviation(point.low, point.high, forecast.level))
        if chance >= least:
            crossed.append(_Crossed(point.label, point.value, round(chance, 3)))
    if crossed:
        yield _told(CASH_FLOOR, f"Cash below {display(floor, forecast.currency)}", floor, crossed)


@dataclass(frozen=True)
class _Crossed:
    """A month in which a limit may be crossed."""

    month: str
    value: Decimal
    probability: float


def _told(alert: str, label: str, limit: Decimal, crossed: Sequence[_Crossed]) -> ForecastAlert:
    """The first month, and the likeliest where that is another."""
    first, worst = crossed[0], max(crossed, key=lambda one: one.probability)
    other = worst.probability > first.probability
    return ForecastAlert(
        alert=alert,
        label=label,
        month=first.month,
        limit=limit,
        value=first.value,
        probability=first.probability,
        worst_month=worst.month if other else "",
        worst_value=worst.value if other else None,
        worst_probability=worst.probability if other else None,
    )


def _deviation(low: Decimal, high: Decimal, level: float) -> float:
    return float(high - low) / 2 / NormalDist().inv_cdf(0.5 + level / 2)


def _below(apart: float, deviation: float) -> float:
    """The chance that a normal figure is less than its mean plus ``apart``."""
    return 0.5 * (1 + erf(apart / deviation / sqrt(2))) if deviation > 0 else float(apart > 0)


def _spreads(forecast: Forecast) -> dict[str, list[float]]:
    """Line → standard deviation by month ahead."""
    return {
        line.line: [_deviation(point.low, point.high, forecast.level) for point in line.points]
        for line in forecast.lines
        if line.points
    }


def _first(
    covenant: Covenant, printed: Printed, spreads: Mapping[str, Sequence[float]], least: float
) -> ForecastAlert | None:
    crossed = []
    for place, month in enumerate(printed.months):
        facts = MonthFacts(printed, place)
        margin = float(_margin(covenant, facts))
        chance = _below(-margin, _spread_of_margin(covenant, facts, spreads, margin))
        if chance >= least:
            bottom = covenant.definition.bottom(facts)
            top = covenant.definition.top(facts) * _scale(covenant, facts)
            value = (top / bottom).quantize(_PLACES) if bottom else ZERO
            crossed.append(_Crossed(month.label, value, round(chance, 3)))
    return _told(covenant.definition.ratio, covenant.label, covenant.limit, crossed) if crossed else None


def _margin(covenant: Covenant, facts: Facts) -> Decimal:
    """How far the covenant is from being crossed, in money: linear in all lines, and told even where a
    denominator is nil or negative."""
    top = covenant.definition.top(facts) * _scale(covenant, facts)
    apart = top - covenant.limit * covenant.definition.bottom(facts)
    return apart if covenant.above else -apart


def _scale(covenant: Covenant, facts: Facts) -> Decimal:
    return {"x": Decimal(1), "%": Decimal(100), "days": facts.days}[covenant.definition.unit]


def _spread_of_margin(
    covenant: Covenant, facts: MonthFacts, spreads: Mapping[str, Sequence[float]], margin: float
) -> float:
    """The margin's standard deviation: what moving each line by its own moves it by, squared and added."""
    used = list(facts.used)
    moved = [
        float(_margin(covenant, facts.with_line(line, spreads[line]))) - margin
        for line in used
        if line in spreads
    ]
    return sqrt(sum(by * by for by in moved))


class MonthFacts(Facts):
    """The figures of the twelve months up to a month ahead, as the ratios of a close need them."""

    def __init__(self, printed: Printed, place: int, moved: tuple[str, Sequence[float]] = ("", ())) -> None:
        self._printed, self._place, self._line = printed, place, moved
        columns = [*printed.known, *printed.months][: len(printed.known) + place + 1][-YEAR:]
        self._months = len(columns)
        self.days = Decimal((columns[-1].end - columns[0].start).days + 1)
        self.year_days = self.days if self._months == YEAR else Decimal(365)
        self.used: dict[str, None] = {}
        """The lines that were asked for, in order."""

    def with_line(self, line: str, by: Sequence[float]) -> MonthFacts:
        """The same with a line that is ``by`` higher in each month ahead."""
        return MonthFacts(self._printed, self._place, (line, by))

    def flow(self, *lines: str) -> Decimal:
        """The sum of lines over the months."""
        return sum((sum(self._of(INCOME, line)[-self._months :], ZERO) for line in lines), ZERO)

    def closing(self, *lines: str) -> Decimal:
        """The sum of balances at the end."""
        return sum((self._of(BALANCE, line)[-1] for line in lines), ZERO)

    def average(self, *lines: str) -> Decimal:
        """The mean of the balances at the end and a year before; without those, the balances at the end."""
        known = [self._of(BALANCE, line) for line in lines]
        if any(len(values) <= YEAR for values in known):
            return self.closing(*lines)
        return sum((values[-1] + values[-YEAR - 1] for values in known), ZERO) / 2

    def _of(self, report: str, line: str) -> list[Decimal]:
        self.used[line] = None
        values = self._printed.whole(report, line)[: len(self._printed.known) + self._place + 1]
        if line == self._line[0]:
            known = len(self._printed.known)
            for place, by in enumerate(self._line[1][: self._place + 1]):
                values[known + place] += Decimal(repr(by))
        return values
