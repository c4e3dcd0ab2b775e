"""Callbacks: signed, over TLS, to public addresses only, unless the house says otherwise."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from abax.adapters.callbacks import SIGNATURE_HEADER, SignedCallbacks, signature
from abax.adapters.local.secrets import FileSecrets
from abax.errors import CallbackFailed, InvalidRequest, UnknownSecret
from abax.workflow.texts import CALLBACK_SECRET

KEY = {CALLBACK_SECRET: {"key": "k3y"}}


class Receiver(ThreadingHTTPServer):
    """Takes callbacks and keeps them."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/hook?token=t"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://169.254.169.254/")
        self.end_headers()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def secrets(tmp_path: Path) -> FileSecrets:
    return FileSecrets(tmp_path / "secrets.json", KEY)


def test_a_callback_carries_its_body_and_a_signature_that_checks(
    receiver: Receiver, secrets: FileSecrets
) -> None:
    body = json.dumps({"job_id": "ä"}).encode()
    SignedCallbacks(secrets, "private").send(receiver.url, body)
    [(path, headers, got)] = receiver.got
    assert (path, got) == ("/hook?token=t", body)
    assert headers["Host"] == f"localhost:{receiver.server_port}"
    at, digest = (part.partition("=")[2] for part in headers[SIGNATURE_HEADER].split(","))
    assert abs(time.time() - int(at)) < 5
    assert digest == hmac.new(b"k3y", f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def test_another_body_or_time_has_another_signature() -> None:
    made = {
        signature("k", b"body", 1),
        signature("k", b"body", 2),
        signature("k", b"b", 1),
        signature("j", b"body", 1),
    }
    assert len(made) == 4


@pytest.mark.parametrize("status", [301, 307, 400, 500])
def test_any_answer_but_success_is_a_failure_and_redirects_are_not_followed(
    receiver: Receiver, secrets: FileSecrets, status: int
) -> None:
    receiver.status = status
    with pytest.raises(CallbackFailed, match=str(status)) as failed:
        SignedCallbacks(secrets, "private").send(receiver.url, b"{}")
    assert len(receiver.got) == 1
    assert "token" not in str(failed.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https:///path",
        "https://user:password@example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "not a url",
    ],
)
def test_what_is_no_public_https_address_is_refused(secrets: FileSecrets, url: str) -> None:
    with pytest.raises(InvalidRequest, match="callback"):
        SignedCallbacks(secrets).send(url, b"{}")


@pytest.mark.parametrize("addresses", [["10.1.2.3"], ["93.184.216.34", "192.168.0.1"], ["::ffff:127.0.0.1"]])
def test_a_name_that_stands_for_a_private_address_is_refused(
    secrets: FileSecrets, addresses: list[str]
) -> None:
    def resolve(host: str, port: int) -> list[str]:
        return addresses

    with pytest.raises(InvalidRequest, match="no public address"):
        SignedCallbacks(secrets, resolve=resolve).send("https://example.com/", b"{}")


def test_a_name_that_is_not_found_and_a_door_that_is_shut_are_failures(secrets: FileSecrets) -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("name not known")

    with pytest.raises(CallbackFailed, match="name not known"):
        SignedCallbacks(secrets, resolve=nowhere).send("https://example.com/", b"{}")
    with pytest.raises(CallbackFailed):
        SignedCallbacks(secrets, "private").send("http://127.0.0.1:9/", b"{}")


def test_nothing_is_sent_unsigned(receiver: Receiver, tmp_path: Path) -> None:
    with pytest.raises(UnknownSecret):
        SignedCallbacks(FileSecrets(tmp_path / "s.json"), "private").send(receiver.url, b"{}")
    assert receiver.got == []
