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

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, combinations
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, field_validator

from abax.dates import Calendar, Granularity, Period
from abax.errors import InvalidRequest, MissingRate, listed
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.layout import RESULT_CLASSES, Closing, Layout, Part, Row, Scope, figure, month_number
from abax.ledger.mapping import Patterns
from abax.ledger.model import (
    Check,
    Company,
    Frozen,
    LedgerManifest,
    LineKind,
    Notice,
    Side,
    Statement,
    StatementClass,
)
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT, Coverage
from abax.ledger.store import Ledger, hashed
from abax.ledger.translation import (
    Frame,
    Moves,
    Rates,
    Span,
    balances,
    checks_of,
    notices_of,
    statements,
    translated,
)
from abax.money import ZERO, display, rounded, trimmed

_C = StatementClass

GOODWILL: Final = "goodwill"
DIFFERENCES: Final = "intercompany_differences"
RESULT_DIFFERENCES: Final = "intercompany_result_differences"
MINORITY_RESULT: Final = "non_controlling_result"
ACQUISITIONS: Final = "acquisitions"
"""What a group has beside the classes of accounts."""

_RESULTS: Final = (*(name.value for name in RESULT_CLASSES), RESULT_DIFFERENCES, MINORITY_RESULT)

BALANCES_BETWEEN: Final = ("receivables", "payables")
RESULTS_BETWEEN: Final = (
    "revenue",
    "other_income",
    "cost_of_sales",
    "operating_expenses",
    "interest_income",
    "interest_expense",
)


# --- what a group is ------------------------------------------------------------------------------------


class Member(Frozen):
    """A company of the group, and how the group came to it."""

    name: str
    share: Annotated[Decimal, Field(gt=0, le=1)] = Decimal(1)
    """What the parent owns of it, 0 to 1."""
    acquired: date | None = None
    """First day of control, or last day before it: the end or the beginning of a month. None: founded by the
    group, or owned since before its books begin."""
    equity_at_acquisition: Decimal | None = None
    """In its own currency; its books say it where they reach back to that day."""
    investment_accounts: list[str] = Field(default_factory=list)
    """Accounts of the parent that carry what was paid for it: codes or patterns, as in a mapping."""
    dividend_accounts: list[str] = Field(default_factory=list)
    """Accounts of the parent that its dividends are income on."""
    known_as: list[str] = Field(default_factory=list)
    """Names or ids by which other members' books know it as a partner, beside its own name."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """Accounts of its own that are kept for another member alone: code or pattern to member."""

    @field_validator("share", mode="before")
    @classmethod
    def _percent(cls, given: object) -> object:
        """``80 %`` is 0.8."""
        if isinstance(given, str) and given.strip().endswith("%"):
            return Decimal(given.strip().removesuffix("%")) / 100
        return str(given) if isinstance(given, float) else given


class Group(Frozen):
    """Who is consolidated, in which currency, and what between members is taken out."""

    name: str
    currency: str
    parent: str
    members: list[Member]
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(1)
    """Up to how much the two sides of a pair may differ, in the group's currency."""
    balances: list[str] = Field(default_factory=lambda: list(BALANCES_BETWEEN))
    """Statement classes whose lines with another member as partner are balances between the two."""
    results: list[str] = Field(default_factory=lambda: list(RESULTS_BETWEEN))
    """Classes of what is invoiced between members, beside stock: all lines of such an invoice count."""
    stays: list[str] = Field(default_factory=list)
    """Accounts that stay though a member is their partner, such as exchange differences (IAS 21.45)."""

    def member(self, name: str) -> Member:
        """Raises InvalidRequest."""
        for member in self.members:
            if member.name == name:
                return member
        raise InvalidRequest(
            f"no member {name!r}; there are {listed(m.name for m in self.members)}", "members"
        )


def require_sound(group: Group) -> None:
    """Refuse what makes no sense, or is not supported. Raises InvalidRequest."""
    names = [member.name for member in group.members]
    if len(set(names)) < len(names):
        raise InvalidRequest("two members have the same name", "members")
    parent = group.member(group.parent)
    if parent.share != 1 or parent.acquired or parent.investment_accounts:
        raise InvalidRequest("the parent owns the others, and nobody in the group owns it", "parent")
    known = {own.value for own in StatementClass}
    for wanted in (*group.balances, *group.results):
        if wanted not in known:
            raise InvalidRequest(f"{wanted!r} is no statement class", "balances")
    for member in group.members:
        for other in member.accounts.values():
            group.member(other)
        if member.equity_at_acquisition is not None and not (member.acquired and member.investment_accounts):
            problem = f"{member.name} has an equity_at_acquisition: say when it was acquired, and on which "
            raise InvalidRequest(f"{problem}investment_accounts the parent carries it", "members")


# --- what is read of each member's books ----------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """What amounts of a member belong to: a class, and within it what is between it and another member."""

    name: str
    tag: str = ""
    """``with`` a member, stock ``bought`` of it, ``investment`` in it, or ``dividend`` of it; empty: with
    nobody of the group."""
    other: str = ""

    @property
    def of_result(self) -> bool:
        """Whether it stands in the income statement."""
        return self.name != ACQUISITIONS and StatementClass(self.name).side is Side.RESULT

    @property
    def held(self) -> bool:
        """Whether it is translated at the rate of the period's end."""
        return self.tag != "investment" and StatementClass(self.name).side in (Side.ASSET, Side.LIABILITY)


@dataclass(frozen=True)
class MemberBooks:
    """All that the consolidation takes from a member's ledger."""

    company: Company
    source_id: str
    input_hash: str
    rates: Rates
    cells: Mapping[tuple[Key, date], Decimal]
    """What moved, by the last day of the fiscal month; debit positive, without entries that close years."""
    reached: date | None = None
    """The last day with postings; the end of their month when left open."""

    @property
    def ends(self) -> list[date]:
        """Months with postings, by their last days."""
        return sorted({end for _, end in self.cells})


_MOST_AT_ONCE: Final = 4
"""Ledgers open at the same time: each may take 400 MB."""

Kin = Mapping[tuple[str, str], str]
"""Source and company id to member."""


def read_members(
    group: Group, manifests: Mapping[str, LedgerManifest], fetch: Callable[[str], Path], kin: Kin
) -> dict[str, MemberBooks]:
    """What moved in all members' books, as many read at once as there are processors. Raises what opening a
    ledger raises."""
    import duckdb  # noqa: F401 — at once, not by several threads

    def read(member: Member) -> MemberBooks:
        with Ledger.open(manifests[member.name], fetch, threads=1) as ledger:
            return read_member(group, member, ledger, kin)

    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_AT_ONCE)) as pool:
        found = list(pool.map(read, group.members))
    return {member.name: books for member, books in zip(group.members, found, strict=True)}


def read_member(group: Group, member: Member, ledger: Ledger, kin: Kin) -> MemberBooks:
    """What moved in a member's books by class and month, that with other members apart."""
    tags = _tags_of_accounts(group, member, ledger)
    partners = _partners(group, member, ledger, kin)
    cells: dict[tuple[Key, date], Decimal] = {}
    ends = _month_ends(ledger)
    found = [*_by_class(ledger, tags), *_by_account(ledger, tags)]
    found += _with_members(group, ledger, tags, partners) if partners else []
    for key, number, amount in found:
        place = (key, ends[number])
        cells[place] = cells.get(place, ZERO) + amount
    return MemberBooks(
        company=ledger.company,
        source_id=ledger.manifest.source_id,
        input_hash=ledger.input_hash,
        rates=Rates.of_ledger(ledger),
        cells={place: amount for place, amount in cells.items() if amount},
        reached=ledger.rows("SELECT max(last_day) FROM cube")[0][0],
    )


def kin_of(group: Group, ledgers: Iterable[tuple[Member, str, str]]) -> dict[tuple[str, str], str]:
    """Which member a company of a source is. Raises InvalidRequest where two members are one company."""
    found: dict[tuple[str, str], str] = {}
    for member, source, company in ledgers:
        if (source, company) in found:
            one = found[source, company]
            raise InvalidRequest(
                f"{one} and {member.name} are the same company of the same source", "members"
            )
        found[source, company] = member.name
    return found


def _tags_of_accounts(group: Group, member: Member, ledger: Ledger) -> dict[str, tuple[str, str] | None]:
    """Accounts kept for one member alone, by id: the tag and the member, or None for those that stay."""
    given: dict[str, tuple[str, str] | None] = dict.fromkeys(group.stays)
    given |= {pattern: ("with", other) for pattern, other in member.accounts.items()}
    if member.name == group.parent:
        for owned in group.members:
            given |= dict.fromkeys(owned.investment_accounts, ("investment", owned.name))
            given |= dict.fromkeys(owned.dividend_accounts, ("dividend", owned.name))
    patterns, found = Patterns(given), {}
    for account_id, code, kind in ledger.rows("SELECT account_id, code, source_type FROM accounts"):
        fitting = patterns.of(code, kind)
        if fitting is not None:
            found[account_id] = given[fitting]
    _require_accounts(
        member, given, {patterns.of(*row) for row in ledger.rows("SELECT code, source_type FROM accounts")}
    )
    return found


def _require_accounts(
    member: Member, given: Mapping[str, tuple[str, str] | None], used: set[str | None]
) -> None:
    unused = [pattern for pattern, tag in given.items() if tag is not None and pattern not in used]
    if unused:
        raise InvalidRequest(f"the books of {member.name} have no account {listed(unused)}", "accounts")


def _partners(group: Group, member: Member, ledger: Ledger, kin: Kin) -> dict[str, str]:
    """Partners of the books that are other members: id to member."""
    source, own = ledger.manifest.source_id, ledger.company.company_id
    named = {name.casefold(): other.name for other in group.members for name in (other.name, *other.known_as)}
    found = {}
    for key, name, company in ledger.rows("SELECT partner_id, name, group_company FROM partners"):
        by_company = kin.get((source, company)) if company and company != own else None
        other = by_company or named.get(str(key).casefold()) or named.get(str(name or "").casefold())
        if other and other != member.name:
            found[key] = other
    return found


def _month_ends(ledger: Ledger) -> dict[int, date]:
    """The last day of each fiscal month with postings, by its number."""
    years = ledger.years
    return {
        month_number(month.year, month.first_month): month.end
        for year in years
        for month in ledger.calendar.months(year)
    }


Found = tuple[Key, int, Decimal]


def _by_class(ledger: Ledger, tags: Mapping[str, object]) -> Iterator[Found]:
    tagged = [account for account, tag in tags.items() if tag is not None]
    for name, number, amount in ledger.rows(
        "SELECT statement_class, month_no, sum(amount) FROM cube WHERE NOT coalesce(is_closing, false) "
        "AND statement_class <> 'off_balance' AND NOT list_contains($tagged, account_id) GROUP BY ALL",
        tagged=tagged,
    ):
        yield Key(name), number, amount


def _by_account(ledger: Ledger, tags: Mapping[str, tuple[str, str] | None]) -> Iterator[Found]:
    tagged = [account for account, tag in tags.items() if tag is not None]
    for account, name, number, amount in ledger.rows(
        "SELECT account_id, statement_class, month_no, sum(amount) FROM cube "
        "WHERE NOT coalesce(is_closing, false) AND statement_class <> 'off_balance' "
        "AND list_contains($tagged, account_id) GROUP BY ALL",
        tagged=tagged,
    ):
        tag = tags[account]
        if tag is not None:
            yield Key(name, *tag), number, amount


_WITH_MEMBERS: Final = """
    WITH kin AS (SELECT unnest($ids::VARCHAR[]) AS partner_id, unnest($others::VARCHAR[]) AS other),
    touched AS (
        SELECT DISTINCT entry_id FROM journal_lines WHERE partner_id IN (SELECT unnest($ids::VARCHAR[]))
    ),
    lines AS MATERIALIZED (
        SELECT entry_id, account_id, statement_class, month_no, amount, document_amount, partner_id,
               kin.other AS other
        FROM journal_lines SEMI JOIN touched USING (entry_id)
        JOIN chart USING (account_id) LEFT JOIN kin USING (partner_id)
        WHERE NOT coalesce(is_closing, false)
    ),
    invoices AS (
        SELECT entry_id, min(other) AS whose FROM lines GROUP BY entry_id
        HAVING count(DISTINCT other) = 1 AND bool_and(partner_id IS NULL OR other IS NOT NULL)
        AND NOT bool_or(statement_class = 'cash')
        AND sum(coalesce(document_amount, amount)) FILTER (
            other IS NOT NULL AND list_contains($balances::VARCHAR[], statement_class)) <> 0
    )
    SELECT statement_class, month_no, other, 'with' AS tag, sum(amount) FROM lines
    WHERE other IS NOT NULL AND list_contains($balances::VARCHAR[], statement_class)
    AND NOT list_contains($apart::VARCHAR[], account_id) GROUP BY ALL
    UNION ALL
    SELECT statement_class, month_no, whose AS other,
           CASE statement_class WHEN 'inventory' THEN 'bought' ELSE 'with' END AS tag, sum(amount)
    FROM lines JOIN invoices USING (entry_id)
    WHERE (statement_class = 'inventory' OR list_contains($results::VARCHAR[], statement_class))
    AND NOT list_contains($apart::VARCHAR[], account_id) GROUP BY ALL"""
"""Invoices are entries with a member, and nobody else, as partner of a balance; those that move cash are
payments, those that are nil in the document's currency tell what rates did."""


def _with_members(
    group: Group, ledger: Ledger, tags: Mapping[str, object], partners: Mapping[str, str]
) -> Iterator[Found]:
    """Lines with a member as partner: out of what is with nobody of the group, into what is with them."""
    for name, number, other, tag, amount in ledger.rows(
        _WITH_MEMBERS,
        ids=list(partners),
        others=list(partners.values()),
        apart=list(tags),
        balances=group.balances,
        results=group.results,
    ):
        yield Key(name, tag, other), number, amount
        yield Key(name), number, -amount


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

Months = list[Decimal]


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
        return _sum(chosen, len(self.closing))

    def by_name(self, *, flows: bool = False) -> dict[str, Months]:
        """What moved by class."""
        side = self.moves.flows if flows else self.moves.positions
        names = dict.fromkeys(key.name for key in side)
        return {name: self.total(name, flows=flows) for name in names}


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
    joined = [_joined(group, member, books[member.name], span, used[member.name]) for member in group.members]
    entries = list(_entries(group, joined, span))
    total = _group_moves(joined, entries)
    frame = Frame(calendar, group.currency)
    drawn = statements(frame, LAYOUTS, total, span, coverage)
    differences = list(_differences(group, joined, entries, span, coverage))
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
        ),
        tolerance=group.tolerance,
        statements=drawn,
        members=[_shown(own, span, used[own.member.name], group) for own in joined],
        worksheet=list(_worksheet(frame, joined, entries, span, coverage)),
        adjustments=[_adjustment(entry, span, year, group.currency) for entry in entries],
        differences=differences,
        checks=[
            *checks_of(drawn),
            _check_entries(entries),
            _check_attribution(drawn),
            _check_pairs(differences),
        ],
        notices=[
            *notices_of(*{id(own): own for own in used.values()}.values()),
            *_notices(group, joined, span),
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


def _joined(group: Group, member: Member, books: MemberBooks, span: Span, rates: Rates) -> Joined:
    """A member's books in the group's currency, cut to what belongs to the group."""
    currency = (books.company.currency, group.currency)
    entered, opening = _entry_places(member.acquired, span, books.ends[0])
    moves = translated(_placed(books, member, span), span, rates, *currency, _held, opening)
    moves = _closed(moves, len(span.months))
    joined = Joined(member, books, moves, entered, Decimal(1), _closing_rates(span, rates, currency))
    if member.acquired is None:
        return joined
    rate = _entry_rate(member.acquired, span, rates, currency)
    if entered < 0:
        return replace(joined, moves=_capital_from_given(member, moves, rate, group), entry_rate=rate)
    _require_same_equity(group, member, moves, opening, rate)
    return replace(joined, moves=_from_entry_on(moves, entered, opening), entry_rate=rate)


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
        off = _sum(side.values(), length)
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
        if _is_held(key):
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
        (amount for key, of in moves.positions.items() if _is_held(key) for amount in of[: opening + 1]), ZERO
    )
    given = rounded(member.equity_at_acquisition * rate, group.currency)
    if abs(own - given) > group.tolerance:
        raise InvalidRequest(
            f"{member.name} was worth {display(own, group.currency)} {group.currency} by its books when it "
            f"was acquired, and {given} as given: fair values are not supported",
            "members",
        )


def _is_held(key: Key) -> bool:
    return StatementClass(key.name).side in (Side.ASSET, Side.LIABILITY)


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


# --- taking out -----------------------------------------------------------------------------------------


def _entries(group: Group, joined: Sequence[Joined], span: Span) -> Iterator[Entry]:
    parent = next(own for own in joined if own.member.name == group.parent)
    for one, other in combinations(joined, 2):
        yield from _between(one, other)
    for own in joined:
        if own is not parent:
            yield from _of_member(group, parent, own, span)


def _of_member(group: Group, parent: Joined, own: Joined, span: Span) -> Iterator[Entry]:
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
            _add(into, key.name, [-amount for amount in own])
            _add(into, rest, own)
        elif (key.tag, key.other) == ("bought", partner) and rest == RESULT_DIFFERENCES:
            cost = side.moves.flows[key]
            _add(into, _C.COST_OF_SALES.value, [-amount for amount in cost])
            _add(into, rest, cost)


def _dividends(parent: Joined, own: Joined) -> Entry | None:
    """A member's dividends are no income of the group: they go back to what was retained."""
    entry = Entry("dividends", own.member.name)
    for flows in (False, True):
        moves = parent.moves.flows if flows else parent.moves.positions
        into = entry.flows if flows else entry.positions
        for key, amounts in moves.items():
            if (key.tag, key.other) == ("dividend", own.member.name):
                _add(into, key.name, [-amount for amount in amounts])
                _add(into, _C.RETAINED_EARNINGS.value, amounts)
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
            _add(entry.flows, key.name, [-amount for amount in paid])
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
    _add(entry.flows, _C.EQUITY.value, [-amount for amount in capital])
    _add(entry.flows, _C.NON_CONTROLLING_INTEREST.value, others)
    _add(entry.flows, ACQUISITIONS, price)
    _add(entry.flows, DIFFERENCES, rest)


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
            _add(side, name, [-amount for amount in part])
            _add(side, others, part)
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


def _add(into: dict[str, Months], name: str, amounts: Sequence[Decimal]) -> None:
    own = into.setdefault(name, [ZERO] * len(amounts))
    into[name] = [one + other for one, other in zip(own, amounts, strict=True)]


def _sum(series: Iterable[Sequence[Decimal]], length: int) -> Months:
    return [sum(month, ZERO) for month in zip([ZERO] * length, *series, strict=True)]


def _group_moves(joined: Sequence[Joined], entries: Sequence[Entry]) -> Moves[str]:
    found: Moves[str] = Moves({}, {})
    for flows, side in ((False, found.positions), (True, found.flows)):
        parts = [own.by_name(flows=flows) for own in joined]
        parts += [entry.flows if flows else entry.positions for entry in entries]
        for part in parts:
            for name, amounts in part.items():
                _add(side, name, amounts)
    return found


# --- layouts --------------------------------------------------------------------------------------------


def _with(layout: Layout, row: Row, after: str, *totals: str) -> Layout:
    """The layout with one more line, which the named totals sum too."""
    rows: list[Row] = []
    for own in layout.rows:
        rows.append(replace(own, parts=own.parts + row.parts) if own.line in totals else own)
        if own.line == after:
            rows.append(row)
    return replace(layout, rows=tuple(rows))


def _line(line: str, label: str, sign: int, scope: Scope, *names: str, level: int = 1) -> Row:
    return figure(line, label, Part(names or (line,), sign, scope, Closing.WITHOUT), level=level)


def _income_statement() -> Layout:
    row = _line(RESULT_DIFFERENCES, "Intercompany differences", -1, Scope.PERIOD)
    layout = _with(INCOME_STATEMENT, row, "income_tax", "net_result")
    owners = _line("attributable_to_owners", "of which owners of the parent", -1, Scope.PERIOD, *_RESULTS)
    others = _line(
        "attributable_to_non_controlling",
        "of which non-controlling interests",
        1,
        Scope.PERIOD,
        MINORITY_RESULT,
    )
    return _with(_with(layout, owners, "net_result"), others, "attributable_to_owners")


def _balance_sheet() -> Layout:
    layout = _with(
        BALANCE_SHEET,
        _line(DIFFERENCES, "Intercompany differences", 1, Scope.TO_DATE),
        "other_current_assets",
        "current_assets",
        "total_assets",
    )
    layout = _with(
        layout,
        _line(GOODWILL, "Goodwill", 1, Scope.TO_DATE),
        "other_non_current_assets",
        "non_current_assets",
        "total_assets",
    )
    totals = ("total_equity", "total_liabilities_and_equity")
    extra = (RESULT_DIFFERENCES, MINORITY_RESULT)
    for line, scope in (
        ("retained_earnings", Scope.EARLIER_YEARS),
        ("current_year_result", Scope.YEAR_TO_DATE),
    ):
        layout = _more(layout, Part(extra, -1, scope, Closing.WITHOUT), line, *totals)
    return layout


def _cash_flow() -> Layout:
    layout = _with(
        CASH_FLOW,
        _line(
            "change_in_" + DIFFERENCES, "Change in intercompany differences", -1, Scope.PERIOD, DIFFERENCES
        ),
        "change_in_other_current_assets",
        "operating_cash_flow",
        "net_change_in_cash",
    )
    layout = _more(
        layout,
        Part((RESULT_DIFFERENCES,), -1, Scope.PERIOD, Closing.WITHOUT),
        "net_result",
        "operating_cash_flow",
        "net_change_in_cash",
    )
    return _with(
        layout,
        _line(ACQUISITIONS, "Companies acquired, less their cash", -1, Scope.PERIOD),
        "change_in_other_non_current_assets",
        "investing_cash_flow",
        "net_change_in_cash",
    )


def _more(layout: Layout, part: Part, *lines: str) -> Layout:
    rows = (replace(row, parts=(*row.parts, part)) if row.line in lines else row for row in layout.rows)
    return replace(layout, rows=tuple(rows))


_CLASSES: Final = tuple(own.value for own in StatementClass)
LAYOUTS: Final = (_income_statement(), _balance_sheet(), _cash_flow())


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
            _add(steps, name, amounts)
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
            if name not in _RESULTS or month.year == year
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
    return _sum(chosen, len(own.closing))


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


def _check_entries(entries: Sequence[Entry]) -> Check:
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


def _check_pairs(differences: Sequence[Difference]) -> Check:
    bad = [own for own in differences if not own.within_tolerance]
    return Check(
        check="intercompany",
        label="what members book with each other agrees within the tolerance",
        passed=not bad,
        difference=sum((abs(own.difference) for own in bad), ZERO),
        detail=listed(f"{own.kind} of {own.one} and {own.other} differ by {own.difference}" for own in bad),
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
