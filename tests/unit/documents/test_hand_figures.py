"""How well documents are read that nobody trained on: a floor under the figures, on a few of each kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.documents.evaluate import evaluate

from tests.support.hand_documents import documents, printed, row_of

SUBSET = (
    "faktura_mpp_pl", "saas_us", "zzp_nl", "commande_fr", "lieferschein_de", "avis_de", "journal_en",
    "irpf_es", "groothandel_nl", "officina_it", "article_fr", "supplier_form_en",
)  # fmt: skip
TYPES, HEADER, LINES = 1.0, 0.82, 0.9


@pytest.mark.browser
def test_types_fields_and_lines_of_documents_that_nobody_trained_on(tmp_path: Path) -> None:
    wanted = [document for document in documents() if document.name in SUBSET]
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
