import sqlite3
import stat

import numpy as np
import pytest
from abax.adapters import vector_store
from abax.adapters.vector_store import VectorStore, rounded

ROWS = rounded(np.array([[1.5, -2.25], [1e9, 3.0], [0.1, 0.2]]))


@pytest.fixture
def store(tmp_path):
    return VectorStore(tmp_path / "vectors", "model", 2)


def test_what_is_kept_is_found_to_the_last_bit(store):
    store.keep(["a", "b", "c"], list(ROWS))
    found = store.find(["c", "nothing", "a", "a"])
    assert sorted(found) == [0, 2, 3]
    assert (found[0] == ROWS[2]).all()
    assert (found[2] == ROWS[0]).all()


def test_what_is_too_large_for_half_a_float_stays_finite():
    assert np.isfinite(ROWS).all()


def test_the_oldest_go_first(store, monkeypatch):
    monkeypatch.setattr(vector_store, "MOST", 2)
    for text, row in zip("abc", ROWS, strict=True):
        store.keep([text], [row])
    assert sorted(store.find(["a", "b", "c"])) == [1, 2]


def test_nobody_else_may_read_the_file(store, tmp_path):
    store.keep(["a"], [ROWS[0]])
    assert stat.S_IMODE((tmp_path / "vectors" / "model.sqlite").stat().st_mode) == 0o600


def test_a_damaged_file_holds_nothing_and_is_made_anew(store, tmp_path):
    store.keep(["a"], [ROWS[0]])
    path = tmp_path / "vectors" / "model.sqlite"
    path.write_bytes(b"no database at all" * 300)
    assert store.find(["a"]) == {}
    store.keep(["a"], [ROWS[0]])
    assert sorted(store.find(["a"])) == [0]


def test_a_row_of_another_width_is_not_taken(store, tmp_path):
    store.keep(["a"], [ROWS[0]])
    with sqlite3.connect(tmp_path / "vectors" / "model.sqlite") as connection:
        connection.execute("UPDATE vectors SET vector = ?", (b"123",))
    assert store.find(["a"]) == {}


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = VectorStore(tmp_path / "file" / "vectors", "model", 2)
    store.keep(["a"], [ROWS[0]])
    assert store.find(["a"]) == {}
