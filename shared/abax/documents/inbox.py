"""Stage 1, inbox: what a file really is, unpacked, within limits.

``receive`` gives one entry for each file that a person would call a document: what lies in mails, ZIP
archives and envelopes of signatures is taken out, down to ``Limits.depth``. What cannot be read is refused
with its reason, alone.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import hashlib
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import PurePosixPath

from abax.documents import signed
from abax.documents.kinds import CONTAINERS, FileKind, kind_of
from abax.documents.sound import check
from abax.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, FileTooLarge

__all__ = ["FileKind", "Limits", "Received", "Refused", "receive"]


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
    page_seconds: float = 20.0
    """What a page may take; one that takes longer fails alone."""
    stage_seconds: float = 40.0
    """What a stage may take of the processor for one document; one that takes longer is refused."""
    recognized_pages: int = 100
    """Pages that are recognised where they have no text layer; the others of the file say so."""


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
    notes: tuple[str, ...] = ()
    """What a person may want to know of it, and what keeps it from nothing."""


@dataclass(frozen=True)
class Refused:
    """One file that cannot be read, and why. Its siblings can."""

    name: str
    digest: str
    error: DocumentError
    origin: tuple[str, ...] = ()


def receive(name: str, content: bytes, limits: Limits | None = None) -> list[Received | Refused]:
    """All files in a file: itself, or where it is a mail, an archive or a signed one, what lies in it."""
    limits = limits or Limits()
    return list(
        _received(_plain(name), content, (), _Unpacking(limits, limits.members, limits.unpacked_bytes))
    )


@dataclass
class _Unpacking:
    """What may still be unpacked, over all containers together."""

    limits: Limits
    members_left: int
    bytes_left: int

    def take(self, name: str, size: int) -> None:
        """Count one member in. Raises FileTooLarge."""
        self.members_left -= 1
        self.bytes_left -= size
        if self.members_left < 0:
            raise FileTooLarge(name, f"more than {self.limits.members} members", f"{self.limits.members}")
        if self.bytes_left < 0:
            most = f"{self.limits.unpacked_bytes >> 20} MB"
            raise FileTooLarge(name, f"more than {most} unpacked", most)


def _received(
    name: str, content: bytes, origin: tuple[str, ...], unpacking: _Unpacking
) -> Iterator[Received | Refused]:
    digest = hashlib.sha256(content).hexdigest()
    try:
        kind = _kind_within(name, content, origin, unpacking.limits)
        if kind is FileKind.ZIP:
            yield from _from_zip(name, content, origin, unpacking)
        elif kind is FileKind.MAIL:
            yield from _from_mail(name, content, origin, unpacking)
        elif kind is FileKind.SIGNED:
            yield from _from_envelope(name, content, origin, unpacking)
        else:
            check(name, kind, content, unpacking.limits)
            yield Received(name, kind, content, digest, origin)
    except DocumentError as error:
        yield Refused(name, digest, error, origin)


def _kind_within(name: str, content: bytes, origin: tuple[str, ...], limits: Limits) -> FileKind:
    if not content:
        raise EmptyFile(name)
    if len(content) > limits.file_bytes:
        raise FileTooLarge(name, f"{len(content) / (1 << 20):.1f} MB", f"{limits.file_bytes >> 20} MB")
    kind = kind_of(name, content)
    if kind in CONTAINERS and len(origin) >= limits.depth:
        raise FileTooLarge(name, f"{len(origin) + 1} containers inside each other", f"{limits.depth}")
    return kind


def _plain(name: str) -> str:
    """A name without ways upwards, roots, or letters that cannot be seen."""
    seen = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C").replace("\\", "/")
    parts = [part for part in PurePosixPath(seen).parts if part not in ("/", "..", ".")]
    return "/".join(parts)[-200:] or "unnamed"


_IDLE_MEMBERS = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def _from_zip(
    name: str, content: bytes, origin: tuple[str, ...], unpacking: _Unpacking
) -> Iterator[Received | Refused]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not _IDLE_MEMBERS.search(m.filename)]
        if len(members) > unpacking.limits.members:
            raise FileTooLarge(name, f"{len(members)} members", f"{unpacking.limits.members}")
        if not members:
            raise EmptyFile(name)
        inside = (*origin, name)
        for member in members:
            inner = _plain(member.filename)
            try:
                unpacked = _unpacked(archive, member, inner, unpacking)
            except DocumentError as error:
                yield Refused(inner, hashlib.sha256(b"").hexdigest(), error, inside)
                if unpacking.members_left < 0 or unpacking.bytes_left < 0:
                    return
                continue
            yield from _received(inner, unpacked, inside, unpacking)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, unpacking: _Unpacking) -> bytes:
    """A member's bytes; no more of it is unpacked than may be, whatever size it claims."""
    if member.flag_bits & 1:
        raise EncryptedFile(name)
    limits = unpacking.limits
    most = min(limits.file_bytes, max(unpacking.bytes_left, 0))
    try:
        with archive.open(member) as stream:
            content = stream.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        unpacking.take(name, 0)
        raise DamagedFile(name, f"it cannot be unpacked ({error})") from None
    unpacking.take(name, len(content))
    if len(content) > limits.file_bytes:
        raise FileTooLarge(name, f"more than {limits.file_bytes >> 20} MB", f"{limits.file_bytes >> 20} MB")
    if len(content) > max(limits.ratio * member.compress_size, 1 << 20):
        ratio = len(content) // max(member.compress_size, 1)
        raise FileTooLarge(name, f"{ratio} bytes for each packed one", f"{limits.ratio}")
    return content


def _from_envelope(
    name: str, content: bytes, origin: tuple[str, ...], unpacking: _Unpacking
) -> Iterator[Received | Refused]:
    inner = signed.unwrapped(name, content)
    unpacking.take(name, len(inner))
    for entry in _received(signed.name_within(name), inner, (*origin, name), unpacking):
        if isinstance(entry, Received):
            entry = replace(entry, notes=tuple(dict.fromkeys((*entry.notes, signed.UNVERIFIED))))
        yield entry


_SIGNATURE_TYPES = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
}
_IDLE_PARTS = re.compile(r"(?:^|/)daticert\.xml$|_MT_\w{1,5}\.xml$|\.(?:p7s|sig|asc|ics|vcf)$", re.IGNORECASE)
"""Certificates of mail, signatures, cards and dates: nothing that a person would call a document."""
_SMALL_PICTURE = 20_000  # bytes; smaller pictures inside a mail's text are logos


def _from_mail(
    name: str, content: bytes, origin: tuple[str, ...], unpacking: _Unpacking
) -> Iterator[Received | Refused]:
    try:
        message = email.message_from_bytes(content.lstrip(b"\xef\xbb\xbf\r\n"), policy=email.policy.default)
        parts = list(_parts(name, message))
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise DamagedFile(name, f"no readable mail ({type(error).__name__})") from None
    inside = (*origin, name)
    found: list[Received | Refused] = []
    body: tuple[str, bytes] | None = None
    for inner, payload, is_body in parts:
        if is_body:
            if body is None or inner.endswith(".html"):
                body = (inner, payload)
            continue
        unpacking.take(inner, len(payload))
        found += _received(_plain(inner), payload, inside, unpacking)
    if body is not None and not any(isinstance(entry, Received) for entry in found):
        unpacking.take(body[0], len(body[1]))
        found += _received(*body, inside, unpacking)
    if not found:
        raise EmptyFile(name)
    yield from found


def _parts(name: str, message: EmailMessage) -> Iterator[tuple[str, bytes, bool]]:
    """Name, content and whether it is the mail's own text, of each part that holds something."""
    for place, part in enumerate(_leaves(message)):
        media_type = part.get_content_type()
        if media_type == "multipart/encrypted":
            raise EncryptedFile(name)
        if media_type in _SIGNATURE_TYPES or _IDLE_PARTS.search(part.get_filename() or ""):
            continue
        if media_type == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], EmailMessage):
                yield part.get_filename() or f"message-{place}.eml", inner[0].as_bytes(), False
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        given, disposition = part.get_filename(), part.get_content_disposition()
        if media_type in ("text/plain", "text/html") and not given and disposition != "attachment":
            yield from _text_part(media_type, payload, part)
            continue
        inline = part.get("Content-ID") and disposition != "attachment"
        if media_type.startswith("image/") and inline and len(payload) < _SMALL_PICTURE:
            continue
        yield given or f"part-{place}", payload, False


def _text_part(media_type: str, payload: bytes, part: EmailMessage) -> Iterator[tuple[str, bytes, bool]]:
    charset = str(part.get_content_charset() or "utf-8")
    with contextlib.suppress(UnicodeDecodeError, LookupError):  # else as it came; its encoding is found later
        payload = payload.decode(charset).encode()
    if payload.strip():
        yield ("body.html" if media_type == "text/html" else "body.txt"), payload, True


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """All parts that hold no others, but mails inside the mail as wholes."""
    if message.get_content_type() != "message/rfc822" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, EmailMessage):
                yield from _leaves(part)
    else:
        yield message
