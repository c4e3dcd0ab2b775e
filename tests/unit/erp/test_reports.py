"""Reports of source systems, as files."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.erp.reports import read_reports
from abax.errors import InvalidRequest
from abax.ledger.tie_out import Days, Sum, tie_out

from tests.support.books import Entry, build_ledger


def erpnext(report: str, rows: list[object], **filters: object) -> dict[str, object]:
    return {"report": report, "filters": {"company": "Acme", **filters}, "columns": [], "result": rows}


def profit(column: str, revenue: float, **filters: object) -> dict[str, object]:
    rows: list[object] = [
        {"account": "Income", "parent_account": "", column: revenue},
        {"account": "4000", "parent_account": "Income", column: revenue},
        {"account": "'Total Income (Credit)'", column: revenue},
        {},
        {"account": "'Profit for the year'", column: revenue},
    ]
    return erpnext("Profit and Loss Statement", rows, **filters)


def written(folder: Path, name: str, content: object) -> Path:
    (folder / name).write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("column", "periodicity", "start", "end"),
    [
        ("dec_2025", "Yearly", date(2025, 1, 1), date(2025, 12, 31)),
        ("jun_2025", "Yearly", date(2024, 7, 1), date(2025, 6, 30)),
        ("feb_2024", "Monthly", date(2024, 2, 1), date(2024, 2, 29)),
        ("mar_2025", "Quarterly", date(2025, 1, 1), date(2025, 3, 31)),
    ],
)
def test_a_column_is_of_the_period_that_ends_in_its_month(
    tmp_path: Path, column: str, periodicity: str, start: date, end: date
) -> None:
    [report] = read_reports(written(tmp_path, "pl.json", profit(column, 5.0, periodicity=periodicity)))
    for figure in report.figures:
        assert isinstance(figure.meaning, Sum)
        assert (figure.meaning.start, figure.meaning.end) == (start, end)


def test_figures_are_compared_to_the_cent_whatever_binary_fractions_make_of_them(tmp_path: Path) -> None:
    books = build_ledger(tmp_path / "books", [Entry("2025-03-01", [("1000", "0.30"), ("4000", "-0.30")])])
    reports = read_reports(written(tmp_path, "pl.json", profit("dec_2025", 0.1 + 0.2)))
    tied = tie_out(books, reports)
    assert (tied.equal, tied.unexplained) == (4, [])


def test_closing_entries_count_in_a_trial_balance_and_not_in_an_income_statement(tmp_path: Path) -> None:
    sale = Entry("2025-03-01", [("1000", "7"), ("4000", "-7")])
    close = Entry("2025-12-31", [("4000", "7"), ("3900", "-7")], closing=True)
    books = build_ledger(tmp_path / "books", [sale, close])
    zero = {f"{which}_{side}": 0 for which in ("opening", "closing") for side in ("debit", "credit")}
    row = {"account": "4000", "parent_account": None, **zero, "debit": 7, "credit": 7}
    balance = erpnext("Trial Balance", [row], from_date="2025-01-01", to_date="2025-12-31")
    written(tmp_path, "pl.json", profit("dec_2025", 7.0))
    tied = tie_out(books, read_reports(written(tmp_path, "tb.json", balance)))
    off = [line for line in tied.unexplained if "not in the report" not in line.line]
    assert off == []
    hidden = {line.line: line.ours for line in tied.unexplained if line.column == "closing"}
    assert hidden == {"1000 (not in the report)": Decimal(7), "3900 (not in the report)": Decimal(-7)}


def test_results_of_a_year_that_was_never_closed_explain_their_openings(tmp_path: Path) -> None:
    books = build_ledger(tmp_path / "books", [Entry("2024-03-01", [("1000", "7"), ("4000", "-7")])])
    nil = {f"{which}_{side}": 0 for which in ("opening", "closing") for side in ("debit", "credit")}
    cash = {"account": "1000", "parent_account": None, **nil, "opening_debit": 7, "closing_debit": 7}
    sales = {"account": "4000", "parent_account": None, **nil}
    rows: list[object] = [{**row, "debit": 0, "credit": 0} for row in (cash, sales)]
    report = erpnext("Trial Balance", rows, from_date="2025-01-01", to_date="2025-12-31")
    tied = tie_out(books, read_reports(written(tmp_path, "tb.json", report)))
    assert tied.unexplained == []
    assert {line.line for line in tied.explained} == {"4000"}
    assert "not closed" in tied.explained[0].reason


def test_days_before_hold_opening_entries_of_the_year(tmp_path: Path) -> None:
    begun = Entry("2025-01-01", [("1000", "9"), ("3000", "-9")], opening=True)
    books = build_ledger(tmp_path / "books", [begun, Entry("2025-02-01", [("1000", "1"), ("4000", "-1")])])
    span = (date(2025, 1, 1), date(2025, 12, 31))
    from abax.ledger.tie_out import _Ours

    cash = frozenset({"1000"})
    found = [_Ours(books).sum(Sum(cash, days, *span)) for days in Days]
    assert dict(zip(Days, found, strict=True)) == {Days.WITHIN: 1, Days.BEFORE: 9, Days.UNTIL: 10}


@pytest.mark.parametrize(
    "content", ["not json", "[]", "3", '{"report": "Trial Balance", "filters": {}, "result": [{}]}']
)
def test_a_file_that_is_no_report_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(InvalidRequest, match=r"odd\.json") as told:
        read_reports(tmp_path)
    assert "ValueError(" not in str(told.value)


def test_a_folder_without_reports_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no reports"):
        read_reports(tmp_path)
