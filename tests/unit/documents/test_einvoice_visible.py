"""The visible page of an e-invoice against its XML."""

from decimal import Decimal

import pytest
from abax.documents import einvoice
from abax.documents.pages import Page, PageSource, Reading, TextLine, Word
from abax.documents.validate import Outcome, Severity, validate

from tests.support.data import development_data
from tests.unit.documents.einvoices import UBL

PAGE = """\
Mühle GmbH · Am Bach 3 · 99423 Weimar
Stadt Jena
Markt 1
07743 Jena
Rechnung Nr. R-2024-17           Datum: 05.03.2024
USt-IdNr. DE136695976            Bestellung PO-88
Leistungszeitraum 01.02.2024 - 29.02.2024
Pos  Artikel             Menge   Preis    Betrag
1    Grinding wheel G-1      4   50,00    200,00
2    Flour                  25   20,00     50,00
Rabatt                                    -20,00
Fracht                                      5,00
Summe netto                               235,00
USt 19 % auf 185,00                        35,15
USt 7 % auf 50,00                           3,50
Gesamtbetrag                              273,65
Anzahlung                                 100,00
Zahlbetrag                                173,65
Zahlbar bis 04.04.2024, bei Zahlung in 14 Tagen 2 % Skonto: 170,18
IBAN DE89 3704 0044 0532 0130 00   BIC COBADEFFXXX
"""


def reading(text=PAGE, source=PageSource.TEXT):
    """Pages of words in a type of even width: ten high, six wide."""
    pages = []
    for number, page in enumerate(text.split("\f"), 1):
        lines = []
        for place, line in enumerate(page.splitlines()):
            words, column = [], 0
            for part in line.split(" "):
                if part:
                    x0, y0 = 6.0 * column, 14.0 * place
                    words.append(Word(part, x0, y0, x0 + 6 * len(part), y0 + 10))
                column += len(part) + 1
            if words:
                lines.append(TextLine(tuple(words), place))
        pages.append(Page(number, 595, 842, tuple(lines), source))
    return Reading(tuple(pages))


def compared(text=PAGE, xml=UBL):
    return einvoice.compare(einvoice.read_invoice(xml.encode()), reading(text))


def test_a_page_that_says_the_same_differs_in_nothing():
    found = compared()
    assert found.differences == ()
    assert found.findings == ()


def test_values_get_the_page_and_the_box_where_they_stand():
    evidence = compared().evidence
    gross = evidence["totals.gross"]
    assert (gross.page, gross.box.y0) == (1, 14.0 * 15)
    assert gross.method == "xml"
    assert gross.source.endswith("cbc:TaxInclusiveAmount")
    assert evidence["number"].box.y0 == evidence["issue_date"].box.y0 == 14.0 * 4
    assert evidence["bank_accounts[0].iban"].box.x0 == 30
    assert evidence["lines[1].net_amount"].box.y0 == 14.0 * 9
    assert evidence["lines[1].description"].box.y0 == 14.0 * 9
    assert evidence["lines[1].quantity"].box.y0 == 14.0 * 9
    assert evidence["taxes[0].base"].box.y0 == 14.0 * 13
    assert evidence["seller.name"].box.y0 == 0


@pytest.mark.parametrize(
    ("old", "new", "path", "visible"),
    [
        ("173,65", "713,65", "totals.due", "713,65"),
        ("273,65", "873,65", "totals.gross", "873,65"),
        ("Gesamtbetrag                              273,65", "", "totals.gross", "amounts up to"),
        ("0532 0130 00", "0532 0130 01", "bank_accounts[0].iban", "DE89370400440532013001"),
        (
            "DE89 3704 0044 0532 0130 00",
            "DE75 5121 0800 1245 1261 99",
            "bank_accounts[0].iban",
            "DE7551210800",
        ),
        ("R-2024-17", "R-2024-18", "number", ""),
        ("05.03.2024", "05.02.2024", "issue_date", "05.02.2024"),
        ("50,00\n", "55,00\n", "lines[1].net_amount", "55,00"),
    ],
)
def test_what_the_page_shows_otherwise_is_told(old, new, path, visible):
    assert old in PAGE
    text = PAGE.replace(old, new)
    if path == "lines[1].net_amount":
        text = text.replace("auf 50,00", "auf 55,00")
    found = compared(text)
    told = {one.path: one for one in found.differences}
    assert path in told
    assert visible in told[path].visible
    assert any(finding.startswith(f"{path}: the XML says") for finding in found.findings)


def test_another_total_beside_the_right_one_is_told():
    found = compared(
        PAGE.replace("Zahlbetrag                                173,65", "Zahlbetrag  999,65") + "173,65\n"
    )
    assert [one.path for one in found.differences] == ["totals.due"]
    assert found.differences[0].box is not None


def test_another_seller_is_told():
    text = PAGE.replace("Mühle GmbH · Am Bach 3", "Andere KG · Gasse 9").replace("DE136695976", "DE811569869")
    assert "seller.name" in {one.path for one in compared(text).differences}


def test_a_differing_account_is_an_alarm_and_a_differing_total_an_error():
    text = PAGE.replace("0532 0130 00", "0532 0130 01").replace("173,65", "713,65")
    checks = {one.rule: one for one in validate(compared(text))}
    assert checks["xml-page"].outcome is Outcome.FAILED
    assert checks["xml-page"].severity is Severity.ALARM
    assert "DE89370400440532013001" in checks["xml-page"].compared
    alone = {one.rule: one for one in validate(compared(PAGE.replace("173,65", "713,65")))}
    assert alone["xml-page"].severity is Severity.ERROR
    assert {one.rule: one for one in validate(compared())}["xml-page"].outcome is Outcome.PASSED


def test_a_further_account_on_the_page_is_a_note_and_no_difference():
    found = compared(PAGE + "Andere Bank: IBAN DE75 5121 0800 1245 1261 99\n")
    assert found.differences == ()
    assert found.findings == ("the page shows account DE75512108001245126199, which the XML does not name",)
    checks = {one.rule: one for one in validate(found)}
    assert checks["xml-accounts"].outcome is Outcome.FAILED
    assert checks["xml-accounts"].severity is Severity.INFO
    assert checks["xml-values"].outcome is Outcome.PASSED


def test_pages_without_text_contradict_nothing():
    for text in ("", "Scan 1"):
        found = compared(text)
        assert found.differences == ()
        assert "too little text" in found.findings[0]


@pytest.mark.parametrize(
    ("amount", "day"),
    [
        ("1.173,65", "5. März 2024"),
        ("1,173.65", "March 5, 2024"),
        ("1 173,65", "5 mars 2024"),
        ("1'173.65", "2024-03-05"),
    ],
)
def test_values_are_found_in_the_writing_of_any_country(amount, day):
    xml = UBL.replace(">173.65<", ">1173.65<")
    found = compared(PAGE.replace("173,65", amount).replace("05.03.2024", day), xml)
    assert not {"totals.due", "issue_date"} & {one.path for one in found.differences}
    assert found.evidence["totals.due"].box is not None
    assert found.evidence["issue_date"].box is not None


def test_what_is_missing_from_a_recognised_page_is_a_note_and_no_difference():
    text = PAGE.replace("R-2024-17", "R-2O24-I7").replace("273,65", "27B.6S")
    found = einvoice.compare(einvoice.read_invoice(UBL.encode()), reading(text, PageSource.OCR))
    assert found.differences == ()
    assert any(finding.startswith("number: the XML says R-2024-17") for finding in found.findings)
    other = PAGE.replace("DE89 3704 0044 0532 0130 00", "DE75 5121 0800 1245 1261 99")
    found = einvoice.compare(einvoice.read_invoice(UBL.encode()), reading(other, PageSource.OCR))
    assert [one.path for one in found.differences] == ["bank_accounts[0].iban"]


def test_negative_totals_are_found_with_their_sign_or_without():
    xml = UBL.replace(">173.65<", ">-173.65<")
    assert compared(PAGE, xml).differences == ()
    assert compared(PAGE.replace("173,65", "-173,65"), xml).differences == ()


SAMPLES = (
    "XML-Rechnung/FX/EN16931_Einfach.pdf",
    "XML-Rechnung/FX/EN16931_Elektron.pdf",
    "XML-Rechnung/FX/EN16931_OEPNV.pdf",
    "ZUGFeRDv1/correct/Intarsys/ZUGFeRD_1p0_EXTENDED_Warenrechnung.pdf",
    "ZUGFeRDv2/correct/intarsys/BASIC/zugferd_2p0_BASIC_Taxifahrt.pdf",
)


@pytest.mark.parametrize("name", SAMPLES)
def test_real_pages_say_what_their_xml_says_until_they_are_changed(name):
    from abax.documents import inbox, preprocess

    file = development_data("documents/zugferd_pdf") / "pdf" / name
    pages = preprocess.read(inbox.receive(file.name, file.read_bytes())[0])
    extraction = einvoice.read_invoice(einvoice.find(pages), file.name)
    assert einvoice.compare(extraction, pages).differences == ()
    totals = extraction.contract.totals
    other = totals.model_copy(
        update={"due": totals.due + Decimal("100.00"), "gross": totals.gross + Decimal("100.00")}
    )
    changed = extraction.model_copy(
        update={"contract": extraction.contract.model_copy(update={"totals": other})}
    )
    told = {one.path for one in einvoice.compare(changed, pages).differences}
    assert {"totals.due", "totals.gross"} <= told
