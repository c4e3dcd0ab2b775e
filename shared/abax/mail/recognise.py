"""Whether bytes are mail at all: what folders hold beside mail is not to be read as such."""

from __future__ import annotations

import re
from typing import Final

_LOOKED_AT: Final = 1 << 16
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:")
_TELLING: Final = frozenset(
    {
        *(b"from", b"to", b"subject", b"date", b"message-id", b"received", b"return-path", b"delivered-to"),
        *(b"reply-to", b"mime-version", b"sender", b"x-original-to", b"envelope-to"),
    }
)
"""Headers that mail has and little else."""


def looks_like_mail(content: bytes) -> bool:
    """Whether bytes begin with the headers of a message (RFC 5322), maybe below a mailbox's ``From`` line."""
    lines = content[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf\r\n").splitlines()
    if lines and lines[0].startswith((b"From ", b">From ")):
        del lines[0]
    names: set[bytes] = set()
    for line in lines:
        if not line.strip():
            break
        if line[:1] in b" \t" and names:
            continue
        field = _FIELD.match(line)
        if field is None:
            return False
        names.add(field[1].lower())
    return not names.isdisjoint(_TELLING)
