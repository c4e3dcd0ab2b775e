"""Sums of products of bytes, the heart of every quantised product: one class per way that CPUs have to do it.

Columns come in groups of 32 (GROUP). Two shapes of work are offered, both exact in int32:

* `Dots.few`: `rows` rows, unpacked in registers, times a few tokens.
* `Dots.pack` and `Dots.products`: a strip of rows, unpacked in memory, times many tokens.

Weights are unsigned bytes up to ``largest``, or signed where `signed` is true and ``largest`` is 128.
Activations are signed bytes, never -128.

In both, vectors are seen as segments of 128 bits, since that is how far the cheap shuffles of x86 reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType

from llvmlite import ir

from kernels.simd.lanes import joined, shuffled
from kernels.simd.memory import call
from kernels.simd.values import Operation, Value, Vector, expression

__all__ = ["GROUP", "Dots", "beside", "dots_for", "ordered", "packed_as", "split", "transposed"]

GROUP = 32
"""Columns that one call works on."""

LARGEST_X, LARGEST_I16 = 127, 32767

WORD = 4
"""Products of so many neighbouring columns are summed into one int32 lane by the CPU's instruction."""

SEGMENT = 4
"""int32 lanes of 128 bits."""


class Dots:
    """What all ways have in common. ``simd`` is the target's namespace.

    ``rows``: rows that `few` and `pack` work on. ``turned``: whether they take their quants turned, each
    vector with the next four columns of all rows, or else each row's 32 side by side. ``signed``: whether
    weights may be signed. ``strip``: the rows of `products`' register tile, and ``tiles`` how many tokens
    it may have, from the best on.
    """

    turned, signed = True, False
    strip, tiles = 16, (4, 2, 1)

    def __init__(self, simd: ModuleType) -> None:
        self.simd = simd
        self.rows = 8 * max(1, simd.target.bits // (8 * GROUP))
        self.words = simd.vectors("i32", self.rows)
        self.bytes_ = simd.vectors("i8", WORD * self.rows)

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

    # a few tokens

    def few(
        self, weights: Iterable[Value], x: Sequence[Value], largest: int, halves: bool
    ) -> Iterator[list[Value]]:
        """For each token (the addresses of whose 32 bytes are ``x``) the sums of 32 products, a lane per row;
        with ``halves`` those of the first 16, and then those of the last."""
        words = iter(weights)
        for steps in self._parts(halves):
            yield [sums for (sums,) in self._tile(lambda _step: [next(words)], x, steps, largest)]

    def _parts(self, halves: bool) -> list[range]:
        steps = GROUP // WORD
        return [range(steps // 2), range(steps // 2, steps)] if halves else [range(steps)]

    # many tokens

    def pack(self, weights: Iterable[Value], address: Value, place: int) -> None:
        """Store 32 columns of `rows` rows, word by word, as the ``place``-th part of a strip's group."""
        for word, value in enumerate(weights):
            self.words.store_aligned(address + self._word(word, place), packed_as(value, "i32"))

    def _word(self, word: int, place: int) -> int:
        return (word * (self.strip // self.rows) + place) * self.words.bytes

    def products(
        self, packed: Value, x: Sequence[Value], largest: int, part: int, parts: int
    ) -> list[list[Value]]:
        """Sums of products of one of a packed group's ``parts``, a lane per row: by token (the addresses of
        whose 32 bytes are ``x``), and by `rows` of the strip."""
        steps = GROUP // WORD // parts
        own = range(part * steps, (part + 1) * steps)
        return self._tile(lambda step: self._weights(packed, step), x, own, largest)

    # sixteen rows

    def sixteen(self, packed: Value, x: Sequence[Value], words: int, largest: int) -> list[list[Value]]:
        """For each token (the addresses of whose bytes are ``x``) sums of products with 16 rows, `rows` in a
        vector. ``packed``: int8 [words][16 rows][4 columns]."""
        return self._tile(lambda step: self._sixteen(packed + step * 64), x, range(words), largest)

    def _sixteen(self, word: Value) -> list[Value]:
        """Four columns of 16 rows."""
        return [self.bytes_.load(word + at) for at in range(0, 64, self.bytes_.bytes)]

    def _places(self) -> range:
        return range(self.strip // self.rows)

    def _weights(self, packed: Value, step: int) -> list[Value]:
        """Four columns of a strip, by place."""
        return [self.bytes_.load_aligned(packed + self._word(step, place)) for place in self._places()]

    def _tile(
        self, weights: Callable[[int], list[Value]], x: Sequence[Value], steps: range, largest: int
    ) -> list[list[Value]]:
        """For each token and place the products of some steps, step by step, to fit the registers."""
        fit = self.fit(largest)
        totals: list[list[Value]] = [[] for _ in x]
        for begin in range(0, len(steps), fit):
            sums: list[list[Value | None]] = [[] for _ in x]
            for step in steps[begin : begin + fit]:
                here = weights(step)
                for token, address in enumerate(x):
                    spread = packed_as(self.words.load_splat(address + step * WORD), "i8")
                    before = sums[token] or [None] * len(here)
                    sums[token] = [self.add(a, w, spread, largest) for a, w in zip(before, here, strict=True)]
            for token, made in enumerate(sums):
                wide = [self.widened(value) for value in made]
                before = totals[token]
                totals[token] = (
                    [_in_place(a + b) for a, b in zip(before, wide, strict=True)] if before else wide
                )
        return totals


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
        made = made if self._most(largest) > 1 else self._widened(made)
        return _in_place(made if total is None else total + made)

    def fit(self, largest):
        """Where not even two sums fit 16 bits, `add` widens each of them."""
        return self._most(largest) if self._most(largest) > 1 else super().fit(largest)

    def _most(self, largest):
        return LARGEST_I16 // (2 * LARGEST_X * largest)

    def widened(self, total):
        return total if total.type.element == "i32" else self._widened(total)


class Vpdpbusd(Dots):
    """AVX-VNNI and AVX512-VNNI: unsigned by signed bytes, four products a lane, straight into int32."""

    def __init__(self, simd):
        super().__init__(simd)
        self.strip, self.tiles = (32, (6, 3, 1)) if simd.target.bits == 512 else (16, (4, 2, 1))
        weights, x = (self.simd.vectors(e, self.bytes_.lanes).type for e in ("u8", "i8"))
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

    turned, signed = False, True
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

    def few(self, weights, x, largest, halves):
        """Each row's products in four lanes; then neighbours are added up."""
        rows = [[packed_as(part, "i8") for part in split(row)] for row in weights]
        for parts in ((0,), (1,)) if halves else ((0, 1),):
            yield [self._across(rows, token, parts) for token in x]

    def _across(self, rows, x, parts):
        columns = {part: self._quarter.load(x + part * 16) for part in parts}
        sums = [self._lanes.zero() for _ in rows]
        for part in parts:
            sums = [self._step(sum_, row[part], columns[part]) for sum_, row in zip(sums, rows, strict=True)]
        while len(sums) > 2:
            sums = [self._neighbours(a, b) for a, b in zip(sums[::2], sums[1::2], strict=True)]
        return beside(sums)

    def pack(self, weights, address, place):
        rows = [packed_as(row, "i32") for row in weights]
        quads = [transposed(rows[i : i + 4]) for i in range(0, len(rows), 4)]
        for word in range(SEGMENT):
            for half, value in enumerate(_sorted_segments([quad[word] for quad in quads])):
                self.words.store_aligned(address + self._word(half * SEGMENT + word, place), value)

    def _weights(self, packed, step):
        """As it is a register's worth that the instruction takes."""
        return [
            self._quarter.load_aligned(packed + self._word(step, 0) + 16 * part)
            for part in range(self.strip // SEGMENT)
        ]

    def _sixteen(self, word):
        return [self._quarter.load(word + at) for at in range(0, 64, 16)]

    def _tile(self, weights, x, steps, largest):
        """Activations are loaded 16 at a time; the instruction takes one word of them for all lanes."""
        totals = [[self._lanes.zero()] * (self.strip // SEGMENT) for _ in x]
        for step in steps:
            here = weights(step)
            for token, address in enumerate(x):
                words = packed_as(self._quarter.load(address + step // SEGMENT * 16), "i32")
                spread = packed_as(ordered(words, words, [step % SEGMENT] * SEGMENT), "i8")
                totals[token] = [self._step(t, w, spread) for t, w in zip(totals[token], here, strict=True)]
        return [[beside(both) for both in zip(row[::2], row[1::2], strict=True)] for row in totals]


class Smmla(Sdot):
    """arm64 with i8mm: two rows by two tokens by eight columns in one instruction.

    A strip's group is packed by eight columns and pairs of rows: row 0's eight bytes, row 1's, and so on.
    """

    instruction = "smmla"

    def few(self, weights, x, largest, halves):
        """Pairs of rows by pairs of tokens; one token alone gains nothing from it."""
        if len(x) == 1:
            yield from super().few(weights, x, largest, halves)
            return
        rows, steps = list(weights), GROUP // 8
        for part in (range(steps // 2), range(steps // 2, steps)) if halves else (range(steps),):
            units = {step: self._units(rows, step) for step in part}
            sums = [sums for pair in self._couples(x) for sums in self._couple(units, pair)]
            yield sums[: len(x)]

    def _units(self, rows, step):
        """Eight columns of each pair of rows."""
        eights = [packed_as(row, "i64") for row in rows]
        return [
            packed_as(ordered(a, b, [step, 4 + step]), "i8")
            for a, b in zip(eights[::2], eights[1::2], strict=True)
        ]

    def pack(self, weights, address, place):
        rows = list(weights)
        for step in range(GROUP // 8):
            for pair, both in enumerate(self._units(rows, step)):
                self._quarter.store_aligned(address + self._unit(step, place * self.rows // 2 + pair), both)

    def _unit(self, step, pair):
        return (step * (self.strip // 2) + pair) * 16

    def products(self, packed, x, largest, part, parts):
        steps, places = GROUP // 8 // parts, self._places()
        own = range(part * steps, (part + 1) * steps)
        made = [
            [self._couple(self._packed_units(packed, place, own), couple) for place in places]
            for couple in self._couples(x)
        ]
        return [[made[token // 2][place][token % 2] for place in places] for token in range(len(x))]

    def _couples(self, x):
        return [(x[i], x[min(i + 1, len(x) - 1)]) for i in range(0, len(x), 2)]

    def _packed_units(self, packed, place, steps):
        first = place * self.rows // 2
        at = {step: [self._unit(step, first + pair) for pair in range(self.rows // 2)] for step in steps}
        return {
            step: [self._quarter.load_aligned(packed + one) for one in places] for step, places in at.items()
        }

    def _couple(self, units, tokens):
        """For two tokens, each one's sums with `rows` rows, whose ``units`` are given by eight columns."""
        totals = [self._lanes.zero()] * (self.rows // 2)
        i64 = self.simd.vectors("i64", 1)
        for step, pairs in units.items():
            both = packed_as(beside([i64.load(token + 8 * step) for token in tokens]), "i8")
            totals = [self._matrix(total, pair, both) for total, pair in zip(totals, pairs, strict=True)]
        quads = list(zip(totals[::2], totals[1::2], strict=True))
        return [beside([ordered(a, b, pick) for a, b in quads]) for pick in ([0, 2, 4, 6], [1, 3, 5, 7])]


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


def beside(parts: Sequence[Value]) -> Value:
    """Equal vectors, one behind the other in one."""
    kind = parts[0].type
    wide = Vector(kind.element, kind.lanes * len(parts))
    return expression(wide, lambda b: joined(b, [part.llvm for part in parts]))


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


def transposed(rows):
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
