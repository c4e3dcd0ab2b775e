"""``abax writer``: e-mails, reminders, summaries, checks and analyses from facts in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape

from abax import terminal
from abax.commands.common import AsJson, Home, home_of, print_json, read
from abax.compose import edge
from abax.errors import InvalidRequest

if TYPE_CHECKING:
    from abax.writing.services import Desk, Failed, Written

FAILED: Final = 3
"""Exit code: for some of several contexts nothing could be written."""
SECONDS: Final = 120.0
"""How long a model may take for all that one command asks of it."""
TOKENS: Final = 100_000

_EXAMPLES: Final = """
Write from facts: what is written says nothing that they do not hold.

[bold]Examples[/]

  abax writer list
  abax writer schema reminder
  abax writer example reminder > facts.json
  abax writer reminder facts.json
  abax writer compliance facts.json --json
  cat contexts.jsonl | abax writer follow-up -
  abax writer notes notes.json --model always

Facts are one JSON object, a list of them, or one a line, in a file or on standard input ([bold]-[/]); such as

  {"language": "de", "sender": {"name": "Mara Lindt"}, "recipient": {"name": "Oskar Thiel"},
   "invoices": [{"number": "RE-17", "due": "2026-10-01", "amount": "1234.50", "currency": "EUR"}]}
"""

File = Annotated[Path, typer.Argument(help="JSON or JSON lines with the facts; - for standard input.")]
Model = Annotated[
    str,
    typer.Option(help="auto: a model words it only where it is proven to do so well. Else never, or always."),
]


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(help=_EXAMPLES, no_args_is_help=True, rich_markup_mode="rich")
    own.command("list")(list_services)
    own.command("schema")(schema)
    own.command("example")(example)
    own.command("follow-up")(follow_up)
    own.command("reminder")(reminder)
    own.command("deal-summary")(deal_summary)
    own.command("compliance")(compliance)
    own.command("order")(order)
    own.command("notes")(notes)
    app.add_typer(own, name="writer")


def list_services(as_json: AsJson = False) -> None:
    """What can be written."""
    from abax.writing.services import SERVICES

    if as_json:
        print_json([{"service": one.name, "about": one.about} for one in SERVICES.values()])
        return
    out = terminal.console()
    for one in SERVICES.values():
        out.print(f"[bold]{one.name}[/]  {escape(one.about)}")


def schema(
    name: Annotated[str, typer.Argument(help="Such as reminder.", metavar="SERVICE")],
    result: Annotated[bool, typer.Option("--result", help="Of what comes back instead.")] = False,
) -> None:
    """The JSON schema of the facts that a service takes, or of what it gives."""
    from abax.writing.services import schema_of, service

    print_json(service(name).result.model_json_schema() if result else schema_of(name))


def example(
    name: Annotated[str, typer.Argument(help="Such as reminder.", metavar="SERVICE")],
) -> None:
    """Facts to begin with: an example that the service takes as it is."""
    from abax.writing.services import example_of

    print_json(example_of(name))


def follow_up(file: File, model: Model = "auto", home: Home = None, as_json: AsJson = False) -> None:
    """Draft an e-mail after a conversation or an offer, in one of seven languages."""
    _write("follow-up", file, model, home, as_json)


def reminder(file: File, model: Model = "auto", home: Home = None, as_json: AsJson = False) -> None:
    """Draft a reminder of overdue invoices, by e-mail or WhatsApp, long or short, friendly to final."""
    _write("reminder", file, model, home, as_json)


def deal_summary(file: File, model: Model = "auto", home: Home = None, as_json: AsJson = False) -> None:
    """Say in a few sentences where a deal stands, and what is late."""
    _write("deal-summary", file, model, home, as_json)


def compliance(file: File, model: Model = "auto", home: Home = None, as_json: AsJson = False) -> None:
    """Say which required documents are there, missing or expired. Exit code 1 where one is not valid."""
    found = _write("compliance", file, model, home, as_json)
    if not all(getattr(one, "compliant", False) for one in found):
        raise typer.Exit(1)


def order(file: File, model: Model = "auto", home: Home = None, as_json: AsJson = False) -> None:
    """Say what an order orders and where it is not what was offered. Exit code 1 where that matters."""
    found = _write("order", file, model, home, as_json)
    if not all(getattr(one, "accept", False) for one in found):
        raise typer.Exit(1)


def notes(file: File, model: Model = "auto", home: Home = None, as_json: AsJson = False) -> None:
    """Tell notes in brief: what was decided, who does what by when, what is open."""
    _write("notes", file, model, home, as_json)


# --- the way there --------------------------------------------------------------------------------------


def _write(name: str, file: Path, model: str, home: Path | None, as_json: bool) -> Sequence[Written | Failed]:
    from abax.writing.services import Failed, contexts_of, write_all

    contents, several = _contents(file)
    contexts = [
        Failed(one) if isinstance(one, InvalidRequest) else contexts_of(name, [one])[0] for one in contents
    ]
    found = write_all(name, contexts, _desk(model, home))
    if not several and isinstance(found[0], Failed):
        raise found[0].error
    if as_json:
        shown = [_shown(one, index) for index, one in enumerate(found)]
        print_json(shown if several else shown[0])
    else:
        _print(found)
    if any(isinstance(one, Failed) for one in found):
        raise typer.Exit(FAILED)
    return found


def _desk(model: str, home: Path | None) -> Desk:
    """With a client only where a model may be asked, so that none is loaded for nothing."""
    from abax.writing.client import Budget, Client
    from abax.writing.services import Desk

    if model == "never":
        return Desk(mode=model)
    client = Client(edge(home_of(home)).texts.model, Budget(SECONDS, TOKENS))
    return Desk(client, model)


def _contents(file: Path) -> tuple[list[dict[str, Any] | InvalidRequest], bool]:
    """The contexts of a file, a fault in the place of each that is none, and whether there may be several.
    Raises InvalidRequest where nothing in it is a context."""
    text = sys.stdin.read() if str(file) == "-" else read(file)
    try:
        found = json.loads(text)
        several = isinstance(found, list)
    except ValueError as error:
        found, several = _lines(text, error), True
    contents = [_object(one) for one in (found if several else [found])]
    if not contents:
        raise InvalidRequest("must be a JSON object with facts, a list of them, or one a line", "file")
    faults = [one for one in contents if isinstance(one, InvalidRequest)]
    if len(faults) == len(contents):
        raise faults[0]
    return contents, several


def _lines(text: str, error: ValueError) -> list[Any]:
    """Its lines read one by one, where it looks like objects, one a line; InvalidRequest for what is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or sum(line.lstrip().startswith("{") for line in lines) * 2 < len(lines):
        raise InvalidRequest(f"is not JSON: {error}", "file")
    return [_line(line) for line in lines]


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        return InvalidRequest(f"is not JSON: {error}", "file")


def _object(one: Any) -> dict[str, Any] | InvalidRequest:
    if isinstance(one, dict | InvalidRequest):
        return one
    return InvalidRequest("must be a JSON object with facts, a list of them, or one a line", "file")


def _shown(one: Written | Failed, index: int) -> dict[str, Any]:
    from abax.writing.services import Failed

    return one.at(index) if isinstance(one, Failed) else one.model_dump(mode="json")


def _print(found: Sequence[Written | Failed]) -> None:
    """The text as it would go out; what a person should know of it goes to standard error."""
    from abax.writing.services import Failed

    err = terminal.console(stderr=True)
    for place, one in enumerate(found):
        if place:
            sys.stdout.write("\n" + "-" * 40 + "\n\n")
        if isinstance(one, Failed):
            err.print(f"[bold red]error:[/] contexts.{place}: {escape(str(one.error))}", soft_wrap=True)
            continue
        if one.subject:
            sys.stdout.write(f"Subject: {one.subject}\n\n")
        sys.stdout.write(one.text + "\n")
        sys.stdout.flush()
        for note in (f"{one.method}, confidence {one.confidence:.2f}", *one.notes, *one.refused):
            err.print(f"[dim]{escape(note)}[/]", soft_wrap=True)
