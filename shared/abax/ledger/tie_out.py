"""Ours beside theirs: the figures of a source system's own reports, worked out again from the ledger.

A report is a list of figures, each with what it means: which accounts, which days, whether closing entries
count. Ours is computed from journal lines and open items by that meaning, never from the report. A difference
either is explained by a figure of the ledger that equals it to the cent, or it stays unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from abax.ledger.aging import aged
from abax.ledger.model import Frozen, OpenItem, Side
from abax.ledger.store import Ledger
from abax.ledger.trial_balance import retained_earnings_account
from abax.money import ZERO

SINCE_EVER: Final = date(1, 1, 1)


class Measure(StrEnum):
    """What is summed of journal lines."""

    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"


class Days(StrEnum):
    """Which journal lines count towards a figure of the days from ``start`` to ``end``."""

    WITHIN = "within"
    """Those posted on these days; opening entries among them stand in the opening balance."""
    BEFORE = "before"
    """Those posted before, and opening entries of these days."""
    UNTIL = "until"
    """All posted by the end."""


@dataclass(frozen=True)
class Sum:
    """A sum over journal lines of some accounts."""

    accounts: frozenset[str]
    """Account ids, codes, or ``type:`` and a source type; empty for all accounts."""
    days: Days
    start: date
    end: date
    measure: Measure = Measure.AMOUNT
    sign: int = 1
    closing: bool = True
    """Whether closing entries count."""
    carried: bool = False
    """Whether result accounts begin each year at nil, and retained earnings carry what they came to."""


@dataclass(frozen=True)
class Line:
    """One journal line's amount."""

    line_id: str
    measure: Measure


@dataclass(frozen=True)
class Open:
    """Open items on a day, of a partner, a document or an account; of one bucket or of all."""

    report: str
    day: date
    partner: str | None = None
    document: str | None = None
    bucket: int | None = None
    sign: int = 1
    due_today: int | None = None
    """The bucket of what falls due on the day, where it is not ``not due``."""


@dataclass(frozen=True)
class Reason:
    """Something that is so by definition: its figure says how much of a difference it makes."""

    text: str
    figure: Sum


@dataclass(frozen=True)
class Theirs:
    """A figure of a report."""

    line: str
    column: str
    value: Decimal
    meaning: Sum | Line | Open
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class TheirReport:
    """A source system's report on one company."""

    company: str
    name: str
    file: str
    figures: tuple[Theirs, ...]
    whole: frozenset[str] = field(default_factory=frozenset)
    """Account ids that the report shows; any other account must be nil in it. Empty: not said."""
    left_out: str = ""
    """Why nothing of it is compared."""
    erp: str = ""
    """Whose report it is."""


def own_totals(ledger: Ledger) -> TheirReport:
    """The source's own totals by account and fiscal year, where it keeps any, of the years that were read."""
    rows = ledger.rows(
        "SELECT account_id, coalesce(nullif(code, ''), account_id) AS code, fiscal_year, sum(opening), "
        "sum(amount) FROM balances LEFT JOIN accounts USING (account_id) "
        "WHERE list_contains($years, fiscal_year) GROUP BY 1, 2, 3 ORDER BY 3, 2",
        years=ledger.years,
    )
    figures = [
        Theirs(f"{code} {year}", column, value, _total_of(ledger, account, year, days))
        for account, code, year, opening, moved in rows
        for column, value, days in (("opening", opening, Days.BEFORE), ("movement", moved, Days.WITHIN))
        if value is not None
    ]
    return TheirReport(ledger.company.name, "totals of the source", "", tuple(figures))


def _total_of(ledger: Ledger, account: str, year: int, days: Days) -> Sum:
    start, end = ledger.calendar.start_of(year), ledger.calendar.end_of(year)
    return Sum(frozenset({account}), days, start, end, carried=days is Days.BEFORE)


class TieLine(Frozen):
    """A figure compared. ``reason`` is empty for one that is equal, and for a difference without one."""

    report: str
    line: str
    column: str
    ours: Decimal
    theirs: Decimal
    difference: Decimal
    reason: str = ""


class TieOut(Frozen):
    """All reports on one company."""

    company: str
    lines: list[TieLine]
    left_out: dict[str, str]
    """Reports that were not compared, and why."""
    problem: str = ""
    """Why nothing of the company could be compared."""

    @property
    def equal(self) -> int:
        """Figures that are the same to the cent."""
        return sum(line.difference == 0 for line in self.lines)

    @property
    def explained(self) -> list[TieLine]:
        """Differences that a figure of the ledger accounts for."""
        return [line for line in self.lines if line.difference and line.reason]

    @property
    def unexplained(self) -> list[TieLine]:
        """Differences without a reason."""
        return [line for line in self.lines if line.difference and not line.reason]


def tie_out(ledger: Ledger, reports: Sequence[TheirReport]) -> TieOut:
    """Compare all figures of the reports with ours."""
    ours = _Ours(ledger)
    lines: list[TieLine] = []
    for report in reports:
        lines += [_compared(ours, report, theirs) for theirs in report.figures]
        lines += [_compared(ours, report, theirs) for theirs in _unshown(ours, report)]
    return TieOut(
        company=ledger.company.name,
        lines=lines,
        left_out={report.name: report.left_out for report in reports if report.left_out},
    )


def _compared(ours: _Ours, report: TheirReport, theirs: Theirs) -> TieLine:
    found = ours.figure(theirs.meaning)
    difference = found - theirs.value
    reason = next(
        (why.text for why in theirs.reasons if difference and ours.sum(why.figure) == difference), ""
    )
    return TieLine(
        report=report.name,
        line=theirs.line,
        column=theirs.column,
        ours=found,
        theirs=theirs.value,
        difference=difference,
        reason=reason,
    )


def _unshown(ours: _Ours, report: TheirReport) -> Iterable[Theirs]:
    """Accounts that the report does not show are nil in it, in each of its columns."""
    if not report.whole:
        return
    columns = {theirs.column: theirs.meaning for theirs in report.figures if isinstance(theirs.meaning, Sum)}
    accounts = ours.ledger.accounts
    hidden = [key for key in accounts if not {key, accounts[key].code} & report.whole]
    for key in hidden:
        if ours.ledger.accounts[key].statement_class.side is Side.OFF_BALANCE:
            continue
        for column, meaning in columns.items():
            only = Sum(
                frozenset({key}),
                meaning.days,
                meaning.start,
                meaning.end,
                meaning.measure,
                meaning.sign,
                meaning.closing,
                meaning.carried,
            )
            if ours.sum(only):
                yield Theirs(f"{key} (not in the report)", column, ZERO, only)


class _Ours:
    """Figures of the ledger by what they mean."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._results = {
            key for key, account in ledger.accounts.items() if account.statement_class.side is Side.RESULT
        }
        self._keys: dict[str, list[str]] = {}
        for key, account in ledger.accounts.items():
            for name in {key, account.code}:
                self._keys.setdefault(name, []).append(key)
        for key, kind in ledger.rows("SELECT account_id, source_type FROM accounts"):
            self._keys.setdefault(f"type:{kind}", []).append(key)
        self._sums: dict[tuple[object, ...], dict[str, Decimal]] = {}
        self._lines: dict[str, tuple[Decimal, Decimal, Decimal]] | None = None
        self._items: dict[tuple[str, date], list[OpenItem]] = {}

    def figure(self, meaning: Sum | Line | Open) -> Decimal:
        """What the ledger makes of it."""
        if isinstance(meaning, Sum):
            return self.sum(meaning)
        return self._line(meaning) if isinstance(meaning, Line) else self._open(meaning)

    def sum(self, wanted: Sum) -> Decimal:
        """Of journal lines."""
        found = self._by_account(wanted, SINCE_EVER)
        if wanted.carried and wanted.days is not Days.WITHIN:
            found = self._carried(wanted, found)
        chosen = {key for name in wanted.accounts for key in self._keys.get(name, ())}
        return wanted.sign * sum(
            (value for key, value in found.items() if not wanted.accounts or key in chosen), ZERO
        )

    def _carried(self, wanted: Sum, found: Mapping[str, Decimal]) -> dict[str, Decimal]:
        calendar = self.ledger.calendar
        own_year = self._by_account(wanted, calendar.start_of(calendar.year_of(wanted.start)))
        moved = {key: own_year.get(key, ZERO) if key in self._results else found[key] for key in found}
        earlier = sum(found.values(), ZERO) - sum(moved.values(), ZERO)
        heir = retained_earnings_account(self.ledger).account_id
        return {**moved, heir: moved.get(heir, ZERO) + earlier}

    def _by_account(self, wanted: Sum, first: date) -> dict[str, Decimal]:
        key = (wanted.days, wanted.start, wanted.end, wanted.measure, wanted.closing, first)
        if key not in self._sums:
            opening = "coalesce(is_opening, false)"
            condition = {
                Days.WITHIN: f"posting_date BETWEEN $start AND $end AND NOT {opening}",
                Days.BEFORE: f"(posting_date < $start OR (posting_date <= $end AND {opening}))",
                Days.UNTIL: "posting_date <= $end AND $start IS NOT NULL",
            }[wanted.days]
            rows = self.ledger.rows(
                f"SELECT account_id, coalesce(sum({wanted.measure.value}), 0) FROM journal_lines "
                f"WHERE {condition} AND posting_date >= $first AND ($closing OR NOT is_closing) GROUP BY 1",
                start=wanted.start,
                end=wanted.end,
                first=first,
                closing=wanted.closing,
            )
            self._sums[key] = dict(rows)
        return self._sums[key]

    def _line(self, wanted: Line) -> Decimal:
        if self._lines is None:
            rows = self.ledger.rows("SELECT line_id, amount, debit, credit FROM journal_lines")
            self._lines = {key: (amount, debit, credit) for key, amount, debit, credit in rows}
        place = list(Measure).index(wanted.measure)
        return self._lines.get(wanted.line_id, (ZERO,) * 3)[place]

    def _open(self, wanted: Open) -> Decimal:
        key = (wanted.report, wanted.day)
        if key not in self._items:
            self._items[key] = aged(self.ledger, wanted.report, wanted.day).items
        return wanted.sign * sum(
            (item.residual for item in self._items[key] if _is_wanted(item, wanted)), ZERO
        )


def _is_wanted(item: OpenItem, wanted: Open) -> bool:
    bucket = item.bucket
    if wanted.due_today is not None and item.due_date == wanted.day:
        bucket = wanted.due_today
    return (
        wanted.partner in (None, item.partner)
        and wanted.document in (None, item.entry_name)
        and wanted.bucket in (None, bucket)
    )
