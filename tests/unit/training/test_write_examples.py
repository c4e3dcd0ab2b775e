"""Examples of letters: what a prompt shows is all that they say, and the writer's own checks took them."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from abax.ports import TextRequest
from abax.writing.services.wording import wording
from abax.writing.spelling import LANGUAGES
from hypothesis import given
from hypothesis import strategies as st

from training.adapters import leaks, write, write_contexts, write_figures, write_letters, write_replies
from training.adapters.examples import Example, Refused
from training.adapters.leaks import Kept
from training.adapters.write_contexts import World, words_of
from training.adapters.write_teacher import ADAPTER, Teacher, marked

SERVICES = ("reminder", "follow-up", "deal-summary", "notes")
FACTS = (
    "Facts:\n<facts-0a1b2c3d>\ndeadline: 27 November 2026\ninvoices.0.number: RE-17\n"
    "total.EUR: EUR 1,234.50\ndays overdue: 20 days\nsender: Mara Lindt\n"
    "recipient.name: Oskar Thiel\n</facts-0a1b2c3d>\n"
    "Write a short reminder in English. It is the firm one."
)


def made(service: str, count: int, seed: int = 3) -> list[Example]:
    rng = random.Random(seed)
    found = [write.taught(case, rng) for case in write.cases(service, count, seed)]
    return [one for one in found if isinstance(one, Example)]


def test_the_same_seed_makes_the_same_examples_and_another_others() -> None:
    first, again, other = made("follow-up", 4), made("follow-up", 4), made("follow-up", 4, seed=4)
    assert first == again
    assert first
    assert first != other


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_learnt_was_taken_and_says_no_number_that_is_not_shown(service: str) -> None:
    found = made(service, 6)
    assert len(found) >= 5
    for one in found:
        shown = " ".join(" ".join(message["content"].split()) for message in one.messages)
        told = " ".join(_texts(json.loads(one.answer)))
        for word in re.findall(r"\S*\d\S*", told):
            assert word.strip(".,;:()") in shown, (one.name, word)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [text for one in inner for text in _texts(one)]


def test_companies_that_are_written_to_are_in_one_split() -> None:
    found = list(write.cases("reminder", 60, 5))
    groups = {split: {one.group for one in found if one.split == split} for split in ("train", "test")}
    assert groups["train"]
    assert groups["test"]
    assert not groups["train"] & groups["test"]
    assert {one.split for one in write.cases("reminder", 8, 5, split="test")} == {"test"}


def test_a_text_that_the_writer_does_not_take_is_refused_with_why(monkeypatch: pytest.MonkeyPatch) -> None:
    lie = write_letters.as_json(subject="Reminder", body="Please pay EUR 9,999.99 by tomorrow.")
    monkeypatch.setattr(write, "_composed", lambda *_: lie)
    [case] = write.cases("reminder", 1, 8)
    found = write.taught(case, random.Random(1))
    assert isinstance(found, Refused)
    assert found.why.startswith("not taken (")


def test_an_answer_longer_than_its_prompt_grants_is_refused() -> None:
    of = write.Kind("a", "reminder", "en", "Kessel AG", "train")
    request = TextRequest([{"role": "user", "content": "Write."}], max_tokens=5)
    found = write.example_of(of, request, "one two three four five six seven eight", random.Random(1))
    assert isinstance(found, Refused)
    assert found.why == "too long (more than the 5 tokens of its prompt)"


def test_letters_of_the_evaluation_and_whoever_they_are_to_are_kept_out() -> None:
    kept = write.kept_out(write.Sources(1), Kept())
    rows = [
        json.loads(row) for row in (leaks.GOLDEN / "writing" / "drafts.jsonl").read_text("utf-8").splitlines()
    ]
    readers = {row["context"]["recipient"].get("company", "") for row in rows} - {""}
    assert readers
    of = {"task": "write", "name": "a", "messages": ({"role": "user", "content": "nothing"},), "answer": "{}"}
    rest = {"source": "s", "licence": "l", "language": "en", "kind": "reminder", "split": "train"}
    assert kept.leak(Example(**of, **rest, group=sorted(readers)[0])) == "its issuer is in an evaluation set"  # type: ignore[arg-type]
    assert kept.leak(Example(**of, **rest, group="Nobody Ever GmbH")) is None  # type: ignore[arg-type]


# --- wording --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("service", write_letters.LETTERS)
def test_further_sentences_are_of_keys_and_slots_that_their_template_has(language: str, service: str) -> None:
    own = wording(service, language).sentences
    for key, sentences in words_of(language)[service].items():
        slots = set(re.findall(r"{(\w+)}", own.get(key.replace("single", "line"), own.get(key, ""))))
        assert slots or key in own, key
        for sentence in sentences:
            assert set(re.findall(r"{(\w+)}", sentence)) == slots, (key, sentence)


def test_a_reminder_is_told_from_the_facts_that_its_prompt_shows() -> None:
    facts = write_letters.facts_in(FACTS)
    assert facts["total.EUR"] == "EUR 1,234.50"
    voice = write_letters.Voice("reminder", "en", random.Random(2))
    told = json.loads(write_letters.Reminder(facts, "firm", voice).email(long=False))
    assert "RE-17" in told["subject"]
    for value in ("RE-17", "EUR 1,234.50", "27 November 2026", "20 days", "Oskar Thiel"):
        assert value in told["body"]
    assert "Mara Lindt" not in told["body"]


def test_the_fences_of_an_example_are_drawn_by_its_seed() -> None:
    request = TextRequest([{"role": "user", "content": FACTS}])
    one, same, other = (marked(request, random.Random(seed)) for seed in (1, 1, 2))
    assert one.messages == same.messages != other.messages
    assert write_letters.facts_in(one.messages[0]["content"]) == write_letters.facts_in(FACTS)


def test_the_teacher_keeps_what_it_was_asked_and_has_the_adapter() -> None:
    teacher = Teacher(lambda request: request.messages[0]["content"].upper())
    assert teacher.generate(TextRequest([{"role": "user", "content": "a"}])).text == "A"
    assert teacher.asked is not None
    assert ADAPTER in teacher.adapters


# --- contexts -------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000))
def test_account_numbers_have_check_digits_that_are_right(seed: int) -> None:
    iban = World(random.Random(seed)).iban().replace(" ", "")
    moved = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    assert int(moved) % 97 == 1


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_invoices_are_overdue_and_none_stands_there_twice(seed: int, count: int) -> None:
    world = World(random.Random(seed))
    bills = world.bills(world.company(), count, write_contexts.TODAY)
    assert len({one["number"] for one in bills}) == len(bills)
    for one in bills:
        assert one["due"] < write_contexts.TODAY
        assert one["amount"] > Decimal(0)
        assert one["issued"] is None or one["issued"] <= one["due"]


# --- replies and figures --------------------------------------------------------------------------------


def test_a_reply_in_other_words_states_what_the_template_states() -> None:
    rng = random.Random(1)
    cases = list(islice(write_replies.cases(6, 2), 6))
    taken = 0
    for case in cases:
        teacher = Teacher(lambda _, plain=case.plain: write_replies.composed(plain, rng))  # type: ignore[misc]
        reply = write_replies.answered(case, teacher.client())
        taken += reply.method.startswith("model:")
        if reply.method.startswith("model:"):
            assert all(fact.shown in reply.body for fact in case.plain.facts if fact.name != "company")
    assert taken >= 4


def test_a_sentence_of_a_report_is_said_again_with_the_same_figures() -> None:
    rng = random.Random(1)
    found = [(one, *write_figures.reworded(one, rng)) for one in write_figures.told(4, 1)]
    said = [(one.text, text) for one, text, _ in found if text]
    assert len(said) > len(found) / 2
    for text, other in said:
        assert text != other
        assert re.findall(r"\d[\d.,]*", text) == re.findall(r"\d[\d.,]*", other)
    assert all(why for _, text, why in found if not text)
