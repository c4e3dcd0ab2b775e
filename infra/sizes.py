"""``python -m infra.sizes``: how large each built function is unpacked, with its layers, against the limit.

Run it after ``infra/sam build``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from infra.local.template import load

BUILT: Final = Path(__file__).parents[1] / ".aws-sam" / "build" / "template.yaml"

LIMIT: Final = 250 * 1000 * 1000
"""Bytes of a zip function and its layers, unpacked."""


@dataclass(frozen=True)
class Size:
    """What one built function weighs, in bytes."""

    name: str
    code: int
    layers: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.code + self.layers

    @property
    def fits(self) -> bool:
        """Whether Lambda takes it."""
        return self.total < LIMIT


def sizes(template: Path) -> Iterator[Size]:
    """The size of every function of a built template, largest first. Raises FileNotFoundError."""
    measured = [
        Size(code.name, folder_size(code.folder), sum(map(folder_size, code.layers)))
        for code in load(template).functions.values()
    ]
    yield from sorted(measured, key=lambda size: size.total, reverse=True)


def folder_size(folder: Path) -> int:
    """Bytes in all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    """Print the table; 1 when a function is too large, 2 when nothing has been built."""
    console = Console()
    if not BUILT.exists():
        console.print("nothing is built yet: run infra/sam build")
        return 2
    table = Table("function", "code MB", "layers MB", "total MB", "of limit", title="unpacked sizes")
    measured = list(sizes(BUILT))
    for size in measured:
        figures = [f"{part / 1e6:.1f}" for part in (size.code, size.layers, size.total)]
        style = "" if size.fits else "red"
        table.add_row(size.name, *figures, f"{size.total / LIMIT:.0%}", style=style)
    console.print(table)
    too_large = [size.name for size in measured if not size.fits]
    if too_large:
        console.print(f"[red]over {LIMIT // 1_000_000} MB: {', '.join(too_large)}[/]")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
