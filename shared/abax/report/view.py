"""What the page shows, worked out from the close: tiles, tables and their links, all as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final
from urllib.parse import quote

from abax.dates import Granularity
from abax.ledger.model import (
    AGING_BUCKETS,
    AgedReport,
    ClosePackage,
    Column,
    Ratio,
    Statement,
    StatementLine,
    TrialBalance,
    next_or_raise,
)
from abax.money import ZERO
from abax.report import numbers

CUTS: Final = {"year": "Year", "quarter": "Quarter", "month": "Month"}
STATEMENTS: Final = ("income_statement", "balance_sheet", "cash_flow")


@dataclass(frozen=True)
class Figure:
    """An amount in a cell, and where its lines open."""

    whole: str
    decimals: str
    href: str = ""
    muted: bool = False


@dataclass(frozen=True)
class Tile:
    """A key figure with its change to the year before."""

    label: str
    value: str
    exact: str
    change: str
    versus: str
    direction: str
    """``better``, ``worse`` or nothing."""
    trend: Sequence[Decimal]
    href: str


@dataclass(frozen=True)
class Head:
    """A column of a statement table."""

    text: str
    title: str
    age: int
    """0 in the latest fiscal year, 1 in the one before, and so on."""
    total: bool = False


@dataclass(frozen=True)
class TableRow:
    """A row of a statement table; ``figures`` runs parallel to the table's columns."""

    label: str
    kind: str
    level: int
    figures: list[Figure]
    change: str = ""


@dataclass(frozen=True)
class StatementTable:
    """One statement, cut one way, newest fiscal year first."""

    report: str
    title: str
    cut: str
    years: list[tuple[str, int, int]]
    """Heading, number of columns and age of each fiscal year."""
    columns: list[Head]
    rows: list[TableRow]
    change_heading: str = ""


@dataclass(frozen=True)
class AgedRow:
    """A partner's open amounts by days overdue, then their total."""

    partner: str
    figures: list[Figure]


@dataclass(frozen=True)
class View:
    """Figures of one close, ready to be set. ``linked`` says whether they open."""

    package: ClosePackage
    linked: bool

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return self.package.company.currency

    @property
    def unfinished(self) -> bool:
        """Whether the latest year stops before its end."""
        return self.package.as_of < self.package.company.calendar.end_of(self.package.year)

    def figure(self, value: Decimal, *path: str) -> Figure:
        """A cell that opens at ``path``."""
        whole, decimals = numbers.split_amount(value, self.currency)
        return Figure(whole, decimals, self.href(*path), muted=not value)

    def href(self, *path: str) -> str:
        """The link that opens a figure; nothing where figures do not open."""
        return "#" + "/".join(quote(part, safe="") for part in path) if self.linked and path else ""

    def tiles(self) -> list[Tile]:
        """The key figures: the year so far against the same months of the year before."""
        found = (self._tile(*wanted) for wanted in _TILES)
        return [tile for tile in found if tile]

    def statement_tables(self) -> list[tuple[str, str, list[StatementTable]]]:
        """Each statement's name and title, with its tables by year, quarter and month."""
        return [
            (
                report,
                self.package.statement(report, "year").title,
                [self.statement_table(self.package.statement(report, cut)) for cut in CUTS],
            )
            for report in STATEMENTS
        ]

    def statement_table(self, statement: Statement) -> StatementTable:
        """Fiscal years newest first, their periods in order; flows get the year's sum beside its parts."""
        annual = self.package.statement(statement.report, Granularity.YEAR)
        flows = statement.report == "income_statement" or statement.report == "cash_flow"
        by_year = groupby(
            range(len(statement.periods)), key=lambda place: statement.periods[place].fiscal_year
        )
        groups = sorted(((year, list(places)) for year, places in by_year), reverse=True)
        sums = flows and statement.granularity != Granularity.YEAR
        heads, years = [], []
        for age, (year, places) in enumerate(groups):
            heads += [self._head(statement.periods[place], statement.granularity, age) for place in places]
            if sums:
                heads.append(
                    Head("Year" if age or not self.unfinished else "To date", str(year), age, total=True)
                )
            years.append((str(year), len(places) + sums, age))
        comparable = statement.granularity == Granularity.YEAR and len(groups) > 1
        compared = comparable and not (flows and self.unfinished)
        return StatementTable(
            statement.report,
            statement.title,
            statement.granularity,
            years if statement.granularity != Granularity.YEAR else [],
            heads,
            [self._row(statement, annual, row, groups, sums, compared) for row in statement.lines],
            "Change" if compared else "",
        )

    def aged_rows(self, report: AgedReport) -> list[AgedRow]:
        """Partners with the most open first."""
        day = report.as_of.isoformat()
        ordered = sorted(report.partners, key=lambda partner: (-abs(partner.total), partner.partner))
        return [
            AgedRow(
                partner.partner,
                self._aged_figures(report.report, partner.partner, day, partner.buckets, partner.total),
            )
            for partner in ordered
        ]

    def aged_total(self, report: AgedReport) -> list[Figure]:
        """The last row of an aged report."""
        return self._aged_figures(
            report.report, "total", report.as_of.isoformat(), report.buckets, report.total
        )

    def balance_totals(self, balance: TrialBalance) -> list[Figure]:
        """Sums of opening, debit, credit and closing; the first and the last are zero in sound books."""
        sums = (
            [getattr(row, name) for row in balance.rows] for name in ("opening", "debit", "credit", "closing")
        )
        return [self.figure(sum(values, ZERO)) for values in sums]

    def ratio_groups(self) -> list[tuple[str, list[Ratio]]]:
        """Ratios by group, in the order of the close."""
        return [
            (name, list(group)) for name, group in groupby(self.package.ratios, key=lambda ratio: ratio.group)
        ]

    def ratio_years(self) -> list[str]:
        """Fiscal years that ratios are given for, newest first."""
        return sorted({year for ratio in self.package.ratios for year in ratio.values}, reverse=True)

    def so_far(self, statement: Statement) -> tuple[list[int], list[int]]:
        """Places of the latest year's months, and of the same months of the year before."""
        year = self.package.year
        current = [place for place, column in enumerate(statement.periods) if column.fiscal_year == year]
        before = [place for place, column in enumerate(statement.periods) if column.fiscal_year == year - 1]
        return current, before[: len(current)] if len(before) >= len(current) else []

    def _tile(self, label: str, report: str, line: str, flow: bool) -> Tile | None:
        statement = self.package.statement(report, Granularity.MONTH)
        try:
            row = next_or_raise(statement.lines, line)
        except KeyError:
            return None
        current, before = self.so_far(statement)
        if not current:
            return None
        picked = slice(None) if flow else slice(-1, None)
        value = sum((row.values[place] for place in current[picked]), ZERO)
        old = sum((row.values[place] for place in before[picked]), ZERO)
        moved = numbers.change(value, old) if before else None
        period = str(self.package.year) if flow else statement.periods[current[-1]].label
        return Tile(
            label=label,
            value=numbers.compact(value),
            exact=f"{numbers.amount(value, self.currency)} {self.currency}",
            change=_arrow(moved),
            versus=self._versus(statement.periods, before) if before else "no year before",
            direction="" if not moved else "better" if moved > 0 else "worse",
            trend=row.values[-_TREND:],
            href=self.href(report, line, period),
        )

    def _versus(self, periods: Sequence[Column], before: Sequence[int]) -> str:
        year = self.package.year - 1
        return f"vs. same months of {year}" if self.unfinished else f"vs. {year}"

    def _head(self, column: Column, granularity: str, age: int) -> Head:
        if granularity == Granularity.YEAR:
            cut_short = self.unfinished and not age
            text = f"{column.label} to {day(column.end, year=False)}" if cut_short else column.label
        elif granularity == Granularity.QUARTER:
            text = column.label.partition("-")[2]
        else:
            text = f"{column.start:%b}" if "-P" not in column.label else column.label.partition("-")[2]
        return Head(text, f"{column.label}: {day(column.start)} – {day(column.end)}", age)

    def _row(
        self,
        statement: Statement,
        annual: Statement,
        row: StatementLine,
        groups: Sequence[tuple[int, list[int]]],
        sums: bool,
        compared: bool,
    ) -> TableRow:
        figures = []
        for year, places in groups:
            figures += [
                self.figure(row.values[place], statement.report, row.line, statement.periods[place].label)
                for place in places
            ]
            if sums:
                figures.append(
                    self.figure(annual.value(row.line, str(year)), statement.report, row.line, str(year))
                )
        newest = [row.values[places[0]] for _, places in groups]
        moved = numbers.change(newest[0], newest[1]) if compared else None
        return TableRow(
            row.label, row.kind.value, row.level, figures, numbers.moved(moved) if moved is not None else ""
        )

    def _aged_figures(
        self, report: str, partner: str, as_of: str, buckets: Iterable[Decimal], total: Decimal
    ) -> list[Figure]:
        cells = [
            self.figure(value, *((report, partner, as_of, str(place)) if value else ()))
            for place, value in enumerate(buckets)
        ]
        return [*cells, self.figure(total, report, partner, as_of)]


def day(value: date, year: bool = True) -> str:
    """``31 Oct 2026``."""
    text = f"{value.day} {value:%b}"
    return f"{text} {value.year}" if year else text


def bucket_headings() -> list[str]:
    """Headings of an aged report."""
    return [name.capitalize() for name in AGING_BUCKETS]


def _arrow(moved: Decimal | None) -> str:
    if moved is None:
        return ""
    if abs(moved) >= numbers.BEYOND:
        return "▲ more than tenfold" if moved > 0 else "▼ more than tenfold"
    return f"{'▲' if moved > 0 else '▼' if moved < 0 else '='} {numbers.percent(abs(moved))}"


_TREND: Final = 24
"""Months in a tile's sparkline."""
_TILES: Final = (
    ("Revenue", "income_statement", "revenue", True),
    ("Gross profit", "income_statement", "gross_profit", True),
    ("EBITDA", "income_statement", "ebitda", True),
    ("Net result", "income_statement", "net_result", True),
    ("Operating cash flow", "cash_flow", "operating_cash_flow", True),
    ("Cash", "balance_sheet", "cash", False),
)
