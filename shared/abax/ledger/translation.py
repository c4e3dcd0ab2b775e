"""Books in another currency, as IAS 21 has a foreign operation translated.

==============================  ==========================================================================
assets and liabilities          at the rate of the period's end (IAS 21.39 a)
income, expenses, cash flows    at the average of the month (IAS 21.39 b, 21.40; IAS 7.26)
equity                          at the rate of the month in which it came in: results of earlier years thus
                                stand at the averages of their own months
what that leaves                in the translation reserve, within equity (IAS 21.39 c)
==============================  ==========================================================================

Every cell (a class of a month) is rounded to the currency's decimals, so that months add up to years, and
the reserve takes what the rounding leaves. The cash flow shows what rates did to cash on a line of its own
(IAS 7.28). Books in the currency of a hyperinflationary economy (IAS 21.42) would have to be restated first:
that is not done here.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Generic, TypeVar

from abax.dates import Calendar, Granularity, Period
from abax.errors import InvalidRequest, MissingRate, listed
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.layout import Layout, month_number
from abax.ledger.model import Check, Company, Frozen, Notice, Side, Statement, StatementClass
from abax.ledger.package import cover
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT, Balances, Coverage, build
from abax.ledger.store import Ledger, hashed
from abax.money import ZERO, rounded

Key = TypeVar("Key", bound=Hashable)

RATE_COLUMNS: Final = ("currency", "month", "closing", "average")
_SHOWN_DIGITS: Final = 6


# --- rates ----------------------------------------------------------------------------------------------


@dataclass
class Rates:
    """What currencies are worth in ``base``: day by day as a source quotes them, or month by month.

    Of quotes by the day, a month's average is the mean of those within it; a month without any goes by the
    last one before it, and ``carried`` remembers that it did.
    """

    base: str
    daily: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)
    monthly: Mapping[tuple[str, str], Mapping[str, Decimal]] = field(default_factory=dict)
    carried: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of_ledger(cls, ledger: Ledger) -> Rates:
        """The rates of the source: functional units for one foreign unit."""
        found: dict[str, list[tuple[date, Decimal]]] = {}
        for currency, day, rate in ledger.rows(
            "SELECT currency, rate_date, rate FROM fx_rates WHERE rate > 0 ORDER BY rate_date"
        ):
            found.setdefault(currency, []).append((day, rate))
        return cls(ledger.currency, found)

    @classmethod
    def of_csv(cls, text: str, base: str, other: str = "") -> Rates:
        """Rates of a file with the columns ``currency, month, closing, average``: what one unit of the
        currency is worth in ``base`` (or in ``other``, where the file quotes ``base`` itself and not
        ``other``). Raises InvalidRequest, naming the line."""
        rows: dict[tuple[str, str], dict[str, Decimal]] = {}
        for number, row in _csv_rows(text):
            key = (row["currency"].upper(), row["month"])
            if not all(key) or key in rows:
                problem = "gives rates twice" if all(key) else "names no currency or no month"
                raise InvalidRequest(f"line {number} {problem}", "rates")
            kinds = {kind: _rate(row[kind], number) for kind in RATE_COLUMNS[2:] if row[kind]}
            rows[key] = kinds
        quoted = {currency for currency, _ in rows}
        return cls(other if other and base in quoted and other not in quoted else base, monthly=rows)

    @property
    def fingerprint(self) -> list[str]:
        """What tells these rates from others, where they are none of a source's."""
        return sorted(f"{key} {sorted(kinds.items())}" for key, kinds in self.monthly.items())

    def closing(self, one: str, other: str, month: Period, day: date | None = None) -> Decimal | None:
        """``other`` units for one of ``one`` at the month's end, or on ``day`` within it; None: not known."""
        return self._cross(one, other, lambda currency: self._closing(currency, month, day or month.end))

    def average(self, one: str, other: str, month: Period) -> Decimal | None:
        """The same on the month's average."""
        return self._cross(one, other, lambda currency: self._average(currency, month))

    def knows(self, *currencies: str) -> bool:
        """Whether there is any rate at all of each of them."""
        return self.known.issuperset(currencies)

    @property
    def known(self) -> set[str]:
        """The currencies that there is any rate of, and the one that they are in."""
        return {self.base, *self.daily, *(currency for currency, _ in self.monthly)}

    def _cross(self, one: str, other: str, worth: Callable[[str], Decimal | None]) -> Decimal | None:
        if one == other:
            return Decimal(1)
        values = [Decimal(1) if currency == self.base else worth(currency) for currency in (one, other)]
        return None if None in values else values[0] / values[1]  # type: ignore[operator]

    def _closing(self, currency: str, month: Period, day: date) -> Decimal | None:
        if self.monthly:
            return self._monthly(currency, month, "closing")
        quotes = self.daily.get(currency, ())
        place = bisect_right(quotes, day, key=lambda quote: quote[0])
        if not place:
            return None
        if quotes[place - 1][0] < month.start:
            self.carried.add((currency, month.label))
        return quotes[place - 1][1]

    def _average(self, currency: str, month: Period) -> Decimal | None:
        if self.monthly:
            return self._monthly(currency, month, "average")
        within = [rate for day, rate in self.daily.get(currency, ()) if month.start <= day <= month.end]
        return sum(within, ZERO) / len(within) if within else self._closing(currency, month, month.start)

    def _monthly(self, currency: str, month: Period, kind: str) -> Decimal | None:
        for label in (month.label, f"{month.end:%Y-%m}"):
            if (currency, label) in self.monthly:
                return self.monthly[currency, label].get(kind)
        return None


def _csv_rows(text: str) -> Iterable[tuple[int, dict[str, str]]]:
    """Rows by the names of their columns, each with its line in the file. Raises InvalidRequest."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    lacking = [name for name in RATE_COLUMNS if name not in [f.strip() for f in reader.fieldnames or ()]]
    if lacking:
        raise InvalidRequest(f"the file has no column {listed(lacking)}", "rates")
    for row in reader:
        yield reader.line_num, {str(name).strip(): str(value or "").strip() for name, value in row.items()}


def _rate(text: str, number: int) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = ZERO
    if not rate.is_finite() or rate <= 0:
        raise InvalidRequest(f"line {number}: {text!r} is no rate", "rates")
    return rate


# --- translating ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """The months that books tell of, and from which of them on they are shown. ``numbers`` are those of
    ``month_number``; the last month ends on ``as_of``."""

    months: tuple[Period, ...]
    shown: int
    """Place in ``months`` of the first one shown."""
    as_of: date

    @classmethod
    def of(cls, calendar: Calendar, first_year: int, coverage: Coverage) -> Span:
        """From the beginning of ``first_year`` to the month that holds the coverage's last day."""
        years = range(min(first_year, coverage.first_year), coverage.last_year + 1)
        months = tuple(
            month for year in years for month in calendar.months(year) if month.start <= coverage.as_of
        )
        shown = sum(month.year < coverage.first_year for month in months)
        return cls(months, shown, coverage.as_of)

    @property
    def places(self) -> dict[int, int]:
        """Month number to place."""
        return {month_number(month.year, month.first_month): place for place, month in enumerate(self.months)}

    def end(self, place: int) -> date:
        """The last day of a month that is told of."""
        return min(self.months[place].end, self.as_of)


@dataclass(frozen=True)
class Moves(Generic[Key]):
    """What moved month by month, debit positive. ``positions`` add up to balances; ``flows`` are what was
    done, without what rates did to it."""

    positions: dict[Key, list[Decimal]]
    flows: dict[Key, list[Decimal]]


def translated(
    moves: Mapping[Key, Sequence[Decimal]],
    span: Span,
    rates: Rates,
    one: str,
    other: str,
    at_closing: Callable[[Key], bool],
    also: int = -1,
) -> Moves[Key]:
    """Amounts of currency ``one`` in ``other``. Raises MissingRate.

    Of keys that are ``at_closing`` the balance is translated at each month's end, from the one before the
    first that is shown on, and at the end of month ``also``; of all others, what moves at the average.
    """
    if one == other:
        return Moves(
            {key: list(own) for key, own in moves.items()}, {k: list(own) for k, own in moves.items()}
        )
    ends, averages = _closings(span, rates, one, other), _averages(span, rates, one, other)
    wanted = [place >= span.shown - 1 or place == also for place in range(len(span.months))]
    found: Moves[Key] = Moves({}, {})
    for key, own in moves.items():
        held = at_closing(key)
        first = span.shown if held else 0
        flows = [
            rounded(amount * averages(place), other) if amount and place >= first else ZERO
            for place, amount in enumerate(own)
        ]
        found.flows[key] = flows
        found.positions[key] = _revalued(own, wanted, ends, other) if held else flows
    return found


def _revalued(
    own: Sequence[Decimal], wanted: Sequence[bool], closing: Callable[[int], Decimal], currency: str
) -> list[Decimal]:
    """The movements of a balance that is worth something else at each month's end that is wanted."""
    found, balance, before = [], ZERO, ZERO
    for place, amount in enumerate(own):
        balance += amount
        worth = before
        if wanted[place]:
            worth = rounded(balance * closing(place), currency) if balance else ZERO
        found.append(worth - before)
        before = worth
    return found


def _closings(span: Span, rates: Rates, one: str, other: str) -> Callable[[int], Decimal]:
    known: dict[int, Decimal] = {}

    def closing(place: int) -> Decimal:
        if place not in known:
            month, day = span.months[place], span.end(place)
            known[place] = _required(rates.closing(one, other, month, day), one, other, month)
        return known[place]

    return closing


def _averages(span: Span, rates: Rates, one: str, other: str) -> Callable[[int], Decimal]:
    known: dict[int, Decimal] = {}

    def average(place: int) -> Decimal:
        if place not in known:
            month = span.months[place]
            known[place] = _required(rates.average(one, other, month), one, other, month)
        return known[place]

    return average


def _required(rate: Decimal | None, one: str, other: str, month: Period) -> Decimal:
    if rate is None:
        raise MissingRate(one, other, month.end, month=month.label)
    return rate


# --- one company's books in another currency ------------------------------------------------------------


class RateUsed(Frozen):
    """The rates of one month: units of the presentation currency for one of the functional currency."""

    month: str
    closing: Decimal
    average: Decimal


class Translated(Frozen):
    """A company's statements in a presentation currency."""

    company: Company
    currency: str
    year: int
    as_of: date
    input_hash: str
    statements: list[Statement]
    rates: list[RateUsed]
    checks: list[Check]
    notices: list[Notice]

    def statement(self, report: str, granularity: str) -> Statement:
        """Raises KeyError."""
        for statement in self.statements:
            if (statement.report, statement.granularity) == (report, granularity):
                return statement
        raise KeyError((report, granularity))


def present(
    ledger: Ledger,
    currency: str,
    year: int,
    rates: Rates | None = None,
    *,
    as_of: date | None = None,
    history: int = 3,
) -> Translated:
    """The statements of ``year`` and those before it in ``currency``, at the source's own rates unless others
    are given. Raises MissingRate naming the currency and the month, InvalidRequest."""
    rates = rates or Rates.of_ledger(ledger)
    coverage = cover(ledger, year, as_of, history)
    span = Span.of(ledger.calendar, ledger.years[0], coverage)
    own = moves_by_class(ledger, span, coverage.as_of)
    moves = translated(own, span, rates, ledger.currency, currency, held_at_closing)
    frame = Frame(ledger.calendar, currency)
    drawn = statements(frame, LAYOUTS, closed(moves, span), span, coverage)
    return Translated(
        company=ledger.company,
        currency=currency,
        year=year,
        as_of=coverage.as_of,
        input_hash=hashed(ledger.input_hash, currency, year, coverage.as_of, history, rates.fingerprint),
        statements=drawn,
        rates=list(_rates_used(span, rates, ledger.currency, currency)),
        checks=checks_of(drawn),
        notices=notices_of(rates),
    )


LAYOUTS: Final = (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW)


@dataclass(frozen=True)
class Frame:
    """What statements are cut by, where no single ledger stands behind them."""

    calendar: Calendar
    currency: str


def held_at_closing(name: str) -> bool:
    """Whether the class's balance is translated at the rate of the period's end."""
    return StatementClass(name).side in (Side.ASSET, Side.LIABILITY)


def moves_by_class(ledger: Ledger, span: Span, as_of: date) -> dict[str, list[Decimal]]:
    """What moved in each class by month; entries that only move a result into equity left out."""
    places = span.places
    found: dict[str, list[Decimal]] = {}
    for name, number, amount in ledger.rows(
        f"SELECT statement_class, month_no, sum(amount) FROM {ledger.cube(as_of)} "
        "WHERE NOT is_closing AND statement_class <> 'off_balance' GROUP BY ALL"
    ):
        found.setdefault(name, [ZERO] * len(span.months))[places[number]] += amount
    return found


def closed(moves: Moves[str], span: Span) -> Moves[str]:
    """With what the rates did: in the translation reserve for balances, on cash for flows."""
    reserve, cash = StatementClass.TRANSLATION_RESERVE.value, StatementClass.CASH.value
    nothing = [ZERO] * len(span.months)
    positions = {**moves.positions, reserve: list(moves.positions.get(reserve, nothing))}
    flows = {**moves.flows, reserve: list(moves.flows.get(reserve, nothing))}
    if cash in positions:
        flows[cash] = positions[cash]
    for side in (positions, flows):
        for place in range(len(span.months)):
            side[reserve][place] -= sum((own[place] for own in side.values()), ZERO)
    return Moves(positions, flows)


def statements(
    frame: Frame, layouts: Sequence[Layout], moves: Moves[str], span: Span, coverage: Coverage
) -> list[Statement]:
    """Each statement by month, quarter and year: cash flows of flows, the others of positions."""
    positions, flows = (balances(side, span) for side in (moves.positions, moves.flows))
    return [
        build(frame, flows if layout.report == "cash_flow" else positions, layout, coverage, cut)
        for layout in layouts
        for cut in Granularity
    ]


def balances(moves: Mapping[str, Sequence[Decimal]], span: Span) -> Balances:
    """Movements by month as statements sum them."""
    numbers = [month_number(month.year, month.first_month) for month in span.months]
    cells = (
        (name, False, number, amount)
        for name, own in moves.items()
        for number, amount in zip(numbers, own, strict=True)
        if amount
    )
    return Balances.of_cells(cells)


def checks_of(drawn: Sequence[Statement]) -> list[Check]:
    """Whether every column of the balance sheets balances, and of the cash flows leads from cash to cash."""
    position = [own for own in drawn if own.report == "balance_sheet"]
    flows = [own for own in drawn if own.report == "cash_flow"]
    sheets = [
        (label, one - other)
        for own in position
        for label, one, other in _columns(own, "total_assets", "total_liabilities_and_equity")
    ]
    cash = [
        (label, change - moved)
        for own, sheet in zip(flows, position, strict=True)
        for (label, change), moved in zip(
            _column(own, "net_change_in_cash"), _cash_moved(own, sheet), strict=True
        )
    ]
    return [
        _check("balance_sheet", "assets = liabilities + equity", sheets),
        _check("cash_flow", "the cash flow equals the change in cash", cash),
    ]


def notices_of(*rates: Rates) -> list[Notice]:
    """Which months go by a rate of an earlier one."""
    months: dict[str, set[str]] = {}
    for currency, month in set().union(*(own.carried for own in rates)):
        months.setdefault(currency, set()).add(month)
    return [
        Notice(
            code="carried_rates",
            message=f"{currency} is not quoted in {listed(sorted(of), 36)}: the last rate before counts",
        )
        for currency, of in sorted(months.items())
    ]


def _cash_moved(flow: Statement, sheet: Statement) -> list[Decimal]:
    """What the balance sheet's cash moved by; its first column opens with the cash flow's opening."""
    held = dict(_column(sheet, "cash"))
    before = next(iter(dict(_column(flow, "opening_cash")).values()), ZERO)
    moved = []
    for label in (column.label for column in sheet.periods):
        moved.append(held[label] - before)
        before = held[label]
    return moved


def _column(statement: Statement, line: str) -> list[tuple[str, Decimal]]:
    """A line by period; nil where nothing ever stood on it."""
    values = next((row.values for row in statement.lines if row.line == line), None)
    labels = [column.label for column in statement.periods]
    return list(zip(labels, values or [ZERO] * len(labels), strict=True))


def _columns(statement: Statement, one: str, other: str) -> list[tuple[str, Decimal, Decimal]]:
    pairs = zip(_column(statement, one), _column(statement, other), strict=True)
    return [(label, first, second) for (label, first), (_, second) in pairs]


def _check(name: str, label: str, off: Sequence[tuple[str, Decimal]]) -> Check:
    bad = [(period, by) for period, by in off if by]
    detail = f"in {listed(period for period, _ in bad)}" if bad else ""
    difference = sum((abs(by) for _, by in bad), ZERO)
    return Check(check=name, label=label, passed=not bad, difference=difference, detail=detail)


def _rates_used(span: Span, rates: Rates, one: str, other: str) -> Iterable[RateUsed]:
    places = range(span.shown, len(span.months))
    ends, averages = _closings(span, rates, one, other), _averages(span, rates, one, other)
    digits = Decimal(1).scaleb(-_SHOWN_DIGITS)
    for place in places:
        yield RateUsed(
            month=span.months[place].label,
            closing=ends(place).quantize(digits),
            average=averages(place).quantize(digits),
        )
