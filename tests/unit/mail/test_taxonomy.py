"""The taxonomy: what ships, a user's own, and faults that are told with their place."""

from __future__ import annotations

import pytest
from abax.errors import InvalidTaxonomy
from abax.mail.contracts import Priority, Urgency
from abax.mail.taxonomy import Taxonomy
from abax.mail.wording import LANGUAGES

from tests.support.letters import reading

CATEGORIES = {
    "billing", "payment", "order", "delivery", "technical", "account", "product", "complaint", "contract",
    "spam", "automatic", "other",
}  # fmt: skip

OWN = """
name = "club"
unsure = "rest"
[[department]]
name = "board"
queue = "the-board"
[[category]]
name = "fees"
department = "board"
words = { en = ["fee*", "annual contribution"] }
[[category]]
name = "rest"
department = "board"
"""


def test_twelve_categories_ship_with_words_of_seven_languages():
    taxonomy = Taxonomy.default()
    assert set(taxonomy.names) == CATEGORIES
    for category in taxonomy.categories:
        assert set(category.words) == set(category.strong) == set(LANGUAGES), category.name


def test_every_category_goes_to_a_department_with_a_queue():
    taxonomy = Taxonomy.default()
    for category in taxonomy.categories:
        assert taxonomy.queue(category.department)
    assert taxonomy.queue("none") == "unrouted"
    assert taxonomy.priorities[Urgency.CRITICAL] is Priority.P1


@pytest.mark.parametrize(
    ("text", "language", "category"),
    [
        ("Please send us a corrected invoice, the VAT is wrong.", "en", "billing"),
        ("Wann dürfen wir mit der Zahlung der Rechnung rechnen?", "de", "payment"),
        ("Nous souhaitons passer commande de 40 pièces.", "fr", "order"),
        ("El pedido no ha llegado y el transportista no contesta.", "es", "delivery"),
        ("Il portale non funziona e dà errore.", "it", "technical"),
        ("Ik ben mijn wachtwoord vergeten en kan niet inloggen.", "nl", "account"),
        ("Proszę o wycenę i kartę techniczną produktu.", "pl", "product"),
        ("Hiermit kündigen wir den Vertrag fristgerecht.", "de", "contract"),
    ],
)
def test_words_tell_the_category_in_each_language(text, language, category):
    shares, bearing = Taxonomy.default().shares(reading(text, language=language), language)
    assert max(shares, key=shares.get) == category
    assert bearing[category].text == text
    assert sum(shares.values()) == pytest.approx(1)


def test_without_a_word_all_categories_are_alike():
    shares, bearing = Taxonomy.default().shares(reading("Zzz qqq."), "en")
    assert len(set(shares.values())) == 1
    assert not bearing


def test_a_house_brings_its_own_categories():
    taxonomy = Taxonomy.parsed(OWN, "club.toml")
    shares, _ = taxonomy.shares(reading("Is the annual contribution due?"), "en")
    assert max(shares, key=shares.get) == "fees"
    assert taxonomy.queue("board") == "the-board"
    assert taxonomy.label == "club@1"


def test_categories_without_words_of_a_language_are_told_by_their_english_ones():
    shares, _ = Taxonomy.parsed(OWN, "club.toml").shares(reading("Die Fees sind hoch."), "de")
    assert shares["fees"] > shares["rest"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'department = "board"\nwords',
            'department = "bord"\nwords',
            ("category 1 (fees)", "'bord'", "board is meant"),
        ),
        ('unsure = "rest"', 'unsure = "remainder"', ("unsure", "'remainder'")),
        ('name = "rest"', 'name = "fees"', ("fees", "twice")),
        ('name = "rest"', 'name = "The Rest"', ("category 2 (The Rest).name",)),
        ('queue = "the-board"', "colour = 3", ("department 1 (board).colour",)),
        ("words = {", 'usual = "dance"\nwords = {', ("category 1 (fees).usual",)),
        ('"fee*"', '"..."', ("no phrase",)),
        ("[[department]]", "[[department", ("line",)),
    ],
)
def test_a_fault_is_told_with_its_place(old, new, words):
    with pytest.raises(InvalidTaxonomy) as caught:
        Taxonomy.parsed(OWN.replace(old, new, 1), "club.toml")
    assert caught.value.field == "club.toml"
    for word in words:
        assert word in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InvalidTaxonomy, match=r"none\.toml"):
        Taxonomy.read(tmp_path / "none.toml")


def test_a_file_is_read(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    assert Taxonomy.read(file).names == ("fees", "rest")
