"""Folders whose truth is known: pictures among them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from abax.documents.datasets import Case, cases_of
from abax.documents.evaluate import evaluate
from abax.documents.pipeline import Context
from abax.ports import OcrWord, PageImage
from PIL import Image

SAMPLES = Path(__file__).parent / "samples"


class Spoken:
    """Recognises the same words in every picture."""

    name = "spoken"

    def read(self, image: PageImage, languages: Sequence[str] = ()) -> list[OcrWord]:
        """A till's two words."""
        return [OcrWord("TOTAL", 60, 100, 180, 130), OcrWord("12.50", 300, 100, 400, 130)]


def test_a_picture_is_read_with_the_ocr_that_is_given(tmp_path: Path) -> None:
    Image.new("L", (600, 800), 255).save(tmp_path / "slip.png")
    contract = {"type": "receipt", "totals": {"gross": "12.50"}}
    (tmp_path / "truth.jsonl").write_text(json.dumps({"file": "slip.png", "contract": contract}) + "\n")
    (case,) = cases_of(tmp_path)
    assert isinstance(case, Case)
    assert case.read(Spoken()).text == "TOTAL 12.50"
    assert case.reading.text == ""


def test_pictures_beside_their_keys_are_read_without_the_words_that_came_with_them(tmp_path: Path) -> None:
    entities = {"company": "KEDAI SDN BHD", "date": "01/02/2018", "address": "NO 1", "total": "12.50"}
    row = {"key": "a", "image_size": {"width": 9, "height": 9}, "words": ["NO"], "bboxes": [[1, 1, 8, 8]]}
    (tmp_path / "test_ocr_keys.jsonl").write_text(json.dumps(row | {"entities": entities}) + "\n")
    pictures = tmp_path / "images"
    pictures.mkdir()
    Image.new("L", (600, 800), 255).save(pictures / "a.jpg")
    Image.new("L", (600, 800), 255).save(pictures / "of_no_key.jpg")
    figures = evaluate(pictures, context=Context(ocr=Spoken())).as_dict()
    assert figures["documents"] == 1
    assert figures["sroie"]["total"]["right"] == 1
    assert "our own OCR" in figures["sroie"]["pictures"]


def test_an_invoice_in_xml_is_judged_by_its_twin_in_the_other_syntax_and_never_by_itself(
    tmp_path: Path,
) -> None:
    for name in ("a_ubl.xml", "a_uncefact.xml", "b_ubl.xml"):
        syntax = "cii" if "uncefact" in name else "ubl"
        shutil.copy(SAMPLES / f"invoice_{syntax}.xml", tmp_path / name)
    (tmp_path / "c.xml").write_text("<Invoice", encoding="utf-8")
    report = evaluate(tmp_path)
    assert {result.name for result in report.results} == {"a_ubl.xml", "a_uncefact.xml"}
    assert report.unjudged == ["b_ubl.xml"]
    assert [name for name, _ in report.failed] == ["c.xml"]


def test_words_that_somebody_else_has_read_lie_beside_the_truth(tmp_path: Path) -> None:
    told = {"width": 300, "height": 500, "words": [["TOTAL", 10, 20, 60, 32], ["12.50", 200, 20, 240, 32]]}
    (tmp_path / "slip.words.json").write_text(json.dumps(told))
    row = {"file": "slip.words.json", "contract": {"type": "receipt"}, "only": ["type"]}
    (tmp_path / "truth.jsonl").write_text(json.dumps(row) + "\n")
    (case,) = cases_of(tmp_path)
    assert isinstance(case, Case)
    assert case.reading.text == "TOTAL 12.50"
