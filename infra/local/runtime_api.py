"""The Lambda Runtime API, as one execution environment's runtime sees it.

Routes, below ``/2018-06-01/runtime``::

    GET  /invocation/next              waits for work
    POST /invocation/<id>/response     what the handler gave back
    POST /invocation/<id>/error        what the handler raised
    POST /init/error                   the handler's module could not be loaded
"""

from __future__ import annotations

import json
import queue
import threading
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

PAYLOAD_LIMIT: Final = 6 * 1024 * 1024
"""Bytes of an event or of an answer, synchronous invocation."""


class Kind(Enum):
    """What an environment can report."""

    READY = auto()
    RESPONSE = auto()
    ERROR = auto()
    INIT_ERROR = auto()
    TOO_LARGE = auto()
    EXIT = auto()
    TIMED_OUT = auto()


@dataclass(frozen=True)
class Report:
    """Something that happened in an environment."""

    kind: Kind
    body: bytes = b""
    request_id: str = ""


@dataclass(frozen=True)
class Invocation:
    """One event on its way to a handler."""

    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str

    def headers(self) -> dict[str, str]:
        """What the runtime builds the handler's context from."""
        trace = f"{self.deadline_ms // 1000:08x}-{self.request_id.replace('-', '')[:24]}"
        return {
            "Content-Type": "application/json",
            "Content-Length": str(len(self.event)),
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{trace};Parent={self.request_id[:8]}{'0' * 8};Sampled=0",
        }


class RuntimeApi:
    """Serves one environment: invocations go in by ``give``, what comes of them arrives in ``reports``."""

    def __init__(self) -> None:
        self.reports: queue.Queue[Report] = queue.Queue()
        self._work: queue.Queue[Invocation | None] = queue.Queue()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="runtime-api", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """``host:port`` for AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_port}"

    def give(self, invocation: Invocation) -> None:
        """Hand the next event to the runtime."""
        self._work.put(invocation)

    def next(self) -> Invocation | None:
        """Wait for an event; None once the API has been closed."""
        self.reports.put(Report(Kind.READY))
        return self._work.get()

    def close(self) -> None:
        """Stop serving."""
        self._work.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An environment that died in mid-sentence is reported by its exit, not here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """No access log."""

    def do_GET(self) -> None:
        """Only ``/invocation/next`` is ever asked for."""
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return
        self._answer(200, invocation.headers(), invocation.event)

    def do_POST(self) -> None:
        """A result, an error, or a failed start."""
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        *_, request_id, what = self.path.split("/")
        if what == "response" and size > PAYLOAD_LIMIT:
            self.server.api.reports.put(Report(Kind.TOO_LARGE, request_id=request_id))
            self._acknowledge(413)
            return
        kind = Kind.RESPONSE if what == "response" else Kind.ERROR
        if request_id == "init":
            kind = Kind.INIT_ERROR
        self._acknowledge(202)
        self.server.api.reports.put(Report(kind, body, request_id))

    def _acknowledge(self, status: int) -> None:
        body = json.dumps({"status": "OK" if status == 202 else "RequestEntityTooLarge"}).encode()
        self._answer(status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, body)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
