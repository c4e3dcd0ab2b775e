"""The server as a client sees it: a real process, spoken to by OpenAI's own client."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.support.adapters import random_adapter
from tests.support.models import Small, small

KEY = "a-key"
NESTED: dict[str, Any] = {"type": "string"}
for _ in range(150):
    NESTED = {"type": "array", "items": NESTED, "minItems": 1}
ASKED = [{"role": "user", "content": "What is the total of the invoice?"}]


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """A server process on a small random model; gives its address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "abax_runtime", "serve", "--port", str(port), "--length", "400"]
    command += ["--model", str(small(Small()).path), "--name", "small", *options]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, env=os.environ | {"ABAX_RUNTIME_API_KEY": KEY}
    )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        _, said = process.communicate(timeout=15)
    assert process.returncode == 0, said.decode()
    assert b"Traceback" not in said, said.decode()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server that all tests share."""
    with serving("--sequences", "3", "--queue", "20") as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    """OpenAI's client."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def post(url: str, path: str, body: object) -> httpx.Response:
    """A request that the official client would not send."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.post(f"{url}/v1/{path}", content=content, headers=headers, timeout=30)


def ask(client: openai.OpenAI, **options: Any) -> Any:
    """A chat completion of few tokens, greedy."""
    return client.chat.completions.create(
        messages=ASKED, **{"model": "small", "max_completion_tokens": 12, "temperature": 0, **options}
    )


# --- chat and completions ---


def test_a_chat_is_answered(client: openai.OpenAI) -> None:
    answer = ask(client)
    assert answer.object == "chat.completion"
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].finish_reason in ("length", "stop")
    assert answer.usage.completion_tokens <= 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_streamed_chat_is_the_same_text_in_pieces(client: openai.OpenAI) -> None:
    whole = ask(client)
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_usage_is_streamed_only_when_asked_for(client: openai.OpenAI) -> None:
    assert all(chunk.usage is None and chunk.choices for chunk in ask(client, stream=True))


def test_the_same_seed_gives_the_same_text(client: openai.OpenAI) -> None:
    one, other = (ask(client, temperature=1, seed=5).choices[0].message.content for _ in range(2))
    assert one == other


def test_a_stop_string_ends_the_text_before_it(client: openai.OpenAI) -> None:
    text = ask(client, max_completion_tokens=40).choices[0].message.content
    stop = text[5:7]
    answer = ask(client, max_completion_tokens=40, stop=stop)
    assert answer.choices[0].message.content == text[: text.index(stop)]
    assert answer.choices[0].finish_reason == "stop"


def test_text_parts_are_one_message(client: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": "What is the total "}, {"type": "text", "text": "of the invoice?"}]
    answer = client.chat.completions.create(
        model="small",
        messages=[{"role": "user", "content": parts}],
        temperature=0,
        max_completion_tokens=12,
    )
    assert answer.choices[0].message.content == ask(client).choices[0].message.content


def test_log_probabilities_come_in_openais_form(client: openai.OpenAI) -> None:
    logprobs = ask(client, logprobs=True, top_logprobs=3).choices[0].logprobs
    assert all(len(entry.top_logprobs) == 3 for entry in logprobs.content)
    assert all(entry.logprob == entry.top_logprobs[0].logprob for entry in logprobs.content)


def test_a_completion_takes_text_or_tokens(client: openai.OpenAI) -> None:
    text = client.completions.create(model="small", prompt="The total is", max_tokens=8, temperature=0)
    assert text.object == "text_completion"
    assert text.usage is not None
    assert text.usage.completion_tokens <= 8
    tokens = client.completions.create(model="small", prompt=[5, 6, 7], max_tokens=4, temperature=0)
    assert tokens.usage is not None
    assert tokens.usage.prompt_tokens == 3
    streamed = client.completions.create(
        model="small", prompt="The total is", max_tokens=8, temperature=0, stream=True
    )
    assert "".join(chunk.choices[0].text for chunk in streamed) == text.choices[0].text


def test_a_json_schema_is_kept_to(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"paid": {"type": "boolean"}, "currency": {"enum": ["EUR", "USD"]}},
        "required": ["paid", "currency"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "invoice", "schema": schema, "strict": True}}
    answer = ask(client, response_format=form, max_completion_tokens=60)
    found = json.loads(answer.choices[0].message.content)
    assert isinstance(found["paid"], bool)
    assert found["currency"] in ("EUR", "USD")
    assert answer.model_extra["abax"]["forced"] > 0


def test_a_json_object_begins_as_one(client: openai.OpenAI) -> None:
    answer = ask(client, response_format={"type": "json_object"})
    assert answer.choices[0].message.content.startswith("{")


def test_grounded_fields_come_from_the_source(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "x-grounded": True}},
        "required": ["name"],
    }
    source = "Invoice of Miller & Sons, Bath"
    answer = ask(
        client,
        max_completion_tokens=100,
        response_format={"type": "json_schema", "json_schema": {"name": "who", "schema": schema}},
        extra_body={"source": source},
    )
    assert json.loads(answer.choices[0].message.content)["name"] in source


def test_requests_that_meet_share_steps(url: str, client: openai.OpenAI) -> None:
    alone = [ask(client, max_completion_tokens=40, seed=n).choices[0].message.content for n in range(6)]
    before = _metric(url, "abax_steps_total"), _metric(url, 'abax_tokens_total{kind="completion"}')
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: ask(client, max_completion_tokens=40, seed=n), range(6)))
    assert [answer.choices[0].message.content for answer in answers] == alone
    steps = _metric(url, "abax_steps_total") - before[0]
    written = _metric(url, 'abax_tokens_total{kind="completion"}') - before[1]
    assert steps < written


# --- embeddings ---


def test_embeddings_come_as_numbers_or_packed(url: str, client: openai.OpenAI) -> None:
    numbers = client.embeddings.create(model="small", input=["net amount", "tax"], encoding_format="float")
    assert [len(one.embedding) for one in numbers.data] == [256, 256]
    assert sum(value * value for value in numbers.data[0].embedding) == pytest.approx(1, abs=1e-4)
    unsaid = client.embeddings.create(model="small", input="net amount")
    assert unsaid.data[0].embedding == pytest.approx(numbers.data[0].embedding, abs=1e-6)
    body = {"model": "small", "input": "tax", "encoding_format": "base64"}
    packed = base64.b64decode(post(url, "embeddings", body).json()["data"][0]["embedding"])
    assert struct.unpack("<256f", packed) == pytest.approx(numbers.data[1].embedding, abs=1e-6)


def test_the_same_text_has_the_same_embedding_among_others(client: openai.OpenAI) -> None:
    many = client.embeddings.create(model="small", input=["tax", "the balance of the account", "tax"])
    assert many.data[0].embedding == many.data[2].embedding
    assert many.usage.prompt_tokens > 3


# --- models, health, metrics ---


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["small"]
    assert client.models.retrieve("small").owned_by == "abax"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-99")


def test_health_and_metrics_need_no_key(url: str) -> None:
    health = httpx.get(f"{url}/health").json()
    assert (health["status"], health["model"], health["slots"]) == ("ok", "small", 3)
    page = httpx.get(f"{url}/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE abax_first_token_seconds histogram" in page.text
    assert _metric(url, "abax_slots") == 3


def _metric(url: str, name: str) -> float:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.rsplit(" ", 1)[0] == name), 0.0)


# --- errors ---


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"n": 2}, "n"),
        ({"logit_bias": {"5": 1}}, "logit_bias"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_completion_tokens": 0}, "max_tokens"),
        ({"stop": [""]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
        ({"response_format": {"type": "yaml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"top_logprobs": 50, "logprobs": True}, "top_logprobs"),
        ({"source": "x"}, "source"),
        ({"deadline_s": -1}, "deadline_s"),
        ({"deadline_s": float("nan")}, "deadline_s"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": NESTED}}}, "schema"),
    ],
)
def test_a_bad_field_is_refused_by_name(url: str, change: dict[str, Any], param: str) -> None:
    answer = post(url, "chat/completions", {"model": "small", "messages": ASKED, **change})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


def test_a_schema_that_nothing_meets_is_refused(client: openai.OpenAI) -> None:
    schema = {"type": "integer", "minimum": 5, "maximum": 3}
    form = {"type": "json_schema", "json_schema": {"name": "none", "schema": schema}}
    with pytest.raises(openai.BadRequestError, match="schema"):
        ask(client, response_format=form)


def test_a_prompt_over_the_context_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.completions.create(model="small", prompt="word " * 2000)
    assert caught.value.code == "context_length_exceeded"


def test_another_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-99", messages=ASKED)  # type: ignore[arg-type]
    assert caught.value.code == "model_not_found"


def test_a_wrong_key_is_refused(url: str) -> None:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError):
            ask(stranger)
        with pytest.raises(openai.AuthenticationError):
            stranger.models.list()


def test_what_is_no_json_or_no_path_is_refused_in_openais_form(url: str) -> None:
    assert post(url, "chat/completions", b"{").json()["error"]["param"] == "body"
    assert post(url, "chat/completions", b"[]").status_code == 400
    assert post(url, "chat/completions", b"[" * 100_000).status_code == 400
    assert post(url, "nothing", {}).status_code == 404
    assert "error" in post(url, "nothing", {}).json()
    assert httpx.get(f"{url}/v1/embeddings", headers={"Authorization": f"Bearer {KEY}"}).status_code == 405
    assert post(url, "chat/completions", b" " * (8 * 2**20 + 1)).status_code == 413


def test_a_deadline_cuts_the_answer(client: openai.OpenAI) -> None:
    begun = time.monotonic()
    answer = ask(client, max_completion_tokens=390, extra_body={"deadline_s": 0.05, "draft": False})
    assert time.monotonic() - begun < 5
    assert answer.model_extra["abax"]["finish"] in ("deadline", "stop", "length")


def test_a_client_that_hangs_up_frees_its_slot(url: str) -> None:
    body = {"model": "small", "messages": ASKED, "max_tokens": 300, "temperature": 1.5}
    for stream in (True, False):
        with httpx.Client(timeout=0.03) as impatient:
            for _ in range(3):
                with pytest.raises(httpx.TimeoutException):
                    _read_all(impatient, url, {**body, "stream": stream})
    for _ in range(100):
        health = httpx.get(f"{url}/health").json()
        if health["running"] == 0 and health["queued"] == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"slots are not freed: {health}")


def _read_all(client: httpx.Client, url: str, body: dict[str, Any]) -> None:
    """Reads a while, then gives up as a client does whose user has left."""
    headers = {"Authorization": f"Bearer {KEY}"}
    begun = time.monotonic()
    with client.stream("POST", f"{url}/v1/chat/completions", json=body, headers=headers) as answer:
        for _ in answer.iter_raw():
            if time.monotonic() - begun > 0.03:
                raise httpx.ReadTimeout("enough")
    raise httpx.ReadTimeout("it was done already")


def test_a_full_queue_says_when_to_come_back() -> None:
    with serving("--sequences", "1", "--queue", "1") as url:
        body = {"model": "small", "messages": ASKED, "max_tokens": 300, "temperature": 1.5, "seed": 1}
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: post(url, "chat/completions", body), range(8)))
        refused = [answer for answer in answers if answer.status_code == 429]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
        assert refused[0].json()["error"]["code"] == "queue_full"
        assert post(url, "chat/completions", {**body, "max_tokens": 1}).status_code == 200


def test_weights_that_change_are_told_by_health_and_by_every_answer(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(small(Small()).path, path)
    with serving("--model", str(path)) as address:
        path.unlink()
        for answer in (
            httpx.get(f"{address}/health"),
            post(address, "chat/completions", {"messages": ASKED}),
            post(address, "embeddings", {"input": "x"}),
        ):
            assert answer.status_code == 503
            assert "open the model again" in answer.text


def test_serving_without_its_packages_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "starlette.py").write_text("raise ImportError('not here')\n")
    done = subprocess.run(
        [sys.executable, "-m", "abax_runtime", "serve", "--model", str(small(Small()).path)],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install starlette uvicorn" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_adapter_for_endpoints_gets_fields_that_stand_in_their_source(url: str) -> None:
    from abax.adapters.endpoint import EndpointModel
    from abax.ports import TextRequest

    schema = {
        "type": "object",
        "properties": {
            "said": {"type": "string", "x-grounded": True},
            "why": {"type": "string", "maxLength": 3},
        },
        "required": ["said"],
        "additionalProperties": False,
    }
    model = EndpointModel(f"{url}/v1", "small", lambda: KEY)
    result = model.generate(TextRequest(ASKED, max_tokens=120, schema=schema, source="alpha beta gamma"))
    assert result.finish == "stop" and result.parsed["said"] in "alpha beta gamma"
    assert result.parsed.keys() == {"said", "why"}
    assert "".join(piece.text for piece in model.stream(TextRequest(ASKED, max_tokens=9))) != ""
    model.close()


# --- adapters ---


def test_a_model_s_adapters_are_listed_and_chosen_by_its_name(tmp_path: Path) -> None:
    random_adapter(tmp_path / "receipts.gguf", small(Small()).path, size=1.0)
    with (
        serving("--adapters", str(tmp_path)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        assert [model.id for model in client.models.list()] == ["small", "small:receipts"]
        assert client.models.retrieve("small:receipts").id == "small:receipts"
        plain, adapted = ask(client), ask(client, model="small:receipts")
        assert plain.choices[0].message.content != adapted.choices[0].message.content
        assert (plain.model, adapted.model) == ("small", "small:receipts")
        streamed = ask(client, model="small:receipts", stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed)
        assert text == adapted.choices[0].message.content
        with pytest.raises(openai.NotFoundError, match="'small' and 'small:receipts' are"):
            ask(client, model="small:letters")
        with pytest.raises(openai.BadRequestError, match="without an adapter"):
            client.embeddings.create(model="small:receipts", input="a")


def test_a_damaged_adapter_is_told_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" * 20)
    command = [sys.executable, "-m", "abax_runtime", "serve", "--port", "0", "--adapters", str(tmp_path)]
    done = subprocess.run(
        [*command, "--model", str(small(Small()).path), "--length", "64"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "bad.gguf" in done.stderr and "Traceback" not in done.stderr
