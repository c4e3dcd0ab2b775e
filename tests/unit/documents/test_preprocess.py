import io
from collections.abc import Sequence

import pytest
from abax.documents.inbox import FileKind, Limits, Received, receive
from abax.documents.pages import PageSource, Reading
from abax.documents.preprocess import read, render
from abax.errors import DamagedFile, OcrFailed
from abax.ports import OcrWord, PageImage
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.unit.documents.made import pdf_of, picture, saved

LETTER = (
    "Rechnung Nr. 4711 vom 05.03.2024",
    "Wir danken für Ihren Auftrag und berechnen Ihnen wie folgt:",
    "Lieferung von Papier 10 Stück 100,00 EUR",
    "Der Betrag ist zahlbar innerhalb von 14 Tagen ohne Abzug.",
    "Vielen Dank für Ihr Vertrauen in unsere Leistungen",
)


class Eyes:
    """An engine that reads what it is told to, and badly where the page does not stand upright."""

    name = "eyes 1"

    def __init__(self, *lines: str) -> None:
        self.lines, self.seen = lines or LETTER, []

    def read(self, image: PageImage, languages: Sequence[str] = ()) -> list[OcrWord]:
        self.seen.append(image)
        sure = 0.95 if self._is_upright(image) else 0.6
        return [
            OcrWord(word, 10 + 60 * place, 20 + 30 * row, 60 + 60 * place, 40 + 30 * row, sure)
            for row, line in enumerate(self.lines)
            for place, word in enumerate(line.split())
        ]

    def _is_upright(self, image: PageImage) -> bool:
        """Print begins at the left, so the left half is darker than the right one."""
        rows = [image.grey[row * image.width : (row + 1) * image.width] for row in range(image.height)]
        left = sum(sum(row[: image.width // 2]) for row in rows)
        return left < 0.96 * sum(sum(row[image.width - image.width // 2 :]) for row in rows)


class Blind:
    name = "blind 1"

    def read(self, image: PageImage, languages: Sequence[str] = ()) -> list[OcrWord]:
        raise OcrFailed(self.name, "nothing to be seen")


def received(content: bytes, name: str = "a") -> Received:
    (entry,) = receive(name, content)
    assert isinstance(entry, Received), entry
    return entry


def lines(reading: Reading, page: int = 0) -> list[str]:
    return [line.text for line in reading.pages[page].lines]


def scan_of(image: Image.Image, hidden: Sequence[str] = (), stamp: str = "") -> bytes:
    """A PDF of a picture, with text that is not drawn behind it, and some that is."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawImage(
        ImageReader(image), 0, 842 - 595 * image.height / image.width, 595, 595 * image.height / image.width
    )
    text = canvas.beginText(30, 800)
    text.setTextRenderMode(3)
    for line in hidden:
        text.textLine(line)
    canvas.drawText(text)
    if stamp:
        canvas.drawString(30, 20, stamp)
    canvas.save()
    return out.getvalue()


SHORT = picture([line[:28] for line in LETTER] * 3, (1200, 900), 30)


def test_a_good_text_layer_is_read_without_recognition():
    eyes = Eyes()
    reading = read(received(pdf_of(LETTER, LETTER)), eyes)
    assert lines(reading) == lines(reading, 1) == list(LETTER)
    assert {page.source for page in reading.pages} == {PageSource.TEXT}
    assert reading.language == "de"
    assert eyes.seen == []


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_is_shown_turned_reads_upright_in_its_own_frame(degrees):
    page = read(received(pdf_of(LETTER, rotation=degrees))).pages[0]
    assert [line.text for line in page.lines] == list(LETTER)
    assert page.rotation == 360 - degrees
    assert (page.width, page.height) == (595, 842)
    assert abs(page.words[0].x0 - 72) < 1 and abs(page.words[0].y0 - 60) < 3


def test_a_scan_is_recognised_and_its_boxes_are_in_points():
    page = read(received(scan_of(SHORT)), Eyes()).pages[0]
    assert page.source is PageSource.OCR
    assert [line.text for line in page.lines] == list(LETTER)
    assert (round(page.width), round(page.height)) == (595, 842)
    assert page.words[0].x0 == pytest.approx(10 * 72 / 200, rel=0.01)


def test_a_scan_without_an_engine_says_so():
    page = read(received(scan_of(SHORT))).pages[0]
    assert page.lines == () and "no OCR engine" in page.problem


def test_a_scan_whose_recognition_fails_says_so_and_its_siblings_are_read():
    both = io.BytesIO()
    from pypdfium2 import PdfDocument

    with PdfDocument(scan_of(SHORT)) as scan, PdfDocument(pdf_of(LETTER)) as text:
        scan.import_pages(text)
        scan.save(both)
    reading = read(received(both.getvalue()), Blind())
    assert "nothing to be seen" in reading.pages[0].problem
    assert lines(reading, 1) == list(LETTER)


def test_no_more_pages_are_recognised_than_may_be():
    image = SHORT
    content = saved(image, "TIFF", save_all=True, append_images=[image, image])
    reading = read(received(content), Eyes(), Limits(recognized_pages=2))
    assert [page.problem is None for page in reading.pages] == [True, True, False]


def test_the_words_of_a_scanner_are_taken_where_they_cover_what_is_printed():
    hidden = ["invoice total amount due payment " * 3] * 30
    image = Image.new("L", (595, 842), 255)
    covered = picture(["invoice total amount due"] * 5, (1190, 1684), 24)
    reading = read(received(scan_of(image, hidden)), None)
    assert reading.pages[0].source is PageSource.OCR
    assert {word.confidence for word in reading.pages[0].words} == {0.9}
    eyes = Eyes()
    read(received(scan_of(covered, ["something small is here"])), eyes)
    assert eyes.seen


def test_text_that_is_not_shown_is_left_out_and_told():
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawString(72, 700, "Invoice 1 of the company for goods")
    text = canvas.beginText(72, 600)
    text.setTextRenderMode(3)
    text.textLine("Total 9.99")
    canvas.drawText(text)
    canvas.save()
    reading = read(received(out.getvalue()))
    assert reading.text == "Invoice 1 of the company for goods"
    assert reading.properties["hidden_letters"] == "9"


def test_a_garbled_text_layer_is_not_believed():
    ciphered = [
        "".join(chr((ord(c) - 97 + 7) % 26 + 97) if c.isascii() and c.islower() else c for c in line.lower())
        for line in LETTER
    ]
    eyes = Eyes()
    page = read(received(pdf_of(ciphered)), eyes).pages[0]
    assert page.source is PageSource.OCR
    assert [line.text for line in page.lines] == list(LETTER)
    page = read(received(pdf_of(ciphered))).pages[0]
    assert page.lines == () and page.problem


def test_an_empty_page_is_no_problem():
    page = read(received(pdf_of(LETTER, []))).pages[1]
    assert page.lines == () and page.problem is None


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_picture_is_recognised_and_its_boxes_are_in_pixels(format):
    page = read(received(saved(SHORT, format)), Eyes()).pages[0]
    assert [line.text for line in page.lines] == list(LETTER)
    assert (page.width, page.height) == (1200, 900)
    assert page.words[0].x0 == 10


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_picture_that_stands_wrong_is_turned_until_it_reads_well(degrees):
    content = saved(SHORT.rotate(degrees, expand=True), "PNG")
    page = read(received(content), Eyes()).pages[0]
    assert page.rotation == degrees
    assert (page.width, page.height) == (1200, 900)


def test_a_tilted_picture_is_straightened():
    content = saved(SHORT.rotate(-3, fillcolor=255, resample=Image.Resampling.BICUBIC), "PNG")
    page = read(received(content), Eyes()).pages[0]
    assert page.rotation == pytest.approx(360 - 3, abs=0.4)


def test_a_page_is_shown_as_it_was_read():
    content = saved(SHORT.rotate(180), "PNG")
    page = read(received(content), Eyes()).pages[0]
    shown = render(content, 1, 100, page.rotation)
    assert shown.size == (1200, 900)
    assert shown.tobytes() == SHORT.tobytes()
    assert render(pdf_of(LETTER), 1, 72).size == (595, 842)
    with pytest.raises(DamagedFile):
        render(content, 2, 100)


def test_pages_of_a_broken_tiff_fail_alone():
    content = saved(SHORT, "TIFF", save_all=True, append_images=[SHORT], compression="tiff_lzw")
    with Image.open(io.BytesIO(content)) as file:
        offset = file.tag_v2[273][0]
    broken = content[: offset + 20] + b"\xff" * 200 + content[offset + 220 :]
    reading = read(Received("a", FileKind.TIFF, broken, ""), Eyes())
    assert len(reading.pages) == 2
    assert reading.pages[1].problem is None
