"""What the stages read from: pages of words with boxes, tables, and the files inside a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from abax.ports import OcrWord as Word

__all__ = ["Attachment", "Cell", "Page", "PageSource", "Reading", "Table", "TextLine", "Word"]


class PageSource(StrEnum):
    """Where a page's words come from."""

    TEXT = "text"
    """The text layer of a PDF."""
    OCR = "ocr"
    MARKUP = "markup"
    """A document without pages of its own: plain text, DOCX, HTML. Boxes count characters and lines."""
    GIVEN = "given"
    """Words that somebody else has read, as in an evaluation."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """Words of a page that read as one line, left to right."""

    words: tuple[Word, ...]
    block: int
    """Lines of the same block or column have the same number."""

    @property
    def text(self) -> str:
        """The words, parted by blanks."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; ``words`` may be none."""

    row: int
    column: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words, parted by blanks."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of words on one page. ``continues`` where it goes on from the page before."""

    page: int
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its words in reading order. Width and height are in the unit of the boxes: points of a PDF,
    pixels of an image, characters and lines of a text."""

    number: int
    width: float
    height: float
    lines: tuple[TextLine, ...]
    source: PageSource
    tables: tuple[Table, ...] = ()
    rotation: float = 0.0
    """Degrees, clockwise, that the page was turned by to be read."""
    problem: str | None = None
    """Why the page could not be read; its siblings were."""

    @property
    def words(self) -> tuple[Word, ...]:
        """All words, in reading order."""
        return tuple(word for line in self.lines for word in line.words)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a file, such as the XML of a ZUGFeRD invoice."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Reading:
    """One document as it was read. ``pages`` may be fewer than the file has, where it holds several."""

    pages: tuple[Page, ...]
    attachments: tuple[Attachment, ...] = ()
    language: str | None = None
    """ISO 639-1, of most of the text."""
    properties: dict[str, str] = field(default_factory=dict)
    """What the file says of itself: producer, title, subject of a mail."""

    @property
    def text(self) -> str:
        """All lines, parted by line breaks, pages by form feeds."""
        return "\f".join("\n".join(line.text for line in page.lines) for page in self.pages)

    def only(self, numbers: Sequence[int]) -> Reading:
        """The same document with these pages alone."""
        kept = tuple(page for page in self.pages if page.number in numbers)
        return Reading(kept, self.attachments, self.language, self.properties)
