"""``abax tie-out``: real books on real servers, beside what each system itself reports."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import sample
from tests.support.data import development_data
from tests.support.mariadb import Server as MariaDb
from tests.support.postgres import Server as Postgres
from tests.support.scenario import oracle_ebs
from tests.support.scenario.history import history

FIGURES = {"Nordwind GmbH": 900, "Wind Power LLC (Demo)": 170, "YourCompany": 480}
"""So many of each company's, at least, must be compared."""


def tie_out(url: str, reports: Path | None, home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    given = () if reports is None else ("--reports", str(reports))
    command = [sys.executable, "-m", "abax.cli", "tie-out", *given, *more]
    environment = {**os.environ, "ABAX_URL": url, "ABAX_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def erpnext(mariadb: MariaDb) -> str:
    return mariadb.create("erpnext15", development_data("erp/erpnext15/erpnext15.sql.gz"))


AS_14 = """
ALTER TABLE `tabGL Entry` DROP COLUMN voucher_subtype, DROP COLUMN transaction_currency,
  DROP COLUMN transaction_exchange_rate, DROP COLUMN debit_in_transaction_currency,
  DROP COLUMN credit_in_transaction_currency;
ALTER TABLE `tabPeriod Closing Voucher` ADD COLUMN posting_date date;
UPDATE `tabPeriod Closing Voucher` SET posting_date = period_end_date;
ALTER TABLE `tabPeriod Closing Voucher` DROP COLUMN period_start_date, DROP COLUMN period_end_date;
"""
"""What ERPNext 14 keeps otherwise, of what is read."""


@pytest.fixture(scope="module")
def erpnext_as_14(mariadb: MariaDb) -> str:
    return mariadb.create("erpnext14", development_data("erp/erpnext15/erpnext15.sql.gz"), AS_14)


@pytest.fixture(scope="module")
def odoo(postgres: Postgres) -> str:
    return postgres.create("odoo17_tie_out", development_data("erp/odoo17/odoo17.sql.gz"))


@pytest.mark.parametrize(
    ("kind", "books"), [("erpnext15", "erpnext"), ("erpnext15", "erpnext_as_14"), ("odoo17", "odoo")]
)
def test_every_figure_that_the_erp_reports_is_ours_to_the_cent(
    kind: str, books: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(books)
    done = tie_out(url, development_data(f"erp/{kind}/reports"), tmp_path, "--json")
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    tied = json.loads(done.stdout)
    assert tied
    for company in tied:
        off = [line for line in company["lines"] if float(line["difference"]) and not line["reason"]]
        assert not off
        assert len(company["lines"]) >= FIGURES[company["company"]]


def test_a_figure_that_is_off_is_shown_and_ends_with_1(erpnext: str, tmp_path: Path) -> None:
    theirs = development_data("erp/erpnext15/reports") / "Nordwind_GmbH__tb_2025.json"
    report = json.loads(theirs.read_text())
    report["result"][1]["debit"] += 0.01
    (tmp_path / "tb.json").write_text(json.dumps(report))
    done = tie_out(erpnext, tmp_path, tmp_path / "home")
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if "unexplained" in line]
    assert line.split()[-2] == "-0.01"
    assert "1 not" in done.stdout


def test_a_company_without_reports_and_a_file_that_is_none_are_named(erpnext: str, tmp_path: Path) -> None:
    reports = development_data("erp/erpnext15/reports")
    done = tie_out(erpnext, reports, tmp_path, "--company", "Wind Power LLC")
    assert done.returncode == 2
    assert "no reports on Wind Power LLC" in done.stderr
    (tmp_path / "odd.json").write_text("[1]")
    done = tie_out(erpnext, tmp_path, tmp_path / "home")
    assert done.returncode == 2
    assert "odd.json" in done.stderr


def test_without_reports_the_sources_own_totals_are_compared(tmp_path: Path) -> None:
    books = tmp_path / "ebs.sqlite"
    url = oracle_ebs.write(history()).sqlite(books)
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(oracle_ebs.MAPPING))
    chosen = [f"--set={name}={value}" for name, value in oracle_ebs.SETTINGS.items()]
    done = tie_out(url, None, tmp_path, *chosen, "--mapping", str(mapping))
    assert done.returncode == 0, done.stderr
    assert "0 explained, 0 not" in done.stdout
    with closing(sqlite3.connect(books)) as base, base:
        base.execute(
            "UPDATE GL_BALANCES SET PERIOD_NET_DR = PERIOD_NET_DR + 0.01 WHERE rowid = ("
            "SELECT min(rowid) FROM GL_BALANCES WHERE ACTUAL_FLAG = 'A' AND LEDGER_ID = 1 "
            "AND CURRENCY_CODE = 'EUR' AND TEMPLATE_ID IS NULL AND TRANSLATED_FLAG IS NULL "
            "AND PERIOD_YEAR = 2024 AND PERIOD_NET_DR > 0)"
        )
    done = tie_out(url, None, tmp_path, *chosen, "--mapping", str(mapping))
    assert done.returncode == 1
    assert "-0.01" in done.stdout


def test_a_source_without_totals_wants_reports(tmp_path: Path) -> None:
    done = tie_out(sample.url(), None, tmp_path)
    assert done.returncode == 2
    assert "give reports" in done.stderr


def test_another_erps_reports_are_refused(odoo: str, tmp_path: Path) -> None:
    done = tie_out(odoo, development_data("erp/erpnext15/reports"), tmp_path)
    assert done.returncode == 2
    assert "the reports are of erpnext, and the database is of odoo" in done.stderr
