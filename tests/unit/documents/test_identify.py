"""Which kind of its type, whose, in which layout."""

from __future__ import annotations

import pytest
from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Subtype
from abax.documents.identify import identify, layout_of
from abax.documents.pages import Reading
from abax.documents.synthetic import generate

from tests.unit.documents.test_classify import INVOICE, page_of, reading

AS_INVOICE = Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=1.0)


@pytest.mark.parametrize(
    ("title", "subtype"),
    [
        ("Pro Forma Invoice", Subtype.PRO_FORMA),
        ("Anzahlungsrechnung", Subtype.DOWN_PAYMENT),
        ("2. Abschlagsrechnung", Subtype.PARTIAL),
        ("Fattura a saldo", Subtype.FINAL),
        ("Autofacture", Subtype.SELF_BILLED),
        ("Faktura korygująca", Subtype.CORRECTION),
        ("Abonnementsfactuur", Subtype.RECURRING),
        ("Recordatorio de pago", Subtype.REMINDER),
        ("Sammelrechnung", Subtype.CONSOLIDATED),
        ("Invoice", Subtype.STANDARD),
    ],
)
def test_the_title_tells_the_subtype(title: str, subtype: Subtype) -> None:
    assert identify(reading(*INVOICE[:3], title, *INVOICE[4:], tall=3), AS_INVOICE).subtype is subtype


def test_a_framework_contract_is_a_purchase_order_of_its_own_kind() -> None:
    order = Classification(type=DocumentType.PURCHASE_ORDER, confidence=1.0)
    assert identify(reading("Kunde AG", "Rahmenvertrag", "Nr. 7"), order).subtype is Subtype.CONTRACT


def test_a_subtype_in_running_text_is_none() -> None:
    rows = (
        *INVOICE,
        "We sent you a payment reminder for the pro forma invoice of last month.",
    )
    assert identify(reading(*rows, tall=3), AS_INVOICE).subtype is Subtype.STANDARD


def test_the_issuer_is_known_by_the_vat_id_in_the_footer_not_by_the_customers() -> None:
    rows = ["Lieferant GmbH", "Rechnung", "Ihre USt-IdNr. DE136695976", *[""] * 48, "USt-IdNr. DE129273398"]
    found = identify(Reading((page_of(rows),), language="de"), AS_INVOICE)
    assert found.issuer == "DE129273398"


def test_without_a_vat_id_the_account_tells_the_issuer_of_an_invoice() -> None:
    assert identify(reading(*INVOICE), AS_INVOICE).issuer == "GB33BUKB20201555555555"


def test_without_either_the_name_in_the_letterhead_does() -> None:
    note = Classification(type=DocumentType.DELIVERY_NOTE, confidence=1.0)
    assert identify(reading("Acme Trading Ltd", "Delivery Note", "Bolts 10"), note).issuer == "acmetradingltd"


def test_documents_of_one_issuer_mostly_share_their_layout() -> None:
    found: dict[str, list[str]] = {}
    for sample in generate(
        60, seed=8, types=[DocumentType.SUPPLIER_INVOICE], languages=["de", "en"], issuers=6
    ):
        found.setdefault(sample.layout, []).append(layout_of(sample.reading))
    several = [keys for keys in found.values() if len(keys) > 3]
    shared = sum(max(map(keys.count, keys)) for keys in several)
    assert shared / sum(map(len, several)) > 0.6


def test_an_empty_reading_has_no_issuer_and_no_layout() -> None:
    found = identify(Reading(()), AS_INVOICE)
    assert (found.issuer, found.layout, found.subtype) == (None, "", Subtype.STANDARD)
