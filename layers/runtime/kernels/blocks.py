"""The quantised formats of GGUF files, as the kernels see them.

A row of a quantised matrix is a chain of blocks of 32 or 256 weights. Each format says how a block's quants
and scales are unpacked for several rows at once; all else is the same for all of them. A weight is::

    scale * (quant - zero)      or      scale * quant + minimum

with one scale (and minimum) for each 32 columns, in Q6_K for each 16. The layouts are those of ggml's
``ggml-common.h``: Q8_0 {f16 d; i8 q[32]}, Q4_0 {f16 d; u4 q[32]}, Q4_1 {f16 d, m; u4 q[32]}, Q4_K {f16 d,
dmin; 6-bit scales and minimums [8]; u4 q[256]}, Q5_K {the same scales; u1 high[256]; u4 low[256]}, Q6_K {u4
low[256]; u2 high[256]; i8 scales[16]; f16 d}.

Methods run in staged functions. ``rows`` are the addresses of one block in each of `Dots.rows` rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType

from abax_runtime.gguf import TensorType

from kernels.simd import Value
from kernels.simd.dots import GROUP, beside, ordered, packed_as, split, transposed
from kernels.simd.values import expression, splatted

__all__ = ["FORMATS", "Format", "Scale"]

Scale = tuple[Value, Value | None]
"""Of a group, a lane per row: scale, and minimum where the format has one."""


class Loading:
    """Bytes of several rows' blocks, each row's side by side in a vector."""

    def __init__(self, simd: ModuleType) -> None:
        self.simd = simd

    def bytes(self, rows: Sequence[Value], offset: Value | int, count: int) -> Iterator[Value]:
        """``count`` bytes of each row, from ``offset`` on."""
        load = self.simd.vectors("u8", count).load
        return (load(row + offset) for row in rows)

    def nibbles(self, rows: Sequence[Value], offset: int) -> Iterator[Value]:
        """32 quants of 16 bytes of each row: their lower halves, and then their upper halves."""
        return (beside([packed & 15, packed >> 4]) for packed in self.bytes(rows, offset, GROUP // 2))


class Turning(Loading):
    """The same, turned: each vector has the next four bytes of all rows, a lane per row."""

    def bytes(self, rows, offset, count):
        load = self.simd.vectors("u8", 16).load
        for at in range(0, count, 16):
            parts = [load(row + (offset + at)) for row in rows]
            quads = [packed_as(beside(parts[i::4]), "i32") for i in range(4)]
            yield from (packed_as(words, "u8") for words in transposed(quads))

    def nibbles(self, rows, offset):
        words = list(self.bytes(rows, offset, GROUP // 2))
        yield from (value & 15 for value in words)
        yield from (value >> 4 for value in words)


class Format:
    """``elements`` weights in ``bytes`` of a block; ``step`` columns are unpacked together.

    ``largest`` quant, and the ``zero`` that is taken off; ``minimum``: whether weights have one instead;
    ``halves``: whether scales are for 16 columns. ``scales``: how many a block has.
    """

    kind: TensorType
    step = GROUP
    largest: int
    zero = 0
    minimum = False
    halves = False

    def __init__(self, simd: ModuleType) -> None:
        self.simd, self.dots = simd, simd.dots
        self.elements, self.bytes = self.kind.block
        self.steps = self.elements // self.step
        self.scales = self.elements // (GROUP // 2 if self.halves else GROUP)
        self.load = (Turning if simd.dots.turned else Loading)(simd)
        self.lanes = simd.vectors("f32", simd.dots.rows)
        self.words = simd.vectors("u32", simd.dots.rows)

    def rows_from(self, block: Value, stride: Value) -> list[Value]:
        """The addresses of a block in each of the rows, eight from one base: so many registers there are."""
        count, opaque = self.dots.rows, self.simd.opaque
        bases = [block if start == 0 else opaque(block + stride * start) for start in range(0, count, 8)]
        return [bases[row // 8] + stride * (row % 8) for row in range(count)]

    def prepare(self, rows: Sequence[Value], scratch: Value) -> None:
        """Once per block: unpack what `scaling` needs into ``scratch``, of `scratch_bytes`."""

    @property
    def scratch_bytes(self) -> int:
        return 2 * self.scales * self.lanes.bytes if self.steps > 1 else 0

    def scaling(self, rows: Sequence[Value], scratch: Value, step: Value | int) -> list[Scale]:
        """The scales of a step, for its groups of 32 (or 16) columns in turn."""
        raise NotImplementedError

    def quants(self, rows: Sequence[Value], step: Value | int) -> Iterator[Iterable[Value]]:
        """The quants of a step: for each 32 columns, to be used up before the next, what `Dots.few` takes."""
        raise NotImplementedError

    # parts

    def _gathered(self, rows: Sequence[Value], offset: int, element: str) -> Value:
        """One whole number of each row's block, a lane per row."""
        load, lanes = getattr(self.simd, f"load_{element}"), self.simd.vectors(element, len(rows))
        made = lanes.zero()
        for lane, row in enumerate(rows):
            made = lanes.put(made, lane, load(row + offset))
        return made

    def _half(self, bits: Value) -> Value:
        """float32 of float16 bits, a lane per row."""
        return self.lanes.from_f16(packed_as(bits, "f16"))

    def _half_pairs(self, rows: Sequence[Value], offset: int) -> tuple[Value, Value]:
        """Two float16 side by side in each row's block, such as scale and minimum.

        They are widened together, two rows to each 128 bits, in such an order that the cheap shuffles part
        them.
        """
        turns = [
            row for first in (0, 2) for start in range(first, len(rows), 4) for row in (start, start + 1)
        ]
        bits = packed_as(self._gathered([rows[row] for row in turns], offset, "u32"), "f16")
        halves = [self.lanes.from_f16(half) for half in split(bits)]
        return tuple(_every_second(*halves, start) for start in (0, 1))

    def _saved(self, scratch: Value, number: Value | int) -> Value:
        return self.lanes.load_aligned(scratch + number * self.lanes.bytes)

    def _save(self, scratch: Value, number: int, value: Value) -> None:
        self.lanes.store_aligned(scratch + number * self.lanes.bytes, value)


class Q8_0(Format):  # noqa: N801  (the formats' own names)
    kind = TensorType.Q8_0
    largest = 128

    def __init__(self, simd):
        super().__init__(simd)
        if not simd.dots.signed:
            self.zero, self.largest = 128, 255

    def scaling(self, rows, scratch, step):
        return [(self._half(self._gathered(rows, 0, "u16")), None)]

    def quants(self, rows, step):
        signed = self.load.bytes(rows, 2, GROUP)
        yield (quants ^ 0x80 for quants in signed) if self.zero else signed


class Q4_0(Format):  # noqa: N801
    kind = TensorType.Q4_0
    largest, zero = 15, 8

    def scaling(self, rows, scratch, step):
        return [(self._half(self._gathered(rows, 0, "u16")), None)]

    def quants(self, rows, step):
        yield self.load.nibbles(rows, 2)


class Q4_1(Format):  # noqa: N801
    kind = TensorType.Q4_1
    largest, minimum = 15, True

    def scaling(self, rows, scratch, step):
        return [self._half_pairs(rows, 0)]

    def quants(self, rows, step):
        yield self.load.nibbles(rows, 4)


class Q4_K(Format):  # noqa: N801
    """A step is 64 columns: the lower halves of 32 bytes, and then their upper halves."""

    kind = TensorType.Q4_K
    step = 2 * GROUP
    largest, minimum = 15, True
    low = 16

    def prepare(self, rows, scratch):
        """Six bits for each of eight scales and eight minimums, in three words of four bytes each.

        The first four scales are the lower six bits of word 0, the first four minimums those of word 1; the
        others have four bits in word 2 and two in the upper bits of words 0 and 1.
        """
        scale, minimum = self._half_pairs(rows, 0)
        first, second, third = (self._gathered(rows, 4 + 4 * word, "u32") for word in range(3))
        six, four, two = 0x3F3F3F3F, 0x0F0F0F0F, 0x03030303
        scales = first & six, (third & four) | (((first >> 6) & two) << 4)
        minimums = second & six, ((third >> 4) & four) | (((second >> 6) & two) << 4)
        negative = self.lanes.zero() - minimum
        for group in range(self.scales):
            part, shift = divmod(group, 4)
            self._save(scratch, group, self._byte(scales[part], shift) * scale)
            self._save(scratch, self.scales + group, self._byte(minimums[part], shift) * negative)

    def _byte(self, words, number):
        """One byte of each word, as float."""
        return self.lanes.from_i32(packed_as((words >> (8 * number)) & 255, "i32"))

    def scaling(self, rows, scratch, step):
        first = scratch + step * (2 * self.lanes.bytes)
        return [(self._saved(first, g), self._saved(first, self.scales + g)) for g in (0, 1)]

    def quants(self, rows, step):
        packed = list(self.load.bytes(rows, step * GROUP + self.low, GROUP))
        yield (value & 15 for value in packed)
        yield (value >> 4 for value in packed)


class Q5_K(Q4_K):  # noqa: N801
    """As Q4_K, and the fifth bit of group g's column c is bit g of byte c of another 32."""

    kind = TensorType.Q5_K
    largest = 31
    low = 48

    def quants(self, rows, step):
        fifth = list(self.load.bytes(rows, 16, GROUP))
        for group, values in enumerate(super().quants(rows, step)):
            pairs = zip(values, fifth, strict=True)
            yield (value | self._bit(bits, step * 2 + group) for value, bits in pairs)

    def _bit(self, bits, number):
        return (_shifted(bits, number) & 1) << 4


class Q6_K(Format):  # noqa: N801
    """A step is 128 columns: lower and upper halves of 64 bytes, and two bits of 32 bytes for each group."""

    kind = TensorType.Q6_K
    step = 4 * GROUP
    largest, zero, halves = 63, 32, True

    def prepare(self, rows, scratch):
        scale = self._half(self._gathered(rows, 208, "u16"))
        for word in range(self.scales // 4):
            four = packed_as(self._gathered(rows, 192 + 4 * word, "u32"), "i32")
            for byte in range(4):
                signed = (four << (24 - 8 * byte)) >> 24
                self._save(scratch, 4 * word + byte, self.lanes.from_i32(signed) * scale)

    def scaling(self, rows, scratch, step):
        first = scratch + step * (8 * self.lanes.bytes)
        return [(self._saved(first, group), None) for group in range(8)]

    def quants(self, rows, step):
        low = [list(self.load.bytes(rows, step * 64 + at, GROUP)) for at in (0, GROUP)]
        high = list(self.load.bytes(rows, step * GROUP + 128, GROUP))
        for group in range(4):
            four = (value & 15 if group < 2 else value >> 4 for value in low[group % 2])
            two = (((bits >> (2 * group)) & 3) << 4 for bits in high)
            yield (a | b for a, b in zip(four, two, strict=True))


def _every_second(a: Value, b: Value, start: int) -> Value:
    """Of segments of four lanes: two of a, two of b."""
    lanes = a.type.lanes
    order = [at + start + lane for at in range(0, lanes, 4) for lane in (0, 2, lanes, lanes + 2)]
    return ordered(a, b, order)


def _shifted(values: Value, count: Value) -> Value:
    """Bytes shifted right by a count known at run time, with bits of the next byte, to be masked, above."""
    words = packed_as(values, "u16")
    kind = words.type
    narrow = expression(kind.scalar, lambda builder: builder.trunc(count.llvm, kind.llvm.element))
    counts = expression(kind, lambda builder: splatted(builder, kind, narrow.llvm))
    return packed_as(words >> counts, "u8")


FORMATS = (Q8_0, Q4_0, Q4_1, Q4_K, Q5_K, Q6_K)
