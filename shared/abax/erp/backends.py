"""The kinds of database that ERPs live in: how each is dialled, encrypted, and kept from being written to.

===========  =====================  =================================================================
PostgreSQL   pg8000                 one REPEATABLE READ transaction
MariaDB      PyMySQL                the same; MySQL too
SQLite       the standard library   a file, opened for reading
SQL Server   python-tds             SNAPSHOT where the database allows it, else READ COMMITTED
Oracle       oracledb, thin         READ ONLY, which is one moment too; the URL's path is the service
HANA         hdbcli (an extra)      REPEATABLE READ, READ ONLY
===========  =====================  =================================================================

In the URL, ``sslmode`` (``disable``, ``prefer``, ``require``, ``verify-ca``, ``verify-full``) and
``sslrootcert`` (a file of trusted certificates) say how the connection is encrypted. Left open, the server's
certificate and name are checked, but for a server on this very machine.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from sqlalchemy import URL

from abax.errors import InvalidRequest

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 600
"""Longest run of one statement, and longest silence of the server."""

DISABLE, PREFER, REQUIRE, VERIFY_CA, VERIFY_FULL = "disable", "prefer", "require", "verify-ca", "verify-full"
SSL_MODES: Final = (DISABLE, PREFER, REQUIRE, VERIFY_CA, VERIFY_FULL)
OPTIONS: Final = ("sslmode", "sslrootcert", "schema")
"""Of a URL, ours: no driver sees them."""


@dataclass(frozen=True)
class Backend:
    """A kind of database."""

    drivername: str
    """For SQLAlchemy: dialect and driver."""
    package: str
    """What is to be installed for it."""
    port: int | None = None
    arguments: Callable[[URL], dict[str, Any]] = lambda url: {}
    """What the driver is given besides the URL. Raises InvalidRequest."""
    on_connect: tuple[str, ...] = ()
    """Statements that a new connection begins with."""
    on_begin: tuple[str, ...] = ()
    """Statements that its transaction begins with."""
    prefetches: bool = True
    """Whether SQLAlchemy's streaming fits the driver; one that streams by itself goes without."""


def ssl_mode(url: URL) -> str:
    """How the connection is to be encrypted. Raises InvalidRequest for a mode that there is not."""
    mode = str(url.query.get("sslmode", "")) or (PREFER if _is_here(url) else VERIFY_FULL)
    if mode not in SSL_MODES:
        raise InvalidRequest(f"sslmode {mode!r} is not one of {', '.join(SSL_MODES)}", "url")
    return mode


def _is_here(url: URL) -> bool:
    """Whether the server is on this machine: behind a socket file, or a loopback address."""
    if not url.host or url.host == "localhost" or url.host.startswith("/"):
        return True
    try:
        return ip_address(url.host).is_loopback
    except ValueError:
        return False


def ssl_context(url: URL, mode: str) -> ssl.SSLContext | bool | None:
    """None tries encryption and does without, False does without, True and a context insist."""
    if mode in (DISABLE, PREFER):
        return None if mode == PREFER else False
    if mode == REQUIRE:
        return True
    context = _context(url)
    context.check_hostname = mode == VERIFY_FULL
    return context


def _context(url: URL) -> ssl.SSLContext:
    trusted = url.query.get("sslrootcert")
    try:
        return ssl.create_default_context(cafile=str(trusted) if trusted else None)
    except OSError as error:
        raise InvalidRequest(f"sslrootcert {trusted} cannot be read: {error}", "url") from error


def _unchecked(url: URL, mode: str) -> ssl.SSLContext:
    """A context that encrypts, and checks as far as ``mode`` says."""
    context = _context(url)
    context.check_hostname = mode == VERIFY_FULL
    if mode == REQUIRE:
        context.verify_mode = ssl.CERT_NONE
    return context


def _postgresql(url: URL) -> dict[str, Any]:
    return {"ssl_context": ssl_context(url, ssl_mode(url)), "timeout": CONNECT_SECONDS}


def _mariadb(url: URL) -> dict[str, Any]:
    mode = ssl_mode(url)
    encrypted = {"ssl": _unchecked(url, mode)} if mode not in (DISABLE, PREFER) else {}
    return {"connect_timeout": CONNECT_SECONDS, "read_timeout": STATEMENT_SECONDS, **encrypted}


def _mssql(url: URL) -> dict[str, Any]:
    """python-tds encrypts where it is given certificates to trust, and then checks them."""
    mode = ssl_mode(url)
    if mode == REQUIRE:
        raise InvalidRequest(
            "SQL Server's driver checks the certificate or does not encrypt: verify-ca", "url"
        )
    limits = {"login_timeout": CONNECT_SECONDS, "timeout": STATEMENT_SECONDS, "readonly": True}
    if mode in (DISABLE, PREFER):
        return limits
    _context(url)  # which says so where the certificates cannot be read
    paths = ssl.get_default_verify_paths()
    trusted = url.query.get("sslrootcert") or paths.cafile or paths.openssl_cafile
    return {**limits, "cafile": str(trusted), "validate_host": mode == VERIFY_FULL}


def _oracle(url: URL) -> dict[str, Any]:
    mode = ssl_mode(url)
    encrypted = mode not in (DISABLE, PREFER)
    if not url.database:
        raise InvalidRequest("name the service: oracle://USER:PASSWORD@HOST:1521/SERVICE", "url")
    protocol = "tcps" if encrypted else "tcp"
    limits = {"tcp_connect_timeout": CONNECT_SECONDS, "retry_count": 0}
    dsn = f"{protocol}://{url.host or 'localhost'}:{url.port or 1521}/{url.database}"
    if not encrypted:
        return {"dsn": dsn, **limits}
    matched = {"ssl_server_dn_match": mode == VERIFY_FULL}
    return {"dsn": dsn, "ssl_context": _unchecked(url, mode), **matched, **limits}


def _hana(url: URL) -> dict[str, Any]:
    mode = ssl_mode(url)
    encrypted, checked = mode not in (DISABLE, PREFER), mode in (VERIFY_CA, VERIFY_FULL)
    trusted = url.query.get("sslrootcert")
    if trusted:
        _context(url)
    return {
        "encrypt": str(encrypted).lower(),
        "sslValidateCertificate": str(checked).lower(),
        "connectTimeout": CONNECT_SECONDS * 1000,
        "communicationTimeout": STATEMENT_SECONDS * 1000,
        **({"sslTrustStore": str(trusted)} if trusted else {}),
        **({"sslHostNameInCertificate": "*"} if mode == VERIFY_CA else {}),
    }


_MARIADB: Final = Backend(
    "mariadb+pymysql",
    "PyMySQL",
    3306,
    _mariadb,
    (
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION TRANSACTION READ ONLY",
    ),
)
BACKENDS: Final[dict[str, Backend]] = {
    "postgresql": Backend(
        "postgresql+pg8000",
        "pg8000",
        5432,
        _postgresql,
        (
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            f"SET statement_timeout = '{STATEMENT_SECONDS}s'",
            "SET lock_timeout = '30s'",
            "SET jit = off",  # which costs more than it saves: 26 s against 8 on the marks of 300,000 lines
            "SET client_encoding = 'UTF8'",
            "SET datestyle = 'ISO'",
        ),
    ),
    "mariadb": _MARIADB,
    "mysql": Backend("mysql+pymysql", "PyMySQL", 3306, _mariadb, _MARIADB.on_connect),
    "sqlite": Backend("sqlite", "Python", None, on_connect=("PRAGMA query_only = ON", "BEGIN")),
    "mssql": Backend(
        "mssql+pytds",
        "abax[mssql]",
        1433,
        _mssql,
        ("SET LOCK_TIMEOUT 30000", "SET ANSI_NULLS ON", "SET DATEFIRST 1"),
        prefetches=False,
    ),
    "oracle": Backend(
        "oracle+oracledb",
        "abax[oracle]",
        1521,
        _oracle,
        (
            "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'",
            "ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD'",
        ),
        ("SET TRANSACTION READ ONLY",),
    ),
    "hana": Backend(
        "hana+hdbcli",
        "abax[hana]",
        30015,
        _hana,
        (),
        ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET TRANSACTION READ ONLY"),
    ),
}
ALIASES: Final = {"postgres": "postgresql"}
