"""``abax evaluate writing``: whether what a model words says what the facts hold, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from abax import terminal
from abax.commands.common import home_of
from abax.commands.documents import named_model
from abax.compose import edge
from abax.errors import InvalidRequest

if TYPE_CHECKING:
    from abax.writing.evaluate import Drafts

SECONDS: Final = 120.0
"""For each case."""
TOKENS: Final = 10_000


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="JSON lines: a service and a context each.")],
    model: Annotated[
        str, typer.Option(help="The model that words it: default, file:…, https:…; else the house's own.")
    ] = "",
    templates: Annotated[bool, typer.Option(help="The templates' texts as well.")] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="The first cases alone.")] = None,
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all figures, with counts.")] = None,
) -> None:
    """Write each context by template and by a model; count what passes the check of its facts."""
    from abax.writing.client import Budget, Client
    from abax.writing.evaluate import cases_in
    from abax.writing.evaluate import evaluate as evaluated

    if not dataset.is_file():
        raise InvalidRequest(f"there is no file {dataset}", "dataset")
    cases = list(cases_in(dataset))[:limit]
    if not cases:
        raise InvalidRequest(f"{dataset} holds no context whose text a model words", "dataset")
    house = edge(home_of(None))
    asked = named_model(house, model) if model else house.texts.model
    found = [evaluated(cases)] if templates or asked is None else []
    if asked is not None:
        found.append(evaluated(cases, lambda: Client(asked, Budget(SECONDS, TOKENS))))
    told = [one.as_dict() for one in found]
    if to_json is not None:
        to_json.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _print(found)


def _print(found: list[Drafts]) -> None:
    out = terminal.console()
    table = Table("writer", "of", "cases", "at first try", "taken", "invented", "seconds", box=None)
    for one in found:
        figures = one.as_dict()
        for kind, counts in {"all": figures, **figures["by_kind"]}.items():
            table.add_row(one.writer, kind, *_cells(counts))
    out.print(table)
    for one in found:
        for reason, count in one.as_dict()["reasons"].items():
            out.print(f"{one.writer}: {count} not taken at first: {reason}", markup=False)


def _cells(counts: dict[str, Any]) -> list[str]:
    return [str(counts[name]) for name in ("cases", "first", "taken", "invented", "seconds")]
