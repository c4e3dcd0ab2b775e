"""Rows as text straight off a server's socket, by the block: value by value takes many times as long.

The drivers speak their protocols; only the rows in between are worked off here, out of a large read buffer.
"""

from __future__ import annotations

import io
import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from abax.erp.plain import ESCAPED, joined, unescaped

_COPY_BEGINS, _COPY_DATA, _SIZE = b"H", b"d", struct.Struct("!i")
"""Of PostgreSQL's protocol: a message is its kind, its size without the kind, its content."""
_ROW_ENDS: Final = b"\n" + _COPY_DATA + b"\0"
_BETWEEN_ROWS: Final = re.compile(_ROW_ENDS + b".{3}", re.DOTALL)
_BLOCK: Final = 1 << 18
_LENGTH_IN_ONE, _LENGTH_IN_TWO, _LONGER = 251, 252, 7
"""Of MariaDB's protocol: a text's length is one byte below 251; or 252 and two bytes, so that seven come
before the text. Longer texts are left to the driver, and so are errors and the end."""
_PAUSE_SECONDS: Final = 0.004


class Sink(Protocol):
    """Where a COPY goes."""

    def write(self, data: bytes, rows: int = 1) -> object:
        """Take one or more whole rows."""


class _Unhurried(io.RawIOBase):
    """A socket's file, read in few and large pieces while ``waits`` is set: after a small piece it lets the
    server get ahead. Servers send some kilobytes at a time; waking for each of them takes both sides longer
    than the rows do."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file
        self.waits = False
        self._got = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Fill as much of ``buffer`` as there is; how much that was."""
        if self.waits and self._got < _BLOCK // 2:
            time.sleep(_PAUSE_SECONDS)
        got = self._file.readinto(buffer)
        self._got = got or 0
        return got

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Read large pieces meanwhile."""
        self.waits = True
        try:
            yield
        finally:
            self.waits = False


def _copy_from_postgresql(driver: Any, sql: str, sink: Sink) -> None:
    cursor = driver.cursor()
    _take_blocks(driver)
    # What other processes of the server would find for this one takes it longer to pass on than to find.
    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    spelling = f"DELIMITER '{ESCAPED.delimiter}', NULL '{ESCAPED.nothing}'"
    cursor.execute(f"COPY ({sql}) TO STDOUT (FORMAT text, {spelling}, ENCODING 'UTF8')", stream=sink)
    cursor.close()


def _copy_from_mysql(driver: Any, sql: str, sink: Sink) -> None:
    """Take rows as texts that the server makes, by the block: value by value takes many times as long.

    PyMySQL sends the query and reads what comes before the rows and after them; ours works off the rows that
    lie in its read buffer, a large one.
    """
    arriving = _Unhurried(driver._sock.makefile("rb", buffering=0))
    driver._rfile = io.BufferedReader(arriving, _BLOCK)
    driver.query(sql.replace("%%", "%"), unbuffered=True)
    result = driver._result
    with arriving.waiting():
        while result.unbuffered_active:
            rows, end = _whole_texts(driver._rfile.peek(1))
            if rows:
                driver._rfile.read(end)
                driver._next_seq_id = (driver._next_seq_id + len(rows)) % 256
                sink.write(joined(rows), len(rows))
            elif row := result._read_rowdata_packet_unbuffered():
                sink.write(joined([row[0].encode()]))


COPYING: Final = {
    ("postgresql", "pg8000"): _copy_from_postgresql,
    ("mysql", "pymysql"): _copy_from_mysql,
    ("mariadb", "pymysql"): _copy_from_mysql,
}


def _take_blocks(driver: Any) -> None:
    """Let pg8000 hand on the rows of a COPY by the block: one by one takes it many times as long.

    It calls a handler per message of the server; ours, for the one that begins the copy, works off what lies
    in the read buffer, a large one, and leaves all other messages, the copy's end among them, to pg8000.
    """
    if not all(hasattr(driver, name) for name in ("message_types", "_sock", "_usock")):
        return

    def begin(data: bytes, context: Any) -> None:
        driver.handle_COPY_OUT_RESPONSE(data, context)
        with arriving.waiting():
            while (block := driver._sock.peek(1))[:1] == _COPY_DATA:
                rows, count, end = _whole_rows(block)
                if count:
                    driver._sock.read(end)
                else:
                    (size,) = _SIZE.unpack(driver._sock.read(5)[1:])
                    rows, count = driver._sock.read(size - _SIZE.size), 1
                context.stream.write(unescaped(rows), count)

    driver.message_types[_COPY_BEGINS] = begin
    file = driver._usock.makefile(mode="rwb", buffering=0)
    arriving = _Unhurried(file)
    driver._sock = io.BufferedRWPair(arriving, file, _BLOCK)


def forget_result(driver: Any) -> None:
    """Keep PyMySQL from reading the rest of a result off a connection that broke, whenever it closes it."""
    result = getattr(driver, "_result", None)
    if result is not None:
        result.unbuffered_active, driver._result = False, None


def _whole_rows(block: bytes) -> tuple[bytes, int, int]:
    """The rows of ``block`` that another one follows, without what is between them; how many; where they end.

    ``block`` begins with a message. PostgreSQL's texts hold no NUL, so that a line's end, the kind of the
    next message and a NUL are found between rows only; with two NULs not even inside a size.
    """
    end = block.rfind(_ROW_ENDS + b"\0") + 1
    if not end:
        return b"", 0, 0
    rows, between = _BETWEEN_ROWS.subn(b"\n", block[5:end])
    return rows, between + 1, end


def _whole_texts(block: bytes) -> tuple[list[bytes], int]:
    """Texts that are complete in ``block``, which begins with a packet of MariaDB's protocol; where they end.
    A packet is its size in three bytes, its number, and one text after its length."""
    texts, start, size = [], 0, len(block)
    while start + _LONGER < size:
        first = block[start + 4]
        if first < _LENGTH_IN_ONE:
            begin = start + 5
            end = begin + first
        elif first == _LENGTH_IN_TWO:
            begin = start + _LONGER
            end = begin + (block[start + 5] | block[start + 6] << 8)
        else:
            break
        if end > size:
            break
        texts.append(block[begin:end])
        start = end
    return texts, start
