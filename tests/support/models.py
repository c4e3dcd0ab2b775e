"""Language models for tests: small random ones of every kind, made by seed, and the default one.

``small(Small(...))`` writes a GGUF file of a few hundred KB once per run and hands back its path with the
weights as float32, as a reader of the file should see them.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Final

import numpy as np
import pytest
from abax_runtime.gguf import TensorType, write_gguf

from tests.support.quants import BLOCKS, Floats, dequantise, quantise

ARCHITECTURES: Final = ("llama", "qwen2", "qwen3")
TOKENIZERS: Final = ("bytes", "pieces")

_FOLDER = TemporaryDirectory(prefix="abax-models-")


@dataclass(frozen=True)
class Small:
    """A small model's make. ``rope``: "plain", "linear", "yarn" or "llama3" (factors in a tensor)."""

    architecture: str = "llama"
    type: str = "Q8_0"
    tokenizer: str = "bytes"
    layers: int = 2
    width: int = 256
    heads: int = 4
    kv_heads: int = 2
    head_size: int = 64
    feed_forward: int = 512
    context: int = 512
    tied: bool = False
    rope: str = "plain"
    output_type: str | None = None
    """Of the output matrix, or of the embedding where they are tied; None: as the rest."""
    vocabulary: int | None = None
    """Padded to this many tokens; None: as many as the tokenizer has."""
    seed: int = 1


@dataclass(frozen=True)
class Made:
    """A model file, what it says of itself, and its weights and their types by tensor name."""

    path: Path
    metadata: Mapping[str, Any]
    weights: Mapping[str, Floats] = field(repr=False)
    types: Mapping[str, str] = field(repr=False)


@cache
def small(make: Small = Small()) -> Made:
    """The model of a make, written once per run."""
    name = f"{make.architecture}-{make.type}-{make.tokenizer}-{abs(hash(make)):x}.gguf"
    return write_small(Path(_FOLDER.name) / name, make)


def write_small(path: Path, make: Small) -> Made:
    """Write the model of a make to ``path``."""
    metadata = metadata_of(make)
    vocabulary = len(metadata["tokenizer.ggml.tokens"])
    random = np.random.default_rng(make.seed)
    tensors, weights, types = [], {}, {}
    for name, shape in _shapes(make, vocabulary):
        values = _values(name, shape, make, random)
        kind = _type_of(name, shape, make)
        data = quantise(kind, values)
        tensors.append((name, TensorType[kind], shape, data))
        weights[name], types[name] = dequantise(kind, data, shape), kind
    write_gguf(path, metadata, tensors)
    return Made(path, metadata, weights, types)


def _shapes(make: Small, vocabulary: int) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Names and shapes, rows first, in the order of the computation."""
    width, queries, keys = make.width, make.heads * make.head_size, make.kv_heads * make.head_size
    yield "token_embd.weight", (vocabulary, width)
    if make.rope == "llama3":
        yield "rope_freqs.weight", (make.head_size // 2,)
    for layer in range(make.layers):
        rows = {"attn_q": queries, "attn_k": keys, "attn_v": keys}
        yield f"blk.{layer}.attn_norm.weight", (width,)
        for name, count in rows.items():
            yield f"blk.{layer}.{name}.weight", (count, width)
            if make.architecture == "qwen2":
                yield f"blk.{layer}.{name}.bias", (count,)
        if make.architecture == "qwen3":
            yield f"blk.{layer}.attn_q_norm.weight", (make.head_size,)
            yield f"blk.{layer}.attn_k_norm.weight", (make.head_size,)
        yield f"blk.{layer}.attn_output.weight", (width, queries)
        yield f"blk.{layer}.ffn_norm.weight", (width,)
        yield f"blk.{layer}.ffn_gate.weight", (make.feed_forward, width)
        yield f"blk.{layer}.ffn_up.weight", (make.feed_forward, width)
        yield f"blk.{layer}.ffn_down.weight", (width, make.feed_forward)
    yield "output_norm.weight", (width,)
    if not make.tied:
        yield "output.weight", (vocabulary, width)


def _values(name: str, shape: tuple[int, ...], make: Small, random: np.random.Generator) -> Floats:
    """Random values that keep every layer's input near unit size, and logits some units apart."""
    if name == "rope_freqs.weight":
        return np.linspace(1, 8, shape[0], dtype=np.float32)
    drawn = random.standard_normal(shape).astype(np.float32)
    if name.endswith("norm.weight"):
        return 1 + drawn / 10
    if name.endswith(".bias"):
        return drawn / 5
    if name == "token_embd.weight":
        return drawn / np.float32(5 if make.tied else 1)
    return drawn * np.float32((3 if name == "output.weight" else 1) / shape[-1] ** 0.5)


def _type_of(name: str, shape: tuple[int, ...], make: Small) -> str:
    if len(shape) == 1:
        return "F32"
    last = "token_embd.weight" if make.tied else "output.weight"
    kind = (make.output_type or make.type) if name == last else make.type
    assert shape[-1] % BLOCKS[kind][0] == 0, f"{name}: {shape[-1]} columns as {kind}"
    return kind


def metadata_of(make: Small) -> dict[str, Any]:
    """What the file says of itself: shape, rope and tokenizer."""
    arch = make.architecture
    shape = {
        "context_length": make.context,
        "embedding_length": make.width,
        "block_count": make.layers,
        "feed_forward_length": make.feed_forward,
        "attention.head_count": make.heads,
        "attention.head_count_kv": make.kv_heads,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "attention.key_length": make.head_size,
        "attention.value_length": make.head_size,
        "rope.freq_base": 10000.0,
        **({"rope.dimension_count": make.head_size} if arch == "llama" else {}),
        **_rope(make),
    }
    tokenizer = tokenizer_metadata(make.tokenizer, make.vocabulary)
    return {
        "general.architecture": arch,
        "general.name": f"small {arch} of random {make.type}",
        **{f"{arch}.{key}": value for key, value in shape.items()},
        f"{arch}.vocab_size": len(tokenizer["tokenizer.ggml.tokens"]),
        **tokenizer,
    }


def _rope(make: Small) -> dict[str, Any]:
    if make.rope not in ("linear", "yarn"):
        return {}
    return {
        "rope.scaling.type": make.rope,
        "rope.scaling.factor": 4.0,
        "rope.scaling.original_context_length": make.context // 4,
    }


NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""Token types of a GGUF vocabulary."""

CHAT_TEMPLATE: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CORPUS: Final = (
    "The invoice total is the sum of the net amount and the tax. The customer pays the invoice within "
    "thirty days of the date of the invoice; the supplier books the payment against the open item. "
    "An account holds the entries of a period, and the balance of the account is the sum of the entries. "
    "At the end of the year the result is carried forward to the retained earnings, and the statements "
    "are drawn up from the balances."
)


def tokenizer_metadata(family: str, size: int | None = None) -> dict[str, Any]:
    """A small vocabulary: "bytes" is byte-level BPE (``gpt2``), "pieces" SentencePiece with byte fallback."""
    found = _byte_level() if family == "bytes" else _sentence_pieces()
    tokens = found["tokenizer.ggml.tokens"]
    for n in range((size or 0) - len(tokens)):
        tokens.append(f"<pad{n}>")
        found["tokenizer.ggml.token_type"].append(CONTROL)
        if "tokenizer.ggml.scores" in found:
            found["tokenizer.ggml.scores"].append(0.0)
    return found


def _byte_level() -> dict[str, Any]:
    letters = byte_letters()
    controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    words = Counter("".join(letters[byte] for byte in f" {word}".encode()) for word in CORPUS.split())
    merges = learn_merges(words, 80)
    tokens = controls + [letters[byte] for byte in range(256)] + ["".join(pair) for pair in merges]
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [CONTROL] * len(controls) + [NORMAL] * (len(tokens) - len(controls)),
        "tokenizer.ggml.merges": [" ".join(pair) for pair in merges],
        "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": CHAT_TEMPLATE,
    }


def _sentence_pieces() -> dict[str, Any]:
    words = Counter("▁" + word for word in CORPUS.split())
    letters = sorted({letter for word in words for letter in word})
    learnt = list(dict.fromkeys("".join(pair) for pair in learn_merges(words, 80)))
    pieces = learnt + letters
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [0.0] * 259 + [-float(rank) for rank in range(len(pieces))],
        "tokenizer.ggml.token_type": [UNKNOWN, CONTROL, CONTROL] + [BYTE] * 256 + [NORMAL] * len(pieces),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
    }


def byte_letters() -> dict[int, str]:
    """The printable letter that byte-level vocabularies write for each byte (GPT-2's table)."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = (byte for byte in range(256) if byte not in printable)
    moved = {byte: chr(256 + n) for n, byte in enumerate(others)}
    return {byte: moved.get(byte, chr(byte)) for byte in range(256)}


def learn_merges(words: Mapping[str, int], count: int) -> list[tuple[str, str]]:
    """The first merges of byte-pair encoding; ties go to the pair that sorts first."""
    split = {word: list(word) for word in words}
    merges: list[tuple[str, str]] = []
    while len(merges) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in split.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        split = {word: _merged(parts, best) for word, parts in split.items()}
    return merges


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    for part in parts:
        if merged and (merged[-1], part) == pair:
            merged[-1] += part
        else:
            merged.append(part)
    return merged


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The default model's file, unpacked once per machine; a test that cannot have it fails in CI."""
    from abax_runtime import models
    from abax_runtime.errors import ModelMissing

    with (Path(gettempdir()) / f"abax-default-model-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of many test processes fetches it
        try:
            return models.default_model()
        except ModelMissing:
            pass
        try:
            return models.fetch()
        except ModelMissing as problem:
            pytest.skip(f"no default model: {problem}")
