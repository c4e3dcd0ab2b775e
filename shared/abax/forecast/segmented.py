"""Income-statement lines months ahead by the values of a dimension, so that they add up.

Each line is a tree: the company's forecast at its root, the values of the dimension below it as their
hierarchy has them, and what no value takes. Where a value that others hang below has postings of its own,
those are a leaf beside them. Every node is forecast from its own history; then minimum trace (``reconcile``)
changes the values as little as their errors in the backtest ask for, so that each node is the sum of those
below it. The root stays what the company's forecast says: segments share that out, to the cent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from abax.errors import CheckFailed
from abax.forecast.choose import SHORTEST, Choice, choose
from abax.forecast.reconcile import Reconciler, shrunk_covariance, to_the_cent
from abax.forecast.series import History, monthly_history, trimmed
from abax.ledger.layout import Row
from abax.ledger.model import ClosePackage, Forecast, ForecastLine, ForecastPoint, Frozen, LineKind
from abax.ledger.segments import Dimensions, slices, year_of
from abax.ledger.statements import INCOME_STATEMENT
from abax.ledger.store import Ledger
from abax.money import ZERO, rounded

UNASSIGNED: Final = ""
"""Key of what no value takes."""
FEWEST_ORIGINS: Final = 6
"""Origins from which on errors tell how nodes go together; with fewer each stands for itself."""

Monthly = Mapping[str, Mapping[str, Sequence[Decimal]]]
"""Line → value of the dimension (``UNASSIGNED``: none) → one amount a month, oldest first."""


class SegmentLine(Frozen):
    """One line of one segment."""

    line: str
    label: str
    kind: LineKind
    method: str
    points: list[ForecastPoint]
    """``own`` is what its method said before segments were made to add up; None of sums."""
    mase: float | None
    naive_mase: float | None
    note: str = ""


class SegmentOutlook(Frozen):
    """One value of the dimension, months ahead."""

    value_id: str
    """Empty for what no value takes."""
    code: str
    name: str
    parent_id: str | None
    level: int
    """0 for a value at the top."""
    itself: bool = False
    """Of a value that others hang below: only what is posted on itself."""
    lines: list[SegmentLine]

    def row(self, line: str) -> SegmentLine:
        """The line of that name. Raises KeyError."""
        for own in self.lines:
            if own.line == line:
                return own
        raise KeyError(line)


class SegmentForecast(Frozen):
    """The forecast of a close by the values of one dimension; those at the top add up to it."""

    dimension: str
    currency: str
    horizon: int
    level: float
    segments: list[SegmentOutlook]
    """Each value before those below it."""
    notes: list[str]


@dataclass(frozen=True)
class Node:
    """A place in the tree; the root is the company."""

    key: str
    """The value's id."""
    depth: int
    below: tuple[int, ...] = ()
    itself: bool = False


def segment_forecast(
    ledger: Ledger,
    package: ClosePackage,
    forecast: Forecast,
    dimension: str,
    assumed: Forecast | None = None,
) -> SegmentForecast:
    """``forecast``, of the close ``package``, by the values of a dimension; where it is ``assumed`` to be
    otherwise, each segment takes part in that by its size. Raises UnknownFigure for a dimension that is not
    there, naming those that are; CheckFailed where segments do not add up to the statements."""
    history = monthly_history(package)
    known = Dimensions.of(ledger, history.end)
    known.require(dimension)
    monthly = monthly_by_value(ledger, history, known, dimension, package.as_of)
    require_whole(monthly, history)
    nodes = tree(known, monthly)
    shared = {
        line.line: share_out(line, monthly.get(line.line, {}), nodes, forecast.currency, _aim(assumed, line))
        for line in forecast.lines
        if line.points and not _parts(history, line.line) and line.line in _FIGURES
    }
    lacking = [line.label for line in forecast.lines if not line.points and line.line in _FIGURES]
    return SegmentForecast(
        dimension=dimension,
        currency=forecast.currency,
        horizon=forecast.horizon,
        level=forecast.level,
        segments=[
            _outlook(known, nodes[place], _lines(history, forecast, shared, place))
            for place in range(1, len(nodes))
        ],
        notes=[f"without {', '.join(lacking)}, of which there is no forecast"] if lacking else [],
    )


def named(known: Iterable[str], given: str) -> str:
    """The dimension that is meant: as it is written, or in other cases, or in the singular."""
    plain = {name.lower(): name for name in known}
    low = given.lower()
    return plain.get(low) or plain.get(f"{low}s") or given


# --- history --------------------------------------------------------------------------------------------

_FIGURES: Final[Mapping[str, Row]] = {
    row.line: row for row in INCOME_STATEMENT.rows if row.kind is LineKind.FIGURE
}


def monthly_by_value(
    ledger: Ledger, history: History, known: Dimensions, dimension: str, as_of: date
) -> Monthly:
    """What each line was by month and value, over the months that the company's forecast is made from."""
    months = history.known
    place = {(month.year, month.first_month): number for number, month in enumerate(months)}
    sums: dict[str, dict[str, list[Decimal]]] = {line: {} for line in _FIGURES}
    for year in sorted({month.year for month in months}):
        for account, number, value, amount in slices(ledger, known, dimension, year_of(ledger, year), as_of):
            at = place.get((number // 12, number % 12 + 1))
            if at is None:
                continue
            name = ledger.accounts[account].statement_class.value
            for line, sign in _SIGNS.get(name, ()):
                own = sums[line].setdefault(value or UNASSIGNED, [ZERO] * len(months))
                own[at] += sign * amount
    return {line: own for line, own in sums.items() if own}


_SIGNS: Final[dict[str, list[tuple[str, int]]]] = {}
"""Statement class → the lines that it counts for, and how."""
for _row in _FIGURES.values():
    for _part in _row.parts:
        for _class in _part.classes:
            _SIGNS.setdefault(_class, []).append((_row.line, _part.sign))


def require_whole(monthly: Monthly, history: History) -> None:
    """Raises CheckFailed where the values of a line do not add up to what the statements have."""
    for series in history.series:
        columns = list(monthly.get(series.line, {}).values())
        if series.line not in _FIGURES or not columns:
            continue
        sums = [sum(column, ZERO) for column in zip(*columns, strict=True)]
        for found, stated in zip(sums, series.values, strict=True):
            off = float(found) - stated
            if abs(off) > 1e-6 * max(1.0, abs(stated)):
                raise CheckFailed(f"monthly {series.line} by segment", Decimal(repr(off)))


# --- the tree -------------------------------------------------------------------------------------------


def tree(known: Dimensions, monthly: Monthly) -> list[Node]:
    """The company (first), the values that have postings or lie above some, and what no value takes."""
    posted = {value for own in monthly.values() for value in own}
    values = posted - {UNASSIGNED}
    children: dict[str, list[str]] = {}
    for value in values:
        path = _path(known, value)
        for above, below in zip(["", *path], path, strict=False):
            if below not in children.setdefault(above, []):
                children[above].append(below)
    nodes: list[Node] = [Node(UNASSIGNED, -1)]
    tops = [_grown(nodes, known, children, values, (key, 0)) for key in _sorted(known, children.get("", ()))]
    if UNASSIGNED in posted:
        nodes.append(Node(UNASSIGNED, 0, itself=True))
        tops.append(len(nodes) - 1)
    nodes[0] = Node(UNASSIGNED, -1, tuple(tops))
    return nodes


def _grown(
    nodes: list[Node],
    known: Dimensions,
    children: Mapping[str, Sequence[str]],
    posted: set[str],
    at: tuple[str, int],
) -> int:
    """Add a value and all below it; the place of its node."""
    key, depth = at
    nodes.append(Node(key, depth))
    place = len(nodes) - 1
    below = [
        _grown(nodes, known, children, posted, (child, depth + 1))
        for child in _sorted(known, children.get(key, ()))
    ]
    if below and key in posted:
        nodes.append(Node(key, depth + 1, itself=True))
        below.append(len(nodes) - 1)
    nodes[place] = Node(key, depth, tuple(below))
    return place


def _path(known: Dimensions, value: str) -> list[str]:
    """From the top of its hierarchy down to a value; a hierarchy that runs in a circle is cut."""
    path = [value]
    while (above := known.segment(path[0]).parent_id) and above in known.values and above not in path:
        path.insert(0, above)
    circle = known.segment(path[0]).parent_id in path
    return [value] if circle else path


def _sorted(known: Dimensions, values: Iterable[str]) -> list[str]:
    return sorted(values, key=lambda value: (known.segment(value).code, known.segment(value).name, value))


# --- sharing out ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shared:
    """One line at every node."""

    values: Sequence[Sequence[Decimal]]
    """Nodes × months ahead."""
    choices: Sequence[Choice]


def share_out(
    line: ForecastLine,
    history: Mapping[str, Sequence[Decimal]],
    nodes: Sequence[Node],
    currency: str,
    aim: Sequence[Decimal] | None = None,
) -> Shared:
    """A line's forecast at every node: the company's as it is, the others so that they add up to it. Where
    the company's is assumed to be ``aim`` instead, leaves take the difference by their size."""
    totals = aim or [point.value for point in line.points]
    horizon = len(line.points)
    sums = _histories(nodes, history)
    choices = [_AS_GIVEN, *(_chosen(sums[place], horizon) for place in range(1, len(nodes)))]
    parts = {place: node.below for place, node in enumerate(nodes) if node.below}
    if 0 not in parts:
        return Shared([totals for _ in nodes], choices)
    reconciler = Reconciler(len(nodes), parts, _covariance(choices), fixed=[0])
    columns = []
    for ahead, point in enumerate(line.points):
        base = [float(point.value), *(choice.values[ahead] for choice in choices[1:])]
        values = _moved(reconciler(base), parts, float(totals[ahead] - point.value))
        made = to_the_cent(values, parts, currency, {0: totals[ahead]})
        columns.append([value + ZERO for value in made])  # no minus before nothing
    return Shared(list(zip(*columns, strict=True)), choices)


def _moved(values: Sequence[float], parts: Mapping[int, Sequence[int]], by: float) -> list[float]:
    """The leaves' values, moved by their share in ``by``; totals are left to be summed anew."""
    size = math.fsum(abs(value) for place, value in enumerate(values) if place not in parts)
    leaves = len(values) - len(parts)
    return [
        value + by * (abs(value) / size if size else 1 / leaves) if place not in parts else value
        for place, value in enumerate(values)
    ]


def _histories(nodes: Sequence[Node], history: Mapping[str, Sequence[Decimal]]) -> list[list[Decimal]]:
    """Monthly history of every node."""
    length = max(map(len, history.values()), default=0)
    sums: list[list[Decimal]] = [[] for _ in nodes]
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if node.below:
            sums[place] = [sum(column, ZERO) for column in zip(*(sums[p] for p in node.below), strict=True)]
        else:
            sums[place] = list(history.get(node.key, [ZERO] * length))
    return sums


def _chosen(history: Sequence[Decimal], horizon: int) -> Choice:
    """As a line of the company is forecast; what has just begun, by its mean since then."""
    values = trimmed(tuple(float(value) for value in history))
    if not any(values):
        return Choice("Zero", [0.0] * horizon, [0.0] * horizon, note="nothing was ever posted here")
    if len(values) >= SHORTEST:
        return choose(values, horizon)
    mean = math.fsum(values) / len(values)
    reach = max(abs(value - mean) for value in values) or abs(mean)
    return Choice(
        "Mean since it began",
        [mean] * horizon,
        [reach] * horizon,
        note=f"{len(values)} months of history: no more than a mean",
    )


_AS_GIVEN: Final = Choice("", [], [])
"""The root's, which stays as it is."""


def _covariance(choices: Sequence[Choice]) -> list[list[float]]:
    """Of the nodes' errors one month ahead."""
    tests = [choice.tested for choice in choices]
    common = set.intersection(*(set(test.errors) for test in tests if test)) if any(tests) else set()
    origins = sorted(common, reverse=True)
    untested = [choice for choice in choices if choice.tested is None and any(choice.reach)]
    if len(origins) >= FEWEST_ORIGINS and not untested:
        return shrunk_covariance(
            [[test.errors[back][0] if test else 0.0 for back in origins] for test in tests]
        )
    variances = [_variance(choice) for choice in choices]
    least = 1e-9 * math.fsum(variances) / len(variances) or 1.0
    return [
        [max(own, least) if one == other else 0.0 for other in range(len(choices))]
        for one, own in enumerate(variances)
    ]


def _variance(choice: Choice) -> float:
    if choice.tested is None:
        return choice.reach[0] ** 2 if choice.reach else 0.0
    first = [row[0] for row in choice.tested.errors.values()]
    return math.fsum(error * error for error in first) / len(first)


# --- told -----------------------------------------------------------------------------------------------


def _aim(assumed: Forecast | None, line: ForecastLine) -> list[Decimal] | None:
    own = next((own for own in assumed.lines if own.line == line.line), None) if assumed else None
    return [point.value for point in own.points] if own else None


def _parts(history: History, line: str) -> tuple[str, ...]:
    return next((series.parts for series in history.series if series.line == line), ())


def _outlook(known: Dimensions, node: Node, lines: list[SegmentLine]) -> SegmentOutlook:
    segment = known.segment(node.key) if node.key else None
    return SegmentOutlook(
        value_id=node.key,
        code=segment.code if segment else "",
        name=segment.name if segment else "unassigned",
        parent_id=segment.parent_id if segment else None,
        level=node.depth,
        itself=node.itself and segment is not None,
        lines=lines,
    )


def _lines(
    history: History, forecast: Forecast, shared: Mapping[str, Shared], place: int
) -> list[SegmentLine]:
    kinds = {row.line: row.kind for row in INCOME_STATEMENT.rows}
    made: dict[str, SegmentLine] = {}
    for line in forecast.lines:
        parts = [made[name] for name in _parts(history, line.line) if name in made]
        if line.line in shared:
            made[line.line] = _figure(line, kinds[line.line], shared[line.line], place, forecast.currency)
        elif parts and line.points:
            made[line.line] = _sum(line, kinds[line.line], parts, forecast.currency)
    return list(made.values())


def _figure(line: ForecastLine, kind: LineKind, shared: Shared, place: int, currency: str) -> SegmentLine:
    choice = shared.choices[place]
    points = []
    for point, value, own, far in zip(
        line.points, shared.values[place], choice.values, choice.reach, strict=True
    ):
        reach = rounded(Decimal(repr(far)), currency)
        points.append(
            ForecastPoint(
                label=point.label,
                value=value,
                low=value - reach,
                high=value + reach,
                own=rounded(Decimal(repr(own)), currency),
            )
        )
    return SegmentLine(
        line=line.line,
        label=line.label,
        kind=kind,
        method=choice.label,
        points=points,
        mase=_shown(choice.tested.mase if choice.tested else None),
        naive_mase=_shown(choice.naive.mase if choice.naive else None),
        note=choice.note,
    )


def _sum(line: ForecastLine, kind: LineKind, parts: Sequence[SegmentLine], currency: str) -> SegmentLine:
    """A subtotal of a segment; its lines' errors are taken as independent."""
    points = []
    for place, point in enumerate(line.points):
        own = [part.points[place] for part in parts]
        value = sum((part.value for part in own), ZERO)
        reach = rounded(sum(((part.high - part.value) ** 2 for part in own), ZERO).sqrt(), currency)
        points.append(ForecastPoint(label=point.label, value=value, low=value - reach, high=value + reach))
    return SegmentLine(
        line=line.line,
        label=line.label,
        kind=kind,
        method="Sum of its lines",
        points=points,
        mase=None,
        naive_mase=None,
    )


def _shown(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
