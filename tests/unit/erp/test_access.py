"""Access: how each kind of database is dialled, what its catalogue says, and what becomes of its errors."""

from __future__ import annotations

import sqlite3
import ssl
from contextlib import closing
from pathlib import Path

import oracledb
import pytest
from abax.erp import backends, connect, open_source
from abax.erp.backends import BACKENDS, ssl_mode
from abax.erp.catalogue import _CATALOGUES, chosen, schema_of
from abax.erp.connect import connected, keep_open, label_of, release_all
from abax.erp.driver_errors import errors_of
from abax.errors import (
    InvalidRequest,
    MalformedValue,
    SourceError,
    SourceInterrupted,
    SourceRefused,
    SourceUnreachable,
    UnsupportedSchema,
)
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError

from tests.support.scenario import sap
from tests.support.scenario.history import history
from tests.unit.erp.books import Books

ELSEWHERE = {
    "mssql": "mssql://reader:s3cret@db.example:1433/AxDB",
    "oracle": "oracle://reader:s3cret@db.example:1521/EBSPROD",
    "hana": "hana://reader:s3cret@db.example:30015",
    "mysql": "mysql://reader:s3cret@db.example/erp",
    "postgresql": "postgresql://reader:s3cret@db.example/odoo",
}


# --- encryption ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://h.example/x", "verify-full"),
        ("postgresql://10.0.0.7/x", "verify-full"),
        ("postgresql://127.0.0.1/x", "prefer"),
        ("postgresql://[::1]/x", "prefer"),
        ("postgresql://localhost/x", "prefer"),
        ("postgresql:///x", "prefer"),
        ("postgresql://h.example/x?sslmode=disable", "disable"),
    ],
)
def test_certificates_are_checked_unless_the_server_is_here(url: str, mode: str) -> None:
    assert ssl_mode(make_url(url)) == mode


@pytest.mark.parametrize("kind", ["mssql", "oracle", "hana", "mysql", "postgresql"])
def test_every_driver_is_told_to_check(kind: str) -> None:
    given = BACKENDS[kind].arguments(make_url(ELSEWHERE[kind]))
    context = given.get("ssl_context") or given.get("ssl")
    if kind == "mssql":
        assert (Path(given["cafile"]).suffix in (".pem", ".crt"), given["validate_host"]) == (True, True)
    elif kind == "hana":
        assert (given["encrypt"], given["sslValidateCertificate"]) == ("true", "true")
    else:
        assert isinstance(context, ssl.SSLContext)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    if kind == "oracle":
        assert (given["dsn"], given["ssl_server_dn_match"]) == ("tcps://db.example:1521/EBSPROD", True)


@pytest.mark.parametrize("kind", ["mssql", "oracle", "hana", "mysql", "postgresql"])
def test_encryption_is_left_out_only_when_told(kind: str) -> None:
    given = BACKENDS[kind].arguments(make_url(ELSEWHERE[kind] + "?sslmode=disable"))
    assert not given.get("ssl_context")
    assert not given.get("ssl")
    assert "cafile" not in given
    assert given.get("encrypt", "false") == "false"


def test_sql_servers_driver_cannot_encrypt_unchecked() -> None:
    with pytest.raises(InvalidRequest, match="verify-ca"):
        BACKENDS["mssql"].arguments(make_url(ELSEWHERE["mssql"] + "?sslmode=require"))


def test_an_oracle_url_names_its_service() -> None:
    with pytest.raises(InvalidRequest, match="SERVICE"), connected("oracle://u:p@127.0.0.1"):
        pass


@pytest.mark.parametrize("kind", sorted(ELSEWHERE))
def test_the_drivers_are_there_and_the_label_has_no_password(kind: str) -> None:
    url = connect._parsed(ELSEWHERE[kind])
    engine = connect._engine(url)
    assert engine.dialect.name in (kind, "mariadb")
    assert "s3cret" not in label_of(url)
    engine.dispose()


@pytest.mark.parametrize("kind", ["mssql", "oracle", "hana"])
def test_nothing_answering_is_unreachable(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "TRIES", 1)
    monkeypatch.setattr(backends, "CONNECT_SECONDS", 1)
    url = ELSEWHERE[kind].replace("db.example", "127.0.0.1").replace(":1433", ":1").replace(":1521", ":1")
    with (
        pytest.raises(SourceUnreachable, match=f"cannot reach {kind}"),
        connected(url.replace(":30015", ":1")),
    ):
        pass


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*args: object, **more: object) -> None:
        raise ModuleNotFoundError("No module named 'hdbcli'")

    monkeypatch.setattr(connect.sqlalchemy, "create_engine", absent)
    with pytest.raises(InvalidRequest, match=r"install abax\[hana\]"), connected(ELSEWHERE["hana"]):
        pass


# --- the catalogue ---------------------------------------------------------------------------------------

ROWS = [
    ("GL", "GL_LEDGERS", "LEDGER_ID"),
    ("GL", "GL_LEDGERS", "NAME"),
    ("GL", "GL_PERIODS", "PERIOD_NAME"),
    ("SCOTT", "GL_PERIODS", "MINE"),
    ("AR", "AR_PAYMENT_SCHEDULES_ALL", "ORG_ID"),
]


def test_a_table_is_taken_from_the_schema_that_has_most() -> None:
    schema = chosen(ROWS, None)
    assert schema.tables["GL_PERIODS"] == {"PERIOD_NAME"}
    assert schema.owners == {"GL_LEDGERS": "GL", "GL_PERIODS": "GL", "AR_PAYMENT_SCHEDULES_ALL": "AR"}


def test_a_schema_that_is_named_is_the_only_one() -> None:
    assert chosen(ROWS, "scott").tables == {"GL_PERIODS": frozenset({"MINE"})}


def test_two_schemas_alike_are_not_guessed_between() -> None:
    with pytest.raises(InvalidRequest, match=r"T000 is in the schemas PRD, QAS.*schema=PRD"):
        chosen([("PRD", "T000", "MANDT"), ("QAS", "T000", "MANDT")], None)


@pytest.mark.parametrize("kind", ["mssql", "oracle", "hana"])
def test_the_catalogue_is_asked_in_its_own_words(kind: str) -> None:
    dialect = create_engine(connect._parsed(ELSEWHERE[kind])).dialect
    asked = [
        str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        for query in _CATALOGUES[kind](["BKPF", "T000"])
    ]
    assert all("'BKPF', 'T000'" in sql for sql in asked)
    views = {
        "mssql": ["[INFORMATION_SCHEMA].[COLUMNS]"],
        "oracle": ['"SYS"."ALL_TAB_COLUMNS"', '"SYS"."ALL_SYNONYMS"'],
        "hana": ['"SYS"."TABLE_COLUMNS"', '"SYS"."VIEW_COLUMNS"'],
    }[kind]
    for view, sql in zip(views, asked, strict=True):
        assert view in sql


def test_a_named_schema_goes_with_every_table(tmp_path: Path) -> None:
    Books().sqlite(tmp_path / "books.sqlite")
    with connected(f"sqlite:///{tmp_path}/books.sqlite") as database:
        found = schema_of(database.connection, ["res_company", "nowhere"], "main")
    assert found.owners == {"res_company": "main"}
    assert "id" in found.tables["res_company"]


def test_a_copy_under_small_letters_is_read_as_if_in_capitals(tmp_path: Path) -> None:
    books = sap.write(history())
    books.sqlite(tmp_path / "sap.sqlite")
    with closing(sqlite3.connect(tmp_path / "sap.sqlite")) as copy, copy:
        for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in copy.execute(f'PRAGMA table_info("{name}")')]
            listed = ", ".join(f'"{column}" AS "{column.lower()}"' for column in columns)
            copy.execute(f'CREATE TABLE "copied" AS SELECT {listed} FROM "{name}"')
            copy.execute(f'DROP TABLE "{name}"')
            copy.execute(f'ALTER TABLE "copied" RENAME TO "{name.lower()}"')
    url = f"sqlite:///{tmp_path}/sap.sqlite"
    with open_source(url, settings=sap.SETTINGS) as source:
        lines = {year.year: year.lines for year in source.years(source.company(sap.COMPANY))}
    assert sum(lines.values()) > 2_000
    with connected(url) as database:
        schema = database.schema(["BKPF", "T001"])
        asked = str(select(schema.table("BKPF").c.BUKRS))
    assert schema.has("BKPF", "MANDT", "BUKRS")
    assert asked.replace("\n", "") == "SELECT bkpf.bukrs FROM bkpf"


@pytest.mark.postgres
def test_postgresql_tells_letter_cases_apart_and_is_asked_as_it_spells(postgres: object) -> None:
    url = postgres.create("small", 'CREATE TABLE bkpf (mandt text); CREATE TABLE "T001" ("MANDT" text);')  # type: ignore[attr-defined]
    with connected(url) as database:
        schema = database.schema(["BKPF", "T001"])
        for name in ("BKPF", "T001"):
            assert database.rows(select(schema.table(name).c.MANDT)) == []


# --- connections that are kept ---------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_kept_connection_is_used_again_and_sees_a_new_moment(
    postgres: object,
) -> None:
    keep_open()
    url = postgres.create("kept", "CREATE TABLE t (n int); INSERT INTO t VALUES (1);")  # type: ignore[attr-defined]
    asked = text("SELECT pg_backend_pid(), txid_current_if_assigned() IS NULL, pg_current_snapshot()::text")
    try:
        seen = []
        for _ in range(2):
            with connected(url) as database:
                seen.append(database.connection.execute(asked).one())
        assert seen[0][0] == seen[1][0]
        assert len(connect._KEPT) == 1
    finally:
        release_all()
    assert connect._KEPT == {}
    with connected(url) as database:
        assert database.connection.execute(asked).one()[0] != seen[0][0]


# --- errors ----------------------------------------------------------------------------------------------


class TdsError(Exception):
    """As python-tds raises them: a message, and the server's number beside it."""

    def __init__(self, number: int) -> None:
        super().__init__("what it said")
        self.number = number


class OracleError(Exception):
    """As oracledb raises them: an object with the number."""

    def __init__(self, number: int) -> None:
        class Content:
            code = number

            def __str__(self) -> str:
                return f"ORA-{number:05d}: what it said"

        super().__init__(Content())


class HanaError(Exception):
    """As hdbcli raises them: a number and a text."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "what it said")


@pytest.mark.parametrize(
    ("label", "raised", "expected"),
    [
        ("mssql://h/x", TdsError(18456), SourceRefused),
        ("mssql://h/x", TdsError(208), UnsupportedSchema),
        ("mssql://h/x", TdsError(1205), SourceInterrupted),
        ("mssql://h/x", TdsError(8114), MalformedValue),
        ("mssql://h/x", TdsError(50000), SourceError),
        ("oracle://h/x", OracleError(1017), SourceRefused),
        ("oracle://h/x", OracleError(942), UnsupportedSchema),
        ("oracle://h/x", OracleError(3113), SourceInterrupted),
        ("oracle://h/x", OracleError(1722), MalformedValue),
        ("oracle://h/x", Exception("DPY-4011: the database closed the connection"), SourceInterrupted),
        ("hana://h/", HanaError(10), SourceRefused),
        ("hana://h/", HanaError(258), SourceRefused),
        ("hana://h/", HanaError(259), UnsupportedSchema),
        ("hana://h/", HanaError(-10807), SourceInterrupted),
        ("hana://h/", HanaError(339), MalformedValue),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_the_servers_numbers_are_known(label: str, raised: Exception, expected: type) -> None:
    with pytest.raises(SourceError) as caught, errors_of(label, reading=True):
        raise DBAPIError("SELECT 1", {}, raised)
    assert type(caught.value) is expected
    assert label in str(caught.value)


def test_oracles_own_errors_look_as_they_do_here() -> None:
    """The shape that is relied on: an object with ``code`` as the first argument."""
    with pytest.raises(oracledb.Error) as caught:
        oracledb.connect(user="u", password="p", dsn="tcp://127.0.0.1:1/x", tcp_connect_timeout=1)
    assert hasattr(caught.value.args[0], "code")
