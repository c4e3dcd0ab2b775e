"""The templates as SAM itself sees them, and the built artefacts: right architecture, small enough."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from abax.sample import build

from infra.local.engine import ROOT, LocalEngine
from infra.local.lambdas import Runtime
from infra.local.template import FunctionCode, load
from infra.sizes import LIMIT, sizes
from tests.workflows.tiny import eventually

pytestmark = [pytest.mark.sam, pytest.mark.timeout(900)]

ELF_MACHINE = {"x86_64": 0x3E, "arm64": 0xB7}
"""The two bytes at offset 18 of a shared library."""


NATIVE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())

RUNTIME_PACKAGES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)


def sam(*arguments: str, folder: Path = ROOT, **more: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | more
    done = subprocess.run(
        [folder / "infra/sam", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The artefacts of ``make build`` if they are up to date, else those of a build on a copy."""
    made = ROOT / ".aws-sam" / "build"
    yield made if is_current(made / "template.yaml") else build_copy(tmp_path_factory.mktemp("sam"))


def is_current(template: Path) -> bool:
    """Whether a built template is newer than all that it was built from."""
    sources = [ROOT / "template.yaml", ROOT / "constraints.txt", *(ROOT / "infra").rglob("*.yaml")]
    sources += [
        path
        for name in ("functions", "layers", "shared")
        for path in (ROOT / name).rglob("*.*")
        if path.is_file()
    ]
    made = (".egg-info", "__pycache__", "/native/")
    relevant = [path for path in sources if not any(part in str(path) for part in made)]
    return template.exists() and template.stat().st_mtime > max(path.stat().st_mtime for path in relevant)


def build_copy(folder: Path, *options: str) -> Path:
    """Copy what is built into ``folder``, build it there, and give back where the artefacts are."""
    copy = folder / "abax"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".aws-sam")
    for name in ("functions", "infra", "layers", "shared"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("template.yaml", "samconfig.toml", "constraints.txt", ".dockerignore"):
        shutil.copy(ROOT / name, copy / name)
    for name in (".venv", ".venv-sam"):
        (copy / name).symlink_to(ROOT / name)
    chosen = next((option.partition("=")[2] for option in options if "Architecture=" in option), "arm64")
    sam("build", *options, folder=copy, ARCHITECTURE=chosen)
    return copy / ".aws-sam" / "build"


def functions(built: Path) -> list[FunctionCode]:
    return list(load(built / "template.yaml").functions.values())


def test_every_template_is_valid_and_clean() -> None:
    said = sam("validate", "--lint")
    for path in [ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")]:
        assert f"{path} is a valid SAM Template" in said


def test_a_template_that_is_not_valid_fails_and_the_next_is_looked_at(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::S3::Bucketx\n")
    command = [ROOT / ".venv-sam/bin/python", ROOT / "infra/validate.py", broken, ROOT / "infra/queues.yaml"]
    done = subprocess.run([*command, "--", "--lint"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "Bucketx" in done.stderr + done.stdout
    assert "queues.yaml is a valid SAM Template" in done.stdout


def test_every_function_is_built_with_its_handler(built: Path) -> None:
    assert len(functions(built)) == len(list((ROOT / "functions").iterdir()))
    assert all((code.folder / "app.py").is_file() for code in functions(built))


def test_the_layer_holds_the_library_and_nothing_that_the_runtime_has(built: Path) -> None:
    layer = functions(built)[0].layers[0] / "python"
    assert (layer / "abax" / "report" / "report.html.j2").is_file()
    names = {path.name for path in layer.iterdir()}
    assert {"abax", "pydantic", "aws_lambda_powertools"} <= names
    assert not names & {"boto3", "botocore", "duckdb", "sqlalchemy"}


def test_the_function_that_writes_has_the_runtime_and_its_model(built: Path) -> None:
    [writer] = [code for code in functions(built) if code.name == "generate_text"]
    [layer] = [folder for folder in writer.layers if (folder / "models").is_dir()]
    assert (layer / "python" / "abax_runtime" / "engine.py").is_file()
    assert list((layer / "python" / "abax_runtime" / "native").glob("*.so"))
    assert list((layer / "models").glob("*.gguf"))
    assert not any((layer / "python" / name).exists() for name in ("numpy", "numba", "llvmlite"))


def test_compiled_parts_are_for_the_target_s_processor(built: Path) -> None:
    libraries = [path for path in built.rglob("*.so*") if re.search(r"\.so(\.|$)", path.name)]
    assert {"_duckdb", "_pydantic_core"} <= {path.name.split(".")[0] for path in libraries}
    for library in libraries:
        with library.open("rb") as file:
            machine = int.from_bytes(file.read(20)[18:20], "little")
        assert machine == ELF_MACHINE["arm64"], library


def test_every_function_fits_into_lambda_with_its_layers(built: Path) -> None:
    measured = list(sizes(built / "template.yaml"))
    assert len(measured) == len(functions(built))
    assert all(size.total < LIMIT for size in measured)


def test_the_built_functions_close_the_books_with_nothing_but_themselves_and_the_runtime(
    tmp_path: Path, built: Path
) -> None:
    """Built for this machine's processor and run by a bare Python, beside what the Lambda runtime brings."""
    artefacts = (
        built
        if NATIVE == "arm64"
        else build_copy(tmp_path, "--parameter-overrides", f"Architecture={NATIVE}")
    )
    runtime = Runtime((sys._base_executable, "-S"), (lambda_runtime(tmp_path / "runtime"),))
    with LocalEngine(artefacts / "template.yaml", logs=tmp_path / "logs", runtime=runtime) as engine:
        books = build(tmp_path / "books.sqlite", scale=0.05)
        engine.put_secret("abax/books", {"url": books.url})
        with httpx.Client(
            base_url=engine.api_url, headers={"Authorization": f"Bearer {engine.api_key}"}, timeout=60
        ) as api:
            name, year = books.companies[0], books.years[-1]
            order = {"secret": "abax/books", "company": name, "year": year, "mapping": books.mapping[name]}
            job_id = api.post("/v1/closes", json=order).raise_for_status().json()["job_id"]
            job = eventually(lambda: finished(api, job_id), 120)
            assert job["state"] == "succeeded", job["error"]
            assert "narrative.json" in job["results"]
            opened = api.get(f"/v1/jobs/{job_id}/explain/income_statement/revenue/{year}")
            assert opened.raise_for_status().json()["line_count"] > 0


def finished(api: httpx.Client, job_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = api.get(f"/v1/jobs/{job_id}").json()
    return job if job["state"] in ("succeeded", "failed") else None


def lambda_runtime(folder: Path) -> Path:
    """A folder with the packages that the cloud's runtime has of its own, and no others."""
    folder.mkdir()
    for name in RUNTIME_PACKAGES:
        found = importlib.util.find_spec(name)
        assert found is not None and found.origin is not None
        origin = Path(found.origin)
        part = origin.parent if origin.name == "__init__.py" else origin
        (folder / part.name).symlink_to(part)
    return folder
