"""The routes of mail in edge mode, with the real triage behind them."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.api import create_app
from abax.compose import Edge, edge
from abax.serve import let_out, read_mails
from abax.workflow import mail_practice
from abax.workflow.mail_practice import set_practice
from fastapi.testclient import TestClient

from tests.support.invoices import ubl
from tests.support.mails import OWN, eml

RAW = {"Content-Type": "message/rfc822"}
QUESTION = Path(__file__).parents[2] / "events/mail/question.eml"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Edge]:
    mail_practice.forget()
    made = edge(tmp_path / "home")
    set_practice(made.mail.records, {"own": OWN})
    yield made
    mail_practice.forget()


@pytest.fixture
def api(house: Edge) -> TestClient:
    return TestClient(create_app(house.services))


def work(house: Edge) -> None:
    stopping = threading.Event()
    while house.mail_queue.receive_many(lambda batch: read_mails(house, batch, stopping), 10):
        pass
    while house.mail_out_queue.receive(lambda message: let_out(house, message, stopping)):
        pass


def sent(api: TestClient, house: Edge, content: bytes | None = None) -> dict[str, Any]:
    """A message that was sent in and read."""
    answer = api.post("/v1/mail", content=content or QUESTION.read_bytes(), headers=RAW)
    assert answer.status_code == 202
    work(house)
    page: dict[str, Any] = api.get(answer.headers["location"]).json()
    return page


def test_a_message_is_sent_in_read_and_answered(api: TestClient, house: Edge) -> None:
    page = sent(api, house)
    assert page["category"] in ("billing", "payment") and page["wanted"]
    assert page["queue"] == page["department"] and page["queue"].startswith("accounts_")
    assert page["message"]["sender"]["address"] == "jana.novak@nordwind.example"
    [invoice] = [one for one in page["triage"]["entities"] if one["kind"] == "invoice"]
    assert invoice["value"] == "INV/2026/0042" and invoice["evidence"]
    assert page["ticket"]["state"] == "kept"
    assert page["draft"]["to"]["address"] == "jana.novak@nordwind.example"
    [row] = api.get("/v1/mail").json()["mail"]
    assert row["mail_id"] == page["mail_id"] and row["reply"]["state"] == "drafted"
    assert api.get("/v1/mail", params={"queue": "sales"}).json() == {"mail": []}


def test_the_reply_that_is_approved_is_what_lies_in_the_outbox(api: TestClient, house: Edge) -> None:
    page = sent(api, house)
    where = f"/v1/mail/{page['mail_id']}/reply"
    looked_at = api.get(where)
    assert looked_at.headers["content-type"] == "message/rfc822"
    body = {"verdict": "approve", "digest": page["reply"]["digest"], "by": "Ana"}
    assert api.post(where, json=body).json()["state"] == "approved"
    assert api.post(where, json=body).json()["type"] == "Conflict"
    work(house)
    reply = api.get(f"/v1/mail/{page['mail_id']}").json()["reply"]
    assert (reply["state"], reply["by"]) == ("sent", "person:Ana")
    outbox = house.home / "outbox" / f"{page['reply']['digest']}.eml"
    assert outbox.read_bytes() == looked_at.content


def test_a_draft_can_be_worded_anew_or_rejected(api: TestClient, house: Edge) -> None:
    page = sent(api, house)
    where = f"/v1/mail/{page['mail_id']}/reply"
    edited = api.post(where, json={"verdict": "edit", "body": "We shall call you."}).json()
    assert edited["state"] == "drafted" and edited["digest"] != page["reply"]["digest"]
    stale = api.post(where, json={"verdict": "approve", "digest": page["reply"]["digest"]})
    assert (stale.status_code, stale.json()["type"]) == (409, "Conflict")
    assert api.post(where, json={"verdict": "reject", "note": "called"}).json()["state"] == "rejected"
    work(house)
    assert not (house.home / "outbox").exists()


def test_a_message_as_json_is_a_message(api: TestClient, house: Edge) -> None:
    asked = {
        "from": "Ana Müller <ana@customer.example>",
        "to": [OWN],
        "subject": "Rechnung fehlt",
        "body": "Bitte senden Sie uns die Rechnung R-100.",
        "date": "2026-11-20T09:00:00+01:00",
        "attachments": [{"name": "order.xml", "content": base64.b64encode(ubl("R-100")).decode()}],
    }
    first, again = api.post("/v1/mail", json=asked), api.post("/v1/mail", json=asked)
    assert first.status_code == 202 and first.json() == again.json()
    work(house)
    page = api.get(first.headers["location"]).json()
    assert page["message"]["sender"] == {"name": "Ana Müller", "address": "ana@customer.example"}
    assert page["language"] == "de" and len(page["documents"]) == 1
    assert len(api.get("/v1/mail").json()["mail"]) == 1


def test_a_large_message_is_put_where_the_answer_says(api: TestClient, house: Edge) -> None:
    place = api.post("/v1/mail", json={"bytes": 9_000_000})
    assert place.status_code == 201 and place.json()["key"].startswith("mail/uploads/")
    put = api.put(place.json()["url"], content=eml(), headers=RAW)
    assert put.status_code == 202
    house.services.objects.put("mail/ses/1", eml(2))
    assert api.post("/v1/mail", json={"key": "mail/ses/1"}).status_code == 202
    work(house)
    assert len(api.get("/v1/mail").json()["mail"]) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": ["a@b.example"]}, "from"),
        ({"from": "a@b.example", "colour": "red"}, "colour"),
        ({"from": "a@b.example\r\nBcc: x@y.example"}, "headers"),
        ({"from": "a@b.example", "headers": {"X: y": "z"}}, "headers"),
        ({"from": "a@b.example", "headers": {"Content-Type": "text/html"}}, "headers"),
        ({"from": "a@b.example", "attachments": [{"name": "x", "content": "no base64!"}]}, "attachments"),
        ({"key": "closes/secret"}, "key"),
        ({"key": "mail/../closes/secret"}, "key"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": True}, "bytes"),
        ([1], "body"),
    ],
)
def test_what_is_no_message_is_refused_in_words(api: TestClient, body: Any, field: str) -> None:
    answer = api.post("/v1/mail", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_nothing_is_found_where_nothing_is(api: TestClient, house: Edge) -> None:
    assert api.post("/v1/mail", content=b"", headers=RAW).json()["field"] == "body"
    assert api.post("/v1/mail", json={"bytes": 41 << 20}).json()["type"] == "FileTooLarge"
    assert api.post("/v1/mail", json={"key": "mail/none"}).status_code == 404
    assert api.get("/v1/mail/none").status_code == 404
    assert api.post("/v1/mail/none/reply", json={"verdict": "approve"}).status_code == 404
    page = sent(api, house, eml(subject="Out of office", sender="no-reply@customer.example"))
    assert page["draft"] is None and page["triage"]["answerable"] is False
    answer = api.post(f"/v1/mail/{page['mail_id']}/reply", json={"verdict": "approve"})
    assert (answer.status_code, "no reply was drafted" in answer.json()["detail"]) == (404, True)
    wrong = api.post("/v1/mail/x/reply", json={"verdict": "perhaps"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "verdict")


def test_the_description_names_what_mail_looks_like(api: TestClient) -> None:
    described = api.get("/openapi.json").json()
    assert {"MailPage", "MailRow", "ReplyView", "ReplyRequest"} <= described["components"]["schemas"].keys()
    body = described["paths"]["/v1/mail"]["post"]["requestBody"]["content"]
    assert body.keys() == {"message/rfc822", "application/json"}
    by_json = body["application/json"]["schema"]["anyOf"][0]
    assert "from" in by_json["properties"]
