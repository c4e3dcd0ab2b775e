from __future__ import annotations

import re

import pytest
from abax.documents import addresses
from abax.documents.blocks import Columns
from abax.documents.contracts import DocumentType, fields_of
from abax.documents.parties import Line
from abax.documents.spans import look

from tests.unit.documents.made import reading_of
from tests.unit.documents.test_extract import extracted


def address_of(text: str) -> tuple[str | None, ...]:
    """Street, additional, postcode, city, region and country under the name in the first line."""
    sight = look(reading_of(text))
    first = sight.rows[0].segs[0]
    name = re.split(r" [\u00b7|\u2013] |, |\. (?=R)", text.strip().split("\n")[0])[0]
    line = Line(first, 0, len(name), name)
    found = addresses.postal(line, sight, Columns(sight)).address
    return found.street, found.additional, found.postcode, found.city, found.region, found.country


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        # the United Kingdom and Ireland: the town over its postcode, a county between, houses with names
        ("Acre Ltd\n3 Mill Yard\nBridge Street\nTROWBRIDGE\nBA14 8RL\nUNITED KINGDOM",
         ("3 Mill Yard, Bridge Street", None, "BA14 8RL", "TROWBRIDGE", None, "GB")),
        ("Acre Ltd\n21 Brunel Way\nThornbury\nSouth Glos\nBS35 3UT",
         ("21 Brunel Way", None, "BS35 3UT", "Thornbury", "South Glos", None)),
        ("Acre Ltd\nPhoenix Works\nBradford Road\nBatley, West Yorkshire WF17 5LU",
         ("Phoenix Works, Bradford Road", None, "WF17 5LU", "Batley", "West Yorkshire", None)),
        ("Acre Ltd\nRaheen Business Park\nLimerick V94 K8PP\nIreland",
         ("Raheen Business Park", None, "V94 K8PP", "Limerick", None, "IE")),
        ("Acre Ltd\n5 Merrion Mews\nDublin 2\nD02 X285",
         ("5 Merrion Mews", None, "D02 X285", "Dublin", None, None)),
        ("Acre Ltd\nUnit 3\nBallincollig\nCo. Cork\nP31 K276\u0020\nIreland",
         ("Unit 3", None, "P31 K276", "Ballincollig", "Co. Cork", "IE")),
        ("Acre Ltd, 40 Whitefriars Lane, Norwich, NR3 1BN",
         ("40 Whitefriars Lane", None, "NR3 1BN", "Norwich", None, None)),
        ("Acre Ltd\nOtley Road, Ilkley LS29 8HX\nCredit control 01943 555 202",
         ("Otley Road", None, "LS29 8HX", "Ilkley", None, None)),
        ("Acre Ltd\nStation Yard\nClitheroe\nBB7 2EA",
         ("Station Yard", None, "BB7 2EA", "Clitheroe", None, None)),
        # the United States and Canada
        ("Acre Inc\n418 Sycamore Bend\nNashville, TN 37205",
         ("418 Sycamore Bend", None, "37205", "Nashville", "TN", None)),
        ("Acre Inc\n2901 W Expressway 83\nMcAllen, TX, 78501\nUnited States",
         ("2901 W Expressway 83", None, "78501", "McAllen", "TX", "US")),
        ("Acre Inc\n900 Pearl Street\nFloor 2\nBoulder, CO 80302-1234",
         ("900 Pearl Street", "Floor 2", "80302-1234", "Boulder", "CO", None)),
        ("Acre Inc\n1 Market St\nSan Francisco, California 94105",
         ("1 Market St", None, "94105", "San Francisco", "California", None)),
        ("Acre Inc\n350 Fifth Ave\nNew York NY 10118",
         ("350 Fifth Ave", None, "10118", "New York", "NY", None)),
        ("Acre Inc.\n77 Wharf Lane, Unit 4\nHalifax, Nova Scotia\nB3J 1S6\nCanada",
         ("77 Wharf Lane, Unit 4", None, "B3J 1S6", "Halifax", "Nova Scotia", "CA")),
        ("Acre Inc.\n19 Harbour Street\nSaint Andrews NB E5B 2K4",
         ("19 Harbour Street", None, "E5B 2K4", "Saint Andrews", "NB", None)),
        # India, Australia, Malaysia, Singapore
        ("Acre LLP\nDoor 8-44, Port Road\nVisakhapatnam\nAndhra Pradesh 530035\nIndia",
         ("Door 8-44, Port Road", None, "530035", "Visakhapatnam", "Andhra Pradesh", "IN")),
        ("Acre LLP\n14/2 Peenya 2nd Stage\nBengaluru Karnataka 560058",
         ("14/2 Peenya 2nd Stage", None, "560058", "Bengaluru", "Karnataka", None)),
        ("Acre LLP\n5 MG Road\nMumbai - 400 001, Maharashtra, India",
         ("5 MG Road", None, "400 001", "Mumbai", "Maharashtra", "IN")),
        ("Acre Ltd\n153 Victoria Street\nGB SW1B 3BN London",
         ("153 Victoria Street", None, "SW1B 3BN", "London", None, "GB")),
        ("Acre Pty Ltd\nLevel 2\n4 King William Street\nAdelaide SA 5000",
         ("4 King William Street", "Level 2", "5000", "Adelaide", "SA", None)),
        ("Acre Pty Ltd\n12 Smith Street\nCarlton VIC 3053\nAustralia",
         ("12 Smith Street", None, "3053", "Carlton", "VIC", "AU")),
        ("Acre Pte Ltd\n10 Anson Road\nSingapore 079903",
         ("10 Anson Road", None, "079903", "Singapore", None, "SG")),
        ("ACRE SDN BHD\nNO. 18, JALAN KENARI 5,\nBANDAR PUCHONG JAYA,\n47100 PUCHONG, SELANGOR",
         ("NO. 18, JALAN KENARI 5, BANDAR PUCHONG JAYA", None, "47100", "PUCHONG", "SELANGOR", None)),
        # the continent
        ("Acre GmbH\nGutenbergstra\u00dfe 71\n14467 Potsdam\nDeutschland",
         ("Gutenbergstra\u00dfe 71", None, "14467", "Potsdam", None, "DE")),
        ("Acre GmbH\nMariahilfer Stra\u00dfe 88a/4\nA-1070 Wien",
         ("Mariahilfer Stra\u00dfe 88a/4", None, "1070", "Wien", None, "AT")),
        ("Acre AG\nMarktgasse 5\nCH-9500 Wil SG", ("Marktgasse 5", None, "9500", "Wil SG", None, "CH")),
        ("Acre Ltd\nGutenbergstrasse 71\nPotsdam, Brandenburg 14467, DE",
         ("Gutenbergstrasse 71", None, "14467", "Potsdam", "Brandenburg", "DE")),
        ("Acre SARL\n38 avenue du Kirchberg\nL - 1855 Luxembourg",
         ("38 avenue du Kirchberg", None, "1855", "Luxembourg", None, "LU")),
        ("Acre SAS\nZA de Kerlann\n4 rue des Forgerons\n35170 BRUZ",
         ("4 rue des Forgerons", "ZA de Kerlann", "35170", "BRUZ", None, None)),
        ("Acre SA\n8 rue de la F\u00e9d\u00e9ration\n92130 Issy-les-Moulineaux Cedex 9\nFRANCE",
         ("8 rue de la F\u00e9d\u00e9ration", None, "92130", "Issy-les-Moulineaux Cedex 9", None, "FR")),
        ("Acre SL\nPol. Ind. La Ca\u00f1ada, nave 17\n46980 Paterna (Valencia)",
         ("Pol. Ind. La Ca\u00f1ada, nave 17", None, "46980", "Paterna", "Valencia", None)),
        ("Acre SA\nCarretera de Ronda km 4\n29400 Ronda, M\u00e1laga, Espa\u00f1a",
         ("Carretera de Ronda km 4", None, "29400", "Ronda", "M\u00e1laga", "ES")),
        ("Acre SA\nCalle Larios 18, 3\u00ba B\nM\u00e1laga (29005), M\u00e1laga, Espa\u00f1a",
         ("Calle Larios 18, 3\u00ba B", None, "29005", "M\u00e1laga", "M\u00e1laga", "ES")),
        ("Acre SL\nC.I.F.: B-46502183\nC/ Mayor, 44\n46940 MANISES (VALENCIA)",
         ("C/ Mayor, 44", None, "46940", "MANISES", "VALENCIA", None)),
        ("Acre srl\nStrada Tuderte 18\n06132 Perugia PG\nItalia",
         ("Strada Tuderte 18", None, "06132", "Perugia", "PG", "IT")),
        ("Acre srl\nVia Emilia Est, 844\n41125 - Modena (MO)",
         ("Via Emilia Est, 844", None, "41125", "Modena", "MO", None)),
        ("Acre BV\nHavenstraat 88\n3115 HB Schiedam\nNederland",
         ("Havenstraat 88", None, "3115 HB", "Schiedam", None, "NL")),
        ("Acre BV\nschilders sinds 1921\nKade 3\n9712 AB Groningen",
         ("Kade 3", None, "9712 AB", "Groningen", None, None)),
        # a sorting office, the word for a postcode, a town called as its country, a street as a day
        ("Acre SAS\n12 rue Haute\nCS 40118\n75008 PARIS CEDEX 08",
         ("12 rue Haute", "CS 40118", "75008", "PARIS CEDEX 08", None, None)),
        ("Acre SA de CV\nCalle 5 de Mayo 12\n06000 Ciudad de M\u00e9xico",
         ("Calle 5 de Mayo 12", None, "06000", "Ciudad de M\u00e9xico", None, None)),
        ("Acre SA de CV\nReforma 222\nC.P. 06600, Cuauht\u00e9moc, Ciudad de M\u00e9xico",
         ("Reforma 222", None, "06600", "Cuauht\u00e9moc", "Ciudad de M\u00e9xico", None)),
        ("Acre inc.\n4 rue Saint-Paul\nMontr\u00e9al (Qu\u00e9bec) H2X 1Y4",
         ("4 rue Saint-Paul", None, "H2X 1Y4", "Montr\u00e9al", "Qu\u00e9bec", None)),
        ("Acre Sp. z o.o.\nul. Fabryczna 17\n50-454 Wroc\u0142aw\nPolska",
         ("ul. Fabryczna 17", None, "50-454", "Wroc\u0142aw", None, "PL")),
        ("Acre Lda.\nRua da Sofia, 132\n3000-390 Coimbra",
         ("Rua da Sofia, 132", None, "3000-390", "Coimbra", None, None)),
        ("Acre AB\nIndustrigatan 14\n931 57 Skellefte\u00e5",
         ("Industrigatan 14", None, "931 57", "Skellefte\u00e5", None, None)),
        ("Acre s.r.o.\nBrn\u011bnsk\u00e1 418/22\n779 00 Olomouc\n\u010cesk\u00e1 republika",
         ("Brn\u011bnsk\u00e1 418/22", None, "779 00", "Olomouc", None, "CZ")),
        ("Acre ApS\nHavnegade 5\nDK-8000 Aarhus C", ("Havnegade 5", None, "8000", "Aarhus C", None, "DK")),
    ],
)  # fmt: skip
def test_addresses_of_many_countries(text: str, parts: tuple[str | None, ...]) -> None:
    assert address_of(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Men KG \u00b7 Hauptstr. 5 \u00b7 04157 Leipzig \u00b7 Tel. 0341 55580 \u00b7 AG Leipzig HRA 14",
         ("Hauptstr. 5", "04157", "Leipzig")),
        ("Men KG \u00b7 Tel. 0341 55580 \u00b7 Hauptstr. 5 \u00b7 04157 Leipzig \u00b7 info@menken.example",
         ("Hauptstr. 5", "04157", "Leipzig")),
        ("Thes SAS \u00b7 Si\u00e8ge social : 6 rue du Port, 29900 Concarneau \u00b7 SIRET 75208831000012",
         ("6 rue du Port", "29900", "Concarneau")),
        ("Kittiwake Limited. Registered office: Distribution Way, Coventry CV7 9QN. Registered in England",
         ("Distribution Way", "CV7 9QN", "Coventry")),
        ("Calder Ltd, Phoenix Works, Bradford Road, Batley WF17 5LU \u00b7 Tel 01924 555 030 \u00b7 VAT GB1",
         ("Phoenix Works, Bradford Road", "WF17 5LU", "Batley")),
        ("Tolosa SL | C/ Mayor, 44 | 46940 Manises | Tel. 96 155 50 77 | CIF B46502183",
         ("C/ Mayor, 44", "46940", "Manises")),
        ("Ploeg BV \u2013 Marktstraat 9 \u2013 7607 HC Almelo \u2013 KvK 08188402 \u2013 BTW NL104482175B01",
         ("Marktstraat 9", "7607 HC", "Almelo")),
    ],
)  # fmt: skip
def test_a_line_with_all_of_a_party_has_its_address_up_to_a_label(text: str, parts: tuple[str, ...]) -> None:
    street, _, postcode, city, _, _ = address_of(text)
    assert (street, postcode, city) == parts


APART = """
Alpenblick                            Gasteiger \u00b7 A-6364 Brixen im Thale \u00b7 Dorfstra\u00dfe 61

Ingenieurb\u00fcro Falk OG
Mariahilfer Stra\u00dfe 88
1070 Wien

Rechnung R-118407
Datum: 16.02.2026

Bezeichnung              Menge   Einzelpreis   Gesamt
Zimmer                   4       20,00         80,00
Gesamtbetrag                                   80,00

Hotel Alpenblick Gasteiger GmbH \u00b7 Tel. +43 5334 555 0 \u00b7 UID ATU68144037
"""


def test_an_address_that_stands_apart_from_the_name_is_the_writer_s() -> None:
    found = fields_of(extracted(APART, DocumentType.SUPPLIER_INVOICE, "de").contract)
    assert found["buyer.address.city"] == "Wien"
    assert (found["seller.address.postcode"], found["seller.address.city"]) == ("6364", "Brixen im Thale")
    assert found["seller.address.street"] == "Dorfstra\u00dfe 61"


FORM = """
Copyrent Umbra srl
Regime fiscale: RF01 (ordinario)
Indirizzo: Strada Tuderte 18
Comune: Perugia Provincia: PG
Cap: 06132 Nazione: IT
"""


def test_the_parts_of_an_address_may_have_labels_of_their_own() -> None:
    assert address_of(FORM) == ("Strada Tuderte 18", None, "06132", "Perugia", "PG", "IT")
    german = "Acre GmbH\nStra\u00dfe: Marktplatz 3\nPLZ/Ort: 50667 K\u00f6ln\nLand: Deutschland"
    assert address_of(german) == ("Marktplatz 3", None, "50667", "K\u00f6ln", None, "DE")


def test_who_is_paid_is_no_party_apart_where_it_is_the_seller() -> None:
    text = """
Bramble Hosting

Invoiced To                 Pay To
Orchard Hill Cidery         Bramble Hosting, Inc.
41 County Road 12           900 Pearl Street
Highland, NY, 12528         Boulder, CO, 80302
"""
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "en").contract)
    assert "payee.name" not in found


def test_goods_may_go_to_an_address_without_a_name() -> None:
    text = """
Windvang Energie N.V.
Stationsplein 12, 7311 NZ Apeldoorn

Brasserie De Waag
Brink 56
7411 BV Deventer

Factuur 8804
Leveringsadres: Brink 56, Deventer
Totaal              779,66
"""
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "nl").contract)
    assert (found["ship_to.address.street"], found["ship_to.address.city"]) == ("Brink 56", "Deventer")
    assert "ship_to.name" not in found
    assert found["buyer.name"] == "Brasserie De Waag"


def test_where_a_firm_wants_to_be_paid_is_its_address() -> None:
    text = "Lonestar Supply\nREMIT TO: PO BOX 671140, DALLAS TX 75267-1140\nPHONE 214-555-0176"
    assert address_of(text)[:5] == ("PO BOX 671140", None, "75267-1140", "DALLAS", "TX")
