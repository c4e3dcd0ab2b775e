"""The HTTP API over edge mode's services; a worker is played by calling the close directly."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.api import BearerKey, create_app
from abax.compose import Edge, edge
from abax.errors import UnmappedAccount
from abax.workflow import jobs
from abax.workflow.close import run_close

from tests.support import sample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

BODY = {"secret": "erp", "company": sample.COMPANY, "year": sample.YEAR}


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    return edge(tmp_path, {"erp": {"url": sample.url()}})


@pytest.fixture
def api(house: Edge) -> Iterator[TestClient]:
    with TestClient(create_app(house.services), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestClient, dict[str, Any]]:
    """An API behind which one close has succeeded, and its job."""
    house = edge(tmp_path_factory.mktemp("done"), {"erp": {"url": sample.url()}})
    client = TestClient(create_app(house.services), raise_server_exceptions=False)
    job_id = client.post("/v1/closes", json=BODY).json()["job_id"]
    run_close(house.context, job_id)
    return client, client.get(f"/v1/jobs/{job_id}").json()


def test_an_ordered_close_is_accepted_and_can_be_followed(api: TestClient) -> None:
    answer = api.post("/v1/closes", json=BODY)
    assert answer.status_code == 202
    job = answer.json()
    assert (job["state"], job["progress"], job["results"], job["error"]) == ("queued", 0.0, {}, None)
    assert answer.headers["location"] == f"/v1/jobs/{job['job_id']}"
    assert api.get(answer.headers["location"]).json() == job
    assert [one["job_id"] for one in api.get("/v1/jobs").json()] == [job["job_id"]]


@pytest.mark.parametrize("way", ["header", "body"])
def test_the_same_token_again_answers_200_and_the_same_job(api: TestClient, way: str) -> None:
    headers = {"Idempotency-Key": "march"} if way == "header" else {}
    body = BODY if way == "header" else {**BODY, "client_token": "march"}
    first = api.post("/v1/closes", json=body, headers=headers)
    second = api.post("/v1/closes", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["job_id"] == second.json()["job_id"]


def test_a_token_for_another_request_is_a_conflict(api: TestClient) -> None:
    api.post("/v1/closes", json=BODY, headers={"Idempotency-Key": "march"})
    answer = api.post("/v1/closes", json={**BODY, "year": 2024}, headers={"Idempotency-Key": "march"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "TokenReused"


def test_a_secret_that_is_not_there_is_refused_at_once_and_leaves_no_job(api: TestClient) -> None:
    answer = api.post("/v1/closes", json={**BODY, "secret": "lost"})
    assert (answer.status_code, answer.json()["field"]) == (422, "secret")
    assert "abax secret put lost" in answer.text
    assert api.get("/v1/jobs").json() == []


def test_two_different_tokens_in_one_request_are_refused(api: TestClient) -> None:
    answer = api.post("/v1/closes", json={**BODY, "client_token": "a"}, headers={"Idempotency-Key": "b"})
    assert (answer.status_code, answer.json()["field"]) == (422, "client_token")


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        ({"company": "Acme", "year": 2025}, "secret", "is missing"),
        ({**BODY, "year": "soon"}, "year", 'is "soon"; it must be a whole number'),
        ({**BODY, "year": 99999}, "year", "is 99999; it must be at most 2200"),
        ({**BODY, "year": 2025.5}, "year", "is 2025.5; it must be a whole number"),
        ({**BODY, "mapping": {"1000": 7}}, "mapping.1000", "is 7; it must be a text"),
        ({**BODY, "mapping": ["1000"]}, "mapping", "is a list; it must be an object"),
        ({**BODY, "accept_unbalanced": 1}, "accept_unbalanced", "is 1; it must be a list"),
        ({**BODY, "as_of": "2025-02-30"}, "as_of", 'is "2025-02-30"; it must be a day such as 2025-12-31'),
        ({**BODY, "colour": "red"}, "colour", "there is no such field; is it misspelt?"),
        ({**BODY, "secret": ""}, "secret", "is empty; it must hold at least 1"),
        (
            {**BODY, "client_token": "x" * 300},
            "client_token",
            "holds 300 characters; it must hold at most 200",
        ),
        ([], "body", "is a list; it must be an object"),
    ],
)
def test_a_malformed_body_answers_422_with_the_field_and_what_is_wanted(
    api: TestClient, body: object, field: str, told: str
) -> None:
    answer = api.post("/v1/closes", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"], problem["field"]) == ("InvalidRequest", 422, field)
    assert problem["detail"] == f"{field}: {told}"
    assert api.get("/v1/jobs").json() == []


def test_a_body_that_is_no_json_answers_422(api: TestClient) -> None:
    answer = api.post("/v1/closes", content=b"{nope", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


@pytest.mark.parametrize("path", ["/v1/jobs/nothing", "/v1/jobs/nothing/results/report.html", "/v1/nowhere"])
def test_what_is_not_there_answers_404_as_a_problem(api: TestClient, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] in ("UnknownJob", "NotFound")


def test_a_failed_job_shows_its_error(api: TestClient, house: Edge) -> None:
    job_id = api.post("/v1/closes", json=BODY).json()["job_id"]
    jobs.fail(house.services.jobs, job_id, UnmappedAccount(["6999 Mystery"]))
    job = api.get(f"/v1/jobs/{job_id}").json()
    assert (job["state"], job["error"]["type"]) == ("failed", "UnmappedAccount")
    assert "6999 Mystery" in job["error"]["message"]


def test_a_job_can_be_cancelled_once_and_again_but_not_when_finished(
    api: TestClient, done: tuple[TestClient, dict[str, Any]]
) -> None:
    job_id = api.post("/v1/closes", json=BODY).json()["job_id"]
    assert api.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert api.post(f"/v1/jobs/{job_id}/cancel").status_code == 200
    client, finished = done
    answer = client.post(f"/v1/jobs/{finished['job_id']}/cancel")
    assert (answer.status_code, answer.json()["type"]) == (409, "JobFinished")


def test_a_finished_job_links_to_its_results(done: tuple[TestClient, dict[str, Any]]) -> None:
    client, job = done
    assert (job["state"], job["progress"]) == ("succeeded", 1.0)
    page = client.get(job["results"]["report.html"])
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "nordlicht" in page.headers["content-disposition"].lower()
    assert sample.COMPANY in page.text
    for name, path in job["results"].items():
        assert client.get(path).status_code == 200, name


def test_a_result_that_is_not_there_says_which_are(done: tuple[TestClient, dict[str, Any]]) -> None:
    client, job = done
    answer = client.get(f"/v1/jobs/{job['job_id']}/results/secrets.json")
    assert answer.status_code == 404
    assert "report.html" in answer.json()["detail"]


def test_a_figure_opens_over_http(done: tuple[TestClient, dict[str, Any]]) -> None:
    client, job = done
    base = f"/v1/jobs/{job['job_id']}/explain"
    lineage = client.get(f"{base}/income_statement/revenue/2025-03").json()
    assert lineage["line_count"] == len(lineage["lines"]) > 0
    assert len(client.get(f"{base}/income_statement/revenue/2025-03?limit=1").json()["lines"]) == 1
    unknown = client.get(f"{base}/income_statement/revenu/2025-03")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "UnknownFigure")
    assert client.get(f"{base}/income_statement/revenue/2025-03?limit=0").status_code == 422


def test_a_figure_of_a_close_that_is_not_done_is_a_conflict(api: TestClient) -> None:
    job_id = api.post("/v1/closes", json=BODY).json()["job_id"]
    answer = api.get(f"/v1/jobs/{job_id}/explain/income_statement/revenue/2025")
    assert (answer.status_code, answer.json()["type"]) == (409, "Conflict")


def test_an_unknown_error_answers_500_and_tells_nothing_of_itself(
    api: TestClient, house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boom(limit: int = 20) -> list[object]:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(house.services.jobs, "recent", boom)
    answer = api.get("/v1/jobs")
    assert (answer.status_code, answer.json()["type"]) == (500, "InternalError")
    assert "hunter2" not in answer.text


def test_the_api_describes_itself(api: TestClient) -> None:
    document = api.get("/openapi.json").json()
    assert {
        "/v1/closes",
        "/v1/jobs",
        "/v1/jobs/{job_id}",
        "/v1/jobs/{job_id}/cancel",
        "/v1/jobs/{job_id}/results/{name}",
        "/v1/jobs/{job_id}/explain/{report}/{line}/{period}",
        "/v1/closes/{job_id}/forecast",
        "/v1/forecasts",
        "/v1/forecasts/series",
        "/v1/forecasts/{forecast_id}",
        "/v1/generate",
        "/v1/questions",
        "/v1/health",
        "/v1/mail/uploads/{token}",
        "/v1/mail/{mail_id}/reply",
        "/v1/mail/{mail_id}/triage",
        "/v1/mail/{mail_id}",
        "/v1/mail",
        "/v1/writer/{name}",
        "/v1/writer",
        "/v1/jobs/{job_id}/statements",
        "/v1/jobs/{job_id}/segments/{dimension}",
        "/v1/jobs/{job_id}/budget",
        "/v1/groups",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/uploads/{token}/{name}",
        "/v1/reviews",
        "/v1/reviews/{document_id}",
        "/v1/cashflow/predict",
        "/v1/cashflow/{cashflow_id}",
        "/v1/cashflow/{cashflow_id}/explain",
    } == set(document["paths"])
    assert api.get("/docs").status_code == 404


def test_nobody_gets_in_without_the_key_but_to_ask_for_health(house: Edge) -> None:
    client = TestClient(BearerKey(create_app(house.services), "s3cret"))
    assert client.get("/v1/health").status_code == 200
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
        for method, path in (("GET", "/v1/jobs"), ("POST", "/v1/closes"), ("GET", "/v1/jobs/x/results/y")):
            answer = client.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "Unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/v1/jobs", headers={"Authorization": "Bearer s3cret"}).status_code == 200
