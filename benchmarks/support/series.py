"""A folder of monthly series, each cut into what a method sees and what it is scored on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from abax.commands.series import SUFFIXES
from abax.forecast.backtest import naive_scale
from abax.forecast.methods import SEASON
from abax.forecast.table import Reading, decoded, read_tables

Cut = tuple[list[float], list[float]]
"""History, oldest month first, and the months after it."""


@dataclass(frozen=True)
class Folder:
    """The series of a folder."""

    cuts: Sequence[Cut]
    short: int
    """Series left out: too short to hold so many months out."""
    flat: int
    """Series left out: no month differs from the one that naive forecasts take, so that there is no MASE."""


def read_folder(folder: Path, horizon: int) -> Folder:
    """All series of a folder's files; none where there is no folder.

    A file with the columns ``train`` and ``test`` says itself what is held out: months as numbers apart by
    blanks. Of any other (long or wide, as ``abax forecast FILE`` reads it) the last ``horizon`` months of a
    series are, where as many months are left, and a year of them for the naive forecast. Raises
    InvalidSeries, with file and line, for one that is no table of months.
    """
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in SUFFIXES)
    known = [cut for file in files for cut in _cuts(file, horizon)]
    told = [cut for cut in known if cut is not None]
    cuts = [(history, ahead) for history, ahead in told if naive_scale(history) > 0]
    return Folder(cuts, len(known) - len(told), len(told) - len(cuts))


def _cuts(file: Path, horizon: int) -> Iterator[Cut | None]:
    """The series of one file; None for one that is too short."""
    content = file.read_bytes()
    rows = csv.DictReader(io.StringIO(decoded(content, str(file))))
    if {"train", "test"} <= set(rows.fieldnames or ()):
        yield from _competition(rows)
        return
    for table in read_tables([(str(file), content)], Reading(date.today())):
        values = [float(value) for value in table.values]
        history, ahead = values[:-horizon], values[-horizon:]
        yield (history, ahead) if len(history) >= max(horizon, SEASON) else None


def _competition(rows: Iterable[dict[str, str]]) -> Iterator[Cut | None]:
    for row in rows:
        history, ahead = ([float(value) for value in row[name].split()] for name in ("train", "test"))
        yield (history, ahead) if history and ahead else None
