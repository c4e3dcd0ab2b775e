"""Exchange rates of the two companies, one for each working day."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

MILLION = 1_000_000
START = date(2022, 1, 3)
END = date(2025, 12, 31)

# Pounds for one euro, in millionths, at the start of each quarter from 2022 on: an invented but likely path.
_ANCHORS = (
    840_000, 836_000, 858_000, 872_000, 884_000, 880_000, 858_000, 866_000, 868_000,
    856_000, 847_000, 833_000, 829_000, 838_000, 857_000, 872_000, 876_000,
)  # fmt: skip


def divided(numerator: int, denominator: int) -> int:
    """Integer division, half away from zero: how every amount here is rounded to the cent."""
    quotient, rest = divmod(abs(numerator), abs(denominator))
    rounded = quotient + (2 * rest >= abs(denominator))
    return rounded if (numerator < 0) == (denominator < 0) else -rounded


@dataclass(frozen=True)
class Rates:
    """``units[i]`` millionths of the foreign currency for one unit of the functional one, from ``days[i]``
    on: what Odoo keeps in ``res_currency_rate.rate``."""

    foreign: str
    days: list[date] = field(default_factory=list)
    units: list[int] = field(default_factory=list)

    def on(self, day: date) -> int:
        """The rate that holds on ``day``."""
        return self.units[bisect_right(self.days, day) - 1]

    def to_functional(self, foreign_amount: int, day: date) -> int:
        """Foreign cents in functional cents at the day's rate."""
        return divided(foreign_amount * MILLION, self.on(day))


def euro_and_pound(seed: int) -> tuple[Rates, Rates]:
    """The rates of the euro company (pounds for a euro) and of the pound company (euros for a pound)."""
    rng = Random(f"{seed}/rates")  # noqa: S311
    pounds, euros = Rates("GBP"), Rates("EUR")
    drift = 0
    for offset in range((END - START).days + 1):
        day = START + timedelta(days=offset)
        drift = drift * 9 // 10 + rng.randint(-2_200, 2_200)
        if day.weekday() < 5:
            rate = _path(day) + drift
            pounds.days.append(day)
            pounds.units.append(rate)
            euros.days.append(day)
            euros.units.append(divided(MILLION * MILLION, rate))
    return pounds, euros


def _path(day: date) -> int:
    quarter, into = divmod((day.month - 1) * 31 + day.day - 1, 93)
    index = (day.year - START.year) * 4 + quarter
    return _ANCHORS[index] + (_ANCHORS[index + 1] - _ANCHORS[index]) * into // 93
