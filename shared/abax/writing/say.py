"""Figures as sentences say them: three digits and a word, or to the cent."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from abax.money import rounded
from abax.writing.figures import DAYS, MONTHS, PERCENT, TIMES, Figure

_STEPS: Final = ((Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"), (Decimal(10) ** 3, "thousand"))
_TENTHS: Final = Decimal("0.1")


def short(figure: Figure) -> str:
    """The figure's size with its unit, such as ``EUR 1.24 million``, ``5.5 %`` or ``48 days``."""
    size = abs(figure.value)
    if figure.unit == PERCENT:
        return f"{size.quantize(_TENTHS, ROUND_HALF_UP):,} %"
    if figure.unit in (DAYS, MONTHS):
        return f"{size.quantize(Decimal(1), ROUND_HALF_UP):,} {figure.unit}"
    if figure.unit == TIMES:
        return f"{size.quantize(Decimal('0.01'), ROUND_HALF_UP):,} times"
    return f"{figure.unit} {_scaled(size, figure.unit)}"


def exact(figure: Figure) -> str:
    """The figure with its sign, to the cent: ``EUR -1,234.50``; ratios as ``short``, with their sign."""
    sign = "-" if figure.value < 0 else ""
    if figure.unit in (PERCENT, DAYS, MONTHS, TIMES):
        return sign + short(figure)
    cents = rounded(figure.value, figure.unit)
    value = cents if cents == figure.value else figure.value.normalize()
    return f"{figure.unit} {value:,f}"


def day(value: date) -> str:
    """``31 Oct 2026``."""
    return f"{value.day} {value:%b} {value.year}"


def _scaled(size: Decimal, currency: str) -> str:
    for step, word in _STEPS:
        if size >= step * Decimal("0.9995") and (word != "thousand" or size >= 9_995):
            return f"{_three_digits(size / step):,f} {word}"
    return f"{rounded(size, currency) if size < 1000 else size.quantize(Decimal(1), ROUND_HALF_UP):,f}"


def _three_digits(value: Decimal) -> Decimal:
    places = 0 if value >= Decimal("99.95") else 1 if value >= Decimal("9.995") else 2
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
