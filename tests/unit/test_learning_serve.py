"""Edge mode lets adapters learn by itself, on a folder and SQLite."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from abax.compose import edge, edge_learning
from abax.learning.registry import Status
from abax.serve import learners

from infra.local.engine import MODEL_VARIABLE
from tests.support.learning import label
from tests.support.models import small

PATIENCE = 120


def test_nobody_learns_where_no_trainer_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABAX_TRAINER", raising=False)
    assert learners(edge(tmp_path)) == []


def test_what_is_due_is_trained_while_it_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = small().path
    monkeypatch.setenv(MODEL_VARIABLE, str(base))
    monkeypatch.setenv("ABAX_TRAINER", f"{sys.executable} -m tests.support.trainer better {base}")
    monkeypatch.setenv("ABAX_LEARNING", '{"corrections": 2}')
    monkeypatch.setenv("ABAX_LEARNING_SECONDS", "0.1")
    house = edge(tmp_path)
    for number in range(2):
        label(house.documents.objects, house.documents.records, number, corrected=True)
    registry = edge_learning(house).registry
    [learner] = learners(house)
    learner.start()
    deadline = time.monotonic() + PATIENCE
    while registry.book("extract").trial is None and time.monotonic() < deadline:
        time.sleep(0.2)
    learner.stop()
    entry = registry.book("extract").get(1)
    assert entry.status is Status.SHADOW and entry.lineage.note == "2 documents"
