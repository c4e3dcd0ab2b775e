"""The compiled kernels, called through ctypes: one shared library per kind of CPU, found beside this file.

``SIGNATURES`` is the one table of what the libraries export and how each function is called; a function that
is added there can be called as an attribute of what `load` returns. Calls release the interpreter's lock.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from zlib import crc32

from . import cpu, program
from .errors import Unsupported
from .record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Function = Callable[..., Any]

FOLDER = os.path.join(os.path.dirname(__file__), "native")

# Of a function: what it returns and, after a space, each argument: "v aad" is void f(int64, int64, double);
# "s" is bytes.
_TYPES: dict[str, Any] = {
    "a": ctypes.c_int64,  # an address, or a number of things
    "f": ctypes.c_float,
    "d": ctypes.c_double,
    "s": ctypes.c_char_p,
    "v": None,
}
SIGNATURES = {
    "abax_abi": "a",
    "step_run": "v a",
    "step_work": "v aa",
    "step_stop": "v a",
    "step_scratch_bytes": "a aaaa",
    "adapter_largest": "d aaaaa",
    "adapter_pack_a": "v aaaaaaa",
    "adapter_pack_b": "v aaaaadaaa",
    "strings_end": "a aaa",
    "strings_lines": "a aaaa",
    "strings_index": "a aaaaaa",
    "strings_find": "a aaaasa",
    "sample_argmax": "a aa",
    "sample_top": "a aaaaa",
    "sample_restrict": "v aaaa",
    "sample_penalise": "v aaad",
    "sample_exp_sum": "d aaddd",
    "sample_draw": "a aadddd",
}


@cache
def abi() -> int:
    """A number that changes with any call above and with the layout of the step program.

    A library says by ``abax_abi`` which one it was compiled for, so that a stale one is refused instead of
    misreading memory.
    """
    layouts = [
        (name, getattr(value, "_fields", value))
        for name, value in sorted(vars(program).items())
        if type(value) is int or hasattr(value, "_fields")
    ]
    return crc32(repr((SIGNATURES, layouts)).encode())


class Native:
    """The functions of one library, as attributes."""

    def __init__(self, target: str, path: str) -> None:
        self.target, self.path = target, path
        try:
            self._library = ctypes.CDLL(path)
        except OSError as error:
            raise Unsupported(f"{path} does not load: {error}; {_how(target)}") from error
        if (found := int(self.abax_abi())) != abi():
            raise Unsupported(f"{path} is of ABI {found}, not {abi()}; {_how(target)}")

    def __getattr__(self, name: str) -> Function:
        if name not in SIGNATURES:
            raise AttributeError(f"{name} is not in native.SIGNATURES")
        try:
            function = self._library[name]
        except AttributeError as error:
            raise Unsupported(f"{self.path} has no {name}; {_how(self.target)}") from error
        result, _, arguments = SIGNATURES[name].partition(" ")
        function.restype = _TYPES[result]
        function.argtypes = [_TYPES[letter] for letter in arguments]
        setattr(self, name, function)
        return function


def load(target: str | None = None) -> Native:
    """The library for `target`, or for the best kind that this CPU can run and that is built.

    Loaded once per process. Raises Unsupported, with the command that builds it, where there is none.
    """
    names = (target,) if target else cpu.targets()
    for name in names:
        if os.path.exists(_path(name)):
            return _loaded(name)
    raise Unsupported(f"no library for {' or '.join(names)} in {FOLDER}; {_how(names[0])}")


@cache
def _loaded(target: str) -> Native:
    return Native(target, _path(target))


def _path(target: str) -> str:
    return os.path.join(FOLDER, f"{target}.so")


def _how(target: str) -> str:
    return f"build it with `make kernels` or `python -m kernels.build --target {target}`"
