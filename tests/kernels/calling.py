"""Kernel libraries for tests: those that this machine runs are called, those for arm64 run under emulation.

Of a library for x86-64 whose instructions this machine lacks, `made` makes one that it can run; see
``kernels.emulation``.

`opened(target)` gives either behind one face: ``call(name, *arguments)`` with whole numbers and numpy arrays,
which a function may write into.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import struct
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import numpy as np
import pytest
from abax_runtime import cpu
from kernels.aot import Export, compile_library
from kernels.build import NATIVE, build
from kernels.emulation import emulated_library
from kernels.targets import TARGETS, Target

RUNNER = Path(__file__).with_name("runner.c")
COMPILER, EMULATOR, SYSROOT = "aarch64-linux-gnu-gcc", "qemu-aarch64", "/usr/aarch64-linux-gnu"
EMULATED_CPUS = {"neoverse-n1": "neoverse-n1", "neoverse-v1": "max,sve=off"}
"""QEMU's names of them."""

Argument = int | np.ndarray[Any, Any]


class Callable(Protocol):
    """Functions by name."""

    def call(self, name: str, *arguments: Argument) -> int:
        """What the function returns; arrays are its memory, in and out."""


def aligned(shape: int | tuple[int, ...], kind: Any = np.float32) -> np.ndarray[Any, Any]:
    """Zeros that begin at a multiple of 64 bytes."""
    bytes_ = int(np.prod(shape)) * np.dtype(kind).itemsize
    raw = np.zeros(bytes_ + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + bytes_].view(kind).reshape(shape)


class Here:
    """A library in this process."""

    def __init__(self, path: Path) -> None:
        self.library = ctypes.CDLL(str(path))

    def call(self, name: str, *arguments: Argument) -> int:
        function = self.library[name]
        function.restype = ctypes.c_int64
        given = [value if isinstance(value, int) else value.ctypes.data for value in arguments]
        return int(function(*(ctypes.c_int64(value) for value in given)))


class Emulated:
    """A library for arm64, in a process of its own for each call, on a CPU that can do no more."""

    def __init__(self, path: Path) -> None:
        cpu_ = EMULATED_CPUS[path.stem]
        self.command = [EMULATOR, "-cpu", cpu_, "-L", SYSROOT, str(_runner()), str(path)]

    def call(self, name: str, *arguments: Argument) -> int:
        parts = [struct.pack("<q", len(name)), name.encode(), struct.pack("<q", len(arguments))]
        for value in arguments:
            if isinstance(value, int):
                parts.append(struct.pack("<qq", 0, value))
            else:
                parts += [struct.pack("<qq", 1, value.nbytes), value.tobytes()]
        done = subprocess.run(self.command, input=b"".join(parts), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        at = 8
        for value in arguments:
            if not isinstance(value, int):
                value[...] = np.frombuffer(done.stdout, value.dtype, value.size, at).reshape(value.shape)
                at += value.nbytes
        return int(struct.unpack_from("<q", done.stdout)[0])


@cache
def _runner() -> Path:
    if not (shutil.which(COMPILER) and shutil.which(EMULATOR)):
        pytest.skip("no gcc for aarch64 or no qemu-aarch64")
    path = Path(mkdtemp(prefix="abax-runner-")) / "runner"
    subprocess.run([COMPILER, "-O1", str(RUNNER), "-o", str(path), "-ldl"], check=True)
    return path


@cache
def opened(name: str) -> Callable:
    """The library of a target, built if need be; skips where it cannot run."""
    if TARGETS[name].is_x86 != (platform.machine() == "x86_64"):
        _runner()
    build(name)
    return _face(TARGETS[name])(NATIVE / f"{name}.so")


def _face(target: Target) -> type[Here | Emulated]:
    if target.is_x86 == (platform.machine() == "x86_64"):
        return Here
    if target.is_x86:
        pytest.skip("x86-64 is not emulated")
    return Emulated


def made(exports: list[tuple[str, Any, Any]], target: Target, folder: Path) -> Callable:
    """A library of these kernels alone, which this machine can run."""
    path, face = folder / f"{target.name}.so", _face(target)
    kernels = [Export(*export) for export in exports]
    native = face is Emulated or target.name not in TARGETS or target.name in cpu.targets()
    path.write_bytes(compile_library(kernels, target).image if native else emulated_library(kernels, target))
    return face(path)
