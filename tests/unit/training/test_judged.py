"""What an adapter gets right, and what it says by itself: through the runtime, on a small random model."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from abax.learning.guard import decide
from abax.learning.results import Results, Unit, read

from tests.support.models import Small, small
from tests.unit.training.test_adapter_examples import example
from tests.unit.training.test_adapter_start import a_run
from training.adapters import evaluate, judged, order, sampling, tuning
from training.adapters.examples import Example, Refused
from training.adapters.export import export
from training.adapters.preferences import Pair
from training.experiments.preference import difference

MODEL = Small(type="F32", layers=2, context=4096)


@pytest.fixture(autouse=True)
def small_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small(MODEL).path))
    monkeypatch.setattr(evaluate.answering, "ANSWER", 24)


def questions() -> Sequence[Example]:
    asked = [example(name=name, page=f"receipt: number\n\nNo {name}\nTotal 5.30") for name in ("A1", "B2")]
    return [replace(one, answer=json.dumps({"number": one.name})) for one in asked]


def test_results_name_the_set_the_adapter_and_what_each_document_scored(tmp_path: Path) -> None:
    ones = questions()
    (told,) = judged.judged("extract", written(tmp_path, ones), None)
    assert told.evaluation == f"extract/{ones[0].source}"
    assert [unit.name for unit in told.units] == ["A1", "B2"]
    assert {unit.group for unit in told.units} == {ones[0].group}
    assert told.adapter_sha256 == ""
    assert judged.judged("extract", written(tmp_path, ones), None) == [told]
    (fewer,) = judged.judged("extract", written(tmp_path, ones), None, count=1)
    assert fewer.set_sha256 != told.set_sha256
    assert fewer.units == told.units[:1]


def test_what_a_document_is_asked_twice_is_told_apart(tmp_path: Path) -> None:
    one, other = questions()
    (told,) = judged.judged("extract", written(tmp_path, [one, replace(other, name=one.name)]), None)
    assert [unit.name for unit in told.units] == ["A1", "A1 (2)"]
    assert decide([told], [told]).accepted is False


def test_frozen_files_with_the_same_sources_are_all_judged(tmp_path: Path) -> None:
    files = []
    for name, one in zip("ab", questions(), strict=True):
        (tmp_path / name).mkdir()
        files.append(written(tmp_path / name, [one]))
    order.judge(tmp_path, "extract", Namespace(frozen=files, count=None))
    for side in ("candidate", "live"):
        found = read(sorted((tmp_path / "out" / side).glob("*.json")))
        assert sorted(unit.name for one in found for unit in one.units) == ["A1", "B2"]
        assert len({one.evaluation for one in found}) == 2


def written(folder: Path, ones: Sequence[Example]) -> Path:
    path = folder / "test.jsonl"
    path.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in ones), "utf-8")
    return path


def test_an_answer_is_worth_the_f1_of_its_values() -> None:
    true = json.dumps({"number": "A1", "total": "5.30"})
    assert evaluate.score("receipt", true, true) == 1.0
    assert evaluate.score("receipt", json.dumps({"number": "A1"}), true) == pytest.approx(2 / 3)
    assert evaluate.score("receipt", json.dumps({"number": "A1", "total": "7"}), true) == 0.5
    assert evaluate.score("receipt", '{"number": "A1', true) == 0.0
    assert evaluate.score("receipt", "{}", "{}") == 1.0


def test_the_guard_lets_pass_what_is_worse_on_none_and_better_on_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def results(folder: str, evaluation: str, *scores: float) -> None:
        units = [Unit(name=f"d{number}", score=score) for number, score in enumerate(scores)]
        one = Results(evaluation=evaluation, set_sha256="s", units=tuple(units))
        tuning.keep([one], tmp_path / folder)

    def said(name: str = "extract") -> int:
        return tuning.guard(Namespace(adapter=name, before=tmp_path / "before", after=tmp_path / "after"))

    assert said() == 2
    assert "there are no results in" in capsys.readouterr().err
    results("before", "extract/receipts", *[0.0] * 8)
    results("before", "extract/invoices", 1.0, 1.0)
    results("after", "extract/receipts", *[1.0] * 8)
    assert said() == 2
    assert "must both be judged on extract/invoices" in capsys.readouterr().err
    results("after", "extract/invoices", 1.0, 1.0)
    assert said() == 0
    assert "may be published" in capsys.readouterr().out
    results("after", "extract/invoices", 1.0, 0.0)
    assert said() == 1
    assert "not to be published: worse on extract/invoices" in capsys.readouterr().out
    assert said("write") == 2
    assert "judges extract/invoices, extract/receipts, not write" in capsys.readouterr().err


def test_answers_are_drawn_again_as_they_were_by_the_same_seed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("adapter")
    a_run(folder, make=MODEL)
    path = export(folder, folder / "extract.gguf", "extract")
    first, again = (list(sampling.sampled(questions(), path, answers=3, seed=5)) for _ in range(2))
    assert first == again
    assert len(first) == 2
    for one in first:
        equal = isinstance(one, Refused) and one.why == "all answers are equally good"
        assert equal or (isinstance(one, Pair) and one.chosen != one.rejected)


def test_the_interval_of_a_difference_holds_its_mean_and_is_nothing_where_all_are_alike() -> None:
    assert difference([0.5, 1.0, 0.0], [0.5, 1.0, 0.0]) == (0.0, 0.0)
    low, high = difference([1.0, 1.0, 0.0, 1.0] * 10, [0.0, 1.0, 0.0, 1.0] * 10)
    assert 0.05 < low < 0.25 < high < 0.45
