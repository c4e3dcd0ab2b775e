"""Preference tuning and going on from an adapter: the loss, its reference, interruptions, the way back."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from abax_runtime.errors import AdapterMismatch
from abax_runtime.gguf import open_gguf

from tests.support.models import small
from training.adapters import loop, preferences, start, train
from training.adapters.export import export
from training.adapters.plan import Limits, Preferring
from training.adapters.prefer import REFERENCE, PreferenceRun, pairs_of, prefer
from training.adapters.preferences import Pair
from training.torch_tests.test_train import MODEL, PLAN, data, learnt

PREFERRING = Preferring(batch_tokens=400, passes=4.0, longest=400, rate=2e-3)


@pytest.fixture(autouse=True)
def small_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small(MODEL).path))


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """As a first training leaves it: GGUF."""
    train.train(data(tmp_path / "first"), tmp_path / "begun", PLAN, Limits())
    return export(tmp_path / "begun", tmp_path / "extract.gguf", "extract")


def pairs(folder: Path) -> Path:
    made = [
        Pair(
            task="extract",
            name=str(number),
            messages=({"role": "user", "content": f"receipt\n\nTotal {number * 7}"},),
            chosen=json.dumps({"total": str(number * 7)}),
            rejected=json.dumps({"date": str(number * 3)}),
            source="sampled",
            licence="",
            language="en",
            group=str(number),
            kind="receipt",
            split="valid" if number > 11 else "train",
        )
        for number in range(14)
    ]
    preferences.write(folder, made, lambda _: None)
    return folder


def a_run(adapter: Path, out: Path, plan: Preferring = PREFERRING) -> PreferenceRun:
    with open_gguf(small(MODEL).path) as file:
        begun = start.read(adapter, file)
        twos = pairs_of(pairs(out) / "train.jsonl", file, plan.longest)
        plan = replace(plan, rank=begun.rank, alpha=begun.alpha)
        run = PreferenceRun(file, twos, [], out, plan, Limits(), "same", begun)
    run.refer()
    return run


def test_an_adapter_that_is_read_and_written_again_is_the_same_file(adapter: Path, tmp_path: Path) -> None:
    with open_gguf(small(MODEL).path) as file:
        begun = start.read(adapter, file)
        run = train.Supervised(file, [], [], tmp_path, replace(PLAN, rank=begun.rank), Limits(), "", begun)
    run.finish()
    again = export(tmp_path, tmp_path / "again.gguf", "extract")
    with open_gguf(adapter) as one, open_gguf(again) as other:
        assert one.tensors.keys() == other.tensors.keys()
        assert all(
            bytes(one.bytes(one.tensors[n])) == bytes(other.bytes(other.tensors[n])) for n in one.tensors
        )


def test_training_that_goes_on_begins_with_what_the_adapter_knows(adapter: Path, tmp_path: Path) -> None:
    folder = data(tmp_path / "data")
    fresh = train.train(folder, tmp_path / "fresh", PLAN, Limits(steps=1))
    further = train.train(folder, tmp_path / "further", replace(PLAN, rank=9), Limits(), adapter)
    assert further.points[0]["loss"] < 0.95 * fresh.points[0]["loss"]
    told = json.loads((tmp_path / "further" / "training.json").read_text("utf-8"))
    assert told["rank"] == 4
    assert len(told["started_from"]) == 64
    with pytest.raises(loop.OtherRun, match="other data or settings"):
        train.train(folder, tmp_path / "further", PLAN, Limits())


def test_at_the_start_no_answer_is_preferred(adapter: Path, tmp_path: Path) -> None:
    run = a_run(adapter, tmp_path)
    with torch.no_grad():
        loss = float(run.loss(run.ones[:4]))
    assert loss == pytest.approx(4 * math.log(2), rel=0.02)


def test_the_loss_is_that_of_the_paper(adapter: Path, tmp_path: Path) -> None:
    plan = replace(PREFERRING, beta=0.3, sft=0.5)
    run = a_run(adapter, tmp_path, plan)
    one = replace(run.ones[0], reference=(-20.0, -31.0))
    with torch.no_grad():
        chosen, rejected = (float(each) for each in run.likely([one])[:, 0])
        loss = float(run.loss([one]))
    margin = (chosen + 20.0) - (rejected + 31.0)
    tokens = len(one.chosen.tokens) - one.chosen.start
    wanted = math.log(1 + math.exp(-0.3 * margin)) - 0.5 * chosen / tokens
    assert loss == pytest.approx(wanted, rel=1e-4)


def test_tuning_makes_what_is_chosen_likelier_than_what_is_not(adapter: Path, tmp_path: Path) -> None:
    folder = pairs(tmp_path / "pairs")
    state = prefer(folder, tmp_path / "run", PREFERRING, Limits(), adapter)
    assert state.points[0]["loss"] == pytest.approx(math.log(2), rel=0.02)
    assert state.points[-1]["loss"] < 0.5 * math.log(2)
    assert state.points[-1]["right"] == 1.0
    assert state.points[-1]["margin"] > 2.0
    export(tmp_path / "run", tmp_path / "tuned.gguf", "extract")
    header = (tmp_path / "run" / "curve.csv").read_text("utf-8").splitlines()[0]
    assert header.endswith(",margin,right")


def test_an_interrupted_tuning_ends_as_if_nothing_had_been(adapter: Path, tmp_path: Path) -> None:
    folder = pairs(tmp_path / "pairs")
    prefer(folder, tmp_path / "whole", PREFERRING, Limits(), adapter)
    prefer(folder, tmp_path / "cut", PREFERRING, Limits(steps=3), adapter)
    kept = (tmp_path / "cut" / REFERENCE).stat().st_mtime_ns
    prefer(folder, tmp_path / "cut", PREFERRING, Limits(), adapter)
    assert (tmp_path / "cut" / REFERENCE).stat().st_mtime_ns == kept
    one, other = learnt(tmp_path / "whole"), learnt(tmp_path / "cut")
    assert all(np.array_equal(one[name], other[name]) for name in one)
    with pytest.raises(loop.OtherRun, match="other data or settings"):
        prefer(folder, tmp_path / "cut", replace(PREFERRING, beta=0.5), Limits(), adapter)


def test_a_set_without_pairs_is_said_to_be_one(adapter: Path, tmp_path: Path) -> None:
    preferences.write(tmp_path / "pairs", [], lambda _: None)
    with pytest.raises(loop.NothingToLearn, match="nothing to learn"):
        prefer(tmp_path / "pairs", tmp_path / "run", PREFERRING, Limits(), adapter)


def test_an_adapter_that_cannot_be_gone_on_from_is_refused(adapter: Path, tmp_path: Path) -> None:
    with open_gguf(small(MODEL).path) as file, pytest.raises(start.UnfitStart, match="no adapter at"):
        start.read(tmp_path / "none.gguf", file)
    other = small(replace(MODEL, seed=5)).path
    with open_gguf(other) as file, pytest.raises(AdapterMismatch):
        start.read(adapter, file)
