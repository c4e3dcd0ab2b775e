"""The text models behind the port: an endpoint, a script, our runtime's errors; which one settings pick."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from abax.adapters.endpoint import EndpointModel
from abax.adapters.local.objects import FolderObjects
from abax.adapters.local.secrets import FileSecrets
from abax.adapters.runtime import RuntimeModel, _problem
from abax.adapters.scripted import NoModel, ScriptedModel
from abax.compose import text_model
from abax.errors import (
    InvalidRequest,
    ModelFailed,
    ModelRefused,
    ModelUnavailable,
    ModelUnreachable,
    OutOfTime,
)
from abax.ports import TextRequest
from abax.settings import ModelSettings
from abax_runtime import errors as faults

from tests.support.models import Small, small

HELLO = TextRequest([{"role": "user", "content": "Hello"}])


class Endpoint(ThreadingHTTPServer):
    """Speaks as much of OpenAI's protocol as is asked of it here."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 200
        self.answer: bytes | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((dict(self.headers.items()), body))
        text = self.server.answer
        if text is None:
            text = _streamed() if body.get("stream") else _whole(body)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(text)


def _whole(body: dict[str, Any]) -> bytes:
    said = '{"x": 1}' if "response_format" in body else f"you said {body['messages'][-1]['content']}"
    choice = {"message": {"content": said}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}).encode()


def _streamed() -> bytes:
    pieces = [{"choices": [{"delta": {"content": text}}]} for text in ("Hel", "lo")]
    end = {"choices": [{"delta": {}, "finish_reason": "length"}], "usage": {"completion_tokens": 2}}
    return b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in [*pieces, end]) + b"data: [DONE]\n\n"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_endpoint_is_asked_with_its_key_and_the_model_s_name(endpoint: Endpoint) -> None:
    model = EndpointModel(endpoint.url, "big-one", lambda: "s3cret")
    result = model.generate(TextRequest(HELLO.messages, max_tokens=9, stop=("END",), seed=4))
    assert (result.text, result.finish, result.model) == ("you said Hello", "stop", "big-one")
    assert (result.prompt_tokens, result.completion_tokens) == (3, 4)
    headers, body = endpoint.seen[0]
    assert headers["Authorization"] == "Bearer s3cret"
    assert (body["model"], body["max_tokens"], body["stop"], body["seed"]) == ("big-one", 9, ["END"], 4)


def test_an_endpoint_gets_the_schema_and_its_answer_is_parsed(endpoint: Endpoint) -> None:
    schema = {"type": "object"}
    result = EndpointModel(endpoint.url, "m").generate(TextRequest(HELLO.messages, schema=schema))
    assert result.parsed == {"x": 1}
    assert endpoint.seen[0][1]["response_format"]["json_schema"]["schema"] == schema


def test_an_endpoint_streams(endpoint: Endpoint) -> None:
    *pieces, last = EndpointModel(endpoint.url, "m").stream(HELLO)
    assert [piece.text for piece in pieces] == ["Hel", "lo"]
    assert last.result is not None
    assert (last.result.text, last.result.finish, last.result.completion_tokens) == ("Hello", "length", 2)


def test_a_stream_that_is_cancelled_ends_at_once(endpoint: Endpoint) -> None:
    cancel = Event()
    cancel.set()
    [last] = EndpointModel(endpoint.url, "m").stream(HELLO, cancel=cancel)
    assert last.result is not None and last.result.finish == "cancelled"


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, ModelRefused), (404, ModelRefused), (429, ModelUnreachable), (503, ModelUnreachable)],
)
def test_what_an_endpoint_refuses_is_told_from_what_may_pass(
    endpoint: Endpoint, status: int, error: type[Exception]
) -> None:
    endpoint.status = status
    with pytest.raises(error, match=str(status)):
        EndpointModel(endpoint.url, "m").generate(HELLO)


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"{}", b'{"choices": []}'])
def test_an_endpoint_that_answers_nonsense_has_failed(endpoint: Endpoint, answer: bytes) -> None:
    endpoint.answer = answer
    with pytest.raises(ModelFailed):
        EndpointModel(endpoint.url, "m").generate(HELLO)


def test_an_endpoint_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(ModelUnreachable, match="ABAX_MODEL_URL"):
        EndpointModel("http://127.0.0.1:9/v1", "m").generate(HELLO)


def test_no_time_left_is_an_error_and_nothing_is_asked(endpoint: Endpoint) -> None:
    with pytest.raises(OutOfTime):
        EndpointModel(endpoint.url, "m").generate(HELLO, time.monotonic() - 1)
    assert endpoint.seen == []


def test_one_error_of_many_takes_its_own_place(endpoint: Endpoint) -> None:
    endpoint.answer = b"<html>"
    assert all(
        isinstance(one, ModelFailed) for one in EndpointModel(endpoint.url, "m").generate_all([HELLO] * 3)
    )


# --- the script


def test_a_script_is_said_line_by_line_and_by_pattern() -> None:
    model = ScriptedModel(["one", ("Hel(.*)", r"bel\1"), "two"])
    results = [model.generate(HELLO).text for _ in range(4)]
    assert results == ["one", "bello", "bello", "bello"]


def test_a_script_cuts_at_max_tokens_and_streams_by_word() -> None:
    model = ScriptedModel([("", "a b c d")])
    cut = model.generate(TextRequest(HELLO.messages, max_tokens=2))
    assert (cut.text, cut.finish) == ("a b", "length")
    assert "".join(piece.text for piece in model.stream(HELLO)) == "a b c d"


# --- our runtime


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.InvalidParameter("stop", "must be a list"), InvalidRequest),
        (faults.InvalidSchema("schema", "no text can meet it"), InvalidRequest),
        (faults.ContextOverflow(5000, 4096), InvalidRequest),
        (faults.DeadlinePassed("late"), OutOfTime),
        (faults.ModelMissing("run fetch"), ModelUnavailable),
        (faults.NotEnoughMemory("the model", 10, 5), ModelUnavailable),
        (faults.Unsupported("AVX2"), ModelUnavailable),
        (MemoryError(), ModelUnavailable),
        (ZeroDivisionError("deep inside"), ModelFailed),
    ],
)
def test_what_the_runtime_raises_is_an_error_of_ours(fault: Exception, error: type[Exception]) -> None:
    found = _problem(fault)
    assert type(found) is error
    assert str(fault).rpartition(": ")[2] in str(found) or error is OutOfTime


def test_a_runtime_without_a_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(tmp_path / "none.gguf"))
    model = RuntimeModel()
    with pytest.raises(ModelUnavailable, match=r"none\.gguf"):
        model.generate(HELLO)
    with pytest.raises(ModelUnavailable):
        list(model.stream(HELLO))


def test_a_runtime_is_named_by_the_file_that_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small().path))
    assert RuntimeModel().name == small().path.stem
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", "/nowhere.gguf")
    assert RuntimeModel().name == "SmolLM2-135M-Instruct"


def test_weights_that_are_replaced_are_opened_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(small(Small(context=4096)).path, path)
    model = RuntimeModel(lambda: path)
    first = model.generate(HELLO)
    shutil.copy(small(Small(context=4096, seed=2)).path, tmp_path / "new")
    (tmp_path / "new").replace(path)
    second = model.generate(HELLO)
    assert second.text != first.text
    shutil.copy(small(Small(context=4096)).path, path)  # in place, after the look at it
    looks = iter([False, True])
    monkeypatch.setattr("abax.adapters.runtime._outdated", lambda _: next(looks))
    assert model.generate(HELLO).text == first.text
    model.close()


# --- which one


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("", RuntimeModel, "SmolLM2-135M-Instruct"),
        ("file:///models/big.Q8_0.gguf", RuntimeModel, "big.Q8_0"),
        ("object:models/other.gguf", RuntimeModel, "other"),
        ("https://api.example.com/v1", EndpointModel, "gpt"),
        ("none:", NoModel, "none"),
    ],
)
def test_settings_pick_the_model_and_nothing_is_loaded(
    url: str, kind: type, name: str, tmp_path: Path
) -> None:
    objects, secrets = FolderObjects(tmp_path), FileSecrets(tmp_path / "secrets.json")
    model = text_model(ModelSettings(url, "gpt"), objects, secrets)
    assert (type(model), model.name) == (kind, name)


def test_a_script_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_text('["hi", ["x", "y"]]')
    settings = ModelSettings(f"script:{tmp_path / 'script.json'}")
    model = text_model(settings, FolderObjects(tmp_path), FileSecrets(tmp_path / "secrets.json"))
    assert model.generate(HELLO).text == "hi"


def test_an_unknown_kind_of_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="ftp://x"):
        text_model(ModelSettings("ftp://x"), FolderObjects(tmp_path), FileSecrets(tmp_path / "s.json"))
