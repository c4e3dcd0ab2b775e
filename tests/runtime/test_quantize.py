import builtins
import sys

import numpy as np
import pytest
from abax_runtime.errors import InvalidModel, InvalidParameter, Unsupported
from abax_runtime.gguf import TensorType, bytes_of, open_gguf, write_gguf
from abax_runtime.quantize import MIXTURE, SAMPLE, SOURCES, dequantize, encode, quantize
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.support import quants

SEARCHED = (TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_1)


def drawn(shape: str, count: int = 32 * 512) -> np.ndarray:
    random = np.random.default_rng(7)
    make = {
        "normal": lambda: random.standard_normal(count) / 30,
        "heavy tails": lambda: random.standard_t(3, count),
        "uniform": lambda: random.uniform(-1, 1, count),
        "far from 0": lambda: 5 + random.standard_normal(count) / 10,
        "with zeros": lambda: random.standard_normal(count) * (random.random(count) < 0.2),
    }
    return make[shape]().astype(np.float32)


def error(kind: TensorType, data: bytes, values: np.ndarray) -> np.ndarray:
    """Squared error of each block."""
    wrong = dequantize(kind, data, values.size).astype(np.float64) - values
    return (wrong**2).reshape(-1, 32).sum(1)


def plain(kind: TensorType, values: np.ndarray) -> bytes:
    """What llama.cpp's quantiser makes: d = max|x| / 127, extreme / -8, or (max - min) / 15 from min on."""
    return quants.quantise(kind.name, values.reshape(-1, 32))


# Bytes


@pytest.mark.parametrize("kind", TensorType)
def test_every_type_is_read_as_its_format_says(kind):
    random = np.random.default_rng(3)
    raw = random.integers(0, 256, (40, bytes_of(kind, 256)), np.uint8)
    raw[:, -2:] = raw[:, :2] = [0, 0x2C]  # a float16 of 1/16 where scales may stand
    if kind in (TensorType.F16, TensorType.BF16, TensorType.F32):
        raw &= 0x7B  # no infinities
    if kind in (TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_1, TensorType.Q4_K, TensorType.Q5_K):
        blocks = raw.reshape(-1, kind.block[1])
        blocks[:, 1] &= 0x7B
        blocks[:, 3] &= 0x7B
    expected = quants.dequantise(kind.name, raw.tobytes(), (40 * 256,))
    np.testing.assert_array_equal(dequantize(kind, raw, 40 * 256), expected)


def test_a_block_of_each_kind_by_hand():
    half = np.float16(0.5).tobytes()
    assert dequantize(TensorType.Q8_0, half + bytes([1, 255] + [0] * 30), 32)[:3].tolist() == [0.5, -0.5, 0]
    assert dequantize(TensorType.Q4_0, half + bytes([0x1F] + [0x88] * 15), 32)[[0, 16]].tolist() == [
        3.5,
        -3.5,
    ]
    assert dequantize(TensorType.Q4_1, half * 2 + bytes([0x2F] + [0] * 15), 32)[[0, 1, 16]].tolist() == [
        8,
        0.5,
        1.5,
    ]
    assert dequantize(TensorType.BF16, bytes([0x80, 0x3F]), 1).tolist() == [1]


@pytest.mark.parametrize("kind", [TensorType.F32, TensorType.F16, TensorType.BF16])
def test_floats_are_rounded_to_nearest(kind):
    values = drawn("normal")
    assert encode(kind, values) == quants.quantise(kind.name, values.reshape(1, -1))


def test_what_is_too_large_for_float16_becomes_its_largest():
    assert dequantize(TensorType.F16, encode(TensorType.F16, np.float32([1e6, -1e6])), 2).tolist() == [
        65504,
        -65504,
    ]


def test_only_some_types_can_be_made():
    with pytest.raises(
        Unsupported, match="cannot quantise to Q4_K, only to F32, F16, BF16, Q8_0, Q4_0, Q4_1"
    ):
        encode(TensorType.Q4_K, np.zeros(256, np.float32))


# The search


@pytest.mark.parametrize("kind", SEARCHED)
@pytest.mark.parametrize("shape", ["normal", "heavy tails", "uniform", "far from 0", "with zeros"])
def test_no_block_is_worse_than_llama_cpps_and_all_together_are_better(kind, shape):
    values = drawn(shape)
    ours, theirs = (error(kind, make(kind, values), values) for make in (encode, plain))
    assert (ours <= theirs * (1 + 1e-5)).all()
    assert ours.sum() < 0.96 * theirs.sum()


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(SEARCHED),
    values=arrays.arrays(np.float32, 64, elements=st.floats(-60000, 60000, width=32)),
)
def test_no_block_whatever_is_worse_than_llama_cpps(kind, values):
    ours, theirs = (error(kind, make(kind, values), values) for make in (encode, plain))
    assert (ours <= theirs * (1 + 1e-4) + 1e-12).all()


@pytest.mark.parametrize("kind", [TensorType.Q4_0, TensorType.Q4_1])
def test_what_four_bits_can_hold_exactly_they_hold_exactly(kind):
    values = drawn("normal")
    once = dequantize(kind, encode(kind, values), values.size)
    assert (error(kind, encode(kind, once), once) <= 1e-6 * (once**2).reshape(-1, 32).sum(1)).all()


@pytest.mark.parametrize("kind", SEARCHED)
@pytest.mark.parametrize("value", [0, 1, -3, 1e-9, 60000])
def test_blocks_of_one_value_keep_it(kind, value):
    values = np.full(64, value, np.float32)
    np.testing.assert_allclose(dequantize(kind, encode(kind, values), 64), values, rtol=1e-3, atol=1e-7)


# Whole files


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A file of two matrices, one harder than the other, a tied embedding, a vector and an odd matrix."""
    random = np.random.default_rng(11)
    shapes = {
        "token_embd.weight": (96, 64),
        "blk.0.attn_norm.weight": (64,),
        "blk.0.attn_q.weight": (64, 64),
        "blk.0.ffn_up.weight": (128, 64),
        "odd": (4, 24),
    }
    values = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    values["blk.0.ffn_up.weight"] **= 3
    path = tmp_path_factory.mktemp("quantise") / "source.gguf"
    tensors = [(name, TensorType.F32, shape, values[name]) for name, shape in shapes.items()]
    write_gguf(path, {"general.architecture": "llama", "general.file_type": 0, "odd key": [1, 2]}, tensors)
    return path


@pytest.fixture
def target(tmp_path):
    return tmp_path / "target.gguf"


def types_of(path) -> dict[str, str]:
    with open_gguf(path) as file:
        return {name: tensor.type.name for name, tensor in file.tensors.items()}


@pytest.mark.parametrize(
    ("kind", "number"), [("Q8_0", 7), ("Q4_0", 2), ("Q4_1", 3), ("F16", 1), ("BF16", 32)]
)
def test_matrices_are_quantised_and_the_rest_is_kept(source, target, kind, number):
    report = quantize(source, target, TensorType[kind], output=None)
    assert types_of(target) == {
        "token_embd.weight": kind,
        "blk.0.attn_norm.weight": "F32",
        "blk.0.attn_q.weight": kind,
        "blk.0.ffn_up.weight": kind,
        "odd": "F32",
    }
    with open_gguf(source) as before, open_gguf(target) as after:
        assert after.metadata["general.file_type"] == number
        assert after.metadata["odd key"] == [1, 2]
        for name, tensor in after.tensors.items():
            assert tensor.shape == before.tensors[name].shape
            values = dequantize(TensorType.F32, before.bytes(before.tensors[name]), np.prod(tensor.shape))
            assert bytes(after.bytes(tensor)) == encode(tensor.type, values)
    assert 0 < report.relative_error < 0.15


def test_the_matrix_that_makes_the_logits_stays_more_exact(source, target):
    quantize(source, target, TensorType.Q4_0)
    assert types_of(target)["token_embd.weight"] == "Q8_0"
    quantize(source, target, TensorType.F16)
    assert types_of(target)["token_embd.weight"] == "F16"


def test_the_report_says_what_each_tensor_cost(source, target):
    seen = []
    report = quantize(source, target, TensorType.Q4_1, progress=lambda *call: seen.append(call))
    assert [call[0] for call in seen] == [made.name for made in report.tensors] == list(types_of(target))
    assert {call[1:] for call in seen} == {(n, 5) for n in range(5)}
    by_name = {made.name: made for made in report.tensors}
    assert by_name["blk.0.attn_norm.weight"].relative_error == 0
    assert 0.02 < by_name["blk.0.attn_q.weight"].relative_error < 0.1
    assert by_name["token_embd.weight"].relative_error < 0.01
    size = sum(made.nbytes for made in report.tensors)
    assert report.bits_per_weight == pytest.approx(8 * size / (96 * 64 + 64 + 64 * 64 + 128 * 64 + 96))


@pytest.mark.parametrize("bits", [4.5, 4.8, 5.0, 5.5, 7, 8.5])
def test_a_mixture_fits_its_budget(source, target, bits):
    quantize(source, target, "mixed", bits=bits)
    with open_gguf(target) as file:
        matrices = [t for t in file.tensors.values() if len(t.shape) > 1 and t.name != "odd"]
        assert {t.type for t in matrices} <= set(MIXTURE)
        assert 8 * sum(t.nbytes for t in matrices) <= bits * sum(np.prod(t.shape) for t in matrices)


def test_a_mixture_gives_more_bits_where_the_error_is(tmp_path, target):
    smooth = drawn("uniform").reshape(128, 128)
    shapes = {"smooth": smooth, "rough": smooth**5, "smooth too": smooth[::-1].copy()}
    tensors = [(name, TensorType.F32, (128, 128), values) for name, values in shapes.items()]
    write_gguf(tmp_path / "three.gguf", {}, tensors)
    quantize(tmp_path / "three.gguf", target, "mixed", bits=6.2)
    assert types_of(target) == {"smooth": "Q4_1", "rough": "Q8_0", "smooth too": "Q4_1"}


def test_a_larger_budget_never_raises_the_error(source, target):
    errors = [quantize(source, target, "mixed", bits=bits).relative_error for bits in (4.5, 5, 6, 7, 8.5)]
    assert errors == sorted(errors, reverse=True)


def test_a_budget_below_the_smallest_type_is_refused(source, target):
    with pytest.raises(InvalidParameter, match=r"bits: 4 per weight are too few; 4\.5 are the least"):
        quantize(source, target, "mixed", bits=4)
    assert not target.exists()


def test_large_tensors_are_measured_by_samples_and_made_in_parts(tmp_path, target):
    rows = 2 * SAMPLE // 512 + 3
    values = np.random.default_rng(2).standard_normal((rows, 512)).astype(np.float32)
    write_gguf(tmp_path / "large.gguf", {}, [("blk.0.ffn_up.weight", TensorType.F32, values.shape, values)])
    quantize(tmp_path / "large.gguf", target, "mixed", bits=5, threads=2)
    with open_gguf(target) as file:
        (tensor,) = file.tensors.values()
        assert tensor.type is TensorType.Q4_1
        assert bytes(file.bytes(tensor)) == encode(TensorType.Q4_1, values)


def test_lost_precision_is_lost_again_only_on_demand(source, target, tmp_path):
    small = tmp_path / "small.gguf"
    quantize(source, small, TensorType.Q4_1)
    with pytest.raises(
        Unsupported, match=r"blk\.0\.attn_q\.weight is Q4_1, which has lost precision already"
    ):
        quantize(small, target, TensorType.Q4_0)
    quantize(small, target, TensorType.Q4_0, requantize=True)
    assert types_of(target)["blk.0.attn_q.weight"] == "Q4_0"


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_type_can_be_quantised(source, target, tmp_path, kind):
    first = tmp_path / "first.gguf"
    quantize(source, first, kind)
    assert quantize(first, target, TensorType.Q4_0, output=None).relative_error < 0.15


def test_weights_that_are_not_finite_are_refused_by_name(tmp_path, target):
    values = np.ones((2, 32), np.float32)
    values[1, 7] = np.nan
    write_gguf(tmp_path / "nan.gguf", {}, [("w", TensorType.F32, (2, 32), values)])
    with pytest.raises(InvalidModel, match="w holds values that are not finite"):
        quantize(tmp_path / "nan.gguf", target, TensorType.Q8_0)
    assert not target.exists()


def test_a_type_that_cannot_be_made_is_named(source, target):
    with pytest.raises(Unsupported, match="cannot quantise to Q6_K"):
        quantize(source, target, TensorType.Q6_K)


def test_without_numpy_the_error_says_so(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest):
        if name == "numpy":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "abax_runtime.quantize")
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(Unsupported, match="need numpy: pip install numpy"):
        __import__("abax_runtime.quantize")
