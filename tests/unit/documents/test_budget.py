"""Time that a step may take: over one document, in any thread."""

from __future__ import annotations

import threading
import time
import zipfile
from io import BytesIO
from typing import Any

import pytest
from abax.documents import pipeline
from abax.documents.budget import within
from abax.documents.inbox import Limits, Refused
from abax.errors import StageOverran

TEXT = "Nordwind GmbH\nHafenweg 1\n20457 Hamburg\n\nRechnung\nRechnungsnummer: RE-{}\nGesamtbetrag 119,00\n"


def spin(seconds: float) -> None:
    """Keep the processor busy."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_a_step_that_works_for_too_long_is_ended_with_the_reason() -> None:
    with pytest.raises(StageOverran, match=r"a\.pdf .* classify .* 0\.1 s"), within(0.1, "a.pdf", "classify"):
        spin(30)


def test_a_step_in_another_thread_is_ended_too() -> None:
    told: list[str] = []

    def work() -> None:
        try:
            with within(0.1, "a.pdf", "classify"):
                spin(30)
        except StageOverran as error:
            told.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert len(told) == 1


def test_waiting_is_no_work_and_what_is_done_is_not_interrupted_later() -> None:
    with within(0.2, "a.pdf", "classify"):
        time.sleep(0.6)
    spin(0.6)


def test_a_document_that_keeps_a_stage_busy_is_refused_and_its_siblings_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stages = dict(pipeline.STAGES)

    def busy(draft: pipeline.Draft, *more: Any) -> pipeline.Draft:
        if draft.name == "b.txt":
            spin(30)
        return stages["identify"](draft, *more)

    monkeypatch.setitem(pipeline.STAGES, "identify", busy)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in "abc":
            archive.writestr(f"{name}.txt", TEXT.format(name))
    found = pipeline.process("all.zip", packed.getvalue(), pipeline.Context(limits=Limits(stage_seconds=2.0)))
    assert [type(one) for one in found] == [pipeline.Fact, Refused, pipeline.Fact]
    refused = found[1]
    assert isinstance(refused, Refused) and isinstance(refused.error, StageOverran)
    assert "identify" in str(refused.error)
