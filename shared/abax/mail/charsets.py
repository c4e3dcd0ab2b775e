"""From bytes to text: transfer encodings, character sets, and words in headers, as damaged as they come.

RFC 2045 (base64, quoted-printable), RFC 2047 (``=?utf-8?Q?…?=``), RFC 2231 (``%C3%BC``), and uuencode.
"""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

# --- transfer encodings ---------------------------------------------------------------------------------

_WHOLE_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s]*={0,2}\s*")
_NO_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=\s]")
_RUN: Final = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}")
_MOST_FOREIGN: Final = 0.03
"""Share of letters that no base64 has, beyond which it is none."""
_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary", "none", "us-ascii", "utf-8"})


def transferred(raw: bytes, encoding: str) -> tuple[bytes, str]:
    """A body without its transfer encoding, and what was wrong with it (empty where nothing was)."""
    name = encoding.strip().strip('"').lower()
    if name in _PLAIN:
        return raw, ""
    bare = re.sub(r"[^a-z0-9]", "", name)
    if bare == "base64":
        return from_base64(raw)
    if bare == "quotedprintable":
        return from_quoted_printable(raw), ""
    if bare in ("xuuencode", "uuencode", "xuue", "uue"):
        files = list(uuencoded(raw))
        return (files[0][1], "") if files else (raw, "a part that says it is uuencoded is not")
    return raw, f"the transfer encoding {name[:40]} is unknown: read as it came"


def from_base64(raw: bytes) -> tuple[bytes, str]:
    """What it decodes to, whatever is missing, and what was wrong. What is none stays as it came.

    A text that a list server appended behind it is kept.
    """
    if _WHOLE_BASE64.fullmatch(raw):
        bare = b"".join(raw.split())
        if len(bare) % 4 == 0:
            return binascii.a2b_base64(bare), ""
        return _decoded_run(bare), "base64 without its end"
    body, footer = _footer(raw)
    foreign = len(_NO_BASE64.findall(body))
    if foreign > _MOST_FOREIGN * len(body):
        return raw, "a part that says it is base64 is not"
    runs = _RUN.findall(_NO_BASE64.sub(b"", body))
    decoded = b"".join(_decoded_run(b"".join(run.split())) for run in runs)
    return decoded + footer, "" if foreign == 0 and not footer else "damaged base64"


def _footer(raw: bytes) -> tuple[bytes, bytes]:
    """Base64 up to its padding, and the lines behind it that are something else."""
    padded = re.search(rb"=[ \t]*\r?\n", raw)
    if padded is None or not _NO_BASE64.search(raw, padded.end()) or _NO_BASE64.search(raw, 0, padded.end()):
        return raw, b""
    return raw[: padded.end()], b"\n" + raw[padded.end() :].strip(b"\r\n")


def _decoded_run(run: bytes) -> bytes:
    bare = run.rstrip(b"=")
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))


_LOOSE_BREAK: Final = re.compile(rb"=[ \t]{1,40}(?=\r?\n)")


def from_quoted_printable(raw: bytes) -> bytes:
    """What it decodes to. What is no escape stays as it is."""
    return binascii.a2b_qp(_LOOSE_BREAK.sub(b"=", raw) if b"= " in raw or b"=\t" in raw else raw)


_UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?$", re.MULTILINE)
_UU_END: Final = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
_MOST_UU_FILES: Final = 50


def uuencoded(raw: bytes) -> Iterator[tuple[str, bytes, int, int]]:
    """Files within a text: name, content, where each starts and ends."""
    at = 0
    for _ in range(_MOST_UU_FILES):
        begin = _UU_BEGIN.search(raw, at)
        end = _UU_END.search(raw, begin.end()) if begin else None
        if begin is None or end is None:
            return
        at = end.end()
        lines = raw[begin.end() : end.start()].strip(b"\r\n").split(b"\n")
        content = b"".join(map(_uu_line, lines))
        if content and _UU_LINE.match(lines[0]):
            yield begin[1].decode("utf-8", "replace"), content, begin.start(), end.end()


_UU_LINE: Final = re.compile(rb"[ -`]{2,}")


def _uu_line(line: bytes) -> bytes:
    """One line; of a damaged one as much as its first letter says, as writers that count wrong do."""
    line = line.rstrip(b"\r\n")
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        letters = ((line[0] - 32 & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:letters])
        except binascii.Error:
            return b""


# --- character sets -------------------------------------------------------------------------------------

_CALLED: Final = {
    "unknown-8bit": "", "unknown": "", "x-unknown": "", "default": "", "none": "", "binary": "", "ansi": "",
    "x-user-defined": "", "us-ascii": "", "ascii": "", "7bit": "", "8bit": "", "ansi_x3.4-1968": "",
    "utf8mb4": "utf-8", "utf": "utf-8", "unicode": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-utf-8": "utf-8",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252",
    "iso-8859": "cp1252",
    "x-ansi": "cp1252", "windows-1252http-equivcontent-type": "cp1252", "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "shift_jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6", "cp-850": "cp850", "x-cp1252": "cp1252", "x-cp1250": "cp1250",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
"""Names that writers use and Python does not know, or knows by a narrower set than they mean."""
_NO_SETS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SINGLE: Final = re.compile(r"cp125\d|iso8859-\d+|latin-?\d+|mac-roman")
"""Sets with a letter for each byte: they fit whatever comes, so that fitting says nothing."""


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """The codec for the name of a character set; empty where there is none or it says nothing."""
    plain = name.strip().strip("\"'").lower().partition("*")[0]
    plain = _CALLED.get(plain, plain)
    try:
        found = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return ""
    text = getattr(codecs.lookup(plain), "_is_text_encoding", True)
    return found if text and found.replace("-", "_") not in _NO_SETS else ""


def text_of(content: bytes, charset: str = "") -> tuple[str, str]:
    """Bytes as text, whatever set they are in, and what was wrong with the set that is named (or empty)."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content.decode(name, "replace"), ""
    if content.isascii() and b"\x1b" not in content and not _may_be_wide(charset):
        return content.decode("ascii"), ""
    known = codec(charset) if charset else ""
    wide_unlikely = known.startswith(("utf-16", "utf-32")) and b"\0" not in content
    if known and not wide_unlikely and not (_SINGLE.fullmatch(known) and _is_utf8(content)):
        try:
            return content.decode(known), ""
        except (UnicodeDecodeError, ValueError):
            pass
    return _guessed(content, known, charset)


def _may_be_wide(charset: str) -> bool:
    return charset.lower().startswith(("utf-16", "utf-32", "utf-7", "ucs", "iso-2022", "hz"))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(content: bytes, known: str, charset: str) -> tuple[str, str]:
    """Bytes that are not in the set that is named."""
    wrong = f"it is not in {charset[:40]}, as it says" if charset and codec(charset) else ""
    if charset and not codec(charset) and charset.lower() not in _CALLED:
        wrong = f"the character set {charset[:40]} is unknown"
    if _is_utf8(content):
        return content.decode("utf-8"), wrong
    lossy = content.decode(known, "replace") if known.startswith("utf-8") else ""
    lost, foreign = lossy.count("\ufffd"), sum(not letter.isascii() for letter in lossy)
    if lossy and 4 * lost < foreign:
        return lossy, wrong
    return _western(content), wrong


_IN_WORDS: Final = re.compile(
    r"(?<=[^\W\d_])[\u0080-\u00a9\u00ab\u00ac\u00ae-\u00b4\u00b6\u00b8\u00b9\u00bb-\u00bf\u2020-\u2026\u2030"
    r"\u2122]"
    r"(?=[^\W\d_])"
)
"""Signs inside of words, which letters of another set would be: ``p³atno¶æ``."""
_ENOUGH_SIGNS: Final = 2


def _western(content: bytes) -> str:
    """Bytes of a set with a letter for each: Western European, unless words have signs in them, which are
    letters in Polish."""
    text = content.decode("cp1252", "replace")
    signs = len(_IN_WORDS.findall(text))
    if signs < _ENOUGH_SIGNS:
        return text
    central = (content.decode(name, "replace") for name in ("cp1250", "iso-8859-2"))
    best = min(central, key=lambda one: len(_IN_WORDS.findall(one)))
    return best if len(_IN_WORDS.findall(best)) < signs / 2 else text


def without_bom(content: bytes) -> bytes:
    """A whole message without the mark at its beginning, from UTF-16 to UTF-8 where it has that one."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content.decode(name, "replace").encode("utf-8", "replace")
    return content


_UNSEEN: Final = dict.fromkeys(
    [
        *(code for code in range(32) if code not in (9, 10)),
        *range(0x7F, 0xA0),
        0xAD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), 0x2060, 0xFEFF,
        *range(0x202A, 0x202F), *range(0x2061, 0x2070),
        *range(0xFFF9, 0xFFFC),
        *range(0xE0000, 0xE0080),
        *range(0xD800, 0xE000),
    ]
)  # fmt: skip
_SPACES: Final = dict.fromkeys([0xA0, 0x2007, 0x202F, 0x2002, 0x2003, 0x2009, 0x200A], " ")
_CLEAN: Final = {**_UNSEEN, **_SPACES, 0x0C: "\n", 0x0B: "\n", 0x2028: "\n", 0x2029: "\n", 0x85: "\n"}
_ODD: Final = re.compile("[^\t\n -~\u00a1-\u00ac\u00ae-\u0300]")


def clean(text: str) -> str:
    """Text with ``\\n`` at the ends of lines and nothing in it that cannot be seen: no control letters, no
    letters of no width, no marks of direction, none of the tags that hide words from people."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_CLEAN) if _ODD.search(text) else text


# --- words in headers -----------------------------------------------------------------------------------

_WORD: Final = re.compile(
    r"=\?([\w.:()+-]{1,40})(?:\*[A-Za-z-]{0,20})?\?([bBqQ])\?(.{0,4000}?)\?=", re.DOTALL
)


def header_text(value: bytes | str) -> str:
    """The value of a header as text: encoded words decoded, one line, blanks as single ones."""
    text = value if isinstance(value, str) else text_of(value)[0]
    if "=?" in text:
        text = _words(text)
    return " ".join(clean(text).split())


def _words(text: str) -> str:
    """Encoded words decoded; those beside each other as one, since writers cut letters in two."""
    out: list[str] = []
    pending, charset, at = b"", "", 0
    for match in _WORD.finditer(text):
        between = text[at : match.start()]
        if between.strip() or at == 0 or match[1].lower() != charset:
            out.append(text_of(pending, charset)[0])
            pending = b""
            if between.strip() or at == 0:
                out.append(between)
        charset = match[1].lower()
        pending += _word(match[2], match[3])
        at = match.end()
    out += [text_of(pending, charset)[0], text[at:]]
    return "".join(out)


def _word(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    if encoding in "bB":
        bare = _NO_BASE64.sub(b"", b"".join(content.split()))
        return b"".join(map(_decoded_run, _RUN.findall(bare)))
    return binascii.a2b_qp(content, header=True)


def percent_text(pieces: Sequence[tuple[str, bool]], charset: str) -> str:
    """A parameter in pieces, each with whether it has ``%`` escapes."""
    content = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace") for text, encoded in pieces
    )
    return " ".join(clean(text_of(content, charset)[0]).split())


def plain(text: str) -> str:
    """Small letters without their accents, for comparisons."""
    bare = unicodedata.normalize("NFKD", text.lower())
    return (
        "".join(letter for letter in bare if not unicodedata.combining(letter))
        .replace("\u0142", "l")
        .replace("ß", "ss")
    )
