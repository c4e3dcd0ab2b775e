"""Titles and where they stand, labels, columns and figures of a page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from abax.documents import traits
from abax.documents.pages import Page, PageSource, Reading, TextLine, Word

from tests.unit.documents.test_classify import INVOICE, page_of, reading


def standing(*rows: str, tall: int = 0) -> dict[str, str]:
    return {one.kind: one.standing for one in reversed(traits.sightings(reading(*rows, tall=tall)))}


def test_a_title_by_itself_stands_alone() -> None:
    assert standing("Acme Ltd", "Invoice", tall=1)["invoice"] == "alone"


def test_a_title_with_its_number_and_date_is_numbered() -> None:
    rows = ("Acme GmbH in Ulm am Rhein", "Rechnung Nr. 4711 vom 01.02.2024")
    assert standing(*rows, tall=1)["invoice"] == "numbered"


def test_a_title_before_a_colon_is_a_label() -> None:
    rows = ("Acme", "Delivery note: LS-77", "Date: 01.02.2024")
    assert standing(*rows)["delivery_note"] == "label"


def test_a_title_in_running_text_is_part_of_a_sentence() -> None:
    row = "we thank you for your letter about the invoice and the delivery note of last month"
    assert set(standing(row, "Kind regards").values()) == {"sentence"}


def test_words_before_an_amount_name_a_line_of_goods_and_no_document() -> None:
    rows = ("Acme", "Ihre Leistungen", "Gutschrift Treuevorteil -8,40", "Acompte 2 500,00 €")
    assert set(standing(*rows).values()) == {"label"}


@pytest.mark.parametrize(
    ("row", "kind", "standing_"),
    [
        ("Oggetto: sollecito di pagamento fattura n. 12 del 03/02/2026", "invoice", "subject"),
        ("Betreff: Zahlungsavis zum Beleg 2000338817", "payment_advice", "subject"),
        ("2. Abschlagsrechnung", "invoice", "alone"),
        ("Letzte Mahnung", "invoice", "alone"),
        ("Subject: your letter about the invoice of last month", "invoice", "sentence"),
    ],
)
def test_subjects_and_counted_titles_name_the_document(row: str, kind: str, standing_: str) -> None:
    assert standing("Acme", row, "some text below it", "and more of it")[kind] == standing_


def test_a_title_in_a_cell_beside_the_letterhead_stands_alone() -> None:
    words = (
        *(Word(text, x, 0, x + 6 * len(text), 10) for text, x in (("PAPETERIES", 0), ("SA", 70))),
        Word("AVOIR", 300, 0, 340, 10),
    )
    page = Page(
        1, 600, 800, (TextLine(words, 0), *reading("Annecy", "74000").pages[0].lines[:1]), PageSource.TEXT
    )
    (seen,) = traits.sightings(Reading((page,)))
    assert (seen.kind, seen.standing) == ("credit_memo", "alone")


def test_a_title_below_the_headings_of_a_table_counts_half() -> None:
    head = "Description Quantity Price Amount"
    above = traits.sightings(reading("Acme", "Invoice", head, "x"))[0]
    below = traits.sightings(reading("Acme", head, "x", "Invoice"))[0]
    assert below.score <= above.score / 2


def test_towns_of_two_parties_and_a_bank_account_are_no_tills() -> None:
    posted = traits.named(reading("Acme GmbH", "89073 Ulm", "Kunde:", "Vox AG", "10115 Berlin", "IBAN: DE12"))
    paid = traits.named(reading("Kiosk", "89073 Ulm", "Summe 4,20", "Bar 5,00", "Rückgeld 0,80"))
    assert posted["figure/by post"] == 1.0
    assert paid["figure/at a till"] == 1.0


def test_larger_letters_make_a_title_stronger() -> None:
    small, large = (traits.sightings(reading("Acme", "Invoice", "a b", "c d", tall=tall)) for tall in (0, 1))
    assert large[0].score > small[0].score


def test_titles_of_later_pages_count_little() -> None:
    pages = Reading((page_of(["Acme", "Invoice"], 1), page_of(["Delivery Note"], 2)))
    assert traits.sightings(pages)[0].kind == "invoice"


def test_labels_columns_and_figures_are_named() -> None:
    named = traits.named(reading(*INVOICE, tall=3))
    assert named["label/due_date"] == 1.0
    assert named["column/quantity"] == 1.0
    assert named["figure/iban"] == 1.0
    assert named["figure/no amounts"] == 0.0
    assert named["first/invoice"] > 1


def test_words_are_hashed_once_each() -> None:
    buckets = traits.hashed(reading("paper paper paper box 12"))
    assert len(buckets) == 2
    assert all(0 <= bucket < traits.BUCKETS for bucket in buckets)


def test_badly_misread_titles_are_guessed_where_ocr_has_read_alone() -> None:
    printed = page_of(["Acme", "Potwlerdzenie zamowlenla", "and more below"], tall=1)
    scanned = replace(printed, source=PageSource.OCR)
    assert traits.sightings(Reading((printed,))) == []
    assert traits.sightings(Reading((scanned,)))[0].kind == "sales_order"


def test_an_empty_reading_has_no_traits() -> None:
    assert traits.named(Reading(())) == {}
    assert traits.hashed(Reading(())) == []


def test_facts_behind_a_title_and_its_number_leave_it_the_title() -> None:
    rows = (
        "Weingut Huber in Krems an der Donau",
        "RECHNUNG Nr. 418/26 – Kundennr. 2207, Lieferschein LS 402",
    )
    assert standing(*rows)["invoice"] == "numbered"
    assert standing("Hotel am See", "INVOICE / FOLIO NO. F-60447")["invoice"] == "numbered"
    assert standing("Hurtownia", "Faktura VAT FS-1877/26/KRA", tall=1)["invoice"] == "numbered"


def test_the_label_of_its_number_names_a_bill_that_has_no_title() -> None:
    given = reading("Candela S.A.", "Nº factura FE2632", "Fecha de cargo 19/03/2026", "TOTAL A PAGAR 95,87")
    assert traits.named(given)["label title/invoice"] == 1.0


def test_a_mail_address_is_no_title() -> None:
    assert standing("Serwery", "faktury@chmurnik.example", "faktura@chmurnik.example") == {}


def test_a_text_layer_is_not_taken_for_a_longer_title_that_was_misread() -> None:
    assert standing("Operateur", "facture TTC", tall=1)["invoice"] == "leading"
