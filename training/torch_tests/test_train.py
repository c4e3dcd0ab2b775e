"""The trainer: the base as torch sees it, attention, going on after an interruption, and refusals."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from abax_runtime.gguf import open_gguf

from tests.runtime.reference import Reference
from tests.support.models import Small, small
from training.adapters import attention, base, loop, train
from training.adapters.examples import Example
from training.adapters.plan import Limits, Plan

MODEL = Small(type="F32", layers=2)
PLAN = Plan(batch_tokens=160, passes=1.0, longest=400, rank=4)
TOKENS = [5, 9, 40, 41, 42, 77, 9, 5, 130, 131, 7, 8]


@pytest.fixture(autouse=True)
def small_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(small(MODEL).path))


def data(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for split, count in (("train", 24), ("valid", 2)):
        rows = [
            Example(
                task="extract",
                name=str(number),
                messages=({"role": "user", "content": f"receipt\n\nTotal {number * 7}"},),
                answer=json.dumps({"total": str(number * 7)}),
                source="synthetic",
                licence="",
                language="en",
                group=str(number),
                kind="receipt",
                split=split,
            )
            for number in range(count)
        ]
        lines = [json.dumps(asdict(row)) + "\n" for row in rows]
        (folder / f"{split}.jsonl").write_text("".join(lines), "utf-8")
    return folder


def learnt(out: Path) -> dict[str, np.ndarray]:
    with np.load(out / "adapter.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("kind", ["F32", "Q4_1"])
def test_torch_computes_what_the_weights_of_the_file_say(kind: str) -> None:
    made = small(replace(MODEL, type=kind))
    with open_gguf(made.path) as file:
        model = base.load(file, torch.float32).eval()
    with torch.no_grad():
        ours = model(torch.tensor([TOKENS])).logits[0].numpy()
    theirs = Reference(made.metadata, made.weights).logits(TOKENS)
    assert np.abs(ours - theirs).max() < 1e-3 * np.abs(theirs).max()


def test_sliced_attention_is_attention() -> None:
    torch.manual_seed(1)
    query = torch.randn(2, 6, 600, 16, requires_grad=True)
    key, value = (torch.randn(2, 2, 600, 16, requires_grad=True) for _ in range(2))
    ours = attention.sliced(None, query, key, value, None, 0.25)[0].transpose(1, 2)
    wanted = torch.nn.functional.scaled_dot_product_attention(
        query, key.repeat_interleave(3, 1), value.repeat_interleave(3, 1), is_causal=True, scale=0.25
    )
    assert torch.allclose(ours, wanted, atol=1e-5)
    seed = torch.randn_like(ours)
    for one, other in zip(
        torch.autograd.grad(ours, (query, key, value), seed, retain_graph=True),
        torch.autograd.grad(wanted, (query, key, value), seed),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-4)


def test_an_interrupted_run_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    folder = data(tmp_path / "data")
    whole = train.train(folder, tmp_path / "whole", PLAN, Limits())
    train.train(folder, tmp_path / "cut", PLAN, Limits(steps=2))
    assert not (tmp_path / "cut" / "adapter.npz").exists()
    train.train(folder, tmp_path / "cut", PLAN, Limits())
    one, other = learnt(tmp_path / "whole"), learnt(tmp_path / "cut")
    assert whole.step > 4
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)
    rows = (tmp_path / "cut" / "curve.csv").read_text("utf-8").splitlines()
    assert len(rows) == whole.step + 1


def test_a_run_of_other_data_or_settings_is_not_gone_on_with(tmp_path: Path) -> None:
    folder = data(tmp_path / "data")
    train.train(folder, tmp_path / "run", PLAN, Limits(steps=1))
    with pytest.raises(loop.OtherRun, match="other data or settings"):
        train.train(folder, tmp_path / "run", replace(PLAN, rate=1e-3), Limits(steps=1))


def test_too_little_memory_is_said_before_anything_is_done() -> None:
    with open_gguf(small(MODEL).path) as file:
        config = base.config_of(file)
    with pytest.raises(loop.TooLittleMemory, match="GB are missing"):
        loop.needed(config, PLAN, free=1 << 20)
    assert loop.needed(config, PLAN, free=1 << 40) > 1 << 20


def test_only_the_answer_is_learnt_from(tmp_path: Path) -> None:
    folder = data(tmp_path / "data")
    with open_gguf(small(MODEL).path) as file:
        rows = train._rows(folder / "train.jsonl", file, PLAN)
        run = train.Supervised(file, rows, [], tmp_path, PLAN, Limits(), "")
    row = rows[0]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        alone = run.loss([row])
        both = run.loss([row, rows[1]])
        shown = torch.log_softmax(run.model(torch.tensor([row.tokens])).logits[0].float(), -1)
    wanted = -sum(float(shown[at - 1, row.tokens[at]]) for at in range(row.start, len(row.tokens)))
    assert float(alone) == pytest.approx(wanted, rel=0.02)
    assert float(both) == pytest.approx(float(alone) + float(run.loss([rows[1]]).detach()), rel=0.02)
