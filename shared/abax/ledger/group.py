"""What a group is, and what of its members' books goes into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, field_validator

from abax.errors import InvalidRequest, listed
from abax.ledger.layout import month_number
from abax.ledger.mapping import Patterns
from abax.ledger.model import Company, Frozen, LedgerManifest, Side, StatementClass
from abax.ledger.store import Ledger
from abax.ledger.translation import Rates
from abax.money import ZERO

_CLASSES: Final = frozenset(own.value for own in StatementClass)

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
    accounts = [account for member in group.members for account in member.investment_accounts]
    shared = sorted({account for account in accounts if accounts.count(account) > 1})
    if shared:
        problem = (
            f"account {listed(shared)} carries more than one investment: keep them on accounts of their own"
        )
        raise InvalidRequest(problem, "members")
    for wanted in (*group.balances, *group.results):
        if wanted not in _CLASSES:
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
    def side(self) -> Side | None:
        """Where its class belongs; None for what is no class of accounts."""
        return StatementClass(self.name).side if self.name in _CLASSES else None

    @property
    def of_balance(self) -> bool:
        """Whether it is an asset or a debt."""
        return self.side in (Side.ASSET, Side.LIABILITY)

    @property
    def of_result(self) -> bool:
        """Whether it stands in the income statement."""
        return self.side is Side.RESULT

    @property
    def held(self) -> bool:
        """Whether it is translated at the rate of the period's end."""
        return self.tag != "investment" and self.of_balance


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
    if not given:
        return {}
    patterns = Patterns(given)
    chart = ledger.rows("SELECT account_id, code, source_type FROM accounts")
    fitting = {account: patterns.of(code, kind) for account, code, kind in chart}
    _require_accounts(member, given, set(fitting.values()))
    return {account: given[key] for account, key in fitting.items() if key is not None}


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
