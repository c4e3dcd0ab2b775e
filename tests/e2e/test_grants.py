"""A login with just the rights that the grant script gives can read all that a close needs."""

import re
import subprocess
import sys

import pytest
import sqlglot
from abax.erp import open_source
from abax.erp.grants import grant_script
from abax.erp.registry import MODULES
from abax.errors import InvalidRequest

from tests.support.axelor import Books
from tests.support.data import development_data
from tests.support.mariadb import Server as MariaDb
from tests.support.postgres import Server as Postgres


def granted(erp: str, user: str, present: set[str]) -> str:
    """The script, with a password, for the tables that are there."""
    lines = grant_script(erp, user).replace("change me", "let me in").splitlines()
    tables = [re.search(r'SELECT ON (?:public\.)?["`](.*)["`] TO', line) for line in lines]
    return "\n".join(
        line for line, table in zip(lines, tables, strict=True) if not table or table[1] in present
    )


def read(url: str) -> None:
    with open_source(url) as source:
        company = source.companies()[0]
        assert source.years(company)
        assert source.master_watermark(company, {})


@pytest.mark.parametrize(
    ("erp", "dump"),
    [("odoo", "erp/odoo17/odoo17.sql.gz"), ("axelor", "erp/axelor_demo/axelor_8.1.5_schema.txt")],
)
def test_postgresql(postgres: Postgres, erp: str, dump: str) -> None:
    name, file = f"rights_{erp}", development_data(dump)
    if erp == "odoo":
        postgres.create(name, file)
    else:
        books = Books()
        books.add("base_currency", id=1, code_iso="EUR")
        books.add("base_company", id=1, name="A", currency=1)
        books.account("1", 1)
        books.add("account_account_type", id=1, technical_type_select="cash")
        books.move("M", "2024-01-01", ("1", "1.000"), ("1", "-1.000"))
        books.create(postgres, name, file)
    present = set(postgres.psql(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split())
    user = f"{erp}_reader"
    postgres.psql(name, granted(erp, user, present))
    try:
        read(postgres.url(name, "let me in", user))
    finally:
        postgres.psql(name, f"DROP OWNED BY {user}; DROP ROLE {user}")


def test_mariadb(mariadb: MariaDb) -> None:
    mariadb.create("rights", development_data("erp/erpnext15/erpnext15.sql.gz"))
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'rights'"
    mariadb.sql(granted("erpnext", "next_reader", set(mariadb.sql(tables).split("\n"))), "rights")
    read(mariadb.url("rights", "let me in", "next_reader"))


def test_the_script_is_printed_and_nonsense_is_refused() -> None:
    command = [sys.executable, "-m", "abax.cli", "erp", "grants", "erpnext", "--user", "eve"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == grant_script("erpnext", "eve")
    for erp, user, dialect in (("sage", "a", None), ("odoo", "a; DROP", None), ("odoo", "a", "db2")):
        with pytest.raises(InvalidRequest):
            grant_script(erp, user, dialect)


@pytest.mark.parametrize(
    ("erp", "dialect", "owner", "parser", "granted_on"),
    [
        ("sap", "hana", None, None, '"SAPHANADB"."ACDOCA"'),
        ("sap", "mssql", "prd", "tsql", "[prd].[BKPF]"),
        ("oracle_ebs", None, None, "oracle", "GL.GL_JE_LINES"),
        ("oracle_ebs", None, None, "oracle", "APPLSYS.FND_ID_FLEX_SEGMENTS"),
        ("dynamics", None, None, "tsql", "[dbo].[GENERALJOURNALENTRY]"),
    ],
)
def test_scripts_for_servers_that_cannot_run_here_parse_and_name_every_table(
    erp: str, dialect: str | None, owner: str | None, parser: str | None, granted_on: str
) -> None:
    script = grant_script(erp, "abax_reader", dialect, owner)
    assert f"GRANT SELECT ON {granted_on} TO abax_reader;" in script
    assert all(re.search(rf"\b{table}\b", script) for table in MODULES[erp].tables)
    assert not re.search(r"\b(INSERT|UPDATE|DELETE|ALL PRIVILEGES|DBA)\b", script)
    if parser:
        assert len(sqlglot.parse(script, read=parser)) > len(MODULES[erp].tables)
