"""What goes out of a group: what members book with each other, capital, the part that others own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate, combinations
from typing import Final

from abax.errors import InvalidRequest
from abax.ledger.group import Group
from abax.ledger.group_layout import ACQUISITIONS, DIFFERENCES, GOODWILL, MINORITY_RESULT, RESULT_DIFFERENCES
from abax.ledger.joining import Joined, Months
from abax.ledger.layout import RESULT_CLASSES
from abax.ledger.model import StatementClass
from abax.money import ZERO, display, rounded

_C = StatementClass
_CLASSES: Final = tuple(own.value for own in StatementClass)


@dataclass
class Entry:
    """One step of the consolidation month by month; each month of either kind sums to zero."""

    kind: str
    about: str
    positions: dict[str, Months] = field(default_factory=dict)
    flows: dict[str, Months] = field(default_factory=dict)

    def move(self, name: str, amounts: Sequence[Decimal], *, cash_too: bool = True) -> None:
        """Add amounts to a class, debit positive; without ``cash_too`` the cash flow never hears of it."""
        for side in (self.positions, self.flows) if cash_too else (self.positions,):
            own = side.setdefault(name, [ZERO] * len(amounts))
            side[name] = [one + other for one, other in zip(own, amounts, strict=True)]


# --- taking out -----------------------------------------------------------------------------------------


def eliminations(group: Group, joined: Sequence[Joined]) -> Iterator[Entry]:
    parent = next(own for own in joined if own.member.name == group.parent)
    for one, other in combinations(joined, 2):
        yield from _between(one, other)
    for own in joined:
        if own is not parent:
            yield from _of_member(group, parent, own)


def _of_member(group: Group, parent: Joined, own: Joined) -> Iterator[Entry]:
    dividends = _dividends(parent, own)
    if dividends:
        yield dividends
    if own.member.investment_accounts:
        capital = _capital(group, parent, own)
        yield capital
        if GOODWILL in capital.positions:
            yield from _goodwill_at_closing(group, own, capital)
    if own.member.share < 1:
        yield _minority(group, own)


def _between(one: Joined, other: Joined) -> Iterator[Entry]:
    """Balances and results of a pair, out on both sides; what they differ by, on its own line.

    What was bought into stock goes out of the cost of sales, where it ends up; it stays in stock at the price
    between members."""
    about = f"{one.member.name} – {other.member.name}"
    for kind, rest in (("balances", DIFFERENCES), ("results", RESULT_DIFFERENCES)):
        entry = Entry(f"intercompany {kind}", about)
        for side, partner in ((one, other), (other, one)):
            for flows in (False, True):
                _take_out(entry, side, partner.member.name, rest, flows=flows)
        if entry.positions or entry.flows:
            yield entry


def _take_out(entry: Entry, side: Joined, partner: str, rest: str, *, flows: bool) -> None:
    moves = side.moves.flows if flows else side.moves.positions
    into = entry.flows if flows else entry.positions
    for key, own in moves.items():
        if (key.tag, key.other) == ("with", partner) and key.of_result == (rest == RESULT_DIFFERENCES):
            add(into, key.name, [-amount for amount in own])
            add(into, rest, own)
        elif (key.tag, key.other) == ("bought", partner) and rest == RESULT_DIFFERENCES:
            cost = side.moves.flows[key]
            add(into, _C.COST_OF_SALES.value, [-amount for amount in cost])
            add(into, rest, cost)


def _dividends(parent: Joined, own: Joined) -> Entry | None:
    """A member's dividends are no income of the group: they go back to what was retained."""
    entry = Entry("dividends", own.member.name)
    for flows in (False, True):
        moves = parent.moves.flows if flows else parent.moves.positions
        into = entry.flows if flows else entry.positions
        for key, amounts in moves.items():
            if (key.tag, key.other) == ("dividend", own.member.name):
                add(into, key.name, [-amount for amount in amounts])
                add(into, _C.RETAINED_EARNINGS.value, amounts)
    return entry if entry.positions else None


def _capital(group: Group, parent: Joined, own: Joined) -> Entry:
    """The investment against the parent's share of capital; what is paid beyond it is goodwill on the day of
    entry, a difference on any other. Raises InvalidRequest for a bargain purchase."""
    entry, currency = Entry("capital", own.member.name), group.currency
    capital = own.total(_C.EQUITY.value)
    mine = _part(capital, own.member.share, currency)
    others = [one - other for one, other in zip(capital, mine, strict=True)]
    invested = parent.total(*_CLASSES, tag="investment", other=own.member.name)
    entered = _entered(parent, own, invested, mine)
    for key, paid in parent.moves.positions.items():
        if (key.tag, key.other) == ("investment", own.member.name):
            entry.move(key.name, [-amount for amount in _gathered(paid, entered)], cash_too=False)
            add(entry.flows, key.name, [-amount for amount in paid])
    entry.move(_C.EQUITY.value, [-amount for amount in capital], cash_too=False)
    entry.move(_C.NON_CONTROLLING_INTEREST.value, others, cash_too=False)
    over = [one + other for one, other in zip(_gathered(invested, entered), mine, strict=True)]
    _settle_over(group, own, entry, over, entered)
    _capital_flows(own, entry, invested, entered, group.currency)
    return entry


def _entered(parent: Joined, own: Joined, invested: Months, mine: Months) -> int:
    """The place of entry; where the books of either begin after it, the first by which both are there."""
    if own.member.acquired is None:
        return -1
    entered = own.entered if own.entered >= 0 else _first(mine)
    begins = min(_first(moved) for moved in parent.moves.positions.values())
    return max(entered, _first(invested)) if own.entered < 0 or begins > entered else entered


def _first(moved: Months) -> int:
    """The first place at which anything moved."""
    return next((place for place, amount in enumerate(moved) if amount), len(moved) - 1)


def _gathered(paid: Sequence[Decimal], entered: int) -> Months:
    """What was paid before the day of entry counts on that day."""
    if entered <= 0:
        return list(paid)
    before = sum(paid[: entered + 1], ZERO)
    return [ZERO] * entered + [before, *paid[entered + 1 :]]


def _settle_over(group: Group, own: Joined, entry: Entry, over: Months, entered: int) -> None:
    goodwill = [ZERO] * len(over)
    if own.member.acquired is not None:
        goodwill[entered] = sum(over[: entered + 1], ZERO)
        if goodwill[entered] < -group.tolerance:
            raise InvalidRequest(
                f"{own.member.name} cost {display(-goodwill[entered], group.currency)} {group.currency} less "
                "than its share of equity: bargain purchases are not supported",
                "members",
            )
        entry.move(GOODWILL, goodwill, cash_too=False)
    rest = [one - other for one, other in zip(over, goodwill, strict=True)]
    if any(rest):
        entry.move(DIFFERENCES, rest, cash_too=False)


def _capital_flows(own: Joined, entry: Entry, invested: Months, entered: int, currency: str) -> None:
    """In the cash flow a price paid is an acquisition, and capital paid in between members is nothing."""
    bought = own.member.acquired is not None
    capital = own.total(_C.EQUITY.value, flows=True)
    mine = _part(capital, own.member.share, currency)
    price = [amount if bought and place <= entered else ZERO for place, amount in enumerate(invested)]
    others = [one - other for one, other in zip(capital, mine, strict=True)]
    rest = [paid - part + own_part for paid, part, own_part in zip(invested, price, mine, strict=True)]
    add(entry.flows, _C.EQUITY.value, [-amount for amount in capital])
    add(entry.flows, _C.NON_CONTROLLING_INTEREST.value, others)
    add(entry.flows, ACQUISITIONS, price)
    add(entry.flows, DIFFERENCES, rest)


def _goodwill_at_closing(group: Group, own: Joined, capital: Entry) -> Iterator[Entry]:
    """Goodwill is an asset of the member, in its currency (IAS 21.47)."""
    if own.books.company.currency == group.currency:
        return
    goodwill = capital.positions[GOODWILL]
    first = sum(goodwill, ZERO)
    start = _first(goodwill)
    worth = [
        rounded(first / own.entry_rate * rate, group.currency) if rate and place > start else first
        for place, rate in enumerate(own.closing)
    ]
    moved = [ZERO if place <= start else worth[place] - worth[place - 1] for place in range(len(worth))]
    if any(moved):
        entry = Entry("translation of goodwill", own.member.name)
        entry.move(GOODWILL, moved, cash_too=False)
        entry.move(_C.TRANSLATION_RESERVE.value, [-amount for amount in moved], cash_too=False)
        yield entry


def _minority(group: Group, own: Joined) -> Entry:
    """What of equity and results belongs to others. Capital went there already where it was taken out."""
    entry, share = Entry("non-controlling interests", own.member.name), 1 - own.member.share
    others = _C.NON_CONTROLLING_INTEREST.value
    names = [_C.RETAINED_EARNINGS.value]
    if not own.member.investment_accounts:
        names.append(_C.EQUITY.value)
    for name in names:
        for side, flows in ((entry.positions, False), (entry.flows, True)):
            part = _part(own.total(name, flows=flows), share, group.currency)
            add(side, name, [-amount for amount in part])
            add(side, others, part)
    reserve = _part(own.total(_C.TRANSLATION_RESERVE.value), share, group.currency)
    entry.move(_C.TRANSLATION_RESERVE.value, [-amount for amount in reserve], cash_too=False)
    result = _part(own.total(*(c.value for c in RESULT_CLASSES)), share, group.currency)
    entry.move(MINORITY_RESULT, [-amount for amount in result], cash_too=False)
    entry.move(others, [one + other for one, other in zip(reserve, result, strict=True)], cash_too=False)
    return entry


def _part(amounts: Sequence[Decimal], share: Decimal, currency: str) -> Months:
    """A share of what moved, rounded so that the running totals are the share of the running totals."""
    running = [rounded(total * share, currency) if share != 1 else total for total in accumulate(amounts)]
    return [one - other for one, other in zip(running, [ZERO, *running], strict=False)]


def add(into: dict[str, Months], name: str, amounts: Sequence[Decimal]) -> None:
    own = into.setdefault(name, [ZERO] * len(amounts))
    into[name] = [one + other for one, other in zip(own, amounts, strict=True)]
