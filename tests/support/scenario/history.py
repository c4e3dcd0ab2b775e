"""Three years of a company's life, made up from a seed, and what its statements must say: plain sums in whole
cents, debit positive, over what happened. Nothing here knows SQL, an ERP, or how Abax reckons.

Every event is one journal entry. At most one line of it is on a control account (RECEIVABLE or PAYABLE); such
an event has a partner and a due date, and may settle earlier documents of that partner. What it settles less
than its own line comes to stays open: of an invoice its amount, of an overpayment the rest.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import Final

Cents = dict[str, int]
"""By statement class, debit positive."""


@dataclass(frozen=True)
class Account:
    """An account of the chart, by the name of its statement class."""

    code: str
    name: str
    statement_class: str

    @property
    def is_result(self) -> bool:
        """Whether it starts every year at nil."""
        return self.code >= "4000"


CHART: Final = tuple(
    Account(*row)
    for row in (
        ("0400", "Machinery", "fixed_assets"),
        ("0410", "Accumulated depreciation", "fixed_assets"),
        ("0500", "Rental deposits", "other_non_current_assets"),
        ("1000", "Bank", "cash"),
        ("1140", "Stock of goods", "inventory"),
        ("1200", "Trade receivables", "receivables"),
        ("1400", "Input VAT", "other_current_assets"),
        ("1500", "Prepaid insurance", "prepayments"),
        ("2000", "Share capital", "equity"),
        ("2100", "Retained earnings", "retained_earnings"),
        ("3000", "Provision for warranties", "other_non_current_liabilities"),
        ("3100", "Bank loan", "long_term_debt"),
        ("3150", "Money market loan", "short_term_debt"),
        ("3300", "Trade payables", "payables"),
        ("3400", "Company credit card", "credit_cards"),
        ("3500", "Output VAT", "other_current_liabilities"),
        ("3700", "Taxes accrued", "other_current_liabilities"),
        ("3800", "Other accruals", "other_current_liabilities"),
        ("4000", "Goods sold", "revenue"),
        ("4010", "Services sold", "revenue"),
        ("4100", "Exports", "revenue"),
        ("4800", "Exchange gains", "other_income"),
        ("5000", "Cost of goods sold", "cost_of_sales"),
        ("6000", "Wages and salaries", "operating_expenses"),
        ("6100", "Rent – Büroräume", "operating_expenses"),
        ("6200", "Insurance", "operating_expenses"),
        ("6300", "Travel", "operating_expenses"),
        ("6400", "Bad debts", "operating_expenses"),
        ("6500", "Exchange losses", "operating_expenses"),
        ("6600", "Consultants", "operating_expenses"),
        ("6900", "Depreciation", "depreciation"),
        ("7000", "Interest received", "interest_income"),
        ("7100", "Interest paid", "interest_expense"),
        ("7600", "Income taxes", "income_tax"),
    )
)
ACCOUNTS: Final = {account.code: account for account in CHART}
RECEIVABLE: Final = "1200"
PAYABLE: Final = "3300"
CONTROL: Final = {RECEIVABLE: "receivable", PAYABLE: "payable"}
RETAINED: Final = "2100"

COST_CENTRES: Final = {"100": "Sales", "200": "Administration", "300": "Production"}

SPECIAL_PERIOD: Final = 13
"""Of late adjustments, which are posted on the last day of a year."""


@dataclass(frozen=True)
class Partner:
    """A customer or a supplier. The last customer and the last supplier are the same firm."""

    key: str
    name: str
    role: str


CUSTOMERS: Final = tuple(
    Partner(f"C{number:02d}", name, "customer")
    for number, name in enumerate(
        (
            "Aurora Retail GmbH",
            "O'Neill & Sons Ltd",
            "Élan Maison SARL",
            "Fjord Handel AS",
            "Delta Markets BV",
        ),
        1,
    )
)
ABROAD: Final = Partner("C90", "Cascade Foods Inc", "customer")
SUPPLIERS: Final = tuple(
    Partner(f"S{number:02d}", name, "supplier")
    for number, name in enumerate(("Lumen Power AG", "Norrland Timber AB", "Delta Markets BV"), 1)
)
OVERSEAS: Final = Partner("S90", "Kanto Machines KK", "supplier")
PARTNERS: Final = (*CUSTOMERS, ABROAD, *SUPPLIERS, OVERSEAS)


@dataclass(frozen=True)
class Line:
    """One account's part of an event: whole cents of the functional currency, debit positive."""

    account: str
    cents: int
    document_amount: Decimal
    """The same in the event's currency."""
    centres: tuple[tuple[str, int], ...] = ()
    """Cost centres and their percents, 100 together; none for what no cost centre bears."""

    @property
    def amount(self) -> Decimal:
        """``cents`` as money."""
        return money(self.cents)


@dataclass(frozen=True)
class Settled:
    """So many cents, always positive and of its own booked value, are no longer open of a document."""

    document: str
    cents: int


@dataclass(frozen=True)
class Event:
    """Something that happened, as one balanced journal entry."""

    number: int
    """1 for the first; by day."""
    day: date
    kind: str
    document: str
    """Its number for people, such as ``SI-00012``: at most 16 letters, no two alike."""
    text: str
    currency: str
    lines: tuple[Line, ...]
    entered: date
    """The day on which it was typed in: later than ``day`` for what was posted back."""
    partner: Partner | None = None
    due: date | None = None
    settles: tuple[Settled, ...] = ()
    period: int | None = None
    """SPECIAL_PERIOD for a late adjustment of the year's last day, to be booked in a special, adjustment or
    closing period where the ERP has such."""

    @property
    def effects(self) -> Cents:
        """What it does to each statement class."""
        found: Cents = defaultdict(int)
        for line in self.lines:
            found[ACCOUNTS[line.account].statement_class] += line.cents
        return dict(found)

    @cached_property
    def control(self) -> Line | None:
        """The line on a control account, where the event has one."""
        return next((line for line in self.lines if line.account in CONTROL), None)

    @property
    def side(self) -> str | None:
        """``receivable``, ``payable`` or nothing."""
        return CONTROL[self.control.account] if self.control else None

    @property
    def left_open(self) -> int:
        """What it leaves open of itself on the day it happens, signed as its control line."""
        if self.control is None:
            return 0
        spent = sum(settled.cents for settled in self.settles)
        return self.control.cents + (spent if self.control.cents < 0 else -spent)

    def split(self) -> Iterator[Line]:
        """Its lines, with those that several cost centres bear cut so that each has one at most."""
        for line in self.lines:
            if len(line.centres) < 2:
                yield line
            for centre, percent in line.centres if len(line.centres) > 1 else ():
                share, rest = divmod(line.cents * percent, 100)
                assert not rest, "shares are whole cents"
                yield Line(line.account, share, line.document_amount * percent / 100, ((centre, 100),))


@dataclass(frozen=True)
class Rate:
    """From ``day`` on, one unit of a currency is worth so much in the functional one."""

    currency: str
    day: date
    per_unit: Decimal


@dataclass(frozen=True)
class Year:
    """A fiscal year, by the calendar year in which it ends."""

    name: int
    start: date
    end: date


@dataclass(frozen=True)
class History:
    """What happened, by day, in one company of ``currency``."""

    name: str
    currency: str
    foreign: tuple[str, str]
    years: tuple[Year, ...]
    events: tuple[Event, ...]
    rates: tuple[Rate, ...]

    @cached_property
    def expected(self) -> Expected:
        """What the statements must say."""
        return Expected(self)

    @cached_property
    def months(self) -> list[tuple[date, date]]:
        """First and last days of the 36 months."""
        start = self.years[0].start
        return [(_month(start, number), _month(start, number + 1) - timedelta(1)) for number in range(36)]

    @property
    def before_late_entries(self) -> History:
        """The same without what was typed in later than the day it is posted on."""
        return replace(self, events=tuple(event for event in self.events if event.entered == event.day))

    def year_of(self, day: date) -> Year:
        """The fiscal year of a day."""
        return next(year for year in self.years if year.start <= day <= year.end)

    def month_of(self, day: date) -> int:
        """The month, 1 to 12, of the fiscal year of a day."""
        start = self.year_of(day).start
        return (day.year - start.year) * 12 + day.month - start.month + 1

    def event(self, document: str) -> Event:
        """The event of that document number."""
        return next(event for event in self.events if event.document == document)


class Expected:
    """Sums over a history's events, in whole cents, debit positive."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._effects = [(event.day, event.effects) for event in history.events]

    def flow(self, start: date, end: date) -> Cents:
        """What moved in each statement class from one day to another, both included."""
        found: Cents = defaultdict(int)
        for day, effects in self._effects:
            if start <= day <= end:
                for name, cents in effects.items():
                    found[name] += cents
        return dict(found)

    def position(self, day: date) -> Cents:
        """What each statement class, results too, came to by the end of a day since the beginning."""
        return self.flow(date.min, day)

    def cash(self, day: date) -> int:
        """Money at the end of a day."""
        return self.position(day).get("cash", 0)

    def open_documents(self, side: str, day: date) -> dict[str, int]:
        """What is open of each document at the end of a day; ``side`` is ``receivable`` or ``payable``."""
        found: dict[str, int] = {}
        for event in self._history.events:
            if event.day <= day and event.side == side:
                found[event.document] = event.left_open
                for settled in event.settles:
                    owed = found[settled.document]
                    found[settled.document] = owed - (settled.cents if owed > 0 else -settled.cents)
        return {document: cents for document, cents in found.items() if cents}

    def aged(self, side: str, day: date) -> dict[str, list[int]]:
        """Open cents by partner's name: not due, due for up to 30, 60, 90, 120 days, for longer."""
        found: dict[str, list[int]] = {}
        for document, cents in self.open_documents(side, day).items():
            event = self._history.event(document)
            assert event.partner and event.due
            late = (day - event.due).days
            bucket = 0 if late <= 0 else min((late - 1) // 30 + 1, 5)
            found.setdefault(event.partner.name, [0] * 6)[bucket] += cents
        return found

    def by_cost_centre(self, year: Year) -> dict[str | None, Cents]:
        """What moved in each result class in a fiscal year by cost centre; None for what none bears."""
        found: dict[str | None, Cents] = defaultdict(lambda: defaultdict(int))
        for event in self._history.events:
            if year.start <= event.day <= year.end:
                for line in event.split():
                    account = ACCOUNTS[line.account]
                    if account.is_result:
                        centre = line.centres[0][0] if line.centres else None
                        found[centre][account.statement_class] += line.cents
        return {centre: dict(cents) for centre, cents in found.items()}


def money(cents: int) -> Decimal:
    """Whole cents as an amount."""
    return Decimal(cents).scaleb(-2)


def history(
    seed: int = 7,
    currency: str = "EUR",
    foreign: Sequence[str] = ("USD", "JPY"),
    year_end_month: int = 12,
    last_year: int = 2025,
) -> History:
    """Three fiscal years of Hanse Trading GmbH, the last of which ends in ``last_year``. Exports are in the
    first foreign currency, which has cents, imports in the second, which has none."""
    return _Life(Random(seed), currency, (foreign[0], foreign[1]), year_end_month, last_year).told()


# --- how it is made up ---

_VAT: Final = 19

Part = tuple[str, int] | tuple[str, int, str]
"""Account, cents and the cost centre, if any."""


class _Life:
    """Makes things happen. A month is counted from the first of the 36 on, from nil."""

    def __init__(
        self, random: Random, currency: str, foreign: tuple[str, str], year_end_month: int, last_year: int
    ) -> None:
        self._random = random
        self._currency = currency
        self._foreign = foreign
        ends = [_month(date(year, year_end_month, 1), 1) for year in range(last_year - 3, last_year + 1)]
        self._years = tuple(
            Year(end.year if end.month > 1 else end.year - 1, start, end - timedelta(1))
            for start, end in pairwise(ends)
        )
        self._start, self._end = self._years[0].start, self._years[-1].end
        self._rates = list(self._made_rates())
        self._events: list[Event] = []
        self._numbers: dict[str, int] = defaultdict(int)

    def told(self) -> History:
        self._founding()
        for month in range(36):
            self._month(month)
        for year in self._years:
            self._year_end(year)
        self._rarities()
        self._value_added_tax()
        ordered = sorted(self._events, key=lambda event: (event.day, bool(event.settles)))
        return History(
            name="Hanse Trading GmbH",
            currency=self._currency,
            foreign=self._foreign,
            years=self._years,
            events=tuple(replace(event, number=number) for number, event in enumerate(ordered, 1)),
            rates=tuple(self._rates),
        )

    # --- what happens ---

    def _founding(self) -> None:
        self._book("capital", self._day(0, 1), ("1000", 50_000_000), ("2000", -50_000_000))
        self._book("deposit", self._day(0, 2), ("0500", 600_000), ("1000", -600_000))
        self._book("loan", self._day(1, 5), ("1000", 20_000_000), ("3100", -20_000_000))
        machine = self._bill("machine", self._day(0, 20), SUPPLIERS[0], ("0400", 12_000_000), vat=True)
        self._pay(self._day(1, 19), machine)

    def _month(self, month: int) -> None:
        last = self._last(month)
        self._sales(month)
        self._purchases(month)
        if month % 3 == 1:
            self._export(month)
        if month % 4 == 2:
            self._import(month)
        self._running_costs(month, last)
        if month % 12 == 0:
            self._book("insurance", self._day(month, 3), ("1500", 1_200_000), ("1000", -1_200_000))
        self._book("release", last, ("6200", 100_000, "200"), ("1500", -100_000))
        self._book("depreciation", last, ("6900", 200_000, "300"), ("0410", -200_000))
        if month % 3 == 2:
            self._book("repayment", last, ("3100", 1_000_000), ("7100", 43_210), ("1000", -1_043_210))

    def _running_costs(self, month: int, last: date) -> None:
        wages = [(centre, self._random.randint(500_000, 700_000)) for centre in COST_CENTRES]
        parts: list[Part] = [("6000", cents, centre) for centre, cents in wages]
        self._book("payroll", self._day(month, 27), *parts, ("1000", -sum(cents for _, cents in wages)))
        rent = 5 * self._random.randint(60_000, 62_000)
        lines = (self._line("6100", rent, (("100", 60), ("200", 40))), self._line("1000", -rent))
        self._add("rent", "RE", self._day(month, 1), lines)
        fuel = self._random.randint(5_000, 60_000)
        self._book("card", self._day(month, 14), ("6300", fuel, "100"), ("3400", -fuel))
        if month % 2:
            self._book("card paid", self._day(month, 16), ("3400", fuel), ("1000", -fuel))
        self._book("interest", last, ("1000", 321 + month), ("7000", -321 - month))

    def _sales(self, month: int) -> None:
        for number in range(self._random.randint(3, 5)):
            day = self._day(month, self._random.randint(1, 28))
            customer = self._random.choice(CUSTOMERS)
            goods, services = self._random.randint(150_000, 1_900_000), self._random.randint(10_000, 290_000)
            shapes: tuple[tuple[Part, ...], ...] = (
                (("4000", goods, "100"),),
                (("4000", goods, "100"), ("4010", services, "300")),
                (("4000", goods, "100"), ("4010", services, "300"), ("4000", goods // 7, "200")),
            )
            shape = shapes[number % 3]
            sale = self._invoice("sale", day, customer, *shape, vat=len(shape) != 2 or number % 2 == 0)
            self._what_becomes_of(sale, self._random.randint(0, 9))
        cost = self._random.randint(700_000, 1_000_000)
        self._book("cost of sales", self._last(month), ("5000", cost, "300"), ("1140", -cost))

    def _what_becomes_of(self, sale: Event, fate: int) -> None:
        """Paid in time, late, in parts, or not at all."""
        assert sale.due and sale.control
        owed, late = sale.control.cents, timedelta(self._random.randint(1, 130))
        if fate < 4:
            self._receive(sale.due - timedelta(self._random.randint(0, 12)), sale, owed)
        elif fate < 7:
            self._receive(sale.due + late, sale, owed)
        elif fate < 9:
            self._receive(sale.due - timedelta(12), sale, owed * 2 // 5)
            if fate == 7:
                self._receive(sale.due + late, sale, owed - owed * 2 // 5)

    def _purchases(self, month: int) -> None:
        bills = []
        for _ in range(2):
            cents = self._random.randint(350_000, 500_000)
            day = self._day(month, self._random.randint(1, 28))
            bills.append(self._bill("purchase", day, SUPPLIERS[month % 3], ("1140", cents), vat=True))
        fate = self._random.randint(0, 3)
        last_due = max(bill.due for bill in bills if bill.due)
        if fate == 0:
            for bill in bills:
                assert bill.due
                self._pay(bill.due, bill)
        elif fate < 3:
            self._pay(last_due + timedelta(self._random.randint(0, 70)), *bills)
        advice = self._random.randint(30_000, 80_000)
        self._bill("advice", self._last(month), SUPPLIERS[(month + 1) % 3], ("6600", advice, "200"), vat=True)

    def _export(self, month: int) -> None:
        dollars = Decimal(self._random.randint(900_000, 3_000_000)).scaleb(-2)
        sold, paid = self._day(month, 9), self._day(month, 9) + timedelta(75)
        cents = self._valued(dollars, 0, sold)
        lines = (
            Line(RECEIVABLE, cents, dollars),
            Line("4100", -cents, -dollars, (("100", 100),)),
        )
        sale = self._add(
            "export",
            "SI",
            sold,
            lines,
            partner=ABROAD,
            due=sold + timedelta(60),
            currency=self._foreign[0],
        )
        if paid <= self._end and self._random.randint(0, 5):
            self._exchanged("receipt", "RC", paid, sale, dollars, 0)

    def _import(self, month: int) -> None:
        yen = Decimal(self._random.randint(200_000, 900_000))
        bought, paid = self._day(month, 11), self._day(month, 11) + timedelta(50)
        cents = self._valued(yen, 1, bought)
        lines = (Line("1140", cents, yen), Line(PAYABLE, -cents, -yen))
        bill = self._add(
            "import",
            "PI",
            bought,
            lines,
            partner=OVERSEAS,
            due=bought + timedelta(45),
            currency=self._foreign[1],
        )
        if paid <= self._end:
            self._exchanged("payment", "PY", paid, bill, -yen, 1)

    def _exchanged(
        self, kind: str, prefix: str, day: date, invoice: Event, amount: Decimal, which: int
    ) -> None:
        """An invoice in a foreign currency is paid, at that day's rate."""
        assert invoice.control
        booked, paid = invoice.control.cents, self._valued(amount, which, day)
        gain = paid - booked
        result = "4800" if gain > 0 else "6500"
        lines = [Line("1000", paid, amount), Line(invoice.control.account, -booked, -amount)]
        if gain:
            lines.append(Line(result, -gain, Decimal(0), (("200", 100),)))
        settles = (Settled(invoice.document, abs(booked)),)
        self._add(
            kind, prefix, day, tuple(lines),
            partner=invoice.partner, due=day, currency=invoice.currency, settles=settles,
        )  # fmt: skip

    def _year_end(self, year: Year) -> None:
        accrued = 1_500_000 + year.name
        self._book("tax", year.end, ("7600", accrued), ("3700", -accrued))
        late = 77_777 + year.name
        self._book("late adjustment", year.end, ("6600", late, "200"), ("3800", -late), period=SPECIAL_PERIOD)
        self._invoice("sale", year.end, CUSTOMERS[0], ("4000", 123_456, "100"), vat=True)
        self._book("warranty", year.end, ("5000", 250_000, "300"), ("3000", -250_000))
        if year.end < self._end:
            self._book("tax paid", _month(year.end, 4), ("3700", accrued), ("1000", -accrued))
            self._book("dividend", _month(year.end, 5), ("2100", 100_000), ("1000", -100_000))

    def _rarities(self) -> None:
        """What happens once or twice."""
        leap = next(
            (day for day in (date(y.end.year, 2, 28) + timedelta(1) for y in self._years) if day.month == 2),
            self._day(14, 28),
        )
        self._invoice("sale", leap, CUSTOMERS[1], ("4000", 29_029, "100"))
        self._invoice("sale", self._day(4, 30), CUSTOMERS[2], ("4000", 1, "100"))
        self._book("borrowed", self._day(14, 2), ("1000", 987_654_321_012), ("3150", -987_654_321_012))
        self._book("given back", self._day(15, 15), ("3150", 987_654_321_012), ("1000", -987_654_321_012))
        over = self._invoice("sale", self._day(6, 8), CUSTOMERS[3], ("4000", 100_000, "100"), vat=True)
        assert over.due
        self._receive(over.due, over, 119_000, too_much=11_000)
        again = self._invoice("sale", self._day(30, 8), CUSTOMERS[4], ("4010", 40_000, "300"), vat=True)
        assert again.due
        self._receive(again.due, again, 47_600, too_much=2_499)
        back = self._invoice("sale", self._day(8, 4), CUSTOMERS[4], ("4000", 500_000, "100"), vat=True)
        self._credit(self._day(8, 25), back, 100_000)
        bad = self._invoice("sale", self._day(10, 6), CUSTOMERS[3], ("4000", 300_000, "100"), vat=True)
        self._write_off(self._day(20, 6), bad)
        behind, typed = self._day(20, 15), self._day(26, 10)
        self._invoice("posted back", behind, CUSTOMERS[2], ("4010", 64_200, "300"), vat=True, entered=typed)
        self._book("posted back", behind, ("6300", 7_531, "100"), ("1000", -7_531), entered=typed)

    def _value_added_tax(self) -> None:
        """On the tenth after each quarter, what was taken in less what was paid."""
        for quarter in range(11):
            start, end = self._day(3 * quarter, 1), self._last(3 * quarter + 2)
            moved = [event for event in self._events if start <= event.day <= end and event.kind != "VAT"]
            took, gave = (
                sum(line.cents for event in moved for line in event.lines if line.account == account)
                for account in ("3500", "1400")
            )
            self._book("VAT", self._day(3 * quarter + 3, 10), ("3500", -took), ("1400", -gave),
                       ("1000", took + gave))  # fmt: skip

    # --- how it is booked ---

    def _invoice(
        self,
        kind: str,
        day: date,
        customer: Partner,
        *sold: Part,
        vat: bool = False,
        entered: date | None = None,
    ) -> Event:
        lines = [self._line(account, -cents, _borne(rest)) for account, cents, *rest in sold]
        lines += self._tax("3500", lines) if vat else []
        owed = self._line(RECEIVABLE, -sum(line.cents for line in lines))
        due = day + timedelta(30)
        return self._add(kind, "SI", day, (owed, *lines), partner=customer, due=due, entered=entered)

    def _bill(self, kind: str, day: date, supplier: Partner, *bought: Part, vat: bool) -> Event:
        lines = [self._line(account, cents, _borne(rest)) for account, cents, *rest in bought]
        lines += self._tax("1400", lines) if vat else []
        owed = self._line(PAYABLE, -sum(line.cents for line in lines))
        return self._add(kind, "PI", day, (*lines, owed), partner=supplier, due=day + timedelta(21))

    def _tax(self, account: str, lines: Iterable[Line]) -> list[Line]:
        net = sum(line.cents for line in lines)
        cents = (abs(net) * _VAT + 50) // 100
        return [self._line(account, cents if net > 0 else -cents)]

    def _receive(self, day: date, invoice: Event, cents: int, too_much: int = 0) -> None:
        if day <= self._end:
            got = cents + too_much
            lines = (self._line("1000", got), self._line(RECEIVABLE, -got))
            self._settle("receipt", "RC", day, lines, invoice, cents)

    def _pay(self, day: date, *bills: Event) -> None:
        """All at once."""
        owed = [(bill.document, -bill.control.cents) for bill in bills if bill.control]
        if day > self._end:
            return
        cents = sum(part for _, part in owed)
        lines = (self._line(PAYABLE, cents), self._line("1000", -cents))
        settles = tuple(Settled(document, part) for document, part in owed)
        self._add("payment", "PY", day, lines, partner=bills[0].partner, due=day, settles=settles)

    def _credit(self, day: date, invoice: Event, net: int) -> None:
        back = [self._line("4000", net, (("100", 100),))]
        back += self._tax("3500", back)
        cents = sum(line.cents for line in back)
        self._settle("credit note", "CN", day, (self._line(RECEIVABLE, -cents), *back), invoice, cents)

    def _write_off(self, day: date, invoice: Event) -> None:
        assert invoice.control
        cents = invoice.control.cents
        lines = (self._line("6400", cents, (("200", 100),)), self._line(RECEIVABLE, -cents))
        self._settle("bad debt", "WO", day, lines, invoice, cents)

    def _settle(
        self, kind: str, prefix: str, day: date, lines: tuple[Line, ...], invoice: Event, cents: int
    ) -> None:
        settles = (Settled(invoice.document, cents),)
        self._add(kind, prefix, day, lines, partner=invoice.partner, due=day, settles=settles)

    def _book(
        self, kind: str, day: date, *parts: Part, period: int | None = None, entered: date | None = None
    ) -> None:
        lines = tuple(self._line(account, cents, _borne(rest)) for account, cents, *rest in parts)
        self._add(kind, "JE", day, lines, period=period, entered=entered)

    def _line(self, account: str, cents: int, centres: tuple[tuple[str, int], ...] = ()) -> Line:
        return Line(account, cents, money(cents), centres)

    def _add(
        self,
        kind: str,
        prefix: str,
        day: date,
        lines: tuple[Line, ...],
        partner: Partner | None = None,
        due: date | None = None,
        currency: str | None = None,
        settles: tuple[Settled, ...] = (),
        period: int | None = None,
        entered: date | None = None,
    ) -> Event:
        assert sum(line.cents for line in lines) == 0, kind
        assert self._start <= day <= self._end, (kind, day)
        self._numbers[prefix] += 1
        document = f"{prefix}-{self._numbers[prefix]:05d}"
        event = Event(
            number=0,
            day=day,
            kind=kind,
            document=document,
            text=f"{kind}, {partner.name}" if partner else kind,
            currency=currency or self._currency,
            lines=lines,
            entered=entered or day,
            partner=partner,
            due=due,
            settles=settles,
            period=period,
        )
        self._events.append(event)
        return event

    # --- days and rates ---

    def _day(self, month: int, day: int) -> date:
        first = _month(self._start, month)
        return first.replace(day=min(day, calendar.monthrange(first.year, first.month)[1]))

    def _last(self, month: int) -> date:
        return self._day(month, 31)

    def _made_rates(self) -> Iterator[Rate]:
        for month in range(36):
            dollar = Decimal(9_200 + self._random.randint(-400, 400)).scaleb(-4)
            yen = Decimal(6_200 + self._random.randint(-300, 300)).scaleb(-6)
            for currency, per_unit in zip(self._foreign, (dollar, yen), strict=True):
                yield Rate(currency, _month(self._start, month), per_unit)

    def _valued(self, amount: Decimal, which: int, day: date) -> int:
        """In cents at the day's rate."""
        rates = [rate for rate in self._rates if rate.currency == self._foreign[which] and rate.day <= day]
        worth = amount * rates[-1].per_unit * 100
        return int(worth.to_integral_value(ROUND_HALF_UP))


def _borne(rest: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return ((rest[0], 100),) if rest else ()


def _month(day: date, later: int) -> date:
    """The first day of the month so many months later."""
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
