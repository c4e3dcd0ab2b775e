"""The evaluation: found against true, calibration, and a folder from end to end."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.documents import evaluate, scoring
from abax.documents.contracts import CONTRACT, DocumentType, Line, Party, Totals, TradeDocument
from abax.errors import UnknownFormat

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
    page = evaluate.page(json.loads(json.dumps(figures)))
    assert "totals.gross" in page
    assert "http" not in page


def test_a_folder_of_nothing_that_can_be_judged_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        evaluate.evaluate(tmp_path)
