"""The models that the runtime is measured on, made once into ``build/bench/models``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from abax_runtime.gguf import TensorType, bytes_of, write_gguf
from abax_runtime.quantize import quantize

from tests.support.models import tokenizer_metadata

FOLDER: Final = Path(__file__).parents[2] / "build" / "bench" / "models"


def default_model() -> Path:
    """The default model, fetched if need be."""
    from abax_runtime import models
    from abax_runtime.errors import ModelMissing

    try:
        return models.default_model()
    except ModelMissing:
        return models.fetch()


def variant(kind: str) -> Path:
    """The default model, whose matrices are Q4_1, as another type; the tied embedding at least as Q8_0."""
    if kind == "Q4_1":
        return default_model()
    return _once(
        f"smollm2-135m-{kind}",
        lambda path: quantize(default_model(), path, TensorType[kind], requantize=True),
    )


def _once(name: str, make: Callable[[Path], object]) -> Path:
    path = FOLDER / f"{name}.gguf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
    return path


LAYERS, WIDTH, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY = 22, 2048, 32, 4, 5632, 32_000
"""TinyLlama's shape, 1.1 billion weights."""


def llama_1b(kind: str) -> Path:
    """A model of that shape with random weights, as Q8_0 or Q4_0."""
    return _once(f"llama-1.1b-{kind}", lambda path: _write_llama(path, TensorType[kind]))


def _write_llama(path: Path, kind: TensorType) -> None:
    random = np.random.default_rng(11)
    shape: dict[str, int | float] = {
        "context_length": 2048,
        "embedding_length": WIDTH,
        "block_count": LAYERS,
        "feed_forward_length": FEED_FORWARD,
        "attention.head_count": HEADS,
        "attention.head_count_kv": KV_HEADS,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.dimension_count": WIDTH // HEADS,
        "rope.freq_base": 10000.0,
        "vocab_size": VOCABULARY,
    }
    metadata = {
        "general.architecture": "llama",
        "general.name": f"random 1.1 B {kind.name}",
        **{f"llama.{key}": value for key, value in shape.items()},
        **tokenizer_metadata("pieces", VOCABULARY),
    }
    write_gguf(path, metadata, [_drawn(name, kind, own, random) for name, own in _llama_shapes()])


def _llama_shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    keys = WIDTH // HEADS * KV_HEADS
    matrices = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (keys, WIDTH),
        "attn_v": (keys, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (FEED_FORWARD, WIDTH),
        "ffn_up": (FEED_FORWARD, WIDTH),
        "ffn_down": (WIDTH, FEED_FORWARD),
    }
    yield "token_embd.weight", (VOCABULARY, WIDTH)
    for layer in range(LAYERS):
        yield from ((f"blk.{layer}.{norm}.weight", (WIDTH,)) for norm in ("attn_norm", "ffn_norm"))
        yield from ((f"blk.{layer}.{name}.weight", own) for name, own in matrices.items())
    yield "output_norm.weight", (WIDTH,)
    yield "output.weight", (VOCABULARY, WIDTH)


def _drawn(name: str, kind: TensorType, shape: tuple[int, ...], random: np.random.Generator) -> Any:
    """A vector of ones, or a matrix of random quants whose scales keep a layer's output near unit size."""
    if len(shape) == 1:
        return name, TensorType.F32, shape, np.ones(shape, np.float32)
    size = kind.block[1]
    spread = {TensorType.Q8_0: 73.0, TensorType.Q4_0: 4.6}[kind]

    def blocks() -> Any:
        raw = (
            np.frombuffer(random.bytes(bytes_of(kind, shape[0] * shape[1])), np.uint8)
            .reshape(-1, size)
            .copy()
        )
        raw[raw == 0x80] = 0x81  # Q8_0 has no -128
        scales = random.uniform(0.8, 1.2, len(raw)) / (spread * shape[1] ** 0.5)
        raw[:, :2] = scales.astype("<f2").view(np.uint8).reshape(-1, 2)
        return raw

    return name, kind, shape, blocks
