"""What the values of dimensions are called, in the ERPs that keep them as master data of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from abax.erp import open_source

from tests.support.scenario import axelor, erpnext, odoo
from tests.support.scenario.history import COST_CENTRES, History, history
from tests.support.scenario.tables import TableSet

Row = tuple[str, str, str, str, str | None]


@pytest.fixture(scope="module")
def happened() -> History:
    return history()


def values(books: TableSet, company: str, folder: Path) -> list[Row]:
    with open_source(books.sqlite(folder / "books.sqlite")) as source:
        query = source.books.dimensions(source.company(company))
        assert query is not None
        return sorted(row[:5] for row in source.database.rows(query))


@pytest.mark.parametrize("version", ["15", "16", "17", "18"])
def test_odoo_s_analytic_accounts_go_by_the_plan_at_the_top(
    version: str, happened: History, tmp_path: Path
) -> None:
    books = odoo.write(happened, version)
    plans = ("Cost centres", "Projects") if version != "15" else ("analytic", "analytic")
    own = {"name": books.rows("account_analytic_account")[0]["name"], "code": "", "company_id": 1}
    books.add("account_analytic_account", id=99, **own)
    assert values(books, odoo.COMPANY, tmp_path) == [
        *((str(20 + place), plans[0], *named, None) for place, named in enumerate(COST_CENTRES.items())),
        ("50", plans[1], "P1", "A project", None),
    ], "another company's value is not ours"


def test_erpnext_s_are_cost_centres_in_their_hierarchy_and_projects(
    happened: History, tmp_path: Path
) -> None:
    found = values(erpnext.write(happened), erpnext.COMPANY, tmp_path)
    top = "cost_center:Hanse Trading GmbH - HTG"
    assert found == sorted(
        [
            *((f"cost_center:{code} - {name} - HTG", "cost_center", code, name, top)
              for code, name in COST_CENTRES.items()),
            (top, "cost_center", "Hanse Trading GmbH - HTG", "Hanse Trading GmbH", None),
            ("project:PRJ-1", "project", "PRJ-1", "A project", None),
        ]
    )  # fmt: skip


def test_erpnext_s_own_dimensions_stand_on_the_lines_with_the_others(
    happened: History, tmp_path: Path
) -> None:
    with open_source(erpnext.write(happened).sqlite(tmp_path / "books.sqlite")) as source:
        lines = source.books.posted_lines(source.company(erpnext.COMPANY)).subquery()
        found = {
            text for (text,) in source.database.rows(lines.select().with_only_columns(lines.c.dimensions))
        }
    assert '{"cost_center:100 - Sales - HTG":100,"branch:The \\"Nord\\"":100}' in found
    assert '{"cost_center:300 - Production - HTG":100,"project:PRJ-1":100}' in found
    assert None in found
    assert not any("remarks" in (text or "") for text in found), "a dimension that is disabled"


def test_axelor_s_analytic_accounts_go_by_their_axis(happened: History, tmp_path: Path) -> None:
    books = axelor.write(happened)
    books.add("account_analytic_account", id=90, code="101", analytic_axis=1, parent=1, company=2)
    books.add("account_analytic_account", id=91, code="999", name="Theirs", analytic_axis=1, company=1)
    assert values(books, axelor.COMPANY, tmp_path) == [
        ("CC:100", "CC", "100", "Sales", None),
        ("CC:101", "CC", "101", "101", "CC:100"),
        ("CC:200", "CC", "200", "Administration", None),
        ("CC:300", "CC", "300", "Production", None),
        ("PRJ:P1", "PRJ", "P1", "A project", None),
    ]


def test_without_their_master_data_lines_are_read_all_the_same(happened: History, tmp_path: Path) -> None:
    books = erpnext.write(happened)
    for table in ("tabCost Center", "tabProject", "tabAccounting Dimension"):
        books.drop(table)
    with open_source(books.sqlite(tmp_path / "books.sqlite")) as source:
        company = source.company(erpnext.COMPANY)
        assert source.books.dimensions(company) is None
        assert [year.lines for year in source.years(company)]
    plain = odoo.write(happened)
    plain.drop("account_analytic_plan")
    with open_source(plain.sqlite(tmp_path / "odoo.sqlite")) as source:
        assert source.books.dimensions(source.company(odoo.COMPANY)) is None
