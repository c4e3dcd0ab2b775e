"""The text models behind the port: an endpoint, a script, our runtime's errors; which one settings pick."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
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
from abax.ports import TextRequest, TextResult
from abax.settings import ModelSettings
from abax_runtime import errors as faults
from abax_runtime.adapter import BASE_HASH, BASE_NAME, base_hash
from abax_runtime.engine import Engine
from abax_runtime.gguf import open_gguf
from abax_runtime.prefix import place

from tests.support.adapters import random_adapter
from tests.support.models import Small, default_model, small  # noqa: F401  (a fixture)

HELLO = TextRequest([{"role": "user", "content": "Hello"}])


class Endpoint(ThreadingHTTPServer):
    """Speaks as much of OpenAI's protocol as is asked of it here."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 200
        self.answer: bytes | None = None
        self.models: bytes = b"not found"
        self.asked_for_models = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        self.server.asked_for_models += 1
        listed = self.server.models.startswith(b"{")
        self.send_response(self.server.status if listed or self.server.status != 200 else 404)
        self.end_headers()
        self.wfile.write(self.server.models)

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


# --- an endpoint's adapters


def _listing(*names: Any) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": name} for name in names]}).encode()


def test_an_endpoint_has_the_adapters_that_it_lists_behind_the_model_s_name(endpoint: Endpoint) -> None:
    endpoint.models = _listing("m", "m:write", "m:extract", "mm:other", 7)
    model = EndpointModel(endpoint.url, "m")
    assert endpoint.asked_for_models == 0
    assert model.adapters == {"write", "extract"}
    result = model.generate(replace(HELLO, adapter="write"))
    *_, last = model.stream(replace(HELLO, adapter="extract"))
    assert (result.model, result.adapter) == ("m", "write")
    assert last.result is not None and last.result.adapter == "extract"
    assert [body["model"] for _, body in endpoint.seen] == ["m:write", "m:extract"]
    assert endpoint.asked_for_models == 1


def test_an_endpoint_is_not_asked_for_its_adapters_where_none_is_wanted(endpoint: Endpoint) -> None:
    result = EndpointModel(endpoint.url, "m").generate(HELLO)
    assert (endpoint.asked_for_models, endpoint.seen[0][1]["model"], result.adapter) == (0, "m", "")


@pytest.mark.parametrize("models", [b"not found", b"{}", b'{"data": 1}', b'{"data": [3, null]}', b"{["])
def test_an_endpoint_that_lists_no_adapters_has_none(endpoint: Endpoint, models: bytes) -> None:
    endpoint.models = models
    model = EndpointModel(endpoint.url, "m")
    assert model.adapters == frozenset()
    with pytest.raises(InvalidRequest, match="m has no adapter 'write'; it has none") as caught:
        model.generate(replace(HELLO, adapter="write"))
    assert caught.value.field == "adapter"
    assert endpoint.seen == []


@pytest.mark.parametrize(("key", "says"), [("key", "cannot reach the model"), ("kéy", "cannot be sent")])
def test_asking_an_endpoint_for_its_adapters_raises_nothing(
    key: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert EndpointModel("http://127.0.0.1:9/v1", "m", lambda: key).adapters == frozenset()
    assert "the adapters of m are not known" in caplog.text and says in caplog.text


def test_an_adapter_that_an_endpoint_does_not_have_is_told_with_those_that_it_has(endpoint: Endpoint) -> None:
    endpoint.models = _listing("m", "m:write", "m:extract")
    [problem] = EndpointModel(endpoint.url, "m").generate_all([replace(HELLO, adapter="triage")])
    assert isinstance(problem, InvalidRequest)
    assert str(problem) == "adapter: m has no adapter 'triage'; it has extract, write"


@pytest.mark.parametrize(("status", "error"), [(503, ModelUnreachable), (401, ModelRefused)])
def test_an_endpoint_that_does_not_answer_is_asked_for_its_adapters_again(
    endpoint: Endpoint, status: int, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.models, endpoint.status = _listing("m", "m:write"), status
    model = EndpointModel(endpoint.url, "m")
    assert model.adapters == frozenset()
    assert "the adapters of m are not known: " in caplog.text and f"{status} for its models" in caplog.text
    with pytest.raises(error, match=str(status)):
        model.generate(replace(HELLO, adapter="write"))
    endpoint.status = 200
    assert model.adapters == {"write"}


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


def test_a_script_has_the_adapters_that_it_was_given() -> None:
    model = ScriptedModel([("", "a")], adapters=["write"])
    assert model.adapters == {"write"}
    assert model.generate(replace(HELLO, adapter="write")).adapter == "write"
    with pytest.raises(InvalidRequest, match="scripted has no adapter 'triage'; it has write"):
        model.generate(replace(HELLO, adapter="triage"))
    assert NoModel().adapters == frozenset()


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


def test_a_runtime_tells_how_likely_each_piece_was_where_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small(Small(context=4096)).path))
    model = RuntimeModel()
    told = model.generate(replace(HELLO, max_tokens=12, likelihoods=True))
    untold = model.generate(replace(HELLO, max_tokens=12))
    model.close()
    assert (told.text, untold.pieces) == (untold.text, ())
    assert b"".join(piece for piece, _ in told.pieces).decode(errors="replace").startswith(told.text[:4])
    assert len(told.pieces) == told.completion_tokens > 0
    assert all(share <= 0 for _, share in told.pieces)


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


@pytest.fixture
def adapted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RuntimeModel:
    """A model with the adapters one and two."""
    base = small(Small(context=4096)).path
    for seed, name in enumerate(("one", "two")):
        random_adapter(tmp_path / f"{name}.gguf", base, rank=4, size=2.0, seed=seed)
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", str(tmp_path))
    return RuntimeModel(lambda: base, "little")


@pytest.mark.filterwarnings("ignore:.*does not say for which base:UserWarning")
def test_a_runtime_answers_with_the_adapter_that_a_request_names(adapted: RuntimeModel) -> None:
    assert adapted.adapters == {"one", "two"}
    names = ["", "one", "two", "nine", "one"]
    *results, last = adapted.generate_all([replace(HELLO, adapter=name) for name in names])
    plain, one, two, none = results
    assert isinstance(none, InvalidRequest) and none.field == "adapter"
    assert str(none) == "adapter: there is no 'nine'; known are: one, two"
    made = [result for result in (plain, one, two, last) if isinstance(result, TextResult)]
    assert [result.adapter for result in made] == ["", "one", "two", "one"]
    assert {result.model for result in made} == {"little"}
    assert len({result.text for result in made}) == 3 and made[1].text == made[3].text
    *_, end = adapted.stream(replace(HELLO, adapter="two"))
    assert end.result is not None and (end.result.text, end.result.adapter) == (made[2].text, "two")
    adapted.close()


@pytest.mark.filterwarnings("ignore:.*does not say for which base:UserWarning")
def test_a_stored_beginning_is_used_with_the_adapter_that_it_was_read_with(
    adapted: RuntimeModel, tmp_path: Path
) -> None:
    messages = [{"role": "system", "content": "Be brief. " * 20}, {"role": "user", "content": "Hello"}]
    request = TextRequest(messages, prefix="brief", adapter="one")
    path = tmp_path / "model.gguf"
    shutil.copy(small(Small(context=4096)).path, path)
    model = RuntimeModel(lambda: path)
    fresh = model.generate(request)
    with Engine.open(path, length=1024, sequences=1) as engine:
        fingerprint = engine.model.fingerprint(engine.adapters.get("one"))
        engine.build_prefix(place(path, fingerprint, "brief"), system=messages[0]["content"], adapter="one")
    model.close()
    stored, other, plain = model.generate_all(
        [request, replace(request, adapter="two"), replace(request, adapter="")]
    )
    assert isinstance(stored, TextResult) and isinstance(other, TextResult) and isinstance(plain, TextResult)
    assert stored.text == fresh.text
    assert stored.cached_tokens > 20 > max(other.cached_tokens, plain.cached_tokens)
    model.close()


def test_a_damaged_adapter_is_an_error_that_names_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF\x03\0\0\0 and no more")
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", str(tmp_path))
    model = RuntimeModel(lambda: small(Small(context=4096)).path)
    with pytest.raises(ModelUnavailable, match=r"broken\.gguf"):
        model.generate(replace(HELLO, adapter="broken", prefix="any"))
    assert model.generate(HELLO).adapter == ""
    model.close()


def test_a_setting_that_names_no_adapters_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", str(tmp_path / "nowhere"))
    model = RuntimeModel(lambda: small(Small(context=4096)).path, "little")
    assert model.adapters == frozenset()
    assert "the adapters of little are not known: ABAX_RUNTIME_ADAPTERS: there is nothing at" in caplog.text
    with pytest.raises(ModelUnavailable, match="nowhere"):
        model.generate(replace(HELLO, adapter="one"))
    model.close()


def test_the_default_model_answers_with_an_adapter_of_its_layer(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    default_model: Path,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_gguf(default_model) as gguf:
        told = {BASE_HASH: base_hash(gguf), BASE_NAME: "the default"}
    (tmp_path / "adapters").mkdir()
    random_adapter(tmp_path / "adapters" / "write.gguf", default_model, size=1.0, metadata=told)
    monkeypatch.delenv("ABAX_RUNTIME_ADAPTERS", raising=False)
    monkeypatch.setattr("abax_runtime.models.LAYER", str(tmp_path))
    request = replace(HELLO, max_tokens=8)
    model, other = RuntimeModel(lambda: default_model), RuntimeModel(lambda: small(Small(context=4096)).path)
    assert model.adapters == {"write"} and other.adapters == frozenset()
    assert "adapters left out, since they are for the default and not for " in caplog.text
    plain, adapted = model.generate_all([request, replace(request, adapter="write")])
    assert isinstance(plain, TextResult) and isinstance(adapted, TextResult)
    assert plain.text != adapted.text and (plain.adapter, adapted.adapter) == ("", "write")
    with pytest.raises(InvalidRequest, match="known are: none"):
        other.generate(replace(request, adapter="write"))
    model.close()
    other.close()


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
