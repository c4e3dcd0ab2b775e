"""The history in SAP: ECC in three shapes and S/4HANA (see ``sap_tables``).

What must change nothing: parked, noted, recurring and model documents; documents of another ledger, and that
ledger's copy of every document; a reversed document with its reversal; another company code and another
client with the same document numbers; texts in other languages; planned totals; what is carried forward;
rates of other types.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import (
    CHART,
    CONTROL,
    COST_CENTRES,
    PARTNERS,
    PAYABLE,
    RECEIVABLE,
    Event,
    History,
    Partner,
    money,
)
from tests.support.scenario.sap_tables import (
    AREA,
    CLIENT,
    LEADING,
    RETAINED,
    Books,
    Fiscal,
    Post,
    inverted,
    padded,
)
from tests.support.scenario.sap_tables import (
    CHART as CHART_OF_ACCOUNTS,
)
from tests.support.scenario.sap_tables import COMPANY as CODE
from tests.support.scenario.tables import TableSet, Value

COMPANY: Final = "Hanse Trading GmbH"
SETTINGS: Final[dict[str, str]] = {"client": CLIENT}
MAPPING: Final = {
    "400": "fixed_assets",
    "410": "fixed_assets",
    "500": "other_non_current_assets",
    "1000": "cash",
    "1140": "inventory",
    "1400": "other_current_assets",
    "1500": "prepayments",
    "2000": "equity",
    "3000": "other_non_current_liabilities",
    "3100": "long_term_debt",
    "3150": "short_term_debt",
    "3400": "credit_cards",
    "3500-3899": "other_current_liabilities",
    "4000-4199": "revenue",
    "4800": "other_income",
    "5*": "cost_of_sales",
    "6*": "operating_expenses",
    "6900": "depreciation",
    "7000": "interest_income",
    "7100": "interest_expense",
    "7600": "income_tax",
}
"""What SAP does not tell. Receivables, payables and retained earnings it does."""

PARALLEL: Final = "2L"
_BOTH: Final = (LEADING, PARALLEL)


def write(history: History, shape: str = "bseg") -> TableSet:
    """The books. A year that does not begin in January goes by the calendar year in which it ends."""
    return _Writer(history, shape).written()


class _Writer:
    def __init__(self, history: History, shape: str) -> None:
        self._history = history
        first = history.years[0].start.month
        self._books = Books(shape, history.currency, Fiscal("K4" if first == 1 else "Z4", first))
        self._numbers: dict[int, int] = defaultdict(int)
        self._keys: dict[str, tuple[str, int]] = {}
        self._cleared = _clearing_days(history)
        self._events = {event.document: event for event in history.events}

    def written(self) -> TableSet:
        self._set_up()
        self._chart()
        self._rates()
        self._centres()
        for event in self._history.events:
            self._number(event)
        for event in self._history.events:
            self._post(event)
        self._traps()
        return self._books.finish()

    # --- master data ---

    def _set_up(self) -> None:
        books = self._books
        for client, text in (("000", "SAP AG"), (CLIENT, "Production"), ("200", "Copy")):
            books.add("T000", MANDT=client, MTEXT=text)
        for letter, iso in (("E", "EN"), ("D", "DE"), ("F", "FR")):
            books.add("T002", SPRAS=letter, LAISO=iso)
        books.company(CODE, COMPANY)
        books.company("2000", "Another GmbH")
        books.company(CODE, "A copy", client="200")
        books.company("0001", "SAP AG", client="000")
        books.company("0001", "A template")
        books.variant()
        books.decimals()
        for partner in PARTNERS:
            name, key = ("KNA1", "KUNNR") if partner.role == "customer" else ("LFA1", "LIFNR")
            books.add(name, **{key: _key(partner)[1:], "NAME1": partner.name})
            books.add(name, **{key: _key(partner)[1:], "NAME1": "of another client", "MANDT": "200"})
        if books.shape == "s4":
            for ledger in (LEADING, PARALLEL):
                books.add("FINSC_LD_CMP", BUKRS=CODE, RLDNR=ledger, PERIV=books.fiscal.name)
                books.add("FINSC_LEDGER_REP", RLDNR=ledger, RLDNR_PERS=ledger)

    def _chart(self) -> None:
        recon = {RECEIVABLE: "D", PAYABLE: "K"}
        for account in CHART:
            kind = "C" if account.statement_class == "cash" else ""
            self._books.account(
                account.code, account.name, not account.is_result, recon.get(account.code, ""), kind
            )
            for language in ("D", "F"):
                self._books.add("SKAT", SPRAS=language, KTOPL=CHART_OF_ACCOUNTS, SAKNR=padded(account.code),
                                TXT20=f"{language}!", TXT50=f"in {language}")  # fmt: skip
        self._books.add("T030", KTOPL=CHART_OF_ACCOUNTS, KTOSL="BIL", KOMOK="X", KONTS=RETAINED)
        self._books.add("T030", KTOPL="OTHR", KTOSL="BIL", KOMOK="X", KONTS=padded("2000"))

    def _rates(self) -> None:
        for rate in self._history.rates:
            many = 100 if rate.currency == "JPY" else 1
            pair: dict[str, Value] = {"FCURR": rate.currency, "TCURR": self._history.currency}
            day = inverted(rate.day)
            self._books.add("TCURR", KURST="M", GDATU=day, UKURS=rate.per_unit * many, **pair)
            self._books.add("TCURR", KURST="P", GDATU=day, UKURS=Decimal(7), **pair)
        for currency in self._history.foreign:
            many = 100 if currency == "JPY" else 1
            self._books.add("TCURF", KURST="M", FCURR=currency, TCURR=self._history.currency,
                            GDATU=inverted(date(1990, 1, 1)), FFACT=many, TFACT=1)  # fmt: skip

    def _centres(self) -> None:
        for code, name in COST_CENTRES.items():
            for begun, ended, called in (
                ("19900101", "20191231", f"Old {name}"),
                ("20200101", "99991231", name),
            ):
                key: dict[str, Value] = {"KOKRS": AREA, "KOSTL": padded(code), "DATBI": ended}
                self._books.add("CSKS", DATAB=begun, BUKRS=CODE, **key)
                self._books.add("CSKT", SPRAS="E", KTEXT=called[:20], LTEXT=called, **key)
                self._books.add("CSKT", SPRAS="D", KTEXT="auf Deutsch", LTEXT="auf Deutsch", **key)

    # --- documents ---

    def _number(self, event: Event) -> None:
        """Numbers begin anew each year."""
        year, _ = self._books.fiscal.of(event.day)
        self._numbers[year] += 1
        self._keys[event.document] = (str(1_000_000_000 + self._numbers[year]), year)

    def _post(self, event: Event) -> None:
        number, _ = self._keys[event.document]
        posts = [*self._control_posts(event), *self._other_posts(event)]
        self._books.document(
            number, event.day, *posts, period=event.period, currency=event.currency, ledgers=_BOTH,
            BLART="DR" if event.control else "SA", XBLNR=event.document, BKTXT=event.text[:25],
        )  # fmt: skip

    def _control_posts(self, event: Event) -> list[Post]:
        """The customer's or vendor's items: its own first, or one for each invoice that it pays and one for
        what is left of it."""
        line = event.control
        if line is None:
            return []
        assert event.partner and event.due
        sign = 1 if line.cents > 0 else -1
        parts = []
        for settled in event.settles:
            invoice = self._events[settled.document]
            whole = abs(line.cents) == settled.cents
            foreign = line.document_amount if whole else money(sign * settled.cents)
            parts.append(
                Post(line.account, money(sign * settled.cents), foreign, _key(event.partner), due=invoice.due,
                     baseline=event.day, invoice=(*self._keys[settled.document], 1), text=event.text[:50],
                     cleared=self._cleared.get(settled.document))
            )  # fmt: skip
        if event.left_open:
            foreign = line.document_amount if not parts else money(event.left_open)
            days = (event.due - event.day).days
            terms = ((days, 0, 0), (14, days, 0), (7, 14, days))[event.number % 3]
            parts.append(
                Post(line.account, money(event.left_open), foreign, _key(event.partner), due=event.due,
                     baseline=event.day, terms=terms if days else (0, 0, 0), text=event.text[:50],
                     cleared=self._cleared.get(event.document))
            )  # fmt: skip
        return parts

    def _other_posts(self, event: Event) -> list[Post]:
        return [
            Post(line.account, line.amount, line.document_amount, text=event.text[:50],
                 centre=line.centres[0][0] if line.centres else "")
            for line in event.split()
            if line.account not in CONTROL
        ]  # fmt: skip

    # --- what must change nothing ---

    def _traps(self) -> None:
        books, day = self._books, self._history.years[0].start
        customer = _key(PARTNERS[0])
        sale = (Post(RECEIVABLE, Decimal(55), partner=customer, baseline=day), Post("4000", Decimal(-55)))
        for place, status in enumerate(("V", "W", "Z", "S", "D", "M")):
            books.document(3_000_000_000 + place, day, *sale, status=status)
        books.document(3_100_000_000, day, Post("6900", Decimal(9)), Post("0410", Decimal(-9)), status="L",
                       ledgers=(PARALLEL,), LDGRP=PARALLEL)  # fmt: skip
        reversed_on = (Post("6300", Decimal(77), centre="100"), Post("1000", Decimal(-77)))
        books.document(3_200_000_000, day, *reversed_on, STBLG="3200000001", ledgers=_BOTH)
        back = [replace(post, amount=-post.amount, negative=True) for post in reversed_on]
        books.document(3_200_000_001, day, *back, STBLG="3200000000", XREVERSAL="2", ledgers=_BOTH)
        same = next(number for number, year in self._keys.values() if year == books.fiscal.of(day)[0])
        books.document(same, day, *sale, company="2000")
        books.document(same, day, *sale, client="200")
        self._plan()

    def _plan(self) -> None:
        year = str(self._history.years[-1].name)
        plan: dict[str, Value] = {"RYEAR": year, "RRCTY": "1", "RACCT": padded("4000"), "HSL01": Decimal(-5)}
        self._books.add("FAGLFLEXT", RBUKRS=CODE, RLDNR=LEADING, **plan)
        self._books.add("GLT0", BUKRS=CODE, RLDNR="00", **plan)


def _clearing_days(history: History) -> dict[str, date]:
    """The day on which nothing is left of a document."""
    left = {event.document: abs(event.left_open) for event in history.events if event.control}
    cleared = {}
    for event in history.events:
        for settled in event.settles:
            left[settled.document] -= settled.cents
            if not left[settled.document]:
                cleared[settled.document] = event.day
    return cleared


def _key(partner: Partner) -> str:
    """``D`` or ``K``, and ten digits."""
    number = int(partner.key[1:])
    return f"D{10_000 + number:010d}" if partner.role == "customer" else f"K{20_000 + number:010d}"
