"""All stages over one file, and what comes out.

A document is a ``Draft`` while it goes through the stages: each takes the draft and what the document reads
like, and gives the draft with its own result filled in. So the stages can be run in one go (``process``), or
one by one with the draft kept between them, as the state machine does.

::

    receive ─► read ─► (split) ─► classify ─► identify ─► extract ─► quality ─► validate ─► route ─► Fact
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from pydantic import Field

from abax.documents.classify import Classification, Ourselves
from abax.documents.contracts import (
    Contract,
    DocumentType,
    Model,
    Party,
    TradeDocument,
)
from abax.documents.extract import Extraction
from abax.documents.identify import Identity
from abax.documents.inbox import FileKind, Limits, Received, Refused
from abax.documents.pages import PageSource, Reading
from abax.documents.quality import Quality
from abax.documents.route import Decision, Policy
from abax.documents.validate import Check
from abax.errors import AbaxError, DocumentError, MalformedInvoice, StageCrashed

if TYPE_CHECKING:
    from abax.documents.bookings import Bookings
    from abax.documents.route import ProposedEntry
    from abax.ports import Ocr, RecordStore, TextModel

__all__ = ["STAGES", "Context", "Draft", "Extraction", "Fact", "Source", "process", "read", "run"]

logger = logging.getLogger("abax.documents")

FAST: Final = "fast"
FULL: Final = "full"
_WITH_MODEL: Final = 3
"""Times as long as without it a stage may take where a language model is asked."""


class Fact(Model):
    """One document, through all stages. A file may hold several."""

    document_id: str
    """The file's digest, and which of its documents where it holds several: ``4f…a1`` or ``4f…a1-2``."""
    name: str
    digest: str
    kind: str
    pages: tuple[int, ...] = ()
    language: str | None = None
    classification: Classification
    identity: Identity
    quality: Quality
    checks: tuple[Check, ...] = ()
    decision: Decision
    problems: tuple[str, ...] = ()
    """Pages that could not be read, and why."""
    notes: tuple[str, ...] = ()
    """What a person may want to know, and what keeps the document from nothing."""
    seconds: dict[str, float] = Field(default_factory=dict)
    """By stage."""
    path: str = FULL
    """``fast`` for e-invoices and text layers without doubt, else ``full``."""

    @property
    def contract(self) -> Contract:
        """What the document says."""
        return self.quality.extraction.contract


class Draft(Model):
    """A document on its way through the stages."""

    document_id: str
    name: str
    digest: str
    kind: str
    pages: tuple[int, ...] = ()
    language: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = FULL
    seconds: dict[str, float] = Field(default_factory=dict)
    classification: Classification | None = None
    identity: Identity | None = None
    extraction: Extraction | None = None
    """There from classification on where the document is an e-invoice."""
    quality: Quality | None = None
    checks: tuple[Check, ...] = ()
    decision: Decision | None = None

    def fact(self) -> Fact:
        """What came out, once all stages have been."""
        done = {name: getattr(self, name) for name in Draft.model_fields if name != "extraction"}
        return Fact.model_validate(done)


@dataclass(frozen=True)
class Source:
    """What a document is read from."""

    reading: Reading
    xml: bytes | None = None
    """The file's content, where it is XML."""


@dataclass(frozen=True)
class Context:
    """What the stages work with besides the document."""

    ocr: Ocr | None = None
    model: TextModel | None = None
    """What reads where rules and rankers are not sure; without it nothing is asked."""
    model_seconds: float | None = None
    """What it may take for a document; None: ``asking.SECONDS``."""
    records: RecordStore | None = None
    """Where earlier documents, orders, receipts and suppliers are known."""
    ourselves: Ourselves = field(default_factory=Ourselves)
    bookings: Bookings | None = None
    """How suppliers were booked; without it no entries are proposed."""
    limits: Limits = field(default_factory=Limits)
    policy: Policy = field(default_factory=Policy)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())


# --- files ----------------------------------------------------------------------------------------------


def process(name: str, content: bytes, context: Context | None = None) -> list[Fact | Refused]:
    """Every document in a file, or why it could not be read; whatever fails fails alone."""
    from abax.documents.inbox import receive

    context = context or Context()
    found: list[Fact | Refused] = []
    begun = time.perf_counter()
    received = receive(name, content, context.limits)
    took = (time.perf_counter() - begun) / max(len(received), 1)
    for file in received:
        found += [file] if isinstance(file, Refused) else _documents(file, context, took)
    return found


def _documents(file: Received, context: Context, inbox_seconds: float) -> Iterator[Fact | Refused]:
    try:
        with contained(file.name):
            drafts = read(file, context)
    except DocumentError as error:
        yield Refused(file.name, file.digest, error, file.origin)
        return
    for draft, source in drafts:
        timed = draft.model_copy(update={"seconds": {"inbox": inbox_seconds, **draft.seconds}})
        try:
            with contained(draft.name):
                fact = run(timed, source, context)
        except DocumentError as error:
            yield Refused(draft.name, draft.document_id, error, file.origin)
        else:
            yield fact


@contextmanager
def contained(name: str) -> Iterator[None]:
    """Let an error of ours cost no more than the document that came upon it. Those on purpose pass."""
    try:
        yield
    except (AbaxError, MemoryError):
        raise
    except Exception as error:
        logger.exception("%s: a stage crashed", name)
        raise StageCrashed(name, f"{type(error).__name__}: {error}") from error


def read(file: Received, context: Context) -> list[tuple[Draft, Source]]:
    """Stage 2 of a file: its documents, not looked into yet. Raises DocumentError."""
    from abax.documents import preprocess
    from abax.documents.parts import split

    begun = time.perf_counter()
    xml = file.content if file.kind is FileKind.XML else None  # what it says is read by its paths
    reading = Reading(()) if xml is not None else preprocess.read(file, context.ocr, context.limits)
    alone = xml is not None or reading.attachments or len(reading.pages) < 2
    parts = [reading] if alone else split(reading)
    took = (time.perf_counter() - begun) / len(parts)
    path = FAST if _is_simple(reading) else FULL
    return [
        (_draft(file, part, number if len(parts) > 1 else 0, path, took), Source(part, xml))
        for number, part in enumerate(parts, 1)
    ]


def is_whole(drafts: list[tuple[Draft, Source]]) -> bool:
    """Whether everything could be read."""
    return not any(draft.problems for draft, _ in drafts)


def _is_simple(reading: Reading) -> bool:
    """Whether nothing had to be recognised and every page could be read."""
    return all(
        page.source in (PageSource.TEXT, PageSource.MARKUP) and not page.problem for page in reading.pages
    )


def _draft(file: Received, part: Reading, number: int, path: str, took: float) -> Draft:
    return Draft(
        document_id=f"{file.digest}-{number}" if number else file.digest,
        name=file.name,
        digest=file.digest,
        kind=str(file.kind),
        pages=tuple(page.number for page in part.pages),
        language=part.language,
        problems=tuple(f"page {page.number}: {page.problem}" for page in part.pages if page.problem),
        notes=file.notes,
        path=path,
        seconds={"preprocess": took},
    )


# --- stages ---------------------------------------------------------------------------------------------

Stage = Callable[[Draft, Source, Context], Draft]


def run(draft: Draft, source: Source, context: Context) -> Fact:
    """Stages 3 to 8 of one document. Raises DocumentError."""
    for name in STAGES:
        draft = run_stage(name, draft, source, context)
    return draft.fact()


def run_stage(name: str, draft: Draft, source: Source, context: Context) -> Draft:
    """One stage, timed. Raises DocumentError."""
    from abax.documents.budget import within

    begun = time.perf_counter()
    seconds = context.limits.stage_seconds * (_WITH_MODEL if context.model is not None else 1)
    with within(seconds, draft.name, name):
        done = STAGES[name](draft, source, context)
    took = time.perf_counter() - begun
    return done.model_copy(update={"seconds": {**draft.seconds, name: took}})


def classify(draft: Draft, source: Source, context: Context) -> Draft:
    """Stage 3. An e-invoice says its type itself; it is read here already."""
    from abax.documents import einvoice
    from abax.documents.classify import classify

    xml = einvoice.find(source.reading, source.xml)
    try:
        read = einvoice.read_invoice(xml, draft.name) if xml is not None else None
    except MalformedInvoice as error:
        if source.xml is not None:
            raise
        read = None  # its page may still be read
        draft = draft.model_copy(update={"problems": (*draft.problems, str(error))})
    if read is None:
        return draft.model_copy(update={"classification": classify(source.reading, context.ourselves)})
    extraction = _as_ours(read, context.ourselves)
    said = Classification(type=extraction.contract.type, confidence=1.0, reasons=("an e-invoice says it",))
    return draft.model_copy(update={"classification": said, "extraction": extraction, "path": FAST})


def identify(draft: Draft, source: Source, context: Context) -> Draft:
    """Stage 4."""
    from abax.documents.identify import identify

    assert draft.classification is not None
    found = identify(source.reading, draft.classification)
    if draft.extraction is not None:  # what the XML says goes before what the page looks like
        seller = getattr(draft.extraction.contract, "seller", Party())
        update = {"subtype": draft.extraction.contract.subtype, "issuer": seller.vat_id or found.issuer}
        found = found.model_copy(update=update)
    return draft.model_copy(update={"identity": found})


def extract(draft: Draft, source: Source, context: Context) -> Draft:
    """Stage 5. An e-invoice is compared with its visible page, where it has one."""
    from abax.documents import einvoice
    from abax.documents.extract import extract

    assert draft.classification is not None
    assert draft.identity is not None
    if draft.extraction is None:
        found = extract(
            source.reading,
            draft.classification,
            draft.identity,
            context.model,
            context.model_seconds,
            draft.document_id,
        )
    elif source.xml is None:
        found = einvoice.compare(draft.extraction, source.reading)
    else:
        found = draft.extraction
    return draft.model_copy(update={"extraction": found, "notes": (*draft.notes, *found.notes)})


def assess(draft: Draft, source: Source, context: Context) -> Draft:
    """Stage 6."""
    from abax.documents.quality import assess

    assert draft.classification is not None
    assert draft.extraction is not None
    quality = assess(draft.extraction, draft.classification)
    return draft.model_copy(update={"quality": quality, "extraction": None})


def validate(draft: Draft, source: Source, context: Context) -> Draft:
    """Stage 7."""
    assert draft.classification is not None
    assert draft.quality is not None
    checks = checked(draft.document_id, draft.quality.extraction, draft.classification, context)
    return draft.model_copy(update={"checks": checks})


def checked(
    document_id: str, extraction: Extraction, classification: Classification, context: Context
) -> tuple[Check, ...]:
    """What the rules say. The document is kept as seen before it is compared with others: of two copies that
    are read at the same time, each must see the other."""
    from abax.documents.known import meet
    from abax.documents.validate import validate

    if context.records is None:
        return validate(extraction, classification)
    known = meet(
        context.records, extraction.contract, document_id, ourselves=context.ourselves, today=context.today
    )
    return validate(extraction, classification, known)


def route(draft: Draft, source: Source, context: Context) -> Draft:
    """Stage 8."""
    return routed(draft, context)


def routed(draft: Draft, context: Context) -> Draft:
    """The draft with its decision; it needs nothing but what the stages before found."""
    from abax.documents.route import route

    assert draft.classification is not None
    assert draft.quality is not None
    entry, unbooked = entry_for(draft.quality.extraction.contract, context)
    decision = route(
        draft.classification, draft.quality, draft.checks, entry, unbooked, draft.problems, context.policy
    )
    return draft.model_copy(update={"decision": decision})


STAGES: Final[dict[str, Stage]] = {
    "classify": classify,
    "identify": identify,
    "extract": extract,
    "quality": assess,
    "validate": validate,
    "route": route,
}
"""Stages 3 to 8, in order; the inbox and preprocessing work on files, not on documents."""


# --- helpers --------------------------------------------------------------------------------------------


def entry_for(contract: Contract, context: Context) -> tuple[ProposedEntry | None, str]:
    """The entry that a document proposes, or why there should be one and is none."""
    from abax.documents.posting import BOOKED, Unbooked, propose

    if context.bookings is None or contract.type not in BOOKED:
        return None, ""
    if isinstance(contract, TradeDocument) and is_us(contract.seller, context.ourselves):
        return None, ""
    found = propose(contract, context.bookings, context.today)
    return (None, found.reason) if isinstance(found, Unbooked) else (found, "")


def is_us(party: Party, ourselves: Ourselves) -> bool:
    """Whether a party is ourselves: by a tax id where it has one, else by name."""
    from abax.documents.bookings import plain_name

    if party.vat_id and ourselves.vat_ids:
        return party.vat_id in ourselves.vat_ids
    if party.tax_number and party.tax_number in ourselves.tax_numbers:
        return True
    return bool(party.name) and plain_name(party.name or "") in map(plain_name, ourselves.names)


def _as_ours(extraction: Extraction, ourselves: Ourselves) -> Extraction:
    """An invoice that we sent is no supplier's."""
    contract = extraction.contract
    if not isinstance(contract, TradeDocument) or contract.type is not DocumentType.SUPPLIER_INVOICE:
        return extraction
    if not is_us(contract.seller, ourselves):
        return extraction
    sent = contract.model_copy(update={"type": DocumentType.CUSTOMER_INVOICE})
    return extraction.model_copy(update={"contract": sent})
