"""ERPNext's books by hand, in a copy of its tables: what counts, what does not, and what is open."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import Source, extract_master, extract_year, open_source
from abax.erp.erpnext import _CONTACTS, _EMPTY, _LEDGER, _NEEDED, ErpNextModule
from abax.erp.source import Schema
from abax.errors import UnsupportedSchema
from abax.ledger import Ledger, aged, partner_accounts, run_checks
from abax.ledger.model import LedgerManifest

FIRM = "Acme"

ACCOUNT = ("name", "account_name", "account_number", "is_group", "root_type", "account_type", "lft", "rgt")
ACCOUNTS = [
    ("Assets - A", "Assets", "", 1, "Asset", "", 1, 20),
    ("Bank Accounts - A", "Bank Accounts", "", 1, "Asset", "Bank", 2, 5),
    ("Main Bank - A", "Main Bank", "1000", 0, "Asset", "", 3, 4),
    ("Debtors - A", "Debtors", "", 0, "Asset", "Receivable", 6, 7),
    ("Prepaid - A", "Prepaid", None, 0, "Asset", None, 8, 9),
    ("Creditors - A", "Creditors", "", 0, "Liability", "Payable", 22, 23),
    ("Reserves - A", "Reserves", "", 0, "Equity", "", 31, 32),
    ("Capital - A", "Capital", "", 0, "Equity", "Equity", 33, 34),
    ("Sales - A", "Sales", "", 0, "Income", "Income Account", 41, 42),
    ("Rent - A", "Rent", "", 0, "Expense", "Expense Account", 51, 52),
]


class Tables:
    """Rows by column name, into an SQLite file."""

    def __init__(self, file: Path) -> None:
        self.url = f"sqlite:///{file}"
        self.connection = sqlite3.connect(file)
        self.entries = self.subledger = 0
        for name, columns in {**_NEEDED, **_LEDGER, **_EMPTY}.items():
            more = ("transaction_currency",) if name == "tabGL Entry" else ()
            self.connection.execute(f'CREATE TABLE "{name}" ({", ".join((*columns, *more))})')

    def add(self, table: str, **values: object) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self.connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))
        self.connection.commit()

    def fiscal_year(self, name: str, start: str, end: str) -> None:
        self.add("tabFiscal Year", name=name, year_start_date=start, year_end_date=end, disabled=0)

    def entry(self, voucher: str, day: str, *lines: tuple[str, str], **more: object) -> None:
        """A voucher: account and signed amount, debit positive."""
        kind = more.pop("kind", "Journal Entry")
        for account, amount in lines:
            self.entries += 1
            debit, credit = max(Decimal(amount), Decimal(0)), max(-Decimal(amount), Decimal(0))
            sides = {"debit": f"{debit:.9f}", "credit": f"{credit:.9f}"}
            row = {
                "name": f"g{self.entries}",
                "posting_date": day,
                "account": account,
                "voucher_type": kind,
                "voucher_no": voucher,
                "company": FIRM,
                "is_opening": "No",
                "is_cancelled": 0,
                **sides,
                **{f"{side}_in_account_currency": amount for side, amount in sides.items()},
                "account_currency": "EUR",
                **more,
            }
            self.add("tabGL Entry", **row)

    def open_item(self, voucher: str, against: str, day: str, amount: str, **more: object) -> None:
        """A row of the payment ledger, of a customer's sales invoice."""
        self.subledger += 1
        row = {
            "name": f"p{self.subledger}",
            "posting_date": day,
            "company": FIRM,
            "account": "Debtors - A",
            "account_type": "Receivable",
            "party_type": "Customer",
            "party": "C1",
            "voucher_no": voucher,
            "voucher_type": "Sales Invoice" if voucher == against else "Payment Entry",
            "against_voucher_type": "Sales Invoice",
            "against_voucher_no": against,
            "amount": amount,
            "delinked": 0,
            **more,
        }
        self.add("tabPayment Ledger Entry", **row)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    made = Tables(tmp_path / "books.sqlite")
    made.add("tabCompany", name=FIRM, default_currency="EUR")
    for row in ACCOUNTS:
        names = (
            "name",
            "account_name",
            "account_number",
            "is_group",
            "root_type",
            "account_type",
            "lft",
            "rgt",
        )
        made.add("tabAccount", company=FIRM, **dict(zip(names, row, strict=True)))
    for year in (2024, 2025):
        made.fiscal_year(str(year), f"{year}-01-01", f"{year}-12-31")
    made.add("tabCustomer", name="C1", customer_name="Kunde Eins")
    made.entry("JE-1", "2024-01-02", ("Main Bank - A", "1000"), ("Capital - A", "-1000"), is_opening="Yes")
    made.entry("SI-1", "2024-03-01", ("Debtors - A", "119"), ("Sales - A", "-119"),
               kind="Sales Invoice", party_type="Customer", party="C1", due_date="2024-03-31")  # fmt: skip
    return made


@pytest.fixture
def source(tables: Tables) -> Iterator[Source]:
    with open_source(tables.url) as opened:
        yield opened


def ledger_of(tables: Tables, folder: Path) -> Ledger:
    objects = FolderObjects(folder / "objects")
    with open_source(tables.url) as source:
        [company] = source.companies()
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, {}, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
        )
    return Ledger.open(manifest, objects.fetch)


def balances(ledger: Ledger) -> dict[str, Decimal]:
    return dict(ledger.rows("SELECT account_id, sum(amount) FROM journal_lines GROUP BY 1"))


def test_it_is_told_from_other_systems_with_its_version(source: Source) -> None:
    assert (source.erp, source.version) == ("erpnext", "15")
    columns = {name: frozenset(names) for name, names in {**_NEEDED, **_LEDGER, **_EMPTY}.items()}
    assert ErpNextModule().probe(Schema(columns)).version == "14"


def test_what_is_missing_is_named(tables: Tables) -> None:
    tables.connection.execute('ALTER TABLE "tabGL Entry" DROP COLUMN is_cancelled')
    with pytest.raises(UnsupportedSchema, match=r"column tabGL Entry\.is_cancelled"), open_source(tables.url):
        pass


def test_accounts_have_the_type_of_the_nearest_group_or_of_their_root(tables: Tables, tmp_path: Path) -> None:
    with ledger_of(tables, tmp_path) as ledger:
        classes = {account.name: account.statement_class.value for account in ledger.accounts.values()}
    assert classes == {
        "Main Bank": "cash",
        "Debtors": "receivables",
        "Prepaid": "other_current_assets",
        "Creditors": "payables",
        "Reserves": "equity",
        "Capital": "equity",
        "Sales": "revenue",
        "Rent": "operating_expenses",
    }


def test_the_account_that_years_are_closed_into_holds_retained_earnings(
    tables: Tables, tmp_path: Path
) -> None:
    head = {"closing_account_head": "Reserves - A", "company": FIRM}
    tables.add("tabPeriod Closing Voucher", name="PCV-1", docstatus=1, **head)
    tables.add(
        "tabPeriod Closing Voucher",
        name="PCV-2",
        docstatus=2,
        **{**head, "closing_account_head": "Capital - A"},
    )
    tables.entry(
        "PCV-1", "2024-12-31", ("Sales - A", "119"), ("Reserves - A", "-119"), kind="Period Closing Voucher"
    )
    with ledger_of(tables, tmp_path) as ledger:
        assert ledger.accounts["Reserves - A"].statement_class == "retained_earnings"
        assert ledger.accounts["Capital - A"].statement_class == "equity"
        closing = ledger.rows("SELECT account_id FROM journal_lines WHERE is_closing ORDER BY 1")
        assert closing == [("Reserves - A",), ("Sales - A",)]
        assert all(check.passed for check in run_checks(ledger))


def test_cancelled_vouchers_other_finance_books_and_other_companies_do_not_count(
    tables: Tables, tmp_path: Path
) -> None:
    with ledger_of(tables, tmp_path / "before") as ledger:
        before = balances(ledger)
    rent = (("Rent - A", "7"), ("Main Bank - A", "-7"))
    back = (("Rent - A", "-7"), ("Main Bank - A", "7"))
    tables.entry("JE-2", "2024-04-01", *rent, is_cancelled=1)
    tables.entry("JE-2", "2024-04-02", *back, is_cancelled=1)
    tables.entry("JE-3", "2024-04-01", *rent, finance_book="IFRS")
    tables.entry("JE-4", "2024-04-01", *rent, company="Other")
    with ledger_of(tables, tmp_path / "after") as ledger:
        assert balances(ledger) == before
    tables.connection.execute("UPDATE tabCompany SET default_finance_book = 'IFRS'")
    tables.connection.commit()
    with ledger_of(tables, tmp_path / "own book") as ledger:
        assert balances(ledger)["Rent - A"] == 7


def test_lines_say_who_what_and_where(tables: Tables, tmp_path: Path) -> None:
    places = {"cost_center": 'Main "A"', "project": "P1"}
    tables.entry("JE-9", "2024-05-01", ("Rent - A", "5"), ("Main Bank - A", "-5"), remarks="May", **places)
    with ledger_of(tables, tmp_path) as ledger:
        [found] = ledger.rows(
            "SELECT entry_id, entry_name, journal, label, dimensions, is_opening, document_currency "
            "FROM journal_lines WHERE account_id = 'Rent - A'"
        )
        assert found[:4] == ("Journal Entry|JE-9", "JE-9", "Journal Entry", "May")
        assert json.loads(found[4]) == {'cost_center:Main "A"': 100, "project:P1": 100}
        assert found[5:] == (False, "EUR")
        assert ledger.rows("SELECT count(*) FROM journal_lines WHERE is_opening") == [(2,)]
        assert ledger.rows("SELECT partner_id, name FROM partners") == [("Customer|C1", "Kunde Eins")]


def test_open_items_are_what_vouchers_came_to_less_what_settled_them(tables: Tables, tmp_path: Path) -> None:
    tables.open_item("SI-1", "SI-1", "2024-03-01", "119", due_date="2024-03-31")
    tables.open_item("PE-1", "SI-1", "2024-04-10", "-100")
    tables.open_item("PE-2", "SI-1", "2024-04-11", "-19", delinked=1)
    tables.open_item("SI-2", "SI-2", "2024-06-01", "50", due_date="2024-06-30")
    tables.open_item("PE-3", "SI-2", "2024-05-20", "-50")  # paid before it was invoiced
    with ledger_of(tables, tmp_path) as ledger:

        def opened(day: date) -> dict[str, tuple[Decimal, int]]:
            items = aged(ledger, "aged_receivables", day).items
            return {item.entry_name: (item.residual, item.bucket) for item in items}

        assert opened(date(2024, 3, 31)) == {"SI-1": (Decimal(119), 0)}
        assert opened(date(2024, 4, 1)) == {"SI-1": (Decimal(119), 1)}
        assert opened(date(2024, 4, 30)) == {"SI-1": (Decimal(19), 1)}
        assert opened(date(2024, 5, 25)) == {"SI-1": (Decimal(19), 2), "SI-2": (Decimal(-50), 0)}
        assert opened(date(2024, 6, 30)) == {"SI-1": (Decimal(19), 4)}


def test_what_settled_an_item_is_a_payment_where_its_voucher_says_so(tables: Tables, tmp_path: Path) -> None:
    tables.connection.execute("UPDATE tabAccount SET account_type = 'Bank' WHERE name = 'Main Bank - A'")
    tables.entry("JE-5", "2024-04-05", ("Main Bank - A", "5"), ("Debtors - A", "-5"))
    tables.entry("JE-6", "2024-04-06", ("Rent - A", "6"), ("Debtors - A", "-6"))
    tables.open_item("SI-1", "SI-1", "2024-03-01", "119")
    for day, (voucher, kind, amount) in enumerate(
        (("PE-1", "Payment Entry", "-4"), ("JE-5", "Journal Entry", "-5"), ("JE-6", "Journal Entry", "-6"),
         ("SI-7", "Sales Invoice", "-7"), ("X-8", "Of An App", "-8")), 4,
    ):  # fmt: skip
        tables.open_item(voucher, "SI-1", f"2024-04-0{day}", amount, voucher_type=kind)
    with ledger_of(tables, tmp_path) as ledger:
        found = ledger.rows("SELECT amount, is_payment FROM item_settlements ORDER BY amount")
        [item] = partner_accounts(ledger, date(2024, 12, 31)).items
    assert found == [(4, True), (5, True), (6, None), (7, False), (8, None)]
    assert (item.residual, [payment.amount for payment in item.payments]) == (Decimal(89), [4, 5])


def test_addresses_are_those_of_customers_suppliers_and_their_contacts(
    tables: Tables, tmp_path: Path
) -> None:
    with open_source(tables.url) as source:
        assert source.books.addresses(source.company(FIRM)) is None
    for party in ("Customer", "Supplier"):
        tables.connection.execute(f'ALTER TABLE "tab{party}" ADD COLUMN email_id')
    for name, columns in _CONTACTS.items():
        tables.connection.execute(f'CREATE TABLE "{name}" ({", ".join(columns)})')
    tables.connection.execute("UPDATE tabCustomer SET email_id = 'own@c1.example'")
    tables.add("tabSupplier", name="S1", supplier_name="Unused", email_id="own@s1.example")
    for contact, address, of, party in (
        ("Ana", "ana@c1.example", "Customer", "C1"),
        ("Bo", "bo@s1.example", "Supplier", "S1"),
        ("Cy", "cy@firm.example", "Company", FIRM),
    ):
        tables.add("tabContact Email", parent=contact, email_id=address)
        link = {"link_doctype": of, "link_name": party}
        tables.add("tabDynamic Link", parent=contact, parenttype="Contact", **link)
    tables.add("tabDynamic Link", parent="Bo", parenttype="Address", link_doctype="Customer", link_name="C1")
    with ledger_of(tables, tmp_path) as ledger:
        assert ledger.rows("SELECT * FROM addresses ORDER BY ALL") == [
            ("Customer|C1", "ana@c1.example"),
            ("Customer|C1", "own@c1.example"),
        ]


def test_payables_turn_their_sign_and_go_by_their_day_without_a_due_date(
    tables: Tables, tmp_path: Path
) -> None:
    supplier = {
        "account": "Creditors - A",
        "account_type": "Payable",
        "party_type": "Supplier",
        "party": "S1",
    }
    invoice = {"voucher_type": "Purchase Invoice", "against_voucher_type": "Purchase Invoice", **supplier}
    tables.open_item("PI-1", "PI-1", "2024-02-01", "80", **invoice)
    with ledger_of(tables, tmp_path) as ledger:
        [item] = aged(ledger, "aged_payables", date(2024, 2, 11)).items
        assert (item.residual, item.due_date, item.bucket) == (Decimal(-80), date(2024, 2, 1), 1)


def test_rates_are_read_either_way_round_and_selling_rates_before_others(
    tables: Tables, tmp_path: Path
) -> None:
    rate = {"date": "2024-01-01", "for_selling": 1}
    tables.add("tabCurrency Exchange", from_currency="USD", to_currency="EUR", exchange_rate="0.9", **rate)
    tables.add("tabCurrency Exchange", from_currency="EUR", to_currency="USD", exchange_rate="5", **rate)
    tables.add("tabCurrency Exchange", from_currency="EUR", to_currency="GBP", exchange_rate="0.8", **rate)
    other = {**rate, "for_selling": 0, "exchange_rate": "0.7"}
    tables.add("tabCurrency Exchange", from_currency="USD", to_currency="EUR", **other)
    with open_source(tables.url) as source:
        [company] = source.companies()
        keys = extract_master(source, company, {}, FolderObjects(tmp_path / "objects"))
    file = tmp_path / "objects" / keys["fx_rates"]
    rates = duckdb.sql(f"SELECT currency, rate FROM '{file}' ORDER BY 1").fetchall()
    assert rates == [("GBP", Decimal("1.25")), ("USD", Decimal("0.9"))]


def test_a_company_s_own_fiscal_year_goes_before_the_shared_one(tables: Tables) -> None:
    tables.add(
        "tabFiscal Year", name="2025-26", year_start_date="2025-04-01", year_end_date="2026-03-31", disabled=0
    )
    tables.add("tabFiscal Year Company", parent="2025-26", company="Other")
    with open_source(tables.url) as source:
        assert source.companies()[0].fiscal_year_end_month == 12
    tables.add("tabFiscal Year Company", parent="2025-26", company=FIRM)
    with open_source(tables.url) as source:
        assert source.companies()[0].fiscal_year_end_month == 3


def test_a_settlement_that_comes_later_changes_the_year_s_watermark(tables: Tables) -> None:
    def watermark() -> str:
        with open_source(tables.url) as source:
            [company] = source.companies()
            return source.year(company, 2024).watermark

    before = watermark()
    tables.open_item("PE-1", "SI-1", "2024-04-10", "-100")
    assert watermark() != before
