"""A target's kernels on an x86-64 machine that lacks its instructions, for tests.

The code is the target's own, optimised for it: its registers' width, tiles, layouts and tails. Then, where
the target would get machine code, two things change. An instruction that we asked for by name becomes plain
arithmetic of the same meaning; and LLVM cuts vectors to the registers that this machine has.

What that leaves untested is the instruction itself, and LLVM's choice of the other ones. The tests therefore
look at the real library's assembly as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import llvmlite.binding as llvm
from llvmlite import ir

from kernels.aot import Export, machine_for, module_for, optimised
from kernels.link import link
from kernels.targets import TARGETS, Target

__all__ = ["emulated_library"]

HERE = TARGETS["x86-64-v3"]
"""What every machine can run that runs any of our x86-64 libraries."""

ASKED_FOR = re.compile(r"@llvm\.x86\.avx512\.vpdpbusd\.(\d+)\b")
I8, I32 = ir.IntType(8), ir.IntType(32)


def emulated_library(exports: Sequence[Export], target: Target) -> bytes:
    """A shared library, for any CPU with AVX2, of the kernels of an x86-64 target; LookupError for arm64."""
    if not target.is_x86:
        raise LookupError(f"{target.name} is no x86-64 target")
    real, here = machine_for(target), machine_for(HERE)
    module = _spelt_out(optimised(module_for(exports, target, real), real))
    return link(here.emit_object(module), [export.name for export in exports], f"{target.name}.so")


def _spelt_out(module: llvm.ModuleRef) -> llvm.ModuleRef:
    """The module with plain arithmetic for the instructions that it asks for by name."""
    text = str(module)
    plain = llvm.parse_assembly(ASKED_FOR.sub(r"@vpdpbusd.\1", text))
    for bits in sorted({int(found) for found in ASKED_FOR.findall(text)}):
        meaning = llvm.parse_assembly(str(_vpdpbusd(bits)))
        meaning.triple, meaning.data_layout = module.triple, module.data_layout
        plain.link_in(meaning)
        plain.get_function(f"vpdpbusd.{bits}").linkage = "internal"
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.run(plain, llvm.create_pass_builder(machine_for(HERE), llvm.PipelineTuningOptions()))
    plain.verify()
    return plain


def _vpdpbusd(bits: int) -> ir.Module:
    """VPDPBUSD, as Intel's manual (volume 2, "VPDPBUSD") has it, for each 32-bit lane::

    p1 = zero_extend(unsigned.byte[0]) * sign_extend(signed.byte[0]), p2 to p4 alike
    total = total + p1 + p2 + p3 + p4                     whole, and modulo 2^32; VPDPBUSDS saturates
    """
    lanes = ir.VectorType(I32, bits // 32)
    bytes_ = ir.VectorType(I8, bits // 8)
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(lanes, [lanes, bytes_, bytes_]), f"vpdpbusd.{bits}")
    function.attributes.add("alwaysinline")
    builder = ir.IRBuilder(function.append_basic_block())
    total, unsigned, signed = function.args
    unsigned, signed = builder.bitcast(unsigned, lanes), builder.bitcast(signed, lanes)
    for byte in range(4):
        u = builder.lshr(builder.shl(unsigned, _all(lanes, 24 - 8 * byte)), _all(lanes, 24))
        s = builder.ashr(builder.shl(signed, _all(lanes, 24 - 8 * byte)), _all(lanes, 24))
        total = builder.add(total, builder.mul(u, s))
    builder.ret(total)
    return module


def _all(lanes: ir.VectorType, value: int) -> ir.Constant:
    return ir.Constant(lanes, [value] * lanes.count)
