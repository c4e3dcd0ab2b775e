"""Mail out: the very bytes, once, and what is known when nobody says that they were taken."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from abax.adapters.aws.mail import SesSender
from abax.adapters.aws.session import client
from abax.adapters.local.outbox import FolderOutbox
from abax.adapters.smtp import SmtpSender
from abax.errors import InvalidRequest, MailRefused, MailUnreachable, MailUnsure

from tests.support import smtp
from tests.support.sides import REGION, mocked_aws

MAIL = (
    b"From: ar@example.test\r\nTo: ana@example.test\r\nSubject: =?utf-8?q?M=C3=A4rz?=\r\n"
    b"Message-ID: <1@example.test>\r\n\r\nLine\r\n.dot\r\n..\r\n\r\nend\r\n"
)


@pytest.fixture
def post() -> Iterator[smtp.Post]:
    with smtp.running() as post:
        yield post


def send(post: smtp.Post, content: bytes = MAIL) -> str:
    return SmtpSender(lambda: {"url": post.url}, timeout=5).send(
        content, "ar@example.test", ["ana@example.test"]
    )


def test_the_very_bytes_arrive(post: smtp.Post) -> None:
    assert "taken as 42" in send(post)
    assert post.got == [("ar@example.test", ["ana@example.test"], MAIL)]


def test_bytes_beyond_ascii_arrive_as_they_are(post: smtp.Post) -> None:
    wide = MAIL + "Größe\r\n".encode()
    send(post, wide)
    assert post.got[0][2] == wide


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_now_may_be_tried_again(post: smtp.Post, at: str) -> None:
    post.says[at] = "451 come back later"
    with pytest.raises(MailUnreachable, match="come back later"):
        send(post)
    assert post.got == []


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_good_is_none_to_repeat(post: smtp.Post, at: str) -> None:
    post.says[at] = "550 no such user here"
    with pytest.raises(MailRefused, match="no such user"):
        send(post)


def test_a_line_that_breaks_after_the_text_leaves_us_unsure(post: smtp.Post) -> None:
    post.says["DATA"] = "drop"
    with pytest.raises(MailUnsure, match="may or may not"):
        send(post)
    assert len(post.got) == 1  # and indeed it was taken


def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MailUnreachable):
        SmtpSender(lambda: {"url": f"smtp://127.0.0.1:{port}"}, timeout=2).send(
            MAIL, "a@b.test", ["c@d.test"]
        )


@pytest.mark.parametrize("url", ["", "http://mail.example.test", "smtps://"])
def test_an_address_of_no_server_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="smtps://user@host"):
        SmtpSender(lambda: {"url": url}).send(MAIL, "a@b.test", ["c@d.test"])


# --- SES ------------------------------------------------------------------------------------------------


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        yield


def test_ses_is_given_the_bytes_and_says_what_it_calls_them(ses: None) -> None:
    client("sesv2").create_email_identity(EmailIdentity="ar@example.test")
    assert SesSender().send(MAIL, "ar@example.test", ["ana@example.test"])


def test_ses_refuses_a_sender_that_it_does_not_know(ses: None) -> None:
    with pytest.raises(MailRefused, match="Amazon SES refused"):
        SesSender().send(MAIL.replace(b"ar@", b"other@"), "other@example.test", ["ana@example.test"])


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TooManyRequestsException", MailUnreachable),
        ("SendingPausedException", MailUnreachable),
        ("MessageRejected", MailRefused),
        ("MailFromDomainNotVerifiedException", MailRefused),
    ],
)
def test_what_ses_answers_decides_whether_it_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(error):
        _with(monkeypatch, ClientError({"Error": {"Code": code, "Message": "no"}}, "SendEmail"))


def test_an_answer_of_ses_that_never_came_leaves_us_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

    with pytest.raises(MailUnsure):
        _with(monkeypatch, ReadTimeoutError(endpoint_url="https://email.example"))
    with pytest.raises(MailUnreachable):
        _with(monkeypatch, EndpointConnectionError(endpoint_url="https://email.example"))


def _with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    class Broken:
        def send_email(self, **how: object) -> None:
            raise error

    monkeypatch.setattr("abax.adapters.aws.mail.client", lambda service, timeout: Broken())
    SesSender().send(MAIL, "a@b.test", ["c@d.test"])


# --- the outbox -----------------------------------------------------------------------------------------


def test_the_outbox_keeps_the_bytes_and_the_envelope(tmp_path: Path) -> None:
    outbox = FolderOutbox(tmp_path / "outbox")
    name = outbox.send(MAIL, "a@b.test", ["c@d.test"])
    assert outbox.send(MAIL, "a@b.test", ["c@d.test"]) == name
    assert (outbox.folder / name).read_bytes() == MAIL
    assert sorted(path.suffix for path in outbox.folder.iterdir()) == [".eml", ".json"]
