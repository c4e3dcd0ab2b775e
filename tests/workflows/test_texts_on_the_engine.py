"""Texts on one machine: the real template, queue and function, a model that says what it was told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from abax.workflow.texts import CALLBACK_SECRET

from infra.local.engine import PARAMETERS, ROOT, LocalEngine
from tests.workflows.tiny import eventually


class Receiver(ThreadingHTTPServer):
    """Takes callbacks, once it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.open = True
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append(body)
        self.send_response(204 if self.server.open else 503)
        self.end_headers()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    folder = tmp_path_factory.mktemp("texts")
    script = folder / "script.json"
    script.write_text(json.dumps([["^Hello", "Good day."], ["^List", "a b c d"]]))
    parameters = {**PARAMETERS, "ModelUrl": f"script:{script}", "CallbackNetwork": "private"}
    with LocalEngine(ROOT / "template.yaml", parameters, logs=folder / "logs") as running:
        running.put_secret(CALLBACK_SECRET, {"key": "k3y"})
        running.client("sqs").set_queue_attributes(
            QueueUrl=running.resources["QueuesTexts"], Attributes={"VisibilityTimeout": "1"}
        )
        yield running


@pytest.fixture(scope="module")
def api(engine: LocalEngine) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    with httpx.Client(base_url=engine.api_url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ended(api: httpx.Client, job_id: str) -> dict[str, Any]:
    def finished() -> dict[str, Any] | None:
        job = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        return job if job["state"] in ("succeeded", "failed") else None

    return eventually(finished, 60)


def dead(engine: LocalEngine) -> list[str]:
    found = engine.client("sqs").receive_message(QueueUrl=engine.resources["QueuesDeadTexts"])
    return [message["Body"] for message in found.get("Messages", [])]


def test_a_text_comes_back_in_the_answer(api: httpx.Client) -> None:
    answer = api.post("/v1/generate", json={"prompt": "Hello"})
    assert (answer.status_code, answer.json()["text"]) == (200, "Good day.")


def test_a_text_by_queue_is_a_job_whose_result_is_fetched(api: httpx.Client) -> None:
    answer = api.post("/v1/generate", json={"prompt": "Hello", "wait": False, "client_token": "once"})
    assert answer.status_code == 202
    job = ended(api, answer.json()["job_id"])
    link = api.get(job["results"]["text.json"])
    assert link.status_code == 307
    assert httpx.get(link.headers["location"]).json()["text"] == "Good day."
    again = api.post("/v1/generate", json={"prompt": "Hello", "wait": False, "client_token": "once"})
    assert (again.status_code, again.json()["text"]) == (200, "Good day.")


def test_bad_input_is_refused_at_the_door(api: httpx.Client) -> None:
    answer = api.post("/v1/generate", json={"prompt": "Hello", "max_tokens": -1})
    assert (answer.status_code, answer.json()["field"]) == (422, "max_tokens")
    streamed = api.post("/v1/generate", json={"prompt": "Hello", "stream": True})
    assert (streamed.status_code, streamed.json()["field"]) == (422, "stream")


def test_what_the_model_cannot_write_fails_with_its_reason(api: httpx.Client) -> None:
    answer = api.post("/v1/generate", json={"prompt": "Unscripted"})
    assert (answer.status_code, answer.json()["type"]) == (502, "ModelFailed")


def test_messages_of_the_queue_are_written_in_batches(engine: LocalEngine, api: httpx.Client) -> None:
    before = {job["job_id"] for job in api.get("/v1/jobs?kind=text&limit=100").json()}
    queue, url = engine.client("sqs"), engine.resources["QueuesTexts"]
    entries = [{"Id": str(n), "MessageBody": json.dumps({"prompt": f"List {n}"})} for n in range(8)]
    queue.send_message_batch(QueueUrl=url, Entries=entries)

    def written() -> bool:
        jobs = [job for job in api.get("/v1/jobs?kind=text&limit=100").json() if job["job_id"] not in before]
        return len(jobs) == 8 and all(job["state"] == "succeeded" for job in jobs)

    def most_at_once() -> int:
        lines = [line for line in engine.logs("generate_text").splitlines() if '"texts written"' in line]
        return max((int(json.loads(line)["messages"]) for line in lines), default=0)

    eventually(written, 60)
    assert eventually(lambda: most_at_once() > 1, 10)


def test_a_callback_is_told_and_one_that_is_refused_comes_again(
    api: httpx.Client, receiver: Receiver
) -> None:
    receiver.open = False
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    answer = api.post("/v1/generate", json={"prompt": "Hello", "callback": url})
    assert answer.status_code == 202
    eventually(lambda: receiver.got, 60)
    receiver.open = True
    eventually(lambda: len(receiver.got) > 1, 60)
    told = receiver.got[-1]
    assert (told["job_id"], told["state"]) == (answer.json()["job_id"], "succeeded")
    assert told["result"]["text"] == "Good day."


def test_what_cannot_be_used_lies_in_the_dead_letter_queue(engine: LocalEngine) -> None:
    engine.client("sqs").send_message(QueueUrl=engine.resources["QueuesTexts"], MessageBody="no request")
    assert eventually(lambda: dead(engine), 60) == ["no request"]
