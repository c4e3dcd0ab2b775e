"""Training runs under the oldest Python that Abax names: torch's environment may be of it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
NEWER = {
    "itertools": {"batched"},
    "typing": {"override", "TypeAliasType", "TypeIs", "ReadOnly", "NoDefault"},
    "copy": {"replace"},
    "calendar": {"Month", "Day"},
    "warnings": {"deprecated"},
    "collections.abc": {"Buffer"},
}
"""What the standard library has from 3.12 on."""


def newer(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        used: set[tuple[str, str]] = set()
        if isinstance(node, ast.ImportFrom):
            used = {(node.module or "", one.name) for one in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = {(node.value.id, node.attr)}
        yield from (f"{path.name}: {module}.{name}" for module, name in used if name in NEWER.get(module, ()))


def test_nothing_of_training_is_newer_than_the_oldest_python() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert told["project"]["requires-python"] == ">=3.11"
    files = sorted((ROOT / "training").rglob("*.py"))
    assert len(files) > 50
    assert [one for path in files for one in newer(path)] == []


def test_what_is_newer_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "one.py"
    module.write_text(
        "import itertools\nfrom itertools import batched, islice\nfor a in itertools.batched([], 2): ...\n"
    )
    assert list(newer(module)) == ["one.py: itertools.batched", "one.py: itertools.batched"]
