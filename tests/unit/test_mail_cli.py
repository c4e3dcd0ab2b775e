"""``abax mail``: messages in, triage and drafts out, and replies that are decided on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from abax.adapters.local.outbox import FolderOutbox
from abax.cli import app
from abax.commands.common import needing
from abax.commands.mail_show import short_ids, shortened
from abax.compose import edge
from abax.errors import MailRefused, MailUnsure
from abax.mail.classifier import Classifier, Dense
from abax.workflow import mail_practice
from typer.testing import CliRunner, Result

from tests.support.dovecot import Mailbox
from tests.support.mails import OWN, eml, plain_desk  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("plain_desk")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ABAX_HOME", str(tmp_path / "home"))
    mail_practice.forget()
    yield tmp_path / "home"
    mail_practice.forget()


@pytest.fixture
def post(tmp_path: Path) -> Path:
    """A folder with two messages and a file of two more."""
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "1.eml").write_bytes(eml(1))
    (folder / "2.eml").write_bytes(eml(2, subject="order: twelve"))
    line = b"From ana@customer.example Fri Nov 20 09:00:00 2026\r\n"
    both = line + eml(3) + b"\r\n" + line + eml(4, subject="spam: win")
    (folder / "more.mbox").write_bytes(both)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["mail", *map(str, arguments)])


def told(*arguments: object) -> Any:
    done = run(*arguments, "--json")
    return json.loads(done.stdout)


def test_a_folder_is_read_and_nothing_is_kept(post: Path, home: Path) -> None:
    shown = run(post)
    assert shown.exit_code == 0
    assert "4 read" in shown.stdout and "3 replies drafted" in shown.stdout
    assert told("list") == [] and not (home / "objects").exists()


def test_a_folder_becomes_a_page_that_says_what_may_leave_and_nothing_is_kept(post: Path, home: Path) -> None:
    target = post.parent / "triage.html"
    done = run(post, "--show", target)
    assert done.exit_code == 0 and "4 read" in done.stdout
    html = target.read_text(encoding="utf-8")
    assert html.count("<article") == 4 and "Thank you, we have it." in html
    assert "no rule lets answers of its kind go without a person" in html
    assert "ana@customer.example" not in html
    assert told("list") == [] and not (home / "objects").exists()


def test_what_the_settings_say_decides_what_the_page_covers_and_what_may_leave(post: Path) -> None:
    (post / "mail.toml").write_text(
        f'own = "{OWN}"\nmask = false\nanswers = {{kinds = {{receipt = 0.5}}}}\n', encoding="utf-8"
    )
    run("settings", post / "mail.toml")
    run(post / "1.eml", "--keep", "--show", post / "triage.html")
    html = (post / "triage.html").read_text(encoding="utf-8")
    assert "ana@customer.example" in html and "may leave without a person: by rule:receipt" in html


def test_one_message_is_shown_with_what_is_said_of_it_and_its_reply(post: Path) -> None:
    shown = run(post / "1.eml").stdout
    for words in ("billing (95%)", "queue ar", "Drafted reply", "Thank you, we have it."):
        assert words in shown


def test_what_is_kept_is_listed_shown_and_decided(post: Path, home: Path) -> None:
    (post.parent / "mail.toml").write_text(f'own = "{OWN}"\nown_name = "Receivables"\n')
    assert json.loads(run("settings", post.parent / "mail.toml").stdout)["own"] == OWN
    kept = told(post, "--keep")
    assert [one["triage"]["category"]["value"] for one in kept] == ["billing", "order", "billing", "spam"]
    assert told(post, "--keep") and len(told("list")) == 4
    [order] = [row for row in told("list") if row["category"] == "order"]
    short = order["mail_id"][:8]
    assert "twelve" in run("show", short).stdout
    raw = run("show", short, "--reply").stdout_bytes
    assert raw.startswith(b'From: "Receivables"')
    approved = run("approve", short, "--digest", order["reply"]["digest"], "--by", "Ana")
    assert "approved" in approved.stdout
    assert "sent" in run("deliver").stdout
    assert (home / "outbox" / f"{order['reply']['digest']}.eml").read_bytes() == raw
    page = told("show", short)
    assert (page["reply"]["state"], page["draft"]["kind"]) == ("sent", "receipt")


def test_a_folder_s_files_that_are_no_mail_are_left_out_and_named(post: Path) -> None:
    (post / "gen.py").write_text("import json\n")
    (post / "invoice.pdf").write_bytes(b"%PDF-1.7")
    (post / "1700000001.M1P1.host:2,S").write_bytes(eml(9))
    done = run(post, "--keep")
    assert done.exit_code == 0 and "5 read" in done.stdout and len(told("list")) == 5
    assert "2 files are no mail and were left out: gen.py, invoice.pdf" in done.stderr
    alone = run(post / "invoice.pdf", "--keep")
    assert "is no mail" in str(alone.exception) and len(told("list")) == 5


def test_a_file_without_a_message_is_told_and_no_success(post: Path) -> None:
    (post / "empty.eml").write_bytes(b"\n")
    done = run(post)
    assert done.exit_code == 1 and "4 read" in done.stdout and "empty.eml" in done.stderr
    assert "is empty" in str(run(post / "empty.eml").exception)


def test_attachments_and_calendar_entries_are_shown(post: Path) -> None:
    entry = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Review\r\nLOCATION:Room 4\r\n"
        b"DTSTART:20260301T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    files = [("rechnung.pdf", b"%PDF" * 600), ("review.ics", entry)]
    (post / "1.eml").write_bytes(eml(1, attachments=files))
    shown = run(post / "1.eml").stdout
    assert "rechnung.pdf, application/octet-stream, 2 kB" in shown
    assert "Invitation: Review · When: 2026-03-01 10:00 UTC · Where: Room 4" in shown


@pytest.mark.parametrize("most", [10, 20, 40])
def test_what_is_shortened_is_cut_between_words(most: int) -> None:
    text = "We still wait, and the line stands still."
    short = shortened(text, most)
    assert len(short) <= most and short.endswith(" …")
    kept = short.removesuffix(" …")
    assert text.startswith(kept) and not text[len(kept)].isalnum()
    assert shortened(text, 41) == text and shortened("Donaudampfschifffahrt", 9) == "Donauda …"


def test_a_list_says_that_there_are_more(post: Path) -> None:
    run(post, "--keep")
    assert "more than these 3" in run("list", "--limit", "3").stderr
    assert run("list", "--limit", "4").stderr == ""


def test_of_two_mails_with_one_message_id_each_is_named_by_a_short_id_of_its_own(post: Path) -> None:
    (post / "1.eml").write_bytes(eml(1, message_id="<same@x.example>"))
    (post / "2.eml").write_bytes(eml(2, message_id="<same@x.example>", subject="order: another"))
    run(post, "--keep")
    ids = short_ids([row["mail_id"] for row in told("list")])
    assert len(set(ids.values())) == 4 and all(len(one) <= 15 for one in ids.values())
    shown = run("list").stdout
    for whole, short in ids.items():
        assert short in shown and told("show", short)["mail_id"] == whole


def test_ids_grow_until_they_differ() -> None:
    ids = ["a" * 32, "a" * 31 + "b", "c" * 32 + "-0123456789ab", "c" * 32]
    short = short_ids(ids)
    assert len(set(short.values())) == 4 and short["c" * 32 + "-0123456789ab"].endswith("-0123")


def test_nothing_is_approved_before_an_address_is_set_and_then_it_is_sent(post: Path, home: Path) -> None:
    run(post / "1.eml", "--keep")
    [row] = told("list")
    refused = run("approve", row["mail_id"])
    assert refused.exit_code == 1 and "abax mail settings FILE" in str(refused.exception)
    (post / "mail.toml").write_text(f'own = "{OWN}"\n')
    run("settings", post / "mail.toml")
    run("approve", row["mail_id"])
    done = run("deliver")
    assert done.exit_code == 0 and f"sent, kept in the outbox, {home / 'outbox'}" in done.stdout
    assert "kept, for the mail settings name nowhere" in done.stdout
    assert "in the outbox" in run("list").stdout
    assert f"reply: sent (kept in the outbox, {home / 'outbox'})" in run("show", row["mail_id"]).stdout
    assert run("deliver").stdout == "nothing waits\n"


def test_delivery_says_what_waits_to_be_tried_again_and_is_no_success(post: Path, home: Path) -> None:
    (post / "mail.toml").write_text('[tickets]\n"*" = "https://desk.invalid/tickets"\n')
    assert run("settings", post / "mail.toml").exit_code == 0
    run(post / "1.eml", "--keep")
    first, second = run("deliver"), run("deliver")
    assert first.exit_code == second.exit_code == 1
    assert "is to be tried again: no secret 'abax/mail/tickets'" in first.stdout and "--key" in first.stdout
    assert second.stdout.startswith("1 to be tried again, the next in ")
    assert "waiting, failed 1×" in run("list").stdout


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (MailRefused("mail.example", "550 no such user"), "withheld", "edit it, or approve it anew"),
        (MailUnsure("mail.example", "the line broke"), "unsure", "approve --again"),
    ],
)
def test_a_reply_that_did_not_leave_is_no_success_and_lists_show_how_it_is(
    post: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str, said: str
) -> None:
    def fails(*given: object) -> str:
        raise error

    (post / "mail.toml").write_text(f'own = "{OWN}"\n')
    run("settings", post / "mail.toml")
    run(post / "1.eml", "--keep")
    [row] = told("list")
    run("approve", row["mail_id"])
    monkeypatch.setattr(FolderOutbox, "send", fails)
    done = run("deliver")
    assert done.exit_code == 1 and said in done.stdout
    assert state in run("list").stdout and said in run("show", row["mail_id"]).stdout


def test_an_edit_without_words_says_so(post: Path) -> None:
    run(post / "1.eml", "--keep")
    (post / "words.txt").write_text(" \n")
    done = run("edit", told("list")[0]["mail_id"], post / "words.txt")
    assert "words.txt is empty" in str(done.exception)


def test_a_draft_is_edited_and_rejected(post: Path) -> None:
    run(post / "1.eml", "--keep")
    [row] = told("list")
    words = post / "words.txt"
    words.write_text("We shall call you.")
    assert "drafted" in run("edit", row["mail_id"], words).stdout
    stale = run("approve", row["mail_id"], "--digest", row["reply"]["digest"])
    assert stale.exit_code == 1 and "look at it again" in str(stale.exception)
    assert "rejected" in run("reject", row["mail_id"], "--note", "called").stdout


def test_what_makes_no_sense_is_refused(post: Path) -> None:
    assert "there is no" in str(run(post / "none.eml").exception)
    assert "no mail" in str(run("show", "nothing").exception)
    wrong = post.parent / "wrong.toml"
    wrong.write_text("colour = 'red'\n")
    assert "there is no such field" in str(run("settings", wrong).exception)
    run(post / "2.eml", post / "more.mbox", "--keep")
    [spam] = [row for row in told("list") if row["category"] == "spam"]
    assert "no reply was drafted" in str(run("approve", spam["mail_id"]).exception)


def test_a_mailbox_is_fetched_and_taken_in(mailbox: Mailbox, home: Path) -> None:
    edge(home).secrets.put("abax/mail/imap", mailbox.secret())
    mailbox.put(eml(1), eml(2, subject="order: twelve"))
    shown = run("fetch", "--mailbox", "abax/mail/imap").stdout
    assert "2 fetched" in shown and "2 taken in" in shown
    assert {row["category"] for row in told("list")} == {"billing", "order"}
    assert told("fetch", "--mailbox", "abax/mail/imap")[0]["taken"] == 0


def test_a_classifier_that_was_trained_is_named_in_the_settings(tmp_path: Path, home: Path) -> None:
    (tmp_path / "own.npz").write_bytes(Classifier.load("sentiment").dump())
    (tmp_path / "mail.toml").write_text('[classifiers]\nsentiment = "own.npz"\n')
    settings = json.loads(run("settings", tmp_path / "mail.toml").stdout)
    assert edge(home).services.objects.exists(settings["classifiers"]["sentiment"])
    (tmp_path / "own.npz").write_bytes(b"no classifier")
    assert run("settings", tmp_path / "mail.toml").exit_code != 0


def test_a_classifier_that_mail_cannot_be_read_with_is_refused_when_it_is_named(tmp_path: Path) -> None:
    dense = Dense(
        "letters", np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.zeros((2, 3), np.float32)
    )
    (tmp_path / "own.npz").write_bytes(replace(Classifier.load("sentiment"), dense=dense).dump())
    (tmp_path / "mail.toml").write_text('[classifiers]\nsentiment = "own.npz"\n')
    assert "without --embeddings" in str(run("settings", tmp_path / "mail.toml").exception)


WITHOUT = """
import sys
sys.modules["numpy"] = None
sys.argv = ["abax", *sys.argv[1:]]
from abax.cli import main
main()
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("mail", "FILE"),
        ("mail", "train", "FOLDER", "--out", "OUT"),
        ("mail", "suggest", "category", "FOLDER"),
        ("evaluate", "mail", "FOLDER"),
    ],
)
def test_without_numpy_a_command_that_needs_it_says_what_to_install(
    post: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.csv").write_text("text,category\na b,x\nb c,y\n")
    places = {"FILE": str(post / "1.eml"), "FOLDER": str(tmp_path / "set"), "OUT": str(tmp_path / "o")}
    given = [places.get(one, one) for one in arguments]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *given], capture_output=True, text=True)
    assert done.returncode == 2
    assert "this needs numpy, which is not installed" in done.stderr
    assert "pip install -e '.[mail]'" in done.stderr and "Traceback" not in done.stderr


def test_a_module_of_ours_that_is_missing_is_no_package_to_install() -> None:
    with pytest.raises(ModuleNotFoundError), needing("mail"):
        raise ModuleNotFoundError("No module named 'abax.nothing'", name="abax.nothing")
