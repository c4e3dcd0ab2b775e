"""How the values of a contract are found on the page."""

from __future__ import annotations

from itertools import pairwise

import pytest
from abax.documents.answering import BREAK, row_text
from abax.documents.layout import rows_of
from abax.documents.pages import Word
from abax.documents.synthetic import generate

from training.adapters import extract, noise, printed


def _word(text: str, place: int) -> Word:
    return Word(text, 10.0 * place, 0.0, 10.0 * place + 8, 10.0)


@pytest.mark.parametrize("binding", printed.BINDING)
def test_a_mark_between_two_words_of_a_name_is_part_of_it(binding: str) -> None:
    texts = ("Conti", binding, "Müller", "SARL")
    marked = [(_word(text, at), None if text == binding else "seller.name") for at, text in enumerate(texts)]
    assert printed.runs(marked) == {"seller.name": f"Conti {binding} Müller SARL"}


def test_another_word_between_ends_a_value() -> None:
    marked = [
        (_word("Conti", 0), "seller.name"),
        (_word("Tel.", 1), None),
        (_word("Müller", 2), "seller.name"),
    ]
    assert printed.runs(marked) == {"seller.name": "Conti"}


@pytest.mark.parametrize("width", [0.9, 1.0, 1.15])
def test_wider_pages_part_the_words_where_the_narrow_ones_do(width: float) -> None:
    for sample in generate(6, 5, types=extract.TYPES):
        for leaf in sample.leaves:
            for row in rows_of(leaf.words):
                wide = [noise._moved(word, width) for word in row]
                assert abs(row_text(wide).count(BREAK) - row_text(row).count(BREAK)) <= _near(row)


def _near(row: list[Word]) -> int:
    """Blanks of a row that are nearly as wide as those that part columns."""
    heights = sorted(word.y1 - word.y0 for word in row)
    wide = 1.2 * heights[len(heights) // 2]
    return sum(0.85 * wide < right.x0 - left.x1 < 1.2 * wide for left, right in pairwise(row))


def test_a_town_in_a_courts_name_is_nobodys_address() -> None:
    lines = ["Metallbau GmbH", "Pappelallee 15", "12345 Leipzig", *["-"] * 12, "Amtsgericht Berlin HRB 1"]
    found = {
        "seller.name": "Metallbau GmbH",
        "seller.address.city": "Leipzig",
        "buyer.name": "Metallbau GmbH",
        "buyer.address.city": "Berlin",
        "payee.address.postcode": "12345",
    }
    kept = printed._addressed(found, lines)
    assert set(found) - set(kept) == {"buyer.address.city", "payee.address.postcode"}


def test_a_page_of_generated_documents_names_firms_whole() -> None:
    names = 0
    for one in extract.synthetic(240, 4):
        if isinstance(one, extract.Example):
            values = extract.parsed(one)
            firm = values.get("seller.name", "")
            assert f"{firm} & " not in one.seen or firm == ""
            names += " & " in firm
    assert names
