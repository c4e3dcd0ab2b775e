"""What a model read against what rules found: who is believed, and what becomes of the other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from abax.documents import weighing
from abax.documents.asking import Said
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.locating import Place
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.documents.made import reading_of

CHANCE = st.floats(0.01, 0.99)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the model's answers three in four are right, nine in ten where it gave them a likelihood of one."""
    curve = [[0.0, 0.1], [1.0, 0.9]]
    monkeypatch.setattr(
        weighing, "_counted", lambda: {"groups": {"business": {"share": 0.75, "curve": curve}}}
    )


def fields_of(**values: tuple[object, float]) -> Fields:
    fields = Fields(reading_of("x"), DocumentType.SUPPLIER_INVOICE)
    for name, (value, sure) in values.items():
        fields.put(name.replace("__", "."), value, sure, "person", text=str(value))
    return fields


def said(value: object, likelihood: float | None = None) -> Said:
    fields = Fields(reading_of(str(value)), DocumentType.SUPPLIER_INVOICE)
    words = fields.sight.rows[0].segs[0].words
    return Said(value, str(value), Place(words, 1, 0), likelihood)


@settings(deadline=None)
@given(CHANCE, CHANCE)
def test_two_that_agree_are_surer_than_each_and_two_that_differ_are_not(one: float, other: float) -> None:
    if min(one, other) > 0.5:
        assert weighing.agreed(one, other) >= max(one, other)
    assert 0 <= weighing.against(one, other) <= weighing.against(one, other - 0.005) <= 1
    total = weighing.against(one, other) + weighing.against(other, one)
    assert total <= 1 + 1e-9
    assert (weighing.against(one, other) > weighing.against(other, one)) == (one > other) or one == other


def test_what_was_missing_is_taken_with_its_place_and_how_sure_it_is() -> None:
    fields = fields_of()
    weighing.weigh(fields, {"number": said("RE-7", 1.0)})
    found = fields.evidence["number"]
    assert (fields.values["number"], found.method, found.confidence) == ("RE-7", "model", 0.9)
    assert found.box is not None and found.page == 1


def test_what_is_hardly_likely_is_only_offered() -> None:
    fields = fields_of()
    weighing.weigh(fields, {"number": said("RE-7", 0.0)})
    assert "number" not in fields.values
    [one] = fields.alternatives["number"]
    assert (one.value, one.evidence.method) == ("RE-7", "model")


def test_what_both_found_is_surer_and_keeps_its_place() -> None:
    fields = fields_of(number=("RE-7", 0.6))
    before = fields.evidence["number"]
    weighing.weigh(fields, {"number": said("re 7")})
    after = fields.evidence["number"]
    assert fields.values["number"] == "RE-7"
    assert after.confidence == pytest.approx(weighing.agreed(0.6, 0.75), abs=1e-4)
    assert (after.text, after.box) == (before.text, before.box)


@pytest.mark.parametrize(("sure", "winner", "loser"), [(0.6, "RE-7", "B-1"), (0.8, "B-1", "RE-7")])
def test_the_likelier_of_two_is_chosen_and_the_other_becomes_an_alternative(
    sure: float, winner: str, loser: str
) -> None:
    fields = fields_of(number=("B-1", sure))
    weighing.weigh(fields, {"number": said("RE-7")})
    assert fields.values["number"] == winner
    assert [one.value for one in fields.alternatives["number"]] == [loser]


def test_of_two_totals_the_one_that_adds_up_is_chosen_whatever_the_chances() -> None:
    sums = {"totals__net": (Decimal(100), 0.99), "totals__tax": (Decimal(19), 0.99)}
    fields = fields_of(**sums, totals__gross=(Decimal(120), 0.95))
    weighing.weigh(fields, {"totals.gross": said(Decimal(119), 0.0)})
    assert fields.values["totals.gross"] == Decimal(119)
    assert fields.alternatives["totals.gross"][0].value == "120"
    fields = fields_of(**sums, totals__gross=(Decimal(119), 0.05))
    weighing.weigh(fields, {"totals.gross": said(Decimal(120), 1.0)})
    assert fields.values["totals.gross"] == Decimal(119)


def lines(*amounts: int) -> dict[str, Said]:
    return {f"lines[{2 * place}].net_amount": said(Decimal(one)) for place, one in enumerate(amounts)}


def test_lines_are_replaced_where_the_new_ones_alone_add_up_and_count_without_gaps() -> None:
    fields = fields_of(totals__net=(Decimal(30), 0.9))
    fields.put("lines[0].net_amount", Decimal(25), 0.9, "table")
    assert weighing.is_lacking("lines", fields)
    weighing.weigh(fields, lines(10, 20))
    assert fields.values["lines[0].net_amount"] == Decimal(10)
    assert fields.values["lines[1].net_amount"] == Decimal(20)
    assert fields.evidence["lines[1].net_amount"].confidence > 0.75
    assert not weighing.is_lacking("lines", fields)


def test_lines_that_do_not_add_up_replace_none() -> None:
    fields = fields_of(totals__net=(Decimal(30), 0.9))
    fields.put("lines[0].net_amount", Decimal(25), 0.9, "table")
    weighing.weigh(fields, lines(10, 21))
    assert fields.values["lines[0].net_amount"] == Decimal(25)
    assert "lines[1].net_amount" not in fields.values


def test_lines_are_taken_where_there_were_none() -> None:
    fields = fields_of()
    assert weighing.is_lacking("lines", fields)
    weighing.weigh(fields, lines(10, 20))
    assert fields.contract()["lines"] == ({"net_amount": Decimal(10)}, {"net_amount": Decimal(20)})


@pytest.mark.parametrize(
    ("name", "totals", "members", "told"),
    [
        ("lines", {"totals.gross": 30}, {"lines[0].gross_amount": 30}, True),
        ("lines", {"totals.net": 30, "totals.charges": 5}, {"lines[0].net_amount": 25}, True),
        ("lines", {"totals.net": 30}, {"lines[0].net_amount": 25}, False),
        ("lines", {}, {"lines[0].net_amount": 25}, None),
        ("lines", {"totals.net": 30}, {"lines[0].quantity": 25}, None),
        ("lines", {}, {"lines[0].debit": 5, "lines[1].credit": 5}, True),
        ("lines", {}, {"lines[0].debit": 5, "lines[1].credit": 4}, False),
        ("entries", {"opening_balance": 1, "closing_balance": 3}, {"entries[0].amount": 2}, True),
        ("entries", {"opening_balance": 1, "closing_balance": 3}, {"entries[0].amount": 1}, False),
        ("entries", {"closing_balance": 3}, {"entries[0].amount": 1}, None),
        ("remittances", {"total": 7}, {"remittances[0].paid": 7}, True),
        ("remittances", {"total": 7}, {"remittances[0].paid": 6}, False),
    ],
)
def test_a_list_adds_up_or_does_not_or_nothing_tells(
    name: str, totals: dict[str, int], members: dict[str, int], told: bool | None
) -> None:
    money = [{path: Decimal(one) for path, one in each.items()} for each in (totals, members)]
    assert weighing.add_up(name, *money) is told


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("ab")), unique=True))
def test_members_close_ranks_and_keep_apart(cells: list[tuple[int, str]]) -> None:
    paths = [f"lines[{place}].{name}" for place, name in cells]
    dense = weighing.dense(paths)
    assert len(set(dense)) == len(paths)
    places = {path.partition("[")[2].partition("]")[0] for path in dense}
    assert places == {str(place) for place in range(len({place for place, _ in cells}))}
    assert weighing.dense(["number", "lines[4].a"]) == ["number", "lines[0].a"]


def test_a_list_that_is_hardly_likely_is_not_taken() -> None:
    fields = fields_of()
    unlikely = {path: said(one.value, 0.1) for path, one in lines(10, 20).items()}
    weighing.weigh(fields, unlikely)
    assert fields.values == {}
