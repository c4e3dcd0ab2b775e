"""Days as people tell them in notes and orders: without a year, or by the day of the week alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from abax.writing.claims import Day

_WEEK: Final = 7


def next_day(told: Day, after: date) -> date | None:
    """The first day from ``after`` on that is told like this; a day of the week is the next one after it."""
    if told.year and told.month and told.day:
        try:
            return date(told.year, told.month, told.day)
        except ValueError:
            return None
    if told.weekday and not told.month:
        return after + timedelta(days=(told.weekday - after.isoweekday() - 1) % _WEEK + 1)
    if told.month and told.day:
        return next(_same_days(told, after), None)
    return None


def _same_days(told: Day, after: date) -> Iterator[date]:
    for year in (after.year, after.year + 1):
        try:
            found = date(year, told.month, told.day)
        except ValueError:
            continue
        if found >= after:
            yield found
