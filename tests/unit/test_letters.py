"""The writer over HTTP, as jobs and on the command line."""

import json
import time
import warnings
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from abax import cli
from abax.adapters.local.texts import InProcess
from abax.adapters.scripted import ScriptedModel
from abax.api import create_app
from abax.compose import Edge, edge
from abax.errors import InvalidRequest, NotFound
from abax.serve import write_text
from abax.workflow.events import parse_wanted
from abax.workflow.texts import again, order_text, run_texts
from abax.workflow.writing_request import WritingRequest
from typer.testing import CliRunner, Result

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

FACTS: dict[str, Any] = {
    "today": "2026-11-20",
    "sender": {"name": "Mara Lindt"},
    "recipient": {"name": "Oskar Thiel"},
    "invoices": [{"number": "RE-17", "due": "2026-11-10", "amount": "99.90"}],
}
BODY = "Dear Oskar Thiel,\n\nRE-17 over EUR 99.90 is open. Please pay it by 27 November 2026."
WORDED = json.dumps({"subject": "RE-17", "body": BODY})


def scripted(home: Path, *script: object, seconds: float = 0.0) -> Edge:
    """Edge mode with a model that says what it was told to."""
    house = edge(home)
    model = ScriptedModel(script, seconds=seconds)  # type: ignore[arg-type]
    writing = replace(house.texts, model=model)
    assert house.services.texts is not None
    texts = replace(house.services.texts, runner=InProcess(writing), model=model)
    return replace(house, texts=writing, services=replace(house.services, texts=texts))


def client(house: Edge) -> TestClient:
    return TestClient(create_app(house.services), raise_server_exceptions=False)


# --- HTTP


def test_a_text_is_the_answer(tmp_path: Path) -> None:
    api = client(scripted(tmp_path))
    answer = api.post("/v1/writer/reminder", json={"context": FACTS})
    assert answer.status_code == 200
    assert answer.json()["method"] == "template:reminder"
    assert "EUR 99.90" in answer.json()["text"]
    assert {"name": "invoices.0.amount", "value": "99.90 EUR", "shown": "EUR 99.90"} in answer.json()["facts"]
    job = api.get(f"/v1/jobs/{answer.json()['job_id']}").json()
    assert (job["state"], job["request"]) == ("succeeded", {"service": "reminder", "contexts": 1})
    assert [one["job_id"] for one in api.get("/v1/jobs?kind=writing").json()] == [job["job_id"]]


def test_several_give_one_result_each_in_order(tmp_path: Path) -> None:
    not_due = {**FACTS, "today": "2026-11-01"}
    answer = client(scripted(tmp_path)).post(
        "/v1/writer/reminder", json={"contexts": [FACTS, not_due, FACTS]}
    )
    results = answer.json()["results"]
    assert [one.get("method", one.get("error", {}).get("type")) for one in results] == [
        "template:reminder",
        "InvalidRequest",
        "template:reminder",
    ]


def test_a_context_of_several_that_has_a_fault_is_told_by_its_place_and_field_and_stops_no_other(
    tmp_path: Path,
) -> None:
    house = scripted(tmp_path)
    bad = {**FACTS, "invoices": [{"number": "RE-17", "due": "2026-11-10", "amount": "ten"}]}
    answer = client(house).post("/v1/writer/reminder", json={"contexts": [FACTS, {"language": "de"}, bad]})
    first, second, third = answer.json()["results"]
    assert (answer.status_code, answer.json()["failed"], first["method"]) == (200, 2, "template:reminder")
    assert second == {
        "index": 1,
        "error": {"type": "InvalidRequest", "message": "sender: is missing", "field": "sender"},
    }
    assert (third["index"], third["error"]["field"]) == (2, "invoices.0.amount")
    assert third["error"]["message"] == 'invoices.0.amount: is "ten"; it must be a number'
    [job] = house.services.jobs.recent(1, "writing")
    assert job.message == "written: 1, failed: 2"


def test_a_message_with_one_bad_context_has_its_others_written(tmp_path: Path) -> None:
    house = scripted(tmp_path)
    write_text(house, {"service": "reminder", "contexts": [{}, FACTS]}, Event())
    [job] = house.services.jobs.recent(1, "writing")
    results = json.loads(house.services.objects.get(job.results["text.json"]))["results"]
    assert (job.state, ["error" in one for one in results]) == ("succeeded", [True, False])


def test_a_model_words_it_where_the_caller_says_so(tmp_path: Path) -> None:
    api = client(scripted(tmp_path, WORDED))
    answer = api.post("/v1/writer/reminder", json={"context": FACTS, "model": "always"})
    assert answer.json()["method"] == "model:reminder.email.v1"
    assert answer.json()["text"].endswith("27 November 2026.\nMara Lindt")


def test_the_same_token_is_the_same_job(tmp_path: Path) -> None:
    api = client(scripted(tmp_path))
    first, second = (
        api.post("/v1/writer/reminder", json={"context": FACTS}, headers={"Idempotency-Key": "t"}).json()
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("poem", {"context": {}}, 404, None),
        ("reminder", {}, 422, "context"),
        ("reminder", {"context": {}, "contexts": [{}]}, 422, "context"),
        ("reminder", {"context": {"invoices": []}}, 422, "sender"),
        ("reminder", {"context": {**FACTS, "deadline": "2026-11-01"}}, 422, "deadline"),
        ("reminder", {"context": FACTS, "model": "sometimes"}, 422, "model"),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, path: str, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = client(scripted(tmp_path)).post(f"/v1/writer/{path}", json=body)
    assert (answer.status_code, answer.json().get("field")) == (status, field)


def test_services_and_their_schemas_are_told(tmp_path: Path) -> None:
    api = client(scripted(tmp_path))
    names = [one["service"] for one in api.get("/v1/writer").json()]
    assert names == ["follow-up", "reminder", "deal-summary", "compliance", "order", "notes"]
    for name in names:
        described = api.get(f"/v1/writer/{name}").json()
        assert described["context"]["additionalProperties"] is False
        again = api.post(f"/v1/writer/{name}", json={"context": described["example"]})
        assert (again.status_code, again.json()["confidence"] >= 0.8) == (200, True)
        assert "method" in described["result"]["properties"]
    assert "/v1/writer/{name}" in api.get("/openapi.json").json()["paths"]


# --- jobs and messages


def test_one_that_is_not_waited_for_is_written_off_the_queue(tmp_path: Path) -> None:
    house = scripted(tmp_path)
    api = client(house)
    answer = api.post("/v1/writer/reminder", json={"context": FACTS, "wait": False})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert house.text_queue.receive(lambda message: write_text(house, message, Event()))
    job = api.get(f"/v1/jobs/{answer.json()['job_id']}").json()
    assert "EUR 99.90" in api.get(job["results"]["text.json"]).json()["text"]


def test_a_message_asks_for_a_text_as_a_request_does(tmp_path: Path) -> None:
    house = scripted(tmp_path)
    event = {"specversion": "1.0", "id": "1", "source": "crm", "type": "abax.writing.requested"}
    write_text(house, {**event, "data": {"service": "reminder", "context": FACTS}}, Event())
    write_text(house, {"service": "notes", "context": {"text": "Decision: we go on."}}, Event())
    assert [job.state for job in house.services.jobs.recent(10, "writing")] == ["succeeded"] * 2


def test_a_message_names_what_it_asks_for() -> None:
    assert parse_wanted({"prompt": "x"}).kind == "text"
    assert parse_wanted({"service": "reminder", "context": FACTS}, "m-1").client_token == "m-1"
    with pytest.raises(NotFound):
        parse_wanted({"service": "poem", "context": {}})
    with pytest.raises(InvalidRequest):
        parse_wanted({"service": "reminder", "context": {}})


def test_a_model_that_is_too_slow_for_a_caller_gets_its_time_off_the_queue(tmp_path: Path) -> None:
    house = scripted(tmp_path, WORDED, WORDED, seconds=0.2)
    wanted = WritingRequest(service="reminder", context=FACTS, model="always")
    store = house.services.jobs
    order, _ = order_text(house.services.objects, store, wanted)
    run_texts(house.texts, [order.job_id], time.monotonic() + 0.1, cut=False)
    assert store.get(order.job_id).state == "queued"
    run_texts(house.texts, [order.job_id], time.monotonic() + 30)
    done = store.get(order.job_id)
    assert done.state == "succeeded"
    assert (
        json.loads(house.services.objects.get(done.results["text.json"]))["method"]
        == "model:reminder.email.v1"
    )


class Postman:
    """Takes callbacks."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, url: str, body: bytes) -> None:
        self.sent.append({"url": url, **json.loads(body)})


def test_whoever_asked_to_be_told_gets_the_text(tmp_path: Path) -> None:
    house, postman = scripted(tmp_path), Postman()
    house = replace(house, texts=replace(house.texts, callbacks=postman))
    body = {"context": FACTS, "callback": "https://crm.example/told"}
    assert client(house).post("/v1/writer/reminder", json=body).status_code == 202
    assert house.text_queue.receive(lambda message: write_text(house, message, Event()))
    [told] = postman.sent
    assert (told["url"], told["state"]) == ("https://crm.example/told", "succeeded")
    assert "EUR 99.90" in told["result"]["text"]
    bad = client(house).post("/v1/writer/reminder", json={**body, "callback": "http://crm.example"})
    assert (bad.status_code, bad.json()["field"]) == (422, "callback")


def test_a_failed_job_can_be_asked_for_again(tmp_path: Path) -> None:
    house = scripted(tmp_path)
    body = {"context": {**FACTS, "deadline": "2026-11-01"}, "client_token": "t"}
    assert client(house).post("/v1/writer/reminder", json=body).status_code == 422
    [failed] = house.services.jobs.recent(1, "writing")
    assert again(house.services.objects, house.services.jobs, failed).request == failed.request


# --- the command line


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ABAX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ABAX_MODEL_URL", "none:")
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(FACTS))
    return file


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["writer", *map(str, arguments)], input=stdin)


def test_a_command_prints_the_text_or_json(facts: Path) -> None:
    found = run("reminder", facts)
    assert found.exit_code == 0
    assert found.stdout.startswith("Subject: Payment reminder: RE-17\n\nDear Oskar Thiel,\n\n")
    assert json.loads(run("reminder", facts, "--json").stdout)["level"] == "friendly"


def test_facts_come_from_standard_input_one_a_line(facts: Path) -> None:
    lines = f"{json.dumps(FACTS)}\n{json.dumps({**FACTS, 'language': 'de'})}\n"
    found = json.loads(run("reminder", "-", "--json", stdin=lines).stdout)
    assert [one["language"] for one in found] == ["en", "de"]


def test_a_model_that_there_is_not_is_told(facts: Path) -> None:
    found = run("reminder", facts, "--model", "always", "--json")
    assert "no model is configured" in json.loads(found.stdout)["refused"][0]


def test_exit_codes_tell_what_to_look_at(facts: Path) -> None:
    facts.write_text(json.dumps({"today": "2026-11-20", "required": [{"kind": "ISO 9001"}]}))
    assert run("compliance", facts).exit_code == 1
    facts.write_text(json.dumps([FACTS, {**FACTS, "today": "2026-11-01"}]))
    assert run("reminder", facts).exit_code == 3
    facts.write_text("[1]")
    assert isinstance(run("reminder", facts).exception, InvalidRequest)


def test_services_schemas_and_examples_are_shown(facts: Path) -> None:
    assert "deal-summary" in run("list").stdout
    assert json.loads(run("schema", "order").stdout)["title"] == "OrderContext"
    assert "abax writer reminder facts.json" in run("--help").stdout


def test_facts_that_are_wrong_are_told_by_index_and_the_others_written(facts: Path) -> None:
    lines = [json.dumps(FACTS), '{"language": "de"}', '{"language": ', json.dumps(FACTS)]
    facts.write_text("\n".join(lines))
    found = run("reminder", facts)
    assert (found.exit_code, found.stdout.count("Subject: ")) == (3, 2)
    assert "error: contexts.1: sender: is missing" in found.stderr
    assert "error: contexts.2: file: is not JSON" in found.stderr
    results = json.loads(run("reminder", facts, "--json").stdout)
    assert [one.get("index") for one in results] == [None, 1, 2, None]
    assert results[1]["error"]["field"] == "sender"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"today": "2026-11-20",\n"sender": {}', "is not JSON"),
        ("", "is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"text": "x"', "is not JSON"),
    ],
)
def test_a_file_without_any_facts_is_refused_as_a_whole(facts: Path, content: str, told: str) -> None:
    facts.write_text(content)
    assert told in str(run("reminder", facts).exception)


@pytest.mark.parametrize(
    ("service", "content", "told"),
    [
        ("reminder", {**FACTS, "invoices": []}, "invoices: is empty; it must hold at least 1"),
        (
            "reminder",
            {**FACTS, "invoices": [{**FACTS["invoices"][0], "currency": "Euro"}]},
            "invoices.0.currency: 'Euro' is no ISO 4217 code of a currency in use, such as EUR",
        ),
        ("reminder", {**FACTS, "langauge": "de"}, "langauge: there is no such field; is it misspelt?"),
        ("order", {}, "context: give either order or text"),
    ],
)
def test_a_fault_of_facts_is_told_in_plain_words_with_its_field(
    facts: Path, service: str, content: dict[str, Any], told: str
) -> None:
    facts.write_text(json.dumps(content))
    assert str(run(service, facts).exception) == told


def test_a_schema_describes_every_field_and_has_an_example(facts: Path) -> None:
    for one in json.loads(run("list", "--json").stdout):
        found = json.loads(run("schema", one["service"]).stdout)
        for part in [found, *found.get("$defs", {}).values()]:
            for name, held in part.get("properties", {}).items():
                assert held.get("description"), f"{part['title']}.{name}"
        assert found["examples"] == [json.loads(run("example", one["service"]).stdout)]


def test_an_example_is_taken_as_it_is(facts: Path) -> None:
    for one in json.loads(run("list", "--json").stdout):
        facts.write_text(run("example", one["service"]).stdout)
        assert run(one["service"], facts).exit_code in (0, 1), one["service"]
    assert isinstance(run("example", "poem").exception, NotFound)
