"""Money: decimal amounts and how many decimals a currency has. No binary floating point."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Final

ZERO: Final = Decimal(0)

STORED_DIGITS: Final = 18
STORED_DECIMALS: Final = 4
STORED_TYPE: Final = f"DECIMAL({STORED_DIGITS},{STORED_DECIMALS})"
"""The column type of every amount in Parquet and DuckDB: 64-bit integers inside."""

_IN_USE: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP
BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR
FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES
KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG ZWL
"""
ISO_4217: Final = frozenset(_IN_USE.split())
"""Codes of currencies in use (list one, as of 2025)."""

# ISO 4217 minor units that differ from 2 (list one, as of 2024).
_MINOR_UNITS: Final = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def decimals(currency: str) -> int:
    """How many decimals amounts in ``currency`` (ISO 4217 code) carry."""
    return _MINOR_UNITS.get(currency, 2)


@cache
def _quantum(currency: str) -> Decimal:
    return Decimal(1).scaleb(-decimals(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """``amount`` at the currency's decimals, half to even."""
    return amount.quantize(_quantum(currency), rounding=ROUND_HALF_EVEN)


def trimmed(amount: Decimal, currency: str) -> Decimal:
    """``amount`` at the currency's decimals where that loses nothing, else as it is: sums stay exact."""
    short = rounded(amount, currency)
    return short if short == amount else amount


def told(amount: Decimal, currency: str) -> str:
    """``-1,234.50 EUR``: as messages have it; more decimals where the amount has more."""
    return f"{trimmed(amount, currency):,f} {currency}"


def display(amount: Decimal | None, currency: str) -> str:
    """``1,234.50``, negative amounts in parentheses, an en dash for nothing."""
    if amount is None:
        return "–"
    text = f"{abs(rounded(amount, currency)):,f}"
    return f"({text})" if rounded(amount, currency) < 0 else text
