"""What a printed value means: text as the type that its field has, read by the parsers of this package.

A value that somebody copies from a page as it stands (``answering``) is a number in the document's way of
writing numbers, a day in its order of days, an identifier with the blanks that it is printed with. What does
not read as its field's type has no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.documents import amounts, dates, identifiers, lexicon

MOST_TAX: Final = 50
"""Percent: no country takes more of goods."""
_UNTAXED: Final = frozenset(
    {"zero", "zerorated", "zr", "zw", "np", "exempt", "exento", "exenta", "esente", "exo", "exonere", "vrij"}
    | {"vrijgesteld", "verlegd", "steuerfrei", "frei", "none", "nil", "oo", "outofscope", "notax"}
)
_PERCENT: Final = re.compile(r"(?<=\d)\s?%")
_TAX_LETTER: Final = re.compile(r"(?<=\d[.,]\d\d) ?(?:[ABE-GI-RT-Z*]|[A-Z]\d)$")
_PARTED: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_MARKS: Final = re.compile(r"[\s.\u00a0-]")
_ENTRY: Final = "entries"
"""Of an account statement: what is in the debit lowers a balance."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How a document writes what can be read in several ways."""

    mark: str | None = None
    """The decimal mark."""
    order: str | None = None
    """Of dates: ``dmy``, ``mdy`` or ``ymd``."""
    language: str | None = None
    currency: str | None = None
    """What ``$`` is on it."""
    recognised: bool = False
    """Words come from OCR: letters stand for digits."""


def ways_of(texts: Iterable[str]) -> Ways:
    """How these texts are written, as far as they tell."""
    texts = list(texts)
    return Ways(amounts.decimal_mark(texts), dates.date_order(texts))


def meaning(path: str, kind: Any, text: str, ways: Ways) -> Any:
    """The value of the field at ``path``, whose type is ``kind`` (``str``, ``Decimal``, ``int`` or ``date``),
    printed as ``text``; None where it does not read as one."""
    name = path.rpartition(".")[2].partition("[")[0]
    text = " ".join(text.split())
    if kind is str:
        return _TEXTS.get(name, _plain)(text, ways) or None
    if kind is date:
        day = dates.parse_date(text, ways.order)
        return day.value if day else None
    if kind is int:
        amount = _number(text, ways)
        return int(amount.value) if amount and amount.value == int(amount.value) else None
    if kind is Decimal:
        return _decimal(path, name, text, ways)
    return None


# --- numbers --------------------------------------------------------------------------------------------


def bare(text: str) -> str:
    """A number without the sign of percent, and without the letter of its tax behind it."""
    return _TAX_LETTER.sub("", _PERCENT.sub("", text))


def rate_of(text: str, mark: str | None) -> Decimal | None:
    """The rate of a tax: a number that is one, or the word for none."""
    found = next(amounts.find_amounts(bare(text), mark), None)
    if found is not None:
        return found.value if 0 <= found.value < MOST_TAX else None
    return Decimal(0) if lexicon.plain(text) in _UNTAXED else None


def _decimal(path: str, name: str, text: str, ways: Ways) -> Decimal | None:
    if name in ("tax_rate", "rate"):
        return rate_of(text, ways.mark)
    amount = _number(text, ways)
    if amount is None:
        return None
    if amount.side == "debit" and path.startswith(_ENTRY) and name == "amount":
        return -abs(amount.value)
    return amount.value


def _number(text: str, ways: Ways) -> amounts.Amount | None:
    """The number that a text is, or the only or first one in it: ``19 %``, ``10,00 A``, ``2 Stk``,
    ``30 Tage``."""
    if ways.recognised:
        text = amounts.unconfused(text)
    text = _PARTED.sub("", bare(text))
    return amounts.parse_amount(text, ways.mark) or next(amounts.find_amounts(text, ways.mark), None)


# --- texts ----------------------------------------------------------------------------------------------


def _plain(text: str, ways: Ways) -> str:
    return text


def _compact(text: str) -> str:
    return _MARKS.sub("", text).upper()


def _vat_id(text: str, ways: Ways) -> str:
    """With its country's letters, without blanks."""
    found = next(identifiers.find_vat_ids(text), None)
    if found is None:
        found = next(identifiers.find_national_vat_ids(text, ways.language), None)
    if found is not None:
        return found.value
    return identifiers.national_vat(text) or _compact(text)


def _iban(text: str, ways: Ways) -> str:
    found = next(identifiers.find_ibans(text), None)
    return found.value if found else _compact(text)


def _bic(text: str, ways: Ways) -> str:
    found = next(identifiers.find_bics(text), None)
    return found.value if found else _compact(text)


def _currency(text: str, ways: Ways) -> str | None:
    """ISO 4217; the currency of an amount where it is printed with one."""
    if text == "$" and ways.currency:
        return ways.currency
    words = (amounts.currency_of(word) for word in (text, *text.split()))
    beside = (amount.currency for amount in amounts.find_amounts(text, ways.mark))
    return next((code for code in (*words, *beside) if code), None)


def _country(text: str, ways: Ways) -> str | None:
    """ISO 3166-1, two letters."""
    if len(text) == 2 and text.isalpha():
        return text.upper()
    return lexicon.countries().get(lexicon.plain(text))


def _position(text: str, ways: Ways) -> str:
    return text.strip(" .:")


def _code(text: str, ways: Ways) -> str:
    return text.strip(" :")


_TEXTS: Final[dict[str, Callable[[str, Ways], str | None]]] = {
    "vat_id": _vat_id,
    "iban": _iban,
    "debited_account": _iban,
    "bic": _bic,
    "currency": _currency,
    "tax_currency": _currency,
    "country": _country,
    "origin": _country,
    "position": _position,
    "item_number": _code,
    "buyer_item_number": _code,
    "standard_item_number": _code,
    "account": _code,
    "document_number": _code,
    "cost_center": _code,
    "order_number": _code,
}
"""Texts with a form of their own, by the name of their field."""
