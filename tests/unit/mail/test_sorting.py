"""A model that was trained to sort mail: asked of what is doubtful, heard as far as it was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.errors import ModelFailed
from abax.mail.answering import Sender
from abax.mail.contracts import Sentiment, Triage, Urgency
from abax.mail.desk import ANSWERED, Desk, Policy, Sorting
from abax.mail.sorting import day_of, sender_of
from abax.mail.taxonomy import Taxonomy
from abax.mail.triage import triage
from abax.mail.ways import beside, ways
from abax.mail.wording import wording_for
from abax.writing.client import Budget, Client
from pydantic import ValidationError

from tests.support.letters import NOW, desk, letter

VAGUE = "Concerning the matter of last week, kindly see to it."
EVERYTHING = Sorting(below=dict.fromkeys(ANSWERED, 2.0), right=dict.fromkeys(ANSWERED, 0.8))

OWN = """
name = "own"
version = 1
unsure = "rest"
[priorities]
critical = "P1"
high = "P2"
normal = "P3"
low = "P3"
[[department]]
name = "none"
queue = "none"
[[category]]
name = "bills"
department = "none"
description = "What is to be paid."
[[category]]
name = "rest"
department = "none"
description = "All else."
"""


def said(**told: object) -> str:
    return json.dumps(told)


def sorting_desk(
    *script: str | ModelFailed, sorting: Sorting = EVERYTHING, adapters: tuple[str, ...] = ("triage",)
) -> tuple[Desk, ScriptedModel]:
    model = ScriptedModel(script, adapters=adapters)
    client = Client(model, Budget(30, 5000), attempts=1)
    return desk(client=client, policy=Policy(sorting=sorting)), model


def one(text: str, at: Desk, **more) -> Triage:
    [found] = triage([letter(text, **more)], at)
    return found


def test_its_word_is_taken_with_the_confidence_that_was_measured() -> None:
    at, model = sorting_desk(
        said(category="contract", sentiment="negative", urgency="critical", wanted=True, actions=["decide"])
    )

    found = one(VAGUE, at)

    assert (found.category.value, found.category.confidence) == ("contract", 0.8)
    assert found.category.method == "model:mail.sort.v1"
    assert (found.sentiment.value, found.urgency.value) == (Sentiment.NEGATIVE, Urgency.CRITICAL)
    assert [action.kind for action in found.asked.actions] == ["decide"]
    assert found.asked.actions[0].evidence in (VAGUE, "")
    assert found.model == "scripted:triage"
    assert model.requests[0].adapter == "triage"


def test_only_what_is_doubtful_is_asked() -> None:
    sorting = Sorting(below={"category": 0.0, "sentiment": 2.0}, right={"category": 0.8, "sentiment": 0.8})
    at, model = sorting_desk(said(sentiment="positive", urgency="critical"), sorting=sorting)

    found = one("Invoice 4711 shows the wrong VAT. Please correct it.", at)

    assert (found.sentiment.value, found.urgency.value) == (Sentiment.POSITIVE, Urgency.NORMAL)
    assert model.requests[0].messages[-1]["content"].startswith("sentiment\nFrom: somebody\n")


def test_what_is_sure_is_not_asked_and_nothing_is_by_default() -> None:
    below = Sorting(below={"category": 0.01}, right={"category": 0.8})
    for sorting in (below, Sorting()):
        at, model = sorting_desk(sorting=sorting)
        assert one(VAGUE, at).model == ""
        assert model.requests == []


def test_a_model_without_the_adapter_is_not_asked() -> None:
    at, model = sorting_desk(adapters=("write",))

    found = one(VAGUE, at)

    assert (found.model, model.requests) == ("", [])
    assert found == one(VAGUE, desk(policy=at.policy))


def test_a_house_with_other_categories_is_sorted_without_it() -> None:
    at, model = sorting_desk()
    own = Taxonomy.parsed(OWN, "own.toml")

    triage([letter(VAGUE)], replace(at, taxonomy=own))

    assert model.requests == []


def test_agreement_makes_a_claim_surer_and_keeps_what_it_rests_on() -> None:
    at, _ = sorting_desk(said(category="billing"))
    text = "Invoice 4711 is wrong."
    alone = one(text, desk())

    found = one(text, at)

    assert found.category.value == alone.category.value == "billing"
    assert found.category.confidence == max(alone.category.confidence, 0.8)
    assert (found.category.evidence, found.category.method) == (
        alone.category.evidence,
        alone.category.method,
    )


@pytest.mark.parametrize("answer", ["no JSON", said(category="gossip"), ModelFailed("it broke")])
def test_an_answer_that_is_none_leaves_what_words_said(answer: str | ModelFailed) -> None:
    at, _ = sorting_desk(answer)
    without = one(VAGUE, desk())

    found = one(VAGUE, at)

    assert (found.category, found.urgency, found.asked) == (without.category, without.urgency, without.asked)


def test_rules_have_the_last_word() -> None:
    at, _ = sorting_desk(said(category="billing"))
    away = letter("Automatic words.", "Automatic reply: x", headers={"auto-submitted": ("auto-replied",)})

    [found] = triage([away], at)

    assert found.category.method == "rule:sent-by-a-machine"


def test_a_department_is_heard_among_those_that_take_the_category() -> None:
    text = "The matter of the transfer is still to be settled."
    for name, heard in (("accounts_payable", True), ("logistics", False)):
        at, _ = sorting_desk(said(category="payment", department=name))
        assert (one(text, at).department.value == name) is heard


def test_what_words_tell_is_not_lost_where_the_policy_asks_of_the_unknown_alone() -> None:
    sorting = Sorting(below={"actions": 0.5, "by": 0.5}, right={"actions": 0.7, "by": 0.7})
    at, _ = sorting_desk(*[said(actions=["refund"], by="4 December")] * 2, sorting=sorting)

    known = one("Please send us a copy of invoice 4711.", at)
    unknown = one("Please see to the matter of the double booking.", at)

    assert [action.kind for action in known.asked.actions] == ["send_document"]
    assert [(action.kind, action.due) for action in unknown.asked.actions] == [("refund", date(2026, 12, 4))]


def test_a_day_is_read_as_it_is_printed() -> None:
    words = wording_for("en")

    assert day_of("by 4 December", NOW.date(), words) == date(2026, 12, 4)
    assert day_of("4 March 2020", NOW.date(), words) is None
    assert day_of("soonish", NOW.date(), words) is None


def test_senders_are_told_by_books_and_headers() -> None:
    away = letter("x", headers={"auto-submitted": ("auto-replied",)})

    assert sender_of(letter("x"), "", ours=False) is Sender.SOMEBODY
    assert sender_of(letter("x"), "payable", ours=False) is Sender.SUPPLIER
    assert sender_of(letter("x"), "payable", ours=True) is Sender.OURSELVES
    assert sender_of(away, "receivable", ours=False) is Sender.MACHINE


def test_a_policy_that_says_not_how_sure_answers_are_is_refused() -> None:
    with pytest.raises(ValidationError, match="how sure"):
        Sorting(below={"category": 0.5})
    with pytest.raises(ValidationError, match="gossip"):
        Sorting(below={"gossip": 0.5}, right={"gossip": 0.5})


def test_ways_that_the_model_cannot_go_are_left_out() -> None:
    assert list(ways(desk())) == ["classifiers"]
    assert list(ways(sorting_desk(adapters=())[0])) == ["classifiers", "model"]
    assert list(ways(sorting_desk()[0])) == ["classifiers", "model", "adapter", "both"]


def test_ways_stand_beside_each_other_by_task() -> None:
    told = {"tasks": {"category": {"macro_f1": 0.5}}, "sets": {"actions": {"f1": 0.4}}}

    assert beside({"a": told, "b": told}) == {
        "category": {"a": 0.5, "b": 0.5},
        "actions": {"a": 0.4, "b": 0.4},
    }
