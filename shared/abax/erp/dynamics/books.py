"""Dynamics 365 Finance, on SQL Server or on a copy of its tables elsewhere (BYOD, Synapse or Fabric link).

Journal lines carry no company: it is their header's ledger's legal entity. Their amounts are signed, debit
positive; ``ISCREDIT`` says no more than which column an amount is shown in, and what corrects an entry
(``ISCORRECTION``) is negative in its own column. Every join is within one ``PARTITION``, where the copy has
kept that column. A copy that only marks what was deleted (``ISDELETE``) is read without it.

What closing a year writes is told from what happened in ``dynamics_closing``.

Known from public documentation or from others' queries: the tables, their joins and enumerations, vouchers
that close a year and their posting type, and that of a subledger transaction its amount less what was settled
is open, where settlements count without their exchange adjustments. Assumed, as no server has been at hand:
that opening vouchers move balances to other accounts (``OPENINGACCOUNT``) within a statement class only, and
that revaluations of open items are subledger transactions of their own.
"""
# ruff: noqa: SIM300 — columns in upper case are no constants

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, literal, null, or_, select, union_all

from abax.erp.dialects import Blank, DatePart, DayOf, JsonText, Text
from abax.erp.dynamics.chart import BY_CATEGORY, BY_TYPE, CLASSES, TYPES
from abax.erp.dynamics.closing import OPENING, OPERATING, Closing
from abax.erp.dynamics.dimensions import Dimensions
from abax.erp.dynamics.subledger import RATE_PER, Subledger
from abax.erp.dynamics.tables import (
    ENTITY_TABLES,
    NEEDED,
    OPEN_ITEMS,
    OPTIONAL,
    PERIOD,
    RATES,
    RATES_USED,
    YEAR_NAMES,
    Heads,
    Tables,
    lacks,
    missing,
)
from abax.erp.source import Declaration, ErpModule, Found, Query, Schema, Setting, Verdict
from abax.ledger.model import Company, StatementClass

JOURNALS: Final = {
    0: "Ledger",
    1: "Transfer",
    2: "Sales order",
    3: "Purchase order",
    4: "Inventory",
    5: "Production",
    6: "Project",
    7: "Interest",
    8: "Customer",
    9: "Foreign currency revaluation",
    11: "Payroll",
    12: "Fixed assets",
    14: "Vendor",
    15: "Payment",
    16: "Sales tax",
    17: "Bank",
    24: "Settlement",
    25: "Allocation",
    26: "Elimination",
    27: "Cash discount",
    30: "Intercompany settlement",
}
"""Journal categories; others go by their number."""

ADJUSTMENTS: Final = {"result": "they count in the year's last month", "none": "they are left out"}


class DynamicsModule(ErpModule):
    """Dynamics 365 Finance for the registry."""

    erp = "dynamics"
    title = "Dynamics 365 Finance"
    tables: Sequence[str] = tuple(
        dict.fromkeys([*NEEDED, *ENTITY_TABLES, *(name for needs in OPTIONAL.values() for name in needs)])
    )
    settings = (
        Setting("partition", "data partition"),
        Setting("layer", "posting layers, apart by commas: 0 current, 1 operations, 2 tax", "0"),
        Setting("closing_adjustments", "what is posted by hand in closing periods: result or none", "result"),
    )

    def probe(self, schema: Schema) -> Verdict:
        """One version: the columns that are read are the same since AX 2012."""
        parts = [(name, column_name) for name, names in NEEDED.items() for column_name in names]
        there = sum(schema.has(*part) for part in parts)
        return Verdict("10", missing(schema), there / len(parts), lacks(schema))

    def choices(self, schema: Schema, name: str) -> Query | None:
        """Partitions and layers as far as there are any."""
        books = Dynamics(Found(schema, "10"))
        if name == "closing_adjustments":
            rows = [
                select(literal(value).label("value"), literal(said).label("label"))
                for value, said in ADJUSTMENTS.items()
            ]
            return select(union_all(*rows).subquery("both"))
        return books.layers() if name == "layer" else books.partitions()

    def declare(self, found: Found) -> Dynamics:
        """The declaration for this schema."""
        return Dynamics(found)


class Dynamics(Declaration):
    """The books of Dynamics 365 Finance. A company is its data area."""

    erp = "dynamics"
    classes: Mapping[str, StatementClass] = CLASSES

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        partition = self.settings.get("partition", "")
        self._tables = Tables(found.schema, self._table, partition, found.rows)
        self._dimensions = Dimensions(self._tables, found.rows)
        self._closings: dict[str, Closing] = {}
        self._layers = [int(layer) for layer in self.settings.get("layer", "0").split(",")]

    # --- what there is to choose from ---

    def layers(self) -> Query:
        """The posting layers that anything is posted in."""
        layer = self._tables("GENERALJOURNALENTRY").c.POSTINGLAYER
        names = case({0: "Current", 1: "Operations", 2: "Tax"}, value=layer, else_="")
        return select(layer.label("value"), names.label("label")).distinct()

    def partitions(self) -> Query | None:
        """The partitions that have ledgers; None in copies without them."""
        ledger = self._tables("LEDGER")
        if "PARTITION" not in ledger.c:
            return None
        return select(ledger.c.PARTITION.label("value"), literal("").label("label")).distinct()

    # --- master data ---

    def companies(self) -> Query:
        """Legal entities with a ledger; a fiscal year ends as the last one of the ledger's calendar does."""
        tables = self._tables
        ledger, entity, period = tables("LEDGER"), tables.entity(), tables(PERIOD)
        end = (
            select(func.max(period.c.ENDDATE))
            .where(tables.on(period, ledger, **{tables.calendar: "FISCALCALENDAR"}))
            .where(period.c.TYPE == OPERATING)
            .correlate(ledger)
            .scalar_subquery()
        )
        return (
            select(
                entity.c.DATAAREA.label("company_id"),
                entity.c.NAME.label("name"),
                ledger.c.ACCOUNTINGCURRENCY.label("currency"),
                func.coalesce(DatePart("month", end), 12).label("fiscal_year_end_month"),
                func.coalesce(DatePart("day", end), 31).label("fiscal_year_end_day"),
            )
            .select_from(ledger.join(entity, tables.on(ledger, entity, PRIMARYFORLEGALENTITY="RECID")))
            .where(*tables.within(ledger))
            .order_by(entity.c.DATAAREA)
        )

    def periods(self, company: Company) -> Query:
        """The operating periods of the ledger's calendar. A year goes by the number in its name, where every
        year has one there and no other digits, else by the calendar year that it ends in."""
        period, year = self._tables(PERIOD), self._tables(PERIOD).c.FISCALCALENDARYEAR
        listed = (
            select(
                year.label("of_year"),
                func.max(period.c.ENDDATE).over(partition_by=year).label("ends"),
                func.row_number().over(partition_by=year, order_by=period.c.STARTDATE).label("turn"),
                period.c.STARTDATE,
                period.c.ENDDATE,
            )
            .select_from(self._with_ledger(period, self._tables.calendar, "FISCALCALENDAR"))
            .where(period.c.TYPE == OPERATING, *self._owned(company))
            .subquery("listed")
        )
        by_end, named = DatePart("year", listed.c.ends), self._years_by_name()
        return select(
            (case(named, value=listed.c.of_year, else_=by_end) if named else by_end).label("year"),
            listed.c.turn.label("period"),
            DayOf(listed.c.STARTDATE).label("start_date"),
            DayOf(listed.c.ENDDATE).label("end_date"),
        )

    def accounts(self, company: Company) -> Query:
        """The main accounts of the ledger's chart that can be posted on."""
        account = self._tables("MAINACCOUNT")
        rows = self._with_ledger(account, "LEDGERCHARTOFACCOUNTS", "CHARTOFACCOUNTS")
        rows, category = self._tables.categorised(rows, account)
        kind: ColumnElement[Any] = case(TYPES, value=account.c.TYPE, else_=null())
        if category is not None:
            code = func.upper(category.c.ACCOUNTCATEGORY)
            kind = case(
                (code.in_(list(BY_CATEGORY)), code),
                (kind.in_(list(BY_TYPE)), kind),
                (Blank(code), kind),
                else_=code,
            )
        return (
            select(
                account.c.RECID.label("account_id"),
                account.c.MAINACCOUNTID.label("code"),
                account.c.NAME.label("name"),
                kind.label("source_type"),
            )
            .select_from(rows)
            .where(account.c.TYPE.in_(list(TYPES)), *self._owned(company))
        )

    def partners(self, company: Company) -> Query:
        """Customers and vendors with transactions."""
        if self._tables.has(OPEN_ITEMS):
            return Subledger(self._tables, company).partners()
        return _nothing("partner_id", "name", "group_company")

    def addresses(self, company: Company) -> Query | None:
        """Of customers and vendors with transactions."""
        return Subledger(self._tables, company).addresses() if self._tables.has(OPEN_ITEMS) else None

    def rates(self, company: Company) -> Query:
        """The ledger's default rates, into its currency, else out of it the other way round. Without those,
        the rates of its customers' and vendors' transactions."""
        if self._tables.has(RATES):
            return self._listed_rates(company)
        if self._tables.has(OPEN_ITEMS) and self._tables.has(RATES_USED):
            return Subledger(self._tables, company).rates_used()
        return _nothing("currency", "rate_date", "functional_units", "foreign_units")

    def dimensions(self, company: Company) -> Query | None:
        """The values of all financial dimensions, with the days on which they are valid."""
        return self._dimensions.values()

    # --- the year's tables ---

    def posted_lines(self, company: Company) -> Query:
        """The lines of the layers asked for, without what carries balances over."""
        lines, closing = self._tables.lines(), self._closing(company)
        line, entry, period = lines.line.c, lines.heads.entry.c, lines.heads.period.c
        rows, partner = self._with_partner(lines.rows, company, entry)
        rows, dimensions = self._dimensions.of_lines(rows, lines.line)
        voucher, currency = entry.SUBLEDGERVOUCHER, line.TRANSACTIONCURRENCYCODE
        amount, credit = line.ACCOUNTINGCURRENCYAMOUNT, func.coalesce(line.ISCREDIT, 0) == 1
        category = entry.JOURNALCATEGORY
        return (
            select(
                line.RECID.label("line_id"),
                entry.RECID.label("entry_id"),
                case((Blank(voucher), entry.JOURNALNUMBER), else_=voucher).label("entry_name"),
                case(JOURNALS, value=category, else_=Text(category)).label("journal"),
                lines.main_account.label("account_id"),
                partner.label("partner_id"),
                DayOf(entry.ACCOUNTINGDATE).label("posting_date"),
                null().label("due_date"),
                case((credit, 0), else_=amount).label("debit"),
                case((credit, -amount), else_=0).label("credit"),
                case((Blank(currency), company.currency), else_=currency).label("document_currency"),
                line.TRANSACTIONCURRENCYAMOUNT.label("document_amount"),
                line.TEXT.label("label"),
                (JsonText(*dimensions) if dimensions else null()).label("dimensions"),
                case((period.TYPE == OPENING, 1), else_=0).label("is_opening"),
                closing.is_transfer(lines.heads).label("is_closing"),
            )
            .select_from(rows)
            .where(self._of(company, lines.heads), closing.counts(lines.heads))
        )

    def all_items(self, company: Company) -> Query | None:
        """Approved transactions of customers and vendors."""
        if not self._tables.has(OPEN_ITEMS):
            return None
        return Subledger(self._tables, company).items(lambda lines: self._of(company, lines.heads))

    def all_item_settlements(self, company: Company) -> Query | None:
        """What settled them."""
        has = self._tables.has(OPEN_ITEMS)
        return Subledger(self._tables, company).settlements() if has else None

    # --- parts ---

    def _of(self, company: Company, heads: Heads) -> ColumnElement[bool]:
        """Entries of the company in the layers asked for."""
        owned = self._tables.owned(company, heads.ledger, heads.entity)
        return and_(*owned, heads.entry.c.POSTINGLAYER.in_(self._layers))

    def _closing(self, company: Company) -> Closing:
        if company.company_id not in self._closings:
            self._closings[company.company_id] = Closing(
                self._tables,
                lambda heads: self._of(company, heads),
                self._found.rows,
                adjusted=self.settings.get("closing_adjustments") != "none",
            )
        return self._closings[company.company_id]

    def _with_ledger(self, row: Any, column: str, of_ledger: str) -> Any:
        """Rows of a calendar or a chart, with the ledgers that go by it and their legal entities."""
        tables = self._tables
        ledger, entity = tables("LEDGER"), tables.entity()
        return row.join(ledger, tables.on(row, ledger, **{column: of_ledger})).join(
            entity, tables.on(ledger, entity, PRIMARYFORLEGALENTITY="RECID")
        )

    def _owned(self, company: Company) -> list[ColumnElement[bool]]:
        return self._tables.owned(company, self._tables("LEDGER"), self._tables.entity())

    def _with_partner(self, rows: Any, company: Company, entry: Any) -> tuple[Any, ColumnElement[Any]]:
        """``rows`` joined with the customer or vendor of each voucher, where it has one alone."""
        if not self._tables.has(OPEN_ITEMS):
            return rows, null()
        trader = Subledger(self._tables, company).partner_of_voucher()
        same = and_(
            entry.SUBLEDGERVOUCHERDATAAREAID == company.company_id,
            entry.SUBLEDGERVOUCHER == trader.c.voucher,
            entry.ACCOUNTINGDATE == trader.c.day,
        )
        return rows.outerjoin(trader, same), trader.c.partner

    def _years_by_name(self) -> dict[int, int]:
        """Fiscal years by their keys; none where a name leaves its number open."""
        if not self._tables.has(YEAR_NAMES):
            return {}
        year = self._tables("FISCALCALENDARYEAR")
        rows = self._found.rows(select(year.c.RECID, year.c.NAME).where(*self._tables.within(year)))
        numbers = {int(key): re.fullmatch(r"\D*((?:19|20)\d\d)\D*", str(name)) for key, name in rows}
        found = {key: int(number[1]) for key, number in numbers.items() if number}
        return found if len(found) == len(numbers) else {}

    def _listed_rates(self, company: Company) -> Query:
        rate, pair = self._tables("EXCHANGERATE"), self._tables("EXCHANGERATECURRENCYPAIR")
        mine, source, target = company.currency, pair.c.FROMCURRENCYCODE, pair.c.TOCURRENCYCODE
        of_pair = self._tables.on(rate, pair, EXCHANGERATECURRENCYPAIR="RECID")
        rows = self._with_ledger(pair, "EXCHANGERATETYPE", "DEFAULTEXCHANGERATETYPE").join(rate, of_pair)
        into = target == mine
        both = (
            select(
                case((into, source), else_=target).label("currency"),
                DayOf(rate.c.VALIDFROM).label("rate_date"),
                case((into, rate.c.EXCHANGERATE), else_=RATE_PER).label("functional_units"),
                case((into, RATE_PER), else_=rate.c.EXCHANGERATE).label("foreign_units"),
                case((into, 1), else_=2).label("preference"),
            )
            .select_from(rows)
            .where(or_(into, source == mine), source != target, rate.c.EXCHANGERATE > 0)
            .where(*self._owned(company))
            .subquery("both_ways")
        )
        turn = func.row_number().over(
            partition_by=[both.c.currency, both.c.rate_date], order_by=both.c.preference
        )
        ranked = select(both, turn.label("turn")).subquery("ranked")
        return select(
            ranked.c.currency, ranked.c.rate_date, ranked.c.functional_units, ranked.c.foreign_units
        ).where(ranked.c.turn == 1)


def _nothing(*names: str) -> Query:
    """No rows."""
    nulls: list[ColumnElement[Any]] = [null().label(name) for name in names]
    return select(*nulls).where(literal(1) == literal(0))
