"""Documents on the whole application on one machine: bucket, queue, state machine, functions, reviews."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx
import pytest

from infra.local.engine import PARAMETERS, LocalEngine
from tests.support.invoices import ubl
from tests.support.killing import killed_at_random
from tests.workflows.tiny import eventually, states_entered

T = TypeVar("T")

pytestmark = pytest.mark.timeout(600)

PATIENCE = 240
ZIP = {"Content-Type": "application/zip"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    logs = tmp_path_factory.mktemp("logs")
    with LocalEngine(parameters={**PARAMETERS, "ReviewSeconds": "600"}, logs=logs) as running:
        # What a killed function left comes back soon, not after minutes.
        url = running.resources["QueuesDocuments"]
        running.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "20"})
        yield running


@pytest.fixture(scope="module")
def api(engine: LocalEngine) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    with httpx.Client(base_url=engine.api_url, headers=headers, timeout=120) as client:
        yield client


def patiently(value: Callable[[], T]) -> T:
    """The first true value; every look is a call of a function, so not too many of them."""

    def after_a_while() -> T:
        time.sleep(0.3)
        return value()

    return eventually(after_a_while, PATIENCE)


def put(engine: LocalEngine, key: str, body: bytes) -> None:
    engine.client("s3").put_object(Bucket=engine.resources["StorageBucket"], Key=key, Body=body)


def waiting(api: httpx.Client, name: str) -> dict[str, Any]:
    """The review of a document, once it is open."""

    def found() -> dict[str, Any] | None:
        reviews = api.get("/v1/reviews", params={"limit": 1000}).raise_for_status().json()["reviews"]
        return next((one for one in reviews if one["name"] == name), None)

    return patiently(found)


def ended(api: httpx.Client, job_id: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        job: dict[str, Any] = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        return job if job["state"] in ("succeeded", "failed") else None

    return patiently(found)


def executions(engine: LocalEngine) -> list[dict[str, Any]]:
    machine = engine.resources["DocumentsDocument"]
    pages = engine.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    return [one for page in pages for one in page["executions"]]


def test_an_object_in_the_bucket_comes_to_a_person_and_goes_on_corrected(
    engine: LocalEngine, api: httpx.Client
) -> None:
    put(engine, "inbox/März 1.xml", ubl("R-100", line="90.00"))
    review = waiting(api, "März 1.xml")
    document_id = review["document_id"]
    assert review["queue"] == "accounts_payable" and any("90.00" in reason for reason in review["reasons"])
    document = api.get(f"/v1/documents/{document_id}").json()
    assert (document["way"], document["waits"], document["contract"]["number"]) == ("review", True, "R-100")
    assert document["evidence"]["number"]["source"].startswith("/")
    corrections = {"lines[0].net_amount": "100.00", "lines[0].unit_price": "100.00"}
    body = {"verdict": "correct", "corrections": corrections, "by": "Ana"}
    assert api.post(f"/v1/reviews/{document_id}", json=body).status_code == 200
    second = api.post(f"/v1/reviews/{document_id}", json={"verdict": "reject"})
    assert second.status_code in (404, 409)
    job = ended(api, review["job_id"])
    assert (job["state"], job["message"]) == ("succeeded", "1 approved")
    document = api.get(f"/v1/documents/{document_id}").json()
    assert (document["way"], document["waits"]) == ("approved", False)
    assert document["contract"]["lines"][0]["net_amount"] == "100.00"
    label = engine.client("s3").get_object(
        Bucket=engine.resources["StorageBucket"], Key=f"labels/{document_id}.json"
    )
    assert json.load(label["Body"])["corrected"]["lines[0].net_amount"] == {"was": "90.00", "is": "100.00"}
    run = next(one for one in executions(engine) if one["name"] == review["job_id"])
    entered = states_entered(engine, run)
    assert entered[0] == "TakeIn" and entered[-4:] == ["Review", "Settle", "Finish", "Done"]


def test_an_upload_is_read_and_the_same_content_is_found_again(api: httpx.Client) -> None:
    body = ubl("R-200", line="80.00")
    first = api.post("/v1/documents", params={"name": "a.xml"}, content=body)
    assert first.status_code == 202 and first.headers["location"].endswith(first.json()["upload"])
    again = api.post("/v1/documents", params={"name": "b.xml"}, content=body)
    assert (again.status_code, again.json()["job_id"]) == (200, first.json()["job_id"])
    assert waiting(api, "a.xml")["job_id"] == first.json()["job_id"]


def test_a_large_file_goes_straight_to_the_bucket_which_has_it_read(api: httpx.Client) -> None:
    body = ubl("R-250", line="75.00")
    place = api.post("/v1/documents", json={"name": "large.xml", "bytes": len(body)})
    assert place.status_code == 201
    httpx.put(place.json()["url"], content=body).raise_for_status()
    review = waiting(api, "large.xml")
    again = api.post("/v1/documents", json={"key": place.json()["key"]})
    assert (again.status_code, again.json()["job_id"]) == (200, review["job_id"])


def test_what_cannot_be_read_fails_alone_and_says_why(api: httpx.Client) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("good.xml", ubl("R-300", line="70.00"))
        archive.writestr("broken.pdf", b"%PDF-1.7 nothing else")
    sent = api.post("/v1/documents", params={"name": "post.zip"}, content=body.getvalue(), headers=ZIP).json()
    review = waiting(api, "good.xml")
    assert api.post(f"/v1/reviews/{review['document_id']}", json={"verdict": "reject"}).status_code == 200
    job = ended(api, sent["job_id"])
    assert (job["state"], job["message"]) == ("succeeded", "1 rejected, 1 refused")
    upload = api.get(f"/v1/documents/{sent['upload']}").json()
    [refused] = upload["refused"]
    assert refused["name"] == "broken.pdf" and refused["error"]["type"] == "DamagedFile"


def test_what_is_asked_for_wrongly_is_refused_in_words(api: httpx.Client) -> None:
    assert api.post("/v1/documents", content=b"").json()["type"] == "EmptyFile"
    assert api.post("/v1/documents", json={"key": "secret/x"}).json()["field"] == "key"
    assert api.post("/v1/documents", json={"key": "inbox/none"}).status_code == 404
    assert api.get("/v1/documents/none").status_code == 404
    assert api.post("/v1/reviews/none", json={"verdict": "approve"}).status_code == 404
    wrong = api.post("/v1/reviews/none", json={"verdict": "perhaps"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "verdict")


def test_a_bad_message_goes_back_while_the_rest_of_its_batch_goes_on(
    engine: LocalEngine, api: httpx.Client
) -> None:
    put(engine, "inbox/c.xml", ubl("R-400", line="60.00"))
    records = [
        {"messageId": "bad", "body": "{}"},
        {"messageId": "lost", "body": json.dumps({"key": "inbox/nowhere.xml"})},
        {"messageId": "good", "body": json.dumps({"key": "inbox/c.xml"})},
    ]
    for record in records:
        record |= {"eventSource": "aws:sqs", "receiptHandle": "r", "attributes": {}}  # type: ignore[dict-item]
    outcome = engine.invoke("start_document", {"Records": records})
    failed = {one["itemIdentifier"] for one in outcome.value["batchItemFailures"]}
    assert failed == {"bad", "lost"}
    assert waiting(api, "c.xml")


def test_with_handlers_killed_at_random_no_document_is_lost_and_none_is_doubled(
    engine: LocalEngine, api: httpx.Client
) -> None:
    numbers = [f"K-{number}" for number in range(12)]
    before = len(executions(engine))
    with killed_at_random(share=0.15, seed=1) as counted:
        for number in numbers:
            put(engine, f"inbox/{number}.xml", ubl(number, line="50.00"))
            put(engine, f"inbox/again/{number}.xml", ubl(number, line="50.00"))

        def all_wait() -> bool:
            found = api.get("/v1/reviews", params={"limit": 1000})
            if found.status_code != 200:  # the API's own handler was killed
                return False
            names = [one["name"] for one in found.json()["reviews"] if one["name"].startswith("K-")]
            return sorted(names) == sorted(f"{number}.xml" for number in numbers)

        patiently(all_wait)
    assert counted.killed > 0
    assert len(executions(engine)) - before == len(numbers)
