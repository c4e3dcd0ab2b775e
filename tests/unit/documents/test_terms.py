"""Terms of payment: their words, their days, and how to pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents.contracts import DocumentType

from tests.unit.documents.test_references import read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Betalingsconditie: 30 dagen netto. Gelieve te betalen voor 12-12-2026", "30 dagen netto"),
        (
            "Zahlungsziel: 14 Tage netto ohne Abzug, fällig am 24.07.26. Leergut extra.",
            "14 Tage netto ohne Abzug",
        ),
        ("Terms: 30 days from date of invoice. Goods remain ours.", "30 days from date of invoice"),
        ("Mode de règlement : LCR à 45 jours", "LCR à 45 jours"),
        ("FORMA DE PAGO: Recibo domiciliado 30 días   VENCIMIENTO: 09-07-2026", "Recibo domiciliado 30 días"),
        ("TERMS Net 30", "Net 30"),
        ("TERMS\nNet 15", "Net 15"),
        ("TERMS      Due on receipt", "Due on receipt"),
        ("Date         Number   Terms    PO\n03/02/2026   1188     Net 15   4471", "Net 15"),
        ("Condizioni         Scadenza\nRI.BA. 60 GG FM    03/04/2026", "RI.BA. 60 GG FM"),
        ("Condizioni di pagamento\nRI.BA. 60 GG. D.F.F.M.", "RI.BA. 60 GG. D.F.F.M"),
        ("Zahlbar innert 30 Tagen netto auf unser Konto", "Zahlbar innert 30 Tagen netto"),
        ("Zahlbar innerhalb 30 Tagen netto bis 04.04.2018, 3%\nSkonto innerhalb 10 Tagen", None),
        ("Termin płatności: 2026-06-12", ""),
        ("Netto a pagare 12,00", ""),
    ],
)
def test_the_words_of_the_terms(text: str, words: str | None) -> None:
    wanted = text.replace("\n", " ") if words is None else words or None
    assert read(f"Invoice INV-17\n\n\n\n\n{text}").get("terms.text") == wanted


def test_days_of_returns_are_no_terms() -> None:
    assert "terms.net_days" not in read("Invoice INV-17\n\nReturns within 30 days of invoice only")


@pytest.mark.parametrize(
    "text", ["XXXXXXXXXXXX7719 VISA", "bezahlt mit VISA ****7719", "card ending in 7719"]
)
def test_a_card_is_known_by_its_last_digits(text: str) -> None:
    values = read(f"Invoice INV-17\n\n{text}")
    assert values["terms.card_number"] == "7719"
    assert values["terms.means"] == "card"
    receipt = read(f"Receipt 17\n\n{text}", DocumentType.RECEIPT)
    assert receipt["terms.card_number"] == "7719"


def test_a_structured_communication_is_what_the_payer_writes() -> None:
    values = read("Facture 17\n\nCommunication de paiement : +++202/6100/03926+++", language="fr")
    assert values["terms.remittance"] == "+++202/6100/03926+++"


def test_a_creditor_and_a_mandate_are_known_in_a_sentence() -> None:
    text = "Gläubiger-ID DE98ZZZ09999999999, Mandatsreferenz: QN-4471-01 wird am 14.06.2026 abgebucht"
    values = read(f"Rechnung 17\n\n{text}", language="de")
    assert values["terms.creditor_id"] == "DE98ZZZ09999999999"
    assert values["terms.mandate"] == "QN-4471-01"


def test_a_mandate_and_its_creditor_stand_in_brackets() -> None:
    values = read("Invoice INV-17\n\nZahlung per SEPA-Lastschrift (Mandat M-20418, DE98ZZZ09999999999)")
    assert values.get("terms.means") == "direct debit"
    assert (values.get("terms.mandate"), values.get("terms.creditor_id")) == ("M-20418", "DE98ZZZ09999999999")


def test_an_order_speaks_of_cards_without_being_paid_by_one() -> None:
    told = read("PURCHASE ORDER PO-17\n\nNo credit card fees accepted", DocumentType.PURCHASE_ORDER)
    assert "terms.means" not in told


@pytest.mark.parametrize(
    "text",
    [
        "Bei Zahlung bis 10.02.2026 3 % Skonto, bis 17.02.2026 2 % Skonto, bis 05.03.2026 netto",
        "10.02.2026   3,00 % Skonto   1.164,00\n17.02.2026   2,00 % Skonto   1.176,00",
        "Escompte 3 % avant le 10/02/2026 ; escompte 2 % avant le 17/02/2026",
    ],
)
def test_discounts_end_on_their_days(text: str) -> None:
    values = read(f"Rechnung Nr. 17\nRechnungsdatum 03.02.2026\n\n{text}", language="de")
    told = [
        (values.get(f"terms.discounts[{n}].percent"), values.get(f"terms.discounts[{n}].until"))
        for n in (0, 1)
    ]
    assert told == [(Decimal(3), date(2026, 2, 10)), (Decimal(2), date(2026, 2, 17))]


def test_terms_in_a_box_need_no_figure() -> None:
    values = read("Mode de règlement   Conditions\nVirement            Comptant à réception")
    assert (values.get("terms.means"), values.get("terms.text")) == (
        "credit transfer",
        "Comptant à réception",
    )
