from pathlib import Path

import llvmlite.binding as llvm
import pytest
from abax_runtime import native
from abax_runtime.errors import Unsupported
from kernels.link import link

SOURCE = """
define i64 @abax_abi() {{ ret i64 {abi} }}
define double @divide(double %value, i64 %by) {{
  %divisor = sitofp i64 %by to double
  %result = fdiv double %value, %divisor
  ret double %result
}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(native, "FOLDER", tmp_path)
    monkeypatch.setitem(native.SIGNATURES, "divide", "d da")
    monkeypatch.setitem(native.SIGNATURES, "absent", "v")
    native._loaded.cache_clear()
    yield tmp_path
    native._loaded.cache_clear()


def build(folder: Path, target: str, abi: int = native.abi()) -> None:
    """A library for this machine, under the name of a target."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(reloc="pic")
    compiled = machine.emit_object(llvm.parse_assembly(SOURCE.format(abi=abi)))
    name = f"{target}.so"
    (folder / name).write_bytes(link(compiled, ["abax_abi", "divide"], name))


def test_a_library_that_is_not_built_names_the_command(folder):
    with pytest.raises(
        Unsupported, match=r"no library for neoverse-v1 .*`make kernels`.* --target neoverse-v1"
    ):
        native.load("neoverse-v1")


def test_functions_are_called_by_their_signature(folder):
    build(folder, "x86-64-v3")
    library = native.load("x86-64-v3")
    assert library.divide(10, 4) == 2.5
    assert library.target == "x86-64-v3"


def test_a_library_is_loaded_once(folder):
    build(folder, "x86-64-v3")
    assert native.load("x86-64-v3") is native.load("x86-64-v3")


def test_the_best_library_that_is_built_is_taken(folder, monkeypatch):
    monkeypatch.setattr(native.cpu, "targets", lambda: ("x86-64-v4-avx512vnni", "x86-64-v3"))
    build(folder, "x86-64-v3")
    assert native.load().target == "x86-64-v3"
    build(folder, "x86-64-v4-avx512vnni")
    assert native.load().target == "x86-64-v4-avx512vnni"


def test_the_abi_changes_with_the_layout_of_the_step(monkeypatch):
    before = native.abi()
    native.abi.cache_clear()
    monkeypatch.setattr(native.program.Control, "_fields", (*native.program.Control._fields, "one_more"))
    changed = native.abi()
    monkeypatch.undo()
    native.abi.cache_clear()
    assert changed != before == native.abi()


def test_a_library_of_another_abi_is_refused(folder):
    build(folder, "x86-64-v3", abi=native.abi() + 1)
    with pytest.raises(Unsupported, match=rf"of ABI {native.abi() + 1}, not {native.abi()}; build it"):
        native.load("x86-64-v3")


def test_a_function_that_the_library_lacks_names_the_command(folder):
    build(folder, "x86-64-v3")
    with pytest.raises(Unsupported, match="has no absent; build it with"):
        native.load("x86-64-v3").absent()


def test_a_name_that_is_in_no_signature_is_a_programming_error(folder):
    build(folder, "x86-64-v3")
    with pytest.raises(AttributeError, match=r"not in native\.SIGNATURES"):
        native.load("x86-64-v3").unheard_of()


def test_a_file_that_is_no_library_is_refused(folder):
    (folder / "x86-64-v3.so").write_bytes(b"not ELF")
    with pytest.raises(Unsupported, match="does not load"):
        native.load("x86-64-v3")
