"""From a Numba function to machine code: right instructions, nothing left of Numba, what is refused."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from kernels.aot import Export, compile_library
from kernels.blocks import Q4_1
from kernels.build import build
from kernels.link import LinkError
from kernels.matmul import make_strip_product
from kernels.matvec import make_across
from kernels.simd import ADDRESS, Simd, function
from kernels.targets import TARGETS
from numba import types

from tests.kernels.calling import aligned, made

INSTRUCTIONS = {
    "x86-64-v3": (r"vpmaddubsw.*ymm", r"vpmaddubsw.*ymm"),
    "x86-64-v3-avxvnni": (r"\{vex\}\s+vpdpbusd.*ymm", r"\{vex\}\s+vpdpbusd.*ymm"),
    "x86-64-v4-avx512vnni": (r"vpdpbusd.*zmm", r"vpdpbusd.*zmm"),
    "neoverse-n1": (r"\bsdot\b", r"\bsdot\b"),
    "neoverse-v1": (r"\bsmmla\b", r"\bsmmla\b"),
}
"""How each target multiplies bytes for a few tokens: in place, and by strips."""


@cache
def assembly(target: str, way: str) -> str:
    simd = Simd(TARGETS[target])
    form, in_place = Q4_1(simd), way == "in place"
    kernel = make_across(simd, form, 4, 3) if in_place else make_strip_product(simd, form, 4)
    arguments = types.void(*[types.int64] * (10 if in_place else 9))
    return compile_library([Export("kernel", kernel, arguments)], TARGETS[target]).assembly()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("way", ["in place", "by strips"])
def test_each_target_multiplies_bytes_with_its_own_instruction(target: str, way: str) -> None:
    wanted = INSTRUCTIONS[target][way == "by strips"]
    assert re.search(wanted, assembly(target, way)), wanted


@pytest.mark.parametrize("target", ["x86-64-v3", "x86-64-v3-avxvnni", "x86-64-v4-avx512vnni"])
@pytest.mark.parametrize(("way", "least"), [("in place", 32), ("by strips", 64)])
def test_register_tiles_stay_in_registers(target: str, way: str, least: int) -> None:
    """Between a tile's products of bytes, nothing is spilled but sums that wait for the next group."""
    loops = re.split(r"^\.LBB\w+:", assembly(target, way), flags=re.MULTILINE)
    tile = max(loops, key=lambda loop: len(re.findall("vpmaddubsw|vpdpbusd", loop)))
    products = len(re.findall("vpmaddubsw|vpdpbusd", tile))
    assert products >= least
    assert len(re.findall(r"v\w*mov\w*\s+%[yz]mm\d+, -?\d*\(%rsp\)", tile)) <= products // 6


def test_loops_over_memory_need_no_c_library(tmp_path: Path) -> None:
    simd = Simd(TARGETS["x86-64-v3"])

    @function
    def clear(at, count):
        for i in range(count):
            simd.store_i8(at + i, 0)

    def copy(to, source, count):
        clear(to, count)
        for i in range(count):
            simd.store_i8(to + i, simd.load_i8(source + i))

    library = made([("copy", copy, types.void(ADDRESS, ADDRESS, ADDRESS))], simd.target, tmp_path)
    source, target = np.arange(1000).astype(np.uint8), aligned(1000, np.uint8)
    library.call("copy", target, source, 1000)
    assert (source == target).all()


def test_what_calls_out_of_the_library_is_named() -> None:
    import math

    with pytest.raises(LinkError, match="exp"):
        kernel = Export("far", lambda x: math.exp(x), types.float64(types.float64))
        compile_library([kernel], TARGETS["x86-64-v3"])


def test_nothing_of_numba_is_in_a_library() -> None:
    image = compile_library(
        [Export("sum", lambda a, b: a + b, types.int64(types.int64, types.int64))], TARGETS["neoverse-n1"]
    ).image
    assert len(image) < 8000
    assert b"numba" not in image.lower()
    assert b"Py" not in image


def test_a_library_whose_sources_are_unchanged_is_not_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernels.build.MODULES", ())
    assert " kB in " in build("neoverse-n1", tmp_path)
    assert build("neoverse-n1", tmp_path) == "neoverse-n1: up to date"
    monkeypatch.setattr("kernels.build.sources_hash", lambda: "other")
    assert " kB in " in build("neoverse-n1", tmp_path)
