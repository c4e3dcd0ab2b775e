"""A text model behind an OpenAI-compatible endpoint: hosted, in the house, or our own ``serve``.

::

    request ─► what it understands (``Dialect``) ─► rate limit ─► circuit breaker ─► POST ─► text
                  ▲ learned from refusals              ▲ and again, after a pause, while it may pass
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import finalize

from abax.adapters.endpoint_dialect import Dialect
from abax.adapters.endpoint_pace import Pace, Retries
from abax.errors import InvalidRequest, ModelError, ModelFailed, ModelRefused, ModelUnreachable, OutOfTime
from abax.ports import TextPiece, TextRequest, TextResult, unknown_adapter
from abax.writing.breaker import Breaker, State

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger("abax.model")

Given = TypeVar("Given")

TIMEOUT: Final = 60.0
"""Seconds without a word from the endpoint, where no deadline says less."""
CONNECT: Final = 10.0
"""Seconds for a connection."""
LISTING: Final = 5.0
"""Seconds for the list of models."""
AT_ONCE: Final = 4
RETRIES: Final = Retries()
MOST_BYTES: Final = 8 * 1024 * 1024
_BUSY: Final = (408, 409, 425, 429, 500, 502, 503, 504, 529)
_FINISHES: Final = {"stop": "stop", "length": "length"}


class EndpointModel:
    """The TextModel port on ``POST <url>/chat/completions``."""

    def __init__(
        self,
        url: str,
        name: str,
        key: Callable[[], str] = lambda: "",
        retries: Retries = RETRIES,
        breaker: Breaker | None = None,
    ) -> None:
        """``url`` up to ``/v1``; ``name`` as the endpoint calls the model; ``key`` is asked at each call."""
        self._url = url.rstrip("/")
        self._host = url.split("/")[2].rpartition("@")[2]
        self._name = name or "default"
        self._key = key
        self._retries = retries
        self._breaker = breaker or Breaker(self._host)
        self._pace = Pace(self._host)
        self._dialect = Dialect()
        self._lock = Lock()
        self._adapters: frozenset[str] | None = None
        self._opened: httpx.Client | None = None

    @property
    def name(self) -> str:
        """The model's name at the endpoint."""
        return self._name

    @property
    def adapters(self) -> frozenset[str]:
        """``NAME`` of each ``MODEL:NAME`` that ``GET <url>/models`` lists, as our own ``serve`` does. It is
        asked until it has answered."""
        try:
            return self._known_adapters(None)
        except (ModelError, InvalidRequest) as error:
            logger.warning("the adapters of %s are not known: %s", self._name, error)
            return frozenset()

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text. Raises InvalidRequest, ModelError."""
        begun = time.monotonic()
        self._check_adapter(request, deadline)
        content = self._content(self._tried(request, deadline, self._whole))
        try:
            choice = content["choices"][0]
            text, finish = choice["message"]["content"] or "", choice.get("finish_reason") or "stop"
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ModelFailed(f"{self._host} answered without a text: {error!r}") from error
        if not isinstance(text, str):
            raise ModelFailed(f"{self._host} answered with {type(text).__name__} for a text")
        return self._result(request, text, str(finish), content.get("usage"), time.monotonic() - begun)

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
        """One text as it is written; only its beginning is tried again. Raises InvalidRequest, ModelError."""
        begun, finish = time.monotonic(), "stop"
        parts: list[str] = []
        usage: Any = None
        self._check_adapter(request, deadline)
        answer = self._tried(request, deadline, self._begun, stream=True)
        with self._reading(answer):
            for event in self._events(answer, deadline):
                if cancel is not None and cancel.is_set():
                    finish = "cancelled"
                    break
                usage = event.get("usage") or usage
                piece, finish = _delta(event, finish)
                if piece:
                    parts.append(piece)
                    yield TextPiece(piece)
        yield TextPiece("", self._result(request, "".join(parts), finish, usage, time.monotonic() - begun))

    def close(self) -> None:
        """Give the connections back; the next request opens new ones."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    # --- adapters ---

    def _check_adapter(self, request: TextRequest, deadline: float | None) -> None:
        """Raises InvalidRequest for an adapter that the endpoint does not have, ModelError where it does not
        say which it has."""
        if request.adapter and request.adapter not in (known := self._known_adapters(deadline)):
            raise unknown_adapter(request.adapter, self._name, known)

    def _known_adapters(self, deadline: float | None) -> frozenset[str]:
        with self._lock:
            known = self._adapters
        if known is None:
            known = frozenset(
                name.removeprefix(f"{self._name}:")
                for name in self._listed(deadline)
                if name.startswith(f"{self._name}:")
            )
            with self._lock:
                self._adapters = known
        return known

    def _listed(self, deadline: float | None) -> list[str]:
        """The names of the endpoint's models; none where it has no list of them."""
        import httpx

        left = min(LISTING, _left(deadline))
        if left <= 0:
            raise OutOfTime
        self._breaker.enter(left)
        try:
            answer = self._client.send(self._request("GET", "models", left), stream=True)
            content = self._whole(answer, time.monotonic() + left)
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._breaker.fail()
            raise ModelUnreachable(self._host, str(error) or type(error).__name__) from error
        if answer.status_code >= 500:
            self._breaker.fail()
        else:
            self._breaker.succeed()
        if answer.status_code in _BUSY:
            raise ModelUnreachable(self._host, f"{answer.status_code} for its models")
        if answer.status_code in (401, 403):
            raise ModelRefused(self._host, f"{answer.status_code} for its models")
        return _model_names(content) if answer.status_code == 200 else []

    # --- one exchange ---

    def _tried(
        self,
        request: TextRequest,
        deadline: float | None,
        read: Callable[[httpx.Response, float], Given],
        *,
        stream: bool = False,
    ) -> Given:
        """What ``read`` makes of the answer, tried again while that may help and there is time."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._exchanged(request, deadline, read, stream=stream)
            except _Misunderstood:
                attempt -= 1  # it asks for another form, each of them once
            except ModelUnreachable as error:
                if self._breaker.state is State.OPEN or not self._retries.wait(
                    attempt, error.until, deadline
                ):
                    raise

    def _exchanged(
        self,
        request: TextRequest,
        deadline: float | None,
        read: Callable[[httpx.Response, float], Given],
        *,
        stream: bool,
    ) -> Given:
        """One try. Raises ModelUnreachable for what may pass."""
        import httpx

        self._pace.wait(deadline)
        left = _left(deadline)
        if left <= 0:
            raise OutOfTime
        self._breaker.enter(left)
        dialect = self._dialect
        body = dialect.body(self._called(request), request, stream=stream)
        sent = self._request("POST", "chat/completions", left, body)
        try:
            answer = self._client.send(sent, stream=True)
            if answer.status_code != 200:
                raise self._refusal(answer, dialect)
            given = read(answer, time.monotonic() + left)
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._breaker.fail()
            reason = str(error) or type(error).__name__
            raise ModelUnreachable(self._host, reason) from error
        self._breaker.succeed()
        self._pace.learn(answer.headers)
        return given

    def _called(self, request: TextRequest) -> str:
        """What the endpoint calls the model with the request's adapter."""
        return f"{self._name}:{request.adapter}" if request.adapter else self._name

    def _request(
        self, method: str, path: str, seconds: float, body: Mapping[str, Any] | None = None
    ) -> httpx.Request:
        """The request, each of whose steps may take so many seconds. Raises InvalidRequest."""
        import httpx

        try:
            return self._client.build_request(
                method,
                f"{self._url}/{path}",
                content=None if body is None else json.dumps(body).encode(),
                headers=self._headers(),
                timeout=httpx.Timeout(seconds, connect=min(CONNECT, seconds)),
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise InvalidRequest(f"{self._url!r} or its key cannot be sent: {error}", "model_url") from error

    def _whole(self, answer: httpx.Response, until: float) -> bytes:
        """The body, if it is not too long and does not take too long."""
        with self._reading(answer):
            parts = bytearray()
            for part in answer.iter_bytes():
                parts += part
                if len(parts) > MOST_BYTES:
                    raise ModelFailed(f"{self._host} answered with more than {MOST_BYTES:,} bytes")
                self._check_time(until)
            return bytes(parts)

    def _begun(self, answer: httpx.Response, until: float) -> httpx.Response:
        """An answer that is still to be read."""
        return answer

    def _events(self, answer: httpx.Response, deadline: float | None) -> Iterator[dict[str, Any]]:
        """The objects of a stream of events, up to ``[DONE]``."""
        import httpx

        length = 0
        try:
            for line in answer.iter_lines():
                self._check_time(deadline)
                if (length := length + len(line)) > MOST_BYTES:
                    raise ModelFailed(f"{self._host} streams more than {MOST_BYTES:,} bytes")
                data = line.strip().removeprefix("data:").strip()
                if data == "[DONE]":
                    return
                if data.startswith("{"):
                    event = self._content(data.encode())
                    if event.get("error"):
                        raise ModelFailed(f"{self._host} broke off: {str(event['error'])[:300]}")
                    yield event
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._breaker.fail()
            raise ModelUnreachable(self._host, str(error) or type(error).__name__) from error

    def _check_time(self, until: float | None) -> None:
        if until is not None and time.monotonic() > until:
            self._breaker.fail()
            raise ModelUnreachable(self._host, "its answer took longer than there was time")

    @contextmanager
    def _reading(self, answer: httpx.Response) -> Iterator[None]:
        """Give the connection back in the end."""
        try:
            yield
        finally:
            answer.close()

    def _refusal(self, answer: httpx.Response, dialect: Dialect) -> Exception:
        """What an answer other than 200 means: another form is wanted, it may pass, or it is refused."""
        with self._reading(answer):
            said = answer.read()[:2000].decode(errors="replace").strip()
        status = answer.status_code
        reason = f"{status} {said[:300] or answer.reason_phrase}"
        if status in _BUSY:
            if status >= 500:
                self._breaker.fail()
            else:
                self._breaker.succeed()
            return ModelUnreachable(self._host, reason, until=self._pace.refused(status, answer.headers))
        self._breaker.succeed()
        if lesser := dialect.without(status, said):
            with self._lock:
                self._dialect = lesser
            return _Misunderstood()
        return ModelRefused(self._host, reason)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        if key := self._key():
            headers["Authorization"] = f"Bearer {key}"
        return headers

    @property
    def _client(self) -> httpx.Client:
        """The connections, opened by the first request and kept for the next ones."""
        with self._lock:
            if self._opened is None:
                import httpx

                limits = httpx.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=AT_ONCE)
                self._opened = httpx.Client(limits=limits, follow_redirects=False)
                finalize(self, self._opened.close)
            return self._opened

    # --- answers ---

    def _content(self, body: bytes) -> dict[str, Any]:
        try:
            content = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ModelFailed(f"{self._host} answered with no JSON: {error}") from error
        if not isinstance(content, dict):
            raise ModelFailed(f"{self._host} answered with no JSON object")
        return content

    def _result(self, request: TextRequest, text: str, finish: str, usage: Any, seconds: float) -> TextResult:
        return TextResult(
            text=text,
            finish=_FINISHES.get(finish, finish),
            model=self._name,
            parsed=_parsed(text) if request.schema is not None else None,
            prompt_tokens=_counted(usage, "prompt_tokens"),
            completion_tokens=_counted(usage, "completion_tokens"),
            cached_tokens=_counted(usage, "prompt_tokens_details", "cached_tokens"),
            timings={"total_s": round(seconds, 4)},
            adapter=request.adapter,
        )


def _model_names(content: bytes) -> list[str]:
    """The ``id`` of each model in a list of them; none in what is no such list."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return []
    models = told.get("data") if isinstance(told, dict) else None
    ids = [one.get("id") for one in models if isinstance(one, dict)] if isinstance(models, list) else []
    return [name for name in ids if isinstance(name, str)]


def _delta(event: Mapping[str, Any], finish: str) -> tuple[str, str]:
    """The text of an event of a stream, and how the text has ended as far as is known."""
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return "", finish
    delta = choice.get("delta")
    piece = delta.get("content") if isinstance(delta, dict) else None
    return piece if isinstance(piece, str) else "", str(choice.get("finish_reason") or finish)


def _counted(usage: Any, *path: str) -> int:
    """A count of tokens, 0 where it is not told."""
    for name in path:
        usage = usage.get(name) if isinstance(usage, dict) else None
    return usage if type(usage) is int and usage > 0 else 0


class _Misunderstood(Exception):
    """The endpoint does not know a part of the request; the next try does without."""


def _left(deadline: float | None) -> float:
    """Seconds that a try may take."""
    return TIMEOUT if deadline is None else min(TIMEOUT, deadline - time.monotonic())


def _parsed(text: str) -> Any:
    """The value, or None for a text that is no JSON; who asked for it says so."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
