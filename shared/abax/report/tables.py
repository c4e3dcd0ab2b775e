"""Tables of figures in a terminal: lines may break and labels fold, figures stay whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from abax.money import display

_LABEL: Final = 24
"""How far a label may give way."""


def figures(title: str, *columns: str) -> Table:
    """A table of a label and figures."""
    table = Table(
        title=title or None, title_justify="left", title_style="bold cyan", box=None, pad_edge=False
    )
    table.add_column("", overflow="fold", min_width=_LABEL)
    for column in columns:
        table.add_column(Text(column), justify="right", no_wrap=True)
    return table


def money(value: Decimal, currency: str) -> Text:
    """An amount, a dash for nothing."""
    return Text(display(value, currency) if value else "–", style="red" if value < 0 else "")


def show(console: Console, table: Table) -> None:
    """Print it, wider than the window where its figures need that."""
    rest = table.columns[1:]
    for column in rest:
        column.min_width = max(cell_len(str(cell)) for cell in (column.header, *column.cells))
    needed = _LABEL + sum(2 + (column.min_width or 0) for column in rest)
    width, console.width = console.width, max(console.width, needed)
    console.print(table)
    console.width = width
