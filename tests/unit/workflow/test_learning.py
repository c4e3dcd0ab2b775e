"""Continuous learning in one process: corrections, a trainer's own process, phases, and back."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.adapters.local.records import SqliteRecords
from abax.errors import InvalidRequest, NotFound, NotPublishable, TrainingFailed
from abax.learning import orders, watch
from abax.learning.orders import Order, Task
from abax.learning.practice import Practice
from abax.learning.registry import Status
from abax.learning.rollout import Seen
from abax.learning.status import Handled, Said, Threshold, report
from abax.learning.work import Trainer, work
from abax.ports import PutBack
from abax.workflow.learning import (
    LearningContext,
    advance,
    all_reports,
    give_up,
    look,
    publish,
    run_step,
    status,
    take_back,
)
from abax.workflow.learnt import hand, handled, write_labels
from abax.workflow.mail_replies import REPLIES, VERDICTS

from tests.support.learning import label, seen, version
from tests.support.models import small

PRACTICE = Practice(corrections=2, answers=4, soon=2, look_seconds=60, share=1.0, patience_days=2)


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **given: float) -> None:
        self.now += timedelta(**given)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(tmp_path: Path, clock: Clock) -> LearningContext:
    objects, records = FolderObjects(tmp_path / "objects"), SqliteRecords(tmp_path / "abax.db")
    return LearningContext(objects, records, PRACTICE, "here", clock)


def trainer(context: LearningContext, folder: Path, how: str) -> Any:
    command = f"{sys.executable} -m tests.support.trainer {how} {small().path}"
    hands = Trainer(
        command, folder / "training", partial(hand, context.objects), lambda path: {"base_sha256": ("b",)}
    )
    return partial(work, context.objects, hands)


def corrected(context: LearningContext, count: int = 2) -> None:
    for number in range(count):
        label(context.objects, context.records, number, corrected=True, at=context.clock())


def answered(context: LearningContext, number: int, count: int, clock: Clock, **others: Any) -> None:
    for at in range(count):
        when = clock.now + timedelta(milliseconds=at)
        watch.keep(context.records, "extract", Seen(number, f"d{at}", when, **others))


# --- what counts ----------------------------------------------------------------------------------------


def reply(
    context: LearningContext, reply_id: str, method: str, verdict: str = "", by: str = "person:Ana"
) -> None:
    at = datetime.now(UTC).isoformat()
    kept = {"kind": "reminder", "method": method, "written_at": at}
    context.records.put(REPLIES, reply_id, {"mail_id": reply_id, "reply": kept})
    if verdict:
        context.records.put(VERDICTS, reply_id, {"verdict": verdict, "by": by, "at": at})


def test_corrections_are_found_where_reviews_and_verdicts_are_kept(context: LearningContext) -> None:
    label(context.objects, context.records, 1, corrected=True)
    label(context.objects, context.records, 2, corrected=False)
    seen(context.records, 3)
    context.records.put("suppliers", "name:acme", {"name": "Acme Ltd"})
    reply(context, "r1", "template:x", "approve")
    reply(context, "r2", "person:Ana", "approve")
    reply(context, "r3", "template:x", "reject")
    reply(context, "r4", "template:x", "approve", by="rule:receipts")
    reply(context, "r5", "template:x")
    found = {one.adapter: one for one in all_reports(context)}
    extract, write = found["extract"], found["write"]
    assert [row.as_dict() for row in extract.rows] == [
        {
            "kind": "supplier_invoice",
            "issuer": "Acme Ltd",
            "processed": 3,
            "reviewed": 2,
            "corrected": 1,
            "values": 1,
            "error_rate": 0.3333,
        }
    ]
    total = write.total
    assert (total.processed, total.reviewed, total.corrected) == (5, 3, 2)
    assert write.due == "2 corrections, 2 are enough" and not extract.due
    said = {one.key: one.said for one in handled(context.objects, context.records)}
    assert (said["r4"], said["r1"], said["r3"]) == (Said.NOTHING, Said.RIGHT, Said.CORRECTED)


@pytest.mark.parametrize(
    ("corrected", "processed", "due"),
    [(99, 5000, False), (100, 5000, True), (3, 49, False), (3, 60, True), (2, 60, False), (0, 0, False)],
)
def test_a_hundred_corrections_or_five_per_cent_of_enough_are_due(
    corrected: int, processed: int, due: bool
) -> None:
    every = [
        Handled("extract", "receipt", str(at), said=Said.CORRECTED if at < corrected else Said.NOTHING)
        for at in range(processed)
    ]
    assert bool(report("extract", every, None, Threshold()).due) is due


def test_what_was_learnt_from_does_not_count_again() -> None:
    until = datetime(2026, 1, 1, tzinfo=UTC)
    every = [
        Handled("extract", "receipt", str(days), at=until + timedelta(days=days), said=Said.CORRECTED)
        for days in (-1, 0, 1)
    ]
    every.append(Handled("extract", "receipt", "nobody knows when", said=Said.CORRECTED))
    assert report("extract", every, until, Threshold()).total.corrected == 1
    assert report("extract", every, None, Threshold()).total.corrected == 4


def test_labels_after_the_order_are_left_for_the_next_one(context: LearningContext, tmp_path: Path) -> None:
    label(context.objects, context.records, 1, corrected=True)
    label(context.objects, context.records, 2, corrected=True, at=datetime.now(UTC) + timedelta(days=1))
    assert write_labels(context.objects, tmp_path / "a", datetime.now(UTC)) == 1
    assert write_labels(context.objects, tmp_path / "b") == 2


# --- one process ----------------------------------------------------------------------------------------


def test_an_adapter_learns_step_by_step_until_it_is_live(
    context: LearningContext, tmp_path: Path, clock: Clock
) -> None:
    do = trainer(context, tmp_path, "better")
    assert advance(context, "extract", do)["why"] == "nothing is due"
    corrected(context)
    clock.move(seconds=1)
    first = advance(context, "extract", do)
    assert (first["done"], first["version"]) == ("shadow", 1) and "better on receipts" in first["why"]
    entry = context.registry.book("extract").get(1)
    assert (entry.lineage.form, entry.lineage.base_sha256, entry.lineage.parent) == (
        "extract/1",
        ("b",),
        None,
    )
    assert entry.lineage.data_until == clock.now and len(entry.lineage.data_sha256) == 64
    assert "learning from 2 documents" in next(tmp_path.rglob("*-train/log.txt")).read_text()
    for step in ("share", "live"):
        assert advance(context, "extract", do)["done"] == "nothing"
        answered(context, 1, 4, clock, shadow=step == "share")
        clock.move(minutes=2)
        assert advance(context, "extract", do)["done"] == step
    live = context.registry.book("extract").live
    assert live is not None and live.version == 1
    assert advance(context, "extract", do)["why"] == "nothing is due"


def test_a_live_version_that_drops_is_rolled_back(
    context: LearningContext, tmp_path: Path, clock: Clock
) -> None:
    for content in ("one", "two"):
        entry = version(context.registry, tmp_path, content)
        for to in (Status.SHADOW, Status.SHARE, Status.LIVE):
            context.registry.move("extract", entry.version, to, by="Ana")
    clock.move(seconds=2)
    answered(context, 2, 3, clock, failed=True)
    answered(context, 1, 3, clock)
    clock.move(minutes=2)
    done = advance(context, "extract", trainer(context, tmp_path, "broken"))
    assert (done["done"], done["live"]) == ("rolled back", 1) and "100.0% of 3 answers failed" in done["why"]


def test_corrections_of_what_it_answered_roll_a_version_back(
    context: LearningContext, tmp_path: Path, clock: Clock
) -> None:
    version(context.registry, tmp_path, "one")
    context.registry.move("extract", 1, Status.SHADOW, by="Ana")
    context.registry.move("extract", 1, Status.SHARE, by="Ana", share=0.2)
    clock.move(seconds=1)
    for number in range(3):
        document = label(context.objects, context.records, number, corrected=number < 2, at=clock.now)
        watch.keep(context.records, "extract", Seen(1, document, clock.now))
    assert look(context, {"name": "extract", "version": 1})["course"] == "back"


def test_a_refused_candidate_is_not_trained_again_until_more_is_corrected(
    context: LearningContext, tmp_path: Path, clock: Clock
) -> None:
    corrected(context)
    clock.move(seconds=1)
    do = trainer(context, tmp_path, "worse")
    assert advance(context, "extract", do)["done"] == "refused"
    assert advance(context, "extract", do)["done"] == "nothing"


def test_a_training_that_fails_leaves_its_reason_and_is_tried_again(
    context: LearningContext, tmp_path: Path, clock: Clock
) -> None:
    corrected(context)
    with pytest.raises(TrainingFailed, match=r"ended with 3: no memory left for 12 GB"):
        advance(context, "extract", trainer(context, tmp_path, "broken"))
    clock.move(seconds=1)
    assert advance(context, "extract", trainer(context, tmp_path, "better"))["done"] == "shadow"


def test_a_training_that_was_stopped_goes_on_with_the_same_order(
    context: LearningContext, tmp_path: Path
) -> None:
    corrected(context)
    stopping = trainer(context, tmp_path, "better")
    hands = replace(
        stopping.args[1], stop=lambda: True, command=f"{sys.executable} -c 'import time; time.sleep(60)'"
    )
    with pytest.raises(PutBack):
        advance(context, "extract", partial(work, context.objects, hands))
    [order] = orders.all_of(context.objects, "extract")
    assert advance(context, "extract", stopping)["done"] == "shadow"
    trained = [one for one in orders.all_of(context.objects, "extract") if one.task is Task.TRAIN]
    assert [one.id for one in trained] == [order.id]


def test_an_order_that_was_answered_is_not_worked_on_again(context: LearningContext, tmp_path: Path) -> None:
    order = Order(id="o1", task=Task.TRAIN, name="extract", at=context.clock())
    orders.place(context.objects, order)
    given = trainer(context, tmp_path, "better")(order)
    assert trainer(context, tmp_path / "elsewhere", "broken")(order) == given


# --- people, and what is wrong --------------------------------------------------------------------------


def test_people_publish_step_by_step_and_take_back(context: LearningContext, tmp_path: Path) -> None:
    version(context.registry, tmp_path, "one")
    steps = [publish(context, "extract", 1, "Ana").status for _ in range(3)]
    assert steps == [Status.SHADOW, Status.SHARE, Status.LIVE]
    with pytest.raises(NotPublishable, match="it is live"):
        publish(context, "extract", 1, "Ana")
    assert take_back(context, "extract", "Ana", "wrong totals").status is Status.ROLLED_BACK
    with pytest.raises(NotFound, match="what ships answers"):
        take_back(context, "extract", "Ana", "")
    assert look(context, {"name": "extract", "version": 1, "phase": "live"})["course"] == "gone"


def test_without_a_trainer_what_is_due_is_said(context: LearningContext) -> None:
    corrected(context)
    told = status(replace(context, trainer=""), {"name": "extract"})
    assert (told["way"], told["order"]) == ("untrained", "") and "no trainer is registered" in told["why"]
    queued = status(replace(context, trainer="queue"), {"name": "extract"})
    assert queued["way"] == "queue"
    assert status(context, {"name": "extract"})["way"] == "busy"
    give_up(context, {"name": "extract", "state": {"status": queued}, "error": {"message": "no worker"}})
    order = orders.get(context.objects, "extract", queued["order"])
    with pytest.raises(TrainingFailed, match="no worker"):
        orders.answer_of(context.objects, order)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"step": "dance"}, "no step; use one of status, register"),
        ({"step": "status"}, "names no adapter"),
        ({"step": "watch", "name": "extract"}, "None is no version"),
        ({"step": "register", "name": "extract", "order": "x"}, "no order 'x'"),
    ],
)
def test_events_that_make_no_sense_say_what_is_wrong(
    context: LearningContext, event: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        run_step(context, event)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"share": 2}', "share"),
        ('{"shares": 1}', "shares"),
        ("{", "JSON"),
        ('{"patience_days": 0}', "patience"),
    ],
)
def test_a_practice_that_makes_no_sense_names_the_setting(text: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=f"ABAX_LEARNING.*{words}"):
        Practice.parse(text)
