"""The local HTTP API speaks API Gateway's payload format 2.0 and lets nobody in without the key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.engine import ROOT
from infra.local.gateway import Gateway, proxy_answer, proxy_event
from infra.local.lambdas import Outcome, Throttled

KEY = {"Authorization": "Bearer right"}


class Echo:
    """Stands in for the function: answers as told, and keeps the last event."""

    def __init__(self) -> None:
        self.event: dict[str, Any] = {}
        self.answer: Any = {"statusCode": 200, "body": "ok"}
        self.failed = False
        self.error: Exception | None = None

    def __call__(self, event: bytes) -> Outcome:
        self.event = json.loads(event)
        if self.error:
            raise self.error
        return Outcome(json.dumps(self.answer).encode(), self.failed, 0.0, None)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def api(echo: Echo) -> Iterator[httpx.Client]:
    gateway = Gateway(echo, "right")
    gateway.start()
    with httpx.Client(base_url=gateway.url) as client:
        yield client
    gateway.stop()


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic right", "right"])
def test_who_has_not_the_key_is_refused(api: httpx.Client, echo: Echo, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for method in ("GET", "POST", "DELETE"):
        answer = api.request(method, "/v1/closes", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert echo.event == {}


def test_a_request_becomes_the_event_of_the_cloud(api: httpx.Client, echo: Echo) -> None:
    api.post("/v1/a%20b?x=1&x=2&y=", json={"k": "ü"}, headers={**KEY, "Cookie": "a=1; b=2", "X-Own": "yes"})
    event, http = echo.event, echo.event["requestContext"]["http"]
    assert (event["rawPath"], event["rawQueryString"]) == ("/v1/a b", "x=1&x=2&y=")
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert (http["method"], http["path"]) == ("POST", "/v1/a b")
    assert event["cookies"] == ["a=1", "b=2"] and event["headers"]["x-own"] == "yes"
    assert json.loads(event["body"]) == {"k": "ü"} and event["isBase64Encoded"] is False
    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] == "local"


def test_the_event_has_the_fields_of_the_recorded_one() -> None:
    recorded = json.loads((ROOT / "events/apigateway/get_job.json").read_text())
    made = proxy_event("GET", "/v1/jobs/sample", {"Host": "localhost"}, b"")
    assert made.keys() == recorded.keys()
    assert made["requestContext"].keys() == recorded["requestContext"].keys()
    assert made["requestContext"]["http"].keys() == recorded["requestContext"]["http"].keys()
    assert made["pathParameters"] == recorded["pathParameters"]


def test_a_binary_body_travels_as_base64() -> None:
    event = proxy_event("POST", "/", {"Content-Type": "application/zip"}, b"\x00\xff")
    assert event["isBase64Encoded"] and base64.b64decode(event["body"]) == b"\x00\xff"


def test_status_headers_cookies_and_binary_bodies_come_back(api: httpx.Client, echo: Echo) -> None:
    echo.answer = {
        "statusCode": 201,
        "headers": {"Location": "/v1/jobs/1", "Content-Length": "999"},
        "cookies": ["a=1", "b=2"],
        "body": base64.b64encode(b"\x00\xff").decode(),
        "isBase64Encoded": True,
    }
    answer = api.get("/", headers=KEY)
    assert (answer.status_code, answer.content, answer.headers["location"]) == (
        201,
        b"\x00\xff",
        "/v1/jobs/1",
    )
    assert answer.cookies == httpx.Cookies({"a": "1", "b": "2"})


def test_an_answer_without_a_status_is_the_body_of_a_200() -> None:
    assert proxy_answer({"a": 1})[::3] == (200, b'{"a": 1}')
    assert proxy_answer("text")[::3] == (200, b"text")


def test_a_failed_function_is_an_internal_server_error(api: httpx.Client, echo: Echo) -> None:
    echo.failed = True
    answer = api.get("/", headers=KEY)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_a_throttled_function_is_service_unavailable(api: httpx.Client, echo: Echo) -> None:
    echo.error = Throttled("serve_api", 1)
    assert api.get("/", headers=KEY).status_code == 503


def test_a_body_over_the_limit_is_refused(api: httpx.Client, echo: Echo) -> None:
    announced = HTTPConnection(api.base_url.host, api.base_url.port or 80, timeout=10)
    announced.request("POST", "/", headers={**KEY, "Content-Length": str(11 * 1024 * 1024)})
    assert announced.getresponse().status == 413
    announced.close()
    assert echo.event == {}


def test_head_has_no_body(api: httpx.Client) -> None:
    answer = api.head("/", headers=KEY)
    assert (answer.status_code, answer.content) == (200, b"")


def test_events_on_disk_are_json_objects() -> None:
    files = sorted(Path(ROOT / "events").rglob("*.json"))
    assert len(files) > 10
    assert all(isinstance(json.loads(file.read_text()), dict) for file in files)
