"""Targets whose instructions this machine may lack: their kernels, with vpdpbusd spelt out, and their code.

What stands in for vpdpbusd must mean what Intel's manual says; the kernels around it must compute what those
of every other target do; and a library must need no instruction that the runtime does not ask a CPU for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from abax_runtime import cpu
from kernels import matmul
from kernels.aot import Export, compile_library
from kernels.blocks import FORMATS
from kernels.build import NATIVE, sources_hash
from kernels.emulation import emulated_library
from kernels.simd import ADDRESS, Simd, Value, staged
from kernels.targets import TARGETS
from numba import types

from tests.kernels import test_products
from tests.kernels.calling import Callable, Here, aligned, made, opened
from tests.kernels.products import Activations, Matrix

VNNI = ["x86-64-v3-avxvnni", "x86-64-v4-avx512vnni"]


def step(simd: Simd) -> Export:
    """``step(totals, weights, x)``: one register of each; totals += products."""
    words, bytes_, dots = simd.i32, simd.i8, simd.dots

    @staged(types.none, ADDRESS, ADDRESS, ADDRESS)
    def kernel(totals: Value, weights: Value, x: Value) -> None:
        words.store(totals, dots.add(words.load(totals), bytes_.load(weights), bytes_.load(x), 128))

    return Export("step", lambda totals, weights, x: kernel(totals, weights, x), types.void(*[ADDRESS] * 3))


def vpdpbusd(totals: np.ndarray, unsigned: np.ndarray, signed: np.ndarray) -> np.ndarray:
    """The manual's pseudocode: products are whole, their sum is taken modulo 2^32."""
    products = unsigned.astype(np.int64) * signed.astype(np.int64)
    return (totals + products.reshape(-1, 4).sum(1)).astype(np.int32)  # as in C: the lower 32 bits


SHAPES = ((1, np.int32), (4, np.uint8), (4, np.int8))


@pytest.mark.parametrize("target", VNNI)
def test_the_stand_in_is_exact_at_all_extremes(target: str, tmp_path: Path) -> None:
    simd = Simd(TARGETS[target])
    (tmp_path / "step.so").write_bytes(emulated_library([step(simd)], simd.target))
    library, random = Here(tmp_path / "step.so"), np.random.default_rng(3)
    edges = np.array([0, 1, 127, 128, 255], np.uint8)
    for low, high in ((-(2**31), 2**31), (2**31 - 9, 2**31), (-(2**31), -(2**31) + 9)):
        for draw in (lambda n: random.integers(0, 256, n), lambda n: random.choice(edges, n)):
            totals, w, x = (aligned(simd.i32.lanes * n, kind) for n, kind in SHAPES)
            totals[:], w[:] = random.integers(low, high, totals.size), draw(w.size)
            x[:] = np.asarray(draw(x.size)).astype(np.uint8).view(np.int8)
            wanted = vpdpbusd(totals.astype(np.int64), w, x)
            library.call("step", totals, w, x)
            assert (totals == wanted).all()


def test_arm_is_not_emulated_here() -> None:
    with pytest.raises(LookupError, match="neoverse-n1"):
        emulated_library([], TARGETS["neoverse-n1"])


# Kernels

KINDS = {"x86-64-v3-avxvnni": ("Q8_0",), "x86-64-v4-avx512vnni": ("Q8_0", "Q4_1", "Q6_K")}
"""Signed quants by a correction, nibbles in the file's order, halves with scales of their own. With registers
of 256 bits all but the instruction is as on x86-64-v3."""
PAIRS = [(target, kind) for target, kinds in KINDS.items() for kind in kinds]


@pytest.fixture(scope="module")
def vnni(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable:
    """Kernels around vpdpbusd, emulated where this machine has no such instruction."""
    patch, target = pytest.MonkeyPatch(), TARGETS[request.param]
    request.addfinalizer(patch.undo)
    patch.setattr(matmul, "FORMATS", tuple(form for form in FORMATS if form.kind.name in KINDS[target.name]))
    return made(matmul.exports(Simd(target)), target, tmp_path_factory.mktemp(target.name))


@pytest.mark.parametrize(("vnni", "kind"), PAIRS, indirect=["vnni"], scope="module")
def test_kernels_around_vpdpbusd_compute_the_same_to_the_last_bit(vnni: Callable, kind: str) -> None:
    baseline, x = opened("x86-64-v3"), test_products.activations(9, 512)
    for rows in (1, 7, 8, 15, 16, 17, 33, 70):
        matrix = Matrix.random(kind, rows, 512)
        for tokens in (1, 2, 3, 5, 6, 9):
            some: Activations = x.first(tokens)
            assert np.array_equal(matrix.times(vnni, some), matrix.times(baseline, some)), (rows, tokens)


@pytest.mark.parametrize(("vnni", "kind"), PAIRS, indirect=["vnni"], scope="module")
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_quants_fit_around_vpdpbusd(vnni: Callable, kind: str, sign: int) -> None:
    test_products.test_the_largest_quants_overflow_nothing(vnni, kind, sign)


# Instructions

ARM_TOOLS = "aarch64-linux-gnu-"
ASSEMBLER_NAMES = {"abm": "lzcnt", "bmi1": "bmi"}
"""GNU's, of features that /proc/cpuinfo has under others."""
ARM_LEVELS = {"neoverse-n1": "armv8.2-a+fp16+rcpc+dotprod", "neoverse-v1": "armv8.4-a+fp16+i8mm+bf16"}
"""The levels that the features in ``cpu.NEEDS`` belong to; rcpc brings ldapr."""
OWN = {
    "x86-64-v3": [r"vpmaddubsw.*%ymm"],
    "x86-64-v3-avxvnni": [r"\{vex\} vpdpbusd.*%ymm"],
    "x86-64-v4-avx512vnni": [r"vpdpbusd.*%zmm"],
    "neoverse-n1": [r"sdot"],
    "neoverse-v1": [r"sdot", r"smmla"],
}
"""How each target multiplies bytes."""
JUMPS = re.compile(r"j|call|loop|cs |data16|bl?r?\s|b\.|cbn?z|tbn?z|adrp?\s|udf|\.")
"""And padding, and the addresses of other places."""


def tool(name: str, target: str) -> str:
    """GNU's assembler or disassembler."""
    found = shutil.which(name if TARGETS[target].is_x86 else f"{ARM_TOOLS}{name}")
    if found is None:
        pytest.skip(f"no {name} for {target}")
    return found


def complaints(target: str, instructions: list[str]) -> str:
    """What GNU's assembler, which knows the features of each instruction, has to say where it may use only
    those that the runtime asks of a CPU before it loads the target's library."""
    names = sorted(ASSEMBLER_NAMES.get(flag, flag) for flag in cpu.NEEDS[target])
    level = ARM_LEVELS.get(target) or f"generic64+sse4.2+popcnt+{'+'.join(names)}"
    command = [tool("as", target), f"-march={level}", "-o", os.devnull, "-"]
    text = "\n".join(instructions) + "\n"
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False).stderr


def instructions(target: str, library: Path) -> list[str]:
    """Of a library, each once, without those that jump."""
    command = [tool("objdump", target), "--disassemble", "--no-show-raw-insn", str(library)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = re.findall(r"^\s+[0-9a-f]+:\s+(.+?)(?:\s+(?://|#) .*)?$", text, flags=re.MULTILINE)
    plain = {re.sub(r"\s*<[^>]*>", "", line).strip() for line in lines}
    return sorted(line for line in plain if not JUMPS.match(line))


@pytest.mark.parametrize("target", TARGETS)
def test_a_built_library_has_its_own_instructions_and_none_that_is_not_asked_for(target: str) -> None:
    stamp = NATIVE / f"{target}.stamp"
    if not stamp.exists() or stamp.read_text() != sources_hash():
        pytest.skip(f"{target} is not built from these sources; `make kernels` does it")
    found = instructions(target, NATIVE / f"{target}.so")
    assert complaints(target, found) == ""
    for own in OWN[target]:
        assert sum(bool(re.match(own, line)) for line in found) > 50


@pytest.mark.parametrize(
    ("target", "foreign"),
    [
        ("x86-64-v3", "vpdpbusd %zmm0, %zmm1, %zmm2"),
        ("x86-64-v3", "{vex} vpdpbusd %ymm0, %ymm1, %ymm2"),
        ("x86-64-v3-avxvnni", "vaddps %ymm16, %ymm1, %ymm2"),
        ("x86-64-v4-avx512vnni", "vaddph %zmm0, %zmm1, %zmm2"),
        ("neoverse-n1", "smmla v0.4s, v1.16b, v2.16b"),
        ("neoverse-v1", "ptrue p0.s"),
    ],
)
def test_the_assembler_refuses_what_a_target_lacks(target: str, foreign: str) -> None:
    """Or the test above would show nothing."""
    assert "Error" in complaints(target, [foreign])


@pytest.mark.parametrize("target", VNNI)
def test_the_instruction_itself_has_the_signed_bytes_last(target: str, tmp_path: Path) -> None:
    """AT&T's order is the manual's backwards: signed (register or memory), unsigned, totals."""
    simd = Simd(TARGETS[target])
    (tmp_path / "step.so").write_bytes(compile_library([step(simd)], simd.target).image)
    text = "\n".join(instructions(target, tmp_path / "step.so"))
    weights = re.search(r"v\w*mov\w*\s+\(%rsi\),(%[yz]mm\d+)", text)
    assert weights, text
    assert re.search(rf"vpdpbusd\s+\(%rdx\),{weights[1]},%[yz]mm\d+", text), text
