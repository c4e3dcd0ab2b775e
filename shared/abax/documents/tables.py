"""Tables: rows of words that stand in the same columns, with what is written above them.

A row of a table has cells apart from each other, one of them at least a number, a date or the like. Rows
below each other whose cells stand under each other make a table; what stands between them with fewer cells
goes on with the cell above. Rules and frames are not looked at: most tables of today have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final, NamedTuple

from abax.documents.layout import Segment, is_value, rows_of, segments_of, slope_of
from abax.documents.pages import Cell, Page, PageSource, Table, Word

_CELL_GAP: Final = 0.75
"""Blanks wider than this many heights of a line part the cells of a row."""
_MOST_BETWEEN: Final = 6
"""Rows of fewer cells between two rows of a table."""
_HEADER_ROWS: Final = 3


class _Row(NamedTuple):
    """A row of the page."""

    cells: tuple[Segment, ...]
    top: float
    bottom: float

    @property
    def values(self) -> int:
        """Cells that hold a number or the like."""
        return sum(is_value(cell.text) for cell in self.cells)


def with_tables(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The pages with their tables; those of a page that has some already stay."""
    done: list[Page] = []
    last: Table | None = None
    for page in pages:
        if not page.tables and page.source is not PageSource.MARKUP:
            page = replace(page, tables=tuple(tables_of(page)))
        if page.tables and last is not None and _goes_on(last, page):
            page = replace(page, tables=(replace(page.tables[0], continues=True), *page.tables[1:]))
        last = page.tables[-1] if page.tables and _is_last(page) else None
        done.append(page)
    return tuple(done)


def tables_of(page: Page) -> list[Table]:
    """The tables of a page, from the top."""
    words = page.words
    slope = slope_of(words) if page.source is not PageSource.TEXT else 0.0
    rows = [
        _Row(tuple(cells), min(cell.y0 for cell in cells), max(cell.y1 for cell in cells))
        for cells in _cells_by_row(words, slope)
    ]
    tables: list[Table] = []
    used = 0
    for first, last in _groups(rows):
        table = _table(rows, first, last, used, page.number)
        if table is not None:
            tables.append(table)
            used = last + 1
    return tables


def _cells_by_row(words: Sequence[Word], slope: float) -> list[list[Segment]]:
    by_row: dict[int, list[Segment]] = {}
    for segment in segments_of(rows_of(words, slope), _CELL_GAP):
        by_row.setdefault(segment.row, []).append(segment)
    return [by_row[row] for row in sorted(by_row)]


def _is_body(row: _Row) -> bool:
    """Whether it could be a row of a table, rather than one of a heading or of text."""
    cells = len(row.cells)
    if row.cells[0].text.endswith(":"):
        return False
    return row.values >= 1 and (cells >= 3 or (cells == 2 and is_value(row.cells[1].text)))


def _groups(rows: Sequence[_Row]) -> list[tuple[int, int]]:
    """First and last of the rows that make up each table."""
    groups: list[tuple[int, int]] = []
    first: int | None = None
    last, left = 0, 0.0
    for place, row in enumerate(rows):
        if not _is_body(row):
            continue
        if first is not None and not _follows(rows, (first, last), left, place):
            groups.append((first, last))
            first = None
        if first is None:
            first, last, left = place, place, row.cells[0].x0
        left = min(left, *(known.cells[0].x0 for known in rows[last : place + 1]))
        last = place
    if first is not None:
        groups.append((first, last))
    return [
        (first, last) for first, last in groups if max(len(row.cells) for row in rows[first : last + 1]) > 2
    ]


def _follows(rows: Sequence[_Row], table: tuple[int, int], left: float, place: int) -> bool:
    """Whether a row goes on with a table, which has a left edge: near below it, and its values under those of
    a row of it."""
    first, last = table
    above, row = rows[last], rows[place]
    height = median(cell.y1 - cell.y0 for cell in above.cells)
    if place - last - 1 > _MOST_BETWEEN or row.top - above.bottom > 8 * height:
        return False
    for number in range(last + 1, place):
        between, gap = rows[number], rows[number].top - rows[number - 1].bottom
        if len(between.cells) > 2 and not between.values:
            return False  # another heading
        if len(between.cells) == 1 and gap > 0.9 * height and between.cells[0].x0 < left + height:
            return False
    values = [cell for cell in row.cells if is_value(cell.text)]
    columns = [cell for known in rows[max(first, last - 3) : last + 1] for cell in known.cells]
    aligned = sum(any(_is_under(cell, column, height) for column in columns) for cell in values)
    return aligned >= 0.6 * len(values)


def _is_under(cell: Segment, other: Segment, height: float) -> bool:
    if abs(cell.x1 - other.x1) < 0.8 * height or abs(cell.x0 - other.x0) < 0.8 * height:
        return True
    shared = min(cell.x1, other.x1) - max(cell.x0, other.x0)
    return shared > 0.6 * min(cell.x1 - cell.x0, other.x1 - other.x0)


def _table(rows: Sequence[_Row], first: int, last: int, free_from: int, page: int) -> Table | None:
    body = [row for row in rows[first : last + 1] if _is_body(row)]
    most = max(len(row.cells) for row in body)
    start = max(first - _HEADER_ROWS - 2, free_from)
    heading = _heading(rows, first, start, most)
    columns = _columns([row for row in body if len(row.cells) >= max(most - 2, 2)], heading)
    if len(columns) < 3 or (len(body) < 2 and not heading):
        return None
    header = tuple(
        Cell(0, column, tuple(words)) for column, words in enumerate(_shared_out(heading, columns)) if words
    )
    return Table(page, header, tuple(_body_rows(rows[first : last + 1], columns, bool(header))))


def _heading(rows: Sequence[_Row], first: int, start: int, most: int) -> list[_Row]:
    """The rows right above a table that name its columns, at most a few."""
    heading: list[_Row] = []
    below = rows[first]
    for row in reversed(rows[start:first]):
        height = median(cell.y1 - cell.y0 for cell in row.cells)
        if row.values > 0.34 * len(row.cells) or below.top - row.bottom > 2.5 * height:
            break
        if len(heading) >= _HEADER_ROWS:
            break
        heading.insert(0, row)
        below = row
    while heading and len(heading[0].cells) < max(2, most // 2):
        heading.pop(0)
    return heading


def _columns(body: Sequence[_Row], heading: Sequence[_Row]) -> list[tuple[float, float]]:
    """Left and right of each column: cells that stand over each other are one, wide ones do not bridge."""
    cells = sorted(
        ((cell.x0, cell.x1) for row in (*body, *heading) for cell in row.cells),
        key=lambda span: span[1] - span[0],
    )
    columns: list[tuple[float, float]] = []
    for x0, x1 in cells:
        met = [column for column in columns if min(x1, column[1]) > max(x0, column[0])]
        if not met:
            columns.append((x0, x1))
        elif len(met) == 1:
            columns.remove(met[0])
            columns.append((min(x0, met[0][0]), max(x1, met[0][1])))
    columns.sort()
    return _without_overlap(columns)


def _without_overlap(columns: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for x0, x1 in columns:
        if kept and x0 < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(x1, kept[-1][1]))
        else:
            kept.append((x0, x1))
    return kept


def _shared_out(rows: Sequence[_Row], columns: Sequence[tuple[float, float]]) -> list[list[Word]]:
    """The words of the rows, by the column that they stand in or are nearest to."""
    shares: list[list[Word]] = [[] for _ in columns]
    for row in rows:
        for cell in row.cells:
            for column, words in _by_column(cell, columns):
                shares[column].extend(words)
    return shares


def _by_column(cell: Segment, columns: Sequence[tuple[float, float]]) -> list[tuple[int, list[Word]]]:
    """A cell as a whole where it stands in one column, else word by word."""
    met = [place for place, (x0, x1) in enumerate(columns) if min(cell.x1, x1) > max(cell.x0, x0)]
    if len(met) < 2:
        return [(met[0] if met else _nearest((cell.x0 + cell.x1) / 2, columns), list(cell.words))]
    shares: dict[int, list[Word]] = {}
    for word in cell.words:
        shares.setdefault(_nearest((word.x0 + word.x1) / 2, columns), []).append(word)
    return list(shares.items())


def _nearest(x: float, columns: Sequence[tuple[float, float]]) -> int:
    return min(range(len(columns)), key=lambda place: max(columns[place][0] - x, x - columns[place][1]))


def _body_rows(
    rows: Sequence[_Row], columns: Sequence[tuple[float, float]], headed: bool
) -> list[tuple[Cell, ...]]:
    """Rows of cells; what stands between them goes on with the row above it."""
    found: list[list[list[Word]]] = []
    for row in rows:
        shares = _shared_out([row], columns)
        if _is_body(row) or not found:
            found.append(shares)
        else:
            for column, words in enumerate(shares):
                found[-1][column].extend(words)
    return [
        tuple(Cell(number, column, tuple(words)) for column, words in enumerate(shares) if words)
        for number, shares in enumerate(found, int(headed))
    ]


def _goes_on(last: Table, page: Page) -> bool:
    """Whether the first table of a page goes on with the last one of the page before."""
    first = page.tables[0]
    if page.source is PageSource.MARKUP or page.height <= 0:
        return False
    if first.header and last.header:
        return _names(first) == _names(last)
    if first.header:
        return False
    here, there = _edges(first), _edges(last)
    tolerance = 0.02 * page.width
    aligned = sum(any(abs(x - other) < tolerance for other in there) for x in here)
    return aligned >= 0.7 * len(here) > 0


def _names(table: Table) -> list[str]:
    return [cell.text.casefold() for cell in table.header]


def _edges(table: Table) -> list[float]:
    """Right edges of the columns."""
    edges: dict[int, float] = {}
    for row in table.rows:
        for cell in row:
            edges[cell.column] = max(edges.get(cell.column, 0.0), *(word.x1 for word in cell.words))
    return list(edges.values())


def _is_last(page: Page) -> bool:
    """Whether little but a footer stands below the last table of a page."""
    low = max((word.y1 for row in page.tables[-1].rows for cell in row for word in cell.words), default=0.0)
    below = {round(word.y0) for word in page.words if word.y0 > low}
    return len(below) <= 12
