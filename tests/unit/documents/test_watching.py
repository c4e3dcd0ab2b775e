"""A model that is watched answers as it does unwatched, and what it took is told by document."""

from __future__ import annotations

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.documents.watching import Asked, Watched, figures
from abax.errors import ModelUnavailable
from abax.ports import TextRequest

REQUEST = TextRequest(messages=({"role": "user", "content": "one two three"},), schema={})


def test_what_goes_through_is_counted_until_it_is_taken() -> None:
    model = Watched(ScriptedModel(['"a b"', "no JSON", ModelUnavailable("gone")], "small", adapters=("x",)))
    assert (model.name, model.adapters) == ("small", frozenset({"x"}))
    first, second, third = model.generate_all([REQUEST] * 3)
    assert first.parsed == "a b"  # type: ignore[union-attr]
    assert second.parsed is None  # type: ignore[union-attr]
    assert isinstance(third, ModelUnavailable)
    asked = model.taken()
    assert (asked.questions, asked.unanswered) == (3, 2)
    assert (asked.prompt_tokens, asked.completion_tokens) == (6, 4)
    assert asked.seconds > 0
    assert model.taken() == Asked()


def test_one_text_and_its_error_are_those_of_the_model() -> None:
    model = Watched(ScriptedModel(['"a"', ModelUnavailable("gone")]))
    assert model.generate(REQUEST).parsed == "a"
    with pytest.raises(ModelUnavailable):
        model.generate(REQUEST)
    assert model.taken().questions == 2


def test_figures_are_those_of_documents_that_it_was_asked_for() -> None:
    told = figures([Asked(), Asked(2, 1.0, 0.5, 10, 5, 7), Asked(1, 3.0, 0.5, 10, 5, 7, 1)])
    assert (told["documents"], told["of"], told["questions"], told["unanswered"]) == (2, 3, 3, 1)
    assert told["seconds_median"] == 2.0
    assert told["seconds_p95"] == pytest.approx(2.9)
    assert (told["processor_seconds_median"], told["completion_tokens"]) == (0.5, 14)
    assert figures([Asked()])["seconds_median"] is None
