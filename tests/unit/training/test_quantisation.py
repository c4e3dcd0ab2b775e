"""An adapter in the forms that are compared: what each file holds, and what is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from abax_runtime.adapter import describe
from abax_runtime.gguf import TensorType, open_gguf
from abax_runtime.quantize import dequantize

from tests.support.adapters import random_adapter
from tests.support.models import Small, small
from training.adapters import quantisation


def figures(right: int) -> dict[str, Any]:
    return {"fields": {"a": {"right": right, "of": 4}, "b": {"right": 0, "of": 4}}, "f1": right / 8}


def test_each_form_is_judged_on_its_own_files_and_told_in_one_table(tmp_path: Path) -> None:
    base = small(Small(type="Q4_1"))
    adapter = random_adapter(tmp_path / "extract.gguf", base.path).path
    seen: list[tuple[str, list[str], str]] = []

    def judge(model: Path | None, folder: Path, name: str) -> dict[str, Any]:
        matrices = "-"
        if model is not None:
            with open_gguf(model) as file:
                matrices = file.tensors["blk.0.ffn_up.weight"].type.name
        seen.append((matrices, sorted(one.name for one in folder.iterdir()), name))
        return figures(len(seen))

    made = list(quantisation.forms(adapter, judge, base.path))
    merged = [(kind, ["merged.gguf"], "") for kind in ("F32", "Q8_0", "Q4_1")]
    assert seen == [*merged, *2 * [("-", ["extract.gguf"], "extract")]]
    told = quantisation.table(made).splitlines()
    assert told[0] == "| form | bytes | exact | share | F1 |"
    assert [row.split(" | ")[0] for row in told[2:]] == [
        "| merged, F32",
        "| merged, Q8_0",
        "| merged, Q4_1",
        "| Q4_1 + adapter, F16",
        "| Q4_1 + adapter, Q8_0",
    ]
    assert told[-1].endswith("| 5 of 8 | 0.6250 | 0.6250 |")
    assert made[0].told == {"exact": {"right": 1, "of": 8}, "f1": 0.125, "bytes": made[0].size}
    assert made[0].size > made[1].size > made[2].size


@pytest.mark.parametrize(("kind", "error"), [(TensorType.F16, 1e-3), (TensorType.Q8_0, 1e-2)])
def test_a_rewritten_adapter_adds_the_same_but_for_rounding(
    tmp_path: Path, kind: TensorType, error: float
) -> None:
    base = small(Small(type="Q4_1"))
    adapter = random_adapter(tmp_path / "made.gguf", base.path).path
    quantisation.rewritten(adapter, tmp_path / "again.gguf", kind, base.path)
    with open_gguf(adapter) as one, open_gguf(tmp_path / "again.gguf") as other:
        before, after = describe(one), describe(other)
        assert before.pairs.keys() == after.pairs.keys()
        assert {pair.a.type for pair in after.pairs.values()} == {kind}
        for name, pair in before.pairs.items():
            mate = after.pairs[name]
            assert pair.scale == pytest.approx(mate.scale)
            for old, new in ((pair.a, mate.a), (pair.b, mate.b)):
                wanted, found = (
                    dequantize(t.type, f.bytes(t), t.shape[0] * t.shape[1])
                    for f, t in ((one, old), (other, new))
                )
                assert np.abs(wanted - found).max() <= error * np.abs(wanted).max()
