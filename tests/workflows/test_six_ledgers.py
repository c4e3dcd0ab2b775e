"""One company's three years, booked in every ERP that Abax reads: each must give the statements that follow
from what happened, to the cent, and so all must give the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from abax.erp.registry import MODULES
from abax.errors import AbaxError, InvalidRequest
from abax.ledger.model import Company, PartnerItem, StatementClass
from sqlalchemy import and_, false, literal, null, true

from tests.support import mariadb as maria
from tests.support import postgres as pg
from tests.support.scenario.history import History, history, money
from tests.support.scenario.statements import Report
from tests.support.scenario.tables import TableSet
from tests.support.scenario.told import Told, days_of, differences, read, writer

ERPS: Final = tuple(sorted(MODULES))

Reading = Callable[[str], Told]


@pytest.fixture(scope="session")
def happened() -> History:
    return history()


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory, happened: History) -> Callable[[str], str]:
    """An ERP's books in SQLite, written once for all tests."""

    @cache
    def written(erp: str) -> str:
        tables: TableSet = writer(erp).write(happened)
        return tables.sqlite(tmp_path_factory.mktemp(erp) / "books.sqlite")

    return written


@pytest.fixture(scope="session")
def told(books: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, happened: History) -> Reading:
    """What Abax says of them, read once for all tests."""

    @cache
    def reading(erp: str) -> Told:
        return read(books(erp), writer(erp), happened, tmp_path_factory.mktemp(f"{erp}_objects"))

    return reading


def test_the_history_has_all_that_books_must_stand(happened: History) -> None:
    kinds = {event.kind for event in happened.events}
    assert kinds >= {
        *("capital", "loan", "repayment", "machine", "depreciation", "sale", "export", "import", "receipt"),
        *("payment", "credit note", "bad debt", "purchase", "payroll", "rent", "insurance", "release", "VAT"),
        *("interest", "tax", "dividend", "late adjustment", "posted back"),
    }
    assert {len(event.lines) for event in happened.events if event.kind == "sale"} >= {2, 3, 5}
    assert {date(2024, 2, 29), *(year.end for year in happened.years)} <= {e.day for e in happened.events}
    cents = {abs(line.cents) for event in happened.events for line in event.lines}
    assert {1, 987_654_321_012} <= cents
    of_a_group = {StatementClass.TRANSLATION_RESERVE, StatementClass.NON_CONTROLLING_INTEREST}
    booked = set(StatementClass) - of_a_group - {StatementClass.OFF_BALANCE}
    assert set(happened.expected.position(date.max)) == booked
    lines = [line for event in happened.events for line in event.lines]
    assert {len(line.centres) for line in lines} == {0, 1, 2}
    overpaid = [event for event in happened.events if event.settles and event.left_open]
    assert len(overpaid) == 2


def test_the_six_are_read() -> None:
    assert set(ERPS) == {"axelor", "dynamics", "erpnext", "odoo", "oracle_ebs", "sap"}


@pytest.mark.parametrize("erp", ERPS)
def test_every_figure_follows_from_what_happened(erp: str, told: Reading, happened: History) -> None:
    assert differences(told(erp), happened) == []


@pytest.mark.parametrize("erp", ERPS[1:])
def test_each_says_line_by_line_what_the_first_says(erp: str, told: Reading) -> None:
    one, other = told(ERPS[0]), told(erp)
    assert one.statements.keys() == other.statements.keys()
    for report, lines in one.statements.items():
        assert _moving(lines) == _moving(other.statements[report]), report
    assert one.aged == other.aged
    assert one.centres == other.centres
    assert one.accounts == other.accounts


def _moving(lines: Report) -> Report:
    """Without lines that are nil throughout, which a statement may leave out."""
    return {line: values for line, values in lines.items() if any(values)}


NOT_TOLD: Final = {"sap"}
"""What is a payment and what another document; and what was paid of an invoice before the rest was."""
Became = tuple[str, str, date, Decimal, Decimal, date | None, tuple[tuple[date, Decimal], ...]]


@pytest.mark.parametrize("erp", ERPS)
def test_each_tells_what_became_of_every_invoice(erp: str, told: Reading, happened: History) -> None:
    """Those in the company's currency: of others, what payments were worth is booked in several ways."""
    known = {_became(item, erp not in NOT_TOLD) for item in told(erp).known.items}
    must = set(_invoices(happened, erp not in NOT_TOLD))
    assert len(must) > 150
    assert must - known == set()


def _became(item: PartnerItem, is_told: bool) -> Became:
    paid = tuple((payment.paid_on, payment.amount) for payment in item.payments)
    assert is_told or not paid
    amounts = abs(item.gross), abs(item.residual)
    return (item.partner, item.side, item.posting_date, *amounts, item.settled_on, paid)


def _invoices(happened: History, is_told: bool) -> Iterator[Became]:
    day = days_of(happened)[-1]
    owed = {side: happened.expected.open_documents(side, day) for side in ("receivable", "payable")}
    later = [event for event in happened.events if event.day <= day and event.settles]
    for event in happened.events:
        is_invoice = event.control and (event.control.cents > 0) == (event.side == "receivable")
        if not is_invoice or event.day > day or event.currency != happened.currency:
            continue
        assert event.control and event.partner and event.side
        by = [(one, part) for one in later for part in one.settles if part.document == event.document]
        paid = [(one.day, money(part.cents)) for one, part in by if one.kind in ("receipt", "payment")]
        rest = money(abs(owed[event.side].get(event.document, 0)))
        if rest and by and not is_told:
            continue
        yield (
            *(event.partner.name, event.side, event.day, money(abs(event.control.cents)), rest),
            max((one.day for one, _ in by), default=None),
            tuple(sorted(paid)) if is_told else (),
        )


APRIL: Final = 3
"""The month in which a fiscal year from April on ends."""


@pytest.mark.parametrize(
    ("erp", "variant", "year_end"),
    [
        ("odoo", {"version": "15"}, 12),
        ("odoo", {"version": "16"}, 12),
        ("odoo", {"version": "18"}, APRIL),
        ("erpnext", {"version": "14"}, APRIL),
        ("axelor", {"signed": True, "closing": "hand"}, APRIL),
        ("sap", {"shape": "bsis"}, APRIL),
        ("sap", {"shape": "flexa"}, 12),
        ("sap", {"shape": "s4"}, APRIL),
        ("oracle_ebs", {"closing": "income"}, 12),
        ("oracle_ebs", {"closing": "balance"}, APRIL),
        ("dynamics", {"closing": "result", "dimensions": "tables"}, APRIL),
        ("dynamics", {"closing": "none"}, 12),
    ],
    ids=lambda given: "-".join(map(str, given.values())) if isinstance(given, dict) else str(given),
)
def test_versions_shapes_and_fiscal_years_make_no_difference(
    erp: str, variant: dict[str, Any], year_end: int, tmp_path: Path
) -> None:
    happened = history(seed=11, year_end_month=year_end)
    url = writer(erp).write(happened, **variant).sqlite(tmp_path / "books.sqlite")
    assert differences(read(url, writer(erp), happened, tmp_path / "objects"), happened) == []


@pytest.mark.parametrize("erp", ["erpnext", "sap"])
def test_what_is_posted_back_is_found_and_read_anew(erp: str, tmp_path: Path, happened: History) -> None:
    """Between two closes of the same database; what was extracted for the first is still there."""
    for known in (happened.before_late_entries, happened):
        url = writer(erp).write(known).sqlite(tmp_path / "books.sqlite")
        assert differences(read(url, writer(erp), known, tmp_path / "objects"), known) == []


@pytest.mark.postgres
@pytest.mark.parametrize("erp", ERPS)
def test_every_figure_on_postgresql(erp: str, postgres: pg.Server, tmp_path: Path, happened: History) -> None:
    url = writer(erp).write(happened).postgres(postgres, f"six_{erp}")
    assert differences(read(url, writer(erp), happened, tmp_path), happened) == []


def test_every_figure_of_erpnext_on_mariadb(mariadb: maria.Server, tmp_path: Path, happened: History) -> None:
    url = writer("erpnext").write(happened).mariadb(mariadb, "six_erpnext")
    assert differences(read(url, writer("erpnext"), happened, tmp_path), happened) == []


# --- what the comparison finds ---


def _of_ledger_only(books: Any, header: Any) -> Any:
    return books._set.ledger == header.c.LEDGER_ID


def _of_any_layer(books: Any, company: Company, heads: Any) -> Any:
    return and_(*books._tables.owned(company, heads.ledger, heads.entity))


def _debits(books: Any, company: Company, rows: Any) -> tuple[Any, Any]:
    return rows.c.DMBTR, literal(0)


WRONG: Final[dict[str, dict[str, object]]] = {
    "odoo": {
        "odoo.Odoo._state": lambda books, line: literal("posted"),
        "odoo.Odoo.all_settlements": lambda books, company: None,
        "odoo._key": lambda company: 1,
    },
    "erpnext": {
        "erpnext.CLOSING": "Another Voucher",
        "erpnext._party": lambda row: null(),
        "erpnext.ErpNext.all_item_settlements": lambda books, company: None,
    },
    "axelor": {
        "axelor._statuses": lambda settings: [2, 3, 5],
        "axelor.CARRYING_OVER": "view",
        "axelor.CONFIRMED": 1,
        "axelor.REAL": 1,
        "axelor.DayOf": lambda moment: literal("2025-12-31"),
    },
    "sap": {
        "sap.lines.NOT_POSTED": ("V",),
        "sap.lines._Documents._sides": _debits,
        "sap.items.is_credit": lambda rows: false(),
        "sap.items.DateOf": lambda text: text,
        "sap.reader.Reader._shifted": {},
    },
    "oracle_ebs": {
        "oracle_ebs.books.OracleEbs._posted": _of_ledger_only,
        "oracle_ebs.books._nil": lambda amount: amount,
        "oracle_ebs.items.UNAPPLIED": ("ACC",),
    },
    "dynamics": {
        "dynamics.closing.Closing.counts": lambda *parts: true(),
        "dynamics.tables.Tables.same_partition": lambda *parts: [],
        "dynamics.books.Dynamics._of": _of_any_layer,
    },
}
"""By ERP: something of its declaration, and what would be wrong of it."""


@pytest.mark.parametrize(("erp", "place"), [(erp, place) for erp in WRONG for place in WRONG[erp]])
def test_a_declaration_that_is_wrong_is_found_out(
    erp: str,
    place: str,
    books: Callable[[str], str],
    happened: History,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(f"abax.erp.{place}", WRONG[erp][place])
    try:
        told = read(books(erp), writer(erp), happened, tmp_path)
    except AbaxError as refused:
        assert not isinstance(refused, InvalidRequest)
    else:
        assert differences(told, happened)
