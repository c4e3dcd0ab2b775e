"""What the parts of a message are to its reader: the body as text, the files, what kind of message it is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from abax.documents import signed
from abax.errors import DocumentError
from abax.mail import invitation, tnef
from abax.mail.charsets import clean, from_quoted_printable, text_of, uuencoded
from abax.mail.contracts import Attachment
from abax.mail.hypertext import text_of_html
from abax.mail.mime import Limits, Notes, Part, parse

_PLAIN, _HTML = "plain", "html"
_MOST_MARKUP: Final = 2_000_000
"""Letters of HTML that are looked at, over all parts."""
_SURELY_ESCAPED: Final = 3
_STUB: Final = 200
"""A plain part this short beside a long HTML part may say no more than that there is one."""

_SIGNATURES: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_SEALED: Final = frozenset(
    {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7", "application/x-pkcs7"}
)
_ENVELOPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef"})
_CALENDARS: Final = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_CERTIFIED: Final = "postacert.eml"
_MAILS: Final = frozenset({"message/rfc822", "message/global", "message/news"})
_ENDINGS: Final = {
    "application/pdf": ".pdf", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/tiff": ".tif",
    "application/zip": ".zip",
    "application/xml": ".xml", "text/xml": ".xml", "application/json": ".json", "message/rfc822": ".eml",
    "application/pkcs7-mime": ".p7m", "application/pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "message/delivery-status": ".txt",
}  # fmt: skip
_ARMOURED: Final = "-----BEGIN PGP MESSAGE-----"
_SIGNED_TEXT: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE_BEGINS: Final = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_ENDS: Final = "-----END PGP SIGNATURE-----"
_ARMOUR_HEADERS: Final = re.compile(r"(?:[A-Z][A-Za-z]{1,20}: [^\n]{0,200}\n){0,10}\n?")


@dataclass(frozen=True, slots=True)
class _Text:
    """A piece of the body: text, or HTML that is not turned into text yet."""

    kind: str
    content: str

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing."""
        return not self.content.strip()


@dataclass(slots=True)
class _Spent:
    """What was read so far, of a message and of those in it."""

    bytes: int = 0
    markup: int = 0
    leaves: int = 0


@dataclass
class Body:
    """What was found in the parts of one message."""

    limits: Limits
    notes: Notes
    attachments: list[Attachment] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    texts: list[_Text] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    """Calendar entries in a few lines each."""
    forwarded: list[str] = field(default_factory=list)
    """Attached mails as text."""
    named: list[_Text] = field(default_factory=list)
    """Texts that came as files, for a message that has no other."""
    encrypted: bool = False
    signed: bool = False
    invitation: bool = False
    spent: _Spent = field(default_factory=_Spent)

    def text(self) -> str:
        """The body as text, its calendar entries last."""
        pieces = [self._as_text(text) for text in self.texts]
        if not any(piece.strip() for piece in pieces):
            pieces = [self._as_text(text) for text in self.named[:3]]
        body = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip())
        return self._opened(self._cut(body))

    def _as_text(self, text: _Text) -> str:
        if text.kind == _PLAIN:
            return clean(text.content)
        left = max(_MOST_MARKUP - self.spent.markup, 0)
        self.spent.markup += len(text.content)
        if len(text.content) > left:
            self.notes.add(
                f"only the first {_MOST_MARKUP // 1_000_000} million letters of its HTML were read"
            )
        return text_of_html(text.content[:left], self.limits.text_letters)

    def _cut(self, text: str) -> str:
        if len(text) <= self.limits.text_letters:
            return text
        self.notes.add(f"only the first {self.limits.text_letters:,} letters of {len(text):,} were kept")
        return text[: self.limits.text_letters]

    def _opened(self, text: str) -> str:
        """A text without the armour of OpenPGP."""
        if _ARMOURED in text:
            self.encrypted = True
        start, end = text.find(_SIGNED_TEXT), text.find(_SIGNATURE_BEGINS)
        if not 0 <= start < end:
            return text
        self.signed = True
        inside = text[start + len(_SIGNED_TEXT) : end].lstrip("\n")
        headers = _ARMOUR_HEADERS.match(inside)
        inside = re.sub(r"(?m)^- ", "", inside[headers.end() if headers else 0 :])
        return f"{text[:start]}{inside}{text[end:].partition(_SIGNATURE_ENDS)[2]}".strip("\n")

    # --- parts ---

    def walk(self, part: Part, depth: int = 0, related: bool = False) -> None:
        """Take in a part and what lies in it."""
        if not part.parts:
            self._leaf(part, depth, related)
            return
        if part.media_type == "multipart/alternative":
            self._alternatives(part, depth)
            return
        self.encrypted |= part.media_type == "multipart/encrypted"
        self.signed |= part.media_type == "multipart/signed"
        inside = part.media_type == "multipart/related"
        for place, child in enumerate(part.parts):
            self.walk(child, depth, related=inside and place > 0)

    def _alternatives(self, part: Part, depth: int) -> None:
        """Of several forms of the same text one is taken: plain where it says as much as the HTML."""
        mine, self.texts = self.texts, []
        variants: list[list[_Text]] = []
        for child in part.parts:
            self.walk(child, depth)
            variants.append(self.texts)
            self.texts = []
        self.texts = mine + self._chosen(
            [texts for texts in variants if not all(text.is_blank for text in texts)]
        )

    def _chosen(self, variants: list[list[_Text]]) -> list[_Text]:
        plain = next((texts for texts in variants if all(text.kind == _PLAIN for text in texts)), None)
        marked = next((texts for texts in variants if any(text.kind == _HTML for text in texts)), None)
        if plain is None or marked is None:
            return plain or marked or []
        said = sum(len(text.content.strip()) for text in plain)
        if said < _STUB and sum(len(text.content) for text in marked) > 10 * _STUB:
            shown = "\n".join(self._as_text(text) for text in marked)
            if len(shown) > 5 * said + _STUB:
                return [_Text(_PLAIN, shown)]
        return plain

    def _leaf(self, part: Part, depth: int, related: bool) -> None:
        if part.main_type == "multipart":
            return  # deeper than may be; the notes say so
        self.spent.leaves += 1
        name = file_name(part.file_name)
        content = self._content(part)
        if part.media_type in ("text/plain", "text/html") and not name and part.disposition != "attachment":
            self._text(part, content)
        elif part.media_type in _CALENDARS or (
            name.lower().endswith(".ics") and invitation.is_calendar(content)
        ):
            self._entry(part, content, name)
        elif part.media_type in _MAILS:
            self._mail(part, content, name, depth)
        elif name.lower() == "smime.p7m" or (part.media_type in _SEALED and _is_whole(part, name)):
            self._envelope(part, content, name, depth)
        elif part.media_type in _ENVELOPES or tnef.is_tnef(content):
            self._winmail(part, content, name)
        else:
            self._file(part, content, name, related)

    def _content(self, part: Part) -> bytes:
        """A part's bytes; HTML that is quoted-printable and does not say so is seen through."""
        untold = not part.value("content-transfer-encoding") and part.media_type == "text/html"
        if untold and part.raw.count(b"=3D") >= _SURELY_ESCAPED:
            self.notes.add("its HTML is quoted-printable and does not say so")
            return from_quoted_printable(part.raw)
        return part.content(self.notes)

    def _file(self, part: Part, content: bytes, name: str, related: bool) -> None:
        """What is none of the body."""
        self.encrypted |= part.media_type == "application/pgp-encrypted"
        self.signed |= part.media_type in _SIGNATURES
        mark = part.value("content-id").strip("<> ")
        shown = part.disposition != "attachment" and part.main_type == "image" and bool(mark or related)
        if part.media_type == "message/partial":
            self.notes.add("it is one of several pieces of a message: the others came by themselves")
        if part.main_type == "text":
            kind = _HTML if part.media_type == "text/html" else _PLAIN
            text = self._decoded(part, content)
            if part.media_type in ("text/enriched", "text/richtext"):
                text = re.sub(r"<[^<>\n]{1,60}>", "", text)
            if part.media_type in ("text/plain", "text/html", "text/enriched", "text/richtext"):
                self.named.append(_Text(kind, text))
        self.attach(name, part.media_type, content, inline=shown, content_id=mark)

    def _decoded(self, part: Part, content: bytes) -> str:
        charset = part.parameters.get("charset", "")
        if not charset and part.media_type == "text/html":
            found = _META_CHARSET.search(content[:4_096])
            charset = found[1].decode("ascii", "replace") if found else ""
        text, wrong = text_of(content.replace(b"\0", b"") if not _is_wide(charset) else content, charset)
        if wrong:
            self.notes.add(wrong)
        return text

    def _text(self, part: Part, content: bytes) -> None:
        """A piece of the body."""
        if b"begin " in content and part.media_type == "text/plain":
            content = self._without_files(content)
        text = self._decoded(part, content)
        if part.media_type == "text/html" or _IS_HTML.match(text):
            self.texts.append(_Text(_HTML, text))
            return
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        self.texts.append(_Text(_PLAIN, text))

    def _without_files(self, content: bytes) -> bytes:
        """A text without the uuencoded files in it, which become attachments."""
        kept, at = bytearray(), 0
        for name, inside, start, end in uuencoded(content):
            self.attach(file_name(name), "application/octet-stream", inside)
            kept += content[at:start]
            at = end
        return bytes(kept + content[at:])

    def _entry(self, part: Part, content: bytes, name: str) -> None:
        """A calendar entry."""
        self.invitation = True
        text = text_of(content, part.parameters.get("charset", "utf-8"))[0]
        told = invitation.summary(text[:200_000])
        if told not in self.entries:
            self.entries.append(told)
        self.attach(name, part.media_type, content)

    def _mail(self, part: Part, content: bytes, name: str, depth: int) -> None:
        """A mail within the mail: a file, and what it says is history."""
        if not content.strip():
            return
        if self.spent.leaves > self.limits.parts:
            self.notes.add(
                f"more than {self.limits.parts} parts in it and its mails: the others were not read"
            )
            self.attach(name, part.media_type, content)
            return
        if depth >= self.limits.depth:
            self.notes.add(
                f"more than {self.limits.depth} mails inside each other: deeper ones were not read"
            )
            self.attach(name, part.media_type, content)
            return
        inner_notes = Notes()
        inner = parse(content, self.limits, inner_notes)
        if name.lower() == _CERTIFIED:
            self._certified(inner, content, name, depth)
            return
        subject = inner.value("subject")
        self.attach(name or file_name(f"{subject[:80]}.eml" if subject else ""), part.media_type, content)
        body = Body(self.limits, inner_notes, spent=self.spent)
        own = self.spent.bytes
        body.walk(inner, depth + 1)
        self.spent.bytes = own  # its files are within the mail, which has been counted
        shown = ((title, inner.value(title.lower())) for title in ("From", "Date", "To", "Subject"))
        head = [f"{title}: {value[:500]}" for title, value in shown if value]
        told = "\n\n".join(filter(None, ["\n".join(head), body.text(), *body.forwarded]))
        if told.strip() and sum(map(len, self.forwarded)) < self.limits.text_letters:
            self.forwarded.append(self._cut(told))

    def _certified(self, inner: Part, content: bytes, name: str, depth: int) -> None:
        """Italian certified mail (PEC): the mail inside is the message, what the carrier says is history."""
        carried, self.texts = self.texts, []
        self.attach(name, "message/rfc822", content)
        self.walk(inner, depth + 1)
        if all(text.is_blank for text in self.texts):
            self.texts = carried
        else:
            self.forwarded += [self._as_text(text) for text in carried if not text.is_blank]

    def _envelope(self, part: Part, content: bytes, name: str, depth: int) -> None:
        """S/MIME: what is signed is taken out, what is sealed stays shut."""
        if signed.is_signed(content) and depth < self.limits.depth and self.spent.leaves <= self.limits.parts:
            self.signed = True
            try:
                inner = signed.unwrapped(name or "smime.p7m", content)
            except DocumentError as error:
                self.notes.add(f"its signed content cannot be read: {error}")
            else:
                self.walk(parse(inner, self.limits, self.notes), depth + 1)
                return
        else:
            self.encrypted |= signed.is_sealed(content) or part.parameters.get("smime-type") != "certs-only"
        self.attach(name or "smime.p7m", part.media_type, content)

    def _winmail(self, part: Part, content: bytes, name: str) -> None:
        """Outlook's envelope: its files, and its text where the message has no other."""
        if not tnef.is_tnef(content):
            self.notes.add("winmail.dat is none")
            self.attach(name or "winmail.dat", part.media_type, content)
            return
        envelope = tnef.open_envelope(content)
        for problem in envelope.problems:
            self.notes.add(problem)
        for file in envelope.files:
            self.attach(
                file_name(file.name),
                file.media_type or "application/octet-stream",
                file.content,
                content_id=file.content_id,
            )
        if envelope.text.strip() or envelope.html.strip():
            kind = _PLAIN if envelope.text.strip() else _HTML
            self.named.append(_Text(kind, envelope.text if kind == _PLAIN else envelope.html))
        if not envelope.files and not envelope.text.strip() and not envelope.html.strip():
            self.attach(name or "winmail.dat", part.media_type, content)

    def attach(
        self, name: str, media_type: str, content: bytes, *, inline: bool = False, content_id: str = ""
    ) -> None:
        """One more file, unless all files together are more than may be."""
        name = name or f"part-{len(self.attachments) + 1}{_ENDINGS.get(media_type, '')}"
        self.spent.bytes += len(content)
        if self.spent.bytes > self.limits.decoded_bytes:
            self.notes.add(f"more than {self.limits.decoded_bytes >> 20} MB of files: {name} was left out")
            self.spent.bytes -= len(content)
            return
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest] = content
        self.attachments.append(
            Attachment(
                name=name,
                media_type=media_type,
                size=len(content),
                digest=digest,
                inline=inline,
                content_id=content_id[:200],
            )
        )


_META_CHARSET: Final = re.compile(rb"<meta[^>]{1,200}charset\s?=\s?[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_IS_HTML: Final = re.compile(r"\s*<(?:!doctype html|html[\s>])", re.IGNORECASE)


def _is_whole(part: Part, name: str) -> bool:
    """A signed or sealed part is the mail itself, no signed file that came with one."""
    return not name or ("smime-type" in part.parameters and part.disposition != "attachment")


def _is_wide(charset: str) -> bool:
    return charset.lower().startswith(("utf-16", "utf-32", "utf16", "utf32", "ucs"))


def file_name(name: str) -> str:
    """A name without folders and without letters that cannot be seen; empty where nothing is left."""
    seen = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in name)
    last = re.split(r"[/\\]", seen)[-1]
    bare = " ".join(last.split()).strip(" .\"'")
    if len(bare) > 150:
        stem, dot, ending = bare.rpartition(".")
        bare = f"{stem[: 149 - len(ending)]}.{ending}" if dot and len(ending) < 10 else bare[:150]
    return bare


def unflowed(text: str, joins: bool = False) -> str:
    """A text whose lines flow (RFC 3676), with each paragraph in one line. ``joins``: DelSp=yes."""
    out: list[list[str]] = []
    depth_before, flows = -1, False
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        signs = bare.rstrip(" ") == "--"
        if not (flows and depth == depth_before and not signs):
            out.append([f"{'>' * depth} " if depth else ""])
        flows = bare.endswith(" ") and not signs
        out[-1].append(bare[:-1] if flows and joins else bare)
        depth_before = depth
    return "\n".join("".join(pieces) for pieces in out)
