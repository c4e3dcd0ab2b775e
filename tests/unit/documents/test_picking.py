"""The model picks among what is printed, where nothing sure was found; without it all stays as it was."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.documents import picking
from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Subtype, TradeDocument
from abax.documents.extract import Extraction, extract
from abax.documents.identify import Identity
from abax.documents.quality import assess
from abax.errors import ModelUnavailable
from abax.ports import TextModel, TextRequest

from tests.unit.documents.made import reading_of
from tests.unit.documents.test_extract import INVOICE

ODD = """
Kwiatkowska Handel
Xyz 77-A
Abcdef 12.03.2024

Qwertz    40,00 EUR
Asdfgh    60,00 EUR
Yxcvbn   100,00 EUR
"""
"""Nothing on it says what it is."""
SURE = Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=1.0)


def extracted(model: TextModel | None, text: str = ODD) -> Extraction:
    return extract(reading_of(text, "pl"), SURE, Identity(subtype=Subtype.STANDARD), model)


def said(**answers: str | None) -> ScriptedModel:
    every = {"number": None, "issue_date": None, "seller_name": None, "totals_gross": None}
    return ScriptedModel([json.dumps({**every, **answers})], name="small")


@pytest.fixture(autouse=True)
def unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever rankers make of it, here it is worth less than what the model says."""
    monkeypatch.setattr(picking, "UNMEASURED", 0.9999)


def test_what_it_picks_is_located_parsed_and_as_sure_as_it_was_measured() -> None:
    found = extracted(said(number="77-A", issue_date="12.03.2024", totals_gross="100,00 EUR"))
    contract = found.contract
    assert isinstance(contract, TradeDocument)
    assert (contract.number, contract.issue_date) == ("77-A", date(2024, 3, 12))
    assert contract.totals.gross == Decimal("100.00")
    evidence = found.evidence["number"]
    assert (evidence.method, evidence.confidence, evidence.text) == ("model", picking.UNMEASURED, "77-A")
    assert evidence.box is not None and evidence.page == 1
    assert assess(found, SURE).extraction.evidence["number"] == evidence


def test_what_does_not_stand_on_the_page_is_not_taken() -> None:
    without = extracted(None)
    assert extracted(said(number="INV-1", totals_gross="999,00")) == without


def test_it_may_name_nothing_that_it_was_not_asked_to_choose_from() -> None:
    model = said()
    extracted(model)
    [request] = model.requests
    schema = request.schema
    assert schema is not None and schema["additionalProperties"] is False
    choices = schema["properties"]["totals_gross"]["enum"]
    assert choices[-1] is None and set(choices[:-1]) == {"40,00 EUR", "60,00 EUR", "100,00 EUR"}
    assert schema["properties"]["issue_date"]["enum"] == ["12.03.2024", None]
    assert "Kwiatkowska Handel" in schema["properties"]["seller_name"]["enum"]
    assert "Yxcvbn" in request.messages[-1]["content"]


def test_what_was_there_before_is_kept_for_a_person_to_pick() -> None:
    found = extracted(said(number="B-4711"), INVOICE)
    assert isinstance(found.contract, TradeDocument)
    assert (found.contract.number, found.evidence["number"].method) == ("B-4711", "model")
    assert found.alternatives["number"][0].value == "RE-2024-0815"


@pytest.mark.parametrize(
    ("model", "note"),
    [
        (ScriptedModel([ModelUnavailable("gone")], "small"), "the model small could not be asked: "),
        (ScriptedModel(["no JSON"], "small"), "the model small gave no answer (it is no JSON)"),
        (ScriptedModel(["[]"], "small"), "the model small gave no answer (it is no JSON)"),
    ],
)
def test_a_model_that_fails_costs_nothing_and_is_told(model: TextModel, note: str) -> None:
    without = extracted(None)
    found = extracted(model)
    assert found.notes[0].startswith(note)
    assert found.model_copy(update={"notes": ()}) == without


def test_it_has_so_much_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picking, "SECONDS", 0.0)
    model = ScriptedModel(["{}"], "small")

    def late(request: TextRequest, deadline: float | None = None) -> None:
        assert deadline is not None
        raise ModelUnavailable("too late")

    monkeypatch.setattr(model, "generate", late)
    assert extracted(model).notes


def test_a_document_that_was_read_with_certainty_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picking, "UNMEASURED", 0.0)
    model = ScriptedModel([], "small")
    assert extracted(model, INVOICE).notes == ()
    assert model.requests == []
