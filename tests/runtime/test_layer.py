"""How the model layer is built: for each architecture all kernels that can run there, and pinned packages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from abax_runtime.adapter import base_hash, check_base, describe
from abax_runtime.gguf import open_gguf

from tests.support.models import default_model  # noqa: F401  (a fixture)

LAYER = Path(__file__).parents[2] / "layers" / "runtime"
ROOT = LAYER.parents[1]
LARGEST_ADAPTER = 12_000_000


@pytest.mark.parametrize(("architecture", "machine"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_a_layer_holds_every_library_of_its_architecture_and_no_other(
    architecture: str, machine: str
) -> None:
    targets = pytest.importorskip("kernels.targets").TARGETS
    expected = {name for name, target in targets.items() if target.triple.startswith(machine)}
    plan = planned(architecture)
    named = re.findall(r"abax_runtime/native/([\w-]+)\.so", plan)
    assert set(named) == expected
    assert f"--platform manylinux2014_{machine}" in plan


def test_a_layer_holds_the_adapters_beside_the_model() -> None:
    plan = planned("arm64")
    assert re.search(
        r"find \S*layers/runtime/adapters -name '\*\.gguf' -exec cp {} \S+/models/adapters/", plan
    )
    assert re.search(r"prefix all .* --adapters \S+/models/adapters ", plan.replace("\\\n", " "))


def test_each_adapter_that_ships_is_for_the_default_model_small_enough_and_described(
    default_model: Path,  # noqa: F811
) -> None:
    with open_gguf(default_model) as base:
        for path in (LAYER / "adapters").glob("*.gguf"):
            with open_gguf(path) as gguf:
                found = describe(gguf)
            check_base(found, base)
            assert found.base_hashes == (base_hash(base),)
            assert path.stat().st_size <= LARGEST_ADAPTER
            assert path.with_suffix(".md").is_file(), f"{path.stem} has no card"


def test_another_architecture_is_refused() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        planned("riscv64")
    assert "it can be arm64 or x86_64" in caught.value.stderr


def test_every_package_of_the_layer_is_pinned() -> None:
    lines = (LAYER / "requirements.txt").read_text().splitlines()
    names = {line for line in lines if line and not line.startswith(("#", "-c"))}
    pins = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert names <= pins


def planned(architecture: str) -> str:
    """The commands that would build the layer."""
    command = ["make", "--dry-run", "--makefile", LAYER / "Makefile", "build-RuntimeLayer"]
    run = subprocess.run(
        [*command, f"ARCHITECTURE={architecture}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout
