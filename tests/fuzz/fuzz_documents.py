"""Fuzz what reads documents, with atheris: ``python -m tests.fuzz.fuzz_documents WAY [CORPUS] [-runs=…]``.

Ways, each with a probe that must hold for any input. The suite calls them on what ``corpus/<way>`` keeps:
was found once.

``file``      bytes as they come in: `probe_file`, through inbox and preprocessing
``mail``      the same bytes as a mail, whatever they begin with
``signed``    the same bytes within an envelope of a signature
``markup``    the same bytes as HTML, XML and text: `probe_markup`
``docx``      the bytes as the body of a DOCX: `probe_docx`
``layout``    words of whatever boxes: `probe_layout`, through lines, blocks and tables
``stages``    the bytes as a printed page, of the type that the first one says: `probe_stages`
``invoice``   the bytes as an e-invoice: `probe_invoice`
``printed``   the bytes as printed amounts and dates: `probe_printed`
"""

from __future__ import annotations

import io
import math
import re
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from abax.documents.inbox import FileKind, Limits, Received, receive
from abax.documents.pages import Page, Reading, Word
from abax.documents.preprocess import read, reading_of_words
from abax.errors import DocumentError

CORPUS = Path(__file__).parent / "corpus"
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
LIMITS = Limits(
    file_bytes=1 << 20, pages=20, pixels=1_000_000, members=50, unpacked_bytes=4 << 20, page_seconds=5
)


def probe_file(content: bytes) -> None:
    """Whatever comes is received or refused, within the limits; what is received is read or refused."""
    for entry in receive("case", content, LIMITS):
        assert entry.name and len(entry.digest) == 64
        assert len(entry.origin) <= LIMITS.depth
        if isinstance(entry, Received):
            assert 0 < len(entry.content) <= LIMITS.file_bytes
            _read(entry)


def probe_mail(content: bytes) -> None:
    """A mail of whatever form is unpacked or refused."""
    probe_file(b"Message-ID: <1@example.com>\r\nSubject: x\r\n" + content)


def probe_signed(content: bytes) -> None:
    """An envelope of whatever form is opened or refused, and so is what lies in it."""
    probe_file(b"0\x80" + SIGNED_DATA + content)


def probe_markup(content: bytes) -> None:
    """HTML, XML and text of whatever form become a page, or are refused."""
    for kind in (FileKind.HTML, FileKind.XML, FileKind.TEXT):
        _read(Received("case", kind, content, ""))


def probe_docx(body: bytes) -> None:
    """A DOCX of whatever inside becomes a page, or is refused."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", body)
    _read(Received("case", FileKind.DOCX, out.getvalue(), ""))


def _read(received: Received) -> None:
    try:
        reading = read(received, None, LIMITS)
    except DocumentError as error:
        assert str(error)
        return
    for page in reading.pages:
        _probe_page(page)


def _probe_page(page: Page) -> None:
    assert page.number >= 1 and page.width >= 0 and page.height >= 0
    for line in page.lines:
        assert line.block >= 0
        for word in line.words:
            assert word.text and not any(letter.isspace() for letter in word.text)
            assert all(map(math.isfinite, (word.x0, word.y0, word.x1, word.y1)))
            assert word.x0 <= word.x1 and word.y0 <= word.y1
    for table in page.tables:
        assert table.rows
        for row in table.rows:
            columns = [cell.column for cell in row]
            assert columns == sorted(set(columns))


def probe_layout(content: bytes) -> None:
    """Words of whatever boxes each stand in one line, once."""
    words = []
    for x, y, width, height, text in struct.iter_unpack("<hhBB2s", content[: len(content) // 8 * 8]):
        letters = text.decode("cp437").strip() or "0"
        words.append(Word(letters, x / 4, y / 4, (x + width) / 4, (y + height) / 4))
    pages = reading_of_words(words, 1000, 1000).pages
    found = [word for page in pages for word in page.words]
    key = [(word.x0, word.y0, word.text) for word in found]
    parted = [piece for word in words for piece in word.text.split()]
    assert sorted(text for _, _, text in key) == sorted(parted)
    for page in pages:
        _probe_page(page)


def probe_stages(content: bytes) -> None:
    """A page with whatever text goes through all stages, as the type that it seems to be and as another."""
    from abax.documents import pipeline
    from abax.documents.classify import Classification
    from abax.documents.contracts import DocumentType

    types = list(DocumentType)
    source = pipeline.Source(_printed(content[1:].decode(errors="replace")))
    draft = pipeline.Draft(document_id="a", name="a", digest="a", kind="text", language="en")
    pipeline.run(draft, source, pipeline.Context())
    said = Classification(type=types[(content[:1] or b"a")[0] % len(types)], confidence=1.0)
    draft = draft.model_copy(update={"classification": said})
    for name in list(pipeline.STAGES)[1:]:
        draft = pipeline.run_stage(name, draft, source, pipeline.Context())
    assert draft.fact().contract.type is said.type


def _printed(text: str) -> Reading:
    """A text as it stands on paper: letters of six by ten points."""
    words = []
    for row, line in enumerate(text.split("\n")[:200]):
        for found in re.finditer(r"\S+", line[:200]):
            x, y = 40 + 6 * found.start(), 40 + 14 * row
            words.append(Word(found.group(), x, y, x + 6 * len(found.group()), y + 10))
    return reading_of_words(words, 595, 842)


def probe_invoice(content: bytes) -> None:
    """An e-invoice of whatever form is read or refused."""
    from abax.documents.einvoice import read_invoice

    try:
        extraction = read_invoice(content)
    except DocumentError as error:
        assert str(error)
        return
    assert all(0 <= evidence.confidence <= 1 for evidence in extraction.evidence.values())


def probe_printed(content: bytes) -> None:
    """Printed amounts and dates are read, or are none."""
    from abax.documents.amounts import currency_of, find_amounts, parse_amount
    from abax.documents.dates import find_dates, parse_date

    text = content.decode(errors="replace")
    parse_amount(text)
    parse_date(text)
    currency_of(text)
    for mark in (None, ",", "."):
        assert all(amount.value.is_finite() for amount in find_amounts(text, mark))
    for order in (None, "dmy", "mdy"):
        assert all(printed.value for printed in find_dates(text, order))


PROBES: dict[str, Callable[[bytes], None]] = {
    "file": probe_file,
    "mail": probe_mail,
    "signed": probe_signed,
    "markup": probe_markup,
    "docx": probe_docx,
    "layout": probe_layout,
    "stages": probe_stages,
    "invoice": probe_invoice,
    "printed": probe_printed,
}


# ------------------------------------------------------------------------------------------ with atheris


def main() -> None:
    """Run until told to stop, or until something other than a refusal comes out."""
    import atheris

    if len(sys.argv) < 2 or sys.argv[1] not in PROBES:
        sys.exit(__doc__)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("abax", "email", "zipfile")]:
        del sys.modules[name]  # to be imported anew, instrumented; the whole library would take minutes
    with atheris.instrument_imports(include=["abax.documents", "email", "zipfile"]):
        from tests.fuzz import fuzz_documents

        probe = fuzz_documents.PROBES[sys.argv[1]]
        probe(b"")
    kept = CORPUS / sys.argv[1]
    with TemporaryDirectory() as found:  # the first folder gets what is new
        atheris.Setup([sys.argv[0], *sys.argv[2:], found, *([str(kept)] if kept.exists() else [])], probe)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
