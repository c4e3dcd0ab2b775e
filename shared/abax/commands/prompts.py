"""``abax prompts``: which prompts there are, what a model would be asked, and how well it does with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from abax import terminal
from abax.commands.common import AsJson, home_of, print_json
from abax.compose import edge
from abax.errors import InvalidRequest, ModelFailed, NotFound

if TYPE_CHECKING:
    from abax.ports import TextModel
    from abax.writing.prompts import Prompt
    from abax.writing.prompts.evaluation import Report

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
    """All prompts: what for, on which tier, with which adapter and limits."""
    from abax.writing.prompts import registry

    if as_json:
        print_json([_told(one) for one in registry()])
        return
    table = Table("prompt", "tier", "adapter", "tokens in", "out", "purpose", box=None, pad_edge=False)
    for one in registry():
        limits = str(one.max_prompt_tokens), str(one.max_tokens)
        table.add_row(one.label, one.tier, one.adapter or "-", *limits, one.purpose)
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
        told = {"name": one.beginning_name, "messages": messages}
        told |= {"adapter": one.adapter} if one.adapter else {}
        typer.echo(json.dumps(told, ensure_ascii=False))


def evaluate(
    prompt_id: SomeId = None,
    model: Named = "",
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all answers and checks.")] = None,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail unless this share of the cases passes.")
    ] = None,
) -> None:
    """Ask a model every case of a prompt's evaluation set, and check what it answers.

    Exit code 1 where it answered none of them.
    """
    from abax.commands.documents import named_model

    house = edge(home_of(None))
    asked = named_model(house, model) if model else house.texts.model
    if asked is None:
        raise InvalidRequest("there is none to ask; name one with --model", "model")
    reports = [_evaluated(one, asked) for one in _meant(prompt_id)]
    if to_json is not None:
        told = json.dumps([report.as_dict() for report in reports], indent=2, ensure_ascii=False, default=str)
        to_json.write_text(told + "\n", encoding="utf-8")
    table = Table("prompt", "model", "cases", "answered", "passed", "seconds", box=None, pad_edge=False)
    for report in reports:
        counts = (len(report.outcomes), report.answered, report.passed, report.usage["seconds"])
        table.add_row(report.prompt, report.model, *map(str, counts))
    terminal.console().print(table)
    for line in _unanswered(reports):
        terminal.console(stderr=True).print(line, markup=False, soft_wrap=True)
    if reports and not any(report.answered for report in reports):
        raise ModelFailed("it answered none of the cases")
    cases, passed = sum(len(one.outcomes) for one in reports), sum(one.passed for one in reports)
    if at_least is not None and passed < at_least * cases:
        raise InvalidRequest(f"{passed} of {cases} cases passed", "at_least")


def _evaluated(prompt: Prompt, model: TextModel) -> Report:
    """Ask it all cases; whoever waits sees for what, and for how long at most."""
    from abax.writing.prompts.evaluation import SECONDS, cases_of
    from abax.writing.prompts.evaluation import evaluate as evaluated

    cases = cases_of(prompt)
    what = f"{prompt.label}: {len(cases)} cases, {SECONDS * len(cases):,.0f} s at most"
    out = terminal.console(stderr=True)
    if not out.is_terminal:
        out.print(what, markup=False)
        return evaluated(prompt, model, cases)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        progress.add_task(what, total=None)
        return evaluated(prompt, model, cases)


def _unanswered(reports: Sequence[Report]) -> Iterator[str]:
    """Why cases have no answer, each reason once with how many it befell."""
    for report in reports:
        reasons = Counter(one.problem for one in report.outcomes if one.answer is None)
        for reason, count in reasons.most_common(_MOST_REASONS):
            yield f"{report.prompt}: {count} not answered: {reason}"


_MOST_REASONS: Final = 3
"""Of a prompt; --json has them all, case by case."""


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
        "adapter": prompt.adapter,
        "output": prompt.output_name,
        "max_tokens": prompt.max_tokens,
        "max_prompt_tokens": prompt.max_prompt_tokens,
        "temperature": prompt.temperature,
        "variables": [vars(variable) for variable in prompt.variables],
        "messages": [{"role": role, "content": template.text} for role, template in prompt.messages],
        "schema": prompt.schema,
    }
