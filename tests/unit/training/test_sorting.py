"""Figures of the adapter triage, from answers."""

from __future__ import annotations

import json

import pytest
from abax.mail.answering import Sorted

from training.adapters.examples import Example
from training.adapters.sorting import judged, score


def example(**told: object) -> Example:
    asked = ({"role": "user", "content": f"{', '.join(told)}\nFrom: somebody"},)
    said = json.dumps({task: value for task, value in told.items() if value != ""})
    return Example("triage", "one", asked, said, "scenes", "", "en", "one", "billing", "test")


def test_labels_are_counted_and_sets_compared() -> None:
    asked = [
        example(category="billing", actions=["pay", "explain"]),
        example(category="order", actions=[], names={"invoice": ["A-1"]}),
    ]
    found = [
        Sorted(category="billing", actions=["pay"]),
        Sorted(category="billing", actions=["cancel"], names={"invoice": ["A-1", "A-2"]}),
    ]

    figures = judged(asked, found)

    assert figures["category"]["accuracy"] == {"right": 1, "of": 2}
    assert figures["actions"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "mails": 2}
    assert figures["names"]["precision"] == 0.5
    assert figures["names"]["recall"] == 1.0


def test_an_answer_that_does_not_read_is_wrong_in_all_that_was_asked() -> None:
    figures = judged([example(urgency="high", by="")], [None])

    assert figures["urgency"]["accuracy"] == {"right": 0, "of": 1}
    assert figures["by"]["accuracy"] == {"right": 0, "of": 1}


def test_no_day_is_right_where_there_is_none() -> None:
    asked = [example(by=""), example(by="5 May")]

    assert judged(asked, [Sorted(), Sorted()])["by"]["accuracy"] == {"right": 1, "of": 2}


def test_a_mail_scores_the_share_of_what_it_is_asked_for() -> None:
    asked = example(category="billing", by="", actions=["pay", "explain"])
    assert score(asked, Sorted(category="billing", actions=["pay", "explain"])) == 1.0
    assert score(asked, Sorted(category="order", by="5 May", actions=["pay", "explain"])) == 1 / 3
    assert score(asked, Sorted(category="billing", actions=["pay"])) == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert score(asked, None) == 0.0
