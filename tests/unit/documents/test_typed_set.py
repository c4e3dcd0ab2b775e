"""The set for the document types: its rows, its files, its figure with the generated share."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.documents.evaluate import evaluate

pytest.importorskip("sklearn")

from training.documents import typed_set


def test_the_set_is_a_folder_that_the_evaluation_reads(tmp_path: Path) -> None:
    rows = list(typed_set.rows(tmp_path, 15, real=False))
    (tmp_path / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    figures = evaluate(tmp_path).as_dict()
    assert figures["documents"] == 15
    assert figures["generated_share"] == 1.0
    assert figures["types"]["accuracy_generated"] >= 0.9
    assert figures["types"]["accuracy_real"] is None


def test_only_the_pages_of_a_pdf_are_kept() -> None:
    import io

    import pypdfium2

    given = pypdfium2.PdfDocument.new()
    given.new_page(200, 300)
    attached = given.new_attachment("factur-x.xml")
    attached.set_data(b"<a/>")
    stream = io.BytesIO()
    given.save(stream)
    bare = pypdfium2.PdfDocument(typed_set.without_attachments(stream.getvalue()))
    assert len(bare) == 1
    assert bare.count_attachments() == 0
    bare.close()
    given.close()


def test_texts_are_written_without_signs_that_nothing_shows() -> None:
    from training.documents.types import reading_of_text

    assert typed_set.text_of(reading_of_text("Dear\x00 Sir\n\nhello")) == "Dear Sir\nhello"
