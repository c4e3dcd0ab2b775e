"""Edge mode's own threads: who reads mail, and who looks into the mailbox."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from abax.compose import Edge, edge
from abax.serve import MailWorker, Postman, postmen
from abax.settings import LocalSettings
from abax.workflow.mail import listed, send_in

from tests.support.dovecot import Mailbox
from tests.support.mails import eml, plain_desk  # noqa: F401 (a fixture)
from tests.workflows.tiny import eventually

pytestmark = pytest.mark.usefixtures("plain_desk")


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    return edge(tmp_path / "home")


def send(house: Edge, content: bytes) -> None:
    assert house.services.mails is not None
    send_in(house.services.objects, house.services.mails, content)


def test_the_worker_reads_what_waits_and_leaves_what_breaks(house: Edge) -> None:
    for number in range(12):
        send(house, eml(number, subject="poison: x" if number == 5 else "billing: x"))
    worker = MailWorker(house)
    worker.start()
    try:
        eventually(lambda: len(list(listed(house.mail.records))) == 11, 60)
    finally:
        worker.stop()
    assert house.mail_queue.waiting() == 1 and not worker.is_alive()


def test_the_postman_fetches_until_told_to_stop(
    house: Edge, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.secrets.put("abax/mail/imap", mailbox.secret())
    mailbox.put(eml(1))
    monkeypatch.setenv("ABAX_MAILBOX", "abax/mail/imap")
    monkeypatch.setenv("ABAX_MAILBOX_SECONDS", "0.1")
    [postman] = postmen(house)
    postman.start()
    try:
        eventually(lambda: house.mail_queue.waiting() == 1, 30)
        mailbox.put(eml(2))
        eventually(lambda: house.mail_queue.waiting() == 2, 30)
    finally:
        postman.stop()
    assert not postman.is_alive()


def test_a_mailbox_that_is_not_known_is_said_and_stops_nobody(
    house: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "abax.serve"):
        Postman(house, LocalSettings(mailbox="nowhere"))._look("INBOX")
    assert "nowhere" in caplog.text and postmen(house) == []
