"""The steps of training from the command line: what is missing is said in a line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from training.adapters.__main__ import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["training.adapters", *map(str, arguments)])
    return main()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pairs", "extract"), "name what to make pairs of"),
        (("pairs", "extract", "--corrections", "/nowhere"), "there is no /nowhere (--corrections)"),
        (("pairs", "write", "--replies", "/nowhere"), "there is no /nowhere (--replies)"),
        (("data", "extract", "--corrections", "/nowhere"), "there is no /nowhere (--corrections)"),
        (("prefer", "extract", "--from", "/nowhere.gguf"), "there is no /nowhere.gguf (--from)"),
        (("evaluate", "write"), "write.gguf: the steps before this one make it"),
        (("quantise", "extract"), "extract.gguf cannot be read"),
    ],
)
def test_a_step_without_its_input_says_so_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    kept = tmp_path / "pairs" / "train.jsonl"
    kept.parent.mkdir()
    kept.write_text("kept\n")
    assert run(monkeypatch, *arguments, "--out", tmp_path) == 1
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert kept.read_text() == "kept\n" and not (tmp_path / "data").exists()
