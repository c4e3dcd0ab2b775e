"""Amounts: decimals per currency, rounding and display."""

from decimal import Decimal

import pytest
from abax.money import decimals, display, rounded, trimmed


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UYW", 4), ("XYZ", 2)]
)
def test_a_currency_has_its_own_number_of_decimals(currency, places):
    assert decimals(currency) == places


@pytest.mark.parametrize(
    ("amount", "currency", "result"),
    [
        ("2.345", "EUR", "2.34"),
        ("2.355", "EUR", "2.36"),
        ("-0.5", "JPY", "-0"),
        ("1.5", "JPY", "2"),
        ("1", "KWD", "1.000"),
    ],
)
def test_halves_are_rounded_to_even(amount, currency, result):
    assert str(rounded(Decimal(amount), currency)) == result


def test_trimming_keeps_what_rounding_would_lose():
    assert str(trimmed(Decimal("12.3400"), "EUR")) == "12.34"
    assert str(trimmed(Decimal("12.3450"), "EUR")) == "12.3450"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1234.5", "1,234.50"), ("-1234.5", "(1,234.50)"), ("0", "0.00"), ("-0.001", "0.00")],
)
def test_amounts_are_shown_with_thousands_and_negatives_in_parentheses(amount, text):
    assert display(Decimal(amount), "EUR") == text


def test_nothing_is_shown_as_a_dash():
    assert display(None, "EUR") == "–"
