"""The whole application on one machine: the real template and functions, over the sample books."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from abax.sample import SampleBooks, build

from infra.local.engine import PARAMETERS, ROOT, LocalEngine
from tests.workflows.tiny import eventually

SECRET = "abax/books"


class House:
    """A running engine with the sample books behind a secret."""

    def __init__(self, engine: LocalEngine, books: SampleBooks) -> None:
        self.engine = engine
        self.books = books
        self.api = httpx.Client(
            base_url=engine.api_url, headers={"Authorization": f"Bearer {engine.api_key}"}, timeout=60
        )

    def request(self, company: int = 0, year: int | None = None, **changes: Any) -> dict[str, Any]:
        name = self.books.companies[company]
        asked = {"secret": SECRET, "company": name, "year": year or self.books.years[-1]}
        return {**asked, "mapping": self.books.mapping[name], **changes}

    def order(self, **request: Any) -> str:
        answer = self.api.post("/v1/closes", json=self.request(**request))
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        return found

    def jobs(self) -> set[str]:
        return {job["job_id"] for job in self.api.get("/v1/jobs?limit=100").json()}

    def ended(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        def finished() -> dict[str, Any] | None:
            job = self.job(job_id)
            return job if job["state"] in ("succeeded", "failed", "cancelled") else None

        return eventually(finished, seconds)

    def new_job(self, before: set[str]) -> str:
        return eventually(lambda: self.jobs() - before).pop()

    def history(self, job_id: str) -> list[dict[str, Any]]:
        machine = self.engine.resources["WorkflowsFinancialClose"]
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{job_id}"
        found = self.engine.client("stepfunctions").get_execution_history(
            executionArn=execution, maxResults=1000
        )
        events: list[dict[str, Any]] = found["events"]
        return events

    def steps(self, job_id: str) -> list[str]:
        """The steps that some function did for a job, as the functions' logs tell."""
        done = []
        for function in self.engine.lambdas.functions:
            for line in self.engine.logs(function).splitlines():
                if line.startswith("{") and '"step done"' in line and job_id in line:
                    done.append(str(json.loads(line)["step"]))
        return done


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    books = build(folder / "books.sqlite")
    scheduled = {"secret": SECRET, "company": books.companies[0], "year": books.years[0]}
    parameters = {**PARAMETERS, "ScheduledClose": json.dumps(scheduled), "ModelUrl": "none:"}
    with LocalEngine(ROOT / "template.yaml", parameters, logs=folder / "logs") as engine:
        engine.put_secret(SECRET, {"url": books.url})
        house = House(engine, books)
        yield house
        house.api.close()


@pytest.fixture(scope="module")
def closed(house: House) -> str:
    """The job of a close that has succeeded."""
    job_id = house.order(client_token="month-end")
    job = house.ended(job_id)
    assert job["state"] == "succeeded", job
    return job_id


def results(house: House, job_id: str, name: str) -> httpx.Response:
    link = house.api.get(house.job(job_id)["results"][name])
    assert link.status_code == 307
    return httpx.get(link.headers["location"]).raise_for_status()


def test_a_close_asked_for_over_http_ends_with_its_results(house: House, closed: str) -> None:
    checks = results(house, closed, "checks.json").json()
    assert len(checks) >= 4 and all(check["passed"] for check in checks)
    assert results(house, closed, "report.html").text.lower().startswith("<!doctype html>")
    assert house.steps(closed).count("finish") == 1
    words = results(house, closed, "narrative.json").json()
    assert words["sentences"] and words["why_plain"].startswith("ModelUnavailable")


def test_anonymous_calls_are_refused(house: House) -> None:
    answer = httpx.post(f"{house.engine.api_url}/v1/closes", json=house.request())
    assert answer.status_code == 401


def test_a_malformed_body_is_refused_naming_the_field(house: House) -> None:
    answer = house.api.post("/v1/closes", json={**house.request(), "year": "last"})
    assert answer.status_code == 422
    assert "year" in answer.text


def test_a_repeated_token_is_the_same_job_and_no_second_run(house: House, closed: str) -> None:
    before = house.jobs()
    assert house.order(client_token="month-end") == closed
    assert house.jobs() == before


def test_the_same_books_are_not_closed_twice(house: House, closed: str) -> None:
    again = house.order()
    job = house.ended(again)
    assert again != closed and job["state"] == "succeeded"
    assert sorted(house.steps(again)) == ["finish", "plan"]
    assert results(house, again, "statements.json").json() == results(house, closed, "statements.json").json()


def test_a_handler_killed_half_way_loses_nothing_and_the_retry_finishes(house: House) -> None:
    job_id = house.order(company=1)
    eventually(lambda: house.job(job_id)["step"] == "extract", 30)
    assert eventually(lambda: house.engine.kill("extract_erp"), 10) > 0
    job = house.ended(job_id)
    assert job["state"] == "succeeded", job["error"]
    failures = [
        event["taskFailedEventDetails"]["error"]
        for event in house.history(job_id)
        if event["type"] == "TaskFailed"
    ]
    assert failures and set(failures) == {"Runtime.ExitError"}
    assert movements(results(house, job_id, "statements.json").json()) == truth(house.books, company=1)


def movements(package: dict[str, Any]) -> dict[str, tuple[Decimal, Decimal]]:
    """Account code to debit and credit of the package's year."""
    rows = next(found["rows"] for found in package["trial_balances"] if found["year"] == package["year"])
    figures = {row["code"]: (Decimal(row["debit"]), Decimal(row["credit"])) for row in rows if row["code"]}
    return {code: pair for code, pair in figures.items() if any(pair)}


def truth(books: SampleBooks, company: int) -> dict[str, tuple[Decimal, Decimal]]:
    """The same, as added up while the books were made."""
    accounts = books.truth[books.companies[company]][books.years[-1]].trial_balance
    figures = {code: (account.debit, account.credit) for code, account in accounts.items()}
    return {code: pair for code, pair in figures.items() if any(pair)}


def test_a_failure_is_recorded_with_its_reason(house: House) -> None:
    job = house.ended(house.order(secret="abax/nowhere"))
    assert (job["state"], job["error"]["type"]) == ("failed", "UnknownSecret")
    assert "abax/nowhere" in job["error"]["message"]


def test_an_unknown_company_is_named_beside_those_that_exist(house: House) -> None:
    answer = house.api.post("/v1/closes", json={**house.request(), "company": "Nobody Ltd"})
    job = house.ended(answer.json()["job_id"])
    assert (job["state"], job["error"]["type"]) == ("failed", "UnknownCompany")
    assert "Nobody Ltd" in job["error"]["message"] and house.books.companies[1] in job["error"]["message"]


def test_a_cancelled_close_stays_cancelled(house: House) -> None:
    job_id = house.order(year=house.books.years[1])
    eventually(lambda: house.job(job_id)["state"] == "running", 30)
    assert house.api.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    eventually(lambda: not any(map(house.engine.lambdas.busy, ("extract_erp", "build_statements"))), 30)
    time.sleep(0.5)
    assert house.job(job_id)["state"] == "cancelled"
    assert "finish" not in house.steps(job_id)


def test_what_a_cancelled_close_had_read_is_used_by_the_next(house: House) -> None:
    job = house.ended(house.order(year=house.books.years[1]))
    assert job["state"] == "succeeded"


def test_the_schedule_closes_what_it_names(house: House) -> None:
    before = house.jobs()
    assert house.engine.fire("TriggersMonthlyClose") == 1
    job = house.ended(house.new_job(before))
    assert job["state"] == "succeeded"
    assert job["request"]["year"] == house.books.years[0]


def test_a_message_starts_a_close_and_the_same_one_again_does_not(house: House) -> None:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/test",
        "type": "abax.close.requested",
        "data": house.request(),
    }
    queue, url = house.engine.client("sqs"), house.engine.resources["QueuesCloses"]
    before = house.jobs()
    queue.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    job_id = house.new_job(before)
    assert house.ended(job_id)["state"] == "succeeded"
    queue.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    eventually(lambda: house.engine.logs("start_close").count('"is_new":false'))
    assert house.jobs() == before | {job_id}


def test_a_message_that_cannot_be_used_lands_in_the_dead_letter_queue(house: House) -> None:
    queue, url = house.engine.client("sqs"), house.engine.resources["QueuesCloses"]
    queue.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    queue.send_message(QueueUrl=url, MessageBody="no close request")

    def dead() -> list[str]:
        received = queue.receive_message(QueueUrl=house.engine.resources["QueuesDeadCloses"])
        return [message["Body"] for message in received.get("Messages", [])]

    assert eventually(dead) == ["no close request"]


def group_of(house: House, **changes: Any) -> dict[str, Any]:
    """The sample's two companies as one; ``changes`` are the second's."""
    names = house.books.companies
    members = [
        {"name": short, "secret": SECRET, "company": name, "mapping": dict(house.books.mapping[name])}
        for short, name in zip(("nordlicht", "harbour"), names, strict=True)
    ]
    members[1] |= changes
    group = {"name": "Both", "currency": "EUR", "parent": "nordlicht", "year": house.books.years[-1]}
    return {**group, "tolerance": "1000000", "members": members}


def test_a_group_asked_for_over_http_is_closed_member_by_member_and_then_as_one(house: House) -> None:
    answer = house.api.post("/v1/groups", json=group_of(house))
    assert answer.status_code == 202, answer.text
    job = house.ended(answer.json()["job_id"], 240)
    assert job["state"] == "succeeded", job["error"]
    found = results(house, job["job_id"], "group.json").json()
    assert [own["company"] for own in found["members"]] == list(house.books.companies)
    assert all(check["passed"] for check in found["checks"])
    assert "Both" in results(house, job["job_id"], "group.html").text
    assert sorted(house.steps(job["job_id"])) == ["consolidate", "plan_group", "publish"]


def test_a_group_with_a_member_that_cannot_be_closed_says_which_and_why(house: House) -> None:
    answer = house.api.post("/v1/groups", json=group_of(house, mapping={"40*": "turnover"}))
    job = house.ended(answer.json()["job_id"], 240)
    assert (job["state"], job["error"]["type"]) == ("failed", "MemberFailed")
    told = job["error"]["message"]
    assert told.startswith("harbour could not be closed") and "is mapped to 'turnover'" in told


def test_figures_open_over_http(house: House, closed: str) -> None:
    year = house.books.years[-1]
    lineage = house.api.get(f"/v1/jobs/{closed}/explain/income_statement/revenue/{year}?limit=5000").json()
    assert lineage["line_count"] == len(lineage["lines"]) > 0


def test_logs_lie_where_they_are_looked_for(house: House, closed: str) -> None:
    for function in house.engine.lambdas.functions:
        path: Path = house.engine.lambdas.log(function)
        assert path.name == f"{function}.log" and path.exists()
    assert "REPORT RequestId" in house.engine.logs("extract_erp")
