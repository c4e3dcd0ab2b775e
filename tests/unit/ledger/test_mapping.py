"""Which class a mapping gives an account."""

from __future__ import annotations

from pathlib import Path

import pytest
from abax.errors import AmbiguousMapping, InvalidMapping
from abax.ledger.mapping import Classes, idle
from hypothesis import given
from hypothesis import strategies as st

from tests.support.books import Entry, build_ledger

MAPPING = {
    "6": "cost_of_sales",
    "6*": "operating_expenses",
    "66*": "interest_expense",
    "6800-6899": "depreciation",
    "6950": "income_tax",
    "type:cash": "cash",
    "4-5": "revenue",
}


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("6", None, "cost_of_sales"),
        ("600", None, "operating_expenses"),
        ("661", None, "interest_expense"),
        ("6800", None, "depreciation"),
        ("6899", None, "depreciation"),
        ("689912", None, "depreciation"),
        ("6900", None, "operating_expenses"),
        ("6950", None, "income_tax"),
        ("1000", "cash", "cash"),
        ("600", "cash", "operating_expenses"),
        ("4711", None, "revenue"),
        ("1000", "other", None),
        ("68", None, "operating_expenses"),
    ],
)
def test_the_most_specific_rule_counts(code: str, kind: str | None, expected: str | None) -> None:
    assert Classes(MAPPING).of(code, kind) == expected


def test_rules_that_say_as_much_as_each_other_must_agree() -> None:
    two = {"4000-4500": "revenue", "4200-4900": "other_income"}
    assert Classes(two).of("4100", None) == "revenue"
    with pytest.raises(AmbiguousMapping, match=r"account 4300 fits 4000-4500, 4200-4900 .* by its own code"):
        Classes(two).of("4300", None)
    assert Classes({**two, "4300": "revenue"}).of("4300", None) == "revenue"
    assert Classes({**two, "4200-4900": "revenue"}).of("4300", None) == "revenue"


def test_a_class_that_does_not_exist_is_named_with_its_key() -> None:
    with pytest.raises(InvalidMapping, match=r"47\*.*sales"):
        Classes({"47*": "sales"})


@given(code=st.text("0123456789-", min_size=1, max_size=6))
def test_a_code_is_itself_before_it_is_a_pattern(code: str) -> None:
    assert Classes({"*": "revenue", code: "cash"}).of(code, None) == "cash"


def test_a_ledger_takes_patterns(tmp_path: Path) -> None:
    entry = Entry("2025-01-05", [("6100", "5"), ("6200", "7"), ("1000", "-12")])
    chart = {"1000": "cash", "6100": None, "6200": None}
    mapping = {"61*": "income_tax", "6*": "depreciation"}
    with build_ledger(tmp_path, [entry], accounts=chart, mapping=mapping) as books:
        classes = {account.code: account.statement_class for account in books.accounts.values()}
    assert classes == {"1000": "cash", "6100": "income_tax", "6200": "depreciation"}


def test_keys_that_fit_no_account_are_told_from_those_that_do() -> None:
    chart = [("600", "charge"), ("4100", None)]
    assert idle(["600", "6*", "4000-4199", "type:charge"], chart) == []
    assert idle(["601", "7*", "4200-4299", "type:cash", "40-4"], chart) == [
        "40-4", "4200-4299", "601", "7*", "type:cash",
    ]  # fmt: skip
