"""What a sum of amounts may come to, of which each is paid or not, independently of the others.

Where a few amounts are large beside the rest, their sum is nothing like normal: with one large invoice it is
near one of two values. So the ``LARGEST`` are taken exactly, every combination with its chance, and only the
rest, of which there are many and none counts much, as a normal distribution.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erf, sqrt
from typing import Final

LARGEST: Final = 8
"""Amounts of which all combinations are taken: 256 at most."""
_LEAST: Final = 1e-6
"""A combination that is less likely is dropped."""
_STEPS: Final = 45
"""Of halving the range in which a quantile lies."""


@dataclass(frozen=True)
class Outcomes:
    """The distribution of a sum."""

    points: tuple[tuple[float, float], ...]
    """Value, rising, and chance of each combination of the largest, with the mean of the rest."""
    spread: float
    """Standard deviation of the rest."""
    least: float
    most: float
    """What the sum cannot pass."""

    def below(self, value: float) -> float:
        """The chance that the sum is less than a value."""
        if value <= self.least or value > self.most:
            return float(value > self.most)
        if not self.spread:
            return sum(chance for point, chance in self.points if point < value)
        scale = self.spread * sqrt(2)
        return sum(chance * 0.5 * (1 + erf((value - point) / scale)) for point, chance in self.points)

    def quantile(self, share: float) -> float:
        """The value that a share of all outcomes does not pass."""
        if not self.spread:
            left = share - 1e-12
            for point, chance in self.points:
                left -= chance
                if left <= 0:
                    return point
            return self.points[-1][0]
        low, high = self.least, self.most
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.below(middle) >= share else (middle, high)
        return (low + high) / 2


def outcomes(amounts: Iterable[tuple[float, float]], start: float = 0.0) -> Outcomes:
    """Of amounts with the chance of each; ``start`` is added for sure."""
    fixed, open_ = start, []
    for amount, chance in amounts:
        if chance >= 1 - _LEAST:
            fixed += amount
        elif chance > _LEAST:
            open_.append((amount, chance))
    open_.sort(key=lambda one: -(one[0] ** 2) * one[1] * (1 - one[1]))
    large, rest = open_[:LARGEST], open_[LARGEST:]
    sums = {fixed + sum(amount * chance for amount, chance in rest): 1.0}
    for amount, chance in large:
        grown: dict[float, float] = {}
        for value, likely in sums.items():
            for sum_, part in ((value, likely * (1 - chance)), (value + amount, likely * chance)):
                grown[sum_] = grown.get(sum_, 0.0) + part
        sums = {value: likely for value, likely in grown.items() if likely > _LEAST}
    whole = sum(sums.values())
    return Outcomes(
        tuple((value, likely / whole) for value, likely in sorted(sums.items())),
        sqrt(sum(amount**2 * chance * (1 - chance) for amount, chance in rest)),
        fixed + sum(min(amount, 0.0) for amount, _ in open_),
        fixed + sum(max(amount, 0.0) for amount, _ in open_),
    )
