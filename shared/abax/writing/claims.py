"""What a text in any of seven languages claims: amounts, numbers, dates, times, addresses, references.

The text is read from what is surest to what is left: whatever has been understood is blanked out for the
steps after it, and a digit that nobody understood is a claim too. Names are found by ``abax.writing.names``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Final

from abax.money import ISO_4217
from abax.writing.spelling import (
    AMBIGUOUS_COUNTS,
    COMPOUND_COUNTS,
    COUNT_WORDS,
    CURRENCY_WORDS,
    LANGUAGES,
    MONTH_NUMBERS,
    MONTHS,
    ONE_WORDS,
    SCALES,
    UNIT_OF,
    UNIT_WORDS,
    WEEKDAY_NUMBERS,
    plain,
)

GONE: Final = "\ufffc"
"""Stands where something has been read: neither a letter nor a blank."""


@dataclass(frozen=True)
class Count:
    """A number with what it counts: a unit of ``abax.writing.spelling``, or nothing."""

    value: Decimal
    unit: str = ""


@dataclass(frozen=True)
class Sum:
    """An amount of money, in any of the currencies that its sign may mean."""

    value: Decimal
    currencies: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """A date as far as it is told: any of its parts may be 0, for not told."""

    year: int = 0
    month: int = 0
    day: int = 0
    weekday: int = 0
    """Monday is 1."""

    def tells(self, value: date) -> bool:
        """Whether ``value`` may be told like this."""
        parts = (self.year, self.month, self.day, self.weekday)
        known = (value.year, value.month, value.day, value.isoweekday())
        return all(part in (0, own) for part, own in zip(parts, known, strict=True))


Reading = Count | Sum | Day | time | str
"""One thing that a claim may mean; a string stands for the very characters."""


@dataclass(frozen=True)
class Claim:
    """Something told: it is true where any of its readings is."""

    kind: str
    """``amount``, ``number``, ``date``, ``time``, ``address``, ``account``, ``reference``, ``relative date``,
    ``placeholder`` or ``name``."""
    text: str
    start: int
    end: int
    readings: tuple[Reading, ...] = ()
    """Empty: it cannot be true of anything."""


class Sheet:
    """A text that is read step by step."""

    def __init__(self, text: str) -> None:
        """``text`` in its compatible form, so that each character of the two stands for the other."""
        self.whole = cleaned(text)
        self.left = self.whole
        self.claims: list[Claim] = []

    def take(self, pattern: re.Pattern[str], read: Callable[[re.Match[str]], Claim | None]) -> None:
        """Read all that ``pattern`` finds in what is left; what is a claim is blanked out."""
        found = [claim for match in pattern.finditer(self.left) if (claim := read(match)) is not None]
        self.claims += found
        self.blank(*((claim.start, claim.end) for claim in found))

    def blank(self, *spans: tuple[int, int]) -> None:
        """Take spans, in order and apart from each other, out of what is left."""
        parts, done = [], 0
        for start, end in spans:
            parts += [self.left[done:start], GONE * (end - start)]
            done = end
        self.left = "".join((*parts, self.left[done:]))


def cleaned(text: str) -> str:
    """One form of each character (wide, thin and raised ones too), dashes as one, no invisible ones."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return re.sub("[\u2010\u2011\u2012\u2013\u2014\u2212]", "-", text).replace("\u2044", "/")


_BULLET: Final = re.compile(r"^[ \t]*[-+*•·] +", re.MULTILINE)
"""Begins an entry of a list: before a number it is no sign."""


def read_claims(sheet: Sheet, language: str) -> None:
    """Find all claims but names. ``language`` is one of those known, or empty for any of them."""
    sheet.left = _BULLET.sub(lambda match: " " * len(match.group()), sheet.left)
    steps = (_placeholders, _addresses, _dates, _times, _references, _numbers, _worded, _relative, _rest)
    for step in steps:
        step(sheet, language)


def _claim(kind: str, match: re.Match[str], *readings: Reading) -> Claim:
    shown = match.group()
    start = match.start() + len(shown) - len(shown.lstrip())
    return Claim(kind, shown.strip(), start, start + len(shown.strip()), tuple(readings))


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


# --- what is no text ------------------------------------------------------------------------------------

_PLACEHOLDER: Final = re.compile(
    r"\[[^\]\n]{1,60}\]|\{\{?[^{}\n]{1,60}\}?\}|<[^<>\n@:/\ufffc]{1,40}>|\$\{?[a-z_]\w*\}?|\b[xX]{3,}\b|_{3,}"
)


def _placeholders(sheet: Sheet, language: str) -> None:
    sheet.take(_PLACEHOLDER, lambda match: _claim("placeholder", match))


_MAIL: Final = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_LINK: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']*[\w/]"
    r"|(?<![\w.@-])(?:[\w-]+\.)+(?:com|org|net|io|de|at|ch|fr|es|it|nl|be|pl|eu|uk|example|info|biz|invalid)"
    r"(?:/[\w/.-]*\w)?(?![\w-])",
    re.IGNORECASE,
)
_ACCOUNT: Final = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?(?!\w)")
_PHONE: Final = re.compile(r"(?<![\w+])(?:\+|00(?=[1-9]))\d[\d ()/.-]{5,}\d(?!\w)")


def _addresses(sheet: Sheet, language: str) -> None:
    sheet.take(_MAIL, lambda match: _claim("address", match, compact(match.group())))
    sheet.take(_LINK, lambda match: _claim("address", match, compact(match.group())))
    sheet.take(_ACCOUNT, lambda match: _claim("account", match, compact(match.group())))
    sheet.take(_PHONE, lambda match: _claim("address", match, compact(match.group())))
    sheet.take(_SPELLED, lambda match: _claim("address", match, _unspelled(match.group())))


_AT: Final = "at|ät|arobase|arroba|chiocciola|apenstaartje|apestaartje|małpa|malpa|klammeraffe"
_DOT: Final = "dot|punkt|point|punto|punt|kropka"
_TOP: Final = "com|org|net|io|fr|nl|pl|eu|uk|co|biz|info|xyz|ru|lt|lv|ee|cz|example|shop|online|site"
_HOST: Final = r"[\w-]{1,40}"
_SIGN: Final = rf"(?: ?[\[({{<] ?(?:{_AT}|@) ?[\])}}>] ?| (?:{_AT}) | ?@ ?)"
_PARTED: Final = rf"(?: ?[\[({{<] ?(?:{_DOT}|\.) ?[\])}}>] ?| (?:{_DOT}) )"
_SPELLED: Final = re.compile(
    rf"(?<![\w.+@-])[\w.+-]{{1,40}}{_SIGN}{_HOST}(?:{_PARTED}{_HOST}){{1,4}}(?!\w)"
    rf"|(?<![\w.+@-]){_HOST}(?:{_PARTED}{_HOST}){{0,3}}{_PARTED}(?:{_TOP})(?!\w)"
    rf"|(?<![\w.+@-])[\w.+-]{{1,40}}{_SIGN}[^\W\d][\w-]{{0,40}}\.(?:{_TOP}|de|at|ch|es|it|be)(?!\w)",
    re.IGNORECASE,
)
"""An address in words or with blanks: ``office at example dot com``, ``office (at) example.com``."""


def _unspelled(text: str) -> str:
    """The address that is spelled like this."""
    bare = re.sub(r"[\[\](){}<>]", " ", text)
    bare = re.sub(rf"(?<=\s)(?:{_AT})(?=\s)", "@", bare, count=1, flags=re.IGNORECASE)
    bare = re.sub(rf"(?<=\s)(?:{_DOT})(?=\s)", ".", bare, flags=re.IGNORECASE)
    return compact(re.sub(r"\s", "", bare))


def compact(text: str) -> str:
    """A reference or address as it is compared: small, no blanks or parting marks, no scheme."""
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", cleaned(text).strip().casefold()).rstrip("/")
    return re.sub(r"[\s()]", "", bare) if re.search(r"\d", bare) else bare


# --- dates ----------------------------------------------------------------------------------------------


_MONTH: Final = r"[^\W\d_]{3,12}"
"""What may be the name of a month: the table says whether it is, faster than a pattern of all names would."""
_NTH: Final = r"(?:st|nd|rd|th|er|ère|e|ème|º|°|ª|o)?\.?"
_YEAR: Final = r"(?P<y>(?:19|20|21)\d\d)"
_OF: Final = r"(?:of |de |del |di |the )?"
_BEFORE: Final = (
    r"(?<![\w/])(?<!\d[.,-])"
    r"(?P<before>(?P<w>[^\W\d_]{5,12})\.?,? (?:the |den |dem |le |el |de |dnia )?)?"
)
_LAST: Final = r"(?!\w|[.,/-]\d)"
_DATES: Final = tuple(
    re.compile(_BEFORE + pattern + _LAST, re.IGNORECASE)
    for pattern in (
        r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)",
        rf"(?P<d>\d{{1,2}}){_NTH} ?{_OF}(?P<name>{_MONTH})\.?,? ?{_OF}{_YEAR}",
        rf"(?P<name>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}",
        rf"{_YEAR} (?P<name>{_MONTH}) (?P<d>\d{{1,2}})",
        rf"(?P<d>\d{{1,2}}){_NTH} {_OF}(?P<name>{_MONTH})",
        rf"(?P<name>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?",
        rf"(?P<name>{_MONTH})\.?,? {_OF}{_YEAR}",
        r"(?P<y>\d{4})(?P<mark>[./])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})",
        r"(?P<a>\d{1,2})(?P<mark>[./-] ?)(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4}|\d{2})",
        r"(?P<a>\d{1,2})/(?P<b>\d{1,2})",
        r"(?P<a>\d{1,2})\. ?(?P<b>\d{1,2})\.(?! ?\d)",
        r"(?P<m>0?[1-9]|1[0-2])/(?P<y>(?:19|20)\d\d)",
    )
)
_LONE: Final = re.compile(r"(?<![\w-])[^\W\d_]{3,12}")
_ONLY_IN: Final = {"mai": ("de", "fr"), "marca": ("pl",), "maja": ("pl",), "maj": ("pl",), "mars": ("fr",)}
"""Names of months that are other words in other languages."""
_IN_MAY: Final = re.compile(
    r"(?<![\w-])(?:in|by|of|until|till|since|from|through|early|late|mid|before|after|during|end) "
    r"(?:March|May)(?!\w)"
)
_FULL_MONTHS: Final = frozenset(plain(name) for names in MONTHS.values() for name in names) - {"may", "march"}


def _dates(sheet: Sheet, language: str) -> None:
    for pattern in _DATES:
        sheet.take(pattern, lambda match: _date(match, language))
    sheet.take(_LONE, lambda match: _lone(match, language))
    sheet.take(_IN_MAY, lambda match: _claim("date", match, Day(month=3 if "March" in match.group() else 5)))


def _date(match: re.Match[str], language: str) -> Claim | None:
    parts = match.groupdict()
    year = int(parts.get("y") or 0)
    if len(parts.get("y") or "") == 2:
        year += 2000 if year < 70 else 1900
    weekday = WEEKDAY_NUMBERS.get(plain(parts["w"] or ""), 0)
    if parts.get("a"):
        pairs = [(int(parts["a"]), int(parts["b"]))]
        pairs += [(pairs[0][1], pairs[0][0])] if language in ("en", "") and "." not in match.group() else []
    else:
        name = parts.get("name")
        month = MONTH_NUMBERS.get(plain(name), 0) if name else int(parts.get("m") or 0)
        if not month:
            return None
        pairs = [(int(parts.get("d") or 0), month)]
    days = [Day(year, month, day, weekday) for day, month in pairs if _may_be(day, month, parts)]
    if not year and (not days or _is_no_day(match, language)):
        return None
    found = _claim("date", match, *days, *([] if year else _also_a_number(match, language)))
    return found if weekday or not parts["before"] else _from(found, match.end("before"))


def _from(claim: Claim, start: int) -> Claim:
    """The claim without what stands before ``start`` and is none of it."""
    return replace(claim, text=claim.text[start - claim.start :], start=start)


def _may_be(day: int, month: int, parts: dict[str, str | None]) -> bool:
    told = parts.get("a") or parts.get("d")
    return (1 if told else 0) <= day <= 31 and 1 <= month <= 12


def _is_no_day(match: re.Match[str], language: str) -> bool:
    """Whether what looks like a day and a month is something else: an amount, a number at a sentence's end, a
    set of something."""
    shown = match.group()[len(match["before"] or "") :].strip()
    if plain(match.groupdict().get("name") or "") == "set":
        return language != "it"
    pointed = re.fullmatch(r"\d+\. ?\d+\.", shown) is not None
    return pointed and (
        language not in ("de", "pl", "")
        or _MONEY_END.search(match.string[: match.end() - len(shown)]) is not None
    )


def _also_a_number(match: re.Match[str], language: str) -> list[Reading]:
    """``12.10.`` at the end of a sentence may be an amount, ``1/2`` a part of something."""
    shown = match.group()[len(match["before"] or "") :].strip().rstrip(".")
    if match.groupdict().get("a") and re.fullmatch(r"\d+\.\d+", shown):
        return [Count(value) for value in values(shown, language)]
    return [cleaned(shown).casefold()]


def _lone(match: re.Match[str], language: str) -> Claim | None:
    """A day of the week or a month by its name alone."""
    word = plain(match.group())
    if weekday := WEEKDAY_NUMBERS.get(word):
        return _claim("date", match, Day(weekday=weekday))
    if word not in _FULL_MONTHS or language not in _ONLY_IN.get(word, (language,)):
        return None
    return _claim("date", match, Day(month=MONTH_NUMBERS[word]))


_TIMES: Final = re.compile(
    r"(?<![\w.,:/-])(?P<h>\d{1,2})(?:(?P<mark>[:.hH])(?P<m>\d\d))?(?::\d\d)?"
    r"(?: ?(?P<word>a\.?m\.?|p\.?m\.?|Uhr|uur|o'clock|godz\.?|Z|UTC))?(?!\w|[.,:/-]\d)",
    re.IGNORECASE,
)


def _times(sheet: Sheet, language: str) -> None:
    sheet.take(_TIMES, lambda match: _time(match, language))


def _time(match: re.Match[str], language: str) -> Claim | None:
    hour, minute, word = int(match["h"]), int(match["m"] or 0), (match["word"] or "").lower()
    if word in ("am", "pm") and language not in ("en", ""):
        word = ""
    sure = word or (match["mark"] or "") in (":", "h", "H")
    if not sure or hour > 24 or minute > 59:
        return None
    if word.startswith("p") and hour < 12:
        hour += 12
    if word.startswith("a") and hour == 12:
        hour = 0
    return _claim("time", match, time(hour % 24, minute))


# --- references and numbers -----------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"(?<![\w/.#-])(?!(?<=\d[ ,'’])\d)#?[^\W_]\w*(?:[/._#+-]+\w+)*")
_WITH_UNIT: Final = re.compile(r"\d+(?:[.,]\d+)*(?:-?[^\W\d_]+)")
_CODE_WITH_NUMBER: Final = re.compile(
    rf"({'|'.join(sorted(ISO_4217))})\d[\d.,]*|\d[\d.,]*({'|'.join(sorted(ISO_4217))})"
)


def _references(sheet: Sheet, language: str) -> None:
    sheet.take(_TOKEN, _reference)


def _reference(match: re.Match[str]) -> Claim | None:
    """Letters and digits in one, or digits parted by slashes and dashes; no number with its unit."""
    token = match.group()
    if not re.search(r"\d", token) or _CODE_WITH_NUMBER.fullmatch(token):
        return None
    letters = re.search(r"[^\W\d_]", token)
    if letters and (_WITH_UNIT.fullmatch(token) and not re.fullmatch(r"\d+(?:[.,]\d+)*[A-Z]", token)):
        return None
    if not letters and not re.search(r"\d[/_#+-]+\d.*[/_#+-]|\d[/_#+]\d|0\d+-\d|\d-\d{3,}|^0\d", token):
        return None
    return _claim("reference", match, compact(token), compact(token.lstrip("#")))


_DIGITS: Final = (
    r"\d{1,3}(?:(?P<part>[ '’])\d{3})(?:(?P=part)\d{3})*(?:[.,]\d+)?"
    r"|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
)
_MONEY: Final = rf"(?:(?i:{_either(CURRENCY_WORDS)})|{'|'.join(sorted(ISO_4217))})"
_MONEY_END: Final = re.compile(rf"(?<![^\W\d_]){_MONEY}\.? ?$")
_NUMBER: Final = re.compile(
    rf"(?:(?<![^\W\d_])(?P<before>{_MONEY})\.? ?|(?<!\w)(?<!\w[.,]))(?P<sign>(?<![\w)])[-+] ?)?"
    rf"(?P<digits>{_DIGITS})(?:\.-|,-)?"
    r"(?P<nth>(?i:st|nd|rd|th|er|ère|e|ème|º|°|ª|o)(?!\w))?"
    rf"(?: ?(?P<scale>(?i:{_either(SCALES)}))(?!\w)\.?)?"
    rf"(?: ?(?P<after>{_MONEY})(?!\w))?"
    rf"(?:[ -]?(?P<unit>(?i:{_either(UNIT_WORDS)}))(?![^\W\d_]))?"
    r"(?!\d)",
)


def _numbers(sheet: Sheet, language: str) -> None:
    sheet.take(_NUMBER, lambda match: _number(match, language))


def _number(match: re.Match[str], language: str) -> Claim | None:
    signs = [_currencies(match[side]) for side in ("before", "after") if match[side]]
    sizes: list[Decimal] = values(match["digits"], language)
    if match["scale"]:
        scaled = [size * SCALES[match["scale"].lower()] for size in sizes]
        sizes = scaled + (sizes if len(match["scale"]) == 1 and not signs else [])
    negative = (match["sign"] or "").startswith("-")
    sizes = [-size if negative else size for size in sizes]
    if signs:
        return _claim("amount", match, *(Sum(size, codes) for size, codes in product(sizes, signs)))
    unit = UNIT_OF.get(plain(match["unit"]), "") if match["unit"] else ""
    readings: list[Reading] = [Count(size, unit) for size in sizes]
    bare = not (unit or match["scale"] or negative)
    if bare and re.fullmatch(r"(?:19|20|21)\d\d", match["digits"]):
        readings.append(Day(year=int(match["digits"])))
    if bare:
        readings.append(match["digits"].replace(" ", ""))
    return _claim("number", match, *readings)


def _currencies(word: str) -> tuple[str, ...]:
    return CURRENCY_WORDS.get(word.lower(), (word.upper(),))


def values(digits: str, language: str) -> list[Decimal]:
    """What digits with marks between them mean: two things where only the language could say and is open.

    >>> values("1.234", "de"), values("1.234", "en"), values("1,234.50", "pl")
    ([Decimal('1234')], [Decimal('1.234')], [Decimal('1234.50')])
    """
    bare = re.sub(r"[ '’]", "", digits)
    dots, commas = bare.count("."), bare.count(",")
    if not dots and not commas:
        return [Decimal(bare)]
    mark = max(".,", key=bare.rfind)
    if dots and commas:
        return [_decimal(bare, mark)] if bare.count(mark) == 1 else []
    if dots + commas > 1:
        return [Decimal(bare.replace(mark, ""))]
    whole, _, rest = bare.partition(mark)
    single = len(rest) == 3 and len(whole) <= 3 and not whole.startswith("0") and bare == digits
    if not single:
        return [_decimal(bare, mark)]
    both = [Decimal(whole + rest), _decimal(bare, mark)]
    if language not in LANGUAGES:
        return both
    return both[1:] if mark == ("." if language == "en" else ",") else both[:1]


def _decimal(bare: str, mark: str) -> Decimal:
    other = "," if mark == "." else "."
    return Decimal(bare.replace(other, "").replace(mark, "."))


# --- words ----------------------------------------------------------------------------------------------


@cache
def _counted(language: str) -> re.Pattern[str]:
    """Number words of a language, and its words for one before a unit; of the other languages, those that are
    no words of its own."""
    units = _either(UNIT_WORDS)
    return re.compile(
        rf"(?<![\w-])(?:(?P<word>{_either(_count_words(language))})(?!\w)(?:[ -](?P<unit>{units})(?!\w))?"
        rf"|(?P<one>{_either(ONE_WORDS.get(language, ()))}) (?P<unit1>{units})(?!\w))",
        re.IGNORECASE,
    )


@cache
def _count_words(language: str) -> dict[str, Decimal]:
    """The value of each number word that a text in ``language`` may have, with its accents and without."""
    others = [code for code in LANGUAGES if code != language]
    found = {
        form: value
        for code in others
        for word, value in COUNT_WORDS[code].items()
        for form in (word, plain(word))
        if form not in AMBIGUOUS_COUNTS
    }
    return found | COUNT_WORDS.get(language, {})


def _worded(sheet: Sheet, language: str) -> None:
    for code in (language,) if language else LANGUAGES:
        if pattern := COMPOUND_COUNTS.get(code):
            sheet.take(pattern, lambda match: _claim("number", match, match.group().casefold()))
    sheet.take(_counted(language), lambda match: _count(match, language))


def _count(match: re.Match[str], language: str) -> Claim | None:
    unit = UNIT_OF[plain(match["unit"] or match["unit1"])] if match["unit"] or match["unit1"] else ""
    if match["one"]:
        return _claim("number", match, Count(Decimal(1), unit))
    return _claim("number", match, Count(_count_words(language)[match["word"].lower()], unit))


_RELATIVES: Final = (
    "tomorrow|yesterday|tonight|(?:next|last|this coming|the coming|following) (?:week|month|quarter|year)"
    "|end of (?:the|this) (?:week|month|quarter|year)"
    "|morgen früh|übermorgen|vorgestern|gestern|(?:nächste|kommende|letzte|vergangene)[nrsm]? "
    "(?:woche|monat|monats|quartal|jahr)|monatsende|wochenende"
    "|demain|hier soir|après-demain|(?:la semaine|le mois|l'année|l'an) (?:prochaine?|dernière?|dernier)"
    "|mañana mismo|pasado mañana|ayer|(?:la|el) (?:próxima?|próximo|pasada|pasado) (?:semana|mes|año)"
    "|(?:la semana|el mes|el año) (?:que viene|próxim[oa]|pasad[oa])"
    "|domani|dopodomani|(?:la settimana|il mese|l'anno) (?:prossim[oa]|scors[oa])"
    "|overmorgen|gisteren|(?:volgende|vorige|afgelopen|komende) (?:week|maand|jaar)"
    "|jutro|pojutrze|wczoraj|(?:w )?(?:przyszłym|zeszłym|następnym) (?:tygodniu|miesiącu|roku)"
)
_RELATIVE: Final = re.compile(rf"(?<![\w-])(?:{_RELATIVES})(?!\w)", re.IGNORECASE)


def _relative(sheet: Sheet, language: str) -> None:
    sheet.take(_RELATIVE, lambda match: _claim("relative date", match, match.group().casefold()))


_LEFT: Final = re.compile(r"[\d\u2150-\u218b\u00bc-\u00be]\S{0,30}")


def _rest(sheet: Sheet, language: str) -> None:
    """Nothing numeric is passed over."""
    sheet.take(_LEFT, lambda match: _claim("number", match, compact(match.group())))


def ordered(claims: Sequence[Claim]) -> list[Claim]:
    """By where they stand."""
    return sorted(claims, key=lambda claim: claim.start)
