"""What fuzzing found once stays found, and a few random inputs of each kind are tried anew."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzz_documents import CORPUS, PROBES

KEPT = sorted(path for way in PROBES for path in (CORPUS / way).glob("*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once_is_read_or_refused(path):
    PROBES[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("way", PROBES)
def test_whatever_comes_is_read_or_refused(way):
    @settings(max_examples=25, deadline=None)
    @given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode())))
    def tried(content: bytes) -> None:
        PROBES[way](content)

    tried()
