"""Connections to ERP databases: read-only, one moment of the books, every driver's errors as ours.

PostgreSQL goes through pg8000, MariaDB and MySQL through PyMySQL, SQLite is opened read-only. In the URL,
``sslmode`` (``disable``, ``prefer``, ``require``, ``verify-ca``, ``verify-full``) and ``sslrootcert`` (a file
of trusted certificates) say how the connection is encrypted.
"""

from __future__ import annotations

import hashlib
import re
import socket
import sqlite3
import ssl
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import sqlalchemy
import tenacity
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from abax.erp.source import Query, Schema
from abax.errors import (
    InvalidRequest,
    MalformedValue,
    SourceError,
    SourceInterrupted,
    SourceRefused,
    SourceUnreachable,
    UnsupportedSchema,
)

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 600
"""Longest run of one statement, and longest silence of the server."""
TRIES: Final = 3

_DRIVERS: Final = {
    "postgres": "postgresql+pg8000",
    "postgresql": "postgresql+pg8000",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_SSL_MODES: Final = ("disable", "prefer", "require", "verify-ca", "verify-full")
_PORTS: Final = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}

_COPY_BEGINS, _COPY_DATA, _SIZE = b"H", b"d", struct.Struct("!i")
"""Of PostgreSQL's protocol: a message is its kind, its size without the kind, its content."""

_SQLITE_HEADER: Final = b"SQLite format 3\0"
_CHECK_FILE: Final = "check the path, and that the file may be read"

_ON_CONNECT: Final = {
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        f"SET statement_timeout = '{STATEMENT_SECONDS}s'",
        "SET lock_timeout = '30s'",
        "SET client_encoding = 'UTF8'",
        "SET datestyle = 'ISO'",
    ),
    "mysql": (
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION TRANSACTION READ ONLY",
    ),
    "sqlite": ("PRAGMA query_only = ON", "BEGIN"),
}


class RowDigest:
    """SQLite's aggregate ``row_digest(column, …)``: one number for a set of rows, whatever their order.

    It stands in for the hashes that a server has of its own: 64 bits of each row's, summed.
    """

    def __init__(self) -> None:
        self.total = 0

    def step(self, *values: object) -> None:
        """Take one row. Texts come as blobs, so that no encoding is wrong."""
        digest = hashlib.blake2b(repr(values).encode(), digest_size=8).digest()
        self.total += int.from_bytes(digest)

    def finalize(self) -> str:
        """The sum, as text: it is beyond SQLite's integers."""
        return str(self.total)


class Sink(Protocol):
    """Where a COPY goes."""

    def write(self, data: bytes, rows: int = 1) -> object:
        """Take one or more whole rows."""


@dataclass(frozen=True)
class Database:
    """An open connection inside one read-only transaction.

    ``label`` and ``source_id`` name the database for people and for object keys, without credentials.
    """

    connection: Connection
    label: str
    source_id: str

    @property
    def copies(self) -> bool:
        """Whether ``copy`` works here: PostgreSQL through pg8000."""
        return self.connection.dialect.name == "postgresql" and self.connection.dialect.driver == "pg8000"

    def schema(self, tables: Sequence[str]) -> Schema:
        """Which of ``tables`` are there (views count), and their columns."""
        with errors_of(self.label, reading=True):
            found = sqlalchemy.inspect(self.connection).get_multi_columns(
                filter_names=list(tables), kind=ObjectKind.ANY
            )
        return Schema(
            {
                name: frozenset(str(column["name"]) for column in columns)
                for (_, name), columns in found.items()
            }
        )

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        with errors_of(self.label, reading=True):
            return [tuple(row) for row in self.connection.execute(query)]

    def stream(self, query: Query, batch: int = 5_000) -> Iterator[Sequence[Any]]:
        """The rows of a large result, never more than ``batch`` in memory."""
        driver = self.connection.connection.driver_connection
        with errors_of(self.label, reading=True):
            result = self.connection.execution_options(yield_per=batch).execute(query)
        with result:
            while True:
                try:
                    with errors_of(self.label, reading=True):
                        rows = result.fetchmany(batch)
                except SourceError:
                    _forget_result(driver)
                    raise
                if not rows:
                    return
                yield from rows

    def copy(self, query: Query, sink: Sink) -> None:
        """Send the result as CSV, in which NULL is nothing at all and the empty string is two quotes. What
        ``sink`` raises ends the connection and passes on."""
        sql = query.compile(dialect=self.connection.dialect, compile_kwargs={"literal_binds": True})
        with errors_of(self.label, reading=True):
            cursor: Any = self.connection.connection.cursor()
            _take_blocks(self.connection.connection.driver_connection)
            try:
                cursor.execute(f"COPY ({sql}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')", stream=sink)
            except BaseException:
                self.connection.invalidate()
                raise
            cursor.close()


@contextmanager
def connected(url: str) -> Iterator[Database]:
    """Connect, trying again a few times while nothing answers, and disconnect in the end.

    Raises InvalidRequest for a URL that makes no sense, SourceUnreachable, SourceRefused, UnsupportedSchema.
    """
    parsed = _parsed(url)
    label, engine = label_of(parsed), _engine(parsed)
    try:
        connection = _connect(engine, label)
        try:
            yield Database(connection, label, source_id_of(parsed))
        finally:
            _close(connection)
    finally:
        engine.dispose()


def label_of(url: URL) -> str:
    """The database for people: no user, no password, no options."""
    backend = url.get_backend_name()
    if backend == "sqlite":
        return f"sqlite:///{_sqlite_file(url)}"
    port = url.port or _PORTS.get(backend)
    return f"{backend}://{url.host or 'localhost'}{f':{port}' if port else ''}/{url.database or ''}"


def source_id_of(url: URL) -> str:
    """The database for object keys: a readable stem and a hash of where it is, but not of who asks."""
    stem = Path(url.database or url.get_backend_name()).stem
    readable = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:40] or "books"
    return f"{readable}-{hashlib.sha256(label_of(url).encode()).hexdigest()[:10]}"


def _take_blocks(driver: Any) -> None:
    """Let pg8000 hand on the rows of a COPY by the block: one by one takes it four times as long.

    It calls a handler per message of the server; ours, for the one that begins the copy, works off what lies
    in the read buffer and leaves all other messages, the copy's end among them, to pg8000.
    """
    if not all(hasattr(driver, name) for name in ("message_types", "_sock", "handle_COPY_OUT_RESPONSE")):
        return

    def begin(data: bytes, context: Any) -> None:
        driver.handle_COPY_OUT_RESPONSE(data, context)
        while (block := driver._sock.peek(1))[:1] == _COPY_DATA:
            rows, end = _whole_rows(block)
            if rows:
                driver._sock.read(end)
            else:
                (size,) = _SIZE.unpack(driver._sock.read(5)[1:])
                rows = [driver._sock.read(size - _SIZE.size)]
            context.stream.write(b"".join(rows), len(rows))

    driver.message_types[_COPY_BEGINS] = begin


def _forget_result(driver: Any) -> None:
    """Keep PyMySQL from reading the rest of a result off a connection that broke, whenever it closes it."""
    result = getattr(driver, "_result", None)
    if result is not None:
        result.unbuffered_active, driver._result = False, None


def _whole_rows(block: bytes) -> tuple[list[bytes], int]:
    """The rows that are complete in ``block``, and where they end."""
    rows, start, size = [], 0, len(block)
    while start + 5 <= size and block[start] == _COPY_DATA[0]:
        end = start + 1 + _SIZE.unpack_from(block, start + 1)[0]
        if end > size:
            break
        rows.append(block[start + 5 : end])
        start = end
    return rows, start


# --- making the connection -------------------------------------------------------------------------------


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        driver = _DRIVERS.get(parsed.drivername)
        return parsed.set(drivername=driver) if driver else parsed
    except (ArgumentError, ValueError):
        raise InvalidRequest(
            "not a database URL; write postgresql+pg8000://USER:PASSWORD@HOST:PORT/DATABASE", "url"
        ) from None


def _engine(url: URL) -> Engine:
    """An engine that keeps no idle connections."""
    if url.get_backend_name() == "sqlite":
        engine = _sqlite_engine(_sqlite_file(url))
    else:
        bare = url.difference_update_query(["sslmode", "sslrootcert"])
        try:
            engine = sqlalchemy.create_engine(bare, poolclass=NullPool, connect_args=_connect_args(url))
        except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
            raise InvalidRequest(f"no driver for {url.drivername}: {error}; install it", "url") from error
    event.listen(engine, "do_connect", _dial)
    event.listen(engine, "connect", _prepare(url.get_backend_name()))
    return engine


def _sqlite_engine(file: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        uri = f"file:{_uri_path(file)}?mode=ro"
        opened = sqlite3.connect(uri, uri=True, timeout=CONNECT_SECONDS, isolation_level=None)
        opened.create_aggregate("row_digest", -1, RowDigest)  # type: ignore[arg-type]
        return opened

    return sqlalchemy.create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _uri_path(file: Path) -> str:
    return file.as_uri().removeprefix("file://")


def _sqlite_file(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise InvalidRequest("name the SQLite file: sqlite:////absolute/path", "url")
    return Path(url.database).expanduser().resolve()


def _connect_args(url: URL) -> dict[str, Any]:
    mode = str(url.query.get("sslmode", "prefer"))
    if mode not in _SSL_MODES:
        raise InvalidRequest(f"sslmode {mode!r} is not one of {', '.join(_SSL_MODES)}", "url")
    if url.get_backend_name() == "postgresql":
        return {"ssl_context": _ssl_context(url, mode), "timeout": CONNECT_SECONDS}
    if url.drivername.endswith("+pymysql"):
        context = _ssl_context(url, mode)
        return {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": STATEMENT_SECONDS,
            **({"ssl": context} if context else {}),
        }
    return {}


def _ssl_context(url: URL, mode: str) -> ssl.SSLContext | bool | None:
    """None tries encryption and does without, False does without, True and a context insist."""
    if mode in ("disable", "prefer"):
        return None if mode == "prefer" else False
    if mode == "require":
        return True
    trusted = url.query.get("sslrootcert")
    try:
        context = ssl.create_default_context(cafile=str(trusted) if trusted else None)
    except OSError as error:
        raise InvalidRequest(f"sslrootcert {trusted} cannot be read: {error}", "url") from error
    context.check_hostname = mode == "verify-full"
    return context


def _dial(dialect: Any, record: Any, args: Any, parameters: dict[str, Any]) -> Any:
    """Open pg8000's socket for it, so that connecting and reading have time limits of their own, and give a
    password to be refused with where there is none. Other drivers dial for themselves."""
    if dialect.name != "postgresql" or dialect.driver != "pg8000":
        return None
    parameters["password"] = parameters.get("password") or ""
    if "unix_sock" not in parameters:
        del parameters["timeout"]
        host, port = parameters.get("host") or "localhost", parameters.get("port") or _PORTS["postgresql"]
        opened = socket.create_connection((host, int(port)), CONNECT_SECONDS)
        opened.settimeout(STATEMENT_SECONDS)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        parameters["sock"] = opened
    return dialect.loaded_dbapi.Connection(*args, **parameters)


def _prepare(backend: str) -> Any:
    def prepare(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for statement in _ON_CONNECT.get("mysql" if backend == "mariadb" else backend, ()):
            cursor.execute(statement)
        cursor.close()
        if backend == "postgresql":
            connection.commit()

    return prepare


def _connect(engine: Engine, label: str) -> Connection:
    if engine.dialect.name == "sqlite":
        _require_file(label)
    tries = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_exponential(multiplier=0.2),
        retry=tenacity.retry_if_exception_type(SourceUnreachable),
        reraise=True,
    )
    return tries(_connect_once, engine, label)


def _require_file(label: str) -> None:
    file = Path(label.removeprefix("sqlite:///"))
    if not file.is_file():
        raise SourceUnreachable(label, "there is no such file", _CHECK_FILE)
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_SQLITE_HEADER))
    except OSError as error:
        raise SourceUnreachable(label, _reason(error), _CHECK_FILE) from error
    if start not in (_SQLITE_HEADER, b""):
        raise UnsupportedSchema(label, ["the header of an SQLite database"])


def _connect_once(engine: Engine, label: str) -> Connection:
    with errors_of(label, reading=False):
        connection = engine.connect()
    if engine.dialect.name == "sqlite":
        with errors_of(label, reading=False):
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()
    return connection


def _close(connection: Connection) -> None:
    """Close; a connection that broke has nothing left to say."""
    try:
        connection.close()
    except (DBAPIError, OSError):
        connection.invalidate()


# --- errors ----------------------------------------------------------------------------------------------

_REFUSED, _UNREACHABLE, _INTERRUPTED, _UNSUPPORTED, _MALFORMED = range(5)

_SQLSTATES: Final = (
    # (start of an SQLSTATE, what it means); the first that fits.
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

_MYSQL_CODES: Final = {
    **dict.fromkeys((1044, 1045, 1049, 1142, 1698, 3118), _REFUSED),
    **dict.fromkeys((1040, 2002, 2003, 2005), _UNREACHABLE),
    **dict.fromkeys((1053, 1205, 1213, 1317, 1969, 2006, 2013, 2055, 3024), _INTERRUPTED),
    **dict.fromkeys((1054, 1146), _UNSUPPORTED),
}

_WORDS: Final = (
    # Words of messages that carry no code: SQLite's, and pg8000's own.
    ("unable to open", _UNREACHABLE),
    ("is not a database", _UNSUPPORTED),
    ("no such table", _UNSUPPORTED),
    ("no such column", _UNSUPPORTED),
    ("malformed json", _MALFORMED),
    ("could not decode", _MALFORMED),
    ("password", _REFUSED),
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
    except (sqlite3.Error, _pg8000_error(), OSError, struct.error) as error:
        raise _typed(label, error, reading) from error


def _pg8000_error() -> type[Exception]:
    """pg8000's root error: COPY goes past SQLAlchemy, which else would wrap it."""
    from pg8000.exceptions import Error

    return Error  # type: ignore[no-any-return]


def _typed(label: str, error: BaseException, reading: bool) -> SourceError:
    meaning, reason = _meaning(error), _reason(error)
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
        return SourceUnreachable(label, reason, _CHECK_FILE)
    return SourceUnreachable(label, reason)


def _meaning(error: BaseException) -> int | None:
    first = error.args[0] if error.args else None
    if isinstance(first, dict):
        state = str(first.get("C", ""))
        return next((meaning for start, meaning in _SQLSTATES if state.startswith(start)), None)
    if isinstance(error, struct.error | TimeoutError | ConnectionError):
        return _INTERRUPTED
    if isinstance(first, int) and not isinstance(error, OSError):
        return _MYSQL_CODES.get(first)
    said = str(error).lower()
    by_words = next((meaning for words, meaning in _WORDS if words in said), None)
    return _INTERRUPTED if by_words is None and isinstance(error, OSError) else by_words


def _reason(error: BaseException) -> str:
    first = error.args[0] if error.args else ""
    if isinstance(first, dict):
        return str(first.get("M", first))
    if isinstance(error, OSError):
        return error.strerror or str(error) or "the connection broke"
    return str(error.args[1]) if isinstance(first, int) and len(error.args) > 1 else str(error)
