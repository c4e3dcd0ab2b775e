"""A model with the adapter reads what is missing or weak; without it all stays as it was, and is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.adapters.runtime import RuntimeModel
from abax.adapters.scripted import ScriptedModel
from abax.documents import answering, asking, pipeline, quality, weighing
from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Subtype, TradeDocument
from abax.documents.extract import Extraction, extract
from abax.documents.fields import Fields
from abax.documents.identify import Identity
from abax.documents.meaning import Ways
from abax.documents.pages import Reading
from abax.documents.quality import assess
from abax.errors import ModelUnavailable
from abax.ports import TextModel

from tests.support.adapters import random_adapter
from tests.support.models import Small, small
from tests.unit.documents.made import page_of, reading_of
from tests.unit.documents.test_extract import INVOICE
from tests.unit.documents.test_picking import ODD

TYPE = DocumentType.SUPPLIER_INVOICE
SURE = Classification(type=TYPE, confidence=1.0)
FIELDS = {"number": "77-A", "issue_date": "12.03.2024", "seller": {"name": "Kwiatkowska Handel"}}
LINES = {
    "lines": [
        {"description": "Qwertz", "net_amount": "40,00 EUR"},
        {"description": "Asdfgh", "net_amount": "60,00 EUR"},
    ]
}


def extracted(
    model: TextModel | None, reading: Reading | None = None, kind: Classification = SURE
) -> Extraction:
    return extract(reading or reading_of(ODD, "pl"), kind, Identity(subtype=Subtype.STANDARD), model)


def reader(*answers: object) -> ScriptedModel:
    lines = [one if isinstance(one, Exception | str) else json.dumps(one) for one in answers]
    return ScriptedModel(lines, "small", adapters=("extract",))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answers are mostly right."""
    row = {"share": 0.9, "curve": [[0.0, 0.9]]}
    monkeypatch.setattr(weighing, "_counted", lambda: {"groups": {"business": row, "receipt": row}})


def test_what_it_reads_is_parsed_located_and_as_sure_as_was_counted() -> None:
    model = reader(FIELDS, LINES)
    found = extracted(model)
    contract = found.contract
    assert isinstance(contract, TradeDocument)
    assert (contract.number, contract.issue_date) == ("77-A", date(2024, 3, 12))
    assert contract.seller.name == "Kwiatkowska Handel"
    assert [line.net_amount for line in contract.lines] == [Decimal("40.00"), Decimal("60.00")]
    evidence = found.evidence["number"]
    assert (evidence.method, evidence.text, evidence.page) == ("model", "77-A", 1)
    assert evidence.box is not None and evidence.confidence >= 0.9
    assert assess(found, SURE).extraction.evidence["number"] == evidence
    boxes = [found.evidence[f"lines[{place}].net_amount"].box for place in (0, 1)]
    assert boxes[0] is not None and boxes[1] is not None and boxes[0].y1 < boxes[1].y0


def test_it_is_asked_with_its_adapter_for_fields_and_lists_apart_in_one_batch() -> None:
    model = reader(FIELDS, LINES)
    extracted(model)
    assert model.batches == [2]
    fields, lists = model.requests
    for request in (fields, lists):
        assert request.adapter == answering.ADAPTER
        assert request.source is not None and "Kwiatkowska Handel" in request.source
    wanted = str(fields.messages[-1]["content"]).partition("\n")[0]
    assert wanted.startswith("supplier_invoice: number")
    assert "lines" not in wanted
    assert str(lists.messages[-1]["content"]).startswith("supplier_invoice: lines\n")
    assert lists.schema is not None and list(lists.schema["properties"]) == ["lines"]


def test_it_is_asked_under_the_document_s_id_by_which_people_correct_it() -> None:
    text = "Nordwind GmbH\nHafenweg 1\n20457 Hamburg\n\nRechnung\nGesamtbetrag 119,00\n"
    model = reader(FIELDS, LINES)
    [fact] = pipeline.process("a.txt", text.encode(), pipeline.Context(model=model))
    assert isinstance(fact, pipeline.Fact) and model.requests
    assert {request.key for request in model.requests} == {fact.document_id}


def test_a_document_that_was_read_with_certainty_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "lacking", lambda fields: ())
    model = reader()
    assert extracted(model, reading_of(INVOICE)) == extracted(None, reading_of(INVOICE))
    assert model.requests == []


def test_what_is_sure_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    model = reader(*4 * [{}])
    extracted(model, reading_of(INVOICE))
    asked = " ".join(str(one.messages[-1]["content"]).partition("\n")[0] for one in model.requests)
    assert "seller.name" not in asked and "totals.gross" not in asked


def test_a_receipt_of_which_something_is_weak_is_asked_for_all_that_its_kind_was_taught() -> None:
    model = reader({"totals": {"gross": "100,00 EUR"}}, {}, {})
    found = extracted(model, kind=Classification(type=DocumentType.RECEIPT, confidence=1.0))
    asked = str(model.requests[0].messages[-1]["content"]).partition("\n")[0]
    assert asked == "receipt: issue_date, seller.name, seller.address.text, totals.gross"
    assert isinstance(found.contract, TradeDocument)
    assert found.contract.totals.gross == Decimal("100.00")


def test_what_a_document_need_not_have_is_asked_for_only_where_it_is_weak(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quality, "REQUIRED", {})
    fields = Fields(reading_of(ODD, "pl"), TYPE)
    assert asking.lacking(fields) == (("lines",),)
    fields.put("seller.vat_id", "PL5250001003", 0.95, "person")
    assert asking.lacking(fields) == (("lines",),)
    fields.drop("seller.vat_id")
    fields.put("seller.vat_id", "PL5250001003", 0.3, "person")
    assert asking.lacking(fields) == (("seller.vat_id",), ("lines",))


def test_without_the_adapter_the_default_model_is_not_asked_and_that_is_told() -> None:
    model = ScriptedModel([], "SmolLM2-135M-Instruct")
    without, found = extracted(None), extracted(model)
    assert found.notes == (
        "the model SmolLM2-135M-Instruct has no adapter 'extract', so that it was not asked",
    )
    assert found.model_copy(update={"notes": ()}) == without
    assert model.requests == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((ModelUnavailable("gone"), ModelUnavailable("gone")), "gone"),
        (("no JSON", "no JSON"), "it is no JSON"),
        (("[]", "7"), "it is no JSON"),
    ],
)
def test_a_model_that_fails_costs_nothing_and_is_told(answers: Sequence[object], why: str) -> None:
    without = extracted(None)
    found = extracted(reader(*answers))
    [note] = found.notes
    assert note.startswith("the model small gave no answer (") and why in note
    assert found.model_copy(update={"notes": ()}) == without


def test_what_is_late_is_left_out_and_told() -> None:
    found = extract(
        reading_of(ODD, "pl"), SURE, Identity(subtype=Subtype.STANDARD), reader(FIELDS, LINES), 0.0
    )
    assert len(found.notes) == 1
    assert found.model_copy(update={"notes": ()}) == extracted(None)


def windowed(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """Two pages that are read one by one."""
    monkeypatch.setattr(answering, "windows", _pages)
    return Reading((page_of(ODD), page_of("Zxcvb 7,00 EUR\n", 2)), language="pl")


def _pages(reading: Reading) -> Sequence[answering.Window]:
    return [answering.Window(page.number, tuple(line.words for line in page.lines)) for page in reading.pages]


def test_windows_are_asked_at_once_and_their_lists_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"lines": [{"description": "Zxcvb", "net_amount": "7,00 EUR"}]}
    model = reader(FIELDS, {}, LINES, more)
    found = extracted(model, windowed(monkeypatch))
    assert model.batches == [4]
    assert isinstance(found.contract, TradeDocument)
    assert [line.description for line in found.contract.lines] == ["Qwertz", "Asdfgh", "Zxcvb"]
    assert found.evidence["lines[2].net_amount"].page == 2


def test_a_list_of_which_a_window_is_missing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = reader(FIELDS, {}, LINES, "cut")
    found = extracted(model, windowed(monkeypatch))
    assert isinstance(found.contract, TradeDocument)
    assert found.contract.number == "77-A"
    assert found.contract.lines == extracted(None, windowed(monkeypatch)).contract.lines  # type: ignore[union-attr]
    assert len(found.notes) == 1


def test_what_does_not_stand_on_the_page_is_not_taken() -> None:
    found = extracted(reader({"number": "INV-1", "seller": {"name": "Kwiatkowska Handel"}}, {}))
    without = extracted(None)
    assert found.contract.number == without.contract.number
    assert all(one.text != "INV-1" for one in found.evidence.values())


def test_of_a_long_document_beginning_and_end_are_read_and_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_WINDOWS", 2)
    monkeypatch.setattr(answering, "windows", _pages)
    pages = (page_of(ODD), page_of("Zxcvb 7,00 EUR\n", 2), page_of("Ende 9,00 EUR\n", 3))
    model = reader({}, {})
    extracted(model, Reading(pages, language="pl"))
    assert model.batches == [2]
    asked = [str(request.messages[-1]["content"]) for request in model.requests]
    assert "Kwiatkowska" in asked[0] and "Ende" in asked[1]
    assert not any("lines" in one.partition("\n")[0] for one in asked)


def test_the_model_alone_makes_a_contract_of_what_it_reads() -> None:
    model = reader({**FIELDS, "totals": {"gross": "100,00 EUR"}}, LINES)
    found = asking.alone(reading_of(ODD, "pl"), TYPE, (), model, 9.0)
    assert isinstance(found.contract, TradeDocument)
    assert found.contract.totals.gross == Decimal("100.00")
    assert [line.description for line in found.contract.lines] == ["Qwertz", "Asdfgh"]
    assert found.evidence["lines[1].description"].text == "Asdfgh"
    asked = [str(request.messages[-1]["content"]).partition("\n")[0] for request in model.requests]
    single, lists = asking.askable(TYPE)
    assert asked == [f"supplier_invoice: {', '.join(single)}", f"supplier_invoice: {', '.join(lists)}"]
    assert {"number", "seller.name", "totals.gross"} <= set(single) and lists == ("lines",)


@pytest.mark.parametrize("kind", [kind for kind in DocumentType if kind is not DocumentType.UNKNOWN])
def test_what_can_be_asked_for_can_be_answered(kind: DocumentType) -> None:
    single, lists = asking.askable(kind)
    known = answering.answerable(kind)
    assert single and set(single) <= set(known) and list(single) == sorted(single, key=known.index)
    assert all(any(path.startswith(f"{name}.") for path in known) for name in lists)
    assert all(answering.schema(kind, part)["properties"] for part in (single, lists) if part)


@pytest.mark.filterwarnings("ignore:.*does not say for which base:UserWarning")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_the_runtime_whatever_an_adapter_says_stands_on_the_page(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = small(Small(context=4096)).path
    random_adapter(tmp_path / "extract.gguf", base, rank=4, size=2.0, seed=seed)
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", str(tmp_path))
    model = RuntimeModel(lambda: base, "little")
    only = ("number", "issue_date", "seller.name", "totals.gross")
    said, notes = asking.answers(reading_of(ODD, "pl"), TYPE, (only,), model, Ways(mark=","), 60.0)
    model.close()
    assert notes == ()
    rows = [" ".join(row.split()) for row in ODD.splitlines()]
    for path, one in said.items():
        assert path in only
        assert any(one.text in row for row in rows) or one.text in " ".join(rows)
        assert 0 < (one.likelihood or 0.0) <= 1
