"""How each balance comes about in the months ahead: days outstanding, investment, repayments, dividends.

Every rule is drawn from the past alone, and tried at earlier origins like any other forecast.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Final

from abax.dates import Period
from abax.forecast.three import (
    CURRENT,
    DEPRECIATION,
    FIXED_ASSETS,
    MADE,
    MINORITIES,
    RETAINED,
    Follow,
    Past,
    Plan,
)
from abax.ledger.model import ForecastDriver, StatementClass
from abax.money import ZERO, rounded

_C: Final = StatementClass
YEAR: Final = 12
WINDOWS: Final = (1, 2, 3, 6, 12)
"""How many months of a flow a balance may hang on."""
MEMORIES: Final = (1, 3, 6, 12)
"""Over how many months the median of the days outstanding may be taken."""
FEWEST: Final = 6
"""Months in which days outstanding must be told before a balance follows its flow."""
MOST_DAYS: Final = 730
ALIKE: Final = Decimal("0.25")
"""Two years agree on a month where they are no further apart than this share of the larger one."""

RECEIVABLES: Final = _C.RECEIVABLES.value
INVENTORY: Final = _C.INVENTORY.value
PAYABLES: Final = _C.PAYABLES.value
LONG_DEBT: Final = _C.LONG_TERM_DEBT.value
SHORT_DEBT: Final = _C.SHORT_TERM_DEBT.value
DAYS_OF: Final = {RECEIVABLES: "dso", INVENTORY: "dio", PAYABLES: "dpo"}
"""Balance → what its days outstanding are called."""
DAYS_LABELS: Final = {
    "dso": "Days sales outstanding",
    "dio": "Days inventory outstanding",
    "dpo": "Days payables outstanding",
}
_FLOWS: Final = {
    RECEIVABLES: ((_C.REVENUE.value, 1),),
    INVENTORY: ((_C.COST_OF_SALES.value, -1),),
    PAYABLES: ((_C.COST_OF_SALES.value, -1), (_C.OPERATING_EXPENSES.value, -1)),
}
"""Balance → the flows that it may follow, the first that days outstanding can be told of."""

OWN_POSITIONS: Final = tuple(
    own.value
    for own in (
        *(_C.RECEIVABLES, _C.INVENTORY, _C.PREPAYMENTS, _C.OTHER_CURRENT_ASSETS),
        *(_C.PAYABLES, _C.CREDIT_CARDS, _C.OTHER_CURRENT_LIABILITIES),
    )
)
"""Balances with a season of their own, which methods can find; the rest moves by decisions."""

FOLLOWS: Final = "Days outstanding"
ROLLED: Final = "Investment less depreciation"
REPAID: Final = "Repaid as before"
HELD: Final = "Last balance"
BROUGHT_FORWARD: Final = "Result brought forward"
LEFT: Final = "What the cash flow leaves"


@dataclass(frozen=True)
class Told:
    """How a balance comes about, for its reader."""

    method: str
    drivers: tuple[ForecastDriver, ...] = ()
    note: str = ""


def plan_of(
    past: Past,
    months: Sequence[Period],
    flows: Mapping[str, Sequence[Decimal]],
    own: Mapping[str, Sequence[Decimal]],
) -> tuple[Plan, dict[str, Told]]:
    """What the months ahead are made of, and how each balance is told.

    ``flows`` has every figure of the income statement, ``own`` the balances that have a forecast of their
    own, both by month ahead. A balance in ``own`` that follows a flow is made from that instead.
    """
    told: dict[str, Told] = {}
    follows = [follow for line in DAYS_OF if (follow := follow_of(past, line))]
    told |= {follow.line: told_days(follow) for follow in follows}
    positions: dict[str, Sequence[Decimal]] = {}
    for line in past.shape.positions:
        if line in MADE or line in told:
            continue
        if line in own:
            positions[line] = _as_ever(past.positions[line], own[line])
        else:
            positions[line] = [past.positions[line][-1]] * len(months)
            told[line] = Told(HELD)
    _settle_debt(past, positions, told)
    share = minority_share(past)
    net = [sum((values[place] for values in flows.values()), ZERO) for place in range(len(months))]
    plan = Plan(
        months=months,
        flows=flows,
        follows=follows,
        positions=positions,
        invested=_investment(past, flows[DEPRECIATION], told),
        distributed=_distributions(past, months, told),
        minority=[rounded(result * share, past.currency) for result in net],
    )
    return plan, told


def follow_of(past: Past, line: str) -> Follow | None:
    """How a balance follows its flow: over the months, and by the median of the days, that would have
    foretold the last two years best, each month from the months before it. None where too few months tell
    the days, as without revenue, or where they are beyond reason."""
    if not any(past.positions[line]):
        return None
    for flow, sign in _FLOWS[line]:
        tried = [
            found
            for window in WINDOWS
            if (days := _days(past, line, flow, sign, window)) is not None
            for memory in MEMORIES
            if (found := _tried(past, Follow(line, flow, sign, window, ZERO), days, memory))
        ]
        if tried:
            return min(tried, key=lambda pair: pair[0])[1]
    return None


def _days(past: Past, line: str, flow: str, sign: int, window: int) -> list[Decimal | None] | None:
    """Days outstanding month by month, None where the flow is not positive; nothing where too few are
    told."""
    balances, moved = past.positions[line], past.flows[flow]
    days: list[Decimal | None] = [None] * len(balances)
    for end in range(window, len(balances) + 1):
        base = sign * sum(moved[end - window : end], ZERO)
        if base > 0:
            length = sum((month.end - month.start).days + 1 for month in past.months[end - window : end])
            days[end - 1] = balances[end - 1] * length / base
    recent = [value for value in days[-YEAR:] if value is not None]
    enough = len(recent) >= FEWEST and 0 < median(recent) <= MOST_DAYS
    return days if enough else None


def _tried(
    past: Past, follow: Follow, days: Sequence[Decimal | None], memory: int
) -> tuple[Decimal, Follow] | None:
    """The mean error of foretelling each of the last 24 months, and the rule as it stands now."""
    balances, flow = past.positions[follow.line], past.flows[follow.flow]
    errors = []
    for end in range(max(len(days) - 2 * YEAR, follow.window), len(days)):
        usual = _median([value for value in days[max(0, end - memory) : end] if value is not None])
        if usual is not None:
            foretold = follow.balance(flow[: end + 1], past.months[: end + 1], usual, past.currency)
            errors.append(abs(balances[end] - foretold))
    usual = _median([value for value in days[-memory:] if value is not None])
    if usual is None or usual <= 0 or len(errors) < FEWEST - 1:
        return None
    return sum(errors, ZERO) / len(errors), replace(follow, days=usual.quantize(Decimal("0.01")))


def _median(values: Sequence[Decimal]) -> Decimal | None:
    return median(values) if values else None


def told_days(follow: Follow, usual: Decimal | None = None) -> Told:
    """The days outstanding and the flow as drivers; ``dso from 2026-03`` is what holds from that month on,
    and ``usual`` what they were before they were changed month by month."""
    name = DAYS_OF[follow.line]
    label, flow = DAYS_LABELS[name], follow.flow.replace("_", " ")
    months = "month" if follow.window == 1 else f"{follow.window} months"
    text = f"{flow} of the last {months} × days outstanding / the days of it"
    if usual is not None:
        text += f"; {usual} days are usual, drawn month by month to what cash's own history says"
    later = (
        ForecastDriver(driver=f"{name} from {month}", label=f"{label} from {month}", value=days, unit="days")
        for month, days in follow.later.items()
    )
    return Told(
        FOLLOWS,
        (
            ForecastDriver(driver=name, label=label, value=follow.days, unit="days", text=text),
            *later,
            ForecastDriver(
                driver=follow.flow,
                label=f"Months of {flow} that it follows",
                value=Decimal(follow.window),
                unit="months",
            ),
        ),
    )


def _as_ever(history: Sequence[Decimal], ahead: Sequence[Decimal]) -> list[Decimal]:
    """A balance that never was negative does not become so."""
    return [max(value, ZERO) for value in ahead] if min(history) >= 0 else list(ahead)


def _settle_debt(past: Past, positions: dict[str, Sequence[Decimal]], told: dict[str, Told]) -> None:
    """All debt together, then how much of it is short-term: what falls due within a year moves from one
    line to the other and is paid by nobody.

    Debt moves as in the same month of the last two years where they agree, as with a loan that is drawn each
    spring and paid back each autumn; else by the median month of the last year where that is a repayment.
    """
    long, short = past.positions[LONG_DEBT], past.positions[SHORT_DEBT]
    if min(long[-1], short[-1]) < 0 or not (long[-1] or short[-1] or any(short[-YEAR:])):
        return
    months = len(positions[LONG_DEBT])
    whole = [one + other for one, other in zip(long, short, strict=True)]
    moved = [after - before for before, after in itertools.pairwise(whole)]
    usual = rounded(median(moved[-YEAR:]), past.currency) if len(moved) >= FEWEST else ZERO
    left, ahead = whole[-1], []
    for step in range(months):
        again = _again(moved, step)
        left = max(left + (min(usual, ZERO) if again is None else again), ZERO)
        ahead.append(left)
    parts = [short[-1] if (again := _again(short, step)) is None else again for step in range(months)]
    positions[SHORT_DEBT] = [min(max(part, ZERO), all_) for part, all_ in zip(parts, ahead, strict=True)]
    positions[LONG_DEBT] = [all_ - part for all_, part in zip(ahead, positions[SHORT_DEBT], strict=True)]
    if ahead == [whole[-1]] * months and positions[SHORT_DEBT] == [short[-1]] * months:
        return
    driver = ForecastDriver(
        driver="repayment",
        label="Repayment in the median month",
        value=max(-usual, ZERO),
        unit="currency",
        text="as in the same month of the last two years where they agree; no other loans are foreseen",
    )
    told[LONG_DEBT] = told[SHORT_DEBT] = Told(REPAID, (driver,))


def _again(values: Sequence[Decimal], step: int) -> Decimal | None:
    """What was in the same month of the last year; None where the year before was not much the same."""
    last, before = len(values) - YEAR + step % YEAR, len(values) - 2 * YEAR + step % YEAR
    if before < 0:
        return None
    one, other = values[last], values[before]
    return one if abs(one - other) <= ALIKE * max(abs(one), abs(other)) else None


def _investment(past: Past, depreciation: Sequence[Decimal], told: dict[str, Told]) -> list[Decimal]:
    """The mean month of the last year, and what keeps the assets from being depreciated below nothing."""
    recent = past.invested[-YEAR:]
    usual = rounded(sum(recent, ZERO) / len(recent), past.currency) if recent else ZERO
    left, invested = past.positions[FIXED_ASSETS][-1], []
    for worn in depreciation:
        now = max(usual, -worn - left) if left >= 0 else usual
        invested.append(now)
        left += now + worn
    told[FIXED_ASSETS] = Told(
        ROLLED,
        (
            ForecastDriver(
                driver="capex",
                label="Investment a month",
                value=usual,
                unit="currency",
                text="the mean month of the last year, less disposals",
            ),
        ),
    )
    return invested


def _distributions(past: Past, months: Sequence[Period], told: dict[str, Told]) -> list[Decimal]:
    """A dividend is expected in a month in which both of the last two years had one, as high as the last."""
    known = past.distributed
    ahead: list[Decimal] = []
    for step in range(len(months)):
        last, before = len(known) - YEAR + step % YEAR, len(known) - 2 * YEAR + step % YEAR
        regular = before >= 0 and known[before] < 0 and known[last] < 0
        ahead.append(known[last] if regular else ZERO)
    drivers = tuple(
        ForecastDriver(
            driver="dividends",
            label=f"Dividend in {month.label}",
            value=-amount,
            unit="currency",
            text="as a year before, for the year before that had one in that month too",
        )
        for month, amount in zip(months, ahead, strict=True)
        if amount
    )
    told[RETAINED] = Told(BROUGHT_FORWARD, drivers)
    told[CURRENT] = told[MINORITIES] = Told(BROUGHT_FORWARD)
    return ahead


def minority_share(past: Past) -> Decimal:
    """What part of the group's result was others' over the last year: between nothing and all of it."""
    own = sum(past.minority[-YEAR:], ZERO)
    net = sum((sum(values[-YEAR:], ZERO) for values in past.flows.values()), ZERO)
    return min(max(own / net, ZERO), Decimal(1)) if own and net else ZERO
