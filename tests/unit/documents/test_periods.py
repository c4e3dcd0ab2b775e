"""Periods and days of payment that sentences tell."""

from __future__ import annotations

from datetime import date

import pytest
from abax.documents.contracts import DocumentType

from tests.unit.documents.test_references import read


@pytest.mark.parametrize(
    "text",
    [
        "in de periode 1 januari 2026 t/m 31 januari 2026 verbruikt",
        "Leistungszeitraum: 01.01.2026 bis 31.01.2026",
        "pour la période du 01/01/2026 au 31/01/2026",
        "Periodo dal 01-01-2026 al 31-01-2026",
        "Periodo de facturación 01/01/2026 - 31/01/2026",
        "Okres od 01.01.2026 do 31.01.2026",
        "Services from 01 Jan 2026 to 31 Jan 2026",
        "Leistungszeitraum  01.01.2026 -\n                   31.01.2026",
        "Anreise: 01.01.2026  Abreise: 31.01.2026",
        "Leistungszeitraum: Januar 2026",
        "Abrechnungszeitraum 01.01. - 31.01.2026",
        "Billing period   Jan 1 \u2013 Jan 31, 2026",
        "Rozliczenie za okres od 01.01.2026\ndo 31.01.2026",
    ],
)
def test_a_period_has_its_first_and_its_last_day(text: str) -> None:
    values = read(f"Invoice INV-17 of 03.02.2026\n\n{text}")
    assert (values.get("period_start"), values.get("period_end")) == (date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    "text",
    [
        "Bitte überweisen Sie den Betrag bis zum 16.03.2026.",
        "Der Rechnungsbetrag wird am 16.03.2026 von Ihrem Konto eingezogen.",
        "Wij schrijven dit bedrag rond 16 maart 2026 automatisch af van uw rekening.",
        "Montant prélevé le 16 mars 2026 sur votre compte",
        "Den Betrag von 41,20 EUR buchen wir zum 16.03.2026 von Ihrem Konto ab",
        "We will collect this amount by Direct Debit on or just after 16 Mar 2026.",
        "Bis 06.03.2026 erhalten Sie 2 % Skonto, bis 16.03.2026 ohne Abzug.",
        "Si prega di effettuare il pagamento entro il 16/03/2026",
    ],
)
def test_a_sentence_tells_when_to_pay(text: str) -> None:
    assert read(f"Invoice INV-17 of 03.02.2026\n\n{text}").get("due_date") == date(2026, 3, 16)


@pytest.mark.parametrize(
    "text",
    [
        "Ihr neuer Abschlag ab 16.03.2026: 118,00",
        "Der Betrag wurde am 16.03.2026 abgebucht",
        "Réglé par carte le 16/03/2026",
        "Angebot gültig bis 16.03.2026",
        "fattura scaduta il 16/03/2026",
    ],
)
def test_other_days_are_no_days_of_payment(text: str) -> None:
    assert "due_date" not in read(f"Invoice INV-17 of 03.02.2026\n\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "Bei Zahlung bis 10.02.2026 3 % Skonto, bis 17.02.2026 2 % Skonto, bis 16.03.2026 netto",
        "Fällig: 10.02.2026 (3 % Skonto), 16.03.2026 (netto)",
        "Zahlungsbedingungen: bis zum 10.02.2026 3,000 % Skonto; bis zum 16.03.2026 ohne Abzug",
    ],
)
def test_the_day_of_a_discount_is_not_the_day_of_payment(text: str) -> None:
    assert read(f"Rechnung Nr. 17\nRechnungsdatum 03.02.2026\n\n{text}").get("due_date") == date(2026, 3, 16)


def test_what_is_due_on_an_order_is_a_delivery() -> None:
    text = "PURCHASE ORDER\n\nPO-17   03/02/2026\n\nBolts   5   1.00   Due 20/02/2026"
    assert "due_date" not in read(text, DocumentType.PURCHASE_ORDER)


def test_the_date_of_a_number_below_the_title_is_the_documents() -> None:
    told = read("FATTURA\nN. 2204/26 del 03/02/2026\n\nRossi Srl", language="it")
    assert told.get("issue_date") == date(2026, 2, 3)


@pytest.mark.parametrize(
    "text", ["Date 1ère MEC : 14/03/2019", "Erstzulassung: 14.03.2019", "Date of birth   14/03/1989"]
)
def test_the_day_of_a_thing_or_a_person_is_not_the_documents(text: str) -> None:
    assert read(f"{text}\n\nFacture F-17\n\nLe 03/02/2026").get("issue_date") == date(2026, 2, 3)


def test_a_period_begins_on_no_day_of_issue() -> None:
    values = read("Invoice INV-17 of 03.02.2026\n\nDu 01/01/2026 au 31/01/2026", language="fr")
    assert values.get("issue_date") == date(2026, 2, 3)


def test_a_year_before_holds_the_beginning_of_a_period_over_new_year() -> None:
    values = read("Invoice INV-17\n\nBilling period   12/03 - 01/02/2026\n\nDate 01/15/2026")
    assert values.get("period_start") == date(2025, 12, 3)


def test_the_day_of_a_payment_stands_below_its_label() -> None:
    text = "REMITTANCE ADVICE\n\nPayment reference\n20004188\nPayment date\n03/02/2026\nVendor no\nV-4418"
    assert read(text, DocumentType.PAYMENT_ADVICE).get("payment_date") == date(2026, 2, 3)
