"""The handlers, called as Lambda calls them, on AWS as moto plays it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax import handlers
from abax.adapters.aws.session import client
from abax.errors import InvalidRequest, UnknownJob, UnknownYear
from abax.ports import JobState

from tests.support import sample
from tests.support.handlers import LambdaContext, load
from tests.support.sides import BUCKET, RECORDS, REGION, TABLE, make_bucket_and_tables, mocked_aws

REQUEST = {"secret": "abax/erp", "company": sample.COMPANY, "year": 2023}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("ABAX_BUCKET", BUCKET)
    monkeypatch.setenv("ABAX_JOBS_TABLE", TABLE)
    monkeypatch.setenv("ABAX_RECORDS_TABLE", RECORDS)
    monkeypatch.setenv("ABAX_TEXT_FUNCTION", "generate_text")
    forget()
    with mocked_aws():
        make_bucket_and_tables()
        secret = json.dumps({"url": sample.url()})
        client("secretsmanager").create_secret(Name="abax/erp", SecretString=secret)
        machine = client("stepfunctions").create_state_machine(
            name="close",
            definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/r",
        )
        monkeypatch.setenv("ABAX_CLOSE_STATE_MACHINE", machine["stateMachineArn"])
        monkeypatch.setenv("ABAX_GROUP_STATE_MACHINE", machine["stateMachineArn"])
        monkeypatch.setenv("ABAX_DOCUMENT_STATE_MACHINE", machine["stateMachineArn"])
        queue = client("sqs").create_queue(QueueName="texts", Attributes={"VisibilityTimeout": "0"})
        monkeypatch.setenv("ABAX_TEXTS_QUEUE", queue["QueueUrl"])
        monkeypatch.setenv("ABAX_MAIL_QUEUE", queue["QueueUrl"])
        monkeypatch.setenv("ABAX_MAIL_OUTS_QUEUE", queue["QueueUrl"])
        yield
    forget()


def forget() -> None:
    """Have the handlers read their settings anew."""
    handlers._context.cache_clear()
    handlers._text_contexts.cache_clear()


def http(method: str, path: str, body: object = None) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example.com"},
        "requestContext": {
            "domainName": "api.example.com",
            "stage": "$default",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def ask(function: Any, method: str, path: str, body: object = None) -> tuple[int, Any]:
    answer = function.handler(http(method, path, body), LambdaContext())
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else answer["headers"]


def record(number: int, body: object) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": f"m-{number}",
        "receiptHandle": "r",
        "body": text,
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:closes",
        "awsRegion": REGION,
    }


def logged(capsys: pytest.CaptureFixture[str], message: str) -> list[Any]:
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if text.startswith("{")]
    return [line for line in lines if line.get("message") == message]


def test_the_functions_together_close_the_books(capsys: pytest.CaptureFixture[str]) -> None:
    api = load("serve_api")
    status, job = ask(api, "POST", "/v1/closes", REQUEST)
    assert status == 202

    def step(function: str, name: str, **more: object) -> Any:
        return load(function).handler({"step": name, "job_id": job["job_id"], **more}, LambdaContext())

    planned = step("extract_erp", "plan")
    assert planned == {
        "parts": [{"year": 2022, "period": None}, {"year": 2023, "period": None}],
        "reused": False,
    }
    for part in planned["parts"]:
        assert step("extract_erp", "extract", **part)["lines"] > 0
    for function, name in (
        ("extract_erp", "settle"),
        ("build_statements", "check"),
        ("build_statements", "statements"),
        ("forecast_metrics", "forecast"),
        ("generate_text", "narrate"),
        ("render_report", "report"),
        ("render_report", "finish"),
    ):
        step(function, name)
    status, job = ask(api, "GET", f"/v1/jobs/{job['job_id']}")
    assert (status, job["state"], job["progress"]) == (200, JobState.SUCCEEDED, 1.0)
    status, headers = ask(api, "GET", job["results"]["report.html"])
    assert status == 307
    assert BUCKET in headers["location"]
    status, lineage = ask(api, "GET", f"/v1/jobs/{job['job_id']}/explain/income_statement/revenue/2023")
    assert (status, lineage["report"]) == (200, "income_statement")
    note = {"notes": "If the budget is approved they pay on 15 March.", "stage": "lead"}
    deal = {"id": "D-1", "amount": "10", "currency": "EUR", **note}
    status, found = ask(api, "POST", "/v1/cashflow/predict", {"deals": [deal], "horizon": 400, "model": True})
    assert status == 200 and found["job_id"] == job["job_id"]
    # There is no text function here: nobody answers in time, and the rules stand.
    [expected] = [one for one in found["items"] if one["key"] == "D-1"]
    assert (
        expected["source"].startswith("rules")
        and "longer than an answer can wait" in expected["warnings"][-1]
    )
    status, told = ask(api, "GET", f"/v1/cashflow/{found['id']}/explain")
    assert (status, told["assumptions"]) == (200, found["assumptions"])
    log = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert {line["correlation_id"] for line in log if "correlation_id" in line} == {job["job_id"]}
    metrics = [line for line in log if "_aws" in line]
    assert len([line for line in metrics if "StepSeconds" in line]) == 10
    assert [(line["prompt"], line["model"]) for line in metrics if "prompt" in line] == [
        ("close.reword_fact.v1", "none")
    ]
    assert sum(line["LinesExtracted"][0] for line in metrics if "LinesExtracted" in line) > 1000


def test_an_error_leaves_under_its_own_name_and_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    _, job = ask(load("serve_api"), "POST", "/v1/closes", {**REQUEST, "year": 1999})
    with pytest.raises(UnknownYear):
        load("extract_erp").handler({"step": "plan", "job_id": job["job_id"]}, LambdaContext())
    (line,) = logged(capsys, "step failed")
    assert line["error"]["type"] == "UnknownYear"
    assert line["retryable"] is False
    assert line["correlation_id"] == job["job_id"]


def test_a_crash_is_logged_with_its_traceback_and_raised_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(context: object, event: object) -> None:
        raise ZeroDivisionError("somewhere deep")

    monkeypatch.setattr(handlers, "run_step", crash)
    with pytest.raises(ZeroDivisionError):
        load("forecast_metrics").handler({"step": "forecast", "job_id": "x"}, LambdaContext())
    (line,) = logged(capsys, "step crashed")
    assert "Traceback" in line["exception"]


@pytest.mark.parametrize(
    ("function", "step"),
    [
        ("extract_erp", "report"),
        ("build_statements", "plan"),
        ("forecast_metrics", "check"),
        ("render_report", None),
    ],
)
def test_a_function_does_only_its_own_steps(function: str, step: str | None) -> None:
    with pytest.raises(InvalidRequest, match=f"{function} does"):
        load(function).handler({"step": step, "job_id": "x"}, LambdaContext())


def test_an_unknown_job_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownJob):
        load("forecast_metrics").handler({"step": "forecast", "job_id": "x"}, LambdaContext())


def test_a_batch_of_messages_starts_closes_and_sends_back_the_bad_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "erp",
        "type": "abax.close.requested",
        "data": REQUEST,
    }
    batch = [
        record(1, REQUEST),
        record(2, "{broken"),
        record(3, event),
        record(4, {**REQUEST, "year": "soon"}),
    ]
    start = load("start_close")
    answer = start.handler({"Records": batch}, LambdaContext())
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m-2", "m-4"]
    _, found = ask(load("serve_api"), "GET", "/v1/jobs")
    assert len(found) == 2
    refused = logged(capsys, "message refused")
    assert [(line["message_id"], line["error"]["type"]) for line in refused] == [
        ("m-2", "InvalidRequest"),
        ("m-4", "InvalidRequest"),
    ]
    assert "year" in refused[1]["error"]["message"]


def test_a_message_delivered_twice_starts_one_close() -> None:
    start = load("start_close")
    for _ in range(2):
        assert start.handler({"Records": [record(1, REQUEST)]}, LambdaContext()) == {"batchItemFailures": []}
    _, found = ask(load("serve_api"), "GET", "/v1/jobs")
    assert len(found) == 1
    machine = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    assert len(client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_batch_of_bad_messages_only_comes_back_whole() -> None:
    answer = load("start_close").handler({"Records": [record(1, "x"), record(2, [])]}, LambdaContext())
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m-1", "m-2"]
