"""The OpenAI API over HTTP: chat, completions and embeddings, streamed or whole, sharing batches.

Needs ``starlette`` and ``uvicorn`` (the ``serve`` extra). Requests beyond the engine's sequences wait in a
queue of bounded length; beyond that the answer is 429. A client that hangs up cancels its generation.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import math
import signal
import time
import uuid
from contextlib import asynccontextmanager
from functools import partial
from socket import AddressFamily, create_server, socket
from typing import TYPE_CHECKING, NamedTuple

from abax_runtime import openai_api
from abax_runtime.errors import InvalidParameter, ModelChanged, RuntimeFault, Unsupported
from abax_runtime.metrics import Metrics
from abax_runtime.openai_api import Answer, Body, Call, Refusal

try:
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
    from starlette.routing import Route
except ImportError as error:
    raise Unsupported("serving needs starlette and uvicorn: pip install starlette uvicorn") from error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from abax_runtime.engine import Engine
    from abax_runtime.request import Delta, Generation, Ticket

LARGEST_BODY = 8 * 2**20
"""Bytes of a request; many times the longest context."""

PATIENCE = 5
"""Seconds that running texts have when the server is to end."""

OPEN_PATHS = ("/health", "/metrics")
"""What needs no key."""

log = logging.getLogger(__name__)


class Settings(NamedTuple):
    """How a server is run."""

    name: str
    """What the model is called in answers."""
    api_key: str | None = None
    queue: int = 32
    """Requests that may wait for a sequence."""


def build_app(engine: Engine, settings: Settings) -> Starlette:
    """The application; it closes the engine when it shuts down."""
    service = Service(engine, settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(engine.close)

    app = Starlette(
        routes=[
            Route("/health", service.health),
            Route("/metrics", service.metrics_page),
            Route("/v1/models", service.models),
            Route("/v1/models/{name:path}", service.model),
            Route("/v1/chat/completions", service.chat, methods=["POST"]),
            Route("/v1/completions", service.complete, methods=["POST"]),
            Route("/v1/embeddings", service.embed, methods=["POST"]),
        ],
        exception_handlers={
            Refusal: _refuse,
            RuntimeFault: _refuse_fault,
            HTTPException: _refuse_http,
            ClientDisconnect: _client_gone,
            Exception: _fail,
        },
        lifespan=lifespan,
    )
    app.add_middleware(Gate, service=service)
    app.state.service = service
    return app


def listen(host: str, port: int) -> socket:
    """Where clients will connect. Raises InvalidParameter where that cannot be."""
    family = AddressFamily.AF_INET6 if ":" in host else AddressFamily.AF_INET
    try:
        return create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise InvalidParameter("port", f"cannot listen on {host} port {port}: {error}") from error


def serve(engine: Engine, settings: Settings, listener: socket) -> None:
    """Serves until SIGINT or SIGTERM; what is running then has some seconds to end. In the main thread."""
    try:
        import uvicorn
    except ImportError as error:
        raise Unsupported("serving needs starlette and uvicorn: pip install starlette uvicorn") from error
    app = build_app(engine, settings)
    service: Service = app.state.service
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2 * PATIENCE,
    )
    # Uvicorn raises the signal that ended it once more; by then it has done its work.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # else a line for each write to who has hung up

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket] | None = None) -> None:
            """What still runs after a while ends with what it has."""
            asyncio.get_running_loop().call_later(PATIENCE, service.cancel_all)
            await super().shutdown(sockets)

    Server(config).run([listener])


class Service:
    """The endpoints."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.metrics = Metrics()
        self.started = int(time.time())
        self._busy = 0
        self._tickets: set[Ticket] = set()

    async def health(self, _: Request) -> Response:
        """Ready to take requests, and how many there are."""
        now = self.engine.statistics()
        told = {"running": now.running, "queued": now.queued, "slots": now.slots}
        try:
            self.engine.model.gguf.check_unchanged()
        except ModelChanged as error:  # nothing but a new start helps
            return JSONResponse({"status": str(error), "model": self.settings.name, **told}, 503)
        return JSONResponse({"status": "ok", "model": self.settings.name, **told})

    async def metrics_page(self, _: Request) -> Response:
        """Prometheus's page."""
        text = self.metrics.text(self.engine.statistics())
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    async def models(self, _: Request) -> Response:
        """The model, alone and with each of its adapters."""
        names = ["", *self.engine.adapters.names]
        return JSONResponse({"object": "list", "data": [self._model(name) for name in names]})

    async def model(self, request: Request) -> Response:
        """One of them, by name."""
        return JSONResponse(self._model(self._adapter(request.path_params["name"])))

    async def chat(self, request: Request) -> Response:
        """``POST /v1/chat/completions``"""
        return await self._answer(request, openai_api.chat_call)

    async def complete(self, request: Request) -> Response:
        """``POST /v1/completions``"""
        return await self._answer(request, openai_api.completion_call)

    async def embed(self, request: Request) -> Response:
        """``POST /v1/embeddings``"""
        body = await self._body(request)
        if self._wanted(body):
            raise InvalidParameter("model", "embeddings are of the model without an adapter")
        openai_api.check_embedding(body, self.engine.model.config.width)
        inputs = openai_api.embedding_inputs(body)
        self._enter()
        try:
            vectors, tokens = await asyncio.to_thread(self._embed, inputs)
        finally:
            self._leave()
        return JSONResponse(openai_api.embedding_answer(body, vectors, tokens, self.settings.name))

    def allows(self, authorization: str) -> bool:
        """Whether a request's ``Authorization`` header has the key."""
        key = self.settings.api_key
        return key is None or hmac.compare_digest(authorization.encode(), f"Bearer {key}".encode())

    def cancel_all(self) -> None:
        """Ends every text where it is."""
        for ticket in self._tickets:
            ticket.cancel()

    def _embed(self, inputs: list[str | list[int]]) -> tuple[list[list[float]], int]:
        encode = self.engine.model.tokenizer.encode
        batches = [encode(one) if isinstance(one, str) else one for one in inputs]
        return self.engine.embed(batches), sum(map(len, batches))

    async def _answer(self, request: Request, understand: Callable[[Body, int], Call]) -> Response:
        body = await self._body(request)
        call, adapter = understand(body, self.engine.length), self._wanted(body)
        prefix, name = "chatcmpl" if call.chat else "cmpl", self._name(adapter)
        answer = Answer(f"{prefix}-{uuid.uuid4().hex}", int(time.time()), name, call.chat)
        self._enter()
        pieces = Pieces()
        try:
            listener, whole = pieces.listener(), not call.stream
            wanted = call.request._replace(adapter=adapter)
            ticket = await asyncio.to_thread(self.engine.submit, wanted, listener, whole=whole)
        except BaseException:
            self._leave()
            raise
        self._tickets.add(ticket)
        if call.stream:
            return EventStream(self._events(call, answer, pieces), partial(self._done_with, ticket))
        try:
            return JSONResponse(answer.whole(await self._whole(request, pieces, ticket)))
        finally:
            self._done_with(ticket)

    def _done_with(self, ticket: Ticket) -> None:
        self._tickets.discard(ticket)
        ticket.cancel()
        self._leave()

    async def _whole(self, request: Request, pieces: Pieces, ticket: Ticket) -> Generation:
        """The finished text; given up when the client hangs up before."""
        watch = asyncio.create_task(_cancel_when_gone(request, ticket))
        try:
            async for delta in pieces:
                if delta.generation is not None:
                    self.metrics.note(delta.generation)
                    return delta.generation
        finally:
            watch.cancel()
        raise RuntimeFault("the engine ended a text without its last piece")

    async def _events(self, call: Call, answer: Answer, pieces: Pieces) -> AsyncIterator[str]:
        """Server-sent events."""
        try:
            if call.chat:
                yield _event(answer.chunk("", first=True))
            async for delta in pieces:
                if delta.text or delta.logprobs:
                    yield _event(answer.chunk(delta.text, delta.logprobs))
                if delta.generation is not None:
                    self.metrics.note(delta.generation)
                    yield _event(answer.chunk("", finish=openai_api.FINISH[delta.generation.finish]))
                    if call.include_usage:
                        yield _event(answer.last(delta.generation))
            yield "data: [DONE]\n\n"
        except RuntimeFault as error:
            yield _event(openai_api.refusal_of(error).body)

    def _model(self, adapter: str) -> openai_api.Json:
        told = {"id": self._name(adapter), "object": "model", "created": self.started, "owned_by": "abax"}
        return told | {"context_length": self.engine.length}

    def _name(self, adapter: str) -> str:
        return f"{self.settings.name}:{adapter}" if adapter else self.settings.name

    def _adapter(self, name: str) -> str:
        """The adapter's name in that of a model, ``MODEL`` or ``MODEL:ADAPTER``."""
        known = {self._name(adapter): adapter for adapter in ("", *self.engine.adapters.names)}
        if name not in known:
            served = f"{' and '.join(map(repr, known))} {'are' if len(known) > 1 else 'is'}"
            message = f"the model {name!r} is not served here; {served}"
            raise Refusal(404, message, code="model_not_found", param="model")
        return known[name]

    def _wanted(self, body: Body) -> str:
        return self._adapter(body.get("model", str, self.settings.name))

    async def _body(self, request: Request) -> Body:
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST_BODY:
                raise Refusal(413, f"a request has at most {LARGEST_BODY} bytes", code="request_too_large")
        body = Body(bytes(content))
        self._wanted(body)
        return body

    def _enter(self) -> None:
        """Counts a request in, or refuses it when the queue is full."""
        slots = self.engine.statistics().slots
        if self._busy >= slots + self.settings.queue:
            wait = {"Retry-After": str(self._patience(slots))}
            message = f"{self._busy} requests are running or queued; try again later"
            raise Refusal(429, message, kind="rate_limit_error", code="queue_full", headers=wait)
        self._busy += 1

    def _leave(self) -> None:
        self._busy -= 1

    def _patience(self, slots: int) -> int:
        """Seconds until some of the queue will have gone, from how long texts took so far."""
        took = self.metrics.whole
        each = took.total / took.count if took.count else 1.0
        return max(1, min(60, math.ceil(each * self.settings.queue / slots / 2)))


class Pieces:
    """Brings a ticket's pieces from the engine's thread to the event loop."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Delta | Exception] = asyncio.Queue()

    def listener(self) -> Callable[[Delta | Exception], None]:
        """What the engine calls with each piece."""
        loop = asyncio.get_running_loop()

        def listen(event: Delta | Exception) -> None:
            loop.call_soon_threadsafe(self._queue.put_nowait, event)

        return listen

    async def __aiter__(self) -> AsyncIterator[Delta]:
        """The pieces; raises the error that ended the request."""
        while True:
            event = await self._queue.get()
            if isinstance(event, Exception):
                raise event
            yield event
            if event.generation is not None:
                return


class EventStream(StreamingResponse):
    """Server-sent events; whatever becomes of the client, ``done`` is called at the end."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], done: Callable[[], None]) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store"})
        self._done = done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._done()


class Gate:
    """Asks for the key, and counts answers by path and status."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"])
            await send(message)

        if scope["path"] in OPEN_PATHS or self._service.allows(_header(scope, b"authorization")):
            return await self._app(scope, receive, counted)
        refusal = Refusal(401, "the API key is missing or wrong", code="invalid_api_key")
        return await _response(refusal)(scope, receive, counted)

    def _count(self, scope: Scope, status: int) -> None:
        route = scope.get("route")
        path = getattr(route, "path", "other")
        self._service.metrics.responses[path, status] += 1


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _cancel_when_gone(request: Request, ticket: Ticket) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    ticket.cancel()


def _event(content: openai_api.Json) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _response(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body, refusal.status, refusal.headers)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _response(error)


async def _refuse_fault(_: Request, error: Exception) -> Response:
    assert isinstance(error, RuntimeFault)
    return _response(openai_api.refusal_of(error))


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    return _response(Refusal(error.status_code, message, headers=error.headers))


async def _client_gone(_: Request, error: Exception) -> Response:
    return _response(Refusal(499, f"the client hung up: {error!r}", code="client_closed_request"))


async def _fail(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return _response(Refusal(500, "an unexpected error; see the server's log", kind="server_error"))
