"""Days that a sentence names: printed ones, ones without a year, and ones reckoned from the day of writing.

The end of a week is its Friday; a week by its number stands for its Friday, too, since what is wanted in it
is wanted by then.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from abax.documents.dates import find_dates, month_of
from abax.mail.phrases import Hit, Word, folded, word_set
from abax.mail.reading import Sentence
from abax.mail.wording import Wording

_OPERATION: Final = re.compile(r"(?P<unit>[a-z]+)(?:-(?P<edge>start|end|mid))?(?P<step>[+-](?:\d+|#))?")
_DAY_MONTH: Final = re.compile(
    r"(?<![\w.,/-])(?P<d>\d{1,2})(?:st|nd|rd|th|er|[.ºª°])?\s?(?:of\s|de\s|d['’])?"
    r"(?P<m>[^\W\d_]{3,12})(?![\w'’])(?!\.?,?\s(?:de\s|del\s)?(?:19|20)\d\d)"
)
_MONTH_DAY: Final = re.compile(
    r"(?<!\w)(?P<m>[A-Z][a-z]{2,8})\.?\s(?P<d>\d{1,2})(?:st|nd|rd|th)?(?![\w%€$£]|[.,:/]\d)"
)
_DOTTED: Final = re.compile(
    r"(?<![\w.,/-])(?P<d>\d{1,2})(?P<mark>[./])\s?(?P<m>\d{1,2})(?P<end>\.?)(?![\w/%])"
)
_DAY_ALONE: Final = re.compile(
    r"(?<![\w.,/-])(?P<d>\d{1,2})(?P<mark>st|nd|rd|th|\.?º|er|[eé]|de|-?go|\.)?"
    r"(?![\w%€$£])(?![.,:/-]\d)(?!\s?[^\W\d_]+\s?\d{4})"
)
_MARKS: Final = {
    "en": ("st", "nd", "rd", "th"),
    "de": (".",),
    "fr": ("", "er"),
    "es": ("", "º", ".º"),
    "it": ("", "º"),
    "nl": ("e", "de"),
    "pl": ("-go", "go", "."),
}
"""How a day without its month is marked, by language: ``by the 15th``, ``bis zum 15.``, ``avant le 15``."""
_RANGE: Final = re.compile(
    r"\s*(?:-|–|to|until|till|through|bis|au|jusqu'au|al|hasta el|tot|tot en met|t/m|do)\s*"
)
_BESIDE: Final = re.compile(
    r"[\s,(–-]{1,3}(?:(?:the|den|dem|der|le|el|il|dnia|de|día|dia)\s)?", re.IGNORECASE
)
"""What stands between a day of the week and its date."""
_DAY_WORDS: Final = word_set("the zum den dem le el dia il de giorno l dnia")
_INTRODUCED: Final = word_set("am zum vom den dem der on le du el al il op dnia dzien ab")
_FARTHEST: Final = 1100
_BACK: Final = 150
"""Days: a date without its year is the first that is not longer ago."""
_FRIDAY: Final = 4
_NEAR: Final = 3
_SPAN: Final = 6
"""Words before the end of a span among which stands what lasts so long."""


@dataclass(frozen=True, slots=True)
class When:
    """A day that a sentence names, with its span."""

    value: date
    text: str
    start: int
    end: int
    relative: bool
    """Reckoned from the day of writing."""
    deadline: bool
    """Something is to be done by then, as the words beside it say."""
    origin: bool
    """The day that something is dated."""


def whens(sentence: Sentence, day: date, wording: Wording) -> list[When]:
    """The days of a sentence that was written on ``day``, in order, without overlaps."""
    found: list[tuple[date, int, int, bool]] = []
    for value, start, end, relative in _all(sentence, day, wording):
        taken = any(start < other[2] and other[1] < end for other in found)
        if not taken and not (relative and _is_of_date(sentence.text, start, end, found)):
            found.append((value, start, end, relative))
    ordered = sorted(found, key=lambda one: one[1])
    ends = [0, *(end for _, _, end, _ in ordered)]
    days = [_when(sentence, wording, since, *one) for since, one in zip(ends, ordered, strict=False)]
    return [_of_range(one, days[place - 1] if place else None, sentence) for place, one in enumerate(days)]


def _all(sentence: Sentence, day: date, wording: Wording) -> Iterator[tuple[date, int, int, bool]]:
    text, words = sentence.text, sentence.words
    if any(letter.isdigit() for letter in text):
        for printed in find_dates(text):
            yield printed.value, printed.start, printed.end, False
        yield from ((*one, False) for one in _yearless(text, day, wording))
        yield from ((*one, True) for one in _days_alone(text, day, wording))
    for hit in wording.whens.longest(words):
        value = reckoned(hit.label, hit.values, day)
        if value is not None and not _is_greeting(hit, words):
            yield value, words[hit.first].start, words[hit.last - 1].end, True


def _is_of_date(text: str, start: int, end: int, found: Sequence[tuple[date, int, int, bool]]) -> bool:
    """Whether a day is the first part of a date, or stands behind one: ``Friday, 4 December``."""
    printed = [(first, last) for _, first, last, relative in found if not relative]
    return any(
        _BESIDE.fullmatch(text[end:first]) or _BESIDE.fullmatch(text[last:start]) for first, last in printed
    )


def _is_greeting(hit: Hit[str], words: Sequence[Word]) -> bool:
    """A weekday of two letters (``do``, ``mo``) is one only before a date; else it is some other word."""
    return hit.last - hit.first == 1 and len(words[hit.first].text) <= 2


def _when(
    sentence: Sentence, wording: Wording, since: int, value: date, start: int, end: int, relative: bool
) -> When:
    """A day with what the words between it and the day before it, which ends at ``since``, make of it."""
    words = [word.text for word in sentence.words if since <= word.start and word.end <= start]
    before = [word for word in words if not word.isdecimal() and word not in wording.units][-_NEAR:]
    inside = {word.text for word in sentence.words if start <= word.start < end}
    behind = [word for word in sentence.words if word.start >= end][: _NEAR + 1]
    lasting = _lasts(sentence, wording, start)
    deadline = not lasting and (
        not wording.before.isdisjoint(before)
        or (relative and not wording.before.isdisjoint(inside))
        or next(wording.after.find(behind), None) is not None
    )
    origin = lasting or (not deadline and not wording.origin.isdisjoint(before[-2:]))
    return When(value, sentence.text[start:end].strip(), start, end, relative, deadline, origin)


def _of_range(one: When, before: When | None, sentence: Sentence) -> When:
    """A day as it is, or as the end of a span: ``from 1 December to 15 December``."""
    if before is None or not _RANGE.fullmatch(folded(sentence.text[before.end : one.start])):
        return one
    return replace(one, deadline=False, origin=True)


def _lasts(sentence: Sentence, wording: Wording, start: int) -> bool:
    """Whether a day ends a span, and is no deadline: ``from 1 to 15 December``, ``valid until Friday``."""
    before = [word.text for word in sentence.words if word.end <= start][-_SPAN:]
    return not wording.lasting.isdisjoint(before)


def _yearless(text: str, day: date, wording: Wording) -> Iterator[tuple[date, int, int]]:
    for match in _DAY_MONTH.finditer(text):
        if _names_month(match["m"], text[match.end() : match.end() + 1], wording):
            yield from _nearest(match, int(match["d"]), month_of(match["m"]), day)
    if wording.language == "en":
        for match in _MONTH_DAY.finditer(text):
            if _names_month(match["m"], "", wording):
                yield from _nearest(match, int(match["d"]), month_of(match["m"]), day)
    for match in _DOTTED.finditer(text):
        previous = folded(text[: match.start()].rsplit(maxsplit=1)[-1:][0]) if match.start() else ""
        introduced = previous.strip(".,:(") in wording.before | _INTRODUCED
        if introduced or (match["end"] and match["mark"] == "." and wording.language in ("de", "pl")):
            yield from _nearest(match, int(match["d"]), int(match["m"]), day)


def _days_alone(text: str, day: date, wording: Wording) -> Iterator[tuple[date, int, int]]:
    """Days without their month that something is wanted by: the next ones of that number."""
    for match in _DAY_ALONE.finditer(text):
        before = [folded(word) for word in re.findall(r"[^\W\d_]+", text[: match.start()])[-3:]]
        behind = re.match(r"\s?([^\W\d_]+)", text[match.end() :])
        number, mark = int(match["d"]), match["mark"] or ""
        wanted = before[-1:] and (
            (mark and before[-1] in wording.before)
            or (mark and wording.language in ("en", "nl") and before[-1] in ("the", "on", "de"))
            or (before[-1] in _DAY_WORDS and not wording.before.isdisjoint(before))
        )
        if not wanted or mark not in _MARKS[wording.language] or not 1 <= number <= 31:
            continue
        if behind and (folded(behind[1]) in wording.units or _names_month(behind[1], "", wording)):
            continue
        for months in range(3):
            first = _months_on(day.replace(day=1), months, 0)
            if number <= monthrange(first.year, first.month)[1] and first.replace(day=number) >= day:
                yield first.replace(day=number), match.start(), match.end()
                break


def _names_month(word: str, behind: str, wording: Wording) -> bool:
    """A month in full, or shortened and in capitals or with a dot, as no other word is."""
    plain = folded(word)
    if plain in wording.months:
        return len(plain) > 3 or word[0].isupper() or wording.language != "en"
    return month_of(word) is not None and len(word) <= 5 and (word[0].isupper() or behind == ".")


def _nearest(
    match: re.Match[str], day: int, month: int | None, anchor: date
) -> Iterator[tuple[date, int, int]]:
    for year in (anchor.year - 1, anchor.year, anchor.year + 1):
        if not month or not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
            continue
        value = date(year, month, day)
        if value >= anchor - timedelta(days=_BACK):
            yield value, match.start(), match.end()
            return


def reckoned(operation: str, values: Sequence[int], day: date) -> date | None:
    """The day that an operation of ``[dates.when]`` leads to from ``day``; None where there is none."""
    match = _OPERATION.fullmatch(operation)
    if match is None:
        return None
    step = match["step"] or "+0"
    amount = values[-1] if step[1:] == "#" and values else int(step[1:] if step[1:] != "#" else 0)
    amount = -amount if step[0] == "-" else amount
    value = values[0] if values else 0
    unit = match["unit"] + (f"-{match['edge']}" if match["edge"] else "")
    if abs(amount) > _FARTHEST or unit not in _UNITS:
        return None
    return _UNITS[unit](day, amount, value)


def _weekday(day: date, weeks: int, weekday: int) -> date:
    """The next one after ``day``; with a week more, the one of next week; with one less, the last one."""
    if weeks > 0:
        return day - timedelta(days=day.weekday()) + timedelta(weeks=weeks, days=weekday)
    ahead = (weekday - day.weekday() - 1) % 7 + 1
    return day + timedelta(days=ahead if weeks == 0 else ahead - 7 if ahead < 7 else -7)


def _workday(day: date, count: int, _: int) -> date:
    for _step in range(count):
        day += timedelta(days=1)
        while day.weekday() > _FRIDAY:
            day += timedelta(days=1)
    return day


def _week_end(day: date, weeks: int, _: int) -> date:
    friday = day + timedelta(days=_FRIDAY - day.weekday())
    return friday + timedelta(weeks=weeks + (friday < day and weeks == 0))


def _months_on(day: date, months: int, _: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_end(day: date, months: int, _: int) -> date:
    moved = _months_on(day.replace(day=1), months, 0)
    return moved.replace(day=monthrange(moved.year, moved.month)[1])


def _named(day: date, last: bool, month: int) -> date:
    year = day.year + (month < day.month and day.month - month > _BACK // 30)
    return date(year, month, monthrange(year, month)[1] if last else 15)


def _quarter_end(day: date, _: int, __: int) -> date:
    return _month_end(day, -day.month % 3, 0)


def _week_mid(day: date, weeks: int, _: int) -> date:
    return day + timedelta(days=2 - day.weekday(), weeks=weeks)


def _quarter_next(day: date, _: int, __: int) -> date:
    return _month_end(day, -day.month % 3 + 3, 0)


def _feast(month: int, number: int) -> Callable[[date, int, int], date]:
    """The next day of that name."""

    def next_one(day: date, _: int, __: int) -> date:
        return date(day.year + (day > date(day.year, month, number)), month, number)

    return next_one


def _easter(day: date, _: int, __: int) -> date:
    """The next Easter Sunday."""
    this = _easter_of(day.year)
    return this if this >= day else _easter_of(day.year + 1)


def _easter_of(year: int) -> date:
    """Easter by the Gregorian computus (Anonymous, Nature 13, 1876; Meeus, Astronomical Algorithms, 1991)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    quarter, rest = divmod(century, 4)
    moved = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - quarter - moved + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, number = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, number + 1)


def _calendar_week(day: date, _: int, week: int) -> date | None:
    weeks = []
    for year in (day.year - 1, day.year, day.year + 1):
        try:
            weeks.append(date.fromisocalendar(year, week, _FRIDAY + 1))
        except ValueError:
            continue
    return min(weeks, key=lambda friday: abs((friday - day).days), default=None)


_UNITS: Final[dict[str, Callable[[date, int, int], date | None]]] = {
    "day": lambda day, count, _: day + timedelta(days=count),
    "hour": lambda day, count, _: day + timedelta(days=count // 24),
    "week": lambda day, count, _: day + timedelta(weeks=count),
    "month": _months_on,
    "workday": _workday,
    "weekday": _weekday,
    "week-end": _week_end,
    "week-start": lambda day, count, _: day - timedelta(days=day.weekday()) + timedelta(weeks=count),
    "month-end": _month_end,
    "quarter-end": _quarter_end,
    "year-end": lambda day, _, __: date(day.year, 12, 31),
    "named-end": lambda day, _, month: _named(day, True, month),
    "named-mid": lambda day, _, month: _named(day, False, month),
    "calendarweek": _calendar_week,
    "week-mid": _week_mid,
    "nextquarter-end": _quarter_next,
    "christmas": _feast(12, 24),
    "newyear": _feast(12, 31),
    "easter": _easter,
}
