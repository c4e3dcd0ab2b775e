"""Fiscal calendars: where years, quarters and months begin and end, and what they are called."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from abax.dates import FiscalCalendar, Granularity
from hypothesis import given
from hypothesis import strategies as st

CALENDAR_YEAR = FiscalCalendar()
TO_JUNE = FiscalCalendar(6, 30)
TO_FEBRUARY = FiscalCalendar(2, 31)
TO_MID_APRIL = FiscalCalendar(4, 5)

calendars = st.builds(FiscalCalendar, st.integers(1, 12), st.integers(1, 31))
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def test_a_calendar_year_is_named_after_itself():
    assert (CALENDAR_YEAR.start_of(2024), CALENDAR_YEAR.end_of(2024)) == (
        date(2024, 1, 1),
        date(2024, 12, 31),
    )


def test_a_shifted_year_is_named_after_the_year_it_ends_in():
    assert (TO_JUNE.start_of(2024), TO_JUNE.end_of(2024)) == (date(2023, 7, 1), date(2024, 6, 30))
    assert TO_JUNE.year_of(date(2023, 7, 1)) == 2024
    assert TO_JUNE.month_of(date(2023, 7, 1)) == 1


def test_a_year_that_ends_with_february_ends_on_its_last_day():
    assert TO_FEBRUARY.end_of(2024) == date(2024, 2, 29)
    assert TO_FEBRUARY.end_of(2025) == date(2025, 2, 28)


def test_months_are_labelled_by_the_calendar_month_when_they_are_one():
    assert [period.label for period in TO_JUNE.months(2024)][:2] == ["2023-07", "2023-08"]


def test_months_that_cross_calendar_months_are_numbered():
    first = TO_MID_APRIL.months(2024)[0]
    assert (first.label, first.start, first.end) == ("2024-P01", date(2023, 4, 6), date(2023, 5, 5))


@pytest.mark.parametrize(
    ("granularity", "labels"),
    [(Granularity.QUARTER, ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]), (Granularity.YEAR, ["2024"])],
)
def test_quarters_and_years_have_labels(granularity, labels):
    assert [period.label for period in CALENDAR_YEAR.periods(2024, granularity)] == labels


@given(calendars, st.integers(1990, 2090), st.sampled_from(Granularity))
def test_periods_tile_the_year_without_gap_or_overlap(calendar, year, granularity):
    periods = calendar.periods(year, granularity)
    assert periods[0].start == calendar.start_of(year)
    assert periods[-1].end == calendar.end_of(year)
    assert all(one.end + timedelta(1) == other.start for one, other in pairwise(periods))
    assert len({period.label for period in periods}) == len(periods)


@given(calendars, days)
def test_every_day_lies_in_the_year_and_month_that_claim_it(calendar, day):
    year, month = calendar.year_of(day), calendar.month_of(day)
    period = calendar.months(year)[month - 1]
    assert period.start <= day <= period.end
