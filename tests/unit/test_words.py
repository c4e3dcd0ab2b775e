"""The routes that write and answer, over edge mode's services and a scripted model."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.texts import InProcess
from abax.adapters.scripted import ScriptedModel
from abax.api import create_app
from abax.compose import Edge, edge
from abax.errors import InvalidRequest, ModelUnavailable, ModelUnreachable
from abax.workflow.close import run_close
from abax.workflow.texts import run_texts

from tests.support import sample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


def scripted(home: Path, *script: object) -> Edge:
    """Edge mode with a model that says what it was told to."""
    house = edge(home, {"erp": {"url": sample.url()}})
    model = ScriptedModel(script)  # type: ignore[arg-type]
    writing = replace(house.texts, model=model)
    assert house.services.texts is not None
    texts = replace(house.services.texts, runner=InProcess(writing), model=model)
    return replace(house, texts=writing, services=replace(house.services, texts=texts))


def client(house: Edge) -> TestClient:
    return TestClient(create_app(house.services), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, str]]:
    """An API behind which one close has succeeded, and the id of its job."""
    house = edge(tmp_path_factory.mktemp("closed"), {"erp": {"url": sample.url()}})
    with client(house) as api:
        body = {"secret": "erp", "company": sample.COMPANY, "year": sample.YEAR}
        job_id = api.post("/v1/closes", json=body).json()["job_id"]
        run_close(house.context, job_id)
        yield api, job_id


# --- texts


def test_a_text_is_the_answer_where_it_is_done_in_time(tmp_path: Path) -> None:
    api = client(scripted(tmp_path, "Good day."))
    answer = api.post("/v1/generate", json={"prompt": "Hello"})
    assert answer.status_code == 200
    assert (answer.json()["text"], answer.json()["finish"]) == ("Good day.", "stop")
    job = api.get(f"/v1/jobs/{answer.json()['job_id']}").json()
    assert job["state"] == "succeeded"
    assert api.get(job["results"]["text.json"]).json() == answer.json()
    assert api.get("/v1/jobs").json() == []
    assert [one["job_id"] for one in api.get("/v1/jobs?kind=text").json()] == [job["job_id"]]


def test_a_schema_comes_back_as_a_value(tmp_path: Path) -> None:
    house = scripted(tmp_path, '{"total": 5}')
    answer = client(house).post("/v1/generate", json={"prompt": "x", "schema": {"type": "object"}})
    assert answer.json()["parsed"] == {"total": 5}
    assert house.texts.model.requests[0].schema == {"type": "object"}  # type: ignore[attr-defined]


def test_a_text_that_is_not_waited_for_is_a_job(tmp_path: Path) -> None:
    house = scripted(tmp_path, "Good day.")
    api = client(house)
    answer = api.post(
        "/v1/generate", json={"prompt": "Hello", "wait": False}, headers={"Idempotency-Key": "t"}
    )
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    job_id = answer.json()["job_id"]
    assert answer.headers["location"] == f"/v1/jobs/{job_id}"
    run_texts(house.texts, [job_id], None)
    again = api.post(
        "/v1/generate", json={"prompt": "Hello", "wait": False}, headers={"Idempotency-Key": "t"}
    )
    assert (again.status_code, again.json()["text"]) == (200, "Good day.")


def test_a_text_job_can_be_cancelled(tmp_path: Path) -> None:
    api = client(scripted(tmp_path))
    job_id = api.post("/v1/generate", json={"prompt": "Hello", "wait": False}).json()["job_id"]
    assert api.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequest("5000 tokens do not fit", "messages"), 422),
        (ModelUnavailable("none is unpacked"), 503),
    ],
)
def test_what_the_model_refuses_is_answered_with_its_own_status(
    tmp_path: Path, error: Exception, status: int
) -> None:
    answer = client(scripted(tmp_path, error)).post("/v1/generate", json={"prompt": "Hello"})
    assert (answer.status_code, answer.json()["type"]) == (status, type(error).__name__)
    assert str(error) == answer.json()["detail"]


def test_a_model_that_is_away_for_now_leaves_a_job(tmp_path: Path) -> None:
    answer = client(scripted(tmp_path, ModelUnreachable("h", "down"))).post(
        "/v1/generate", json={"prompt": "x"}
    )
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens"),
        ({"prompt": "x", "callback": "http://example.com"}, "callback"),
        ({"prompt": "x", "callback": "https://127.0.0.1/x"}, "callback"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.role"),
    ],
)
def test_bad_input_answers_422_with_the_field(tmp_path: Path, body: dict[str, Any], field: str) -> None:
    answer = client(scripted(tmp_path)).post("/v1/generate", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_edge_mode_streams_a_text_as_events(tmp_path: Path) -> None:
    api = client(scripted(tmp_path, "one two three"))
    with api.stream("POST", "/v1/generate", json={"prompt": "count", "stream": True}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    pieces = [json.loads(event) for event in events[:-1]]
    assert "".join(piece["text"] for piece in pieces) == "one two three"
    assert pieces[-1]["result"]["finish"] == "stop"


def test_a_stream_that_cannot_begin_is_an_error_like_any_other(tmp_path: Path) -> None:
    answer = client(scripted(tmp_path, ModelUnavailable("none"))).post(
        "/v1/generate", json={"prompt": "x", "stream": True}
    )
    assert (answer.status_code, answer.json()["type"]) == (503, "ModelUnavailable")


def test_without_a_model_at_hand_streams_are_refused(tmp_path: Path) -> None:
    house = scripted(tmp_path)
    assert house.services.texts is not None
    cloud = replace(house.services, texts=replace(house.services.texts, model=None))
    answer = TestClient(create_app(cloud)).post("/v1/generate", json={"prompt": "x", "stream": True})
    assert (answer.status_code, answer.json()["field"]) == (422, "stream")


# --- questions


def test_a_question_is_answered_with_figures_that_open(closed: tuple[TestClient, str]) -> None:
    api, job_id = closed
    answer = api.post("/v1/questions", json={"job_id": job_id, "question": "What was revenue in 2025?"})
    content = answer.json()
    assert (answer.status_code, content["answered"], content["reason"]) == (200, True, None)
    truth = sample.small_books().truth[sample.COMPANY][sample.YEAR]
    [figure] = content["figures"]
    assert content["answer"].startswith("Revenue came to EUR ")
    [path] = figure["explain"]
    opened = api.get(path).json()
    assert opened["figure"] == figure["value"]
    assert opened["line_count"] > 0 and truth.net_result


def test_a_computed_figure_opens_to_those_behind_it(closed: tuple[TestClient, str]) -> None:
    api, job_id = closed
    answer = api.post("/v1/questions", json={"job_id": job_id, "question": "What is overdue?"}).json()
    for path in answer["figures"][0]["explain"]:
        assert api.get(path).status_code == 200


def test_a_question_that_the_figures_do_not_answer_is_refused_with_the_reason(
    closed: tuple[TestClient, str],
) -> None:
    api, job_id = closed
    answer = api.post("/v1/questions", json={"job_id": job_id, "question": "revenue per employee?"})
    content = answer.json()
    assert (answer.status_code, content["answered"], content["figures"]) == (200, False, [])
    assert content["reason"]["type"] == "NotUnderstood" and "employee" in content["reason"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"job_id": "nothing", "question": "x"}, 404),
        ({"question": "x"}, 422),
        ({"job_id": "x", "question": ""}, 422),
        ({"job_id": "x", "question": "y" * 501}, 422),
    ],
)
def test_a_question_about_nothing_is_an_error(
    closed: tuple[TestClient, str], body: dict[str, str], status: int
) -> None:
    assert closed[0].post("/v1/questions", json=body).status_code == status


def test_a_question_about_a_close_that_is_not_done_is_a_conflict(tmp_path: Path) -> None:
    api = client(scripted(tmp_path))
    body = {"secret": "erp", "company": sample.COMPANY, "year": sample.YEAR}
    job_id = api.post("/v1/closes", json=body).json()["job_id"]
    assert api.post("/v1/questions", json={"job_id": job_id, "question": "revenue"}).status_code == 409


def test_the_field_at_fault_is_named_whoever_found_it(tmp_path: Path) -> None:
    api = client(scripted(tmp_path, InvalidRequest("5000 tokens do not fit", "messages")))
    answer = api.post("/v1/generate", json={"prompt": "Hello"})
    assert (answer.status_code, answer.json()["field"]) == (422, "messages")
    (job,) = api.get("/v1/jobs?kind=text").json()
    assert job["error"]["field"] == "messages"


def test_what_a_request_lacks_is_said_without_a_librarys_own_words(tmp_path: Path) -> None:
    with TestClient(create_app(edge(tmp_path).services)) as client:
        answer = client.post("/v1/generate", json={})
    assert (answer.status_code, answer.json()["detail"]) == (422, "body: give either prompt or messages")
