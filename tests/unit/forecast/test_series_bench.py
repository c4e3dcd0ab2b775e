"""The benchmark of forecasts reads any folder of monthly series, and says what it leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from abax.errors import InvalidSeries
from abax.forecast.table import label

from benchmarks import forecast
from benchmarks.support.series import read_folder

HORIZON = 6


def long(*series: tuple[str, list[float]]) -> str:
    """A file of series that begin in January 2020."""
    rows = [
        f"{name},{label(2020 * 12 + place)},{value}"
        for name, values in series
        for place, value in enumerate(values)
    ]
    return "\n".join(["series,month,value", *rows])


def wave(months: int, size: float = 100.0) -> list[float]:
    """A season on a trend."""
    return [size + 10.5 * (month % 12) + 3 * month for month in range(months)]


def test_a_competitions_file_says_itself_what_is_held_out(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("id,train,test\nA,1.0 2.0 4.0,3.0 5.5\nB,7 7 7,7\nC,1 2,\n")
    found = read_folder(tmp_path, HORIZON)
    assert list(found.cuts) == [([1.0, 2.0, 4.0], [3.0, 5.5])]
    assert (found.short, found.flat) == (1, 1)


def test_of_a_long_file_the_last_months_of_each_series_are_held_out(tmp_path: Path) -> None:
    sales, rent = wave(30), wave(18, 500.0)
    (tmp_path / "books.csv").write_text(long(("sales", sales), ("rent", rent), ("new", wave(17))))
    found = read_folder(tmp_path, HORIZON)
    assert list(found.cuts) == [(sales[:24], sales[24:]), (rent[:12], rent[12:])]
    assert (found.short, found.flat) == (1, 0)


def test_of_a_wide_file_too_and_files_of_both_kinds_lie_in_one_folder(tmp_path: Path) -> None:
    rows = [f"{label(2020 * 12 + place)};{value};5" for place, value in enumerate(wave(20))]
    (tmp_path / "wide.tsv").write_text("\n".join(["month;sales;rent", *rows]))
    (tmp_path / "m.csv").write_text("train,test\n1 2 4,3\n")
    (tmp_path / "SOURCES.md").write_text("where these come from")
    found = read_folder(tmp_path, HORIZON)
    assert list(found.cuts) == [([1.0, 2.0, 4.0], [3.0]), (wave(20)[:14], wave(20)[14:])]
    assert (found.short, found.flat) == (0, 1)


def test_a_file_that_is_no_table_of_months_is_named(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text("name,age\nAnna,40\n")
    with pytest.raises(InvalidSeries, match=r"staff\.csv"):
        read_folder(tmp_path, HORIZON)


def test_no_folder_has_no_series(tmp_path: Path) -> None:
    assert read_folder(tmp_path / "nowhere", HORIZON).cuts == []


def test_every_way_is_scored_on_the_folder_and_the_short_series_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "books.csv").write_text(long(("sales", wave(42)), ("new", wave(17))))
    monkeypatch.setattr(forecast, "FOLDER", tmp_path)
    monkeypatch.setattr(forecast, "HORIZON", HORIZON)
    monkeypatch.setattr(forecast, "PARTS", ["choice"])
    rows: list[dict[str, Any]] = list(forecast.run())
    assert [(row["metric"], row["ours"]) for row in rows if row["case"] == tmp_path.name] == [
        ("series left out", 1)
    ]
    of_choice = {row["metric"]: row for row in rows if row["case"].endswith(", 1 series: choice")}
    assert of_choice["mase"]["peer"] == 1.0  # a year of a trend is what the scale is made of
    assert of_choice["mase"]["ours"] < of_choice["mase"]["peer"]


def test_a_way_that_can_do_no_series_has_no_figures(tmp_path: Path) -> None:
    (tmp_path / "books.csv").write_text(long(("sales", wave(18))))
    found = forecast.scored("theta", read_folder(tmp_path, HORIZON).cuts)
    assert (found.smape, found.mase, found.failed) == (None, None, 1)
