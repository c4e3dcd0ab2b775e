"""Forecasts that add up: minimum-trace reconciliation of totals with their parts, then to the cent.

Every node of a hierarchy, total or part, has a forecast of its own; the totals then do not equal the sums of
their parts. Of all ways to change the forecasts so that they do, this one has the least sum of error
variances (S. Wickramasuriya, G. Athanasopoulos, R. Hyndman, "Optimal forecast reconciliation for
hierarchical and grouped time series through trace minimization", JASA 114, 2019). With the constraints ``C
y = 0`` and the covariance ``W`` of the base forecasts' errors::

    reconciled = base - W Cᵀ (C W Cᵀ)⁻¹ C base

which needs an inverse of as many rows as there are totals, and lets a node be fixed by a variance of zero.
``W`` comes from backtest errors, its correlations drawn towards zero as far as chance could have made them
(J. Schäfer and K. Strimmer, 2005).

Plain Python: the matrices are small and sparse, and the forecast runs where numpy is not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from abax.money import ZERO, decimals, rounded

Parts = Mapping[int, Sequence[int]]
"""A total's node number → those of its parts. A part may be a total itself, and part of several totals, so
that grouped hierarchies (by region and by product) are told as well as nested ones."""

_Row = dict[int, float]
"""A constraint: node number → coefficient; the sum over nodes is zero."""

LEAST_VARIANCE: Final = 1e-9
"""In units of the mean variance: a node that never erred so far is trusted almost without limit, not
quite."""


def reconcile(
    base: Sequence[float | None],
    parts: Parts,
    covariance: Sequence[Sequence[float]],
    fixed: Collection[int] = (),
) -> list[float]:
    """Forecasts of one period, changed so that every total is the sum of its parts.

    ``base`` has one forecast per node, None for a node that has none: it becomes what the others make it.
    ``covariance`` (nodes × nodes) is that of the base forecasts' errors; rows of nodes without a forecast are
    not looked at. Nodes in ``fixed`` stay exactly as given. Raises ValueError where fixed nodes contradict
    each other, or where nothing tells what a node without a forecast is.
    """
    missing = [node for node, value in enumerate(base) if value is None]
    return Reconciler(len(base), parts, covariance, missing, fixed)(base)


class Reconciler:
    """``reconcile`` for many periods: what depends on the hierarchy and the errors alone is done once.

    The same linear map takes base errors to the errors of the reconciled forecasts, as actual values add up.
    """

    def __init__(
        self,
        nodes: int,
        parts: Parts,
        covariance: Sequence[Sequence[float]],
        missing: Collection[int] = (),
        fixed: Collection[int] = (),
    ) -> None:
        rows: list[_Row] = [{total: 1.0, **dict.fromkeys(own, -1.0)} for total, own in parts.items()]
        self._rows, self._found = _without(rows, missing)
        free = frozenset(range(nodes)) - set(fixed) - set(missing)
        self._spread = [
            [_weighed(row, covariance[node], free) if node in free else 0.0 for row in self._rows]
            for node in range(nodes)
        ]
        """W Cᵀ: nodes × constraints."""
        self._inner = [
            [
                sum(weight * self._spread[node][place] for node, weight in row.items())
                for place in range(len(self._rows))
            ]
            for row in self._rows
        ]
        """C W Cᵀ: constraints × constraints."""

    def __call__(self, base: Sequence[float | None]) -> list[float]:
        """The reconciled forecasts of one period. Raises ValueError where fixed nodes contradict each
        other."""
        known = [0.0 if value is None else value for value in base]
        off = [sum(weight * known[node] for node, weight in row.items()) for row in self._rows]
        size = max(map(abs, known), default=0.0)
        share = _solve(self._inner, off, size)
        values = [
            value - sum(spread * part for spread, part in zip(self._spread[node], share, strict=True))
            for node, value in enumerate(known)
        ]
        for node, row in self._found:
            values[node] = sum(weight * values[other] for other, weight in row.items())
        return values


def _weighed(row: _Row, covariances: Sequence[float], free: Collection[int]) -> float:
    return sum(weight * covariances[other] for other, weight in row.items() if other in free)


def _without(rows: list[_Row], missing: Collection[int]) -> tuple[list[_Row], list[tuple[int, _Row]]]:
    """The constraints on the nodes that have a forecast, and what the others are made of, in an order in
    which they can be computed."""
    left = [dict(row) for row in rows]
    found: list[tuple[int, _Row]] = []
    for node in missing:
        place = next((n for n, row in enumerate(left) if row.get(node)), None)
        if place is None:
            raise ValueError(f"node {node} has no forecast, and no total or part tells what it is")
        pivot = left.pop(place)
        made = {other: -weight / pivot[node] for other, weight in pivot.items() if other != node}
        left = [_replaced(row, node, made) for row in left]
        found = [(other, _replaced(row, node, made)) for other, row in found]
        found.append((node, made))
    return left, found


def _replaced(row: _Row, node: int, made: _Row) -> _Row:
    weight = row.get(node)
    if not weight:
        return row
    kept = {other: own for other, own in row.items() if other != node}
    for other, own in made.items():
        kept[other] = kept.get(other, 0.0) + weight * own
    return {other: own for other, own in kept.items() if abs(own) > 1e-12}


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float], size: float) -> list[float]:
    """Solve a symmetric, positive semi-definite system; a row of zeros must have zero on the right, to a
    billionth of ``size``."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    count = len(rows)
    largest = max((abs(rows[place][place]) for place in range(count)), default=0.0)
    order: list[int] = []
    for column in range(count):
        rest = [place for place in range(count) if place not in order]
        best = max(rest, key=lambda place: abs(rows[place][column]))
        if abs(rows[best][column]) <= 1e-12 * largest:
            order.append(-1 - column)
            continue
        order.append(best)
        for place in rest:
            if place != best and rows[place][column]:
                factor = rows[place][column] / rows[best][column]
                rows[place] = [
                    one - factor * other for one, other in zip(rows[place], rows[best], strict=True)
                ]
    if any(abs(rows[place][-1]) > 1e-9 * size for place in range(count) if place not in order):
        raise ValueError("fixed forecasts contradict each other: a total and all its parts are given")
    solved = [0.0] * count
    for column in reversed(range(count)):
        if order[column] >= 0:
            row = rows[order[column]]
            after = sum(row[other] * solved[other] for other in range(column + 1, count))
            solved[column] = (row[-1] - after) / row[column]
    return solved


def shrunk_covariance(errors: Sequence[Sequence[float]]) -> list[list[float]]:
    """The covariance (nodes × nodes) of errors (nodes × origins, oldest first), drawn towards its diagonal.

    Errors are not centred: a bias is an error too. The correlations shrink by the sum of their variances over
    the sum of their squares, so that few origins leave little of them. At least one origin.
    """
    count = len(errors[0])
    scales = [math.sqrt(math.fsum(error * error for error in row) / count) for row in errors]
    plain = [
        [error / scale if scale else 0.0 for error in row] for row, scale in zip(errors, scales, strict=True)
    ]
    nodes = range(len(errors))
    products = {
        (one, other): [a * b for a, b in zip(plain[one], plain[other], strict=True)]
        for one in nodes
        for other in range(one)
    }
    means = {pair: math.fsum(row) / count for pair, row in products.items()}
    keep = 1.0 - _shrinkage(products, means, count)
    least = LEAST_VARIANCE * math.fsum(scale * scale for scale in scales) / len(scales)
    return [
        [
            max(scales[one] ** 2, least)
            if one == other
            else keep * means[max(one, other), min(one, other)] * scales[one] * scales[other]
            for other in nodes
        ]
        for one in nodes
    ]


def _shrinkage(
    products: Mapping[tuple[int, int], Sequence[float]], means: Mapping[tuple[int, int], float], count: int
) -> float:
    squares = math.fsum(mean * mean for mean in means.values())
    if count < 3 or squares <= 0:
        return 1.0
    chance = math.fsum((one - means[pair]) ** 2 for pair, row in products.items() for one in row)
    return min(1.0, chance / (count * (count - 1)) / squares)


def to_the_cent(
    values: Sequence[float], parts: Parts, currency: str, fixed: Mapping[int, Decimal] | None = None
) -> list[Decimal]:
    """Reconciled forecasts as amounts of the currency, with every total exactly the sum of its parts.

    Nodes that are no totals are rounded; totals are their sums. A total in ``fixed`` is that amount: what the
    rounding of its parts is off by goes to those whose fractions were largest, a cent each. Fixed totals
    must be nested or apart. Raises ValueError where they share some parts only, or leave none to adjust.
    """
    given = dict(fixed or {})
    leaves = [node for node in range(len(values)) if node not in parts]
    made = {node: given[node] if node in given else _nearest(values[node], currency) for node in leaves}
    settled = {node for node in leaves if node in given}
    below = {total: _leaves(total, parts) for total in parts}
    for total in sorted((node for node in given if node in parts), key=lambda node: len(below[node])):
        if any(_crossed(below[total], below[other]) for other in given if other in parts):
            raise ValueError(f"total {total} shares some of its parts with another fixed total")
        open_ = sorted(below[total] - settled)
        _spread_cents(
            made, values, open_, given[total] - sum((made[n] for n in below[total]), ZERO), currency
        )
        settled |= below[total]
    return [
        made[node] if node in made else sum((made[leaf] for leaf in below[node]), ZERO)
        for node in range(len(values))
    ]


def _spread_cents(
    made: dict[int, Decimal], values: Sequence[float], nodes: Sequence[int], off: Decimal, currency: str
) -> None:
    """Add ``off`` to the nodes, evenly, the cents that remain to those that rounding took most from, and what
    is less than a cent, where the total is, to the first."""
    if not off:
        return
    if not nodes:
        raise ValueError("fixed forecasts contradict each other: a total and all its parts are given")
    cent = Decimal(1).scaleb(-decimals(currency))
    every = (off / len(nodes)).quantize(cent, rounding=ROUND_FLOOR)
    cents = int((off - every * len(nodes)) / cent)
    lost = sorted(nodes, key=lambda node: float(made[node]) - values[node])
    for place, node in enumerate(lost):
        made[node] += every + (cent if place < cents else ZERO)
    made[lost[0]] += off - every * len(nodes) - cent * cents


def _crossed(one: set[int], other: set[int]) -> bool:
    return 0 < len(one & other) < min(len(one), len(other))


def _leaves(node: int, parts: Parts) -> set[int]:
    return set().union(*(_leaves(part, parts) for part in parts[node])) if node in parts else {node}


def _nearest(value: float, currency: str) -> Decimal:
    return rounded(Decimal(repr(value)), currency)
