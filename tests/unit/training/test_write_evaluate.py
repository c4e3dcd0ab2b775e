"""The adapter of letters is judged the production way: each source is counted, nothing is left changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.errors import InvalidRequest
from abax.learning.registry import digest_of
from abax.writing.prompts import registry

from training.adapters import write_evaluate
from training.adapters.judged import judged
from training.adapters.write_teacher import ADAPTER, Teacher


class _Model(ScriptedModel):
    """Says the same to all; has the adapter where the variable names a file."""

    def __init__(self) -> None:
        super().__init__([(".", "{}")], adapters=[ADAPTER] if os.environ[write_evaluate._VARIABLE] else [])

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_evaluate, "RuntimeModel", _Model)
    monkeypatch.setenv(write_evaluate._VARIABLE, "before")


def card(folder: Path) -> Path:
    (folder / "card.json").write_text(json.dumps({"command": {"seed": "3"}}), "utf-8")
    return folder / "test.jsonl"


def test_drafts_of_no_use_are_counted_as_not_taken(scripted: None, tmp_path: Path) -> None:
    told = write_evaluate.evaluate(card(tmp_path), tmp_path, "", 3, "golden")["golden"]
    assert told["taken"] == told["at first try"] == {"right": 0, "of": 3}
    assert told["invented"] == 0
    assert told["templates"]["taken"] == {"right": 3, "of": 3}
    assert told["not taken at first"] == {"not the form wanted": 3}
    assert os.environ[write_evaluate._VARIABLE] == "before"


def test_the_cases_of_every_prompt_that_names_the_adapter_are_asked(scripted: None, tmp_path: Path) -> None:
    told = write_evaluate.evaluate(card(tmp_path), tmp_path, "write", 1, "prompts")["prompts"]
    assert set(told) == {one.label for one in registry() if one.adapter == ADAPTER}
    assert len(told) >= 7
    assert all(counts["right"] == 0 < counts["of"] for counts in told.values())


def test_sentences_of_reports_that_keep_their_words_and_figures_are_taken() -> None:
    same = Teacher(lambda request: json.dumps({"sentence": request.messages[-1]["content"]}))
    judge = write_evaluate._Judge(same, 25, 3)
    found = list(judge._figures())
    assert len(found) == 2
    assert all(one.taken and not one.invented for one in found)


def test_drafts_are_judged_one_by_one_for_the_guard(scripted: None, tmp_path: Path) -> None:
    adapter = tmp_path / "candidate.gguf"
    adapter.write_bytes(b"an adapter by another name")
    test = card(tmp_path)
    test.write_text("contexts", "utf-8")
    kept, golden = judged("write", test, adapter, 3)
    assert (kept.evaluation, golden.evaluation) == ("write/kept-out", "write/golden")
    assert len(golden.units) == 3 <= len(kept.units)
    assert {unit.score for unit in (*kept.units, *golden.units)} == {0.0}
    assert golden.adapter_sha256 == digest_of(adapter)
    test.write_text("other contexts", "utf-8")
    others, same = judged("write", test, adapter, 3)
    assert others.set_sha256 != kept.set_sha256
    assert same.set_sha256 == golden.set_sha256


def test_a_source_that_there_is_not_is_named(scripted: None, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="there is no source 'all'; there are kept-out, golden, prompts"):
        write_evaluate.evaluate(card(tmp_path), tmp_path, "", 1, "all")
