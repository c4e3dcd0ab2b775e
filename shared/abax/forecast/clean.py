"""What a history is before a method sees it: one-off months put in line, changes of level told.

The history that is shown stays as it was booked; what is changed is said. Only what is far out of line is
touched: methods live with ordinary noise, and a peak that comes every year is a season. A change of level is
said and nothing else: to lift what was before to the new level made forecasts worse (26 of the M1 series);
methods follow the newest months anyway.

Robust throughout: medians, and the median absolute deviation times 1.4826, which is the standard deviation
where errors are normal (Rousseeuw and Croux, 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from abax.forecast.methods import SEASON

FAR: Final = 12.0
"""A month is out of line from this many deviations on."""
MOST_OUTLIERS: Final = 0.05
"""Where more of the months than this are out of line, that is how the line is: none is touched."""
BREAK: Final = 6.0
"""A change of level is one from this many deviations on, on both sides of it."""
LEAST_AFTER: Final = 6
"""Months after a change of level, without which it may be no more than a few odd months."""
_NORMAL: Final = 1.4826
_LEAST: Final = 12
_TINY: Final = 1e-9


def cleaned(history: Sequence[float]) -> tuple[list[float], list[str]]:
    """The history as methods should see it, and what was done to it, in words.

    Histories of less than a year are left as they are: nothing says what is usual there.
    """
    values = list(history)
    if len(values) < _LEAST:
        return values, []
    remarks = []
    broken = level_break(values)
    if broken is not None:
        remarks.append(
            f"the level changed {len(values) - broken} months ago: what follows the newest months counts"
        )
    odd = outliers(values)
    if odd:
        expected = smooth(values)
        for place in odd:
            values[place] = expected[place]
        ago = ", ".join(_ago(len(values) - place - 1) for place in odd)
        remarks.append(f"out of line and taken as if it were usual: {ago}")
    return values, remarks


def outliers(values: Sequence[float]) -> list[int]:
    """Places of single months that are far from their neighbours and from the same month of other years.

    The last month is one, too: that it may be the first of a new level is for the reader of the note to say.
    None in a line that is posted to now and then, for there every posting stands out.
    """
    if sum(not value for value in values) > 0.2 * len(values):
        return []
    apart = [value - usual for value, usual in zip(values, smooth(values), strict=True)]
    size = max(_NORMAL * median(map(abs, apart)), _TINY)
    far = [
        place
        for place, error in enumerate(apart)
        if abs(error) > FAR * size and _beyond(values, place) and not _again(apart, place)
    ]
    alone = [place for place in far if place - 1 not in far and place + 1 not in far]
    if len(alone) > max(1, MOST_OUTLIERS * len(values)):
        return []
    return alone


def level_break(values: Sequence[float]) -> int | None:
    """The first month of a new level, the last such change; None where there is none.

    Both sides are looked at through differences to the same month of the year before, so that a season is no
    change of level, and a steady growth none either.
    """
    best, place = 0.0, None
    for start in range(max(_LEAST, len(values) - 3 * SEASON), len(values) - LEAST_AFTER + 1):
        before, after = values[start - _LEAST : start], values[start : start + SEASON]
        step = median(after) - median(before)
        noise = max(_deviation(before), _deviation(after), _TINY)
        gap = min(after) - max(before) if step > 0 else min(before) - max(after)
        if gap > 0 and abs(step) / noise > max(best, BREAK):
            best, place = abs(step) / noise, start
    return place


def smooth(values: Sequence[float]) -> list[float]:
    """What each month would usually be: the median around it (itself left out), and what its month of the
    year is above or below that in the other years, by the median."""
    around = [_around(values, place) for place in range(len(values))]
    apart = [value - level for value, level in zip(values, around, strict=True)]
    return [level + _season(apart, place) for place, level in enumerate(around)]


def _around(values: Sequence[float], place: int) -> float:
    half = SEASON // 2
    near = [*values[max(0, place - half) : place], *values[place + 1 : place + half + 1]]
    return median(near)


def _season(apart: Sequence[float], place: int) -> float:
    """The median of the month's other years; of the two middle ones of an even number that nearer to zero, so
    that one odd year beside one usual one counts for nothing."""
    others = sorted(apart[other] for other in range(place % SEASON, len(apart), SEASON) if other != place)
    if len(others) < 2:
        return 0.0
    half = len(others) // 2
    return min(others[half - 1 + len(others) % 2 : half + 1], key=abs)


def _beyond(values: Sequence[float], place: int) -> bool:
    """Whether a month lies outside of all others by half of what they span."""
    others = [*values[:place], *values[place + 1 :]]
    low, high = min(others), max(others)
    return not low - (high - low) / 2 <= values[place] <= high + (high - low) / 2


def _again(apart: Sequence[float], place: int) -> bool:
    """Whether the same month of a year beside it stands out the same way by half as much."""
    return any(
        0 <= other < len(apart) and apart[other] / apart[place] > 0.5
        for other in (place - SEASON, place + SEASON)
    )


def _deviation(values: Sequence[float]) -> float:
    middle = median(values)
    return _NORMAL * median(abs(value - middle) for value in values)


def _ago(months: int) -> str:
    return "last month" if months == 0 else f"{months} month{'s' if months > 1 else ''} before the last"
