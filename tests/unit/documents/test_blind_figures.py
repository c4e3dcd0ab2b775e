"""How well a company's ordinary mail is read, as usual invoicing programs print it: floors under the figures.

The documents were written apart from the code that reads them, and nothing is trained on them or fitted to
them: a few of each kind are judged here, the rest by ``abax evaluate documents``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.documents.evaluate import evaluate

from tests.support.hand_documents import BLIND, documents, printed, row_of

SUBSET = (
    "elektriker_de", "grafik_ch", "landscaping_us", "parcel_uk", "conseil_web_fr", "marketing_es",
    "consulenza_it", "facilitair_nl", "agencja_pl", "credit_uk", "avoir_fr", "bestellung_de",
    "despatch_uk", "zahlungsavis_de", "extracto_es", "kassabon_nl",
)  # fmt: skip
TYPES, HEADER, LINES = 0.9, 0.82, 0.79


@pytest.mark.browser
def test_types_fields_and_lines_of_ordinary_mail_that_nobody_trained_on(tmp_path: Path) -> None:
    wanted = [document for document in documents(BLIND) if document.name in SUBSET]
    rows = [row_of(document, pdf.name) for document, pdf in printed(wanted, tmp_path)]
    (tmp_path / "truth.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    report = evaluate(tmp_path)
    assert report.failed == []
    assert len(report.results) == len(SUBSET)
    figures = report.as_dict()
    right = sum(result.true_type == result.found_type for result in report.results)
    assert right / len(SUBSET) >= TYPES, json.dumps(figures["types"])
    assert figures["header"]["f1"] >= HEADER
    assert figures["lines"]["f1"] >= LINES


def test_the_blind_set_holds_the_mail_of_a_company_in_many_languages() -> None:
    found = documents(BLIND)
    assert len(found) >= 60
    languages = {document.contract.language for document in found}
    assert languages >= {"de", "en", "es", "fr", "it", "nl", "pl"}
    assert sum(document.contract.type == "supplier_invoice" for document in found) >= 36
    assert sum(document.scan is not None for document in found) >= 3
