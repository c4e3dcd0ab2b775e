"""Days that somebody names: when they count, and what is left of the rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from abax.forecast.cash import Prediction, of_deal
from abax.forecast.days_to_pay import Invoice, PaymentHistory
from abax.forecast.deals import Deal, Practice, Said, dates_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

TODAY = date(2026, 3, 31)
PRACTICE = Practice()


def deal(**given: Any) -> Deal:
    return Deal(id="D-1", partner="Hale Ltd", amount=Decimal(1000), currency="EUR", **given)


def said(paid: date | None = None, invoiced: date | None = None, trust: float = 0.75) -> Said:
    return Said(by="notes", paid=paid, invoiced=invoiced, trust=trust, quote="in their words")


def history(*late: int) -> PaymentHistory:
    made = []
    for number, days in enumerate(late):
        due = TODAY - timedelta(days=150 + number)
        made.append(
            Invoice(str(number), "Hale Ltd", due - timedelta(days=30), due, due + timedelta(days=days))
        )
    return PaymentHistory(made, TODAY)


def test_a_day_of_payment_that_somebody_names_goes_before_the_rules() -> None:
    usual = of_deal(deal(stage="won", stage_since=TODAY), PRACTICE, history(*[5] * 20))
    found = of_deal(
        deal(stage="won", stage_since=TODAY), PRACTICE, history(*[5] * 20), said(date(2026, 6, 1))
    )
    assert usual.expected == date(2026, 5, 15) and found.expected == date(2026, 6, 1)
    assert (found.early, found.late) == (date(2026, 5, 15), date(2026, 6, 1))
    assert found.source == "rules + history + notes" and found.confidence == pytest.approx(0.75)
    assert found.reasons[-1].text == "“in their words”: paid on 2026-06-01, not 2026-05-15 (its notes)"


def test_where_the_promise_is_not_kept_it_is_paid_as_ever() -> None:
    found = of_deal(
        deal(stage="won", stage_since=TODAY), PRACTICE, history(*[5] * 20), said(date(2026, 6, 1))
    )
    assert found.paid_by(date(2026, 5, 14)) == pytest.approx(0.0)
    assert found.paid_by(date(2026, 5, 15)) == pytest.approx(0.97 * 0.25)
    assert found.paid_by(date(2026, 6, 1)) == pytest.approx(0.97)


def test_a_promise_of_the_deal_itself_needs_no_notes() -> None:
    found = of_deal(deal(stage="won", promised=date(2026, 6, 1)), PRACTICE, history())
    assert found.expected == date(2026, 6, 1) and found.source == "rules + promise"
    assert found.reasons[-1].rule == "promise"


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (said(date(2026, 3, 31)), "which is not after today"),
        (said(date(2026, 4, 10)), "which is before 2026-04-11"),
        (said(date(2029, 1, 1)), "more than 730 days ahead"),
        (said(date(2026, 6, 1), trust=0.5), "only 50% sure"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_and_the_rules_stand(named: Said, why: str) -> None:
    one = deal(stage="won", stage_since=TODAY)  # invoiced on 10 April
    usual, found = of_deal(one, PRACTICE, history()), of_deal(one, PRACTICE, history(), named)
    assert found.expected == usual.expected and found.source == usual.source
    assert why in found.warnings[-1] and "the rules stand" in found.warnings[-1]


def test_a_day_of_invoice_that_notes_name_moves_the_due_day() -> None:
    found = dates_of(deal(stage="won", stage_since=TODAY), PRACTICE, TODAY, said(invoiced=date(2026, 5, 4)))
    assert (found.invoiced, found.due) == (date(2026, 5, 4), date(2026, 6, 3)) and found.confidence == 0.75
    over = dates_of(deal(stage="won", stage_since=TODAY), PRACTICE, TODAY, said(invoiced=date(2026, 3, 1)))
    assert over.invoiced == date(2026, 4, 10) and "not after today" in over.warnings[0]
    known = dates_of(deal(invoiced_on=date(2026, 3, 10)), PRACTICE, TODAY, said(invoiced=date(2026, 5, 4)))
    assert known.invoiced == date(2026, 3, 10)


def test_days_that_cannot_be_meant_are_told() -> None:
    found = dates_of(deal(invoiced_on=date(2062, 3, 10)), PRACTICE, TODAY)
    assert any("is it misspelt?" in warning for warning in found.warnings)
    found = dates_of(deal(stage="won", stage_since=date(2026, 5, 1)), PRACTICE, TODAY)
    assert found.warnings == ("its stage_since (2026-05-01) is after today",)
    assert found.invoiced == TODAY + timedelta(days=10)


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "Infinity"])
def test_a_deal_that_comes_to_nothing_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        Deal(id="D", amount=Decimal(amount), currency="EUR")


def test_a_promise_may_be_kept_more_often_than_not_or_is_none() -> None:
    with pytest.raises(ValidationError):
        Practice(trust=0.5)


@given(
    st.lists(st.integers(-10, 90), max_size=25),
    st.dates(date(2026, 1, 1), date(2029, 1, 1)),
    st.floats(0, 1),
    st.none() | st.dates(date(2025, 1, 1), date(2026, 12, 31)),
)
def test_whatever_is_named_a_payment_is_after_today_and_its_invoice_and_chances_only_grow(
    late: list[int], named: date, trust: float, invoiced: date | None
) -> None:
    one = deal(stage="won", invoiced_on=invoiced)
    found: Prediction = of_deal(one, PRACTICE, history(*late), said(named, trust=trust))
    if found.expected is not None:
        assert found.expected > max(TODAY, found.invoiced)
        assert found.early is None or found.early <= found.expected
        assert found.late is None or found.expected <= found.late
    chances = [found.paid_by(TODAY + timedelta(days=day)) for day in range(0, 1200, 30)]
    assert all(0 <= a <= b <= 1 + 1e-9 for a, b in pairwise(chances))
    assert 0 <= found.confidence <= 1
    if found.promised is not None:
        assert found.paid_by(found.promised) >= found.probability * min(trust, 1) - 1e-9
