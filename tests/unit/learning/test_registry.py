"""The registry: versions from a log that nobody overwrites, on a folder as on AWS."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from abax.errors import (
    AdapterChanged,
    AdapterDamaged,
    InvalidRequest,
    NotFound,
    NotPublishable,
    StorageError,
)
from abax.learning.guard import Decision
from abax.learning.registry import Change, Registry, Status, book_of, file_key

from tests.support.learning import version
from tests.support.sides import REGION, Side, aws_side, local_side


@pytest.fixture(params=["local", "aws"])
def side(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with (local_side if request.param == "local" else aws_side)(tmp_path) as side:
        yield side


@pytest.fixture
def registry(side: Side) -> Registry:
    return Registry(side.objects)


def live(registry: Registry, number: int) -> None:
    for status in (Status.SHADOW, Status.SHARE, Status.LIVE):
        share = 0.2 if status is Status.SHARE else 0.0
        registry.move("extract", number, status, by="Ana", share=share)


def test_a_file_becomes_a_candidate_once(registry: Registry, tmp_path: Path) -> None:
    first = version(registry, tmp_path, "one", judged=False)
    again = version(registry, tmp_path, "one", judged=False)
    second = version(registry, tmp_path, "two", judged=False)
    assert (first.version, again.version, second.version) == (1, 1, 2)
    assert (first.status, first.label) == (Status.CANDIDATE, "extract@1")
    assert [one.number for one in registry.book("extract").changes] == [1, 2]
    assert registry.names() == ["extract"] and not registry.book("write").entries


def test_what_another_process_wrote_is_read(registry: Registry, side: Side, tmp_path: Path) -> None:
    version(registry, tmp_path, "one")
    live(Registry(side.objects), 1)
    entry = registry.book("extract").get(1)
    assert entry.status is Status.LIVE and entry.decision is not None and entry.lineage.form == "extract/1"
    assert [one.status for one in entry.history] == ["candidate", "candidate", "shadow", "share", "live"]
    assert entry.as_dict()["history"][-1]["by"] == "Ana"


def test_a_version_that_goes_live_retires_the_one_before_and_a_rollback_brings_it_back(
    registry: Registry, tmp_path: Path
) -> None:
    version(registry, tmp_path, "one")
    live(registry, 1)
    version(registry, tmp_path, "two")
    live(registry, 2)
    book = registry.book("extract")
    assert (book.get(1).status, book.get(2).status) == (Status.RETIRED, Status.LIVE)
    assert book.before is not None and book.before.version == 1
    registry.move("extract", 2, Status.ROLLED_BACK, by="Ana", why="it drops totals")
    book = registry.book("extract")
    assert book.live is not None and book.live.version == 1 and book.before is None
    registry.move("extract", 1, Status.ROLLED_BACK, by="Ana")
    assert registry.book("extract").live is None  # what ships answers


def test_one_version_is_tried_out_at_a_time(registry: Registry, tmp_path: Path) -> None:
    version(registry, tmp_path, "one")
    version(registry, tmp_path, "two")
    registry.move("extract", 1, Status.SHADOW, by="Ana")
    with pytest.raises(NotPublishable, match="version 1 is being tried out"):
        registry.move("extract", 2, Status.SHADOW, by="Ana")


def test_nothing_is_published_that_was_not_judged_against_what_is_live(
    registry: Registry, tmp_path: Path
) -> None:
    version(registry, tmp_path, "one", judged=False)
    with pytest.raises(NotPublishable, match="has not accepted it"):
        registry.move("extract", 1, Status.LIVE, by="Ana")
    version(registry, tmp_path, "two")
    version(registry, tmp_path, "three")
    live(registry, 2)
    with pytest.raises(NotPublishable, match="judged against what ships, and 2 is live"):
        registry.move("extract", 3, Status.SHADOW, by="Ana")


def test_a_refused_version_goes_nowhere(registry: Registry, tmp_path: Path) -> None:
    version(registry, tmp_path, "one", judged=False)
    refused = registry.judge("extract", 1, Decision(accepted=False, reasons=("worse",)), "Ana")
    assert (refused.status, refused.history[-1].why) == (Status.REFUSED, "worse")
    with pytest.raises(NotPublishable, match="it is refused"):
        registry.move("extract", 1, Status.SHADOW, by="Ana")
    with pytest.raises(NotPublishable, match="no candidate"):
        registry.judge("extract", 1, Decision(accepted=True, reasons=()), "Ana")


def test_asking_for_the_same_twice_changes_nothing(registry: Registry, tmp_path: Path) -> None:
    version(registry, tmp_path, "one")
    for _ in range(2):
        registry.move("extract", 1, Status.SHADOW, by="Ana")
    assert len(registry.book("extract").changes) == 3


def test_of_many_who_register_at_once_each_gets_a_version_of_its_own(side: Side, tmp_path: Path) -> None:
    def add(number: int) -> int:
        folder = tmp_path / str(number)
        folder.mkdir()
        return version(Registry(side.objects), folder, f"file {number}", judged=False).version

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [1, 2, 3, 4]


def test_of_two_who_change_the_same_at_once_one_is_told(
    registry: Registry, side: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version(registry, tmp_path, "one")
    stale = registry.book("extract")
    Registry(side.objects).move("extract", 1, Status.SHADOW, by="Bo")
    monkeypatch.setattr(registry, "book", lambda name: stale)
    with pytest.raises(AdapterChanged, match="somebody else"):
        registry.move("extract", 1, Status.LIVE, by="Ana")
    assert Registry(side.objects).book("extract").get(1).status is Status.SHADOW


def test_the_file_is_fetched_checked_and_named_by_its_version(
    registry: Registry, side: Side, tmp_path: Path
) -> None:
    entry = version(registry, tmp_path, "one")
    path = registry.file(entry, tmp_path / "kept")
    assert (path.name, path.read_text()) == ("extract@1.gguf", "one")
    path.write_text("not one")  # as a disk error would
    assert registry.file(entry, tmp_path / "kept").read_text() == "one"
    side.objects.put(file_key("extract", entry.lineage.file_sha256), b"another")
    with pytest.raises(AdapterDamaged, match="extract@1"):
        Registry(side.objects).file(entry, tmp_path / "elsewhere" / side.name) if side.name == "local" else (
            _damaged_in_the_cache(side, registry, entry, tmp_path)
        )


def _damaged_in_the_cache(side: Side, registry: Registry, entry, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """On S3 the fetched copy is kept: that one is damaged."""
    side.objects.fetch(file_key("extract", entry.lineage.file_sha256)).write_bytes(b"another")
    registry.file(entry, folder / "elsewhere")


def test_wrong_names_hashes_and_versions_are_said(registry: Registry, tmp_path: Path) -> None:
    entry = version(registry, tmp_path, "one")
    path = tmp_path / "adapter.gguf"
    path.write_text("something else")
    with pytest.raises(InvalidRequest, match="has the hash"):
        registry.add(path, entry.lineage, "Ana")
    with pytest.raises(NotFound, match="no version 7 of extract; there are: 1"):
        registry.move("extract", 7, Status.SHADOW, by="Ana")


def test_a_damaged_log_says_which_object_is(registry: Registry, side: Side, tmp_path: Path) -> None:
    version(registry, tmp_path, "one")
    side.objects.put("adapters/extract/log/000003.json", b'{"number": "three"}')
    with pytest.raises(StorageError, match=r"adapters/extract/log/000003\.json"):
        registry.book("extract")
    orphan = Change(number=1, version=4, status=Status.LIVE, by="x", at="2026-01-01T00:00:00Z")  # type: ignore[arg-type]
    with pytest.raises(StorageError, match="was never made"):
        book_of("extract", [orphan])
