"""What is done to each value, or to each row, between the products.

T rows, C columns. ``floats`` are float32; quantised activations are as ``abax_runtime.program.Activations``.
"""

from __future__ import annotations

import math
from functools import cache
from types import ModuleType

from numba import types

from kernels.bundle import bundle
from kernels.simd import Simd, function, staged
from kernels.threads import load_f64

BLOCK = 32
"""Values that share a scale."""
LANES = 16
"""Of vectors whose lanes are summed: the same on all targets, so that sums are too."""

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
"""ln 2 in two parts, the first exact in few bits, so that n * LN2_HIGH is exact too (Cody and Waite 1980)."""
EXP_TERMS = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5)
"""e^r - 1 - r over r^2 on [-ln 2 / 2, ln 2 / 2], from the Cephes library's expf: error below 2 units
in the last place."""
EXP_LEAST, EXP_MOST = -87.0, 88.0

F32, F16, Q4_0, Q4_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16 = 0, 1, 2, 3, 8, 12, 13, 14, 30


@cache
def make_exp(simd: Simd, lanes: int):
    """e^x in each lane, for x up to 88; exactly 0 below -87."""
    f32, i32 = simd.vectors("f32", lanes), simd.vectors("i32", lanes)

    @staged(f32.type, f32.type)
    def exp(given):
        x = f32.minimum(f32.maximum(given, EXP_LEAST), EXP_MOST)
        whole = f32.nearest(x * LOG2_E)
        r = f32.fma(whole, -LN2_LOW, f32.fma(whole, -LN2_HIGH, x))
        sum_ = f32.fma(r, EXP_TERMS[0], EXP_TERMS[1])
        for term in EXP_TERMS[2:]:
            sum_ = f32.fma(sum_, r, term)
        sum_ = f32.fma(sum_, r * r, r) + 1.0
        power = i32.as_f32((i32.from_f32(whole) + 127) << 23)  # 2^whole, by its exponent bits
        return f32.select(given > EXP_LEAST, sum_ * power, 0.0)

    return exp


@cache
def make_quantise(simd: Simd):
    """``quantise(floats, columns, quants, scales, sums)``: one row, from its floats."""
    f32, i32 = simd.vectors("f32", BLOCK), simd.vectors("i32", BLOCK)
    half = simd.vectors("i32", BLOCK // 2)
    to_whole, store_bytes = i32.from_f32, i32.store_i8
    store_f32, store_i32 = simd.store_f32, simd.store_i32

    @function
    def quantise(floats, columns, quants, scales, sums):
        for block in range(columns // BLOCK):
            x = f32.load(floats + block * BLOCK * 4)
            largest = f32.largest(f32.absolute(x))
            factor = types.float32(127.0) / largest if largest > 0 else types.float32(0.0)
            whole = to_whole(f32.nearest(x * factor))
            store_bytes(quants + block * BLOCK, whole)
            store_f32(scales + block * 4, largest * types.float32(1.0 / 127.0))
            store_i32(sums + block * 8, half.sum(i32.low(whole)))
            store_i32(sums + block * 8 + 4, half.sum(i32.high(whole)))

    return quantise


@cache
def make_norm(simd: Simd):
    """Root mean square norm (Zhang and Sennrich 2019) of rows and of heads."""
    f32 = simd.vectors("f32", LANES)
    lanes = LANES

    @function
    def add(x, y, columns):
        """x += y."""
        for i in range(0, columns * 4, lanes * 4):
            f32.store(x + i, f32.load(x + i) + f32.load(y + i))

    @function
    def root_mean_square(x, columns, epsilon):
        """1 / sqrt(mean(x^2) + epsilon)."""
        sums = f32.zero()
        for i in range(0, columns * 4, lanes * 4):
            part = f32.load(x + i)
            sums = f32.fma(part, part, sums)
        mean = types.float32(f32.sum(sums) / columns + epsilon)
        return types.float32(1.0) / f32.get(f32.sqrt(f32.splat(mean)), 0)

    @function
    def norm(x, weight, columns, epsilon, to):
        """to = x / rms(x) * weight; ``to`` may be x."""
        factor = root_mean_square(x, columns, epsilon)
        for i in range(0, columns * 4, lanes * 4):
            f32.store(to + i, f32.load(x + i) * factor * f32.load(weight + i))

    @function
    def copy(x, columns, to):
        for i in range(0, columns * 4, lanes * 4):
            f32.store(to + i, f32.load(x + i))

    return bundle(add=add, norm=norm, copy=copy)


@cache
def make_gate(simd: Simd):
    """``gate(g, u, count, to)``: to = g / (1 + e^-g) * u, a multiple of 32 values."""
    f32 = simd.vectors("f32", 16)
    exp = make_exp(simd, 16)

    @staged(f32.type, f32.type, f32.type)
    def gated(g, u):
        return g / (exp(0.0 - g) + 1.0) * u

    @function
    def gate(g, u, count, to):
        for i in range(0, count * 4, 64):
            f32.store(to + i, gated(f32.load(g + i), f32.load(u + i)))

    return gate


@cache
def make_angles(simd: Simd):
    """``angles(position, frequencies, pairs, gain, cosines, sines)`` of a row."""
    store_f32 = simd.store_f32

    @function
    def angles(position, frequencies, pairs, gain, cosines, sines):
        for pair in range(pairs):
            quarters = position * load_f64(frequencies + pair * 8) * (2.0 / math.pi)
            whole = math.floor(quarters + 0.5)
            r = (quarters - whole) * (math.pi / 2.0)  # within a quarter turn, half of it to each side
            s, c = _sine(r), _cosine(r)
            quarter = types.int64(whole) & 3
            sine = s if quarter == 0 else c if quarter == 1 else -s if quarter == 2 else -c
            cosine = c if quarter == 0 else -s if quarter == 1 else -c if quarter == 2 else s
            store_f32(cosines + pair * 4, types.float32(cosine * gain))
            store_f32(sines + pair * 4, types.float32(sine * gain))

    return angles


@cache
def make_rotate(simd: Simd):
    """``rotate(x, cosines, sines, pairs, neighbours)``: one head, in place."""
    load_f32, store_f32 = simd.load_f32, simd.store_f32
    lanes = 8
    f32 = simd.vectors("f32", lanes)
    even, odd = f32.order(range(0, 2 * lanes, 2)), f32.order(range(1, 2 * lanes, 2))
    woven = [i // 2 + lanes * (i % 2) for i in range(2 * lanes)]
    lower, upper = f32.order(woven[:lanes]), f32.order(woven[lanes:])

    @function
    def rotate_pair(a, b, cosines, sines, pair):
        x, y = load_f32(a), load_f32(b)
        c, s = load_f32(cosines + pair * 4), load_f32(sines + pair * 4)
        store_f32(a, x * c - y * s)
        store_f32(b, x * s + y * c)

    @function
    def rotate_neighbours(x, cosines, sines, pairs):
        """Values 2i and 2i + 1 by angle i."""
        whole = pairs // lanes * lanes
        for pair in range(0, whole, lanes):
            a, b = f32.load(x + pair * 8), f32.load(x + pair * 8 + lanes * 4)
            c, s = f32.load(cosines + pair * 4), f32.load(sines + pair * 4)
            left, right = even(a, b), odd(a, b)
            turned_left, turned_right = left * c - right * s, left * s + right * c
            f32.store(x + pair * 8, lower(turned_left, turned_right))
            f32.store(x + pair * 8 + lanes * 4, upper(turned_left, turned_right))
        for pair in range(whole, pairs):
            rotate_pair(x + pair * 8, x + pair * 8 + 4, cosines, sines, pair)

    @function
    def rotate_halves(x, cosines, sines, pairs):
        """Values i and i + pairs by angle i."""
        whole = pairs // lanes * lanes
        for pair in range(0, whole, lanes):
            a, b = f32.load(x + pair * 4), f32.load(x + (pairs + pair) * 4)
            c, s = f32.load(cosines + pair * 4), f32.load(sines + pair * 4)
            f32.store(x + pair * 4, a * c - b * s)
            f32.store(x + (pairs + pair) * 4, a * s + b * c)
        for pair in range(whole, pairs):
            rotate_pair(x + pair * 4, x + (pairs + pair) * 4, cosines, sines, pair)

    @function
    def rotate(x, cosines, sines, pairs, neighbours):
        if neighbours != 0:
            rotate_neighbours(x, cosines, sines, pairs)
        else:
            rotate_halves(x, cosines, sines, pairs)

    return rotate


@function
def _sine(r):
    """Taylor's series on [-π/4, π/4]: error below 1e-9."""
    z = r * r
    return r * (1 + z * (-1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (1 / 362880 - z / 39916800)))))


@function
def _cosine(r):
    z = r * r
    return 1 + z * (-1 / 2 + z * (1 / 24 + z * (-1 / 720 + z * (1 / 40320 - z / 3628800))))


@cache
def make_dequantise(simd: Simd):
    """``dequantise(kind, row, columns, to)``: one row of a tensor as floats. Formats as in ggml-common.h."""
    plain, small, large = make_plain(simd), make_small_blocks(simd), make_large_blocks(simd)

    @function
    def dequantise(kind, row, columns, to):
        if kind == Q8_0:
            small.bytes_(row, columns, to)
        elif kind == Q4_0 or kind == Q4_1:  # noqa: SIM109
            small.nibbles(row, columns, kind == Q4_1, to)
        elif kind == Q4_K or kind == Q5_K:  # noqa: SIM109
            large.eight_parts(row, columns, kind == Q5_K, to)
        elif kind == Q6_K:
            large.sixteen_parts(row, columns, to)
        else:
            plain(kind, row, columns, to)

    return dequantise


@cache
def make_put(simd: Simd):
    """``put(to, i, value)`` stores one float32 of a row."""
    store_f32 = simd.store_f32

    @function
    def put(to, i, value):
        store_f32(to + i * 4, types.float32(value))

    return put


@cache
def make_plain(simd: Simd):
    """Rows of floats."""
    put, load_f32, load_f16, load_bf16 = make_put(simd), simd.load_f32, simd.load_f16, simd.load_bf16

    @function
    def plain(kind, row, columns, to):
        for i in range(columns):
            if kind == F32:
                put(to, i, load_f32(row + i * 4))
            elif kind == F16:
                put(to, i, load_f16(row + i * 2))
            else:
                put(to, i, load_bf16(row + i * 2))

    return plain


@cache
def make_small_blocks(simd: Simd) -> ModuleType:
    """Rows of blocks of 32."""
    put, load_f16, load_u8, load_i8 = make_put(simd), simd.load_f16, simd.load_u8, simd.load_i8

    @function
    def bytes_(row, columns, to):
        """Q8_0: float16 scale, 32 int8."""
        for i in range(columns):
            block = row + (i // 32) * 34
            put(to, i, load_f16(block) * types.float32(load_i8(block + 2 + i % 32)))

    @function
    def nibbles(row, columns, with_minimum, to):
        """Q4_0: float16 scale, 32 nibbles less 8. Q4_1: float16 scale and minimum, 32 nibbles.

        Byte i holds values i (lower half) and i + 16."""
        head = 4 if with_minimum else 2
        for b in range(columns // 32):
            block = row + b * (16 + head)
            scale = load_f16(block)
            least = load_f16(block + 2) if with_minimum else types.float32(-8.0) * scale
            for i in range(16):
                pair = types.int64(load_u8(block + head + i))
                put(to, b * 32 + i, scale * types.float32(pair & 15) + least)
                put(to, b * 32 + i + 16, scale * types.float32(pair >> 4) + least)

    return bundle(bytes_=bytes_, nibbles=nibbles)


@cache
def make_large_blocks(simd: Simd) -> ModuleType:
    """Rows of blocks of 256."""
    put, load_f16, load_u8, load_i8 = make_put(simd), simd.load_f16, simd.load_u8, simd.load_i8

    @function
    def six_bits(packed, part):
        """Scale and minimum of one of 8 parts, 6 bits each, from 12 bytes."""
        if part < 4:
            return types.int64(load_u8(packed + part)) & 63, types.int64(load_u8(packed + part + 4)) & 63
        low = types.int64(load_u8(packed + part + 4))
        scale = (low & 15) | (types.int64(load_u8(packed + part - 4)) >> 6) << 4
        return scale, (low >> 4) | (types.int64(load_u8(packed + part)) >> 6) << 4

    @function
    def eight_parts(row, columns, five, to):
        """Q4_K and Q5_K: float16 scale and minimum of all, 12 bytes of 8 parts' own, fifth bits, 256 nibbles.

        32 bytes hold two parts, the first in the lower halves; bit n of fifth byte i is part n's i-th
        value's."""
        size = 176 if five else 144
        for b in range(columns // 256):
            block = row + b * size
            scale, minimum = load_f16(block), load_f16(block + 2)
            nibble = block + (48 if five else 16)
            for part in range(8):
                s, m = six_bits(block + 4, part)
                d, least = scale * types.float32(s), minimum * types.float32(m)
                for i in range(32):
                    q = (types.int64(load_u8(nibble + part // 2 * 32 + i)) >> 4 * (part % 2)) & 15
                    if five:
                        q |= ((types.int64(load_u8(block + 16 + i)) >> part) & 1) << 4
                    put(to, b * 256 + part * 32 + i, d * types.float32(q) - least)

    @function
    def sixteen_parts(row, columns, to):
        """Q6_K: 128 bytes of lower 4 bits, 64 of upper 2, 16 int8 scales, float16 scale of all.

        In each half of 128 values: quarter n's lower bits are in bytes 32 (n % 2) on, in the lower halves for
        n < 2; its upper bits are bits 2n of 32 bytes."""
        for b in range(columns // 256):
            block = row + b * 210
            scale = load_f16(block + 208)
            for i in range(256):
                half, quarter, place = i // 128, i // 32 % 4, i % 32
                low = types.int64(load_u8(block + half * 64 + quarter % 2 * 32 + place)) >> 4 * (quarter // 2)
                high = types.int64(load_u8(block + 128 + half * 32 + place)) >> 2 * quarter
                q = ((low & 15) | (high & 3) << 4) - 32
                part = types.float32(load_i8(block + 192 + i // 16))
                put(to, b * 256 + i, scale * part * types.float32(q))

    return bundle(eight_parts=eight_parts, sixteen_parts=sixteen_parts)
