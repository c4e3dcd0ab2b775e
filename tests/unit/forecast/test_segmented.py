"""Segments months ahead: they add up to the company's forecast, children to parents, to the cent."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from abax.errors import UnknownFigure
from abax.forecast import forecast_package
from abax.forecast.segmented import Node, named, segment_forecast, share_out, tree
from abax.ledger.model import ForecastLine, ForecastPoint
from abax.ledger.package import build_package
from abax.ledger.segments import Dimensions, Segment
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.books import Entry
from tests.unit.ledger.conftest import Opener, opened

__all__ = ["opened"]

D = Decimal
NAMES = [
    ("cc:all", "cc", "A", "All", None, None, None),
    ("cc:north", "cc", "N", "North", "cc:all", None, None),
    ("cc:south", "cc", "S", "South", "cc:all", None, None),
    ("cc:web", "cc", "W", "Web", None, None, None),
]


def whole(value: str) -> str:
    return json.dumps({value: 100})


def books() -> list[Entry]:
    """Three years: revenue of two children, of their parent itself, of a value that begins late, of none."""
    chance, entries = random.Random(3), []
    for month in range(36):
        day = f"{2023 + month // 12}-{month % 12 + 1:02d}-15"
        for value, base in (("cc:north", 1000), ("cc:south", 700), ("cc:all", 90), ("", 55)):
            amount = str(base + month * 5 + chance.randint(0, base // 4) + 200 * (month % 12 == 11))
            dimensions = {1: whole(value)} if value else {}
            entries.append(Entry(day, [("1000", amount), ("4000", f"-{amount}")], dimensions=dimensions))
        if month > 31:
            entries.append(
                Entry(day, [("1000", "77.77"), ("4000", "-77.77")], dimensions={1: whole("cc:web")})
            )
        entries.append(
            Entry(day, [("6000", "300.10"), ("1000", "-300.10")], dimensions={0: whole("cc:north")})
        )
    return entries


def test_segments_add_up_to_the_company_and_children_to_parents_to_the_cent(opened: Opener) -> None:
    ledger = opened(books(), dimensions=NAMES)
    package = build_package(ledger, 2025, history=3)
    forecast = forecast_package(package)
    found = segment_forecast(ledger, package, forecast, "cc")
    assert [(own.level, own.name, own.itself) for own in found.segments] == [
        (0, "All", False),
        (1, "North", False),
        (1, "South", False),
        (1, "All", True),
        (0, "Web", False),
        (0, "unassigned", False),
    ]
    shown = {row.line for row in found.segments[0].lines}
    assert shown == {row.line for row in package.statement("income_statement", "month").lines}
    for line in forecast.lines:
        if line.line not in shown:
            continue
        for ahead, point in enumerate(line.points):
            values = [own.row(line.line).points[ahead].value for own in found.segments]
            assert sum(value for own, value in zip(found.segments, values, strict=True) if not own.level) == (
                point.value
            )
            assert values[0] == sum(values[1:4])
    web = found.segments[4].row("revenue")
    assert web.method == "Mean since it began"
    assert web.note.startswith("4 months of history")
    assert found.segments[1].row("net_result").points[0].value == (
        found.segments[1].row("revenue").points[0].value
        + found.segments[1].row("operating_expenses").points[0].value
    )


def test_a_dimension_that_is_not_there_is_named_with_those_that_are(opened: Opener) -> None:
    ledger = opened(books(), dimensions=NAMES)
    package = build_package(ledger, 2025, history=3)
    with pytest.raises(UnknownFigure, match=r"no dimension 'ccc' \(did you mean 'cc'"):
        segment_forecast(ledger, package, forecast_package(package), "ccc")


def test_a_dimension_may_be_written_small_and_in_the_singular() -> None:
    assert named(["Departments", "cc"], "department") == "Departments"
    assert named(["Departments", "cc"], "CC") == "cc"
    assert named(["Departments"], "colour") == "colour"


def test_a_hierarchy_that_runs_in_a_circle_is_cut() -> None:
    values = {
        name: Segment(value_id=name, code=name, name="", parent_id=parent)
        for name, parent in (("a", "b"), ("b", "a"), ("c", None))
    }
    known = Dimensions(values, dict.fromkeys(values, "cc"))
    nodes = tree(known, {"revenue": {"a": [D(1)], "c": [D(1)]}})
    assert [(node.key, node.depth, node.below) for node in nodes] == [
        ("", -1, (1, 2)),
        ("a", 0, ()),
        ("c", 0, ()),
    ]


TREE = [
    Node("", -1, (1, 5, 6)),
    Node("p", 0, (2, 3, 4)),
    Node("a", 1),
    Node("b", 1),
    Node("p", 1, itself=True),
    Node("c", 0),
    Node("", 0, itself=True),
]
CENTS = st.integers(-(10**11), 10**11).map(lambda cents: D(cents) / 100)


@settings(max_examples=40, deadline=None)
@given(
    histories=st.lists(st.lists(CENTS, min_size=9, max_size=9), min_size=5, max_size=5),
    ahead=st.lists(CENTS, min_size=1, max_size=4),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_whatever_history_and_forecast_are_every_node_is_the_sum_of_those_below(
    histories: Sequence[Sequence[Decimal]], ahead: Sequence[Decimal], currency: str
) -> None:
    if currency == "JPY":
        ahead = [value.quantize(D(1)) for value in ahead]
    history: Mapping[str, Sequence[Decimal]] = dict(zip(["a", "b", "p", "c", ""], histories, strict=True))
    points = [
        ForecastPoint(label=str(place), value=value, low=value, high=value)
        for place, value in enumerate(ahead)
    ]
    line = ForecastLine(
        line="revenue", label="Revenue", method="", points=points, mase=None, naive_mase=None, coverage=None
    )
    shared = share_out(line, history, TREE, currency)
    for place, value in enumerate(ahead):
        assert shared.values[0][place] == value
        for node, own in enumerate(TREE):
            if own.below:
                assert shared.values[node][place] == sum(shared.values[below][place] for below in own.below)


def test_a_node_that_was_never_off_takes_no_part_of_the_difference() -> None:
    steady, noisy = [D(100)] * 24, [D(1000 + 37 * (place * 7 % 11)) for place in range(24)]
    nodes = [Node("", -1, (1, 2)), Node("a", 0), Node("b", 0)]
    point = ForecastPoint(label="1", value=D(2000), low=D(0), high=D(0))
    line = ForecastLine(
        line="revenue", label="", method="", points=[point], mase=None, naive_mase=None, coverage=None
    )
    shared = share_out(line, {"a": steady, "b": noisy}, nodes, "EUR")
    assert abs(shared.values[1][0] - 100) < D("0.02")
    assert shared.values[1][0] + shared.values[2][0] == 2000


@settings(max_examples=30, deadline=None)
@given(st.lists(CENTS, min_size=2, max_size=2), st.lists(CENTS, min_size=2, max_size=2))
def test_what_is_assumed_of_the_company_moves_segments_by_their_size(
    ahead: Sequence[Decimal], aim: Sequence[Decimal]
) -> None:
    points = [ForecastPoint(label=str(own), value=own, low=own, high=own) for own in ahead]
    line = ForecastLine(
        line="revenue", label="", method="", points=points, mase=None, naive_mase=None, coverage=None
    )
    history = {key: [D(100 + place * 7 % 13) for place in range(24)] for key in ("a", "b", "p", "c", "")}
    shared = share_out(line, history, TREE, "EUR", aim)
    assert list(shared.values[0]) == list(aim)
    for place in range(2):
        assert sum(shared.values[below][place] for below in TREE[0].below) == aim[place]
        assert sum(shared.values[below][place] for below in TREE[1].below) == shared.values[1][place]


def test_five_percent_more_of_all_is_five_percent_more_of_each() -> None:
    history = {"a": [D(100)] * 24, "b": [D(300)] * 24}
    nodes = [Node("", -1, (1, 2)), Node("a", 0), Node("b", 0)]
    point = ForecastPoint(label="1", value=D(400), low=D(400), high=D(400))
    line = ForecastLine(
        line="revenue", label="", method="", points=[point], mase=None, naive_mase=None, coverage=None
    )
    shared = share_out(line, history, nodes, "EUR", [D(420)])
    assert [own[0] for own in shared.values] == [420, 105, 315]


def test_the_history_is_cut_at_the_last_complete_month(opened: Opener) -> None:
    ledger = opened(books(), dimensions=NAMES)
    package = build_package(ledger, 2025, as_of=date(2025, 11, 20), history=3)
    forecast = forecast_package(package)
    assert forecast.history_end == date(2025, 10, 31)
    found = segment_forecast(ledger, package, forecast, "cc")
    point = next(line for line in forecast.lines if line.line == "revenue").points[0]
    assert point.label == "2025-11"
    assert sum(own.row("revenue").points[0].value for own in found.segments if not own.level) == point.value
