"""The ledger of Dynamics 365 Finance: whose entries, which of them count, when, and on what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import Source, extract_master, extract_year, open_source
from abax.erp.dynamics import Dynamics, DynamicsModule
from abax.erp.dynamics.tables import OPTIONAL, Tables
from abax.erp.source import Found, Schema, source_columns
from abax.errors import SettingNeeded, UnsupportedCalendar, UnsupportedSchema
from abax.ledger import Ledger, require
from abax.ledger.model import Company, LedgerManifest
from sqlalchemy import literal
from sqlalchemy.dialects import mssql

from tests.support import postgres as pg
from tests.support.scenario import dynamics as scenario
from tests.support.scenario.dynamics import (
    ASSET,
    BALANCE,
    BY_HAND,
    CLOSING,
    CLOSING_SHEET,
    EQUITY,
    EXPENSE,
    LIABILITY,
    OPENING,
    OTHER_PARTITION,
    PARTITION,
    REVENUE,
    TOTAL,
    Books,
    posting,
)
from tests.support.scenario.history import history
from tests.support.scenario.tables import TableSet
from tests.support.scenario.told import differences, read

NEW_YEAR, LEAP_DAY, YEAR_END = date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31)
ACCOUNTS = (
    ("1000", "Bank", ASSET, "CASH"),
    ("1200", "Receivables", ASSET, "AR"),
    ("2000", "Payables", LIABILITY, "AP"),
    ("2500", "Accruals", LIABILITY, "OTHERCURLIA"),
    ("3000", "Capital", EQUITY, ""),
    ("3300", "Retained earnings", BALANCE, "RETEARN"),
    ("4000", "Sales", REVENUE, ""),
    ("5000", "Rent", EXPENSE, ""),
    ("9999", "Total of all", TOTAL, ""),
)


def company() -> Books:
    """Two legal entities with one chart and one calendar, of which the first has sold and paid something."""
    books = Books()
    years = [(str(year), date(year, 1, 1), date(year, 12, 31)) for year in (2023, 2024, 2025)]
    calendar = books.calendar(years)
    for code, name, kind, category in ACCOUNTS:
        books.account("Shared", code, name, kind, category)
    books.legal_entity("USMF", "Contoso Entertainment", "USD", calendar, "Shared")
    books.legal_entity("DEMF", "Contoso Deutschland", "EUR", calendar, "Shared")
    books.voucher("USMF", "V1", date(2024, 1, 15), posting("1000", "1000"), posting("3000", "-1000"))
    books.voucher("USMF", "V2", LEAP_DAY, posting("1200", "300.25"), posting("4000", "-300.25"))
    books.voucher("USMF", "V3", YEAR_END, posting("5000", "120.10"), posting("1000", "-120.10"))
    return books


@pytest.fixture
def books() -> Books:
    return company()


@contextmanager
def opened(books: Books | TableSet, folder: Path, url: str | None = None, **chosen: str) -> Iterator[Source]:
    """The books in SQLite, or where they have been written to already."""
    tables = books.tables if isinstance(books, Books) else books
    folder.mkdir(parents=True, exist_ok=True)
    with open_source(url or tables.sqlite(folder / "books.sqlite"), "dynamics", chosen) as source:
        yield source


def ledger_of(
    books: Books | TableSet,
    folder: Path,
    area: str = "USMF",
    mapping: dict[str, str] | None = None,
    url: str | None = None,
    **chosen: str,
) -> Ledger:
    objects = FolderObjects(folder / "objects")
    with opened(books, folder, url, **chosen) as source:
        found = source.company(area)
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=found,
            master=extract_master(source, found, mapping or {}, objects),
            years=[extract_year(source, found, year, objects) for year in source.years(found)],
            mapping=mapping or {},
        )
    return Ledger.open(manifest, objects.fetch)


def balances(ledger: Ledger, condition: str = "true") -> dict[str, Decimal]:
    """By account code, of the lines for which ``condition`` holds."""
    lines = "journal_lines JOIN chart USING (account_id)"
    rows = ledger.rows(f"SELECT code, sum(amount) FROM {lines} WHERE {condition} GROUP BY 1")
    return {code: amount for code, amount in rows if amount}


def read_balances(
    books: Books | TableSet, folder: Path, area: str = "USMF", **chosen: str
) -> dict[str, Decimal]:
    """The same of all lines, straight from the query."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    with opened(books, folder, **chosen) as source:
        firm = source.company(area)
        codes = {key: code for key, code, *_ in source.database.rows(source.books.accounts(firm))}
        for row in source.database.rows(source.books.posted_lines(firm)):
            line = dict(zip(source_columns("journal_lines"), row, strict=True))
            found[codes[line["account_id"]]] += Decimal(str(line["debit"])) - Decimal(str(line["credit"]))
    return {code: amount for code, amount in found.items() if amount}


def figures(**amounts: str) -> dict[str, Decimal]:
    return {code[1:]: Decimal(amount) for code, amount in amounts.items()}


PLAIN = figures(_1000="879.90", _1200="300.25", _3000="-1000", _4000="-300.25", _5000="120.10")


# --- what it is, and what it takes ---


def schema_of(tables: TableSet) -> Schema:
    return Schema({name: frozenset(tables.columns(name)) for name in tables.names()})


def test_it_is_told_from_other_systems_and_its_companies_are_listed(books: Books, tmp_path: Path) -> None:
    with open_source(books.tables.sqlite(tmp_path / "books.sqlite"), "dynamics") as source:
        assert (source.erp, source.version) == ("dynamics", "10")
        assert [(c.company_id, c.name, c.currency) for c in source.companies()] == [
            ("DEMF", "Contoso Deutschland", "EUR"),
            ("USMF", "Contoso Entertainment", "USD"),
        ]


def test_what_is_missing_is_named(books: Books, tmp_path: Path) -> None:
    books.tables.drop("GENERALJOURNALENTRY", "POSTINGLAYER")
    books.tables.drop("DIRPARTYTABLE", "DATAAREA")
    books.tables.drop("LEDGER", "NAME")
    books.tables.drop("FISCALCALENDARPERIOD", "CALENDAR")
    with (
        pytest.raises(UnsupportedSchema) as refused,
        open_source(books.tables.sqlite(tmp_path / "books.sqlite"), "dynamics"),
    ):
        pass
    for name in (
        "GENERALJOURNALENTRY.POSTINGLAYER",
        "DIRPARTYTABLE.DATAAREA",
        "FISCALCALENDARPERIOD.CALENDAR",
    ):
        assert f"column {name}" in str(refused.value)


def test_what_cannot_be_read_is_told_beforehand(books: Books) -> None:
    assert DynamicsModule().probe(schema_of(books.tables)).lacks == {}
    books.tables.drop("CUSTSETTLEMENT")
    books.tables.drop("MAINACCOUNTCATEGORY")
    books.tables.drop("EXCHANGERATE", "VALIDFROM")
    assert DynamicsModule().probe(schema_of(books.tables)).lacks == {
        "open items": ["table CUSTSETTLEMENT"],
        "account categories": ["table MAINACCOUNTCATEGORY"],
        "exchange rates": ["column EXCHANGERATE.VALIDFROM"],
    }


def test_without_any_of_its_optional_tables_the_ledger_is_read_all_the_same(
    books: Books, tmp_path: Path
) -> None:
    needed = set(DynamicsModule.tables) - {name for needs in OPTIONAL.values() for name in needs}
    keep = needed | {"LEDGER", "MAINACCOUNT", "GENERALJOURNALENTRY", "DIRPARTYTABLE"}
    for name in set(books.tables.names()) - keep:
        books.tables.drop(name)
    mapping = {"10*": "cash", "12*": "receivables", "33*": "retained_earnings"}
    with ledger_of(books, tmp_path, mapping=mapping) as ledger:
        assert balances(ledger) == PLAIN
        assert ledger.rows("SELECT count(*) FROM partners") == [(0,)]


# --- whose entries ---


def test_an_entry_is_the_company_s_whose_ledger_it_is_in(books: Books, tmp_path: Path) -> None:
    books.voucher("DEMF", "V2", LEAP_DAY, posting("5000", "7"), posting("1000", "-7"))
    assert read_balances(books, tmp_path / "us") == PLAIN
    assert read_balances(books, tmp_path / "de", area="DEMF") == figures(_5000="7", _1000="-7")


def test_legal_entities_in_a_table_of_their_own_are_found_there(books: Books, tmp_path: Path) -> None:
    books.tables.table(
        "COMPANYINFO", "RECID bigint, PARTITION bigint, NAME nvarchar(60), DATAAREA nvarchar(4)"
    )
    for row in books.tables.rows("DIRPARTYTABLE"):
        if row.get("DATAAREA"):
            books.tables.add(
                "COMPANYINFO",
                RECID=row["RECID"],
                PARTITION=PARTITION,
                NAME=row["NAME"],
                DATAAREA=row["DATAAREA"],
            )
    books.tables.drop("DIRPARTYTABLE", "DATAAREA")
    assert read_balances(books, tmp_path) == PLAIN


def test_another_partition_s_rows_under_the_same_ids_do_not_count(books: Books, tmp_path: Path) -> None:
    books.other_partition()
    assert read_balances(books, tmp_path / "ours", partition=str(PARTITION)) == PLAIN
    theirs = read_balances(books, tmp_path / "theirs", partition=str(OTHER_PARTITION))
    assert theirs == {code: amount * 3 for code, amount in PLAIN.items()}


def test_of_several_partitions_one_has_to_be_chosen(books: Books, tmp_path: Path) -> None:
    books.other_partition()
    url = books.tables.sqlite(tmp_path / "books.sqlite")
    with pytest.raises(SettingNeeded, match=f"{PARTITION}.*{OTHER_PARTITION}"), open_source(url, "dynamics"):
        pass


def test_a_copy_that_has_dropped_the_partition_is_read(books: Books, tmp_path: Path) -> None:
    books.without_partition()
    assert read_balances(books, tmp_path) == PLAIN


def test_rows_that_a_copy_has_marked_as_deleted_do_not_count(books: Books, tmp_path: Path) -> None:
    deleted = books.voucher("USMF", "V9", LEAP_DAY, posting("5000", "9"), posting("1000", "-9"))
    marked = TableSet()
    for name in books.tables.names():
        marked.table(name, f"{scenario.TABLES[name]}, ISDELETE bit")
        for row in books.tables.rows(name):
            gone = name == "GENERALJOURNALENTRY" and row["RECID"] == deleted
            marked.add(name, **row, ISDELETE=True if gone else None)
    assert read_balances(marked, tmp_path) == PLAIN


# --- amounts ---


def test_amounts_stand_as_they_are_and_corrections_are_negative_on_their_own_side(
    books: Books, tmp_path: Path
) -> None:
    books.voucher(
        "USMF",
        "V4",
        LEAP_DAY,
        posting("4000", "300.25", storno=True),
        posting("1200", "-300.25", storno=True),
    )
    with ledger_of(books, tmp_path) as ledger:
        columns = ledger.rows(
            "SELECT entry_name, code, amount, debit, credit FROM journal_lines JOIN chart USING (account_id) "
            "WHERE entry_name IN ('V2', 'V4') ORDER BY entry_name, code"
        )
    sale, back, nil = Decimal("300.25"), Decimal("-300.25"), Decimal(0)
    assert columns == [
        ("V2", "1200", sale, sale, nil),
        ("V2", "4000", back, nil, sale),
        ("V4", "1200", back, back, nil),
        ("V4", "4000", sale, nil, back),
    ]


def test_amounts_in_another_currency_keep_their_own_sign_and_value(books: Books, tmp_path: Path) -> None:
    euros = {"currency": "EUR", "foreign": Decimal("100")}
    books.voucher(
        "USMF", "V5", LEAP_DAY, posting("1200", "110", **euros),
        posting("4000", "-110", currency="EUR", foreign=Decimal("-100"), text="Export"),
    )  # fmt: skip
    with ledger_of(books, tmp_path) as ledger:
        found = ledger.rows(
            "SELECT document_currency, document_amount, label, journal FROM journal_lines "
            "WHERE entry_name = 'V5' ORDER BY amount"
        )
    assert found == [("EUR", Decimal(-100), "Export", "Ledger"), ("EUR", Decimal(100), "", "Ledger")]


def test_only_the_layers_asked_for_count_and_they_add_up(books: Books, tmp_path: Path) -> None:
    for layer, amount in ((1, "11"), (2, "22")):
        lines = (posting("5000", amount), posting("1000", f"-{amount}"))
        books.voucher("USMF", f"L{layer}", LEAP_DAY, *lines, layer=layer)
    assert read_balances(books, tmp_path / "current") == PLAIN
    both = read_balances(books, tmp_path / "tax", layer="0,2")
    assert both["5000"] == PLAIN["5000"] + 22
    with pytest.raises(SettingNeeded, match=r"1 \(Operations\)"):
        read_balances(books, tmp_path / "none", layer="3")


# --- accounts ---


def test_accounts_go_by_their_categories_else_by_their_types(books: Books, tmp_path: Path) -> None:
    books.account("Another chart", "1000", "Somebody else's bank", ASSET, "CASH")
    books.account("Shared", "1900", "Transit", ASSET, "TAXEXP")
    books.account("Shared", "1950", "Suspense", LIABILITY)
    with ledger_of(books, tmp_path) as ledger:
        found = {
            code: (kind, given)
            for code, kind, given in ledger.rows("SELECT code, source_type, statement_class FROM accounts")
        }
    assert found == {
        "1000": ("CASH", "cash"),
        "1200": ("AR", "receivables"),
        "1900": ("TAXEXP", None),
        "1950": ("Liability", None),
        "2000": ("AP", "payables"),
        "2500": ("OTHERCURLIA", "other_current_liabilities"),
        "3000": ("Equity", "equity"),
        "3300": ("RETEARN", "retained_earnings"),
        "4000": ("Revenue", "revenue"),
        "5000": ("Expense", "operating_expenses"),
    }


def test_a_line_is_on_the_account_of_its_combination_or_on_its_own(books: Books, tmp_path: Path) -> None:
    first, *rest = books.tables.rows("GENERALJOURNALACCOUNTENTRY")
    assert {row["MAINACCOUNT"] for row in rest} == {"0"}
    first |= {"LEDGERDIMENSION": 0, "MAINACCOUNT": books.account_id("USMF", "1000")}
    assert read_balances(books, tmp_path) == PLAIN


# --- fiscal years ---


def shaped(books: Books, years: list[tuple[str, date, date]], months: int = 12) -> Books:
    """Another company, whose years are these."""
    calendar = books.calendar(years, months)
    books.legal_entity("FRSI", "Contoso France", "EUR", calendar, "Shared")
    for _, start, end in years:
        lines = (posting("1000", "5"), posting("4000", "-5"))
        books.voucher("FRSI", f"F{start}", start, *lines)
        books.voucher("FRSI", f"L{end}", end, *lines)
    return books


def company_of(books: Books, folder: Path, area: str) -> Company:
    with open_source(books.tables.sqlite(folder / "books.sqlite"), "dynamics") as source:
        return source.company(area)


def test_years_by_the_calendar_need_no_list(books: Books, tmp_path: Path) -> None:
    found = company_of(books, tmp_path, "USMF")
    assert (found.fiscal_year_end_month, found.fiscal_year_end_day, found.periods) == (12, 31, ())


def test_years_go_by_the_number_in_their_names(books: Books, tmp_path: Path) -> None:
    shaped(
        books,
        [("FY 2023", date(2023, 4, 1), date(2024, 3, 31)), ("FY 2024", date(2024, 4, 1), date(2025, 3, 31))],
    )
    with ledger_of(books, tmp_path, area="FRSI") as ledger:
        assert ledger.years == [2023, 2024]
        assert ledger.calendar.end_of(2023) == date(2024, 3, 31)
        assert ledger.rows("SELECT count(*) FROM journal_lines WHERE fiscal_year = 2023") == [(4,)]


@pytest.mark.parametrize("names", [("2023/24", "2024/25"), ("FY24", "FY25"), ("2024", "last")])
def test_years_whose_names_leave_it_open_go_by_the_year_they_end_in(
    books: Books, tmp_path: Path, names: tuple[str, str]
) -> None:
    ends = [(date(2023, 4, 1), date(2024, 3, 31)), (date(2024, 4, 1), date(2025, 3, 31))]
    shaped(books, [(name, *span) for name, span in zip(names, ends, strict=True)])
    with ledger_of(books, tmp_path, area="FRSI") as ledger:
        assert ledger.years == [2024, 2025]


def test_a_short_year_is_as_long_as_its_periods(books: Books, tmp_path: Path) -> None:
    calendar = books.calendar([("2023", date(2023, 10, 1), date(2023, 12, 31))], months=3)
    books.legal_entity("FRSI", "Contoso France", "EUR", calendar, "Shared")
    year = books.add("FISCALCALENDARYEAR", FISCALCALENDAR=calendar, NAME="2024")
    for month in range(1, 13):
        last = date(2024, month + 1, 1) - timedelta(1) if month < 12 else YEAR_END
        books.period(calendar, year, str(month), date(2024, month, 1), last, scenario.OPERATING)
    books.voucher("FRSI", "V1", date(2023, 12, 31), posting("1000", "5"), posting("4000", "-5"))
    with ledger_of(books, tmp_path, area="FRSI") as ledger:
        assert [month.label for month in ledger.calendar.months(2023)] == ["2023-10", "2023-11", "2023-12"]
        assert ledger.rows("SELECT DISTINCT fiscal_year, fiscal_month FROM journal_lines") == [(2023, 3)]


def test_periods_may_call_their_calendar_otherwise(books: Books, tmp_path: Path) -> None:
    shaped(books, [("FY 2024", date(2023, 7, 1), date(2024, 6, 30))])
    renamed = TableSet()
    for name in books.tables.names():
        columns = scenario.TABLES[name]
        old, new = " CALENDAR bigint", " FISCALCALENDAR bigint"
        renamed.table(name, columns.replace(old, new) if name == "FISCALCALENDARPERIOD" else columns)
        for row in books.tables.rows(name):
            values = {"FISCALCALENDAR" if key == "CALENDAR" else key: value for key, value in row.items()}
            renamed.add(name, **values)
    with ledger_of(renamed, tmp_path, area="FRSI") as ledger:
        assert ledger.calendar.end_of(2024) == date(2024, 6, 30)


def test_thirteen_periods_a_year_are_refused_by_name(books: Books, tmp_path: Path) -> None:
    calendar = books.calendar([("2024", NEW_YEAR, YEAR_END)], months=12)
    books.legal_entity("FRSI", "Contoso France", "EUR", calendar, "Shared")
    [last] = [
        row for row in books.tables.rows("FISCALCALENDARPERIOD")
        if row["CALENDAR"] == calendar and row["NAME"] == "Period 12"
    ]  # fmt: skip
    last["ENDDATE"] = scenario.at(date(2024, 12, 15))
    books.period(calendar, int(str(last["FISCALCALENDARYEAR"])), "13", date(2024, 12, 16), YEAR_END, 1)
    with pytest.raises(UnsupportedCalendar, match=r"Contoso France.*2024 has 13 periods"):
        company_of(books, tmp_path, "FRSI")


# --- closing a year ---


def close(books: Books, how: str) -> Books:
    books.close_year("USMF", NEW_YEAR, YEAR_END, how, "3300")
    books.voucher("USMF", "V9", date(2025, 2, 1), posting("5000", "50"), posting("1000", "-50"))
    return books


AFTER = PLAIN | figures(_1000="829.90", _5000="170.10")


@pytest.mark.parametrize("how", ["all", "none", "result"])
def test_however_a_year_is_closed_what_happened_is_the_same(books: Books, tmp_path: Path, how: str) -> None:
    with ledger_of(close(books, how), tmp_path) as ledger:
        require(ledger)
        assert balances(ledger, "NOT is_closing") == AFTER
        assert balances(ledger, "is_opening") == {}
        moved = figures(_3300="-180.15", _4000="300.25", _5000="-120.10")
        assert balances(ledger, "is_closing") == (moved if how == "result" else {})


@pytest.mark.parametrize("how", ["all", "result"])
def test_a_year_closed_once_more_for_late_postings_is_the_same(
    books: Books, tmp_path: Path, how: str
) -> None:
    close(books, how)
    books.voucher("USMF", "LATE", YEAR_END, posting("5000", "8"), posting("1000", "-8"))
    books.close_year("USMF", NEW_YEAR, YEAR_END, how, "3300", "YEC2")
    with ledger_of(books, tmp_path) as ledger:
        require(ledger)
        late = AFTER | figures(_1000="821.90", _5000="178.10")
        assert balances(ledger, "NOT is_closing") == late


def test_a_twin_that_has_another_posting_type_is_known_by_what_is_opened(tmp_path: Path) -> None:
    books = company()
    books.flag = BY_HAND
    assert read_balances(close(books, "all"), tmp_path) == AFTER


def test_an_adjustment_that_halves_a_balance_is_no_twin_of_it(books: Books, tmp_path: Path) -> None:
    """Next year opens two accounts with the opposite of what it took from them."""
    halved = [
        posting(code, amount) for code, amount in (("1000", "-441.95"), ("2000", "-1"), ("5000", "442.95"))
    ]
    books.voucher("USMF", "V8", YEAR_END, posting("2000", "2"), posting("1000", "4"), posting("5000", "-6"))
    books.voucher("USMF", "HALF", YEAR_END, *halved, kind=CLOSING)
    books.close_year("USMF", NEW_YEAR, YEAR_END, "none", "3300")
    found = read_balances(books, tmp_path)
    assert (found["1000"], found["2000"]) == (Decimal("441.95"), Decimal(1))


def test_retained_earnings_may_have_neither_type_nor_category(tmp_path: Path) -> None:
    books = company()
    for row in books.tables.rows("MAINACCOUNT"):
        if row["MAINACCOUNTID"] == "3300":
            row["ACCOUNTCATEGORYREF"] = 0
    with ledger_of(close(books, "result"), tmp_path, mapping={"3300": "retained_earnings"}) as ledger:
        require(ledger)
        assert balances(ledger, "is_closing").keys() == {"3300", "4000", "5000"}


def test_opening_balances_before_which_nothing_was_posted_open_the_books(tmp_path: Path) -> None:
    books = company()
    books.voucher("DEMF", "MIG", NEW_YEAR, posting("1000", "40"), posting("3300", "-40"), kind=OPENING)
    books.voucher("DEMF", "V1", LEAP_DAY, posting("5000", "3"), posting("1000", "-3"))
    books.close_year("DEMF", NEW_YEAR, YEAR_END, "all", "3300")
    with ledger_of(books, tmp_path, area="DEMF") as ledger:
        assert balances(ledger) == figures(_1000="37", _3300="-40", _5000="3")
        assert balances(ledger, "is_opening") == figures(_1000="40", _3300="-40")


def test_adjustments_in_a_closing_period_count_in_the_last_month_or_not_at_all(
    books: Books, tmp_path: Path
) -> None:
    accrued = (posting("5000", "60", posting=CLOSING_SHEET), posting("2500", "-60", posting=CLOSING_SHEET))
    books.voucher("USMF", "ADJ", YEAR_END, *accrued, kind=CLOSING)
    close(books, "all")
    counted = AFTER | figures(_5000="230.10", _2500="-60")
    assert read_balances(books, tmp_path / "in") == counted
    with ledger_of(books, tmp_path / "month") as ledger:
        month = ledger.rows(
            "SELECT DISTINCT fiscal_year, fiscal_month FROM journal_lines WHERE entry_name = 'ADJ'"
        )
    assert month == [(2024, 12)]
    assert read_balances(books, tmp_path / "out", closing_adjustments="none") == AFTER


def test_a_result_moved_into_equity_by_hand_is_a_closing_entry(books: Books, tmp_path: Path) -> None:
    moved = [
        posting(code, amount, posting=CLOSING_SHEET)
        for code, amount in (("4000", "300.25"), ("3300", "-300.25"))
    ]
    books.voucher("USMF", "HAND", YEAR_END, *moved, kind=CLOSING)
    with ledger_of(books, tmp_path) as ledger:
        require(ledger)
        assert balances(ledger, "NOT is_closing") == PLAIN
        assert balances(ledger, "is_closing") == figures(_4000="300.25", _3300="-300.25")


# --- lines that would be wrong otherwise ---


def unaware(tables: Tables, left: Any, right: Any) -> list[Any]:
    """Forgets the partition where journal lines are joined."""
    return [] if "LEDGERDIMENSION" in left.c else [left.c.PARTITION == right.c.PARTITION]


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("dynamics.closing.Closing._kinds", {}),
        ("dynamics.closing._sort", lambda account, category: literal("result")),
        ("dynamics.closing.Closing.counts", lambda closing, heads: heads.period.c.TYPE >= 0),
        ("dynamics.closing.Closing._first_day", "2999-12-31"),
        ("dynamics.books.Dynamics._of", lambda books, company, heads: heads.entry.c.RECID > 0),
        ("dynamics.tables.Tables.same_partition", unaware),
    ],
)
def test_a_declaration_that_ignores_a_trap_gives_other_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, wrong: object
) -> None:
    books = company()
    books.voucher("DEMF", "V2", LEAP_DAY, posting("5000", "7"), posting("1000", "-7"))
    books.voucher("USMF", "V0", date(2023, 3, 1), posting("1000", "2"), posting("4000", "-2"))
    books.close_year("USMF", date(2023, 1, 1), date(2023, 12, 31), "result", "3300")
    close(books, "all").other_partition()
    before = told(books, tmp_path / "right")
    monkeypatch.setattr(f"abax.erp.{place}", wrong)
    assert told(books, tmp_path / "wrong") != before


def told(books: Books, folder: Path) -> list[tuple[Any, ...]]:
    """All that is said of the lines, but for their own keys."""
    with opened(books, folder, partition=str(PARTITION)) as source:
        rows = source.database.rows(source.books.posted_lines(source.company("USMF")))
    return sorted(row[1:] for row in rows)


# --- the whole history ---


def test_every_figure_of_three_years_in_a_copy_without_partitions(tmp_path: Path) -> None:
    lived = history(seed=3)
    url = scenario.write(lived, closing="none", partition=False).sqlite(tmp_path / "books.sqlite")
    assert differences(read(url, scenario, lived, tmp_path), lived) == []


@pytest.mark.postgres
def test_every_figure_of_years_from_july_on_is_what_happened_on_postgresql(
    tmp_path: Path, postgres: pg.Server
) -> None:
    lived = history(seed=5, year_end_month=6)
    tables = scenario.write(lived, closing="result", dimensions="tables", partition=False)
    url = tables.postgres(postgres, "dynamics")
    assert differences(read(url, scenario, lived, tmp_path), lived) == []


def test_a_late_posting_changes_the_mark_of_its_year_alone(tmp_path: Path) -> None:
    def marks(books: Books, folder: Path) -> dict[int, str]:
        folder.mkdir()
        with open_source(books.tables.sqlite(folder / "books.sqlite"), "dynamics") as source:
            return {year.year: year.watermark for year in source.years(source.company("USMF"))}

    before = marks(close(company(), "all"), tmp_path / "before")
    books = close(company(), "all")
    books.voucher("USMF", "LATE", date(2024, 3, 1), posting("5000", "1"), posting("1000", "-1"))
    after = marks(books, tmp_path / "after")
    assert {year for year in before if before[year] != after[year]} == {2024}


# --- its own database ---

QUERIES: list[Callable[[Dynamics, Company], Any]] = [
    lambda books, company: books.companies(),
    Dynamics.periods,
    Dynamics.accounts,
    Dynamics.partners,
    Dynamics.rates,
    Dynamics.dimensions,
    Dynamics.posted_lines,
    Dynamics.all_items,
    Dynamics.all_item_settlements,
]


@pytest.mark.parametrize("query", QUERIES)
def test_queries_and_their_look_ups_are_spelt_as_sql_server_takes_them(query: Callable[..., Any]) -> None:
    asked: list[Any] = []

    def rows(look_up: Any) -> list[tuple[Any, ...]]:
        asked.append(look_up)
        return []

    found = Found(schema_of(Books().tables), "10", {"partition": "1", "layer": "0"}, rows)
    asked.append(query(Dynamics(found), Company(company_id="usmf", name="Contoso", currency="USD")))
    for each in asked:
        for literally in (True, False):
            text = str(each.compile(dialect=mssql.dialect(), compile_kwargs={"literal_binds": literally}))  # type: ignore[no-untyped-call]
            for foreign in ("||", " LIMIT ", "::", " true", " false", "N'') = 0", "IS true"):
                assert foreign not in text, text
            assert not re.search(r"GROUP BY [^\n)]*:\w+_\d", text), (
                "parameters in two places are never the same"
            )
