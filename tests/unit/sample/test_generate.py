"""Building: the same again for the same arguments, and nothing of the user's is overwritten."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from abax.errors import InvalidRequest, StorageFull
from abax.sample import build, generate

from .conftest import SMALL, content


@pytest.fixture
def copy(tmp_path, small_books):
    """A copy of the small books, to build upon."""
    return Path(shutil.copy(small_books(17).path, tmp_path / "books.sqlite"))


def test_the_same_seed_gives_the_same_content_row_by_row(tmp_path, small_books):
    again = build(tmp_path / "again.sqlite", scale=SMALL)
    assert content(again.path) == content(small_books(17).path)
    assert again.truth == small_books(17).truth


def test_another_seed_gives_other_books(tmp_path, small_books):
    other = build(tmp_path / "other.sqlite", seed=8, scale=SMALL)
    assert other.truth != small_books(17).truth
    assert content(other.path)["account_move_line"] != content(small_books(17).path)["account_move_line"]


def test_books_that_are_there_are_kept_with_their_truth(copy, small_books, monkeypatch):
    monkeypatch.setattr(generate, "simulate", lambda *_: pytest.fail("built again"))
    assert build(copy, scale=SMALL) == replace(small_books(17), path=copy)


@pytest.mark.parametrize("change", [{"seed": 8}, {"version": 18}])
def test_other_arguments_replace_the_books(copy, change):
    before = content(copy)
    build(copy, **{"scale": SMALL, **change})
    assert content(copy) != before


def test_a_changed_generator_builds_anew(copy, monkeypatch):
    before = content(copy)["abax_sample"]
    monkeypatch.setattr(generate, "_generator", lambda: "changed")
    build(copy, scale=SMALL)
    assert content(copy)["abax_sample"] != before


def test_a_file_that_is_something_else_is_left_alone(tmp_path):
    text, database = tmp_path / "notes.txt", tmp_path / "mine.sqlite"
    text.write_text("my notes, long enough to be no empty file")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE mine (id integer)")
    for path in (text, database):
        before = path.read_bytes()
        with pytest.raises(InvalidRequest, match="something else"):
            build(path, scale=SMALL)
        assert path.read_bytes() == before


@pytest.mark.parametrize("wrong", [{"version": 14}, {"version": 19}, {"scale": 0}, {"scale": -1}])
def test_impossible_arguments_are_refused(tmp_path, wrong):
    with pytest.raises(InvalidRequest):
        build(tmp_path / "books.sqlite", **wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing_half_done(tmp_path, monkeypatch):
    def fill(connection, story, version):
        connection.execute("PRAGMA max_page_count = 20")
        write(connection, story, version)

    write = generate.write
    monkeypatch.setattr(generate, "write", fill)
    with pytest.raises(StorageFull):
        build(tmp_path / "books.sqlite", scale=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_made_and_the_url_names_the_file(tmp_path):
    books = build(tmp_path / "new" / "folder" / "books.sqlite", scale=SMALL)
    assert books.path.exists()
    assert books.url == f"sqlite:///{tmp_path}/new/folder/books.sqlite"
