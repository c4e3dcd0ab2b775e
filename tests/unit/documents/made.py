"""Small files of all kinds, and pages of text, made for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import reportlab
from abax.documents.layout import lines_of
from abax.documents.pages import Page, PageSource, Reading, Word
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import PdfDocument
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas


def page_of(text: str, number: int = 1) -> Page:
    """A text as if it were printed in letters of six by ten points, blanks where it has them."""
    words = []
    for row, line in enumerate(text.strip("\n").split("\n")):
        column = 0
        for part in line.split(" "):
            if part:
                x, y = 40 + 6 * column, 40 + 14 * row
                words.append(Word(part, x, y, x + 6 * len(part), y + 10))
            column += len(part) + 1
    return Page(number, 595, 842, lines_of(words), PageSource.TEXT)


def reading_of(text: str, language: str = "de") -> Reading:
    """One page of such a text."""
    return Reading((page_of(text),), language=language)


def pdf_of(*pages: Sequence[str], password: str = "", rotation: int = 0) -> bytes:
    """A PDF, each page with these lines; ``password`` is what it asks for."""
    out = io.BytesIO()
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(out, pagesize=(595, 842), encrypt=encryption)
    for lines in pages:
        for place, line in enumerate(lines):
            canvas.drawString(72, 770 - 14 * place, line)
        canvas.showPage()
    canvas.save()
    return turned(out.getvalue(), rotation) if rotation else out.getvalue()


def turned(content: bytes, degrees: int) -> bytes:
    """The same PDF, its pages shown turned clockwise."""
    out = io.BytesIO()
    with PdfDocument(content) as document:
        for page in document:
            page.set_rotation(degrees)
        document.save(out)
    return out.getvalue()


def picture(lines: Sequence[str], size: tuple[int, int] = (900, 600), letters: int = 28) -> Image.Image:
    """A grey picture with these lines printed on it."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf", letters)
    for place, line in enumerate(lines):
        draw.text((40, 40 + place * letters * 1.6), line, fill=20, font=font)
    return image


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
