"""Cash by the statements and cash by its own method, drawn together, and where the difference goes."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from abax.forecast import forecast_package, two_views
from abax.forecast.series import History, monthly_history
from abax.forecast.three import past_of
from abax.forecast.together import FEWEST_ORIGINS
from abax.forecast.two_views import Pull, pull_of, pulled_errors
from abax.ledger.model import ClosePackage

from tests.unit.forecast.books import books
from tests.unit.forecast.test_three import EUR, plausible, rows

D = Decimal
ROWS = {back: [float(back), 2.0] for back in range(1, FEWEST_ORIGINS + 1)}


def test_cash_comes_out_half_way_and_days_outstanding_say_how(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = random.Random(4)
    owed = [D(noise.randint(120_000, 180_000)) for _ in range(36)]
    moved = [owed[0], *(after - before for before, after in pairwise(owed))]
    package = books(plausible(receivables=moved), EUR, date(2025, 12, 31))
    monkeypatch.setattr(two_views, "WORST", 100.0)  # however good either view was in the backtest
    drawn = forecast_package(package)
    monkeypatch.setattr(two_views, "WORST", 0.0)
    alone = forecast_package(package)
    line = next(line for line in drawn.lines if line.line == "cash")
    for point, left in zip(line.points, rows(alone, "balance_sheet")["cash"], strict=True):
        assert point.own is not None
        assert point.value == pytest.approx((left + point.own) / 2, abs=D("40"))  # days have two decimals
    assert "drawn half-way" in line.note
    days = {one.driver for one in next(x for x in drawn.lines if x.line == "receivables").drivers}
    assert {"dso", "dso from 2026-02", "revenue"} <= days
    assert {one.driver for one in next(x for x in alone.lines if x.line == "receivables").drivers} == {
        "dso",
        "revenue",
    }
    assert drawn.statements[0] == alone.statements[0]
    assert all(check.passed for check in (*drawn.checks, *alone.checks))


def test_the_difference_goes_where_errors_were_largest() -> None:
    past = past_of(*_close())
    assert past is not None
    noise = {back: [float((-1) ** back), 1.0] for back in ROWS}
    errors = {
        "cash": ROWS,
        "receivables": {b: [10 * x for x in r] for b, r in noise.items()},
        "payables": noise,
    }
    pull = pull_of(past, ["receivables", "payables"], errors, ROWS)
    assert pull is not None
    assert sum(pull.shares.values()) == pytest.approx(1)
    assert pull.shares["receivables"] > 0.9


def test_nothing_is_drawn_without_a_backtest_or_where_it_went_badly() -> None:
    past = past_of(*_close())
    assert past is not None
    worse = {back: [30 * error for error in row] for back, row in ROWS.items()}
    errors = {"cash": ROWS, "receivables": ROWS}
    assert pull_of(past, ["receivables"], errors, ROWS) is not None
    assert pull_of(past, ["receivables"], errors, worse) is None
    assert pull_of(past, ["receivables"], errors, {1: [1.0, 2.0]}) is None
    assert pull_of(past, [], errors, ROWS) is None


def test_errors_of_what_was_drawn_are_actual_less_drawn() -> None:
    past = past_of(*_close())
    assert past is not None
    zero = {1: [0.0]}
    errors = dict.fromkeys((*past.shape.positions, *past.shape.sums(1)), zero)
    errors |= {"cash": {1: [100.0]}, "receivables": {1: [-60.0]}, "payables": {1: [40.0]}}
    found = pulled_errors(past, errors, {1: [20.0]}, Pull({"receivables": 0.75, "payables": 0.25}))
    assert found["cash"][1] == [60.0]  # forecast 40 higher
    assert found["receivables"][1] == [-30.0]  # 30 of it by less receivables
    assert found["payables"][1] == [30.0]  # 10 of it by more payables
    assert found["total_assets"][1] == found["total_liabilities_and_equity"][1] == [30.0]


def test_exact_rules_are_not_bent() -> None:
    forecast = forecast_package(_close()[0])
    assert "drawn" not in next(line for line in forecast.lines if line.line == "cash").note


def _close() -> tuple[ClosePackage, History]:
    package = books(plausible(), EUR, date(2025, 12, 31))
    return package, monthly_history(package)
