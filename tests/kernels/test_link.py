"""Shared libraries made without a linker: they load, and every reference in them points where it should."""

import ctypes
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

llvm = pytest.importorskip("llvmlite.binding")

from kernels.link import (  # noqa: E402
    HEADER,
    PT_LOAD,
    RELOCATION,
    SEGMENT,
    SEGMENTS,
    LinkError,
    OutOfRange,
    UndefinedSymbol,
    UnknownRelocation,
    link,
)

TRIPLES = {"x86-64": "x86_64-unknown-linux-gnu", "aarch64": "aarch64-unknown-linux-gnu"}
EXPORTS = ["lookup", "choose", "count", "twice_and_one", "spread", "other_of"]

MODULE = """
@table = internal constant [4 x double] [double 1.5, double 2.5, double 3.5, double 4.5], align 8
@bytes = internal constant [5 x i8] c"abcd\\00", align 1
@half_words = internal constant [4 x i16] [i16 3, i16 5, i16 7, i16 9], align 2
@words = internal constant [4 x i32] [i32 11, i32 13, i32 17, i32 19], align 4
@wide = internal constant <4 x i32> <i32 1, i32 2, i32 3, i32 4>, align 16
@counter = global i64 40, align 8
@zeroed = internal global [4096 x i64] zeroinitializer, align 64
@others = internal global [2 x ptr] [ptr @table, ptr @counter], align 8

define double @lookup(i64 %i) {
  %p = getelementptr [4 x double], ptr @table, i64 0, i64 %i
  %a = load double, ptr %p
  %q = getelementptr [5 x i8], ptr @bytes, i64 0, i64 1
  %b8 = load volatile i8, ptr %q
  %b = uitofp i8 %b8 to double
  %r = getelementptr [4 x i16], ptr @half_words, i64 0, i64 1
  %c16 = load volatile i16, ptr %r
  %c = uitofp i16 %c16 to double
  %s = getelementptr [4 x i32], ptr @words, i64 0, i64 1
  %d32 = load volatile i32, ptr %s
  %d = uitofp i32 %d32 to double
  %ab = fadd double %a, %b
  %abc = fadd double %ab, %c
  %abcd = fadd double %abc, %d
  ret double %abcd
}

define i32 @spread(i32 %x) {
  %one = insertelement <4 x i32> poison, i32 %x, i32 0
  %all = shufflevector <4 x i32> %one, <4 x i32> poison, <4 x i32> zeroinitializer
  %w = load volatile <4 x i32>, ptr @wide
  %m = mul <4 x i32> %all, %w
  %s = call i32 @llvm.vector.reduce.add.v4i32(<4 x i32> %m)
  ret i32 %s
}
declare i32 @llvm.vector.reduce.add.v4i32(<4 x i32>)

define i64 @count() {
  %old = load volatile i64, ptr @counter
  %new = add i64 %old, 1
  store volatile i64 %new, ptr @counter
  %last = getelementptr [4096 x i64], ptr @zeroed, i64 0, i64 4095
  %z = load volatile i64, ptr %last
  store volatile i64 1, ptr %last
  %sum = add i64 %new, %z
  ret i64 %sum
}

define i64 @other_of(i64 %i) {
  %p = getelementptr [2 x ptr], ptr @others, i64 0, i64 %i
  %q = load volatile ptr, ptr %p
  %v = load i64, ptr %q
  ret i64 %v
}

define internal i64 @twice(i64 %x) noinline {
  %y = shl i64 %x, 1
  ret i64 %y
}
define i64 @visible(i64 %x) noinline {
  %y = call i64 @twice(i64 %x)
  ret i64 %y
}
define i64 @twice_and_one(i64 %x) {
  %y = call i64 @visible(i64 %x)
  %z = add i64 %y, 1
  ret i64 %z
}

define void @nothing() { ret void }
define i64 @choose(i64 %x) {
  switch i64 %x, label %other [
    i64 0, label %a  i64 1, label %b  i64 2, label %c  i64 3, label %d  i64 4, label %e
  ]
a: call void @touch(i64 1)
   ret i64 10
b: call void @touch(i64 2)
   ret i64 25
c: call void @touch(i64 3)
   ret i64 31
d: call void @touch(i64 4)
   ret i64 47
e: call void @touch(i64 5)
   ret i64 59
other: ret i64 -1
}
define internal void @touch(i64 %x) noinline {
  store volatile i64 %x, ptr @zeroed
  ret void
}
"""

IMPORTING = """
declare ptr @memset(ptr, i32, i64)
declare i32 @sched_yield()
define i32 @fill(ptr %p, i32 %value, i64 %n) {
  %q = call ptr @memset(ptr %p, i32 %value, i64 %n)
  %r = call i32 @sched_yield()
  ret i32 %r
}
"""

CALLER = r"""
#include <dlfcn.h>
#include <stdio.h>
int main(int n, char **argv) {
    void *l = dlopen(argv[1], RTLD_NOW), *m = dlopen(argv[2], RTLD_NOW);
    if (!l || !m) { puts(dlerror()); return 1; }
    double (*lookup)(long) = dlsym(l, "lookup");
    long (*choose)(long) = dlsym(l, "choose"), (*count)(void) = dlsym(l, "count");
    long (*twice)(long) = dlsym(l, "twice_and_one"), (*other_of)(long) = dlsym(l, "other_of");
    int (*spread)(int) = dlsym(l, "spread");
    for (int i = 0; i < 4; i++) printf("%g ", lookup(i));
    for (int i = 0; i < 6; i++) printf("%ld ", choose(i));
    long first = count(), second = count();
    printf("%ld %ld %ld %d %ld ", first, second, twice(20), spread(7), other_of(1));
    int (*fill)(char *, int, long) = dlsym(m, "fill");
    char text[6] = "......";
    int done = fill(text, 'x', 4);
    printf("%.6s %d\n", text, done);
    return 0;
}
"""

EXPECTED = "117.5 118.5 119.5 120.5 10 25 31 47 59 -1 41 43 41 70 42 xxxx.. 0"


def compiled(source: str, machine: str) -> bytes:
    """The object that LLVM emits for ``source``."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLES[machine])
    generator = target.create_target_machine(opt=2, reloc="pic", codemodel="default")
    module = llvm.parse_assembly(source)
    module.triple, module.data_layout = TRIPLES[machine], str(generator.target_data)
    return generator.emit_object(module)


@pytest.fixture
def library(tmp_path: Path) -> ctypes.CDLL:
    path = tmp_path / "kernels.so"
    path.write_bytes(link(compiled(MODULE, "x86-64"), EXPORTS, "kernels.so"))
    loaded = ctypes.CDLL(str(path))
    loaded.lookup.restype, loaded.lookup.argtypes = ctypes.c_double, [ctypes.c_int64]
    for name in ("choose", "count", "twice_and_one", "other_of"):
        getattr(loaded, name).restype = ctypes.c_int64
    return loaded


def test_constants_of_every_size_are_found(library: ctypes.CDLL) -> None:
    assert [library.lookup(i) for i in range(4)] == [117.5, 118.5, 119.5, 120.5]
    assert library.spread(7) == 70


def test_functions_call_each_other(library: ctypes.CDLL) -> None:
    assert library.twice_and_one(20) == 41


def test_a_switch_goes_through_its_table(library: ctypes.CDLL) -> None:
    assert [library.choose(i) for i in range(6)] == [10, 25, 31, 47, 59, -1]


def test_variables_keep_their_values_and_begin_as_given(library: ctypes.CDLL) -> None:
    assert [library.count(), library.count(), library.other_of(1)] == [41, 43, 42]


def test_only_the_exported_names_can_be_found(library: ctypes.CDLL) -> None:
    assert not hasattr(library, "visible")


def test_functions_of_the_c_library_can_be_imported_by_name(tmp_path: Path) -> None:
    path = tmp_path / "importing.so"
    made = link(compiled(IMPORTING, "x86-64"), ["fill"], "importing.so", ["sched_yield", "memset"])
    path.write_bytes(made)
    text = ctypes.create_string_buffer(b"......")
    assert ctypes.CDLL(str(path)).fill(text, ord("x"), ctypes.c_int64(4)) == 0
    assert text.value == b"xxxx.."


@pytest.mark.parametrize("machine", TRIPLES)
def test_the_same_object_gives_the_same_bytes(machine: str) -> None:
    made = compiled(MODULE, machine)
    assert link(made, EXPORTS, "k.so") == link(made, EXPORTS[::-1], "k.so")


@pytest.mark.parametrize(("machine", "page"), [("x86-64", 0x1000), ("aarch64", 0x10000)])
def test_segments_lie_on_pages_of_their_own_and_code_is_never_writable(machine: str, page: int) -> None:
    made = link(compiled(MODULE, machine), EXPORTS, "k.so")
    headers = [SEGMENT.unpack_from(made, HEADER.size + SEGMENT.size * i) for i in range(SEGMENTS)]
    loads = [header for header in headers if header[0] == PT_LOAD]
    assert [flags for _, flags, *_ in loads] == [4, 5, 6]
    end = 0
    for _, _, offset, address, _, stored, size, align in loads:
        assert align == page and address % page == offset % page and offset + stored <= len(made)
        assert stored <= size and address // page * page >= end
        end = -(-(address + size) // page) * page


@pytest.mark.parametrize("machine", TRIPLES)
def test_readelf_has_nothing_to_complain_about(machine: str, tmp_path: Path) -> None:
    if not shutil.which("readelf"):
        pytest.skip("no readelf")
    path = tmp_path / "k.so"
    path.write_bytes(link(compiled(MODULE, machine), EXPORTS, "k.so", ["memset"]))
    run = subprocess.run(["readelf", "-aW", path], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert "Warning" not in run.stdout and "Error" not in run.stdout
    assert all(f" {name}\n" in run.stdout for name in EXPORTS)
    assert "Library soname: [k.so]" in run.stdout


def test_an_arm_library_loads_and_computes_under_emulation(tmp_path: Path) -> None:
    compiler, emulator = shutil.which("aarch64-linux-gnu-gcc"), shutil.which("qemu-aarch64")
    if not compiler or not emulator:
        pytest.skip("no gcc for aarch64 or no qemu-aarch64")
    (tmp_path / "call.c").write_text(CALLER)
    subprocess.run([compiler, "-o", "call", "call.c", "-ldl"], cwd=tmp_path, check=True)
    (tmp_path / "k.so").write_bytes(link(compiled(MODULE, "aarch64"), EXPORTS, "k.so"))
    importing = link(compiled(IMPORTING, "aarch64"), ["fill"], "m.so", ["memset", "sched_yield"])
    (tmp_path / "m.so").write_bytes(importing)
    command = [emulator, "-L", "/usr/aarch64-linux-gnu", "./call", "./k.so", "./m.so"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout.split() == EXPECTED.split(), run.stderr


@pytest.mark.parametrize("machine", TRIPLES)
def test_what_nobody_defines_is_named(machine: str) -> None:
    with pytest.raises(UndefinedSymbol, match="memset"):
        link(compiled(IMPORTING, machine), ["fill"], "k.so")
    with pytest.raises(UndefinedSymbol, match="absent"):
        link(compiled(MODULE, machine), ["absent"], "k.so")


def test_thread_local_data_is_refused() -> None:
    source = "@t = thread_local global i64 3\ndefine ptr @f() { ret ptr @t }"
    with pytest.raises(LinkError, match=r"\.tdata"):
        link(compiled(source, "x86-64"), ["f"], "k.so")


def test_an_unknown_relocation_is_named() -> None:
    made = bytearray(compiled(MODULE, "x86-64"))
    section = struct.unpack_from("<Q", made, 40)[0]
    at = next(
        offset
        for entry in range(section, len(made), 64)
        for kind, offset in [struct.unpack_from("<I16xQ", made, entry + 4)]
        if kind == 4
    )
    place, info, addend = RELOCATION.unpack_from(made, at)
    RELOCATION.pack_into(made, at, place, info & ~0xFFFFFFFF | 10, addend)
    with pytest.raises(UnknownRelocation, match="type 10 for"):
        link(bytes(made), EXPORTS, "k.so")


def test_an_alignment_beyond_the_page_is_refused() -> None:
    source = "@g = global i64 3, align 8192\ndefine ptr @f() { ret ptr @g }"
    with pytest.raises(OutOfRange, match="8192"):
        link(compiled(source, "x86-64"), ["f"], "k.so")


def test_something_else_than_an_object_is_refused() -> None:
    with pytest.raises(LinkError, match="not a little-endian"):
        link(b"MZ" + bytes(100), ["f"], "k.so")
    library = link(compiled(MODULE, "x86-64"), EXPORTS, "k.so")
    with pytest.raises(LinkError, match="expected an object"):
        link(library, EXPORTS, "k.so")
