"""Sums of products of bytes, the heart of every quantised product: one class per way that CPUs have to do it.

Columns come in groups of 32 (GROUP). Two shapes of work are offered, both exact in int32:

* `Dots.across`: `rows` rows times one activation vector, each row's 32 quants side by side in a vector, as
  they lie in the file. The sums end up in one vector, a lane per row.
* `Dots.pack` and `Dots.products`: rows re-packed so that a lane per row comes out by itself, times several
  tokens.

Weights are unsigned bytes up to ``largest``, or signed where `signed` is true and ``largest`` is 128.
Activations are signed bytes, never -128.

In both, vectors are seen as segments of 128 bits, since that is how far the cheap shuffles of x86 reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from llvmlite import ir

from kernels.simd.lanes import joined, shuffled
from kernels.simd.memory import call
from kernels.simd.values import Operation, Value, Vector, constant, expression

__all__ = ["GROUP", "Dots", "dots_for", "ordered", "packed_as", "split"]

GROUP = 32
"""Columns that one call works on."""

LARGEST_X, LARGEST_I16 = 127, 32767

WORD = 4
"""Products of so many neighbouring columns are summed into one int32 lane by the CPU's instruction."""

SEGMENT = 4
"""int32 lanes of 128 bits."""


class Dots:
    """What all ways have in common. ``simd`` is the target's namespace.

    ``rows``: rows that `across` works on. ``order``: for each of its vectors, the rows whose 32 bytes it
    holds. ``signed``: whether weights may be signed. ``strip``: the rows of `products`' register tile, and
    ``tiles`` how many tokens it may have, from the best on.
    """

    signed = False
    strip, tiles = 16, (4, 2, 1)

    def __init__(self, simd: ModuleType) -> None:
        self.simd = simd
        self.together = max(1, simd.target.bits // (8 * GROUP))
        self.rows = 8 * self.together
        self.order = _rows_of_vectors(self.rows, self.together)
        self.bytes_ = simd.vectors("i8", GROUP * self.together)
        self.words = simd.vectors("i32", self.rows)
        self.columns = simd.vectors("i8", GROUP)

    # for each way to do

    def add(self, total: Value | None, weights: Value, x: Value, largest: int) -> Value:
        """``total`` plus the products of each lane's columns; `fit` times at most before `widened`."""
        raise NotImplementedError

    def fit(self, largest: int) -> int:
        """How many products may be added up before they are widened."""
        return GROUP

    def widened(self, total: Value) -> Value:
        """What `add` made, as int32: for each lane the sum over WORD columns of every product."""
        return total

    # rows as they lie in the file

    def activations(self, address: Value) -> Value:
        """32 activations, once for each row that shares a vector."""
        return self.repeated(self.columns.load(address))

    def repeated(self, columns: Value) -> Value:
        return expression(self.bytes_.type, lambda b: joined(b, [columns.llvm] * self.together))

    def beside(self, parts: Sequence[Value]) -> Value:
        """Equal vectors of several rows, side by side in one."""
        kind = parts[0].type
        wide = Vector(kind.element, kind.lanes * len(parts))
        return expression(wide, lambda b: joined(b, [part.llvm for part in parts]))

    def nibbles(self, packed: Value) -> Value:
        """For each 16 bytes, their lower halves and then their upper halves: Q4_0's and Q4_1's order."""
        twice = [lane for segment in range(self.together) for lane in _segment(segment) * 2]
        words = packed_as(packed, "u32")
        doubled = ordered(words, words, twice)
        shifts = constant(doubled.type, ([0] * SEGMENT + [4] * SEGMENT) * self.together)
        return packed_as(doubled >> shifts, "u8") & 15

    def across(self, weights: Sequence[Value], x: Value, largest: int, halves: bool) -> list[Value]:
        """Each row's sum of 32 products, a lane per row; or with ``halves`` of its first and its last 16."""
        sums = [self.widened(self.add(None, row, x, largest)) for row in weights]
        return self._gathered([self._quad(sums[i : i + 4]) for i in range(0, len(sums), 4)], halves)

    def _quad(self, sums: Sequence[Value]) -> Value:
        """Of four vectors of int32, each segment's sum: lanes 0 to 3 of a segment are those of the four."""
        pairs = [self._folded(a, b, 1) for a, b in zip(sums[::2], sums[1::2], strict=True)]
        return self._folded(pairs[0], pairs[1], 2)

    def _folded(self, a: Value, b: Value, width: int) -> Value:
        """Interleave units of ``width`` lanes, then add the upper half of each segment to the lower."""
        low, high = _interleaved(a, b, width)
        return low + high

    def _gathered(self, quads: Sequence[Value], halves: bool) -> list[Value]:
        """From segments [first 16 columns, last 16 columns] of four rows each, to a lane per row."""
        first, last = _sorted_segments(quads)
        return [first, last] if halves else [first + last]

    # rows re-packed

    def pack(self, rows: Sequence[Value], address: Value, place: int) -> None:
        """Store 32 columns of `rows` rows, word by word, as the ``place``-th part of a strip's group."""
        units = [packed_as(row, "i32") for row in rows]
        quads = [_transposed(units[i : i + 4]) for i in range(0, len(units), 4)]
        for word in range(SEGMENT):
            halves = _sorted_segments([quad[word] for quad in quads])
            for half, value in enumerate(halves):
                self.words.store_aligned(address + self._word(half * SEGMENT + word, place), value)

    def _word(self, word: int, place: int) -> int:
        return (word * (self.strip // self.rows) + place) * self.words.bytes

    def products(
        self, packed: Value, x: Sequence[Value], largest: int, part: int, parts: int
    ) -> list[list[Value]]:
        """Sums of products of one of a packed group's ``parts``, a lane per row: by token (the addresses of
        whose 32 bytes are ``x``), and by `rows` of the strip."""
        steps = GROUP // WORD // parts
        return self._tile(packed, x, range(part * steps, (part + 1) * steps), largest)

    def _places(self) -> range:
        return range(self.strip // self.rows)

    def _tile(self, packed: Value, x: Sequence[Value], steps: range, largest: int) -> list[list[Value]]:
        """For each token and place the products of some steps, step by step, to fit the registers."""
        places, fit = self._places(), self.fit(largest)
        totals: list[list[Value | None]] = [[None for _ in places] for _ in x]
        for begin in range(0, len(steps), fit):
            sums: list[list[Value | None]] = [[None for _ in places] for _ in x]
            for step in steps[begin : begin + fit]:
                weights = [self._weights(packed, step, place) for place in places]
                for token, address in enumerate(x):
                    spread = packed_as(self.words.load_splat(address + step * WORD), "i8")
                    for place in places:
                        sums[token][place] = self.add(sums[token][place], weights[place], spread, largest)
            for token in range(len(x)):
                for place in places:
                    wide, before = self.widened(sums[token][place]), totals[token][place]
                    totals[token][place] = wide if before is None else _in_place(before + wide)
        return totals

    def _weights(self, packed: Value, step: int, place: int) -> Value:
        return self.simd.vectors("i8", self.words.bytes).load_aligned(packed + self._word(step, place))


class Maddubs(Dots):
    """AVX2: ``vpmaddubsw`` multiplies unsigned by signed bytes and sums pairs, with saturation at 16 bits.

    Small quants leave room in 16 bits for several such sums. For signed weights, the sign goes over to the
    activation, since 255 * 127 * 2 would saturate.
    """

    signed = True
    strip, tiles = 16, (4, 2, 1)

    def __init__(self, simd):
        super().__init__(simd)
        u8, i8, i16, i32 = (
            simd.vectors(e, n).type for e, n in (("u8", 32), ("i8", 32), ("i16", 16), ("i32", 8))
        )

        def intrinsic(name, result):
            return lambda builder, *values: call(builder, name, result.llvm, *values)

        ones = i16.constant(1)
        self._pairs = Operation("pairs", i16, [u8, i8], intrinsic("llvm.x86.avx2.pmadd.ub.sw", i16))
        self._with_sign = Operation("with_sign", i8, [i8, i8], intrinsic("llvm.x86.avx2.psign.b", i8))
        self._widened = Operation(
            "widened", i32, [i16], lambda b, v: call(b, "llvm.x86.avx2.pmadd.wd", i32.llvm, v, ones)
        )
        self._absolute = simd.vectors("i8", 32).absolute

    def _paired(self, weights, x, largest):
        if largest < 128:
            return self._pairs(packed_as(weights, "u8"), x)
        weights = packed_as(weights, "i8")
        return self._pairs(packed_as(self._absolute(weights), "u8"), self._with_sign(x, weights))

    def add(self, total, weights, x, largest):
        made = self._paired(weights, x, largest)
        made = made if self._fit(largest) > 1 else self._widened(made)
        return _in_place(made if total is None else total + made)

    def fit(self, largest):
        """Where two sums do not fit 16 bits, `add` widens each at once."""
        return self._fit(largest) if self._fit(largest) > 1 else super().fit(largest)

    def _fit(self, largest):
        return LARGEST_I16 // (2 * LARGEST_X * largest)

    def widened(self, total):
        return total if total.type.element == "i32" else self._widened(total)

    def across(self, weights, x, largest, halves):
        """Four sums of small quants fit 16 bits, which saves half of the widening."""
        if self._fit(largest) < 4:
            return super().across(weights, x, largest, halves)
        sums = [self._paired(row, x, largest) for row in weights]
        pairs = [self._folded(a, b, 2) for a, b in zip(sums[::2], sums[1::2], strict=True)]
        quads = [self._folded(a, b, 4) for a, b in zip(pairs[::2], pairs[1::2], strict=True)]
        return self._gathered([self._widened(quad) for quad in quads], halves)


class Vpdpbusd(Dots):
    """AVX-VNNI and AVX512-VNNI: unsigned by signed bytes, four products a lane, straight into int32."""

    def __init__(self, simd):
        super().__init__(simd)
        self.strip, self.tiles = (32, (6, 3, 1)) if simd.target.bits == 512 else (16, (4, 2, 1))
        weights, x, total = (self.simd.vectors(e, self.bytes_.lanes).type for e in ("u8", "i8", "i8"))
        total = self.words.type
        name = f"llvm.x86.avx512.vpdpbusd.{simd.target.bits}"
        self._step = Operation(
            "vpdpbusd", total, [total, weights, x], lambda b, *v: call(b, name, total.llvm, *v)
        )

    def add(self, total, weights, x, largest):
        return self._step(self.words.zero() if total is None else total, packed_as(weights, "u8"), x)


class Portable(Vpdpbusd):
    """The same as `Vpdpbusd` in plain arithmetic: to run the code of a wider CPU's kernels on any other."""

    def __init__(self, simd):
        super().__init__(simd)
        lanes = self.words.lanes

        def step(builder, total, weights, x):
            wide = ir.VectorType(ir.IntType(32), 4 * lanes)
            products = builder.mul(builder.zext(weights, wide), builder.sext(x, wide))
            for part in range(WORD):
                total = builder.add(
                    total, shuffled(builder, products, products, range(part, 4 * lanes, WORD))
                )
            return total

        self._step = Operation("portable", self.words.type, self._step.arguments, step)


class Sdot(Dots):
    """arm64 with dot products: signed bytes, four products a lane, in registers of 128 bits."""

    signed = True
    strip, tiles = 16, (4, 2, 1)
    instruction = "sdot"

    def __init__(self, simd):
        super().__init__(simd)
        i8, i32 = Vector("i8", 16), Vector("i32", 4)
        self._quarter, self._lanes = simd.vectors("i8", 16), simd.vectors("i32", 4)

        def intrinsic(name):
            return lambda builder, *values: call(builder, f"llvm.aarch64.neon.{name}", i32.llvm, *values)

        self._step = Operation("sdot", i32, [i32, i8, i8], intrinsic("sdot.v4i32.v16i8"))
        self._matrix = Operation("smmla", i32, [i32, i8, i8], intrinsic("smmla.v4i32.v16i8"))
        self._neighbours = Operation("addp", i32, [i32, i32], intrinsic("addp.v4i32"))

    def nibbles(self, packed):
        halves = packed & 15, packed >> 4
        return self.beside(halves)

    def _sums(self, weights, x):
        """For each half of the 32 columns, the products of a row in four lanes."""
        zero = self._lanes.zero()
        return [
            self._step(zero, packed_as(w, "i8"), v) for w, v in zip(split(weights), split(x), strict=True)
        ]

    def across(self, weights, x, largest, halves):
        if halves:
            sums = [self._sums(row, x) for row in weights]
            return [self._rows_of([pair[half] for pair in sums]) for half in (0, 1)]
        low, high = split(x)
        sums = []
        for row in weights:
            first, last = (packed_as(part, "i8") for part in split(row))
            sums.append(self._step(self._step(self._lanes.zero(), first, low), last, high))
        return [self._rows_of(sums)]

    def _rows_of(self, sums):
        while len(sums) > 2:
            sums = [self._neighbours(a, b) for a, b in zip(sums[::2], sums[1::2], strict=True)]
        return self.beside(sums)

    def _tile(self, packed, x, steps, largest):
        """Activations are loaded 16 at a time; the instruction takes one word of them for all lanes."""
        places = range(self.strip // SEGMENT)
        totals = [[self._lanes.zero() for _ in places] for _ in x]
        for step in steps:
            weights = [
                self._quarter.load_aligned(packed + self._word(step, 0) + 16 * place) for place in places
            ]
            for token, address in enumerate(x):
                words = packed_as(self._quarter.load(address + step // SEGMENT * 16), "i32")
                spread = packed_as(ordered(words, words, [step % SEGMENT] * SEGMENT), "i8")
                totals[token] = [
                    self._step(t, w, spread) for t, w in zip(totals[token], weights, strict=True)
                ]
        return [[self.beside(both) for both in zip(row[::2], row[1::2], strict=True)] for row in totals]


class Smmla(Sdot):
    """arm64 with i8mm: two rows by two tokens by eight columns in one instruction.

    A strip's group is packed by eight columns and pairs of rows: row 0's eight bytes, row 1's, and so on.
    """

    instruction = "smmla"

    def pack(self, rows, address, place):
        units = [packed_as(row, "i64") for row in rows]
        pairs = self.simd.vectors("i64", 2)
        for pair in range(len(rows) // 2):
            a, b = units[2 * pair], units[2 * pair + 1]
            for step in range(GROUP // 8):
                both = ordered(a, b, [step, 4 + step])
                pairs.store_aligned(address + self._unit(step, place * self.rows // 2 + pair), both)

    def _unit(self, step, pair):
        return (step * (self.strip // 2) + pair) * 16

    def products(self, packed, x, largest, part, parts):
        steps, places = GROUP // 8 // parts, self._places()
        steps = range(part * steps, (part + 1) * steps)
        couples = [(x[i], x[min(i + 1, len(x) - 1)]) for i in range(0, len(x), 2)]
        made = [[self._couple(packed, couple, place, steps) for place in places] for couple in couples]
        return [[made[token // 2][place][token % 2] for place in places] for token in range(len(x))]

    def _couple(self, packed, tokens, place, steps):
        """For two tokens, each one's sums with `rows` rows."""
        totals = [self._lanes.zero()] * (self.rows // 2)
        for step in steps:
            i64 = self.simd.vectors("i64", 1)
            both = packed_as(self.beside([i64.load(token + 8 * step) for token in tokens]), "i8")
            for pair in range(self.rows // 2):
                at = self._unit(step, place * self.rows // 2 + pair)
                totals[pair] = self._matrix(totals[pair], self._quarter.load_aligned(packed + at), both)
        quads = list(zip(totals[::2], totals[1::2], strict=True))
        return [self.beside([ordered(a, b, pick) for a, b in quads]) for pick in ([0, 2, 4, 6], [1, 3, 5, 7])]


WAYS = {
    "maddubs": Maddubs,
    "avxvnni": Vpdpbusd,
    "avx512vnni": Vpdpbusd,
    "sdot": Sdot,
    "smmla": Smmla,
    "portable": Portable,
}


def dots_for(simd: ModuleType) -> Dots:
    """The way of ``simd``'s target."""
    return WAYS[simd.target.dot](simd)


# Shuffles, seen as segments of 128 bits


def packed_as(value: Value, element: str) -> Value:
    """The same bits as lanes of another element."""
    wanted = Vector(element, value.type.bits // int(element[1:]))
    if value.type == wanted:
        return value
    return expression(
        wanted, lambda b: value.llvm if value.llvm.type == wanted.llvm else b.bitcast(value.llvm, wanted.llvm)
    )


def _in_place(total):
    """Keep LLVM from reordering a sum, which would tear a register tile apart. No instruction comes of it."""
    kind, floats = total.type, Vector("f32", total.type.bits // 32)

    def emit(builder):
        bits = builder.bitcast(total.llvm, floats.llvm)
        fenced = call(builder, f"llvm.arithmetic.fence.v{floats.lanes}f32", floats.llvm, bits)
        return builder.bitcast(fenced, kind.llvm)

    return expression(kind, emit)


def ordered(a, b, indices):
    """Lane i of the result is lane ``indices[i]`` of a followed by b."""
    return expression(
        Vector(a.type.element, len(indices)), lambda builder: shuffled(builder, a.llvm, b.llvm, indices)
    )


def _segment(number):
    return list(range(number * SEGMENT, (number + 1) * SEGMENT))


def split(value):
    """Lower and upper half."""
    count = value.type.lanes // 2
    return [ordered(value, value, range(at, at + count)) for at in (0, count)]


def _interleaved(a, b, width):
    """Within each segment, units of ``width`` lanes of a and b by turns: of the lower, of the upper half."""
    lanes, unit = a.type.lanes, 128 // int(a.type.element[1:])
    orders = []
    for half in (0, unit // 2):
        order = []
        for segment in range(0, lanes, unit):
            for at in range(segment + half, segment + half + unit // 2, width):
                order += [*range(at, at + width), *range(lanes + at, lanes + at + width)]
        orders.append(order)
    return [ordered(a, b, order) for order in orders]


def _transposed(rows):
    """Four vectors of int32; the k-th result has in each segment lane k of the four."""
    low = _interleaved(rows[0], rows[1], 1)
    high = _interleaved(rows[2], rows[3], 1)
    return [part for a, b in zip(low, high, strict=True) for part in _interleaved(a, b, 2)]


def _sorted_segments(pair):
    """Of two vectors, the even segments, and the odd ones."""
    a, b = pair
    count = 2 * a.type.lanes // SEGMENT
    picks = [[lane for segment in range(start, count, 2) for lane in _segment(segment)] for start in (0, 1)]
    return [ordered(a, b, pick) for pick in picks]


def _rows_of_vectors(rows, together):
    """Which rows share a vector, so that the segments of two quads come out in the order of rows.

    For 8 rows, one each. For 16 rows in pairs: (0, 4) (1, 5) (2, 6) (3, 7), then (8, 12) and so on.
    """
    quads = [range(start, start + 4) for start in range(0, rows, 4 * together)]
    return [[row + 4 * i for i in range(together)] for quad in quads for row in quad]
