"""Texts that another function writes, waited for: what an edge without a model asks instead of one."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.compose import Edge, edge
from abax.errors import InvalidRequest, ModelFailed, OutOfTime
from abax.ports import JobState, TextRequest
from abax.workflow.context import Services, TextContext, Texts
from abax.workflow.ordered_texts import OrderedTexts, model_of
from abax.workflow.texts import run_texts

ASKED = TextRequest([{"role": "user", "content": "Which day?"}], max_tokens=20, schema={"type": "object"})


class Runner:
    """The TextRunner port; None for a model: the job stays as it is."""

    def __init__(self, house: Edge, model: ScriptedModel | None) -> None:
        self.house, self.model = house, model
        self.seconds: list[float] = []

    def run(self, job_id: str, seconds: float) -> None:
        self.seconds.append(seconds)
        if self.model is not None:
            services = self.house.services
            context = TextContext(services.objects, services.jobs, self.model, self.house.texts.callbacks)
            run_texts(context, [job_id], time.monotonic() + seconds)


def ordered(house: Edge, model: ScriptedModel | None) -> tuple[OrderedTexts, Runner]:
    runner = Runner(house, model)
    services: Services = house.services
    assert services.texts is not None
    return OrderedTexts(services, replace(services.texts, runner=runner, model=None)), runner


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    return edge(tmp_path)


def test_a_text_is_ordered_waited_for_and_given_with_its_value(house: Edge) -> None:
    texts, runner = ordered(house, ScriptedModel(['{"day": "none"}'], name="far"))
    result = texts.generate(ASKED, time.monotonic() + 5)
    assert (result.parsed, result.model) == ({"day": "none"}, "far")
    assert 0 < runner.seconds[0] <= 5


def test_one_that_is_not_written_in_time_is_given_up(house: Edge) -> None:
    texts, _ = ordered(house, None)
    with pytest.raises(ModelFailed, match="longer than an answer can wait"):
        texts.generate(ASKED)
    [job] = house.services.jobs.recent(5, "text")
    assert job.state is JobState.CANCELLED


def test_an_error_of_its_writer_is_told_and_stops_no_other(house: Edge) -> None:
    script: list[Any] = [InvalidRequest("too long", "messages"), '{"day": "2027-01-01"}']
    texts, _ = ordered(house, ScriptedModel(script))
    first, second = texts.generate_all([ASKED, replace(ASKED, max_tokens=21)])
    assert isinstance(first, ModelFailed) and "too long" in str(first)
    assert not isinstance(second, Exception) and second.parsed == {"day": "2027-01-01"}


def test_nothing_is_ordered_for_which_no_time_is_left(house: Edge) -> None:
    texts, runner = ordered(house, ScriptedModel(["{}"]))
    [late] = texts.generate_all([ASKED], time.monotonic() + 0.5)
    assert isinstance(late, OutOfTime) and not runner.seconds
    with pytest.raises(InvalidRequest, match="adapter"):
        texts.generate(replace(ASKED, adapter="extract"))


def test_a_model_in_this_process_is_asked_itself(house: Edge) -> None:
    services = house.services
    assert services.texts is not None
    assert model_of(services, services.texts) is services.texts.model
    far = Texts(services.texts.runner, services.texts.queue)
    assert isinstance(model_of(services, far), OrderedTexts)
