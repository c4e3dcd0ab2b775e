"""The tax breakdown: rates, what they are raised on, and taxes."""

from __future__ import annotations

from abax.documents.contracts import DocumentType

from tests.unit.documents.test_lining import amounts, read


def test_taxes_of_parts_of_the_lines_are_raised_on_the_lines_that_they_are_shares_of() -> None:
    values = read(
        """
Omschrijving                    Aantal    Prijs     Bedrag
Schilderwerk binnen                 40    50,00   2.000,00
Verf en materiaal                    1   356,70     356,70
Subtotaal                                         2.356,70
9% btw                                              180,00
21% btw                                              74,91
Totaal te betalen                                 2.611,61
""",
        "nl",
    )
    assert [values[f"taxes[{place}].base"] for place in (0, 1)] == amounts("2000.00", "356.70")


def test_a_tax_on_some_of_the_lines_tells_which() -> None:
    values = read("""
Description                       Qty      Rate     Amount
Compressor 3 ton                    1  1,240.00   1,240.00
Labor                               4    95.00      380.00
Subtotal                                          1,620.00
Sales tax (8.25%)                                   102.30
Total                                            $1,722.30
""")
    assert [values[f"taxes[0].{name}"] for name in ("rate", "base", "amount")] == amounts(
        "8.25", "1240.00", "102.30"
    )


def test_what_is_withheld_is_no_tax_even_where_it_names_one() -> None:
    values = read(
        """
Descrizione                                         Importo
Consulenza legale                                  1.500,00
Assistenza stragiudiziale                            800,00
Imponibile                                         2.300,00
IVA 22%                                              506,00
Totale fattura                                     2.806,00
Ritenuta d'acconto IRPEF 20% su imponibile IVA      -460,00
Totale da pagare                                   2.346,00
""",
        "it",
    )
    assert values["totals.tax"] == values["taxes[0].amount"] == amounts("506.00")[0]
    assert "taxes[1].rate" not in values


def test_of_two_taxes_one_may_be_raised_on_some_of_the_lines_only() -> None:
    values = read("""
Description                       Qty      Rate     Amount
Gravel, delivered                   1    480.00     480.00
Labour                              1    120.00     120.00
Subtotal                                            600.00
GST 5%                                               30.00
PST 7%                                               33.60
Total                                               663.60
""")
    assert [values[f"taxes[{place}].base"] for place in (0, 1)] == amounts("600.00", "480.00")
    assert values["totals.net"] == amounts("600.00")[0]


def test_rates_without_a_word_are_taxes_where_their_amounts_are_the_tax_of_the_whole() -> None:
    values = read(
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
    assert [values[f"taxes[{place}].rate"] for place in (0, 1)] == amounts("20", "5.5")
    assert [values[f"taxes[{place}].base"] for place in (0, 1)] == amounts("500.00", "900.00")


def test_the_equalization_surcharge_of_spain_is_a_tax() -> None:
    values = read(
        """
Concepto                        Cantidad   Precio   Importe
Harina                              10     40,00    400,00
Azúcar                               5     30,00    150,00
Base imponible                                      550,00
IVA 10%                                              55,00
Recargo de equivalencia 1,4%                          7,70
TOTAL FACTURA                                       612,70
""",
        "es",
    )
    assert [values[f"taxes[{place}].rate"] for place in (0, 1)] == amounts("10", "1.4")
    assert [values["totals.net"], values["totals.tax"]] == amounts("550.00", "62.70")


def test_a_tax_that_the_whole_has_in_it_is_told_by_its_share() -> None:
    values = read(
        """
Omschrijving                    Aantal    Prijs     Bedrag
Lunch                               40    10,00     400,00
Koffie                               1    50,00      50,00
Totaal incl. btw                                    450,00
Waarvan 9% btw                                       37,16
Reeds betaald                                       450,00
Te betalen                                            0,00
""",
        "nl",
    )
    assert [values["totals.tax"], values["taxes[0].base"]] == amounts("37.16", "412.84")
    assert "totals.net" not in values


def test_no_tax_is_a_tax_of_zero_where_it_is_told() -> None:
    values = read("""
Description                       Qty      Rate     Amount
Team plan                           26     39.00   1,014.00
Storage                              4     25.00     100.00
Subtotal                                           1,114.00
Tax (reverse charge)                                   0.00
Total                                              1,114.00
Amount due                                         1,114.00
""")
    assert values["totals.tax"] == 0
    assert values["totals.net"] == values["totals.gross"] == values["totals.due"] == 1114
    assert "totals.prepaid" not in values


def test_of_prices_with_their_taxes_in_what_is_left_is_what_they_are_raised_on() -> None:
    values = read(
        """
Réf.      Article                     Qté    PU TTC    TVA     Total TTC
CAS-04    Casserole inox 18 cm          2     34,90    20 %        69,80
TOR-22    Torchon lin lavé              6      8,50    20 %        51,00
LIV-77    Livre cuisine                 1     24,90    5,5 %       24,90
Frais de port                                                       6,90
Total HT                                                          130,02
dont TVA 20 %                                                      21,28
dont TVA 5,5 %                                                      1,30
Total TTC                                                         152,60
""",
        "fr",
    )
    assert [values[f"taxes[{place}].base"] for place in (0, 1)] == amounts("106.42", "23.60")


def test_a_till_tells_what_was_sold_at_each_rate_with_its_tax() -> None:
    values = read(
        """
PARAGON FISKALNY
Olej napędowy                    302,96
Kanapka                           23,00
SPRZEDAŻ OPODATK. A              302,96
PTU A 23%                         56,65
SPRZEDAŻ OPODATK. B               23,00
PTU B 8%                           1,70
SUMA PTU                          58,35
SUMA PLN                         325,96
""",
        "pl",
        DocumentType.RECEIPT,
    )
    assert [values[f"taxes[{place}].base"] for place in (0, 1)] == amounts("246.31", "21.30")
