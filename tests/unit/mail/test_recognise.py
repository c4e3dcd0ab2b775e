"""What mail looks like, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from abax.mail.recognise import looks_like_mail

from tests.support.mails import eml

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "content",
    [
        eml(),
        b"\r\n\r\n" + eml(),
        b"\xef\xbb\xbf" + eml(),
        b"From ana@customer.example Fri Nov 20 09:00:00 2026\n" + eml(),
        b"Received: from x\n\tby y; Fri\nFrom : ana@customer.example\n\nHello",
        b"Subject: no body",
    ],
)
def test_headers_make_mail(content: bytes) -> None:
    assert looks_like_mail(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"%PDF-1.7\n1 0 obj",
        b"PK\x03\x04 archive",
        b"import json\nfrom x import y\n",
        b"Dear Ana,\n\nSubject: this is only a text\n",
        b"name: value\nother: value\n\nno header that mail has\n",
        b'{"from": "ana@customer.example"}\n',
        b"Subject: begins well\nand goes on as no header does\n",
    ],
)
def test_what_begins_otherwise_is_no_mail(content: bytes) -> None:
    assert not looks_like_mail(content)


def test_all_sample_messages_are_mail_and_our_sources_are_not() -> None:
    mails = [*(ROOT / "events/mail").glob("*.eml"), *(ROOT / "tests/golden/mail/eml").rglob("*.eml")]
    mails = [path for path in mails if path.name != "bare.eml"]  # its body begins where headers should end
    assert mails and all(looks_like_mail(path.read_bytes()) for path in mails)
    assert not any(looks_like_mail(path.read_bytes()) for path in (ROOT / "shared/abax/mail").rglob("*.*"))
