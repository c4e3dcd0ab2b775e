import shutil
import time

import numpy as np
import pytest
from abax.adapters.ocr import RapidOcr, Tesseract, choose
from abax.errors import OcrFailed, OcrUnavailable
from abax.ports import Ocr, PageImage
from PIL import Image

from tests.unit.documents.made import picture

LINES = ("Rechnung Nr. 2024-0815", "Prüfgerät für Öl 1.234,56 €", "Facture réglée à Orléans")


def image_of(picture: Image.Image) -> PageImage:
    return PageImage(picture.width, picture.height, picture.tobytes())


@pytest.fixture(scope="module", params=["rapidocr", "tesseract"])
def engine(request) -> Ocr:
    if request.param == "tesseract" and not shutil.which("tesseract"):
        pytest.skip("tesseract is not installed")
    return choose(request.param)


def test_an_engine_reads_words_of_several_languages_where_they_stand(engine):
    words = engine.read(image_of(picture(LINES)), ("de", "fr"))
    by_text = {word.text: word for word in words}
    assert {"Rechnung", "2024-0815", "1.234,56", "Facture", "Orléans"} <= set(by_text)
    assert "Prüfgerät" in by_text and "Öl" in by_text
    first, number = by_text["Rechnung"], by_text["2024-0815"]
    assert 30 < first.x0 < 50 and first.x1 < number.x0 < number.x1 < 400
    assert 35 < first.y0 < 55 < first.y1 < 80
    assert all(0.3 <= word.confidence <= 1 for word in words)


def test_an_empty_page_has_no_words(engine):
    assert engine.read(image_of(Image.new("L", (600, 400), 255)), ("en",)) == []


def test_an_engine_says_its_version(engine):
    name, version = engine.name.split()
    assert name in ("rapidocr", "tesseract") and version[0].isdigit()


def test_the_name_of_rapidocr_is_told_without_loading_it():
    begun = time.perf_counter()
    assert RapidOcr().name.startswith("rapidocr")
    assert time.perf_counter() - begun < 0.5


def test_an_unknown_engine_is_refused():
    with pytest.raises(OcrUnavailable, match="no engine 'eyes'"):
        choose("eyes")
    assert choose("none") is None


def test_without_the_program_tesseract_is_unavailable():
    with pytest.raises(OcrUnavailable):
        Tesseract("no-such-program")


def test_a_program_that_breaks_is_told(tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(OcrFailed, match="out of order"):
        Tesseract(str(broken)).read(PageImage(1, 1, b"\0"))


def test_a_program_that_hangs_is_ended(tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    with pytest.raises(OcrFailed, match="no answer"):
        Tesseract(str(slow), seconds=0.2).read(PageImage(1, 1, b"\0"))


def test_pure_noise_breaks_nothing(engine):
    noise = np.random.default_rng(1).integers(0, 255, (40, 60), np.uint8)
    assert isinstance(engine.read(PageImage(60, 40, noise.tobytes()), ("en",)), list)
