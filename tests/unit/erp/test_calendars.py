"""Fiscal periods as sources list them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from abax.dates import FiscalCalendar, Granularity, ListedCalendar
from abax.erp.calendars import is_plain, listed_periods, year_end
from abax.errors import OverlappingYears, UnsupportedCalendar
from abax.ledger.model import Company
from hypothesis import given
from hypothesis import strategies as st


def months(year: int, start: date, count: int = 12):
    """Rows of ``count`` calendar months from ``start`` on, all of fiscal year ``year``."""
    rows, first = [], start
    for number in range(1, count + 1):
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        rows.append((year, number, first, following - timedelta(1)))
        first = following
    return rows


def company(rows) -> Company:
    periods = listed_periods("Acme", rows)
    month, day = year_end(periods)
    return Company(
        company_id="1",
        name="Acme",
        currency="EUR",
        fiscal_year_end_month=month,
        fiscal_year_end_day=day,
        periods=periods,
    )


SHIFTED = [*months(2023, date(2023, 4, 1)), *months(2024, date(2024, 4, 1))]
SHORT = [*months(2023, date(2023, 1, 1)), *months(2024, date(2024, 1, 1), 3), *months(2025, date(2024, 4, 1))]


def test_calendar_years_need_no_list():
    rows = [*months(2023, date(2023, 1, 1)), *months(2024, date(2024, 1, 1))]
    assert is_plain(listed_periods("Acme", rows))
    assert not is_plain(listed_periods("Acme", SHIFTED))


def test_a_year_named_after_its_first_day_keeps_that_name():
    calendar = company(SHIFTED).calendar
    assert calendar.year_of(date(2024, 3, 31)) == 2023
    assert calendar.year_of(date(2024, 4, 1)) == 2024
    assert (calendar.start_of(2024), calendar.end_of(2024)) == (date(2024, 4, 1), date(2025, 3, 31))
    assert [month.label for month in calendar.months(2024)][:2] == ["2024-04", "2024-05"]
    assert (calendar.year_of(date(2030, 4, 1)), calendar.year_of(date(2019, 3, 31))) == (2030, 2018)
    assert calendar.start_of(2030) == date(2030, 4, 1)


def test_a_short_year_has_as_many_months_as_it_has():
    calendar = company(SHORT).calendar
    assert [month.label for month in calendar.months(2024)] == ["2024-01", "2024-02", "2024-03"]
    assert [period.label for period in calendar.periods(2024, Granularity.QUARTER)] == ["2024-Q1"]
    assert calendar.month_of(date(2024, 4, 30)) == 1
    assert calendar.year_of(date(2024, 4, 1)) == 2025
    assert calendar.year_of(date(2022, 12, 31)) == 2022


def test_weeks_of_4_4_5_go_by_number():
    starts = [
        date(2024, 1, 1) + timedelta(weeks=weeks) for weeks in (0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47)
    ]
    ends = [start - timedelta(1) for start in starts[1:]] + [date(2024, 12, 29)]
    rows = [(2024, place, start, end) for place, (start, end) in enumerate(zip(starts, ends, strict=True), 1)]
    calendar = company(rows).calendar
    assert [month.label for month in calendar.months(2024)][-1] == "2024-P12"
    assert calendar.year_of(date(2024, 12, 30)) == 2025


def test_overlapping_years_are_named():
    with pytest.raises(
        OverlappingYears,
        match=r"period 12 of 2023 \(2023-12-01 to 2023-12-31\) and period 1 of 2024 .* overlap",
    ):
        listed_periods("Acme", [*months(2023, date(2023, 1, 1)), *months(2024, date(2023, 12, 1))])


def test_thirteen_periods_are_refused():
    rows = [
        (2024, n, date(2024, 1, 1) + timedelta(28 * n), date(2024, 1, 28) + timedelta(28 * n))
        for n in range(13)
    ]
    with pytest.raises(UnsupportedCalendar, match="13 periods"):
        listed_periods("Acme", rows)


def test_years_whose_numbers_do_not_run_on_are_refused():
    with pytest.raises(UnsupportedCalendar, match="2022 is followed by 2024"):
        listed_periods("Acme", [*months(2022, date(2023, 1, 1)), *months(2024, date(2024, 1, 1))])


def test_years_before_a_gap_go_by_the_rule():
    periods = listed_periods("Acme", [*months(2019, date(2019, 1, 1)), *months(2023, date(2023, 4, 1))])
    assert {period.year for period in periods} == {2023}


@given(st.sampled_from([SHIFTED, SHORT]), st.integers(-2000, 3000))
def test_every_day_lies_in_its_own_year_and_month(rows, offset):
    calendar = company(rows).calendar
    assert isinstance(calendar, ListedCalendar)
    day = date(2023, 1, 1) + timedelta(offset)
    year = calendar.year_of(day)
    assert calendar.start_of(year) <= day <= calendar.end_of(year)
    month = calendar.months(year)[calendar.month_of(day) - 1]
    assert month.start <= day <= month.end


@given(st.sampled_from([SHIFTED, SHORT]))
def test_years_follow_each_other_without_a_gap(rows):
    calendar = company(rows).calendar
    for year, following in pairwise(range(2018, 2032)):
        assert calendar.start_of(following) == calendar.end_of(year) + timedelta(1)
        assert calendar.months(year)[-1].end == calendar.end_of(year)


def test_a_plain_rule_says_the_same_as_before():
    assert Company(company_id="1", name="A", currency="EUR").calendar == FiscalCalendar(12, 31)


def whole(*years: tuple[str, str]):
    """Rows of whole years."""
    return [
        (date.fromisoformat(end).year, None, date.fromisoformat(start), date.fromisoformat(end))
        for start, end in years
    ]


def test_whole_years_are_cut_into_months():
    periods = listed_periods("Acme", whole(("2024-04-01", "2025-03-31"), ("2023-04-01", "2024-03-31")))
    assert is_plain(periods)
    odd = listed_periods("Acme", whole(("2024-01-31", "2024-05-15")))
    assert [month.end.isoformat() for month in odd] == [
        "2024-02-28",
        "2024-03-30",
        "2024-04-29",
        "2024-05-15",
    ]


def test_of_two_years_that_end_in_one_the_earlier_goes_by_the_number_before():
    rows = whole(("2023-04-01", "2024-03-31"), ("2024-04-01", "2024-12-31"), ("2025-01-01", "2025-12-31"))
    calendar = company(rows).calendar
    assert [calendar.year_of(date(*day)) for day in ((2024, 3, 31), (2024, 4, 1), (2025, 1, 1))] == [
        2023,
        2024,
        2025,
    ]
    assert len(calendar.months(2024)) == 9


def test_a_year_of_eighteen_months_is_refused():
    with pytest.raises(UnsupportedCalendar, match="18 periods"):
        listed_periods("Acme", whole(("2023-01-01", "2024-06-30")))


def test_whole_years_that_overlap_are_named():
    with pytest.raises(OverlappingYears, match=r"fiscal year 2023 .* and fiscal year 2024 \(2023-12-31 to"):
        listed_periods("Acme", whole(("2023-01-01", "2023-12-31"), ("2023-12-31", "2024-12-31")))


def test_a_period_without_an_end_is_refused():
    with pytest.raises(UnsupportedCalendar, match="P1 of 2024 has no first or last day"):
        listed_periods("Acme", [(2024, "P1", date(2024, 1, 1), None)])
