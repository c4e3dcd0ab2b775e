"""Oracle E-Business Suite's subledgers: what customers owe (AR), what suppliers are owed (AP).

Both keep what is open now. What was open on a day follows from what was applied, adjusted and paid, by GL
date; reversing any of these writes a second row with the opposite sign, so that every row counts on its day.

**AR.** An item is a payment schedule. A transaction's came to what is open of it now and all that was ever
taken off it. A receipt's is what it leaves unapplied: rows UNAPP, ACC, UNID and OTHER ACC add up to it, by
account; its APP rows do the same to the transactions that it pays. Bills receivable are not read.

**AP.** An item is a payment schedule of an invoice that has been accounted for. Payables keeps the functional
worth by invoice only: what is paid of it is worth its share, so that nothing remains of what is paid in full.
Cancelling an invoice sets its amounts to nil; it came to the amount that was cancelled. Prepayments that are
applied to an invoice of several instalments, and tax withheld from it, are taken off all of them alike.
"""

# ruff: noqa: SIM300 - columns are in capitals, which that rule takes for constants

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Numeric,
    String,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from abax.erp.dialects import DayOf, Joined, Text
from abax.erp.source import Query
from abax.money import decimals

_Wanted = dict[str, tuple[str, ...]]

NEEDED: Final[_Wanted] = {
    "AR_PAYMENT_SCHEDULES_ALL": (
        *("PAYMENT_SCHEDULE_ID", "CLASS", "CUSTOMER_ID", "CUSTOMER_TRX_ID", "TRX_NUMBER", "GL_DATE"),
        *("DUE_DATE", "ACCTD_AMOUNT_DUE_REMAINING", "ORG_ID"),
    ),
    "AR_RECEIVABLE_APPLICATIONS_ALL": (
        *("STATUS", "APPLICATION_TYPE", "APPLIED_PAYMENT_SCHEDULE_ID", "PAYMENT_SCHEDULE_ID", "GL_DATE"),
        *("ACCTD_AMOUNT_APPLIED_TO", "ACCTD_AMOUNT_APPLIED_FROM"),
    ),
    "RA_CUSTOMER_TRX_ALL": ("CUSTOMER_TRX_ID", "SET_OF_BOOKS_ID", "ORG_ID"),
    "AP_INVOICES_ALL": (
        *("INVOICE_ID", "INVOICE_NUM", "VENDOR_ID", "GL_DATE", "INVOICE_CURRENCY_CODE", "EXCHANGE_RATE"),
        *("INVOICE_AMOUNT", "BASE_AMOUNT", "CANCELLED_DATE", "ACCTS_PAY_CODE_COMBINATION_ID"),
        *("SET_OF_BOOKS_ID", "ORG_ID"),
    ),
    "AP_PAYMENT_SCHEDULES_ALL": ("INVOICE_ID", "PAYMENT_NUM", "DUE_DATE", "GROSS_AMOUNT"),
    "AP_INVOICE_PAYMENTS_ALL": ("INVOICE_ID", "PAYMENT_NUM", "AMOUNT", "ACCOUNTING_DATE"),
}
"""Without all of these, open items are not read."""

RECEIVABLES_ACCOUNTS: Final[_Wanted] = {
    "AR_RECEIVABLE_APPLICATIONS_ALL": ("CODE_COMBINATION_ID",),
    "RA_CUST_TRX_LINE_GL_DIST_ALL": (
        *("CUSTOMER_TRX_ID", "ACCOUNT_CLASS", "LATEST_REC_FLAG", "CODE_COMBINATION_ID"),
    ),
}
ADJUSTMENTS: Final[_Wanted] = {"AR_ADJUSTMENTS_ALL": ("PAYMENT_SCHEDULE_ID", "ACCTD_AMOUNT", "GL_DATE")}
ACCOUNTED: Final[_Wanted] = {"AP_INVOICE_DISTRIBUTIONS_ALL": ("INVOICE_ID", "POSTED_FLAG")}
DEDUCTIONS: Final[_Wanted] = {
    "AP_INVOICE_DISTRIBUTIONS_ALL": ("INVOICE_ID", "LINE_TYPE_LOOKUP_CODE", "AMOUNT", "ACCOUNTING_DATE")
}
PARTNER_NAMES: Final[_Wanted] = {
    "HZ_CUST_ACCOUNTS": ("CUST_ACCOUNT_ID", "PARTY_ID"),
    "HZ_PARTIES": ("PARTY_ID", "PARTY_NAME"),
    "AP_SUPPLIERS": ("VENDOR_ID", "VENDOR_NAME"),
}
CUSTOMERS_MAIL: Final[_Wanted] = {"HZ_PARTIES": ("EMAIL_ADDRESS",)}
SUPPLIERS_MAIL: Final[_Wanted] = {"AP_SUPPLIER_SITES_ALL": ("VENDOR_ID", "EMAIL_ADDRESS")}
OPTIONAL: Final[dict[str, _Wanted]] = {
    "accounts of receivables": RECEIVABLES_ACCOUNTS,
    "adjustments of receivables": ADJUSTMENTS,
    "which invoices are accounted for": ACCOUNTED,
    "deductions from invoices": DEDUCTIONS,
    "discounts taken": {"AP_INVOICE_PAYMENTS_ALL": ("DISCOUNT_TAKEN",)},
    "partner names": PARTNER_NAMES,
}
"""Beside open items: done without where it is not there."""

_AMOUNT: Final = Numeric()
NULLS: Final[dict[str, dict[str, TypeEngine[Any]]]] = {
    "AR_RECEIVABLE_APPLICATIONS_ALL": {
        **dict.fromkeys(("ACCTD_EARNED_DISCOUNT_TAKEN", "ACCTD_UNEARNED_DISCOUNT_TAKEN"), _AMOUNT),
        "CONFIRMED_FLAG": String(1),
    },
    "AP_INVOICES_ALL": {"CANCELLED_AMOUNT": _AMOUNT},
    "AP_INVOICE_PAYMENTS_ALL": {"INVOICE_PAYMENT_ID": Numeric(), "DISCOUNT_TAKEN": _AMOUNT},
    "AP_INVOICE_DISTRIBUTIONS_ALL": {
        **dict.fromkeys(("INVOICE_DISTRIBUTION_ID", "PREPAY_DISTRIBUTION_ID"), _AMOUNT),
        "POSTED_FLAG": String(1),
    },
}
"""Columns that are null in copies without them."""

RECEIPT: Final = "PMT"
NOT_READ: Final = "BR"
APPLIED: Final = "APP"
TAKEN_OFF: Final = (APPLIED, "ACTIVITY")
"""Applications that take something off a transaction: to another one, or to a refund or write-off."""
UNAPPLIED: Final = ("UNAPP", "ACC", "UNID", "OTHER ACC")
"""What is left of a receipt: not applied, on account, of nobody knows whom, prepaid or claimed."""
CASH: Final = "CASH"
"""The type of what receipts are applied by; credit memos have another."""
APPROVED: Final = "A"
PAID: Final = 1
"""Of the kinds of what is taken off an invoice: deductions and cancelling are others."""
DEDUCTED: Final = ("PREPAY", "AWT")
"""Distributions that take something off an invoice: prepayments applied, tax withheld."""

Tables = Callable[..., Any]
"""A table by its name, and by an alias where it is used twice."""
Has = Callable[[Mapping[str, Sequence[str]]], bool]
"""Whether all of these tables and columns are there."""
_FRACTION: Final[ColumnElement[Any]] = literal_column("1.0")
"""Keeps a database from dividing whole numbers into whole numbers."""
_NO: Final[ColumnElement[Any]] = literal_column("0").label("is_payment")


def operating_units(tables: Tables, ledger: int) -> Query:
    """ORG_IDs that have invoices in the ledger."""
    sold, bought = tables("RA_CUSTOMER_TRX_ALL"), tables("AP_INVOICES_ALL")
    found = union_all(
        *[select(part.c.ORG_ID).where(part.c.SET_OF_BOOKS_ID == ledger).distinct() for part in (sold, bought)]
    ).subquery("orgs")
    return select(found.c.ORG_ID).where(found.c.ORG_ID.is_not(None)).distinct()


@dataclass(frozen=True)
class Receivables:
    """AR of some operating units; ``account`` is the column of the natural account. ``usual`` is the account
    of what nothing says the account of."""

    tables: Tables
    account: str
    orgs: Sequence[int]
    has: Has
    usual: str | None = None

    def partners(self) -> Query:
        """Customers with payment schedules."""
        schedule = self.tables("AR_PAYMENT_SCHEDULES_ALL")
        used = select(schedule.c.CUSTOMER_ID).where(self._ours(schedule), schedule.c.CUSTOMER_ID.is_not(None))
        if not self.has(PARTNER_NAMES):
            return _unnamed("C", used)
        customer, party = self.tables("HZ_CUST_ACCOUNTS"), self.tables("HZ_PARTIES")
        return (
            select(
                _key("C", customer.c.CUST_ACCOUNT_ID).label("partner_id"), party.c.PARTY_NAME.label("name")
            )
            .select_from(customer.outerjoin(party, customer.c.PARTY_ID == party.c.PARTY_ID))
            .where(customer.c.CUST_ACCOUNT_ID.in_(used))
        )

    def addresses(self) -> Query | None:
        """Of customers with payment schedules."""
        if not self.has(PARTNER_NAMES) or not self.has(CUSTOMERS_MAIL):
            return None
        customer, party = self.tables("HZ_CUST_ACCOUNTS"), self.tables("HZ_PARTIES")
        schedule = self.tables("AR_PAYMENT_SCHEDULES_ALL")
        used = select(schedule.c.CUSTOMER_ID).where(self._ours(schedule), schedule.c.CUSTOMER_ID.is_not(None))
        return (
            select(
                _key("C", customer.c.CUST_ACCOUNT_ID).label("partner_id"),
                party.c.EMAIL_ADDRESS.label("email"),
            )
            .select_from(customer.join(party, customer.c.PARTY_ID == party.c.PARTY_ID))
            .where(customer.c.CUST_ACCOUNT_ID.in_(used), party.c.EMAIL_ADDRESS.is_not(None))
        )

    def items(self) -> Query:
        """Transactions, and what receipts left unapplied on their own day."""
        receipts = [self._receipts()] if self._by_rows else []
        return together(self._transactions(), *receipts, name="receivables")

    def settlements(self) -> Query:
        """What took something off either."""
        schedule, taken = self.tables("AR_PAYMENT_SCHEDULES_ALL"), self._taken_off()
        off_transactions = (
            select(
                _key("AR", taken.c.schedule_id).label("item_id"),
                taken.c.settled_on,
                taken.c.amount,
                taken.c.is_payment,
            )
            .select_from(taken.join(schedule, taken.c.schedule_id == schedule.c.PAYMENT_SCHEDULE_ID))
            .where(self._is_transaction(schedule))
        )
        if not self._by_rows:
            return off_transactions
        rest = self._unapplied()
        off_receipts = select(rest.c.item_id, rest.c.settled_on, rest.c.amount, _NO).where(
            rest.c.settled_on > rest.c.posting_date
        )
        return together(off_transactions, off_receipts, name="received")

    # --- transactions ---

    def _transactions(self) -> Query:
        schedule, taken = self.tables("AR_PAYMENT_SCHEDULES_ALL"), self._taken_off()
        rows, account = self._with_account(schedule)
        ever = (
            select(taken.c.schedule_id, func.sum(taken.c.amount).label("amount"))
            .group_by(taken.c.schedule_id)
            .subquery("ever")
        )
        return (
            select(
                _key("AR", schedule.c.PAYMENT_SCHEDULE_ID).label("item_id"),
                schedule.c.TRX_NUMBER.label("document"),
                account.label("account_id"),
                _key("C", schedule.c.CUSTOMER_ID).label("partner_id"),
                DayOf(schedule.c.GL_DATE).label("posting_date"),
                DayOf(schedule.c.DUE_DATE).label("due_date"),
                (_nil(schedule.c.ACCTD_AMOUNT_DUE_REMAINING) + _nil(ever.c.amount)).label("amount"),
            )
            .select_from(rows.outerjoin(ever, schedule.c.PAYMENT_SCHEDULE_ID == ever.c.schedule_id))
            .where(self._is_transaction(schedule))
        )

    def _with_account(self, schedule: Any) -> tuple[Any, ColumnElement[Any]]:
        """``schedule`` joined with what tells the account of each transaction, and that account."""
        if not self.has(RECEIVABLES_ACCOUNTS):
            return schedule, literal(self.usual)
        booked, code = self._booked_on(), self.tables("GL_CODE_COMBINATIONS")
        rows = schedule.outerjoin(booked, schedule.c.CUSTOMER_TRX_ID == booked.c.CUSTOMER_TRX_ID)
        return (
            rows.outerjoin(code, booked.c.combination == code.c.CODE_COMBINATION_ID),
            code.c[self.account],
        )

    def _booked_on(self) -> Any:
        """The receivables account of each transaction."""
        part = self.tables("RA_CUST_TRX_LINE_GL_DIST_ALL")
        return (
            select(part.c.CUSTOMER_TRX_ID, func.min(part.c.CODE_COMBINATION_ID).label("combination"))
            .where(part.c.ACCOUNT_CLASS == "REC", part.c.LATEST_REC_FLAG == "Y")
            .group_by(part.c.CUSTOMER_TRX_ID)
            .subquery("booked_on")
        )

    def _taken_off(self) -> Any:
        """What was taken off transactions: applied to them, of a credit memo applied to others, adjusted."""
        use = self.tables("AR_RECEIVABLE_APPLICATIONS_ALL")
        counts = and_(use.c.STATUS.in_(TAKEN_OFF), _confirmed(use))
        discounts = _nil(use.c.ACCTD_EARNED_DISCOUNT_TAKEN) + _nil(use.c.ACCTD_UNEARNED_DISCOUNT_TAKEN)
        received = and_(use.c.APPLICATION_TYPE == CASH, use.c.STATUS == APPLIED)
        spent = use.c.APPLICATION_TYPE == "CM" if self._by_rows else use.c.PAYMENT_SCHEDULE_ID.is_not(None)
        parts: list[Query] = [
            select(
                use.c.APPLIED_PAYMENT_SCHEDULE_ID.label("schedule_id"),
                DayOf(use.c.GL_DATE).label("settled_on"),
                (_nil(use.c.ACCTD_AMOUNT_APPLIED_TO) + discounts).label("amount"),
                case((received, 1), else_=0).label("is_payment"),
            ).where(counts, use.c.APPLIED_PAYMENT_SCHEDULE_ID > 0),
            select(
                use.c.PAYMENT_SCHEDULE_ID, DayOf(use.c.GL_DATE), -_nil(use.c.ACCTD_AMOUNT_APPLIED_FROM), _NO
            ).where(counts, spent),
        ]
        if self.has(ADJUSTMENTS):
            other = self.tables("AR_ADJUSTMENTS_ALL")
            parts.append(
                select(
                    other.c.PAYMENT_SCHEDULE_ID, DayOf(other.c.GL_DATE), -_nil(other.c.ACCTD_AMOUNT), _NO
                ).where(*([other.c.STATUS == APPROVED] if "STATUS" in other.c else []))
            )
        return union_all(*parts).subquery("taken_off")

    # --- receipts ---

    def _receipts(self) -> Query:
        rest = self._unapplied()
        at_first = case((rest.c.settled_on <= rest.c.posting_date, -rest.c.amount), else_=0)
        shared = ("document", "account_id", "partner_id", "posting_date", "due_date")
        return select(
            rest.c.item_id,
            *[func.max(rest.c[name]).label(name) for name in shared],
            func.sum(at_first).label("amount"),
        ).group_by(rest.c.item_id)

    def _unapplied(self) -> Any:
        """Rows that add up to what receipts leave unapplied; ``amount`` is what each takes off the item."""
        schedule, use = (
            self.tables("AR_PAYMENT_SCHEDULES_ALL"),
            self.tables("AR_RECEIVABLE_APPLICATIONS_ALL"),
        )
        code = self.tables("GL_CODE_COMBINATIONS")
        return (
            select(
                _key("AR", use.c.PAYMENT_SCHEDULE_ID, code.c[self.account]).label("item_id"),
                schedule.c.TRX_NUMBER.label("document"),
                code.c[self.account].label("account_id"),
                _key("C", schedule.c.CUSTOMER_ID).label("partner_id"),
                DayOf(schedule.c.GL_DATE).label("posting_date"),
                DayOf(schedule.c.DUE_DATE).label("due_date"),
                DayOf(use.c.GL_DATE).label("settled_on"),
                _nil(use.c.ACCTD_AMOUNT_APPLIED_FROM).label("amount"),
            )
            .select_from(
                use.join(schedule, use.c.PAYMENT_SCHEDULE_ID == schedule.c.PAYMENT_SCHEDULE_ID).join(
                    code, use.c.CODE_COMBINATION_ID == code.c.CODE_COMBINATION_ID
                )
            )
            .where(
                self._ours(schedule),
                schedule.c.CLASS == RECEIPT,
                use.c.STATUS.in_(UNAPPLIED),
                _confirmed(use),
            )
            .subquery("unapplied")
        )

    # --- which rows ---

    def _ours(self, schedule: Any) -> ColumnElement[bool]:
        """Schedules of the operating units; those below nil are Oracle's own, such as "on account"."""
        return and_(schedule.c.ORG_ID.in_(self.orgs), schedule.c.PAYMENT_SCHEDULE_ID > 0)

    @property
    def _by_rows(self) -> bool:
        """Whether rows tell what receipts left unapplied on which account; else receipts are like others."""
        return self.has(RECEIVABLES_ACCOUNTS)

    def _is_transaction(self, schedule: Any) -> ColumnElement[bool]:
        others = (RECEIPT, NOT_READ) if self._by_rows else (NOT_READ,)
        return and_(self._ours(schedule), schedule.c.CLASS.not_in(others))


@dataclass(frozen=True)
class Payables:
    """AP of some operating units of a ledger, in its currency; ``account`` as in Receivables."""

    tables: Tables
    account: str
    ledger: int
    currency: str
    orgs: Sequence[int]
    has: Has

    def partners(self) -> Query:
        """Suppliers with invoices."""
        invoice = self.tables("AP_INVOICES_ALL")
        used = select(invoice.c.VENDOR_ID).where(self._counts(invoice), invoice.c.VENDOR_ID.is_not(None))
        if not self.has(PARTNER_NAMES):
            return _unnamed("S", used)
        supplier = self.tables("AP_SUPPLIERS")
        return select(
            _key("S", supplier.c.VENDOR_ID).label("partner_id"), supplier.c.VENDOR_NAME.label("name")
        ).where(supplier.c.VENDOR_ID.in_(used))

    def addresses(self) -> Query | None:
        """Of the sites of suppliers with invoices."""
        if not self.has(SUPPLIERS_MAIL):
            return None
        invoice, site = self.tables("AP_INVOICES_ALL"), self.tables("AP_SUPPLIER_SITES_ALL")
        used = select(invoice.c.VENDOR_ID).where(self._counts(invoice), invoice.c.VENDOR_ID.is_not(None))
        return select(
            _key("S", site.c.VENDOR_ID).label("partner_id"), site.c.EMAIL_ADDRESS.label("email")
        ).where(site.c.VENDOR_ID.in_(used), site.c.EMAIL_ADDRESS.is_not(None))

    def items(self) -> Query:
        """Instalments of invoices, credit positive turned debit positive."""
        part, code = self._instalments, self.tables("GL_CODE_COMBINATIONS")
        return select(
            part.c.item_id,
            part.c.document,
            code.c[self.account].label("account_id"),
            part.c.partner_id,
            part.c.posting_date,
            part.c.due_date,
            (self._worth(part, part.c.before) - self._worth(part, part.c.before + part.c.gross)).label(
                "amount"
            ),
        ).select_from(part.outerjoin(code, part.c.combination == code.c.CODE_COMBINATION_ID))

    def settlements(self) -> Query:
        """What was paid or taken off each instalment, by its share of the invoice's worth."""
        part, moved = self._instalments, self._moved()
        reached = part.c.before + moved.c.reached
        return select(
            part.c.item_id,
            moved.c.settled_on,
            (self._worth(part, reached - moved.c.amount) - self._worth(part, reached)).label("amount"),
            case((moved.c.kind == PAID, 1), else_=0).label("is_payment"),
        ).select_from(
            part.join(
                moved,
                and_(
                    part.c.invoice_id == moved.c.invoice_id,
                    part.c.instalment == moved.c.instalment,
                ),
            )
        )

    def _worth(self, part: Any, amount: ColumnElement[Any]) -> ColumnElement[Any]:
        """What the first ``amount`` of an invoice is worth in the ledger's currency."""
        exact = amount * _FRACTION * part.c.worth / part.c.invoiced
        return func.coalesce(func.round(exact, decimals(self.currency)), 0)

    @cached_property
    def _instalments(self) -> Any:
        """Schedules of the invoices that count, with what of the invoice comes before each."""
        invoice, part = self.tables("AP_INVOICES_ALL"), self.tables("AP_PAYMENT_SCHEDULES_ALL")
        cancelled = invoice.c.CANCELLED_DATE.is_not(None)
        first = func.row_number().over(partition_by=part.c.INVOICE_ID, order_by=part.c.PAYMENT_NUM)
        up_to = func.sum(part.c.GROSS_AMOUNT).over(
            partition_by=part.c.INVOICE_ID, order_by=part.c.PAYMENT_NUM, rows=(None, 0)
        )
        functional = invoice.c.INVOICE_CURRENCY_CODE == self.currency
        at_rate = invoice.c.INVOICE_AMOUNT * invoice.c.EXCHANGE_RATE
        came_to = func.coalesce(invoice.c.CANCELLED_AMOUNT, invoice.c.INVOICE_AMOUNT)
        return (
            select(
                _key("AP", part.c.INVOICE_ID, part.c.PAYMENT_NUM).label("item_id"),
                part.c.INVOICE_ID.label("invoice_id"),
                part.c.PAYMENT_NUM.label("instalment"),
                invoice.c.INVOICE_NUM.label("document"),
                invoice.c.ACCTS_PAY_CODE_COMBINATION_ID.label("combination"),
                _key("S", invoice.c.VENDOR_ID).label("partner_id"),
                DayOf(invoice.c.GL_DATE).label("posting_date"),
                DayOf(part.c.DUE_DATE).label("due_date"),
                DayOf(invoice.c.CANCELLED_DATE).label("cancelled_on"),
                case(
                    (and_(cancelled, first == 1), _nil(came_to)),
                    (cancelled, 0),
                    else_=_nil(part.c.GROSS_AMOUNT),
                ).label("gross"),
                case((cancelled, 0), else_=_nil(up_to - part.c.GROSS_AMOUNT)).label("before"),
                case(
                    (cancelled, came_to),
                    else_=func.sum(part.c.GROSS_AMOUNT).over(partition_by=part.c.INVOICE_ID),
                ).label("whole"),
                case(
                    (functional, 1),
                    (cancelled, invoice.c.EXCHANGE_RATE),
                    else_=func.coalesce(invoice.c.BASE_AMOUNT, at_rate),
                ).label("worth"),
                case((or_(functional, cancelled), 1), else_=func.nullif(invoice.c.INVOICE_AMOUNT, 0)).label(
                    "invoiced"
                ),
            )
            .select_from(part.join(invoice, part.c.INVOICE_ID == invoice.c.INVOICE_ID))
            .where(self._counts(invoice))
            .cte("instalments")
        )

    def _moved(self) -> Any:
        """What was taken off each instalment in the invoice's currency, and how much that came to so far."""
        deducted = [self._deducted()] if self.has(DEDUCTIONS) else []
        each = union_all(self._paid(), *deducted, self._cancelled()).subquery("each_move")
        reached = func.sum(each.c.amount).over(
            partition_by=[each.c.invoice_id, each.c.instalment],
            order_by=[each.c.settled_on, each.c.kind, each.c.move_id],
            rows=(None, 0),
        )
        return select(
            each.c.invoice_id,
            each.c.instalment,
            each.c.settled_on,
            each.c.kind,
            each.c.amount,
            reached.label("reached"),
        ).subquery("moved")

    def _paid(self) -> Query:
        """Payments with the discounts taken. A void one has a twin of the opposite sign on its own day."""
        paid = self.tables("AP_INVOICE_PAYMENTS_ALL")
        return select(
            paid.c.INVOICE_ID.label("invoice_id"),
            paid.c.PAYMENT_NUM.label("instalment"),
            DayOf(paid.c.ACCOUNTING_DATE).label("settled_on"),
            literal_column(str(PAID)).label("kind"),
            paid.c.INVOICE_PAYMENT_ID.label("move_id"),
            (_nil(paid.c.AMOUNT) + _nil(paid.c.DISCOUNT_TAKEN)).label("amount"),
        )

    def _deducted(self) -> Query:
        part, off = self._instalments, self.tables("AP_INVOICE_DISTRIBUTIONS_ALL")
        return (
            select(
                part.c.invoice_id,
                part.c.instalment,
                DayOf(off.c.ACCOUNTING_DATE),
                literal_column("2"),
                off.c.INVOICE_DISTRIBUTION_ID,
                -off.c.AMOUNT * _FRACTION * part.c.gross / part.c.whole,
            )
            .select_from(part.join(off, part.c.invoice_id == off.c.INVOICE_ID))
            .where(
                *([off.c.POSTED_FLAG == "Y"] if self.has(ACCOUNTED) else []),
                or_(
                    off.c.LINE_TYPE_LOOKUP_CODE.in_(DEDUCTED),
                    off.c.PREPAY_DISTRIBUTION_ID.is_not(None),
                ),
                func.coalesce(part.c.whole, 0) != 0,
            )
        )

    def _cancelled(self) -> Query:
        part = self._instalments
        return select(
            part.c.invoice_id,
            part.c.instalment,
            part.c.cancelled_on,
            literal_column("3"),
            literal_column("0"),
            part.c.gross,
        ).where(part.c.cancelled_on.is_not(None))

    def _counts(self, invoice: Any) -> ColumnElement[bool]:
        """Invoices that have been accounted for: others may be on hold, or be wrong."""
        mine = (invoice.c.SET_OF_BOOKS_ID == self.ledger, invoice.c.ORG_ID.in_(self.orgs))
        if not self.has(ACCOUNTED):
            return and_(*mine)
        booked = self.tables("AP_INVOICE_DISTRIBUTIONS_ALL", "accounted")
        return and_(
            *mine,
            invoice.c.INVOICE_ID.in_(select(booked.c.INVOICE_ID).where(booked.c.POSTED_FLAG == "Y")),
        )


def together(*parts: Query, name: str) -> Query:
    """All rows of all parts, as one select."""
    return select(union_all(*parts).subquery(name))


def _unnamed(kind: str, used: Query) -> Query:
    """Partners that go by their keys."""
    [key] = used.subquery("used").c
    return select(_key(kind, key).label("partner_id"), Text(key).label("name")).distinct()


def _confirmed(use: Any) -> ColumnElement[bool]:
    """Automatic receipts count once they are confirmed."""
    return func.coalesce(use.c.CONFIRMED_FLAG, "Y") == "Y"


def _nil(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(amount, 0)


def _key(kind: str, *parts: ColumnElement[Any]) -> ColumnElement[Any]:
    """An id of ours; null where its first part is."""
    texts: list[Any] = [literal_column(f"'{kind}'")]
    for part in parts:
        texts += [literal_column("':'"), Text(part)]
    return case((parts[0].is_not(None), Joined(*texts)))
