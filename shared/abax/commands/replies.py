"""``abax evaluate replies``: whether drafted answers state what the books hold, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from abax import terminal
from abax.errors import InvalidRequest


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="A file of cases, or a folder with replies-*.jsonl.")],
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all figures, with counts.")] = None,
    show: Annotated[str, typer.Option(help="Print the draft of the case with this id.")] = "",
) -> None:
    """Draft an answer to each case whose facts are known; count what is invented, missing or disclosed."""
    from abax.mail.reply_evaluate import cases_in, evaluate_replies

    if not dataset.exists():
        raise InvalidRequest(f"there is no {dataset}", "dataset")
    cases = [case for case in cases_in([dataset]) if show in ("", case.id)]
    if not cases:
        raise InvalidRequest(f"{dataset} holds no replies-*.jsonl with such a case", "dataset")
    report = evaluate_replies(cases)
    figures = report.as_dict()
    if to_json is not None:
        to_json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for verdict in report.verdicts if show else ():
        terminal.console().print(verdict.reply.body if verdict.reply else "No reply is due.", markup=False)
    _print(figures)


def _print(figures: dict[str, Any]) -> None:
    out = terminal.console()
    out.print(f"{figures['cases']} cases, {figures['drafted']} drafted, {figures['right']} without any fault")
    table = Table("language", "cases", "right", box=None)
    for language, counts in figures["by_language"].items():
        table.add_row(language, str(counts["cases"]), str(counts["right"]))
    out.print(table)
    faults = Table("fault", "count", box=None)
    for name, count in figures["faults"].items():
        faults.add_row(name, str(count))
    out.print(faults)
    for case in figures["wrong"]:
        out.print(f"{case['id']}: {'; '.join(case['problems'])}", markup=False)
