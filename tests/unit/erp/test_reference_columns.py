"""Copies that hold no more than the books take: no names, partners, subledgers, or columns that few know.
What a closed ledger says is the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.erp.probing import probe
from abax.ledger import Ledger, aged, run_checks

from tests.support.scenario.dynamics import CLOSING, PARTITION, posting
from tests.support.scenario.oracle_ebs_books import EbsBooks
from tests.unit.erp import ebs, sap_company
from tests.unit.erp import test_dynamics as dynamics
from tests.unit.erp.test_erpnext import Tables, balances, ledger_of

JULY = date(2024, 7, 31)


def lacks(url: str, settings: Mapping[str, str] | None = None) -> set[str]:
    return set(probe(url, settings=settings).lacks)


def open_on(ledger: Ledger, report: str, day: date) -> dict[str, Decimal]:
    return {f"{item.partner} {item.entry_name}": item.residual for item in aged(ledger, report, day).items}


# --- SAP ---


@pytest.mark.parametrize("shape", ["bseg", "bsis", "flexa", "s4"])
def test_sap_without_master_data(shape: str, tmp_path: Path) -> None:
    books = sap_company.begun(shape)
    tables = books.finish()
    kept = {"SKB1"} if shape == "bsis" else set()
    for name in {"SKAT", "SKB1", "TCURX", "KNA1", "LFA1", "T009", "T009B", "T030", "T880"} - kept:
        if name in tables.names():
            tables.drop(name)
    if shape == "s4":
        tables.drop("BKPF")
    url = tables.sqlite(tmp_path / "books.sqlite")
    told = {"names of accounts", "decimals of currencies", "partner names", "fiscal year variants"}
    assert told <= lacks(url)
    mapping = {**sap_company.MAPPING, "1200": "receivables", "2100": "retained_earnings", "3300": "payables"}
    with sap_company.ledger_of(books, tmp_path, mapping, url=url) as ledger:
        assert sap_company.balances(ledger) == sap_company.BEGUN
        assert ledger.rows("SELECT name FROM accounts WHERE code = '4000'") == [("0000004000",)]
        [item] = open_on(ledger, "aged_receivables", JULY)
        assert item.split()[0] in ("1", "(no")


def test_sap_without_its_list_of_decimals_goes_by_iso(tmp_path: Path) -> None:
    books = sap_company.company("bseg", "JPY")
    books.document(1, date(2024, 1, 2), *sap_company.moved("1000", "2000", "5000"))
    books.finish().drop("TCURX")
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    with sap_company.ledger_of(books, tmp_path, url=url) as ledger:
        assert ledger.rows("SELECT sum(debit) FROM journal_lines") == [(Decimal(5000),)]


@pytest.mark.parametrize("shape", ["bseg", "bsis", "s4"])
def test_sap_where_a_date_that_is_not_given_has_become_a_number(shape: str, tmp_path: Path) -> None:
    books = sap_company.begun(shape)
    tables = books.finish()
    for name in {"BSEG", "BSIS", "BSID", "ACDOCA"} & set(tables.names()):
        for row in tables.rows(name):
            row["AUGDT"] = 0
    url = tables.sqlite(tmp_path / "books.sqlite")
    with sap_company.ledger_of(books, tmp_path, url=url) as ledger:
        assert open_on(ledger, "aged_receivables", JULY) == {"Kunde Eins 2": Decimal("119.5")}


def test_saps_totals_may_call_their_client_otherwise(tmp_path: Path) -> None:
    books = sap_company.begun("flexa")
    url = books.finish().sqlite(tmp_path / "books.sqlite")
    with closing(sqlite3.connect(tmp_path / "books.sqlite")) as connection:
        connection.execute("ALTER TABLE FAGLFLEXT RENAME COLUMN RCLNT TO MANDT")
    with sap_company.ledger_of(books, tmp_path, url=url) as ledger:
        assert ledger.rows("SELECT count(*) FROM balances") == [(4,)]
        assert all(check.passed for check in run_checks(ledger))


# --- Oracle E-Business Suite ---


def bought_and_sold() -> EbsBooks:
    books = ebs.small_books()
    books.transaction("INV", 501, date(2024, 4, 1), date(2024, 5, 1), Decimal(300), "1200")
    [schedule] = [row for row in books.tables.rows("AR_PAYMENT_SCHEDULES_ALL") if row["TRX_NUMBER"] == "INV"]
    receipt = books.receipt("RCT", 501, date(2024, 5, 2), Decimal(120), "1200")
    books.apply(receipt, schedule, date(2024, 6, 1), Decimal(100))
    books.bill("BILL", 601, date(2024, 4, 1), [date(2024, 5, 1)], Decimal(70), "3300")
    lines = (("1200", "300"), ("4000", "-300"))
    ebs.move(books, "AR", date(2024, 4, 1), *lines, JE_SOURCE="Receivables")
    return books


LISTED_NOWHERE = {
    "GL_PERIODS": ("PERIOD_TYPE",),
    "FND_ID_FLEX_SEGMENTS": ("SEGMENT_NAME",),
    "AR_RECEIVABLE_APPLICATIONS_ALL": (
        *("ACCTD_EARNED_DISCOUNT_TAKEN", "ACCTD_UNEARNED_DISCOUNT_TAKEN", "CODE_COMBINATION_ID"),
        "CONFIRMED_FLAG",
    ),
    "RA_CUST_TRX_LINE_GL_DIST_ALL": (),
    "AR_ADJUSTMENTS_ALL": ("STATUS",),
    "AP_INVOICES_ALL": ("CANCELLED_AMOUNT",),
    "AP_INVOICE_PAYMENTS_ALL": ("INVOICE_PAYMENT_ID", "DISCOUNT_TAKEN"),
    "AP_INVOICE_DISTRIBUTIONS_ALL": (),
}


def test_oracle_without_columns_that_are_listed_nowhere(tmp_path: Path) -> None:
    books = bought_and_sold()
    with ebs.ledger_of(books.tables.sqlite(tmp_path / "whole.sqlite"), tmp_path) as ledger:
        whole = ebs.balances(ledger)
        items = [open_on(ledger, report, JULY) for report in ("aged_receivables", "aged_payables")]
    periods = books.tables.rows("GL_PERIODS")
    periods[:] = [row for row in periods if row["PERIOD_TYPE"] == "Month"]
    for table, columns in LISTED_NOWHERE.items():
        books.tables.drop(table, *columns)
    url = books.tables.sqlite(tmp_path / "copy.sqlite")
    told = {"accounts of receivables", "deductions from invoices", "discounts taken"}
    assert told <= lacks(url, ebs.SETTINGS)
    with ebs.ledger_of(url, tmp_path / "copy") as ledger:
        assert ebs.balances(ledger) == whole
        assert [open_on(ledger, report, JULY) for report in ("aged_receivables", "aged_payables")] == items
        may = open_on(ledger, "aged_receivables", date(2024, 5, 31))
    assert may == {"Kunde Eins INV": Decimal(300), "Kunde Eins RCT": Decimal(-120)}


@pytest.mark.parametrize("alone", ["FND_FLEX_VALUES_TL", "FND_FLEX_VALUES_VL", None])
def test_oracles_names_lie_in_one_table_or_in_none(alone: str | None, tmp_path: Path) -> None:
    books = ebs.small_books()
    sets = {row["FLEX_VALUE"]: row["FLEX_VALUE_SET_ID"] for row in books.tables.rows("FND_FLEX_VALUES")}
    for table in ("FND_FLEX_VALUES", "FND_FLEX_VALUES_TL", "HZ_PARTIES", "GL_BALANCES"):
        books.tables.drop(table)
    if alone:
        spoken = ", LANGUAGE varchar2(4)" if alone.endswith("TL") else ""
        kinds = "FLEX_VALUE_SET_ID number(10), FLEX_VALUE varchar2(150), DESCRIPTION varchar2(240)"
        books.tables.table(alone, kinds + spoken)
        for language, text in (("US", "Bank"), ("D", "Bankkonto"))[: 2 if spoken else 1]:
            more = {"LANGUAGE": language} if spoken else {}
            books.tables.add(
                alone, FLEX_VALUE_SET_ID=sets["1000"], FLEX_VALUE="1000", DESCRIPTION=text, **more
            )
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    assert ("names of accounts and segments" in lacks(url, ebs.SETTINGS)) is (alone is None)
    with ebs.ledger_of(url, tmp_path) as ledger:
        [name] = [name for code, name in ledger.rows("SELECT code, name FROM accounts") if code == "1000"]
        assert name == ("Bank" if alone else "1000")


# --- Dynamics 365 Finance ---


def test_dynamics_without_data_areas_goes_by_the_names_of_ledgers(tmp_path: Path) -> None:
    books = dynamics.company()
    for row in books.tables.rows("GENERALJOURNALENTRY"):  # Vouchers may spell it otherwise.
        row["SUBLEDGERVOUCHERDATAAREAID"] = str(row["SUBLEDGERVOUCHERDATAAREAID"]).lower()
    books.tables.drop("DIRPARTYTABLE", "DATAAREA")
    for name in ("CUSTTRANS", "VENDTRANS", "CUSTTABLE", "VENDTABLE", "MAINACCOUNTCATEGORY"):
        books.tables.drop(name)
    chosen = {"partition": str(PARTITION)}
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    assert "data areas of legal entities" in lacks(url, chosen)
    with dynamics.opened(books, tmp_path, url, **chosen) as source:
        named = {company.company_id: company.name for company in source.companies()}
    assert named == {"usmf": "Contoso Entertainment", "DEMF": "Contoso Deutschland"}
    assert dynamics.read_balances(books, tmp_path, "usmf", **chosen) == dynamics.PLAIN


@pytest.mark.parametrize("left", ["0", "20"])
def test_dynamics_closes_a_year_into_an_account_of_any_kind(left: str, tmp_path: Path) -> None:
    books = dynamics.company()
    books.tables.drop("MAINACCOUNTCATEGORY")
    taken = Decimal("120.10") - Decimal(left)
    lines = [("4000", Decimal("300.25")), ("5000", -taken), ("3300", taken - Decimal("300.25"))]
    closing = [posting(code, str(amount)) for code, amount in lines]
    mapping = {"1000": "cash", "1200": "receivables", "3300": "retained_earnings"}
    books.voucher("USMF", "CLOSE", date(2024, 12, 31), *closing, kind=CLOSING)
    with dynamics.ledger_of(books, tmp_path, mapping=mapping, partition=str(PARTITION)) as ledger:
        result = dynamics.balances(ledger, "NOT is_closing AND code IN ('4000', '5000')")
    # What leaves something is no closing: it is an adjustment by hand.
    expected = {"4000": "-300.25", "5000": "120.10"} if left == "0" else {"5000": left}
    assert result == {code: Decimal(amount) for code, amount in expected.items()}


# --- ERPNext ---


def test_erpnext_with_its_general_ledger_alone(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "books.sqlite")
    tables.add("tabCompany", name="Acme", default_currency="EUR")
    for place, (name, root) in enumerate((("Bank", "Asset"), ("Sales", "Income"))):
        tables.add("tabAccount", name=name, account_name=name, is_group=0, company="Acme", root_type=root,
                   lft=2 * place, rgt=2 * place + 1)  # fmt: skip
    tables.fiscal_year("2024", "2024-01-01", "2024-12-31")
    tables.entry("V1", "2024-01-02", ("Bank", "50"), ("Sales", "-50"), party_type="Customer", party="C1")
    for name in (
        "Fiscal Year Company",
        "Period Closing Voucher",
        "Currency Exchange",
        "Customer",
        "Supplier",
    ):
        tables.connection.execute(f'DROP TABLE "tab{name}"')
    tables.connection.execute('DROP TABLE "tabPayment Ledger Entry"')
    tables.connection.commit()
    assert {"open items", "exchange rates", "partner names"} <= lacks(tables.url)
    with ledger_of(tables, tmp_path) as ledger:
        assert balances(ledger) == {"Bank": Decimal(50), "Sales": Decimal(-50)}
        assert [name for (name,) in ledger.rows("SELECT name FROM partners")] == ["C1"]
