"""The program of a forward pass, as it is written down for a model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from abax_runtime.cache import Attention, CacheShape, KvCache
from abax_runtime.forward import Buffers, Forward
from abax_runtime.model import Model
from abax_runtime.program import NO_FLOATS, Activations, Gate, Merge

from tests.support.models import Small, small

WIDE = Activations(11, 12, 13, 14)
MIXED = Activations(21, 22, 23, 24)


@pytest.fixture(params=["Q4_0", "F16"])
def model(request: pytest.FixtureRequest) -> Iterator[Model]:
    with Model.load(small(Small(type=request.param)).path) as opened:
        yield opened


def test_the_inner_state_has_floats_only_where_a_product_reads_them(model: Model) -> None:
    config = model.config
    cache = KvCache(CacheShape(1, 32, config.layers, config.kv_heads, config.head_size, "f16"), None)
    places = {name: number for number, name in enumerate(Buffers._fields, 100)}
    buffers = Buffers(**{**places, "narrow": Activations(1, 2, 3, 4), "mixed": MIXED, "wide": WIDE})
    program = list(Forward(model, buffers, cache, Attention(), 128).logits())
    quantised = model.weights.layers[0].down.type.block[0] > 1
    wanted = WIDE._replace(floats=NO_FLOATS) if quantised else WIDE
    assert [one.to for one in program if isinstance(one, Gate)] == [wanted] * config.layers
    assert [one.to for one in program if isinstance(one, Merge)] == [MIXED] * config.layers
    cache.close()
