"""The functions that take mail in and let out what comes of it, called as their queues call them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax import handlers
from abax.adapters.aws.session import client
from abax.workflow.mail import listed
from abax.workflow.mail_practice import set_practice
from abax.workflow.mail_replies import decide_reply
from abax.workflow.mail_request import ReplyRequest

from tests.functions.test_handlers import ask, logged, record
from tests.support.handlers import LambdaContext, load
from tests.support.mails import OWN, eml, plain_desk  # noqa: F401 (a fixture)
from tests.support.sides import BUCKET, RECORDS, REGION, TABLE, make_bucket_and_tables, mocked_aws

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:"
    settings = {
        "AWS_REGION": REGION,
        "TMPDIR": str(tmp_path),
        "ABAX_BUCKET": BUCKET,
        "ABAX_JOBS_TABLE": TABLE,
        "ABAX_RECORDS_TABLE": RECORDS,
        "ABAX_CLOSE_STATE_MACHINE": f"{arn}close",
        "ABAX_GROUP_STATE_MACHINE": f"{arn}group",
        "ABAX_DOCUMENT_STATE_MACHINE": f"{arn}document",
        "ABAX_TEXT_FUNCTION": "generate_text",
        "ABAX_MODEL_URL": "none:",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    forget()
    with mocked_aws():
        make_bucket_and_tables()
        for name in ("texts", "mail", "mail_outs"):
            queue = client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "0"})
            monkeypatch.setenv(f"ABAX_{name.upper()}_QUEUE", queue["QueueUrl"])
        client("sesv2").create_email_identity(EmailIdentity=OWN)
        yield
    forget()


def forget() -> None:
    handlers._mail_context.cache_clear()
    handlers._mail_out_context.cache_clear()


def put(key: str, content: bytes) -> None:
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)


def read_in(*records: dict[str, Any]) -> list[str]:
    answer = load("process_mail").handler({"Records": list(records)}, LambdaContext())
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def let_out(*bodies: object) -> list[str]:
    records = [record(number, body) for number, body in enumerate(bodies, 1)]
    answer = load("deliver_mail").handler({"Records": records}, LambdaContext())
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def waiting(queue: str) -> list[dict[str, Any]]:
    url = client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def rows() -> list[dict[str, Any]]:
    return list(listed(handlers._mail_context().records))


@pytest.mark.usefixtures("plain_desk")
def test_of_a_batch_the_bad_messages_come_back_and_the_rest_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in (1, 2):
        put(f"mail/ses/{number}", eml(number))
    put("mail/ses/3", eml(3, subject="poison: break"))
    batch = [record(number, {"key": f"mail/ses/{number}"}) for number in (1, 2, 3)]
    batch += [record(4, "{broken"), record(5, {"key": "mail/ses/lost"}), record(6, {"key": "closes/x"})]
    assert sorted(read_in(*batch)) == ["m-3", "m-4", "m-5", "m-6"]
    assert [row["subject"] for row in rows()] == ["billing: where is it"] * 2
    assert len(waiting("mail_outs")) == 2
    assert len(logged(capsys, "mail not taken in")) == 4
    assert read_in(batch[0]) == [] and len(rows()) == 2


def test_of_the_sample_messages_the_second_cannot_be_used() -> None:
    put("mail/ses/question", (ROOT / "events/mail/question.eml").read_bytes())
    batch = json.loads((ROOT / "events/sqs/mail_received.json").read_text())["Records"]
    assert read_in(*batch) == [batch[1]["messageId"]]
    [row] = rows()
    assert row["category"] in ("billing", "payment") and row["queue"].startswith("accounts_")


@pytest.mark.usefixtures("plain_desk")
def test_what_is_sent_in_by_the_api_is_read_approved_there_and_sent_by_ses() -> None:
    set_practice(handlers._mail_context().records, {"own": OWN})
    api = load("serve_api")
    status, _ = ask(api, "POST", "/v1/mail", {"from": "ana@customer.example", "subject": "billing: x"})
    assert status == 202
    [message] = waiting("mail")
    assert read_in(record(1, message)) == []
    _, found = ask(api, "GET", "/v1/mail")
    [mail] = found["mail"]
    _, state = ask(api, "POST", f"/v1/mail/{mail['mail_id']}/reply", {"verdict": "approve"})
    assert state["state"] == "approved"
    bodies = waiting("mail_outs")
    assert {body["task"] for body in bodies} == {"ticket", "send"}
    assert let_out(*bodies, {"task": "dance"}) == ["m-3"]
    _, page = ask(api, "GET", f"/v1/mail/{mail['mail_id']}")
    assert (page["ticket"]["state"], page["reply"]["state"]) == ("kept", "sent")
    assert page["reply"]["sending"]["name"]


@pytest.mark.usefixtures("plain_desk")
def test_a_sender_that_ses_does_not_know_withholds_the_reply_and_says_why() -> None:
    context = handlers._mail_context()
    set_practice(context.records, {"own": "other@house.example"})
    put("mail/1", eml())
    read_in(record(1, {"key": "mail/1"}))
    [row] = rows()
    request = ReplyRequest.model_validate({"verdict": "approve"})
    decide_reply(context.services.objects, context.records, context.outs, row["reply_id"], request)
    assert let_out({"task": "send", "reply_id": row["reply_id"]}) == []
    reply = rows()[0]["reply"]
    assert reply["state"] == "withheld" and "Amazon SES refused" in reply["why"]


@pytest.mark.usefixtures("plain_desk")
def test_a_webhook_that_is_down_brings_its_ticket_back(capsys: pytest.CaptureFixture[str]) -> None:
    client("secretsmanager").create_secret(Name="abax/mail/tickets", SecretString='{"key": "k"}')
    set_practice(handlers._mail_context().records, {"tickets": {"*": "https://127.0.0.1.invalid/tickets"}})
    put("mail/1", eml())
    read_in(record(1, {"key": "mail/1"}))
    [body] = waiting("mail_outs")
    assert let_out(body) == ["m-1"]
    ticket = rows()[0]["ticket"]
    assert (ticket["state"], ticket["tries"], ticket["error"]["type"]) == ("waiting", 1, "CallbackFailed")
    assert logged(capsys, "to be tried again")[0]["error"]["type"] == "CallbackFailed"
