"""``python -m benchmarks.support.peer``: build llama.cpp for this machine, if it is not there yet.

From the source package on PyPI, with every instruction that this CPU has, as its own users would. It takes a
C++ compiler and some minutes. Without it the benchmarks show our side alone, and say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

from benchmarks.support.sides import peer_missing

ROOT: Final = Path(__file__).parents[2]
FLAGS: Final = "-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF"  # without the picture models, which take most of the time


def main() -> None:
    """Build it, or say why not; either way the benchmarks can go on."""
    if not peer_missing():
        return
    (requirement,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][
        "peer"
    ]
    print(f"building {requirement} for this machine; this takes some minutes, once", flush=True)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            requirement,
        ],
        env={**os.environ, "CMAKE_ARGS": FLAGS},
        check=False,
    )
    if done.returncode or (problem := peer_missing()):
        print(
            f"llama.cpp is not compared with: {problem if not done.returncode else 'it could not be built'}"
        )


if __name__ == "__main__":
    main()
