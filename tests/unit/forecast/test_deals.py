"""When deals are invoiced and due: the rules, each with its reason."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax import forecast
from abax.forecast.deals import Deal, Practice, dates_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

TODAY = date(2026, 3, 31)
PRACTICE = Practice()


def deal(**given: Any) -> Deal:
    return Deal(id="D-1", amount=Decimal(1000), currency="EUR", **given)


def rules(found: Any) -> list[str]:
    return [reason.rule for reason in found.reasons]


def test_what_is_invoiced_is_due_by_its_terms() -> None:
    found = dates_of(deal(invoiced_on=date(2026, 3, 10), terms=14), PRACTICE, TODAY)
    assert (found.invoiced, found.due) == (date(2026, 3, 10), date(2026, 3, 24))
    assert rules(found) == ["invoiced", "terms"] and found.confidence > 0.9 and not found.warnings
    own = dates_of(deal(invoiced_on=date(2026, 3, 10), due=date(2026, 5, 1)), PRACTICE, TODAY)
    assert own.due == date(2026, 5, 1) and rules(own) == ["invoiced", "due"]
    later = dates_of(deal(invoiced_on=date(2026, 4, 10)), PRACTICE, TODAY)
    assert "after today" in later.warnings[0] and later.confidence < found.confidence


def test_the_expected_close_goes_before_the_stage() -> None:
    found = dates_of(deal(stage="proposal", expected_close=date(2026, 5, 15)), PRACTICE, TODAY)
    assert (found.invoiced, found.due) == (date(2026, 5, 15), date(2026, 6, 14))
    assert found.probability == PRACTICE.stages["proposal"].probability
    over = dates_of(deal(stage="proposal", expected_close=date(2026, 3, 1)), PRACTICE, TODAY)
    assert over.invoiced == TODAY + timedelta(days=1) and over.warnings == (
        "its expected close is 30 days over",
    )
    assert over.confidence < found.confidence and "not before tomorrow" in rules(over)


def test_a_stage_takes_as_long_as_it_usually_does_and_longer_where_the_deal_is_stuck() -> None:
    fresh = dates_of(deal(stage="negotiation", stage_since=date(2026, 3, 21)), PRACTICE, TODAY)
    assert fresh.invoiced == date(2026, 4, 20) and rules(fresh) == ["cycle time", "terms"]
    stuck = dates_of(deal(stage="lead", stage_since=date(2026, 1, 20)), PRACTICE, TODAY)
    assert stuck.invoiced == date(2026, 1, 20) + timedelta(days=120 + 30)
    assert "in lead for 70 days, more than 60: 30 days later" in [reason.text for reason in stuck.reasons]
    assert stuck.confidence < fresh.confidence


def test_what_does_not_hold_together_is_told() -> None:
    found = dates_of(deal(expected_close=date(2026, 4, 5), created=date(2026, 6, 1)), PRACTICE, TODAY)
    assert found.invoiced == date(2026, 6, 1) and "before it was created" in found.warnings[0]
    early = dates_of(deal(expected_close=date(2026, 4, 5), due=date(2026, 4, 1)), PRACTICE, TODAY)
    assert early.due == date(2026, 5, 5) and "the terms count" in early.warnings[0]
    with pytest.raises(KeyError):
        dates_of(deal(stage="dreaming"), PRACTICE, TODAY)
    with pytest.raises(ValidationError, match="lies before invoiced_on"):
        deal(invoiced_on=date(2026, 4, 5), due=date(2026, 4, 1))


def test_the_examples_of_the_readme_are_taken() -> None:
    text = (Path(forecast.__file__).parent / "README.md").read_text(encoding="utf-8")
    one, practice = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    assert Deal.model_validate(one).notes and Practice.model_validate(practice).stages["offer"].days == 45


DATES = st.none() | st.dates(date(2024, 1, 1), date(2028, 1, 1))


@given(st.sampled_from(["", *PRACTICE.stages]), DATES, DATES, DATES, DATES, st.none() | st.integers(0, 120))
def test_a_due_day_is_never_before_its_invoice_nor_an_invoice_to_come_before_tomorrow(
    stage: str,
    since: date | None,
    created: date | None,
    close: date | None,
    invoiced: date | None,
    terms: int | None,
) -> None:
    one = deal(
        stage=stage,
        stage_since=since,
        created=created,
        expected_close=close,
        invoiced_on=invoiced,
        terms=terms,
    )
    found = dates_of(one, PRACTICE, TODAY)
    assert found.invoiced <= found.due and found.reasons
    assert 0 < found.confidence <= 1 and 0 <= found.probability <= 1
    assert invoiced == found.invoiced if invoiced else found.invoiced > TODAY
