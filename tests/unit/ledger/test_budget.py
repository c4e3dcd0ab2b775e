"""A budget beside what was booked."""

from decimal import Decimal

import pytest
from abax.dates import Granularity
from abax.errors import InvalidRequest
from abax.ledger.budget import read_budget, variance
from abax.ledger.package import build_package
from hypothesis import given
from hypothesis import strategies as st

from tests.support.books import Entry
from tests.unit.ledger.conftest import Opener

D = Decimal
BOOKS = [
    Entry(
        "2025-01-10",
        [("1000", "1000"), ("4000", "-1000")],
        dimensions={1: '{"cc:north": 60, "cc:south": 40}'},
    ),
    Entry("2025-02-10", [("1000", "500"), ("4000", "-500")], dimensions={1: '{"cc:north": 100}'}),
    Entry("2025-01-20", [("6000", "300"), ("1000", "-300")]),
    Entry("2025-01-21", [("6500", "50"), ("1500", "-50")]),
    Entry("2025-03-01", [("1500", "70"), ("1000", "-70")]),
    Entry("2025-12-31", [("4000", "1500"), ("3900", "-1500")], closing=True),
]


def report(opened: Opener, text: str, **more):
    return variance(
        opened(BOOKS), read_budget("account,month,amount,dimension,version\n" + text), 2025, **more
    )


def shown(line):
    return [
        str(line.budget[0]),
        str(line.actual[0]),
        str(line.difference[0]),
        line.percent[0],
        line.favourable[0],
    ]


def test_income_above_and_costs_below_the_budget_are_favourable(opened: Opener) -> None:
    found = report(opened, "4000,2025-01,900\n6000,2025-01,350\n6500,2025-01,40\n")
    assert [line.account for line in found.lines] == ["4000", "6000", "6500"]
    assert shown(found.lines[0]) == ["900", "1000.00", "100.00", D("11.1"), True]
    assert shown(found.lines[1]) == ["350", "300.00", "-50.00", D("-14.3"), True]
    assert shown(found.lines[2]) == ["40", "50.00", "10.00", D("25.0"), False]
    assert found.lines[0].actual[:2] == [1000, 500] and found.lines[0].percent[1] is None
    assert shown(found.net_result)[:3] == ["510", "650.00", "140.00"]


def test_quarters_and_years_sum_months(opened: Opener) -> None:
    text = "4000,2025-01,900\n4000,2025-02,600\n4000,2026-01,1\n"
    quarters = report(opened, text, granularity=Granularity.QUARTER)
    assert [column.label for column in quarters.periods] == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert quarters.lines[0].difference == [0, 0, 0, 0]
    assert quarters.lines[0].favourable == [None] * 4
    year = report(opened, text, granularity=Granularity.YEAR)
    assert (year.lines[0].budget, year.lines[0].actual) == ([1500], [1500])


def test_the_most_specific_row_counts_and_nothing_counts_twice(opened: Opener) -> None:
    found = report(opened, "operating_expenses,2025-01,1\n6*,2025-01,60\n6000-6099,2025-01,200\n")
    amounts = {line.account: line.actual[0] for line in found.lines}
    assert amounts == {"operating_expenses": 0, "6*": 50, "6000-6099": 300, "": 1000}
    assert sum(found.net_result.actual) == 1500 - 350


def test_what_the_file_says_nothing_of_is_shown_so_that_the_net_result_is_whole(opened: Opener) -> None:
    found = report(opened, "6000,2025-01,300\n", granularity=Granularity.YEAR)
    rest = [(line.label, line.actual[0], line.percent[0]) for line in found.lines if not line.account]
    assert rest == [
        ("Revenue without a budget", 1500, None),
        ("Depreciation and amortisation without a budget", 50, None),
    ]
    income = build_package(opened(BOOKS), 2025).statement("income_statement", "year")
    assert found.net_result.actual == income.row("net_result").values


def test_a_value_of_a_dimension_is_compared_with_its_share_and_the_rest_with_the_rest(opened: Opener) -> None:
    found = report(opened, "4000,2025-01,700,cc:north\n4000,2025-01,300\n")
    amounts = {line.dimension: line.actual[0] for line in found.lines if line.account}
    assert amounts == {"cc:north": 600, "": 400}
    assert sum(found.net_result.actual) == 1150


@pytest.mark.parametrize("value", ["cc:north", "cc:N1", "cc:North"])
def test_a_value_goes_by_its_id_its_code_or_its_name(opened: Opener, value: str) -> None:
    ledger = opened(BOOKS, dimensions=[("cc:north", "cc", "N1", "North", None, None, None)])
    rows = read_budget(f"account,month,amount,dimension\n4000,2025-01,700,{value}\n")
    [line] = [line for line in variance(ledger, rows, 2025).lines if line.account]
    assert (line.dimension, line.actual[0]) == ("cc:north", 600)


def test_a_balance_sheet_account_is_compared_with_what_it_moved_by_and_is_neither_good_nor_bad(
    opened: Opener,
) -> None:
    found = report(opened, "1500,2025-03,60\n")
    [line] = [line for line in found.lines if line.account]
    assert (line.actual[2], line.difference[2], line.favourable[2]) == (70, 10, None)
    assert found.net_result.budget[2] == 0


def test_one_of_several_versions_is_asked_for(opened: Opener) -> None:
    text = "4000,2025-01,900,,plan\n4000,2025-01,800,,forecast\n"
    assert report(opened, text, version="forecast").lines[0].budget[0] == 800
    with pytest.raises(InvalidRequest, match="plan, forecast"):
        report(opened, text)
    with pytest.raises(InvalidRequest, match="no version 'dream'"):
        report(opened, text, version="dream")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("4000,2025-01,1\n4711,2025-01,1\n", "line 3: no account '4711'"),
        ("47*,2025-01,1\n", r"line 2: no account '47\*'"),
        ("revenu,2025-01,1\n", "line 2: no account 'revenu'"),
        ("4000,2025-01,1\n,2025-01,1\n", "line 3 names no account"),
        ("4000,January,1\n", "line 2: 'January' is no month"),
        ("4000,2025-13,1\n", "line 2: '2025-13' is no month"),
        ("4000,1999-01,1\n", "no row is of fiscal year 2025, 2025-01 to 2025-12"),
        ("4000,2025-01,much\n", "line 2: 'much' is no amount"),
        ("4000,2025-01,NaN\n", "line 2: 'NaN' is no amount"),
        ("4000,2025-01,1,cc:west\n", "line 2: no dimension value 'cc:west'"),
        ("4000-7000,2025-01,1\n", "line 2: '4000-7000' takes in accounts of both sides"),
        ("", "no rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(opened: Opener, text: str, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        report(opened, text)


def test_a_file_without_a_needed_column_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no column amount"):
        read_budget("account;month\n".replace(";", ",") + "4000,2025-01\n")
    with pytest.raises(InvalidRequest, match="apart by commas"):
        read_budget("account;month;amount\n4000;2025-01;1\n")


@given(st.lists(st.decimals(min_value=-9999, max_value=9999, places=2), min_size=1, max_size=12))
def test_what_is_written_is_read(amounts) -> None:
    text = "\n".join(
        ["account, month, amount", *(f"4000, 2025-{n + 1:02d}, {own}" for n, own in enumerate(amounts))]
    )
    rows = read_budget(text)
    assert [row.amount for row in rows] == amounts
    assert [row.line for row in rows] == list(range(2, len(amounts) + 2))
