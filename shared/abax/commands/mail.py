"""``abax mail``: from messages to what is asked, who should do it, and a drafted reply."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer
from rich.console import Console

from abax import terminal
from abax.commands import mail_files, mail_learning, mail_page, mail_settings
from abax.commands.common import AsJson, Home, ReadsFiles, home_of, needing, print_json, read
from abax.commands.mail_show import (
    Seen,
    is_meant,
    print_list,
    print_one,
    print_seen,
    print_states,
    reply_note,
)
from abax.compose import Edge, edge
from abax.errors import AbaxError, InvalidRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

Form = TypeVar("Form", bound="BaseModel")
PERSON: Final = 1
"""Exit code: something is for a person to look at."""
AT_ONCE: Final = 10
"""Messages that are read together, as a function gets them from its queue."""

MailId = Annotated[str, typer.Argument(help="Id of the mail, or what it begins with; see abax mail list.")]
By = Annotated[str, typer.Option(help="Who decides.")]
Note = Annotated[str, typer.Option(help="Why.")]


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(cls=ReadsFiles, no_args_is_help=True)
    own.callback(
        help="Understand mail: [bold]abax mail FILE…[/], .eml or .mbox, or folders of them.",
        subcommand_metavar="FILE… | COMMAND [ARGS]…",
    )(_subject)
    own.command("read")(needing("mail")(read_files))
    own.command("fetch")(needing("mail")(fetch))
    own.command("list")(list_mail)
    own.command("show")(show)
    own.command("correct")(needing("mail")(correct))
    own.command("approve")(approve)
    own.command("reject")(reject)
    own.command("edit")(edit)
    own.command("deliver")(deliver)
    own.command("labels")(needing("mail")(labels))
    own.command("judgements")(needing("mail")(judgements))
    own.command("settings")(needing("mail")(mail_settings.settings))
    own.command("train")(needing("mail")(mail_learning.train))
    own.command("suggest")(needing("mail")(mail_learning.suggest))
    app.add_typer(own, name="mail")


def _subject() -> None:
    """Understand mail."""


# --- reading --------------------------------------------------------------------------------------------


def read_files(
    files: Annotated[list[Path], typer.Argument(help="Files of mail, .eml or .mbox, or folders of them.")],
    show: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page: charts, and each message with what every claim rests on."),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Take them in: tickets, drafts, documents, lists; else nothing is kept."),
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read mail: what each message is, who should do what until when, and the drafted reply.

    Of a folder, what is mail is read: .eml, .mbox, and files that begin with the headers of a message.
    Exit code 0 where all is sure, 1 where a person must look, or a file holds no message.
    """
    house, given = edge(home_of(home)), mail_files.Files(files)
    found: list[Seen] = []
    for batch in _batches(given.contents()):
        found += _taken(house, batch) if keep else _looked_at(house, batch)
    if show is not None:
        known = [(one.message, one.triage, one.reply) for one in found if one.triage is not None]
        mail_page.write_page(house, show, known)
    print_seen(found, as_json)
    for line in given.told():
        terminal.console(stderr=True).print(line, markup=False, soft_wrap=True)
    if given.empty or any(one.triage.needs_person for one in found if one.triage is not None):
        raise typer.Exit(PERSON)


def _batches(contents: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(contents, AT_ONCE)):
        yield batch


def _looked_at(house: Edge, contents: Sequence[bytes]) -> list[Seen]:
    """Read, and nothing kept."""
    from datetime import UTC, datetime

    from abax.mail.message import read as read_message
    from abax.mail.replies import draft
    from abax.mail.triage import triage
    from abax.workflow.mail_desk import desk_for

    messages = [read_message(content).message for content in contents]
    desk = desk_for(house.mail, datetime.now(UTC))
    found = triage(messages, desk)
    return [
        Seen(message, one, draft(message, one, desk)) for message, one in zip(messages, found, strict=True)
    ]


def _taken(house: Edge, contents: Sequence[bytes]) -> list[Seen]:
    """Taken in as ``abax serve`` would."""
    from abax.workflow.mail import message_of, take_in, triage_of

    objects = house.services.objects
    return [
        Seen(
            message_of(objects, taken.mail_id),
            taken.triage or triage_of(objects, taken.mail_id),
            taken.reply,
            taken.mail_id,
        )
        for taken in take_in(house.mail, contents)
    ]


# --- a mailbox ------------------------------------------------------------------------------------------


def fetch(
    mailbox: Annotated[
        str,
        typer.Option(
            help="Secret with the mailbox's url, such as imaps://user%40host@imap.host, and its password.",
            envvar="ABAX_MAILBOX",
        ),
    ],
    folder: Annotated[list[str] | None, typer.Option(help="Folder; INBOX if left open.")] = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="How long it may take; the rest is for the next.")
    ] = 600,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Fetch what is new in a mailbox, and take it in."""
    from abax.serve import fetch_mail

    house = edge(home_of(home))
    deadline = time.monotonic() + seconds
    found = [fetch_mail(house, mailbox, name, deadline) for name in folder or ["INBOX"]]
    read_in = _drained(house)
    if as_json:
        print_json([vars(one) for one in found])
        return
    out = terminal.console()
    for one in found:
        again = " (the server has given all messages new numbers)" if one.renewed else ""
        out.print(f"{one.folder}: {one.taken:,} fetched, {len(one.skipped):,} not{again}", markup=False)
        for why in one.skipped:
            out.print(f"    {why}", markup=False)
    out.print(f"{read_in:,} taken in; abax mail list shows them")


def _drained(house: Edge) -> int:
    """Handle what waits in the queue of mail; how many messages that were."""
    from abax.serve import read_mails

    stopping, count = threading.Event(), 0
    while some := house.mail_queue.receive_many(lambda batch: read_mails(house, batch, stopping), AT_ONCE):
        count += some
    return count


# --- what was taken in ----------------------------------------------------------------------------------


def list_mail(
    queue: Annotated[str, typer.Option(help="Of one department's queue.")] = "",
    category: Annotated[str, typer.Option(help="Of one category.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 30,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What was taken in, newest first, with the state of its ticket and of its reply."""
    from abax.workflow.mail import listed

    found = listed(edge(home_of(home)).mail.records, queue, category)
    rows = list(islice(found, limit))
    if as_json:
        print_json(rows)
        return
    print_list(rows)
    if next(found, None) is not None:
        terminal.console(stderr=True).print(
            f"there are more than these {limit:,}: --limit shows more of them", markup=False
        )


def show(
    mail: MailId,
    reply: Annotated[bool, typer.Option("--reply", help="The very bytes of the drafted reply.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """All that is known of a message that was taken in."""
    from abax.workflow.mail import message_of, row_of, triage_of
    from abax.workflow.mail_corrections import said_of
    from abax.workflow.mail_replies import reply_bytes, reply_of

    house = edge(home_of(home))
    row = row_of(house.mail.records, _whole(house, mail))
    draft = reply_of(house.mail.records, row["reply_id"])[1] if row["reply_id"] else None
    if reply:
        if draft is None:
            raise InvalidRequest(f"no reply was drafted to {mail}", "mail")
        typer.echo(reply_bytes(house.services.objects, draft), nl=False)
        return
    objects = house.services.objects
    seen = Seen(
        message_of(objects, row["mail_id"]), triage_of(objects, row["mail_id"]), draft, row["mail_id"]
    )
    if as_json:
        shown = seen.as_json()
        about = {"message": shown["message"], "triage": shown["triage"], "draft": shown["reply"]}
        print_json({**row, **about, "corrections": said_of(house.mail.records, row["mail_id"])})
        return
    out = terminal.console()
    print_one(out, seen)
    print_states(out, row)
    for one in said_of(house.mail.records, row["mail_id"]):
        note = f": {one['note']}" if one["note"] else ""
        who, day = one["by"].removeprefix("person:"), one["at"][:10]
        out.print(f"set right by {who} on {day}: {_said(one['truth'])}{note}", markup=False)
    if draft is not None:
        out.print(f"digest: {draft.digest}", markup=False)


def correct(
    mail: MailId,
    category: Annotated[str, typer.Option(help="What it is about.")] = "",
    department: Annotated[str, typer.Option(help="Who must act.")] = "",
    sentiment: Annotated[str | None, typer.Option(help="positive, neutral or negative.")] = None,
    urgency: Annotated[str | None, typer.Option(help="low, normal, high or critical.")] = None,
    wanted: Annotated[
        bool | None, typer.Option("--wanted/--not-wanted", help="Whether anything is asked of us.")
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(help="What it wants done: send_document, or pay=2026-12-01 with the day; repeatable."),
    ] = None,
    note: Note = "",
    by: Annotated[str, typer.Option(help="Who says so.", envvar="USER")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Set right what was made of a message; what is not named stays. A department that is told otherwise gets
    a new ticket. What people say is kept, and learnt from: [bold]abax mail labels[/]."""
    from abax.workflow.mail_corrections import correct as set_right
    from abax.workflow.mail_corrections import said_of
    from abax.workflow.mail_request import CorrectionRequest

    parted = [one.partition("=") for one in action or ()]
    actions = [{"kind": kind, "by": day or None} for kind, _, day in parted] if action else None
    said = {"category": category, "department": department, "sentiment": sentiment, "urgency": urgency}
    request = _request(
        CorrectionRequest, {**said, "wanted": wanted, "actions": actions, "note": note, "by": by}
    )
    house = edge(home_of(home))
    mails = house.services.mails
    assert mails is not None
    row = set_right(house.services.objects, mails.records, mails.outs, _whole(house, mail), request)
    if as_json:
        print_json(row)
        return
    shown = _said(said_of(mails.records, row["mail_id"])[-1]["truth"])
    waits = row["ticket"] and row["ticket"]["state"] == "waiting"
    told = "; abax serve, or abax mail deliver, tells the ticket" if waits else ""
    terminal.console().print(f"{row['mail_id'][:12]}: {shown}{told}", markup=False, soft_wrap=True)


def _said(truth: Mapping[str, Any]) -> str:
    """What a person said is true, in a line."""
    told = []
    for name, value in truth.items():
        if name == "action":
            told.append("something is wanted" if value else "nothing is wanted")
        elif name == "actions":
            told += [f"{one['kind']}{' by ' + one['by'] if one['by'] else ''}" for one in value]
        else:
            told.append(f"{name} {value}")
    return ", ".join(told)


def approve(
    mail: MailId,
    digest: Annotated[str, typer.Option(help="Of the bytes that were looked at: no others are sent.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Send a reply again of which nobody knows whether it was sent.")
    ] = False,
    by: By = "",
    home: Home = None,
) -> None:
    """Have the drafted reply sent, byte for byte as it is."""
    _decide(home, mail, verdict="approve", digest=digest, again=again, by=by)


def reject(mail: MailId, note: Note = "", by: By = "", home: Home = None) -> None:
    """Have the drafted reply not sent."""
    _decide(home, mail, verdict="reject", note=note, by=by)


def edit(
    mail: MailId,
    file: Annotated[Path, typer.Argument(help="The words, as plain text.")],
    subject: Annotated[str, typer.Option(help="Another subject.")] = "",
    by: By = "",
    home: Home = None,
) -> None:
    """Word the drafted reply anew; it is still to be approved."""
    words = read(file)
    if not words.strip():
        raise InvalidRequest(f"{file} is empty; to have no reply sent, say abax mail reject", "file")
    _decide(home, mail, verdict="edit", body=words, subject=subject, by=by)


def _decide(home: Path | None, mail: str, **said: Any) -> None:
    from abax.workflow.mail import row_of
    from abax.workflow.mail_replies import decide_reply
    from abax.workflow.mail_request import ReplyRequest

    house = edge(home_of(home))
    row = row_of(house.mail.records, _whole(house, mail))
    if not row["reply_id"]:
        raise InvalidRequest(f"no reply was drafted to {mail}", "mail")
    request = _request(ReplyRequest, said)
    mails = house.services.mails
    assert mails is not None
    state = decide_reply(
        house.services.objects, mails.records, mails.outs, row["reply_id"], request, mails.ready
    )
    told = "; abax serve, or abax mail deliver, sends it" if state["state"] == "approved" else ""
    terminal.console().print(
        f"{state['state']}, digest {state['digest']}{told}", markup=False, soft_wrap=True
    )


def _request(form: type[Form], said: dict[str, Any]) -> Form:
    from pydantic import ValidationError

    from abax.faults import told

    try:
        return form.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(map(str, first["loc"]))) from None


def _whole(house: Edge, mail: str) -> str:
    """The id that was meant, of what was taken in: the one that begins so, as lists write it. Raises
    InvalidRequest where several do."""
    from abax.workflow.mail import KNOWN

    head, _, tail = mail.partition("-")
    found = [key for key, _ in house.mail.records.items(KNOWN, head) if is_meant(mail, key)]
    first = [key for key in found if "-" not in key]
    if mail in found or not found:
        return mail
    if not tail and len(first) == 1:  # the others came later under its Message-ID
        return first[0]
    if len(found) > 1:
        raise InvalidRequest(f"{len(found)} mails begin with {mail!r}; write more of it", "mail")
    return found[0]


Replace = Annotated[bool, typer.Option("--replace", help="Write over the file that is there.")]


def _require_free(file: Path, replace: bool) -> None:
    """Raises InvalidRequest where a file is there that somebody may have made by hand."""
    if file.exists() and not replace:
        raise InvalidRequest(f"{file} is there already: name another folder, or say --replace", "folder")
    if file.parent.is_file():
        raise InvalidRequest(f"{file.parent} is a file; name a folder", "folder")


def labels(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")],
    replace: Replace = False,
    home: Home = None,
) -> None:
    """Write the messages of which people said what is true, as [bold]abax evaluate mail[/], [bold]abax mail
    train[/] and the training of [bold]triage[/] read them."""
    from abax.workflow.learnt import write_mail_labels

    _require_free(folder / "labels.jsonl", replace)
    count = write_mail_labels(edge(home_of(home)).services.objects, folder)
    terminal.console().print(f"{count} labelled mails in {folder}", markup=False)


def judgements(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")],
    replace: Replace = False,
    home: Home = None,
) -> None:
    """Write what people said of drafted replies, with both wordings, as training reads it."""
    from abax.workflow.mail_judgements import judgements as judged

    _require_free(folder / "judgements.jsonl", replace)
    house = edge(home_of(home))
    rows = [json.dumps(one, ensure_ascii=False) for one in judged(house.services.objects, house.mail.records)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "judgements.jsonl").write_text("".join(f"{row}\n" for row in rows), "utf-8")
    terminal.console().print(f"{len(rows)} judged drafts in {folder}", markup=False)


def deliver(home: Home = None) -> None:
    """Tell the tickets and send the approved replies that wait; [bold]abax serve[/] does it by itself.

    Exit code 0 where all of it has left, 1 where something waits to be tried again, was refused or kept
    back, or may or may not have been sent.
    """
    house, out = edge(home_of(home)), terminal.console()
    outcomes = list(_let_out(house, out))
    left, given_up = house.mail_out_queue.next_in(), len(house.mail_out_queue.dead())
    if left is not None:
        waiting = house.mail_out_queue.waiting()
        out.print(f"{waiting:,} to be tried again, the next in {left:.0f} s", markup=False)
    if given_up:
        out.print(f"{given_up:,} were given up; abax queue redrive tries them again", markup=False)
    if not outcomes and left is None:
        out.print("nothing waits", markup=False)
    if left is not None or not _LEFT.issuperset(outcomes):
        raise typer.Exit(PERSON)


_LEFT: Final = frozenset({"told", "kept", "sent", "replaced"})
"""What became of tickets and replies that are done with."""


def _let_out(house: Edge, out: Console) -> Iterator[str]:
    """Handle what waits, and say of each what became of it; ``failed`` where it comes back."""
    from abax.workflow.mail_out import run_out

    found: list[str] = []

    def one(message: Any) -> None:
        name = f"{message.get('task')} {message.get('mail_id') or message.get('reply_id')}"
        try:
            found.append(run_out(house.mail_outs, message))
        except AbaxError as error:
            out.print(f"{name} is to be tried again: {error}", markup=False, soft_wrap=True)
            raise
        out.print(f"{name}: {_outcome(house, message, found[-1])}", markup=False, soft_wrap=True)

    while True:
        try:
            if not house.mail_out_queue.receive(one):
                return
        except AbaxError:
            found.append("failed")
        yield found[-1]


def _outcome(house: Edge, message: Mapping[str, Any], outcome: str) -> str:
    """What became of a ticket or reply, with where it is and why."""
    from abax.workflow.mail_replies import reply_state

    if outcome == "kept":
        return "kept, for the mail settings name nowhere that tickets of its queue go"
    if message.get("task") != "send":
        return outcome
    note = reply_note(reply_state(house.mail.records, message["reply_id"]))
    return f"{outcome}, {note}" if note else outcome
