"""The function that has the model, called as a queue, the API and the state machine call it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from abax import handlers
from abax.adapters.aws.objects import S3Objects
from abax.adapters.aws.session import client
from abax.adapters.scripted import ScriptedModel
from abax.errors import InvalidRequest
from abax.learning.guard import decide
from abax.learning.registry import Lineage, Registry, Status
from abax.ports import Job
from abax.workflow.events import parse_text
from abax.workflow.texts import CALLBACK_SECRET, order_text

from tests.functions.test_handlers import ask, logged, record
from tests.support.adapters import random_adapter
from tests.support.handlers import LambdaContext, load
from tests.support.learning import BETTER, WORSE, results
from tests.support.models import Small, small
from tests.support.sides import BUCKET, RECORDS, REGION, TABLE, make_bucket_and_tables, mocked_aws

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    settings = {
        "AWS_REGION": REGION,
        "TMPDIR": str(tmp_path),
        "ABAX_BUCKET": BUCKET,
        "ABAX_JOBS_TABLE": TABLE,
        "ABAX_RECORDS_TABLE": RECORDS,
        "ABAX_CLOSE_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:close",
        "ABAX_GROUP_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:group",
        "ABAX_DOCUMENT_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:document",
        "ABAX_TEXT_FUNCTION": "generate_text",
        "ABAX_MODEL_URL": f"script:{tmp_path / 'script.json'}",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    handlers._text_contexts.cache_clear()
    with mocked_aws():
        make_bucket_and_tables()
        queue = client("sqs").create_queue(QueueName="texts", Attributes={"VisibilityTimeout": "0"})
        monkeypatch.setenv("ABAX_TEXTS_QUEUE", queue["QueueUrl"])
        monkeypatch.setenv("ABAX_MAIL_QUEUE", queue["QueueUrl"])
        monkeypatch.setenv("ABAX_MAIL_OUTS_QUEUE", queue["QueueUrl"])
        (tmp_path / "script.json").write_text(json.dumps([["^good", "Good day."], ["^also", "Good night."]]))
        yield
    handlers._text_contexts.cache_clear()


def write(batch: list[dict[str, Any]]) -> list[str]:
    answer = load("generate_text").handler({"Records": batch}, LambdaContext())
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def model() -> ScriptedModel:
    found = handlers._text_contexts()[1].model
    assert isinstance(found, ScriptedModel)
    return found


def texts() -> list[dict[str, Any]]:
    _, jobs = ask(load("serve_api"), "GET", "/v1/jobs")
    return jobs


def test_a_batch_is_written_together_and_the_bad_messages_come_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "crm", "type": "abax.text.requested"}
    batch = [
        record(1, {"prompt": "good one"}),
        record(2, "{broken"),
        record(3, {**event, "data": {"prompt": "also good"}}),
        record(4, {"prompt": "x", "max_tokens": 0}),
        record(5, {"job_id": "nothing"}),
    ]
    assert write(batch) == ["m-2", "m-4", "m-5"]
    assert model().batches == [2]
    refused = logged(capsys, "message refused")
    assert [line["error"]["type"] for line in refused] == ["InvalidRequest", "InvalidRequest", "UnknownJob"]


@pytest.mark.parametrize("damaged", [False, True])
def test_a_message_whose_request_is_lost_comes_back_alone(damaged: bool) -> None:
    storage, lost = client("s3"), record(2, {"prompt": "good, and lost"})
    orders = {message: order(message) for message in (record(1, {"prompt": "good"})["body"], lost["body"])}
    key = f"texts/requests/{orders[lost['body']].fingerprint}.json"
    if damaged:
        storage.put_object(Bucket=BUCKET, Key=key, Body=b'{"prompt": 5}')
    else:
        storage.delete_object(Bucket=BUCKET, Key=key)
    batch = [record(n, {"job_id": job.job_id}) for n, job in enumerate(orders.values(), 1)]
    assert write(batch) == ["m-2"]
    states = [handlers._text_contexts()[1].jobs.get(job.job_id).state for job in orders.values()]
    assert states == ["succeeded", "failed"]
    assert write(batch) == ["m-2"]


def order(body: str) -> Job:
    context = handlers._text_contexts()[1]
    return order_text(context.objects, context.jobs, parse_text(json.loads(body)))[0]


def test_of_the_sample_messages_the_last_cannot_be_used() -> None:
    batch = json.loads((ROOT / "events/sqs/text_request.json").read_text())["Records"]
    assert write(batch) == [batch[-1]["messageId"]]


def test_a_message_delivered_twice_is_written_once() -> None:
    assert write([record(1, {"prompt": "good"})]) == []
    assert write([record(1, {"prompt": "good"})]) == []
    assert len(model().requests) == 1


def test_texts_without_a_prompt_of_ours_become_metrics_as_generate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert write([record(1, {"prompt": "good one"}), record(2, {"prompt": "unscripted"})]) == []
    lines = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if '"CloudWatchMetrics"' in line
    ]
    [told] = [line for line in lines if line.get("prompt") == "generate"]
    assert (told["model"], told["calls"], told["answered"]) == ("scripted", 2, 1)
    assert told["completion_tokens"] > 0
    assert write([record(1, {"prompt": "good one"})]) == []
    assert '"generate"' not in capsys.readouterr().out


def test_what_the_model_cannot_do_ends_the_job_and_not_the_message() -> None:
    assert write([record(1, {"prompt": "unscripted"})]) == []


def test_the_api_waits_for_a_text_and_leaves_it_to_the_queue_when_nobody_answers() -> None:
    # moto has no such function here: the call fails, and the job goes on by the queue.
    status, job = ask(load("serve_api"), "POST", "/v1/generate", {"prompt": "good"})
    assert (status, job["state"]) == (202, "queued")
    received = client("sqs").receive_message(QueueUrl=queue_url())["Messages"]
    assert [json.loads(message["Body"]) for message in received] == [{"job_id": job["job_id"]}]
    assert write([record(1, {"job_id": job["job_id"]})]) == []
    status, done = ask(load("serve_api"), "GET", f"/v1/jobs/{job['job_id']}")
    assert (status, done["state"]) == (200, "succeeded")


def queue_url() -> str:
    return str(client("sqs").get_queue_url(QueueName="texts")["QueueUrl"])


def test_a_text_that_somebody_waits_for_is_written_within_the_seconds_given() -> None:
    _, job = ask(load("serve_api"), "POST", "/v1/generate", {"prompt": "good", "wait": False})
    event = {"job_id": job["job_id"], "seconds": 5}
    assert load("generate_text").handler(event, LambdaContext()) == {"job_id": job["job_id"]}
    _, done = ask(load("serve_api"), "GET", f"/v1/jobs/{job['job_id']}")
    assert done["state"] == "succeeded"


def test_a_callback_that_nobody_takes_brings_the_message_back_and_the_text_is_kept() -> None:
    client("secretsmanager").create_secret(Name=CALLBACK_SECRET, SecretString='{"key": "k"}')
    body = {"prompt": "good", "callback": "https://127.0.0.1.invalid/hook"}
    assert write([record(1, body)]) == ["m-1"]
    assert write([record(1, body)]) == ["m-1"]
    assert len(model().requests) == 1


def test_an_event_that_names_nothing_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="job_id"):
        load("generate_text").handler({}, LambdaContext())


REMINDER: dict[str, Any] = {
    "today": "2026-11-20",
    "sender": {"name": "Mara Lindt"},
    "recipient": {"name": "Oskar Thiel"},
    "invoices": [{"number": "RE-17", "due": "2026-11-10", "amount": "99.90"}],
}


def test_a_text_of_the_writer_is_given_to_whoever_calls_for_it() -> None:
    event = {"service": "reminder", "context": REMINDER}
    found = load("generate_text").handler(event, LambdaContext())
    assert (found["method"], found["level"]) == ("template:reminder", "friendly")
    with pytest.raises(InvalidRequest, match="context or contexts"):
        load("generate_text").handler({"service": "reminder"}, LambdaContext())


def test_a_message_to_the_writer_is_written_among_other_texts() -> None:
    batch = [
        record(1, {"service": "reminder", "context": REMINDER}),
        record(2, {"prompt": "good one"}),
        record(3, {"service": "poem", "context": {}}),
    ]
    assert write(batch) == ["m-3"]
    [job] = handlers._text_contexts()[1].jobs.recent(5, "writing")
    assert job.state == "succeeded"


def test_the_api_hands_a_text_of_the_writer_to_the_function() -> None:
    status, job = ask(load("serve_api"), "POST", "/v1/writer/reminder", {"context": REMINDER})
    assert (status, job["state"]) == (202, "queued")
    assert write([record(1, {"job_id": job["job_id"]})]) == []
    status, done = ask(load("serve_api"), "GET", f"/v1/jobs/{job['job_id']}")
    assert (status, done["state"]) == (200, "succeeded")


def test_a_text_is_written_by_the_version_that_is_live(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "write.gguf"
    base = small(Small(context=4096)).path
    random_adapter(path, base, rank=2, alpha=4.0, seed=1)
    content = path.read_bytes()
    registry = Registry(S3Objects(BUCKET))
    lineage = Lineage(name="write", file_sha256=sha256(content).hexdigest(), file_bytes=len(content))
    entry, _ = registry.add(path, lineage, "Ana")
    registry.judge("write", entry.version, decide([results(BETTER)], [results(WORSE)], against=None), "Ana")
    for phase in (Status.SHADOW, Status.SHARE, Status.LIVE):
        registry.move("write", entry.version, phase, by="Ana", share=0.5 if phase is Status.SHARE else 0.0)
    monkeypatch.setenv("ABAX_MODEL_URL", f"file:{base}")
    monkeypatch.setenv("ABAX_ADAPTERS", "registry")
    job = order(json.dumps({"prompt": "Hello", "max_tokens": 2, "adapter": "write"}))
    assert write([record(1, {"job_id": job.job_id})]) == []
    context = handlers._text_contexts()[1]
    done = context.jobs.get(job.job_id)
    assert done.state == "succeeded", done.error
    assert json.loads(context.objects.get(done.results["text.json"]))["adapter"] == "write@1"
