"""The benchmark of whole closes: what it holds out, what it compares with, and what it skips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from abax.forecast import forecast_package
from abax.ledger import Ledger, build_package
from abax.ledger.model import Forecast

from benchmarks import forecast_books
from benchmarks.forecast_books import HELD_OUT, held_out, measured
from benchmarks.support.books import Books, BooksMissingError, opened, served
from tests.support import sample
from tests.support.books import Entry, build_ledger

GROWTH = 10
"""By which sales go up every month."""


def sales(months: int) -> list[Entry]:
    """Sales in cash on the 15th of every month from January 2023 on: 1000, 1010 …; rent of 300."""
    days = [f"{2023 + place // 12}-{place % 12 + 1:02d}-15" for place in range(months)]
    return [
        entry
        for place, day in enumerate(days)
        for entry in (
            Entry(day, [("1000", 1000 + GROWTH * place), ("4000", -1000 - GROWTH * place)]),
            Entry(day, [("6000", 300), ("1000", -300)]),
        )
    ]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with build_ledger(tmp_path, sales(36)) as opened_:
        yield opened_


def told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> tuple[list[forecast_books.Row], Forecast]:
    """The rows, and the forecast that they are of."""
    made: list[Forecast] = []

    def kept(*given: object) -> Forecast:
        made.append(forecast_package(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(forecast_books, "forecast_package", kept)
    rows = list(measured("books", ledger))
    [outlook] = made
    return rows, outlook


def test_the_forecast_knows_nothing_of_the_months_that_are_held_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, outlook = told(ledger, monkeypatch)
    assert outlook.history_end == date(2025, 6, 30)
    assert (len(outlook.lines[0].history), len(outlook.lines[0].points)) == (30, HELD_OUT)
    assert rows[0]["ours"] == 30


def test_each_line_stands_beside_the_same_months_of_the_year_before(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, _ = told(ledger, monkeypatch)
    [revenue] = [row for row in rows if row["case"] == "books: Revenue" and row["unit"] == "EUR"]
    assert revenue["peer"] == 12 * GROWTH
    assert revenue["ours"] < revenue["peer"]
    [share] = [row for row in rows if row["case"] == "books: Revenue" and row["unit"] == "%"]
    assert share["peer"] == pytest.approx(100 * 120 / 1325, abs=0.001)  # months 31 to 36: 1300 to 1350


def test_cash_stands_beside_the_last_balance_too(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, outlook = told(ledger, monkeypatch)
    of_cash = {row["peer_name"]: row for row in rows if row["case"] == "books: Cash" and row["unit"] == "EUR"}
    grown = [sum(1000 + GROWTH * month - 300 for month in range(30, 31 + place)) for place in range(HELD_OUT)]
    assert of_cash["last balance"]["peer"] == pytest.approx(sum(grown) / HELD_OUT)
    assert set(of_cash) == {"seasonal naive", "last balance"}
    [checks] = [row for row in rows if row["metric"] == "hard checks that do not hold"]
    assert (checks["ours"], checks["unit"]) == (0, f"of {len(outlook.checks)}")


def test_a_line_that_began_after_the_cut_counts_as_forecast_with_nothing(tmp_path: Path) -> None:
    late = Entry("2025-09-10", [("8000", 600), ("1000", -600)])
    with build_ledger(tmp_path, [*sales(36), late]) as books:
        full = build_package(books, 2025)
        known = build_package(books, 2025, as_of=date(2025, 6, 30))
    [tax] = [line for line in held_out(full, forecast_package(known, HELD_OUT)) if line.line == "income_tax"]
    assert tax.actual == [0, 0, -600, 0, 0, 0]
    assert list(tax.ours) == list(tax.naive) == [0] * HELD_OUT
    assert tax.error(tax.ours) == 100


def test_books_with_too_few_months_are_skipped_and_say_so(tmp_path: Path) -> None:
    with build_ledger(tmp_path, sales(11)) as short:
        [row] = measured("books", short)
    assert row["metric"] == "skipped: 10 complete months, 12 are needed"  # November is not over


def test_the_fewest_months_that_can_be_measured_are(tmp_path: Path) -> None:
    with build_ledger(tmp_path, sales(12)) as short:
        rows = list(measured("books", short))
    assert rows[0]["ours"] == 6
    [revenue] = [row for row in rows if row["case"] == "books: Revenue" and row["unit"] == "EUR"]
    assert revenue["peer"] == pytest.approx(GROWTH * 3.5)  # June's value, one to six months on


def test_books_that_are_not_here_are_named(tmp_path: Path) -> None:
    nowhere = Books("Odoo", tmp_path / "dump.sql.gz", "Acme", lambda: pytest.fail("no server is needed"))
    with pytest.raises(BooksMissingError, match=r"dump\.sql\.gz"), served(nowhere):
        pass


def test_a_companys_books_open_as_a_close_reads_them() -> None:
    mapping = sample.small_books().mapping[sample.COMPANY]
    with opened(sample.url(), sample.COMPANY, mapping) as ledger:
        assert ledger.company.name == sample.COMPANY
        assert ledger.years[-1] == sample.YEAR
        assert dict(ledger.manifest.mapping) == dict(mapping)
