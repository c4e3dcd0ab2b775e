"""Folders of documents whose truth is known, in the formats that the evaluation reads.

======================  =============================================================================
``truth.jsonl``         our own: a line of JSON for each document: ``{"file": "a.pdf", "contract": {…}}``;
                        also ``"issuer"``, ``"generated": true``, ``"only": ["number", …]``, the paths that
                        the truth knows of, and ``"ourselves": {"names": […]}``, who reads it; files lie
                        beside it, ``NAME.words.json`` with what somebody else has read: ``{"width": …,
                        "height": …, "words": [["text", x0, y0, x1, y1], …]}``
``*ocr_keys.jsonl``     SROIE: words with boxes, and company, date, address, total; a folder of pictures
                        beside it, named by their keys, is read through OCR
``*.pdf`` with XML      ZUGFeRD, Factur-X: the XML is hidden and is the truth
``*.xml``               XRechnung, Factur-X: the truth is ``<name>.truth.json`` beside it, or the same invoice
                        in the other syntax (``a_ubl.xml`` and ``a_uncefact.xml``); where there is neither, it
                        is only read
======================  =============================================================================
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from abax.documents import dates, lexicon
from abax.documents.classify import Ourselves
from abax.documents.contracts import CONTRACT, Address, Contract, DocumentType, Party, Totals, TradeDocument
from abax.documents.inbox import Received, receive
from abax.documents.pages import Reading, Word
from abax.documents.twins import Said
from abax.errors import DocumentError, UnknownFormat

if TYPE_CHECKING:
    from abax.ports import Ocr


_SYNTAXES: Final = (("ubl", "uncefact"), ("ubl", "cii"), ("uncefact", "ubl"), ("cii", "ubl"))
"""How the names of twins differ."""
_WORDS: Final = ".words.json"
"""What the names of files with words end in."""


@dataclass(frozen=True)
class Case:
    """One document to be judged."""

    name: str
    issuer: str
    contract: Contract | None
    """The truth; None where nobody tells it, so that nothing can be judged but whether it is read."""
    file: Path | None = None
    words: Reading | None = None
    """What somebody else has read."""
    texts: tuple[tuple[str, str], ...] = ()
    """SROIE's keys as written."""
    only: tuple[str, ...] = ()
    """Paths that the truth knows of; all where it is empty."""
    hidden: bool = False
    """The truth is the e-invoice in the file, which the reading must not see."""
    generated: bool = False
    ourselves: Ourselves | None = None
    """Who reads it, where the truth says so."""
    twin: Said | None = None
    """The same invoice in the other syntax, where that is the truth."""

    @cached_property
    def reading(self) -> Reading:
        """The document as preprocessing reads it without OCR. Raises DocumentError."""
        return self.read()

    def read(self, ocr: Ocr | None = None) -> Reading:
        """The document as preprocessing reads it; pictures need OCR. Raises DocumentError."""
        if self.words is not None:
            return self.words
        from abax.documents import preprocess

        assert self.file is not None
        found = preprocess.read(_received(self.file), ocr)
        return Reading(found.pages, (), found.language, found.properties) if self.hidden else found


@dataclass(frozen=True)
class Unread:
    """A document of the folder that could not even be opened, or whose truth could not."""

    name: str
    error: DocumentError


def _received(file: Path) -> Received:
    found = receive(file.name, file.read_bytes())[0]
    if not isinstance(found, Received):
        raise found.error
    return found


def cases_of(dataset: Path) -> Iterator[Case | Unread]:
    """The documents of a folder. Raises UnknownFormat where it holds none in a format that is read."""
    truths = sorted(dataset.rglob("truth.jsonl"))
    keys = sorted(dataset.rglob("*ocr_keys.jsonl"))
    if truths:
        for truth in truths:
            yield from _own(truth)
        return
    if keys:
        for file in keys:
            yield from _sroie(file)
        return
    if pictured := list(_pictured(dataset)):
        yield from pictured
        return
    pdfs, xmls = sorted(dataset.rglob("*.pdf")), sorted(dataset.rglob("*.xml"))
    if not pdfs and not xmls:
        raise UnknownFormat(str(dataset), "a folder without truth.jsonl, *ocr_keys.jsonl, PDF or XML")
    yield from _hidden(pdfs)
    if not pdfs:
        yield from _xml(xmls)


def is_kept_out(issuer: str, fold: int = 0, folds: int = 5) -> bool:
    """Whether an issuer is of the part that the adapter ``extract`` did not learn from, by the name alone.
    ``training.adapters`` splits its examples in the same way."""
    return hashlib.sha256(issuer.casefold().encode()).digest()[0] % folds == fold


def _own(truth: Path) -> Iterator[Case]:
    for text in truth.read_text(encoding="utf-8").splitlines():
        if text.strip():
            row = json.loads(text)
            contract = CONTRACT.validate_python(row["contract"])
            yield Case(
                name=row["file"],
                issuer=row.get("issuer") or _issuer_of(contract) or row["file"],
                contract=contract,
                file=truth.parent / row["file"],
                words=_given(truth.parent / row["file"]),
                only=tuple(row.get("only", ())),
                generated=bool(row.get("generated", False)),
                ourselves=Ourselves.model_validate(row["ourselves"]) if "ourselves" in row else None,
            )


def _given(file: Path) -> Reading | None:
    """A page of words with boxes."""
    from abax.documents.preprocess import reading_of_words

    if not file.name.endswith(_WORDS):
        return None
    told = json.loads(file.read_text(encoding="utf-8"))
    words = [Word(str(text), *box) for text, *box in told["words"]]
    return reading_of_words(words, told["width"], told["height"])


def _issuer_of(contract: Contract) -> str:
    seller = getattr(contract, "seller", None) or getattr(contract, "issuer", None)
    return lexicon.plain(seller.name) if isinstance(seller, Party) and seller.name else ""


_WITHOUT_ADDRESS: Final = ("issue_date", "seller.name", "totals.gross")
_ENTITIES: Final = (*_WITHOUT_ADDRESS, "seller.address.text")
"""What the keys of a receipt tell."""


def _sroie(file: Path) -> Iterator[Case]:
    from abax.documents.preprocess import reading_of_words

    for text in file.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(text)
        size, keys = row["image_size"], row["entities"]
        words = [Word(word, *box) for word, box in zip(row["words"], row["bboxes"], strict=True)]
        reading = reading_of_words(words, size["width"], size["height"], language="en")
        day = dates.parse_date(keys.get("date", ""), "dmy")
        yield Case(
            name=row["key"],
            issuer=lexicon.plain(keys.get("company", ""))[:8],
            contract=TradeDocument(
                type=DocumentType.RECEIPT,
                issue_date=day.value if day else None,
                seller=Party(name=keys.get("company"), address=Address(text=keys.get("address"))),
                totals=Totals(gross=_number(keys.get("total", ""))),
            ),
            words=reading,
            texts=tuple(sorted(keys.items())),
            only=_ENTITIES if _holds(reading, keys.get("address", "")) else _WITHOUT_ADDRESS,
        )


def _holds(reading: Reading, text: str) -> bool:
    """Whether the words hold a text. Those of the set break off at commas, and most addresses with them."""
    return lexicon.plain(text) in lexicon.plain(reading.text)


def _pictured(folder: Path) -> Iterator[Case]:
    """Pictures whose keys stand in the folder above, without the words that came with them."""
    pictures = {file.stem: file for file in sorted(folder.glob("*.jpg"))}
    for keys in sorted(folder.absolute().parent.glob("*ocr_keys.jsonl")) if pictures else ():
        for case in _sroie(keys):
            if case.name in pictures:
                yield replace(case, words=None, file=pictures[case.name], only=_ENTITIES)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(re.sub(r"[^\d.-]", "", text))
    except InvalidOperation:
        return None


def _hidden(pdfs: list[Path]) -> Iterator[Case | Unread]:
    """PDFs with an e-invoice in them; those without are passed over."""
    from abax.documents import einvoice, preprocess

    for file in pdfs:
        try:
            xml = einvoice.find(preprocess.read(_received(file)), None)
            if xml is None:
                continue
            contract = einvoice.read_invoice(xml, file.name).contract
        except DocumentError as error:
            yield Unread(file.name, error)
            continue
        yield Case(
            name=file.name,
            issuer=_issuer_of(contract) or file.name,
            contract=contract,
            file=file,
            hidden=True,
        )


def _xml(files: list[Path]) -> Iterator[Case | Unread]:
    for file in files:
        try:
            truth, twin = _truth_of_xml(file)
        except DocumentError as error:
            yield Unread(file.name, error)
            continue
        issuer = _issuer_of(truth) if truth is not None else ""
        yield Case(name=file.name, issuer=issuer or file.name, contract=truth, file=file, twin=twin)


def _truth_of_xml(file: Path) -> tuple[Contract | None, Said | None]:
    """What somebody wrote down, or what the other syntax's reader finds in the twin."""
    from abax.documents import einvoice

    written = file.with_suffix(".truth.json")
    if written.exists():
        return CONTRACT.validate_json(written.read_bytes()), None
    for ours, other in _SYNTAXES:
        twin = file.with_name(file.name.replace(ours, other))
        if twin != file and twin.exists():
            content = twin.read_bytes()
            found = einvoice.read_invoice(content, twin.name)
            return found.contract, Said(content, found.evidence)
    return None, None
