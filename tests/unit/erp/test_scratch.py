"""Rows to CSV to Parquet: nothing is changed on the way."""

import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from abax.erp.dialects import TOO_FINE
from abax.erp.scratch import REPORT_EVERY, Scratch, Sink, _storable, encoder, scratch
from abax.erp.source import MOST_LETTERS
from abax.errors import MalformedValue, StorageError, StorageFull
from hypothesis import given, settings
from hypothesis import strategies as st

ENGINE = duckdb.connect()
DAY = date(2024, 2, 29)
DERIVED = {"fiscal_year": "2024", "fiscal_month": "2", "amount": "debit - credit"}


@dataclass
class Rows:
    """A source that has rows and no COPY."""

    given: Sequence[Sequence[Any]]
    copies: bool = False

    def stream(self, query: object) -> Iterator[Sequence[Any]]:
        yield from self.given


def line(
    key: int = 1, label: Any = None, debit: Any = 0, currency: str = "EUR", document: Any = 0
) -> list[Any]:
    """A journal line as a source gives it."""
    entry = [key, 1, "MISC/1", "MISC", 1, None, "2024-02-29", DAY, debit, 0, currency, document]
    return [*entry, label, None, 0, False]


def lines(*rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Those lines as the Parquet file has them."""
    with scratch() as place:
        return converted(place, rows)


def converted(place: Scratch, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    spooled = place.spool(Rows(rows), "journal_lines", None)  # type: ignore[arg-type]
    file = place.convert("the place", "journal_lines", spooled, DERIVED)
    return duckdb.sql(f"FROM '{file}'").fetchall()


def test_a_line_comes_through_with_all_its_columns_typed() -> None:
    twelve, five = Decimal("12.34"), Decimal(-5)
    (found,) = lines(line(7, "x", twelve, "USD", five))
    assert found[:10] == ("7", "1", "MISC/1", "MISC", "1", None, DAY, DAY, 2024, 2)
    assert found[10:] == (twelve, twelve, 0, "USD", five, "x", None, False, False)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=20))
def test_any_label_comes_through_and_nothing_is_not_empty(labels: list[str | None]) -> None:
    found = lines(*[line(key, label) for key, label in enumerate(labels)])
    assert {int(row[0]): row[15] for row in found} == dict(enumerate(labels))


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", '\n1,"x"\n'])
def test_labels_of_many_lines_come_through_a_large_file(ending: str) -> None:
    rows = [line(key, f'row {key}{ending}"quoted", and{ending}more' * 3) for key in range(40_000)]
    assert {row[0]: row[15] for row in lines(*rows)} == {str(row[0]): row[12] for row in rows}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(min_value=-(10**15), max_value=10**15), max_size=50))
def test_binary_fractions_become_the_cents_that_they_stand_for(amounts: list[int]) -> None:
    found = lines(*[line(key, debit=cents / 100) for key, cents in enumerate(amounts)])
    assert {int(row[0]): row[11] * 100 for row in found} == dict(enumerate(amounts))


@pytest.mark.parametrize(
    ("currency", "stored", "meant"),
    [
        ("EUR", 0.1 + 0.2, "0.30"),
        ("JPY", 1234567.1000000001, "1234567.1"),
        ("JPY", 1234.5, "1234.5"),
        ("KWD", 1.0005, "1.0005"),
        ("EUR", 20.125, "20.125"),
        ("EUR", Decimal("20.12500000"), "20.125"),
        ("EUR", 0.1 + 0.2 - 0.3, "0"),
        ("EUR", -1e-13, "0"),
        ("EUR", 98765432109.10001, "98765432109.1"),
    ],
)
def test_amounts_keep_four_decimals_in_any_currency_and_lose_binary_noise(
    currency: str, stored: float, meant: str
) -> None:
    assert lines(line(currency=currency, document=stored))[0][14] == Decimal(meant)


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (0.00005, "0.00005"),
        (-20.12345, "-20.12345"),
        (1234.0000000001, "1234.0000000001"),
        (Decimal("1.23456"), "1.23456"),
        ("1.23456", "1.23456"),
    ],
)
def test_an_amount_of_more_decimals_than_are_stored_is_named_with_its_line(stored: Any, said: str) -> None:
    with pytest.raises(MalformedValue, match=rf"debit '{said} \(more than 4 decimals\)' of journal line 42"):
        lines(line(1), line(42, debit=stored))


@settings(max_examples=200, deadline=None)
@given(st.decimals(-(10**11), 10**11, places=4), st.integers(-2, 2))
def test_amounts_some_units_in_the_last_place_off_are_the_amounts(meant: Decimal, off: int) -> None:
    stored = float(meant)
    for _ in range(abs(off)):
        stored = math.nextafter(stored, math.copysign(math.inf, off))
    assert Decimal(str(encoder("settlements")([1, 2, DAY, stored]).decode().split(",")[3])) == meant


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.decimals(-(10**11), 10**11, places=4),
        st.decimals(-(10**6), 10**6, places=9),
        st.decimals(-1000, 1000, places=12),
        st.floats(-1e9, 1e9).map(Decimal),
    ),
    st.integers(0, 9),
)
def test_a_server_s_texts_are_stored_as_values_are(amount: Decimal, zeros: int) -> None:
    text = f"{amount:.12f}".rstrip("0") + "0" * zeros
    [(ours,)] = ENGINE.execute(f"SELECT {_storable('v')} FROM (SELECT '{text}' AS v)").fetchall()
    theirs = encoder("settlements")([1, 2, DAY, text]).decode().rstrip().split(",")[3].strip('"')
    assert (TOO_FINE in ours) == (TOO_FINE in theirs)
    assert TOO_FINE in ours or Decimal(ours) == Decimal(theirs)


@pytest.mark.parametrize(
    ("text", "meant"), [("1e-9", None), ("1.5e-4", None), ("1.5E-7", None), ("-1e-13", 0), ("2.5e3", 2500)]
)
def test_short_exponents_are_looked_at_like_all_amounts(text: str, meant: int | None) -> None:
    [(ours,)] = ENGINE.execute(f"SELECT {_storable('v')} FROM (SELECT '{text}' AS v)").fetchall()
    theirs = encoder("settlements")([1, 2, DAY, text]).decode().rstrip().split(",")[3].strip('"')
    for told in (ours, theirs):
        assert TOO_FINE in told if meant is None else Decimal(told) == meant


@pytest.mark.parametrize("stored", ["12.00", 12, 12.0, Decimal("12.0")])
def test_amounts_may_come_as_text_or_whole_or_decimal(stored: Any) -> None:
    assert lines(line(debit=stored))[0][11] == 12


@pytest.mark.parametrize(
    "wrong", [1e15, -1e300, float("nan"), float("inf"), Decimal(10) ** 14, "12,30", "many"]
)
def test_an_amount_that_cannot_be_stored_is_named_with_its_line(wrong: Any) -> None:
    what = re.escape(f"debit '{wrong}' of journal line 42")
    with pytest.raises(MalformedValue, match=rf"the place .* {what}") as caught:
        lines(line(1), line(42, debit=wrong))
    assert caught.value.status == 422


def test_a_date_that_is_none_is_named_with_its_line() -> None:
    row = line(42)
    row[7] = "2024-02-30"
    with pytest.raises(MalformedValue, match="due_date '2024-02-30' of journal line 42"):
        lines(row)


def test_a_difference_that_cannot_be_stored_is_an_error_too() -> None:
    row = line(42, debit="90000000000000.00")
    row[9] = "-90000000000000.00"
    with pytest.raises(MalformedValue):
        lines(row)


def test_a_label_of_megabytes_is_cut() -> None:
    long, fine = line(1, "é" * 6_000_000), line(2, "x" * MOST_LETTERS)
    assert [row[15] for row in lines(long, fine)] == ["é" * MOST_LETTERS, "x" * MOST_LETTERS]


def test_a_row_too_long_to_be_read_is_named_with_its_table() -> None:
    row = line(42)
    row[13] = "z" * 12_000_000
    with pytest.raises(MalformedValue, match="journal line 42 of journal_lines: ") as caught:
        lines(line(1), row, line(3))
    assert len(str(caught.value)) < 1000


def test_want_of_memory_is_an_error_that_names_the_table() -> None:
    with scratch() as place:
        place.engine.execute("SET memory_limit = '1MB'")
        with pytest.raises(StorageError, match="journal_lines of the place could not be converted: "):
            converted(place, [line(key, "x" * 500) for key in range(20_000)])


def test_no_rows_make_an_empty_table() -> None:
    assert lines() == []


def test_rates_are_divided_exactly() -> None:
    encode = encoder("fx_rates")
    assert encode(("USD", "2024-01-01", 1, 1.1)) == b'"USD","2024-01-01",0.909090909091\n'
    assert encode(("JPY", DAY, Decimal(1), Decimal("160.25"))) == b'"JPY",2024-02-29,0.006240249610\n'


def test_progress_is_told_every_so_many_rows_and_at_the_end() -> None:
    told: list[int] = []
    sink = Sink(io.BytesIO(), "here", told.append)
    for _ in range(REPORT_EVERY + 5):
        sink.write(b"x\n")
    sink.write(b"x\n" * REPORT_EVERY, REPORT_EVERY)
    sink.finish()
    assert told == [REPORT_EVERY, 2 * REPORT_EVERY + 5, 2 * REPORT_EVERY + 5]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, as Linux has it")
@pytest.mark.parametrize("buffering", [0, 1 << 20])
def test_a_full_disk_is_told_from_other_trouble(buffering: int) -> None:
    with pytest.raises(StorageFull, match="no space left in the scratch folder"):
        full = Path("/dev/full").open("wb", buffering=buffering)  # noqa: SIM115
        sink = Sink(full, "the scratch folder")
        sink.write(b"x\n")
        sink.finish()


def test_other_trouble_with_the_disk_is_no_full_disk() -> None:
    class Broken(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(5, "Input/output error")

    with pytest.raises(StorageError, match="Input/output error") as caught:
        Sink(Broken(), "here").write(b"x\n")
    assert not isinstance(caught.value, StorageFull)


def test_a_full_disk_while_parquet_is_written_is_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with scratch() as place:
        (place.folder / "journal_lines.parquet").symlink_to("/dev/full")
        with pytest.raises(StorageFull, match="abax-extract-"):
            converted(place, [line()])


def test_the_scratch_folder_is_gone_in_the_end() -> None:
    with scratch() as place:
        converted(place, [line()])
    assert not place.folder.exists()
