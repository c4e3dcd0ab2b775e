from abax.documents.layout import split_phrases
from abax.documents.pages import Word
from abax.documents.preprocess import reading_of_words


def row(y: float, *texts: tuple[float, str]) -> list[Word]:
    """Words of one row, six units a letter, ten high."""
    return [Word(text, x, y, x + 6 * len(text), y + 10) for x, text in texts]


def test_a_phrase_in_one_box_is_parted_by_its_letters():
    one, other = split_phrases([Word("RM 4.80", 0, 0, 70, 10)])
    assert (one.text, one.x0, one.x1) == ("RM", 0, 20)
    assert (other.text, other.x0, other.x1) == ("4.80", 30, 70)


def test_a_label_and_its_value_far_to_the_right_are_one_line():
    words = row(0, (0, "Net"), (400, "10.00")) + row(12, (0, "Total"), (400, "11.90"))
    assert [line.text for line in reading_of_words(words, 500, 50).pages[0].lines] == [
        "Net 10.00",
        "Total 11.90",
    ]


def test_two_addresses_beside_each_other_are_read_one_after_the_other():
    left, right = (
        ("Kunden AG", "Hauptstraße Mitte", "Frankfurt am Main"),
        ("Lieferant GmbH", "Am Anger", "Hof an Saale"),
    )
    words = [
        word
        for place in range(3)
        for x, side in ((0, left), (300, right))
        for word in row(12 * place, (x, side[place]))
    ]
    lines = reading_of_words(words, 500, 50).pages[0].lines
    assert [line.text for line in lines] == [*left, *right]
    assert [line.block for line in lines] == [0, 0, 0, 1, 1, 1]


def test_rows_of_a_tilted_page_are_kept_together():
    words = [
        Word(f"{line}{place}", 50 * place, 14 * line + 4 * place, 50 * place + 40, 14 * line + 4 * place + 10)
        for line in range(10)
        for place in range(10)
    ]
    lines = reading_of_words(words, 500, 200).pages[0].lines
    assert [line.text for line in lines] == [" ".join(f"{n}{p}" for p in range(10)) for n in range(10)]
