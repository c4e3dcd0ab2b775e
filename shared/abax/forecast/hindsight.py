"""How well days of payment would have been foretold: as of days that are over, beside what was then paid.

Nothing that was known later is used. Beside it stands what everybody can do without a model: the due day, or
tomorrow where that is over. Days are judged by the invoices that were paid, money by all that were open: what
is never paid is no wrong day, but it is missing in the bank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from abax.forecast.days_to_pay import Invoice, PaymentHistory, chance, expected

ORIGINS = (60, 90, 120, 150, 180, 240, 300)
"""Days before the last on which it is tried."""
PATIENCE = 60
"""Days after an origin that must be known."""
NEAR = 7
AHEAD = 30
"""Days for which money is foretold."""


@dataclass(frozen=True)
class Hindsight:
    """Errors in days, over all origins."""

    origins: tuple[date, ...]
    invoices: int
    """Foretold and paid since."""
    silent: int
    """Open then, and nothing could be said."""
    unpaid: int
    """Foretold, and open to this day: they are in no figure."""
    error: float
    """Mean of how many days off, either way."""
    naive_error: float
    """The same of the due day."""
    bias: float
    """Mean of paid minus foretold: positive where it is paid later."""
    near: float
    """Share that was paid within a week of the day."""
    naive_near: float
    inside: float
    """Share that was paid between early and late, which is meant to be 80 %."""
    money_error: float | None
    """How far off what came in the ``AHEAD`` days after each origin would have been foretold, as a share of
    what came; None where nothing did."""
    naive_money_error: float | None
    """The same of due days."""


@dataclass(frozen=True)
class _Told:
    off: int
    naive: int
    inside: bool


def hindsight(
    invoices: Sequence[Invoice], as_of: date, known_from: date = date.min, origins: Iterable[int] = ORIGINS
) -> Hindsight | None:
    """None where nothing could have been foretold."""
    told: list[_Told] = []
    silent = unpaid = 0
    days = []
    money: list[_Money] = []
    for back in origins:
        day = as_of - timedelta(days=back)
        history = PaymentHistory(invoices, day, known_from=known_from)
        if back < PATIENCE or not history.is_enough:
            continue
        days.append(day)
        money.append(_money(invoices, history))
        for one in _open_on(invoices, day):
            found = expected(history, one.partner, one.due)
            if found is None:
                silent += 1
            elif one.paid is None or one.paid > as_of:
                unpaid += 1
            else:
                naive = max(one.due, day + timedelta(days=1))
                late = found.late or date.max
                told.append(
                    _Told(
                        (one.paid - found.day).days,
                        (one.paid - naive).days,
                        found.early <= one.paid <= late,
                    )
                )
    if not told:
        return None
    return Hindsight(
        origins=tuple(days),
        invoices=len(told),
        silent=silent,
        unpaid=unpaid,
        error=round(fmean(abs(one.off) for one in told), 2),
        naive_error=round(fmean(abs(one.naive) for one in told), 2),
        bias=round(fmean(one.off for one in told), 2),
        near=round(fmean(abs(one.off) <= NEAR for one in told), 3),
        naive_near=round(fmean(abs(one.naive) <= NEAR for one in told), 3),
        inside=round(fmean(one.inside for one in told), 3),
        money_error=_money_off([(one.told, one.paid) for one in money]),
        naive_money_error=_money_off([(one.naive, one.paid) for one in money]),
    )


@dataclass(frozen=True)
class _Money:
    """What was paid in the days after an origin of what was open on it, and what would have been foretold."""

    told: float
    naive: float
    paid: float


def _money(invoices: Iterable[Invoice], history: PaymentHistory) -> _Money:
    until, tomorrow = (history.as_of + timedelta(days=days) for days in (AHEAD, 1))
    open_ = list(_open_on(invoices, history.as_of))
    return _Money(
        sum(one.amount * chance(history, one.partner, one.due, until) for one in open_),
        sum(one.amount for one in open_ if max(one.due, tomorrow) <= until),
        sum(one.amount for one in open_ if one.paid is not None and one.paid <= until),
    )


def _money_off(pairs: Sequence[tuple[float, float]]) -> float | None:
    """The sum of all errors as a share of what was paid."""
    paid = sum(true for _, true in pairs)
    return round(sum(abs(told - true) for told, true in pairs) / paid, 3) if paid else None


def _open_on(invoices: Iterable[Invoice], day: date) -> Iterator[Invoice]:
    for one in invoices:
        if one.invoiced <= day and (one.paid is None or one.paid > day):
            yield one
