"""The tensor types of a GGUF file in plain numpy: pack by simple rounding, unpack as the format says.

Slow and short on purpose: what the runtime's readers, kernels and quantiser are held to. Formats as in ggml's
``ggml-common.h``; every value is one of ``scale * quant`` or ``scale * quant - minimum`` of its block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

IDS: Final = {  # as the file numbers them
    "F32": 0,
    "F16": 1,
    "Q4_0": 2,
    "Q4_1": 3,
    "Q8_0": 8,
    "Q4_K": 12,
    "Q5_K": 13,
    "Q6_K": 14,
    "BF16": 30,
}
BLOCKS: Final = {
    "F32": (1, 4),
    "F16": (1, 2),
    "BF16": (1, 2),
    "Q8_0": (32, 34),
    "Q4_0": (32, 18),
    "Q4_1": (32, 20),
    "Q4_K": (256, 144),
    "Q5_K": (256, 176),
    "Q6_K": (256, 210),
}
"""Elements and bytes of a block."""

TYPES: Final = tuple(IDS)


def quantise(kind: str, values: Floats) -> bytes:
    """``values``, rows first, as tensor data of a type; a row's length is a whole number of blocks."""
    elements, size = BLOCKS[kind]
    blocks = np.ascontiguousarray(values, np.float32).reshape(-1, elements)
    packed = PACK[kind](blocks)
    assert packed.shape == (len(blocks), size), (kind, packed.shape)
    return packed.tobytes()


def dequantise(kind: str, data: bytes | memoryview, shape: tuple[int, ...]) -> Floats:
    """The float32 values that tensor data of a type stands for."""
    packed = np.frombuffer(data, np.uint8).reshape(-1, BLOCKS[kind][1])
    return UNPACK[kind](packed).astype(np.float32).reshape(shape)


def _as_bytes(values: NDArray, dtype: str) -> Bytes:
    return np.ascontiguousarray(values.astype(dtype)).view(np.uint8).reshape(len(values), -1)


def _half(packed: Bytes) -> Floats:
    """The two bytes at the end of the last axis as one float16, kept as a column."""
    return np.ascontiguousarray(packed).view("<f2").astype(np.float32)


def _divided(values: Floats, by: Floats) -> Floats:
    """``values / by``, and 0 where ``by`` is."""
    return np.divide(values, by, out=np.zeros(np.broadcast(values, by).shape, np.float32), where=by != 0)


def _bf16(blocks: Floats) -> Bytes:
    """Round to nearest, ties to even, by adding to the bits."""
    bits = blocks.view(np.uint32)
    return _as_bytes((bits + 0x7FFF + (bits >> 16 & 1)) >> 16, "<u2")


def _extreme(blocks: Floats) -> Floats:
    """Of each block the value farthest from 0, with its sign, as a column."""
    return np.take_along_axis(blocks, np.abs(blocks).argmax(1, keepdims=True), 1)


def _q8_0(blocks: Floats) -> Bytes:
    scale = np.abs(blocks).max(1, keepdims=True) / 127
    return np.hstack([_as_bytes(scale, "<f2"), _as_bytes(np.rint(_divided(blocks, scale)), "i1")])


def _nibbles(quants: NDArray) -> Bytes:
    """32 quants of 4 bits: byte i holds quant i below and quant i + 16 above."""
    low, high = np.split(quants.astype(np.uint8), 2, axis=1)
    return low | high << 4


def _q4_0(blocks: Floats) -> Bytes:
    scale = _extreme(blocks) / -8
    return np.hstack(
        [_as_bytes(scale, "<f2"), _nibbles(np.clip(np.floor(_divided(blocks, scale) + 8.5), 0, 15))]
    )


def _q4_1(blocks: Floats) -> Bytes:
    low, high = blocks.min(1, keepdims=True), blocks.max(1, keepdims=True)
    scale = (high - low) / 15
    quants = np.clip(np.rint(_divided(blocks - low, scale)), 0, 15)
    return np.hstack([_as_bytes(scale, "<f2"), _as_bytes(low, "<f2"), _nibbles(quants)])


def _unpack_nibbles(packed: Bytes) -> NDArray[np.int16]:
    return np.hstack([packed & 15, packed >> 4]).astype(np.int16)


def _scaled(blocks: Floats, levels: int) -> tuple[Bytes, NDArray]:
    """The head of a Q4_K or Q5_K block (two halves, twelve bytes of 6-bit scales), and quants [n][8][32]."""
    parts = blocks.reshape(-1, 8, 32)
    low = np.minimum(parts.min(2), 0)
    scales, minima = (parts.max(2) - low) / (levels - 1), -low
    top, bottom = (_as_bytes(own.max(1, keepdims=True) / 63, "<f2") for own in (scales, minima))
    s, m = (
        np.clip(np.rint(_divided(own, _half(half))), 0, 63).astype(np.uint8)
        for own, half in ((scales, top), (minima, bottom))
    )
    quants = _divided(parts + (m * _half(bottom))[:, :, None], (s * _half(top))[:, :, None])
    first, last = [own[:, :4] | own[:, 4:] >> 4 << 6 for own in (s, m)], s[:, 4:] & 15 | m[:, 4:] << 4
    six = np.hstack([*first, last])
    return np.hstack([top, bottom, six]), np.clip(np.rint(quants), 0, levels - 1).astype(np.uint8)


def _unscale(packed: Bytes, quants: NDArray) -> Floats:
    """Values of quants [n][8][32] under the head of a Q4_K or Q5_K block."""
    top, bottom, six = _half(packed[:, 0:2]), _half(packed[:, 2:4]), packed[:, 4:16]
    s = np.hstack([six[:, :4] & 63, six[:, 8:] & 15 | six[:, :4] >> 6 << 4])
    m = np.hstack([six[:, 4:8] & 63, six[:, 8:] >> 4 | six[:, 4:8] >> 6 << 4])
    return (top * s)[:, :, None] * quants - (bottom * m)[:, :, None]


def _q4_k(blocks: Floats) -> Bytes:
    head, quants = _scaled(blocks, 16)
    return np.hstack([head, (quants[:, 0::2] | quants[:, 1::2] << 4).reshape(-1, 128)])


def _unpack_q4_k(packed: Bytes) -> Floats:
    pairs = packed[:, 16:].reshape(-1, 4, 1, 32)
    return _unscale(packed, np.concatenate([pairs & 15, pairs >> 4], 2).reshape(-1, 8, 32))


def _q5_k(blocks: Floats) -> Bytes:
    head, quants = _scaled(blocks, 32)
    order = np.arange(8, dtype=np.uint8)[:, None]
    high = np.bitwise_or.reduce(quants >> 4 << order, axis=1)
    low = quants & 15
    return np.hstack([head, high, (low[:, 0::2] | low[:, 1::2] << 4).reshape(-1, 128)])


def _unpack_q5_k(packed: Bytes) -> Floats:
    pairs = packed[:, 48:].reshape(-1, 4, 1, 32)
    low = np.concatenate([pairs & 15, pairs >> 4], 2).reshape(-1, 8, 32)
    order = np.arange(8, dtype=np.uint8)[:, None]
    return _unscale(packed, low | (packed[:, 16:48][:, None] >> order & 1) << 4)


def _q6_k(blocks: Floats) -> Bytes:
    parts = blocks.reshape(-1, 16, 16)
    scales = _extreme(parts.reshape(-1, 16)).reshape(-1, 16) / -32
    top = _as_bytes(np.abs(scales).max(1, keepdims=True) / 127, "<f2")
    s = np.clip(np.rint(_divided(scales, _half(top))), -128, 127).astype(np.int8)
    quants = np.clip(np.rint(_divided(parts, (s * _half(top))[:, :, None])), -32, 31).astype(np.int16) + 32
    quarters = quants.astype(np.uint8).reshape(-1, 2, 4, 32)  # half, quarter of the half, place
    low = np.concatenate([quarters[:, :, i] & 15 | (quarters[:, :, i + 2] & 15) << 4 for i in (0, 1)], 2)
    high = np.bitwise_or.reduce(quarters >> 4 << np.array([0, 2, 4, 6], np.uint8)[:, None], axis=2)
    return np.hstack([low.reshape(-1, 128), high.reshape(-1, 64), s.view(np.uint8), top])


def _unpack_q6_k(packed: Bytes) -> Floats:
    low, high = packed[:, :128].reshape(-1, 2, 2, 32), packed[:, 128:192].reshape(-1, 2, 1, 32)
    high = high >> np.array([0, 2, 4, 6], np.uint8)[:, None] & 3
    quants = np.concatenate([low & 15, low >> 4], 2) | high << 4
    scales = _half(packed[:, 208:]) * packed[:, 192:208].view(np.int8)
    return scales[:, :, None] * (quants.reshape(-1, 16, 16).astype(np.int16) - 32)


PACK: Final[dict[str, Callable[[Floats], Bytes]]] = {
    "F32": lambda blocks: _as_bytes(blocks, "<f4"),
    "F16": lambda blocks: _as_bytes(blocks, "<f2"),
    "BF16": _bf16,
    "Q8_0": _q8_0,
    "Q4_0": _q4_0,
    "Q4_1": _q4_1,
    "Q4_K": _q4_k,
    "Q5_K": _q5_k,
    "Q6_K": _q6_k,
}
UNPACK: Final[dict[str, Callable[[Bytes], Floats]]] = {
    "F32": lambda packed: packed.view("<f4"),
    "F16": lambda packed: _half(packed),
    "BF16": lambda packed: (packed.view("<u2").astype(np.uint32) << 16).view(np.float32),
    "Q8_0": lambda packed: _half(packed[:, :2]) * packed[:, 2:].view(np.int8),
    "Q4_0": lambda packed: _half(packed[:, :2]) * (_unpack_nibbles(packed[:, 2:]) - 8),
    "Q4_1": lambda packed: _half(packed[:, :2]) * _unpack_nibbles(packed[:, 4:]) + _half(packed[:, 2:4]),
    "Q4_K": _unpack_q4_k,
    "Q5_K": _unpack_q5_k,
    "Q6_K": _unpack_q6_k,
}
