"""What suppliers call their bills, in each ERP that keeps it apart from the number of the entry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.ledger import Ledger, partner_accounts
from abax.ledger.model import LedgerManifest, PartnerItem

from tests.support.scenario import axelor, erpnext, odoo, sap
from tests.support.scenario.history import History, history
from tests.support.scenario.tables import TableSet
from tests.support.scenario.told import days_of

BILLED = "PI"
"""How documents of suppliers' invoices begin."""


def of_odoo(tables: TableSet) -> None:
    """Of customers' invoices it is the customer's order, and no number of the invoice."""
    for row in tables.rows("account_move"):
        bill = str(row["name"]).startswith(BILLED)
        row |= {"ref": f"their-{row['name']}", "move_type": "in_invoice" if bill else "out_invoice"}


def of_axelor(tables: TableSet) -> None:
    tables.table("account_invoice", "id bigint, move bigint, supplier_invoice_nb varchar(255)")
    for row in tables.rows("account_move"):
        bill = str(row["reference"]).startswith(BILLED)
        number = f"their-{row['reference']}" if bill else None
        tables.add("account_invoice", id=row["id"], move=row["id"], supplier_invoice_nb=number)


def of_erpnext(tables: TableSet) -> None:
    """A sales invoice may have the name of a bill."""
    tables.table("tabPurchase Invoice", "name varchar(140), bill_no varchar(140)")
    numbers = {str(row["against_voucher_no"]) for row in tables.rows("tabPayment Ledger Entry")}
    for number in sorted(numbers):
        tables.add("tabPurchase Invoice", name=number, bill_no=f"their-{number}")


def of_sap(tables: TableSet) -> None:
    """Each document has one, of both sides: customers know their invoices by it."""
    for name in ("BKPF", "BSIK", "BSAK", "BSID", "BSAD"):
        if name in tables.names():
            for row in tables.rows(name):
                row["XBLNR"] = f"their-{row['BELNR']}"[:16]


def items_of(module: Any, tables: TableSet, happened: History, folder: Path) -> list[PartnerItem]:
    objects = FolderObjects(folder)
    with open_source(tables.sqlite(folder / "books.sqlite"), settings=module.SETTINGS) as source:
        company = source.company(module.COMPANY)
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, module.MAPPING, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
            mapping=module.MAPPING,
            settings=module.SETTINGS,
        )
    with Ledger.open(manifest, objects.fetch) as ledger:
        return partner_accounts(ledger, days_of(happened)[-1], months=60).items


@pytest.mark.parametrize(
    ("module", "variant", "known"),
    [
        (odoo, {}, of_odoo),
        (axelor, {}, of_axelor),
        (erpnext, {}, of_erpnext),
    ],
)
def test_bills_are_told_with_the_supplier_s_own_number(
    module: Any, variant: dict[str, str], known: Callable[[TableSet], None], tmp_path: Path
) -> None:
    happened = history()
    tables = module.write(happened, **variant)
    known(tables)
    told = {item.number: item.reference for item in items_of(module, tables, happened, tmp_path)}
    bills = {number for number in told if number.startswith(BILLED)}
    assert len(bills) > 20
    assert {number: told[number] for number in bills} == {number: f"their-{number}" for number in bills}
    assert {told[number] for number in told if number.startswith("SI")} == {""}


@pytest.mark.parametrize("shape", ["s4", "bseg", "bsis"])
def test_sap_tells_the_reference_of_each_document(shape: str, tmp_path: Path) -> None:
    happened = history()
    tables = sap.write(happened, shape=shape)
    of_sap(tables)
    told = {item.number: item.reference for item in items_of(sap, tables, happened, tmp_path)}
    assert len(told) > 100
    assert all(reference == f"their-{number}"[:16] for number, reference in told.items())


@pytest.mark.parametrize(
    ("module", "variant", "table", "columns"),
    [(sap, {"shape": "s4"}, "BKPF", ("XBLNR",)), (odoo, {}, "account_move", ("ref",))],
)
def test_a_copy_without_them_is_read_without_them(
    module: Any, variant: dict[str, str], table: str, columns: tuple[str, ...], tmp_path: Path
) -> None:
    happened = history()
    tables = module.write(happened, **variant)
    tables.drop(table, *columns)
    assert {item.reference for item in items_of(module, tables, happened, tmp_path)} == {""}
