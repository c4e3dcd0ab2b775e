"""Paper: words are placed with their exact boxes and what they say, lines and boxes are drawn, and all of it
becomes a PDF."""

from __future__ import annotations

import io
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from abax.documents.pages import Word

Segment = tuple[str, str | None]
"""Text, and the path of the field that it prints (None where it prints none)."""
Rich = str | list[Segment]

_TRUETYPE = Path("/usr/share/fonts/truetype")
FAMILIES: dict[str, tuple[str, str]] = {
    "helvetica": ("Helvetica", "Helvetica-Bold"),
    "times": ("Times-Roman", "Times-Bold"),
    "courier": ("Courier", "Courier-Bold"),
    "liberation-sans": ("liberation/LiberationSans-Regular", "liberation/LiberationSans-Bold"),
    "liberation-serif": ("liberation/LiberationSerif-Regular", "liberation/LiberationSerif-Bold"),
    "liberation-narrow": ("liberation/LiberationSansNarrow-Regular", "liberation/LiberationSansNarrow-Bold"),
    "liberation-mono": ("liberation/LiberationMono-Regular", "liberation/LiberationMono-Bold"),
    "dejavu": ("dejavu/DejaVuSans", "dejavu/DejaVuSans-Bold"),
    "dejavu-condensed": ("dejavu/DejaVuSansCondensed", "dejavu/DejaVuSansCondensed-Bold"),
}
"""Plain and bold face by family; those with a slash are files, used where they are installed."""
BASIC = ("helvetica", "helvetica", "times", "courier")
_POLISH = str.maketrans("ąćęłńśźżĄĆĘŁŃŚŹŻőű", "acelnszzACELNSZZou")


@cache
def families(beyond_latin1: bool) -> tuple[str, ...]:
    """Families that can be drawn here; with ``beyond_latin1`` those that have Polish letters."""
    found = [name for name, (plain, _) in FAMILIES.items() if "/" in plain and _file(plain).exists()]
    return tuple(found) if beyond_latin1 and found else (*BASIC, *found)


def _file(face: str) -> Path:
    return _TRUETYPE / f"{face}.ttf"


@cache
def _font(face: str) -> str:
    """The font's name for reportlab, registered on first use."""
    if "/" not in face:
        return face
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    name = face.partition("/")[2]
    pdfmetrics.registerFont(TTFont(name, str(_file(face))))
    return name


@cache
def _glyph_width(font: str, character: str) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(character, font, 1000)) / 1000


@dataclass(frozen=True, slots=True)
class Run:
    """Text as it is drawn, at its baseline, from the page's top left corner."""

    x: float
    y: float
    text: str
    font: str
    size: float
    grey: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A line (height or width 0) or a box."""

    x: float
    y: float
    width: float
    height: float
    fill: float | None = None
    """Grey from 0, black, to 1; None for an outline."""
    colour: tuple[float, float, float] | None = None


@dataclass
class Leaf:
    """One page: what is drawn, its words, and of each word the field that it prints."""

    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    paths: list[str | None] = field(default_factory=list)


class Sheet:
    """Pages to write on."""

    def __init__(self, width: float, height: float, family: str, size: float) -> None:
        self.width, self.height, self.size = width, height, size
        self.plain, self.bold = (_font(face) for face in FAMILIES[family])
        self.ascii_only = family in ("helvetica", "times", "courier")
        self.leaves = [Leaf(width, height)]

    @property
    def leaf(self) -> Leaf:
        """The page that is written on."""
        return self.leaves[-1]

    def turn(self) -> None:
        """Go on to a new page."""
        self.leaves.append(Leaf(self.width, self.height))

    def measure(self, text: str, size: float | None = None, bold: bool = False) -> float:
        """How wide the text comes out."""
        font = self.bold if bold else self.plain
        return sum(_glyph_width(font, c) for c in self.encoded(text)) * (size or self.size)

    def encoded(self, text: str) -> str:
        """The text as the font can write it."""
        text = text.replace("’", "'").replace("\u202f", " ")
        return text.translate(_POLISH) if self.ascii_only else text

    def put(
        self,
        x: float,
        y: float,
        rich: Rich,
        size: float | None = None,
        bold: bool = False,
        align: str = "l",
        grey: float = 0.0,
    ) -> float:
        """Write one line at a baseline, from ``x``, up to it (``r``) or around it (``c``)."""
        segments = [(rich, None)] if isinstance(rich, str) else rich
        segments = [(self.encoded(text), path) for text, path in segments]
        text = "".join(part for part, _ in segments)
        size = size or self.size
        font = self.bold if bold else self.plain
        width = self.measure(text, size, bold)
        x -= width if align == "r" else width / 2 if align == "c" else 0.0
        self.leaf.runs.append(Run(x, y, text, font, size, grey))
        self._words(x, y, segments, font, size)
        return width

    def _words(self, x: float, y: float, segments: Iterable[Segment], font: str, size: float) -> None:
        text, left = "", x
        paths: list[str | None] = []
        for part, path in [*segments, (" ", None)]:
            for character in part:
                step = _glyph_width(font, character) * size
                if character in " \u00a0":
                    if text:
                        self._word(text, paths, left, x, y, size)
                    text, paths, left = "", [], x + step
                else:
                    text += character
                    paths.append(path if character not in string.punctuation else None)
                x += step

    def _word(self, text: str, paths: list[str | None], x0: float, x1: float, y: float, size: float) -> None:
        named = [path for path in paths if path]
        self.leaf.words.append(Word(text, x0, y - 0.74 * size, x1, y + 0.21 * size))
        self.leaf.paths.append(max(set(named), key=named.count) if named else None)

    def rule(self, x0: float, y: float, x1: float) -> None:
        """A horizontal line."""
        self.leaf.shapes.append(Shape(x0, y, x1 - x0, 0))

    def column_rule(self, x: float, y0: float, y1: float) -> None:
        """A vertical line."""
        self.leaf.shapes.append(Shape(x, y0, 0, y1 - y0))

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        fill: float | None = None,
        colour: tuple[float, float, float] | None = None,
    ) -> None:
        """A rectangle, filled or in outline."""
        self.leaf.shapes.append(Shape(x0, y0, x1 - x0, y1 - y0, fill, colour))

    def wrapped(
        self, rich: Rich, width: float, size: float | None = None, bold: bool = False
    ) -> list[list[Segment]]:
        """The text in lines no wider than ``width``."""
        segments = [(rich, None)] if isinstance(rich, str) else rich
        atoms: list[Segment] = []
        for text, path in segments:
            atoms += [(atom, path) for atom in _atoms(text)]
        lines: list[list[Segment]] = [[]]
        used = 0.0
        for atom, path in atoms:
            step = self.measure(atom, size, bold)
            if used + self.measure(atom.rstrip(), size, bold) > width and lines[-1]:
                lines.append([])
                used = 0.0
            lines[-1].append((atom, path))
            used += step
        return lines


def _atoms(text: str) -> list[str]:
    """The text cut after each blank."""
    atoms, start = [], 0
    for place, character in enumerate(text):
        if character == " ":
            atoms.append(text[start : place + 1])
            start = place + 1
    return [*atoms, text[start:]] if start < len(text) else atoms


def plain_text(rich: Rich) -> str:
    """What it says, without the paths."""
    return rich if isinstance(rich, str) else "".join(text for text, _ in rich)


def to_pdf(leaves: list[Leaf], title: str = "") -> bytes:
    """The pages as a PDF with a text layer, the same bytes each time."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(leaves[0].width, leaves[0].height), invariant=True, pageCompression=0)
    canvas.setTitle(title)
    for leaf in leaves:
        canvas.setLineWidth(0.5)
        for shape in leaf.shapes:
            _draw(canvas, shape, leaf.height)
        for run in leaf.runs:
            canvas.setFillGray(run.grey)
            canvas.setFont(run.font, run.size)
            canvas.drawString(run.x, leaf.height - run.y, run.text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _draw(canvas: Any, shape: Shape, height: float) -> None:
    if not shape.width or not shape.height:
        top = height - shape.y
        canvas.line(shape.x, top, shape.x + shape.width, top - shape.height)
        return
    if shape.colour:
        canvas.setFillColorRGB(*shape.colour)
    elif shape.fill is not None:
        canvas.setFillGray(shape.fill)
    filled = shape.fill is not None or shape.colour is not None
    canvas.rect(
        shape.x, height - shape.y - shape.height, shape.width, shape.height, stroke=not filled, fill=filled
    )
