"""``abax mail``: from messages to what is asked, who should do it, and a drafted reply."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from abax import terminal
from abax.commands import mail_learning, mail_page
from abax.commands.common import AsJson, Home, ReadsFiles, home_of, needing, print_json, read
from abax.compose import Edge, edge
from abax.errors import AbaxError, InvalidRequest

if TYPE_CHECKING:
    from abax.mail.contracts import Message, Reply, Triage
    from abax.workflow.mail_request import ReplyRequest

PERSON: Final = 1
"""Exit code: something is for a person to look at."""
AT_ONCE: Final = 10
"""Messages that are read together, as a function gets them from its queue."""
COLOURS: Final = {"P1": "red", "P2": "yellow", "P3": "dim"}

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
    own.command("approve")(approve)
    own.command("reject")(reject)
    own.command("edit")(edit)
    own.command("deliver")(deliver)
    own.command("settings")(needing("mail")(settings))
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

    Exit code 0 where all is sure, 1 where a person must look.
    """
    house = edge(home_of(home))
    found: list[_Seen] = []
    for batch in _batches(_contents(files)):
        found += _taken(house, batch) if keep else _looked_at(house, batch)
    if show is not None:
        known = [(one.message, one.triage, one.reply) for one in found if one.triage is not None]
        mail_page.write_page(house, show, known)
    _print_seen(found, as_json)
    if any(one.triage.needs_person for one in found if one.triage is not None):
        raise typer.Exit(PERSON)


def _batches(contents: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(contents, AT_ONCE)):
        yield batch


class _Seen:
    """A message that was read."""

    def __init__(
        self, message: Message, triage: Triage | None, reply: Reply | None = None, mail_id: str = ""
    ) -> None:
        self.message = message
        self.triage = triage
        self.reply = reply
        self.mail_id = mail_id

    def as_json(self) -> dict[str, Any]:
        return {
            "mail_id": self.mail_id or None,
            "message": self.message.model_dump(mode="json", exclude_defaults=True),
            "triage": self.triage.model_dump(mode="json") if self.triage else None,
            "reply": self.reply.model_dump(mode="json") if self.reply else None,
        }


def _contents(given: Sequence[Path]) -> Iterator[bytes]:
    """The messages of all files, in order. Raises InvalidRequest."""
    from abax.mail.message import messages_in

    for path in _files(given):
        try:
            yield from messages_in(path.read_bytes())
        except OSError as error:
            raise InvalidRequest(f"{path} cannot be read: {error.strerror or error}", "files") from None


def _files(given: Sequence[Path]) -> Iterator[Path]:
    for path in given:
        if path.is_dir():
            inner = sorted(one for one in path.rglob("*") if one.is_file() and one.name[0] != ".")
            if not inner:
                raise InvalidRequest(f"{path} holds no file", "files")
            yield from inner
        elif path.is_file():
            yield path
        else:
            raise InvalidRequest(f"there is no {path}", "files")


def _looked_at(house: Edge, contents: Sequence[bytes]) -> list[_Seen]:
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
        _Seen(message, one, draft(message, one, desk)) for message, one in zip(messages, found, strict=True)
    ]


def _taken(house: Edge, contents: Sequence[bytes]) -> list[_Seen]:
    """Taken in as ``abax serve`` would."""
    from abax.workflow.mail import message_of, take_in, triage_of

    objects = house.services.objects
    return [
        _Seen(
            message_of(objects, taken.mail_id),
            taken.triage or triage_of(objects, taken.mail_id),
            taken.reply,
            taken.mail_id,
        )
        for taken in take_in(house.mail, contents)
    ]


def _print_seen(found: Sequence[_Seen], as_json: bool) -> None:
    if as_json:
        print_json([one.as_json() for one in found])
        return
    out = terminal.console()
    if len(found) == 1 and found[0].triage is not None:
        _print_one(out, found[0])
        return
    table = Table("from", "subject", "is", "to", "P", "asks for", "by", "reply", box=None, pad_edge=False)
    for one in found:
        table.add_row(*_cells(one))
    out.print(table)
    people = sum(one.triage.needs_person for one in found if one.triage is not None)
    replies = sum(one.reply is not None for one in found)
    out.print(
        f"[bold]{len(found):,} read, {people:,} for a person to look at, {replies:,} replies drafted[/]"
    )


def _cells(one: _Seen) -> list[str]:
    message, triage = one.message, one.triage
    sender = escape(message.sender.name or message.sender.address)[:28]
    subject = escape(message.subject)[:44]
    if triage is None:
        return [sender, subject, "", "", "", "", "", ""]
    actions = triage.asked.actions
    priority = str(triage.priority.value)
    return [
        sender,
        subject,
        f"{triage.category.value} {triage.category.confidence:.0%}",
        triage.queue or "–",
        f"[{COLOURS.get(priority, 'default')}]{priority}[/]",
        ", ".join(dict.fromkeys(action.kind.replace("_", " ") for action in actions)),
        next((str(action.due) for action in actions if action.due), ""),
        one.reply.kind.replace("_", " ") if one.reply else "",
    ]


def _print_one(out: Console, one: _Seen) -> None:
    message, triage = one.message, one.triage
    assert triage is not None
    table = Table.grid(padding=(0, 2))
    before = ""
    for name, value, why in _lines(message, triage):
        shown = "″" if why and why == before else why[:100]
        table.add_row(f"[dim]{name}[/]", escape(value), f"[dim]{escape(shown)}[/]")
        before = why or before
    out.print(table)
    if one.reply is not None:
        out.print(f"\n[bold]Drafted reply[/] ({one.reply.kind}, {one.reply.confidence:.0%})", soft_wrap=True)
        out.print(escape(one.reply.body), soft_wrap=True)


def _lines(message: Message, triage: Triage) -> Iterator[tuple[str, str, str]]:
    """What is said of a message: name, value, and what it rests on."""
    sender = f"{message.sender.name} <{message.sender.address}>".strip()
    yield "from", sender, ""
    yield "subject", message.subject, ""
    yield "category", f"{triage.category.value} ({triage.category.confidence:.0%})", triage.category.evidence
    yield "goes to", f"{triage.department.value}, queue {triage.queue or 'none'}", triage.department.evidence
    yield "urgency", f"{triage.urgency.value}, {triage.priority.value}", triage.urgency.evidence
    for reason in triage.reasons:
        yield "", reason.text, reason.evidence
    yield "sentiment", str(triage.sentiment.value), triage.sentiment.evidence
    for action in triage.asked.actions:
        due = f" by {action.due}" if action.due else ""
        yield "asked", f"{action.kind.replace('_', ' ')}{due}", action.evidence
    for entity in triage.entities:
        known = {True: f", in the books: {entity.partner}", False: ", not in the books", None: ""}[
            entity.known
        ]
        yield entity.kind, f"{entity.value}{known}", entity.evidence
    for point in triage.key_points:
        yield "point", point.value, ""
    yield "next", triage.next_step.value, ""
    for why in triage.why_person:
        yield "a person", why, ""
    if not triage.answerable:
        yield "no answer", triage.why_unanswerable, ""
    for problem in message.problems:
        yield "problem", problem, ""


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
    rows = [row for row, _ in zip(found, range(limit), strict=False)]
    if as_json:
        print_json(rows)
        return
    columns = ("mail", "from", "subject", "is", "to", "P", "ticket", "reply", "")
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        sender = row["sender"]["name"] or row["sender"]["address"]
        cells = [row["mail_id"][:10], sender[:26], row["subject"][:40], row["category"], row["queue"]]
        states = [(row[name] or {}).get("state", "–") for name in ("ticket", "reply")]
        look = "a person" if row["needs_person"] else ""
        table.add_row(*map(escape, [*cells, row["priority"], *states, look]))
    terminal.console().print(table)


def show(
    mail: MailId,
    reply: Annotated[bool, typer.Option("--reply", help="The very bytes of the drafted reply.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """All that is known of a message that was taken in."""
    from abax.workflow.mail import message_of, row_of, triage_of
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
    seen = _Seen(
        message_of(objects, row["mail_id"]), triage_of(objects, row["mail_id"]), draft, row["mail_id"]
    )
    if as_json:
        shown = seen.as_json()
        print_json({**row, "message": shown["message"], "triage": shown["triage"], "draft": shown["reply"]})
        return
    out = terminal.console()
    _print_one(out, seen)
    for name in ("ticket", "reply"):
        state = row[name]
        if state is not None:
            why = state.get("why") or (state.get("error") or {}).get("message", "")
            out.print(f"{name}: {state['state']}{f' ({why})' if why else ''}", markup=False)
    if draft is not None:
        out.print(f"digest: {draft.digest}", markup=False)


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
    _decide(home, mail, verdict="edit", body=read(file), subject=subject, by=by)


def _decide(home: Path | None, mail: str, **said: Any) -> None:
    from abax.workflow.mail import row_of
    from abax.workflow.mail_replies import decide_reply

    house = edge(home_of(home))
    row = row_of(house.mail.records, _whole(house, mail))
    if not row["reply_id"]:
        raise InvalidRequest(f"no reply was drafted to {mail}", "mail")
    request = _request(said)
    mails = house.services.mails
    assert mails is not None
    state = decide_reply(
        house.services.objects, mails.records, mails.outs, row["reply_id"], request, mails.ready
    )
    told = "; abax serve, or abax mail deliver, sends it" if state["state"] == "approved" else ""
    terminal.console().print(
        f"{state['state']}, digest {state['digest']}{told}", markup=False, soft_wrap=True
    )


def _request(said: dict[str, Any]) -> ReplyRequest:
    from pydantic import ValidationError

    from abax.workflow.faults import told
    from abax.workflow.mail_request import ReplyRequest

    try:
        return ReplyRequest.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(map(str, first["loc"]))) from None


def _whole(house: Edge, mail: str) -> str:
    """The id that begins so, of what was taken in. Raises InvalidRequest where several do."""
    from abax.workflow.mail import KNOWN

    found = [key for key, _ in house.mail.records.items(KNOWN, mail)]
    if len(found) > 1 and mail not in found:
        raise InvalidRequest(f"{len(found)} mails begin with {mail!r}; write more of it", "mail")
    return found[0] if len(found) == 1 else mail


def deliver(home: Home = None) -> None:
    """Tell the tickets and send the approved replies that wait; [bold]abax serve[/] does it by itself."""
    from abax.workflow.mail_out import run_out

    house = edge(home_of(home))
    out, failed = terminal.console(), 0

    def one(message: Any) -> None:
        name = message.get("mail_id") or message.get("reply_id")
        out.print(f"{message.get('task')} {name}: {run_out(house.mail_outs, message)}", markup=False)

    while True:
        try:
            if not house.mail_out_queue.receive(one):
                break
        except AbaxError as error:
            failed += 1
            out.print(f"to be tried again: {error}", markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(PERSON)


# --- settings -------------------------------------------------------------------------------------------


def settings(
    file: Annotated[
        Path | None,
        typer.Argument(help="TOML: own, own_name, tone, tickets, answers, taxonomy, rules, classifiers …"),
    ] = None,
    home: Home = None,
) -> None:
    """Show how mail is handled here, or change what a file names; files that it names are kept."""
    from abax.workflow.mail_practice import FILES, keep_file, practice_of, set_practice

    house = edge(home_of(home))
    if file is not None:
        try:
            changes = tomllib.loads(read(file))
        except tomllib.TOMLDecodeError as error:
            raise InvalidRequest(f"{file} is no TOML: {error}", "file") from None
        objects = house.services.objects
        for name in FILES & changes.keys():
            path = file.parent / str(changes[name])
            changes[name] = keep_file(objects, name, _checked(name, path))
        if isinstance(changes.get("classifiers"), dict):
            changes["classifiers"] = {
                task: keep_file(objects, task, _classifier(file.parent / str(path)))
                for task, path in changes["classifiers"].items()
            }
        set_practice(house.mail.records, changes)
    print_json(practice_of(house.mail.records).model_dump(mode="json"))


def _classifier(path: Path) -> bytes:
    """A classifier's file, as abax mail train writes it. Raises InvalidRequest where it is none that mail can
    be read with."""
    from abax.mail.classifier import Classifier
    from abax.workflow.mail_desk import usable

    usable(Classifier.load(path))
    return path.read_bytes()


def _checked(name: str, path: Path) -> bytes:
    """The content of a taxonomy or of rules. Raises InvalidRequest where it is none."""
    from abax.mail.rules import Rules
    from abax.mail.taxonomy import Taxonomy

    content = read(path).encode()
    (Taxonomy if name == "taxonomy" else Rules).read(path)
    return content
