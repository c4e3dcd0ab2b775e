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
from abax.money import ZERO, decimals
from abax.report.forecast_section import POINTS_IN_TIME, alert_text
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
        for ahead in forecast.statements:
            writer.statement_ahead(ahead)
        writer.bridge(forecast)
        writer.scores(forecast)
        writer.drivers(forecast)
        writer.assumptions(package, forecast)
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
        self._statement_rows(sheet, statement)

    def statement_ahead(self, statement: Statement) -> None:
        """A statement of the months ahead; what flows has its sum in the last column."""
        flow = statement.report != "balance_sheet"
        months = [column.label for column in statement.periods]
        name = f"Forecast {_SHORT[statement.report].lower()}"
        sheet = self._sheet(name, (44, *(16 for _ in months), 16))
        self._head(sheet, [statement.title, *months, *(["Sum"] if flow else [])])
        self._statement_rows(sheet, statement)
        last = len(months)
        for row, line in enumerate(statement.lines, 1):
            look: dict[str, Any] = {"bold": True, "top": 1} if line.kind is not LineKind.FIGURE else {}
            if flow and line.values and line.line not in POINTS_IN_TIME:
                formula = f"=SUM(B{row + 1}:{_letter(last)}{row + 1})"
                self._formula(sheet, row, last + 1, formula, sum(line.values, ZERO), look)
            elif flow and line.values:
                place = POINTS_IN_TIME[line.line]
                cell = f"={_letter(1 if not place else last)}{row + 1}"
                self._formula(sheet, row, last + 1, cell, line.values[place], look)

    def bridge(self, forecast: Forecast) -> None:
        """From the net result of the last twelve months to that of the next, the sum of the steps."""
        if not forecast.bridge:
            return
        sheet = self._sheet("Forecast bridge", (44, 18))
        self._head(sheet, ["Net result", forecast.currency])
        last = len(forecast.bridge)
        for row, step in enumerate(forecast.bridge, 1):
            look: dict[str, Any] = {"bold": True, "top": 1} if row in (1, last) else {}
            self._put(sheet, row, 0, step.label, **look)
            if row < last or sum((one.amount for one in forecast.bridge[:-1]), ZERO) != step.amount:
                self._amount(sheet, row, 1, step.amount, (), look)
            else:
                self._formula(sheet, row, 1, f"=SUM(B2:B{last})", step.amount, look)

    def scores(self, forecast: Forecast) -> None:
        """Every method that was tried for each line, the chosen one first."""
        scored = [(line, score) for line in forecast.lines for score in line.scores]
        if not scored:
            return
        sheet = self._sheet("Forecast scores", (34, 40, 10, 10, 10, 10, 10, 60))
        self._head(sheet, ["Line", "Method", "Share", "MASE", "sMAPE", "Coverage", "Bias", "Note"])
        for row, (line, score) in enumerate(scored, 1):
            chosen = score is line.scores[0]
            self._put(sheet, row, 0, line.label, bold=chosen)
            self._put(sheet, row, 1, score.label, bold=chosen)
            smape = None if score.smape is None else score.smape / 100
            shown = ((score.weight or None, "0%"), (score.mase, "0.00"), (smape, "0.0%"))
            for column, (value, look) in enumerate((*shown, (score.coverage, "0%"), (score.bias, "0.0%")), 2):
                self._put(sheet, row, column, value, num_format=look)
            self._put(sheet, row, 7, score.note)

    def drivers(self, forecast: Forecast) -> None:
        """What each line's forecast is made of."""
        found = [(line, driver) for line in forecast.lines for driver in line.drivers]
        if not found:
            return
        sheet = self._sheet("Forecast drivers", (34, 34, 18, 12, 70))
        self._head(sheet, ["Line", "Driver", "Figure", "Unit", "In words"])
        for row, (line, driver) in enumerate(found, 1):
            self._put(sheet, row, 0, line.label)
            self._put(sheet, row, 1, driver.label)
            self._put(sheet, row, 2, driver.value, num_format="#,##0.00")
            self._put(sheet, row, 3, driver.unit)
            self._put(sheet, row, 4, driver.text)

    def assumptions(self, package: ClosePackage, forecast: Forecast) -> None:
        """What was taken for given, what may be crossed, and whether the statements ahead add up."""
        rows: list[tuple[str, str, str, str]] = [
            ("Taken for given", f"{one.driver} {one.change}", one.start, one.text)
            for one in forecast.assumptions
        ]
        rows += [
            ("May be crossed", one.label, one.month, alert_text(one, package)) for one in forecast.alerts
        ]
        rows += [
            ("Check passed" if one.passed else "Check FAILED", one.label, "", one.detail)
            for one in forecast.checks
        ]
        if not rows:
            return
        sheet = self._sheet("Forecast assumptions", (20, 50, 12, 90))
        self._head(sheet, ["What", "Which", "From", "In words"])
        for row, texts in enumerate(rows, 1):
            for column, words in enumerate(texts):
                self._put(sheet, row, column, words, bold=texts[0].endswith("FAILED"))

    def _statement_rows(self, sheet: Any, statement: Statement) -> None:
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
        points = [point for line in forecast.lines for point in line.points]
        rest = ("lowest", "highest", "own")
        told = [
            "value",
            "low",
            "high",
            *(name for name in rest if any(getattr(p, name) is not None for p in points)),
        ]
        for place, line in enumerate(forecast.lines):
            first = 1 + len(told) * place
            for row, what in enumerate(told, first):
                self._put(sheet, row, 0, line.label, bold=row == first)
                self._put(sheet, row, 1, what)
                for column, point in enumerate(line.points, 6):
                    amount = getattr(point, what)
                    if amount is not None:
                        self._amount(sheet, row, column, amount)
            self._put(sheet, first, 2, line.method)
            for column, score in enumerate((line.mase, line.naive_mase, line.coverage), 3):
                self._put(sheet, first, column, score, num_format="0%" if column == 5 else "0.00")
            self._put(sheet, first, 6 + len(months), line.note)

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
