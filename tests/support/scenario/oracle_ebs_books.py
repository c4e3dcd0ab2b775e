"""Books in Oracle E-Business Suite R12, kept by hand: a journal, an invoice, a receipt becomes the rows that
Oracle would write.

The natural account is in SEGMENT4, the cost centre in SEGMENT2. Balances by period are reckoned here in plain
Python, as posting journals and opening periods do: results begin a year at nil and go to the account of
retained earnings, without a journal. Beside all this lie rows that are something else: a secondary ledger, a
ledger set, another calendar, quarters, other flexfields, translated balances, summary accounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.support.scenario.tables import TableSet, Value

LEDGER, SECONDARY, LEDGER_SET = 1, 2, 3
CHART_ID, ORG, OTHER_ORG = 101, 204, 205
CALENDAR: Final = "ACCOUNTING"
MONTH: Final = "Month"
SEGMENTS: Final = {
    "balancing": "SEGMENT1",
    "cost": "SEGMENT2",
    "product": "SEGMENT3",
    "account": "SEGMENT4",
    "intercompany": "SEGMENT5",
}
_NOTHING: Final = {"balancing": "01", "cost": "000", "product": "0000", "intercompany": "00"}
_VALUE_SETS: Final = {name: 5000 + place for place, name in enumerate(SEGMENTS)}
_CENT: Final = Decimal("0.01")

_WHO: Final = "CREATION_DATE datetime, LAST_UPDATE_DATE datetime, LAST_UPDATED_BY number(15)"
TABLES: Final = {
    "GL_LEDGERS": "LEDGER_ID number(15), NAME varchar2(30), SHORT_NAME varchar2(20), "
    "CHART_OF_ACCOUNTS_ID number(15), CURRENCY_CODE varchar2(15), PERIOD_SET_NAME varchar2(15), "
    "ACCOUNTED_PERIOD_TYPE varchar2(15), LEDGER_CATEGORY_CODE varchar2(30), "
    "RET_EARN_CODE_COMBINATION_ID number(15), LATEST_OPENED_PERIOD_NAME varchar2(15)",
    "GL_JE_HEADERS": "JE_HEADER_ID number(15), LEDGER_ID number(15), JE_BATCH_ID number(15), "
    "JE_CATEGORY varchar2(25), JE_SOURCE varchar2(25), PERIOD_NAME varchar2(15), NAME varchar2(100), "
    "CURRENCY_CODE varchar2(15), STATUS varchar2(1), ACTUAL_FLAG varchar2(1), "
    "DEFAULT_EFFECTIVE_DATE datetime, POSTED_DATE datetime, CURRENCY_CONVERSION_RATE number, "
    "ACCRUAL_REV_JE_HEADER_ID number(15), REVERSED_JE_HEADER_ID number(15), DOC_SEQUENCE_VALUE number, "
    "EXTERNAL_REFERENCE varchar2(80), DESCRIPTION varchar2(240)",
    "GL_JE_LINES": "JE_HEADER_ID number(15), JE_LINE_NUM number(15), LEDGER_ID number(15), "
    "CODE_COMBINATION_ID number(15), PERIOD_NAME varchar2(15), EFFECTIVE_DATE datetime, "
    "STATUS varchar2(1), ENTERED_DR number, ENTERED_CR number, ACCOUNTED_DR number, "
    "ACCOUNTED_CR number, DESCRIPTION varchar2(240), REFERENCE_1 varchar2(240), GL_SL_LINK_ID number(15)",
    "GL_CODE_COMBINATIONS": "CODE_COMBINATION_ID number(15), CHART_OF_ACCOUNTS_ID number(15), "
    + ", ".join(f"SEGMENT{number} varchar2(25)" for number in range(1, 31))
    + ", ACCOUNT_TYPE varchar2(1), ENABLED_FLAG varchar2(1), SUMMARY_FLAG varchar2(1), "
    "DETAIL_POSTING_ALLOWED_FLAG varchar2(1), TEMPLATE_ID number(15)",
    "GL_PERIODS": "PERIOD_SET_NAME varchar2(15), PERIOD_NAME varchar2(15), PERIOD_TYPE varchar2(15), "
    "START_DATE datetime, END_DATE datetime, YEAR_START_DATE datetime, PERIOD_YEAR number(15), "
    "PERIOD_NUM number(15), QUARTER_NUM number(15), ADJUSTMENT_PERIOD_FLAG varchar2(1)",
    "GL_BALANCES": "LEDGER_ID number(15), CODE_COMBINATION_ID number(15), CURRENCY_CODE varchar2(15), "
    "PERIOD_NAME varchar2(15), ACTUAL_FLAG varchar2(1), BUDGET_VERSION_ID number(15), "
    "ENCUMBRANCE_TYPE_ID number(15), TRANSLATED_FLAG varchar2(1), PERIOD_YEAR number(15), "
    "PERIOD_NUM number(15), PERIOD_TYPE varchar2(15), TEMPLATE_ID number(15), BEGIN_BALANCE_DR number, "
    "BEGIN_BALANCE_CR number, PERIOD_NET_DR number, PERIOD_NET_CR number",
    "GL_DAILY_RATES": "FROM_CURRENCY varchar2(15), TO_CURRENCY varchar2(15), CONVERSION_DATE datetime, "
    "CONVERSION_TYPE varchar2(30), CONVERSION_RATE number, STATUS_CODE varchar2(1)",
    "FND_ID_FLEX_SEGMENTS": "APPLICATION_ID number(10), ID_FLEX_CODE varchar2(4), ID_FLEX_NUM number(15), "
    "APPLICATION_COLUMN_NAME varchar2(30), SEGMENT_NAME varchar2(30), SEGMENT_NUM number(3), "
    "ENABLED_FLAG varchar2(1), FLEX_VALUE_SET_ID number(10)",
    "FND_SEGMENT_ATTRIBUTE_VALUES": "APPLICATION_ID number(10), ID_FLEX_CODE varchar2(4), "
    "ID_FLEX_NUM number(15), APPLICATION_COLUMN_NAME varchar2(30), SEGMENT_ATTRIBUTE_TYPE varchar2(30), "
    "ATTRIBUTE_VALUE varchar2(1)",
    "FND_FLEX_VALUES": "FLEX_VALUE_ID number(15), FLEX_VALUE_SET_ID number(10), FLEX_VALUE varchar2(150), "
    "PARENT_FLEX_VALUE_LOW varchar2(60), ENABLED_FLAG varchar2(1), SUMMARY_FLAG varchar2(1), "
    "COMPILED_VALUE_ATTRIBUTES varchar2(2000)",
    "FND_FLEX_VALUES_TL": "FLEX_VALUE_ID number(15), LANGUAGE varchar2(4), SOURCE_LANG varchar2(4), "
    "DESCRIPTION varchar2(240), FLEX_VALUE_MEANING varchar2(150)",
    "AR_PAYMENT_SCHEDULES_ALL": "PAYMENT_SCHEDULE_ID number(15), CLASS varchar2(20), STATUS varchar2(30), "
    "CUSTOMER_ID number(15), CUSTOMER_SITE_USE_ID number(15), CUSTOMER_TRX_ID number(15), "
    "CASH_RECEIPT_ID number(15), TRX_NUMBER varchar2(30), TRX_DATE datetime, GL_DATE datetime, "
    "GL_DATE_CLOSED datetime, DUE_DATE datetime, INVOICE_CURRENCY_CODE varchar2(15), EXCHANGE_RATE number, "
    "AMOUNT_DUE_ORIGINAL number, AMOUNT_DUE_REMAINING number, ACCTD_AMOUNT_DUE_REMAINING number, "
    "ORG_ID number(15)",
    "AR_RECEIVABLE_APPLICATIONS_ALL": "RECEIVABLE_APPLICATION_ID number(15), STATUS varchar2(30), "
    "APPLICATION_TYPE varchar2(20), PAYMENT_SCHEDULE_ID number(15), APPLIED_PAYMENT_SCHEDULE_ID number(15), "
    "AMOUNT_APPLIED number, AMOUNT_APPLIED_FROM number, ACCTD_AMOUNT_APPLIED_TO number, "
    "ACCTD_AMOUNT_APPLIED_FROM number, ACCTD_EARNED_DISCOUNT_TAKEN number, "
    "ACCTD_UNEARNED_DISCOUNT_TAKEN number, GL_DATE datetime, REVERSAL_GL_DATE datetime, "
    "CODE_COMBINATION_ID number(15), CONFIRMED_FLAG varchar2(1), DISPLAY varchar2(1), "
    "CASH_RECEIPT_ID number(15), CUSTOMER_TRX_ID number(15), ORG_ID number(15)",
    "AR_ADJUSTMENTS_ALL": "ADJUSTMENT_ID number(15), PAYMENT_SCHEDULE_ID number(15), AMOUNT number, "
    "ACCTD_AMOUNT number, GL_DATE datetime, STATUS varchar2(30), ORG_ID number(15)",
    "RA_CUSTOMER_TRX_ALL": "CUSTOMER_TRX_ID number(15), TRX_NUMBER varchar2(20), SET_OF_BOOKS_ID number(15), "
    "ORG_ID number(15), LEGAL_ENTITY_ID number(15), COMPLETE_FLAG varchar2(1)",
    "RA_CUST_TRX_LINE_GL_DIST_ALL": "CUST_TRX_LINE_GL_DIST_ID number(15), CUSTOMER_TRX_ID number(15), "
    "ACCOUNT_CLASS varchar2(20), LATEST_REC_FLAG varchar2(1), CODE_COMBINATION_ID number(15), AMOUNT number, "
    "ACCTD_AMOUNT number, GL_DATE datetime, ORG_ID number(15)",
    "HZ_CUST_ACCOUNTS": "CUST_ACCOUNT_ID number(15), PARTY_ID number(15), ACCOUNT_NUMBER varchar2(30)",
    "HZ_PARTIES": "PARTY_ID number(15), PARTY_NUMBER varchar2(30), PARTY_NAME varchar2(360), "
    "EMAIL_ADDRESS varchar2(2000)",
    "AP_INVOICES_ALL": "INVOICE_ID number(15), INVOICE_NUM varchar2(50), VENDOR_ID number(15), "
    "VENDOR_SITE_ID number(15), INVOICE_DATE datetime, GL_DATE datetime, "
    "INVOICE_TYPE_LOOKUP_CODE varchar2(25), INVOICE_CURRENCY_CODE varchar2(15), EXCHANGE_RATE number, "
    "INVOICE_AMOUNT number, BASE_AMOUNT number, AMOUNT_PAID number, DISCOUNT_AMOUNT_TAKEN number, "
    "PAYMENT_STATUS_FLAG varchar2(1), CANCELLED_DATE datetime, CANCELLED_AMOUNT number, "
    "ACCTS_PAY_CODE_COMBINATION_ID number(15), SET_OF_BOOKS_ID number(15), ORG_ID number(15), "
    "TERMS_ID number(15)",
    "AP_PAYMENT_SCHEDULES_ALL": "INVOICE_ID number(15), PAYMENT_NUM number(15), DUE_DATE datetime, "
    "GROSS_AMOUNT number, AMOUNT_REMAINING number, PAYMENT_STATUS_FLAG varchar2(25), HOLD_FLAG varchar2(1), "
    "ORG_ID number(15)",
    "AP_INVOICE_PAYMENTS_ALL": "INVOICE_PAYMENT_ID number(15), INVOICE_ID number(15), "
    "PAYMENT_NUM number(15), CHECK_ID number(15), AMOUNT number, DISCOUNT_TAKEN number, "
    "ACCOUNTING_DATE datetime, REVERSAL_FLAG varchar2(1), REVERSAL_INV_PMT_ID number(15), "
    "EXCHANGE_RATE number, SET_OF_BOOKS_ID number(15), ORG_ID number(15)",
    "AP_INVOICE_DISTRIBUTIONS_ALL": "INVOICE_DISTRIBUTION_ID number(15), INVOICE_ID number(15), "
    "LINE_TYPE_LOOKUP_CODE varchar2(25), AMOUNT number, BASE_AMOUNT number, ACCOUNTING_DATE datetime, "
    "DIST_CODE_COMBINATION_ID number(15), POSTED_FLAG varchar2(1), PREPAY_DISTRIBUTION_ID number(15), "
    "ORG_ID number(15)",
    "AP_SUPPLIERS": "VENDOR_ID number(15), VENDOR_NAME varchar2(240), SEGMENT1 varchar2(30)",
    "AP_SUPPLIER_SITES_ALL": "VENDOR_SITE_ID number(15), VENDOR_ID number(15), EMAIL_ADDRESS varchar2(2000), "
    "ORG_ID number(15)",
}
"""Oracle's DATE has a time of day: hence ``datetime``."""

Amounts = tuple[int, Decimal]
"""A line: code combination, amount in the ledger's currency, debit positive."""


class EbsBooks:
    """The tables, and what Oracle would write into them."""

    def __init__(self, currency: str = "EUR", name: str = "Hanse Trading GmbH") -> None:
        self.tables = TableSet()
        for table, columns in TABLES.items():
            self.tables.table(table, f"{columns}, {_WHO}")
        self.currency = currency
        self.codes: dict[tuple[str, ...], int] = {}
        self.kinds: dict[str, str] = {}
        self.periods: list[dict[str, Any]] = []
        self.moved: dict[tuple[int, str], list[Decimal]] = {}
        """Debits and credits of posted lines by combination and period, of the ledger."""
        self._numbers: dict[str, int] = defaultdict(int)
        self._flexfield()
        self.account("9999", "Clearing", "A")
        for key, title, kind in (
            (LEDGER, name, "PRIMARY"),
            (SECONDARY, f"{name} IFRS", "SECONDARY"),
            (LEDGER_SET, "All ledgers", "NONE"),
        ):
            self.add(
                "GL_LEDGERS",
                LEDGER_ID=key,
                NAME=title,
                SHORT_NAME=title[:20],
                CHART_OF_ACCOUNTS_ID=CHART_ID,
                CURRENCY_CODE=currency if kind != "NONE" else "X",
                PERIOD_SET_NAME=CALENDAR,
                ACCOUNTED_PERIOD_TYPE=MONTH,
                LEDGER_CATEGORY_CODE=kind,
            )

    def add(self, table: str, **values: Value) -> dict[str, Value]:
        """A row; the row itself, which may still be changed."""
        self.tables.add(table, **values)
        return self.tables.rows(table)[-1]

    def number(self, what: str) -> int:
        """The next number of a sequence."""
        self._numbers[what] += 1
        return self._numbers[what]

    # --- set-up ---

    def _flexfield(self) -> None:
        attributes = {
            "balancing": "GL_BALANCING",
            "cost": "FA_COST_CTR",
            "account": "GL_ACCOUNT",
            "intercompany": "GL_INTERCOMPANY",
        }
        key: dict[str, Value] = {"APPLICATION_ID": 101, "ID_FLEX_CODE": "GL#", "ID_FLEX_NUM": CHART_ID}
        for place, (name, column) in enumerate(SEGMENTS.items(), 1):
            self.add(
                "FND_ID_FLEX_SEGMENTS",
                **key,
                APPLICATION_COLUMN_NAME=column,
                SEGMENT_NUM=place,
                SEGMENT_NAME=name.title(),
                ENABLED_FLAG="Y",
                FLEX_VALUE_SET_ID=_VALUE_SETS[name],
            )
            for attribute in (*attributes.values(), "GL_GLOBAL"):
                yes = attribute in ("GL_GLOBAL", attributes.get(name))
                self.add(
                    "FND_SEGMENT_ATTRIBUTE_VALUES",
                    **key,
                    APPLICATION_COLUMN_NAME=column,
                    SEGMENT_ATTRIBUTE_TYPE=attribute,
                    ATTRIBUTE_VALUE="Y" if yes else "N",
                )
        for other in ({**key, "ID_FLEX_NUM": 999}, {**key, "APPLICATION_ID": 401, "ID_FLEX_CODE": "MSTK"}):
            self.add(
                "FND_ID_FLEX_SEGMENTS", **other, APPLICATION_COLUMN_NAME="SEGMENT3", SEGMENT_NAME="Other"
            )
            self.add(
                "FND_SEGMENT_ATTRIBUTE_VALUES",
                **other,
                APPLICATION_COLUMN_NAME="SEGMENT3",
                SEGMENT_ATTRIBUTE_TYPE="GL_ACCOUNT",
                ATTRIBUTE_VALUE="Y",
            )

    def value(self, segment: str, value: str, name: str, german: str | None = None) -> None:
        """A value of a segment, described in English, and in German where that is given."""
        key = self.number("flex value")
        self.add(
            "FND_FLEX_VALUES", FLEX_VALUE_ID=key, FLEX_VALUE_SET_ID=_VALUE_SETS[segment], FLEX_VALUE=value
        )
        texts = {"US": name} | ({"D": german} if german else {})
        for language, text in texts.items():
            self.add("FND_FLEX_VALUES_TL", FLEX_VALUE_ID=key, LANGUAGE=language, DESCRIPTION=text)

    def account(self, code: str, name: str, kind: str, german: str | None = None) -> None:
        """A natural account of a type: A, L, O, R or E."""
        self.kinds[code] = kind
        self.value("account", code, name, german)

    def code(self, account: str, **segments: str) -> int:
        """The code combination of a natural account and other segments; a new one where there is none."""
        values = {**_NOTHING, **segments, "account": account}
        key = tuple(values[name] for name in SEGMENTS)
        if key not in self.codes:
            self.codes[key] = 1000 + self.number("combination")
            self.combination(self.codes[key], values, self.kinds.get(account, "A"))
        return self.codes[key]

    def combination(self, key: int, values: dict[str, str], kind: str, **more: Value) -> None:
        """A row of the code combinations."""
        row: dict[str, Value] = {
            "CHART_OF_ACCOUNTS_ID": CHART_ID,
            "ENABLED_FLAG": "Y",
            "SUMMARY_FLAG": "N",
            "DETAIL_POSTING_ALLOWED_FLAG": "Y",
            **{SEGMENTS[name]: value for name, value in values.items()},
            **more,
        }
        self.add("GL_CODE_COMBINATIONS", CODE_COMBINATION_ID=key, ACCOUNT_TYPE=kind, **row)

    def retained(self, account: str) -> None:
        """Where results go."""
        for row in self.tables.rows("GL_LEDGERS"):
            row["RET_EARN_CODE_COMBINATION_ID"] = self.code(account)

    def year(self, year: int, start: date, months: int = 12) -> None:
        """A fiscal year of months, and an adjustment period on its last day; quarters and another calendar,
        which are not of the ledger."""
        first = start
        for number in range(1, months + 1):
            end = _next_month(first) - timedelta(1)
            self.period(f"{first:%b-%y}".upper(), year, number, first, end)
            if number % 3 == 0:
                quarter = {"PERIOD_TYPE": "Quarter"}
                self._period_row(f"Q{number // 3}-{year % 100:02}", year, number // 3, start, end, **quarter)
            other = {"PERIOD_SET_NAME": "WEEKS"}
            self._period_row(f"{first:%b-%y}".upper(), year + 1, number, first, end, **other)
            first = end + timedelta(1)
        self.period(f"ADJ-{year % 100:02}", year, months + 1, end, end, "Y")

    def period(self, name: str, year: int, number: int, start: date, end: date, adjusts: str = "N") -> None:
        """A period of the ledger's calendar."""
        self.periods.append({"name": name, "year": year, "number": number, "start": start, "end": end})
        self._period_row(name, year, number, start, end, ADJUSTMENT_PERIOD_FLAG=adjusts)

    def _period_row(self, name: str, year: int, number: int, start: date, end: date, **more: Value) -> None:
        row: dict[str, Value] = {"PERIOD_SET_NAME": CALENDAR, "PERIOD_TYPE": MONTH, **more}
        row.setdefault("ADJUSTMENT_PERIOD_FLAG", "N")
        self.add(
            "GL_PERIODS",
            PERIOD_NAME=name,
            PERIOD_YEAR=year,
            PERIOD_NUM=number,
            START_DATE=start,
            END_DATE=end,
            **row,
        )

    def period_of(self, day: date) -> str:
        """The normal period of a day."""
        return next(str(p["name"]) for p in self.periods if p["start"] <= day <= p["end"])

    # --- general ledger ---

    def journal(
        self,
        name: str,
        day: date,
        lines: Iterable[tuple[int, Decimal] | tuple[int, Decimal, Decimal]],
        period: str | None = None,
        **header: Value,
    ) -> dict[str, Value]:
        """A journal, posted unless ``header`` says otherwise: combination, amount, amount entered."""
        row: dict[str, Value] = {
            "JE_HEADER_ID": 100 + self.number("header"),
            "LEDGER_ID": LEDGER,
            "JE_CATEGORY": "Adjustment",
            "JE_SOURCE": "Manual",
            "CURRENCY_CODE": self.currency,
            "STATUS": "P",
            "ACTUAL_FLAG": "A",
            "PERIOD_NAME": period or self.period_of(day),
            "DEFAULT_EFFECTIVE_DATE": day,
            **header,
        }
        self.add("GL_JE_HEADERS", NAME=name, **row)
        for number, (code, amount, *entered) in enumerate(lines, 1):
            self._line(row, number, code, amount, entered[0] if entered else amount, day)
        return row

    def _line(
        self, header: dict[str, Value], number: int, code: int, amount: Decimal, entered: Decimal, day: date
    ) -> None:
        """The other side's columns stay null, as Oracle leaves them."""
        values: dict[str, Value] = {}
        for name, given in (("ACCOUNTED", amount), ("ENTERED", entered)):
            if given:
                values[f"{name}_{'DR' if given > 0 else 'CR'}"] = abs(given)
        self.add(
            "GL_JE_LINES",
            JE_HEADER_ID=header["JE_HEADER_ID"],
            JE_LINE_NUM=number,
            LEDGER_ID=header["LEDGER_ID"],
            CODE_COMBINATION_ID=code,
            PERIOD_NAME=header["PERIOD_NAME"],
            STATUS=header["STATUS"],
            EFFECTIVE_DATE=datetime.combine(day, time(23, 59)),
            **values,
        )
        counts = (header["LEDGER_ID"], header["STATUS"], header["ACTUAL_FLAG"]) == (LEDGER, "P", "A")
        if counts and header["CURRENCY_CODE"] != "STAT":
            sums = self.moved.setdefault((code, str(header["PERIOD_NAME"])), [Decimal(0), Decimal(0)])
            sums[0 if amount > 0 else 1] += abs(amount)

    def balances(self) -> None:
        """GL_BALANCES as posting and opening periods leave it, and rows beside that are something else."""
        [retained] = {row["RET_EARN_CODE_COMBINATION_ID"] for row in self.tables.rows("GL_LEDGERS")}
        kinds = {
            row["CODE_COMBINATION_ID"]: row["ACCOUNT_TYPE"]
            for row in self.tables.rows("GL_CODE_COMBINATIONS")
        }
        begins: dict[Any, Decimal] = {}
        year = None
        for period in sorted(self.periods, key=lambda p: (p["year"], p["number"])):
            if year is not None and period["year"] != year:
                results = [code for code in begins if kinds[code] in ("R", "E")]
                begins[retained] = begins.get(retained, Decimal(0)) + sum(begins[code] for code in results)
                begins |= dict.fromkeys(results, Decimal(0))
            year = period["year"]
            for code in [code for code, name in self.moved if name == period["name"]]:
                begins.setdefault(code, Decimal(0))
            for code, begin in begins.items():
                debit, credit = self.moved.get((code, period["name"]), (Decimal(0), Decimal(0)))
                self._balance(code, period, begin, debit, credit)
                begins[code] = begin + debit - credit

    def _balance(
        self, code: Value, period: dict[str, Any], begin: Decimal, debit: Decimal, credit: Decimal
    ) -> None:
        row: dict[str, Value] = {
            "LEDGER_ID": LEDGER,
            "CODE_COMBINATION_ID": code,
            "CURRENCY_CODE": self.currency,
            "ACTUAL_FLAG": "A",
            "PERIOD_NAME": period["name"],
            "PERIOD_YEAR": period["year"],
            "PERIOD_NUM": period["number"],
            "PERIOD_TYPE": MONTH,
            "BEGIN_BALANCE_DR": max(begin, Decimal(0)) or None,
            "BEGIN_BALANCE_CR": max(-begin, Decimal(0)) or None,
            "PERIOD_NET_DR": debit or None,
            "PERIOD_NET_CR": credit or None,
        }
        self.add("GL_BALANCES", **row)
        if not (debit or credit):
            return
        others: tuple[dict[str, Value], ...] = (
            {"TEMPLATE_ID": 7, "CODE_COMBINATION_ID": self.summary()},
            {"TEMPLATE_ID": 8},
            {"CURRENCY_CODE": "USD", "TRANSLATED_FLAG": "R"},
            {"CURRENCY_CODE": "GBP", "TRANSLATED_FLAG": "Y"},
            {"TRANSLATED_FLAG": "Y"},
            {"ACTUAL_FLAG": "B", "BUDGET_VERSION_ID": 1},
            {"ACTUAL_FLAG": "E", "ENCUMBRANCE_TYPE_ID": 1},
            {"CURRENCY_CODE": "STAT"},
            {"LEDGER_ID": SECONDARY},
        )
        for other in others:
            self.add("GL_BALANCES", **{**row, **other})

    def summary(self) -> int:
        """The combination of a summary account, which holds the sum of all others."""
        if ("summary",) not in self.codes:
            self.codes["summary",] = 999
            self.combination(999, {**_NOTHING, "account": "T"}, "A", SUMMARY_FLAG="Y", TEMPLATE_ID=7)
        return self.codes["summary",]

    # --- receivables ---

    def customer(self, key: int, name: str) -> None:
        """A customer account; a party of its number is somebody else."""
        self.add("HZ_CUST_ACCOUNTS", CUST_ACCOUNT_ID=key, PARTY_ID=key + 7000, ACCOUNT_NUMBER=str(key))
        self.add("HZ_PARTIES", PARTY_ID=key + 7000, PARTY_NAME=name)
        self.add("HZ_PARTIES", PARTY_ID=key, PARTY_NAME=f"Not {name}")

    def transaction(
        self,
        number: str,
        customer: int,
        day: date,
        due: date,
        worth: Decimal,
        account: str,
        kind: str = "INV",
        **more: Value,
    ) -> dict[str, Value]:
        """An invoice, or a credit memo of a negative amount; ``worth`` in the ledger's currency."""
        key, org = 40_000 + self.number("transaction"), more.get("ORG_ID", ORG)
        ledger = LEDGER if org == ORG else SECONDARY
        self.add(
            "RA_CUSTOMER_TRX_ALL", CUSTOMER_TRX_ID=key, TRX_NUMBER=number, SET_OF_BOOKS_ID=ledger, ORG_ID=org
        )
        for which, latest in (("REC", "N"), ("REV", "N"), ("REC", "Y")):
            code = self.code(account if latest == "Y" else "9999")
            self.add(
                "RA_CUST_TRX_LINE_GL_DIST_ALL",
                CUSTOMER_TRX_ID=key,
                ACCOUNT_CLASS=which,
                LATEST_REC_FLAG=latest if which == "REC" else None,
                CODE_COMBINATION_ID=code,
            )
        return self._schedule(number, customer, day, due, worth, kind, CUSTOMER_TRX_ID=key, **more)

    def receipt(
        self, number: str, customer: int | None, day: date, worth: Decimal, account: str, **more: Value
    ) -> dict[str, Value]:
        """A receipt, all of it unapplied."""
        schedule = self._schedule(number, customer, day, day, -worth, "PMT", **more)
        status = "UNAPP" if customer else "UNID"
        self._application(
            schedule, day, status, ACCTD_AMOUNT_APPLIED_FROM=worth, CODE_COMBINATION_ID=self.code(account)
        )
        return schedule

    def apply(
        self,
        source: dict[str, Value],
        target: dict[str, Value] | None,
        day: date,
        taken: Decimal,
        off: Decimal | None = None,
        discount: Decimal | None = None,
        account: str = "",
        **more: Value,
    ) -> None:
        """Use ``taken`` of a receipt or credit memo, for ``off`` of an invoice, or on account for none."""
        off = taken if off is None else off
        is_memo = source["CLASS"] == "CM"
        if target is None:
            self._application(
                source,
                day,
                "ACC",
                ACCTD_AMOUNT_APPLIED_FROM=taken,
                APPLIED_PAYMENT_SCHEDULE_ID=-1,
                CODE_COMBINATION_ID=self.code(account),
            )
        else:
            self._application(
                source,
                day,
                more.pop("STATUS", "APP"),
                APPLICATION_TYPE="CM" if is_memo else "CASH",
                APPLIED_PAYMENT_SCHEDULE_ID=target["PAYMENT_SCHEDULE_ID"],
                ACCTD_AMOUNT_APPLIED_FROM=taken,
                ACCTD_AMOUNT_APPLIED_TO=off,
                ACCTD_EARNED_DISCOUNT_TAKEN=discount,
                CODE_COMBINATION_ID=self.code("9999"),
                **more,
            )
            _lower(target, off + (discount or 0))
            _lower(source, -taken)
        if not is_memo:
            code = next(
                row["CODE_COMBINATION_ID"]
                for row in self.tables.rows("AR_RECEIVABLE_APPLICATIONS_ALL")
                if row["PAYMENT_SCHEDULE_ID"] == source["PAYMENT_SCHEDULE_ID"]
            )
            self._application(
                source, day, "UNAPP", ACCTD_AMOUNT_APPLIED_FROM=-taken, CODE_COMBINATION_ID=code
            )

    def unapply(self, source: dict[str, Value], day: date) -> None:
        """Take back all that a receipt or credit memo was used for: a second row each, of the other sign."""
        for row in list(self.tables.rows("AR_RECEIVABLE_APPLICATIONS_ALL")):
            mine = row["PAYMENT_SCHEDULE_ID"] == source["PAYMENT_SCHEDULE_ID"]
            if not mine or row["STATUS"] not in ("APP", "ACC"):
                continue
            row |= {"REVERSAL_GL_DATE": day, "DISPLAY": "N"}
            amounts = {
                name: -value
                for name, value in row.items()
                if name.startswith("ACCTD") and isinstance(value, Decimal)
            }
            self.add("AR_RECEIVABLE_APPLICATIONS_ALL", **{**row, **amounts, "GL_DATE": day})
            taken = Decimal(str(row["ACCTD_AMOUNT_APPLIED_FROM"]))
            rest = next(
                r["CODE_COMBINATION_ID"]
                for r in self.tables.rows("AR_RECEIVABLE_APPLICATIONS_ALL")
                if r["PAYMENT_SCHEDULE_ID"] == row["PAYMENT_SCHEDULE_ID"]
            )
            if source["CLASS"] == "PMT":
                self._application(
                    source,
                    day,
                    "UNAPP",
                    ACCTD_AMOUNT_APPLIED_FROM=taken,
                    CODE_COMBINATION_ID=rest,
                    REVERSAL_GL_DATE=day,
                )
            for schedule in self.tables.rows("AR_PAYMENT_SCHEDULES_ALL"):
                if schedule["PAYMENT_SCHEDULE_ID"] == row.get("APPLIED_PAYMENT_SCHEDULE_ID"):
                    back = [row.get("ACCTD_AMOUNT_APPLIED_TO"), row.get("ACCTD_EARNED_DISCOUNT_TAKEN")]
                    _lower(schedule, -sum(part for part in back if isinstance(part, Decimal)))
                    _lower(source, taken)

    def bounce(self, receipt: dict[str, Value], day: date) -> None:
        """Reverse a receipt, of which nothing is applied any more."""
        rows = [
            row
            for row in self.tables.rows("AR_RECEIVABLE_APPLICATIONS_ALL")
            if row["PAYMENT_SCHEDULE_ID"] == receipt["PAYMENT_SCHEDULE_ID"] and row["STATUS"] == "UNAPP"
        ]
        left = sum((Decimal(str(row["ACCTD_AMOUNT_APPLIED_FROM"])) for row in rows), Decimal(0))
        self._application(
            receipt,
            day,
            "UNAPP",
            ACCTD_AMOUNT_APPLIED_FROM=-left,
            REVERSAL_GL_DATE=day,
            CODE_COMBINATION_ID=rows[0]["CODE_COMBINATION_ID"],
        )
        receipt["ACCTD_AMOUNT_DUE_REMAINING"] = Decimal(0)

    def adjust(self, schedule: dict[str, Value], day: date, amount: Decimal, status: str = "A") -> None:
        """Adjust a transaction; a negative amount takes something off it."""
        self.add(
            "AR_ADJUSTMENTS_ALL",
            ADJUSTMENT_ID=self.number("adjustment"),
            GL_DATE=day,
            STATUS=status,
            PAYMENT_SCHEDULE_ID=schedule["PAYMENT_SCHEDULE_ID"],
            AMOUNT=amount,
            ACCTD_AMOUNT=amount,
            ORG_ID=schedule["ORG_ID"],
        )
        if status == "A":
            _lower(schedule, -amount)

    def _schedule(
        self,
        number: str,
        customer: int | None,
        day: date,
        due: date,
        worth: Decimal,
        kind: str,
        **more: Value,
    ) -> dict[str, Value]:
        row: dict[str, Value] = {
            "ORG_ID": ORG,
            "INVOICE_CURRENCY_CODE": self.currency,
            "AMOUNT_DUE_ORIGINAL": worth,
            **more,
        }
        return self.add(
            "AR_PAYMENT_SCHEDULES_ALL",
            PAYMENT_SCHEDULE_ID=80_000 + self.number("schedule"),
            CLASS=kind,
            CUSTOMER_ID=customer,
            TRX_NUMBER=number,
            TRX_DATE=day,
            GL_DATE=day,
            DUE_DATE=due,
            ACCTD_AMOUNT_DUE_REMAINING=worth,
            **row,
        )

    def _application(
        self, source: dict[str, Value], day: date, status: Value, **more: Value
    ) -> dict[str, Value]:
        row: dict[str, Value] = {"APPLICATION_TYPE": "CASH", "DISPLAY": "Y", **more}
        return self.add(
            "AR_RECEIVABLE_APPLICATIONS_ALL",
            RECEIVABLE_APPLICATION_ID=self.number("application"),
            GL_DATE=day,
            STATUS=status,
            PAYMENT_SCHEDULE_ID=source["PAYMENT_SCHEDULE_ID"],
            ORG_ID=source["ORG_ID"],
            **row,
        )

    # --- payables ---

    def bill(
        self,
        number: str,
        supplier: int,
        day: date,
        dues: Sequence[date],
        amount: Decimal,
        account: str,
        base: Decimal | None = None,
        accounted: bool = True,
        **more: Value,
    ) -> dict[str, Value]:
        """An invoice in as many instalments as there are due dates; ``base`` is what one in a foreign
        currency is worth."""
        row: dict[str, Value] = {"ORG_ID": ORG, "INVOICE_CURRENCY_CODE": self.currency, **more}
        invoice = self.add(
            "AP_INVOICES_ALL",
            INVOICE_ID=60_000 + self.number("bill"),
            INVOICE_NUM=number,
            VENDOR_ID=supplier,
            INVOICE_DATE=day,
            GL_DATE=day,
            INVOICE_AMOUNT=amount,
            BASE_AMOUNT=base,
            EXCHANGE_RATE=base / amount if base else None,
            ACCTS_PAY_CODE_COMBINATION_ID=self.code(account),
            SET_OF_BOOKS_ID=LEDGER if row["ORG_ID"] == ORG else SECONDARY,
            **row,
        )
        part = (amount / len(dues)).quantize(_CENT)
        for place, due in enumerate(dues, 1):
            gross = part if place < len(dues) else amount - part * (len(dues) - 1)
            self.add(
                "AP_PAYMENT_SCHEDULES_ALL",
                INVOICE_ID=invoice["INVOICE_ID"],
                PAYMENT_NUM=place,
                DUE_DATE=due,
                GROSS_AMOUNT=gross,
                AMOUNT_REMAINING=gross,
            )
        self.distribution(invoice, day, amount, POSTED_FLAG="Y" if accounted else "N")
        return invoice

    def distribution(self, invoice: dict[str, Value], day: date, amount: Decimal, **more: Value) -> None:
        """A distribution of an invoice, accounted for unless said otherwise."""
        row: dict[str, Value] = {"LINE_TYPE_LOOKUP_CODE": "ITEM", "POSTED_FLAG": "Y", **more}
        self.add(
            "AP_INVOICE_DISTRIBUTIONS_ALL",
            INVOICE_DISTRIBUTION_ID=self.number("distribution"),
            AMOUNT=amount,
            INVOICE_ID=invoice["INVOICE_ID"],
            ACCOUNTING_DATE=day,
            **row,
        )

    def pay(
        self,
        invoice: dict[str, Value],
        day: date,
        amount: Decimal,
        instalment: int = 1,
        discount: Decimal | None = None,
        **more: Value,
    ) -> None:
        """Pay an instalment, in the invoice's currency."""
        self.add(
            "AP_INVOICE_PAYMENTS_ALL",
            INVOICE_PAYMENT_ID=self.number("payment"),
            AMOUNT=amount,
            INVOICE_ID=invoice["INVOICE_ID"],
            PAYMENT_NUM=instalment,
            DISCOUNT_TAKEN=discount,
            ACCOUNTING_DATE=day,
            **more,
        )

    def void(self, invoice: dict[str, Value], day: date, amount: Decimal, back: date) -> None:
        """Pay, and void the payment."""
        self.pay(invoice, day, amount, REVERSAL_FLAG="Y")
        self.pay(invoice, back, -amount, REVERSAL_FLAG="Y", REVERSAL_INV_PMT_ID=self._numbers["payment"])

    def cancel(self, invoice: dict[str, Value], day: date) -> None:
        """Cancel an invoice: all its amounts are nil from then on."""
        amount = Decimal(str(invoice["INVOICE_AMOUNT"]))
        invoice |= {
            "CANCELLED_DATE": datetime.combine(day, time(17, 30)),
            "CANCELLED_AMOUNT": amount,
            "INVOICE_AMOUNT": Decimal(0),
        }
        if invoice["BASE_AMOUNT"] is not None:
            invoice["BASE_AMOUNT"] = Decimal(0)
        for row in self.tables.rows("AP_PAYMENT_SCHEDULES_ALL"):
            if row["INVOICE_ID"] == invoice["INVOICE_ID"]:
                row |= {"GROSS_AMOUNT": Decimal(0), "AMOUNT_REMAINING": Decimal(0)}
        self.distribution(invoice, day, -amount)


def _lower(schedule: dict[str, Value], amount: Decimal | int) -> None:
    left = Decimal(str(schedule["ACCTD_AMOUNT_DUE_REMAINING"])) - amount
    schedule |= {"ACCTD_AMOUNT_DUE_REMAINING": left, "STATUS": "OP" if left else "CL"}


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
