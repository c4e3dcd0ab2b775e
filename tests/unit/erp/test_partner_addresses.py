"""Addresses of customers and vendors in ERPs that keep them apart from names: of those with items alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from abax.erp import open_source

from tests.support.scenario import dynamics, oracle_ebs, sap
from tests.support.scenario.history import PARTNERS, history
from tests.support.scenario.sap_tables import CLIENT
from tests.support.scenario.tables import TableSet

CUSTOMER = next(partner.name for partner in PARTNERS if partner.role == "customer")
SUPPLIER = next(partner.name for partner in PARTNERS if partner.role == "supplier")


def of_sap(tables: TableSet) -> None:
    """Each of them has an address of the same number in another client too."""
    numbers = {CUSTOMER: "0000000007", SUPPLIER: "0000000008"}
    for master in ("KNA1", "LFA1"):
        for row in tables.rows(master):
            row["ADRNR"] = numbers.get(str(row["NAME1"]), " ")
    for client, domain in ((CLIENT, "own.example"), ("200", "copy.example")):
        for name, number in numbers.items():
            tables.add("ADR6", CLIENT=client, ADDRNUMBER=number, SMTP_ADDR=f"{name[:2]}@{domain}")
        tables.add("ADR6", CLIENT=client, ADDRNUMBER=" ", SMTP_ADDR=f"nobody@{domain}")
        tables.add("ADR6", CLIENT=client, ADDRNUMBER="0000000007", SMTP_ADDR=" ")


def of_oracle(tables: TableSet) -> None:
    [party] = [row for row in tables.rows("HZ_PARTIES") if row["PARTY_NAME"] == CUSTOMER]
    party["EMAIL_ADDRESS"] = f"{CUSTOMER[:2]}@own.example"
    [supplier] = [row for row in tables.rows("AP_SUPPLIERS") if row["VENDOR_NAME"] == SUPPLIER]
    for number, mail in ((1, f"{SUPPLIER[:2]}@own.example"), (2, None)):
        tables.add(
            "AP_SUPPLIER_SITES_ALL",
            VENDOR_SITE_ID=number,
            VENDOR_ID=supplier["VENDOR_ID"],
            EMAIL_ADDRESS=mail,
        )
    tables.add("AP_SUPPLIER_SITES_ALL", VENDOR_SITE_ID=3, VENDOR_ID=999_999, EMAIL_ADDRESS="no@no.example")


def of_dynamics(tables: TableSet) -> None:
    mails = {CUSTOMER: 70_001, SUPPLIER: 70_002}
    for name, number in mails.items():
        own = {"RECID": number, "PARTITION": dynamics.PARTITION}
        tables.add("LOGISTICSELECTRONICADDRESS", LOCATOR=f"{name[:2]}@own.example", **own)
    for row in tables.rows("DIRPARTYTABLE"):
        row["PRIMARYCONTACTEMAIL"] = mails.get(str(row["NAME"]), 0)


def addresses(module: Any, tables: TableSet, folder: Path) -> set[tuple[str, str]] | None:
    """Names with addresses."""
    with open_source(tables.sqlite(folder / "books.sqlite"), settings=module.SETTINGS) as source:
        company = source.company(module.COMPANY)
        query = source.books.addresses(company)
        names = {str(row[0]): row[1] for row in source.database.rows(source.books.partners(company))}
        return query if query is None else {(names[str(k)], mail) for k, mail in source.database.rows(query)}


@pytest.mark.parametrize(
    ("module", "variant", "known"),
    [
        (sap, {"shape": "s4"}, of_sap),
        (sap, {"shape": "bseg"}, of_sap),
        (sap, {"shape": "bsis"}, of_sap),
        (oracle_ebs, {}, of_oracle),
        (dynamics, {}, of_dynamics),
    ],
)
def test_addresses_are_those_of_partners_with_items(
    module: Any, variant: dict[str, str], known: Callable[[TableSet], None], tmp_path: Path
) -> None:
    tables = module.write(history(), **variant)
    known(tables)
    found = addresses(module, tables, tmp_path)
    assert found == {(name, f"{name[:2]}@own.example") for name in (CUSTOMER, SUPPLIER)}


@pytest.mark.parametrize(
    ("module", "table", "columns"),
    [
        (sap, "ADR6", ()),
        (dynamics, "LOGISTICSELECTRONICADDRESS", ()),
        (dynamics, "DIRPARTYTABLE", ("PRIMARYCONTACTEMAIL",)),
    ],
)
def test_a_copy_without_them_is_read_without_them(
    module: Any, table: str, columns: tuple[str, ...], tmp_path: Path
) -> None:
    tables = module.write(history())
    tables.drop(table, *columns)
    assert addresses(module, tables, tmp_path) is None


def test_oracle_may_have_those_of_one_side_alone(tmp_path: Path) -> None:
    tables = oracle_ebs.write(history())
    of_oracle(tables)
    tables.drop("AP_SUPPLIER_SITES_ALL")
    assert addresses(oracle_ebs, tables, tmp_path) == {(CUSTOMER, f"{CUSTOMER[:2]}@own.example")}
