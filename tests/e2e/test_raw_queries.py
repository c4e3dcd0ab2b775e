"""``abax erp query``: a user's own questions, and nothing written."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from abax.erp.connect import Database, connected
from abax.erp.raw import _call, execute_procedure, execute_query
from abax.errors import QueryOverran, QueryRefused, SourceError
from sqlalchemy import create_engine

from tests.support import sample
from tests.support.mariadb import Server as MariaDb
from tests.support.postgres import Server as Postgres

ROWS = "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y');"


@pytest.fixture(scope="module", params=["postgresql", "mariadb", "sqlite"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.create("raw", ROWS)
    if request.param == "mariadb":
        maria: MariaDb = request.getfixturevalue("mariadb")
        url = maria.create("raw")
        maria.sql(ROWS, "raw")
        return url
    return sample.url()


def test_parameters_are_bound_and_rows_limited(url: str) -> None:
    table, column = ("res_company", "name") if url.startswith("sqlite") else ("t", "b")
    with connected(url) as database:
        found = execute_query(database, f"SELECT {column} FROM {table} ORDER BY 1", limit=1)
        assert (found.columns, len(found.rows), found.truncated) == ([column], 1, True)
        evil = "x' OR '1'='1"
        assert execute_query(database, f"SELECT 1 FROM {table} WHERE {column} = :v", {"v": evil}).rows == []


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "SELECT 1; DROP TABLE t",
        "SELECT * INTO copy FROM t",
        "/* SELECT */ UPDATE t SET a = 1",
        "",
        "SELECT :missing",
    ],
)
def test_what_may_write_is_refused(url: str, sql: str) -> None:
    with connected(url) as database, pytest.raises(QueryRefused, match="was not run"):
        execute_query(database, sql)


def test_words_within_texts_and_names_are_no_statements(url: str) -> None:
    with connected(url) as database:
        found = execute_query(database, "SELECT 'delete; it''s' AS a -- drop")
        assert found.rows == [["delete; it's"]]


def test_a_query_ends_when_its_time_is_up(url: str) -> None:
    slow = {
        "postgresql": "SELECT pg_sleep(20)",
        "mariadb": "SELECT sleep(20) FROM t",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    }[url.split("+")[0].split(":")[0]]
    with connected(url) as database, pytest.raises(QueryOverran):
        execute_query(database, slow, seconds=0.3)


def test_the_command_prints_rows_and_refuses_nonsense(postgres: Postgres) -> None:
    url = postgres.create("raw_cli", ROWS)

    def query(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "abax.cli", "erp", "query", *arguments]
        return subprocess.run(
            command, env={**os.environ, "ABAX_URL": url}, capture_output=True, text=True, check=False
        )

    done = query("SELECT a, b FROM t WHERE b = :b", "--param", "b=x", "--json")
    assert json.loads(done.stdout)["rows"] == [[1, "x"]]
    assert "2 rows" in query("SELECT * FROM t").stderr
    refused = query("DROP TABLE t")
    assert refused.returncode == 2
    assert "'drop'" in refused.stderr


# --- procedures ------------------------------------------------------------------------------------------

PG_ROUTINES = (
    ROWS
    + """
CREATE FUNCTION above(lowest int) RETURNS SETOF t LANGUAGE sql
AS 'SELECT * FROM t WHERE a > lowest ORDER BY a';
CREATE FUNCTION emptied() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN 1; END';
CREATE PROCEDURE doubled(INOUT n int) LANGUAGE plpgsql AS 'BEGIN n := n * 2; END';
"""
)
MARIA_ROUTINES = """
CREATE PROCEDURE above(lowest int) SELECT * FROM t WHERE a > lowest ORDER BY a;
CREATE PROCEDURE emptied() DELETE FROM t;
"""


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def routines(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.create("routines", PG_ROUTINES)
    maria: MariaDb = request.getfixturevalue("mariadb")
    url = maria.create("routines")
    maria.sql(ROWS + MARIA_ROUTINES, "routines")
    maria.sql("GRANT EXECUTE ON routines.* TO abax@'127.0.0.1'")
    return url


def test_a_procedure_that_reads_gives_its_rows(routines: str) -> None:
    with connected(routines) as database:
        found = execute_procedure(database, "above", {"lowest": 1})
    assert (found.columns, found.rows) == (["a", "b"], [[2, "y"]])


def test_a_procedure_that_writes_is_refused(routines: str) -> None:
    with connected(routines) as database:
        with pytest.raises(SourceError, match=r"(?i)read.only"):
            execute_procedure(database, "emptied")
        database.connection.rollback()
        assert execute_query(database, "SELECT count(*) FROM t").rows == [[2]]


def test_a_procedure_of_postgresql_is_called(postgres: Postgres) -> None:
    url = postgres.create("called", PG_ROUTINES)
    with connected(url) as database:
        assert execute_procedure(database, "doubled", {"n": 21}).rows == [[42]]


@pytest.mark.parametrize("name", ["drop table", "a;b", "a.b;c", "", "1a"])
def test_a_name_that_is_none_is_refused(routines: str, name: str) -> None:
    with connected(routines) as database, pytest.raises(QueryRefused, match="is no name"):
        execute_procedure(database, name)


def test_sqlite_has_none() -> None:
    with connected(sample.url()) as database, pytest.raises(QueryRefused, match="SQLite"):
        execute_procedure(database, "above")


@pytest.mark.parametrize(
    ("dialect", "call"),
    [
        ("mssql+pytds", "EXEC dbo.above @lowest = :lowest"),
        ("oracle+oracledb", "BEGIN dbo.above(lowest => :lowest); END;"),
        ("hana+hdbcli", "CALL dbo.above(:lowest)"),
    ],
)
def test_other_servers_are_called_in_their_words(dialect: str, call: str) -> None:
    engine = create_engine(f"{dialect}://")
    database = Database(SimpleNamespace(dialect=engine.dialect), "x", "x")  # type: ignore[arg-type]
    assert _call(database, "dbo.above", ["lowest"]) == call
