"""Texts as jobs: asked for, written together, told; nothing lost on the way."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.texts import InProcess
from abax.adapters.scripted import ScriptedModel
from abax.errors import (
    CallbackFailed,
    InvalidRequest,
    ModelFailed,
    ModelUnreachable,
    TokenReused,
    UnknownJob,
)
from abax.ports import JobState
from abax.workflow import jobs
from abax.workflow.context import Services, TextContext, Texts
from abax.workflow.events import parse_text
from abax.workflow.request import CloseRequest
from abax.workflow.text_request import GenerateRequest
from abax.workflow.texts import (
    GENERATE,
    again,
    call_back,
    order_text,
    request_text,
    require_allowed,
    result_of,
    run_texts,
    stream_text,
)
from abax.writing.metrics import Price, Prices, metrics_of
from abax.writing.tiers import Models
from pydantic import ValidationError

from tests.support.sides import Side, local_side

AWAY = ModelUnreachable("host", "timed out")


class Postman:
    """Takes callbacks, or refuses them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.shut = False

    def send(self, url: str, body: bytes) -> None:
        if self.shut:
            raise CallbackFailed(url, "nobody there")
        self.sent.append((url, json.loads(body)))


class Desk:
    """Everything that writes, on a folder, with a scripted model."""

    def __init__(self, side: Side, *script: object, seconds: float = 0.0) -> None:
        self.side = side
        self.postman = Postman()
        self.model = ScriptedModel(script, seconds=seconds)  # type: ignore[arg-type]
        self.context = TextContext(side.objects, side.jobs, self.model, self.postman)
        texts = Texts(InProcess(self.context), side.queue)
        self.services = Services(side.objects, side.jobs, None, texts)  # type: ignore[arg-type]
        self.texts = texts

    def order(self, prompt: str = "Hello", **more: Any) -> str:
        return order_text(self.side.objects, self.side.jobs, asked(prompt, **more))[0].job_id

    def queued(self) -> list[Any]:
        found: list[Any] = []
        while self.side.queue.receive(found.append):
            pass
        return found


def asked(prompt: str = "Hello", **more: Any) -> GenerateRequest:
    return GenerateRequest.model_validate({"prompt": prompt, **more})


@pytest.fixture
def side(tmp_path: Path) -> Any:
    with local_side(tmp_path) as found:
        yield found


def test_a_text_that_is_done_in_time_is_there_at_once(side: Side) -> None:
    desk = Desk(side, "Good day.")
    job = request_text(desk.services, desk.texts, asked())
    assert (job.kind, job.state, job.progress) == ("text", JobState.SUCCEEDED, 1.0)
    result = result_of(side.objects, job)
    assert (result["text"], result["finish"], result["model"]) == ("Good day.", "stop", "scripted")
    assert desk.queued() == []


def test_one_that_takes_longer_is_left_to_the_queue_and_finished_there(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abax.workflow.texts.SECONDS", 0.05)
    desk = Desk(side, "too late", "Good day.", seconds=0.1)
    job = request_text(desk.services, desk.texts, asked())
    assert (job.state, job.execution) == (JobState.QUEUED, "queue")
    assert desk.queued() == [{"job_id": job.job_id}]
    assert run_texts(desk.context, [job.job_id], time.monotonic() + 5) == {job.job_id: None}
    assert result_of(side.objects, side.jobs.get(job.job_id))["text"] == "Good day."


@pytest.mark.parametrize("more", [{"wait": False}, {"callback": "https://example.com/hook"}])
def test_one_that_nobody_waits_for_goes_straight_to_the_queue(side: Side, more: dict[str, Any]) -> None:
    desk = Desk(side)
    job = request_text(desk.services, desk.texts, asked(**more))
    assert job.state is JobState.QUEUED
    assert desk.queued() == [{"job_id": job.job_id}]
    assert desk.model.requests == []


def test_the_same_token_is_the_same_text_and_another_request_with_it_a_conflict(side: Side) -> None:
    desk = Desk(side, "one", "two")
    first = request_text(desk.services, desk.texts, asked(client_token="t"))
    assert request_text(desk.services, desk.texts, asked(client_token="t")) == first
    with pytest.raises(TokenReused):
        request_text(desk.services, desk.texts, asked("Bye", client_token="t"))
    assert len(desk.model.requests) == 1


def test_a_repeated_request_whose_message_was_never_sent_sends_it(side: Side) -> None:
    desk = Desk(side)
    job_id = desk.order(client_token="t")
    job = request_text(desk.services, desk.texts, asked(client_token="t"))
    assert (job.job_id, job.execution) == (job_id, "queue")
    assert desk.queued() == [{"job_id": job_id}]
    request_text(desk.services, desk.texts, asked(client_token="t"))
    assert desk.queued() == []


def test_a_text_may_name_an_adapter_of_its_model(side: Side) -> None:
    desk = Desk(side)
    desk.model = ScriptedModel(["Dear Ana,"], adapters=["write"])
    desk.context = TextContext(side.objects, side.jobs, desk.model, desk.postman)
    known, unknown = desk.order("Write to Ana", adapter="write"), desk.order("Write to Ana", adapter="wrote")
    run_texts(desk.context, [known, unknown], None)
    assert [one.adapter for one in desk.model.requests] == ["write", "wrote"]
    done = side.jobs.get(known)
    assert done.state is JobState.SUCCEEDED and result_of(side.objects, done)["adapter"] == "write"
    failed = side.jobs.get(unknown)
    assert failed.state is JobState.FAILED and failed.error is not None
    assert failed.error["type"] == "InvalidRequest"
    assert "no adapter 'wrote'; it has write" in failed.error["message"]


def test_texts_of_a_batch_are_written_together_and_each_has_its_own_end(side: Side) -> None:
    script = [("good", "fine"), ("bad", "x"), ("away", "y")]
    desk = Desk(side, *script)
    desk.model._lines = [("good", "fine")]
    good, more = desk.order("good"), desk.order("good too")
    outcome = run_texts(desk.context, [good, more, good], None)
    assert outcome == {good: None, more: None}
    assert desk.model.batches == [2]
    assert {side.jobs.get(one).state for one in (good, more)} == {JobState.SUCCEEDED}


@pytest.mark.parametrize(
    "error", [ModelFailed("it broke"), InvalidRequest("5000 tokens do not fit", "messages")]
)
def test_what_no_second_try_would_mend_fails_the_job_by_its_name(side: Side, error: Exception) -> None:
    desk = Desk(side, error)
    job_id = desk.order()
    assert run_texts(desk.context, [job_id], None) == {job_id: None}
    job = side.jobs.get(job_id)
    assert job.state is JobState.FAILED
    assert job.error is not None and job.error["type"] == type(error).__name__


def test_what_may_pass_leaves_the_job_to_the_next_try(side: Side) -> None:
    desk = Desk(side, AWAY, "Good day.")
    job_id = desk.order()
    assert run_texts(desk.context, [job_id], None) == {job_id: AWAY}
    waiting = side.jobs.get(job_id)
    assert waiting.state is JobState.QUEUED and "to be tried again" in waiting.message
    assert run_texts(desk.context, [job_id], None) == {job_id: None}
    assert side.jobs.get(job_id).state is JobState.SUCCEEDED


def test_a_text_cut_by_the_last_deadline_is_kept_and_says_so(side: Side) -> None:
    desk = Desk(side, "as far as it came", seconds=1.0)
    job_id = desk.order()
    run_texts(desk.context, [job_id], time.monotonic() + 0.4)
    assert result_of(side.objects, side.jobs.get(job_id))["finish"] == "deadline"


def test_a_job_that_has_ended_is_left_alone(side: Side) -> None:
    desk = Desk(side, "one")
    job_id = desk.order()
    jobs.cancel(desk.services, job_id)
    assert run_texts(desk.context, [job_id], None) == {job_id: None}
    assert desk.model.requests == []
    assert side.jobs.get(job_id).state is JobState.CANCELLED


def test_a_message_that_names_a_close_leaves_the_close_alone(side: Side) -> None:
    desk = Desk(side, "Never.")
    close = CloseRequest(secret="books", company="1")
    job = jobs.create(side.jobs, close)[0]
    with pytest.raises(UnknownJob, match=job.job_id):
        run_texts(desk.context, [desk.order(), job.job_id], None)
    assert side.jobs.get(job.job_id) == job
    assert desk.model.requests == []


def test_the_job_shows_no_word_of_what_was_said(side: Side) -> None:
    desk = Desk(side)
    job = side.jobs.get(desk.order("my secret plan", max_tokens=7))
    assert job.request == {"max_tokens": 7, "characters": 14}
    assert "secret" not in job.model_dump_json()


def test_who_asked_to_be_told_is_told_with_the_result(side: Side) -> None:
    desk = Desk(side, "Good day.", ModelFailed("it broke"))
    told, failed = (desk.order(name, callback="https://example.com/hook") for name in "ab")
    run_texts(desk.context, [told, failed], None)
    for job_id in (told, failed):
        call_back(desk.context, job_id)
    (url, first), (_, second) = desk.postman.sent
    assert url == "https://example.com/hook"
    assert (first["job_id"], first["state"], first["result"]["text"]) == (told, "succeeded", "Good day.")
    assert (second["state"], second["error"]["type"], "result" in second) == ("failed", "ModelFailed", False)


def test_nobody_is_told_who_did_not_ask_or_before_the_end(side: Side) -> None:
    desk = Desk(side, "x")
    quiet, early = desk.order(), desk.order("b", callback="https://example.com/")
    run_texts(desk.context, [quiet], None)
    call_back(desk.context, quiet)
    call_back(desk.context, early)
    assert desk.postman.sent == []


def test_a_receiver_that_is_away_is_an_error_and_the_text_is_not_written_again(side: Side) -> None:
    desk = Desk(side, "once")
    job_id = desk.order(callback="https://example.com/")
    run_texts(desk.context, [job_id], None)
    desk.postman.shut = True
    with pytest.raises(CallbackFailed):
        call_back(desk.context, job_id)
    desk.postman.shut = False
    assert run_texts(desk.context, [job_id], None) == {job_id: None}
    call_back(desk.context, job_id)
    assert len(desk.model.requests) == len(desk.postman.sent) == 1


def test_a_failed_text_can_be_asked_for_again_once(side: Side) -> None:
    desk = Desk(side, ModelFailed("it broke"))
    job_id = desk.order()
    run_texts(desk.context, [job_id], None)
    anew = again(side.objects, side.jobs, side.jobs.get(job_id))
    assert anew.job_id != job_id
    assert again(side.objects, side.jobs, side.jobs.get(job_id)) == anew
    assert again(side.objects, side.jobs, anew) == anew


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prompt": "x", "messages": [{"role": "user", "content": "x"}]},
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"prompt": "x", "max_tokens": 0},
        {"prompt": "x", "temperature": 3},
        {"prompt": "x", "source": "s"},
        {"prompt": "x", "stop": [""]},
        {"prompt": "x", "colour": "red"},
        {"prompt": "x" * 200_001},
        {"prompt": "x", "stream": True, "callback": "https://example.com"},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GenerateRequest.model_validate(body)
    with pytest.raises(InvalidRequest):
        parse_text(json.dumps(body))


def test_a_message_s_id_or_event_stands_in_for_a_token() -> None:
    assert parse_text('{"prompt": "x"}', "m-1").client_token == "m-1"
    event = {"specversion": "1.0", "id": "1", "source": "s", "type": "abax.text.requested"}
    tokens = {
        parse_text({**event, "data": {"prompt": "x"}}, delivery).client_token for delivery in ("a", "b")
    }
    assert len(tokens) == 1
    with pytest.raises(InvalidRequest, match="type"):
        parse_text({**event, "type": "abax.close.requested", "data": {"prompt": "x"}})


def test_a_private_network_may_be_called_where_the_house_allows_it() -> None:
    require_allowed("http://127.0.0.1:8000/hook", "private")
    with pytest.raises(InvalidRequest):
        require_allowed("http://127.0.0.1:8000/hook", "public")
    with pytest.raises(InvalidRequest):
        require_allowed("file:///etc/passwd", "private")


def test_texts_are_counted_beside_prompts_with_what_they_cost_and_as_far_as_they_were_whole(
    side: Side,
) -> None:
    desk = Desk(side, ("late", "too late"), ("x", "Good day."), seconds=0.05)
    prices = Prices({"scripted": Price(completion=Decimal(1_000_000))})
    models = Models(desk.model, prices=prices)
    context = TextContext(side.objects, side.jobs, models, desk.postman)
    run_texts(context, [desk.order("x"), desk.order("unknown")], time.monotonic() + 5)
    run_texts(context, [desk.order("late")], time.monotonic() + 0.02)
    assert list(models.metrics.rows) == [(GENERATE, "scripted")]
    [usage] = models.metrics.rows.values()
    assert (usage.calls, usage.answered) == (3, 1)
    assert usage.cost == usage.completion_tokens > 0


def test_a_stream_is_counted_once_it_has_ended(side: Side) -> None:
    desk = Desk(side, "Good day to you.")
    pieces = stream_text(desk.model, asked(stream=True))
    next(pieces)
    assert metrics_of(desk.model).rows == {}
    assert "".join(piece.text for piece in pieces).endswith("you.")
    [usage] = metrics_of(desk.model).rows.values()
    assert (usage.calls, usage.answered) == (1, 1)
