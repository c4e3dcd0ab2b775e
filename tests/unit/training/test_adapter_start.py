"""The adapter that training goes on from: what is exported and read again is what was learnt. Numpy alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from abax_runtime.errors import AdapterMismatch, RuntimeFault
from abax_runtime.gguf import open_gguf

from tests.support.models import Small, small
from training.adapters import base, start
from training.adapters.export import export

MODEL = Small(type="F32", layers=2)


def a_run(folder: Path, rank: int = 4, make: Small = MODEL) -> dict[str, np.ndarray]:
    """The folder of a run that has ended, and what it learnt: rows of queries and keys in torch's order."""
    random, learnt = np.random.default_rng(3), {}
    for name in (f"blk.{layer}.{kind}.weight" for layer in (0, 1) for kind in base.MATRICES):
        rows, columns = small(make).weights[name].shape
        learnt[f"{name}/a"] = random.normal(size=(rank, columns)).astype(np.float32)
        learnt[f"{name}/b"] = random.normal(size=(rows, rank)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "adapter.npz", **learnt)  # type: ignore[arg-type]
    (folder / "training.json").write_text(json.dumps({"alpha": 8.0, "rank": rank}), "utf-8")
    return learnt


@pytest.mark.parametrize("kind", ["f16", "q8_0"])
def test_what_is_exported_read_and_exported_again_is_the_same_byte_for_byte(
    tmp_path: Path, kind: str
) -> None:
    learnt, model = a_run(tmp_path / "run"), small(MODEL).path
    path = export(tmp_path / "run", tmp_path / "a.gguf", "extract", model, kind)
    with open_gguf(model) as file:
        begun = start.read(path, file)
    assert (begun.rank, begun.alpha) == (4, 8.0)
    assert begun.halves.keys() == learnt.keys()
    for name, values in learnt.items():
        assert np.abs(begun.halves[name] - values).max() < 0.02 * np.abs(values).max(), name
    np.savez(tmp_path / "run" / "adapter.npz", **begun.halves)  # type: ignore[arg-type]
    again = export(tmp_path / "run", tmp_path / "b.gguf", "extract", model, kind)
    assert again.read_bytes() == path.read_bytes()


def test_an_adapter_names_the_data_that_it_was_trained_on(tmp_path: Path) -> None:
    a_run(tmp_path / "run")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "card.json").write_text(
        json.dumps({"splits": {"train": {"sha256": "7a26"}}}), "utf-8"
    )
    path = export(tmp_path / "run", tmp_path / "a.gguf", "extract", small(MODEL).path)
    with open_gguf(path) as file:
        assert file.metadata["abax.training.data_sha256"] == "7a26"


def test_the_folder_of_a_run_is_read_as_it_was_learnt(tmp_path: Path) -> None:
    learnt = a_run(tmp_path)
    with open_gguf(small(MODEL).path) as file:
        begun = start.read(tmp_path, file)
    assert (begun.rank, begun.alpha) == (4, 8.0)
    assert all(np.array_equal(begun.halves[name], values) for name, values in learnt.items())


def test_what_training_cannot_go_on_from_is_refused_with_the_reason(tmp_path: Path) -> None:
    learnt = a_run(tmp_path / "run")
    path = export(tmp_path / "run", tmp_path / "a.gguf", "extract", small(MODEL).path)
    with open_gguf(small(Small(type="F32", layers=2, seed=5)).path) as other, pytest.raises(AdapterMismatch):
        start.read(path, other)
    fewer = {name: values for name, values in learnt.items() if "ffn" not in name}
    np.savez(tmp_path / "run" / "adapter.npz", **fewer)  # type: ignore[arg-type]
    with open_gguf(small(MODEL).path) as file:
        with pytest.raises(start.UnfitStart, match="other matrices"):
            start.read(tmp_path / "run", file)
        with pytest.raises(start.UnfitStart, match="no adapter at"):
            start.read(tmp_path / "none.gguf", file)
        with pytest.raises(RuntimeFault):
            start.read(small(MODEL).path, file)
