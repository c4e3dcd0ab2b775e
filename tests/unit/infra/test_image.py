"""What the images' Dockerfiles copy is there, and is let through to the build."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCKERFILES = {
    path.parent.name: path.read_text(encoding="utf-8") for path in ROOT.glob("functions/*/Dockerfile")
}
SOURCES = {
    name: re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE) for name, text in DOCKERFILES.items()
}


def let_through() -> list[str]:
    """Paths that the build sees, of a list that names nothing but them (``*``, then ``!PATH``)."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert rules[0] == "*"
    return [rule[1:] for rule in rules if rule.startswith("!")]


def test_the_images_are_those_that_no_zip_can_hold() -> None:
    assert set(DOCKERFILES) == {"process_document", "forecast_metrics"}
    assert "layers/runtime" in SOURCES["process_document"]


@pytest.mark.parametrize("image", sorted(DOCKERFILES))
def test_what_is_copied_exists_and_is_let_through(image: str) -> None:
    assert {"constraints.txt", "shared/abax", f"functions/{image}/app.py"} <= set(SOURCES[image])
    for source in SOURCES[image]:
        assert (ROOT / source).exists()
        assert any(Path(source).is_relative_to(path) for path in let_through()), source


def test_every_path_that_is_let_through_is_copied() -> None:
    for path in let_through():
        copied = [source for sources in SOURCES.values() for source in sources]
        assert any(Path(source).is_relative_to(path) for source in copied), path


def test_the_model_is_made_by_the_recipe_of_the_layer() -> None:
    [recipe] = re.findall(r"make (\S+) ARTIFACTS_DIR=/model", DOCKERFILES["process_document"])
    made = subprocess.run(
        ["make", "--dry-run", recipe, "ARTIFACTS_DIR=/model", "ARCHITECTURE=x86_64"],
        cwd=ROOT / "layers/runtime",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "/model/python" in made and "/model/models/adapters" in made
    assert "COPY --from=model /model /opt" in DOCKERFILES["process_document"]
