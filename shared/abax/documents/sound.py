"""Whether a file of a known kind can be opened, and keeps within the limits."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from typing import TYPE_CHECKING

from abax.documents.isolated import PdfFile
from abax.documents.kinds import PICTURES, FileKind
from abax.errors import DamagedFile, EmptyFile, FileTooLarge

if TYPE_CHECKING:
    from lxml import etree

    from abax.documents.inbox import Limits

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")
"""Pillow's names of the pictures that are read."""
BROKEN_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    struct.error,
)
"""What Pillow raises where a picture is not as it should be."""

_LINEARIZED = re.compile(rb"/Linearized\b[^>]*?/L\s+(\d+)")


def check(name: str, kind: FileKind, content: bytes, limits: Limits) -> None:
    """Raises DamagedFile, EncryptedFile, FileTooLarge, EmptyFile."""
    if kind is FileKind.PDF:
        _check_pdf(name, content, limits)
    elif kind in PICTURES:
        _check_image(name, content, limits)
    elif kind is FileKind.DOCX:
        _check_docx(name, content, limits)
    elif kind is FileKind.XML:
        _check_xml(name, content)
    elif kind in (FileKind.TEXT, FileKind.HTML) and not content.strip(b" \t\r\n\f\0\xef\xbb\xbf"):
        raise EmptyFile(name)


def _check_pdf(name: str, content: bytes, limits: Limits) -> None:
    linearized = _LINEARIZED.search(content[:2048])
    if linearized and int(linearized[1][:12]) > len(content):
        raise DamagedFile(name, f"{len(content)} of {int(linearized[1])} bytes are there")
    with PdfFile(content, name) as document:
        pages = document.pages
    if pages > limits.pages:
        raise FileTooLarge(name, f"{pages} pages", f"{limits.pages}")
    if not pages:
        raise DamagedFile(name, "it has no page")
    # Only now, so that a password or a limit is told first. PDFium rebuilds what it finds of a file cut off.
    if b"%%EOF" not in content.rstrip(b"\0 \t\r\n")[-4096:]:
        raise DamagedFile(name, "its end is missing")


def _check_image(name: str, content: bytes, limits: Limits) -> None:
    from PIL import Image, UnidentifiedImageError

    most = f"{limits.pixels / 1e6:g} megapixels"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of half-broken heads, and of sizes that are checked here
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                pixels, frames = image.width * image.height, getattr(image, "n_frames", 1)
                if pixels > limits.pixels:
                    raise FileTooLarge(name, f"{pixels / 1e6:.0f} megapixels", most)
                if frames > limits.pages:
                    raise FileTooLarge(name, f"{frames} pages", f"{limits.pages}")
                if image.format == "JPEG":
                    image.draft(
                        "L", (image.width // 8, image.height // 8)
                    )  # an eighth: fast, and all is read
                if frames == 1:
                    image.load()
    except Image.DecompressionBombError:
        raise FileTooLarge(name, "far more pixels than any scan", most) from None
    except UnidentifiedImageError:
        raise DamagedFile(name, "its head is no picture's") from None
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        KeyError,
        TypeError,
        IndexError,
        OverflowError,
    ) as error:
        raise DamagedFile(name, f"the picture breaks off ({error})") from None


def _check_docx(name: str, content: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise DamagedFile(name, "a ZIP archive without a sound directory") from None
    if len(members) > limits.members:
        raise FileTooLarge(name, f"{len(members)} parts", f"{limits.members}")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked_bytes:
        raise FileTooLarge(name, f"{unpacked >> 20} MB unpacked", f"{limits.unpacked_bytes >> 20} MB")


def _check_xml(name: str, content: bytes) -> None:
    from lxml import etree

    try:
        etree.fromstring(content, safe_xml_parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DamagedFile(name, f"no well-formed XML ({error})") from None


def safe_xml_parser() -> etree.XMLParser:
    """Entities stay as they are written, nothing is fetched, no tree grows without bounds."""
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
