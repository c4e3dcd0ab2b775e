"""``abax train``: whether adapters are to learn, which versions there are, and who is live."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from abax import terminal
from abax.commands import train_distil
from abax.commands.common import AsJson, Home, home_of, needing, print_json
from abax.compose import edge, edge_learning, trainer
from abax.errors import InvalidRequest, nearest
from abax.settings import LocalSettings

if TYPE_CHECKING:
    from abax.learning.registry import Entry
    from abax.learning.status import Report
    from abax.workflow.learning import LearningContext

Name = Annotated[str, typer.Argument(help="The adapter, such as extract.")]
Version = Annotated[int, typer.Argument(min=1, help="Which version; abax train registry list has them.")]
By = Annotated[str, typer.Option(help="Who says so.", envvar="USER")]


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(help="Teach the small model: when, with what, and which version.", no_args_is_help=True)
    own.command("status")(status)
    own.command("run")(run)
    own.command("work")(work)
    own.command("distil")(needing("documents")(train_distil.distil))
    registry = typer.Typer(help="The versions of each adapter.", no_args_is_help=True)
    registry.command("list")(list_versions)
    registry.command("show")(show)
    registry.command("add")(add)
    registry.command("judge")(judge)
    registry.command("publish")(publish)
    registry.command("rollback")(rollback)
    own.add_typer(registry, name="registry")
    app.add_typer(own, name="train")


def _context(home: Path | None) -> LearningContext:
    return edge_learning(edge(home_of(home)))


# --- when -----------------------------------------------------------------------------------------------


def status(home: Home = None, as_json: AsJson = False) -> None:
    """What people corrected since the last training, by type and issuer, and whether it is time to train."""
    from abax.workflow.learning import all_reports

    found = all_reports(_context(home))
    if as_json:
        print_json([one.as_dict() for one in found])
        return
    out = terminal.console()
    if not found:
        out.print("nothing was handled yet")
    for one in found:
        _print_report(one)


def _print_report(report: Report) -> None:
    from abax.learning.status import SHOWN

    out, total = terminal.console(), report.total
    since = f" since {report.since:%Y-%m-%d %H:%M}" if report.since else ""
    due = f"[bold yellow]due:[/] {escape(report.due)}" if report.due else "not due"
    counted = f"{total.corrected:,} of {total.processed:,} corrected"
    out.print(f"[bold]{escape(report.adapter)}[/]{since}: {counted}, {due}")
    table = Table("type", "issuer", box=None, pad_edge=False)
    for column in ("handled", "looked at", "corrected", "values", "error rate"):
        table.add_column(column, justify="right")
    for row in report.rows[:SHOWN]:
        counts = (row.processed, row.reviewed, row.corrected, row.values)
        rate = "" if row.error_rate is None else f"{row.error_rate:.1%}"
        table.add_row(escape(row.kind), escape(row.issuer), *(f"{count:,}" for count in counts), rate)
    out.print(table)
    if len(report.rows) > SHOWN:
        out.print(f"[dim]and {len(report.rows) - SHOWN:,} more; --json has all[/]")


def run(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Train without being due.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Do what is next for an adapter, here and now: train and judge it where that is due, or take the next
    step of a version that is being tried out. ABAX_TRAINER is the command that trains."""
    from abax.learning.work import work as do
    from abax.workflow.learning import advance

    house = edge(home_of(home))
    context, settings = edge_learning(house), LocalSettings.from_env()
    _require_known(context, name)
    if force and not settings.trainer:
        raise InvalidRequest("nobody trains: set ABAX_TRAINER to the command that does", "trainer")
    hands = trainer(context.objects, settings.trainer, house.home / "training")
    done = advance(context, name, lambda order: do(context.objects, hands, order), force=force)
    if as_json:
        print_json(done)
        return
    what = f"version {done['version']}: " if "version" in done else ""
    terminal.console().print(f"{name}: {what}{done['done']} ({done['why']})", markup=False)


def _require_known(context: LearningContext, name: str) -> None:
    """Raises InvalidRequest for an adapter that nobody asks and that has no version."""
    from abax.workflow.learnt import EXTRACT, TRIAGE, WRITE

    known = sorted({EXTRACT, TRIAGE, WRITE, *context.registry.names()})
    if name not in known:
        meant = nearest(name, known)
        hint = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}"
        raise InvalidRequest(f"there is no adapter {name!r}; {hint}", "name")


def work(
    once: Annotated[bool, typer.Option("--once", help="End when the queue is empty.")] = False,
) -> None:
    """Work as a trainer of the cloud: do the order that ABAX_ORDER names, as a container task, or else those
    that come by the queue ABAX_TRAININGS_QUEUE, on a machine of your own. ABAX_TRAINER is the command."""
    from abax.compose import cloud_worker
    from abax.settings import WorkerSettings

    settings = WorkerSettings.from_env()
    worker = cloud_worker(settings)
    err = terminal.console(stderr=True)
    if settings.order:
        worker.do(settings.order)
        err.print(f"order {settings.order} is done", markup=False)
        return
    while True:
        if (done := worker.next()) is not None:
            err.print(done, markup=False)
        elif once:
            return
        else:
            time.sleep(_PAUSE)


_PAUSE = 5.0
"""Seconds between looks into an empty queue."""


# --- versions -------------------------------------------------------------------------------------------


def list_versions(
    name: Annotated[str | None, typer.Argument(help="One adapter alone.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """All versions, and where each stands."""
    registry = _context(home).registry
    books = [registry.book(one) for one in ([name] if name else registry.names())]
    entries = [entry for book in books for entry in book.entries.values()]
    if as_json:
        print_json([entry.as_dict() for entry in entries])
        return
    out = terminal.console()
    if not entries:
        out.print("no version is registered: what ships answers")
        return
    table = Table("adapter", "version", "status", "since", "from", "file", "why", box=None, pad_edge=False)
    for entry in entries:
        table.add_row(*map(escape, _cells(entry)))
    out.print(table)


def _cells(entry: Entry) -> tuple[str, ...]:
    status = f"{entry.status} {entry.share:.0%}" if entry.share else str(entry.status)
    parent = f"version {entry.lineage.parent}" if entry.lineage.parent else "base"
    since = f"{entry.since:%Y-%m-%d %H:%M}"
    file, why = entry.lineage.file_sha256[:12], entry.history[-1].why
    return entry.lineage.name, str(entry.version), status, since, parent, file, why


def show(name: Name, version: Version, home: Home = None) -> None:
    """Where a version comes from, what each evaluation says of it, and who did what to it, as JSON."""
    print_json(_context(home).registry.book(name).get(version).as_dict())


def add(
    file: Annotated[Path, typer.Argument(help="An adapter, such as build/adapters/extract/extract.gguf.")],
    name: Annotated[str, typer.Option(help="Which adapter it is; else as its file.")] = "",
    card: Annotated[
        Path | None, typer.Option(help="JSON: data_sha256, form, command, machine, parent, data_until, note.")
    ] = None,
    by: By = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Register a file as the next version, a candidate; one that is there already stays what it is."""
    from pydantic import ValidationError

    from abax.adapters.adapter_files import inspect
    from abax.faults import refused
    from abax.learning.registry import Lineage, digest_of, require_named
    from abax.learning.work import object_in

    if not file.is_file():
        raise InvalidRequest(f"there is no {file}", "file")
    facts = inspect(file)
    require_named(name or file.stem, facts["name"], file)
    known = {key: facts[key] for key in ("base_sha256", "form", "data_sha256") if facts[key]}
    own = {"name": name or file.stem, "file_sha256": digest_of(file), "file_bytes": file.stat().st_size}
    try:
        lineage = Lineage.model_validate({**known, **(object_in(card, "card") if card else {}), **own})
    except ValidationError as error:
        raise refused(error, "card") from None
    entry, is_new = _context(home).registry.add(file, lineage, by or "a person")
    if as_json:
        print_json(entry.as_dict())
        return
    how = "is" if is_new else "was registered before, and is"
    terminal.console().print(f"{entry.label} {how} {entry.status}", markup=False)


def judge(
    name: Name,
    version: Version,
    candidate: Annotated[Path, typer.Option(help="Folder with its results, *.json, an evaluation each.")],
    other: Annotated[Path, typer.Option(help="The same of the live version, or of what ships.")],
    by: By = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Let the guard compare a candidate with the live version on every frozen evaluation. Exit code 1 where
    it is refused."""
    from abax.learning import results
    from abax.learning.guard import decide

    context = _context(home)
    book, practice = context.registry.book(name), context.practice
    entry, live = book.get(version), book.live
    ours, theirs = (results.read_folder(folder) for folder in (candidate, other))
    results.require_of(ours, entry.lineage.file_sha256, entry.label)
    results.require_of(theirs, live.lineage.file_sha256 if live else "", live.label if live else "what ships")
    decision = decide(
        ours,
        theirs,
        against=live.version if live else None,
        tolerance=practice.tolerance,
        alpha=practice.alpha,
    )
    entry = context.registry.judge(name, version, decision, by or "a person")
    if as_json:
        print_json(entry.as_dict())
    else:
        _print_decision(entry)
    if not decision.accepted:
        raise typer.Exit(1)


def _print_decision(entry: Entry) -> None:
    out, decision = terminal.console(), entry.decision
    assert decision is not None
    out.print(f"{entry.label}: {'accepted' if decision.accepted else 'refused'}", markup=False)
    for reason in decision.reasons:
        out.print(f"  {reason}", markup=False, soft_wrap=True)


def publish(name: Name, version: Version, by: By = "", home: Home = None, as_json: AsJson = False) -> None:
    """Let a version take its next step: shadow, then a share, then live; or live again, if it was."""
    from abax.workflow.learning import publish as published

    _told(published(_context(home), name, version, by or "a person"), as_json)


def rollback(
    name: Name,
    why: Annotated[str, typer.Option(help="What to remember with it.")] = "",
    by: By = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take back the version that is tried out, or else the live one: the one before answers again."""
    from abax.workflow.learning import take_back

    context = _context(home)
    _told(take_back(context, name, by or "a person", why or "rolled back by a person"), as_json)
    live = context.registry.book(name).live
    if not as_json:
        now = live.label if live else "what ships"
        terminal.console().print(f"{now} answers", markup=False)


def _told(entry: Entry, as_json: bool) -> None:
    if as_json:
        print_json(entry.as_dict())
        return
    share: Any = f" {entry.share:.0%}" if entry.share else ""
    terminal.console().print(f"{entry.label} is {entry.status}{share}", markup=False)
