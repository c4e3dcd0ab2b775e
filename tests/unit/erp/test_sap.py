"""SAP's journal lines, in each shape of installation: which count, in which period, with which amounts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.erp import open_source
from abax.erp.sap.lines import NEEDED
from abax.erp.sap.module import CORE, HEADERS, SapModule
from abax.erp.sap.reader import MASTER, Reader
from abax.erp.sap.totals import TOTALS
from abax.erp.source import Schema
from abax.errors import AbaxError, InvalidRequest, SettingNeeded, UnsupportedCalendar, UnsupportedSchema
from abax.ledger import run_checks
from sqlalchemy import and_, true

from tests.support.data import development_data
from tests.support.postgres import Server
from tests.support.scenario.sap_tables import COMPANY, LEADING, Books, Fiscal, Post
from tests.unit.erp.sap_company import (
    ALL_SHAPES,
    BEGUN,
    IN_LEDGERS,
    VENDOR,
    balances,
    begun,
    company,
    ledger_of,
    moved,
    sale,
    sqlite,
    told,
)

REAL = {
    "bkpf": "BKPF",
    "bseg": "BSEG",
    "bsad_bck": "BSAD",
    "bsak_bck": "BSAK",
    "faglflexa": "FAGLFLEXA",
    "faglflext": "FAGLFLEXT",
    "acdoca": "ACDOCA",
    "t001": "T001",
    "ska1": "SKA1",
    "kna1": "KNA1",
    "lfa1": "LFA1",
}
"""Files with the columns of a real installation, and their tables."""
INDIA = Fiscal("V3", first_month=4, by_start=True)


# --- which lines ---


@pytest.mark.parametrize(
    ("shape", "version", "way"),
    [("bseg", "ecc", "bseg"), ("bsis", "ecc", "bsis"), ("flexa", "ecc", "faglflexa"), ("s4", "s4", "acdoca")],
)
def test_lines_come_from_the_best_tables_that_can_be_read(
    shape: str, version: str, way: str, tmp_path: Path
) -> None:
    with open_source(sqlite(begun(shape), tmp_path)) as source:
        assert (source.erp, source.version) == ("sap", version)
        assert source.books.settings["lines"] == way
    with ledger_of(begun(shape), tmp_path / "ledger") as ledger:
        assert balances(ledger) == BEGUN
        assert [check.check for check in run_checks(ledger) if not check.passed] == []


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_what_is_parked_noted_recurring_or_a_model_does_not_count(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    for place, status in enumerate("VWZSDM"):
        books.document(50 + place, date(2024, 4, 1), *sale("7"), status=status)
    stray: dict[str, Any] = {
        "RLDNR": LEADING,
        "RBUKRS": COMPANY,
        "GJAHR": "2024",
        "BELNR": "60",
        "DOCLN": "1",
    }
    stray |= {"POPER": "004", "BUDAT": "20240401", "RACCT": "0000001000", "DRCRK": "S", "HSL": Decimal(7)}
    if shape == "s4":
        books.add("ACDOCA", BSTAT="V", **stray)
    if shape == "flexa":
        books.add("FAGLFLEXA", BSTAT="S", RYEAR="2024", RRCTY="0", **stray)
    found = told(books, tmp_path)
    assert found.balances == BEGUN


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_clearing_documents_and_those_that_undo_them_count(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    books.document(51, date(2024, 4, 1), *moved("6000", "1000", "3"), status="A")
    books.document(52, date(2024, 4, 1), *moved("6000", "1000", "4"), status="B")
    found = told(books, tmp_path)
    assert found.balances["6000"] == 7


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_other_companies_and_clients_with_the_same_numbers_do_not_count(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    books.company("2000", "Other AG")
    books.company(COMPANY, "Copy", client="200")
    books.document(2, date(2024, 3, 1), *sale("9"), company="2000")
    books.document(2, date(2024, 3, 1), *sale("9"), client="200")
    found = told(books, tmp_path, settings={"client": "100"})
    assert found.balances == BEGUN


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_numbers_begin_anew_each_year(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    books.document(2, date(2025, 3, 1), *sale("30"))
    found = told(books, tmp_path)
    assert found.balances["4000"] == Decimal("-149.5")
    assert (len(found.lines), len({line["entry_id"] for line in found.lines})) == (6, 3)
    assert len({line["line_id"] for line in found.lines}) == 6


@pytest.mark.parametrize("shape", IN_LEDGERS)
def test_each_ledger_has_books_of_its_own(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    books.document(70, date(2024, 5, 1), *moved("6000", "1000", "10"), ledgers=(LEADING, "2L"))
    books.document(
        71, date(2024, 5, 1), *moved("6000", "2000", "25"), status="L", ledgers=("2L",), LDGRP="2L"
    )
    found = told(books, tmp_path / "leading")
    assert found.balances == {**BEGUN, "1000": Decimal(990), "6000": Decimal(10)}
    found = told(books, tmp_path / "other", settings={"ledger": "2L"})
    assert found.balances == {"1000": Decimal(-10), "2000": Decimal(-25), "6000": Decimal(35)}


def test_documents_of_another_ledger_are_not_the_leading_one_s(tmp_path: Path) -> None:
    books = begun("bseg")
    other = {"status": "L", "ledgers": ("2L",)}
    books.document(71, date(2024, 5, 1), *moved("6000", "1000", "25"), LDGRP="2L", **other)  # type: ignore[arg-type]
    books.document(72, date(2024, 5, 1), *moved("6000", "1000", "4"), status="L", LDGRP="0L")
    found = told(books, tmp_path)
    assert found.balances["6000"] == 4


def test_a_ledger_that_extends_another_has_both_one_s_entries(tmp_path: Path) -> None:
    books = begun("s4")
    for below in (LEADING, "XL"):
        books.add("FINSC_LEDGER_REP", RLDNR="XL", RLDNR_PERS=below)
    books.document(2, date(2024, 5, 1), *moved("6000", "1000", "10"), ledgers=("XL",))
    found = told(books, tmp_path, settings={"ledger": "XL"})
    assert found.balances == {**BEGUN, "1000": Decimal(990), "6000": Decimal(10)}
    assert len({line["entry_id"] for line in found.lines}) == 3


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_a_reversed_document_and_its_reversal_both_count(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    posts = moved("6000", "1000", "12")
    books.document(80, date(2024, 6, 1), *posts, STBLG="0000000081")
    back = [replace(post, amount=-post.amount) for post in posts]
    books.document(81, date(2024, 6, 2), *back, STBLG="0000000080", XREVERSAL="2")
    found = told(books, tmp_path)
    assert found.balances == {**BEGUN, "6000": Decimal(0)}
    assert len(found.lines) == 8


@pytest.mark.parametrize("shape", IN_LEDGERS)
def test_plans_do_not_count(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    if shape == "flexa":
        books.add("FAGLFLEXA", RYEAR="2024", DOCNR="9", RLDNR=LEADING, RBUKRS=COMPANY, DOCLN="1", RRCTY="1",
                  RACCT="0000004000", HSL=Decimal(-5), DRCRK="H", POPER="004", BUDAT="20240401")  # fmt: skip
    books.add("FAGLFLEXT", RYEAR="2024", RLDNR=LEADING, RBUKRS=COMPANY, RRCTY="1", RACCT="0000004000",
              HSL04=Decimal(-5))  # fmt: skip
    with ledger_of(books, tmp_path) as ledger:
        assert balances(ledger) == BEGUN
        assert all(check.passed for check in run_checks(ledger))


def test_what_is_carried_forward_is_not_posted_again(tmp_path: Path) -> None:
    books = begun("s4")
    books.document(3, date(2025, 1, 5), *moved("6000", "1000", "1"))
    books.document(4, date(2026, 1, 5), *moved("6000", "1000", "1"))
    books.finish()
    carried = [row for row in books.tables.rows("ACDOCA") if row["POPER"] == "000"]
    assert sum(Decimal(str(row["HSL"])) for row in carried if row["RACCT"] == "0000001000") == 1999
    assert told(books, tmp_path).balances["1000"] == 998


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_books_may_begin_with_what_is_carried_forward(shape: str, tmp_path: Path) -> None:
    books = company(shape, fiscal=INDIA)
    books.document(1, date(2023, 5, 2), *moved("1000", "2000", "1000"))
    books.document(2, date(2023, 6, 2), *moved("6000", "1000", "100"))
    books.document(1, date(2024, 5, 2), *moved("6000", "1000", "7"))
    books.document(1, date(2025, 5, 2), *moved("6000", "1000", "5"))
    books.finish()
    for name in {"BKPF", "BSEG", "BSIS", "FAGLFLEXA", "ACDOCA"} & set(books.tables.names()):
        rows = books.tables.rows(name)
        rows[:] = [row for row in rows if row["GJAHR"] != "2023"]
    with ledger_of(books, tmp_path / "gone") as ledger:
        assert balances(ledger)["1000"] == -12
        [off] = [check for check in run_checks(ledger) if not check.passed]
        assert "account 1000 at the beginning of 2024 (lines -900" in off.detail
        assert "--set opening=first" in off.detail
    with ledger_of(books, tmp_path / "carried", settings={"opening": "first"}) as ledger:
        assert balances(ledger) == {"1000": 888, "2000": -1000, "2100": 100, "6000": 12}
        opened = ledger.rows("SELECT DISTINCT posting_date, entry_id FROM journal_lines WHERE is_opening")
        assert opened == [(date(2024, 4, 1), "2024/000")]
        assert [check.check for check in run_checks(ledger) if not check.passed] == []


# --- amounts ---


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_a_negative_posting_takes_back_from_its_own_side(shape: str, tmp_path: Path) -> None:
    books = company(shape)
    books.document(1, date(2024, 1, 2), *moved("6000", "1000", "12"))
    undone = [replace(post, amount=-post.amount, negative=True) for post in moved("6000", "1000", "12")]
    books.document(2, date(2024, 1, 3), *undone)
    found = told(books, tmp_path)
    sides = [(line["account_id"], line["debit"], line["credit"]) for line in found.lines]
    assert sides == [
        ("0000006000", 12, 0),
        ("0000001000", 0, 12),
        ("0000006000", -12, 0),
        ("0000001000", 0, -12),
    ]


@pytest.mark.parametrize("shape", ALL_SHAPES)
@pytest.mark.parametrize(
    ("local", "amount", "foreign", "document_amount"),
    [("EUR", "62.5", "JPY", "10000"), ("JPY", "10000", "KWD", "19.125"), ("KWD", "19.125", "EUR", "58.2")],
)
def test_amounts_have_the_decimals_of_their_currency(
    shape: str, local: str, amount: str, foreign: str, document_amount: str, tmp_path: Path
) -> None:
    books = company(shape, local)
    posts = [
        Post(code, sign * Decimal(amount), sign * Decimal(document_amount))
        for code, sign in (("1000", 1), ("2000", -1))
    ]
    books.document(1, date(2024, 1, 2), *posts, currency=foreign)
    rows = [
        (line["debit"] - line["credit"], line["document_currency"], line["document_amount"])
        for line in told(books, tmp_path).lines
    ]
    one = (Decimal(amount), foreign, Decimal(document_amount))
    assert sorted(rows, reverse=True) == [one, (-one[0], foreign, -one[2])]


# --- periods ---


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_special_periods_are_in_the_year_s_last_month(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    for place, (day, period) in enumerate(
        [(date(2024, 12, 31), 13), (date(2024, 12, 15), 16), (date(2025, 1, 20), 14), (date(2024, 6, 3), 15)]
    ):
        books.document(90 + place, day, *moved("6000", "1000", "5"), period=period, year=2024)
    found = told(books, tmp_path)
    days = [line["posting_date"] for line in found.lines if line["account_id"] == "0000006000"]
    end = date(2024, 12, 31)
    assert days == [end, date(2024, 12, 15), end, end]


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_a_year_from_april_on_is_named_after_the_one_in_which_it_begins(shape: str, tmp_path: Path) -> None:
    books = company(shape, fiscal=INDIA)
    books.document(1, date(2024, 4, 1), *moved("1000", "2000", "1000"))
    books.document(2, date(2025, 3, 31), *moved("6000", "1000", "1"))
    books.document(3, date(2025, 3, 31), *moved("6000", "1000", "2"), period=13)
    books.document(4, date(2025, 6, 30), *moved("6000", "1000", "4"), period=14, year=2024)
    books.document(1, date(2025, 4, 1), *moved("6000", "1000", "8"))
    with ledger_of(books, tmp_path) as ledger:
        spent = (
            "SELECT fiscal_year, fiscal_month, sum(amount) FROM journal_lines "
            "WHERE account_id = '0000006000' GROUP BY ALL ORDER BY ALL"
        )
        assert ledger.rows(spent) == [(2024, 12, Decimal(7)), (2025, 1, Decimal(8))]
        assert ledger.calendar.start_of(2024) == date(2024, 4, 1)
        assert all(check.passed for check in run_checks(ledger))


@pytest.mark.parametrize("fiscal", [INDIA, Fiscal("V9", first_month=10), Fiscal()])
def test_documents_tell_the_calendar_where_its_tables_cannot_be_read(fiscal: Fiscal, tmp_path: Path) -> None:
    books = company("bsis", fiscal=fiscal)
    for number, day in enumerate((date(2024, 2, 3), date(2024, 5, 4), date(2024, 11, 5), date(2025, 2, 6))):
        books.document(number + 1, day, *moved("1000", "2000", "1"))
    books.finish().drop("T009B")
    with ledger_of(books, tmp_path) as ledger:
        assert all(check.passed for check in run_checks(ledger)), "the totals are by fiscal year"
        for day in (date(2023, 11, 5), date(2024, 2, 3), date(2025, 2, 6)):
            assert (ledger.calendar.year_of(day), ledger.calendar.month_of(day)) == fiscal.of(day)


def test_documents_in_weekly_periods_tell_no_calendar(tmp_path: Path) -> None:
    books = begun("bsis")
    books.document(3, date(2024, 3, 28), *sale("1"), period=4)
    books.finish().drop("T009")
    with pytest.raises(UnsupportedCalendar, match="Acme AG: its periods are not months"):
        ledger_of(books, tmp_path)


def test_years_may_differ_from_each_other(tmp_path: Path) -> None:
    books = company("bseg", fiscal=Fiscal("W1", first_month=1))
    books.add("T009", PERIV="W1", XJABH="X", ANZBP="004")
    ends = [(2022, 12, 31, 4, 0)]
    ends += [(2023, 4, 1, 1, 0), (2023, 7, 1, 2, 0), (2023, 9, 30, 3, 0), (2023, 12, 30, 4, 0)]
    ends += [(2023, 12, 31, 1, 1), (2024, 3, 30, 1, 0), (2024, 6, 29, 2, 0), (2024, 9, 28, 3, 0),
             (2024, 12, 28, 4, 0)]  # fmt: skip
    for year, month, day, period, shift in ends:
        books.add("T009B", PERIV="W1", BDATJ=str(year), BUMON=f"{month:02d}", BUTAG=f"{day:02d}",
                  POPER=f"{period:03d}", RELJR=f"{shift:+d}" if shift else " 0")  # fmt: skip
    books.document(1, date(2023, 12, 30), *moved("1000", "2000", "1"), period=4)
    books.document(2, date(2023, 12, 31), *moved("1000", "2000", "2"), period=1, year=2024)
    books.document(3, date(2024, 12, 28), *moved("1000", "2000", "4"), period=5)
    with ledger_of(books, tmp_path) as ledger:
        found = "SELECT fiscal_year, fiscal_month, sum(debit) FROM journal_lines GROUP BY ALL ORDER BY ALL"
        assert ledger.rows(found) == [(2023, 4, 1), (2024, 1, 2), (2024, 4, 4)]
        assert ledger.calendar.start_of(2024) == date(2023, 12, 31)
        assert ledger.calendar.start_of(2023) == date(2023, 1, 1)


def test_a_ledger_may_have_a_calendar_of_its_own(tmp_path: Path) -> None:
    books = company("s4", fiscal=INDIA)
    books.tables.rows("T001")[0]["PERIV"] = "K4"
    books.add("FINSC_LD_CMP", BUKRS=COMPANY, RLDNR=LEADING, PERIV="V3")
    books.document(1, date(2025, 3, 31), *moved("1000", "2000", "1"))
    with ledger_of(books, tmp_path) as ledger:
        assert ledger.years == [2024]


def test_documents_tell_a_calendar_that_its_tables_do_not_list(tmp_path: Path) -> None:
    books = company("bseg", fiscal=INDIA)
    books.document(1, date(2024, 4, 1), *moved("1000", "2000", "1000"))
    books.document(2, date(2025, 3, 31), *moved("6000", "1000", "1"))
    for name in ("T009", "T009B"):
        books.tables.rows(name).clear()
    assert {year for _, year in figures(books, tmp_path)} == {2024}


# --- where they belong ---


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_lines_say_who_what_and_where(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    rent = Post("6000", Decimal(5), centre="100", profit_centre="PC1", text="May", trading_partner="G2")
    books.document("19", date(2024, 5, 1), rent, Post("1000", Decimal(-5)), BLART="KR", BKTXT="Header")
    lines = {line["account_id"].lstrip("0"): line for line in told(books, tmp_path).lines}
    found = lines["6000"]
    assert (found["entry_name"], found["journal"], found["partner_id"]) == ("19", "KR", "V:G2")
    assert found["label"] == ("Header" if shape == "flexa" else "May")
    places = {"cost_center:1000/0000000100": 100, "profit_center:1000/PC1": 100}
    assert json.loads(found["dimensions"]) == places
    assert lines["1000"]["dimensions"] is None
    assert lines["1200"]["partner_id"] == (None if shape == "flexa" else "D:0000000001")


# --- what the tables lack ---


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    books = begun("bseg")
    books.finish().drop("BKPF")
    books.tables.drop("BSEG", "SHKZG")
    for name in ("BSIS", "FAGLFLEXA"):
        books.tables.drop(name)
    missing = r"lacks table BKPF, column BSEG\.SHKZG; .* suggests SAP ecc"
    with (
        pytest.raises(UnsupportedSchema, match=missing),
        open_source(books.tables.sqlite(tmp_path / "books.sqlite")),
    ):
        pass


def test_what_can_be_done_without_is_told() -> None:
    core = {name: frozenset(columns) for name, columns in {**CORE, **HEADERS, **NEEDED["faglflexa"]}.items()}
    verdict = SapModule().probe(Schema(core))
    assert (verdict.version, verdict.missing) == ("ecc", [])
    assert verdict.lacks["open items"] == ["table BSID", "table BSAD", "table BSIK", "table BSAK"]
    assert set(verdict.lacks) == {
        *("open items", "fiscal year variants", "exchange rates", "cost centres", "profit centres", "totals"),
        *("names of accounts", "reconciliation accounts", "decimals of currencies", "partner names"),
    }


def test_an_account_without_line_items_leaves_entries_that_are_named(tmp_path: Path) -> None:
    books = begun("bsis")
    rows = books.tables.rows("BSIS")
    rows[:] = [row for row in rows if row["HKONT"] != "0000002000"]
    with ledger_of(books, tmp_path) as ledger:
        failed = {check.check: check for check in run_checks(ledger) if not check.passed}
        assert failed["entries_balance"].entries == [("1", Decimal(1000))]
        assert "2000" in failed["source_totals"].detail


def test_items_that_stand_in_two_indexes_count_once(tmp_path: Path) -> None:
    books = begun("bsis")
    [owed] = books.tables.rows("BSID")
    columns = books.tables.columns("BSIS")
    books.tables.add("BSIS", **{name: value for name, value in owed.items() if name in columns})
    found = told(books, tmp_path)
    assert found.balances == BEGUN


def test_totals_that_differ_from_the_lines_are_found(tmp_path: Path) -> None:
    for shape in ("bseg", "s4"):
        books = begun(shape)
        books.finish()
        total = books.tables.rows("GLT0" if shape == "bseg" else "FAGLFLEXT")[0]
        total["HSL01"] = Decimal(str(total["HSL01"])) + Decimal("0.01")
        with ledger_of_finished(books, tmp_path / shape) as ledger:
            [failed] = [check for check in run_checks(ledger) if not check.passed]
            assert (failed.check, failed.difference) == ("source_totals", Decimal("0.01"))


def test_totals_of_before_the_new_ledger_are_the_classic_one_s(tmp_path: Path) -> None:
    books = begun("flexa")
    books.document(3, date(2025, 3, 1), *sale("30"))
    totals = books.finish().rows("FAGLFLEXT")
    earlier = [row for row in totals if row["RYEAR"] == "2024"]
    totals[:] = [row for row in totals if row["RYEAR"] == "2025"]
    for row in earlier:
        classic = {"RLDNR": "00", "BUKRS": row["RBUKRS"]}
        moved = {name: value for name, value in row.items() if name not in ("RBUKRS", "RLDNR")}
        books.add("GLT0", **moved, **classic)
        books.add("GLT0", **{**moved, **classic, "RYEAR": "2025"})
    with ledger_of_finished(books, tmp_path / "both") as ledger:
        sold = "SELECT fiscal_year, amount FROM balances WHERE account_id = '0000004000' ORDER BY 1"
        assert ledger.rows(sold) == [(2024, Decimal("-119.5")), (2025, Decimal(-30))]
        assert all(check.passed for check in run_checks(ledger))
    books.tables.drop("GLT0")
    with ledger_of_finished(books, tmp_path / "new alone") as ledger:
        assert {year for (year,) in ledger.rows("SELECT fiscal_year FROM balances")} == {2025}
        assert all(check.passed for check in run_checks(ledger)), "years without totals are not held to any"


def ledger_of_finished(books: Books, folder: Path) -> Any:
    folder.mkdir()
    return ledger_of(books, folder, url=books.tables.sqlite(folder / "books.sqlite"))


# --- what is to be chosen ---


def test_a_client_must_be_chosen_where_there_are_two(tmp_path: Path) -> None:
    books = begun("bseg")
    books.add("T000", MANDT="200", MTEXT="Copy")
    books.add("T000", MANDT="000", MTEXT="SAP AG")
    books.company("0001", "SAP AG", client="000")
    books.company(COMPANY, "Copy AG", client="200")
    url = sqlite(books, tmp_path / "one")
    with open_source(url) as source:
        assert [found.name for found in source.companies()] == ["Acme AG"], "no other has documents"
    books.document(2, date(2024, 3, 1), *sale("9"), client="200")
    url = sqlite(books, tmp_path / "two")
    with pytest.raises(SettingNeeded, match=r"100 \(Production\), 200 \(Copy\)"), open_source(url):
        pass
    with (
        pytest.raises(SettingNeeded, match=r"has no client .*'300'"),
        open_source(url, None, {"client": "300"}),
    ):
        pass
    with open_source(url, settings={"client": "200"}) as source:
        assert [found.name for found in source.companies()] == ["Copy AG"]


def test_lines_may_be_read_from_other_tables_than_the_best(tmp_path: Path) -> None:
    url = sqlite(begun("bseg"), tmp_path)
    with open_source(url, settings={"lines": "bsis"}) as source:
        assert source.books.settings["lines"] == "bsis"
        found = source.company("Acme AG")
        assert len(source.database.rows(source.books.posted_lines(found))) == 4
    with pytest.raises(SettingNeeded, match="acdoca"), open_source(url, settings={"lines": "acdoca"}):
        pass


def test_a_ledger_that_the_tables_do_not_keep_is_refused(tmp_path: Path) -> None:
    books = begun("bsis")
    books.finish().drop("FAGLFLEXA")
    books.tables.drop("FAGLFLEXT")
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    with (
        pytest.raises(InvalidRequest, match="ledger 2L is kept in FAGLFLEXA or ACDOCA"),
        open_source(url, settings={"ledger": "2L"}),
    ):
        pass


# --- what happens where a trap is not seen ---


def _unshifted(reader: Reader, amount: Any, currency: Any) -> Any:
    return amount


def _by_number_alone(rows: Any, header: Any) -> Any:
    return and_(rows.c.MANDT == header.c.MANDT, rows.c.BELNR == header.c.BELNR)


WRONG: list[tuple[str, str, object]] = [
    ("bseg", "lines.NOT_POSTED", ("-",)),
    ("bsis", "lines.NOT_POSTED", ("-",)),
    ("bseg", "lines.OF_LEDGERS", ("-",)),
    ("s4", "lines.CARRIED_FORWARD", "999"),
    ("bseg", "reader.Reader.real_in", _unshifted),
    ("flexa", "reader.Reader.real_in", _unshifted),
    ("bseg", "lines.same_document", _by_number_alone),
    ("bseg", "lines.posting_day", lambda company, day, year, period, zero="": day),
    ("s4", "lines.FromUniversalJournal.ledgers", ["0L", "2L"]),
    ("flexa", "lines.ACTUAL", ("0", "1", "2")),
    ("bsis", "lines.CONTROL", {"D": ("KUNNR", "BSID", "BSAD")}),
    ("bseg", "reader.Reader.of", lambda reader, company, rows, client="MANDT", code="BUKRS": true()),
]  # fmt: skip


def trapped(shape: str) -> Books:
    """Books in yen with something of everything."""
    books = company(shape, "JPY", INDIA)
    books.company("2000", "Other AG")
    both = (LEADING, "2L")
    books.document(1, date(2024, 4, 2), *moved("1000", "2000", "1000"), ledgers=both)
    books.document(1, date(2025, 4, 2), *moved("6000", "1000", "40"), ledgers=both)
    books.document(2, date(2025, 3, 31), *moved("6000", "1000", "70"), period=13)
    books.document(3, date(2025, 5, 31), *moved("6000", "1000", "11"), period=13, year=2024)
    owed = Post("3300", Decimal(-9), partner=VENDOR, baseline=date(2024, 5, 1))
    books.document(4, date(2024, 5, 1), Post("6000", Decimal(9)), owed)
    books.document(5, date(2024, 5, 2), *sale("9"), status="S")
    books.document(6, date(2024, 5, 2), *moved("6000", "1000", "8"), status="L", ledgers=("2L",), LDGRP="2L")
    books.document(1, date(2024, 5, 2), *moved("6000", "1000", "8"), company="2000")
    if shape == "flexa":
        books.add("FAGLFLEXA", RYEAR="2024", DOCNR="9", RLDNR=LEADING, RBUKRS=COMPANY, DOCLN="1", RRCTY="1",
                  RACCT="0000004000", HSL=Decimal(-5), DRCRK="H", POPER="004", BUDAT="20240701")  # fmt: skip
    return books


def figures(books: Books, folder: Path) -> dict[tuple[str, int], Decimal]:
    """Each account by year."""
    found = told(books, folder)
    sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in found.lines:
        key = (line["account_id"].lstrip("0"), found.company.calendar.year_of(line["posting_date"]))
        sums[key] += line["debit"] - line["credit"]
    return dict(sums)


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_every_trap_together_changes_nothing(shape: str, tmp_path: Path) -> None:
    assert figures(trapped(shape), tmp_path) == {
        ("1000", 2024): 919,
        ("1000", 2025): -40,
        ("2000", 2024): -1000,
        ("3300", 2024): -9,
        ("6000", 2024): 90,
        ("6000", 2025): 40,
    }


@pytest.mark.parametrize(("shape", "place", "wrong"), WRONG)
def test_a_trap_that_is_not_seen_changes_figures(
    shape: str, place: str, wrong: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right = figures(trapped(shape), tmp_path / "right")
    monkeypatch.setattr(f"abax.erp.sap.{place}", wrong)
    assert _or_refused(lambda: figures(trapped(shape), tmp_path / "wrong")) != right


def _or_refused(read: Callable[[], object]) -> object:
    try:
        return read()
    except AbaxError as refused:
        return type(refused)


# --- on a server, which takes no text for a number ---


@pytest.mark.postgres
@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_a_server_says_the_same(shape: str, postgres: Server, tmp_path: Path) -> None:
    books, settings = trapped(shape), {"opening": "first" if shape in ("bsis", "s4") else "none"}
    books.finish()
    tables = ("SELECT * FROM journal_lines ORDER BY line_id", "FROM items", "FROM accounts", "FROM balances")
    said = []
    for place, url in (
        ("server", books.tables.postgres(postgres, f"sap_{shape}")),
        ("file", books.tables.sqlite(tmp_path / "books.sqlite")),
    ):
        with ledger_of(books, tmp_path / place, settings=settings, url=url) as ledger:
            said.append([ledger.rows(table) for table in tables])
            assert all(check.passed for check in run_checks(ledger))
    assert said[0] == said[1]
    assert [len(rows) for rows in said[0][:2]] == [10, 1]


# --- what real installations have ---


@pytest.mark.parametrize("file", sorted(REAL))
def test_every_column_that_is_read_is_a_real_one(file: str) -> None:
    header = development_data(f"erp/sap_seed_headers/sap_{file}_data.csv").read_text().splitlines()[0]
    there = {column.strip().upper() for column in header.split(",")}
    ours = {name: set(columns) for name, columns in _read_of(REAL[file])}
    assert ours
    assert {name: columns - there for name, columns in ours.items() if columns - there} == {}


def _read_of(table: str) -> list[tuple[str, tuple[str, ...]]]:
    """Columns that are needed of a table, wherever that is said."""
    places = (CORE, HEADERS, MASTER, *NEEDED.values(), TOTALS)
    return [(name, columns) for place in places for name, columns in place.items() if name == table]
