from collections.abc import Sequence

from abax.documents.layout import lines_of
from abax.documents.pages import Page, PageSource, Table, Word
from abax.documents.tables import with_tables

HEADER = ((0, "Pos"), (40, "Description"), (200, "Qty"), (260, "Price"), (330, "Amount"))
COLUMNS = (0, 40, 215, 270, 340)


def row(y: float, cells: Sequence[tuple[float, str]]) -> list[Word]:
    return [
        Word(word, x + 6 * offset, y, x + 6 * (offset + len(word)), y + 10)
        for x, text in cells
        for offset, word in _offsets(text)
    ]


def _offsets(text: str) -> list[tuple[int, str]]:
    found, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        found.append((start, word))
        start += len(word)
    return found


def item(y: float, *texts: str) -> list[Word]:
    return row(y, [(x, text) for x, text in zip(COLUMNS, texts, strict=True) if text])


def page(words: list[Word], number: int = 1, height: float = 800) -> Page:
    return Page(number, 500, height, lines_of(words), PageSource.TEXT)


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in entry] for entry in table.rows]


ITEMS = [
    *row(100, HEADER),
    *item(120, "1", "Paper A4 white", "10", "4.50", "45.00"),
    *item(134, "2", "Pens blue", "5", "1.20", "6.00"),
    *item(148, "3", "Desk lamp", "1", "39.00", "39.00"),
]


def test_rows_under_a_heading_are_a_table():
    (table,) = with_tables([page(ITEMS)])[0].tables
    assert [cell.text for cell in table.header] == ["Pos", "Description", "Qty", "Price", "Amount"]
    assert cells(table) == [
        ["1", "Paper A4 white", "10", "4.50", "45.00"],
        ["2", "Pens blue", "5", "1.20", "6.00"],
        ["3", "Desk lamp", "1", "39.00", "39.00"],
    ]
    assert [cell.column for cell in table.rows[0]] == [0, 1, 2, 3, 4]


def test_what_a_description_goes_on_with_stays_in_its_cell():
    words = [
        *row(100, HEADER),
        *item(120, "1", "Paper A4 white", "10", "4.50", "45.00"),
        *row(132, [(40, "80 grams a sheet")]),
        *item(146, "2", "Pens blue", "5", "1.20", "6.00"),
    ]
    (table,) = with_tables([page(words)])[0].tables
    assert cells(table)[0][1] == "Paper A4 white 80 grams a sheet"
    assert len(table.rows) == 2


def test_a_table_goes_on_over_the_page():
    second = [
        *item(60, "4", "Chair oak", "2", "80.00", "160.00"),
        *item(74, "5", "Table oak", "1", "99.00", "99.00"),
    ]
    first_page, second_page = with_tables([page(ITEMS), page(second, 2)])
    assert not first_page.tables[0].continues
    assert second_page.tables[0].continues
    assert second_page.tables[0].header == ()


def test_a_table_whose_heading_is_repeated_goes_on_too():
    _, second_page = with_tables([page(ITEMS), page(ITEMS, 2)])
    assert second_page.tables[0].continues


def test_labels_with_their_values_are_no_table():
    words = row(0, [(0, "Invoice:"), (80, "4711")]) + row(14, [(0, "Date:"), (80, "05.03.2024")])
    assert with_tables([page(words)])[0].tables == ()


def test_running_text_is_no_table():
    words = [
        word
        for line in range(6)
        for word in row(14 * line, [(0, "we thank you for your order of 5 May and send you the goods 12")])
    ]
    assert with_tables([page(words)])[0].tables == ()


def test_an_empty_page_has_no_table():
    assert with_tables([page([])])[0].tables == ()
