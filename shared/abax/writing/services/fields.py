"""Types of a context's fields: one line, prose of one paragraph, a day, a currency, an account.

Each refuses what no letter could state, with an error of its own that names the field by its place.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from abax.money import ISO_4217
from abax.writing.truth import Passage

FIRST_DAY: Final = date(1990, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""The days that a letter may be about."""

_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing, and so show a text as another."""
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z\d]{11,30}")
_BIC: Final = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z\d]{2}(?:[A-Z\d]{3})?")


def _one_line(value: str) -> str:
    if any(_breaks(letter) for letter in value):
        raise PydanticCustomError("one_line", "it must be one line, without control characters")
    return value


def _breaks(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Co", "Cs") or letter in _TURNING


def _paragraph(value: str) -> str:
    """In one line: breaks and tabs are blanks."""
    return _one_line(" ".join(value.split()))


def _day(value: date) -> date:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise PydanticCustomError(
            "day_range",
            "{day} is not between {first} and {last}",
            {"day": value.isoformat(), "first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()},
        )
    return value


def _currency(value: str) -> str:
    if value not in ISO_4217:
        raise PydanticCustomError(
            "currency", "{code} is no ISO 4217 code of a currency in use, such as EUR", {"code": repr(value)}
        )
    return value


def iban_is_valid(value: str) -> bool:
    """Whether ``value`` (blanks apart) has an IBAN's form and check digits (ISO 13616, mod 97-10)."""
    bare = re.sub(r"\s", "", value)
    if not _IBAN.fullmatch(bare):
        return False
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _iban(value: str) -> str:
    if value and not iban_is_valid(value):
        raise PydanticCustomError(
            "iban", "{value} is no IBAN: its check digits do not fit", {"value": repr(value)}
        )
    return value


def _bic(value: str) -> str:
    if value and not _BIC.fullmatch(value.replace(" ", "")):
        raise PydanticCustomError("bic", "{value} is no BIC of 8 or 11 characters", {"value": repr(value)})
    return value


Line = Annotated[str, AfterValidator(_one_line)]
"""A name, number or address: in one line, said as it is."""
Name = Annotated[Line, Field(max_length=200)]
Prose = Annotated[str, Field(max_length=4000), AfterValidator(_paragraph), Passage()]
"""What somebody wrote, as one paragraph."""
Day = Annotated[date, AfterValidator(_day)]
Currency = Annotated[
    str,
    Field(description="ISO 4217 code", json_schema_extra={"pattern": "^[A-Z]{3}$"}),
    AfterValidator(_currency),
]
Iban = Annotated[Name, AfterValidator(_iban)]
Bic = Annotated[Name, AfterValidator(_bic)]
