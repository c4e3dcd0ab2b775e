"""Training of the document types: ``python -m training.documents.types``.

Generated documents of the training issuers, clean and misread, with real receipts, mails and texts; a linear
model by scikit-learn, a temperature on issuers that it has not seen, weights to ``models/types.npz``. Then
the report on issuers of the test split, and on the real documents that were kept out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import numpy as np
from abax.documents import classify, confusion, traits
from abax.documents.classify import Ourselves
from abax.documents.contracts import DocumentType
from abax.documents.pages import Page, PageSource, Reading, TextLine, Word
from abax.documents.preprocess import reading_of_words
from abax.documents.synthetic import generate
from abax.documents.synthetic.noise import noisy_reading
from scipy import sparse
from sklearn.linear_model import LogisticRegression

DATA = Path(os.environ.get("ABAX_DATA", Path(__file__).parents[3] / "shared" / "data")) / "documents"
MAIL = DATA.parent / "mail"
MODEL = Path(classify.__file__).parent / "models" / "types.npz"
_INVOICES = (DocumentType.SUPPLIER_INVOICE, DocumentType.CUSTOMER_INVOICE)


@dataclass
class Example:
    """A document with its type."""

    name: str
    source: str
    truth: DocumentType
    named: dict[str, float]
    buckets: list[int]
    part: str
    """``train``, ``tune`` or ``test``."""
    reading: Reading | None = None
    ourselves: Ourselves = field(default_factory=Ourselves)

    @property
    def kind(self) -> str:
        """The type without its direction."""
        return "invoice" if self.truth in _INVOICES else self.truth.value


def example(
    name: str,
    source: str,
    truth: DocumentType,
    reading: Reading,
    part: str,
    ourselves: Ourselves | None = None,
) -> Example:
    """With its traits; the reading is kept where it will be tested."""
    kept = reading if part == "test" else None
    told = ourselves or Ourselves()
    return Example(name, source, truth, traits.named(reading), traits.hashed(reading), part, kept, told)


def generated(count: int, seed: int) -> Iterator[Example]:
    """Generated documents, a third of them misread. A tenth of the training issuers tune the temperature."""
    rng = random.Random(seed)
    for sample in generate(count, seed):
        part = sample.split
        if part == "train" and zlib.crc32(sample.issuer.encode()) % 10 == 0:
            part = "tune"
        noisy = rng.random() < 0.35
        reading = sample.reading
        if noisy:
            reading = noisy_reading(
                sample, rng, rng.choice([0.005, 0.01, 0.02, 0.04, 0.07]), rng.gauss(0, 0.6)
            )
        source = "generated, misread" if noisy else "generated"
        yield example(sample.name, source, sample.contract.type, reading, part, sample.ourselves)


def receipts() -> Iterator[Example]:
    """SROIE: half of the companies train, half test."""
    with (DATA / "sroie" / "train_ocr_keys.jsonl").open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            company = (row["entities"].get("company") or "").casefold()
            part = "train" if zlib.crc32(company.encode()) % 2 else "test"
            words = [Word(text, *box) for text, box in zip(row["words"], row["bboxes"], strict=True)]
            size = row["image_size"]
            reading = reading_of_words(words, size["width"], size["height"])
            yield example(row["key"], "SROIE", DocumentType.RECEIPT, reading, part)


def invoices() -> Iterator[Example]:
    """ZUGFeRD: only tested, each distinct text once."""
    from abax.documents.inbox import FileKind, Received
    from abax.documents.preprocess import read

    seen = set()
    with (DATA / "zugferd_pdf" / "gt.jsonl").open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            content = (DATA / "zugferd_pdf" / row["path"]).read_bytes()
            reading = read(Received(row["path"], FileKind.PDF, content, ""))
            key = reading.text[:400]
            if key in seen:
                continue
            seen.add(key)
            truth = DocumentType.CREDIT_MEMO if row["type_code"] == "381" else DocumentType.SUPPLIER_INVOICE
            yield example(row["path"], "ZUGFeRD", truth, reading, "test")


def mails() -> Iterator[Example]:
    """Raw mails: none of our types. Half of them train."""
    for file in sorted([*MAIL.glob("spamassassin/**/*"), *MAIL.glob("mime/**/*.eml")]):
        if not file.is_file() or file.suffix in (".md", ".json", ".jsonl"):
            continue
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        try:
            body = message.get_body(("plain", "html"))
            text = body.get_content() if body else ""
        except (LookupError, ValueError, AttributeError, TypeError):
            continue
        if len(text.split()) > 20:
            part = "train" if zlib.crc32(file.name.encode()) % 2 else "test"
            reading = reading_of_text(f"Subject: {message['subject']}\n{text}")
            yield example(file.name, "mails", DocumentType.UNKNOWN, reading, part)


def texts() -> Iterator[Example]:
    """Source code and texts of Python's own library: none of our types. Half of them train."""
    root = Path(os.__file__).parent
    files = sorted([*root.glob("*.py"), *root.glob("*/*.py"), *root.glob("*.txt")])
    random.Random(5).shuffle(files)
    for file in [one for one in files if "site-packages" not in one.parts and _fits(one)][:400]:
        text = file.read_text("utf-8", errors="replace")[:6000]
        part = "train" if zlib.crc32(file.stem.encode()) % 2 else "test"
        yield example(
            f"{file.parent.name}/{file.name}", "texts", DocumentType.UNKNOWN, reading_of_text(text), part
        )


def _fits(file: Path) -> bool:
    return 1500 < file.stat().st_size < 80_000


def reading_of_text(text: str) -> Reading:
    """A plain text as a reading: boxes count characters and lines."""
    lines = []
    rows = text.splitlines()[:400]
    for row, line in enumerate(rows):
        words, at = [], 0
        for word in line.split():
            at = line.index(word, at)
            words.append(Word(word, at, row, at + len(word), row + 1))
            at += len(word)
        if words:
            lines.append(TextLine(tuple(words), row))
    width = max([len(row) for row in rows] or [1])
    return Reading((Page(1, width, max(len(rows), 1), tuple(lines), PageSource.MARKUP),))


# ---------------------------------------------------------------- fitting


def matrix(examples: list[Example], names: dict[str, int]) -> sparse.csr_matrix:
    """One row a document: named traits, then the hashed words."""
    rows, columns, values = [], [], []
    for row, one in enumerate(examples):
        for name, value in one.named.items():
            if name in names:
                rows.append(row)
                columns.append(names[name])
                values.append(value)
        for bucket in one.buckets:
            rows.append(row)
            columns.append(len(names) + bucket)
            values.append(len(one.buckets) ** -0.5)
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(examples), len(names) + traits.BUCKETS))


def fit(examples: list[Example], strength: float) -> None:
    """Fit, find the temperature, write the weights."""
    train = [one for one in examples if one.part == "train"]
    tune = [one for one in examples if one.part == "tune"]
    names = {name: place for place, name in enumerate(sorted({name for one in train for name in one.named}))}
    model = LogisticRegression(C=strength, max_iter=600)
    model.fit(matrix(train, names), [one.kind for one in train], [_weight(one) for one in train])
    logits = model.decision_function(matrix(tune, names))
    truth = np.array([list(model.classes_).index(one.kind) for one in tune])
    temperature = min(np.geomspace(0.3, 4, 60), key=lambda t: _loss(logits / t, truth))
    told = json.dumps(
        {"kinds": list(model.classes_), "names": list(names), "temperature": float(temperature)}
    )
    with MODEL.open("wb") as stream:
        np.savez_compressed(
            stream,
            weights=model.coef_.astype(np.float16),
            offsets=model.intercept_.astype(np.float32),
            told=np.frombuffer(told.encode(), dtype=np.uint8),
        )
    print(f"{len(train)} to train, {len(tune)} to tune, {len(names)} traits, temperature {temperature:.2f}, "
          f"{MODEL.stat().st_size >> 10} KB")  # fmt: skip


def _weight(one: Example) -> float:
    if one.source == "SROIE":
        return 4.0  # real ones are few beside the generated
    return 1.5 if one.truth in (*_INVOICES, DocumentType.UNKNOWN) else 1.0


def _loss(logits: np.ndarray, truth: np.ndarray) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    chances = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-chances[np.arange(len(truth)), truth].mean())


def test(examples: list[Example]) -> confusion.TypeReport:
    """The report on what was kept out, through ``classify`` itself."""
    classify._learned.cache_clear()
    told = [
        confusion.told_of(one.name, one.source, one.truth, classify.classify(one.reading, one.ourselves))
        for one in examples
        if one.part == "test" and one.reading is not None
    ]
    return confusion.report_of(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=9000, help="generated documents")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--strength", type=float, default=3.0, help="inverse of the regularisation")
    parser.add_argument("--json", type=Path, help="write the report here")
    asked = parser.parse_args()
    examples = [*receipts(), *invoices(), *mails(), *texts(), *generated(asked.count, asked.seed)]
    fit(examples, asked.strength)
    report = test(examples)
    print(confusion.as_text(report))
    for one in report.worst:
        print(f"  wrong: {one.source} {one.name} is told as {one.told} ({one.confidence:.2f}): {one.reasons}")
    if asked.json:
        asked.json.write_text(report.model_dump_json(indent=1))


if __name__ == "__main__":
    sys.exit(main())
