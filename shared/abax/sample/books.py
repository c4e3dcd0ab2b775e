"""Double-entry books in integer cents, and what they must add up to.

Everything is posted in the order of the months, so running balances and residuals at a month's end are those
of that day. Amounts are debit positive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from abax.dates import FiscalCalendar
from abax.errors import UnbalancedEntry
from abax.sample.chart import Account, Chart
from abax.sample.partners import Partner

Analytic = tuple[tuple[str, int], ...]
"""Keys of analytic accounts (several plans joined by a comma) with their percentages."""


@dataclass(slots=True, eq=False)
class Line:
    """A journal line; ``account`` is missing on sections and notes only."""

    account: Account | None
    amount: int
    label: str
    currency: str
    foreign: int
    """In ``currency``; equals ``amount`` where that is the functional one."""
    partner: Partner | None = None
    due: date | None = None
    analytic: Analytic = ()
    kind: str = "product"
    quantity: int = 1
    tax: str = ""
    """Key of the tax that made this line."""
    taxes: tuple[str, ...] = ()
    """Keys of the taxes that it is the base of."""
    residual: int = 0
    residual_foreign: int = 0
    settled_by: list[Settlement] = field(default_factory=list)
    entry: Entry | None = None
    line_id: int = 0

    @property
    def is_open_item(self) -> bool:
        """Whether it is a receivable or payable."""
        return self.account is not None and self.account.type in ("asset_receivable", "liability_payable")


@dataclass(slots=True, eq=False)
class Entry:
    """A journal entry, posted or not."""

    journal: str
    day: date
    lines: list[Line]
    ref: str = ""
    kind: str = "entry"
    """Odoo's ``move_type``."""
    state: str = "posted"
    partner: Partner | None = None
    currency: str = ""
    due: date | None = None
    reverses: Entry | None = None
    payment: str = ""
    """``inbound`` or ``outbound`` for a payment."""
    opening: bool = False
    name: str = "/"
    prefix: str = ""
    number: int = 0
    move_id: int = 0

    @property
    def total(self) -> int:
        """Sum of the debits."""
        return sum(line.amount for line in self.lines if line.amount > 0)

    def control(self) -> Line:
        """Its receivable or payable line."""
        return next(line for line in self.lines if line.is_open_item)


@dataclass(slots=True, eq=False)
class Settlement:
    """A matching of a debit with a credit line; amounts are positive."""

    debit: Line
    credit: Line
    on: date
    amount: int
    foreign: int
    exchange: Entry | None = None


@dataclass(frozen=True)
class AccountTruth:
    """What an account must show for a fiscal year; ``closing = opening + debit - credit``."""

    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


@dataclass(frozen=True)
class YearTruth:
    """What a fiscal year must add up to, in functional currency. Revenue, result, receivables and payables
    are positive as people quote them. Results of earlier years are in the opening of the account of
    undistributed profits, which is how Odoo reads its own books."""

    trial_balance: dict[str, AccountTruth]
    revenue: Decimal
    net_result: Decimal
    closing_cash: Decimal
    open_receivables: Decimal
    open_payables: Decimal
    posted_lines: int


def money(cents: int) -> Decimal:
    """Cents as an amount with two decimals."""
    return Decimal(cents).scaleb(-2)


@dataclass(eq=False)
class Books:
    """One company's entries, settlements, running balances and yearly truth."""

    chart: Chart
    currency: str
    calendar: FiscalCalendar
    entries: list[Entry] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    open_items: dict[Line, None] = field(default_factory=dict)
    truth: dict[int, YearTruth] = field(default_factory=dict)
    _balance: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _debit: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _credit: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _month: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _opening: dict[str, int] = field(default_factory=dict)
    _lines: int = 0
    _closed: date = date.min

    def line(
        self,
        role: str,
        amount: int,
        label: str,
        *,
        partner: Partner | None = None,
        analytic: Analytic = (),
        due: date | None = None,
    ) -> Line:
        """A line in functional currency."""
        account = self.chart[role]
        line = Line(account, amount, label, self.currency, amount, partner, due, analytic)
        if line.is_open_item:
            line.kind = "payment_term"
        return line

    def post(self, entry: Entry) -> Entry:
        """Enter a posted entry. Raises UnbalancedEntry."""
        assert entry.day > self._closed, f"{entry.day} {entry.ref} is in a month that was closed"
        off = sum(line.amount for line in entry.lines)
        if off:
            raise UnbalancedEntry([(f"{entry.journal} {entry.day} {entry.ref}", money(off))])
        for line in entry.lines:
            if line.account is not None:
                self._add(line, line.account.role)
        return self.note(entry)

    def note(self, entry: Entry) -> Entry:
        """Keep an entry that does not count (or has just been counted)."""
        entry.currency = entry.currency or self.currency
        for line in entry.lines:
            line.entry = entry
        self.entries.append(entry)
        return entry

    def _add(self, line: Line, role: str) -> None:
        self._balance[role] += line.amount
        if line.amount > 0:
            self._debit[role] += line.amount
        else:
            self._credit[role] -= line.amount
        self._month[role] += line.amount
        self._lines += 1
        if line.account is not None and line.account.reconcile:
            line.residual, line.residual_foreign = line.amount, line.foreign
        if line.is_open_item:
            self.open_items[line] = None

    def settle(self, debit: Line, credit: Line) -> Settlement:
        """Match as much of the two as both have open, as of the later one's day."""
        assert debit.entry is not None and credit.entry is not None
        on = max(debit.entry.day, credit.entry.day)
        amount = min(debit.residual, -credit.residual)
        foreign = min(debit.residual_foreign, -credit.residual_foreign)
        settlement = Settlement(debit, credit, on, amount, foreign)
        for line, sign in ((debit, -1), (credit, 1)):
            line.residual += sign * amount
            line.residual_foreign += sign * foreign
            line.settled_by.append(settlement)
            if not line.residual and not line.residual_foreign:
                self.open_items.pop(line, None)
        self.settlements.append(settlement)
        return settlement

    def balance(self, *roles: str) -> int:
        """Present balance of these accounts, debit positive; roles that the chart lacks count nothing."""
        return sum(self._balance.get(role, 0) for role in roles)

    def moved(self, kind: str) -> int:
        """Movement this month of all accounts of an Odoo type, debit positive."""
        return sum(self._month.get(account.role, 0) for account in self.of_type(kind))

    def close_month(self, day: date) -> None:
        """Let nothing more in up to ``day``, and start counting the next month's movements."""
        self._closed = day
        self._month.clear()

    def of_type(self, *types: str) -> list[Account]:
        """The accounts of these Odoo types."""
        return [account for account in self.chart.values() if account.type in types]

    def result(self) -> int:
        """The profit of the fiscal year so far."""
        return -sum(self._balance[role] for role, account in self.chart.items() if account.is_result)

    def close_year(self, year: int) -> None:
        """Record what the year must add up to and start the next one."""
        profit = self.result()
        self.truth[year] = YearTruth(
            trial_balance=dict(self._rows()),
            revenue=money(-self._sum("income")),
            net_result=money(profit),
            closing_cash=money(self._sum("asset_cash")),
            open_receivables=money(self._open("asset_receivable")),
            open_payables=money(-self._open("liability_payable")),
            posted_lines=self._lines,
        )
        for role, account in self.chart.items():
            if account.is_result:
                self._balance[role] = 0
        self._balance["retained"] -= profit
        self._opening = dict(self._balance)
        self._debit.clear()
        self._credit.clear()
        self._lines = 0

    def _rows(self) -> Iterable[tuple[str, AccountTruth]]:
        for role, account in sorted(self.chart.items(), key=lambda item: item[1].code):
            opening, debit, credit = self._opening.get(role, 0), self._debit[role], self._credit[role]
            if opening or debit or credit:
                closing = money(opening + debit - credit)
                yield account.code, AccountTruth(money(opening), money(debit), money(credit), closing)

    def _sum(self, kind: str) -> int:
        return sum(self._balance[account.role] for account in self.of_type(kind))

    def _open(self, kind: str) -> int:
        return sum(line.residual for line in self.open_items if line.account and line.account.type == kind)

    def number(self) -> None:
        """Give posted entries the numbers that Odoo would, by journal and period in order of date."""
        counters: defaultdict[str, int] = defaultdict(int)
        self.entries.sort(key=lambda entry: entry.day)
        for entry in self.entries:
            if entry.state != "draft":
                entry.prefix = _prefix(entry)
                counters[entry.prefix] += 1
                entry.number = counters[entry.prefix]
                width = 4 if entry.prefix.count("/") == 3 else 5
                entry.name = f"{entry.prefix}{entry.number:0{width}d}"
        for entry in self.entries:
            if entry.reverses is not None:
                entry.ref = f"Reversal of: {entry.reverses.name}, {entry.ref}"


def _prefix(entry: Entry) -> str:
    refund = "R" if entry.kind.endswith("refund") else ""
    if entry.journal in ("BILL", "MISC", "EXCH") and not refund:
        return f"{entry.journal}/{entry.day.year}/{entry.day.month:02d}/"
    return f"{refund}{entry.journal}/{entry.day.year}/"
