"""The history in Axelor 8: one ``account_move`` per event, reconciled line by line, analytics by axis, and at
the end of every year but the last the moves by which Axelor closes it. As its batch does, each balance,
results too, goes out of the year through one special account; what is on the balance sheet comes into the
next through another, and so does the result as one sum. Or the result was brought into equity by hand before.

What must change nothing: moves that are new, cancelled, simulated or to be ignored; the copies in
``account_id``, ``partner_id`` and ``account_code``; a second company with the same references; drafts and
cancelled ones among the reconciliations; forecast analytic lines and a second axis; commitments; civil years.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import (
    ACCOUNTS,
    CHART,
    CONTROL,
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
SETTINGS: Final[dict[str, str]] = {}
MAPPING: Final = {
    "0500": "other_non_current_assets",
    "1140": "inventory",
    "1400": "other_current_assets",
    "1500": "prepayments",
    "2100": "retained_earnings",
    "3100": "long_term_debt",
    "3150": "short_term_debt",
    "34*": "credit_cards",
    "4800": "other_income",
    "5000-5999": "cost_of_sales",
    "6900": "depreciation",
    "7000": "interest_income",
    "7100": "interest_expense",
    "7600": "income_tax",
}
"""What Axelor's account types do not tell."""

_FIRM, _OTHER = 2, 1
_AXES: Final = {"CC": dict(COST_CENTRES), "PRJ": {"P1": "A project"}}
_TYPES: Final = (
    *("asset", "cash", "commitment", "currentAsset", "debt", "equity", "charge", "immobilisation", "income"),
    *("payable", "provision", "receivable", "special", "tax", "view"),
)
_KINDS: Final = {
    "04": "immobilisation",
    "05": "asset",
    "10": "cash",
    "11": "currentAsset",
    "12": "receivable",
    "14": "tax",
    "15": "currentAsset",
    "2": "equity",
    "30": "provision",
    "3": "debt",
    "33": "payable",
    "35": "tax",
    "4": "income",
    "5": "charge",
    "6": "charge",
    "7": "charge",
    "70": "income",
}
"""Technical types by the beginning of the code; the longest one counts."""
_BESIDE: Final = {"890": "special", "891": "special", "801": "commitment", "0": "view"}
_OPENING, _CLOSED, _COMMITTED = "890", "891", "801"
_NOTHING: Final[dict[str, Value]] = {}
_ORIGINS: Final = {"SI": 3, "CN": 3, "PI": 4, "RC": 5, "PY": 5}
_OPENS, _CLOSES = 1, 2
"""Of a move's functional origin."""
_NEW, _DAYBOOK, _ACCOUNTED, _CANCELLED, _SIMULATED = 1, 2, 3, 4, 5

_HEAD: Final = "id bigint, version integer, created_on timestamp, updated_on timestamp, archived boolean"
_AMOUNT: Final = "numeric(20,3)"
_TABLES: Final = {
    "account_account": "name varchar(255), code varchar(255), parent_account bigint, account_type bigint, "
    "reconcile_ok boolean, company bigint, status_select integer",
    "account_account_type": "technical_type_select varchar(255), name varchar(255)",
    "account_move": "journal bigint, period bigint, date_val date, reference varchar(255), partner bigint, "
    "company bigint, status_select integer, company_currency bigint, currency bigint, "
    "ignore_in_accounting_ok boolean, accounting_date date, adjusting_move boolean, "
    "auto_year_closure_move boolean, functional_origin_select integer, description varchar(255)",
    "account_move_line": "move bigint, partner bigint, account bigint, date_val date, due_date date, "
    f"counter integer, debit {_AMOUNT}, credit {_AMOUNT}, description varchar(255), amount_paid {_AMOUNT}, "
    f"currency_rate numeric(20,6), currency_amount {_AMOUNT}, account_code varchar(255), "
    "account_name varchar(255), partner_full_name varchar(255), partner_id bigint, account_id bigint, "
    f"name varchar(255), amount_remaining {_AMOUNT}, accounting_date date, axis1_analytic_account bigint, "
    "company_code varchar(255), currency_code varchar(255)",
    "account_journal": "code varchar(255), name varchar(255), company bigint",
    "account_reconcile": "company bigint, amount numeric(20,2), debit_move_line bigint, "
    "credit_move_line bigint, status_select integer, reconciliation_date_time timestamp, effective_date date",
    "account_analytic_account": "code varchar(255), name varchar(255), analytic_axis bigint, parent bigint, "
    "company bigint, status_select integer",
    "account_analytic_axis": "code varchar(255), name varchar(255), company bigint",
    "account_analytic_move_line": "move_line bigint, analytic_axis bigint, analytic_account bigint, "
    f"percentage numeric(20,2), amount {_AMOUNT}, date_val date, account bigint, type_select integer",
    "account_invoice_term": f"due_date date, amount {_AMOUNT}, company_amount {_AMOUNT}, is_paid boolean, "
    "move_line bigint, percentage numeric(20,2)",
    "base_company": "name varchar(255), code varchar(255), partner bigint, parent bigint, currency bigint",
    "base_currency": "name varchar(255), code varchar(255), code_iso varchar(255), "
    "number_of_decimals integer",
    "base_currency_conversion_line": "start_currency bigint, end_currency bigint, "
    "exchange_rate numeric(20,6), from_date date, to_date date",
    "base_partner": "partner_seq varchar(255), name varchar(255), full_name varchar(255), "
    "simple_full_name varchar(255), is_customer boolean, is_supplier boolean, is_contact boolean, "
    "main_partner bigint, email_address bigint",
    "base_period": "name varchar(255), code varchar(255), year bigint, from_date date, to_date date, "
    "status_select integer",
    "base_year": "name varchar(255), code varchar(255), from_date date, to_date date, company bigint, "
    "status_select integer, period_duration_select integer, type_select integer",
    "message_email_address": "address varchar(255), name varchar(255)",
}
"""What of the true schema is filled; see ``schema`` of ``write``."""


def write(
    history: History,
    signed: bool = False,
    closing: str = "batch",
    schema: Mapping[str, Mapping[str, str]] | None = None,
) -> TableSet:
    """The books. Foreign amounts are ``signed`` in newer releases only. Years are closed by Axelor's
    ``batch`` alone, or the result before it by ``hand``. ``schema`` is the whole true one: tables, their
    columns and types."""
    return _Writer(history, signed, closing).written(schema)


class _Writer:
    def __init__(self, history: History, signed: bool, closing: str) -> None:
        self._history, self._signed, self._closing = history, signed, closing
        self._periods: dict[tuple[int, int], int] = {}
        self._tables = TableSet()
        self._numbers: dict[str, int] = defaultdict(int)
        self._currencies = {
            code: number for number, code in enumerate((history.currency, *history.foreign), 1)
        }
        self._accounts: dict[tuple[int, str], int] = {}
        self._controls: dict[str, int] = {}
        """Ids of the lines on control accounts, by document."""

    def written(self, schema: Mapping[str, Mapping[str, str]] | None) -> TableSet:
        for name, columns in _TABLES.items():
            self._tables.table(name, f"{_HEAD}, {columns}")
        for name, true in (schema or {}).items():
            kinds = ", ".join(f"{column} {kind}" for column, kind in true.items())
            self._tables.table(name, kinds)
        self._set_up()
        self._chart()
        self._calendar()
        for event in self._history.events:
            self._move(event, event.lines)
            self._reconcile(event)
        for year in self._history.years[:-1]:
            self._close(year)
        self._traps()
        return self._tables

    def _add(self, name: str, /, **values: Value) -> int:
        """A row with a number of its own, which is returned."""
        self._numbers[name] += 1
        stamp = datetime.combine(self._history.years[-1].end, time(12))
        given: dict[str, Value] = {
            "id": self._numbers[name],
            "version": 0,
            "created_on": stamp,
            "archived": False,
        }
        self._tables.add(name, **{**given, **values})
        return self._numbers[name]

    # --- master data ---

    def _set_up(self) -> None:
        for code, number in self._currencies.items():
            decimals = 0 if code == "JPY" else 2
            self._add("base_currency", id=number, name=code, code=code, code_iso=code,
                      number_of_decimals=decimals)  # fmt: skip
        for number, name in ((_OTHER, "Another SAS"), (_FIRM, COMPANY)):
            self._add("base_company", id=number, name=name, code=name[:3], currency=1)
            self._add("account_journal", id=number, code="OD", name="Opérations diverses", company=number)
        for partner in PARTNERS:
            self._add("base_partner", partner_seq=partner.key, name=partner.name, full_name=partner.name,
                      simple_full_name=partner.name, is_customer=partner.role == "customer",
                      is_supplier=partner.role == "supplier")  # fmt: skip
        for axis, values in _AXES.items():
            number = self._add("account_analytic_axis", code=axis, name=axis.title())
            for code, name in values.items():
                self._add("account_analytic_account", code=code, name=name, analytic_axis=number)
        for rate in self._history.rates:
            self._add("base_currency_conversion_line", start_currency=self._currencies[rate.currency],
                      end_currency=1, exchange_rate=rate.per_unit, from_date=rate.day)  # fmt: skip

    def _chart(self) -> None:
        types = {kind: self._add("account_account_type", technical_type_select=kind, name=kind.title())
                 for kind in _TYPES}  # fmt: skip
        kinds = {code: _KINDS[max((k for k in _KINDS if code.startswith(k)), key=len)] for code in ACCOUNTS}
        for company in (_OTHER, _FIRM):
            for code, kind in {**kinds, **_BESIDE}.items():
                name = ACCOUNTS[code].name if code in ACCOUNTS else f"{kind} {code}"
                self._accounts[company, code] = self._add(
                    "account_account", code=code, name=name, account_type=types[kind], company=company,
                    reconcile_ok=code in CONTROL, status_select=1,
                )  # fmt: skip
        assert len(CHART) == len(kinds)

    def _calendar(self) -> None:
        for year in self._history.years:
            self._year(year, _FIRM, kind=1, name=f"FY {year.name}")
        for calendar_year in sorted(
            {day.year for year in self._history.years for day in (year.start, year.end)}
        ):
            civil = Year(calendar_year, date(calendar_year, 1, 1), date(calendar_year, 12, 31))
            self._year(civil, _FIRM, kind=0, name=f"Civil {calendar_year}")
        self._year(Year(2031, date(2030, 10, 1), date(2031, 9, 30)), _OTHER, kind=1, name="Theirs")

    def _year(self, year: Year, company: int, kind: int, name: str) -> None:
        number = self._add("base_year", name=name, code=name.replace(" ", ""), from_date=year.start,
                           to_date=year.end, company=company, status_select=1, period_duration_select=1,
                           type_select=kind)  # fmt: skip
        start = year.start
        while start < year.end:
            end = (start.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
            period = self._add("base_period", name=f"{name} {start:%m}", code=f"{start:%Y%m}-{kind}",
                               year=number, from_date=start, to_date=end, status_select=1)  # fmt: skip
            if kind == 1 and company == _FIRM:
                self._periods[start.year, start.month] = period
            start = end + timedelta(1)

    # --- moves ---

    def _move(
        self, event: Event, lines: Sequence[Line], company: int = _FIRM, more: Mapping[str, Value] = _NOTHING
    ) -> list[int]:
        """A move; the ids of its lines."""
        move = self._add(
            "account_move",
            **{
                "journal": company,
                "period": self._periods[event.day.year, event.day.month],
                "functional_origin_select": _ORIGINS.get(event.document[:2], 0),
                "date_val": event.day,
                "accounting_date": event.entered,
                "reference": event.document,
                "company": company,
                "status_select": _DAYBOOK if event.number % 3 else _ACCOUNTED,
                "company_currency": 1,
                "currency": self._currencies[event.currency],
                "ignore_in_accounting_ok": None if event.number % 2 else False,
                "adjusting_move": event.period is not None,
                "auto_year_closure_move": False,
                "description": event.text,
                **more,
            },
        )
        made = [self._line(move, event, line, place, company) for place, line in enumerate(lines, 1)]
        for number, line in zip(made, lines, strict=True):
            if event.control and line.account == event.control.account and not more and company == _FIRM:
                self._controls[event.document] = number
        return made

    def _line(self, move: int, event: Event, line: Line, place: int, company: int) -> int:
        control = event.control is not None and line.account == event.control.account
        partner = 1 + PARTNERS.index(event.partner) if event.partner and control else None
        foreign = line.document_amount if self._signed else abs(line.document_amount)
        number = self._add(
            "account_move_line",
            move=move,
            counter=place,
            partner=partner,
            account=self._account(company, line.account),
            date_val=event.day,
            accounting_date=event.entered,
            due_date=event.due if control else None,
            debit=max(line.amount, Decimal(0)),
            credit=max(-line.amount, Decimal(0)),
            currency_amount=foreign,
            description=event.text,
            name=f"{event.document}-{place}",
            # Copies from the day on which it was written, which mislead whoever joins on them.
            account_id=self._account(_OTHER, "0"),
            account_code="stale",
            partner_id=1,
            partner_full_name="stale",
            currency_code="XXX",
        )
        self._analytics(number, line, event.day)
        return number

    def _account(self, company: int, code: str) -> int:
        return self._accounts[company, code]

    def _analytics(self, move_line: int, line: Line, day: date) -> None:
        values = [(axis, code) for axis, codes in _AXES.items() for code in codes]
        shares = [(("CC", centre), percent, 3) for centre, percent in line.centres]
        if line.account == "4010":
            shares.append((("PRJ", "P1"), 100, 3))
        if line.account == "4000":
            shares += [(("CC", "300"), 100, 1), (("CC", "200"), 50, 2)]
        for value, percent, kind in shares:
            self._add("account_analytic_move_line", move_line=move_line,
                      analytic_axis=list(_AXES).index(value[0]) + 1, analytic_account=values.index(value) + 1,
                      percentage=percent, date_val=day, type_select=kind)  # fmt: skip

    def _reconcile(self, event: Event) -> None:
        for settled in event.settles:
            assert event.control
            pair = self._controls[settled.document], self._controls[event.document]
            self._match(event, *pair, settled.cents, status=2)
            if event.number % 5 == 0:
                self._match(event, *pair, settled.cents, status=1)
                self._match(event, *pair, settled.cents, status=3)

    def _match(self, event: Event, invoice: int, own: int, cents: int, status: int) -> None:
        """Newer releases keep the day on which it takes effect, older ones the moment it was done."""
        assert event.control
        debit, credit = (invoice, own) if event.control.cents < 0 else (own, invoice)
        dated: dict[str, Value] = {"effective_date": event.day}
        if event.number % 2:
            dated = {"reconciliation_date_time": datetime.combine(event.day, time(23, 59))}
        self._add("account_reconcile", company=_FIRM, amount=money(cents), debit_move_line=debit,
                  credit_move_line=credit, status_select=status, **dated)  # fmt: skip

    # --- year ends ---

    def _close(self, year: Year) -> None:
        """Balances out and in again, of control accounts by partner."""
        balances: dict[tuple[str, str], int] = defaultdict(int)
        result = 0
        for event in self._history.events:
            for line in event.lines if event.day <= year.end else ():
                if not ACCOUNTS[line.account].is_result:
                    own = event.partner.key if line.account in CONTROL and event.partner else ""
                    balances[line.account, own] += line.cents
                elif event.day < year.start:
                    balances[RETAINED, ""] += line.cents
                else:
                    balances[line.account, ""] += line.cents
                    result += line.cents
        if self._closing == "hand":
            self._bring_into_equity(year, balances, result)
            result = 0
        for (account, partner), cents in balances.items():
            if cents:
                self._carry_over(year, account, partner, cents)
        if result:
            lines = [_plain(RETAINED, result), _plain(_OPENING, -result)]
            self._closure(year.end + timedelta(1), f"RES-{year.name}", lines, _OPENS)

    def _bring_into_equity(self, year: Year, balances: dict[tuple[str, str], int], result: int) -> None:
        results = [key for key in balances if ACCOUNTS[key[0]].is_result]
        lines = [_plain(account, -balances[account, own]) for account, own in results]
        lines.append(_plain(RETAINED, result))
        self._closure(year.end, f"RES-{year.name}", lines, _CLOSES)
        for key in results:
            del balances[key]
        balances[RETAINED, ""] += result

    def _carry_over(self, year: Year, account: str, partner: str, cents: int) -> None:
        of = f"{account}{partner}"
        lines = [_plain(account, -cents), _plain(_CLOSED, cents)]
        closed = self._closure(year.end, f"CLO-{year.name}-{of}", lines, _CLOSES)
        if ACCOUNTS[account].is_result:
            return
        lines = [_plain(account, cents), _plain(_OPENING, -cents)]
        opened = self._closure(year.end + timedelta(1), f"OPE-{year.name}-{of}", lines, _OPENS)
        pair = (opened[0], closed[0]) if cents > 0 else (closed[0], opened[0])
        self._add("account_reconcile", company=_FIRM, amount=money(abs(cents)), debit_move_line=pair[0],
                  credit_move_line=pair[1], status_select=2, effective_date=year.end)  # fmt: skip

    def _closure(self, day: date, reference: str, lines: Sequence[Line], origin: int) -> list[int]:
        """Only what takes balances out of a year has the flag."""
        return self._move(
            self._at(day, reference),
            lines,
            more={
                "auto_year_closure_move": origin == _CLOSES,
                "functional_origin_select": origin,
                "status_select": _ACCOUNTED,
            },
        )

    def _at(self, day: date, reference: str) -> Event:
        return Event(0, day, "closure", reference, reference, self._history.currency, (), day)

    # --- what must change nothing ---

    def _traps(self) -> None:
        events = self._history.events
        for event in events[3:200:7]:
            self._move(event, event.lines, company=_OTHER)
        sale = next(event for event in events if event.kind == "sale" and len(event.lines) > 2)
        for status in (_NEW, _CANCELLED, _SIMULATED):
            self._move(sale, sale.lines, more={"status_select": status, "reference": f"NO-{status}"})
        self._move(sale, sale.lines, more={"ignore_in_accounting_ok": True, "reference": "IGNORED"})
        promised = [_plain(_COMMITTED, 5_000), _plain(_COMMITTED, -5_000)]
        self._move(sale, promised, more={"reference": "COMMITTED"})
        turned = [Line(x.account, -x.cents, -x.document_amount, x.centres) for x in sale.lines]
        there = self._move(sale, sale.lines, more={"reference": "WRONG"})
        back = self._move(sale, turned, more={"reference": "WRONG-BACK"})
        place = next(n for n, line in enumerate(sale.lines) if line.account in CONTROL)
        self._add("account_reconcile", company=_FIRM, amount=sale.lines[place].amount,
                  debit_move_line=there[place], credit_move_line=back[place], status_select=2,
                  effective_date=sale.day)  # fmt: skip


def _plain(account: str, cents: int) -> Line:
    return Line(account, cents, money(cents))
