"""Folders whose truth is known: pictures among them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from abax.documents.datasets import cases_of
from abax.ports import OcrWord, PageImage
from PIL import Image


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
    assert case.read(Spoken()).text == "TOTAL 12.50"
    assert case.reading.text == ""
