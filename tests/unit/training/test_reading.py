"""How often a model is right where it is asked: rows of its answers, and lines through them."""

from __future__ import annotations

import json

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.documents.contracts import DocumentType, Party, Totals, TradeDocument
from abax.documents.quality import along

from tests.unit.documents.made import reading_of
from tests.unit.documents.test_picking import ODD, extracted
from training.documents import reading

pytest.importorskip("sklearn")
TRUTH = TradeDocument(
    type=DocumentType.SUPPLIER_INVOICE,
    number="77-A",
    seller=Party(name="Kwiatkowska Handel"),
    totals=Totals(),
)


def test_each_value_that_came_back_is_held_against_the_truth_and_what_rules_found() -> None:
    answer = {"number": "Xyz 77-A", "seller": {"name": "Kwiatkowska Handel"}, "totals": {"tax": "40,00 EUR"}}
    model = ScriptedModel([json.dumps(answer), "{}"], adapters=("extract",))
    document = reading.Known("a", reading_of(ODD, "pl"), TRUTH)
    head, *told = reading.rows(document, model)
    assert head["document"] == "a" and head["notes"] == []
    right = {row["path"]: row["right"] for row in told}
    assert right == {"number": False, "seller.name": True, "totals.tax": False}
    found = extracted(None).evidence
    for row in told:
        assert ({"sure", "rule_right", "same"} <= row.keys()) == (row["path"] in found)


def test_what_a_partial_truth_does_not_tell_is_not_counted() -> None:
    answer = json.dumps({"number": "77-A", "totals": {"tax": "40,00 EUR"}})
    for more in ({"partial": True}, {"only": ("number",)}):
        model = ScriptedModel([answer, "{}"], adapters=("extract",))
        document = reading.Known("a", reading_of(ODD, "pl"), TRUTH, **more)
        _, row = reading.rows(document, model)
        assert (row["path"], row["right"]) == ("number", True)


def test_a_line_rises_from_what_is_unlikely_to_what_is_likely_and_is_never_certain() -> None:
    rows = [
        {"family": "business", "path": "number", "likelihood": place / 40, "right": place > 20}
        for place in range(41)
    ]
    rows.append({"family": "business", "path": "seller.name", "likelihood": 0.5, "right": True})
    made = reading.curves(rows)["groups"]
    assert set(made) == {"business", "business/number"}
    one = made["business/number"]
    assert (one["values"], one["share"]) == (41, pytest.approx(21 / 43, abs=1e-3))
    heights = [along(one["curve"], place / 10) for place in range(11)]
    assert heights == sorted(heights)
    assert 0 < heights[0] < 0.2 and 0.8 < heights[-1] < 1


def test_how_often_both_err_alike_is_counted() -> None:
    row = {"family": "receipt", "path": "number", "likelihood": 0.5, "right": False, "rule_right": False}
    rows = [row | {"same": True}, row | {"same": True}, row | {"same": False}, row | {"rule_right": True}]
    assert reading.curves(rows)["alike"] == pytest.approx(3 / 5)
    assert reading.curves([])["alike"] == 0.5
