"""Rows as servers send them: whatever a text holds comes out of the scratch file as it went in."""

from pathlib import Path

import duckdb
import pytest
from abax.erp.plain import DELIMITED, ESCAPED, Spelling, joined, unescaped
from abax.erp.scratch import Spooled, _read_csv
from hypothesis import given, settings
from hypothesis import strategies as st

ODD = [
    "",
    "\\N",
    "\\",
    '"',
    '"a',
    "\x02",
    "\x02a\x02",
    "a\nb",
    "\r\n",
    "\r",
    "\t",
    "\v\b\f",
    "\x1e",
    "ü€😀",
    "'",
    ",",
]
VALUES = st.none() | st.sampled_from(ODD) | st.text(st.characters(codec="utf-8", exclude_characters="\0\x1f"))
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=8)
_LETTERS = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def escaped(value: str | None) -> str:
    """As PostgreSQL's text format has it."""
    return ESCAPED.nothing if value is None else "".join(_LETTERS.get(letter, letter) for letter in value)


def read(folder: Path, data: bytes, spelling: Spelling, rows: int) -> list[tuple[str | None, ...]]:
    """What DuckDB finds in a scratch file."""
    file = folder / "rows"
    file.write_bytes(data)
    columns = dict.fromkeys(("debit_line_id", "credit_line_id", "amount"), "VARCHAR")
    rows_in = _read_csv("settlements", Spooled(file, rows, spelling), columns)
    return duckdb.execute(f"FROM {rows_in}").fetchall()


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_any_text_of_postgresql_comes_through(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, ...]]
) -> None:
    data = "".join("\t".join(map(escaped, row)) + "\n" for row in rows).encode()
    assert read(tmp_path_factory.mktemp("x"), unescaped(data), ESCAPED, len(rows)) == rows


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_any_text_of_mariadb_comes_through(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, ...]]
) -> None:
    nothing = DELIMITED.nothing
    data = ["\x1f".join(nothing if value is None else value for value in row).encode() for row in rows]
    assert read(tmp_path_factory.mktemp("x"), joined(data), DELIMITED, len(rows)) == rows


def test_rows_that_need_nothing_are_passed_on_as_they_are() -> None:
    rows = b'1\t\v\t{"4": 100.0}\n2\t\tx, "y"\n'
    assert unescaped(rows) is rows
    assert joined([b"1\x1f2", b"3\x1f"]) == b"1\x1f2\n3\x1f\n"


@pytest.mark.parametrize("text", ["x\x1f", "\x1fx\n"])
def test_a_text_with_a_delimiter_is_refused_by_the_conversion(tmp_path: Path, text: str) -> None:
    data = joined([b"1\x1f2\x1f3", b"4\x1f" + text.encode() + b"\x1f6"])
    with pytest.raises(duckdb.InvalidInputException):
        read(tmp_path, data, DELIMITED, 2)
