"""Examples for the adapter ``extract``: what a document says, as ``abax.documents.answering`` asks for it.

Sources: generated documents of all types and languages; receipts of SROIE, by company; PDFs with an e-invoice
inside, which says what is printed, by issuer; corrections that people made (``abax document labels FOLDER``).
The same seed makes the same examples.
"""

from __future__ import annotations

import json
import random
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from abax.documents import answering, asking, lexicon
from abax.documents.answering import Window
from abax.documents.contracts import DocumentType, fields_of
from abax.documents.datasets import Case, Unread, cases_of
from abax.documents.layout import lines_of
from abax.documents.pages import Page, PageSource, Reading
from abax.documents.synthetic import Sample, generate

from training.adapters import printed
from training.adapters.examples import Example, Refused, split_of
from training.adapters.leaks import Kept
from training.adapters.noise import Marked, as_scanned, varied

TASK: Final = "extract"
KEYS: Final = {
    "company": "seller.name",
    "date": "issue_date",
    "address": "seller.address.text",
    "total": "totals.gross",
}
"""What SROIE calls its fields."""
ENTITIES: Final = tuple(sorted(KEYS.values(), key=answering.answerable(DocumentType.RECEIPT).index))
TYPES: Final = (
    *(kind for kind in DocumentType if kind is not DocumentType.UNKNOWN),
    *(DocumentType.SUPPLIER_INVOICE, DocumentType.SUPPLIER_INVOICE, DocumentType.RECEIPT),
)
"""In turn; invoices that come in and receipts are what most documents are."""
LICENCES: Final = {
    "synthetic": "Apache-2.0 (made by abax.documents.synthetic)",
    "sroie": "CC-BY-4.0",
    "zugferd": "Apache-2.0",
    "corrections": "the user's own",
}
SETS: Final = {"sroie": "sroie", "zugferd": "zugferd_pdf"}
"""Folders of what is published."""
SYNTHETIC: Final = 9000
"""Generated documents, where no number is given."""
SCANNED: Final = 0.4
"""Share of generated documents that are misread."""
RECEIPTS: Final = 0.65
"""Share of receipts that is asked for what SROIE's keys tell."""
AS_ASKED: Final = (0.5, 0.85)
"""Up to here a document is asked for the fields that the pipeline asks for, and up to here for lists; what is
left is asked for all or for any."""
SOME: Final = 0.6
"""Share of the fields of one question."""


@dataclass(frozen=True)
class _Asked:
    """A document as it is asked for."""

    name: str
    kind: DocumentType
    reading: Reading
    only: tuple[str, ...]
    source: str
    group: str
    split: str

    def example(self, number: int, window: Window, values: Mapping[str, str]) -> Example:
        shown = {path: text for path, text in values.items() if self._counts(path, text, window)}
        return Example(
            task=TASK,
            name=f"{self.name}#{number}",
            messages=answering.messages(self.kind, window.text, self.only),
            answer=answering.answer(self.kind, shown),
            source=self.source,
            licence=LICENCES[self.source],
            language=self.reading.language or "",
            group=self.group,
            kind=self.kind.value,
            split=self.split,
            grounds=answering.source_of(window, self.reading) if self.split == "test" else "",
        )

    def _counts(self, path: str, text: str, window: Window) -> bool:
        asked = answering.wanted(answering.bare(path), self.only)
        return asked and printed.grounded(text, answering.source_of(window, self.reading))


# --- generated documents --------------------------------------------------------------------------------


def synthetic(count: int, seed: int, types: Sequence[DocumentType] = TYPES) -> Iterator[Example | Refused]:
    """Examples of generated documents; issuers of the generator's test split are tested."""
    rng = random.Random(f"extract/{seed}")
    for sample in generate(count, seed, types=tuple(types)):
        pages = [list(zip(leaf.words, leaf.paths, strict=True)) for leaf in sample.leaves]
        pages = [varied(page, rng) for page in pages]
        scanned = rng.random() < SCANNED
        if scanned:
            sizes = [(leaf.width, leaf.height) for leaf in sample.leaves]
            pages = [as_scanned(page, size, rng) for page, size in zip(pages, sizes, strict=True)]
        yield from _of_sample(sample, pages, scanned, rng)


def _of_sample(
    sample: Sample, pages: Sequence[Sequence[Marked]], scanned: bool, rng: random.Random
) -> Iterator[Example | Refused]:
    reading = _reading(sample, pages, scanned)
    split = "test" if sample.split == "test" else "valid" if split_of(sample.issuer) == "valid" else "train"
    only = _only(sample.contract.type, {path for page in pages for _, path in page if path}, rng)
    asked = _Asked(sample.name, sample.contract.type, reading, only, "synthetic", sample.issuer, split)
    marked = list(chain.from_iterable(pages))
    made = []
    for number, window in enumerate(answering.windows(reading)):
        shown = {id(word) for row in window.rows for word in row}
        values = printed.runs((word, path) for word, path in marked if id(word) in shown)
        values |= _addresses([(word, path) for word, path in marked if id(word) in shown], only)
        made.append(asked.example(number, window, values))
    yield from _unless_empty(asked, made)


def _reading(sample: Sample, pages: Sequence[Sequence[Marked]], scanned: bool) -> Reading:
    source = PageSource.OCR if scanned else PageSource.TEXT
    made = tuple(
        Page(number, leaf.width, leaf.height, lines_of([word for word, _ in page]), source)
        for number, (leaf, page) in enumerate(zip(sample.leaves, pages, strict=True), 1)
    )
    return Reading(made, language=sample.contract.language)


def _addresses(words: Sequence[Marked], only: Sequence[str]) -> dict[str, str]:
    """Whole addresses, where they are asked for: all their words in a row."""
    found: dict[str, str] = {}
    for one in only:
        if one.endswith(".address.text"):
            part = one.removesuffix("text")
            whole = [(word, one if (path or "").startswith(part) else None) for word, path in words]
            found |= printed.runs(whole)
    return found


def _only(kind: DocumentType, paths: Iterable[str], rng: random.Random) -> tuple[str, ...]:
    """Which fields are asked for: mostly what the pipeline asks for, some of the fields or the lists, else
    all or a few of any, of which some are not there."""
    drawn = rng.random()
    if kind is DocumentType.RECEIPT and drawn < RECEIPTS:
        return ENTITIES
    fields, lists = asking.askable(kind)
    known = answering.answerable(kind)
    there = {answering.bare(path) for path in paths} & set(known)
    listed = tuple(name for name in lists if any(path.startswith(f"{name}.") for path in there))
    if drawn < AS_ASKED[0]:
        return tuple(path for path in fields if rng.random() < SOME) or fields
    if drawn < AS_ASKED[1] and listed:
        return listed
    if rng.random() < 0.5:
        return ()
    single = [path for path in known if path.partition(".")[0] not in asking.LISTS]
    shares = {path: 0.4 if path in there else 0.03 for path in single}
    return tuple(path for path in single if rng.random() < shares[path])


def _unless_empty(asked: _Asked, made: Sequence[Example]) -> Iterator[Example | Refused]:
    """All windows, unless none of them has a value."""
    if all(one.answer == "{}" for one in made):
        yield Refused(asked.name, asked.source, "empty")
        return
    yield from made


# --- real documents -------------------------------------------------------------------------------------


def sroie(folder: Path, fold: int, folds: int) -> Iterator[Example | Refused]:
    """Receipts, asked for what their keys tell, by company. Most addresses are not in the words of the set:
    to learn from, only what is there is asked for."""
    for case in _cases(folder):
        if isinstance(case, Refused):
            yield case
            continue
        keys = {KEYS[name]: text for name, text in case.texts if text.strip()}
        if len(keys) < len(KEYS):
            yield Refused(case.name, "sroie", f"empty field ({', '.join(sorted(set(ENTITIES) - set(keys)))})")
        split = split_of(case.issuer, fold, folds)
        text = case.reading.text
        there = tuple(path for path in ENTITIES if printed.in_text(keys.get(path, ""), text))
        yield from _real(case, ENTITIES if split == "test" else there, keys, "sroie", split)


def hidden(folder: Path, fold: int, folds: int) -> Iterator[Example | Refused]:
    """PDFs with an e-invoice inside: one of those that print the same text, by issuer."""
    seen = set()
    for case in _cases(folder):
        if isinstance(case, Refused) or case.contract is None or not case.hidden:
            if isinstance(case, Refused):
                yield case
            continue
        text = lexicon.plain(case.reading.text)
        if text in seen:
            yield Refused(case.name, "zugferd", "double")
            continue
        seen.add(text)
        yield from _asked_apart(case, "zugferd", split_of(case.issuer, fold, folds))


def corrections(folder: Path, fold: int, folds: int) -> Iterator[Example | Refused]:
    """Documents that people have set right."""
    for case in _cases(folder):
        if isinstance(case, Refused):
            yield case
        elif case.contract is not None and case.contract.type is not DocumentType.UNKNOWN:
            yield from _asked_apart(case, "corrections", split_of(case.issuer, fold, folds))


def _asked_apart(case: Case, source: str, split: str) -> Iterator[Example | Refused]:
    """A document asked as the pipeline asks, for its fields and for its lists; of one of which only some
    values are known, for those alone."""
    assert case.contract is not None
    truth = fields_of(case.contract)
    parts = (case.only,) if case.only else asking.askable(case.contract.type)
    for only in filter(None, parts):
        yield from _real(case, only, truth, source, split)


def _cases(folder: Path) -> Iterator[Case | Refused]:
    for case in cases_of(folder):
        if isinstance(case, Unread):
            yield Refused(case.name, folder.name, str(case.error))
        else:
            yield case


def _real(
    case: Case, only: tuple[str, ...], truth: Mapping[str, Any], source: str, split: str
) -> Iterator[Example | Refused]:
    assert case.contract is not None
    asked = _Asked(case.name, case.contract.type, case.reading, only, source, case.issuer, split)
    made = [
        asked.example(number, window, printed.values_of(truth, case.reading, window))
        for number, window in enumerate(answering.windows(case.reading))
    ]
    yield from _unless_empty(asked, made)


# --- all of them ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """Where examples come from."""

    synthetic: int = 0
    """Generated documents."""
    sroie: Path | None = None
    zugferd: Path | None = None
    corrections: Path | None = None
    fold: int = 0
    folds: int = 5
    seed: int = 1

    def examples(self) -> Iterator[Example | Refused]:
        """All of them, source by source."""
        readers = ((sroie, self.sroie), (hidden, self.zugferd), (corrections, self.corrections))
        for reader, folder in readers:
            if folder is not None:
                yield from reader(folder, self.fold, self.folds)
        yield from synthetic(self.synthetic, self.seed)


def sources(asked: Namespace) -> Sources:
    """What the command line asks for; sets that ``--data`` does not have are left out."""
    known = {name: asked.data and asked.data / folder for name, folder in SETS.items()}
    there = {name: folder for name, folder in known.items() if folder and folder.exists()}
    return Sources(
        synthetic=SYNTHETIC if asked.synthetic is None else asked.synthetic,
        corrections=asked.corrections,
        fold=asked.fold,
        folds=asked.folds,
        seed=asked.seed,
        **there,
    )


def kept_out(sources: Sources, kept: Kept) -> Kept:
    """With the real documents that are for testing."""
    for one in Sources(**{**vars(sources), "synthetic": 0}).examples():
        if isinstance(one, Example) and one.split == "test":
            kept.add(one.seen, [one.group])
    return kept


def parsed(example: Example) -> dict[str, str]:
    """Path to printed value of an example's answer."""
    return answering.values_of(json.loads(example.answer))
