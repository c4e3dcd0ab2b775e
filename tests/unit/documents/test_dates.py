"""Printed dates, in the orders and languages of documents."""

from __future__ import annotations

from datetime import date

import pytest
from abax.documents.dates import MONTHS, date_order, find_dates, parse_date
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.dates(min_value=date(1971, 1, 1), max_value=date(2069, 12, 31))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("05.03.2018", date(2018, 3, 5)),
        ("5. März 2018", date(2018, 3, 5)),
        ("March 5, 2018", date(2018, 3, 5)),
        ("5 de marzo de 2018", date(2018, 3, 5)),
        ("1er mars 2018", date(2018, 3, 1)),
        ("OCT 3, 2016", date(2016, 10, 3)),
        ("28-01-18", date(2018, 1, 28)),
        ("5-Mar-18", date(2018, 3, 5)),
        ("20180304", date(2018, 3, 4)),
        ("2018/3/5", date(2018, 3, 5)),
        ("15 sierpnia 2022", date(2022, 8, 15)),
        ("7 augustus 2023", date(2023, 8, 7)),
        ("12MAR2018", date(2018, 3, 12)),
        ("3 août 2021", date(2021, 8, 3)),
        ("2018-03-05T00:00:00", date(2018, 3, 5)),
        ("05/13/2018", date(2018, 5, 13)),
    ],
)
def test_a_date_reads_as_it_is_printed(text: str, value: date) -> None:
    found = parse_date(text)
    assert found is not None
    assert found.value == value


@given(DAYS, st.sampled_from(sorted(MONTHS)))
def test_a_month_reads_in_every_language(day: date, language: str) -> None:
    found = parse_date(f"{day.day}. {MONTHS[language].split()[day.month - 1]} {day.year}")
    assert found is not None
    assert found.value == day


@given(
    DAYS,
    st.sampled_from([("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y"), ("dmy", "%d.%m.%y"), ("ymd", "%Y-%m-%d")]),
)
def test_a_date_reads_in_the_order_of_its_document(day: date, style: tuple[str, str]) -> None:
    found = parse_date(day.strftime(style[1]), style[0])
    assert found is not None
    assert found.value == day


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(1950 <= found.value.year <= 2100 for found in find_dates(text))


def test_one_clear_date_tells_the_order_of_all() -> None:
    assert date_order(["04/05/2020", "04/25/2020"]) == "mdy"
    assert date_order(["04/05/2020", "25/04/2020"]) == "dmy"
    assert date_order(["04/05/2020"], month_first=True) == "mdy"


def test_a_date_that_reads_both_ways_is_unsure() -> None:
    found = parse_date("04/05/2020")
    assert found is not None
    assert found.unsure


@pytest.mark.parametrize("text", ["10.000.000", "123/45/2018", "12-34-5678", "99.99.9999", "1.234,56"])
def test_other_numbers_are_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_a_telephone_number_says_nothing_about_the_order_of_dates() -> None:
    assert date_order(["T\u00e9l. 04 50 51 77 20", "12/06/2026"]) == "dmy"


def test_dates_with_the_year_first_say_nothing_of_those_with_short_years() -> None:
    texts = ["12/15/2026", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"]
    order = date_order(texts)
    assert [day.value for day in find_dates("11/03/26", order)] == [date(2026, 11, 3)]
