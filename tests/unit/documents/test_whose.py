from __future__ import annotations

from abax.documents import labelled, parties, whose
from abax.documents.candidates import Surroundings
from abax.documents.contracts import DocumentType, fields_of
from abax.documents.spans import look

from tests.unit.documents.made import reading_of
from tests.unit.documents.test_extract import extracted

LETTER = """
Nordwind Werkzeuge GmbH, Hafenstr. 12, 20457 Hamburg

Tischlerei Hallbauer
Lange Gasse 3
01067 Dresden

Rechnung Nr. RE-2026-118
Datum: 03.05.2026

Pos   Bezeichnung      Menge   Einzelpreis   Gesamt
1     Stechbeitel      4       20,00         80,00
Nettobetrag                                  80,00
MwSt 19 %                                    15,20
Gesamtbetrag                                 95,20

IBAN DE91 3704 0044 1138 7981 13   USt-IdNr. DE189285608
"""


def marked(text: str, name: str) -> parties.Line:
    lines = [line for line in parties.lines_of(look(reading_of(text))) if line.text == name]
    assert lines, name
    return lines[0]


def test_a_sender_s_line_names_the_writer_and_stands_over_who_is_written_to() -> None:
    sender, addressee = marked(LETTER, "Nordwind Werkzeuge GmbH"), marked(LETTER, "Tischlerei Hallbauer")
    assert sender.writes > 2 > sender.written
    assert addressee.written > 2 > addressee.writes


def test_account_register_and_mail_in_a_block_speak_for_the_writer() -> None:
    text = "Roos Timmer\nOudegracht 118\n3511 AW Utrecht\nKvK 70144119\nIBAN NL85 INGB 2425 0899 61"
    line = marked(text, "Roos Timmer")
    assert line.writes > 2 > line.written


def test_a_form_of_address_above_a_name_says_who_is_written_to() -> None:
    text = "Spett.le\nDolciaria Metauro S.r.l.\nVia Einaudi 7\n61032 Fano (PU)"
    line = marked(text, "Dolciaria Metauro S.r.l.")
    assert line.written > 2


def test_a_tax_id_outside_of_all_blocks_is_the_writer_s() -> None:
    found = fields_of(extracted(LETTER, DocumentType.SUPPLIER_INVOICE, "de").contract)
    assert found["seller.name"] == "Nordwind Werkzeuge GmbH"
    assert found["buyer.name"] == "Tischlerei Hallbauer"
    assert found["seller.vat_id"] == "DE189285608"
    assert "buyer.vat_id" not in found


def test_a_label_may_say_that_a_number_is_the_other_side_s() -> None:
    [label] = [one for seg in look(reading_of("Ihre USt-IdNr.: DE189285608")).segs for one in seg.labels][:1]
    assert whose._names_other_side(label)


def test_the_end_of_a_dutch_firm_s_name_does_not_say_that_a_number_is_the_other_side_s() -> None:
    labels = [
        label
        for text in ("Ter Horst Groen B.V., KvK 08113377", "V/N.º Contrib.: 501872442")
        for seg in look(reading_of(text)).segs
        for label in seg.labels[:1]
    ]
    assert [whose._names_other_side(label) for label in labels] == [False, True]


def test_a_number_in_brackets_behind_a_name_is_no_part_of_it() -> None:
    assert marked("COSWAY (M) SDN BHD (50118-A)\nWISMA COSWAY\n50200 KUALA LUMPUR", "COSWAY (M) SDN BHD")


BILL = (
    """
Energia Veneta S.p.A.
Via Po 3, 37138 Verona
                                Bar Sport S.n.c.
Dati della fornitura            Via Roma 14
Codice 881204                   37121 Verona

P.IVA 02448010989

Fattura 118 del 05/03/2026
Totale 123,00 EUR
"""
    + "\n" * 40
    + "Energia Veneta S.p.A. - P.IVA 00743110157"
)


def test_a_second_tax_id_is_the_buyer_s_where_the_foot_has_the_seller_s() -> None:
    found = fields_of(extracted(BILL, DocumentType.SUPPLIER_INVOICE, "it").contract)
    assert (found["seller.vat_id"], found["buyer.vat_id"]) == ("IT00743110157", "IT02448010989")


def test_a_part_s_number_is_no_tax_id() -> None:
    text = "4305-RO4826 Hydraulic hose\nRO4826\nRO18547290"
    sight = look(reading_of(text))
    found = [value.value for value, _ in labelled.vat_values(sight, Surroundings(sight))]
    assert found == ["RO18547290"]


def test_a_number_is_of_whom_its_line_names() -> None:
    text = LETTER + "\nNordwind Werkzeuge GmbH - Kunde der Lagerbank - HRB 4471"
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "de").contract)
    assert found["seller.registration"] == "HRB 4471"
    assert "buyer.registration" not in found
