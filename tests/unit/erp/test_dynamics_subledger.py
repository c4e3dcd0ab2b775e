"""Customers, vendors, exchange rates and dimensions of Dynamics 365 Finance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.erp.dynamics import DynamicsModule
from abax.erp.dynamics.subledger import SIDES
from abax.erp.source import completed, source_columns
from abax.ledger import aged, partner_accounts, require

from tests.support import postgres as pg
from tests.support.scenario.dynamics import (
    COST_CENTRE,
    CUSTOMER,
    OTHER_PARTITION,
    PAYMENT,
    REGION,
    TABLES,
    VENDOR,
    Books,
    at,
    posting,
)
from tests.support.scenario.tables import TableSet
from tests.unit.erp.test_dynamics import LEAP_DAY, YEAR_END, balances, company, ledger_of, opened, schema_of

SOLD, DUE, PAID = date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 15)
Row = dict[str, Any]


@pytest.fixture
def books() -> Books:
    return company()


def rows_of(
    books: Books | TableSet, folder: Path, table: str, area: str = "USMF", **chosen: str
) -> list[Row]:
    """What the declaration gives for a canonical table, as it is."""
    method = {
        "journal_lines": "posted_lines",
        "items": "all_items",
        "item_settlements": "all_item_settlements",
        "fx_rates": "rates",
    }.get(table, table)
    with opened(books, folder, **chosen) as source:
        query = getattr(source.books, method)(source.company(area))
        found = source.database.rows(completed(table, query)) if query is not None else []
    return [dict(zip(source_columns(table), row, strict=True)) for row in found]


def sale(books: Books, number: str, amount: str, customer: str = "C1", **more: Any) -> int:
    """An invoice, on both ledgers."""
    books.voucher(
        "USMF", number, SOLD, posting("1200", amount, posting=CUSTOMER), posting("4000", f"-{amount}")
    )
    values = {"VOUCHER": number, "INVOICE": f"INV-{number}", "DUEDATE": at(DUE), **more}
    return books.transaction("USMF", "CUST", customer, SOLD, Decimal(amount), **values)


def receipt(books: Books, number: str, amount: str, day: date = PAID, customer: str = "C1") -> int:
    books.voucher(
        "USMF", number, day, posting("1000", amount), posting("1200", f"-{amount}", posting=CUSTOMER)
    )
    return books.transaction("USMF", "CUST", customer, day, -Decimal(amount), VOUCHER=number)


# --- open items ---


def test_an_item_is_open_by_its_amount_less_what_settled_it_by_the_day(books: Books, tmp_path: Path) -> None:
    books.trader("USMF", "CUST", "C1", "Fabrikam")
    invoice, paid = sale(books, "S1", "119"), receipt(books, "R1", "100")
    books.settle("USMF", "CUST", invoice, paid, PAID, Decimal("100"))
    with ledger_of(books, tmp_path) as ledger:
        require(ledger)
        before, after = (aged(ledger, "aged_receivables", day) for day in (DUE, PAID))
    assert [(i.entry_name, i.partner, i.bucket, i.residual) for i in before.items] == [
        ("INV-S1", "Fabrikam", 0, Decimal("119.00"))
    ]
    assert [(i.entry_name, i.bucket, i.residual) for i in after.items] == [("INV-S1", 1, Decimal("19.00"))]


def test_payables_are_negative_and_on_the_vendors_account(books: Books, tmp_path: Path) -> None:
    books.voucher("USMF", "P1", SOLD, posting("5000", "80"), posting("2000", "-80", posting=VENDOR))
    books.transaction("USMF", "VEND", "C1", SOLD, Decimal("-80"), VOUCHER="P1", INVOICE="77")
    with ledger_of(books, tmp_path) as ledger:
        report = aged(ledger, "aged_payables", YEAR_END)
    assert [(i.entry_name, i.account_code, i.due_date, i.residual) for i in report.items] == [
        ("77", "2000", None, Decimal("-80.00"))
    ]


def test_what_a_settlement_takes_off_is_without_its_exchange_adjustment(books: Books, tmp_path: Path) -> None:
    """Sold at 90, paid at 95: the invoice is settled at the day's rate, five of which are a gain."""
    invoice, paid = sale(books, "S1", "90"), receipt(books, "R1", "95")
    books.settle("USMF", "CUST", invoice, paid, PAID, Decimal("95"), Decimal("5"))
    books.voucher("USMF", "X1", PAID, posting("1200", "5", posting=CUSTOMER), posting("4000", "-5"))
    with ledger_of(books, tmp_path) as ledger:
        assert aged(ledger, "aged_receivables", PAID).items == []
        assert balances(ledger)["1200"] == Decimal("300.25"), "which the subledger knows nothing of"


def test_invoices_that_wait_for_approval_are_not_open(books: Books, tmp_path: Path) -> None:
    sale(books, "S1", "5", APPROVED=0)
    assert rows_of(books, tmp_path, "items") == []


def test_another_company_s_transactions_are_not_open_here(books: Books, tmp_path: Path) -> None:
    own = sale(books, "S1", "5")
    other = books.transaction("DEMF", "CUST", "C1", SOLD, Decimal("6"), VOUCHER="S1")
    books.settle("DEMF", "CUST", other, other, PAID, Decimal("6"))
    books.other_partition()
    chosen = {"partition": "5637144576"}
    assert [row["item_id"] for row in rows_of(books, tmp_path / "a", "items", **chosen)] == [f"C:{own}"]
    assert rows_of(books, tmp_path / "b", "item_settlements", **chosen) == []


def test_an_item_is_on_the_account_of_its_voucher_else_on_the_usual_one(books: Books, tmp_path: Path) -> None:
    books.account("Shared", "1210", "Receivables abroad", 4, "AR")
    books.voucher("USMF", "S2", SOLD, posting("1210", "7", posting=CUSTOMER), posting("4000", "-7"))
    abroad = books.transaction("USMF", "CUST", "C2", SOLD, Decimal("7"), VOUCHER="S2")
    plain = sale(books, "S1", "5")
    lost = books.transaction("USMF", "CUST", "C3", PAID, Decimal("9"), VOUCHER="S2")  # of another day
    found = {row["item_id"]: row["account_id"] for row in rows_of(books, tmp_path, "items")}
    usual = books.account_id("USMF", "1200")
    assert found == {f"C:{abroad}": books.account_id("USMF", "1210"), f"C:{plain}": usual, f"C:{lost}": usual}


def test_dates_of_1900_say_that_there_is_none(books: Books, tmp_path: Path) -> None:
    sale(books, "S1", "5", DUEDATE=at(date(1900, 1, 1)), INVOICE="")
    [item] = rows_of(books, tmp_path, "items")
    assert (item["due_date"], item["document"]) == (None, "S1")


def test_without_settlements_there_are_no_open_items(books: Books, tmp_path: Path) -> None:
    sale(books, "S1", "5")
    books.tables.drop("VENDSETTLEMENT")
    assert rows_of(books, tmp_path / "items", "items") == []
    assert rows_of(books, tmp_path / "partners", "partners") == []
    assert DynamicsModule().probe(schema_of(books.tables)).lacks == {"open items": ["table VENDSETTLEMENT"]}


def test_a_settlement_is_a_payment_where_the_transaction_on_its_other_side_is_one(
    books: Books, tmp_path: Path
) -> None:
    invoice, note = sale(books, "S1", "119"), receipt(books, "CN1", "19")
    paid = receipt(books, "R1", "100")
    books.tables.rows("CUSTTRANS")[-1]["TRANSTYPE"] = PAYMENT
    books.settle("USMF", "CUST", invoice, paid, PAID, Decimal("100"))
    books.settle("USMF", "CUST", invoice, note, PAID, Decimal("19"))
    with ledger_of(books, tmp_path / "told") as ledger:
        [item] = partner_accounts(ledger, YEAR_END).items
    assert (item.number, item.settled_on, [payment.amount for payment in item.payments]) == (
        "INV-S1",
        PAID,
        [Decimal("100.00")],
    )
    books.tables.drop("CUSTSETTLEMENT", "OFFSETRECID")
    assert {row["is_payment"] for row in rows_of(books, tmp_path, "item_settlements")} == {None}


# --- partners ---


def test_partners_are_named_by_their_parties_and_known_as_companies_of_the_group(
    books: Books, tmp_path: Path
) -> None:
    sister = next(int(str(r["RECID"])) for r in books.tables.rows("DIRPARTYTABLE") if r["DATAAREA"] == "DEMF")
    books.trader("USMF", "CUST", "C1", "Fabrikam")
    books.trader("USMF", "CUST", "C2", "", party=sister)
    books.trader("DEMF", "CUST", "C3", "Known elsewhere")
    books.trader("USMF", "VEND", "C1", "A vendor of the same number")
    for number in ("C1", "C2", "C3"):
        sale(books, f"S{number}", "5", customer=number)
    books.transaction("USMF", "VEND", "C1", SOLD, Decimal("-1"), VOUCHER="P1")
    found = {
        row["partner_id"]: (row["name"], row["group_company"]) for row in rows_of(books, tmp_path, "partners")
    }
    assert found == {
        "C:C1": ("Fabrikam", None),
        "C:C2": ("Contoso Deutschland", "DEMF"),
        "C:C3": ("C3", None),
        "V:C1": ("A vendor of the same number", None),
    }


def test_partners_go_by_their_numbers_where_a_copy_has_no_masters(books: Books, tmp_path: Path) -> None:
    sale(books, "S1", "5")
    books.tables.drop("CUSTTABLE")
    [partner] = rows_of(books, tmp_path, "partners")
    assert (partner["partner_id"], partner["name"]) == ("C:C1", "C1")


def test_the_lines_of_a_voucher_have_its_partner_if_there_is_one_alone(books: Books, tmp_path: Path) -> None:
    sale(books, "S1", "5")
    sale(books, "S2", "6")
    books.transaction("USMF", "CUST", "C2", SOLD, Decimal("0"), VOUCHER="S2")
    books.voucher("DEMF", "S1", SOLD, posting("5000", "5"), posting("1000", "-5"))
    lines = rows_of(books, tmp_path / "us", "journal_lines")
    assert {(row["entry_name"], row["partner_id"]) for row in lines} == {
        *(("V1", None), ("V2", None), ("V3", None)),
        *(("S1", "C:C1"), ("S2", None)),
    }
    assert {row["partner_id"] for row in rows_of(books, tmp_path / "de", "journal_lines", area="DEMF")} == {
        None
    }


# --- exchange rates ---


def test_rates_are_per_hundred_and_of_the_ledger_s_own_kind(books: Books, tmp_path: Path) -> None:
    books.rate("EUR", "USD", LEAP_DAY, Decimal("108.5"))
    books.rate("USD", "EUR", LEAP_DAY, Decimal("99"))
    books.rate("USD", "SEK", LEAP_DAY, Decimal("1050"))
    books.rate("EUR", "USD", LEAP_DAY, Decimal("50"), kind=2)
    books.rate("EUR", "SEK", LEAP_DAY, Decimal("1130"))
    with ledger_of(books, tmp_path) as ledger:
        path = ledger.manifest.master["fx_rates"]
    assert path
    found = {
        row["currency"]: (Decimal(str(row["functional_units"])), Decimal(str(row["foreign_units"])))
        for row in rows_of(books, tmp_path / "again", "fx_rates")
    }
    assert found == {"EUR": (Decimal("108.5"), Decimal(100)), "SEK": (Decimal(100), Decimal(1050))}


def test_without_a_table_of_rates_those_of_transactions_are_taken(books: Books, tmp_path: Path) -> None:
    sale(books, "S1", "108", CURRENCYCODE="EUR", EXCHRATE=Decimal("108"))
    sale(books, "S2", "5")
    books.tables.drop("EXCHANGERATE")
    [rate] = rows_of(books, tmp_path, "fx_rates")
    assert (rate["currency"], rate["rate_date"]) == ("EUR", "2024-03-01")
    assert Decimal(str(rate["functional_units"])) / Decimal(str(rate["foreign_units"])) == Decimal("1.08")


# --- dimensions ---


@pytest.fixture
def with_dimensions(books: Books) -> Books:
    books.value(COST_CENTRE, "007", "Operations")
    books.value(COST_CENTRE, "008", "Sales", ACTIVEFROM=at(LEAP_DAY), ACTIVETO=at(YEAR_END))
    books.value(REGION, 'North "N"')
    both = {COST_CENTRE: "007", REGION: 'North "N"'}
    books.voucher(
        "USMF",
        "D1",
        SOLD,
        posting("5000", "3", dimensions=both),
        posting("1000", "-3", dimensions={REGION: ""}),
    )
    return books


EXPECTED = {"5000": '{"CostCenter:007":100,"D2_Region:North \'N\'":100}', "1000": None}


def dimensions_of(books: Books | TableSet, folder: Path) -> dict[str, str | None]:
    lines = rows_of(books, folder, "journal_lines")
    codes = {row["account_id"]: row["code"] for row in rows_of(books, folder / "chart", "accounts")}
    return {codes[row["account_id"]]: row["dimensions"] for row in lines if row["entry_name"] == "D1"}


def test_dimensions_are_read_from_the_columns_that_the_system_generated(
    with_dimensions: Books, tmp_path: Path
) -> None:
    assert dimensions_of(with_dimensions, tmp_path) == EXPECTED


def test_columns_are_found_by_the_dimensions_names_where_nothing_names_them(
    with_dimensions: Books, tmp_path: Path
) -> None:
    with_dimensions.tables.drop("DIMENSIONATTRIBUTE", "DIMENSIONVALUECOLUMNNAME", "DIMENSIONKEYCOLUMNNAME")
    assert dimensions_of(with_dimensions, tmp_path) == EXPECTED


def test_without_columns_the_same_is_read_from_the_tables_under_them(
    with_dimensions: Books, tmp_path: Path
) -> None:
    with_dimensions.without_dimension_columns()
    assert dimensions_of(with_dimensions, tmp_path) == EXPECTED


def test_without_the_list_of_dimensions_their_columns_name_them(
    with_dimensions: Books, tmp_path: Path
) -> None:
    with_dimensions.tables.drop("DIMENSIONATTRIBUTE")
    found = dimensions_of(with_dimensions, tmp_path)
    assert found == {"5000": '{"COSTCENTER:007":100,"D2_REGION:North \'N\'":100}', "1000": None}


def test_a_copy_with_neither_has_no_dimensions_and_says_so(with_dimensions: Books, tmp_path: Path) -> None:
    with_dimensions.without_dimension_columns()
    with_dimensions.tables.drop("DIMENSIONATTRIBUTELEVELVALUE")
    assert dimensions_of(with_dimensions, tmp_path) == {"5000": None, "1000": None}
    lacks = DynamicsModule().probe(schema_of(with_dimensions.tables)).lacks
    assert lacks == {"dimensions": ["table DIMENSIONATTRIBUTELEVELVALUE"]}


def test_another_partition_s_dimensions_do_not_mix_with_ours(with_dimensions: Books, tmp_path: Path) -> None:
    with_dimensions.other_partition()
    for row in with_dimensions.tables.rows("DIMENSIONATTRIBUTELEVELVALUE"):
        if row["PARTITION"] == OTHER_PARTITION:
            row["DISPLAYVALUE"] = "zzz"
    with_dimensions.without_dimension_columns()
    lines = rows_of(with_dimensions, tmp_path, "journal_lines", partition="5637144576")
    found = [row["dimensions"] for row in lines if row["entry_name"] == "D1"]
    assert sorted(found, key=str) == sorted(EXPECTED.values(), key=str)


def test_values_have_names_and_days_of_their_own(with_dimensions: Books, tmp_path: Path) -> None:
    found = {row["value_id"]: row for row in rows_of(with_dimensions, tmp_path, "dimensions")}
    assert {key: (row["dimension"], row["code"], row["name"]) for key, row in found.items()} == {
        "CostCenter:007": (COST_CENTRE, "007", "Operations"),
        "CostCenter:008": (COST_CENTRE, "008", "Sales"),
        "D2_Region:North 'N'": (REGION, 'North "N"', 'North "N"'),
    }
    assert (found["CostCenter:007"]["valid_from"], found["CostCenter:007"]["valid_to"]) == (None, None)
    assert found["CostCenter:008"]["valid_from"] == "2024-02-29"
    assert found["CostCenter:008"]["valid_to"] == "2024-12-31"


# --- both sides are made alike ---


def test_customers_and_vendors_are_told_apart_in_every_table() -> None:
    customers, vendors = SIDES
    assert set(customers).isdisjoint(vendors)
    assert {side.transactions for side in SIDES} <= set(TABLES)


@pytest.mark.postgres
def test_the_smallest_books_are_read_from_postgresql(
    with_dimensions: Books, tmp_path: Path, postgres: pg.Server
) -> None:
    books = with_dimensions
    books.trader("USMF", "CUST", "C1", "Fabrikam")
    invoice, paid = sale(books, "S1", "119"), receipt(books, "R1", "100")
    books.settle("USMF", "CUST", invoice, paid, PAID, Decimal("100"))
    books.rate("EUR", "USD", LEAP_DAY, Decimal("108.5"))
    books.tables.drop("DIMENSIONATTRIBUTE", "DIMENSIONVALUECOLUMNNAME", "DIMENSIONKEYCOLUMNNAME")
    with ledger_of(books, tmp_path, url=books.tables.postgres(postgres, "small_dynamics")) as ledger:
        require(ledger)
        [item] = aged(ledger, "aged_receivables", PAID).items
        assert (item.entry_name, item.residual) == ("INV-S1", Decimal("19.00"))
        assert ledger.rows("SELECT count(*) FROM dimensions") == [(3,)]
