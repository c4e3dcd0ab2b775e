"""The history in ERPNext 15 or 14: ``tabGL Entry`` by voucher, receivables and payables in
``tabPayment Ledger Entry``, and a Period Closing Voucher by cost centre for every year but the last.

What must change nothing: cancelled vouchers (both the rows and those that reverse them), a closing voucher
that was cancelled, another finance book, a second company with the same voucher numbers, delinked rows of the
payment ledger, groups in the chart, cost centres on balance sheet accounts, further dimensions, one of which
is disabled and one without a column, fiscal years that are disabled or another company's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import (
    ACCOUNTS,
    CHART,
    COST_CENTRES,
    PARTNERS,
    RETAINED,
    Event,
    History,
    Line,
    Year,
    money,
)
from tests.support.scenario.tables import TableSet, Value

COMPANY: Final = "Hanse Trading GmbH"
OTHER: Final = "Another GmbH"
SETTINGS: Final[dict[str, str]] = {}
FOREIGN_AMOUNTS: Final = False
"""Its ledger is read in the currencies of accounts, and all of these are in the company's."""
MAPPING: Final = {
    "0500": "other_non_current_assets",
    "1500": "prepayments",
    "3000": "other_non_current_liabilities",
    "3100": "long_term_debt",
    "3150": "short_term_debt",
    "3400": "credit_cards",
    "4800": "other_income",
    "70*": "interest_income",
    "71*": "interest_expense",
    "7600": "income_tax",
}
"""What ERPNext's account types do not tell."""

_BOOK: Final = "Group reporting"
_TYPES: Final = {
    "0400": "Fixed Asset",
    "0410": "Accumulated Depreciation",
    "1000": "Bank",
    "1140": "Stock",
    "1200": "Receivable",
    "1400": "Tax",
    "2000": "Equity",
    "3300": "Payable",
    "3500": "Tax",
    "5000": "Cost of Goods Sold",
    "6900": "Depreciation",
}
_VOUCHERS: Final = {
    "SI": "Sales Invoice",
    "CN": "Sales Invoice",
    "PI": "Purchase Invoice",
    "RC": "Payment Entry",
    "PY": "Payment Entry",
}
_ROOTS: Final = (("Asset", "0", "2"), ("Equity", "2", "3"), ("Liability", "3", "4"), ("Income", "4", "5"),
                 ("Expense", "5", "8"))  # fmt: skip
"""Root types, and from which code to which."""
_INCOME_BEYOND: Final = ("7000",)

_DOC: Final = "name varchar(140), creation datetime(6), modified datetime(6), docstatus int(1) default 1"
_MONEY: Final = "decimal(21,9) default 0"
_TABLES: Final = {
    "tabGL Entry": "posting_date date, transaction_date date, fiscal_year varchar(140), due_date date, "
    "account varchar(140), account_currency varchar(140), against text, party_type varchar(140), "
    "party varchar(140), voucher_type varchar(140), voucher_no varchar(140), "
    f"against_voucher_type varchar(140), against_voucher varchar(140), debit_in_account_currency {_MONEY}, "
    f"debit {_MONEY}, credit_in_account_currency {_MONEY}, credit {_MONEY}, cost_center varchar(140), "
    "project varchar(140), finance_book varchar(140), company varchar(140), "
    "is_opening varchar(140) default 'No', is_cancelled int(1) default 0, remarks text, "
    "branch varchar(140)",
    "tabAccount": "disabled int(1) default 0, account_name varchar(140), account_number varchar(140), "
    "is_group int(1) default 0, company varchar(140), root_type varchar(140), report_type varchar(140), "
    "account_currency varchar(140), parent_account varchar(140), account_type varchar(140), lft int(11), "
    "rgt int(11)",
    "tabPayment Ledger Entry": "posting_date date, company varchar(140), account_type varchar(140), "
    "account varchar(140), party_type varchar(140), party varchar(140), due_date date, "
    "cost_center varchar(140), finance_book varchar(140), voucher_type varchar(140), "
    "voucher_no varchar(140), against_voucher_type varchar(140), against_voucher_no varchar(140), "
    f"amount {_MONEY}, account_currency varchar(140), amount_in_account_currency {_MONEY}, "
    "delinked int(1) default 0, remarks text",
    "tabCompany": "company_name varchar(140), abbr varchar(140), default_currency varchar(140), "
    "is_group int(1) default 0, parent_company varchar(140), default_finance_book varchar(140)",
    "tabFiscal Year": "year varchar(140), disabled int(1) default 0, is_short_year int(1) default 0, "
    "year_start_date date, year_end_date date",
    "tabFiscal Year Company": "company varchar(140), parent varchar(140), parenttype varchar(140)",
    "tabPeriod Closing Voucher": "transaction_date date, company varchar(140), fiscal_year varchar(140), "
    "closing_account_head varchar(140), remarks text",
    "tabAccount Closing Balance": "closing_date date, account varchar(140), cost_center varchar(140), "
    f"debit {_MONEY}, credit {_MONEY}, account_currency varchar(140), debit_in_account_currency {_MONEY}, "
    f"credit_in_account_currency {_MONEY}, project varchar(140), company varchar(140), "
    "finance_book varchar(140), period_closing_voucher varchar(140), "
    "is_period_closing_voucher_entry int(1) default 0",
    "tabCost Center": "cost_center_name varchar(140), cost_center_number varchar(140), "
    "parent_cost_center varchar(140), company varchar(140), is_group int(1) default 0, "
    "disabled int(1) default 0, lft int(11), rgt int(11)",
    "tabProject": "project_name varchar(140), company varchar(140), status varchar(140)",
    "tabAccounting Dimension": "document_type varchar(140), label varchar(140), fieldname varchar(140), "
    "disabled int(1) default 0",
    "tabFinance Book": "finance_book_name varchar(140)",
    "tabCurrency Exchange": "date date, from_currency varchar(140), to_currency varchar(140), "
    f"exchange_rate {_MONEY}, for_buying int(1) default 1, for_selling int(1) default 1",
    "tabCustomer": "customer_name varchar(140), represents_company varchar(140)",
    "tabSupplier": "supplier_name varchar(140), represents_company varchar(140)",
}
_OF_15: Final = {
    "tabGL Entry": f"transaction_currency varchar(140), debit_in_transaction_currency {_MONEY}, "
    f"credit_in_transaction_currency {_MONEY}",
    "tabPeriod Closing Voucher": "period_start_date date, period_end_date date",
}
_OF_14: Final = {"tabPeriod Closing Voucher": "posting_date date, year_start_date date"}


def write(history: History, version: str = "15") -> TableSet:
    """The books."""
    return _Writer(history, version).written()


class _Writer:
    def __init__(self, history: History, version: str) -> None:
        self._history, self._version = history, version
        self._tables = TableSet()
        self._entries = self._rows = 0

    def written(self) -> TableSet:
        more = _OF_15 if self._version == "15" else _OF_14
        for name, columns in _TABLES.items():
            self._tables.table(name, ", ".join(filter(None, (_DOC, columns, more.get(name)))))
        for company in (COMPANY, OTHER):
            self._company(company)
        self._people_and_rates()
        for event in self._history.events:
            self._voucher(event, COMPANY)
            self._subledger(event, COMPANY)
        for year in self._history.years[:-1]:
            self._close(year)
        self._traps()
        return self._tables

    # --- master data ---

    def _company(self, company: str) -> None:
        add, currency = self._tables.add, self._history.currency
        abbreviation = _abbreviation(company)
        add("tabCompany", name=company, company_name=company, abbr=abbreviation, default_currency=currency)
        groups = {root: [a.code for a in CHART if _root(a.code) == root] for root, *_ in _ROOTS}
        place = 0
        for root, codes in groups.items():
            place += 1
            group, first = f"{root}s - {abbreviation}", place
            for code in codes:
                kind = {"root_type": root, "account_type": _TYPES.get(code, ""), "parent_account": group}
                add("tabAccount", name=_account(code, company), account_name=ACCOUNTS[code].name,
                    account_number=code, company=company, lft=place + 1, rgt=place + 2, **kind)  # fmt: skip
                place += 2
            place += 1
            add("tabAccount", name=group, account_name=f"{root}s", is_group=1, company=company,
                root_type=root, account_type="", lft=first, rgt=place)  # fmt: skip
        top = f"{company} - {abbreviation}"
        add("tabCost Center", name=top, cost_center_name=company, is_group=1, company=company, lft=1, rgt=99)
        for number, code in enumerate(COST_CENTRES):
            add("tabCost Center", name=_centre(code, company), cost_center_name=COST_CENTRES[code],
                cost_center_number=code, parent_cost_center=top, company=company,
                lft=2 * number + 2, rgt=2 * number + 3)  # fmt: skip

    def _people_and_rates(self) -> None:
        add = self._tables.add
        for field_name, disabled in (("branch", 0), ("department", 0), ("remarks", 1)):
            add("tabAccounting Dimension", name=field_name.title(), document_type=field_name.title(),
                label=field_name.title(), fieldname=field_name, disabled=disabled)  # fmt: skip
        add("tabProject", name="PRJ-1", project_name="A project", company=COMPANY, status="Open")
        for year in self._history.years:
            name = _year_name(year)
            add("tabFiscal Year", name=name, year=name, year_start_date=year.start, year_end_date=year.end)
        for name, disabled, firm in (("Old", 1, None), ("Theirs", 0, OTHER)):
            add("tabFiscal Year", name=name, year=name, disabled=disabled,
                year_start_date=date(2030, 7, 1), year_end_date=date(2031, 6, 30))  # fmt: skip
            if firm:
                add("tabFiscal Year Company", name=f"fyc-{name}", company=firm, parent=name,
                    parenttype="Fiscal Year")  # fmt: skip
        for partner in PARTNERS:
            if partner.role == "customer":
                add("tabCustomer", name=partner.key, customer_name=partner.name)
            else:
                add("tabSupplier", name=partner.key, supplier_name=partner.name)
        for rate in self._history.rates:
            name = f"{rate.day}-{rate.currency}"
            add("tabCurrency Exchange", name=name, date=rate.day, from_currency=rate.currency,
                to_currency=self._history.currency, exchange_rate=rate.per_unit)  # fmt: skip

    # --- vouchers ---

    def _voucher(self, event: Event, company: str, **more: Value) -> None:
        against = event.settles[0].document if event.settles else None
        for line in event.split():
            control = event.control is not None and line.account == event.control.account
            centre = line.centres[0][0] if line.centres else "200" if line.account < "4000" else None
            party: dict[str, Value] = {}
            if control and event.partner:
                party = {"party_type": event.partner.role.capitalize(), "party": event.partner.key,
                         "due_date": event.due, "against_voucher": against or event.document,
                         "against_voucher_type": _kind(against or event.document)}  # fmt: skip
            row: dict[str, Value] = {
                "voucher_type": _kind(event.document),
                "voucher_no": event.document,
                "posting_date": event.day,
                "cost_center": _centre(centre, company) if centre else None,
                "remarks": event.text,
                "branch": 'The "Nord"' if line.account == "4000" else "",
                "project": "PRJ-1" if line.account == "4010" else None,
                **self._in_its_currency(event, line),
                **party,
                **more,
            }
            self._gl(line.account, line.cents, company, event.entered, row)

    def _gl(self, account: str, cents: int, company: str, entered: date, row: dict[str, Value]) -> None:
        self._entries += 1
        debit, credit = money(max(cents, 0)), money(max(-cents, 0))
        typed = datetime.combine(entered, time(23, 59, 59))
        given: dict[str, Value] = {
            "name": f"gle-{self._entries:06d}",
            "creation": typed,
            "modified": typed,
            "company": company,
            "account": _account(account, company),
            "account_currency": self._history.currency,
            "debit": debit,
            "credit": credit,
            "debit_in_account_currency": debit,
            "credit_in_account_currency": credit,
            **row,
        }
        self._tables.add("tabGL Entry", **given)

    def _in_its_currency(self, event: Event, line: Line) -> dict[str, Value]:
        if self._version == "14":
            return {}
        return {
            "transaction_currency": event.currency,
            "debit_in_transaction_currency": max(line.document_amount, Decimal(0)),
            "credit_in_transaction_currency": max(-line.document_amount, Decimal(0)),
        }

    def _subledger(self, event: Event, company: str, **more: Value) -> None:
        """What the voucher takes off others, and what it leaves of its own."""
        if event.control is None:
            return
        turned = 1 if event.side == "receivable" else -1
        rows = [
            (settled.document, settled.cents * (1 if event.control.cents > 0 else -1))
            for settled in event.settles
        ]
        rows += [(event.document, event.left_open)] if event.left_open else []
        for against, cents in rows:
            own = against == event.document and not event.settles
            self._ple(event, company, against, turned * cents, due_date=event.due if own else None, **more)

    def _ple(self, event: Event, company: str, against: str, cents: int, **more: Value) -> None:
        assert event.control and event.partner and event.side
        self._rows += 1
        given: dict[str, Value] = {
            "name": f"ple-{self._rows:06d}",
            "posting_date": event.day,
            "company": company,
            "account_type": event.side.capitalize(),
            "account": _account(event.control.account, company),
            "party_type": event.partner.role.capitalize(),
            "party": event.partner.key,
            "voucher_type": _kind(event.document),
            "voucher_no": event.document,
            "against_voucher_type": _kind(against),
            "against_voucher_no": against,
            "amount": money(cents),
            "amount_in_account_currency": money(cents),
            "account_currency": self._history.currency,
            **more,
        }
        self._tables.add("tabPayment Ledger Entry", **given)

    # --- year ends ---

    def _close(self, year: Year, cancelled: bool = False) -> None:
        """A closing voucher takes every result to nil, by cost centre, into retained earnings."""
        number = f"ACC-PCV-{year.name}-{'C' if cancelled else '1'}"
        spans = {"period_start_date": year.start, "period_end_date": year.end}
        if self._version == "14":
            spans = {"posting_date": year.end, "year_start_date": year.start}
        self._tables.add(
            "tabPeriod Closing Voucher", name=number, docstatus=2 if cancelled else 1, company=COMPANY,
            transaction_date=year.end, fiscal_year=_year_name(year),
            closing_account_head=_account(RETAINED, COMPANY), **spans,
        )  # fmt: skip
        results: dict[tuple[str, str | None], int] = defaultdict(int)
        for event in self._history.events:
            if year.start <= event.day <= year.end:
                for line in event.split():
                    if ACCOUNTS[line.account].is_result:
                        results[line.account, line.centres[0][0] if line.centres else None] += line.cents
        moved: dict[str | None, int] = defaultdict(int)
        for (_, centre), cents in results.items():
            moved[centre] += cents
        rows = [(account, centre, -cents) for (account, centre), cents in results.items()]
        rows += [(RETAINED, centre, cents) for centre, cents in moved.items()]
        for turned in (1, -1) if cancelled else (1,):
            self._closing_rows(number, year, rows, turned, cancelled)
        if not cancelled:
            self._closing_balance(number, year)

    def _closing_rows(
        self,
        number: str,
        year: Year,
        rows: Iterable[tuple[str, str | None, int]],
        turned: int,
        cancelled: bool,
    ) -> None:
        for account, centre, cents in rows:
            row: dict[str, Value] = {
                "voucher_type": "Period Closing Voucher",
                "voucher_no": number,
                "posting_date": year.end,
                "cost_center": _centre(centre, COMPANY) if centre else None,
                "is_cancelled": int(cancelled),
                "fiscal_year": _year_name(year),
            }
            self._gl(account, turned * cents, COMPANY, year.end + timedelta(20), row)

    def _closing_balance(self, number: str, year: Year) -> None:
        """What ERPNext itself keeps of a closed year: balances of all years up to it, results at nil."""
        totals: dict[str, int] = defaultdict(int)
        for event in self._history.events:
            if event.day <= year.end:
                for line in event.lines:
                    place = RETAINED if ACCOUNTS[line.account].is_result else line.account
                    totals[place] += line.cents
        for place, cents in totals.items():
            debit, credit = money(max(cents, 0)), money(max(-cents, 0))
            self._tables.add(
                "tabAccount Closing Balance", name=f"acb-{number}-{place}", closing_date=year.end,
                account=_account(place, COMPANY), company=COMPANY, debit=debit, credit=credit,
                account_currency=self._history.currency, debit_in_account_currency=debit,
                credit_in_account_currency=credit, period_closing_voucher=number,
            )  # fmt: skip

    # --- what must change nothing ---

    def _traps(self) -> None:
        events = self._history.events
        for event in events[3:200:7]:
            self._voucher(event, OTHER)
            self._subledger(event, OTHER)
        sale = next(event for event in events if event.kind == "sale" and len(event.lines) > 2)
        back = [Line(x.account, -x.cents, -x.document_amount, x.centres) for x in sale.lines]
        turned = replace(sale, lines=tuple(back))
        for event in (sale, turned):
            self._voucher(event, COMPANY, voucher_no="SI-CANCELLED", is_cancelled=1)
        self._subledger(
            sale, COMPANY, voucher_no="SI-CANCELLED", against_voucher_no="SI-CANCELLED", delinked=1
        )
        self._voucher(sale, COMPANY, voucher_no="JE-BOOK", finance_book=_BOOK)
        self._tables.add("tabFinance Book", name=_BOOK, finance_book_name=_BOOK)
        self._close(self._history.years[0], cancelled=True)


def _kind(document: str) -> str:
    return _VOUCHERS.get(document.split("-")[0], "Journal Entry")


def _abbreviation(company: str) -> str:
    return "".join(word[0] for word in company.split())


def _account(code: str, company: str) -> str:
    return f"{code} - {ACCOUNTS[code].name} - {_abbreviation(company)}"


def _centre(code: str, company: str) -> str:
    return f"{code} - {COST_CENTRES[code]} - {_abbreviation(company)}"


def _root(code: str) -> str:
    if code in _INCOME_BEYOND:
        return "Income"
    return next(root for root, first, end in _ROOTS if first <= code < end)


def _year_name(year: Year) -> str:
    return str(year.name) if year.start.month == 1 else f"{year.start.year}-{year.end.year}"
