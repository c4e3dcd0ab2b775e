"""Examples to learn from: documents whose truth is known, as rows of features with their targets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from abax.documents import candidates, dates, lexicon, parties, spans
from abax.documents.contracts import (
    Address,
    Contract,
    DocumentType,
    Party,
    Totals,
    TradeDocument,
    fields_of,
)
from abax.documents.pages import Reading, Word
from abax.documents.preprocess import reading_of_words


@dataclass
class Document:
    """A reading, what is true of it, and the issuer that it must not share a fold with."""

    name: str
    reading: Reading
    contract: Contract
    issuer: str
    family: str
    """``receipt`` or ``business``: each has rankers of its own."""
    texts: dict[str, str] = field(default_factory=dict)
    """As the key writes it, where the rule asks for the very text."""
    partial: bool = False
    """The truth need not have all that the pages show, nor they all that it has."""


@dataclass
class Rows:
    """Features of one document's candidates, and for each field whether it is the one."""

    features: list[list[float]] = field(default_factory=list)
    targets: dict[str, list[bool]] = field(default_factory=dict)


def receipts(path: Path) -> Iterator[Document]:
    """The receipts of SROIE, from the words that came with them."""
    for text in path.read_text().splitlines():
        row = json.loads(text)
        size, keys = row["image_size"], row["entities"]
        words = [Word(word, *box) for word, box in zip(row["words"], row["bboxes"], strict=True)]
        reading = reading_of_words(words, size["width"], size["height"], language="en")
        day = dates.parse_date(keys.get("date", ""), "dmy")
        contract = TradeDocument(
            type=DocumentType.RECEIPT,
            issue_date=day.value if day else None,
            seller=Party(name=keys.get("company"), address=Address(text=keys.get("address"))),
            totals=Totals(gross=_decimal(keys.get("total", ""))),
        )
        issuer = lexicon.plain(keys.get("company", ""))[:8]
        yield Document(row["key"], reading, contract, issuer, "receipt", keys)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(re.sub(r"[^\d.-]", "", text))
    except InvalidOperation:
        return None


def synthetic(count: int, seed: int, split: str | None = None) -> Iterator[Document]:
    """Generated documents of all types."""
    from abax.documents.synthetic import generate

    for sample in generate(count, seed, split=split):
        family = "receipt" if sample.contract.type is DocumentType.RECEIPT else "business"
        yield Document(sample.name, sample.reading, sample.contract, sample.issuer, family)


def hidden(folder: Path) -> Iterator[Document]:
    """PDFs with an e-invoice in them: the page is read, the XML tells what is true of it."""
    from abax.documents.datasets import Case, cases_of

    for case in cases_of(folder):
        if isinstance(case, Case) and case.contract is not None and case.hidden:
            yield Document(case.name, case.reading, case.contract, case.issuer, "business", partial=True)


def rows_of(document: Document) -> dict[str, Rows]:
    """By category: ``amount``, ``date``, ``code`` and one for each party."""
    contract = document.contract
    sight = spans.look(document.reading)
    around = candidates.Surroundings(sight)
    truth = fields_of(contract)
    found: dict[str, Rows] = {}
    for kind, fields in candidates.FIELDS.items():
        rows = found[kind] = Rows(targets={name: [] for name in fields})
        wanted = {name: _wanted(truth, name) for name in fields}
        for candidate in candidates.candidates_of(kind, sight, around, contract.type):
            rows.features.append(candidate.features)
            for name in fields:
                rows.targets[name].append(_is(candidate.value.value, wanted[name], name))
    lines = parties.lines_of(sight)
    buyer_writes = parties.buyer_writes(sight, contract.type, contract.subtype)
    for role, path, writes in parties.roles(contract.type, buyer_writes):
        true = truth.get(f"{path}.name")
        if true is None or role in parties.HEADED:
            continue
        rows = found[f"party/{role}"] = Rows(targets={"name": []})
        for line in lines:
            rows.features.append([float(writes), *parties.role_features(line, path)])
            rows.targets["name"].append(lexicon.plain(line.text) == lexicon.plain(true))
    return found


def _wanted(truth: dict[str, Any], name: str) -> set[Any]:
    if name in ("tax_number", "registration", "account_number"):
        return {_plain(value) for path, value in truth.items() if path.endswith(f".{name}")}
    if name == "references.preceding":
        return {_plain(value[0]) for path, value in truth.items() if path.startswith(name)} | {
            _plain(number) for number, _ in truth.get(name, ())
        }
    value = truth.get(name)
    if value is None:
        return set()
    return {_plain(value) if isinstance(value, str) else abs(value) if isinstance(value, Decimal) else value}


def _plain(value: Any) -> str:
    return lexicon.plain(str(value))


def _is(value: Decimal | date | str, wanted: set[Any], name: str) -> bool:
    if not wanted:
        return False
    if isinstance(value, Decimal):
        return abs(value) in wanted
    return (_plain(value) if isinstance(value, str) else value) in wanted
