"""The history in Odoo 15, 16, 17 or 18: one ``account_move`` per event, analytics by distribution, and an
exchange difference as an entry of its own, as Odoo books it. Odoo writes no closing entries.

What must change nothing: drafts, cancelled entries, lines that are sections or notes, a posted entry and its
reversal, lines of nil, an entry off the balance sheet, a second company with the same numbers and currencies,
and a second analytic plan.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import (
    CHART,
    COST_CENTRES,
    PARTNERS,
    RECEIVABLE,
    Event,
    History,
    Line,
    money,
)
from tests.support.scenario.tables import TableSet, Value

COMPANY: Final = "Hanse Trading GmbH"
SETTINGS: Final[dict[str, str]] = {}
MAPPING: Final = {
    "1140": "inventory",
    "30*": "other_non_current_liabilities",
    "3150": "short_term_debt",
    "7000": "interest_income",
    "7100": "interest_expense",
    "7600": "income_tax",
}
"""What Odoo's account types do not tell."""

_FIRM, _OTHER = 3, 1
_BANK: Final = 50
"""What the number of a company's journal of its bank is more than that of its other one."""
_PLAN_NAMES = {1: "Cost centres", 2: "Projects"}
_CENTRES: Final = {code: 20 + place for place, code in enumerate(COST_CENTRES)}
_PROJECT: Final = 50
_TYPES: Final = {
    "04": "asset_fixed",
    "05": "asset_non_current",
    "1000": "asset_cash",
    "11": "asset_current",
    "1200": "asset_receivable",
    "14": "asset_current",
    "15": "asset_prepayments",
    "20": "equity",
    "21": "equity_unaffected",
    "30": "liability_non_current",
    "31": "liability_non_current",
    "3150": "liability_current",
    "33": "liability_payable",
    "34": "liability_credit_card",
    "3": "liability_current",
    "4": "income",
    "48": "income_other",
    "5": "expense_direct_cost",
    "6": "expense",
    "69": "expense_depreciation",
    "7": "expense",
    "70": "income_other",
    "9": "off_balance",
}
"""By the beginning of the code; the longest one counts."""
_TYPE_NAMES_IN_15: Final = {
    "asset_receivable": "Receivable",
    "asset_cash": "Bank and Cash",
    "asset_current": "Current Assets",
    "asset_non_current": "Non-current Assets",
    "asset_prepayments": "Prepayments",
    "asset_fixed": "Fixed Assets",
    "liability_payable": "Payable",
    "liability_credit_card": "Credit Card",
    "liability_current": "Current Liabilities",
    "liability_non_current": "Non-current Liabilities",
    "equity": "Equity",
    "equity_unaffected": "Current Year Earnings",
    "income": "Income",
    "income_other": "Other Income",
    "expense": "Expenses",
    "expense_depreciation": "Depreciation",
    "expense_direct_cost": "Cost of Revenue",
    "off_balance": "Off-Balance Sheet",
}
_OFF_BALANCE: Final = ("9000", "Guarantees given", "off_balance")

_STAMPS: Final = "create_uid integer, write_uid integer, create_date timestamp, write_date timestamp"
_TABLES: Final = {
    "account_move": "id integer, journal_id integer, company_id integer, partner_id integer, "
    "currency_id integer, reversed_entry_id integer, name varchar, ref varchar, state varchar, "
    "move_type varchar, payment_state varchar, date date, invoice_date date, invoice_date_due date, "
    "amount_total numeric, amount_residual numeric",
    "account_move_line": "id integer, move_id integer, journal_id integer, company_id integer, "
    "company_currency_id integer, sequence integer, account_id integer, currency_id integer, "
    "partner_id integer, full_reconcile_id integer, move_name varchar, parent_state varchar, ref varchar, "
    "name varchar, display_type varchar, date date, date_maturity date, debit numeric, credit numeric, "
    "balance numeric, amount_currency numeric, amount_residual numeric, reconciled boolean",
    "account_account": "id integer, currency_id integer, reconcile boolean, deprecated boolean",
    "account_journal": "id integer, company_id integer, code varchar, type varchar",
    "account_partial_reconcile": "id integer, debit_move_id integer, credit_move_id integer, "
    "full_reconcile_id integer, exchange_move_id integer, company_id integer, max_date date, "
    "amount numeric, debit_amount_currency numeric, credit_amount_currency numeric",
    "res_company": "id integer, name varchar, partner_id integer, currency_id integer, parent_id integer, "
    "account_opening_move_id integer, fiscalyear_last_day integer, fiscalyear_last_month varchar",
    "res_currency": "id integer, name varchar, symbol varchar, decimal_places integer, rounding numeric",
    "res_currency_rate": "id integer, currency_id integer, company_id integer, name date, rate numeric",
    "res_partner": "id integer, company_id integer, name varchar, commercial_partner_id integer",
    "account_analytic_account": "id integer, company_id integer, code varchar, active boolean",
}
"""Columns of all versions; ``_more`` adds those of one."""


def write(history: History, version: str = "17") -> TableSet:
    """The books."""
    return _Writer(history, int(version)).written()


class _Writer:
    def __init__(self, history: History, version: int) -> None:
        self._history, self._version = history, version
        self._tables = TableSet()
        self._currencies = {
            code: number for number, code in enumerate((history.currency, *history.foreign), 1)
        }
        self._accounts = {(_FIRM, account.code): 100 + n for n, account in enumerate(CHART)}
        self._accounts |= {(_OTHER, account.code): 300 + n for n, account in enumerate(CHART)}
        self._accounts[_FIRM, _OFF_BALANCE[0]] = 199
        self._moves = self._lines = self._parts = 0
        self._controls: dict[str, int] = {}
        """Ids of the lines on control accounts, by document."""

    def written(self) -> TableSet:
        for name, columns in _TABLES.items():
            self._tables.table(name, f"{columns}, {self._more(name)}{_STAMPS}")
        self._set_up()
        self._chart()
        self._people_and_rates()
        for event in self._history.events:
            self._event(event)
        self._traps()
        return self._tables

    def _more(self, table: str) -> str:
        """Columns that depend on the version, each with a comma behind."""
        version = self._version
        name = "varchar" if version == 15 else "jsonb"
        own = "" if version == 18 else "code varchar, company_id integer, internal_group varchar, "
        return {
            "account_move_line": "analytic_account_id integer, "
            if version == 15
            else "analytic_distribution jsonb, ",
            "account_account": f"name {name}, {own}"
            + ("user_type_id integer, " if version == 15 else "account_type varchar, ")
            + ("code_store jsonb, " if version == 18 else ""),
            "account_journal": f"name {name}, ",
            "account_analytic_account": f"name {'varchar' if version == 15 else 'jsonb'}, "
            + ("group_id integer, " if version == 15 else "plan_id integer, "),
            "res_partner": "complete_name varchar, " if version > 16 else "display_name varchar, ",
            "res_company": "parent_path varchar, " if version > 16 else "",
        }.get(table, "")

    # --- master data ---

    def _set_up(self) -> None:
        add, history = self._tables.add, self._history
        last = history.years[-1].end
        for number, name in ((_OTHER, "Another GmbH"), (_FIRM, COMPANY)):
            path = {"parent_path": f"{number}/"} if self._version > 16 else {}
            add("res_company", id=number, name=name, currency_id=1, partner_id=900 + number,
                fiscalyear_last_day=last.day, fiscalyear_last_month=str(last.month), **path)  # fmt: skip
            for journal, code, kind in ((number, "MISC", "general"), (_BANK + number, "BNK1", "bank")):
                add("account_journal", id=journal, company_id=number, code=code, type=kind,
                    name=self._text("Entries"))  # fmt: skip
        for code, number in self._currencies.items():
            add("res_currency", id=number, name=code, decimal_places=0 if code == "JPY" else 2)
        if self._version > 15:
            kind = "varchar" if self._version == 16 else "jsonb"
            self._tables.table(
                "account_analytic_plan", f"id integer, parent_id integer, name {kind}, {_STAMPS}"
            )
            for number, name in _PLAN_NAMES.items():
                text = name if self._version == 16 else self._text(name)
                add("account_analytic_plan", id=number, name=text)
        values = [(number, code, COST_CENTRES[code], 1) for code, number in _CENTRES.items()]
        for number, code, name, plan in (*values, (_PROJECT, "P1", "A project", 2)):
            plans = {"plan_id": plan} if self._version > 15 else {"group_id": None}
            add("account_analytic_account", id=number, code=code, name=self._text(name), active=True, **plans)

    def _chart(self) -> None:
        kinds = sorted(set(_TYPES.values()))
        if self._version == 15:
            self._tables.table("account_account_type", f"id integer, name varchar, type varchar, {_STAMPS}")
            for number, kind in enumerate(kinds):
                self._tables.add("account_account_type", id=number, name=_TYPE_NAMES_IN_15[kind])
        if self._version == 18:
            self._tables.table(
                "account_account_res_company_rel", "account_account_id integer, res_company_id integer"
            )
        names = {**{account.code: account.name for account in CHART}, _OFF_BALANCE[0]: _OFF_BALANCE[1]}
        for (company, code), number in self._accounts.items():
            kind = _TYPES[max((start for start in _TYPES if code.startswith(start)), key=len)]
            typed: dict[str, Value] = {"account_type": kind}
            if self._version == 15:
                typed = {"user_type_id": kinds.index(kind)}
            owned: dict[str, Value] = {"code": code, "company_id": company, "internal_group": kind}
            if self._version == 18:
                owned = {"code_store": json.dumps({str(company): code})}
                self._tables.add(
                    "account_account_res_company_rel", account_account_id=number, res_company_id=company
                )
            self._tables.add(
                "account_account", id=number, name=self._text(names[code]), **typed, **owned
            )  # fmt: skip

    def _people_and_rates(self) -> None:
        full = "complete_name" if self._version > 16 else "display_name"
        for number, partner in enumerate(PARTNERS, 10):
            self._tables.add("res_partner", id=number, name=partner.name, **{full: partner.name})
        for number, rate in enumerate(self._history.rates):
            per_unit = round(1 / rate.per_unit, 12)
            self._tables.add("res_currency_rate", id=number, currency_id=self._currencies[rate.currency],
                             company_id=_FIRM, name=rate.day, rate=per_unit)  # fmt: skip

    # --- entries ---

    def _event(self, event: Event) -> None:
        lines = list(event.split() if self._version == 15 else event.lines)
        difference = [line for line in lines if event.settles and line.account in ("4800", "6500")]
        if not difference:
            self._entry(event, lines)
            self._settle(event)
            return
        # The payment is booked at its own value, and what that differs from the invoice's apart from it.
        [result], control = difference, event.control
        assert control
        paid = Line(control.account, control.cents + result.cents, control.document_amount)
        money_line = next(line for line in lines if line.account == "1000")
        self._entry(event, [money_line, paid])
        balancing = Line(control.account, -result.cents, Decimal(0))
        exchange = self._entry(event, [balancing, result], name=f"EXCH-{event.document}")
        own, other = self._controls[event.document], exchange[0]
        invoice = self._controls[event.settles[0].document]
        # Of the invoice all, of the payment at most its own value; the rest by the exchange entry.
        booked = event.settles[0].cents
        self._match(event.day, invoice, own, min(booked, abs(paid.cents)), owed=-control.cents)
        if abs(paid.cents) > booked:
            self._match(event.day, other, own, abs(result.cents), owed=-control.cents)
        else:
            self._match(event.day, invoice, other, abs(result.cents), owed=-control.cents)

    def _settle(self, event: Event) -> None:
        assert event.control or not event.settles
        for settled in event.settles:
            invoice, own = self._controls[settled.document], self._controls[event.document]
            owed = -event.control.cents if event.control else 0
            self._match(event.day, invoice, own, settled.cents, owed)

    def _match(self, day: date, invoice: int, other: int, cents: int, owed: int) -> None:
        """``owed`` is positive where ``invoice`` is a debit."""
        self._parts += 1
        debit, credit = (invoice, other) if owed > 0 else (other, invoice)
        self._tables.add(
            "account_partial_reconcile", id=self._parts, debit_move_id=debit, credit_move_id=credit,
            company_id=_FIRM, max_date=day, amount=money(cents),
        )  # fmt: skip

    def _entry(
        self,
        event: Event,
        lines: list[Line],
        name: str | None = None,
        company: int = _FIRM,
        state: str = "posted",
    ) -> list[int]:
        """An entry; the ids of its lines."""
        self._moves += 1
        typed = datetime.combine(event.entered, time(23, 59))
        currency = self._currencies[event.currency]
        self._tables.add(
            "account_move", id=self._moves, journal_id=_journal(event, name, company), company_id=company,
            currency_id=currency,
            name=name or event.document, state=state, date=event.day, move_type="entry",
            create_date=typed, write_date=typed,
        )  # fmt: skip
        made = [
            self._line(event, line, name or event.document, company, state, currency, typed) for line in lines
        ]
        control = [
            number
            for number, line in zip(made, lines, strict=True)
            if event.control and line.account == event.control.account
        ]
        if company == _FIRM and name is None and control:
            self._controls[event.document] = control[0]
        return made

    def _line(
        self, event: Event, line: Line, name: str, company: int, state: str, currency: int, typed: datetime
    ) -> int:
        self._lines += 1
        control = event.control is not None and line.account == event.control.account
        partner = 10 + PARTNERS.index(event.partner) if event.partner else None
        self._tables.add(
            "account_move_line",
            id=self._lines,
            move_id=self._moves,
            journal_id=_journal(event, name, company),
            company_id=company,
            company_currency_id=1,
            account_id=self._accounts[company, line.account],
            currency_id=currency,
            partner_id=partner,
            move_name=name,
            parent_state=state,
            name=event.text,
            display_type="payment_term" if control else "product",
            date=event.day,
            date_maturity=event.due if control else None,
            debit=max(line.amount, Decimal(0)),
            credit=max(-line.amount, Decimal(0)),
            balance=line.amount,
            amount_currency=line.document_amount,
            create_date=typed,
            write_date=typed,
            **self._analytics(line),
        )
        return self._lines

    def _analytics(self, line: Line) -> dict[str, Value]:
        if self._version == 15:
            return {"analytic_account_id": _CENTRES[line.centres[0][0]] if line.centres else None}
        shares = {str(_CENTRES[centre]): float(percent) for centre, percent in line.centres}
        if line.account == "4010" and self._version == 16:
            shares[str(_PROJECT)] = 100.0
        elif line.account == "4010":
            shares = {f"{centre},{_PROJECT}": percent for centre, percent in shares.items()}
        return {"analytic_distribution": json.dumps(shares) if shares else None}

    # --- what must change nothing ---

    def _traps(self) -> None:
        events = self._history.events
        for event in events[3:200:7]:
            self._entry(event, list(event.lines), company=_OTHER)
        sale = next(event for event in events if event.kind == "sale" and len(event.lines) > 2)
        self._entry(sale, list(sale.lines), name="/", state="draft")
        self._entry(sale, list(sale.lines), name="GONE", state="cancel")
        self._back_and_forth(sale)
        for kind in ("line_section", "line_note"):
            self._tables.add(
                "account_move_line", id=self._next(), move_id=1, journal_id=_FIRM, company_id=_FIRM,
                parent_state="posted", name="Words", display_type=kind, date=events[0].day,
                debit=0, credit=0, balance=0, amount_currency=0,
            )  # fmt: skip
        nil = Line("6300", 0, Decimal(0), (("100", 100),))
        self._entry(sale, [nil], name="NIL")
        off = [Line(_OFF_BALANCE[0], cents, money(cents)) for cents in (77_700, -77_700)]
        self._entry(sale, off, name="GUARANTEE")

    def _back_and_forth(self, sale: Event) -> None:
        """An invoice and its reversal, matched with each other."""
        there = self._entry(sale, list(sale.lines), name="WRONG")
        turned = [Line(x.account, -x.cents, -x.document_amount, x.centres) for x in sale.lines]
        back = self._entry(sale, turned, name="RWRONG")
        place = next(n for n, line in enumerate(sale.lines) if line.account == RECEIVABLE)
        owed = sale.lines[place].cents
        self._match(sale.day, there[place], back[place], owed, owed)

    def _next(self) -> int:
        self._lines += 1
        return self._lines

    def _text(self, text: str) -> str:
        return text if self._version == 15 else json.dumps({"en_US": text, "de_DE": f"{text} (de)"})


def _journal(event: Event, name: str | None, company: int) -> int:
    """Payments are in the journal of a company's bank, and what balances them in the other one."""
    is_payment = event.kind in ("receipt", "payment") and name in (None, event.document)
    return company + _BANK if is_payment else company
