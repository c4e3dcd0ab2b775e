"""``abax prompts``: which prompts there are, what a model would be asked, and how well it does with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from abax import terminal
from abax.commands.common import AsJson, home_of, print_json
from abax.compose import edge
from abax.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from abax.writing.prompts import Prompt

Id = Annotated[str, typer.Argument(help="Id or name, such as deal.summarize.v1 or deal.summarize.")]
SomeId = Annotated[
    str | None,
    typer.Argument(help="An id, or a name for all its versions; else all that have an evaluation set."),
]
Named = Annotated[
    str,
    typer.Option(
        "--model", help="default, file:…, https:…, script:…; else what ABAX_MODEL_URL and its tiers say."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    own = typer.Typer(help="The prompts that models are asked with.", no_args_is_help=True)
    own.command("list")(list_prompts)
    own.command("show")(show)
    own.command("beginnings")(beginnings)
    app.add_typer(own, name="prompts")


def list_prompts(as_json: AsJson = False) -> None:
    """All prompts: what for, on which tier, with which limits."""
    from abax.writing.prompts import registry

    if as_json:
        print_json([_told(one) for one in registry()])
        return
    table = Table("prompt", "tier", "tokens in", "out", "purpose", box=None, pad_edge=False)
    for one in registry():
        table.add_row(one.label, one.tier, str(one.max_prompt_tokens), str(one.max_tokens), one.purpose)
    terminal.console().print(table)


def show(prompt_id: Id) -> None:
    """One prompt, with its variables and messages, as JSON."""
    from abax.writing.prompts import prompt

    print_json(_told(prompt(prompt_id)))


def beginnings(
    tier: Annotated[str, typer.Option(help="Of prompts of this tier alone: fast, balanced or strong.")] = "",
) -> None:
    """The fixed beginning of each prompt, a JSON line each, for ``python -m abax_runtime prefix all -``."""
    from abax.writing.prompts import registry

    for one in registry():
        if tier not in ("", one.tier):
            continue
        messages = [{"role": role, "content": content} for role, content in one.beginning]
        line = json.dumps({"name": one.beginning_name, "messages": messages}, ensure_ascii=False)
        typer.echo(line)


def evaluate(
    prompt_id: SomeId = None,
    model: Named = "",
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all answers and checks.")] = None,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail unless this share of the cases passes.")
    ] = None,
) -> None:
    """Ask a model every case of a prompt's evaluation set, and check what it answers."""
    from abax.commands.documents import named_model
    from abax.writing.prompts.evaluation import evaluate as evaluated

    house = edge(home_of(None))
    asked = named_model(house, model) if model else house.texts.model
    if asked is None:
        raise InvalidRequest("there is none to ask; name one with --model", "model")
    reports = [evaluated(one, asked) for one in _meant(prompt_id)]
    if to_json is not None:
        told = json.dumps([report.as_dict() for report in reports], indent=2, ensure_ascii=False, default=str)
        to_json.write_text(told + "\n", encoding="utf-8")
    table = Table("prompt", "model", "cases", "answered", "passed", "seconds", box=None, pad_edge=False)
    for report in reports:
        counts = (len(report.outcomes), report.answered, report.passed, report.usage["seconds"])
        table.add_row(report.prompt, report.model, *map(str, counts))
    terminal.console().print(table)
    cases, passed = sum(len(one.outcomes) for one in reports), sum(one.passed for one in reports)
    if at_least is not None and passed < at_least * cases:
        raise InvalidRequest(f"{passed} of {cases} cases passed", "at_least")


def _meant(prompt_id: str | None) -> list[Prompt]:
    from abax.writing.prompts import prompt, registry, versions
    from abax.writing.prompts.evaluation import cases_of

    if prompt_id is not None:
        return [prompt(prompt_id, version) for version in versions(prompt_id) or [None]]
    found = []
    for one in registry():
        try:
            cases_of(one)
        except NotFound:
            continue
        found.append(one)
    return found


def _told(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": prompt.label,
        "purpose": prompt.purpose,
        "tier": prompt.tier,
        "output": prompt.output_name,
        "max_tokens": prompt.max_tokens,
        "max_prompt_tokens": prompt.max_prompt_tokens,
        "temperature": prompt.temperature,
        "variables": [vars(variable) for variable in prompt.variables],
        "messages": [{"role": role, "content": template.text} for role, template in prompt.messages],
        "schema": prompt.schema,
    }
