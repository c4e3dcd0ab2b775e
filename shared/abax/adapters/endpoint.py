"""A text model behind an OpenAI-compatible endpoint: hosted, in the house, or our own ``serve``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPResponse
from threading import Event
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, build_opener

from abax.errors import InvalidRequest, ModelError, ModelFailed, ModelRefused, ModelUnreachable, OutOfTime
from abax.ports import TextPiece, TextRequest, TextResult

TIMEOUT: Final = 60.0
"""Seconds without a word from the endpoint, where no deadline says less."""
AT_ONCE: Final = 4
MOST_BYTES: Final = 8 * 1024 * 1024
_BUSY: Final = (408, 409, 425, 429, 500, 502, 503, 504)

_FINISHES: Final = {"stop": "stop", "length": "length"}


class EndpointModel:
    """The TextModel port on ``POST <url>/chat/completions``."""

    def __init__(self, url: str, name: str, key: Callable[[], str] = lambda: "") -> None:
        """``url`` up to ``/v1``; ``name`` as the endpoint calls the model; ``key`` is asked at each call."""
        self._url = url.rstrip("/") + "/chat/completions"
        self._host = url.split("/")[2]
        self._name = name or "default"
        self._key = key

    @property
    def name(self) -> str:
        """The model's name at the endpoint."""
        return self._name

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text. Raises InvalidRequest, ModelError."""
        begun = time.monotonic()
        with self._post(self._body(request), deadline) as answer:
            content = self._content(answer.read(MOST_BYTES))
        try:
            choice, usage = content["choices"][0], content.get("usage") or {}
            text, finish = choice["message"]["content"] or "", choice.get("finish_reason") or "stop"
        except (KeyError, IndexError, TypeError) as error:
            raise ModelFailed(f"{self._host} answered without a text: {error!r}") from error
        return self._result(request, text, finish, usage, time.monotonic() - begun)

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts, a few at a time."""

        def one(request: TextRequest) -> TextResult | InvalidRequest | ModelError:
            try:
                return self.generate(request, deadline)
            except (InvalidRequest, ModelError) as error:
                return error

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(one, requests))

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """One text as it is written. Raises InvalidRequest, ModelError."""
        begun, finish = time.monotonic(), "stop"
        parts: list[str] = []
        usage: dict[str, Any] = {}
        body = {**self._body(request), "stream": True, "stream_options": {"include_usage": True}}
        with self._post(body, deadline) as answer:
            for event in self._events(answer):
                if cancel is not None and cancel.is_set():
                    finish = "cancelled"
                    break
                usage = event.get("usage") or usage
                for choice in event.get("choices", [])[:1]:
                    finish = choice.get("finish_reason") or finish
                    if piece := (choice.get("delta") or {}).get("content"):
                        parts.append(piece)
                        yield TextPiece(piece)
        yield TextPiece("", self._result(request, "".join(parts), finish, usage, time.monotonic() - begun))

    def _body(self, request: TextRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._name,
            "messages": [dict(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.stop:
            body["stop"] = list(request.stop)
        if request.seed is not None:
            body["seed"] = request.seed
        if request.schema is not None:
            form = {"name": "answer", "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def _post(self, body: Mapping[str, Any], deadline: float | None) -> HTTPResponse:
        left = TIMEOUT if deadline is None else min(TIMEOUT, deadline - time.monotonic())
        if left <= 0:
            raise OutOfTime
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if key := self._key():
            headers["Authorization"] = f"Bearer {key}"
        request = Request(self._url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 (checked)
        try:
            answer: HTTPResponse = build_opener().open(request, timeout=left)
        except HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (URLError, OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise ModelUnreachable(self._host, str(reason) or type(error).__name__) from error
        return answer

    def _refusal(self, error: HTTPError) -> ModelError:
        said = error.read(2000).decode(errors="replace").strip()
        reason = f"{error.code} {said[:300] or error.reason}"
        return (
            ModelUnreachable(self._host, reason) if error.code in _BUSY else ModelRefused(self._host, reason)
        )

    def _content(self, body: bytes) -> dict[str, Any]:
        try:
            content = json.loads(body)
        except ValueError as error:
            raise ModelFailed(f"{self._host} answered with no JSON: {error}") from error
        if not isinstance(content, dict):
            raise ModelFailed(f"{self._host} answered with no JSON object")
        return content

    def _events(self, answer: HTTPResponse) -> Iterator[dict[str, Any]]:
        try:
            for line in answer:
                data = line.decode(errors="replace").strip().removeprefix("data:").strip()
                if data == "[DONE]":
                    return
                if data.startswith("{"):
                    yield self._content(data.encode())
        except (OSError, HTTPException) as error:
            raise ModelUnreachable(self._host, str(error)) from error

    def _result(
        self, request: TextRequest, text: str, finish: str, usage: Mapping[str, Any], seconds: float
    ) -> TextResult:
        return TextResult(
            text=text,
            finish=_FINISHES.get(finish, finish),
            model=self._name,
            parsed=_parsed(text) if request.schema is not None else None,
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
            timings={"total_s": round(seconds, 4)},
        )


def _parsed(text: str) -> Any:
    """The value, or None for a text that is no JSON; who asked for it says so."""
    try:
        return json.loads(text)
    except ValueError:
        return None
