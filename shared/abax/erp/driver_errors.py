"""What drivers raise, as errors of ours that name the database."""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

from abax.errors import (
    MalformedValue,
    SourceError,
    SourceInterrupted,
    SourceRefused,
    SourceUnreachable,
    UnsupportedSchema,
)

CHECK_FILE: Final = "check the path, and that the file may be read"

_REFUSED, _UNREACHABLE, _INTERRUPTED, _UNSUPPORTED, _MALFORMED = range(5)

_SQLSTATES: Final = (
    # (start of PostgreSQL's SQLSTATE, what it means); the first that fits.
    ("28", _REFUSED),
    ("3D000", _REFUSED),
    ("42501", _REFUSED),
    ("42P01", _UNSUPPORTED),
    ("42703", _UNSUPPORTED),
    ("42883", _UNSUPPORTED),
    ("3F", _UNSUPPORTED),
    ("22", _MALFORMED),
    ("53300", _UNREACHABLE),
    ("57P03", _UNREACHABLE),
    ("08", _INTERRUPTED),
    ("40", _INTERRUPTED),
    ("53", _INTERRUPTED),
    ("55", _INTERRUPTED),
    ("57", _INTERRUPTED),
    ("58", _INTERRUPTED),
    ("XX", _INTERRUPTED),
)
_NUMBERS: Final = {
    "mysql": {
        **dict.fromkeys((1044, 1045, 1049, 1142, 1698, 3118), _REFUSED),
        **dict.fromkeys((1040, 2002, 2003, 2005), _UNREACHABLE),
        **dict.fromkeys((1053, 1205, 1213, 1317, 1969, 2006, 2013, 2055, 3024), _INTERRUPTED),
        **dict.fromkeys((1054, 1146), _UNSUPPORTED),
    },
    "mssql": {
        **dict.fromkeys((229, 230, 297, 300, 916, 4060, 18452, 18456, 18470, 18487, 18488), _REFUSED),
        **dict.fromkeys((17142, 40197, 40501, 40613, 49918), _UNREACHABLE),
        **dict.fromkeys((-2, 596, 1205, 1222, 3960, 6005, 10053, 10054), _INTERRUPTED),
        **dict.fromkeys((207, 208, 2812), _UNSUPPORTED),
        **dict.fromkeys((241, 242, 245, 8114, 8115, 8134), _MALFORMED),
    },
    "oracle": {
        **dict.fromkeys((1005, 1017, 1031, 1045, 12514, 28000, 28001, 28009), _REFUSED),
        **dict.fromkeys((12154, 12170, 12505, 12528, 12541, 12543, 12545, 1033, 1034, 1090), _UNREACHABLE),
        **dict.fromkeys((28, 60, 1013, 1089, 1555, 2396, 3113, 3114, 3135, 12537, 12547), _INTERRUPTED),
        **dict.fromkeys((904, 942, 4043), _UNSUPPORTED),
        **dict.fromkeys((1722, 1841, 1843, 1858, 1861, 6502), _MALFORMED),
    },
    "hana": {
        **dict.fromkeys((10, 258, 332, 414, 416), _REFUSED),
        **dict.fromkeys((-10709, -10104), _UNREACHABLE),
        **dict.fromkeys((-10807, -10108, 131, 133, 138, 139, 146, 613), _INTERRUPTED),
        **dict.fromkeys((259, 260, 362), _UNSUPPORTED),
        **dict.fromkeys((266, 303, 339, 411), _MALFORMED),
    },
}
"""By the servers' own error numbers, as their manuals list them. Those of SQL Server, Oracle and HANA have
not been seen from a server."""

_DPY: Final = {
    # python-oracledb's own, which carry no number of the server's.
    **dict.fromkeys(("DPY-6005", "DPY-6000", "DPY-6001"), _UNREACHABLE),
    **dict.fromkeys(("DPY-4011", "DPY-1001", "DPY-4024"), _INTERRUPTED),
    "DPY-4001": _REFUSED,
}

_WORDS: Final = (
    # Words of messages that carry no code: SQLite's, and drivers' own.
    ("unable to open", _UNREACHABLE),
    ("is not a database", _UNSUPPORTED),
    ("no such table", _UNSUPPORTED),
    ("no such column", _UNSUPPORTED),
    ("malformed json", _MALFORMED),
    ("could not decode", _MALFORMED),
    ("password", _REFUSED),
    ("login failed", _REFUSED),
    ("refuses ssl", _REFUSED),
    ("certificate", _REFUSED),
    ("locked", _INTERRUPTED),
    ("interrupted", _INTERRUPTED),
    ("disk i/o error", _INTERRUPTED),
    ("malformed", _INTERRUPTED),
    ("network error", _INTERRUPTED),
    ("connection is closed", _INTERRUPTED),
)


@contextmanager
def errors_of(label: str, *, reading: bool) -> Iterator[None]:
    """Turn what a driver raises inside into errors of ours that name ``label``. ``reading`` tells a
    connection that broke from one that never stood."""
    try:
        yield
    except DBAPIError as error:
        raise _typed(label, error.orig or error, reading) from error
    except _bare_errors() as error:
        raise _typed(label, error, reading) from error


def reason_of(error: BaseException) -> str:
    """What the driver says, without its codes."""
    first = error.args[0] if error.args else ""
    if isinstance(first, dict):
        return str(first.get("M", first))
    if isinstance(error, OSError):
        return error.strerror or str(error) or _reason_behind(error)
    return str(error.args[1]) if isinstance(first, int) and len(error.args) > 1 else str(error)


def _reason_behind(error: OSError) -> str:
    """What lies behind an error that says nothing: python-tds gives up a port that refuses without a word."""
    behind = error.__cause__ or error.__context__
    if isinstance(behind, OSError):
        return reason_of(behind)
    return "no answer came in time" if isinstance(error, TimeoutError) else "the connection broke"


def _bare_errors() -> tuple[type[Exception], ...]:
    """What drivers raise past SQLAlchemy, which else would wrap it: some copy, and connections break."""
    from pg8000.exceptions import Error
    from pymysql.err import Error as MySqlError  # type: ignore[import-untyped]

    return sqlite3.Error, Error, MySqlError, OSError, struct.error


def _typed(label: str, error: BaseException, reading: bool) -> SourceError:
    meaning, reason = _meaning(label, error), reason_of(error)
    if meaning == _REFUSED:
        return SourceRefused(label, reason)
    if meaning == _UNSUPPORTED:
        return UnsupportedSchema(label, [f"what was asked for ({reason})"])
    if meaning == _MALFORMED:
        return MalformedValue(label, reason)
    if meaning in (_INTERRUPTED, _UNREACHABLE):
        return SourceInterrupted(label, reason) if reading else _unreachable(label, reason)
    return SourceError(f"{label} answered with an error: {reason}")


def _unreachable(label: str, reason: str) -> SourceUnreachable:
    if label.startswith("sqlite:"):
        return SourceUnreachable(label, reason, CHECK_FILE)
    return SourceUnreachable(label, reason)


def _meaning(label: str, error: BaseException) -> int | None:
    first = error.args[0] if error.args else None
    if isinstance(first, dict):
        state = str(first.get("C", ""))
        return next((meaning for start, meaning in _SQLSTATES if state.startswith(start)), None)
    if isinstance(error, struct.error | TimeoutError | ConnectionError):
        return _INTERRUPTED
    if "certificate_verify_failed" in str(error).lower():
        return _REFUSED  # whatever number the driver puts before it
    number = None if isinstance(error, OSError) else _number(error, first)
    if number is not None:
        return _NUMBERS[_family(label)].get(number)
    said = str(error)
    if own := re.match(r"DPY-\d+", said):
        return _DPY.get(own[0])
    by_words = next((meaning for words, meaning in _WORDS if words in said.lower()), None)
    return _INTERRUPTED if by_words is None and isinstance(error, OSError) else by_words


def _number(error: BaseException, first: object) -> int | None:
    """The server's own error number: PyMySQL and hdbcli give it first, python-tds as an attribute, oracledb
    in an object of its own."""
    for found in (first, getattr(error, "number", None), getattr(first, "code", None)):
        if isinstance(found, int) and found:
            return found
    return None


def _family(label: str) -> str:
    backend = label.partition(":")[0]
    return backend if backend in _NUMBERS else "mysql"
