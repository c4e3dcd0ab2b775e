"""Stage 2, preprocessing: what stands on the pages, as words with boxes in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from abax.documents.inbox import FileKind, Limits, Received
from abax.documents.isolated import PdfFile
from abax.documents.layout import lines_of, slope_of, split_phrases
from abax.documents.pages import Page, PageSource, Reading, Word
from abax.errors import UnknownFormat
from abax.ports import Ocr


def read(received: Received, ocr: Ocr | None = None, limits: Limits | None = None) -> Reading:
    """The document as it reads. A page that fails fails alone: it says so in ``problem``.

    Raises DocumentError where nothing of the file can be read.
    """
    if received.kind is FileKind.PDF:
        return _read_pdf(received)
    raise UnknownFormat(received.name, f"{received.kind}, which is not read yet")


def reading_of_words(
    words: Sequence[Word],
    width: float,
    height: float,
    *,
    number: int = 1,
    language: str | None = None,
) -> Reading:
    """A page of words that somebody else has read; phrases in one box are parted."""
    parted = split_phrases(words)
    lines = lines_of(parted, slope_of(parted))
    return Reading((Page(number, width, height, lines, PageSource.GIVEN),), language=language)


def _read_pdf(received: Received) -> Reading:
    pages: list[Page] = []
    with PdfFile(received.content, received.name) as document:
        for number in range(1, document.pages + 1):
            layer = document.layer(number)
            pages.append(Page(number, layer.width, layer.height, lines_of(layer.words), PageSource.TEXT))
        return Reading(tuple(pages), document.attachments(25 << 20), properties=document.properties)
