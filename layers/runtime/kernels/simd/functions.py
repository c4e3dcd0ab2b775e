"""Kernels as Numba functions whose code is left as LLVM IR, for a CPU to be named later.

Numba compiles every function for the machine it runs on, where the instructions of another CPU would abort
the process. So kernels get a dispatcher and a context of their own, which stop at the IR.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import codegen, cpu, fastmathpass, target_extension, typing
from numba.core.compiler_lock import global_compiler_lock
from numba.core.descriptors import TargetDescriptor
from numba.core.dispatcher import Dispatcher

__all__ = ["CONTEXT", "OUTLINED", "Kernel", "function", "inner", "outlined"]


class _IntermediateLibrary(codegen.AOTCodeLibrary):
    """Collects the IR of one function as Numba lowers it; it is optimised later, when the target is known."""

    def _optimize_functions(self, ll_module):
        ll_module.data_layout = self._codegen._data_layout

    def finalize(self):
        """Numba would link what a function calls into it, and all of that again into each of its callers."""
        self._finalized = True

    def get_llvm_str(self):
        """The IR of this function with all that it calls, each once."""
        _, *called = self._reached({})
        whole = self._final_module.clone()
        for library in called:
            whole.link_in(library._get_module_for_linking(), preserve=True)
        return str(whole)

    def _reached(self, seen):
        """This library and those that it needs, as the keys of ``seen``, in the order of the calls."""
        if self not in seen:
            seen[self] = True
            for library in self._linking_libraries:
                library._reached(seen)
        return seen


class _IntermediateCode(codegen.AOTCPUCodegen):
    _library_class = _IntermediateLibrary


class _Context(cpu.CPUContext):
    """Numba's CPU context, minus this machine."""

    def init(self):
        super().init()
        self._internal_codegen = _IntermediateCode("abax")

    def get_executable(self, library, fndesc, env):
        """Callers find a function by its executable: a builtin, unlike any other one."""
        return object().__dir__

    def post_lowering(self, module, library):
        """As Numba's, without the link to its reference counting."""
        if self.fastmath:
            fastmathpass.rewrite_module(module, self.fastmath)


class _AnyCpu(target_extension.CPU):
    """A CPU to be named later, as Numba's registry of targets knows it."""


NAME = "abax"
target_extension.target_registry[NAME] = _AnyCpu


class _Kernels(TargetDescriptor):
    options = cpu.CPUTargetOptions
    typing_context = typing.Context()
    target_context = _Context(typing_context, NAME)


OUTLINED: set[str] = set()
"""Names of compiled functions that LLVM must not inline."""

CONTEXT = _Kernels.target_context


class Kernel(Dispatcher):
    """A function that other kernels may call."""

    targetdescr = _Kernels(NAME)
    outlined = False

    def compile(self, sig):
        """As Numba's, which see; notes the names of functions that are to stay functions."""
        found = super().compile(sig)
        if self.outlined:
            OUTLINED.update(result.fndesc.llvm_func_name for result in self.overloads.values())
        return found

    def lowered(self, signature: Any) -> tuple[str, Any]:
        """The LLVM IR of this function with all that it calls, and Numba's description of it."""
        self.compile(signature)
        result = self.overloads[signature.args]
        with global_compiler_lock:
            result.library._ensure_finalized()
        return result.library.get_llvm_str(), result.fndesc


OPTIONS = {
    "nopython": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}
RELAXED = {"reassoc", "contract", "nsz", "arcp"}


def _for_numba(**options: Any) -> Callable[[Callable[..., Any]], Kernel]:
    """How Numba compiles the functions that it brings itself, such as ``min``."""
    return function


target_extension.dispatcher_registry[_AnyCpu] = Kernel
target_extension.jit_registry[_AnyCpu] = _for_numba


def function(kernel: Callable[..., Any]) -> Kernel:
    """Let other kernels call this one; LLVM decides what to inline. No fast-math: sums keep their order."""
    return Kernel(kernel, targetoptions=OPTIONS)


def outlined(kernel: Callable[..., Any]) -> Kernel:
    """As `function`, never inlined: so that a tight loop has all registers to itself."""
    made = function(kernel)
    made.outlined = True
    return made


def inner(kernel: Callable[..., Any]) -> Kernel:
    """The same, with floating-point rules relaxed: LLVM may reorder sums and vectorise reductions."""
    return Kernel(kernel, targetoptions={**OPTIONS, "fastmath": RELAXED})
