"""The routes of documents and reviews in edge mode."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from abax.api import create_app
from abax.compose import Edge, edge
from abax.serve import read_document
from abax.workflow import document_known
from fastapi.testclient import TestClient

from tests.support.invoices import ubl

WRONG = ubl("R-1", line="90.00")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Edge]:
    document_known.forget()
    yield edge(tmp_path / "home")
    document_known.forget()


@pytest.fixture
def api(house: Edge) -> TestClient:
    return TestClient(create_app(house.services))


def work(house: Edge) -> None:
    stopping = threading.Event()
    while house.document_queue.receive(lambda message: read_document(house, message, stopping)):
        pass


def test_a_document_is_sent_read_looked_at_and_settled(api: TestClient, house: Edge) -> None:
    sent = api.post("/v1/documents", params={"name": "März.xml"}, content=WRONG)
    assert sent.status_code == 202 and sent.json()["name"] == "März.xml"
    where = sent.headers["location"]
    assert api.get(where).json()["state"] == "queued"
    work(house)
    document = api.get(where).json()
    assert (document["type"], document["way"], document["waits"]) == ("supplier_invoice", "review", True)
    assert document["contract"]["totals"]["gross"] == "119.00"
    assert document["evidence"]["number"]["method"] == "xml"
    assert any(check["outcome"] == "failed" for check in document["checks"])
    [review] = api.get("/v1/reviews").json()["reviews"]
    assert review["document_id"] == document["document_id"] and "token" not in review
    assert api.get("/v1/reviews", params={"queue": "sales"}).json() == {"reviews": []}
    body = {"verdict": "correct", "corrections": {"lines[0].net_amount": "100.00"}, "by": "Ana"}
    assert api.post(f"/v1/reviews/{review['document_id']}", json=body).json()["verdict"] == "correct"
    assert api.post(f"/v1/reviews/{review['document_id']}", json=body).json()["type"] == "Conflict"
    work(house)
    assert api.get(where).json()["way"] == "approved"
    assert api.get("/v1/reviews").json() == {"reviews": []}
    assert api.get(f"/v1/jobs/{review['job_id']}").json()["state"] == "succeeded"


def test_the_same_content_is_the_same_job_and_a_key_will_do(api: TestClient, house: Edge) -> None:
    first = api.post("/v1/documents", content=WRONG).json()
    house.services.objects.put("inbox/a.xml", WRONG)
    again = api.post("/v1/documents", json={"key": "inbox/a.xml"})
    assert (again.status_code, again.json()["job_id"]) == (200, first["job_id"])


def test_what_could_not_be_read_says_why(api: TestClient, house: Edge) -> None:
    where = api.post("/v1/documents", params={"name": "x.pdf"}, content=b"%PDF-1.7 cut").headers["location"]
    work(house)
    upload = api.get(where).json()
    assert (upload["state"], upload["error"]["type"], upload["documents"]) == ("failed", "DamagedFile", [])


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"verdict": "maybe"}, 422, "verdict"),
        ({"verdict": "correct"}, 422, "body"),
        ({"verdict": "approve", "corrections": {"number": "1"}}, 422, "body"),
        ({"verdict": "correct", "corrections": {"lines[9].quantity": "1"}}, 422, "corrections"),
        ({"verdict": "correct", "entry": [{"account": "1", "amount": "1.00"}]}, 422, "body"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(
    api: TestClient, house: Edge, body: dict[str, object], status: int, field: str
) -> None:
    api.post("/v1/documents", content=WRONG)
    work(house)
    [review] = api.get("/v1/reviews").json()["reviews"]
    answer = api.post(f"/v1/reviews/{review['document_id']}", json=body)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert len(api.get("/v1/reviews").json()["reviews"]) == 1


def test_nothing_is_found_under_an_unknown_id(api: TestClient) -> None:
    assert api.get("/v1/documents/none").status_code == 404
    assert api.post("/v1/reviews/none", json={"verdict": "approve"}).status_code == 404
    assert api.post("/v1/documents", content=b"").json()["type"] == "EmptyFile"
    assert api.post("/v1/documents", json={"key": "elsewhere/x"}).json()["field"] == "key"


def test_a_large_file_is_put_where_the_answer_says_and_asked_for_by_its_key(
    api: TestClient, house: Edge
) -> None:
    asked = {"name": "../März (1).xml", "bytes": len(WRONG)}
    place = api.post("/v1/documents", json=asked)
    told = place.json()
    assert (place.status_code, told["method"]) == (201, "PUT")
    assert told["key"].startswith("inbox/uploads/") and told["key"].endswith("/März (1).xml")
    sent = api.put(told["url"], content=WRONG)
    assert (sent.status_code, sent.json()["name"]) == (202, "März (1).xml")
    again = api.post("/v1/documents", json={"key": told["key"]})
    assert (again.status_code, again.json()["job_id"]) == (200, sent.json()["job_id"])
    work(house)
    assert api.get(sent.headers["location"]).json()["contract"]["number"] == "R-1"


def test_no_place_is_given_for_a_file_that_nobody_would_read(api: TestClient) -> None:
    too_large = api.post("/v1/documents", json={"name": "a.pdf", "bytes": 26 << 20})
    assert (too_large.status_code, too_large.json()["type"]) == (422, "FileTooLarge")
    for size in (0, -1, "1", True, None):
        assert api.post("/v1/documents", json={"name": "a.pdf", "bytes": size}).json()["field"] == "bytes"
    assert api.put("/v1/documents/uploads/other/a.pdf", content=WRONG).status_code == 422
