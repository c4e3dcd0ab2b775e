"""``abax erp query``: a user's own questions, and nothing written."""

import json
import os
import subprocess
import sys

import pytest
from abax.erp.connect import connected
from abax.erp.raw import execute_query
from abax.errors import QueryRefused, SourceInterrupted

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
    with connected(url) as database, pytest.raises(SourceInterrupted):
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
