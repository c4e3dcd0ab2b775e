"""``abax document``: from files to facts, and what a person says of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from abax import terminal
from abax.commands.common import AsJson, Home, ReadsFiles, home_of, pairs_in, print_json
from abax.compose import Edge, edge, helping_model
from abax.errors import AbaxError, InvalidRequest
from abax.settings import LocalSettings, ModelSettings

if TYPE_CHECKING:
    from abax.documents.pipeline import Context, Fact
    from abax.ports import TextModel

PERSON: Final = 1
"""Exit code: something is for a person to look at."""
UNREAD: Final = 3
"""Exit code: something could not be read."""
MODEL_HELP: Final = (
    "Language model that reads where nothing sure is found, with its adapter extract: default, file:…, "
    "https:…, none:. It is off unless ABAX_DOCUMENT_MODEL says otherwise."
)


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(cls=ReadsFiles, no_args_is_help=True)
    own.callback(
        help="Read documents: [bold]abax document FILE…[/], of any kind, or folders of them.",
        subcommand_metavar="FILE… | COMMAND [ARGS]…",
    )(_subject)
    own.command("read")(read)
    own.command("reviews")(reviews)
    own.command("review")(review)
    own.command("labels")(labels)
    own.command("learn")(learn)
    own.command("generate")(generate)
    own.command("ourselves")(ourselves)
    app.add_typer(own, name="document")


def _subject() -> None:
    """Read documents."""


# --- reading --------------------------------------------------------------------------------------------


def read(
    files: Annotated[list[Path], typer.Argument(help="Files of any kind, or folders of them.")],
    show: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page with the pages, boxes, values and failed rules."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what is found: duplicates, reviews, labels; else nothing is.")
    ] = False,
    ocr: Annotated[str, typer.Option(help="rapidocr, tesseract or none; else the best that is here.")] = "",
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that read; one a core if left open.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read files: what each is, what it says, whether that holds, and where it goes.

    Exit code 0 where all can go on without a person, 1 where one must look, 3 where something could not be
    read.
    """
    found = list(_files(files))
    outcome = _Outcome()
    house = edge(home_of(home))
    if model:
        house = replace(house, documents=replace(house.documents, model=named_model(house, model)))
    if keep:
        for path in _followed(found):
            outcome.add(_kept(house, path))
    else:
        for one in _read_all(house, found, (ocr, model), min(workers or os.cpu_count() or 1, len(found))):
            outcome.add(one)
    if show is not None:
        _write_page(house, show, found, outcome, ocr)
    _print(outcome, as_json, one=len(found) == 1)
    if outcome.refused:
        raise typer.Exit(UNREAD)
    if any(fact["decision"]["way"] in ("review", "rejected") for fact in outcome.facts):
        raise typer.Exit(PERSON)


@dataclass
class _Outcome:
    """What came out of files, as JSON."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def add(self, found: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
        self.facts += found[0]
        self.refused += found[1]


def _files(given: Sequence[Path]) -> Iterator[Path]:
    """The files, those of folders in order. Raises InvalidRequest."""
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


def _kept(house: Edge, path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Take a file in as ``abax serve`` would, and work on it here and now."""
    from abax.workflow import drafts
    from abax.workflow.documents import outcomes, run_document
    from abax.workflow.intake import request_document

    try:
        job, _ = request_document(_unqueued(house), path.name, path.read_bytes())
        run_document(house.documents, job.job_id)
        documents, refused = outcomes(house.documents, job.job_id)
    except AbaxError as error:
        return [], [{"name": path.name, "error": error.as_dict()}]
    objects = house.services.objects
    facts = [drafts.get_fact(objects, one["document_id"]) for one in documents]
    return [_as_json(fact) for fact in facts], [
        {"name": one["name"], "error": one["error"]} for one in refused
    ]


def _unqueued(house: Edge) -> Any:
    """The house's services, less the queue: the work is done by this very command."""
    documents = house.services.documents
    assert documents is not None
    return replace(house.services, documents=replace(documents, workflow=_Here()))


def named_model(house: Edge, url: str) -> TextModel | None:
    """The model of that address. Raises InvalidRequest."""
    settings = LocalSettings.from_env()
    named = ModelSettings(url, settings.model_name, adapters=settings.adapters)
    return helping_model(named, house.services.objects, house.secrets, house.documents.records)


class _Here:
    """The Workflow port for work that whoever asks for it does."""

    def start(self, job: Any) -> str:
        """Nothing to start."""
        return "here"

    def stop(self, execution: str, reason: str) -> None:
        """Nothing to stop."""


# --- many at once ---------------------------------------------------------------------------------------

_context: Context | None = None


def _read_all(
    house: Edge, files: Sequence[Path], helpers: tuple[str, str], workers: int
) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """What is in files, in order; ``helpers`` name the OCR engine and the language model. What is known
    already is looked up in a copy, so that nothing is kept."""
    with TemporaryDirectory(prefix="abax-documents-") as scratch:
        records = Path(scratch) / "records.db"
        _copy_records(house, records)
        given = (str(house.home), str(records), *helpers, max(1, (os.cpu_count() or 1) // workers))
        if workers == 1:
            _start(*given)
            for path in _followed(files):
                yield _read_one(str(path))
            return
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_start, initargs=given)
        with pool, _bar(len(files)) as step:
            for found in pool.map(_read_one, map(str, files)):
                step()
                yield found


def _copy_records(house: Edge, target: Path) -> None:
    from abax.adapters.local.database import Database

    Database(target)
    Database(house.home / "abax.db").copy_table("records", target)


def _start(home: str, records: str, ocr: str, model: str, threads: int) -> None:
    """Make ready the process that reads."""
    from abax.adapters.local.records import SqliteRecords
    from abax.adapters.ocr import choose
    from abax.workflow.document_known import context_for

    global _context
    house = edge(Path(home))
    reading = replace(house.documents, records=SqliteRecords(Path(records)), ocr=choose(ocr, threads))
    if model:
        reading = replace(reading, model=named_model(house, model))
    _context = context_for(reading)


def _read_one(path: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from abax.documents.inbox import Refused
    from abax.documents.pipeline import process

    found = process(Path(path).name, Path(path).read_bytes(), _context)
    refused = [{"name": one.name, "error": one.error.as_dict()} for one in found if isinstance(one, Refused)]
    return [_as_json(one) for one in found if not isinstance(one, Refused)], refused


def _as_json(fact: Fact) -> dict[str, Any]:
    shown: dict[str, Any] = fact.model_dump(mode="json")
    shown["contract"] = fact.contract.model_dump(mode="json", exclude_defaults=True) | {
        "type": str(fact.contract.type)
    }
    return shown


# --- showing --------------------------------------------------------------------------------------------


def _followed(files: Sequence[Path]) -> Iterator[Path]:
    with _bar(len(files)) as step:
        for path in files:
            yield path
            step()


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """Progress on standard error: a bar in a terminal, elsewhere a line for each tenth; none for one file."""
    err = terminal.console(stderr=True)
    if total == 1:
        yield lambda: None
    elif not err.is_terminal:
        yield _Tenths(err, total)
    else:
        columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("", total=total)
            yield lambda: bar.advance(task)


class _Tenths:
    def __init__(self, err: Console, total: int) -> None:
        self._err = err
        self._total = total
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        if self._done * 10 // self._total > (self._done - 1) * 10 // self._total:
            self._err.print(f"{self._done:,} of {self._total:,} files read")


def _print(outcome: _Outcome, as_json: bool, one: bool) -> None:
    if as_json:
        print_json({"documents": outcome.facts, "refused": outcome.refused})
        return
    out = terminal.console()
    if one and len(outcome.facts) == 1 and not outcome.refused:
        _print_fact(out, outcome.facts[0])
        return
    table = Table("file", "what", "of", "number", "date", "total", "way", "why", box=None, pad_edge=False)
    for fact in outcome.facts:
        table.add_row(*(escape(cell) for cell in _cells(fact)))
    for refused in outcome.refused:
        table.add_row(
            escape(refused["name"]), *[""] * 5, "[red]refused[/]", escape(refused["error"]["message"])
        )
    out.print(table)
    ways = [fact["decision"]["way"] for fact in outcome.facts]
    told = [f"{ways.count(way):,} {way}" for way in dict.fromkeys(ways)]
    told += [f"{len(outcome.refused):,} refused"] if outcome.refused else []
    out.print(f"[bold]{', '.join(told)}[/]")


def _cells(fact: dict[str, Any]) -> list[str]:
    contract = fact["contract"]
    party = contract.get("seller") or contract.get("issuer") or contract.get("payer") or {}
    totals = contract.get("totals") or {}
    total = totals.get("gross") or contract.get("total") or ""
    reasons = fact["decision"]["reasons"]
    return [
        fact["name"],
        contract["type"].replace("_", " "),
        party.get("name") or "",
        contract.get("number") or "",
        contract.get("issue_date") or "",
        f"{total} {contract.get('currency') or ''}".strip(),
        fact["decision"]["way"],
        reasons[0] if reasons else "",
    ]


_COLOURS: Final = {"touchless": "green", "approved": "green", "review": "yellow", "rejected": "red"}


def _print_fact(out: Console, fact: dict[str, Any]) -> None:
    from abax.documents.contracts import CONTRACT, fields_of

    way, said = fact["decision"]["way"], fact["classification"]
    colour = _COLOURS[way]
    out.print(
        f"[bold]{escape(fact['name'])}[/]  {said['type'].replace('_', ' ')} ({said['confidence']:.0%})  "
        f"[{colour}]{way}[/]"
    )
    for reason in fact["decision"]["reasons"]:
        out.print(f"  [{colour}]–[/] {escape(reason)}", soft_wrap=True)
    for note in fact["notes"]:
        out.print(f"  [dim]{escape(note)}[/]", soft_wrap=True)
    evidence = fact["quality"]["extraction"]["evidence"]
    table = Table("what", "value", "sure", "how", box=None, pad_edge=False)
    for path, value in fields_of(CONTRACT.validate_python(fact["contract"])).items():
        how = evidence.get(path) or {}
        sure = f"{how['confidence']:.0%}" if how else ""
        table.add_row(path, escape(str(value)), sure, _how(how))
    out.print(table)
    if fact["decision"]["entry"]:
        _print_entry(out, fact["decision"]["entry"])
    took = sum(fact["seconds"].values())
    out.print(f"[dim]{fact['document_id']} · {took * 1000:.0f} ms, path {fact['path']}[/]")


def _how(evidence: dict[str, Any]) -> str:
    page = f" page {evidence['page']}" if evidence.get("page") else ""
    return f"{evidence['method']}{page}" if evidence else ""


def _print_entry(out: Console, entry: dict[str, Any]) -> None:
    out.print(f"[bold]proposed entry[/] {entry['posting_date']}, {entry['currency']}")
    table = Table("account", "amount", "why", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for line in entry["lines"]:
        table.add_row(line["account"], line["amount"], escape(line["reason"]))
    out.print(table)


def _write_page(house: Edge, target: Path, files: Sequence[Path], outcome: _Outcome, ocr: str) -> None:
    """One page with all documents of all files, read again for their pictures."""
    from abax.adapters.ocr import choose
    from abax.documents import preprocess
    from abax.documents.inbox import Received, Refused, receive
    from abax.documents.pipeline import Fact
    from abax.documents.show import Shown, render_html

    engine = choose(ocr)
    facts = [Fact.model_validate({k: v for k, v in one.items() if k != "contract"}) for one in outcome.facts]
    shown: list[Shown] = []
    refused: list[Refused] = []
    for path in files:
        for file in receive(path.name, path.read_bytes()):
            if isinstance(file, Received):
                own = [fact for fact in facts if fact.digest == file.digest]
                reading = preprocess.read(file, engine) if own else None
                shown += [Shown(fact, file, reading) for fact in own if reading is not None]
            else:
                refused.append(file)
    target.write_text(render_html(shown, refused), encoding="utf-8")
    terminal.console(stderr=True).print(f"written to {escape(str(target))}", soft_wrap=True)


# --- people ---------------------------------------------------------------------------------------------


def reviews(
    queue: Annotated[str | None, typer.Option(help="accounts_payable, fraud, … alone.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The documents that wait for a person."""
    from abax.workflow.reviews import open_reviews

    found = list(open_reviews(edge(home_of(home)).documents.records, queue))
    if as_json:
        print_json(found)
        return
    out = terminal.console()
    table = Table("document", "file", "queue", "until", "why", box=None, pad_edge=False)
    for one in found:
        cells = (one["document_id"][:16], one["name"], one["queue"], one["deadline"][:16].replace("T", " "))
        table.add_row(*map(escape, cells), escape("; ".join(one["reasons"])))
    out.print(table if found else "nothing waits")


def review(
    document: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")],
    approve: Annotated[bool, typer.Option("--approve", help="It is right as it is.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="It is not to be booked.")] = False,
    corrections: Annotated[
        list[str] | None,
        typer.Option("--set", help="Set a value right, such as totals.gross=119.00, as often as wanted."),
    ] = None,
    by: Annotated[str, typer.Option(help="Who decides.", envvar="USER")] = "",
    note: Annotated[str, typer.Option(help="What to remember with it.")] = "",
    home: Home = None,
) -> None:
    """Approve, correct or reject a document that waits. Corrections are kept as labelled data."""
    from abax.workflow.document_request import ReviewRequest
    from abax.workflow.documents import finish_if_settled, run_step
    from abax.workflow.reviews import decide

    if approve + reject + bool(corrections) != 1:
        raise InvalidRequest("give one of --approve, --reject and --set", "verdict")
    house = edge(home_of(home))
    found = _meant(house, document)
    verdict = "approve" if approve else "reject" if reject else "correct"
    changes = {path: value or None for path, value in pairs_in(corrections, "corrections").items()}
    request = ReviewRequest.model_validate(
        {"verdict": verdict, "corrections": changes, "by": by, "note": note}
    )
    said = decide(house.services, found, request)
    run_step(house.documents, {"step": "settle", "job_id": said["job_id"], "document_id": found})
    job = finish_if_settled(house.documents, said["job_id"])
    terminal.console().print(f"{said['name']}: {verdict}; {job.message}", markup=False)


def _meant(house: Edge, document: str) -> str:
    from abax.workflow.reviews import REVIEWS

    found = [key for key, _ in house.documents.records.items(REVIEWS, document)]
    if len(found) != 1:
        told = "no document" if not found else f"{len(found)} documents"
        raise InvalidRequest(f"{told} whose id begins with {document!r} waits", "document")
    return found[0]


def labels(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")],
    home: Home = None,
) -> None:
    """Write what reviewers said as a data set that evaluation and training read: the files, and in
    truth.jsonl what each says, with what was corrected."""
    from abax.workflow.learnt import write_labels

    count = write_labels(edge(home_of(home)).services.objects, folder)
    terminal.console().print(f"{count} labelled documents in {folder}", markup=False)


def learn(home: Home = None, as_json: AsJson = False) -> None:
    """What is known of how suppliers are booked: by the ledger of the newest close, and by reviewers."""
    from abax.workflow.document_known import bookings

    found = bookings(edge(home_of(home)).documents)
    if as_json:
        print_json(found.model_dump(mode="json") if found else {})
        return
    out = terminal.console()
    if found is None:
        out.print("nothing yet: close a company's books, or book a document in its review")
        return
    table = Table("supplier", "entries", "payable", "accounts", box=None, pad_edge=False)
    for history in sorted(found.partners.values(), key=lambda one: -one.entries):
        accounts = ", ".join(f"{one.account} ({one.entries})" for one in history.accounts[:5])
        table.add_row(escape(history.name), f"{history.entries:,}", history.payable, accounts)
    out.print(table)
    for tax in found.taxes:
        out.print(f"tax of {tax.rate.normalize():f} % on {tax.account} ({tax.entries:,} entries)")


def ourselves(
    names: Annotated[list[str] | None, typer.Option("--name", help="What we are called.")] = None,
    vat_ids: Annotated[list[str] | None, typer.Option("--vat-id", help="Our VAT id.")] = None,
    tax_numbers: Annotated[list[str] | None, typer.Option("--tax-number", help="Our tax number.")] = None,
    ibans: Annotated[list[str] | None, typer.Option("--iban", help="An account of ours.")] = None,
    home: Home = None,
) -> None:
    """Say who we are, so that our own invoices are told from our suppliers'; without any, what was said."""
    from abax.documents.classify import Ourselves
    from abax.workflow import document_known

    records = edge(home_of(home)).documents.records
    given = {"names": names, "vat_ids": vat_ids, "tax_numbers": tax_numbers, "ibans": ibans}
    if any(given.values()):
        said = Ourselves.model_validate({name: value for name, value in given.items() if value})
        records.put(document_known.SETTINGS, document_known.OURSELVES, said.model_dump(mode="json"))
    print_json(document_known.ourselves(records).model_dump(mode="json"))


def generate(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 100,
    seed: Annotated[int, typer.Option(help="Another seed, other documents.")] = 0,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="supplier_invoice, … alone, as often as wanted.")
    ] = None,
    languages: Annotated[list[str] | None, typer.Option("--language", help="en, de, … alone.")] = None,
    split: Annotated[str | None, typer.Option(help="train or test: no issuer is in both.")] = None,
    pictures: Annotated[bool, typer.Option("--pictures", help="As scanned pages, too.")] = False,
    strength: Annotated[float, typer.Option(min=0, max=2, help="How bad the scans are.")] = 1.0,
) -> None:
    """Make documents that nobody sent, with the truth about every word: to train and to try out with."""
    from abax.documents.contracts import DocumentType
    from abax.documents.synthetic import generate, write
    from abax.documents.synthetic.generate import TYPES
    from abax.documents.synthetic.parties import LANGUAGES

    unknown = sorted({*(types or ())} - set(TYPES)) + sorted({*(languages or ())} - set(LANGUAGES))
    if unknown:
        raise InvalidRequest(f"there is no {', '.join(unknown)}; there are {', '.join((*TYPES, *LANGUAGES))}")
    samples = generate(
        count,
        seed,
        types=[DocumentType(one) for one in types] if types else TYPES,
        languages=languages or LANGUAGES,
        split=split,
    )
    with _bar(count) as step:
        told = write(folder, _stepped(samples, step), pictures=pictures, strength=strength)
    rows = (json.loads(line) for line in (folder / "documents.jsonl").read_text("utf-8").splitlines())
    truth = [{name: row[name] for name in ("file", "issuer", "contract", "ourselves")} for row in rows]
    _write_truth(folder, [row | {"generated": True} for row in truth])
    print_json(told)


def _write_truth(folder: Path, rows: Iterable[dict[str, Any]]) -> None:
    """What documents say, as ``abax evaluate documents`` reads it."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "truth.jsonl").write_text("".join(lines), encoding="utf-8")


def _stepped(samples: Iterable[Any], step: Callable[[], None]) -> Iterator[Any]:
    for sample in samples:
        yield sample
        step()
