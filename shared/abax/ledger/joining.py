"""A member's books in the group's currency, from the day on that it belongs to the group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from abax.dates import Period
from abax.errors import InvalidRequest, MissingRate
from abax.ledger.group import Group, Key, Member, MemberBooks
from abax.ledger.group_layout import ACQUISITIONS
from abax.ledger.model import StatementClass
from abax.ledger.translation import Moves, Rates, Span, translated
from abax.money import ZERO, display, rounded

_C = StatementClass

Months = list[Decimal]


@dataclass(frozen=True)
class Joined:
    """A member's books in the group's currency, from the day on that it belongs to the group."""

    member: Member
    books: MemberBooks
    moves: Moves[Key]
    entered: int
    """Place of the month in which it came into the group; -1: it was there before the books begin."""
    entry_rate: Decimal
    """At which its goodwill came in."""
    closing: list[Decimal]
    """Rates at the months' ends, from the first one needed on."""

    def total(self, *names: str, tag: str | None = None, other: str = "", flows: bool = False) -> Months:
        """What moved in classes, of all tags unless one is named."""
        side = self.moves.flows if flows else self.moves.positions
        chosen = [
            own
            for key, own in side.items()
            if key.name in names and (tag is None or (key.tag, key.other) == (tag, other))
        ]
        return sums(chosen, len(self.closing))

    def by_name(self, *, flows: bool = False) -> dict[str, Months]:
        """What moved by class."""
        side = self.moves.flows if flows else self.moves.positions
        names = dict.fromkeys(key.name for key in side)
        return {name: self.total(name, flows=flows) for name in names}


def joined(group: Group, member: Member, books: MemberBooks, span: Span, rates: Rates) -> Joined:
    """A member's books in the group's currency, cut to what belongs to the group."""
    currency = (books.company.currency, group.currency)
    entered, opening = _entry_places(member.acquired, span, books.ends[0])
    moves = translated(_placed(books, member, span), span, rates, *currency, _held, opening)
    moves = _closed(moves, len(span.months))
    found = Joined(member, books, moves, entered, Decimal(1), _closing_rates(span, rates, currency))
    if member.acquired is None:
        return found
    rate = _entry_rate(member.acquired, span, rates, currency)
    if entered < 0:
        return replace(found, moves=_capital_from_given(member, moves, rate, group), entry_rate=rate)
    _require_same_equity(group, member, moves, opening, rate)
    return replace(found, moves=_from_entry_on(moves, entered, opening), entry_rate=rate)


def _closing_rates(span: Span, rates: Rates, currency: tuple[str, str]) -> list[Decimal]:
    """Rates at the months' ends from the one before the first shown on; nil before."""
    return [
        rates.closing(*currency, month, span.end(place)) or ZERO if place >= span.shown - 1 else ZERO
        for place, month in enumerate(span.months)
    ]


def _held(key: Key) -> bool:
    return key.held


def _placed(books: MemberBooks, member: Member, span: Span) -> dict[Key, Months]:
    """A member's movements on the months of the group. Raises InvalidRequest where its months end on other
    days."""
    places = {month.end: place for place, month in enumerate(span.months)}
    found: dict[Key, Months] = {}
    for (key, end), amount in books.cells.items():
        if end in places:
            found.setdefault(key, [ZERO] * len(span.months))[places[end]] += amount
        elif end < span.months[-1].end:
            raise InvalidRequest(
                f"a fiscal month of {member.name} ends on {end}, none of the parent does", "members"
            )
    return found


def _closed(moves: Moves[Key], length: int) -> Moves[Key]:
    """With the member's translation reserve, and what rates did to its cash."""
    reserve = Key(_C.TRANSLATION_RESERVE.value)
    positions, flows = dict(moves.positions), dict(moves.flows)
    flows.update({key: own for key, own in positions.items() if key.name == _C.CASH})
    for side in (positions, flows):
        off = sums(side.values(), length)
        if any(off):
            own = side.get(reserve, [ZERO] * length)
            side[reserve] = [one - other for one, other in zip(own, off, strict=True)]
    return Moves(positions, flows)


# --- coming into the group ------------------------------------------------------------------------------


def _entry_places(acquired: date | None, span: Span, first: date) -> tuple[int, int]:
    """The place of the month of entry, and of the month whose end has the opening balance; -1: before the
    books, whose first month ends on ``first``. Raises InvalidRequest for a day within a month."""
    if acquired is None or acquired < first.replace(day=1) or acquired <= span.months[0].start:
        return -1, -1
    for place, month in enumerate(span.months):
        if acquired in (month.start, month.end):
            opening = place - (acquired == month.start)
            return (place, opening) if span.months[opening].end >= first else (-1, -1)
    raise InvalidRequest(
        f"{acquired} lies within a month, or after the books; acquisitions count from the beginning or the "
        "end of a month",
        "acquired",
    )


def _entry_rate(acquired: date, span: Span, rates: Rates, currency: tuple[str, str]) -> Decimal:
    """The rate of the day of acquisition: that of the eve, where it is the first day of a month. Raises
    MissingRate."""
    day = acquired - timedelta(days=acquired.day == 1)
    month = next((own for own in span.months if own.start <= day <= own.end), None) or _month_of(day)
    rate = rates.closing(*currency, month, day)
    if rate is None:
        raise MissingRate(*currency, day, month=month.label)
    return rate


def _month_of(day: date) -> Period:
    return Period(day.replace(day=1), day, f"{day:%Y-%m}", day.year, day.month, day.month)


def _from_entry_on(moves: Moves[Key], entered: int, opening: int) -> Moves[Key]:
    """What belongs to the group: at entry the assets and debts of that day against capital, then all else.

    The cash flow shows the cash that came along on its own line."""
    length = len(next(iter(moves.positions.values())))
    capital, acquired = Key(_C.EQUITY.value), Key(ACQUISITIONS)
    positions = {key: _since(own, opening) for key, own in moves.positions.items()}
    flows = {key: _since(own, opening) for key, own in moves.flows.items()}
    net, cash = ZERO, ZERO
    for key, own in moves.positions.items():
        if key.of_balance:
            brought = sum(own[: opening + 1], ZERO)
            positions[key][entered] += brought
            net += brought
            if key.name == _C.CASH:
                flows[key][entered] += brought
                cash += brought
    positions.setdefault(capital, [ZERO] * length)[entered] -= net
    flows[acquired] = [ZERO] * length
    flows[acquired][entered] -= cash
    return Moves(positions, flows)


def _require_same_equity(
    group: Group, member: Member, moves: Moves[Key], opening: int, rate: Decimal
) -> None:
    if member.equity_at_acquisition is None:
        return
    own = sum(
        (amount for key, of in moves.positions.items() if key.of_balance for amount in of[: opening + 1]),
        ZERO,
    )
    given = rounded(member.equity_at_acquisition * rate, group.currency)
    if abs(own - given) > group.tolerance:
        raise InvalidRequest(
            f"{member.name} was worth {display(own, group.currency)} {group.currency} by its books when it "
            f"was acquired, and {given} as given: fair values are not supported",
            "members",
        )


def _since(own: Sequence[Decimal], opening: int) -> Months:
    return [amount if place > opening else ZERO for place, amount in enumerate(own)]


def _capital_from_given(member: Member, moves: Moves[Key], rate: Decimal, group: Group) -> Moves[Key]:
    """Books that begin after the acquisition: of the equity that they begin with, what was there on that day
    is capital, the rest was earned in the group."""
    if member.equity_at_acquisition is None:
        raise InvalidRequest(
            f"the books of {member.name} begin after it was acquired; give its equity_at_acquisition",
            "members",
        )
    capital, earned = Key(_C.EQUITY.value), Key(_C.RETAINED_EARNINGS.value)
    length = len(next(iter(moves.positions.values())))
    nothing = [ZERO] * length
    given = rounded(member.equity_at_acquisition * rate, group.currency)
    found = Moves(dict(moves.positions), dict(moves.flows))
    for side in (found.positions, found.flows):
        held = side.get(capital, nothing)
        kept = side.get(earned, nothing)
        side[earned] = [one + other for one, other in zip(kept, held, strict=True)]
        side[capital] = list(nothing)
    found.positions[capital] = [-given, *nothing[1:]]
    found.positions[earned] = [found.positions[earned][0] + given, *found.positions[earned][1:]]
    return found


def sums(series: Iterable[Sequence[Decimal]], length: int) -> Months:
    return [sum(month, ZERO) for month in zip([ZERO] * length, *series, strict=True)]
