"""Examples of mails to learn triage from."""

from __future__ import annotations

import json
import random
from argparse import Namespace
from itertools import islice

import pytest
from abax.mail import answering
from abax.mail.answering import Sender

from training.adapters import triage
from training.adapters.examples import Example
from training.adapters.leaks import Kept
from training.mail import generate
from training.mail.scenes import scenes


@pytest.fixture(scope="module")
def made() -> list[Example]:
    found = triage.Sources(synthetic=70, seed=3).examples()
    return [one for one in found if isinstance(one, Example)]


def test_each_answer_answers_what_is_asked(made: list[Example]) -> None:
    for one in made:
        tasks = one.seen.partition("\n")[0].split(", ")
        told = list(json.loads(one.answer))
        assert told == [task for task in tasks if task in told]
        assert set(tasks) - set(told) <= {"by"}


def test_texts_of_answers_stand_in_what_is_shown(made: list[Example]) -> None:
    for one in made:
        told = answering.Sorted.model_validate_json(one.answer)
        for text in (told.by or "", *(text for _, text in (told.names.pairs if told.names else ()))):
            assert text in one.seen


def test_the_same_seed_makes_the_same_examples(made: list[Example]) -> None:
    again = triage.Sources(synthetic=70, seed=3).examples()
    assert [one for one in again if isinstance(one, Example)] == made


def test_no_group_is_in_two_splits(made: list[Example]) -> None:
    by_group: dict[str, set[str]] = {}
    for one in made:
        by_group.setdefault(one.group, set()).add(one.split)
    assert all(len(splits) == 1 for splits in by_group.values())
    assert {one.split for one in made} == {"train", "valid", "test"}


def test_splits_of_generated_mails_share_no_topical_phrase() -> None:
    used: dict[str, set[str]] = {}
    for case, split in ((case, case.split) for case in triage.generated(60, 1)):
        topics = generate.phrases_of(case.language)["topics"]
        asks = [text for topic in topics.values() for text in topic.get("asks", ()) if "{" not in text]
        used.setdefault(split, set()).update(text for text in asks if text in case.body)
    assert used["train"].isdisjoint(used["test"] | used["valid"])
    assert used["train"]


def test_truths_of_phrases_are_as_many_as_the_phrases() -> None:
    for topic, told in triage._truths().items():
        for sort in ("asks", "says"):
            for file, kinds in told.get(sort, {}).items():
                assert len(kinds.split()) == len(generate.lists("en", file, topic, sort)), (topic, sort, file)
        for sort, files in told.get("departments", {}).items():
            for file, marks in files.items():
                assert len(marks) == len(generate.lists("en", file, topic, sort)), (topic, sort, file)


def test_scenes_keep_to_the_vocabulary() -> None:
    found = list(scenes())

    assert {one.language for one in found} == set(generate.LANGUAGES)
    for one in found:
        told = {"category": one.category, "department": one.department, "actions": list(one.actions)}
        answering.answer(told | {"sentiment": one.sentiment, "urgency": one.urgency})
        assert one.text


def test_a_mail_with_phrases_of_two_sides_is_for_no_department() -> None:
    phrases = generate.lists("en", "phrases", "payment", "says")
    ours, theirs = phrases[0], phrases[1]

    def department(*used: str) -> str:
        return triage._department(
            generate.Made("en", 0, "", "", "payment", "neutral", "normal", (), used=used)
        )

    assert department(ours) == "accounts_receivable"
    assert department(theirs) == "accounts_payable"
    assert department(ours, theirs) == ""


def test_a_typing_error_in_a_number_is_not_asked_for() -> None:
    case = triage.Case(
        "one", "scenes", "en", "one", "train", "Invoice", "Please send INVV-7 again.",
        {"names": {"invoice": ["INV-7"]}, "wanted": True}, Sender.CUSTOMER,
    )  # fmt: skip

    assert case.example(random.Random(1)).answer == '{"wanted":true}'


def test_what_is_in_an_evaluation_set_is_kept_out() -> None:
    asked = Namespace(data=None, synthetic=21, corrections=None, fold=0, folds=5, seed=1)
    sources = triage.sources(asked)
    kept = triage.kept_out(sources, Kept())
    tested = next(one for one in sources.examples() if isinstance(one, Example) and one.split == "test")

    assert kept.leak(tested) is not None


def test_corrections_are_learnt_from_as_far_as_they_say(tmp_path) -> None:
    truth = {"category": "billing", "action": True, "actions": [{"kind": "correct"}], "urgency": "high"}
    line = {
        "id": "c1",
        "language": "en",
        "from": "a@b.example",
        "subject": "Wrong",
        "body": "Wrong sum on it.",
    }
    (tmp_path / "set.jsonl").write_text(json.dumps(line | {"truth": truth}), encoding="utf-8")

    [case] = islice(triage.corrections(tmp_path / "set.jsonl"), 2)

    assert case.truth == {"category": "billing", "urgency": "high", "wanted": True, "actions": ["correct"]}
