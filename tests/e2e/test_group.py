"""Groups of real books on real servers, beside sums that the servers make of them themselves."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.data import development_data
from tests.support.mariadb import Server as MariaDb
from tests.support.postgres import Server as Postgres

pytestmark = pytest.mark.postgres

D = Decimal
YEAR = "2025"


def abax(home: Path, *arguments: object) -> Any:
    environment = {**os.environ, "ABAX_HOME": str(home), "ABAX_MODEL_URL": "none:"}
    command = [sys.executable, "-m", "abax.cli", *map(str, arguments), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def group(folder: Path, currency: str, **members: dict[str, str]) -> Path:
    """A group's file; its first member is the parent."""
    lines = ['name = "Group"', f'currency = "{currency}"', f'parent = "{next(iter(members))}"']
    for name, own in members.items():
        lines += [f"[members.{name}]", *(f'{key} = "{value}"' for key, value in own.items())]
    file = folder / "GROUP.toml"
    file.write_text("\n".join(lines))
    return file


def value(found: Any, report: str, line: str, period: str = YEAR) -> Decimal:
    [statement] = [
        own for own in found["statements"] if (own["report"], own["granularity"]) == (report, "year")
    ]
    place = [column["label"] for column in statement["periods"]].index(period)
    return D(next((row["values"][place] for row in statement["lines"] if row["line"] == line), "0"))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"))


def test_two_companies_of_odoo_are_one_group_in_dollars(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.create("odoo17_group", development_data("erp/odoo17/odoo17.sql.gz"))
    file = group(
        tmp_path,
        "USD",
        your={"url": url, "company": "YourCompany"},
        nordwind={"url": url, "company": "Nordwind GmbH", "share": "60 %"},
    )
    found = abax(tmp_path, "group", "close", file, "--year", YEAR, "--out", tmp_path)
    assert all(check["passed"] for check in found["checks"])

    def theirs(company: int, *types: str) -> Decimal:
        names = ", ".join(f"'{kind}'" for kind in types)
        told = postgres.psql(
            "odoo17_group",
            "SELECT coalesce(sum(l.balance), 0) FROM account_move_line l JOIN account_account a ON "
            f"a.id = l.account_id WHERE l.parent_state = 'posted' AND l.company_id = {company} "
            f"AND l.date <= '2025-12-31' AND a.account_type IN ({names})",
        )
        return D(told.strip().splitlines()[-1].strip())

    # The dump's last quote of 2025 is 1 EUR = 1.17 USD.
    for line, kinds in {"cash": ["asset_cash"], "receivables": ["asset_receivable"]}.items():
        expected = theirs(1, *kinds) + cents(theirs(2, *kinds) * D("1.17"))
        assert value(found, "balance_sheet", line) == expected
    debts = ("liability_payable", "liability_credit_card", "liability_current", "liability_non_current")
    assets = ("asset_cash", "asset_receivable", "asset_current", "asset_prepayments", "asset_fixed")
    net = theirs(2, *assets, *debts, "asset_non_current") * D("1.17")
    assert abs(value(found, "balance_sheet", "non_controlling_interest") - net * D("0.4")) < D("0.05")
    page = (tmp_path / "group.html").read_text()
    assert "nordwind" in page and "60 %" in page


def test_three_companies_of_erpnext_are_one_group_in_euros(mariadb: MariaDb, tmp_path: Path) -> None:
    url = mariadb.create("erpnext15_group", development_data("erp/erpnext15/erpnext15.sql.gz"))
    file = group(
        tmp_path,
        "EUR",
        nordwind={"url": url, "company": "Nordwind GmbH"},
        wind={"url": url, "company": "Wind Power LLC", "share": "75 %"},
        demo={"url": url, "company": "Wind Power LLC (Demo)"},
    )
    found = abax(tmp_path, "group", "close", file, "--year", "2026", "--out", tmp_path)
    assert all(check["passed"] for check in found["checks"])
    shown = {own["name"]: own for own in found["members"]}
    rate = D(shown["wind"]["closing"])
    assert rate == D("0.862069")
    ours = value(found, "balance_sheet", "receivables", "2026")

    def theirs(company: str) -> Decimal:
        told = mariadb.sql(
            "SELECT sum(g.debit - g.credit) FROM `tabGL Entry` g JOIN `tabAccount` a ON a.name = g.account "
            f"WHERE g.is_cancelled = 0 AND g.company = '{company}' AND a.account_type = 'Receivable';",
            "erpnext15_group",
        )
        return D(told.strip().splitlines()[-1].strip())

    foreign = [cents(theirs(name) * rate) for name in ("Wind Power LLC", "Wind Power LLC (Demo)")]
    assert ours == cents(theirs("Nordwind GmbH")) + sum(foreign)
    parts = [
        value(found, "income_statement", f"attributable_to_{whose}", "2026")
        for whose in ("owners", "non_controlling")
    ]
    assert sum(parts) == value(found, "income_statement", "net_result", "2026")
    pounds = abax(tmp_path, "ledger", "present", "--currency", "USD", "--company", "Nordwind GmbH")
    assert all(check["passed"] for check in pounds["checks"])
    by_center = abax(tmp_path, "ledger", "segments", "--by", "cost_center", "--company", "Wind Power LLC")
    for row in by_center["lines"]:
        assert sum(map(D, row["values"])) + D(row["unassigned"]) == D(row["total"])
    assert by_center["segments"]
