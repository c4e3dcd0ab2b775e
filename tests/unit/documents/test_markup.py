import contextlib
import io

import pytest
from abax.documents.inbox import FileKind, Received
from abax.documents.pages import PageSource, Reading
from abax.documents.preprocess import read
from abax.errors import DamagedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.documents.made import picture, saved
from tests.unit.documents.test_preprocess import LETTER, Eyes

HEAD = "<!DOCTYPE html><html><head><title>T</title><style>p {color: red}</style></head>"


def reading_of(kind: FileKind, content: bytes | str, eyes: Eyes | None = None) -> Reading:
    return read(Received("a", kind, content.encode() if isinstance(content, str) else content, ""), eyes)


def lines(reading: Reading) -> list[str]:
    return [line.text for line in reading.pages[0].lines]


def test_boxes_of_a_text_count_characters_and_lines():
    page = reading_of(FileKind.TEXT, "Invoice  12\n\nTotal\t9.50").pages[0]
    assert page.source is PageSource.MARKUP
    assert [(word.text, word.x0, word.y0, word.x1, word.y1) for word in page.words] == [
        ("Invoice", 0, 0, 7, 1),
        ("12", 9, 0, 11, 1),
        ("Total", 0, 2, 5, 3),
        ("9.50", 8, 2, 12, 3),
    ]
    assert [line.block for line in page.lines] == [0, 1]
    assert (page.width, page.height) == (12, 3)


def test_a_form_feed_ends_a_page_of_a_text():
    reading = reading_of(FileKind.TEXT, "one\ftwo\f")
    assert [page.number for page in reading.pages] == [1, 2]
    assert reading.text == "one\ftwo"


def test_text_of_old_windows_code_pages_keeps_its_letters():
    assert lines(reading_of(FileKind.TEXT, "Prüfgerät für 5 €".encode("cp1252"))) == ["Prüfgerät für 5 €"]
    polish = "zażółć gęślą jaźń"
    assert lines(reading_of(FileKind.TEXT, polish.encode("cp1250"))) == [polish]
    assert lines(reading_of(FileKind.TEXT, polish.encode("utf-16"))) == [polish]


def test_html_reads_as_a_person_sees_it():
    html = f"""{HEAD}<body><script>evil()</script><p>Dear <b>Sir</b>,<br>we bill</p>
    <div style="display: none">unseen</div><ul><li>one</li><li>two</li></ul>&euro; 5</body></html>"""
    assert lines(reading_of(FileKind.HTML, html)) == ["Dear Sir,", "we bill", "one", "two", "€ 5"]


def test_a_table_of_html_keeps_its_rows_and_columns():
    html = f"""{HEAD}<table><tr><th>Item</th><th>Amount</th></tr>
    <tr><td>Paper</td><td>4.50</td></tr><tr><td colspan=1>Total</td><td>4.50</td></tr></table>"""
    page = reading_of(FileKind.HTML, html).pages[0]
    assert [line.text for line in page.lines] == ["Item Amount", "Paper 4.50", "Total 4.50"]
    amounts = [word for word in page.words if word.text == "4.50"]
    assert len({word.x0 for word in amounts}) == 1
    (table,) = page.tables
    assert [[cell.text for cell in row] for row in table.rows][1] == ["Paper", "4.50"]


def test_tables_that_only_place_things_are_read_through():
    html = f"""{HEAD}<table><tr><td><table><tr><td>Left</td><td>1.00</td></tr></table></td>
    <td><p>Right</p></td></tr></table>"""
    assert lines(reading_of(FileKind.HTML, html)) == ["Left 1.00", "Right"]


def test_html_nested_ever_so_deep_is_read():
    assert lines(reading_of(FileKind.HTML, "<html>" + "<div>" * 5000 + "deep")) in (["deep"], [])


def test_xml_reads_as_names_and_values():
    xml = "<Order xmlns='urn:x'><Number>12</Number><Note>to you</Note></Order>"
    assert lines(reading_of(FileKind.XML, xml)) == ["Number: 12", "Note: to you"]


def test_entities_of_xml_stay_closed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden treasure")
    xml = f"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY f SYSTEM "file://{secret}">
    <!ENTITY b "boom">]><a><c>x&f;</c><d>y&b;</d></a>"""
    text = reading_of(FileKind.XML, xml).text
    assert "treasure" not in text and "boom" not in text


def test_entities_that_multiply_take_no_time():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{levels}]><a><b>x&e9;</b></a>'
    with contextlib.suppress(DamagedFile):
        assert len(reading_of(FileKind.XML, xml).text) < 100


def docx(fill) -> bytes:
    from docx import Document

    out = io.BytesIO()
    document = Document()
    fill(document)
    document.save(out)
    return out.getvalue()


def test_a_docx_reads_head_paragraphs_tables_and_foot():
    def fill(document):
        document.sections[0].header.paragraphs[0].text = "ACME Ltd"
        document.sections[0].footer.paragraphs[0].text = "IBAN DE00"
        document.add_paragraph("Invoice 12")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(table._cells, ("Item", "Amount", "Paper", "4.50"), strict=True):
            cell.text = text

    page = reading_of(FileKind.DOCX, docx(fill)).pages[0]
    assert [line.text for line in page.lines] == [
        "ACME Ltd",
        "Invoice 12",
        "Item Amount",
        "Paper 4.50",
        "IBAN DE00",
    ]
    (table,) = page.tables
    assert [cell.text for cell in table.header] == ["Item", "Amount"]
    assert [[cell.text for cell in row] for row in table.rows] == [["Paper", "4.50"]]


def test_scans_in_a_docx_without_text_are_recognised():
    def fill(document):
        document.add_picture(io.BytesIO(saved(picture(LETTER), "PNG")))

    reading = reading_of(FileKind.DOCX, docx(fill), Eyes())
    assert lines(reading) == list(LETTER)
    assert reading.pages[0].source is PageSource.OCR


def test_a_docx_without_its_body_is_damaged():
    with pytest.raises(DamagedFile):
        reading_of(FileKind.DOCX, b"PK\x03\x04 nothing")


@settings(max_examples=60, deadline=None)
@given(st.text(), st.sampled_from([FileKind.TEXT, FileKind.HTML]))
def test_any_text_is_read(text, kind):
    try:
        reading = reading_of(kind, text.encode(errors="replace"))
    except DamagedFile:
        return
    for page in reading.pages:
        assert all(word.x1 <= page.width and word.y1 <= page.height for word in page.words)


def test_a_very_long_line_is_broken_at_blanks():
    (page,) = reading_of(FileKind.TEXT, b"Total 1.234,56 " * 5_000 + b"9" * 1_000).pages
    assert max(len(line.text) for line in page.lines) <= 300
    assert [word.text for line in page.lines for word in line.words][:2] == ["Total", "1.234,56"]
    assert sum(len(line.words) for line in page.lines) == pytest.approx(10_000, abs=5)


def test_a_row_of_more_cells_than_any_table_has_is_text():
    (page,) = reading_of(FileKind.HTML, "<table><tr>" + "<td>1,00</td>" * 500 + "</tr></table>").pages
    assert page.tables == ()
    assert len(page.words) == 500 and len(page.lines) > 5


def test_more_lines_than_300_pages_have_are_left_out_and_told():
    (page,) = reading_of(FileKind.TEXT, b"x\n" * 20_001).pages
    assert len(page.lines) == 20_000
    assert page.problem == "it has 20,001 lines, of which 20,000 were read"
    (page,) = reading_of(FileKind.TEXT, b"x\n" * 20_000).pages
    assert page.problem is None
