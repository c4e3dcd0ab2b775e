"""Rows as text: how their values are told apart in what a server sends and in a scratch file.

A server quotes nothing, for that takes it longer than all else: values stand between delimiters, nothing has
a text of its own. Rows that this is not enough for, as a text may hold a line break, are quoted here, with a
character that texts hardly ever hold: most blocks of rows are looked at once, and passed on as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_QUOTE: Final = b"\x02"
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_MEANT: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


@dataclass(frozen=True)
class Spelling:
    """How a row is written. A value in quotes is never nothing."""

    delimiter: str
    nothing: str
    quote: str = _QUOTE.decode()


CSV: Final = Spelling(",", "", '"')
"""Made here, of rows that came value by value."""
ESCAPED: Final = Spelling("\t", "\\N")
"""PostgreSQL's text format, once its backslashes are undone: see ``unescaped``."""
DELIMITED: Final = Spelling("\x1f", "\x1e\x1d\x1e")
"""Made by a server that has no format of its own: see ``joined``. A text of those three control characters
and no others would be taken for nothing."""


def unescaped(rows: bytes) -> bytes:
    """Whole rows in PostgreSQL's text format as ESCAPED. In it a backslash begins nothing, or an escape."""
    if rows.count(b"\\") == rows.count(b"\\N") and _QUOTE not in rows:
        return rows
    return b"\n".join(map(_row_unescaped, rows.split(b"\n")))


def _row_unescaped(row: bytes) -> bytes:
    if b"\\" not in row and _QUOTE not in row:
        return row
    return b"\t".join(map(_value_unescaped, row.split(b"\t")))


def _value_unescaped(value: bytes) -> bytes:
    if value == b"\\N" or (b"\\" not in value and _QUOTE not in value):
        return value
    return _quoted(_ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value))


def joined(rows: Sequence[bytes], columns: int) -> bytes | None:
    """Rows in DELIMITED as lines of it; None where a text holds a delimiter."""
    text, delimiters = b"\n".join(rows) + b"\n", (columns - 1) * len(rows)
    if text.count(b"\x1f") != delimiters:
        return None
    if text.count(b"\n") == len(rows) and b"\r" not in text and _QUOTE not in text:
        return text
    return b"".join(map(_line, rows))


def _line(row: bytes) -> bytes:
    if not any(odd in row for odd in (b"\n", b"\r", _QUOTE)):
        return row + b"\n"
    return b"\x1f".join(map(_value, row.split(b"\x1f"))) + b"\n"


def _value(value: bytes) -> bytes:
    return _quoted(value) if any(odd in value for odd in (b"\n", b"\r", _QUOTE)) else value


def _quoted(value: bytes) -> bytes:
    return _QUOTE + value.replace(_QUOTE, _QUOTE * 2) + _QUOTE
