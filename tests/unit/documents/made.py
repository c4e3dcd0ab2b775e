"""Small files of all kinds, made for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import PdfDocument
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas


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
