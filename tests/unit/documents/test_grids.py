"""Tables by their headings: rows that only look like one, headings that nobody knows, sums carried over."""

from __future__ import annotations

from collections.abc import Sequence

from abax.documents import filling, grids, spans
from abax.documents.grids import Grid
from abax.documents.pages import Reading

from tests.unit.documents.made import page_of


def tables(*pages: str, kinds: Sequence[str] = grids.TRADE) -> list[Grid]:
    """The tables on these pages, of goods where nothing else is told."""
    read = Reading(tuple(page_of(text, place) for place, text in enumerate(pages, 1)), language="en")
    return filling.grids_of(spans.look(read), kinds)


def test_a_line_of_facts_is_no_heading_and_hides_none() -> None:
    (table,) = tables("""
Invoice No. 4711  Date: 3 May 2026  Order: 88  Quantity of parcels: 2

Description          Quantity       Unit price       Amount
Hinges                      4             2.50        10.00
""")
    assert table.items[0].text("description") == "Hinges"


def test_two_headings_are_a_table_where_nothing_else_stands_in_their_row() -> None:
    (table,) = tables("""
Service                                        Amount (EUR)
Access line, May                                      42.00
Calls abroad                                           6.90
""")
    assert [item.text("net_amount") for item in table.items] == ["42.00", "6.90"]


def test_an_unknown_heading_is_the_amount_where_it_is_quantity_times_price() -> None:
    (table,) = tables("""
Item        Description          Quantity       Unit price       Blurb
A-100       Hinges                      4             2.50       10.00
A-200       Long screws                12             0.50        6.00
""")
    assert [item.text("net_amount") for item in table.items] == ["10.00", "6.00"]


def test_words_under_an_unknown_heading_do_not_go_to_its_neighbours() -> None:
    (table,) = tables("""
Description          Blurb          Quantity       Unit price       Amount
Hinges               B-14                  4             2.50        10.00
""")
    assert table.items[0].text("description") == "Hinges"
    assert table.items[0].text("quantity") == "4"


def test_headings_in_two_languages_are_one_column() -> None:
    (table,) = tables("""
Description          Aantal / Quantité       Unit price       Amount
Hinges                               4             2.50        10.00
""")
    assert table.items[0].text("quantity") == "4"


def test_words_in_the_first_column_are_no_positions() -> None:
    (table,) = tables("""
Position             Quantity       Unit price       Amount
Base charge                 4             2.50        10.00
Energy used               100             0.30        30.00
""")
    assert [item.text("description") for item in table.items] == ["Base charge", "Energy used"]


def test_lines_go_on_after_the_running_head_and_the_sum_that_is_carried_over() -> None:
    first = """
Description          Quantity       Unit price       Amount
Hinges                      4             2.50        10.00
Te transporteren                                      10.00
"""
    second = """
Factuur 26107744            Debiteur        20418    Blad 2
Description          Quantity       Unit price       Amount
Transport vorige blad                                 10.00
Long screws                12             0.50         6.00
"""
    (table,) = tables(first, second)
    assert [item.text("net_amount") for item in table.items] == ["10.00", "6.00"]


def test_of_two_headings_above_each_other_the_second_tells_the_second_row() -> None:
    (table,) = tables("""
Article no           Quantity       Unit price       Amount
Description
Z-997                       4             2.50        10.00
Citric acid
G-250                      12             0.50         6.00
Preserving sugar
""")
    assert [item.text("description") for item in table.items] == ["Citric acid", "Preserving sugar"]
    assert [item.text("item_number") for item in table.items] == ["Z-997", "G-250"]


def test_prose_below_a_line_that_reaches_its_columns_is_no_line() -> None:
    (table,) = tables("""
Description                    Quantity       Unit price       Amount
Household insurance                   1            80.00        80.00
Includes an insurance tax of 19 % = 12.77 in this amount of 2026 and before
Second policy                         1            20.00        20.00
""")
    assert [item.text("net_amount") for item in table.items] == ["80.00", "20.00"]


def test_a_number_left_of_its_heading_goes_to_the_column_that_has_none() -> None:
    (table,) = tables("""
Code        Description            Qty       Price            Amount
A-1         Oil filter                   1    14.20            14.20
A-2         Engine oil                4.50    13.50            60.75
""")
    assert [item.text("quantity") for item in table.items] == ["1", "4.50"]
    assert [item.text("unit_price") for item in table.items] == ["14.20", "13.50"]


def test_a_quantity_and_its_unit_in_one_cell_are_parted() -> None:
    (table,) = tables("""
Item        Description          Qty   UOM       Unit cost       Amount
M-5         Motor                   4 EA            612.00     2448.00
C-1         Coupling                8 EA             27.35      218.80
""")
    assert [item.text("quantity") for item in table.items] == ["4", "8"]
    assert [item.text("unit") for item in table.items] == ["EA", "EA"]


def test_a_text_beside_its_code_is_no_part_of_it() -> None:
    (table,) = tables("""
Code              Article                 Quantity      Parcels
T0812 Screws with a long name                    5            1
D2300 Discs                                     50            2
""")
    assert [item.text("item_number") for item in table.items] == ["T0812", "D2300"]
    assert table.items[1].text("description") == "Discs"


def test_words_that_could_each_head_a_column_head_one_where_one_number_stands_below_them() -> None:
    (table,) = tables("""
Part No.     Description               Qty     UOM     Unit Cost     Ext. Value
A-100        Corrugated box             40     EA          2.50        100.00
A-200        Tape, clear                12     RL          3.10         37.20
""")
    assert [item.text("unit") for item in table.items] == ["EA", "RL"]
    assert [item.text("net_amount") for item in table.items] == ["100.00", "37.20"]


def test_a_heading_that_nobody_knows_is_one_where_the_numbers_below_it_multiply() -> None:
    (table,) = tables("""
Blurb    Xyz                    Foo      Bar      Baz            Quux
10       Sealing ring            20       ST      4,15          83,00
20       Check valve              4       ST    118,00         472,00
""")
    assert [item.text("description") for item in table.items] == ["Sealing ring", "Check valve"]
    assert [item.text("quantity") for item in table.items] == ["20", "4"]
    assert [item.text("unit_price") for item in table.items] == ["4,15", "118,00"]
    assert [item.text("net_amount") for item in table.items] == ["83,00", "472,00"]


def test_long_numbers_that_count_the_lines_are_positions() -> None:
    (table,) = tables("""
Item      Description            Quantity       Unit price       Amount
000010    Pump housing                  4           212.00       848.00
000030    Seal kit                     10            14.50       145.00
""")
    assert [item.text("position") for item in table.items] == ["000010", "000030"]


def test_whole_numbers_that_part_no_amount_are_no_quantities() -> None:
    (table,) = tables("""
Date          Blurb    Description                     Amount
12.03.2026    5        Examination                      10.72
12.03.2026    410      Ultrasound                       26.81
""")
    assert [item.text("quantity") for item in table.items] == ["", ""]


def test_price_and_amount_that_nobody_knows_by_name_are_the_columns_that_multiply() -> None:
    (table,) = tables("""
Pos   Blurb      Description           Quantity    Foo      Bar       Baz
1     88-1204    Sealing ring                20       7     4.15      83.00
2     88-1301    Check valve                  4       9   118.00     472.00
""")
    assert [item.text("unit_price") for item in table.items] == ["4.15", "118.00"]
    assert [item.text("net_amount") for item in table.items] == ["83.00", "472.00"]
    assert [item.text("item_number") for item in table.items] == ["88-1204", "88-1301"]


def test_a_code_above_each_line_is_the_number_of_the_article_below_it() -> None:
    (table,) = tables("""
Item      Description            Quantity       Unit price       Amount
          PN-4410
000010    Pump housing                  4           212.00       848.00
          PN-4411
000020    Seal kit                     10            14.50       145.00
""")
    assert [item.text("item_number") for item in table.items] == ["PN-4410", "PN-4411"]
    assert [item.more for item in table.items] == [[], []]


def test_a_sentence_that_runs_up_to_a_total_does_not_make_it_a_line() -> None:
    (table,) = tables("""
Description          Quantity       Unit price       Amount
Hinges                      4             2.50        10.00
Thank you for your custom and see you soon SUBTOTAL   10.00
Please pay by card or by cheque within 15 days TAX     2.00
""")
    assert [item.text("net_amount") for item in table.items] == ["10.00"]


def test_postage_in_a_list_without_quantities_is_one_of_its_lines() -> None:
    (table,) = tables("""
Description                               Amount
Business cards                            110.00
Flyers                                     86.00
Postage                                     4.90

Subtotal                                  200.90
""")
    assert [item.text("description") for item in table.items] == ["Business cards", "Flyers", "Postage"]


def test_transport_with_a_quantity_and_a_price_is_no_sum_that_is_carried_over() -> None:
    (table,) = tables("""
Description          Quantity       Unit price       Amount
Hinges                      4             2.50        10.00
Transport                   1            40.00        40.00
""")
    assert [item.text("net_amount") for item in table.items] == ["10.00", "40.00"]


def test_as_many_cells_as_columns_stand_in_their_order() -> None:
    (table,) = tables("""
   Code              Description           UM       Quantity
MOZ250     MOZZARELLA, EIGHT OF EACH     CT    12
RIC500     RICOTTA, HALF A KILO          CT    4
""")
    assert [item.text("unit") for item in table.items] == ["CT", "CT"]
    assert [item.text("quantity") for item in table.items] == ["12", "4"]


def test_a_number_before_its_unit_is_the_quantity_where_no_heading_says_so() -> None:
    (table,) = tables("""
Pos   Description                 Unit      Unit price       Amount
1     Sealing ring                20 pcs          4.15        83.00
2     Check valve                  4 pcs        118.00       472.00
""")
    assert [item.text("unit") for item in table.items] == ["pcs", "pcs"]
    assert [item.text("quantity") for item in table.items] == ["20", "4"]


def test_the_sum_of_a_group_does_not_end_a_table_that_goes_on() -> None:
    (table,) = tables("""
Pos   Description                    Quantity     Price      Amount
      Part 1: preparation
1.1   Set up the site                       1    450.00      450.00
1.2   Cover the floor                      35      2.40       84.00
      Total of part 1                                        534.00
      Part 2: painting
2.1   Paint the walls                     120      6.50      780.00
      Total of part 2                                        780.00
Net total                                                  1,314.00
""")
    assert [item.text("net_amount") for item in table.items] == ["450.00", "84.00", "780.00"]


def test_what_nobody_knows_between_a_text_and_an_amount_is_no_part_of_the_text() -> None:
    (table,) = tables("""
Description                       Zone      Amount
Freight to the south              B-14      477.40
Freight to the north              C-20       65.00
""")
    assert [item.text("description") for item in table.items] == [
        "Freight to the south",
        "Freight to the north",
    ]


def test_a_row_of_labels_over_their_values_is_no_heading_of_the_lines_below() -> None:
    (table,) = tables("""
Credit note no.   Date          Against invoice   Customer ref
CN-3310           27 July 2026  INV-20877         Summer ball

Description                   Qty       Rate       Amount
Chairs returned unused         40       2.75       110.00
Dish with a faulty burner       1      18.50        18.50
""")
    assert [item.text("net_amount") for item in table.items] == ["110.00", "18.50"]
