"""What a sentence claims: its numbers with their units and precision, its dates, its words.

Nothing with a digit in it is passed over: what cannot be read makes the sentence unreadable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.writing.figures import DAYS, MONTHS, PERCENT, TIMES, Figure


def word_set(words: str) -> frozenset[str]:
    """The words of a text that is easier to read as one."""
    return frozenset(words.split())


MONEY: Final = "money"
POINTS: Final = "points"


class Unreadable(ValueError):
    """A sentence with something numeric in it that has no one meaning."""


@dataclass(frozen=True)
class Number:
    """A number as written: every value that rounds to it at its last digit may be meant."""

    value: Decimal
    step: Decimal
    """What one unit of its last digit is worth."""
    unit: str
    """``money``, ``%``, ``points``, ``x``, ``days``, ``months``, or nothing."""
    currency: str
    """ISO code where one is written."""
    negative: bool
    start: int
    end: int

    def means(self, figure: Figure) -> bool:
        """Whether ``figure``, rounded, is written like this. Without a sign both signs will do."""
        if self.unit not in _units(figure) or (self.currency and self.currency != figure.unit):
            return False
        if self.negative and figure.value > 0:
            return False
        return abs(abs(figure.value) - self.value) * 2 <= self.step


@dataclass(frozen=True)
class When:
    """A day, month, quarter or year: ``2025-03-31``, ``2025-03``, ``2025-Q1``, ``2025``."""

    label: str
    start: int
    end: int


Claim = Number | When


def claims(text: str) -> list[Claim]:
    """The numbers and dates of a text, in order.

    Raises:
        Unreadable: digits or number words that are none of these.
    """
    plain = normalised(text)
    found: list[Claim] = list(whens(plain))
    rest = _blanked(plain, found)
    found += _numbers(rest)
    rest = _blanked(rest, found)
    if left := [character for character in rest if unicodedata.category(character)[0] == "N"]:
        raise Unreadable(f"{''.join(left)!r} cannot be read as a number or a date")
    if words := sorted(set(words_of(rest)) & COUNTING):
        raise Unreadable(f"{words[0]!r} states a number in words")
    return sorted(found, key=lambda claim: claim.start)


def normalised(text: str) -> str:
    """Compatibility forms resolved (thin, wide and raised characters); dashes before digits as minus."""
    return re.sub(r"[\u2212\u2010\u2011](?=\s?\d)", "-", unicodedata.normalize("NFKC", text))


def words_of(text: str) -> list[str]:
    """Lower-case words, compounds in parts."""
    return re.findall(r"[^\W\d_]+", text.lower())


def _units(figure: Figure) -> tuple[str, ...]:
    if figure.unit in (PERCENT, TIMES, DAYS, MONTHS):
        return (figure.unit,)
    return (MONEY, "")


def _blanked(text: str, found: Sequence[Claim]) -> str:
    for claim in found:
        text = text[: claim.start] + " " * (claim.end - claim.start) + text[claim.end :]
    return text


# --- dates ----------------------------------------------------------------------------------------------

MONTH_NAMES: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH: Final = r"(?P<month>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTH_NAMES) + r"|sept)\.?"
_YEAR: Final = r"(?P<year>(?:19|20|21)\d\d)"
_END: Final = r"(?![\d\w%]|[.,]\d)"
_DATES: Final = tuple(
    re.compile(rf"(?<![\w.,-]){pattern}{_END}", re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}-(?P<number>\d\d)-(?P<day>\d\d)",
        rf"{_YEAR}-(?P<part>Q[1-4]|P\d\d)",
        rf"{_YEAR}-(?P<number>0[1-9]|1[0-2])",
        rf"(?P<part>Q[1-4])[ /-]?(?:of )?{_YEAR}",
        rf"(?P<day>\d\d?)(?:st|nd|rd|th)? {_MONTH},? {_YEAR}",
        rf"{_MONTH} (?P<day>\d\d?)(?:st|nd|rd|th)?, {_YEAR}",
        rf"{_MONTH},? {_YEAR}",
        rf"(?:FY ?)?{_YEAR}(?! ?(?:%|percent|per cent|thousand|million|billion|days|times|months))",
    )
)
_MONEY_BEFORE: Final = re.compile(r"(?:[$€£¥]|\b[A-Z]{3}) ?$")


def whens(text: str) -> Iterator[When]:
    """The dates of a normalised text; years that follow a currency are amounts."""
    for pattern in _DATES:
        found = [
            When(_label(match), match.start(), match.end())
            for match in pattern.finditer(text)
            if not _MONEY_BEFORE.search(text[: match.start()])
        ]
        yield from found
        text = _blanked(text, found)


def _label(match: re.Match[str]) -> str:
    parts = match.groupdict()
    year = parts["year"]
    if parts.get("part"):
        return f"{year}-{parts['part'].upper()}"
    number = parts.get("number") or (parts.get("month") and f"{month_number(parts['month']):02d}")
    if number and parts.get("day"):
        return f"{year}-{number}-{int(parts['day']):02d}"
    return f"{year}-{number}" if number else str(year)


def month_number(name: str) -> int:
    """1 for ``Jan`` or ``january``."""
    return next(place for place, full in enumerate(MONTH_NAMES, 1) if full.startswith(name.lower()[:3]))


# --- numbers --------------------------------------------------------------------------------------------

_SCALES: Final = {
    **dict.fromkeys(("billion", "bn"), Decimal(10) ** 9),
    **dict.fromkeys(("million", "millions", "mn", "mio", "m"), Decimal(10) ** 6),
    **dict.fromkeys(("thousand", "thousands", "k"), Decimal(10) ** 3),
}
_SYMBOLS: Final = {"€": "EUR", "£": "GBP", "$": "", "¥": ""}
"""A dollar or yen sign names several currencies."""
_UNITS: Final = {
    "%": PERCENT,
    "percent": PERCENT,
    "per cent": PERCENT,
    "percentage points": POINTS,
    "percentage point": POINTS,
    "pp": POINTS,
    "×": TIMES,
    "x": TIMES,
    "times": TIMES,
    "days": DAYS,
    "day": DAYS,
    "months": MONTHS,
    "month": MONTHS,
}


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_NUMBER: Final = re.compile(
    rf"(?<![\w.,/\u2044])(?<!\d-)(?P<before>[$€£¥]|[A-Z]{{3}}(?= ?-?\d))? ?(?P<sign>-)? ?"
    rf"(?P<whole>\d{{1,3}}(?:,\d{{3}})+|\d{{1,3}}(?: \d{{3}})+|\d+)(?P<part>\.\d+)?"
    rf"(?: ?(?P<scale>{_either(_SCALES)})(?![^\W_]))?"
    rf"(?: ?(?P<unit>{_either(_UNITS)})(?![^\W_]))?"
    rf"(?: ?(?P<after>[€£]|[A-Z]{{3}})(?!\w))?(?!\w|[.,/\u2044-]\d)",
)


def _numbers(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        scale = _SCALES.get(match["scale"] or "", Decimal(1))
        unit = _UNITS.get(match["unit"] or "", "")
        given = match["before"] or match["after"] or ""
        if unit and given:
            raise Unreadable(f"{match[0].strip()!r} has two units")
        digits = (match["part"] or ".")[1:]
        whole = re.sub(r"[, ]", "", match["whole"])
        yield Number(
            value=Decimal(f"{whole}.{digits or 0}") * scale,
            step=Decimal(1).scaleb(-len(digits)) * scale,
            unit=unit or (MONEY if given or match["scale"] else ""),
            currency=_SYMBOLS.get(given, given),
            negative=match["sign"] is not None,
            start=match.start(),
            end=match.end(),
        )


COUNTING: Final = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "hundreds thousand thousands million millions billion billions trillion dozen dozens half halves "
    "halved third thirds fourth fifth quarters double doubled doubles doubling triple tripled triples "
    "tripling twice thrice quadruple quadrupled fold tenfold twofold threefold percent percentage "
    "couple pair"
)
"""Words that state a number: sentences of ours write digits."""
