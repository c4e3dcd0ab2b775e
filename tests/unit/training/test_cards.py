"""The card of an adapter, from what the steps left behind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from abax_runtime.gguf import open_gguf
from abax_runtime.merge import write_adapter

from tests.support.models import default_model  # noqa: F401  (a fixture)
from training.adapters import cards

SPLIT = {
    "examples": 12,
    "source": {"scenes": 10, "corrections": 2},
    "language": {"en": 12},
    "licence": {"Apache-2.0": 12},
    "prompt_tokens": {"sum": 1000},
    "answer_tokens": {"sum": 234},
    "sha256": "ab" * 32,
}
COMMAND = {"adapter": "triage", "out": "build", "data": "../sets", "corrections": "None", "seed": "1"}
TRAINED = {
    "rank": 2, "alpha": 4.0, "passes": 1.0, "minutes": 44.1, "tokens": 1_130_000, "steps": 280,
    "device": "cpu", "torch": "2.9", "peak_memory_mb": 3000,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, default_model: Path) -> Path:  # noqa: F811
    data = {"command": COMMAND, "splits": {"train": SPLIT}, "groups_in_two_splits": 0}
    for name, told in (
        ("data/card.json", data | {"refused": {"a: leak": 3}}),
        ("run/training.json", TRAINED),
    ):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(json.dumps(told))
    with open_gguf(default_model) as base:
        name = "blk.0.attn_q.weight"
        rows = base.tensors[name].shape
        pair = (np.zeros((2, rows[-1]), np.float32), np.zeros((rows[-2], 2), np.float32))
        write_adapter(
            tmp_path / "triage.gguf", base, {name: pair}, alpha=4.0, name="triage", hugging_face=True
        )
    return tmp_path


def test_a_card_tells_data_figures_limits_and_commands(folder: Path) -> None:
    figures = {"category": {"accuracy": {"right": 3, "of": 4}, "macro_f1": 0.71234}, "mails": 1200}
    cards.keep(folder, "Kept out", {"untrained": {"mails": 1200}, "triage": figures})

    told = cards.card(folder, "triage", "Sorts mail.\n\n## Limits\n\nNo irony.", "2 cores")

    assert "# Adapter `triage`\n\nSorts mail." in told
    assert "| train | 12 | 1,234 | scenes 10, corrections 2 | en 12 | `abababababababab` |" in told
    assert "Left out: a: leak 3." in told
    assert "| category: accuracy |  | 3 of 4 (75%) |" in told
    assert "| category: macro f1 |  | 0.712 |" in told
    assert "| mails | 1,200 | 1,200 |" in told
    assert "## Limits\n\nNo irony." in told
    assert "python -m training.adapters data triage --data ../sets --seed 1" in told
    assert "python -m training.adapters train triage --rank 2 --alpha 4.0 --passes 1.0" in told


def test_figures_of_one_title_are_kept_column_by_column(tmp_path: Path) -> None:
    cards.keep(tmp_path, "Kept out", {"untrained": {"f1": 0.1}, "triage": {"f1": 0.5}})
    path = cards.keep(tmp_path, "Kept out", {"triage": {"f1": 0.7}})

    assert json.loads(path.read_text()) == {"Kept out": {"untrained": {"f1": 0.1}, "triage": {"f1": 0.7}}}


def test_a_step_that_left_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"card\.json"):
        cards.card(tmp_path, "triage", "x", "y")
