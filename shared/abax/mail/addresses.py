"""Who writes and who is written to: lists of addresses as RFC 5322 has them, and as they come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from abax.mail.charsets import clean, header_text, text_of
from abax.mail.contracts import Mailbox

_TOKEN: Final = re.compile(
    r'"(?P<quoted>(?:\\.|[^"\\])*)"?|\((?P<comment>[^()]*)\)?|<(?P<address>[^<>]*)>?|(?P<end>[,;])'
    r'|(?P<text>[^",;<(]+)'
)
_BARE: Final = re.compile(r"[^\s<>()\[\],;:\"]{1,250}@[^\s<>()\[\],;:\"]{1,250}")
_LONGEST: Final = 320
"""Letters of an address (RFC 3696)."""
_LONGEST_NAME: Final = 300


def mailboxes(values: Sequence[bytes], most: int = 5_000) -> tuple[list[Mailbox], bool]:
    """All mailboxes of headers of one name, and whether there were more than so many."""
    found: list[Mailbox] = []
    for value in values:
        for entry in _entries(clean(text_of(value)[0])):
            if len(found) >= most:
                return found, True
            box = entry.mailbox()
            before = found[-1] if found else None
            if before is not None and box.address and entry.angled and not before.address and not entry.first:
                found[-1] = Mailbox(address=box.address, name=f"{before.name}, {box.name}".strip(", "))
            elif box.address or box.name:
                found.append(box)
    return found, False


def bare_address(text: str) -> str:
    """An address as it is compared and answered: without marks around it, the domain in small letters."""
    text = re.sub(r"^(?:mailto:|smtp:)", "", text.strip().strip("<>'\""), flags=re.IGNORECASE)
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]  # a route, as mail was once sent
    text = "".join(text.split())
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or len(text) > _LONGEST:
        return ""
    return f"{local}@{domain.lower().rstrip('.')}"


@dataclass(slots=True)
class _Entry:
    """What stands between two commas."""

    first: bool
    phrase: list[str] = field(default_factory=list)
    comment: str = ""
    address: str = ""
    angled: bool = False

    def mailbox(self) -> Mailbox:
        """Who it is."""
        phrase, address = " ".join(self.phrase), self.address
        if not self.angled:
            bare = _BARE.search(phrase)
            if bare is not None:
                address = bare_address(bare.group())
                phrase = phrase.replace(bare.group(), " ")
        name = header_text(phrase.rpartition(":")[2] if not self.angled else phrase) or header_text(
            self.comment
        )
        if phrase.strip() and self.comment:
            name = f"{name} ({header_text(self.comment)})"
        return Mailbox(address=address, name=name.strip(" '\"")[:_LONGEST_NAME])


def _entries(text: str) -> Iterator[_Entry]:
    entry = _Entry(first=True)
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "end":
            yield entry
            entry = _Entry(first=match["end"] == ";")
        elif kind == "quoted":
            entry.phrase.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        elif kind == "comment":
            entry.comment = entry.comment or match["comment"]
        elif kind == "address":
            inside = bare_address(match["address"])
            if inside or not entry.angled:
                entry.address, entry.angled = inside or entry.address, True
        elif match["text"].strip():
            entry.phrase.append(match["text"].strip())
    yield entry
