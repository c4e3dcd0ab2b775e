"""How far ahead a history can speak for."""

from __future__ import annotations

from typing import Final

from abax.errors import HorizonTooLong

LONGEST: Final = 60
"""Months ahead that are ever forecast."""


def longest(months: int) -> int:
    """The months ahead that so many months of history support: as many again, up to ``LONGEST``."""
    return min(months, LONGEST)


def require(horizon: int, months: int) -> None:
    """Raises HorizonTooLong."""
    if horizon > longest(months):
        raise HorizonTooLong(horizon, months, longest(months))
