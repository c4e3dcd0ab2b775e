"""Odoo 15, 16, 17 and 18, on PostgreSQL or on an SQLite copy of its tables.

What differs between the versions:

==================  ==========================  =======================  ==================  =================
                    15                          16                       17                  18
==================  ==========================  =======================  ==================  =================
account type        account_account_type        account_account          as 16               as 16
                                                .account_type
account code        account_account.code        as 15                    as 15               code_store, JSON
                                                                                             by root company
account's company   account_account.company_id  as 15                    as 15               account_account_
                                                                                             res_company_rel
account name        text                        JSON by language         as 16               as 16
analytics           analytic_account_id         analytic_distribution    as 16               as 16
companies           flat                        flat                     branches, by        as 17
                                                                         parent_path
==================  ==========================  =======================  ==================  =================

The ledger is ``account_move_line`` of posted entries without section and note lines. Odoo posts no closing
entries. A rate counts foreign units per company unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from abax.erp.dialects import DatePart
from abax.erp.source import Declaration, ErpModule, Found, Query, Schema, Verdict
from abax.ledger.model import Company, StatementClass

CLASSES: Final[dict[str, StatementClass]] = {
    "asset_receivable": StatementClass.RECEIVABLES,
    "asset_cash": StatementClass.CASH,
    "asset_current": StatementClass.OTHER_CURRENT_ASSETS,
    "asset_non_current": StatementClass.OTHER_NON_CURRENT_ASSETS,
    "asset_prepayments": StatementClass.PREPAYMENTS,
    "asset_fixed": StatementClass.FIXED_ASSETS,
    "liability_payable": StatementClass.PAYABLES,
    "liability_credit_card": StatementClass.CREDIT_CARDS,
    "liability_current": StatementClass.OTHER_CURRENT_LIABILITIES,
    "liability_non_current": StatementClass.LONG_TERM_DEBT,
    "equity": StatementClass.EQUITY,
    "equity_unaffected": StatementClass.RETAINED_EARNINGS,
    "income": StatementClass.REVENUE,
    "income_other": StatementClass.OTHER_INCOME,
    "expense": StatementClass.OPERATING_EXPENSES,
    "expense_depreciation": StatementClass.DEPRECIATION,
    "expense_direct_cost": StatementClass.COST_OF_SALES,
    "off_balance": StatementClass.OFF_BALANCE,
}
"""Odoo's account types and what they are for the statements."""

TYPE_NAMES: Final[dict[str, str]] = {
    "Receivable": "asset_receivable",
    "Bank and Cash": "asset_cash",
    "Current Assets": "asset_current",
    "Non-current Assets": "asset_non_current",
    "Prepayments": "asset_prepayments",
    "Fixed Assets": "asset_fixed",
    "Payable": "liability_payable",
    "Credit Card": "liability_credit_card",
    "Current Liabilities": "liability_current",
    "Non-current Liabilities": "liability_non_current",
    "Equity": "equity",
    "Current Year Earnings": "equity_unaffected",
    "Income": "income",
    "Other Income": "income_other",
    "Expenses": "expense",
    "Depreciation": "expense_depreciation",
    "Cost of Revenue": "expense_direct_cost",
    "Off-Balance Sheet": "off_balance",
}
"""Names of Odoo 15's account types, and what Odoo 16 made of them. Types added by hand have no class."""

_COMMON: Final[dict[str, tuple[str, ...]]] = {
    "account_move": ("id", "state"),
    "account_move_line": (
        *(
            "id",
            "move_id",
            "journal_id",
            "company_id",
            "account_id",
            "partner_id",
            "currency_id",
            "move_name",
        ),
        *(
            "display_type",
            "name",
            "date",
            "date_maturity",
            "debit",
            "credit",
            "amount_currency",
            "write_date",
        ),
    ),
    "account_journal": ("id", "code"),
    "account_partial_reconcile": (
        *("id", "debit_move_id", "credit_move_id", "amount", "max_date", "write_date"),
    ),
    "res_company": ("id", "name", "currency_id", "fiscalyear_last_day", "fiscalyear_last_month"),
    "res_currency": ("id", "name"),
    "res_currency_rate": ("id", "currency_id", "company_id", "name", "rate", "write_date"),
    "res_partner": ("id", "name", "write_date"),
}
_ACCOUNT: Final = ("id", "name", "write_date")
_LINE: Final = _COMMON["account_move_line"]

_SINCE_16: Final[dict[str, tuple[str, ...]]] = {
    **_COMMON,
    "account_move_line": (*_LINE, "analytic_distribution"),
    "account_account": (*_ACCOUNT, "code", "company_id", "account_type"),
}

_NEEDED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "15": {
        **_COMMON,
        "account_move_line": (*_LINE, "analytic_account_id"),
        "account_account": (*_ACCOUNT, "code", "company_id", "user_type_id"),
        "account_account_type": ("id", "name"),
    },
    "16": _SINCE_16,
    "17": _SINCE_16,
    "18": {
        **_COMMON,
        "account_move_line": (*_LINE, "analytic_distribution"),
        "account_account": (*_ACCOUNT, "code_store", "account_type"),
        "account_account_res_company_rel": ("account_account_id", "res_company_id"),
    },
}
"""What is read of each version; and ``account_move_line.parent_state`` where it is there, to spare a join."""

_PLANNED: Final[dict[str, tuple[str, ...]]] = {
    "account_analytic_account": ("id", "name", "code", "company_id", "plan_id"),
    "account_analytic_plan": ("id", "name"),
}
_NAMED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "15": {"account_analytic_account": ("id", "name", "code", "company_id")},
    "16": _PLANNED,
    "17": _PLANNED,
    "18": _PLANNED,
}
"""What dimensions and their values are called: read where it is there."""

PAYING: Final = ("bank", "cash", "credit")
"""Types of journals whose entries are payments: they are what a bank says, or wait for it."""

BILLS: Final = ("in_invoice", "in_refund", "in_receipt")
"""Types of entries whose reference is the supplier's number."""

FISCAL_YEARS: Final = "account_fiscal_year"
"""There in Odoo's accounting of the Enterprise edition, and with OCA's module of that name."""

_SIGNS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("account_account", "user_type_id"): ("15",),
    ("account_account_type", "id"): ("15",),
    ("account_move_line", "analytic_account_id"): ("15",),
    ("account_account", "account_type"): ("16", "17", "18"),
    ("account_move_line", "analytic_distribution"): ("16", "17", "18"),
    ("account_account", "code"): ("15", "16", "17"),
    ("account_account", "company_id"): ("15", "16", "17"),
    ("account_account", "internal_group"): ("15", "16", "17"),
    ("res_partner", "display_name"): ("15", "16"),
    ("res_partner", "complete_name"): ("17", "18"),
    ("res_company", "parent_path"): ("17", "18"),
    ("account_account", "code_store"): ("18",),
    ("account_account_res_company_rel", "account_account_id"): ("18",),
    ("account_move_line", "is_imported"): ("18",),
}
"""Columns, and the versions that have them."""


class OdooModule(ErpModule):
    """Odoo for the registry."""

    erp = "odoo"
    title = "Odoo"
    tables: Sequence[str] = (
        *dict.fromkeys(name for needed in (*_NEEDED.values(), *_NAMED.values()) for name in needed),
        FISCAL_YEARS,
    )

    def probe(self, schema: Schema) -> Verdict:
        """The version whose signs are there most; 17 where nothing tells it from 16."""
        version = max(_NEEDED, key=lambda candidate: (_likeness(schema, candidate), candidate == "17"))
        needed = _NEEDED[version]
        parts = [(name, column_name) for name, names in needed.items() for column_name in names]
        there = sum(schema.has(*part) for part in parts)
        unnamed = schema.missing(_NAMED[version])
        lacks = {"names of dimensions": unnamed} if unnamed else {}
        return Verdict(version, schema.missing(needed), there / len(parts), lacks)

    def declare(self, found: Found) -> Odoo:
        """The declaration for this schema."""
        return Odoo(found)


def _likeness(schema: Schema, version: str) -> int:
    """Signs of the version that are there, less signs of other versions only."""
    return sum(1 if version in versions else -1 for sign, versions in _SIGNS.items() if schema.has(*sign))


class Odoo(Declaration):
    """Odoo's books, as the version at hand keeps them."""

    erp = "odoo"
    classes: Mapping[str, StatementClass] = CLASSES

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        self._number = int(found.version)

    # --- master data ---

    def companies(self) -> Query:
        """All companies, branches too: each has books of its own."""
        company, currency = self._table("res_company"), self._table("res_currency")
        return (
            select(
                company.c.id.label("company_id"),
                company.c.name.label("name"),
                currency.c.name.label("currency"),
                func.coalesce(company.c.fiscalyear_last_month, "12").label("fiscal_year_end_month"),
                func.coalesce(company.c.fiscalyear_last_day, 31).label("fiscal_year_end_day"),
            )
            .join_from(company, currency, company.c.currency_id == currency.c.id)
            .order_by(company.c.id)
        )

    def periods(self, company: Company) -> Query | None:
        """Fiscal years that were entered one by one, as short ones are; the others end on the company's
        day."""
        if not self._schema.has(FISCAL_YEARS, "date_from", "date_to", "company_id"):
            return None
        year = self._table(FISCAL_YEARS)
        return select(
            DatePart("year", year.c.date_to).label("year"),
            null().label("period"),
            year.c.date_from.label("start_date"),
            year.c.date_to.label("end_date"),
        ).where(year.c.company_id == _key(company))

    def accounts(self, company: Company) -> Query:
        """The chart of the company's root, and any other account with postings of the company; without a code
        it goes by its id."""
        account = self._table("account_account")
        key, posted_to = _key(company), self._table("account_move_line")
        used = select(posted_to.c.account_id).where(posted_to.c.company_id == key)
        return select(
            account.c.id.label("account_id"),
            func.coalesce(self._account_code(account, key), cast(account.c.id, String)).label("code"),
            func.coalesce(self._translated(account.c.name), "").label("name"),
            self._account_type(account).label("source_type"),
        ).where(or_(self._in_chart(account, key), account.c.id.in_(used)))

    def partners(self, company: Company) -> Query:
        """Names of the partners on posted lines; an unnamed contact goes by its full name."""
        partner = self._table("res_partner")
        names = [func.nullif(partner.c.name, "")]
        names += [
            partner.c[c] for c in ("complete_name", "display_name") if self._schema.has("res_partner", c)
        ]
        name = func.coalesce(*names) if len(names) > 1 else names[0]
        found = select(partner.c.id.label("partner_id"), name.label("name")).where(
            partner.c.id.in_(self._partners_of(company))
        )
        if not self._schema.has("res_company", "partner_id"):
            return found
        firm = self._table("res_company")
        itself = select(func.min(firm.c.id)).where(firm.c.partner_id == partner.c.id).correlate(partner)
        return found.add_columns(itself.scalar_subquery().label("group_company"))

    def addresses(self, company: Company) -> Query | None:
        """Of the partners on posted lines, and of the contacts of these that are still active."""
        if not self._schema.has("res_partner", "email"):
            return None
        partner, used = self._table("res_partner"), self._partners_of(company)
        parts = [_addresses(partner, partner.c.id).where(partner.c.id.in_(used))]
        if self._schema.has("res_partner", "commercial_partner_id"):
            whose = partner.c.commercial_partner_id
            contacts = _addresses(partner, whose).where(whose.in_(used), whose != partner.c.id)
            if self._schema.has("res_partner", "active"):
                contacts = contacts.where(func.coalesce(partner.c.active, true()) == true())
            parts.append(contacts)
        return select(union_all(*parts).subquery("of_both")).distinct()

    def rates(self, company: Company) -> Query:
        """Rates of the company and, until its first own rate in a currency, shared ones.

        Odoo's rates are relative to an unnamed base, mostly but not always the company's currency: the
        functional currency's own rate on that day is the numerator.
        """
        quoted, base = self._series(company, "quoted"), self._series(company, "base")
        functional = (
            select(base.c.day, base.c.rate, func.lead(base.c.day).over(order_by=base.c.day).label("until"))
            .where(base.c.currency == company.currency)
            .subquery("functional")
        )
        in_force = and_(
            functional.c.day <= quoted.c.day,
            or_(functional.c.until.is_(None), quoted.c.day < functional.c.until),
        )
        return (
            select(
                quoted.c.currency,
                quoted.c.day.label("rate_date"),
                func.coalesce(functional.c.rate, 1).label("functional_units"),
                quoted.c.rate.label("foreign_units"),
            )
            .select_from(quoted.outerjoin(functional, in_force))
            .where(quoted.c.currency != company.currency)
        )

    def dimensions(self, company: Company) -> Query | None:
        """Analytic accounts of the company, of those above it and of all, by the plan at the top."""
        if self._schema.missing(_NAMED[self.version]):
            return None
        value = self._table("account_analytic_account")
        found: Any = value
        plan: Any = null()
        if self._number > 15:
            plans = self._table("account_analytic_plan")
            rooted = self._schema.has("account_analytic_account", "root_plan_id")
            top = func.coalesce(value.c.root_plan_id, value.c.plan_id) if rooted else value.c.plan_id
            found = value.outerjoin(plans, top == plans.c.id)
            plan = self._analytic_name(plans.c.name)
        name = self._analytic_name(value.c.name)
        return (
            select(
                cast(value.c.id, String).label("value_id"),
                func.coalesce(plan, "analytic").label("dimension"),
                func.coalesce(func.nullif(value.c.code, ""), name).label("code"),
                name.label("name"),
                null().label("parent_id"),
                cast(null(), Date).label("valid_from"),
                cast(null(), Date).label("valid_to"),
            )
            .select_from(found)
            .where(or_(value.c.company_id.is_(None), value.c.company_id.in_(self._ancestors(_key(company)))))
        )

    # --- the year's tables ---

    def journal_lines(self, company: Company, start: date, end: date) -> Query:
        """The posted lines of those days."""
        return self.posted_lines(company).where(self._table("account_move_line").c.date.between(start, end))

    def posted_lines(self, company: Company) -> Query:
        """Posted lines. One without a due date stays without, and so is not due (as in OCA's aged report); an
        entry without a number goes by its id."""
        line, journal = self._table("account_move_line"), self._table("account_journal")
        currency = self._table("res_currency")
        books = self._joined(line).outerjoin(journal, line.c.journal_id == journal.c.id)
        debit, credit = func.coalesce(line.c.debit, 0), func.coalesce(line.c.credit, 0)
        foreign = line.c.currency_id.is_not(None)
        return (
            select(
                line.c.id.label("line_id"),
                line.c.move_id.label("entry_id"),
                func.coalesce(line.c.move_name, cast(line.c.move_id, String)).label("entry_name"),
                journal.c.code.label("journal"),
                line.c.account_id.label("account_id"),
                line.c.partner_id.label("partner_id"),
                line.c.date.label("posting_date"),
                line.c.date_maturity.label("due_date"),
                debit.label("debit"),
                credit.label("credit"),
                func.coalesce(currency.c.name, company.currency).label("document_currency"),
                case((foreign, func.coalesce(line.c.amount_currency, 0)), else_=debit - credit).label(
                    "document_amount"
                ),
                line.c.name.label("label"),
                self._dimensions(line).label("dimensions"),
                self._is_opening(line, company).label("is_opening"),
                false().label("is_closing"),
            )
            .select_from(books.outerjoin(currency, line.c.currency_id == currency.c.id))
            .where(self._posted(line, company))
        )

    def all_settlements(self, company: Company) -> Query:
        """Partial reconciliations between posted lines, one of them of the company; each on the later of its
        two lines' dates. One with a line of a bank's or a cash journal is a payment."""
        part = self._table("account_partial_reconcile")
        debit, credit = (
            self._table("account_move_line", "debit_line"),
            self._table("account_move_line", "credit_line"),
        )
        later = case((debit.c.date > credit.c.date, debit.c.date), else_=credit.c.date)
        return (
            select(
                part.c.debit_move_id.label("debit_line_id"),
                part.c.credit_move_id.label("credit_line_id"),
                func.coalesce(part.c.max_date, later).label("settled_on"),
                part.c.amount,
                self._is_payment(debit, credit).label("is_payment"),
            )
            .join_from(part, debit, part.c.debit_move_id == debit.c.id)
            .join(credit, part.c.credit_move_id == credit.c.id)
            .where(
                or_(debit.c.company_id == _key(company), credit.c.company_id == _key(company)),
                *[self._line_is_posted(side) for side in (debit, credit)],
            )
        )

    def all_references(self, company: Company) -> Query | None:
        """The references of posted bills, and of suppliers' credit notes."""
        if not self._schema.has("account_move", "ref", "move_type", "date", "company_id"):
            return None
        move = self._table("account_move")
        return select(
            move.c.id.label("entry_id"), move.c.date.label("posting_date"), move.c.ref.label("reference")
        ).where(
            move.c.company_id == _key(company),
            move.c.state == "posted",
            move.c.move_type.in_(BILLS),
            func.coalesce(move.c.ref, "") != "",
        )

    # --- parts ---

    def _is_payment(self, *lines: Any) -> ColumnElement[Any]:
        """Whether one of the lines is in a journal of payments; null where types of journals are not told."""
        if not self._schema.has("account_journal", "type"):
            return null()
        journal = self._table("account_journal", "paying")
        paying = select(journal.c.id).where(journal.c.type.in_(PAYING))
        return case((or_(*[line.c.journal_id.in_(paying) for line in lines]), 1), else_=0)

    def _joined(self, line: Any) -> Any:
        """Lines, with their entries where the lines do not carry the entry's state."""
        if self._states_on_lines:
            return line
        move = self._table("account_move")
        return line.join(move, line.c.move_id == move.c.id)

    def _posted(self, line: Any, company: Company) -> ColumnElement[bool]:
        return and_(
            line.c.company_id == _key(company),
            self._state(line) == "posted",
            or_(line.c.display_type.is_(None), line.c.display_type.not_in(("line_section", "line_note"))),
        )

    def _state(self, line: Any) -> ColumnElement[Any]:
        state: ColumnElement[Any] = (
            line.c.parent_state if self._states_on_lines else self._table("account_move").c.state
        )
        return state

    @property
    def _states_on_lines(self) -> bool:
        return self._schema.has("account_move_line", "parent_state")

    def _line_is_posted(self, line: Any) -> ColumnElement[bool]:
        if self._states_on_lines:
            posted: ColumnElement[bool] = line.c.parent_state == "posted"
            return posted
        move = self._table("account_move", f"{line.name}_entry")
        return exists().where(move.c.id == line.c.move_id, move.c.state == "posted")

    def _partners_of(self, company: Company) -> Any:
        line = self._table("account_move_line")
        return (
            select(line.c.partner_id)
            .select_from(self._joined(line))
            .where(self._posted(line, company), line.c.partner_id.is_not(None))
            .distinct()
        )

    def _in_chart(self, account: Any, key: int) -> ColumnElement[bool]:
        family = self._ancestors(key)
        if self._number < 18:
            mine: ColumnElement[bool] = account.c.company_id.in_(family)
            return mine
        rel = self._table("account_account_res_company_rel")
        return exists().where(rel.c.account_account_id == account.c.id, rel.c.res_company_id.in_(family))

    def _account_code(self, account: Any, key: int) -> ColumnElement[Any]:
        if self._number < 18:
            code: ColumnElement[Any] = account.c.code
            return code
        return Member(account.c.code_store, cast(self._root(key), String))

    def _account_type(self, account: Any) -> ColumnElement[Any]:
        if self._number > 15:
            kind: ColumnElement[Any] = account.c.account_type
            return kind
        types = self._table("account_account_type")
        named = case(TYPE_NAMES, value=types.c.name, else_=types.c.name)
        return select(named).where(types.c.id == account.c.user_type_id).scalar_subquery()

    def _translated(self, name: Any) -> ColumnElement[Any]:
        return name if self._number < 16 else Translated(name)

    def _analytic_name(self, name: Any) -> ColumnElement[Any]:
        return PerhapsTranslated(name) if self._number == 16 else self._translated(name)

    def _dimensions(self, line: Any) -> ColumnElement[Any]:
        if self._number > 15:
            return func.nullif(cast(line.c.analytic_distribution, String), "{}")
        share = literal('{"') + cast(line.c.analytic_account_id, String) + literal('": 100.0}')
        return case((line.c.analytic_account_id.is_not(None), share), else_=null())

    def _is_opening(self, line: Any, company: Company) -> ColumnElement[bool]:
        if not self._schema.has("res_company", "account_opening_move_id"):
            return false()
        books = self._table("res_company")
        opening = select(books.c.account_opening_move_id).where(books.c.id == _key(company)).scalar_subquery()
        return case((line.c.move_id == opening, literal(value=True)), else_=false())

    def _ancestors(self, key: int) -> Any:
        """Ids of the company and of those above it."""
        if not self._schema.has("res_company", "parent_path"):
            return (key,)
        upper = self._table("res_company", "upper_company")
        return self._above(key, upper.c.id, upper)

    def _root(self, key: int) -> ColumnElement[Any]:
        """Id of the company at the top of the company's branch tree: itself where there are no branches."""
        if not self._schema.has("res_company", "parent_path", "parent_id"):
            return literal(key)
        top = self._table("res_company", "top_company")
        found: ScalarSelect[Any] = self._above(
            key, func.min(top.c.id), top, top.c.parent_id.is_(None)
        ).scalar_subquery()
        return func.coalesce(found, key)

    def _above(self, key: int, what: Any, upper: Any, *conditions: ColumnElement[bool]) -> Query:
        own = self._table("res_company", "own_company")
        within = or_(upper.c.id == own.c.id, own.c.parent_path.like(_text(upper.c.parent_path) + "%"))
        return select(what).select_from(own.join(upper, within)).where(own.c.id == key, *conditions)

    def _series(self, company: Company, name: str) -> Any:
        """Rates that hold for the company: its own, and shared ones of before its first own in a currency."""
        rate, currency = self._table("res_currency_rate"), self._table("res_currency")
        key = self._root(_key(company))
        first = (
            select(rate.c.currency_id, func.min(rate.c.name).label("day"))
            .where(rate.c.company_id == key)
            .group_by(rate.c.currency_id)
            .subquery("first_own")
        )
        not_yet_own = or_(first.c.day.is_(None), rate.c.name < first.c.day)
        return (
            select(currency.c.name.label("currency"), rate.c.name.label("day"), rate.c.rate)
            .join_from(rate, currency, rate.c.currency_id == currency.c.id)
            .outerjoin(first, first.c.currency_id == rate.c.currency_id)
            .where(
                rate.c.rate > 0, or_(rate.c.company_id == key, and_(rate.c.company_id.is_(None), not_yet_own))
            )
            .subquery(name)
        )


def _addresses(partner: Any, whose: Any) -> Query:
    return select(whose.label("partner_id"), partner.c.email.label("email")).where(
        func.coalesce(partner.c.email, "") != ""
    )


def _key(company: Company) -> int:
    return int(company.company_id)


def _text(value: Any) -> ColumnElement[str]:
    return type_coerce(value, String)


class Translated(FunctionElement[str]):
    """A translated text: a JSON object by language code, of which English is Odoo's own fallback."""

    type = String()
    inherit_cache = True
    name = "translated"


class PerhapsTranslated(FunctionElement[str]):
    """A text that is translated in some releases of a version: such a JSON object, or the text itself."""

    type = String()
    inherit_cache = True
    name = "perhaps_translated"


class Member(FunctionElement[str]):
    """The text under a key of a JSON object."""

    type = String()
    inherit_cache = True
    name = "member"


@compiles(Member)
def _member(element: Member, compiler: SQLCompiler, **options: Any) -> str:
    document, key = (compiler.process(part, **options) for part in element.clauses)
    return f"({document} ->> {key})"


@compiles(Member, "sqlite")
def _member_in_sqlite(element: Member, compiler: SQLCompiler, **options: Any) -> str:
    # Its ->> would take a key of digits for a place in an array.
    document, key = (compiler.process(part, **options) for part in element.clauses)
    return f"""json_extract({document}, '$."' || {key} || '"')"""


@compiles(Translated)
def _translated(element: Translated, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"coalesce({text} ->> 'en_US', (SELECT min(value) FROM jsonb_each_text({text})))"


@compiles(Translated, "sqlite")
def _translated_in_sqlite(element: Translated, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    parts = f"coalesce({text} ->> 'en_US', (SELECT min(value) FROM json_each({text})))"
    return f"CASE WHEN json_valid({text}) THEN {parts} ELSE {text} END"


@compiles(PerhapsTranslated)
def _perhaps_translated(element: PerhapsTranslated, compiler: SQLCompiler, **options: Any) -> str:
    text = f"CAST({compiler.process(element.clauses, **options)} AS text)"
    found = f"CAST({text} AS jsonb)"
    parts = f"coalesce({found} ->> 'en_US', (SELECT min(value) FROM jsonb_each_text({found})))"
    return f"CASE WHEN left({text}, 2) = '{{\"' THEN {parts} ELSE {text} END"


@compiles(PerhapsTranslated, "sqlite")
def _perhaps_translated_in_sqlite(element: PerhapsTranslated, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(Translated(*element.clauses), **options)
