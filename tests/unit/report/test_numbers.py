"""How amounts are set."""

from __future__ import annotations

from decimal import Decimal

import pytest
from abax.report import numbers
from hypothesis import given
from hypothesis import strategies as st

THIN, MINUS = numbers.THIN, numbers.MINUS


def test_thousands_are_set_apart_and_a_minus_is_a_minus() -> None:
    assert numbers.amount(Decimal("-1234567.5"), "EUR") == f"{MINUS}1{THIN}234{THIN}567.50"


def test_a_currency_without_decimals_shows_none_and_hidden_fractions_are_not_rounded_away() -> None:
    assert numbers.amount(Decimal("1200.0000"), "JPY") == f"1{THIN}200"
    assert numbers.amount(Decimal("0.1234"), "EUR") == "0.1234"
    assert numbers.amount(Decimal("1E+3"), "JPY") == f"1{THIN}000"


def test_nothing_is_an_en_dash() -> None:
    assert numbers.amount(None, "EUR") == "–"
    assert numbers.ratio(None, "%") == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "0"),
        ("7.25", "7.25"),
        ("999.6", "1.00k"),
        ("-12345", f"{MINUS}12.3k"),
        ("1240000", "1.24m"),
        ("2500000000", "2.50bn"),
    ],
)
def test_headlines_have_three_digits(value: str, shown: str) -> None:
    assert numbers.compact(Decimal(value)) == shown


def test_axes_show_no_digit_too_many() -> None:
    assert [numbers.tick(Decimal(value)) for value in (1_500_000, -250_000, 0, 20)] == [
        "1.5m",
        f"{MINUS}250k",
        "0",
        "20",
    ]


def test_a_change_is_measured_in_the_size_of_the_old_value() -> None:
    assert numbers.change(Decimal(-50), Decimal(-100)) == 50
    assert numbers.change(Decimal(5), Decimal(0)) is None
    assert numbers.percent(Decimal("12.35")) == f"12.4{THIN}%"


@given(st.lists(st.decimals(min_value=-(10**13), max_value=10**13, places=4)))
def test_minor_units_lose_nothing(values: list[Decimal]) -> None:
    places = numbers.places("EUR", values)
    assert 2 <= places <= 4
    assert [Decimal(numbers.minor_units(value, places)).scaleb(-places) for value in values] == values


def test_a_change_from_a_small_base_is_told_as_more_than_tenfold() -> None:
    told = [numbers.moved(Decimal(value)) for value in ("12934.9", "-12934.9", "999.9", "-12.35")]
    assert told == ["▲ tenfold+", "▼ tenfold+", f"999.9{THIN}%", f"{MINUS}12.4{THIN}%"]
