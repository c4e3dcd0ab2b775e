"""What the image's Dockerfile copies is there, and is let through to the build."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "functions/process_document/Dockerfile").read_text(encoding="utf-8")
SOURCES = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)


def let_through() -> list[str]:
    """Paths that the build sees, of a list that names nothing but them (``*``, then ``!PATH``)."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert rules[0] == "*"
    return [rule[1:] for rule in rules if rule.startswith("!")]


def test_what_is_copied_exists_and_is_let_through() -> None:
    assert {"constraints.txt", "layers/runtime", "shared/abax"} <= set(SOURCES)
    for source in SOURCES:
        assert (ROOT / source).exists()
        assert any(Path(source).is_relative_to(path) for path in let_through()), source


def test_every_path_that_is_let_through_is_copied() -> None:
    for path in let_through():
        assert any(Path(source).is_relative_to(path) for source in SOURCES), path


def test_the_model_is_made_by_the_recipe_of_the_layer() -> None:
    [recipe] = re.findall(r"make (\S+) ARTIFACTS_DIR=/model", DOCKERFILE)
    made = subprocess.run(
        ["make", "--dry-run", recipe, "ARTIFACTS_DIR=/model", "ARCHITECTURE=x86_64"],
        cwd=ROOT / "layers/runtime",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "/model/python" in made and "/model/models/adapters" in made
    assert "COPY --from=model /model /opt" in DOCKERFILE
