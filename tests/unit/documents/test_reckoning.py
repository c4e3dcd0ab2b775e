"""What columns are by their numbers."""

from __future__ import annotations

from abax.documents import grids, reckoning

from tests.unit.documents.test_grids import tables


def test_of_two_prices_the_one_that_makes_the_amount_is_the_unit_price() -> None:
    (table,) = tables("""
Description          Quantity       Price       Net price       Amount
Hinges                      4        3.00            2.50        10.00
Long screws                12        0.60            0.50         6.00
""")
    reckoning.settle_goods(table, ".")
    assert [item.text("unit_price") for item in table.items] == ["2.50", "0.50"]
    assert [item.text("gross_price") for item in table.items] == ["3.00", "0.60"]


def test_headings_that_multiply_stay_as_they_are() -> None:
    (table,) = tables("""
Description          Quantity       Unit price       Amount
Hinges                      4             2.50        10.00
""")
    reckoning.settle_goods(table, ".")
    assert table.items[0].text("quantity") == "4"
    assert table.has("unit_price")


def test_a_price_for_a_hundred_multiplies_too() -> None:
    (table,) = tables("""
Description          Quantity       Unit price       Amount
Long screws               400            25.00       100.00
Short screws              200            15.00        30.00
""")
    before = [dict(item.cells) for item in table.items]
    reckoning.settle_goods(table, ".")
    assert [item.cells for item in table.items] == before


def test_what_was_paid_is_gross_less_deduction_whatever_the_headings_say() -> None:
    found = tables(
        """
Invoice date     Your reference       Gross amount     Blurb     Amount
01/02/2026       R-1                        100.00      2.00      98.00
03/02/2026       R-2                        200.00      4.00     196.00
""",
        kinds=grids.REMITTANCES,
    )
    (table,) = found
    reckoning.settle_paid(table, ".")
    assert [item.text("deduction") for item in table.items] == ["2.00", "4.00"]
    assert [item.text("paid") for item in table.items] == ["98.00", "196.00"]


def test_a_deduction_that_most_rows_do_not_have_tells_the_gross_column_all_the_same() -> None:
    (table,) = tables(
        """
Date             Reference       Blurb incl       Discount       Payment
01/02/2026       R-1                 100.00                       100.00
03/02/2026       R-2                 200.00           4.00        196.00
04/02/2026       R-3                  50.00                        50.00
""",
        kinds=grids.REMITTANCES,
    )
    reckoning.settle_paid(table, ".")
    assert [item.text("remittance_gross") for item in table.items] == ["100.00", "200.00", "50.00"]
