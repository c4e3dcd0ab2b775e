"""What a file is by its content, whatever its name or its sender says."""

from __future__ import annotations

import codecs
import contextlib
import re
import unicodedata
import zipfile
from enum import StrEnum
from io import BytesIO

from abax.documents.signed import is_sealed, is_signed
from abax.errors import DamagedFile, EncryptedFile, UnknownFormat


class FileKind(StrEnum):
    """What a file is by its content, whatever its name says."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    WEBP = "webp"
    XML = "xml"
    DOCX = "docx"
    HTML = "html"
    TEXT = "text"
    MAIL = "mail"
    ZIP = "zip"
    SIGNED = "signed"
    """An envelope with a signature, a ``.p7m`` file."""


PICTURES = frozenset({FileKind.PNG, FileKind.JPEG, FileKind.TIFF, FileKind.WEBP})
CONTAINERS = frozenset({FileKind.ZIP, FileKind.MAIL, FileKind.SIGNED})

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"II*\0", FileKind.TIFF),
    (b"MM\0*", FileKind.TIFF),
    (b"II+\0", FileKind.TIFF),
    (b"MM\0+", FileKind.TIFF),
    (b"PK\x03\x04", FileKind.ZIP),
    (b"PK\x05\x06", FileKind.ZIP),
)

_FOREIGN = (
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x78\x9f\x3e\x22", "a winmail.dat of Outlook"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3", "an SQLite database"),
)

_OFFICE = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint file",
}

_HEADERS = {
    "from", "to", "subject", "date", "received", "mime-version", "message-id", "return-path", "cc",
    "delivered-to", "content-type", "reply-to", "x-mailer", "content-transfer-encoding", "sender",
}  # fmt: skip

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|div|table|p|span|meta)(?![\w:.-])",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(
    r"\s*(?:<\?xml[\s?]|(?:<!--.*?-->\s*|<!DOCTYPE\s)*<[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>)", re.DOTALL
)
_HTML_TAG = re.compile(
    r"</?(?:br|p|a|b|i|font|table|td|div|img|body|center|span|h[1-6])[\s>/]", re.IGNORECASE
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")


def kind_of(name: str, content: bytes) -> FileKind:
    """The kind of a file that is not empty. Raises UnknownFormat, EncryptedFile, DamagedFile."""
    if is_signed(content):  # before all else: what lies in it may be seen through it
        return FileKind.SIGNED
    if is_sealed(content):
        raise EncryptedFile(name)
    if b"%PDF-" in content[:1024]:
        return FileKind.PDF
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return _inside_zip(name, content) if kind is FileKind.ZIP else kind
    if content.startswith(_OLE):
        if _ENCRYPTED_OFFICE in content:
            raise EncryptedFile(name)
        raise UnknownFormat(name, "an old Office or Outlook file")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind.WEBP
    if content[4:8] == b"ftyp":
        raise UnknownFormat(name, "a HEIC picture or a film")
    for signature, what in _FOREIGN:
        if content.startswith(signature):
            raise UnknownFormat(name, what)
    return _kind_of_text(name, content)


def _inside_zip(name: str, content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = set(archive.namelist()[:5000])
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise DamagedFile(name, "a ZIP archive without a sound directory") from None
    if "word/document.xml" in members:
        return FileKind.DOCX
    for member, what in _OFFICE.items():
        if member in members:
            raise UnknownFormat(name, what)
    if "mimetype" in members and "content.xml" in members:
        raise UnknownFormat(name, "an OpenDocument file")
    return FileKind.ZIP


_PLAIN = str.maketrans(dict.fromkeys("\t\n\r\f\x1a"))


def _kind_of_text(name: str, content: bytes) -> FileKind:
    text = decoded(content[: 1 << 16])
    strange = sum(unicodedata.category(letter) in ("Cc", "Cn", "Co") for letter in text.translate(_PLAIN))
    if strange > 0.02 * len(text):
        raise UnknownFormat(name, "binary data of no kind that we know")
    if _HTML.match(text):
        return FileKind.HTML
    if _XML.match(text):
        if "<?xml" in text[:100] or "xmlns" in text[:2000] or len(_HTML_TAG.findall(text)) < 2:
            return FileKind.XML
        return FileKind.HTML
    return FileKind.MAIL if _is_mail(text) else FileKind.TEXT


_BARE_MULTIPART = re.compile(r"content-type:\s*(?:multipart|message)/", re.IGNORECASE)


def _is_mail(text: str) -> bool:
    """Whether it begins with header lines, two known ones at least, one of them telling of a mail."""
    if _BARE_MULTIPART.match(text):
        return True
    seen: set[str] = set()
    for line in text.lstrip("\ufeff").splitlines()[:200]:
        if not line.strip():
            break
        if line[0] in " \t" or (not seen and line.startswith("From ")):
            continue
        field, colon, _ = line.partition(":")
        if not colon or not re.fullmatch(r"[!-9;-~]+", field):
            return False
        seen.add(field.lower())
    known = seen & _HEADERS
    return len(known) >= 2 and bool(
        known & {"received", "mime-version", "message-id", "return-path", "delivered-to", "content-type"}
        or {"from", "subject"} <= known
    )


_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CENTRAL_EUROPEAN = re.compile(r"(?<=[^\W\d_])[¹³¿]|[¹³¿œŸ](?=[^\W\d_])")


def decoded(content: bytes) -> str:
    """Text of whatever encoding: by its byte order mark, else UTF-8, UTF-16 or a Windows code page."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    with contextlib.suppress(UnicodeDecodeError):
        # What is cut off at the end of a piece is no error to an incremental decoder.
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    if len(content) > 3 and content[1::2].count(0) > 0.4 * (len(content) // 2):
        return content.decode("utf-16-le", errors="replace")
    western = content.decode("cp1252", errors="replace")
    if _CENTRAL_EUROPEAN.search(western):
        return content.decode("cp1250", errors="replace")
    return western
