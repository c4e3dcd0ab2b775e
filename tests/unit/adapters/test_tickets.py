"""Tickets go where their queue's address says, signed, and the same ticket twice is one."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from abax.adapters.callbacks import SIGNATURE_HEADER, SignedCallbacks, signature
from abax.adapters.tickets import ALONE, TICKET_SECRET, RoutedTickets
from abax.errors import CallbackFailed, InvalidRequest, UnknownSecret
from abax.ports import Notice

NOTICE = Notice("mail-1", "ar", "[P1] Invoice\r\nBcc: x@y.test", "Jana asks.\n", b'{"key": "mail-1"}')


class Secrets:
    def __init__(self, key: str = "k3y") -> None:
        self.key = key

    def get(self, reference: str) -> Mapping[str, str]:
        if reference != TICKET_SECRET or not self.key:
            raise UnknownSecret(reference, "this test", "not at all")
        return {"key": self.key}


class Outbox:
    def __init__(self) -> None:
        self.sent: list[tuple[bytes, str, list[str]]] = []

    def send(self, content: bytes, sender: str, recipients: list[str]) -> str:
        self.sent.append((content, sender, recipients))
        return ""


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tickets"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def sink(routes: Mapping[str, str], outbox: Outbox | None = None, key: str = "k3y") -> RoutedTickets:
    posts = SignedCallbacks(Secrets(key), "private", secret=TICKET_SECRET)
    return RoutedTickets(lambda: routes, posts, outbox or Outbox(), lambda: "ar@example.test")


def test_a_webhook_is_told_with_key_and_signature(receiver: Receiver) -> None:
    assert sink({"*": receiver.url}).tell(NOTICE) == receiver.url
    [(headers, body)] = receiver.got
    assert body == NOTICE.body and headers["Idempotency-Key"] == "mail-1"
    at = int(headers[SIGNATURE_HEADER].partition(",")[0].removeprefix("t="))
    assert headers[SIGNATURE_HEADER] == signature("k3y", body, at)


def test_a_queue_s_own_address_goes_before_that_of_the_rest(receiver: Receiver) -> None:
    outbox = Outbox()
    tickets = sink({"ar": "mailto:team@example.test", "*": receiver.url}, outbox)
    assert tickets.tell(NOTICE) == "mailto:team@example.test"
    assert receiver.got == [] and len(outbox.sent) == 1


def test_a_ticket_mail_is_the_same_bytes_each_time_and_carries_the_ticket() -> None:
    outbox = Outbox()
    tickets = sink({"*": "mailto:team@example.test"}, outbox)
    tickets.tell(NOTICE)
    tickets.tell(NOTICE)
    (first, sender, to), (second, _, _) = outbox.sent
    assert first == second and (sender, to) == ("ar@example.test", ["team@example.test"])
    mail = message_from_bytes(first, policy=default)
    assert mail["Bcc"] is None and mail["Subject"] == "[P1] Invoice Bcc: x@y.test"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body().get_content().splitlines() == ["Jana asks."]
    [attached] = mail.iter_attachments()
    assert json.loads(attached.get_content()) == {"key": "mail-1"}


def test_without_an_address_a_ticket_goes_nowhere_and_says_so() -> None:
    assert sink({"sales": "mailto:s@example.test"}).tell(NOTICE) == ""


def test_a_webhook_that_is_down_is_an_error(receiver: Receiver) -> None:
    receiver.status = 503
    with pytest.raises(CallbackFailed, match="answered 503"):
        sink({"*": receiver.url}).tell(NOTICE)


def test_nothing_leaves_unsigned(receiver: Receiver) -> None:
    with pytest.raises(UnknownSecret):
        sink({"*": receiver.url}, key="").tell(NOTICE)
    assert receiver.got == []


@pytest.mark.parametrize("address", ["mailto:a@b.test\r\nBcc: c@d.test", "ftp://example.test/x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InvalidRequest):
        sink({"*": address}).tell(NOTICE)


class Waits:
    """Posts that keep one waiting, by a clock of their own, and then fail, or do not."""

    def __init__(self) -> None:
        self.now = 0.0
        self.takes, self.fails = 5.0, True
        self.tried: list[str] = []

    def send(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.tried.append(url)
        self.now += self.takes
        if self.fails:
            raise CallbackFailed(url, "timed out")

    def sink(self, routes: Mapping[str, str]) -> RoutedTickets:
        return RoutedTickets(lambda: routes, self, Outbox(), lambda: "ar@example.test", lambda: self.now)

    def tell(self, tickets: RoutedTickets, *queues: str) -> None:
        for queue in queues:
            with pytest.raises(CallbackFailed):
                tickets.tell(replace(NOTICE, queue=queue))


HANGS = {"ar": "https://desk.test/ar?token=t", "ap": "https://desk.test/ap"}


def test_a_webhook_that_hangs_is_waited_for_once_and_left_alone_for_a_while() -> None:
    posts = Waits()
    tickets = posts.sink(HANGS)
    posts.tell(tickets, *["ar"] * 6, "ap")
    assert posts.tried == [HANGS["ar"], HANGS["ap"]]
    with pytest.raises(CallbackFailed, match="is left alone for") as told:
        tickets.tell(NOTICE)
    assert "token" not in str(told.value)
    posts.now += ALONE
    posts.takes, posts.fails = 0.1, False
    assert [tickets.tell(NOTICE), tickets.tell(NOTICE)] == [HANGS["ar"]] * 2
    assert posts.tried.count(HANGS["ar"]) == 3


def test_a_webhook_that_refuses_at_once_holds_nobody_up_and_is_told_every_ticket() -> None:
    posts = Waits()
    posts.takes = 0.1
    posts.tell(posts.sink(HANGS), "ar", "ar")
    assert len(posts.tried) == 2


def test_a_webhook_that_never_answers_is_given_up_after_its_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/tickets"
        posts = SignedCallbacks(Secrets(), "private", secret=TICKET_SECRET, timeout=0.2)
        begun = time.monotonic()
        with pytest.raises(CallbackFailed, match="timed out"):
            posts.send(url, b"{}")
        assert time.monotonic() - begun < 5
