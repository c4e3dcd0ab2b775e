"""Numbers and dates in sentences: what they mean, and what has no one meaning."""

from __future__ import annotations

from decimal import Decimal

import pytest
from abax.writing import say
from abax.writing.figures import Figure
from abax.writing.reading import Number, Unreadable, When, claims
from hypothesis import given
from hypothesis import strategies as st


def figure(value: str | Decimal, unit: str = "EUR") -> Figure:
    return Figure(report="x", line="x", period="2025", label="x", value=Decimal(value), unit=unit)


def number(text: str) -> Number:
    [found] = claims(text)
    assert isinstance(found, Number)
    return found


@pytest.mark.parametrize(
    ("text", "value", "step", "unit", "currency"),
    [
        ("EUR 1,234.50", "1234.50", "0.01", "money", "EUR"),
        ("EUR 1.24 million", "1240000", "10000", "money", "EUR"),
        ("1.2 million", "1200000", "100000", "money", ""),
        ("€3.1m", "3100000", "100000", "money", "EUR"),
        ("1 234 567 EUR", "1234567", "1", "money", "EUR"),
        ("USD 12k", "12000", "1000", "money", "USD"),
        ("12.3 %", "12.3", "0.1", "%", ""),
        ("12.3%", "12.3", "0.1", "%", ""),
        ("5 per cent", "5", "1", "%", ""),
        ("2.4 percentage points", "2.4", "0.1", "points", ""),
        ("1.46 times", "1.46", "0.01", "x", ""),
        ("1.46×", "1.46", "0.01", "x", ""),
        ("48 days", "48", "1", "days", ""),
        ("EUR 12\u202f345.60", "12345.60", "0.01", "money", "EUR"),
        ("EUR 2025", "2025", "1", "money", "EUR"),
        ("17", "17", "1", "", ""),
    ],
)
def test_a_number_is_read_with_its_unit_and_precision(
    text: str, value: str, step: str, unit: str, currency: str
) -> None:
    found = number(f"It was {text} then.")
    assert (found.value, found.step) == (Decimal(value), Decimal(step))
    assert (found.unit, found.currency, found.negative) == (unit, currency, False)


@pytest.mark.parametrize("text", ["EUR -5.00", "EUR \u22125.00", "-5.00 EUR"])
def test_a_sign_is_read_in_any_spelling(text: str) -> None:
    assert number(text).negative
    assert number(text).means(figure("-5"))
    assert not number(text).means(figure("5"))


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("in 2025", ["2025"]),
        ("FY 2025 against FY2024", ["2025", "2024"]),
        ("on 31 Dec 2025", ["2025-12-31"]),
        ("on 3rd March 2025", ["2025-03-03"]),
        ("March 5, 2025", ["2025-03-05"]),
        ("in September 2025", ["2025-09"]),
        ("in Sept. 2025", ["2025-09"]),
        ("2025-03-31, 2025-03, 2025-Q1, 2025-P05", ["2025-03-31", "2025-03", "2025-Q1", "2025-P05"]),
        ("Q3 2025", ["2025-Q3"]),
        ("from 2023 to 2025.", ["2023", "2025"]),
    ],
)
def test_dates_are_read_as_the_periods_that_reports_name(text: str, labels: list[str]) -> None:
    found = claims(text)
    assert all(isinstance(one, When) for one in found)
    assert [one.label for one in found if isinstance(one, When)] == labels


@pytest.mark.parametrize(
    "text",
    [
        "EUR 1.234,56",
        "1,23 million",
        "version 1.2.3",
        "account B2B4",
        "the 3rd largest",
        "sales doubled",
        "a third of it",
        "twelve customers",
        "half of revenue",
        "EUR 5 %",
        "½ of it",
        "12-34-56",
    ],
)
def test_what_has_no_one_meaning_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        claims(text)


@pytest.mark.parametrize(
    ("text", "value", "means"),
    [
        ("EUR 1.2 million", "1249999.99", True),
        ("EUR 1.2 million", "1250000", True),
        ("EUR 1.2 million", "1250000.01", False),
        ("EUR 1.20 million", "1249999", False),
        ("EUR 20 million", "19046948", False),
        ("EUR 19 million", "19046948", True),
        ("USD 19 million", "19046948", False),
        ("19 %", "19046948", False),
        ("EUR 11.7 million", "-11681384.10", True),
    ],
)
def test_a_number_means_what_rounds_to_it(text: str, value: str, means: bool) -> None:
    assert number(text).means(figure(value)) is means


MONEY = st.decimals(min_value=Decimal("-99999999999"), max_value=Decimal("99999999999"), places=2)


@given(MONEY)
def test_a_figure_said_shortly_is_read_back_as_itself(value: Decimal) -> None:
    said = figure(value)
    assert number(say.short(said)).means(said)


@given(MONEY)
def test_a_figure_said_exactly_is_read_back_as_itself_and_no_other(value: Decimal) -> None:
    said = figure(value)
    found = number(say.exact(said))
    assert found.means(said)
    assert not found.means(figure(value + Decimal("0.02") if value >= 0 else value - Decimal("0.02")))


@given(st.decimals(min_value=-1000, max_value=1000, places=4), st.sampled_from(["%", "days", "x"]))
def test_a_ratio_said_is_read_back(value: Decimal, unit: str) -> None:
    said = figure(value, unit)
    assert number(say.short(said)).means(said)


@given(st.text(max_size=60))
def test_no_digit_is_ever_passed_over(text: str) -> None:
    try:
        found = claims(text)
    except Unreadable:
        return
    if any(character.isdigit() and character.isascii() for character in text):
        assert found
