"""Messages as sentences, and phrases found in them."""

from __future__ import annotations

import pytest
from abax.mail.phrases import Phrases, folded, words_of
from abax.mail.reading import sentences_of

from tests.support.letters import reading


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("See inv. no. 12 of Mr. Smith. Thanks.", ["See inv. no. 12 of Mr. Smith.", "Thanks."]),
        ("Am 30. November ist Schluss. Danke.", ["Am 30. November ist Schluss.", "Danke."]),
        (
            "Es geht um Nr. 4711, z.B. um Öl. Bitte prüfen.",
            ["Es geht um Nr. 4711, z.B. um Öl.", "Bitte prüfen."],
        ),
        ("Total EUR 1.250,00. Pay.", ["Total EUR 1.250,00.", "Pay."]),
        ("Hello Jane,\nplease pay.", ["Hello Jane,", "please pay."]),
        ("- one thing\n- another thing", ["- one thing", "- another thing"]),
        (
            "this line is wrapped by a mail program that\nbreaks lines at some width.",
            ["this line is wrapped by a mail program that breaks lines at some width."],
        ),
        ("all small. no capitals. ok", ["all small.", "no capitals.", "ok"]),
        (
            "a long line that ends with a dot, as a sentence does.\nand on",
            [
                "a long line that ends with a dot, as a sentence does.",
                "and on",
            ],
        ),
        ("Order: 12\nDate: 13", ["Order: 12", "Date: 13"]),
        ("", []),
    ],
)
def test_sentences_are_parted_where_a_reader_parts_them(text, sentences):
    assert list(sentences_of(text)) == sentences


def test_the_subject_is_the_first_sentence_without_its_prefixes():
    read = reading("Text.", "AW: Re: [2] Invoice 12")
    assert reading("Text.", "AW: WG: Invoice 12").sentences[0].text == "Invoice 12"
    assert reading("x", "Fwd: Late").sentences[0].evidence == "Subject: Late"
    assert read.sentences[0].place == 0


def test_a_message_without_anything_has_an_empty_subject_and_no_more():
    assert [sentence.text for sentence in reading("").sentences] == [""]


def test_a_very_long_message_is_read_up_to_a_limit():
    assert len(reading("Word here. " * 5000).sentences) <= 151


def test_folding_takes_case_accents_and_ligatures_away():
    assert folded("Échéance Straße Łódź œuvre ÜBER") == "echeance strasse lodz oeuvre uber"


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("mahn*", "Die Mahnung kam.", True),
        ("über*", "ueberweisen", True),
        ("send ... copy", "send us a certified copy", True),
        ("send ... copy", "send a b c d e f copy", False),
        ("within # days", "within 14 days", True),
        ("within # days", "within seven days", True),
        ("within # days", "within some days", False),
        ("end of @month", "the end of March", True),
        ("can't pay", "we can’t pay", True),
        ("pay", "payment", False),
    ],
)
def test_phrases_stand_for_what_they_say(phrase, text, found):
    phrases = Phrases([(phrase, 1)], {"#": {"seven": 7}, "month": {"march": 3}})
    assert bool(list(phrases.find(words_of(text)))) is found


def test_the_longest_phrase_is_kept_and_its_numbers_are_told():
    phrases = Phrases([("week", "week"), ("week #", "number"), ("next week #", "next")])
    [hit] = phrases.longest(words_of("in next week 48 please"))
    assert (hit.label, hit.values) == ("next", (48,))


@pytest.mark.parametrize("phrase", ["", "...", "... copy", "send ...", "a*"])
def test_what_is_no_phrase_is_refused(phrase):
    with pytest.raises(ValueError, match=r"phrase|stem"):
        Phrases([(phrase, 1)])
