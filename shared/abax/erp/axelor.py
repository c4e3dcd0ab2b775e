"""Axelor Open Suite 8, on PostgreSQL or on a copy of its tables elsewhere.

Foreign keys have no ``_id`` at the end: a line's account is ``account``. Its ``account_id``, and the other
columns in ``_id``, ``_code`` and ``_name``, are copies from the day it was written, and are not read.
Company, currencies and status stand on the move.

What counts: moves in the daybook or accounted, or only the latter, which are definitive, but those that are
to be ignored. Lines on accounts of the types view and commitment are no bookkeeping entries.

Closing a year, Axelor takes each balance out of it through one special account and into the next year through
another, and the result with them; only what it takes out is flagged as a closure. A ledger carries balances
over by itself: moves through special accounts are left out, and so are those that open a year, but for the
balances that the books began with. A closure that goes through none brings the year's result into equity, and
is a closing entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from abax.erp.dialects import DatePart, DayOf, Joined, JsonOfPairs
from abax.erp.source import Declaration, ErpModule, Found, Query, Schema, Setting, Verdict
from abax.ledger.model import Company, StatementClass

_C = StatementClass
CLASSES: Final[dict[str, StatementClass]] = {
    "asset": _C.OTHER_CURRENT_ASSETS,
    "cash": _C.CASH,
    "charge": _C.OPERATING_EXPENSES,
    "currentAsset": _C.OTHER_CURRENT_ASSETS,
    "debt": _C.OTHER_CURRENT_LIABILITIES,
    "equity": _C.EQUITY,
    "immobilisation": _C.FIXED_ASSETS,
    "income": _C.REVENUE,
    "payable": _C.PAYABLES,
    "provision": _C.OTHER_NON_CURRENT_LIABILITIES,
    "receivable": _C.RECEIVABLES,
    "tax": _C.OTHER_CURRENT_LIABILITIES,
}
"""By technical type. View and commitment have none: they are on no line that counts. Nor has special, which
is on such lines only where the first balances came in through it: those accounts go by the mapping."""

NO_BOOKKEEPING: Final = ("view", "commitment")
CARRYING_OVER: Final = "special"
CASH: Final = "cash"
OPENING: Final = 1
"""Of what a move is for: 2 closes a year, others are sales, purchases and so on."""

POSTED: Final = (2, 3)
"""Daybook and accounted; 1 is new, 4 cancelled, 5 simulated."""
CONFIRMED: Final = 2
"""Of a reconciliation: 1 is a draft, 3 cancelled."""
FISCAL: Final = 1
"""Of a year: 0 is a civil year, 2 one of payroll."""
REAL: Final = 3
"""Of an analytic line: 1 and 2 forecast what an order or invoice will become."""

_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "account_account": ("id", "code", "name", "account_type", "company"),
    "account_account_type": ("id", "technical_type_select"),
    "account_move": (
        *("id", "reference", "journal", "company", "currency", "company_currency", "date_val"),
        *("status_select", "ignore_in_accounting_ok", "auto_year_closure_move", "functional_origin_select"),
    ),
    "account_move_line": (
        *("id", "move", "account", "partner", "due_date", "debit", "credit", "currency_amount"),
        *("description", "name"),
    ),
    "account_journal": ("id", "code"),
    "account_reconcile": (
        *("id", "debit_move_line", "credit_move_line", "amount", "status_select", "effective_date"),
        "reconciliation_date_time",
    ),
    "account_analytic_account": ("id", "code", "analytic_axis"),
    "account_analytic_axis": ("id", "code"),
    "account_analytic_move_line": ("id", "move_line", "analytic_account", "percentage", "type_select"),
    "base_company": ("id", "name", "currency"),
    "base_currency": ("id", "code_iso"),
    "base_currency_conversion_line": (
        *("id", "start_currency", "end_currency", "exchange_rate", "from_date"),
    ),
    "base_partner": ("id", "full_name", "name"),
    "base_year": ("company", "from_date", "to_date", "type_select"),
}
_ADDRESSES: Final[dict[str, tuple[str, ...]]] = {
    "base_partner": ("email_address",),
    "message_email_address": ("id", "address"),
}
"""Addresses of partners: read where they are there."""


_BILLS: Final[dict[str, tuple[str, ...]]] = {"account_invoice": ("move", "supplier_invoice_nb")}
"""Suppliers' own numbers: read where they are there."""


class AxelorModule(ErpModule):
    """Axelor for the registry."""

    erp = "axelor"
    title = "Axelor"
    tables: Sequence[str] = tuple(dict.fromkeys((*_NEEDED, *_ADDRESSES, *_BILLS)))
    settings = (
        Setting("status", "moves that count: 2 in the daybook, 3 accounted", ",".join(map(str, POSTED))),
    )

    def probe(self, schema: Schema) -> Verdict:
        """One version so far: the columns that are read are the same in all of 8."""
        parts = [(name, column_name) for name, names in _NEEDED.items() for column_name in names]
        there = sum(schema.has(*part) for part in parts)
        return Verdict("8", schema.missing(_NEEDED), there / len(parts))

    def choices(self, schema: Schema, name: str) -> Query:
        """The statuses that may count."""
        named = zip(POSTED, ("daybook", "accounted"), strict=True)
        rows = [
            select(literal(value).label("value"), literal(label).label("label")) for value, label in named
        ]
        return select(union_all(*rows).subquery("statuses"))

    def declare(self, found: Found) -> Axelor:
        """The declaration for this schema."""
        return Axelor(found)


class Axelor(Declaration):
    """Axelor's books."""

    erp = "axelor"
    classes: Mapping[str, StatementClass] = CLASSES

    # --- master data ---

    def companies(self) -> Query:
        """All companies; a fiscal year ends as the company's last one does."""
        company, currency, year = (
            self._table(name) for name in ("base_company", "base_currency", "base_year")
        )
        end = (
            select(func.max(year.c.to_date))
            .where(year.c.company == company.c.id, year.c.type_select == FISCAL)
            .correlate(company)
            .scalar_subquery()
        )
        return (
            select(
                company.c.id.label("company_id"),
                company.c.name,
                currency.c.code_iso.label("currency"),
                func.coalesce(DatePart("month", end), 12).label("fiscal_year_end_month"),
                func.coalesce(DatePart("day", end), 31).label("fiscal_year_end_day"),
            )
            .select_from(company.outerjoin(currency, company.c.currency == currency.c.id))
            .order_by(company.c.id)
        )

    def periods(self, company: Company) -> Query:
        """The company's fiscal years, named after the year in which they end."""
        year = self._table("base_year")
        return select(
            DatePart("year", year.c.to_date).label("year"),
            null().label("period"),
            year.c.from_date.label("start_date"),
            year.c.to_date.label("end_date"),
        ).where(
            year.c.company == _key(company),
            year.c.type_select == FISCAL,
            year.c.from_date.is_not(None),
            year.c.to_date.is_not(None),
        )

    def accounts(self, company: Company) -> Query:
        """The company's accounts that can be booked on."""
        account, kind = self._table("account_account"), self._table("account_account_type")
        return (
            select(
                account.c.id.label("account_id"),
                account.c.code,
                account.c.name,
                kind.c.technical_type_select.label("source_type"),
            )
            .select_from(account.outerjoin(kind, account.c.account_type == kind.c.id))
            .where(account.c.company == _key(company), self._books(kind))
        )

    def partners(self, company: Company) -> Query:
        """Partners on posted lines."""
        partner = self._table("base_partner")
        return select(
            partner.c.id.label("partner_id"),
            func.coalesce(func.nullif(partner.c.full_name, ""), partner.c.name).label("name"),
        ).where(partner.c.id.in_(self._partners_of(company)))

    def addresses(self, company: Company) -> Query | None:
        """Of the partners on posted lines, and of the contacts, not archived, whose main partner they are."""
        if self._schema.missing(_ADDRESSES):
            return None
        partner, mail = self._table("base_partner"), self._table("message_email_address")
        whose: dict[str, ColumnElement[bool]] = {"id": true()}
        if self._schema.has("base_partner", "main_partner"):
            kept = self._schema.has("base_partner", "archived")
            whose["main_partner"] = ~_true(partner.c.archived) if kept else true()
        parts = [
            select(partner.c[key].label("partner_id"), mail.c.address.label("email"))
            .select_from(partner.join(mail, partner.c.email_address == mail.c.id))
            .where(partner.c[key].in_(self._partners_of(company)), func.coalesce(mail.c.address, "") != "")
            .where(counts)
            for key, counts in whose.items()
        ]
        return select(union_all(*parts).subquery("of_both")).distinct()

    def rates(self, company: Company) -> Query:
        """Conversion lines into the company's currency; of several for a day the one written last counts."""
        line = self._table("base_currency_conversion_line")
        start = self._table("base_currency", "start_currency")
        end = self._table("base_currency", "end_currency")
        turn = func.row_number().over(
            partition_by=[start.c.code_iso, line.c.from_date], order_by=line.c.id.desc()
        )
        ranked = (
            select(
                start.c.code_iso.label("currency"),
                line.c.from_date.label("rate_date"),
                line.c.exchange_rate.label("functional_units"),
                literal(1).label("foreign_units"),
                turn.label("turn"),
            )
            .select_from(
                line.join(start, line.c.start_currency == start.c.id).join(
                    end, line.c.end_currency == end.c.id
                )
            )
            .where(
                end.c.code_iso == company.currency,
                start.c.code_iso != company.currency,
                line.c.exchange_rate > 0,
            )
            .subquery("ranked")
        )
        columns = (
            ranked.c.currency, ranked.c.rate_date, ranked.c.functional_units, ranked.c.foreign_units
        )  # fmt: skip
        return select(*columns).where(ranked.c.turn == 1)

    def dimensions(self, company: Company) -> Query:
        """Analytic accounts of the company and of all companies, by axis."""
        own, axis = self._table("account_analytic_account"), self._table("account_analytic_axis")
        above = self._table("account_analytic_account", "above")
        has = {name: self._schema.has("account_analytic_account", name)
               for name in ("name", "parent", "company")}  # fmt: skip
        found = own.outerjoin(axis, own.c.analytic_axis == axis.c.id)
        if has["parent"]:
            found = found.outerjoin(
                above, and_(own.c.parent == above.c.id, own.c.analytic_axis == above.c.analytic_axis)
            )
        name = func.coalesce(func.nullif(own.c.name, ""), own.c.code) if has["name"] else own.c.code
        rows = select(
            _value_id(axis, own).label("value_id"),
            func.coalesce(axis.c.code, "analytic").label("dimension"),
            own.c.code.label("code"),
            name.label("name"),
            (_value_id(axis, above) if has["parent"] else null()).label("parent_id"),
            cast(null(), Date).label("valid_from"),
            cast(null(), Date).label("valid_to"),
        ).select_from(found)
        if has["company"]:
            rows = rows.where(or_(own.c.company.is_(None), own.c.company == _key(company)))
        return rows

    # --- the year's tables ---

    def posted_lines(self, company: Company) -> Query:
        """The lines that count. A foreign amount has had its sign only in some releases: it takes the sign
        of the line."""
        line, move, journal = (
            self._table(name) for name in ("account_move_line", "account_move", "account_journal")
        )
        currency = self._table("base_currency")
        debit, credit = func.coalesce(line.c.debit, 0), func.coalesce(line.c.credit, 0)
        foreign = func.abs(func.coalesce(line.c.currency_amount, debit - credit))
        analytic = self._analytics()
        return (
            select(
                line.c.id.label("line_id"),
                move.c.id.label("entry_id"),
                func.coalesce(func.nullif(move.c.reference, ""), cast(move.c.id, String)).label("entry_name"),
                journal.c.code.label("journal"),
                line.c.account.label("account_id"),
                line.c.partner.label("partner_id"),
                move.c.date_val.label("posting_date"),
                line.c.due_date,
                debit.label("debit"),
                credit.label("credit"),
                func.coalesce(currency.c.code_iso, company.currency).label("document_currency"),
                case((debit >= credit, foreign), else_=-foreign).label("document_amount"),
                func.coalesce(func.nullif(line.c.description, ""), line.c.name).label("label"),
                analytic.c.dimensions,
                case((self._opens(move), 1), else_=0).label("is_opening"),
                case((_true(move.c.auto_year_closure_move), 1), else_=0).label("is_closing"),
            )
            .select_from(
                self._joined(line)
                .outerjoin(journal, move.c.journal == journal.c.id)
                .outerjoin(currency, move.c.currency == currency.c.id)
                .outerjoin(analytic, analytic.c.move_line == line.c.id)
            )
            .where(self._posted(company))
        )

    def all_settlements(self, company: Company) -> Query:
        """Confirmed reconciliations between the company's lines that count. Where one of the two moves has a
        line on an account of type cash, it is a payment."""
        part = self._table("account_reconcile")
        rows, counting = part, []
        for side in ("debit", "credit"):
            line = self._table("account_move_line", f"{side}_line")
            rows = self._with_move(rows.join(line, part.c[f"{side}_move_line"] == line.c.id), line, side)
            counting.append(self._posted(company, side))
        return (
            select(
                part.c.debit_move_line.label("debit_line_id"),
                part.c.credit_move_line.label("credit_line_id"),
                func.coalesce(part.c.effective_date, DayOf(part.c.reconciliation_date_time)).label(
                    "settled_on"
                ),
                part.c.amount,
                self._is_payment().label("is_payment"),
            )
            .select_from(rows)
            .where(part.c.status_select == CONFIRMED, *counting)
        )

    def all_references(self, company: Company) -> Query | None:
        """Suppliers' numbers of the invoices whose moves count."""
        if self._schema.missing(_BILLS):
            return None
        move, invoice = self._table("account_move"), self._table("account_invoice")
        return (
            select(
                move.c.id.label("entry_id"),
                func.min(move.c.date_val).label("posting_date"),
                func.min(invoice.c.supplier_invoice_nb).label("reference"),
            )
            .select_from(move.join(invoice, invoice.c.move == move.c.id))
            .where(self._counts(move, company), func.coalesce(invoice.c.supplier_invoice_nb, "") != "")
            .group_by(move.c.id)
        )

    # --- parts ---

    def _partners_of(self, company: Company) -> Any:
        line = self._table("account_move_line")
        used = select(line.c.partner).select_from(self._joined(line)).where(self._posted(company))
        return used.where(line.c.partner.is_not(None))

    def _is_payment(self) -> ColumnElement[Any]:
        moves = [self._table("account_move", f"{side}_account_move") for side in ("debit", "credit")]
        cash = self._moves_on(CASH, "cash")
        return case((or_(*[move.c.id.in_(cash) for move in moves]), 1), else_=0)

    def _joined(self, line: Any) -> Any:
        """Lines with their moves, accounts and types."""
        return self._with_move(line, line)

    def _with_move(self, rows: Any, line: Any, side: str = "") -> Any:
        move, account, kind = self._around(side)
        return (
            rows.join(move, line.c.move == move.c.id)
            .outerjoin(account, line.c.account == account.c.id)
            .outerjoin(kind, account.c.account_type == kind.c.id)
        )

    def _around(self, side: str) -> list[Any]:
        """A line's move, account and type; of a pair of lines, those of one ``side``."""
        names = ("account_move", "account_account", "account_account_type")
        return [self._table(name, f"{side}_{name}" if side else None) for name in names]

    def _posted(self, company: Company, side: str = "") -> ColumnElement[bool]:
        move, _, kind = self._around(side)
        later = move.c.date_val > func.coalesce(self._first_day(company), move.c.date_val)
        return and_(self._counts(move, company), ~and_(self._opens(move), later), self._books(kind))

    def _counts(self, move: Any, company: Company) -> ColumnElement[bool]:
        return and_(
            move.c.company == _key(company),
            move.c.status_select.in_(_statuses(self.settings)),
            ~_true(move.c.ignore_in_accounting_ok),
        )

    def _books(self, kind: Any) -> ColumnElement[bool]:
        return func.coalesce(kind.c.technical_type_select, "").not_in(NO_BOOKKEEPING)

    def _opens(self, move: Any) -> ColumnElement[bool]:
        """Whether a move takes balances out of a year or into one."""
        opening = func.coalesce(move.c.functional_origin_select, 0) == OPENING
        return or_(opening, move.c.id.in_(self._through_special_accounts()))

    def _first_day(self, company: Company) -> ColumnElement[Any]:
        """When anything else was posted first: balances that are brought in by then are the first ones."""
        move = self._table("account_move", "first_move")
        return (
            select(func.min(move.c.date_val))
            .where(self._counts(move, company), ~self._opens(move))
            .scalar_subquery()
        )

    def _through_special_accounts(self) -> Any:
        return self._moves_on(CARRYING_OVER, "special")

    def _moves_on(self, technical_type: str, name: str) -> Any:
        """Moves with a line on an account of that type."""
        line = self._table("account_move_line", f"{name}_line")
        account = self._table("account_account", f"{name}_account")
        kind = self._table("account_account_type", f"{name}_type")
        return (
            select(line.c.move)
            .select_from(
                line.join(account, line.c.account == account.c.id).join(
                    kind, account.c.account_type == kind.c.id
                )
            )
            .where(kind.c.technical_type_select == technical_type)
        )

    def _analytics(self) -> Any:
        """Each line's shares by analytic account, as JSON."""
        share, account, axis = (
            self._table(name)
            for name in ("account_analytic_move_line", "account_analytic_account", "account_analytic_axis")
        )
        value = _value_id(axis, account)
        named = (
            select(share.c.move_line, value.label("value_id"), share.c.percentage)
            .select_from(
                share.join(account, share.c.analytic_account == account.c.id).outerjoin(
                    axis, account.c.analytic_axis == axis.c.id
                )
            )
            .where(share.c.type_select == REAL, share.c.move_line.is_not(None))
            .subquery("named_shares")
        )
        whole = (
            select(named.c.move_line, named.c.value_id, func.sum(named.c.percentage).label("percent"))
            .group_by(named.c.move_line, named.c.value_id)
            .subquery("shares")
        )
        pairs = JsonOfPairs(whole.c.value_id, whole.c.percent).label("dimensions")
        return select(whole.c.move_line, pairs).group_by(whole.c.move_line).subquery("analytics")


def _statuses(settings: Mapping[str, str]) -> list[int]:
    chosen = settings.get("status")
    return [int(status) for status in chosen.split(",")] if chosen else list(POSTED)


def _value_id(axis: Any, account: Any) -> ColumnElement[Any]:
    return Joined(func.coalesce(axis.c.code, ""), literal_column("':'"), account.c.code)


def _key(company: Company) -> int:
    return int(company.company_id)


def _true(flag: Any) -> ColumnElement[bool]:
    """Whether a flag is set: not where it is null."""
    return func.coalesce(flag, literal_column("false")) == literal_column("true")
