from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzz_mail import CORPUS, PROBES


@pytest.mark.parametrize(
    "path",
    [path for way in PROBES for path in sorted((CORPUS / way).glob("*"))],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_what_was_found_once_is_read(path: Path) -> None:
    PROBES[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("way", PROBES)
def test_anything_is_read(way: str) -> None:
    @given(st.binary(max_size=300))
    @settings(max_examples=100, deadline=None)
    def probed(content: bytes) -> None:
        PROBES[way](content)

    probed()
