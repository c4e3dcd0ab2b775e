"""How long partners take to pay: what is learnt from invoices that were paid, and from those that are not.

Time is counted in days from the due day, before it negative. An invoice that is still open says that it took
longer than it has been open (right-censored); one says nothing of days before it was written
(left-truncated). Of each day the hazard, the share of those at risk that are paid on it, is the product-limit
estimate (E. L. Kaplan and P. Meier, 1958; with delayed entry as in J. P. Klein and M. L. Moeschberger,
Survival Analysis, 2003, 4.6). A partner's hazards are drawn towards those of all partners as if ``STRENGTH``
invoices of theirs stood beside his: one paid invoice changes little, thirty say nearly all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

STRENGTH: Final = 5.0
"""Invoices of all partners that stand beside a partner's own."""
LEAST: Final = 8
"""Paid invoices of all partners together, below which nothing is said."""
LONGEST: Final = 400
"""Days from the due day, at which whatever is later is counted."""


@dataclass(frozen=True)
class Invoice:
    """An invoice as the books have it on a day."""

    key: str
    partner: str
    invoiced: date
    due: date
    paid: date | None = None
    """When the last of it was settled; None: it is open."""
    amount: float = 0.0
    """What it came to, where money is counted and not invoices."""

    def __post_init__(self) -> None:
        if self.paid is not None and self.paid < self.invoiced:
            object.__setattr__(self, "paid", self.invoiced)  # paid in advance: settled as it was written

    def known_on(self, day: date) -> Invoice | None:
        """As the books had it at the end of that day; None where they did not have it yet."""
        if self.invoiced > day:
            return None
        later = self.paid is not None and self.paid > day
        return replace(self, paid=None) if later else self


@dataclass(frozen=True)
class Curve:
    """The share that is not paid yet, by days from the due day."""

    days: tuple[int, ...]
    """On which something was paid, rising."""
    open: tuple[float, ...]
    """The share that is open after each of these days."""
    paid: int
    """The partner's own paid invoices behind it."""
    pooled: int
    """All partners' paid invoices."""

    def open_after(self, day: int) -> float:
        """The share that is still open at the end of a day."""
        at = bisect_right(self.days, day)
        return self.open[at - 1] if at else 1.0

    def quantile(self, share: float, since: int | None = None) -> int | None:
        """The day by which this share is paid, of what is still open at the end of the day ``since``; None
        where so much was never paid."""
        left = 1.0 if since is None else self.open_after(since)
        if left <= 0:
            return None
        first = 0 if since is None else bisect_right(self.days, since)
        for day, open_ in zip(self.days[first:], self.open[first:], strict=True):
            if 1 - open_ / left >= share - 1e-12:
                return day
        return None


class PaymentHistory:
    """What is known of all partners' payments at the end of a day."""

    def __init__(
        self,
        invoices: Iterable[Invoice],
        as_of: date,
        strength: float = STRENGTH,
        known_from: date = date.min,
        doubt: str = "",
    ) -> None:
        """``invoices`` that are later are left out, and what is paid later counts as open: the same invoices
        can be asked as of any day, which is how a backtest goes. What was paid before ``known_from`` is not
        among them: older ones are at risk from that day on. ``doubt``: why a day is not to be foretold from
        it; how much is paid by when still is, as that takes in what was never paid."""
        known = (one.known_on(as_of) for one in invoices)
        self.as_of, self.strength, self.known_from = as_of, strength, known_from
        self.doubt = doubt
        self.invoices: tuple[Invoice, ...] = tuple(one for one in known if one is not None)

    @cached_property
    def paid(self) -> int:
        """How many are paid."""
        return sum(one.paid is not None for one in self.invoices)

    @property
    def is_enough(self) -> bool:
        """Whether anything is to be learnt from it."""
        return self.paid >= LEAST

    @property
    def why_not(self) -> str:
        """Why no day is foretold from it; empty where one is."""
        return self.doubt or ("" if self.is_enough else f"{self.paid} paid invoices, {LEAST} are needed")

    def curve(self, partner: str) -> Curve:
        """Of a partner, or of all of them for one that was never seen. Raises ValueError where the history is
        too short (``is_enough``)."""
        if not self.is_enough:
            raise ValueError(self.why_not)
        days, hazards = self._pooled
        own = self._by_partner.get(partner, ())
        paid, at_risk = _counted(own, days, self.known_from, self.as_of)
        left, open_ = 1.0, []
        for place, hazard in enumerate(hazards):
            own_hazard = (paid[place] + self.strength * hazard) / (at_risk[place] + self.strength)
            left *= 1.0 - min(own_hazard, 1.0)
            open_.append(left)
        return Curve(tuple(days), tuple(open_), sum(one.paid is not None for one in own), self.paid)

    @cached_property
    def _by_partner(self) -> Mapping[str, Sequence[Invoice]]:
        found: dict[str, list[Invoice]] = defaultdict(list)
        for one in self.invoices:
            found[one.partner].append(one)
        return found

    @cached_property
    def _pooled(self) -> tuple[list[int], list[float]]:
        """Days on which anybody paid, and the share of those at risk that did."""
        days = sorted({_days(one, one.paid) for one in self.invoices if one.paid is not None})
        paid, at_risk = _counted(self.invoices, days, self.known_from, self.as_of)
        return days, [count / risk if risk else 0.0 for count, risk in zip(paid, at_risk, strict=True)]


def _days(invoice: Invoice, day: date) -> int:
    return max(-LONGEST, min((day - invoice.due).days, LONGEST))


def _counted(
    invoices: Iterable[Invoice], days: Sequence[int], known_from: date, as_of: date
) -> tuple[list[int], list[int]]:
    """How many were paid on each day, and how many were at risk: written by then and not paid before."""
    place = {day: at for at, day in enumerate(days)}
    paid, at_risk = [0] * len(days), [0] * (len(days) + 1)
    for one in invoices:
        entry, end = _days(one, max(one.invoiced, known_from)), _days(one, one.paid or as_of)
        if one.paid is not None:
            paid[place[end]] += 1
        first = bisect_right(days, entry - 1)
        last = bisect_right(days, end)
        if first < last:
            at_risk[first] += 1
            at_risk[last] -= 1
    total, running = [], 0
    for change in at_risk[:-1]:
        running += change
        total.append(running)
    return paid, total


@dataclass(frozen=True)
class Expected:
    """When an open invoice is paid."""

    day: date
    """As likely before as after."""
    early: date
    late: date | None
    """One in ten is paid earlier, one in ten later; None where more than that was never paid."""
    rests_on: int
    """Paid invoices of the partner behind it."""


def expected(
    history: PaymentHistory, partner: str, due: date, invoiced: date | None = None
) -> Expected | None:
    """When an invoice of a partner is paid that is open at the end of ``history.as_of``; None where half of
    such were never paid, or nothing can be said. No day is before the day after it."""
    if history.why_not:
        return None
    curve = history.curve(partner)
    since = (history.as_of - due).days
    if invoiced is not None and invoiced > history.as_of:
        since = (invoiced - due).days - 1
    middle, early, late = (curve.quantile(share, since) for share in (0.5, 0.1, 0.9))
    if middle is None or early is None:
        return None
    first = max(history.as_of, invoiced or history.as_of) + timedelta(days=1)
    likely, soon = (max(first, due + timedelta(days=day)) for day in (middle, early))
    last = None if late is None else max(likely, due + timedelta(days=late))
    return Expected(likely, soon, last, curve.paid)


def chance(history: PaymentHistory, partner: str, due: date, by: date) -> float:
    """That an invoice of a partner which is open at the end of ``history.as_of`` is paid by the end of a day.
    Raises ValueError where the history is too short (``is_enough``)."""
    curve = history.curve(partner)
    left = curve.open_after((history.as_of - due).days)
    return 1.0 - curve.open_after((by - due).days) / left if left > 0 else 0.0
