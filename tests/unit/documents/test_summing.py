"""Totals by what adds up below the lines."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.documents.test_lining import read


def totals(text: str, language: str = "en") -> dict[str, str]:
    """The totals of a document, by name."""
    values = read(text, language)
    return {path[7:]: str(value) for path, value in values.items() if path.startswith("totals.")}


def test_several_taxes_without_a_base_lead_from_the_lines_to_a_whole_without_a_known_name() -> None:
    found = totals(
        """
Pos  Bezeichnung                   Menge    Preis    Betrag
1    Rasen mähen                      10    85.00    850.00
2    Pflanzen                          6    85.00    510.00
Summa summarum vor Abgaben                          1360.00
MWST 8.1%                                             68.85
MWST 2.6%                                             13.26
Gesamthaft                                          1442.11
""",
        "de",
    )
    assert found == {"net": "1360.00", "tax": "82.11", "gross": "1442.11", "due": "1442.11"}


def test_two_taxes_on_one_net_total_do_not_double_it() -> None:
    found = totals("""
Description                       Qty      Rate     Amount
Freight Montreal - Toronto          1    480.00     480.00
Fuel surcharge                      1     72.00      72.00
Subtotal                                            552.00
GST 5% (123456789RT0001)                             27.60
QST 9.975% (1234567890TQ0001)                        55.06
Total                                               634.66
""")
    assert (found["net"], found["tax"], found["gross"]) == ("552.00", "82.66", "634.66")


def test_a_whole_may_be_rounded_to_coins_of_five() -> None:
    found = totals(
        """
Pos  Bezeichnung                   Menge    Preis    Betrag
1    Rasen mähen                      10    85.00    850.00
2    Hecke schneiden                   6    85.00    510.00
Zwischentotal                                       1360.00
MWST 8.1%                                            110.16
Gesamttotal CHF                                     1470.15
""",
        "de",
    )
    assert (found["net"], found["tax"], found["gross"]) == ("1360.00", "110.16", "1470.15")


def test_a_number_that_is_no_amount_in_cents_is_no_total_where_others_are() -> None:
    found = totals(
        """
Fornitura energia elettrica           Quantità     Prezzo    Importo
Energia                                    200       0,25      50,00
Trasporto contatore                          1      30,00      30,00
Imponibile                                                     80,00
IVA 10%                                                         8,00
Totale da pagare                              12051 Alba (CN)
88,00 euro
""",
        "it",
    )
    assert found["due"] == "88.00"


def test_what_is_rounded_counts_once() -> None:
    values = read(
        """
Pos  Bezeichnung               Menge    Preis     Betrag
1    Lampe                         1  1500.00   1500.00
2    Kabel                         2   193.90    387.80
Total exkl. MWST                                1887.80
MWST 8.1%                                        152.91
Rundungsdifferenz                                 -0.01
Rechnungsbetrag CHF                             2040.70
""",
        "de",
    )
    assert values["totals.gross"] == values["totals.due"] == Decimal("2040.70")


def test_totals_stand_below_their_names() -> None:
    found = totals("""
Description                       Qty      Rate     Amount
Compressor 3 ton                    1  1,240.00   1,240.00
Labor                               4    95.00      380.00

Subtotal        Tax 5%      Invoice total     Amount paid      Amount due
1,620.00         81.00           1,701.00          200.00        1,501.00
""")
    assert (found["gross"], found["prepaid"], found["due"]) == ("1701.00", "200.00", "1501.00")


def test_several_taxes_stand_in_one_cell_of_the_totals() -> None:
    found = totals(
        """
Désignation                Quantité     P.U. HT     Montant HT
Flyers A5                      1000        0,50         500,00
Livres reliés                   100        9,00         900,00

Total HT       TVA                   Net à payer
               20 %    100,00
1 400,00        5,5 %   49,50        1 549,50
""",
        "fr",
    )
    assert (found["net"], found["tax"], found["due"]) == ("1400.00", "149.50", "1549.50")


def test_a_sum_of_the_lines_is_told_where_a_row_is_called_so() -> None:
    rows = """
Pos  Bezeichnung               Menge    Preis     Betrag
1    Lampe                         1  1500.00   1500.00
2    Kabel                         2   193.90    387.80
{}                              1887.80
MWST 8.1%                                        152.91
Endbetrag                                       2040.71
"""
    assert totals(rows.format("Summe Positionen"), "de")["lines"] == "1887.80"
    assert "lines" not in totals(rows.format("Zwischentotal   "), "de")
