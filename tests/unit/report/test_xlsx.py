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

from tests.golden.outlook import bare, golden_outlook

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


@pytest.fixture(scope="module")
def ahead(closed: Closed) -> tuple[Workbook, Workbook]:
    """The workbook of a forecast that tells all that one may tell: formulas, and values."""
    body = render_xlsx(closed[0], golden_outlook(closed[0]))
    return openpyxl.load_workbook(io.BytesIO(body)), openpyxl.load_workbook(io.BytesIO(body), data_only=True)


def test_statements_ahead_are_sheets_whose_sums_are_formulas(
    closed: Closed, ahead: tuple[Workbook, Workbook]
) -> None:
    outlook = golden_outlook(closed[0])
    for statement, name in zip(outlook.statements, ("income", "balance", "cash flow"), strict=True):
        rows = list(ahead[1][f"Forecast {name}"].iter_rows(min_row=2, values_only=True))
        for row, line in zip(rows, statement.lines, strict=True):
            assert [Decimal(str(value)).normalize() for value in row[1:13]] == [
                value.normalize() for value in line.values
            ]
    sheet = ahead[0]["Forecast income"]
    assert sheet["N1"].value == "Sum" and sheet["N2"].value == "=ROUND(SUM(B2:M2),2)"
    assert sheet["B4"].value == "=ROUND(B2+B3,2)"
    flow = list(ahead[0]["Forecast cash flow"].iter_rows(min_row=2, values_only=True))
    assert [row[13] for row in flow[-2:]] == ["=ROUND(B13,2)", "=ROUND(M14,2)"]
    assert ahead[0]["Forecast balance"]["N1"].value is None


def test_the_bridge_comes_to_the_next_years_result(closed: Closed, ahead: tuple[Workbook, Workbook]) -> None:
    steps = golden_outlook(closed[0]).bridge
    rows = list(ahead[1]["Forecast bridge"].iter_rows(min_row=2, values_only=True))
    assert [Decimal(str(row[1])) for row in rows] == [step.amount.normalize() for step in steps]
    assert ahead[0]["Forecast bridge"].cell(len(steps) + 1, 2).value == f"=ROUND(SUM(B2:B{len(steps)}),2)"


def test_a_bridge_that_does_not_add_up_is_no_formula(closed: Closed) -> None:
    outlook = golden_outlook(closed[0])
    torn = [*outlook.bridge[:-1], outlook.bridge[-1].model_copy(update={"amount": Decimal("1.50")})]
    body = render_xlsx(closed[0], outlook.model_copy(update={"bridge": torn}))
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Forecast bridge"]
    assert sheet.cell(len(torn) + 1, 2).value == 1.5


def test_scores_drivers_and_assumptions_have_their_sheets(
    closed: Closed, ahead: tuple[Workbook, Workbook]
) -> None:
    outlook = golden_outlook(closed[0])
    scores = list(ahead[1]["Forecast scores"].iter_rows(min_row=2, values_only=True))
    assert len(scores) == sum(len(line.scores) for line in outlook.lines)
    assert scores[0][:7] == ("Revenue", "Theta, deseasonalised", 1, 0.42, 0.039, 0.833, -0.012)
    assert scores[3][1] == "Prophet" and scores[3][3] is None and scores[3][7] == "not installed"
    drivers = list(ahead[1]["Forecast drivers"].iter_rows(min_row=2, values_only=True))
    assert drivers[1] == ("Revenue", "Trend", 5.8, "percent", "a year")
    taken = list(ahead[1]["Forecast assumptions"].iter_rows(min_row=2, values_only=True))
    assert taken[1] == ("Taken for given", "dso 60", "2027-01", "customers pay after 60 days from then on")
    assert [row[0] for row in taken[2:]] == ["May be crossed", *["Check passed"] * 3]


def test_both_intervals_stand_below_a_forecast(closed: Closed, ahead: tuple[Workbook, Workbook]) -> None:
    point = golden_outlook(closed[0]).lines[0].points[0]
    rows = list(ahead[1]["Forecast"].iter_rows(min_row=2, max_row=6, values_only=True))
    assert [row[1] for row in rows] == ["value", "low", "high", "lowest", "highest"]
    told = [point.value, point.low, point.high, point.lowest, point.highest]
    assert [Decimal(str(row[6])).normalize() for row in rows] == [
        value.normalize() for value in told if value
    ]


def test_what_a_line_said_before_reconciliation_stands_below_it(closed: Closed) -> None:
    outlook = golden_outlook(closed[0])
    own = [point.model_copy(update={"own": point.value + 7}) for point in outlook.lines[0].points]
    lines = [outlook.lines[0].model_copy(update={"points": own}), *outlook.lines[1:]]
    body = render_xlsx(closed[0], outlook.model_copy(update={"lines": lines}))
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Forecast"]
    assert (sheet["B7"].value, sheet["B13"].value) == ("own", "own")
    assert Decimal(str(sheet["G7"].value)) == own[0].value + 7
    assert sheet["G13"].value is None


def test_an_older_forecast_has_no_empty_sheets(closed: Closed) -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(closed[0], bare(closed[1]))))
    assert [name for name in book.sheetnames if name.startswith("Forecast")] == ["Forecast"]
