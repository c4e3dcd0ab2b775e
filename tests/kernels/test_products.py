"""Matrix products of every tensor type, on all targets that can run here, against numpy and each other."""

from __future__ import annotations

import numpy as np
import pytest
from abax_runtime import cpu
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.calling import Callable, opened
from tests.kernels.products import FLOATS, QUANTISED, Activations, Matrix, row_bytes
from tests.support.quants import IDS, dequantise

BASELINE = "x86-64-v3"
ROWS = (1, 2, 7, 8, 15, 16, 33, 64)
TOKENS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 64)
KINDS = (*FLOATS, *QUANTISED)


@pytest.fixture(params=cpu.targets())
def native(request: pytest.FixtureRequest) -> Callable:
    return opened(request.param)


@pytest.fixture
def baseline() -> Callable:
    return opened(BASELINE)


def activations(tokens: int, cols: int, seed: int = 1) -> Activations:
    return Activations.of(np.random.default_rng(seed).standard_normal((tokens, cols)).astype(np.float32))


def close(found: np.ndarray, matrix: Matrix, x: Activations) -> bool:
    wanted = x.values(matrix.kind) @ matrix.values.T
    magnitude = np.abs(x.values(matrix.kind)) @ np.abs(matrix.values.T)
    return bool((np.abs(found - wanted) <= 3e-6 * magnitude + 1e-30).all())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", ROWS)
def test_products_are_those_of_numpy_for_any_number_of_tokens(native: Callable, kind: str, rows: int) -> None:
    matrix, x = Matrix.random(kind, rows, 512), activations(max(TOKENS), 512)
    for tokens in TOKENS:
        assert close(matrix.times(native, x.first(tokens), rows + 3), matrix, x.first(tokens)), tokens


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_s_products_do_not_depend_on_its_company(native: Callable, kind: str) -> None:
    matrix, x = Matrix.random(kind, 40, 256), activations(13, 256)
    together = matrix.times(native, x)
    for token in range(13):
        alone = Activations(*(part[token : token + 1].copy() for part in x))
        assert np.array_equal(matrix.times(native, alone)[0], together[token]), token


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_s_products_do_not_depend_on_where_the_rows_are_cut(native: Callable, kind: str) -> None:
    matrix, x = Matrix.random(kind, 47, 256), activations(6, 256)
    together, stride = matrix.times(native, x), row_bytes(kind, 256)
    for start, end in ((0, 1), (1, 18), (18, 47)):
        part = Matrix(kind, matrix.data[start * stride : end * stride], matrix.values[start:end])
        assert np.array_equal(part.times(native, x), together[:, start:end])


@pytest.mark.parametrize("kind", QUANTISED)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_quants_overflow_nothing(native: Callable, kind: str, sign: int) -> None:
    data = np.full(33 * row_bytes(kind, 256), 0xFF if sign > 0 else 0x00, np.uint8)
    cols, matrix = 256, Matrix.random(kind, 33, 256)
    extreme = Matrix(kind, _with_scales_of(matrix.data, data, kind), matrix.values)
    x = Activations.of(np.full((5, cols), sign, np.float32))
    extreme = extreme._replace(values=dequantise(kind, extreme.data.tobytes(), (33, cols)).astype(np.float64))
    assert close(extreme.times(native, x), extreme, x)


SCALE_BYTES = {"Q8_0": range(2), "Q4_0": range(2), "Q4_1": range(4), "Q6_K": range(208, 210)}


def _with_scales_of(matrix: np.ndarray, data: np.ndarray, kind: str) -> np.ndarray:
    """Sound float16 scales, and everything else as in ``data``."""
    bytes_ = row_bytes(kind, 256) // (8 if kind in ("Q8_0", "Q4_0", "Q4_1") else 1)
    blocks, sound = data.reshape(-1, bytes_).copy(), matrix.reshape(-1, bytes_)
    scale = list(SCALE_BYTES.get(kind, range(4)))
    blocks[:, scale] = sound[:, scale]
    return blocks.reshape(-1)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    rows=st.integers(1, 70),
    blocks=st.integers(1, 5),
    tokens=st.integers(1, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shape_is_computed(kind: str, rows: int, blocks: int, tokens: int, seed: int) -> None:
    cols = blocks * (256 if kind.endswith("_K") else 32)
    matrix, x = Matrix.random(kind, rows, cols, seed), activations(tokens, cols, seed)
    assert close(matrix.times(opened(BASELINE), x), matrix, x)


@pytest.mark.parametrize("target", ["neoverse-n1", "neoverse-v1"])
@pytest.mark.parametrize("kind", KINDS)
def test_arm_computes_the_same_to_the_last_bit(baseline: Callable, target: str, kind: str) -> None:
    emulated, x = opened(target), activations(9, 512)
    for rows in (1, 7, 33):
        matrix = Matrix.random(kind, rows, 512)
        for tokens in (1, 2, 3, 4, 5, 8, 9):
            some = x.first(tokens)
            assert np.array_equal(matrix.times(emulated, some), matrix.times(baseline, some)), (rows, tokens)


def test_rows_are_as_long_as_in_the_file(baseline: Callable) -> None:
    for kind, number in IDS.items():
        assert baseline.call("row_bytes", number, 1024) == row_bytes(kind, 1024)
    assert baseline.call("row_bytes", 99, 1024) == 0
