"""Where one document of a file ends and the next begins."""

from __future__ import annotations

from abax.documents.pages import Page, Reading
from abax.documents.parts import own_number, page_mark, split

from tests.unit.documents.test_classify import page_of


def starts(*pages: Page) -> list[int]:
    return [part.pages[0].number for part in split(Reading(pages))]


def invoice(number: str, place: int, *more: str, foot: str = "") -> Page:
    rows = ["Acme Ltd", "Invoice", f"Invoice No. {number}", "Description Quantity Price Amount", *more]
    return page_of([*rows, *[""] * 48, foot], place, tall=1)


def test_a_page_number_of_one_begins_a_document() -> None:
    pages = (
        invoice("4711", 1, foot="Page 1 of 2"),
        invoice("4711", 2, foot="Page 2 of 2"),
        invoice("4712", 3, foot="Page 1 of 1"),
    )
    assert starts(*pages) == [1, 3]


def test_a_new_number_under_a_title_begins_a_document() -> None:
    assert starts(invoice("4711", 1), invoice("4712", 2)) == [1, 2]


def test_the_same_number_goes_on() -> None:
    assert starts(invoice("4711", 1), invoice("4711", 2)) == [1]


def test_a_page_without_a_title_goes_on() -> None:
    table = page_of(["Description Quantity Price Amount", "Nut 1 2.00 2.00", "Total 9.00"], 2)
    assert starts(invoice("4711", 1), table) == [1]


def test_a_sum_carried_over_goes_on() -> None:
    page = page_of(["Invoice", "Brought forward 120.00", "Nut 1 2.00 2.00"], 2, tall=0)
    assert starts(invoice("4711", 1), page) == [1]


def test_an_empty_page_belongs_to_what_is_before_it() -> None:
    assert starts(invoice("4711", 1), page_of([], 2), invoice("4712", 3)) == [1, 3]


def test_one_page_is_one_document() -> None:
    reading = Reading((invoice("1", 1),))
    assert split(reading) == [reading]
    assert split(Reading(())) == [Reading(())]


def test_marks_of_pages_are_read_in_many_languages() -> None:
    for text, mark in (
        ("Seite 2 von 3", (2, 3)),
        ("Page 1/4", (1, 4)),
        ("Pág. 2", (2, None)),
        ("Strona 3 z 3", (3, 3)),
        ("1 / 2", (1, 2)),
    ):
        assert page_mark(page_of([text])) == mark


def test_a_document_number_stands_beside_its_label() -> None:
    assert own_number(page_of(["Rechnungs-Nr.: 2024-17 vom 01.02.2024"])) == "2024-17"
    assert own_number(page_of(["no number here"])) is None
