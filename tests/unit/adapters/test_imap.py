"""Mail out of a real IMAP server: each message once, whatever breaks."""

from __future__ import annotations

import imaplib
from pathlib import Path

import pytest
from abax.adapters.imap import PROCESSED, ImapSource, _encoded
from abax.adapters.local.records import SqliteRecords
from abax.errors import InvalidRequest, MailboxRefused, MailboxUnreachable, StorageFull
from abax.workflow.mail_fetch import FETCHED, TRIES, Fetched, Folder, fetch, state_of

from tests.support.dovecot import Breaking, Mailbox


def message(number: int, size: int = 0) -> bytes:
    head = f"From: a@example.test\r\nSubject: {number}\r\nMessage-ID: <m{number}@example.test>\r\n\r\n"
    return head.encode() + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * (size // 72)


class Taker:
    """Takes messages in."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def __call__(self, content: bytes) -> None:
        self.got.append(content)


@pytest.fixture
def records(tmp_path: Path) -> SqliteRecords:
    return SqliteRecords(tmp_path / "abax.db")


def folder_of(box: Mailbox, name: str = "INBOX", port: int = 0) -> Folder:
    return Folder("main", name, lambda: ImapSource(box.secret(port), timeout=5))


def look(box: Mailbox, records: SqliteRecords, taker: Taker, port: int = 0, **how: int) -> Fetched:
    return fetch(folder_of(box, port=port), records, taker, pause=0.01, **how)  # type: ignore[arg-type]


def test_each_look_fetches_what_is_new_and_marks_it(mailbox: Mailbox, records: SqliteRecords) -> None:
    taker = Taker()
    mailbox.put(message(1), message(2))
    assert look(mailbox, records, taker).taken == 2
    assert look(mailbox, records, taker).taken == 0
    mailbox.put(message(3))
    assert look(mailbox, records, taker).taken == 1
    assert taker.got == [message(1), message(2), message(3)]
    flags = mailbox.flags()
    assert all(PROCESSED in one and "Seen" not in one for one in flags) and len(flags) == 3
    assert state_of(records, folder_of(mailbox))["uid"] == 3


def test_what_became_of_each_message_is_written_down(mailbox: Mailbox, records: SqliteRecords) -> None:
    mailbox.put(message(1), message(2, 5000))
    found = look(mailbox, records, Taker(), most_bytes=1000)
    assert found.taken == 1 and "limit is 1,000" in found.skipped[0]
    [(_, first), (_, second)] = records.items(FETCHED, "main/INBOX/")
    assert (first["message_id"], first["why"]) == ("<m1@example.test>", "")
    assert second["message_id"] == "<m2@example.test>" and "5," in second["why"]
    assert PROCESSED in mailbox.flags()[1]


def test_a_message_that_is_too_large_is_never_fetched(
    mailbox: Mailbox, records: SqliteRecords, line: Breaking
) -> None:
    mailbox.put(message(1, 3_000_000), message(2))
    line.breaks = [1_000_000]
    taker = Taker()
    found = look(mailbox, records, taker, line.port, most_bytes=100_000)
    assert (found.taken, len(found.skipped), line.broken) == (1, 1, 0)


def test_a_line_that_breaks_in_the_middle_of_a_message_loses_and_doubles_nothing(
    mailbox: Mailbox, records: SqliteRecords, line: Breaking
) -> None:
    numbers = range(1, 6)
    mailbox.put(*(message(number, 20_000) for number in numbers))
    line.breaks = [30_000, b"STORE", 30_000]
    taker = Taker()
    found = look(mailbox, records, taker, line.port)
    assert (found.breaks, line.broken, found.skipped) == (3, 3, [])
    assert list(dict.fromkeys(taker.got)) == [message(number, 20_000) for number in numbers]
    assert all(PROCESSED in one for one in mailbox.flags())


def test_a_message_at_which_the_line_always_breaks_stops_nobody(
    mailbox: Mailbox, records: SqliteRecords, line: Breaking
) -> None:
    mailbox.put(message(1), message(2), message(3))
    line.breaks = [b"FETCH 2 (BODY"] * TRIES
    taker = Taker()
    found = look(mailbox, records, taker, line.port)
    assert taker.got == [message(1), message(3)]
    assert "broke at it 3 times" in found.skipped[0]
    assert look(mailbox, records, taker).taken == 0


def test_new_uids_mean_that_all_is_looked_at_again(mailbox: Mailbox, records: SqliteRecords) -> None:
    with mailbox.client() as client:
        client.create("Invoices")
    mailbox.put(message(1), message(2), folder="Invoices")
    place, taker = folder_of(mailbox, "Invoices"), Taker()
    assert fetch(place, records, taker).taken == 2
    mailbox.renew("Invoices")
    mailbox.put(message(3), folder="Invoices")
    found = fetch(place, records, taker)
    assert found.renewed and found.taken == 1 and taker.got[-1] == message(3)


def test_what_cannot_be_kept_stays_in_the_mailbox(mailbox: Mailbox, records: SqliteRecords) -> None:
    mailbox.put(message(1), message(2))
    kept: list[bytes] = []

    def full_at_the_second(content: bytes) -> None:
        if kept:
            raise StorageFull("here")
        kept.append(content)

    with pytest.raises(StorageFull):
        fetch(folder_of(mailbox), records, full_at_the_second)
    taker = Taker()
    assert look(mailbox, records, taker).taken == 1 and taker.got == [message(2)]


def test_time_that_runs_out_leaves_the_rest_for_the_next_look(
    mailbox: Mailbox, records: SqliteRecords
) -> None:
    mailbox.put(message(1))
    found = fetch(folder_of(mailbox), records, Taker(), deadline=0.0)
    assert found.more and found.taken == 0
    assert look(mailbox, records, Taker()).taken == 1


def test_folders_of_any_name_are_opened(mailbox: Mailbox, records: SqliteRecords) -> None:
    name = 'Entwürfe & "Größe" 日本'
    with mailbox.client() as client:
        state, said = client.create(f'"{_encoded(name)}"')
        assert state == "OK", said
    assert _encoded("Entwürfe & mehr") == "Entw&APw-rfe &- mehr"
    mailbox.put(message(1), folder=f'"{_encoded(name)}"')
    assert fetch(folder_of(mailbox, name), records, Taker()).taken == 1


def test_who_is_not_let_in_is_told_so_without_the_password(mailbox: Mailbox) -> None:
    wrong = {**mailbox.secret(), "password": "battery staple"}
    with pytest.raises(MailboxRefused) as caught, ImapSource(wrong):
        pass
    assert "check user" in str(caught.value) and "battery" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(imaplib.IMAP4.error, MailboxRefused), (imaplib.IMAP4.abort, MailboxUnreachable)],
)
def test_what_a_server_says_is_told_as_text(error: type[Exception], kind: type[Exception]) -> None:
    def refuse() -> None:
        raise error(b"[AUTHENTICATIONFAILED] Invalid credentials")

    source = ImapSource({"url": "imaps://ana@mail.example", "password": "x"})
    with pytest.raises(kind) as caught:
        source._asked(refuse)
    assert "[AUTHENTICATIONFAILED] Invalid" in str(caught.value) and "b'" not in str(caught.value)


def test_a_folder_that_is_not_there_is_refused(mailbox: Mailbox) -> None:
    with ImapSource(mailbox.secret()) as source, pytest.raises(MailboxRefused):
        source.select("Nowhere")


def test_nobody_at_home_is_unreachable_after_some_tries(tmp_path: Path) -> None:
    nobody = {"url": "imap://a%40b@127.0.0.1:1", "password": "x"}
    place = Folder("main", "INBOX", lambda: ImapSource(nobody, timeout=1))
    with pytest.raises(MailboxUnreachable, match=r"a@b@127\.0\.0\.1"):
        fetch(place, SqliteRecords(tmp_path / "abax.db"), Taker(), pause=0.0)


@pytest.mark.parametrize("url", ["", "http://a@b", "imaps://host", "imaps:///x", "imap://a%40b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="imaps://user@host"):
        ImapSource({"url": url})


def test_a_token_opens_a_mailbox_as_oauth_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes | None] = []

    class Server:
        def authenticate(self, mechanism: str, answer: object) -> tuple[str, list[bytes]]:
            said.extend([mechanism.encode(), answer(b"")])  # type: ignore[operator]
            return "OK", [b""]

        def logout(self) -> None: ...

    monkeypatch.setattr(imaplib, "IMAP4_SSL", lambda *args, **how: Server())
    with ImapSource({"url": "imaps://ana%40example.test@imap.example.test", "token": "t0ken"}):
        pass
    assert said == [b"XOAUTH2", b"user=ana@example.test\x01auth=Bearer t0ken\x01\x01"]
