"""Lines and totals, each with a forecast of its own, brought together; and what the backtest says of it.

Minimum trace changes lines and totals until they add up. Errors of the reconciled forecasts need no second
backtest: what was true adds up, so that the same linear map takes the errors of the base forecasts to theirs.
An origin's errors are mapped by a covariance that was made from the other origins alone.

A line that reconciliation would have made worse in the backtest keeps its own forecast, and where the
plain sums of all lines' own forecasts did better on the whole, those stay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.forecast.backtest import naive_scale
from abax.forecast.choose import Choice
from abax.forecast.methods import SEASON
from abax.forecast.reconcile import Reconciler, shrunk_covariance, to_the_cent
from abax.forecast.series import Series

Errors = Mapping[int, Sequence[float]]
"""Actual minus forecast: months not known at the origin → by month ahead. As a backtest has them."""

FEWEST_ORIGINS: Final = 6
"""With fewer, nothing is known of how errors go together."""
MATERIAL: Final = 0.05
"""Lines whose errors are less than this share of the largest line's keep their own forecast: changing the
interest by a euro to mend the revenue convinces nobody. So does a month for which a line's own method
foresees nothing at all."""

_TINY: Final = 1e-9


@dataclass(frozen=True)
class Together:
    """Lines and totals that add up to the cent."""

    values: Mapping[str, Sequence[Decimal]]
    """By month ahead; only lines that have a forecast, and totals of at least one such line."""
    errors: Mapping[str, Errors]
    reconciled: bool
    """Whether minimum trace did it, or plain sums."""


def add_up(series: Sequence[Series], choices: Mapping[str, Choice], currency: str) -> Together:
    """Bring together what the lines' and the totals' own methods say.

    ``series`` are lines and totals in any order, totals with their ``parts``. A total whose lines do not all
    have a forecast is the sum of those that have.
    """
    kept = [one for one in series if not one.parts and choices[one.line].values]
    has = {one.line for one in kept}
    kept += [one for one in series if has & set(one.parts)]
    places = {one.line: place for place, one in enumerate(kept)}
    parts = {
        places[one.line]: [places[part] for part in one.parts if part in has] for one in kept if one.parts
    }
    sums = _Hierarchy(kept, parts, choices, plain=True)
    mixed = _Hierarchy(kept, parts, choices, plain=False)
    errors: Mapping[str, Errors] = {}
    if len(mixed.origins) >= FEWEST_ORIGINS and mixed.missing != sums.missing:
        errors = mixed.settled(mixed.origins)
        if _score(errors, kept) >= _score(sums.errors(mixed.origins), kept):
            errors = {}
    chosen = mixed if errors else sums
    horizon = len(choices[kept[0].line].values) if kept else 0
    ahead = [to_the_cent(chosen.ahead(step), parts, currency) for step in range(horizon)]
    values = {one.line: [month[place] for month in ahead] for place, one in enumerate(kept)}
    return Together(values, errors or _plain_errors(kept, choices), bool(errors))


def _plain_errors(series: Sequence[Series], choices: Mapping[str, Choice]) -> dict[str, Errors]:
    """Those of the lines' own backtests; of a total the sums, at the origins that its lines have in
    common."""
    found: dict[str, Errors] = {}
    for one in series:
        tests = [choices[line].tested for line in one.parts or (one.line,)]
        known = [test.errors for test in tests if test]
        common = set.intersection(*(set(errors) for errors in known)) if known else set()
        if common:
            found[one.line] = {
                back: [math.fsum(row) for row in zip(*(errors[back] for errors in known), strict=True)]
                for back in sorted(common, reverse=True)
            }
    return found


class _Hierarchy:
    """The nodes, their base errors, and which of them have a base forecast. In a ``plain`` one no total
    has."""

    def __init__(
        self,
        series: Sequence[Series],
        parts: Mapping[int, Sequence[int]],
        choices: Mapping[str, Choice],
        plain: bool,
    ) -> None:
        self._series, self._parts = series, parts
        self._values = [choices[one.line].values for one in series]
        tests = [choices[one.line].tested for one in series]
        whole = {place for place, own in parts.items() if len(own) == len(series[place].parts)}
        self.missing = [
            place
            for place in parts
            if plain or place not in whole or tests[place] is None or not self._values[place]
        ]
        self._errors: dict[int, Errors] = {
            place: test.errors for place, test in enumerate(tests) if test and place not in self.missing
        }
        known = [set(errors) for errors in self._errors.values()]
        self.origins: list[int] = sorted(set.intersection(*known), reverse=True) if known else []
        """Those that all base forecasts were tried at."""
        self._fixed = self._immaterial()
        self._spreads: dict[int | None, list[list[float]]] = {}
        self._solvers: dict[tuple[int | None, frozenset[int]], Reconciler] = {}

    def _immaterial(self) -> frozenset[int]:
        """Lines that keep their own forecast: those that never err, and those whose errors hardly matter."""
        lines = [place for place in range(len(self._series)) if place not in self._parts]
        sizes = {place: root_mean_square(self._errors[place]) for place in lines if place in self._errors}
        least = MATERIAL * max(sizes.values(), default=0.0)
        return frozenset(place for place in lines if sizes.get(place, 0.0) <= least)

    def ahead(self, step: int) -> list[float]:
        """The reconciled forecasts of a month ahead, one per node."""
        base = [None if place in self.missing else values[step] for place, values in enumerate(self._values)]
        return self._solver(base)(base)

    def settled(self, origins: Sequence[int]) -> dict[str, Errors]:
        """The errors once every line that reconciliation would have made worse keeps its own forecast: the
        others, and the totals, are brought together without it."""
        while True:
            errors = self.errors(origins)
            worse = frozenset(
                place
                for place, one in enumerate(self._series)
                if place in self._errors and place not in self._parts and place not in self._fixed
                if _mean(errors[one.line])
                > _mean({back: self._errors[place][back] for back in origins}) * (1 + _TINY)
            )
            if not worse:
                return errors
            self._fixed |= worse

    def errors(self, origins: Sequence[int]) -> dict[str, Errors]:
        """The errors of every node once reconciled, at some origins that all have in common, each by what the
        other origins tell."""
        found: dict[str, dict[int, list[float]]] = {one.line: {} for one in self._series}
        for back in origins:
            rows = [
                self._errors[place][back] if place in self._errors else None
                for place in range(len(self._series))
            ]
            for step in range(max(len(row) for row in rows if row is not None)):
                base = [
                    None if place in self.missing else row[step] if row else 0.0
                    for place, row in enumerate(rows)
                ]
                said = [
                    one.values[len(one.values) - back + step] - (error or 0.0)
                    for one, error in zip(self._series, base, strict=True)
                ]
                solved = self._solver(said, without=back)(base)
                for one, value in zip(self._series, solved, strict=True):
                    found[one.line].setdefault(back, []).append(value)
        return dict(found)

    def _solver(self, said: Sequence[float | None], without: int | None = None) -> Reconciler:
        """The map for a month of which the base forecasts are ``said``, from the errors of all origins but
        one."""
        nothing = frozenset(
            place
            for place, (one, value) in enumerate(zip(self._series, said, strict=True))
            if place not in self._parts and value is not None and abs(value) <= _TINY * _size(one)
        )
        key = (without, self._fixed | nothing)
        if without not in self._spreads:
            self._spreads[without] = self._spread(without)
        if key not in self._solvers:
            self._solvers[key] = Reconciler(
                len(self._series), self._parts, self._spreads[without], self.missing, key[1]
            )
        return self._solvers[key]

    def _spread(self, without: int | None) -> list[list[float]]:
        """The covariance of one-step errors; where no total has a forecast it does not matter."""
        nodes = range(len(self._series))
        kept = [back for back in self.origins if back != without]
        if len(self.missing) == len(self._parts) or not kept:
            return [[float(one == other) for other in nodes] for one in nodes]
        first = [
            [self._errors[place][back][0] if place in self._errors else 0.0 for back in kept]
            for place in nodes
        ]
        return shrunk_covariance(first)


def _size(series: Series) -> float:
    return max(map(abs, series.values), default=0.0)


def _score(errors: Mapping[str, Errors], series: Sequence[Series]) -> float:
    """The mean over all lines and totals of their mean absolute scaled errors."""
    scaled = [mase(errors[one.line], naive_scale(one.values)) for one in series if one.line in errors]
    known = [one for one in scaled if one is not None]
    return math.fsum(known) / len(known) if known else 0.0


def mase(errors: Errors, scale: float) -> float | None:
    """Mean absolute error over all origins and months ahead, in units of ``scale``; None where that is nil
    but the errors are not."""
    mean = _mean(errors)
    if scale > 0:
        return mean / scale
    return None if mean > 0 else 0.0


def _mean(errors: Errors) -> float:
    sizes = [abs(error) for row in errors.values() for error in row]
    return math.fsum(sizes) / len(sizes)


def root_mean_square(errors: Errors) -> float:
    """The size of errors, large ones weighing more."""
    flat = [error for row in errors.values() for error in row]
    return math.sqrt(math.fsum(error * error for error in flat) / len(flat))


def naive_errors(values: Sequence[float], like: Errors) -> Errors:
    """What repeating the last year, or before there is one the last month, was off by at the same origins."""
    found = {}
    for back, row in like.items():
        known = len(values) - back
        lag = SEASON if known >= SEASON else 1
        last = values[known - lag : known] if known else [0.0]
        found[back] = [values[known + step] - last[step % lag] for step in range(len(row))]
    return found
