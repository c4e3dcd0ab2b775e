"""Stage 2, preprocessing: what stands on the pages, as words with boxes in reading order.

A page of a PDF is read from its text layer where that is good (``textlayer`` judges); else, and for
pictures, it is cleaned, straightened, turned the right side up and recognised. What has no pages of its own
(``markup``) becomes pages whose boxes count characters and lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from abax.documents import markup
from abax.documents.budget import within
from abax.documents.inbox import FileKind, Limits, Received
from abax.documents.isolated import PageFailed, PdfFile
from abax.documents.kinds import PICTURES, kind_of
from abax.documents.language import language_of
from abax.documents.layout import lines_of, slope_of, split_phrases
from abax.documents.pages import Page, PageSource, Reading, Word
from abax.documents.pdf import TextLayer
from abax.documents.tables import with_tables
from abax.documents.textlayer import Layer, beside, judged, scanned_words, unexplained
from abax.errors import DamagedFile, OcrFailed, OcrUnavailable, StageOverran
from abax.ports import Ocr, PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PDF_DPI: Final = 200
_LOOK_DPI: Final = 72
_SURE: Final = 0.85
"""Confidence of a word that was read the right side up; upside down, few words reach it."""


def read(received: Received, ocr: Ocr | None = None, limits: Limits | None = None) -> Reading:
    """The document as it reads. A page that fails fails alone: it says so in ``problem``.

    Raises DocumentError where nothing of the file can be read.
    """
    limits = limits or Limits()
    recognizer = _Recognizer(ocr, limits.recognized_pages)
    if received.kind is FileKind.PDF:
        reading = _read_pdf(received, recognizer, limits)
    elif received.kind in PICTURES:
        reading = Reading(_read_pictures(received.content, recognizer, limits))
    else:
        reading = markup.read(received)
        if not reading.text.strip() and reading.attachments:
            reading = replace(reading, pages=_read_shown(reading, recognizer, limits))
    return finished(reading, received.name)


def finished(reading: Reading, name: str = "the document") -> Reading:
    """With tables and language. Raises StageOverran."""
    with within(Limits.stage_seconds, name, "preprocess"):
        pages = with_tables(reading.pages)
    return replace(reading, pages=pages, language=reading.language or language_of(reading.text))


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
    return finished(Reading((Page(number, width, height, lines, PageSource.GIVEN),), language=language))


def render(content: bytes, page: int, dpi: int = 100, rotation: float = 0.0) -> Any:
    """A page as a picture of Pillow's, turned as ``Page.rotation`` says it was to be read.

    Boxes of a PDF's page times ``dpi / 72`` lie on it; those of a picture's page lie on it as they are.
    Raises DocumentError.
    """
    from PIL import Image

    from abax.documents import imaging

    image: PageImage | str
    if kind_of("file", content) is FileKind.PDF:
        image = _pdf_picture(content, page, dpi)
    else:
        pictures = enumerate(imaging.pictures_of(content, Limits.pixels), 1)
        image = next((shown for number, shown in pictures if number == page), "it is not there")
    if isinstance(image, str):
        raise DamagedFile(f"page {page}", image)
    return Image.fromarray(imaging.turned(imaging.array_of(image), rotation))


def _pdf_picture(content: bytes, page: int, dpi: int) -> PageImage | str:
    with PdfFile(content, "the file") as file:
        try:
            return file.picture(page, dpi, Limits.pixels)
        except PageFailed as failure:
            return str(failure)


def _read_pdf(received: Received, recognizer: _Recognizer, limits: Limits) -> Reading:
    pages: list[Page] = []
    with PdfFile(received.content, received.name, limits.page_seconds) as file:
        hidden = 0
        for number in range(1, file.pages + 1):
            try:
                layer = file.layer(number)
                pages.append(_read_page(file, number, layer, recognizer))
                hidden += sum(len(word.text) for word in layer.hidden)
            except (PageFailed, StageOverran) as failure:
                pages.append(Page(number, 0.0, 0.0, (), PageSource.TEXT, problem=str(failure)))
        properties = dict(file.properties)
        if hidden:
            properties["hidden_letters"] = str(hidden)
        return Reading(tuple(pages), file.attachments(limits.unpacked_bytes), properties=properties)


def _read_page(file: PdfFile, number: int, layer: TextLayer, recognizer: _Recognizer) -> Page:
    """By its text layer where that is good, else by what is seen. Raises PageFailed."""
    verdict = judged(layer)
    if verdict is Layer.SCANNED:
        seen = file.picture(number, _LOOK_DPI, Limits.pixels)
        if unexplained(seen, layer, scanned_words(layer)) < 0.4:
            return _text_page(number, layer, scanned_words(layer), PageSource.OCR)
        verdict = Layer.MISSING
    if verdict is Layer.PARTIAL:
        seen = file.picture(number, _LOOK_DPI, Limits.pixels)
        if unexplained(seen, layer, layer.words) < 0.3:
            verdict = Layer.GOOD
    if verdict in (Layer.GOOD, Layer.BLANK):
        return _text_page(number, layer, layer.words, PageSource.TEXT)
    image = file.picture(number, _PDF_DPI, Limits.pixels)
    if verdict is Layer.PARTIAL:
        page = recognizer.page(number, image, 72 / image.dpi, turned=layer.turned)
        if page.problem is not None or page.rotation % 90:
            return _text_page(number, layer, layer.words, PageSource.TEXT)
        return _text_page(number, layer, beside(layer.words, page.words), PageSource.TEXT)
    page = recognizer.page(number, image, 72 / image.dpi)
    if page.problem is not None and verdict is not Layer.GARBLED and (layer.words or layer.hidden):
        return _text_page(number, layer, scanned_words(layer), PageSource.TEXT)
    return page


def _text_page(number: int, layer: TextLayer, words: Sequence[Word], source: PageSource) -> Page:
    with within(Limits.page_seconds, f"page {number}", "preprocess"):
        lines = lines_of(words, slope_of(words) if source is PageSource.OCR else 0.0)
    return Page(number, layer.width, layer.height, lines, source, rotation=float(layer.turned))


def _read_pictures(content: bytes, recognizer: _Recognizer, limits: Limits) -> tuple[Page, ...]:
    from abax.documents import imaging

    pages: list[Page] = []
    for number, image in enumerate(imaging.pictures_of(content, limits.pixels), 1):
        if isinstance(image, str):
            pages.append(Page(number, 0.0, 0.0, (), PageSource.OCR, problem=image))
        else:
            pages.append(recognizer.page(number, image, 1.0))
    return tuple(pages)


def _read_shown(reading: Reading, recognizer: _Recognizer, limits: Limits) -> tuple[Page, ...]:
    """The pictures of a document that has no text, such as scans that were put into a DOCX."""
    pages: list[Page] = []
    for attachment in reading.attachments:
        if attachment.media_type in ("image/png", "image/jpeg", "image/tiff", "image/webp"):
            for page in _read_pictures(attachment.content, recognizer, limits):
                pages.append(replace(page, number=len(pages) + 1))
    return tuple(pages) or reading.pages


@dataclass(frozen=True)
class _Attempt:
    """A page as it was read, turned by so many quarters."""

    words: tuple[Word, ...]
    quarters: int
    skew: float
    width: int
    height: int

    @property
    def sure(self) -> float:
        """The letters of words that were read with certainty."""
        return sum(len(word.text) for word in self.words if word.confidence >= _SURE)

    @property
    def is_upright(self) -> bool:
        letters = sum(len(word.text) for word in self.words)
        return letters >= 8 and self.sure >= 0.5 * letters


class _Recognizer:
    """Reads pictures of pages, as many as it may."""

    def __init__(self, ocr: Ocr | None, most_pages: int) -> None:
        self._ocr, self._left = ocr, most_pages

    def page(self, number: int, image: PageImage, unit: float, turned: int | None = None) -> Page:
        """A page; ``unit`` is what a pixel of the picture measures in its boxes. ``turned`` is the way it
        stands, where that is known."""
        from abax.documents import imaging

        problem = ""
        if self._ocr is None:
            problem = "it has no text, and no OCR engine was given"
        elif self._left <= 0:
            problem = "it has no text, and enough pages of the file were recognised"
        else:
            self._left -= 1
            try:
                grey, scale = imaging.within(imaging.array_of(image))
                attempt = self._upright(imaging.cleaned(grey), turned)
                return _recognized(number, attempt, unit / scale)
            except (OcrFailed, OcrUnavailable) as error:
                problem = str(error)
        return Page(number, image.width * unit, image.height * unit, (), PageSource.OCR, problem=problem)

    def _upright(self, grey: NDArray[np.uint8], turned: int | None) -> _Attempt:
        """The page read the right side up: as it most likely stands, or another way if that reads badly."""
        from abax.documents import imaging

        if turned is not None:
            return self._attempt(grey, turned // 90)
        likely = (1, 3, 0, 2) if imaging.sidewaysness(grey) > 1.3 else (0, 2, 1, 3)
        first = None
        if likely[0] == 0:
            first = self._attempt(grey, 0)
            if first.is_upright:
                return first
        best = self._best_way(grey, likely if first is None else (*likely[1:], 0))
        if first is not None and best == 0:
            return first
        second = self._attempt(grey, best)
        return first if first is not None and first.sure >= second.sure else second

    def _best_way(self, grey: NDArray[np.uint8], likely: Sequence[int]) -> int:
        """The quarters by which the page reads best, by what stands on a part of it; likely ones first."""
        tried: list[_Attempt] = []
        for quarters in likely:
            tried.append(self._trial(grey, quarters))
            if tried[-1].is_upright and tried[-1].sure >= 30:
                break
        return max(tried, key=lambda attempt: attempt.sure).quarters

    def _trial(self, grey: NDArray[np.uint8], quarters: int) -> _Attempt:
        """The part of the page with most print, read turned so."""
        from abax.documents import imaging

        turned = imaging.turned(grey, 90 * quarters)
        rows = imaging.ink(turned).sum(axis=1)
        factor = turned.shape[0] / len(rows)
        height = max(len(rows) // 6, 1)
        step = max(height // 2, 1)
        sums = [int(rows[top : top + height].sum()) for top in range(0, len(rows), step)]
        top = round(sums.index(max(sums)) * step * factor)
        part = turned[top : top + round(height * factor)]
        return _Attempt(self._words(part), quarters, 0.0, *part.shape[::-1])

    def _attempt(self, grey: NDArray[np.uint8], quarters: int) -> _Attempt:
        from abax.documents import imaging

        turned = imaging.turned(grey, 90 * quarters)
        skew = imaging.skew_of(turned)
        if skew:
            turned = imaging.turned(turned, -skew)
        return _Attempt(self._words(turned), quarters, skew, turned.shape[1], turned.shape[0])

    def _words(self, grey: NDArray[np.uint8]) -> tuple[Word, ...]:
        from abax.documents import imaging

        assert self._ocr is not None
        return tuple(self._ocr.read(imaging.page_of(grey)))


def _recognized(number: int, attempt: _Attempt, unit: float) -> Page:
    words = [
        Word(word.text, word.x0 * unit, word.y0 * unit, word.x1 * unit, word.y1 * unit, word.confidence)
        for word in attempt.words
    ]
    lines = lines_of(words, slope_of(words))
    turned = (90 * attempt.quarters - attempt.skew) % 360
    return Page(number, attempt.width * unit, attempt.height * unit, lines, PageSource.OCR, rotation=turned)
