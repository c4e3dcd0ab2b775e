"""SIMD values in Numba: a vector type, operations on it, and functions that run while code is generated.

Three ideas carry the package:

* `Vector` is a Numba type whose data model is an LLVM vector: a variable of a kernel lives in a register.
* `Operation` is one step, such as "load" or "multiply and add". Kernels call it like a function; Numba types
  it by its fixed signature and inlines what its emitter writes.
* `staged` makes an operation out of a Python function that calls other operations. The function runs once,
  while code is generated: its loops and conditions are gone from the result. So are register tiles unrolled.

An operation means the same inside a kernel (compiled by Numba) and inside a staged function (traced).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, ConcreteTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

__all__ = ["ADDRESS", "Operation", "Value", "Vector", "constant", "expression", "smaller", "staged", "tile"]

ADDRESS = types.intp
"""Addresses, and whole numbers that count or index."""

FLOAT, HALF = ir.FloatType(), ir.HalfType()
ELEMENTS = {
    "i1": ir.IntType(1),
    **{sign + str(bits): ir.IntType(bits) for sign in "iu" for bits in (8, 16, 32, 64)},
    "f16": HALF,
    "f32": FLOAT,
}
SCALARS = {
    "i1": types.boolean,
    **{f"i{bits}": getattr(types, f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"u{bits}": getattr(types, f"uint{bits}") for bits in (8, 16, 32, 64)},
    "f32": types.float32,
}


class Vector(types.Type):
    """``lanes`` elements side by side, of ELEMENTS; u8 and i8 differ in shifts and widening."""

    def __init__(self, element: str, lanes: int) -> None:
        self.element, self.lanes = element, lanes
        self.llvm = ir.VectorType(ELEMENTS[element], lanes)
        self.scalar = SCALARS.get(element)
        super().__init__(name=f"{element}x{lanes}")

    @property
    def floating(self) -> bool:
        return self.element[0] == "f"

    @property
    def bits(self) -> int:
        return int(self.element[1:]) * self.lanes

    def constant(self, values: Sequence[float] | float) -> ir.Constant:
        """The vector of these values, or of one value in every lane."""
        lanes = [values] * self.lanes if isinstance(values, int | float) else list(values)
        width = ELEMENTS[self.element]
        return ir.Constant(self.llvm, [ir.Constant(width, _in_range(value, width)) for value in lanes])


def _in_range(value, width):
    """LLVM's text form takes signed integers; 0x80 as a byte is -128."""
    if isinstance(width, ir.IntType) and width.width > 1:
        return (int(value) + (1 << width.width - 1)) % (1 << width.width) - (1 << width.width - 1)
    return value


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        super().__init__(manager, vector, vector.llvm)


def tile(vector: Vector, count: int) -> types.UniTuple:
    """The type of ``count`` vectors that belong together, such as the accumulators of a register tile."""
    return types.UniTuple(vector, count)


# Operations


class Operation:
    """A step with a fixed signature; ``emit(builder, *llvm_values)`` writes its code.

    Called in a kernel, Numba compiles it in place. Called in a staged function, it works on `Value`.
    """

    def __init__(self, name: str, result: Any, arguments: Sequence[Any], emit: Callable[..., Any]) -> None:
        self.name, self.result, self.arguments, self.emit = name, result, tuple(arguments), emit
        self.__name__ = name
        case = signature(result, *self.arguments)
        template = type(name, (ConcreteTemplate,), {"key": self, "cases": [case]})
        infer_global(self, types.Function(template))
        lower_builtin(self, *self.arguments)(self._lower)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def _lower(self, context, builder, _signature, arguments):
        made = self.emit(builder, *arguments)
        return context.get_dummy_value() if self.result is types.none else made

    def __call__(self, *arguments: Any) -> Any:
        builder = _builder.get(None)
        if builder is None:
            raise TypeError(f"{self.name} works in kernels and staged functions, not in plain Python")
        if len(arguments) != len(self.arguments):
            raise TypeError(f"{self.name} takes {len(self.arguments)} arguments, not {len(arguments)}")
        given = [_unwrap(value, type_) for value, type_ in zip(arguments, self.arguments, strict=True)]
        return _wrap(self.result, self.emit(builder, *given))


_builder: ContextVar[ir.IRBuilder] = ContextVar("builder")


@contextmanager
def _tracing(builder: ir.IRBuilder) -> Iterator[None]:
    token = _builder.set(builder)
    try:
        yield
    finally:
        _builder.reset(token)


def _wrap(type_, made):
    if isinstance(type_, types.BaseTuple):
        parts = cgutils.unpack_tuple(_builder.get(), made, len(type_))
        return tuple(_wrap(part_type, part) for part_type, part in zip(type_, parts, strict=True))
    return None if type_ is types.none else Value(type_, made)


def _unwrap(value, type_):
    if isinstance(type_, types.BaseTuple):
        parts = [_unwrap(part, part_type) for part, part_type in zip(value, type_, strict=True)]
        return cgutils.pack_array(_builder.get(), parts)
    if isinstance(value, Value):
        if value.type != type_:
            raise TypeError(f"{value.type} given where {type_} is wanted")
        return value.llvm
    return _constant(type_, value)


def _constant(type_, value):
    if isinstance(type_, Vector):
        return type_.constant(value)
    width = FLOAT if type_ is types.float32 else ir.IntType(type_.bitwidth)
    return ir.Constant(width, _in_range(value, width))


def expression(kind: Any, emit: Callable[[ir.IRBuilder], ir.Value]) -> Value:
    """In a staged function: what ``emit`` writes, which is not worth an operation of its own."""
    return Value(kind, emit(_builder.get()))


def smaller(value: Value, number: int) -> Value:
    """In a staged function: the lesser of two whole numbers."""
    other = _constant(value.type, number)
    return expression(
        value.type, lambda b: b.select(b.icmp_signed("<", value.llvm, other), value.llvm, other)
    )


def constant(kind: Vector, values: Sequence[float] | float) -> Value:
    """In a staged function: the vector of these values, or of one value in every lane."""
    return Value(kind, kind.constant(values))


def staged(result: Any, *arguments: Any) -> Callable[[Callable[..., Any]], Operation]:
    """Make an operation out of a function that runs while code is generated.

    The function gets a `Value` for each argument (a tuple of them for a tile) and returns the same. Python
    loops, lists and conditions in it are unrolled; plain numbers become constants.
    """

    def decorate(trace: Callable[..., Any]) -> Operation:
        def emit(builder, *given):
            with _tracing(builder):
                values = [_wrap(type_, value) for type_, value in zip(arguments, given, strict=True)]
                made = trace(*values)
                return None if result is types.none else _unwrap(made, result)

        return Operation(trace.__name__, result, arguments, emit)

    return decorate


# Arithmetic on vectors: the same signs in kernels and in staged functions


def _arithmetic(floating: str, whole: str, unsigned: str = "") -> Callable[..., ir.Value]:
    def emit(builder, vector, a, b):
        name = floating if vector.floating else unsigned if unsigned and vector.element[0] == "u" else whole
        if not name:
            raise TypeError(f"{vector} has no such operation")
        return getattr(builder, name)(a, b)

    return emit


def _comparison(sign: str) -> Callable[..., ir.Value]:
    def emit(builder, vector, a, b):
        if vector.floating:
            return builder.fcmp_ordered(sign, a, b)
        compare = builder.icmp_unsigned if vector.element[0] == "u" else builder.icmp_signed
        return compare(sign, a, b)

    return emit


ARITHMETIC = {
    operator.add: _arithmetic("fadd", "add"),
    operator.sub: _arithmetic("fsub", "sub"),
    operator.mul: _arithmetic("fmul", "mul"),
    operator.truediv: _arithmetic("fdiv", ""),
    operator.floordiv: _arithmetic("", "sdiv", "udiv"),
    operator.and_: _arithmetic("", "and_"),
    operator.or_: _arithmetic("", "or_"),
    operator.xor: _arithmetic("", "xor"),
    operator.lshift: _arithmetic("", "shl"),
    operator.rshift: _arithmetic("", "ashr", "lshr"),
}
COMPARISONS = {
    operator.lt: _comparison("<"),
    operator.le: _comparison("<="),
    operator.gt: _comparison(">"),
    operator.ge: _comparison(">="),
    operator.eq: _comparison("=="),
    operator.ne: _comparison("!="),
}


def splatted(builder: ir.IRBuilder, vector: Vector, scalar: ir.Value) -> ir.Value:
    """The scalar in every lane."""
    first = builder.insert_element(
        ir.Constant(vector.llvm, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    order = ir.Constant(ir.VectorType(ir.IntType(32), vector.lanes), [0] * vector.lanes)
    return builder.shuffle_vector(first, ir.Constant(vector.llvm, ir.Undefined), order)


def _register(sign: Callable[..., Any], emit: Callable[..., ir.Value], compares: bool) -> None:
    def result_of(vector):
        return Vector("i1", vector.lanes) if compares else vector

    @infer_global(sign)
    class Template(AbstractTemplate):
        def generic(self, arguments, keywords):
            if keywords or len(arguments) != 2:
                return None
            a, b = arguments
            if isinstance(a, Vector) and (a == b or isinstance(b, types.Number)):
                return signature(result_of(a), a, a if a == b else a.scalar)
            if isinstance(b, Vector) and isinstance(a, types.Number):
                return signature(result_of(b), b.scalar, b)
            return None

    def lower(_context, builder, case, arguments):
        vector = next(type_ for type_ in case.args if isinstance(type_, Vector))
        pairs = zip(case.args, arguments, strict=True)
        a, b = (value if type_ == vector else splatted(builder, vector, value) for type_, value in pairs)
        return emit(builder, vector, a, b)

    for kinds in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(sign, *kinds)(lower)


for _sign, _emit in ARITHMETIC.items():
    _register(_sign, _emit, compares=False)
for _sign, _emit in COMPARISONS.items():
    _register(_sign, _emit, compares=True)


class Value:
    """A value of the program being generated, in a staged function. Numbers beside it become constants."""

    def __init__(self, type_: Any, llvm: ir.Value) -> None:
        self.type, self.llvm = type_, llvm

    def _apply(self, sign, a, b):
        builder, vector = (
            _builder.get(),
            self.type if isinstance(self.type, Vector) else _as_element(self.type),
        )
        left, right = (_unwrap(value, self.type) for value in (a, b))
        emit = ARITHMETIC.get(sign) or COMPARISONS[sign]
        made = emit(builder, vector, left, right)
        if sign not in COMPARISONS:
            return Value(self.type, made)
        return Value(Vector("i1", vector.lanes) if isinstance(self.type, Vector) else types.boolean, made)

    def __add__(self, other):
        return self._apply(operator.add, self, other)

    def __radd__(self, other):
        return self._apply(operator.add, other, self)

    def __sub__(self, other):
        return self._apply(operator.sub, self, other)

    def __rsub__(self, other):
        return self._apply(operator.sub, other, self)

    def __mul__(self, other):
        return self._apply(operator.mul, self, other)

    def __rmul__(self, other):
        return self._apply(operator.mul, other, self)

    def __truediv__(self, other):
        return self._apply(operator.truediv, self, other)

    def __and__(self, other):
        return self._apply(operator.and_, self, other)

    def __or__(self, other):
        return self._apply(operator.or_, self, other)

    def __xor__(self, other):
        return self._apply(operator.xor, self, other)

    def __lshift__(self, other):
        return self._apply(operator.lshift, self, other)

    def __rshift__(self, other):
        return self._apply(operator.rshift, self, other)

    def __lt__(self, other):
        return self._apply(operator.lt, self, other)

    def __gt__(self, other):
        return self._apply(operator.gt, self, other)


def _as_element(scalar):
    """A scalar's signs work as those of a vector of one lane."""
    return Vector(next(name for name, type_ in SCALARS.items() if type_ == scalar), 1)
