"""Each test of the contract runs on both sides."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sides import REGION, Side, aws_side, local_side


@pytest.fixture(params=["local", "aws"])
def side(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with (local_side if request.param == "local" else aws_side)(tmp_path) as side:
        yield side
