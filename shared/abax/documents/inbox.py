"""Stage 1, inbox: what a file really is, unpacked, within limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from abax.errors import DocumentError


class FileKind(StrEnum):
    """What a file is by its content, whatever its name says."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    XML = "xml"
    DOCX = "docx"
    HTML = "html"
    TEXT = "text"
    MAIL = "mail"
    ZIP = "zip"


@dataclass(frozen=True)
class Limits:
    """What one file may have; beyond it, it is refused with the figure."""

    file_bytes: int = 25 << 20
    pages: int = 300
    pixels: int = 60_000_000
    members: int = 1_000
    unpacked_bytes: int = 250 << 20
    ratio: int = 200
    """Unpacked bytes for each packed one."""
    depth: int = 4
    """Containers inside containers."""


@dataclass(frozen=True)
class Received:
    """One file to be read, no container any more."""

    name: str
    kind: FileKind
    content: bytes
    digest: str
    """SHA-256 of the content in hexadecimal: the idempotency key."""
    origin: tuple[str, ...] = ()
    """Names of the containers that it lay in, the outermost first."""


@dataclass(frozen=True)
class Refused:
    """One file that cannot be read, and why. Its siblings can."""

    name: str
    digest: str
    error: DocumentError
    origin: tuple[str, ...] = ()
