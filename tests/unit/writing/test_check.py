"""A sentence stands only with figures of the close, and a rewording only with the same claims."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from abax.writing.check import fault, rewording_fault
from abax.writing.facts import Fact, close_facts
from abax.writing.figures import Figure
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.writing.conftest import Closed


def facts(closed: Closed) -> dict[str, Fact]:
    return {fact.name: fact for fact in close_facts(closed.figures)}


def test_every_fact_of_a_close_stands(full: Closed, part: Closed) -> None:
    for closed in (full, part):
        for fact in close_facts(closed.figures):
            assert fault(fact.text, fact.figures, fact.whens, closed.figures) == ""
            assert rewording_fault(fact.text, fact.text, fact.figures, closed.figures) == ""


def test_a_number_that_is_not_cited_is_a_fault(full: Closed) -> None:
    fact = facts(full)["revenue"]
    wrong = fact.text.replace("EUR 136 thousand", "EUR 137 thousand")
    assert wrong != fact.text
    assert "137 thousand" in fault(wrong, fact.figures, fact.whens, full.figures)


def test_a_period_that_the_sentence_is_not_about_is_a_fault(full: Closed) -> None:
    fact = facts(full)["revenue"]
    assert "2023" in fault(fact.text.replace("2024", "2023"), fact.figures, fact.whens, full.figures)


def test_a_figure_that_the_close_does_not_hold_is_a_fault_however_well_it_is_cited(full: Closed) -> None:
    made_up = Figure(
        report="income_statement",
        line="revenue",
        period="2025",
        label="Revenue",
        value=Decimal(1),
        unit="EUR",
    )
    assert "not a figure of this close" in fault("Revenue was EUR 1.00.", [made_up], [], full.figures)


def test_a_computed_figure_is_computed_again(full: Closed) -> None:
    moved = next(one for one in facts(full)["revenue"].figures if one.formula == "change")
    assert full.figures.holds(moved)
    assert not full.figures.holds(moved.model_copy(update={"value": moved.value + 1}))
    assert not full.figures.holds(moved.model_copy(update={"of": moved.of[::-1]}))
    assert not full.figures.holds(moved.model_copy(update={"formula": "guess"}))


BASE = "Cash stood at EUR 62.4 thousand on 31 Dec 2025, after EUR 49.7 thousand at the end of 2024."


@pytest.mark.parametrize(
    "text",
    [
        "Cash reached EUR 62.4 thousand on 31 Dec 2025, compared with EUR 49.7 thousand at the end of 2024.",
        "Cash was at EUR 62.4 thousand on 31 December 2025 against EUR 49.7 thousand at the end of 2024.",
        "On 31 Dec 2025".replace("On 31 Dec 2025", BASE),
    ],
)
def test_other_connecting_words_are_a_rewording(full: Closed, text: str) -> None:
    fact = facts(full)["cash"]
    assert fact.text == BASE
    assert rewording_fault(text, BASE, fact.figures, full.figures) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BASE.replace("62.4", "64.2"), "64.2"),
        (BASE.replace("62.4", "49.7", 1).replace("after EUR 49.7", "after EUR 62.4"), "stands where"),
        (BASE.replace("31 Dec 2025", "2024").replace("end of 2024", "end on 31 Dec 2025"), "stands where"),
        (BASE.replace("after EUR 49.7 thousand at the end of 2024", "a good result"), "numbers and dates"),
        (BASE.replace("Cash", "Strong cash"), "'strong'"),
        (BASE.replace("Cash", "Debt"), "'debt'"),
        (BASE.replace(".", " thanks to new customers.").replace("62 thanks to new customers.", "62."), ""),
        (BASE.replace("stood at", "rose by"), "reads as a change"),
        (BASE.replace("stood at", "fell to"), "direction"),
        (BASE.replace("stood at", "stood at stood at"), "order|repeats|in the fact"),
        (BASE.replace("Cash stood", "Cash cash stood"), "order|repeats|in the fact"),
        (BASE[:-1], "plain sentence"),
        (BASE + " It was good.", "good"),
        (BASE.replace("Cash stood", "Cash almost stood"), "'almost'"),
        (BASE.replace("stood at", "did not reach"), "'did'|'not'"),
        ("", ""),
    ],
)
def test_a_rewording_that_says_anything_else_is_refused(full: Closed, text: str, why: str) -> None:
    fact = facts(full)["cash"]
    found = rewording_fault(text, BASE, fact.figures, full.figures)
    assert found and re.search(why, found)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("revenue", "Revenue increased by EUR 136 thousand in 2025, 6.8 % more than in 2024."),
        ("revenue", "Revenue came to EUR 136 thousand in 2025, 6.8 % less than in 2024."),
        ("revenue", "Revenue came to EUR 136 thousand in 2025, to 6.8 % than in 2024."),
        ("margin", "The gross margin increased by 59.0 % of revenue in 2025, against 59.0 % in 2024."),
        (
            "result",
            "The net result in 2025 was a loss of EUR 25.8 thousand, "
            "after a profit of EUR 23.4 thousand in 2024.",
        ),
    ],
)
def test_a_changed_meaning_with_the_right_numbers_is_refused(full: Closed, fact: str, text: str) -> None:
    known = facts(full)[fact]
    assert [one for one in re.findall(r"\d+\.\d", text) if one not in known.text] == []
    assert rewording_fault(text, known.text, known.figures, full.figures)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_other_number_ever_passes(closes: dict[str, Closed], data: st.DataObject) -> None:
    closed = closes[data.draw(st.sampled_from(["full", "part"]))]
    fact = data.draw(st.sampled_from(close_facts(closed.figures)))
    numbers = list(re.finditer(r"\d+(?:\.\d+)?", fact.text))
    spot = data.draw(st.sampled_from(numbers))
    other = data.draw(st.from_regex(r"[1-9][0-9]{0,2}(\.[0-9]{1,2})?", fullmatch=True))
    text = fact.text[: spot.start()] + other + fact.text[spot.end() :]
    if rewording_fault(text, fact.text, fact.figures, closed.figures) == "":
        assert fault(text, fact.figures, fact.whens, closed.figures) == ""
        assert abs(Decimal(other) - Decimal(spot[0])) <= Decimal("0.5")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_whatever_a_model_writes_the_check_has_an_answer(closes: dict[str, Closed], text: str) -> None:
    closed = closes["full"]
    fact = close_facts(closed.figures)[0]
    assert isinstance(rewording_fault(text, fact.text, fact.figures, closed.figures), str)
