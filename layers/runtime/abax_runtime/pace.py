"""How long the next step will take, judged by the last ones: what a deadline is held against."""

from __future__ import annotations

from collections import deque

REMEMBERED = 8
"""Steps of each size that count: few, since another program may have taken the processor meanwhile."""

MARGIN = 1.15
"""Steps grow slowly with the position, and no two take the same time."""

LONE_ROW = 8
"""A row alone may cost as much as this many of a large step, which reads the weights once for all."""


class Pace:
    """Step times by rows. Sizes are kept in powers of two: 1, 2, 3-4, 5-8, …"""

    def __init__(self) -> None:
        self._seen: dict[int, deque[float]] = {}

    @property
    def known(self) -> bool:
        """Whether any step was timed yet."""
        return bool(self._seen)

    def note(self, rows: int, seconds: float) -> None:
        """Remembers a step of ``rows`` rows."""
        self._seen.setdefault(_size(rows), deque(maxlen=REMEMBERED)).append(seconds)

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


def _size(rows: int) -> int:
    return (rows - 1).bit_length()
