import io
from collections.abc import Callable

import pytest
from abax.documents import pdf
from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from tests.unit.documents.made import pdf_of


def drawn(draw: Callable[[Canvas], object], number: int = 1) -> pdf.TextLayer:
    """The text layer of a page that was drawn on."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    draw(canvas)
    canvas.save()
    with PdfDocument(out.getvalue()) as document:
        return pdf.text_layer(pdf.page_of(document, number))


def texts(layer: pdf.TextLayer) -> list[str]:
    return [word.text for word in layer.words]


def test_words_stand_where_they_are_drawn():
    (word,) = drawn(lambda canvas: canvas.drawString(100, 742, "Rechnung")).words
    assert word.x0 == pytest.approx(100, abs=0.5)
    assert word.x1 == pytest.approx(100 + 53, abs=2)
    assert word.y0 < 100 - 5 and 100 < word.y1 < 106


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_a_page_whose_text_runs_another_way_is_turned(angle):
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(angle)
        canvas.drawString(0, 0, "Total 12.50 EUR")

    layer = drawn(draw)
    assert texts(layer) == ["Total", "12.50", "EUR"]
    assert layer.turned == angle
    assert [word.x0 for word in layer.words] == sorted(word.x0 for word in layer.words)
    assert len({round(word.y0) for word in layer.words}) == 1


def test_boxes_count_from_the_corner_of_what_is_shown():
    out = io.BytesIO()
    with PdfDocument(pdf_of(["Invoice"])) as document:
        document[0].set_cropbox(50, 700, 550, 800)
        document.save(out)
    with PdfDocument(out.getvalue()) as document:
        layer = pdf.text_layer(document[0])
    assert (layer.width, layer.height) == (500, 100)
    assert layer.words[0].x0 == pytest.approx(22, abs=1)
    assert layer.words[0].y1 == pytest.approx(33, abs=2)


def test_words_drawn_twice_to_look_bold_are_read_once():
    def draw(canvas: Canvas) -> None:
        for shift in (0, 0.3):
            canvas.drawString(100 + shift, 700, "Total")

    assert texts(drawn(draw)) == ["Total"]


def test_what_was_filled_into_a_form_is_read():
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 705, "IBAN")
        canvas.acroForm.textfield(value="DE02120300000000202051", x=100, y=700, width=300, height=20)

    assert texts(drawn(draw)) == ["IBAN", "DE02120300000000202051"]


@pytest.mark.parametrize("way", ["invisible", "white", "off the page", "tiny"])
def test_text_that_nobody_sees_is_told_apart(way):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 700, "Total 5.00")
        text = canvas.beginText(900 if way == "off the page" else 100, 500)
        text.setTextRenderMode(3 if way == "invisible" else 0)
        if way == "white":
            text.setFillColorRGB(1, 1, 1)
        if way == "tiny":
            text.setFont("Helvetica", 0.3)
        text.textLine("Total 9.00")
        canvas.drawText(text)

    layer = drawn(draw)
    assert texts(layer) == ["Total", "5.00"]
    assert [word.text for word in layer.hidden] == ["Total", "9.00"]


def test_white_letters_on_a_dark_bar_are_read():
    def draw(canvas: Canvas) -> None:
        canvas.rect(90, 690, 300, 30, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(100, 700, "Amount")

    assert texts(drawn(draw)) == ["Amount"]


def test_embedded_files_are_given_whatever_they_are_called():
    out = io.BytesIO()
    with PdfDocument(pdf_of(["Invoice"])) as document:
        for name, content in (("rechnung.xml", b"<a/>"), ("x.bin", b"12"), ("big", b"0" * 5000)):
            document.new_attachment(name).set_data(content)
        document.save(out)
    with PdfDocument(out.getvalue()) as document:
        found = list(pdf.attachments(document, 1000))
    assert [(entry.name, entry.content) for entry in found] == [("rechnung.xml", b"<a/>"), ("x.bin", b"12")]


def test_scripts_and_links_do_nothing():
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 700, "Invoice")
        canvas.linkURL("http://example.com/", (90, 690, 200, 720))
        canvas._doc.Catalog.OpenAction = "<</S/JavaScript/JS(this.getField)>>"

    assert texts(drawn(draw)) == ["Invoice"]
