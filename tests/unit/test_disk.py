"""What is said of a full disk is said of nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from abax.disk import named_when_full
from abax.errors import StorageFull

FAULT = "disk I/O error"


def fail(where: object) -> None:
    with named_when_full(where):
        raise sqlite3.OperationalError(FAULT)


def test_a_fault_of_the_disk_with_room_left_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match=FAULT):
        fail(tmp_path / "abax.db")


def test_the_same_fault_with_no_room_left_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    with pytest.raises(StorageFull, match=f"no space left in {tmp_path}"):
        fail(tmp_path / "not" / "there" / "abax.db")


def test_a_fault_of_what_is_no_path_is_left_as_it_is() -> None:
    with pytest.raises(sqlite3.OperationalError, match=FAULT):
        fail("the scratch folder")


def test_readers_of_a_database_on_a_full_disk_are_told_so(tmp_path: Path) -> None:
    from abax.adapters.local.database import Database

    database = Database(tmp_path / "abax.db")
    with pytest.raises(StorageFull, match=r"abax\.db"), database.reading():
        raise sqlite3.OperationalError("database or disk is full")
