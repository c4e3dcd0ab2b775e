"""Where the development data lies, for tests that read it and skip visibly where it is absent."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ABAX_DATA", Path(__file__).parents[3] / "shared" / "data"))


def development_data(relative: str) -> Path:
    """The path of a development data file or folder; skips the test where there is none."""
    path = DATA / relative
    if not path.exists():
        pytest.skip(f"no development data at {path}")
    return path
