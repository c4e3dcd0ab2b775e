"""Build the libraries of kernels: ``python -m kernels.build [--target host|all|NAME]``.

One shared library for each target goes to ``abax_runtime/native``. A library is built again when a source of
the kernels, the layout of the step program, or the compiler's version has changed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from abax_runtime.native import abi
from numba import types

from kernels.aot import Export, compile_library
from kernels.simd import Simd
from kernels.targets import TARGETS, host_target

HERE = Path(__file__).parent
RUNTIME = HERE.parent / "abax_runtime"
NATIVE = RUNTIME / "native"

MODULES: tuple[str, ...] = ("matmul", "step", "adapters", "sampling", "strings")
"""Kernel modules, each with ``exports(simd)``: (name, kernel, signature) for each C function."""


def exports(simd: Simd) -> list[Export]:
    """The C functions of the library for ``simd``'s target."""
    found = [
        Export(*export)
        for name in MODULES
        for export in importlib.import_module(f"kernels.{name}").exports(simd)
    ]
    number = abi()
    return [*found, Export("abax_abi", lambda: number, types.int64())]


def _program_layout() -> bytes:
    path = RUNTIME / "program.py"
    return path.read_bytes() if path.exists() else b""


def sources_hash() -> str:
    """Of everything that a library is made from."""
    digest = hashlib.sha256(_program_layout())
    for package in ("numba", "llvmlite"):
        digest.update(importlib.import_module(package).__version__.encode())
    for path in sorted(HERE.rglob("*.py")):
        digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def build(name: str, folder: Path = NATIVE) -> str:
    """Build one target's library if its sources changed; a line that says what was done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # others that want the same library wait for it
        return _build(name, folder)


def _build(name: str, folder: Path) -> str:
    library, stamp, wanted = folder / f"{name}.so", folder / f"{name}.stamp", sources_hash()
    if library.exists() and stamp.exists() and stamp.read_text() == wanted:
        return f"{name}: up to date"
    begun, target = time.perf_counter(), TARGETS[name]
    made = compile_library(exports(Simd(target)), target)
    part = library.with_suffix(".part")
    part.write_bytes(made.image)
    part.replace(library)  # a running process keeps the old file
    stamp.write_text(wanted)
    return f"{name}: {len(made.image) / 1000:,.0f} kB in {time.perf_counter() - begun:.1f} s"


def main(arguments: list[str] | None = None) -> int:
    """Build what the arguments ask for, targets side by side."""
    parser = argparse.ArgumentParser(prog="python -m kernels.build", description=__doc__)
    parser.add_argument("--target", default="all", choices=["all", "host", *TARGETS])
    wanted = parser.parse_args(arguments).target
    names = list(TARGETS) if wanted == "all" else [host_target().name if wanted == "host" else wanted]
    if len(names) == 1:
        sys.stdout.write(build(names[0]) + "\n")
        return 0
    with ProcessPoolExecutor() as pool:
        for done in as_completed([pool.submit(build, name) for name in names]):
            sys.stdout.write(done.result() + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
