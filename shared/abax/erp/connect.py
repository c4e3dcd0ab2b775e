"""Connections to ERP databases: read-only, one moment of the books, every driver's errors as ours.

``abax.erp.backends`` has what differs between databases. After ``keep_open()``, as in a function that is
called again and again, one connection per database stays open between uses.
"""

from __future__ import annotations

import hashlib
import logging
import re
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy
import tenacity
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from abax.erp.backends import ALIASES, BACKENDS, CONNECT_SECONDS, OPTIONS, STATEMENT_SECONDS
from abax.erp.catalogue import schema_of
from abax.erp.copying import COPYING, Sink, forget_result
from abax.erp.driver_errors import CHECK_FILE, errors_of, reason_of
from abax.erp.plain import DELIMITED, ESCAPED, Spelling
from abax.erp.source import Query, Schema, delimited
from abax.errors import InvalidRequest, SourceError, SourceUnreachable, UnsupportedSchema

logger = logging.getLogger("abax.erp")

TRIES: Final = 3
KEPT_SECONDS: Final = 300
"""How long a connection that is kept may be old: firewalls forget idle ones."""

_POSTGRESQL_PORT: Final = 5432
_SQLITE_HEADER: Final = b"SQLite format 3\0"

_SNAPSHOTS: Final = "SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()"
"""Of SQL Server: 1 where a transaction may ask for one moment of the database."""


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


@dataclass(frozen=True)
class Database:
    """An open connection inside one read-only transaction.

    ``label`` and ``source_id`` name the database for people and for object keys, without credentials.
    """

    connection: Connection
    label: str
    source_id: str
    owner: str | None = None
    """The database schema to read, where it was named."""

    @property
    def copies(self) -> bool:
        """Whether ``copy`` works here: PostgreSQL through pg8000, MariaDB and MySQL through PyMySQL."""
        dialect = self.connection.dialect
        return (dialect.name, dialect.driver) in COPYING

    def schema(self, tables: Sequence[str]) -> Schema:
        """Which of ``tables`` are there (views count), and their columns."""
        with errors_of(self.label, reading=True):
            return schema_of(self.connection, tables, self.owner)

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        with errors_of(self.label, reading=True):
            return [tuple(row) for row in self.connection.execute(query)]

    def stream(self, query: Query, batch: int = 5_000) -> Iterator[Sequence[Any]]:
        """The rows of a large result, never more than ``batch`` in memory."""
        driver = self.connection.connection.driver_connection
        streaming = {"yield_per": batch} if BACKENDS[self.connection.dialect.name].prefetches else {}
        with errors_of(self.label, reading=True):
            result = self.connection.execution_options(**streaming).execute(query)
        with result:
            while True:
                try:
                    with errors_of(self.label, reading=True):
                        rows = result.fetchmany(batch)
                except SourceError:
                    forget_result(driver)
                    raise
                if not rows:
                    return
                yield from rows

    @property
    def spelling(self) -> Spelling:
        """How ``copy`` spells rows."""
        return ESCAPED if self.connection.dialect.name == "postgresql" else DELIMITED

    def copy(self, query: Query, sink: Sink) -> None:
        """Send the result's rows as text. What ``sink`` raises ends the connection and passes on."""
        dialect = self.connection.dialect
        copied = query if self.spelling is ESCAPED else delimited(query)
        sql = str(copied.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        driver: Any = self.connection.connection.driver_connection
        with errors_of(self.label, reading=True):
            try:
                COPYING[dialect.name, dialect.driver](driver, sql, sink)
            except BaseException:
                forget_result(driver)
                self.connection.invalidate()
                raise


@contextmanager
def connected(url: str) -> Iterator[Database]:
    """Connect, trying again a few times while nothing answers, and disconnect in the end.

    Raises InvalidRequest for a URL that makes no sense, SourceUnreachable, SourceRefused, UnsupportedSchema.
    """
    parsed = _parsed(url)
    label, engine = label_of(parsed), _engine_for(parsed)
    owner = str(parsed.query["schema"]) if "schema" in parsed.query else None
    try:
        connection = _connect(engine, label)
        try:
            yield Database(connection, label, source_id_of(parsed), owner)
        finally:
            _close(connection)
    finally:
        if engine not in _KEPT.values():
            engine.dispose()


_KEPT: Final[dict[str, Engine]] = {}
_keeps = False


def keep_open() -> None:
    """From here on, keep one connection per database open between uses."""
    global _keeps
    _keeps = True


def release_all() -> None:
    """Close the connections that are kept, and keep no more."""
    global _keeps
    _keeps = False
    while _KEPT:
        _KEPT.popitem()[1].dispose()


def _engine_for(url: URL) -> Engine:
    """An engine: the one kept for this URL, where connections are kept."""
    if not _keeps or url.get_backend_name() == "sqlite":
        return _engine(url)
    key = url.render_as_string(hide_password=False)
    if key not in _KEPT:
        _KEPT[key] = _engine(url, keeps=True)
    return _KEPT[key]


def label_of(url: URL) -> str:
    """The database for people: no user, no password, no options."""
    backend = url.get_backend_name()
    if backend == "sqlite":
        return f"sqlite:///{_sqlite_file(url)}"
    port = url.port or (BACKENDS[backend].port if backend in BACKENDS else None)
    owner = f"?schema={url.query['schema']}" if "schema" in url.query else ""
    return f"{backend}://{url.host or 'localhost'}{f':{port}' if port else ''}/{url.database or ''}{owner}"


def source_id_of(url: URL) -> str:
    """The database for object keys: a readable stem and a hash of where it is, but not of who asks."""
    stem = Path(url.database or url.get_backend_name()).stem
    readable = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:40] or "books"
    return f"{readable}-{hashlib.sha256(label_of(url).encode()).hexdigest()[:10]}"


# --- making the connection -------------------------------------------------------------------------------


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        name = ALIASES.get(parsed.drivername, parsed.drivername)
        return parsed.set(drivername=BACKENDS[name].drivername) if name in BACKENDS else parsed
    except (ArgumentError, ValueError):
        raise InvalidRequest(
            "not a database URL; write postgresql+pg8000://USER:PASSWORD@HOST:PORT/DATABASE", "url"
        ) from None


def _engine(url: URL, *, keeps: bool = False) -> Engine:
    """An engine that keeps no idle connection, or one."""
    backend = url.get_backend_name()
    engine = _sqlite_engine(_sqlite_file(url)) if backend == "sqlite" else _server_engine(url, keeps)
    event.listen(engine, "do_connect", _dial)
    event.listen(engine, "connect", _prepare(backend))
    return engine


def _server_engine(url: URL, keeps: bool) -> Engine:
    backend = BACKENDS.get(url.get_backend_name())
    if backend is None:
        raise InvalidRequest(f"{url.get_backend_name()} is none of {', '.join(BACKENDS)}", "url")
    pool: dict[str, Any] = {"poolclass": NullPool}
    if keeps:
        pool = {"poolclass": QueuePool, "pool_size": 1, "pool_pre_ping": True, "pool_recycle": KEPT_SECONDS}
    bare = url.difference_update_query(OPTIONS)
    if backend.drivername.startswith("oracle"):
        bare = bare.set(database=None)  # the service goes with the address: see there
    try:
        return sqlalchemy.create_engine(bare, connect_args=backend.arguments(url), **pool)
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
        raise InvalidRequest(
            f"no driver for {url.drivername}: {error}; install {backend.package}", "url"
        ) from error


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


def _dial(dialect: Any, record: Any, args: Any, parameters: dict[str, Any]) -> Any:
    """Open pg8000's socket for it, so that connecting and reading have time limits of their own, and give a
    password to be refused with where there is none. Other drivers dial for themselves."""
    if dialect.name != "postgresql" or dialect.driver != "pg8000":
        return None
    parameters["password"] = parameters.get("password") or ""
    if "unix_sock" not in parameters:
        del parameters["timeout"]
        host, port = parameters.get("host") or "localhost", parameters.get("port") or _POSTGRESQL_PORT
        opened = socket.create_connection((host, int(port)), CONNECT_SECONDS)
        opened.settimeout(STATEMENT_SECONDS)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        parameters["sock"] = opened
    return dialect.loaded_dbapi.Connection(*args, **parameters)


def _prepare(backend: str) -> Any:
    def prepare(connection: Any, record: Any) -> None:
        if backend == "oracle":
            connection.call_timeout = STATEMENT_SECONDS * 1000
        cursor = connection.cursor()
        for statement in (*BACKENDS[backend].on_connect, *_time_limit(connection)):
            cursor.execute(statement)
        cursor.close()
        if backend == "postgresql":
            connection.commit()

    return prepare


def _time_limit(connection: Any) -> list[str]:
    """MariaDB's words for the longest run of one statement, and MySQL's; other servers are told otherwise."""
    if not hasattr(connection, "get_server_info"):
        return []
    if "mariadb" in str(connection.get_server_info()).lower():
        return [f"SET SESSION max_statement_time = {STATEMENT_SECONDS}"]
    return [f"SET SESSION max_execution_time = {STATEMENT_SECONDS * 1000}"]


def _begin(connection: Connection) -> None:
    """Begin the one transaction that everything is read in."""
    for statement in BACKENDS[connection.dialect.name].on_begin:
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "mssql":
        if connection.exec_driver_sql(_SNAPSHOTS).scalar() == 1:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
        else:
            logger.warning("the database allows no snapshots: what is written meanwhile may be read in part")


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
        raise SourceUnreachable(label, "there is no such file", CHECK_FILE)
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_SQLITE_HEADER))
    except OSError as error:
        raise SourceUnreachable(label, reason_of(error), CHECK_FILE) from error
    if start not in (_SQLITE_HEADER, b""):
        raise UnsupportedSchema(label, ["the header of an SQLite database"])


def _connect_once(engine: Engine, label: str) -> Connection:
    with errors_of(label, reading=False):
        connection = engine.connect()
        try:
            _begin(connection)
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()
        except BaseException:
            _close(connection)
            raise
    return connection


def _close(connection: Connection) -> None:
    """Close; a connection that broke has nothing left to say."""
    try:
        connection.close()
    except (DBAPIError, OSError):
        connection.invalidate()
