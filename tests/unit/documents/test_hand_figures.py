"""How well documents are read that nobody trained on: floors under the figures, on a few of each kind.

Odd papers, and a company's ordinary mail as usual invoicing programs print it, which was written apart from
the code that reads it; the rest is judged by ``abax evaluate documents``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.documents.evaluate import evaluate

from tests.support.hand_documents import BLIND, HAND, documents, printed, row_of

ODD = (
    "faktura_mpp_pl", "saas_us", "zzp_nl", "commande_fr", "lieferschein_de", "avis_de", "journal_en",
    "irpf_es", "groothandel_nl", "officina_it", "article_fr", "supplier_form_en",
)  # fmt: skip
ORDINARY = (
    "elektriker_de", "grafik_ch", "landscaping_us", "parcel_uk", "conseil_web_fr", "marketing_es",
    "consulenza_it", "facilitair_nl", "agencja_pl", "credit_uk", "avoir_fr", "bestellung_de",
    "despatch_uk", "zahlungsavis_de", "extracto_es", "kassabon_nl",
)  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(
    ("folder", "names", "types", "header", "lines"),
    [
        pytest.param(HAND, ODD, 1.0, 0.88, 0.97, id="odd papers"),
        pytest.param(BLIND, ORDINARY, 1.0, 0.93, 0.97, id="ordinary mail"),
    ],
)
def test_types_fields_and_lines_of_documents_that_nobody_trained_on(
    folder: Path, names: tuple[str, ...], types: float, header: float, lines: float, tmp_path: Path
) -> None:
    wanted = [document for document in documents(folder) if document.name in names]
    rows = [row_of(document, pdf.name) for document, pdf in printed(wanted, tmp_path)]
    (tmp_path / "truth.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    report = evaluate(tmp_path)
    assert report.failed == []
    assert len(report.results) == len(names)
    figures = report.as_dict()
    right = sum(result.true_type == result.found_type for result in report.results)
    assert right / len(names) >= types, json.dumps(figures["types"])
    assert figures["header"]["f1"] >= header
    assert figures["lines"]["f1"] >= lines


def test_ordinary_mail_is_of_many_kinds_and_languages() -> None:
    found = documents(BLIND)
    assert len(found) >= 60
    languages = {document.contract.language for document in found}
    assert languages >= {"de", "en", "es", "fr", "it", "nl", "pl"}
    assert sum(document.contract.type == "supplier_invoice" for document in found) >= 36
    assert sum(document.scan is not None for document in found) >= 3
