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
    is_storable: bool = True
    """Whether amounts come as they may be stored; else they come as the source has them."""


CSV: Final = Spelling(",", "", '"')
"""Made here, of rows that came value by value."""
ESCAPED: Final = Spelling("\t", "\v")
"""PostgreSQL's text format, once its backslashes are undone: see ``unescaped``. It escapes what would be this
character in a text, so that nothing is told from all texts, and backslashes are rare."""
DELIMITED: Final = Spelling("\x1f", "\x1e\x1d\x1e", is_storable=False)
"""Made by a server that has no format of its own: see ``joined``. A text with a delimiter in it makes a row
of too many values, which DuckDB refuses; one of these three control characters and no others would be taken
for nothing."""


def unescaped(rows: bytes) -> bytes:
    """Whole rows in PostgreSQL's text format as ESCAPED."""
    if b"\\" not in rows and _QUOTE not in rows:
        return rows
    return b"\n".join(map(_row_unescaped, rows.split(b"\n")))


def _row_unescaped(row: bytes) -> bytes:
    if b"\\" not in row and _QUOTE not in row:
        return row
    return b"\t".join(map(_value_unescaped, row.split(b"\t")))


def _value_unescaped(value: bytes) -> bytes:
    if b"\\" not in value and _QUOTE not in value:
        return value
    return _quoted(_ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value))


def joined(rows: Sequence[bytes]) -> bytes:
    """Rows in DELIMITED as lines of it."""
    if _is_odd(b"".join(rows)):
        rows = [b"\x1f".join(map(_value, row.split(b"\x1f"))) if _is_odd(row) else row for row in rows]
    return b"\n".join(rows) + b"\n"


def _value(value: bytes) -> bytes:
    return _quoted(value) if _is_odd(value) else value


def _is_odd(text: bytes) -> bool:
    return b"\n" in text or b"\r" in text or _QUOTE in text


def _quoted(value: bytes) -> bytes:
    return _QUOTE + value.replace(_QUOTE, _QUOTE * 2) + _QUOTE
