"""The wrapper of the SAM command line: what it hands on, with a stand-in for SAM itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the wrapper, and a SAM that tells what it was called with."""
    (tmp_path / "infra").mkdir()
    script = shutil.copy(ROOT / "infra/sam", tmp_path / "infra/sam")
    version = re.search(r"^version=(.+)$", Path(script).read_text(), re.MULTILINE)
    assert version
    tools = tmp_path / ".venv-sam/bin"
    tools.mkdir(parents=True)
    (tmp_path / ".venv-sam/.ready").write_text(f"{version[1]}\n")
    (tools / "sam").write_text('#!/bin/sh\necho "${ARCHITECTURE:-none}: $*"\n')
    (tools / "docker").write_text('#!/bin/sh\nexit "${NO_DOCKER:-0}"\n')
    for tool in ("sam", "docker"):
        (tools / tool).chmod(0o755)
    return tmp_path


@pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="the wrapper wants the Lambda runtime's Python")
@pytest.mark.parametrize(
    ("arguments", "architecture"),
    [
        (["build"], "none"),
        (["build", "--parameter-overrides", "Stage=dev Architecture=x86_64"], "x86_64"),
        (["build", "--parameter-overrides", "Architecture=x86_64", "Stage=dev"], "x86_64"),
        (["build", "--parameter-overrides", "Architecture=arm64"], "arm64"),
        (["build", "--parameter-overrides", "ParameterKey=Architecture,ParameterValue=x86_64"], "x86_64"),
        (["build", "--parameter-overrides", "BuildArchitecture=x86_64"], "none"),
    ],
)
def test_a_build_hears_for_which_processor_it_is(
    checkout: Path, arguments: list[str], architecture: str
) -> None:
    assert called(checkout, *arguments) == f"{architecture}: {' '.join(arguments)}"


@pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="the wrapper wants the Lambda runtime's Python")
def test_without_docker_everything_but_the_image_is_built(checkout: Path) -> None:
    told = called(checkout, "build", "--no-cached", NO_DOCKER="1")
    assert told == "none: build --no-cached --exclude ProcessDocument --exclude ForecastMetrics"
    assert called(checkout, "deploy", NO_DOCKER="1") == "none: deploy"


def called(checkout: Path, *arguments: str, **more: str) -> str:
    """What SAM was called with, by its wrapper."""
    path = f"{Path(sys.base_prefix, 'bin')}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", checkout / "infra/sam", *arguments],
        env={"PATH": path, "HOME": str(checkout), **more},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
