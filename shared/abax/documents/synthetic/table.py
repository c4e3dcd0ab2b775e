"""Tables of lines: columns find their widths, texts wrap, pages turn with sums carried over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from abax.documents.synthetic.frame import Frame
from abax.documents.synthetic.sheet import Rich, Segment, plain_text


@dataclass(frozen=True)
class Column:
    """A column: its heading and how its cells stand."""

    key: str
    heading: str
    align: str = "l"
    stretch: bool = False
    """Takes what the others leave; its cells wrap."""


Row = dict[str, list[Rich]]
"""By column key, one or more lines of text."""


@dataclass
class Grid:
    """A table ready to be drawn."""

    frame: Frame
    columns: list[Column]
    rows: list[Row]
    running: list[Decimal] | None = None
    """Sum up to and with each row, where sums are carried over pages."""
    gap: float = 10.0

    def draw(self) -> None:
        """All rows, over as many pages as it takes."""
        self._fit()
        self._heading()
        for place, row in enumerate(self.rows):
            height = self._height(row)
            if self.frame.y + height + (16 if self.running else 4) > self.frame.bottom:
                self._turn(place)
            self._row(row, height, place)
        if self.frame.style["rules"] in ("header", "outer", "fill", "zebra"):
            self.frame.sheet.rule(self.frame.left, self.frame.y, self.frame.right)
        self._column_rules()

    # ------------------------------------------------------------ widths

    def _fit(self) -> None:
        frame = self.frame
        size = frame.size
        total = frame.right - frame.left
        while True:
            widths = {
                column.key: self._natural(column, size) + self.gap
                for column in self.columns
                if not column.stretch
            }
            left_over = total - sum(widths.values())
            stretched = [column for column in self.columns if column.stretch]
            if left_over >= 90 * len(stretched) or size < 5.5:
                break
            size *= 0.93
        for column in stretched:
            widths[column.key] = max(left_over / len(stretched), 60)
        self.size, self.widths = float(size), widths
        self.leading = size * 1.25
        self.edges, x = {}, frame.left
        for column in self.columns:
            self.edges[column.key] = (x, x + widths[column.key])
            x += widths[column.key]
        self.wrapped_rows = [self._wrap(row) for row in self.rows]
        self.rows = self.wrapped_rows

    def _natural(self, column: Column, size: float) -> float:
        measure = self.frame.sheet.measure
        bold = self.frame.style["header_bold"]
        heading = column.heading
        if self.frame.style["header_lines"] and " " in heading:
            heading = max(heading.split(" ", 1), key=len)
        cells = [measure(plain_text(text), size) for row in self.rows for text in row.get(column.key, [])]
        return float(max([measure(heading, size, bold), *cells]))

    def _wrap(self, row: Row) -> Row:
        done: Row = {}
        for column in self.columns:
            texts = row.get(column.key, [])
            if column.stretch:
                width = self.widths[column.key] - self.gap
                texts = [part for text in texts for part in self.frame.sheet.wrapped(text, width, self.size)]
            done[column.key] = texts
        return done

    def _height(self, row: Row) -> float:
        gap: float = self.frame.style["row_gap"]
        lines = max(len(texts) for texts in row.values())
        return float(lines * self.leading + gap)

    # ------------------------------------------------------------ drawing

    def _put(self, column: Column, y: float, rich: Rich, bold: bool = False) -> None:
        x0, x1 = self.edges[column.key]
        if column.align == "r" and not self.frame.style["left_amounts"]:
            self.frame.sheet.put(x1 - self.gap / 2, y, rich, self.size, bold, "r")
        elif column.align == "c":
            self.frame.sheet.put((x0 + x1) / 2, y, rich, self.size, bold, "c")
        else:
            self.frame.sheet.put(x0 + 2, y, rich, self.size, bold)

    def _heading(self) -> None:
        frame, rules = self.frame, self.frame.style["rules"]
        if frame.style["bare"] and len(self.columns) == 2:
            self.top = frame.y
            return
        two = frame.style["header_lines"] and any(" " in column.heading for column in self.columns)
        height = self.leading * (2 if two else 1) + 4
        self.top = frame.y
        if rules in ("fill", "zebra"):
            frame.sheet.box(frame.left, frame.y, frame.right, frame.y + height, fill=0.85)
        elif rules in ("header", "outer", "rows"):
            frame.sheet.rule(frame.left, frame.y, frame.right)
        elif rules == "grid":
            frame.sheet.box(frame.left, frame.y, frame.right, frame.y + height)
        for column in self.columns:
            parts = column.heading.split(" ", 1) if two else [column.heading]
            for place, part in enumerate(parts):
                self._put(
                    column, frame.y + self.size + 1 + place * self.leading, part, frame.style["header_bold"]
                )
        frame.y += height
        if rules in ("header", "outer", "rows"):
            frame.sheet.rule(frame.left, frame.y, frame.right)
        frame.y += 2

    def _row(self, row: Row, height: float, place: int) -> None:
        frame, rules = self.frame, self.frame.style["rules"]
        if rules == "zebra" and place % 2:
            frame.sheet.box(frame.left, frame.y, frame.right, frame.y + height, fill=0.94)
        for column in self.columns:
            for number, rich in enumerate(row[column.key]):
                self._put(column, frame.y + self.size + number * self.leading, rich)
        frame.y += height
        if rules in ("rows", "grid"):
            frame.sheet.rule(frame.left, frame.y - frame.style["row_gap"] / 2, frame.right)

    def _column_rules(self) -> None:
        if self.frame.style["rules"] in ("grid", "outer"):
            for x0, x1 in self.edges.values():
                for x in (x0, x1):
                    self.frame.sheet.column_rule(x, self.top, self.frame.y)

    def _turn(self, place: int) -> None:
        frame, style = self.frame, self.frame.style
        carried = self.running is not None and style["carry"] and place
        if carried:
            self._carried("carry", place)
        self._column_rules()
        frame.turn()
        self._heading()
        if carried:
            self._carried("brought", place)

    def _carried(self, key: str, place: int) -> None:
        assert self.running is not None
        frame, style = self.frame, self.frame.style
        label = style.word("totals", key).replace("{n}", str(len(frame.sheet.leaves) - 1))
        y = frame.y + self.size
        frame.sheet.put(frame.left + 40, y, label, self.size)
        frame.sheet.put(
            frame.right - self.gap / 2, y, style.amount(self.running[place - 1]), self.size, align="r"
        )
        frame.y += self.leading + 3


def tagged(text: str, path: str) -> list[Segment]:
    """One value with the field that it prints."""
    return [(text, path)]


Cell = Callable[[int], list[Rich]]
