"""Samples: documents with their pages, words and truth, seeded, without doubles, issuers apart by split."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from abax.documents.classify import Ourselves
from abax.documents.contracts import CONTRACT, Contract, DocumentType, Subtype
from abax.documents.layout import lines_of
from abax.documents.pages import Page, PageSource, Reading, Word
from abax.documents.synthetic import ledgers, others, slips, trade
from abax.documents.synthetic.content import INVOICES, SUBTYPES, UNPRICED, Draft, draft
from abax.documents.synthetic.parties import LANGUAGES, Company, company
from abax.documents.synthetic.sheet import Leaf, Sheet, to_pdf
from abax.documents.synthetic.style import Style, style_of

TYPES: tuple[DocumentType, ...] = tuple(DocumentType)
SPLITS = ("train", "test")
_TEST_SHARE = 5
"""One issuer in so many is for testing."""
_KEPT = ("type", "subtype", "currency", "language", "role")
_LEDGERS = (
    DocumentType.PAYMENT_ADVICE,
    DocumentType.ACCOUNT_STATEMENT,
    DocumentType.JOURNAL_VOUCHER,
    DocumentType.MASTER_DATA_FORM,
)


@dataclass(frozen=True)
class Sample:
    """One document and the truth about it."""

    name: str
    split: str
    issuer: str
    """Stays the same on all documents of one issuer; never in two splits."""
    layout: str
    """Documents that are laid out by the same choices have the same one."""
    contract: Contract
    """What is printed, no more: a field that the layout leaves out is left out here."""
    leaves: tuple[Leaf, ...] = field(repr=False)
    ourselves: Ourselves = field(default_factory=Ourselves)
    """Who we are in this document."""

    @cached_property
    def pdf(self) -> bytes:
        """The document with a text layer."""
        return to_pdf(list(self.leaves), self.name)

    @cached_property
    def reading(self) -> Reading:
        """What preprocessing would read, with exact boxes."""
        return reading_of([leaf.words for leaf in self.leaves], self.leaves, self.contract.language)

    @property
    def words(self) -> list[tuple[int, Word, str | None]]:
        """Page from 1, word, and the path of the field that it is part of."""
        return [
            (number, word, path)
            for number, leaf in enumerate(self.leaves, 1)
            for word, path in zip(leaf.words, leaf.paths, strict=True)
        ]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Path to the words that print it, as printed; of several places, the first."""
        found: dict[str, list[str]] = {}
        last: dict[str, int] = {}
        for place, (_, word, path) in enumerate(self.words):
            if path is None:
                continue
            if path not in found:
                found[path] = [word.text]
                last[path] = place
            elif last[path] == place - 1:
                found[path].append(word.text)
                last[path] = place
        return {path: " ".join(words) for path, words in found.items()}


def reading_of(
    words: Sequence[Sequence[Word]],
    leaves: Sequence[Leaf],
    language: str | None,
    source: PageSource = PageSource.TEXT,
) -> Reading:
    """Words by page as a reading."""
    pages = tuple(
        Page(number, leaf.width, leaf.height, lines_of(page), source)
        for number, (page, leaf) in enumerate(zip(words, leaves, strict=True), 1)
    )
    return Reading(pages, language=language)


def generate(
    count: int,
    seed: int = 0,
    *,
    types: Sequence[DocumentType] = TYPES,
    languages: Sequence[str] = LANGUAGES,
    split: str | None = None,
    issuers: int = 4000,
) -> Iterator[Sample]:
    """``count`` documents, the same for the same arguments, none twice. ``split`` keeps to its issuers,
    of which there are ``issuers``."""
    rng = random.Random(f"abax/{seed}")  # noqa: S311
    seen: set[str] = set()
    made = 0
    while made < count:
        kind = types[made % len(types)]
        one = _sample(rng, kind, (tuple(languages), split, issuers), f"{seed}-{made:05}-{kind.value}")
        digest = hashlib.sha256(one.reading_key().encode()).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        made += 1
        yield one.sample


@dataclass(frozen=True)
class _Made:
    sample: Sample

    def reading_key(self) -> str:
        """What makes a document a double: the same words."""
        return "\n".join(word.text for leaf in self.sample.leaves for word in leaf.words)


def split_of(name: str) -> str:
    """The split that an issuer of this name belongs to."""
    digest = hashlib.sha256(name.casefold().encode()).digest()
    return SPLITS[digest[0] % _TEST_SHARE == 0]


def _sample(
    rng: random.Random, kind: DocumentType, whose: tuple[tuple[str, ...], str | None, int], name: str
) -> _Made:
    issuer = _issuer(rng, *whose)
    partner = _partner(rng, issuer)
    subtype = _subtype(rng, kind)
    made = draft(rng, kind, subtype, issuer, partner)
    form = "receipt" if kind is DocumentType.RECEIPT else "ledger" if kind in _LEDGERS else "trade"
    style = style_of(issuer, made.language, form)
    sheet, written = _painted(rng, kind, made, style)
    ours = issuer if made.we_issue else partner
    leaves = tuple(sheet.leaves)
    return _Made(
        Sample(
            name=name,
            split=split_of(issuer.party.name or ""),
            issuer=issuer.key,
            layout=f"{issuer.key}/{form}/{written}",
            contract=printed_only(made.contract, leaves),
            leaves=leaves,
            ourselves=ourselves_of(ours) if kind is not DocumentType.UNKNOWN else Ourselves(),
        )
    )


def ourselves_of(one: Company) -> Ourselves:
    """What a company tells of itself."""
    party = one.party
    return Ourselves(
        names=(party.name or "",),
        vat_ids=(party.vat_id,) if party.vat_id else (),
        tax_numbers=(party.tax_number,) if party.tax_number else (),
        ibans=(one.bank.iban,) if one.bank.iban else (),
    )


def _painted(rng: random.Random, kind: DocumentType, made: Draft, style: Style) -> tuple[Sheet, str]:
    if kind is DocumentType.UNKNOWN:
        return others.paint(made, style, rng), "other"
    if kind is DocumentType.RECEIPT and rng.random() < 0.9:
        return slips.paint_receipt(made, style, rng), "slip"
    if kind in _LEDGERS:
        return ledgers.paint(made, style, rng), "paper"
    if (
        kind in (*INVOICES, DocumentType.CREDIT_MEMO, DocumentType.PURCHASE_ORDER, *UNPRICED)
        and rng.random() < 0.04
    ):
        return slips.paint_mail(made, style, rng), "mail"
    return trade.paint(made, style, rng), "paper"


def _issuer(rng: random.Random, languages: tuple[str, ...], split: str | None, issuers: int) -> Company:
    while True:
        found = company(f"issuer/{rng.randrange(issuers)}", languages)
        if split is None or split_of(found.party.name or "") == split:
            return found


def _partner(rng: random.Random, issuer: Company) -> Company:
    country = issuer.country if rng.random() < 0.88 else None
    return company(f"partner/{rng.random()}", LANGUAGES, country)


def _subtype(rng: random.Random, kind: DocumentType) -> Subtype:
    others_ = SUBTYPES.get(kind)
    if kind is DocumentType.RECEIPT:
        return Subtype.CASH_SALE
    return rng.choice(others_) if others_ and rng.random() < 0.35 else Subtype.STANDARD


def printed_only(contract: Contract, leaves: Sequence[Leaf]) -> Contract:
    """The contract with the fields that some word prints, and those that the whole document says."""
    printed = {path for leaf in leaves for path in leaf.paths if path}
    if "totals.gross" in printed and not _differs(contract):
        printed.add("totals.due")
    if "totals.tax" not in printed and any(path.startswith("taxes[") for path in printed):
        printed.add("totals.tax")
    if "taxes[0].base" in printed and "taxes[1].base" not in printed:
        printed.add("totals.net")
    kept: dict[str, Any] = _kept(contract.model_dump(exclude_defaults=True), "", printed) or {}
    kept |= {name: value for name, value in contract.model_dump(include=set(_KEPT)).items() if name in _KEPT}
    return CONTRACT.validate_python(kept)


def _differs(contract: Contract) -> bool:
    """Whether less is due than the whole, so that only a printed amount tells it."""
    totals = getattr(contract, "totals", None)
    return totals is not None and totals.due != totals.gross


def _kept(value: Any, path: str, printed: set[str]) -> Any:
    """The part of a dumped contract whose paths are printed."""
    if isinstance(value, dict):
        parts = {key: _kept(one, f"{path}.{key}" if path else key, printed) for key, one in value.items()}
        return {key: one for key, one in parts.items() if one not in (None, {}, ())} or None
    if isinstance(value, tuple) and value and isinstance(value[0], dict):
        parts_ = [_kept(one, f"{path}[{place}]", printed) or {} for place, one in enumerate(value)]
        while parts_ and not parts_[-1]:
            parts_.pop()
        return tuple(parts_)
    if isinstance(value, tuple):
        return value if any(name.startswith(path) for name in printed) else None
    return value if path in printed else None


def statistics(samples: Sequence[Sample]) -> dict[str, Any]:
    """What a set of samples is made of."""
    issuers = {split: {one.issuer for one in samples if one.split == split} for split in SPLITS}
    return {
        "documents": len(samples),
        "pages": sum(len(one.leaves) for one in samples),
        "words": sum(len(leaf.words) for one in samples for leaf in one.leaves),
        "types": dict(Counter(one.contract.type.value for one in samples)),
        "subtypes": dict(Counter(one.contract.subtype.value for one in samples)),
        "languages": dict(Counter(one.contract.language or "" for one in samples)),
        "splits": dict(Counter(one.split for one in samples)),
        "issuers": {split: len(found) for split, found in issuers.items()},
        "issuers_in_two_splits": len(issuers["train"] & issuers["test"]),
        "layouts": len({one.layout for one in samples}),
    }
