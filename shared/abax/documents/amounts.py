"""Printed amounts: ``1.471,60``, ``1'234.50``, ``(1,234.00)``, ``1 234,56 €``, ``12.00-``, ``USD 5``.

What a mark between digits means is decided by the number itself where it can be, and by the document
where it cannot: ``1.234`` is one thousand where the other amounts read ``12,50``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

CURRENCIES: Final[dict[str, str]] = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "euri": "EUR", "$": "USD", "us$": "USD",
    "usd": "USD", "£": "GBP", "gbp": "GBP", "chf": "CHF", "sfr": "CHF", "fr": "CHF", "zł": "PLN",
    "zl": "PLN", "pln": "PLN", "rm": "MYR", "myr": "MYR", "¥": "JPY", "jpy": "JPY", "cny": "CNY",
    "rmb": "CNY", "kč": "CZK", "czk": "CZK", "ft": "HUF", "huf": "HUF", "sek": "SEK", "nok": "NOK",
    "dkk": "DKK", "₹": "INR", "inr": "INR", "cad": "CAD", "ca$": "CAD", "c$": "CAD", "aud": "AUD",
    "au$": "AUD", "a$": "AUD", "nz$": "NZD", "nzd": "NZD", "sgd": "SGD", "s$": "SGD", "hkd": "HKD",
    "hk$": "HKD", "ron": "RON", "lei": "RON", "bgn": "BGN", "try": "TRY", "₺": "TRY", "zar": "ZAR",
    "brl": "BRL", "r$": "BRL", "mxn": "MXN", "mx$": "MXN", "aed": "AED", "sar": "SAR", "ils": "ILS",
    "₪": "ILS", "uah": "UAH", "₴": "UAH", "thb": "THB", "฿": "THB", "krw": "KRW", "₩": "KRW",
    "dh": "MAD", "mad": "MAD", "idr": "IDR", "rp": "IDR", "php": "PHP", "₱": "PHP", "vnd": "VND",
    "isk": "ISK", "rsd": "RSD", "hrk": "HRK", "tnd": "TND", "egp": "EGP", "ngn": "NGN", "kes": "KES",
    "clp": "CLP", "cop": "COP", "pen": "PEN", "ars": "ARS", "kr": "SEK",
}  # fmt: skip
"""What is printed beside an amount, small letters, to ISO 4217."""

_BLANKS: Final = "\u00a0\u202f\u2009\u2007\u2002\u2003\t "
_MINUS: Final = "-\u2212\u2013\u2010\u2011"
_DASH: Final = re.escape(_MINUS)
_QUOTES: Final = "'\u2019\u2018\u00b4`"
_NAMES: Final = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_NO_PARTING: Final = str.maketrans("", "", _BLANKS + _QUOTES)
_DIGITS: Final = (
    rf"\d{{1,3}}(?:[{_QUOTES}]\d{{3}})+(?:[.,]\d{{1,4}})?"  # 1'234.50
    rf"|\d{{1,3}}(?:[{_BLANKS}]\d{{3}})+(?:[.,]\d{{1,4}}(?!\d))"  # 1 234,56
    r"|\d{1,3}(?:,\d{2})*,\d{3}\.\d{1,4}"  # 1,23,456.00
    r"|\d{1,3}(?:\.\d{3})+(?:,\d{1,6})?(?!\.?\d)"  # 1.234.567,89
    r"|\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?(?!,?\d)"  # 1,234,567.89
    r"|\d+[.,]\d{1,6}"
    r"|[.,]\d{2}"
    r"|\d+"
)
_AMOUNT: Final = re.compile(
    rf"(?<![\w.,/:])(?<!\d-)(?P<before>(?:{_NAMES})\.?[{_BLANKS}]?)?"
    rf"(?P<open>\()?(?P<sign>[{_DASH}+][{_BLANKS}]?)?"
    rf"(?P<inner>(?:{_NAMES})\.?[{_BLANKS}]?[{_DASH}]?)?"
    rf"(?P<digits>{_DIGITS})(?P<dash>[.,][{_DASH}\u2014]{{1,2}})?"
    rf"(?P<trailing>[{_BLANKS}]?[{_DASH}](?![\w{_DASH}]))?"
    rf"(?P<after>[{_BLANKS}]?(?:{_NAMES})(?![\w$]))?(?P<trailing2>[{_BLANKS}]?[{_DASH}](?![\w{_DASH}]))?"
    rf"(?P<close>\))?(?P<side>[{_BLANKS}]?(?:CR|DR|Cr|Dr|[CDHS])\b\.?)?(?![\w/:]|[.,-]\d)",
    re.IGNORECASE,
)
_SINGLE: Final = re.compile(r"\d{1,3}[.,]\d{3}")
_SIDES: Final = {"CR": "credit", "C": "credit", "H": "credit", "DR": "debit", "D": "debit", "S": "debit"}
_CONFUSED: Final = str.maketrans(
    {"O": "0", "o": "0", "Q": "0", "D": "0", "l": "1", "I": "1", "|": "1", "i": "1", "!": "1"}
    | {"S": "5", "s": "5", "B": "8", "Z": "2", "z": "2", "G": "6", "b": "6"}
)
_NUMBERLIKE: Final = re.compile(r"[\dOoQDlI|i!SsBZzGb]+(?:[.,][\dOoQDlI|i!SsBZzGb]+)*")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as printed: ``start`` and ``end`` are its span in the text it was found in."""

    value: Decimal
    text: str
    start: int
    end: int
    currency: str | None = None
    places: int = 0
    """Digits after the decimal mark."""
    side: str | None = None
    """``credit`` or ``debit`` where CR, DR, H or S stands behind it; the value's sign is not changed."""
    unsure: bool = False
    """The mark could as well part thousands as decimals."""


def find_amounts(text: str, mark: str | None = None) -> Iterator[Amount]:
    """All amounts in a line of text. ``mark`` is the document's decimal mark, where it is known."""
    for match in _AMOUNT.finditer(text):
        yield _amount(match, mark)


def parse_amount(text: str, mark: str | None = None, *, recognised: bool = False) -> Amount | None:
    """The amount that ``text`` as a whole is, or None. With ``recognised``, letters that OCR takes digits
    for are read as digits where the rest is a number."""
    text = text.strip()
    for attempt in (text, unconfused(text)) if recognised else (text,):
        match = _AMOUNT.fullmatch(attempt)
        if match:
            return _amount(match, mark)
    return None


def unconfused(text: str) -> str:
    """``text`` with letters read as the digits that they are often mistaken for, in words that are mostly
    digits and have a decimal mark: ``1O.5O`` becomes ``10.50``."""

    def mended(match: re.Match[str]) -> str:
        word = match.group()
        digits = sum(letter.isdigit() for letter in word)
        marked = re.search(r"[.,].{2}$", word) is not None
        return word.translate(_CONFUSED) if marked and digits * 2 >= len(word) - 1 else word

    return _NUMBERLIKE.sub(mended, text)


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The decimal mark of a document by all its numbers, or None where none of them says."""
    votes: Counter[str] = Counter()
    for text in texts:
        for match in _AMOUNT.finditer(text):
            digits = match.group("digits")
            said = _own_mark(digits)
            if said:
                votes[said] += 2 if re.search(r"[.,]\d{2}$", digits) else 1
    return votes.most_common(1)[0][0] if votes else None


def _own_mark(digits: str) -> str | None:
    """The decimal mark as far as one number alone says it."""
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if dots + commas == 0:
        return None
    mark = "." if dots else ","
    if dots + commas > 1:
        return "," if mark == "." else "."
    whole, _, rest = digits.rpartition(mark)
    grouped = any(blank in whole for blank in _BLANKS + _QUOTES)
    return mark if grouped or len(rest) != 3 or whole.startswith("0") or len(whole) > 3 else None


def _amount(match: re.Match[str], mark: str | None) -> Amount:
    digits = match.group("digits")
    own = _own_mark(digits)
    value = _value(digits, own or mark or _thousands_alone(digits))
    inner = match.group("inner") or ""
    signs = (match.group("sign"), match.group("trailing"), match.group("trailing2"), inner)
    negative = any(sign and any(dash in sign for dash in _MINUS) for sign in signs) or (
        match.group("open") is not None and match.group("close") is not None
    )
    name = (match.group("before") or inner or match.group("after") or "").strip(_BLANKS + "." + _MINUS)
    side = (match.group("side") or "").strip(_BLANKS + ".").upper()
    return Amount(
        value=-value if negative else value,
        text=match.group().strip(),
        start=match.start(),
        end=match.end(),
        currency=CURRENCIES.get(name.lower()),
        places=max(0, -int(value.as_tuple().exponent)),
        side=_SIDES.get(side),
        unsure=own is None and mark is None and _SINGLE.fullmatch(digits) is not None,
    )


def _thousands_alone(digits: str) -> str:
    """``1.234`` and ``1,234`` are thousands, where nothing says otherwise."""
    return "," if "." in digits else "."


def _value(digits: str, mark: str) -> Decimal:
    kept = digits.translate(_NO_PARTING)
    kept = kept.replace(".", "").replace(",", ".") if mark == "," else kept.replace(",", "")
    return Decimal("0" + kept if kept[0] == "." else kept)


@lru_cache(maxsize=1)
def _iso_codes() -> frozenset[str]:
    return frozenset(CURRENCIES.values())


def currency_of(text: str) -> str | None:
    """The currency that a word names: ``€``, ``EUR``, ``zł``; None where it names none."""
    bare = text.strip(_BLANKS + "().:,[]")
    if bare.upper() in _iso_codes() and bare.isalpha() and bare.isupper():
        return bare.upper()
    return CURRENCIES.get(bare.lower())
