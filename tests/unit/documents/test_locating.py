"""Printed values found back on the page: where they stand, and in which row of several."""

from __future__ import annotations

from abax.documents import answering
from abax.documents.locating import Source
from abax.documents.pages import Page, PageSource, Reading, TextLine
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.documents.made import page_of, reading_of

INVOICE = """
Nordlicht GmbH                 Rechnung RE-8
Hafenweg 1                     03.05.2024

1   Schrauben M8    2   5,00   10,00
2   Muttern        10   1,00   10,00
3   Scheiben        1  10,00   10,00

Summe                          30,00
Gesamt                         30,00
"""
WORDS = st.lists(st.text("abc1.", min_size=1, max_size=4), min_size=1, max_size=7)


def source_of(reading: Reading) -> Source:
    return Source(reading, answering.windows(reading))


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_what_stands_in_a_row_is_found_there(rows: list[list[str]], data: st.DataObject) -> None:
    reading = reading_of("\n".join(" ".join(row) for row in rows))
    at = data.draw(st.integers(0, len(rows) - 1))
    start = data.draw(st.integers(0, len(rows[at]) - 1))
    end = data.draw(st.integers(start + 1, len(rows[at])))
    wanted = rows[at][start:end]
    places = source_of(reading).places("  ".join(wanted))
    assert at in {place.row for place in places}
    for place in places:
        assert " ".join(wanted) in " ".join(word.text for word in place.words)
        assert place.page == 1


def test_a_part_of_a_word_is_no_place_of_a_value() -> None:
    assert source_of(reading_of(INVOICE)).places("Schraube") == []
    assert source_of(reading_of(INVOICE)).places("") == []


def test_a_value_that_goes_on_below_in_its_column_is_found() -> None:
    page = page_of("Nordlicht           Rechnung\nHandels GmbH        RE-8\n")
    first, other, second, third, last = page.words
    columns = [
        TextLine((first,), 0),
        TextLine((second, third), 0),
        TextLine((other,), 1),
        TextLine((last,), 1),
    ]
    reading = Reading((Page(1, 595, 842, tuple(columns), PageSource.TEXT),))
    [place] = source_of(reading).places("Nordlicht Handels GmbH")
    assert place.words == (first, second, third)
    assert place.row == 0


def test_the_values_of_a_line_are_taken_from_its_own_row_and_totals_from_the_end() -> None:
    source = source_of(reading_of(INVOICE))
    values = {
        "seller.name": "Nordlicht GmbH",
        "lines[0].description": "Schrauben M8",
        "lines[0].net_amount": "10,00",
        "lines[1].description": "Muttern",
        "lines[1].net_amount": "10,00",
        "lines[2].quantity": "1",
        "lines[2].net_amount": "10,00",
        "totals.gross": "30,00",
        "number": "not there",
    }
    found = source.located(values)
    assert found.keys() == values.keys() - {"number"}
    rows = {path: place.row for path, place in found.items()}
    assert rows["lines[0].net_amount"] == rows["lines[0].description"] == 2
    assert rows["lines[1].net_amount"] == rows["lines[1].description"] == 3
    assert rows["totals.gross"] == 6
    assert rows["seller.name"] == 0


def test_a_value_of_the_second_page_is_told_to_stand_there() -> None:
    reading = Reading((page_of("Eins\n"), page_of("Zwei\n", 2)))
    found = source_of(reading).located({"number": "Zwei"})
    assert (found["number"].page, found["number"].row) == (2, 1)
