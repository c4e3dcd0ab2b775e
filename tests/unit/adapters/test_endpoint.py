"""The endpoint adapter under bad weather: back-off, rate limits, a breaker, endpoints that know less."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from abax.adapters.endpoint import EndpointModel
from abax.adapters.endpoint_dialect import Dialect, Form
from abax.adapters.endpoint_pace import Pace, Retries, _retry_after, _seconds
from abax.errors import InvalidRequest, ModelError, ModelFailed, ModelRefused, ModelUnreachable
from abax.ports import TextRequest
from abax.writing.breaker import Breaker, State
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HELLO = TextRequest([{"role": "user", "content": "Hello"}])
SCHEMA = TextRequest(HELLO.messages, schema={"type": "object"})

Answer = tuple[int, dict[str, str], str]
"""Status, headers and body."""


def text(said: str = "hi", **headers: str) -> Answer:
    choice = {"message": {"content": said}, "finish_reason": "stop"}
    return (
        200,
        headers,
        json.dumps({"choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}),
    )


class Server(ThreadingHTTPServer):
    """Answers by a function of the request's body, and notes what it was asked by which connection."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, Any]], Answer] = lambda body: text()
        self.bodies: list[dict[str, Any]] = []
        self.connections: set[tuple[str, int]] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def script(self, *answers: Answer) -> None:
        """These, one after another; the last for all that follow."""
        left = list(answers)
        self.answer = lambda body: left.pop(0) if len(left) > 1 else left[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.connections.add(self.client_address)
        status, headers, content = self.server.answer(body)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content.encode())


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


class Pauses(list[float]):
    """Notes pauses and makes none."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def model(server: Server, attempts: int = 3, breaker: Breaker | None = None) -> tuple[EndpointModel, Pauses]:
    pauses = Pauses()
    retries = Retries(attempts, sleep=pauses)
    return EndpointModel(server.url, "m", retries=retries, breaker=breaker), pauses


# --- pauses and limits


def test_one_connection_serves_many_requests(server: Server) -> None:
    asked, _ = model(server)
    for _ in range(5):
        assert asked.generate(HELLO).text == "hi"
    assert len(server.connections) == 1
    asked.close()
    assert asked.generate(HELLO).text == "hi"


def test_what_may_pass_is_tried_again_after_longer_and_longer_pauses(server: Server) -> None:
    server.script((503, {}, "busy"), (500, {}, "oops"), text())
    asked, pauses = model(server)
    assert asked.generate(HELLO).text == "hi"
    assert len(pauses) == 2
    assert 0 <= pauses[0] <= 0.5 and 0 <= pauses[1] <= 1.0


def test_pauses_are_drawn_by_chance_and_bounded() -> None:
    pauses = Pauses()
    retries = Retries(attempts=99, first=1, longest=4, sleep=pauses)
    for attempt in range(1, 99):
        assert retries.wait(attempt, None, time.monotonic() + 1000)
    assert max(pauses) <= 4 and len(set(pauses)) > 90


def test_a_refused_connection_is_tried_again_and_then_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        pauses = Pauses()
        asked = EndpointModel(
            f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "m", retries=Retries(3, sleep=pauses)
        )
        with pytest.raises(ModelUnreachable, match="ABAX_MODEL_URL"):
            asked.generate(HELLO)
    assert len(pauses) == 2


def test_a_request_that_is_wrong_is_not_tried_again(server: Server) -> None:
    server.script((400, {}, "unknown model"))
    asked, pauses = model(server)
    with pytest.raises(ModelRefused, match="unknown model"):
        asked.generate(HELLO)
    assert (len(server.bodies), pauses) == (1, [])


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "2.5s"}, 2.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "999999"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert _retry_after(headers) == seconds


def test_a_date_to_wait_for_is_read_too() -> None:
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    found = _retry_after({"retry-after": told})
    assert found is not None and 28 < found <= 30


@pytest.mark.parametrize(
    ("told", "seconds"), [("250ms", 0.25), ("1h2m3s", 3723.0), ("0.5", 0.5), ("3 days", None), ("", None)]
)
def test_durations_are_read(told: str, seconds: float | None) -> None:
    assert _seconds(told) == seconds


def test_a_rate_limit_is_waited_for(server: Server) -> None:
    server.script((429, {"Retry-After": "0.3"}, "slow down"), text())
    asked, pauses = model(server)
    begun = time.monotonic()
    assert asked.generate(HELLO).text == "hi"
    assert pauses[0] > 0.2
    assert time.monotonic() - begun > 0.25  # it holds for every request, whoever waits for it


def test_a_limit_that_is_used_up_holds_the_next_request_back(server: Server) -> None:
    spent = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "300ms"}
    server.script(text("one", **spent), text("two"))
    asked, _ = model(server)
    asked.generate(HELLO)
    begun = time.monotonic()
    assert asked.generate(HELLO).text == "two"
    assert time.monotonic() - begun > 0.2


def test_a_limit_that_lasts_longer_than_there_is_time_says_until_when(server: Server) -> None:
    server.script((429, {"Retry-After": "120"}, "slow down"))
    asked, pauses = model(server)
    with pytest.raises(ModelUnreachable, match=r"again from .* UTC on"):
        asked.generate(HELLO, time.monotonic() + 5)
    with pytest.raises(ModelUnreachable, match="rate limit is used up") as caught:
        asked.generate(HELLO, time.monotonic() + 5)
    assert caught.value.until is not None and caught.value.until > datetime.now(UTC) + timedelta(seconds=100)
    assert (len(server.bodies), pauses) == (1, [])


def test_limits_that_are_not_used_up_hold_nothing_back() -> None:
    pace = Pace("host")
    pace.learn({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "50s"})
    begun = time.monotonic()
    pace.wait(None)
    assert time.monotonic() - begun < 0.1


# --- the breaker


def test_an_endpoint_that_fails_time_and_again_is_left_alone(server: Server) -> None:
    server.script((500, {}, "oops"))
    asked, pauses = model(server, attempts=3, breaker=Breaker("host", failures=2, seconds=60))
    with pytest.raises(ModelUnreachable, match="500 oops"):
        asked.generate(HELLO)
    with pytest.raises(ModelUnreachable, match="left alone for now; it is asked again from"):
        asked.generate(HELLO)
    assert (len(server.bodies), len(pauses)) == (2, 1)


def test_an_endpoint_that_is_well_again_is_found_out_by_one_probe(server: Server) -> None:
    server.script((500, {}, "oops"), text())
    breaker = Breaker("host", failures=1, seconds=0.05)
    asked, _ = model(server, attempts=1, breaker=breaker)
    with pytest.raises(ModelUnreachable):
        asked.generate(HELLO)
    time.sleep(0.06)
    assert asked.generate(HELLO).text == "hi"
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("status", [400, 401, 429])
def test_an_endpoint_that_answers_is_not_broken(server: Server, status: int) -> None:
    server.script((status, {}, "no"))
    breaker = Breaker("host", failures=1, seconds=60)
    asked, _ = model(server, breaker=breaker)
    with pytest.raises((ModelRefused, ModelUnreachable)):
        asked.generate(HELLO)
    assert breaker.state is State.CLOSED


# --- time


def test_an_answer_that_drips_is_given_up_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()
        threading.Thread(target=_drip, args=(listener, stop), daemon=True).start()
        asked = EndpointModel(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", "m", retries=Retries(1))
        begun = time.monotonic()
        with pytest.raises(ModelUnreachable, match="longer than there was time"):
            asked.generate(HELLO, begun + 0.6)
        assert time.monotonic() - begun < 2
        stop.set()


def _drip(listener: socket.socket, stop: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not stop.wait(0.1):
            try:
                connection.sendall(b"1\r\n \r\n")
            except OSError:
                return


def test_an_answer_without_an_end_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abax.adapters.endpoint.MOST_BYTES", 100)
    server.script(text("x" * 200))
    with pytest.raises(ModelFailed, match="more than 100 bytes"):
        model(server)[0].generate(HELLO)


def test_an_address_that_is_none_is_an_invalid_request() -> None:
    with pytest.raises((InvalidRequest, ModelUnreachable)):
        EndpointModel("http://[::1/v1", "m", retries=Retries(1)).generate(HELLO)


# --- endpoints that know less


def knows(*forms: str) -> Callable[[dict[str, Any]], Answer]:
    """An endpoint that takes these response formats alone."""

    def answer(body: dict[str, Any]) -> Answer:
        form = body.get("response_format", {}).get("type", "text")
        if body.get("response_format", {}).get("json_schema", {}).get("strict"):
            form = "strict"
        if form not in forms:
            return 400, {}, json.dumps({"error": {"message": f"response_format {form} is not supported"}})
        return text('{"x": 1}')

    return answer


@pytest.mark.parametrize(
    ("forms", "tried"),
    [
        (("strict", "json_schema", "json_object", "text"), ["json_schema"]),
        (("json_schema", "json_object", "text"), ["json_schema", "json_schema"]),
        (("json_object", "text"), ["json_schema", "json_schema", "json_object"]),
        (("text",), ["json_schema", "json_schema", "json_object", "text"]),
    ],
)
def test_an_endpoint_without_grammars_is_asked_in_words_and_that_is_remembered(
    server: Server, forms: tuple[str, ...], tried: list[str]
) -> None:
    server.answer = knows(*forms)
    asked, pauses = model(server)
    assert asked.generate(SCHEMA).parsed == {"x": 1}
    assert [body.get("response_format", {}).get("type", "text") for body in server.bodies] == tried
    assert asked.generate(SCHEMA).parsed == {"x": 1}
    assert len(server.bodies) == len(tried) + 1 and pauses == []
    told = "meets this JSON schema" in server.bodies[-1]["messages"][0]["content"]
    assert told is (tried[-1] != "json_schema")


QUOTING = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "x-grounded": "words"},
        "more": {"type": "string", "default": ""},
    },
    "required": ["quote"],
}


def test_only_an_endpoint_that_knows_sources_is_told_of_them(server: Server) -> None:
    def strict(body: dict[str, Any]) -> Answer:
        if "x-grounded" in json.dumps(body) or "source" in body:
            return 400, {}, "Invalid schema for response_format: 'x-grounded' is not permitted."
        return text('{"quote": "x", "more": ""}')

    request = TextRequest(HELLO.messages, schema=QUOTING, source="x y")
    asked, _ = model(server)
    asked.generate(request)
    first = server.bodies[0]
    assert first["source"] == "x y" and "x-grounded" in json.dumps(first["response_format"])
    server.answer = strict
    assert asked.generate(request).parsed == {"quote": "x", "more": ""}
    told = server.bodies[-1]["response_format"]["json_schema"]
    assert told["strict"] is True and told["schema"]["required"] == ["quote", "more"]
    assert "default" not in json.dumps(told) and "source" not in server.bodies[-1]


def test_what_else_an_endpoint_does_not_know_is_left_out(server: Server) -> None:
    def picky(body: dict[str, Any]) -> Answer:
        for part, said in (
            ("max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
            ("temperature", "Unsupported value: 'temperature' does not support 0."),
            ("seed", "unknown field seed"),
        ):
            if part in body:
                return 400, {}, said
        return text()

    server.answer = picky
    asked, _ = model(server)
    assert asked.generate(TextRequest(HELLO.messages, max_tokens=7, seed=3)).text == "hi"
    assert server.bodies[-1]["max_completion_tokens"] == 7


def test_a_refusal_of_something_else_changes_nothing() -> None:
    assert Dialect().without(400, "context length exceeded") is None
    assert Dialect().without(401, "response_format") is None
    assert Dialect(form=Form.TEXT).without(400, "response_format is not supported") is None


def test_the_schema_in_words_joins_the_system_message() -> None:
    request = TextRequest(
        [{"role": "system", "content": "Be brief."}, *HELLO.messages], schema={"type": "object"}
    )
    first, second = Dialect(form=Form.TEXT).body("m", request)["messages"]
    assert (
        first["content"].startswith("Be brief.\nAnswer with one JSON object") and second == HELLO.messages[0]
    )


# --- streams


def events(*lines: str) -> Answer:
    return 200, {"Content-Type": "text/event-stream"}, "".join(f"{line}\n\n" for line in lines)


def piece(said: str) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": said}}]})


def test_a_stream_s_beginning_is_tried_again_and_its_pieces_come_as_they_are(server: Server) -> None:
    server.script((503, {}, "busy"), events(": hello", piece("a"), "event: x", piece("b"), "data: [DONE]"))
    asked, pauses = model(server)
    *pieces, last = asked.stream(HELLO)
    assert [one.text for one in pieces] == ["a", "b"] and len(pauses) == 1
    assert last.result is not None and last.result.text == "ab"


def test_an_error_in_mid_stream_is_told(server: Server) -> None:
    server.script(events(piece("a"), 'data: {"error": {"message": "overloaded"}}'))
    with pytest.raises(ModelFailed, match="overloaded"):
        list(model(server)[0].stream(HELLO))


def test_tokens_that_were_read_before_are_told(server: Server) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 6}}
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": usage}
    server.script((200, {}, json.dumps(body)))
    assert model(server)[0].generate(HELLO).cached_tokens == 6


# --- whatever comes back

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "stop", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "prompt_tokens", "delta", "error"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=4,
)
SHAPED = st.fixed_dictionaries(
    {
        "choices": st.lists(
            st.fixed_dictionaries({"message": JSON, "delta": JSON, "finish_reason": JSON}), max_size=2
        )
    },
    optional={"usage": JSON},
)


BRIEF = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answering(body: bytes, status: int = 200, key: str = "") -> EndpointModel:
    """A model whose endpoint always answers the same."""
    made = EndpointModel("http://host/v1", "m", lambda: key, Retries(1))
    made._opened = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, content=body)))
    return made


@BRIEF
@given(SHAPED | JSON, st.sampled_from([200, 400, 500]))
def test_any_answer_gives_a_text_or_an_error_of_the_model(answer: object, status: int) -> None:
    try:
        result = answering(json.dumps(answer).encode(), status).generate(SCHEMA)
    except ModelError:
        return
    assert isinstance(result.text, str) and result.prompt_tokens >= 0


@BRIEF
@given(st.lists(SHAPED | JSON, max_size=2))
def test_any_stream_gives_pieces_or_an_error_of_the_model(events: list[object]) -> None:
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    try:
        *pieces, last = answering(body).stream(HELLO)
    except ModelError:
        return
    assert last.result is not None and last.result.text == "".join(one.text for one in pieces)


def test_a_key_that_no_header_can_carry_is_an_invalid_request() -> None:
    with pytest.raises(InvalidRequest, match="cannot be sent"):
        answering(b"", key="schlüssel").generate(HELLO)


def test_text_that_is_no_unicode_is_sent_nevertheless(server: Server) -> None:
    asked, _ = model(server)
    assert asked.generate(TextRequest([{"role": "user", "content": "broken \ud800 half"}])).text == "hi"
