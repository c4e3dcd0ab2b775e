"""``winmail.dat``: the envelope that Outlook puts its attachments in (TNEF, MS-OXTNEF), opened within limits.

A stream of attributes (level, id, length, data, checksum), one of which holds MAPI properties. Read are
the files with their names, and the body as text, HTML or compressed RTF (MS-OXRTFCP). Whatever is damaged
ends the reading where it is; what was found until then is kept.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from abax.mail.charsets import clean, text_of

SIGNATURE: Final = b"\x78\x9f\x3e\x22"

_SUBJECT: Final = 0x00018004
_BODY: Final = 0x0002800C
_MAPI: Final = 0x00069003
_CODE_PAGE: Final = 0x00069007
_FILE_BEGINS: Final = 0x00069002
_FILE_NAME: Final = 0x00018010
_FILE_DATA: Final = 0x0006800F
_FILE_MAPI: Final = 0x00069005

_PR_BODY, _PR_HTML, _PR_RTF = 0x1000, 0x1013, 0x1009
_PR_DATA, _PR_SHORT_NAME, _PR_LONG_NAME, _PR_MEDIA_TYPE, _PR_CONTENT_ID = (
    0x3701,
    0x3704,
    0x3707,
    0x370E,
    0x3712,
)
_WIDTHS: Final = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of a property of a fixed width, by its type."""
_OF_ANY_LENGTH: Final = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_TEXT_8, _TEXT_16, _OBJECT = 0x1E, 0x1F, 0x0D
_MOST_PROPERTIES: Final = 5_000
_MOST_RTF: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class File:
    """A file in the envelope."""

    name: str
    content: bytes
    media_type: str = ""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a ``winmail.dat`` holds."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    code_page: str = "cp1252"
    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[File] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def is_tnef(content: bytes) -> bool:
    """Whether it is such an envelope."""
    return content.startswith(SIGNATURE)


def open_envelope(content: bytes, most_files: int = 200) -> Envelope:
    """The files and the body in a ``winmail.dat``."""
    found = _Found()
    try:
        for identifier, data in _attributes(content):
            _take(identifier, data, found)
            if len(found.files) > most_files:
                found.problems.append(
                    f"more than {most_files} files in winmail.dat: the others were not read"
                )
                found.files.pop()
                break
    except (struct.error, IndexError, ValueError) as error:
        found.problems.append(f"winmail.dat is damaged: what follows its fault was not read ({error})")
    if found.rtf and not (found.text.strip() or found.html.strip()):
        found.text = _text_of_compressed(found.rtf, found.problems)
    files = tuple(file for file in found.files if file.content or file.name)
    return Envelope(clean(found.text), found.html, files, tuple(found.problems))


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Ids and data. Raises struct.error, ValueError."""
    at = len(SIGNATURE) + 2
    while at + 9 <= len(content):
        level, identifier, length = struct.unpack_from("<BII", content, at)
        at += 9
        if level not in (1, 2):
            raise ValueError(f"no attribute at byte {at - 9}")
        if at + length > len(content):
            raise ValueError("its end is missing")
        yield identifier, content[at : at + length]
        at += length + 2


def _take(identifier: int, data: bytes, found: _Found) -> None:
    """One attribute. Raises struct.error, ValueError."""
    if identifier == _CODE_PAGE and len(data) >= 4:
        found.code_page = f"cp{struct.unpack_from('<I', data)[0]}"
    elif identifier == _BODY:
        found.text = _plain(data, found)
    elif identifier == _MAPI:
        _take_body(data, found)
    elif identifier == _FILE_BEGINS:
        found.files.append(File("", b""))
    elif found.files and identifier in (_FILE_NAME, _FILE_DATA, _FILE_MAPI):
        found.files[-1] = _more_of_file(found.files[-1], identifier, data, found)


def _plain(data: bytes, found: _Found) -> str:
    return text_of(data.rstrip(b"\0"), found.code_page)[0]


def _take_body(data: bytes, found: _Found) -> None:
    for identifier, kind, value in _properties(data):
        if identifier == _PR_BODY:
            found.text = _string(kind, value, found) or found.text
        elif identifier == _PR_HTML:
            found.html = _string(kind, value, found)
        elif identifier == _PR_RTF:
            found.rtf = value


def _more_of_file(file: File, identifier: int, data: bytes, found: _Found) -> File:
    if identifier == _FILE_NAME:
        return replace(file, name=file.name or _plain(data, found))
    if identifier == _FILE_DATA:
        return replace(file, content=data)
    for number, kind, value in _properties(data):
        if number == _PR_LONG_NAME or (number == _PR_SHORT_NAME and not file.name):
            file = replace(file, name=_string(kind, value, found) or file.name)
        elif number == _PR_MEDIA_TYPE:
            file = replace(file, media_type=_string(kind, value, found).lower())
        elif number == _PR_CONTENT_ID:
            file = replace(file, content_id=_string(kind, value, found))
        elif number == _PR_DATA and not file.content:
            file = replace(file, content=value[16:] if kind == _OBJECT else value)
    return file


def _string(kind: int, value: bytes, found: _Found) -> str:
    if kind == _TEXT_16:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    return _plain(value, found)


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Id, type and first value of MAPI properties. Raises struct.error, ValueError."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, _MOST_PROPERTIES)):
        kind, identifier = struct.unpack_from("<HH", data, at)
        at += 4
        if identifier >= 0x8000:
            at = _behind_name(data, at)
        value, at = _value(data, at, kind)
        yield identifier, kind & 0xFFF, value


def _behind_name(data: bytes, at: int) -> int:
    """Where a property's name ends: a GUID, and a number or letters."""
    (named,) = struct.unpack_from("<I", data, at + 16)
    (number,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (_padded(number) if named else 0)


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """The first value of a property, and where the next property begins."""
    several, kind = kind & 0x1000, kind & 0xFFF
    if kind not in _OF_ANY_LENGTH and kind not in _WIDTHS:
        raise ValueError(f"no property type {kind:#x}")
    count = 1
    if several or kind in _OF_ANY_LENGTH:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    first = b""
    for place in range(min(count, _MOST_PROPERTIES)):
        length = _WIDTHS.get(kind, 0)
        if not length:
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if at + length > len(data):
            raise ValueError("a property goes on behind its end")
        if place == 0:
            first = data[at : at + length]
        at += _padded(length)
    return first, at


# --- RTF ------------------------------------------------------------------------------------------------

_DICTIONARY: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What each compressed text starts with (MS-OXRTFCP 2.1.2.1)."""
_COMPRESSED: Final = 0x75465A4C
_STORED: Final = 0x414C454D


def _text_of_compressed(rtf: bytes, problems: list[str]) -> str:
    try:
        return text_of_rtf(decompressed(rtf))
    except (struct.error, IndexError, ValueError) as error:
        problems.append(f"the text in winmail.dat cannot be unpacked ({error})")
        return ""


def decompressed(content: bytes) -> bytes:
    """RTF as Outlook compresses it (MS-OXRTFCP), no more than 4 MB. Raises ValueError, struct.error."""
    _, size, kind, _ = struct.unpack_from("<IIII", content)
    if kind == _STORED:
        return content[16 : 16 + min(size, _MOST_RTF)]
    if kind != _COMPRESSED:
        raise ValueError("an unknown compression")
    window = bytearray(4096)
    window[: len(_DICTIONARY)] = _DICTIONARY
    write, at, out, most = len(_DICTIONARY), 16, bytearray(), min(size, _MOST_RTF)
    while at < len(content) and len(out) < most:
        control = content[at]
        at += 1
        for bit in range(8):
            if at >= len(content) or len(out) >= most:
                break
            if not control >> bit & 1:
                piece, at = content[at : at + 1], at + 1
            else:
                reference = content[at] << 8 | content[at + 1] if at + 1 < len(content) else 0
                at += 2
                start, length = reference >> 4, (reference & 15) + 2
                if start == write:
                    return bytes(out)
                piece = _repeated(window, start, length, write)
            for byte in piece:
                window[write] = byte
                write = write + 1 & 4095
            out += piece
    return bytes(out)


def _repeated(window: bytearray, start: int, length: int, write: int) -> bytes:
    """Bytes from the window, which may repeat what they write themselves."""
    out = bytearray()
    for step in range(length):
        place = start + step & 4095
        behind = place - write & 4095
        out.append(out[behind] if behind < len(out) else window[place])
    return bytes(out)


_RTF: Final = re.compile(
    rb"\\'(?P<hex>[0-9a-fA-F]{2})|\\u(?P<code>-?\d{1,6}) ?(?:\?|\\'[0-9a-fA-F]{2})?"
    rb"|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\(?P<sign>[^a-zA-Z])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)"
)
_RTF_SILENT: Final = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"listtable",
     b"listoverridetable", b"rsidtbl", b"generator", b"themedata", b"htmltag", b"mhtmltag", b"fldinst"}
)  # fmt: skip
_RTF_LETTERS: Final = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": " | ", b"row": "\n", b"emdash": "\u2014",
    b"endash": "\u2013",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
    b"bullet": "\u2022",
}  # fmt: skip


def text_of_rtf(content: bytes) -> str:
    """The text of an RTF document, without what it hides. HTML that Outlook wrapped in RTF loses its tags."""
    out: list[str] = []
    pending = bytearray()
    page, silent, stack = "cp1252", False, list[bool]()
    for match in _RTF.finditer(content[:_MOST_RTF]):
        if match["hex"]:
            pending += b"" if silent else bytes([int(match["hex"], 16)])
            continue
        if pending:
            out.append(text_of(bytes(pending), page)[0])
            pending.clear()
        if match["brace"] == b"{":
            stack.append(silent)
        elif match["brace"]:
            silent = stack.pop() if stack else False
        elif match["sign"] == b"*" or match["word"] in _RTF_SILENT:
            silent = True
        elif match["word"] == b"htmlrtf":
            silent = match["number"] != b"0"
        elif match["word"] == b"ansicpg" and match["number"]:
            page = f"cp{int(match['number'])}"
        elif not silent:
            out.append(_rtf_piece(match))
    out.append(text_of(bytes(pending), page)[0])
    return re.sub(r"\n{3,}", "\n\n", "".join(out)).strip()


def _rtf_piece(match: re.Match[bytes]) -> str:
    """The letters that a piece of RTF stands for."""
    if match["text"]:
        return match["text"].decode("latin-1")
    if match["code"]:
        return chr(int(match["code"]) & 0xFFFF)
    if match["word"]:
        return _RTF_LETTERS.get(match["word"], "")
    return {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}.get(match["sign"] or b"", "")
