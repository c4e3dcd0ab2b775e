"""SIMD value types and operations for Numba kernels, portable by name, with one place per instruction set.

A kernel module makes its kernels for a target::

    def make_scale(simd):
        f32 = simd.f32                              # vectors of float32 as wide as this target's registers

        @function
        def scale(x, count, factor):                # x: address of float32 [count], a multiple of f32.lanes
            for i in range(0, count, f32.lanes):
                f32.store(x + 4 * i, f32.load(x + 4 * i) * factor)

        return scale

``simd.f32`` and its siblings (i8 u8 i16 i32) fill a register; ``simd.vectors("f32", 16)`` is any other width,
which LLVM cuts into registers. See `lanes.Lanes` for what vectors can do, `memory` for scalars and atomics,
`dots` for products of bytes, and `values` for how it works.
"""

from kernels.simd.functions import function, inner, outlined
from kernels.simd.target import Simd
from kernels.simd.values import ADDRESS, Operation, Value, Vector, staged, tile

__all__ = [
    "ADDRESS",
    "Operation",
    "Simd",
    "Value",
    "Vector",
    "function",
    "inner",
    "outlined",
    "staged",
    "tile",
]
