"""A login with just the rights that the grant script gives can read all that a close needs."""

import re
import subprocess
import sys

import pytest
from abax.erp import open_source
from abax.erp.grants import grant_script
from abax.errors import InvalidRequest

from tests.support.axelor import Books
from tests.support.data import development_data
from tests.support.mariadb import Server as MariaDb
from tests.support.postgres import Server as Postgres


def granted(erp: str, user: str, present: set[str]) -> str:
    """The script, with a password, for the tables that are there."""
    lines = grant_script(erp, user).replace("change me", "let me in").splitlines()
    tables = [re.search(r'SELECT ON ["`](.*)["`] TO', line) for line in lines]
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
    for erp, user, dialect in (("sage", "a", None), ("odoo", "a; DROP", None), ("odoo", "a", "oracle")):
        with pytest.raises(InvalidRequest):
            grant_script(erp, user, dialect)
