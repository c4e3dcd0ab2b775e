"""Several companies as one: full consolidation as IFRS 10 and IFRS 3 have it.

::

    members' books ─► the group's currency ─► added up ─► intercompany out ─► capital out ─► minority's part
     one SQL each       (translation.py)        100 %      pair by pair     against equity   of equity, result

* Balances and results between members are taken out on both sides; what one bought into stock, out of the
  cost of sales. What the two sides differ by stands on a line of its own, is listed by pair, and beyond a
  tolerance fails a check.
* An investment is taken out against the owner's share of the member's equity: as it is paid in, or of the
  day of acquisition. What was paid beyond that is goodwill (the owner's part alone, IFRS 3.19 b), in the
  member's currency (IAS 21.47). Results before the acquisition are no results of the group.
* Non-controlling interests have their share of equity, and of the result.

Refused, or told as a difference: step acquisitions, bargain purchases, members held through others. Not done:
the equity method, profits in stock between members, impairment of goodwill.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations

from abax.dates import Calendar, Granularity
from abax.errors import InvalidRequest, listed
from abax.ledger.elimination import Entry, add, eliminations
from abax.ledger.group import Group, MemberBooks, require_sound
from abax.ledger.group_layout import DIFFERENCES, GROUP_RESULTS, LAYOUTS
from abax.ledger.joining import Joined, Months, joined, sums
from abax.ledger.model import Check, Frozen, LineKind, Notice, Statement
from abax.ledger.statements import Coverage
from abax.ledger.store import hashed
from abax.ledger.translation import Frame, Moves, Rates, Span, balances, checks_of, notices_of, statements
from abax.money import ZERO, told, trimmed

# --- what comes out -------------------------------------------------------------------------------------


class MemberShown(Frozen):
    """A member as the group's report names it."""

    name: str
    company: str
    currency: str
    share: Decimal
    closing: Decimal
    """Rate at the end of the last month shown, in the group's currency."""
    average: Decimal
    """Rate of that month's average."""


class Difference(Frozen):
    """What the two sides of a pair differ by, in the group's currency; debit positive."""

    kind: str
    """``balances`` at the last day shown, ``results`` of the year, or ``investment``."""
    one: str
    other: str
    amount_of_one: Decimal
    amount_of_other: Decimal
    difference: Decimal
    within_tolerance: bool


class Adjustment(Frozen):
    """One step of the consolidation by class: balances at the last day shown, results of the year. Debit
    positive; the amounts of all years together sum to zero."""

    kind: str
    about: str
    amounts: dict[str, Decimal]


class WorksheetRow(Frozen):
    """A line of the year's statements, side by side: members in their order, adjustments, the group."""

    report: str
    line: str
    label: str
    kind: LineKind
    level: int
    members: list[Decimal]
    adjustments: Decimal
    group: Decimal


class GroupPackage(Frozen):
    """Everything that a group's close computes: the content of ``group.json``."""

    name: str
    currency: str
    parent: str
    year: int
    as_of: date
    input_hash: str
    tolerance: Decimal
    statements: list[Statement]
    members: list[MemberShown]
    worksheet: list[WorksheetRow]
    adjustments: list[Adjustment]
    differences: list[Difference]
    checks: list[Check]
    notices: list[Notice]

    def statement(self, report: str, granularity: str) -> Statement:
        """Raises KeyError."""
        for statement in self.statements:
            if (statement.report, statement.granularity) == (report, granularity):
                return statement
        raise KeyError((report, granularity))


# --- consolidating --------------------------------------------------------------------------------------


def consolidate(
    group: Group,
    books: Mapping[str, MemberBooks],
    year: int,
    rates: Rates | None = None,
    *,
    history: int = 3,
) -> GroupPackage:
    """The group's statements of fiscal ``year`` of the parent and those before it.

    ``rates`` replace those of the parent's source, which come before each member's own. Raises MissingRate
    naming the currency and the month, and InvalidRequest for what is not supported. Intercompany differences
    beyond the tolerance are a failed check.
    """
    require_sound(group)
    calendar = books[group.parent].company.calendar
    coverage = _coverage(group, books, calendar, year, history)
    span = _span(books, calendar, coverage)
    used = {name: _rates_of(group, books, name, rates) for name in books}
    members = [joined(group, member, books[member.name], span, used[member.name]) for member in group.members]
    entries = list(eliminations(group, members))
    total = _group_moves(members, entries)
    frame = Frame(calendar, group.currency)
    drawn = statements(frame, LAYOUTS, total, span, coverage)
    differences = list(_differences(group, members, entries, span, coverage))
    return GroupPackage(
        name=group.name,
        currency=group.currency,
        parent=group.parent,
        year=year,
        as_of=coverage.as_of,
        input_hash=hashed(
            group.model_dump(mode="json"),
            year,
            history,
            {name: own.input_hash for name, own in books.items()},
            rates.fingerprint if rates else None,
        ),
        tolerance=group.tolerance,
        statements=drawn,
        members=[_shown(own, span, used[own.member.name], group) for own in members],
        worksheet=list(_worksheet(frame, members, entries, span, coverage)),
        adjustments=[_adjustment(entry, span, year, group.currency) for entry in entries],
        differences=differences,
        checks=[
            *checks_of(drawn),
            check_adjustments(entries),
            _check_attribution(drawn),
            _check_pairs(differences, group.currency),
        ],
        notices=[
            *notices_of(*{id(own): own for own in used.values()}.values()),
            *_notices(group, members, span),
        ],
    )


def _coverage(
    group: Group, books: Mapping[str, MemberBooks], calendar: Calendar, year: int, history: int
) -> Coverage:
    """Up to the year's end, or to the last day on which anyone posted."""
    lacking = [member.name for member in group.members if not books[member.name].cells]
    if lacking:
        raise InvalidRequest(f"nothing is posted in the books of {listed(lacking)}", "members")
    last = max(own.ends[-1] for own in books.values())
    start, end = calendar.start_of(year), calendar.end_of(year)
    if last < start:
        raise InvalidRequest(f"nothing is posted in fiscal year {year}, which starts on {start}", "year")
    first = calendar.year_of(min(own.ends[0] for own in books.values()))
    reached = max(own.reached or own.ends[-1] for own in books.values() if own.ends[-1] == last)
    as_of = end if last >= end else max(min(reached, last), last.replace(day=1))
    return Coverage(max(year - max(history, 1) + 1, first), year, as_of)


def _span(books: Mapping[str, MemberBooks], calendar: Calendar, coverage: Coverage) -> Span:
    first = calendar.year_of(min(own.ends[0] for own in books.values()))
    return Span.of(calendar, first, coverage)


def _rates_of(group: Group, books: Mapping[str, MemberBooks], name: str, given: Rates | None) -> Rates:
    """The rates given, else the parent's, else the member's own."""
    own, wanted = books[name], (books[name].company.currency, group.currency)
    for rates in (given, books[group.parent].rates, own.rates):
        if rates is not None and (rates is given or rates.knows(*wanted)):
            return rates
    return books[group.parent].rates


def _group_moves(joined: Sequence[Joined], entries: Sequence[Entry]) -> Moves[str]:
    found: Moves[str] = Moves({}, {})
    for flows, side in ((False, found.positions), (True, found.flows)):
        parts = [own.by_name(flows=flows) for own in joined]
        parts += [entry.flows if flows else entry.positions for entry in entries]
        for part in parts:
            for name, amounts in part.items():
                add(side, name, amounts)
    return found


# --- showing --------------------------------------------------------------------------------------------


def _shown(own: Joined, span: Span, rates: Rates, group: Group) -> MemberShown:
    currency, month = (own.books.company.currency, group.currency), span.months[-1]
    closing = rates.closing(*currency, month, span.end(len(span.months) - 1)) or ZERO
    average = rates.average(*currency, month) or ZERO
    digits = Decimal("0.000001")
    return MemberShown(
        name=own.member.name,
        company=own.books.company.name,
        currency=own.books.company.currency,
        share=own.member.share,
        closing=closing.quantize(digits),
        average=average.quantize(digits),
    )


def _worksheet(
    frame: Frame, joined: Sequence[Joined], entries: Sequence[Entry], span: Span, coverage: Coverage
) -> Iterator[WorksheetRow]:
    """Income statement and balance sheet of the year, member by member."""
    [period] = frame.calendar.periods(coverage.last_year, Granularity.YEAR)
    steps: dict[str, Months] = {}
    for entry in entries:
        for name, amounts in entry.positions.items():
            add(steps, name, amounts)
    columns = [balances(own.by_name(), span) for own in joined]
    adjusted = balances(steps, span)
    for layout in LAYOUTS[:2]:
        for row in layout.rows:
            values = [trimmed(column.value(row, period), frame.currency) for column in columns]
            change = trimmed(adjusted.value(row, period), frame.currency)
            if any(values) or change or row.kind is not LineKind.FIGURE:
                yield WorksheetRow(
                    report=layout.report,
                    line=row.line,
                    label=row.label,
                    kind=row.kind,
                    level=row.level,
                    members=values,
                    adjustments=change,
                    group=sum(values, ZERO) + change,
                )


def _adjustment(entry: Entry, span: Span, year: int, currency: str) -> Adjustment:
    amounts = {}
    for name, moved in entry.positions.items():
        chosen = (
            amount
            for month, amount in zip(span.months, moved, strict=True)
            if name not in GROUP_RESULTS or month.year == year
        )
        amounts[name] = trimmed(sum(chosen, ZERO), currency)
    shown = {name: amount for name, amount in amounts.items() if amount}
    return Adjustment(kind=entry.kind, about=entry.about, amounts=shown)


def _differences(
    group: Group, joined: Sequence[Joined], entries: Sequence[Entry], span: Span, coverage: Coverage
) -> Iterator[Difference]:
    this_year = [month.year == coverage.last_year for month in span.months]
    always = [True] * len(this_year)
    for one, other in combinations(joined, 2):
        for kind, months in (("balances", always), ("results", this_year)):
            amounts = [
                _of_months(_booked_with(mine, theirs.member.name, kind == "results"), months)
                for mine, theirs in ((one, other), (other, one))
            ]
            if any(amounts):
                yield _difference(group, kind, one.member.name, other.member.name, *amounts)
    for entry in entries:
        if entry.kind == "capital" and (off := sum(entry.positions.get(DIFFERENCES, ()), ZERO)):
            yield _difference(group, "investment", group.parent, entry.about, off, ZERO)


def _booked_with(own: Joined, partner: str, results: bool) -> Months:
    chosen = [
        moved
        for key, moved in own.moves.positions.items()
        if (key.tag, key.other) == ("with", partner) and key.of_result == results
    ]
    if results:
        bought = ("bought", partner)
        chosen += [moved for key, moved in own.moves.flows.items() if (key.tag, key.other) == bought]
    return sums(chosen, len(own.closing))


def _of_months(amounts: Sequence[Decimal], chosen: Sequence[bool]) -> Decimal:
    return sum((amount for amount, wanted in zip(amounts, chosen, strict=True) if wanted), ZERO)


def _difference(group: Group, kind: str, one: str, other: str, mine: Decimal, theirs: Decimal) -> Difference:
    return Difference(
        kind=kind,
        one=one,
        other=other,
        amount_of_one=trimmed(mine, group.currency),
        amount_of_other=trimmed(theirs, group.currency),
        difference=trimmed(mine + theirs, group.currency),
        within_tolerance=abs(mine + theirs) <= group.tolerance,
    )


def check_adjustments(entries: Sequence[Entry]) -> Check:
    """Whether every step of the consolidation is balanced in every month."""
    off = ZERO
    bad = []
    for entry in entries:
        sums = [abs(sum(month, ZERO)) for side in (entry.positions, entry.flows) for month in _months(side)]
        if any(sums):
            bad.append(f"{entry.kind} {entry.about}")
            off += sum(sums, ZERO)
    label = "every adjustment sums to zero"
    return Check(check="adjustments", label=label, passed=not bad, difference=off, detail=listed(bad))


def _months(side: Mapping[str, Months]) -> Iterable[tuple[Decimal, ...]]:
    return zip(*side.values(), strict=True)


def _check_attribution(drawn: Sequence[Statement]) -> Check:
    off = ZERO
    for statement in drawn:
        if statement.report == "income_statement":
            rows = {row.line: row.values for row in statement.lines}
            nothing = [ZERO] * len(statement.periods)
            parts = [rows.get(f"attributable_to_{whose}", nothing) for whose in ("owners", "non_controlling")]
            for net, owners, others in zip(rows["net_result"], *parts, strict=True):
                off += abs(net - owners - others)
    label = "owners and non-controlling interests share the whole result"
    return Check(check="attribution", label=label, passed=not off, difference=off, detail="")


def _check_pairs(differences: Sequence[Difference], currency: str) -> Check:
    bad = [own for own in differences if not own.within_tolerance]
    return Check(
        check="intercompany",
        label="what members book with each other agrees within the tolerance",
        passed=not bad,
        difference=sum((abs(own.difference) for own in bad), ZERO),
        detail=listed(
            f"{own.kind} of {own.one} and {own.other} differ by {told(own.difference, currency)}"
            for own in bad
        ),
    )


def _notices(group: Group, joined: Sequence[Joined], span: Span) -> Iterator[Notice]:
    for own in joined:
        name, last = own.member.name, own.books.ends[-1]
        if last < span.months[-1].end:
            yield Notice(code="nothing_posted_after", message=f"{name} has nothing posted after {last}")
        if name != group.parent and not own.member.investment_accounts:
            message = (
                f"{name} has no investment_accounts: its equity stands beside the parent's, not eliminated"
            )
            yield Notice(code="no_investment", message=message)
