"""The experiment's reward model, PPO and group baseline: their formulas, and that they learn."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from abax_runtime.gguf import open_gguf

from tests.support.models import small
from training.adapters import examples
from training.adapters.plan import Limits
from training.adapters.prefer import pairs_of
from training.adapters.train import Supervised
from training.experiments import reinforced
from training.experiments.reinforced import Clock, Course, Drawing, Reward
from training.torch_tests.test_prefer import pairs
from training.torch_tests.test_train import MODEL, PLAN, data

COURSE = Course(rate=2e-3, questions=2, answers=3, pairs=8, length=512)


@pytest.fixture(autouse=True)
def small_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small(MODEL).path))


@pytest.fixture
def run(tmp_path: Path) -> Supervised:
    with open_gguf(small(MODEL).path) as file:
        return Supervised(file, [], [], tmp_path, PLAN, Limits(), "")


def test_a_step_too_far_earns_nothing_and_one_back_does() -> None:
    change = torch.tensor([0.5, -0.5, 0.1]).log1p().requires_grad_()
    (-3 * reinforced.clipped(change, torch.tensor([2.0, -1.0, 1.0]), 0.2)).backward()
    assert change.grad is not None
    assert change.grad.tolist() == pytest.approx([0.0, 0.0, 1.1])
    value = reinforced.clipped(change.detach(), torch.tensor([2.0, -1.0, 1.0]), 0.2)
    assert float(value) == pytest.approx(-(1.2 * 2.0 - 0.8 * 1.0 + 1.1) / 3)


def test_advantages_are_rewards_to_come_less_values_where_nothing_is_smoothed() -> None:
    each, values = torch.tensor([0.1, -0.2, 0.3]), torch.tensor([1.0, 2.0, 3.0])
    found = reinforced.generalised(each, values, 5.0, 1.0)
    assert found.tolist() == pytest.approx([5.2 - 1.0, 5.1 - 2.0, 5.3 - 3.0])
    single = reinforced.generalised(each, values, 5.0, 0.0)
    assert single.tolist() == pytest.approx([0.1 + 2.0 - 1.0, -0.2 + 3.0 - 2.0, 5.3 - 3.0])


def test_each_answer_is_held_against_the_others_to_its_question() -> None:
    found = reinforced.left_out([1.0, 0.0, 0.5, 0.3, 0.3, 0.3], 3)
    assert found.tolist() == pytest.approx([0.75, -0.75, 0.0, 0.0, 0.0, 0.0])


def test_a_reward_model_learns_which_answer_is_better(run: Supervised, tmp_path: Path) -> None:
    with open_gguf(small(MODEL).path) as file:
        twos = pairs_of(pairs(tmp_path / "pairs") / "train.jsonl", file, 400)
    before = reinforced.taken(run)
    reward, steps = Reward(run), iter(range(30))
    losses = reward.learn(twos, COURSE, lambda: next(steps) == 29)
    assert losses[0] == pytest.approx(math.log(2), rel=0.01)
    assert losses[-1] < 0.3
    assert reward.right(twos) == 1.0
    assert all(torch.equal(before[name], value) for name, value in run.learnt.items())


def test_a_round_of_each_moves_the_adapter_and_draws_what_the_policy_says(
    run: Supervised, tmp_path: Path
) -> None:
    ones = list(examples.read(data(tmp_path / "data") / "train.jsonl"))
    start = reinforced.taken(run)
    with open_gguf(small(MODEL).path) as file:
        drawing = Drawing(file, run, ones, tmp_path, COURSE)
        drawn = drawing.draw()
        assert len(drawn) == 6
        assert drawn[0].row.tokens[: drawn[0].row.start] == drawn[2].row.tokens[: drawn[2].row.start]
        told = reinforced.ppo(run, Reward(run), drawing, replace(COURSE, kl=0.1), Clock(0.01))
    assert len(told) == 1
    assert told[0]["apart"] == pytest.approx(0.0, abs=1e-4)
    assert 0.0 <= told[0]["score"] <= 1.0
    assert any(not torch.equal(start[name], value) for name, value in run.learnt.items())
