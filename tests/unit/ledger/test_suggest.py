"""What accounts without a class look like."""

import tomllib

import pytest
from abax.ledger.model import StatementClass
from abax.ledger.suggest import ChartAccount, mapping_file, suggested
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "kind", "given"),
    [
        ("Bank", None, "cash"),
        ("Bank loan", None, "long_term_debt"),
        ("Accumulated depreciation", None, "fixed_assets"),
        ("Depreciation", None, "depreciation"),
        ("Income taxes", None, "income_tax"),
        ("Interest received", None, "interest_income"),
        ("Interest paid", None, "interest_expense"),
        ("Cost of goods sold", None, "cost_of_sales"),
        ("Goods sold", None, "revenue"),
        ("Forderungen aus Lieferungen", None, "receivables"),
        ("Umsatzerlöse 19 %", None, "revenue"),
        ("Clients", None, "receivables"),
        ("Gehälter", None, "operating_expenses"),
        ("Banque", None, "cash"),
        ("Sundry", "E", "operating_expenses"),
        ("Sundry", "Asset", "other_current_assets"),
        ("Sundry", None, None),
    ],
)
def test_names_in_several_languages(name, kind, given):
    found = suggested(name, kind)
    assert (found and found[0]) == given
    assert found is None or found[1]


@given(st.lists(st.tuples(st.text(), st.text(), st.none() | st.text()), max_size=5))
def test_the_file_can_always_be_read_and_says_nothing_yet(accounts):
    looks = StatementClass.CASH
    chart = [
        ChartAccount(code=code, name=name, source_type=kind, statement_class=None, suggestion=looks)
        for code, name, kind in accounts
    ]
    assert tomllib.loads(mapping_file(chart)) == {"mapping": {}}
