"""Adapters written from arrays, and merged into plain models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from abax_runtime.adapter import Adapter, base_hash, check_base, describe, told
from abax_runtime.config import read_config
from abax_runtime.errors import AdapterMismatch, InvalidModel, InvalidParameter, Unsupported
from abax_runtime.gguf import TensorType, open_gguf
from abax_runtime.merge import gguf_rows, merge, write_adapter
from abax_runtime.model import Model
from abax_runtime.quantize import dequantize
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.adapters import random_adapter
from tests.support.models import Made, Small, small
from tests.support.quants import Floats, dequantise

pytestmark = pytest.mark.filterwarnings("ignore:.*does not say for which base")

EXACT = {TensorType.F32: 0.0, TensorType.F16: 1e-3, TensorType.BF16: 8e-3, TensorType.Q8_0: 2e-2}
"""What each type may lose of a value, by the largest of them."""


@pytest.fixture(scope="module")
def base() -> Made:
    return small(Small(type="Q4_1"))


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("merge")


def drawn(base: Made, names: list[str], rank: int, seed: int = 1) -> dict[str, tuple[Floats, Floats]]:
    random = np.random.default_rng(seed)
    return {
        name: (
            random.standard_normal((rank, base.weights[name].shape[1])).astype(np.float32),
            random.standard_normal((base.weights[name].shape[0], rank)).astype(np.float32),
        )
        for name in names
    }


def matrices(base: Made) -> list[str]:
    return [name for name, one in base.weights.items() if name.startswith("blk.") and one.ndim == 2]


# --- writing ---


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_again(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = small(Small(type="Q4_1"))
    names = data.draw(st.lists(st.sampled_from(matrices(base)), min_size=1, unique=True))
    rank, kind = data.draw(st.integers(1, 70)), data.draw(st.sampled_from(list(EXACT)))
    alpha = data.draw(st.floats(0.5, 256, width=32))
    pairs = drawn(base, names, rank)
    path = tmp_path_factory.mktemp("round") / "adapter.gguf"
    with open_gguf(base.path) as gguf:
        write_adapter(
            path, gguf, pairs, alpha=alpha, name="Receipts", kind=kind, training={"steps": 7, "data": "a"}
        )
        with open_gguf(path) as file:
            found = describe(file)
            check_base(found, gguf)
            assert found.base_hashes == (base_hash(gguf),)
            assert found.base_name == gguf.metadata["general.name"]
            assert told(found, file)["training"] == {"steps": 7, "data": "a"}
            assert (found.name, found.alpha, found.ranks) == ("Receipts", alpha, [rank])
            assert list(found.pairs) == names
            for name, (a, b) in pairs.items():
                for half, wanted in ((found.pairs[name].a, a), (found.pairs[name].b, b)):
                    read = dequantize(half.type, file.bytes(half), wanted.size).reshape(wanted.shape)
                    assert np.abs(read - wanted).max() <= max(EXACT[half.type], 0) * np.abs(wanted).max()


def test_a_written_adapter_is_loaded_without_a_warning(
    base: Made, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with Model.load(base.path) as model:
        write_adapter(tmp_path / "a.gguf", model.gguf, drawn(base, ["blk.0.attn_q.weight"], 4), alpha=8.0)
        assert Adapter.load(tmp_path / "a.gguf", model).ranks == [4]
    assert not recwarn.list


@pytest.mark.parametrize(
    ("name", "shape_a", "shape_b", "said"),
    [
        ("blk.9.attn_q.weight", (4, 256), (256, 4), "no such matrix"),
        ("output_norm.weight", (4, 256), (256, 4), "no such matrix"),
        ("blk.0.attn_q.weight", (4, 255), (256, 4), "for a matrix"),
        ("blk.0.attn_q.weight", (4, 256), (256, 5), "for a matrix"),
        ("blk.0.attn_k.weight", (4, 256), (256, 4), "for a matrix"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    base: Made, tmp_path: Path, name: str, shape_a: tuple[int, int], shape_b: tuple[int, int], said: str
) -> None:
    pair = (np.ones(shape_a, np.float32), np.ones(shape_b, np.float32))
    with open_gguf(base.path) as gguf, pytest.raises(InvalidParameter, match=said):
        write_adapter(tmp_path / "a.gguf", gguf, {name: pair}, alpha=1.0)
    assert not (tmp_path / "a.gguf").exists()


def test_nothing_and_what_is_not_finite_are_refused(base: Made, tmp_path: Path) -> None:
    pairs = drawn(base, ["blk.0.attn_q.weight"], 4)
    pairs["blk.0.attn_q.weight"][1][5, 1] = np.nan
    with open_gguf(base.path) as gguf:
        with pytest.raises(InvalidParameter, match="there is none"):
            write_adapter(tmp_path / "a.gguf", gguf, {}, alpha=1.0)
        with pytest.raises(InvalidParameter, match="not finite"):
            write_adapter(tmp_path / "a.gguf", gguf, pairs, alpha=1.0)


@pytest.mark.parametrize("name", ["attn_q", "attn_k"])
def test_rows_of_queries_and_keys_are_turned_as_the_weights_are_when_they_are_imported(
    base: Made, name: str
) -> None:
    """Pair p of a head is rows p and p + half of Hugging Face's, rows 2 p and 2 p + 1 of GGUF's."""
    with open_gguf(base.path) as gguf:
        config = read_config(gguf.metadata, len(base.weights["token_embd.weight"]))
    heads, size = config.heads if name == "attn_q" else config.kv_heads, config.head_size
    b = np.arange(heads * size * 3, dtype=np.float32).reshape(-1, 3)
    turned = gguf_rows(config, f"blk.0.{name}.weight", b)
    for head in range(heads):
        for pair in range(size // 2):
            at = head * size
            assert (turned[at + 2 * pair] == b[at + pair]).all()
            assert (turned[at + 2 * pair + 1] == b[at + size // 2 + pair]).all()
    for other in ("attn_v", "attn_output", "ffn_down"):
        assert gguf_rows(config, f"blk.0.{other}.weight", b) is b
    assert gguf_rows(config._replace(architecture="qwen2"), f"blk.0.{name}.weight", b) is b


def test_hugging_face_s_rows_are_turned_only_when_asked_for(base: Made, tmp_path: Path) -> None:
    name = "blk.0.attn_q.weight"
    pairs = drawn(base, [name], 4)
    with open_gguf(base.path) as gguf:
        config = read_config(gguf.metadata, len(base.weights["token_embd.weight"]))
        for turned in (False, True):
            path = tmp_path / f"{turned}.gguf"
            write_adapter(path, gguf, pairs, alpha=1.0, kind=TensorType.F32, hugging_face=turned)
            with open_gguf(path) as file:
                half = describe(file).pairs[name].b
                read = dequantize(half.type, file.bytes(half), 256 * 4).reshape(256, 4)
            assert (read == (gguf_rows(config, name, pairs[name][1]) if turned else pairs[name][1])).all()


# --- merging ---


@pytest.mark.parametrize("kind", [TensorType.F32, TensorType.F16, TensorType.BF16])
def test_merged_weights_are_the_sums(base: Made, tmp_path: Path, kind: TensorType) -> None:
    made = random_adapter(tmp_path / "a.gguf", base.path, targets=("attn_q", "ffn_down"), layers=(1,))
    report = merge(base.path, made.path, tmp_path / "merged.gguf", kind)
    with open_gguf(tmp_path / "merged.gguf") as merged, open_gguf(base.path) as gguf:
        assert merged.metadata | {"general.name": ""} == gguf.metadata | {"general.name": ""}
        assert merged.metadata["general.name"] != gguf.metadata["general.name"]
        for name, tensor in merged.tensors.items():
            if name not in made.added:
                assert tensor.type == gguf.tensors[name].type
                assert bytes(merged.bytes(tensor)) == bytes(gguf.bytes(gguf.tensors[name]))
                continue
            found = dequantise(tensor.type.name, merged.bytes(tensor), tensor.shape)
            wanted = base.weights[name] + made.added[name]
            assert tensor.type == kind
            assert np.abs(found - wanted).max() <= max(EXACT[kind], 1e-6) * np.abs(wanted).max()
    assert {one.name for one in report.tensors if one.squared_values} == set(made.added)


@pytest.mark.parametrize(("kind", "wanted"), [("Q4_1", "Q4_1"), ("Q8_0", "Q8_0"), ("Q4_K", "Q8_0")])
def test_by_default_each_matrix_keeps_its_type_where_we_can_write_it(
    tmp_path: Path, kind: str, wanted: str
) -> None:
    base = small(Small(type=kind))
    made = random_adapter(tmp_path / "a.gguf", base.path)
    report = merge(base.path, made.path, tmp_path / "merged.gguf")
    assert {one.type.name for one in report.tensors if one.name in made.added} == {wanted}
    assert 0 < report.relative_error < 0.1
    with Model.load(tmp_path / "merged.gguf") as model, model.context(length=32) as context:
        context.step([1, 2, 3], range(3), [0] * 3, [2])


def test_an_adapter_for_another_base_is_not_merged(base: Made, tmp_path: Path) -> None:
    twin = small(Small(type="Q4_1", seed=2))
    with open_gguf(twin.path) as gguf:
        pairs = drawn(twin, ["blk.0.attn_q.weight"], 4)
        write_adapter(tmp_path / "a.gguf", gguf, pairs, alpha=1.0)
    with pytest.raises(AdapterMismatch):
        merge(base.path, tmp_path / "a.gguf", tmp_path / "merged.gguf")
    assert not (tmp_path / "merged.gguf").exists()


def test_sums_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    base = small(Small(type="F32"))
    made = random_adapter(tmp_path / "a.gguf", base.path, size=1e30, rank=16)
    with pytest.raises(InvalidModel, match="not finite"):
        _scaled_up(made.path)
        merge(base.path, made.path, tmp_path / "merged.gguf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gguf"]


def _scaled_up(path: Path) -> None:
    """One value of an adapter becomes infinite."""
    with open_gguf(path) as gguf:
        tensor = gguf.tensors["blk.0.attn_q.weight.lora_a"]
    data = bytearray(path.read_bytes())
    data[tensor.offset : tensor.offset + 4] = np.float32(np.inf).tobytes()
    path.write_bytes(data)


def test_types_that_we_cannot_write_are_refused(base: Made, tmp_path: Path) -> None:
    made = random_adapter(tmp_path / "a.gguf", base.path)
    with pytest.raises(Unsupported, match="Q6_K"):
        merge(base.path, made.path, tmp_path / "merged.gguf", TensorType.Q6_K)
