"""``abax evaluate``: how well something is done, against a known truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from abax import terminal
from abax.errors import InvalidRequest


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(help="How well something is done, against a known truth.", no_args_is_help=True)
    own.callback()(_subject)
    own.command("documents")(documents)
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
    ocr: Annotated[str, typer.Option(help="rapidocr, tesseract or none; else the best that is here.")] = "",
) -> None:
    """Read every document of a folder, and compare each field with the truth."""
    from abax.adapters.ocr import choose
    from abax.documents.evaluate import evaluate, page
    from abax.documents.pipeline import Context

    if not dataset.is_dir():
        raise InvalidRequest(f"there is no folder {dataset}", "dataset")
    context = Context(ocr=choose(ocr))
    figures = evaluate(dataset, context=context, type_given=type_given, limit=limit).as_dict()
    if to_json is not None:
        to_json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if to_html is not None:
        to_html.write_text(page(figures), encoding="utf-8")
    _print(figures)


def _print(figures: dict[str, Any]) -> None:
    """Figures that are numbers, then the fields."""
    out = terminal.console()
    for name, value in figures.items():
        if isinstance(value, int | float | str):
            out.print(f"{name.replace('_', ' ')}: {_shown(value)}", markup=False)
        elif isinstance(value, dict) and name not in ("fields", "by_field"):
            told = ", ".join(
                f"{key} {_shown(one)}" for key, one in value.items() if isinstance(one, int | float | str)
            )
            if told:
                out.print(f"{name.replace('_', ' ')}: {told}", markup=False)
    fields = figures.get("fields") or figures.get("by_field") or {}
    table = Table("field", box=None, pad_edge=False)
    columns = list(dict.fromkeys(key for row in fields.values() for key in row)) if fields else []
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for field, row in fields.items():
        table.add_row(field, *(_shown(row.get(column, "")) for column in columns))
    if fields:
        out.print(table)


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
