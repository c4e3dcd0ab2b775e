"""How long the next step will take, judged by the last ones: what deadlines and drafts are held against."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

REMEMBERED = 8
"""Steps of each size that count: few, since another program may have taken the processor meanwhile."""

MARGIN = 1.15
"""Steps grow slowly with the position, and no two take the same time."""

LONE_ROW = 8
"""A row alone may cost as much as this many of a large step, which reads the weights once for all."""

USUAL = (1.0, 1.0, 1.15, 1.4, 1.6, 2.1, 2.2, 2.8, 2.9, 3.5)
"""What steps of 0 to 9 rows cost, in steps of one row, on the machines that were measured…"""

ROW = 0.25
"""…and what each row beyond them adds."""

TRUST = 8
"""Steps of one size that count as much as what is usual."""

FEW = 32
"""Rows of the largest step that is remembered by itself."""


class Pace:
    """Step times by rows. Sizes are kept in powers of two: 1, 2, 3-4, 5-8, …"""

    def __init__(self) -> None:
        self._seen: dict[int, deque[float]] = {}
        self._few: dict[int, deque[float]] = {}
        self._typical: dict[int, float] = {}

    @property
    def known(self) -> bool:
        """Whether any step was timed yet."""
        return bool(self._seen)

    def note(self, rows: int, seconds: float) -> None:
        """Remembers a step of ``rows`` rows."""
        self._seen.setdefault(_size(rows), deque(maxlen=REMEMBERED)).append(seconds)
        if rows <= FEW:
            times = self._few.setdefault(rows, deque(maxlen=REMEMBERED))
            times.append(seconds)
            self._typical[rows] = _median(times)

    def predict(self, rows: int) -> float:
        """Seconds that a step of ``rows`` rows will hardly exceed; 0 before the first step."""
        if not self._seen:
            return 0.0
        size = _size(rows)
        larger = min((known for known in self._seen if known >= size), default=None)
        if larger is not None:
            share = min(1.0, LONE_ROW * rows / (1 << larger))
            return MARGIN * max(self._seen[larger]) * (share if larger > size else 1.0)
        smaller = max(self._seen)
        return MARGIN * max(self._seen[smaller]) * rows / (1 << smaller)

    def prices(self, rows: int, most: int) -> list[float]:
        """What steps of ``rows`` and 0 to ``most`` rows more cost, in steps of ``rows``: the usual,
        corrected by what steps of just so many rows took here, and none above what a larger step costs."""
        told = [seconds / usual_cost(known) for known, seconds in self._typical.items()]
        one = _median(told) if told else 0.0
        costs = [self._cost(rows + more, one) for more in range(most + 1)]
        for more in reversed(range(most)):
            costs[more] = min(costs[more : more + 2])
        return [cost / costs[0] for cost in costs]

    def _cost(self, rows: int, one: float) -> float:
        """In steps of one row, which take ``one`` second."""
        if rows not in self._typical or not one:
            return usual_cost(rows)
        weight = len(self._few[rows])
        return (TRUST * usual_cost(rows) + weight * self._typical[rows] / one) / (TRUST + weight)

    def rows_within(self, seconds: float, least: int, most: int) -> int:
        """How many rows, from ``least`` to ``most``, a step of so many seconds may have."""
        rows = most
        while rows // 2 >= least and self.predict(rows) > seconds:
            rows //= 2
        return rows

    def predict_all(self, rows: int, batch: int) -> float:
        """Seconds for ``rows`` rows in steps of at most ``batch``."""
        whole, rest = divmod(rows, batch)
        return whole * self.predict(batch) + (self.predict(rest) if rest else 0.0)


def usual_cost(rows: int) -> float:
    """Of a step of so many rows, in steps of one row."""
    last = len(USUAL) - 1
    return USUAL[rows] if rows <= last else USUAL[last] + ROW * (rows - last)


def usual_prices(rows: int, most: int) -> list[float]:
    """As ``Pace.prices`` before the first step."""
    return [usual_cost(rows + more) / usual_cost(rows) for more in range(most + 1)]


def _median(times: Collection[float]) -> float:
    return sorted(times)[len(times) // 2]


def _size(rows: int) -> int:
    return (rows - 1).bit_length()
