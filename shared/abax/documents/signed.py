"""Envelopes of signatures (CMS, as in ``.p7m`` files): what was signed is taken out.

The signature is not verified: nothing is said of who signed, nor of whether the content was changed since.
BER is read where it is needed and no further, with lengths that are not known beforehand and content in
pieces, as programs write that sign while they read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from abax.errors import DamagedFile, UnknownFormat

UNVERIFIED: Final = "it is signed; the signature was not verified"

_DEEPEST: Final = 16
_TYPE: Final = re.compile(
    rb"0(?:[\0-\x80]|\x81.|\x82..|\x83...|\x84.{4})\x06"
    rb"(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07(?P<what>[\2\3])"
    rb"|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17)",
    re.DOTALL,
)
"""A ContentInfo: its type is SignedData, EnvelopedData (RFC 5652) or AuthEnvelopedData (RFC 5083)."""
_PRINTED: Final = re.compile(
    rb"\s*(?:-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----)?\s*(MI[A-Za-z0-9+/\s]++=*+)\s*+(?:-----END|$)"
)
_SIGNED: Final = b"\2"
_SEALED: Final = b"\3"
_SEQUENCE: Final = 0x30
_OCTETS: Final = 0x04
_CONSTRUCTED: Final = 0x20
_EXPLICIT_0: Final = 0xA0


def is_signed(content: bytes) -> bool:
    """Whether it is an envelope with a signature."""
    return _kind(content) == _SIGNED


def is_sealed(content: bytes) -> bool:
    """Whether it is an envelope that its addressee alone can open."""
    return _kind(content) == _SEALED


def _kind(content: bytes) -> bytes:
    match = _TYPE.match(_binary(content, 64))
    return (match["what"] or _SEALED) if match else b""


def _binary(content: bytes, most: int = 0) -> bytes:
    """The envelope as bytes, where it may be printed in letters; of these no more than ``most``."""
    if content[:1] == b"0":
        return content
    printed = _PRINTED.match(content[: 4 * most] + b"-----END" if most else content)
    if printed is None:
        return b""
    letters = b"".join(printed[1].split())
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4] if most else letters)
    except binascii.Error:
        return b""


def unwrapped(name: str, content: bytes) -> bytes:
    """What was signed. Raises DamagedFile, and UnknownFormat for a signature without what it signs."""
    ber = _binary(content)
    try:
        data = _part(ber, _part(ber, 0).start).after  # behind the type of the envelope
        signed = _first(ber, _part(ber, data), _SEQUENCE)
        inner = _first(ber, signed, _SEQUENCE)
        wrapped = [part for part in _parts(ber, inner) if part.tag == _EXPLICIT_0]
        if not wrapped:
            raise UnknownFormat(name, "a signature without what was signed")
        return b"".join(_octets(ber, part) for part in _parts(ber, wrapped[0]))
    except (ValueError, IndexError) as error:
        raise DamagedFile(name, f"no sound signed file ({error})") from None


def name_within(name: str) -> str:
    """What a signed file is called without its envelope's ending."""
    return re.sub(r"\.p7[ms]$", "", name, flags=re.IGNORECASE) or name


@dataclass(frozen=True, slots=True)
class _Part:
    """A value in BER: its tag, where its content begins and ends, and where the next value begins."""

    tag: int
    start: int
    end: int
    after: int


def _part(ber: bytes, at: int, depth: int = 0) -> _Part:
    """The value that begins there. Raises ValueError, IndexError."""
    tag, length, start = ber[at], ber[at + 1], at + 2
    if length == 0x80:
        if depth >= _DEEPEST or not tag & _CONSTRUCTED:
            raise ValueError(f"no length at {at}")
        end = start
        while ber[end] or ber[end + 1]:
            end = _part(ber, end, depth + 1).after
        return _Part(tag, start, end, end + 2)
    if length > 0x80:
        start += length & 0x7F
        length = int.from_bytes(ber[at + 2 : start])
    if start + length > len(ber):
        raise ValueError("its end is missing")
    return _Part(tag, start, start + length, start + length)


def _parts(ber: bytes, outer: _Part) -> Iterator[_Part]:
    at = outer.start
    while at < outer.end:
        yield (part := _part(ber, at))
        at = part.after


def _first(ber: bytes, outer: _Part, tag: int) -> _Part:
    """The first value of that kind within another. Raises ValueError, IndexError."""
    for part in _parts(ber, outer):
        if part.tag == tag:
            return part
    raise ValueError(f"nothing of kind {tag:#x} at {outer.start}")


def _octets(ber: bytes, part: _Part, depth: int = 0) -> bytes:
    """The bytes of a string, which may come in pieces. Raises ValueError, IndexError."""
    if part.tag & ~_CONSTRUCTED != _OCTETS or depth >= _DEEPEST:
        raise ValueError(f"no bytes at {part.start}")
    if not part.tag & _CONSTRUCTED:
        return ber[part.start : part.end]
    return b"".join(_octets(ber, inner, depth + 1) for inner in _parts(ber, part))
