"""A company at work: its parameters, its books, its dice and its diary."""

from __future__ import annotations

import calendar as gregorian
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from abax.dates import FiscalCalendar
from abax.sample.books import Analytic, Books, Entry, Line
from abax.sample.chart import Chart, Tax
from abax.sample.partners import Partner
from abax.sample.rates import Rates, divided


@dataclass(frozen=True)
class Recurring:
    """A cost that comes by supplier bill: ``yearly`` whole currency units in the first year."""

    role: str
    label: str
    supplies: str
    yearly: int
    bills: int = 1
    """How many a month."""
    months: tuple[int, ...] = tuple(range(1, 13))
    season: tuple[int, ...] = (1000,) * 12
    tax: str = "P"
    analytic: Analytic = ()
    steady: bool = False
    """A contract: the same amount each time."""


@dataclass(frozen=True)
class CardHabit:
    """Spending on the company card: purchases of ``low`` to ``high`` whole units."""

    role: str
    label: str
    count: int
    low: int
    high: int
    tax: str = "P"
    analytic: Analytic = ()


@dataclass(frozen=True)
class Crew:
    """People with the same pay day and department; ``monthly`` gross pay in whole units."""

    role: str
    social_role: str
    label: str
    monthly: int
    analytic: Analytic = ()


@dataclass(frozen=True)
class Asset:
    """A fixed asset written off in equal months; ``cost`` in whole units. Bought before the books start if
    ``supplier`` is empty."""

    name: str
    role: str
    cost: int
    bought: date
    months: int
    bill: bool = False
    sold: date | None = None
    proceeds: int = 0


@dataclass(frozen=True)
class Loan:
    """A bank loan with even monthly principal; ``rate`` in hundredths of a percent a year."""

    label: str
    amount: int
    monthly: int
    rate: int
    drawn: date


@dataclass(frozen=True)
class Profile:
    """Everything that makes one company different from another. Amounts are whole units at scale 1."""

    company_id: int
    name: str
    code: str
    currency: str
    calendar: FiscalCalendar
    chart: Chart
    taxes: tuple[Tax, ...]
    customers: list[Partner]
    suppliers: list[Partner]
    opens: date
    """Day of the opening entry: the last of a fiscal year."""
    ends: date
    revenue: int
    growth: int
    """Permille a year."""
    season: tuple[int, ...]
    invoices: int
    """Customer invoices in an average month."""
    material_share: int
    goods_share: int
    """Permille of revenue that is cost of materials, and of goods."""
    stock: dict[str, int]
    """Role of a stock account to the level that purchasing aims at."""
    material_bills: int
    costs: tuple[Recurring, ...]
    card: tuple[CardHabit, ...]
    crews: tuple[Crew, ...]
    employer_social: int
    employee_social: int
    wage_tax: int
    """Permille of gross pay."""
    bonus_month: int
    bonus: int
    """Thirteenth pay, permille of a month."""
    wage_pay_day: int
    levy_pay_day: int
    assets: tuple[Asset, ...]
    loans: tuple[Loan, ...]
    opening: dict[str, int]
    """Role to opening balance, debit positive; receivables, payables, assets and equity are worked out."""
    opening_receivables: int
    opening_payables: int
    share_capital: int
    tax_rate: int
    """Permille of profit."""
    tax_roles: tuple[str, ...]
    tax_prepayment: int
    """A quarter."""
    tax_settled_after: int
    """Months from the year's end to the payment of the rest of its tax."""
    vat_paid_after: int
    """Months from the quarter's end to the payment of its VAT."""
    insurance: int
    insurance_month: int
    dividend: int
    dividend_month: int
    departments: dict[str, str]
    markets: dict[str, str]
    partner: Partner
    """This company as the other one's partner."""


@dataclass(eq=False)
class Order:
    """What a customer takes in one month: ``net`` in functional cents, ``deposit`` of it paid before."""

    partner: Partner
    net: int
    big: bool
    deposit: int = 0
    number: int = 0


@dataclass(eq=False)
class Firm:
    """A profile brought to life. ``permille`` is the scale: 1000 is the company as described."""

    profile: Profile
    rates: Rates
    seed: int
    permille: int
    books: Books = field(init=False)
    order_book: dict[date, list[Order]] = field(default_factory=dict)
    """Month of delivery to what was ordered for it."""
    from_group: defaultdict[date, int] = field(default_factory=lambda: defaultdict(int))
    """Month to the goods bought from the other company in it, in cents."""
    _dice: dict[str, Random] = field(default_factory=dict)
    _diary: list[tuple[date, int, Callable[[date], None]]] = field(default_factory=list)
    _turn: int = 0

    def __post_init__(self) -> None:
        self.books = Books(self.profile.chart, self.profile.currency, self.profile.calendar)

    def dice(self, concern: str) -> Random:
        """The random source of one concern: what one concern draws never shifts another's."""
        if concern not in self._dice:
            self._dice[concern] = Random(f"{self.seed}/{self.profile.code}/{concern}")  # noqa: S311
        return self._dice[concern]

    def cents(self, units: int) -> int:
        """Whole currency units at scale 1 as cents at this scale."""
        return units * self.permille // 10

    def count(self, number: int, share: int = 1000) -> int:
        """A number of documents at this scale and ``share`` (permille), at least one."""
        return max(1, divided(number * self.permille * share, 1_000_000))

    def later(self, day: date, action: Callable[[date], None]) -> None:
        """Put something in the diary; what lies beyond the end of the books never happens."""
        self._turn += 1
        heapq.heappush(self._diary, (workday(day), self._turn, action))

    def keep_diary(self, until: date) -> None:
        """Do all that is due up to a day."""
        while self._diary and self._diary[0][0] <= until:
            day, _, action = heapq.heappop(self._diary)
            action(day)

    def tax(self, key: str) -> Tax:
        """The tax of that key. Raises KeyError."""
        return next_tax(self.profile.taxes, key)

    def misc(self, day: date, ref: str, lines: list[Line]) -> Entry:
        """Post a miscellaneous entry; lines of nothing are left out."""
        return self.books.post(Entry("MISC", day, [line for line in lines if line.amount], ref))

    def bank(self, day: date, ref: str, lines: list[Line], role: str = "bank") -> Entry:
        """Post a bank entry whose bank line balances the others."""
        total = -sum(line.amount for line in lines)
        journal = {"bank": "BNK1", "savings": "BNK2", "petty_cash": "CSH1", "card": "CARD"}[role]
        return self.books.post(Entry(journal, day, [self.books.line(role, total, ref), *lines], ref))

    def reverse(self, entry: Entry, day: date, reason: str) -> Entry:
        """Post the opposite of a miscellaneous entry."""
        lines = [
            self.books.line(line.account.role, -line.amount, line.label, analytic=line.analytic)
            for line in entry.lines
            if line.account is not None
        ]
        return self.books.post(Entry(entry.journal, day, lines, reason, reverses=entry))

    def take_back(self, entry: Entry, first: date, reason: str, _: date) -> None:
        """Reverse an entry on the very first of a month, working day or not."""
        self.reverse(entry, first, reason)

    def grown(self, units: int, month: date, permille: int) -> int:
        """Cents at this scale of a whole-unit amount that grows each calendar year after 2023."""
        amount = self.cents(units)
        for _ in range(2023, month.year):
            amount += amount * permille // 1000
        for _ in range(month.year, 2023):
            amount -= amount * permille // 1000
        return amount


def next_tax(taxes: tuple[Tax, ...], key: str) -> Tax:
    """The tax of that key. Raises KeyError."""
    for tax in taxes:
        if tax.key == key:
            return tax
    raise KeyError(key)


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=gregorian.monthrange(day.year, day.month)[1])


def months_after(month: date, count: int) -> date:
    """The first of the month ``count`` months on."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> Iterator[date]:
    """The first of each month from the one of ``first`` to the one of ``last``."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = months_after(month, 1)


def is_workday(day: date) -> bool:
    """Neither a weekend nor Christmas nor New Year."""
    return day.weekday() < 5 and (day.month, day.day) not in ((12, 25), (12, 26), (1, 1))


def workday_before(day: date) -> date:
    """The day itself, or the last working day before it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def workday(day: date) -> date:
    """The day itself, or the next working day."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def day_in(rng: Random, month: date, low: int = 1, high: int = 28) -> date:
    """A random working day of the month (others move back, or on from the first)."""
    day = month.replace(day=rng.randint(low, min(high, month_end(month).day)))
    back = workday_before(day)
    return back if back.month == day.month else workday(day)
