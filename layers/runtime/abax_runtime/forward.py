"""The forward pass, written down as the native side's program: from top to bottom, it is the computation.

T rows, W = width, Q = heads * head_size, K = kv_heads * head_size, F = feed_forward, V = vocabulary.
"""

from __future__ import annotations

from abax_runtime.program import (
    LINE,
    NO_FLOATS,
    NO_SEGMENT,
    NO_SITE,
    WORD,
    Activations,
    Attend,
    Embed,
    Entry,
    Gate,
    Merge,
    Norm,
    Planes,
    Pool,
    Product,
    Rotate,
    Rotations,
    Segment,
    Site,
    words,
)
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Final

    from abax_runtime.cache import Attention, KvCache
    from abax_runtime.config import Config
    from abax_runtime.gguf import Tensor
    from abax_runtime.model import Layer, Model
    from abax_runtime.program import Operation


SITES: Final = 4
"""Of a layer: what adapters add to, in the order of the computation; see ``abax_runtime.adapter``."""


class Buffers(Record):
    """Addresses of what the operations hand to each other."""

    residual: int
    """float32 [T][W]: the stream that each layer adds to."""
    delta: int
    """float32 [T][W]: what the next norm adds to it."""
    narrow: Activations
    """[T][W]: normalised, quantised."""
    mixed: Activations
    """[T][Q]: values that attention has mixed."""
    wide: Activations
    """[T][F]: the feed-forward network's inner state."""
    queries: int
    """float32 [T][Q], and as many of keys and values [T][K], as they come from their products."""
    keys: int
    values: int
    turned: int
    """float32 [kv_heads][T][group][head_size]: queries, rotated and scaled."""
    frequencies: int
    """float64 [pairs]."""
    cosines: int
    """float32 [T][pairs]."""
    sines: int
    partial: int
    ready: int
    """A line for each site: the last step whose part of adapters is computed."""
    logits: int
    """float32 [T][V]: those of the wanted rows."""


class Forward:
    """One model in one context's buffers."""

    def __init__(
        self, model: Model, buffers: Buffers, cache: KvCache, attention: Attention, split_keys: int
    ) -> None:
        self._config: Config = model.config
        self._weights, self._buffers = model.weights, buffers
        self._cache, self._attention, self._split_keys = cache, attention, split_keys

    def logits(self) -> Iterator[Operation]:
        """From tokens to the wanted rows' logits."""
        yield from self._begin()
        for number, layer in enumerate(self._weights.layers):
            yield from self._layer(number, layer, first=number == 0)
        yield self._norm(self._weights.output_norm, first=False, wanted=True)
        yield self._product(self._buffers.narrow, (self._weights.output, self._buffers.logits), wanted=True)

    def pooled(self, layers: Collection[int] | None, to: int) -> Iterator[Operation]:
        """From tokens to sums over rows, float32 [W] each from ``to`` on: of what the layers (counted from 0)
        hand on, or with None of the final norm's result."""
        config, buffers = self._config, self._buffers
        wanted = sorted(set(layers or ()))
        yield from self._begin()
        for number, layer in enumerate(self._weights.layers):
            yield from self._layer(number, layer, first=number == 0)
            if number in wanted:
                place = to + wanted.index(number) * config.width * 4
                yield Pool(buffers.residual, buffers.delta, config.width, place)
                if number == wanted[-1]:
                    return
        yield self._norm(self._weights.output_norm, first=False)
        yield Pool(buffers.narrow.floats, 0, config.width, to)

    def through(self, layers: range) -> Iterator[Operation]:
        """A run of layers, from tokens where it begins with the first of them, else from where the run before
        it ended; what the last one hands on is then ``residual``, whole."""
        if layers.start == 0:
            yield from self._begin()
        for number in layers:
            yield from self._layer(number, self._weights.layers[number], first=number == layers.start)
        yield self._norm(self._weights.output_norm, first=False)

    def _begin(self) -> Iterator[Operation]:
        config, buffers, table = self._config, self._buffers, self._weights.embedding
        row_bytes = table.nbytes // config.vocabulary
        yield Embed(table.type, table.address, row_bytes, config.width, buffers.residual)
        pairs = config.rope.dimensions // 2
        yield Rotations(buffers.frequencies, pairs, config.rope.gain, buffers.cosines, buffers.sines)

    def _layer(self, number: int, layer: Layer, *, first: bool) -> Iterator[Operation]:
        buffers, planes = self._buffers, self._cache.planes(number)
        yield self._norm(layer.attention_norm, first=first)
        yield self._product(
            buffers.narrow,
            (layer.query, buffers.queries),
            (layer.key, buffers.keys),
            (layer.value, buffers.values),
            site=self._site(number, 0),
        )
        yield self._rotate(layer, planes)
        yield self._attend(planes)
        yield self._merge()
        yield self._product(
            buffers.mixed, (layer.attention_output, buffers.delta), site=self._site(number, 1)
        )
        yield self._norm(layer.feed_forward_norm, first=False)
        yield self._gate(layer, self._site(number, 2))
        yield self._product(buffers.wide, (layer.down, buffers.delta), site=self._site(number, 3))

    def _site(self, layer: int, place: int) -> Site:
        number = layer * SITES + place
        return Site(number * words(Entry) * WORD, self._buffers.ready + number * LINE)

    def _norm(self, weight: Tensor, *, first: bool, wanted: bool = False) -> Norm:
        """``first``: nothing has been added to the residual stream yet."""
        config, buffers = self._config, self._buffers
        delta = 0 if first else buffers.delta
        return Norm(
            wanted, buffers.residual, delta, weight.address, config.epsilon, config.width, buffers.narrow
        )

    def _product(
        self,
        source: Activations,
        *matrices: tuple[Tensor, int],
        wanted: bool = False,
        site: Site = NO_SITE,
    ) -> Product:
        first, second, third = [
            *(Segment(matrix.type, matrix.address, matrix.shape[0], to) for matrix, to in matrices),
            *[NO_SEGMENT] * (3 - len(matrices)),
        ]
        return Product(wanted, matrices[0][0].shape[1], source, first, second, third, site)

    def _rotate(self, layer: Layer, planes: Planes) -> Rotate:
        config, buffers = self._config, self._buffers
        return Rotate(
            queries=buffers.queries,
            keys=buffers.keys,
            values=buffers.values,
            query_bias=_address(layer.query_bias),
            key_bias=_address(layer.key_bias),
            value_bias=_address(layer.value_bias),
            query_norm=_address(layer.query_norm),
            key_norm=_address(layer.key_norm),
            epsilon=config.epsilon,
            cosines=buffers.cosines,
            sines=buffers.sines,
            pairs=config.rope.dimensions // 2,
            neighbours=config.rope.neighbours,
            kv_heads=config.kv_heads,
            group=config.group,
            head_size=config.head_size,
            scale=config.head_size**-0.5,
            to=buffers.turned,
            planes=planes,
        )

    def _attend(self, planes: Planes) -> Attend:
        config, buffers, attention = self._config, self._buffers, self._attention
        return Attend(
            queries=buffers.turned,
            kv_heads=config.kv_heads,
            group=config.group,
            head_size=config.head_size,
            planes=planes,
            pattern=attention.number,
            window=attention.window,
            stride=attention.stride,
            block=attention.block,
            global_tokens=attention.global_tokens,
            split_keys=self._split_keys,
            to=buffers.mixed.floats,
            partial=buffers.partial,
        )

    def _merge(self) -> Merge:
        config, buffers = self._config, self._buffers
        return Merge(
            config.kv_heads,
            config.group,
            config.head_size,
            buffers.partial,
            buffers.mixed,
        )

    def _gate(self, layer: Layer, site: Site) -> Gate:
        config, buffers = self._config, self._buffers
        return Gate(
            columns=config.width,
            rows=config.feed_forward,
            gate_kind=layer.gate.type,
            gate_weights=layer.gate.address,
            up_kind=layer.up.type,
            up_weights=layer.up.address,
            source=buffers.narrow,
            to=buffers.wide if _reads_floats(layer.down) else buffers.wide._replace(floats=NO_FLOATS),
            site=site,
        )


def _address(tensor: Tensor | None) -> int:
    return tensor.address if tensor is not None else 0


def _reads_floats(tensor: Tensor) -> bool:
    """Whether products of this matrix read activations as floats, and not as quants."""
    elements, _ = tensor.type.block
    return elements == 1
