"""A group whose members keep their books in different ERPs: one and the same history in each, so that every
line of the group is as many times that of one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.ledger.consolidation import consolidate
from abax.ledger.group import Group, Member, kin_of, read_members
from abax.ledger.model import LedgerManifest, Statement

from tests.support.scenario.history import History, history
from tests.support.scenario.told import writer

MEMBERS: Final = ("odoo", "dynamics", "erpnext", "sap")


def extracted(erp: str, happened: History, folder: Path, objects: FolderObjects) -> LedgerManifest:
    books = writer(erp)
    url = books.write(happened).sqlite(folder / f"{erp}.sqlite")
    with open_source(url, settings=books.SETTINGS) as source:
        company = source.company(books.COMPANY)
        return LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, books.MAPPING, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
            mapping=books.MAPPING,
            settings=books.SETTINGS,
        )


def test_companies_in_four_erps_are_four_times_one(tmp_path: Path) -> None:
    happened, objects = history(), FolderObjects(tmp_path / "objects")
    manifests = {erp: extracted(erp, happened, tmp_path, objects) for erp in MEMBERS}

    def statements(*names: str) -> list[Statement]:
        # No tie between them: what each books with its customers and suppliers stays.
        members = [Member(name=name) for name in names]
        group = Group(name="Four", currency="EUR", parent=names[0], members=members)
        kin = kin_of(group, [(own, own.name, manifests[own.name].company.company_id) for own in members])
        found = consolidate(group, read_members(group, manifests, objects.fetch, kin), 2025)
        assert all(check.passed for check in found.checks)
        assert found.differences == []
        return found.statements

    one, four = statements(MEMBERS[0]), statements(*MEMBERS)
    assert len(one) == len(four) == 9
    for mine, ours in zip(one, four, strict=True):
        single = {row.line: row.values for row in mine.lines if any(row.values)}
        group = {row.line: row.values for row in ours.lines if any(row.values)}
        assert group == {line: [4 * value for value in values] for line, values in single.items()}
