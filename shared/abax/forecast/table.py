"""Monthly series out of files that people have: read, checked, and every repair told.

A file has one of three shapes, told apart by its first line::

    series,month,value[,currency]      a value a row; series and currency may be missing
    month,revenue,costs,…              a column a series
    series,2024-01,2024-02,…           a row a series

Columns are set apart by commas, semicolons, tabs or bars; decimals by a point or a comma. What can be meant
in two ways is an error that says how to write it, and so are two values of one month or two currencies of one
series. What can be mended is, with a note: rows that are out of order, months that are missing, a month that
is not over yet.
"""

from __future__ import annotations

import csv
import io
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from abax.errors import InvalidSeries, listed
from abax.forecast.methods import SEASON

LONGEST_GAP: Final = 3
"""Missing months in a row that are filled; a longer gap ends the history that is used."""

BEYOND: Final = Decimal(10) ** 15
"""Amounts from here on are not read: what is forecast of them has to fit into 28 digits."""

FINEST: Final = 9
"""The most decimals that a forecast is told with."""

DELIMITERS: Final = (";", "\t", "|", ",")


class Missing(StrEnum):
    """What a month without a value means."""

    FILL = "fill"
    """It is not known: taken from its neighbours and the season, up to ``LONGEST_GAP`` in a row."""
    ZERO = "zero"
    """Nothing happened."""
    ERROR = "error"
    """The file is wrong."""


class Mark(StrEnum):
    """What sets decimals apart."""

    POINT = "point"
    COMMA = "comma"


@dataclass(frozen=True)
class Reading:
    """How a file is to be read."""

    today: date
    """Later months cannot have happened, and the month that holds it is over on its last day only."""
    as_of: date | None = None
    """The day that history ends on instead, earlier or later; what is after it is left out."""
    missing: Missing = Missing.FILL
    decimal: Mark | None = None
    """None: told by the values."""


@dataclass(frozen=True)
class Table:
    """One series, without gaps: ``values[0]`` is of the month ``first``."""

    name: str
    file: str
    first: int
    """Months since the year 0: ``year * 12 + month - 1``."""
    values: tuple[Decimal, ...]
    currency: str = ""
    decimals: int = 0
    """The most that any value was written with."""
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The last month."""
        return self.first + len(self.values) - 1


@dataclass(frozen=True)
class Cell:
    """One value as it was written."""

    series: str
    month: str
    value: str
    currency: str
    line: int


@dataclass(frozen=True)
class Point:
    """One value, understood; None where the cell is empty."""

    month: int
    value: Decimal | None
    line: int


def read_tables(files: Iterable[tuple[str, bytes]], reading: Reading) -> list[Table]:
    """The series of some files (name and content). Series of several files that are called alike get their
    file's name in front. Raises InvalidSeries."""
    found = [table for name, content in files for table in read_table(content, name, reading)]
    names = [table.name for table in found]
    return [
        table if names.count(table.name) == 1 else replace(table, name=f"{_stem(table.file)}: {table.name}")
        for table in found
    ]


def read_table(content: bytes, file: str, reading: Reading) -> list[Table]:
    """The series of one file. Raises InvalidSeries, naming the line and what to do."""
    text = decoded(content, file)
    cells = _cells(_rows(text, file), file)
    if not cells:
        raise InvalidSeries("the file has no values", file)
    mark = reading.decimal or decimal_mark(cells, file)
    by_series: dict[str, list[Cell]] = {}
    for cell in cells:
        by_series.setdefault(cell.series, []).append(cell)
    return [_table(name, own, file, mark, reading) for name, own in by_series.items()]


def decoded(content: bytes, file: str) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or what Windows writes. Raises InvalidSeries."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise InvalidSeries("is no text; save the sheet as CSV", file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


# --- rows and cells -------------------------------------------------------------------------------------

Row = tuple[int, list[str]]
"""Number of its line, and its cells."""

_MONTH_NAMES: Final = {
    "month",
    "date",
    "period",
    "ds",
    "day",
    "time",
    "monat",
    "datum",
    "mois",
    "mes",
    "mese",
}
_VALUE_NAMES: Final = {"value", "amount", "y", "actual", "wert", "betrag", "valeur", "montant", "importe"}
_SERIES_NAMES: Final = {"series", "unique_id", "id", "line", "name", "account", "item", "serie", "reihe"}
_CURRENCY_NAMES: Final = {"currency", "ccy", "waehrung", "währung", "devise", "moneda"}


def _rows(text: str, file: str) -> list[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise InvalidSeries("the file is empty", file)
    delimiter = max(DELIMITERS, key=first.count)
    if delimiter not in first:
        raise InvalidSeries(
            f"{first[:40]!r} is one column; write series,month,value or month and a column a series", file, 1
        )
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise InvalidSeries(str(error), file, reader.line_num) from None
    kept = [(line, row) for line, row in rows if any(row)]
    if not kept:
        raise InvalidSeries("the file has no values", file)
    width = len(kept[0][1])
    for line, row in kept:
        if len(row) > width and any(row[width:]):
            raise InvalidSeries(
                f"has {len(row)} cells, the first line {width}; quote values that hold {delimiter!r}",
                file,
                line,
            )
    return [(line, [*row, *[""] * (width - len(row))]) for line, row in kept]


def _cells(rows: Sequence[Row], file: str) -> list[Cell]:
    (_, head), *body = rows
    names = [name.lower() for name in head]
    month = _place(names, _MONTH_NAMES)
    value = _place(names, _VALUE_NAMES)
    if month is not None and value is not None:
        return _long(names, body, (month, value), file)
    if sum(_is_month(name) for name in head) >= 2:
        return _across(head, body)
    if month is None and body and all(_is_month(row[0]) for _, row in body):
        month = 0
    if month is None:
        raise InvalidSeries(
            f"no column is called month; there is {listed(head)}. Write series,month,value, or month and a"
            " column a series, or series and a column a month",
            file,
            rows[0][0],
        )
    return _wide(head, body, month, file)


def _long(names: Sequence[str], body: Sequence[Row], places: tuple[int, int], file: str) -> list[Cell]:
    month, value = places
    series, currency = _place(names, _SERIES_NAMES), _place(names, _CURRENCY_NAMES)
    return [
        Cell(
            series=(row[series] if series is not None else "") or _stem(file),
            month=row[month],
            value=row[value],
            currency=row[currency].upper() if currency is not None else "",
            line=line,
        )
        for line, row in body
    ]


def _wide(head: Sequence[str], body: Sequence[Row], month: int, file: str) -> list[Cell]:
    columns = [place for place, name in enumerate(head) if place != month]
    for place in columns:
        if not head[place] and any(row[place] for _, row in body):
            raise InvalidSeries(f"column {place + 1} has values and no name", file, 1)
        if head[place] and head.index(head[place]) != place:
            raise InvalidSeries(f"two columns are called {head[place]!r}; a series has one", file, 1)
    return [
        Cell(head[place], row[month], row[place], "", line)
        for place in columns
        if head[place]
        for line, row in body
    ]


def _across(head: Sequence[str], body: Sequence[Row]) -> list[Cell]:
    months = [place for place, name in enumerate(head) if _is_month(name)]
    names = [name.lower() for name in head]
    series, currency = _place(names, _SERIES_NAMES), _place(names, _CURRENCY_NAMES)
    named = series if series is not None else next((p for p in range(len(head)) if p not in months), 0)
    return [
        Cell(row[named], head[place], row[place], row[currency].upper() if currency is not None else "", line)
        for line, row in body
        for place in months
    ]


def _place(names: Sequence[str], known: set[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in known), None)


def _stem(file: str) -> str:
    return re.split(r"[\\/]", file)[-1].rpartition(".")[0] or file


# --- months ---------------------------------------------------------------------------------------------

_ENGLISH: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.M ](\d{1,2})(?:[-/.]\d{1,2})?(?:[T ].*)?|(\d{4})(\d\d)(?:\d\d)?")
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})[-/.](\d{4})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})")
_NAMED: Final = re.compile(r"(?:\d{1,2}[- ])?([A-Za-z]{3,9})\.?[- ,]+(\d{4})")


def month_of(text: str) -> int:
    """The month that a text names, as months since the year 0.

    Raises ValueError, saying what else it may be, for what names no month or could name two.
    """
    if found := _YEAR_FIRST.fullmatch(text):
        return _month(int(found[1] or found[3]), int(found[2] or found[4]), text)
    if found := _MONTH_FIRST.fullmatch(text):
        return _month(int(found[2]), int(found[1]), text)
    if found := _DAY_FIRST.fullmatch(text):
        return _month(int(found[4]), _which_is_the_month(int(found[1]), int(found[3]), found[2], text), text)
    if (found := _NAMED.fullmatch(text)) and found[1].lower()[:3] in _ENGLISH:
        return _month(int(found[2]), _ENGLISH.index(found[1].lower()[:3]) + 1, text)
    if re.fullmatch(r"\d{4}[- ]?Q[1-4]", text):
        raise ValueError(f"{text!r} is a quarter; series are monthly: write 2024-03")
    raise ValueError(f"{text!r} is no month; write 2024-03")


def label(month: int) -> str:
    """``2024-03``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def span_of(month: int) -> tuple[date, date]:
    """First and last day of a month."""
    year, place = divmod(month, 12)
    return date(year, place + 1, 1), date(year, place + 1, monthrange(year, place + 1)[1])


def _month(year: int, month: int, text: str) -> int:
    if not (1000 <= year <= 9000 and 1 <= month <= 12):
        raise ValueError(f"{text!r} is no month; write 2024-03")
    return year * 12 + month - 1


def _which_is_the_month(first: int, second: int, mark: str, text: str) -> int:
    """Days come first where points set them apart; with slashes both customs are in use."""
    if mark == "." or first > 12 or first == second:
        return second
    if second > 12:
        return first
    raise ValueError(f"{text!r} may be two months; write 2024-03")


def _is_month(text: str) -> bool:
    try:
        month_of(text)
    except ValueError:
        return False
    return True


# --- amounts --------------------------------------------------------------------------------------------

_NOTHING: Final = {"", "-", "–", "na", "n/a", "nan", "null", "none", "#n/a"}
_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’_]")
_EITHER: Final = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
"""One mark with three digits behind it: thousands, or decimals."""


def decimal_mark(cells: Sequence[Cell], file: str) -> Mark:
    """What sets decimals apart in a file. Raises InvalidSeries where cells contradict one another, or say
    nothing for sure."""
    sure: dict[Mark, Cell] = {}
    unsure = None
    for cell in cells:
        text = _bare(cell.value)
        mark = _mark_in(text)
        if mark is not None:
            sure.setdefault(mark, cell)
        elif _EITHER.fullmatch(text):
            unsure = unsure or cell
    if len(sure) == 2:
        one, other = sure[Mark.POINT], sure[Mark.COMMA]
        raise InvalidSeries(
            f"{other.value!r} has a decimal comma, {one.value!r} on line {one.line} a decimal point; write"
            " all alike",
            file,
            other.line,
        )
    if not sure and unsure is not None:
        raise InvalidSeries(
            f"{unsure.value!r} may have thousands or decimals; say which mark sets decimals apart:"
            " --decimal point or --decimal comma",
            file,
            unsure.line,
        )
    return next(iter(sure), Mark.POINT)


def amount_of(text: str, mark: Mark) -> Decimal | None:
    """The amount that a cell holds, None for none. Raises ValueError."""
    if text.strip().lower() in _NOTHING:
        return None
    bare = _bare(text)
    thousands, point = (",", ".") if mark is Mark.POINT else (".", ",")
    whole, _, rest = bare.partition(point)
    if thousands in whole and not re.fullmatch(rf"[-+]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", whole):
        raise ValueError(f"{text!r} is no amount")
    joined = whole.replace(thousands, "") + (f".{rest}" if rest else "")
    if not re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d{1,2})?", joined, re.IGNORECASE):
        raise ValueError(f"{text!r} is no amount")
    amount = Decimal(joined)
    if abs(amount) >= BEYOND:
        raise ValueError(f"{text!r} has too many digits; write thousands or millions of it")
    return amount


def _bare(text: str) -> str:
    """Without spaces and the like between thousands; a minus in front, however it was written."""
    bare = _SPACES.sub("", text).replace("−", "-")
    if bare.startswith("(") and bare.endswith(")"):
        return f"-{bare[1:-1]}"
    return f"-{bare[:-1]}" if bare.endswith("-") and len(bare) > 1 else bare


def _mark_in(text: str) -> Mark | None:
    """The mark of decimals that a text can have alone."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return Mark.POINT if text.rindex(".") > text.rindex(",") else Mark.COMMA
    if points > 1 or commas > 1:
        return Mark.COMMA if points > 1 else Mark.POINT
    if (not points and not commas) or _EITHER.fullmatch(text):
        return None
    return Mark.POINT if points else Mark.COMMA


# --- one series -----------------------------------------------------------------------------------------


def _table(name: str, cells: Sequence[Cell], file: str, mark: Mark, reading: Reading) -> Table:
    currency = _currency(name, cells, file)
    points = [_point(cell, file, mark) for cell in cells]
    notes: list[str] = []
    known = _in_order(name, points, file, notes)
    known = _happened(name, known, file, reading, notes)
    if not known:
        raise InvalidSeries(f"{name} has no value at all; leave it out", file)
    first, values = _without_gaps(name, known, file, reading.missing, notes)
    written = [point.value for point in points if point.value is not None]
    decimals = min(FINEST, max(max(0, -int(value.as_tuple().exponent)) for value in written))
    return Table(name, file, first, tuple(values), currency, decimals, tuple(notes))


def _currency(name: str, cells: Sequence[Cell], file: str) -> str:
    first: dict[str, Cell] = {}
    for cell in cells:
        if cell.value:
            first.setdefault(cell.currency, cell)
    if len(first) > 1:
        told = ", ".join(f"{code or 'none'} on line {cell.line}" for code, cell in first.items())
        raise InvalidSeries(
            f"{name} is in more than one currency: {told}; translate it, or make a series of each", file
        )
    code = next(iter(first), "")
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise InvalidSeries(f"{code!r} is no currency; write EUR", file, first[code].line)
    return code


def _point(cell: Cell, file: str, mark: Mark) -> Point:
    try:
        return Point(month_of(cell.month), amount_of(cell.value, mark), cell.line)
    except ValueError as error:
        raise InvalidSeries(f"{cell.series}: {error}", file, cell.line) from None


def _in_order(name: str, points: Sequence[Point], file: str, notes: list[str]) -> list[Point]:
    """Ascending. Raises InvalidSeries for a month that is there twice."""
    seen: dict[int, Point] = {}
    for point in points:
        if point.month in seen:
            raise InvalidSeries(
                f"{name} has {label(point.month)} twice, first on line {seen[point.month].line}; a month has"
                " one value: add them up, or name two series",
                file,
                point.line,
            )
        seen[point.month] = point
    ordered = sorted(seen)
    if list(seen) not in (ordered, ordered[::-1]):
        late = next(after for before, after in zip(seen, list(seen)[1:], strict=False) if after < before)
        notes.append(f"months were out of order, first on line {seen[late].line}: sorted")
    return [seen[month] for month in ordered]


def _happened(
    name: str, points: Sequence[Point], file: str, reading: Reading, notes: list[str]
) -> list[Point]:
    """Without the month that is not over, and those after the day that history is to end on. Raises
    InvalidSeries for values of months to come where no such day was said."""
    end = reading.as_of or reading.today
    now = end.year * 12 + end.month - 1
    known = [point for point in points if point.value is not None]
    later = [point for point in known if point.month > now]
    if later and reading.as_of is None:
        raise InvalidSeries(
            f"{name} has a value for {label(later[0].month)}, and today is {reading.today}: no actual can be"
            f" of a month to come. Leave it out, or say how far actuals go: --as-of {label(now - 1)}, or"
            f" --as-of {label(later[-1].month)} to take it for one",
            file,
            later[0].line,
        )
    if later:
        notes.append(f"{len(later)} months after {end} are left out")
        known = [point for point in known if point.month <= now]
    if known and known[-1].month == now and not _is_over(end):
        notes.append(f"{label(now)} is not over on {end} and left out")
        return known[:-1]
    return known


def _is_over(day: date) -> bool:
    """Whether a day is the last of its month."""
    return date.fromordinal(day.toordinal() + 1).month != day.month


def _without_gaps(
    name: str, known: Sequence[Point], file: str, missing: Missing, notes: list[str]
) -> tuple[int, list[Decimal]]:
    """First month and values, every month with one. Raises InvalidSeries where none may be missing."""
    values = {point.month: point.value for point in known if point.value is not None}
    first, last = known[0].month, known[-1].month
    gaps = _gaps(values, first, last)
    if not gaps:
        return first, [values[month] for month in range(first, last + 1)]
    if missing is Missing.ERROR:
        told = listed(_told(gap) for gap in gaps)
        raise InvalidSeries(f"{name} has no value for {told}; write it, or say --missing fill or zero", file)
    if missing is Missing.ZERO:
        notes.append(f"{sum(map(len, gaps))} months without a value count as zero")
        return first, [values.get(month, Decimal(0)) for month in range(first, last + 1)]
    long = [gap for gap in gaps if len(gap) > LONGEST_GAP]
    if long:
        first = long[-1][-1] + 1
        notes.append(
            f"{_told(long[-1])} are missing: only the {last - first + 1} months after are used; where no"
            " value means nothing, say --missing zero"
        )
    short = [gap for gap in gaps if gap[0] > first]
    if short:
        notes.append(
            f"{listed(_told(gap) for gap in short)} missing: filled from the months around and the season"
        )
    filled = filled_in(values, [month for gap in short for month in gap])
    return first, [filled[month] for month in range(first, last + 1)]


def _gaps(values: Mapping[int, Decimal], first: int, last: int) -> list[list[int]]:
    """The runs of months without a value."""
    gaps: list[list[int]] = []
    for month in range(first, last + 1):
        if month not in values:
            if gaps and gaps[-1][-1] == month - 1:
                gaps[-1].append(month)
            else:
                gaps.append([month])
    return gaps


def _told(gap: Sequence[int]) -> str:
    return label(gap[0]) if len(gap) == 1 else f"{label(gap[0])} to {label(gap[-1])}"


def filled_in(values: Mapping[int, Decimal], missing: Sequence[int]) -> dict[int, Decimal]:
    """``values`` and one for each missing month: on the straight line between its neighbours, and as far off
    it as the same month of other years is, on average."""
    filled = dict(values)
    for month in missing:
        before = max(known for known in values if known < month)
        after = min(known for known in values if known > month)
        on_line = _between(values.__getitem__, before, month, after)
        span = {known // SEASON for known in values}
        years = [SEASON * step for step in range(-len(span), len(span) + 1) if step]
        off = [
            values[month + year] - _between(values.__getitem__, before + year, month + year, after + year)
            for year in years
            if all(own + year in values for own in (before, month, after))
        ]
        season = sum(off, Decimal(0)) / len(off) if off else Decimal(0)
        places = max(max(0, -int(value.as_tuple().exponent)) for value in values.values())
        filled[month] = round(on_line + season, places)
    return filled


def _between(value: Callable[[int], Decimal], before: int, month: int, after: int) -> Decimal:
    share = Decimal(month - before) / (after - before)
    return value(before) + (value(after) - value(before)) * share
