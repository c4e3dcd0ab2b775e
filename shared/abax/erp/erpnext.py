"""ERPNext 14 and 15, on MariaDB or on a copy of its tables elsewhere.

The ledger is ``tabGL Entry`` without cancelled rows: cancelling flags both the rows and those that reverse
them. Amounts are in the company's currency, and in the account's own as its foreign amount. Period closing
vouchers move a year's result into equity; they are closing entries here. Receivables and payables are kept
apart, in ``tabPayment Ledger Entry``: its rows against one voucher are an item, those of the voucher itself
what it came to, all others what settled it.

What differs between the versions is told by columns: 15 keeps a transaction's currency on each ledger row,
and a closing voucher's period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
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
    union_all,
)
from sqlalchemy.types import TypeEngine

from abax.erp.dialects import DatePart, Joined, JsonString, Listed
from abax.erp.filled import empty
from abax.erp.source import Declaration, ErpModule, Found, Query, Schema, Verdict
from abax.ledger.model import Company, StatementClass

_C = StatementClass
CLASSES: Final[dict[str, StatementClass]] = {
    "Asset/Bank": _C.CASH,
    "Asset/Cash": _C.CASH,
    "Asset/Receivable": _C.RECEIVABLES,
    "Asset/Stock": _C.INVENTORY,
    "Asset/Fixed Asset": _C.FIXED_ASSETS,
    "Asset/Accumulated Depreciation": _C.FIXED_ASSETS,
    "Asset/Capital Work in Progress": _C.FIXED_ASSETS,
    "Asset": _C.OTHER_CURRENT_ASSETS,
    "Liability/Payable": _C.PAYABLES,
    "Liability": _C.OTHER_CURRENT_LIABILITIES,
    "Equity": _C.EQUITY,
    "Equity/Retained Earnings": _C.RETAINED_EARNINGS,
    "Income": _C.REVENUE,
    "Expense/Cost of Goods Sold": _C.COST_OF_SALES,
    "Expense/Stock Adjustment": _C.COST_OF_SALES,
    "Expense/Expenses Included In Valuation": _C.COST_OF_SALES,
    "Expense/Expenses Included In Asset Valuation": _C.COST_OF_SALES,
    "Expense/Depreciation": _C.DEPRECIATION,
    "Expense": _C.OPERATING_EXPENSES,
}
"""By root type and account type; account types that say no more than the root go by it alone."""

RETAINED: Final = "Equity/Retained Earnings"
"""Ours: the account that period closing vouchers close into, whatever type it has."""

CLOSING: Final = "Period Closing Voucher"
_LONGEST_MONTH: Final = 35
"""Days, where months are of weeks."""

_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "tabGL Entry": (
        *("name", "posting_date", "due_date", "account", "account_currency", "party_type", "party"),
        *("voucher_type", "voucher_no", "debit", "credit", "debit_in_account_currency"),
        *("credit_in_account_currency", "cost_center", "project", "finance_book", "company", "is_opening"),
        *("is_cancelled", "remarks", "modified"),
    ),
    "tabAccount": (
        *("name", "account_name", "account_number", "is_group", "company", "root_type", "account_type"),
        *("lft", "rgt", "modified"),
    ),
    "tabCompany": ("name", "default_currency", "default_finance_book"),
    "tabFiscal Year": ("name", "year_start_date", "year_end_date", "disabled"),
}
_LEDGER: Final[dict[str, tuple[str, ...]]] = {
    "tabPayment Ledger Entry": (
        *("name", "posting_date", "company", "account_type", "account", "party_type", "party", "due_date"),
        *("voucher_type", "voucher_no", "against_voucher_type", "against_voucher_no", "amount", "delinked"),
    ),
}
_NAME: Final = String(140)
_EMPTY: Final[dict[str, dict[str, TypeEngine[Any]]]] = {
    "tabFiscal Year Company": dict.fromkeys(("parent", "company"), _NAME),
    "tabPeriod Closing Voucher": {
        **dict.fromkeys(("name", "company", "closing_account_head"), _NAME),
        "docstatus": Numeric(),
    },
    "tabCurrency Exchange": {
        "date": Date(),
        **dict.fromkeys(("from_currency", "to_currency"), _NAME),
        **dict.fromkeys(("exchange_rate", "for_selling"), Numeric()),
    },
    "tabCustomer": dict.fromkeys(("name", "customer_name"), _NAME),
    "tabSupplier": dict.fromkeys(("name", "supplier_name"), _NAME),
}
"""Without these a copy is read as though nothing were in them."""
_OPTIONAL: Final[dict[str, Sequence[str]]] = {
    "fiscal years of some companies only": ("tabFiscal Year Company",),
    "where results are closed to": ("tabPeriod Closing Voucher",),
    "exchange rates": ("tabCurrency Exchange",),
    "partner names": ("tabCustomer", "tabSupplier"),
}
_NAMED: Final[dict[str, tuple[str, ...]]] = {
    "tabCost Center": ("name", "cost_center_name", "cost_center_number", "parent_cost_center", "company"),
    "tabProject": ("name", "project_name"),
    "tabAccounting Dimension": ("fieldname", "disabled"),
}
"""What dimensions and their values are called: read where it is there."""
_CONTACTS: Final[dict[str, tuple[str, ...]]] = {
    "tabContact Email": ("parent", "email_id"),
    "tabDynamic Link": ("parent", "parenttype", "link_doctype", "link_name"),
}
"""Addresses of contacts, and whose contacts they are: read where it is there."""
_BILLS: Final[dict[str, tuple[str, ...]]] = {"tabPurchase Invoice": ("name", "bill_no")}
"""Suppliers' own numbers: read where they are there."""
_PARTIES: Final = {"Customer": "tabCustomer", "Supplier": "tabSupplier"}
"""Parties with addresses of their own. Those of employees are nobody's business here."""
_INVOICES: Final = ("Sales Invoice", "Purchase Invoice")
_JOURNAL: Final = "Journal Entry"
_SIGNS_OF_15: Final = (
    ("tabGL Entry", "transaction_currency"),
    ("tabPeriod Closing Voucher", "period_start_date"),
)


class ErpNextModule(ErpModule):
    """ERPNext for the registry."""

    erp = "erpnext"
    title = "ERPNext"
    tables: Sequence[str] = (*_NEEDED, *_LEDGER, *_EMPTY, *_NAMED, *_CONTACTS, *_BILLS)

    def probe(self, schema: Schema) -> Verdict:
        """15 where any of its columns is there."""
        version = "15" if any(schema.has(*sign) for sign in _SIGNS_OF_15) else "14"
        parts = [(name, column_name) for name, names in _NEEDED.items() for column_name in names]
        there = sum(schema.has(*part) for part in parts)
        lacks = {"open items": schema.missing(_LEDGER), "names of dimensions": schema.missing(_NAMED)}
        for what, names in _OPTIONAL.items():
            lacks[what] = schema.missing({name: _EMPTY[name] for name in names})
        told = {what: missing for what, missing in lacks.items() if missing}
        return Verdict(version, schema.missing(_NEEDED), there / len(parts), told)

    def declare(self, found: Found) -> ErpNext:
        """The declaration for this schema."""
        return ErpNext(found)


class ErpNext(Declaration):
    """ERPNext's books. A company, an account, a party is its name."""

    erp = "erpnext"
    classes: Mapping[str, StatementClass] = CLASSES

    def _table(self, name: str, alias: str | None = None) -> Any:
        """Empty where the copy has not got it and can do without it."""
        if name not in _EMPTY or self._schema.has(name, *_EMPTY[name]):
            return super()._table(name, alias)
        if (name, alias) not in self._made:
            self._made[name, alias] = empty(_EMPTY[name], alias or name)
        return self._made[name, alias]

    # --- master data ---

    def companies(self) -> Query:
        """All companies; a fiscal year ends as the last one does that is enabled for the company."""
        company, year = self._table("tabCompany"), self._table("tabFiscal Year")
        only = self._table("tabFiscal Year Company")
        restricted = select(only.c.parent)
        own = select(only.c.parent).where(only.c.company == company.c.name).correlate(company)
        ends = (
            select(func.max(year.c.year_end_date))
            .where(year.c.disabled == 0, or_(year.c.name.not_in(restricted), year.c.name.in_(own)))
            .correlate(company)
            .scalar_subquery()
        )
        return select(
            company.c.name.label("company_id"),
            company.c.name.label("name"),
            company.c.default_currency.label("currency"),
            func.coalesce(DatePart("month", ends), 12).label("fiscal_year_end_month"),
            func.coalesce(DatePart("day", ends), 31).label("fiscal_year_end_day"),
        ).order_by(company.c.name)

    def periods(self, company: Company) -> Query:
        """The fiscal years that are enabled for the company, named after the year in which they end."""
        year, only = self._table("tabFiscal Year"), self._table("tabFiscal Year Company")
        restricted = select(only.c.parent)
        own = select(only.c.parent).where(only.c.company == company.company_id)
        return select(
            DatePart("year", year.c.year_end_date).label("year"),
            null().label("period"),
            year.c.year_start_date.label("start_date"),
            year.c.year_end_date.label("end_date"),
        ).where(year.c.disabled == 0, or_(year.c.name.not_in(restricted), year.c.name.in_(own)))

    def accounts(self, company: Company) -> Query:
        """Accounts that are booked on. One without a type of its own has that of the nearest group above."""
        account, above = self._table("tabAccount"), self._table("tabAccount", "above")
        inherited = (
            select(above.c.account_type)
            .where(
                above.c.company == account.c.company,
                above.c.lft < account.c.lft,
                above.c.rgt > account.c.rgt,
                func.coalesce(above.c.account_type, "") != "",
            )
            .order_by(above.c.lft.desc())
            .limit(1)
            .correlate(account)
            .scalar_subquery()
        )
        kind = Joined(
            account.c.root_type,
            literal_column("'/'"),
            func.coalesce(func.nullif(account.c.account_type, ""), inherited),
        )
        voucher = self._table("tabPeriod Closing Voucher")
        heads = select(voucher.c.closing_account_head).where(
            voucher.c.company == company.company_id, voucher.c.docstatus == 1
        )
        return select(
            account.c.name.label("account_id"),
            func.coalesce(func.nullif(account.c.account_number, ""), account.c.name).label("code"),
            account.c.account_name.label("name"),
            case(
                (account.c.name.in_(heads), RETAINED),
                (kind.in_([known for known in CLASSES if "/" in known]), kind),
                else_=account.c.root_type,
            ).label("source_type"),
        ).where(account.c.company == company.company_id, account.c.is_group == 0)

    def partners(self, company: Company) -> Query:
        """Parties of the ledger, named as their master data names them; others go by their id."""
        customer, supplier = self._table("tabCustomer"), self._table("tabSupplier")
        parties = self._parties(company)
        name = case(
            (parties.c.party_type == "Customer", customer.c.customer_name),
            (parties.c.party_type == "Supplier", supplier.c.supplier_name),
        )
        return select(
            _key(parties.c.party_type, parties.c.party).label("partner_id"),
            func.coalesce(func.nullif(name, ""), parties.c.party).label("name"),
        ).select_from(
            parties.outerjoin(
                customer, and_(parties.c.party_type == "Customer", customer.c.name == parties.c.party)
            ).outerjoin(
                supplier, and_(parties.c.party_type == "Supplier", supplier.c.name == parties.c.party)
            )
        )

    def addresses(self, company: Company) -> Query | None:
        """Of the customers and suppliers of the ledger, and of the contacts that are linked with them."""
        parties, parts = self._parties(company), []
        for kind, name in _PARTIES.items():
            if self._schema.has(name, *_EMPTY[name], "email_id"):
                party = self._table(name)
                own = and_(parties.c.party_type == kind, parties.c.party == party.c.name)
                parts.append(_addresses(parties, party).select_from(parties.join(party, own)))
        if not self._schema.missing(_CONTACTS):
            contact, link = self._table("tabContact Email"), self._table("tabDynamic Link")
            linked = and_(parties.c.party_type == link.c.link_doctype, parties.c.party == link.c.link_name)
            rows = parties.join(link, linked).join(contact, contact.c.parent == link.c.parent)
            its = (link.c.parenttype == "Contact", link.c.link_doctype.in_(list(_PARTIES)))
            parts.append(_addresses(parties, contact).select_from(rows).where(*its))
        return select(union_all(*parts).subquery("of_both")).distinct() if parts else None

    def rates(self, company: Company) -> Query:
        """Exchange rates into the company's currency, else out of it the other way round; those for selling
        before others."""
        rate = self._table("tabCurrency Exchange")
        mine = company.currency
        into = select(
            rate.c.from_currency.label("currency"),
            rate.c.date.label("rate_date"),
            rate.c.exchange_rate.label("functional_units"),
            literal(1).label("foreign_units"),
            (1 - rate.c.for_selling).label("preference"),
        ).where(rate.c.to_currency == mine, rate.c.from_currency != mine, rate.c.exchange_rate > 0)
        out_of = select(
            rate.c.to_currency,
            rate.c.date,
            literal(1),
            rate.c.exchange_rate,
            (3 - rate.c.for_selling),
        ).where(rate.c.from_currency == mine, rate.c.to_currency != mine, rate.c.exchange_rate > 0)
        both = union_all(into, out_of).subquery("both_ways")
        turn = func.row_number().over(
            partition_by=[both.c.currency, both.c.rate_date], order_by=both.c.preference
        )
        ranked = select(both, turn.label("turn")).subquery("ranked")
        return select(
            ranked.c.currency, ranked.c.rate_date, ranked.c.functional_units, ranked.c.foreign_units
        ).where(ranked.c.turn == 1)

    def dimensions(self, company: Company) -> Query | None:
        """Cost centres and projects. Values of the company's own dimensions go by their keys."""
        found = []
        if self._schema.has("tabCost Center", *_NAMED["tabCost Center"]):
            centre = self._table("tabCost Center")
            named = (centre.c.cost_center_number, centre.c.cost_center_name, centre.c.parent_cost_center)
            found.append(_values("cost_center", centre, *named).where(centre.c.company == company.company_id))
        if self._schema.has("tabProject", *_NAMED["tabProject"]):
            project = self._table("tabProject")
            found.append(_values("project", project, null(), project.c.project_name, null()))
        if not found:
            return None
        return select(union_all(*found).subquery("values_of_all"))

    # --- the year's tables ---

    def posted_lines(self, company: Company) -> Query:
        """The rows that count, of the company's own finance book and of none."""
        return self._lines(company)

    def journal_lines(self, company: Company, start: date, end: date) -> Query:
        """The lines posted from ``start`` to ``end``. The days go first, for texts take longer to compare. A
        month is found by an index; a year is not, for most rows are wanted then."""
        entry = self._table("tabGL Entry")
        lines = self._lines(company, entry.c.posting_date.between(start, end))
        index = self._schema.indexes.get(("tabGL Entry", "posting_date"))
        if index is None or (end - start).days > _LONGEST_MONTH:
            return lines
        told = f"FORCE INDEX (`{index}`)"
        return lines.with_hint(entry, told, "mysql").with_hint(entry, told, "mariadb")

    def _lines(self, company: Company, *on_days: ColumnElement[bool]) -> Query:
        entry = self._table("tabGL Entry")
        return select(
            entry.c.name.label("line_id"),
            _key(entry.c.voucher_type, entry.c.voucher_no).label("entry_id"),
            entry.c.voucher_no.label("entry_name"),
            entry.c.voucher_type.label("journal"),
            entry.c.account.label("account_id"),
            _party(entry).label("partner_id"),
            entry.c.posting_date,
            entry.c.due_date,
            entry.c.debit,
            entry.c.credit,
            func.coalesce(func.nullif(entry.c.account_currency, ""), company.currency).label(
                "document_currency"
            ),
            (entry.c.debit_in_account_currency - entry.c.credit_in_account_currency).label("document_amount"),
            entry.c.remarks.label("label"),
            self._dimensions(entry).label("dimensions"),
            case((entry.c.is_opening == "Yes", 1), else_=0).label("is_opening"),
            case((entry.c.voucher_type == CLOSING, 1), else_=0).label("is_closing"),
        ).where(*on_days, self._in_books(company))

    def all_items(self, company: Company) -> Query | None:
        """One row per voucher that something is open or was settled against, by account and party.

        One without a due date counts as due on its day, as in ERPNext's own reports.
        """
        if self._schema.missing(_LEDGER):
            return None
        rows = self._subledger(company)
        own = rows.c.is_own == 1
        first = func.coalesce(func.min(case((own, rows.c.posting_date))), func.min(rows.c.posting_date))
        with_bills, reference = self._with_bills(rows)
        return (
            select(
                rows.c.item_id,
                func.max(rows.c.document).label("document"),
                func.max(rows.c.account_id).label("account_id"),
                func.max(rows.c.partner_id).label("partner_id"),
                first.label("posting_date"),
                func.coalesce(func.max(case((own, rows.c.due_date))), first).label("due_date"),
                func.sum(case((own, rows.c.amount), else_=0)).label("amount"),
                reference.label("reference"),
            )
            .select_from(with_bills)
            .group_by(rows.c.item_id)
        )

    def all_item_settlements(self, company: Company) -> Query | None:
        """What other vouchers took off an item."""
        if self._schema.missing(_LEDGER):
            return None
        rows = self._subledger(company)
        return select(
            rows.c.item_id,
            rows.c.posting_date.label("settled_on"),
            (-rows.c.amount).label("amount"),
            self._is_payment(rows, company).label("is_payment"),
        ).where(rows.c.is_own == 0)

    # --- parts ---

    def _parties(self, company: Company) -> Any:
        """Types and names of the parties on the ledger's rows."""
        entry = self._table("tabGL Entry")
        return (
            select(entry.c.party_type, entry.c.party)
            .where(self._in_books(company), func.coalesce(entry.c.party, "") != "")
            .distinct()
            .subquery("parties")
        )

    def _is_payment(self, rows: Any, company: Company) -> ColumnElement[Any]:
        """A payment entry is a payment, another invoice is none. So is a journal entry that moves money on an
        account of the types bank and cash; of others nothing is told, as theirs may be inherited."""
        entry, account = self._table("tabGL Entry"), self._table("tabAccount")
        moved = (
            select(entry.c.voucher_no)
            .select_from(entry.join(account, entry.c.account == account.c.name))
            .where(
                self._in_books(company),
                entry.c.voucher_type == _JOURNAL,
                account.c.account_type.in_(("Bank", "Cash")),
            )
        )
        return case(
            (rows.c.voucher_type == "Payment Entry", 1),
            (rows.c.voucher_type.in_(_INVOICES), 0),
            (and_(rows.c.voucher_type == _JOURNAL, rows.c.voucher_no.in_(moved)), 1),
            else_=null(),
        )

    def _with_bills(self, rows: Any) -> tuple[Any, ColumnElement[Any]]:
        """``rows`` joined with suppliers' invoices, and the number that the supplier gave each."""
        if self._schema.missing(_BILLS):
            return rows, null()
        bill = self._table("tabPurchase Invoice")
        its = and_(rows.c.against_type == "Purchase Invoice", rows.c.document == bill.c.name)
        return rows.outerjoin(bill, its), func.max(func.nullif(bill.c.bill_no, ""))

    def _subledger(self, company: Company) -> Any:
        """Rows of the payment ledger, debit positive, each with the item that it belongs to."""
        row = self._table("tabPayment Ledger Entry")
        own = and_(
            row.c.voucher_type == row.c.against_voucher_type, row.c.voucher_no == row.c.against_voucher_no
        )
        return (
            select(
                _key(
                    row.c.account,
                    func.coalesce(_party(row), ""),
                    row.c.against_voucher_type,
                    row.c.against_voucher_no,
                ).label("item_id"),
                row.c.against_voucher_no.label("document"),
                row.c.against_voucher_type.label("against_type"),
                row.c.account.label("account_id"),
                _party(row).label("partner_id"),
                row.c.posting_date,
                row.c.due_date,
                row.c.voucher_type,
                row.c.voucher_no,
                case((row.c.account_type == "Payable", -row.c.amount), else_=row.c.amount).label("amount"),
                case((own, 1), else_=0).label("is_own"),
            )
            .where(row.c.company == company.company_id, row.c.delinked == 0)
            .subquery("subledger")
        )

    def _in_books(self, company: Company) -> ColumnElement[bool]:
        entry, firm = self._table("tabGL Entry"), self._table("tabCompany")
        book = func.coalesce(entry.c.finance_book, "")
        default = (
            select(func.coalesce(firm.c.default_finance_book, ""))
            .where(firm.c.name == company.company_id)
            .scalar_subquery()
        )
        return and_(
            entry.c.company == company.company_id,
            entry.c.is_cancelled == 0,
            or_(book == "", book == default),
        )

    def _dimensions(self, entry: Any) -> ColumnElement[Any]:
        """A JSON object: cost centre, project and the company's own dimensions, each with all of the
        amount."""
        pairs, given = [], []
        for name in self._dimension_columns:
            value = func.nullif(entry.c[name], "")
            key = JsonString(Joined(literal_column(f"'{name}:'"), value))
            pairs.append(Joined(key, literal_column("':100'")))
            given.append(func.coalesce(entry.c[name], "") != "")
        whole = Joined(literal_column("'{'"), Listed(*pairs), literal_column("'}'"))
        return case((or_(*given), whole), else_=null())  # nullif would have it worked out twice

    @cached_property
    def _dimension_columns(self) -> list[str]:
        """The columns of a ledger row that hold dimensions."""
        own = []
        if self._schema.has("tabAccounting Dimension", *_NAMED["tabAccounting Dimension"]):
            dimension = self._table("tabAccounting Dimension")
            rows = self._found.rows(select(dimension.c.fieldname).where(dimension.c.disabled == 0))
            own = sorted({str(name) for (name,) in rows if self._schema.has("tabGL Entry", str(name))})
        return list(dict.fromkeys(("cost_center", "project", *own)))


def _values(dimension: str, values: Any, code: Any, name: Any, parent: Any) -> Any:
    prefix: ColumnElement[str] = literal_column(f"'{dimension}:'")
    return select(
        Joined(prefix, values.c.name).label("value_id"),
        literal_column(f"'{dimension}'").label("dimension"),
        func.coalesce(func.nullif(code, ""), values.c.name).label("code"),
        func.coalesce(func.nullif(name, ""), values.c.name).label("name"),
        Joined(prefix, func.nullif(parent, "")).label("parent_id"),
        cast(null(), Date).label("valid_from"),
        cast(null(), Date).label("valid_to"),
    )


def _addresses(parties: Any, rows: Any) -> Any:
    return select(
        _key(parties.c.party_type, parties.c.party).label("partner_id"), rows.c.email_id.label("email")
    ).where(func.coalesce(rows.c.email_id, "") != "")


def _key(*parts: Any) -> ColumnElement[Any]:
    """Ids of ERPNext joined to one; null where a part is."""
    texts: list[Any] = []
    for part in parts:
        texts += [literal_column("'|'"), part] if texts else [part]
    return Joined(*texts)


def _party(row: Any) -> ColumnElement[Any]:
    return case((func.coalesce(row.c.party, "") != "", _key(row.c.party_type, row.c.party)), else_=null())
