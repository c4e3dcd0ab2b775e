"""The client: retries what may pass, keeps to its budget, gives typed answers, counts tokens."""

from __future__ import annotations

import json
import logging
import time

import pytest
from abax.adapters.scripted import NoModel, ScriptedModel
from abax.errors import ModelFailed, ModelRefused, ModelUnavailable, ModelUnreachable
from abax.writing.client import Budget, Client
from abax.writing.prompts import Reworded, prompt

ASKED = prompt("reword_fact")
GOOD = json.dumps({"sentence": "Cash was up."})
AWAY = ModelUnreachable("host", "timed out")


def client(*script: object, tokens: int = 1000, seconds: float = 10, attempts: int = 2) -> Client:
    model = ScriptedModel(script)  # type: ignore[arg-type]
    return Client(model, Budget(seconds, tokens), attempts, pause=0.0)


def test_an_answer_is_of_the_prompt_s_type() -> None:
    assert client(GOOD).ask(ASKED, sentence="x") == Reworded(sentence="Cash was up.")


def test_several_are_asked_together_and_answered_in_order() -> None:
    asking = client(*[json.dumps({"sentence": f"No. {n}"}) for n in "abc"])
    found = asking.ask_all(ASKED, [{"sentence": "x"}] * 3)
    assert [one.sentence for one in found if isinstance(one, Reworded)] == ["No. a", "No. b", "No. c"]
    assert asking.model.batches == [3]  # type: ignore[attr-defined]


def test_what_cannot_be_reached_is_tried_again() -> None:
    asking = client(AWAY, GOOD)
    assert asking.ask(ASKED, sentence="x") == Reworded(sentence="Cash was up.")
    assert asking.model.batches == [1, 1]  # type: ignore[attr-defined]


def test_only_the_ones_that_failed_are_asked_again_with_a_little_chance() -> None:
    asking = client(GOOD, "no json", GOOD)
    found = asking.ask_all(ASKED, [{"sentence": "x"}, {"sentence": "y"}])
    assert all(isinstance(one, Reworded) for one in found)
    requests = asking.model.requests  # type: ignore[attr-defined]
    assert [request.messages[-1]["content"] for request in requests] == ["x", "y", "y"]
    assert [request.temperature for request in requests] == [0.0, 0.0, 0.3]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ((AWAY, AWAY), ModelUnreachable),
        ((ModelRefused("host", "401"),), ModelRefused),
        (("no json", '{"sentence": ""}'), ModelFailed),
        (('{"sentence": "x", "more": 1}', "{}"), ModelFailed),
    ],
)
def test_what_stays_wrong_is_raised_by_its_name(script: tuple[object, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        client(*script).ask(ASKED, sentence="x")


def test_a_cut_text_is_not_asked_for_again() -> None:
    asking = client(json.dumps({"sentence": "word " * 200}))
    with pytest.raises(ModelFailed, match="its tokens ended"):
        asking.ask(ASKED, sentence="x")
    assert asking.model.batches == [1]  # type: ignore[attr-defined]


def test_the_budget_of_tokens_is_kept() -> None:
    asking = client(GOOD, GOOD, tokens=2 * ASKED.max_tokens - 1)
    found = asking.ask_all(ASKED, [{"sentence": "x"}] * 2)
    assert [str(one) for one in found] == ["the budget for words is spent"] * 2
    assert asking.model.requests == []  # type: ignore[attr-defined]


def test_the_budget_of_time_is_kept() -> None:
    asking = client(GOOD, seconds=0)
    begun = time.monotonic()
    with pytest.raises(ModelFailed, match="budget"):
        asking.ask(ASKED, sentence="x")
    assert time.monotonic() - begun < 1


def test_tokens_are_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    asking = client(GOOD, GOOD)
    with caplog.at_level(logging.INFO, "abax.writing"):
        asking.ask(ASKED, sentence="x")
        asking.ask(ASKED, sentence="x")
    assert asking.spent.calls == 2
    assert asking.spent.completion_tokens > 0 and asking.spent.prompt_tokens > 0
    assert [record.counts["calls"] for record in caplog.records] == [1, 1]  # type: ignore[attr-defined]
    assert "scripted asked with reword_fact@1" in caplog.text


def test_no_model_is_an_answer_too() -> None:
    with pytest.raises(ModelUnavailable, match="no model is configured"):
        Client(NoModel(), Budget(1, 1000)).ask(ASKED, sentence="x")
