"""Printed dates, in the order and the languages that documents write them in."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

MONTHS: Final[dict[str, str]] = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar maerz april mai juni juli august september oktober november dezember",
    "de2": "jaenner feber marz april mai juni juli august september oktober november dezember",
    "fr": "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "es2": "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia "
    "wrzesnia pazdziernika listopada grudnia",
    "pl2": "styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien",
    "pt": "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "cs": "ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
}
"""Month names without accents, January first."""

_EXTRA: Final[dict[str, int]] = {
    "sept": 9, "mrz": 3, "mae": 3, "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "aou": 8, "ene": 1,
    "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10, "mrt": 3,
    "mei": 5, "okt": 10, "dez": 12, "kwi": 4, "cze": 6, "lip": 7, "sie": 8, "wrz": 9, "paz": 10, "lis": 11,
    "gru": 12, "sty": 1, "lut": 2, "out": 10, "dek": 12, "feb": 2, "mai": 5, "maj": 5, "jui": 6,
}  # fmt: skip


def _month_table() -> dict[str, int]:
    table: dict[str, int] = {}
    for names in MONTHS.values():
        for place, name in enumerate(names.split(), start=1):
            table[name] = place
    for names in MONTHS.values():
        for place, name in enumerate(names.split(), start=1):
            for length in (3, 4):
                table.setdefault(name[:length], place)
    # The same short form may stand for two months ("mar", "jui", "lis"): English and the list above win.
    for place, name in enumerate(MONTHS["en"].split(), start=1):
        table[name[:3]] = place
    return table | _EXTRA


_MONTH: Final = _month_table()
_LETTERS: Final = r"[^\W\d_]"
_NUMERIC: Final = re.compile(
    r"(?<![\d.,/-])(?P<a>\d{1,4})(?P<mark>\s?[./\u2010\u2011\u2013-]\s?|\s)(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})"
    r"(?![\d]|[./,-]\d)"
)
_COMPACT: Final = re.compile(r"(?<![\w.,/-])(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?![\w.,/-])")
_DAY_FIRST: Final = re.compile(
    rf"(?<![\w.,/])(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|e|\u00ba|\u00b0|\.|,)?[\s/.\u2013-]{{0,2}}(?:de\s|of\s|di\s)?"
    rf"(?P<m>{_LETTERS}{{3,12}})[\s./,\u2013-]{{0,3}}(?:de\s|del\s|of\s)?"
    r"(?P<y>(?:19|20)\d{2}|'?\d{2})(?![\w]|[.,/]\d)"
)
_MONTH_FIRST: Final = re.compile(
    rf"(?<!{_LETTERS})(?P<m>{_LETTERS}{{3,12}})[\s./-]{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[,.\s/-]{{1,3}}"
    r"(?P<y>(?:19|20)\d{2}|'?\d{2})(?![\w]|[.,/]\d)"
)
_YEAR_FIRST: Final = re.compile(
    rf"(?<!\w)(?P<y>(?:19|20)\d{{2}})[\s./-]{{0,2}}(?P<m>{_LETTERS}{{3,12}})[\s./-]{{0,2}}(?P<d>\d{{1,2}})(?!\w)"
)
_IDEOGRAPHS: Final = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s?\u5e74\s?(?P<m>\d{1,2})\s?\u6708\s?(?P<d>\d{1,2})\s?\u65e5"
)
_FOUR: Final = 4


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as printed, with its span in the text it was found in."""

    value: date
    text: str
    start: int
    end: int
    unsure: bool = False
    """Day and month could be exchanged, and nothing said which is which."""


def find_dates(text: str, order: str | None = None) -> Iterator[PrintedDate]:
    """All dates in a line of text. ``order`` is ``dmy``, ``mdy`` or ``ymd``: how the document writes dates
    that can be read in several ways."""
    taken: list[tuple[int, int]] = []
    for pattern in (_IDEOGRAPHS, _DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST):
        for match in pattern.finditer(text):
            found = _named(match)
            if found and not _overlaps(match, taken):
                taken.append(match.span())
                yield found
    for match in _NUMERIC.finditer(text):
        numeric = _numeric(match, order)
        if numeric and not _overlaps(match, taken):
            taken.append(match.span())
            yield numeric
    for match in _COMPACT.finditer(text):
        value = _date(int(match["y"]), int(match["m"]), int(match["d"]))
        if value and not _overlaps(match, taken):
            yield PrintedDate(value, match.group(), match.start(), match.end())


def parse_date(text: str, order: str | None = None) -> PrintedDate | None:
    """The first date in ``text``, or None."""
    return min(find_dates(text, order), key=lambda found: found.start, default=None)


def days_of(year: int, month: int) -> tuple[date, date]:
    """The first and the last day of a month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def date_order(texts: Iterable[str], *, month_first: bool = False) -> str:
    """The order of a document's dates by those that can be read in one way only. ``month_first`` says what
    to take where none can."""
    votes: Counter[str] = Counter()
    years: set[str] = set()
    firsts: set[str] = set()
    for text in texts:
        for match in _NUMERIC.finditer(text):
            first, second, third = (match[name] for name in "abc")
            if len(first) <= 2 >= len(third):
                firsts.add(first)
            if len(first) == _FOUR:
                years.add(first[2:])
            elif int(first) > 12 >= int(second) and len(third) in (2, 4):
                votes["dmy"] += 2
            elif 31 >= int(second) > 12 >= int(first) and match["mark"].strip() not in (".", ""):
                votes["mdy"] += 2
            elif match["mark"].strip() == ".":
                votes["dmy"] += 1
    if votes:
        return votes.most_common(1)[0][0]
    if years and firsts <= years:  # 2026-02-03 tells how 26/02/03 reads, and nothing of 11/03/26
        return "ymd"
    return "mdy" if month_first else "dmy"


def _overlaps(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in taken)


def _named(match: re.Match[str]) -> PrintedDate | None:
    word = match["m"]
    month = int(word) if word.isdigit() else month_of(word)
    if not month:
        return None
    year = match["y"].strip("'")
    value = _date(_full_year(year), month, int(match["d"]))
    return PrintedDate(value, match.group().strip(), match.start(), match.end()) if value else None


def month_of(word: str) -> int | None:
    """The month that a word names or shortens, in any of the languages."""
    plain = (
        word.lower().replace("\u00e4", "ae")
        if word.lower().startswith(("m\u00e4", "j\u00e4"))
        else word.lower()
    )
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter)
    )
    return _MONTH.get(plain.replace("\u0142", "l").rstrip("."))


def _numeric(match: re.Match[str], order: str | None) -> PrintedDate | None:
    first, second, third = (match[name] for name in "abc")
    blank = match["mark"].strip() == ""
    if blank and not (len(third) == _FOUR and len(first) <= 2):
        return None
    if len(first) == _FOUR:
        value = _date(int(first), int(second), int(third)) if len(third) <= 2 else None
        return PrintedDate(value, match.group(), match.start(), match.end()) if value else None
    if len(first) > 2 or len(third) in (1, 3):
        return None
    year = _full_year(third)
    day_first, month_first = _date(year, int(second), int(first)), _date(year, int(first), int(second))
    year_first = _date(_full_year(first), int(second), int(third)) if len(third) == 2 else None
    ranked = {
        "mdy": (month_first, day_first, year_first),
        "ymd": (year_first, day_first, month_first),
    }.get(order or "dmy", (day_first, month_first, year_first))
    value = next((one for one in ranked if one), None)
    if not value:
        return None
    unsure = order is None and bool(day_first and month_first and day_first != month_first)
    return PrintedDate(value, match.group(), match.start(), match.end(), unsure)


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _date(year: int, month: int, day: int) -> date | None:
    if not 1950 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
