"""What an adapter gets right, and what it says by itself: through the runtime, on a small random model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.models import Small, small
from tests.unit.training.test_adapter_examples import example
from tests.unit.training.test_adapter_start import a_run
from training.adapters import judged, sampling
from training.adapters.examples import Example, Refused
from training.adapters.export import export
from training.adapters.preferences import Pair
from training.experiments.preference import difference

MODEL = Small(type="F32", layers=2, context=4096)


@pytest.fixture(autouse=True)
def small_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small(MODEL).path))
    monkeypatch.setattr(sampling.answering, "ANSWER", 24)


def questions() -> Sequence[Example]:
    asked = [example(name=name, page=f"receipt: number\n\nNo {name}\nTotal 5.30") for name in ("A1", "B2")]
    return [replace(one, answer=json.dumps({"number": one.name})) for one in asked]


def test_results_name_the_set_the_adapter_and_what_each_document_scored() -> None:
    ones = questions()
    told = judged.judged("receipts", ones, None)
    assert [unit["name"] for unit in told["units"]] == ["A1", "B2"]
    assert all(0.0 <= unit["score"] <= 1.0 and unit["group"] == ones[0].group for unit in told["units"])
    assert told["adapter_sha256"] == ""
    assert judged.judged("receipts", ones, None) == told
    assert judged.judged("receipts", ones[:1], None)["set_sha256"] != told["set_sha256"]


def test_answers_may_be_scored_otherwise() -> None:
    truths: list[str] = []

    def score(kind: str, said: str, true: str) -> float:
        truths.append(true)
        return 0.25

    told = judged.judged("receipts", questions(), None, score)
    assert [unit["score"] for unit in told["units"]] == [0.25, 0.25]
    assert truths == ['{"number": "A1"}', '{"number": "B2"}']


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
