"""Files that are made, or changed while they are in use, so that native code would leave its memory."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax_runtime import native
from abax_runtime.context import Context
from abax_runtime.engine import Engine
from abax_runtime.errors import (
    ContextOverflow,
    InvalidModel,
    InvalidParameter,
    ModelChanged,
    ModelMissing,
    NotEnoughMemory,
    RuntimeFault,
    Unsupported,
)
from abax_runtime.gguf import open_gguf, write_gguf
from abax_runtime.model import Model
from abax_runtime.tokenizer import load_tokenizer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzz_gguf import probe_strings, probe_vocabulary
from tests.support.models import Made, Small, small

MAKE = Small(layers=1, width=64, heads=2, kv_heads=1, head_size=32, feed_forward=64, context=128)


@pytest.fixture(scope="module")
def made() -> Made:
    return small(MAKE)


@pytest.fixture
def context(made: Made) -> Iterator[Context]:
    with Model.load(made.path) as model, model.context(length=128, sequences=2, threads=1) as opened:
        yield opened


def rewritten(made: Made, path: Path, changes: dict[str, Any], fill: float | None = None) -> Path:
    """The model's file with other metadata (None: without), and vectors that hold ``fill``."""
    with open_gguf(made.path) as file:
        tensors = [
            (
                tensor.name,
                tensor.type,
                tensor.shape,
                struct.pack("<f", fill) * tensor.shape[0]
                if fill is not None and len(tensor.shape) == 1
                else bytes(file.bytes(tensor)),
            )
            for tensor in file.tensors.values()
        ]
    metadata = {key: value for key, value in {**made.metadata, **changes}.items() if value is not None}
    write_gguf(path, metadata, tensors)
    return path


# Arrays of strings


def strings(texts: list[bytes]) -> bytes:
    return b"".join(struct.pack("<q", len(text)) + text for text in texts)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.binary(max_size=12), max_size=9),
    more=st.integers(-2, 2),
    edits=st.lists(st.tuples(st.integers(0, 99), st.binary(min_size=1, max_size=8)), max_size=2),
    cut=st.integers(0, 9),
)
@example(texts=[b"", b"", b"\0\0"], more=-1, edits=[], cut=2)  # read anew, its first string fills the copy
def test_arrays_of_strings_are_never_read_beyond_memory(
    texts: list[bytes], more: int, edits: list[tuple[int, bytes]], cut: int
) -> None:
    content = bytearray(strings(texts))
    for at, change in edits:
        content[at : at + len(change)] = change[: max(0, len(content) - at)]
    probe_strings(bytes(content[: len(content) - cut]), max(0, len(texts) + more), native.load())


@pytest.mark.parametrize("length", [2**62, -1, 5, 2**20])
def test_an_array_written_to_after_it_was_checked_is_noticed_or_read_within_its_bounds(
    tmp_path: Path, length: int
) -> None:
    path, texts = tmp_path / "model.gguf", ["word"] * 2000
    write_gguf(path, {"tokens": texts, "last": "x"}, [])
    at = path.read_bytes().index(strings([b"word"])) + 12 * 700
    with open_gguf(path) as file:
        with path.open("r+b") as other:
            other.seek(at)
            other.write(struct.pack("<q", length))
        with pytest.raises((ModelChanged, InvalidModel)):
            list(file.metadata["tokens"])


# Vocabularies


def test_more_tokens_than_the_embedding_has_rows_are_refused(made: Made, tmp_path: Path) -> None:
    """Sampling would look for their logits, and there are none."""
    tokens = [*made.metadata["tokenizer.ggml.tokens"], "one", "more"]
    types = [*made.metadata["tokenizer.ggml.token_type"], 1, 1]
    changes = {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": types}
    path = rewritten(made, tmp_path / "long.gguf", changes)
    with Model.load(path) as model, pytest.raises(InvalidModel, match=f"{len(tokens)} tokens"):
        _ = model.tokenizer


def test_fewer_tokens_than_rows_are_all_that_is_ever_sampled(made: Made, tmp_path: Path) -> None:
    tokens = made.metadata["tokenizer.ggml.tokens"][:200]
    changes = {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.merges": None}
    path = rewritten(made, tmp_path / "short.gguf", changes)
    with Engine.open(path, length=64, threads=1) as engine:
        assert max(engine.generate([1, 2, 3], max_tokens=40).tokens) < 200
        with pytest.raises(InvalidParameter, match="from 0 to 199"):
            engine.generate([200])


@pytest.mark.parametrize("key", ["tokens", "merges"])
@pytest.mark.parametrize("count", [4, 2000])
def test_numbers_where_texts_are_due_are_refused(tmp_path: Path, key: str, count: int) -> None:
    metadata = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": ["a", "b"],
        f"tokenizer.ggml.{key}": list(range(count)),
    }
    write_gguf(tmp_path / "numbers.gguf", metadata, [])
    with open_gguf(tmp_path / "numbers.gguf") as file, pytest.raises(InvalidModel, match="no array of texts"):
        load_tokenizer(file.metadata).encode("abc")


def test_merges_that_the_library_panics_at_are_refused() -> None:
    metadata = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": ["▁a"],
        "tokenizer.ggml.merges": ["▁a ▁a", "▁a ▁a"],
        "tokenizer.ggml.pre": "deepseek-llm",
    }
    with pytest.raises(InvalidModel, match=r"tokenizer\.ggml\.merges"):
        load_tokenizer(metadata).encode("abc")


NAMES = st.sampled_from(
    ["", "a", "b", "ab", "▁", "▁a", "Ġa", "<unk>", "<0x41>", "<0xZZ>", "<|im_end|>", "\0"]
)


@settings(max_examples=100, deadline=None)
@given(
    model=st.sampled_from(["llama", "gpt2"]),
    tokens=st.lists(NAMES, max_size=12),
    types=st.none() | st.lists(st.integers(-2, 300), max_size=12),
    scores=st.none() | st.lists(st.floats(width=32), max_size=12),
    merges=st.none() | st.lists(st.tuples(NAMES, NAMES).map(" ".join) | NAMES, max_size=6),
    ids=st.dictionaries(st.sampled_from(["bos", "eos", "unknown", "eot"]), st.integers(-2, 13)),
)
def test_a_vocabulary_is_refused_or_reads_and_writes_any_text(
    model: str, tokens: list[str], types: Any, scores: Any, merges: Any, ids: dict[str, int]
) -> None:
    given_ = {"model": model, "tokens": tokens, "token_type": types, "scores": scores, "merges": merges}
    given_ |= {f"{kind}_token_id": id for kind, id in ids.items()}
    probe_vocabulary({f"tokenizer.ggml.{key}": value for key, value in given_.items() if value is not None})


# Sizes


SIZES = (
    "context_length",
    "embedding_length",
    "block_count",
    "feed_forward_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "rope.dimension_count",
)
VALUES = (0, 1, 2, 3, 4, 16, 30, 32, 33, 34, 48, 63, 64, 65, 96, 128, 255, 2**24, 2**31, 2**32 - 1, 2**63, -1)


@settings(max_examples=120, deadline=None)
@given(
    changes=st.dictionaries(
        st.sampled_from(SIZES), st.none() | st.sampled_from(VALUES), min_size=1, max_size=3
    )
)
@example(changes={"attention.head_count_kv": 0})
@example(changes={"attention.head_count": 1, "attention.key_length": 64, "attention.value_length": 64})
@example(changes={"attention.head_count": 4, "attention.key_length": 16, "attention.value_length": 16})
@example(changes={"rope.dimension_count": 34})
@example(changes={"rope.dimension_count": 2})
@example(changes={"attention.head_count": 2**24, "attention.key_length": 2**24})
def test_a_model_of_any_sizes_is_refused_or_runs(made: Made, changes: dict[str, int | None]) -> None:
    named = {f"llama.{key}": value for key, value in changes.items()}
    path = rewritten(made, made.path.with_name("sizes.gguf"), named)
    try:
        model = Model.load(path)
    except (InvalidModel, Unsupported):
        return
    with model:
        try:
            context = model.context(length=min(64, model.config.context_length), threads=2)
        except NotEnoughMemory:
            return
        count = min(3, context.length)
        context.step([1, 2, 3][:count], range(count), [0] * count, [count - 1])
        assert len(context.logits(0)) == model.config.vocabulary


@pytest.mark.parametrize("fill", [float("nan"), float("inf"), -1e38, 1e-45])
def test_weights_that_are_no_numbers_make_no_text_and_no_harm(
    made: Made, tmp_path: Path, fill: float
) -> None:
    path = rewritten(made, tmp_path / "wild.gguf", {}, fill)
    with Engine.open(path, length=64, threads=1) as engine:
        try:
            assert len(engine.generate([1, 2, 3], max_tokens=4).tokens) <= 4
        except InvalidParameter as error:
            assert "no numbers" in str(error)


# What a caller gives


@pytest.mark.parametrize("token", [-1, -(2**31), "vocabulary", 2**31, 2**63, 2**64])
def test_tokens_that_the_embedding_does_not_have_are_refused(context: Context, token: int | str) -> None:
    number = context.model.config.vocabulary if token == "vocabulary" else token
    with pytest.raises(InvalidParameter, match="tokens"):
        context.step([1, number], [0, 1], [0, 0], [])


@pytest.mark.parametrize("position", [-1, 128, 2**31, 2**63])
def test_positions_beyond_a_slot_are_refused(context: Context, position: int) -> None:
    with pytest.raises((InvalidParameter, ContextOverflow)):
        context.step([1], [position], [0], [])


@pytest.mark.parametrize("field", ["length", "sequences", "batch", "threads"])
@pytest.mark.parametrize("value", [0, -1, 2**31, 2**62])
def test_contexts_of_impossible_sizes_are_refused(made: Made, tmp_path: Path, field: str, value: int) -> None:
    for path in (None, tmp_path / "cache"):
        with Model.load(made.path) as model:
            try:
                model.context(**{"length": 64, field: value}, kv_path=path)
            except RuntimeFault:
                assert not (tmp_path / "cache").exists()
            else:
                assert field == "batch"
                assert value > 0


def test_a_closed_model_makes_no_context(made: Made) -> None:
    model = Model.load(made.path)
    model.close()
    with pytest.raises(ModelMissing, match="closed"):
        model.context(length=64)


# Stored prefixes

TEXT = [17 + n * 29 % 300 for n in range(100)]


def fill(context: Context, tokens: list[int], start: int = 0, slot: int = 0) -> list[float]:
    """The last token's logits."""
    count = len(tokens)
    context.step(tokens, range(start, start + count), [slot] * count, [count - 1])
    return list(context.logits(0))


def stored(context: Context, path: Path, length: int = 80) -> list[float]:
    """A prefix in a file, mapped into slot 1; what the whole text comes to."""
    wanted = fill(context, TEXT)
    context.save_prefix(path, 0, length)
    context.load_prefix(path, 1)
    return wanted


def test_a_prefix_cut_short_while_it_is_mapped_is_noticed_before_it_is_read(
    context: Context, tmp_path: Path
) -> None:
    wanted = stored(context, tmp_path / "prefix")
    os.truncate(tmp_path / "prefix", 4096)
    with pytest.raises(ModelChanged, match="prefix was written to"):
        fill(context, TEXT[80:], 80, slot=1)
    assert fill(context, TEXT, 0, slot=1) == wanted


def test_a_slot_whose_prefix_was_cut_short_can_be_filled_anew(context: Context, tmp_path: Path) -> None:
    wanted = stored(context, tmp_path / "prefix")
    os.truncate(tmp_path / "prefix", 0)
    assert fill(context, TEXT, 0, slot=1) == wanted


def test_a_prefix_written_to_is_neither_copied_nor_stored_again(context: Context, tmp_path: Path) -> None:
    for use in (lambda: context.copy(1, 0, 80), lambda: context.save_prefix(tmp_path / "again", 1, 80)):
        stored(context, tmp_path / "prefix")
        os.truncate(tmp_path / "prefix", 0)
        with pytest.raises(ModelChanged):
            use()
    assert not (tmp_path / "again").exists()


def test_a_copy_over_a_slot_whose_prefix_was_cut_short_is_whole(context: Context, tmp_path: Path) -> None:
    wanted = stored(context, tmp_path / "prefix")
    os.truncate(tmp_path / "prefix", 0)
    context.copy(0, 1, 80)
    assert fill(context, TEXT[80:], 80, slot=1) == wanted


def test_a_prefix_that_another_takes_the_place_of_is_let_go(context: Context, tmp_path: Path) -> None:
    """The longer one's end would else stay mapped behind the shorter one."""
    wanted = stored(context, tmp_path / "long")
    context.save_prefix(tmp_path / "short", 0, 10)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        context.load_prefix(tmp_path / "short", 1)
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    os.truncate(tmp_path / "long", 0)
    assert fill(context, TEXT[10:], 10, slot=1) == wanted


def test_a_prefix_replaced_by_renaming_goes_on_as_it_was(context: Context, tmp_path: Path) -> None:
    wanted = stored(context, tmp_path / "prefix")
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "other").replace(tmp_path / "prefix")
    assert fill(context, TEXT[80:], 80, slot=1) == wanted


def test_what_is_no_file_or_holds_nothing_is_no_prefix(context: Context, tmp_path: Path) -> None:
    stored(context, tmp_path / "prefix")
    content = bytearray((tmp_path / "prefix").read_bytes())
    content[8:16] = bytes(8)
    (tmp_path / "empty").write_bytes(content[:4096])
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "empty", "pipe", "."):
        with pytest.raises(InvalidModel):
            context.load_prefix(tmp_path / name, 0)


def test_planes_of_another_length_than_was_told_beside_them_are_refused(made: Made, tmp_path: Path) -> None:
    with Engine.open(made.path, length=128, threads=1) as engine:
        text = "The invoice total is the sum of the net amount and the tax."
        engine.build_prefix(tmp_path / "one", text)
        engine.build_prefix(tmp_path / "other", text[:20])
        (tmp_path / "other").replace(tmp_path / "one")
    with Engine.open(made.path, length=128, threads=1) as engine:
        with pytest.raises(InvalidModel, match="positions, not"):
            engine.generate(f"{text} And so on.", prefix=tmp_path / "one", max_tokens=1)
        assert engine.generate(TEXT[:20], max_tokens=1).completion_tokens == 1
