"""A document's own number: beside its label, below it, or in the title."""

from __future__ import annotations

import pytest
from abax.documents import numbering, spans
from abax.documents.contracts import DocumentType

from tests.unit.documents.made import reading_of


def number_in(text: str, type_: DocumentType = DocumentType.SUPPLIER_INVOICE) -> str | None:
    """The number that is told in a text, printed in letters of six by ten points."""
    found = numbering.own_number(spans.look(reading_of(text, "en")), type_)
    return found.text if found else None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Invoice number: 7F3A91C2-0014", "7F3A91C2-0014"),
        ("Rechnungsnummer 90026118", "90026118"),
        ("Rechnungsnummer        82 4415 9031 7702", "82 4415 9031 7702"),
        ("Rechnungs-Nr.: AR 26-0417-2", "AR 26-0417-2"),
        ("RECHNUNG Nr. 418/26 - Kundennr. 2207", "418/26"),
        ("Faktura VAT nr FS/218/04/2026", "FS/218/04/2026"),
        ("FATTURA N. 212/A", "212/A"),
        ("Número de factura: A-2026/07", "A-2026/07"),
    ],
)
def test_the_number_beside_its_label_or_title(text: str, number: str) -> None:
    assert number_in(text) == number


def test_the_number_below_its_label() -> None:
    assert number_in("Invoice number          Date\n4711-B                  3 May 2026") == "4711-B"


def test_the_number_of_an_order_confirmation_stands_in_its_title() -> None:
    assert number_in("Auftragsbestätigung AB 2611-204", DocumentType.SALES_ORDER) == "AB 2611-204"


@pytest.mark.parametrize(
    "text",
    [
        "Ihre Rechnung für Mai 2026",
        "zu Rechnungsnummer RE-2026-1409 vom 18.08.2026",
        "Rechnung vom 05.03.2024",
        "Invoice total 1,250.00",
        "Invoice",
    ],
)
def test_dates_amounts_and_other_documents_are_no_number(text: str) -> None:
    assert number_in(text) is None
