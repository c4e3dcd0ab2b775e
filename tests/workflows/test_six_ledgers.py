"""One company's three years, booked in every ERP that Abax reads: each must give the statements that follow
from what happened, to the cent, and so all must give the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from abax.erp.registry import MODULES
from abax.errors import AbaxError, InvalidRequest
from sqlalchemy import literal, null

from tests.support import mariadb as maria
from tests.support import postgres as pg
from tests.support.scenario.history import History, history
from tests.support.scenario.statements import Report
from tests.support.scenario.told import Told, differences, read, writer

ERPS: Final = tuple(sorted(MODULES))

Reading = Callable[..., Told]
"""Books of an ERP, perhaps in a variant, in SQLite."""


@pytest.fixture(scope="session")
def calendar_years() -> History:
    return history()


@pytest.fixture(scope="session")
def in_sqlite(tmp_path_factory: pytest.TempPathFactory, calendar_years: History) -> Reading:
    """What Abax says of an ERP's books, read once for all tests."""
    told: dict[str, Told] = {}

    def reading(erp: str) -> Told:
        if erp not in told:
            folder = tmp_path_factory.mktemp(erp)
            url = writer(erp).write(calendar_years).sqlite(folder / "books.sqlite")
            told[erp] = read(url, writer(erp), calendar_years, folder / "objects")
        return told[erp]

    return reading


def test_the_six_are_read() -> None:
    assert set(ERPS) == {"axelor", "dynamics", "erpnext", "odoo", "oracle_ebs", "sap"}


@pytest.mark.parametrize("erp", ERPS)
def test_every_figure_follows_from_what_happened(
    erp: str, in_sqlite: Reading, calendar_years: History
) -> None:
    assert differences(in_sqlite(erp), calendar_years) == []


@pytest.mark.parametrize("erp", ERPS[1:])
def test_each_says_line_by_line_what_the_first_says(erp: str, in_sqlite: Reading) -> None:
    one, other = in_sqlite(ERPS[0]), in_sqlite(erp)
    assert one.statements.keys() == other.statements.keys()
    for report, lines in one.statements.items():
        assert _moving(lines) == _moving(other.statements[report]), report
    assert one.aged == other.aged
    assert one.centres == other.centres


def _moving(lines: Report) -> Report:
    """Without lines that are nil throughout, which a statement may leave out."""
    return {line: values for line, values in lines.items() if any(values)}


@pytest.mark.parametrize("erp", ERPS)
def test_fiscal_years_from_april_on(erp: str, tmp_path: Path) -> None:
    shifted = history(seed=11, year_end_month=3)
    url = writer(erp).write(shifted).sqlite(tmp_path / "books.sqlite")
    assert differences(read(url, writer(erp), shifted, tmp_path / "objects"), shifted) == []


VARIANTS: Final = [
    pytest.param(erp, variant, id=f"{erp}-{'-'.join(map(str, variant.values()))}")
    for erp, variants in (
        ("odoo", [{"version": "15"}, {"version": "16"}, {"version": "18"}]),
        ("erpnext", [{"version": "14"}]),
        ("axelor", [{"signed": True}]),
    )
    for variant in variants
]


@pytest.mark.parametrize(("erp", "variant"), VARIANTS)
def test_versions_and_shapes_of_an_erp_say_the_same(
    erp: str, variant: dict[str, Any], tmp_path: Path, calendar_years: History
) -> None:
    url = writer(erp).write(calendar_years, **variant).sqlite(tmp_path / "books.sqlite")
    told = read(url, writer(erp), calendar_years, tmp_path / "objects")
    assert differences(told, calendar_years) == []


@pytest.mark.postgres
@pytest.mark.parametrize("erp", ERPS)
def test_every_figure_on_postgresql(
    erp: str, postgres: pg.Server, tmp_path: Path, calendar_years: History
) -> None:
    url = writer(erp).write(calendar_years).postgres(postgres, f"six_{erp}")
    assert differences(read(url, writer(erp), calendar_years, tmp_path), calendar_years) == []


def test_every_figure_of_erpnext_on_mariadb(
    mariadb: maria.Server, tmp_path: Path, calendar_years: History
) -> None:
    url = writer("erpnext").write(calendar_years).mariadb(mariadb, "six_erpnext")
    assert differences(read(url, writer("erpnext"), calendar_years, tmp_path), calendar_years) == []


# --- what the comparison would find ---


@pytest.mark.parametrize(
    ("erp", "place", "wrong"),
    [
        ("odoo", "odoo.Odoo._state", lambda books, line: literal("posted")),
        ("odoo", "odoo.Odoo.all_settlements", lambda books, company: None),
        ("odoo", "odoo._key", lambda company: 1),
        ("erpnext", "erpnext.CLOSING", "Another Voucher"),
        ("erpnext", "erpnext._party", lambda row: null()),
        ("erpnext", "erpnext.ErpNext.all_item_settlements", lambda books, company: None),
        ("axelor", "axelor.POSTED", (2, 3, 5)),
        ("axelor", "axelor.CARRYING_OVER", "view"),
        ("axelor", "axelor.CONFIRMED", 1),
        ("axelor", "axelor.REAL", 1),
    ],
)
def test_a_declaration_that_is_wrong_is_found_out(
    erp: str,
    place: str,
    wrong: object,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    calendar_years: History,
) -> None:
    monkeypatch.setattr(f"abax.erp.{place}", wrong)
    url = writer(erp).write(calendar_years).sqlite(tmp_path / "books.sqlite")
    try:
        told = read(url, writer(erp), calendar_years, tmp_path / "objects")
    except AbaxError as refused:
        assert not isinstance(refused, InvalidRequest)
    else:
        assert differences(told, calendar_years)
