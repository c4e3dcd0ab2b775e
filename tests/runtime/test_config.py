"""What a file says of its model, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from abax_runtime.config import read_config
from abax_runtime.errors import InvalidModel, Unsupported

from tests.runtime.reference import Reference
from tests.support.models import ARCHITECTURES, Small, metadata_of


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_sizes_come_from_the_architecture_s_own_keys(architecture: str) -> None:
    config = read_config(metadata_of(Small(architecture=architecture, width=320)), 400)
    assert (config.layers, config.width, config.heads, config.kv_heads) == (2, 320, 4, 2)
    assert (config.head_size, config.feed_forward, config.vocabulary, config.group) == (64, 512, 400, 2)
    assert config.rope.neighbours == (architecture == "llama")


@pytest.mark.parametrize("rope", ["plain", "linear", "yarn"])
def test_frequencies_are_those_of_the_reference(rope: str) -> None:
    metadata = metadata_of(Small(rope=rope))
    wanted, gain = Reference(metadata, {})._frequencies()
    found = read_config(metadata, 400).rope
    assert np.allclose(found.frequencies(), wanted, rtol=1e-12)
    assert found.gain == pytest.approx(gain)


def test_divisors_of_the_file_stretch_each_pair_by_itself() -> None:
    rope = read_config(metadata_of(Small()), 400).rope
    divisors = tuple(float(n) for n in range(1, 33))
    plain, stretched = rope.frequencies(), rope.frequencies(divisors)
    assert np.allclose(np.array(plain) / stretched, divisors)


def test_another_architecture_is_named() -> None:
    metadata = {**metadata_of(Small()), "general.architecture": "gemma3"}
    with pytest.raises(Unsupported, match="gemma3"):
        read_config(metadata, 400)


def test_a_mixture_of_experts_is_refused() -> None:
    with pytest.raises(Unsupported, match="experts"):
        read_config({**metadata_of(Small()), "llama.expert_count": 8}, 400)


@pytest.mark.parametrize("key", ["block_count", "embedding_length", "attention.head_count", "context_length"])
@pytest.mark.parametrize("value", [None, 0, -1, 1.5, "many", True, 1 << 40, [1, 2]])
def test_a_size_that_cannot_be_is_refused_by_name(key: str, value: object) -> None:
    metadata = {**metadata_of(Small()), f"llama.{key}": value}
    with pytest.raises((InvalidModel, Unsupported)):
        read_config(metadata, 400)


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("attention.head_count_kv", 3, InvalidModel),
        ("attention.key_length", 72, Unsupported),
        ("attention.value_length", 32, Unsupported),
        ("feed_forward_length", 500, Unsupported),
        ("rope.dimension_count", 65, InvalidModel),
        ("rope.dimension_count", 128, InvalidModel),
        ("rope.freq_base", float("nan"), InvalidModel),
        ("rope.freq_base", 0.5, InvalidModel),
        ("rope.scaling.type", "longrope", Unsupported),
        ("rope.scaling.attn_factor", 0.8, Unsupported),
        ("attention.layer_norm_rms_epsilon", float("inf"), InvalidModel),
    ],
)
def test_what_does_not_fit_together_is_refused(key: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_config({**metadata_of(Small()), f"llama.{key}": value}, 400)


@pytest.mark.parametrize(
    ("keys", "scaling", "factor"),
    [
        ({}, "none", 1.0),
        ({"scaling.factor": 4.0}, "linear", 4.0),
        ({"scaling.factor": 0.0, "scaling.type": "yarn"}, "none", 1.0),
        ({"scaling.factor": 4.0, "scaling.type": "none"}, "none", 4.0),
        ({"scale_linear": 4.0, "scaling.factor": 2.0}, "linear", 2.0),
        ({"scale_linear": 4.0, "scaling.type": "none"}, "none", 4.0),
    ],
)
def test_scaling_is_read_as_llama_cpp_reads_it(keys: dict[str, Any], scaling: str, factor: float) -> None:
    metadata = metadata_of(Small()) | {f"llama.rope.{key}": value for key, value in keys.items()}
    rope = read_config(metadata, 400).rope
    assert (rope.scaling, rope.factor) == (scaling, factor)


def test_the_old_way_of_writing_linear_scaling_is_read() -> None:
    rope = read_config({**metadata_of(Small()), "llama.rope.scale_linear": 4.0}, 400).rope
    assert (rope.scaling, rope.factor) == ("linear", 4.0)
