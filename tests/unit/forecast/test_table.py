"""Files of monthly series: what is read, what is mended and told, and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from abax.errors import HorizonTooLong, InvalidSeries
from abax.forecast.many import forecast_tables
from abax.forecast.table import (
    Mark,
    Missing,
    Reading,
    Table,
    amount_of,
    filled_in,
    label,
    month_of,
    read_table,
    read_tables,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
TODAY = date(2026, 11, 20)
READING = Reading(TODAY)


def read(text: str, reading: Reading = READING, encoding: str = "utf-8") -> list[Table]:
    return read_table(text.encode(encoding), "sales.csv", reading)


def long(*rows: str) -> str:
    return "\n".join(["series,month,value", *rows, ""])


def series(values: list[object], first: int = 2020 * 12, name: str = "sales") -> str:
    return long(*(f"{name},{label(first + place)},{value}" for place, value in enumerate(values)))


@pytest.mark.parametrize(
    "text",
    [
        "2024-03", "2024-03-31", "2024-03-01T00:00:00", "2024/03", "202403", "20240331", "2024M03", "03/2024",
        "3.2024", "31.03.2024", "01.03.2024", "31/03/2024", "03/31/2024", "Mar 2024", "March 2024",
        "31-Mar-2024",
    ],
)  # fmt: skip
def test_a_month_may_be_written_in_many_ways(text: str) -> None:
    assert label(month_of(text)) == "2024-03"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-13", "no month"),
        ("2024", "no month"),
        ("spring 2024", "no month"),
        ("01/02/2024", "may be two months"),
        ("2024-Q1", "is a quarter"),
    ],
)
def test_what_is_no_month_or_may_be_two_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        month_of(text)


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1,234.50", Mark.POINT, "1234.50"),
        ("1.234,50", Mark.COMMA, "1234.50"),
        ("1 234 567,5", Mark.COMMA, "1234567.5"),
        ("1'234.5", Mark.POINT, "1234.5"),
        ("(12.00)", Mark.POINT, "-12.00"),
        ("12,5-", Mark.COMMA, "-12.5"),
        ("−3", Mark.POINT, "-3"),
        ("1.5e3", Mark.POINT, "1.5e3"),
        (".5", Mark.POINT, "0.5"),
    ],
)
def test_an_amount_may_be_written_in_many_ways(text: str, mark: Mark, amount: str) -> None:
    assert amount_of(text, mark) == D(amount)


@pytest.mark.parametrize(
    "text", ["12,34.5", "1e999", "1e16", "inf", "twelve", "12 %", "--3", "1.2.3", "0x10"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount|too many digits"):
        amount_of(text, Mark.POINT)


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def _written(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@given(
    columns=st.lists(st.lists(AMOUNTS, min_size=3, max_size=3), min_size=1, max_size=3),
    delimiter=st.sampled_from(";\t|,"),
    mark=st.sampled_from([".", ","]),
    shape=st.sampled_from(["long", "wide", "across"]),
)
def test_every_shape_and_spelling_reads_back_as_it_was(
    columns: list[list[Decimal]], delimiter: str, mark: str, shape: str
) -> None:
    months = ["2024-11", "2024-12", "2025-01"]
    names = [f"s{place}" for place in range(len(columns))]
    texts = [[f"{value:.2f}".replace(".", mark) for value in column] for column in columns]
    if shape == "long":
        rows = [["series", "month", "value"]]
        rows += [
            [name, month, value]
            for name, own in zip(names, texts, strict=True)
            for month, value in zip(months, own, strict=True)
        ]
    elif shape == "wide":
        rows = [["month", *names]]
        rows += [[month, *(own[place] for own in texts)] for place, month in enumerate(months)]
    else:
        rows = [["series", *months]]
        rows += [[name, *own] for name, own in zip(names, texts, strict=True)]
    found = read(_written(rows, delimiter))
    assert [(table.name, list(table.values)) for table in found] == list(zip(names, columns, strict=True))
    assert {label(table.first) for table in found} == {"2024-11"}


def test_a_file_of_windows_and_one_with_a_mark_are_read() -> None:
    text = "Monat;Erlöse\n2024-01;1,5\n2024-02;2,5\n"
    for encoding in ("cp1252", "utf-8-sig", "utf-16"):
        [table] = read(text, encoding=encoding)
        assert (table.name, table.values) == ("Erlöse", (D("1.5"), D("2.5")))


def test_a_file_without_names_of_series_is_one_called_as_the_file() -> None:
    [table] = read("date,value,currency\n2024-01-31,5,eur\n2024-02-29,6,eur\n")
    assert (table.name, table.currency) == ("sales", "EUR")


def test_series_called_alike_in_two_files_get_their_files_names() -> None:
    text = series([1, 2]).encode()
    found = read_tables([("a/north.csv", text), ("a/south.csv", text)], READING)
    assert [table.name for table in found] == ["north: sales", "south: sales"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("month,sales\n", "has no values"),
        ("sales\n1\n", "is one column"),
        ("a,b\n1,2\n", "no column is called month"),
        (long("s,2024-01,1", "s,2024-02,2", "s,2024-01,1"), "line 4: s has 2024-01 twice, first on line 2"),
        (long("s,2024-01,1", "s,2024-02,x"), "line 3: s: 'x' is no amount"),
        (long("s,2024-01,1", "s,soon,2"), "line 3: s: 'soon' is no month"),
        (
            long("s,2026-10,1", "s,2026-12,2"),
            "line 3: s has a value for 2026-12.*--as-of 2026-10, or --as-of 2026-12",
        ),
        (long("s,2024-01,1.5", 's,2024-02,"1,55"'), "line 3: '1,55' has a decimal comma"),
        (long("s,2024-01,1.234", "s,2024-02,2.345"), "line 2: '1.234' may have thousands.*--decimal"),
        (long("s,2024-01,", "s,2024-02,"), "s has no value at all"),
        (long("s,2024-01,1,2"), "line 2: has 4 cells"),
        ("month,a,a\n2024-01,1,2\n", "two columns are called 'a'"),
        ("month,a,\n2024-01,1,2\n", "column 3 has values and no name"),
        (
            "series,month,value,currency\ns,2024-01,1,EUR\ns,2024-02,1,USD\n",
            "s is in more than one currency: EUR on line 2, USD on line 3",
        ),
        ("series,month,value,currency\ns,2024-01,1,euro\n", "'EURO' is no currency"),
    ],
)
def test_what_makes_no_sense_is_refused_with_file_line_and_remedy(text: str, words: str) -> None:
    with pytest.raises(InvalidSeries, match=rf"^sales\.csv: .*{words}"):
        read(text)


def test_a_workbook_is_no_text() -> None:
    with pytest.raises(InvalidSeries, match="save the sheet as CSV"):
        read_table(b"PK\x03\x04\x00\x00", "sales.xlsx", READING)


def test_a_mark_that_is_said_settles_what_values_leave_open() -> None:
    text = long("s,2024-01,1.234", "s,2024-02,2.345")
    assert read(text, Reading(TODAY, decimal=Mark.POINT))[0].values == (D("1.234"), D("2.345"))
    assert read(text, Reading(TODAY, decimal=Mark.COMMA))[0].values == (D(1234), D(2345))


def test_months_out_of_order_are_sorted_and_told_but_newest_first_is_an_order() -> None:
    [mixed] = read(long("s,2024-02,2", "s,2024-01,1", "s,2024-03,3"))
    assert mixed.values == (1, 2, 3)
    assert mixed.notes == ("months were out of order, first on line 3: sorted",)
    [newest_first] = read(long("s,2024-02,2", "s,2024-01,1"))
    assert (newest_first.values, newest_first.notes) == ((1, 2), ())


def test_the_month_that_is_not_over_is_left_out_and_told_until_its_last_day() -> None:
    text = long("s,2026-10,1", "s,2026-11,2")
    [table] = read(text)
    assert (table.values, table.notes) == ((1,), ("2026-11 is not over on 2026-11-20 and left out",))
    [table] = read(text, Reading(date(2026, 11, 30)))
    assert (table.values, table.notes) == ((1, 2), ())


def test_history_ends_where_it_is_said_to_be_it_before_today_or_after() -> None:
    text = long("s,2026-09,1", "s,2026-10,2", "s,2027-01,3", "s,2026-11,4", "s,2026-12,5")
    [table] = read(text, Reading(TODAY, date(2026, 9, 30)))
    assert (table.values, table.notes[1:]) == ((1,), ("4 months after 2026-09-30 are left out",))
    [table] = read(text, Reading(TODAY, date(2027, 1, 31)))
    assert table.values == (1, 2, 4, 5, 3)


def test_a_short_gap_is_filled_with_its_season_and_told() -> None:
    season = [10, 20, 90, 20]
    values = [D(season[month % 4] if month % 12 == 2 else 10 + month % 2) for month in range(36)]
    known = {place: value for place, value in enumerate(values) if place != 14}
    assert filled_in(known, [14])[14] == values[14]
    rows = [f"s,{label(2020 * 12 + place)},{value}" for place, value in known.items()]
    [table] = read(long(*rows))
    assert len(table.values) == 36
    assert table.values[14] == values[14]
    assert table.notes == ("2021-03 missing: filled from the months around and the season",)


def test_a_long_gap_ends_the_history_or_counts_as_nothing() -> None:
    text = long("s,2024-01,1", "s,2024-02,2", "s,2024-08,8", "s,2024-09,9")
    [table] = read(text)
    assert (label(table.first), table.values) == ("2024-08", (8, 9))
    assert "2024-03 to 2024-07 are missing: only the 2 months after are used" in table.notes[0]
    [table] = read(text, Reading(TODAY, missing=Missing.ZERO))
    assert table.values == (1, 2, 0, 0, 0, 0, 0, 8, 9)
    assert table.notes == ("5 months without a value count as zero",)
    with pytest.raises(InvalidSeries, match="2024-03 to 2024-07; write it, or say --missing fill or zero"):
        read(text, Reading(TODAY, missing=Missing.ERROR))


def test_empty_cells_before_the_first_and_after_the_last_value_are_no_gaps() -> None:
    first, second = read("month,a,b\n2024-01,,1\n2024-02,2,2\n2024-03,3,\n")
    assert (label(first.first), first.values, first.notes) == ("2024-02", (2, 3), ())
    assert (label(second.first), second.values, second.notes) == ("2024-01", (1, 2), ())


CELLS = st.sampled_from(
    [
        *("", "month", "value", "series", "currency", "2024-01", "2024-02", "01/02/2024", "1", "-2,5"),
        *("1.234", "1e40", "EUR", '"', "nan", "(3)", "(", "-", "a", "2024-Q1", "9999-12", "١٢"),
    ]
)


@given(st.lists(st.lists(CELLS, max_size=5), max_size=6), st.sampled_from(";\t|,"))
def test_any_cells_are_read_or_refused_by_name(rows: list[list[str]], delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in rows)
    try:
        found = read(text)
    except InvalidSeries as error:
        assert str(error).startswith("sales.csv: ")
    else:
        assert all(table.values for table in found)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    try:
        found = read_table(content, "sales.csv", READING)
    except InvalidSeries as error:
        assert str(error).startswith("sales.csv: ")
    else:
        assert all(table.values for table in found)


# --- forecasts of them ----------------------------------------------------------------------------------


def test_a_year_gives_something_and_three_months_say_that_they_cannot() -> None:
    [table] = read(series([100 + place % 3 for place in range(12)]))
    [found] = forecast_tables([table])
    assert len(found.line.points) == 12
    assert all(point.low <= point.value <= point.high for point in found.line.points)
    assert found.line.points[0].label == "2021-01"
    assert "12 months of history" in found.line.note
    [table] = read(series([1, 2, 3]))
    [found] = forecast_tables([table])
    assert found.line.points == []
    assert "3 months of history" in found.line.note


def test_a_horizon_that_no_history_supports_is_refused_and_one_that_some_do_is_cut_and_told() -> None:
    long_one, short_one = read(series(list(range(24)))) + read(series(list(range(100, 110)), name="b"))
    with pytest.raises(HorizonTooLong, match=r"horizon: 24 months of history do not reach 25 .* 24 at most"):
        forecast_tables([long_one, short_one], 25)
    first, second = forecast_tables([long_one, short_one], 18)
    assert (len(first.line.points), len(second.line.points)) == (18, 10)
    assert second.notes == ["10 months ahead of the 18 asked for: the history has 10 months"]


def test_a_constant_series_says_that_nothing_tells_how_far_off_it_may_be() -> None:
    [found] = forecast_tables(read(series([250] * 24)))
    assert {point.value for point in found.line.points} == {D("250.00")}
    assert "the same amount every month so far" in found.line.note


def test_one_giant_month_is_told_and_forecasts_do_not_run_after_it() -> None:
    values = [1000 + place % 5 * 20 for place in range(36)]
    values[20] = 9_000_000
    [found] = forecast_tables(read(series(values)))
    assert found.line.note.startswith("out of line and taken as if it were usual: ")
    assert all(900 < point.value < 1200 for point in found.line.points)


def test_every_method_s_score_and_the_last_year_as_it_would_have_been_forecast_are_told() -> None:
    values = [100 + place + 30 * (place % 12 == 11) for place in range(48)]
    [found] = forecast_tables(read(series(values)))
    chosen, *others = found.line.scores
    assert chosen.mase == found.line.mase
    assert chosen.weight == 1
    assert {score.method for score in others} >= {"seasonal_naive", "theta"}
    assert all(score.smape is not None for score in found.line.scores)
    assert chosen.coverage is not None
    assert [(test.label, test.ahead) for test in found.line.tested][::11] == [("2023-01", 1), ("2023-12", 12)]
    assert [test.actual for test in found.line.tested] == values[-12:]
    first = found.line.points[0]
    assert first.lowest is not None
    assert first.lowest <= first.low <= first.value <= first.high


def test_nothing_at_all_stays_nothing_and_says_so() -> None:
    [found] = forecast_tables(read(series([0] * 24)))
    assert {point.value for point in found.line.points} == {D(0)}
    assert found.line.note


def test_small_figures_keep_their_decimals() -> None:
    [found] = forecast_tables(read(series([f"0.{place % 7 + 10}25" for place in range(30)])))
    assert {-int(point.value.as_tuple().exponent) for point in found.line.points} == {4}
    assert any(point.value > 0 for point in found.line.points)


@given(st.lists(AMOUNTS, min_size=1, max_size=40))
def test_whatever_the_values_are_there_is_a_forecast_or_a_reason(values: list[Decimal]) -> None:
    table = Table("s", "f.csv", 2020 * 12, tuple(values))
    [found] = forecast_tables([table])
    if found.line.points:
        assert len(found.line.points) <= 12
        assert all(point.low <= point.value <= point.high for point in found.line.points)
    else:
        assert found.line.note
