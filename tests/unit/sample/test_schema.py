"""Each version's tables have the shape that this version of Odoo gives them, and hold the same books."""

import json

import pytest
from abax.sample.schema import VERSIONS, tables

from .conftest import columns, content

# version: table, columns that must be there, columns that must not
SHAPES = [
    (15, "account_account", "code user_type_id internal_group company_id", "account_type code_store"),
    (15, "account_account_type", "name type internal_group include_initial_balance", ""),
    (15, "account_move_line", "analytic_account_id blocked account_root_id", "analytic_distribution"),
    (15, "account_partial_reconcile", "max_date amount", "exchange_move_id"),
    (16, "account_account", "code account_type company_id root_id", "user_type_id code_store"),
    (16, "account_move_line", "analytic_distribution blocked", "analytic_account_id is_imported"),
    (17, "account_account", "code account_type internal_group include_initial_balance", "code_store"),
    (17, "account_move_line", "analytic_distribution blocked account_root_id", "is_imported"),
    (17, "account_analytic_line", "account_id x_plan2_id move_line_id", "plan_id"),
    (17, "res_company", "fiscalyear_last_day fiscalyear_last_month period_lock_date", "hard_lock_date"),
    (18, "account_account", "code_store account_type", "code company_id internal_group root_id"),
    (18, "account_account_res_company_rel", "account_account_id res_company_id", ""),
    (18, "account_move_line", "analytic_distribution is_imported", "blocked account_root_id"),
    (18, "account_move", "origin_payment_id checked", "payment_id to_check"),
    (18, "res_partner", "property_account_receivable_id", "display_name"),
]  # fmt: skip
ABSENT = {
    15: {"account_analytic_plan", "account_account_res_company_rel"},
    16: {"account_account_type", "account_account_res_company_rel", "account_analytic_group"},
    17: {"account_account_type", "account_account_res_company_rel", "account_analytic_group"},
    18: {"account_account_type", "ir_property"},
}


@pytest.mark.parametrize(("version", "table", "there", "gone"), SHAPES)
def test_columns_are_those_of_the_version(version, table, there, gone):
    found = set(tables(version)[table])
    assert set(there.split()) <= found
    assert not set(gone.split()) & found


@pytest.mark.parametrize("version", VERSIONS)
def test_tables_of_other_versions_are_missing(small_books, version):
    found = set(columns(small_books(version).path))
    assert not ABSENT[version] & found
    assert {
        "account_move",
        "account_move_line",
        "account_journal",
        "account_tax",
        "res_currency_rate",
    } <= found


def read(books, version: int) -> list[tuple]:
    """Posted lines with everything resolved that moves between versions: account code, type and name."""
    found, shape = content(books.path), tables(version)

    def records(table: str) -> list[dict]:
        return [dict(zip(shape[table], row, strict=True)) for row in found[table]]

    types = (
        {row["id"]: row["internal_group"] for row in records("account_account_type")} if version == 15 else {}
    )
    accounts = {}
    for row in records("account_account"):
        code = row["code"] if version < 18 else next(iter(json.loads(row["code_store"]).values()))
        name = row["name"] if version == 15 else json.loads(row["name"])["en_US"]
        group = types[row["user_type_id"]] if version == 15 else row["account_type"].split("_")[0]
        accounts[row["id"]] = (code, name, group.replace("off_balance", "off"))
    return [
        (row["company_id"], row["move_name"], row["date"], accounts.get(row["account_id"]), row["balance"],
         row["amount_currency"], row["name"], row["partner_id"], row["date_maturity"], row["amount_residual"])
        for row in records("account_move_line")
        if row["parent_state"] == "posted"
    ]  # fmt: skip


@pytest.mark.parametrize("version", [15, 16, 18])
def test_every_version_holds_the_same_books(small_books, version):
    assert read(small_books(version), version) == read(small_books(17), 17)
    assert small_books(version).truth == small_books(17).truth


@pytest.mark.parametrize("version", VERSIONS)
def test_analytics_are_written_as_the_version_does(small_books, version):
    found, shape = content(small_books(version).path), list(tables(version)["account_move_line"])
    name = "analytic_account_id" if version == 15 else "analytic_distribution"
    values = [
        row[shape.index(name)] for row in found["account_move_line"] if row[shape.index(name)] is not None
    ]
    assert len(values) > 1_000
    if version == 15:
        assert all(isinstance(value, int) for value in values)
    else:
        joined = [key for value in values for key in json.loads(value) if "," in key]
        assert bool(joined) == (version >= 17)


def test_company_dependent_accounts_are_properties_up_to_17_and_json_on_the_partner_in_18(small_books):
    old = content(small_books(17).path)["ir_property"]
    assert any("account.account," in str(value) for row in old for value in row)
    shape = list(tables(18)["res_partner"])
    new = [
        row[shape.index("property_account_receivable_id")]
        for row in content(small_books(18).path)["res_partner"]
    ]
    assert len([value for value in new if value]) == 2


def test_codes_keep_their_leading_zero(small_books):
    shape = list(tables(17)["account_account"])
    codes = [row[shape.index("code")] for row in content(small_books(17).path)["account_account"]]
    assert "0135" in codes and all(isinstance(code, str) for code in codes)
