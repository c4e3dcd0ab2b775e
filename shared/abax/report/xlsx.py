"""The close as a workbook: one sheet per table, real numbers with formats, headings that stay in sight.

Excel holds numbers as binary floats of 15 digits: amounts up to that size are read back exactly. Subtotals
and totals are formulas over their rows wherever those explain them, the ledger's own value stored beside.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from abax.dates import Granularity
from abax.forecast.series import components
from abax.ledger.model import (
    AGING_BUCKETS,
    AgedReport,
    ClosePackage,
    Forecast,
    LineKind,
    Statement,
    TrialBalance,
)
from abax.money import decimals
from abax.report.view import CUTS, STATEMENTS

Cell = str | Decimal | date | int | float | None
_RATIO_FORMATS: Final = {"%": '0.0" %"', "days": '0" days"', "x": '0.00" ×"'}


def render_xlsx(package: ClosePackage, forecast: Forecast) -> bytes:
    """The workbook's bytes. The same close gives the same bytes: its creation date is the close's own day."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(buffer, options) as book:
        book.set_properties(
            {"title": f"{package.company.name} {package.year}", "created": _noon(package.as_of)}
        )
        writer = _Writer(book, package)
        writer.cover(package, forecast)
        for report in STATEMENTS:
            for cut in CUTS:
                writer.statement(package.statement(report, cut))
        for balance in reversed(package.trial_balances):
            writer.trial_balance(balance)
        for aged in package.aged:
            writer.aged(aged)
        writer.ratios(package)
        writer.checks(package)
        writer.forecast(forecast)
    return buffer.getvalue()


class _Writer:
    """Sheets with a common look."""

    def __init__(self, book: Any, package: ClosePackage) -> None:
        places = decimals(package.company.currency)
        number = f"#,##0{'.' + '0' * places if places else ''}"
        self._book = book
        self._money = f"{number};[Red]-{number};–"
        self._unfinished = package.as_of < package.company.calendar.end_of(package.year)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def cover(self, package: ClosePackage, forecast: Forecast) -> None:
        """Whose close this is, and where each sheet comes from."""
        sheet = self._sheet("Close", (24, 70))
        facts: list[tuple[str, Cell]] = [
            ("Company", package.company.name),
            ("Fiscal year", package.year),
            ("As of", package.as_of),
            ("Currency", package.company.currency),
            ("Checks passed", f"{sum(c.passed for c in package.checks)} of {len(package.checks)}"),
            ("Forecast from", forecast.history_end),
            ("Input hash", package.input_hash),
        ]
        for row, (name, value) in enumerate(facts):
            self._put(sheet, row, 0, name, bold=True)
            self._put(sheet, row, 1, value, align="left")
        for row, text in enumerate([n.message for n in package.notices] + forecast.notes, len(facts) + 1):
            self._put(sheet, row, 0, "Notice", bold=True)
            self._put(sheet, row, 1, text, text_wrap=True)

    def statement(self, statement: Statement) -> None:
        """One statement, one cut; subtotals as formulas where their rows explain them."""
        name = f"{_SHORT[statement.report]} {statement.granularity}"
        sheet = self._sheet(name, (44, *(16 for _ in statement.periods)))
        labels = [column.label for column in statement.periods]
        if statement.granularity == Granularity.YEAR and self._unfinished:
            labels[-1] += f" to {statement.periods[-1].end}"
        self._head(sheet, [statement.title, *labels])
        places = {line.line: row for row, line in enumerate(statement.lines, 1)}
        for row, line in enumerate(statement.lines, 1):
            strong = line.kind is not LineKind.FIGURE
            look: dict[str, Any] = {"bold": True, "top": 1} if strong else {}
            self._put(sheet, row, 0, line.label, indent=line.level, **look)
            parts = [places[part] for part in components(statement, line)]
            for column, value in enumerate(line.values, 1):
                self._amount(sheet, row, column, value, parts, look)

    def trial_balance(self, balance: TrialBalance) -> None:
        """One fiscal year's accounts with totals."""
        sheet = self._sheet(f"Trial balance {balance.year}", (12, 44, 24, 18, 18, 18, 18))
        self._head(sheet, ["Code", "Account", "Class", "Opening", "Debit", "Credit", "Closing"])
        for row, account in enumerate(balance.rows, 1):
            for column, text in enumerate((account.code, account.name, account.statement_class.value)):
                self._put(sheet, row, column, text)
            self._amount(sheet, row, 3, account.opening)
            self._amount(sheet, row, 4, account.debit)
            self._amount(sheet, row, 5, account.credit)
            closing = f"=D{row + 1}+E{row + 1}-F{row + 1}"
            self._formula(sheet, row, 6, closing, account.closing, {})
        self._totals(
            sheet, len(balance.rows), {3: "opening", 4: "debit", 5: "credit", 6: "closing"}, balance.rows
        )

    def aged(self, report: AgedReport) -> None:
        """Partners by days overdue, then every open item."""
        sheet = self._sheet(report.report.replace("_", " ").capitalize(), (40, *(16 for _ in range(7))))
        self._head(
            sheet, [f"Partner, as of {report.as_of}", *(b.capitalize() for b in AGING_BUCKETS), "Total"]
        )
        for row, partner in enumerate(report.partners, 1):
            self._put(sheet, row, 0, partner.partner)
            for column, value in enumerate(partner.buckets, 1):
                self._amount(sheet, row, column, value)
            self._formula(sheet, row, 7, f"=SUM(B{row + 1}:G{row + 1})", partner.total, {})
        last = len(report.partners) + 1
        for column, value in enumerate((*report.buckets, report.total), 1):
            self._sum(sheet, last, column, value)
        self._put(sheet, last, 0, "Total", bold=True, top=1)
        self._items(report)

    def ratios(self, package: ClosePackage) -> None:
        """Ratios by year; a missing one is an empty cell."""
        years = sorted({year for ratio in package.ratios for year in ratio.values}, reverse=True)
        sheet = self._sheet("Ratios", (16, 34, *(14 for _ in years), 70))
        self._head(sheet, ["Group", "Ratio", *years, "How it is computed"])
        for row, ratio in enumerate(package.ratios, 1):
            self._put(sheet, row, 0, ratio.group)
            self._put(sheet, row, 1, ratio.label)
            for column, year in enumerate(years, 2):
                self._put(sheet, row, column, ratio.values.get(year), num_format=_RATIO_FORMATS[ratio.unit])
            self._put(sheet, row, len(years) + 2, ratio.formula)

    def checks(self, package: ClosePackage) -> None:
        """The hard checks."""
        sheet = self._sheet("Checks", (48, 10, 16, 70))
        self._head(sheet, ["Check", "Passed", "Off by", "Detail"])
        for row, check in enumerate(package.checks, 1):
            self._put(sheet, row, 0, check.label)
            self._put(sheet, row, 1, "yes" if check.passed else "NO", bold=not check.passed)
            self._amount(sheet, row, 2, check.difference)
            self._put(sheet, row, 3, check.detail)

    def forecast(self, forecast: Forecast) -> None:
        """Every line with its value, its interval and what its backtest says."""
        months = next(([p.label for p in line.points] for line in forecast.lines if line.points), [])
        sheet = self._sheet("Forecast", (30, 10, 34, 10, 10, 10, *(16 for _ in months), 50))
        self._head(sheet, ["Line", "What", "Method", "MASE", "Naive", "Coverage", *months, "Note"])
        for place, line in enumerate(forecast.lines):
            for step, what in enumerate(("value", "low", "high")):
                row = 1 + 3 * place + step
                self._put(sheet, row, 0, line.label, bold=not step)
                self._put(sheet, row, 1, what)
                for column, point in enumerate(line.points, 6):
                    self._amount(sheet, row, column, getattr(point, what))
            self._put(sheet, 1 + 3 * place, 2, line.method)
            for column, score in enumerate((line.mase, line.naive_mase, line.coverage), 3):
                self._put(sheet, 1 + 3 * place, column, score, num_format="0%" if column == 5 else "0.00")
            self._put(sheet, 1 + 3 * place, 6 + len(months), line.note)

    def _items(self, report: AgedReport) -> None:
        side = report.report.removeprefix("aged_")
        sheet = self._sheet(f"Open {side}", (40, 24, 12, 14, 14, 14, 16))
        self._head(sheet, ["Partner", "Entry", "Account", "Posted", "Due", "Overdue", "Open"])
        for row, item in enumerate(report.items, 1):
            texts = (item.partner, item.entry_name, item.account_code)
            for column, value in enumerate(
                (*texts, item.posting_date, item.due_date, AGING_BUCKETS[item.bucket])
            ):
                self._put(sheet, row, column, value)
            self._amount(sheet, row, 6, item.residual)
        self._put(sheet, len(report.items) + 1, 0, "Total", bold=True, top=1)
        self._sum(sheet, len(report.items) + 1, 6, report.total)

    def _totals(self, sheet: Any, rows: int, columns: dict[int, str], values: Sequence[Any]) -> None:
        self._put(sheet, rows + 1, 0, "Total", bold=True, top=1)
        for column, name in columns.items():
            self._sum(sheet, rows + 1, column, sum((getattr(row, name) for row in values), Decimal(0)))

    def _sheet(self, name: str, widths: Sequence[float]) -> Any:
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _head(self, sheet: Any, names: Sequence[str]) -> None:
        for column, name in enumerate(names):
            self._put(
                sheet,
                0,
                column,
                name,
                bold=True,
                bottom=1,
                bg_color="#F3F1EB",
                align="left" if not column else "right",
            )
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)

    def _sum(self, sheet: Any, row: int, column: int, value: Decimal) -> None:
        """The total of everything above in the column."""
        letter = _letter(column)
        look = {"bold": True, "top": 1}
        if row > 1:
            self._formula(sheet, row, column, f"=SUM({letter}2:{letter}{row})", value, look)
        else:
            self._amount(sheet, row, column, value, (), look)

    def _amount(
        self,
        sheet: Any,
        row: int,
        column: int,
        value: Decimal,
        parts: Sequence[int] = (),
        look: dict[str, Any] | None = None,
    ) -> None:
        if parts:
            letter = _letter(column)
            formula = "=" + "+".join(f"{letter}{part + 1}" for part in parts)
            self._formula(sheet, row, column, formula, value, look or {})
        else:
            self._put(sheet, row, column, value, num_format=self._money, **(look or {}))

    def _formula(
        self, sheet: Any, row: int, column: int, formula: str, value: Decimal, look: dict[str, Any]
    ) -> None:
        """Binary floats do not add up to the cent by themselves, so the formula rounds."""
        rounded = f"=ROUND({formula[1:]},{max(2, -int(value.as_tuple().exponent))})"
        sheet.write_formula(row, column, rounded, self._format(num_format=self._money, **look), float(value))

    def _put(self, sheet: Any, row: int, column: int, value: Cell, **look: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, date):
            sheet.write_datetime(row, column, value, self._format(**{"num_format": "yyyy-mm-dd", **look}))
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self._format(**look))
        else:
            sheet.write_number(row, column, value, self._format(**look))

    def _format(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]


def _letter(column: int) -> str:
    """``A`` for 0."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


_SHORT: Final = {"income_statement": "Income", "balance_sheet": "Balance", "cash_flow": "Cash flow"}
