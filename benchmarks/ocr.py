"""Recognition of real receipts: how many of their words are read, and how long a page takes.

The 38 pictures of the SROIE sample go through preprocessing (cleaned, straightened, turned), with RapidOCR's
models and with Tesseract. Each word that came with them counts as read where it comes out letter by letter,
whatever its case; numbers are those with a digit. Some of the given words are wrong themselves. The pictures
are not part of this repository: they lie under ``ABAX_DATA`` (default: ``shared/data`` beside the checkout);
without them there are no rows.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abax.adapters.ocr import choose
from abax.documents.inbox import Received, receive
from abax.documents.preprocess import read
from abax.ports import Ocr

DATA = Path(os.environ.get("ABAX_DATA", Path(__file__).parents[2] / "shared" / "data"))
RECEIPTS = DATA / "documents" / "sroie"


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours (RapidOCR) and peer (Tesseract)."""
    if not RECEIPTS.exists():
        return []
    pages = list(receipts())
    ours = measured(choose("rapidocr"), pages)
    peer = measured(choose("tesseract"), pages) if shutil.which("tesseract") else None
    case = f"SROIE, {len(pages)} receipts, {sum(sum(words.values()) for _, words in pages)} words"
    return [
        {
            "case": case,
            "metric": metric,
            "unit": unit,
            "ours": round(getattr(ours, name), 3),
            "peer": round(getattr(peer, name), 3) if peer else None,
            "peer_name": "tesseract",
            "ratio": round(getattr(ours, name) / getattr(peer, name), 2) if peer else None,
        }
        for metric, unit, name in (
            ("words read", "share", "recall"),
            ("numbers read", "share", "numbers"),
            ("a page, median", "s", "median"),
            ("a page, 95th percentile", "s", "high"),
            ("a page, processor time", "s", "processor"),
        )
    ]


@dataclass
class Score:
    """What one engine read, and how fast."""

    read: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    processor: float = 0.0
    """Seconds of all cores, a page."""

    @property
    def recall(self) -> float:
        """Share of all words."""
        return sum(self.read.values()) / sum(self.asked.values())

    @property
    def numbers(self) -> float:
        """Share of the words with a digit."""
        read, asked = (
            sum(count for word, count in words.items() if re.search(r"\d", word))
            for words in (self.read, self.asked)
        )
        return read / asked

    @property
    def median(self) -> float:
        """Seconds."""
        return sorted(self.seconds)[len(self.seconds) // 2]

    @property
    def high(self) -> float:
        """Seconds, at the 95th percentile."""
        return sorted(self.seconds)[int(0.95 * len(self.seconds))]


def receipts() -> Iterator[tuple[Received, Counter[str]]]:
    """Each picture with its words."""
    with (RECEIPTS / "train_ocr_keys.jsonl").open() as file:
        given = {entry["file_name"]: entry["words"] for entry in map(json.loads, file)}
    for path in sorted((RECEIPTS / "images").glob("*.jpg")):
        (entry,) = receive(path.name, path.read_bytes())
        assert isinstance(entry, Received)
        yield entry, words_of(given[path.name])


def words_of(phrases: Iterable[str]) -> Counter[str]:
    """Runs of letters and digits, in lower case."""
    return Counter(word for phrase in phrases for word in re.findall(r"\w+", phrase.lower()))


def measured(ocr: Ocr | None, pages: list[tuple[Received, Counter[str]]]) -> Score:
    """One engine over all pages, the first of them twice: once to load it."""
    read(pages[0][0], ocr)
    score = Score()
    before = _processor()
    for received, truth in pages:
        begun = time.perf_counter()
        reading = read(received, ocr)
        score.seconds.append(time.perf_counter() - begun)
        found = words_of(word.text for page in reading.pages for word in page.words)
        score.read += found & truth
        score.asked += truth
    score.processor = (_processor() - before) / len(pages)
    return score


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
