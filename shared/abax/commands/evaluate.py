"""``abax evaluate``: how well something is done, against a known truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from abax import terminal
from abax.commands import drafts, prompts, replies
from abax.commands.common import home_of, needing
from abax.commands.documents import MODEL_HELP, named_model
from abax.commands.mail_learning import EMBEDDINGS_HELP, embedder_of
from abax.compose import edge
from abax.errors import InvalidRequest, TrainerNeeded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from abax.documents.evaluate import Trainer
    from abax.mail.contracts import Message, Triage
    from abax.mail.desk import Desk
    from abax.mail.evaluate import Triager
    from abax.writing.client import Client


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(help="How well something is done, against a known truth.", no_args_is_help=True)
    own.callback()(_subject)
    own.command("documents")(documents)
    own.command("mail")(needing("mail")(mail))
    own.command("prompts")(prompts.evaluate)
    own.command("replies")(needing("mail")(replies.evaluate))
    own.command("writing")(drafts.evaluate)
    app.add_typer(own, name="evaluate")


def _subject() -> None:
    """How well something is done, against a known truth."""


def documents(
    dataset: Annotated[
        Path,
        typer.Argument(help="Folder whose truth is known: truth.jsonl, SROIE, ZUGFeRD or XRechnung."),
    ],
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all figures, with counts.")] = None,
    to_html: Annotated[
        Path | None, typer.Option("--html", help="Write them as a page, with the worst documents.")
    ] = None,
    type_given: Annotated[
        bool, typer.Option("--type-given", help="Judge extraction by itself: say the true type.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="The first documents alone.")] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, max=20, help="Judge each part of the issuers by rankers fitted on the others."),
    ] = None,
    ocr: Annotated[str, typer.Option(help="rapidocr, tesseract or none; else the best that is here.")] = "",
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "none:",
    seconds: Annotated[
        float | None,
        typer.Option("--model-seconds", min=0, help="What the model may take for a document; else as ever."),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--model-alone", help="Judge the model by itself, without rules and rankers.")
    ] = False,
    kept_out: Annotated[
        bool,
        typer.Option(
            "--kept-out",
            help="Only issuers that the adapter that ships has not seen; with --folds read by rankers that "
            "were fitted on the others.",
        ),
    ] = False,
) -> None:
    """Read every document of a folder, and compare each field with the truth."""
    from abax.adapters.ocr import choose
    from abax.documents.evaluate import Folds, evaluate, page
    from abax.documents.pipeline import Context

    if not dataset.is_dir():
        raise InvalidRequest(f"there is no folder {dataset}", "dataset")
    helper = None if model == "none:" else named_model(edge(home_of(None)), model)
    context = Context(ocr=choose(ocr), model=helper, model_seconds=seconds)
    parts = Folds(folds, _trainer()) if folds else None
    report = evaluate(
        dataset,
        context=context,
        type_given=type_given,
        limit=limit,
        folds=parts,
        alone=alone,
        kept_out=kept_out,
    )
    figures = report.as_dict()
    if to_json is not None:
        to_json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if to_html is not None:
        to_html.write_text(page(figures), encoding="utf-8")
    _print(figures)


def mail(
    dataset: Annotated[
        Path,
        typer.Argument(
            help="Folder whose truth is known: labelled mails (*.jsonl), texts with labels (*.csv, *.tsv: "
            "banking77, EmailIntent), or folders of raw mails (SpamAssassin)."
        ),
    ],
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all figures, with counts.")] = None,
    to_html: Annotated[Path | None, typer.Option("--html", help="Write them as a page.")] = None,
    folds: Annotated[
        int, typer.Option(min=2, max=20, help="Judge each part of the texts by what learnt from the others.")
    ] = 5,
    limit: Annotated[int | None, typer.Option(min=1, help="The first texts or mails alone.")] = None,
    embeddings: Annotated[str, typer.Option(help=EMBEDDINGS_HELP)] = "",
    model: Annotated[
        str, typer.Option(help="Language model that triage may ask: default, file:…, https:…, none:.")
    ] = "none:",
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Classifiers, the model, its adapter, and both, beside each other."),
    ] = False,
) -> None:
    """Judge classifiers by cross-validation, or the whole triage on labelled mails."""
    from abax.mail.evaluate import evaluate, page

    if not dataset.exists():
        raise InvalidRequest(f"there is no folder {dataset}", "dataset")
    if compare:
        _compare(dataset, model, limit, to_json)
        return
    figures = evaluate(
        dataset, folds=folds, embed=embedder_of(embeddings), triager=_triager(model), limit=limit
    )
    if to_json is not None:
        to_json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if to_html is not None:
        to_html.write_text(page(figures), encoding="utf-8")
    _print_mail(figures)


def _triager(model: str) -> Triager:
    """The triage that ships, with the model of that address."""
    from abax.mail.desk import Desk

    return _triaging(Desk.default(client=_client(model)))


def _triaging(desk: Desk) -> Triager:
    from dataclasses import replace
    from datetime import UTC, datetime

    from abax.mail.triage import triage

    def triaged(messages: Sequence[Message], now: datetime | None) -> Sequence[Triage]:
        return triage(messages, replace(desk, now=now or datetime.now(UTC)))

    return triaged


def _compare(dataset: Path, model: str, limit: int | None, to_json: Path | None) -> None:
    """Each way of sorting mail on the same mails: a table of what each is worth by task."""
    from abax.mail.desk import Desk
    from abax.mail.evaluate import evaluate
    from abax.mail.ways import beside, ways

    desks = ways(Desk.default(client=_client(model)))
    figures = {way: evaluate(dataset, triager=_triaging(desk), limit=limit) for way, desk in desks.items()}
    if to_json is not None:
        to_json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    table = Table("macro F1 (of sets F1)", box=None, pad_edge=False)
    for way in figures:
        table.add_column(way, justify="right")
    for task, row in beside(figures).items():
        table.add_row(task.replace("_", " "), *(_shown(row.get(way, "")) for way in figures))
    table.add_row("seconds a mail", *(_shown(one["seconds"]["a_mail"]) for one in figures.values()))
    terminal.console().print(table)


_SECONDS, _TOKENS = 24 * 3600.0, 100_000_000
"""What an evaluation may spend on a model: as long as it takes."""


def _client(model: str) -> Client | None:
    """What asks the model of that address; None for none."""
    found = None if model == "none:" else named_model(edge(home_of(None)), model)
    if found is None:
        return None
    from abax.writing.client import Budget, Client

    return Client(found, Budget(_SECONDS, _TOKENS))


def _print_mail(figures: dict[str, Any]) -> None:
    """One line a task, then its labels where they are few."""
    out = terminal.console()
    out.print(figures["how"], markup=False)
    table = Table("task", box=None, pad_edge=False)
    for column in ("right", "of", "accuracy", "95 % from", "to", "macro F1", "calibration error"):
        table.add_column(column, justify="right")
    for name, task in figures["tasks"].items():
        worth = task["accuracy"]
        cells = (*(worth[key] for key in ("right", "of", "share", "low", "high")), task["macro_f1"])
        table.add_row(name, *(_shown(cell) for cell in (*cells, task["calibration"]["ece"])))
    out.print(table)
    for task in figures["tasks"].values():
        if len(task["labels"]) <= _FEW_LABELS:
            _print_rows("label", task["labels"])
    if figures.get("sets"):
        _print_rows("what", figures["sets"])
        _print_rows("action", figures["sets"].get("actions", {}).get("labels", {}))
    told = ", ".join(f"{name.replace('_', ' ')} {_shown(one)} s" for name, one in figures["seconds"].items())
    out.print(f"time: {told}", markup=False)


_FEW_LABELS = 16


def _print_rows(heading: str, rows: dict[str, dict[str, Any]]) -> None:
    table = Table(heading, box=None, pad_edge=False)
    columns = ("precision", "recall", "f1", "right", "of", "found")
    for column in columns:
        table.add_column(column, justify="right")
    for name, row in rows.items():
        table.add_row(name.replace("_", " "), *(_shown(row[column]) for column in columns))
    terminal.console().print(table)


def _trainer() -> Trainer:
    """What fits rankers, where it is installed. Raises TrainerNeeded."""
    from importlib.metadata import entry_points

    found = next(iter(entry_points(group="abax.trainers", name="documents")), None)
    if found is None:
        raise TrainerNeeded("no package offers one")
    try:
        trainer: Trainer = found.load()
    except ImportError as error:
        raise TrainerNeeded(str(error)) from error
    return trainer


def _print(figures: dict[str, Any]) -> None:
    """Figures that are numbers, then the fields."""
    out = terminal.console()
    for name, value in figures.items():
        if isinstance(value, int | float | str):
            out.print(f"{name.replace('_', ' ')}: {_shown(value)}", markup=False)
        elif isinstance(value, dict) and name == "seconds":
            for stage, took in value.items():
                out.print(f"{stage}, seconds: median {took['median']}, p95 {took['p95']}", markup=False)
        elif isinstance(value, dict) and name not in ("fields", "by_type", "by_language"):
            told = ", ".join(
                f"{key} {_shown(one)}" for key, one in value.items() if isinstance(one, int | float | str)
            )
            if told:
                out.print(f"{name.replace('_', ' ')}: {told}", markup=False)
    if "sroie" in figures:
        _print_entities(figures["sroie"])
    for heading, name in (("type", "by_type"), ("language", "by_language"), ("field", "fields")):
        if figures.get(name):
            _print_table(heading, figures[name])


def _print_table(heading: str, rows: dict[str, dict[str, Any]]) -> None:
    """A row of figures each, under their names."""
    table = Table(heading, box=None, pad_edge=False)
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for name, row in rows.items():
        table.add_row(name, *(_shown(row.get(column, "")) for column in columns))
    terminal.console().print(table)


def _print_entities(figures: dict[str, Any]) -> None:
    """SROIE's four entities and their total, by its exact rule."""
    table = Table(
        "exact rule", "F1", "precision", "recall", "right", "of", "unseen F1", box=None, pad_edge=False
    )
    unseen = figures["unseen"]
    for name in ("company", "date", "address", "total", "total_of_three", "total_of_four"):
        row = figures[name]
        cells = (row["f1"], row["precision"], row["recall"], row["right"], row["of"], unseen[name])
        table.add_row(name.replace("_", " "), *(_shown(cell) for cell in cells))
    terminal.console().print(table)


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
