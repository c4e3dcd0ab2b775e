"""Titles and where they stand, labels, columns and figures of a page."""

from __future__ import annotations

from abax.documents import traits
from abax.documents.pages import Reading

from tests.unit.documents.test_classify import INVOICE, page_of, reading


def standing(*rows: str, tall: int = 0) -> dict[str, str]:
    return {one.kind: one.standing for one in reversed(traits.sightings(reading(*rows, tall=tall)))}


def test_a_title_by_itself_stands_alone() -> None:
    assert standing("Acme Ltd", "Invoice", tall=1)["invoice"] == "alone"


def test_a_title_with_its_number_and_date_is_numbered() -> None:
    rows = ("Acme GmbH in Ulm am Rhein", "Rechnung Nr. 4711 vom 01.02.2024")
    assert standing(*rows, tall=1)["invoice"] == "numbered"


def test_a_title_before_a_colon_is_a_label() -> None:
    rows = ("Acme", "Delivery note: LS-77", "Date: 01.02.2024")
    assert standing(*rows)["delivery_note"] == "label"


def test_a_title_in_running_text_is_part_of_a_sentence() -> None:
    row = "we thank you for your letter about the invoice and the delivery note of last month"
    assert set(standing(row, "Kind regards").values()) == {"sentence"}


def test_words_before_an_amount_name_a_line_of_goods_and_no_document() -> None:
    rows = ("Acme", "Ihre Leistungen", "Gutschrift Treuevorteil -8,40", "Acompte 2 500,00 €")
    assert set(standing(*rows).values()) == {"label"}


def test_larger_letters_make_a_title_stronger() -> None:
    small, large = (traits.sightings(reading("Acme", "Invoice", "a b", "c d", tall=tall)) for tall in (0, 1))
    assert large[0].score > small[0].score


def test_titles_of_later_pages_count_little() -> None:
    pages = Reading((page_of(["Acme", "Invoice"], 1), page_of(["Delivery Note"], 2)))
    assert traits.sightings(pages)[0].kind == "invoice"


def test_labels_columns_and_figures_are_named() -> None:
    named = traits.named(reading(*INVOICE, tall=3))
    assert named["label/due_date"] == 1.0
    assert named["column/quantity"] == 1.0
    assert named["figure/iban"] == 1.0
    assert named["figure/no amounts"] == 0.0
    assert named["first/invoice"] > 1


def test_words_are_hashed_once_each() -> None:
    buckets = traits.hashed(reading("paper paper paper box 12"))
    assert len(buckets) == 2
    assert all(0 <= bucket < traits.BUCKETS for bucket in buckets)


def test_an_empty_reading_has_no_traits() -> None:
    assert traits.named(Reading(())) == {}
    assert traits.hashed(Reading(())) == []
