"""Extraction, from words on a page to a typed contract with evidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents import parties, postcodes, towns
from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Subtype, TradeDocument, fields_of
from abax.documents.extract import Extraction, extract
from abax.documents.identify import Identity
from abax.documents.pages import Page, PageSource, Reading
from abax.documents.spans import look

from tests.unit.documents.made import reading_of

INVOICE = """
Nordwind Werkzeuge GmbH
Hafenstraße 12
20457 Hamburg

Rechnungsempfänger:
Bäckerei Sommer KG
Marktplatz 3
50667 Köln

Rechnung
Rechnungsnummer:    RE-2024-0815
Rechnungsdatum:     05.03.2024
Fällig am:          04.04.2024
Ihre Bestellung:    B-4711

Pos   Artikel      Bezeichnung               Menge      Einzelpreis       Betrag
1     A-100        Bohrmaschine                  2           100,00       200,00
2     A-200        Schleifscheibe               10             5,00        50,00

Summe netto                                                               250,00
MwSt 19 %                                                                  47,50
Gesamtbetrag                                                              297,50 EUR

IBAN: DE89 3704 0044 0532 0130 00    BIC: COBADEFFXXX
USt-IdNr.: DE136695976
"""


def extracted(
    text: str, type_: DocumentType = DocumentType.SUPPLIER_INVOICE, language: str = "de"
) -> Extraction:
    return extract(
        reading_of(text, language),
        Classification(type=type_, confidence=1.0),
        Identity(subtype=Subtype.STANDARD),
    )


@pytest.fixture(scope="module")
def invoice() -> Extraction:
    return extracted(INVOICE)


def test_an_invoice_is_read_into_its_contract(invoice: Extraction) -> None:
    contract = invoice.contract
    assert isinstance(contract, TradeDocument)
    assert contract.number == "RE-2024-0815"
    assert (contract.issue_date, contract.due_date) == (date(2024, 3, 5), date(2024, 4, 4))
    assert contract.currency == "EUR"
    totals = contract.totals
    assert (totals.net, totals.tax, totals.gross) == (Decimal("250.00"), Decimal("47.50"), Decimal("297.50"))
    assert contract.bank_accounts[0].iban == "DE89370400440532013000"
    assert contract.seller.vat_id == "DE136695976"
    assert contract.references.order_number == "B-4711"


def test_lines_come_from_the_columns_that_their_headings_name(invoice: Extraction) -> None:
    assert isinstance(invoice.contract, TradeDocument)
    lines = invoice.contract.lines
    assert [line.description for line in lines] == ["Bohrmaschine", "Schleifscheibe"]
    assert [line.quantity for line in lines] == [Decimal(2), Decimal(10)]
    assert [line.net_amount for line in lines] == [Decimal("200.00"), Decimal("50.00")]
    assert [line.item_number for line in lines] == ["A-100", "A-200"]


def test_the_tax_breakdown_has_its_base(invoice: Extraction) -> None:
    assert isinstance(invoice.contract, TradeDocument)
    assert [(tax.rate, tax.amount) for tax in invoice.contract.taxes] == [(Decimal(19), Decimal("47.50"))]


def test_a_heading_says_who_the_buyer_is_and_the_address_stands_below(invoice: Extraction) -> None:
    assert isinstance(invoice.contract, TradeDocument)
    buyer = invoice.contract.buyer
    assert (buyer.name, buyer.address.postcode, buyer.address.city) == ("Bäckerei Sommer KG", "50667", "Köln")


def test_every_value_has_its_evidence_with_page_and_box(invoice: Extraction) -> None:
    said = set(fields_of(invoice.contract)) - {"type", "subtype", "language"}
    assert said <= set(invoice.evidence)
    assert all(invoice.evidence[path].box is not None for path in said)


def test_lines_go_on_over_a_page_break() -> None:
    first = reading_of(INVOICE.split("2     A-200")[0])
    rest = "Pos   Artikel      Bezeichnung               Menge      Einzelpreis       Betrag\n2     A-200"
    second = reading_of(rest + INVOICE.split("2     A-200")[1])
    page = second.pages[0]
    both = Reading(
        (*first.pages, Page(2, page.width, page.height, page.lines, PageSource.TEXT)), language="de"
    )
    found = extract(
        both,
        Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=1.0),
        Identity(subtype=Subtype.STANDARD),
    )
    assert isinstance(found.contract, TradeDocument)
    assert [line.position for line in found.contract.lines] == ["1", "2"]
    assert found.evidence["lines[1].quantity"].page == 2


def test_a_document_without_words_gives_an_empty_contract() -> None:
    found = extract(
        Reading((Page(1, 595, 842, (), PageSource.TEXT),)),
        Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=1.0),
        Identity(subtype=Subtype.STANDARD),
    )
    assert isinstance(found.contract, TradeDocument)
    assert found.contract.number is None


@pytest.mark.parametrize("type_", list(DocumentType))
def test_any_type_can_be_asked_of_any_page(type_: DocumentType) -> None:
    assert extracted(INVOICE, type_).contract.type is type_


HEADLESS = """
Journal Holdings plc
Journal Voucher
JV No. JV-2026-03-118    Date: 31/03/2026

A/c code   Account name     Cost centre    Narrative     Dr          Cr
6410       Rent             210            Release       500.00
1310       Prepayments                     Rent Q1                   500.00
Totals                                                   500.00      500.00
"""


def test_a_title_and_a_document_s_number_are_no_address() -> None:
    found = fields_of(extracted(HEADLESS, DocumentType.JOURNAL_VOUCHER, "en").contract)
    assert not [path for path in found if path.startswith("company.address.")]


@pytest.mark.parametrize(
    ("code", "is_one"),
    [("JV-2026-03-118", False), ("30.06.2026", False), ("00-950 Warszawa", True), ("8810 Horgen", True)],
)
def test_a_postcode_is_no_part_of_a_longer_code(code: str, is_one: bool) -> None:
    assert bool(postcodes.POSTCODE.search(code)) is is_one


def names_of(text: str) -> set[str]:
    sight = look(reading_of(text))
    return {line.text for line in parties.lines_of(sight)}


def test_headings_of_a_table_titles_and_words_of_forms_name_nobody() -> None:
    names = names_of("""
Rechnung
Page
Part no.    Description     Bin    Requested    Issued    Unit
SEAL        Seal            B      12           12        pcs
""")
    assert not names & {"Rechnung", "Page", "Description", "Requested", "Bin", "Issued"}


def test_a_comma_before_a_legal_form_belongs_to_the_name() -> None:
    assert "Montajes Cinca, S.L." in names_of("Montajes Cinca, S.L., Calle Mayor 3, 22001 Huesca")
    assert "Montajes Cinca" not in names_of("Montajes Cinca, S.L.")
    assert "Nordwind Werkzeuge" in names_of("Nordwind Werkzeuge, Hafenstr. 12, 20457 Hamburg")


def test_lines_to_a_person_are_no_part_of_a_name_and_tell_who_is_written_to() -> None:
    text = """
Verlag Morgenrot GmbH
z. Hd. Frau Petersen
Ahornweg 4
20457 Hamburg
"""
    lines = parties.lines_of(look(reading_of(text)))
    assert not [line for line in lines if "Petersen" in line.text]
    [line] = [line for line in lines if line.text == "Verlag Morgenrot GmbH"]
    assert line.attention
    assert parties.by_next_line(line, "addressee", 0.1) > 0.5 > parties.by_next_line(line, "writer", 0.9)


@pytest.mark.parametrize(
    ("lines", "language", "day"),
    [
        ("zu Rechnung RE-2026-1409 vom 18.08.2026\nDatum: 01.09.2026", "de", date(2026, 9, 1)),
        ("Passée le : 28/03/2026\nDate de facture : 30/03/2026", "fr", date(2026, 3, 30)),
        ("Pesaro, 3 marzo 2026\nOggetto: fattura n. 1188 del 30/11/2025", "it", date(2026, 3, 3)),
    ],
)
def test_the_issue_date_is_not_that_of_another_document(lines: str, language: str, day: date) -> None:
    assert extracted(lines, DocumentType.SUPPLIER_INVOICE, language).contract.issue_date == day


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("DK-8600 Silkeborg", ("8600", "Silkeborg", "DK", None)),
        ("412 50 Göteborg, Sweden", ("412 50", "Göteborg", "SE", None)),
        ("1420 Fifth Avenue, Suite 2810, Seattle, WA 98101", ("98101", "Seattle", None, "WA")),
        ("San Francisco, California 94105", ("94105", "San Francisco", None, "California")),
        ("Otley Road, Ilkley LS29 8HX", ("LS29 8HX", "Ilkley", None, None)),
        ("29100 Douarnenez – 02 98 92 55 07", ("29100", "Douarnenez", None, None)),
    ],
)
def test_city_postcode_country_and_region_of_a_line(text: str, parts: tuple[str | None, ...]) -> None:
    assert towns.town_of(text)[:4] == parts


ORDER = """
PURCHASE ORDER                     PO Number: 4500098812
Great Plains Milling Company       Buyer: D. Kessler
1200 Elevator Road
Salina, KS 67401

Vendor
Midwest Drive Components Inc
77 Foundry Ave
Wichita, KS 67203

Terms: 2% 10 Net 45
"""


def test_a_clerk_is_not_the_buyer_and_american_terms_are_read() -> None:
    found = fields_of(extracted(ORDER, DocumentType.PURCHASE_ORDER, "en").contract)
    assert found.get("buyer.name") != "D. Kessler"
    assert found["seller.name"] == "Midwest Drive Components Inc"


def test_what_is_owed_is_the_whole_where_no_label_tells_it() -> None:
    text = INVOICE.replace("Gesamtbetrag ", "Rechnungsbetrag")
    extraction = extracted(text, DocumentType.SUPPLIER_INVOICE, "de")
    found = fields_of(extraction.contract)
    assert found["totals.due"] == found["totals.gross"] == Decimal("297.50")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("IBAN DE89370400440532013000, BIC COBADEFF", "bank_accounts[0].bic", "COBADEFF"),
        ("Bitte überweisen Sie auf IBAN DE89370400440532013000", "terms.means", "credit transfer"),
        ("Zahlungsart:   Lastschrift", "terms.means", "direct debit"),
        ("Der Betrag wird von Ihrem Konto abgebucht.", "terms.means", "direct debit"),
        ("Terms: 2% 10, Net 30", "terms.net_days", 30),
        ("Sparkasse Ost  IBAN DE89370400440532013000", "bank_accounts[0].bank_name", "Sparkasse Ost"),
    ],
)
def test_how_and_where_to_pay(text: str, name: str, value: object) -> None:
    assert fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "de").contract).get(name) == value


def test_a_label_in_two_languages_is_known_by_either() -> None:
    labels = [label for seg in look(reading_of("Datum/Date 11/09/2026")).segs for label in seg.labels]
    assert any("issue_date" in label.kinds for label in labels)


def test_digits_of_a_telephone_are_no_postcode_and_a_number_alone_in_a_block_is_one() -> None:
    text = "Menuiserie Le Goff · 4 rue du Port · 29100 Douarnenez · Tel. 02988 55071\n\nFacture 12"
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "fr").contract)
    assert (found["seller.address.postcode"], found["seller.address.city"]) == ("29100", "Douarnenez")
    assert found["seller.address.street"] == "4 rue du Port"


def test_two_dates_with_to_between_them_are_a_period() -> None:
    text = "Rechnung 4711\nLeistungszeitraum: 01.04.2026 bis 30.04.2026"
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "de").contract)
    assert (found["period_start"], found["period_end"]) == (date(2026, 4, 1), date(2026, 4, 30))


def test_a_postcode_in_a_line_of_its_own_belongs_to_the_town_above_it() -> None:
    text = "Bill to:\nTregarth Lets Ltd\n4 Quay Street\nRedruth\nTR15 1AB\n"
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "en").contract)
    assert (found["buyer.address.city"], found["buyer.address.postcode"]) == ("Redruth", "TR15 1AB")


def test_a_heading_of_a_column_is_nobody_s_reference() -> None:
    text = "Référence   Désignation   Quantité   Montant\nA1   Panneau   2   10,00"
    found = fields_of(extracted(text, DocumentType.SUPPLIER_INVOICE, "fr").contract)
    assert "references.buyer_reference" not in found
