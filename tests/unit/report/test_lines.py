"""What the page adds up behind a figure is the figure, for every figure it shows."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from abax.ledger import explain
from abax.ledger.layout import Closing
from abax.ledger.model import ClosePackage, Forecast
from abax.report import LineIndex
from abax.report.panel import panel_data, panel_json

from tests.golden.books import AS_OF, golden_close, golden_ledger

Closed = tuple[ClosePackage, Forecast, LineIndex]


def total(index: LineIndex, report: str, line: str, period: str, *, of_lines: bool) -> Decimal:
    """A figure, added up as the page does: from groups, or from the lines that they hold."""
    found = Decimal(0)
    for part in index.recipes[report][line]:
        first, last = index.spans[period][part.scope]
        for group in index.groups:
            account = index.accounts[group.account]
            if account.statement_class not in part.classes or not first <= group.month <= last:
                continue
            if part.account_code not in ("", account.code):
                continue
            if part.closing is not Closing.WITH and group.closing != (part.closing is Closing.ONLY):
                continue
            amount = sum((each.amount for each in group.lines), Decimal(0)) if of_lines else group.amount
            found += part.sign * amount
    return found


def test_every_figure_is_the_sum_of_its_groups_and_of_their_lines(closed: Closed) -> None:
    package, _, index = closed
    figures = 0
    for statement in package.statements:
        for row in statement.lines:
            for column, value in zip(statement.periods, row.values, strict=True):
                for of_lines in (False, True):
                    got = total(index, statement.report, row.line, column.label, of_lines=of_lines)
                    assert got == value, (statement.report, row.line, column.label)
                figures += 1
    assert figures > 1000


def test_every_closing_balance_is_too(closed: Closed) -> None:
    package, _, index = closed
    for balance in package.trial_balances:
        for row in balance.rows:
            got = total(index, "trial_balance", row.code, str(balance.year), of_lines=True)
            assert got == row.closing, (balance.year, row.code)


def test_the_ledger_explains_the_same(closed: Closed, tmp_path: Path) -> None:
    _, _, index = closed
    with golden_ledger(tmp_path) as ledger:
        for figure in (
            ("balance_sheet", "retained_earnings", "2025"),
            ("cash_flow", "net_result", "2026-Q2"),
        ):
            known = explain(ledger, *figure, as_of=AS_OF)
            assert known.figure == total(index, *figure, of_lines=True)
            assert known.line_count > 0


def test_past_the_cap_the_newest_whole_months_are_kept_and_every_sum_still_stands(tmp_path: Path) -> None:
    package, index = golden_close(tmp_path, most=100)
    held = [group for group in index.groups if group.lines]
    left = [group for group in index.groups if not group.lines]
    assert 0 < sum(len(group.lines) for group in held) <= 100
    assert max(group.month for group in left) < min(group.month for group in held)
    assert all(len(group.lines) == group.count for group in held)
    cash = package.statement("balance_sheet", "year").value("cash", "2026")
    assert total(index, "balance_sheet", "cash", "2026", of_lines=False) == cash


def test_a_cap_of_none_keeps_no_line(tmp_path: Path) -> None:
    _, index = golden_close(tmp_path, most=0)
    assert not any(group.lines for group in index.groups)
    assert index.line_count > 400


def test_the_panels_json_cannot_end_its_script(closed: Closed) -> None:
    package, _, index = closed
    text = panel_json(package, index)
    assert "<" not in text
    assert json.loads(text) == json.loads(json.dumps(panel_data(package, index)))


def test_amounts_too_large_for_a_browsers_numbers_travel_as_text(closed: Closed) -> None:
    package, _, index = closed
    huge = index.groups[0].model_copy(update={"amount": Decimal("99999999999999.99"), "lines": []})
    data = panel_data(package, index.model_copy(update={"groups": [huge]}))
    assert data["groups"]["amount"] == ["9999999999999999"]


def test_each_text_is_held_once(closed: Closed) -> None:
    package, _, index = closed
    texts = panel_data(package, index)["texts"]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("report", ["aged_receivables", "aged_payables"])
def test_open_items_sum_to_their_report(closed: Closed, report: str) -> None:
    package, _, index = closed
    data = panel_data(package, index)["aged"][report]
    assert sum(data["amount"]) == data["total"] != 0
