"""The HTTP API on one machine: API Gateway's payload format 2.0 in front of one function.

In place of the JWT authorizer stands a key; who does not send it is refused as in the cloud.
"""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from infra.local.lambdas import EventTooLarge, Outcome, Throttled

BODY_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a request that API Gateway takes."""

_TEXT: Final = ("text/", "application/json", "application/javascript", "application/xml")

CLAIMS: Final = {"sub": "local", "iss": "https://localhost", "aud": "abax", "token_use": "access"}
"""What the API learns about the holder of the key."""


class Gateway:
    """Serves ``url`` and hands every authorized request to ``invoke``."""

    def __init__(self, invoke: Callable[[bytes], Outcome], key: str, port: int = 0) -> None:
        """``port`` 0 takes a free one."""
        self.invoke = invoke
        self.key = key
        self._server = _Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="gateway", daemon=True
        )

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def admits(self, authorization: str | None) -> bool:
        """Whether a request with this Authorization header may pass."""
        scheme, _, token = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self.key.encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.gateway = gateway
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """The function logs its own requests."""

    def _handle(self) -> None:
        gateway = self.server.gateway
        size = int(self.headers.get("Content-Length") or 0)
        if size > BODY_LIMIT:
            self.close_connection = True
            self._message(413, "Request Entity Too Large")
            return
        body = self.rfile.read(size)
        if not gateway.admits(self.headers.get("Authorization")):
            self._message(401, "Unauthorized")
            return
        request = proxy_event(self.command, self.path, dict(self.headers.items()), body)
        try:
            outcome = gateway.invoke(json.dumps(request).encode())
        except (Throttled, EventTooLarge) as error:
            self._message(503 if isinstance(error, Throttled) else 413, str(error))
            return
        if outcome.failed:
            self._message(500, "Internal Server Error")
        else:
            self._reply(*proxy_answer(outcome.value))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _handle  # noqa: N815

    def _message(self, status: int, text: str) -> None:
        body = json.dumps({"message": text}).encode()
        self._reply(status, {"content-type": "application/json"}, [], body)

    def _reply(self, status: int, headers: Mapping[str, str], cookies: list[str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        for cookie in cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def proxy_event(method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The event that API Gateway makes of a request (payload format 2.0)."""
    url = urlsplit(target)
    lowered = {name.lower(): value for name, value in headers.items()}
    cookies = lowered.pop("cookie", "")
    binary = bool(body) and not lowered.get("content-type", "text/").startswith(_TEXT)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": unquote(url.path),
        "rawQueryString": url.query,
        "headers": lowered,
        "pathParameters": {"proxy": unquote(url.path).lstrip("/")},
        "requestContext": _context(method, unquote(url.path), lowered),
        "isBase64Encoded": binary,
    }
    if url.query:
        event["queryStringParameters"] = _joined(url.query)
    if cookies:
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    if body:
        event["body"] = base64.b64encode(body).decode() if binary else body.decode(errors="replace")
    return event


def proxy_answer(answer: Any) -> tuple[int, dict[str, str], list[str], bytes]:
    """Status, headers, cookies and body of what the function gave back.

    An answer without a status code is taken as the JSON body of a 200, as API Gateway does.
    """
    if not isinstance(answer, dict) or "statusCode" not in answer:
        bare = answer if isinstance(answer, str) else json.dumps(answer)
        return 200, {"content-type": "application/json"}, [], bare.encode()
    text: str = answer.get("body") or ""
    body = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
    headers = {str(name): str(value) for name, value in (answer.get("headers") or {}).items()}
    return int(answer["statusCode"]), headers, list(answer.get("cookies") or []), body


def _joined(query: str) -> dict[str, str]:
    """Query parameters; repeated ones are joined by commas."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def _context(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "accountId": "123456789012",
        "apiId": "local",
        "authorizer": {"jwt": {"claims": CLAIMS, "scopes": None}},
        "domainName": headers.get("host", "localhost"),
        "domainPrefix": "local",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": "ANY /{proxy+}",
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S %z"),
        "timeEpoch": int(time.time() * 1000),
    }
