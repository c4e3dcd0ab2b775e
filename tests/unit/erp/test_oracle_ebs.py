"""Oracle E-Business Suite's general ledger by hand, in a copy of its tables: what counts, what does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master
from abax.erp.oracle_ebs import OracleEbs, OracleEbsModule
from abax.erp.registry import MODULES, open_source
from abax.erp.source import Schema
from abax.errors import (
    AbaxError,
    InvalidRequest,
    MalformedValue,
    NoCurrency,
    SettingNeeded,
    UnsupportedCalendar,
    UnsupportedSchema,
)
from abax.ledger import Ledger, build_package, run_checks
from sqlalchemy import true

from tests.support import postgres as pg
from tests.support.scenario.oracle_ebs_books import LEDGER_SET, ORG, OTHER_ORG, SECONDARY, EbsBooks
from tests.unit.erp.ebs import MAPPING, SETTINGS, balances, ledger_of, move, small_books, source_of

EXPECTED = {"1000": "1230.10", "2000": "-1000", "4000": "-350.10", "6100": "120"}
RENT = (("6100", "7"), ("1000", "-7"))

Opened = Callable[..., Any]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULES, "oracle_ebs", OracleEbsModule())


@pytest.fixture
def books() -> EbsBooks:
    return small_books()


@pytest.fixture
def opened(books: EbsBooks, tmp_path: Path) -> Opened:
    """The books, balances and all, as a ledger: the journals alone, which is faster."""

    def opened(settings: dict[str, str] = SETTINGS) -> Any:
        books.balances()
        if "AP_SUPPLIERS" in books.tables.names():
            books.tables.drop("AP_SUPPLIERS")
        return ledger_of(books.tables.sqlite(tmp_path / "books.sqlite"), tmp_path, settings)

    return opened


def amounts(expected: dict[str, str]) -> dict[str, Decimal]:
    return {account: Decimal(amount) for account, amount in expected.items()}


def failed(ledger: Ledger) -> dict[str, str]:
    return {check.check: check.detail for check in run_checks(ledger) if not check.passed}


def master(books: EbsBooks, folder: Path, table: str, settings: dict[str, str] = SETTINGS) -> list[Any]:
    """A master table's rows as stored."""
    objects = FolderObjects(folder / "objects")
    with source_of(books.tables.sqlite(folder / "books.sqlite"), settings) as source:
        keys = extract_master(source, source.company("1"), MAPPING, objects)
    return duckdb.execute(f"FROM '{objects.fetch(keys[table])}' ORDER BY ALL").fetchall()


# --- what it is, and which ledger ---


def test_it_is_told_from_other_systems(books: EbsBooks, tmp_path: Path) -> None:
    with open_source(books.tables.sqlite(tmp_path / "books.sqlite"), settings=SETTINGS) as source:
        assert (source.erp, source.version) == ("oracle_ebs", "R12")
        assert [(c.name, c.currency, c.fiscal_year_end_month) for c in source.companies()] == [
            ("Acme", "EUR", 12)
        ]


def test_what_is_missing_is_named(books: EbsBooks, tmp_path: Path) -> None:
    books.tables.drop("GL_JE_HEADERS", "ACTUAL_FLAG")
    books.tables.drop("GL_PERIODS")
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    with pytest.raises(UnsupportedSchema, match="ACTUAL_FLAG") as refused, source_of(url):
        pass
    assert refused.value.missing == ("column GL_JE_HEADERS.ACTUAL_FLAG", "table GL_PERIODS")


def test_without_its_subledgers_a_ledger_is_read_all_the_same(
    books: EbsBooks, tmp_path: Path, opened: Opened
) -> None:
    for table in ("AP_INVOICES_ALL", "GL_DAILY_RATES"):
        books.tables.drop(table)
    schema = Schema({name: frozenset(books.tables.columns(name)) for name in books.tables.names()})
    verdict = OracleEbsModule().probe(schema)
    assert verdict.missing == []
    assert verdict.lacks == {
        "open items": ["table AP_INVOICES_ALL"],
        "exchange rates": ["table GL_DAILY_RATES"],
    }
    with opened({"ledger": "1"}) as ledger:
        assert balances(ledger) == amounts(EXPECTED)
        assert not ledger.has_items
        assert failed(ledger) == {}


def test_a_ledger_must_be_chosen_and_secondary_ones_are_shown_as_such(
    books: EbsBooks, tmp_path: Path
) -> None:
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    shown = r"1 \(Acme\), 2 \(Acme IFRS, SECONDARY\); give --set ledger"
    with pytest.raises(SettingNeeded, match=shown), source_of(url, {}):
        pass
    for wrong in (str(LEDGER_SET), "7", "1,2"):
        with pytest.raises(SettingNeeded), source_of(url, {"ledger": wrong}):
            pass


def test_the_only_ledger_needs_no_choice(books: EbsBooks, tmp_path: Path) -> None:
    rows = books.tables.rows("GL_LEDGERS")
    rows[:] = [row for row in rows if row["LEDGER_ID"] != SECONDARY]
    with source_of(books.tables.sqlite(tmp_path / "books.sqlite"), {}) as source:
        assert [company.company_id for company in source.companies()] == ["1"]


def test_operating_units_are_chosen_where_a_ledger_has_several(books: EbsBooks, tmp_path: Path) -> None:
    books.transaction("X", 501, date(2024, 1, 1), date(2024, 1, 1), Decimal(1), "1200", ORG_ID=OTHER_ORG)
    url = books.tables.sqlite(tmp_path / "one.sqlite")
    with source_of(url, {"ledger": "1"}) as source:  # the other unit is of another ledger
        assert source.books.all_items(source.company("1")) is not None
    with pytest.raises(SettingNeeded, match="205"), source_of(url, {"ledger": "1", "org": str(OTHER_ORG)}):
        pass
    books.tables.rows("RA_CUSTOMER_TRX_ALL")[-1]["SET_OF_BOOKS_ID"] = 1
    url = books.tables.sqlite(tmp_path / "two.sqlite")
    shown = "there is 204, 205; give --set org"
    with pytest.raises(SettingNeeded, match=shown), source_of(url, {"ledger": "1"}):
        pass
    with ledger_of(url, tmp_path, {"ledger": "1", "org": f"{ORG}, {OTHER_ORG}"}) as ledger:
        assert ledger.rows("SELECT sum(amount) FROM items") == [(Decimal(1),)]


def test_a_setting_that_it_does_not_have_is_refused(books: EbsBooks, tmp_path: Path) -> None:
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    with pytest.raises(InvalidRequest, match="no setting 'client'"), source_of(url, {"client": "100"}):
        pass
    with pytest.raises(SettingNeeded, match="there is D, US"), source_of(url, {**SETTINGS, "language": "F"}):
        pass


def test_a_secondary_ledger_has_journals_but_no_open_items(books: EbsBooks, tmp_path: Path) -> None:
    move(books, "Local", date(2024, 4, 1), *RENT, LEDGER_ID=SECONDARY)
    books.tables.drop("GL_BALANCES")
    with ledger_of(books.tables.sqlite(tmp_path / "b.sqlite"), tmp_path, {"ledger": "2"}) as ledger:
        assert balances(ledger) == amounts({"6100": "7", "1000": "-7"})
        assert (ledger.company.name, ledger.has_items) == ("Acme IFRS", False)


def test_a_ledger_without_a_currency_is_named(books: EbsBooks, opened: Opened) -> None:
    books.tables.rows("GL_LEDGERS")[0]["CURRENCY_CODE"] = None
    with pytest.raises(NoCurrency, match="Acme has no functional currency"), opened():
        pass


# --- journals ---


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"STATUS": "U"}, id="not posted"),
        pytest.param({"ACTUAL_FLAG": "B"}, id="budget"),
        pytest.param({"ACTUAL_FLAG": "E"}, id="encumbrance"),
        pytest.param({"CURRENCY_CODE": "STAT"}, id="statistics"),
        pytest.param({"LEDGER_ID": SECONDARY}, id="secondary ledger"),
    ],
)
def test_other_journals_do_not_count(books: EbsBooks, opened: Opened, header: dict[str, Any]) -> None:
    move(books, "Other", date(2024, 4, 1), *RENT, **header)
    with opened() as ledger:
        assert balances(ledger) == amounts(EXPECTED)
        assert failed(ledger) == {}


def test_both_sides_of_a_reversal_count(books: EbsBooks, opened: Opened) -> None:
    move(books, "Accrual", date(2024, 4, 30), *RENT)
    back = [(account, str(-Decimal(amount))) for account, amount in RENT]
    move(books, "Reverses Accrual", date(2024, 5, 1), *back, REVERSED_JE_HEADER_ID="104")
    with opened() as ledger:
        assert balances(ledger) == amounts(EXPECTED)
        moved = "SELECT fiscal_month, sum(amount) FROM journal_lines WHERE account_id = '6100' GROUP BY 1"
        assert dict(ledger.rows(moved)) == {3: 120, 4: 7, 5: -7}


def test_a_line_of_nulls_is_a_line_of_nil(books: EbsBooks, opened: Opened) -> None:
    move(books, "Nil", date(2024, 4, 1), ("6100", "0"), ("1000", "0"))
    row = books.tables.rows("GL_JE_LINES")[-1]
    assert not {"ENTERED_DR", "ENTERED_CR", "ACCOUNTED_DR", "ACCOUNTED_CR"} & set(row)
    with opened() as ledger:
        nil = ledger.rows("SELECT debit, credit, amount, document_amount FROM journal_lines WHERE amount = 0")
        assert nil == [(0, 0, 0, 0)] * 2


def test_foreign_amounts_and_texts_come_along(books: EbsBooks, opened: Opened) -> None:
    lines = [
        (books.code("1000"), Decimal("92.5"), Decimal(100)),
        (books.code("4000", cost="100"), Decimal("-92.5"), Decimal(-100)),
    ]
    header: dict[str, Any] = {"CURRENCY_CODE": "USD", "DOC_SEQUENCE_VALUE": 4711, "DESCRIPTION": "To the US"}
    books.journal("Export", date(2024, 12, 31), lines, JE_SOURCE="Receivables", **header)
    with opened() as ledger:
        [found] = ledger.rows(
            "SELECT posting_date, amount, document_currency, document_amount, entry_name, journal, label, "
            "dimensions FROM journal_lines WHERE document_currency = 'USD' AND amount < 0"
        )
        assert found[:4] == (date(2024, 12, 31), Decimal("-92.5"), "USD", Decimal(-100))
        assert found[4:7] == ("4711", "Receivables / Adjustment", "To the US")
        assert json.loads(found[7]) == {
            "balancing:01": 100,
            "cost_center:100": 100,
            "product:0000": 100,
            "intercompany:00": 100,
        }


# --- periods ---


def test_adjustments_stand_in_the_normal_period_before_them(books: EbsBooks, opened: Opened) -> None:
    day = date(2024, 3, 31)
    books.period("ADJ-Q1", 2024, 99, day, day, "Y")
    for period in books.tables.rows("GL_PERIODS") + books.periods:  # put it between March and April
        number = "PERIOD_NUM" if "PERIOD_NUM" in period else "number"
        name = period.get("PERIOD_NAME", period.get("name"))
        if period.get("PERIOD_YEAR", period.get("year")) == 2024 and period.get("PERIOD_TYPE") != "Quarter":
            later = int(str(period[number])) > 3 and name != "ADJ-Q1"
            period[number] = 4 if name == "ADJ-Q1" else int(str(period[number])) + later
    books.period("OPEN-25", 2025, 0, date(2025, 1, 1), date(2025, 1, 1), "Y")
    for period, posted in (("ADJ-Q1", day), ("ADJ-24", date(2025, 1, 20)), ("OPEN-25", date(2024, 12, 31))):
        move(books, period, posted, *RENT, PERIOD_NAME=period, period=period)
    with opened() as ledger:
        found = ledger.rows(
            "SELECT entry_name, posting_date, fiscal_year, fiscal_month FROM journal_lines "
            "WHERE account_id = '6100' AND amount = 7 ORDER BY 1"
        )
        assert found == [
            ("ADJ-24", date(2024, 12, 31), 2024, 12),
            ("ADJ-Q1", date(2024, 3, 31), 2024, 3),
            ("OPEN-25", date(2025, 1, 1), 2025, 1),
        ]
        assert failed(ledger) == {}


def test_a_line_stays_in_the_period_that_it_was_booked_in(books: EbsBooks, opened: Opened) -> None:
    move(books, "Late", date(2024, 5, 3), *RENT, period="APR-24")
    move(books, "Early", date(2024, 5, 3), *RENT, period="JUN-24")
    with opened() as ledger:
        days = ledger.rows("SELECT DISTINCT entry_name, posting_date FROM journal_lines WHERE amount = 7")
        assert sorted(days) == [("Early", date(2024, 6, 1)), ("Late", date(2024, 4, 30))]


def test_a_journal_of_a_period_that_is_not_in_the_calendar_is_named(books: EbsBooks, opened: Opened) -> None:
    move(books, "Odd", date(2024, 5, 3), *RENT, PERIOD_NAME="Q1-2024")
    with pytest.raises(MalformedValue, match="journal line 105-1 is posted without a date"), opened():
        pass


def test_fiscal_years_are_those_of_the_ledger_s_own_calendar(tmp_path: Path) -> None:
    books = EbsBooks(name="Weeks")
    for code, kind in (("1000", "A"), ("2100", "O"), ("6100", "E")):
        books.account(code, code, kind)
    books.retained("2100")
    start = date(2024, 2, 4)
    for year in (2025, 2026):  # named after the year in which they end, months of 4, 4 and 5 weeks
        for number in range(1, 13):
            end = start.fromordinal(start.toordinal() + 7 * (5 if number % 3 == 0 else 4) - 1)
            books.period(f"P{number:02}-{year}", year, number, start, end)
            start = end.fromordinal(end.toordinal() + 1)
    move(books, "One", date(2024, 2, 4), *RENT)
    move(books, "Two", date(2025, 2, 1), *RENT)
    move(books, "Three", date(2025, 2, 2), *RENT)
    books.balances()
    with ledger_of(books.tables.sqlite(tmp_path / "b.sqlite"), tmp_path, {"ledger": "1"}) as ledger:
        found = ledger.rows(
            "SELECT entry_name, fiscal_year, fiscal_month FROM journal_lines WHERE amount > 0 ORDER BY 2, 3"
        )
        assert found == [("One", 2025, 1), ("Two", 2025, 12), ("Three", 2026, 1)]
        assert failed(ledger) == {}


def test_a_year_of_thirteen_periods_is_refused_by_name(books: EbsBooks, opened: Opened) -> None:
    books.period("P13-25", 2025, 14, date(2026, 1, 1), date(2026, 1, 28))
    refused = "calendar of Acme: fiscal year 2025 has 13 periods"
    with pytest.raises(UnsupportedCalendar, match=refused), opened():
        pass


# --- accounts and dimensions ---


def test_accounts_are_what_the_flexfield_calls_so(books: EbsBooks, tmp_path: Path) -> None:
    rows = master(books, tmp_path, "accounts")
    assert [(row[1], row[2], row[4]) for row in rows] == [
        ("1000", "Bank", "cash"),
        ("1200", "Receivables", "receivables"),
        ("2000", "Capital", "equity"),
        ("2100", "Retained earnings", "retained_earnings"),
        ("4000", "Sales", "revenue"),
        ("6100", "Rent", "operating_expenses"),
        ("9999", "Clearing", "other_current_assets"),
    ]
    for table in ("FND_ID_FLEX_SEGMENTS", "FND_SEGMENT_ATTRIBUTE_VALUES", "GL_CODE_COMBINATIONS"):
        for row in books.tables.rows(table):
            if row.get("APPLICATION_COLUMN_NAME") == "SEGMENT4":
                row["APPLICATION_COLUMN_NAME"] = "SEGMENT9"
            if "SEGMENT4" in row:
                row |= {"SEGMENT9": row["SEGMENT4"], "SEGMENT4": "77"}
    assert master(books, tmp_path / "..", "accounts") == rows


def test_a_chart_without_a_natural_account_is_named(books: EbsBooks, tmp_path: Path) -> None:
    for row in books.tables.rows("FND_SEGMENT_ATTRIBUTE_VALUES"):
        if row["ID_FLEX_NUM"] == 101 and row["SEGMENT_ATTRIBUTE_TYPE"] == "GL_ACCOUNT":
            row["ATTRIBUTE_VALUE"] = "N"
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    with pytest.raises(UnsupportedSchema, match="GL_ACCOUNT for chart of accounts 101"), source_of(url):
        pass


def test_names_are_in_the_language_asked_for_else_in_english(books: EbsBooks, tmp_path: Path) -> None:
    texts = books.tables.rows("FND_FLEX_VALUES_TL")
    bank = next(row["FLEX_VALUE_ID"] for row in texts if row["DESCRIPTION"] == "Bank")
    books.add("FND_FLEX_VALUES_TL", FLEX_VALUE_ID=bank, LANGUAGE="D", DESCRIPTION="Bankkonto")
    books.value("account", "1000", "The same under another parent")  # of a dependent value set
    capital = next(row for row in texts if row["DESCRIPTION"] == "Capital")
    capital["DESCRIPTION"] = " "
    names = {row[1]: row[2] for row in master(books, tmp_path, "accounts", {**SETTINGS, "language": "D"})}
    assert (names["1000"], names["4000"], names["2000"]) == ("Bankkonto", "Sales", "2000")
    places = master(books, tmp_path, "dimensions", {**SETTINGS, "language": "D"})
    assert [row[:4] for row in places if row[1] == "cost_center"] == [
        ("cost_center:000", "cost_center", "000", "000")
    ]


def test_an_account_of_two_types_is_named_once_both_are_booked_on(books: EbsBooks, opened: Opened) -> None:
    books.kinds["6100"] = "A"
    odd = books.code("6100", cost="100")
    with opened() as ledger:
        assert ledger.accounts["6100"].statement_class == "operating_expenses"
    books.tables.rows("GL_BALANCES").clear()
    books.journal("Odd", date(2024, 5, 1), [(odd, Decimal(1)), (books.code("1000"), Decimal(-1))])
    with pytest.raises(MalformedValue, match="natural account 6100 has lines of the account types"), opened():
        pass


def test_summary_accounts_are_no_accounts(books: EbsBooks, tmp_path: Path) -> None:
    books.balances()
    assert books.summary() in {
        row["CODE_COMBINATION_ID"] for row in books.tables.rows("GL_CODE_COMBINATIONS")
    }
    assert "T" not in [row[0] for row in master(books, tmp_path, "accounts")]


def test_rates_are_corporate_before_any_other(books: EbsBooks, tmp_path: Path) -> None:
    for kind, rate in (("User", "9"), ("Corporate", "0.92"), ("Spot", "0.93")):
        books.add("GL_DAILY_RATES", FROM_CURRENCY="USD", TO_CURRENCY="EUR", CONVERSION_DATE=date(2024, 1, 1),
                  CONVERSION_TYPE=kind, CONVERSION_RATE=Decimal(rate))  # fmt: skip
    books.add("GL_DAILY_RATES", FROM_CURRENCY="EUR", TO_CURRENCY="USD", CONVERSION_DATE=date(2024, 1, 1),
              CONVERSION_TYPE="Corporate", CONVERSION_RATE=Decimal("1.08"))  # fmt: skip
    assert master(books, tmp_path, "fx_rates") == [("USD", date(2024, 1, 1), Decimal("0.92"))]


# --- Oracle's own totals ---


def test_balances_are_the_lines_and_results_roll_into_retained_earnings(
    books: EbsBooks, tmp_path: Path
) -> None:
    books.balances()
    assert [(row[0], row[1], row[2], row[3]) for row in master(books, tmp_path, "balances")] == [
        ("1000", 2024, 0, Decimal("1180.10")),
        ("1000", 2025, Decimal("1180.10"), 50),
        ("2000", 2024, 0, -1000),
        ("2000", 2025, -1000, 0),
        ("2100", 2025, Decimal("-180.10"), 0),
        ("4000", 2024, 0, Decimal("-300.10")),
        ("4000", 2025, 0, -50),
        ("6100", 2024, 0, 120),
        ("6100", 2025, 0, 0),
    ]


def test_statements_open_with_what_oracle_opens_with(books: EbsBooks, opened: Opened) -> None:
    with opened() as ledger:
        by_account = dict(
            ledger.rows("SELECT account_id, opening FROM balances WHERE fiscal_year = 2025 AND opening <> 0")
        )
        sums = dict(
            ledger.rows(
                "SELECT account_id, sum(amount) FROM journal_lines WHERE fiscal_year < 2025 GROUP BY 1"
            )
        )
        results = sums.pop("4000") + sums.pop("6100")
        assert by_account == {**sums, "2100": results}
        sheet = build_package(ledger, 2025).statement("balance_sheet", "year")
        retained = next(row for row in sheet.lines if row.line == "retained_earnings")
        assert retained.values[-1] == -by_account["2100"]


def test_a_balance_that_its_lines_do_not_explain_is_named(books: EbsBooks, opened: Opened) -> None:
    books.balances()
    for row in books.tables.rows("GL_BALANCES"):
        if row["PERIOD_NET_DR"] == 120:
            row["PERIOD_NET_DR"] = Decimal("120.01")
    books.balances = lambda: None  # type: ignore[method-assign]
    with opened() as ledger:
        assert failed(ledger) == {"source_totals": "account 6100 in 2024 (lines -0.01)"}


def test_closing_an_income_statement_by_journal_moves_the_result_only(
    books: EbsBooks, opened: Opened
) -> None:
    lines = (("4000", "300.10"), ("6100", "-120"), ("2100", "-180.10"))
    move(books, "Close", date(2024, 12, 31), *lines, period="ADJ-24", JE_CATEGORY="Income Statement Close")
    with opened() as ledger:
        assert failed(ledger) == {}
        closing = ledger.rows("SELECT DISTINCT entry_name FROM journal_lines WHERE is_closing")
        assert closing == [("Close",)]


def test_a_balance_sheet_closed_and_opened_by_journal_is_left_out(books: EbsBooks, opened: Opened) -> None:
    close = {"JE_CATEGORY": "Balance Sheet Close", "JE_SOURCE": "Closing Journal"}
    move(books, "Shut", date(2024, 12, 31), ("1000", "-1180.10"), ("2000", "1000"), ("9999", "180.10"),
         period="ADJ-24", **close)  # fmt: skip
    move(books, "Reverses Shut", date(2025, 1, 1), ("1000", "1180.10"), ("2000", "-1000"),
         ("9999", "-180.10"), **close)  # fmt: skip
    with opened() as ledger:
        assert balances(ledger) == amounts(EXPECTED)
        assert failed(ledger) == {}
        assert ledger.rows("SELECT count(*) FROM journal_lines") == [(8,)]
        assert ledger.rows("SELECT count(opening) FROM balances") == [(0,)]


# --- what these tests would find ---


def _all_ledgers(books: OracleEbs, header: Any) -> Any:
    return header.c.STATUS == "P"


def _any_status(books: OracleEbs, header: Any) -> Any:
    return header.c.LEDGER_ID == 1


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("OracleEbs._posted", _all_ledgers),
        ("OracleEbs._posted", _any_status),
        ("_normal", lambda period: true()),
        ("_nil", lambda amount: amount),
        ("OracleEbs._in_chart", lambda books, code: true()),
        ("OracleEbs._in_calendar", lambda books, period: period.c.PERIOD_TYPE == "Month"),
        ("OracleEbs._in_calendar", lambda books, period: period.c.PERIOD_SET_NAME == "ACCOUNTING"),
        ("CARRIED_OVER", "Another"),
        ("RESULT_CLOSED", ("Another",)),
        ("RETAINED", "O"),
    ],
)
def test_a_rule_that_is_not_kept_shows(
    books: EbsBooks, opened: Opened, monkeypatch: pytest.MonkeyPatch, place: str, wrong: object
) -> None:
    monkeypatch.setattr(f"abax.erp.oracle_ebs.books.{place}", wrong)
    assert _told(books, opened) != TOLD


def test_with_all_rules_kept_nothing_of_it_shows(books: EbsBooks, opened: Opened) -> None:
    assert _told(books, opened) == TOLD


@pytest.mark.postgres
def test_nor_does_it_on_postgresql(books: EbsBooks, postgres: pg.Server, tmp_path: Path) -> None:
    def opened() -> Any:
        books.balances()
        return ledger_of(books.tables.postgres(postgres, "ebs_journals"), tmp_path)

    assert _told(books, opened) == TOLD


TOLD: Final[tuple[Any, ...]] = (
    amounts({"1000": "1223.10", "2000": "-1000", "2100": "-173.10", "4000": "-50"}),
    {},
    [(3,)],
    {
        "1000": "cash",
        "1200": "receivables",
        "2000": "equity",
        "2100": "retained_earnings",
        "4000": "revenue",
        "6100": "operating_expenses",
        "9999": "other_current_assets",
    },
)


def _told(books: EbsBooks, opened: Opened) -> object:
    """What is told of books with a trap for each rule, or why they are refused."""
    for header in ({"STATUS": "U"}, {"ACTUAL_FLAG": "B"}, {"LEDGER_ID": SECONDARY}):
        move(books, "Other", date(2024, 4, 1), *RENT, **header)
    move(books, "Late", date(2024, 12, 31), *RENT, period="ADJ-24")
    lines = (("4000", "300.10"), ("6100", "-127"), ("2100", "-173.10"))
    move(books, "Close", date(2024, 12, 31), *lines, period="ADJ-24", JE_CATEGORY="Income Statement Close")
    shut = (("1000", "-1173.10"), ("2000", "1173.10"))
    move(books, "Shut", date(2024, 12, 31), *shut, period="ADJ-24", JE_CATEGORY="Balance Sheet Close")
    try:
        with opened() as ledger:
            closing = ledger.rows("SELECT count(*) FROM journal_lines WHERE is_closing")
            classes = dict(ledger.rows("SELECT account_id, statement_class FROM chart"))
            return balances(ledger), failed(ledger), closing, classes
    except AbaxError as error:
        return repr(error)
