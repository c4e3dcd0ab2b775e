"""The evaluation: found against true, calibration, and a folder from end to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.commands import evaluate as command
from abax.documents import evaluate, scoring
from abax.documents.contracts import CONTRACT, DocumentType, Line, Party, Totals, TradeDocument
from abax.documents.datasets import Case, is_kept_out
from abax.documents.pipeline import Context
from abax.documents.ranker import Ranker
from abax.errors import InvalidRequest, TrainerNeeded, UnknownFormat

TRUE = TradeDocument(
    type=DocumentType.SUPPLIER_INVOICE,
    number="RE-1",
    issue_date=date(2024, 3, 5),
    seller=Party(name="Nordwind GmbH"),
    totals=Totals(gross=Decimal("119.00")),
    lines=(
        Line(description="Bohrer", quantity=Decimal(2), net_amount=Decimal("60.00")),
        Line(description="Schraube", quantity=Decimal(4), net_amount=Decimal("40.00")),
    ),
)
TEXT = """Nordwind GmbH
Hafenweg 1
20457 Hamburg

Rechnung
Rechnungsnummer: RE-2024-17
Rechnungsdatum: 05.03.2024

Gesamtbetrag            119,00 EUR
"""
TO_PAY = """
Rechnungsempfänger: Vox AG, 10115 Berlin
Zahlbar bis 04.04.2024
IBAN: DE02 1203 0000 0000 2020 51
"""


def test_equal_contracts_have_no_faults() -> None:
    result = scoring.score("a", TRUE, TRUE, {})
    assert result.faults == []
    assert (result.lines.right, result.lines.wrong) == (2, 0)
    assert result.exact()


def test_wrong_missed_and_invented_values_are_told_apart() -> None:
    found = TRUE.model_copy(
        update={"number": "RE-2", "totals": Totals(), "due_date": date(2024, 4, 4), "lines": TRUE.lines[:1]}
    )
    result = scoring.score("a", found, TRUE, {"number": 0.9})
    assert {(fault.path, fault.cause) for fault in result.faults} >= {
        ("number", "wrong"),
        ("totals.gross", "missed"),
        ("due_date", "invented"),
    }
    assert (result.lines.right, result.lines.missed) == (1, 1)
    assert ("number", 0.9, False) in result.judged


def test_names_are_compared_by_letters_and_amounts_by_value() -> None:
    assert scoring.same("NORDWIND G.m.b.H.", "Nordwind GmbH")
    assert scoring.same(Decimal("1.0"), Decimal("1.000"))
    assert not scoring.same(Decimal("1.0"), Decimal("1.01"))


def test_sureness_that_is_borne_out_has_no_calibration_error() -> None:
    judged = [(0.75, place % 4 != 0) for place in range(400)]
    error, bins = scoring.calibration(judged)
    assert error == pytest.approx(0.0)
    assert bins[0]["count"] == 400


def test_a_folder_with_its_truth_gives_figures_and_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    truth = TRUE.model_copy(update={"number": "RE-2024-17", "lines": ()})
    row = {
        "file": "a.txt",
        "contract": CONTRACT.dump_python(truth, mode="json"),
        "only": ["number", "issue_date", "totals.gross"],
    }
    (tmp_path / "truth.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    figures = evaluate.evaluate(tmp_path, type_given=True).as_dict()
    assert figures["documents"] == 1
    assert figures["fields"]["number"]["right"] == 1
    assert figures["fields"]["totals.gross"]["right"] == 1
    names = list(figures["fields"])
    assert names == sorted(names, key=lambda name: ("." in name, name))
    page = evaluate.page(json.loads(json.dumps(figures)))
    assert "totals.gross" in page
    assert "http:" not in page
    assert "https:" not in page


def test_a_folder_of_nothing_that_can_be_judged_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        evaluate.evaluate(tmp_path)


def test_no_issuer_is_judged_by_rankers_that_have_seen_it(tmp_path: Path) -> None:
    rows = []
    for place in range(6):
        (tmp_path / f"{place}.txt").write_text(TEXT.replace("2024-17", f"2024-{place}"), encoding="utf-8")
        truth = TRUE.model_copy(update={"number": f"RE-2024-{place}", "lines": ()})
        row = {"file": f"{place}.txt", "issuer": f"house {place % 3}", "only": ["number"]}
        rows.append(json.dumps(row | {"contract": CONTRACT.dump_python(truth, mode="json")}))
    (tmp_path / "truth.jsonl").write_text("\n".join(rows), encoding="utf-8")
    learnt: list[set[str]] = []

    def trainer(cases: Sequence[Case]) -> dict[str, Ranker]:
        learnt.append({case.issuer for case in cases})
        return {}

    report = evaluate.evaluate(tmp_path, type_given=True, folds=evaluate.Folds(3, trainer))
    assert [len(issuers) for issuers in learnt] == [2, 2, 2]
    fold_of = evaluate.folds_of(["house 0", "house 1", "house 2"], 3)
    for place, issuers in enumerate(learnt):
        assert {issuer for issuer, fold in fold_of.items() if fold == place} == {*fold_of} - issuers
    assert report.as_dict()["fields"]["number"]["right"] == 6


def test_the_four_entities_are_judged_by_their_very_texts_and_in_total(tmp_path: Path) -> None:
    words = [("KEDAI", 0, 0), ("SDN", 50, 0), ("BHD", 80, 0), ("01/02/2018", 0, 40), ("TOTAL", 0, 80)]
    words.append(("12.50", 60, 80))
    row = {
        "key": "a",
        "image_size": {"width": 200, "height": 400},
        "words": [text for text, _, _ in words],
        "bboxes": [[x, y, x + 25, y + 12] for _, x, y in words],
        "entities": {"company": "KEDAI SDN BHD", "date": "01/02/2018", "address": "NO 1", "total": "12.50"},
    }
    (tmp_path / "test_ocr_keys.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    figures = evaluate.evaluate(tmp_path).as_dict()
    told = figures["sroie"]
    assert figures["types"]["of"] == 1
    assert told["total_of_four"]["of"] == 4
    assert told["date"]["f1"] == 1.0
    assert told["address"]["attainable"] == 0
    assert told["total_of_four"]["right"] == sum(told[name]["right"] for name in evaluate.SROIE)
    assert told["pictures"] == evaluate.FROM_WORDS


@pytest.mark.parametrize(
    ("text", "own"),
    [("RM 4.50", "4.50"), ("4.50 RM", "4.50"), ("RM4.50", "RM4.50"), ("RM 1 204.50", "1 204.50")],
)
def test_a_currency_apart_from_its_amount_is_no_part_of_the_key(text: str, own: str) -> None:
    assert evaluate._own_words(text) == own


def test_who_reads_a_document_tells_its_direction(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT + TO_PAY, encoding="utf-8")
    contract = {"type": "customer_invoice", "number": "RE-2024-17"}
    row = {"file": "a.txt", "contract": contract, "ourselves": {"names": ["Nordwind GmbH"]}}
    (tmp_path / "truth.jsonl").write_text(json.dumps(row), encoding="utf-8")
    types = evaluate.evaluate(tmp_path).as_dict()["types"]
    assert types["matrix"] == {"customer_invoice": {"customer_invoice": 1}}


def test_cross_validation_without_what_fits_rankers_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    with pytest.raises(TrainerNeeded, match="pip install"):
        command._trainer()


def folder_of(tmp_path: Path, *issuers: str) -> Path:
    rows = []
    for place, issuer in enumerate(issuers):
        (tmp_path / f"{place}.txt").write_text(TEXT.replace("2024-17", f"2024-{place}"), encoding="utf-8")
        truth = TRUE.model_copy(update={"number": f"RE-2024-{place}", "lines": ()})
        row = {"file": f"{place}.txt", "issuer": issuer, "only": ["number", "totals.gross"]}
        rows.append(json.dumps(row | {"contract": CONTRACT.dump_python(truth, mode="json")}))
    (tmp_path / "truth.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


HOUSES = [f"house {place}" for place in range(12)]
KEPT = [name for name in HOUSES if is_kept_out(name)]


def test_only_issuers_that_the_adapter_has_not_seen_are_judged(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, *HOUSES)
    assert 0 < len(KEPT) < len(HOUSES)
    found = evaluate.evaluate(folder, type_given=True, kept_out=True)
    assert sorted(result.issuer for result in found.results) == sorted(KEPT)
    assert len(evaluate.evaluate(folder, kept_out=True, limit=1).results) == 1
    learnt: list[set[str]] = []

    def trainer(cases: Sequence[Case]) -> dict[str, Ranker]:
        learnt.append({case.issuer for case in cases})
        return {}

    both = evaluate.evaluate(folder, kept_out=True, folds=evaluate.Folds(5, trainer))
    assert sorted(result.issuer for result in both.results) == sorted(KEPT)
    assert learnt == [set(HOUSES) - set(KEPT)]
    assert both.as_dict()["learnt"] == evaluate.KEPT_OUT


def test_the_model_alone_is_judged_by_the_same_tables(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "house 1", "house 2")
    answer = json.dumps({"number": "RE-2024-0", "totals": {"gross": "119,00 EUR"}})
    said = [answer, "{}", json.dumps({"number": "Hafenweg 1"}), "{}"]  # of each its fields, then its lines
    model = ScriptedModel(said, "small", adapters=("extract",))
    found = evaluate.evaluate(folder, context=Context(model=model), type_given=True, alone=True)
    figures = found.as_dict()
    assert (figures["fields"]["number"]["right"], figures["fields"]["number"]["wrong"]) == (1, 1)
    assert (figures["fields"]["totals.gross"]["right"], figures["fields"]["totals.gross"]["missed"]) == (1, 1)
    assert figures["learnt"] == evaluate.ALONE
    assert figures["by_type"] == {"supplier_invoice": {"documents": 2, "header_f1": 0.5714, "lines_f1": None}}
    assert list(figures["by_language"]) == ["de"]
    assert (figures["model"]["questions"], figures["model"]["documents"]) == (4, 2)
    assert figures["model"]["learnt"] == evaluate.SEEN
    assert "small was asked for 2 of 2 documents" in evaluate.page(figures)
    assert "model" not in evaluate.evaluate(folder).as_dict()


@pytest.mark.parametrize("model", [None, ScriptedModel([], "small")])
def test_a_model_that_cannot_read_is_not_judged_alone(tmp_path: Path, model: ScriptedModel | None) -> None:
    with pytest.raises(InvalidRequest, match="no adapter 'extract'"):
        evaluate.evaluate(folder_of(tmp_path, "a"), context=Context(model=model), alone=True)
