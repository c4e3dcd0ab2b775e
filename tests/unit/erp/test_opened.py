"""Companies, years and watermarks of an open source."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta

import pytest
from abax.dates import FiscalCalendar
from abax.erp import open_source
from abax.errors import MalformedValue, UnknownCompany, UnknownYear
from abax.ledger.model import Company

from tests.unit.erp.books import STAMP, Books

Write = Callable[[Books], str]


def years(url: str, company: str = "1") -> dict[int, tuple[int, str]]:
    with open_source(url) as source:
        return {found.year: (found.lines, found.watermark) for found in source.years(source.company(company))}


def two_companies(name: str) -> Books:
    books = Books()
    books.add(
        "res_company",
        id=2,
        name=name,
        currency_id=2,
        parent_path="2/",
        fiscalyear_last_month="6",
        fiscalyear_last_day=30,
    )
    return books


def test_companies_carry_currency_and_fiscal_year_end(written: Write) -> None:
    with open_source(written(two_companies("Sub Inc"))) as source:
        parent, sub = source.companies()
    assert parent == Company(company_id="1", name="Acme", currency="EUR")
    assert (sub.company_id, sub.name, sub.currency) == ("2", "Sub Inc", "USD")
    assert (sub.fiscal_year_end_month, sub.fiscal_year_end_day) == (6, 30)


def test_a_company_without_a_fiscal_year_end_has_the_calendar_year(written: Write) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_month=None, fiscalyear_last_day=None)
    with open_source(written(books)) as source:
        assert source.company("Acme").fiscal_year_end_month == 12


def test_a_fiscal_year_end_that_is_no_day_is_named(written: Write) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_month="13")
    with open_source(written(books)) as source, pytest.raises(MalformedValue, match="13/31 of company Acme"):
        source.companies()


@pytest.mark.parametrize("given", ["1", "Acme", "acme", " ACME "])
def test_a_company_is_found_by_id_or_name(given: str, written: Write) -> None:
    with open_source(written(Books())) as source:
        assert source.company(given).company_id == "1"


def test_namesakes_have_to_be_told_apart_by_id(written: Write) -> None:
    with open_source(written(two_companies("Acme"))) as source:
        assert source.company("2").currency == "USD"
        with pytest.raises(UnknownCompany, match=r"Acme \(id 1\), Acme \(id 2\)"):
            source.company("Acme")


def test_years_are_those_with_postings_ascending(written: Write) -> None:
    books = Books()
    books.post(60, 7, 1, "2020-06-30", "old", debit=1)
    books.post(61, 7, 5, "2020-06-30", "old", credit=1)
    assert {year: lines for year, (lines, _) in years(written(books)).items()} == {2020: 2, 2024: 4, 2025: 4}


def test_a_company_without_postings_has_no_years(written: Write) -> None:
    url = written(two_companies("Sub"))
    assert years(url, "2") == {}
    with open_source(url) as source, pytest.raises(UnknownYear, match="no posted entry at all"):
        source.year(source.company("2"), 2024)


def test_one_year_can_be_asked_for(written: Write) -> None:
    with open_source(written(Books())) as source:
        assert source.year(source.company("1"), 2024).lines == 4


def test_a_posted_line_without_a_date_is_named(written: Write) -> None:
    books = Books()
    books.put("account_move_line", 6, date=None)
    with pytest.raises(MalformedValue, match="journal line 6 is posted without a date"):
        years(written(books))


TYPOS = ["0001-01-01", "9999-12-31"]


@pytest.mark.parametrize("day", ["2024-13-45", "2024-02-30", "2024-12-31x", "31/12/2024", "soon", *TYPOS])
@pytest.mark.parametrize("ends", [(12, 31), (6, 30), (2, 29), (4, 5)])
def test_a_posting_date_that_is_none_is_named_with_its_line(
    day: str, ends: tuple[int, int], written: Write
) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_month=str(ends[0]), fiscalyear_last_day=ends[1])
    books.put("account_move_line", 6, date=day)
    with pytest.raises(MalformedValue, match=f"posting date {day} of journal line 6;"):
        years(written(books))


@pytest.mark.parametrize("day", TYPOS)
def test_a_settlement_of_no_year_is_named(day: str, written: Write) -> None:
    books = Books()
    books.put("account_partial_reconcile", 1, max_date=day)
    with pytest.raises(MalformedValue, match=f"date {day} of settlement of journal line 1;"):
        years(written(books))


@pytest.mark.parametrize("ends", [(12, 31), (6, 30), (2, 28), (2, 29), (2, 31), (4, 5), (1, 1), (11, 30)])
def test_the_database_counts_lines_by_the_calendars_own_years(ends: tuple[int, int], written: Write) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_month=str(ends[0]), fiscalyear_last_day=ends[1])
    books.rows["account_move_line"].clear()
    days = [date(2023, 12, 1) + timedelta(days=n) for n in range(500)]
    for key, day in enumerate(days):
        books.post(key, 1, 1, day.isoformat(), "x", debit=1.0)
    calendar = FiscalCalendar(*ends)
    counted = {year: lines for year, (lines, _) in years(written(books)).items()}
    assert counted == Counter(calendar.year_of(day) for day in days)


def test_a_year_long_ago_is_a_year(written: Write) -> None:
    books = Books()
    books.put("account_move_line", 6, date="0202-05-03")
    assert list(years(written(books))) == [202, 2024, 2025]


def test_the_same_books_have_the_same_watermarks(written: Write) -> None:
    assert years(written(Books())) == years(written(Books()))


@pytest.mark.parametrize(
    ("table", "key", "change"),
    [
        ("account_move_line", 1, {"debit": 101.0}),
        ("account_move_line", 1, {"account_id": 1}),
        ("account_move_line", 1, {"name": "other", "write_date": "2026-02-01 00:00:00"}),
        ("account_move_line", 4, {"parent_state": "cancel"}),
        ("account_move_line", 1, {"date_maturity": "2024-03-30"}),
        ("account_move_line", 1, {"date": "2024-03-02"}),
        ("account_move_line", 1, {"partner_id": 2}),
        ("account_move_line", 1, {"journal_id": 2}),
        ("account_move_line", 1, {"currency_id": 1}),
        ("account_move_line", 1, {"move_name": "MISC/9"}),
        ("account_move_line", 1, {"name": "other", "write_date": "2025-12-31 00:00:00"}),
        ("account_move_line", 1, {"analytic_distribution": '{"9": 100.0}'}),
        ("account_partial_reconcile", 1, {"max_date": "2024-04-03"}),
        ("account_partial_reconcile", 1, {"credit_move_id": 4}),
        ("account_partial_reconcile", 1, {"amount": 49.99}),
    ],
)
def test_a_change_shows_in_the_watermark_of_its_year_alone(
    table: str, key: int, change: dict[str, object], written: Write
) -> None:
    before = years(written(Books()))
    books = Books()
    books.put(table, key, **change)
    after = years(written(books))
    assert before[2024][1] != after[2024][1]
    assert before[2025] == after[2025]


@pytest.mark.parametrize("apart", [1, 9973])
def test_values_that_swap_places_show_in_the_watermark(apart: int, written: Write) -> None:
    def swapped(first: int, second: int) -> dict[int, tuple[int, str]]:
        books = Books()
        books.post(100, 7, first, "2024-05-05", "x", debit=1.0)
        books.post(100 + apart, 7, second, "2024-05-05", "x", debit=1.0)
        return years(written(books))

    assert swapped(1, 5)[2024][1] != swapped(5, 1)[2024][1]


def test_the_order_of_rows_does_not_show_in_watermarks(written: Write) -> None:
    books = Books()
    books.rows["account_move_line"].reverse()
    assert years(written(books)) == years(written(Books()))


def test_letters_in_no_encoding_do_not_stop_the_watermark(written: Write) -> None:
    url = written(Books())
    before = years(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE account_move_line SET name = CAST(x'ff41' AS TEXT) WHERE id = 1")
    assert years(url)[2024] != before[2024]


def master(url: str) -> str:
    with open_source(url) as source:
        return source.master_watermark(source.company("1"), {})


@pytest.mark.parametrize(
    ("version", "table", "key", "change"),
    [
        (15, "account_account_type", 5, {"name": "Custom"}),
        (17, "account_account", 5, {"code": "600001"}),
        (17, "account_account", 5, {"name": '{"en_US": "Costs"}'}),
        (17, "account_account", 5, {"account_type": "expense_depreciation"}),
        (18, "account_account", 5, {"code_store": '{"1": "600001"}'}),
        (17, "res_partner", 1, {"name": "Eve"}),
        (17, "res_currency_rate", 1, {"rate": 1.2}),
        (17, "res_currency_rate", 1, {"name": "2024-01-02"}),
    ],
)
def test_a_change_of_master_data_shows_without_a_write_date(
    version: int, table: str, key: int, change: dict[str, object], written: Write
) -> None:
    before = master(written(Books(version)))
    books = Books(version)
    books.put(table, key, **change)
    assert master(written(books)) != before


def test_an_account_of_another_chart_that_is_posted_to_shows_in_the_master_watermark(written: Write) -> None:
    def renamed(name: str) -> str:
        books = Books()
        books.put("account_account", 5, company_id=2, name=name)
        return master(written(books))

    assert renamed('{"en_US": "Costs"}') != renamed('{"en_US": "Other costs"}')


def test_drafts_do_not_show_in_watermarks(written: Write) -> None:
    books = Books()
    books.put("account_move_line", 8, debit=1.0, write_date=STAMP)
    assert years(written(books)) == years(written(Books()))


def test_another_fiscal_year_end_is_another_watermark(written: Write) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_day=30)
    assert years(written(books))[2024][1] != years(written(Books()))[2024][1]
