"""Names of parties, and what stands around them."""

from __future__ import annotations

import pytest
from abax.documents import parties
from abax.documents.contracts import DocumentType, fields_of
from abax.documents.spans import look

from tests.unit.documents.made import reading_of
from tests.unit.documents.test_extract import extracted, names_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Shannonside Mouldings\nDAC\nRaheen Park", "Shannonside Mouldings DAC"),
        ("The Ship Inn (Oldbury)\nLtd\nCamp Road", "The Ship Inn (Oldbury) Ltd"),
        ("BULLONERIE DI FABBRI\nL. & C.\nVIA MILANO, 31", "BULLONERIE DI FABBRI L. & C."),
        ("Frischdienst Lippold\nGmbH & Co. KG\nMarkt 3", "Frischdienst Lippold GmbH & Co. KG"),
    ],
)
def test_a_line_of_legal_forms_and_initials_belongs_to_the_name_above(text: str, name: str) -> None:
    found = names_of(text)
    assert name in found
    assert text.split("\n")[0] not in found


def test_a_firm_s_sign_that_the_next_line_repeats_in_full_is_not_its_name() -> None:
    found = names_of("LONE MESA\nLONE MESA HARDWARE & LUMBER\n2901 W Expressway 83")
    assert "LONE MESA HARDWARE & LUMBER" in found
    assert not found & {"LONE MESA", "LONE MESA LONE MESA HARDWARE & LUMBER"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Th\u00e9s de Keroual SAS au capital de 60 000 \u20ac \u2013 SIRET 75208831000012",
            "Th\u00e9s de Keroual SAS",
        ),
        ("Kittiwake UK Limited. Registered office: Distribution Way", "Kittiwake UK Limited"),
    ],
)
def test_what_a_foot_tells_of_a_firm_is_no_part_of_its_name(text: str, name: str) -> None:
    found = names_of(text)
    assert name in found
    assert text not in found


def test_a_full_stop_within_a_register_s_brackets_ends_no_name() -> None:
    found = names_of("DION REALTIES SDN BHD (CO. REG. NO: 718844-T)")
    assert "DION REALTIES SDN BHD" in found
    assert "DION REALTIES SDN BHD (CO" not in found


def test_a_firm_beside_a_heading_of_something_else_may_be_a_party() -> None:
    text = "CREDIT NOTE      Date          Northgate Signage Ltd\n                 8 Apr 2026    40 Mill Lane"
    assert "Northgate Signage Ltd" in names_of(text)
    assert "Peso kg" not in names_of("N. colli      Peso kg      Vettore\n12            1.180")


def test_names_on_a_slip_that_goes_back_with_the_money_are_turned_round() -> None:
    text = "Invoice 12" + "\n" * 40 + "PAYMENT ADVICE\nTo: Ledgerwell Limited\n3 Mill Yard"
    assert parties.heads_of(look(reading_of("To: Ledgerwell Limited\n3 Mill Yard")))
    assert not parties.heads_of(look(reading_of(text)))


def test_a_telephone_number_under_the_address_is_the_party_s_without_a_label() -> None:
    text = """
Br\u00fajula Digital SL
Calle Larios 18
29005 M\u00e1laga
951 555 018

Cliente:
Bodegas Ronda SA
Calle Real 4
29400 Ronda

Factura F260188
Fecha: 30/04/2026
NIF B91440271
"""
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "es").contract)
    assert found["seller.phone"] == "951 555 018"


def test_a_firm_over_an_address_is_a_name_in_a_row_of_labels_too() -> None:
    text = """
SAHYADRI PRECISION WORKS     Invoice No.      Dated
Plot 77, MIDC Bhosari        SPW/25-26/1184   14-Feb-26
Pune 411026, Maharashtra
"""
    assert "SAHYADRI PRECISION WORKS" in names_of(text)


STACKED = """
Tauron Telekom S.A.
ul. Prosta 12, 00-850 Warszawa

Numer faktury                Anna Ziel\u0144ska
FV/118/2026                  ul. D\u0142uga 7 m. 3
Data wystawienia             30-002 Krak\u00f3w
05.03.2026
"""


def test_a_name_over_an_address_is_not_the_value_of_the_label_beside_it_that_has_its_own_below() -> None:
    assert "Anna Ziel\u0144ska" in names_of(STACKED)
    assert "Anna Ziel\u0144ska" not in names_of("Numer faktury                Anna Ziel\u0144ska\nRazem")


IRISH = """
Sallins Electric Ltd
4 East Wall Road, Dublin 3, D03 A995

Mary Byrne
14 Moorefield Park
Newbridge
Co. Kildare
W12 XK52

Invoice INV-118
Total                   123.00
"""


def test_a_county_is_no_firm_and_no_part_of_a_name() -> None:
    assert not names_of(IRISH) & {"Co. Kildare", "Newbridge Co. Kildare"}
    found = fields_of(extracted(IRISH, DocumentType.SUPPLIER_INVOICE, "en").contract)
    assert (found["buyer.name"], found["buyer.address.city"]) == ("Mary Byrne", "Newbridge")


DEBIT = """
Orrefors Kitchen Import AB
Fabriksgatan 9, 412 50 G\u00f6teborg, Sweden

DEBIT NOTE
Debit Note No.: DN-26-015
Date: 2026-05-19
Our PO: 88214   Your invoice: T-55120

To:
Guimar\u00e3es T\u00eaxteis Lda
Rua da Ind\u00fastria 300
4810-001 Guimar\u00e3es
Portugal
"""


def test_where_the_buyer_writes_to_announces_the_seller() -> None:
    found = fields_of(extracted(DEBIT, DocumentType.DEBIT_MEMO, "en").contract)
    assert found["seller.name"] == "Guimar\u00e3es T\u00eaxteis Lda"
    assert found["buyer.name"] == "Orrefors Kitchen Import AB"


@pytest.mark.parametrize(
    ("sign", "foot", "name"),
    [
        ("candela", "Candela Energ\u00eda, S.A.U. Paseo 3", "Candela Energ\u00eda, S.A.U."),
        ("Oosterbank", "Zo. Co\u00f6peratieve Oosterbank U.A., te X", "Co\u00f6peratieve Oosterbank U.A."),
        ("Oosterbank", "Bij Oosterbank staat uw geld op een AG rekening", None),
    ],
)  # fmt: skip
def test_a_sign_s_full_name_may_stand_within_a_sentence(sign: str, foot: str, name: str | None) -> None:
    sight = look(reading_of(f"{sign}\n\n\n{foot}"))
    [line] = [one for one in parties.lines_of(sight) if one.text == sign][:1]
    found = parties.legal_name(sight, line)
    assert (found.text if found else None) == name


def test_a_bank_s_name_keeps_the_word_for_a_bank() -> None:
    assert "Banco del Guadalquivir" in names_of("Banco del Guadalquivir\nEXTRACTO DE CUENTA")


BESIDE = """
Ridgeline Heating & Air LLC
901 Commerce St, Garland, TX 75040

BILL TO                        {heading}
Marsha Kent                    Kent Rental Duplex
418 Oak Ridge Dr               2210 Avenue K
Plano, TX 75023                Allen, TX 75013

Invoice 10482
Total                   123.00
"""


@pytest.mark.parametrize("heading", ["SERVICE LOCATION", "PLACE OF THE WORKS"])
def test_a_heading_over_an_address_beside_the_buyer_s_is_no_name_in_whatever_words(heading: str) -> None:
    text = BESIDE.format(heading=heading)
    assert heading not in names_of(text)
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "en").contract)
    assert (found["buyer.name"], found["buyer.address.city"]) == ("Marsha Kent", "Plano")


GOODS = """
Farben Lauber GmbH
Hafenstr. 2 \u00b7 68159 Mannheim

Malerbetrieb Gro\u00df GmbH          Lieferanschrift
Industriestr. 4                Baustelle Kita Sonnenhof
70565 Stuttgart                Sonnenweg 9
                               71032 B\u00f6blingen

Lieferschein 118
"""


def test_an_address_in_the_window_is_the_buyer_s_beside_that_of_the_goods() -> None:
    found = fields_of(extracted(GOODS, DocumentType.DELIVERY_NOTE).contract)
    assert (found["buyer.name"], found["buyer.address.city"]) == ("Malerbetrieb Gro\u00df GmbH", "Stuttgart")
    assert found["ship_to.name"] == "Baustelle Kita Sonnenhof"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kirchgemeinde\nSeeblick\nSeestrasse 14", "Kirchgemeinde Seeblick"),
        ("Verein der Freunde des\nStadtgartens\nAm Anger 3", "Verein der Freunde des Stadtgartens"),
    ],
)  # fmt: skip
def test_a_name_that_says_only_what_kind_of_body_it_is_goes_on_below(text: str, name: str) -> None:
    found = names_of(text)
    assert name in found
    assert text.split("\n")[0] not in found


def test_a_post_office_box_is_no_name_behind_a_label_either() -> None:
    assert not any("BOX" in name for name in names_of("REMIT TO: PO BOX 671140, DALLAS TX 75267-1140"))


def test_a_sign_in_capitals_and_the_full_name_below_are_two_names() -> None:
    found = names_of("MES\u00d3N LA PARRA\nRestauraciones Olmedo S.L.\nCalle Real 3")
    assert "Restauraciones Olmedo S.L." in found
    assert "MES\u00d3N LA PARRA Restauraciones Olmedo S.L." not in found


def test_who_holds_a_contract_is_the_buyer() -> None:
    text = """
Aguas del Vinalop\u00f3 S.A.
Avda. del Agua 3, 03201 Elche - CIF A03111111

Factura F-118
Titular: Talleres Ib\u00e1\u00f1ez S.L. \u00b7 NIF B03999999 \u00b7 Direcci\u00f3n: C/ del Sol 9, 03801 Alcoy
Total                   123,00 EUR
"""
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "es").contract)
    assert (found["buyer.name"], found["buyer.address.city"]) == ("Talleres Ib\u00e1\u00f1ez S.L.", "Alcoy")
    assert (found["seller.vat_id"], found["buyer.vat_id"]) == ("ESA03111111", "ESB03999999")


SIGN = (
    """
M\u00e9canique
Garage Perrin & Fils
3 route de Lyon
01000 Bourg-en-Bresse

                              M. Paul Durand
                              2 rue du Puits
                              01000 Bourg-en-Bresse

Facture F-118
Total TTC               123,00 EUR
"""
    + "\n" * 40
    + "SARL Garage Perrin & Fils au capital de 8 000 \u20ac - SIRET 75208831000012"
)


def test_a_slogan_over_the_name_that_the_foot_repeats_is_not_the_seller_s_name() -> None:
    found = fields_of(extracted(SIGN, DocumentType.SUPPLIER_INVOICE, "fr").contract)
    assert found["seller.name"] == "Garage Perrin & Fils"
    assert found["seller.address.street"] == "3 route de Lyon"


HOLDER = """
Huizinga
schilders sinds 1921
                              Bakkerij De Vries B.V.
                              Dorpsstraat 3
                              9711 AB Groningen

Factuur 2026-118
Totaal                  123,00
"""


def test_an_account_s_holder_tells_the_name_of_a_sign_in_full() -> None:
    foot = "Rekening NL91 ABNA 0417 1643 00 t.n.v. Schildersbedrijf Huizinga, Kade 3, 9712 AB Groningen"
    text = HOLDER + "\n" * 40 + foot
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "nl").contract)
    assert found["seller.name"] == "Schildersbedrijf Huizinga"
    assert found.get("seller.address.postcode") != "1921"
