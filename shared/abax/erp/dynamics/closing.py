"""What closing a year writes in Dynamics 365 Finance, told from what happened.

Closing a year (Microsoft: *Year-end close*; the enumerations are those of AX 2012) writes

* an opening voucher, in an opening period of the next year, with all balances: always;
* a closing voucher, in a closing period, by an option: of every account, so that all of them are nil, or of
  the result alone, into retained earnings. Its lines have the posting type 19, *transfer of closing and
  opening transactions*.

A ledger carries balances over by itself. Opening vouchers are therefore left out, but for those before which
nothing was posted, which open the books. A voucher of a closing period is

* a closing entry, where it moves a result into equity and nothing else; or into an account that may be
  anything, where its year's result accounts are nil after it;
* the twin of opening vouchers, where it has the posting type, or closes what they open: left out;
* an adjustment by hand (*closing period adjustments*) else: it counts in its last month, or not at all. To
  show it in the balance sheet alone would leave that unbalanced, for its other half is in the result.
"""
# ruff: noqa: SIM300 — columns in upper case are no constants

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, or_, select

from abax.erp.dynamics.chart import ASSET_OR_LIABILITY, BY_CATEGORY, EQUITY, EQUITY_CATEGORIES, RESULT_TYPES
from abax.erp.dynamics.tables import Heads, Tables
from abax.erp.source import Query

OPENING, OPERATING, CLOSING = 0, 1, 2
"""Types of fiscal periods."""
TRANSFER_OF_BALANCES: Final = 19
"""Posting type of the lines that close a year."""

TWIN, TRANSFER, ADJUSTMENT = "twin", "transfer", "adjustment"
"""What a voucher of a closing period is."""
_RESULT, _OF_EQUITY, _OTHER = "result", "equity", "other"
"""What an account is."""
_NOTHING: Final = Decimal("0.00005")
"""Amounts that differ by less are the same."""


class Closing:
    """One company's opening and closing vouchers, looked up once by ``rows``: there are few. ``of`` tells the
    company's entries, ``adjusted`` whether adjustments in closing periods count."""

    def __init__(
        self,
        tables: Tables,
        of: Callable[[Heads], ColumnElement[bool]],
        rows: Callable[[Query], list[tuple[Any, ...]]],
        adjusted: bool,
    ) -> None:
        self._tables = tables
        self._of = of
        self._rows = rows
        self._adjusted = adjusted

    def counts(self, heads: Heads) -> ColumnElement[bool]:
        """Whether an entry counts."""
        kind, day, key = heads.period.c.TYPE, heads.entry.c.ACCOUNTINGDATE, heads.entry.c.RECID
        left_out, moved = self._of_kind(TWIN), self._of_kind(TRANSFER)
        closing = [kind == CLOSING, *([key.not_in(left_out)] if left_out else [])]
        if not self._adjusted:
            closing.append(key.in_(moved))
        first = self._first_day
        return or_(
            kind == OPERATING,
            and_(kind == OPENING, *([] if first is None else [day <= first])),
            and_(*closing),
        )

    def is_transfer(self, heads: Heads) -> ColumnElement[Any]:
        """1 for entries that only move a result, 0 for others."""
        moved = self._of_kind(TRANSFER)
        return case((heads.entry.c.RECID.in_(moved), 1), else_=0) if moved else literal(0)

    def _of_kind(self, kind: str) -> list[int]:
        return [key for key, found in self._kinds.items() if found == kind]

    @cached_property
    def _kinds(self) -> dict[int, str]:
        """The entries of closing periods, each with its kind."""
        touched, mirrored = self._touched("closing_"), self._mirrored()
        kind = _kind(touched, func.max(mirrored.c.is_twin) == 1)
        rows = touched.outerjoin(mirrored, mirrored.c.entry == touched.c.entry)
        query = select(touched.c.entry, kind.label("kind")).select_from(rows).group_by(touched.c.entry)
        found = {int(key): found for key, found in sorted(self._rows(query))}
        if ADJUSTMENT in found.values():
            closed = [int(key) for (key,) in self._rows(self._leaves_nothing())]
            found |= {key: TRANSFER for key in closed if found[key] == ADJUSTMENT}
        return found

    def _leaves_nothing(self) -> Query:
        """The entries of closing periods that move a result into one account of an open sort, and nothing
        else, after which nothing is left of their year on the result accounts that they move."""
        touched, lines = self._touched("left_"), self._tables.lines("year_")
        year, account = lines.heads.period.c.FISCALCALENDARYEAR, lines.main_account
        amount = func.sum(lines.line.c.ACCOUNTINGCURRENCYAMOUNT)
        nil = (
            select(year.label("year"), account.label("account"))
            .select_from(lines.rows)
            .where(self._of(lines.heads), lines.heads.period.c.TYPE != OPENING)
            .group_by(year, account)
            .having(func.abs(amount) < _NOTHING)
            .subquery("nil_of_year")
        )
        same = and_(nil.c.year == touched.c.year, nil.c.account == touched.c.account)
        result, equity, other = _counts(touched)
        closed = func.count(case((touched.c.sort == _RESULT, nil.c.account)))
        return (
            select(touched.c.entry)
            .select_from(touched.outerjoin(nil, same))
            .group_by(touched.c.entry)
            .having(and_(result > 0, closed == result, equity == 0, other == 0, _left_open(touched) == 1))
        )

    @cached_property
    def _first_day(self) -> Any:
        """When anything was posted first, opening balances aside; None if nothing was."""
        heads = self._tables.heads("first_")
        day = select(func.min(heads.entry.c.ACCOUNTINGDATE)).select_from(heads.rows)
        found = self._rows(day.where(self._of(heads), heads.period.c.TYPE != OPENING))
        return found[0][0] if found else None

    def _touched(self, prefix: str) -> Subquery:
        """The lines of closing periods, each with what its account is."""
        lines, tables = self._tables.lines(prefix), self._tables
        account = tables("MAINACCOUNT", f"{prefix}mainaccount")
        same = and_(account.c.RECID == lines.main_account, *tables.same_partition(lines.line, account))
        rows, category = tables.categorised(lines.rows.outerjoin(account, same), account, f"{prefix}of")
        return (
            select(
                lines.heads.entry.c.RECID.label("entry"),
                lines.main_account.label("account"),
                lines.heads.period.c.FISCALCALENDARYEAR.label("year"),
                case((lines.line.c.POSTINGTYPE == TRANSFER_OF_BALANCES, 1), else_=0).label("by_system"),
                _sort(account, category).label("sort"),
            )
            .select_from(rows)
            .where(self._of(lines.heads), lines.heads.period.c.TYPE == CLOSING)
            .subquery(f"{prefix}touched")
        )

    def _mirrored(self) -> Subquery:
        """The entries of closing periods before opening vouchers; a twin takes from all accounts, but for one
        at most, which is that of retained earnings, what the next opening vouchers give them."""
        ends, starts = self._days("ends_", CLOSING), self._days("starts_", OPENING)
        following = (
            select(ends.c.entry, func.min(starts.c.day).label("day"))
            .select_from(ends.join(starts, starts.c.day > ends.c.day))
            .group_by(ends.c.entry)
            .subquery("following")
        )
        closed, opened = self._moved("closed_", CLOSING, "entry"), self._moved("opened_", OPENING, "day")
        of_account = and_(closed.c.entry == following.c.entry, closed.c.account == opened.c.account)
        same = func.count(case((func.abs(closed.c.amount + opened.c.amount) < _NOTHING, 1)))
        twin = case((and_(same > 1, func.count() - same < 2), 1), else_=0)
        rows = following.join(opened, opened.c.day == following.c.day).outerjoin(closed, of_account)
        return (
            select(following.c.entry, twin.label("is_twin"))
            .select_from(rows)
            .group_by(following.c.entry)
            .subquery("mirrored")
        )

    def _days(self, prefix: str, kind: int) -> Subquery:
        """The entries of a kind of period, each with its day."""
        heads = self._tables.heads(prefix)
        entry, day = heads.entry.c.RECID.label("entry"), heads.entry.c.ACCOUNTINGDATE.label("day")
        found = select(entry, day).select_from(heads.rows)
        return found.where(self._of(heads), heads.period.c.TYPE == kind).subquery(f"{prefix}days")

    def _moved(self, prefix: str, kind: int, by: str) -> Subquery:
        """What the entries of a kind of period moved by account: each ``entry``, or all of a ``day``."""
        lines = self._tables.lines(prefix)
        key = {"entry": lines.heads.entry.c.RECID, "day": lines.heads.entry.c.ACCOUNTINGDATE}[by]
        amount = func.sum(lines.line.c.ACCOUNTINGCURRENCYAMOUNT)
        return (
            select(key.label(by), lines.main_account.label("account"), amount.label("amount"))
            .select_from(lines.rows)
            .where(self._of(lines.heads), lines.heads.period.c.TYPE == kind)
            .group_by(key, lines.main_account)
            .having(func.abs(amount) > _NOTHING)
            .subquery(f"{prefix}moved")
        )


def _sort(account: Any, category: Any) -> ColumnElement[Any]:
    """Whether an account is of the result, of equity, or an asset or a liability; null where that is open."""
    kind = account.c.TYPE
    by_type = [(kind.in_(RESULT_TYPES), _RESULT), (kind == EQUITY, _OF_EQUITY)]
    if category is None:
        return case(*by_type, (kind.in_(ASSET_OR_LIABILITY), _OTHER))
    code = func.upper(category.c.ACCOUNTCATEGORY)
    return case(
        *by_type,
        (code.in_(EQUITY_CATEGORIES), _OF_EQUITY),
        (or_(kind.in_(ASSET_OR_LIABILITY), code.in_(list(BY_CATEGORY))), _OTHER),
    )


def _kind(touched: Subquery, mirrored: ColumnElement[bool]) -> ColumnElement[Any]:
    """Of the voucher that ``touched`` is grouped by. In one that the system wrote and that moves a result, an
    account alone that leaves its sort open is that of retained earnings."""
    by_system = func.max(touched.c.by_system) == 1
    (result, equity, other), left_open = _counts(touched), _left_open(touched)
    return case(
        (and_(result > 0, other == 0, left_open == 0, equity > 0), TRANSFER),
        (and_(result > 0, other == 0, left_open == 1, equity == 0, by_system), TRANSFER),
        (or_(by_system, mirrored), TWIN),
        else_=ADJUSTMENT,
    )


def _counts(touched: Subquery) -> list[ColumnElement[int]]:
    """How many lines of the result, of equity, and of assets and liabilities."""
    return [func.count(case((touched.c.sort == each, 1))) for each in (_RESULT, _OF_EQUITY, _OTHER)]


def _left_open(touched: Subquery) -> ColumnElement[int]:
    """How many accounts leave their sort open."""
    return func.count(case((touched.c.sort.is_(None), touched.c.account)).distinct())
