"""``abax``: the one command line."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.markup import escape

from abax import __version__, terminal
from abax.commands import (
    cashflow,
    documents,
    erp,
    evaluate,
    forecast,
    group,
    mail,
    prompts,
    segments,
    train,
    writer,
)
from abax.commands import ledger as of_ledger
from abax.commands.common import (
    AsJson,
    Erp,
    Home,
    JobId,
    OfCompany,
    OfYear,
    Secret,
    Settings,
    Url,
    close_meant,
    home_of,
    house_for,
    label_of_url,
    mapping_in,
    pairs_in,
    plain,
    print_json,
    read,
)
from abax.compose import Edge, edge
from abax.errors import AbaxError, InvalidRequest, NotFound
from abax.ports import Job
from abax.serve import kept_key, serve
from abax.settings import LocalSettings
from abax.workflow import jobs, texts
from abax.workflow.close import run_close
from abax.workflow.events import close_requested, parse_close
from abax.workflow.outcome import (
    ask_close,
    explain_figure,
    forecast_of,
    manifest_of,
    narrative_of,
    open_ledger,
    package_of,
)

if TYPE_CHECKING:
    from abax.ledger.model import ClosePackage, LedgerManifest
    from abax.workflow.request import CloseRequest

app = typer.Typer(
    help="Financial closes on plain CPUs: books in, statements out, to the cent.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
ledger_app = typer.Typer(help="Look into the ledger behind a close.", no_args_is_help=True)
queue_app = typer.Typer(help="The queue of edge mode.", no_args_is_help=True)
secret_app = typer.Typer(help="Connections that requests name, in edge mode.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")
app.add_typer(queue_app, name="queue")
app.add_typer(secret_app, name="secret")

out = terminal.console()
err = terminal.console(stderr=True)

FILES: Final = ("report.html", "report.json", "report.xlsx")


def main() -> None:
    """Entry point: an error on purpose is one red line and an exit code, not a traceback."""
    try:
        app()
    except AbaxError as error:
        if "--debug" in sys.argv:
            raise
        _end(str(error), 2 if isinstance(error, InvalidRequest) else 1)
    except (OSError, sqlite3.Error) as error:
        # A folder that may not be written, a file in the way, a damaged database: the user's to mend.
        if "--debug" in sys.argv:
            raise
        _end(f"{error}; check --home and --out (--debug shows where)", 1)


def _end(message: str, code: int) -> NoReturn:
    err.print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)
    sys.exit(code)


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"abax {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """What every command understands."""


# --- closing --------------------------------------------------------------------------------------------


@app.command()
def close(
    company: Annotated[str, typer.Option(help="Name or id of the company in the source.")],
    year: Annotated[
        int | None,
        typer.Option(help="Fiscal year, named after the year it ends in; else the newest that has begun."),
    ] = None,
    url: Url = None,
    secret: Secret = None,
    erp: Erp = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the aged reports.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="JSON or TOML file: account code to statement class.")
    ] = None,
    settings: Settings = None,
    accept_unbalanced: Annotated[
        list[str] | None,
        typer.Option(help="Number of a journal entry to go on with although it does not balance; * for any."),
    ] = None,
    home: Home = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="Folder for the report; <home>/reports/… when left open.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a company's books: read them, check them, draw up statements, forecast, report.

    Runs here and now, without any service. Interrupted, the same command goes on where it stopped; books
    that were closed before and have not changed are not read again.
    """
    house, reference = house_for(home, url, secret)
    request = parse_close(
        {
            "secret": reference,
            "company": company,
            "year": year,
            "erp": erp,
            "as_of": as_of and as_of.date().isoformat(),
            "mapping": mapping_in(mapping),
            "settings": pairs_in(settings),
            "accept_unbalanced": accept_unbalanced or (),
        }
    )
    job = _run(house, request)
    package = package_of(house.services.objects, job)
    folder = to or house.home / "reports" / _own_folder(house, job, package)
    files = _write_files(house, job, folder)
    _show_close(house, job, package, files, as_json)


def _own_folder(house: Edge, job: Job, package: ClosePackage) -> Path:
    """By the source, too: two of them may hold a company of the same name, and one two by different ids."""
    source, company = manifest_of(house.services.objects, job).source_id, package.company
    names = dict.fromkeys((plain(company.company_id), plain(company.name), str(package.year)))
    return Path(source, "-".join(name for name in names if name))


def _run(house: Edge, request: CloseRequest) -> Job:
    store = house.services.jobs
    job = jobs.unfinished(store, request)
    if job:
        err.print(f"going on with job {job.job_id}, which stopped at step {job.step}")
    else:
        job, _ = jobs.create(store, request)
    try:
        with terminal.job_progress(err) as show:
            return run_close(house.context, job.job_id, show, attempts=2)
    except KeyboardInterrupt:
        err.print("stopped; the same command goes on from here")
        raise typer.Exit(130) from None


def _write_files(house: Edge, job: Job, folder: Path) -> list[Path]:
    from abax.disk import named_when_full

    with named_when_full(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (folder / name).write_bytes(house.services.objects.get(job.results[name]))
    return [folder / name for name in FILES]


def _show_close(house: Edge, job: Job, package: ClosePackage, files: list[Path], as_json: bool) -> None:
    outlook, words = forecast_of(house.services.objects, job), narrative_of(house.services.objects, job)
    if as_json:
        print_json(
            {
                "job_id": job.job_id,
                "message": job.message,
                "files": [str(path) for path in files],
                "statements": package.model_dump(mode="json"),
                "forecast": outlook.model_dump(mode="json"),
                "narrative": words.model_dump(mode="json"),
            }
        )
        return
    from abax.report.terminal import print_package

    print_package(out, package, outlook, words)
    out.print(f"\n[bold]{escape(job.message)}[/], job {job.job_id}")
    for path in files:
        out.print(f"  {escape(str(path))}", soft_wrap=True)


@app.command()
def explain(
    report: Annotated[str, typer.Argument(help="income_statement, balance_sheet, cash_flow, …")],
    line: Annotated[str, typer.Argument(help="A line of it, such as revenue or gross_profit.")],
    period: Annotated[str, typer.Argument(help="2025, 2025-Q1 or 2025-03.")],
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most journal lines to print.")] = 40,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Open a figure: the accounts and journal lines behind it, which sum to it."""
    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    lineage = explain_figure(house.services.objects, closed, report, line, period, limit)
    if as_json:
        print_json(lineage.model_dump(mode="json"))
    else:
        terminal.print_lineage(out, lineage, manifest_of(house.services.objects, closed).company.name)


@app.command("ask")
def ask(
    question: Annotated[str, typer.Argument(help='Such as "How much did revenue grow in 2025?"')],
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question about a close from its figures. Exit code 1 when they do not hold the answer."""
    house = edge(home_of(home))
    found = ask_close(house.services.objects, close_meant(house, job, company, year), question)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        terminal.print_answer(out, found)
    if not found.answered:
        raise typer.Exit(1)


@app.command("jobs")
def show_jobs(
    job: Annotated[str | None, typer.Argument(help="One job; all when left open.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    kind: Annotated[str, typer.Option(help="close, text or group")] = "close",
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel the job.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, show one, or cancel one."""
    house = edge(home_of(home))
    if job is None:
        if cancel:
            raise InvalidRequest("name the job to cancel", "job")
        found = house.services.jobs.recent(limit, kind)
        if as_json:
            print_json([one.model_dump(mode="json") for one in found])
        else:
            terminal.print_jobs(out, found)
        return
    one = jobs.cancel(house.services, job) if cancel else house.services.jobs.get(job)
    if as_json:
        print_json(one.model_dump(mode="json"))
    else:
        terminal.print_job(out, one)


# --- looking ------------------------------------------------------------------------------------------


@ledger_app.command("trial-balance")
def trial_balance_of(
    job: JobId = None,
    company: OfCompany = None,
    year: Annotated[int | None, typer.Option(help="Fiscal year; the one closed when left open.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Opening balance, debit, credit and closing balance of every account."""
    from abax.ledger import trial_balance

    house = edge(home_of(home))
    closed = close_meant(house, job, company)
    with open_ledger(house.services.objects, closed) as ledger:
        asked = int(closed.request["year"]) if year is None else year
        if asked not in ledger.years:
            raise InvalidRequest(f"{asked} is not in this ledger, which holds {ledger.years}", "year")
        balance = trial_balance(ledger, asked)
        if as_json:
            print_json(balance.model_dump(mode="json"))
        else:
            terminal.print_trial_balance(out, balance, ledger.currency)


@ledger_app.command("lines")
def lines_of(
    account: Annotated[str, typer.Argument(help="Account code.")],
    period: Annotated[str, typer.Argument(help="2025, 2025-Q1 or 2025-03.")],
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most journal lines to print.")] = 100,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The journal lines behind an account's closing balance."""
    explain("trial_balance", account, period, job, company, year, limit, home, as_json)


@ledger_app.command("checks")
def checks_of(
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Run the hard checks again. Exit code 1 when one fails."""
    from abax.ledger import run_checks

    house = edge(home_of(home))
    with open_ledger(house.services.objects, close_meant(house, job, company, year)) as ledger:
        checks, currency = run_checks(ledger), ledger.currency
    if as_json:
        print_json([check.model_dump(mode="json") for check in checks])
    else:
        terminal.print_checks(out, checks, currency)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


@ledger_app.command("aged")
def aged_of(
    which: Annotated[str, typer.Argument(help="receivables or payables")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; else that of the close.")
    ] = None,
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Open items by partner and days overdue, as of any day."""
    from abax.ledger import aged

    if which not in ("receivables", "payables"):
        raise InvalidRequest(f"{which!r} is neither receivables nor payables", "which")
    house = edge(home_of(home))
    closed = close_meant(house, job, company, year)
    with open_ledger(house.services.objects, closed) as ledger:
        day = as_of.date() if as_of else package_of(house.services.objects, closed).aged[0].as_of
        report = aged(ledger, f"aged_{which}", day)
        if as_json:
            print_json(report.model_dump(mode="json"))
        else:
            terminal.print_aged(out, report, ledger.currency)


@ledger_app.command("snapshot")
def snapshot(
    name: Annotated[
        str | None, typer.Argument(help="Name to keep it by; without one, those there are.")
    ] = None,
    job: JobId = None,
    company: OfCompany = None,
    year: OfYear = None,
    home: Home = None,
) -> None:
    """Keep the ledger of a close under a name, or list the names. A snapshot never changes."""
    from abax.workflow import snapshots

    house = edge(home_of(home))
    if name is None:
        for known in snapshots.names(house.services.objects):
            out.print(known, markup=False)
        return
    kept = snapshots.take(house.services.objects, close_meant(house, job, company, year), name)
    lines = sum(part.lines for part in kept.years)
    out.print(f"{name}: {kept.company.name}, {lines:,} journal lines", markup=False)


@ledger_app.command("diff")
def diff_of(
    before: Annotated[str, typer.Argument(help="Snapshot, or id of a close.")],
    after: Annotated[str, typer.Argument(help="Snapshot, or id of a close.")],
    lines: Annotated[int, typer.Option(min=0, help="How many journal lines to name.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What was posted, taken back or changed between two ledgers. Exit code 1 when anything was."""
    from abax.ledger.diff import diff

    house = edge(home_of(home))
    objects = house.services.objects
    sides = [_ledger_named(house, name) for name in (before, after)]
    found = diff(sides[0], sides[1], objects.fetch, lines=lines)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        terminal.print_diff(out, found, sides[1].company.currency)
    if not found.same:
        raise typer.Exit(1)


def _ledger_named(house: Edge, name: str) -> LedgerManifest:
    """A snapshot's ledger, else that of the close of this id."""
    from abax.workflow import snapshots

    objects = house.services.objects
    if name in snapshots.names(objects):
        return snapshots.load(objects, name)
    try:
        return manifest_of(objects, house.services.jobs.get(name))
    except NotFound:
        return snapshots.load(objects, name)


# --- edge mode ------------------------------------------------------------------------------------------


@app.command("serve")
def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8080,
    home: Home = None,
) -> None:
    """Edge mode: HTTP API and workers in one process, on one folder, without any cloud."""

    def announce(address: str, key: str) -> None:
        out.print(f"Abax listens at {address}, described at {address}/openapi.json", soft_wrap=True)
        out.print(f"key: {key}", soft_wrap=True)
        sys.stdout.flush()

    serve(home_of(home), host, port, LocalSettings.from_env().api_key, announce)


@queue_app.command("dead")
def dead(home: Home = None, as_json: AsJson = False) -> None:
    """The messages that were given up on."""
    house = edge(home_of(home))
    letters = house.queue.dead() + house.text_queue.dead() + house.document_queue.dead()
    letters += house.mail_queue.dead() + house.mail_out_queue.dead()
    if as_json:
        print_json([dataclasses.asdict(one) for one in letters])
        return
    for one in letters:
        out.print(f"{one.message_id}  after {one.tries} tries: {one.reason}", markup=False)
        out.print(f"    {json.dumps(one.body)}", markup=False)
    if not letters:
        out.print("no dead letters")


@queue_app.command("redrive")
def redrive(home: Home = None) -> None:
    """Send all dead letters again; a failed job is asked for anew."""
    house = edge(home_of(home))

    def renew(message: Mapping[str, Any]) -> Mapping[str, Any]:
        if "job_id" not in message:
            return message
        job = house.services.jobs.get(message["job_id"])
        again = jobs.again(house.services.jobs, job) if job.state.finished else job
        return {**message, "job_id": again.job_id}

    def rewrite(message: Mapping[str, Any]) -> Mapping[str, Any]:
        if "job_id" not in message:
            return message
        job = house.services.jobs.get(message["job_id"])
        return {"job_id": texts.again(house.services.objects, house.services.jobs, job).job_id}

    sent = house.queue.redrive(renew) + house.text_queue.redrive(rewrite)
    sent += house.document_queue.redrive(renew)
    sent += house.mail_queue.redrive() + house.mail_out_queue.redrive()
    out.print(f"{sent} messages sent again")


@queue_app.command("send")
def send(
    file: Annotated[Path, typer.Argument(help="JSON: a close request, or a CloudEvent with one as data.")],
    home: Home = None,
) -> None:
    """Ask for a close by a message; the workers of [bold]abax serve[/] take it."""
    request = parse_close(read(file))
    event = close_requested(request, source=f"abax queue send {file.name}")
    edge(home_of(home)).queue.send(event.model_dump(mode="json", exclude_none=True))
    out.print(f"sent {event.id}")


@secret_app.command("put")
def put_secret(
    name: Annotated[str, typer.Argument(help="What requests call it.")],
    url: Annotated[str | None, typer.Option(help="Of the ERP database; asked for when left open.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Instead of a URL: of a model's endpoint, or to sign.")
    ] = None,
    settings: Settings = None,
    home: Home = None,
) -> None:
    """Keep a connection, or a key, in <home>/secrets.json, which only you can read."""
    house = edge(home_of(home))
    if key is not None:
        house.secrets.put(name, {"key": key})
    else:
        from abax.erp.registry import require_settings

        pairs = pairs_in(settings)
        require_settings(pairs)
        chosen = {f"set.{setting}": value for setting, value in pairs.items()}
        given = url or typer.prompt("URL", hide_input=True)
        label_of_url(given)
        house.secrets.put(name, {"url": given, **chosen})
    out.print(f"kept {name} in {house.secrets.path}", soft_wrap=True)


@secret_app.command("list")
def list_secrets(home: Home = None, as_json: AsJson = False) -> None:
    """Names of the kept connections, never their content."""
    names = edge(home_of(home)).secrets.names()
    if as_json:
        print_json(names)
        return
    for name in names:
        out.print(name, markup=False)


@app.command("key")
def show_key(home: Home = None) -> None:
    """Print the key that [bold]abax serve[/] asks for."""
    folder = home_of(home)
    folder.mkdir(parents=True, exist_ok=True)
    out.print(LocalSettings.from_env().api_key or kept_key(folder), markup=False)


# --- trying it out --------------------------------------------------------------------------------------


@app.command("sample")
def sample(
    path: Annotated[Path, typer.Argument(help="SQLite file to write.")],
    seed: Annotated[int, typer.Option(help="Another seed, another history.")] = 7,
    version: Annotated[int, typer.Option(help="Odoo version of the schema: 15 to 18.")] = 17,
    scale: Annotated[float, typer.Option(help="Times as many transactions.")] = 1.0,
) -> None:
    """Write the books of a sample group of two companies, as Odoo would keep them."""
    from abax.sample import build

    books = build(path, seed, version, scale)
    out.print(escape(f"{path}: {books.posted_lines:,} posted journal lines"), soft_wrap=True)
    for company, classes in books.mapping.items():
        file = path.with_suffix(f".{plain(company)}.json")
        file.write_text(json.dumps(classes, indent=2) + "\n")
        command = (
            f'abax close --url sqlite:///{path.resolve()} --company "{company}" --year {books.years[-1]}'
        )
        out.print(escape(f"  {command} --mapping {file}"), soft_wrap=True)
    both = group.write_sample(path.with_suffix(".group.toml"), books, scale)
    out.print(escape(f"  abax group close {both} --year {books.years[-1]}"), soft_wrap=True)


@app.command("demo")
def demo() -> None:
    """Close the sample company on the local engine: the real template, state machine and functions."""
    try:
        from infra.local.demo import run
    except ImportError:
        raise NotFound("abax demo needs a checkout with 'make setup'; abax close works anywhere") from None
    run(out)


documents.add_to(app)
erp.add_to(app)
evaluate.add_to(app)
group.add_to(app)
mail.add_to(app)
of_ledger.add_to(ledger_app)
prompts.add_to(app)
train.add_to(app)
segments.add_to(ledger_app)
cashflow.add_to(app)
forecast.add_to(app)
writer.add_to(app)

if __name__ == "__main__":
    main()
