"""The statements of a group: those of a company, and what only a group has."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.layout import RESULT_CLASSES, Closing, Layout, Part, Row, Scope, figure
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT

GOODWILL: Final = "goodwill"
DIFFERENCES: Final = "intercompany_differences"
RESULT_DIFFERENCES: Final = "intercompany_result_differences"
MINORITY_RESULT: Final = "non_controlling_result"
ACQUISITIONS: Final = "acquisitions"
"""What a group has beside the classes of accounts."""

GROUP_RESULTS: Final = (*(name.value for name in RESULT_CLASSES), RESULT_DIFFERENCES, MINORITY_RESULT)


def _with(layout: Layout, row: Row, after: str, *totals: str) -> Layout:
    """The layout with one more line, which the named totals sum too."""
    rows: list[Row] = []
    for own in layout.rows:
        rows.append(replace(own, parts=own.parts + row.parts) if own.line in totals else own)
        if own.line == after:
            rows.append(row)
    return replace(layout, rows=tuple(rows))


def _line(line: str, label: str, sign: int, scope: Scope, *names: str, level: int = 1) -> Row:
    return figure(line, label, Part(names or (line,), sign, scope, Closing.WITHOUT), level=level)


def _income_statement() -> Layout:
    row = _line(RESULT_DIFFERENCES, "Intercompany differences", -1, Scope.PERIOD)
    layout = _with(INCOME_STATEMENT, row, "income_tax", "net_result")
    owners = _line(
        "attributable_to_owners", "of which owners of the parent", -1, Scope.PERIOD, *GROUP_RESULTS
    )
    others = _line(
        "attributable_to_non_controlling",
        "of which non-controlling interests",
        1,
        Scope.PERIOD,
        MINORITY_RESULT,
    )
    return _with(_with(layout, owners, "net_result"), others, "attributable_to_owners")


def _balance_sheet() -> Layout:
    layout = _with(
        BALANCE_SHEET,
        _line(DIFFERENCES, "Intercompany differences", 1, Scope.TO_DATE),
        "other_current_assets",
        "current_assets",
        "total_assets",
    )
    layout = _with(
        layout,
        _line(GOODWILL, "Goodwill", 1, Scope.TO_DATE),
        "other_non_current_assets",
        "non_current_assets",
        "total_assets",
    )
    totals = ("total_equity", "total_liabilities_and_equity")
    extra = (RESULT_DIFFERENCES, MINORITY_RESULT)
    for line, scope in (
        ("retained_earnings", Scope.EARLIER_YEARS),
        ("current_year_result", Scope.YEAR_TO_DATE),
    ):
        layout = _more(layout, Part(extra, -1, scope, Closing.WITHOUT), line, *totals)
    return layout


def _cash_flow() -> Layout:
    layout = _with(
        CASH_FLOW,
        _line(
            "change_in_" + DIFFERENCES, "Change in intercompany differences", -1, Scope.PERIOD, DIFFERENCES
        ),
        "change_in_other_current_assets",
        "operating_cash_flow",
        "net_change_in_cash",
    )
    layout = _more(
        layout,
        Part((RESULT_DIFFERENCES,), -1, Scope.PERIOD, Closing.WITHOUT),
        "net_result",
        "operating_cash_flow",
        "net_change_in_cash",
    )
    return _with(
        layout,
        _line(ACQUISITIONS, "Companies acquired, less their cash", -1, Scope.PERIOD),
        "change_in_other_non_current_assets",
        "investing_cash_flow",
        "net_change_in_cash",
    )


def _more(layout: Layout, part: Part, *lines: str) -> Layout:
    rows = (replace(row, parts=(*row.parts, part)) if row.line in lines else row for row in layout.rows)
    return replace(layout, rows=tuple(rows))


LAYOUTS: Final = (_income_statement(), _balance_sheet(), _cash_flow())
