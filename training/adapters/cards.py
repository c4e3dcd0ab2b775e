"""A model card from what the steps left behind, so that no figure in it was typed.

======================  ==============================================================================
``data/card.json``      what the set is made of, by which command (`examples.card`)
``run/training.json``   the plan, how long it took, on what
``figures.json``        ``{title: {column: figures}}``: figures are numbers, texts, and ``{right, of}``,
                        within tables of any depth; ``evaluate`` adds a title of its own to them
``NAME.gguf``           its size, its base's hash
======================  ==============================================================================

What it is for and where it fails is written by hand, and handed in as text.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from abax_runtime.adapter import describe
from abax_runtime.gguf import open_gguf
from abax_runtime.models import NAME

from training.adapters.plan import Plan

Figures = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By title and column."""
FIGURES: Final = "figures.json"
_HEAD: Final = """# Adapter `{name}`

{about}

| | |
|---|---|
| base | {base}, hash of its tensors `{hash}` |
| size | {size:,} bytes, rank {rank} |
| licence | Apache-2.0; of what it was trained on, below |
| trained | {minutes} min, {tokens:,} tokens, {steps:,} steps; {device}, torch {torch}, {memory:,} MB |
| machine | {machine} |
"""


def keep(folder: Path, title: str, columns: Mapping[str, Mapping[str, Any]]) -> Path:
    """Add figures to ``figures.json`` of a folder; those of the same title and column are replaced."""
    path = folder / FIGURES
    told = json.loads(path.read_text("utf-8")) if path.exists() else {}
    told[title] = {**told.get(title, {}), **columns}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def card(folder: Path, name: str, about: str, machine: str) -> str:
    """The card of the adapter that a folder has made, as Markdown. ``about``: what it is for, then, behind a
    line ``## Limits``, where it fails. Raises OSError for a step that has left nothing, InvalidModel."""
    data = json.loads((folder / "data" / "card.json").read_text("utf-8"))
    told = json.loads((folder / "run" / "training.json").read_text("utf-8"))
    figures = json.loads((folder / FIGURES).read_text("utf-8"))
    path = folder / f"{name}.gguf"
    with open_gguf(path) as file:
        found = describe(file)
    purpose, mark, limits = about.strip().partition("## Limits")
    head = _HEAD.format(
        name=name,
        about=purpose.strip(),
        base=NAME,
        hash=", ".join(found.base_hashes),
        size=path.stat().st_size,
        rank=told["rank"],
        minutes=told["minutes"],
        tokens=told["tokens"],
        steps=told["steps"],
        device=told["device"],
        torch=told["torch"],
        memory=told["peak_memory_mb"],
        machine=machine,
    )
    parts = [head, _of_data(data), _of_figures(figures), mark and f"{mark}\n\n{limits.strip()}\n"]
    return "\n".join([*filter(None, parts), _of_commands(name, data, told)])


def _of_data(data: Mapping[str, Any]) -> str:
    splits = data["splits"]
    rows = [
        [
            split,
            f"{one['examples']:,}",
            f"{one['prompt_tokens'].get('sum', 0) + one['answer_tokens'].get('sum', 0):,}",
            _counted(one["source"]),
            _counted(one["language"]),
            f"`{one['sha256'][:16]}`",
        ]
        for split, one in splits.items()
    ]
    licences = sorted({licence for one in splits.values() for licence in one["licence"]})
    columns = ("split", "examples", "tokens", "sources", "languages", "SHA-256")
    return (
        "## Data\n\n"
        + _table(columns, rows)
        + f"\nLicences: {'; '.join(licences)}. Of a group (issuer, scene, wording) all is in one split: "
        f"{data['groups_in_two_splits']} are in two. Left out: {_counted(data['refused']) or 'nothing'}.\n"
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or 'unknown'} {count:,}" for name, count in counts.items())


def _of_figures(figures: Figures) -> str:
    parts = ["## Figures\n"]
    for title, columns in figures.items():
        flat = {column: dict(_flat(told)) for column, told in columns.items()}
        names = list(dict.fromkeys(name for told in flat.values() for name in told))
        rows = [[name, *(told.get(name, "") for told in flat.values())] for name in names]
        parts.append(f"{title}\n\n{_table(['', *flat], rows)}")
    return "\n".join(parts)


def _flat(told: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names with what they come to; of counts the share."""
    for name, value in told.items():
        label = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, Mapping) and {"right", "of"} <= value.keys():
            share = f" ({value['right'] / value['of']:.0%})" if value["of"] else ""
            yield label, f"{value['right']:,} of {value['of']:,}{share}"
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{label}: ")
        elif isinstance(value, float):
            yield label, f"{value:.3g}"
        elif value is not None:
            yield label, f"{value:,}" if isinstance(value, int) else str(value)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _of_commands(name: str, data: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """The commands that make it again; what is as it is by default is not said."""
    options = {key: value for key, value in data["command"].items() if key not in ("adapter", "run", "out")}
    plan = {
        one.name: told[one.name] for one in fields(Plan) if told.get(one.name, one.default) != one.default
    }
    lines = [
        _command("data", name, {key: value for key, value in options.items() if value != "None"}),
        _command("train", name, plan),
        _command("export", name, {}),
        _command("evaluate", name, {"base": ""}),
    ]
    return "## Commands\n\n" + "".join(f"    {line}\n" for line in lines)


def _command(step: str, name: str, options: Mapping[str, Any]) -> str:
    words = ["python", "-m", "training.adapters", step, name]
    for key, value in options.items():
        words += [f"--{key.replace('_', '-')}", *([str(value)] if value != "" else [])]
    return shlex.join(words)
