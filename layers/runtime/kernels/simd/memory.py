"""Scalars in memory, prefetching and atomic counters: the same on every target."""

from __future__ import annotations

from types import ModuleType

from llvmlite import ir
from numba import types

from kernels.simd.values import ADDRESS, ELEMENTS, FLOAT, HALF, SCALARS, Operation

I16, I32, I64 = ir.IntType(16), ir.IntType(32), ir.IntType(64)


def pointer(builder: ir.IRBuilder, address: ir.Value) -> ir.Value:
    """An address as LLVM's pointer."""
    return builder.inttoptr(address, ir.PointerType())


def call(builder: ir.IRBuilder, name: str, result: ir.Type, *arguments: ir.Value) -> ir.Value:
    """Call an LLVM intrinsic by its full name."""
    function = builder.module.globals.get(name)
    if function is None:
        kind = ir.FunctionType(result, [value.type for value in arguments])
        function = ir.Function(builder.module, kind, name)
    return builder.call(function, arguments)


def bfloat_bits(builder: ir.IRBuilder, half: ir.Value, whole: ir.Type) -> ir.Value:
    """bfloat16 is the upper half of a float32; ``whole`` is i32 or a vector of it."""
    sixteen = ir.Constant(
        whole, 16 if isinstance(whole, ir.IntType) else [ir.Constant(I32, 16)] * whole.count
    )
    return builder.shl(builder.zext(half, whole), sixteen)


def install(simd: ModuleType) -> None:
    """Add ``load_<element>``, ``store_<element>``, ``prefetch``, ``opaque`` and the atomics to ``simd``.

    ``opaque(address)`` is the same address, of which LLVM knows no more how it came about: what is computed
    from it stays where it is used, instead of as many pointers that are all counted up.
    """
    for element, scalar in SCALARS.items():
        if element != "i1":
            _install_access(simd, element, scalar)
    _install_halves(simd)
    _install_atomics(simd)

    def prefetch(builder, address):
        flags = (ir.Constant(I32, flag) for flag in (0, 3, 1))  # to read, into all caches, data
        call(builder, "llvm.prefetch.p0", ir.VoidType(), pointer(builder, address), *flags)

    def opaque(builder, address):
        laundered = call(
            builder, "llvm.launder.invariant.group.p0", ir.PointerType(), pointer(builder, address)
        )
        return builder.ptrtoint(laundered, I64)

    simd.opaque = Operation("opaque", ADDRESS, [ADDRESS], opaque)
    simd.prefetch = Operation("prefetch", types.none, [ADDRESS], prefetch)


def _install_access(simd, element, scalar):
    def load(builder, address):
        return builder.load(pointer(builder, address), typ=ELEMENTS[element], align=1)

    def store(builder, address, value):
        builder.store(value, pointer(builder, address), align=1)

    setattr(simd, f"load_{element}", Operation(f"load_{element}", scalar, [ADDRESS], load))
    setattr(simd, f"store_{element}", Operation(f"store_{element}", types.none, [ADDRESS, scalar], store))


def _install_halves(simd):
    def load_f16(builder, address):
        return builder.fpext(builder.load(pointer(builder, address), typ=HALF, align=1), FLOAT)

    def load_bf16(builder, address):
        bits = builder.load(pointer(builder, address), typ=I16, align=1)
        return builder.bitcast(bfloat_bits(builder, bits, I32), FLOAT)

    def store_f16(builder, address, value):
        builder.store(builder.fptrunc(value, HALF), pointer(builder, address), align=1)

    simd.load_f16 = Operation("load_f16", types.float32, [ADDRESS], load_f16)
    simd.load_bf16 = Operation("load_bf16", types.float32, [ADDRESS], load_bf16)
    simd.store_f16 = Operation("store_f16", types.none, [ADDRESS, types.float32], store_f16)


def _install_atomics(simd):
    """On 64-bit counters: each thread sees what was written before the release of the value it reads."""

    def add(builder, address, value):
        return builder.atomic_rmw("add", pointer(builder, address), value, "acq_rel")

    def load(builder, address):
        return builder.load_atomic(pointer(builder, address), "acquire", 8, typ=I64)

    def store(builder, address, value):
        builder.store_atomic(value, builder.inttoptr(address, I64.as_pointer()), "release", 8)

    def exchange(builder, address, expected, wanted):
        pair = builder.cmpxchg(pointer(builder, address), expected, wanted, "acq_rel", "acquire")
        return builder.extract_value(pair, 0)

    simd.atomic_add = Operation("atomic_add", ADDRESS, [ADDRESS, ADDRESS], add)
    simd.atomic_load = Operation("atomic_load", ADDRESS, [ADDRESS], load)
    simd.atomic_store = Operation("atomic_store", types.none, [ADDRESS, ADDRESS], store)
    simd.atomic_exchange_if = Operation("atomic_exchange_if", ADDRESS, [ADDRESS] * 3, exchange)
