"""What the statements of a history must show, line by line: its expected sums put where each line says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import Cents, History, money

Span = tuple[date, date]
Report = dict[str, list[Decimal]]
"""Line to values, one per span."""

_RESULTS: Final = (
    *("revenue", "cost_of_sales", "operating_expenses", "other_income", "depreciation", "interest_income"),
    *("interest_expense", "income_tax"),
)
_CURRENT: Final = ("cash", "receivables", "inventory", "prepayments", "other_current_assets")
_FIXED: Final = ("fixed_assets", "other_non_current_assets")
_SHORT: Final = ("payables", "credit_cards", "short_term_debt", "other_current_liabilities")
_LONG: Final = ("long_term_debt", "other_non_current_liabilities")


def expected_statements(history: History, spans: Sequence[Span]) -> dict[str, Report]:
    """Income statement, balance sheet and cash flow of these months or years."""
    makers: dict[str, Callable[[History, Span], dict[str, int]]] = {
        "income_statement": _income_statement,
        "balance_sheet": _balance_sheet,
        "cash_flow": _cash_flow,
    }
    return {report: _columns([maker(history, span) for span in spans]) for report, maker in makers.items()}


def _columns(columns: Sequence[dict[str, int]]) -> Report:
    return {line: [money(column[line]) for column in columns] for line in columns[0]}


def _income_statement(history: History, span: Span) -> dict[str, int]:
    moved = _all(history.expected.flow(*span))
    lines = {name: -moved[name] for name in _RESULTS}
    gross = lines["revenue"] + lines["cost_of_sales"]
    ebitda = gross + lines["operating_expenses"] + lines["other_income"]
    ebit = ebitda + lines["depreciation"]
    before_tax = ebit + lines["interest_income"] + lines["interest_expense"]
    return {
        **lines,
        "gross_profit": gross,
        "ebitda": ebitda,
        "ebit": ebit,
        "profit_before_tax": before_tax,
        "net_result": before_tax + lines["income_tax"],
    }


def _balance_sheet(history: History, span: Span) -> dict[str, int]:
    expected, end = history.expected, span[1]
    year = history.year_of(end)
    now, earlier = _all(expected.position(end)), _all(expected.position(year.start - timedelta(1)))
    before = sum(earlier[name] for name in _RESULTS)
    owned = {name: now[name] for name in (*_CURRENT, *_FIXED)}
    owed = {name: -now[name] for name in (*_SHORT, *_LONG)}
    equity = {
        "equity": -now["equity"],
        "retained_earnings": -now["retained_earnings"] - before,
        "current_year_result": before - sum(now[name] for name in _RESULTS),
    }
    return {
        **owned,
        **owed,
        **equity,
        "current_assets": sum(owned[name] for name in _CURRENT),
        "non_current_assets": sum(owned[name] for name in _FIXED),
        "total_assets": sum(owned.values()),
        "current_liabilities": sum(owed[name] for name in _SHORT),
        "non_current_liabilities": sum(owed[name] for name in _LONG),
        "total_liabilities": sum(owed.values()),
        "total_equity": sum(equity.values()),
        "total_liabilities_and_equity": sum(owned.values()),
    }


def _cash_flow(history: History, span: Span) -> dict[str, int]:
    moved = _all(history.expected.flow(*span))
    operating = {
        "net_result": -sum(moved[name] for name in _RESULTS),
        "depreciation": moved["depreciation"],
        **_changes(moved, *_CURRENT[1:], "payables", "credit_cards", "other_current_liabilities"),
        **_changes(moved, "other_non_current_liabilities"),
    }
    investing = {
        "investment_in_fixed_assets": -moved["fixed_assets"] - moved["depreciation"],
        **_changes(moved, "other_non_current_assets"),
    }
    financing = _changes(moved, "short_term_debt", "long_term_debt", "equity", "retained_earnings")
    return {
        **operating,
        **investing,
        **financing,
        "operating_cash_flow": sum(operating.values()),
        "investing_cash_flow": sum(investing.values()),
        "financing_cash_flow": sum(financing.values()),
        "net_change_in_cash": moved["cash"],
        "opening_cash": history.expected.cash(span[0] - timedelta(1)),
        "closing_cash": history.expected.cash(span[1]),
    }


def _changes(moved: Cents, *names: str) -> dict[str, int]:
    return {f"change_in_{name}": -moved[name] for name in names}


def _all(cents: Cents) -> Cents:
    """With nil for what is not in it."""
    names = (*_CURRENT, *_FIXED, *_SHORT, *_LONG, "equity", "retained_earnings", *_RESULTS)
    assert set(cents) <= set(names)
    return {name: cents.get(name, 0) for name in names}
