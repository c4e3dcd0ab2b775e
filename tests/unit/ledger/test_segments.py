"""The income statement by any dimension: columns add up to it, to the cent."""

import json
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from abax.errors import UnknownFigure
from abax.ledger.package import build_package
from abax.ledger.segments import Dimensions, allocated, segments
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.books import POSTABLE, Entry, build_ledger
from tests.unit.ledger.conftest import Opener

D = Decimal


def shares(**percents: float) -> str:
    return json.dumps({name.replace("_", ":", 1): percent for name, percent in percents.items()})


BOOKS = [
    Entry(
        "2025-01-10",
        [("1000", "1000"), ("4000", "-1000")],
        dimensions={1: shares(cc_north=100, project_x=50)},
    ),
    Entry(
        "2025-01-20",
        [("6000", "100.01"), ("1000", "-100.01")],
        dimensions={0: shares(cc_north=50, cc_south=50)},
    ),
    Entry("2025-02-20", [("6000", "30"), ("1000", "-30")], dimensions={0: shares(cc_south=60)}),
    Entry("2025-02-21", [("5000", "7"), ("1000", "-7")]),
    Entry(
        "2025-12-31",
        [("4000", "1000"), ("3900", "-1000")],
        closing=True,
        dimensions={0: shares(cc_north=100)},
    ),
]
NAMES = [
    ("cc:north", "cc", "N", "Old north", "cc:all", "2000-01-01", "2024-12-31"),
    ("cc:north", "cc", "N", "North", "cc:all", "2025-01-01", None),
    ("cc:south", "cc", "S", "South", "cc:all", None, None),
    ("cc:all", "cc", "A", "All", None, None, None),
]


def columns(report, line):
    row = report.row(line)
    return [str(value) for value in (*row.values, row.unassigned, row.total)]


def test_lines_are_shared_out_and_the_rest_stands_in_a_column_of_its_own(opened: Opener) -> None:
    report = segments(opened(BOOKS, dimensions=NAMES), "cc", "2025")
    assert [(own.code, own.name) for own in report.segments] == [("N", "North"), ("S", "South")]
    assert columns(report, "revenue") == ["1000.00", "0.00", "0.00", "1000.00"]
    # 50.005 each: the cent goes to the first.
    assert columns(report, "operating_expenses") == ["-50.01", "-68.00", "-12.00", "-130.01"]
    assert columns(report, "net_result") == ["949.99", "-68.00", "-19.00", "862.99"]
    assert report.margin("net_result", 0) == D("95.00")
    assert report.margin("net_result", 1) is None


def test_a_period_a_day_and_another_dimension_cut_it_otherwise(opened: Opener) -> None:
    ledger = opened(BOOKS, dimensions=NAMES)
    assert columns(segments(ledger, "cc", "2025-02"), "net_result") == ["-18.00", "-19.00", "-37.00"]
    assert columns(segments(ledger, "project", "2025-Q1"), "revenue") == ["500.00", "500.00", "1000.00"]
    from datetime import date

    early = segments(ledger, "cc", "2025", date(2025, 1, 15))
    assert columns(early, "net_result") == ["1000.00", "0.00", "1000.00"]


def test_values_count_for_the_top_of_their_hierarchy_if_asked(opened: Opener) -> None:
    report = segments(opened(BOOKS, dimensions=NAMES), "cc", "2025", top=True)
    assert [own.name for own in report.segments] == ["All"]
    assert columns(report, "net_result") == ["881.99", "-19.00", "862.99"]


def test_a_hierarchy_that_runs_in_a_circle_ends(opened: Opener) -> None:
    names = [
        ("cc:north", "cc", "N", "", "cc:south", None, None),
        ("cc:south", "cc", "S", "", "cc:north", None, None),
    ]
    report = segments(opened(BOOKS, dimensions=names), "cc", "2025", top=True)
    assert columns(report, "net_result")[-1] == "862.99"


def test_values_without_a_dimension_go_by_the_master_table_or_are_analytic(opened: Opener) -> None:
    entries = [
        Entry("2025-01-10", [("1000", "10"), ("4000", "-10")], dimensions={1: '{"1,7": 100.0}'}),
        Entry("2025-01-11", [("1000", "5"), ("4000", "-5")], dimensions={1: '{"8": 100}'}),
    ]
    ledger = opened(
        entries,
        dimensions=[
            ("1", "Plan", "", "One", None, None, None),
            ("7", "Other", "", "Seven", None, None, None),
        ],
    )
    assert Dimensions.of(ledger, ledger.calendar.end_of(2025)).names == ["Other", "Plan", "analytic"]
    assert columns(segments(ledger, "Plan", "2025"), "revenue") == ["10.00", "5.00", "15.00"]
    assert columns(segments(ledger, "analytic", "2025"), "revenue") == ["5.00", "10.00", "15.00"]


def test_what_is_not_there_is_named_with_what_is(opened: Opener) -> None:
    ledger = opened(BOOKS)
    with pytest.raises(UnknownFigure, match=r"dimension 'ccc'.*did you mean 'cc'"):
        segments(ledger, "ccc", "2025")
    with pytest.raises(UnknownFigure, match="period"):
        segments(ledger, "cc", "2031")


@pytest.mark.parametrize(
    ("amount", "percents", "parts"),
    [
        ("100.00", ["60", "40"], ["60.00", "40.00", "0.00"]),
        ("0.01", ["50", "50"], ["0.01", "0.00", "0.00"]),
        ("-0.05", ["33.33", "33.33", "33.34"], ["-0.02", "-0.01", "-0.02", "0.00"]),
        ("10.00", ["30"], ["3.00", "7.00"]),
        ("10.00", ["100", "50"], ["10.00", "5.00", "-5.00"]),
        ("0.0001", ["50", "50"], ["0.0001", "0.0000", "0.0000"]),
    ],
)
def test_cents_go_to_the_largest_remainders(amount: str, percents: list[str], parts: list[str]) -> None:
    found = allocated(D(amount), [D(percent) for percent in percents], "EUR")
    assert [str(part) for part in found] == parts


PERCENTS = st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=1, max_size=6)
CENTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


@given(CENTS, PERCENTS, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_parts_add_up_and_none_is_a_unit_away_from_its_share(amount, percents, currency) -> None:
    parts = allocated(amount, percents, currency)
    assert sum(parts) == amount
    if sum(percents) <= 100:
        for part, percent in zip(parts, percents, strict=False):
            assert abs(part - amount * percent / 100) < 1


TEXTS = st.dictionaries(
    st.sampled_from(["cc:1", "cc:2", "cc:3", "p:1"]),
    st.sampled_from([100, 50, 33.33, 0.01, 12.5]),
    max_size=3,
).map(lambda own: json.dumps(own) if own else None)


@st.composite
def shared_books(draw: st.DrawFn) -> list[Entry]:
    found = []
    for day in range(1, draw(st.integers(2, 10))):
        amount = draw(st.decimals(min_value=-9999, max_value=9999, places=2))
        codes = draw(st.lists(st.sampled_from(POSTABLE), min_size=2, max_size=2))
        texts = {place: text for place in range(2) if (text := draw(TEXTS))}
        found.append(Entry(f"2025-01-{day:02d}", [(codes[0], amount), (codes[1], -amount)], dimensions=texts))
    return [*found, Entry("2025-01-31", [("4000", "-1"), ("1000", "1")], dimensions={0: '{"cc:1": 33.33}'})]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(shared_books())
def test_columns_add_up_to_the_income_statement_in_any_books(entries) -> None:
    with tempfile.TemporaryDirectory() as folder, build_ledger(Path(folder), entries) as ledger:
        report = segments(ledger, "cc", "2025")
        income = build_package(ledger, 2025).statement("income_statement", "year")
    known = {row.line: row.values[0] for row in income.lines}
    for row in report.lines:
        assert sum(row.values) + row.unassigned == row.total == known.get(row.line, D(0))
