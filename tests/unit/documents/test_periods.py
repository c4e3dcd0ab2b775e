"""Periods and days of payment that sentences tell."""

from __future__ import annotations

from datetime import date

import pytest

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
        "Réglé par carte le 16/03/2026",
        "Angebot gültig bis 16.03.2026",
        "fattura scaduta il 16/03/2026",
    ],
)
def test_other_days_are_no_days_of_payment(text: str) -> None:
    assert "due_date" not in read(f"Invoice INV-17 of 03.02.2026\n\n{text}")
