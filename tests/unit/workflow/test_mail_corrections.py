"""What people set right of what was made of mail: through the routes and the command line of edge mode."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.api import create_app
from abax.cli import app
from abax.compose import Edge, edge
from abax.errors import InvalidRequest
from abax.mail.datasets import dataset_of
from abax.ports import Notice
from abax.serve import let_out, read_mails
from abax.workflow import mail_practice
from abax.workflow.learnt import TRIAGE, corrected_keys, handled, write_mail_labels
from abax.workflow.mail import part_key, triage_of
from abax.workflow.mail_corrections import CORRECTIONS
from abax.workflow.mail_out import MailOutContext, run_out
from abax.workflow.mail_practice import set_practice
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tests.support.mails import OWN, eml

RAW = {"Content-Type": "message/rfc822"}


class Desks:
    """Departments' systems that take what they are told."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def tell(self, notice: Notice) -> str:
        self.notices.append(notice)
        return "desk"


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


def sent(api: TestClient, house: Edge, content: bytes) -> dict[str, Any]:
    answer = api.post("/v1/mail", content=content, headers=RAW)
    assert answer.status_code == 202
    work(house)
    page: dict[str, Any] = api.get(answer.headers["location"]).json()
    return page


def ticket(house: Edge, mail_id: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(house.services.objects.get(part_key(mail_id, "ticket")))
    return told


def test_what_a_person_says_stands_at_once_and_the_department_is_told(api: TestClient, house: Edge) -> None:
    page = sent(api, house, eml(subject="Invoice INV/2026/0042", sender="ana@customer.example"))
    where = f"/v1/mail/{page['mail_id']}/triage"
    first = ticket(house, page["mail_id"])
    said = {
        "category": "contract",
        "department": "legal",
        "urgency": "critical",
        "by": "Ana",
        "note": "court",
    }
    row = api.post(where, json=said).json()
    assert (row["category"], row["department"], row["queue"]) == ("contract", "legal", "legal")
    assert (row["priority"], row["corrected"], row["needs_person"]) == ("P1", True, False)
    assert row["ticket"]["state"] == "waiting"
    again = ticket(house, page["mail_id"])
    assert again["replaces"] == "" and again["key"] != first["key"]  # nobody was told of the first
    assert again["queue"] == "legal" and again["triage"]["category"]["method"] == "person:Ana"
    work(house)
    assert api.get("/v1/mail", params={"queue": "legal"}).json()["mail"][0]["ticket"]["state"] == "kept"
    assert api.get("/v1/mail", params={"queue": first["queue"]}).json() == {"mail": []}


def test_what_is_left_out_stays(api: TestClient, house: Edge) -> None:
    page = sent(api, house, eml(subject="Invoice INV/2026/0042", sender="ana@customer.example"))
    before = triage_of(house.services.objects, page["mail_id"])
    api.post(f"/v1/mail/{page['mail_id']}/triage", json={"sentiment": "negative"})
    after = triage_of(house.services.objects, page["mail_id"])
    assert after.sentiment.value == "negative" and after.sentiment.confidence == 1.0
    assert after.category == before.category and after.asked == before.asked


def test_a_mail_that_wants_nothing_has_no_actions(api: TestClient, house: Edge) -> None:
    page = sent(api, house, eml(subject="Please send invoice INV/2026/0042", sender="ana@customer.example"))
    where = f"/v1/mail/{page['mail_id']}/triage"
    assert api.post(where, json={"wanted": False}).json()["wanted"] is False
    assert triage_of(house.services.objects, page["mail_id"]).asked.actions == ()
    assert api.post(where, json={"actions": [{"kind": "pay", "by": "2026-12-01"}]}).json()["wanted"] is True
    [action] = triage_of(house.services.objects, page["mail_id"]).asked.actions
    assert (action.kind, str(action.due)) == ("pay", "2026-12-01")
    assert ticket(house, page["mail_id"])["due"] == "2026-12-01"


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"category": "contracts"}, "category", "did you mean contract?"),
        ({"department": "ministry"}, "department", "there is no department 'ministry'"),
        ({"urgency": "soon"}, "urgency", "'low', 'normal', 'high' or 'critical'"),
        ({"actions": [{"kind": "dance"}]}, "actions.kind", "'send_document'"),
        ({"wanted": False, "actions": [{"kind": "pay"}]}, "", "actions go with what is wanted"),
        ({"note": "wrong"}, "", "says nothing"),
        ({"actions": [{"kind": "pay"}, {"kind": "pay", "by": "2026-12-01"}]}, "", "pay is there twice"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    api: TestClient, house: Edge, said: dict[str, Any], field: str, words: str
) -> None:
    page = sent(api, house, eml(sender="ana@customer.example"))
    answer = api.post(f"/v1/mail/{page['mail_id']}/triage", json=said)
    assert answer.status_code == 422
    assert answer.json().get("field", "").endswith(field) and words in answer.json()["detail"]
    assert list(house.mail.records.items(CORRECTIONS)) == []
    assert api.post("/v1/mail/none/triage", json={"category": "order"}).status_code == 404


def test_all_that_is_said_is_kept_and_the_newest_is_learnt(
    api: TestClient, house: Edge, tmp_path: Path
) -> None:
    page = sent(api, house, eml(subject="Invoice INV/2026/0042", sender="ana@customer.example"))
    right = sent(api, house, eml(2, subject="Where is our order", sender="bo@other.example"))
    where = f"/v1/mail/{page['mail_id']}/triage"
    for said in ({"category": "order", "by": "Ana"}, {"category": "contract", "wanted": False}):
        assert api.post(where, json=said).status_code == 200
    api.post(f"/v1/mail/{right['mail_id']}/triage", json={"category": right["category"]})
    objects, records = house.services.objects, house.mail.records
    assert len(list(records.items(CORRECTIONS, page["mail_id"]))) == 2
    assert corrected_keys(objects, records, TRIAGE) == {page["mail_id"]}
    counted = {one.key: one for one in handled(objects, records) if one.adapter == TRIAGE}
    assert counted[page["mail_id"]].kind == page["category"] and counted[page["mail_id"]].values >= 1
    assert str(counted[right["mail_id"]].said) == "right"

    assert write_mail_labels(objects, tmp_path / "labels") == 2
    mails = {one.id: one for one in dataset_of(tmp_path / "labels").mails}
    truth = mails[page["mail_id"]].truth
    assert (truth.category, truth.action, truth.actions, truth.urgency) == ("contract", False, (), None)
    assert "customer.example" not in mails[page["mail_id"]].model_dump_json()


def test_a_ticket_replaces_the_one_that_was_told_last(api: TestClient, house: Edge) -> None:
    page = sent(api, house, eml(subject="Invoice INV/2026/0042", sender="ana@customer.example"))
    mail_id, desks = page["mail_id"], Desks()
    objects, records = house.services.objects, house.mail.records
    context = MailOutContext(objects, records, sender=None, tickets=desks)  # type: ignore[arg-type]
    where = f"/v1/mail/{mail_id}/triage"
    queued: list[dict[str, Any]] = []

    def taken() -> list[str]:
        while house.mail_out_queue.receive(queued.append):
            pass
        told = [run_out(context, message) for message in queued]
        queued.clear()
        return told

    for department in ("logistics", "legal"):
        api.post(where, json={"department": department})
    assert taken() == ["replaced", "told"]
    [first] = desks.notices
    assert first.queue == "legal" and json.loads(first.body)["replaces"] == ""
    for said in ({"department": "sales"}, {"urgency": "low"}, {"urgency": "low"}):
        api.post(where, json=said)
    assert taken() == ["replaced", "told"]
    second = desks.notices[-1]
    assert len(desks.notices) == 2 and second.queue == "sales"
    assert json.loads(second.body)["replaces"] == first.key and "set right by a person" in second.text


def test_what_depends_on_it_is_told_anew(api: TestClient, house: Edge) -> None:
    page = sent(
        api, house, eml(subject="Please send invoice INV/2026/0042 by Friday", sender="a@customer.example")
    )
    where = f"/v1/mail/{page['mail_id']}/triage"
    api.post(
        where, json={"actions": [{"kind": "refund", "by": "2027-01-15"}], "urgency": "high", "by": "Ana"}
    )
    after = triage_of(house.services.objects, page["mail_id"])
    assert "2027-01-15" in after.next_step.value and after.asked.actions[0].evidence == ""
    assert [reason.text for reason in after.reasons if reason.kind in ("deadline", "person")] == [
        "Ana says that it is high"
    ]


def test_the_command_line_says_the_same(
    house: Edge, api: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sent(api, house, eml(subject="Invoice INV/2026/0042", sender="ana@customer.example"))
    monkeypatch.setenv("ABAX_HOME", str(house.home))
    monkeypatch.setenv("USER", "Ana")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["mail", *arguments])
        if isinstance(done.exception, InvalidRequest):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    told = run("correct", page["mail_id"][:10], "--category", "order", "--action", "deliver=2026-12-01")
    assert "category order, deliver by 2026-12-01, something is wanted" in told and "tells the ticket" in told
    assert "set right by Ana on " in run("show", page["mail_id"])
    assert "1 labelled mails" in run("labels", str(tmp_path / "out"))
    with pytest.raises(InvalidRequest, match="is there already"):
        run("labels", str(tmp_path / "out"))
    assert "1 labelled mails" in run("labels", str(tmp_path / "out"), "--replace")
    [mail] = dataset_of(tmp_path / "out").mails
    assert mail.truth.actions is not None and str(mail.truth.actions[0].by) == "2026-12-01"
    with pytest.raises(InvalidRequest, match="did you mean order"):
        run("correct", page["mail_id"], "--category", "orders")
