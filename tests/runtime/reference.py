"""The model's computation in plain numpy, from the weights' float values: slow, short, and right by reading.

Llama, Qwen 2 and Qwen 3 as their reference implementations compute them. Rotations pair neighbours for
``llama`` (its GGUF files hold the rows of query and key in that order) and halves for the others. Scaling of
the rotation follows YaRN (Peng et al. 2023) as ggml has it.

``rounded`` names the matrices whose input is first rounded to int8, in blocks of 32 with scale max|x| / 127,
as the runtime's kernels do for quantised weights; with it the two agree up to the order of their sums.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from abax_runtime.gguf import open_gguf
from numpy.typing import NDArray

from tests.support.quants import dequantise

Array = NDArray[np.float64]
Mask = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]
"""Which keys a query sees: (query positions [T, 1], key positions [1, S]) -> [T, S]."""


def full(query: NDArray[np.int64], key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Everything up to and with itself."""
    return key <= query


class Reference:
    """One model. ``half_cache`` keeps keys and values as float16, as a cache does."""

    def __init__(
        self,
        metadata: Mapping[str, Any],
        weights: Mapping[str, NDArray[np.float32]],
        *,
        rounded: Collection[str] = (),
        half_cache: bool = False,
        mask: Mask = full,
    ) -> None:
        self.weights, self.rounded, self.half_cache, self.mask = weights, rounded, half_cache, mask
        self.architecture = metadata["general.architecture"]
        own = {key.removeprefix(f"{self.architecture}."): value for key, value in metadata.items()}
        self.layers, self.heads = own["block_count"], own["attention.head_count"]
        self.kv_heads = own.get("attention.head_count_kv", self.heads)
        self.head_size = own.get("attention.key_length", own["embedding_length"] // self.heads)
        self.epsilon = own["attention.layer_norm_rms_epsilon"]
        self.rope = {key: value for key, value in own.items() if key.startswith("rope.")}

    @classmethod
    def open(cls, path: Path, **how: Any) -> Reference:
        """Of a file, all of it as float32 in memory; with ``rounded`` for what the file holds quantised."""
        with open_gguf(path) as file:
            weights = {
                name: dequantise(tensor.type.name, file.bytes(tensor), tensor.shape)
                for name, tensor in file.tensors.items()
            }
            quantised = [name for name, tensor in file.tensors.items() if tensor.type.block[0] > 1]
            return cls(file.metadata, weights, **{"rounded": quantised, **how})

    def logits(self, tokens: Sequence[int]) -> Array:
        """[T, vocabulary] for the T tokens of one text."""
        last = "output.weight" if "output.weight" in self.weights else "token_embd.weight"
        return self._product(last, self.hidden(tokens))

    def hidden(self, tokens: Sequence[int]) -> Array:
        """[T, width]: what the last layer hands on, normalised."""
        *_, last = self.states(tokens)
        return self._norm("output_norm.weight", last)

    def states(self, tokens: Sequence[int]) -> Iterator[Array]:
        """[T, width] after the embedding and after each layer."""
        x = self.weights["token_embd.weight"][list(tokens)].astype(np.float64)
        yield x
        for layer in range(self.layers):
            x = x + self._attention(f"blk.{layer}.", self._norm(f"blk.{layer}.attn_norm.weight", x))
            x = x + self._feed_forward(f"blk.{layer}.", self._norm(f"blk.{layer}.ffn_norm.weight", x))
            yield x

    def _norm(self, name: str, x: Array) -> Array:
        """Root mean square over the last axis."""
        return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.epsilon) * self.weights[name]

    def _product(self, name: str, x: Array) -> Array:
        """[T, columns] by a matrix of [rows, columns] and its bias, if it has one: [T, rows]."""
        given = rounded_to_int8(x) if name in self.rounded else x
        bias = self.weights.get(name.replace(".weight", ".bias"), 0.0)
        return given @ self.weights[name].T.astype(np.float64) + bias

    def _feed_forward(self, layer: str, x: Array) -> Array:
        gate = self._product(f"{layer}ffn_gate.weight", x)
        up = self._product(f"{layer}ffn_up.weight", x)
        return self._product(f"{layer}ffn_down.weight", gate / (1 + np.exp(-gate)) * up)

    def _attention(self, layer: str, x: Array) -> Array:
        q = self._heads(layer, "attn_q", x)  # [heads, T, head_size]
        k = self._heads(layer, "attn_k", x)  # [kv_heads, T, head_size]
        v = self._product(f"{layer}attn_v.weight", x)
        v = v.reshape(len(x), self.kv_heads, self.head_size).transpose(1, 0, 2)
        if self.half_cache:
            k, v = (own.astype(np.float16).astype(np.float64) for own in (k, v))
        shared = self.heads // self.kv_heads
        k, v = np.repeat(k, shared, axis=0), np.repeat(v, shared, axis=0)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(self.head_size)  # [heads, T, T]
        places = np.arange(len(x))
        scores[:, ~(full(places[:, None], places[None]) & self.mask(places[:, None], places[None]))] = -np.inf
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = weights / weights.sum(axis=-1, keepdims=True) @ v
        return self._product(f"{layer}attn_output.weight", mixed.transpose(1, 0, 2).reshape(len(x), -1))

    def _heads(self, layer: str, name: str, x: Array) -> Array:
        """Queries or keys, rotated: [heads, T, head_size]."""
        heads = self._product(f"{layer}{name}.weight", x).reshape(len(x), -1, self.head_size)
        if self.architecture == "qwen3":
            heads = self._norm(f"{layer}{name}_norm.weight", heads)
        return self._rotated(heads.transpose(1, 0, 2))

    def _rotated(self, heads: Array) -> Array:
        """Each pair of values turned by its frequency times its position."""
        turns, gain = self._frequencies()
        angles = np.arange(heads.shape[1])[:, None] * turns  # [T, pairs]
        cos, sin = np.cos(angles) * gain, np.sin(angles) * gain
        neighbours = self.architecture == "llama"
        size = 2 * len(turns)
        pairs, rest = heads[..., :size], heads[..., size:]
        a, b = (pairs[..., 0::2], pairs[..., 1::2]) if neighbours else np.split(pairs, 2, axis=-1)
        turned = a * cos - b * sin, a * sin + b * cos
        joined = np.stack(turned, -1).reshape(pairs.shape) if neighbours else np.concatenate(turned, -1)
        return np.concatenate([joined, rest], -1)

    def _frequencies(self) -> tuple[Array, float]:
        """Turns per position for each pair, and the factor on the result."""
        size = self.rope.get("rope.dimension_count", self.head_size)
        turns = self.rope["rope.freq_base"] ** -(np.arange(0, size, 2) / size)
        turns = turns / self.weights.get("rope_freqs.weight", np.ones(1))
        kind, factor = self.rope.get("rope.scaling.type", "none"), self.rope.get("rope.scaling.factor", 1.0)
        if kind == "linear":
            return turns / factor, 1.0
        if kind == "yarn":
            kept = _kept(size, self.rope["rope.freq_base"], self.rope["rope.scaling.original_context_length"])
            return turns * kept + turns / factor * (1 - kept), 1 + 0.1 * np.log(factor)
        return turns, 1.0


def _kept(size: int, base: float, context: int) -> Array:
    """YaRN's ramp: 1 for the pairs that turn 32 times in the context, 0 for those that do not once."""

    def pair(turns: int) -> float:
        return float(size * np.log(context / (turns * 2 * np.pi)) / (2 * np.log(base)))

    low, high = max(0.0, np.floor(pair(32))), min(size - 1.0, np.ceil(pair(1)))
    return 1 - np.clip((np.arange(size // 2) - low) / max(0.001, high - low), 0, 1)


def rounded_to_int8(x: Array) -> Array:
    """Rounded in blocks of 32 along the last axis, scale max|x| / 127 in float32."""
    blocks = x.reshape(-1, 32).astype(np.float32)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    quants = np.rint(np.divide(blocks, scale, out=np.zeros_like(blocks), where=scale > 0))
    return (quants.astype(np.float64) * scale).reshape(x.shape)
