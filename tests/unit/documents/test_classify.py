"""Types told from titles, labels and words; direction from who we are."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from abax.documents.classify import Ourselves, classify, side_of
from abax.documents.contracts import DocumentType, Subtype
from abax.documents.identify import identify
from abax.documents.pages import Page, PageSource, Reading, TextLine, Word
from abax.documents.preprocess import reading_of_words
from abax.documents.synthetic import generate
from abax.documents.synthetic.noise import noisy_reading

from tests.support.data import development_data


def page_of(rows: list[str], number: int = 1, tall: int = 0) -> Page:
    """Rows of words on paper, 12 points each; row ``tall`` is twice as high."""
    lines = []
    for place, row in enumerate(rows):
        height = 18.0 if tall and place == tall else 9.0
        x, words = 50.0, []
        for text in row.split():
            words.append(Word(text, x, 60.0 + 14 * place, x + 5 * len(text), 60.0 + 14 * place + height))
            x += 5 * len(text) + 4
        if words:
            lines.append(TextLine(tuple(words), place))
    return Page(number, 595, 842, tuple(lines), PageSource.TEXT)


def reading(*rows: str, tall: int = 0) -> Reading:
    return Reading((page_of(list(rows), tall=tall),))


INVOICE = (
    "Acme Ltd",
    "12 High Street, Leeds",
    "Bill to: Buyer GmbH",
    "Invoice",
    "Invoice No. 4711",
    "Invoice date 01/02/2024",
    "Due date 01/03/2024",
    "Description Qty Unit price Amount",
    "Bolts 10 2.00 20.00",
    "Subtotal 20.00",
    "VAT 20 % 4.00",
    "Total 24.00",
    "IBAN GB33BUKB20201555555555",
)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("|".join(INVOICE), DocumentType.SUPPLIER_INVOICE),
        ("Muster AG|Lieferschein|Nr. 88|Pos Artikel Menge Einheit|1 Rohr 9 Stk", DocumentType.DELIVERY_NOTE),
        (
            "Bedrijf BV|Creditnota|Nr. 9|Omschrijving Aantal Bedrag|Retour 1 9,00",
            DocumentType.CREDIT_MEMO,
        ),
        (
            "Firma S.A.|Awizo płatności|Faktura Data Kwota|FV12 01.02.24 9,00|Razem 9,00",
            DocumentType.PAYMENT_ADVICE,
        ),
        ("Banco Uno|Extracto de cuenta|Saldo inicial 1,00|Saldo final 9,00", DocumentType.ACCOUNT_STATEMENT),
    ],
)
def test_a_title_with_its_labels_tells_the_type(rows: str, expected: DocumentType) -> None:
    lines = rows.split("|")
    assert classify(reading(*lines, tall=3 if len(lines) > 5 else 1)).type is expected


def test_a_title_that_stands_out_decides_whatever_the_rest_is_like() -> None:
    rows = [row for row in INVOICE if not row.startswith("Invoice")]
    told = classify(reading(*rows[:3], "Auftragsbestätigung AB 2611-204", *rows[3:], tall=3))
    assert told.type is DocumentType.SALES_ORDER
    assert told.confidence >= 0.8


KORREKTUR = (
    "Lampen GmbH",
    "Parkallee 80, 28209 Bremen",
    "Praxis Olsen, Heerstr. 3, 28211 Bremen",
    "Rechnungskorrektur Nr. GS-77",
    "zu Rechnung RE-1409 vom 18.08.2026",
    "Pos Artikel Menge Einzelpreis Gesamt",
    "1 Leuchte 2 159,00 318,00",
    "Nettobetrag 318,00",
    "USt 19 % 60,42",
)


def test_a_correction_that_gives_money_back_is_a_credit_memo() -> None:
    given = reading(*KORREKTUR, "Gutschriftsbetrag EUR 378,42", tall=3)
    told = classify(given)
    assert told.type is DocumentType.CREDIT_MEMO
    assert identify(given, told).subtype is Subtype.CORRECTION
    asked = reading(*KORREKTUR, "Zu zahlen EUR 378,42", tall=3)
    assert classify(asked).type is DocumentType.SUPPLIER_INVOICE
    assert identify(asked, classify(asked)).subtype is Subtype.CORRECTION


def test_a_correction_whose_whole_is_below_zero_is_a_credit_memo() -> None:
    rows = ("Suministros SL", "46001 Valencia", "Carmen Ortiz", "FACTURA RECTIFICATIVA", "N\u00ba R26-018",
            "Rectifica la factura F26-1184 de fecha 12/12/2025", "Concepto Precio Importe")  # fmt: skip
    below = reading(*rows, "V\u00e1lvula -2 100,00 -200,00", "IVA 21 % -42,00", "TOTAL -242,00", tall=3)
    assert classify(below).type is DocumentType.CREDIT_MEMO
    named = (
        "Muster AG",
        "89073 Ulm",
        "Korrekturrechnung Nr. 17",
        "zu Rechnung 118",
        "Rohr -2 100,00 -200,00",
    )
    told = classify(given := reading(*named, "Brutto -238,00", "IBAN DE89 3704 0044 0532 0130 00"))
    assert (told.type, identify(given, told).subtype) == (DocumentType.CREDIT_MEMO, Subtype.CORRECTION)
    above = reading(*rows, "V\u00e1lvula 2 100,00 200,00", "IVA 21 % 42,00", "TOTAL 242,00", tall=3)
    assert classify(above).type is DocumentType.SUPPLIER_INVOICE


@pytest.mark.parametrize("name", ["LIPPE-CARGO", "Ib\u00e9rica Cargo", "Express Order"])
def test_a_word_within_a_companys_name_is_no_title(name: str) -> None:
    rows = [row for row in INVOICE if not row.startswith(("Acme", "Invoice"))]
    told = classify(
        reading(name, "12 High Street, Leeds", "Invoice No. 4711", *rows, "Fecha de cargo: 17/02/2026")
    )
    assert told.type is DocumentType.SUPPLIER_INVOICE


def test_boxes_with_the_number_and_the_date_are_no_table_of_goods() -> None:
    rows = ["NAVETTE DU LAC SA", "5000 Namur", "FACTURE N\u00b0 Date Client", "2026/0418 3.2.26 C-93", "",
            "", "Hotel du Lac", "5100 Jambes", "", "Designation Qte PU Taux Total", "Navette 1 80,00 6 80,00",
            "Total HTVA 80,00", "TVA 6 % 4,80", "Total TTC 84,80"]  # fmt: skip
    assert classify(reading(*rows)).type is DocumentType.SUPPLIER_INVOICE


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("I - Ingreso", DocumentType.SUPPLIER_INVOICE),
        ("E - Egreso", DocumentType.CREDIT_MEMO),
    ],
)
def test_what_a_tax_authority_has_registered_is_an_invoice(kind: str, expected: DocumentType) -> None:
    rows = ("Papeler\u00eda del Baj\u00edo SA de CV", "RFC emisor: PBA010203AB1",
            f"Tipo de comprobante: {kind}",
            "RFC receptor: XAXX010101000", "Folio: A-4418",
            "Folio fiscal: 6F9619FF-8B86-D011-B42D-00C04FC964FF",
            "Clave Cantidad Unidad Descripcion Importe", "44121 10 H87 L\u00e1piz 50.00", "Subtotal 50.00",
            "IVA 16% 8.00", "Total 58.00")  # fmt: skip
    assert classify(reading(*rows)).type is expected


@pytest.mark.parametrize(
    "title",
    ["Rechnung / Invoice", "Ihre Verbrauchsabrechnung 2025", "3. Abschlagsrechnung zum Bauvorhaben Haus Kurz",
     "FEE NOTE", "Your electricity bill", "Votre facture du 4 mai 2026", "AVVISO DI PARCELLA N. 7",
     "Faktura VAT nr FV/12/2026 (oryginał)"],
)  # fmt: skip
def test_unusual_titles_of_invoices(title: str) -> None:
    rows = ("Stadtwerke, 89073 Ulm", "Eva Roth, Weg 3, 89077 Ulm", title, "Nr 33", "Pumpe 2 100,00 200,00")
    assert classify(reading(*rows, "Total 238,00", tall=2)).type is DocumentType.SUPPLIER_INVOICE


def test_the_label_of_its_number_names_a_sheet_that_has_no_title() -> None:
    rows = [row for row in INVOICE if not row.startswith(("Invoice", "Due", "IBAN"))]
    told = classify(reading(*rows[:2], "Faktura nr: FV/2026/06", *rows[3:], "Due date 01/03/2024"))
    assert told.type is DocumentType.SUPPLIER_INVOICE


def test_a_memo_is_told_by_its_name_alone() -> None:
    rows = [row for row in INVOICE if not row.startswith(("Invoice", "Due", "IBAN"))]
    told = classify(reading(*rows, "Charges for late return 10.00"))
    assert told.scores.get(DocumentType.DEBIT_MEMO, 0.0) < 0.2
    assert told.scores.get(DocumentType.CREDIT_MEMO, 0.0) < 0.2


def test_invoices_of_further_languages_are_invoices() -> None:
    czech = ("Podlahy s.r.o.", "Dodavatel: Podlahy s.r.o.", "Faktura - daňový doklad č. 20260077")
    rows = (*czech, "Odběratel: Škola", "Datum splatnosti: 3.8.2026", "Oprava 96 m2 385,00 36 960,00")
    told = classify(reading(*rows, "Celkem k úhradě: 44 721,60", tall=2))
    assert told.type is DocumentType.SUPPLIER_INVOICE
    swedish = ("Mark AB", "Faktura", "Fakturanr 3004", "Fakturadatum 2026-02-27", "Snöröjning 14 695,00")
    told = classify(reading(*swedish, "Att betala 9 730,00", tall=1))
    assert told.type is DocumentType.SUPPLIER_INVOICE


def test_a_till_may_call_its_receipt_an_invoice() -> None:
    rows = ("KEDAI BUNGA SDN BHD", "NO 4 JALAN BESAR", "TAX INVOICE", "ROTI 1 X 2.50 2.50", "TOTAL 2.50")
    rows += ("CASH 10.00", "CHANGE 7.50", "THANK YOU PLEASE COME AGAIN")
    slip = Reading((replace(page_of(list(rows)), width=240, source=PageSource.OCR),))
    assert classify(slip).type is DocumentType.RECEIPT


def test_what_a_program_prints_on_a_sheet_and_calls_an_invoice_is_one_though_it_was_paid() -> None:
    rows = [row for row in INVOICE if not row.startswith(("Due", "IBAN"))]
    told = classify(reading(*rows, "Cash 24.00", tall=3))
    assert told.type is DocumentType.SUPPLIER_INVOICE


def test_a_reference_to_a_delivery_note_makes_no_delivery_note_of_an_invoice() -> None:
    rows = (*INVOICE[:6], "Delivery note: LS-77", "Your order: PO-3", *INVOICE[6:])
    assert classify(reading(*rows, tall=3)).type is DocumentType.SUPPLIER_INVOICE


def test_a_letter_about_an_invoice_is_none() -> None:
    told = classify(
        reading(
            "Dear Sir or Madam,",
            "we have received your invoice 4711 and thank you for your patience in this matter.",
            "Our office will be closed over the holidays and opens again on Monday.",
            "Kind regards",
            "Anna Berger",
        )
    )
    assert told.type is DocumentType.UNKNOWN


def test_next_to_no_words_are_unknown() -> None:
    assert classify(Reading(())).type is DocumentType.UNKNOWN
    assert classify(reading("Invoice")).reasons == ("there are next to no words",)


def test_the_reasons_name_the_title() -> None:
    told = classify(reading(*INVOICE, tall=3))
    assert told.reasons[0] == "the title “Invoice” on page 1"
    assert "taken as one that we got" in told.reasons[-1]


@pytest.mark.parametrize(
    ("ourselves", "expected"),
    [
        (Ourselves(names=("ACME LTD",)), DocumentType.CUSTOMER_INVOICE),
        (Ourselves(names=("Buyer GmbH",)), DocumentType.SUPPLIER_INVOICE),
        (Ourselves(ibans=("GB33 BUKB 2020 1555 5555 55",)), DocumentType.CUSTOMER_INVOICE),
        (Ourselves(names=("Somebody Else SA",)), DocumentType.SUPPLIER_INVOICE),
    ],
)
def test_who_we_are_tells_the_direction_of_an_invoice(ourselves: Ourselves, expected: DocumentType) -> None:
    assert classify(reading(*INVOICE, tall=3), ourselves).type is expected


def test_an_order_that_we_got_is_a_sales_order() -> None:
    rows = (
        "Kunde KG",
        "Bestellung",
        "Bestellnummer 12",
        "Lieferant: Unsere GmbH",
        "Artikel Menge Preis",
        "Rohr 2 3,00",
    )
    ordered = classify(reading(*rows, tall=1), Ourselves(names=("Unsere GmbH",)))
    assert ordered.type is DocumentType.SALES_ORDER
    assert classify(reading(*rows, tall=1)).type is DocumentType.PURCHASE_ORDER


def test_a_name_in_the_letterhead_is_the_writers() -> None:
    assert side_of(reading(*INVOICE), Ourselves(names=("Acme Ltd",))) == "writer"
    assert side_of(reading(*INVOICE), Ourselves(names=("Buyer GmbH",))) == "buyer"
    assert side_of(reading(*INVOICE), Ourselves()) is None


def test_scores_are_chances() -> None:
    told = classify(reading(*INVOICE))
    assert told.confidence == max(told.scores.values())
    assert 0.98 < sum(told.scores.values()) < 1.01


def test_generated_documents_of_new_issuers_are_told_apart() -> None:
    samples = list(generate(45, seed=2024, split="test"))
    right = sum(classify(one.reading, one.ourselves).type is one.contract.type for one in samples)
    assert right >= 42


def test_misread_words_do_not_hide_most_titles() -> None:
    rng = random.Random(1)
    samples = list(generate(30, seed=2025, split="test"))
    right = sum(
        classify(noisy_reading(one, rng, 0.02), one.ourselves).type is one.contract.type for one in samples
    )
    assert right >= 26


def test_real_receipts_are_told_from_invoices() -> None:
    rows = (
        (development_data("documents/sroie") / "train_ocr_keys.jsonl").read_text("utf-8").splitlines()[::12]
    )
    right = 0
    for row in map(json.loads, rows):
        words = [Word(text, *box) for text, box in zip(row["words"], row["bboxes"], strict=True)]
        told = classify(reading_of_words(words, row["image_size"]["width"], row["image_size"]["height"]))
        right += told.type is DocumentType.RECEIPT
    assert right / len(rows) >= 0.95
