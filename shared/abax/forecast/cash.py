"""Cash that is to come: when each open item and deal is paid, and why; what that makes by week or month.

An open item is paid as its partner, or all of them, paid before (``days_to_pay``); where the books tell too
little, on its due day; where the due day foretold better, on that day, and how likely is still learnt. A deal
is invoiced and due by rules (``deals``), and paid as its partner pays. Where somebody named a day of payment,
it comes then with a chance of ``trust``, else as it would have come. The ``confidence`` of a day is the
chance that it is paid within a week of it, times what is known of the invoice.

Sums over items take each at its chance of being paid by then. As items are paid independently of one another,
the position at the end of each period has a distribution (``outcomes``), and so an interval.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from random import Random
from typing import Final

from abax.forecast.days_to_pay import Curve, PaymentHistory
from abax.forecast.deals import Dates, Deal, Practice, Reason, Said, dates_of, reason_of, why_not
from abax.forecast.outcomes import Outcomes, outcomes

NEAR: Final = 7
"""Days around the expected one within which a payment counts as foreseen."""
LEVEL: Final = 0.8
"""Share of outcomes that an interval is meant to hold."""
UNKNOWN: Final = 0.35
"""Confidence of a due day where nothing is known of how anybody pays."""
DRAWS: Final = 2000
DRAWN: Final = 100
"""Draws of when items are paid, and items that are drawn; a draw of 2000 is within 2 % of the truth."""
STALE: Final = 180
"""Days after its due day from which nobody expects an item any more, where nothing is learnt."""


class Kind(StrEnum):
    """What is paid."""

    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    DEAL = "deal"


@dataclass(frozen=True)
class Item:
    """An open receivable or payable. The amount is money to us: that of a payable is negative."""

    key: str
    kind: Kind
    partner: str
    amount: Decimal
    currency: str
    invoiced: date
    due: date | None


@dataclass(frozen=True)
class Prediction:
    """When something is paid."""

    key: str
    kind: Kind
    partner: str
    amount: Decimal
    currency: str
    invoiced: date
    due: date
    expected: date | None
    """As likely before as after; None where half of the like were never paid."""
    early: date | None
    late: date | None
    confidence: float
    probability: float
    """That it is ever paid at all: that of a deal, that it is won."""
    source: str
    """``history`` or ``due day``; of a deal ``rules + history`` or ``rules``, ``+ notes`` and the like."""
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]
    curve: Curve | None
    """The share that is open by days from the due day; None: all is paid on the expected day."""
    since: int | None
    """The last day, from the due day, on which it is known to be open."""
    otherwise: date | None = None
    """Without a curve: the day on which it is paid where no promise is kept."""
    promised: date | None = None
    """The day that somebody named."""
    trust: float = 0.0
    """The chance that it comes then."""

    def paid_by(self, day: date) -> float:
        """The chance that it is paid by the end of a day."""
        kept = self.trust if self.promised is not None and self.promised <= day else 0.0
        return self.probability * (kept + (1 - self.trust) * self.usual_by(day))

    def usual_by(self, day: date) -> float:
        """The same of what is paid at all, where nobody named a day."""
        if self.curve is None:
            return float(self.otherwise is not None and self.otherwise <= day)
        after = (day - self.due).days
        if self.since is not None and after <= self.since:
            return 0.0
        left = 1.0 if self.since is None else self.curve.open_after(self.since)
        return 1.0 - self.curve.open_after(after) / left if left > 0 else 0.0


def of_item(item: Item, history: PaymentHistory) -> Prediction:
    """When an open item is paid; ``history`` is of its kind."""
    due = item.due or item.invoiced
    reasons = [
        Reason(rule="due", text=f"due on {due}" if item.due else f"no due day: that of its invoice, {due}")
    ]
    since = (history.as_of - due).days
    return _predicted(item, due, history, since, (reasons, [], 1.0, 1.0, ""))


def of_deal(deal: Deal, practice: Practice, history: PaymentHistory, said: Said | None = None) -> Prediction:
    """When a deal is paid. Raises KeyError for a stage that the practice does not have."""
    if said is None and deal.promised is not None:
        said = Said(by="promise", paid=deal.promised, trust=practice.trust)
    found = dates_of(deal, practice, history.as_of, said)
    item = Item(deal.id, Kind.DEAL, deal.partner, deal.amount, deal.currency, found.invoiced, found.due)
    since = (history.as_of - found.due).days if found.invoiced <= history.as_of else None
    told = ([*found.reasons], [*found.warnings], found.confidence, found.probability, "rules")
    made = _predicted(item, found.due, history, since, told)
    return made if said is None else _as_said(made, said, found, history.as_of)


def _as_said(usual: Prediction, said: Said, found: Dates, today: date) -> Prediction:
    """With a day of payment that somebody named where it can be, else with the reason why not."""
    warnings = (*usual.warnings, *said.warnings)
    source = f"{usual.source} + {said.by}"
    if said.paid is None:
        held = any(one.rule == said.by for one in usual.reasons)
        return replace(usual, warnings=warnings, source=source if held else usual.source)
    first = max(today, usual.invoiced) + timedelta(days=1)
    problem = why_not(said.paid, today, first)
    if not problem and said.trust <= 0.5:
        problem = f"but that is only {said.trust:.0%} sure"
    if problem:
        refused = f"a payment on {said.paid} is spoken of, {problem}: the rules stand"
        return replace(usual, warnings=(*warnings, refused))
    reach, trust = timedelta(days=NEAR), said.trust
    near = usual.usual_by(said.paid + reach) - usual.usual_by(said.paid - reach - timedelta(days=1))
    soon, last = _usual_days(usual, trust, first)
    told = f"paid on {said.paid}" + (f", not {usual.expected}" if usual.expected else "")
    return replace(
        usual,
        expected=said.paid,
        early=min(said.paid, soon or said.paid),
        late=None if last is None else max(said.paid, last),
        confidence=round(trust + (1 - trust) * near * found.confidence, 3),
        probability=found.probability,
        source=source,
        reasons=(*usual.reasons, reason_of(said, told)),
        warnings=warnings,
        promised=said.paid,
        trust=trust,
    )


def _usual_days(usual: Prediction, trust: float, first: date) -> tuple[date | None, date | None]:
    """The days by which one and nine in ten are paid, of those that keep no promise as far as these count:
    with a chance of ``trust`` they do not. None where that never is; a promise that holds nine times in ten
    leaves its own day alone."""
    if 1 - trust <= 0.1:
        return None, first
    shares = 0.1 / (1 - trust), (0.9 - trust) / (1 - trust)
    if usual.curve is None:
        return usual.otherwise, usual.otherwise
    days = [usual.curve.quantile(min(share, 1.0), usual.since) for share in shares]
    soon, last = (None if day is None else max(first, usual.due + timedelta(days=day)) for day in days)
    return soon, last


def _predicted(
    item: Item,
    due: date,
    history: PaymentHistory,
    since: int | None,
    told: tuple[list[Reason], list[str], float, float, str],
) -> Prediction:
    reasons, warnings, sure, won, rules = told
    first = max(history.as_of, item.invoiced) + timedelta(days=1)
    curve = history.curve(item.partner) if history.is_enough else None
    if curve is not None and since is not None and curve.open_after(since) <= 0:
        warnings.append(f"open for longer than any of {curve.pooled} invoices that were paid")
        curve = None
    if curve is None:
        day = max(first, due)
        if (day - due).days > STALE:
            warnings.append(
                f"{(day - due).days} days after its due day: nobody knows whether it is ever paid"
            )
            law = (None, since)
            return _made(item, due, (None, None, None), (0.0, 0.0, "due day"), (reasons, warnings), law)
        if day > due:
            reasons.append(
                Reason(rule="not before tomorrow", text=f"{(day - due).days} days after its due day")
            )
        reasons.append(Reason(rule="no history", text=history.why_not or "the like were paid by now"))
        source = rules or "due day"
        chance = sure * UNKNOWN
        return _made(item, due, (day, None, None), (chance, won, source), (reasons, warnings), (None, since))
    days = [curve.quantile(share, since) for share in (0.5, 0.1, 0.9)]
    if history.doubt:
        late_by = (max(first, due) - due).days
        days[0] = None if late_by > STALE else late_by
        reasons.append(Reason(rule="no history", text=history.doubt))
        source = rules or "due day"
    else:
        reasons.append(_learnt(curve, item.partner))
        source = f"{rules} + history" if rules else "history"
    if days[0] is None:
        long_ago = f"{(first - due).days} days after its due day: nobody knows whether it is ever paid"
        warnings.append(long_ago if history.doubt else "half of the like were never paid")
        return _made(item, due, (None, None, None), (0.0, won, source), (reasons, warnings), (curve, since))
    expected = max(first, due + timedelta(days=days[0]))
    early = expected if days[1] is None else min(expected, max(first, due + timedelta(days=days[1])))
    late = None if days[2] is None else max(expected, due + timedelta(days=days[2]))
    near = _near(curve, since, (expected - due).days)
    return _made(
        item, due, (expected, early, late), (near * sure, won, source), (reasons, warnings), (curve, since)
    )


def _made(
    item: Item,
    due: date,
    days: tuple[date | None, date | None, date | None],
    chance: tuple[float, float, str],
    told: tuple[Sequence[Reason], Sequence[str]],
    law: tuple[Curve | None, int | None],
) -> Prediction:
    expected, early, late = days
    confidence, probability, source = chance
    return Prediction(
        key=item.key,
        kind=item.kind,
        partner=item.partner,
        amount=item.amount,
        currency=item.currency,
        invoiced=item.invoiced,
        due=due,
        expected=expected,
        early=early,
        late=late,
        confidence=round(confidence, 3),
        probability=probability,
        source=source,
        reasons=tuple(told[0]),
        warnings=tuple(told[1]),
        curve=law[0],
        since=law[1],
        otherwise=expected,
    )


def _learnt(curve: Curve, partner: str) -> Reason:
    usual = curve.quantile(0.5)
    if usual is None:
        when = "mostly not at all"
    else:
        when = (
            "on the due day" if usual == 0 else f"{abs(usual)} days {'after' if usual > 0 else 'before'} it"
        )
    who = f"{partner} paid {curve.paid}" if curve.paid else f"{partner or 'its partner'} has paid none yet"
    return Reason(rule="history", text=f"{who}, all together {curve.pooled}: half are paid {when}")


def _near(curve: Curve, since: int | None, day: int) -> float:
    """The chance that what is open is paid within ``NEAR`` days of a day."""
    left = 1.0 if since is None else curve.open_after(since)
    first = day - NEAR - 1 if since is None else max(since, day - NEAR - 1)
    return (curve.open_after(first) - curve.open_after(day + NEAR)) / left if left > 0 else 0.0


# --- periods --------------------------------------------------------------------------------------------


class Every(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """A period of a view: both days inclusive."""

    label: str
    start: date
    end: date


@dataclass(frozen=True)
class Flow:
    """What is paid in a period, of one currency, and where that leaves cash."""

    span: Span
    receipts: Decimal
    payments: Decimal
    """Negative."""
    position: Decimal
    """At the end, from the opening: the mean of what it may be."""
    low: Decimal
    high: Decimal
    """One in ten is lower, one in ten higher; the mean is never outside."""

    @property
    def net(self) -> Decimal:
        """Receipts and payments."""
        return self.receipts + self.payments


def spans(today: date, horizon: int, every: Every) -> list[Span]:
    """The weeks (to Sunday) or months from tomorrow on, until ``horizon`` days are covered."""
    last, start, found = today + timedelta(days=horizon), today + timedelta(days=1), []
    while start <= last:
        if every is Every.WEEK:
            end = start + timedelta(days=6 - start.weekday())
            year, week, _ = start.isocalendar()
            label = f"{year}-W{week:02}"
        else:
            following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
            end, label = following - timedelta(days=1), f"{start:%Y-%m}"
        found.append(Span(label, start, end))
        start = end + timedelta(days=1)
    return found


def flows(
    predictions: Iterable[Prediction], periods: Sequence[Span], opening: Decimal = Decimal(0)
) -> list[Flow]:
    """What is paid in each period, every item at its chance; all predictions are of one currency."""
    ones = list(predictions)
    before = [0.0] * len(ones)
    found, position = [], opening
    for span in periods:
        now = [one.paid_by(span.end) for one in ones]
        parts = [
            one.amount * _share(later - earlier)
            for one, later, earlier in zip(ones, now, before, strict=True)
        ]
        receipts = sum((part for part in parts if part > 0), Decimal(0))
        payments = sum((part for part in parts if part < 0), Decimal(0))
        position += receipts + payments
        low, high = (Decimal(repr(round(one, 6))) for one in _reach(_outcomes(ones, now, opening)))
        found.append(Flow(span, receipts, payments, position, min(low, position), max(high, position)))
        before = now
    return found


def _share(value: float) -> Decimal:
    return Decimal(repr(round(value, 9)))


def _outcomes(ones: Sequence[Prediction], paid: Sequence[float], opening: Decimal) -> Outcomes:
    """What cash may be, where each is paid with that chance."""
    amounts = ((float(one.amount), chance) for one, chance in zip(ones, paid, strict=True))
    return outcomes(amounts, float(opening))


def _reach(found: Outcomes) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    return found.quantile(tail), found.quantile(1 - tail)


@dataclass(frozen=True)
class Alert:
    """Cash may fall below a floor."""

    span: Span
    floor: Decimal
    probability: float
    """At the end of the period."""


def alerts(
    predictions: Iterable[Prediction],
    found: Sequence[Flow],
    floor: Decimal,
    least: float = 0.05,
) -> list[Alert]:
    """The periods at whose end cash is below a floor with at least that probability."""
    ones, told = list(predictions), []
    opening = found[0].position - found[0].net if found else Decimal(0)
    for flow in found:
        paid = [one.paid_by(flow.span.end) for one in ones]
        chance = round(_outcomes(ones, paid, opening).below(float(floor)), 3)
        if chance >= least:
            told.append(Alert(flow.span, floor, chance))
    return told


def crossing(
    predictions: Iterable[Prediction], periods: Sequence[Span], floor: Decimal, opening: Decimal = Decimal(0)
) -> float:
    """The chance that cash is below a floor at the end of any of the periods: by ``DRAWS`` draws, the same
    each time, of when the ``DRAWN`` largest items are paid; the others come as they do on average."""
    ones = sorted(predictions, key=lambda one: (-abs(one.amount), one.key))
    courses = [_course(one, periods) for one in ones]
    usual = [float(opening)] * len(periods)
    for course in courses[DRAWN:]:
        usual = [known + course.amount * share for known, share in zip(usual, course.shares, strict=True)]
    random, least, below = Random(0), float(floor), 0  # noqa: S311 (no secret: chances)
    for _ in range(DRAWS):
        moved = [0.0] * (len(periods) + 1)
        for course in courses[:DRAWN]:
            moved[bisect_right(course.shares, random.random())] += course.amount
        below += any(known + paid < least for known, paid in zip(usual, accumulate(moved), strict=False))
    return round(below / DRAWS, 3)


@dataclass(frozen=True)
class _Course:
    """An amount, and the share of it that is paid by the end of each period."""

    amount: float
    shares: list[float]


def _course(one: Prediction, periods: Sequence[Span]) -> _Course:
    return _Course(float(one.amount), [one.paid_by(span.end) for span in periods])


def by_currency(predictions: Iterable[Prediction]) -> Mapping[str, list[Prediction]]:
    """Amounts of different currencies are never added."""
    found: dict[str, list[Prediction]] = {}
    for one in predictions:
        found.setdefault(one.currency, []).append(one)
    return found
