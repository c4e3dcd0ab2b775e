"""Which ERP a database is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from abax.erp import open_source
from abax.erp.registry import MODULES
from abax.errors import InvalidRequest, UnsupportedSchema

from tests.unit.erp.books import Books

Write = Callable[[Books], str]


@pytest.mark.parametrize("erp", [None, "odoo", "Odoo"])
def test_the_kind_is_found_out_or_given(erp: str | None, written: Write) -> None:
    with open_source(written(Books()), erp) as source:
        assert source.erp == "odoo"


def test_an_unknown_kind_is_an_invalid_request_before_anything_is_opened(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidRequest, match="erp: 'quickbooks' is none of"),
        open_source("sqlite:///none", "quickbooks"),
    ):
        pass


def test_a_database_of_something_else_is_told_so(tmp_path: Path) -> None:
    books = Books()
    books.columns = {"customers": "id integer", "res_partner": "id integer, name varchar"}
    books.rows = {"customers": [], "res_partner": []}
    with pytest.raises(UnsupportedSchema, match="no ERP known here") as caught:
        open_source(books.sqlite(tmp_path / "crm.db")).__enter__()
    assert "table account_move_line" in caught.value.missing


def test_every_module_is_registered_under_its_own_name() -> None:
    assert list(MODULES) == ["axelor", "dynamics", "erpnext", "odoo", "oracle_ebs", "sap"]
    assert all(module.erp == name for name, module in MODULES.items())
