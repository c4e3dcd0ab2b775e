"""Forecasts of whole closes: the last six months of books held out, by line of the income statement and for
cash, receivables and payables.

Each company is closed as of a day six months before its last complete month, forecast as a close is (the
usual methods), and compared with what the months then were: the mean absolute error, beside the naive
forecast (the same month a year before; the last month where history is under two years), the same in percent
of the mean month's size, and how many months the 80 % interval holds. Balances stand beside the last known
balance too. What was posted later with an earlier date was not known on that day, but the books do not tell.

Books: those of Odoo 17 and ERPNext 15 under ``ABAX_DATA`` (default: ``shared/data`` beside the checkout), put
into throw-away servers, and the sample company of this repository, as ``abax demo`` builds it. Nothing was
fitted to the former; some rules of ``abax.forecast`` were looked at on the sample company.

Read the figures as a check that nothing is far off, not as a ranking. Odoo and ERPNext kept the books, but
what they kept is made up: 20 to 30 journal lines a month for 34 months, four companies after one pattern.
Revenue is chance around a level, without season or trend; costs hardly move; many invoices are never paid, so
that receivables grow to a year's revenue while cash falls each month, far below zero in Odoo's two, where a
refund of the last month outweighs its revenue. ERPNext's revenue has no cost of sales, and its result is near
zero, which makes percents of it large. Six values a line tell little, 28 months cannot tell a season, and one
large invoice decides who is nearer. Seasonal naive is no forecast for a balance that only grows or falls:
look at the last balance there. Of ERPNext's own demonstration company there are seven complete months, too
few to hold six out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, Final

from abax.dates import Granularity
from abax.erp import open_source
from abax.forecast import forecast_package
from abax.forecast.choose import LEVEL, SHORTEST
from abax.forecast.series import CASH, monthly_history, months_after, trimmed
from abax.forecast.statements import POSITIONS
from abax.forecast.toolbox import BASELINE, Reach, Tools, methods_for
from abax.ledger import Ledger, build_package
from abax.ledger.model import ClosePackage, Forecast, ForecastLine, StatementLine
from abax.sample import build
from abax.workflow.reports import HISTORY

from benchmarks.support.books import BooksMissingError, opened, real_books, served

HELD_OUT: Final = 6
"""Months."""
BALANCES: Final = (CASH, "receivables", "payables")
NAIVE, LAST = "seasonal naive", "last balance"
Row = dict[str, Any]


@dataclass(frozen=True)
class HeldOut:
    """A line in the months that were held out, in the company's currency."""

    line: str
    label: str
    actual: Sequence[float]
    ours: Sequence[float]
    naive: Sequence[float]
    last: float
    """The last month that was known."""
    inside: Sequence[bool]
    """Whether each month lay in the interval; nothing where the forecast has no backtest to draw one from."""

    @property
    def size(self) -> float:
        """The mean absolute actual month."""
        return fmean(map(abs, self.actual))

    def error(self, said: Sequence[float]) -> float:
        """The mean absolute error of a forecast."""
        return fmean(abs(a - b) for a, b in zip(self.actual, said, strict=True))


def run() -> Iterator[Row]:
    """Figures of all companies of all books; a row says what was skipped, and why."""
    for books in real_books():
        try:
            with served(books) as url:
                yield from _companies(books.name, url, {})
        except BooksMissingError as missing:
            yield _row(books.name, f"skipped: {missing}")
    with TemporaryDirectory(prefix="abax-bench-") as folder:
        sample = build(Path(folder) / "sample.sqlite")
        yield from _companies("sample", f"sqlite:///{sample.path.resolve()}", sample.mapping)


def _companies(name: str, url: str, mappings: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    with open_source(url) as source:
        companies = source.companies()
    for company in companies:
        case = f"{name}, {company.name}"
        with opened(url, company.company_id, mappings.get(company.name)) as ledger:
            yield from measured(case, ledger)


def measured(case: str, ledger: Ledger) -> Iterator[Row]:
    """All figures of one company."""
    if not ledger.years:
        yield _row(case, "skipped: nothing is posted")
        return
    full = build_package(ledger, ledger.years[-1], history=HISTORY)
    history = monthly_history(full)
    if history.months < HELD_OUT + SHORTEST:
        yield _row(case, f"skipped: {history.months} complete months, {HELD_OUT + SHORTEST} are needed")
        return
    cut = history.known[-HELD_OUT - 1].end
    year = ledger.calendar.year_of(cut)
    known = build_package(ledger, year, as_of=cut, history=HISTORY)
    begun = time.perf_counter()
    outlook = forecast_package(known, HELD_OUT, Tools(Reach.USUAL))
    seconds = time.perf_counter() - begun
    yield _row(case, "months known", "months", history.months - HELD_OUT)
    yield from rows(case, held_out(full, outlook), outlook, seconds)


def held_out(full: ClosePackage, outlook: Forecast) -> Iterator[HeldOut]:
    """Every line of the income statement and ``BALANCES``, those left out that are nothing in fact and
    forecast."""
    calendar = full.company.calendar
    ends = [month.end for month in months_after(calendar, outlook.history_end, HELD_OUT)]
    told = {line.line: line for line in outlook.lines}
    for row, by_end in _actual(full):
        actual = [by_end[end] for end in ends]
        found = _against(row, actual, told.get(row.line))
        if any((*found.actual, *found.ours)):
            yield found


def _actual(full: ClosePackage) -> Iterator[tuple[StatementLine, dict[date, float]]]:
    """Lines, and their values by the month's last day."""
    for report in ("income_statement", "balance_sheet"):
        statement = full.statement(report, Granularity.MONTH)
        ends = [column.end for column in statement.periods]
        for row in statement.lines:
            if row.line not in POSITIONS or row.line in BALANCES:
                yield row, dict(zip(ends, map(float, row.values), strict=True))


def _against(row: StatementLine, actual: Sequence[float], line: ForecastLine | None) -> HeldOut:
    """One line; a forecast that there is not counts as nothing, as in the forecast statements."""
    nothing = [0.0] * len(actual)
    history = trimmed(tuple(map(float, line.history))) if line else ()
    naive = methods_for(history, BASELINE)[0].fit(history).predict(len(actual)) if history else nothing
    points = line.points if line else []
    inside = [
        float(point.low) <= true <= float(point.high) for point, true in zip(points, actual, strict=False)
    ]
    return HeldOut(
        row.line,
        row.label,
        actual,
        [float(point.value) for point in points] or nothing,
        naive,
        history[-1] if history else 0.0,
        inside if line and line.tested else [],
    )


def rows(case: str, found: Iterator[HeldOut], outlook: Forecast, seconds: float) -> Iterator[Row]:
    """The figures of each line, and those of all together."""
    lines = list(found)
    for line in lines:
        yield from _of_line(f"{case}: {line.label}", line, outlook.currency)
    nearer = sum(line.error(line.ours) < line.error(line.naive) for line in lines)
    yield _row(case, f"lines nearer than {NAIVE}", f"of {len(lines)}", nearer)
    inside = [month for line in lines for month in line.inside]
    if inside:
        yield _row(case, f"months inside the {LEVEL:.0%} interval", "share, all lines", fmean(inside))
    failed = [check.label for check in outlook.checks if not check.passed]
    unit = "; ".join(failed) or f"of {len(outlook.checks)}"
    yield _row(case, "hard checks that do not hold", unit, len(failed))
    yield _row(case, "time", "s, one process", round(seconds, 1))


def _of_line(case: str, line: HeldOut, currency: str) -> Iterator[Row]:
    ours, naive = line.error(line.ours), line.error(line.naive)
    yield _row(case, "off by month, mean", currency, ours, naive, NAIVE)
    if line.line in POSITIONS:
        yield _row(case, "off by month, mean", currency, ours, line.error([line.last] * HELD_OUT), LAST)
    if line.size:
        shares = [100 * error / line.size for error in (ours, naive)]
        yield _row(case, "off, of the mean month", "%", shares[0], shares[1], NAIVE)
    if line.inside:
        yield _row(case, f"months inside the {LEVEL:.0%} interval", "share", fmean(line.inside))


def _row(
    case: str,
    metric: str,
    unit: str = "",
    ours: float | None = None,
    peer: float | None = None,
    peer_name: str = "",
) -> Row:
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours if ours is None or isinstance(ours, int) else round(ours, 3),
        "peer": None if peer is None else round(peer, 3),
        "peer_name": peer_name,
        "ratio": round(peer / ours, 2) if ours and peer is not None else None,
    }
