"""PDF files: words of the text layer, pictures of the pages, embedded files. PDFium runs no script here."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from abax.documents.pages import Attachment, Word
from abax.errors import DamagedFile, EncryptedFile

if TYPE_CHECKING:
    import pypdfium2

_PASSWORD = 4  # FPDF_ERR_PASSWORD


@contextmanager
def opened(content: bytes, name: str) -> Iterator[pypdfium2.PdfDocument]:
    """The document, closed afterwards. Raises DamagedFile, EncryptedFile."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise EncryptedFile(name) from None
        raise DamagedFile(name, "PDFium cannot open it") from None
    try:
        yield document
    finally:
        document.close()


class Placing:
    """From a page's own coordinates to points from the top left corner of what is shown."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as raw

        self.width, self.height = page.get_size()
        scale = 100
        x, y = ctypes.c_int(), ctypes.c_int()

        def shown(at: tuple[float, float]) -> tuple[float, float]:
            size = (round(self.width * scale), round(self.height * scale))
            raw.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, *at, ctypes.byref(x), ctypes.byref(y))
            return x.value / scale, y.value / scale

        reach = 1000.0
        self.e, self.f = shown((0, 0))
        right, up = shown((reach, 0)), shown((0, reach))
        self.a, self.b = (right[0] - self.e) / reach, (right[1] - self.f) / reach
        self.c, self.d = (up[0] - self.e) / reach, (up[1] - self.f) / reach

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A rectangle: left, top, right, bottom."""
        x0, x1 = self.a * left + self.c * bottom, self.a * right + self.c * top
        y0, y1 = self.b * left + self.d * bottom, self.b * right + self.d * top
        return min(x0, x1) + self.e, min(y0, y1) + self.f, max(x0, x1) + self.e, max(y0, y1) + self.f


def text_words(page: Any) -> list[Word]:
    """The words of the text layer, in the order of the file."""
    import pypdfium2.raw as raw

    text = raw.FPDFText_LoadPage(page.raw)
    if not text:
        return []
    try:
        return list(_words(text, Placing(page)))
    finally:
        raw.FPDFText_ClosePage(text)


def _words(text: Any, placing: Placing) -> Iterator[Word]:
    letters: list[str] = []
    box = [0.0, 0.0, 0.0, 0.0]
    for letter, left, bottom, right, top in _letters(text):
        size = top - bottom
        apart = letters and (
            left - box[2] > 0.6 * size or left < box[0] - size or abs(bottom - box[1]) > 0.6 * size
        )
        if letters and (letter is None or apart):
            yield Word("".join(letters), *placing.box(*box))
            letters = []
        if letter is None:
            continue
        if letters:
            box = [min(box[0], left), min(box[1], bottom), max(box[2], right), max(box[3], top)]
        else:
            box = [left, bottom, right, top]
        letters.append(letter)
    if letters:
        yield Word("".join(letters), *placing.box(*box))


def _letters(text: Any) -> Iterator[tuple[str | None, float, float, float, float]]:
    """Each letter with its rectangle; None for a blank."""
    import pypdfium2.raw as raw

    rectangle = raw.FS_RECTF()
    there = ctypes.byref(rectangle)
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    for place in range(raw.FPDFText_CountChars(text)):
        code = unicode_of(text, place)
        letter = "-" if code == 2 else chr(code) if 0 < code < 0x110000 else " "
        if letter.isspace() or (code < 32 and code != 2):
            yield None, 0, 0, 0, 0
            continue
        box_of(text, place, there)
        numbers = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
        if all(map(math.isfinite, numbers)):
            yield letter, *numbers


def attachments(document: pypdfium2.PdfDocument) -> Iterator[Attachment]:
    """The files that the PDF carries."""
    import pypdfium2

    for place in range(document.count_attachments()):
        try:
            attachment = document.get_attachment(place)
            yield Attachment(attachment.get_name() or f"attachment-{place + 1}", bytes(attachment.get_data()))
        except pypdfium2.PdfiumError:
            continue
