"""Products with many tokens: strip by strip, in blocks of so many tokens as a cache holds."""

from __future__ import annotations

import numpy as np
import pytest
from abax_runtime import cpu
from kernels.matmul import AT_ONCE

from tests.kernels.calling import Callable, opened
from tests.kernels.products import QUANTISED, Activations, Matrix
from tests.support.quants import BLOCKS

MANY = AT_ONCE + 3
ARM = ("neoverse-n1", "neoverse-v1")


@pytest.fixture(params=cpu.targets())
def native(request: pytest.FixtureRequest) -> Callable:
    return opened(request.param)


def case(kind: str, rows: int) -> tuple[Matrix, Activations]:
    """Three groups of 32 columns to a token, where the kind allows it: eight of them straddle tokens."""
    cols = max(96, BLOCKS[kind][0])
    x = np.random.default_rng(3).standard_normal((MANY, cols)).astype(np.float32)
    return Matrix.random(kind, rows, cols), Activations.of(x)


@pytest.mark.parametrize("kind", QUANTISED)
def test_tokens_beyond_a_block_are_multiplied_like_the_first(native: Callable, kind: str) -> None:
    matrix, x = case(kind, 40)
    together = matrix.times(native, x, 43)
    for token in (0, 7, AT_ONCE - 1, AT_ONCE, MANY - 1):
        alone = Activations(*(part[token : token + 1].copy() for part in x))
        assert np.array_equal(matrix.times(native, alone)[0], together[token]), token


@pytest.mark.parametrize("kind", QUANTISED)
@pytest.mark.parametrize("target", ARM)
def test_arm_multiplies_many_tokens_to_the_same_bits(target: str, kind: str) -> None:
    matrix, x = case(kind, 17)
    assert np.array_equal(matrix.times(opened(target), x), matrix.times(opened("x86-64-v3"), x))
