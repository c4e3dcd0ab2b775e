"""What Axelor has of partners besides their names. Its books are tested in other rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from abax.erp import open_source

from tests.support.scenario import axelor
from tests.support.scenario.history import history
from tests.support.scenario.tables import TableSet


@pytest.fixture(scope="module")
def written() -> TableSet:
    """The scenario's books, in which a customer has an address, and so have contacts."""
    tables = axelor.write(history())
    partners = tables.rows("base_partner")
    for number, address in enumerate(
        ("own@a.example", "ben@a.example", "gone@a.example", "dee@no.example"), 1
    ):
        tables.add("message_email_address", id=number, address=address)
    partners[0]["email_address"] = 1
    for number, whose, archived in (
        (2, partners[0]["id"], False),
        (3, partners[0]["id"], True),
        (4, 999, False),
    ):
        tables.add("base_partner", id=900 + number, name="Contact", is_contact=True, main_partner=whose,
                   email_address=number, archived=archived)  # fmt: skip
    return tables


def addresses(tables: TableSet, folder: Path) -> list[tuple[Any, ...]] | None:
    with open_source(tables.sqlite(folder / "books.sqlite")) as source:
        query = source.books.addresses(source.company(axelor.COMPANY))
        return None if query is None else sorted(source.database.rows(query))


def test_addresses_are_those_of_partners_on_posted_lines_and_of_their_contacts(
    written: TableSet, tmp_path: Path
) -> None:
    first = written.rows("base_partner")[0]["id"]
    assert addresses(written, tmp_path) == [(first, "ben@a.example"), (first, "own@a.example")]


def test_without_the_table_of_addresses_none_are_read(tmp_path: Path) -> None:
    tables = axelor.write(history())
    tables.drop("message_email_address")
    assert addresses(tables, tmp_path) is None
