"""Customers and vendors of Dynamics 365 Finance: their transactions, and what settled them.

Customers and vendors are kept apart, in tables that are alike; amounts are debit positive in both. A
transaction is open by its amount less its settlements. A settlement is valued at the rate of its own day:
less its exchange adjustment it is what it takes off the transaction. What is open *now* is in further tables,
which are not read: they do not say what was open on another day.
"""
# ruff: noqa: SIM300 — columns in upper case are no constants

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, null, select, union_all

from abax.erp.dialects import Blank, DatePart, DayOf, Joined, Text
from abax.erp.dynamics.tables import ADDRESSES, PARTNER_NAMES, PAYMENTS, Lines, Tables
from abax.erp.source import Query
from abax.ledger.model import Company

PAYMENT: Final = 15
"""Of a transaction's types: what was received of a customer or paid to a vendor."""
RATE_PER: Final = 100
"""Exchange rates are kept for so many units of the foreign currency, however they are shown."""


class _Side(NamedTuple):
    """Customers or vendors: what their ids begin with, their tables, their balances' posting type."""

    key: str
    transactions: str
    settlements: str
    master: str
    balance: int


SIDES: Final = (
    _Side("C", "CUSTTRANS", "CUSTSETTLEMENT", "CUSTTABLE", 31),
    _Side("V", "VENDTRANS", "VENDSETTLEMENT", "VENDTABLE", 41),
)


class Subledger:
    """One company's customers and vendors, in one source that has all the tables."""

    def __init__(self, tables: Tables, company: Company) -> None:
        self._tables = tables
        self._company = company

    def items(self, of_company: Callable[[Lines], ColumnElement[bool]]) -> Query:
        """The canonical items. A transaction is on the account that its voucher posted its balance on,
        without such a line one on which others did. ``of_company`` tells the company's lines."""
        return _one_after_another(self._items(side, of_company) for side in SIDES)

    def settlements(self) -> Query:
        """The canonical settlements of items."""
        return _one_after_another(self._settlements(side) for side in SIDES)

    def partners(self) -> Query:
        """Customers and vendors with transactions; one that is a legal entity here is that company."""
        return _one_after_another(self._partners(side) for side in SIDES)

    def addresses(self) -> Query | None:
        """The primary addresses of customers and vendors with transactions."""
        if not self._tables.has(PARTNER_NAMES) or not self._tables.has(ADDRESSES):
            return None
        return _one_after_another(self._addresses(side) for side in SIDES).distinct()

    def rates_used(self) -> Query:
        """The exchange rates of transactions, into the company's currency."""
        rows = []
        for side in SIDES:
            row = self._tables(side.transactions)
            foreign = (row.c.CURRENCYCODE != self._company.currency, row.c.EXCHRATE > 0)
            rows.append(
                select(row.c.CURRENCYCODE, DayOf(row.c.TRANSDATE).label("day"), row.c.EXCHRATE).where(
                    self._mine(row), *foreign
                )
            )
        used = union_all(*rows).subquery("used")
        return select(
            used.c.CURRENCYCODE.label("currency"),
            used.c.day.label("rate_date"),
            func.max(used.c.EXCHRATE).label("functional_units"),
            literal(RATE_PER).label("foreign_units"),
        ).group_by(used.c.CURRENCYCODE, used.c.day)

    def partner_of_voucher(self) -> Subquery:
        """The customer or vendor of each voucher that has one alone: voucher, day, partner."""
        rows = []
        for side in SIDES:
            row = self._tables(side.transactions, f"traders_{side.key}")
            rows.append(
                select(
                    row.c.VOUCHER.label("voucher"),
                    row.c.TRANSDATE.label("day"),
                    _id(side, row.c.ACCOUNTNUM).label("partner"),
                ).where(self._mine(row))
            )
        every = union_all(*rows).subquery("traders")
        return (
            select(every.c.voucher, every.c.day, func.min(every.c.partner).label("partner"))
            .group_by(every.c.voucher, every.c.day)
            .having(func.min(every.c.partner) == func.max(every.c.partner))
            .subquery("trader")
        )

    # --- by side ---

    def _items(self, side: _Side, of_company: Callable[[Lines], ColumnElement[bool]]) -> Query:
        lines = self._tables.lines(f"control_{side.key}_")
        control = self._control_accounts(side, lines, of_company(lines))
        row = self._tables(side.transactions)
        usual = select(func.min(control.c.account)).scalar_subquery()
        same = and_(control.c.voucher == row.c.VOUCHER, control.c.day == row.c.TRANSDATE)
        return (
            select(
                _id(side, row.c.RECID).label("item_id"),
                case((Blank(row.c.INVOICE), row.c.VOUCHER), else_=row.c.INVOICE).label("document"),
                func.coalesce(control.c.account, usual).label("account_id"),
                _id(side, row.c.ACCOUNTNUM).label("partner_id"),
                DayOf(row.c.TRANSDATE).label("posting_date"),
                _said(row.c.DUEDATE).label("due_date"),
                row.c.AMOUNTMST.label("amount"),
            )
            .select_from(row.outerjoin(control, same))
            .where(self._mine(row))
        )

    def _control_accounts(self, side: _Side, lines: Lines, of_company: ColumnElement[bool]) -> Subquery:
        entry = lines.heads.entry.c
        return (
            select(
                entry.SUBLEDGERVOUCHER.label("voucher"),
                entry.ACCOUNTINGDATE.label("day"),
                func.min(lines.main_account).label("account"),
            )
            .select_from(lines.rows)
            .where(
                of_company,
                lines.line.c.POSTINGTYPE == side.balance,
                entry.SUBLEDGERVOUCHERDATAAREAID == self._company.company_id,
            )
            .group_by(entry.SUBLEDGERVOUCHER, entry.ACCOUNTINGDATE)
            .subquery(f"control_{side.key}")
        )

    def _settlements(self, side: _Side) -> Query:
        row, part = self._tables(side.transactions), self._tables(side.settlements)
        rows, is_payment = self._with_offset(
            side, part, part.join(row, self._tables.on(part, row, TRANSRECID="RECID"))
        )
        return (
            select(
                _id(side, row.c.RECID).label("item_id"),
                DayOf(part.c.TRANSDATE).label("settled_on"),
                (part.c.SETTLEAMOUNTMST - func.coalesce(part.c.EXCHADJUSTMENT, 0)).label("amount"),
                is_payment.label("is_payment"),
            )
            .select_from(rows)
            .where(self._mine(row))
        )

    def _with_offset(self, side: _Side, part: Any, rows: Any) -> tuple[Any, ColumnElement[Any]]:
        """``rows`` joined with the transaction on the other side of each settlement, and whether that is a
        payment; null where the source does not say which transaction that is."""
        if not self._tables.has(PAYMENTS):
            return rows, null()
        other = self._tables(side.transactions, f"offset_{side.key}")
        kind = case((other.c.TRANSTYPE == PAYMENT, 1), (other.c.TRANSTYPE.is_not(None), 0), else_=null())
        return rows.outerjoin(other, self._tables.on(part, other, OFFSETRECID="RECID")), kind

    def _partners(self, side: _Side) -> Query:
        used, tables = self._used(side), self._tables
        id_ = _id(side, used.c.number).label("partner_id")
        if not tables.has(PARTNER_NAMES):
            return select(id_, used.c.number.label("name"), null().label("group_company"))
        trader, party = tables(side.master), tables("DIRPARTYTABLE", f"party_{side.key}")
        ledger, entity = tables("LEDGER", f"own_{side.key}"), tables.entity(f"entity_{side.key}")
        own = ledger.join(entity, tables.on(ledger, entity, PRIMARYFORLEGALENTITY="RECID"))
        known = self._is_trader(trader, used)
        return select(
            id_,
            case((Blank(party.c.NAME), used.c.number), else_=party.c.NAME).label("name"),
            entity.c.DATAAREA.label("group_company"),
        ).select_from(
            used.outerjoin(trader, known)
            .outerjoin(party, tables.on(trader, party, PARTY="RECID"))
            .outerjoin(own, tables.on(trader, ledger, PARTY="PRIMARYFORLEGALENTITY"))
        )

    def _addresses(self, side: _Side) -> Query:
        tables = self._tables
        used, trader = self._used(side), tables(side.master)
        party = tables("DIRPARTYTABLE", f"party_{side.key}")
        mail = tables("LOGISTICSELECTRONICADDRESS", f"mail_{side.key}")
        return (
            select(_id(side, used.c.number).label("partner_id"), mail.c.LOCATOR.label("email"))
            .select_from(
                used.join(trader, self._is_trader(trader, used))
                .join(party, tables.on(trader, party, PARTY="RECID"))
                .join(mail, tables.on(party, mail, PRIMARYCONTACTEMAIL="RECID"))
            )
            .where(~Blank(mail.c.LOCATOR))
        )

    def _is_trader(self, trader: Any, used: Subquery) -> ColumnElement[bool]:
        return and_(
            trader.c.ACCOUNTNUM == used.c.number,
            trader.c.DATAAREAID == self._company.company_id,
            *self._tables.within(trader),
        )

    def _used(self, side: _Side) -> Subquery:
        row = self._tables(side.transactions)
        number = row.c.ACCOUNTNUM.label("number")
        return select(number).where(self._mine(row)).distinct().subquery(f"used_{side.key}")

    def _mine(self, row: Any) -> ColumnElement[bool]:
        """The company's transactions, but for invoices that wait to be approved."""
        approved = [func.coalesce(row.c.APPROVED, 1) == 1] if "APPROVED" in row.c else []
        return and_(row.c.DATAAREAID == self._company.company_id, *approved, *self._tables.within(row))


def _id(side: _Side, key: Any) -> ColumnElement[Any]:
    return Joined(literal(f"{side.key}:"), Text(key))


def _said(day: Any) -> ColumnElement[Any]:
    """A day, null for 1 January 1900, which says that there is none."""
    return case((DatePart("year", day) > 1900, DayOf(day)), else_=null())


def _one_after_another(queries: Iterable[Query]) -> Query:
    return select(union_all(*queries).subquery("both"))
