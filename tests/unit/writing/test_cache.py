"""Answers that are kept: by model, prompt version and input, for so long, never where chance plays a part."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.records import SqliteRecords
from abax.adapters.scripted import ScriptedModel
from abax.errors import ModelFailed
from abax.ports import TextResult
from abax.writing.cache import MemoryCache, RecordCache, key_of
from abax.writing.client import Budget, Client
from abax.writing.prompts import prompt
from abax.writing.tiers import Models

ASKED = prompt("close.reword_fact")
ANSWER = TextResult("{}", "stop", "m", prompt_tokens=3, completion_tokens=1)


def said(text: str) -> str:
    return json.dumps({"sentence": text})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_key_tells_model_version_and_input_apart() -> None:
    other = dataclasses.replace(ASKED, version=2)
    keys = {
        key_of("m", ASKED, {"sentence": "x"}),
        key_of("n", ASKED, {"sentence": "x"}),
        key_of("m", other, {"sentence": "x"}),
        key_of("m", ASKED, {"sentence": "y"}),
        key_of("m", ASKED, {"sentence": "x"}, "write"),
        key_of("m", ASKED, {"sentence": "x"}, "other"),
    }
    assert len(keys) == 6 and None not in keys
    assert key_of("m", ASKED, {"a": 1, "b": 2}) == key_of("m", ASKED, {"b": 2, "a": 1})


def test_nothing_is_kept_where_chance_has_a_part_in_the_answer() -> None:
    assert key_of("m", dataclasses.replace(ASKED, temperature=0.1), {"sentence": "x"}) is None


@pytest.fixture(params=["memory", "records"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, Clock]]:
    clock = Clock()
    if request.param == "memory":
        yield MemoryCache(seconds=60, clock=clock), clock
    else:
        yield RecordCache(SqliteRecords(tmp_path / "abax.db"), seconds=60, clock=clock), clock


def test_an_answer_is_found_again_until_it_is_too_old(kept: tuple[Any, Clock]) -> None:
    cache, clock = kept
    cache.put("k", ANSWER)
    clock.now += 60
    found = cache.get("k")
    assert (found.text, found.model, found.prompt_tokens, found.completion_tokens) == ("{}", "m", 3, 1)
    clock.now += 1
    assert cache.get("k") is None
    assert cache.get("other") is None


def test_the_one_that_was_not_used_for_longest_makes_room() -> None:
    cache = MemoryCache(most=2)
    cache.put("a", ANSWER)
    cache.put("b", ANSWER)
    cache.get("a")
    cache.put("c", ANSWER)
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]


def clients(*script: Any, **changes: Any) -> tuple[ScriptedModel, Models]:
    model = ScriptedModel(script)
    return model, Models(model, cache=MemoryCache(), **changes)


def test_the_same_is_not_asked_twice() -> None:
    model, models = clients(said("one"))
    first = Client(models, Budget(10, 1000)).ask(ASKED, sentence="x")
    again = Client(models, Budget(10, 1000))
    assert again.ask(ASKED, sentence="x") == first
    assert len(model.requests) == 1
    assert (again.spent.calls, again.spent.remembered, again.spent.completion_tokens) == (0, 1, 0)


def test_an_answer_of_another_adapter_or_of_none_is_no_answer() -> None:
    asked = dataclasses.replace(ASKED, adapter="write")
    cache = MemoryCache()
    for adapters, line in (((), "plain"), (("write",), "adapted"), ((), "plain"), (("write",), "adapted")):
        models = Models(ScriptedModel([said(line)], "m", adapters=adapters), cache=cache)
        client = Client(models, Budget(10, 1000))
        answer = client.ask(asked, sentence="x")
        assert getattr(answer, "sentence", None) == line
    assert (client.spent.calls, client.spent.remembered) == (0, 1)


def test_a_kept_answer_says_with_which_adapter_it_was_made(kept: tuple[Any, Clock]) -> None:
    cache, _ = kept
    cache.put("k", TextResult("words", "stop", "m", adapter="write"))
    cache.put("l", TextResult("words", "stop", "m"))
    assert (cache.get("k").adapter, cache.get("l").adapter) == ("write", "")


def test_equal_ones_in_a_batch_are_asked_once() -> None:
    model, models = clients(said("one"), said("two"))
    variables: list[Mapping[str, str]] = [{"sentence": "x"}, {"sentence": "y"}, {"sentence": "x"}]
    answers = Client(models, Budget(10, 1000)).ask_all(ASKED, variables)
    assert [getattr(answer, "sentence", None) for answer in answers] == ["one", "two", "one"]
    assert model.batches == [2]


def test_an_answer_of_no_use_is_not_kept_nor_is_its_correction() -> None:
    model, models = clients("no json", said("better"), said("as asked"))
    for expected in ("better", "as asked", "as asked"):
        client = Client(models, Budget(10, 1000), pause=0)
        assert client.ask(ASKED, sentence="x").model_dump() == {"sentence": expected}
    assert len(model.requests) == 3


def test_a_kept_answer_that_fits_no_more_is_asked_for_again() -> None:
    model, models = clients(said("new"))
    key = key_of(model.name, ASKED, {"sentence": "x"})
    assert models.cache is not None and key is not None
    models.cache.put(key, dataclasses.replace(ANSWER, text='{"phrase": "old"}'))
    assert Client(models, Budget(10, 1000)).ask(ASKED, sentence="x").model_dump() == {"sentence": "new"}


def test_a_failure_is_not_kept() -> None:
    _, models = clients(ModelFailed("broke"), said("later"))
    with pytest.raises(ModelFailed):
        Client(models, Budget(10, 1000)).ask(ASKED, sentence="x")
    assert Client(models, Budget(10, 1000)).ask(ASKED, sentence="x").model_dump() == {"sentence": "later"}
