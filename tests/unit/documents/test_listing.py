"""Lines without headings: rows that add up to a total, slips of tills, quantities in the rows beside."""

from __future__ import annotations

from abax.documents import listing, spans
from abax.documents.grids import Item
from abax.documents.pages import Reading

from tests.unit.documents.made import page_of


def lines(text: str) -> list[Item]:
    """The listed lines of a page."""
    sight = spans.look(Reading((page_of(text),), language="en"))
    return listing.listed(listing.summed(sight), sight)


def texts(found: list[Item]) -> list[tuple[str, str]]:
    return [(item.text("description"), item.text("net_amount")) for item in found]


def test_rows_that_add_up_to_a_total_are_lines() -> None:
    found = lines("""
For my work in December I charge:

Book cover                                            650.00
Four drawings                                         340.00
Rights of use                                         150.00
Total                                               1,140.00
""")
    assert texts(found) == [
        ("Book cover", "650.00"),
        ("Four drawings", "340.00"),
        ("Rights of use", "150.00"),
    ]


def test_taxes_and_charges_between_lines_and_total_are_no_lines() -> None:
    found = lines("""
Consulting                                            200.00
Travel                                                 50.00
Subtotal                                              250.00
Shipping                                               10.00
VAT 20 %                                               52.00
Grand total                                           312.00
""")
    assert texts(found) == [("Consulting", "200.00"), ("Travel", "50.00")]


def test_parts_with_sums_of_their_own_make_the_whole_together() -> None:
    found = lines("""
Telephone call                                        340.00
Draft                                               1,360.00
Total fees                                          1,700.00

Courier                                                22.35
Filing                                                 62.00
Total expenses                                         84.35

Total this invoice                                  1,784.35
""")
    assert [item.text("net_amount") for item in found] == ["340.00", "1,360.00", "22.35", "62.00"]


def test_rows_that_do_not_add_up_are_no_lines() -> None:
    assert (
        lines("""
Turnover last year                                  5,000.00
Turnover this year                                  7,000.00
Total                                                 120.00
""")
        == []
    )


def test_a_quantity_and_a_price_before_a_sum_are_those_that_multiply_to_it() -> None:
    (first, second) = lines("""
2    Lunch menu                        15.50           31.00
3    Water                              2.20            6.60
TOTAL                                                  37.60
""")
    assert (first.text("quantity"), first.text("description"), first.text("unit_price")) == (
        "2",
        "Lunch menu",
        "15.50",
    )
    assert second.text("quantity") == "3"


def test_a_letter_behind_the_sum_tells_its_tax_and_the_row_counts() -> None:
    found = lines("""
FUEL 42,18 l x6,59                                 277,97A
Sandwich 2 x11,50                                   23,00B
TOTAL                                               300,97
""")
    assert [(item.text("description"), item.text("quantity")) for item in found] == [
        ("FUEL", "42,18"),
        ("Sandwich", "2"),
    ]


def test_one_row_above_a_total_of_the_same_amount_is_a_line() -> None:
    found = lines("""
Transport of a mill                                 4,608.21
Net total                                           4,608.21
""")
    assert texts(found) == [("Transport of a mill", "4,608.21")]


def test_rows_that_begin_with_a_quantity_and_its_unit_are_lines_without_prices() -> None:
    sight = spans.look(
        Reading(
            (
                page_of("""
Delivered today:

- 1.00 pcs Height adjustable desk
- 12.00 pcs Office chair
- 3.00 box Pens
"""),
            ),
            language="en",
        )
    )
    found = listing.counted(sight)
    assert [(item.text("quantity"), item.text("description")) for item in found] == [
        ("1.00", "Height adjustable desk"),
        ("12.00", "Office chair"),
        ("3.00", "Pens"),
    ]


def test_no_row_of_a_hundred_amounts_is_tried_for_products() -> None:
    text = "  ".join(f"{number}.00" for number in range(1, 101))
    row = spans.look(Reading((page_of(text),), language="en")).rows[0]
    money = [value for value in row.values if value.type == "amount"]
    assert len(money) == 100
    assert listing._product(money) is None
    assert listing._product([value for value in money if value.value in (2, 3, 6)]) is not None
