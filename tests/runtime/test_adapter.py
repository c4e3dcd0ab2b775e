"""Adapters: files that are what they say, the base they are for, and what they add to every product."""

from __future__ import annotations

import math
import os
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from abax_runtime.adapter import (
    BASE_HASH,
    SITES,
    Adapter,
    Adapters,
    adapter_files,
    base_hash,
    check_base,
    describe,
)
from abax_runtime.context import Context
from abax_runtime.errors import AdapterMismatch, InvalidModel, InvalidParameter, ModelMissing, Unsupported
from abax_runtime.gguf import TensorType, open_gguf, write_gguf
from abax_runtime.model import Model
from abax_runtime.program import MOST_RANK
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.adapters import ALL, MadeAdapter, random_adapter
from tests.support.models import Made, Small, small
from tests.support.quants import Floats

pytestmark = pytest.mark.filterwarnings("ignore:.*does not say for which base")

TEXT = [17 + n * 29 % 300 for n in range(150)]
OTHER = [19 + n * 31 % 300 for n in range(90)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def base() -> Made:
    return small(Small(type="Q4_1"))


@pytest.fixture(scope="module")
def model(base: Made) -> Iterator[Model]:
    with Model.load(base.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(folder: Path, base: Made) -> MadeAdapter:
    return random_adapter(folder / "made.gguf", base.path)


@pytest.fixture(scope="module")
def adapter(made: MadeAdapter, model: Model) -> Adapter:
    return Adapter.load(made.path, model)


@pytest.fixture(scope="module")
def second(folder: Path, base: Made, model: Model) -> Adapter:
    """Another one, of fewer matrices and another rank."""
    made = random_adapter(
        folder / "second.gguf", base.path, rank=5, targets=("attn_k", "ffn_up"), layers=(1,), seed=2
    )
    return Adapter.load(made.path, model)


@pytest.fixture(scope="module")
def context(model: Model) -> Iterator[Context]:
    with model.context(length=256, sequences=4, batch=64, threads=2) as opened:
        yield opened


def after(
    context: Context, tokens: list[int], adapter: Adapter | None = None, slot: int = 0, rows: int = 64
) -> bytes:
    """The last token's logits, bit by bit, read so many rows at a time."""
    adapters = {} if adapter is None else {slot: adapter}
    for begin in range(0, len(tokens), rows):
        part = tokens[begin : begin + rows]
        positions = range(begin, begin + len(part))
        context.step(part, positions, [slot] * len(part), [len(part) - 1], adapters)
    return context.logits(0).tobytes()


def values(bits: bytes) -> Floats:
    return np.frombuffer(bits, np.float32)


# --- what is added ---


def with_weights(path: Path, made: Made, weights: Mapping[str, Floats]) -> Path:
    """The same model with other weights, in float32."""
    with open_gguf(made.path) as gguf:
        tensors = [(name, TensorType.F32, one.shape, one) for name, one in weights.items()]
        write_gguf(path, gguf.metadata, tensors, types=gguf.value_types)
    return path


def compared(make: Small | Made, folder: Path, **how: Any) -> tuple[float, float]:
    """How far the logits with an adapter are from those of the merged weights in float32, and how far those
    of the base itself are from its weights in float32: root mean squares by that of what is added."""
    made = make if isinstance(make, Made) else small(make)
    named = random_adapter(folder / "compared.gguf", made.path, **how)
    added = {name: one + named.added.get(name, np.float32(0)) for name, one in made.weights.items()}
    merged = with_weights(folder / "merged.gguf", made, added)
    exact = with_weights(folder / "exact.gguf", made, made.weights)
    found = []
    for path, use in ((made.path, True), (made.path, False), (merged, False), (exact, False)):
        with Model.load(path) as model, model.context(length=256, threads=2) as context:
            adapter = Adapter.load(named.path, model) if use else None
            found.append(values(after(context, TEXT, adapter)))
    adapted, plain, wanted, unchanged = found
    size = np.std(wanted - unchanged)
    assert size > 0.02 * np.std(unchanged), "the adapter changes next to nothing"
    return float(np.std(adapted - wanted) / size), float(np.std(plain - unchanged) / size)


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_beside_float_weights_it_is_as_merged(kind: str, tmp_path: Path) -> None:
    wrong, _ = compared(Small(type=kind), tmp_path)
    assert wrong < 1e-4


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"])
def test_beside_quantised_weights_it_is_as_merged_within_the_base_s_own_rounding(
    kind: str, tmp_path: Path
) -> None:
    wrong, own = compared(Small(type=kind), tmp_path)
    assert wrong < 1.5 * own + 0.01


@pytest.mark.parametrize(
    "how",
    [
        {"rank": 1},
        {"rank": 8, "alpha": 0.0},
        {"rank": 17},
        {"rank": 64, "kind": "Q8_0"},
        {"kind": "F16"},
        {"kind": "BF16", "targets": ("attn_q", "attn_v")},
        {"targets": ("ffn_up",), "layers": (1,)},
        {"targets": ("attn_k", "attn_output", "ffn_down")},
        {"rank": MOST_RANK},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["F32", "Q8_0"])
def test_any_rank_type_and_choice_of_matrices_is_as_merged(
    how: dict[str, Any], kind: str, tmp_path: Path
) -> None:
    wrong, own = compared(Small(type=kind), tmp_path, **how)
    assert wrong < (1e-4 if kind == "F32" else 1.5 * own + 0.01)


@pytest.mark.parametrize("architecture", ["qwen2", "qwen3"])
def test_other_architectures_are_adapted_too(architecture: str, tmp_path: Path) -> None:
    wrong, own = compared(Small(architecture=architecture), tmp_path)
    assert wrong < 1.5 * own + 0.01


def test_a_width_that_is_no_multiple_of_64_and_heads_of_16_are_adapted(tmp_path: Path) -> None:
    make = Small(width=96, heads=6, kv_heads=3, head_size=16, feed_forward=160)
    wrong, own = compared(make, tmp_path)
    assert wrong < 1.5 * own + 0.01


@pytest.mark.parametrize("target", ["attn_v", "ffn_up", "ffn_down", "attn_output"])
def test_matrices_of_floats_among_quantised_ones_are_adapted(target: str, tmp_path: Path) -> None:
    made, path = small(Small(type="Q8_0")), tmp_path / "among.gguf"
    with open_gguf(made.path) as gguf:
        tensors: list[tuple[str, TensorType, tuple[int, ...], Any]] = [
            (name, TensorType.F32, one.shape, made.weights[name])
            if f".{target}." in name
            else (name, one.type, one.shape, gguf.bytes(one))
            for name, one in gguf.tensors.items()
        ]
        write_gguf(path, gguf.metadata, tensors, types=gguf.value_types)
    wrong, own = compared(Made(path, made.metadata, made.weights, made.types), tmp_path)
    assert wrong < 1.5 * own + 0.01


# --- mixed, and always the same ---


def test_without_an_adapter_not_a_bit_changes(context: Context, adapter: Adapter) -> None:
    wanted = after(context, TEXT)
    assert after(context, TEXT, adapter, slot=1) != wanted
    assert after(context, TEXT) == wanted


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(st.integers(1, 20), min_size=3, max_size=3),
    order=st.permutations([0, 1, 2]),
    turns=st.integers(1, 4),
)
def test_rows_of_several_adapters_in_a_step_do_not_touch_each_other(
    context: Context, adapter: Adapter, second: Adapter, rows: list[int], order: list[int], turns: int
) -> None:
    used = {0: adapter, 1: None, 2: second}
    texts = {slot: TEXT[slot : slot + rows[slot] * turns] for slot in order}
    wanted = {slot: after(context, texts[slot], used[slot], slot=3) for slot in order}
    adapters = {slot: one for slot, one in used.items() if one is not None}
    for turn in range(turns):
        parts = {slot: texts[slot][turn * rows[slot] : (turn + 1) * rows[slot]] for slot in order}
        context.step(
            [token for slot in order for token in parts[slot]],
            [turn * rows[slot] + at for slot in order for at in range(rows[slot])],
            [slot for slot in order for _ in range(rows[slot])],
            [sum(rows[slot] for slot in order[: place + 1]) - 1 for place in range(3)],
            adapters,
        )
    assert {slot: context.logits(place).tobytes() for place, slot in enumerate(order)} == wanted


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
@pytest.mark.parametrize("rows", [1, 3, 8, 17, 64])
def test_any_number_of_threads_and_rows_gives_the_same_bits(
    model: Model, context: Context, adapter: Adapter, threads: int, rows: int
) -> None:
    wanted = after(context, TEXT, adapter)
    with model.context(length=256, batch=64, threads=threads) as other:
        assert after(other, TEXT, adapter, rows=rows) == wanted
        assert after(other, TEXT, rows=rows) == after(context, TEXT)


def test_threads_on_one_core_beside_a_busy_one_wait_for_each_other(
    model: Model, context: Context, adapter: Adapter
) -> None:
    wanted = [after(context, TEXT[:count], adapter) for count in range(1, 40)]
    allowed = os.sched_getaffinity(0)
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        core = {min(allowed)}
        os.sched_setaffinity(0, core)
        os.sched_setaffinity(busy.pid, core)
        with model.context(length=256, batch=64, threads=3) as squeezed:
            assert [after(squeezed, TEXT[:count], adapter) for count in range(1, 40)] == wanted
    finally:
        os.sched_setaffinity(0, allowed)
        busy.kill()
        busy.wait()


def test_timed_steps_give_the_same_bits(model: Model, context: Context, adapter: Adapter) -> None:
    wanted = after(context, TEXT, adapter)
    for threads in (1, 2):
        with model.context(length=256, batch=64, threads=threads) as timed:
            timed.measure()
            assert after(timed, TEXT, adapter) == wanted


def test_embeddings_are_of_the_model_without_adapters(context: Context, adapter: Adapter) -> None:
    wanted = context.embed(TEXT[:40], slot=1)
    after(context, TEXT, adapter, slot=1)
    assert context.embed(TEXT[:40], slot=1) == wanted


def test_an_adapter_of_another_open_model_is_refused(context: Context, made: MadeAdapter, base: Made) -> None:
    with Model.load(base.path) as again:
        foreign = Adapter.load(made.path, again)
        with pytest.raises(InvalidParameter, match="loaded for another model"):
            context.step([1], [0], [0], [0], {0: foreign})


def test_a_prefix_is_of_one_adapter(
    context: Context, adapter: Adapter, second: Adapter, tmp_path: Path
) -> None:
    wanted = after(context, TEXT, adapter)
    after(context, TEXT[:-1], adapter)
    context.save_prefix(tmp_path / "one", 0, len(TEXT) - 1, adapter)
    for other in (None, second):
        with pytest.raises(InvalidModel, match="another model"):
            context.load_prefix(tmp_path / "one", 1, other)
    assert context.load_prefix(tmp_path / "one", 1, adapter) == len(TEXT) - 1
    context.step(TEXT[-1:], [len(TEXT) - 1], [1], [0], {1: adapter})
    assert context.logits(0).tobytes() == wanted


# --- the base ---


def test_an_adapter_with_its_base_s_hash_is_taken_without_a_word(folder: Path, base: Made) -> None:
    with open_gguf(base.path) as gguf:
        told = {BASE_HASH: base_hash(gguf)}
        made = random_adapter(folder / "hashed.gguf", base.path, metadata=told)
        with open_gguf(made.path) as file, warnings.catch_warnings():
            warnings.simplefilter("error")
            check_base(describe(file), gguf)


def test_one_of_several_hashes_is_enough(folder: Path, base: Made) -> None:
    with open_gguf(base.path) as gguf:
        told = {BASE_HASH: ["0" * 64, base_hash(gguf)]}
        made = random_adapter(folder / "several.gguf", base.path, metadata=told)
        with open_gguf(made.path) as file:
            check_base(describe(file), gguf)


def test_without_a_hash_a_warning_says_so(made: MadeAdapter, base: Made) -> None:
    with (
        open_gguf(made.path) as file,
        open_gguf(base.path) as gguf,
        pytest.warns(UserWarning, match="does not say for which base"),
    ):
        check_base(describe(file), gguf)


def test_an_adapter_for_another_base_is_refused_with_both_named(folder: Path, base: Made) -> None:
    twin = small(Small(type="Q4_1", seed=2))
    with open_gguf(twin.path) as gguf:
        told = {BASE_HASH: base_hash(gguf), "abax.base.name": "its twin"}
    made = random_adapter(folder / "twin.gguf", base.path, metadata=told)
    with Model.load(base.path) as model, pytest.raises(AdapterMismatch) as caught:
        Adapter.load(made.path, model)
    with open_gguf(base.path) as gguf:
        own = base_hash(gguf)
    assert all(one in str(caught.value) for one in ("its twin", told[BASE_HASH], own, str(base.path)))


def test_shapes_and_architectures_must_fit_as_well(folder: Path, model: Model) -> None:
    for make, what in (
        (Small(type="Q4_1", feed_forward=768), "of shape"),
        (Small(type="Q4_1", layers=3), "no such matrix"),
        (Small(type="Q4_1", architecture="qwen3"), "architecture 'qwen3'"),
    ):
        other = random_adapter(folder / "other.gguf", small(make).path)
        with pytest.raises(AdapterMismatch, match=what):
            Adapter.load(other.path, model)


def test_the_hash_is_of_tensors_alone(folder: Path, base: Made) -> None:
    again = folder / "renamed.gguf"
    with open_gguf(base.path) as gguf:
        wanted = base_hash(gguf)
        tensors = [(one.name, one.type, one.shape, gguf.bytes(one)) for one in gguf.tensors.values()]
        write_gguf(again, gguf.metadata | {"general.name": "x"}, tensors[::-1], types=gguf.value_types)
    with open_gguf(again) as gguf:
        assert base_hash(gguf) == wanted
    others = (Small(type="Q4_1", seed=2), Small(type="Q4_0"))
    for other in others:
        with open_gguf(small(other).path) as gguf:
            assert base_hash(gguf) != wanted


# --- damage ---

Change = Callable[[dict[str, Any], dict[str, Floats]], None]


def changed(path: Path, made: MadeAdapter, change: Change) -> Path:
    """The same file but for a change of its metadata or tensors."""
    with open_gguf(made.path) as gguf:
        told = dict(gguf.metadata)
        tensors = {
            name: np.frombuffer(gguf.bytes(one), np.float32).reshape(one.shape).copy()
            for name, one in gguf.tensors.items()
        }
    change(told, tensors)
    write_gguf(path, told, [(name, TensorType.F32, one.shape, one) for name, one in tensors.items()])
    return path


Q = "blk.0.attn_q.weight"


def put(name: str, value: float) -> Change:
    def change(_: dict[str, Any], tensors: dict[str, Floats]) -> None:
        tensors[name][3, 2] = value

    return change


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda told, _: told.pop("general.type"), InvalidModel, "no adapter"),
        (lambda told, _: told.update({"general.type": "model"}), InvalidModel, "no adapter"),
        (lambda told, _: told.update({"adapter.type": "control_vector"}), Unsupported, "control_vector"),
        (lambda told, _: told.update({"adapter.alora.invocation_tokens": [1]}), Unsupported, "alora"),
        (lambda told, _: told.update({"adapter.lora.alpha": math.nan}), InvalidModel, "no number"),
        (lambda told, _: told.update({"adapter.lora.alpha": "16"}), InvalidModel, "no number"),
        (lambda told, _: told.update({"adapter.lora.alpha": 1e35}), InvalidModel, "not finite"),
        (lambda _, tensors: tensors.clear(), InvalidModel, "without tensors"),
        (lambda _, tensors: tensors.pop(f"{Q}.lora_a"), InvalidModel, "lora_b and not the other"),
        (lambda _, tensors: tensors.pop(f"{Q}.lora_b"), InvalidModel, "lora_a and not the other"),
        (
            lambda _, tensors: tensors.update({f"{Q}.lora_a": np.ones((15, 256), np.float32)}),
            InvalidModel,
            "no common rank",
        ),
        (
            lambda _, tensors: tensors.update({f"{Q}.lora_a": np.ones(256, np.float32)}),
            InvalidModel,
            "no common rank",
        ),
        (
            lambda _, tensors: tensors.update({"blk.0.attn_norm.weight": np.ones(256, np.float32)}),
            Unsupported,
            "neither .lora_a nor .lora_b",
        ),
        (
            lambda _, tensors: tensors.update(
                {f"token_embd.weight.lora_{half}": np.ones((16, 16), np.float32) for half in "ab"}
            ),
            Unsupported,
            "token_embd.weight",
        ),
        (
            lambda _, tensors: tensors.update(
                {
                    f"{Q}.lora_a": np.ones((257, 256), np.float32),
                    f"{Q}.lora_b": np.ones((256, 257), np.float32),
                }
            ),
            Unsupported,
            "rank 257",
        ),
        (put(f"{Q}.lora_a", math.nan), InvalidModel, "not finite"),
        (put("blk.1.ffn_down.weight.lora_b", -math.inf), InvalidModel, "not finite"),
    ],
)
def test_a_damaged_adapter_is_refused_by_name(
    change: Change, error: type[Exception], said: str, made: MadeAdapter, model: Model, tmp_path: Path
) -> None:
    path = changed(tmp_path / "damaged.gguf", made, change)
    with pytest.raises(error, match=said) as caught:
        Adapter.load(path, model)
    assert str(path) in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_adapter_is_refused(share: float, made: MadeAdapter, model: Model, folder: Path) -> None:
    whole = made.path.read_bytes()
    path = folder / "short.gguf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InvalidModel):
        Adapter.load(path, model)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_changed_head_is_refused_or_harmless(
    at: int, byte: int, made: MadeAdapter, model: Model, context: Context, folder: Path
) -> None:
    whole = bytearray(made.path.read_bytes())
    whole[at] = byte
    path = folder / "changed.gguf"
    path.write_bytes(whole)
    try:
        adapter = Adapter.load(path, model)
    except (InvalidModel, Unsupported, AdapterMismatch):
        return
    assert np.isfinite(values(after(context, TEXT[:3], adapter))).all()


def test_an_empty_value_of_the_head_is_no_number(made: MadeAdapter, model: Model, tmp_path: Path) -> None:
    data = made.path.read_bytes()
    packed = struct.pack("<f", 32.0)
    at = data.index(b"adapter.lora.alpha") + len("adapter.lora.alpha") + 4
    assert data[at : at + 4] == packed
    path = tmp_path / "infinite.gguf"
    path.write_bytes(data[:at] + struct.pack("<f", math.inf) + data[at + 4 :])
    with pytest.raises(InvalidModel, match="no number"):
        Adapter.load(path, model)


# --- by name ---


def test_adapters_are_known_by_their_files_names(folder: Path, made: MadeAdapter, tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(made.path.read_bytes())
    (tmp_path / "b.gguf").write_bytes(b"junk")
    (tmp_path / "readme.txt").write_text("no adapter")
    assert sorted(adapter_files([tmp_path])) == ["a", "b"]
    assert sorted(adapter_files([tmp_path / "a.gguf", tmp_path])) == ["a", "b"]


def test_two_files_of_one_name_and_a_path_to_nothing_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.gguf").write_bytes(b"")
    with pytest.raises(InvalidParameter, match="same name"):
        adapter_files([tmp_path / "one", tmp_path / "two"])
    with pytest.raises(InvalidParameter, match="nothing at"):
        adapter_files([tmp_path / "three"])


def test_an_adapter_is_loaded_when_it_is_first_wanted(
    made: MadeAdapter, model: Model, tmp_path: Path
) -> None:
    (tmp_path / "good.gguf").write_bytes(made.path.read_bytes())
    (tmp_path / "bad.gguf").write_bytes(b"GGUF")
    known = Adapters(model, [tmp_path])
    assert known.names == ["bad", "good"]
    assert known.get("") is None
    assert known.get("good") is known.get("good")
    with pytest.raises(InvalidModel):
        known.get("bad")
    with pytest.raises(InvalidParameter, match="known are: bad, good"):
        known.get("ugly")
    (tmp_path / "bad.gguf").unlink()
    with pytest.raises(ModelMissing):
        known.get("bad")


def test_an_adapter_holds_no_file(made: MadeAdapter, model: Model, context: Context, tmp_path: Path) -> None:
    path = tmp_path / "gone.gguf"
    path.write_bytes(made.path.read_bytes())
    adapter = Adapter.load(path, model)
    wanted = after(context, TEXT[:20], adapter)
    path.write_bytes(b"")
    assert after(context, TEXT[:20], adapter) == wanted


def test_a_description_tells_ranks_and_targets(made: MadeAdapter) -> None:
    with open_gguf(made.path) as gguf:
        found = describe(gguf)
    assert (found.ranks, found.alpha, found.targets) == ([16], 32.0, list(ALL))
    assert len(found.pairs) == 2 * sum(map(len, SITES))
    assert {pair.scale for pair in found.pairs.values()} == {2.0}


def test_the_default_model_with_an_adapter_is_as_merged(default_model: Path, tmp_path: Path) -> None:
    from abax_runtime.merge import merge
    from abax_runtime.quantize import quantize

    made = random_adapter(tmp_path / "made.gguf", default_model, kind="F16")
    merge(default_model, made.path, tmp_path / "merged.gguf", TensorType.F16)
    quantize(default_model, tmp_path / "exact.gguf", TensorType.F16, output=None, requantize=True)
    tokens, found = [1, *range(1000, 1060)], []
    for path, use in ((default_model, True), (default_model, False), ("merged", False), ("exact", False)):
        with Model.load(tmp_path / f"{path}.gguf" if isinstance(path, str) else path) as model:
            adapter = Adapter.load(made.path, model) if use else None
            with model.context(length=128) as context:
                found.append(values(after(context, tokens, adapter)))
    adapted, plain, wanted, exact = found
    assert np.std(wanted - exact) > 4 * np.std(plain - exact), "the adapter changes next to nothing"
    assert np.std(adapted - wanted) < 1.5 * np.std(plain - exact)
