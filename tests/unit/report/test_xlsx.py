"""The workbook, read back by another library."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from abax.ledger.model import ClosePackage, Forecast
from abax.report import LineIndex, render_xlsx
from openpyxl.workbook import Workbook

Closed = tuple[ClosePackage, Forecast, LineIndex]


@pytest.fixture(scope="module")
def books(closed: Closed) -> tuple[Workbook, Workbook]:
    body = render_xlsx(*closed[:2])
    return openpyxl.load_workbook(io.BytesIO(body)), openpyxl.load_workbook(io.BytesIO(body), data_only=True)


def test_every_table_has_its_sheet(books: tuple[Workbook, Workbook]) -> None:
    names = books[0].sheetnames
    for wanted in (
        "Close",
        "Income month",
        "Balance quarter",
        "Cash flow year",
        "Trial balance 2026",
        "Ratios",
    ):
        assert wanted in names
    for wanted in ("Aged receivables", "Open payables", "Checks", "Forecast"):
        assert wanted in names


def test_statement_values_are_numbers_equal_to_the_ledgers(
    closed: Closed, books: tuple[Workbook, Workbook]
) -> None:
    statement = closed[0].statement("income_statement", "month")
    rows = list(books[1]["Income month"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [line.label for line in statement.lines]
    for row, line in zip(rows, statement.lines, strict=True):
        assert [Decimal(str(value)) for value in row[1:]] == line.values


def test_subtotals_are_formulas_that_come_to_the_ledgers_figure(
    closed: Closed, books: tuple[Workbook, Workbook]
) -> None:
    sheet = books[0]["Income year"]
    for row, line in enumerate(closed[0].statement("income_statement", "year").lines, 2):
        formula = str(sheet.cell(row, 2).value)
        if line.kind == "figure":
            assert not formula.startswith("=")
            continue
        parts = [Decimal(str(sheet[cell].value)) for cell in re.findall(r"B\d+", formula)]
        assert sum(parts) == line.values[0]


def test_headings_stay_in_sight_and_amounts_are_formatted(books: tuple[Workbook, Workbook]) -> None:
    sheet = books[0]["Income month"]
    assert sheet.freeze_panes == "B2"
    assert sheet["B2"].number_format.startswith("#,##0.00")
    assert sheet["A4"].font.bold


def test_codes_stay_texts_and_days_are_days(books: tuple[Workbook, Workbook]) -> None:
    assert books[0]["Trial balance 2026"]["A2"].value == "1000"
    assert isinstance(books[0]["Open receivables"]["D2"].value, datetime)
    assert books[0]["Close"]["B3"].value.date() == date(2026, 9, 30)


def test_totals_are_those_of_the_aged_report(closed: Closed, books: tuple[Workbook, Workbook]) -> None:
    last = list(books[1]["Aged receivables"].iter_rows(values_only=True))[-1]
    assert last[0] == "Total"
    assert Decimal(str(last[7])) == closed[0].aged[0].total


def test_a_name_that_looks_like_a_formula_is_a_text(closed: Closed) -> None:
    package, forecast, _ = closed
    evil = package.model_copy(update={"company": package.company.model_copy(update={"name": "=1+1"})})
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(evil, forecast)))
    assert book["Close"]["B1"].value == "=1+1"
    assert book["Close"]["B1"].data_type == "s" or book["Close"]["B1"].quotePrefix is not None


def test_the_same_close_gives_the_same_bytes(closed: Closed) -> None:
    assert render_xlsx(*closed[:2]) == render_xlsx(*closed[:2])
