"""Extraction, from words on a page to a typed contract with evidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Subtype, TradeDocument, fields_of
from abax.documents.extract import Extraction, extract
from abax.documents.identify import Identity
from abax.documents.layout import lines_of
from abax.documents.pages import Page, PageSource, Reading, Word

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


def reading_of(text: str, language: str = "de") -> Reading:
    """A text as if it were printed in letters of six by ten points."""
    words = []
    for row, line in enumerate(text.strip("\n").split("\n")):
        column = 0
        for part in line.split(" "):
            if part:
                x, y = 40 + 6 * column, 40 + 14 * row
                words.append(Word(part, x, y, x + 6 * len(part), y + 10))
            column += len(part) + 1
    page = Page(1, 595, 842, lines_of(words), PageSource.TEXT)
    return Reading((page,), language=language)


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
