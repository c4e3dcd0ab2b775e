"""The templates as SAM itself sees them, and the built artefacts: right architecture, small enough."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.engine import ROOT
from infra.local.template import FunctionCode, load
from infra.sizes import LIMIT, sizes

pytestmark = [pytest.mark.sam, pytest.mark.timeout(900)]

ELF_MACHINE = {"x86_64": 0x3E, "arm64": 0xB7}
"""The two bytes at offset 18 of a shared library."""


def sam(*arguments: str, folder: Path = ROOT) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [folder / "infra/sam", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The artefacts of ``sam build`` on a copy, so that nobody's own build is in the way."""
    copy = tmp_path_factory.mktemp("sam") / "abax"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".aws-sam")
    for name in ("functions", "infra", "shared"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("template.yaml", "samconfig.toml", "constraints.txt"):
        shutil.copy(ROOT / name, copy / name)
    (copy / ".venv-sam").symlink_to(ROOT / ".venv-sam")
    sam("build", folder=copy)
    yield copy / ".aws-sam" / "build"


def functions(built: Path) -> list[FunctionCode]:
    return list(load(built / "template.yaml").functions.values())


def test_every_template_is_valid_and_clean() -> None:
    said = sam("validate", "--lint")
    for path in [ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")]:
        assert f"{path} is a valid SAM Template" in said


def test_every_function_is_built_with_its_handler(built: Path) -> None:
    assert len(functions(built)) == len(list((ROOT / "functions").iterdir()))
    assert all((code.folder / "app.py").is_file() for code in functions(built))


def test_the_layer_holds_the_library_and_nothing_that_the_runtime_has(built: Path) -> None:
    layer = functions(built)[0].layers[0] / "python"
    assert (layer / "abax" / "report" / "report.html.j2").is_file()
    names = {path.name for path in layer.iterdir()}
    assert {"abax", "pydantic", "aws_lambda_powertools"} <= names
    assert not names & {"boto3", "botocore", "duckdb", "sqlalchemy"}


def test_compiled_parts_are_for_the_target_s_processor(built: Path) -> None:
    libraries = [path for path in built.rglob("*.so*") if path.is_file()]
    assert {"_duckdb", "_pydantic_core"} <= {path.name.split(".")[0] for path in libraries}
    for library in libraries:
        with library.open("rb") as file:
            machine = int.from_bytes(file.read(20)[18:20], "little")
        assert machine == ELF_MACHINE["arm64"], library


def test_every_function_fits_into_lambda_with_its_layers(built: Path) -> None:
    measured = list(sizes(built / "template.yaml"))
    assert len(measured) == len(functions(built))
    assert all(size.total < LIMIT for size in measured)


def test_built_code_imports_with_nothing_but_itself_and_the_runtime(built: Path) -> None:
    """On the target's own processor: each handler from its artefact alone, boto3 lent by this interpreter."""
    if platform.machine() not in ("aarch64", "arm64"):
        missing = {code.folder.name: absent_imports(code) for code in functions(built)}
        assert not any(missing.values()), missing
        return
    for code in functions(built):
        environment = {"PYTHONPATH": f"{code.folder}:{code.layers[0] / 'python'}", "ABAX_BUCKET": "b"}
        subprocess.run([sys.executable, "-c", "import app"], env=environment, cwd=code.folder, check=True)


def absent_imports(code: FunctionCode) -> set[str]:
    """Third-party packages that a handler's modules import at their top and that its artefact lacks."""
    script = """
import ast, json, sys
from pathlib import Path
roots, seen, wanted = [Path(root) for root in sys.argv[1:]], set(), ["app"]
absent = set()
def find(name):
    for root in roots:
        for path in (root / (name.replace(".", "/") + ".py"), root / name.replace(".", "/") / "__init__.py"):
            if path.is_file():
                return path
while wanted:
    name = wanted.pop()
    if name in seen:
        continue
    seen.add(name)
    top = name.split(".")[0]
    if top in sys.stdlib_module_names or top in ("boto3", "botocore"):
        continue
    if top not in ("app", "abax"):
        if not any((root / top).exists() or (root / (top + ".py")).exists() for root in roots):
            absent.add(top)
        continue
    path = find(name)
    for node in ast.parse(path.read_text()).body if path else ():
        if isinstance(node, ast.Import):
            wanted += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted += [node.module, *(node.module + "." + alias.name for alias in node.names)]
print(json.dumps(sorted(absent)))
"""
    roots = [str(code.folder), *(str(layer / "python") for layer in code.layers)]
    done = subprocess.run([sys.executable, "-c", script, *roots], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))
