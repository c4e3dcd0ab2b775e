import time

import pytest
from abax.mail.text_traits import graded, text_traits
from hypothesis import given, settings
from hypothesis import strategies as st


def test_an_amount_is_graded_by_the_steps_that_it_is_above():
    assert [graded("cries", amount, (0, 1, 3)) for amount in (0, 0.5, 1, 2, 9)] == [
        "cries:0",
        "cries:1",
        "cries:1",
        "cries:2",
        "cries:3",
    ]


def test_words_and_phrases_count_for_their_topics_in_any_case():
    found = set(text_traits("Lose weight", "No OBLIGATION. Lower your mortgage,\nclick here!"))
    assert {"topic-offer:2", "topic-money:1", "topic-hurry:1", "subject-health", "unwanted:3"} <= found
    assert not any(trait.startswith(("topic-craft", "topic-talk")) for trait in found)


def test_topics_of_wanted_mail_are_held_against_those_of_unwanted_mail():
    wanted = set(text_traits("", "I think the patch has a bug: the kernel error is in the config file."))
    unwanted = set(text_traits("", "Make money, lose weight, win prizes, free trial, act now."))
    assert "unwanted-to-wanted:0" in wanted
    assert "unwanted-to-wanted:5" in unwanted or "unwanted-to-wanted:6" in unwanted


def test_layout_is_told_by_shares_not_by_length():
    loud = "BUY THIS NOW AND SAVE!!!\n"
    once, often = (set(text_traits("", loud * count)) for count in (4, 40))
    assert {"body:capitals", "capitals:6", "loud-lines:4", "shouted:4"} <= once & often


def test_words_of_a_subject_are_traits_and_figures_are_not():
    found = {trait for trait in text_traits("Your order 4711", "") if trait.startswith("subject=")}
    assert found == {"subject=your", "subject=order"}


@given(st.text(max_size=200), st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_has_traits_of_one_word_each(subject, body):
    assert all(trait and len(trait.split()) == 1 for trait in text_traits(subject, body))


@pytest.mark.parametrize("piece", ["a", "1", "aB1", "http://", "a ", "\n", "!", "$1", "1 ", "é"])
def test_texts_without_end_take_no_time(piece):
    long = piece * (100_000 // len(piece))
    begun = time.perf_counter()
    assert set(text_traits(long[:2000], long))
    assert time.perf_counter() - begun < 2
