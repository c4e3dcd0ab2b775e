"""Printed amounts, in the ways that countries write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from abax.documents.amounts import currency_of, decimal_mark, find_amounts, parse_amount, unconfused
from hypothesis import given
from hypothesis import strategies as st

CENTS = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2, allow_nan=False)
STYLES = {
    "en": (",", "."),
    "de": (".", ","),
    "fr": ("\u202f", ","),
    "pl": (" ", ","),
    "ch": ("'", "."),
    "plain": ("", "."),
}


def printed(value: Decimal, style: str) -> str:
    group, mark = STYLES[style]
    whole, cents = f"{value:,.2f}".split(".")
    return whole.replace(",", group) + mark + cents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.471,60", "1471.60"),
        ("1'234.50", "1234.50"),
        ("(1,234.00)", "-1234.00"),
        ("1 234,56 €", "1234.56"),
        ("12.00-", "-12.00"),
        ("EUR -5,00", "-5.00"),
        ("-€5.00", "-5.00"),
        ("1,23,456.00", "123456.00"),
        ("CHF 1'000.–", "1000"),
        ("12,-", "12"),
        ("RM34.80", "34.80"),
        ("1 234 567,89 zł", "1234567.89"),
        ("− 12,00", "-12.00"),
        ("1.234,5678", "1234.5678"),
        ("0.123", "0.123"),
        ("$ 7", "7"),
    ],
)
def test_an_amount_reads_as_its_country_writes_it(text: str, value: str) -> None:
    found = parse_amount(text)
    assert found is not None
    assert found.value == Decimal(value)


@given(CENTS, st.sampled_from(sorted(STYLES)))
def test_what_is_printed_in_any_style_reads_back(value: Decimal, style: str) -> None:
    found = parse_amount(printed(value, style))
    assert found is not None
    assert found.value == value


@given(CENTS, st.sampled_from(sorted(STYLES)), st.sampled_from(["-{}", "{}-", "({})", "EUR -{}", "- {}"]))
def test_a_sign_before_behind_or_around_makes_it_negative(value: Decimal, style: str, sign: str) -> None:
    found = parse_amount(sign.format(printed(value, style)))
    assert found is not None
    assert found.value == -value


@given(CENTS, st.sampled_from(sorted(STYLES)), st.sampled_from([".", ",", ", due", ". And", ";"]))
def test_an_amount_is_found_whatever_mark_of_the_sentence_follows_it(
    value: Decimal, style: str, behind: str
) -> None:
    amount = f"EUR {printed(value, style)}"
    assert [found.text for found in find_amounts(f"of {amount}{behind}")] == [amount]


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for found in find_amounts(text):
        assert text[found.start : found.end].strip() == found.text


def test_the_other_numbers_say_what_a_lone_mark_means() -> None:
    mark = decimal_mark(["12,50", "1.234", "7,00"])
    assert mark == ","
    found = parse_amount("1.234", mark)
    assert found is not None
    assert (found.value, found.unsure) == (Decimal(1234), False)


def test_a_lone_mark_that_nothing_explains_is_unsure() -> None:
    found = parse_amount("1.234")
    assert found is not None
    assert found.unsure


def test_credit_and_debit_behind_an_amount_are_told_and_do_not_change_it() -> None:
    found = parse_amount("100.00 CR")
    assert found is not None
    assert (found.value, found.side) == (Decimal("100.00"), "credit")


@pytest.mark.parametrize("text", ["12/05/2018", "10:45", "A12", "4.711.2018", "123.45.67"])
def test_dates_times_and_codes_are_no_amounts(text: str) -> None:
    assert parse_amount(text) is None


def test_letters_that_a_scanner_takes_digits_for_are_mended_in_numbers_alone() -> None:
    assert unconfused("TOTAL 1O.5O") == "TOTAL 10.50"
    assert unconfused("SOLO OIL") == "SOLO OIL"
    found = parse_amount("l2.5O", recognised=True)
    assert found is not None
    assert found.value == Decimal("12.50")


@pytest.mark.parametrize(
    ("word", "code"), [("€", "EUR"), ("zł", "PLN"), ("(RM)", "MYR"), ("USD", "USD"), ("Haus", None)]
)
def test_a_currency_is_known_by_its_sign_its_code_or_its_name(word: str, code: str | None) -> None:
    assert currency_of(word) == code
