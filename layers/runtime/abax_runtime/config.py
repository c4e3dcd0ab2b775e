"""What a model is: its sizes and its rotary embedding, read from a GGUF's metadata and checked.

Keys are those of the GGUF specification (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), each
under the architecture's own prefix.
"""

from __future__ import annotations

import math

from abax_runtime.errors import InvalidModel, Unsupported
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

ARCHITECTURES: Final = ("llama", "qwen2", "qwen3")

_LARGEST: Final = 1 << 24
"""No size of a language model comes near it; products of two stay far below 2^63."""


class Rope(Record):
    """Rotary position embedding (Su et al. 2021) and how it is stretched beyond the trained context."""

    neighbours: bool
    """Rotates the pairs (0, 1), (2, 3)…; else (0, n/2), (1, n/2 + 1)…"""
    dimensions: int
    """How many values of each head are rotated; the others pass."""
    base: float
    scaling: str
    """"none", "linear" or "yarn"."""
    factor: float
    original_context: int

    def frequencies(self, divisors: tuple[float, ...] | None = None) -> list[float]:
        """Radians per position for each pair; ``divisors`` are the file's own (``rope_freqs.weight``)."""
        pairs = self.dimensions // 2
        plain = [self.base ** (-2 * pair / self.dimensions) for pair in range(pairs)]
        if divisors is not None:
            plain = [turn / divisor for turn, divisor in zip(plain, divisors, strict=True)]
        if self.scaling == "none":
            return plain
        kept = self._kept() if self.scaling == "yarn" else [0.0] * pairs
        return [turn * (keep + (1 - keep) / self.factor) for turn, keep in zip(plain, kept, strict=True)]

    @property
    def gain(self) -> float:
        """Factor on rotated queries and keys: YaRN's attention temperature."""
        return 1 + 0.1 * math.log(self.factor) if self.scaling == "yarn" else 1.0

    def _kept(self) -> list[float]:
        """YaRN's ramp (Peng et al. 2023): 1 keeps a pair's frequency, 0 divides it by the factor.

        Pairs that turn more than 32 times in the original context are kept, those that turn less than once
        are divided.
        """

        def pair_turning(times: float) -> float:
            return (
                self.dimensions
                * math.log(self.original_context / (times * 2 * math.pi))
                / (2 * math.log(self.base))
            )

        low = max(0.0, math.floor(pair_turning(32)))
        high = min(self.dimensions - 1.0, math.ceil(pair_turning(1)))
        width = max(0.001, high - low)
        return [1 - min(1.0, max(0.0, (pair - low) / width)) for pair in range(self.dimensions // 2)]


class Config(Record):
    """A model's sizes."""

    name: str
    architecture: str
    layers: int
    width: int
    """Values of a token's hidden state."""
    heads: int
    kv_heads: int
    """Heads of keys and values; each serves ``heads // kv_heads`` heads of queries."""
    head_size: int
    feed_forward: int
    vocabulary: int
    context_length: int
    epsilon: float
    rope: Rope

    @property
    def group(self) -> int:
        """Heads of queries that share one head of keys and values."""
        return self.heads // self.kv_heads

    @property
    def query_width(self) -> int:
        """Values of all heads of queries."""
        return self.heads * self.head_size

    @property
    def key_width(self) -> int:
        """Values of all heads of keys (or of values)."""
        return self.kv_heads * self.head_size


def read_config(metadata: Mapping[str, Any], vocabulary: int) -> Config:
    """Read the configuration; ``vocabulary`` is the number of the embedding's rows.

    Raises ``Unsupported`` for another architecture or feature, ``InvalidModel`` for sizes that cannot be.
    """
    architecture = metadata.get("general.architecture")
    if architecture not in ARCHITECTURES:
        raise Unsupported(
            f"the architecture {str(architecture)[:60]!r} is not one of {', '.join(ARCHITECTURES)}"
        )
    keys = _Keys(metadata, architecture)
    if keys.size("expert_count", 0):
        raise Unsupported(f"{architecture} with a mixture of experts")
    width, heads = keys.size("embedding_length"), keys.size("attention.head_count")
    head_size = keys.size("attention.key_length", width // max(heads, 1))
    config = Config(
        name=str(metadata.get("general.name", "")),
        architecture=architecture,
        layers=keys.size("block_count"),
        width=width,
        heads=heads,
        kv_heads=keys.size("attention.head_count_kv", heads),
        head_size=head_size,
        feed_forward=keys.size("feed_forward_length"),
        vocabulary=vocabulary,
        context_length=keys.size("context_length"),
        epsilon=keys.number("attention.layer_norm_rms_epsilon"),
        rope=_read_rope(keys, architecture, head_size),
    )
    _check(config, keys.size("attention.value_length", head_size))
    return config


class _Keys:
    """Typed look-ups under an architecture's prefix."""

    def __init__(self, metadata: Mapping[str, Any], architecture: str) -> None:
        self._metadata, self._prefix = metadata, architecture + "."

    def _get(self, key: str, default: Any) -> Any:
        found = self._metadata.get(self._prefix + key, default)
        if found is None:
            raise InvalidModel(f"the metadata lack {self._prefix}{key}")
        return found

    def size(self, key: str, default: int | None = None) -> int:
        """A count that is not negative and not absurd."""
        found = self._get(key, default)
        if isinstance(found, list) and found and all(one == found[0] for one in found):
            found = found[0]  # one value per layer, all the same
        if isinstance(found, list):
            raise Unsupported(f"{self._prefix}{key} differs between layers")
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _LARGEST:
            raise InvalidModel(f"{self._prefix}{key} is {str(found)[:40]}, which is no size")
        return found

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number that is not negative."""
        found = self._get(key, default)
        if not isinstance(found, int | float) or not math.isfinite(found) or found < 0:
            raise InvalidModel(f"{self._prefix}{key} is {str(found)[:40]}, which is no such number")
        return float(found)

    def text(self, key: str, default: str) -> str:
        return str(self._get(key, default))


def _read_rope(keys: _Keys, architecture: str, head_size: int) -> Rope:
    # As llama.cpp reads them: a factor without a type is linear, a factor of 0 is none.
    scaling = keys.text("rope.scaling.type", "linear")
    old_linear = keys.number("rope.scale_linear", 0.0)  # how files of 2023 wrote it
    factor = keys.number("rope.scaling.factor", old_linear) or 1.0
    if scaling not in ("none", "linear", "yarn"):
        raise Unsupported(f"rope scaling {scaling[:40]!r}")
    if keys.number("rope.scaling.attn_factor", 1.0) != 1.0:
        raise Unsupported("rope scaling with a factor of its own for attention")
    rope = Rope(
        neighbours=architecture == "llama",
        dimensions=keys.size("rope.dimension_count", head_size),
        base=keys.number("rope.freq_base", 10_000.0),
        scaling=scaling if factor != 1.0 else "none",
        factor=factor,
        original_context=keys.size("rope.scaling.original_context_length", keys.size("context_length")),
    )
    if rope.dimensions % 2 or not 0 < rope.dimensions <= head_size:
        raise InvalidModel(f"{rope.dimensions} rotated values in a head of {head_size}")
    if rope.base <= 1 or rope.factor <= 0 or rope.original_context < 1:
        raise InvalidModel(f"a rope of base {rope.base}, factor {rope.factor} over {rope.original_context}")
    return rope


def _check(config: Config, value_size: int) -> None:
    sizes = (config.layers, config.width, config.heads, config.kv_heads, config.head_size)
    if min(*sizes, config.feed_forward, config.vocabulary, config.context_length) < 1:
        raise InvalidModel(f"a size of nought: {config}")
    if config.heads % config.kv_heads:
        raise InvalidModel(f"{config.heads} heads cannot share {config.kv_heads} heads of keys evenly")
    if value_size != config.head_size:
        raise Unsupported(f"values of {value_size} beside keys of {config.head_size} per head")
    if config.head_size % 16:
        raise Unsupported(f"a head size of {config.head_size}, which is no multiple of 16")
    if config.width % 32 or config.feed_forward % 32 or config.query_width % 32:
        raise Unsupported(
            f"widths of {config.width}, {config.query_width} and {config.feed_forward}: "
            "each must be a multiple of 32"
        )
