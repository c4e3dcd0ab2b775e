"""Slots, copies, and prefixes that are stored and mapped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from abax_runtime import cache, cpu
from abax_runtime.cache import Attention, CacheShape, KvCache
from abax_runtime.context import Context
from abax_runtime.errors import InvalidModel, InvalidParameter, ModelChanged, NotEnoughMemory
from abax_runtime.model import Model

from tests.support.models import Small, small

TEXT = [17 + n * 29 % 300 for n in range(150)]


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with Model.load(small(Small()).path) as opened:
        yield opened


@pytest.fixture(params=["f16", "q8_0"])
def context(model: Model, request: pytest.FixtureRequest) -> Iterator[Context]:
    with model.context(length=256, sequences=2, threads=1, kv=request.param) as made:
        yield made


def fill(context: Context, tokens: list[int], start: int = 0, slot: int = 0) -> list[float]:
    """The last token's logits."""
    count = len(tokens)
    context.step(tokens, range(start, start + count), [slot] * count, [count - 1])
    return list(context.logits(0))


def test_a_mapped_prefix_gives_the_logits_that_computing_it_gives(context: Context, tmp_path: Path) -> None:
    wanted = fill(context, TEXT)
    context.save_prefix(tmp_path / "prefix", 0, 100)
    fill(context, TEXT[::-1], slot=1)
    assert context.load_prefix(tmp_path / "prefix", 1) == 100
    assert fill(context, TEXT[100:], 100, slot=1) == wanted


def test_writing_after_a_mapped_prefix_leaves_its_file_alone(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "prefix"
    fill(context, TEXT)
    context.save_prefix(path, 0, 90)
    stored = path.read_bytes()
    context.load_prefix(path, 1)
    fill(context, TEXT[::-1], slot=1)
    assert path.read_bytes() == stored
    context.load_prefix(path, 1)
    assert fill(context, TEXT[90:], 90, slot=1) == fill(context, TEXT)


def test_a_prefix_outlives_the_removal_of_its_file(context: Context, tmp_path: Path) -> None:
    wanted = fill(context, TEXT)
    context.save_prefix(tmp_path / "prefix", 0, 64)
    context.load_prefix(tmp_path / "prefix", 1)
    (tmp_path / "prefix").unlink()
    assert fill(context, TEXT[64:], 64, slot=1) == wanted


def test_a_copied_slot_goes_on_as_the_first_would(context: Context) -> None:
    wanted = fill(context, TEXT)
    context.copy(0, 1, 70)
    assert fill(context, TEXT[70:], 70, slot=1) == wanted


def test_a_prefix_of_another_model_is_refused(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "prefix"
    with Model.load(small(Small(seed=2)).path) as other, other.context(length=64, threads=1) as strange:
        fill(strange, TEXT[:20])
        strange.save_prefix(path, 0, 20)
    with pytest.raises(InvalidModel, match="another model"):
        context.load_prefix(path, 0)


def test_a_prefix_cut_short_or_made_up_is_refused(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "prefix"
    fill(context, TEXT[:20])
    context.save_prefix(path, 0, 20)
    stored = path.read_bytes()
    for wrong in (b"", b"GGUF" * 99, stored[:-1], stored + b"\0", stored[:8] + b"\xff" * 8 + stored[16:]):
        path.write_bytes(wrong)
        with pytest.raises((InvalidModel, InvalidParameter)):
            context.load_prefix(path, 0)


def test_a_prefix_longer_than_the_slot_is_refused(model: Model, context: Context, tmp_path: Path) -> None:
    fill(context, TEXT)
    context.save_prefix(tmp_path / "prefix", 0, 150)
    kv = context._cache.shape.form
    with model.context(length=128, threads=1, kv=kv) as short, pytest.raises(InvalidParameter, match="150"):
        short.load_prefix(tmp_path / "prefix", 0)


def test_a_cache_in_a_file_computes_the_same_and_leaves_no_file(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "cache"
    with model.context(length=256, threads=1) as plain:
        wanted = fill(plain, TEXT)
    for named in (path, str(path)):
        with model.context(length=256, threads=1, kv_path=named) as context:
            assert not path.exists()
            assert fill(context, TEXT) == wanted


def test_a_cache_never_takes_the_place_of_a_file_that_is_there(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "books"
    path.write_text("of a company")
    with pytest.raises(InvalidParameter, match="File exists"):
        model.context(length=256, threads=1, kv_path=path)
    with pytest.raises(InvalidParameter, match="No such file"):
        model.context(length=256, threads=1, kv_path=tmp_path / "nowhere" / "cache")
    assert path.read_text() == "of a company"


def test_weights_that_change_are_noticed_before_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(small().path, path)
    with Model.load(path) as model, model.context(length=64, threads=1) as context:
        fill(context, TEXT[:20])
        path.unlink()
        with pytest.raises(ModelChanged, match="gone"):
            fill(context, TEXT[:1], 20)
        with pytest.raises(ModelChanged, match="gone"):
            context.embed(TEXT[:5])


def test_planes_begin_on_pages_and_hold_their_positions() -> None:
    shape = CacheShape(slots=2, length=100, layers=3, kv_heads=2, head_size=64, form="q8_0")
    assert shape.bytes_for(100) == 112 * 2 * 34
    assert shape.plane_bytes % 4096 == 0
    assert shape.total_bytes == 2 * 3 * 2 * 2 * shape.plane_bytes


def test_a_cache_larger_than_memory_is_refused_with_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "available_memory", lambda: 10 << 20)
    with pytest.raises(NotEnoughMemory) as caught:
        KvCache(CacheShape(1, 65536, 30, 3, 64, "f16"))
    assert caught.value.available == 10 << 20
    assert caught.value.needed > 700 << 20


def test_a_context_counts_its_model_and_buffers_too(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "available_memory", lambda: 1 << 20)
    with pytest.raises(NotEnoughMemory, match="the model with this context"):
        model.context(length=256, threads=1)


@pytest.mark.parametrize(
    "wrong", [{"kv": "q4_0"}, {"length": 0}, {"length": 9999}, {"sequences": 0}, {"threads": 999}]
)
def test_a_context_that_cannot_be_is_refused(model: Model, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter):
        model.context(**{"length": 64, **wrong})


def test_heads_that_blocks_do_not_fill_keep_to_f16() -> None:
    with pytest.raises(InvalidParameter, match="multiple of 32"):
        CacheShape(1, 64, 1, 1, 16, "q8_0")


@pytest.mark.parametrize(
    "wrong", [{"pattern": "diagonal"}, {"window": 0}, {"stride": 0}, {"global_tokens": -1}]
)
def test_an_attention_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter):
        Attention(**wrong)
