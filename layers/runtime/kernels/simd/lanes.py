"""A namespace of operations for each vector type: ``f32.load(p)``, ``f32.fma(a, b, c)`` and the like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from llvmlite import ir
from numba import types

from kernels.simd.functions import CONTEXT
from kernels.simd.memory import I32, bfloat_bits, call, pointer
from kernels.simd.values import ADDRESS, ELEMENTS, Operation, Vector, splatted

__all__ = ["Lanes", "joined", "shuffled"]


class Lanes(ModuleType):
    """The operations on vectors of one type. A module to Python, so that kernels can say f32.load.

    Constants: ``type`` (the Numba type), ``lanes``, ``bytes``. Operations (v a vector, p an address)::

        load(p) load_aligned(p) store(p, v) store_aligned(p, v)   aligned: to the vector's own size
        splat(scalar) zero()                                      one value in all lanes
        load_splat(p)                                             one element of memory in all lanes
        minimum(v, v) maximum(v, v) absolute(v) select(mask, v, v)
        sum(v) largest(v) smallest(v)                             across lanes; sums pair up neighbours first
        from_<element>(v)                                         converts each lane; float to whole cuts off
        as_<element>(v)                                           the same bits as other lanes
        load_<element>(p) store_<element>(p, v)                   converts on the way (f16 and bf16 too)
        get(v, i) put(v, i, scalar)                               one lane; i should be a constant
        low(v) high(v)                                            half of the lanes
    Of floats only: fma(a, b, c) = a * b + c rounded once, sqrt(v), nearest(v) to a whole number, floor(v).
    """

    def __init__(self, element: str, lanes: int) -> None:
        self.type = Vector(element, lanes)
        super().__init__(self.type.name)
        self.lanes = lanes
        self.bytes = self.type.bits // 8 if element != "i1" else 0
        self.zero = self._operation("zero", self.type, [], lambda _builder: self.type.constant(0))
        self.select = self._select()
        if element != "i1":
            self._add_memory()
            self._add_lanes()
            self._add_reductions()
        if element == "f32":
            self._add_floating()

    def __getattr__(self, name: str) -> Any:
        """Conversions, made when they are first asked for."""
        verb, _, element = name.partition("_")
        if not element or name.startswith("__"):
            raise AttributeError(name)
        maker = {"from": self._from, "as": self._as, "load": self._load_as, "store": self._store_as}.get(verb)
        if maker is None or (element not in ELEMENTS and element != "bf16"):
            raise AttributeError(f"{self.type} has no {name}")
        setattr(self, name, maker(element))
        CONTEXT.refresh()  # a kernel that is being compiled may be the first to ask
        return self.__dict__[name]

    def constant(self, values: Sequence[float] | float) -> Operation:
        """An operation without arguments that gives these lanes."""
        return self._operation("constant", self.type, [], lambda _builder: self.type.constant(values))

    def order(self, indices: Sequence[int]) -> Operation:
        """An operation on two vectors a, b: lane i is lane ``indices[i]`` of a followed by b."""
        result = Vector(self.type.element, len(indices))
        return self._operation(
            "order", result, [self.type, self.type], lambda builder, a, b: shuffled(builder, a, b, indices)
        )

    def _operation(
        self, name: str, result: Any, arguments: Sequence[Any], emit: Callable[..., Any]
    ) -> Operation:
        return Operation(f"{self.type.name}.{name}", result, arguments, emit)

    def _add_memory(self) -> None:
        vector = self.type

        def load(alignment):
            return lambda builder, p: builder.load(pointer(builder, p), typ=vector.llvm, align=alignment)

        def store(alignment):
            return lambda builder, p, v: builder.store(v, pointer(builder, p), align=alignment)

        def load_splat(builder, p):
            one = builder.load(pointer(builder, p), typ=ELEMENTS[vector.element], align=1)
            return splatted(builder, vector, one)

        self.load = self._operation("load", vector, [ADDRESS], load(1))
        self.load_aligned = self._operation("load_aligned", vector, [ADDRESS], load(self.bytes))
        self.store = self._operation("store", types.none, [ADDRESS, vector], store(1))
        self.store_aligned = self._operation(
            "store_aligned", types.none, [ADDRESS, vector], store(self.bytes)
        )
        self.load_splat = self._operation("load_splat", vector, [ADDRESS], load_splat)

    def _add_lanes(self) -> None:
        vector, scalar = self.type, self.type.scalar
        if scalar is not None:
            self.splat = self._operation("splat", vector, [scalar], lambda b, x: splatted(b, vector, x))
            self.get = self._operation(
                "get", scalar, [vector, ADDRESS], lambda b, v, i: b.extract_element(v, i)
            )
            self.put = self._operation(
                "put", vector, [vector, ADDRESS, scalar], lambda b, v, i, x: b.insert_element(v, x, i)
            )
        if self.lanes % 2 == 0 and self.lanes > 2:
            count = self.lanes // 2
            part = Vector(vector.element, count)

            def low(builder, v):
                return shuffled(builder, v, v, range(count))

            def high(builder, v):
                return shuffled(builder, v, v, range(count, 2 * count))

            self.low = self._operation("low", part, [vector], low)
            self.high = self._operation("high", part, [vector], high)

    def _add_reductions(self) -> None:
        vector, kind = self.type, "f" if self.type.floating else self.type.element[0]
        smaller, larger = {"f": ("minnum", "maxnum"), "i": ("smin", "smax"), "u": ("umin", "umax")}[kind]
        name = f"v{self.lanes}{_code(vector.element)}"
        pair = [vector, vector]

        def both(which):
            return lambda b, x, y: call(b, f"llvm.{which}.{name}", vector.llvm, x, y)

        self.minimum = self._operation("minimum", vector, pair, both(smaller))
        self.maximum = self._operation("maximum", vector, pair, both(larger))
        self.absolute = self._operation("absolute", vector, [vector], self._absolute)
        if vector.scalar is None:
            return
        steps = {
            "sum": lambda b, x, y: b.fadd(x, y) if vector.floating else b.add(x, y),
            "largest": lambda b, x, y: _paired(b, larger, vector, x, y),
            "smallest": lambda b, x, y: _paired(b, smaller, vector, x, y),
        }
        for verb, step in steps.items():
            reduce = lambda builder, v, step=step: _folded(builder, v, self.lanes, step)  # noqa: E731
            setattr(self, verb, self._operation(verb, vector.scalar, [vector], reduce))

    def _absolute(self, builder, value):
        name = f"v{self.lanes}{_code(self.type.element)}"
        if self.type.floating:
            return call(builder, f"llvm.fabs.{name}", self.type.llvm, value)
        wraps = ir.Constant(ir.IntType(1), 0)
        return call(builder, f"llvm.abs.{name}", self.type.llvm, value, wraps)

    def _select(self) -> Operation:
        mask = Vector("i1", self.lanes)
        return self._operation(
            "select", self.type, [mask, self.type, self.type], lambda b, m, x, y: b.select(m, x, y)
        )

    def _add_floating(self) -> None:
        vector, name = self.type, f"v{self.lanes}f32"
        for verb, intrinsic, count in (
            ("fma", "fma", 3),
            ("sqrt", "sqrt", 1),
            ("nearest", "rint", 1),
            ("floor", "floor", 1),
        ):

            def emit(builder, *values, intrinsic=intrinsic):
                return call(builder, f"llvm.{intrinsic}.{name}", vector.llvm, *values)

            setattr(self, verb, self._operation(verb, vector, [vector] * count, emit))

    def _from(self, element: str) -> Operation:
        source = Vector("i16" if element == "bf16" else element, self.lanes)
        return self._operation(
            f"from_{element}", self.type, [source], lambda b, v: _converted(b, v, element, self.type)
        )

    def _as(self, element: str) -> Operation:
        """The bits of this vector as lanes of ``element``."""
        other = Vector(element, self.type.bits // int(element[1:]))
        return self._operation(f"as_{element}", other, [self.type], lambda b, v: b.bitcast(v, other.llvm))

    def _load_as(self, element: str) -> Operation:
        source = Vector("i16" if element == "bf16" else element, self.lanes)

        def load(builder, p):
            return _converted(
                builder, builder.load(pointer(builder, p), typ=source.llvm, align=1), element, self.type
            )

        return self._operation(f"load_{element}", self.type, [ADDRESS], load)

    def _store_as(self, element: str) -> Operation:
        """Whole numbers are cut to their lower bits; floats are rounded."""
        target = Vector(element, self.lanes)

        def store(builder, p, v):
            builder.store(_converted(builder, v, self.type.element, target), pointer(builder, p), align=1)

        return self._operation(f"store_{element}", types.none, [ADDRESS, self.type], store)


def shuffled(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, indices: Sequence[int]) -> ir.Value:
    """Lane i of the result is lane ``indices[i]`` of a followed by b."""
    order = ir.Constant(ir.VectorType(I32, len(indices)), [ir.Constant(I32, index) for index in indices])
    return builder.shuffle_vector(a, b, order)


def joined(builder: ir.IRBuilder, parts: Sequence[ir.Value]) -> ir.Value:
    """Vectors of the same length behind each other; a power of two of them."""
    parts = list(parts)
    while len(parts) > 1:
        width = 2 * parts[0].type.count
        parts = [shuffled(builder, a, b, range(width)) for a, b in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _folded(builder, value, lanes, step):
    """Upper half onto lower half until one lane is left: the same order of sums on every target."""
    while lanes > 1:
        lanes //= 2
        low, high = (shuffled(builder, value, value, range(at, at + lanes)) for at in (0, lanes))
        value = step(builder, low, high)
    return builder.extract_element(value, ir.Constant(I32, 0))


def _paired(builder, which, vector, x, y):
    lanes = x.type.count
    return call(builder, f"llvm.{which}.v{lanes}{_code(vector.element)}", x.type, x, y)


def _code(element):
    """LLVM's name of an element in the name of an intrinsic."""
    return element if element[0] == "f" else f"i{element[1:]}"


def _converted(builder, value, element, target: Vector):
    """Convert the lanes of ``value``, which are ``element``, to those of ``target``."""
    if element == "bf16":
        whole = ir.VectorType(I32, target.lanes)
        return builder.bitcast(bfloat_bits(builder, value, whole), target.llvm)
    from_float, to_float = element[0] == "f", target.floating
    from_bits, to_bits = int(element[1:]), int(target.element[1:])
    if from_float and to_float:
        verb = "fpext" if to_bits > from_bits else "fptrunc"
    elif from_float:
        verb = "fptosi" if target.element[0] == "i" else "fptoui"
    elif to_float:
        verb = "uitofp" if element[0] == "u" else "sitofp"
    elif to_bits < from_bits:
        verb = "trunc"
    else:
        verb = "zext" if element[0] == "u" else "sext"
    if from_bits == to_bits and from_float == to_float:
        return value
    return getattr(builder, verb)(value, target.llvm)
