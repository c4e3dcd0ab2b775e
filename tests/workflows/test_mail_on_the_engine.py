"""Mail on the whole application on one machine, with a ticket system that comes and goes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx
import pytest
from abax.adapters.imap import PROCESSED
from abax.adapters.tickets import TICKET_SECRET

from infra.local.engine import PARAMETERS, ROOT, LocalEngine
from tests.support.dovecot import Mailbox
from tests.support.invoices import ubl
from tests.support.killing import killed_at_random
from tests.support.mails import OWN, eml
from tests.workflows.tiny import eventually

T = TypeVar("T")

pytestmark = pytest.mark.timeout(600)

PATIENCE = 200
MAILBOX = "abax/mail/imap"
QUESTION = ROOT / "events/mail/question.eml"


class Desk(ThreadingHTTPServer):
    """A ticket system, which is open or not."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        """Idempotency key and ticket."""
        self.turned_away = 0
        self.open = True
        super().__init__(("127.0.0.1", 0), _Handler)

    def ticket(self, subject: str) -> dict[str, Any] | None:
        """The ticket of that subject."""
        return next((ticket for _, ticket in self.got if ticket["subject"] == subject), None)


class _Handler(BaseHTTPRequestHandler):
    server: Desk

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.open:
            self.server.got.append((str(self.headers["Idempotency-Key"]), body))
        else:
            self.server.turned_away += 1
        self.send_response(204 if self.server.open else 503)
        self.end_headers()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    server = Desk()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> Iterator[LocalEngine]:
    parameters = {**PARAMETERS, "CallbackNetwork": "private", "Mailbox": MAILBOX}
    with LocalEngine(parameters=parameters, logs=tmp_path_factory.mktemp("logs")) as running:
        running.put_secret(TICKET_SECRET, {"key": "k3y"})
        # What came back, or was left by a killed function, is seen again soon, not after minutes.
        for queue, seconds in (("QueuesMail", 10), ("QueuesMailOuts", 5)):
            seen_again_after(running, queue, seconds)
        item = {"own": OWN, "tickets": {"*": f"http://127.0.0.1:{desk.server_port}/tickets"}}
        running.client("dynamodb").put_item(
            TableName=running.resources["StorageRecordsTable"],
            Item={"space": {"S": "settings"}, "key": {"S": "mail"}, "item": {"S": json.dumps(item)}},
        )
        running.client("sesv2").create_email_identity(EmailIdentity=OWN)
        yield running


def seen_again_after(engine: LocalEngine, queue: str, seconds: int) -> None:
    attributes = {"VisibilityTimeout": str(seconds)}
    engine.client("sqs").set_queue_attributes(QueueUrl=engine.resources[queue], Attributes=attributes)


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


def row_of(api: httpx.Client, subject: str) -> dict[str, Any] | None:
    found = api.get("/v1/mail", params={"limit": 500}).raise_for_status().json()["mail"]
    return next((row for row in found if row["subject"] == subject), None)


def told(api: httpx.Client, subject: str) -> dict[str, Any] | None:
    row = row_of(api, subject)
    return row if row and row["ticket"] and row["ticket"]["state"] == "told" else None


def test_a_message_in_the_bucket_becomes_a_ticket_and_a_draft(
    engine: LocalEngine, api: httpx.Client, desk: Desk
) -> None:
    subject = "Invoice INV/2026/0042 - is it settled?"
    put(engine, "mail/ses/Frage 1", QUESTION.read_bytes())
    row = patiently(lambda: told(api, subject))
    ticket = desk.ticket(subject)
    assert ticket is not None
    assert ticket["queue"] == row["queue"] and row["queue"].startswith("accounts_")
    assert [entity["value"] for entity in ticket["triage"]["entities"] if entity["kind"] == "invoice"] == [
        "INV/2026/0042"
    ]
    kept = engine.client("s3").get_object(
        Bucket=engine.resources["StorageBucket"], Key=f"mails/{row['mail_id']}/triage.json"
    )
    assert json.load(kept["Body"]) == ticket["triage"]
    assert row["reply"]["state"] == "drafted"
    page = api.get(f"/v1/mail/{row['mail_id']}").json()
    assert page["draft"]["to"]["address"] == "jana.novak@nordwind.example"


def test_the_approved_reply_leaves_by_ses(engine: LocalEngine, api: httpx.Client) -> None:
    put(engine, "mail/ses/2", eml(2, subject="Invoice R-2", body="Where is invoice R-2? Please send it."))
    row = patiently(lambda: row_of(api, "Invoice R-2"))
    where = f"/v1/mail/{row['mail_id']}"
    answer = api.post(f"{where}/reply", json={"verdict": "approve", "digest": row["reply"]["digest"]})
    assert answer.json()["state"] == "approved"
    patiently(lambda: api.get(where).json()["reply"]["state"] == "sent")
    assert api.get(where).json()["reply"]["sending"]["name"]


def test_an_attachment_is_read_as_a_document(engine: LocalEngine, api: httpx.Client) -> None:
    body = eml(3, subject="Our invoice", attachments=[("invoice.xml", ubl("R-900", line="90.00"))])
    put(engine, "mail/ses/3", body)
    row = patiently(lambda: row_of(api, "Our invoice"))
    [job_id] = row["documents"]

    def read() -> bool:
        reviews = api.get("/v1/reviews", params={"limit": 100}).raise_for_status().json()["reviews"]
        return any(review["job_id"] == job_id for review in reviews)

    patiently(read)


def test_the_same_message_by_two_ways_is_one(engine: LocalEngine, api: httpx.Client, desk: Desk) -> None:
    content = eml(4, subject="Twice", body="Please confirm the order 4711.")
    put(engine, "mail/ses/4a", b"Received: from a by b; Fri, 20 Nov 2026 09:00:00 +0000\r\n" + content)
    put(engine, "mail/ses/4b", content)
    assert (
        api.post("/v1/mail", content=content, headers={"Content-Type": "message/rfc822"}).status_code == 202
    )
    patiently(lambda: told(api, "Twice"))
    time.sleep(2)
    rows = api.get("/v1/mail", params={"limit": 500}).json()["mail"]
    assert sum(row["subject"] == "Twice" for row in rows) == 1
    assert len({key for key, ticket in desk.got if ticket["subject"] == "Twice"}) == 1


def test_a_ticket_system_that_is_down_delays_its_tickets_alone(
    engine: LocalEngine, api: httpx.Client, desk: Desk
) -> None:
    desk.open = False
    put(engine, "mail/ses/5", eml(5, subject="Down", body="When do you deliver order 4712?"))

    def waits() -> dict[str, Any] | None:
        row = row_of(api, "Down")
        return row if row and row["ticket"]["error"] else None

    row = patiently(waits)
    assert row["ticket"]["state"] == "waiting" and "503" in row["ticket"]["error"]["message"]
    assert row["reply"] is None or row["reply"]["state"] == "drafted"
    desk.open = True
    assert patiently(lambda: told(api, "Down"))["ticket"]["tries"] > 1


def test_a_poisoned_message_ends_in_the_dead_letter_queue_and_harms_no_other(
    engine: LocalEngine, api: httpx.Client
) -> None:
    queues, url = engine.client("sqs"), engine.resources["QueuesMail"]
    put(engine, "mail/ses/6", eml(6, subject="Beside poison", body="Please confirm."))
    for body in ("no json", json.dumps({"key": "mail/ses/lost"})):
        queues.send_message(QueueUrl=url, MessageBody=body)
    patiently(lambda: row_of(api, "Beside poison"))
    seen_again_after(engine, "QueuesMail", 2)  # all five tries, soon
    dead: set[str] = set()

    def both_dead() -> bool:
        found = queues.receive_message(QueueUrl=engine.resources["QueuesDeadMail"], MaxNumberOfMessages=10)
        dead.update(message["Body"] for message in found.get("Messages", []))
        return {"no json", '{"key": "mail/ses/lost"}'} <= dead

    patiently(both_dead)
    seen_again_after(engine, "QueuesMail", 10)
    assert not any("mail/ses/6" in body for body in dead)


def test_with_handlers_killed_at_random_no_mail_is_lost_and_none_is_doubled(
    engine: LocalEngine, api: httpx.Client, desk: Desk
) -> None:
    subjects = [f"Killed {number}" for number in range(10)]
    with killed_at_random(share=0.25, seed=40, within=0.05) as counted:
        for number, subject in enumerate(subjects):
            body = f"When will you pay our invoice INV-{number}? It was due last week."
            put(engine, f"mail/ses/k{number}", eml(100 + number, subject=subject, body=body))

        def all_told() -> bool:
            found = api.get("/v1/mail", params={"limit": 500})
            if found.status_code != 200:  # the API's own handler was killed
                return False
            rows = [row for row in found.json()["mail"] if row["subject"] in subjects]
            states = [row["ticket"]["state"] for row in rows if row["ticket"]]
            return states == ["told"] * len(subjects)

        patiently(all_told)
    assert counted.killed > 0
    keys = {key for key, ticket in desk.got if ticket["subject"] in subjects}
    assert len(keys) == len(subjects)


def test_a_mailbox_is_looked_into_on_schedule(
    engine: LocalEngine, api: httpx.Client, mailbox: Mailbox
) -> None:
    engine.put_secret(MAILBOX, mailbox.secret())
    mailbox.put(eml(20, subject="By IMAP", body="Please send the contract."))
    for _ in range(2):
        assert engine.fire("MailLookIntoMailbox") == 1
    patiently(lambda: row_of(api, "By IMAP"))
    assert patiently(lambda: all(PROCESSED in flags for flags in mailbox.flags()))


def test_mail_of_any_oddity_is_read_in_a_batch(
    engine: LocalEngine, api: httpx.Client, tmp_path: Path
) -> None:
    odd = [
        b"\x00\xff\xfe",
        b"Subject: \xe4\xf6\r\n\r\n",
        b"From: <\r\nTo: ,,,\r\n\r\n" + b"\r\n" * 3,
        b"no header",
    ]
    for number, content in enumerate(odd):
        put(engine, f"mail/ses/odd{number}", content)

    def all_there() -> bool:
        rows = api.get("/v1/mail", params={"limit": 500}).raise_for_status().json()["mail"]
        return sum(row["message_id"].endswith("@missing.invalid") for row in rows) == len(odd)

    patiently(all_there)
