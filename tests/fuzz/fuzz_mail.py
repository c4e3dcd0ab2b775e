"""Fuzz what reads mail, with atheris: ``python -m tests.fuzz.fuzz_mail WAY [CORPUS] [-runs=…]``.

Ways, each with a probe that must hold for any input. The suite calls them on what ``corpus/<way>`` keeps:
was found once, and mails of each kind to start from.

``message``   bytes as they come in: `probe_message`
``quoting``   the bytes as a body: `probe_quoting`
``hypertext`` the bytes as HTML: `probe_hypertext`
``winmail``   the bytes as an envelope of Outlook: `probe_winmail`
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from abax.mail import privacy, tnef
from abax.mail.gate import why_unanswerable
from abax.mail.hypertext import text_of_html
from abax.mail.message import Limits, is_document, messages_in, read
from abax.mail.quoting import split

CORPUS = Path(__file__).parent / "corpus"
LIMITS = Limits(
    message_bytes=1 << 20, decoded_bytes=1 << 20, parts=50, depth=6, recipients=20, text_letters=20_000
)


def probe_message(content: bytes) -> None:
    """Whatever comes is a message within its limits, and each of its files is there."""
    parsed = read(content, LIMITS)
    message = parsed.message
    assert message.digest == sha256(content).hexdigest()
    assert "@" in message.message_id and message.message_id.split() == [message.message_id]
    assert {one.digest for one in message.attachments} == set(parsed.contents)
    assert all(sha256(inside).hexdigest() == digest for digest, inside in parsed.contents.items())
    assert all(one.name and "/" not in one.name and "\\" not in one.name for one in message.attachments)
    assert sum(map(len, parsed.contents.values())) <= LIMITS.decoded_bytes
    assert (
        len(message.to) <= LIMITS.recipients and "\r" not in message.whole_text and "\0" not in message.text
    )
    assert type(message).model_validate_json(message.model_dump_json()) == message
    assert message.sender.address or why_unanswerable(message, ())
    assert all(isinstance(is_document(one), bool) for one in message.attachments)
    assert sum(map(len, messages_in(content))) <= len(content)


def probe_quoting(content: bytes) -> None:
    """Each line of a body that says anything is in one of its parts, and masking finds places in it."""
    text = content.decode(errors="replace").replace("\r", "\n")
    parts = split(text)
    kept = sorted("".join((parts.text, parts.quoted, parts.signature)).split())
    assert len("".join(kept)) == len("".join(text.split()))
    for one in privacy.personal(text):
        assert 0 <= one.start < one.end <= len(text) and one.kind in privacy.ALL


def probe_hypertext(content: bytes) -> None:
    """HTML of whatever form becomes a text that is no longer than it may be, and has no tags that hide."""
    text = text_of_html(content.decode(errors="replace"), most=5_000)
    assert len(text) <= 5_000 and "\x1f" not in text and "\n\n\n" not in text


def probe_winmail(content: bytes) -> None:
    """An envelope of Outlook of whatever form is opened as far as it is sound."""
    envelope = tnef.open_envelope(tnef.SIGNATURE + content, most_files=5)
    assert len(envelope.files) <= 5
    tnef.text_of_rtf(content)


PROBES: dict[str, Callable[[bytes], None]] = {
    "message": probe_message,
    "quoting": probe_quoting,
    "hypertext": probe_hypertext,
    "winmail": probe_winmail,
}


# ------------------------------------------------------------------------------------------ with atheris


def main() -> None:
    """Run until told to stop, or until something comes out that must not."""
    import atheris

    if len(sys.argv) < 2 or sys.argv[1] not in PROBES:
        sys.exit(__doc__)
    for name in [name for name in sys.modules if name.startswith("abax.mail")]:
        del sys.modules[name]  # to be imported anew, instrumented
    with atheris.instrument_imports(include=["abax.mail"]):
        from tests.fuzz import fuzz_mail

        probe = fuzz_mail.PROBES[sys.argv[1]]
        probe(b"")
    kept = CORPUS / sys.argv[1]
    with TemporaryDirectory() as found:  # the first folder gets what is new
        atheris.Setup([sys.argv[0], *sys.argv[2:], found, *([str(kept)] if kept.exists() else [])], probe)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
