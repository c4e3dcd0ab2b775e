"""What is owed of the whole."""

from __future__ import annotations

from abax.documents.contracts import DocumentType

from tests.unit.documents.test_lining import read
from tests.unit.documents.test_summing import totals

_HOUSE = """
Pos  Bezeichnung               Menge    Preis     Betrag
1    Rohbau Garage                 1  9.000,00  9.000,00
2    Erdarbeiten                   1  1.000,00  1.000,00
Nettobetrag                                    10.000,00
zzgl. 19% MwSt                                  1.900,00
Rechnungsbetrag                                11.900,00
"""


def test_payments_before_are_told_by_what_is_left_whatever_they_are_called() -> None:
    found = totals(
        _HOUSE
        + """1. Teilrechnung vom 10.08.2026                 -5.000,00
2. Teilrechnung vom 10.09.2026                 -2.000,00
Es bleiben                                      4.900,00
""",
        "de",
    )
    assert (found["gross"], found["prepaid"], found["due"]) == ("11900.00", "7000.00", "4900.00")


def test_the_sum_of_payments_before_is_no_other_payment() -> None:
    found = totals(
        _HOUSE
        + """Abschlag vom 10.08.2026                         5.000,00
Abschlag vom 10.09.2026                         2.000,00
Summe Abschläge                                 7.000,00
Restbetrag                                      4.900,00
""",
        "de",
    )
    assert (found["prepaid"], found["due"]) == ("7000.00", "4900.00")
    assert "allowances" not in found


def test_what_is_taken_off_for_paying_early_was_not_paid() -> None:
    found = totals(
        _HOUSE
        + """2% Skonto bei Zahlung bis 14.08.2026              238,00
Zahlbetrag bei Skonto                          11.662,00
""",
        "de",
    )
    assert found["gross"] == "11900.00"
    assert "prepaid" not in found


def test_a_tax_that_is_withheld_was_not_paid_before() -> None:
    found = totals("""
Description                       Qty      Rate     Amount
Labour - bathroom refit             5    240.00   1,200.00
Materials                           1    300.00     300.00
Subtotal                                          1,500.00
VAT 20%                                             300.00
Total                                             1,800.00
Less CIS deduction 20% on labour                   -240.00
Amount due                                        1,560.00
""")
    assert (found["tax"], found["gross"], found["due"]) == ("300.00", "1800.00", "1560.00")
    assert "prepaid" not in found


def test_more_paid_than_owed_comes_back() -> None:
    found = totals(
        _HOUSE
        + """Bereits bezahlt                                12.000,00
Ihr Guthaben                                      100,00
""",
        "de",
    )
    assert (found["prepaid"], found["due"]) == ("12000.00", "-100.00")


def test_what_is_handed_over_at_a_till_was_not_paid_before() -> None:
    values = read(
        """
Brot                             3,50
Butter                           2,50
Summe EUR                        6,00
Gegeben bar                     10,00
Zurück                          -4,00
""",
        "de",
        DocumentType.RECEIPT,
    )
    assert str(values["totals.gross"]) == "6.00"
    assert "totals.prepaid" not in values


def test_the_net_total_is_not_what_is_owed() -> None:
    found = totals(
        """
Artigo        Descrição                  Qtd.    Preço     IVA     Valor
PAP80         Papel fotocópia           50,00    3,735   23,00    186,75
CAD05         Caderno                   30,00    1,850   23,00     55,50
Mercadoria/Serviços (líquido)                                     242,25
IVA                                                                55,72
Total (EUR)                                                       297,97
""",
        "es",
    )
    assert found["due"] == "297.97"


def test_what_a_client_keeps_back_was_not_paid_before() -> None:
    found = totals(
        _HOUSE
        + """Sicherheitseinbehalt 5%                          -595,00
Abschlagszahlung vom 10.08.2026                -5.000,00
Restbetrag                                      6.305,00
""",
        "de",
    )
    assert (found["prepaid"], found["due"]) == ("5000.00", "6305.00")


def test_parts_that_are_to_be_paid_later_were_not_paid_before() -> None:
    found = totals(
        _HOUSE
        + """1. Rate                                         6.000,00
2. Rate                                         5.900,00
""",
        "de",
    )
    assert found["due"] == "11900.00"
    assert "prepaid" not in found
    found = totals(
        _HOUSE
        + """30.11.2026                                      5.950,00
31.12.2026                                      5.950,00
""",
        "de",
    )
    assert found["due"] == "11900.00"
    assert "prepaid" not in found
