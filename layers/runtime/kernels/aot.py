"""From a Numba function to machine code for any target, on any machine.

    Python function and signature
      -> Numba: type inference and LLVM IR, neutral as to the CPU   (`compiled`)
      -> a wrapper with the C calling convention                    (`_wrapper`)
      -> one module, marked for the target                          (`module_for`)
      -> LLVM's O3 pipeline, then memset and its like               (`optimised`)
      -> object code, which ``kernels.link`` makes a library of     (`compile_library`)

Nothing of Numba remains in the result: no runtime, no reference counts, no exceptions, no Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import typing

from kernels.link import link
from kernels.simd.functions import CONTEXT, OUTLINED, Kernel, function
from kernels.targets import Target

__all__ = ["Export", "Library", "compile_library"]

llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
# Kernels are written in the order in which their values fit the registers; LLVM's scheduler would undo that.
llvm.set_option("kernels", "-enable-misched=0")


class Export(NamedTuple):
    """One C function: its name, the kernel, and its Numba signature."""

    name: str
    kernel: Callable[..., Any]
    signature: typing.templates.Signature


class Library(NamedTuple):
    """A compiled library: the bytes of the ``.so``; and its assembly, which takes as long again."""

    image: bytes
    assembly: Callable[[], str]


def compile_library(exports: Sequence[Export], target: Target) -> Library:
    """Compile kernels to a shared library that needs nothing but a C caller.

    Raises:
        ValueError: a kernel calls something outside of the library.
    """
    machine = machine_for(target)
    module = optimised(module_for(exports, target, machine), machine)
    _require_self_contained(module)
    names = [export.name for export in exports]
    image = link(machine.emit_object(module), names, f"{target.name}.so")
    return Library(image, lambda: machine.emit_assembly(module))


# Numba


def compiled(export: Export) -> tuple[str, str]:
    """The LLVM IR of a kernel with all that it calls, and of its C wrapper."""
    kernel = export.kernel if isinstance(export.kernel, Kernel) else function(export.kernel)
    text, descriptor = kernel.lowered(export.signature)
    return text, _wrapper(export, descriptor)


def _wrapper(export: Export, descriptor: Any) -> str:
    """``name(arguments)`` with C's calling convention; kernels do not raise, so Numba's status is dropped."""
    arguments, returned = export.signature.args, export.signature.return_type
    module = ir.Module(export.name)
    kinds = [CONTEXT.get_value_type(kind) for kind in arguments]
    result = ir.VoidType() if returned is types.none else CONTEXT.get_value_type(returned)
    outer = ir.Function(module, ir.FunctionType(result, kinds), export.name)
    convention = CONTEXT.call_conv
    kernel = ir.Function(module, convention.get_function_type(returned, arguments), descriptor.llvm_func_name)
    builder = ir.IRBuilder(outer.append_basic_block())
    _, value = convention.call_function(builder, kernel, returned, arguments, outer.args)
    if returned is types.none:
        builder.ret_void()
    else:
        builder.ret(value)
    return str(module)


# LLVM, for the target


def machine_for(target: Target) -> llvm.TargetMachine:
    family = llvm.Target.from_triple(target.triple)
    return family.create_target_machine(
        cpu=target.cpu, features=target.features, opt=3, reloc="pic", codemodel="default"
    )


def module_for(exports: Sequence[Export], target: Target, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """All kernels in one module, in which only the exported names are visible."""
    module = _parsed("", target, machine)
    for export in exports:
        for text in compiled(export):
            module.link_in(_parsed(text, target, machine))
    names = {export.name for export in exports}
    for defined in (*module.functions, *module.global_variables):
        if not defined.is_declaration and defined.name not in names:
            defined.linkage = "internal"
    for defined in module.functions:
        if defined.name in OUTLINED:
            defined.add_function_attribute("noinline")
    return module


HOST_LINES = re.compile(r"^target (triple|datalayout).*$", re.MULTILINE)
HOST_ATTRIBUTES = re.compile(r'"(target-cpu|target-features|tune-cpu)"="[^"]*"')


def _parsed(text: str, target: Target, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """Parse IR, with whatever Numba said about this machine taken out."""
    module = llvm.parse_assembly(HOST_ATTRIBUTES.sub("", HOST_LINES.sub("", text)))
    module.triple, module.data_layout = target.triple, str(machine.target_data)
    return module


def optimised(module: llvm.ModuleRef, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """LLVM's O3 for this machine, then definitions of the C functions that LLVM itself calls."""
    tuning = llvm.PipelineTuningOptions(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = True
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    support = llvm.parse_assembly(MEMORY_FUNCTIONS)
    support.triple, support.data_layout = module.triple, module.data_layout
    module.link_in(support)
    module.verify()
    return module


def _require_self_contained(module: llvm.ModuleRef) -> None:
    outside = [f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")]
    if outside:
        raise ValueError(f"kernels call what no library will have: {', '.join(sorted(outside))}")


def _memory_functions() -> str:
    """memset, memcpy and memmove: LLVM writes calls of them for large copies, and we link no C library.

    Added after optimisation and marked "no-builtins", or LLVM would make their loops calls of themselves.
    """
    loop = """
define hidden ptr @{name}(ptr %to, {source}, i64 %bytes) nounwind "no-builtins" {{
start:
{order}
  %none = icmp eq i64 %bytes, 0
  br i1 %none, label %end, label %{first}
up:
  %i = phi i64 [ 0, %{before} ], [ %next, %up ]
  %p = getelementptr i8, ptr %to, i64 %i
{up}
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %bytes
  br i1 %more, label %up, label %end
{down}
end:
  ret ptr %to
}}
"""
    copy = "  %q = getelementptr i8, ptr %from, i64 %i\n  %v = load i8, ptr %q\n  store i8 %v, ptr %p"
    backwards = """choose:
  %above = icmp ugt ptr %to, %from
  br i1 %above, label %down, label %up
down:
  %j = phi i64 [ %bytes, %choose ], [ %last, %down ]
  %last = sub i64 %j, 1
  %pd = getelementptr i8, ptr %to, i64 %last
  %qd = getelementptr i8, ptr %from, i64 %last
  %vd = load i8, ptr %qd
  store i8 %vd, ptr %pd
  %left = icmp ne i64 %last, 0
  br i1 %left, label %down, label %end"""
    plain = {"order": "", "first": "up", "before": "start", "up": copy, "down": ""}
    byte = "  %byte = trunc i32 %value to i8"
    setting = {**plain, "order": byte, "up": "  store i8 %byte, ptr %p"}
    moving = {**plain, "first": "choose", "before": "choose", "down": backwards}
    return (
        loop.format(name="memset", source="i32 %value", **setting)
        + loop.format(name="memcpy", source="ptr %from", **plain)
        + loop.format(name="memmove", source="ptr %from", **moving)
    )


MEMORY_FUNCTIONS = _memory_functions()
