"""ERPNext on a real MariaDB server: access, what goes wrong, and a close from end to end."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_year, open_source
from abax.errors import SourceInterrupted, SourceRefused, UnsupportedSchema
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.data import development_data
from tests.support.mariadb import MariaDbMissingError, Server, running

COMPANY = "Nordwind GmbH"


@pytest.fixture(scope="module")
def url(mariadb: Server) -> str:
    return mariadb.create("erpnext_access", development_data("erp/erpnext15/erpnext15.sql.gz"))


def test_a_wrong_password_and_a_database_without_rights_are_refused(mariadb: Server, url: str) -> None:
    with (
        pytest.raises(SourceRefused, match="Access denied") as caught,
        open_source(mariadb.url("erpnext_access", password="hunter2 secret")),
    ):
        pass
    assert "hunter2" not in str(caught.value)
    with pytest.raises(SourceRefused), open_source(mariadb.url("nowhere")):
        pass


def test_nothing_can_be_written(mariadb: Server, url: str) -> None:
    mariadb.sql("GRANT INSERT, UPDATE, DELETE ON erpnext_access.* TO abax@'127.0.0.1'")
    with open_source(url) as source, pytest.raises(DBAPIError, match="READ ONLY"):
        source.database.connection.execute(text("DELETE FROM tabCompany"))


def test_what_is_posted_meanwhile_is_not_seen(mariadb: Server, url: str) -> None:
    count = text("SELECT count(*) FROM tabCompany")
    with open_source(url) as source:
        before = source.database.connection.execute(count).scalar()
        mariadb.sql("INSERT INTO tabCompany (name) VALUES ('Late Ltd')", "erpnext_access")
        try:
            assert source.database.connection.execute(count).scalar() == before
        finally:
            mariadb.sql("DELETE FROM tabCompany WHERE name = 'Late Ltd'", "erpnext_access")


def test_a_dropped_column_is_named_with_the_version(mariadb: Server) -> None:
    spoilt = mariadb.create("spoilt", development_data("erp/erpnext15/erpnext15.sql.gz"))
    mariadb.sql("ALTER TABLE `tabGL Entry` DROP COLUMN is_cancelled", "spoilt")
    missing = r"lacks column tabGL Entry\.is_cancelled; .* suggests ERPNext 15"
    with pytest.raises(UnsupportedSchema, match=missing), open_source(spoilt):
        pass


@pytest.fixture
def own_server() -> Iterator[Server]:
    """One that a test may kill."""
    development_data("erp/erpnext15/erpnext15.sql.gz")
    try:
        with running() as server:
            yield server
    except MariaDbMissingError as missing:
        pytest.skip(str(missing))


def test_a_server_that_dies_while_reading_leaves_nothing_and_the_next_try_finishes(
    own_server: Server, tmp_path: Path
) -> None:
    dump = development_data("erp/erpnext15/erpnext15.sql.gz")
    url, objects = own_server.create("erpnext15", dump), FolderObjects(tmp_path)
    own_server.sql(
        "INSERT INTO `tabGL Entry` SELECT CONCAT(g.name, '-', s.seq), "
        + ", ".join(f"g.`{column}`" for column in _columns(own_server)[1:])
        + " FROM `tabGL Entry` g JOIN seq_1_to_200 s WHERE g.company = 'Nordwind GmbH'",
        "erpnext15",
    )
    killed: list[int] = []

    def die(rows: int) -> None:
        if not killed:
            killed.append(rows)
            own_server.kill()

    with open_source(url) as source:
        company = source.company(COMPANY)
        summary = source.years(company)[0]
        with pytest.raises(SourceInterrupted) as caught:
            extract_year(source, company, summary, objects, die)
    assert caught.value.retryable
    assert list(objects.keys("")) == []
    own_server.start()
    with open_source(url) as source:
        assert extract_year(source, company, summary, objects).lines == summary.lines


def _columns(server: Server) -> list[str]:
    found = server.sql(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'erpnext15' "
        "AND table_name = 'tabGL Entry' ORDER BY ordinal_position"
    )
    return found.split("\n")[:-1]


def test_a_close_from_the_command_line_passes_all_checks(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "abax.cli", "close", "--company", COMPANY, "--year", "2025", "--json"]
    environment = {**os.environ, "ABAX_URL": url, "ABAX_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    package = json.loads(done.stdout)["statements"]
    assert all(check["passed"] for check in package["checks"])
    assert len(package["checks"]) == 4


def test_a_late_posting_shows_between_two_snapshots(mariadb: Server, tmp_path: Path) -> None:
    url = mariadb.create("erpnext_late", development_data("erp/erpnext15/erpnext15.sql.gz"))

    def abax(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "abax.cli", *arguments]
        environment = {**os.environ, "ABAX_URL": url, "ABAX_HOME": str(tmp_path)}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    close = ("close", "--company", COMPANY, "--year", "2025", "--json")
    assert abax(*close).returncode == 0
    assert "Nordwind GmbH" in abax("ledger", "snapshot", "first").stdout
    assert abax("ledger", "diff", "first", "first").returncode == 0
    mariadb.sql(
        "CREATE TEMPORARY TABLE late SELECT * FROM `tabGL Entry` WHERE company = 'Nordwind GmbH' "
        "AND voucher_no = (SELECT voucher_no FROM `tabGL Entry` WHERE company = 'Nordwind GmbH' "
        "AND voucher_type = 'Payment Entry' AND posting_date BETWEEN '2024-01-01' AND '2024-12-31' "
        "AND is_cancelled = 0 LIMIT 1);"
        "UPDATE late SET name = CONCAT(name, '-late'), voucher_no = 'LATE-1';"
        "INSERT INTO `tabGL Entry` SELECT * FROM late",
        "erpnext_late",
    )
    assert abax(*close).returncode == 0
    assert abax("ledger", "snapshot", "second").returncode == 0
    assert abax("ledger", "snapshot").stdout.split() == ["first", "second"]
    taken = abax("ledger", "snapshot", "first")
    assert taken.returncode == 1
    assert "holds another ledger" in taken.stderr
    done = abax("ledger", "diff", "first", "second", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["removed"], found["changed"]) == (0, 0)
    assert found["added"] == len(found["lines"]) >= 2
    assert {line["entry_name"] for line in found["lines"]} == {"LATE-1"}
    assert {cell["year"] for cell in found["cells"]} == {2024}
    unknown = abax("ledger", "diff", "first", "third")
    assert unknown.returncode == 1
    assert "no snapshot 'third'; there are first, second" in unknown.stderr
