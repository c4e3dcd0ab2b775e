"""Lines, taxes and totals of whole documents, from what adds up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields, filled

from tests.unit.documents.made import reading_of


def read(
    text: str, language: str = "en", type_: DocumentType = DocumentType.SUPPLIER_INVOICE
) -> dict[str, Any]:
    """All values of a document, by path."""
    fields = Fields(reading_of(text, language), type_)
    filled(fields)
    return fields.values


def column(values: dict[str, Any], name: str) -> list[Any]:
    """A field of all lines."""
    count = len({path.split(".")[0] for path in values if path.startswith("lines[")})
    return [values.get(f"lines[{place}].{name}") for place in range(count)]


def amounts(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_of_net_and_gross_columns_the_one_before_the_rate_is_net_whatever_they_are_called() -> None:
    values = read(
        """
CONCEPTO                    PRECIO     UNIDADES     SUBTOTAL     IVA     TOTAL
Campañas de búsqueda        650,00            1       650,00     21%     786,50
Diseño de creatividades     190,00            2       380,00     21%     459,80

BASE IMPONIBLE                                                         1.030,00
IVA 21%                                                                  216,30
TOTAL                                                                  1.246,30
""",
        "es",
    )
    assert column(values, "net_amount") == amounts("650.00", "380.00")
    assert column(values, "gross_amount") == amounts("786.50", "459.80")


def test_a_table_whose_only_number_is_called_a_price_has_amounts() -> None:
    values = read(
        """
DESCRIZIONE                 IVA     Prezzo
TINTURA CAPELLI             22%      38,00
PIEGA                       22%      22,00
TOTALE COMPLESSIVO                   60,00
di cui IVA                           10,82
""",
        "it",
        DocumentType.RECEIPT,
    )
    assert column(values, "gross_amount") == amounts("38.00", "22.00")
    assert (values["taxes[0].rate"], values["taxes[0].base"]) == (Decimal(22), Decimal("49.18"))


def test_a_surcharge_among_the_lines_is_a_line_where_only_with_it_they_make_the_total() -> None:
    values = read("""
Service                         Parcels     VAT rate        Net
Next day parcel                      46        20.0%     253.00
Saturday delivery                     4        20.0%      24.00
Fuel surcharge 9.75%                           20.0%      22.50

Total net                                                299.50
VAT @ 20.0%                                               59.90
Total payable                                            359.40
""")
    assert column(values, "description") == ["Next day parcel", "Saturday delivery", "Fuel surcharge 9.75%"]
    assert column(values, "quantity")[:2] == [Decimal(46), Decimal(4)]
    assert not [path for path in values if path.startswith("adjustments")]


def test_freight_between_the_sum_of_the_lines_and_the_total_is_a_charge_and_no_line() -> None:
    values = read("""
Item         Description          Quantity     Unit price       Extension
88-1040      Nitrile gloves             24          11.45          274.80
21-7750      Corrugated box            250           1.12          280.00

                                               SUBTOTAL            554.80
                                               FREIGHT              48.75
                                               SALES TAX 8.25%      45.77
                                               TOTAL              $649.32
""")
    assert len(column(values, "description")) == 2
    assert (values["adjustments[0].is_charge"], values["adjustments[0].amount"]) == (True, Decimal("48.75"))
    assert (values["totals.lines"], values["totals.tax"]) == (Decimal("554.80"), Decimal("45.77"))


def test_charges_of_a_bill_that_other_charges_follow_are_lines() -> None:
    values = read(
        """
Leveringskosten stroom              312,40
Leveringskosten gas                 188,75
Energiebelasting                    141,06

Totaal exclusief btw                642,21
Btw 21%                             134,86
Totaal te betalen                   777,07
""",
        "nl",
    )
    assert column(values, "net_amount") == amounts("312.40", "188.75", "141.06")


def test_details_after_a_summary_are_the_lines() -> None:
    values = read("""
Summary
Service charges                     EUR 2,345.22
Charges (excl. VAT)                 EUR 2,345.22
VAT at 19%                          EUR 445.59
Total for this invoice              EUR 2,790.81

Detail by service
Virtual machines                    EUR 1,184.37
Object storage                      EUR 96.02
Data transfer                       EUR 1,064.83
""")
    assert column(values, "description") == ["Virtual machines", "Object storage", "Data transfer"]


def test_a_tax_table_beside_the_totals_is_no_line_and_gives_all_rates() -> None:
    values = read(
        """
Code      Désignation                Qté       P.U. HT      TVA     Montant HT
PAC11     Pompe à chaleur           1,00      8 530,00     5,50       8 530,00
RAC       Raccordements            18,00         81,50    10,00       1 467,00

Taux        Base HT      Montant TVA          Total HT             9 997,00
10,00       1 467,00          146,70          Total TVA              615,85
5,50        8 530,00          469,15          Total TTC           10 612,85
""",
        "fr",
    )
    assert len(column(values, "description")) == 2
    assert {values["taxes[0].amount"], values["taxes[1].amount"]} == {Decimal("146.70"), Decimal("469.15")}
    assert (values["totals.net"], values["totals.tax"]) == (Decimal("9997.00"), Decimal("615.85"))


def test_a_quantity_before_the_text_is_the_quantity() -> None:
    values = read(
        """
Omschrijving                       Bedrag      Totaal     Btw
2 x Fotografie, dagdeel            395,00      790,00     21%
35 x Nabewerking beelden             8,50      297,50     21%

Subtotaal                                    1.087,50
21% btw                                        228,38
Totaal                                       1.315,88
""",
        "nl",
    )
    assert column(values, "description") == ["Fotografie, dagdeel", "Nabewerking beelden"]
    assert column(values, "quantity") == [Decimal(2), Decimal(35)]
    assert column(values, "unit_price") == amounts("395.00", "8.50")


def test_a_quantity_and_its_price_in_one_word_below_the_name_are_no_part_of_it() -> None:
    values = read(
        """
ROUND LUMBER CREW 2X4X8        42.80
 10@4.28
DECK SCREW 3IN 5LB             63.94
 2@31.97
SUBTOTAL                      106.74
SALES TAX 8.25%                 8.81
TOTAL                        $115.55
""",
        type_=DocumentType.RECEIPT,
    )
    assert column(values, "description") == ["ROUND LUMBER CREW 2X4X8", "DECK SCREW 3IN 5LB"]
    assert column(values, "quantity") == [Decimal(10), Decimal(2)]
    assert column(values, "unit_price") == amounts("4.28", "31.97")


def test_what_a_row_multiplies_is_taken_out_of_its_text() -> None:
    values = read(
        """
Término de potencia P1 5,5 kW x 2,3412 €/kW           12,88
Energía consumida 412 kWh x 0,1482 €/kWh              61,06
Impuesto sobre la electricidad                         3,81

Base imponible                                        77,75
IVA 21%                                               16,33
IMPORTE TOTAL FACTURA                                 94,08
""",
        "es",
    )
    assert column(values, "description") == [
        "Término de potencia P1",
        "Energía consumida",
        "Impuesto sobre la electricidad",
    ]
    assert column(values, "quantity")[:2] == amounts("5.5", "412")


def test_a_position_is_parted_from_the_text_that_stands_right_behind_it() -> None:
    values = read(
        """
Nr              Descrizione                Quantità     Prezzo unitario     Prezzo totale
1   Canone trimestrale della macchina          1,00              195,00            195,00
2   Copie colore                           1.240,00               0,055             68,20

Totale imponibile                                                                  263,20
""",
        "it",
    )
    assert column(values, "description") == ["Canone trimestrale della macchina", "Copie colore"]
    assert column(values, "position") == ["1", "2"]


def test_an_amount_with_the_letter_of_its_tax_is_an_amount() -> None:
    values = read("""
Description           Quantity       Rate         Amount
Mulch, delivered             3      43.00        129.00T
Pruning                      2      60.00        120.00

Subtotal                                         249.00
Tax (7%)                                           9.03
Total                                            258.03
""")
    assert column(values, "net_amount") == amounts("129.00", "120.00")


def test_a_total_without_tax_is_the_net_total() -> None:
    values = read(
        """
Riga     Descrizione           Q.tà     Prezzo     Totale
1        Etichette adesive       25       9,60     240,00
2        Nastro avana            72       1,35      97,20
Totale ordine (IVA esclusa)                        337,20
""",
        "it",
        DocumentType.PURCHASE_ORDER,
    )
    assert values["totals.net"] == Decimal("337.20")
    assert "totals.gross" not in values


def test_rows_of_several_taxes_make_one_tax_total() -> None:
    values = read(
        """
Bezeichnung                Menge      Einzelpreis      Betrag
Wein                          12            10,00      120,00
Traubensaft                   10             5,00       50,00

Summe netto                                            170,00
20 % USt von 120,00                                     24,00
10 % USt von 50,00                                       5,00
Gesamtbetrag                                           199,00
""",
        "de",
    )
    assert values["totals.tax"] == Decimal("29.00")
    assert {values["taxes[0].base"], values["taxes[1].base"]} == {Decimal("120.00"), Decimal("50.00")}


def test_early_payment_discounts_are_no_taxes() -> None:
    values = read(
        """
Bezeichnung                Menge      Einzelpreis      Betrag
Wein                          12            10,00      120,00

Summe netto                                            120,00
19 % MwSt                                               22,80
Gesamtbetrag                                           142,80
3 % Skonto von 142,80                                    4,28
""",
        "de",
    )
    assert [path for path in values if path.startswith("taxes[1]")] == []


def test_how_old_open_items_are_is_no_entry() -> None:
    values = read(
        """
DATE           NUMBER         DESCRIPTION              AMOUNT      BALANCE
04/29/2026                    Balance Forward                       118.50
04/30/2026     Inv 5518       Invoice                  412.80       531.30
05/14/2026     Inv 5571       Invoice                  268.00       799.30

Current        1-30 days      31-60 days          Over 60 days   Amount Due
680.80              0.00          118.50                  0.00      $799.30
""",
        type_=DocumentType.ACCOUNT_STATEMENT,
    )
    assert not [path for path in values if path.startswith("entries[2]")]
    assert values["entries[0].document_number"] == "Inv 5518"


def test_what_lies_between_the_whole_and_what_is_owed_was_paid_before() -> None:
    values = read(
        """
Leistung                    Anzahl        Preis        Summe
Doppelzimmer                     2       168,00       336,00
Garage                           2        14,00        28,00

Gesamtsumme                                           364,00
bezahlt mit VISA ****2209                            -264,00
Offener Betrag                                        100,00
""",
        "de",
    )
    assert (values["totals.gross"], values["totals.prepaid"]) == (Decimal("364.00"), Decimal("264.00"))


def test_what_the_buyer_withholds_is_taken_off_what_is_owed_and_not_off_the_whole() -> None:
    values = read(
        """
Concepto                  Cantidad       Precio       Importe
Corrección                       1     1.100,00      1.100,00
Traducción                       5       150,00        750,00

Base imponible                                       1.850,00
IVA (21 %)                                             388,50
Retención IRPF (15 %)                                 -277,50
TOTAL A PAGAR                                        1.961,00
""",
        "es",
    )
    assert (values["totals.tax"], values["totals.due"]) == (Decimal("388.50"), Decimal("1961.00"))
    assert values.get("totals.gross") != Decimal("1961.00")


def test_taxes_in_the_prices_are_told_where_together_they_lead_to_the_net_total() -> None:
    values = read(
        """
Désignation               Qté      Prix TTC     Total TTC
Casserole inox              2         34,90         69,80
Livre de cuisine            1         24,90         24,90

Total HT                                            81,77
dont TVA 20 %                                       11,63
dont TVA 5,5 %                                       1,30
Total TTC                                           94,70
""",
        "fr",
    )
    assert {values["taxes[0].amount"], values["taxes[1].amount"]} == {Decimal("11.63"), Decimal("1.30")}
    assert values["totals.tax"] == Decimal("12.93")


def test_equal_taxes_of_two_authorities_are_two() -> None:
    values = read("""
Description of Goods       Quantity        Rate           Amount
Precision bush                  120      845.00      1,01,400.00
Guide pin 12 mm                 300      112.50        33,750.00

CGST @ 9%                                              12,163.50
SGST @ 9%                                              12,163.50
Total                                                1,59,477.00
""")
    assert [values[f"taxes[{place}].amount"] for place in (0, 1)] == [Decimal("12163.50")] * 2
    assert values["totals.gross"] == Decimal("159477.00")


def test_an_allowance_tells_its_tax_and_what_it_is_for() -> None:
    values = read(
        """
Bezeichnung                Menge      Einzelpreis      Betrag
Joghurt                       10             1,00       10,00
Milch                        100             1,00      100,00

Summe der Positionen                                   110,00
Gesamtbetrag netto                                     109,00

Zu- und Abschläge
Abschlag Sondernachlass    10,00      19 % UST (S)      -1,00
""",
        "de",
    )
    assert values["adjustments[0].reason"] == "Sondernachlass"
    assert values["adjustments[0].tax_rate"] == Decimal(19)
    assert values["adjustments[0].tax_category"] == "S"


def test_lines_of_a_till_are_net_where_the_tax_is_added_to_their_sum() -> None:
    values = read(
        """
ROUND LUMBER CREW 2X4X8        42.80
DECK SCREW 3IN 5LB             63.94
SUBTOTAL                      106.74
SALES TAX 8.25%                 8.81
TOTAL                        $115.55
""",
        type_=DocumentType.RECEIPT,
    )
    assert column(values, "net_amount") == amounts("42.80", "63.94")
    assert column(values, "gross_amount") == [None, None]


def test_text_whose_numbers_stand_half_a_row_below_belongs_to_them() -> None:
    fields = Fields(_raised("Pozycjonowanie strony -"), DocumentType.SUPPLIER_INVOICE)
    filled(fields)
    assert fields.values["lines[0].description"] == "Pozycjonowanie strony - maj 2026"


def _raised(text: str) -> Any:
    """A table in which a row of text is moved down into the row of numbers below it."""
    from dataclasses import replace

    from abax.documents.layout import lines_of

    reading = reading_of(
        f"""
Lp    Nazwa                            Ilość     Cena netto      Wartość netto

      {text}
1     maj 2026                             1       1 800,00           1 800,00

2     Audyt                                6         150,00             900,00

Razem netto                                                           2 700,00
""",
        "pl",
    )
    (page,) = reading.pages
    first = next(word for word in page.words if word.text == text.split()[0])
    words = [
        replace(word, y0=word.y0 + 7, y1=word.y1 + 7) if word.y0 == first.y0 else word for word in page.words
    ]
    return replace(reading, pages=(replace(page, lines=lines_of(words)),))


def test_totals_below_a_table_with_taxed_prices_are_no_lines() -> None:
    values = read(
        """
Artikel                       Menge   Brutto-Preis   Brutto gesamt   MwSt
Espresso 1 kg                     2          24,90           49,80     7%
Filterpapier                      3           4,50           13,50    19%
Tasse                             1          12,00           12,00    19%

Gesamtkosten netto:                                          67,97
zzgl. 7% MwSt                                                 3,26
zzgl. 19% MwSt                                                4,07
Gesamtbetrag                                                 75,30
""",
        "de",
    )
    assert column(values, "gross_amount") == amounts("49.80", "13.50", "12.00")


def test_a_sum_that_is_carried_over_is_no_charge() -> None:
    values = read(
        """
Omschrijving             Aantal     Prijs      Bedrag
Tegel 60x60                  20     24,50      490,00
Lijm                         12     21,00      252,00

Transport                                      742,00
Plint                        10      5,00       50,00

Subtotaal                                      792,00
BTW 21%                                        166,32
Totaal                                         958,32
""",
        "nl",
    )
    assert "totals.charges" not in values and "adjustments[0].amount" not in values
    assert len(column(values, "net_amount")) == 3


def test_a_charge_over_its_amount_in_a_row_of_totals_is_what_the_lines_lack() -> None:
    values = read(
        """
Désignation             Qté     P.U. HT     Montant HT
Charnières                4      25,00      100,00
Vis                      12       5,00       60,00

Total HT     Port HT     Base HT     TVA 20%     Total TTC
160,00       32,00       192,00      38,40       230,40
""",
        "fr",
    )
    assert values["adjustments[0].amount"] == values["totals.charges"] == Decimal("32.00")
    assert values["adjustments[0].is_charge"]


def test_tills_print_net_and_tax_before_the_total_and_counts_before_names() -> None:
    values = read(
        """
1 Soup of the Day                 6.50
2 Fish & Chips                   33.90
1 Sticky Toffee                   7.25
3 Real Ale Pint                  14.85

Net                              52.08
VAT 20%                          10.42
TOTAL                            62.50
""",
        "en",
        DocumentType.RECEIPT,
    )
    assert column(values, "gross_amount") == amounts("6.50", "33.90", "7.25", "14.85")
    assert column(values, "quantity") == amounts("1", "2", "1", "3")
    assert column(values, "description")[1] == "Fish & Chips"


def test_codes_that_tills_print_above_names_are_theirs() -> None:
    values = read(
        """
3259920022112
VIS AGGLO 4X40 BTE                8,90
3259920044220
CHEVILLE NYLON 8MM                4,50
3700110220114
PEINTURE BLANC MAT               29,90
TOTAL                            43,30
""",
        "fr",
        DocumentType.RECEIPT,
    )
    assert column(values, "description") == ["VIS AGGLO 4X40 BTE", "CHEVILLE NYLON 8MM", "PEINTURE BLANC MAT"]
    codes = zip(column(values, "item_number"), column(values, "standard_item_number"), strict=True)
    assert [one or other for one, other in codes] == ["3259920022112", "3259920044220", "3700110220114"]


def test_a_currency_and_the_letter_of_a_tax_may_follow_a_sum() -> None:
    values = read(
        """
Super 95
49,16 l x 1,680 EUR/l            82,58 EUR A
Kaffee                            2,90 EUR A
SUMME                            85,48 EUR
Terminal-ID: 60418827
""",
        "de",
        DocumentType.RECEIPT,
    )
    assert column(values, "gross_amount") == amounts("82.58", "2.90")
    assert column(values, "description") == ["Super 95", "Kaffee"]


def test_a_heading_tells_amounts_without_tax_on_a_receipt_too() -> None:
    values = read(
        """
Désignation             Qté     P.U. HT     Montant HT
Charnières                4      25,00      100,00
Vis                      12       5,00       60,00
Total HT                                    160,00
TVA 20%                                      32,00
Total TTC                                   192,00
""",
        "fr",
        DocumentType.RECEIPT,
    )
    assert column(values, "net_amount") == amounts("100.00", "60.00")


def test_the_numbers_of_a_row_tell_its_columns_where_headings_say_otherwise() -> None:
    values = read(
        """
Konto    Objekt                Einsatz    Wert je Einsatz     Ergebnis
12       Fensterreinigung            4              35,00       140,00
14       Treppenhaus                 8              22,50       180,00

Summe                                                           320,00
""",
        "de",
    )
    assert column(values, "description") == ["Fensterreinigung", "Treppenhaus"]
    assert column(values, "quantity") == amounts("4", "8")
    assert column(values, "unit_price") == amounts("35.00", "22.50")
    assert column(values, "net_amount") == amounts("140.00", "180.00")


def test_a_hyphen_before_and_parts_no_word() -> None:
    values = read(
        """
Leistung                                        Betrag
Post- und Fernmeldekosten                        20,00
Termin                                          538,20
Summe                                           558,20
""",
        "de",
    )
    assert column(values, "description")[0] == "Post- und Fernmeldekosten"


def test_amounts_that_make_the_whole_with_its_tax_are_no_net_amounts() -> None:
    values = read(
        """
Aantal   Omschrijving            Prijs incl.    Totaal incl.
2        Stoel eiken                  121,00          242,00
1        Tafel                        363,00          363,00

Totaal excl. BTW                                      500,00
BTW 21%                                               105,00
Totaal te betalen                                     605,00
""",
        "nl",
    )
    assert column(values, "gross_amount") == amounts("242.00", "363.00")
    assert column(values, "net_amount") == [None, None]
