"""The history in Oracle E-Business Suite R12: for each event a journal and, where it is on a control account,
a document of the subledger.

What must change nothing, beside what EbsBooks adds by itself: journals that are not posted, budgets,
encumbrances, statistics, a reversed pair, lines of nil, a secondary ledger with the same journals, names in
German, another operating unit, adjustments that wait for approval and applications that are not confirmed, a
receipt that bounced, a void payment, a cancelled invoice, and one on hold.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import (
    CHART,
    COST_CENTRES,
    PARTNERS,
    RECEIVABLE,
    RETAINED,
    Event,
    History,
    money,
)
from tests.support.scenario.oracle_ebs_books import LEDGER, ORG, OTHER_ORG, SECONDARY, EbsBooks
from tests.support.scenario.tables import TableSet, Value

COMPANY: Final = "Hanse Trading GmbH"
SETTINGS: Final = {"ledger": "1", "org": "204"}
_KINDS: Final = {
    "equity": "O",
    "retained_earnings": "O",
    "revenue": "R",
    "other_income": "R",
    "interest_income": "R",
    **dict.fromkeys(
        ("cost_of_sales", "operating_expenses", "depreciation", "interest_expense", "income_tax"), "E"
    ),
    **dict.fromkeys(
        (
            *("cash", "receivables", "inventory", "prepayments", "other_current_assets", "fixed_assets"),
            "other_non_current_assets",
        ),
        "A",
    ),
}
"""Account types by statement class; all other classes are liabilities."""
_TOLD: Final = ("equity", "retained_earnings", "revenue", "operating_expenses")
MAPPING: Final = {
    account.code: account.statement_class for account in CHART if account.statement_class not in _TOLD
}
"""What Oracle's account types do not tell."""


def write(history: History, closing: str = "none") -> TableSet:
    """The books. ``closing`` is ``none``, as Oracle needs no closing journals; ``income``, with journals that
    close the income statement at the end of each year but the last; or ``balance``, with journals besides
    that close the balance sheet and open it again on the next day."""
    return _Writer(history, closing).written()


class _Writer:
    def __init__(self, history: History, closing: str) -> None:
        self._history, self._closing = history, closing
        self._books = EbsBooks(history.currency, history.name)
        self._documents: dict[str, dict[str, Value]] = {}
        self._partners = {partner.key: 1000 + place for place, partner in enumerate(PARTNERS)}

    def written(self) -> TableSet:
        self._set_up()
        for event in self._history.events:
            self._book(event)
        if self._closing != "none":
            for year in self._history.years[:-1]:
                self._close(year.name, year.end)
        self._what_does_not_count()
        self._books.balances()
        return self._books.tables

    def _set_up(self) -> None:
        books = self._books
        for account in CHART:
            kind = _KINDS.get(account.statement_class, "L")
            books.account(account.code, account.name, kind, f"{account.name} (deutsch)")
        for code, name in COST_CENTRES.items():
            books.value("cost", code, name, f"{name} (deutsch)")
        books.retained(RETAINED)
        for year in self._history.years:
            books.year(year.name, year.start)
        for partner in PARTNERS:
            key = self._partners[partner.key]
            if partner.role == "customer":
                books.customer(key, partner.name)
            else:
                books.add("AP_SUPPLIERS", VENDOR_ID=key, VENDOR_NAME=partner.name, SEGMENT1=partner.key)
        for rate in self._history.rates:
            for kind, per_unit in (("Corporate", rate.per_unit), ("User", rate.per_unit * 2)):
                books.add(
                    "GL_DAILY_RATES",
                    FROM_CURRENCY=rate.currency,
                    TO_CURRENCY=self._history.currency,
                    CONVERSION_DATE=rate.day,
                    CONVERSION_TYPE=kind,
                    CONVERSION_RATE=per_unit,
                )

    # --- what counts ---

    def _book(self, event: Event) -> None:
        lines = []
        for line in event.split():
            segments = {"cost": line.centres[0][0]} if line.centres else {}
            lines.append((self._books.code(line.account, **segments), line.amount, line.document_amount))
        source = {"receivable": "Receivables", "payable": "Payables"}.get(event.side or "", "Manual")
        year = self._history.year_of(event.day)
        period = f"ADJ-{year.name % 100:02}" if event.period else None
        for ledger in (LEDGER, SECONDARY):
            self._books.journal(
                event.document,
                event.day,
                lines,
                period,
                CURRENCY_CODE=event.currency,
                JE_SOURCE=source,
                DESCRIPTION=event.text,
                LEDGER_ID=ledger,
            )
        if event.side == "receivable":
            self._receivable(event)
        elif event.side == "payable":
            self._payable(event)

    def _receivable(self, event: Event) -> None:
        assert event.control and event.partner and event.due
        customer, owed = self._partners[event.partner.key], event.control
        if owed.cents > 0 or event.kind == "credit note":
            foreign: dict[str, Value] = {
                "INVOICE_CURRENCY_CODE": event.currency,
                "AMOUNT_DUE_ORIGINAL": owed.document_amount,
            }
            self._documents[event.document] = self._books.transaction(
                event.document,
                customer,
                event.day,
                event.due,
                owed.amount,
                RECEIVABLE,
                "INV" if owed.cents > 0 else "CM",
                **foreign,
            )
        elif event.kind != "bad debt":
            got = sum(line.cents for line in event.lines if line.account == "1000")
            self._documents[event.document] = self._books.receipt(
                event.document, customer, event.day, money(got), RECEIVABLE
            )
            spent = sum(settled.cents for settled in event.settles)
            gained = got - (spent + abs(event.left_open))
        for settled in event.settles:
            target, worth = self._documents[settled.document], money(settled.cents)
            if event.kind == "bad debt":
                self._books.adjust(target, event.day, -worth)
            elif event.kind == "credit note":
                self._books.apply(self._documents[event.document], target, event.day, worth)
            else:
                source = self._documents[event.document]
                self._books.apply(source, target, event.day, worth + money(gained), worth)

    def _payable(self, event: Event) -> None:
        assert event.control and event.partner and event.due
        owed = event.control
        if owed.cents < 0:
            foreign = event.currency != self._history.currency
            self._documents[event.document] = self._books.bill(
                event.document,
                self._partners[event.partner.key],
                event.day,
                [event.due],
                -owed.document_amount,
                owed.account,
                -owed.amount if foreign else None,
                INVOICE_CURRENCY_CODE=event.currency,
            )
        for settled in event.settles:
            bill = self._documents[settled.document]
            whole = bill["INVOICE_CURRENCY_CODE"] != self._history.currency
            amount = Decimal(str(bill["INVOICE_AMOUNT"])) if whole else money(settled.cents)
            self._books.pay(bill, event.day, amount)

    # --- year ends by journals ---

    def _close(self, year: int, end: date) -> None:
        """Close into retained earnings in the adjustment period; then close and open the balance sheet."""
        kinds = {code: self._books.kinds[key[3]] for key, code in self._books.codes.items()}
        names = {p["name"] for p in self._books.periods if p["year"] == year}
        before = {p["name"] for p in self._books.periods if p["year"] <= year}
        results: dict[int, Decimal] = defaultdict(Decimal)
        held: dict[int, Decimal] = defaultdict(Decimal)
        for (code, period), (debit, credit) in self._books.moved.items():
            if kinds[code] in ("R", "E") and period in names:
                results[code] += debit - credit
            elif kinds[code] not in ("R", "E") and period in before:
                held[code] += debit - credit
        retained, adjusting = self._books.code(RETAINED), f"ADJ-{year % 100:02}"
        lines = [(code, -amount) for code, amount in results.items() if amount]
        result = sum(results.values(), Decimal(0))
        self._books.journal(
            f"Close {year}",
            end,
            [*lines, (retained, result)],
            adjusting,
            JE_SOURCE="Closing Journal",
            JE_CATEGORY="Income Statement Close",
        )
        if self._closing == "balance":
            self._carry_over(year, end, held, result)

    def _carry_over(self, year: int, end: date, held: dict[int, Decimal], result: Decimal) -> None:
        held[self._books.code(RETAINED)] += result
        lines = [(code, -amount) for code, amount in held.items() if amount]
        difference = -sum((amount for _, amount in lines), Decimal(0))
        lines += [(self._books.code(RETAINED, product="CLOS"), difference)] if difference else []
        back = [(code, -amount) for code, amount in lines]
        kind = {"JE_SOURCE": "Closing Journal", "JE_CATEGORY": "Balance Sheet Close"}
        self._books.journal(f"Balance {year}", end, lines, f"ADJ-{year % 100:02}", **kind)
        self._books.journal(f"Reverses Balance {year}", end + timedelta(1), back, **kind)

    # --- what must change nothing ---

    def _what_does_not_count(self) -> None:
        books, day = self._books, self._history.years[1].start + timedelta(40)
        bank, rent = books.code("1000"), books.code("6100", cost="100")
        pair = [(rent, Decimal(777)), (bank, Decimal(-777))]
        for name, header in {
            "Not posted": {"STATUS": "U"},
            "Budget": {"ACTUAL_FLAG": "B"},
            "Encumbrance": {"ACTUAL_FLAG": "E"},
            "Statistics": {"CURRENCY_CODE": "STAT"},
        }.items():
            books.journal(name, day, pair, **header)
        books.journal("Reversed", day, pair, ACCRUAL_REV_JE_HEADER_ID=1)
        books.journal("Reverses", day, [(code, -amount) for code, amount in pair], REVERSED_JE_HEADER_ID=2)
        books.journal("Nil", day, [(rent, Decimal(0)), (bank, Decimal(0))])
        self._other_receivables(day)
        self._other_payables(day)

    def _other_receivables(self, day: date) -> None:
        books, later = self._books, day + timedelta(33)
        [customer, *_] = [self._partners[p.key] for p in PARTNERS if p.role == "customer"]
        books.transaction("SI-00001", customer, day, day, Decimal(555), RECEIVABLE, ORG_ID=OTHER_ORG)
        books.add(
            "AR_PAYMENT_SCHEDULES_ALL",
            PAYMENT_SCHEDULE_ID=-1,
            CLASS="PMT",
            TRX_NUMBER="On Account",
            GL_DATE=day,
            ACCTD_AMOUNT_DUE_REMAINING=0,
            ORG_ID=ORG,
        )
        first = next(row for row in books.tables.rows("AR_PAYMENT_SCHEDULES_ALL") if row["CLASS"] == "INV")
        books.adjust(first, day, Decimal(-1), status="W")
        books.apply(
            {**first, "CLASS": "CM", "PAYMENT_SCHEDULE_ID": -9},
            dict(first),
            day,
            Decimal(3),
            CONFIRMED_FLAG="N",
        )
        bounced = books.receipt("RC-BOUNCED", customer, later, Decimal(40), RECEIVABLE)
        books.bounce(bounced, later)

    def _other_payables(self, day: date) -> None:
        books, due = self._books, [day + timedelta(30)]
        [supplier, *_] = [self._partners[p.key] for p in PARTNERS if p.role == "supplier"]
        books.bill("PI-00001", supplier, day, due, Decimal(44), "3300", ORG_ID=OTHER_ORG)
        books.bill("PI-ON-HOLD", supplier, day, due, Decimal(55), "3300", accounted=False)
        cancelled = books.bill("PI-CANCELLED", supplier, day, due, Decimal(66), "3300")
        books.void(cancelled, day, Decimal(66), day)
        books.cancel(cancelled, day)
