"""What labels announce: beside them, below them, in rows of boxes and between slashes."""

from __future__ import annotations

import pytest
from abax.documents import boxes, codes, spans
from abax.documents.boxes import Pair
from abax.documents.contracts import DocumentType

from tests.unit.documents.made import reading_of


def pairs_in(text: str) -> list[Pair]:
    return boxes.pairs_of(spans.look(reading_of(text, "en")))


def told_in(text: str) -> dict[str, str]:
    """What the labels of a text announce, by their first kinds."""
    found: dict[str, str] = {}
    for pair in pairs_in(text):
        found.setdefault(pair.kinds[0], pair.text)
    return found


BOXES = """
FACTURA        FECHA          CLIENTE     ALBARÁN

A/26/3071      09-06-2026     000318      26/4418
"""


def test_a_row_of_headings_stands_over_a_row_of_values() -> None:
    told = told_in(BOXES)
    assert told["number.invoice"] == "A/26/3071"
    assert told["issue_date"] == "09-06-2026"
    assert told["buyer"] == "000318"
    assert told["references.delivery_note_number"] == "26/4418"


def test_headings_over_several_rows_of_values_head_a_list() -> None:
    text = BOXES + "A/26/3072      10-06-2026     000318      26/4419\n"
    assert not any(pair.boxed for pair in pairs_in(text))


def test_a_label_of_several_words_announces_as_many_values() -> None:
    told = told_in("Nummer/Datum        9140077253 / 08.09.2026\nLieferschein/Datum: 80551724 / 07.09.2026")
    assert told["number.invoice"] == "9140077253"
    assert told["issue_date"] == "08.09.2026"
    assert told["references.delivery_note_number"] == "80551724"


def test_a_value_below_its_label_goes_before_what_stands_beside() -> None:
    text = """
Credit Note Number          NR3 1BN
CN-0092                     UNITED KINGDOM
"""
    found = codes.number_of(pairs_in(text), DocumentType.CREDIT_MEMO, "en")
    assert found is not None
    assert found[2] == "CN-0092"


def test_a_label_begins_anew_behind_a_value() -> None:
    assert told_in("Date : 18/03/26 Client : C4471")["buyer"] == "C4471"
    assert "buyer" not in told_in("Partie du client : C4471")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("44 120", "44 120"),
        ("KEV 16/2", "KEV 16/2"),
        ("4180-7725-9916", "4180-7725-9916"),
        ("für Sie: K 70331", "K 70331"),
        ("18.03.2026", None),
        ("1.250,00", None),
        ("30 % of it", None),
    ],
)
def test_where_a_number_ends(text: str, code: str | None) -> None:
    pair = pairs_in(f"Customer no: {text}")[0]
    found = codes.code_of(pair)
    assert (found[1] if found else None) == code


def test_rows_of_amounts_are_no_boxes() -> None:
    heads = "Rechnung       Datum          Betrag        Offen"
    text = f"{heads}\n\nR26-3391       05.08.2026     1.926,40      1.426,40"
    assert not any(pair.boxed for pair in pairs_in(text))


def test_a_short_label_numbers_what_stands_in_the_next_column() -> None:
    found = codes.number_beside(
        pairs_in("Nº factura          FE26321088417720"), DocumentType.SUPPLIER_INVOICE
    )
    assert found is not None
    assert found[2] == "FE26321088417720"
