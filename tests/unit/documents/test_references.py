"""Numbers of other documents, and what the sides know each other by."""

from __future__ import annotations

from datetime import date

import pytest
from abax.documents.contracts import DocumentType, Subtype
from abax.documents.fields import Fields, filled

from tests.unit.documents.made import reading_of


def read(
    text: str, type_: DocumentType = DocumentType.SUPPLIER_INVOICE, language: str = "en"
) -> dict[str, object]:
    fields = Fields(reading_of(text, language), type_, Subtype.STANDARD)
    filled(fields)
    return fields.values


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Client : C4471", "C4471"),
        ("N° client : 20418", "20418"),
        ("Kunde: 44 120", "44 120"),
        ("Mandant 20713", "20713"),
        ("Account Ref   SHIP003", "SHIP003"),
        ("Cod. cliente: 001642", "001642"),
        ("Klantnummer 61044829", "61044829"),
        ("Nr klienta: 77-118", "77-118"),
        ("Account number:\n4180-7725-9916", "4180-7725-9916"),
        ("Date         Number      Client\n03/02/2026   F26-118     C-0093", "C-0093"),
        ("Date         Number      Customer ID\n03/02/2026   F26-118     HAR-22", "HAR-22"),
        ("Date         Number      Account\n03/02/2026   F26-118     SHIP003", "SHIP003"),
        ("Kd.-Nr.: 2207 / Sachb.: Meier", "2207"),
        (
            "Documento   Numero   Del          Cod. cliente\nFattura     118/A    03/02/2026   4300417",
            "4300417",
        ),
        ("Client\nC-0093", "C-0093"),
        ("N° client\n41177", "41177"),
        ("Kunde\nDE136695976", None),
        ("Client\n3 rue Haute", None),
        ("Client : Menuiserie Chambost 42330", None),
        ("Bank: Malabar Bank, A/c No 918020044177365, IFSC MLCB0004418", None),
    ],
)
def test_what_the_buyer_is_known_by(text: str, number: str | None) -> None:
    assert read(f"Invoice INV-17\n\n{text}").get("buyer.identifier") == number


@pytest.mark.parametrize(
    ("text", "number", "day"),
    [
        ("Sur facture FA2025-1904 du 12/12/2025", "FA2025-1904", date(2025, 12, 12)),
        ("zu unserer Rechnung 9100447120 vom 28.05.2026, Grund: Schaden", "9100447120", date(2026, 5, 28)),
        ("do faktury nr FV/412/2026 z dnia 19.06.2026", "FV/412/2026", date(2026, 6, 19)),
        ("Rif. ns. fattura n. 1902 del 18/09/2026", "1902", date(2026, 9, 18)),
        ("Betreft factuur:  2026-0418", "2026-0418", None),
        ("Facture d'origine : FA26-118 du 12/12/2025", "FA26-118", date(2025, 12, 12)),
        ("Annule et remplace la facture FA26-118 du 12/12/2025", "FA26-118", date(2025, 12, 12)),
    ],
)
def test_a_memo_says_what_it_corrects(text: str, number: str, day: date | None) -> None:
    values = read(f"CREDIT NOTE CN-1\n\n{text}", DocumentType.CREDIT_MEMO)
    assert values.get("references.preceding[0]") == (number, day)


def test_a_buyer_s_reference_is_said_to_be_theirs() -> None:
    assert read("Invoice INV-17\n\nIhr Zeichen: MK-4").get("references.buyer_reference") == "MK-4"
    for text in ("Account: 7718", "Codice SDI: M5UXCR1", "ATTN: Dana 7"):
        assert "references.buyer_reference" not in read(f"Invoice INV-17\n\n{text}")


def test_who_is_paid_is_known_by_a_supplier_s_number() -> None:
    values = read("Remittance advice\n\nVendor No. V-20881", DocumentType.PAYMENT_ADVICE)
    assert values.get("payee.identifier") == "V-20881"


def test_a_vat_id_stands_below_its_label() -> None:
    values = read(
        "Larch Trading Ltd\n12 Mill Lane\nLeeds LS1 4AP\n\n\nVAT Number\n551820402\n\n\nInvoice INV-17"
    )
    assert values.get("seller.vat_id") == "GB551820402"


def test_the_date_beside_the_number_is_the_document_s() -> None:
    text = "Nummer/Datum      9140077253 / 08.09.2026\nLieferschein/Datum: 80551724 / 07.09.2026"
    assert read(text)["issue_date"] == date(2026, 9, 8)


def test_a_reference_of_a_credit_note_is_what_it_corrects() -> None:
    values = read("CREDIT NOTE\n\nReference\nINV-2218", DocumentType.CREDIT_MEMO)
    assert values["references.preceding[0]"] == ("INV-2218", None)
    assert read("INVOICE 7\n\nReference\nCJ-MAR")["references.buyer_reference"] == "CJ-MAR"


def test_the_year_of_a_title_is_no_number() -> None:
    assert (
        read("Betriebskostenabrechnung 2010\n\nRechnungsnummer: 471102", language="de")["number"] == "471102"
    )
    assert read("Betriebskostenabrechnung 2010", language="de").get("number") != "2010"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Number: AV26-9\n\nSur facture   du\nFA26-118      12/12/2025", ("FA26-118", date(2025, 12, 12))),
        (
            "Credit No.   Date         Original Invoice\nCN-22        03/02/2026   118207",
            ("118207", None),
        ),
    ],
)
def test_boxes_tell_what_a_memo_corrects(text: str, told: tuple[str, date | None]) -> None:
    values = read(f"CREDIT NOTE\n\n{text}", DocumentType.CREDIT_MEMO)
    assert values.get("references.preceding[0]") == told
    assert values.get("number") != "118207"


def test_a_lot_of_goods_is_no_tender() -> None:
    text = "Item      Lot      Quantity   Price   Amount\nBolts     50418    4          1.00    4.00"
    values = read(f"Invoice INV-17\n\n{text}")
    assert not {"references.tender", "references.project"} & set(values)
