"""MIME as it really comes: bytes become a tree of parts, whatever is wrong with them. Nothing raises.

The standard library's parser raises on some of what comes in and goes through a mail line by line. This one
finds the lines that can be delimiters at once, so that 30 MB take no longer than it takes to look at them,
and keeps to the rules of RFC 2045 to 2047, 2231 and 5322 where the writer did. Where not, it is read as it
was most likely meant, and ``Notes`` says so.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from abax.mail.charsets import header_text, percent_text, transferred, without_bom

_NO_NAMES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Limits:
    """What one message may have. What goes beyond is left unread, and a problem names the figure."""

    message_bytes: int = 64 << 20
    decoded_bytes: int = 128 << 20
    """Of all attachments together."""
    parts: int = 500
    depth: int = 20
    """Parts inside parts, and mails inside mails."""
    header_bytes: int = 512 << 10
    """Of the headers of one part."""
    fields: int = 1_000
    field_bytes: int = 128 << 10
    recipients: int = 5_000
    text_letters: int = 500_000
    """Of the body as text."""


@dataclass
class Notes:
    """What was wrong, each once."""

    lines: list[str] = field(default_factory=list)
    most: int = 40

    def add(self, text: str) -> None:
        """One more, for people."""
        if text not in self.lines and len(self.lines) < self.most:
            self.lines.append(text)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, or the whole of it."""

    fields: tuple[tuple[str, bytes], ...] = ()
    """Small names and unfolded values, in order."""
    media_type: str = "text/plain"
    parameters: Mapping[str, str] = field(default_factory=dict)
    disposition: str = ""
    """``inline``, ``attachment`` or whatever it says; empty without any."""
    file_name: str = ""
    raw: bytes = b""
    """Its body as it came; empty where ``parts`` are."""
    parts: tuple[Part, ...] = ()

    def value(self, name: str) -> str:
        """The first header of that name that says anything, decoded; empty without one."""
        return next((text for text in self.values(name) if text), "")

    def values(self, name: str) -> list[str]:
        """All headers of that name, decoded."""
        return [header_text(value) for key, value in self.fields if key == name]

    @property
    def main_type(self) -> str:
        """``text`` of ``text/plain``."""
        return self.media_type.partition("/")[0]

    def content(self, notes: Notes) -> bytes:
        """Its body without its transfer encoding."""
        content, wrong = transferred(self.raw, self.value("content-transfer-encoding"))
        if wrong:
            notes.add(wrong)
        return content

    def leaves(self) -> Iterator[Part]:
        """All parts that hold no others."""
        if self.parts:
            for part in self.parts:
                yield from part.leaves()
        else:
            yield self


def parse(content: bytes, limits: Limits | None = None, notes: Notes | None = None) -> Part:
    """The whole message as a tree."""
    limits, notes = limits or Limits(), notes if notes is not None else Notes()
    if len(content) > limits.message_bytes:
        notes.add(f"only the first {limits.message_bytes >> 20} MB of {len(content) >> 20} MB were read")
        content = content[: limits.message_bytes]
    content = without_bom(content).lstrip(b"\r\n")
    if b"\n" not in content and b"\r" in content:
        content = content.replace(b"\r", b"\n")
    if content[:256].count(b"\0") > 0:
        notes.add("zero bytes among its headers")
        content = content.replace(b"\0", b"")
    return _Reader(content, limits, notes).whole()


# --- delimiters -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Delimiter:
    """A line that ends a part."""

    start: int
    after: int
    level: int
    """Of the multipart that it belongs to, the outermost 0."""
    closes: bool


@dataclass(frozen=True)
class _Bounds:
    """The boundaries that hold where one is, the outermost first."""

    table: Mapping[bytes, tuple[int, bool]] = field(default_factory=dict)
    loose: tuple[tuple[bytes, int], ...] = ()
    """Those that nothing matches letter by letter: RFC 2046 lets a line go on behind them."""
    depth: int = 0

    def within(self, boundary: bytes, loosely: bool) -> _Bounds:
        """One more inside."""
        if loosely:
            return replace(self, loose=((boundary, self.depth), *self.loose), depth=self.depth + 1)
        mine = {boundary: (self.depth, False), boundary + b"--": (self.depth, True)}
        return replace(self, table={**self.table, **mine}, depth=self.depth + 1)

    def match(self, text: bytes) -> tuple[int, bool] | None:
        """Whose delimiter a line is, and whether it is the last."""
        found = self.table.get(text)
        if found is None:
            for boundary, level in self.loose:
                if text.startswith(boundary):
                    return level, text[len(boundary) :].startswith(b"--")
        return found


_LONGEST_BOUNDARY: Final = 300
_MOST_DASHES: Final = 200_000


@dataclass(slots=True)
class _Dashes:
    """The lines that begin with two dashes: where they start, what follows, where the next line starts."""

    starts: list[int]
    texts: list[bytes]
    afters: list[int]
    last: dict[bytes, int]
    """Where each text stands last."""

    @classmethod
    def of(cls, content: bytes) -> _Dashes:
        """All of a message."""
        found = cls([], [], [], {})
        at = 0 if content.startswith(b"--") else content.find(b"\n--") + 1
        while (at or content.startswith(b"--")) and len(found.starts) < _MOST_DASHES:
            end = content.find(b"\n", at)
            end = len(content) if end < 0 else end
            if end - at <= _LONGEST_BOUNDARY:
                text = content[at + 2 : end].rstrip()
                found.starts.append(at)
                found.texts.append(text)
                found.afters.append(min(end + 1, len(content)))
                found.last[text] = at
            at = content.find(b"\n--", end) + 1
            if not at:
                break
        return found

    def next(self, at: int, bounds: _Bounds) -> _Delimiter | None:
        """The first from a place on that is a delimiter there."""
        if not bounds.depth:
            return None
        for place in range(bisect_left(self.starts, at), len(self.starts)):
            match = bounds.match(self.texts[place])
            if match is not None:
                return _Delimiter(self.starts[place], self.afters[place], *match)
        return None

    def has(self, boundary: bytes, at: int) -> bool:
        """Whether a line from there on is exactly this boundary."""
        return self.last.get(boundary, -1) >= at or self.last.get(boundary + b"--", -1) >= at

    def guess(self, content: bytes, at: int) -> bytes:
        """The boundary of a multipart that names none, or a wrong one; empty where there is no sign of it."""
        for place in range(
            bisect_left(self.starts, at), min(len(self.starts), bisect_left(self.starts, at) + 50)
        ):
            text = self.texts[place]
            if text and _CONTENT_FIELD.match(content, self.afters[place]):
                return text
        return b""


_CONTENT_FIELD: Final = re.compile(rb"content-[a-z-]{2,30}[ \t]*:", re.IGNORECASE)


# --- reading --------------------------------------------------------------------------------------------

_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_BLANK: Final = re.compile(rb"\n\r?\n")
_KNOWN: Final = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|received|return-path|mime-version|reply-to|sender"
    rb"|content-[a-z-]+"
    rb"|delivered-to|x-[a-z-]+|references|in-reply-to|bcc|list-[a-z-]+|authentication-results|dkim-signature)"
    rb"[ \t]*:",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Head:
    """The headers of a part, and where its body starts."""

    fields: list[tuple[str, bytes]]
    body: int
    resumes: int = -1
    """Where its first part starts, whose delimiter is missing."""


class _Reader:
    """Reads one message, part by part."""

    def __init__(self, content: bytes, limits: Limits, notes: Notes) -> None:
        self._content, self._limits, self._notes = content, limits, notes
        self._dashes = _Dashes.of(content)
        self._left = limits.parts

    def whole(self) -> Part:
        """The message."""
        part, _ = self._part(0, _Bounds(), "text/plain")
        known = any(_KNOWN.match(name.encode() + b":") for name, _ in part.fields)
        if part.fields and not known and not part.parts:
            self._notes.add("no headers: all of it was read as text")
            return Part(raw=self._content)
        return part

    def _part(self, at: int, bounds: _Bounds, default: str) -> tuple[Part, _Delimiter | None]:
        """The part that starts there, and the delimiter that ends it."""
        self._left -= 1
        head = self._head(at, bounds)
        part = _described(tuple(head.fields), default)
        if part.main_type == "multipart":
            return self._multipart(part, head, bounds)
        end = self._dashes.next(head.body, bounds)
        return replace(part, raw=self._content[head.body : self._end(head.body, end)]), end

    def _end(self, start: int, delimiter: _Delimiter | None) -> int:
        """Where a body ends: before the line end that belongs to the delimiter."""
        if delimiter is None:
            return len(self._content)
        end = delimiter.start - 1
        if self._content[end - 1 : end] == b"\r":
            end -= 1
        return max(start, end)

    def _multipart(self, part: Part, head: _Head, bounds: _Bounds) -> tuple[Part, _Delimiter | None]:
        """A part with parts."""
        if bounds.depth >= self._limits.depth:
            self._notes.add(
                f"more than {self._limits.depth} parts inside each other: deeper ones were not read"
            )
            return part, self._dashes.next(head.body, bounds)
        boundary, loosely = self._boundary(part, head)
        if not boundary:
            self._notes.add("a multipart without parts was read as text")
            end = self._dashes.next(head.body, bounds)
            raw = self._content[head.body : self._end(head.body, end)]
            return replace(part, media_type="text/plain", raw=raw), end
        parts, end = self._parts(part, head, bounds, bounds.within(boundary, loosely))
        return replace(part, parts=tuple(parts)), end

    def _boundary(self, part: Part, head: _Head) -> tuple[bytes, bool]:
        """What parts the part, and whether lines may go on behind it; empty without parts."""
        named = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        start = head.body if head.resumes < 0 else head.resumes
        if named and (self._dashes.has(named, start) or head.resumes >= 0):
            return named, False
        if named and any(text.startswith(named) for text in self._dashes.texts):
            self._notes.add("its parts end with lines that go on behind the boundary")
            return named, True
        guessed = self._dashes.guess(self._content, start)
        if guessed:
            self._notes.add("the boundary between its parts was guessed")
        return guessed, False

    def _parts(
        self, part: Part, head: _Head, bounds: _Bounds, inner: _Bounds
    ) -> tuple[list[Part], _Delimiter | None]:
        parts: list[Part] = []
        default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        end: _Delimiter | None
        if head.resumes >= 0:
            self._notes.add("the first part begins without a boundary")
            end = _Delimiter(head.resumes, head.resumes, bounds.depth, False)
        else:
            end = self._dashes.next(head.body, inner)
        while end is not None and end.level == bounds.depth and not end.closes:
            if self._left <= 0:
                self._notes.add(f"more than {self._limits.parts} parts: the others were not read")
                return parts, self._dashes.next(end.after, bounds)
            child, end = self._part(end.after, inner, default)
            if child.fields or child.parts or child.raw.strip():
                parts.append(child)
        if end is None:
            self._notes.add("its last part has no end")
        elif end.level == bounds.depth:
            end = self._dashes.next(end.after, bounds)
        return parts, end

    def _head(self, at: int, bounds: _Bounds) -> _Head:
        """The headers that start there."""
        delimiter = self._dashes.next(at, bounds)
        most = min(delimiter.start if delimiter else len(self._content), at + self._limits.header_bytes)
        blank = _BLANK.search(self._content, max(at - 1, 0), most)
        stop = max(blank.start() + 1, at) if blank else most
        body = blank.end() if blank else most
        head = _Head([], body)
        values: list[list[bytes]] = []
        names: list[str] = []
        offset = at
        for line in self._content[at:stop].split(b"\n"):
            if not self._take(line, offset, at, names, values, head):
                break
            offset += len(line) + 1
        head.fields = self._fields(names, values)
        if not blank and not delimiter and most < len(self._content):
            self._notes.add(f"more than {self._limits.header_bytes >> 10} KB of headers")
        return head

    def _take(
        self, line: bytes, offset: int, at: int, names: list[str], values: list[list[bytes]], head: _Head
    ) -> bool:
        """One line of headers; False where they have ended, and why is noted in the head."""
        if line[:1] in (b" ", b"\t") and values:
            values[-1].append(line.rstrip(b"\r"))
            return True
        if not line.strip():
            return True
        match = _FIELD.match(line)
        if match is not None:
            name = match[1].decode("ascii").lower()
            if name == "content-type" and name in names and _parts_follow(names, values):
                head.resumes = offset
                return False
            names.append(name)
            values.append([match[2].rstrip(b"\r")])
            return True
        if offset == at and line.startswith((b"From ", b">From ")):
            return True
        after = self._content.find(b"\n", offset) + 1
        if names and after and _KNOWN.match(self._content, after) and after < head.body:
            self._notes.add("a line among its headers that is none was left out")
            return True
        if names:
            self._notes.add("no blank line between headers and body")
        head.body = offset
        return False

    def _fields(self, names: list[str], values: list[list[bytes]]) -> list[tuple[str, bytes]]:
        most = self._limits.field_bytes
        if len(names) > self._limits.fields:
            self._notes.add(f"more than {self._limits.fields} headers: the others were left out")
        fields = []
        for name, pieces in zip(names[: self._limits.fields], values, strict=False):
            value = b"".join(pieces).strip()
            if len(value) > most:
                self._notes.add(f"a header {name} of {len(value) >> 10} KB was cut at {most >> 10} KB")
            fields.append((name, value[:most]))
        return fields


def _parts_follow(names: list[str], values: list[list[bytes]]) -> bool:
    """A content type was given already, and it was that of a multipart."""
    first = b"".join(values[names.index("content-type")]).lower()
    return first.lstrip().startswith(b"multipart/") and b"boundary" in first


# --- what a part says of itself -------------------------------------------------------------------------

_MEDIA_TYPE: Final = re.compile(r"\s*([\w.+-]{1,100})\s*/\s*([\w.+-]{1,100})")
_PARAMETER: Final = re.compile(
    r"""([\w!#$&+^`|~.%'-]{1,100}?)(\*\d{1,3})?(\*?)\s{0,20}=\s{0,20}"""
    r"""(?:"((?:\\.|[^"\\])*)"?|([^;"]*?)(?=\s{0,20}(?:[;"]|$)|\s{1,20}[\w*-]{1,60}\s{0,20}=))"""
)
_LONGEST_PARAMETERS: Final = 8_000


def _described(fields: tuple[tuple[str, bytes], ...], default: str) -> Part:
    """A part by its headers. Of several content types the first that can be read counts."""
    media_type, given = default, _NO_NAMES
    for name, value in fields:
        if name == "content-type":
            text = value.decode("utf-8", "replace")
            match = _MEDIA_TYPE.match(text)
            if match is not None:
                media_type, given = f"{match[1]}/{match[2]}".lower(), parameters(text[match.end() :])
                break
    disposition, named = "", _NO_NAMES
    for name, value in fields:
        if name == "content-disposition":
            text = value.decode("utf-8", "replace")
            disposition = text.partition(";")[0].strip().lower()
            named = parameters(text.partition(";")[2])
            break
    file_name = named.get("filename") or given.get("name") or ""
    return Part(fields, media_type, given, disposition, file_name)


def parameters(text: str) -> dict[str, str]:
    """The parameters behind a value, ``; name="x.pdf"``, by small name, decoded by RFC 2231 and RFC 2047.

    Semicolons and quotes that are missing are done without. What is in pieces is put together.
    """
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(text[:_LONGEST_PARAMETERS]):
        name, number, encoded, quoted, bare = match.groups()
        value = _unescaped(quoted) if quoted is not None else (bare or "").strip()
        place = int(number[1:]) if number else 0
        pieces.setdefault(name.lower() + ("*" if number or encoded else ""), []).append(
            (place, bool(encoded), value)
        )
    plain = {name: header_text(found[0][2]) for name, found in pieces.items() if not name.endswith("*")}
    return {**plain, **{name[:-1]: _joined(found) for name, found in pieces.items() if name.endswith("*")}}


def _unescaped(quoted: str) -> str:
    """What stands between quotes; a Windows path keeps its strokes."""
    return quoted if re.match(r"[A-Za-z]:\\", quoted) else re.sub(r"\\(.)", r"\1", quoted)


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """A value in pieces (RFC 2231): ``utf-8'de'%C3%BC`` and those that follow."""
    pieces = sorted(pieces, key=lambda piece: piece[0])
    charset, first = "utf-8", pieces[0][2]
    if pieces[0][1] and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
        pieces[0] = (pieces[0][0], True, first)
    return percent_text([(value, encoded) for _, encoded, value in pieces], charset)
