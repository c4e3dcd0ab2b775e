"""Amounts as people read them on paper: thin separators, a true minus, an en dash for nothing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from abax.money import decimals, rounded

THIN: Final = "\u202f"
"""Narrow no-break space between thousands."""
MINUS: Final = "\u2212"
NOTHING: Final = "–"

BEYOND: Final = Decimal(1000)
"""Percent from which on a change is told as a multiple."""

_STEPS: Final = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))


def amount(value: Decimal | None, currency: str) -> str:
    """``12 345.60`` at the currency's decimals; more of them where the value has more, so that nothing shown
    is rounded away."""
    if value is None:
        return NOTHING
    short = rounded(value, currency)
    return _signed(short if short == value else value.normalize())


def split_amount(value: Decimal, currency: str) -> tuple[str, str]:
    """The whole units and the decimals with their point, to be set in different weights."""
    whole, point, rest = amount(value, currency).partition(".")
    return whole, point + rest


def compact(value: Decimal) -> str:
    """Three digits and a unit, such as ``1.24m``: for headlines and axes."""
    size = abs(value)
    for step, unit in _STEPS:
        if size >= step * Decimal("0.9995"):
            return _signed(_three_digits(value / step)) + unit
    return _signed(_three_digits(value))


def tick(value: Decimal) -> str:
    """``1.5m``: no more digits than the value has."""
    step, unit = next(((step, unit) for step, unit in _STEPS if abs(value) >= step), (Decimal(1), ""))
    return _signed(Decimal(f"{(value / step).normalize():f}")) + unit


def percent(value: Decimal) -> str:
    """``12.4 %``."""
    return f"{_signed(value.quantize(Decimal('0.1'), ROUND_HALF_UP))}{THIN}%"


def moved(value: Decimal) -> str:
    """A change in percent, while percent say anything: from a small base on, that it is more than tenfold."""
    if abs(value) < BEYOND:
        return percent(value)
    return f"{'▲' if value > 0 else '▼'} tenfold+"


def change(new: Decimal, old: Decimal) -> Decimal | None:
    """How much ``new`` is above ``old`` in percent of the size of ``old``; None where ``old`` is zero."""
    return (new - old) / abs(old) * 100 if old else None


def ratio(value: Decimal | None, unit: str) -> str:
    """A ratio with its unit."""
    if value is None:
        return NOTHING
    if unit == "%":
        return percent(value)
    if unit == "days":
        return f"{_signed(value.quantize(Decimal(1), ROUND_HALF_UP))}{THIN}days"
    return f"{_signed(value.quantize(Decimal('0.01'), ROUND_HALF_UP))}{THIN}×"


def minor_units(value: Decimal, places: int) -> int:
    """``value`` as an integer of ``10 ** -places``."""
    return int(value.scaleb(places).to_integral_exact())


def places(currency: str, values: list[Decimal]) -> int:
    """How many decimals hold every one of ``values`` exactly: the currency's, or more."""
    finest = max((-int(value.normalize().as_tuple().exponent) for value in values if value), default=0)
    return max(decimals(currency), finest)


def _three_digits(value: Decimal) -> Decimal:
    size = abs(value)
    digits = (
        0
        if size >= Decimal("99.95") or size == size.to_integral_value()
        else 1
        if size >= Decimal("9.995")
        else 2
    )
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _signed(value: Decimal) -> str:
    text = f"{abs(value):,f}".replace(",", THIN)
    return f"{MINUS}{text}" if value < 0 else text
