from collections import Counter

import pytest

from training.mail.generate import LANGUAGES, PARTS, generate, phrases_apart, phrases_of


def test_the_same_seed_makes_the_same_mails():
    assert list(generate(40, 3)) == list(generate(40, 3))
    assert list(generate(40, 3)) != list(generate(40, 4))


def test_every_language_has_every_topic_and_mood():
    topics = {language: set(phrases_of(language)["topics"]) for language in LANGUAGES}
    assert len(LANGUAGES) == 7
    assert set(map(frozenset, topics.values())) == {frozenset(topics["en"])}
    assert len(topics["en"]) == 12
    made = Counter((one.language, one.category) for one in generate(4000, 1))
    assert len(made) == 7 * 12


def test_no_slot_is_left_unfilled():
    assert not [one.text for one in generate(1500, 2) if "{" in one.text or "}" in one.text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_in_two_parts_or_of_two_moods(language):
    homes = {}
    for _, part, kind, label, text in (one for one in phrases_apart() if one[0] == language):
        if kind in ("mood", "pace"):
            homes.setdefault(text, set()).add((part, label))
    assert all(len(found) == 1 for found in homes.values())
    assert {part for found in homes.values() for part, _ in found} == set(range(PARTS))


def test_what_asks_and_what_does_not_is_told_of_each_sentence():
    mails = [one for one in generate(1500, 5) if one.language == "en" and one.category == "billing"]
    asked = {text for one in mails for text, asks in one.sentences if asks}
    told = {text for one in mails for text, asks in one.sentences if not asks}
    assert any(text.startswith(("Please", "Could")) for text in asked)
    assert not any(text.endswith("?") for text in told)
