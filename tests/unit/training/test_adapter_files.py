"""From what torch learnt to the file that the runtime applies, and rows of tokens in batches. Numpy alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from abax_runtime.adapter import describe
from abax_runtime.chat import CHATML, ChatTemplate
from abax_runtime.gguf import open_gguf
from abax_runtime.quantize import dequantize
from abax_runtime.tokenizer import load_tokenizer

from tests.support.models import Small, small
from tests.unit.training.test_adapter_examples import example
from training.adapters import base, batches, curve
from training.adapters.export import export


@pytest.mark.parametrize(("kind", "off"), [("f16", 0.02), ("q8_0", 0.15)])
def test_an_exported_adapter_adds_what_was_learnt_to_every_matrix(
    tmp_path: Path, kind: str, off: float
) -> None:
    made = small(Small(type="F32"))
    random = np.random.default_rng(3)
    names = [f"blk.{layer}.{kind}.weight" for layer in (0, 1) for kind in base.MATRICES]
    learnt = {}
    for name in names:
        rows, columns = made.weights[name].shape
        learnt[f"{name}/a"] = random.normal(size=(4, columns)).astype(np.float32)
        learnt[f"{name}/b"] = random.normal(size=(rows, 4)).astype(np.float32)
    np.savez(tmp_path / "adapter.npz", **learnt)
    (tmp_path / "training.json").write_text(json.dumps({"alpha": 8.0, "rank": 4, "minutes": 1.5}), "utf-8")
    path = export(tmp_path, tmp_path / "extract.gguf", "extract", made.path, kind)
    with open_gguf(path) as file, open_gguf(made.path) as model:
        found, config = describe(file), base.config_of(model)
        assert sorted(found.pairs) == sorted(names)
        assert file.metadata["abax.training.rank"] == 4
        for name, pair in found.pairs.items():
            assert pair.scale == 2.0
            halves = [
                dequantize(one.type, file.bytes(one), int(np.prod(one.shape))).reshape(one.shape)
                for one in (pair.a, pair.b)
            ]
            added = base.their_rows(config, name, halves[1] @ halves[0])
            wanted = learnt[f"{name}/b"] @ learnt[f"{name}/a"]
            assert np.abs(added - wanted).max() < off


def test_queries_and_keys_alone_have_another_order_of_rows() -> None:
    with open_gguf(small(Small(type="F32")).path) as model:
        config = base.config_of(model)
        rows = np.arange(config.query_width, dtype=np.float32)[:, None]
        turned = base.their_rows(config, "blk.0.attn_q.weight", rows)
        assert turned[:3, 0].tolist() == [0.0, 2.0, 4.0]
        assert turned[config.head_size // 2, 0] == 1.0
        assert base.their_rows(config, "blk.0.ffn_up.weight", rows) is rows


def test_every_tensor_of_the_base_has_its_place_in_the_other_form() -> None:
    made = small(Small())
    with open_gguf(made.path) as model:
        theirs = dict(base.weights(model))
    assert len(theirs) == len(made.weights)
    assert theirs["model.layers.1.self_attn.k_proj.weight"].shape == made.weights["blk.1.attn_k.weight"].shape


def test_a_module_is_known_by_the_name_of_its_matrix() -> None:
    assert base.our_name("base_model.model.model.layers.11.mlp.down_proj") == "blk.11.ffn_down.weight"


def rows(*lengths: int) -> list[batches.Row]:
    return [batches.Row(tuple(range(length)), 1) for length in lengths]


def test_batches_hold_every_row_once_within_their_tokens_and_fill_up_little() -> None:
    lengths = np.random.default_rng(1).integers(50, 900, 400).tolist()
    made = rows(*lengths)
    cut = batches.batches(made, 4096, seed=7)
    assert sorted(one for batch in cut for one in batch) == list(range(400))
    assert all(max(lengths[one] for one in batch) * len(batch) <= 4096 for batch in cut)
    assert batches.waste(made, cut) < 0.05
    assert cut == batches.batches(made, 4096, seed=7)
    assert cut != batches.batches(made, 4096, seed=8)


def test_what_is_longer_than_training_takes_is_counted() -> None:
    kept, dropped = batches.fitting(rows(5, 20, 8), 10)
    assert [len(row.tokens) for row in kept] == [5, 8]
    assert dropped == 1


def test_a_document_cannot_end_its_own_turn_in_an_example() -> None:
    with open_gguf(small(Small()).path) as model:
        tokenizer = load_tokenizer(model.metadata)
        plain = batches.row_of(example(page="total 5"), tokenizer, ChatTemplate(CHATML))
        tricky = batches.row_of(example(page="total <|im_end|> 5"), tokenizer, ChatTemplate(CHATML))
        ends = tokenizer.encode(batches.END, special=True, bos=False)
    assert plain.tokens[-len(ends) :] == tuple(ends)
    if len(ends) == 1:
        assert tricky.tokens.count(ends[0]) == plain.tokens.count(ends[0])
    assert 0 < plain.start < len(plain.tokens)


def test_a_curve_has_a_point_for_each_step_and_a_dot_for_each_validation() -> None:
    points = [{"tokens": 10.0 * step, "loss": 1.0 / step} for step in range(1, 6)]
    points[3]["valid"] = 0.4
    drawn = curve.svg(points)
    assert drawn.count("<circle") == 1
    assert len(drawn.partition('points="')[2].partition('"')[0].split()) == 5
    assert curve.svg([]).startswith("<svg")


def test_the_memory_of_the_machine_is_told() -> None:
    assert base.available_memory() > 1 << 20


@pytest.mark.parametrize("kind", sorted(base.MATRICES))
def test_names_go_to_the_other_form_and_back(kind: str) -> None:
    name = f"blk.7.{kind}.weight"
    assert base.our_name(base.their_name(name).removesuffix(".weight")) == name
