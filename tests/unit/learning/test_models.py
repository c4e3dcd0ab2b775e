"""A model whose adapters are the registry's: who answers, who is not heard, what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.adapters.local.records import SqliteRecords
from abax.adapters.local.secrets import FileSecrets
from abax.adapters.scripted import ScriptedModel
from abax.compose import text_model
from abax.errors import InvalidRequest, ModelFailed, OutOfTime
from abax.learning import watch
from abax.learning.guard import Decision
from abax.learning.models import RollingModel
from abax.learning.registry import Lineage, Registry, Status, digest_of, file_key
from abax.ports import TextRequest, TextResult
from abax.settings import ModelSettings
from abax.writing.metrics import metrics_of

from tests.support.adapters import random_adapter
from tests.support.learning import version
from tests.support.models import Small, small


class Reader(ScriptedModel):
    """Says who answers; some break, and some run out of time."""

    def __init__(self, paths: Sequence[Path], broken: dict[str, Exception]) -> None:
        super().__init__([], "reader", adapters=["extract", *(path.stem for path in paths)])
        self.broken = broken
        self.closed = 0

    def generate_all(self, requests: Sequence[TextRequest], deadline: float | None = None) -> Any:
        """Each as its adapter has it."""
        self.batches.append(len(requests))
        return [
            self.broken.get(one.adapter)
            or TextResult("{}", "stop", "reader", {"by": one.adapter}, adapter=one.adapter)
            for one in requests
        ]

    def close(self) -> None:
        """Count."""
        self.closed += 1


class House:
    """A registry and a rolling model on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects = FolderObjects(folder / "objects")
        self.registry = Registry(self.objects)
        self.records = SqliteRecords(folder / "abax.db")
        self.broken: dict[str, Exception] = {}
        self.made: list[Reader] = []
        self.model = RollingModel(self.make, self.registry, self.records, folder / "files", refresh=0.0)

    def make(self, paths: Sequence[Path]) -> Reader:
        """A reader with these versions."""
        assert all(path.is_file() for path in paths)
        self.made.append(Reader(paths, self.broken))
        return self.made[-1]

    def put(self, content: str, *statuses: Status, share: float = 0.5) -> None:
        """A version that takes these steps."""
        entry = version(self.registry, self.folder, content)
        for status in statuses:
            of = share if status is Status.SHARE else 0.0
            self.registry.move("extract", entry.version, status, by="Ana", share=of)

    def answers(self, count: int = 30) -> list[str]:
        """Who answers so many documents."""
        made = self.model.generate_all([request(f"d{number}") for number in range(count)])
        return [one.adapter if isinstance(one, TextResult) else str(one) for one in made]

    def kept(self, number: int) -> list[watch.Seen]:
        """What is known of a version."""
        return list(watch.kept(self.records, "extract", number))


def request(key: str = "d", adapter: str = "extract") -> TextRequest:
    return TextRequest([{"role": "user", "content": "read"}], schema={}, adapter=adapter, key=key)


LIVE = (Status.SHADOW, Status.SHARE, Status.LIVE)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_without_a_version_what_ships_answers_and_nothing_is_kept(house: House) -> None:
    assert set(house.answers()) == {"extract"}
    assert house.model.adapters == {"extract"} and house.model.name == "reader"
    assert not list(house.records.items(watch.SPACE))


def test_a_live_version_answers_in_its_place(house: House) -> None:
    house.put("one", *LIVE)
    assert set(house.answers()) == {"extract@1"}
    assert house.model.adapters == {"extract"}
    assert len(house.kept(1)) == 30 and not any(one.failed for one in house.kept(1))


def test_a_shadow_is_asked_in_the_same_pass_and_its_differences_are_kept(house: House) -> None:
    house.put("one", *LIVE)
    house.put("two", Status.SHADOW)
    assert set(house.answers(5)) == {"extract@1"}
    assert house.made[-1].batches == [10]
    kept = house.kept(2)
    assert len(kept) == 5 and all(one.shadow and one.differs == ("by",) for one in kept)


def test_a_shadow_that_breaks_costs_nobody_an_answer(house: House) -> None:
    house.put("one", Status.SHADOW)
    house.broken["extract@1"] = ModelFailed("it broke")
    assert set(house.answers(5)) == {"extract"}
    assert all(one.failed for one in house.kept(1)) and len(house.kept(0)) == 5


def test_a_share_is_divided_by_key_and_stays_so(house: House) -> None:
    house.put("one", *LIVE)
    house.put("two", Status.SHADOW, Status.SHARE)
    first, again = house.answers(), house.answers()
    assert first == again and set(first) == {"extract@1", "extract@2"}
    assert not any(one.shadow for one in house.kept(2))


def test_where_a_version_on_trial_gives_no_answer_the_live_one_does(house: House) -> None:
    house.put("one", *LIVE)
    house.put("two", Status.SHADOW, Status.SHARE, share=1.0)
    house.broken["extract@2"] = ModelFailed("it broke")
    assert set(house.answers(4)) == {"extract@1"}
    assert [one.failed for one in house.kept(2)] == [True] * 4
    house.broken["extract@2"] = OutOfTime()
    assert (
        "time" in house.answers(1)[0]
    )  # nobody has the time to ask again, and it says nothing of the version
    assert len(house.kept(2)) == 4


def test_the_model_is_opened_anew_only_when_versions_change(house: House) -> None:
    house.put("one", *LIVE)
    house.answers(1)
    house.answers(1)
    count = len(house.made)
    house.put("two", Status.SHADOW)
    house.answers(1)
    assert len(house.made) == count + 1
    assert house.made[count - 1].closed == 1 and house.made[count].closed == 0
    house.model.close()
    assert house.made[count].closed == 1


def test_a_damaged_file_is_left_out_and_what_was_before_answers(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.put("one", *LIVE)
    entry = house.registry.book("extract").get(1)
    house.objects.put(file_key("extract", entry.lineage.file_sha256), b"damaged")
    assert set(house.answers(3)) == {"extract"}
    assert "extract@1 cannot answer" in caplog.text


def test_other_adapters_and_errors_of_the_request_pass_as_they_are(house: House) -> None:
    house.put("one", *LIVE)
    house.broken["write"] = InvalidRequest("reader has no adapter 'write'", "adapter")
    with pytest.raises(InvalidRequest, match="write"):
        house.model.generate(request(adapter="write"))
    assert house.model.generate(request(adapter="")).adapter == ""


@pytest.mark.filterwarnings("ignore:.*does not say for which base:UserWarning")
def test_the_runtime_answers_with_versions_of_the_registry(tmp_path: Path) -> None:
    base = small(Small(context=4096)).path
    registry = Registry(FolderObjects(tmp_path / "objects"))
    for seed, statuses in ((1, LIVE), (2, LIVE[:1])):
        path = random_adapter(tmp_path / "made.gguf", base, rank=4, size=3.0, seed=seed).path
        lineage = Lineage(name="extract", file_sha256=digest_of(path), file_bytes=path.stat().st_size)
        entry, _ = registry.add(path, lineage, "Ana")
        live = registry.book("extract").live
        decision = Decision(accepted=True, reasons=("better",), against=live.version if live else None)
        registry.judge("extract", entry.version, decision, "Ana")
        for status in statuses:
            registry.move("extract", entry.version, status, by="Ana")
    objects, secrets = FolderObjects(tmp_path / "objects"), FileSecrets(tmp_path / "secrets.json")
    settings = ModelSettings(f"file://{base}", adapters="registry")
    model = text_model(settings, objects, secrets, SqliteRecords(tmp_path / "abax.db"))
    assert isinstance(model, RollingModel) and metrics_of(model) is metrics_of(model)
    asked = TextRequest([{"role": "user", "content": "Say it"}], max_tokens=8, adapter="extract")
    heard = model.generate(asked)
    assert heard.adapter == "extract@1" and model.adapters == {"extract"}
    [beside] = watch.kept(SqliteRecords(tmp_path / "abax.db"), "extract", 2)
    assert beside.shadow and not beside.failed
    registry.move("extract", 2, Status.ROLLED_BACK, by="Ana")
    registry.move("extract", 1, Status.ROLLED_BACK, by="Ana")
    model.close()
    with pytest.raises(InvalidRequest, match="there is no 'extract'"):
        model.generate(asked)


def test_a_registry_that_cannot_be_read_leaves_versions_as_they_are(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.put("one", *LIVE)
    house.answers(1)
    house.objects.put("adapters/extract/log/000006.json", b"{}")
    assert house.answers(1) == ["extract@1"]
    assert "cannot be read" in caplog.text
