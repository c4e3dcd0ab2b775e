"""The operations of one target, gathered under one name."""

from __future__ import annotations

from types import ModuleType

from llvmlite import ir
from numba import types

from kernels.simd import memory
from kernels.simd.dots import dots_for
from kernels.simd.lanes import Lanes
from kernels.simd.values import Operation
from kernels.targets import Target

__all__ = ["Simd"]


class Simd(ModuleType):
    """What kernels for one target are made of. A module to Python, so that kernels can say simd.f32.load."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.name)
        self.target = target
        self._vectors: dict[tuple[str, int], Lanes] = {}
        self.f32 = self.vectors("f32", target.bits // 32)
        self.i32 = self.vectors("i32", target.bits // 32)
        self.i16 = self.vectors("i16", target.bits // 16)
        self.i8 = self.vectors("i8", target.bits // 8)
        self.u8 = self.vectors("u8", target.bits // 8)
        self.dots = dots_for(self)
        memory.install(self)
        self.pause = Operation("pause", types.none, [], _pause_x86 if target.is_x86 else _pause_arm)

    def vectors(self, element: str, lanes: int) -> Lanes:
        """The operations on vectors of so many lanes, which need not fit a register."""
        if (element, lanes) not in self._vectors:
            self._vectors[element, lanes] = Lanes(element, lanes)
        return self._vectors[element, lanes]


def _pause_x86(builder):
    memory.call(builder, "llvm.x86.sse2.pause", ir.VoidType())


def _pause_arm(builder):
    """``isb`` waits about as long as x86's pause; ``yield`` is over at once on these cores."""
    memory.call(builder, "llvm.aarch64.isb", ir.VoidType(), ir.Constant(memory.I32, 15))
